"""What is said of cumulative incidence: curves, stacks, small panels, and 1 - Kaplan-Meier beside them."""

from __future__ import annotations

from collections.abc import Sequence

from necc.analysis.competing import ONE_MINUS_KM, RULE_MEANING, CumulativeIncidence, HazardsByCause, IncidenceCurve
from necc.analysis.competing.curves import IncidenceStratum
from necc.core.guardrails import TOO_FEW
from necc.core.text import NOT_ESTIMABLE, format_number, format_p, joined, p_phrase, plural
from necc.present.words.captions import PALE, bands_phrase
from necc.present.words.phrases import (
    NO_PATIENTS,
    NOTHING,
    adjusted_for,
    ci_name,
    not_analysed,
    nothing_of,
    percent,
    sentences,
)

NAIVE = "1 − Kaplan-Meier"
OVERLAPPING = "Causes overlap by this rule, so their shares can't be stacked."


# ---------------------------------------------------------------- pieces
def cause_label(result: CumulativeIncidence, cause: str) -> str:
    return next((c.label for c in result.causes if c.name == cause), cause)


def end_share(curve: IncidenceCurve) -> str:
    """`23.4 %`: where the estimate ends."""
    return percent(float(curve.estimate[-1]))


def end_phrase(curve: IncidenceCurve, unit: str) -> str:
    """`23.4 % at 60.1 months`: where the estimate ends."""
    if not len(curve.time):
        return NOT_ESTIMABLE
    return f"{end_share(curve)} at {format_number(float(curve.time[-1]))} {unit}"


def _bands(result: CumulativeIncidence, bands: bool) -> str:
    return bands_phrase(result.level, result.ci) if bands else ""


def _tests(result: CumulativeIncidence, name: str) -> str:
    return f"Gray's test; {adjusted_for(result.n_tests, result.adjustment, 'cause', p=name)}"


def no_curves(result: CumulativeIncidence, cause: str = "") -> str:
    if not result.n:
        return nothing_of(result.label, result)
    if cause and any(c.n_events for c in result.causes):
        return f"{cause_label(result, cause)}: no events of this cause in {plural(result.n, 'patient')}."
    return f"{result.label}: no events in {plural(result.n, 'patient')}."


def incidence_caption(result: CumulativeIncidence, *more: str) -> str:
    meaning = RULE_MEANING.get(result.rule, "")
    events = "; ".join(f"{c.label} {c.n_events:,}" for c in result.causes)
    everyone = next((n for n in result.notes if n.startswith("every patient recurred")), "")
    return sentences(
        f"{result.label}, {plural(result.n, 'patient')}; events: {events}", not_analysed(result.excluded),
        f"Cumulative incidence (Aalen-Johansen), other causes competing{f'; {meaning}' if meaning else ''}",
        *more, everyone,
    )  # fmt: skip


# ---------------------------------------------------------------- curves
def curves_alt(result: CumulativeIncidence, cause: str, drawn: Sequence[tuple[IncidenceCurve, str]]) -> str:
    what = f"Cumulative incidence of {cause_label(result, cause) if cause else 'each cause'}"
    if cause and result.by:
        what += f" by {result.by_label}"
    curves = [f"{label}: {plural(c.n_events_total, 'event')}, {end_phrase(c, result.unit)}" for c, label in drawn]
    return f"{what}. {'; '.join(curves)}."


def curves_caption(result: CumulativeIncidence, cause: str, *, bands: bool, naive: bool) -> str:
    return incidence_caption(
        result, _bands(result, bands), PALE,
        f"Dotted: {ONE_MINUS_KM}" if naive else "",
        _tests(result, "p") if cause and result.tests else "",
    )  # fmt: skip


def stacked_alt(labels: Sequence[str]) -> str:
    return f"Stacked cumulative incidence at the end of follow-up: {'; '.join(labels)}."


def stacked_caption(result: CumulativeIncidence, part: IncidenceStratum) -> str:
    whom = f"{result.by_label}: {part.name}, {plural(part.n, 'patient')}" if result.by else ""
    free = f"Blank, on top: still free of any event, {percent(part.event_free)} at the end of follow-up"
    return incidence_caption(result, whom, free)


# ---------------------------------------------------------------- small panels
def cause_message(result: CumulativeIncidence, k: int) -> str:
    """`12 events, p = 0.03, adj. 0.4`; without groups where the estimate ends."""
    cause = result.causes[k]
    events = plural(cause.n_events, "event")
    test = next((t for t in result.tests if t.cause == cause.name), None)
    if test is None:
        return f"{events}, {end_share(result.strata[0].curves[k])} at the end"
    return f"{events}, {p_phrase(test.p)}, adj. {format_p(test.p_adjusted)}" if test.p is not None else (
        f"{events}, {TOO_FEW if test.note.startswith(TOO_FEW) else 'no test'}")  # fmt: skip


def cause_tip(result: CumulativeIncidence, k: int) -> str:
    curves = [(s.name, s.curves[k]) for s in result.strata]
    ends = [f"{name}: {plural(c.n_events_total, 'event')}, {end_phrase(c, result.unit)}" for name, c in curves]
    return f"{result.causes[k].label}: {'; '.join(ends)}"


def grid_alt(result: CumulativeIncidence) -> str:
    causes = "; ".join(f"{c.label}: {cause_message(result, k)}" for k, c in enumerate(result.causes))
    return f"Cumulative incidence of each cause{f' by {result.by_label}' if result.by else ''}: {causes}."


def grid_caption(result: CumulativeIncidence, *, bands: bool, naive: bool) -> str:
    return incidence_caption(
        result, _bands(result, bands), PALE,
        _tests(result, "adj.:") if result.by else "", f"Dotted: {ONE_MINUS_KM}" if naive else "",
    )  # fmt: skip


# ---------------------------------------------------------------- beside 1 - Kaplan-Meier
def excess_phrases(part: IncidenceStratum, at: float) -> list[tuple[str, str]]:
    """Cumulative incidence and 1 - Kaplan-Meier of each cause at a time."""
    pairs = [(curve.at(at).value, curve.naive_at(at)) for curve in part.curves]
    return [(percent(estimate), NOTHING if naive is None else percent(naive)) for estimate, naive in pairs]


def excess_alt(result: CumulativeIncidence, part: IncidenceStratum, at: float) -> str:
    pairs = zip(part.curves, excess_phrases(part, at), strict=True)
    causes = [f"{cause_label(result, c.cause)}: {text} against {beside} ({NAIVE})" for c, (text, beside) in pairs]
    return f"By {at:g} {result.unit}, {'; '.join(causes)}. {ONE_MINUS_KM}."


def excess_caption(result: CumulativeIncidence, part: IncidenceStratum, at: float) -> str:
    estimate, naive = part.totals_at(at)
    adds = (
        f"Added up over the causes: cumulative incidence {percent(estimate)}, {NAIVE} {percent(naive)}"
        if result.exclusive else ""
    )  # fmt: skip
    return incidence_caption(
        result, f"Solid: cumulative incidence; pale, behind, and in brackets: {ONE_MINUS_KM}", adds
    )


# ---------------------------------------------------------------- two hazards
def no_hazards(result: HazardsByCause) -> str:
    return nothing_of(result.label, result, f"{NO_PATIENTS}, or nothing to estimate")


def hazards_alt(result: HazardsByCause, ratios: str) -> str:
    return f"Hazard ratios of {joined(list(dict.fromkeys(r.term.label for r in result.rows)))} by cause. {ratios}."


def hazards_caption(result: HazardsByCause, arrows: str = "") -> str:
    return sentences(
        f"{result.label}: {plural(result.n, 'patient')}", not_analysed(result.excluded),
        f"Ties: {result.ties}; {ci_name(result.rows[0].subdistribution.level)}: Wald, robust for Fine-Gray; "
        "p not adjusted for the number of causes", arrows,
    )  # fmt: skip
