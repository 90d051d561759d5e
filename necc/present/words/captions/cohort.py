"""What is said of the cohort's own figures: each function gives the alternative text and the caption."""

from __future__ import annotations

from collections.abc import Sequence

from necc.core.cohort import Cohort, Factor, Spread
from necc.core.selection import AttritionStep
from necc.core.text import format_number, plural
from necc.present.words.phrases import ghost_phrase, sentence

NAMED = 12  # columns that are not drawn, by name


def attrition(steps: Sequence[AttritionStep], first: int) -> tuple[str, str]:
    """first: patients before the first step."""
    last = steps[-1].n_after if steps else first
    caption = f"{plural(first, 'patient')} before, {last:,} after {plural(len(steps), 'filter')}."
    left = "; ".join(f"{s.label}: {s.n_after:,} left" for s in steps)
    return f"From {first:,} patients. {left}." if left else caption, caption


def left_out_phrase(step: AttritionStep) -> str:
    """`left out 12, of them 3 not recorded`."""
    missing = f", of them {step.n_missing_left_out:,} not recorded" if step.n_missing_left_out else ""
    return f"left out {step.n_before - step.n_after:,}{missing}"


def overview(
    cohort: Cohort, variables: Sequence[str], unnamed: Sequence[str] = (), whole: int = 0, undrawn: Sequence[str] = ()
) -> tuple[str, str]:  # fmt: skip
    """variables: what each of them tells; unnamed: levels whose parts are too narrow for their name and number.

    whole: patients of what is drawn pale. undrawn: columns that are no number and have too many values to be levels.
    """
    before = f" {sentence(ghost_phrase(whole, 'pale'))}" if whole else ""
    n = plural(cohort.n_patients, "patient")
    narrow = f" Too narrow for their names: {'; '.join(unnamed)}." if unnamed else ""
    more = f" and {len(undrawn) - NAMED:,} more" if len(undrawn) > NAMED else ""
    absent = f" Not drawn, as dates and free text: {', '.join(undrawn[:NAMED])}{more}." if undrawn else ""
    caption = f"{n}; beside each variable how many have it recorded.{before}{narrow}{absent}"
    return f"{n}. {'; '.join(variables)}.{before}", caption


def levels_named(factor: Factor, levels: Sequence[tuple[str, int]]) -> list[str]:
    """`Histology: large cell 8, NEC NOS 9`, as the one item of a list; none for no levels."""
    return [f"{factor.label}: {', '.join(f'{level} {n:,}' for level, n in levels)}"] if levels else []


def nothing_to_show(cohort: Cohort) -> str:
    return "No variables to show." if cohort.n_patients else "No patients to show."


def levels_phrase(factor: Factor) -> str:
    """`Histology: small cell 71, large cell 17`."""
    counts = [f"{v} {c:,}" for v, c in zip(factor.levels, factor.counts(), strict=True) if c]
    return f"{factor.label}: {', '.join(counts) or 'not recorded'}"


def between(low: float, high: float) -> str:
    """`45–49`, or one value."""
    ends = [format_number(v, 2).rstrip("0").rstrip(".") if v % 1 else format_number(v, 0) for v in (low, high)]
    return ends[0] if low == high else "–".join(ends)


def spread_phrase(spread: Spread) -> str:
    """`median 45.0, 23.0 to 80.0`; of times that didn't all end with the event no median, which would read as one of
    survival: `2.4 to 65.5, 48 censored`."""
    if not spread.n:
        return "not recorded"
    if spread.censored:
        return f"{format_number(spread.low)} to {format_number(spread.high)}, {spread.censored:,} censored"
    return f"median {format_number(spread.median)}, {format_number(spread.low)} to {format_number(spread.high)}"
