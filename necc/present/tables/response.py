"""Tables of response: counts, ORR and DCR, best to final."""

from __future__ import annotations

from necc.analysis.response import Rate, ResponseBySite, ResponseGroup, ResponseRates, Transitions, TreatedPatients
from necc.core.text import NOT_ESTIMABLE, format_number, format_p, format_percent, slug, written
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.captions.response import ENDS
from necc.present.words.notes import cohort as notes
from necc.present.words.phrases import share_ci

NOT_RECORDED = "\u2013"


def _rate(rate: Rate) -> str:
    """`8/16, 50.0 (24.7–75.3)`."""
    if not rate.of:
        return NOT_ESTIMABLE
    return written(f"{rate.n:,}/{rate.of:,}, {{}} ({{}})", format_percent(rate.n, rate.of), share_ci(rate.estimate))


def _cells(group: ResponseGroup, levels: list[str]) -> tuple[str, ...]:
    return (*(f"{group.counts.get(level, 0):,}" for level in levels), _rate(group.orr), _rate(group.dcr))


@makes_table
def response_table(rates: ResponseRates) -> Table:
    """CR, PR, SD, PD, NE with ORR and DCR, for each level and overall."""
    levels = [k for k in rates.counts if rates.counts[k] or k in ("CR", "PR", "SD", "PD")]
    rows = [(g.name, f"{g.n:,}", *_cells(g, levels)) for g in (*rates.strata, rates.overall)]
    by = f" by {rates.by_label}" if rates.by else ""
    return Table(
        f"{rates.response_label}{by}", slug(f"response-{rates.response}-{rates.denominator}-by-{rates.by or 'all'}"),
        (rates.by_label or "Group", "n", *levels, "ORR, n/N, % (95 % CI)", "DCR, n/N, % (95 % CI)"), tuple(rows),
        notes.response_table(rates),
    )  # fmt: skip


@makes_table
def transition_table(changes: Transitions) -> Table:
    """Best (rows) against final (columns) response; what can't be is marked."""
    impossible = {(c.best, c.final) for c in changes.cells if c.impossible}
    rows = [
        (best, *(f"{int(n)}{' †' if (best, final) in impossible else ''}" for final, n in
                 zip(changes.levels, line, strict=True)))
        for best, line in zip(changes.levels, changes.matrix, strict=True)
    ]  # fmt: skip
    return Table(
        f"Best to final response (n = {changes.n:,})", "response-transitions", ("Best \\ final", *changes.levels),
        tuple(rows),
        notes.transition_table(changes),
    )  # fmt: skip


@makes_table
def response_by_site_table(result: ResponseBySite) -> Table:
    """ORR and DCR with and without each site, with p and p adjusted for the number of sites."""
    lines: list[Line] = []
    for rates, adjusted in zip(result.panels, result.p_adjusted, strict=True):
        p = rates.test.p if rates.test else None
        lines.append((0, (rates.by_label, "", "", "", format_p(p), format_p(adjusted))))
        lines += [(1, (g.name, f"{g.n:,}", _rate(g.orr), _rate(g.dcr))) for g in rates.strata]
    return Table.of_lines(
        "Response by site of recurrence", "response-by-site",
        ("Site", "n", "ORR, n/N, % (95 % CI)", "DCR, n/N, % (95 % CI)", "p (ORR)", "Adjusted p"), lines,
        notes.response_by_site_table(result),
    )  # fmt: skip


@makes_table
def treated_table(result: TreatedPatients) -> Table:
    """Each patient on an ICI: agent, partner, best and final response, times, sites, biomarkers; no identifier."""

    def words(text: str | None) -> str:
        return text or NOT_RECORDED

    rows = [
        (lane.label, words(lane.agent), words(lane.partner), words(lane.best), words(lane.final),
         format_number(lane.time_to_response, 1, NOT_RECORDED), format_number(lane.duration, 1, NOT_RECORDED),
         ENDS[lane.end], words(", ".join(lane.sites)), words("; ".join(lane.biomarkers)))
        for lane in result.lanes
    ]  # fmt: skip
    unit = f", {result.unit}" if result.unit else ""
    columns = ("Patient", "ICI", "Combined with", "Best response", "Final response", f"Time to response{unit}",
               f"Time on ICI{unit}", "Ended with", "Sites", "Biomarkers")  # fmt: skip
    kept = [j for j in range(len(columns)) if j == 0 or any(row[j] not in (NOT_RECORDED, "") for row in rows)]
    shown = tuple(tuple(row[j] for j in kept) for row in rows)
    text = tuple(place for place, j in enumerate(kept) if j in (1, 2, 3, 4, 7, 8, 9))
    return Table(
        f"Each patient on an ICI (n = {result.n:,})", "response-each-patient", tuple(columns[j] for j in kept), shown,
        notes.treated_table(result), text_columns=text,
    )  # fmt: skip
