"""Workbooks of any program: weighed before they are opened, and one of their sheets as a raw table."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Literal

import numpy as np

from necc.core.dictionary import normalise
from necc.core.errors import CohortError, Finding
from necc.core.text import joined, plural, rows_named, shorten
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import (
    EXCEL_1900,
    HEAD_ROWS,
    MAX_COLUMNS,
    Choice,
    RawColumn,
    RawTable,
    assemble,
    cell_text,
    fail,
    header_place,
    is_typed,
    listed,
    too_many_columns,
)

MAX_MEMBERS = 2_000
MAX_UNPACKED = 200 * 2**20
MAX_RATIO = 200
RATIO_FROM = 20 * 2**20
MAX_CELLS = 6_000_000
MAX_SECONDS = 120
MAX_WIDTH = 16_384  # of a sheet in any program
MAX_COUNTED = 10_000  # rows of a sheet that isn't read
SAME_HEADINGS = 0.8  # share of the headings that two sheets have in common, from which on they are of one kind
MAX_LISTED = 8
TOGETHER = " + "  # between the names of sheets that are read together
SAVE_CSV = "save the sheet as CSV (UTF-8) and load that"
TOO_MANY_CELLS = f"a sheet of more than {MAX_CELLS:,} cells takes too long here; {SAVE_CSV}"
ENCRYPTED = "the workbook is protected by a password; save it without one"


@dataclass(frozen=True)
class Program:
    """Whose workbooks a reader reads. part: the path in its zip that holds the workbook."""

    name: str
    kind: str
    suffix: str
    part: re.Pattern[str]

    def main_part(self, archive: zipfile.ZipFile) -> str:
        """The workbook's own part; blank where the zip has none."""
        return next(filter(self.part.fullmatch, archive.namelist()), "")


@dataclass(frozen=True)
class Marks:
    """What a sheet shows otherwise than a table does, by cell names.

    merged: (range, first row, last row). uncalculated: (cell, row) of formulas that hold no value.
    hidden_rows: their numbers. hidden_columns: their places from 0 on. filtered: rows are hidden by a filter.
    """

    merged: Sequence[tuple[str, int, int]] = ()
    uncalculated: Sequence[tuple[str, int]] = ()
    hidden_rows: Set[int] = frozenset()
    hidden_columns: Set[int] = frozenset()
    filtered: bool = False


Hidden = Literal["", "hidden", "very hidden"]  # a very hidden sheet isn't in the program's list of hidden ones


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    rows: its rows with their numbers, from 1 on, as values; None is a blank cell.
    marks: what reading the rows came across.
    """

    name: str
    rows: Callable[[], Iterable[tuple[int, Sequence[object]]]]
    marks: Callable[[], Marks]
    hidden: Hidden = ""


@contextmanager
def opened(data: bytes, program: Program) -> Iterator[zipfile.ZipFile]:
    """The workbook's zip, refused where it would unpack to too much; whatever fails inside is told as a finding.

    Raises:
        CohortError: no such workbook, a damaged one, or one that is larger inside than it looks.
    """
    with _weighed(data, program) as archive, damage_told(program):
        yield archive


@contextmanager
def damage_told(program: Program) -> Iterator[None]:
    """Whatever fails in a damaged workbook is told as a finding."""
    try:
        yield
    except CohortError:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged workbook fails in a hundred ways
        how = f"open it in {program.name} and save it again, or {SAVE_CSV}"
        raise fail("unreadable-file", f"the workbook can't be read ({type(error).__name__}); {how}") from None


def _weighed(data: bytes, program: Program) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise fail("unreadable-file", f"the file is not a readable .{program.suffix} workbook; {SAVE_CSV}") from None
    unpacked = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED:
        message = (
            f"the workbook unpacks to {unpacked / 2**20:,.0f} MB in {plural(len(members), 'part')}; at most "
            f"{MAX_UNPACKED // 2**20} MB are opened: {SAVE_CSV}"
        )
        raise fail("workbook-too-large", message)
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(len(data), 1):
        message = f"the workbook is compressed suspiciously tightly, so it is not opened; {SAVE_CSV}"
        raise fail("workbook-too-large", message)
    if any(m.flag_bits & 1 for m in members):
        raise fail("encrypted", ENCRYPTED)
    if not program.main_part(archive):
        raise fail("unreadable-file", f"the zip file is not an {program.kind}; {SAVE_CSV}")
    return archive


def read_sheet(
    sheets: Sequence[Sheet], read_options: ReadOptions, program: Program, epoch: date = EXCEL_1900
) -> RawTable:
    """The fullest visible sheet of a workbook, or the one that was chosen.

    epoch: the day that the workbook's dates count from.

    Raises:
        CohortError: there is no such sheet, or it can't be read as a table.
    """
    names = tuple(s.name for s in sheets)
    findings: list[Finding] = []
    choices: list[Choice] = []
    together = _together(read_options.sheet, sheets)
    if not read_options.sheet:
        chosen, findings, choices = _chosen(sheets)
    elif read_options.sheet in names:
        chosen = sheets[names.index(read_options.sheet)]
    elif together:
        chosen = together[0]
    else:
        message = f"the workbook has no sheet '{shorten(read_options.sheet)}'; it has {listed(names)}"
        raise fail("no-such-sheet", message)
    offered = [value for choice in choices for _, _, value in choice.ways if value not in names]
    reading = _Workbook(
        program, epoch, (*names, *(offered or ([read_options.sheet] if together else []))), read_options
    )
    raw = reading.read(chosen)
    for other in together[1:]:
        raw = joined_by_identifier(raw, reading.read(other, header_row=0), chosen.name, other.name)
    return replace(raw, findings=(*findings, *raw.findings), choices=(*choices, *raw.choices))


@dataclass(frozen=True)
class _Workbook:
    """What all sheets are read with."""

    program: Program
    epoch: date
    names: tuple[str, ...]
    read_options: ReadOptions

    def read(self, sheet: Sheet, header_row: int | None = None) -> RawTable:
        """One sheet as a table.

        Raises:
            CohortError: it holds no table, or formulas that were never calculated.
        """
        numbers, rows = _rows(sheet)
        width = max(map(len, rows), default=0)
        columns = [_column([row[k] if k < len(row) else None for row in rows], numbers) for k in range(width)]
        if not columns:
            raise fail("empty-file", f"sheet '{shorten(sheet.name)}' is empty; it has {listed(self.names)}")
        top = self.read_options.header_row if header_row is None else header_row
        kind = f"{self.program.kind}, sheet '{sheet.name}'"
        raw = assemble(columns, (), ".", top, kind=kind, sheets=self.names, epoch=self.epoch)
        marks = sheet.marks()
        findings = [*raw.findings, *_merged(marks, raw), *_hidden_columns(marks, columns, raw)]
        if marks.uncalculated:
            raise CohortError([*findings, _uncalculated(marks, self.program)])
        raw = replace(raw, findings=tuple(findings))
        hidden = np.isin(raw.rows, list(marks.hidden_rows))
        return _with_hidden_rows(raw, hidden, marks.filtered, self.read_options.hidden_rows) if hidden.any() else raw


# ---------------------------------------------------------------- which sheet
def _chosen(sheets: Sequence[Sheet]) -> tuple[Sheet, list[Finding], list[Choice]]:
    """The fullest visible sheet, what is to be said of the others, and what is to be asked of them.

    A hidden sheet is never taken unasked, nor one of several with the same headings.

    Raises:
        CohortError: no sheet holds a cell.
    """
    filled = [s for s in sheets if _filled(s)]
    if not filled:
        names = f"; it has {listed([s.name for s in sheets])}" if sheets else ""
        raise fail("empty-file" if sheets else "no-sheet", f"the workbook has no sheet with cells{names}")
    visible = [s for s in filled if not s.hidden]
    chosen = max(visible or filled, key=_filled)
    others = [s for s in filled if s is not chosen]
    if not visible:
        text = f"no visible sheet of the workbook holds a cell, but {_described(filled)}. Which one is to be read?"
        return chosen, [], [_which(filled, text)]
    if any(_alike(_headings(s), _headings(chosen)) for s in visible if s is not chosen):
        alike = [s for s in visible if s is chosen or _alike(_headings(s), _headings(chosen))]
        text = f"{_described(alike)} have the same headings. Which one holds the patients?"
        return chosen, [], [_which(alike, text)]
    if not others:
        return chosen, [], []
    why = " because it has the most cells" if len(visible) > 1 else ""
    message = f"sheet '{shorten(chosen.name)}' was read{why}; the workbook also has {_described(others)}"
    beside = _same_patients(chosen, others)
    warnings = [
        Finding("warning", "other-sheet", f"{choice.text} Until that is answered, they are not") for choice in beside
    ]
    return chosen, [Finding("info", "sheet", message), *warnings], beside


def _which(sheets: Sequence[Sheet], text: str) -> Choice:
    return Choice("sheet", text, "sheet", tuple((s.name, _size(s), s.name) for s in sheets))


def _described(sheets: Sequence[Sheet]) -> str:
    """Sheets by name, hidden or not, with the number of their rows."""
    parts = []
    for sheet in sheets[:MAX_LISTED]:
        hidden = f"the {sheet.hidden} sheet " if sheet.hidden else ""
        parts.append(f"{hidden}'{shorten(sheet.name, 30)}' ({_size(sheet)})")
    more = len(sheets) - MAX_LISTED
    return joined(parts) if more <= 0 else f"{', '.join(parts)} and {more} more"


def _size(sheet: Sheet) -> str:
    n = sum(1 for _ in islice(_filled_rows(sheet), MAX_COUNTED + 1))
    return plural(n, "row") if n <= MAX_COUNTED else f"more than {MAX_COUNTED:,} rows"


def _filled_rows(sheet: Sheet) -> Iterator[Sequence[object]]:
    return (row for _, row in sheet.rows() if any(v is not None for v in row))


def _filled(sheet: Sheet) -> int:
    """Cells of the first rows that hold a value."""
    return sum(sum(v is not None for v in row[:MAX_COLUMNS]) for _, row in islice(sheet.rows(), 200))


def _headings(sheet: Sheet) -> list[str]:
    """The headings that a sheet seems to have, normalised; blank where it has none."""
    rows = [row[:MAX_COLUMNS] for row in islice(_filled_rows(sheet), HEAD_ROWS)]
    width = max(map(len, rows), default=0)
    head = [[cell_text(v) for v in row] + [""] * (width - len(row)) for row in rows]
    return [normalise(h) for h in head[header_place(head)]] if head else []


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether most headings of two sheets are the same."""
    first, second = set(one) - {""}, set(other) - {""}
    return len(first | second) > 1 and len(first & second) >= SAME_HEADINGS * len(first | second)


def _same_patients(chosen: Sheet, others: Sequence[Sheet]) -> list[Choice]:
    """Whether visible sheets that tell more of the same patients are read too.

    They are known by a column of the same heading that holds the same identifiers.
    """
    known = _columns_of(chosen)
    joinable, fields, shown = [chosen], list[str](), list[str]()
    for sheet in others:
        columns = _columns_of(sheet)
        key = next((h for h, cells in columns.items() if _is_key(cells) and _is_key(known.get(h, []))), "")
        n = len(set(columns.get(key, ())) & set(known.get(key, ())))
        more = [h for h in columns if h not in known]
        if sheet.hidden or not key or not more or n < len(known[key]) / 2:
            continue
        joinable.append(sheet)
        fields += more
        shown.append(
            f"sheet '{shorten(sheet.name, 30)}' has {plural(n, 'value')} of '{shorten(key)}' too, and {listed(more)}"
        )
    if not fields:
        return []
    name = TOGETHER.join(s.name for s in joinable)
    text = f"beside sheet '{shorten(chosen.name, 30)}', {joined(shown)}. Are the sheets to be read together?"
    ways = (
        ("together", "yes, a row for each patient", name),
        ("alone", f"no, '{shorten(chosen.name, 30)}' alone", chosen.name),
    )
    return [Choice("sheets", text, "sheet", ways, fields=tuple(fields))]


def _together(name: str, sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets of a name such as `Patients + Outcomes`; none where it is no such name."""
    by_name = {s.name: s for s in sheets}
    parts = name.split(TOGETHER)
    return [by_name[p] for p in parts] if len(parts) > 1 and all(p in by_name for p in parts) else []


def joined_by_identifier(raw: RawTable, other: RawTable, name: str, other_name: str) -> RawTable:
    """A table with the further columns of another one on the same patients.

    Raises:
        CohortError: no column identifies the patients of both, or the two contradict each other.
    """
    keys = [c for c in raw.columns if _is_key(c.cells()) and (o := other.column(c.header)) and _is_key(o.cells())]
    if not keys:
        raise fail("other-sheet", f"no column identifies the patients of sheet '{name}' and of sheet '{other_name}'")
    ids, key = keys[0].cells(), keys[0].header
    beside = other.column(key)
    places = {value: i for i, value in enumerate(beside.cells() if beside is not None else ())}
    at = np.array([places.get(value, -1) for value in ids])
    findings: list[Finding] = []
    columns = list(raw.columns)
    for column in other.columns:
        cells = np.where(at >= 0, column.cells()[at], "").astype(object)
        mine = raw.column(column.header)
        if mine is None:
            columns.append(RawColumn.of(column.header, cells, raw.rows, column.label, column.typed))
            continue
        wrong = np.flatnonzero((cells != "") & (mine.cells() != "") & (cells != mine.cells()))
        if len(wrong):
            row = int(raw.rows[wrong[0]])
            message = (
                f"column '{shorten(column.header)}', row {row}: '{shorten(str(mine.cells()[wrong[0]]), 30)}' in sheet "
                f"'{shorten(name, 30)}', '{shorten(str(cells[wrong[0]]), 30)}' in sheet '{shorten(other_name, 30)}'"
                f"{f', and {len(wrong) - 1:,} more' if len(wrong) > 1 else ''}; correct one of them"
            )
            findings.append(Finding("error", "sheets-disagree", message, row, column.header, n=len(wrong)))
    message = (
        f"sheet '{shorten(other_name, 30)}' was read too, by '{shorten(key)}': {plural(int((at >= 0).sum()), 'row')}"
    )
    findings.append(Finding("info", "sheets", message))
    if (lacks := int((at < 0).sum())) or len(places) > len(ids) - lacks:
        left = [v for v in places if v not in set(ids)]
        message = (
            f"{plural(lacks, 'patient')} of sheet '{shorten(name, 30)}' {'is' if lacks == 1 else 'are'} not in sheet "
            f"'{shorten(other_name, 30)}'; {plural(len(left), 'patient')} of the latter "
            f"{'is' if len(left) == 1 else 'are'} not in the former, and left out{f': {listed(left)}' if left else ''}"
        )
        findings.append(Finding("warning", "sheets", message, n=lacks + len(left)))
    findings = [*raw.findings, *other.findings, *findings]
    return replace(raw, columns=tuple(columns), findings=tuple(findings), choices=(*raw.choices, *other.choices))


def _columns_of(sheet: Sheet) -> dict[str, list[str]]:
    """The first rows of a sheet, below its headings, by heading."""
    rows = [[cell_text(v) for v in row[:MAX_COLUMNS]] for row in islice(_filled_rows(sheet), MAX_COUNTED)]
    width = max(map(len, rows), default=0)
    filled = [row + [""] * (width - len(row)) for row in rows]
    if not filled:
        return {}
    top = header_place(filled[:HEAD_ROWS])
    return {h: [row[k] for row in filled[top + 1 :]] for k, h in enumerate(filled[top]) if h}


def _is_key(cells: Sequence[str] | np.ndarray) -> bool:
    """Whether every row has a value of its own."""
    return len(cells) > 1 and all(cells) and len(set(cells)) == len(cells)


# ---------------------------------------------------------------- its rows
def _rows(sheet: Sheet) -> tuple[np.ndarray, list[Sequence[object]]]:
    """Rows that hold anything, without the blanks at their end, and their numbers.

    Raises:
        CohortError: too many columns or cells, or a sheet that takes too long.
    """
    deadline = time.perf_counter() + MAX_SECONDS
    numbers: list[int] = []
    rows: list[Sequence[object]] = []
    cells = 0
    for number, row in sheet.rows():
        last = next((k for k in range(len(row), 0, -1) if row[k - 1] is not None), 0)
        if not last:
            continue
        if last > MAX_COLUMNS:
            raise CohortError([too_many_columns(last)])
        cells += last
        if cells > MAX_CELLS or (number % 512 == 0 and time.perf_counter() > deadline):
            raise fail("workbook-too-large", TOO_MANY_CELLS)
        numbers.append(number)
        rows.append(row[:last])
    return np.array(numbers, dtype=np.int64), rows


def _column(values: Sequence[object], numbers: np.ndarray) -> RawColumn:
    return RawColumn.of("", [cell_text(v) for v in values], numbers, typed=is_typed(values))


def _first(cells: list[str]) -> str:
    return joined(cells[:5]) + (" and more" if len(cells) > 5 else "")


def _merged(marks: Marks, raw: RawTable) -> list[Finding]:
    """Merged cells below the header: only the first holds the value, so the others read as blank."""
    first = int(raw.rows[0]) if len(raw.rows) else 1
    spans = [span for span in marks.merged if span[2] >= first - 1]
    if not spans:
        return []
    message = (
        f"merged cells {_first([name for name, *_ in spans])}: only the first of each holds the value, "
        "the others are blank; unmerge them and fill the value down"
    )
    return [Finding("warning", "merged-cells", message, min(top for _, top, _ in spans), n=len(spans))]


def _with_hidden_rows(raw: RawTable, hidden: np.ndarray, filtered: bool, answer: str) -> RawTable:
    """Rows that the sheet hides: whether they count is asked, since a filter hides patients who are still there.

    hidden: bool array, shape (n,). answer: "read", "leave-out", or blank where nobody has answered.
    """
    n, of = int(hidden.sum()), len(raw)
    rows = raw.rows[hidden].tolist()
    how = "by a filter" if filtered else "in the sheet"
    where = f"{plural(n, 'row')} of {of:,} {'is' if n == 1 else 'are'} hidden {how}"
    if answer == "leave-out" and n < of:
        columns = tuple(c.take(np.flatnonzero(~hidden)) for c in raw.columns)
        finding = Finding("info", "hidden-rows", f"{where} ({rows_named(rows)}) and left out", rows[0], n=n)
        return replace(raw, columns=columns, rows=raw.rows[~hidden], findings=(*raw.findings, finding))
    if answer:
        finding = Finding("info", "hidden-rows", f"{where} ({rows_named(rows)}) and read like the others", rows[0], n=n)
        return replace(raw, findings=(*raw.findings, finding))
    ways = [
        ("read", f"yes, read all {plural(of, 'row')}", "read"),
        ("leave-out", f"no, read the {plural(of - n, 'visible row')}", "leave-out"),
    ]
    text = f"{where} ({rows_named(rows)}). Do their patients count?"
    choice = Choice("hidden-rows", text, "hidden_rows", tuple(ways if n < of else ways[:1]))
    return replace(raw, choices=(*raw.choices, choice))


def _hidden_columns(marks: Marks, columns: Sequence[RawColumn], raw: RawTable) -> list[Finding]:
    hidden = [k for k in sorted(marks.hidden_columns) if k < len(columns) and len(columns[k].words) > 1]
    if not hidden:
        return []
    place = int(np.searchsorted(columns[0].rows, raw.rows[0])) - 1
    names = [f"{letters(k)} ({shorten(str(columns[k].cells()[place]), 30) or 'no heading'})" for k in hidden]
    one = len(hidden) == 1
    message = (
        f"{'column' if one else 'columns'} {_first(names)} {'is' if one else 'are'} hidden in the sheet and "
        f"{'was' if one else 'were'} read like the others"
    )
    return [Finding("info", "hidden-columns", message, n=len(hidden))]


def _uncalculated(marks: Marks, program: Program) -> Finding:
    """A formula that was never calculated holds no value: refused rather than read as blank."""
    message = (
        f"the formulas in {_first([cell for cell, _ in marks.uncalculated])} were never calculated; open the "
        f"file in {program.name} and save it, or paste the values"
    )
    row = marks.uncalculated[0][1]
    return Finding("error", "formula-without-value", message, row, n=len(marks.uncalculated))


def letters(place: int) -> str:
    """The name of a column by its place from 0 on: A, B ... Z, AA."""
    name = ""
    while place >= 0:
        place, rest = divmod(place, 26)
        name, place = chr(ord("A") + rest) + name, place - 1
    return name


def iso_date(written: str) -> object:
    """A date that a workbook holds as year-month-day; what is none stays a text."""
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return written or None
