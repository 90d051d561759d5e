"""A case on one page of A4, for the board's file: the question, the facts, three figures, what is said, conventions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from necc.analysis.patient import Case
from necc.core.text import shorten
from necc.present import svg
from necc.present.figures import Figure, Style
from necc.present.figures.style import INK
from necc.present.svg import to_print
from necc.present.tables import Table
from necc.present.words import case as words
from necc.present.words.phrases import sentence
from necc.present.words.reading import reading
from necc.present.words.reading.patient import not_what_works, tabled
from necc.present.words.report import boxes
from necc.report.case import case_report, unnamed
from necc.report.fitting import broken, height_of, lines_of
from necc.report.model import Item, Report, Written
from necc.report.stable import moment, same_bytes
from necc.report.vectors import drawable
from necc.report.word import looks
from necc.report.word.document import place_picture
from necc.report.word.layout import BOLD, run

PAGE = (794, 1123)  # pixels of A4: 96 are an inch
EDGE = 57  # of the margins: 15 mm
ACROSS = PAGE[0] - 2 * EDGE
TITLE, HEAD, TEXT, SMALL = 20.0, 12.0, 11.0, 9.4  # pixels of type; the smallest has 7 points
LINE = 1.25
POINT, INCH, MM = 4 / 3, 96, 96 / 25.4
SHARE = 0.36  # of the width, for the body; the curves have the rest
LEAST_ROOM = 300.0  # pixels that figures keep, whatever is said
LONGEST_QUESTION, LONGEST_FACT, LONGEST_SAID = 200, 60, 260
DPI = 200
DOCX_EDGE_MM = 16  # above and below the text
SPARE_MM = 12  # what a program may set wider
SPACE = 4.0  # points around a paragraph


@dataclass(frozen=True)
class _Content:
    """What stands on the page, in its order; texts are short enough for it."""

    report: Report
    facts: str
    course: Item | None
    body: Item | None
    standing: Item | None
    said: tuple[str, ...]
    received: str
    warning: str
    shared: tuple[tuple[str, str], ...]


def case_sheet(
    case: Case, kind: Literal["docx", "pdf"], question: str = "", *, day: date | None = None, smallest_cell: int = 0,
    chosen: str = "",
) -> Written:  # fmt: skip
    """A case on one page of A4, as a Word document or a PDF of vectors.

    Args:
        case: of `necc.analysis.patient.case`. question: what the board is asked.
        day, smallest_cell, chosen: as for `case_report`.

    Returns:
        The file, the same bytes for the same case, and what isn't on it as it should be.

    Raises:
        ValueError: a PDF, and no font of this computer draws some characters; the message names them.

    Example:
        >>> sheet = case_sheet(case(cohort, 2), "pdf", "Surgery or systemic treatment?")
        >>> sheet.content[:5], sheet.problems
        (b'%PDF-', ())
    """
    asked = shorten(question, LONGEST_QUESTION)
    held = _content(case, case_report(case, asked, day=day, smallest_cell=smallest_cell, chosen=chosen))
    if kind == "pdf":
        made = svg.to_pdf(_page(held), held.report.title, moment(held.report.day))
        return Written(made, ())
    return _document(held)


def _content(case: Case, report: Report) -> _Content:
    def figure(name: str) -> Item | None:
        return next((i for i in report.items if isinstance(i.thing, Figure) and i.thing.name == name), None)

    facts = _table(report, "case-facts")
    known = [f"{a}: {b}" for a, b in facts.rows] if facts else []
    received = _table(report, "patient-received")
    treated = [f"{row[0]} {row[1]}, {row[2].replace(' (', ', ').removesuffix(')')} %" for row in received.rows
               ] if received else []  # fmt: skip
    small_hidden = 0 < report.smallest_cell <= case.similar.hidden_below  # then what its tables say has no few
    told = tabled(unnamed(case)) if small_hidden else () if report.smallest_cell else reading(unnamed(case))
    said = [shorten(text, LONGEST_SAID) for text in told]
    lacking = [problem for problem in report.problems if words.LITERATURE not in problem]
    return _Content(
        report, " · ".join(shorten(text, LONGEST_FACT) for text in known), figure("patient-timeline"),
        figure("patient-body"), figure("patient-standing"), (*said, *map(sentence, lacking)),
        f"{words.received_title(case)}, n of those recorded, % with 95 % CI: {'; '.join(treated)}." if treated else "",
        not_what_works(case) if treated else "",
        tuple((name, shorten(text, LONGEST_SAID)) for name, text in report.conventions),
    )  # fmt: skip


def _table(report: Report, name: str) -> Table | None:
    return next((i.thing for i in report.items if isinstance(i.thing, Table) and i.thing.name == name), None)


def _whom(report: Report) -> str:
    """Whom the page is about, and its day; filters without end don't take the room of the figures."""
    day = f"day {report.day.isoformat()}" if report.day else ""
    return " · ".join(filter(None, (shorten(report.whom, LONGEST_SAID), day)))


def _fitting(item: Item, width: float, height: float) -> tuple[Figure, float]:
    """A figure in print, laid out for a width, and its scale: no wider and no higher than there is room."""
    assert isinstance(item.thing, Figure)
    drawn = item.thing.with_style(Style(size="print", width=round(width), height=round(height)))
    return drawn, min(width / drawn.width, height / drawn.height)


def _rooms(left: float) -> tuple[float, float]:
    """Pixels from top to bottom for the course, and for what stands below it."""
    return 0.46 * left, 0.54 * left


@dataclass(frozen=True)
class _Picture:
    """An SVG with its size in pixels, the scale at which it is placed, and what it shows for those who can't see it."""

    text: str
    width: float
    height: float
    scale: float
    alt: str
    item: Item


def _alone(item: Item | None, width: float, height: float) -> _Picture | None:
    if item is None:
        return None
    drawn, scale = _fitting(item, width, height)
    return _Picture(drawn.to_svg(), drawn.width, drawn.height, scale, drawn.alt, item)


def _beside(left: Item | None, right: Item | None, width: float, height: float) -> _Picture | None:
    """Two figures side by side as one picture; the other alone where one is missing."""
    if left is None or right is None:
        return _alone(left or right, width, height)
    parts = [_fitting(left, SHARE * width, height), _fitting(right, (1 - SHARE) * width - 12, height)]
    marks = [svg.placed(drawn.to_svg(), x, 0, scale)
             for (drawn, scale), x in zip(parts, (0.0, SHARE * width + 12), strict=True)]  # fmt: skip
    tall = max(drawn.height * scale for drawn, scale in parts)
    alt = " ".join(drawn.alt for drawn, _ in parts)
    return _Picture(svg.document("".join(marks), width, tall, right.title, alt), width, tall, 1.0, alt, right)


# ---------------------------------------------------------------- PDF
def _page(held: _Content) -> str:
    """The page as one SVG."""
    ink, report = INK["light"], held.report
    marks: list[str] = []
    top = float(EDGE) - 12

    def write(text: str, size: float, *, bold: bool = False, color: str = ink["text"], most: int = 99) -> None:
        nonlocal top
        lines = broken(text, size / POINT, ACROSS / INCH, bold)
        for line in [*lines[: most - 1], lines[most - 1] + "…"] if len(lines) > most else lines:
            shown = svg.plain(line)
            marks.append(svg.draw_text(EDGE, top + LINE * size / 2, f"<b>{shown}</b>" if bold else shown, size, color,
                                       "start"))  # fmt: skip
            top += LINE * size

    write(report.title, TITLE, bold=True, most=2)
    top += 3
    write(_whom(report), TEXT, color=ink["muted"])
    if report.notice:
        write(sentence(report.notice), HEAD, bold=True)
    top += 6
    write(held.facts, TEXT, most=5)
    top += 8
    below = _below(held, PAGE[1] - EDGE + 14 - top - LEAST_ROOM)
    upper, lower = _rooms(PAGE[1] - EDGE + 14 - top - _tall(below) - 16)
    for picture in (_alone(held.course, ACROSS, upper), _beside(held.body, held.standing, ACROSS, lower)):
        if picture is not None:
            marks.append(svg.placed(picture.text, EDGE, top, picture.scale))
            top += picture.height * picture.scale + 8
    for text, size, gap, color in below:
        write(text, size, color=ink[color])
        top += gap
    name = f"{report.title}: {report.whom}"
    return svg.document("".join(marks), *PAGE, name, name, ink["page"])


_Line = tuple[str, float, float, str]  # text, size, gap and ink


def _tall(parts: Sequence[_Line]) -> float:
    return sum(LINE * size * lines_of(text, size / POINT, ACROSS / INCH) + gap for text, size, gap, _ in parts)


def _below(held: _Content, room: float) -> list[_Line]:
    """What stands below the figures; of what is said as much as has room."""
    shared = [(f"{name}: {text}", SMALL, 1.0, "muted") for name, text in held.shared]
    said = [(f"•  {text}", TEXT, 2.0, "text") for text in (*held.said, held.received) if text]
    last = [(f"•  {held.warning}", TEXT, 2.0, "text")] if held.warning and held.warning not in held.said else []
    while len(said) > 1 and _tall((*said, *last, *shared)) > room:
        said.pop()
    return [*said, *last, *shared]


# ---------------------------------------------------------------- Word
def _paragraph_mm(text: str, points: float, bold: bool) -> float:
    """How high a paragraph is at most: the letters that lines are counted by are wider than Word's."""
    return height_of(text, points, looks.TEXT_MM / 25.4, bold) * 25.4 + SPACE * 25.4 / 72


def _paper(picture: _Picture) -> str:
    white = svg.paint(INK["light"]["page"])
    return svg.draw_rect(0, 0, picture.width, picture.height, white)


def _document(held: _Content) -> Written:
    report = held.report
    document = looks.blank(report.title, report.notice, report.day)
    section = document.sections[0]
    from docx.shared import Mm

    section.top_margin = section.bottom_margin = Mm(DOCX_EDGE_MM)
    problems: list[str] = []
    body = document.element.body

    def write(runs: str, style: str, more: str = "") -> None:
        named = f'<w:pStyle w:val="{looks.style_id(style)}"/>{more}'
        for element in looks.elements(f"<w:p><w:pPr>{named}</w:pPr>{runs}</w:p>"):
            body[-1].addprevious(element)

    def place(picture: _Picture | None) -> None:
        if picture is None:
            return
        paragraph = document.add_paragraph(style="Figure")
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = 0
        paragraph.paragraph_format.keep_with_next = False
        white = picture.text.replace("</desc>", f"</desc>{_paper(picture)}", 1).replace(svg.ON_PAGE, "", 1)
        text, lacking = drawable(white)
        problems.extend([boxes(picture.item.title, lacking)] if lacking else [])
        place_picture(document, paragraph, picture.item, picture.alt, svg.outlined(white), to_print(text, "png", DPI),
                      picture.width * picture.scale / MM)  # fmt: skip

    write(run(report.title, '<w:b/><w:bCs/><w:sz w:val="28"/><w:szCs w:val="28"/>'), "Title")
    whom = _whom(report)
    write(run(whom), "Table Note")
    if report.notice:
        write(run(sentence(report.notice), BOLD), "Table Text")
    write(run(held.facts), "Table Text")
    below = _below(held, (PAGE[1] - 2 * EDGE) * 0.45)
    head = [(report.title, 14.0, True), (whom, 8.0, False), (report.notice, 9.0, True), (held.facts, 9.0, False)]
    texts = [*head, *((text, 8.0 if size == SMALL else 9.0, False) for text, size, _, _ in below)]
    tall = sum(_paragraph_mm(*text) for text in texts if text[0])
    upper, lower = _rooms(max(looks.PAGE_MM[1] - 2 * DOCX_EDGE_MM - SPARE_MM - tall, LEAST_ROOM / MM))
    place(_alone(held.course, looks.TEXT_MM * MM, upper * MM))
    place(_beside(held.body, held.standing, looks.TEXT_MM * MM, lower * MM))
    for text, size, _, _ in below:
        write(run(text), "Table Note" if size == SMALL else "Table Text")
    file = io.BytesIO()
    document.save(file)
    return Written(same_bytes(file.getvalue(), report.day), tuple(problems))
