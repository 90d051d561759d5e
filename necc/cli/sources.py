"""Tables in a database, and files too large to load, where a command takes FILE: they answer by counts."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from necc.cli.io import Usage, beside, bytes_of, dictionary, on_last_line
from necc.core.errors import CohortError, Finding
from necc.core.text import format_number

if TYPE_CHECKING:
    from necc.core.cohort import Cohort

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
WHOLE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(?:[^/?#]*@)?([^?#]*)")  # of an address, without who asks
OF_A_FILE = ("id", "time", "event", "sites", "edits", "project", "codebook", "sheet", "header_row")
OF_A_SOURCE = {"engine": "--engine", "table": "--table", "time_limit": "--time-limit", "memory_limit": "--memory-limit"}


class Address(str):
    """Where a database is; its name leaves out who asks, and with which password."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """`postgresql://host/db`, of whatever the address says beside.

        Example:
            >>> Address("postgres://ann:secret@host/db?sslmode=require").name
            'postgres://host/db'
        """
        found = WHOLE.match(self)
        return f"{found[1]}{found[2]}" if found else "a database"


def cohort_place(text: str) -> Path | Address:
    """A file of patients, or the address of a database."""
    return Address(text) if SCHEME.match(text) else Path(text)


def is_source(options: argparse.Namespace) -> bool:
    """Whether the file that the options name is asked for counts, instead of being read.

    It is where it is a database, a folder or several files of Parquet, or too large to load; or where an option says
    so.
    """
    file = options.file
    if isinstance(file, Address) or _named(options):
        return True
    if str(file) == "-":
        return False
    from necc.engine import is_large

    return "*" in file.name or is_large(file)


def _named(options: argparse.Namespace) -> list[str]:
    """The options that only a source takes, as far as they are given."""
    return [said for name, said in OF_A_SOURCE.items() if getattr(options, name, None)]


def opened(options: argparse.Namespace) -> Cohort:
    """The cohort of a source, whose names and levels are known, and whose patients are asked for as counts.

    Raises:
        Usage: an option says how a file is read.
        AnalysisError, CohortError: the source can't be opened so.
        MissingExtra: what asks databases isn't installed.
    """
    from necc.engine import open_source
    from necc.engine.waiting import waited_for
    from necc.ingest import Mapping

    if given := [name for name in OF_A_FILE if getattr(options, name, None)]:
        said = f"--{given[0].replace('_', '-')}"
        raise Usage(f"{said} says how a file of patients is read; the data are counts of {options.file.name}")
    how: dict[str, Any] = {"table": options.table or "", "answers": tuple(options.answer)}
    how |= {"time_limit_s": options.time_limit} if options.time_limit else {}
    how |= {"memory_limit": options.memory_limit} if options.memory_limit else {}
    if mapping := options.mapping or (beside(options.file) if isinstance(options.file, Path) else None):
        how["mapping"] = Mapping.from_toml(bytes_of(mapping))
    cohort = open_source(str(options.file), dictionary=dictionary(options.dictionary), **how)
    return waited_for(cohort, _seconds, lambda: on_last_line(""))


def _seconds(seconds: float) -> None:
    """For how long a query has been running, on a terminal; Ctrl+C comes in between and ends it."""
    if seconds >= 1:
        on_last_line(f"counting where the data are, {format_number(seconds, 0)} s; Ctrl+C ends it")


def only_a_file(options: argparse.Namespace) -> None:
    """Refuses a source where a command reads rows by itself.

    Raises:
        CohortError: the file is one.
    """
    if is_source(options):
        message = (f"'{options.file.name}' is asked for counts, and this needs each patient's row; it reads a file of "
                   "patients")  # fmt: skip
        raise CohortError([Finding("error", "needs-rows", message)])
