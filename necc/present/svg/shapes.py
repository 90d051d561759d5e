"""Free shapes of straight lines: every format of a figure draws them, and hatches them without a pattern of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

from necc.present.svg.marks import line_path, number

Point = tuple[float, float]
CORNERS = 28  # of an ellipse
BETWEEN = 6  # points of a smooth line from one given point to the next


def ellipse(x: float, y: float, across: float, down: float) -> list[Point]:
    """The corners of an ellipse around (x, y), `across` and `down` its half widths."""
    turns = [2 * math.pi * i / CORNERS for i in range(CORNERS)]
    return [(x + across * math.cos(t), y + down * math.sin(t)) for t in turns]


def smooth(points: Sequence[Point]) -> list[Point]:
    """A closed smooth line through the points.

    Source: Catmull E, Rom R. A class of local interpolating splines. 1974. doi:10.1016/B978-0-12-079050-0.50020-5.
    """
    n, found = len(points), []
    for i in range(n):
        a, b, c, d = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        found += [tuple(_between(*p, t / BETWEEN) for p in zip(a, b, c, d, strict=True)) for t in range(BETWEEN)]
    return [(x, y) for x, y in found]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def mirrored(points: Sequence[Point], middle: float) -> list[Point]:
    """The same shape on the other side."""
    return [(2 * middle - x, y) for x, y in reversed(points)]


def closed_path(shapes: Sequence[Sequence[Point]]) -> str:
    """Path data of closed shapes."""
    return "".join(line_path([x for x, _ in s], [y for _, y in s], closed=True) for s in shapes)


def hatch_path(shape: Sequence[Point], apart: float, rising: bool = True) -> str:
    """Path data of slanted lines within a closed shape, `apart` pixels from one to the next; empty where none fits.

    rising: from the lower left to the upper right, else from the upper left to the lower right.
    """
    sign = 1 if rising else -1
    heights = [y + sign * x for x, y in shape]  # the line on which each corner lies
    step = apart * math.sqrt(2)
    parts = []
    for k in range(math.ceil(min(heights) / step), math.floor(max(heights) / step) + 1):
        crossed = sorted(_crossings(shape, heights, k * step))
        for (x0, y0), (x1, y1) in zip(crossed[::2], crossed[1::2], strict=False):
            parts.append(f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}")
    return "".join(parts)


def _crossings(shape: Sequence[Point], heights: Sequence[float], level: float) -> list[Point]:
    """Where a slanted line meets the edges of a shape."""
    found = []
    for i, (a, b) in enumerate(zip(heights, [*heights[1:], heights[0]], strict=True)):
        if (a < level) != (b < level):
            share, (x0, y0), (x1, y1) = (level - a) / (b - a), shape[i], shape[(i + 1) % len(shape)]
            found.append((x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
    return found
