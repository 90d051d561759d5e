"""What options are made of: a command of the command line, and the values that options take."""

from __future__ import annotations

import argparse
from typing import Any


class Command(argparse.ArgumentParser):
    """One command. The help of those that read a cohort says which files they take; only then are readers loaded."""

    reads_cohorts = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.register("action", None, Once)
        self.register("action", "store", Once)

    def format_help(self) -> str:
        if self.reads_cohorts:
            from necc.ingest import formats_in_words

            self.epilog = f"FILE: {formats_in_words()}."
        return super().format_help()


class Once(argparse.Action):
    """An option with one value: given twice, the first would be lost in silence."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        given = getattr(namespace, "given_options", ())
        if option_string and self.dest in given:
            parser.error(f"argument {option_string}: it was given more than once, and takes one value")
        namespace.given_options = (*given, self.dest)
        setattr(namespace, self.dest, values)


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
