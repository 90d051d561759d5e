"""What a file was understood to hold: the sum of it, to be looked at before anything else is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.estimate import Estimate
from necc.core.result import Result, answers


@dataclass(frozen=True)
class EndpointHeld(Result):
    """Patients and events of an endpoint, and the median of its Kaplan-Meier curve; `unit` is that of its time."""

    name: str
    n: int
    events: int
    median: Estimate
    unit: str


@dataclass(frozen=True)
class Understood(Result):
    """What a cohort holds.

    sites: label and patients of each. extra: columns of the file's own, to group and filter by. left_out: columns that
    aren't read. settled: what a person decided about rows and words of the file, in words.
    """

    rows_in = "endpoints"

    n: int
    endpoints: tuple[EndpointHeld, ...]
    sites: tuple[tuple[str, int], ...]
    extra: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


@answers
@public
def understood(cohort: Cohort, left_out: Sequence[str] = (), settled: Sequence[str] = ()) -> Understood:
    """The sum of a cohort as it was read.

    left_out, settled: what its mapping leaves out, and what a person decided about its rows and words.

    Example:
        >>> [(e.name, e.events) for e in understood(cohort).endpoints][:1]
        [('TTR', 88)]
    """
    from necc.analysis.survival import kaplan_meier  # loads scipy, which the first page doesn't wait for

    endpoints, used = [], set[str]()
    for name in cohort.endpoint_names():
        endpoint, how = cohort.endpoint(name), cohort.dictionary.endpoints[name]
        for part in how.parts:
            used |= {part.time, part.event_time, part.event, part.start, part.censor_date, *part.event_dates}
        events, n = int(endpoint.event.sum()), int(endpoint.valid.sum())
        median = kaplan_meier(cohort, name).curves[0].median if n else Estimate(None, None, None)
        endpoints.append(EndpointHeld(name, n, events, median, endpoint.unit))
    counts = (cohort.site_matrix == 1).sum(axis=0)
    sites = tuple((cohort.site_label(s), int(n)) for s, n in zip(cohort.site_names, counts, strict=True))
    known = cohort.dictionary.variables
    extra = tuple(
        c for c in map(str, cohort.columns)
        if c in known and known[c].section == OTHER and c not in used and known[c].kind != "identifier"
        and not known[c].site
    )  # fmt: skip
    return Understood(len(cohort), tuple(endpoints), sites, extra, tuple(left_out), tuple(settled))


OTHER = "Other variables"  # the section of columns that no dictionary knows
