"""Which terms of a model have too few patients or events for an interval and a p that hold in large samples.

The rule and its sources stand in `necc.core.guardrails`. The fits themselves know nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from necc.analysis.regression.design import Column, Design
from necc.core.guardrails import (
    EVENTS_PER_ROBUST_TERM,
    EVENTS_PER_TERM,
    EXPECTED_IN_MODEL,
    TOO_FEW,
    Group,
    too_few,
)
from necc.core.tally import tally
from necc.core.text import plural

Level = tuple[str, np.ndarray]
"""A level's name, and which of some patterns of covariates have it: bool, shape (n_patterns,)."""


def expected_events(
    time: np.ndarray, event: np.ndarray, stratum: np.ndarray | None = None, patients: np.ndarray | None = None
) -> np.ndarray:
    """What each patient would add to the expected events of a group: the cumulative hazard of all, within strata.

    Args:
        time: shape (n,), numbers or codes. event: bool, shape (n,). stratum: codes, shape (n,).
        patients: how many each row stands for, shape (n,); None where each is one.
    """
    grid, at = np.unique(time, return_inverse=True)
    strata = 1 if stratum is None or not len(stratum) else int(stratum.max()) + 1
    cell = at if stratum is None else stratum * len(grid) + at
    shape = (strata, len(grid))
    leaving, d = (tally(cell[who], None if patients is None else patients[who], strata * len(grid)).reshape(shape)
                  for who in (np.ones(len(time), dtype=bool), np.asarray(event, dtype=bool)))  # fmt: skip
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    result: np.ndarray = np.cumsum(d / np.maximum(at_risk, 1), axis=1).ravel()[cell]
    return result


def too_few_events(n_events: int, terms: int, *, robust: bool = False) -> str:
    """Why a model of so many terms has no interval, in words; empty where it has enough events."""
    least = EVENTS_PER_ROBUST_TERM if robust else EVENTS_PER_TERM
    if not terms or n_events >= least * terms:
        return ""
    variance = " with a robust variance" if robust else ""
    return f"{TOO_FEW}: {plural(n_events, 'event')} for {plural(terms, 'term')}; {least} a term are needed{variance}"


def too_few_in(
    levels: Sequence[Sequence[Level]], pattern: np.ndarray, expected: np.ndarray, least: float = EXPECTED_IN_MODEL,
    patients: np.ndarray | None = None,
) -> list[str]:  # fmt: skip
    """For each term, why its levels are too small, in words; empty where they aren't, or where it is a number.

    Args:
        levels: of each term, those it compares. pattern: int, shape (n,). expected: of `expected_events`. least: of
            those, in each level. patients: as for `expected_events`.
    """
    weights = expected if patients is None else expected * patients
    return _reasons(levels, tally(pattern, patients), np.bincount(pattern, weights=weights), least)


def _reasons(levels: Sequence[Sequence[Level]], n: np.ndarray, e: np.ndarray, least: float) -> list[str]:
    """The same; n, e: patients and expected events of each pattern, shape (n_patterns,)."""
    reasons = []
    for compared in levels:
        groups = [Group(name, int(n @ mask), float(e @ mask)) for name, mask in compared]
        few = too_few(groups, least)
        reasons.append(f"{TOO_FEW}: {few}" if few else "")
    return reasons


def refused(design: Design, *, firth: bool = False) -> list[str]:
    """For each column of a design, why its hazard ratio has no interval and p; empty where it has.

    firth: the estimate is Firth's with profile limits, which hold in small samples but not in groups of one.
    """
    if not len(design.rows):
        return [""] * len(design.columns)
    levels, least = [_levels(design, column) for column in design.columns], 0 if firth else EXPECTED_IN_MODEL
    if design.counts is not None:
        leaving = design.counts[:, 0] + design.counts[:, 1]
        return _reasons(levels, design.sizes[0], leaving @ _hazard(leaving, design.counts[:, 1]), least)
    expected = expected_events(design.time, design.event, design.stratum, design.patients)
    return too_few_in(levels, design.pattern, expected, least, design.patients)


def _hazard(leaving: np.ndarray, events: np.ndarray) -> np.ndarray:
    """The cumulative hazard of all at each time; shape (n_times,), of int arrays, shape (n_patterns, n_times)."""
    at_risk = leaving.sum(axis=0)[::-1].cumsum()[::-1]
    result: np.ndarray = (events.sum(axis=0) / np.maximum(at_risk, 1)).cumsum()
    return result


def _levels(design: Design, column: Column) -> list[Level]:
    """What a column compares: its level with the reference; the patients of a product with all others."""
    if column.level is None:
        return []
    place = design.columns.index(column)
    mine = design.patterns[:, place]
    if not ((mine == 0) | (mine == 1)).all():
        return []
    own = next((list(places) for name, places in design.groups if name == column.variable), [place])
    product = column.variable not in {c.name for c in design.covariates}
    rest = ~mine.astype(bool) if product else ~(design.patterns[:, own] != 0).any(axis=1)
    reference = "the others" if product else column.reference or ""
    return [(column.level, mine == 1), (reference, rest)]
