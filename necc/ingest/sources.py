"""The bytes of what is given in Python: a path, bytes, or a file that is open, of bytes or of text."""

from __future__ import annotations

import io
import lzma
import os
import re
import zlib
from pathlib import Path
from typing import IO, Any, TypeAlias

from necc.core.errors import CohortError
from necc.core.text import shorten
from necc.ingest.raw import MAX_BYTES, fail

Data: TypeAlias = "bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes] | IO[str]"
ADDRESS = re.compile(r"[a-z][a-z0-9+]{1,9}://", re.IGNORECASE)
CHUNK = 2**22
BROKEN = (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)  # what an open file fails with on the way


def bytes_of(source: Data) -> tuple[bytes, str]:
    """The content of a file, however it is given, and the file's name; blank where it has none.

    Raises:
        CohortError: it can't be read, or is larger than what is read; the finding says how to mend it.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), ""
    if isinstance(source, str | os.PathLike):
        return _of_path(os.fspath(source))
    if hasattr(source, "read"):
        return _of_buffer(source), _name(source)
    message = (
        f"a path, bytes, an open file or a data frame is needed; what was given is of the type {type(source).__name__}"
    )
    raise fail("unreadable-file", message)


def _of_path(path: str) -> tuple[bytes, str]:
    if "\n" in path or "\0" in path:
        message = (
            "a path is needed, and the text given has several lines; if it is the table itself, give text.encode()"
        )
        raise fail("unreadable-file", message)
    if ADDRESS.match(path):
        message = (
            "an address on the network isn't read, as a file of patients stays where it is; save it and give its path"
        )
        raise fail("unreadable-file", message)
    if os.path.isdir(path):
        message = f"'{shorten(Path(path).name or path)}' is a folder; name the file in it, or read each file by itself"
        raise fail("unreadable-file", message)
    try:
        with open(path, "rb") as file:
            return _within(file), Path(path).name
    except CohortError:
        raise
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", "") or "unknown reason"
        raise fail("unreadable-file", f"the file '{shorten(Path(path).name)}' can't be opened: {why}") from None


def _of_buffer(file: Any) -> bytes:
    if getattr(file, "closed", False):
        raise fail("unreadable-file", "the open file that was given is closed; open it again, or give its path")
    try:
        data = _within(file)
    except CohortError:
        raise
    except BROKEN as error:
        why = "it isn't open to read" if isinstance(error, io.UnsupportedOperation) else "it ends early or is damaged"
        told = f"the open file that was given can't be read ({type(error).__name__}): {why}"
        message = f"{told}; open it anew, or give its path"
        raise fail("unreadable-file", message) from None
    if not data and _place(file):
        raise fail("empty-file", "the open file that was given was read to its end before; go back by file.seek(0)")
    return data


def _within(file: Any) -> bytes:
    """All bytes of a file, a text's as UTF-8; never more than what is read of a file, whatever it holds."""
    parts, size = [], 0
    while part := file.read(CHUNK):
        if not isinstance(part, str | bytes | bytearray | memoryview):
            raise fail("unreadable-file", f"the open file gives {type(part).__name__}, not bytes or text")
        parts.append(part.encode("utf-8", "surrogatepass") if isinstance(part, str) else bytes(part))
        size += len(parts[-1])
        if size > MAX_BYTES:
            raise fail("file-too-large", f"the file has more than {MAX_BYTES / 2**20:,.0f} MB, the most that is read")
    return b"".join(parts)


def _place(file: Any) -> int:
    try:
        return int(file.tell())
    except (AttributeError, OSError, ValueError, TypeError):
        return 0


def _name(file: Any) -> str:
    """The name of an open file; standard input and files without a path have none."""
    name = getattr(file, "name", "")
    return Path(name).name if isinstance(name, str) and not name.startswith("<") else ""
