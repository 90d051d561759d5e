"""Tables of competing risks: incidence at chosen times, Gray's tests, 1 - Kaplan-Meier beside it, two hazards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from necc.analysis.competing import CumulativeIncidence, HazardsByCause
from necc.core.text import NOT_ESTIMABLE, format_count, format_number, format_p, plural, slug
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.notes import survival as notes
from necc.present.words.phrases import ci_name, contrast, p_cell, percent_estimate, ratio_estimate


def _name(result: CumulativeIncidence, what: str) -> str:
    return slug(f"{result.endpoint}-{what}" + (f"-by-{result.by}" if result.by else ""))


@makes_table
def incidence_at(result: CumulativeIncidence, times: Sequence[float]) -> Table:
    """Each cause with its events and its cumulative incidence at the times that were asked for."""
    lines: list[Line] = []
    for s in result.strata:
        lines += [(0, (f"{s.name} (n = {s.n:,})",))] if result.by else []
        for cause, curve in zip(result.causes, s.curves, strict=True):
            cells = (percent_estimate(curve.at(t, result.level)) for t in times)
            lines.append((int(bool(result.by)), (cause.label, format_count(curve.n_events_total, s.n), *cells)))
    heads = tuple(f"{t:g} {result.unit}, % ({ci_name(result.level)})" for t in times)
    title = f"{result.label}: cumulative incidence" + (f" by {result.by_label}" if result.by else "")
    columns = ("Cause", "Events (%)", *heads)
    return Table.of_lines(title, _name(result, "incidence"), columns, lines, notes.incidence(result))


@makes_table
def gray_tests(result: CumulativeIncidence) -> Table:
    """Gray's test of each cause with its adjusted p, and the events by group."""
    labels = {c.name: c.label for c in result.causes}
    rows = []
    for t in result.tests:
        events = (f"{s.curve(t.cause).n_events_total:,}/{s.n:,}" for s in result.strata)
        statistic = format_number(t.statistic, 2, "–")
        rows.append((labels[t.cause], *events, statistic, str(t.df), format_p(t.p), format_p(t.p_adjusted)))
    return Table(
        f"Gray's test by {result.by_label}", _name(result, "gray"),
        ("Cause", *(f"{s.name}, events/n" for s in result.strata), "Statistic", "df", "p", "Adjusted p"), tuple(rows),
        notes.gray_tests(result),
    )  # fmt: skip


@makes_table
def naive_beside(result: CumulativeIncidence, at: float) -> Table:
    """Cumulative incidence and 1 - Kaplan-Meier at a time, cause by cause, and what they add up to."""
    lines: list[Line] = []
    indent = int(bool(result.by))
    for s in result.strata:
        lines += [(0, (f"{s.name} (n = {s.n:,})",))] if result.by else []
        pairs = [(c.at(at, result.level).value, c.naive_at(at)) for c in s.curves]
        for cause, pair in zip(result.causes, pairs, strict=True):
            lines.append((indent, (cause.label, *_three(*pair))))
        if result.exclusive and len(pairs) > 1 and all(a is not None and b is not None for a, b in pairs):
            lines.append((indent, ("Added up", *_three(*(sum(v) for v in zip(*pairs, strict=True))))))
    return Table.of_lines(
        f"1 − Kaplan-Meier beside the cumulative incidence at {at:g} {result.unit}", _name(result, "one-minus-km"),
        ("Cause", "Cumulative incidence, %", "1 − Kaplan-Meier, %", "Overstated by, percentage points"), lines,
        notes.naive_beside(result),
    )  # fmt: skip


def _three(estimate: float | None, naive: float | None) -> tuple[str, str, str]:
    if estimate is None or naive is None:
        return (NOT_ESTIMABLE, NOT_ESTIMABLE, "–")
    return format_number(100 * estimate), format_number(100 * naive), format_number(100 * (naive - estimate))


@makes_table
def hazards_table(result: HazardsByCause, labels: Mapping[str, str] | None = None) -> Table:
    """Subdistribution and cause-specific hazard ratios side by side, cause by cause."""
    lines: list[Line] = []
    labels = labels or result.cause_labels
    for cause in dict.fromkeys(r.cause for r in result.rows):
        lines.append((0, (f"{labels.get(cause, cause)} ({plural(result.n_events[cause], 'event')})",)))
        for r in (r for r in result.rows if r.cause == cause):
            counted = "–" if r.n_with is None else f"{r.n_events_with:,}/{r.n_with:,}"
            term = contrast(r.term.label, r.term.level, r.term.reference)
            lines.append((1, (term, counted, ratio_estimate(r.subdistribution), p_cell(r.subdistribution_p),
                              ratio_estimate(r.cause_specific), p_cell(r.cause_specific_p))))  # fmt: skip
    ci = ci_name(result.rows[0].subdistribution.level) if result.rows else "95 % CI"
    return Table.of_lines(
        f"{result.label}: two hazards of each cause", slug(f"{result.endpoint}-hazards"),
        ("Cause", "Events/n at the level", f"Fine-Gray HR ({ci})", "p", f"Cause-specific HR ({ci})", "p "),
        lines, notes.hazards_table(result, labels),
    )  # fmt: skip
