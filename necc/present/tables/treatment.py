"""Tables of a treatment with a start: the analyses beside each other, landmarks, the bias, sensitivity reruns."""

from __future__ import annotations

from necc.analysis.treatment import TimedComparison, TreatmentTiming
from necc.core.text import (
    NOT_ESTIMABLE,
    NOT_REACHED,
    format_number,
    format_p,
    format_percent,
    format_ratio,
    slug,
    written,
)
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.notes import survival as notes
from necc.present.words.phrases import capitalised, ratio_estimate, sensitivity_rule, test_p

COLUMNS = (
    "Analysis", "Untreated: events/n, median", "Treated: events/n, median", "Hazard ratio", "p",
    "Log-rank or Mantel-Byar",
)  # fmt: skip


def _name(timing: TreatmentTiming, what: str) -> str:
    return slug(f"{timing.endpoint}-{timing.treatment}-{what}")


def _row(label: str, c: TimedComparison) -> tuple[str, ...]:
    medians = {curve.name: format_number(curve.median.value, 1, NOT_REACHED) for curve in c.curves}
    cells = (
        written("{}, {}", f"{k:,}/{n:,}", medians[group]) if group in medians else f"{k:,}/{n:,}"
        for group, k, n in (("untreated", c.events[0], _untreated(c)), ("treated", c.events[1], c.n_treated))
    )  # fmt: skip
    return (label, *cells, ratio_estimate(c.hazard_ratio), format_p(c.p), f"{c.test.name}: {test_p(c.test)}")


def _untreated(c: TimedComparison) -> int:
    """Who is at some time untreated: everybody but those treated from the start, where treatment is counted in time."""
    if c.approach != "time-dependent":
        return c.n - c.n_treated
    return next((curve.n for curve in c.curves if curve.name == "untreated"), 0)


@makes_table
def treatment_comparisons(timing: TreatmentTiming) -> Table:
    """The naive comparison beside the landmark and the time-dependent one."""
    rows = tuple(_row(notes.comparison_name(c, timing.unit), c) for c in timing.comparisons)
    return Table(
        f"{timing.endpoint_label} by {timing.label}", _name(timing, "comparisons"), COLUMNS, rows,
        notes.treatment_comparisons(timing), text_columns=(5,),
    )  # fmt: skip


@makes_table
def treatment_landmarks(timing: TreatmentTiming) -> Table:
    """The landmark analysis at other landmarks: how far the answer depends on the choice."""
    chosen = [timing.landmark] if timing.landmark else []
    landmarks = sorted([*chosen, *(c for c in timing.landmarks if not chosen or c.landmark != chosen[0].landmark)],
                   key=lambda c: c.landmark or 0)  # fmt: skip
    rows = tuple(
        _row(notes.comparison_name(c, timing.unit) + (" (chosen)" if chosen and c is chosen[0] else ""), c)
        for c in landmarks
    )
    return Table(
        "How the landmark moves the answer", _name(timing, "landmarks"), COLUMNS, rows,
        notes.treatment_landmarks(timing, landmarks), text_columns=(5,),
    )  # fmt: skip


@makes_table
def immortal_time(timing: TreatmentTiming) -> Table:
    """How far the naive comparison rests on time in which nobody could die untreated."""
    bias, unit = timing.bias, timing.unit
    share = NOT_ESTIMABLE if bias.share is None else written("{} %", format_percent(bias.share, 1))
    rows = (
        ("Treated patients", f"{timing.n_treated:,}"),
        (f"Median start of treatment, {unit}", format_number(bias.median_start)),
        (f"Time before treatment of those treated, {unit}", format_number(bias.immortal_time)),
        ("… of all time that the naive comparison calls treated", share),
        ("Naive hazard ratio", format_ratio(timing.naive.hazard_ratio.value)),
        ("Time-dependent hazard ratio", format_ratio(timing.time_dependent.hazard_ratio.value)),
        ("Naive over time-dependent", format_ratio(bias.ratio)),
    )
    return Table(
        "Size of the bias", _name(timing, "immortal-time"), ("", "Value"), rows,
        notes.immortal_time(),
    )  # fmt: skip


@makes_table
def treatment_sensitivity(timing: TreatmentTiming) -> Table:
    """Naive and time-dependent comparison again without some patients."""
    parts = [("All analysed patients", timing.naive, timing.time_dependent)]
    parts += [
        (capitalised(sensitivity_rule(s.rule, s.left_out)), s.naive, s.time_dependent) for s in timing.sensitivity
    ]
    lines: list[Line] = []
    for title, naive, timed in parts:
        lines.append((0, (title,)))
        lines += [(1, _row(notes.APPROACHES[c.approach], c)) for c in (naive, timed)]
    return Table.of_lines(
        "Without some patients", _name(timing, "sensitivity"), COLUMNS, lines, notes.treatment_sensitivity(timing), (5,)
    )
