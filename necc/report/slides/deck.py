"""The slides' own small template, and what stands on every slide: title, whom it is about, origin, number."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from necc.core.extras import need
from necc.core.text import for_xml, shorten
from necc.present.figures.style import INK
from necc.present.words import report as words
from necc.report.model import Item
from necc.report.stable import moment

WIDTH, HEIGHT = 13.333, 7.5  # inches, 16:9
LEFT, TOP, BOTTOM = 0.5, 1.42, 6.92  # of what a slide shows
ACROSS = WIDTH - 2 * LEFT
FONT = "Arial"
LEAST = 12  # points: what the last row of a room reads
TEXT, MUTED = INK["light"]["text"], INK["light"]["muted"]
KEPT = ("Title Slide", "Title Only")


@dataclass(frozen=True)
class Run:
    """A piece of a paragraph. color: as `#rrggbb`."""

    text: str
    size: float = 14
    bold: bool = False
    color: str = TEXT


class Deck:
    """A presentation that is filled slide by slide."""

    def __init__(self, title: str, day: date | None, notice: str) -> None:
        need("pptx", "report", "a presentation")
        from pptx import Presentation

        self.presentation: Any = Presentation()
        self.title, self.notice = for_xml(title), notice
        self.item: Item | None = None
        self.notes = ""
        self.first = True
        _shape(self.presentation)
        _properties(self.presentation, self.title, day)

    # -------------------------------------------------------- slides
    def opening(self, lines: Iterable[str]) -> None:
        slide = self.presentation.slides.add_slide(self._layout("Title Slide"))
        slide.shapes.title.text = self.title
        frame = slide.placeholders[1].text_frame
        paragraphs(frame, [[Run(line, 20, color=MUTED)] for line in filter(None, lines)])

    def about(self, item: Item, notes: str) -> None:
        """The item that the next slides show."""
        self.item, self.notes, self.first = item, notes, True

    def slide(self, title: str = "", part: int = 1, of: int = 1) -> Any:
        """A slide with its title and what it is about; of several with the same title, which."""
        item = self.item
        slide = self.presentation.slides.add_slide(self._layout("Title Only"))
        text = shorten(title or (item.title if item else ""), 150)
        slide.shapes.title.text = f"{text} ({part:,} of {of:,})" if of > 1 else text
        if item and not title:
            named = " ".join(filter(None, (f"{item.label}." if item.label else "", words.whom(item.patients, item.n))))
            box = self.text(slide, [[Run(shorten(named, 220), 14, color=MUTED)]], (LEFT, 1.02, ACROSS, 0.36))
            box.name = "Whom it is about"
        self._foot(slide)
        if self.notes and self.first and not title:
            slide.notes_slide.notes_text_frame.text = for_xml(self.notes)
        self.first = False
        return slide

    def drop_after(self, n: int) -> None:
        """Takes away the slides after the first n: what couldn't be finished."""
        ids = self.presentation.slides._sldIdLst  # noqa: SLF001 - python-pptx can't delete a slide by itself
        for entry in list(ids)[n:]:
            self.presentation.part.drop_rel(entry.rId)
            ids.remove(entry)
        self.first = True

    def text(
        self, slide: Any, lines: Sequence[Sequence[Run]], box: tuple[float, float, float, float], align: str = "l"
    ) -> Any:  # fmt: skip
        """A text of paragraphs in a box (left, top, width, height in inches)."""
        from pptx.util import Inches

        shape = slide.shapes.add_textbox(*map(Inches, box))
        shape.text_frame.word_wrap = True
        paragraphs(shape.text_frame, lines, align)
        return shape

    def _layout(self, name: str) -> Any:
        return self.presentation.slide_layouts.get_by_name(name)

    def _foot(self, slide: Any) -> None:
        """Where the patients come from, and the slide's number."""
        if self.notice:
            self.text(slide, [[Run(self.notice, LEAST, color=MUTED)]], (LEFT, 7.02, ACROSS - 1, 0.34)).name = "Origin"
        box = self.text(slide, [[Run("–", LEAST, color=MUTED)]], (WIDTH - LEFT - 0.8, 7.02, 0.8, 0.34), "r")
        box.name = "Slide number"
        _number(box, len(self.presentation.slides))


def paragraphs(frame: Any, lines: Sequence[Sequence[Run]], align: str = "l") -> None:
    """Fills a text frame, without margins of its own."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for i, runs in enumerate(lines):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.alignment = {"l": PP_ALIGN.LEFT, "r": PP_ALIGN.RIGHT, "c": PP_ALIGN.CENTER}[align]
        for one in runs:
            _end(paragraph, one.size)
            if not one.text:
                continue
            run = paragraph.add_run()
            run.text = for_xml(one.text)
            run.font.size, run.font.bold, run.font.name = Pt(one.size), one.bold, FONT
            run.font.color.rgb = RGBColor.from_string(one.color.lstrip("#"))
        _last(paragraph)


def _end(paragraph: Any, size: float) -> None:
    """An empty paragraph is as high as its end mark says, 18 points where it says nothing."""
    from lxml import etree
    from pptx.oxml.ns import qn

    element = paragraph._p  # noqa: SLF001 - the end mark has no call
    for old in element.findall(qn("a:endParaRPr")):
        element.remove(old)
    etree.SubElement(element, qn("a:endParaRPr"), sz=str(round(100 * size)))


def _last(paragraph: Any) -> None:
    """The end mark stands behind all runs."""
    from pptx.oxml.ns import qn

    element = paragraph._p  # noqa: SLF001 - the end mark has no call
    for mark in element.findall(qn("a:endParaRPr")):
        element.append(mark)


# ---------------------------------------------------------------- the template
def _shape(presentation: Any) -> None:
    """Of python-pptx's 4:3 template what is needed, in 16:9 and in one typeface."""
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.oxml import parse_xml
    from pptx.util import Inches

    presentation.slide_width, presentation.slide_height = Inches(WIDTH), Inches(HEIGHT)
    for layout in list(presentation.slide_layouts):
        if layout.name not in KEPT:
            presentation.slide_layouts.remove(layout)
    master = presentation.slide_master
    for sheet in (master, *presentation.slide_layouts):
        for place in list(sheet.placeholders):
            kind = place.placeholder_format.type.name
            if kind in ("DATE", "FOOTER", "SLIDE_NUMBER"):
                place._element.getparent().remove(place._element)  # noqa: SLF001 - no call of python-pptx deletes it
                continue
            box = {
                "TITLE": (LEFT, 0.32, ACROSS, 0.7), "BODY": (LEFT, TOP, ACROSS, BOTTOM - TOP),
                "CENTER_TITLE": (LEFT, 2.0, ACROSS, 1.5), "SUBTITLE": (LEFT, 3.7, ACROSS, 2.4),
            }.get(kind)  # fmt: skip
            if box:
                place.left, place.top, place.width, place.height = map(Inches, box)
    _titles(master)
    for sheet in (master, presentation.notes_master):
        theme = sheet.part.part_related_by(RELATIONSHIP_TYPE.THEME)
        changed = theme.blob.replace(b'typeface="Calibri"', f'typeface="{FONT}"'.encode())
        if hasattr(theme, "_element"):
            theme._element = parse_xml(changed)  # noqa: SLF001 - that of the notes is kept as a tree
        else:
            theme._blob = changed  # noqa: SLF001 - a part's content is read-only
    package = presentation.part.package
    for owner, kind in (
        (package, RELATIONSHIP_TYPE.THUMBNAIL),
        (presentation.part, RELATIONSHIP_TYPE.PRINTER_SETTINGS),
    ):
        for name, related in list(owner._rels.items()):  # noqa: SLF001 - the package's relationships have no other door
            if related.reltype == kind:
                owner._rels.pop(name)  # noqa: SLF001 - as above


def _titles(master: Any) -> None:
    """Titles at the left, bold, as large as two lines have room for."""
    from pptx.oxml.ns import qn

    level = master.element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    level.set("algn", "l")
    look = level.find(qn("a:defRPr"))
    look.set("sz", "2400")
    look.set("b", "1")
    body = master.placeholders[0]._element.find(f".//{qn('a:bodyPr')}")  # noqa: SLF001 - its inner margins
    for side in ("lIns", "rIns", "tIns", "bIns"):
        body.set(side, "0")
    body.set("anchor", "ctr")
    for child in list(body):
        body.remove(child)
    from lxml import etree

    etree.SubElement(body, qn("a:normAutofit"))


def _properties(presentation: Any, title: str, day: date | None) -> None:
    """Without what the template says of itself; never the clock."""
    about = presentation.core_properties
    about.title, about.author, about.last_modified_by = title[:250], "necc", "necc"
    about.subject = about.keywords = about.comments = about.category = ""
    about.revision = 1
    about.created = about.modified = moment(day)


def _number(box: Any, n: int) -> None:
    """A field that PowerPoint keeps right when slides are moved."""
    from lxml import etree
    from pptx.oxml.ns import qn

    paragraph = box.text_frame.paragraphs[0]._p  # noqa: SLF001 - python-pptx has no fields
    run = paragraph.find(qn("a:r"))
    field = etree.Element(qn("a:fld"), id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}", type="slidenum")
    field.append(copy.deepcopy(run.find(qn("a:rPr"))))
    text = etree.SubElement(field, qn("a:t"))
    text.text = str(n)
    paragraph.replace(run, field)
