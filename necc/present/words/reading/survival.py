"""Survival, its tests, and competing events."""

from __future__ import annotations

import numpy as np

from necc.analysis.competing import CumulativeIncidence
from necc.analysis.survival import (
    ALIKE,
    Curve,
    FittedGroup,
    KaplanMeier,
    LogRank,
    Parametric,
    SurvivalAt,
    SurvivalComparison,
    SurvivalGrid,
)
from necc.core.guardrails import TOO_FEW
from necc.core.text import format_ci, format_number, format_percent, joined, p_phrase, plural
from necc.present.words.captions.parametric import FAMILY_NAMES
from necc.present.words.phrases import (
    NEITHER,
    NO_PATIENTS,
    adjusted_for,
    capitalised,
    ci_name,
    excluded_of,
    follow_up,
    median_phrase,
    p_with_adjusted,
    percent_with_ci,
    sentence,
    test_p,
)
from necc.present.words.reading.parts import (
    ALPHA,
    NOT_BY_CHANCE,
    adjusted,
    alone,
    caution,
    left_out,
    p_meaning,
    read,
    untested,
)


@read.register
def _(km: KaplanMeier) -> tuple[str, ...]:
    if not km.n:
        return (f"{km.label}: {NO_PATIENTS}.", *left_out(km.excluded))
    said = [
        f"{km.label}, counted from {km.origin or 'time zero'}, was observed in {plural(km.n, 'patient')}; "
        f"{km.n_events:,} of them had the event ({format_percent(km.n_events, km.n)} %)."
    ]
    if len(km.curves) == 1 and not km.by:
        said.append(_one_median(km.curves[0], km.unit, km.level))
    else:
        groups = [f"{c.name}: {c.n_events_total:,} of {c.n:,}, {median_phrase(c.median, km.unit)}" for c in km.curves]
        said.append(f"Events and medians by {km.by_label}: {'; '.join(groups)}.")
    said += [_at(s, km) for s in km.at_times]
    if len(km.curves) > 1:
        said += read(km.test)
    if km.n_events == km.n > 1:
        said.append(
            "Every patient had the event, as in a cohort selected on it; then this is not the risk of having it."
        )
    if follow := follow_up(km.followup, km.unit):
        said.append(sentence(follow))
    few = [(f"{km.by_label}: {c.name}" if km.by else c.name, c.n, c.n_events_total) for c in km.curves]
    return (*said, *caution(few), *left_out(km.excluded))


def _at(s: SurvivalAt, km: KaplanMeier) -> str:
    when = f"At {format_number(s.time, 1).removesuffix('.0')} {km.unit}"
    whom = f" ({km.by_label}: {s.stratum})" if km.by else ""
    if s.estimate.value is None:
        return f"{when}, survival can't be estimated{whom}: no patient was followed for that long."
    at_risk = f"{s.n_at_risk:,} {'was' if s.n_at_risk == 1 else 'were'} at risk"
    if s.is_before_anyone:
        return f"{when}, nobody{whom} was under observation yet."
    if s.is_lost:
        return (
            f"{when}, survival can't be estimated{whom}: the curve fell to zero while few were under observation, and "
            f"{at_risk}."
        )
    if s.estimate.value == 1:
        return f"{when}, nobody{whom} has had the event yet; {at_risk}."
    share = percent_with_ci(s.estimate)
    return f"{when}, {share} of the patients{whom} are estimated to be without the event; {at_risk}."


def _one_median(curve: Curve, unit: str, level: float) -> str:
    m = curve.median
    if m.value is None:
        return (
            "More than half are estimated to be without the event at the end of follow-up: the median is not reached."
        )
    limits = format_ci(m.lower, m.upper)
    return (
        f"Half of the patients are estimated to have had it by {format_number(m.value)} {unit} "
        f"({ci_name(level)} {limits})."
    )


@read.register
def _(test: LogRank) -> tuple[str, ...]:
    name = capitalised(test.name)
    if test.note.startswith(TOO_FEW):
        return (f"{name} test: {test.note}.",)
    if test.p is None:
        return (f"{name} test: not estimable{f' ({test.note})' if test.note else ''}.",)
    return (f"{name} test: {test_p(test)}.", *p_meaning(test.p, "curves"))


@read.register
def _(grid: SurvivalGrid) -> tuple[str, ...]:
    if not grid.n:
        return (f"{grid.label} by site: {NO_PATIENTS}.",)
    said = [
        f"{grid.label} was compared between patients with and without each of {plural(len(grid.panels), 'site')}, in "
        f"{plural(grid.n, 'patient')}."
    ]
    said += untested(grid.n_tests, len(grid.panels), "site")
    raw = [p.by_label for p in grid.panels if p.test.p is not None and p.test.p < ALPHA]
    pairs = zip(grid.panels, grid.p_adjusted, strict=True)
    kept = [f"{panel.by_label} ({p_phrase(p)})" for panel, p in pairs if p is not None and p < ALPHA]
    said.append(alone(raw, grid.n_tests))
    said += [adjusted(kept, grid.n_tests, grid.adjustment)] if raw else []
    if grid.n_tests and not kept:
        said.append(f"{capitalised(NEITHER)}.")
    for panel in grid.panels:
        medians = "; ".join(f"{c.name} (n = {c.n:,}): {median_phrase(c.median, panel.unit)}" for c in panel.curves)
        if panel.test.p is not None and panel.test.p < ALPHA:
            said.append(f"{panel.by_label}: {medians}.")
    if raw:
        said.append(NOT_BY_CHANCE)
    said.append("A patient with several sites is counted at each of them.")
    few = [
        (p.by_label if c.name == "with" else f"{p.by_label}: {c.name}", c.n, c.n_events_total)
        for p in grid.panels for c in p.curves
    ]  # fmt: skip
    return (*said, *caution(few), *left_out(excluded_of(grid)))


@read.register
def _(result: SurvivalComparison) -> tuple[str, ...]:
    groups = zip(result.levels, result.n_per_level, strict=True)
    said = [
        f"{result.label} by {result.by_label} in {plural(result.n, 'patient')} with {plural(result.n_events, 'event')} "
        f"({', '.join(f'{name}: {n:,}' for name, n in groups)})."
    ]
    if result.strata_labels:
        said.append(f"Compared within the levels of {joined(result.strata_labels)}.")
    said += read(result.tests[0])
    if result.permutation and result.permutation.p is not None:
        p, refused = p_phrase(result.permutation.p), result.tests[0].note.startswith(TOO_FEW)
        why = "which needs no such minimum" if refused else "which does not rely on large numbers"
        said.append(f"The permutation test, {why}: {p}.")
    if result.trend and result.trend.p is not None:
        said.append(f"Trend over the levels in their order: {p_phrase(result.trend.p)}.")
    apart = [p for p in result.pairs if p.p_adjusted is not None and p.p_adjusted < ALPHA]
    if result.pairs:
        names = joined([f"{p.first} and {p.second} ({p_phrase(p.p_adjusted)})" for p in apart])
        differ = f"{plural(len(apart), 'pair')} of levels {'differs' if len(apart) == 1 else 'differ'}: {names}"
        said += untested(result.n_tests, len(result.pairs), "pair of levels", "pairs of levels")
        if result.n_tests:
            how = capitalised(adjusted_for(result.n_tests, result.adjustment, "pair of levels", "pairs of levels"))
            said.append(f"{how}, {differ if apart else NEITHER}.")
    small = [(f"{result.by_label}: {name}", n, None) for name, n in zip(result.levels, result.n_per_level, strict=True)]
    return (*said, *caution(small), *left_out(result.excluded))


@read.register
def _(result: Parametric) -> tuple[str, ...]:
    if not result.n:
        return (f"{result.label}: {NO_PATIENTS}.", *left_out(result.excluded))
    alone = ", each group alone" if result.by else ""
    said = [
        f"{result.label}: {plural(len(result.families), 'parametric curve')} to be fitted to "
        f"{plural(result.n, 'patient')} with {plural(result.n_events, 'event')}{alone}."
    ]
    for group in result.groups:
        said += _fitted(group, result)
    if any(g.ranked for g in result.groups):
        said.append("AIC compares the families with each other, and doesn't say that any of them fits.")
    few = [(f"{result.by_label}: {g.name}" if result.by else g.name, g.n, g.n_events) for g in result.groups]
    return (*said, *caution(few), *left_out(result.excluded))


def _fitted(group: FittedGroup, result: Parametric) -> list[str]:
    """Which family has the lowest AIC, its median, and how far the families agree at the chosen times."""
    who = f"{result.by_label}, {group.name}: " if result.by else ""
    best, fits = group.best, group.ranked
    if best is None:
        return [f"{who}no parametric curve could be fitted."]
    name = FAMILY_NAMES[best.family]
    if len(fits) == 1:
        said = [f"{who}only the {name} curve could be fitted."] if len(group.fits) > 1 else []
    else:
        said = [f"{who}the lowest AIC is the {name} curve's ({format_number(best.aic, 1)}); {_alike(group)}."]
    if best.median.value is not None:
        limits = format_ci(best.median.lower, best.median.upper)
        beyond = f", beyond the follow-up of {format_number(group.follow_up)}" if best.median_extrapolated else ""
        said.append(
            f"{who}by the {name} curve, half of the patients have had the event by {format_number(best.median.value)} "
            f"{result.unit} ({ci_name(result.level)} {limits}){beyond}."
        )
    for i, at in enumerate(best.at_times):
        shares = [f.at_times[i].survival.value or 0.0 for f in fits]
        low, high = (f"{format_number(100 * share, 1)} %" for share in (min(shares), max(shares)))
        when = f"{who}at {format_number(at.time, 1).removesuffix('.0')} {result.unit}"
        given = f"the fitted curve gives {low}" if len(fits) == 1 else (
            f"the {len(fits):,} fitted curves give {low}" + (f" to {high}" if low != high else ""))  # fmt: skip
        if at.extrapolated:
            said.append(f"{when}, after the end of follow-up, {given}: no patient was observed there.")
        else:
            said.append(f"{when}, {given}.")
    return said


def _alike(group: FittedGroup) -> str:
    """What is said of the families beside the best."""
    near = [FAMILY_NAMES[f.family] for f in group.alike[1:]]
    if not near:
        return f"no other family is within {ALIKE:g} of it"
    verb = "is" if len(near) == 1 else "are"
    return f"{joined(near)} {verb} within {ALIKE:g} of it, and the data hardly tell them apart"


@read.register
def _(result: CumulativeIncidence) -> tuple[str, ...]:
    if not result.n or not result.strata:
        return (f"{result.label}: {NO_PATIENTS}.", *left_out(result.excluded))
    counts = ", ".join(f"{c.label} {c.n_events:,}" for c in result.causes)
    said = [f"{result.label} in {plural(result.n, 'patient')}, by first event: {counts}."]
    if result.rule and not result.exclusive:
        more = sum(c.n_events for c in result.causes) > result.n_events
        said.append(
            "An event with several labels is counted in each"
            + (", so the curves add up to more than all events." if more else "; here no event has several.")
        )
    for stratum in result.strata:
        at = _last_time(stratum.curves[0].time, stratum.curves[0].n_at_risk) if stratum.curves else None
        if at is None:
            continue
        labels = {c.name: c.label for c in result.causes}
        parts = [f"{labels.get(c.cause, c.cause)} {percent_with_ci(c.at(at, result.level))}" for c in stratum.curves]
        who = f"Group {stratum.name} (n = {stratum.n:,}), by" if result.by else "By"
        said.append(f"{who} {format_number(at)} {result.unit}: {'; '.join(parts)}.")
    said += _gray(result)
    if len([c for c in result.causes if c.n_events]) > 1:
        said.append("These are shares of all patients, of whom some had another event first.")
    few = [(f"{result.by_label}: {s.name}" if result.by else s.name, s.n, None) for s in result.strata]
    return (*said, *caution(few), *left_out(result.excluded))


def _gray(result: CumulativeIncidence) -> list[str]:
    tests = [t for t in result.tests if t.p is not None]
    if not tests:
        return []
    labels = {c.name: c.label for c in result.causes}
    parts = "; ".join(f"{labels.get(t.cause, t.cause)} {p_with_adjusted(t.p, t.p_adjusted)}" for t in tests)
    apart = [labels.get(t.cause, t.cause) for t in tests if t.p_adjusted is not None and t.p_adjusted < ALPHA]
    how = capitalised(adjusted_for(result.n_tests, result.adjustment))
    end = f"{how}, the groups differ in {joined(apart)}. {NOT_BY_CHANCE}" if apart else f"{how}, {NEITHER}."
    return [
        f"Gray's tests between the groups: {parts}.",
        *untested(len(tests), len(result.tests), "kind of event", "kinds of event"),
        end,
    ]


def _last_time(time: np.ndarray, n_at_risk: np.ndarray) -> float | None:
    """The last time at which a tenth of the patients, and five at least, are still at risk."""
    if not len(time):
        return None
    enough = [float(t) for t, n in zip(time, n_at_risk, strict=True) if n >= max(5, 0.1 * n_at_risk[0])]
    return enough[-1] if enough else float(time[0])
