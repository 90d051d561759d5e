"""A report as an Excel workbook: numbers as numbers, unrounded, and the data behind each figure."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from necc.core.extras import need
from necc.core.text import shorten
from necc.present.figures import Figure
from necc.present.tables import Table
from necc.present.words import report as said
from necc.present.words.phrases import sentence
from necc.report.data import Grid, figure_data
from necc.report.model import Item, Progress, Prose, Report, Written
from necc.report.numbers import Number, split_numbers
from necc.report.stable import moment, same_bytes

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FIRST = "Conventions"
LONGEST = 32_000  # characters of a cell; Excel has 32,767
WIDTHS = (7.0, 46.0)  # of a column, in characters
NUMBER_WIDTH = 9.0
DATA_WIDTHS = (12.0, 30.0)  # of data: unrounded numbers need more
TEXT_WIDTH = 100.0
ACROSS = 90.0  # characters from which on a sheet is printed on its side
MOST_ROWS = 1_000_000  # Excel has 1,048,576
FONT = "Arial"

Look = dict[str, Any]


def workbook(report: Report, progress: Progress | None = None) -> Written:
    """A report as an Excel workbook (xlsx): conventions and a list of the sheets first, then a sheet an exhibit.

    Each number of a table is in a cell of its own, unrounded where it is known, in a format that shows it as the table
    does; words stay words. A figure's sheet has the data behind it (`figure_data`). No text is a formula or a link
    outside. The same report gives the same bytes.

    Args:
        progress: called before each item with the share that is done (0 to 1) and what comes; it may raise to stop.

    Returns:
        The file, and what couldn't be written into it; each is named on its sheet as well.
    """
    need("xlsxwriter", "report", "an Excel workbook")
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "nan_inf_to_errors": False}  # fmt: skip
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": report.title[:255], "author": "", "created": moment(report.day)})
    writer = _Writer(report, book)
    writer.opening()
    for i, item in enumerate(report.items):
        if progress:
            progress(i / (len(report.items) + 1), item.title)
        writer.item(item)
    if progress:
        progress(len(report.items) / (len(report.items) + 1), FIRST)
    book.close()
    return Written(same_bytes(file.getvalue(), report.day), tuple(writer.problems))


def sheet_names(report: Report) -> tuple[str, ...]:
    """The name of each item's sheet: its label, or what it is and its place.

    Example:
        >>> from necc.project import Exhibit, Project
        >>> from necc.report import make_report
        >>> shown = Exhibit("Curve", shows=("figures.survival_curves(kaplan_meier(cohort, 'PRS'))", "methods()"))
        >>> sheet_names(make_report(Project(exhibits=(shown,)), cohort))
        ('Figure 1', 'Text 2')
    """
    kinds = {"text": "Text", "missing": "Not made"}
    return tuple(item.label or f"{kinds[item.kind]} {place}" for place, item in enumerate(report.items, 1))


@dataclass
class _Writer:
    report: Report
    book: Workbook
    problems: list[str] = field(default_factory=list)
    looks: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    written: int = 0

    # ------------------------------------------------------------ pieces
    def look(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self.looks:
            self.looks[key] = self.book.add_format(
                {"font_name": FONT, "font_size": 10, "valign": "top", **look, "color": look.get("color", "#000000")}
            )
        return self.looks[key]

    def text(self, sheet: Worksheet, row: int, column: int, text: str, **look: Any) -> None:
        """A text as a text, whatever it looks like."""
        shown = text if len(text) <= LONGEST else shorten(text, LONGEST)
        if shown:
            sheet.write_string(row, column, shown, self.look(**look))
        else:
            sheet.write_blank(row, column, None, self.look(**look))

    def sheet(self, name: str, across: bool = False) -> Worksheet:
        """A new sheet, set up for printing: one page wide, with the title and the notice on each."""
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        if across:
            sheet.set_landscape()
        head = " \u00b7 ".join(filter(None, (self.report.title, self.report.notice)))
        sheet.set_header(f"&C&8{shorten(head, 180).replace('&', '&&')}")
        sheet.set_footer("&C&8&A, page &P of &N")
        return sheet

    def titled(self, name: str, item: Item, across: bool = False) -> tuple[Worksheet, int]:
        """An item's sheet with its title and whom it is about; and the first free row."""
        sheet = self.sheet(name, across)
        self.text(sheet, 0, 0, item.heading, bold=True, font_size=12)
        about = " ".join(filter(None, (said.whom(item.patients, item.n), sentence(self.report.notice))))
        self.text(sheet, 1, 0, about, color="#404040")
        return sheet, 3

    def lines(self, sheet: Worksheet, row: int, texts: Iterable[str]) -> int:
        """Texts below each other, each over the sheet's width; the next free row."""
        for text in filter(None, texts):
            self.text(sheet, row, 0, text, color="#404040")
            row += 1
        return row

    # ------------------------------------------------------------ conventions
    def opening(self) -> None:
        """The first sheet: what all exhibits share, and every sheet with a way to it."""
        sheet = self.sheet(FIRST)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 70)
        sheet.set_column(2, 2, 40)
        self.text(sheet, 0, 0, self.report.title, bold=True, font_size=14)
        self.text(sheet, 1, 0, sentence(self.report.notice), bold=True)
        row = 3
        for name, text in self.report.conventions:
            self.text(sheet, row, 0, name, bold=True)
            self.text(sheet, row, 1, sentence(text), text_wrap=True)
            row += 1
        row += 1
        for column, head in enumerate(("Sheet", "What it holds", "Of whom")):
            self.text(sheet, row, column, head, bold=True, top=2, bottom=1)
        link = self.look(color="#0000C0", underline=1)
        for name, item in zip(sheet_names(self.report), self.report.items, strict=True):
            row += 1
            sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
            self.text(sheet, row, 1, item.title, text_wrap=True)
            self.text(sheet, row, 2, said.whom(item.patients, item.n), text_wrap=True)
        told = {item.missing for item in self.report.items}
        self.lines(sheet, row + 2, (sentence(p) for p in self.report.problems if p not in told))

    # ------------------------------------------------------------ items
    def item(self, item: Item) -> None:
        """One item on its sheet; what can't be written is named there, and the rest goes on."""
        name = sheet_names(self.report)[self.written]
        self.written += 1
        if isinstance(item.thing, Table):
            self.table(name, item, item.thing)
        elif isinstance(item.thing, Figure):
            self.figure(name, item)
        elif isinstance(item.thing, Prose):
            self.prose(name, item, item.thing)
        else:
            sheet, row = self.titled(name, item)
            self.text(sheet, row, 0, sentence(item.missing), italic=True)

    def prose(self, name: str, item: Item, prose: Prose) -> None:
        sheet, row = self.titled(name, item)
        sheet.set_column(0, 0, TEXT_WIDTH)
        texts = [("", line) for line in item.note.splitlines() if line.strip()]
        for heading, paragraphs in prose.parts:
            texts += [("bold", heading)] * bool(heading) + [("", text) for text in paragraphs]
        for weight, text in texts:
            self.text(sheet, row, 0, text, text_wrap=True, bold=bool(weight))
            row += 1

    def table(self, name: str, item: Item, table: Table) -> None:
        split = split_numbers(table, unrounded=self.report.smallest_cell <= 1)
        indents = [*table.indents] or [0] * len(split.rows)
        heads, widths = split.columns, _widths(split.columns, split.rows)
        sheet, row = self.titled(name, item, sum(widths) > ACROSS)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        self.heads(sheet, row, heads, split.words)
        for cells, indent in zip(split.rows, indents, strict=True):
            row += 1
            last: Look = {"bottom": 2} if row == 3 + len(split.rows) else {}
            for column, cell in enumerate(cells):
                if isinstance(cell, Number):
                    more = {"italic": True} if cell.rounded else {}
                    sheet.write_number(row, column, cell.value, self.look(num_format=cell.form, **more, **last))
                else:
                    side: Look = {"align": "left", "indent": indent} if column == 0 and indent else {}
                    if not split.words[column]:
                        side = {"align": "right"}
                    wrap = {"text_wrap": True} if len(cell or "") > widths[column] else {}
                    self.text(sheet, row, column, cell or "", **side, **wrap, **last)
        kept = (
            said.AS_SHOWN if self.report.smallest_cell > 1 else said.SOME_ROUNDED if split.n_rounded else said.UNROUNDED
        )
        self.lines(sheet, row + 2, (*table.notes, sentence(item.note), kept))
        sheet.freeze_panes(4, 1)
        sheet.repeat_rows(3)

    def heads(self, sheet: Worksheet, row: int, heads: Sequence[str], words: Sequence[bool]) -> None:
        sheet.set_row(row, 28)  # two lines
        for column, head in enumerate(heads):
            side = {} if words[column] else {"align": "right"}
            self.text(sheet, row, column, head, bold=True, top=2, bottom=1, text_wrap=True, valign="bottom", **side)

    def figure(self, name: str, item: Item) -> None:
        """The data behind a figure, list by list, and what its caption says."""
        grids = figure_data(item, self.report.smallest_cell)
        every = [(grid.columns, grid.rows) for grid in grids]
        needs = [_widths(*part, within=DATA_WIDTHS) for part in every]
        columns = max(map(len, needs), default=1)
        widths = [max((need[j] for need in needs if j < len(need)), default=0.0) for j in range(columns)]
        sheet, row = self.titled(name, item, sum(widths) > ACROSS)
        row = self.lines(sheet, row, (sentence(item.caption), sentence(item.note)))
        if not grids:
            self.text(sheet, row + 1, 0, said.no_data(self.report.smallest_cell), italic=True)
            return
        self.text(sheet, row, 0, f"{said.FIGURE_DATA}. {said.DATA_AS_IT_IS}", color="#404040")
        row += 2
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for grid in grids:
            row = self.grid(sheet, row, grid) + 2

    def grid(self, sheet: Worksheet, row: int, grid: Grid) -> int:
        """A list of numbers as they are; the last row that it takes."""
        self.text(sheet, row, 0, grid.name, bold=True)
        row += 1
        numbers = [any(isinstance(line[j], int | float) for line in grid.rows) for j in range(len(grid.columns))]
        self.heads(sheet, row, grid.columns, [not is_number for is_number in numbers])
        plain = self.look()
        if len(grid.rows) > MOST_ROWS:
            self.problems.append(said.rows_left_out(grid.name, MOST_ROWS))
            self.text(sheet, row - 1, 1, self.problems[-1], italic=True)
        for line in grid.rows[:MOST_ROWS]:
            row += 1
            for column, value in enumerate(line):
                if isinstance(value, str):
                    self.text(sheet, row, column, value)
                elif value is not None and abs(value) < float("inf"):
                    sheet.write_number(row, column, value, plain)
        return row


def _widths(heads: Sequence[str], rows: Iterable[Sequence[Any]], within: tuple[float, float] = WIDTHS) -> list[float]:
    """Of each column in characters: what its cells need, and a head the half, as it has two lines."""
    needs = [max(len(head) / 2 + 3, max(map(len, head.split()), default=0) + 1) for head in heads]
    for row in rows:
        for j, cell in enumerate(row):
            needs[j] = max(needs[j], len(cell) + 1 if isinstance(cell, str) else NUMBER_WIDTH)
    return [min(max(need, within[0]), within[1]) for need in needs]
