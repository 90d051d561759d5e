"""The marks a picture is made of, each as a piece of SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from necc.present.svg.text import FONTS, LINE_HEIGHT, escape, text_lines

Json = dict[str, Any]
DASHES = {"solid": (), "dot": (1, 2), "dash": (5, 3), "longdash": (9, 3), "dashdot": (5, 2, 1, 2),
          "longdashdot": (9, 2, 1, 2), "dashdotdot": (5, 2, 1, 2, 1, 2), "sparse": (2, 5)}  # fmt: skip


def number(value: float) -> str:
    """A coordinate with one decimal, as short as possible."""
    return f"{round(float(value), 1) + 0.0:g}"


def draw_text(
    x: float, y: float, text: str, size: float, color: str, anchor: str = "middle", angle: float = 0, up: float = 0.5
) -> str:
    """Text around (x, y); `up` is how much of the block is above y (0 hangs below it, 1 stands on it)."""
    lines = text_lines(text)
    top = y - up * len(lines) * LINE_HEIGHT * size
    turn = f' transform="rotate({number(angle)} {number(x)} {number(y)})"' if angle else ""
    how = "" if anchor == "start" else f' text-anchor="{anchor}"'
    marks = []
    for i, runs in enumerate(lines):
        baseline = number(top + (i + 0.5) * LINE_HEIGHT * size + 0.36 * size)
        look = f'font-size="{number(size)}" fill="{color}"{how}{turn}'
        marks.append(f'<text x="{number(x)}" y="{baseline}" {look}>{_spans(runs)}</text>')
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
    """The attributes of a line; `dash` is a name, whose lengths grow with the width, or lengths as `10px,6px`."""
    lengths = re.findall(r"[\d.]+", dash) if "px" in dash else [d * max(width, 1) for d in DASHES[dash]]
    dashes = " ".join(number(float(d)) for d in lengths)
    return (
        f' stroke="{color}" stroke-width="{number(width)}"'
        + (f' stroke-dasharray="{dashes}"' if dashes else "")
        + (f' opacity="{opacity:g}"' if opacity < 1 else "")
    )


PATTERN_PATHS = {
    "/": "M-1 1L1 -1M0 8L8 0M7 9L9 7", "\\": "M-1 7L1 9M0 0L8 8M7 -1L9 1", "x": "M0 0L8 8M0 8L8 0", "-": "M0 4H8",
    "|": "M4 0V8", "+": "M4 0V8M0 4H8", ".": "M3 4H5",
}  # fmt: skip


def pattern(described: Json) -> tuple[str, str]:
    """The name of a bar's pattern and its definition; both empty where there is none."""
    shape = described.get("shape", "")
    if shape not in PATTERN_PATHS:
        return "", ""
    size, color, opacity = described.get("size", 8), described.get("fgcolor", "#fff"), described.get("fgopacity", 1)
    name = f"pattern-{list(PATTERN_PATHS).index(shape)}-{number(size)}-{color.lstrip('#')}"
    width = 2.2 if shape == "." else 1.4
    return name, (
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse" '
        f'patternTransform="scale({number(size / 8)})"><path d="{PATTERN_PATHS[shape]}" fill="none" '
        f'opacity="{opacity:g}"{stroke(color, width)}/></pattern>'
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


def draw_arrow(x0: float, y0: float, x1: float, y1: float, color: str, width: float) -> str:
    angle = np.arctan2(y1 - y0, x1 - x0)
    head = 3.5 * width + 2
    wings = [(x1 - head * np.cos(angle + a), y1 - head * np.sin(angle + a)) for a in (0.45, -0.45)]
    path = line_path([x1, wings[0][0], wings[1][0]], [y1, wings[0][1], wings[1][1]], closed=True)
    return draw_line(x0, y0, x1 - head * np.cos(angle), y1 - head * np.sin(angle), stroke(color, width)) + (
        f'<path d="{path}" fill="{escape(color)}"/>'
    )


def blend(scale: Sequence[Sequence[Any]], share: float) -> str:
    """The colour at `share` (0..1) of a scale of hexadecimal colours."""
    share = min(max(share, 0.0), 1.0)
    for (low, first), (high, last) in zip(scale, scale[1:], strict=False):
        if share <= high:
            part = (share - low) / ((high - low) or 1)
            ends = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (first, last)]
            return "#" + "".join(f"{round(a + part * (b - a)):02x}" for a, b in zip(*ends, strict=True))
    return str(scale[-1][1])


def placed(picture: str, x: float, y: float, scale: float) -> str:
    """A whole SVG of `document` as a part of another: at a place, larger or smaller, without a name of its own."""
    body = picture.partition("</desc>")[2].removesuffix("</svg>")
    return f'<g transform="translate({number(x)} {number(y)}) scale({scale:.5g})">{body}</g>'


ON_PAGE = ' style="max-width:100%;height:auto"'  # of a picture on a page: as wide as there is room


def document(body: str, width: float, height: float, title: str, description: str, background: str = "") -> str:
    """A whole SVG: named for a screen reader, all text in one font."""
    back = f'<rect width="100%" height="100%" fill="{background}"/>' if background else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}" '
        f'width="{number(width)}" height="{number(height)}" role="img" aria-label="{escape(description or title)}" '
        f'font-family="{FONTS}"{ON_PAGE}>'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{back}{body}</svg>"
    )
