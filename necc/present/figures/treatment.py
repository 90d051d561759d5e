"""Treatment with a start: three ways of counting time side by side, their hazard ratios, and when treatment began."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from necc.analysis.survival import Curve
from necc.analysis.treatment import Course, TimedComparison, TreatmentTiming
from necc.core.estimate import Estimate
from necc.core.text import format_number, slug
from necc.present.figures.panels import Panel, draw_panels
from necc.present.figures.picks import of_level, patient, pick, place
from necc.present.figures.ratios import RatioRow, arrows_phrase, ratio_alt, ratio_chart
from necc.present.figures.scales import axis_end
from necc.present.figures.steps import StepLine
from necc.present.figures.style import (
    Figure,
    Json,
    Style,
    axis,
    below_axis,
    drawn,
    empty,
    figure,
    hovered,
    layout,
    legend,
    time_axis,
)
from necc.present.svg import plain
from necc.present.words import headlines
from necc.present.words.captions import treatment as words
from necc.present.words.phrases import ratio_with_p, since

LEVELS = ("untreated", "treated")
MAX_LANES = 60


def _name(timing: TreatmentTiming, what: str) -> str:
    return slug(f"{timing.endpoint}-{timing.treatment}-{what}")


def _nobody(timing: TreatmentTiming, style: Style, name: str) -> Figure | None:
    return None if timing.n and timing.n_treated else empty(style, name, words.nobody(timing))


# ---------------------------------------------------------------- three ways side by side
@figure(headlines.timing)
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
    title = f"{timing.endpoint_label} by {timing.label}"
    return drawn(body, height, style, name, title, words.timing_alt(timing), words.timing_caption(timing))


def _panel(timing: TreatmentTiming, c: TimedComparison, end: float, style: Style) -> Panel:
    by_name = {curve.name: curve for curve in c.curves}
    picks = dict(zip(LEVELS, (pick(of_level(timing.treatment, x)) for x in timing.levels), strict=False))
    known = picks if c.approach == "naive" else {}  # another way counts a patient's time in both groups, or leaves out
    lines = [
        _line(by_name[level], level, style, known.get(level, ""))
        for level in LEVELS if level in by_name and len(by_name[level].time)
    ]  # fmt: skip
    name, tip = words.comparison_name(c, timing.unit), words.comparison_tip(c)
    return Panel("", name, words.comparison_lines(c), tuple(lines), tip, end, words.time_title(timing, c))


def _line(curve: Curve, level: str, style: Style, means: str) -> StepLine:
    color, dash = style.look(level, LEVELS)
    return StepLine(name=level, curve=curve, color=color, dash=dash, value=curve.survival, start=1.0,
                    lower=curve.ci_lower, upper=curve.ci_upper, tip=f"{level} (n = {curve.n:,})" if means else "",
                    pick=means)  # fmt: skip


# ---------------------------------------------------------------- hazard ratios
@figure(headlines.timing_ratios)
def timing_ratios(timing: TreatmentTiming, style: Style) -> Figure:
    """Hazard ratios of all analyses: the three ways, other landmarks, and the sensitivity reruns."""
    name = _name(timing, "hazard-ratios")
    if nothing := _nobody(timing, style, name):
        return nothing
    rows = [RatioRow("All analysed patients")]
    rows += [_row(words.comparison_name(c, timing.unit), c) for c in timing.comparisons]
    chosen = timing.landmark.landmark if timing.landmark else None
    if others := [c for c in timing.landmarks if c.landmark != chosen]:
        rows.append(RatioRow("Other landmarks"))
        rows += [_row(f"{format_number(c.landmark, 1)} {timing.unit}", c) for c in others]
    for s in timing.sensitivity:
        rows.append(RatioRow(f"{s.rule[:1].upper()}{s.rule[1:]} ({s.left_out:,} left out)"))
        rows += [_row(words.NAMES[c.approach], c) for c in (s.naive, s.time_dependent)]
    sides = ("fewer events when treated", "more when treated")
    spec, height = ratio_chart(rows, style, "Hazard ratio, treated against untreated (log scale)", sides=sides)
    alt = words.ratios_alt(timing, ratio_alt(rows))
    return Figure(spec, name, alt, words.ratios_caption(timing, arrows_phrase(rows)), style.px, height, style)


def _row(label: str, c: TimedComparison) -> RatioRow:
    events = f"events {c.events[1]} treated, {c.events[0]} untreated"
    message = ratio_with_p(c.hazard_ratio, c.p)
    hover = f"<b>{plain(label)}</b><br>{plain(message)}<br>{c.n:,} patients, {c.n_treated:,} treated; {events}"
    ratio = c.hazard_ratio if c.hazard_ratio.value is not None else Estimate(None, None, None)
    return RatioRow(label, ratio, message, 1 if c.approach == "naive" else 0, hover)


# ---------------------------------------------------------------- when treatment began
@figure(headlines.starts)
def treatment_starts(course: Course, style: Style, *, landmark: float | None = None) -> Figure:
    """A lane for each treated patient: the time before treatment, under treatment, and how follow-up ended."""
    name = slug(f"{course.endpoint}-{course.treatment}-starts")
    treated = np.flatnonzero(course.treated)
    if not len(treated):
        return empty(style, name, words.nobody_treated(course))
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
    below = below_axis(style, 24)
    shapes = [] if landmark is None else [style.line_at(landmark, "text")]
    height = above + len(lanes) * pitch + below
    spec = {
        "data": _lanes(start, time, event, names, style, pitch),
        "layout": layout(
            style, height, (12 * style.unit, 12 * style.unit, above, below), shapes=shapes,
            xaxis=time_axis(style, end, course.unit, since(course.unit, course.origin)),
            yaxis=axis(style, -len(lanes) + 0.5, 0.5, line=False, visible=False), showlegend=True, legend=described,
            meta={"areas": [
                place((0, 1), (-i - 0.5, -i + 0.5), f"Patient {i + 1}\n{_lane_text(start[i], time[i])}", patient(own),
                      xref="paper") for i, own in enumerate(course.place[lanes].tolist())
            ]},
        ),
    }  # fmt: skip
    caption = words.starts_caption(course, len(lanes), landmark)
    return Figure(spec, name, words.starts_alt(course), caption, style.px, round(height), style)


def _lane_text(start: float, time: float) -> str:
    return f"start {format_number(start, 1)}, followed to {format_number(time, 1)}"


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
        hover = [_lane_text(a, b) for a, b in zip(start[rows], time[rows], strict=True)]
        data.append(
            {"type": "scatter", "mode": "markers", "x": [round(v, 3) for v in time[rows].tolist()],
             "y": [-int(i) for i in rows], "name": name, "showlegend": True, "cliponaxis": False,
             "marker": {"symbol": symbol, "size": size, "color": style.ink("text"),
                        "line": {"width": 1.4, "color": style.ink("text")}},
             **hovered(hover)}
        )  # fmt: skip
    return data
