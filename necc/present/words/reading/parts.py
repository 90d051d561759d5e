"""The door to all readings, and what their sentences are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import singledispatch

from necc.core.estimate import Exclusion
from necc.core.guardrails import SMALL_GROUP
from necc.core.text import format_percent, joined, plural
from necc.present.words.phrases import NEITHER, NO_TEST, adjusted_for, capitalised, not_analysed

ALPHA = 0.05
FEW_EVENTS = 5
SMALL_COHORT = 30
WIDE_RATIO = 20.0  # upper over lower limit of a ratio that says next to nothing
EVENTS_PER_COEFFICIENT = 10
NOT_BY_CHANCE = (
    "Groups that were not formed by chance may differ in other ways: this is an association in these patients and no "
    "more."
)


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
    return list(filter(None, [not_analysed(excluded)]))


def p_meaning(p: float | None, what: str) -> list[str]:
    """What a p-value says, and what it doesn't."""
    if p is None:
        return []
    share = "less than 0.1 %" if p < 0.0005 else "nearly all" if p >= 0.9995 else f"{format_percent(p, 1)} %"
    meaning = f"If there were no difference, {what} at least as far apart would be seen in {share} of such cohorts."
    if p < ALPHA:
        return [meaning, NOT_BY_CHANCE]
    return [meaning, f"{capitalised(NEITHER)}."]


def alone(named: Sequence[str], n_tests: int) -> str:
    """Which of several tests are below 0.05, taken one by one."""
    if not n_tests:
        return f"{capitalised(NO_TEST)}."
    return f"Taken alone, {joined(list(named)) or 'none'} {'have' if len(named) > 1 else 'has'} p < 0.05."


def adjusted(named: Sequence[str], n_tests: int, method: str) -> str:
    """Which of them stay there when adjusted for the tests that could be made."""
    stay = "stay" if len(named) > 1 else "stays"
    how = capitalised(adjusted_for(n_tests, method))
    return f"{how}, {joined(list(named)) or 'none'} {stay} below 0.05."


def untested(n_tests: int, of: int, what: str, several: str | None = None) -> list[str]:
    """How many of several comparisons could be tested, where not all could."""
    return [f"{n_tests:,} of {plural(of, what, several)} could be tested."] if n_tests < of else []


def caution(groups: Sequence[tuple[str, int, int | None]]) -> list[str]:
    """Groups (name, n, events) that are too few to lean on."""
    small = [name for name, n, events in groups if n < SMALL_GROUP or (events is not None and events < FEW_EVENTS)]
    if not small:
        return []
    return [
        f"Caution: few patients or events in {joined(small)}; one patient more or less would move the numbers visibly."
    ]
