"""What goes into a project: filters as texts that are read back, the data's mark, and no patient."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from necc.core.cohort import Cohort
from necc.core.edits import Edit, LeaveOut, tables_of
from necc.core.errors import Finding, SelectionError
from necc.core.selection import PICKED, Group, Selection
from necc.core.text import joined, plural, shorten
from necc.ingest import Mapping as FileMapping
from necc.ingest import Opened
from necc.project.model import Choice, DataMark, Project

PICKED_OUT = "the filter on patients picked by hand isn't kept: in another file their places are somebody else's"
NAMES_SOMEBODY = "project-names-somebody"  # a text that a person wrote may name a patient
WHO = ("identifier", "pseudonym")
TELLING = re.compile(r".*[^\W\d_].*|\d{4,}")
"""Identifiers that can't be taken for a count, a cut or a level: with a letter, or of four digits and more."""


def mark_of(opened: Opened, cohort: Cohort | None = None, cutoff: str = "") -> DataMark:
    """By what a file of patients is known again: its bytes and its columns.

    cohort: what was read of it, whose patients are counted. cutoff: the day at which the data were closed.

    Example:
        >>> from necc.ingest import open_file
        >>> mark_of(open_file("cohort.csv"), cohort).n_patients
        88
    """
    n = len(cohort.whole) if cohort is not None else 0
    return DataMark(opened.filename, opened.digest, opened.raw.signature, len(opened.raw), n, cutoff)


def filter_texts(selection: Selection, names: Iterable[str] = ()) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """A selection as texts that `Selection.parse` reads back as the same; findings on what can't be kept so.

    names: of the file's columns, which may hold a sign of a filter. Patients picked by hand are left out: their places
    in this file are somebody else's in another.

    Example:
        >>> filter_texts(Selection.parse(["site:lung=with", "age_years>50"]))[0]
        ('site:lung=with', 'age_years>50')
    """
    texts, findings, names = [], [], tuple(names)
    for part in selection.parts():
        text = str(part)
        if PICKED in (part.names if isinstance(part, Group) else (part.name,)):
            findings.append(Finding("warning", "project-picked", PICKED_OUT))
        elif _read_back(text, names) != (part,):
            message = f"the filter '{shorten(text)}' can't be written so that it is read again; it isn't kept"
            findings.append(Finding("warning", "project-filter", message))
        else:
            texts.append(text)
    return tuple(texts), tuple(findings)


def _read_back(text: str, names: tuple[str, ...]) -> tuple[object, ...]:
    try:
        return Selection.parse([text], names).parts()
    except SelectionError:
        return ()


def without_patients(project: Project, cohort: Cohort) -> tuple[Project, tuple[Finding, ...]]:
    """The project as it may be kept, and findings on what was left out because it could tell of a patient.

    cohort: whose identifiers are looked for: in choices, of which those that hold one go; in the mapping, whose words
    for an identifier's column go; in what a person wrote, of which they are told, for it is theirs. Filters on patients
    picked by hand go. Everything else is names of columns and levels, and aggregates.
    """
    loaded = (cohort.unedited or cohort).whole  # who was left out isn't to be named either
    ids = {name for name in loaded.ids if TELLING.fullmatch(name)} if loaded.id_column else set()
    kept, picked = without_picked(project)
    findings = [Finding("warning", "project-picked", f"{where}: {PICKED_OUT}") for where in picked]

    def unnamed(choices: Mapping[str, Choice], where: str) -> dict[str, Choice]:
        left = {k: v for k, v in choices.items() if not _names(k, ids) and not _names(v, ids)}
        if n := len(choices) - len(left):
            message = f"{where}: {plural(n, 'choice')} of a patient {'is' if n == 1 else 'are'}n't kept"
            findings.append(Finding("warning", "project-patient", message))
        return left

    kept = replace(
        kept, choices=unnamed(kept.choices, "choices"),
        exhibits=tuple(
            replace(e, choices=unnamed(e.choices, f"exhibit '{shorten(e.title)}'")) for e in kept.exhibits
        ),
        mapping=None if kept.mapping is None else _without_words_for_people(kept.mapping, findings),
    )  # fmt: skip
    told = [project.title, *(text for e in project.exhibits for text in (e.title, e.note, *e.shows)),
            *(s.name for s in project.subcohorts), *_texts(tables_of(project.edits)), *_texts(kept.choices),
            *_texts(project.settings), *(str(part.value) for part in project.unread)]  # fmt: skip
    n = sum(any(word in ids for word in re.split(r"[\s,;:()'\"]+", text)) for text in told)
    if n:
        kept_as = "it is kept as it was written: change it" if n == 1 else "they are kept as written: change them"
        message = (
            f"{plural(n, 'title, name or note', 'titles, names or notes')} of this project may name a patient; "
            f"{kept_as} before the project is handed on"
        )
        findings.append(Finding("warning", NAMES_SOMEBODY, message))
    return kept, tuple(findings)


def without_picked(project: Project) -> tuple[Project, tuple[str, ...]]:
    """The project without filters on patients picked by hand, and where there were some.

    A step that leaves out by such filters alone goes with them; one that leaves out rows, too, keeps these.
    """
    places: list[str] = []

    def kept(texts: tuple[str, ...], where: str) -> tuple[str, ...]:
        left = tuple(text for text in texts if PICKED not in text)
        if len(left) < len(texts):
            places.append(where)
        return left

    def step(one: Edit, number: int) -> list[Edit]:
        if not isinstance(one, LeaveOut) or (where := kept(one.where, f"edit {number}")) == one.where:
            return [one]
        return [replace(one, where=where)] if one.rows or where else []

    unread = tuple(part for part in project.unread if PICKED not in str(part.value))
    places += ["a part that couldn't be read"] * (len(unread) < len(project.unread))
    clean = replace(
        project, filters=kept(project.filters, "filters"), unread=unread,
        edits=tuple(left for number, one in enumerate(project.edits, 1) for left in step(one, number)),
        subcohorts=tuple(
            replace(one, filters=kept(one.filters, f"sub-cohort '{shorten(one.name)}'")) for one in project.subcohorts
        ),
        exhibits=tuple(
            replace(one, filters=kept(one.filters, f"exhibit '{shorten(one.title)}'")) for one in project.exhibits
        ),
    )  # fmt: skip
    return clean, tuple(places)


def _texts(value: object) -> Iterator[str]:
    """Every text in tables and lists within each other, names of keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for part in (*value.keys(), *value.values()) if isinstance(value, Mapping) else value:
            yield from _texts(part)


def _names(value: object, ids: set[str]) -> bool:
    return any(v in ids for v in value) if isinstance(value, tuple) else value in ids


def _without_words_for_people(mapping: FileMapping, findings: list[Finding]) -> FileMapping:
    """Without the words that an identifier's column has for each other: they are identifiers themselves."""
    people = [c.column for c in mapping.columns if c.role in WHO and c.levels]
    if not people:
        return mapping
    message = f"the words of {joined([repr(shorten(c)) for c in people])} aren't kept: they identify patients"
    findings.append(Finding("warning", "project-patient", message))
    settled = tuple((k, v) for k, v in mapping.settled if k.partition(":")[2] not in people)
    columns = tuple(replace(c, levels=()) if c.column in people else c for c in mapping.columns)
    return replace(mapping, columns=columns, settled=settled)
