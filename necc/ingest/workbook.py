"""Workbooks of any program: weighed before they are opened, and one of their sheets as a raw table."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from necc.core.errors import CohortError, Finding
from necc.core.text import joined, plural, shorten
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import MAX_COLUMNS, RawColumn, RawTable, assemble, cell_text, fail, listed, too_many_columns

MAX_MEMBERS = 2_000
MAX_UNPACKED = 200 * 2**20
MAX_RATIO = 200
RATIO_FROM = 20 * 2**20
MAX_CELLS = 6_000_000
MAX_SECONDS = 120
SAVE_CSV = "save the sheet as CSV (UTF-8) and load that"
TOO_MANY_CELLS = f"a sheet of more than {MAX_CELLS:,} cells takes too long here; {SAVE_CSV}"
ENCRYPTED = "the workbook is protected by a password; save it without one"


@dataclass(frozen=True)
class Program:
    """Whose workbooks a reader reads. part: what its zip must hold."""

    name: str
    kind: str
    suffix: str
    part: str


@dataclass(frozen=True)
class Marks:
    """What a sheet shows otherwise than a table does, by cell names.

    merged: (range, first row, last row). uncalculated: (cell, row) of formulas that hold no value.
    """

    merged: Sequence[tuple[str, int, int]] = ()
    uncalculated: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet. rows: its rows with their numbers, from 1 on, as values; None is a blank cell."""

    name: str
    rows: Callable[[], Iterable[tuple[int, Sequence[object]]]]
    marks: Callable[[], Marks]


@contextmanager
def opened(data: bytes, program: Program) -> Iterator[zipfile.ZipFile]:
    """The workbook's zip, refused where it would unpack to too much; whatever fails inside is told as a finding.

    Raises:
        CohortError: no such workbook, a damaged one, or one that is larger inside than it looks.
    """
    with _weighed(data, program) as archive:
        try:
            yield archive
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
    if program.part not in archive.namelist():
        raise fail("unreadable-file", f"the zip file is not an {program.kind}; {SAVE_CSV}")
    return archive


def read_sheet(sheets: Sequence[Sheet], read_options: ReadOptions, program: Program) -> RawTable:
    """The fullest sheet of a workbook, or the one that was chosen.

    Raises:
        CohortError: there is no such sheet, or it can't be read as a table.
    """
    names = tuple(s.name for s in sheets)
    if not sheets:
        raise fail("no-sheet", "the workbook has no sheet with cells")
    findings: list[Finding] = []
    if read_options.sheet:
        if read_options.sheet not in names:
            message = f"the workbook has no sheet '{shorten(read_options.sheet)}'; it has {listed(names)}"
            raise fail("no-such-sheet", message)
        chosen = sheets[names.index(read_options.sheet)]
    else:
        filled = [_filled(s) for s in sheets]
        chosen = sheets[int(np.argmax(filled))]
        others = [n for n, count in zip(names, filled, strict=True) if count and n != chosen.name]
        if others:
            message = (
                f"sheet '{shorten(chosen.name)}' was read because it has the most cells; the workbook also has "
                f"{listed(others)}"
            )
            findings.append(Finding("info", "sheet", message))
    numbers, rows = _rows(chosen)
    width = max(map(len, rows), default=0)
    texts = ([cell_text(row[k]) if k < len(row) else "" for row in rows] for k in range(width))
    columns = [RawColumn.of("", cells, numbers) for cells in texts]
    if not columns:
        raise fail("empty-file", f"sheet '{shorten(chosen.name)}' is empty; it has {listed(names)}")
    kind = f"{program.kind}, sheet '{chosen.name}'"
    raw = assemble(columns, findings, ".", read_options.header_row, kind=kind, sheets=names)
    marks = chosen.marks()
    raw = replace(raw, findings=(*raw.findings, *_merged(marks, raw)))
    if marks.uncalculated:
        raise CohortError([*raw.findings, _uncalculated(marks, program)])
    return raw


def _filled(sheet: Sheet) -> int:
    rows = zip(range(200), sheet.rows(), strict=False)
    return sum(sum(v is not None for v in row[:MAX_COLUMNS]) for _, (_, row) in rows)


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


def _uncalculated(marks: Marks, program: Program) -> Finding:
    """A formula that was never calculated holds no value: refused rather than read as blank."""
    message = (
        f"the formulas in {_first([cell for cell, _ in marks.uncalculated])} were never calculated; open the "
        f"file in {program.name} and save it, or paste the values"
    )
    row = marks.uncalculated[0][1]
    return Finding("error", "formula-without-value", message, row, n=len(marks.uncalculated))
