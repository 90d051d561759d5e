"""Parametric curves of a cohort's endpoint, each level of a factor alone: which family, how well, and what lies beyond.

The families are those of lifelines, whose hazards are taken as they are: exponential, Weibull, log-normal,
log-logistic, generalised gamma (Prentice's parametrisation) and a natural cubic spline of the log cumulative hazard
against log time with knots at centiles of the event times (Royston and Parmar). Some formulas are written out anew for
the same function: the gamma's, which lose their digits near the log-normal, and the log hazards that lifelines
differentiates itself (log-logistic, spline).

The likelihood is maximised here, by Newton's method from estimates off the Nelson-Aalen curve. lifelines' own search
stops where the gradient is about 1e-3, takes 2 s for the six families at 88 patients, and may end where the likelihood
has no maximum. Derivatives are five-point differences of all shifted points at once, right to about 1e-9.
Log-likelihoods are those of times, as lifelines' and `survreg`'s, so that AIC compares all families of one group.

References:
    1. Collett D. Modelling Survival Data in Medical Research. 3rd ed. CRC Press 2015. doi:10.1201/b18041
    2. Cox C, Chu H, Schneider MF, Munoz A. Stat Med 2007;26:4352-74. doi:10.1002/sim.2836 (generalised gamma)
    3. Royston P, Parmar MKB. Stat Med 2002;21:2175-97. doi:10.1002/sim.1203 (splines; limits of S(t) by the delta
       method on the scale of the log cumulative hazard)
    4. Akaike H. IEEE Trans Automat Contr 1974;19:716-23. doi:10.1109/TAC.1974.1100705; Burnham KP, Anderson DR. Model
       Selection and Multimodel Inference. Springer 2002. doi:10.1007/b97636 (differences of AIC)
    5. Latimer NR. Med Decis Making 2013;33:743-54. doi:10.1177/0272989X12472398 (extrapolation)
    6. Davidson-Pilon C. J Open Source Softw 2019;4:1317. doi:10.21105/joss.01317 (lifelines)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import gammainc, gammaincc, gammaln, ndtri

from necc.analysis.survival.curve import RiskTable, Show, count_risk
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate, Exclusion, check_level
from necc.core.extras import need
from necc.core.guardrails import EVENTS_PER_PARAMETER, small_groups
from necc.core.names import numbers_in
from necc.core.result import (
    GroupedResult,
    Result,
    analysed,
    answers,
    grouping,
    header,
    limits_of,
    median_of,
    number,
    rows_of,
)
from necc.core.text import joined, plural, quoted
from necc.core.time_to_event import noise_of

FamilyName = Literal["exponential", "weibull", "log-normal", "log-logistic", "generalised-gamma", "spline"]
FAMILIES: tuple[FamilyName, ...] = get_args(FamilyName)
KNOTS = 2  # between the first and the last event
MOST_KNOTS = 5
GRID = 161  # points of a curve
ALIKE = 2.0  # AIC: a smaller difference tells two families hardly apart [4]
CLOSE = 1e-12  # a decrease of the loss, as a share of it: below lies rounding
MOST_STEPS = 80
STEP = 2e-3  # of the differences, in units of which one is a large change of the curve
NO_MAXIMUM = "the likelihood has no maximum that could be found: the fit did not converge"
Numbers = np.ndarray
Evaluate = Callable[[Numbers], Numbers]


def _none() -> Numbers:
    """An array of nothing."""
    return np.zeros(0)


# ---------------------------------------------------------------- results
@dataclass(frozen=True)
class Parameter(Result):
    """A parameter of a family, its standard error, and its limits; those of a positive one on the log scale."""

    name: str
    value: Estimate
    se: float

    def to_dict(self) -> dict[str, object]:
        return {"name": self.name, **limits_of(self.value), "se": number(self.se)}


@dataclass(frozen=True)
class FittedAt(Result):
    """S(t) of a fitted curve at a chosen time; `extrapolated` where nobody of the group was followed so long."""

    time: float
    survival: Estimate
    extrapolated: bool

    def to_dict(self) -> dict[str, object]:
        return {"time": self.time, "survival": number(self.survival.value), "ci_lower": number(self.survival.lower),
                "ci_upper": number(self.survival.upper), "extrapolated": self.extrapolated}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FamilyFit(Result):
    """One family fitted to one group.

    parameters: as lifelines names them. survreg: (Intercept) and Log(scale), as R does; none where it lacks the family.
    aic_difference: from the smallest AIC of the group's families.
    median_extrapolated: whether the median lies beyond the follow-up of the group.
    survival, ci_lower, ci_upper: float arrays, shape (n_grid,), on the grid of the result; empty where not converged.
    note: why nothing is given, "" where it is.
    """

    family: FamilyName
    n_parameters: int
    converged: bool
    note: str = ""
    parameters: tuple[Parameter, ...] = ()
    survreg: tuple[Parameter, ...] = ()
    knots: tuple[float, ...] = ()
    log_likelihood: float | None = None
    aic: float | None = None
    bic: float | None = None
    aic_difference: float | None = None
    median: Estimate = Estimate(None, None, None)
    median_extrapolated: bool = False
    at_times: tuple[FittedAt, ...] = ()
    survival: np.ndarray = field(default_factory=_none)
    ci_lower: np.ndarray = field(default_factory=_none)
    ci_upper: np.ndarray = field(default_factory=_none)

    def shown(self, show: Show = "survival") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The curve and its limits as survival S(t), risk, cumulative hazard, or log(-log S); each of shape (n_grid,).

        NaN where the scale has no number: log(-log S) where S is 1 or 0.
        """
        values = self.survival, self.ci_lower, self.ci_upper
        if show == "survival":
            return values
        value, low, high = values[0], values[2], values[1]  # the scales that rise turn the limits round
        if show == "risk":
            return 1 - value, 1 - low, 1 - high
        with np.errstate(divide="ignore", invalid="ignore"):
            hazards = [-np.log(v) for v in (value, low, high)]
            if show == "log-log":
                hazards = [np.log(h) for h in hazards]
        value, low, high = (np.where(np.isfinite(h), h + 0.0, np.nan) for h in hazards)
        return value, low, high

    def to_dict(self) -> dict[str, object]:
        names = ("family", "n_parameters", "converged", "note", "log_likelihood", "aic", "bic", "aic_difference",
                 "median_extrapolated")  # fmt: skip
        parts = {name: [p.to_dict() for p in getattr(self, name)] for name in ("parameters", "survreg", "at_times")}
        return {**{name: getattr(self, name) for name in names}, **median_of(self.median), "knots": list(self.knots),
                **parts, "curve": rows_of(self, ("survival", "ci_lower", "ci_upper"))}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FittedGroup(Result):
    """The families of one group. follow_up: the largest time of its patients, where extrapolation begins."""

    name: str
    n: int
    n_events: int
    follow_up: float
    fits: tuple[FamilyFit, ...]

    @property
    def ranked(self) -> tuple[FamilyFit, ...]:
        """The fits that converged, the lowest AIC first."""
        return tuple(sorted((f for f in self.fits if f.aic is not None), key=lambda f: f.aic or 0.0))

    @property
    def best(self) -> FamilyFit | None:
        """The fit with the lowest AIC; None where none converged."""
        return self.ranked[0] if self.ranked else None

    @property
    def alike(self) -> tuple[FamilyFit, ...]:
        """The fits within 2 of the lowest AIC, it included: the data hardly tell them apart [4]."""
        return tuple(f for f in self.ranked if (f.aic_difference or 0.0) < ALIKE)


@dataclass(frozen=True, eq=False, kw_only=True)
class Parametric(GroupedResult):
    """Parametric curves of an endpoint by a factor.

    families: in the order asked for. horizon: where the curves end, in the endpoint's unit. n_knots: of the spline,
        between the first and the last event. time: float array, shape (n_grid,), from 0 to the horizon, with every
        group's end of follow-up among its points. at_zero: patients with a time of zero, `events_at_zero` of them with
        the event; a distribution of times has no place for them, and they aren't among the n.
    """

    families: tuple[FamilyName, ...]
    level: float
    horizon: float
    n_knots: int
    time: np.ndarray
    groups: tuple[FittedGroup, ...]
    at_zero: int = 0
    events_at_zero: int = 0

    def fit(self, family: FamilyName, group: str | None = None) -> FamilyFit:
        """A family's fit in a group, the first without a name.

        Raises:
            AnalysisError: there is no such group or family in this result.
        """
        for g in self.groups:
            if group in (None, g.name):
                for fit in g.fits:
                    if fit.family == family:
                        return fit
        known = joined(quoted([g.name for g in self.groups]))
        raise AnalysisError(
            f"no fit of {family} in '{group or 'all patients'}'; families: {joined(self.families)}; groups: {known}"
        )

    @property
    def ranked(self) -> tuple[FamilyName, ...]:
        """The families fitted in a group at least: those of most groups first, then the lowest sum of AIC.

        The sum is the AIC of a model of these groups together.
        """
        places = {}
        for i, family in enumerate(self.families):
            each = [aic for g in self.groups if (aic := g.fits[i].aic) is not None]
            if each:
                places[family] = (-len(each), sum(each))
        return tuple(sorted(places, key=lambda family: places[family]))

    @property
    def in_all(self) -> tuple[FamilyName, ...]:
        """Those of them that were fitted in every group."""
        every = {f for i, f in enumerate(self.families) if all(g.fits[i].converged for g in self.groups)}
        return tuple(f for f in self.ranked if f in every)

    @property
    def in_any(self) -> tuple[FamilyName, ...]:
        """The families fitted in a group at least, in the order asked for."""
        return tuple(f for i, f in enumerate(self.families) if any(g.fits[i].converged for g in self.groups))

    def to_frame(self) -> pd.DataFrame:
        """All fits, a row each: name, family, n, n_events, log_likelihood, aic, bic, median with limits, note."""
        rows = [
            (g.name, f.family, g.n, g.n_events, f.log_likelihood, f.aic, f.bic, f.median.value, f.median.lower,
             f.median.upper, f.note) for g in self.groups for f in g.fits
        ]  # fmt: skip
        columns = ["name", "family", "n", "n_events", "log_likelihood", "aic", "bic", "median", "ci_lower", "ci_upper",
                   "note"]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)


# ---------------------------------------------------------------- families
class _Family:
    """A family in free units: `u`, shape (k, p), holds k vectors of parameters at once, positive ones as logarithms.

    Times are multiples of `scale` inside, so that days and years, or very large times, are the same problem. Here the
    hazards are lifelines'; what a family needs beside them is said in its class.
    """

    fitter_name = ""
    names: tuple[str, ...] = ()
    positive: tuple[bool, ...] = (True, True)
    widest = 7.0  # of the log of a shape: beyond exp(7) all events would be at one time

    def __init__(self, data: _Data) -> None:
        need("lifelines", "prediction", "a parametric curve")
        import lifelines

        self.scale = data.scale
        self.knots: tuple[float, ...] = ()
        self.fitter: Any = getattr(lifelines, self.fitter_name)(*self.arguments(data))

    def arguments(self, data: _Data) -> tuple[object, ...]:
        """What lifelines' fitter is made with."""
        return ()

    def natural(self, u: Numbers) -> list[Numbers]:
        """lifelines' parameters for times in units of `scale`, each of shape (k, 1)."""
        return [(np.exp(c) if log else c)[:, np.newaxis] for c, log in zip(u.T, self.positive, strict=True)]

    def cumulative(self, u: Numbers, time: Numbers) -> Numbers:
        """H(t), shape (k, n)."""
        return np.asarray(self.fitter._cumulative_hazard(self.natural(u), time))

    def log_hazard(self, u: Numbers, time: Numbers, cumulative: Numbers) -> Numbers:
        """log h(t), shape (k, n) or (k, 1); `cumulative` is H(t)."""
        return np.asarray(self.fitter._log_hazard(self.natural(u), time))

    def log_cumulative(self, u: Numbers, time: Numbers) -> Numbers:
        """log H(t), shape (k, n): the scale on which S(t) has its limits."""
        return np.asarray(np.log(self.cumulative(u, time)))

    def starts(self, data: _Data) -> Iterator[Numbers]:
        """Where to begin."""
        raise NotImplementedError

    def within(self, u: Numbers) -> bool:
        """Whether the parameters are none that stand for a likelihood without a maximum."""
        return bool(abs(u[-1]) < self.widest)

    def falls(self, u: Numbers) -> bool:
        """Whether S(t) falls, or stays, everywhere."""
        return True

    def told(self, u: Numbers) -> tuple[Numbers, Numbers]:
        """lifelines' parameters of times in their own unit, positive ones as logarithms, and their derivatives by u."""
        return u + np.array([np.log(self.scale)] + [0.0] * (len(u) - 1)), np.eye(len(u))

    def in_r(self, u: Numbers) -> tuple[Numbers, Numbers] | None:
        """(Intercept) and Log(scale) of `survreg`, with their derivatives; None where R has no such family."""
        value, jacobian = self.told(u)
        return value, jacobian


class _Exponential(_Family):
    fitter_name, names, positive = "ExponentialFitter", ("lambda",), (True,)

    def starts(self, data: _Data) -> Iterator[Numbers]:
        yield np.array([np.log(data.total / data.events.sum())])  # the maximum itself

    def within(self, u: Numbers) -> bool:
        return True


class _Weibull(_Family):
    fitter_name, names = "WeibullFitter", ("lambda", "rho")

    def starts(self, data: _Data) -> Iterator[Numbers]:
        slope, at = data.line(np.log(data.hazard))
        yield np.array([-at / slope, np.log(slope)])

    def in_r(self, u: Numbers) -> tuple[Numbers, Numbers]:
        value, _ = self.told(u)
        return value * [1, -1], np.diag([1.0, -1.0])


class _LogNormal(_Family):
    fitter_name, names, positive = "LogNormalFitter", ("mu", "sigma"), (False, True)

    def starts(self, data: _Data) -> Iterator[Numbers]:
        slope, at = data.line(-ndtri(np.exp(-data.hazard)))
        yield np.array([-at / slope, -np.log(slope)])


class _LogLogistic(_Weibull):
    fitter_name, names = "LogLogisticFitter", ("alpha", "beta")

    def log_hazard(self, u: Numbers, time: Numbers, cumulative: Numbers) -> Numbers:
        # lifelines differentiates H for one vector of parameters at a time
        shape = u[:, 1:]
        z = np.exp(shape) * (np.log(time) - u[:, :1])
        return np.asarray(shape + z - np.log(time) - cumulative)

    def starts(self, data: _Data) -> Iterator[Numbers]:
        slope, at = data.line(np.log(np.expm1(data.hazard)))
        yield np.array([-at / slope, np.log(slope)])


class _GeneralisedGamma(_Family):
    fitter_name, names = "GeneralizedGammaFitter", ("mu", "ln_sigma", "lambda")
    positive = (False, False, False)

    def cumulative(self, u: Numbers, time: Numbers) -> Numbers:
        _, q, a, y = self._terms(u, time)
        x = a * np.exp(y)
        up = np.broadcast_to(q > 0, x.shape)
        a = np.broadcast_to(a, x.shape)
        survival = np.empty(x.shape)
        survival[up], survival[~up] = gammaincc(a[up], x[up]), gammainc(a[~up], x[~up])
        result = -np.log(survival)
        for rows, lost in ((up & (survival > 0.5), gammainc), (~up & (survival > 0.5), gammaincc)):
            result[rows] = -np.log1p(-lost(a[rows], x[rows]))  # what is near 1 has its digits in what is lost
        return result

    def log_hazard(self, u: Numbers, time: Numbers, cumulative: Numbers) -> Numbers:
        sigma, q, a, y = self._terms(u, time)
        density = np.log(np.abs(q)) - sigma - np.log(time) + _stirling(a) - a * _beyond_linear(y)
        return np.asarray(density + cumulative)

    @staticmethod
    def _terms(u: Numbers, time: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """The log of sigma, lambda, 1 / lambda**2, and lambda z. lambda is never quite 0, where it is a limit."""
        mu, sigma, q = (c[:, np.newaxis] for c in u.T)
        q = np.where(np.abs(q) < 1e-6, 1e-6, q)
        return sigma, q, 1 / q**2, q * (np.log(time) - mu) * np.exp(-sigma)

    def starts(self, data: _Data) -> Iterator[Numbers]:
        # from the log-normal within it; in 252 simulated cohorts the Weibull led to the same maximum
        if of_normal := _maximum(_LogNormal(data), data):
            yield np.append(of_normal.u, 0.01)
        if of_weibull := _maximum(_Weibull(data), data):
            yield np.array([of_weibull.u[0], -of_weibull.u[1], 1.0])

    def within(self, u: Numbers) -> bool:
        return bool(abs(u[1]) < self.widest and abs(u[2]) < 15)

    def in_r(self, u: Numbers) -> None:
        return None


def _stirling(a: Numbers) -> Numbers:
    """a log a - a - log gamma(a), by Stirling's series where the difference would lose its digits."""
    far = np.maximum(a, 30.0)
    series = 0.5 * np.log(far / (2 * np.pi)) - 1 / (12 * far) + 1 / (360 * far**3) - 1 / (1260 * far**5)
    near = np.minimum(a, 30.0)
    return np.asarray(np.where(a > 30, series, near * np.log(near) - near - gammaln(near)))


def _beyond_linear(y: Numbers) -> Numbers:
    """exp(y) - 1 - y, by its series near zero."""
    small = np.where(np.abs(y) < 0.1, y, 0.0)
    series = small**2 / 2 * (1 + small / 3 * (1 + small / 4 * (1 + small / 5 * (1 + small / 6 * (1 + small / 7 * (
        1 + small / 8 * (1 + small / 9)))))))  # fmt: skip
    return np.where(np.abs(y) < 0.1, series, np.expm1(y) - y)


class _Spline(_Family):
    """log H(t) = phi_0 + phi_1 log t + phi_2 v_2(log t) + ...; u are its coefficients on an orthogonal basis.

    Its log-likelihood is concave: there is one maximum or none.
    """

    fitter_name = "SplineFitter"

    def __init__(self, data: _Data) -> None:
        super().__init__(data)
        self.knots = tuple(float(k) * self.scale for k in self.fitter.knot_locations)
        self.names = tuple(f"phi_{i}" for i in range(len(self.knots)))
        self.positive = (False,) * len(self.knots)
        weights = np.sqrt(data.leaving)[:, np.newaxis]
        self.to_phi = np.linalg.inv(np.linalg.qr(weights * self._basis(data.time), mode="r")) * np.sqrt(data.n)

    def arguments(self, data: _Data) -> tuple[object, ...]:
        return (data.knots,)

    def _basis(self, time: Numbers) -> Numbers:
        """1, log t, v_2, ...: shape (n, p)."""
        x, log = np.log(time), np.log(self.fitter.knot_locations)
        bends = [self.fitter.basis(x, knot, log[0], log[-1]) for knot in log[1:-1]]
        return np.column_stack([np.ones(len(x)), x, *bends])

    def _slope(self, u: Numbers, time: Numbers) -> Numbers:
        """d log H / d log t, shape (k, n)."""
        x, log = np.log(time), np.log(self.fitter.knot_locations)

        def bend(knot: float) -> Numbers:
            share = (log[-1] - knot) / (log[-1] - log[0])
            first, last = np.maximum(x - log[0], 0) ** 2, np.maximum(x - log[-1], 0) ** 2
            return np.asarray(3 * (np.maximum(x - knot, 0) ** 2 - share * first - (1 - share) * last))

        return np.asarray(self._phi(u) @ np.array([np.zeros(len(x)), np.ones(len(x)), *map(bend, log[1:-1])]))

    def _phi(self, u: Numbers) -> Numbers:
        return np.asarray(u @ self.to_phi.T)

    def natural(self, u: Numbers) -> list[Numbers]:
        return [c[:, np.newaxis] for c in self._phi(u).T]

    def log_cumulative(self, u: Numbers, time: Numbers) -> Numbers:
        return np.asarray(self._phi(u) @ self._basis(time).T)

    def log_hazard(self, u: Numbers, time: Numbers, cumulative: Numbers) -> Numbers:
        # lifelines differentiates H, and takes a hazard below zero for a very small one; here such a curve is none
        return np.asarray(np.log(cumulative) + np.log(self._slope(u, time)) - np.log(time))

    def starts(self, data: _Data) -> Iterator[Numbers]:
        rows, root = data.events > 0, np.sqrt(data.events[data.events > 0])
        basis = self._basis(data.time[rows])
        phi = np.linalg.lstsq(root[:, np.newaxis] * basis, root * np.log(data.hazard), rcond=None)[0]
        slope, at = data.line(np.log(data.hazard))
        straight = np.array([at, slope, *[0.0] * (len(self.knots) - 2)])
        yield from (np.linalg.solve(self.to_phi, p) for p in (phi, straight))

    def within(self, u: Numbers) -> bool:
        return bool(np.isfinite(u).all() and self._phi(u[np.newaxis])[0, 1] > 0)

    def falls(self, u: Numbers) -> bool:
        # between events nothing in the likelihood keeps the curve from rising; beyond the outer knots it is straight
        first, last = np.log(self.fitter.knot_locations[[0, -1]])
        return bool((self._slope(u[np.newaxis], np.exp(np.linspace(first, last, 1000))) >= 0).all())

    def told(self, u: Numbers) -> tuple[Numbers, Numbers]:
        shift = np.eye(len(u))
        shift[0, 1] = -np.log(self.scale)
        jacobian = shift @ self.to_phi
        return jacobian @ u, jacobian

    def in_r(self, u: Numbers) -> None:
        return None


CLASSES: dict[FamilyName, type[_Family]] = {
    "exponential": _Exponential, "weibull": _Weibull, "log-normal": _LogNormal, "log-logistic": _LogLogistic,
    "generalised-gamma": _GeneralisedGamma, "spline": _Spline,
}  # fmt: skip


def n_parameters(family: FamilyName, n_knots: int = KNOTS) -> int:
    """How many parameters a family has; the spline's grow with its knots between the first and the last event."""
    return {"exponential": 1, "generalised-gamma": 3, "spline": n_knots + 2}.get(family, 2)


# ---------------------------------------------------------------- the maximum of a likelihood
class _Data:
    """One group's times, each once, in units of their geometric mean.

    time, events, leaving: shape (n_times,), with the events and all who leave at each. hazard: shape (n_event_times,),
    Nelson-Aalen in the middle of each step. total: time at risk.
    """

    def __init__(self, time: Numbers, events: Numbers, censored: Numbers, n_knots: int) -> None:
        self.events, self.leaving = events.astype(float), (events + censored).astype(float)
        self.n = float(self.leaving.sum())
        self.scale = float(np.exp((self.leaving * np.log(time)).sum() / self.n))
        self.time = time / self.scale
        self.total = float((self.leaving * self.time).sum())
        rows = events > 0
        steps = (self.events / self.leaving[::-1].cumsum()[::-1])[rows]
        self.hazard = steps.cumsum() - steps / 2
        self.log_time, self.weight = np.log(self.time[rows]), self.events[rows]
        inner = np.arange(1, n_knots + 1) / (n_knots + 1)
        at = np.concatenate([[0.0], inner, [1.0]])
        self.knots = np.exp(np.quantile(np.repeat(self.log_time, events[rows]), at)) if rows.any() else np.array([])

    def line(self, y: Numbers) -> tuple[float, float]:
        """Slope and intercept of a line through y against log time, weighted by events; a slope of 1 where it falls."""
        known = np.isfinite(y)
        weight, x, y = self.weight[known], self.log_time[known], y[known]
        x_mean, y_mean = (float(np.average(v, weights=weight)) for v in (x, y))
        spread = float((weight * (x - x_mean) ** 2).sum())
        slope = float((weight * (x - x_mean) * (y - y_mean)).sum()) / spread if spread > 0 else 1.0
        slope = slope if slope > 0.01 else 1.0
        return slope, y_mean - slope * x_mean

    def loss(self, family: _Family) -> Evaluate:
        """Minus the log-likelihood of k vectors of parameters; infinite where it is none."""
        rows = self.events > 0

        def of(u: Numbers) -> Numbers:
            cumulative = family.cumulative(u, self.time)
            at_events = self.events[rows] * family.log_hazard(u, self.time[rows], cumulative[:, rows])
            value = (self.leaving * cumulative).sum(axis=1) - at_events.sum(axis=1)
            return np.where(np.isfinite(value), value, np.inf)

        return of


@dataclass(frozen=True)
class _Maximum:
    """u: shape (p,). covariance: shape (p, p), of u. loss: minus the log-likelihood of times in units of the scale."""

    u: Numbers
    covariance: Numbers
    loss: float


def _maximum(family: _Family, data: _Data) -> _Maximum | None:
    """The maximum that Newton's method reaches from the first of the family's starts that leads to one; None else."""
    loss = data.loss(family)
    with np.errstate(all="ignore"):
        reached = (_newton(loss, start, family.within) for start in family.starts(data))
        return next((m for m in reached if m is not None), None)


def _newton(loss: Evaluate, u: Numbers, within: Callable[[Numbers], bool]) -> _Maximum | None:
    """Newton's method with steps that never climb; None where it leaves all bounds or stops at no minimum."""
    if not np.isfinite(u).all():
        return None
    for _ in range(MOST_STEPS):
        value, gradient, curvature = _derivatives(loss, u)
        if not (np.isfinite(gradient).all() and np.isfinite(curvature).all()):
            return None
        roots, axes = np.linalg.eigh(curvature)
        convex = bool(roots[0] > 1e-9 * max(roots[-1], 1.0))
        step = -axes @ ((axes.T @ gradient) / np.maximum(np.abs(roots), 1e-6 * max(np.abs(roots).max(), 1e-6)))
        if convex and -gradient @ step < CLOSE * (1 + abs(value)):
            return _polished(loss, u + step) if within(u + step) else None
        step *= min(1.0, 1.0 / float(np.abs(step).max()))
        for first, last in ((0, 1), (1, 8), (8, 24)):  # halved until the loss falls, a few lengths at once
            tried = u + np.outer(0.5 ** np.arange(first, last), step)
            lower = np.flatnonzero(loss(tried) < value)
            if len(lower):
                break
        else:
            return None
        u = tried[lower[0]]
        if not within(u):
            return None
    return None


def _polished(loss: Evaluate, u: Numbers) -> _Maximum | None:
    """The last digits, from a place so near that only the gradient tells more, and the covariance there."""
    value, gradient, curvature = _derivatives(loss, u)
    if not (np.isfinite(curvature).all() and (np.linalg.eigvalsh(curvature) > 0).all()):
        return None
    covariance = np.linalg.inv(curvature)
    return _Maximum(u - covariance @ gradient, covariance, value)


def _derivatives(loss: Evaluate, u: Numbers) -> tuple[float, Numbers, Numbers]:
    """A function's value, gradient and Hessian at u, by five-point differences along axes and diagonals."""
    p = len(u)
    axes = np.eye(p)
    pairs = [(i, j) for i in range(p) for j in range(i)]
    ways = np.array([*axes, *(axes[i] + s * axes[j] for i, j in pairs for s in (1, -1))])
    shifts = STEP * np.array([-2.0, -1.0, 1.0, 2.0])
    points = u + (shifts[np.newaxis, :, np.newaxis] * ways[:, np.newaxis, :]).reshape(-1, p)
    values = loss(np.vstack([u, points]))
    middle, around = values[0], values[1:].reshape(len(ways), 4)
    gradient = (around @ [1, -8, 8, -1])[:p] / (12 * STEP)
    bend = (around @ [-1, 16, 16, -1] - 30 * middle) / (12 * STEP**2)
    curvature = np.diag(bend[:p])
    for (i, j), (plus, minus) in zip(pairs, bend[p:].reshape(-1, 2), strict=True):
        curvature[i, j] = curvature[j, i] = (plus - minus) / 4
    return float(middle), gradient, curvature


def _gradients(of: Evaluate, u: Numbers) -> tuple[Numbers, Numbers]:
    """Values, shape (n,), of a function of parameters, and their derivatives, shape (p, n)."""
    shifts = STEP * np.array([-2.0, -1.0, 1.0, 2.0])
    points = np.vstack([u, *(u + shifts[:, np.newaxis] * way for way in np.eye(len(u)))])
    values = of(points)
    around = values[1:].reshape(len(u), 4, -1)
    return values[0], np.einsum("s,psn->pn", [1, -8, 8, -1], around) / (12 * STEP)


# ---------------------------------------------------------------- one family in one group
def _fit(name: FamilyName, group: _Group) -> FamilyFit:
    """A family fitted to a group, with the reason where it isn't."""
    k = n_parameters(name, group.n_knots)
    bare = FamilyFit(name, k, False)
    n_events = int(group.data.events.sum()) if group.data else 0
    least = EVENTS_PER_PARAMETER * k
    if group.data is None or n_events < least:
        at_least = f"{least:,} are needed for {plural(k, 'parameter')}"
        return replace(bare, note=f"too few events: {plural(n_events, 'event')}, and {at_least}")
    data = group.data
    if k > 1 and len(data.log_time) < k:
        times = plural(len(data.log_time), "distinct time")
        return replace(bare, note=f"the events lie at {times}: too few to see a shape of {plural(k, 'parameter')}")
    if name == "spline" and not (np.diff(data.knots) > 1e-9).all():
        return replace(bare, note="so many events lie at one time that knots of the spline fall together")
    family = CLASSES[name](data)
    found = _maximum(family, data)
    if found is None:
        return replace(bare, note=NO_MAXIMUM)
    with np.errstate(all="ignore"):
        return _told(bare, family, found, group)


def _told(bare: FamilyFit, family: _Family, found: _Maximum, group: _Group) -> FamilyFit:
    """All that is read off a maximum."""
    u, covariance, z, level = found.u, found.covariance, group.z, group.level
    later = group.time[group.time > 0] / family.scale
    curve = _limits(family, found, later, z)
    if not np.isfinite(curve[0]).all() or not family.falls(u):
        why = "the fitted survival rises somewhere between the events, which no survival does: nothing is shown"
        return replace(bare, note=why)
    survival, lower, upper = (np.append(1.0, v) if len(v) < len(group.time) else v for v in curve)
    data = group.data
    assert data is not None
    chosen = np.array(group.times, dtype=float)
    at = [v.tolist() for v in _limits(family, found, np.maximum(chosen, 1e-300) / family.scale, z)]
    log_likelihood = -found.loss - float(data.events.sum()) * float(np.log(family.scale))
    in_r = family.in_r(u)
    median = _median(family, found, z, level)
    beyond = group.follow_up + noise_of(np.array([group.follow_up]))
    return replace(
        bare, converged=True, parameters=_parameters(family.names, *family.told(u), covariance, z, level,
                                                     family.positive),
        survreg=() if in_r is None else _parameters(("(Intercept)", "Log(scale)")[:len(u)], *in_r, covariance, z, level,
                                                    (False,) * len(u)),
        knots=family.knots, log_likelihood=log_likelihood, aic=2 * bare.n_parameters - 2 * log_likelihood,
        bic=bare.n_parameters * float(np.log(data.n)) - 2 * log_likelihood, median=median,
        median_extrapolated=median.value is not None and median.value > beyond,
        at_times=tuple(
            FittedAt(t, Estimate(value, low, high, level, DELTA) if t else Estimate(1.0, None, None, level, DELTA),
                     t > beyond)
            for t, value, low, high in zip(group.times, *at, strict=True)
        ),
        survival=survival, ci_lower=lower, ci_upper=upper,
    )  # fmt: skip


DELTA = "delta method, log(-log)"


def _limits(family: _Family, found: _Maximum, time: Numbers, z: float) -> tuple[Numbers, Numbers, Numbers]:
    """S(t) with its limits by the delta method on the scale of log H(t) [3]; time in units of the family's scale."""
    if not len(time):
        return time, time, time
    value, slopes = _gradients(lambda u: family.log_cumulative(u, time), found.u)
    half = z * np.sqrt(np.einsum("pn,pq,qn->n", slopes, found.covariance, slopes))
    survival, lower, upper = (np.exp(-np.exp(v)) for v in (value, value + half, value - half))
    # where H is 0 or infinite in floating point it has no derivatives: S is 1 or 0 to more than 300 digits
    edge = ~(np.isfinite(lower) & np.isfinite(upper))
    sure = np.round(survival)
    return survival, np.where(edge, sure, lower), np.where(edge, sure, upper)


def _median(family: _Family, found: _Maximum, z: float, level: float) -> Estimate:
    """Where S(t) is one half, with limits by the delta method on the log scale; no value where it stays above."""
    u, goal = found.u, float(np.log(np.log(2)))

    def above(x: float) -> float:
        return float(family.log_cumulative(u[np.newaxis], np.exp(np.array([x])))[0, 0]) - goal

    low, high = -1.0, 1.0
    while above(low) > 0 and low > -300:
        low *= 2
    while above(high) < 0 and high < 300:
        high *= 2
    if above(low) > 0 or not above(high) > 0:
        return Estimate(None, None, None, level, "delta method, log")
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if above(middle) < 0 else (low, middle)
    at = np.exp(np.array([high]))
    log_h, slopes = _gradients(lambda v: family.log_cumulative(v, at), u)
    hazard = family.log_hazard(u[np.newaxis], at, np.exp(log_h)[np.newaxis])
    rise = float(np.exp(hazard - log_h)[0, 0]) * float(at[0])
    half = z * float(np.sqrt(slopes[:, 0] @ found.covariance @ slopes[:, 0])) / rise
    value, lower, upper = (float(v) * family.scale for v in np.exp(high + np.array([0.0, -half, half])))
    return Estimate(value, lower, upper, level, "delta method, log")


def _parameters(
    names: Sequence[str], value: Numbers, jacobian: Numbers, covariance: Numbers, z: float, level: float,
    positive: Sequence[bool],
) -> tuple[Parameter, ...]:  # fmt: skip
    se = np.sqrt(np.diag(jacobian @ covariance @ jacobian.T))
    result = []
    for name, v, s, log in zip(names, value.tolist(), se.tolist(), positive, strict=True):
        shown, low, high = (float(np.exp(x)) if log else x for x in (v, v - z * s, v + z * s))
        estimate = Estimate(shown, low, high, level, "normal, log scale" if log else "normal")
        result.append(Parameter(name, estimate, shown * s if log else s))
    return tuple(result)


# ---------------------------------------------------------------- all groups
@dataclass(frozen=True, eq=False)
class _Group:
    """What a fit needs to know of a group. data: None where nobody has a time above zero."""

    data: _Data | None
    n_knots: int
    follow_up: float
    time: Numbers
    times: tuple[float, ...]
    z: float
    level: float


@answers
@public
def parametric(
    cohort: Cohort,
    endpoint: str,
    by: str | None = None,
    families: FamilyName | Iterable[FamilyName] = FAMILIES,
    *,
    times: float | Iterable[float] = (),
    horizon: float | None = None,
    level: float = 0.95,
    n_knots: int = KNOTS,
    progress: Callable[[float], object] | None = None,
) -> Parametric:
    """Parametric curves [1-3] of `endpoint`, each level of `by` fitted alone, with AIC [4] and what lies beyond [5].

    Args:
        cohort: the patients.
        endpoint: an endpoint's name, e.g. "PRS".
        by: anything that `Cohort.factor` takes; None for all patients as one group.
        families: of `FAMILIES`, in the order to show them.
        times: times, in the endpoint's unit, at which survival is told; zero or positive.
        horizon: where the curves end, in the endpoint's unit; by default the last time of any patient. What lies
            beyond the last time of a group is extrapolation, and marked so.
        level: of the limits; those of S(t) by the delta method on the scale of log H(t) [3].
        n_knots: of the spline, between the first and the last event.
        progress: called with the share done before each fit.

    Raises:
        AnalysisError: the cohort lacks the endpoint or the factor; no such family; a time, the horizon, the level or
            the number of knots is out of range.

    Example:
        >>> result = parametric(cohort, "PRS")
        >>> best = result.groups[0].best
        >>> best.family, round(best.aic, 1), round(best.median.value, 1)
        ('log-normal', 362.7, 22.8)
    """
    names: tuple[FamilyName, ...] = (families,) if isinstance(families, str) else tuple(families)
    chosen = numbers_in(times)
    _refuse(names, chosen, horizon, level, n_knots)
    outcome = cohort.endpoint(endpoint)
    factor = cohort.factor(by) if by else None
    table = count_risk(outcome, factor)
    last = [_follow_up(table, g) for g in range(len(table.strata))]
    end = horizon if horizon is not None else max(last, default=0.0)
    early = end / (GRID - 1) * 0.5 ** np.arange(1.0, 8.0)  # where a curve may fall fast, and of a logarithmic axis
    time = np.unique(np.concatenate([np.linspace(0.0, end, GRID), early, [t for t in last if 0 < t < end]]))
    zero = table.time <= 0
    at_zero, events_at_zero = (int(n[:, zero].sum()) for n in (table.n_events + table.n_censored, table.n_events))
    z, groups, done = float(ndtri(0.5 + level / 2)), [], 0
    for g, name in enumerate(table.strata):
        rows = ~zero & ((table.n_events + table.n_censored)[g] > 0)
        events, censored = table.n_events[g, rows], table.n_censored[g, rows]
        data = _Data(table.time[rows], events, censored, n_knots) if events.sum() else None
        group, fits = _Group(data, n_knots, last[g], time, chosen, z, level), []
        for family in names:
            if progress:
                progress(done / (len(names) * len(table.strata)))
            fits.append(_fit(family, group))
            done += 1
        lowest = min((f.aic for f in fits if f.aic is not None), default=0.0)
        ranked = tuple(f if f.aic is None else replace(f, aic_difference=f.aic - lowest) for f in fits)
        groups.append(FittedGroup(name, int((events + censored).sum()), int(events.sum()), last[g], ranked))
    excluded = list(analysed(outcome, factor)[1])
    if at_zero:
        excluded.append(Exclusion("time of zero, where a parametric curve has no place for them", at_zero))
    return Parametric(
        **header(outcome), **grouping(by, factor), n=sum(g.n for g in groups), n_events=sum(g.n_events for g in groups),
        excluded=tuple(excluded), families=names, level=level, horizon=float(end), n_knots=n_knots, time=time,
        groups=tuple(groups), at_zero=at_zero, events_at_zero=events_at_zero,
        notes=_notes(outcome.notes, groups, factor is not None, events_at_zero, end),
    )  # fmt: skip


def _refuse(names: tuple[str, ...], times: Sequence[float], horizon: float | None, level: float, n_knots: int) -> None:
    """Raises for what was asked and can't be."""
    if not names:
        raise AnalysisError(f"choose at least one family; there are {joined(FAMILIES)}")
    if len(set(names)) < len(names):
        raise AnalysisError(f"a family was named twice in {joined(names)}; name each once")
    if any(not 0 <= t < np.inf for t in times):
        raise AnalysisError("times must be zero or positive, and finite")
    if horizon is not None and not 0 < horizon < np.inf:
        raise AnalysisError(f"the horizon must be positive and finite, not {horizon:g}")
    check_level(level)
    if n_knots not in range(1, MOST_KNOTS + 1):
        raise AnalysisError(f"a spline has 1 to {MOST_KNOTS} knots between the first and the last event, not {n_knots}")


def _follow_up(table: RiskTable, g: int) -> float:
    """The last time at which somebody of a group was under observation."""
    there = np.flatnonzero((table.n_events + table.n_censored)[g])
    return float(table.time[there[-1]]) if len(there) else 0.0


def _notes(
    notes: Iterable[str], groups: Sequence[FittedGroup], grouped: bool, events_at_zero: int, end: float
) -> tuple[str, ...]:  # fmt: skip
    result = list(notes)
    if not sum(g.n for g in groups):
        result.append("no patients to analyse")
    if events_at_zero and any(g.best for g in groups):
        result.append(
            f"{plural(events_at_zero, 'event')} at time zero left out: the parametric curves start at 1 and "
            "lie above the Kaplan-Meier curve by that share"
        )
    if grouped:
        result += small_groups((g.name, g.n) for g in groups)
    if short := [g.name for g in groups if 0 < g.follow_up < end]:
        where = f" in {joined(quoted(short))}" if grouped else ""
        result.append(f"beyond the end of follow-up{where} the curves are extrapolated: no patient was observed there")
    return tuple(result)
