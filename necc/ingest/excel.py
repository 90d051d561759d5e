"""Excel workbooks, by openpyxl."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import RawTable
from necc.ingest.workbook import Marks, Program, Sheet, opened, read_sheet

EXCEL = Program("Excel", "Excel workbook", "xlsx", "xl/workbook.xml")
FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


def read_excel(data: bytes, read_options: ReadOptions) -> RawTable:
    """The fullest sheet of a workbook, or the one that was chosen.

    Raises:
        CohortError: the workbook or the sheet can't be read; the findings say why.
    """
    import openpyxl

    with opened(data, EXCEL) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that are not read
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        raw = read_sheet([_sheet(s, archive) for s in book.worksheets], read_options, EXCEL)
        book.close()
        return raw


def _sheet(sheet: Any, archive: zipfile.ZipFile) -> Sheet:
    def rows() -> Iterator[tuple[int, tuple[object, ...]]]:
        sheet.reset_dimensions()  # what a workbook says of its own size isn't always so
        return enumerate(sheet.iter_rows(values_only=True), start=1)

    def marks() -> Marks:
        path = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
        xml = archive.read(path) if path in archive.namelist() else b""
        merged = [(f"{a.decode()}{int(b)}:{c.decode()}{int(d)}", int(b), int(d)) for a, b, c, d in MERGED.findall(xml)]
        return Marks(merged, [(f"{a.decode()}{int(b)}", int(b)) for a, b in FORMULA.findall(xml)])

    return Sheet(sheet.title, rows, marks)
