"""Packed tables: gzip, bzip2, xz, Zstandard, a zip with one table; never more than what is read of a file."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Collection, Sequence

from necc.core.errors import CohortError, Finding
from necc.core.extras import MissingExtra, need
from necc.core.text import shorten
from necc.ingest.raw import MAX_BYTES, fail, listed
from necc.ingest.strangers import PACKED, ZIP

ZSTANDARD = b"\x28\xb5\x2f\xfd"
MAX_MEMORY = 2**28  # that unpacking may ask for: xz and Zstandard let a file say how much
SUFFIXES = ("gz", "gzip", "bz2", "xz", "zst", "zstd", "zip")
R_FILES = ("rds", "rda", "rdata")  # R packs its own so


def unpacked(data: bytes, filename: str, tables: Collection[str]) -> tuple[bytes, str, tuple[Finding, ...]]:
    """The table in a packed file with its name, and what is to be told; the file as it is where it isn't packed.

    tables: suffixes of files that are tables.

    Raises:
        CohortError: it is damaged or ends early, is larger inside than what is read, or needs a password.
    """
    plain, _, suffix = filename.rpartition(".")
    inner = plain if suffix.lower() in SUFFIXES else filename
    if data.startswith(ZIP):
        return _of_zip(data, filename, tables)
    if data.startswith(ZSTANDARD):
        return _whole("Zstandard", _zstandard, data), inner, ()
    name = next((name for start, name in PACKED if data.startswith(start)), "")
    if not name or suffix.lower() in R_FILES:
        return data, filename, ()
    return _whole(name, WAYS[name], data), inner, ()


def _whole(name: str, unpack: Callable[[bytes], bytes], data: bytes) -> bytes:
    try:
        content = unpack(data)
    except (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError) as error:  # pyarrow's are ValueError or OSError
        asks = isinstance(error, lzma.LZMAError) and "memory" in str(error).casefold()
        why = "asks for more memory than is given to it" if asks else "ends early or is damaged"
        message = (
            f"the file is packed by {name} and {why}; copy it again, or unpack it and load the table that is in it"
        )
        raise fail("unreadable-file", message) from None
    if len(content) > MAX_BYTES:
        message = f"the file is packed by {name} and holds more than {MAX_BYTES / 2**20:,.0f} MB, the most that is read"
        raise fail("file-too-large", message)
    return content


def _gzip(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return file.read(MAX_BYTES + 1)


def _bzip2(data: bytes) -> bytes:
    with bz2.BZ2File(io.BytesIO(data)) as file:
        return file.read(MAX_BYTES + 1)


def _xz(data: bytes) -> bytes:
    parts, size = [], 0
    while data:  # several streams may follow each other
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY)
        parts.append(stream.decompress(data, MAX_BYTES + 1 - size))
        size += len(parts[-1])
        if size > MAX_BYTES:
            break
        if not stream.eof:
            raise EOFError
        data = stream.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _zstandard(data: bytes) -> bytes:
    try:
        need("pyarrow", "engine", "unpacking Zstandard", "or unpack the file and load the table that is in it")
    except MissingExtra as error:
        raise fail("missing-extra", str(error)) from None
    import pyarrow as pa

    parts, size = [], 0
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as file:
        while size <= MAX_BYTES and (part := file.read(2**22)):
            parts.append(part)
            size += len(part)
    return b"".join(parts)


WAYS: dict[str, Callable[[bytes], bytes]] = {"gzip": _gzip, "bzip2": _bzip2, "xz": _xz}


def _of_zip(data: bytes, filename: str, tables: Collection[str]) -> tuple[bytes, str, tuple[Finding, ...]]:
    """The only table of an archive; the archive as it is where there is none, or more than one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            held = [m for m in archive.infolist() if not m.is_dir() and not _of_the_system(m.filename)]
            alone = _tables(held, tables)
            if len(alone) != 1:
                return data, filename, ()
            member = alone[0]
            if member.flag_bits & 1:
                raise fail("encrypted", "the zip archive has a password; unpack it and load the table that is in it")
            if member.file_size > MAX_BYTES:
                size, limit = member.file_size / 2**20, MAX_BYTES / 2**20
                raise fail("file-too-large", f"the zip archive holds {size:,.0f} MB; at most {limit:,.0f} MB are read")
            with archive.open(member) as file:
                content = file.read(MAX_BYTES + 1)
    except CohortError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        if not filename.lower().endswith(".zip"):
            return data, filename, ()  # a workbook, of which its reader says what is damaged
        message = (
            "the zip archive ends early or is damaged; copy it again, or unpack it and load the table that is in it"
        )
        raise fail("unreadable-file", message) from None
    name = member.filename.rpartition("/")[2]
    others = [m.filename for m in held if m is not member]
    beside = f"; {listed(others, 3)} beside it {'was' if len(others) == 1 else 'were'} left alone" if others else ""
    told = Finding("info", "packed", f"'{shorten(name)}' was read out of the zip archive{beside}")
    return content, name, (told,)


def _tables(held: Sequence[zipfile.ZipInfo], tables: Collection[str]) -> list[zipfile.ZipInfo]:
    """The members that are tables by their suffix."""
    return [m for m in held if m.filename.rpartition(".")[2].lower() in tables]


def _of_the_system(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
