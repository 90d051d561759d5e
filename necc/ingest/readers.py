"""The door for files: a reader by suffix or content, then what the format's conventions define.

A new file format is one entry in `READERS`, a convention of columns one in `CONVENTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable

from necc.core.text import joined, shorten
from necc.ingest.conventions import CONVENTIONS
from necc.ingest.excel import read_excel
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import MAX_BYTES, RawColumn, RawTable, fail
from necc.ingest.statistical import read_rds, read_sas, read_spss, read_stata, read_xport
from necc.ingest.text import read_text

__all__ = ["MAX_BYTES", "READERS", "RawColumn", "RawTable", "fail", "read_raw"]

READERS: dict[str, Callable[[bytes, ReadOptions], RawTable]] = {
    "csv": read_text, "tsv": read_text, "txt": read_text, "tab": read_text, "xlsx": read_excel, "xlsm": read_excel,
    "sav": read_spss, "zsav": read_spss, "dta": read_stata, "sas7bdat": read_sas, "xpt": read_xport, "rds": read_rds,
    "rdata": read_rds, "rda": read_rds,
}  # fmt: skip
STARTS = ((b"PK\x03\x04", "xlsx"), (b"$FL2", "sav"), (b"$FL3", "zsav"), (b"<stata_dta>", "dta"),
          (b"HEADER RECORD*******LIB", "xpt"))  # fmt: skip
NO_TABLES = (
    (b"%pdf", "a PDF"), (b"<!doctype html", "a web page (HTML)"), (b"<html", "a web page (HTML)"),
    (b"<table", "a web page (HTML)"), (b"<?xml", "an XML file"), (b"{\\rtf", "a text document (RTF)"),
    (b'{"', "a JSON file"), (b"[{", "a JSON file"),
)  # fmt: skip
OLE = b"\xd0\xcf\x11\xe0"


def read_raw(data: bytes, filename: str, read_options: ReadOptions | None = None, codebook: bytes = b"") -> RawTable:
    """Reads a file by what it starts with, else by its suffix.

    codebook: a REDCap data dictionary (CSV) that explains the file's codes.

    Raises:
        CohortError: the file can't be read as a table; the findings say why.
    """
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 2**20, MAX_BYTES / 2**20
        raise fail("file-too-large", f"the file has {size:,.0f} MB; at most {limit:,.0f} MB are read")
    if data.startswith(OLE):
        message = "an old .xls workbook, or one with a password; save it as .xlsx without a password, or as CSV"
        raise fail("unknown-format", message)
    start = data[:256].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if what := next((what for mark, what in NO_TABLES if start.startswith(mark)), ""):
        message = f"the file is {what}, whatever its name says, not a table; save the table itself as CSV or .xlsx"
        raise fail("not-a-table", message)
    suffix = next((s for mark, s in STARTS if data.startswith(mark)), "")
    suffix = suffix or (filename.rsplit(".", 1)[-1].lower() if "." in filename else "csv")
    reader = READERS.get(suffix)
    if reader is None:
        known = joined(sorted(READERS), "or")
        raise fail("unknown-format", f"files ending in .{shorten(suffix, 20)} are not read; save the table as {known}")
    raw = reader(data, read_options or ReadOptions())
    for convention in CONVENTIONS:
        raw = convention(raw, codebook)
    return raw
