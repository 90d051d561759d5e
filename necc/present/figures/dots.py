"""Marks in rows on one axis, each with its interval and its number beside it: what is printed beside what follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from necc.present.figures.scales import nice_ticks, spread_ticks, tick_text
from necc.present.figures.style import Json, Style, axis, below_axis, hovered, layout, legend, note, row_axis
from necc.present.svg import LINE_HEIGHT, fit_all, plain, text_width, wrap_all

DECADES = tuple(m * 10.0**k for k in range(-6, 7) for m in (1, 2, 5))
WIDE = 440  # pixels from which on the numbers stand beside the marks


@dataclass(frozen=True)
class Dot:
    """A mark of a series by its place.

    low, high: its interval, both None without one; with a lower limit alone it is open, and an arrow says so. hollow:
    drawn without a filling.
    """

    series: int
    value: float
    text: str
    low: float | None = None
    high: float | None = None
    hover: str = ""
    hollow: bool = False


@dataclass(frozen=True)
class DotRow:
    """A row with its marks, or a heading without any."""

    label: str
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True)
class Scale:
    """An axis: its ends, ticks and title; logarithmic or not; where a dashed line stands, None for nowhere."""

    low: float
    high: float
    ticks: tuple[float, ...]
    title: str
    log: bool = False
    line: float | None = None
    percent: bool = False


def log_scale(values: Sequence[float], title: str, line: float | None = 1.0) -> Scale:
    """An axis that holds all ratios, however far they lie."""
    known = [v for v in (*values, 0.5, 2.0) if v > 0]
    low, high = min(known) / 1.15, max(known) * 1.15
    inside = [t for t in DECADES if low <= t <= high]
    if len(inside) > 9:  # powers of ten, and of these not more than an axis holds
        tens = [t for t in inside if abs(math.log10(t) - round(math.log10(t))) < 1e-9]
        every = -(-len(tens) // 8)
        one = next((i for i, t in enumerate(tens) if abs(t - 1) < 1e-9), 0)
        inside = [t for i, t in enumerate(tens) if (i - one) % every == 0]
    return Scale(low, high, tuple(inside), title, True, line)


def linear_scale(
    values: Sequence[float], title: str, *, zero: bool = True, most: float | None = None, line: float | None = None,
    percent: bool = False,
) -> Scale:  # fmt: skip
    """An axis from 0, or, where that is far away and not asked for, around the values; no further than `most`."""
    top = max((*values, line or 0.0), default=1.0)
    if zero or top <= 0:
        end = min(top * 1.1, most) if most else top * 1.1
        return Scale(0, end or 1, tuple(nice_ticks(end or 1)), title, line=line, percent=percent)
    ticks = spread_ticks(min(values), top, 5)
    low, high = max(ticks[0], 0.0), min(ticks[-1], most) if most else ticks[-1]
    return Scale(low, high, tuple(t for t in ticks if low <= t <= high), title, line=line, percent=percent)


def dot_chart(
    rows: Sequence[DotRow], series: Sequence[tuple[str, str, str]], scale: Scale, style: Style, bars: bool = False
) -> tuple[Json, int]:
    """The description and height of rows of marks.

    Args:
        rows: top down. series: name, colour and symbol of each place; those without a mark aren't in the legend.
        scale: the axis. bars: a thick line from 0 to each mark, as counts are drawn.
    """
    unit, wide = style.unit, style.px >= WIDE
    used = [k for k in range(len(series)) if any(d.series == k for row in rows for d in row.dots)]
    labels = [row.label if row.dots else "" for row in rows]
    left = min(max((text_width(t, style.font) for t in labels), default=60.0) + 16 * unit, 0.36 * style.px)
    wrapped = wrap_all(labels, style.font, left - 14 * unit, lines=3)
    texts = [d.text for row in rows for d in row.dots]
    right = max((text_width(t, style.small) for t in texts), default=0.0) + 24 * unit if wide else 16 * unit
    described, above = legend(style, [plain(series[k][0]) for k in used], left + right) if len(used) > 1 else (None, 6)
    least = max(map(len, wrapped), default=1) * LINE_HEIGHT * style.font
    most = max((len(row.dots) for row in rows), default=1)
    apart = LINE_HEIGHT * style.small
    pitch = max(least + 5 * unit, most * apart + 7 * unit, 24 * unit)
    below = below_axis(style, 26)
    if style.height:
        pitch = max(min(pitch, (style.height - above - below) / max(len(rows), 1)), least + unit, most * apart + unit)
    height = round(above + 4 * unit + len(rows) * pitch + below)
    places = [(-i - (k - (len(row.dots) - 1) / 2) * apart / pitch, dot)
              for i, row in enumerate(rows) for k, dot in enumerate(row.dots)]  # fmt: skip
    headings = [i for i, row in enumerate(rows) if not row.dots]
    told = fit_all([rows[i].label for i in headings], style.font, style.px - 8, True)
    notes = [
        note(style, 0, -i, f"<b>{plain(text)}</b>", yref="y", xshift=round(4 - left),
             font={"size": style.font, "color": style.ink("text")})
        for i, text in zip(headings, told, strict=True)
    ]  # fmt: skip
    if wide:
        notes += [note(style, 1, y, plain(d.text), yref="y", xshift=round(12 * unit),
                       font={"size": style.small, "color": style.ink("text")}) for y, d in places]  # fmt: skip
    ends = (math.log10(scale.low), math.log10(scale.high)) if scale.log else (scale.low, scale.high)
    ticks = _apart(scale, style.px - left - right, style)
    at = [math.log10(t) if scale.log else t for t in ticks]
    shown = [_tick(t, scale) for t in ticks]
    lines = [] if scale.line is None else [style.line_at(math.log10(scale.line) if scale.log else scale.line, "axis")]
    data = [trace for k in used for trace in _traces(k, series[k], places, scale, style, bars, len(used) > 1)]
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, right, above + 4 * unit, below), annotations=notes, shapes=lines,
            xaxis=axis(style, *ends, at, shown, plain(scale.title), grid=True),
            yaxis=row_axis(style, ["<br>".join(map(plain, text)) for text in wrapped]),
            **({"showlegend": True, "legend": described} if described else {}),
        ),
    }  # fmt: skip
    return spec, height


def _tick(tick: float, scale: Scale) -> str:
    return f"{tick_text(tick)} %" if scale.percent else tick_text(tick)


def _apart(scale: Scale, width: float, style: Style) -> list[float]:
    """The ticks of which the labels don't touch: every one, or every second, third and so on, 0 or 1 among them."""
    least = max((text_width(_tick(t, scale), style.font) for t in scale.ticks), default=0.0) + 6 * style.unit
    most = max(2, int(width / least))
    every = max(1, -(-len(scale.ticks) // most))
    home = next((i for i, t in enumerate(scale.ticks) if abs(t - (1.0 if scale.log else 0.0)) < 1e-9), 0)
    return [t for i, t in enumerate(scale.ticks) if (i - home) % every == 0]


def _traces(
    k: int, look: tuple[str, str, str], places: Sequence[tuple[float, Dot]], scale: Scale, style: Style, bars: bool,
    named: bool,
) -> list[Json]:  # fmt: skip
    name, color, symbol = look
    own = [(y, dot) for y, dot in places if dot.series == k]

    def at(value: float) -> float:
        inside = min(max(value, scale.low), scale.high)
        return round(math.log10(inside) if scale.log else inside, 6)

    spans = [(y, dot.low, scale.high if dot.high is None else dot.high) for y, dot in own if dot.low is not None]
    beyond = [y for y, dot in own if dot.low is not None and (dot.high is None or dot.high > scale.high)]
    if bars:
        spans += [(y, scale.low, dot.value) for y, dot in own]
    width = 7 * style.unit if bars else max(1.4, style.line * 0.8)
    quiet = {"type": "scatter", "hoverinfo": "skip", "showlegend": False}
    lines = {"x": [v for _, a, b in spans for v in (at(a), at(b), None)], "y": [v for y, *_ in spans
             for v in (y, y, None)]}  # fmt: skip
    marks: Json = {
        "type": "scatter", "mode": "markers", "name": plain(name), "showlegend": named, "cliponaxis": False,
        "x": [at(dot.value) for _, dot in own], "y": [y for y, _ in own],
        **hovered(dot.hover or plain(dot.text) for _, dot in own),
        "marker": {"color": [style.ink("page") if dot.hollow else color for _, dot in own], "size":
                   round(10 * style.unit), "symbol": symbol, "line": {"color": color, "width": 1.8}},
    }  # fmt: skip
    drawn = [{**quiet, "mode": "lines", **lines, "line": {"color": color, "width": width}}] if spans else []
    ends = {"x": [at(scale.high)] * len(beyond), "y": beyond, "cliponaxis": False,
            "marker": {"color": color, "size": round(8 * style.unit), "symbol": "triangle-right"}}  # fmt: skip
    return [*drawn, *([{**quiet, "mode": "markers", **ends}] if beyond else []), marks]
