"""One patient's course as lanes on an axis of time, the courses of several, and where one stands among the others.

What is known only as given, without a time, is a hatched band with these words: nothing is drawn longer than recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from necc.analysis.patient import LANES, Case, Course, CourseEvent
from necc.analysis.patient.results import Lane
from necc.analysis.survival import KaplanMeier
from necc.core.text import slug
from necc.present.figures.picks import patient
from necc.present.figures.scales import axis_end, tick_text, time_ticks
from necc.present.figures.settings import CurveSettings
from necc.present.figures.style import Figure, Json, Style, drawn, empty, figure, note
from necc.present.figures.survival import Over, draw_curves
from necc.present.svg import (
    LINE_HEIGHT,
    area,
    attributes,
    blend,
    draw_line,
    draw_marker,
    draw_rect,
    draw_text,
    hatch_path,
    paint,
    plain,
    stroke,
    text_width,
    wrap,
)
from necc.present.words import headlines
from necc.present.words.captions import patient as words

LINE_PITCH = 0.82  # of a row: a line of a lane's name
MOST_ROWS = 40  # patients of one picture
END_MARKS = {"death": "square", "alive": "triangle-right", "last seen": "circle-open"}
END_SYMBOLS: dict[bool | None, str] = {True: "square", False: "triangle-right", None: "circle-open"}  # whether dead
MARKS = {
    "diagnosis": "diamond-open", "given": "circle", "recurrence": "triangle-down", "drug": "circle",
    "response": "square", "progression": "x", **END_MARKS,
}  # fmt: skip


# ---------------------------------------------------------------- the axis
@dataclass(frozen=True)
class _Axis:
    """Time on pixels: from `low` at `left` to `high` at `right`."""

    left: float
    right: float
    low: float
    high: float
    unit: str

    def px(self, time: float) -> float:
        return self.left + (time - self.low) / (self.high - self.low) * (self.right - self.left)

    def ticks(self, zero: float, widest: float) -> list[float]:
        """Times of round numbers counted from `zero`, as many as have room."""
        most = max(2, min(10, int((self.right - self.left) / (widest * 1.7))))
        found = time_ticks(self.high - self.low, self.unit, most)
        step = found[1] if len(found) > 1 else self.high - self.low
        first = int(np.ceil((self.low - zero) / step - 1e-9))
        last = int(np.floor((self.high - zero) / step + 1e-9))
        return [zero + step * i for i in range(first, last + 1)]


def _axis(courses: Sequence[Course], left: float, right: float) -> _Axis | None:
    """The axis over all times; None where there is none."""
    times = [t for c in courses for t in (*_times(c), c.recurrence, c.last) if t is not None]
    if not any(times):
        return None
    low, high = min(0.0, *times), max(0.0, *times)
    unit = courses[0].unit
    end = axis_end(high - low, unit) + low if high > low else low + 1.0
    low = low - 0.03 * (end - low) if low < 0 else 0.0
    return _Axis(left, right, low, max(end, high), unit)


def _times(course: Course) -> list[float]:
    return [t for e in course.events for t in (e.start, e.end) if t is not None]


def _scale(style: Style, axis: _Axis, zero: float, y: float, title: str, above: bool, beside: bool = True) -> str:
    """Ticks with their numbers below or above a line, and left of it what they count; not `beside`, below them."""
    small, long = style.small, 4 * style.unit * (-1 if above else 1)
    widest = text_width(tick_text(-100.0), small)
    marks = [draw_line(axis.left, y, axis.right, y, stroke(style.ink("axis"), max(1.0, style.line / 2)))]
    for time in axis.ticks(zero, widest):
        x = axis.px(time)
        marks.append(draw_line(x, y, x, y + long, stroke(style.ink("axis"), 1)))
        text = tick_text(round(time - zero, 6))
        marks.append(draw_text(x, y + 1.4 * long, text, small, style.ink("text"), up=1 if above else 0))
    if not beside:
        at = y + 1.4 * long + 1.6 * LINE_HEIGHT * small
        marks.append(draw_text((axis.left + axis.right) / 2, at, plain(title), small, style.ink("muted")))
        return "".join(marks)
    lines = wrap(title, small, axis.left - 20 * style.unit, lines=2)
    at = y + (long * 1.4 + (-1 if above else 1) * 0.5 * LINE_HEIGHT * small * len(lines))
    marks.append(draw_text(axis.left - 18 * style.unit, at, "<br>".join(map(plain, lines)), small, style.ink("muted"),
                           "end"))  # fmt: skip
    return "".join(marks)


# ---------------------------------------------------------------- one patient
@dataclass(frozen=True)
class _Item:
    """An event with its place: mark or bar from x0 to x1, its words at `at`, and all of it from left to right."""

    event: CourseEvent
    x0: float
    x1: float
    text: str
    at: float
    anchor: str
    left: float
    right: float
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Drawn:
    """A lane with its rows: of items, and above them the lines of what has no time."""

    lane: Lane
    rows: tuple[tuple[_Item, ...], ...]
    untimed: tuple[CourseEvent, ...]
    said: tuple[str, ...]

    @property
    def high(self) -> int:
        """Lines of text of its rows of items."""
        return sum(map(_lines, self.rows))

    def height(self, pitch: float, named: int, strip: float) -> float:
        rows = pitch * (self.high + len(self.said)) + (strip if self.said else 0)
        return max(rows, LINE_PITCH * pitch * named)


def _lines(row: Sequence[_Item]) -> int:
    return max((len(item.lines) for item in row), default=1) or 1


@figure(headlines.course)
def timeline(course: Course, style: Style) -> Figure:
    """Lanes of one patient's course: treatment, recurrence, what came after it, response, follow-up.

    Example:
        >>> from necc.present import figures
        >>> figures.timeline(course(cohort, 1)).name
        'patient-timeline'
    """
    name = "patient-timeline"
    if not any(t for t in (*_times(course), course.recurrence, course.last)):  # the diagnosis alone makes no axis
        course = replace(course, events=tuple(e for e in course.events if e.kind != "diagnosis"))
    if not course.events:
        return empty(style, name, words.NOTHING_RECORDED)
    small, unit = style.small, style.unit
    there = [lane for lane in LANES if any(e.lane == lane for e in course.events)]
    names = {lane: words.lane_name(course, lane) for lane in there}
    room = 0.2 * style.px
    titles = (words.time_title(course), words.second_title(course))
    least = max(text_width(line, small) for title in titles for line in wrap(title, small, room, lines=3))
    left = max(min(max(text_width(n, small, bold=True) for n in names.values()), room), least) + 20 * unit
    right = style.px - 12 * unit
    axis = _axis([course], left, right)
    named = {lane: wrap(n, small, left - 14 * unit, lines=3, bold=True) for lane, n in names.items()}
    lanes = [_laid_out(course, lane, axis, style, left, right) for lane in there]
    second = axis is not None and course.origin == "diagnosis" and course.recurrence is not None
    foot = 2.9 * LINE_HEIGHT * small if axis else 6 * unit
    top = 2.9 * LINE_HEIGHT * small if second else 8 * unit
    rows = sum(max(x.high + len(x.said), len(named[x.lane])) for x in lanes)
    pitch, gap = 1.28 * LINE_HEIGHT * small, 5 * unit
    if style.height:
        strips = _strip(style) * sum(bool(x.said) for x in lanes)
        free = (style.height - foot - top - strips - 2 * gap * len(lanes)) / max(rows, 1)
        pitch = min(max(pitch, free if free < 1.5 * pitch else pitch), max(free, LINE_HEIGHT * small))
    body: list[str] = []
    y = top
    inner: list[str] = []
    for i, lane in enumerate(lanes):
        height = lane.height(pitch, len(named[lane.lane]), _strip(style)) + 2 * gap
        if i % 2 == 0:
            body.append(draw_rect(0, y, style.px, height, paint(style.ink("grid")) + ' opacity=".45"'))
        text = "<br>".join(f"<b>{plain(line)}</b>" for line in named[lane.lane])
        inner.append(draw_text(left - 10 * unit, y + height / 2, text, small, style.ink("text"), "end"))
        back = blend([[0.0, style.ink("page")], [1.0, style.ink("grid")]], 0 if i % 2 else 0.45)
        inner.append(_lane(course, lane, axis, style, y + gap, pitch, left, right, back))
        y += height
    if axis:
        body.append(_guides(course, axis, style, top, y))
        inner.append(_scale(style, axis, 0.0, y, words.time_title(course), above=False))
        if second:
            inner.append(_scale(style, axis, course.recurrence or 0.0, top, words.second_title(course), above=True))
    height = round(y + foot)
    alt, caption = words.timeline_alt(course), words.timeline_caption(course)
    return drawn("".join(body + inner), height, style, name, course.label, alt, caption)


def _guides(course: Course, axis: _Axis, style: Style, top: float, bottom: float) -> str:
    """Lines down all lanes: where time begins, and the first recurrence."""
    marks = []
    for time, dash in ((0.0, "solid"), (course.recurrence, "dash")):
        if time is not None:
            x = axis.px(time)
            marks.append(draw_line(x, top, x, bottom, stroke(style.ink("axis"), 1, dash)))
    return "".join(marks)


def _laid_out(course: Course, lane: Lane, axis: _Axis | None, style: Style, left: float, right: float) -> _Drawn:
    """Events of a lane in rows where no words meet."""
    events = [e for e in course.events if e.lane == lane]
    untimed = tuple(e for e in events if e.start is None or axis is None)
    rows: list[list[_Item]] = []
    for event in sorted((e for e in events if e not in untimed), key=lambda e: e.start or 0.0):
        assert axis is not None
        item = _item(course, event, axis, style)
        for row in rows:
            if row[-1].right + 8 * style.unit <= item.left or not row[-1].text:
                row.append(item)
                break
        else:
            rows.append([item])
    said = wrap(words.untimed_label(untimed), style.small, right - left - 16 * style.unit, lines=3) if untimed else []
    return _Drawn(lane, tuple(map(tuple, rows)), untimed, tuple(said))


def _item(course: Course, event: CourseEvent, axis: _Axis, style: Style) -> _Item:
    start = event.start or 0.0
    x0, x1 = sorted((axis.px(start), axis.px(start if event.end is None else event.end)))
    half, gap, small = _size(style) / 2, 5 * style.unit, style.small
    begin = axis.px(min(0.0, start)) if event.kind in END_MARKS else x0
    text = f"{'! ' if event.doubt else ''}{words.event_label(event, words.lane_name(course, event.lane))}"
    bold = bool(event.doubt)
    if event.kind == "diagnosis" and event.start == 0 and not event.doubt:  # the axis says so
        return _Item(event, x0, x1, "", x0, "start", x0, x0)
    width = text_width(text, small, bold)
    if event.end is not None and width + 2 * gap < x1 - x0:
        return _Item(event, x0, x1, text, (x0 + x1) / 2, "middle", x0, x1)
    if x1 + half + gap + width <= axis.right + 8 * style.unit:
        at = x1 + half + gap
        return _Item(event, x0, x1, text, at, "start", begin - half, at + width)
    most = max(x0 - axis.left, axis.right - x1) - half - gap
    if event.kind in END_MARKS and width <= x0 - half - gap - axis.left:
        # its line is left of it: the words stand on the line, above the rest of the row
        return _Item(event, x0, x1, text, x0 - half - gap, "end", begin - half, axis.right)
    if x0 - half - gap - width >= axis.left:
        at = x0 - half - gap
        return _Item(event, x0, x1, text, at, "end", at - width, x1 + half)
    left, right = x0 - axis.left - half - gap, axis.right - x1 - half - gap
    lines = tuple(wrap(text, small, most, lines=4, bold=bold))
    if right >= left:
        return _Item(event, x0, x1, text, x1 + half + gap, "start", axis.left, axis.right, lines)
    return _Item(event, x0, x1, text, x0 - half - gap, "end", axis.left, axis.right, lines)


def _strip(style: Style) -> float:
    """Height of the hatching under what has no time."""
    return 7 * style.unit


def _size(style: Style) -> float:
    return round(11 * style.unit, 1)


def _lane(
    course: Course, lane: _Drawn, axis: _Axis | None, style: Style, top: float, pitch: float, left: float, right: float,
    back: str,
) -> str:  # fmt: skip
    """The marks of a lane, row by row; `back`: the colour behind it, on which its words stand."""
    marks, y = [], top
    if lane.untimed:
        strip = _strip(style)
        height = pitch * len(lane.said) + strip
        x0, x1 = _window(course, lane.lane, axis) or (left + 4 * style.unit, right)
        marks.append(_band(x0, x1, y + height - strip, strip, style))
        wide = max(text_width(line, style.small) for line in lane.said)
        at = min(max((x0 + x1) / 2, left + wide / 2 + 6 * style.unit), right - wide / 2 - 4 * style.unit)
        text = "<br>".join(map(plain, lane.said))
        tip = attributes("\n".join(words.event_tip(course, e) for e in lane.untimed))
        said = draw_text(at, y + (height - strip) / 2, text, style.small, style.ink("text"))
        halo = _halo(at - wide / 2, y, wide, height - strip, back)
        marks.append(f"<g{tip}>{halo}{said}</g>")
        y += height
    for row in lane.rows:
        high = pitch * _lines(row)
        for item in row:
            tip = attributes(words.event_tip(course, item.event))
            marks.append(f"<g{tip}>{_mark(item, axis, style, y + high / 2, pitch, back)}</g>")
        y += high
    return "".join(marks)


def _window(course: Course, lane: Lane, axis: _Axis | None) -> tuple[float, float] | None:
    """Where something without a time may lie: before the recurrence or after it; None where that isn't known either."""
    if axis is None:
        return None
    begin = axis.px(min(0.0, course.recurrence or 0.0))
    turn = None if course.recurrence is None else axis.px(course.recurrence)
    end = axis.px(course.last) if course.last is not None else axis.right
    if lane == "primary treatment":
        ends = (begin, turn if turn is not None and turn > begin else end)
    elif lane in ("treatment after recurrence", "timed treatment", "response"):
        ends = (turn if turn is not None else begin, end)
    else:
        ends = (begin, end)
    return ends if ends[1] - ends[0] > 2 else None


def _band(x0: float, x1: float, y: float, height: float, style: Style) -> str:
    """A hatched band without ends: between two times, nobody knows when."""
    box = [(x0, y), (x1, y), (x1, y + height), (x0, y + height)]
    look = stroke(style.color(0), 1, "solid", 0.8)
    return f'<path d="{hatch_path(box, 4.5 * style.unit)}" fill="none"{look}/>'


def _color(event: CourseEvent, style: Style) -> str:
    if event.kind == "response":
        return style.response(event.level)
    return {"recurrence": style.color(1), "drug": style.color(2), "given": style.color(0)}.get(
        event.kind, style.ink("text")
    )


def _halo(x: float, y: float, wide: float, high: float, back: str) -> str:
    """What hides the lines behind words, so that none is struck through."""
    return draw_rect(x - 3, y, wide + 6, high, paint(back))


def _mark(item: _Item, axis: _Axis | None, style: Style, y: float, pitch: float, back: str) -> str:
    event, color, size = item.event, _color(item.event, style), _size(style)
    marks, ink = [], style.ink("text")
    if event.kind in END_MARKS and axis is not None:
        begin = axis.px(min(0.0, event.start or 0.0))
        marks.append(draw_line(begin, y, item.x0, y, stroke(style.ink("axis"), 2.5 * style.unit)))
    if event.end is not None:
        thick = 0.72 * pitch
        marks.append(draw_rect(item.x0, y - thick / 2, max(item.x1 - item.x0, 2), thick, paint(color)))
        inside = item.anchor == "middle"
        ink = style.on(color) if inside else ink
    else:
        edge: Json = {"color": style.ink("page"), "width": 1}
        if event.kind == "response":
            edge = style.response_edge(event.level)
        symbol = MARKS[event.kind]
        if symbol.endswith("-open"):
            edge = {"color": color, "width": 2}
        if event.kind in ("drug", "given"):  # it went on, nobody knows how long
            on = min(item.x1 + 3 * size, axis.right if axis else item.x1)
            marks.append(draw_line(item.x1, y, on, y, stroke(color, 2 * style.unit, "dot")))
        marks.append(draw_marker(symbol, item.x0, y, size, color, edge))
    lines, bold = item.lines or (item.text,), bool(event.doubt)
    text = "<br>".join(f"<b>{plain(line)}</b>" if bold else plain(line) for line in lines)
    if bold:
        box = {"color": style.color(1), "width": 2}
        marks.append(draw_marker("square-open", item.x0, y, size * 1.7, style.color(1), box))
    if item.text and item.anchor != "middle":
        wide = max(text_width(line, style.small, bold) for line in lines)
        high = LINE_HEIGHT * style.small * len(lines)
        left = item.at - wide if item.anchor == "end" else item.at
        marks.append(_halo(left, y - high / 2, wide, high, back))
    marks.append(draw_text(item.at, y, text, style.small, ink, item.anchor))
    return "".join(marks)


# ---------------------------------------------------------------- several patients
@figure(headlines.courses)
def timelines(courses: Sequence[Course], style: Style) -> Figure:
    """A row for each patient on one axis of time, in the order given; a click on a row picks the patient.

    Example:
        >>> from necc.present import figures
        >>> figures.timelines(courses(cohort)[:3]).name
        'patient-timelines'
    """
    name = "patient-timelines"
    shown = list(courses[:MOST_ROWS])
    if not shown:
        return empty(style, name, words.NOTHING_RECORDED)
    small, unit = style.small, style.unit
    left = max(text_width(c.label, small) for c in shown) + 16 * unit
    axis = _axis(shown, left, style.px - 16 * unit)
    if axis is None:
        return empty(style, name, words.NO_TIMES)
    key, top = _key(shown, style)
    pitch = (24 if len(shown) <= 12 else 19) * unit
    if style.height:
        pitch = max(min(pitch, (style.height - top - 3 * LINE_HEIGHT * small) / len(shown)), LINE_HEIGHT * small)
    bottom = top + pitch * len(shown)
    body = [key]
    for time in axis.ticks(0.0, text_width(tick_text(-100.0), small)):
        body.append(draw_line(axis.px(time), top, axis.px(time), bottom, stroke(style.ink("grid"), 1)))
    for i, course in enumerate(shown):
        y = top + (i + 0.5) * pitch
        bang = "! " if course.doubts else ""
        body.append(draw_text(left - 8 * unit, y, plain(f"{bang}{course.label}"), small, style.ink("text"), "end"))
        body.append(_row(course, axis, style, y, pitch))
        box = (0.0, y - pitch / 2, float(style.px), pitch)
        body.append(area(box, words.row_tip(course), patient(course.place)))
    body.append(_scale(style, axis, 0.0, bottom, words.time_title(shown[0]), above=False, beside=False))
    height = round(bottom + 2.9 * LINE_HEIGHT * small)
    alt = words.timelines_alt(courses, shown)
    caption = words.timelines_caption(courses, shown, sum(bool(c.doubts) for c in shown))
    return drawn("".join(body), height, style, name, headlines.courses(courses), alt, caption)


def _row(course: Course, axis: _Axis, style: Style, y: float, pitch: float) -> str:
    """One patient's line with the marks on it; a recurrence at several sites is one mark."""
    marks, size = [], min(_size(style), 0.62 * pitch)
    alike = {(e.kind, e.start, e.end, e.level): e for e in course.events if e.start is not None}
    events = list(alike.values())
    if course.last is not None:
        begin = axis.px(min([0.0, *([course.recurrence] if course.recurrence is not None else [])]))
        marks.append(draw_line(begin, y, axis.px(course.last), y, stroke(style.ink("axis"), 1.6 * style.unit)))
    spots: list[tuple[float, str, str, Json]] = []  # where a mark stands, its shape, its colour, its edge
    for event in events:
        x, color = axis.px(event.start or 0.0), _color(event, style)
        if event.end is not None:  # bars lie below marks
            marks.append(draw_rect(x, y - 0.22 * pitch, max(axis.px(event.end) - x, 2), 0.44 * pitch, paint(color)))
        elif event.kind not in END_MARKS and event.kind != "diagnosis":
            edge = {"color": style.ink("page"), "width": 1}
            edge = style.response_edge(event.level) if event.kind == "response" else edge
            spots.append((x, MARKS[event.kind], color, edge))
    if course.last is not None:
        symbol = END_SYMBOLS[course.dead]
        edge = {"color": style.ink("text"), "width": 2 if symbol.endswith("-open") else 1}
        spots.append((axis.px(course.last), symbol, style.ink("text"), edge))
    for together in _near(sorted(spots, key=lambda s: s[0]), 0.7 * size):
        n = len(together)
        small = size if n == 1 else max(0.9 * pitch / n, 0.5 * size)
        for i, (x, symbol, color, edge) in enumerate(together):
            at = y + (i - (n - 1) / 2) * 0.9 * pitch / n
            marks.append(draw_marker(symbol, x, at, small, color, edge))
    if course.last is None and not events:
        told = draw_text(axis.left + 6 * style.unit, y, plain(words.UNTIMED), style.small, style.ink("muted"), "start")
        marks.append(told)
    return "".join(marks)


def _near(spots: Sequence[tuple[float, str, str, Json]], apart: float) -> list[list[tuple[float, str, str, Json]]]:
    """Marks in groups of those that would cover each other: they stand above each other."""
    groups: list[list[tuple[float, str, str, Json]]] = []
    for spot in spots:
        if groups and spot[0] - groups[-1][-1][0] < apart:
            groups[-1].append(spot)
        else:
            groups.append([spot])
    return groups


def _key(courses: Sequence[Course], style: Style) -> tuple[str, float]:
    """The legend of the marks that are there, and its height."""
    kinds = [e for c in courses for e in c.events if e.start is not None]
    there: dict[str, tuple[str, str]] = {}
    for event in kinds:
        label = event.level if event.kind == "response" else words.KINDS[event.kind]
        if event.kind == "drug":
            label = next((c.treatment for c in courses if c.treatment), label)
        symbol = "square" if event.end is not None else MARKS[event.kind]
        if event.kind not in END_MARKS and event.kind != "diagnosis":
            there.setdefault(label, (symbol, _color(event, style)))
    ends = {c.dead for c in courses if c.last is not None}
    for dead, symbol in END_SYMBOLS.items():
        if dead in ends:
            there.setdefault(words.ENDS[dead], (symbol, style.ink("text")))
    small, size, x = style.small, _size(style), 4 * style.unit
    y = 0.5 * LINE_HEIGHT * small + 4
    marks = []
    for label, (symbol, color) in there.items():
        wide = size + 6 * style.unit + text_width(label, small) + 16 * style.unit
        if x + wide > style.px and x > 4 * style.unit:
            x, y = 4 * style.unit, y + LINE_HEIGHT * small
        edge = {"color": color if symbol.endswith("-open") else style.ink("axis"), "width": 1}
        marks.append(draw_marker(symbol, x + size / 2, y, size, color, edge))
        marks.append(draw_text(x + size + 6 * style.unit, y, plain(label), small, style.ink("text"), "start"))
        x += wide
    return "".join(marks), y + 0.5 * LINE_HEIGHT * small + 8 * style.unit


# ---------------------------------------------------------------- among the others
@figure(headlines.standing)
def standing(case: Case, style: Style, *, counts: bool = True) -> Figure:
    """The curve of all others and of those who are similar, with a line where this patient stands.

    counts: the numbers at risk under the axis.

    Example:
        >>> from necc.present import figures
        >>> figures.standing(case(cohort, 1)).name
        'patient-standing'
    """
    name, whole = "patient-standing", case.whole_curve
    if whole is None or not whole.n:
        return empty(style, name, words.no_curve(case))
    both = _both(whole, words.like_curve(case), words.others_name(case))
    if style.height or style.projected:  # the axis has room for one of these
        labels = (whole.label, *words.SHARES) if style.height else words.SHARES
        room = (
            x
            for x in labels
            if not style.height or text_width(x, style.font) < (0.36 if counts else 0.5) * style.height
        )
        both = replace(both, label=next(room, labels[-1]))
    others = words.others_name(case)
    levels = (others, words.LIKE)
    looks = {others: (style.ink("muted"), style.dash("dash")), words.LIKE: style.look(levels[0], levels)}
    over = _today(case, whole, style, both) if case.since is not None else None
    return replace(
        draw_curves(
            both, style, name, settings=CurveSettings(table=("at risk",) if counts else ()), tested=False,
            counts=counts, medians=False, looks={c.name: looks[c.name] for c in both.curves},
            means={c.name: "" for c in both.curves}, over=over, height=float(style.height),
            say=lambda marks: (words.standing_alt(case, whole), words.standing_caption(case, whole)),
        ),
        name=slug(name),
    )  # fmt: skip


def _free_place(km: KaplanMeier, since: float, wide: float, begin: float, end: float) -> tuple[bool, bool]:
    """Whether words beside a time stand right of it and at the foot: where the curves leave them most room."""
    places = []
    for right in (True, False):
        first, last = (since, since + wide) if right else (since - wide, since)
        if first < begin or last > end:
            continue
        there = (c.at(t).estimate.value for c in km.curves for t in (max(first, 0.0), last))
        heights = [v for v in there if v is not None] or [0.5]
        places += [(1 - max(heights), right, False), (min(heights), right, True)]
    _, right, low = max(places, default=(0.0, since < (begin + end) / 2, since < 0.35 * end))
    return right, low


def _both(whole: KaplanMeier, like: KaplanMeier | None, others: str) -> KaplanMeier:
    """The curves of all others and of those who are similar, in one result to draw."""
    curves = [replace(whole.curves[0], name=others)]
    curves += [replace(like.curves[0], name=words.LIKE)] if like is not None and like.curves else []
    return replace(whole, curves=tuple(curves), by="group", by_label="", levels=(others, words.LIKE))


def _today(case: Case, whole: KaplanMeier, style: Style, both: KaplanMeier) -> Over:
    """A line at this patient's time."""
    since = case.since or 0.0

    def draw(begin: float, end: float, reach: tuple[float, float]) -> tuple[list[Json], list[Json]]:
        look = {"color": style.ink("text"), "width": max(1.5, style.line * 0.8), "dash": "solid"}
        line = {"type": "scatter", "mode": "lines", "x": [since, since], "y": list(reach), "line": look,
                "hoverinfo": "skip", "showlegend": False}  # fmt: skip
        said = words.today(case, whole.unit)
        text = "<br>".join(map(plain, said))
        wide = max(text_width(line, style.small) for line in said) / (0.8 * style.px) * (end - begin)
        right, low = _free_place(both, since, wide, begin, end)
        told = note(style, since, 0.04 if low else 0.98, text, "x", "y domain",
                    xanchor="left" if right else "right", yanchor="bottom" if low else "top",
                    align="left" if right else "right", xshift=(5 if right else -5) * style.unit)  # fmt: skip
        return [line], [told]

    return Over("", (), since, np.array([since]), (np.array([0.5]),), draw)
