"""Kaplan-Meier curves of a cohort's endpoint, by a factor and by every site at once.

References:
    1. Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-81. doi:10.1080/01621459.1958.10501452
    2. Schemper M, Smith TL. Control Clin Trials 1996;17:343-6. doi:10.1016/0197-2456(96)00075-X (reverse Kaplan-Meier)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import overload

import numpy as np
import pandas as pd

from necc.analysis.arrays import Values, of_time, or_arrays
from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import adjust_p, n_tests
from necc.analysis.survival.by_site import count_sites
from necc.analysis.survival.curve import (
    OVERALL,
    CiMethod,
    Curve,
    LogRank,
    RiskTable,
    Show,
    SurvivalAt,
    count_risk,
    curves,
    log_rank,
)
from necc.analysis.survival.small import given
from necc.core.arguments import public
from necc.core.cohort import Cohort, Factor
from necc.core.counts import countable
from necc.core.dictionary import SITE
from necc.core.estimate import Estimate, Exclusion
from necc.core.frames import MOST_LINES, Names, Row, frame_of, tidied
from necc.core.guardrails import small_groups
from necc.core.names import numbers_in
from necc.core.result import (
    EndpointResult,
    GroupedResult,
    analysed,
    answers,
    grouping,
    header,
    limits_of,
    median_of,
)
from necc.core.text import joined, p_phrase, plural, quoted
from necc.core.time_to_event import TimeToEvent


@dataclass(frozen=True, eq=False, kw_only=True)
class KaplanMeier(GroupedResult):
    """Kaplan-Meier curves of an endpoint by a factor, with all that a reader needs to judge them.

    `followup` is the median follow-up by the reverse Kaplan-Meier method [2], of all analysed patients.
    """

    defined_as: str
    ci: CiMethod
    level: float
    curves: tuple[Curve, ...]
    test: LogRank
    followup: Estimate
    at_times: tuple[SurvivalAt, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """All curves as one table, each from time 0 on; empty, with its columns, where there are none.

        Example:
            >>> frame = kaplan_meier(cohort, "PRS").to_frame()
            >>> float(frame["time"][0]), int(frame["n_at_risk"][0]), float(frame["survival"][0])
            (0.0, 88, 1.0)
        """
        frames = [c.to_frame() for c in self.curves]
        return pd.concat(frames, ignore_index=True) if frames else EMPTY_CURVE.to_frame()

    def tidy(self, style: Names = "broom", *, exponentiate: bool = False) -> pd.DataFrame:
        """The curves under other people's names, see `Result.tidy`; broom's std.error is that of log S(t)."""
        if style != "broom":
            return super().tidy(style, exponentiate=exponentiate)
        spread = [np.append([0.0] * (len(c.to_frame()) - len(c.time)), c.se) for c in self.curves]
        return tidied(self._to_tidy(style).assign(se=np.concatenate([_EMPTY, *spread])), style)

    def _glance(self) -> Row:
        """What broom tells of one curve, as R's `survfit` prints it; of several, their medians are in the lines."""
        row: dict[str, object] = {"follow.up": self.followup.value}
        if len(self.curves) == 1:
            (one,) = self.curves
            at_zero = int(one.at_risk([0.0])[0])
            mean, se = one.mean
            row |= {"rmean": mean, "rmean.std.error": se, "records": one.n, "n.start": at_zero,
                    "n.max": max(at_zero, int(one.n_at_risk.max(initial=0))), "events": one.n_events_total,
                    "median": one.median.value, "conf.low": one.median.lower,
                    "conf.high": one.median.upper}  # fmt: skip
        return row

    def _lines(self) -> list[str]:
        lines = [c._line(self.unit) for c in self.curves[:MOST_LINES]]
        if (left := len(self.curves) - MOST_LINES) > 0:
            lines[-1:] = [f"and {plural(left + 1, 'more group')}"]
        return lines + ([f"{self.test.name} {p_phrase(self.test.p)}"] if len(self.curves) > 1 else [])

    def at(self, show: Show = "survival") -> tuple[SurvivalAt, ...]:
        """What the curves show at the chosen times; see `Curve.shown`."""
        shown = {c.name: c.shown(show) for c in self.curves}
        return tuple(shown[s.stratum].at(s.time) for s in self.at_times)

    def to_dict(self, show: Show = "survival") -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't reached or estimable.

        With another scale than survival, `shown` holds the curves on it and `shown_at_times` what they are there.
        """
        fields = {k: v for k, v in super().to_dict().items() if k not in ("curves", "ci_lower", "ci_upper")}
        fields |= {"strata": [c.to_dict() for c in self.curves], "followup": median_of(self.followup)}
        if show == "survival":
            return fields
        points = [
            {"name": s.stratum, "time": s.time, "n_at_risk": s.n_at_risk, **limits_of(s.estimate)}
            for s in self.at(show)
        ]
        shown = [c.shown(show).to_dict() for c in self.curves]
        return {**fields, "show": show, "shown": shown, "shown_at_times": points}


_EMPTY = np.array([])
EMPTY_CURVE = Curve("", 0, 0, _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, Estimate(None, None, None))


@overload
def kaplan_meier(
    cohort: Cohort,
    endpoint: str,
    by: str | None = None,
    *,
    ci: CiMethod = "log-log",
    level: float = 0.95,
    times: float | Iterable[float] = (),
) -> KaplanMeier: ...
@overload
def kaplan_meier(
    time: Values,
    event: Values,
    by: Values | None = None,
    *,
    ci: CiMethod = "log-log",
    level: float = 0.95,
    times: float | Iterable[float] = (),
    unit: str = "",
) -> KaplanMeier: ...
@answers
@or_arrays(of_time, "by")
@public
@countable()
def kaplan_meier(
    cohort: Cohort,
    endpoint: str,
    by: str | None = None,
    *,
    ci: CiMethod = "log-log",
    level: float = 0.95,
    times: float | Iterable[float] = (),
) -> KaplanMeier:
    """Kaplan-Meier curves [1] of `endpoint`, one for each level of `by`.

    Without a cohort, `time`, `event` and `by` are arrays, shape (n,): numbers from 0 on or durations, NaN where a time
    isn't known; True or 1 where the event happened, False or 0 where not; and the group of each patient, of which
    categories keep their order. Then `unit` says in what the times are: days, weeks, months (assumed, with a note) or
    years.

    Args:
        cohort: the patients; a filtered cohort keeps the levels of the whole one.
        endpoint: an endpoint's name, e.g. "PRS".
        by: anything that `Cohort.factor` takes; None for all patients as one group.
        ci: "log-log" (default), "log" (R's default) or "plain" (SPSS).
        level: confidence level.
        times: times, in the endpoint's unit, at which survival is told.

    Raises:
        AnalysisError: the cohort lacks the endpoint or the factor; or an array isn't what it has to be.

    Example:
        >>> result = kaplan_meier(cohort, "PRS", by="site:lung")
        >>> [(curve.name, curve.n, curve.median.value) for curve in result.curves]
        [('without', 54, 22.26), ('with', 34, 24.07)]
        >>> result = kaplan_meier([5, 6, 7, 9], [1, 0, 1, 1], by=["a", "b", "a", "b"], unit="months")
        >>> [(curve.name, curve.median.value) for curve in result.curves]
        [('a', 6.0), ('b', 9.0)]
    """
    outcome = cohort.endpoint(endpoint)
    factor = cohort.factor(by) if by else None
    return _kaplan_meier(outcome, factor, by, ci, level, numbers_in(times))


def _kaplan_meier(
    outcome: TimeToEvent,
    factor: Factor | None,
    by: str | None,
    ci: CiMethod,
    level: float,
    times: tuple[float, ...],
) -> KaplanMeier:
    table, excluded = count_risk(outcome, factor), analysed(outcome, factor)[1]
    return _of_counts(outcome, factor, by, table, excluded, ci, level, times)


def _of_counts(
    outcome: TimeToEvent,
    factor: Factor | None,
    by: str | None,
    table: RiskTable,
    excluded: tuple[Exclusion, ...],
    ci: CiMethod,
    level: float,
    times: tuple[float, ...] = (),
    followup: Estimate | None = None,
) -> KaplanMeier:
    """The result of a count table; of the outcome and the factor only names, levels and notes are asked."""
    strata = curves(table, ci, level)
    test = given(table, log_rank(table))
    if followup is None:
        followup = _followup(table, ci, level)
    return KaplanMeier(
        **header(outcome), **grouping(by, factor), defined_as=outcome.defined_as, n=int(table.n.sum()),
        n_events=int(table.n_events.sum()), excluded=excluded, ci=ci, level=level, curves=strata,
        test=test, followup=followup, at_times=tuple(c.at(t) for t in times for c in strata),
        notes=_notes(outcome, factor, table, test),
    )  # fmt: skip


def _followup(table: RiskTable, ci: CiMethod, level: float) -> Estimate:
    """Median follow-up of all strata together, by the reverse curve [2]."""
    reverse = curves(table.pooled().reversed(), ci, level)
    return reverse[0].median if table.n.sum() else EMPTY_CURVE.median


def _notes(outcome: TimeToEvent, factor: Factor | None, table: RiskTable, test: LogRank) -> tuple[str, ...]:
    notes = list(outcome.notes)
    n, events = int(table.n.sum()), int(table.n_events.sum())
    if not n:
        return (*notes, "no patients to analyse")
    if not events:
        notes.append("no events: survival stays at 1 and no median is reached")
    elif events == n and n > 1:
        notes.append("every patient has the event: nothing is censored, as in a cohort selected on this outcome")
    if n == 1:
        notes.append("one patient: a curve of one person, not an estimate for others")
    if factor is not None:
        if len(table.strata) == 1:
            notes.append(f"one level only ({table.strata[0]}): nothing to compare")
        elif test.note:
            notes.append(test.note)
        absent = [level for level in factor.levels if level not in table.strata]
        if absent:
            notes.append(f"no patients in {joined(quoted(absent), 'or')}")
        notes += small_groups(zip(table.strata, table.n, strict=True))
    return tuple(notes)


# ---------------------------------------------------------------- every site at once
@dataclass(frozen=True, eq=False, kw_only=True)
class SurvivalGrid(EndpointResult):
    """With-against-without curves of every recurrence site, with p adjusted for their number.

    Sites overlap (a patient may have several), so the panels are not independent of each other.
    """

    panels: tuple[KaplanMeier, ...]
    p_adjusted: tuple[float | None, ...]
    adjustment: Adjustment

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(self.p_adjusted)

    def to_frame(self) -> pd.DataFrame:
        """One row a site: site, label, n, n_events, n_with, n_events_with, both medians, statistic, p, p_adjusted."""
        columns = ["site", "label", "n", "n_events", "n_with", "n_events_with", "median_with", "median_without",
                   "statistic", "df", "p", "p_adjusted"]  # fmt: skip
        return frame_of(map(self._row, self.panels, self.p_adjusted), columns)

    @staticmethod
    def _row(panel: KaplanMeier, p_adjusted: float | None) -> Row:
        known = {curve.name: curve for curve in panel.curves}
        without, there = (known.get(name, EMPTY_CURVE) for name in panel.levels)
        return {"site": (panel.by or "").removeprefix(SITE), "label": panel.by_label, "n": panel.n,
                "n_events": panel.n_events, "n_with": there.n, "n_events_with": there.n_events_total,
                "median_with": there.median.value, "median_without": without.median.value,
                "statistic": panel.test.statistic, "df": panel.test.df, "p": panel.test.p,
                "p_adjusted": p_adjusted}  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded."""
        panels = [{**panel.to_dict(), "p_adjusted": p} for panel, p in zip(self.panels, self.p_adjusted, strict=True)]
        return {**super().to_dict(), "panels": panels}


@answers
@public
@countable(sites=True)
def survival_grid(
    cohort: Cohort, endpoint: str, *, ci: CiMethod = "log-log", level: float = 0.95, adjustment: Adjustment = "holm"
) -> SurvivalGrid:
    """Curves and log-rank test for each site of the cohort's scheme, with against without.

    Raises:
        AnalysisError: the cohort has no sites, or lacks the endpoint.

    Example:
        >>> len(survival_grid(cohort, "PRS").panels)
        8
    """
    whole = cohort.whole  # of which names, levels and notes are asked, and the patients are counted
    outcome, sites = whole.endpoint(endpoint), cohort.sites_or_error()
    counted = count_sites(cohort, endpoint)
    all_together = counted.table(OVERALL)
    followup = _followup(all_together, ci, level)
    panels = []
    for place, site in enumerate(sites):
        name = f"{SITE}{site}"
        factor = whole.factor(name)
        table, excluded = counted.table(*factor.levels, site=place), counted.excluded(factor.label, place)
        same = None if counted.n_unknown(place) else followup
        panels.append(_of_counts(outcome, factor, name, table, excluded, ci, level, followup=same))
    adjusted = tuple(adjust_p([p.test.p for p in panels], adjustment))
    notes = list(outcome.notes)
    if counted.n_several:
        notes.append(
            f"{plural(counted.n_several, 'patient')} with several sites: the panels share patients and aren't "
            "independent"
        )
    return SurvivalGrid(
        **header(outcome), n=int(all_together.n.sum()), n_events=int(all_together.n_events.sum()),
        panels=tuple(panels), p_adjusted=adjusted, adjustment=adjustment, notes=tuple(notes),
    )  # fmt: skip
