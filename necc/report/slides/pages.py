"""Slides of tables, texts and pictures: as many as they need, in type that is read from the last row."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from necc.core.text import for_xml
from necc.present import svg
from necc.present.figures import Figure, Style
from necc.present.tables import Table
from necc.present.words import report as words
from necc.report.model import Prose
from necc.report.slides.deck import ACROSS, BOTTOM, LEAST, LEFT, TEXT, TOP, Deck, Run, lines_of, paragraphs, width_of
from necc.report.vectors import KIND, add_vectors, drawable, vectors_of

PLAIN_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
PAD = 0.06  # inches at each side of a cell
MOST_TAKEN = 7  # rows that go to the next slide with their heading
WORDS = 1.8  # inches that a column of words keeps
DPI = 200  # of the pixels beside vectors, at the size that they have
LINE = 1.22  # of a line of type, as a multiple of its size


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
        lines += [[Run(f"•  {part}")] for paragraph in texts for part in _sentences(paragraph)]
    _flowing(deck, [*lines, *([[Run(note)]] if note else [])])


def missing(deck: Deck, why: str) -> None:
    deck.text(deck.slide(), [[Run(why, 16)]], (LEFT, TOP + 0.2, ACROSS, 2))


def _sentences(paragraph: str) -> Iterable[str]:
    """A paragraph in pieces of some sentences, each short enough for a point on a slide."""
    piece = ""
    for sentence in paragraph.replace(". ", ".\n").split("\n"):
        if piece and len(piece) + len(sentence) > 320:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
    if piece:
        yield piece


def _flowing(deck: Deck, lines: Sequence[Sequence[Run]], title: str = "") -> None:
    """Paragraphs on as many slides as they need; a heading isn't the last of a slide."""
    pages: list[list[Sequence[Run]]] = [[]]
    used = 0.0
    for i, runs in enumerate(lines):
        size = max(run.size for run in runs)
        tall = _tall("".join(run.text for run in runs), size, ACROSS) + 0.08
        heading = len(runs) == 1 and runs[0].bold and i + 1 < len(lines)
        if pages[-1] and used + tall * (3 if heading else 1) > BOTTOM - TOP:
            pages, used = [*pages, []], 0.0
        pages[-1].append(runs)
        used += tall
    for part, shown in enumerate(pages, start=1):
        box = deck.text(deck.slide(title, part, len(pages)), shown, (LEFT, TOP, ACROSS, BOTTOM - TOP))
        for paragraph in box.text_frame.paragraphs:
            paragraph.space_after = 5 * 12700  # points


def _tall(text: str, points: float, inches: float, bold: bool = False) -> float:
    return lines_of(text, points, inches, bold) * points * LINE / 72


# ---------------------------------------------------------------- tables
def table(deck: Deck, shown: Table) -> None:
    """A table as a table, its header repeated on each slide; columns without room follow on slides of their own."""
    notes = [[Run(note, LEAST)] for note in shown.notes]
    below = 0.1 + sum(_tall(runs[0].text, LEAST, ACROSS) + 0.03 for runs in notes)
    used = 0.0
    parts: list[tuple[list[int], list[float], list[list[str]]]] = []
    for columns in _column_groups(shown):
        widths = _widths(shown, columns)
        heads = max(_cell(shown.columns[j], w, True) for j, w in zip(columns, widths, strict=True))
        pages: list[list[list[str]]] = [[]]
        used = heads
        for i in range(len(shown.rows)):
            for cells in _pieces(_cells(shown, i, columns), widths, BOTTOM - TOP - heads):
                tall = _row(cells, widths)
                if pages[-1] and used + tall > BOTTOM - TOP:
                    taken = _with_its_heading(pages[-1], cells)
                    pages.append(taken)
                    used = heads + sum(_row(line, widths) for line in taken)
                pages[-1].append(cells)
                used += tall
        parts += [(columns, widths, lines) for lines in pages]
    for part, of_part in enumerate(parts, start=1):
        _table(deck.slide(part=part, of=len(parts)), shown, *of_part)
    if notes and used + below <= BOTTOM - TOP:
        box = (LEFT, TOP + used + 0.1, ACROSS, BOTTOM - TOP - used - 0.1)
        deck.text(deck.presentation.slides[-1], notes, box).name = "Notes"
    elif notes:
        _flowing(deck, notes)


def _row(cells: Sequence[str], widths: Sequence[float]) -> float:
    return max(_cell(text, w) for text, w in zip(cells, widths, strict=True))


def _with_its_heading(page: list[list[str]], cells: Sequence[str]) -> list[list[str]]:
    """Takes from the end of a slide what belongs to the row that begins the next one: the levels of a variable."""

    def depth(line: Sequence[str]) -> int:
        return len(line[0]) - len(line[0].lstrip(" "))

    own = depth(cells)
    for k in range(len(page) - 1, max(len(page) - 1 - MOST_TAKEN, 0), -1):
        if own and depth(page[k]) < own:
            taken, page[k:] = page[k:], []
            return taken
    return []


def _cells(shown: Table, i: int, columns: Sequence[int]) -> list[str]:
    indent = "    " * (shown.indents[i] if shown.indents else 0)
    return [(indent if j == 0 else "") + shown.rows[i][j] for j in columns]


def _cell(text: str, inches: float, bold: bool = False) -> float:
    """The height of a cell."""
    return _tall(text, LEAST, inches - 2 * PAD, bold) + 0.05


def _pieces(cells: list[str], widths: Sequence[float], room: float) -> list[list[str]]:
    """A row, in several where it is higher than a slide."""
    most = max(int((room - 0.05) / (LEAST * LINE / 72)), 1)
    if all(lines_of(text, LEAST, w - 2 * PAD) <= most for text, w in zip(cells, widths, strict=True)):
        return [cells]
    split = [_parts(text, w - 2 * PAD, most) for text, w in zip(cells, widths, strict=True)]
    return [[parts[k] if k < len(parts) else "" for parts in split] for k in range(max(map(len, split)))]


def _parts(text: str, inches: float, most: int) -> list[str]:
    parts = [""]
    for word in text.split(" "):
        longer = f"{parts[-1]} {word}" if parts[-1] else word
        if parts[-1] and lines_of(longer, LEAST, inches) > most:
            parts.append(word)
        else:
            parts[-1] = longer
    return parts


def _natural(shown: Table, j: int) -> float:
    """The width that a column takes where there is room; only its heading wraps."""
    texts = [line for i in range(len(shown.rows)) for line in _cells(shown, i, [j])[0].split("\n")]
    widest = max((width_of(text, LEAST) for text in texts), default=0.0)
    head = width_of(shown.columns[j], LEAST, True)
    return max(widest, min(head, 1.5), _longest(shown.columns[j], True)) + 2 * PAD + 0.03


def _longest(text: str, bold: bool = False) -> float:
    return max((width_of(word, LEAST, bold) for word in text.split()), default=0.0)


def _least(shown: Table, j: int) -> float:
    """The width that a column needs: numbers don't wrap, words do."""
    natural = _natural(shown, j)
    if j and j not in shown.text_columns:
        return natural
    longest = max([_longest(shown.columns[j], True), *(_longest(row[j]) for row in shown.rows)])
    return min(natural, max(longest + 2 * PAD + 0.03, WORDS))


def _column_groups(shown: Table) -> list[list[int]]:
    """The columns of each run of slides; the first stands on all of them."""
    least = [_least(shown, j) for j in range(len(shown.columns))]
    groups: list[list[int]] = [[0]]
    for j in range(1, len(least)):
        if len(groups[-1]) > 1 and sum(least[k] for k in groups[-1]) + least[j] > ACROSS:
            groups.append([0])
        groups[-1].append(j)
    return groups


def _widths(shown: Table, columns: Sequence[int]) -> list[float]:
    """Natural widths where they fit; else each its least, and of what is left a share by what it lacks."""
    natural, least = ([of(shown, j) for j in columns] for of in (_natural, _least))
    left, lacking = ACROSS - sum(least), sum(natural) - sum(least)
    if sum(natural) <= ACROSS:
        return natural
    if left <= 0 or lacking <= 0:
        return [w * ACROSS / sum(least) for w in least]
    return [a + (b - a) * left / lacking for a, b in zip(least, natural, strict=True)]


def _table(
    slide: Any, shown: Table, columns: Sequence[int], widths: Sequence[float], cells: Sequence[Sequence[str]]
) -> None:  # fmt: skip
    from pptx.util import Inches

    lines = [[shown.columns[j] for j in columns], *cells]
    sides = ["l" if j == 0 or j in shown.text_columns else "r" for j in columns]
    frame = slide.shapes.add_table(len(lines), len(columns), *map(Inches, (LEFT, TOP, sum(widths), 0.1)))
    frame.name = for_xml(shown.title) or "Table"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", for_xml(shown.title))  # noqa: SLF001 - what a screen reader says
    for column, width in zip(frame.table.columns, widths, strict=True):
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
        made.rows[i].height = Inches(tall or max(_cell(t, w, not i) for t, w in zip(texts, widths, strict=True)))
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
    least = scale * min([float(s) for s in _sizes(drawn)] or [LEAST / 0.75]) * 0.75
    slide = deck.slide()
    across, down = drawn.width * scale / 96, drawn.height * scale / 96
    text = vectors_of(drawn)
    seen, lacking = drawable(text)
    add_picture(slide, text, figure.alt, (LEFT + (ACROSS - across) / 2, TOP, across, down), seen)
    title = deck.item.title if deck.item else figure.headline
    small = [words.small_type(title, least)] if least < LEAST - 0.05 else []
    return [*small, *([words.boxes(title, lacking)] if lacking else [])]


def _sizes(figure: Figure) -> list[str]:
    return re.findall(r'font-size="([\d.]+)"', figure.to_svg())


def fitting(figure: Figure) -> tuple[Figure, float]:
    """A figure drawn so that it fills a slide, and its scale; among several ways the one with the largest type."""
    room_x, room_y = ACROSS * 96, (BOTTOM - TOP) * 96
    ways = [Style(size="presentation", width=w, height=round(room_y * w / room_x)) for w in (1000, 1184, 1280, 1440)]
    ways += [Style(width=w, height=round(room_y * w / room_x)) for w in (700, 820, 980, 1184)]
    best: tuple[float, Figure, float] | None = None
    for way in ways:
        drawn = figure.with_style(way)
        scale = min(room_x / drawn.width, room_y / drawn.height)
        type_ = scale * min([float(s) for s in _sizes(drawn)] or [1.0])
        seen = min(type_, LEAST / 0.75 * 1.15) + 0.001 * drawn.width * scale / room_x  # large enough, then wide
        if best is None or seen > best[0] + 1e-9:
            best = (seen, drawn, scale)
    assert best is not None
    return best[1], best[2]


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
