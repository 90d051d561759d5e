"""A reproduction as tables to read, copy and download."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from necc.core.text import NOT_ESTIMABLE, format_ci, format_p
from necc.paper.reproduction.own import Comparison
from necc.paper.reproduction.replay import MARKS, Cell, Reproduction
from necc.present.tables.table import Table, makes_table
from necc.present.words.captions import reproduction as words
from necc.present.words.notes import cohort as notes
from necc.present.words.phrases import sentence
from necc.present.words.reproduction import HOLDS, difference, in_short, why


def rows_of(result: Reproduction, table: str) -> list[tuple[str, dict[str, Cell]]]:
    """The rows of a printed table in their order, each with its cells by column."""
    rows: dict[str, dict[str, Cell]] = {}
    for cell in result.of(table):
        rows.setdefault(cell.row, {})[cell.column] = cell
    return list(rows.items())


@makes_table
def cell_table(result: Reproduction, table: str = "", marks: Sequence[str] = MARKS) -> Table:
    """One row a cell: where, printed, computed, difference, tolerance, mark and reason; of one table, or of all."""
    cells = [c for c in (result.of(table) if table else result.cells) if c.mark in marks]
    headings = {name: dict(result.layout(name).columns) for name in result.tables}
    rows = tuple(
        (c.table, c.row, headings[c.table].get(c.column, c.column), c.printed, c.computed or "–", difference(c),
         c.tolerance, c.mark, why(c))
        for c in cells
    )  # fmt: skip
    return Table(
        f"{table or 'All figures'}: printed and computed", "reproduction",
        ("Where", "Row", "Column", "Printed", "Computed", "Difference", "Tolerance", "Mark", "Reason"), rows,
        notes.cell_table(result, len(cells)),
        text_columns=(1, 2, 6, 7, 8),
    )  # fmt: skip


@makes_table
def own_table(result: Reproduction, table: str = "") -> Table:
    """One row a cell: the published figure and the cohort's own with its interval; what can't be computed, and why."""
    cells = result.of(table) if table else result.cells
    headings = {name: dict(result.layout(name).columns) for name in result.tables}
    rows = tuple(
        (c.table, c.row, headings[c.table].get(c.column, c.column), c.printed, c.computed or "–", _interval(c),
         "" if c.n is None else f"{c.n:,}", HOLDS[c.holds] if c.computed else c.reason)
        for c in cells
    )  # fmt: skip
    return Table(
        f"{table or 'All figures'}: published and in this cohort", "published-and-own",
        ("Where", "Row", "Column", "Published", "This cohort", "This cohort, 95 % CI", "Patients",
         "Published figure"), rows,
        notes.own_table(), text_columns=(1, 2, 7),
    )  # fmt: skip


@makes_table
def ratio_table(comparisons: Iterable[Comparison]) -> Table:
    """Published and own hazard ratios with what follows."""
    rows = []
    for c in comparisons:
        n, p = ("" if c.n is None else f"{c.n:,}"), ("" if c.p_difference is None else format_p(c.p_difference))
        rows.append(
            (
                c.row,
                c.model,
                words.published(c),
                words.own(c) if c.own else "–",
                n,
                p,
                in_short(c.verdict),
                sentence(c.reason),
            )
        )
    return Table(
        "Hazard ratios, published and in this cohort", "hazard-ratios",
        ("Covariate", "Model", "Published (95 % CI)", "This cohort (95 % CI)", "Patients", "p of the difference",
         "In short", "Why"),
        tuple(rows),
        notes.ratio_table(),
        text_columns=(1, 6, 7),
    )  # fmt: skip


def _interval(cell: Cell) -> str:
    e = cell.interval
    if e is None or e.value is None:
        return ""
    return format_ci(e.lower, e.upper, len(cell.printed.partition(".")[2]) or 1, NOT_ESTIMABLE)
