"""What is said of recorded numbers beside those of now, and how each is written in its unit."""

from __future__ import annotations

from necc.analysis.recorded import Change
from necc.core.text import MINUS, format_number, format_p, format_ratio

NOTE = (
    "A number has changed where it differs from the one that was recorded; the order is by the size of the difference, "
    "as a share of what was recorded. Where the project leaves numbers of few patients out, one of so few stands on "
    "the other side only."
)
KINDS = {"gone": "no longer there", "new": "new", "same": "the same"}
NO_SIZE = "can't be compared"


def value_cell(value: float | None, unit: str) -> str:
    """A number as its kind is written everywhere: `34`, `22.9`, `38.6 %`, `0.003`, `1.92`; time has its unit aside."""
    if unit in ("patients", "events"):
        return format_number(value, 0)
    if unit == "share":
        return format_number(None if value is None else 100 * value, 1) + (" %" if value is not None else "")
    if unit == "p":
        return format_p(value)
    return format_ratio(value) if unit == "ratio" else format_number(value, 1)


def before(row: Change) -> str:
    """The cell of what was recorded."""
    return _untold(row) if row.kind == "new" else value_cell(row.old, row.unit)


def now(row: Change) -> str:
    """The cell of what is there now."""
    return _untold(row) if row.kind == "gone" else value_cell(row.new, row.unit)


def _untold(row: Change) -> str:
    """What stands for a number that isn't recorded: nothing where it wasn't there, else that it may be of few."""
    if not row.below:
        return ""
    few = f"fewer than {row.below:,}" if row.unit in ("patients", "events") else f"of fewer than {row.below:,}"
    return few if row.there else f"{few}, or not there"


def difference(row: Change) -> str:
    """What became of a number: `+3`, `−4.6 (−11.8 %)`, `the same`, `new`; a p-value has no size of a change."""
    if row.below:
        return "not recorded before" if row.kind == "new" else "not recorded now"
    if row.kind != "changed":
        return KINDS[row.kind]
    if row.difference is None:
        return NO_SIZE
    if row.unit == "p":
        return "changed"
    if row.unit == "share":
        return f"{signed(100 * row.difference)} points"
    digits = 0 if row.unit in ("patients", "events") else 2 if row.unit == "ratio" else 1
    return signed(row.difference, digits) + (f" ({relative(row)})" if row.relative is not None else "")


def relative(row: Change) -> str:
    """`−11.8 %`: a change beside what was recorded."""
    return f"{signed(100 * (row.relative or 0.0))} %"


def signed(value: float, digits: int = 1) -> str:
    """`+3.0`, `−0.2`; what rounds to nothing has its sign all the same, as it isn't nothing."""
    text = format_number(abs(value), digits)
    return f"{'+' if value > 0 else MINUS}{text}"
