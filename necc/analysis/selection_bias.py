"""A cohort that was selected on its outcome, or groups that only the future defines: found from the data, and said.

Where everybody has relapsed and the site is known only at the relapse, the time to recurrence by site isn't a risk of
relapse at that site: nobody without it is in the file, and nobody could be put into a group when the clock started.

References:
    1. Andersen PK, Keiding N. Stat Med 2012;31:1074-88. doi:10.1002/sim.4385 (don't condition on the future)
"""

from __future__ import annotations

from dataclasses import replace

from necc.core.arguments import public
from necc.core.cohort import SITES, Cohort, Factor
from necc.core.counts import Wanted, asked_for, countable
from necc.core.guardrails import WHEN_KNOWN, Guardrail, clock_of, known_later, later_than
from necc.core.text import format_percent, joined, plural
from necc.core.time_to_event import TimeToEvent

NEARLY_ALL = 0.95
FEWEST = 5  # below, that everybody has the event says nothing
SHOWN = "the curves are shown with this warning beside them"


@public
@countable(by_part=True)
def outcome_selection(
    cohort: Cohort, endpoint: str, by: str | None = None, *, label: str = ""
) -> tuple[Guardrail, ...]:
    """What an endpoint, by a factor, can't be read as.

    `label` names the factor instead of its own label, where it stands for several of a kind.

    "outcome-selected": at least 95 % of the patients have the event and the groups are known only later than the
    endpoint starts. "known-later": the latter alone. "everyone-has-the-event": the former alone.

    Raises:
        AnalysisError: the cohort lacks the endpoint or the factor.

    Example:
        >>> [guard.code for guard in outcome_selection(cohort, "TTR", "site:lung")]
        ['outcome-selected']
    """
    patients = asked_for(cohort, Wanted((endpoint,), (by,) if by else ()))
    outcome = patients.endpoint(endpoint)
    factor = patients.factor(by) if by else None
    if factor is not None and label:
        factor = replace(factor, label=label)
    used = outcome.valid & (factor.codes >= 0) if factor else outcome.valid
    n, events = outcome.n_of(used), outcome.n_of(used & outcome.event)
    if not n:
        return ()
    selected = n >= FEWEST and events >= NEARLY_ALL * n
    if factor is None or not later_than(cohort, outcome.starts_at, [factor.name]):
        return (_everyone(outcome, n, events),) if selected else ()
    if selected:
        return (_outcome_selected(cohort, outcome, factor, n, events),)
    clock, instead = clock_of(outcome.label, outcome.origin), joined(_instead(cohort, outcome, factor), "or")
    names = {factor.name: factor.label}
    return tuple(known_later(cohort, outcome.starts_at, clock, names, SHOWN, instead))


def _count(n: int, events: int) -> str:
    return (
        f"all {plural(n, 'patient')}"
        if n == events
        else f"{events:,} of {n:,} patients ({format_percent(events, n)} %)"
    )


def _outcome_selected(cohort: Cohort, outcome: TimeToEvent, factor: Factor, n: int, events: int) -> Guardrail:
    return Guardrail(
        "outcome-selected",
        f"{_count(n, events)} have the event, and {factor.label} is known only {WHEN_KNOWN[factor.starts_at]}, while "
        f"{clock_of(outcome.label, outcome.origin)}",
        "the patients are here because the event happened, so curves by this group compare how early it came among "
        "those who had it; they are not a risk of it, and a test between them doesn't ask whether the risk differs",
        SHOWN,
        joined(_instead(cohort, outcome, factor), "or"),
    )


def _everyone(outcome: TimeToEvent, n: int, events: int) -> Guardrail:
    return Guardrail(
        "everyone-has-the-event",
        f"{_count(n, events)} have the event",
        "either follow-up is complete, or patients entered the file because of the event; then the curve is the time "
        "to it among those who had it, not a risk of it",
        "the curve is shown with this warning beside it",
        "use a cohort that was gathered before the event, with those who never had it",
    )


def _instead(cohort: Cohort, outcome: TimeToEvent, factor: Factor) -> list[str]:
    """Questions that the same factor can be asked."""
    variable = cohort.dictionary.variables.get(factor.source)
    if variable is not None and variable.start:
        return [f"compare by when '{variable.label}' started: landmark, time-dependent Cox model, Mantel-Byar test"]
    known = cohort.dictionary.endpoints
    # a treatment's endpoint starts with that treatment alone, so only recurrence is an origin that groups share
    shared = factor.starts_at == "recurrence" != outcome.starts_at
    later = [
        known[name].label.lower()
        for name in cohort.endpoint_names()
        if shared and known[name].starts_at == "recurrence"
    ]
    offers = [f"choose {joined(later, 'or')}, which starts when the group is known"] if later else []
    if factor.source == SITES:
        offers = [f"{offer}," for offer in offers]
        offers.append("ask for the cumulative incidence by site, on a cohort of everyone diagnosed, recurred or not")
    return offers or ["choose an endpoint that starts when the group is known, or a landmark analysis"]
