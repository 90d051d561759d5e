"""Proportional hazards, residuals, influence, collinearity and concordance of a fitted Cox model.

Each is computed on the rows of the partial likelihood and equals what R's `survival` (3.x) gives: `cox.zph`,
`residuals(type = "schoenfeld" | "scaledsch" | "dfbeta" | "martingale")` and `concordance`.

References:
    1. Grambsch PM, Therneau TM. Biometrika 1994;81:515-26. doi:10.1093/biomet/81.3.515 (proportional hazards)
    2. Schoenfeld D. Biometrika 1982;69:239-41. doi:10.1093/biomet/69.1.239
    3. Therneau TM, Grambsch PM, Fleming TR. Biometrika 1990;77:147-60. doi:10.1093/biomet/77.1.147 (influence)
    4. Fox J, Monette G. J Am Stat Assoc 1992;87:178-83. doi:10.1080/01621459.1992.10475190 (variance inflation)
    5. Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-87 (concordance).
       doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4
    6. Therneau TM, Atkinson E. Concordance, vignette of R survival (its variance, the infinitesimal jackknife).
    7. Cleveland WS. J Am Stat Assoc 1979;74:829-36. doi:10.1080/01621459.1979.10481038 (local regression)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from necc.analysis.regression.fitting import CoxFit
from necc.core.errors import AnalysisError
from necc.core.result import Result
from necc.core.tally import tally
from necc.core.text import joined

Transform = Literal["km", "identity", "rank", "log"]
GLOBAL = "GLOBAL"
SHARE = 2 / 3  # of the events that the smooth line looks at
MOST_PLACES = 60  # of the smooth line


# ---------------------------------------------------------------- proportional hazards
@dataclass(frozen=True)
class ProportionalHazards(Result):
    """The score test of one term, or of all (`GLOBAL`), against a hazard ratio that changes with time."""

    term: str
    statistic: float | None
    df: int
    p: float | None


def transformed_times(fit: CoxFit, grid: np.ndarray, transform: Transform = "km") -> np.ndarray:
    """The g(t) of `cox.zph` at which coefficients are looked at for change.

    Args:
        grid: float array, shape (n_times,), in the endpoint's unit: the distinct times that the fit counts by index.
        transform: "km" is one minus the Kaplan-Meier estimate of all patients just before the time, "rank" the mean
            rank of those who leave at it, "identity" and "log" the time and its logarithm.

    Returns:
        Float array, shape (n_event_times,); minus infinity for the logarithm of an event at time zero.

    Raises:
        AnalysisError: no such transform.
    """
    if transform not in get_args(Transform):
        raise AnalysisError(f"transform '{transform}' is not one of {joined(get_args(Transform), 'or')}")
    likelihood = fit.likelihood
    at = likelihood.event_time
    if transform == "identity":
        return grid[at]
    if transform == "log":
        with np.errstate(divide="ignore"):
            result: np.ndarray = np.log(grid[at])
            return result
    leaving = tally(likelihood.time, likelihood.patients, likelihood.n_times)
    if transform == "rank":
        return (np.cumsum(leaving) - (leaving - 1) / 2)[at]
    at_risk = leaving[::-1].cumsum()[::-1]
    if likelihood.entry is not None:
        late = tally(likelihood.entry[likelihood.entry >= 0], None, likelihood.n_times)
        at_risk = at_risk - late[::-1].cumsum()[::-1]
    patients = None if likelihood.patients is None else likelihood.patients[likelihood.event]
    dying = tally(likelihood.time[likelihood.event], patients, likelihood.n_times)
    survival = np.cumprod(1 - dying / np.maximum(at_risk, 1))
    return 1 - np.concatenate([[1.0], survival])[at]


def proportionality_tests(
    fit: CoxFit, terms: Sequence[tuple[str, Sequence[int]]], grid: np.ndarray, transform: Transform = "km"
) -> tuple[ProportionalHazards, ...]:
    """Score tests [1] that the coefficients of each term, and all together, don't change with g(t).

    terms: names with their columns. The test of R's `cox.zph` since version 3.0: exact score and information of a
    covariate times g(t), not the approximation of 1994 that other software still has.
    """
    g = transformed_times(fit, grid, transform)
    names = [(name, [c for c in columns if fit.free[c]]) for name, columns in terms]
    everything = [c for _, columns in names for c in columns]
    if not fit.converged or not np.isfinite(g).all():
        return tuple(ProportionalHazards(n, None, len(c), None) for n, c in [*names, (GLOBAL, everything)])
    likelihood, m = fit.likelihood, fit.moments
    g = g - np.average(g, weights=likelihood.n_tied)
    score = g @ _score_by_time(fit)
    cross, square = likelihood.information(m, g), likelihood.information(m, g**2)
    free = np.flatnonzero(fit.free)
    inverse = np.linalg.inv(m.information[np.ix_(free, free)])
    rest = square - cross[:, free] @ inverse @ cross[free, :]
    results = []
    for name, columns in [*names, (GLOBAL, everything)]:
        inner = rest[np.ix_(columns, columns)]
        scale = np.sqrt(np.maximum(np.diag(square)[columns], 1e-300))
        usable = len(columns) and np.linalg.matrix_rank(inner / np.outer(scale, scale), tol=1e-9) == len(columns)
        statistic = float(score[columns] @ np.linalg.solve(inner, score[columns])) if usable else None
        p = None if statistic is None else float(chdtrc(len(columns), statistic))
        results.append(ProportionalHazards(name, statistic, len(columns), p))
    return tuple(results)


def _expected(fit: CoxFit) -> np.ndarray:
    """The mean of the (scaled) covariates in the risk set of each event time, over its denominators."""
    m = fit.moments
    result: np.ndarray = (m.sums.a[0][:, None] * m.s1 - m.sums.a[1][:, None] * m.e1) / fit.likelihood.n_tied[:, None]
    return result


def _score_by_time(fit: CoxFit) -> np.ndarray:
    own = fit.likelihood
    observed = own.over_events(own.unit_weight[:, None] * own.unit_x)
    result: np.ndarray = observed - (own.mean_weight * own.n_tied)[:, None] * _expected(fit)
    return result


@dataclass(frozen=True, eq=False)
class SchoenfeldResiduals(Result):
    """Scaled Schoenfeld residuals [1, 2], one row an event; a trend over `x` speaks against a constant hazard ratio.

    time, x: the event's time and g(time), shape (n_events,); residuals: shape (n_events, n_terms), scaled by the
    covariance and moved to the coefficient, so that their mean is the log hazard ratio. A local line follows them:
    line_x, shape (n_places,), evenly over the finite x; line, shape (n_places, n_terms); empty below three events.
    """

    single = True

    terms: tuple[str, ...]
    transform: Transform
    time: np.ndarray
    x: np.ndarray
    residuals: np.ndarray
    coefficients: np.ndarray
    line_x: np.ndarray
    line: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """One row an event and term: term, time, x, residual."""
        n, k = self.residuals.shape
        return pd.DataFrame({
            "term": list(self.terms) * n, "time": np.repeat(self.time, k), "x": np.repeat(self.x, k),
            "residual": self.residuals.ravel(),
        })  # fmt: skip


def schoenfeld_residuals(
    fit: CoxFit, labels: Sequence[str], grid: np.ndarray, transform: Transform = "km", scaled: bool = True
) -> SchoenfeldResiduals:
    """The residuals of a converged fit; `labels`: one a column, aliased columns are left out."""
    own, free = fit.likelihood, np.flatnonzero(fit.free)
    each = np.repeat(np.arange(len(own.event_rows)), own.events[own.event_rows])
    residuals = ((own.x_events - _expected(fit)[own.event_of]) * own.scale)[each][:, free]
    coefficients = fit.coefficients[free]
    if scaled:
        covariance = fit.covariance[np.ix_(free, free)]
        residuals = residuals @ covariance * len(residuals) + coefficients
    event_of = own.event_of[each]
    times, x = grid[own.event_time], transformed_times(fit, grid, transform)[event_of]
    finite = np.isfinite(x)
    enough = int(finite.sum()) >= 3
    places = np.linspace(x[finite].min(), x[finite].max(), MOST_PLACES) if enough else np.zeros(0)
    return SchoenfeldResiduals(
        tuple(labels[int(c)] for c in free), transform, times[event_of], x, residuals, coefficients, places,
        smooth(x[finite], residuals[finite], places),
    )  # fmt: skip


def smooth(x: np.ndarray, y: np.ndarray, at: np.ndarray, share: float = SHARE) -> np.ndarray:
    """A local line through points with tricube weights [7], at `at`; the mean where the points have no spread.

    x: shape (n,); y: shape (n,) or (n, k), a line for each column. Returns shape (len(at),) or (len(at), k).
    """
    n = len(x)
    k = max(min(n, int(np.ceil(share * n))), min(n, 3))
    fitted = np.empty((len(at), *y.shape[1:]))
    for i, centre in enumerate(at):
        distance = np.abs(x - centre)
        reach = max(float(np.partition(distance, k - 1)[k - 1]) * 1.0001, 1e-12)
        weight = np.clip(1 - (distance / reach) ** 3, 0, None) ** 3
        total = weight.sum()
        mean_x, mean_y = weight @ x / total, weight @ y / total
        moved = weight * (x - mean_x)
        spread = moved @ (x - mean_x)
        slope = moved @ (y - mean_y) / spread if spread > 1e-12 * reach**2 * total else 0.0
        fitted[i] = mean_y + slope * (centre - mean_x)
    return fitted


# ---------------------------------------------------------------- residuals of patients
def martingale_residuals(fit: CoxFit) -> np.ndarray:
    """Observed minus expected events of each patient, shape (n,)."""
    own, m = fit.likelihood, fit.moments
    hazard = (m.relative_hazard / own.unit_weight)[own.unit]
    expected = hazard * own.while_at_risk(own.mean_weight * m.sums.a[0])
    at_event = np.zeros(len(own.last))
    at_event[own.event_rows] = hazard[own.event_rows] * (own.mean_weight * m.sums.a[1])[own.event_of]
    seen = own.row_of >= 0
    row = own.row_of[seen]
    result = np.zeros(own.n_given)
    result[seen] = np.where(own.event[seen], 1.0 + at_event[row], 0.0) - expected[row]
    return result


def dfbeta(fit: CoxFit) -> np.ndarray:
    """About how much each coefficient would fall without each patient [3], shape (n, p), NaN for aliased columns."""
    own = fit.likelihood
    censored, event = dfbeta_of_rows(fit)
    result = np.where(np.isfinite(fit.coefficients), np.zeros((own.n_given, own.p)), np.nan)
    seen = own.row_of >= 0
    row = own.row_of[seen]
    result[seen] = np.where(own.event[seen, None], event[row], censored[row])
    return result


def dfbeta_of_rows(fit: CoxFit) -> tuple[np.ndarray, np.ndarray]:
    """`dfbeta` of a patient of each row of the likelihood, without and with the event; shape (n_rows, p) each."""
    own, m = fit.likelihood, fit.moments
    a0, a1 = (own.mean_weight * a for a in m.sums.a)
    b0, b1, b2 = ((own.mean_weight * b)[:, None] for b in m.sums.b)
    hazard = (m.relative_hazard / own.unit_weight)[own.unit, None]
    scores = -hazard * (own.x * own.while_at_risk(a0)[:, None] - own.while_at_risk(b0 * m.s1 - b1 * m.e1))
    rows, event_of = own.event_rows, own.event_of
    at_event = own.x_events * a1[event_of, None] - (b1 * m.s1 - b2 * m.e1)[event_of]
    extra = np.zeros_like(own.x)
    extra[rows] = own.x_events - _expected(fit)[event_of] + hazard[rows] * at_event
    covariance = own.scale[:, None] * np.where(np.isnan(fit.covariance), 0.0, fit.covariance)
    gone = np.where(np.isfinite(fit.coefficients), 0.0, np.nan)
    weight = own.weight[:, None]
    return weight * scores @ covariance + gone, weight * (scores + extra) @ covariance + gone


# ---------------------------------------------------------------- collinearity
def variance_inflation(covariance: np.ndarray, terms: Sequence[Sequence[int]]) -> list[float | None]:
    """Generalised variance inflation [4] of each term, to the power 1/df so that terms compare; None for one term.

    covariance: of the coefficients, shape (p, p), without aliased columns; terms: columns of each term.
    """
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    total = float(np.linalg.det(correlation)) if len(scale) else 0.0
    if len(terms) < 2 or not np.isfinite(total) or total <= 0:
        return [None] * len(terms)
    result: list[float | None] = []
    for columns in terms:
        rest = np.delete(np.arange(len(scale)), columns)
        inner, outer = (float(np.linalg.det(correlation[np.ix_(c, c)])) for c in (np.array(columns), rest))
        result.append((inner * outer / total) ** (1 / len(columns)))
    return result
