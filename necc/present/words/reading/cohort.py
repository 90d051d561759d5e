"""Sites of recurrence, response, and characteristics."""

from __future__ import annotations

from necc.analysis.baseline import Characteristics
from necc.analysis.recurrence import SiteDistribution
from necc.analysis.recurrence.distribution import ONE_AT_LEAST
from necc.analysis.response import ResponseRates
from necc.analysis.response.population import UNTOLD
from necc.analysis.staging import Restaging
from necc.core.text import format_number, format_percent, joined, p_phrase, plural
from necc.present.words.phrases import (
    NEITHER,
    NO_PATIENTS,
    NO_TEST,
    adjusted_for,
    by_chance,
    capitalised,
    most_frequent,
    overlap,
    percent_with_ci,
    sentence,
)
from necc.present.words.reading.parts import (
    ALPHA,
    FEW_EVENTS,
    NOT_BY_CHANCE,
    SMALL_COHORT,
    adjusted,
    alone,
    caution,
    left_out,
    p_meaning,
    read,
    untested,
)


@read.register
def _(result: SiteDistribution) -> tuple[str, ...]:
    if not result.n:
        return (f"Sites of recurrence: {NO_PATIENTS}.", *left_out(result.excluded))
    said = [f"Sites of recurrence are recorded for {plural(result.n, 'patient')}."]
    said += _most_frequent(result)
    several = sum(n for k, n in result.n_sites if k > 1)
    known = sum(n for _, n in result.n_sites)
    if several:
        said.append(f"{several:,} of {known:,} ({format_percent(several, known)} %) had more than one site.")
        said.append(overlap(result.sites))
    if result.n_tests:
        apart = [
            f"{t.label} ({p_phrase(t.p_adjusted)})"
            for t in result.tests
            if t.p_adjusted is not None and t.p_adjusted < ALPHA
        ]
        said += untested(result.n_tests, len(result.tests), "site")
        how = f"Compared by {result.by_label} and {adjusted_for(result.n_tests, result.adjustment)}"
        said.append(
            f"{how}, {joined(apart)} differ{'s' if len(apart) == 1 else ''} in frequency. {NOT_BY_CHANCE}" if apart
            else f"{how}, {NEITHER}."
        )  # fmt: skip
        said += [sentence(ONE_AT_LEAST)] if ONE_AT_LEAST in result.notes else []
    elif result.by:
        said.append(f"Compared by {result.by_label}: {NO_TEST}.")
    few = [(s.label, s.n, None) for s in result.sites if 0 < s.n < FEW_EVENTS]
    groups = [(f"{result.by_label}: {s.name}", s.n, None) for s in result.strata]
    return (*said, *caution([*few, *groups]), *left_out((*result.excluded, *result.by_excluded)))


def _most_frequent(result: SiteDistribution) -> list[str]:
    """The sites that most patients have; not some of several that equally many have."""
    seen = [s for s in result.sites if s.n]
    if not seen:
        return ["No patient has any of the sites."]
    first = most_frequent(seen)
    if not first:
        tied = [s for s in seen if s.n == max(x.n for x in seen)]
        return [f"{len(tied):,} sites are equally frequent, each in {plural(tied[0].n, 'patient')}: "
                f"{joined([s.label for s in tied])}."]  # fmt: skip
    parts = [f"{s.label} ({s.n:,} of {s.of:,}, {percent_with_ci(s.proportion)})" for s in first]
    return [f"The most frequent {'was' if len(parts) == 1 else 'were'} {joined(parts)}."]


@read.register
def _(result: ResponseRates) -> tuple[str, ...]:
    orr, dcr = result.overall.orr, result.overall.dcr
    if not result.n:
        return (f"{result.response_label}: {NO_PATIENTS}.", *left_out((*result.excluded, *result.by_excluded)))
    said = [
        f"{result.response_label}: {orr.n:,} of {orr.of:,} {result.counted} had an objective response "
        f"(CR or PR), {percent_with_ci(orr.estimate)}; {dcr.n:,} of {dcr.of:,} had disease control (CR, PR or SD), "
        f"{percent_with_ci(dcr.estimate)}."
    ]
    lost = result.overall.n - result.n_evaluable
    if result.denominator == "evaluable" and lost:
        said.append(f"{plural(lost, 'patient')} without an evaluable response {_is(lost)} not counted.")
    time = result.time_to_response
    if time and time.median is not None:
        said.append(
            f"Median time to response was {format_number(time.median)} {time.unit}, recorded for {time.n:,} of "
            f"{plural(time.of, 'responder')}."
        )
    if result.strata:
        parts = "; ".join(
            f"{g.name}: {g.orr.n:,} of {g.orr.of:,} ({percent_with_ci(g.orr.estimate)})" for g in result.strata
        )
        said.append(f"Objective response by {result.by_label}: {parts}.")
    if result.test and result.test.p is not None:
        said += [f"{result.test.name}: {p_phrase(result.test.p)}.", *p_meaning(result.test.p, "shares")]
    if result.n < SMALL_COHORT:
        said.append(
            f"Caution: with {plural(result.n, 'patient')}, shares far from these fit the data too; see the intervals."
        )
    if result.n_treated and result.n_treated == result.overall.n and result.population != UNTOLD:
        said.append(
            "All of them were treated; without a comparison group their response says nothing about the treatment."
        )
    return (
        *said,
        *caution([(f"{result.by_label}: {g.name}", g.n, None) for g in result.strata]),
        *left_out((*result.excluded, *result.by_excluded)),
    )


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


@read.register
def _(result: Characteristics) -> tuple[str, ...]:
    said = [f"{plural(len(result.rows), 'characteristic')} of {plural(result.n, 'patient')}."]
    tested = [r for r in result.rows if r.test is not None and r.test.p is not None]
    if not tested:
        return (*said, *left_out(result.excluded))
    said[0] = (
        f"{plural(len(result.rows), 'characteristic')} of {plural(result.n, 'patient')} "
        f"{'was' if len(result.rows) == 1 else 'were'} compared by "
        f"{result.by_label} ({', '.join(f'{g.name}: {g.n:,}' for g in result.groups)})."
    )
    said += untested(len(tested), len(result.rows), "characteristic")
    raw = [f"{r.label} ({p_phrase(p)})" for r in tested if r.test and (p := r.test.p) is not None and p < ALPHA]
    said.append(f"{alone(raw, len(tested))} Of {plural(len(tested), 'test')}, {by_chance(len(tested), ALPHA)}.")
    kept = [r.label for r in tested if r.p_adjusted is not None and r.p_adjusted < ALPHA]
    said += [adjusted(kept, result.n_tests, result.adjustment)] if raw else [f"{capitalised(NEITHER)}."]
    turning = [r.label for r in result.rows if r.side_changes]
    if turning:
        said.append(f"For {joined(turning)}, the choice of test decides on which side of 0.05 p falls.")
    if raw:
        said.append(NOT_BY_CHANCE)
    return (
        *said,
        *caution([(f"{result.by_label}: {g.name}", g.n, None) for g in result.groups]),
        *left_out(result.excluded),
    )


def moved_sentence(result: Restaging) -> str:
    """What a reader takes from a table of both editions."""
    if not result.n:
        return "No patient has a stage in both editions."
    return (
        f"{result.n_moved:,} of {plural(result.n, 'patient')} {_is(result.n_moved)} in another main stage by FIGO 2018 "
        "than by FIGO 2009 or 2014."
    )
