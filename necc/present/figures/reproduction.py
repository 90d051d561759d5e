"""The forest of published and own hazard ratios."""

from __future__ import annotations

import math
from collections.abc import Sequence

from necc.paper.reproduction.own import Comparison
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
from necc.present.svg import LINE_HEIGHT, plain, text_width, wrap
from necc.present.words.captions import reproduction as words

LOWEST, HIGHEST = 0.05, 20.0
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
PUBLISHED, OWN = "published", "these patients"


@figure
def forest(result: Sequence[Comparison], style: Style) -> Figure:
    """Published and own hazard ratio of every row on one logarithmic axis; what reaches beyond it is cut off there."""
    name = "published-and-own-hazard-ratios"
    if not result:
        return empty(style, name, words.NOTHING)
    unit, wide = style.unit, style.px >= 700
    several = len({c.model for c in result}) > 1
    names = [f"{c.row} ({c.model})" if several and c.model == "multivariable" else c.row for c in result]
    wrapped = ["<br>".join(map(plain, wrap(n, style.font, style.px * 0.28, lines=2))) for n in names]
    pitch = max(2 * LINE_HEIGHT * style.small, 38 * unit) + 4 * unit
    pairs = ((OWN, 0.2, style.color(0), "circle"), (PUBLISHED, -0.2, style.ink("muted"), "square"))
    texts = [(words.own(c), words.published(c)) for c in result]
    width = max(text_width(t, style.small) for pair in texts for t in pair)
    left = style.px * 0.29 + 12 * unit
    right = (width + 24 * unit) if wide else 16 * unit
    shown, above = legend(style, [n for n, *_ in pairs], left + right)
    data = [_series(result, *pair, style) for pair in pairs]
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
            xaxis=axis(style, _at(LOWEST), _at(HIGHEST), [_at(t) for t in TICKS], [f"{t:g}" for t in TICKS],
                       "Hazard ratio (95 % CI), logarithmic", grid=True),
            yaxis=row_axis(style, wrapped),
        ),
    }  # fmt: skip
    return Figure(spec, name, *words.forest(result, LOWEST, HIGHEST), style.px, height, style)


def _at(value: float) -> float:
    return math.log10(min(max(value, LOWEST), HIGHEST))


def _series(result: Sequence[Comparison], name: str, shift: float, color: str, symbol: str, style: Style) -> Json:
    rows = [(i, c, c.own if name == OWN else c.published) for i, c in enumerate(result)]
    known = [(i, c, e) for i, c, e in rows if e is not None and e.value is not None]
    x = [round(_at(e.value or 1), 5) for _, _, e in known]
    limits = [(_at(e.lower or e.value or 1), _at(e.upper or e.value or 1)) for _, _, e in known]
    arms = [(at, *limit) for at, limit in zip(x, limits, strict=True)]
    hover = [
        f"<b>{plain(c.row)}</b><br>{name}: {plain(words.own(c) if name == OWN else words.published(c))}"
        + (f"<br>{plain(c.verdict)}" if name == OWN else "")
        for _, c, _ in known
    ]
    return {
        "type": "scatter", "mode": "markers", "x": x, "y": [shift - i for i, _, _ in known], "name": name,
        **hovered(hover), "showlegend": True,
        "marker": {"color": [color] * len(x), "size": round(9 * style.unit), "symbol": symbol},
        "error_x": style.error_bars(arms, color),
    }  # fmt: skip
