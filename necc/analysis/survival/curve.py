"""Kaplan-Meier curves, medians and log-rank tests, all from one count table.

Every non-parametric time-to-event answer depends on the patients only through a small table: for each
distinct time and stratum, how many were at risk, had the event, or were censored. `RiskTable` is that table;
it is counted once per filter (no sort) and everything here is read off it. Conventions follow R's `survival`:
log-log confidence limits unless said otherwise, the midpoint of a step that is flat at exactly one half as
median, times equal up to floating-point noise taken as ties.

References:
    1. Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-81. doi:10.1080/01621459.1958.10501452
    2. Greenwood M. Rep Public Health Med Subj 1926;33 (variance). Borgan O, Liestol K. Scand J Stat 1990;17:35-41
       (log-log limits).
    3. Brookmeyer R, Crowley J. Biometrics 1982;38:29-41. doi:10.2307/2530286 (interval of the median)
    4. Mantel N. Cancer Chemother Rep 1966;50:163-70 (log-rank test).
    5. Nelson W. Technometrics 1972;14:945-66. doi:10.1080/00401706.1972.10488991 (cumulative hazard)
    6. Aalen O. Ann Stat 1978;6:701-26. doi:10.1214/aos/1176344247 (its variance)
    7. Bie O, Borgan O, Liestol K. Scand J Stat 1987;14:221-33 (limits on the log scale)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from necc.core.cohort import Factor
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.frames import estimate_line, from_zero
from necc.core.frozen import Frozen
from necc.core.guardrails import FEW_AT_RISK
from necc.core.result import (
    Result,
    Viewable,
    median_of,
    rows_of,
    with_old_keys,
)
from necc.core.tally import tally
from necc.core.text import joined, plural
from necc.core.time_to_event import NOISE, TimeToEvent, n_before, n_until, noise_of

CiMethod = Literal["log-log", "log", "plain"]
Show = Literal["survival", "risk", "cumulative hazard", "log-log"]
TOLERANCE = NOISE  # of shares, and of times near 1
OVERALL = "all patients"


# ---------------------------------------------------------------- the count table
@dataclass(frozen=True, eq=False)
class RiskTable(Viewable):
    """Counts at each distinct time: the only thing estimators know of the patients.

    time: float array, shape (n_times,), ascending, in the endpoint's unit.
    n_at_risk, n_events, n_censored: int arrays, shape (n_strata, n_times). At risk counts who is under
        observation just before the time; those censored at a time are still at risk at it.
    entries: for delayed entry, when the patients of each stratum come under observation, ascending, each of shape
        (n,); none where all are from time zero.
    """

    strata: tuple[str, ...]
    time: np.ndarray
    n_at_risk: np.ndarray
    n_events: np.ndarray
    n_censored: np.ndarray
    entries: tuple[np.ndarray, ...] = ()

    @property
    def n(self) -> np.ndarray:
        """Patients per stratum, shape (n_strata,)."""
        result: np.ndarray = (self.n_events + self.n_censored).sum(axis=1)
        return result

    def to_frame(self) -> pd.DataFrame:
        """One row a stratum and time: stratum, time, n_at_risk, n_events, n_censored."""
        counts = {name: getattr(self, name).ravel() for name in ("n_at_risk", "n_events", "n_censored")}
        strata = np.repeat(np.array(self.strata, dtype=object), len(self.time))
        return pd.DataFrame({"stratum": strata, "time": np.tile(self.time, len(self.strata)), **counts})

    def pooled(self) -> RiskTable:
        """All strata as one."""
        at_risk, events, censored = (
            x.sum(axis=0, keepdims=True) for x in (self.n_at_risk, self.n_events, self.n_censored)
        )
        entries = (np.sort(np.concatenate(self.entries)),) if self.entries else ()
        return RiskTable((OVERALL,), self.time, at_risk, events, censored, entries)

    def reversed(self) -> RiskTable:
        """Events and censorings exchanged: the table of follow-up."""
        return RiskTable(self.strata, self.time, self.n_at_risk, self.n_censored, self.n_events, self.entries)


def count_risk(endpoint: TimeToEvent, factor: Factor | None = None, keep_empty: bool = False) -> RiskTable:
    """Counts an endpoint's patients by time, outcome and level.

    Patients whose time, event or level is missing are not counted. Levels without patients are left out, unless
    `keep_empty`.

    Example:
        >>> int(count_risk(cohort.endpoint("PRS")).n_events.sum())
        40
    """
    levels = (OVERALL,) if factor is None else factor.levels
    counts = endpoint.counts[np.newaxis] if factor is None else _counts_by_level(endpoint, factor)
    return risk_table(levels, endpoint.grid, counts, keep_empty)


def risk_table(levels: tuple[str, ...], time: np.ndarray, counts: np.ndarray, keep_empty: bool = False) -> RiskTable:
    """The count table of patients by level, outcome (censored, event) and time.

    Args:
        time: the distinct times, shape (n_times,). counts: int array, shape (n_levels, 2, n_times).
        keep_empty: levels without patients stay.
    """
    present = np.asarray(counts.any(axis=(1, 2)) | keep_empty)
    counts = counts[present]
    leaving = counts.sum(axis=1)
    n_at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    strata = tuple(level for level, there in zip(levels, present, strict=True) if there)
    return RiskTable(strata, time, n_at_risk, counts[:, 1], counts[:, 0])


def _counts_by_level(endpoint: TimeToEvent, factor: Factor) -> np.ndarray:
    """Patients by level, outcome and time: int array, shape (n_levels, 2, n_times).

    Only who is not at the first level is counted one by one; the first level is what is left of the total, so that
    with / without a rare site costs as little as the site is rare.
    """
    others = np.flatnonzero(factor.codes != 0)
    cells, codes = endpoint.cells[others], factor.codes[others].astype(np.int64)
    patients = None if endpoint.patients is None else endpoint.patients[others]
    if not endpoint.valid.all():
        kept = cells >= 0
        cells, codes, patients = cells[kept], codes[kept], None if patients is None else patients[kept]
    n_levels, size = len(factor.levels), endpoint.counts.size
    counted = tally((codes + 1) * size + cells, patients, (n_levels + 1) * size)
    counts = counted.reshape(n_levels + 1, *endpoint.counts.shape)  # in front: the level is missing
    if n_levels:
        counts[1] = endpoint.counts - counts.sum(axis=0)
    return counts[1:]


# ---------------------------------------------------------------- estimators
def survival_from_counts(n_at_risk: np.ndarray, n_events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Product-limit survival [1] and the standard error of its logarithm (Greenwood [2]).

    Works along the last axis. The standard error is infinite where survival is zero.

    Args:
        n_at_risk, n_events: int arrays, shape (..., n_times).

    Returns:
        Two float arrays, shape (..., n_times).
    """
    n = np.maximum(n_at_risk, 1)
    survival = np.cumprod(1 - n_events / n, axis=-1)
    with np.errstate(divide="ignore"):
        variance = np.cumsum(n_events / (n * (n - n_events).astype(float)), axis=-1)
    return survival, np.sqrt(variance)


def confidence_limits(
    survival: np.ndarray, se_log: np.ndarray, method: CiMethod = "log-log", level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Pointwise limits of S(t), NaN where survival is zero.

    Before the first event the log-log limits don't exist (NaN, as in R >= 3.0); the other methods give 1.

    Args:
        survival, se_log: float arrays of one shape; see `survival_from_counts`.

    Returns:
        Lower and upper limits, float arrays of that shape.

    Raises:
        AnalysisError: no such method.
    """
    z = float(ndtri(0.5 + level / 2))
    inner = (survival > 0) & (survival < 1)
    s = np.where(inner, survival, 0.5)
    se = np.where(inner, se_log, 0.0)
    if method == "log-log":
        shift = z * se / np.log(s)
        with np.errstate(over="ignore"):  # beyond the largest number is the limit 0
            lower, upper = (np.exp(-np.exp(np.log(-np.log(s)) + sign * shift)) for sign in (-1, 1))
    elif method == "log":
        lower, upper = s * np.exp(-z * se), np.minimum(s * np.exp(z * se), 1)
    elif method == "plain":
        lower, upper = np.maximum(s - z * se * s, 0), np.minimum(s + z * se * s, 1)
    else:
        raise AnalysisError(f"no confidence interval '{method}'; there are {joined(get_args(CiMethod))}")
    edge = np.where((survival >= 1) & (method != "log-log"), 1.0, np.nan)
    return np.where(inner, lower, edge), np.where(inner, upper, edge)


def hazard_from_counts(n_at_risk: np.ndarray, n_events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The Nelson-Aalen cumulative hazard, H(t) = sum of d / n [5], and its standard error, sqrt(sum of d / n**2) [6].

    `cumhaz` and `std.chaz` of R's `survfit(..., ctype = 1)`. Works along the last axis.

    Args:
        n_at_risk, n_events: int arrays, shape (..., n_times).

    Returns:
        Two float arrays, shape (..., n_times).
    """
    n = np.maximum(n_at_risk, 1).astype(float)
    return np.cumsum(n_events / n, axis=-1), np.sqrt(np.cumsum(n_events / n**2, axis=-1))


def hazard_limits(
    hazard: np.ndarray, se: np.ndarray, method: CiMethod = "log-log", level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Pointwise limits of H(t), NaN before the first event.

    The scale follows that of S(t) = exp(-H(t)): log-log limits of survival are log limits of the cumulative hazard,
    H exp(-+z se / H) [7]; with "log" and "plain" they are H -+ z se, not below 0.
    """
    z = float(ndtri(0.5 + level / 2))
    known = hazard > 0
    h = np.where(known, hazard, 1.0)
    if method == "log-log":
        lower, upper = h * np.exp(-z * se / h), h * np.exp(z * se / h)
    else:
        lower, upper = np.maximum(h - z * se, 0), h + z * se
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def at_risk_before(time: np.ndarray, n_at_risk: np.ndarray, times: Iterable[float]) -> np.ndarray:
    """At risk just before each of `times`, of all who are under observation from time zero; int, shape (n_chosen,).

    time, n_at_risk: shape (n_times,), of a curve. Times that differ by noise are the same time.
    """
    chosen = np.asarray(list(times), dtype=float)
    return np.append(n_at_risk, 0)[n_before(time, chosen)].astype(int)


def last_time_with(time: np.ndarray, n_at_risk: np.ndarray, least: int = FEW_AT_RISK) -> float:
    """The last of `time` at which at least so many are at risk; 0 where there is none."""
    enough = np.flatnonzero(n_at_risk >= least)
    return float(time[enough[-1]]) if len(enough) else 0.0


def turns_few(
    time: np.ndarray, at_risk: Callable[[np.ndarray], np.ndarray], least: int, entries: np.ndarray | None = None
) -> tuple[bool, np.ndarray]:
    """Whether fewer than `least` are at risk at first, and the times at which that changes, by entries too."""
    edges = np.unique(np.concatenate([[0.0], time, [] if entries is None else entries]))
    few = at_risk((edges[:-1] + edges[1:]) / 2) < least
    return (bool(few[0]), edges[1:-1][few[1:] != few[:-1]]) if len(few) else (False, edges[:0])


def time_at(level: float, time: np.ndarray, survival: np.ndarray) -> float | None:
    """The first time at which `survival` is at or below `level`; the midpoint of a step flat at exactly `level`.

    None where it is never reached. The rule of R's `survfit`. time, survival: float arrays, shape (n_times,).
    """
    reached = np.flatnonzero(survival < level + TOLERANCE)  # NaN compares false
    if not len(reached):
        return None
    first = reached[0]
    if abs(survival[first] - level) < TOLERANCE:
        lower = reached[survival[reached] < survival[first]]
        if len(lower):
            return float((time[first] + time[lower[0]]) / 2)
    return float(time[first])


@dataclass(frozen=True, eq=False)
class Curve(Result):
    """One stratum's Kaplan-Meier curve: a row for each distinct time at which somebody had the event or left.

    All arrays have shape (n_times,); limits are NaN where they don't exist (see `confidence_limits`).
    entries: float array, shape (n,), ascending: when each patient comes under observation; None where all are from
        time zero.
    """

    name: str
    n: int
    n_events_total: int
    time: np.ndarray
    n_at_risk: np.ndarray
    n_events: np.ndarray
    n_censored: np.ndarray
    survival: np.ndarray
    ci_lower: np.ndarray
    ci_upper: np.ndarray
    median: Estimate
    entries: np.ndarray | None = None

    def at(self, time: float) -> SurvivalAt:
        """Survival at a chosen time; not estimable beyond the last patient, though in a gap where nobody is at risk.

        Before the first event it is 1 without limits: nothing was estimated there, though R prints limits of 1.
        """
        row = int(n_until(self.time, time)) - 1
        at_risk = int(self.at_risk([time])[0])
        if row < 0:
            sure = Estimate(1.0, None, None, self.median.level, self.median.method)
            return SurvivalAt(self.name, time, at_risk, sure)
        survival = float(self.survival[row])
        if at_risk == 0 and survival > 0 and row == len(self.time) - 1:
            return SurvivalAt(self.name, time, 0, Estimate(None, None, None, self.median.level, self.median.method))
        limits = (_number(self.ci_lower[row]), _number(self.ci_upper[row])) if survival < 1 else (None, None)
        return SurvivalAt(self.name, time, at_risk, Estimate(survival, *limits, self.median.level, self.median.method))

    def at_risk(self, times: Iterable[float]) -> np.ndarray:
        """Under observation just before each time, at time zero who is from then on; int array, shape (n_chosen,)."""
        if self.entries is None:
            return at_risk_before(self.time, self.n_at_risk, times)
        chosen = np.asarray(list(times), dtype=float)
        entered = np.searchsorted(self.entries, np.maximum(chosen - noise_of(self.time), NOISE), side="left")
        before = n_before(self.time, chosen)
        return np.asarray(entered - np.append(0, (self.n_events + self.n_censored).cumsum())[before])

    def last_time_with(self, least: int = FEW_AT_RISK) -> float:
        """The last time at which at least so many are at risk; 0 where there is none."""
        return last_time_with(self.time, self.n_at_risk, least)

    def few_at_risk(self, least: int = FEW_AT_RISK) -> tuple[bool, np.ndarray]:
        """Whether fewer than `least` are at risk at first, and the times at which that changes."""
        return turns_few(self.time, self.at_risk, least, self.entries)

    def rows_at(self, times: np.ndarray) -> np.ndarray:
        """The row that holds from each of these times; -1 before the first."""
        return np.asarray(np.searchsorted(self.time, times, side="right") - 1)

    def counts_at(self, times: Iterable[float]) -> list[tuple[int, int, int]]:
        """At risk just before each time, and the events and censorings up to and including it."""
        chosen = np.asarray(list(times), dtype=float)
        upto = n_until(self.time, chosen)
        events, censored = (np.append(0, n.cumsum())[upto] for n in (self.n_events, self.n_censored))
        return list(zip(self.at_risk(chosen).tolist(), events.tolist(), censored.tolist(), strict=True))

    def shown(self, show: Show = "survival") -> ShownCurve:
        """The curve as survival S(t), risk 1 - S(t), cumulative hazard (Nelson-Aalen) or log(-log S(t)).

        Limits are those of S(t) on the new scale; those of the cumulative hazard are its own (`hazard_limits`).
        """
        value, lower, upper = self.survival, self.ci_lower, self.ci_upper
        if show == "survival":
            return ShownCurve(self, show, 1.0, value, lower, upper)
        if show == "risk":
            return ShownCurve(self, show, 0.0, 1 - value, 1 - upper, 1 - lower)
        if show == "cumulative hazard":
            value, se = hazard_from_counts(self.n_at_risk, self.n_events)
            of_log = self.median.method in ("", "log-log")
            limits = hazard_limits(value, se, "log-log" if of_log else "plain", self.median.level)
            return ShownCurve(self, show, 0.0, value, *limits, se)
        if show == "log-log":
            return ShownCurve(self, show, None, *(_log_log(v, self.time) for v in (value, upper, lower)))
        raise AnalysisError(f"a curve isn't shown as '{show}'; there are {joined(get_args(Show))}")

    def to_frame(self) -> pd.DataFrame:
        """The curve from time 0: stratum, time, n_at_risk, n_events, n_censored, survival, ci_lower, ci_upper.

        A row for each distinct time, and one before them at 0 with survival 1, as R's `survfit0` has it.
        """
        names = ("time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper")
        frame = pd.DataFrame({"stratum": self.name, **{name: getattr(self, name) for name in names}})
        return from_zero(frame, {"survival": 1.0, "n_at_risk": int(self.at_risk([0.0])[0]) if len(frame) else 0})

    def _lines(self) -> list[str]:
        return [self._line("")]

    def _line(self, unit: str) -> str:
        """Patients, events and median, in a few words."""
        median = estimate_line("median", self.median.value, self.median.lower, self.median.upper)
        counts = f"{plural(self.n, 'patient')}, {plural(self.n_events_total, 'event')}"
        return f"{self.name}: {counts}, {f'{median} {unit}'.strip() if median else 'median not reached'}"

    @property
    def mean(self) -> tuple[float | None, float | None]:
        """The area under the curve up to its last time and Greenwood's standard error, as R's `survfit` prints them."""
        if not len(self.time):
            return None, None
        n, d = self.n_at_risk.astype(float), self.n_events
        areas = np.append(1.0, self.survival[:-1]) * np.diff(np.append(0.0, self.time))
        beyond = np.append(areas[::-1].cumsum()[::-1], 0.0)[1:]
        hazard = np.where(n > d, d / np.maximum(n * (n - d), 1), 0.0)
        return float(areas.sum()), float(np.sqrt((beyond**2 * hazard).sum()))

    @property
    def se(self) -> np.ndarray:
        """Greenwood's standard error of log S(t), as R's `survfit` has it; float array, shape (n_times,)."""
        return survival_from_counts(self.n_at_risk, self.n_events)[1]

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; `curve` has a row for each time, null for limits that don't exist."""
        names = ("time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper")
        counted = {"name": self.name, "n": self.n, "n_events": self.n_events_total}
        return with_old_keys(self, {**counted, **median_of(self.median), "curve": rows_of(self, names)})


@dataclass(frozen=True)
class SurvivalAt(Result):
    """S(t) of a stratum at a chosen time."""

    stratum: str
    time: float
    n_at_risk: int
    estimate: Estimate

    @property
    def is_before_anyone(self) -> bool:
        """Whether patients come under observation late, and nobody has by then."""
        return self.estimate.value == 1 and not self.n_at_risk

    @property
    def is_lost(self) -> bool:
        """Whether the curve fell to zero while few were under observation, though others came under it later."""
        return self.estimate.value == 0 and self.n_at_risk > 0

    def to_dict(self) -> dict[str, object]:
        fields = super().to_dict()
        return {"name": fields.pop("stratum"), "survival": fields.pop("estimate"), **fields}


@dataclass(frozen=True, eq=False)
class ShownCurve(Frozen):
    """A curve on one scale: a value and its limits in each row of the curve; see `Curve.shown`.

    start: the value at time zero; None on the log-log scale, which has none.
    value, lower, upper: float arrays, shape (n_times,), NaN where there is none.
    se: of the cumulative hazard, shape (n_times,); None on other scales.
    """

    curve: Curve
    show: Show
    start: float | None
    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    se: np.ndarray | None = None

    def at(self, time: float) -> SurvivalAt:
        """The value at a chosen time, estimable where survival is; a hazard only while somebody is at risk."""
        at = self.curve.at(time)
        if self.show == "survival":
            return at
        row = int(n_until(self.curve.time, time)) - 1
        beyond = row == len(self.curve.time) - 1 and not at.n_at_risk
        if at.estimate.value is None or (beyond and self.show == "cumulative hazard"):
            numbers: tuple[float | None, ...] = (None, None, None)
        elif row < 0:
            numbers = (self.start, None, None)
        elif at.estimate.value == 1:
            numbers = (_number(self.value[row]), None, None)
        else:
            numbers = tuple(_number(v[row]) for v in (self.value, self.lower, self.upper))
        value, lower, upper = numbers
        estimate = replace(at.estimate, value=value, lower=lower, upper=upper)
        return SurvivalAt(at.stratum, time, at.n_at_risk, estimate)

    def to_frame(self) -> pd.DataFrame:
        """The curve as JSON has it: stratum, time, n_at_risk, n_events, n_censored, value, (se,) ci_lower, ci_upper."""
        counts = {name: getattr(self.curve, name) for name in ("time", "n_at_risk", "n_events", "n_censored")}
        spread = {} if self.se is None else {"se": self.se}
        limits = {"ci_lower": self.lower, "ci_upper": self.upper}
        return pd.DataFrame({"stratum": self.curve.name, **counts, "value": self.value, **spread, **limits})

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what there isn't."""
        columns = {str(name): column.tolist() for name, column in self.to_frame().drop(columns="stratum").items()}
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return {
            "name": self.curve.name, "n": self.curve.n, "n_events": self.curve.n_events_total,
            "curve": [{k: _number(v) if isinstance(v, float) else v for k, v in row.items()} for row in rows],
        }  # fmt: skip


def _log_log(share: np.ndarray, time: np.ndarray) -> np.ndarray:
    """log(-log S), NaN where S is 0 or 1 and at time zero, which has no logarithm."""
    inner = (share > 0) & (share < 1) & (time > 0)
    return np.where(inner, np.log(-np.log(np.where(inner, share, 0.5))), np.nan)


def curves(table: RiskTable, ci: CiMethod = "log-log", level: float = 0.95) -> tuple[Curve, ...]:
    """The Kaplan-Meier curve of each stratum."""
    survival, se_log = survival_from_counts(table.n_at_risk, table.n_events)
    lower, upper = confidence_limits(survival, se_log, ci, level)
    result = []
    for g, name in enumerate(table.strata):
        rows = np.flatnonzero(table.n_events[g] + table.n_censored[g])
        time = table.time[rows]
        at_risk, events, censored, s, low, high = (
            x[g, rows] for x in (table.n_at_risk, table.n_events, table.n_censored, survival, lower, upper)
        )
        median = Estimate(time_at(0.5, time, s), time_at(0.5, time, low), time_at(0.5, time, high), level, ci)
        n_events = int(events.sum())
        entries = table.entries[g] if table.entries else None
        result.append(
            Curve(name, n_events + int(censored.sum()), n_events, time, at_risk, events, censored, s, low, high, median,
                  entries)
        )  # fmt: skip
    return tuple(result)


# ---------------------------------------------------------------- log-rank test
@dataclass(frozen=True)
class LogRank(Result):
    """A log-rank test: statistic, degrees of freedom and p; None with a note where it isn't estimable.

    p_by: "chi-square", "permutation" where groups are too small for it, "" where there is no p.
    """

    statistic: float | None
    df: int
    p: float | None
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    name: str = "log-rank"
    note: str = ""
    p_by: Literal["chi-square", "permutation", ""] = "chi-square"

    @property
    def chi_square_p(self) -> float | None:
        """p by the chi-square distribution, as programs print it whatever the groups' size."""
        return None if self.statistic is None else float(chdtrc(self.df, self.statistic))

    def to_dict(self) -> dict[str, object]:
        """Without observed and expected events, which belong to the groups."""
        return {"name": self.name, "statistic": self.statistic, "df": self.df, "p": self.p, "p_by": self.p_by}

    def with_note(self) -> dict[str, object]:
        """The same, and why there is no test."""
        return {**self.to_dict(), "note": self.note}


@dataclass(frozen=True, eq=False)
class ScoreParts(Frozen):
    """(Weighted) observed and expected events of each group, and the variance of their difference.

    observed, expected: float arrays, shape (n_strata,). variance: float array, shape (n_strata, n_strata).
    """

    observed: np.ndarray
    expected: np.ndarray
    variance: np.ndarray

    def __add__(self, other: ScoreParts) -> ScoreParts:
        return ScoreParts(
            self.observed + other.observed, self.expected + other.expected, self.variance + other.variance
        )


def score_parts(table: RiskTable, weights: np.ndarray | None = None) -> ScoreParts:
    """Observed, expected and hypergeometric variance [4] of one table.

    Args:
        weights: float array, shape (n_times,): what each time counts for; 1 by default.
    """
    when = table.n_events.any(axis=0)
    events, at_risk = table.n_events[:, when], table.n_at_risk[:, when]
    w = np.ones(events.shape[1]) if weights is None else weights[when]
    d, n = events.sum(axis=0), np.maximum(at_risk.sum(axis=0), 1)
    share = at_risk / n
    spread = w**2 * d * (n - d) / np.maximum(n - 1, 1)
    variance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    return ScoreParts((w * events).sum(axis=1), (w * d * share).sum(axis=1), variance)


def chi_square(parts: ScoreParts, name: str) -> LogRank:
    """The test that observed and expected events agree in all groups.

    Groups that were never at risk at an event don't count towards the degrees of freedom, as in R's `survdiff`.
    """
    numbers = tuple(parts.observed.tolist()), tuple(parts.expected.tolist())
    usable = parts.expected > 0
    df = max(int(usable.sum()) - 1, 0)
    if len(usable) < 2:
        return LogRank(None, 0, None, *numbers, name, "one group only: nothing to compare")
    if not parts.expected.sum():
        return LogRank(None, df, None, *numbers, name, "no events that count: no test")
    inner = parts.variance[usable][:, usable][1:, 1:]
    difference = (parts.observed - parts.expected)[usable][1:]
    if not df or np.linalg.matrix_rank(inner) < df:
        return LogRank(None, df, None, *numbers, name, "the groups were not at risk together at an event: no test")
    statistic = float(difference @ np.linalg.solve(inner, difference))
    return LogRank(statistic, df, float(chdtrc(df, statistic)), *numbers, name)


def log_rank(table: RiskTable) -> LogRank:
    """Log-rank test [4] of two or more strata; its weighted kin are in `necc.analysis.survival`."""
    return chi_square(score_parts(table), "log-rank")


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
