"""What is said of the forest of published and own hazard ratios."""

from __future__ import annotations

from collections.abc import Sequence

from necc.core.text import NOT_ESTIMABLE, plural
from necc.paper.reproduction.own import Comparison
from necc.present.words.phrases import ratio_estimate, sentences

NOTHING = "This recipe prints no hazard ratio with its interval."


def published(c: Comparison) -> str:
    """`2.377 (1.220–4.630)`, with the digits of the paper."""
    return c.published.method


def own(c: Comparison) -> str:
    """`2.38 (1.22–4.63)`, as this cohort's ratios are written everywhere."""
    return ratio_estimate(c.own) if c.own else NOT_ESTIMABLE


def forest(result: Sequence[Comparison], lowest: float, highest: float) -> tuple[str, str]:
    """The alternative text and the caption; the axis goes from `lowest` to `highest`."""
    lost = sum(c.own is None for c in result)
    alt = f"Forest plot of {plural(len(result), 'published hazard ratio')}, with those of the loaded cohort above each."
    return alt, sentences(
        f"Hazard ratios of {plural(len(result), 'row')} as published and in these patients",
        f"{lost:,} can't be computed here" if lost else "",
        f"drawn from {lowest:g} to {highest:g}; an arrow: the interval, or without a mark the ratio, lies beyond",
        "Wald intervals, ties by Efron; published ratios and intervals as printed",
    )
