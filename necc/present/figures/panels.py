"""Small step curves beside each other, as one light SVG: a panel a cause, a site or an analysis.

Every panel has the same share axis; the time axes are shared, or each panel has its own title for its own origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from necc.present import svg
from necc.present.figures.scales import nice_ticks, tick_text, time_ticks
from necc.present.figures.steps import Box, StepLine, step_marks
from necc.present.figures.style import Style
from necc.present.svg import LINE_HEIGHT, draw_line, draw_text, fit, fit_all, number, plain, stroke, text_width, wrap


@dataclass(frozen=True, eq=False)
class Panel:
    """A small picture: `message` stands under its title, `tip` under the pointer.

    key: what a click brings into focus. pick: what else a click means, where it has no key; told: what the pointer then
    reads instead.
    hover: what the pointer reads at each of the ticks that the panels share.
    """

    key: str
    title: str
    message: tuple[str, ...]
    lines: tuple[StepLine, ...]
    tip: str
    end: float
    x_title: str = ""
    hover: tuple[str, ...] = ()
    pick: str = ""
    told: str = ""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Where the panels stand, in pixels.

    left, columns, width, gap: across. head, plot, foot, pitch: down, of one panel; pitch is from one to the next.
    row: of small type. key: height of the legend; key_at: its first mark. message: first line below the title's
    middle. numbers: first row of numbers below the plot. edge: room for words right of a panel of the last column.
    small, least: small type, and a title's where it has to be small. every: numbers stand under every so many ticks.
    ticks: those that the panels share; each panel's own without. title: middle of the one under all time axes.
    """

    left: float
    columns: int
    width: float
    gap: float
    head: float
    plot: float
    foot: float
    pitch: float
    row: float
    key: float
    key_at: tuple[float, float]
    message: float
    numbers: float
    edge: float
    height: int
    title: float
    small: float
    least: float
    every: int = 1
    ticks: tuple[float, ...] = ()

    def room(self, column: int) -> float:
        """Pixels for words over a panel."""
        return self.width + (self.edge if column == self.columns - 1 else 0.7 * self.gap)


def draw_panels(
    panels: Sequence[Panel], style: Style, *, unit: str, top: float = 1.0, key: Sequence[tuple[str, str, str]] = (),
    key_note: str = "", key_title: str = "", columns: int = 0, x_title: str = "", ratio: float = 0.66,
    sizes: Sizes | None = None,
) -> tuple[str, int]:  # fmt: skip
    """The body of an SVG and its height.

    Args:
        panels: in their order; those without lines say so.
        top: where the share axis ends. key: (name, colour, dash) for the legend; key_title: what its names are of.
        columns: beside each other; as many as fit without. x_title: under the last row where the panels share it.
        sizes: where they stand, if it is known; then columns and ratio say nothing.
    """
    sizes = sizes or _sizes(panels, style, columns, ratio, bool(x_title))
    body, rows = _key(style, sizes, key, key_note, key_title)
    more = (rows - 1) * sizes.row
    sizes = replace(sizes, key=sizes.key + more, height=round(sizes.height + more), title=sizes.title + more)
    short = fit_all(
        [panel.title for panel in panels], sizes.least, min(map(sizes.room, range(sizes.columns))), bold=True
    )
    for i, panel in enumerate(panels):
        column = i % sizes.columns
        x = sizes.left + column * (sizes.width + sizes.gap)
        y = sizes.key + (i // sizes.columns) * sizes.pitch + sizes.head
        ticks, box = _ticks(panel, style, sizes, unit), Box(sizes.width, sizes.plot, panel.end, top)
        inner = [
            _head(panel, short[i], style, sizes, column),
            _axes(panel, style, sizes, ticks, top, first=column == 0),
        ]
        inner += [step_marks(line, style, box) for line in panel.lines]
        inner += [_numbers(panel, style, sizes, ticks), _strips(panel, sizes, ticks)]
        name = f' data-site="{svg.escape(panel.key)}"' if panel.key else ""
        tip = f"<title>{svg.escape(panel.tip)}</title>"
        told = svg.attributes(panel.told or panel.tip, panel.pick)
        body.append(f'<g transform="translate({number(x)} {number(y)})"{name}{told}>{tip}{"".join(inner)}</g>')
    if x_title:
        middle = sizes.left + (style.px - sizes.left) / 2
        title = plain(fit(x_title, sizes.small, style.px * 0.9))
        body.append(draw_text(middle, sizes.title, title, sizes.small, style.ink("text")))
    return "".join(body), sizes.height


def _sizes(panels: Sequence[Panel], style: Style, columns: int, ratio: float, shared: bool) -> Sizes:
    unit, small = style.unit, style.small
    largest = max((_largest(line) for p in panels for line in p.lines), default=0)
    number_width = text_width(f"{largest:,}", small)
    left = max(text_width("100 %", small), number_width / 2 + 14 * unit) + 12 * unit
    gap = (number_width + 34 * unit) if largest else 22 * unit
    room = style.px - left - number_width / 2 - 4
    columns = columns or max(1, min(4, int((room + gap) / (165 * unit + gap))))
    columns = max(1, min(columns, len(panels)))
    width = (room - (columns - 1) * gap) / columns
    row = LINE_HEIGHT * small
    rows_of_numbers = max((sum(line.numbers for line in p.lines) for p in panels), default=0)
    n_lines = max((len(p.message) for p in panels), default=1)
    head = LINE_HEIGHT * style.font + n_lines * row + 8 * unit
    titled = any(p.x_title for p in panels)
    foot = (1 + rows_of_numbers) * row + 12 * unit + (2 * row if titled else 0)
    plot = min(width * ratio, (240 if columns < 3 else 190) * unit)
    key, title, down = row + 16 * unit, 1.4 * row if shared else 0, -(-len(panels) // columns)
    if style.height:  # all rows of panels on the first screen, as long as they are no strips
        free = (style.height - key - title) / down - head - foot - 12 * unit
        plot = min(plot, max(free, 70 * unit))
    pitch = head + plot + foot + 12 * unit
    height = round(key + down * pitch + title)
    return Sizes(
        left=left, columns=columns, width=width, gap=gap, head=head, plot=plot, foot=foot, pitch=pitch, row=row,
        key=key, key_at=(4.0, key / 2 - 4), message=LINE_HEIGHT * style.font / 2 + 0.55 * row,
        numbers=5 * unit + 1.5 * row, edge=0.7 * gap, small=small, least=small,
        height=height, title=height - 0.7 * row,
    )  # fmt: skip


def _largest(line: StepLine) -> int:
    """The largest number that stands under a panel for this curve."""
    return int(line.curve.n_at_risk.max(initial=0)) if line.numbers else 0


def _key(
    style: Style, sizes: Sizes, key: Sequence[tuple[str, str, str]], key_text: str, title: str
) -> tuple[list[str], int]:
    """The legend and how many rows it takes."""
    size, sample, rows = sizes.small, svg.sample_width(sizes.small), 1
    left, y = sizes.key_at
    x = left
    marks: list[str] = []
    if title:
        title = fit(title, size, style.px / 3, bold=True)
        marks.append(draw_text(x, y, f"<b>{plain(title)}</b>", size, style.ink("text"), "start"))
        left = x = x + text_width(title, size, bold=True) + 10 * style.unit
    names = fit_all([label for label, *_ in key], size, max(style.px - left - sample - 16, 20))
    for shown, (_, color, dash) in zip(names, key, strict=True):
        if x > left and x + sample + 6 + text_width(shown, size) > style.px:
            x, y, rows = left, y + sizes.row, rows + 1
        marks.append(draw_line(x, y, x + sample, y, stroke(color, style.line, dash)))
        marks.append(draw_text(x + sample + 6, y, plain(shown), size, style.ink("text"), "start"))
        x += sample + 22 * style.unit + text_width(shown, size)
    if key_text:
        if x > left and x + text_width(key_text, size) > style.px:
            x, y, rows = left, y + sizes.row, rows + 1
        text = plain(fit(key_text, size, style.px - x))
        marks.append(draw_text(x, y, text, size, style.ink("muted"), "start"))
    return marks, rows


def _head(panel: Panel, short: str, style: Style, sizes: Sizes, column: int) -> str:
    room = sizes.room(column)
    sizes_tried = (style.font, 0.92 * style.font, sizes.least)
    size = next((s for s in sizes_tried if text_width(panel.title, s, True) <= room), 0)
    size, title = (size, plain(panel.title)) if size else (sizes.least, plain(short))
    top = -sizes.head + LINE_HEIGHT * style.font / 2
    marks = [draw_text(0, top, f"<b>{title}</b>", size, style.ink("text"), "start")]
    for i, line in enumerate(panel.message):
        y, text = top + sizes.message + i * sizes.row, plain(fit(line, sizes.small, room))
        marks.append(draw_text(0, y, text, sizes.small, style.ink("muted"), "start"))
    return "".join(marks)


def _ticks(panel: Panel, style: Style, sizes: Sizes, unit: str) -> Sequence[float]:
    if sizes.ticks:
        return sizes.ticks
    widest = max(text_width(text, sizes.small) for text in ("000", *(f"{_largest(line):,}" for line in panel.lines)))
    return time_ticks(panel.end, unit, max(2, min(6, int(sizes.width / (widest + 12 * style.unit)))))


def _axes(panel: Panel, style: Style, sizes: Sizes, ticks: Sequence[float], top: float, first: bool) -> str:
    width, height = sizes.width, sizes.plot
    shares = [s for s in nice_ticks(100 * top, 5) if s <= 100 * top + 1e-9]
    grid = "".join(f"M0 {number(height * (1 - s / 100 / top))}H{number(width)}" for s in shares if s)
    down = "".join(f"M{number(t / panel.end * width)} {number(height)}v{number(4 * style.unit)}" for t in ticks)
    look = stroke(style.ink("axis"), max(1.0, style.line / 2))
    marks = [
        f'<path d="{grid}" fill="none"{stroke(style.ink("grid"), 1)}/>',
        f'<path d="M0 0V{number(height)}H{number(width)}{down}" fill="none"{look}/>',
    ]
    for t in ticks:
        x = t / panel.end * width
        marks.append(draw_text(x, height + 5 * style.unit, tick_text(t), sizes.small, style.ink("text"), up=0))
    if first:
        for s in shares:
            y = height * (1 - s / 100 / top)
            marks.append(draw_text(-6 * style.unit, y, f"{tick_text(s)} %", sizes.small, style.ink("text"), "end"))
    if panel.x_title:
        lines = wrap(panel.x_title, sizes.small, width + 0.8 * sizes.gap)
        y = height + sizes.foot - 2 * sizes.row - 2 * style.unit
        text = "<br>".join(map(plain, lines))
        marks.append(draw_text(width / 2, y, text, sizes.small, style.ink("text"), up=0))
    return "".join(marks)


def _numbers(panel: Panel, style: Style, sizes: Sizes, ticks: Sequence[float]) -> str:
    """Patients at risk under the ticks, a row for each curve, with a dash of its colour."""
    marks, ticks = [], ticks[:: sizes.every]
    for row, line in enumerate(line for line in panel.lines if line.numbers):
        y = sizes.plot + sizes.numbers + row * sizes.row
        numbers = [f"{n:,}" for n in line.curve.at_risk(ticks)]
        end = -text_width(numbers[0], sizes.small) / 2 - 3
        marks.append(draw_line(end - 9 * style.unit, y, end, y, stroke(line.color, style.line)))
        for t, n in zip(ticks, numbers, strict=True):
            marks.append(draw_text(t / panel.end * sizes.width, y, n, sizes.small, style.ink("text")))
    return "".join(marks)


def _strips(panel: Panel, sizes: Sizes, ticks: Sequence[float]) -> str:
    """A strip around each tick that tells what the curves are there."""
    ends = [0.0, *((a + b) / 2 for a, b in zip(ticks, ticks[1:], strict=False)), panel.end]
    return "".join(
        f'<rect x="{number(a / panel.end * sizes.width)}" width="{number((b - a) / panel.end * sizes.width)}" '
        f'height="{number(sizes.plot)}" fill="#fff" fill-opacity="0"{svg.attributes(text)}>'
        f"<title>{svg.escape(text)}</title></rect>"
        for text, a, b in zip(panel.hover, ends, ends[1:], strict=False)
    )
