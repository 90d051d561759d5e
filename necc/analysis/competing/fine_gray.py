"""The Fine-Gray model of the subdistribution hazard, equal to R's `cmprsk::crr`.

Patients who had another event stay at risk with weight G(t-)/G(T-), G being the Kaplan-Meier estimate of not yet being
censored, all patients together. Ties are Breslow's. The variance is the sandwich of [1], which counts that G is
estimated. Everything is sums over the distinct times from either end, so the cost grows with patients plus times.

Convergence: the fit ends when a full Newton step moves no linear predictor by more than 1e-10. `crr` ends by its
`gtol`, when the largest score, times its coefficient where that is above 1, is below 1e-6 of the log likelihood: with
that default it may differ in the sixth digit, and it takes a coefficient that goes to infinity for one that has
arrived. The recorded values were made with gtol = 1e-9, those under separation with 1e-11.

References:
    1. Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509. doi:10.1080/01621459.1999.10474144
    2. Geyer CJ. Electron J Stat 2009;3:259-89. doi:10.1214/08-EJS349 (the limit where there is no finite maximum)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from necc.analysis.regression import likelihood_of
from necc.analysis.regression.partial import independent
from necc.analysis.regression.separation import ALL_STEPS, FIRST_STEPS, Recession, doubtful, recession, values_along
from necc.core.errors import AnalysisError
from necc.core.result import Viewable
from necc.core.tally import n_of, tally
from necc.core.time_to_event import merge_equal_times

Status = Literal["converged", "monotone", "no events", "not converged", "aliased", "more terms than patients"]
CONVERGED = 1e-10  # largest change of a linear predictor in a full Newton step
MOST_CELLS = 50_000_000  # numbers in a table of strata by times


@dataclass(frozen=True, eq=False)
class FineGrayFit(Viewable):
    """A fitted subdistribution hazard model.

    coefficients: shape (p,); covariance: shape (p, p), the robust one. NaN for all where nothing was estimated, for
        columns that the ones before them determine, and for those in which the likelihood keeps rising; the others
        then are those of the limit [2].
    free: bool, shape (p,), not determined by other columns. separated: bool, shape (p,), the likelihood keeps rising.
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
    free: np.ndarray
    separated: np.ndarray

    @property
    def converged(self) -> bool:
        return self.status == "converged"

    @property
    def se(self) -> np.ndarray:
        """Robust standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    def to_frame(self) -> pd.DataFrame:
        """One row a column of `x`: term (its place, from 1), coefficient, se, hazard_ratio, ci_lower, ci_upper, p."""
        z = np.divide(self.coefficients, self.se, out=np.full(len(self.se), np.nan), where=self.se > 0)
        low, high = (np.exp(self.coefficients + sign * ndtri(0.975) * self.se) for sign in (-1, 1))
        return pd.DataFrame({
            "term": [str(k) for k in range(1, len(z) + 1)], "coefficient": self.coefficients, "se": self.se,
            "hazard_ratio": np.exp(self.coefficients), "ci_lower": low, "ci_upper": high, "p": 2 * ndtr(-np.abs(z)),
        })  # fmt: skip


def fit_fine_gray(
    time: np.ndarray, status: np.ndarray, x: np.ndarray, *, patients: np.ndarray | None = None
) -> FineGrayFit:
    """Fits the proportional subdistribution hazards model [1].

    Args:
        time: shape (n,). status: shape (n,), 1 the cause, 2 another event, 0 censored.
        x: covariates, shape (n, p) or (n,).
        patients: how many each row stands for, int, shape (n,), 1 or more; None where each is one.

    Raises:
        AnalysisError: shapes differ, or values are missing or not as described.

    Example:
        >>> fit_fine_gray([1.0, 2.0, 3.0, 4.0, 5.0], [1, 2, 1, 1, 0], [0.0, 1.0, 1.0, 0.0, 1.0]).n_events
        3
    """
    time, status, x = np.asarray(time, dtype=float), np.asarray(status), np.asarray(x, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if not len(time) == len(status) == len(x):
        raise AnalysisError("time, status and covariates must have one row a patient")
    if not (np.isfinite(time).all() and np.isfinite(x).all() and np.isin(status, (0, 1, 2)).all()):
        raise AnalysisError("times and covariates must be finite and status 0, 1 or 2: leave out incomplete rows first")
    patients = None if patients is None else np.asarray(patients)
    if patients is not None and (patients.shape != time.shape or (patients < 1).any()):
        raise AnalysisError("patients must say for each row how many it stands for, 1 or more")
    n, p = (len(x) if patients is None else int(patients.sum())), x.shape[1]
    counts = n, n_of(status == 1, patients), n_of(status == 2, patients)
    coefficients, covariance, none = np.full(p, np.nan), np.full((p, p), np.nan), np.zeros(p, dtype=bool)
    if not counts[1]:
        return FineGrayFit("no events", coefficients, covariance, np.nan, np.nan, *counts, 0, none, none)
    mean = np.average(x, axis=0, weights=patients)
    spread, size = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=patients)), np.abs(mean)
    varies = spread > 1e-12 * np.maximum(size, 1e-300)
    scale = np.where(varies, spread, 1.0)
    z = np.where(varies, (x - mean) / scale, 0.0)
    model = _Subdistribution(time, status, z, patients=patients)
    null, _, information = model.derivatives(np.zeros(p))
    free, separated, loglik, steps = independent(information, counts[1]), none, null, 0
    why: Status = "more terms than patients" if varies.sum() >= n else "aliased" if not free.any() else "converged"
    if why == "converged":
        (beta, loglik, here), there, steps = _maximise(model, free, FIRST_STEPS)
        inner = np.ix_(free, free)
        asked = not there or doubtful(z @ beta, here[inner], information[inner])
        rises = _rises(time, status, z[:, free]) if asked else None
        kept = free.copy()
        if rises:
            why, separated = "monotone", none.copy()
            separated[free] = rises.affected
            codes = values_along(rises.direction, z[:, free])
            if (int(codes.max()) + 1) * model.size * (p + 1) ** 2 > MOST_CELLS:
                return FineGrayFit(why, coefficients, covariance, null, np.nan, *counts, steps, free, separated)
            model = _Subdistribution(time, status, z, codes, patients)
            kept &= independent(model.derivatives(np.zeros(p))[2], counts[1])
        if rises or not there:
            (beta, loglik, here), there, steps = _maximise(model, kept, ALL_STEPS)
        if there:
            rest = np.ix_(kept & ~separated, kept & ~separated)
            covariance[rest] = (_sandwich(model, beta, here, kept) / np.outer(scale, scale))[rest]
            coefficients = np.where(kept & ~separated, beta / scale, np.nan)
        else:
            why, loglik = "not converged", null
    return FineGrayFit(why, coefficients, covariance, null, loglik, *counts, steps, free, separated)


def _rises(time: np.ndarray, status: np.ndarray, x: np.ndarray) -> Recession | None:
    """Where the likelihood keeps rising: who had another event is at risk for ever, the weight doesn't matter."""
    lasting = np.where(status == 2, time.max() + 1, time)
    likelihood = likelihood_of(lasting, status == 1, x, ties="breslow")
    result = recession(likelihood.gaps())
    if result is None:
        return None
    direction = result.direction / likelihood.scale
    return Recession(direction / np.abs(direction).max(), result.affected, result.sign)


def _maximise(
    model: _Subdistribution, free: np.ndarray, most: int
) -> tuple[tuple[np.ndarray, float, np.ndarray], bool, int]:
    """Newton steps over the `free` columns until they vanish: where they led, whether they did, and their number.

    Where they led: the coefficients, the log likelihood there, and its information.
    """
    inner = np.ix_(free, free)
    beta = np.zeros(len(free))
    value, score, information = model.derivatives(beta)
    for steps in range(1, most + 1):
        step = np.zeros(len(beta))
        try:
            step[free] = np.linalg.solve(information[inner], score[free])
        except np.linalg.LinAlgError:
            return (beta, value, information), False, steps
        change = float(np.abs(model.x @ step).max())
        if not np.isfinite(change):
            return (beta, value, information), False, steps
        beta, value, score, information = _climb(model, beta, step, value)
        if change < CONVERGED:
            return (beta, value, information), True, steps
    return (beta, value, information), False, most


def _sandwich(model: _Subdistribution, beta: np.ndarray, information: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The robust covariance [1] of the `free` columns, zero for the others; shape (p, p).

    information: at `beta`, shape (p, p).
    """
    bread = np.zeros((len(free), len(free)))
    inner = np.ix_(free, free)
    bread[inner] = np.linalg.inv(information[inner])
    scores = model.residuals(beta) @ bread
    return scores.T @ (scores if model.patients is None else scores * model.patients[:, None])


def _climb(
    model: _Subdistribution, beta: np.ndarray, step: np.ndarray, value: float
) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """Where the step leads, halved until the likelihood doesn't fall, and the derivatives at its end."""
    for _ in range(20):
        with np.errstate(all="ignore"):  # a wild step gives a likelihood that isn't finite, and is halved
            derivatives = model.derivatives(beta + step)
        if np.isfinite(derivatives[0]) and derivatives[0] >= value - 1e-9 * (1 + abs(value)):
            break
        step = step / 2
    return beta + step, *derivatives


class _Subdistribution:
    """The weighted partial likelihood of one cause on a grid of distinct times.

    x: shape (n, p). at: int array, shape (n,), a patient's time on the grid. free: shape (n_times,), G(t-).
    stratum: int codes, shape (n,): comparisons are within them, while G is that of all patients.
    patients: how many each row stands for, shape (n,); None where each is one.
    """

    def __init__(
        self, time: np.ndarray, status: np.ndarray, x: np.ndarray, stratum: np.ndarray | None = None,
        patients: np.ndarray | None = None,
    ):  # fmt: skip
        self.patients = patients
        grid, self.at = np.unique(merge_equal_times(time), return_inverse=True)
        self.size = int(self.at.max()) + 1
        self.x, self.own, self.other = x, status == 1, status == 2
        self.censored = status == 0
        leaving = tally(self.at, patients, self.size)
        self.n_at_risk = leaving[::-1].cumsum()[::-1]
        self.n_censored = tally(self.at[self.censored], self._of(self.censored), self.size)
        kept = np.cumprod(1 - self.n_censored / self.n_at_risk)
        self.free = np.concatenate([[1.0], kept[:-1]])
        if grid[0] == 0:  # cmprsk steps back from a time by a factor, so that zero stays where it is
            self.free[0] = kept[0] or 1.0
        # the weight a patient with another event carries at t is free[t] * lasting
        self.lasting = np.where(self.other, 1 / self.free[self.at], 0.0)
        self.stratum = np.zeros(len(x), dtype=np.int64) if stratum is None else stratum
        self.n_strata = int(self.stratum.max()) + 1
        self.cell = self.stratum * self.size + self.at
        events = tally(self.cell[self.own], self._of(self.own), self.n_strata * self.size)
        self.d = events.reshape(self.n_strata, self.size)

    def _of(self, chosen: np.ndarray) -> np.ndarray | None:
        return None if self.patients is None else self.patients[chosen]

    def _at(self, values: np.ndarray) -> np.ndarray:
        """Sums by stratum and time of values per patient, shape (n_strata, n_times, ...)."""
        if self.patients is not None:
            values = (values.T * self.patients).T
        columns, cells = values.reshape(len(values), -1), self.n_strata * self.size
        summed = np.stack([np.bincount(self.cell, c, minlength=cells) for c in columns.T], axis=1)
        return summed.reshape(self.n_strata, self.size, *values.shape[1:])

    def _gone(self, values: np.ndarray) -> np.ndarray:
        """Sums of values per patient over those who had another event before each time."""
        upto = np.cumsum(self._at(values), axis=1)
        return np.concatenate([np.zeros_like(upto[:, :1]), upto[:, :-1]], axis=1)

    def _risk_sum(self, values: np.ndarray) -> np.ndarray:
        """Sums over the weighted risk set at each time: those still there, and those gone by another event."""
        still = self._at(values)[:, ::-1].cumsum(axis=1)[:, ::-1]
        extra = (1,) * (values.ndim - 1)
        result: np.ndarray = still + self._gone(values * self.lasting.reshape(-1, *extra)) * self.free.reshape(
            -1, *extra
        )
        return result

    def derivatives(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Log likelihood, score and information."""
        eta = self.x @ beta
        shift = eta.max()
        e = np.exp(eta - shift)
        outer = self.x[:, :, None] * self.x[:, None, :]
        when = self.d > 0  # strata and times with events, in one row
        d = self.d[when]
        s0 = self._risk_sum(e)[when]
        mean = self._risk_sum(e[:, None] * self.x)[when] / s0[:, None]
        square = self._risk_sum(e[:, None, None] * outer)[when] / s0[:, None, None]
        each = self._of(self.own)
        own, own_x = (v[self.own].sum(axis=0) if each is None else each @ v[self.own] for v in (eta, self.x))
        loglik = float(own - (d * (np.log(s0) + shift)).sum())
        score = own_x - d @ mean
        information = np.tensordot(d, square - mean[:, :, None] * mean[:, None, :], axes=1)
        return loglik, score, information

    def residuals(self, beta: np.ndarray) -> np.ndarray:
        """Each patient's share of the score, shape (n, p): eta of [1], and psi for the estimated censoring."""
        eta = self.x @ beta
        e = np.exp(eta - eta.max())
        s0 = self._risk_sum(e)
        some = np.where(s0 > 0, s0, 1)
        mean = np.where((self.d > 0)[..., None], self._risk_sum(e[:, None] * self.x) / some[..., None], 0.0)
        hazard = np.where(self.d > 0, self.d / some, 0.0)
        both = np.concatenate([hazard[..., None], hazard[..., None] * mean], axis=2)  # 1 and the mean that x is set off
        upto = both.cumsum(axis=1)
        weighted = both * self.free[:, None]
        onwards = weighted[:, ::-1].cumsum(axis=1)[:, ::-1]
        after = np.concatenate([onwards[:, 1:], np.zeros_like(onwards[:, :1])], axis=1)
        own = self.stratum, self.at
        seen = upto[own] + self.lasting[:, None] * after[own]
        score = self.own[:, None] * (self.x - mean[own]) - e[:, None] * (self.x * seen[:, :1] - seen[:, 1:])
        # q(u): what a censoring at u does, through G, to those who had another event before
        gone = self._gone((e * self.lasting)[:, None] * np.column_stack([np.ones(len(e)), self.x]))
        q = (gone[..., 1:] * onwards[..., :1] - gone[..., :1] * onwards[..., 1:]).sum(axis=0)
        step = q / self.n_at_risk[:, None]
        drift = np.cumsum(step * (self.n_censored / self.n_at_risk)[:, None], axis=0)
        result: np.ndarray = score + self.censored[:, None] * step[self.at] - drift[self.at]
        return result
