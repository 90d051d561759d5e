"""What a file was understood to hold, in one sentence and what is missing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from necc.core.text import format_number, joined, plural, shorten
from necc.present.words.phrases import capitalised

if TYPE_CHECKING:
    from necc.analysis.understood import EndpointHeld, Understood

MOST = 8  # names of columns in the sentence

COUNTS_ONLY = (
    "The patients stay where they are: filters and questions are sent there, and only counts come back. What needs "
    "each patient's row, such as the list of patients or an edit, isn't available."
)


def understood(held: Understood, counted: bool = True) -> str:
    """`60 patients; PRS 60 with 30 events, median 7.1 months; sites Lung 20, Bone 4; 2 columns left out: ...`.

    counted: whether the patients are counted here; else they were just before.
    """
    parts = [plural(held.n, "patient")] if counted else []
    parts.append(", ".join(map(_endpoint, held.endpoints)) if held.endpoints else "no endpoint")
    parts.append("sites " + ", ".join(f"{s} {n:,}" for s, n in held.sites) if held.sites else "no site of recurrence")
    if held.extra:
        parts.append(f"{plural(len(held.extra), 'column')} only to group and filter by: {_listed(held.extra)}")
    if held.left_out:
        parts.append(f"{plural(len(held.left_out), 'column')} left out: {_listed(held.left_out)}")
    parts += held.settled
    return f"{capitalised('; '.join(parts))}."


def lacking(held: Understood) -> str:
    """What the file lacks for most pages; blank where nothing is."""
    lacks = [*([] if held.endpoints else ["no endpoint"]), *([] if held.sites else ["no site of recurrence"])]
    if not lacks:
        return ""
    without = [*([] if held.endpoints else ["survival"]), *([] if held.sites else ["sites"])]
    pages = f"the pages on {joined(without)} stay empty"
    return f"{capitalised(joined(lacks))} was understood, so {pages}. Say on 'Your own file' what its columns mean."


def _endpoint(held: EndpointHeld) -> str:
    value = held.median.value
    median = f"median {format_number(value)} {held.unit}" if value is not None else "median not reached"
    return f"{held.name} {held.n:,} with {plural(held.events, 'event')}, {median}"


def _listed(names: tuple[str, ...]) -> str:
    shown = [shorten(n, 30) for n in names[:MOST]]
    return ", ".join(shown) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")
