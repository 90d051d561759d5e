"""Small step curves beside each other, as one light SVG: a panel a cause, a site or an analysis.

Every panel has the same share axis; the time axes are shared, or each panel has its own title for its own origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from necc.present import svg
from necc.present.figures.scales import last_per_pixel, nice_ticks, time_ticks
from necc.present.figures.style import Style, fade
from necc.present.svg import LINE_HEIGHT, draw_line, draw_text, fit, number, paint, plain, stroke, text_width, wrap
from necc.present.svg.marks import step_points


@dataclass(frozen=True, eq=False)
class StepLine:
    """One curve: `start` until the first time, then its steps.

    time, value: shape (n,). lower, upper: shape (n,), NaN where there is no limit; None for no band.
    at_risk, starts: of `at_risk_at`, for a row of numbers under the ticks; None for none.
    pale_after: the time after which few patients are left. width: of the line, as a multiple of the style's.
    shaded_to: the area under the curve is shaded up to this time.
    """

    name: str
    time: np.ndarray
    value: np.ndarray
    color: str
    dash: str
    start: float = 0.0
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    at_risk: tuple[np.ndarray, np.ndarray] | None = None
    pale_after: float = np.inf
    width: float = 1.0
    shaded_to: float | None = None
    starts: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Panel:
    """A small picture: `message` stands under its title, `tip` under the pointer, `key` is what a click means."""

    key: str
    title: str
    message: tuple[str, ...]
    lines: tuple[StepLine, ...]
    tip: str
    end: float
    x_title: str = ""


def at_risk_at(
    risk: tuple[np.ndarray, np.ndarray], times: Sequence[float], starts: np.ndarray | None = None
) -> list[int]:
    """Patients at risk just before each of `times`; `risk` is (times ascending, at risk just before each).

    starts: when they come under observation, where that isn't time zero; then `risk` holds how many leave at each time.
    """
    when, n = risk
    if starts is not None:
        at = np.asarray(times, dtype=float)
        entered = np.where(at > 0, np.searchsorted(starts, at - 1e-9), np.searchsorted(starts, 1e-9))
        return (entered - np.append(0, n.cumsum())[np.searchsorted(when, at - 1e-9)]).astype(int).tolist()
    rows = np.searchsorted(when, np.asarray(times, dtype=float) - 1e-9, side="left")
    return [int(v) for v in np.append(n, 0)[rows]]


@dataclass(frozen=True)
class _Sizes:
    left: float
    columns: int
    width: float
    gap: float
    head: float
    plot: float
    row: float
    foot: float
    pitch: float
    key: float
    height: int


def draw_panels(
    panels: Sequence[Panel], style: Style, *, unit: str, top: float = 1.0, key: Sequence[tuple[str, str, str]] = (),
    key_note: str = "", columns: int = 0, x_title: str = "", ratio: float = 0.66,
) -> tuple[str, int]:  # fmt: skip
    """The body of an SVG and its height.

    Args:
        panels: in their order; those without lines say so.
        top: where the share axis ends. key: (name, colour, dash) for the legend. columns: beside each other; as many
            as fit without. x_title: under the last row where the panels share it.
    """
    sizes = _sizes(panels, style, columns, ratio, bool(x_title))
    body = [_key(style, sizes, key, key_note)]
    for i, panel in enumerate(panels):
        x = sizes.left + (i % sizes.columns) * (sizes.width + sizes.gap)
        y = sizes.key + (i // sizes.columns) * sizes.pitch + sizes.head
        inner = _head(panel, style, sizes) + _axes(panel, style, sizes, unit, top, first=i % sizes.columns == 0)
        inner += "".join(_line(line, panel, style, sizes, top) for line in panel.lines) + _counts(
            panel, style, sizes, unit
        )
        name = f' data-site="{svg.escape(panel.key)}"' if panel.key else ""
        tip = f"<title>{svg.escape(panel.tip)}</title>"
        body.append(f'<g transform="translate({number(x)} {number(y)})"{name}>{tip}{inner}</g>')
    if x_title:
        middle = sizes.left + (style.px - sizes.left) / 2
        title = plain(fit(x_title, style.small, style.px * 0.9))
        body.append(draw_text(middle, sizes.height - 0.7 * sizes.row, title, style.small, style.ink("text")))
    return "".join(body), sizes.height


def _sizes(panels: Sequence[Panel], style: Style, columns: int, ratio: float, shared: bool) -> _Sizes:
    unit, small = style.unit, style.small
    largest = max((int(line.at_risk[1].max(initial=0)) for p in panels for line in p.lines if line.at_risk), default=0)
    number_width = text_width(f"{largest:,}", small)
    left = max(text_width("100 %", small), number_width / 2 + 14 * unit) + 12 * unit
    gap = (number_width + 34 * unit) if largest else 22 * unit
    room = style.px - left - number_width / 2 - 4
    columns = columns or max(1, min(4, int((room + gap) / (165 * unit + gap))))
    columns = max(1, min(columns, len(panels)))
    width = (room - (columns - 1) * gap) / columns
    row = LINE_HEIGHT * small
    rows_of_counts = max((sum(line.at_risk is not None for line in p.lines) for p in panels), default=0)
    n_lines = max((len(p.message) for p in panels), default=1)
    head = LINE_HEIGHT * style.font + n_lines * row + 8 * unit
    titled = any(p.x_title for p in panels)
    foot = (1 + rows_of_counts) * row + 12 * unit + (2 * row if titled else 0)
    plot = min(width * ratio, (240 if columns < 3 else 190) * unit)
    pitch = head + plot + foot + 12 * unit
    key = row + 16 * unit
    lines = -(-len(panels) // columns)
    return _Sizes(
        left, columns, width, gap, head, plot, row, foot, pitch, key,
        round(key + lines * pitch + (1.4 * row if shared else 0)),
    )  # fmt: skip


def _key(style: Style, sizes: _Sizes, key: Sequence[tuple[str, str, str]], key_text: str) -> str:
    size, x, y = style.small, 4.0, sizes.key / 2 - 4
    marks = []
    for label, color, dash in key:
        sample = svg.sample_width(size)
        shown = fit(label, size, max(style.px - x - sample - 10, 20))
        if x > 4 and x + sample + 6 + text_width(label, size) > style.px:
            break
        marks.append(draw_line(x, y, x + sample, y, stroke(color, style.line, dash)))
        marks.append(draw_text(x + sample + 6, y, plain(shown), size, style.ink("text"), "start"))
        x += sample + 22 * style.unit + text_width(shown, size)
    if key_text and x + text_width(key_text, size) < style.px:
        marks.append(draw_text(x, y, plain(key_text), size, style.ink("muted"), "start"))
    return "".join(marks)


def _head(panel: Panel, style: Style, sizes: _Sizes) -> str:
    room = sizes.width + 0.7 * sizes.gap
    size = next((s for s in (style.font, 0.92 * style.font) if text_width(panel.title, s, True) <= room), style.small)
    title = plain(fit(panel.title, size, room, bold=True))
    top = -sizes.head + LINE_HEIGHT * style.font / 2
    marks = [draw_text(0, top, f"<b>{title}</b>", size, style.ink("text"), "start")]
    for i, line in enumerate(panel.message):
        y = top + LINE_HEIGHT * style.font / 2 + (i + 0.55) * sizes.row
        marks.append(draw_text(0, y, plain(fit(line, style.small, room)), style.small, style.ink("muted"), "start"))
    return "".join(marks)


def _ticks(panel: Panel, style: Style, sizes: _Sizes, unit: str) -> list[float]:
    widest = text_width("000", style.small)
    risk = [int(line.at_risk[1].max(initial=0)) for line in panel.lines if line.at_risk]
    widest = max([widest, *(text_width(f"{n:,}", style.small) for n in risk)])
    return time_ticks(panel.end, unit, max(2, min(6, int(sizes.width / (widest + 12 * style.unit)))))


def _axes(panel: Panel, style: Style, sizes: _Sizes, unit: str, top: float, first: bool) -> str:
    width, height = sizes.width, sizes.plot
    shares = [s for s in nice_ticks(100 * top, 5) if s <= 100 * top + 1e-9]
    ticks = _ticks(panel, style, sizes, unit)
    grid = "".join(f"M0 {number(height * (1 - s / 100 / top))}H{number(width)}" for s in shares if s)
    down = "".join(f"M{number(t / panel.end * width)} {number(height)}v{number(4 * style.unit)}" for t in ticks)
    look = stroke(style.ink("axis"), max(1.0, style.line / 2))
    marks = [
        f'<path d="{grid}" fill="none"{stroke(style.ink("grid"), 1)}/>',
        f'<path d="M0 0V{number(height)}H{number(width)}{down}" fill="none"{look}/>',
    ]
    for t in ticks:
        x = t / panel.end * width
        marks.append(draw_text(x, height + 5 * style.unit, f"{t:,g}", style.small, style.ink("text"), up=0))
    if first:
        for s in shares:
            y = height * (1 - s / 100 / top)
            marks.append(draw_text(-6 * style.unit, y, f"{s:g} %", style.small, style.ink("text"), "end"))
    if panel.x_title:
        lines = wrap(panel.x_title, style.small, width + 0.8 * sizes.gap)
        y = height + sizes.foot - 2 * sizes.row - 2 * style.unit
        text = "<br>".join(map(plain, lines))
        marks.append(draw_text(width / 2, y, text, style.small, style.ink("text"), up=0))
    return "".join(marks)


def _counts(panel: Panel, style: Style, sizes: _Sizes, unit: str) -> str:
    marks, row = [], 0
    ticks = _ticks(panel, style, sizes, unit)
    for line in panel.lines:
        if line.at_risk is None:
            continue
        row += 1
        y = sizes.plot + 5 * style.unit + (row + 0.5) * sizes.row
        numbers = [f"{n:,}" for n in at_risk_at(line.at_risk, ticks, line.starts)]
        end = -text_width(numbers[0], style.small) / 2 - 3
        marks.append(draw_line(end - 9 * style.unit, y, end, y, stroke(line.color, style.line)))
        for t, n in zip(ticks, numbers, strict=True):
            marks.append(draw_text(t / panel.end * sizes.width, y, n, style.small, style.ink("text")))
    return "".join(marks)


# ---------------------------------------------------------------- a curve
def _line(line: StepLine, panel: Panel, style: Style, sizes: _Sizes, top: float) -> str:
    rows = _steps(line, panel.end, int(sizes.width))
    x = np.concatenate([[0.0], line.time[rows] / panel.end * sizes.width])
    y = _down(np.concatenate([[line.start], line.value[rows]]), sizes, top)
    marks = [_band(line, rows, x, sizes, top), _area(line, x, y, panel.end, sizes)]
    cut = int(np.searchsorted(line.time[rows], line.pale_after + 1e-9, side="right")) + 1
    for a, b, opacity in ((0, cut, 1.0), (cut - 1, len(x), 0.4)):
        if b - a > 1:
            look = stroke(line.color, style.line * line.width, line.dash, opacity)
            path = svg.step_path(x[a:b].tolist(), y[a:b].tolist())
            marks.append(f'<path d="{path}" fill="none" stroke-linejoin="round"{look}/>')
    return "".join(marks)


def _steps(line: StepLine, end: float, pixels: int) -> np.ndarray:
    """Rows where the curve moves, one a pixel, and the last of all."""
    if not len(line.time):
        return np.zeros(0, dtype=int)
    moved = np.flatnonzero(np.diff(np.concatenate([[line.start], line.value])))
    moved = moved[last_per_pixel(line.time[moved], end, max(pixels, 1))]
    last = len(line.time) - 1
    return moved if len(moved) and moved[-1] == last else np.append(moved, last)


def _down(share: np.ndarray, sizes: _Sizes, top: float) -> np.ndarray:
    return sizes.plot * (1 - np.minimum(share, top) / top)


def _band(line: StepLine, rows: np.ndarray, x: np.ndarray, sizes: _Sizes, top: float) -> str:
    if line.lower is None or line.upper is None or not len(rows):
        return ""
    low, high = line.lower[rows], line.upper[rows]
    known = np.flatnonzero(~(np.isnan(low) | np.isnan(high)))
    if not len(known):
        return ""
    # limits begin with the first event and hold until the next one, or the end of the curve
    known = np.append(known, known[-1])
    xs = np.append(x[1:][known[:-1]], x[min(known[-1] + 2, len(x) - 1)])
    over, under = (step_points(xs, _down(v[known], sizes, top)) for v in (high, low))
    path = svg.line_path(np.append(over[0], under[0][::-1]), np.append(over[1], under[1][::-1]), closed=True)
    return f'<path d="{path}"{paint(fade(line.color, 0.15))}/>'


def _area(line: StepLine, x: np.ndarray, y: np.ndarray, end: float, sizes: _Sizes) -> str:
    """Everything under the curve up to a time."""
    if line.shaded_to is None:
        return ""
    stop = line.shaded_to / end * sizes.width
    within = x < stop
    xs, ys = step_points(np.append(x[within], stop), np.append(y[within], y[within][-1]))
    corners = np.append(xs, [stop, 0.0]), np.append(ys, [sizes.plot, sizes.plot])
    return f'<path d="{svg.line_path(*corners, closed=True)}"{paint(fade(line.color, 0.2))}/>'
