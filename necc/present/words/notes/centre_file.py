"""What stands below the tables of a centre's file."""

from __future__ import annotations

from necc.centres import Preview
from necc.core.text import first_few, quoted
from necc.present.words.phrases import as_notes

GRIDS = {"days": "as recorded", "month": "middle of the month", "quarter": "middle of the quarter"}


def table_sizes(seen: Preview) -> tuple[str, ...]:
    """Words that would leave with the file."""
    own = [f"{name}: {first_few(quoted(levels))}" for name, levels in seen.own_words.items()]
    return as_notes([f"words of your own file that would leave with it: {'; '.join(own)}" if own else ""])
