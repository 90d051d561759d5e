"""The table of a second opinion."""

from __future__ import annotations

from necc.analysis.opinion import Compared, Opinion
from necc.present.tables.table import Table
from necc.present.words import opinion as words

COLUMNS = ("Exhibit", "What", "By", "Numbers", "Largest difference", "Here", "There", "Where")


def second_opinion(result: Opinion) -> Table:
    """Each kind of number of each exhibit with the largest difference, that first; why some may differ in the notes."""
    marks = {reason: mark for mark, reason in zip("abcdefg", dict.fromkeys(r.reason for r in result.rows if r.reason),
                                                  strict=False)}  # fmt: skip
    rows = tuple(
        (
            row.exhibit, row.what + (f" ({marks[row.reason]})" if row.reason else ""), f"{row.program} {row.version}",
            f"{row.n:,}", words.gap(row.difference), *_both(row), row.place,
        )
        for row in result.rows
    )  # fmt: skip
    notes = (words.LEAD, *(f"({mark}) {words.REASONS[reason]}." for reason, mark in marks.items()),
             *words.left(result.left))  # fmt: skip
    return Table("A second opinion", "second-opinion", COLUMNS, rows, notes, text_columns=(1, 2, 4, 7))


def _both(row: Compared) -> tuple[str, str]:
    """What both have where they differ most; blank where it isn't told."""
    return (words.value(row.ours), words.value(row.theirs)) if row.place else ("", "")
