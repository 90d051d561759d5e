"""A figure's vectors in a document or on a slide, within the picture of pixels that older readers show [1].

References:
    1. [MS-ODRAWXML] 2.26.1.1, svgBlip
"""

from __future__ import annotations

from typing import Any

from necc.present import svg
from necc.present.figures import Figure
from necc.present.words import report as words

KIND = "image/svg+xml"
EXTENSION = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
NAMESPACE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def vectors_of(figure: Figure) -> str:
    """A figure's SVG on white; its letters are drawn, as an Office that lacks the typeface would take another."""
    return svg.outlined(figure.to_svg(background=True).replace(svg.ON_PAGE, "", 1))


def drawable(text: str) -> tuple[str, str]:
    """An SVG that can be drawn as pixels, and the characters that it lacks: an empty box stands for each of them."""
    lacking = "" if text.isascii() else svg.undrawable(text)
    return text.translate(dict.fromkeys(map(ord, lacking), words.NO_LETTER)), lacking


def add_vectors(blip: Any, relation: str) -> None:
    """Names the part with the vectors in a picture's `a:blip`, by the relation of the document or slide to it."""
    from lxml import etree

    listed = etree.SubElement(blip, f"{{{MAIN}}}extLst")
    extension = etree.SubElement(listed, f"{{{MAIN}}}ext", uri=EXTENSION)
    vector = etree.SubElement(extension, f"{{{NAMESPACE}}}svgBlip", nsmap={"asvg": NAMESPACE})
    vector.set(f"{{{RELATIONS}}}embed", relation)
