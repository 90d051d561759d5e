"""What was transcribed from papers, as data that ships, and files of the same kinds that a person brings."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def shipped_text(name: str) -> str:
    """The text of a file of the folder `data`."""
    return resources.files("necc.paper").joinpath("data", name).read_text("utf-8")


def file_text(path: str | Path) -> str:
    """The text of a person's file, with or without a byte order mark.

    Raises:
        OSError: the file can't be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    return Path(path).read_bytes().decode("utf-8-sig")
