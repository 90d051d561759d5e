"""A report as a Word document: tables that can be edited, figures as vectors, numbers that are cross-referenced."""

from __future__ import annotations

import copy
import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from necc.core.text import for_xml
from necc.present.figures import Figure, Print
from necc.present.svg import to_print
from necc.present.tables import Table
from necc.present.words import report as said
from necc.present.words.phrases import sentence
from necc.report.model import Item, Progress, Prose, Report, Written
from necc.report.stable import same_bytes
from necc.report.vectors import KIND, add_vectors, drawable, vectors_of
from necc.report.word import looks
from necc.report.word.layout import BOLD, Layout, lay_out, marks_of, note_runs, run, table_xml

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

FIGURE_MM = (looks.TEXT_MM, 215)  # width and height at most: the caption has room below
DPI = 300
PX_PER_MM = 96 / 25.4


def document(report: Report, progress: Progress | None = None) -> Written:
    """A report as a Word document (docx), on A4: what is in it, its exhibits in order, and its conventions.

    Tables have three rules, a head that is repeated, and decimals below each other; figures are SVG with a PNG of 300
    dots an inch for readers that know no SVG. Numbers of exhibits are fields, so they can be moved and numbered again.
    The same report gives the same bytes.

    Args:
        progress: called before each item with the share that is done (0 to 1) and what comes; it may raise to stop.

    Returns:
        The file, and what couldn't be written into it; each is named in its place as well.
    """
    writer = _Writer(report, looks.blank(report.title, report.notice, report.day))
    writer.opening()
    for i, item in enumerate(report.items):
        if progress:
            progress(i / (len(report.items) + 1), item.title)
        writer.item(item)
    if progress:
        progress(len(report.items) / (len(report.items) + 1), "Conventions")
    writer.closing()
    file = io.BytesIO()
    writer.document.save(file)
    return Written(same_bytes(file.getvalue(), report.day), tuple(writer.problems))


@dataclass
class _Writer:
    report: Report
    document: Document
    problems: list[str] = field(default_factory=list)
    bookmarks: int = 0
    turned: bool = False
    within: str = ""  # "exhibits" where the last heading is theirs

    # ------------------------------------------------------------ paragraphs
    def add(self, text: str) -> None:
        end = self.document.element.body[-1]  # the last section's page
        for element in looks.elements(text):
            end.addprevious(element)

    def paragraph(self, runs: str, style: str = "Normal", keep: bool = False) -> None:
        self.add(_paragraph(runs, style, keep))

    def heading(self, text: str, level: int = 1, anchor: str = "") -> None:
        self.paragraph(self.bookmarked(run(text), anchor) if anchor else run(text), f"heading {level}")

    def bookmarked(self, runs: str, name: str) -> str:
        self.bookmarks += 1
        return (
            f'<w:bookmarkStart w:id="{self.bookmarks}" w:name="{name}"/>{runs}<w:bookmarkEnd w:id="{self.bookmarks}"/>'
        )

    # ------------------------------------------------------------ before and after the exhibits
    def opening(self) -> None:
        """The title, whose patients these are, and what is in the document, each with a link to it."""
        self.paragraph(run(self.report.title), "Title")
        if self.report.notice:
            self.paragraph(run(sentence(self.report.notice), BOLD))
        self.heading("In this document")
        for item in self.report.items:
            anchor = _anchor(self.report, item)
            if item.label:
                runs = looks.field(f"REF {anchor} \\h", item.label)
            else:
                runs = run("Not made" if item.kind == "missing" else "Text")
            title = run(item.title) if item.label else _link(item.title, anchor)
            self.paragraph(f"{runs}<w:r><w:tab/></w:r>{title}", "List of Exhibits")
        self.paragraph(f"{run('Text')}<w:r><w:tab/></w:r>{_link('Conventions', 'Conventions')}", "List of Exhibits")

    def closing(self) -> None:
        """What all exhibits share, and what isn't in the document beside what is named in its place."""
        self.turn(False)
        self.heading("Conventions", anchor="Conventions")
        for name, text in self.report.conventions:
            self.paragraph(run(f"{name}. ", BOLD) + run(sentence(text)))
        told = {item.missing for item in self.report.items}
        others = [problem for problem in self.report.problems if problem not in told]
        if others:
            self.heading("Not in this document")
            for problem in others:
                self.paragraph(run(sentence(problem)), "List Bullet")

    # ------------------------------------------------------------ items
    def item(self, item: Item) -> None:
        """One item; what can't be written is named in its place, and the rest goes on."""
        if isinstance(item.thing, Prose):
            self.turn(False)
            self.within = ""
            self.prose(item, item.thing)
            return
        layout = lay_out(item.thing) if isinstance(item.thing, Table) else None
        self.turn(layout is not None and layout.turned)
        if self.within != "exhibits":
            self.heading("Tables and figures")
            self.within = "exhibits"
        if isinstance(item.thing, Table) and layout:
            self.table(item, item.thing, layout)
        elif isinstance(item.thing, Figure):
            self.figure(item, item.thing)
        else:
            self.missing(item, item.missing)

    def prose(self, item: Item, prose: Prose) -> None:
        self.heading(item.title, anchor=_anchor(self.report, item))
        for line in filter(str.strip, item.note.splitlines()):
            self.paragraph(run(line))
        for heading, paragraphs in prose.parts:
            if heading:
                self.heading(heading, 2)
            for text in paragraphs:
                self.paragraph(run(text), "List Bullet" if prose.bulleted else "Normal")
        self.paragraph(run(self.below(replace(item, note=""))), "Table Note")

    def missing(self, item: Item, why: str) -> None:
        """In the place of an item: that it isn't there, and why."""
        anchor = _anchor(self.report, item)
        if item.label:  # the list of contents repeats what is marked
            runs = self.bookmarked(run(item.label, BOLD), anchor) + run(". ", BOLD) + run(sentence(why))
        else:
            runs = self.bookmarked(run(sentence(why)), anchor)
        self.paragraph(runs, "Not Made")

    def table(self, item: Item, table: Table, layout: Layout) -> None:
        letters = marks_of(table)
        for number, part in enumerate(layout.parts, 1):
            place = f" (part {number:,} of {len(layout.parts):,})" if len(layout.parts) > 1 else ""
            title = item.title.rstrip(".") + place
            if number == 1:
                self.caption(item, f" {title}", keep=True)
            else:
                self.paragraph(run(f"{item.label}. {title}", BOLD), "caption", keep=True)
            self.add(table_xml(table, layout, part, f"{item.label}. {title}", letters))
            if number < len(layout.parts):
                self.paragraph("", "Table Note")
        notes = [note_runs(note, letters) for note in table.notes]
        if not table.rows:
            notes.insert(0, run("Nothing to show."))
        notes += [run(self.below(item, *table.notes))]
        for i, runs in enumerate(notes):
            self.paragraph(runs, "Table Note", keep=i < len(notes) - 1)

    def figure(self, item: Item, figure: Figure) -> None:
        try:
            drawn = figure.with_style(Print().style)
            vectors = vectors_of(drawn)
            pixels = self.pixels(item, drawn)
        except Exception as error:  # noqa: BLE001 - whatever one figure fails by, the other exhibits are written
            self.problems.append(said.lacks(item.title, error))
            self.missing(item, self.problems[-1])
            return
        width = min(drawn.width / PX_PER_MM, FIGURE_MM[0], FIGURE_MM[1] * drawn.width / drawn.height)
        self.picture(item, drawn, vectors, pixels, width)
        text = " ".join(filter(None, (sentence(item.caption), self.below(item, item.caption))))
        self.caption(item, f" {item.title.rstrip('.')}.", run(f" {text}") if text else "")

    def pixels(self, item: Item, drawn: Figure) -> bytes:
        """A figure's PNG; where no font draws a character, with a box for it, so that the exhibit stays."""
        try:
            return item.printed("png", Print())
        except ValueError:
            text, lacking = drawable(drawn.exported(words=False))
            if not lacking:
                raise
        self.problems.append(said.boxes(item.title, lacking))
        return to_print(text, "png", Print().dpi)

    def picture(self, item: Item, figure: Figure, vectors: str, pixels: bytes, width: float) -> None:
        paragraph = self.document.add_paragraph(style="Figure")
        place_picture(self.document, paragraph, item, figure.alt, vectors, pixels, width)

    def caption(self, item: Item, title: str, more: str = "", keep: bool = False) -> None:
        """`Table 1. Title`, its number a field with a bookmark, so that others can refer to it."""
        kind = item.label.partition(" ")[0]
        number = run(f"{kind} ", BOLD) + looks.field(f"SEQ {kind} \\* ARABIC", str(item.number), BOLD)
        runs = self.bookmarked(number, _anchor(self.report, item)) + run("." + title, BOLD) + more
        self.paragraph(runs, "caption", keep)

    def below(self, item: Item, *others: str) -> str:
        """What stands under every exhibit, unless it was said: the person's note, whom it is about, whose they are."""
        texts = [sentence(item.note), said.whom(item.patients, item.n), sentence(self.report.notice)]
        return " ".join(text for text in texts if text and not any(text.rstrip(".") in other for other in others))

    # ------------------------------------------------------------ pages
    def turn(self, turned: bool) -> None:
        """A new section where the page is to be turned, or turned back."""
        if turned == self.turned:
            return
        from docx.enum.section import WD_ORIENT, WD_SECTION

        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.page_width, section.page_height = section.page_height, section.page_width
        section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
        self.turned = turned
        self._without_blank()

    def _without_blank(self) -> None:
        """The break goes into the paragraph before it, or one without height: an empty one could be a page of its own.

        Not into one with a bookmark, whose number LibreOffice then doesn't find.
        """
        body = self.document.element.body
        ending, before = body[-2], body[-3] if len(body) > 2 else None
        (broken,) = ending.iter(f"{{{looks.W}}}sectPr")
        free = before is not None and before.tag == f"{{{looks.W}}}p"
        if before is not None and free and before.find(f"{{{looks.W}}}bookmarkStart") is None:
            before.get_or_add_pPr().append(copy.copy(broken))
            body.remove(ending)
        else:
            broken.addprevious(
                looks.elements('<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>')[0]
            )


def place_picture(
    document: Document, paragraph: Paragraph, item: Item, alt: str, vectors: str, pixels: bytes, width: float
) -> None:  # fmt: skip
    """A figure in a paragraph: its PNG with its SVG beside it; `width` in millimetres."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.shared import Mm

    shape = paragraph.add_run().add_picture(io.BytesIO(pixels), width=Mm(width))
    properties = shape._inline.docPr
    properties.set("name", for_xml(item.label))
    properties.set("title", for_xml(item.title))
    properties.set("descr", for_xml(alt))
    package = document.part.package
    part = Part(PackURI(f"/word/media/{item.label.replace(' ', '').lower()}.svg"), KIND, vectors.encode(), package)
    relation = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    add_vectors(shape._inline.graphic.graphicData.pic.blipFill.blip, relation)


def _paragraph(runs: str, style: str, keep: bool) -> str:
    kept = "<w:keepNext/>" if keep else ""
    named = "" if style == "Normal" else f'<w:pStyle w:val="{looks.style_id(style)}"/>'
    return f"<w:p><w:pPr>{named}{kept}</w:pPr>{runs}</w:p>"


def _anchor(report: Report, item: Item) -> str:
    """The bookmark of an item: by its number, else by its place."""
    return item.label.replace(" ", "_") if item.label else f"Text_{report.items.index(item) + 1}"


def _link(text: str, anchor: str) -> str:
    return f'<w:hyperlink w:anchor="{anchor}" w:history="1">{run(text)}</w:hyperlink>'
