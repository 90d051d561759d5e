"""Firth's penalised partial likelihood, the answer to separation, with profile confidence limits.

Where a level has no events, or covariates tell perfectly who has the event first, the likelihood keeps rising and no
hazard ratio maximises it. Firth's penalty, half the logarithm of the determinant of the information [1], keeps it
finite [2]; limits and p-values come from the profile of the penalised likelihood, as Wald ones are poor here [2, 3].
With Breslow ties the numbers are those of the R package coxphf.

References:
    1. Firth D. Biometrika 1993;80:27-38. doi:10.1093/biomet/80.1.27
    2. Heinze G, Schemper M. Biometrics 2001;57:114-9. doi:10.1111/j.0006-341X.2001.00114.x
    3. Heinze G, Dunkler D. Stat Med 2008;27:6455-69. doi:10.1002/sim.3418
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, chdtri

from necc.analysis.regression.partial import Moments, PartialLikelihood
from necc.core.frozen import Frozen

MAX_ITERATIONS = 200
CONVERGED = 1e-9  # change of a linear predictor
LONGEST_STEP = 5.0
AWAY = 2.0  # from no difference, in standard deviations' effects: where further climbs start
SAME = 1e-7  # maxima that differ by less are one
FARTHEST = 600.0  # a limit beyond this linear predictor, exp(600) hazards apart, counts as none
EVALUATIONS = 5000  # of the likelihood, that the search for a limit may take


@dataclass(frozen=True, eq=False)
class FirthFit(Frozen):
    """The maximum of the penalised likelihood, in the covariates' own units.

    coefficients, ci_lower, ci_upper, p: shape (k,), for the `columns` that aren't aliased; limits and p are NaN where
        the profile doesn't give them. covariance: inverse of the information, shape (k, k).
    loglik_null, loglik: penalised.
    """

    converged: bool
    columns: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    ci_lower: np.ndarray
    ci_upper: np.ndarray
    p: np.ndarray
    loglik_null: float
    loglik: float
    scaled: np.ndarray

    @property
    def lr_statistic(self) -> float:
        """Twice the gain in penalised log likelihood over no covariates."""
        return 2 * (self.loglik - self.loglik_null)


@dataclass(frozen=True, eq=False)
class _Point:
    beta: np.ndarray
    value: float
    gradient: np.ndarray
    information: np.ndarray


class Penalised:
    """The penalised log likelihood and its gradient, for the columns of a likelihood that aren't aliased."""

    def __init__(self, likelihood: PartialLikelihood, columns: np.ndarray):
        self.likelihood, self.columns = likelihood, columns
        self.inner = np.ix_(columns, columns)
        self.evaluations = 0

    def at(self, beta: np.ndarray) -> _Point:
        """Value and gradient at `beta` (scaled, shape (k,)); -infinity where the information is singular."""
        self.evaluations += 1
        full = np.zeros(self.likelihood.p)
        full[self.columns] = beta
        m = self.likelihood.at(full, third=True)
        information = m.information[self.inner]
        sign, log_determinant = np.linalg.slogdet(information) if np.isfinite(information).all() else (0, 0)
        if sign <= 0 or not np.isfinite(m.loglik):
            return _Point(beta, -np.inf, np.zeros(len(beta)), information)
        inverse = np.zeros((self.likelihood.p,) * 2)
        inverse[self.inner] = np.linalg.inv(information)
        with np.errstate(all="ignore"):  # far away, cubes of hazards leave the range of numbers
            gradient = (m.score + self._trace(m, inverse) / 2)[self.columns]
        if not np.isfinite(gradient).all():
            return _Point(beta, -np.inf, np.zeros(len(beta)), information)
        return _Point(beta, m.loglik + log_determinant / 2, gradient, information)

    def _trace(self, m: Moments, inverse: np.ndarray) -> np.ndarray:
        """trace(I^-1 dI/dbeta_r) for each r: third central moments of the covariates, by sums over rows and times."""
        own, mean = self.likelihood, self.likelihood.mean_weight
        a0, a1 = (mean * a for a in m.sums.a)
        b0, b1, b2 = ((mean * b)[:, None] for b in m.sums.b)
        c0, c1, c2, c3 = ((mean * c)[:, None] for c in m.sums.c)
        turned = own.unit_x @ inverse
        g = (turned * own.unit_x).sum(axis=1)
        weighted = m.relative_hazard * g
        sg, eg = own.over_risk_sets(weighted)[:, None], own.over_events(weighted)[:, None]
        center = own.risk_totals(b0 * m.s1 - b1 * m.e1) - own.event_totals(b1 * m.s1 - b2 * m.e1)
        square = g * (own.risk_totals(a0) - own.event_totals(a1))
        result = own.unit_x.T @ (m.relative_hazard * (square - 2 * (turned * center).sum(axis=1)))
        result -= (b0 * m.s1 * sg - b1 * (m.s1 * eg + m.e1 * sg) + b2 * m.e1 * eg).sum(axis=0)
        q0, q1, q2 = (((u @ inverse) * v).sum(axis=1)[:, None] for u, v in ((m.s1, m.s1), (m.s1, m.e1), (m.e1, m.e1)))
        cubic = c0 * m.s1 * q0 - c1 * (2 * m.s1 * q1 + m.e1 * q0)
        cubic += c2 * (m.s1 * q2 + 2 * m.e1 * q1) - c3 * m.e1 * q2
        total: np.ndarray = result + 2 * cubic.sum(axis=0)
        return total

    def climb(self, start: _Point, hessian: np.ndarray, free: np.ndarray) -> tuple[_Point, np.ndarray, bool]:
        """The maximum over the `free` coordinates (bool, shape (k,)) by the BFGS method, from `start`."""
        x = self.likelihood.unit_x[:, self.columns[free]]
        current, h = start, hessian[np.ix_(free, free)].copy()
        if not free.any():
            return current, hessian, True
        for _ in range(MAX_ITERATIONS):
            try:
                step = np.linalg.solve(h, current.gradient[free])
            except np.linalg.LinAlgError:
                return current, hessian, False
            change = np.abs(x @ step).max()
            if not np.isfinite(change):
                return current, hessian, False
            step = step * min(1.0, LONGEST_STEP / max(change, 1e-300))
            then = self._halved(current, step, free)
            if then is None:
                return current, hessian, bool(change < 1e-6)
            moved, pull = (then.beta - current.beta)[free], (current.gradient - then.gradient)[free]
            current = then
            if change <= CONVERGED:
                return current, hessian, True
            if (curve := moved @ pull) > 1e-14 * np.sqrt((moved @ moved) * (pull @ pull)):
                hm = h @ moved
                h = h - np.outer(hm, hm) / (moved @ hm) + np.outer(pull, pull) / curve
        return current, hessian, False

    def _halved(self, current: _Point, step: np.ndarray, free: np.ndarray) -> _Point | None:
        for _ in range(30):
            beta = current.beta.copy()
            beta[free] += step
            then = self.at(beta)
            if then.value >= current.value - 1e-13 * abs(current.value):
                return then
            step = step / 2
        return None

    def curvature(self, point: _Point) -> np.ndarray:
        """Minus the second derivatives at a point, by central differences of the gradient."""
        k, width = len(point.beta), 1e-4
        ahead = [(self.at(point.beta + s).gradient, self.at(point.beta - s).gradient) for s in width * np.eye(k)]
        h = np.array([(low - high) / (2 * width) for high, low in ahead])
        h = (h + h.T) / 2
        return h if np.linalg.eigvalsh(h).min() > 0 else point.information


def fit_firth(likelihood: PartialLikelihood, level: float = 0.95, profile: bool = True) -> FirthFit:
    """Maximises the penalised likelihood [2]; `profile` also finds the limits and p of each coefficient."""
    columns = np.flatnonzero(likelihood.free_of_alias())
    penalised = Penalised(likelihood, columns)
    null = penalised.at(np.zeros(len(columns)))
    k, scale = len(columns), likelihood.scale[columns]
    best, converged = _highest(penalised, [null, *(penalised.at(s) for s in AWAY * np.vstack([np.eye(k), -np.eye(k)]))])
    lower, upper, p = np.full(k, np.nan), np.full(k, np.nan), np.full(k, np.nan)
    if converged and profile:
        h = penalised.curvature(best)
        at_zero = [_constrained(penalised, best, h, j, 0.0) for j in range(k)]
        if any(ok and point.value > best.value + SAME for point, ok in at_zero):  # a ridge led to a higher maximum
            best, converged = _highest(penalised, [best, *(point for point, ok in at_zero if ok)])
            h = penalised.curvature(best)
            at_zero = [_constrained(penalised, best, h, j, 0.0) for j in range(k)]
        drop = float(chdtri(1, 1 - level)) / 2
        for j, (point, ok) in enumerate(at_zero):
            p[j] = float(chdtrc(1, max(2 * (best.value - point.value), 0.0))) if ok else np.nan
            lower[j] = _limit(penalised, best, h, j, drop, -1.0) / scale[j]
            upper[j] = _limit(penalised, best, h, j, drop, +1.0) / scale[j]
    to_units = float(np.log(scale).sum())  # the determinant in the covariates' own units
    full = np.zeros(likelihood.p)
    full[columns] = best.beta
    return FirthFit(
        converged, columns, best.beta / scale, np.linalg.inv(best.information) / np.outer(scale, scale), lower, upper,
        p, null.value + to_units, best.value + to_units, full,
    )  # fmt: skip


def _highest(penalised: Penalised, starts: list[_Point]) -> tuple[_Point, bool]:
    """The highest maximum that is reached from several starts, and whether any was; the first of equal ones.

    With few events the penalised likelihood may have several maxima: what a start without differences reaches needn't
    be the highest. Starts apart from it in each coefficient, on both sides, found the highest in all trials.
    """
    everything = np.ones(len(starts[0].beta), dtype=bool)
    ends = [penalised.climb(s, s.information, everything) for s in starts if np.isfinite(s.value)]
    best, _, converged = ends[0]
    for point, _, ok in ends[1:]:
        if ok and (not converged or point.value > best.value + SAME):
            best, converged = point, True
    return best, converged


def _constrained(penalised: Penalised, start: _Point, h: np.ndarray, j: int, value: float) -> tuple[_Point, bool]:
    """The maximum with coefficient j held at `value`."""
    free = np.ones(len(start.beta), dtype=bool)
    free[j] = False
    beta = start.beta.copy()
    shift = value - beta[j]
    beta[j] = value
    if free.any():  # along the ridge
        beta[free] -= np.linalg.solve(h[np.ix_(free, free)], h[free, j]) * shift
    point = penalised.at(beta)
    if not np.isfinite(point.value):
        beta = start.beta.copy()
        beta[j] = value
        point = penalised.at(beta)
    if not np.isfinite(point.value):
        return point, False
    point, _, ok = penalised.climb(point, h, free)
    return point, ok


def _limit(penalised: Penalised, best: _Point, h: np.ndarray, j: int, drop: float, side: float) -> float:
    """Where the profile has fallen by `drop` on one side: safeguarded Newton steps; NaN where it never has."""
    rest = np.delete(np.arange(len(h)), j)
    ridge = h[j, j] - h[j, rest] @ np.linalg.solve(h[np.ix_(rest, rest)], h[rest, j]) if len(rest) else h[j, j]
    target = best.value - drop
    inside, outside = best.beta[j], np.inf * side
    at = float(inside + side * np.sqrt(2 * drop / max(ridge, 1e-12)))
    reach = FARTHEST / max(np.ptp(penalised.likelihood.unit_x[:, penalised.columns[j]]), 1e-12)
    point = best
    begun = penalised.evaluations
    for _ in range(80):
        if penalised.evaluations - begun > EVALUATIONS:
            return np.nan
        point, ok = _constrained(penalised, point, h, j, at)
        gap = point.value - target if np.isfinite(point.value) else -np.inf
        if ok and abs(gap) < 1e-11 * max(1.0, abs(target)):
            return at
        inside, outside = (at, outside) if gap > 0 else (inside, at)
        slope = point.gradient[j]
        newton = at - gap / slope if ok and slope * side < 0 and np.isfinite(gap) else np.nan
        low, high = sorted((inside, outside))
        if np.isfinite(outside):
            at = newton if low < newton < high else (low + high) / 2
            if abs(high - low) < 1e-12 * max(1.0, abs(high)):
                return at
        else:
            stride = side * 2 * max(abs(at - best.beta[j]), 1e-3)
            at = newton if np.isfinite(newton) and abs(newton - at) < abs(stride) else at + stride
        if abs(at - best.beta[j]) > reach:
            return np.nan
        if not ok:
            point = best
    return np.nan


def penalised_likelihood_ratio(likelihood: PartialLikelihood, fit: FirthFit, columns: np.ndarray) -> float | None:
    """Twice the fall of the penalised likelihood when `columns` (indices) are held at zero; None where it fails."""
    penalised = Penalised(likelihood, fit.columns)
    held = np.isin(fit.columns, columns)
    best = penalised.at(fit.scaled[fit.columns])
    start = penalised.at(np.where(held, 0.0, best.beta))
    if not np.isfinite(start.value):
        return None
    point, _, ok = penalised.climb(start, start.information, ~held)
    return max(2 * (best.value - point.value), 0.0) if ok else None
