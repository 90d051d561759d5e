"""An SVG of this package as a PDF page: vectors, text that can be selected, every font embedded as a subset.

Only what `necc.present.svg` writes is understood. A general converter takes a viewer's own Helvetica for Arial, without
embedding it, loses the patterns of bars and drops characters without a word; a journal wants none of that.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from necc.core.extras import need
from necc.present.svg.fonts import characters_of, font_files, fonts_for, lacks

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.drawing import PaintedPath

POINT = 0.75  # points of a pixel
UNDATED = datetime(1980, 1, 1, tzinfo=UTC)
NAME = "{http://www.w3.org/2000/svg}"
TOKENS = re.compile(r"[MLHVhvZ]|-?\d*\.?\d+(?:e-?\d+)?")
STYLES = ("", "B", "I", "BI")


def to_pdf(svg: str, title: str = "", made: datetime = UNDATED) -> bytes:
    """An SVG as a PDF of one page, as large as the picture: 96 pixels are an inch.

    title: of the document, as a reader shows it. made: when, for the document's properties; never the clock.

    Raises:
        ValueError: no font of this computer draws some of the characters.
        MissingExtra: fpdf2 isn't installed.

    Source: ISO 32000-1:2008, PDF 1.7; a pixel is 1/96 inch (CSS Values and Units 3, section 6.2).
    """
    need("fpdf", "report", "a picture as PDF", "or take the SVG")
    need("fontTools", "report", "a picture as PDF", "or take the SVG")
    from fpdf import FPDF

    root = ET.fromstring(svg)  # noqa: S314 - text that this package wrote itself
    width, height = (float(v) * POINT for v in root.get("viewBox", "").split()[2:])
    pdf = FPDF(unit="pt", format=(width, height))
    pdf.set_creation_date(made)
    pdf.set_margin(0)
    pdf.set_auto_page_break(False)
    pdf.set_title(title or root.findtext(f"{NAME}title", ""))
    pdf.set_subject(root.findtext(f"{NAME}desc", ""))
    pdf.set_creator("necc")
    pdf.add_page()
    _Page(pdf, root).draw(root, _Look())
    return bytes(pdf.output())


@dataclass(frozen=True)
class _Look:
    """What a mark takes from the groups around it: scale and place in points, opacity and paint."""

    scale: float = POINT
    x: float = 0.0
    y: float = 0.0
    opacity: float = 1.0
    paint: tuple[tuple[str, str], ...] = ()

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + self.scale * x, self.y + self.scale * y

    def within(self, mark: ET.Element) -> _Look:
        """The look of what stands in a group or in a picture within the picture."""
        x, y, scale = float(mark.get("x", 0)), float(mark.get("y", 0)), 1.0
        for kind, values in re.findall(r"(translate|scale)\(([^)]*)\)", mark.get("transform", "")):
            parts = [float(v) for v in re.findall(r"-?[\d.]+", values)]
            if kind == "scale":
                scale *= parts[0]
            else:
                x, y = x + parts[0] * scale, y + (parts[1] if len(parts) > 1 else 0.0) * scale
        left, top = self.at(x, y)
        known = dict(self.paint) | {k: mark.attrib[k] for k in ("fill", "stroke") if k in mark.attrib}
        faint = self.opacity * float(mark.get("opacity", 1))
        return replace(self, scale=self.scale * scale, x=left, y=top, opacity=faint, paint=tuple(known.items()))


class _Page:
    """Draws the marks of a picture in their order."""

    def __init__(self, pdf: FPDF, root: ET.Element) -> None:
        self.pdf = pdf
        self.size = tuple(float(v) for v in root.get("viewBox", "").split()[2:])
        self.patterns = {p.get("id"): p for p in root.iter(f"{NAME}pattern")}
        texts = [*root.iter(f"{NAME}text")]
        styles = {"", *(style for mark in texts for _, style in _pieces(mark))}
        self.fonts = _fonts(pdf, "".join("".join(mark.itertext()) for mark in texts), styles)

    def draw(self, parent: ET.Element, look: _Look) -> None:
        for mark in parent:
            kind = mark.tag.removeprefix(NAME)
            if kind in ("g", "svg"):
                self.draw(mark, look.within(mark))
            elif kind == "text":
                self._text(mark, look)
            elif kind in ("path", "rect", "circle"):
                self._shape(kind, mark, look)

    # -------------------------------------------------------- shapes
    def _shape(self, kind: str, mark: ET.Element, look: _Look) -> None:
        from fpdf.drawing import PaintedPath

        known = {**dict(look.paint), **mark.attrib}
        fill, stroke = known.get("fill", "#000000"), known.get("stroke", "none")
        if pattern := re.match(r"url\(#([^)]+)\)", fill):
            self._pattern(self.patterns[pattern[1]], mark, look)
            fill = "none"
        clear = {part: float(known.get(f"{part}-opacity", 1)) for part in ("fill", "stroke")}
        fill, stroke = (c if clear[part] else "none" for part, c in (("fill", fill), ("stroke", stroke)))
        if fill == stroke == "none":
            return
        path = PaintedPath()
        self._outline(path, kind, mark, look)
        faint = look.opacity * float(mark.get("opacity", 1))
        _paint(path, fill, stroke, faint, clear)
        path.style.stroke_width = float(mark.get("stroke-width", 1)) * look.scale
        dashes = tuple(float(d) * look.scale for d in mark.get("stroke-dasharray", "").split())
        path.style.stroke_dash_pattern = dashes or None
        path.style.stroke_join_style = known.get("stroke-linejoin", "miter")
        self.pdf.draw_path(path, copy=False)  # type: ignore[arg-type]  # as its own description has it

    def _outline(self, path: PaintedPath, kind: str, mark: ET.Element, look: _Look) -> None:
        if kind == "circle":
            path.circle(*look.at(float(mark.attrib["cx"]), float(mark.attrib["cy"])),
                        float(mark.attrib["r"]) * look.scale)  # fmt: skip
        elif kind == "rect":
            x, y, width, height = self._box(mark)
            path.rectangle(*look.at(x, y), width * look.scale, height * look.scale)
        else:
            _trace(path, mark.attrib["d"], look)

    def _box(self, mark: ET.Element) -> tuple[float, float, float, float]:
        """Of a rectangle, whose size may be a share of the picture."""
        size = (
            whole * float(given[:-1]) / 100 if given.endswith("%") else float(given)
            for given, whole in zip((mark.attrib["width"], mark.attrib["height"]), self.size, strict=True)
        )
        return (float(mark.get("x", 0)), float(mark.get("y", 0)), *size)  # type: ignore[return-value]  # two sizes make four

    def _pattern(self, pattern: ET.Element, mark: ET.Element, look: _Look) -> None:
        """The lines of a pattern within a rectangle; its cells are counted from the picture's corner."""
        from fpdf.drawing import ClippingPath, PaintedPath

        x, y, width, height = self._box(mark)
        scale = float(re.sub(r"[^\d.]", "", pattern.get("patternTransform", "scale(1)")))
        cell, lines = 8 * scale, pattern.find(f"{NAME}path")
        if lines is None or not width or not height:
            return
        path, clip = PaintedPath(), ClippingPath()
        clip.rectangle(*look.at(x, y), width * look.scale, height * look.scale)
        for i in range(int(x // cell), int((x + width) // cell) + 1):
            for j in range(int(y // cell), int((y + height) // cell) + 1):
                left, top = look.at(i * cell, j * cell)
                _trace(path, lines.attrib["d"], replace(look, scale=look.scale * scale, x=left, y=top))
        _paint(path, "none", lines.attrib["stroke"], look.opacity * float(lines.get("opacity", 1)))
        path.style.stroke_width = float(lines.attrib["stroke-width"]) * look.scale * scale
        path.clipping_path = clip
        self.pdf.draw_path(path, copy=False)  # type: ignore[arg-type]  # as its own description has it

    # -------------------------------------------------------- text
    def _text(self, mark: ET.Element, look: _Look) -> None:
        size = float(mark.attrib["font-size"]) * look.scale
        runs = [(text, family, style) for piece, style in _pieces(mark) for text, family in self._by_font(piece)]
        widths = []
        for text, family, style in runs:
            self.pdf.set_font(family, style, size)
            widths.append(self.pdf.get_string_width(text))
        x, y = look.at(float(mark.attrib["x"]), float(mark.attrib["y"]))
        turn = re.match(r"rotate\(([-\d.]+) ([-\d.]+) ([-\d.]+)\)", mark.get("transform", ""))
        angle, *middle = map(float, turn.groups()) if turn else (0.0, 0.0, 0.0)
        x -= {"middle": 0.5, "end": 1.0}.get(mark.get("text-anchor", ""), 0.0) * sum(widths)
        color = _color(mark.get("fill", "#000000"))
        with self.pdf.local_context(fill_opacity=look.opacity), self.pdf.rotation(-angle, *look.at(*middle)):
            self.pdf.set_text_color(*color)
            for (text, family, style), width in zip(runs, widths, strict=True):
                self.pdf.set_font(family, style, size)
                self.pdf.text(x, y, text)
                x += width

    def _by_font(self, text: str) -> Iterator[tuple[str, str]]:
        """A text in parts, each with the family that has its characters."""
        for family, characters in groupby(text, self._family):
            yield "".join(characters), family

    def _family(self, character: str) -> str:
        return next((name for name, known in self.fonts.items() if ord(character) in known), "f0")


def _fonts(pdf: FPDF, text: str, styles: Collection[str]) -> Mapping[str, frozenset[int]]:
    """Gives a document the fonts that draw a text in these styles, as reading one takes long; each family with its
    characters."""
    files, lacking = fonts_for(text)
    if lacking or not files:
        raise ValueError(lacks(lacking, "PDF") if files else "no font: the plotting library's fonts aren't installed")
    own = font_files()
    for style, file in zip(STYLES, own, strict=False):
        if style in styles:
            pdf.add_font("f0", style, file)
    known = {"f0": characters_of(own[0])}
    for i, file in enumerate((f for f in files if f not in own), start=1):
        if not _added(pdf, f"f{i}", file, styles):
            raise ValueError(lacks("".join(c for c in dict.fromkeys(text) if ord(c) not in known["f0"]), "PDF"))
        known[f"f{i}"] = characters_of(file)
    return known


def _added(pdf: FPDF, family: str, file: Path, styles: Iterable[str]) -> bool:
    """Whether a font of the machine could be read; one face of it stands for all of its styles."""
    from fontTools.ttLib import TTLibError

    try:
        for style in styles:
            pdf.add_font(family, style, file)
    except (OSError, TTLibError, ValueError, KeyError):
        return False
    return True


def _pieces(mark: ET.Element) -> Iterator[tuple[str, str]]:
    """The text of a mark in parts, each with its style; blanks in a row are one, as in a picture."""
    parts = [(mark.text or "", "")]
    for span in mark:
        style = ("B" if span.get("font-weight") == "bold" else "") + ("I" if span.get("font-style") else "")
        parts += [(span.text or "", style), (span.tail or "", "")]
    for text, style in parts:
        if text:
            yield re.sub(r"\s+", " ", text), style


def _paint(
    path: PaintedPath, fill: str, stroke: str, opacity: float, clear: Mapping[str, float] | None = None
) -> None:  # fmt: skip
    from fpdf.drawing_primitives import DeviceRGB

    clear = clear or {}
    style = path.style
    style.fill_color, style.stroke_color = (
        None if color == "none" else DeviceRGB(*(part / 255 for part in _color(color))) for color in (fill, stroke)
    )
    style.fill_opacity, style.stroke_opacity = (opacity * clear.get(part, 1.0) for part in ("fill", "stroke"))
    style.auto_close = False


def _color(text: str) -> tuple[int, int, int]:
    """Red, green and blue of `#rrggbb` or `#rgb`."""
    digits = text[1:] if len(text) == 7 else "".join(2 * c for c in text[1:])
    red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
    return red, green, blue


def _trace(path: PaintedPath, data: str, look: _Look) -> None:
    """Path data along the moves that this package writes."""
    tokens, command = TOKENS.findall(data), ""
    x = y = 0.0
    at = 0
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at], at + 1
        if command == "Z":
            path.close()
            continue
        if command in "ML":
            x, y, at = float(tokens[at]), float(tokens[at + 1]), at + 2
        else:
            value, at = float(tokens[at]), at + 1
            x, y = {"H": (value, y), "h": (x + value, y), "V": (x, value), "v": (x, y + value)}[command]
        (path.move_to if command == "M" else path.line_to)(*look.at(x, y))
        command = "L" if command == "M" else command
