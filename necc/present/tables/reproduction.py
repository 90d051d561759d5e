"""A reproduction as tables to read, copy and download."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from necc.core.text import MINUS, NOT_ESTIMABLE, format_ci, format_estimate, format_number, format_p, plural
from necc.paper.reproduction.own import Comparison
from necc.paper.reproduction.replay import MARKS, Cell, Reproduction
from necc.present.tables import Table
from necc.present.words.notes import cohort as notes

HOLDS = {
    "inside": "inside the own 95 % interval",
    "outside": "outside the own 95 % interval",
    "same side": "same side of 0.05",
    "other side": "other side of 0.05",
    "": "",
}


def rows_of(result: Reproduction, table: str) -> list[tuple[str, dict[str, Cell]]]:
    """The rows of a printed table in their order, each with its cells by column."""
    rows: dict[str, dict[str, Cell]] = {}
    for cell in result.of(table):
        rows.setdefault(cell.row, {})[cell.column] = cell
    return list(rows.items())


def cell_table(result: Reproduction, table: str = "", marks: Sequence[str] = MARKS) -> Table:
    """One row a cell: where, printed, computed, difference, tolerance, mark and reason; of one table, or of all."""
    cells = [c for c in (result.of(table) if table else result.cells) if c.mark in marks]
    headings = {name: dict(result.layout(name).columns) for name in result.tables}
    rows = tuple(
        (c.table, c.row, headings[c.table].get(c.column, c.column), c.printed, c.computed or "–", difference(c),
         c.tolerance, c.mark, " ".join(filter(None, (_sentence(c.reason), c.note, _beside(c)))))
        for c in cells
    )  # fmt: skip
    return Table(
        f"{table or 'All figures'}: printed and computed", "reproduction",
        ("Where", "Row", "Column", "Printed", "Computed", "Difference", "Tolerance", "Mark", "Reason"), rows,
        notes.cell_table(result, len(cells)),
        text_columns=(1, 2, 6, 7, 8),
    )  # fmt: skip


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
        f"{table or 'All figures'}: published and own", "published-and-own",
        ("Where", "Row", "Column", "Published", "Own", "Own 95 % CI", "Patients", "Published figure"), rows,
        notes.own_table(), text_columns=(1, 2, 7),
    )  # fmt: skip


def ratio_table(comparisons: Iterable[Comparison]) -> Table:
    """Published and own hazard ratios with what follows."""
    rows = []
    for c in comparisons:
        own = format_estimate(c.own.value, c.own.lower, c.own.upper, 3) if c.own else "–"
        published = format_estimate(c.published.value, c.published.lower, c.published.upper, 3)
        n, p = ("" if c.n is None else f"{c.n:,}"), ("" if c.p_difference is None else format_p(c.p_difference))
        rows.append((c.row, c.model, published, own, n, p, c.verdict, _sentence(c.reason)))
    return Table(
        "Hazard ratios, published and own", "hazard-ratios",
        ("Covariate", "Model", "Published (95 % CI)", "Own (95 % CI)", "Patients", "p of the difference", "In short",
         "Why"),
        tuple(rows),
        notes.ratio_table(),
        text_columns=(1, 6, 7),
    )  # fmt: skip


def difference(cell: Cell) -> str:
    """Computed less printed, a digit more than printed, whole of counts; of an interval, of its standard error."""
    if cell.difference is None:
        return ""
    if cell.printed.count("–") == 1:
        return f"SE {100 * cell.difference:+.1f} %".replace("-", MINUS)
    printed = len(cell.printed.partition(".")[2])
    decimals = 0 if not printed and float(cell.difference).is_integer() else printed + 1
    text = format_number(cell.difference, decimals)
    return text if text.startswith(MINUS) or cell.difference == 0 else f"+{text}"


def _interval(cell: Cell) -> str:
    e = cell.interval
    if e is None or e.value is None:
        return ""
    return format_ci(e.lower, e.upper, len(cell.printed.partition(".")[2]) or 1, NOT_ESTIMABLE)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text and not text.endswith(".") else text


def _beside(cell: Cell) -> str:
    return f"Beside it, {cell.beside}." if cell.beside else ""


def in_words(cell: Cell) -> str:
    """Printed, computed, difference and tolerance of a cell."""
    gap = difference(cell)
    parts = [f"printed {cell.printed}", f"computed {cell.computed or '–'}", f"difference {gap}" if gap else ""]
    return ", ".join(filter(None, (*parts, f"tolerance: {cell.tolerance}")))


def render_text(result: Reproduction, everything: bool = False) -> str:
    """The reproduction as plain text: counts, findings, and the cells, by default without the reproduced ones."""
    recipe = result.recipe
    lines = [recipe.title, recipe.reference, ""] if recipe.title else []
    counted = {mark: f"{n:,} {'differ' if mark == 'differs' and n != 1 else mark}" for mark, n in result.counts.items()}
    lines.append(", ".join(counted.values()))
    lines += [
        f"{plural(result.n, 'patient')}, of whom the paper's criteria keep {result.n_admitted:,}",
        *(f.line() for f in result.findings),
        *(f"note: {n}" for n in result.notes),
    ]
    for mark in MARKS:
        group = [c for c in result.cells if c.mark == mark and (everything or mark != "reproduced")]
        if group:
            lines += ["", f"{mark[:1].upper()}{mark[1:]} ({len(group)})"]
        for c in group:
            lines.append(f"  {c.table}, {c.row}, {c.column}: {in_words(c)}; {c.reason}")
            lines += [f"    {text}" for text in (c.note, c.beside) if text]
    return "\n".join(lines) + "\n"
