"""The maximum of Cox's partial likelihood by Newton-Raphson, and the door for arrays.

References:
    1. Cox DR. J R Stat Soc B 1972;34:187-220. doi:10.1111/j.2517-6161.1972.tb00899.x
    2. Therneau TM, Grambsch PM. Modeling Survival Data. Springer 2000. doi:10.1007/978-1-4757-3294-8
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from necc.analysis.regression.partial import Moments, PartialLikelihood
from necc.analysis.regression.separation import ALL_STEPS, FIRST_STEPS, doubtful, recession
from necc.analysis.regression.ties import Ties
from necc.core.errors import AnalysisError
from necc.core.frozen import Frozen
from necc.core.text import joined
from necc.core.time_to_event import merge_equal_times

Status = Literal[
    "converged", "monotone", "no events", "not converged", "nothing to estimate", "more terms than patients"
]
NOTHING_FITTED = ("no events", "nothing to estimate", "more terms than patients")
CONVERGED = 1e-8  # largest change of a linear predictor; the step after it is exact to rounding


@dataclass(frozen=True, eq=False)
class Maximum(Frozen):
    """The maximum of a partial likelihood, in the covariates' own units.

    coefficients: shape (p,); NaN where a covariate is aliased, NaN for all where nothing was estimated. Where `status`
        is "monotone" and the likelihood keeps rising in this covariate, plus or minus infinity, or NaN where the
        data don't say which; the others then are those of the limit.
    covariance: shape (p, p), NaN for the coefficients that aren't finite.
    score_statistic: at zero coefficients, NaN where nothing was fitted; wald_statistic: NaN unless converged.
    free: bool, shape (p,), the covariates that the ones before them don't determine.
    separated: bool, shape (p,), the covariates in which the likelihood keeps rising.
    """

    status: Status
    ties: Ties
    coefficients: np.ndarray
    covariance: np.ndarray
    loglik_null: float
    loglik: float
    score_statistic: float
    wald_statistic: float
    df: int
    n: int
    n_events: int
    iterations: int
    free: np.ndarray
    separated: np.ndarray

    @property
    def converged(self) -> bool:
        return self.status == "converged"

    @property
    def se(self) -> np.ndarray:
        """Standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def lr_statistic(self) -> float:
        """Twice the gain in log likelihood over no covariates."""
        return 2 * (self.loglik - self.loglik_null)


@dataclass(frozen=True, eq=False)
class CoxFit(Maximum):
    """A maximum with the likelihood that it is of, for residuals and further tests.

    scaled: the coefficients of the likelihood's scaled covariates, shape (p,); moments: its derivatives there.
    limit: the fit of what a monotone likelihood nears; its supremum is `loglik`.
    """

    likelihood: PartialLikelihood
    scaled: np.ndarray
    moments: Moments
    limit: CoxFit | None = None


def maximise(likelihood: PartialLikelihood, start: np.ndarray | None = None, only: np.ndarray | None = None) -> CoxFit:
    """Newton-Raphson with step halving; `only` (bool, shape (p,)) limits the covariates to some of them."""
    asked = np.ones(likelihood.p, dtype=bool) if only is None else only
    free = likelihood.free_of_alias(asked)
    p, zero = likelihood.p, likelihood.at_zero
    index = np.flatnonzero(free)
    inner = np.ix_(index, index)
    status: Status = "converged"
    if not likelihood.n_event_times:
        status = "no events"
    elif not len(index):
        status = "nothing to estimate"
    elif int((asked & likelihood.varies).sum()) >= likelihood.n:
        status = "more terms than patients"
    score = np.nan
    if status == "converged":
        score = float(zero.score[index] @ np.linalg.solve(zero.information[inner], zero.score[index]))
    beta, current, steps = np.zeros(p), zero, 0
    if start is not None and status == "converged":
        started = likelihood.at(np.where(free, start, 0.0))
        if np.isfinite(started.loglik) and started.loglik >= zero.loglik:
            beta, current = np.where(free, start, 0.0), started
    result = None
    if status == "converged":
        beta, current, steps, there = _climb(likelihood, beta, current, index, FIRST_STEPS)
        if not there or doubtful(likelihood.unit_x @ beta, current.information[inner], zero.information[inner]):
            result = recession(likelihood.gaps()[:, index])
        if not there and result is None:
            beta, current, more, there = _climb(likelihood, beta, current, index, ALL_STEPS)
            steps += more
        status = "monotone" if result else "converged" if there else "not converged"
    coefficients, covariance, separated = np.full(p, np.nan), np.full((p, p), np.nan), np.zeros(p, dtype=bool)
    wald, loglik, scale, limit = np.nan, current.loglik, likelihood.scale, None
    if status == "converged":
        coefficients[index] = beta[index] / scale[index]
        covariance[inner] = np.linalg.inv(current.information[inner]) / np.outer(scale[index], scale[index])
        wald = float(beta[index] @ current.information[inner] @ beta[index])
    elif result:
        direction = np.zeros(p)
        direction[index] = result.direction
        limit = maximise(likelihood.within(direction), only=free)
        separated[index] = result.affected
        separated |= limit.separated
        rest = np.ix_(~separated & free, ~separated & free)
        covariance[rest] = limit.covariance[rest]
        coefficients = np.where(free, limit.coefficients, np.nan)
        towards = np.zeros(p)
        towards[index] = result.sign
        coefficients[separated] = np.where(towards == 0, np.nan, np.copysign(np.inf, towards))[separated]
        loglik = limit.loglik
    return CoxFit(
        status, likelihood.ties, coefficients, covariance, zero.loglik, loglik, score, wald, int(free.sum()),
        likelihood.n, int(likelihood.n_tied.sum()), steps, free, separated, likelihood, beta, current, limit,
    )  # fmt: skip


def _climb(
    likelihood: PartialLikelihood, beta: np.ndarray, current: Moments, index: np.ndarray, most: int
) -> tuple[np.ndarray, Moments, int, bool]:
    """Newton steps until they vanish: where they led, their number, and whether they vanished."""
    for steps in range(most + 1):
        try:
            step = _newton_step(current, index, likelihood.p)
        except np.linalg.LinAlgError:
            return beta, current, steps, False
        change = np.abs(likelihood.unit_x @ step).max()
        if change <= CONVERGED:
            return beta + step, likelihood.at(beta + step), steps, True
        beta, current, moved = _halve(likelihood, beta, step, current)
        if not moved:  # the last digits of the likelihood are noise
            return beta, current, steps + 1, bool(change <= 1e-6)
    return beta, current, most, False


def _newton_step(current: Moments, index: np.ndarray, p: int) -> np.ndarray:
    step = np.zeros(p)
    step[index] = np.linalg.solve(current.information[np.ix_(index, index)], current.score[index])
    if not np.isfinite(step).all():
        raise np.linalg.LinAlgError
    return step


def _halve(
    likelihood: PartialLikelihood, beta: np.ndarray, step: np.ndarray, current: Moments
) -> tuple[np.ndarray, Moments, bool]:
    """The first of the step, its half, its quarter ... that doesn't lower the likelihood."""
    for _ in range(30):
        candidate = likelihood.at(beta + step)
        if np.isfinite(candidate.loglik) and candidate.loglik >= current.loglik - 1e-12 * abs(current.loglik):
            return beta + step, candidate, True
        step = step / 2
    return beta, current, False


# ---------------------------------------------------------------- the door for arrays
def fit_cox(
    time: np.ndarray,
    event: np.ndarray,
    x: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    ties: Ties = "efron",
    weights: np.ndarray | None = None,
    patients: np.ndarray | None = None,
) -> CoxFit:
    """Fits Cox's model [1] to arrays.

    Args:
        time: end of observation, shape (n,).
        event: whether it ended with the event, bool, shape (n,).
        x: covariates, shape (n, p) or (n,).
        entry: start of observation (left truncation), or of the interval (start, stop] of a counting process [2]
            where a patient has several rows; shape (n,). At risk from just after it.
        strata: labels of groups with hazards of their own, shape (n,).
        ties: "efron" or "breslow".
        weights: case weights with R's meaning, shape (n,).
        patients: how many each row stands for, int, shape (n,), 1 or more; None where each is one.

    Raises:
        AnalysisError: shapes differ, values are missing or infinite, or an entry isn't before its time.
    """
    likelihood = likelihood_of(
        time, event, x, entry=entry, strata=strata, ties=ties, weights=weights, patients=patients
    )
    return maximise(likelihood)


def likelihood_of(
    time: np.ndarray,
    event: np.ndarray,
    x: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    ties: Ties = "efron",
    weights: np.ndarray | None = None,
    patients: np.ndarray | None = None,
) -> PartialLikelihood:
    """The partial likelihood of arrays, whose shapes and meaning are those of `fit_cox`.

    Times that differ by rounding only are ties, and patients with the same covariates share one row of them.

    Raises:
        AnalysisError: an unknown rule for ties, other shapes, values missing or infinite, a weight that isn't
            positive, or an entry that isn't before its time.
    """
    if ties not in get_args(Ties):
        raise AnalysisError(f"ties '{ties}' is not one of {joined(get_args(Ties), 'or')}")
    time, event, x = np.asarray(time, dtype=float), np.asarray(event).astype(bool), np.asarray(x, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    numbers = [time, x] + [np.asarray(a, dtype=float) for a in (entry, weights) if a is not None]
    others = [event, *(np.asarray(given) for given in (strata, patients) if given is not None)]
    if any(len(a) != len(time) for a in numbers + others):
        raise AnalysisError("time, event, covariates, entry, strata and weights must have one row a patient")
    if not all(np.isfinite(a).all() for a in numbers):
        raise AnalysisError("times, covariates, entries and weights must be finite: leave out incomplete rows first")
    n = len(time)
    merged = merge_equal_times(time if entry is None else np.concatenate([time, np.asarray(entry, dtype=float)]))
    grid, codes = np.unique(merged, return_inverse=True)
    entry_codes = None
    if entry is not None:
        codes, entry_codes = codes[:n], codes[n:]
        if (entry_codes >= codes).any():
            raise AnalysisError("an entry must be earlier than the end of its observation")
    if weights is not None:
        weights = np.asarray(weights, dtype=float)
        if (weights <= 0).any():
            raise AnalysisError("weights must be positive: leave out rows of weight zero first")
    if patients is not None and ((patients := np.asarray(patients)) < 1).any():
        raise AnalysisError("a row must stand for 1 patient or more: leave out rows of nobody first")
    patterns, pattern = distinct_rows(x if weights is None else np.column_stack([x, weights]))
    stratum = None if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1]
    return PartialLikelihood(
        codes, event, patterns[:, : x.shape[1]], pattern, n_times=len(grid), entry=entry_codes, stratum=stratum,
        weights=weights, patients=patients, ties=ties,
    )  # fmt: skip


def distinct_rows(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows of `x` (n, p) and the index of each row into them; `x` itself where most rows differ."""
    n, p = x.shape
    if not p or not n:
        return x[:1], np.zeros(n, dtype=np.int64)
    key = x @ np.random.default_rng(20).normal(size=p)  # equal rows have equal keys
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    if 2 * len(first) > n or not np.array_equal(x[first][index], x):
        return x, np.arange(n)
    return x[first], index
