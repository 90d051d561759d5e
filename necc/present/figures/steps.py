"""Step curves, said once: a curve with its band, pale tail, censoring ticks and median, and the numbers at risk below.

A `StepLine` is drawn by `step_traces` on a chart's axes (survival, cumulative incidence) or by `step_marks` in a panel
of an SVG (`panels`). `StepFrame` is what stands around the curves of a chart. The table under the time axis follows the
KMunicate recommendation (Morris TP et al. BMJ Open 2019;9:e030215. doi:10.1136/bmjopen-2019-030215).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from necc.analysis.competing import IncidenceCurve
from necc.analysis.survival import Curve
from necc.core.text import format_number
from necc.present.figures.picks import dragged, place
from necc.present.figures.scales import along, axis_end, last_per_pixel, log_ticks, step_ticks, tick_text, time_ticks
from necc.present.figures.style import NARROW, Json, Style, axis, fade, layout, legend, note
from necc.present.svg import (
    LINE_HEIGHT,
    attributes,
    block_size,
    fit,
    fit_all,
    legend_columns,
    number,
    paint,
    plain,
    stroke,
    text_width,
    tip_text,
)
from necc.present.words.phrases import since

PIXELS = 600  # columns a curve of a chart is reduced to
MAX_CENSOR_MARKS = 150  # per curve of a chart; more merge into a second line
MAX_PANEL_MARKS = 60  # per curve of a panel
TENTH = 10  # coordinates inside a panel are whole tenths of a pixel: short to write, the same bytes every time
# opacity of a line with few patients at risk, which is thinner as well: both are seen on its own band, and in the dark
# theme, where a thin line is lost sooner, with a contrast of 3 to the page
PALE = {"light": 0.6, "dark": 0.75}
PALE_WIDTH = 0.55
LOWEST = 90  # units of a plot whose height was asked for
HIT = 9  # pixels around a line of a panel that are hit


@dataclass(frozen=True, eq=False, kw_only=True)
class StepLine:
    """One curve to draw: `start` at time zero, then the steps of `value`.

    curve: whose rows, numbers and ends these are. start: None where there is nothing at time zero.
    value, lower, upper: shape (n_times,), NaN where there is none; no limits for no band.
    from_start: the band begins at time zero, as wide as the line until the first event.
    numbers: a panel has a row of numbers at risk for this curve. median: where a line drops at one half.
    censored: ticks where patients are censored. shaded_to: the area under the curve is shaded up to this time.
    pale: the line is pale where few are at risk.
    width: of the line, as a multiple of the style's.
    tip, pick: in a panel, what the line tells and what a click on it means.
    """

    name: str
    curve: Curve | IncidenceCurve
    color: str
    dash: str
    value: np.ndarray
    start: float | None = 0.0
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    from_start: bool = False
    numbers: bool = True
    pale: bool = True
    median: float | None = None
    censored: bool = False
    shaded_to: float | None = None
    width: float = 1.0
    tip: str = ""
    pick: str = ""

    def rows(self, end: float, pixels: int = PIXELS) -> np.ndarray:
        """Rows of the curve's steps that can be told apart, and the last of all."""
        known = np.isfinite(self.value)
        if not known.any():
            return np.zeros(0, dtype=int)
        steps = np.flatnonzero(known & (self.curve.n_events > 0))
        steps = steps[last_per_pixel(self.curve.time[steps], end, max(pixels, 1))]
        return np.union1d(steps, np.flatnonzero(known)[-1:])

    def points(
        self, rows: np.ndarray, end: float = np.inf
    ) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int, bool]]]:
        """The line's times up to `end`, the row whose value holds from each (-1: the start), and its parts.

        A part is (first point, end, pale). The line is cut wherever the number at risk falls below what is few, or
        rises above it again where patients come under observation late; by events, censorings and entries alike.
        """
        time, known = self.curve.time, np.flatnonzero(np.isfinite(self.value))
        few, turns = self._turns()
        begin = 0.0 if self.start is not None else float(time[known[0]])
        pale = few ^ bool(np.count_nonzero(turns <= begin) % 2)
        turns = turns[(turns > begin) & (turns < time[rows[-1]])]
        x = np.union1d(time[rows], turns)
        row = self.curve.rows_at(x)
        if self.start is not None:
            x, row = np.append(0.0, x), np.append(-1, np.where(row >= known[0], row, -1))
        cuts = np.flatnonzero(np.isin(x, turns))
        ends = [0, *cuts.tolist(), len(x) - 1]
        parts = [(a, b + 1, pale ^ bool(i % 2)) for i, (a, b) in enumerate(zip(ends, ends[1:], strict=False)) if b > a]
        within = int(np.count_nonzero(x <= end))
        if not within:
            return x[:0], row[:0], []
        if within < len(x):  # the axis ends before the curve does, which holds its value until there
            x, row = np.append(x[:within], end), np.append(row[:within], row[within - 1])
            parts = [(a, min(b, within + 1), faint) for a, b, faint in parts if a < within]
        return x, row, parts

    @property
    def turns_pale(self) -> bool:
        """Whether a part of the line is pale."""
        return self.is_pale_by(np.inf)

    def is_pale_by(self, end: float) -> bool:
        """Whether a part of the line is pale before `end`."""
        few, turns = self._turns()
        return few or bool((turns < end).any())

    def held(self, values: np.ndarray) -> np.ndarray:
        """Values of the rows, and last, for row -1, the start."""
        return np.append(values, np.nan if self.start is None else self.start)

    def _turns(self) -> tuple[bool, np.ndarray]:
        """Whether few are at risk at first, and the times at which that changes."""
        return self.curve.few_at_risk() if self.pale else (False, np.zeros(0))

    def band(self, rows: np.ndarray, end: float = np.inf) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Times up to `end` and limits, each holding until the next; they end a step after the last that exists."""
        x, low, high = self._whole_band(rows)
        within = int(np.count_nonzero(x <= end))
        if within in (0, len(x)):
            return x[:within], low[:within], high[:within]
        low, high = (np.append(v[:within], v[within - 1]) for v in (low, high))
        return np.append(x[:within], end), low, high

    def _whole_band(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self.lower is None or self.upper is None or not len(rows):
            return np.zeros(0), np.zeros(0), np.zeros(0)
        low, high = self.lower[rows], self.upper[rows]
        if self.from_start:
            low, high = (np.where(self.value[rows] == self.start, self.value[rows], v) for v in (low, high))
        known = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
        if not len(known):
            return np.zeros(0), np.zeros(0), np.zeros(0)
        time = self.curve.time[rows]
        x, low, high = time[known], low[known], high[known]
        if self.from_start and self.start is not None:
            x, low, high = (np.append(a, b) for a, b in ((0.0, x), (self.start, low), (self.start, high)))
        after = min(known[-1] + 1, len(rows) - 1)
        return (
            (np.append(x, time[after]), np.append(low, low[-1]), np.append(high, high[-1]))
            if after > known[-1]
            else (x, low, high)
        )

    def ticks(self, end: float, pixels: int, most: int) -> np.ndarray:
        """Rows with a censoring tick; none where they are too many to see."""
        if not self.censored or isinstance(self.curve, IncidenceCurve):
            return np.zeros(0, dtype=int)
        rows = np.flatnonzero((self.curve.n_censored > 0) & np.isfinite(self.value) & (self.curve.time <= end))
        rows = rows[last_per_pixel(self.curve.time[rows], end, pixels)]
        return rows if len(rows) <= most else rows[:0]


# ---------------------------------------------------------------- on a chart
def step_trace(x: Sequence[float], y: Sequence[float], line: Json, **more: Any) -> Json:
    """A right-continuous line of a chart."""
    return {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y), "line": {"shape": "hv", **line}, **more}


def step_band(
    x: Sequence[float], low: Sequence[float], high: Sequence[float], color: str, opacity: float, **more: Any
) -> list[Json]:
    """The area between two right-continuous lines of a chart."""
    look, quiet = {"width": 0, "color": color}, {"hoverinfo": "skip", "showlegend": False, **more}
    fill = {"fill": "tonexty", "fillcolor": fade(color, opacity)}
    return [step_trace(x, low, look, **quiet), step_trace(x, high, look, **fill, **quiet)]


def step_traces(
    line: StepLine, style: Style, end: float, *, group: str, hover: str, percent: bool = True, band: float = 0.15,
    top: float = np.inf, opacity: float = 1.0, pick: str = "", **entry: Any,
) -> list[Json]:  # fmt: skip
    """A curve on the first axes of a chart.

    Args:
        end: of the time axis. group: what the legend hides and shows together.
        hover: template; its customdata are the limits, the number at risk, then events (and censorings) so far.
        percent: limits are told as percentages. band: opacity of the band. top: where the band is cut off.
        pick: what a click on the curve means. entry: `name` and `showlegend` of the line.
    """
    rows, own = line.rows(end), {"legendgroup": group}
    if not len(rows):
        return []
    fine = 4 if len(rows) < PIXELS / 2 else 2  # decimals of a time: long curves are sent shorter
    time, held, parts = line.points(rows, end)
    if not len(time):
        return []
    data = [*_band_traces(line, rows, fine, top, band, own, end), *_median_traces(line, style, own, end)]
    x, y = _rounded(time, fine), _rounded(line.held(line.value)[held], 6)  # a share is told with one decimal of percent
    points = _hover(line, time, held, percent)
    width = max(1.0, style.line * line.width)
    meant: Json = {"meta": {"pick": pick, "tip": tip_text(str(entry.get("name", "")))}} if pick else {}
    solid, listed = next((i for i, part in enumerate(parts) if not part[2]), 0), entry.pop("showlegend", True)
    for i, (a, b, pale) in enumerate(parts):
        more: Json = {"customdata": points[a:b]} if "customdata" in hover else {}
        if pale or opacity < 1:
            more["opacity"] = PALE[style.theme] if pale else opacity
        data.append(
            step_trace(x[a:b], y[a:b], {"color": line.color, "width": _width(width, pale), "dash": line.dash},
                       hovertemplate=hover, **own,
                       **entry, **more, **meant, showlegend=listed and i == solid)
        )  # fmt: skip
    ticks = line.ticks(end, PIXELS, MAX_CENSOR_MARKS)
    if len(ticks):
        mark = {"symbol": "line-ns-open", "size": round(8 * style.unit), "color": line.color,
                "line": {"width": max(1, style.line * 0.6), "color": line.color}}  # fmt: skip
        data.append(
            {"type": "scatter", "mode": "markers", "x": _rounded(line.curve.time[ticks]),
             "y": _rounded(line.value[ticks]), "hoverinfo": "skip", "marker": mark, **own, "showlegend": False}
        )  # fmt: skip
    return data


def _width(width: float, pale: bool) -> float:
    return round(width * PALE_WIDTH, 2) if pale else width


def _rounded(values: np.ndarray, digits: int = 4) -> list[float]:
    return [round(v, digits) for v in values.tolist()]


def _band_traces(
    line: StepLine, rows: np.ndarray, fine: int, top: float, opacity: float, own: Json, end: float
) -> list[Json]:  # fmt: skip
    if fine < 4:  # so many steps that each is finer than the line is wide: the band needs every second one
        rows = np.append(rows[:-1:2], rows[-1])
    x, *limits = line.band(rows, end)
    if not len(x) or not opacity:
        return []
    low, high = (_rounded(np.minimum(v, top), 3) for v in limits)
    return step_band(_rounded(x, fine), low, high, line.color, opacity, **own)


def _median_traces(line: StepLine, style: Style, own: Json, end: float) -> list[Json]:
    if line.median is None or line.median > end:
        return []
    m, look = round(line.median, 4), {"color": line.color, "width": max(0.8, style.line / 2), "dash": "dot"}
    return [{"type": "scatter", "mode": "lines", "x": [0, m, m], "y": [0.5, 0.5, 0], "hoverinfo": "skip", **own,
             "showlegend": False, "line": look, "opacity": 0.8}]  # fmt: skip


def _hover(line: StepLine, time: np.ndarray, held: np.ndarray, percent: bool) -> list[list[object]]:
    """Limits and counts of each point of a line."""
    none = np.full(len(line.value), np.nan)
    low, high = (none if v is None else v for v in (line.lower, line.upper))
    if line.from_start:
        low, high = (np.where(line.value == line.start, line.value, v) for v in (low, high))
    start = "" if line.start is None else f"{100 * line.start if percent else line.start:g}"
    shown = [start if row < 0 else _limits(low[row], high[row], percent) for row in held]
    return [[limits, *n] for limits, n in zip(shown, line.curve.counts_at(time), strict=True)]


def _limits(low: float, high: float, percent: bool) -> str:
    if not np.isfinite(low):
        return "not estimable"
    return "–".join(format_number(100 * v, 1) if percent else format_number(v, 2) for v in (low, high))


# ---------------------------------------------------------------- around the curves of a chart
@dataclass(frozen=True)
class CountRow:
    """A row under the time axis: a name, a number for each tick, and the look of the curve that it stands for.

    tip, pick: what the row tells, and what a click on it means.
    """

    name: str
    numbers: Sequence[str] = ()
    look: tuple[str, str] | None = None
    bold: bool = False
    muted: bool = False
    indent: float = 2
    tip: str = ""
    pick: str = ""


class StepFrame:
    """Sizes, axes, legend and the numbers below; these share the time axis, so they can't come out of line."""

    def __init__(
        self, style: Style, *, unit: str, origin: str, last: float, cell: float, names: float, legend_title: str,
        entries: Sequence[str], rows: Callable[[list[float]], list[CountRow]] | None, at: Sequence[float] = (),
        first: float = 0.0, end: float = 0.0, step: float = 0.0, above: float = 0.0, height: float = 0.0,
    ) -> None:  # fmt: skip
        """A frame for curves that end at `last`.

        Args:
            cell: pixels of the widest number. names: pixels left of the numbers. entries: of the legend.
            rows: what stands under the ticks; None for nothing. at: ticks that were asked for.
            first: where a logarithmic time axis begins; 0 for a linear one.
            end, step: of the time axis, where they were asked for. above: pixels kept free between legend and plot.
            height: pixels of all of it, where its parts fit in; 0 for the style's own.
        """
        self.style, self.unit, self.origin, self.cell, self.first = style, unit, origin, cell, first
        most = max(2, min(9, int((style.px - 120 * style.unit) / (cell + 12 * style.unit)))) if rows else 9
        self.end = end or max(axis_end(last, unit, most), max(at, default=0.0))
        ticks = log_ticks(first, self.end, unit) if first else time_ticks(self.end, unit, most)
        self.ticks = sorted(t for t in at if first <= t <= self.end) or ticks
        self.marks = self.ticks  # of the axis; the others have a label and numbers as well
        if step and not first:
            self.marks = step_ticks(self.end, step)
            widest = max(text_width(tick_text(t), style.font) for t in self.marks)
            wide = max(cell if rows else 0.0, widest) + 8 * style.unit
            room = (style.px - names - cell - 30 * style.unit) * step / self.end
            self.ticks = self.marks[:: max(1, int(-(-wide // max(room, 1e-9))))]
        self.row = LINE_HEIGHT * style.small * 1.08
        given = self.rows = rows(self.ticks) if rows else []
        groups = [r for r in self.rows if r.look and r.numbers]
        beside = all(text_width(r.name, style.small, r.bold) <= names - 34 * style.unit + 0.5 for r in groups)
        if not beside:  # a name that doesn't fit beside its numbers stands above them
            pairs = [(replace(r, numbers=()), CountRow("", r.numbers, tip=r.tip, pick=r.pick)) if r in groups else (r,)
                     for r in self.rows]  # fmt: skip
            self.rows = [part for pair in pairs for part in pair]
        named = names + cell / 2 if rows and beside else cell / 2 + 4
        self.left = max(named, style.font * 1.3 + 22 * style.unit + text_width("100 %", style.font))
        right = max(cell / 2 + 4, 14 * style.unit)
        if end:  # the last label may stand at the very end
            right = max(right, text_width(tick_text(self.ticks[-1]), style.font) / 2 + 2)
        places = self._columns(given, max(style.px - self.left - right, 1), bool(at) or bool(first))
        if len(places) < len(self.ticks):
            self.ticks = [self.ticks[i] for i in places]
            self.rows = [replace(r, numbers=[r.numbers[i] for i in places] if r.numbers else ()) for r in self.rows]
        self.legend: Json | None = None
        top = 10 * style.unit
        if len(entries) > 1:
            title = f"<b>{plain(fit(legend_title, style.font, style.px / 3))}</b>"
            free = style.px - self.left - right - block_size(title, style.font)[0]
            if style.px < NARROW and legend_columns(entries, style.font, free)[1] > free:
                title = ""  # the headline has it
            self.legend, top = legend(style, entries, self.left + right, title)
        self.above = above
        top += above
        gap = round(style.font * 2.6 + 26 * style.unit)  # tick labels and the axis title
        self.table = len(self.rows) * self.row
        self.margin = (self.left, right, top, 6 * style.unit if rows else gap)
        around = gap + self.table + top + 6 * style.unit
        usual = style.px * 9 / 16 - around if style.projected else 0.39 * style.px
        least = 140 if style.height and style.projected else 200  # type is what the last row needs
        self.plot = max(min(usual, style.height - around) if style.height else usual, least * style.unit)
        if height:
            self.plot = max(height - around, LOWEST * style.unit)
        self.inside = self.plot + (gap + self.table if rows else 0)
        self.height = round(self.inside + self.margin[2] + self.margin[3])

    def _columns(self, rows: Sequence[CountRow], across: float, uneven: bool) -> list[int]:
        """Places of the ticks whose labels and numbers don't touch on `across` pixels.

        uneven: ticks that stand in no one step; of the others every second, third ... is taken, so that they still do.
        """
        font, small, free = self.style.font, self.style.small, 5 * self.style.unit
        half = [
            max([text_width(tick_text(t), font), *(text_width(r.numbers[i], small) for r in rows if r.numbers)]) / 2
            for i, t in enumerate(self.ticks)
        ]
        at = [across * share for share in along(self.ticks, self.first, self.end)]

        def apart(a: int, b: int) -> bool:
            return at[b] - at[a] >= half[a] + half[b] + free

        if uneven:
            kept = [0]
            for i in range(1, len(at)):
                if apart(kept[-1], i):
                    kept.append(i)
            return kept
        every = (list(range(0, len(at), k)) for k in range(1, len(at) + 1))
        return next(kept for kept in every if all(map(apart, kept, kept[1:])))

    @property
    def across(self) -> float:
        """Pixels of the plot from left to right."""
        return max(self.style.px - self.left - self.margin[1], 1)

    def spec(
        self, data: list[Json], notes: list[Json], title: str, low: float, high: float, ticks: Sequence[float],
        labels: Sequence[str], column: str = "", label: str = "",
    ) -> Json:  # fmt: skip
        """The whole description; `title`, range, `ticks` and `labels` are those of the value axis.

        column: that holds the times, and label: what they are times to; a range of them can be dragged.
        """
        style, ends, log = self.style, (0.0, self.end), Json()
        if self.first:
            ends, log = (float(np.log10(self.first)), float(np.log10(self.end))), {"type": "log"}
        named = [tick_text(t) if t in self.ticks else "" for t in self.marks]
        if self.legend and self.above:
            self.legend = {**self.legend, "y": 1 + self.above / max(self.inside, 1)}
        axes = {
            "xaxis": axis(style, *ends, self.marks, named,
                          plain(since(self.unit, self.origin)), anchor="y", **log),
            "yaxis": axis(style, low, high, ticks, labels, plain(fit(title, style.font, self.plot * 0.98)), grid=True,
                          domain=[1 - self.plot / self.inside, 1]),
        }  # fmt: skip
        shapes: list[Json] = []
        if self.rows:
            axes["yaxis2"] = axis(style, -len(self.rows) + 0.5, 0.5, line=False, domain=[0, self.table / self.inside],
                                  showticklabels=False, visible=False)  # fmt: skip
            data = [*data, self._numbers()]
            notes = [*notes, *(self._name(i, row, name) for i, row, name in self._named())]
            shapes = [self._dash(i, row.look) for i, row in enumerate(self.rows) if row.look]
        shown = {"showlegend": True, "legend": self.legend} if self.legend else {}
        begin = -self.left / max(style.px - self.left - self.margin[1], 1)
        areas = [place((begin, 1), (-i - 0.5, -i + 0.5), row.tip, row.pick, xref="paper", yref="y2")
                 for i, row in enumerate(self.rows) if row.pick]  # fmt: skip
        meta = {"areas": areas, **dragged("" if self.first else column, f"{label}, {self.unit}")}
        return {"data": data, "layout": layout(style, self.height, self.margin, **axes, annotations=notes,
                                               shapes=shapes, meta=meta, **shown)}  # fmt: skip

    def _numbers(self) -> Json:
        """The numbers as one trace on the curves' own time axis."""
        rows = [(-i, row.numbers) for i, row in enumerate(self.rows) if row.numbers]
        cells = [(t, y, text) for y, numbers in rows for t, text in zip(self.ticks, numbers, strict=True)]
        x, y, text = (list(column) for column in zip(*cells, strict=True))
        return {
            "type": "scatter", "mode": "text", "xaxis": "x", "yaxis": "y2", "x": x, "y": y, "text": text,
            "cliponaxis": False, "textposition": "middle center", "hoverinfo": "skip", "showlegend": False,
            "textfont": {"size": self.style.small, "color": self.style.ink("text")}, "name": "numbers",
        }  # fmt: skip

    def _named(self) -> list[tuple[int, CountRow, str]]:
        """Each row with its place and its name as it fits; names of groups that differ stay different."""
        style, names = self.style, [row.name for row in self.rows]
        groups = [i for i, row in enumerate(self.rows) if row.look]
        if groups:
            beside = any(self.rows[i].numbers for i in groups)
            room = self.left - 34 * style.unit - self.cell / 2 if beside else style.px * 0.85
            short = fit_all([names[i] for i in groups], style.small, room, any(self.rows[i].bold for i in groups))
            for i, name in zip(groups, short, strict=True):
                names[i] = name
        return [(i, row, fit(name, style.small, style.px, row.bold))
                for i, (row, name) in enumerate(zip(self.rows, names, strict=True))]  # fmt: skip

    def _name(self, i: int, row: CountRow, name: str) -> Json:
        style, label = self.style, plain(name)
        indent = 28 * style.unit if row.look else row.indent
        look = {"size": style.small, "color": style.ink("muted" if row.muted else "text")}
        return note(style, 0, -i, f"<b>{label}</b>" if row.bold else label, yref="y2",
                    xshift=round(indent - self.left, 1), font=look)  # fmt: skip

    def _dash(self, i: int, look: tuple[str, str]) -> Json:
        """A dash that tells whose numbers stand beside it."""
        color, dash = look
        left = self.left
        return {"type": "line", "xref": "paper", "yref": "y2", "xsizemode": "pixel", "xanchor": 0, "y0": -i, "y1": -i,
                "x0": round(2 - left, 1), "x1": round(24 * self.style.unit - left, 1),
                "line": {"color": color, "width": self.style.line, "dash": dash}}  # fmt: skip


@dataclass(frozen=True, eq=False)
class CurveChart:
    """What a chart of step curves shows, unrounded.

    lines: the curves, with what the legend calls each (`entries`). bands: whether their limits are shown.
    ends: of the time axis, its first above 0 where it is logarithmic; of the value axis `span`, with `values` and their
    `labels` as ticks. ticks, rows: what stands below the axis. said: texts on the plot, such as the test.
    """

    lines: tuple[StepLine, ...]
    entries: tuple[str, ...]
    bands: bool
    ends: tuple[float, float]
    ticks: tuple[float, ...]
    rows: tuple[CountRow, ...]
    time_title: str
    title: str
    span: tuple[float, float]
    values: tuple[float, ...]
    labels: tuple[str, ...]
    legend_title: str = ""
    said: tuple[str, ...] = ()


def curve_chart(
    frame: StepFrame, lines: Sequence[StepLine], entries: Sequence[str], bands: bool,
    values: tuple[str, float, float, Sequence[float], Sequence[str]], legend_title: str, notes: Sequence[Json],
) -> CurveChart:  # fmt: skip
    """The chart of curves in a frame; `values` are title, range, ticks and labels of the value axis."""
    title, low, high, ticks, labels = values
    said = tuple(tip_text(n["text"]) for n in notes if n.get("xref") == "x domain")
    return CurveChart(
        tuple(lines), tuple(map(tip_text, entries)), bands, (frame.first, frame.end), tuple(frame.ticks),
        tuple(frame.rows), since(frame.unit, frame.origin), title, (low, high), tuple(ticks), tuple(labels),
        legend_title, said,
    )  # fmt: skip


# ---------------------------------------------------------------- in a panel of an SVG
@dataclass(frozen=True)
class Box:
    """The pixels of a panel's curves: time from 0 to `end`, values from 0 to `top`."""

    width: float
    height: float
    end: float
    top: float = 1.0

    def across(self, time: np.ndarray) -> list[int]:
        return np.rint(time / self.end * self.width * TENTH).astype(np.int64).tolist()

    def down(self, value: np.ndarray) -> list[int]:
        shares = 1 - np.minimum(value, self.top) / self.top
        return np.rint(shares * self.height * TENTH).astype(np.int64).tolist()


def step_marks(line: StepLine, style: Style, box: Box) -> str:
    """A curve as SVG, in whole tenths of a pixel."""
    rows = line.rows(box.end, int(box.width))
    if not len(rows):
        return ""
    time, held, parts = line.points(rows)
    x, y = box.across(time), box.down(line.held(line.value)[held])
    lengths = [f"{float(d.removesuffix('px')) * TENTH:g}px" for d in line.dash.split(",") if "px" in d]
    dash = ",".join(lengths) or line.dash
    width = style.line * line.width * TENTH
    marks = [_band_mark(line, rows, box)]
    if line.shaded_to is not None:
        marks.append(_area_mark(line, x, y, box))
    for a, b, pale in parts:
        look = stroke(line.color, _width(width, pale), dash, PALE[style.theme] if pale else 1)
        marks.append(f'<path d="{_path(x[a:b], y[a:b])}"{look}/>')
    thin = max(0.8, style.line / 2) * TENTH
    ticks, half = line.ticks(box.end, int(box.width), MAX_PANEL_MARKS), round(2.5 * TENTH * style.unit)
    if len(ticks):
        places = zip(box.across(line.curve.time[ticks]), box.down(line.value[ticks]), strict=True)
        path = "".join(f"M{a} {b - half}v{2 * half}" for a, b in places)
        marks.append(f'<path d="{path}"{stroke(line.color, thin)}/>')
    if line.median is not None:
        (m,), (at, bottom) = box.across(np.array([line.median])), box.down(np.array([0.5, 0.0]))
        marks.append(f'<path d="M{m} {at}V{bottom}"{stroke(line.color, thin, "dot")}/>')
    if line.pick:  # a thin line is hit beside it, too
        look = f'stroke="#fff" stroke-opacity="0" stroke-width="{number(HIT * TENTH)}"'
        marks.append(f'<path class="near" d="{_path(x, y)}" {look}/>')
    told = attributes(line.tip, line.pick)
    return f'<g transform="scale(.1)" fill="none" stroke-linejoin="round"{told}>{"".join(marks)}</g>'


def _path(x: Sequence[int], y: Sequence[int]) -> str:
    """A step curve in absolute tenths; a step that moves less than a tenth leaves no trace."""
    parts, level = [f"M{x[0]} {y[0]}"], y[0]
    for a, b in zip(x[1:], y[1:], strict=True):
        if b != level:
            parts.append(f"H{a}V{b}")
            level = b
    parts.append(f"H{x[-1]}")
    return "".join(parts)


def _band_mark(line: StepLine, rows: np.ndarray, box: Box) -> str:
    time, *limits = line.band(rows)
    if len(time) < 2:
        return ""
    x, (low, high) = box.across(time), (box.down(v) for v in limits)
    back = "".join(f"V{b}H{a}" for a, b in zip(x[-2::-1], low[-2::-1], strict=True))
    return f'<path d="{_path(x, high)}{back}Z"{paint(line.color)} opacity=".15"/>'


def _area_mark(line: StepLine, x: Sequence[int], y: Sequence[int], box: Box) -> str:
    """Everything under the curve up to a time."""
    (stop,), (bottom,) = box.across(np.array([line.shaded_to])), box.down(np.zeros(1))
    within = [i for i, a in enumerate(x) if a < stop]
    path = _path([*(x[i] for i in within), stop], [*(y[i] for i in within), y[within[-1]]])
    return f'<path d="{path}V{bottom}H0Z"{paint(fade(line.color, 0.2))}/>'
