"""What options are made of: a command of the command line, and the values that options take."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from necc.cli.helping import Command

__all__ = ["Command", "cell", "limit", "new_file", "number", "patients", "place", "row", "seconds"]


def place(text: str) -> Path:
    """A file or folder that is written to, or - for standard output."""
    if not text.strip("="):
        raise argparse.ArgumentTypeError("the name of a file or folder is missing")
    return Path(text)


def new_file(text: str) -> Path:
    """A file or folder that is written to."""
    if text == "-":
        raise argparse.ArgumentTypeError("- , standard output, takes text, JSON and CSV only; name a file here")
    return place(text)


def number(text: str) -> float:
    """A number, with a decimal point."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None


def row(text: str) -> int:
    """A row of a spreadsheet: the first is 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a row of a spreadsheet; rows are counted from 1")
    return int(text)


def cell(text: str) -> int:
    """A number of patients."""
    if not text.strip().isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of patients")
    return int(text)


def patients(text: str) -> int:
    """A number of patients, 1 or more."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of patients, 1 or more")
    return int(text)


def place_in_file(text: str) -> int:
    """A patient's place: the first is 1. What was written instead may be who she is, and isn't repeated."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("patients are counted from 1; --patient, of necc patient, takes an identifier")
    return int(text)


def seconds(text: str) -> int:
    """For how long something may take."""
    if not text.strip().isdecimal() or not 1 <= int(text) <= 86_400:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds, from 1 to 86400")
    return int(text)


def limit(text: str) -> str:
    """How much memory something may take."""
    if not re.fullmatch(r"[1-9]\d{0,5} ?[KMGT]B", text.strip(), re.IGNORECASE):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size of memory, such as 500MB or 2GB")
    return text.strip()
