"""Hazard ratios with their intervals on a log axis, one a row, the numbers in a column beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from necc.core.estimate import Estimate
from necc.present.figures.style import Json, Style, axis, below_axis, hints, hovered, layout, legend, note, row_axis
from necc.present.svg import fit, plain, text_width
from necc.present.words.captions import each

NICE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
WIDEST = 100.0  # the axis never goes beyond 1/100 to 100; an arrow says that an interval does


@dataclass(frozen=True)
class RatioRow:
    """A row: a heading (no estimate), or a ratio with what stands at its right.

    place: its colour and mark among the kinds of the legend.
    """

    label: str
    estimate: Estimate | None = None
    text: str = ""
    place: int = 0
    hover: str = ""
    small: bool = False

    @property
    def heading(self) -> bool:
        return self.estimate is None


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
    pitch = 27 * unit
    below = below_axis(style, 42 if sides else 26)
    height = round(above + len(rows) * pitch + below)
    span = math.log10(low), math.log10(high)
    names = ["" if r.heading else plain(fit(r.label, style.font, left - 12 * unit)) for r in rows]
    notes = [
        note(style, 0, -i, f"<b>{plain(fit(r.label, style.font, style.px - 8, True))}</b>", yref="y",
             xshift=round(4 - left), font={"size": style.font, "color": style.ink("text")})
        for i, r in enumerate(rows) if r.heading
    ]  # fmt: skip
    notes += hints(style, [r.text for r in rows], 12)
    text = plain(title) if not sides else f"{plain(title)}<br>{plain(f'← {sides[0]}   ·   {sides[1]} →')}"
    spec = {
        "data": [trace for place in range(len(SYMBOLS)) for trace in _traces(rows, place, style, kinds, low, high)],
        "layout": layout(
            style, height, (left, right, above, below),
            xaxis=axis(style, *span, ticks, [f"{t:g}" for t in ticks], text, grid=True, type="log"),
            yaxis=row_axis(style, names), annotations=notes, shapes=[style.line_at(1)],
            **({"showlegend": True, "legend": described} if described else {}),
        ),
    }  # fmt: skip
    return spec, height


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
    estimates = [(i, r, r.estimate) for i, r in enumerate(rows) if r.estimate is not None and r.place == place]
    known = [(i, r, e, value) for i, r, e in estimates if (value := e.value) is not None]
    if not known:
        return []
    color = style.color(place)
    x: list[float | None] = []
    y: list[int | None] = []
    arrows: list[tuple[float, int, str]] = []
    for i, _, e, _ in known:
        if e.lower is None and e.upper is None:
            continue
        lower, upper = (-math.inf if e.lower is None else e.lower), (math.inf if e.upper is None else e.upper)
        x += [low if lower < low else round(lower, 6), high if upper > high else round(upper, 6), None]
        y += [-i, -i, None]
        arrows += [(low * 1.02, -i, "triangle-left")] * (lower < low)
        arrows += [(high / 1.02, -i, "triangle-right")] * (upper > high)
    name = plain(kinds[place]) if place < len(kinds) else ""
    traces: list[Json] = [
        {"type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip", "showlegend": False,
         "line": {"color": color, "width": max(1.2, style.line * 0.8)}}
    ]  # fmt: skip
    if arrows:
        traces.append(
            {"type": "scatter", "mode": "markers", "x": [a for a, _, _ in arrows], "y": [b for _, b, _ in arrows],
             "hoverinfo": "skip", "showlegend": False,
             "marker": {"color": color, "size": round(8 * style.unit), "symbol": [s for _, _, s in arrows]}}
        )  # fmt: skip
    traces.append(
        {"type": "scatter", "mode": "markers",
         "x": [round(min(max(v, low), high), 6) for *_, v in known], "y": [-i for i, *_ in known],
         "name": name, "showlegend": len(kinds) > 1, "cliponaxis": False,
         "marker": {"color": color, "symbol": SYMBOLS[place], "opacity": 1,
                    "size": [round((7 if r.small else 10) * style.unit) for _, r, *_ in known]},
         **hovered(r.hover or f"<b>{plain(r.label)}</b><br>{plain(r.text)}" for _, r, *_ in known)}
    )  # fmt: skip
    return traces


def ratio_alt(rows: Sequence[RatioRow]) -> str:
    """What the rows say, for those who can't see them."""
    return each((r.label, r.text) for r in rows if not r.heading)
