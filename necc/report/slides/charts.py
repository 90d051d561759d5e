"""Curves, forests and bars as charts of PowerPoint, with tables that stand exactly under or beside their axes.

The numbers of a chart are those of the result, unrounded. The place of the plot within its chart is fixed, so a table
laid along it stays in line.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from necc.core.text import for_xml, spreadsheet_safe
from necc.present.figures import Style
from necc.present.figures.bars import Bar, BarChart
from necc.present.figures.ratios import RatioChart, RatioRow, on_axis
from necc.present.figures.scales import nice_ticks
from necc.present.figures.steps import CountRow, CurveChart, StepLine
from necc.present.figures.style import DASH_ORDER, INK
from necc.present.words import report as words
from necc.present.words.phrases import share_ci
from necc.report.fitting import PAD, width_of
from necc.report.slides.deck import ACROSS, BOTTOM, LEAST, LEFT, MUTED, TEXT, TOP, Deck, Run
from necc.report.slides.pages import fill_table

STYLE = Style(size="presentation", width=1180)
SMALL, NORMAL = LEAST, 14
ROW = 0.265  # inches of a row of numbers
AXIS = 0.78  # inches of the labels and the title below a plot
ABOVE = 0.42  # of the legend
KEY = 0.65  # of the line before a legend's word, and the gap after it
MOST_LEGEND = 4.2  # of a legend beside the plot
LEAST_PLOT = 0.375  # of a slide's height: with less, the numbers below follow on another
GRID, LINE = INK["light"]["grid"], INK["light"]["axis"]
DASHES = {
    "dash": "DASH", "dot": "ROUND_DOT", "dashdot": "DASH_DOT", "longdash": "LONG_DASH", "longdashdot": "LONG_DASH_DOT",
    "dashdotdot": "DASH_DOT_DOT", "sparse": "SQUARE_DOT",
}  # fmt: skip
MARKS = ("CIRCLE", "SQUARE", "DIAMOND", "TRIANGLE")


# ---------------------------------------------------------------- curves
def curves(deck: Deck, chart: CurveChart, alt: str) -> None:
    """Step curves with limits, censoring marks and medians; below them the numbers at risk as a table."""
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    rows, side = chart.rows, _side(chart)
    tall = BOTTOM - TOP - len(rows) * ROW
    later = list[list[CountRow]]()
    if tall - AXIS - (ABOVE if len(chart.lines) > 1 and not side else 0.08) < LEAST_PLOT * (BOTTOM - TOP):
        later, rows, tall = row_pages(rows), (), BOTTOM - TOP
    slide = deck.slide(of=1 + len(later))
    box = _time_box(chart, rows, tall, side)
    series = [one for line, entry in zip(chart.lines, chart.entries, strict=True)
              for one in _line_series(line, entry, chart)]  # fmt: skip
    data, looks = _xy(sorted(series, key=lambda one: one[0].layer))
    group = slide.shapes.add_group_shape()
    group.name = "Curves"
    if chart.bands:
        for line, entry in zip(chart.lines, chart.entries, strict=True):
            _band(group, line, entry, chart, box)
    frame = group.shapes.add_chart(
        XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, *map(Inches, (LEFT, TOP, ACROSS, tall)), data
    )
    _named(frame, "Kaplan-Meier chart", alt)
    made = frame.chart
    _draw_series(made, looks)
    _legend(made, [look.listed for look in looks], len(chart.lines) > 1, side / ACROSS)
    percent = chart.labels[:1] != ("",) and any("%" in label for label in chart.labels)
    step = chart.ticks[1] - chart.ticks[0] if len(chart.ticks) > 1 else chart.ends[1]
    _axis(made.category_axis, chart.time_title, (0, chart.ends[1]), step, "General")
    gap = chart.values[1] - chart.values[0] if len(chart.values) > 1 else chart.span[1]
    _axis(made.value_axis, chart.title, chart.span, gap, "0%" if percent else "General", grid=True)
    _inner(made, box, (LEFT, TOP, ACROSS, tall))
    for i, text in enumerate(chart.said):
        wide = width_of(text, NORMAL) + 0.1
        low = chart.lines[0].start == 1 and _high(chart)
        top = box[1] + box[3] - 0.32 * (i + 1) if low else box[1] + 0.04 + 0.3 * i
        left = box[0] + 0.1 if low or chart.lines[0].start != 1 else box[0] + box[2] - wide
        deck.text(slide, [[Run(text, NORMAL)]], (left, top, wide, 0.28)).name = "Test"
    if rows:
        _numbers(slide, chart, rows, box, TOP + tall)
    for part, told in enumerate(later, start=2):
        named = [CountRow(chart.time_title, tuple(f"{tick:g}" for tick in chart.ticks), bold=True), *told]
        _numbers(deck.slide(part=part, of=1 + len(later)), chart, named, _time_box(chart, named, tall, 0.0), TOP)


def _side(chart: CurveChart) -> float:
    """Inches beside the plot for a legend that has no room in a line above it; 0 where it has."""
    wide = [width_of(entry, NORMAL) + KEY for entry in chart.entries]
    return min(max(wide), MOST_LEGEND) if len(wide) > 1 and sum(wide) > ACROSS - 1 else 0.0


def row_pages(rows: Sequence[CountRow]) -> list[list[CountRow]]:
    """Rows of numbers by slides, a row for the times left free on each; the rows of a group stay together."""
    most, pages = int((BOTTOM - TOP) / ROW) - 1, [list[CountRow]()]
    for group in _groups_of(rows):
        if pages[-1] and len(pages[-1]) + len(group) > most:
            pages.append([])
        pages[-1] += group
    return pages


def _groups_of(rows: Sequence[CountRow]) -> list[list[CountRow]]:
    """Each row that names a group, with those below it."""
    groups = list[list[CountRow]]()
    for row in rows:
        if not groups or row.look or row.bold:
            groups.append([])
        groups[-1].append(row)
    return groups


def _high(chart: CurveChart) -> bool:
    """Whether the curves stay so high that their upper right corner isn't free."""
    late = 0.6 * chart.ends[1]
    return any(
        float(np.nanmax(line.value[line.curve.time >= late], initial=0)) > 0.8
        for line in chart.lines if (line.curve.time >= late).any()
    )  # fmt: skip


def _time_box(
    chart: CurveChart, rows: Sequence[CountRow], tall: float, side: float
) -> tuple[float, float, float, float]:  # fmt: skip
    """Where the plot is (left, top, width, height in inches): names of rows fit at its left, each number under its
    tick, a legend at its right."""
    end = chart.ends[1]
    cell = min((b - a for a, b in zip(chart.ticks, chart.ticks[1:], strict=False)), default=end) / end
    names = max((_name_width(row) for row in rows), default=0.0)
    over = max(cell / 2 - (1 - chart.ticks[-1] / end), 0.0) if rows else 0.0
    first, across = cell / 2 if rows else 0.0, ACROSS - side
    wide = min((across - names - 0.05) / (1 + first + over), across - 1.05 - 0.2)
    wide = min(wide, (across - 0.25) / (1 + over) - 1.0)
    left, above = max(names + wide * first, 1.0), ABOVE if len(chart.lines) > 1 and not side else 0.08
    return LEFT + left, TOP + above, wide, tall - AXIS - above


def _name_width(row: CountRow) -> float:
    return width_of(row.name, SMALL, row.bold or bool(row.look)) + 2 * PAD + 0.15 if row.numbers else 0.0


class _Look:
    """How a series is drawn, and whether the legend lists it."""

    def __init__(
        self, name: str, color: str, dash: str = "SOLID", width: float = 2.5, mark: str = "", listed: bool = False,
        alpha: float = 1.0, layer: int = 2,
    ) -> None:  # fmt: skip
        self.name, self.color, self.dash, self.width = name, color, dash, width
        self.mark, self.listed, self.alpha, self.layer = mark, listed, alpha, layer


def _name(text: str) -> str:
    """What a series or a category is called, here and in the chart's workbook, which would run it as a formula."""
    return spreadsheet_safe(for_xml(text))


Points = list[tuple[float, float]]


def _xy(series: Sequence[tuple[_Look, Points]]) -> tuple[Any, list[_Look]]:
    """Data of a chart of points. The first series has as many as any other, its last one repeated: LibreOffice 7.4
    forgets the series before a longer one."""
    from pptx.chart.data import XyChartData

    data, most = XyChartData(), max((len(points) for _, points in series), default=0)
    for i, (look, points) in enumerate(series):
        made = data.add_series(_name(look.name))
        for x, y in [*points, *(points[-1:] * (most - len(points)) if i == 0 else [])]:
            made.add_data_point(float(x), float(y))
    return data, [look for look, _ in series]


def _line_series(line: StepLine, entry: str, chart: CurveChart) -> Iterable[tuple[_Look, Points]]:
    """The series of one curve: its parts, pale where few are at risk, its limits, its median, its censoring marks."""
    end = chart.ends[1]
    rows = np.flatnonzero(np.isfinite(line.value))
    steps = np.union1d(rows[line.curve.n_events[rows] > 0], rows[-1:])
    if not len(steps):
        return
    dash = _dash(line.dash)
    time, held, parts = line.points(steps, end)
    values = line.held(line.value)[held]
    listed = next((i for i, part in enumerate(parts) if not part[2]), 0)
    for i, (a, b, pale) in enumerate(parts):
        name = entry if i == listed else f"{entry}: {words.FEW_AT_RISK_NAME}" if pale else f"{entry} ({i + 1:,})"
        look = _Look(name, line.color, dash, 1.4 if pale else 2.5, listed=i == listed, alpha=0.6 if pale else 1)
        yield look, _steps(time[a:b], values[a:b])
    if chart.bands:
        x, *limits = line.band(steps, end)
        for kind, limit in zip(("lower limit", "upper limit"), limits, strict=True):
            if len(x):
                yield _Look(f"{entry}: {kind}", line.color, "SOLID", 0.5, alpha=0.5, layer=0), _steps(x, limit)
    if line.median is not None and line.median <= end:
        dotted: Points = [(0.0, 0.5), (line.median, 0.5), (line.median, 0.0)]
        yield _Look(f"{entry}: median", line.color, "ROUND_DOT", 1.0, layer=1), dotted
    ticks = line.ticks(end, 10**6, 10**6)
    if len(ticks):
        marks = list(zip(line.curve.time[ticks].tolist(), line.value[ticks].tolist(), strict=True))
        yield _Look(f"{entry}: censored", line.color, mark="PLUS", layer=3), marks


def _steps(time: np.ndarray, values: np.ndarray) -> Points:
    """The corners of a curve that holds each value until the next time."""
    points: Points = []
    for x, y in zip(time.tolist(), values.tolist(), strict=True):
        if points and points[-1][1] != y:
            points.append((x, points[-1][1]))
        points.append((x, y))
    return points


def _band(group: Any, line: StepLine, entry: str, chart: CurveChart, box: tuple[float, float, float, float]) -> None:
    """The area between the limits as a drawing behind the chart; it doesn't follow numbers that are edited."""
    from lxml import etree
    from pptx.dml.color import RGBColor
    from pptx.oxml.ns import qn
    from pptx.util import Inches

    rows = np.flatnonzero(np.isfinite(line.value))
    steps = np.union1d(rows[line.curve.n_events[rows] > 0], rows[-1:])
    x, low, high = line.band(steps, chart.ends[1]) if len(steps) else (np.zeros(0),) * 3
    if len(x) < 2:
        return
    bottom, top = chart.span

    def at(point: tuple[float, float]) -> tuple[int, int]:
        share = (min(point[1], top) - bottom) / (top - bottom)
        return Inches(box[0] + point[0] / chart.ends[1] * box[2]), Inches(box[1] + (1 - share) * box[3])

    corners = [at(point) for point in (*_steps(x, high), *reversed(_steps(x, low)))]
    builder = group.shapes.build_freeform(*corners[0], scale=1.0)
    builder.add_line_segments(corners[1:], close=True)
    shape = builder.convert_to_shape()
    shape.name = for_xml(f"{entry}: {words.LIMITS_DRAWN}")
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(line.color.lstrip("#"))
    shape.line.fill.background()
    element = shape._element  # noqa: SLF001 - neither transparency nor the theme's shadow has a call
    etree.SubElement(element.find(f".//{qn('a:srgbClr')}"), qn("a:alpha"), val="16000")
    if (themed := element.find(qn("p:style"))) is not None:
        element.remove(themed)


def _numbers(
    slide: Any, chart: CurveChart, rows: Sequence[CountRow], box: tuple[float, float, float, float], top: float
) -> None:  # fmt: skip
    """The rows of numbers as a table whose columns stand under their ticks."""
    from pptx.util import Inches

    at = [box[0] + t / chart.ends[1] * box[2] for t in chart.ticks]
    cell = min((b - a for a, b in zip(at, at[1:], strict=False)), default=1.2)
    edges, places = [LEFT], list[int]()
    for x in at:
        if x - cell / 2 > edges[-1] + 0.01:
            edges.append(x - cell / 2)
        places.append(len(edges) - 1)
        edges.append(x + cell / 2)
    widths = [b - a for a, b in zip(edges, edges[1:], strict=False)]
    frame = slide.shapes.add_table(len(rows), len(widths), *map(Inches, (LEFT, top, sum(widths), len(rows) * ROW)))
    _named(frame, "Numbers at risk", "")
    for column, width in zip(frame.table.columns, widths, strict=True):
        column.width = Inches(width)
    lines = []
    for row in rows:
        line: list[str | Run] = [""] * len(widths)
        for place, number in zip(places, row.numbers, strict=False):
            line[place] = Run(number, SMALL)
        color = row.look[0] if row.look else MUTED if row.muted else TEXT
        line[0] = Run(("   " if row.indent > 2 and not row.look else "") + row.name, SMALL, row.bold, color)
        lines.append(line)
    fill_table(frame.table, lines, ["l", *["c"] * (len(widths) - 1)], ROW)
    for j, row in enumerate(rows):
        if not row.numbers:  # a name alone may be as long as the table
            frame.table.cell(j, 0).merge(frame.table.cell(j, len(widths) - 1))


# ---------------------------------------------------------------- forests and bars: a plot within a table
def ratios(deck: Deck, chart: RatioChart, alt: str) -> None:
    """Hazard ratios with their intervals on a log axis within a table of their names and numbers."""
    from pptx.enum.chart import XL_CHART_TYPE

    low, high, base = _log_ends(chart.ends)
    widest = max(width_of(row.text, SMALL) for row in chart.rows)
    heads = ("", "", chart.title if width_of(chart.title, SMALL, True) <= widest + 0.1 else "")
    lines = [(row.label, "", row.text, row.heading) for row in chart.rows]
    for rows, place in _rows(deck, lines, heads, AXIS, ABOVE if len(chart.kinds) > 1 else 0.0):
        n = len(rows)
        data, looks = _xy(list(_ratio_series([chart.rows[i] for i in rows], chart, low, high)))
        made = place.chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, data, alt)
        _draw_series(made, looks)
        _legend(made, [look.listed for look in looks], len(chart.kinds) > 1)
        title = " · ".join((f"← {chart.sides[0]}", f"{chart.sides[1]} →")) if chart.sides else chart.title
        _axis(made.category_axis, title, (low, high), base, "General", log=base)
        _axis(made.value_axis, "", (-n + 0.5, 0.5), 1, "General", hidden=True)
        place.settle(made)


def _ratio_series(
    rows: Sequence[RatioRow], chart: RatioChart, low: float, high: float
) -> Iterable[tuple[_Look, Points]]:  # fmt: skip
    yield _Look("1", MUTED, "DASH", 1.0), [(1.0, -len(rows) + 0.5), (1.0, 0.5)]
    seen = [(i, row, on_axis(row.estimate, low, high)) for i, row in enumerate(rows) if row.estimate]
    for i, row, shown in seen:
        if shown and shown.line:
            yield _Look(_named_row(row, i), chart.colors[row.place], "SOLID", 1.75), [
                (shown.line[0], -i), (shown.line[1], -i),
            ]  # fmt: skip
    for kind, color in enumerate(chart.colors):
        marks = [(s.value, -i) for i, row, s in seen if s and s.value is not None and row.place == kind]
        if marks:
            name = chart.kinds[kind] if kind < len(chart.kinds) else chart.title
            yield _Look(name, color, mark=MARKS[kind], listed=True), [(float(x), float(y)) for x, y in marks]


def _named_row(row: RatioRow, i: int) -> str:
    return f"{row.label.strip() or words.SAME_ROW} {i + 1:,}: {words.INTERVAL}"


def _log_ends(ends: tuple[float, float]) -> tuple[float, float, int]:
    """Ends of a log axis whose ticks are round, and the base of these."""
    base = 2 if ends[0] > 1 / 20 and ends[1] < 20 else 10
    low, high = (math.log(end) / math.log(base) for end in ends)
    return float(base ** math.floor(low + 1e-9)), float(base ** math.ceil(high - 1e-9)), base


def bars(deck: Deck, chart: BarChart, alt: str) -> None:
    """Shares as bars with their intervals within a table of their names and numbers."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    several = len(chart.groups) > 1
    flat = [(row, bar, k) for row in chart.rows for k, bar in enumerate(row.bars)]
    lines = [
        (row.label if k == 0 else "", _group_name(bar, k, chart) if several else "",
         "  ".join(filter(None, (bar.text, _limits(bar)))), False)
        for row, bar, k in flat
    ]  # fmt: skip
    level = next((bar.interval.level for _, bar, _ in flat if bar.interval and bar.interval.level), None)
    heads = ("", chart.legend_title if several else "", words.share_heading(level) if level else "")
    reach = max((v for _, bar, _ in flat for v in (bar.value, bar.interval.upper if bar.interval else None)
                 if v is not None), default=1.0)  # fmt: skip
    ticks = nice_ticks(min(100 * reach, 100), 5)
    step = (ticks[1] - ticks[0]) / 100
    end = min(math.ceil(reach / step - 1e-9) * step, 1.0)
    for rows, place in _rows(deck, lines, heads, AXIS, 0.0):
        data, rows = CategoryChartData(), rows[::-1]  # PowerPoint counts categories from below
        data.categories = [_name(" ".join(filter(None, (flat[i][0].label, _group_name(flat[i][1], flat[i][2], chart)
                                                        if several else "")))) for i in rows]  # fmt: skip
        colors = list(dict.fromkeys(flat[i][1].color for i in rows))
        for color in colors:
            name = next(_group_name(flat[i][1], flat[i][2], chart) for i in rows if flat[i][1].color == color)
            data.add_series(
                _name(name or chart.title), [flat[i][1].value if flat[i][1].color == color else None for i in rows]
            )
        made = place.chart(XL_CHART_TYPE.BAR_CLUSTERED, data, alt)
        plot = made.plots[0]
        plot.gap_width, plot.overlap = 45, 100
        for series, color in zip(plot.series, colors, strict=True):
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = _rgb(color)
            _error_bars(series, [flat[i][1] if flat[i][1].color == color else None for i in rows])
        made.has_legend = made.has_title = False
        _axis(made.value_axis, chart.title, (0, end), step, "0%", grid=True)
        _axis(made.category_axis, "", None, 0, "General", hidden=True)
        place.settle(made)


def _group_name(bar: Bar, k: int, chart: BarChart) -> str:
    return bar.group or (chart.groups[k][0] if k < len(chart.groups) else "")


def _limits(bar: Bar) -> str:
    return share_ci(bar.interval) if bar.interval and bar.interval.lower is not None else ""


def _error_bars(series: Any, bars_: Sequence[Bar | None]) -> None:
    """Intervals as PowerPoint's own error bars, with the limits' distances as numbers."""
    from lxml import etree
    from pptx.oxml.ns import qn

    arms = [_arms(bar) for bar in bars_]
    if not any(arms):
        return
    element = series._element  # noqa: SLF001 - python-pptx has no error bars
    made = etree.Element(qn("c:errBars"))
    for name, value in (("c:errBarType", "both"), ("c:errValType", "cust"), ("c:noEndCap", "0")):
        etree.SubElement(made, qn(name), val=value)
    for name, side in (("c:plus", 1), ("c:minus", 0)):
        numbers = etree.SubElement(etree.SubElement(made, qn(name)), qn("c:numLit"))
        etree.SubElement(numbers, qn("c:formatCode")).text = "General"
        etree.SubElement(numbers, qn("c:ptCount"), val=str(len(arms)))
        for i, arm in enumerate(arms):
            if arm:
                point = etree.SubElement(numbers, qn("c:pt"), idx=str(i))
                etree.SubElement(point, qn("c:v")).text = repr(arm[side])
    look = etree.SubElement(etree.SubElement(made, qn("c:spPr")), qn("a:ln"), w="15875")
    etree.SubElement(etree.SubElement(look, qn("a:solidFill")), qn("a:srgbClr"), val=TEXT.lstrip("#"))
    element.insert_element_before(made, "c:cat", "c:val", "c:shape", "c:extLst")


def _arms(bar: Bar | None) -> tuple[float, float] | None:
    """How far the limits are below and above a share."""
    p = bar.interval if bar else None
    if p is None or p.value is None or p.lower is None or p.upper is None:
        return None
    return float(p.value - p.lower), float(p.upper - p.value)


class _Place:
    """Where the plot of one slide stands: over the empty column of its table, row beside row."""

    def __init__(self, slide: Any, left: float, wide: float, top: float, tall: float, above: float) -> None:
        self.slide, self.left, self.wide, self.top, self.tall, self.above = slide, left, wide, top, tall, above

    @property
    def frame(self) -> tuple[float, float, float, float]:
        return self.left, self.top - self.above, self.wide, self.above + self.tall + AXIS

    def chart(self, kind: Any, data: Any, alt: str) -> Any:
        from pptx.util import Inches

        made = self.slide.shapes.add_chart(kind, *map(Inches, self.frame), data)
        _named(made, "Chart", alt)
        return made.chart

    def settle(self, made: Any) -> None:
        _inner(made, (self.left + 0.15, self.top, self.wide - 0.3, self.tall), self.frame)


Line = tuple[str, str, str, bool]  # label, group, numbers, whether it is a heading


def _rows(
    deck: Deck, lines: Sequence[Line], heads: tuple[str, str, str], below: float, above: float
) -> Iterable[tuple[list[int], _Place]]:  # fmt: skip
    """Slides with a table of these lines, each with the place of its plot and the lines on it."""
    from pptx.util import Inches

    head = ROW * 1.15 if any(heads) else 0.0
    most = int((BOTTOM - TOP - below - above - head) / ROW)
    pages = _pages([heading for *_, heading in lines], most)
    label = min(max((width_of(a, SMALL) for a, _, _, heading in lines if not heading), default=1.0), 3.6) + 0.2
    group = min(max(width_of(t, SMALL) for t in (heads[1], *(b for _, b, _, _ in lines))), 2.2)
    group += 0.2 if group else 0.0
    text = max(width_of(t, SMALL) for t in (heads[2], *(c for _, _, c, _ in lines))) + 0.2
    wide = ACROSS - label - group - text
    for part, rows in enumerate(pages, start=1):
        slide = deck.slide(part=part, of=len(pages))
        tall = min((BOTTOM - TOP - below - above - head) / len(rows), 0.5)
        widths = [w for w in (label, group, wide, text) if w]
        count = len(rows) + bool(head)
        frame = slide.shapes.add_table(
            count, len(widths), *map(Inches, (LEFT, TOP + above, sum(widths), head + len(rows) * tall))
        )
        _named(frame, "Numbers", "")
        for column, w in zip(frame.table.columns, widths, strict=True):
            column.width = Inches(w)
        cells: list[list[str | Run]] = []
        if head:
            row_ = [heads[0], heads[1], "", heads[2]]
            cells.append([Run(t, SMALL, True) for t, w in zip(row_, (label, group, wide, text), strict=True) if w])
        for i in rows:
            a, b, c, heading = lines[i]
            row_ = [a, b, "", c]
            cells.append([Run(t, SMALL, heading) for t, w in zip(row_, (label, group, wide, text), strict=True) if w])
        fill_table(frame.table, cells, ["l"] * len(widths), tall)
        if head:
            frame.table.rows[0].height = Inches(head)
        for k, i in enumerate(rows):
            if lines[i][3]:
                frame.table.cell(k + bool(head), 0).merge(frame.table.cell(k + bool(head), len(widths) - 1))
        yield rows, _Place(slide, LEFT + label + group, wide, TOP + above + head, len(rows) * tall, above)


def _pages(headings: Sequence[bool], most: int) -> list[list[int]]:
    """Lines by slides; a heading isn't the last of one."""
    pages, at = list[list[int]](), 0
    count = max(1, -(-len(headings) // most))
    each = -(-len(headings) // count)
    while at < len(headings):
        end = min(at + each, len(headings))
        if end < len(headings) and headings[end - 1] and end - at > 1:
            end -= 1
        pages.append(list(range(at, end)))
        at = end
    return pages


# ---------------------------------------------------------------- parts of a chart
def _rgb(color: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(color.lstrip("#"))


def _named(frame: Any, name: str, alt: str) -> None:
    frame.name = name
    frame._element.nvGraphicFramePr.cNvPr.set("descr", for_xml(alt or name))  # noqa: SLF001 - alternative text has no call


def _dash(lengths: str) -> str:
    """The dash of a line as PowerPoint names it."""
    name = next((name for name in DASH_ORDER if STYLE.dash(name) == lengths), "solid")
    return DASHES.get(name, "SOLID")


def _draw_series(chart: Any, looks: Sequence[_Look]) -> None:
    from lxml import etree
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    for series, look in zip(chart.plots[0].series, looks, strict=True):
        series.smooth = False
        if look.mark:
            series.format.line.fill.background()
            marker = series.marker
            marker.style, marker.size = getattr(XL_MARKER_STYLE, look.mark), 8
            if look.mark == "PLUS":
                marker.format.line.color.rgb = _rgb(look.color)
            else:
                marker.format.fill.solid()
                marker.format.fill.fore_color.rgb = _rgb(look.color)
                marker.format.line.fill.background()
            continue
        series.marker.style = XL_MARKER_STYLE.NONE
        line = series.format.line
        line.width = Pt(look.width)
        line.color.rgb = _rgb(look.color)
        if look.alpha < 1:
            color = series._element.find(f".//{qn('a:ln')}//{qn('a:srgbClr')}")  # noqa: SLF001 - no call for opacity
            etree.SubElement(color, qn("a:alpha"), val=str(round(100000 * look.alpha)))
        line.dash_style = getattr(MSO_LINE, look.dash)


def _legend(chart: Any, listed: Sequence[bool], shown: bool, side: float = 0.0) -> None:
    """A legend above the plot, of the series that are listed; at its right where it takes a share of the width."""
    from lxml import etree
    from pptx.enum.chart import XL_LEGEND_POSITION
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    chart.has_legend, chart.has_title = shown, False
    if not shown:
        return
    legend = chart.legend
    place_ = XL_LEGEND_POSITION.RIGHT if side else XL_LEGEND_POSITION.TOP
    legend.position, legend.include_in_layout = place_, False
    legend.font.size, legend.font.color.rgb = Pt(NORMAL), _rgb(TEXT)
    place = legend._element.find(qn("c:legendPos"))  # noqa: SLF001 - single entries have no call
    for i in reversed([i for i, one in enumerate(listed) if not one]):
        entry = etree.Element(qn("c:legendEntry"))
        etree.SubElement(entry, qn("c:idx"), val=str(i))
        etree.SubElement(entry, qn("c:delete"), val="1")
        place.addnext(entry)
    if side:
        overlay = legend._element.find(qn("c:overlay"))  # noqa: SLF001 - nor has its place
        overlay.addprevious(_layout({"x": 1 - side, "y": 0.02, "w": side, "h": 0.8}, inner=False))


def _axis(
    axis: Any, title: str, ends: tuple[float, float] | None, step: float, form: str, grid: bool = False,
    hidden: bool = False, log: int = 0,
) -> None:  # fmt: skip
    from lxml import etree
    from pptx.enum.chart import XL_AXIS_CROSSES, XL_TICK_LABEL_POSITION, XL_TICK_MARK
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    if ends:
        axis.minimum_scale, axis.maximum_scale = ends
        axis.major_unit = step
    axis.crosses = XL_AXIS_CROSSES.MINIMUM
    axis.has_major_gridlines = grid
    if grid:
        axis.major_gridlines.format.line.color.rgb = _rgb(GRID)
    axis.has_title = bool(title) and not hidden
    if axis.has_title:
        frame = axis.axis_title.text_frame
        frame.text = title
        font = frame.paragraphs[0].runs[0].font
        font.size, font.bold, font.color.rgb = Pt(NORMAL), False, _rgb(TEXT)
    axis.minor_tick_mark = XL_TICK_MARK.NONE
    axis.major_tick_mark = XL_TICK_MARK.NONE if hidden else XL_TICK_MARK.OUTSIDE
    labels = axis.tick_labels
    labels.font.size, labels.font.color.rgb = Pt(NORMAL), _rgb(TEXT)
    labels.number_format, labels.number_format_is_linked = form, False
    axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE if hidden else XL_TICK_LABEL_POSITION.LOW
    axis.format.line.color.rgb = _rgb(LINE)
    if hidden:
        axis.format.line.fill.background()
    if log:
        scaling = axis._element.find(qn("c:scaling"))  # noqa: SLF001 - a log axis has no call
        scaling.insert(0, etree.Element(qn("c:logBase"), val=str(log)))


def _inner(chart: Any, plot: tuple[float, float, float, float], frame: tuple[float, float, float, float]) -> None:
    """Fixes the plot within its chart, both in inches of the slide, and lets what is behind through."""
    from lxml import etree
    from pptx.oxml.ns import qn

    shares = {"x": (plot[0] - frame[0]) / frame[2], "y": (plot[1] - frame[1]) / frame[3], "w": plot[2] / frame[2],
              "h": plot[3] / frame[3]}  # fmt: skip
    space = chart._chartSpace  # noqa: SLF001 - neither the layout nor the fill of a chart has a call
    area = space.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    area.insert(0, _layout(shares, inner=True))
    look = etree.Element(qn("c:spPr"))
    etree.SubElement(look, qn("a:noFill"))
    etree.SubElement(etree.SubElement(look, qn("a:ln")), qn("a:noFill"))
    space.chart.addnext(look)


def _layout(shares: dict[str, float], inner: bool) -> Any:
    """A fixed place, in shares of the chart; of the plot without its labels where `inner`."""
    from lxml import etree
    from pptx.oxml.ns import qn

    layout = etree.Element(qn("c:layout"))
    manual = etree.SubElement(layout, qn("c:manualLayout"))
    if inner:
        etree.SubElement(manual, qn("c:layoutTarget"), val="inner")
    for name in ("x", "y"):
        etree.SubElement(manual, qn(f"c:{name}Mode"), val="edge")
    for name, value in shares.items():
        etree.SubElement(manual, qn(f"c:{name}"), val=f"{value:.6f}")
    return layout
