"""Slides of tables, texts and pictures: as many as they need, in type that is read from the last row."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from necc.core.text import for_xml
from necc.present import svg
from necc.present.figures import Figure, Style
from necc.present.tables import Table
from necc.present.words import report as words
from necc.report.fitting import PAD, Room, TablePart, fitted, height_of, sentences_of, smallest_type
from necc.report.model import Prose
from necc.report.slides.deck import ACROSS, BOTTOM, LEAST, LEFT, TEXT, TOP, Deck, Run, paragraphs
from necc.report.vectors import KIND, add_vectors, drawable, vectors_of

PLAIN_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
DPI = 200  # of the pixels beside vectors, at the size that they have
TABLE = Room(ACROSS, BOTTOM - TOP, LEAST)


# ---------------------------------------------------------------- texts
def conventions(deck: Deck, parts: Sequence[tuple[str, str]]) -> None:
    """What all exhibits share: n, exclusions, day, fingerprint, versions."""
    lines = [[Run(f"{name}: ", bold=True), Run(text)] for name, text in parts]
    _flowing(deck, lines, title=words.CONVENTIONS)


def prose(deck: Deck, text: Prose, note: str) -> None:
    """A text as points, over as many slides as it needs."""
    lines: list[list[Run]] = []
    for heading, texts in text.parts:
        if heading:
            lines.append([Run(heading, bold=True)])
        lines += [[Run(f"•  {part}")] for paragraph in texts for part in sentences_of(paragraph)]
    _flowing(deck, [*lines, *([[Run(note)]] if note else [])])


def missing(deck: Deck, why: str) -> None:
    deck.text(deck.slide(), [[Run(why, 16)]], (LEFT, TOP + 0.2, ACROSS, 2))


def _flowing(deck: Deck, lines: Sequence[Sequence[Run]], title: str = "") -> None:
    """Paragraphs on as many slides as they need; a heading isn't the last of a slide."""
    pages: list[list[Sequence[Run]]] = [[]]
    used = 0.0
    for i, runs in enumerate(lines):
        size = max(run.size for run in runs)
        tall = height_of("".join(run.text for run in runs), size, ACROSS) + 0.08
        heading = len(runs) == 1 and runs[0].bold and i + 1 < len(lines)
        if pages[-1] and used + tall * (3 if heading else 1) > BOTTOM - TOP:
            pages, used = [*pages, []], 0.0
        pages[-1].append(runs)
        used += tall
    for part, shown in enumerate(pages, start=1):
        box = deck.text(deck.slide(title, part, len(pages)), shown, (LEFT, TOP, ACROSS, BOTTOM - TOP))
        for paragraph in box.text_frame.paragraphs:
            paragraph.space_after = 5 * 12700  # points


# ---------------------------------------------------------------- tables
def table(deck: Deck, shown: Table) -> None:
    """A table as a table, its header repeated on each slide; columns without room follow on slides of their own."""
    notes = [[Run(note, LEAST)] for note in shown.notes]
    below = 0.1 + sum(height_of(runs[0].text, LEAST, ACROSS) + 0.03 for runs in notes)
    parts = TABLE.parts(shown)
    for number, part in enumerate(parts, start=1):
        _table(deck.slide(part=number, of=len(parts)), shown, part)
    used = parts[-1].tall
    if notes and used + below <= BOTTOM - TOP:
        box = (LEFT, TOP + used + 0.1, ACROSS, BOTTOM - TOP - used - 0.1)
        deck.text(deck.presentation.slides[-1], notes, box).name = "Notes"
    elif notes:
        _flowing(deck, notes)


def _table(slide: Any, shown: Table, part: TablePart) -> None:
    from pptx.util import Inches

    lines = [[shown.columns[j] for j in part.columns], *part.lines]
    sides = ["l" if j == 0 or j in shown.text_columns else "r" for j in part.columns]
    frame = slide.shapes.add_table(len(lines), len(part.columns), *map(Inches, (LEFT, TOP, sum(part.widths), 0.1)))
    frame.name = for_xml(shown.title) or "Table"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", for_xml(shown.title))  # noqa: SLF001 - what a screen reader says
    for column, width in zip(frame.table.columns, part.widths, strict=True):
        column.width = Inches(width)
    fill_table(frame.table, lines, sides)


def fill_table(made: Any, lines: Sequence[Sequence[str | Run]], sides: Sequence[str], tall: float = 0.0) -> None:
    """Cells of a table without style: three lines, as journals print it; `tall`: inches of each row."""
    from pptx.oxml.ns import qn
    from pptx.util import Inches

    made._tbl.tblPr.find(qn("a:tableStyleId")).text = PLAIN_STYLE  # noqa: SLF001 - python-pptx has no call for it
    made.horz_banding = False
    for i, line in enumerate(lines):
        widths = [column.width / 914400 for column in made.columns]
        texts = [cell.text if isinstance(cell, Run) else cell for cell in line]
        made.rows[i].height = Inches(tall or max(TABLE.cell(t, w, not i) for t, w in zip(texts, widths, strict=True)))
        for j, cell in enumerate(line):
            run = cell if isinstance(cell, Run) else Run(cell, LEAST, bold=not i and not tall)
            write_cell(made.cell(i, j), run, sides[j], bool(tall))
            if not tall:
                _rule(made.cell(i, j), top=i == 0, bottom=i in (0, len(lines) - 1))


def write_cell(cell: Any, run: Run, side: str, middle: bool) -> None:
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Inches

    paragraphs(cell.text_frame, [[Run(line, run.size, run.bold, run.color)] for line in run.text.split("\n")], side)
    cell.margin_left = cell.margin_right = Inches(PAD)
    cell.margin_top = cell.margin_bottom = Inches(0.01)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP


def _rule(cell: Any, top: bool, bottom: bool) -> None:
    """Lines above and below a cell; those of a table without style are none."""
    from lxml import etree
    from pptx.oxml.ns import qn

    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - python-pptx has no borders
    for name, there in (("a:lnT", top), ("a:lnB", bottom)):
        if there:
            line = etree.SubElement(properties, qn(name), w="12700")
            etree.SubElement(etree.SubElement(line, qn("a:solidFill")), qn("a:srgbClr"), val=TEXT.lstrip("#"))


# ---------------------------------------------------------------- pictures
def picture(deck: Deck, figure: Figure) -> list[str]:
    """A figure as vectors, with pixels for programs that don't read them; what can't be as it should, in words."""
    drawn, scale = fitting(figure)
    least = scale * (smallest_type(drawn) or LEAST / 0.75) * 0.75
    slide = deck.slide()
    across, down = drawn.width * scale / 96, drawn.height * scale / 96
    text = vectors_of(drawn)
    seen, lacking = drawable(text)
    add_picture(slide, text, figure.alt, (LEFT + (ACROSS - across) / 2, TOP, across, down), seen)
    title = deck.item.title if deck.item else figure.headline
    small = [words.small_type(title, least)] if least < LEAST - 0.05 else []
    return [*small, *([words.boxes(title, lacking)] if lacking else [])]


def fitting(figure: Figure) -> tuple[Figure, float]:
    """A figure drawn so that it fills a slide, and its scale; among several ways the one with the largest type."""
    across, down = ACROSS * 96, (BOTTOM - TOP) * 96
    ways = [Style(size="presentation", width=w, height=round(down * w / across)) for w in (1000, 1184, 1280, 1440)]
    ways += [Style(width=w, height=round(down * w / across)) for w in (700, 820, 980, 1184)]
    return fitted(figure, (across, down), ways, LEAST / 0.75 * 1.15)[:2]


def add_picture(slide: Any, text: str, alt: str, box: tuple[float, float, float, float], seen: str = "") -> Any:
    """An SVG on a slide, with the PNG of it or of `seen`; left, top, width and height in inches."""
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.opc.package import Part
    from pptx.opc.packuri import PackURI
    from pptx.oxml.ns import qn
    from pptx.util import Inches

    width = float(text.split('viewBox="0 0 ', 1)[1].split()[0])
    png = svg.to_png(seen or text, round(96 * DPI * box[2] / width))
    shape = slide.shapes.add_picture(io.BytesIO(png), *map(Inches, box))
    package = slide.part.package
    part = Part(PackURI(package.next_image_partname("svg")), KIND, package, text.encode())
    related = slide.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    add_vectors(shape._element.find(f".//{qn('a:blip')}"), related)  # noqa: SLF001 - python-pptx has no call for an SVG
    shape._element.nvPicPr.cNvPr.set("descr", for_xml(alt))  # noqa: SLF001 - alternative text has no call
    shape.name = "Figure"
    return shape
