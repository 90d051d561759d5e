"""The Fine-Gray model of the subdistribution hazard, equal to R's `cmprsk::crr`.

Patients who had another event stay at risk with weight G(t-)/G(T-), G being the Kaplan-Meier estimate of not yet being
censored, all patients together. Ties are Breslow's. The variance is the sandwich of [1], which counts that G is
estimated. Everything is sums over the distinct times from either end, so the cost grows with patients plus times.

References:
    1. Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509. doi:10.1080/01621459.1999.10474144
    2. Bryson MC, Johnson ME. Technometrics 1981;23:381-3. doi:10.1080/00401706.1981.10487681 (no finite maximum)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from necc.cohort import merge_equal_times
from necc.errors import AnalysisError

Status = Literal["converged", "monotone", "no events", "not converged", "aliased"]
MAX_ITERATIONS = 40
CONVERGED = 1e-10  # largest change of a linear predictor in a full Newton step
DIVERGED = 30.0  # a linear predictor beyond this means that the likelihood rises for ever
ALIASED = 1e-9
FLAT = 1e-8


@dataclass(frozen=True, eq=False)
class FineGrayFit:
    """A fitted subdistribution hazard model.

    coefficients: shape (p,); covariance: shape (p, p), the robust one. NaN where `status` isn't "converged".
    n_events: events of the cause; n_competing: others.
    """

    status: Status
    coefficients: np.ndarray
    covariance: np.ndarray
    loglik_null: float
    loglik: float
    n: int
    n_events: int
    n_competing: int
    iterations: int

    @property
    def converged(self) -> bool:
        return self.status == "converged"

    @property
    def se(self) -> np.ndarray:
        """Robust standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))


def fit_fine_gray(time: np.ndarray, status: np.ndarray, x: np.ndarray) -> FineGrayFit:
    """Fits the proportional subdistribution hazards model [1].

    Args:
        time: shape (n,). status: shape (n,), 1 the cause, 2 another event, 0 censored.
        x: covariates, shape (n, p) or (n,).

    Raises:
        AnalysisError: shapes differ, or values are missing or not as described.
    """
    time, status, x = np.asarray(time, dtype=float), np.asarray(status), np.asarray(x, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if not len(time) == len(status) == len(x):
        raise AnalysisError("time, status and covariates must have one row a patient")
    if not (np.isfinite(time).all() and np.isfinite(x).all() and np.isin(status, (0, 1, 2)).all()):
        raise AnalysisError("times and covariates must be finite and status 0, 1 or 2: leave out incomplete rows first")
    n, p = x.shape
    n_events, n_competing = int((status == 1).sum()), int((status == 2).sum())

    def nothing(why: Status, null: float = np.nan, iterations: int = 0) -> FineGrayFit:
        blank = np.full(p, np.nan)
        return FineGrayFit(why, blank, np.full((p, p), np.nan), null, np.nan, n, n_events, n_competing, iterations)

    if not n_events:
        return nothing("no events")
    centre, scale = x.mean(axis=0), x.std(axis=0)
    if (scale <= ALIASED * np.maximum(np.abs(centre), 1)).any():
        return nothing("aliased")
    model = _Subdistribution(time, status, (x - centre) / scale)
    beta = np.zeros(p)
    loglik, score, information = model.derivatives(beta)
    null, value = loglik, loglik
    bend = np.linalg.eigvalsh(information)
    if bend[0] <= ALIASED * bend[-1]:
        return nothing("aliased", null)
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = np.linalg.solve(information, score)
        small = float(np.abs(model.x @ step).max()) < CONVERGED
        beta, value, score, information = _climb(model, beta, step, value)
        if float(np.abs(model.x @ beta).max()) > DIVERGED or _flat(information, bend[0]):
            return nothing("monotone", null, iteration)
        if small:
            meat = model.residuals(beta)
            bread = np.linalg.inv(information) / scale
            covariance = bread.T @ (meat.T @ meat) @ bread
            return FineGrayFit("converged", beta / scale, covariance, null, value, n, n_events, n_competing, iteration)
    return nothing("not converged", null, MAX_ITERATIONS)


def _flat(information: np.ndarray, at_start: float) -> bool:
    """Whether the likelihood has stopped bending in some direction: it rises for ever there [2]."""
    return not np.isfinite(information).all() or bool(np.linalg.eigvalsh(information)[0] <= FLAT * at_start)


def _climb(model: _Subdistribution, beta: np.ndarray, step: np.ndarray, value: float):
    """The step, halved until the likelihood doesn't fall."""
    for _ in range(20):
        with np.errstate(all="ignore"):  # a wild step gives a likelihood that isn't finite, and is halved
            found = model.derivatives(beta + step)
        if np.isfinite(found[0]) and found[0] >= value - 1e-9 * (1 + abs(value)):
            break
        step = step / 2
    return beta + step, *found


class _Subdistribution:
    """The weighted partial likelihood of one cause on a grid of distinct times.

    x: shape (n, p). at: int array, shape (n,), a patient's time on the grid. free: shape (n_times,), G(t-).
    """

    def __init__(self, time: np.ndarray, status: np.ndarray, x: np.ndarray):
        grid, self.at = np.unique(merge_equal_times(time), return_inverse=True)
        self.size = int(self.at.max()) + 1
        self.x, self.own, self.other = x, status == 1, status == 2
        self.censored = status == 0
        leaving = np.bincount(self.at, minlength=self.size)
        self.n_at_risk = leaving[::-1].cumsum()[::-1]
        self.n_censored = np.bincount(self.at[self.censored], minlength=self.size)
        kept = np.cumprod(1 - self.n_censored / self.n_at_risk)
        self.free = np.concatenate([[1.0], kept[:-1]])
        if grid[0] == 0:  # cmprsk steps back from a time by a factor, so that zero stays where it is
            self.free[0] = kept[0] or 1.0
        # the weight a patient with another event carries at t is free[t] * lasting
        self.lasting = np.where(self.other, 1 / self.free[self.at], 0.0)
        self.d = np.bincount(self.at[self.own], minlength=self.size)

    def _at(self, values: np.ndarray) -> np.ndarray:
        """Sums by time of values per patient, shape (n_times, ...)."""
        columns = values.reshape(len(values), -1)
        summed = np.stack([np.bincount(self.at, c, minlength=self.size) for c in columns.T], axis=1)
        return summed.reshape(self.size, *values.shape[1:])

    def _risk_sum(self, values: np.ndarray) -> np.ndarray:
        """Sums over the weighted risk set at each time: those still there, and those gone by another event."""
        still = self._at(values)[::-1].cumsum(axis=0)[::-1]
        extra = (1,) * (values.ndim - 1)
        gone = np.cumsum(self._at(values * self.lasting.reshape(-1, *extra)), axis=0)
        gone = np.concatenate([np.zeros_like(gone[:1]), gone[:-1]])
        return still + gone * self.free.reshape(-1, *extra)

    def derivatives(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Log likelihood, score and information."""
        eta = self.x @ beta
        shift = eta.max()
        e = np.exp(eta - shift)
        outer = self.x[:, :, None] * self.x[:, None, :]
        when = self.d > 0
        d = self.d[when]
        s0 = self._risk_sum(e)[when]
        mean = self._risk_sum(e[:, None] * self.x)[when] / s0[:, None]
        square = self._risk_sum(e[:, None, None] * outer)[when] / s0[:, None, None]
        loglik = float(eta[self.own].sum() - (d * (np.log(s0) + shift)).sum())
        score = self.x[self.own].sum(axis=0) - d @ mean
        information = np.tensordot(d, square - mean[:, :, None] * mean[:, None, :], axes=1)
        return loglik, score, information

    def residuals(self, beta: np.ndarray) -> np.ndarray:
        """Each patient's share of the score, shape (n, p): eta of [1], and psi for the estimated censoring."""
        e = np.exp(self.x @ beta)
        s0 = self._risk_sum(e)
        when = (self.d > 0)[:, None]
        mean = np.where(when, self._risk_sum(e[:, None] * self.x) / np.where(s0 > 0, s0, 1)[:, None], 0.0)
        hazard = np.where(self.d > 0, self.d / np.where(s0 > 0, s0, 1), 0.0)
        both = np.column_stack([hazard, hazard[:, None] * mean])  # 1 and the mean, over which x is centred
        upto = both.cumsum(axis=0)
        weighted = both * self.free[:, None]
        onwards = weighted[::-1].cumsum(axis=0)[::-1]
        after = np.concatenate([onwards[1:], np.zeros_like(onwards[:1])])
        seen = upto[self.at] + self.lasting[:, None] * after[self.at]
        score = self.own[:, None] * (self.x - mean[self.at]) - e[:, None] * (self.x * seen[:, :1] - seen[:, 1:])
        # q(u): what a censoring at u does, through G, to those who had another event before
        carried = (e * self.lasting)[:, None] * np.column_stack([np.ones(len(e)), self.x])
        gone = np.cumsum(self._at(carried), axis=0)
        gone = np.concatenate([np.zeros_like(gone[:1]), gone[:-1]])
        q = gone[:, 1:] * onwards[:, :1] - gone[:, :1] * onwards[:, 1:]
        step = q / self.n_at_risk[:, None]
        drift = np.cumsum(step * (self.n_censored / self.n_at_risk)[:, None], axis=0)
        return score + self.censored[:, None] * step[self.at] - drift[self.at]
