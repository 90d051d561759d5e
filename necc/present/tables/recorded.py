"""The table of recorded numbers beside those of now."""

from __future__ import annotations

from necc.analysis.recorded import NumberComparison
from necc.present.tables.table import Table
from necc.present.words import recorded as words

TIMES = ("days", "weeks", "months", "years")


def compared(result: NumberComparison, all_numbers: bool = False) -> Table:
    """Each number as it was recorded and as it is now, what changed most on top.

    all_numbers: with those that are the same, which are left out otherwise.
    """
    rows = [
        (
            f"{row.label}, {row.unit}" if row.unit in TIMES else row.label, words.before(row), words.now(row),
            words.difference(row),
        )
        for row in result.rows if all_numbers or row.kind != "same"
    ]  # fmt: skip
    return Table(
        "Recorded numbers and those of now", "recorded-and-now", ("Number", "Before", "Now", "Difference"),
        tuple(rows), (words.NOTE,) if rows else (),
    )  # fmt: skip
