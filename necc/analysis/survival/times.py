"""Survival in a reader's units: the restricted mean, and survival at chosen times, with differences between groups.

Neither needs proportional hazards. The restricted mean survival time is the area under the Kaplan-Meier curve up to
tau; tau is the smallest of the groups' last times under observation unless given.

References:
    1. Uno H, et al. J Clin Oncol 2014;32:2380-5. doi:10.1200/JCO.2014.55.2208; Royston P, Parmar MKB. BMC Med Res
       Methodol 2013;13:152. doi:10.1186/1471-2288-13-152 (restricted mean: difference and ratio)
    2. Klein JP, Logan B, Harhoff M, Andersen PK. Stat Med 2007;26:4505-19. doi:10.1002/sim.2864 (survival at a time)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import adjust_p, n_tests
from necc.analysis.survival.curve import (
    CiMethod,
    Curve,
    RiskTable,
    count_risk,
    curves,
    survival_from_counts,
)
from necc.analysis.survival.small import groups_of
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.frames import cells_of, frame_of
from necc.core.guardrails import MINIMUM_EXPECTED, MINIMUM_PATIENTS, TOO_FEW, too_few
from necc.core.names import numbers_in
from necc.core.result import GroupedResult, Result, analysed, answers, grouping, header, limits_of
from necc.core.text import format_number, joined, quoted
from necc.core.time_to_event import n_until, noise_of


# ---------------------------------------------------------------- restricted mean
@dataclass(frozen=True)
class GroupMean(Result):
    """A group's restricted mean survival time, and the time lost against tau."""

    name: str
    n: int
    n_events: int
    mean: Estimate
    se: float | None
    lost: float | None


@dataclass(frozen=True)
class MeanContrast(Result):
    """A group against the reference: difference and ratio of restricted means with their p."""

    name: str
    reference: str
    difference: Estimate
    difference_p: float | None
    ratio: Estimate
    ratio_p: float | None
    p_adjusted: float | None = None

    def to_dict(self) -> dict[str, object]:
        return {"name": self.name, "reference": self.reference, "p_adjusted": self.p_adjusted,
                "difference": {**limits_of(self.difference), "p": self.difference_p},
                "ratio": {**limits_of(self.ratio), "p": self.ratio_p}}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RestrictedMean(GroupedResult):
    """Restricted mean survival times of a factor's levels up to `tau`; the first level is the reference."""

    tau: float | None
    tau_rule: str
    groups: tuple[GroupMean, ...]
    contrasts: tuple[MeanContrast, ...]
    adjustment: Adjustment
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a group: its mean, and its difference from and ratio to the reference, with limits and p.

        name, n, n_events, mean, ci_lower, ci_upper, se, lost, reference, difference, difference_ci_lower,
        difference_ci_upper, p (of the difference), p_adjusted, ratio, ratio_ci_lower, ratio_ci_upper, ratio_p.
        """
        columns = [
            "name", "n", "n_events", "mean", "ci_lower", "ci_upper", "se", "lost", "reference", "difference",
            "difference_ci_lower", "difference_ci_upper", "p", "p_adjusted", "ratio", "ratio_ci_lower",
            "ratio_ci_upper", "ratio_p",
        ]  # fmt: skip
        beside = {c.name: {**cells_of(c), "p": c.difference_p} for c in self.contrasts}
        return frame_of(({**cells_of(g), **beside.get(g.name, {})} for g in self.groups), columns)

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(c.p_adjusted for c in self.contrasts)


def mean_to(table: RiskTable, tau: float) -> list[tuple[float, float] | None]:
    """Restricted mean and its standard error for each stratum; None where the curve ends before tau.

    A curve that has reached zero is known for ever after. As R's `survfit` prints them with `rmean = tau`.
    """
    survival, _ = survival_from_counts(table.n_at_risk, table.n_events)
    within = table.time <= tau + noise_of(table.time)
    steps = np.append(table.time[within], tau)
    last = last_times(table)
    result: list[tuple[float, float] | None] = []
    for g in range(len(table.strata)):
        s, n, d = survival[g, within], table.n_at_risk[g, within].astype(float), table.n_events[g, within]
        if tau > last[g] + noise_of(table.time) and not (len(s) and s[-1] <= 0):
            result.append(None)
            continue
        areas = np.append(1.0, s) * np.diff(np.append(0.0, steps))
        beyond = np.append(areas[::-1].cumsum()[::-1], 0.0)[1 : len(s) + 1]
        hazard = np.where(n > d, d / np.maximum(n * (n - d), 1), 0.0)
        result.append((float(areas.sum()), float(np.sqrt((beyond**2 * hazard).sum()))))
    return result


def last_times(table: RiskTable) -> np.ndarray:
    """The last time at which each stratum had somebody under observation; shape (n_strata,)."""
    there = (table.n_events + table.n_censored) > 0
    return np.array([table.time[np.flatnonzero(row)[-1]] if row.any() else 0.0 for row in there])


@answers
@public
@countable()
def restricted_mean(
    cohort: Cohort,
    endpoint: str,
    by: str | None = None,
    *,
    tau: float | None = None,
    level: float = 0.95,
    adjustment: Adjustment = "holm",
    minimum: float = MINIMUM_EXPECTED,
) -> RestrictedMean:
    """Restricted mean survival times [1] with their differences and ratios against the first level.

    Differences get normal limits, ratios are taken on the log scale; as R's `survRM2::rmst2` without covariates.

    Args:
        tau: in the endpoint's unit; by default the smallest of the groups' last times under observation, of those that
            are large enough to be compared.
        minimum: expected events up to tau that two groups need for limits and p of their difference; 0 gives them for
            groups of any size, as R does.

    Raises:
        AnalysisError: the cohort lacks the endpoint or the factor, or tau isn't positive.

    Example:
        >>> restricted_mean(cohort, "PRS", "site:lung", tau=24).groups[0].n_events
        26
    """
    if tau is not None and not tau > 0:
        raise AnalysisError(f"tau must be positive, not {tau:g}")
    outcome = cohort.endpoint(endpoint)
    factor = cohort.factor(by) if by else None
    table = count_risk(outcome, factor)
    rule = "chosen" if tau is not None else "smallest of the groups' last times under observation"
    if tau is None and len(table.strata):
        tau, rule = _default_tau(table, rule, minimum)
    means = mean_to(table, tau) if tau else [None] * len(table.strata)
    z = float(ndtri(0.5 + level / 2))
    groups = tuple(_group(table, g, m, tau, z, level) for g, m in enumerate(means))
    few = _too_few_at(table, tau or 0.0, minimum)
    contrasts = [_contrast(groups[0], group, z, level) for group in groups[1:]]
    for i, (contrast, why) in enumerate(zip(contrasts, few, strict=True)):
        if why:
            n = groups[0].n, groups[i + 1].n
            difference, ratio = _bare(contrast.difference, *n), _bare(contrast.ratio, *n)
            contrasts[i] = replace(contrast, difference=difference, ratio=ratio, difference_p=None, ratio_p=None)
    adjusted = adjust_p([c.difference_p for c in contrasts], adjustment)
    notes = [*outcome.notes]
    if not len(table.strata):
        notes.append("no patients to analyse")
    elif not tau:
        notes.append("a group was under observation at time zero only: no restricted mean")
    if short := [g.name for g, m in zip(groups, means, strict=True) if m is None and tau]:
        notes.append(f"not estimable for {', '.join(short)}: follow-up ends before tau = {format_number(tau, 1)}")
    if sure := [g.name for g in groups if g.mean.value is not None and g.se is None]:
        notes.append(f"nothing varies in {joined(sure)} up to tau: without a spread there are no limits and no p")
    if tau and any(few):
        notes.append(
            f"no limits and no p up to tau, {TOO_FEW}: {joined(list(dict.fromkeys(filter(None, few))), 'and')}"
        )
    return RestrictedMean(
        **header(outcome), **grouping(by, factor), tau=tau, tau_rule=rule, n=int(table.n.sum()),
        n_events=int(table.n_events.sum()), excluded=analysed(outcome, factor)[1], groups=groups,
        contrasts=tuple(replace(c, p_adjusted=p) for c, p in zip(contrasts, adjusted, strict=True)),
        adjustment=adjustment, level=level, notes=tuple(notes),
    )  # fmt: skip


def _default_tau(table: RiskTable, rule: str, minimum: float) -> tuple[float, str]:
    """The smallest of the last times of the groups that are large enough to be compared; of all where none is."""
    last, sizes = last_times(table), groups_of(table)
    for kept in ([g for g, size in enumerate(sizes) if not size.lacks(least)] for least in (minimum, 0)):
        if kept and minimum:
            left = [size.name for g, size in enumerate(sizes) if g not in kept]
            without = f", without {joined(quoted(left))}, which {'is' if len(left) == 1 else 'are'} too small to set it"
            return float(last[kept].min()), rule + (without if left else "")
    return float(last.min()), rule


def _bare(estimate: Estimate, *sizes: int) -> Estimate:
    """A difference of groups that are too small, without limits; without a value too where one is a single patient."""
    value = None if min(sizes) < MINIMUM_PATIENTS else estimate.value
    return replace(estimate, value=value, lower=None, upper=None)


def _group(
    table: RiskTable, g: int, result: tuple[float, float] | None, tau: float | None, z: float, level: float
) -> GroupMean:
    name, n, events = table.strata[g], int(table.n[g]), int(table.n_events[g].sum())
    if result is None or tau is None:
        return GroupMean(name, n, events, Estimate(None, None, None, level, "normal"), None, None)
    mean, se = result
    lower, upper = (mean - z * se, mean + z * se) if se > 0 else (None, None)
    estimate = Estimate(mean, lower, upper, level, "normal")
    return GroupMean(name, n, events, estimate, se if se > 0 else None, tau - mean)


def _contrast(reference: GroupMean, group: GroupMean, z: float, level: float) -> MeanContrast:
    nothing = Estimate(None, None, None, level)
    a, b = group.mean.value, reference.mean.value
    if a is None or b is None:
        return MeanContrast(group.name, reference.name, nothing, None, nothing, None)
    if group.se is None or reference.se is None:
        ratio = Estimate(a / b if b > 0 else None, None, None, level, "log")
        return MeanContrast(group.name, reference.name, Estimate(a - b, None, None, level, "normal"), None, ratio, None)
    difference, difference_p = _wald(a - b, np.hypot(group.se, reference.se), z, level)
    if min(a, b) <= 0:
        return MeanContrast(group.name, reference.name, difference, difference_p, nothing, None)
    log, ratio_p = _wald(np.log(a / b), np.hypot(group.se / a, reference.se / b), z, level)
    value, lower, upper = (None if v is None else float(np.exp(v)) for v in (log.value, log.lower, log.upper))
    ratio = Estimate(value, lower, upper, level, "log")
    return MeanContrast(group.name, reference.name, difference, difference_p, ratio, ratio_p)


def _wald(value: float, se: float, z: float, level: float) -> tuple[Estimate, float | None]:
    value, se = float(value), float(se)
    if se <= 0:
        return Estimate(value, None, None, level, "normal"), None
    return Estimate(value, value - z * se, value + z * se, level, "normal"), float(2 * ndtr(-abs(value / se)))


# ---------------------------------------------------------------- survival at a time
@dataclass(frozen=True)
class FixedTimeGroup(Result):
    """S(t) of a group with its Greenwood standard error."""

    name: str
    n: int
    n_at_risk: int
    survival: Estimate
    se: float | None


@dataclass(frozen=True)
class FixedTimeContrast(Result):
    """The difference of S(t) from the reference group: Wald limits and p, and the p on the complementary log-log scale.

    The latter keeps its size better where groups are small [2]; None where a survival is 0 or 1.
    """

    name: str
    reference: str
    difference: Estimate
    se: float | None
    p: float | None
    p_log_log: float | None


@dataclass(frozen=True)
class FixedTime(Result):
    """Survival of each level at one time, with differences from the first level."""

    time: float
    groups: tuple[FixedTimeGroup, ...]
    contrasts: tuple[FixedTimeContrast, ...]


@dataclass(frozen=True, kw_only=True)
class FixedTimes(GroupedResult):
    """Survival at chosen times; p-values are not adjusted for the number of times."""

    ci: CiMethod
    level: float
    times: tuple[FixedTime, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a time and group: its survival, and its difference from the reference, with limits and p.

        time, name, n, n_at_risk, survival, ci_lower, ci_upper, se, reference, difference, difference_ci_lower,
        difference_ci_upper, difference_se, p, p_log_log.
        """
        columns = [
            "time", "name", "n", "n_at_risk", "survival", "ci_lower", "ci_upper", "se", "reference", "difference",
            "difference_ci_lower", "difference_ci_upper", "difference_se", "p", "p_log_log",
        ]  # fmt: skip
        rows = []
        for at in self.times:
            beside = {c.name: c for c in at.contrasts}
            for group in at.groups:
                row = {"time": at.time, **cells_of(group)}
                if c := beside.get(group.name):
                    limits = {f"difference_{k}": v for k, v in limits_of(c.difference).items() if k != "value"}
                    row |= {"reference": c.reference, "difference": c.difference.value, **limits,
                            "difference_se": c.se, "p": c.p, "p_log_log": c.p_log_log}  # fmt: skip
                rows.append(row)
        return frame_of(rows, columns)


@answers
@public
@countable()
def survival_at(
    cohort: Cohort,
    endpoint: str,
    by: str | None = None,
    *,
    times: float | Iterable[float],
    ci: CiMethod = "log-log",
    level: float = 0.95,
    minimum: float = MINIMUM_EXPECTED,
) -> FixedTimes:
    """Survival at chosen times with differences from the first level and their tests [2].

    minimum: expected events up to the time that two groups need for limits and p of their difference; 0 gives them for
    groups of any size, as R does.

    Raises:
        AnalysisError: the cohort lacks the endpoint or the factor, or a time is negative.

    Example:
        >>> result = survival_at(cohort, "PRS", "site:lung", times=[12])
        >>> [group.n_at_risk for group in result.times[0].groups]
        [24, 16]
    """
    chosen = list(numbers_in(times))
    if any(not t >= 0 for t in chosen):
        raise AnalysisError("times must be zero or positive")
    outcome = cohort.endpoint(endpoint)
    factor = cohort.factor(by) if by else None
    table = count_risk(outcome, factor)
    notes = [*outcome.notes]
    if not len(table.strata):
        notes.append("no patients to analyse")
    if len(chosen) > 1 and len(table.strata) > 1:
        notes.append(f"{len(chosen)} times compared: p is not adjusted for their number")
    strata = curves(table, ci, level)
    answers = tuple(_at(table, strata, t, level, minimum) for t in chosen)
    if any(g.survival.value is None for a in answers for g in a.groups):
        notes.append("not estimable beyond a group's last patient under observation")
    if few := list(dict.fromkeys(why for t in chosen for why in _too_few_at(table, t, minimum) if why)):
        notes.append(f"no limits and no p of a difference, {TOO_FEW}: {joined(few[:4])}")
    elif any(c.difference.value is not None and c.se is None for a in answers for c in a.contrasts):
        notes.append("no limits or p of a difference where survival is 0 % or 100 % in a group")
    return FixedTimes(
        **header(outcome), **grouping(by, factor), n=int(table.n.sum()), n_events=int(table.n_events.sum()),
        excluded=analysed(outcome, factor)[1], ci=ci, level=level, times=answers, notes=tuple(notes),
    )  # fmt: skip


def _at(table: RiskTable, strata: tuple[Curve, ...], time: float, level: float, minimum: float) -> FixedTime:
    survival, se_log = survival_from_counts(table.n_at_risk, table.n_events)
    row = int(n_until(table.time, time)) - 1
    groups = []
    for g, curve in enumerate(strata):
        point = curve.at(time)
        se = None if point.estimate.value is None else 0.0  # Greenwood's: none before an event, nor where S(t) is 0
        if se is not None and row >= 0 and survival[g, row] > 0:
            se = float(survival[g, row] * se_log[g, row])
        groups.append(FixedTimeGroup(curve.name, curve.n, point.n_at_risk, point.estimate, se))
    contrasts = [_difference(groups[0], g, level) for g in groups[1:]]
    for i, (contrast, why) in enumerate(zip(contrasts, _too_few_at(table, time, minimum), strict=True)):
        if why:
            bare = _bare(contrast.difference, groups[0].n, groups[i + 1].n)
            contrasts[i] = replace(contrast, difference=bare, se=None, p=None, p_log_log=None)
    return FixedTime(time, tuple(groups), tuple(contrasts))


def _too_few_at(table: RiskTable, time: float, minimum: float) -> list[str]:
    """For each group but the first, why it isn't compared with that one at a time; empty where it is."""
    sizes = groups_of(table, time)
    return [too_few([sizes[0], size], minimum) if minimum else "" for size in sizes[1:]]


def _difference(reference: FixedTimeGroup, group: FixedTimeGroup, level: float) -> FixedTimeContrast:
    a, b = group.survival.value, reference.survival.value
    if a is None or b is None or group.se is None or reference.se is None:
        return FixedTimeContrast(group.name, reference.name, Estimate(None, None, None, level), None, None, None)
    if not group.se or not reference.se:  # S(t) is 0 or 1 in a group: Greenwood's variance says nothing about it
        difference = Estimate(a - b, None, None, level, "normal")
        return FixedTimeContrast(group.name, reference.name, difference, None, None, None)
    se = float(np.hypot(group.se, reference.se))
    difference, p = _wald(a - b, se, float(ndtri(0.5 + level / 2)), level)
    p_log_log = None
    if 0 < a < 1 and 0 < b < 1:
        spread = (group.se / (a * np.log(a))) ** 2 + (reference.se / (b * np.log(b))) ** 2
        p_log_log = float(chdtrc(1, (np.log(-np.log(a)) - np.log(-np.log(b))) ** 2 / spread))
    return FixedTimeContrast(group.name, reference.name, difference, se if se > 0 else None, p, p_log_log)
