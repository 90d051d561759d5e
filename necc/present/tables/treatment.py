"""Tables of a treatment with a start: the analyses beside each other, landmarks, the bias, sensitivity reruns."""

from __future__ import annotations

from collections.abc import Sequence

from necc.analysis.treatment import TimedComparison, TreatmentTiming
from necc.core.text import (
    NOT_ESTIMABLE,
    NOT_REACHED,
    format_number,
    format_p,
    format_percent,
    p_phrase,
    plural,
    slug,
)
from necc.present.tables.table import Table
from necc.present.words.phrases import ci_name, format_ratio, notes_of, ratio_estimate, ties

NAMES = {
    "naive": "Naive: ever against never treated",
    "landmark": "Landmark",
    "time-dependent": "Time-dependent (Simon-Makuch)",
}
COLUMNS = (
    "Analysis", "Untreated: events/n, median", "Treated: events/n, median", "Hazard ratio", "p",
    "Log-rank or Mantel-Byar",
)  # fmt: skip


def _name(timing: TreatmentTiming, what: str) -> str:
    return slug(f"{timing.endpoint}-{timing.treatment}-{what}")


def _row(label: str, c: TimedComparison) -> tuple[str, ...]:
    medians = {curve.name: format_number(curve.median.value, 1, NOT_REACHED) for curve in c.curves}
    cells = (
        f"{k:,}/{n:,}, {medians[group]}" if group in medians else f"{k:,}/{n:,}"
        for group, k, n in (("untreated", c.events[0], _untreated(c)), ("treated", c.events[1], c.n_treated))
    )  # fmt: skip
    return (label, *cells, ratio_estimate(c.hazard_ratio), format_p(c.p), f"{c.test.name} {p_phrase(c.test.p)}")


def _untreated(c: TimedComparison) -> int:
    """Who is at some time untreated: everybody but those treated from the start, where treatment is counted in time."""
    if c.approach != "time-dependent":
        return c.n - c.n_treated
    return next((curve.n for curve in c.curves if curve.name == "untreated"), 0)


def _label(c: TimedComparison, unit: str) -> str:
    if c.landmark is None:
        return NAMES[c.approach]
    return f"{NAMES[c.approach]} at {format_number(c.landmark, 1).removesuffix('.0')} {unit}"


def _told(comparisons: Sequence[TimedComparison], unit: str) -> tuple[str, ...]:
    """What is to know of single analyses."""
    lines = []
    for c in comparisons:
        label = _label(c, unit)
        lines += [f"{label}: {note}" for note in notes_of(c)]
    return tuple(dict.fromkeys(lines))


def _how(timing: TreatmentTiming) -> str:
    return (
        f"{plural(timing.n, 'patient')}, {timing.n_treated:,} ever treated, {plural(timing.n_events, 'event')}. Hazard "
        f"ratio treated against untreated: Cox, {ties(timing.ties)}, {ci_name(timing.level)}; "
        f"medians in {timing.unit} from {timing.origin or 'time zero'}, from the landmark in a landmark analysis."
    )


def treatment_comparisons(timing: TreatmentTiming) -> Table:
    """The naive comparison beside the landmark and the time-dependent one."""
    rows = tuple(_row(_label(c, timing.unit), c) for c in timing.comparisons)
    both = "A patient treated later is counted as untreated before, and as treated from the start on, in the last row."
    return Table(
        f"{timing.endpoint_label} by {timing.label}", _name(timing, "comparisons"), COLUMNS, rows,
        (_how(timing), both, *_told(timing.comparisons, timing.unit), *notes_of(timing)), text_columns=(5,),
    )  # fmt: skip


def treatment_landmarks(timing: TreatmentTiming) -> Table:
    """The landmark analysis at other landmarks: how far the answer depends on the choice."""
    chosen = [timing.landmark] if timing.landmark else []
    landmarks = sorted([*chosen, *(c for c in timing.landmarks if not chosen or c.landmark != chosen[0].landmark)],
                   key=lambda c: c.landmark or 0)  # fmt: skip
    rows = tuple(
        _row(_label(c, timing.unit) + (" (chosen)" if chosen and c is chosen[0] else ""), c) for c in landmarks
    )
    return Table(
        "How the landmark moves the answer", _name(timing, "landmarks"), COLUMNS, rows,
        ("The others are the quartiles of the starts. Choose the landmark before looking; the same patients are in "
         "several rows.", *_told(landmarks, timing.unit)), text_columns=(5,),
    )  # fmt: skip


def immortal_time(timing: TreatmentTiming) -> Table:
    """How far the naive comparison rests on time in which nobody could die untreated."""
    bias, unit = timing.bias, timing.unit
    share = NOT_ESTIMABLE if bias.share is None else f"{format_percent(bias.share, 1)} %"
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
        ("Naive over time-dependent: 1 where counting the start of treatment changes nothing; below 1 the naive "
         "comparison makes treatment look better than the time-dependent one does. The ratio has no interval of its "
         "own: both rest on the same patients.",),
    )  # fmt: skip


def treatment_sensitivity(timing: TreatmentTiming) -> Table:
    """Naive and time-dependent comparison again without some patients."""
    rows, indents = [("All analysed patients", *[""] * 5)], [0]
    for c in (timing.naive, timing.time_dependent):
        rows.append(_row(NAMES[c.approach], c))
        indents.append(1)
    for s in timing.sensitivity:
        left = "nobody left out" if not s.left_out else f"{plural(s.left_out, 'patient')} left out"
        rows.append((f"{s.rule[:1].upper()}{s.rule[1:]}: {left}", *[""] * 5))
        indents.append(0)
        for c in (s.naive, s.time_dependent):
            rows.append(_row(NAMES[c.approach], c))
            indents.append(1)
    notes = (f"{s.rule[:1].upper()}{s.rule[1:]}: {note}." for s in timing.sensitivity for note in s.notes)
    return Table(
        "Without some patients", _name(timing, "sensitivity"), COLUMNS, tuple(rows), (_how(timing), *notes),
        tuple(indents), (5,),
    )  # fmt: skip
