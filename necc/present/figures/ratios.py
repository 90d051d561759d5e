"""Hazard ratios with their intervals on a log axis, one a row, the numbers in a column beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from necc.core.estimate import Estimate
from necc.present.figures.picks import place
from necc.present.figures.scales import tick_text
from necc.present.figures.style import (
    Described,
    Json,
    Style,
    axis,
    below_axis,
    hints,
    hovered,
    layout,
    legend,
    note,
    row_axis,
)
from necc.present.svg import LINE_HEIGHT, fit_all, plain, text_width, wrap_all
from necc.present.words.captions import arrows, each

NICE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
WIDEST = 100.0  # the axis never goes beyond 1/100 to 100; an arrow says that an interval does


@dataclass(frozen=True)
class OnAxis:
    """What of a ratio is seen between two ends of an axis; nothing of it is drawn beyond them.

    value: None where the ratio itself lies beyond. line: the part of the interval, None where nothing of it is within.
    below, above: an arrow at that end, because the ratio or its interval goes on there.
    """

    value: float | None
    line: tuple[float, float] | None
    below: bool
    above: bool


def on_axis(e: Estimate, low: float, high: float) -> OnAxis | None:
    """What an axis from `low` to `high` shows of a ratio; None where there is no ratio."""
    value = e.value
    if value is None or math.isnan(value):
        return None
    limits = [v for v in (e.lower, e.upper) if v is not None and not math.isnan(v)]
    lower = -math.inf if limits and e.lower not in limits else min([value, *limits])
    upper = math.inf if limits and e.upper not in limits else max([value, *limits])
    line = (max(lower, low), min(upper, high))
    return OnAxis(
        value if low <= value <= high else None, line if limits and line[0] < line[1] else None, lower < low,
        upper > high,
    )  # fmt: skip


@dataclass(frozen=True)
class RatioRow:
    """A row: a heading (no estimate), or a ratio with what stands at its right.

    place: its colour and mark among the kinds of the legend. pick: what a click on the row means; told: what the
    pointer then reads there.
    """

    label: str
    estimate: Estimate | None = None
    text: str = ""
    place: int = 0
    hover: str = ""
    small: bool = False
    pick: str = ""
    told: str = ""

    @property
    def heading(self) -> bool:
        return self.estimate is None


@dataclass(frozen=True)
class RatioChart:
    """What a forest plot shows: its rows, top down, and the words around them; ends: of the axis. See `ratio_chart`."""

    rows: tuple[RatioRow, ...]
    title: str
    kinds: tuple[str, ...]
    sides: tuple[str, str] | None
    colors: tuple[str, ...]
    ends: tuple[float, float]


SYMBOLS = ("circle", "square", "diamond", "triangle-up")


def ratio_chart(
    rows: Sequence[RatioRow], style: Style, title: str, kinds: Sequence[str] = (), sides: tuple[str, str] | None = None
) -> tuple[Json, int]:
    """The description and height of a forest plot.

    Args:
        rows: top down. title: of the axis. kinds: names of the places, for the legend.
        sides: what a ratio below and above 1 says, under the axis.
    """
    unit = style.unit
    left = max((text_width(r.label, style.font) for r in rows if not r.heading), default=60) + 18 * unit
    left = min(left, 0.4 * style.px)
    text_px = max((text_width(r.text, style.small) for r in rows), default=0)
    right = text_px + 22 * unit
    above, described = 10 * unit, None
    if len(kinds) > 1:
        described, more = legend(style, [plain(k) for k in kinds], left + right)
        above += more
    low, high = _reach(rows)
    inside = [t for t in NICE if low <= t <= high]
    plot = style.px - left - right
    every = max(1, math.ceil(len(inside) * 40 * unit / max(plot, 1)))
    ticks = [t for i, t in enumerate(inside) if (i - inside.index(1.0)) % every == 0]
    wrapped = wrap_all(["" if r.heading else r.label for r in rows], style.font, left - 12 * unit, lines=3)
    below = below_axis(style, 42 if sides else 26)
    least = max(map(len, wrapped), default=1) * LINE_HEIGHT * style.font
    pitch = max(27 * unit, least + 4 * unit)
    if style.height:  # many rows stand closer
        pitch = max(min(pitch, (style.height - above - below) / max(len(rows), 1)), least + unit)
    height = round(above + len(rows) * pitch + below)
    span = math.log10(low), math.log10(high)
    names = ["<br>".join(map(plain, lines)) for lines in wrapped]
    headings = [i for i, r in enumerate(rows) if r.heading]
    notes = [
        note(style, 0, -i, f"<b>{plain(text)}</b>", yref="y", xshift=round(4 - left),
             font={"size": style.font, "color": style.ink("text")})
        for i, text in zip(headings, fit_all([rows[i].label for i in headings], style.font, style.px - 8, True),
                           strict=True)
    ]  # fmt: skip
    notes += hints(style, [r.text for r in rows], 12)
    text = plain(title) if not sides else f"{plain(title)}<br>{plain(f'← {sides[0]}   ·   {sides[1]} →')}"
    spec = {
        "data": [trace for place in range(len(SYMBOLS)) for trace in _traces(rows, place, style, kinds, low, high)],
        "layout": layout(
            style, height, (left, right, above, below),
            xaxis=axis(style, *span, ticks, list(map(tick_text, ticks)), text, grid=True, type="log"),
            yaxis=row_axis(style, names), annotations=notes, shapes=[style.line_at(1)],
            meta={"areas": [place((-left / max(plot, 1), 1 + right / max(plot, 1)), (-i - 0.5, -i + 0.5), r.told,
                                  r.pick, xref="paper") for i, r in enumerate(rows) if r.pick]},
            **({"showlegend": True, "legend": described} if described else {}),
        ),
    }  # fmt: skip
    colors = tuple(style.color(place) for place in range(len(SYMBOLS)))
    return Described(spec, RatioChart(tuple(rows), title, tuple(kinds), sides, colors, (low, high))), height


def _reach(rows: Sequence[RatioRow]) -> tuple[float, float]:
    """The axis: at least 0.5 to 2, wide enough for every estimate, no wider than 1/100 to 100."""
    values = [0.5, 2.0]
    for row in rows:
        e = row.estimate
        if e is not None and e.value is not None:
            values += [v for v in (e.value, e.lower, e.upper) if v is not None and v > 0 and math.isfinite(v)]
    low, high = max(min(values), 1 / WIDEST), min(max(values), WIDEST)
    return max(low / 1.15, 1 / WIDEST / 1.1), min(high * 1.15, WIDEST * 1.1)


def _traces(
    rows: Sequence[RatioRow], place: int, style: Style, kinds: Sequence[str], low: float, high: float
) -> list[Json]:
    known = [(i, r, seen) for i, r in enumerate(rows)
             if r.place == place and r.estimate and (seen := on_axis(r.estimate, low, high))]  # fmt: skip
    if not known:
        return []
    color, quiet = style.color(place), {"type": "scatter", "hoverinfo": "skip", "showlegend": False}
    lines = [(*seen.line, -i) for i, _, seen in known if seen.line]
    traces: list[Json] = [
        {**quiet, "mode": "lines", "x": [v for a, b, _ in lines for v in (round(a, 6), round(b, 6), None)],
         "y": [v for *_, y in lines for v in (y, y, None)],
         "line": {"color": color, "width": max(1.2, style.line * 0.8)}}
    ]  # fmt: skip
    tips = [(low * 1.02, -i, "triangle-left", r, seen) for i, r, seen in known if seen.below]
    tips += [(high / 1.02, -i, "triangle-right", r, seen) for i, r, seen in known if seen.above]
    name = plain(kinds[place]) if place < len(kinds) else ""
    dots: list[Mark] = [(seen.value, -i, SYMBOLS[place], r) for i, r, seen in known if seen.value is not None]
    ends: list[Mark] = [(x, y, symbol, r) for x, y, symbol, r, seen in tips if seen.value is not None]
    alone: list[Mark] = [(x, y, symbol, r) for x, y, symbol, r, seen in tips if seen.value is None]
    if ends:
        traces.append({**quiet, "mode": "markers", **_marks(ends, color, [8.0] * len(ends), style)})
    # an arrow stands in place of a ratio that lies beyond the axis
    marks = [*dots, *alone]
    sizes = [7.0 if r.small else 10.0 for *_, r in marks]
    traces.append(
        {"type": "scatter", "mode": "markers", "name": name, "showlegend": len(kinds) > 1, "cliponaxis": False,
         **_marks(marks, color, sizes, style),
         **hovered(r.hover or f"<b>{plain(r.label)}</b><br>{plain(r.text)}" for *_, r in marks)}
    )  # fmt: skip
    return traces


Mark = tuple[float, int, str, RatioRow]  # place, symbol, and whose it is


def _marks(marks: Sequence[Mark], color: str, sizes: Sequence[float], style: Style) -> Json:
    return {
        "x": [round(x, 6) for x, *_ in marks], "y": [y for _, y, *_ in marks],
        "marker": {"color": color, "symbol": [s for *_, s, _ in marks], "opacity": 1,
                   "size": [round(size * style.unit) for size in sizes]},
    }  # fmt: skip


def arrows_phrase(rows: Sequence[RatioRow]) -> str:
    """What the arrows at the ends of the axis say; empty where there is none."""
    ends = _reach(rows)
    seen = [s for r in rows if r.estimate and (s := on_axis(r.estimate, *ends))]
    within = [s for s in seen if s.value is not None]
    return arrows(any(s.below or s.above for s in within), len(within) < len(seen))


def ratio_texts(rows: Sequence[RatioRow], kinds: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Each ratio with all that names it: the heading above, its own label or that of the row it goes with, its kind."""
    result, heading, label = list[tuple[str, str]](), "", ""
    for row in rows:
        if row.heading:
            heading = row.label.strip()
            continue
        label = row.label.strip() or label
        named = [heading, label, *([kinds[row.place]] if kinds else [])]
        result.append((", ".join(filter(None, named)), row.text))
    return result


def ratio_alt(rows: Sequence[RatioRow], kinds: Sequence[str] = ()) -> str:
    """What the rows say, for those who can't see them."""
    return each(ratio_texts(rows, kinds))
