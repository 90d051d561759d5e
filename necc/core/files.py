"""Files that are written: whole or not at all, and none over another unless that is asked for."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Literal, get_args

from necc.core.errors import AnalysisError
from necc.core.text import joined

FileKind = Literal["svg", "png", "pdf", "tiff"]
PICTURES: tuple[FileKind, ...] = get_args(FileKind)
"""What a figure is written as, by the file's suffix."""


def ending(path: Path) -> str:
    """A file's suffix in small letters, without its dot; .tif is .tiff."""
    found = path.suffix.lower().removeprefix(".")
    return "tiff" if found == "tif" else found


def suffix_of(path: str | Path, allowed: Sequence[str]) -> str:
    """A file's suffix, as `ending` reads it.

    Raises:
        AnalysisError: it is none of those allowed.

    Example:
        >>> from necc.core.files import suffix_of
        >>> suffix_of("curves.PDF", ("svg", "pdf"))
        'pdf'
    """
    if not isinstance(path, str | PathLike):
        raise AnalysisError(f'a file is written to a path, such as "curves.svg"; found {type(path).__name__}')
    found = ending(Path(path))
    if found not in allowed:
        kind = f"no file of the kind '.{found}' is written" if found else "the file's name has no suffix"
        raise AnalysisError(f"'{Path(path).name}': {kind}; there are {joined([f'.{name}' for name in allowed])}")
    return found


def write_new(path: str | Path, data: bytes, force: bool = False) -> Path:
    """Writes a file, over one that is there only with `force`.

    Raises:
        AnalysisError: there is one, or it can't be written; the message says why.
    """
    path = Path(path)
    if path.exists() and not force:
        raise AnalysisError(f"'{path.name}' is there already; force=True writes over it")
    try:
        write_whole(path, data)
    except FileNotFoundError:
        raise AnalysisError(f"'{path.name}' can't be written: there is no folder '{path.parent}'") from None
    except OSError as problem:
        raise AnalysisError(f"'{path.name}' can't be written: {problem.strerror}") from None
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file in one step, so that what was there stays where it can't be.

    A link stays a link, and what it leads to is written.

    Raises:
        OSError: it can't be written.

    Example:
        >>> from pathlib import Path
        >>> from necc.core.files import write_whole
        >>> write_whole(Path("curves.txt"), b"curves")
        >>> Path("curves.txt").read_text()
        'curves'
    """
    if is_device(path):
        path.write_bytes(content)
        return
    beside = written_beside(path.resolve(), content)
    try:
        beside.replace(path.resolve())
    finally:
        beside.unlink(missing_ok=True)


def written_beside(path: Path, content: bytes) -> Path:
    """A file in the same folder that takes the name of `path` in one step."""
    from tempfile import NamedTemporaryFile

    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with NamedTemporaryFile(dir=path.parent, prefix=".necc-", delete=False) as file:
        written = Path(file.name)
        try:
            file.write(content)
            file.flush()
            written.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_mask())
        except OSError:  # such as a full disk: half a file isn't left behind
            written.unlink(missing_ok=True)
            raise
    return written


def _mask() -> int:
    """What new files of this person aren't allowed."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def is_device(path: Path) -> bool:
    """Whether a path is no file that could be lost, such as /dev/stdout."""
    return path.exists() and not path.is_file() and not path.is_dir()
