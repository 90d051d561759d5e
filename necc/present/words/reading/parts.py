"""The door to all readings, and what their sentences are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import singledispatch

from necc.core.estimate import Exclusion
from necc.core.guardrails import SMALL_GROUP
from necc.core.text import format_percent, joined
from necc.present.words.phrases import not_analysed

ALPHA = 0.05
FEW_EVENTS = 5
SMALL_COHORT = 30
WIDE_RATIO = 20.0  # upper over lower limit of a ratio that says next to nothing
EVENTS_PER_COEFFICIENT = 10
NOT_BY_CHANCE = "The groups were not formed by chance, so this is an association in these patients and no more."


@singledispatch
def read(result: object) -> tuple[str, ...]:
    """The sentences of one kind of result; the others register here."""
    return ()


def reading(result: object) -> tuple[str, ...]:
    """Sentences that say what a result shows; none for a result that has no reading.

    Example:
        >>> reading(kaplan_meier(cohort, "PRS"))[0]
        '...'
    """
    return tuple(sentence[:1].upper() + sentence[1:] for sentence in read(result))


def left_out(excluded: Iterable[Exclusion]) -> list[str]:
    return [not_analysed(excluded)] if any(e.n for e in excluded) else []


def p_meaning(p: float | None, what: str) -> list[str]:
    """What a p-value says, and what it doesn't."""
    if p is None:
        return []
    share = "less than 0.1 %" if p < 0.001 else f"{format_percent(p, 1)} %"
    meaning = f"If there were no difference, {what} at least as far apart would be seen in {share} of such cohorts."
    if p < ALPHA:
        return [meaning, NOT_BY_CHANCE]
    return [meaning, "No difference is shown, and neither is the absence of one."]


def alone(named: Sequence[str]) -> str:
    """Which of several tests are below 0.05, taken one by one."""
    return f"Taken alone, {joined(list(named)) or 'none'} {'have' if len(named) > 1 else 'has'} p < 0.05."


def adjusted(named: Sequence[str], how: str = "") -> str:
    """Which of them stay there when adjusted."""
    method = f" ({how})" if how else ""
    stay = "stay" if len(named) > 1 else "stays"
    return f"Adjusted for their number{method}, {joined(list(named)) or 'none'} {stay} below 0.05."


def caution(groups: Sequence[tuple[str, int, int | None]]) -> list[str]:
    """Groups (name, n, events) that are too few to lean on."""
    small = [name for name, n, events in groups if n < SMALL_GROUP or (events is not None and events < FEW_EVENTS)]
    if not small:
        return []
    return [
        f"Caution: few patients or events in {joined(small)}; one patient more or less would move the numbers visibly."
    ]
