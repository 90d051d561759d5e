"""Draws the same description that the screen's charts use as one light, deterministic SVG.

A figure is a plain dict in Plotly's vocabulary. The screen hands it to Plotly; print, slides and the grid of all
sites need no browser: this module draws the subset that our figures use (lines with steps, bands, markers, bars,
heatmaps, text, shapes, annotations, several axes by domain, one legend) and `to_png` makes pixels of it.

Labels come from people's files. Text in a description is Plotly's pseudo-HTML (`<b>`, `<i>`, `<br>`, entities);
`plain` turns any label into such text, and everything is escaped again on the way into the SVG.
"""

from __future__ import annotations

import html
import importlib.util
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FONTS = "Arial, 'Helvetica Neue', Helvetica, 'DejaVu Sans', sans-serif"
LINE_HEIGHT = 1.3
DASHES = {"solid": (), "dot": (1, 2), "dash": (5, 3), "longdash": (9, 3), "dashdot": (5, 2, 1, 2),
          "longdashdot": (9, 2, 1, 2)}  # fmt: skip
TAG = re.compile(r"(<br>|</?b>|</?i>)")
# Characters that XML 1.0 forbids: one of them makes the whole picture unreadable.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Json = dict[str, Any]

# Advance widths of U+0020-U+007E in hundredths of an em (DejaVu Sans: wider than the fonts in front of it, so that
# what is laid out for it never overlaps in them).
_WIDTHS = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
    69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
    82, 59, 59, 52, 64, 34, 64, 84,
)  # fmt: skip


# ---------------------------------------------------------------- text
def plain(text: object) -> str:
    """Any label as text of a description: nothing in it is markup, a template or a link."""
    return FORBIDDEN.sub("\ufffd", html.escape(str(text), quote=False)).replace("%{", "&#37;{").replace("\n", " ")


def escape(text: object) -> str:
    """Any text as XML content or attribute value."""
    return html.escape(FORBIDDEN.sub("\ufffd", str(text)))


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width in pixels of one line, an upper bound for the fonts in use."""
    hundredths = sum(_WIDTHS[ord(c) - 32] if " " <= c <= "~" else 100 if c >= "\u2190" else 65 for c in text)
    return hundredths * size / 100 * (1.1 if bold else 1.0)


def block_size(text: str, size: float) -> tuple[float, float]:
    """Width and height in pixels of a text of a description."""
    lines = [[(r, b) for r, b, _ in runs] for runs in _lines(text)]
    return max(sum(text_width(r, size, b) for r, b in line) for line in lines), len(lines) * LINE_HEIGHT * size


def fit(label: str, size: float, width: float, bold: bool = False) -> str:
    """`label`, cut with an ellipsis where it is wider than `width` pixels."""
    if text_width(label, size, bold) <= width:
        return label
    kept = label
    while kept and text_width(kept + "…", size, bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrap(label: str, size: float, width: float, lines: int = 2, bold: bool = False) -> list[str]:
    """`label` in at most `lines` lines of at most `width` pixels; what doesn't fit ends in an ellipsis."""
    words, rows = label.split(), [""]
    for word in words:
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and text_width(longer, size, bold) > width and len(rows) < lines:
            rows.append(word)
        else:
            rows[-1] = longer
    return [fit(row, size, width, bold) for row in rows]


def _lines(text: str) -> list[list[tuple[str, bool, bool]]]:
    """Lines of (text, bold, italic) runs of Plotly's pseudo-HTML; other tags stay text."""
    lines: list[list[tuple[str, bool, bool]]] = [[]]
    bold = italic = False
    for part in TAG.split(text):
        if part == "<br>":
            lines.append([])
        elif part in ("<b>", "</b>"):
            bold = part == "<b>"
        elif part in ("<i>", "</i>"):
            italic = part == "<i>"
        elif part:
            lines[-1].append((html.unescape(part), bold, italic))
    return lines


# ---------------------------------------------------------------- marks
def number(value: float) -> str:
    """A coordinate with one decimal, as short as possible."""
    return f"{round(float(value), 1) + 0.0:g}"


def draw_text(
    x: float, y: float, text: str, size: float, color: str, anchor: str = "middle", angle: float = 0, up: float = 0.5
) -> str:
    """Text around (x, y); `up` is how much of the block is above y (0 hangs below it, 1 stands on it)."""
    lines = _lines(text)
    top = y - up * len(lines) * LINE_HEIGHT * size
    turn = f' transform="rotate({number(angle)} {number(x)} {number(y)})"' if angle else ""
    how = "" if anchor == "start" else f' text-anchor="{anchor}"'
    marks = []
    for i, runs in enumerate(lines):
        baseline = number(top + (i + 0.5) * LINE_HEIGHT * size + 0.36 * size)
        marks.append(
            f'<text x="{number(x)}" y="{baseline}" font-size="{number(size)}" fill="{color}"{how}{turn}>{_spans(runs)}</text>'
        )
    return "".join(marks)


def _spans(runs: list[tuple[str, bool, bool]]) -> str:
    spans = []
    for run, bold, italic in runs:
        kind = (' font-weight="bold"' if bold else "") + (' font-style="italic"' if italic else "")
        spans.append(f"<tspan{kind}>{escape(run)}</tspan>" if kind else escape(run))
    return "".join(spans)


def paint(color: str) -> str:
    """The attributes of a filled area; opacity apart from colour, as every program reads it."""
    if color.startswith("rgba("):
        r, g, b, a = color[5:-1].split(",")
        return f' fill="#{int(r):02x}{int(g):02x}{int(b):02x}" fill-opacity="{float(a):g}"'
    return f' fill="{escape(color)}"'


def stroke(color: str, width: float, dash: str = "solid", opacity: float = 1) -> str:
    """The attributes of a line; dashes grow with its width."""
    dashes = " ".join(number(d * max(width, 1)) for d in DASHES[dash])
    return (
        f' stroke="{color}" stroke-width="{number(width)}"'
        + (f' stroke-dasharray="{dashes}"' if dashes else "")
        + (f' opacity="{opacity:g}"' if opacity < 1 else "")
    )


def draw_line(x0: float, y0: float, x1: float, y1: float, look: str) -> str:
    return f'<path d="M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}" fill="none"{look}/>'


def draw_rect(x: float, y: float, width: float, height: float, look: str) -> str:
    if width < 0:
        x, width = x + width, -width
    if height < 0:
        y, height = y + height, -height
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"{look}/>'


def step_path(x: Sequence[float], y: Sequence[float]) -> str:
    """Path data of a right-continuous step curve: along, then up or down."""
    parts = [f"M{number(x[0])} {number(y[0])}"]
    last = number(y[0])
    for a, b in zip(x[1:], y[1:], strict=True):
        level = number(b)
        parts.append(f"H{number(a)}" + (f"V{level}" if level != last else ""))
        last = level
    return "".join(parts)


def line_path(x: Iterable[float], y: Iterable[float], closed: bool = False) -> str:
    points = [f"{number(a)} {number(b)}" for a, b in zip(x, y, strict=True)]
    return f"M{'L'.join(points)}{'Z' if closed else ''}" if points else ""


def step_points(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a right-continuous step curve."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]


def draw_marker(symbol: str, x: float, y: float, size: float, color: str, line: Json | None = None) -> str:
    """One marker of Plotly's names, `size` pixels across."""
    r = size / 2
    shape, _, rest = symbol.partition("-open")
    shape = shape if symbol.endswith("-open") else symbol.removesuffix("-open")
    outline = (line or {}).get("width", 0) or (1.5 if rest or symbol.endswith("-open") else 0)
    edge = f' stroke="{escape((line or {}).get("color", color))}" stroke-width="{number(outline)}"' if outline else ""
    fill = "none" if symbol.endswith("-open") else escape(color)
    if symbol.startswith(("line-ns", "line-ew", "x-thin", "cross-thin")):
        return _thin_marker(symbol, x, y, r, escape((line or {}).get("color", color)), outline or 1)
    if shape == "circle":
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}" fill="{fill}"{edge}/>'
    if shape == "square":
        return draw_rect(x - r, y - r, size, size, f' fill="{fill}"{edge}')
    corners = {
        "diamond": [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
        "triangle-up": [(0, -1.15), (1.15, 0.9), (-1.15, 0.9)],
        "triangle-down": [(0, 1.15), (1.15, -0.9), (-1.15, -0.9)],
        "triangle-right": [(1.15, 0), (-0.9, 1.15), (-0.9, -1.15)],
        "triangle-left": [(-1.15, 0), (0.9, 1.15), (0.9, -1.15)],
        "x": [(-1, -0.5), (-0.5, -1), (0, -0.5), (0.5, -1), (1, -0.5), (0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5),
              (-0.5, 1), (-1, 0.5), (-0.5, 0)],
    }[shape]  # fmt: skip
    path = line_path([x + a * r for a, _ in corners], [y + b * r for _, b in corners], closed=True)
    return f'<path d="{path}" fill="{fill}"{edge}/>'


def _thin_marker(symbol: str, x: float, y: float, r: float, color: str, width: float) -> str:
    arms = {"line-ns": [(0, 1)], "line-ew": [(1, 0)], "cross-thin": [(0, 1), (1, 0)], "x-thin": [(1, 1), (1, -1)]}
    path = "".join(
        f"M{number(x - a * r)} {number(y - b * r)}L{number(x + a * r)} {number(y + b * r)}"
        for a, b in arms[symbol.removesuffix("-open")]
    )
    return f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{number(width)}"/>'


# ---------------------------------------------------------------- the picture
def document(body: str, width: float, height: float, title: str, description: str, background: str = "") -> str:
    """A whole SVG: named for a screen reader, all text in one font."""
    back = f'<rect width="100%" height="100%" fill="{background}"/>' if background else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}" '
        f'width="{number(width)}" height="{number(height)}" role="img" aria-label="{escape(description or title)}" '
        f'font-family="{FONTS}" style="max-width:100%;height:auto">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{back}{body}</svg>"
    )


@dataclass(frozen=True)
class _Axis:
    """One axis in pixels: `start` is where its range begins, `length` is negative for an axis that goes up."""

    start: float
    length: float
    range: tuple[float, float]
    log: bool
    layout: Json

    def px(self, value: float) -> float:
        value = float(np.log10(value)) if self.log else float(value)
        low, high = self.range
        share = (value - low) / ((high - low) or 1)
        return self.start + self.length * min(max(share, -5), 5)

    def many(self, values: Any) -> np.ndarray:
        array = np.array([np.nan if v is None else v for v in values], dtype=float)
        if self.log:
            array = np.log10(array)
        low, high = self.range
        return self.start + self.length * np.clip((array - low) / ((high - low) or 1), -5, 5)


class _Picture:
    """Draws a description, layer by layer."""

    def __init__(self, spec: Json, width: float, height: float):
        self.layout: Json = spec["layout"]
        self.traces = [t for t in spec["data"] if t.get("visible", True) is True]
        margin = self.layout["margin"]
        self.left, self.top = float(margin["l"]), float(margin["t"])
        self.plot_width = width - margin["l"] - margin["r"]
        self.plot_height = height - margin["t"] - margin["b"]
        self.font: Json = self.layout["font"]
        self.axes = {name: self._axis(name) for name in self.layout if re.fullmatch(r"[xy]axis\d*", name)}
        self.marks: list[str] = []

    # -------------------------------------------------------- places
    def _axis(self, name: str) -> _Axis:
        layout = self.layout[name]
        low, high = layout.get("domain", (0, 1))
        span = (float(layout["range"][0]), float(layout["range"][1]))
        log = layout.get("type") == "log"
        if name.startswith("x"):
            return _Axis(self.left + low * self.plot_width, (high - low) * self.plot_width, span, log, layout)
        bottom = self.top + self.plot_height * (1 - low)
        return _Axis(bottom, -(high - low) * self.plot_height, span, log, layout)

    def axis(self, short: str) -> _Axis:
        """`x2` -> the axis `xaxis2`."""
        return self.axes[f"{short[0]}axis{short[1:]}"]

    def place(self, ref: str, value: float) -> float:
        """The pixel of a value by its reference: "x2", "y domain", "paper" (told apart by the caller's letter)."""
        if ref.startswith("paper"):
            horizontal = ref.endswith("x")
            return self.left + value * self.plot_width if horizontal else self.top + (1 - value) * self.plot_height
        short, _, domain = ref.partition(" ")
        axis = self.axis(short)
        return axis.start + value * axis.length if domain else axis.px(value)

    def _point(self, item: Json, x: float, y: float) -> tuple[float, float]:
        xref, yref = item.get("xref", "x"), item.get("yref", "y")
        return (
            self.place("paper x" if xref == "paper" else xref, x),
            self.place("paper y" if yref == "paper" else yref, y),
        )

    # -------------------------------------------------------- layers
    def draw(self) -> str:
        for shape in self.layout.get("shapes", ()):
            if shape.get("layer") == "below":
                self._shape(shape)
        for name in self.axes:
            self._grid(name)
        order = {"heatmap": 0, "bar": 1}
        previous: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for trace in sorted(self.traces, key=lambda t: order.get(t["type"], 2)):
            draw = {"heatmap": self._heatmap, "bar": self._bars}.get(trace["type"])
            if draw:
                draw(trace)
            else:
                self._scatter(trace, previous)
        for name in self.axes:
            self._ticks(name)
        for shape in self.layout.get("shapes", ()):
            if shape.get("layer") != "below":
                self._shape(shape)
        self._legend()
        for note in self.layout.get("annotations", ()):
            self._annotation(note)
        return "".join(self.marks)

    def _other(self, name: str) -> _Axis:
        """The axis that this one is anchored to."""
        default = "y" if name.startswith("x") else "x"
        return self.axis(self.layout[name].get("anchor", default))

    def _grid(self, name: str) -> None:
        axis, layout = self.axes[name], self.layout[name]
        if not layout.get("showgrid", False) or layout.get("visible") is False:
            return
        other = self._other(name)
        look = stroke(layout["gridcolor"], layout.get("gridwidth", 1))
        for value in layout["tickvals"]:
            at, ends = axis.px(value), (other.start, other.start + other.length)
            self.marks.append(
                draw_line(at, ends[0], at, ends[1], look)
                if name.startswith("x")
                else draw_line(ends[0], at, ends[1], at, look)
            )

    def _ticks(self, name: str) -> None:
        axis, layout = self.axes[name], self.layout[name]
        if layout.get("visible") is False:
            return
        other = self._other(name)
        far = layout.get("side") in ("top", "right")
        edge = other.start + (other.length if far else 0)
        horizontal = name.startswith("x")
        out = (-1 if far else 1) * (1 if horizontal else -1)
        if layout.get("showline"):
            look = stroke(layout["linecolor"], layout.get("linewidth", 1))
            ends = (axis.start, axis.start + axis.length)
            self.marks.append(
                draw_line(ends[0], edge, ends[1], edge, look)
                if horizontal
                else draw_line(edge, ends[0], edge, ends[1], look)
            )
        length = layout.get("ticklen", 5) if layout.get("ticks") == "outside" else 0
        gap = length + 3 + layout.get("ticklabelstandoff", 0)
        font = {**self.font, **layout.get("tickfont", {})}
        values = layout.get("tickvals", ())
        texts = layout.get("ticktext", [f"{v:g}" for v in values])
        widest = 0.0
        for value, text in zip(values, texts, strict=True):
            at = axis.px(value)
            if length:
                look = stroke(layout.get("tickcolor", font["color"]), layout.get("tickwidth", 1))
                end = edge + out * length
                self.marks.append(
                    draw_line(at, edge, at, end, look) if horizontal else draw_line(edge, at, end, at, look)
                )
            if layout.get("showticklabels", True):
                widest = max(widest, self._tick_label(at, edge + out * gap, str(text), layout, font, horizontal, far))
        self._axis_title(name, edge + out * (gap + widest), out, horizontal)

    def _tick_label(
        self, at: float, edge: float, text: str, layout: Json, font: Json, horizontal: bool, far: bool
    ) -> float:
        """Draws one label; tells how far it reaches away from its axis."""
        size, angle = font["size"], layout.get("tickangle", 0)
        width, height = block_size(text, size)
        if not horizontal:
            self.marks.append(draw_text(edge, at, text, size, font["color"], "start" if far else "end"))
            return width
        if angle:
            anchor = "start" if (angle > 0) != far else "end"
            down = 0.55 * size * (-1 if far else 1)
            self.marks.append(draw_text(at, edge + down, text, size, font["color"], anchor, angle))
            return abs(float(np.sin(np.radians(angle)))) * width + size
        self.marks.append(draw_text(at, edge, text, size, font["color"], "middle", up=1 if far else 0))
        return height

    def _axis_title(self, name: str, edge: float, out: float, horizontal: bool) -> None:
        axis, title = self.axes[name], self.layout[name].get("title") or {}
        if not title.get("text"):
            return
        font = {**self.font, **title.get("font", {})}
        middle = axis.start + axis.length / 2
        at = edge + out * (title.get("standoff", 4) + 0.65 * font["size"])
        x, y = (middle, at) if horizontal else (at, middle)
        self.marks.append(draw_text(x, y, title["text"], font["size"], font["color"], angle=0 if horizontal else -90))

    # -------------------------------------------------------- traces
    def _scatter(self, trace: Json, previous: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
        where = trace.get("xaxis", "x") + trace.get("yaxis", "y")
        x_axis, y_axis = self.axis(trace.get("xaxis", "x")), self.axis(trace.get("yaxis", "y"))
        x, y = x_axis.many(trace["x"]), y_axis.many(trace["y"])
        mode, line = trace.get("mode", "lines"), trace.get("line", {})
        known = ~(np.isnan(x) | np.isnan(y))
        opacity = trace.get("opacity", 1)
        corners = step_points(x[known], y[known]) if line.get("shape") == "hv" else (x[known], y[known])
        if trace.get("fill") in ("tonexty", "toself") and len(corners[0]):
            self._fill(trace, corners, previous.get(where))
        previous[where] = corners
        if "lines" in mode and line.get("width", 2) > 0:
            self._polyline(trace, x, y, known)
        for error in ("error_x", "error_y"):
            if error in trace:
                self._error_bars(trace, error, trace["x"], trace["y"], x_axis, y_axis)
        if "markers" in mode:
            marker = trace.get("marker", {})
            begin = f'<g opacity="{opacity:g}">' if opacity < 1 else ""
            dots = [
                draw_marker(
                    _each(marker.get("symbol", "circle"), i), x[i], y[i], _each(marker.get("size", 6), i),
                    _each(marker.get("color", self.font["color"]), i), marker.get("line"),
                )
                for i in np.flatnonzero(known)
            ]  # fmt: skip
            self.marks.append(begin + "".join(dots) + ("</g>" if begin else ""))
        if "text" in mode:
            self._labels(trace, x, y, known)

    def _fill(self, trace: Json, corners: tuple, previous: tuple | None) -> None:
        x, y = corners
        if trace["fill"] == "tonexty" and previous:
            x, y = np.concatenate([x, previous[0][::-1]]), np.concatenate([y, previous[1][::-1]])
        look = paint(trace.get("fillcolor", "none"))
        self.marks.append(f'<path d="{line_path(x, y, closed=True)}"{look}/>')

    def _polyline(self, trace: Json, x: np.ndarray, y: np.ndarray, known: np.ndarray) -> None:
        """A line, broken where a value is missing."""
        line = trace.get("line", {})
        ends = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
        draw = step_path if line.get("shape") == "hv" else line_path
        paths = [draw(x[a:b].tolist(), y[a:b].tolist()) for a, b in zip(ends[::2], ends[1::2], strict=True)]
        if paths:
            look = stroke(
                line.get("color", self.font["color"]),
                line.get("width", 2),
                line.get("dash", "solid"),
                trace.get("opacity", 1),
            )
            self.marks.append(f'<path d="{"".join(paths)}" fill="none" stroke-linejoin="round"{look}/>')

    def _error_bars(self, trace: Json, which: str, xs: Any, ys: Any, x_axis: _Axis, y_axis: _Axis) -> None:
        error = trace[which]
        look = stroke(error.get("color", self.font["color"]), error.get("thickness", 1.5))
        cap = error.get("width", 4)
        above, below = error["array"], error.get("arrayminus", error["array"])
        for x, y, up, down in zip(xs, ys, above, below, strict=True):
            if None in (x, y, up, down):
                continue
            if which == "error_x":
                a, b, at = x_axis.px(x - down), x_axis.px(x + up), y_axis.px(y)
                ends = [draw_line(a, at, b, at, look)] + [
                    draw_line(v, at - cap, v, at + cap, look) for v in (a, b) if cap
                ]
            else:
                a, b, at = y_axis.px(y - down), y_axis.px(y + up), x_axis.px(x)
                ends = [draw_line(at, a, at, b, look)] + [
                    draw_line(at - cap, v, at + cap, v, look) for v in (a, b) if cap
                ]
            self.marks.append("".join(ends))

    def _labels(self, trace: Json, x: np.ndarray, y: np.ndarray, known: np.ndarray) -> None:
        font = {**self.font, **trace.get("textfont", {})}
        vertical, horizontal = trace.get("textposition", "middle center").split()
        gap = _each(trace.get("marker", {}).get("size", 0), 0) / 2 + 3 if "markers" in trace["mode"] else 3
        anchor = {"left": "end", "right": "start", "center": "middle"}[horizontal]
        shift = {"left": -gap, "right": gap, "center": 0}[horizontal]
        up, rise = {"top": (1.0, -gap + 3), "middle": (0.5, 0), "bottom": (0.0, gap - 3)}[vertical]
        for i in np.flatnonzero(known):
            text = _each(trace["text"], i)
            if text:
                color = _each(font["color"], i)
                self.marks.append(
                    draw_text(x[i] + shift, y[i] + rise, text, _each(font["size"], i), color, anchor, up=up)
                )

    def _bars(self, trace: Json) -> None:
        """Bars with explicit places, widths and bases: grouping and stacking is the figure's decision."""
        flat = trace.get("orientation") == "h"
        x_axis, y_axis = self.axis(trace.get("xaxis", "x")), self.axis(trace.get("yaxis", "y"))
        places, values = (trace["y"], trace["x"]) if flat else (trace["x"], trace["y"])
        along, across = (x_axis, y_axis) if flat else (y_axis, x_axis)
        marker = trace.get("marker", {})
        opacity = trace.get("opacity", 1)
        for i, (place, value) in enumerate(zip(places, values, strict=True)):
            if value is None:
                continue
            base, width = _each(trace.get("base", 0), i), _each(trace.get("width", 0.8), i)
            a, b = along.px(base), along.px(base + value)
            c, d = across.px(place - width / 2), across.px(place + width / 2)
            edge = marker.get("line", {})
            look = paint(_each(marker.get("color", self.font["color"]), i))
            look += stroke(edge["color"], edge["width"]) if edge.get("width") else ""
            look += f' opacity="{opacity:g}"' if opacity < 1 else ""
            self.marks.append(draw_rect(a, c, b - a, d - c, look) if flat else draw_rect(c, a, d - c, b - a, look))
        if "error_x" in trace or "error_y" in trace:
            which = "error_x" if flat else "error_y"
            self._error_bars(trace, which, trace["x"], trace["y"], x_axis, y_axis)

    def _heatmap(self, trace: Json) -> None:
        x_axis, y_axis = self.axis(trace.get("xaxis", "x")), self.axis(trace.get("yaxis", "y"))
        low, high = trace["zmin"], trace["zmax"]
        gap = trace.get("xgap", 0)
        for row, y in zip(trace["z"], trace["y"], strict=True):
            for value, x in zip(row, trace["x"], strict=True):
                if value is not None:
                    color = blend(trace["colorscale"], (value - low) / ((high - low) or 1))
                    a, b = x_axis.px(x - 0.5), x_axis.px(x + 0.5)
                    c, d = sorted((y_axis.px(y - 0.5), y_axis.px(y + 0.5)))
                    self.marks.append(draw_rect(a + gap / 2, c + gap / 2, b - a - gap, d - c - gap, f' fill="{color}"'))

    # -------------------------------------------------------- shapes, legend, annotations
    def _shape(self, shape: Json) -> None:
        line = shape.get("line", {})
        if shape.get("xsizemode") == "pixel":
            origin, y0 = self._point(shape, shape["xanchor"], shape["y0"])
            x0, x1, y1 = (
                origin + shape["x0"],
                origin + shape["x1"],
                self._point(shape, shape["xanchor"], shape["y1"])[1],
            )
        else:
            (x0, y0), (x1, y1) = (self._point(shape, shape[f"x{i}"], shape[f"y{i}"]) for i in (0, 1))
        look = stroke(
            line.get("color", "none"), line.get("width", 1), line.get("dash", "solid"), shape.get("opacity", 1)
        )
        if shape["type"] == "line":
            self.marks.append(draw_line(x0, y0, x1, y1, look))
        else:
            fill = paint(shape.get("fillcolor", "none"))
            self.marks.append(draw_rect(x0, y0, x1 - x0, y1 - y0, fill + (look if line.get("width", 1) else "")))

    def _annotation(self, note: Json) -> None:
        x, y = self._point(note, note["x"], note["y"])
        font = {**self.font, **note.get("font", {})}
        if note.get("showarrow"):
            tail_x, tail_y = x + note.get("ax", 0), y + note.get("ay", 0)
            self.marks.append(
                _arrow(tail_x, tail_y, x, y, note.get("arrowcolor", font["color"]), note.get("arrowwidth", 1.5))
            )
            x, y = tail_x, tail_y
        anchor = {"left": "start", "right": "end", "center": "middle"}[note.get("xanchor", "center")]
        up = {"top": 0.0, "bottom": 1.0, "middle": 0.5}[note.get("yanchor", "middle")]
        x, y = x + note.get("xshift", 0), y - note.get("yshift", 0)
        if note.get("text"):
            if note.get("bgcolor"):
                width, height = block_size(note["text"], font["size"])
                left = {"start": x, "end": x - width, "middle": x - width / 2}[anchor]
                self.marks.append(draw_rect(left - 2, y - up * height, width + 4, height, f' fill="{note["bgcolor"]}"'))
            self.marks.append(
                draw_text(x, y, note["text"], font["size"], font["color"], anchor, note.get("textangle", 0), up)
            )

    def _legend(self) -> None:
        entries = [t for t in self.traces if t.get("showlegend") and t.get("name")]
        if not self.layout.get("showlegend") or not entries:
            return
        legend = self.layout["legend"]
        font = {**self.font, **legend.get("font", {})}
        size = font["size"]
        title = (legend.get("title") or {}).get("text", "")
        left = self.left + block_size(title, size)[0] + (1.2 * size if title else 0)
        columns, column = legend_columns([t["name"] for t in entries], size, self.left + self.plot_width - left)
        row = LINE_HEIGHT * size + 4
        rows = -(-len(entries) // columns)
        top = self.top + (1 - legend["y"]) * self.plot_height - rows * row
        if title:
            self.marks.append(draw_text(self.left, top + row / 2, title, size, font["color"], "start"))
        for i, trace in enumerate(entries):
            x, y = left + (i % columns) * column, top + (i // columns + 0.5) * row
            self._key(trace, x, y, size)
            self.marks.append(
                draw_text(x + sample_width(size) + 0.4 * size, y, trace["name"], size, font["color"], "start")
            )

    def _key(self, trace: Json, x: float, y: float, size: float) -> None:
        """The sample in front of a legend's name."""
        marker, line, sample = trace.get("marker", {}), trace.get("line", {}), sample_width(size)
        if trace["type"] == "bar":
            look = paint(_each(marker.get("color"), 0))
            self.marks.append(draw_rect(x + sample / 2 - size * 0.45, y - size * 0.45, size * 0.9, size * 0.9, look))
            return
        if "lines" in trace.get("mode", ""):
            self.marks.append(
                draw_line(x, y, x + sample, y, stroke(line["color"], line.get("width", 2), line.get("dash", "solid")))
            )
        if "markers" in trace.get("mode", ""):
            symbol, color = (_each(marker.get(k), 0) for k in ("symbol", "color"))
            self.marks.append(
                draw_marker(
                    symbol or "circle",
                    x + sample / 2,
                    y,
                    min(_each(marker.get("size", 8), 0), size),
                    color,
                    marker.get("line"),
                )
            )


def sample_width(size: float) -> float:
    """Pixels of the sample in front of a legend's name; Plotly's `itemwidth`, never below its 30."""
    return max(30.0, 2.3 * size)


def legend_columns(names: Sequence[str], size: float, width: float) -> tuple[int, float]:
    """How many legend entries stand beside each other, and the pixels that each one takes."""
    column = sample_width(size) + 1.8 * size + max(block_size(name, size)[0] for name in names)
    return max(1, min(len(names), int((width + 1.4 * size) // column))), column


def blend(scale: Sequence[Sequence[Any]], share: float) -> str:
    """The colour at `share` (0..1) of a scale of hexadecimal colours."""
    share = min(max(share, 0.0), 1.0)
    for (low, first), (high, last) in zip(scale, scale[1:], strict=False):
        if share <= high:
            part = (share - low) / ((high - low) or 1)
            ends = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (first, last)]
            return "#" + "".join(f"{round(a + part * (b - a)):02x}" for a, b in zip(*ends, strict=True))
    return str(scale[-1][1])


def _each(value: Any, i: int) -> Any:
    """An attribute that is one for all marks, or a list with one for each."""
    return value[i] if isinstance(value, (list, tuple, np.ndarray)) else value


def _arrow(x0: float, y0: float, x1: float, y1: float, color: str, width: float) -> str:
    angle = np.arctan2(y1 - y0, x1 - x0)
    head = 3.5 * width + 2
    wings = [(x1 - head * np.cos(angle + a), y1 - head * np.sin(angle + a)) for a in (0.45, -0.45)]
    path = line_path([x1, wings[0][0], wings[1][0]], [y1, wings[0][1], wings[1][1]], closed=True)
    return draw_line(x0, y0, x1 - head * np.cos(angle), y1 - head * np.sin(angle), stroke(color, width)) + (
        f'<path d="{path}" fill="{escape(color)}"/>'
    )


def render(
    spec: Json, width: float, height: float, title: str = "", description: str = "", background: str = ""
) -> str:
    """A description as SVG text: the same bytes for the same description."""
    return document(_Picture(spec, width, height).draw(), width, height, title, description, background)


# ---------------------------------------------------------------- pixels
def to_png(svg: str, dpi: int = 300, background: str = "") -> bytes:
    """An SVG as PNG; 96 pixels of the SVG are an inch.

    The font comes with the plotting library, so the picture is the same on every machine; the machine's own fonts
    are read only for scripts that it lacks.
    """
    import resvg_py

    files = [str(p) for p in font_files()]
    foreign = any(c >= "\u2e80" for c in svg)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=dpi / 96, background=background or None, font_files=files or None,
            skip_system_fonts=bool(files) and not foreign, font_family="DejaVu Sans", sans_serif_family="DejaVu Sans",
        )
    )  # fmt: skip


def font_files() -> list[Path]:
    """DejaVu Sans from Matplotlib's data, found without importing it; empty where it isn't installed."""
    found = importlib.util.find_spec("matplotlib")
    if not found or not found.origin:
        return []
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    names = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf")
    return [folder / name for name in names if (folder / name).exists()]
