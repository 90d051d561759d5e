"""What is said of survival curves: under the figure, in its place, and in the grid of every site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from necc.core.guardrails import TOO_FEW
from necc.core.text import format_number, format_p, p_phrase, plural
from necc.present.words.captions import PALE, bands_phrase
from necc.present.words.phrases import (
    BY_PERMUTATION,
    NO_PATIENTS,
    adjusted_for,
    ci_name,
    counts,
    estimate_cell,
    ghost_phrase,
    median_cell,
    median_phrase,
    not_analysed,
    nothing_of,
    percentages,
    sentences,
    test_of_curves,
    test_p,
)

if TYPE_CHECKING:  # headlines need these words before any analysis is loaded
    from necc.analysis.survival import Curve, KaplanMeier, RestrictedMean, Show, SurvivalGrid
    from necc.analysis.survival.times import GroupMean


@dataclass(frozen=True)
class Scale:
    """What a curve shows: the word of a choice, the method in short and in full, and the name of the axis.

    title: of the value axis; empty where it is the endpoint's own name.
    """

    choice: str
    short: str
    curves: str
    estimate: str
    title: str = ""


SCALES: dict[Show, Scale] = {
    "survival": Scale("Survival", "Kaplan-Meier", "Kaplan-Meier curves", "Kaplan-Meier estimate"),
    "risk": Scale(
        "Risk", "1 − Kaplan-Meier", "Risk curves (1 − Kaplan-Meier)", "1 − Kaplan-Meier estimate", "Risk of the event"
    ),
    "cumulative hazard": Scale(
        "Cumulative hazard", "Nelson-Aalen", "Cumulative hazard (Nelson-Aalen)",
        "Nelson-Aalen estimate of the cumulative hazard", "Cumulative hazard",
    ),
    "log-log": Scale(
        "Log-log", "log(−log S) of Kaplan-Meier", "Log-log curves",
        "Kaplan-Meier estimate as log(−log S(t)) against time on a log axis", "log(−log S)",
    ),
}  # fmt: skip
HAZARD_LIMITS = {"log-log": "log", "log": "plain", "plain": "plain"}  # of H(t), by those of S(t)


def limits_name(km: KaplanMeier, show: Show) -> str:
    """The scale on which the limits of what is shown were taken."""
    return HAZARD_LIMITS[km.ci] if show == "cumulative hazard" else km.ci


def stratum_phrase(curve: Curve, unit: str) -> str:
    """`with: 12 patients, 5 events, median ...`."""
    return f"{curve.name}: {counts(curve.n, curve.n_events_total)}, {median_phrase(curve.median, unit)}"


def with_ghost(text: str, n: int) -> str:
    """A text, and what the grey curves are where `n` patients of the whole cohort stand behind."""
    return sentences(text, ghost_phrase(n, "grey")) if n else text


def with_settings(text: str, parts: Iterable[str]) -> str:
    """A text, and what the settings of a figure change in how it is read."""
    return sentences(text, *parts)


def survival_alt(km: KaplanMeier, show: Show = "survival") -> str:
    by = f" by {km.by_label}" if km.by else ""
    test = f"; {km.test.name} {test_p(km.test)}" if len(km.curves) > 1 else ""
    strata = "; ".join(stratum_phrase(c, km.unit) for c in km.curves)
    return f"{SCALES[show].curves} of {km.label.lower()}{by}. {strata}{test}."


def marks_sentences(
    km: KaplanMeier, show: Show = "survival", *, bands: bool = True, ticks: bool = True, crowded: bool = False,
    pale: bool = True,
) -> str:  # fmt: skip
    """By what estimate the curves are, and what the marks mean: only those marks that are drawn."""
    limits = bands_phrase(km.level, limits_name(km, show)) if bands else ""
    marks = "ticks on the curves: censored" if ticks else ""
    return sentences(
        SCALES[show].estimate + "".join(f"; {part}" for part in (limits, marks) if part),
        PALE if pale else "",
        "censoring marks are left out where they are too many to see" if crowded else "",
    )


def survival_caption(km: KaplanMeier, marks: str) -> str:
    """Who, by what estimate, and what the marks mean (`marks`, of `marks_sentences`)."""
    return sentences(
        f"{km.label}, {km.defined_as}" if km.defined_as else km.label,
        counts(km.n, km.n_events),
        not_analysed(km.excluded),
        marks,
        test_of_curves(km),
        *km.notes,
    )


def no_events(km: KaplanMeier) -> str:
    return f"{km.label}: no events, so nothing to show on this scale."


# ---------------------------------------------------------------- every site
WITHOUT_EVENT = "Without event"  # of an axis that has no room for the endpoint's label
GRID_KEY = f"numbers below: patients at risk; dotted: median; {BY_PERMUTATION}: by permutation, as a group is small"


def no_grid(grid: SurvivalGrid) -> str:
    return nothing_of(f"{grid.label} by recurrence site", grid)


def site_phrase(km: KaplanMeier, adjusted: float | None) -> str:
    """`12 with, p = 0.03, adj. 0.4`: how many have the site, and the log-rank test."""
    n_with = sum(c.n for c in km.curves if c.name == "with")
    if km.test.p is None:
        few = km.test.note.startswith(TOO_FEW)
        return f"{n_with:,} of {km.n:,} with, {TOO_FEW if few else 'no test'}"
    mark = BY_PERMUTATION if km.test.p_by == "permutation" else ""
    return f"{n_with:,} with, {p_phrase(km.test.p)}{mark}, adj. {format_p(adjusted)}"


def hover_lines(km: KaplanMeier, time: float) -> list[str]:
    """What both curves of a site say at a time."""
    lines = [f"{km.by_label}, {time:g} {km.unit}"]
    for curve in km.curves:
        at, (at_risk, events, censored) = curve.at(time).estimate, curve.counts_at([time])[0]
        counted = f"at risk {at_risk:,}, events {events:,}, censored {censored:,} so far"
        message = f"{median_cell(percentages(at))} %; {counted}" if at.value is not None else (
            "nobody is followed up so long")  # fmt: skip
        lines.append(f"{curve.name}: {message}")
    return lines


def grid_alt(grid: SurvivalGrid) -> str:
    sites = [f"{p.by_label}: {site_phrase(p, a)}" for p, a in zip(grid.panels, grid.p_adjusted, strict=True)]
    what = f"Kaplan-Meier curves of {grid.label.lower()} for each recurrence site, with against without"
    return f"{what}: {'; '.join(sites)}."


def grid_caption(grid: SurvivalGrid) -> str:
    panel = grid.panels[0]
    return sentences(
        f"{grid.label} by recurrence site, with the site against without it",
        f"{plural(grid.n, 'patient')} with a time and an event status",
        f"{SCALES['survival'].estimate}; {bands_phrase(panel.level, panel.ci)}; {PALE}",
        adjusted_for(grid.n_tests, grid.adjustment, p="Log-rank p; adj.:"),
        *grid.notes,
    )


# ---------------------------------------------------------------- restricted means
def mean_phrase(group: GroupMean, unit: str) -> str:
    """`14.6 (12.1–17.0) months`, without an interval where there is none."""
    return "not estimable: follow-up ends before" if group.mean.value is None else f"{estimate_cell(group.mean)} {unit}"


def restricted_title(means: RestrictedMean) -> str:
    return f"Restricted mean of {means.label.lower()} up to {format_number(means.tau)} {means.unit}"


def restricted_alt(means: RestrictedMean) -> str:
    groups = "; ".join(f"{g.name}: {mean_phrase(g, means.unit)}" for g in means.groups)
    return f"{restricted_title(means)}. {groups}."


def restricted_caption(means: RestrictedMean, pale: bool = False) -> str:
    return sentences(
        f"{restricted_title(means)} ({means.tau_rule}): the area under each Kaplan-Meier curve"
        + (f", with normal limits ({ci_name(means.level)})" if any(g.se is not None for g in means.groups) else ""),
        PALE if pale else "", counts(means.n, means.n_events), not_analysed(means.excluded),
    )  # fmt: skip


def no_mean(means: RestrictedMean) -> str:
    return nothing_of(means.label, means, "nobody was followed beyond time zero" if means.n else NO_PATIENTS)
