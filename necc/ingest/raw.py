"""A file as text: distinct values once a column, and the row a person sees in the spreadsheet.

Nothing is typed, dropped or guessed here without a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from datetime import time as clock
from functools import cached_property
from itertools import pairwise
from typing import TypedDict, Unpack

import numpy as np
import pandas as pd

from necc.core.errors import CohortError, Finding, Severity
from necc.core.text import joined, plural, rows_named, shorten
from necc.ingest.distinct import Words
from necc.ingest.mapping import ColumnMap, EndpointMap, signature

MAX_BYTES = 256 * 2**20
MAX_CELL = 32_767  # what a spreadsheet cell can hold
MAX_COLUMNS = 1_000
MAX_HEADING = 200
EXCEL_1900, EXCEL_1904 = date(1899, 12, 30), date(1904, 1, 1)  # the days that workbooks count from
HEAD_ROWS = 200
MAX_FOOTER = 50
SAY_NOTHING = {
    "date",
    "time",
    "status",
    "yes",
    "no",
    "yes/no",
    "value",
    "result",
    "type",
    "other",
    "n",
    "months",
    "days",
}
WRITTEN_NUMBER = re.compile(r"[+-]?\d[\d.,]*")
TOTAL = re.compile(  # what stands in the identifier's place of a row that sums up the patients
    r"((grand |sub)?totals?|sum|mean|median|average|(gesamt)?summe|gesamt|mittelwert|durchschnitt|somme|moyenne|"
    r"\u5408\u8ba1|\u603b\u8ba1|\u5e73\u5747\u503c?|\u4e2d\u4f4d\u6570)(\s*[:=(\uff1a\uff08±].*|\s+\S.*)?",
    re.IGNORECASE,
)
MAYBE_TOTAL = re.compile(r"n( ?= ?\d.*)?|all|sd|min|max|range|%|percent", re.IGNORECASE)  # unless identifiers look so
NOTE = re.compile(r"[*†‡§].*|\W*\w+[:\uff1a].*|.*\s.*|\D*")  # the only cell of its row


def fail(code: str, message: str, row: int | None = None, column: str | None = None) -> CohortError:
    """A refusal with a single finding."""
    return CohortError([Finding("error", code, message, row, column)])


def collapse(findings: list[Finding], keep: int = 20) -> list[Finding]:
    """At most `keep` findings of one kind and column; the rest is counted in a last one."""
    groups: dict[tuple[Severity, str, str | None], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code, finding.column), []).append(finding)
    result = []
    for (severity, code, column), members in groups.items():
        result += members[:keep]
        if rest := members[keep:]:
            where = f"column '{column}': " if column else ""
            message = f"{where}{plural(len(rest), 'more finding')} of this kind, the next in row {rest[0].row}"
            result.append(Finding(severity, code, message, rest[0].row, column, rest[0].value, sum(f.n for f in rest)))
    return result


def cell_text(value: object) -> str:
    """A typed cell as text: numbers with the 15 digits that Excel shows, dates as year-month-day."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, np.floating)):
        return format(float(value), ".15g")
    if isinstance(value, datetime):  # pandas' Timestamp too
        return value.date().isoformat() if value.time() == clock() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def is_typed(values: Iterable[object]) -> bool:
    """Whether a format's cells hold no number that was written as a text."""
    return not any(isinstance(v, str) and WRITTEN_NUMBER.fullmatch(v.strip()) for v in values)


@dataclass(frozen=True, eq=False)
class RawColumn:
    """A column as text.

    codes: int array, shape (n,): which of the distinct values each patient has.
    words: the distinct values, without surrounding blanks.
    rows: int array, shape (n,): the spreadsheet row of each patient.
    label: what the file itself says the column means.
    typed: numbers are numbers of the format, not texts that somebody wrote.
    order: its values in the order that the file states, of those that it states any of; others may be missing.
    ranked: that order is a scale, not only a list.
    """

    header: str
    codes: np.ndarray
    words: Words
    rows: np.ndarray
    label: str = ""
    typed: bool = False
    order: tuple[str, ...] = ()
    ranked: bool = False

    @classmethod
    def of(
        cls, header: str, values: Sequence[str] | np.ndarray, rows: np.ndarray, label: str = "", typed: bool = False
    ) -> RawColumn:
        """A column from its cells."""
        codes, uniques = pd.factorize(np.asarray(values, dtype=object))
        return cls(header, codes, Words.of(uniques), rows, label, typed).trimmed()

    @cached_property
    def uniques(self) -> tuple[str, ...]:
        """The distinct values."""
        return tuple(self.words)

    @cached_property
    def counts(self) -> np.ndarray:
        """Patients with each distinct value."""
        return np.bincount(self.codes, minlength=len(self.words))

    @cached_property
    def blank(self) -> int:
        """Code of the empty cell; -1 where there is none."""
        return self.words.place_of("")

    @cached_property
    def first(self) -> np.ndarray:
        """The first patient with each distinct value, as a place in `codes`."""
        places = np.zeros(len(self.words), dtype=np.int64)
        places[self.codes[::-1]] = np.arange(len(self.codes))[::-1]
        return places

    def first_row(self, code: int) -> int:
        return int(self.rows[self.first[code]])

    def count(self, code: int) -> int:
        return int(self.counts[code])

    def finding(self, severity: Severity, code: str, value_code: int, message: str) -> Finding:
        """A finding on one distinct value; `message` is what follows the place."""
        row, n = self.first_row(value_code), self.count(value_code)
        more = f" (and {plural(n - 1, 'more row')})" if n > 1 else ""
        text = f"column '{shorten(self.header)}', row {row}{more}: {message}"
        return Finding(severity, code, text, row, self.header, shorten(self.uniques[value_code]), n)

    def about(self, severity: Severity, code: str, message: str, first: int | None = None, n: int = 1) -> Finding:
        """A finding on the whole column, or on several distinct values of which `first` is the first."""
        row, value = (None, None) if first is None else (self.first_row(first), shorten(self.uniques[first]))
        return Finding(severity, code, f"column '{self.header}': {message}", row, self.header, value, n)

    def cells(self) -> np.ndarray:
        """Each patient's text; object array, shape (n,)."""
        values = np.array(self.uniques, dtype=object) if len(self.words) else np.array([""], dtype=object)
        result: np.ndarray = values[self.codes]
        return result

    def take(self, rows: np.ndarray) -> RawColumn:
        """These patients only; values that no one has any more are forgotten."""
        codes = self.codes[rows]
        used = np.flatnonzero(np.bincount(codes, minlength=len(self.words)))
        if len(used) == len(self.words):
            return replace(self, codes=codes, rows=self.rows[rows])
        place = np.zeros(len(self.words), dtype=codes.dtype)
        place[used] = np.arange(len(used))
        return replace(self, codes=place[codes], words=self.words.take(used), rows=self.rows[rows])

    def trimmed(self) -> RawColumn:
        """Without surrounding blanks; values that then are equal share a code."""
        trimmed = self.words.trimmed()
        return self if trimmed is None else self._renamed(trimmed)

    def merged(self) -> RawColumn:
        """Without surrounding blanks, and values that are equal as text as one."""
        return self._renamed(self.words.trimmed() or list(self.words))

    def relabelled(self, names: Mapping[str, str]) -> RawColumn:
        """With other words for some values."""
        return self._renamed([names.get(v, v) for v in self.uniques]) if names else self

    def _renamed(self, values: list[str]) -> RawColumn:
        place = {value: i for i, value in enumerate(dict.fromkeys(values))}
        lookup = np.fromiter((place[v] for v in values), dtype=np.int64, count=len(values))
        codes = lookup[self.codes] if len(values) else self.codes
        named = dict(zip(self.uniques, values, strict=True))
        order = tuple(dict.fromkeys(named.get(word, word) for word in self.order))
        return replace(self, codes=codes, words=Words.of(place), order=order)


@dataclass(frozen=True)
class Choice:
    """What reading a file left open, for a person to answer.

    code: what kind of choice. option: the field of `ReadOptions` that an answer sets. ways: an answer's name, what a
    person reads, and the value of the option. columns: those that it concerns, open while one of them is read as
    numbers; none: the whole file. fields: what it is about; where the dictionary knows none of them it decides nothing.
    """

    code: str
    text: str
    option: str
    ways: tuple[tuple[str, str, str], ...]
    columns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


class Facts(TypedDict, total=False):
    """What a format says of its table beside the cells; see `RawTable`."""

    kind: str
    hints: tuple[ColumnMap, ...]
    endpoints: tuple[EndpointMap, ...]
    sheets: tuple[str, ...]
    epoch: date
    choices: tuple[Choice, ...]


@dataclass(frozen=True, eq=False)
class RawTable:
    """A file's columns as text, what reading it found, and what its format defines by itself.

    kind: the format in words. hints, endpoints: meanings that the format fixes, such as the codes of an event.
    sheets: the sheets that could have been read. epoch: the day that plain numbers in a date column count from.
    choices: what reading left open.
    """

    columns: tuple[RawColumn, ...]
    rows: np.ndarray
    findings: tuple[Finding, ...] = ()
    decimal: str = "."
    kind: str = "text table"
    hints: tuple[ColumnMap, ...] = ()
    endpoints: tuple[EndpointMap, ...] = ()
    sheets: tuple[str, ...] = ()
    epoch: date = EXCEL_1900
    choices: tuple[Choice, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(c.header for c in self.columns)

    @property
    def signature(self) -> str:
        """Of the columns: files with the same columns have the same."""
        return signature(self.headers)

    def column(self, header: str) -> RawColumn | None:
        return next((c for c in self.columns if c.header == header), None)


# ---------------------------------------------------------------- columns with their header -> table
def header_place(head: Sequence[Sequence[str]]) -> int:
    """Index of the header among the first records: rows of one title, or blank ones, may stand above it."""
    filled = [sum(bool(str(c).strip()) for c in row) for row in head]
    width = max(filled, default=0)
    for place, n in enumerate(filled):
        if n > max(1, width // 3) or width < 3:
            if place == 0:
                return int(_is_below(head))
            return place if _names_columns([c for c in (str(c).strip() for c in head[place]) if c]) else 0
    return 0


def _is_below(head: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names groups of columns, and the second the columns: few names above all of them."""
    if len(head) < 3:
        return False
    groups, names, first = ([str(c).strip() for c in row] for row in head[:3])
    grouped = sum(map(bool, groups)) <= 2 * len(names) / 3
    return grouped and _names_columns(names) and any(_is_number(c) for c in first if c)


def _deep_header(head: Sequence[Sequence[str]]) -> tuple[int, list[str]] | None:
    """The first of two rows that name the columns together, and the names; None where one row does.

    The upper names groups of columns, the lower their columns; a column that stands alone is named by the upper. Of a
    name that occurs in several groups, or says nothing by itself, the group is a part.
    """
    first = next((i for i, row in enumerate(head) if sum(map(bool, row)) > 1), 0)
    if len(head) < first + 3:
        return None
    groups, parts, patient = ([str(c).strip() for c in row] for row in head[first : first + 3])
    words = [p.casefold() for p in parts if p]
    alone = bool(groups[0]) and not parts[0]
    repeated = not groups[0] and bool(parts[0]) and len(set(words)) < len(words)
    unnamed = any(not g and not p and v for g, p, v in zip(groups, parts, patient, strict=True))
    numbers = any(map(_is_number, (*groups, *parts))) or not any(
        p and _is_number(v) for p, v in zip(parts, patient, strict=True)
    )
    if not (alone or repeated) or len(words) < 2 or unnamed or numbers:
        return None
    names, group = [], ""
    for over, name in zip(groups, parts, strict=True):
        group = over or group
        plain = name and words.count(name.casefold()) == 1 and name.casefold() not in SAY_NOTHING
        names.append(name if plain or not group else f"{group} {name}".strip())
    return (first, names) if len(set(names) - {""}) == len([n for n in names if n]) else None


def _names_columns(cells: Sequence[str]) -> bool:
    """Whether every cell is a text of its own, none a number."""
    return all(cells) and len(set(cells)) == len(cells) and not any(_is_number(c) for c in cells)


def _second_header(columns: Sequence[RawColumn]) -> list[Finding]:
    """A first patient without any number, where two columns or more hold only numbers in all others."""
    if not columns or len(columns[0].rows) < 3:
        return []
    cells = [c.words[int(c.codes[0])] for c in columns]
    if re.search(r"\d", cells[0]) or any(map(_is_number, cells)) or sum(map(bool, cells)) < 2:
        return []
    numbers = [
        c.header
        for c, cell in zip(columns, cells, strict=True)
        if cell and c.counts[c.codes[0]] == 1 and all(_is_number(w) for w in c.words if w and w != cell)
        and len(c.words) - (c.blank >= 0) >= 3
    ]  # fmt: skip
    if len(numbers) < 2:
        return []
    row = int(columns[0].rows[0])
    message = (
        f"row {row} looks like a second header row: it holds words where {listed(numbers, 3)} hold numbers; delete "
        "it, or say which row is the header"
    )
    return [Finding("error", "second-header", message, row)]


def _no_names(columns: Sequence[RawColumn], top: int) -> list[Finding]:
    """A first row that holds values like those below it, where the names of the columns should be."""
    numbers = [c for c in columns if _is_number(c.header) and all(map(_is_number, filter(None, c.uniques)))]
    values = [float(c.header.replace(",", ".")) for c in numbers]
    counted = len(values) > 2 and len({b - a for a, b in pairwise(values)}) == 1  # 1, 2, 3 or years may name columns
    if len(numbers) < max(2, len(columns) / 2) or counted:
        return []
    message = (
        f"row {top} holds values ({listed([c.header for c in numbers], 4)}), not names of columns; put a row above it "
        "that names them: patient_id, and so on"
    )
    return [Finding("error", "no-header", message, top)]


def footers(raw: RawTable, identifier: str = "") -> list[Finding]:
    """Totals and notes below the last patient, which would count as patients without any finding.

    identifier: the column that identifies; the first one where none does.
    """
    column = raw.column(identifier) or raw.columns[0]
    cells, first = column.cells(), _after_the_last(raw, column)
    if first == len(raw):
        return []
    rows, n = raw.rows[first:].tolist(), len(raw) - first
    said = "looks like a total or a note, not like a patient" if n == 1 else "look like totals or notes, not patients"
    message = (
        f"column '{shorten(column.header)}', {rows_named(rows)}: {listed([str(c) for c in cells[first:]], 4)} below "
        f"the last patient {said}; delete {'the row' if n == 1 else 'these rows'}, or give the patient an identifier "
        "like the others'"
    )
    return [Finding("error", "footer-row", message, int(rows[0]), column.header, shorten(str(cells[first])), n)]


def _after_the_last(raw: RawTable, column: RawColumn) -> int:
    """Place of the first row below the last patient; the number of rows where there is none."""
    cells = column.cells()
    filled = sum((c.codes[-MAX_FOOTER:] != c.blank).astype(int) for c in raw.columns)
    first = len(raw)
    while first > max(len(raw) - MAX_FOOTER, 0):
        alone = filled[first - 1 - len(raw)] == 1 and len(raw.columns) > 1
        if not _is_footer(str(cells[first - 1]), alone, cells[: first - 1]):
            break
        first -= 1
    return first or len(raw)


def _only_identifiers(raw: RawTable, column: RawColumn) -> tuple[np.ndarray, np.ndarray]:
    """Rows above the footers that hold nothing but their identifier: headings of groups, and patients without a value.

    A heading is a note, as below the patients, and looks like no identifier of a row that holds more.
    """
    cells, last = column.cells(), np.arange(len(raw)) < _after_the_last(raw, column)
    filled = np.sum([c.codes != c.blank for c in raw.columns], axis=0)
    alone = (filled == 1) & (column.codes != column.blank) & last & (len(raw.columns) > 2)
    differs = np.zeros(len(raw), dtype=bool)
    if alone.any() and (~alone & last).any():
        shapes = {_shape(str(v)) for v in set(cells[~alone & last].tolist())}
        differs[alone] = [bool(NOTE.fullmatch(str(v))) and _shape(str(v)) not in shapes for v in cells[alone]]
    return differs, alone & ~differs


def between(raw: RawTable, identifier: str = "") -> list[Finding]:
    """Headings of groups of patients between the rows, and patients without any value.

    identifier: the column that identifies; the first one where none does.
    """
    column = raw.column(identifier) or raw.columns[0]
    result = []
    for mask, (severity, code, why) in zip(_only_identifiers(raw, column), BETWEEN, strict=True):
        if mask.any():
            rows, cells = raw.rows[mask].tolist(), [str(c) for c in column.cells()[mask]]
            message = f"column '{shorten(column.header)}', {rows_named(rows)}: nothing but {listed(cells, 4)}, {why}"
            result.append(Finding(severity, code, message, int(rows[0]), column.header, shorten(cells[0]), len(rows)))
    return result


BETWEEN: tuple[tuple[Severity, str, str], ...] = (
    ("error", "group-row", "which looks like a heading of the rows below, not like a patient; delete such rows, and "
     "put what they say into a column of its own, or give the patient an identifier like the others'"),
    ("info", "empty-patient", "so the patient counts without any value"),
)  # fmt: skip


def headings_between(raw: RawTable, identifier: str = "") -> np.ndarray:
    """Places of the rows that are headings of groups of patients."""
    return np.flatnonzero(_only_identifiers(raw, raw.column(identifier) or raw.columns[0])[0])


def patients(raw: RawTable, identifier: str = "") -> np.ndarray:
    """Places of the rows that are neither a heading between the patients nor below the last."""
    column = raw.column(identifier) or raw.columns[0]
    keep = ~_only_identifiers(raw, column)[0] & (np.arange(len(raw)) < _after_the_last(raw, column))
    return np.flatnonzero(keep)


def _is_footer(cell: str, alone: bool, above: np.ndarray) -> bool:
    """Whether a row's identifier is a total, or its only cell a note; what looks like one above it is a patient.

    alone: the row's other cells are blank. above: the identifiers above it.
    """
    if TOTAL.fullmatch(cell):
        return True
    if not cell or not (MAYBE_TOTAL.fullmatch(cell) or (alone and NOTE.fullmatch(cell))):
        return False
    shape = _shape(cell)
    return all(_shape(str(other)) != shape for other in above)


def _shape(text: str) -> str:
    """Runs of letters as `a`, of digits as `0`: identifiers of a file mostly have one shape."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text))


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def assemble(
    columns: Sequence[RawColumn],
    findings: Iterable[Finding] = (),
    decimal: str = ".",
    header_row: int = 0,
    **facts: Unpack[Facts],
) -> RawTable:
    """Columns that still hold everything above and in the header become a raw table.

    header_row: the spreadsheet row that names the columns; 0 finds it. Blank rows go, and are counted.

    Raises:
        CohortError: no header, no patients, a header twice, or a cell longer than a spreadsheet holds.
    """
    findings = list(findings)
    all_rows = columns[0].rows if columns else np.zeros(0, dtype=np.int64)
    place = int(np.searchsorted(all_rows, header_row)) if header_row else 0
    n_head = min(max(HEAD_ROWS, place + 1), len(all_rows))
    head = [[c.words[int(c.codes[i])] for c in columns] for i in range(n_head)]
    deep = None if header_row else _deep_header(head)
    place = deep[0] if deep else place if header_row else header_place(head)
    if place >= len(head) or not any(head[place]) or (header_row and int(all_rows[place]) != header_row):
        row = header_row or 1
        last = int(all_rows[-1]) if len(all_rows) else 0
        why = "is blank" if row <= last else f"is below the table, which ends in row {last}"
        message = f"row {row} {why}; it must hold the column names"
        raise CohortError([*findings, Finding("error", "no-header", message, row)])
    if any(any(row) for row in head[:place]):
        message = (
            f"{plural(place, 'row')} above the header left out; the column names are in row {int(all_rows[place])}"
        )
        findings.append(Finding("info", "title-rows", message, 1, n=place))
    if deep:
        message = f"rows {all_rows[place]} and {all_rows[place + 1]} together name the columns: {listed(deep[1], 12)}"
        findings.append(Finding("info", "deep-header", message, int(all_rows[place]), n=len(deep[1])))
    names = deep[1] if deep else head[place]
    place += bool(deep)
    top = int(all_rows[place])
    blank = np.ones(len(all_rows), dtype=bool)
    for column in columns:
        blank &= column.codes == column.blank
    inner = np.flatnonzero(blank & (np.arange(len(blank)) < np.flatnonzero(~blank).max(initial=-1)))
    inner = inner[inner > place]
    if len(inner):
        message = f"{plural(len(inner), 'blank row')} left out, the first in row {all_rows[inner[0]]}"
        findings.append(Finding("info", "blank-row", message, int(all_rows[inner[0]]), n=len(inner)))
    keep = ~blank
    keep[: place + 1] = False
    named = [replace(c, header=" ".join(h.split())) for c, h in zip(columns, names, strict=True)]
    kept = _named([c.take(keep) for c in named], findings, top)
    if values := _no_names(kept, top):
        raise CohortError([*findings, *values])
    return table(kept, [*findings, *_second_header(kept)], decimal, top, **facts)


def carried(raw: RawTable) -> Facts:
    """What a table keeps when its columns become others."""
    return {"kind": raw.kind, "sheets": raw.sheets, "epoch": raw.epoch, "choices": raw.choices}


def table(
    columns: Sequence[RawColumn],
    findings: Iterable[Finding] = (),
    decimal: str = ".",
    top: int = 1,
    **facts: Unpack[Facts],
) -> RawTable:
    """Columns with their headers become a raw table.

    Raises:
        CohortError: no patients, too many columns, a header twice, or a cell longer than a spreadsheet holds.
    """
    findings = list(findings)
    problems = [*_duplicate_headers(columns, top), *_long_cells(columns, top)]
    if not columns or not len(columns[0].rows):
        message = "the file has a header and no rows: there are no patients to read"
        problems.append(Finding("error", "no-patients", message))
    if len(columns) > MAX_COLUMNS:
        problems = [too_many_columns(len(columns))]
    if problems:
        raise CohortError([*findings, *problems])
    return RawTable(tuple(columns), columns[0].rows, tuple(findings), decimal, **facts)


def too_many_columns(n: int) -> Finding:
    return Finding("error", "too-many-columns", f"the header names {n:,} columns; at most {MAX_COLUMNS:,} are read")


def _named(columns: list[RawColumn], findings: list[Finding], top: int) -> list[RawColumn]:
    """Columns without a heading: dropped when blank, else named by their place."""
    named = []
    for place, column in enumerate(columns, start=1):
        if column.header:
            named.append(column)
        elif len(column.words) > (column.blank >= 0):
            header = f"column {place}"
            message = f"column {place} has no heading; it is called '{header}'"
            findings.append(Finding("warning", "no-heading", message, top))
            named.append(replace(column, header=header))
    return named


def _duplicate_headers(columns: Sequence[RawColumn], top: int) -> list[Finding]:
    seen: dict[str, int] = {}
    findings = []
    for place, column in enumerate(columns, start=1):
        key = column.header.casefold()
        if key in seen:
            shown = shorten(column.header)
            message = f"row {top}: columns {seen[key]} and {place} share the heading '{shown}'; rename one"
            findings.append(Finding("error", "duplicate-header", message, top, shown))
        seen.setdefault(key, place)
    return findings


def _long_cells(columns: Sequence[RawColumn], top: int) -> list[Finding]:
    findings = []
    for column in columns:
        if len(column.header) > MAX_HEADING:
            message = f"row {top}: a heading of {len(column.header):,} characters; at most {MAX_HEADING} are read"
            findings.append(Finding("error", "long-heading", message, top, shorten(column.header)))
        size, place = column.words.longest()
        if size > MAX_CELL:
            message = f"a cell of {size:,} characters; a spreadsheet cell holds at most {MAX_CELL:,}"
            findings.append(column.finding("error", "long-cell", place, message))
    return findings


def listed(values: Sequence[str], most: int = 8) -> str:
    """The first values for a message, each shortened, with how many more there are."""
    shown = [f"'{shorten(v, 30)}'" for v in values[:most]]
    return joined(shown) if len(values) <= most else f"{', '.join(shown)} and {len(values) - most} more"
