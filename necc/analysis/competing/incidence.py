"""Cumulative incidence and Gray's test from counts, equal to R's `cmprsk::cuminc`.

The cumulative incidence of a cause is the share of all patients who have had it by a time, where others have had
another event first. 1 - Kaplan-Meier with those others censored answers a different question (had nobody anything
else) and is larger; it is kept beside the estimate to show by how much.

References:
    1. Aalen OO, Johansen S. Scand J Stat 1978;5:141-50. https://www.jstor.org/stable/4615704 (the estimate)
    2. Aalen O. Ann Stat 1978;6:534-45. doi:10.1214/aos/1176344198 (its variance, with ties as in cmprsk)
    3. Gray RJ. Ann Stat 1988;16:1141-54. doi:10.1214/aos/1176350951 (the test)
    4. Choudhury JB. Stat Med 2002;21:1129-44. doi:10.1002/sim.1070 (log-log limits)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from necc.analysis.competing.outcome import CompetingOutcome
from necc.analysis.survival import OVERALL
from necc.core.cohort import Factor
from necc.core.guardrails import TOO_FEW, Group, too_few
from necc.core.result import Result, Viewable
from necc.core.tally import tally

SINGULAR = 1e-7  # the tolerance of R's qr


@dataclass(frozen=True, eq=False)
class CauseTable(Viewable):
    """Counts at each distinct time by stratum and cause.

    time: float array, shape (n_times,). n_at_risk, n_any, n_censored: int arrays, shape (n_strata, n_times);
    n_any counts events of any cause. n_events: int array, shape (n_causes, n_strata, n_times). Causes may overlap
    (a recurrence at two sites), so they need not add up to n_any.
    """

    strata: tuple[str, ...]
    causes: tuple[str, ...]
    time: np.ndarray
    n_at_risk: np.ndarray
    n_events: np.ndarray
    n_any: np.ndarray
    n_censored: np.ndarray

    @property
    def n(self) -> np.ndarray:
        """Patients per stratum, shape (n_strata,)."""
        result: np.ndarray = (self.n_any + self.n_censored).sum(axis=1)
        return result

    def to_frame(self) -> pd.DataFrame:
        """One row a cause, stratum and time: cause, stratum, time, n_at_risk, n_events, n_any, n_censored."""
        places = pd.MultiIndex.from_product(
            [self.causes, self.strata, self.time.tolist()], names=["cause", "stratum", "time"]
        )
        shared = {
            name: np.tile(getattr(self, name).ravel(), len(self.causes))
            for name in ("n_at_risk", "n_any", "n_censored")
        }
        return pd.DataFrame({**shared, "n_events": self.n_events.ravel()}, index=places).reset_index()


def count_causes(
    outcome: CompetingOutcome, factor: Factor | None = None, used: np.ndarray | None = None, keep_empty: bool = False
) -> CauseTable:
    """Counts an outcome's patients by time, cause and level; levels without patients are left out.

    used: bool array, shape (n,), who is counted; by default all that can be analysed.

    Example:
        >>> count_causes(competing_outcome(cohort, "TTR")).n.tolist()
        [88]
    """
    n_times = len(outcome.grid)
    levels = factor.levels if factor else (OVERALL,)
    codes = factor.codes if factor else np.zeros(len(outcome), dtype=np.int64)
    counted = outcome.valid & (codes >= 0)
    if used is not None:
        counted &= used
    cell = codes.astype(np.int64) * n_times + outcome.codes
    shape = (len(levels), n_times)

    def count(mask: np.ndarray) -> np.ndarray:
        chosen = mask & counted
        patients = None if outcome.patients is None else outcome.patients[chosen]
        return tally(cell[chosen], patients, shape[0] * n_times).reshape(shape)

    n_any, n_censored = count(outcome.event), count(~outcome.event)
    n_events = np.array([count(outcome.members[:, k]) for k in range(len(outcome.causes))]).reshape(
        len(outcome.causes), *shape
    )
    leaving = n_any + n_censored
    n_at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    present = np.ones(len(levels), dtype=bool) if keep_empty else leaving.any(axis=1)
    strata = tuple(level for level, there in zip(levels, present, strict=True) if there)
    return CauseTable(
        strata, outcome.causes, outcome.grid, n_at_risk[present], n_events[:, present], n_any[present],
        n_censored[present],
    )  # fmt: skip


# ---------------------------------------------------------------- the estimate
def incidence_from_counts(
    n_at_risk: np.ndarray, n_events: np.ndarray, n_any: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative incidence [1] of a cause and its variance [2]; works along the last axis.

    The event of the cause at s moves the estimate at t by S(s-)/n(s) * (1 - (F(t) - F(s)) / S(s)), another event by
    S(s-)/n(s) * (F(t) - F(s)) / S(s); ties get the hypergeometric variance d(n - d)/(n - 1).
    """
    n = np.maximum(n_at_risk, 1).astype(float)
    others = n_any - n_events
    survival = np.cumprod(1 - n_any / n, axis=-1)
    before = np.concatenate([np.ones_like(survival[..., :1]), survival[..., :-1]], axis=-1)
    incidence = np.cumsum(before * n_events / n, axis=-1)
    own, other = (before**2 / n**2 * _tied(d, n) for d in (n_events, others))
    inverse = np.where(survival > 0, 1 / np.where(survival > 0, survival, 1), 0.0)
    moved = incidence * inverse
    constant = np.cumsum(own * (1 + moved) ** 2 + other * moved**2, axis=-1)
    linear = np.cumsum((own * (1 + moved) + other * moved) * inverse, axis=-1)
    square = np.cumsum((own + other) * inverse**2, axis=-1)
    return incidence, np.maximum(constant + incidence**2 * square - 2 * incidence * linear, 0)


def _tied(d: np.ndarray, n: np.ndarray) -> np.ndarray:
    return np.where(d > 1, d * (n - d) / np.maximum(n - 1, 1), d)


ONE_MINUS_KM = (
    "1 − Kaplan-Meier, with other events as censored, overstates the cumulative incidence when other events compete"
)


def naive_incidence(n_at_risk: np.ndarray, n_events: np.ndarray) -> np.ndarray:
    """1 - Kaplan-Meier, other events taken as censored.

    n_at_risk, n_events: int arrays, shape (..., n_times); gives a float array of that shape.
    """
    return 1 - np.cumprod(1 - n_events / np.maximum(n_at_risk, 1), axis=-1)


# ---------------------------------------------------------------- Gray's test
@dataclass(frozen=True)
class GrayTest(Result):
    """Gray's test [3] of one cause; None with a note where there is none.

    expected: events of the cause in each group if all groups had the same incidence.
    """

    cause: str
    statistic: float | None
    df: int
    p: float | None
    p_adjusted: float | None = None
    name: str = "Gray"
    note: str = ""
    expected: tuple[float, ...] = ()

    @property
    def chi_square_p(self) -> float | None:
        """p by the chi-square distribution, whatever the groups' size."""
        return None if self.statistic is None else float(chdtrc(self.df, self.statistic))

    def given(self, sizes: Sequence[tuple[str, int]]) -> GrayTest:
        """The test as groups (name, patients) of this size allow: see the minimum in `necc.core.guardrails`."""
        groups = [Group(name, n, e) for (name, n), e in zip(sizes, self.expected, strict=False)]
        few = too_few(groups)
        return replace(self, p=None, note=f"{TOO_FEW}: {few}") if self.p is not None and few else self


def gray_test(tables: CauseTable | Sequence[CauseTable], cause: int = 0, rho: float = 0.0) -> GrayTest:
    """Gray's K-sample test [3] of one cause's cumulative incidence; several tables (same groups) make it stratified.

    Equal to `cmprsk::cuminc(..., strata, rho)$Tests`. `cause`: its place among the table's. Where there is nothing to
    compare, statistic and p are None with a note; nothing is raised.

    Example:
        >>> table = count_causes(competing_outcome(cohort, "TTR"), cohort.factor("histology"))
        >>> gray_test(table).df
        2
    """
    tables = [tables] if isinstance(tables, CauseTable) else list(tables)
    name, groups = tables[0].causes[cause], len(tables[0].strata)
    if groups < 2:
        return GrayTest(name, None, 0, None, note="one group only: nothing to compare")
    df = groups - 1
    if not sum(int(t.n_events[cause].sum()) for t in tables):
        return GrayTest(name, None, df, None, note="no events of this cause: no test")
    score, variance, observed = np.zeros(groups), np.zeros((groups, groups)), np.zeros(groups)
    for table in tables:
        observed = observed + table.n_events[cause].sum(axis=1)
        s, v = _gray_parts(table.n_at_risk, table.n_events[cause], table.n_any - table.n_events[cause], rho)
        score, variance = score + s, variance + v
    inner = variance[:df, :df]
    scale = np.sqrt(np.maximum(np.diag(inner), 0))
    if (scale <= 0).any() or np.linalg.matrix_rank(inner / np.outer(scale, scale), tol=SINGULAR) < df:
        return GrayTest(name, None, df, None, note="the groups were not at risk together at such an event: no test")
    statistic = float(score[:df] @ np.linalg.solve(inner, score[:df]))
    if statistic < 0:
        return GrayTest(name, None, df, None, note="too many ties for too few patients: no test")
    expected = tuple((observed - score).tolist()) if rho == 0 else ()
    return GrayTest(name, statistic, df, float(chdtrc(df, statistic)), expected=expected)


def _gray_parts(n_at_risk: np.ndarray, own: np.ndarray, other: np.ndarray, rho: float) -> tuple[np.ndarray, np.ndarray]:
    """Score and variance of one table, all groups; arrays of shape (n_groups, n_times).

    At risk in the sense of the subdistribution are n (1 - F(t-)) / S(t-) patients of a group. An event of a group
    enters every group's score at its own time (`direct`) and, through the group's estimated S and F, at all later
    ones (`later`: what is still to come of the cumulated influence).
    """
    when = (own + other).any(axis=0)
    n, own, other = n_at_risk[:, when].astype(float), own[:, when], other[:, when]
    groups, times = n.shape
    there = n > 0
    safe = np.where(there, n, 1.0)
    survival = np.cumprod(1 - (own + other) / safe, axis=1)
    before = np.concatenate([np.ones((groups, 1)), survival[:, :-1]], axis=1)
    incidence = np.cumsum(before * own / safe, axis=1)
    incidence_before = np.concatenate([np.zeros((groups, 1)), incidence[:, :-1]], axis=1)
    risk = np.where(there, n / np.where(before > 0, before, 1), 0.0)
    total = risk.sum(axis=0)
    d = own.sum(axis=0)
    pooled = np.cumsum(d / np.where(total > 0, total, 1))
    pooled_before = np.concatenate([[0.0], pooled[:-1]])
    weight = np.maximum(1 - pooled_before, 0) ** rho
    sub_risk = risk * (1 - incidence_before)
    all_sub = sub_risk.sum(axis=0)
    score = (weight * (own - d * sub_risk / np.where(all_sub > 0, all_sub, 1))).sum(axis=1)

    share = risk / np.where(total > 0, total, 1)
    direct = weight * (np.eye(groups)[:, :, None] * risk[:, None] - risk[:, None] * share[None])  # (i, k, t)
    rate = d / np.where((total > 0) & (pooled_before < 1), total * (1 - pooled_before), np.inf)
    cumulated = np.cumsum(direct * rate, axis=2)
    later = cumulated[:, :, -1:] - cumulated

    left = (1 - pooled) / np.where(survival > 0, survival, 1)
    of_own = np.where(survival > 0, 1 - left, 1.0)
    # cmprsk's correction for ties scales the pooled risk set to the group's, so that it may turn negative
    scaled = total * before - 1
    tied = 1 - np.where((d > 1) & (scaled != 0), d - 1, 0) / np.where(scaled != 0, scaled, 1)
    own_size = np.where(there, tied * before * d / np.where(total > 0, total, 1) / safe, 0.0)
    other_size = np.where(survival > 0, before**2 * _tied(other, safe) / safe**2, 0.0)
    parts = np.concatenate([direct + of_own * later, left * later], axis=2).reshape(groups, -1)
    size = np.concatenate([own_size, other_size], axis=1).ravel()
    return score, (parts * size) @ parts.T
