"""Tables of survival: medians, survival at chosen times, every site."""

from __future__ import annotations

from necc.analysis.survival import KaplanMeier, Show, SurvivalGrid
from necc.core.text import NOT_ESTIMABLE, format_count, format_estimate, format_p, slug
from necc.present.tables.table import Table
from necc.present.words.captions.survival import SCALES
from necc.present.words.notes import survival as notes
from necc.present.words.phrases import ci_name, median_cell, percent_estimate


def _names(km: KaplanMeier) -> str:
    return slug(f"{km.endpoint}-by-{km.by}" if km.by else km.endpoint)


def _title(km: KaplanMeier) -> str:
    return f"{km.label} by {km.by_label}" if km.by else km.label


def survival_summary(km: KaplanMeier) -> Table:
    """Patients, events and the median with its interval for each level."""
    level = ci_name(km.level)
    rows = [(c.name, f"{c.n:,}", format_count(c.n_events_total, c.n), median_cell(c.median)) for c in km.curves]
    return Table(
        _title(km), f"{_names(km)}-summary",
        (km.by_label or "Group", "n", "Events (%)", f"Median, {km.unit} ({level})"), tuple(rows),
        notes.survival_summary(km),
    )  # fmt: skip


def survival_at(km: KaplanMeier, show: Show = "survival") -> Table:
    """Survival, or what else the curves show, at the times that were asked for."""
    share, sure = show in ("survival", "risk"), 1 if show == "survival" else 0
    rows = []
    for s in km.at(show):
        e = s.estimate
        shown = percent_estimate(e) if share else format_estimate(e.value, e.lower, e.upper, 2, NOT_ESTIMABLE)
        if share and e.value == sure:  # an interval of no width would say that this is certain
            shown = f"{100 * sure:.1f} (no event yet)"
        rows.append((s.stratum, f"{s.time:g}", f"{s.n_at_risk:,}", shown))
    what, scale = SCALES[show].title or "Survival", "" if show == "survival" else f"-{slug(show)}"
    return Table(
        f"{_title(km)}: {what[0].lower()}{what[1:]} at chosen times", f"{_names(km)}-at-times{scale}",
        (km.by_label or "Group", f"{km.unit.capitalize()} since {km.origin}", "At risk",
         f"{what}{', %' if share else ''} ({ci_name(km.level)})"),
        tuple(rows), notes.survival_at(km, show),
    )  # fmt: skip


def grid_summary(grid: SurvivalGrid) -> Table:
    """Every site: patients, events and medians with and without it, p, and p adjusted for their number."""
    rows = []
    for panel, adjusted in zip(grid.panels, grid.p_adjusted, strict=True):
        cells = []
        by_name = {c.name: c for c in panel.curves}
        for level in ("with", "without"):
            curve = by_name.get(level)
            cells += [f"{curve.n_events_total:,}/{curve.n:,}", median_cell(curve.median)] if curve else ["0/0", "–"]
        rows.append((panel.by_label, *cells, format_p(panel.test.p), format_p(adjusted)))
    level = ci_name(grid.panels[0].level) if grid.panels else "95 % CI"
    columns = (
        "Site", "With: events/n", f"With: median ({level})", "Without: events/n", f"Without: median ({level})",
        "p", "Adjusted p",
    )  # fmt: skip
    return Table(
        f"{grid.label} by recurrence site ({grid.unit})", slug(f"{grid.endpoint}-by-site-summary"), columns,
        tuple(rows), notes.grid_summary(grid),
    )  # fmt: skip
