"""Tables of survival: medians, chosen times, every site; tests, pairs, restricted means, conventions, delayed entry."""

from __future__ import annotations

from collections.abc import Sequence

from necc.analysis.survival import (
    FixedTimes,
    KaplanMeier,
    LogRank,
    RestrictedMean,
    Show,
    SurvivalComparison,
    SurvivalGrid,
)
from necc.core.text import (
    NOT_ESTIMABLE,
    format_ci,
    format_count,
    format_estimate,
    format_number,
    format_p,
    slug,
    written,
)
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.captions.survival import SCALES
from necc.present.words.notes import survival as notes
from necc.present.words.phrases import (
    capitalised,
    ci_name,
    estimate_cell,
    median_cell,
    percent_estimate,
    ratio_estimate,
    since,
    test_cell,
    test_name,
)


def _names(km: KaplanMeier) -> str:
    return slug(f"{km.endpoint}-by-{km.by}" if km.by else km.endpoint)


def _title(km: KaplanMeier) -> str:
    return f"{km.label} by {km.by_label}" if km.by else km.label


@makes_table
def survival_summary(km: KaplanMeier) -> Table:
    """Patients, events and the median with its interval for each level."""
    level = ci_name(km.level)
    rows = [(c.name, f"{c.n:,}", format_count(c.n_events_total, c.n), median_cell(c.median)) for c in km.curves]
    return Table(
        _title(km), f"{_names(km)}-summary",
        (km.by_label or "Group", "n", "Events (%)", f"Median, {km.unit} ({level})"), tuple(rows),
        notes.survival_summary(km),
    )  # fmt: skip


@makes_table
def survival_at(km: KaplanMeier, show: Show = "survival") -> Table:
    """Survival, or what else the curves show, at the times that were asked for."""
    share, sure = show in ("survival", "risk"), 1 if show == "survival" else 0
    rows = []
    for s in km.at(show):
        e = s.estimate
        shown = percent_estimate(e) if share else format_estimate(e.value, e.lower, e.upper, 2, NOT_ESTIMABLE)
        if share and e.value == sure:  # an interval of no width would say that this is certain
            sure_share = written("{} (no event yet)", format_number(100 * sure))
            shown = "nobody under observation yet" if s.is_before_anyone else sure_share
        elif s.is_lost:
            shown = NOT_ESTIMABLE
        rows.append((s.stratum, f"{s.time:g}", f"{s.n_at_risk:,}", shown))
    what, scale = SCALES[show].title or "Survival", "" if show == "survival" else f"-{slug(show)}"
    return Table(
        f"{_title(km)}: {what[0].lower()}{what[1:]} at chosen times", f"{_names(km)}-at-times{scale}",
        (km.by_label or "Group", since(km.unit, km.origin), "At risk",
         f"{what}{', %' if share else ''} ({ci_name(km.level)})"),
        tuple(rows), notes.survival_at(km, show),
    )  # fmt: skip


@makes_table
def grid_summary(grid: SurvivalGrid) -> Table:
    """Every site: patients, events and medians with and without it, p, and p adjusted for their number."""
    rows = []
    for panel, adjusted in zip(grid.panels, grid.p_adjusted, strict=True):
        cells = []
        by_name = {c.name: c for c in panel.curves}
        for level in ("with", "without"):
            curve = by_name.get(level)
            cells += [f"{curve.n_events_total:,}/{curve.n:,}", median_cell(curve.median)] if curve else ["0/0", "–"]
        rows.append((panel.by_label, *cells, test_cell(panel.test), format_p(adjusted)))
    level = ci_name(grid.panels[0].level) if grid.panels else "95 % CI"
    columns = (
        "Site", "With: events/n", f"With: median ({level})", "Without: events/n", f"Without: median ({level})",
        "p", "Adjusted p",
    )  # fmt: skip
    return Table(
        f"{grid.label} by recurrence site ({grid.unit})", slug(f"{grid.endpoint}-by-site-summary"), columns,
        tuple(rows), notes.grid_summary(grid),
    )  # fmt: skip


LOOKS_AT = {
    "log-rank": "all times alike",
    "gehan-breslow": "early, by the number at risk",
    "tarone-ware": "early, milder",
    "peto-peto": "early, by survival (R: rho = 1)",
    "modified-peto-peto": "early, Andersen's form",
}
SOFTWARE = {"log-log": "here", "log": "R's default", "plain": "SPSS"}


def _name(endpoint: str, by: str | None, what: str) -> str:
    return slug(f"{endpoint}-{what}" + (f"-by-{by}" if by else ""))


def _looks_at(test: LogRank) -> str:
    if test.name.startswith("fleming-harrington"):
        rho, gamma = (float(v) for v in test.name.partition("(")[2].rstrip(")").split(","))
        if rho == gamma == 0:
            return "all times alike"
        return "the middle" if rho and gamma else ("late differences" if gamma else "early, by survival")
    return LOOKS_AT.get(test.name, "an order of the groups")


# ---------------------------------------------------------------- tests
@makes_table
def survival_tests(result: SurvivalComparison) -> Table:
    """Every test of the weighted family, the trend, and the permutation test."""
    tests = [*result.tests, *([result.trend] if result.trend else [])]
    rows = [
        (capitalised(test_name(t.name)), _looks_at(t), format_number(t.statistic, 3, "–"), str(t.df), test_cell(t))
        for t in tests
    ]
    if p := result.permutation:
        way = {"exact": f"all {p.draws:,} assignments", "Monte Carlo": f"{p.draws:,} draws, seed {p.seed}"}
        rows.append(("Permutation log-rank", way.get(p.method, "not run"), "–", "–", format_p(p.p)))
    return Table(
        f"{result.label} by {result.by_label}: tests", _name(result.endpoint, result.by, "tests"),
        ("Test", "Looks at", "Chi-square", "df", "p"), tuple(rows),
        notes.survival_tests(result), text_columns=(1,),
    )  # fmt: skip


@makes_table
def survival_pairs(result: SurvivalComparison) -> Table:
    """Each two levels against each other, with p adjusted for the number of pairs."""
    rows = tuple(
        (p.first, p.second, format_number(p.test.statistic, 3, "–"), test_cell(p.test), format_p(p.p_adjusted))
        for p in result.pairs
    )
    return Table(
        f"{result.label} by {result.by_label}: each two", _name(result.endpoint, result.by, "pairs"),
        ("Group", "against", "Chi-square", "p", "Adjusted p"), rows,
        notes.survival_pairs(result), text_columns=(1,),
    )  # fmt: skip


# ---------------------------------------------------------------- restricted means
@makes_table
def restricted_means(result: RestrictedMean) -> Table:
    """Restricted mean survival time of each group, with difference and ratio against the first."""
    by_name = {c.name: c for c in result.contrasts}
    rows = []
    for g in result.groups:
        lost = format_number(g.lost)
        cells = ("reference", "", "", "", "") if result.contrasts else ("–",) * 5
        if c := by_name.get(g.name):
            cells = (estimate_cell(c.difference), format_p(c.difference_p), format_p(c.p_adjusted),
                     ratio_estimate(c.ratio), format_p(c.ratio_p))  # fmt: skip
        rows.append((g.name, f"{g.n_events:,}/{g.n:,}", estimate_cell(g.mean), lost, *cells))
    tau = format_number(result.tau, 1)
    by = f" by {result.by_label}" if result.by else ""
    return Table(
        f"{result.label}{by}: restricted mean up to {tau} {result.unit}", _name(result.endpoint, result.by, "rmst"),
        (result.by_label or "Group", "Events/n", f"Mean, {result.unit} (95 % CI)", "Lost", "Difference (95 % CI)", "p",
         "Adjusted p", "Ratio (95 % CI)", "p "),
        tuple(rows),
        notes.restricted_means(result),
    )  # fmt: skip


# ---------------------------------------------------------------- fixed times
@makes_table
def fixed_times(result: FixedTimes) -> Table:
    """Survival at each time by group, with the difference from the first group."""
    lines: list[Line] = []
    for at in result.times:
        lines.append((0, (f"{at.time:g} {result.unit}",)))
        by_name = {c.name: c for c in at.contrasts}
        for g in at.groups:
            cells = ("reference" if at.contrasts else "–", "", "")
            if c := by_name.get(g.name):
                cells = (percent_estimate(c.difference), format_p(c.p), format_p(c.p_log_log))
            lines.append((1, (g.name, f"{g.n_at_risk:,}", percent_estimate(g.survival), *cells)))
    level = ci_name(result.level)
    return Table.of_lines(
        f"{result.label}{f' by {result.by_label}' if result.by else ''}: survival at fixed times",
        _name(result.endpoint, result.by, "fixed-times"),
        (result.by_label or "Group", "At risk", f"Survival, % ({level})", f"Difference, points ({level})", "p",
         "p, log-log scale"),
        lines, notes.fixed_times(result),
    )  # fmt: skip


# ---------------------------------------------------------------- medians by convention
@makes_table
def median_conventions(result: Sequence[KaplanMeier]) -> Table:
    """Each group's median with its limits by every convention; the results differ in `ci` only."""
    first = result[0]
    rows = []
    for curves in zip(*(km.curves for km in result), strict=True):
        c = curves[0]
        limits = (format_ci(x.median.lower, x.median.upper) for x in curves)
        rows.append((c.name, format_count(c.n_events_total, c.n), format_estimate(c.median.value, None, None)
                     if c.median.value is None else format_number(c.median.value), *limits))  # fmt: skip
    heads = tuple(f"{capitalised(km.ci)} limits ({SOFTWARE.get(km.ci, '')})" for km in result)
    return Table(
        f"{first.label}{f' by {first.by_label}' if first.by else ''}: medians by convention",
        _name(first.endpoint, first.by, "medians"),
        (first.by_label or "Group", "Events (%)", f"Median, {first.unit}", *heads), tuple(rows),
        notes.median_conventions(first),
    )  # fmt: skip


# ---------------------------------------------------------------- left truncation
@makes_table
def entry_medians(naive: KaplanMeier, entered: KaplanMeier) -> Table:
    """Medians counted from the origin on, and counted only from when each patient came under observation."""
    rows = []
    late = {c.name: c for c in entered.curves}
    for c in naive.curves:
        cells = ("–", "–")
        if e := late.get(c.name):
            cells = (f"{e.n_events_total:,}/{e.n:,}", median_cell(e.median))
        rows.append((c.name, f"{c.n_events_total:,}/{c.n:,}", median_cell(c.median), *cells))
    return Table(
        f"{naive.label}{f' by {naive.by_label}' if naive.by else ''}: with and without delayed entry",
        _name(naive.endpoint, naive.by, "delayed-entry"),
        (naive.by_label or "Group", "From the origin: events/n", f"Median, {naive.unit}", "From entry: events/n",
         f"Median, {naive.unit} "),
        tuple(rows), notes.entry_medians(naive, entered),
    )  # fmt: skip
