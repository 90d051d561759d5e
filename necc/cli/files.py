"""Every file that a command writes is written here: over nothing that is there, and whole or not at all."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from necc.core.errors import NeccError
from necc.core.files import is_device, written_beside

INPUTS = (
    "file", "mapping", "project", "edits", "codebook", "settings", "dictionary", "before", "recipe", "project_file",
    "lesson_file", "proposal", "ledger", "sign",
)  # fmt: skip
"""Options that name what is read, beside `files`."""
LONGEST = 120  # characters of a name; file systems take 255 bytes


class Unwritten(NeccError):
    """A file wasn't written, and why."""


def refuse_taken(options: argparse.Namespace, paths: Iterable[Path], why: str = "") -> None:
    """Refuses to write over what is there, unless --force says so; asked before anything is computed.

    Args:
        paths: the files that are to be written.
        why: what may be lost, as ", perhaps edited by hand".

    Raises:
        Unwritten: one of them is there, or is what the command reads.
    """
    paths = [*paths]
    refuse_inputs(options, paths)
    taken = [path for path in paths if path.exists() and not is_device(path)]
    if taken and not getattr(options, "force", False):
        raise Unwritten(f"{taken[0]} is there already{why}; --force writes over it")


def refuse_inputs(options: argparse.Namespace, paths: Iterable[Path]) -> None:
    """Refuses to write over what the command reads, by whatever name, and also where --force is given.

    Raises:
        Unwritten: one of them is a file that is read.
    """
    given = vars(options)
    named = [
        *(given.get(name) for name in INPUTS),
        *(given.get("files") or ()),
        *(given.get("replies") or ()),
        *(given.get("centre_file") or ()),
    ]
    paths_read = [Path(one) for one in named if one and isinstance(one, str | Path) and str(one) != "-"]
    read = [path for path in paths_read if path.exists()]
    for path in paths:
        if path.exists() and not is_device(path) and any(path.samefile(one) for one in read):
            raise Unwritten(f"{path} is read by this command, and isn't written over, not even with --force; "
                            "name another file")  # fmt: skip


def write(
    options: argparse.Namespace, files: Mapping[Path, bytes], what: str = "", why: str = "", folders: bool = False
) -> None:
    """Writes files: all of them, or none.

    Args:
        files: what each path is to hold.
        what: what they are, as "the picture"; by default the path itself stands in the refusal.
        why: as `refuse_taken` takes it.
        folders: makes those that aren't there; a folder that a person named in a path may be mistyped.

    Raises:
        Unwritten: one is there already, or can't be written.
    """
    refuse_taken(options, files, why)
    beside: dict[Path, Path] = {}
    path = Path()
    try:
        for path, content in files.items():
            if not is_device(path):
                if folders:
                    path.parent.mkdir(parents=True, exist_ok=True)
                beside[path] = written_beside(path.resolve(), content)
        for path, content in files.items():
            if path in beside:
                beside[path].replace(path.resolve())  # a link stays, and what it leads to is written
            else:
                path.write_bytes(content)
    except OSError as error:
        raise Unwritten(f"{what or path} can't be written: {error.strerror or 'unknown reason'}") from None
    finally:
        for left in beside.values():
            left.unlink(missing_ok=True)


def telling_name(parts: Iterable[str], taken: set[str]) -> str:
    """A name for a file, without its ending: of letters, digits and signs that every system takes, once in a folder.

    Example:
        >>> telling_name(["cohort", "km", "OS", "age_years>50"], set())
        'cohort-km-OS-age_years_50'
    """
    safe = (re.sub(r"[^\w.-]+", "_", part).strip("_.-") for part in parts)
    name = unique = "-".join(filter(None, safe))[:LONGEST]
    number = 1
    while unique.casefold() in taken:
        number += 1
        unique = f"{name}-{number}"
    taken.add(unique.casefold())
    return unique
