"""Survival from a later time on, of those who lived until then.

Of those alive and followed beyond `since`, survival to `since + ahead` is S(since + ahead) / S(since) [1, 2], which is
the Kaplan-Meier curve of them alone. Its variance on the log scale is Greenwood's sum over the times after `since`, and
its limits are those of the log(-log) scale, which stay between 0 and 1.

References:
    1. Zabor EC, et al. Cancer 2013;119:3589-92. doi:10.1002/cncr.28273
    2. Hieke S, et al. Clin Cancer Res 2015;21:1530-6. doi:10.1158/1078-0432.CCR-14-2154
    3. Anderson JR, Cain KC, Gelber RD. J Clin Oncol 1983;1:710-9. doi:10.1200/JCO.1983.1.11.710 (landmark)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from necc.analysis.survival.curve import confidence_limits, survival_from_counts
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate, Exclusion, check_level
from necc.core.guardrails import FEW_AT_RISK
from necc.core.names import numbers_in
from necc.core.result import Result, answers
from necc.core.text import format_number, plural
from necc.core.time_to_event import TimeToEvent, n_before, n_until

METHOD = "log-log"


@dataclass(frozen=True)
class ConditionalAt(Result):
    """Survival to `since + ahead` of those alive at `since`: S(since + ahead) / S(since), with its interval.

    n_at_risk: at the end; None where so small a number isn't told. estimate: None with a note where too few are left.
    """

    ahead: float
    n_at_risk: int | None
    estimate: Estimate
    note: str = ""


@dataclass(frozen=True)
class ConditionalSurvival(Result):
    """Survival from a time on, given alive then.

    n: under observation and alive at `since`. n_start: of all analysed at time zero.
    """

    rows_in = "rows"

    endpoint: str
    label: str
    unit: str
    origin: str
    since: float
    n: int
    n_start: int
    rows: tuple[ConditionalAt, ...]
    excluded: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()


@answers
@public
@countable()
def conditional_survival(
    cohort: Cohort,
    endpoint: str,
    since: float,
    ahead: float | Iterable[float] = (6, 12, 24),
    *,
    level: float = 0.95,
    least: int = FEW_AT_RISK,
) -> ConditionalSurvival:
    """Survival `ahead` of a time, given that it was reached [1].

    Args:
        cohort: the patients.
        endpoint: an endpoint's name, e.g. "PRS"; its event needn't be death.
        since: the time reached, in the endpoint's unit, 0 or more.
        ahead: times counted from `since`, each above 0.
        level: confidence level.
        least: with fewer under observation at the end there is no estimate.

    Raises:
        AnalysisError: the cohort lacks the endpoint, a time is negative or no number, or the level isn't between 0
            and 1.

    Example:
        >>> result = conditional_survival(cohort, "PRS", 12, ahead=[12])
        >>> result.n, round(result.rows[0].estimate.value, 3)
        (40, 0.628)
    """
    times = numbers_in(ahead, "times ahead")
    if not (math.isfinite(since) and since >= 0):
        raise AnalysisError(f"the time reached must be a number of 0 or more, not {since}")
    if not all(math.isfinite(t) and t > 0 for t in times):
        raise AnalysisError(f"times ahead must be numbers above 0; there are {', '.join(map(str, times))}")
    check_level(level)
    outcome = cohort.endpoint(endpoint)
    start = int(n_until(outcome.grid, since))
    counts = outcome.counts[:, start:]
    n = int(counts.sum())
    rows = tuple(_row(outcome, counts, start, since, t, level, least) for t in times)
    notes = [*outcome.notes]
    if not n:
        known = f" {outcome.unit}" if outcome.unit else ""
        notes.append(f"nobody was followed beyond {format_number(since)}{known}")
    return ConditionalSurvival(
        outcome.name, outcome.label, outcome.unit, outcome.origin, float(since), n, outcome.n, rows,
        outcome.excluded, tuple(notes),
    )  # fmt: skip


def _row(
    outcome: TimeToEvent, counts: np.ndarray, start: int, since: float, ahead: float, level: float, least: int
) -> ConditionalAt:
    """One time ahead. counts: of those beyond `since` by outcome and time, from `start` of the grid on."""
    grid = outcome.grid[start:]
    leaving = counts.sum(axis=0)
    at_risk = np.append(leaving[::-1].cumsum()[::-1], 0)
    left = int(at_risk[int(n_before(grid, since + ahead))])
    if left < least:
        who = plural(left, "patient")
        note = f"too few: {who} under observation at {format_number(since + ahead)} {outcome.unit}, {least} are needed"
        return ConditionalAt(ahead, left, Estimate(None, None, None, level, METHOD), note)
    until = int(n_until(grid, since + ahead))
    if not counts[1, :until].any():
        return ConditionalAt(ahead, left, Estimate(1.0, None, None, level, METHOD), "no event in this time")
    survival, se = (part[until - 1 : until] for part in survival_from_counts(at_risk[:-1], counts[1]))
    limits = (float(limit[0]) for limit in confidence_limits(survival, se, "log-log", level))
    lower, upper = (limit if math.isfinite(limit) else None for limit in limits)
    return ConditionalAt(ahead, left, Estimate(float(survival[0]), lower, upper, level, METHOD))
