"""A patient who isn't in the file, typed in by hand: read by the same door as a file, and kept nowhere."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from necc.core.cohort import Cohort
from necc.core.dictionary import ORGAN, SITE, Dictionary, Variable, normalise, side_of, spelling
from necc.core.errors import Finding
from necc.core.text import first_few, joined, quoted, shorten
from necc.ingest.build import inspect, open_file
from necc.ingest.naming import by_name

FILENAME = "entered by hand"
PLACE = re.compile(r"^column '.*?', rows? 2: ")
SITES_KEY = "sites"
TOLD = ("warning", "error")
OF_FILES = ("no-identifier", "one-column", "delimiter")  # findings on a file's form, which a typed patient hasn't


@dataclass(frozen=True)
class Entered:
    """A patient typed in: a cohort of one, None where something can't be understood; and what was found.

    findings: errors, and warnings such as a contradiction; their `column` is the variable's name.
    """

    cohort: Cohort | None
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What keeps the patient from being read, in words."""
        return tuple(f.message for f in self.findings if f.severity == "error")


def entered(
    like: Cohort | Dictionary, values: Mapping[str, object], *, alive: bool = True, today: date | None = None
) -> Entered:
    """A patient typed in, as a cohort of one that works as any other.

    She is read by the door that a file comes through, so that what it refuses is refused here; nothing is written to a
    disk. Her sites are read through the scheme of `like`.

    Args:
        like: the cohort that she is compared with, or its dictionary.
        values: by a variable's name, heading or label, or `site:lung`; blanks and None aren't recorded. "sites" takes
            names of sites and organs, with commas between them or as a list: the others are then known to be without.
        alive: she stands before the board, so she is alive at her time under observation, where the values don't say.
        today: the day after which nothing can have happened; the computer's by default.

    Example:
        >>> typed = entered(cohort, {"histology": "small cell", "sites": "lung, liver", "prs_months": 7})
        >>> typed.cohort.factor("number_of_sites_gt_1").counts()
        (0, 1)
        >>> entered(cohort, {"histology": "smal cell"}).problems
        ("Histology: 'smal cell' is not one of small cell, large cell or NEC NOS; did you mean 'small cell'?",)
    """
    dictionary = _open(like if isinstance(like, Dictionary) else like.dictionary)
    cells, findings = _cells(dictionary, values)
    _imply(dictionary, cells, alive)
    for name, text in [*cells.items()]:
        if finding := _not_yes_no(dictionary.variables[name], text):
            findings.append(finding)
            del cells[name]  # what else is wrong is told at once
    identifier = next((v.name for v in dictionary.variables.values() if v.kind == "identifier"), "")
    if identifier:
        cells.setdefault(identifier, "1")
    opened = open_file(_as_csv(cells), FILENAME)
    inspection = inspect(opened, dictionary=dictionary, mapping=by_name(opened.raw, dictionary)[0], today=today)
    findings += [_told(dictionary, f) for f in inspection.findings if f.severity in TOLD and f.code not in OF_FILES]
    cohort = None if any(f.severity == "error" for f in findings) else inspection.cohort
    if cohort is not None and isinstance(like, Cohort):
        cohort = replace(cohort, scheme=like.scheme, orders=like.orders, _cache={})
    return Entered(cohort, tuple(findings))


def _open(dictionary: Dictionary) -> Dictionary:
    """The dictionary with any word for a drug: those of a cohort's file aren't all that there are."""
    drugs = [dictionary.role(name) for name in ("treatment_agent", "treatment_partner")]
    known = {name: dictionary.variables[name] for name in drugs if name in dictionary.variables}
    return dictionary.with_variables({name: replace(variable, levels=()) for name, variable in known.items()})


def _cells(dictionary: Dictionary, values: Mapping[str, object]) -> tuple[dict[str, str], list[Finding]]:
    """Texts by variable, and what names none."""
    cells: dict[str, str] = {}
    findings: list[Finding] = []
    for name, value in values.items():
        text = _text(value)
        if not text:
            continue
        if normalise(name) == SITES_KEY and not isinstance(value, bool):
            findings += _put_sites(dictionary, cells, value)
            continue
        variable = _variable(dictionary, name)
        if variable is None:
            findings.append(_unknown(dictionary, name))
        elif variable.name in cells and cells[variable.name] != text:
            message = f"{variable.label} is given twice, as '{shorten(cells[variable.name])}' and '{shorten(text)}'"
            findings.append(Finding("error", "given-twice", message, None, variable.name))
        else:
            cells[variable.name] = text
    return cells, findings


def _text(value: object) -> str:
    """A value as a cell holds it; blank for None, NaN and an empty list."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(filter(None, map(_text, value)))
    return str(value).strip()


def _variable(dictionary: Dictionary, name: str) -> Variable | None:
    """The variable of a name, a heading, a label, or a site."""
    if name in dictionary.variables:
        return dictionary.variables[name]
    for prefix in (SITE, ORGAN):
        if name.startswith(prefix):
            site = name.removeprefix(prefix)
            return next((v for v in dictionary.variables.values() if v.site == site), None)
    by_label = {normalise(v.label): v for v in reversed(list(dictionary.variables.values()))}
    return dictionary.headers().get(normalise(name)) or by_label.get(normalise(name))


def _unknown(dictionary: Dictionary, name: str) -> Finding:
    known = list(dictionary.variables)
    near = difflib.get_close_matches(name, [*known, SITES_KEY], n=3, cutoff=0.5)
    hint = f"did you mean {joined(quoted(near), 'or')}?" if near else f"there are {first_few(known)}"
    return Finding("error", "unknown-variable", f"there is no variable '{shorten(name)}'; {hint}", None, shorten(name))


def _put_sites(dictionary: Dictionary, cells: dict[str, str], value: object) -> list[Finding]:
    """Sites by name, into the variable of a list of sites, or into that of each site where there is none."""
    words = dictionary.organ_words()
    parts = value if isinstance(value, Iterable) and not isinstance(value, str) else re.split(r"[,;|]", str(value))
    named = [part for part in map(_text, parts) if part]
    if strange := [part for part in named if normalise(part) not in words]:
        near = difflib.get_close_matches(normalise(strange[0]), words, n=3, cutoff=0.6)
        hint = (
            f"did you mean {joined(quoted(near), 'or')}?" if near else f"there are {first_few(list(dictionary.organs))}"
        )
        message = f"'{shorten(strange[0])}' is no site or organ; {hint}"
        return [Finding("error", "unknown-site", message, None, SITES_KEY, shorten(strange[0]))]
    organs = {words[normalise(part)] for part in named}
    column = next((v.name for v in dictionary.variables.values() if v.kind == "sites"), None)
    if column:
        cells[column] = "; ".join(dictionary.organs[organ].label for organ in dictionary.organs if organ in organs)
    else:
        flags = {v.name: v.site for v in dictionary.variables.values() if v.site}
        cells |= {name: "yes" if site in organs else "no" for name, site in flags.items()}
    return []


def _imply(dictionary: Dictionary, cells: dict[str, str], alive: bool) -> None:
    """What a time under observation says of a patient who stands before the board: she is alive, and recurred."""
    death, recurrence = dictionary.role("death"), dictionary.role("recurrence")
    ends = [e for e in dictionary.endpoints.values() if e.event]
    timed = {e.event for e in ends if e.time in cells}
    dated = any(cells.get(date_) for e in ends if e.event == death for date_ in e.event_dates)
    if alive and death in dictionary.variables and death in timed and not dated:
        cells.setdefault(death, "no")
    after = {e.time for e in ends if e.event == death and e.starts_at == "recurrence"}
    sites = {v.name for v in dictionary.variables.values() if v.kind == "sites"}
    if recurrence in dictionary.variables and ({*cells} & (after | sites)):
        cells.setdefault(recurrence, "yes")


def _not_yes_no(variable: Variable, text: str) -> Finding | None:
    """A word that is neither, where yes or no is needed: a file would be asked which it means."""
    if variable.kind not in ("flag", "event") or side_of(text):
        return None
    words = {spelling(word) for synonyms in variable.synonyms.values() for word in synonyms}
    if variable.kind == "flag" and spelling(text) in words:
        return None
    message = f"{variable.label}: '{shorten(text)}' is not yes or no; write yes or no, or leave it out"
    return Finding("error", "not-yes-no", message, None, variable.name, shorten(text))


def _as_csv(cells: Mapping[str, str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([list(cells), list(cells.values())])
    return buffer.getvalue().encode("utf-8")


def _told(dictionary: Dictionary, finding: Finding) -> Finding:
    """A finding without the row and column of a file that there isn't."""
    variable = dictionary.variables.get(finding.column or "")
    message = PLACE.sub("", finding.message)
    if variable and message != finding.message and not normalise(message).startswith(normalise(variable.label)):
        message = f"{variable.label}: {message}"
    return replace(finding, message=f"{message[:1].upper()}{message[1:]}", row=None)
