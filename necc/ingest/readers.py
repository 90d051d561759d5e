"""The door for files: a reader by content or suffix, then what the format's conventions define.

A new file format is one entry in `FORMATS`, a convention of columns one in `CONVENTIONS`. The help of the command line
and the refusal of other files are said from these; the uploaders take any file.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from necc.core.errors import Finding
from necc.core.extras import MissingExtra
from necc.core.text import joined, shorten
from necc.ingest.conventions import CONVENTIONS
from necc.ingest.excel import EXCEL, read_excel
from necc.ingest.mapping import ReadOptions
from necc.ingest.numbers import with_signs
from necc.ingest.opendocument import is_flat, read_opendocument
from necc.ingest.packed import unpacked
from necc.ingest.parquet import read_parquet
from necc.ingest.raw import MAX_BYTES, RawTable, fail
from necc.ingest.statistical import read_rds, read_sas, read_spss, read_stata, read_xport
from necc.ingest.strangers import ZIP, refuse_stranger
from necc.ingest.text import TEXT_TABLE, is_text, read_text


@dataclass(frozen=True)
class Format:
    """A file format. name: for people. holds: whether a file's content is of this format, whatever its name says."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes, ReadOptions], RawTable]
    holds: Callable[[bytes], bool] = lambda data: False


def starts(*marks: bytes) -> Callable[[bytes], bool]:
    """Content that starts with one of these."""
    return lambda data: data.startswith(marks)


def zipped(member: re.Pattern[str], start: bytes = b"") -> Callable[[bytes], bool]:
    """A zip with such a member, which starts so."""

    def holds(data: bytes) -> bool:
        if not data.startswith(ZIP):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                name = next(filter(member.fullmatch, archive.namelist()))
                with archive.open(name) as file:
                    return file.read(len(start)) == start
        except (zipfile.BadZipFile, zlib.error, EOFError, StopIteration, ValueError, OSError, RuntimeError):
            return False

    return holds


ZIPPED = zipped(re.compile("mimetype"), b"application/vnd.oasis.opendocument.spreadsheet")


def holds_opendocument(data: bytes) -> bool:
    """A spreadsheet of OpenDocument, zipped or as a single XML file."""
    return ZIPPED(data) or is_flat(data)


SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
FORMATS = (
    Format("CSV", ("csv", "tsv", "txt", "tab", "dat"), read_text),
    Format("Excel", ("xlsx", "xlsm"), read_excel, zipped(EXCEL.part)),
    Format("OpenDocument", ("ods", "fods"), read_opendocument, holds_opendocument),
    Format("SPSS", ("sav", "zsav"), read_spss, starts(b"$FL2", b"$FL3")),
    Format("Stata", ("dta",), read_stata, starts(b"<stata_dta>")),
    Format("SAS", ("sas7bdat",), read_sas, starts(SAS)),
    Format("SAS transport", ("xpt",), read_xport, starts(b"HEADER RECORD*******LIB")),
    Format("R", ("rds", "rdata", "rda"), read_rds),
    Format("Parquet", ("parquet",), read_parquet, starts(b"PAR1")),
)  # fmt: skip
SUFFIXES = {suffix: known for known in FORMATS for suffix in known.suffixes}
DISGUISED = (*(s for known in FORMATS if known.read is not read_text for s in known.suffixes), "xls")
"""Suffixes under which programs save text."""


def formats_in_words() -> str:
    """The formats and conventions that are read, for people."""
    return joined([*(known.name for known in FORMATS), *CONVENTIONS], "or")


def read_raw(data: bytes, filename: str, read_options: ReadOptions | None = None, codebook: bytes = b"") -> RawTable:
    """Reads a file by what it holds, else by its suffix; of a packed one the table in it.

    codebook: a REDCap data dictionary (CSV) that explains the file's codes.

    Raises:
        CohortError: the file can't be read as a table; the findings say why.
    """
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 2**20, MAX_BYTES / 2**20
        raise fail("file-too-large", f"the file has {size:,.0f} MB; at most {limit:,.0f} MB are read")
    known, told = _holder(data), tuple[Finding, ...]()
    if known is None:
        data, filename, told = unpacked(data, filename, SUFFIXES)
        known = _holder(data)
    suffix = filename.rsplit(".", 1)[-1].lower() if "." in filename else "csv"
    if known is None:
        refuse_stranger(data, suffix)
    read_options = read_options or ReadOptions()
    try:
        raw = (known or _by_suffix(data, suffix)).read(data, read_options)
    except MissingExtra as error:
        raise fail("missing-extra", str(error)) from None
    raw = replace(raw, findings=(*told, *raw.findings)) if told else raw
    if known is None and suffix in DISGUISED and raw.kind.startswith(TEXT_TABLE):
        message = f"despite its name (.{suffix}), the file is a {raw.kind}, and was read as such"
        raw = replace(raw, findings=(Finding("info", "suffix", message), *raw.findings))
    return understood(raw, read_options, codebook)


def understood(raw: RawTable, read_options: ReadOptions, codebook: bytes = b"") -> RawTable:
    """A table as the conventions of known formats and the signs of its numbers say, wherever it came from.

    Raises:
        CohortError: a convention that it follows can't be read so.
    """
    for convention in CONVENTIONS.values():
        raw = convention(raw, codebook, read_options)
    return with_signs(raw, read_options)


def _holder(data: bytes) -> Format | None:
    """The format that the content is of, whatever its name says."""
    return next((f for f in FORMATS if f.holds(data)), None)


def _by_suffix(data: bytes, suffix: str) -> Format:
    """The format of a file whose content doesn't tell.

    Raises:
        CohortError: none that is read.
    """
    if suffix in DISGUISED and is_text(data):
        return FORMATS[0]
    known = SUFFIXES.get(suffix)
    if known is None:
        names = joined(sorted(SUFFIXES), "or")
        raise fail("unknown-format", f"files ending in .{shorten(suffix, 20)} are not read; save the table as {names}")
    if known.read is read_text and data.startswith(ZIP):
        message = "the file is a zip file without a workbook, or a damaged one; save the table itself as CSV or .xlsx"
        raise fail("unreadable-file", message)
    return known
