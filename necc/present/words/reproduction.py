"""What a reproduction says: each figure with what was computed for it, and why they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from necc.core.text import MINUS, format_number, plural
from necc.paper.reproduction.own import Comparison
from necc.paper.reproduction.replay import MARKS, Cell, Reproduction
from necc.present.words.phrases import capitalised, sentence, sentences

HOLDS = {
    "inside": "inside this cohort's 95 % interval",
    "outside": "outside this cohort's 95 % interval",
    "same side": "same side of 0.05",
    "other side": "other side of 0.05",
    "": "",
}


IN_SHORT = {
    "same direction": "same direction, though the interval here includes 1",
    "no direction": "no direction to hold, as the printed interval includes 1",
}


def in_short(verdict: str) -> str:
    """A verdict on a ratio as a reader takes it."""
    return IN_SHORT.get(verdict, verdict)


def verdicts(ratios: Sequence[Comparison]) -> str:
    """How many ratios got which verdict, the most frequent first."""
    counts = Counter(in_short(c.verdict) for c in ratios)
    return capitalised("; ".join(f"{verdict}: {n:,}" for verdict, n in counts.most_common())) + "."


def strictness(result: Reproduction) -> str:
    """How much of what is reproduced had to be equal in every digit."""
    rest = result.counts["reproduced"] - result.n_strict
    return (
        f"Of the reproduced figures {result.n_strict:,} had to be equal in every printed digit; {rest:,} have a stated "
        "tolerance, or are words."
    )


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


def in_words(cell: Cell) -> str:
    """Printed, computed, difference and tolerance of a cell."""
    gap = difference(cell)
    parts = [f"printed {cell.printed}", f"computed {cell.computed or '–'}", f"difference {gap}" if gap else ""]
    return ", ".join(filter(None, (*parts, f"tolerance: {cell.tolerance}")))


def why(cell: Cell) -> str:
    """Why a cell has its mark, and what another coding gives."""
    beside = f"Beside it, {cell.beside}." if cell.beside else ""
    return " ".join(filter(None, (sentence(cell.reason), cell.note, beside)))


def remarks(result: Reproduction, table: str, own: bool) -> tuple[str, ...]:
    """What differs or can't be checked, and why; what another coding gives."""
    lines: dict[str, None] = {}
    headings = dict(result.layout(table).columns)
    for c in result.of(table):
        if c.mark == "cannot be checked":
            mark = "cannot be computed" if own else c.mark
            lines[sentences(f"{c.row}, {mark}: {c.reason}", "" if own else c.note)] = None
        elif c.mark == "differs" and not own:
            where = f"{c.row}, {headings.get(c.column, c.column)}"
            lines[sentences(f"{where}: {c.computed} instead of {c.printed} ({c.reason})", c.note)] = None
        elif c.note and not own:
            lines[f"{c.row}: {c.note}"] = None
        if c.beside:
            lines[sentence(f"{c.row}, beside it: {c.beside}")] = None
    return tuple(lines)


def render_text(result: Reproduction, everything: bool = False) -> str:
    """The reproduction as plain text: counts, findings, and the cells, by default without the reproduced ones."""
    recipe = result.recipe
    lines = [recipe.title, recipe.reference, ""] if recipe.title else []
    counted = {mark: f"{n:,} {'differ' if mark == 'differs' and n != 1 else mark}" for mark, n in result.counts.items()}
    if within := result.n_within:
        counted["reproduced"] += f" ({result.n_exact:,} in every printed digit or word, {within:,} within a tolerance)"
    lines.append(", ".join(counted.values()))
    lines += [
        strictness(result),
        f"{plural(result.n, 'patient')}, of whom the paper's criteria keep {result.n_admitted:,}",
        *(f.line() for f in result.findings),
        *(f"note: {n}" for n in result.notes),
    ]
    for mark in MARKS:
        group = [c for c in result.cells if c.mark == mark and (everything or mark != "reproduced")]
        if group:
            lines += ["", f"{capitalised(mark)} ({len(group):,})"]
        for c in group:
            lines.append(f"  {c.table}, {c.row}, {c.column}: {in_words(c)}; {c.reason}")
            lines += [f"    {text}" for text in (c.note, c.beside) if text]
    return "\n".join(lines) + "\n"
