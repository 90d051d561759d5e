"""Tables of sub-cohorts: measures down and sub-cohorts across, their combinations, and each two."""

from __future__ import annotations

from necc.analysis.subcohorts import SideBySide, SubCohort
from necc.core.text import NOT_ESTIMABLE, format_count, format_p, format_percent, slug, written
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.captions import subcohorts as words
from necc.present.words.phrases import (
    EXACT,
    NOTHING,
    as_notes,
    ci_name,
    median_cell,
    not_analysed,
    percent_estimate,
    share_ci,
)


@makes_table
def side_by_side(result: SideBySide) -> Table:
    """Every measure in a row, a column for each sub-cohort."""
    columns = result.columns
    lines: list[Line] = [
        (0, ("Filters", *(c.filters for c in columns))), (0, ("Patients", *(f"{c.n:,}" for c in columns)))
    ]  # fmt: skip
    if result.curves is not None:
        lines += _survival_rows(result)
    if any(c.sites for c in columns):
        lines.append((0, ("Sites of first recurrence, n (%) [95 % CI]",)))
        for i, site in enumerate(columns[0].sites):
            lines.append((1, (site.label, *(_site_cell(c, i) for c in columns))))
    left = [f"{c.name}: {said[0].lower()}{said[1:]}" for c in columns if (said := not_analysed(c.excluded))]
    return Table.of_lines(
        "Sub-cohorts side by side", slug(f"{result.endpoint}-sub-cohorts"), ("", *(c.name for c in columns)), lines,
        as_notes([*left, f"Kaplan-Meier, {result.ci} confidence limits" if result.curves is not None else "",
                  EXACT if any(c.sites for c in columns) else "", *result.notes]),
    )  # fmt: skip


def _survival_rows(result: SideBySide) -> list[Line]:
    columns, level = result.columns, ci_name(result.level)
    lines: list[Line] = [
        (0, (result.label,)),
        (1, ("Analysed", *(f"{c.n_analysed:,}" for c in columns))),
        (1, ("Events (%)", *(format_count(c.n_events, c.n_analysed) for c in columns))),
        (1, (f"Median, {result.unit} ({level})", *(_if_any(c, median_cell(c.median)) for c in columns))),
        (1, (f"Median follow-up, {result.unit} ({level})", *(_if_any(c, median_cell(c.followup)) for c in columns))),
    ]
    times = next(([at.time for at in c.at_times] for c in columns if c.at_times), [])
    for i, time in enumerate(times):
        cells = [_at_cell(c, i) for c in columns]
        lines.append((1, (f"Survival at {time:g} {result.unit}, % ({level}); at risk", *cells)))
    return lines


def _if_any(column: SubCohort, cell: str) -> str:
    return cell if column.n_analysed else NOTHING


def _at_cell(column: SubCohort, i: int) -> str:
    if i >= len(column.at_times):
        return NOTHING
    at = column.at_times[i]
    if at.estimate.value is None:
        return f"{NOT_ESTIMABLE}; {at.n_at_risk:,}"
    shown = "100.0 (no event yet)" if at.estimate.value == 1 else percent_estimate(at.estimate)
    return written("{}; {}", shown, f"{at.n_at_risk:,}")


def _site_cell(column: SubCohort, i: int) -> str:
    site = column.sites[i]
    if not site.of:
        return NOTHING
    return written("{} [{}]", format_count(site.n, site.of), share_ci(site.proportion))


@makes_table
def overlap(result: SideBySide) -> Table:
    """The exact combinations of sub-cohorts, most frequent first; they add up to those in at least one."""
    rows = [
        (" + ".join(i.names) if len(i.names) > 1 else f"{i.names[0]} only", f"{i.n:,}", format_percent(i.n, result.n))
        for i in result.intersections
    ]
    return Table(
        f"Whom the sub-cohorts share (n = {result.n:,})", "sub-cohorts-overlap", ("In", "Patients", "%"), tuple(rows),
        as_notes([f"{result.of - result.n:,} of {result.of:,} patients are in none" if result.of > result.n else ""]),
    )  # fmt: skip


@makes_table
def overlap_pairs(result: SideBySide) -> Table:
    """Each two: patients in both and in either, the share of these that both hold, and the test where it is one."""
    rows = [
        (p.first, p.second, words.RELATIONS[p.relation], f"{p.n_both:,}", f"{p.n_either:,}", words.jaccard_cell(p),
         *((words.pair_test(p), format_p(p.p_adjusted) if p.p_adjusted is not None else NOTHING)
           if result.curves is not None else ()))
        for p in result.pairs
    ]  # fmt: skip
    tested = ("Log-rank p", "Adjusted p") if result.curves is not None else ()
    return Table(
        "Each two sub-cohorts", "sub-cohorts-pairs",
        ("Sub-cohort", "and", "They", "In both", "In either", "Shared, %", *tested), tuple(rows),
        words.pairs_notes(result), text_columns=(1, 2),
    )  # fmt: skip
