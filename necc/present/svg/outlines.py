"""Text of an SVG as outlines of its letters, for a program that would show it in another typeface."""

from __future__ import annotations

import functools
import html
import re
from typing import Any

from necc.present.svg.fonts import font_files
from necc.present.svg.marks import number

TEXT = re.compile(r"<text ([^>]*)>(.*?)</text>", re.DOTALL)
SPAN = re.compile(r"<tspan([^>]*)>(.*?)</tspan>|([^<]+)", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def outlined(svg: str) -> str:
    """An SVG whose letters are drawn; a text with a character that the typeface lacks stays text.

    Office shows an SVG's text in the fonts that are installed, and in its own spacing: a legend would be another one
    than in the picture. What the letters say stands in the alternative text.

    Example:
        >>> from necc.present import svg
        >>> drawn = outlined(svg.document(svg.draw_text(30, 20, "n = 88", 12, "#000000"), 60, 40, "t", "d"))
        >>> "<text" in drawn, "<path" in drawn
        (False, True)

    Source: glyf table, OpenType specification 1.9.
    """
    return TEXT.sub(_outline, svg) if font_files() else svg


def _outline(match: re.Match[str]) -> str:
    known = dict(ATTRIBUTE.findall(match[1]))
    runs = []
    for look, inner, plain in SPAN.findall(match[2]):
        style = ("bold" in look) + 2 * ("italic" in look)
        runs.append((re.sub(r"\s+", " ", html.unescape(inner or plain)), style))
    size, x, y = (float(known[name]) for name in ("font-size", "x", "y"))
    glyphs = [(character, style) for text, style in runs for character in text]
    if any(_glyph(*glyph) is None for glyph in glyphs):
        return match[0]
    wide = sum((_glyph(*glyph) or (0.0, ()))[0] for glyph in glyphs) * size
    x -= {"middle": 0.5, "end": 1.0}.get(known.get("text-anchor", ""), 0.0) * wide
    parts = []
    for glyph in glyphs:
        across, outline = _glyph(*glyph) or (0.0, ())
        for command, points in outline:
            parts.append(command + " ".join(f"{_two(x + a * size)} {_two(y - b * size)}" for a, b in points))
        x += across * size
    turn = f' transform="{known["transform"]}"' if "transform" in known else ""
    return f'<path d="{"".join(parts)}" fill="{known.get("fill", "#000000")}"{turn}/>' if parts else ""


def _two(value: float) -> str:
    """A coordinate with two decimals: letters are small."""
    return f"{round(value, 2) + 0.0:g}" if abs(value) < 10_000 else number(value)


Outline = tuple[tuple[str, tuple[tuple[float, float], ...]], ...]


@functools.cache
def _glyph(character: str, style: int) -> tuple[float, Outline] | None:
    """How far a character reaches, and its outline, in ems; None where the typeface lacks it."""
    cmap, glyphs, advances, em = _face(min(style, len(font_files()) - 1))
    name = cmap.get(ord(character))
    if name is None:
        return None
    pen = _pen()(glyphs)
    glyphs[name].draw(pen)
    scaled = tuple((command, tuple((a / em, b / em) for a, b in points)) for command, points in pen.outline)
    return advances[name][0] / em, scaled


@functools.cache
def _pen() -> Any:
    """A pen that keeps lines and simple curves; a class, because its base is loaded only for outlines."""
    from fontTools.pens.basePen import BasePen

    class Kept(BasePen):
        def __init__(self, glyphs: Any) -> None:
            super().__init__(glyphs)
            self.outline: list[tuple[str, tuple[tuple[float, float], ...]]] = []

        def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - fontTools calls it by this name
            self.outline.append(("M", (point,)))

        def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - as above
            self.outline.append(("L", (point,)))

        def _qCurveToOne(self, bend: tuple[float, float], end: tuple[float, float]) -> None:  # noqa: N802 - as above
            self.outline.append(("Q", (bend, end)))

        def _closePath(self) -> None:  # noqa: N802 - as above
            self.outline.append(("Z", ()))

    return Kept


@functools.cache
def _face(style: int) -> tuple[dict[int, str], Any, Any, int]:
    from fontTools.ttLib import TTFont

    font = TTFont(font_files()[style])
    return font.getBestCmap(), font.getGlyphSet(), font["hmtx"], font["head"].unitsPerEm
