"""Cumulative incidence of each cause by group, with Gray's tests and the misleading 1 - Kaplan-Meier beside it.

References:
    1. Aalen OO, Johansen S. Scand J Stat 1978;5:141-50. https://www.jstor.org/stable/4615704 (the estimate)
    2. Gray RJ. Ann Stat 1988;16:1141-54. doi:10.1214/aos/1176350951 (the test)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from necc.analysis.competing.incidence import (
    ONE_MINUS_KM,
    CauseTable,
    GrayTest,
    count_causes,
    gray_test,
    incidence_from_counts,
    naive_incidence,
)
from necc.analysis.competing.outcome import (
    CompetingOutcome,
    Rule,
    causes_wanted,
    competing_from_columns,
    competing_outcome,
    outcome_wanted,
)
from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import adjust_p, n_tests
from necc.analysis.survival import TOLERANCE, CiMethod, at_risk_before, confidence_limits, last_time_with, turns_few
from necc.core.arguments import public
from necc.core.cohort import Cohort, Factor
from necc.core.counts import countable
from necc.core.estimate import Estimate
from necc.core.frames import MOST_LINES, from_zero
from necc.core.guardrails import FEW_AT_RISK, TOO_FEW, small_groups
from necc.core.result import GroupedResult, Result, analysed, answers, grouping, header, rows_of
from necc.core.text import joined, p_phrase, plural
from necc.core.time_to_event import n_until, noise_of

LESSON = (
    f"{ONE_MINUS_KM}: it is never below the cumulative incidence, and over all causes adds up to more than the share "
    "with any event"
)


@dataclass(frozen=True)
class CauseTotal(Result):
    """A cause, its label, and how many events it has."""

    name: str
    label: str
    n_events: int


@dataclass(frozen=True, eq=False)
class IncidenceCurve(Result):
    """The cumulative incidence of one cause in one stratum: a row for each distinct time at which somebody left.

    All arrays have shape (n_times,); limits are NaN before the first event. `one_minus_km` censors other events.
    """

    cause: str
    stratum: str
    n: int
    n_events_total: int
    time: np.ndarray
    n_at_risk: np.ndarray
    n_events: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    ci_lower: np.ndarray
    ci_upper: np.ndarray
    one_minus_km: np.ndarray

    def at(self, time: float, level: float = 0.95) -> Estimate:
        """Cumulative incidence at a time; not estimable beyond the last patient under observation."""
        row = int(n_until(self.time, time)) - 1
        if row < 0:
            return Estimate(0.0 if len(self.time) else None, None, None, level)
        if row == len(self.time) - 1 and time > self.time[row] + noise_of(self.time):
            return Estimate(None, None, None, level)
        lower, upper = (float(v[row]) if np.isfinite(v[row]) else None for v in (self.ci_lower, self.ci_upper))
        return Estimate(float(self.estimate[row]), lower, upper, level)

    def naive_at(self, time: float) -> float | None:
        """1 - Kaplan-Meier at a time, other events taken as censored; None beyond the last patient, as for `at`."""
        if self.at(time).value is None:
            return None
        row = int(n_until(self.time, time)) - 1
        return float(self.one_minus_km[row]) if row >= 0 else 0.0

    def at_risk(self, times: Iterable[float]) -> np.ndarray:
        """Under observation just before each time; int array, shape (n_chosen,)."""
        return at_risk_before(self.time, self.n_at_risk, times)

    def last_time_with(self, least: int = FEW_AT_RISK) -> float:
        """The last time at which at least so many are at risk; 0 where there is none."""
        return last_time_with(self.time, self.n_at_risk, least)

    def few_at_risk(self, least: int = FEW_AT_RISK) -> tuple[bool, np.ndarray]:
        """Whether fewer than `least` are at risk at first, and the times at which that changes."""
        return turns_few(self.time, self.at_risk, least)

    def rows_at(self, times: np.ndarray) -> np.ndarray:
        """The row that holds from each of these times; -1 before the first."""
        return np.asarray(np.searchsorted(self.time, times, side="right") - 1)

    def counts_at(self, times: Iterable[float]) -> list[tuple[int, int]]:
        """At risk just before each time, and the events of this cause up to and including it."""
        chosen = np.asarray(list(times), dtype=float)
        events = np.append(0, self.n_events.cumsum())[n_until(self.time, chosen)]
        return list(zip(self.at_risk(chosen).tolist(), events.tolist(), strict=True))

    @property
    def overstated_by(self) -> float:
        """How far 1 - Kaplan-Meier ends above the cumulative incidence."""
        return float(self.one_minus_km[-1] - self.estimate[-1]) if len(self.time) else 0.0

    def to_frame(self) -> pd.DataFrame:
        """The curve from time 0: stratum, cause, time, n_at_risk, n_events, estimate, se, limits, one_minus_km."""
        names = ("time", "n_at_risk", "n_events", "estimate", "se", "ci_lower", "ci_upper", "one_minus_km")
        columns = {"stratum": self.stratum, "cause": self.cause, **{name: getattr(self, name) for name in names}}
        start = {"estimate": 0.0, "one_minus_km": 0.0, "se": 0.0, "n_at_risk": self.n}
        return from_zero(pd.DataFrame(columns), start)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; `curve` has a row for each time."""
        names = ("time", "n_at_risk", "n_events", "estimate", "se", "ci_lower", "ci_upper")
        naive = [{"time": r["time"], "estimate": r["one_minus_km"]} for r in rows_of(self, ("time", "one_minus_km"))]
        return {
            "name": self.cause,
            "n_events": self.n_events_total,
            "curve": rows_of(self, names),
            "one_minus_km": naive,
        }


@dataclass(frozen=True)
class IncidenceStratum:
    """One level with a curve for each cause."""

    name: str
    n: int
    curves: tuple[IncidenceCurve, ...]

    def curve(self, cause: str) -> IncidenceCurve:
        """The curve of this cause."""
        return next(c for c in self.curves if c.cause == cause)

    def stacked(self) -> list[np.ndarray]:
        """The cumulative incidence of each cause and of those before it together; each of shape (n_times,)."""
        return list(itertools.accumulate(c.estimate for c in self.curves))

    @property
    def event_free(self) -> float:
        """The share without any event at the end of follow-up, where every event has one cause."""
        return max(0.0, 1 - float(self.stacked()[-1][-1]))

    def totals_at(self, time: float) -> tuple[float, float]:
        """Cumulative incidence and 1 - Kaplan-Meier added up over the causes that are estimable at a time."""
        pairs = [(c.at(time).value, c.naive_at(time)) for c in self.curves]
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        return sum(a for a, _ in known), sum(b for _, b in known)


@dataclass(frozen=True, eq=False, kw_only=True)
class CumulativeIncidence(GroupedResult):
    """Cumulative incidence of competing causes by a factor, with all that a reader needs to judge it.

    rule: how several sites at once were told apart; "" where the file says the cause. `exclusive` says whether every
    event has one cause: only then do the curves add up to all events.
    """

    rule: str
    exclusive: bool
    stratified_by: str | None
    causes: tuple[CauseTotal, ...]
    strata: tuple[IncidenceStratum, ...]
    tests: tuple[GrayTest, ...]
    adjustment: Adjustment
    ci: CiMethod
    level: float
    strata_label: str = field(default="", repr=False)

    @property
    def n_tests(self) -> int:
        """How many causes have a test, which p is adjusted for."""
        return n_tests(t.p_adjusted for t in self.tests)

    def to_frame(self) -> pd.DataFrame:
        """All curves as one table, each from time 0 on; Gray's tests are in `tests`."""
        frames = [c.to_frame() for s in self.strata for c in s.curves]
        return pd.concat(frames, ignore_index=True) if frames else NO_CURVE.to_frame()

    def _lines(self) -> list[str]:
        tests = {t.cause: f", Gray {p_phrase(t.p)}" for t in self.tests}
        lines = [f"{c.name}: {plural(c.n_events, 'event')}{tests.get(c.name, '')}" for c in self.causes]
        left = len(lines) - MOST_LINES
        return lines[:MOST_LINES] + ([f"and {plural(left, 'more cause')}"] if left > 0 else [])

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        strata = [{"name": s.name, "n": s.n, "causes": [c.to_dict() for c in s.curves]} for s in self.strata]
        return {**super().to_dict(), "strata": strata, "one_minus_km_is": ONE_MINUS_KM}


NO_CURVE = IncidenceCurve("", "", 0, 0, *(np.array([]) for _ in range(8)))


@answers
@public
@countable(also=causes_wanted)
def cumulative_incidence(
    cohort: Cohort,
    endpoint: str = "",
    by: str | None = None,
    *,
    rule: Rule = "own cause",
    hierarchy: str | Sequence[str] = (),
    causes: str | None = None,
    death: str = "",
    strata: str | None = None,
    ci: CiMethod = "log-log",
    level: float = 0.95,
    adjustment: Adjustment = "holm",
) -> CumulativeIncidence:
    """Cumulative incidence [1] of each cause of an endpoint, by the levels of `by`, with Gray's test [2] of each.

    Without an endpoint it is that of recurrence.

    For a recurrence endpoint the causes are the sites of first recurrence and death without it.

    Args:
        by: anything that `Cohort.factor` takes.
        rule, hierarchy, causes, death: see `competing_outcome`.
        strata: the name of one factor, not of several, within whose levels Gray's test compares.
        ci: "log-log" limits are exp(log F exp(+-z se / (F log F))); "log" and "plain" exist.
        adjustment: of Gray's p for the number of causes.

    Raises:
        AnalysisError: the endpoint, a column, a site or the rule doesn't exist.

    Example:
        >>> [cause.n_events for cause in cumulative_incidence(cohort, "TTR").causes[:3]]
        [11, 14, 10]
    """
    outcome = competing_outcome(cohort, endpoint, rule=rule, hierarchy=hierarchy, causes=causes, death=death)
    return incidence_of(cohort, outcome, by, strata=strata, ci=ci, level=level, adjustment=adjustment)


@answers
@public
@countable()
def cumulative_incidence_of_columns(
    cohort: Cohort,
    time: str,
    status: str,
    by: str | None = None,
    *,
    censored: str | None = None,
    unit: str = "",
    strata: str | None = None,
    ci: CiMethod = "log-log",
    level: float = 0.95,
    adjustment: Adjustment = "holm",
) -> CumulativeIncidence:
    """The same for a file with a status column of several codes; see `competing_from_columns`.

    Raises:
        AnalysisError: a column or a factor doesn't exist, or no level means censored.

    Example:
        >>> cumulative_incidence_of_columns(cohort, "ttr_months", "recurred", censored="no").n
        88
    """
    outcome = competing_from_columns(cohort, time, status, censored=censored, unit=unit)
    return incidence_of(cohort, outcome, by, strata=strata, ci=ci, level=level, adjustment=adjustment)


@answers
@public
@countable(also=outcome_wanted)
def incidence_of(
    cohort: Cohort,
    outcome: CompetingOutcome,
    by: str | None = None,
    *,
    strata: str | None = None,
    ci: CiMethod = "log-log",
    level: float = 0.95,
    adjustment: Adjustment = "holm",
) -> CumulativeIncidence:
    """Curves and tests of an outcome whose causes are known; arguments as for `cumulative_incidence`.

    Raises:
        AnalysisError: a factor doesn't exist.

    Example:
        >>> incidence_of(cohort, competing_outcome(cohort, "TTR"), "site:lung").n
        88
    """
    outcome = outcome.of(cohort)
    factor = cohort.factor(by) if by else None
    block = cohort.factor(strata) if strata else None
    used, _ = analysed(outcome, block)
    table = count_causes(outcome, factor, used)
    groups = _strata(table, ci, level)
    tests = _tests(outcome, factor, block, adjustment) if factor else ()
    counted = table.n_events.sum(axis=(1, 2)) if len(outcome.causes) else []
    causes = tuple(
        CauseTotal(name, label, int(k)) for name, label, k in zip(outcome.causes, outcome.labels, counted, strict=True)
    )
    return CumulativeIncidence(
        **header(outcome), **grouping(by, factor), rule=outcome.rule, exclusive=outcome.exclusive,
        stratified_by=strata, strata_label=block.label if block else "", n=int(table.n.sum()),
        n_events=int(table.n_any.sum()),
        excluded=analysed(outcome, factor, block)[1], causes=causes, strata=groups, tests=tests,
        adjustment=adjustment, ci=ci, level=level, notes=_notes(outcome, factor, table, groups, tests),
    )  # fmt: skip


def _strata(table: CauseTable, ci: CiMethod, level: float) -> tuple[IncidenceStratum, ...]:
    result = []
    for g, name in enumerate(table.strata):
        rows = np.flatnonzero(table.n_any[g] + table.n_censored[g])
        n, n_any = table.n_at_risk[g, rows], table.n_any[g, rows]
        strata = []
        for k, cause in enumerate(table.causes):
            d = table.n_events[k, g, rows]
            estimate, variance = incidence_from_counts(n, d, n_any)
            se = np.sqrt(variance)
            there = estimate > 0
            lower, upper = confidence_limits(estimate, np.where(there, se / np.where(there, estimate, 1), 0), ci, level)
            strata.append(
                IncidenceCurve(
                    cause, name, int(table.n[g]), int(d.sum()), table.time[rows], n, d, estimate, se, lower, upper,
                    naive_incidence(n, d),
                )
            )  # fmt: skip
        result.append(IncidenceStratum(name, int(table.n[g]), tuple(strata)))
    return tuple(result)


def _tests(
    outcome: CompetingOutcome, factor: Factor, block: Factor | None, adjustment: Adjustment
) -> tuple[GrayTest, ...]:
    used, _ = analysed(outcome, factor, block)
    groups = factor.among(used)
    masks = [used & (block.codes == code) for code in range(len(block.levels))] if block else [used]
    tables = [count_causes(outcome, groups, mask, keep_empty=True) for mask in masks if mask.any()]
    if not tables:
        return ()
    sizes = list(zip(groups.levels, np.sum([t.n for t in tables], axis=0).tolist(), strict=True))
    tests = [gray_test(tables, k).given(sizes) for k in range(len(outcome.causes))]
    adjusted = adjust_p([t.p for t in tests], adjustment)
    return tuple(replace(t, p_adjusted=p) for t, p in zip(tests, adjusted, strict=True))


def _notes(
    outcome: CompetingOutcome, factor: Factor | None, table: CauseTable, strata: tuple[IncidenceStratum, ...],
    tests: tuple[GrayTest, ...],
) -> tuple[str, ...]:  # fmt: skip
    notes = [*outcome.notes]
    if not len(table.strata):
        return (*notes, "no patients to analyse")
    if table.n_events.sum() > table.n_any.sum():
        notes.append("causes overlap: the curves add up to more than the patients with an event")
    if any(c.overstated_by > TOLERANCE for s in strata for c in s.curves):
        notes.append(LESSON)
    if factor:
        if len(table.strata) == 1:
            notes.append(f"one level only ({table.strata[0]}): nothing to compare")
        named = dict(zip(outcome.causes, outcome.labels, strict=True))
        if untested := [named[t.cause] for t in tests if t.p is None and len(table.strata) > 1]:
            notes.append(f"no Gray test for {joined(untested)}")
            notes += dict.fromkeys(f"{named[t.cause]}: {t.note}" for t in tests if t.note.startswith(TOO_FEW))
        notes += small_groups(zip(table.strata, table.n, strict=True))
        if sum(t.p is not None for t in tests) > 1:
            notes.append(f"{plural(sum(t.p is not None for t in tests), 'cause')} tested: read the adjusted p")
    return tuple(notes)
