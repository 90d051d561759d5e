"""Survival at a time as a share of patients, by what is done with those who were censored before it.

None of the three is an estimate of survival; they are here to be set beside Kaplan-Meier, which lies between the first
and the last.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from necc.analysis.proportions import exact_ci
from necc.analysis.survival.curve import count_risk
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.frames import frame_of
from necc.core.result import EndpointResult, analysed, header, limits_of
from necc.core.time_to_event import n_before, n_until


@dataclass(frozen=True, kw_only=True)
class CrudeSurvival(EndpointResult):
    """Shares of patients without the event at a time; each with its Clopper-Pearson interval.

    n_events_by: events up to and including the time. n_lost: censored before it. n_followed: without the event at it
        and followed at least until then. as_survivors: those lost counted as without the event; left_out: not counted;
        as_events: counted as if each had the event.
    """

    time: float
    n_events_by: int
    n_lost: int
    n_followed: int
    as_survivors: Estimate
    left_out: Estimate
    as_events: Estimate

    def to_frame(self) -> pd.DataFrame:
        """One row a way of counting those lost: name, time, proportion, ci_lower, ci_upper."""
        ways = ("as_survivors", "left_out", "as_events")
        names = {"value": "proportion", "ci_lower": "ci_lower", "ci_upper": "ci_upper"}
        limits = [(way, limits_of(getattr(self, way))) for way in ways]
        return frame_of({"name": way, "time": self.time, **{names[k]: v for k, v in x.items()}} for way, x in limits)


def crude_survival(cohort: Cohort, endpoint: str, time: float) -> CrudeSurvival:
    """Shares without the event at a time, in the endpoint's unit, by what is done with those who were lost before.

    Raises:
        AnalysisError: the cohort lacks the endpoint, or the time is negative.

    Example:
        >>> from necc.analysis.survival.crude import crude_survival
        >>> crude = crude_survival(cohort, "PRS", 24)
        >>> crude.n_events_by, crude.n_lost, crude.n_followed, round(crude.as_survivors.value, 3)
        (33, 38, 17, 0.625)
    """
    if not time >= 0:
        raise AnalysisError(f"a time must be zero or positive, not {time:g}")
    outcome = asked_for(cohort, Wanted((endpoint,))).endpoint(endpoint)
    table = count_risk(outcome)
    n = int(table.n.sum())
    events = int(table.n_events[:, : int(n_until(table.time, time))].sum())
    lost = int(table.n_censored[:, : int(n_before(table.time, time))].sum())
    followed = n - events - lost
    shares = [(n - events, n), (followed, n - lost), (followed, n)]
    nothing = Estimate(None, None, None)
    survivors, left_out, as_events = (exact_ci(k, of) if of else nothing for k, of in shares)
    return CrudeSurvival(
        **header(outcome), n=n, n_events=int(table.n_events.sum()), excluded=analysed(outcome)[1], notes=outcome.notes,
        time=float(time), n_events_by=events, n_lost=lost, n_followed=followed, as_survivors=survivors,
        left_out=left_out, as_events=as_events,
    )  # fmt: skip
