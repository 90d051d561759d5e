"""A report as screens for a room: one message each, whole at 16:9, in type that is read from the last row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from necc.core.selection import Selection
from necc.core.text import shorten, without_rows
from necc.present.figures import Figure, Style
from necc.present.figures.ratios import RatioChart
from necc.present.figures.style import Theme
from necc.present.tables import Table
from necc.present.words import report as said
from necc.present.words import screens as words
from necc.present.words.reading import reading
from necc.report.fitting import Room, TablePart, broken, fitted, sentences_of
from necc.report.making import OF_EACH
from necc.report.model import Item, Progress, Prose, Report
from necc.report.screens.sheet import ACROSS, BOTTOM, GAP, INCH, LEAST, LEFT, LINE, POINT, Sheet, titled
from necc.report.slides import notes

MOST_PARTS, MOST_TABLE = 3, 2  # screens of one text, and of one table
TYPE = (32, 28, 24, 22, LEAST)  # pixels of a table's type, tried in this order until it is whole
MESSAGE = 24  # pixels of the line below the title of a figure
TEXT, BULLET = 26, 26  # pixels of type, and what a point of a list stands further in
MOST_POINTS = 4  # points of a list on one screen
LONGEST_POINT = 150  # characters; a longer paragraph is several
LONGEST_ALT = 2_000
WIDTHS = (900, 1000, 1100, 1184)


@dataclass(frozen=True)
class Screen:
    """One screen of a presentation.

    title: its message. svg: the whole screen, 1280 x 720. alt: for those who can't see it. notes: for the speaker.
    name: of the item that it shows, which its neighbours may share; `title` and `conventions` for the first and last.
    """

    title: str
    svg: str
    alt: str
    notes: str
    name: str


def screens(report: Report, theme: Theme = "light", progress: Progress | None = None) -> tuple[Screen, ...]:
    """A report as screens: a title, one or more for each item in order, the conventions.

    Each is one SVG of 16:9 with a title, one figure, table or text, and one line at its foot. No type is smaller than a
    36th of the height: a figure that would need it is a table or is said to stand in the report. What has a row for
    each patient is left out, and so are rows of the file.

    Args:
        theme: light, as a projector needs it, or dark.
        progress: called before each item with the share that is done and what comes next; it may raise to stop.

    Example:
        >>> from necc.project import Project
        >>> from necc.report import make_report, ready
        >>> made = screens(make_report(Project(exhibits=ready(cohort)[:1]), cohort))
        >>> [one.name for one in made]
        ['title', 'figure-1-flow', 'conventions']
    """
    drafts = [_Draft(report.title, "title", report.title, _title_sheet(report, theme))]
    left_out: list[str] = []
    for done, item in enumerate(report.items):
        if progress:
            progress(done / len(report.items), item.title)
        made, why = _item(report, item, theme), ""
        if any(one.function in OF_EACH for one in item.computed):
            made, why = [], words.each(item.title)
        elif isinstance(item.thing, Figure) and _is_table(made) and (table := _told_before(report, item, done)):
            made, why = [], words.told_before(item.title, table)
        drafts += made
        left_out += [why] if why else []
    if not report.items:
        drafts.append(_text(report.title, (words.ON_ITS_OWN,), "nothing", theme)[0])
    drafts += _conventions(report, theme, left_out)
    return tuple(_finished(report, draft, i, len(drafts)) for i, draft in enumerate(drafts, start=1))


@dataclass(frozen=True)
class _Draft:
    """A screen whose place isn't known yet. foot: what stands at its foot, at the left."""

    title: str
    name: str
    alt: str
    sheet: Sheet
    foot: str = ""
    notes: str = ""
    tabled: bool = False


def _finished(report: Report, draft: _Draft, place: int, of: int) -> Screen:
    mark = words.mark(report.notice)
    draft.sheet.foot(draft.foot, mark if place > 1 else "", f"{place:,} / {of:,}")
    alt = shorten(". ".join(filter(None, (draft.alt, report.notice))), LONGEST_ALT)
    return Screen(draft.title, draft.sheet.to_svg(draft.title, alt), alt, draft.notes, draft.name)


# ---------------------------------------------------------------- the first and the last
def _lead(report: Report) -> list[str]:
    whom = report.whom or said.whom(said.about(Selection(), report.cohort), report.cohort.n_patients)
    return [whom, report.day.isoformat() if report.day else ""]


def _title_sheet(report: Report, theme: Theme) -> Sheet:
    sheet = Sheet(theme)
    size = next((s for s in (56, 48, 40) if len(broken(report.title, s / POINT, ACROSS / INCH, True)) <= 2), 36)
    lines = broken(report.title, size / POINT, ACROSS / INCH, True)
    lines = lines if len(lines) <= 4 else [*lines[:3], lines[3].rstrip() + "…"]
    sheet.top = 190
    sheet.lines(lines, LEFT, size, bold=True)
    sheet.top += 24
    sheet.lines([line for line in _lead(report) if line], LEFT, 28, color=sheet.ink["muted"])
    if report.notice:
        sheet.top += 10
        sheet.lines(broken(f"{report.notice}.", 28 / POINT, ACROSS / INCH, True), LEFT, 28, bold=True)
    return sheet


def _conventions(report: Report, theme: Theme, left_out: Sequence[str]) -> list[_Draft]:
    """What all of it shares, as far as a room may want to know it, and what of the report isn't shown."""
    known = dict(report.conventions)
    shown = [name for name in words.ON_SCREEN if known.get(name)]
    if report.whom:
        shown = [name for name, text in report.conventions if text]
    texts = [*left_out, *(f"{name}: {_short(known[name])}" for name in shown)]
    return _text(said.CONVENTIONS, texts, "conventions", theme, most=12)


def _short(text: str) -> str:
    """A convention without what only a file needs: of a checksum its beginning, of a program its first sentence."""
    first = text.partition(". ")[0]
    return " ".join(word[:12] + "…" if len(word) == 64 and word.isalnum() else word for word in first.split())


# ---------------------------------------------------------------- items
def _item(report: Report, item: Item, theme: Theme) -> list[_Draft]:
    thing, title = item.thing, item.title
    spoken = notes(replace(item, recipe=""), read=not report.smallest_cell)
    if isinstance(thing, Figure):
        read = [text for one in item.computed for text in reading(one.result)] if not report.smallest_cell else []
        made = _figure(title, thing, item.name, theme, words.message(map(without_rows, read)))
    elif isinstance(thing, Table):
        made = _table(title, thing, item.name, theme)
    elif isinstance(thing, Prose):
        made = _prose(title, thing, item, theme)
    else:
        made = _text(title, (item.missing,), item.name, theme)
    about = without_rows(said.whom(item.patients, item.n)).rstrip(".")
    told = thing.notes if isinstance(thing, Table) else (item.caption,)
    foot = " · ".join(filter(None, (about, words.interval(told), words.fingerprint(report.sha256))))
    return [replace(draft, foot=foot, notes=spoken) for draft in made]


def _is_table(made: Sequence[_Draft]) -> bool:
    return any(draft.tabled for draft in made)


def _told_before(report: Report, item: Item, place: int) -> str:
    """The title of an earlier table of the same results, which a figure in numbers would repeat; blank without one."""
    earlier = (one for one in report.items[:place] if isinstance(one.thing, Table) and one.patients == item.patients)
    return next((one.title for one in earlier if one.computed == item.computed), "")


def _figure(title: str, figure: Figure, name: str, theme: Theme, message: str) -> list[_Draft]:
    """A figure as large as the screen has room; one in whose rows the words would be small, as a table of them.

    message: stands below the title, as long as the figure has room beside it.
    """
    head, alt = titled(title), without_rows(figure.alt)
    below = broken(message, MESSAGE / POINT, ACROSS / INCH) if message else []
    for lines in [below, []] if below else [[]]:
        room = BOTTOM - head.bottom - len(lines) * MESSAGE * LINE
        ways = [Style(theme, "screen", w, round(room * w / ACROSS)) for w in WIDTHS]
        drawn, _, smallest = fitted(figure, (ACROSS, room), ways, LEAST * 1.05)
        if smallest >= LEAST - 0.05:
            sheet = Sheet(theme, head)
            sheet.top -= GAP / 2 if lines else 0
            sheet.lines(lines, LEFT, MESSAGE, color=sheet.ink["muted"])
            sheet.top += GAP / 2 if lines else 0
            sheet.picture(drawn.to_svg(), drawn.width, drawn.height, room)
            return [_Draft(title, name, " ".join(filter(None, (message, alt))), sheet)]
    if isinstance(drawn.shows, RatioChart):
        return _table(title, _ratios(drawn.shows), name, theme)
    return _text(title, (words.SMALL,), name, theme, alt=alt)


def _ratios(chart: RatioChart) -> Table:
    """The numbers of a forest plot: what stands beside its marks, with each kind in words."""
    several = len(chart.kinds) > 1
    columns = ("", chart.title, *([""] if several else []))
    rows = tuple((row.label, row.text, *([chart.kinds[row.place] if not row.heading else ""] if several else []))
                 for row in chart.rows)  # fmt: skip
    return Table("", "ratios", columns, rows, text_columns=(2,) if several else ())


def _table(title: str, shown: Table, name: str, theme: Theme) -> list[_Draft]:
    """A table in type as large as it can be whole, else over some screens; what follows these is counted."""
    if not shown.rows:
        return _text(title, (words.NOTHING, *shown.notes), name, theme)
    room = BOTTOM - titled(title, "(1 of 3)").bottom
    for size in TYPE:
        points = size / POINT
        parts = Room(ACROSS / INCH, room / INCH, points).parts(shown)
        if len(parts) == 1:
            break
    kept, left = _first_parts(parts, shown)
    drafts = []
    for number, part in enumerate(kept, start=1):
        head = titled(title, words.shown_part(number, len(kept)))
        sheet = Sheet(theme, head)
        columns = [shown.columns[j] for j in part.columns]
        sheet.table(columns, [j == 0 or j in shown.text_columns for j in part.columns], part, points)
        if left and number == len(kept):
            sheet.top = min(sheet.top + 6, BOTTOM - LEAST * LINE)
            sheet.lines([words.more_rows(left)], LEFT, LEAST, color=sheet.ink["muted"])
        alt = without_rows(words.table_alt(title, columns, part.lines))
        drafts.append(_Draft(title, name, alt, sheet, tabled=True))
    return drafts


def _first_parts(parts: Sequence[TablePart], shown: Table) -> tuple[list[TablePart], int]:
    """The parts that are shown, and how many rows aren't; where the last has no room for saying so, it loses one."""
    if len(parts) <= MOST_TABLE:
        return list(parts), 0
    kept = list(parts[:MOST_TABLE])
    kept[-1] = replace(kept[-1], lines=kept[-1].lines[:-1] or kept[-1].lines)
    first = [part for part in kept if part.columns == kept[0].columns]
    return kept, max(len(shown.rows) - sum(len(part.lines) for part in first), 1)


# ---------------------------------------------------------------- texts
def _prose(title: str, text: Prose, item: Item, theme: Theme) -> list[_Draft]:
    points = list(_points(text))
    return _text(title, [*points, *([item.note] if item.note else [])], item.name, theme, headings=_headings(text))


def _points(text: Prose) -> Iterator[str]:
    for heading, paragraphs in text.parts:
        if heading:
            yield heading
        for paragraph in paragraphs:
            yield from map(without_rows, sentences_of(paragraph, LONGEST_POINT))


def _headings(text: Prose) -> frozenset[str]:
    return frozenset(heading for heading, _ in text.parts if heading)


def _text(
    title: str, texts: Sequence[str], name: str, theme: Theme, *, headings: frozenset[str] = frozenset(),
    most: int = MOST_POINTS, alt: str = "",
) -> list[_Draft]:  # fmt: skip
    """Points of a list, few on a screen; a heading isn't the last of one."""
    pages: list[list[str]] = [[]]
    room, used = BOTTOM - titled(title, "(1 of 3)").bottom - LINE * TEXT, 0.0
    several = len(texts) > 1
    for i, text in enumerate(texts):
        tall = _tall(text, several, text in headings)
        following = _tall(texts[i + 1], several, False) if text in headings and i + 1 < len(texts) else 0.0
        full = len(pages[-1]) + (text in headings) >= most
        if pages[-1] and (used + tall + following > room or full):
            pages, used = [*pages, []], 0.0
        pages[-1].append(text)
        used += tall
    left = len(pages) > MOST_PARTS
    pages = pages[:MOST_PARTS]
    drafts = []
    for number, page in enumerate(pages, start=1):
        sheet = Sheet(theme, titled(title, words.shown_part(number, len(pages))))
        for text in page:
            _write(sheet, text, several, text in headings)
        if left and number == len(pages):
            sheet.lines([words.more_text()], LEFT, LEAST, color=sheet.ink["muted"])
        drafts.append(_Draft(title, name, alt or ". ".join((title, *page)), sheet))
    return drafts


def _across(several: bool, heading: bool) -> float:
    return (ACROSS - (BULLET if several and not heading else 0)) / INCH


def _tall(text: str, several: bool, heading: bool) -> float:
    return len(broken(text, TEXT / POINT, _across(several, heading), heading)) * TEXT * LINE + 12


def _write(sheet: Sheet, text: str, several: bool, heading: bool) -> None:
    """A paragraph, as a point where there are several; what is higher than the screen ends in an ellipsis."""
    lines = broken(text, TEXT / POINT, _across(several, heading), heading)
    most = max(int((BOTTOM - sheet.top) // (TEXT * LINE)), 1)
    lines = lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1].rstrip(" .") + "…"]
    if several and not heading:
        sheet.line("•", LEFT, sheet.top + TEXT * LINE / 2, TEXT)
    sheet.lines(lines, LEFT + (BULLET if several and not heading else 0), TEXT, bold=heading)
    sheet.top += 12
