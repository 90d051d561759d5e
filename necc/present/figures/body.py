"""Where a disease came back, on a body in outline: of one patient by state, of several by share.

A state is told by fill, by hatching and by word. The same stands in the figure's text for those who can't see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from necc.analysis.patient import Case
from necc.analysis.recurrence import SiteDistribution
from necc.present.figures.anatomy import HEIGHT, OUTLINE, PLACES, WIDTH, Place
from necc.present.figures.style import Figure, Style, drawn, fade, figure
from necc.present.svg import (
    LINE_HEIGHT,
    Point,
    attributes,
    blend,
    closed_path,
    draw_line,
    draw_rect,
    draw_text,
    fit,
    hatch_path,
    paint,
    plain,
    stroke,
    text_width,
    wrap,
)
from necc.present.words import headlines
from necc.present.words.captions import patient as words
from necc.present.words.phrases import percent

STATES = {1: words.INVOLVED, 0: words.FREE, -1: words.UNKNOWN}


@dataclass(frozen=True)
class _Label:
    """A name with where its leader line begins; without an anchor it stands in a box."""

    text: str
    anchor: Point | None
    tip: str
    bold: bool = True


@figure(headlines.body)
def body_map(case: Case, style: Style) -> Figure:
    """The sites of a patient's first recurrence: involved, not involved, not recorded.

    Example:
        >>> from necc.present import figures
        >>> figures.body_map(case(cohort, 1)).name
        'patient-body'
    """
    her = case.patient
    sites = _states(her.site_names, her.site_matrix[0], her.site_label)
    organs = _states(her.organ_names, her.organs[0], her.organ_label)
    named = _named(case, sites, organs)
    sheet, states = _Sheet(style), {**sites, **organs}
    shapes = []
    for place in PLACES:
        found = [states[key][1] for key in place.keys if key in states]
        state = next((s for s in STATES if s in found), None)
        shapes.append(sheet.place(place, state, _tip(place, states)))
    labels = [_Label(label, _anchor(key), f"{label}: {words.INVOLVED}") for key, label in named.items()]
    there = [state for state in STATES if any(s == state for _, s in states.values())]
    body, height = sheet.whole(shapes, labels, there)
    told = [(label, words.INVOLVED) for label in named.values()]
    told += [(label, STATES[state]) for label, state in sites.values() if state != 1]
    alt, caption = words.body_alt(told, case.course.label), words.body_caption(told, case.course.label)
    return drawn(body, height, style, "patient-body", headlines.body(case), alt, caption)


def _states(names: Sequence[str], row: np.ndarray, label: Callable[[str], str]) -> dict[str, tuple[str, int]]:
    """Label and state of each of some sites or organs: 1 involved, 0 not, -1 not recorded. row: shape (n_names,)."""
    return {name: (label(name), state) for name, state in zip(names, row.tolist(), strict=True)}


def _named(
    case: Case, sites: Mapping[str, tuple[str, int]], organs: Mapping[str, tuple[str, int]]
) -> dict[str, str]:  # fmt: skip
    """What is involved, by key: the organs, and the sites that no organ of theirs explains."""
    found = {key: label for key, (label, state) in organs.items() if state == 1}
    groups = case.patient.scheme.groups
    rest = {key: label for key, (label, state) in sites.items() if state == 1 and not {*groups.get(key, ())} & {*found}}
    return found | rest


def _anchor(key: str) -> Point | None:
    return next((place.anchor for place in PLACES if key in place.keys), None)


def _tip(place: Place, states: Mapping[str, tuple[str, int]]) -> str:
    return "\n".join(f"{label}: {STATES[state]}" for label, state in (states[k] for k in place.keys if k in states))


@figure(headlines.sites)
def body_shares(distribution: SiteDistribution, style: Style) -> Figure:
    """The share of patients with each site of recurrence, on a body: the darker, the more; the number beside it.

    Example:
        >>> from necc.present import figures
        >>> figures.body_shares(site_distribution(cohort)).name
        'recurrence-sites-body'
    """
    sheet, counts = _Sheet(style), distribution.sites
    shares = {s.name: (s.n / s.of if s.of else None) for s in counts}
    most = max((v for v in shares.values() if v is not None), default=0) or 1
    shapes = []
    for place in PLACES:
        key = next((k for k in place.keys if k in shares), "")
        share = shares.get(key)
        tip = next((f"{s.label}: {percent(share)}" for s in counts if s.name == key), "")
        shapes.append(sheet.place(place, None, tip, None if share is None else share / most))
    rows = [(s.label, percent(shares[s.name])) for s in counts]
    labels = [_Label(f"{s.label} {told}", _anchor(s.name), f"{s.label}: {told}", bold=False)
              for s, (_, told) in zip(counts, rows, strict=True)]  # fmt: skip
    body, height = sheet.whole(shapes, labels, ())
    alt, caption = words.shares_alt(rows, distribution.n), words.shares_caption(distribution.n)
    return drawn(body, height, style, "recurrence-sites-body", headlines.sites(distribution), alt, caption)


# ---------------------------------------------------------------- drawing
class _Sheet:
    """The outline in the middle, with names on both sides of it."""

    def __init__(self, style: Style) -> None:
        self.style, self.small = style, style.small
        usual = 300 * style.unit
        key = 1.6 * LINE_HEIGHT * self.small
        self.tall = max(min(usual, style.height - key), 180 * style.unit) if style.height else usual
        self.scale = self.tall / HEIGHT
        self.left = (style.px - WIDTH * self.scale) / 2
        self.line = max(1.0, 1.2 * style.unit)

    def at(self, point: Point) -> Point:
        return self.left + point[0] * self.scale, point[1] * self.scale

    def shape(self, points: Sequence[Point]) -> list[Point]:
        return [self.at(p) for p in points]

    def place(self, place: Place, state: int | None, tip: str, share: float | None = None) -> str:
        """A place with its state or its share; None where the file says nothing of it."""
        style, shapes = self.style, [self.shape(s) for s in place.shapes]
        path = closed_path(shapes)
        if share is not None:
            fill = blend([[0.0, style.ink("page")], [1.0, style.color(1)]], 0.12 + 0.88 * share)
            marks = f'<path d="{path}"{paint(fill)}{stroke(style.ink("axis"), self.line)}/>'
        elif state == 1:
            dark = style.color(1)
            lines = "".join(hatch_path(s, 3.6 * style.unit) for s in shapes)
            marks = f'<path d="{path}"{paint(dark)}{stroke(style.ink("text"), 1.6 * self.line)}/>'
            marks += f'<path d="{lines}" fill="none"{stroke(style.ink("page"), 0.9 * self.line, "solid", 0.75)}/>'
        elif state == -1:
            lines = "".join(hatch_path(s, 5 * style.unit, rising=False) for s in shapes)
            look = stroke(style.ink("axis"), self.line, "dot")
            marks = f'<path d="{path}"{paint(style.ink("page"))}{look}/>'
            marks += f'<path d="{lines}" fill="none"{stroke(style.ink("axis"), 0.8 * self.line, "solid", 0.7)}/>'
        else:
            ink = style.ink("axis" if state == 0 else "ghost")
            back = paint(fade(style.ink("page"), 0.75)) if state == 0 else ' fill="none"'
            marks = f'<path d="{path}"{back}{stroke(ink, self.line if state == 0 else 0.7 * self.line)}/>'
        return f"<g{attributes(tip)}>{marks}</g>"

    def whole(self, shapes: Sequence[str], labels: Sequence[_Label], states: Sequence[int]) -> tuple[str, int]:
        """The picture and its height."""
        style = self.style
        skin = paint(fade(style.ink("grid"), 0.6)) + stroke(style.ink("axis"), 1.3 * self.line)
        body = [f'<path d="{closed_path([self.shape(s) for s in OUTLINE])}"{skin}/>', *shapes]
        placed = [x for x in labels if x.anchor is not None]
        by_side = {True: [x for x in placed if x.anchor and x.anchor[0] < WIDTH / 2]}
        by_side[False] = [x for x in placed if x not in by_side[True]]
        for left, found in by_side.items():
            body.append(self._names(found, left))
        bottom = self.tall
        if boxed := [x for x in labels if x.anchor is None]:
            marks, bottom = self._boxes(boxed, bottom + 6 * style.unit)
            body.append(marks)
        if states:
            body.append(self._key(states, bottom + 0.8 * LINE_HEIGHT * self.small))
            bottom += 1.6 * LINE_HEIGHT * self.small
        return "".join(body), round(bottom)

    def _names(self, labels: Sequence[_Label], left: bool) -> str:
        """Names beside the body with lines that lead to their places; they stand apart, in the order of the places."""
        style, pad = self.style, 4 * self.style.unit
        edge = self.left + (14 if left else WIDTH - 14) * self.scale
        room = (edge if left else style.px - edge) - 2 * pad
        marks, below = [], 0.0
        for label in sorted(labels, key=lambda x: x.anchor[1] if x.anchor else 0):
            assert label.anchor is not None
            lines = wrap(label.text, self.small, room, lines=3, bold=label.bold)
            high = LINE_HEIGHT * self.small * len(lines)
            x, y = self.at(label.anchor)
            middle = min(max(y, below + high / 2 + 2), self.tall - high / 2)
            below = middle + high / 2
            wide = max(text_width(line, self.small, label.bold) for line in lines)
            end = pad + wide + pad / 2 if left else style.px - pad - wide - pad / 2
            marks.append(draw_line(x, y, end, middle, stroke(style.ink("text"), 0.9 * self.line)))
            told = "<br>".join(f"<b>{plain(line)}</b>" if label.bold else plain(line) for line in lines)
            name = draw_text(pad if left else style.px - pad, middle, told, self.small, style.ink("text"),
                             "start" if left else "end")  # fmt: skip
            marks.append(f"<g{attributes(label.tip)}>{name}</g>")
        return "".join(marks)

    def _boxes(self, labels: Sequence[_Label], top: float) -> tuple[str, float]:
        """Sites without a place on the body, each in a box below it."""
        style, pad, high = self.style, 5 * self.style.unit, 1.5 * LINE_HEIGHT * self.small
        x, y, marks = pad, top, []
        for label in labels:
            text = fit(label.text, self.small, style.px - 4 * pad, label.bold)
            wide = text_width(text, self.small, label.bold) + 2 * pad
            if x > pad and x + wide > style.px - pad:
                x, y = pad, y + high + pad
            marks.append(draw_rect(x, y, wide, high, paint(fade(style.color(1), 0.25)) + stroke(style.ink("text"),
                                                                                             self.line)))  # fmt: skip
            told = f"<b>{plain(text)}</b>" if label.bold else plain(text)
            marks.append(draw_text(x + wide / 2, y + high / 2, told, self.small, style.ink("text")))
            x += wide + pad
        return "".join(marks), y + high + pad

    def _key(self, states: Sequence[int], y: float) -> str:
        """What fills mean, in words."""
        style, size = self.style, 12 * self.style.unit
        widths = [size + 5 * style.unit + text_width(STATES[s], self.small) + 12 * style.unit for s in states]
        x, marks = max((style.px - sum(widths)) / 2, 2.0), []
        for state, wide in zip(states, widths, strict=True):
            corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
            box = tuple(((x + a * size - self.left) / self.scale, (y + (b - 0.5) * size) / self.scale)
                        for a, b in corners)  # fmt: skip
            marks.append(self.place(Place("", (), (box,), (0, 0)), state, ""))
            marks.append(draw_text(x + size + 5 * style.unit, y, plain(STATES[state]), self.small, style.ink("text"),
                                   "start"))  # fmt: skip
            x += wide
        return "".join(marks)
