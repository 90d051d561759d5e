"""What settles a finding by one click: leave rows out, merge spellings, read a word as a number or a level.

A remedy has the shape of a question with one answer, named by the finding's code and column; its answer is a mapping.
Rows that are left out are kept by their number and a fingerprint of their cells: a mapping that meets another row
there refuses, so that no patient is dropped. `Mapping.settled` holds what was settled in words, for the sum of a file.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from necc.core.dictionary import Dictionary, Variable, spelling
from necc.core.errors import Finding
from necc.core.estimate import Exclusion
from necc.core.text import joined, plural, rows_named, shorten
from necc.ingest.codes import UNIT_WORDS
from necc.ingest.columns import Typer
from necc.ingest.mapping import CHOSEN, ColumnMap, Mapping, Role
from necc.ingest.questions import Answer, Asking, Question, small
from necc.ingest.raw import RawColumn, RawTable, footers, headings_between, patients

LEAVE_OUT = "leave-out-row:"  # before a row's number, in `Mapping.settled`
HOLDS_NONE, REPEATED, BY_HAND = "a total, a note or a heading", "equal to another row in every cell", "left out by hand"
AGED = "岁歲"
ABOUT = re.compile(
    r"(?P<sign>[<>≥≤]=?|~|≈|about |ca\.? ?)?\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<more>\+)?\s*"
    r"(?P<unit>[^\W\d_]{1,12}\.?)?",
    re.IGNORECASE,
)
MOST = 6


# ---------------------------------------------------------------- rows
def fingerprint(raw: RawTable, place: int) -> str:
    """A row's cells as 12 hexadecimal digits."""
    cells = (c.words[int(c.codes[place])] for c in raw.columns)
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:12]


def without_rows(raw: RawTable, mapping: Mapping) -> tuple[RawTable, list[Finding]]:
    """The table without the rows that a person left out, where they are still what they were."""
    keep, findings = np.ones(len(raw), dtype=bool), []
    for key, name in mapping.settled:
        if not key.startswith(LEAVE_OUT):
            continue
        row = key.removeprefix(LEAVE_OUT)
        places = np.flatnonzero(raw.rows == int(row)) if row.isdecimal() else np.zeros(0, dtype=np.int64)
        if len(places) and fingerprint(raw, int(places[0])) == name:
            keep[places[0]] = False
            continue
        message = (
            f"the mapping leaves out row {row}, but this file holds something else there; remove '{shorten(key)}' from "
            "the mapping, and leave the right row out anew"
        )
        findings.append(Finding("error", "left-out-row", message, int(row) if row.isdecimal() else None))
    if keep.all() or not keep.any():
        return raw, findings
    columns = tuple(c.take(np.flatnonzero(keep)) for c in raw.columns)
    return replace(raw, columns=columns, rows=raw.rows[keep]), findings


def rows_left_out(raw: RawTable, mapping: Mapping) -> tuple[tuple[Exclusion, ...], tuple[Exclusion, ...]]:
    """What stands in the rows that a person left out, counted: rows of patients, and rows that hold none of their own.

    raw: the table with all its rows. Rows that no longer hold what was left out aren't counted.
    """
    names = {int(k.removeprefix(LEAVE_OUT)): v for k, v in mapping.settled
             if k.startswith(LEAVE_OUT) and k.removeprefix(LEAVE_OUT).isdecimal()}  # fmt: skip
    places = [p for p in np.flatnonzero(np.isin(raw.rows, list(names))).tolist()
              if fingerprint(raw, p) == names[int(raw.rows[p])]]  # fmt: skip
    if not places:
        return (), ()
    identifier = next((c.column for c in mapping.columns if c.role in ("identifier", "pseudonym")), "")
    of_patients = set(patients(raw, identifier).tolist())
    cells = np.column_stack([c.codes for c in raw.columns])
    _, first = np.unique(cells, axis=0, return_index=True)
    repeated = of_patients - set(first.tolist())
    none = len([p for p in places if p not in of_patients])
    again = len([p for p in places if p in repeated])
    counted = ((HOLDS_NONE, none), (REPEATED, again), (BY_HAND, len(places) - none - again))
    by_reason = {reason: Exclusion(reason, n) for reason, n in counted if n}
    mine = tuple(e for reason, e in by_reason.items() if reason == BY_HAND)
    return mine, tuple(e for reason, e in by_reason.items() if reason != BY_HAND)


def _leaving_out(raw: RawTable, mapping: Mapping, places: Sequence[int]) -> Mapping:
    for place in places:
        mapping = mapping.settle(f"{LEAVE_OUT}{int(raw.rows[place])}", fingerprint(raw, place))
    return mapping


# ---------------------------------------------------------------- what is offered
def offered(
    findings: Iterable[Finding], raw: RawTable, dictionary: Dictionary, mapping: Mapping
) -> tuple[Question, ...]:
    """One remedy for each kind of finding of each column, in the form of a question with its answers."""
    result: dict[str, Question] = {}
    for finding in findings:
        key = f"{finding.code}:{finding.column or ''}"
        if key not in result and (answers := remedies(finding, raw, dictionary, mapping)):
            result[key] = Question(finding.code, finding.column or "", finding.message, answers, decisive=False)
    return tuple(result.values())


def remedies(finding: Finding, raw: RawTable, dictionary: Dictionary, mapping: Mapping) -> tuple[Answer, ...]:
    """What settles a finding, with all others of its kind in the same column; nothing where only a person can."""
    make = {
        "footer-row": _without_footers, "group-row": _without_headings,
        "duplicate-id": _without_repeats, "near-duplicate-levels": _merged,
        "not-a-number": _numbers, "text-among-numbers": _numbers, "unknown-level": _levels, "missing-code": _missing,
    }.get(finding.code)  # fmt: skip
    asking = Asking(raw, dictionary, mapping)
    answers = [make(asking, finding)] if make else []
    if finding.code == "unknown-level":
        answers.append(_extra(asking, finding))
    return tuple(answer for answer in answers if answer)


def told_of(mapping: Mapping | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that a mapping leaves out, and what a person decided about rows and words, for the sum of a file."""
    if mapping is None:
        return (), ()
    left_out = tuple(c.column for c in mapping.columns if c.role == "drop")
    rows = [int(k.removeprefix(LEAVE_OUT)) for k, _ in mapping.settled if k.startswith(LEAVE_OUT)]
    said = [f"{plural(len(rows), 'row')} left out by you ({rows_named(sorted(rows))})"] if rows else []
    said += [f"{name} ({key.partition(':')[2]})" for key, name in mapping.settled if key.split(":")[0] in TOLD]
    return left_out, tuple(said)


TOLD = ("near-duplicate-levels", "not-a-number", "text-among-numbers", "unknown-level", "missing-code")


# ---------------------------------------------------------------- one kind of finding each
def _without_footers(asking: Asking, finding: Finding) -> Answer | None:
    raw = asking.raw
    n = sum(f.n for f in footers(raw, finding.column or ""))
    if not n:
        return None
    places = range(len(raw) - n, len(raw))
    label = f"leave {plural(n, 'row')} out ({rows_named(raw.rows[list(places)].tolist())})"
    return Answer("leave-out", label, _leaving_out(raw, asking.mapping, places))


def _without_headings(asking: Asking, finding: Finding) -> Answer | None:
    raw = asking.raw
    places = headings_between(raw, finding.column or "").tolist()
    if not places:
        return None
    label = f"leave {plural(len(places), 'row')} out ({rows_named(raw.rows[places].tolist())})"
    return Answer("leave-out", label, _leaving_out(raw, asking.mapping, places))


def _without_repeats(asking: Asking, finding: Finding) -> Answer | None:
    """Rows that are equal to an earlier one in every cell."""
    raw = asking.raw
    column = raw.column(finding.column or "")
    if column is None:
        return None
    seen: set[tuple[int, ...]] = set()
    places = []
    repeated = np.flatnonzero(column.counts[column.codes] > 1)
    for place in repeated.tolist():
        cells = tuple(int(c.codes[place]) for c in raw.columns)
        if cells in seen:
            places.append(place)
        seen.add(cells)
    if not places:
        return None
    rows = rows_named(raw.rows[places].tolist())
    label = f"leave out {plural(len(places), 'row')} equal to another in every cell ({rows})"
    return Answer("leave-out", label, _leaving_out(raw, asking.mapping, places))


def _merged(asking: Asking, finding: Finding) -> Answer | None:
    """Spellings that differ by case or punctuation become the most frequent of them."""
    column, how = _column(asking, finding)
    if column is None or how is None:
        return None
    groups: dict[str, list[str]] = {}
    for value in sorted((v for v in column.uniques if v), key=lambda v: -column.count(column.uniques.index(v))):
        groups.setdefault(spelling(value), []).append(value)
    names = {v: g[0] for g in groups.values() for v in g[1:]}
    several = [g for g in groups.values() if g[1:]][:MOST]
    said = joined([f"{joined([_quoted(v) for v in g[1:]])} as {_quoted(g[0])}" for g in several])
    return _read_as(asking, finding, how, "merge", f"read {said}", names) if names else None


def _numbers(asking: Asking, finding: Finding) -> Answer | None:
    """Cells that are a number with its unit, or with a sign that bounds it."""
    column, how = _column(asking, finding)
    if column is None or how is None:
        return None
    known = asking.dictionary.variables.get(how.variable)
    unit = how.unit or (known.unit if known else "")
    typer = Typer(asking.dictionary, asking.raw.decimal)
    odd = [v for v in column.uniques if v and typer.parse_number(v) is None and not typer.is_missing(v, known, how)]
    read = {v: n for v in odd if (n := _number(v, unit)) is not None}
    units = {m["unit"] for v in read if (m := ABOUT.fullmatch(v)) and m["unit"]}
    if not read or (not unit and len(units) > 1):
        return None
    label = "read " + joined([f"{_quoted(v)} as {n}" for v, n in list(read.items())[:MOST]])
    label += f" and {len(read) - MOST} more so" if len(read) > MOST else ""
    if any(re.search(r"^[>≥]|\+", v) for v in read):
        label += "; a number with > or + is a lower bound: the true one is larger"
    if any(re.match(r"[<≤]", v) for v in read):
        label += "; a number with < is an upper bound: the true one is smaller"
    return _read_as(asking, finding, how, "numbers", label, read, "number")


def _number(value: str, unit: str) -> str | None:
    """The number of `12 mo`, `45岁`, `24+` and `>24`; None for another unit than the column's, or another text."""
    match = ABOUT.fullmatch(value.strip())
    if match is None:
        return None
    said = (match["unit"] or "").rstrip(".").casefold()
    of = next((u for u, words in UNIT_WORDS.items() if said in words), "years" if said and said in AGED else "")
    if said and unit and (of or said) != unit.casefold():
        return None
    return match["number"].replace(",", ".") if said or match["sign"] or match["more"] else None


def _levels(asking: Asking, finding: Finding) -> Answer | None:
    """Words that are near a level's spelling."""
    column, how = _column(asking, finding)
    known = asking.dictionary.variables.get(how.variable) if how else None
    if column is None or how is None or known is None or not known.levels:
        return None
    spellings = known.spellings()
    near = {v: level for v in asking.counts(how) if (level := _near(v, known, spellings))}
    if not near:
        return None
    label = "read " + joined([f"{_quoted(v)} as {_quoted(level)}" for v, level in list(near.items())[:MOST]])
    return _read_as(asking, finding, how, "near", label, near)


def _extra(asking: Asking, finding: Finding) -> Answer | None:
    """A column of a known name, whose words mean something else: the histology of another cancer."""
    column, how = _column(asking, finding)
    known = asking.dictionary.variables.get(how.variable) if how else None
    if column is None or how is None or known is None or known.kind != "category":
        return None
    label = f"keep {_quoted(how.column)} as an extra variable, not as {small(known.label)}"
    changed = replace(how, role="auto", variable="", levels=(), confidence=1.0, reason=CHOSEN)
    mapping = asking.mapping.with_column(changed).settle(f"{finding.code}:{how.column}", label)
    return Answer("extra", label, mapping)


def _near(value: str, known: Variable, spellings: dict[str, str]) -> str:
    if known.spelled(value) in spellings:
        return ""
    near = difflib.get_close_matches(spelling(value), spellings, n=1, cutoff=0.75)
    return spellings[near[0]] if near else ""


def _missing(asking: Asking, finding: Finding) -> Answer | None:
    """A number that stands apart, as a code for missing."""
    _, how = _column(asking, finding)
    if how is None or not finding.value:
        return None
    label = f"read {_quoted(finding.value)} as missing"
    changed = replace(how, missing=(*how.missing, finding.value))
    mapping = asking.mapping.with_column(changed).settle(f"{finding.code}:{how.column}", label)
    return Answer("missing", label, mapping)


def _column(asking: Asking, finding: Finding) -> tuple[RawColumn | None, ColumnMap | None]:
    header = finding.column or ""
    return asking.column(header), asking.mapping.column(header)


def _read_as(
    asking: Asking, finding: Finding, how: ColumnMap, name: str, label: str, words: dict[str, str], role: Role = "auto"
) -> Answer:
    """An answer by which words of a column are read as others."""
    levels = {level: list(several) for level, several in how.levels}
    for word, level in words.items():
        levels.setdefault(level, []).append(word)
    changed = replace(how, levels=tuple((level, tuple(several)) for level, several in levels.items()))
    if how.role == "auto" and role != "auto":
        changed = replace(changed, role=role)
    mapping = asking.mapping.with_column(changed).settle(f"{finding.code}:{how.column}", label)
    return Answer(name, label, mapping)


def _quoted(value: str) -> str:
    return f"'{shorten(value, 24)}'"
