"""Printed figures beside computed ones: hazard ratios as a forest, shares and medians as marks on one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

from necc.paper.reproduction import Cell
from necc.paper.reproduction.own import Comparison
from necc.present.figures.dots import Dot, DotRow, dot_chart, linear_scale
from necc.present.figures.ratios import on_axis
from necc.present.figures.scales import tick_text
from necc.present.figures.style import (
    Figure,
    Json,
    Style,
    axis,
    below_axis,
    empty,
    figure,
    hovered,
    layout,
    legend,
    note,
    row_axis,
)  # fmt: skip
from necc.present.svg import LINE_HEIGHT, plain, text_width, wrap_all
from necc.present.words import headlines
from necc.present.words.captions import reproduction as words
from necc.present.words.reproduction import in_short

LOWEST, HIGHEST = 0.05, 20.0
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
PUBLISHED, OWN = "published", "these patients"


@figure(headlines.always("Published and own hazard ratios"))
def printed_forest(result: Sequence[Comparison], style: Style) -> Figure:
    """Published and own hazard ratio of every row on one logarithmic axis; what reaches beyond it is cut off there."""
    name = "published-and-own-hazard-ratios"
    if not result:
        return empty(style, name, words.NOTHING)
    unit, wide = style.unit, style.px >= 700
    several = len({c.model for c in result}) > 1
    names = [words.ratio_name(c, several) for c in result]
    broken = wrap_all(names, style.font, style.px * 0.28, lines=4)
    wrapped = ["<br>".join(map(plain, lines)) for lines in broken]
    highest = max(map(len, broken)) * LINE_HEIGHT * style.font
    pitch = max(2 * LINE_HEIGHT * style.small, 38 * unit, highest) + 4 * unit
    pairs = ((OWN, 0.2, style.color(0), "circle"), (PUBLISHED, -0.2, style.ink("muted"), "square"))
    texts = [(words.own(c), words.published(c)) for c in result]
    width = max(text_width(t, style.small) for pair in texts for t in pair)
    left = style.px * 0.29 + 12 * unit
    right = (width + 24 * unit) if wide else 16 * unit
    shown, above = legend(style, [n for n, *_ in pairs], left + right)
    data = [trace for pair in pairs for trace in _series(result, *pair, style)]
    notes = []
    if wide:
        for i, pair in enumerate(texts):
            for text, (_, shift, color, _) in zip(pair, pairs, strict=True):
                look = {"size": style.small, "color": color if text != "not estimable" else style.ink("muted")}
                notes.append(note(style, 1, shift - i, plain(text), yref="y", xshift=round(14 * unit), font=look))
    height = round(above + len(result) * pitch + below_axis(style, 30))
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, right, above + 4 * unit, below_axis(style, 26)),
            showlegend=True, legend=shown, annotations=notes,
            shapes=[style.line_at(0, "axis")],
            xaxis=axis(style, _at(LOWEST), _at(HIGHEST), [_at(t) for t in TICKS], list(map(tick_text, TICKS)),
                       "Hazard ratio (95 % CI), logarithmic", grid=True),
            yaxis=row_axis(style, wrapped),
        ),
    }  # fmt: skip
    return Figure(spec, name, *words.forest(result, LOWEST, HIGHEST), style.px, height, style)


def _at(value: float) -> float:
    return round(math.log10(min(max(value, LOWEST), HIGHEST)), 5)


def _series(result: Sequence[Comparison], name: str, shift: float, color: str, symbol: str, style: Style) -> list[Json]:
    """One of the two ratios of each row; an arrow where it, or its interval, goes on beyond the axis."""
    rows = [(shift - i, c, e) for i, c in enumerate(result) if (e := c.own if name == OWN else c.published) is not None]
    known = [(y, c, e, seen) for y, c, e in rows if (seen := on_axis(e, LOWEST, HIGHEST))]
    lines = [(y, *seen.line) for y, _, _, seen in known if seen.line]
    ends = [(y, edge, mark) for y, _, _, seen in known if seen.value is not None
            for goes_on, edge, mark in ((seen.below, LOWEST, "triangle-left"), (seen.above, HIGHEST, "triangle-right"))
            if goes_on]  # fmt: skip
    beyond = ["triangle-left" if (e.value or 0) < LOWEST else "triangle-right" for _, _, e, _ in known]
    hover = [
        f"<b>{plain(words.ratio_name(c))}</b><br>{name}: {plain(words.own(c) if name == OWN else words.published(c))}"
        + (f"<br>{plain(in_short(c.verdict))}" if name == OWN else "")
        for _, c, e, _ in known
    ]
    quiet = {"type": "scatter", "hoverinfo": "skip", "showlegend": False}
    size = round(9 * style.unit)
    return [
        {**quiet, "mode": "lines", "x": [v for _, a, b in lines for v in (_at(a), _at(b), None)],
         "y": [v for y, *_ in lines for v in (y, y, None)],
         "line": {"color": color, "width": max(1.2, style.line * 0.7)}},
        {**quiet, "mode": "markers", "x": [_at(edge) for _, edge, _ in ends], "y": [y for y, *_ in ends],
         "cliponaxis": False, "marker": {"color": color, "size": size, "symbol": [mark for *_, mark in ends]}},
        {"type": "scatter", "mode": "markers", "name": name, "showlegend": True, "cliponaxis": False,
         "x": [_at(e.value or LOWEST) for _, _, e, _ in known], "y": [y for y, *_ in known], **hovered(hover),
         "marker": {"color": [color] * len(known), "size": size,
                    "symbol": [symbol if seen.value is not None else arrow
                               for (*_, seen), arrow in zip(known, beyond, strict=True)]}},
    ]  # fmt: skip


@figure(headlines.beside)
def printed_beside(result: Sequence[Cell], style: Style, *, what: str = "") -> Figure:
    """Printed shares in percent, or medians, each with the computed one and its interval on the same axis.

    result: cells of a reproduction that have a printed number; all in one unit. what: they are, for the headline.
    """
    name = "printed-beside"
    cells = [c for c in result if c.printed_value is not None]
    if not cells:
        return empty(style, name, words.NO_NUMBERS)
    percent = any(c.kind == "share" or words.of_patients(c) for c in cells)
    rows = [DotRow(words.cell_name(c), (*_computed(c), _printed(c))) for c in cells]
    values = [v for row in rows for d in row.dots for v in (d.value, d.low, d.high) if v is not None]
    scale = linear_scale(values, words.PER_CENT if percent else words.MONTHS, most=100 if percent else None,
                         percent=percent)  # fmt: skip
    series = [(OWN, style.color(0), "circle"), (words.PRINTED, style.ink("muted"), "square")]
    spec, height = dot_chart(rows, series, scale, style)
    return Figure(spec, name, *words.beside(cells), style.px, height, style)


def _computed(c: Cell) -> tuple[Dot, ...]:
    if c.value is None:
        return ()
    e = c.interval
    limits = (e.lower, e.upper) if e is not None else (None, None)
    return (Dot(0, c.value, words.computed(c), limits[0], limits[1], plain(words.in_full(c))),)


def _printed(c: Cell) -> Dot:
    return Dot(1, c.printed_value or 0.0, words.as_printed(c), hover=plain(words.in_full(c)))
