"""Count tables for patients who are not under observation from time zero.

A patient seen from `start` to `stop` is at risk at t where start < t <= stop. Left truncation (a centre learns of a
patient only after a while) and a treatment that begins during follow-up both need nothing else: the resulting
`RiskTable` goes through the same estimators and tests as any other.

References:
    1. Keiding N. Ann Rev Stat Appl 2014;1:333-60 (delayed entry); Tsai WY, Jewell NP, Wang MC. Biometrika
       1987;74:883-6. doi:10.1093/biomet/74.4.883
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from necc.analysis.survival.curve import OVERALL, CiMethod, RiskTable, curves, log_rank
from necc.analysis.survival.kaplan_meier import KaplanMeier
from necc.analysis.survival.small import given
from necc.core.arguments import public
from necc.core.cohort import Cohort, Factor
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.names import numbers_in
from necc.core.result import analysed, answers, grouping, header, leave_out
from necc.core.text import plural
from necc.core.time_to_event import TimeToEvent, merge_equal_times

TOO_LATE = "not under observation before the end of their own follow-up"


def count_intervals(
    start: np.ndarray, stop: np.ndarray, event: np.ndarray, codes: np.ndarray, levels: tuple[str, ...]
) -> RiskTable:
    """Counts intervals under observation, (start, stop], by time, outcome and level.

    start, stop: float arrays, shape (n,), of one unit. event: bool array, shape (n,): whether the interval ends with
    the event. codes: int array, shape (n,), -1 where the level is missing. Empty intervals, missing values and levels
    without intervals are left out. Times equal up to floating-point noise are the same time.
    """
    used = (codes >= 0) & (stop > start)  # NaN compares false
    start, stop, event, codes = start[used], stop[used], np.asarray(event)[used].astype(bool), codes[used]
    start, stop = np.split(merge_equal_times(np.concatenate([start, stop])), 2)
    real = stop > start
    start, stop, event, codes = start[real], stop[real], event[real], codes[real].astype(np.int64)
    grid, at = np.unique(stop, return_inverse=True)
    shape = (len(levels), len(grid))
    size = shape[0] * shape[1]
    counts = [np.bincount(codes[k] * len(grid) + at[k], minlength=size).reshape(shape) for k in (event, ~event)]
    first = np.searchsorted(grid, start, side="right")
    entered = np.bincount(codes * len(grid) + first, minlength=size).reshape(shape).cumsum(axis=1)
    leaving = counts[0] + counts[1]
    n_at_risk = entered - leaving.cumsum(axis=1) + leaving
    present = np.asarray(leaving.any(axis=1))
    strata = tuple(level for level, there in zip(levels, present, strict=True) if there)
    late = bool((start > 0).any())  # from time zero all, as in a landmark analysis: nobody enters
    entries = tuple(np.sort(start[codes == code]) for code in np.flatnonzero(present)) if late else ()
    return RiskTable(strata, grid, n_at_risk[present], counts[0][present], counts[1][present], entries)


def count_risk_with_entry(endpoint: TimeToEvent, entry: np.ndarray, factor: Factor | None = None) -> RiskTable:
    """Counts an endpoint's patients who come under observation at `entry` (shape (n,), the endpoint's unit and origin).

    Equal to the risk sets of R's `survfit(Surv(entry, time, event) ~ factor)`.
    """
    codes = np.where(endpoint.valid, factor.codes if factor else 0, -1)
    return count_intervals(entry, endpoint.time, endpoint.event, codes, factor.levels if factor else (OVERALL,))


@answers
@public
def kaplan_meier_with_entry(
    cohort: Cohort,
    endpoint: str,
    by: str | None = None,
    *,
    entry: str,
    ci: CiMethod = "log-log",
    level: float = 0.95,
    times: float | Iterable[float] = (),
) -> KaplanMeier:
    """Kaplan-Meier curves for left-truncated patients [1].

    Args:
        entry: the number column that says when each patient came under observation, in the endpoint's unit and from
            its origin. Patients without it, or whose follow-up ended by then, are excluded and counted.
        by: anything that `Cohort.factor` takes; None for all patients as one group.
        ci, level: of the pointwise limits, as in `kaplan_meier`.
        times: times, in the endpoint's unit, at which survival is told.

    Returns:
        The curves, each with its patients' entries; follow-up isn't estimated.

    Raises:
        AnalysisError: the cohort lacks the endpoint, the column or the factor, or the units differ.

    Example:
        >>> kaplan_meier_with_entry(cohort, "OS", entry="ttr_months").n
        88
    """
    outcome = cohort.endpoint(endpoint)
    factor = cohort.factor(by) if by else None
    variable = cohort.variable(entry)
    if variable.unit and variable.unit != outcome.unit:
        raise AnalysisError(f"'{entry}' is in {variable.unit}, the endpoint {endpoint} in {outcome.unit}")
    start = cohort.number(entry)
    late = (("entry time not recorded", np.isnan(start)), (TOO_LATE, start >= outcome.time))
    _, lost = leave_out(*analysed(outcome, factor), late)
    table = count_risk_with_entry(outcome, start, factor)
    strata = curves(table, ci, level)
    notes = [*outcome.notes, f"at risk from '{variable.label}' on: earlier time isn't counted", *early_notes(table)]
    if not len(table.time):
        notes.append("no patients to analyse")
    test = given(table, replace(log_rank(table), name="log-rank (delayed entry)"))
    # follow-up isn't told: reversing event and censoring doesn't estimate it when patients enter late
    followup = Estimate(None, None, None, level, ci)
    return KaplanMeier(
        **header(outcome), **grouping(by, factor), defined_as=outcome.defined_as, n=int(table.n.sum()),
        n_events=int(table.n_events.sum()), excluded=lost, ci=ci, level=level, curves=strata, test=test,
        followup=followup, at_times=tuple(c.at(t) for t in numbers_in(times) for c in strata), notes=tuple(notes),
    )  # fmt: skip


def early_notes(table: RiskTable, few: int = 5) -> list[str]:
    """A curve with delayed entry falls hard where few are under observation yet."""
    notes = []
    for g, name in enumerate(table.strata):
        when = np.flatnonzero(table.n_events[g])
        if len(when) and table.n_at_risk[g, when[0]] < few:
            at = int(table.n_at_risk[g, when[0]])
            notes.append(
                f"{name}: only {plural(at, 'patient')} at risk at the first event; the whole curve depends on it"
            )
    return notes
