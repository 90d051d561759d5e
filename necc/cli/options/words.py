"""What options are made of: a command of the command line, and the values that options take."""

from __future__ import annotations

import argparse

from necc.cli.helping import Command

__all__ = ["Command", "cell", "number", "patients", "row"]


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
