"""Standard output and error as they may be: closed, full, or of an encoding without the signs that answers hold."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys

PLAIN = {"–": "-", "—": "-", "−": "-", "×": "x", "≤": "<=", "≥": ">=", "’": "'", "…": "...", "·": ".", "†": "+"}
"""Signs of answers in letters that every terminal has; the others become a question mark."""
UNWRITABLE = (errno.ENOSPC, errno.EBADF, errno.EIO, errno.EFBIG, errno.EDQUOT)


class Closed(io.TextIOBase):
    """Standard output that whoever started this has closed: what isn't written there is no fault."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        raise OSError(errno.EBADF, "it is closed; -o FILE writes a file")


def writable() -> None:
    """Makes both streams take every text, and say so where they take none."""
    codecs.register_error("necc", _plain)
    if sys.stdout is None:
        sys.stdout = Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it stays open as long as the program
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="necc")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def escaped(text: str) -> str:
    """JSON as standard output takes it: signs that its encoding lacks are written by their number.

    Example:
        >>> escaped('{"level": "≤ 50"}') in ('{"level": "≤ 50"}', '{"level": "\\\\u2264 50"}')
        True
    """
    import json
    import re

    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return re.sub(r"[^\x00-\x7f]", lambda sign: json.dumps(sign[0])[1:-1], text)
    return text


def of_output(error: OSError) -> bool:
    """Whether an error is of a stream: those of files say which file."""
    return error.filename is None and error.errno in UNWRITABLE


def let_go() -> None:
    """What is still held back for standard output goes nowhere: Python would complain of it at the end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        return
