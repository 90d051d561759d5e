"""The weighted log-rank family: tests that compare observed with expected events, weighted by time.

    log-rank            1
    gehan-breslow       number at risk                          early differences, disturbed by censoring
    tarone-ware         square root of the number at risk
    peto-peto           pooled S(t-)                            Fleming-Harrington(1, 0): R's `survdiff(rho = 1)`
    modified-peto-peto  prod(1 - d/(n+1)) * n/(n+1)             Andersen's form, as Klein & Moeschberger print it
    fleming-harrington  S(t-)^rho (1 - S(t-))^gamma             gamma > 0: late differences

R calls `rho = 1` the Peto & Peto modification of the Gehan-Wilcoxon test. It uses the Kaplan-Meier estimate just
before each time; Peto and Peto's own estimate, prod(1 - d/(n+1)), differs from it by a little in small samples.
The variance is the hypergeometric one, as in R.

References:
    1. Fleming TR, Harrington DP. Counting processes and survival analysis. Wiley 1991. doi:10.1002/9781118150672
    2. Klein JP, Moeschberger ML. Survival analysis, 2nd ed. Springer 2003, ch. 7. doi:10.1007/b97377
    3. Tarone RE. Biometrika 1975;62:679-82. doi:10.1093/biomet/62.3.679 (trend)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from scipy.special import chdtrc

from necc.analysis.survival.curve import LogRank, RiskTable, ScoreParts, chi_square, score_parts
from necc.core.errors import AnalysisError
from necc.core.text import joined

Weighting = Literal["log-rank", "gehan-breslow", "tarone-ware", "peto-peto", "modified-peto-peto", "fleming-harrington"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)


def time_weights(table: RiskTable, weighting: Weighting, rho: float = 1.0, gamma: float = 0.0) -> np.ndarray:
    """The weight of each time of the table, from all groups together; float array, shape (n_times,).

    Raises:
        AnalysisError: the weighting is unknown, or rho or gamma is negative.
    """
    d: np.ndarray = table.n_events.sum(axis=0)
    n: np.ndarray = table.n_at_risk.sum(axis=0).astype(float)
    if weighting == "log-rank":
        return np.ones(len(n))
    if weighting == "gehan-breslow":
        return n
    if weighting == "tarone-ware":
        return np.asarray(np.sqrt(n))
    if weighting == "modified-peto-peto":
        return np.asarray(np.cumprod(1 - d / (n + 1)) * n / (n + 1))
    if weighting not in WEIGHTINGS:
        raise AnalysisError(f"no weighting '{weighting}'; there are {joined(WEIGHTINGS)}")
    if weighting == "peto-peto":
        rho, gamma = 1.0, 0.0
    if rho < 0 or gamma < 0:
        raise AnalysisError("rho and gamma of the Fleming-Harrington test must be zero or positive")
    before = np.concatenate([[1.0], np.cumprod(1 - d / np.maximum(n, 1))])[: len(n)]
    return np.asarray(before**rho * np.maximum(1 - before, 0) ** gamma)


def weighted_log_rank(
    tables: RiskTable | Sequence[RiskTable], weighting: Weighting = "log-rank", *, rho: float = 1.0, gamma: float = 0.0
) -> LogRank:
    """A test of the weighted log-rank family [1, 2]; several tables (same groups) make it stratified.

    Equal to R's `survdiff(..., rho = 0)` for "log-rank", `rho = 1` for "peto-peto", `rho = rho` for
    "fleming-harrington" with gamma 0; strata as its `strata()`, with weights of each stratum's own.

    Args:
        tables: one count table, or one for each stratum, all with the same groups in the same order.
        rho, gamma: of "fleming-harrington"; the other weightings don't look at them.

    Returns:
        The chi-square test; observed and expected are weighted events, one a group. Statistic and p are None, with a
        note, where there is nothing to compare.

    Raises:
        AnalysisError: the weighting is unknown, or rho or gamma is negative.
    """
    return chi_square(_summed(tables, weighting, rho, gamma), weighting_name(weighting, rho, gamma))


def trend_test(
    tables: RiskTable | Sequence[RiskTable],
    scores: Sequence[float] | None = None,
    weighting: Weighting = "log-rank",
    *,
    rho: float = 1.0,
    gamma: float = 0.0,
) -> LogRank:
    """Log-rank test for trend [3]: one degree of freedom for groups in an order.

    Args:
        scores: a number for each group; 1, 2, 3 ... by default.

    Raises:
        AnalysisError: the scores are not one for each group, or the weighting is unknown.
    """
    parts = _summed(tables, weighting, rho, gamma)
    a = np.arange(1.0, len(parts.observed) + 1) if scores is None else np.asarray(scores, dtype=float)
    if len(a) != len(parts.observed):
        raise AnalysisError(f"{len(a)} scores for {len(parts.observed)} groups")
    name = f"{weighting_name(weighting, rho, gamma)}, trend"
    numbers = tuple(parts.observed.tolist()), tuple(parts.expected.tolist())
    variance = float(a @ parts.variance @ a)
    if variance <= 1e-12 * max(float((a**2).sum()), 1.0):
        return LogRank(None, 1, None, *numbers, name, "no test for trend: no events to compare, or scores all equal")
    statistic = float(a @ (parts.observed - parts.expected)) ** 2 / variance
    return LogRank(statistic, 1, float(chdtrc(1, statistic)), *numbers, name)


def _summed(tables: RiskTable | Sequence[RiskTable], weighting: Weighting, rho: float, gamma: float) -> ScoreParts:
    tables = [tables] if isinstance(tables, RiskTable) else list(tables)
    parts = [score_parts(t, time_weights(t, weighting, rho, gamma)) for t in tables]
    return sum(parts[1:], parts[0])


def weighting_name(weighting: Weighting, rho: float, gamma: float) -> str:
    return f"fleming-harrington({rho:g}, {gamma:g})" if weighting == "fleming-harrington" else weighting
