"""A report as PowerPoint slides, 16:9: one message a slide, charts and tables to edit, notes for the speaker.

Curves, forests and bars are charts of PowerPoint; what it can't hold is a picture of vectors, with pixels for those
who don't read them. A chart carries its numbers in a workbook, of a curve every time of an event or censoring: where a
project hides small counts, all of them are pictures instead. No row of a file and no identifier stands on a slide.
"""

from __future__ import annotations

import io

from necc.core.errors import NeccError
from necc.core.selection import Selection
from necc.core.text import without_rows
from necc.present.figures import Figure
from necc.present.figures.bars import BarChart
from necc.present.figures.ratios import RatioChart
from necc.present.figures.steps import CurveChart
from necc.present.tables import Table
from necc.present.words import report as words
from necc.present.words.reading import reading
from necc.report.model import Item, Progress, Prose, Report, Written
from necc.report.slides import charts, pages
from necc.report.slides.deck import Deck
from necc.report.stable import same_bytes


def slides(report: Report, progress: Progress | None = None) -> Written:
    """The slides of a report: title, conventions, then one or more for each item, in order.

    Args:
        report: what is shown.
        progress: called between items with the share that is done and what comes next; may raise to stop.

    Returns:
        A .pptx file, the same bytes for the same report, and what of the report isn't in it as it should be. Nothing is
        raised for one item: what can't be drawn is named in its place.

    Example:
        >>> from necc.report import make_report, ready
        >>> from necc.project import Project
        >>> made = slides(make_report(Project(exhibits=ready(cohort)[:1]), cohort))
        >>> made.content[:2], made.problems
        (b'PK', ())

    Source: Office Open XML, ECMA-376; SVG in it, [MS-ODRAWXML] 2.26.1.1.
    """
    deck = Deck(report.title, report.day, report.notice)
    said = [report.whom or words.whom(words.about(Selection(), report.cohort), report.cohort.n_patients)]
    deck.opening([*said, report.day.isoformat() if report.day else "", report.notice])
    pages.conventions(deck, report.conventions)
    problems: list[str] = []
    for done, item in enumerate(report.items):
        if progress:
            progress(done / len(report.items), item.title)
        problems += _item(deck, report, item)
    file = io.BytesIO()
    deck.presentation.save(file)
    return Written(same_bytes(file.getvalue(), report.day), tuple(problems))


def _item(deck: Deck, report: Report, item: Item) -> list[str]:
    """The slides of one item; what isn't as it should be, in words."""
    before = len(deck.presentation.slides)
    deck.about(item, notes(item, read=not report.smallest_cell))
    try:
        if isinstance(item.thing, Figure):
            return _figure(deck, item.thing, native=not report.smallest_cell)
        if isinstance(item.thing, Table):
            pages.table(deck, item.thing.noted(item.note))
        elif isinstance(item.thing, Prose):
            pages.prose(deck, item.thing, item.note)
        else:
            pages.missing(deck, item.missing)
    except (NeccError, ValueError, ArithmeticError, LookupError) as error:
        deck.drop_after(before)
        why = words.lacks(item.title, error)
        pages.missing(deck, why)
        return [why]
    return []


def _figure(deck: Deck, figure: Figure, native: bool) -> list[str]:
    """A chart where PowerPoint has one for it, else a picture."""
    figure = figure.with_style(charts.STYLE)
    shown = figure.shows if native else None
    if isinstance(shown, CurveChart) and not shown.ends[0]:
        charts.curves(deck, shown, figure.alt)
    elif isinstance(shown, RatioChart):
        charts.ratios(deck, shown, figure.alt)
    elif isinstance(shown, BarChart):
        charts.bars(deck, shown, figure.alt)
    else:
        return pages.picture(deck, figure)
    return []


def notes(item: Item, read: bool = True) -> str:
    """What stands in the notes of an item's slides: what it says, what it shows and leaves out, how it is made.

    read: with the sentences of its results, which tell small counts, too.
    """
    said = [sentence for c in item.computed for sentence in reading(c.result)] if read else []
    told = item.thing.notes if isinstance(item.thing, Table) else (item.caption,)
    parts = [" ".join(dict.fromkeys(map(without_rows, said))), *told, item.note, item.recipe]
    return "\n\n".join(part.strip() for part in parts if part.strip())
