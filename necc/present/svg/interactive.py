"""What makes a picture something to point at and to click: attributes of marks, which an exported picture lacks.

A mark says in `data-tip` what the pointer reads and in `data-pick` which conditions a click filters by; a curve has the
points that it is read at. `picked_marks` gives what can be clicked a button's role and name, once for each meaning, so
that the keyboard meets every choice once. All of it is text of attributes, escaped.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from necc.present.svg.marks import Json, number
from necc.present.svg.text import escape, text_lines

VALUE = "\ue000"  # stands in a curve's text for what differs from point to point
MOST_POINTS = 240  # that a curve is read at
ADDED = re.compile(r' data-(?:tip|pick|text|points)="[^"]*"|<(?:rect|path) class="(?:area|drag|near)"[^>]*/>')
TITLES = re.compile(r"<title>[^<]*</title>|<desc>[^<]*</desc>")
MARK = re.compile(r'(?: data-tip="([^"]*)")? data-pick="([^"]*)"')
FIELD = re.compile(r"%\{(x|y|customdata|hovertext)(?:\[(\d+)\])?(?::([^}]+))?\}")


def tip_text(text: str) -> str:
    """A text of a description as plain lines."""
    return "\n".join("".join(run for run, *_ in runs) for runs in text_lines(text))


def attribute(name: str, text: str) -> str:
    """` data-name="..."`; nothing for no text. Line ends are written so that every reader keeps them."""
    return f' data-{name}="{escape(text)}"'.replace("\n", "&#10;") if text else ""


def attributes(tip: str, pick: str = "") -> str:
    """What a mark says (plain lines), and the conditions that a click on it filters by, one a line."""
    return attribute("tip", tip) + attribute("pick", pick)


def area(box: tuple[float, float, float, float], tip: str, pick: str) -> str:
    """A place of a picture (x, y, width, height) that can be pointed at and clicked, and isn't seen."""
    x, y, width, height = map(number, box)
    place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    return f'<rect class="area" {place} fill="#fff" fill-opacity="0"{attributes(tip, pick)}/>'


def drag_area(box: tuple[float, float, float, float], ends: tuple[float, float], described: Json) -> str:
    """A place of a picture where dragging sideways chooses a range of a number.

    ends: the number's values at its left and right. described: `column`, `label` for people, `digits` and `log`.
    """
    x, y, width, height = map(number, box)
    more = "".join(
        attribute(name, str(described[name])) for name in ("column", "label", "digits", "log") if described.get(name)
    )
    return (
        f'<rect class="drag" x="{x}" y="{y}" width="{width}" height="{height}" fill="#fff" fill-opacity="0"'
        f' data-ends="{ends[0]:.6g} {ends[1]:.6g}"{more}/>'
    )


def curve_attributes(trace: Json, x: np.ndarray, y: np.ndarray) -> str:
    """What a curve reads at its points: a text with gaps, and a row for each point, its place and what fills the gaps.

    x, y: pixels of the trace's points, shape (n,).
    """
    template = trace.get("hovertemplate", "")
    if not template or trace.get("hoverinfo") == "skip":
        return ""
    fields = FIELD.findall(template)
    text = tip_text(FIELD.sub(VALUE, template.partition("<extra>")[0]))
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(known) > MOST_POINTS:
        known = known[np.unique(np.linspace(0, len(known) - 1, MOST_POINTS).round().astype(int))]
    rows = ["|".join([number(x[i]), number(y[i]), *(_value(trace, int(i), *field) for field in fields)]) for i in known]
    return attribute("text", text) + attribute("points", ";".join(rows))


def _value(trace: Json, i: int, name: str, place: str, form: str) -> str:
    value: Any = trace[name][i]
    value = value[int(place)] if place else value
    shown = format(float(value), form) if form else f"{value:,}" if isinstance(value, int) else str(value)
    return shown.replace("|", "/").replace(";", ",")


def plain_picture(text: str) -> str:
    """A picture without what only a pointer needs: what is exported."""
    return ADDED.sub("", text)


def picked_marks(text: str, action: str) -> str:
    """A picture whose marks can be pointed at, reached by keyboard and, where they mean something, clicked.

    action: what a click does, in words. The browser's own tips (titles) give way to those of the marks.
    """
    seen: set[str] = set()

    def named(match: re.Match[str]) -> str:
        tip, pick = match[1] or "", match[2]
        if pick in seen or not tip:
            return match[0]
        stop = "" if seen else "0"
        seen.add(pick)
        name = ", ".join(tip.split("&#10;")[:2])
        return f'{match[0]} role="button" tabindex="{stop or -1}" aria-label="{name}: {escape(action)}"'

    text = TITLES.sub("", text)
    text = text.replace('role="img"', 'role="group"', 1)
    return MARK.sub(named, text)
