"""Numbers and rows as a person types them: what is meant, or a sentence on what can't be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from necc.core.text import joined, shorten

BETWEEN = re.compile(r"\s*;\s*|\s*,\s+|\s+,?\s*")  # a comma parts numbers only beside a blank
NUMBER = re.compile(r"[+-]?(\d{1,12}([.,]\d{1,12})?|[.,]\d{1,12})")
ROW, RANGE = re.compile(r"\d{1,9}"), re.compile(r"(\d{1,9})[-–](\d{1,9})")  # noqa: RUF001 - as people type a range


def cuts(text: str) -> tuple[tuple[float, ...], str]:
    """Numbers to cut at, ascending, and what is wrong with them; empty where nothing is.

    Semicolons, blanks, or commas with a blank part them, and a comma within a number is then a decimal comma. A comma
    alone could be either, so it is asked about.

    Example:
        >>> cuts("40,5; 60"), cuts("40, 60")
        (((40.5, 60.0), ''), ((40.0, 60.0), ''))
    """
    parts = [part for part in BETWEEN.split(text.replace("−", "-").strip()) if part]  # noqa: RUF001 - a minus sign
    if len(parts) == 1 and ";" not in text and parts[0].count(",") and NUMBER.fullmatch(parts[0].replace(",", "")):
        apart = "; ".join(p for p in parts[0].split(",") if p)
        several = parts[0].count(",") > 1
        decimal = "" if several else f", or '{float(parts[0].replace(',', '.')):.12g}' for one number"
        return (
            (),
            f"'{shorten(parts[0])}' can be read in two ways: write '{shorten(apart)}' for several numbers{decimal}.",
        )
    for part in parts:
        if not NUMBER.fullmatch(part):
            return (), f"'{shorten(part)}' is not a number: write numbers such as '40; 60' or '40.5'."
    return tuple(sorted({float(part.replace(",", ".")) for part in parts})), ""


def rows(text: str, there: Sequence[int]) -> tuple[tuple[int, ...], str]:
    """Rows of the spreadsheet, ascending, and what is wrong with them; empty where nothing is.

    A range takes the rows of it that hold a patient.

    Args:
        there: the rows that hold a patient.

    Example:
        >>> rows("2-5, 9", [2, 3, 5, 9])
        ((2, 3, 5, 9), '')
    """
    found: set[int] = set()
    for part in filter(None, re.split(r"[,;\s]+", re.sub(r"(?<=\d)\s+([-–])\s+(?=\d)", r"\1", text))):  # noqa: RUF001 - as people type a range
        ends = RANGE.fullmatch(part)
        if not ends and not ROW.fullmatch(part):
            return (), (
                f"'{shorten(part)}' is not understood: rows are whole numbers as in the spreadsheet, such as '12', or "
                "a range of them, such as '2-5'."
            )
        first, last = (int(n) for n in (ends.groups() if ends else (part, part)))
        if first > last:
            return (), f"The range '{shorten(part)}' runs backwards: write '{last}-{first}'."
        held = [n for n in there if first <= n <= last]
        if not held:
            known = f"; patients are in rows {min(there)} to {max(there)}" if len(there) else ""
            where = f"rows {first} to {last}" if ends else f"row {first}"
            return (), f"There is no patient in {where}{known}."
        found.update(held)
    return tuple(sorted(found)), ""


def too_many_levels(columns: Sequence[tuple[str, int]], most: int) -> str:
    """Why columns aren't offered: too many levels for a table of them; columns with the number of their levels."""
    named = joined([f"'{shorten(name)}' ({n:,})" for name, n in columns[:5]])
    others = f" and {len(columns) - 5:,} others" if len(columns) > 5 else ""
    return (
        f"Not offered, with more than {most:,} different values: {named}{others}. A formula (New variable) or the file "
        "itself can put them into fewer levels."
    )
