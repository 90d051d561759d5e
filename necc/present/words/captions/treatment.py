"""What is said of treatment with a start: three ways of counting time, their hazard ratios, and when it began."""

from __future__ import annotations

from necc.analysis.treatment import Course, TimedComparison, TreatmentTiming
from necc.core.text import format_number, format_percent, p_phrase, plural
from necc.present.words.captions import PALE, bands_phrase
from necc.present.words.phrases import (
    NO_PATIENTS,
    ci_name,
    not_analysed,
    nothing_of,
    ratio_with_p,
    sentences,
    since,
    ties,
)

NAMES = {"naive": "Naive", "landmark": "Landmark", "time-dependent": "Time-dependent"}
WHAT = {
    "naive": "ever against never treated",
    "landmark": "groups as of the landmark",
    "time-dependent": "treated from the start on",
}


def comparison_name(c: TimedComparison, unit: str) -> str:
    """`Landmark 6 months`."""
    return f"{NAMES[c.approach]} {c.landmark:g} {unit}" if c.landmark is not None else NAMES[c.approach]


def nobody(timing: TreatmentTiming) -> str:
    return nothing_of(timing.label, timing, _nobody_treated(timing.n))


def _nobody_treated(n: int) -> str:
    return f"nobody of {plural(n, 'patient')} was treated" if n else NO_PATIENTS


def _who(timing: TreatmentTiming, treated: str = "") -> str:
    return (
        f"{timing.endpoint_label} by {timing.label}: {plural(timing.n, 'patient')}, {treated}"
        f"{plural(timing.n_events, 'event')}"
    )


# ---------------------------------------------------------------- three ways side by side
def comparison_lines(c: TimedComparison) -> tuple[str, str, str]:
    """What is compared, the hazard ratio, and the test: under a panel's title."""
    ratio = c.hazard_ratio
    return (
        WHAT[c.approach],
        f"HR {ratio_with_p(ratio, c.p)}" if ratio.value is not None else "hazard ratio not estimable",
        f"{c.test.name} {p_phrase(c.test.p)}",
    )


def comparison_tip(c: TimedComparison) -> str:
    return f"{NAMES[c.approach]}: {plural(c.n, 'patient')}, {c.n_treated:,} treated, {plural(c.n_events, 'event')}"


def time_title(timing: TreatmentTiming, c: TimedComparison) -> str:
    landmark = f"the landmark at {c.landmark:g} {timing.unit}" if c.landmark is not None else ""
    return since(timing.unit, landmark or timing.origin)


def timing_alt(timing: TreatmentTiming) -> str:
    ways = "; ".join(
        f"{comparison_name(c, timing.unit)}: hazard ratio {ratio_with_p(c.hazard_ratio, c.p)}"
        for c in timing.comparisons
    )
    return f"{timing.endpoint_label}, treated against untreated ({timing.label}), counted in three ways. {ways}."


def timing_caption(timing: TreatmentTiming) -> str:
    left_out = [e for c in timing.comparisons for e in c.excluded]
    return sentences(
        _who(timing, f"{timing.n_treated:,} ever treated, "), not_analysed(timing.excluded),
        f"In the landmark analysis also left out: {', '.join(f'{e.n:,} ({e.reason})' for e in left_out)}"
        if left_out else "",
        f"Kaplan-Meier; from the start of treatment on Simon-Makuch; {bands_phrase(timing.level, timing.ci)}; {PALE}",
        f"Hazard ratios treated against untreated: Cox, {ties(timing.ties)}, unadjusted",
    )  # fmt: skip


# ---------------------------------------------------------------- hazard ratios
def ratios_alt(timing: TreatmentTiming, ratios: str) -> str:
    return f"Hazard ratios, treated against untreated ({timing.label}). {ratios}."


def ratios_caption(timing: TreatmentTiming, arrows: str = "") -> str:
    return sentences(
        _who(timing), not_analysed(timing.excluded),
        f"Cox, {ties(timing.ties)}, Wald {ci_name(timing.level)} (Firth's with profile limits where that ratio is "
        "infinite or zero); unadjusted", "Orange squares: naive", arrows,
    )  # fmt: skip


# ---------------------------------------------------------------- when treatment began
def nobody_treated(course: Course) -> str:
    return nothing_of(course.label, course, _nobody_treated(len(course)))


def _starts(course: Course) -> tuple[str, str]:
    before, followed = course.times_of_treated
    return (
        f"median start {format_number(course.median_start)} {course.unit}",
        f"{format_percent(before, followed)} % of the time of those ever treated passed before treatment",
    )


def starts_alt(course: Course) -> str:
    start, share = _starts(course)
    return f"When treatment began in {plural(course.n_treated, 'patient')}: {start}; {share}."


def starts_caption(course: Course, n_lanes: int, landmark: float | None) -> str:
    n = course.n_treated
    start, share = _starts(course)
    drawn = (
        f"{n_lanes:,} of {n:,} treated patients, evenly spaced by start" if n_lanes < n
        else f"each lane is one of {plural(n, 'treated patient')}"
    )  # fmt: skip
    line = f"dashed: the landmark at {landmark:g} {course.unit}" if landmark is not None else ""
    return sentences(f"{drawn}; {start}", share, line, not_analysed(course.excluded))
