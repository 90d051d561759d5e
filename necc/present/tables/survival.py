"""Tables of survival: medians, survival at chosen times, every site."""

from __future__ import annotations

from necc.analysis.multiplicity import ADJUSTMENTS
from necc.analysis.survival import Curve, KaplanMeier, SurvivalGrid
from necc.core.text import (
    NOT_ESTIMABLE,
    format_count,
    format_estimate,
    format_number,
    format_p,
    p_phrase,
    plural,
    slug,
)
from necc.present.tables.table import Table
from necc.present.words.phrases import as_notes, ci_name, follow_up, not_analysed, notes_of


def _median(curve: Curve) -> str:
    return format_estimate(curve.median.value, curve.median.lower, curve.median.upper)


def _names(km: KaplanMeier) -> str:
    return slug(f"{km.endpoint}-by-{km.by}" if km.by else km.endpoint)


def _title(km: KaplanMeier) -> str:
    return f"{km.label} by {km.by_label}" if km.by else km.label


def survival_summary(km: KaplanMeier) -> Table:
    """Patients, events and the median with its interval for each level."""
    level = ci_name(km.level)
    rows = [(c.name, f"{c.n:,}", format_count(c.n_events_total, c.n), _median(c)) for c in km.curves]
    test = ()
    if len(km.curves) > 1:
        test = (f"{km.test.name[0].upper()}{km.test.name[1:]} test, {km.test.df} df: {p_phrase(km.test.p)}.",)
    return Table(
        _title(km), f"{_names(km)}-summary",
        (km.by_label or "Group", "n", "Events (%)", f"Median, {km.unit} ({level})"), tuple(rows),
        as_notes([f"Kaplan-Meier, {km.ci} confidence limits", *test, follow_up(km.followup, km.unit)]) + notes_of(km),
    )  # fmt: skip


def survival_at(km: KaplanMeier) -> Table:
    """Survival at the times that were asked for."""
    rows = []
    for s in km.at_times:
        e = s.estimate
        shown = _percent_estimate(e.value, e.lower, e.upper)
        rows.append((s.stratum, f"{s.time:g}", f"{s.n_at_risk:,}", shown))
    return Table(
        f"{_title(km)}: survival at chosen times", f"{_names(km)}-at-times",
        (km.by_label or "Group", f"{km.unit.capitalize()} since {km.origin}", "At risk",
         f"Survival, % ({ci_name(km.level)})"),
        tuple(rows), (f"Kaplan-Meier, {km.ci} confidence limits; at risk just before the time.",
                      *as_notes([not_analysed(km.excluded)])),
    )  # fmt: skip


def _percent_estimate(value: float | None, lower: float | None, upper: float | None) -> str:
    v, low, high = (None if x is None else 100 * x for x in (value, lower, upper))
    if value == 1:
        return f"{format_number(v)} (no event yet)"  # an interval of no width would say that this is certain
    if v is not None and low is None and high is None:
        return format_number(v)
    return format_estimate(v, low, high, 1, NOT_ESTIMABLE)


def grid_summary(grid: SurvivalGrid) -> Table:
    """Every site: patients, events and medians with and without it, p, and p adjusted for their number."""
    rows = []
    for panel, adjusted in zip(grid.panels, grid.p_adjusted, strict=True):
        cells = []
        by_name = {c.name: c for c in panel.curves}
        for level in ("with", "without"):
            curve = by_name.get(level)
            cells += [f"{curve.n_events_total:,}/{curve.n:,}", _median(curve)] if curve else ["0/0", "–"]
        rows.append((panel.by_label, *cells, format_p(panel.test.p), format_p(adjusted)))
    level = ci_name(grid.panels[0].level) if grid.panels else "95 % CI"
    how = ADJUSTMENTS.get(grid.adjustment, grid.adjustment)
    ci = grid.panels[0].ci if grid.panels else ""
    columns = (
        "Site", "With: events/n", f"With: median ({level})", "Without: events/n", f"Without: median ({level})",
        "p", "Adjusted p",
    )  # fmt: skip
    return Table(
        f"{grid.label} by recurrence site ({grid.unit})", slug(f"{grid.endpoint}-by-site-summary"), columns,
        tuple(rows),
        (f"{plural(grid.n, 'patient')}. Kaplan-Meier medians, {ci} confidence limits; log-rank p, adjusted for "
         f"{plural(grid.n_tests, 'test')} ({how}).", *as_notes(grid.notes)),
    )  # fmt: skip
