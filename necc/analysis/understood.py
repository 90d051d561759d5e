"""What a file was understood to hold: the sum of it, to be looked at before anything else is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for, countable
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
@countable(by_part=True)
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
        counted, how = asked_for(cohort, Wanted((name,))), cohort.dictionary.endpoints[name]
        endpoint = counted.endpoint(name)
        for part in how.parts:
            used |= {part.time, part.event_time, part.event, part.start, part.censor_date, *part.event_dates}
        events, n = endpoint.n_events, endpoint.n
        median = kaplan_meier(counted, name).curves[0].median if n else Estimate(None, None, None)
        endpoints.append(EndpointHeld(name, n, events, median, endpoint.unit))
    with_sites = asked_for(cohort, Wanted(sites=True)) if cohort.site_names else cohort
    counts = [with_sites.n_of(column == 1) for column in with_sites.site_matrix.T]
    sites = tuple((cohort.site_label(s), n) for s, n in zip(cohort.site_names, counts, strict=True))
    known = cohort.dictionary.variables
    extra = tuple(
        c for c in map(str, cohort.columns)
        if c in known and known[c].section == OTHER and c not in used and known[c].kind != "identifier"
        and not known[c].site
    )  # fmt: skip
    return Understood(cohort.n_patients, tuple(endpoints), sites, extra, tuple(left_out), tuple(settled))


OTHER = "Other variables"  # the section of columns that no dictionary knows
