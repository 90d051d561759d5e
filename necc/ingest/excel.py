"""Excel workbooks: opened only after their zip has been weighed; one sheet as a raw table."""

from __future__ import annotations

import io
import re
import time
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from datetime import time as clock
from typing import Any

import numpy as np

from necc.core.errors import CohortError, Finding
from necc.core.text import joined, plural, shorten
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import MAX_COLUMNS, RawColumn, RawTable, assemble, fail, listed, too_many_columns

MAX_MEMBERS = 2_000
MAX_UNPACKED = 200 * 2**20
MAX_RATIO = 200
RATIO_FROM = 20 * 2**20
MAX_CELLS = 6_000_000
MAX_SECONDS = 120
FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
SAVE_CSV = "save the sheet as CSV (UTF-8) and load that"


def read_excel(data: bytes, read_options: ReadOptions) -> RawTable:
    """The fullest sheet of a workbook, or the one that was chosen.

    Raises:
        CohortError: the workbook or the sheet can't be read; the findings say why.
    """
    import openpyxl

    with _weighed(data) as archive:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions that are not read
                book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
                raw = _sheet(book, archive, read_options)
                book.close()
                return raw
        except CohortError:
            raise
        except Exception as error:  # noqa: BLE001 - a damaged workbook fails in a hundred ways
            how = f"open it in Excel and save it again, or {SAVE_CSV}"
            raise fail("unreadable-file", f"the workbook can't be read ({type(error).__name__}); {how}") from None


def _weighed(data: bytes) -> zipfile.ZipFile:
    """The workbook's zip, refused where it would unpack to too much.

    Raises:
        CohortError: no workbook, or one that is larger inside than it looks.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise fail("unreadable-file", f"the file is not a readable .xlsx workbook; {SAVE_CSV}") from None
    unpacked = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED:
        message = (
            f"the workbook unpacks to {unpacked / 2**20:,.0f} MB in {plural(len(members), 'part')}; at most "
            f"{MAX_UNPACKED // 2**20} MB are opened: {SAVE_CSV}"
        )
        raise fail("workbook-too-large", message)
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(len(data), 1):
        raise fail("workbook-too-large", f"the workbook is packed suspiciously tight, so it is not opened; {SAVE_CSV}")
    if any(m.flag_bits & 1 for m in members):
        raise fail("encrypted", "the workbook is protected by a password; save it without one")
    if "xl/workbook.xml" not in archive.namelist():
        raise fail("unreadable-file", f"the zip file is not an Excel workbook; {SAVE_CSV}")
    return archive


def _sheet(book: Any, archive: zipfile.ZipFile, read_options: ReadOptions) -> RawTable:
    sheets = book.worksheets
    names = tuple(s.title for s in sheets)
    if not sheets:
        raise fail("no-sheet", "the workbook has no sheet with cells")
    findings: list[Finding] = []
    if read_options.sheet:
        if read_options.sheet not in names:
            raise fail(
                "no-such-sheet", f"the workbook has no sheet '{shorten(read_options.sheet)}'; it has {listed(names)}"
            )
        chosen = sheets[names.index(read_options.sheet)]
    else:
        filled = [_filled(s) for s in sheets]
        chosen = sheets[int(np.argmax(filled))]
        others = [n for n, count in zip(names, filled, strict=True) if count and n != chosen.title]
        if others:
            message = (
                f"sheet '{shorten(chosen.title)}' was read, the one with most cells; there is also {listed(others)}"
            )
            findings.append(Finding("info", "sheet", message))
    numbers, rows = _rows(chosen)
    width = max(map(len, rows), default=0)
    texts = ([_text(row[k]) if k < len(row) else "" for row in rows] for k in range(width))
    columns = [RawColumn.of("", cells, numbers) for cells in texts]
    if not columns:
        raise fail("empty-file", f"sheet '{shorten(chosen.title)}' is empty; it has {listed(names)}")
    kind = f"Excel workbook, sheet '{chosen.title}'"
    raw = assemble(columns, findings, ".", read_options.header_row, kind=kind, sheets=names)
    path = str(getattr(chosen, "_worksheet_path", "")).lstrip("/")
    xml = archive.read(path) if path in archive.namelist() else b""
    return _with_formulas(replace(raw, findings=(*raw.findings, *_merged(xml, raw))), xml)


def _filled(sheet: Any) -> int:
    return sum(sum(v is not None for v in row[:MAX_COLUMNS]) for _, row in zip(range(200), _cells(sheet), strict=False))


def _cells(sheet: Any) -> Iterator[tuple]:
    sheet.reset_dimensions()  # what a workbook says of its own size isn't always so
    return sheet.iter_rows(values_only=True)


def _rows(sheet: Any) -> tuple[np.ndarray, list[tuple]]:
    """Rows that hold anything, without the blanks at their end, and their numbers.

    Raises:
        CohortError: too many columns or cells, or a sheet that takes too long.
    """
    deadline = time.perf_counter() + MAX_SECONDS
    numbers, rows, cells = [], [], 0
    for number, row in enumerate(_cells(sheet), start=1):
        last = next((k for k in range(len(row), 0, -1) if row[k - 1] is not None), 0)
        if not last:
            continue
        if last > MAX_COLUMNS:
            raise CohortError([too_many_columns(last)])
        cells += last
        if cells > MAX_CELLS or (number % 512 == 0 and time.perf_counter() > deadline):
            raise fail(
                "workbook-too-large", f"a sheet of more than {MAX_CELLS:,} cells takes too long here; {SAVE_CSV}"
            )
        numbers.append(number)
        rows.append(row[:last])
    return np.array(numbers, dtype=np.int64), rows


def _text(value: object) -> str:
    """A cell as text: 15 digits as Excel shows them, dates as year-month-day."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return format(value, ".15g")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == clock() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _first(cells: list[str]) -> str:
    return joined(cells[:5]) + (" and more" if len(cells) > 5 else "")


def _merged(xml: bytes, raw: RawTable) -> list[Finding]:
    """Merged cells below the header: only the first holds the value, so the others read as blank."""
    first = int(raw.rows[0]) if len(raw.rows) else 1
    spans = [(a.decode(), int(b), c.decode(), int(d)) for a, b, c, d in MERGED.findall(xml)]
    ranges = [f"{a}{b}:{c}{d}" for a, b, c, d in spans if d >= first - 1]
    if not ranges:
        return []
    row = min(b for _, b, _, d in spans if d >= first - 1)
    message = (
        f"merged cells {_first(ranges)}: only the first of each holds the value, "
        "the others are blank; unmerge them and fill the value down"
    )
    return [Finding("warning", "merged-cells", message, row, n=len(ranges))]


def _with_formulas(raw: RawTable, xml: bytes) -> RawTable:
    """A formula that was never calculated holds no value: refused rather than read as blank."""
    cells = [f"{a.decode()}{b.decode()}" for a, b in FORMULA.findall(xml)]
    if cells:
        message = (
            f"the formulas in {_first(cells)} were never calculated; open the "
            "file in Excel and save it, or paste the values"
        )
        row = int(re.sub(r"\D", "", cells[0]))
        raise CohortError([*raw.findings, Finding("error", "formula-without-value", message, row, n=len(cells))])
    return raw
