"""What looks right and may be wrong: an inverted event code, days called months."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from necc.core.cohort import Cohort, Factor
from necc.core.errors import Finding
from necc.core.text import format_number, joined, plural, rows_named, shorten
from necc.core.time_to_event import TimeToEvent
from necc.ingest.codes import UNIT_WORDS, words_of
from necc.ingest.mapping import Mapping
from necc.ingest.pairs import FEWEST, Z, followed

SURVIVAL_NAMES = ("OS", "PRS", "DSS")  # as files call their own endpoints
ENOUGH = 10
MOST_EVENTS = 0.9
LONGEST = {"days": 365.25 * 40, "weeks": 52.18 * 40, "months": 480.0, "years": 40.0}
LONG_MIDDLE = {"months": 150.0, "years": 30.0, "weeks": 1000.0}


def doubts(cohort: Cohort, mapping: Mapping) -> list[Finding]:
    """Warnings on how a cohort's columns were understood."""
    findings: list[Finding] = []
    columns = {c.variable or c.column: c.column for c in mapping.columns}
    for name in cohort.endpoint_names():
        endpoint = cohort.endpoint(name)
        definition = cohort.dictionary.endpoints[name]
        if definition.first_of:
            continue  # its parts are judged
        source = definition.event if definition.event in cohort.table else definition.event_date
        event = columns.get(source, source)
        time = columns.get(definition.time, definition.time)
        if end := _no_end(cohort, endpoint, event):
            findings += end
        else:
            findings += _many_events(cohort, endpoint, event)
        for check in (_no_events, _progressive_but_censored, _followed_longer, _responders_die):
            findings += check(cohort, endpoint, event)
        findings += _event_without_time(cohort, endpoint, event)
        findings += _magnitude(endpoint, time)
    findings += _named_unit(mapping)
    return list(dict.fromkeys(findings))


def _warn(code: str, column: str, message: str, n: int = 1) -> list[Finding]:
    return [Finding("warning", code, f"column '{shorten(column)}': {message}", None, shorten(column), n=n)]


def _is_death(cohort: Cohort, endpoint: TimeToEvent) -> bool:
    definition = cohort.dictionary.endpoints[endpoint.name]
    death = definition.event and definition.event == cohort.dictionary.role("death")
    return bool(death) or "survival" in endpoint.label.casefold() or endpoint.name in SURVIVAL_NAMES


def _many_events(cohort: Cohort, endpoint: TimeToEvent, column: str) -> list[Finding]:
    n, events = int(endpoint.valid.sum()), int(endpoint.event.sum())
    if n < ENOUGH or events < MOST_EVENTS * n or not _is_death(cohort, endpoint):
        return []
    message = (
        f"{events} of {plural(n, 'patient')} are read as dead, more than expected; does the other code mean death?"
    )
    return _warn("many-events", column, message, events)


def _no_events(cohort: Cohort, endpoint: TimeToEvent, column: str) -> list[Finding]:
    n = int(endpoint.valid.sum())
    if n < ENOUGH or endpoint.event.any():
        return []
    message = f"none of {plural(n, 'patient')} has the event; does the other code mean the event?"
    return _warn("no-events", column, message)


def _event_without_time(cohort: Cohort, endpoint: TimeToEvent, column: str) -> list[Finding]:
    """Events that an endpoint of all patients leaves out, because nothing tells when they happened."""
    if endpoint.starts_at != "baseline":
        return []  # who never relapsed has no survival after relapse either
    lost = np.isnan(endpoint.time) & cohort.happened(endpoint.name)
    n = int(lost.sum())
    if not n:
        return []
    rows = rows_named(cohort.table.index.to_numpy()[lost])
    message = (
        f"no time is known for {plural(n, 'patient')} with the event ({rows}), so {endpoint.name} leaves them out; "
        "give the time or the date of the event"
    )
    return _warn("event-without-time", column, message, n)


def _no_end(cohort: Cohort, endpoint: TimeToEvent, column: str) -> list[Finding]:
    """Patients without the event whose follow-up has no end, where only those with the event have a time."""
    definition = cohort.dictionary.endpoints[endpoint.name]
    dated = definition.start in cohort.table
    if not endpoint.event.any() or not endpoint.event[endpoint.valid].all():
        return []
    if not dated and endpoint.starts_at != "baseline":
        return []  # who never relapsed has no survival after relapse
    started = cohort.table[definition.start].notna().to_numpy() if dated else np.full(len(cohort), True)
    lost = started & np.isnan(endpoint.time) & ~cohort.happened(endpoint.name)
    n = int(lost.sum())
    if not n:
        return []
    needed = f"'{definition.censor_date}', the date" if dated else "the time"
    message = (
        f"{endpoint.name} counts only patients with the event: {plural(n, 'patient')} without it "
        f"({rows_named(cohort.table.index.to_numpy()[lost])}) left out, as nothing tells until when each was followed. "
        f"The curve is too low. Give {needed} of the last follow-up"
    )
    return _warn("no-end-of-followup", definition.start if dated else column, message, n)


def _responses(cohort: Cohort) -> Iterator[tuple[str, Factor]]:
    """The columns of responses, by name."""
    for name in cohort.factor_names():
        if name in cohort.dictionary.variables and cohort.dictionary.variables[name].kind == "response":
            yield name, cohort.factor(name)


def _progressive_but_censored(cohort: Cohort, endpoint: TimeToEvent, column: str) -> list[Finding]:
    """Patients with progressive disease die more often: where none of them did, the code may be inverted."""
    if not endpoint.event.any():
        return []
    for name, factor in _responses(cohort):
        if "PD" not in factor.levels:
            continue
        progressive = (factor.codes == factor.levels.index("PD")) & endpoint.valid
        others = (factor.codes >= 0) & ~progressive & endpoint.valid
        n = int(progressive.sum())
        if n >= 3 and not endpoint.event[progressive].any() and endpoint.event[others].any():
            message = (
                f"all {n} patients with progressive disease ('{shorten(name)}') are censored, while others have the "
                "event; does the other code mean the event?"
            )
            return _warn("inverted-event", column, message, n)
    return []


def _followed_longer(cohort: Cohort, endpoint: TimeToEvent, column: str) -> list[Finding]:
    """Those with the event were clearly followed longer than those without: the codes may be reversed."""
    valid = endpoint.valid
    odd = followed(endpoint.time[valid], endpoint.event[valid])
    if odd is None or not odd.is_odd:
        return []
    message = (
        f"the {plural(odd.n_event, 'patient')} with the event of {endpoint.name} were followed longer (median "
        f"{format_number(odd.median_event, 1)} {endpoint.unit}) than the {odd.n_none:,} without "
        f"({format_number(odd.median_none, 1)}); does the other code mean the event?"
    )
    return _warn("reversed-event", column, message, odd.n_event)


def _responders_die(cohort: Cohort, endpoint: TimeToEvent, column: str) -> list[Finding]:
    """More of those with a response have died than of those whose disease progressed: the codes may be reversed."""
    if not _is_death(cohort, endpoint):
        return []
    for name, factor in _responses(cohort):
        places = [[factor.levels.index(level) for level in levels if level in factor.levels]
                  for levels in (("CR", "PR"), ("PD",))]  # fmt: skip
        groups = [np.isin(factor.codes, p) & endpoint.valid for p in places]
        n = [int(g.sum()) for g in groups]
        dead = [int(endpoint.event[g].sum()) for g in groups]
        if min(n) < FEWEST or _z_of_shares(dead, n) < Z:
            continue
        message = (
            f"{dead[0]} of {plural(n[0], 'patient')} with a response ('{shorten(name)}') have died and {dead[1]} of "
            f"{n[1]:,} with progressive disease; does the other code mean death?"
        )
        return _warn("reversed-event", column, message, dead[0])
    return []


def _z_of_shares(events: list[int], n: list[int]) -> float:
    """The z of a difference between two shares, the first minus the second."""
    pooled = sum(events) / sum(n)
    spread = (pooled * (1 - pooled) * (1 / n[0] + 1 / n[1])) ** 0.5
    return (events[0] / n[0] - events[1] / n[1]) / spread if spread else 0.0


def _magnitude(endpoint: TimeToEvent, column: str) -> list[Finding]:
    """Times too long to be what they are called."""
    times = endpoint.time[endpoint.valid]
    if len(times) < 3:
        return []
    middle, longest = float(np.median(times)), float(times.max())
    if longest > LONGEST[endpoint.unit] or middle > LONG_MIDDLE.get(endpoint.unit, np.inf):
        message = (
            f"the median time is {format_number(middle, 0)} {endpoint.unit} and the longest "
            f"{format_number(longest, 0)}; are these days rather than {endpoint.unit}?"
        )
        return _warn("unit-doubt", column, message, len(times))
    if endpoint.unit == "days" and longest < 240 and (times % 1).any() and len(times) >= ENOUGH:
        message = f"no time is longer than {format_number(longest, 1)} days, and there are fractions; are these months?"
        return _warn("unit-doubt", column, message, len(times))
    return []


def _named_unit(mapping: Mapping) -> list[Finding]:
    """A heading that says another unit than the mapping."""
    findings = []
    for how in mapping.columns:
        tokens = words_of(how.column)
        said = [unit for unit, words in UNIT_WORDS.items() if tokens & {w for w in words if len(w) > 2}]
        if how.role == "time" and how.unit and said and how.unit not in said:
            findings += _warn("unit-doubt", how.column, f"its name says {joined(said, 'or')}, the mapping {how.unit}")
    return findings
