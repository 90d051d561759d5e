"""Pictures of what doesn't add up in printed figures: each number as printed, and as it would have to be."""

from __future__ import annotations

from necc.paper.audit import Check, Mark, Shown
from necc.present.figures.dots import Dot, DotRow, Scale, dot_chart, linear_scale, log_scale
from necc.present.figures.scales import tick_text, time_ticks
from necc.present.figures.style import (
    Figure,
    Json,
    Style,
    axis,
    below_axis,
    empty,
    fade,
    figure,
    hovered,
    layout,
    note,
)
from necc.present.svg import plain
from necc.present.words import headlines
from necc.present.words.captions import audit as words

ORIGINS = ("printed", "follows", "beside")
BARS = ("count", "time")
NEAR = 2.5  # percentage points


@figure(headlines.check)
def audit_picture(result: Check, style: Style) -> Figure:
    """The numbers of one check on an axis of their kind; words alone where no picture says more."""
    name = "audit-picture"
    if result.shown is None:
        return empty(style, name, words.NOTHING)
    spec, height = _curve(result.shown, style) if result.shown.scale == "curve" else _rows(result.shown, style)
    return Figure(spec, name, *words.picture(result), style.px, height, style)


def _looks(style: Style) -> list[tuple[str, str, str]]:
    return [
        (words.SERIES["printed"], style.ink("muted"), "square"),
        (words.SERIES["follows"], style.color(1), "circle"),
        (words.SERIES["beside"], style.ink("axis"), "diamond"),
    ]


def _rows(shown: Shown, style: Style) -> tuple[Json, int]:
    rows = [DotRow(mark.label, (_dot(mark, shown),)) for mark in shown.marks]
    return dot_chart(rows, _looks(style), _scale(shown), style, bars=shown.scale in BARS)


def _dot(mark: Mark, shown: Shown) -> Dot:
    text = words.number(mark, shown)
    hover = f"<b>{plain(mark.label)}</b><br>{plain(text)}"
    return Dot(ORIGINS.index(mark.origin), mark.value, text, mark.low, mark.high, hover, mark.origin == "beside")


def _scale(shown: Shown) -> Scale:
    values = [v for mark in shown.marks for v in (mark.value, mark.low, mark.high) if v is not None]
    title = words.axis_title(shown)
    if shown.scale == "ratio":
        return log_scale(values, title, shown.line)
    if shown.scale == "percent":
        told = [mark.value for mark in shown.marks if mark.origin != "beside"]
        near = max(told) - min(told) < NEAR and min(values) > 10 * NEAR  # what 0 in sight would hide
        return linear_scale(values, title, zero=not near, most=100, percent=True)
    return linear_scale(values, title, line=shown.line)


def _curve(shown: Shown, style: Style) -> tuple[Json, int]:
    """Both points where they would lie on one curve, which can't rise: beyond the median nothing is above one half."""
    unit = style.unit
    points = sorted(((mark.at or 0.0, mark) for mark in shown.marks), key=lambda point: point[0])
    end = max(at for at, _ in points) * 1.25
    half = min(at for at, mark in points if mark.value == 50)
    left, right, above, below = 58 * unit, 18 * unit, 10 * unit, below_axis(style, 26)
    height = round(style.height or 250 * unit)
    color, muted = style.color(1), style.ink("muted")
    path = [(0.0, 100.0), *((at, mark.value) for at, mark in points)]
    notes = [
        note(style, at, mark.value, plain(mark.label), xref="x", yref="y", xshift=round(-9 * unit),
             yshift=round((14 if mark.value > 50 else -14) * unit), xanchor="right",
             font={"size": style.small, "color": style.ink("text")})
        for at, mark in points
    ]  # fmt: skip
    notes.append(note(style, end, 96, plain(words.AT_MOST_HALF), xref="x", yref="y", xshift=round(-8 * unit),
                      xanchor="right", yanchor="top", font={"size": style.small, "color": muted}))  # fmt: skip
    shapes = [
        {"type": "rect", "layer": "below", "xref": "x", "yref": "y", "x0": half, "x1": end, "y0": 50, "y1": 100,
         "fillcolor": fade(color, 0.14), "line": {"width": 0}},
        {"type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": 50, "y1": 50,
         "line": {"color": muted, "width": 1, "dash": "dash"}},
    ]  # fmt: skip
    data = [
        {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False, "x": [x for x, _ in path],
         "y": [y for _, y in path], "line": {"color": muted, "width": style.line, "dash": style.dash("dot")}},
        {"type": "scatter", "mode": "markers", "showlegend": False, "cliponaxis": False,
         "x": [at for at, _ in points], "y": [mark.value for _, mark in points],
         **hovered(f"<b>{plain(mark.label)}</b>" for _, mark in points),
         "marker": {"color": [color if at > half and mark.value > 50 else muted for at, mark in points],
                    "size": round(12 * unit), "symbol": "square"}},
    ]  # fmt: skip
    ticks = time_ticks(end, shown.unit)
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, right, above, below), annotations=notes, shapes=shapes,
            xaxis=axis(style, 0, end, ticks, list(map(tick_text, ticks)), plain(words.axis_title(shown))),
            yaxis=axis(style, 0, 102, (0, 25, 50, 75, 100), [f"{t} %" for t in (0, 25, 50, 75, 100)], grid=True),
        ),
    }  # fmt: skip
    return spec, height
