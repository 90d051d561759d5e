"""Treatment with a start: three ways of counting time side by side, their hazard ratios, and when treatment began."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from necc.analysis.survival import FEW_AT_RISK, Curve
from necc.analysis.treatment import Course, TimedComparison, TreatmentTiming
from necc.core.estimate import Estimate
from necc.core.text import format_number, format_percent, p_phrase, plural, slug
from necc.present import svg
from necc.present.figures.panels import Panel, draw_panels
from necc.present.figures.ratios import RatioRow, ratio_alt, ratio_chart, ratio_told
from necc.present.figures.scales import axis_end, time_ticks
from necc.present.figures.steps import StepLine
from necc.present.figures.style import Figure, Json, Style, axis, empty, figure, layout, legend
from necc.present.svg import plain
from necc.present.words.captions import excluded_phrase, sentences

LEVELS = ("untreated", "treated")
NAMES = {"naive": "Naive", "landmark": "Landmark", "time-dependent": "Time-dependent"}
WHAT = {
    "naive": "ever against never treated",
    "landmark": "groups as of the landmark",
    "time-dependent": "treated from the start on",
}
MAX_LANES = 60


def comparison_name(c: TimedComparison, unit: str) -> str:
    """`Landmark 6 months`."""
    return f"{NAMES[c.approach]} {c.landmark:g} {unit}" if c.landmark is not None else NAMES[c.approach]


def _name(timing: TreatmentTiming, what: str) -> str:
    return slug(f"{timing.endpoint}-{timing.treatment}-{what}")


def _nobody(timing: TreatmentTiming, style: Style, name: str) -> Figure | None:
    if timing.n and timing.n_treated:
        return None
    why = "no patients to analyse" if not timing.n else f"nobody of {plural(timing.n, 'patient')} was treated"
    return empty(style, name, sentences(f"{timing.label}: {why}", excluded_phrase(timing.excluded)))


# ---------------------------------------------------------------- three ways side by side
@figure
def timing_curves(timing: TreatmentTiming, style: Style) -> Figure:
    """Naive, landmark and Simon-Makuch curves beside each other, on one share axis."""
    name = _name(timing, "curves")
    if nothing := _nobody(timing, style, name):
        return nothing
    shown = timing.comparisons
    ends = [float(c.time[-1]) for x in shown for c in x.curves if len(c.time)]
    end = axis_end(max(ends, default=1.0), timing.unit, 5)
    columns = len(shown) if style.px >= 520 else 1
    body, height = draw_panels(
        [_panel(timing, c, end, style) for c in shown], style, unit=timing.unit, columns=columns,
        key=[(level, *style.look(level, LEVELS)) for level in LEVELS], key_note="numbers below: at risk",
        ratio=0.8,
    )  # fmt: skip
    message = "; ".join(f"{comparison_name(c, timing.unit)}: hazard ratio "
                     f"{ratio_told(c.hazard_ratio, c.p)}" for c in shown)  # fmt: skip
    alt = f"{timing.endpoint_label}, treated against untreated ({timing.label}), counted in three ways. {message}."
    left_out = [e for c in shown for e in c.excluded]
    caption = sentences(
        f"{timing.endpoint_label} by {timing.label}: {plural(timing.n, 'patient')}, {timing.n_treated:,} ever treated, "
        f"{plural(timing.n_events, 'event')}",
        excluded_phrase(timing.excluded),
        f"In the landmark analysis also left out: {', '.join(f'{e.n} ({e.reason})' for e in left_out)}"
        if left_out else "",
        f"Kaplan-Meier; from the start of treatment on Simon-Makuch; bands: {100 * timing.level:g} % pointwise "
        f"confidence limits ({timing.ci}); pale: fewer than {FEW_AT_RISK} at risk",
        f"Hazard ratios treated against untreated: Cox, {timing.ties.capitalize()} ties, unadjusted",
    )  # fmt: skip
    text = svg.document(body, style.px, height, f"{timing.endpoint_label} by {timing.label}", alt)
    return Figure({}, name, alt, caption, style.px, height, style, text)


def _panel(timing: TreatmentTiming, c: TimedComparison, end: float, style: Style) -> Panel:
    by_name = {curve.name: curve for curve in c.curves}
    lines = [_line(by_name[level], level, style) for level in LEVELS if level in by_name and len(by_name[level].time)]
    ratio = c.hazard_ratio
    message = (
        WHAT[c.approach],
        f"HR {ratio_told(ratio, c.p)}" if ratio.value is not None else "hazard ratio not estimable",
        f"{c.test.name} {p_phrase(c.test.p)}",
    )
    origin = timing.origin or "time zero"
    x_title = f"{timing.unit.capitalize()} since " + (
        f"the landmark at {c.landmark:g} {timing.unit}" if c.landmark is not None else origin
    )
    tip = f"{NAMES[c.approach]}: {plural(c.n, 'patient')}, {c.n_treated} treated, {plural(c.n_events, 'event')}"
    return Panel("", comparison_name(c, timing.unit), message, tuple(lines), tip, end, x_title)


def _line(curve: Curve, level: str, style: Style) -> StepLine:
    color, dash = style.look(level, LEVELS)
    return StepLine(name=level, curve=curve, color=color, dash=dash, value=curve.survival, start=1.0,
                    lower=curve.ci_lower, upper=curve.ci_upper)  # fmt: skip


# ---------------------------------------------------------------- hazard ratios
@figure
def timing_ratios(timing: TreatmentTiming, style: Style) -> Figure:
    """Hazard ratios of all analyses: the three ways, other landmarks, and the sensitivity reruns."""
    name = _name(timing, "hazard-ratios")
    if nothing := _nobody(timing, style, name):
        return nothing
    rows = [RatioRow("All analysed patients")]
    rows += [_row(comparison_name(c, timing.unit), c) for c in timing.comparisons]
    chosen = timing.landmark.landmark if timing.landmark else None
    if others := [c for c in timing.landmarks if c.landmark != chosen]:
        rows.append(RatioRow("Other landmarks"))
        rows += [_row(f"{format_number(c.landmark, 1)} {timing.unit}", c) for c in others]
    for s in timing.sensitivity:
        rows.append(RatioRow(f"{s.rule[:1].upper()}{s.rule[1:]} ({s.left_out:,} left out)"))
        rows += [_row(NAMES[c.approach], c) for c in (s.naive, s.time_dependent)]
    sides = ("fewer events when treated", "more when treated")
    spec, height = ratio_chart(rows, style, "Hazard ratio, treated against untreated (log scale)", sides=sides)
    caption = sentences(
        f"{timing.endpoint_label} by {timing.label}: {plural(timing.n, 'patient')}, {plural(timing.n_events, 'event')}",
        excluded_phrase(timing.excluded),
        f"Cox, {timing.ties.capitalize()} ties, {100 * timing.level:g} % Wald intervals (Firth's with profile limits "
        "where one group has no events); unadjusted", "Orange: naive",
    )  # fmt: skip
    alt = f"Hazard ratios, treated against untreated ({timing.label}). {ratio_alt(rows)}."
    return Figure(spec, name, alt, caption, style.px, height, style)


def _row(label: str, c: TimedComparison) -> RatioRow:
    events = f"events {c.events[1]} treated, {c.events[0]} untreated"
    message = ratio_told(c.hazard_ratio, c.p)
    hover = f"<b>{plain(label)}</b><br>{plain(message)}<br>{c.n:,} patients, {c.n_treated:,} treated; {events}"
    ratio = c.hazard_ratio if c.hazard_ratio.value is not None else Estimate(None, None, None)
    return RatioRow(label, ratio, message, 1 if c.approach == "naive" else 0, hover)


# ---------------------------------------------------------------- when treatment began
@figure
def treatment_starts(course: Course, style: Style, *, landmark: float | None = None) -> Figure:
    """A lane for each treated patient: the time before treatment, under treatment, and how follow-up ended."""
    name = slug(f"{course.endpoint}-{course.treatment}-starts")
    treated = np.flatnonzero(course.treated)
    if not len(treated):
        why = f"nobody of {plural(len(course), 'patient')} was treated" if len(course) else "no patients to analyse"
        return empty(style, name, sentences(f"{course.label}: {why}", excluded_phrase(course.excluded)))
    order = treated[np.lexsort((course.time[treated], course.start[treated]))]
    lanes = order
    if len(order) > MAX_LANES:
        lanes = order[np.unique(np.linspace(0, len(order) - 1, MAX_LANES).round().astype(int))]
    start, time, event = course.start[lanes], course.time[lanes], course.event[lanes]
    end = axis_end(float(time.max()), course.unit)
    pitch = min(20.0, max(7.0, 360 / len(lanes))) * style.unit
    names = ["before treatment (immortal time)", "from the start of treatment on", "event", "last follow-up"]
    margins = 24 * style.unit
    described, above = legend(style, [plain(n) for n in names], margins)
    below = style.font * 2.6 + 24 * style.unit
    at = time_ticks(end, course.unit)
    title = plain(f"{course.unit.capitalize()} since {course.origin or 'time zero'}")
    shapes: list[Json] = []
    if landmark is not None:
        line = {"color": style.ink("text"), "width": 1, "dash": "dash"}
        shapes.append({"type": "line", "xref": "x", "yref": "paper", "x0": landmark, "x1": landmark, "y0": 0, "y1": 1,
                       "line": line})  # fmt: skip
    height = above + len(lanes) * pitch + below
    spec = {
        "data": _lanes(start, time, event, names, style, pitch),
        "layout": layout(
            style, height, (12 * style.unit, 12 * style.unit, above, below), shapes=shapes,
            xaxis=axis(style, 0, end, at, [f"{t:,g}" for t in at], title),
            yaxis=axis(style, -len(lanes) + 0.5, 0.5, line=False, visible=False), showlegend=True, legend=described,
        ),
    }  # fmt: skip
    immortal, followed = float(course.start[treated].sum()), float(course.time[treated].sum())
    late = format_number(float(np.median(course.start[treated])))
    message = f"median start {late} {course.unit}"
    share = f"{format_percent(immortal, followed)} % of the time of those ever treated passed before treatment"
    drawn = f"{len(lanes)} of {len(order):,} treated patients, evenly spaced by start" if len(lanes) < len(order) else (
        f"each lane is one of {plural(len(order), 'treated patient')}")  # fmt: skip
    line = f"dashed: the landmark at {landmark:g} {course.unit}" if landmark is not None else ""
    caption = sentences(
        f"{drawn[:1].upper()}{drawn[1:]}; {message}", share, line, excluded_phrase(course.excluded)
    )  # fmt: skip
    return Figure(spec, name, f"When treatment began in {plural(len(order), 'patient')}: {message}; {share}.", caption,
                  style.px, round(height), style)  # fmt: skip


def _lanes(
    start: np.ndarray, time: np.ndarray, event: np.ndarray, names: Sequence[str], style: Style, pitch: float
) -> list[Json]:
    segments: tuple[list, list] = ([], [])
    for a, b in zip(start.tolist(), time.tolist(), strict=True):
        segments[0].extend((0.0, round(a, 3), None))
        segments[1].extend((round(a, 3), round(b, 3), None))
    y = [v for i in range(len(start)) for v in (-i, -i, None)]
    thick = max(2.0, 0.5 * pitch)
    base = {"type": "scatter", "mode": "lines", "y": y, "hoverinfo": "skip", "showlegend": True}
    looks = ((style.ink("axis"), max(1.5, thick * 0.35)), (style.color(1), thick))
    data = [
        {**base, "x": segments[k], "name": names[k], "line": {"color": c, "width": round(w, 1), "dash": "solid"}}
        for k, (c, w) in enumerate(looks)
    ]
    size = round(min(10 * style.unit, pitch * 0.8), 1)
    for name, mask, symbol in ((names[2], event, "diamond"), (names[3], ~event, "circle-open")):
        rows = np.flatnonzero(mask)
        hover = [f"start {a:.1f}, followed to {b:.1f}" for a, b in zip(start[rows], time[rows], strict=True)]
        data.append(
            {"type": "scatter", "mode": "markers", "x": [round(v, 3) for v in time[rows].tolist()],
             "y": [-int(i) for i in rows], "name": name, "showlegend": True, "cliponaxis": False,
             "marker": {"symbol": symbol, "size": size, "color": style.ink("text"),
                        "line": {"width": 1.4, "color": style.ink("text")}},
             "hovertext": hover, "hovertemplate": "%{hovertext}<extra></extra>"}
        )  # fmt: skip
    return data
