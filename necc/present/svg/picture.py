"""A whole description, drawn layer by layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex

import numpy as np

from necc.present.svg.interactive import area, attributes, curve_attributes, drag_area, tip_text
from necc.present.svg.marks import (
    Json,
    blend,
    document,
    draw_arrow,
    draw_line,
    draw_marker,
    draw_rect,
    draw_text,
    line_path,
    paint,
    pattern,
    step_path,
    step_points,
    stroke,
)
from necc.present.svg.text import LINE_HEIGHT, block_size


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


LEAST_TITLE = 0.86  # of its size, where an axis title would not fit in the picture
NUMERAL = re.compile(r"[-+\u2212]?[\d.,]+( ?%)?")
LEGEND_GAP = 5  # pixels between a legend and the plot below it; what stands above the plot has room for them


class _Picture:
    """Draws a description, layer by layer; `marked` with what its marks tell the pointer and mean to a click.

    What a mark means stands in the description's `meta`: of a trace `pick`, one text for all of its marks or one for
    each; of the layout `areas`, places over the marks, and `drag`, the number along the first axis.
    """

    def __init__(self, spec: Json, width: float, height: float, marked: bool = False):
        self.marked = marked
        self.layout: Json = spec["layout"]
        self.traces = [t for t in spec["data"] if t.get("visible", True) is True]
        margin = self.layout["margin"]
        self.left, self.top = float(margin["l"]), float(margin["t"])
        self.width, self.height = width, height
        self.plot_width = width - margin["l"] - margin["r"]
        self.plot_height = height - margin["t"] - margin["b"]
        self.font: Json = self.layout["font"]
        self.axes = {name: self._axis(name) for name in self.layout if re.fullmatch(r"[xy]axis\d*", name)}
        self.marks: list[str] = []
        self.patterns: set[str] = set()

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
        self._drag()
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
        self._areas()
        return "".join(self.marks)

    # -------------------------------------------------------- what marks mean
    def _tip(self, trace: Json, i: SupportsIndex) -> str:
        """What the pointer reads at a mark, and what a click on it means, as attributes; none in a plain picture."""
        if not self.marked:
            return ""
        meant = (trace.get("meta") or {}).get("pick", "")
        hovered = trace.get("hovertext", "") if trace.get("hoverinfo") != "skip" else ""
        pick = meant if isinstance(meant, str) else meant[i]
        return attributes(tip_text(hovered if isinstance(hovered, str) else hovered[i]), pick)

    def _areas(self) -> None:
        """Places that mean something where no mark is drawn: names of rows, cells, numbers at risk."""
        for item in self.layout.get("meta", {}).get("areas", ()) if self.marked else ():
            (a, c), (b, d) = (self._point(item, item[f"x{i}"], item[f"y{i}"]) for i in (0, 1))
            box = (min(a, b) + item.get("shift", 0), min(c, d), abs(b - a), abs(d - c))
            self.marks.append(area(box, item["tip"], item["pick"]))

    def _drag(self) -> None:
        """Where a range of the number along the first axis can be chosen."""
        described = self.layout.get("meta", {}).get("drag") if self.marked else None
        if described:
            x, y = self.axes["xaxis"], self.axes["yaxis"]
            box = (x.start, y.start + min(y.length, 0), x.length, abs(y.length))
            self.marks.append(drag_area(box, x.range, described))

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
        if horizontal and not layout.get("tickangle") and layout.get("showticklabels", True):
            texts = _apart([axis.px(v) for v in values], list(map(str, texts)), font["size"])
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
        whole = self.width if horizontal else self.height
        text, size = title["text"], font["size"]
        long = block_size(text, size)[0]
        if long > whole - 2:  # smaller, in print still 7 points
            size = max(LEAST_TITLE * size, size * (whole - 2) / long)
            long *= size / font["size"]
        middle = min(max(middle, long / 2 + 1), max(whole - long / 2 - 1, whole / 2))
        x, y = (middle, at) if horizontal else (at, middle)
        self.marks.append(draw_text(x, y, text, size, font["color"], angle=0 if horizontal else -90))

    # -------------------------------------------------------- traces
    def _scatter(self, trace: Json, previous: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
        where = trace.get("xaxis", "x") + trace.get("yaxis", "y")
        x_axis, y_axis = self.axis(trace.get("xaxis", "x")), self.axis(trace.get("yaxis", "y"))
        x, y = x_axis.many(trace["x"]), y_axis.many(trace["y"])
        mode, line = trace.get("mode", "lines"), trace.get("line", {})
        known = ~(np.isnan(x) | np.isnan(y))
        opacity = trace.get("opacity", 1)
        corners = step_points(x[known], y[known]) if line.get("shape") == "hv" else (x[known], y[known])
        begun = len(self.marks)
        if trace.get("fill") in ("tonexty", "toself") and len(corners[0]):
            self._fill(trace, corners, previous.get(where))
        previous[where] = corners
        if "lines" in mode and line.get("width", 2) > 0:
            self._polyline(trace, x, y, known)
            self._read(trace, x, y, begun)
        for error in ("error_x", "error_y"):
            if error in trace:
                self._error_bars(trace, error, trace["x"], trace["y"], x_axis, y_axis)
        if "markers" in mode:
            marker = trace.get("marker", {})
            begin = f'<g opacity="{opacity:g}">' if opacity < 1 else ""
            dots = [
                _told(
                    draw_marker(
                        _each(marker.get("symbol", "circle"), i), x[i], y[i], _each(marker.get("size", 6), i),
                        _each(marker.get("color", self.font["color"]), i), marker.get("line"),
                    ),
                    self._tip(trace, i),
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

    def _read(self, trace: Json, x: np.ndarray, y: np.ndarray, begun: int) -> None:
        """Has what was drawn of a curve, from mark `begun` on, read at its points."""
        if not self.marked or trace.get("hoverinfo") == "skip":
            return
        meta = trace.get("meta") or {}
        told = attributes(meta.get("tip", ""), meta.get("pick", "")) + curve_attributes(trace, x, y)
        self.marks[begun:] = [_told("".join(self.marks[begun:]), told)]

    def _polyline(self, trace: Json, x: np.ndarray, y: np.ndarray, known: np.ndarray) -> None:
        """A line, broken where a value is missing."""
        line = trace.get("line", {})
        ends = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
        draw = step_path if line.get("shape") == "hv" else line_path
        paths = [draw(x[a:b].tolist(), y[a:b].tolist()) for a, b in zip(ends[::2], ends[1::2], strict=True)]
        if paths:
            color, width, dash = line.get("color", self.font["color"]), line.get("width", 2), line.get("dash", "solid")
            look = stroke(color, width, dash, trace.get("opacity", 1))
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
                ends = [(a, at, b, at), *((v, at - cap, v, at + cap) for v in (a, b) if cap)]
            else:
                a, b, at = y_axis.px(y - down), y_axis.px(y + up), x_axis.px(x)
                ends = [(at, a, at, b), *((at - cap, v, at + cap, v) for v in (a, b) if cap)]
            self.marks.append("".join(draw_line(*end, look) for end in ends))

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
            box = (a, c, b - a, d - c) if flat else (c, a, d - c, b - a)
            self.marks.append(_told(draw_rect(*box, look) + self._pattern(marker, box), self._tip(trace, i)))
        if "error_x" in trace or "error_y" in trace:
            which = "error_x" if flat else "error_y"
            self._error_bars(trace, which, trace["x"], trace["y"], x_axis, y_axis)

    def _pattern(self, marker: Json, box: tuple[float, float, float, float]) -> str:
        """The pattern over a bar, defined where it is first needed."""
        name, definition = pattern(marker.get("pattern", {}))
        if not name:
            return ""
        defined = f"<defs>{definition}</defs>" if name not in self.patterns else ""
        self.patterns.add(name)
        return defined + draw_rect(*box, f' fill="url(#{name})"')

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
            x0, x1 = origin + shape["x0"], origin + shape["x1"]
            y1 = self._point(shape, shape["xanchor"], shape["y1"])[1]
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
                draw_arrow(tail_x, tail_y, x, y, note.get("arrowcolor", font["color"]), note.get("arrowwidth", 1.5))
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
        top = self.top + (1 - legend["y"]) * self.plot_height - rows * row - LEGEND_GAP
        if title:
            self.marks.append(draw_text(self.left, top + row / 2, title, size, font["color"], "start"))
        for i, trace in enumerate(entries):
            x, y = left + (i % columns) * column, top + (i // columns + 0.5) * row
            begun = len(self.marks)
            self._key(trace, x, y, size)
            self.marks.append(
                draw_text(x + sample_width(size) + 0.4 * size, y, trace["name"], size, font["color"], "start")
            )
            meta = trace.get("meta") or {}
            pick = meta.get("entry") or meta.get("pick")
            if self.marked and pick and isinstance(pick, str):
                box = (x, y - row / 2, column - size, row)
                told = attributes(meta.get("tip") or tip_text(trace["name"]), pick)
                key = "".join(self.marks[begun:])
                self.marks[begun:] = [_told(key + draw_rect(*box, ' fill="#fff" fill-opacity="0"'), told)]

    def _key(self, trace: Json, x: float, y: float, size: float) -> None:
        """The sample in front of a legend's name."""
        marker, line, sample = trace.get("marker", {}), trace.get("line", {}), sample_width(size)
        if trace["type"] == "bar":
            edge = marker.get("line", {})
            look = paint(_each(marker.get("color"), 0)) + (stroke(edge["color"], 1) if edge.get("width") else "")
            box = (x + sample / 2 - size * 0.45, y - size * 0.45, size * 0.9, size * 0.9)
            self.marks.append(draw_rect(*box, look) + self._pattern(marker, box))
            return
        if "lines" in trace.get("mode", ""):
            self.marks.append(
                draw_line(x, y, x + sample, y, stroke(line["color"], line.get("width", 2), line.get("dash", "solid")))
            )
        if "markers" in trace.get("mode", ""):
            symbol, color = (_each(marker.get(k), 0) for k in ("symbol", "color"))
            across = min(_each(marker.get("size", 8), 0), size)
            self.marks.append(draw_marker(symbol or "circle", x + sample / 2, y, across, color, marker.get("line")))


def sample_width(size: float) -> float:
    """Pixels of the sample in front of a legend's name; Plotly's `itemwidth`, never below its 30."""
    return max(30.0, 2.3 * size)


def legend_columns(names: Sequence[str], size: float, width: float) -> tuple[int, float]:
    """How many legend entries stand beside each other, and the pixels that each one takes."""
    column = sample_width(size) + 1.8 * size + max(block_size(name, size)[0] for name in names)
    return max(1, min(len(names), int((width + 1.4 * size) // column))), column


def _apart(places: Sequence[float], texts: list[str], size: float) -> list[str]:
    """Labels of an axis of numbers, of which as many are blank as have no room; names all stay."""
    if not all(NUMERAL.fullmatch(t) for t in texts if t):
        return texts
    shown = [i for i, t in enumerate(texts) if t]
    half = {i: block_size(texts[i], size)[0] / 2 for i in shown}

    def touch(kept: Sequence[int]) -> bool:
        return any(abs(places[b] - places[a]) < half[a] + half[b] for a, b in zip(kept, kept[1:], strict=False))

    kept = next((k for k in (shown[::every] for every in range(1, len(shown) + 1)) if not touch(k)), shown)
    return [t if i in set(kept) else "" for i, t in enumerate(texts)]


def _told(mark: str, told: str) -> str:
    """A mark, in a group with what it tells where it tells something."""
    return f"<g{told}>{mark}</g>" if told else mark


def _each(value: Any, i: SupportsIndex) -> Any:
    """An attribute that is one for all marks, or a list with one for each."""
    return value[i] if isinstance(value, (list, tuple, np.ndarray)) else value


def render(
    spec: Json, width: float, height: float, title: str = "", description: str = "", background: str = "",
    marked: bool = False,
) -> str:  # fmt: skip
    """A description as SVG text: the same bytes for the same description.

    marked: with attributes of what each mark tells and means; see `picked_marks`.
    """
    return document(_Picture(spec, width, height, marked).draw(), width, height, title, description, background)
