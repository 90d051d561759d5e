"""The door for files: a reader by content or suffix, then what the format's conventions define.

A new file format is one entry in `FORMATS`, a convention of columns one in `CONVENTIONS`. What the uploader takes, the
help of the command line and the refusal of other files are said from these.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from necc.core.text import joined, shorten
from necc.ingest.conventions import CONVENTIONS
from necc.ingest.excel import read_excel
from necc.ingest.mapping import ReadOptions
from necc.ingest.opendocument import read_opendocument
from necc.ingest.parquet import read_parquet
from necc.ingest.raw import MAX_BYTES, RawTable, fail
from necc.ingest.statistical import read_rds, read_sas, read_spss, read_stata, read_xport
from necc.ingest.text import read_text


@dataclass(frozen=True)
class Format:
    """A file format. name: for people. holds: whether a file's content is of this format, whatever its name says."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes, ReadOptions], RawTable]
    holds: Callable[[bytes], bool] = lambda data: False


ZIP = b"PK\x03\x04"


def starts(*marks: bytes) -> Callable[[bytes], bool]:
    """Content that starts with one of these."""
    return lambda data: data.startswith(marks)


def zipped(member: str, start: bytes = b"") -> Callable[[bytes], bool]:
    """A zip with this member, which starts so."""

    def holds(data: bytes) -> bool:
        if not data.startswith(ZIP):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(member) as file:
                return file.read(len(start)) == start
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError, RuntimeError):
            return False

    return holds


FORMATS = (
    Format("CSV", ("csv", "tsv", "txt", "tab"), read_text),
    Format("Excel", ("xlsx", "xlsm"), read_excel, zipped("xl/workbook.xml")),
    Format("OpenDocument", ("ods",), read_opendocument,
           zipped("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")),
    Format("SPSS", ("sav", "zsav"), read_spss, starts(b"$FL2", b"$FL3")),
    Format("Stata", ("dta",), read_stata, starts(b"<stata_dta>")),
    Format("SAS", ("sas7bdat",), read_sas),
    Format("SAS transport", ("xpt",), read_xport, starts(b"HEADER RECORD*******LIB")),
    Format("R", ("rds", "rdata", "rda"), read_rds),
    Format("Parquet", ("parquet",), read_parquet, starts(b"PAR1")),
)  # fmt: skip
SUFFIXES = {suffix: known for known in FORMATS for suffix in known.suffixes}
NO_TABLES = (
    (b"%pdf", "a PDF"), (b"<!doctype html", "a web page (HTML)"), (b"<html", "a web page (HTML)"),
    (b"<table", "a web page (HTML)"), (b"<?xml", "an XML file"), (b"{\\rtf", "a text document (RTF)"),
    (b'{"', "a JSON file"), (b"[{", "a JSON file"),
)  # fmt: skip
OLE = b"\xd0\xcf\x11\xe0"


def formats_in_words() -> str:
    """The formats and conventions that are read, for people."""
    return joined([*(known.name for known in FORMATS), *CONVENTIONS], "or")


def read_raw(data: bytes, filename: str, read_options: ReadOptions | None = None, codebook: bytes = b"") -> RawTable:
    """Reads a file by what it holds, else by its suffix.

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
        message = f"despite its name, the file is {what}, not a table; save the table itself as CSV or .xlsx"
        raise fail("not-a-table", message)
    raw = _format(data, filename).read(data, read_options or ReadOptions())
    for convention in CONVENTIONS.values():
        raw = convention(raw, codebook)
    return raw


def _format(data: bytes, filename: str) -> Format:
    """The format of a file.

    Raises:
        CohortError: none that is read.
    """
    suffix = filename.rsplit(".", 1)[-1].lower() if "." in filename else "csv"
    known = next((f for f in FORMATS if f.holds(data)), None) or SUFFIXES.get(suffix)
    if known is None:
        names = joined(sorted(SUFFIXES), "or")
        raise fail("unknown-format", f"files ending in .{shorten(suffix, 20)} are not read; save the table as {names}")
    if known.read is read_text and data.startswith(ZIP):
        message = "the file is a zip file without a workbook, or a damaged one; save the table itself as CSV or .xlsx"
        raise fail("unreadable-file", message)
    return known
