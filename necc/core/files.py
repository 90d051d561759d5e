"""Files that are written: none is written over unless that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from necc.core.errors import AnalysisError
from necc.core.text import joined


def suffix_of(path: str | Path, allowed: Sequence[str]) -> str:
    """A file's suffix in small letters, without its dot.

    Raises:
        AnalysisError: it is none of those allowed.

    Example:
        >>> from necc.core.files import suffix_of
        >>> suffix_of("curves.PDF", ("svg", "pdf"))
        'pdf'
    """
    if not isinstance(path, str | PathLike):
        raise AnalysisError(f'a file is written to a path, such as "curves.svg"; found {type(path).__name__}')
    found = Path(path).suffix.lower().removeprefix(".").replace("tif", "tiff").replace("tifff", "tiff")
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
    try:
        with path.open("wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise AnalysisError(f"'{path.name}' is there already; force=True writes over it") from None
    except FileNotFoundError:
        raise AnalysisError(f"'{path.name}' can't be written: there is no folder '{path.parent}'") from None
    except OSError as problem:
        raise AnalysisError(f"'{path.name}' can't be written: {problem.strerror}") from None
    return path
