"""Horizontal bars with intervals and a column of numbers: one drawing for sites, organs, levels and rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from necc.core.estimate import Estimate
from necc.present.figures.picks import place
from necc.present.figures.scales import nice_ticks, tick_text
from necc.present.figures.style import (
    Arm,
    Described,
    Json,
    Style,
    axis,
    below_axis,
    hints,
    hovered,
    layout,
    legend,
    row_axis,
)
from necc.present.svg import LINE_HEIGHT, fit, plain, text_width, tip_text, wrap_all
from necc.present.words.phrases import ci_name, percent, share_ci


@dataclass(frozen=True)
class Bar:
    """One bar: a share with its interval; `ghost` is the same share in all patients, drawn behind it.

    key: whose it is, e.g. the site's name. text: what stands at its end. pick: what a click on it means.
    """

    key: str
    value: float | None
    interval: Estimate | None
    text: str
    hover: str
    color: str
    group: str = ""
    ghost: float | None = None
    pick: str = ""


@dataclass(frozen=True)
class BarRow:
    """A label with its bars, and what stands in the last column."""

    label: str
    bars: tuple[Bar, ...]
    last: str = ""


@dataclass(frozen=True)
class BarChart:
    """What a bar chart shows: its rows, top down, and the words around them; see `bars`."""

    rows: tuple[BarRow, ...]
    title: str
    groups: tuple[tuple[str, str], ...] = ()
    legend_title: str = ""
    last_title: str = ""
    ghost_name: str = ""


def share_hover(label: str, n: int, of: int, p: Estimate) -> str:
    """`Lung<br>34 of 88: 38.6 % (95 % CI 28.4–49.6)`, as text of a description."""
    if p.value is None:
        return f"<b>{plain(label)}</b><br>{n:,} of {of:,}: not estimable"
    limits = "" if p.lower is None else f" ({ci_name(p.level)} {share_ci(p)})"
    return f"<b>{plain(label)}</b><br>{n:,} of {of:,}: {percent(p.value)}{limits}"


def bars(
    rows: Sequence[BarRow],
    style: Style,
    title: str,
    *,
    groups: Sequence[tuple[str, str]] = (),
    legend_title: str = "",
    last_title: str = "",
    ghost_name: str = "",
    points: bool = False,
) -> tuple[Json, int]:
    """The description and height of a bar chart on a percent axis.

    Args:
        rows: top down; each with the same number of bars.
        title: of the percent axis.
        groups: (name, colour) of each bar of a row, for the legend.
        last_title: heading of the last column.
        ghost_name: what the pale bars behind are; they are drawn where bars have a ghost.
        points: points with intervals instead of bars.
    """
    grid = _Grid(rows, style, groups, legend_title, last_title)
    data: list[Json] = []
    flat = [(i, j, bar) for i, row in enumerate(rows) for j, bar in enumerate(row.bars)]
    if any(bar.ghost is not None for _, _, bar in flat):
        data.append(_ghosts(flat, grid, style, ghost_name))
    for j in range(max((len(row.bars) for row in rows), default=0)):
        data.append(_series([(i, bar) for i, k, bar in flat if k == j], j, grid, style, groups, points))
    data.append(_told(flat, grid, style, 0.018 if points else 0.006))
    spec = {
        "data": data,
        "layout": layout(
            style, grid.height, grid.margin,
            xaxis=axis(style, 0, grid.end, grid.ticks, [f"{tick_text(t)} %" for t in grid.ticks], plain(title),
                       grid=True),
            yaxis=row_axis(style, grid.labels),
            annotations=hints(style, [row.last for row in rows], heading=last_title),
            meta={"areas": _areas(flat, grid, style)},
            **({"showlegend": True, "legend": grid.legend} if grid.legend else {}),
        ),
    }  # fmt: skip
    shown = BarChart(tuple(rows), title, tuple(groups), legend_title, last_title, ghost_name)
    return Described(spec, shown), round(grid.height)


class _Grid:
    """Sizes shared by the bars, their labels and the columns beside them."""

    def __init__(
        self, rows: Sequence[BarRow], style: Style, groups: Sequence[tuple[str, str]], title: str, last_title: str
    ):
        unit, size = style.unit, style.font
        self.per_row = per_row = max((len(row.bars) for row in rows), default=1)
        pitch = (28 if per_row == 1 else 17 * per_row + 12) * unit
        if style.height and len(rows) * pitch > 0.8 * style.height:  # closer, as long as the numbers don't touch
            pitch = max(0.8 * style.height / len(rows), LINE_HEIGHT * style.small * per_row + 4 * unit)
        room = style.px * 0.3
        wrapped = wrap_all([row.label for row in rows], size, room, lines=3)
        self.labels = ["<br>".join(map(plain, lines)) for lines in wrapped]
        most = max((len(lines) for lines in wrapped), default=1)
        if most > 1:
            pitch = max(pitch, most * LINE_HEIGHT * size + 4 * unit)
        widest = max((text_width(line, size) for lines in wrapped for line in lines), default=0)
        self.last_width = max(
            [text_width(t, style.small) for t in [last_title, *(row.last for row in rows)]], default=0
        )
        text_px = max((text_width(bar.text, style.small) for row in rows for bar in row.bars), default=0)
        left, right = widest + 12 * unit, (self.last_width + 16 * unit if self.last_width else 12 * unit)
        self.legend, above = None, 8 * unit + (LINE_HEIGHT * style.small if last_title else 0)
        if groups:
            names = [plain(name) for name, _ in groups]
            heading = f"<b>{plain(fit(title, size, style.px / 3))}</b>" if title else ""
            self.legend, more = legend(style, names, left + right, heading)
            above += more
            if last_title:
                self.legend["y"] = 1 + LINE_HEIGHT * style.small / max(len(rows) * pitch, 1)
        self.margin = (left, right, above, round(below_axis(style)))
        self.height = above + len(rows) * pitch + self.margin[3]
        # the numbers stand behind the interval, so the axis leaves room for them
        reach = max((_reach(bar) for row in rows for bar in row.bars), default=0)
        plot = style.px - left - right
        share = min(max(1 - (text_px + 20 * unit) / plot, 0.35), 1)
        self.end = max(reach, 5) / share
        self.ticks = [t for t in nice_ticks(min(self.end, 100), max(2, int(plot / (70 * unit)))) if t <= 100]

    def y(self, i: int, j: int) -> float:
        """The middle of bar j of row i."""
        return -i + (0.0 if self.per_row == 1 else 0.78 * ((self.per_row - 1) / 2 - j) / self.per_row)

    @property
    def thick(self) -> float:
        return 0.62 if self.per_row == 1 else 0.78 / self.per_row * 0.86


def _areas(flat: list[tuple[int, int, Bar]], grid: _Grid, style: Style) -> list[Json]:
    """The whole place of a bar means what the bar does, and with one bar a row its label, too: a short bar is hit."""
    left, right = grid.margin[0], grid.margin[1]
    begin = -left / max(style.px - left - right, 1) if grid.per_row == 1 else 0
    half = 0.48 if grid.per_row == 1 else 0.39 / grid.per_row
    return [
        place((begin, 1), (grid.y(i, j) - half, grid.y(i, j) + half), tip_text(bar.hover), bar.pick, xref="paper")
        for i, j, bar in flat if bar.pick
    ]  # fmt: skip


def _reach(bar: Bar) -> float:
    upper = bar.interval.upper if bar.interval else None
    return 100 * max(v for v in (bar.value, upper, bar.ghost, 0.0) if v is not None)


def _ghosts(flat: list[tuple[int, int, Bar]], grid: _Grid, style: Style, name: str) -> Json:
    known = [(i, j, bar) for i, j, bar in flat if bar.ghost is not None]
    thick = grid.thick * (1.45 if grid.per_row == 1 else 1.1)
    return {
        "type": "bar", "orientation": "h", "x": [round(100 * (bar.ghost or 0), 4) for _, _, bar in known],
        "y": [grid.y(i, j) for i, j, _ in known], "width": [thick] * len(known), "hoverinfo": "skip",
        "marker": {"color": style.ink("ghost")}, "name": plain(name), "showlegend": False,
    }  # fmt: skip


def _series(
    bars_: list[tuple[int, Bar]], j: int, grid: _Grid, style: Style, groups: Sequence[tuple[str, str]], points: bool
) -> Json:
    """One bar of every row: its values, intervals, and what a click on it means."""
    known = [(i, bar) for i, bar in bars_ if bar.value is not None]
    values = [round(100 * (bar.value or 0), 4) for _, bar in known]
    trace: Json = {
        "x": values,
        "y": [grid.y(i, j) for i, _ in known],
        "customdata": [[bar.key, bar.group] for _, bar in known],
        "meta": {"pick": [bar.pick for _, bar in known]},
        **hovered(bar.hover for _, bar in known),
        "name": plain(groups[j][0]) if groups else "",
        "showlegend": bool(groups),
    }
    if any(bar.interval and bar.interval.upper is not None for _, bar in known):
        color = known[0][1].color if points else style.ink("text")
        trace["error_x"] = style.error_bars([_arm(bar) for _, bar in known], color, digits=4)
    colors = [bar.color for _, bar in known]
    if points:
        marker = {"color": colors, "size": round(10 * style.unit), "symbol": ("circle", "square", "diamond")[j % 3]}
        return {"type": "scatter", "mode": "markers", "cliponaxis": False, "marker": marker, **trace}
    width, marker = [grid.thick] * len(known), {"color": colors}
    if len(groups) > 1:  # without colours the groups are told by their patterns
        marker = {**marker, "pattern": style.pattern(j)}
    return {"type": "bar", "orientation": "h", "width": width, "marker": marker, **trace}


def _arm(bar: Bar) -> Arm:
    p = bar.interval
    if p is None or p.value is None or p.lower is None or p.upper is None:
        return None, None, None
    return 100 * p.value, 100 * p.lower, 100 * p.upper


def _told(flat: list[tuple[int, int, Bar]], grid: _Grid, style: Style, gap: float) -> Json:
    known = [(i, j, bar) for i, j, bar in flat if bar.text]
    return {
        "type": "scatter", "mode": "text", "x": [round(_reach(bar) + gap * grid.end, 4) for _, _, bar in known],
        "y": [grid.y(i, j) for i, j, _ in known], "text": [plain(bar.text) for _, _, bar in known], "cliponaxis": False,
        "textposition": "middle right", "textfont": {"size": style.small, "color": style.ink("text")},
        "hoverinfo": "skip", "showlegend": False, "name": "numbers",
    }  # fmt: skip


def behind(counts: Sequence[int], style: Style) -> Json:
    """Pale upright bars of counts in all patients."""
    return {
        "type": "bar", "orientation": "v", "x": list(range(len(counts))), "y": list(counts), "hoverinfo": "skip",
        "width": [0.84] * len(counts), "marker": {"color": style.ink("ghost")}, "showlegend": False,
    }  # fmt: skip


def columns(
    labels: Sequence[str], values: Sequence[int], texts: Sequence[str], style: Style, title: str, axis_title: str,
    picks: Sequence[str] = (), ghosts: Sequence[int] = (),
) -> tuple[Json, int]:  # fmt: skip
    """The description and height of a chart of upright bars that count patients.

    picks: what a click on each means. ghosts: the same counts in all patients, pale behind the bars.
    """
    unit = style.unit
    top = max([*values, *ghosts], default=1) or 1
    ticks = [t for t in nice_ticks(top, 5) if t == int(t)]
    left = text_width(f"{top:,}", style.font) + style.font * 1.3 + 26 * unit
    height = round(style.px * (9 / 16 if style.projected else 0.36))
    hover = [f"<b>{plain(label)}</b><br>{plain(t)}" for label, t in zip(labels, texts, strict=True)]
    data: list[Json] = [
        {"type": "bar", "orientation": "v", "x": list(range(len(values))), "y": list(values),
         "meta": {"pick": list(picks) or [""] * len(values)},
         "width": [0.62] * len(values), "marker": {"color": [style.color(0)] * len(values)},
         "customdata": [[label] for label in labels], "showlegend": False,
         **hovered(hover)},
        {"type": "scatter", "mode": "text", "x": list(range(len(values))), "y": list(values), "hoverinfo": "skip",
         "text": [plain(t) for t in texts], "textposition": "top center", "cliponaxis": False, "showlegend": False,
         "textfont": {"size": style.small, "color": style.ink("text")}},
    ]  # fmt: skip
    if ghosts:
        data.insert(0, behind(ghosts, style))
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, 12 * unit, 12 * unit, below_axis(style, 24)),
            meta={"areas": [place((i - 0.45, i + 0.45), (-0.1, 1), tip_text(hover[i]), p, yref="paper")
                            for i, p in enumerate(picks) if p]},
            xaxis=axis(style, -0.6, len(values) - 0.4, range(len(values)), [plain(x) for x in labels], plain(title),
                       marks=False),
            yaxis=axis(style, 0, top * 1.12, ticks, list(map(tick_text, ticks)), plain(axis_title), grid=True),
        ),
    }  # fmt: skip
    return spec, height
