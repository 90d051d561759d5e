"""When the disease came back, by site: Kaplan-Meier medians and quartiles, with against without.

A site is known only when the disease is back, so a time that starts earlier tells when those with a site
relapsed, not anybody's risk of relapse there; the result says so where it holds.

References
----------
[1] Brookmeyer R, Crowley J. Biometrics 1982;38:29-41. doi:10.2307/2530286 (interval of the median)
[2] Mantel N. Cancer Chemother Rep 1966;50:163-70 (log-rank test)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import adjust_p, n_tests
from necc.analysis.recurrence.distribution import of_recurrence, recurrent
from necc.analysis.survival import CiMethod, LogRank, count_risk, curves, given, log_rank, time_at
from necc.core.arguments import public
from necc.core.cohort import SITE_LEVELS, Cohort
from necc.core.counts import Wanted, countable
from necc.core.dictionary import SITE
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.frames import frame_of
from necc.core.result import EndpointResult, Result, answers, header, median_of, with_old_keys
from necc.core.text import plural
from necc.core.time_to_event import TimeToEvent

MOST_TIMES = 1_000_000


@dataclass(frozen=True, eq=False)
class TimingGroup(Result):
    """Patients with or without a site: their times summed up, and each of them for a strip plot.

    q1, q3: times by which a quarter and three quarters had the event (Kaplan-Meier); None where not reached.
    time: float array, shape (n,), in the endpoint's unit, ascending; event: bool array, shape (n,).
    """

    name: str
    n: int
    n_events: int
    median: Estimate
    q1: float | None
    q3: float | None
    minimum: float | None
    maximum: float | None
    time: np.ndarray = field(repr=False)
    event: np.ndarray = field(repr=False)

    def to_dict(self) -> dict[str, object]:
        """Without the single patients' times."""
        ends = {"min": self.minimum, "max": self.maximum}
        counted = {"name": self.name, "n": self.n, "n_events": self.n_events}
        return with_old_keys(self, {**counted, **median_of(self.median), "q1": self.q1, "q3": self.q3, **ends})


@dataclass(frozen=True, eq=False)
class SiteTiming(Result):
    """One site: those with it, those without, and the log-rank test [2] between them."""

    site: str
    label: str
    with_site: TimingGroup
    without: TimingGroup
    test: LogRank
    p_adjusted: float | None

    def to_dict(self) -> dict[str, object]:
        fields = super().to_dict()
        fields["with"] = fields.pop("with_site")
        return {**fields, "test": self.test.with_note()}


@dataclass(frozen=True, eq=False, kw_only=True)
class Timing(EndpointResult):
    """Times of `n` patients by each site of recurrence; medians and quartiles are Kaplan-Meier's [1]."""

    sites: tuple[SiteTiming, ...]
    ci: CiMethod
    adjustment: Adjustment

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(s.p_adjusted for s in self.sites)

    def to_frame(self) -> pd.DataFrame:
        """One row a site and group: label, n, n_events, median, limits, q1, q3, min, max, p, p_adjusted."""
        rows = [
            {"site": s.site, "label": s.label, "group": g.name, "n": g.n, "n_events": g.n_events,
             "median": g.median.value, "ci_lower": g.median.lower, "ci_upper": g.median.upper,
             "q1": g.q1, "q3": g.q3, "min": g.minimum, "max": g.maximum, "p": s.test.p, "p_adjusted": s.p_adjusted}
            for s in self.sites for g in (s.with_site, s.without)
        ]  # fmt: skip
        columns = ["site", "label", "group", "n", "n_events", "median", "ci_lower", "ci_upper", "q1", "q3", "min",
                   "max", "p", "p_adjusted"]  # fmt: skip
        return frame_of(rows, columns)


def _wanted(cohort: Cohort, given: Mapping[str, Any]) -> Wanted:
    """What `recurrent` looks at, and the endpoint of the recurrence where none is named."""
    usual = () if given.get("endpoint") else (cohort.dictionary.role("recurrence_endpoint"),)
    return of_recurrence(cohort, given) | Wanted(usual)


@answers
@public
@countable(also=_wanted)
def site_timing(
    cohort: Cohort, endpoint: str = "", *, ci: CiMethod = "log-log", adjustment: Adjustment = "holm"
) -> Timing:
    """Times of an endpoint (that of recurrence by default) by each site, with against without, of who recurred.

    Raises:
        AnalysisError: the cohort has no sites, or lacks the endpoint; or it is one of counts of more than a million
            patients, whose single times would fill the memory.

    Example:
        >>> site_timing(cohort, "TTR").sites[0].with_site.n
        34
    """
    kept, excluded, notes = recurrent(cohort)
    patients = cohort.subset(kept)
    if cohort.patients is not None and patients.n_patients > MOST_TIMES:
        raise AnalysisError(f"each patient's time by site is told of up to {MOST_TIMES:,} patients, and there are "
                            f"{patients.n_patients:,}; filter them, or ask for survival by site")  # fmt: skip
    outcome = patients.endpoint(endpoint or cohort.dictionary.role("recurrence_endpoint"))
    timings = [_site_timing(patients, outcome, site, ci) for site in patients.site_names]
    adjusted = adjust_p([test.p for *_, test in timings], adjustment)
    sites = tuple(
        SiteTiming(site, patients.site_label(site), with_site, without, test, p)
        for site, (with_site, without, test), p in zip(patients.site_names, timings, adjusted, strict=True)
    )
    n = outcome.n
    return Timing(
        **header(outcome), n=n, n_events=outcome.n_events,
        excluded=(*excluded, *outcome.excluded), sites=sites, ci=ci, adjustment=adjustment,
        notes=(*notes, *outcome.notes, *_notes(patients, outcome, n)),
    )  # fmt: skip


def _site_timing(
    cohort: Cohort, outcome: TimeToEvent, site: str, ci: CiMethod
) -> tuple[TimingGroup, TimingGroup, LogRank]:
    factor = cohort.factor(f"{SITE}{site}")
    table = count_risk(outcome, factor)
    by_name = {curve.name: curve for curve in curves(table, ci)}
    groups = []
    for code in (1, 0):
        name = SITE_LEVELS[code]
        rows = np.flatnonzero(outcome.valid & (factor.codes == code))
        rows = rows[np.argsort(outcome.time[rows], kind="stable")]
        if outcome.patients is not None:
            rows = np.repeat(rows, outcome.patients[rows])
        time, event = outcome.time[rows], outcome.event[rows]
        if name not in by_name:
            nothing = Estimate(None, None, None, 0.95, ci)
            groups.append(TimingGroup(name, 0, 0, nothing, None, None, None, None, time, event))
            continue
        curve = by_name[name]
        q1, q3 = (time_at(s, curve.time, curve.survival) for s in (0.75, 0.25))
        ends = float(time[0]), float(time[-1])
        groups.append(TimingGroup(name, curve.n, curve.n_events_total, curve.median, q1, q3, *ends, time, event))
    return groups[0], groups[1], given(table, log_rank(table))


def _notes(cohort: Cohort, outcome: TimeToEvent, n: int) -> list[str]:
    if not n:
        return ["no patients to analyse"]
    notes = []
    several = outcome.n_of(((cohort.site_matrix == 1).sum(axis=1) > 1) & outcome.valid)
    if several:
        notes.append(f"{plural(several, 'patient')} with several sites: the rows share patients and aren't independent")
    if outcome.starts_at == "baseline":
        notes.append(f"a site is known only at recurrence: these times from {outcome.origin or 'time zero'} are not a "
                     "risk of recurrence at that site")  # fmt: skip
    if n > 1 and bool(outcome.event[outcome.valid].all()):
        notes.append("every patient has the event, as in a cohort selected on this outcome")
    return notes
