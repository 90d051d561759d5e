"""Answers that leave as the tables of the pages: in a terminal as aligned lines."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from necc.cli.drawing import draw, pictures
from necc.cli.io import Result, show

if TYPE_CHECKING:
    from necc.core.guardrails import Guardrail
    from necc.present.figures import Figure
    from necc.present.tables import Table


def leave(
    options: argparse.Namespace,
    result: Any,
    tables: Callable[[], Iterable[Table]],
    picture: Callable[[], Figure] | None = None,
    *,
    cautions: Iterable[Guardrail] = (),
    told: Result | None = None,
    first: Iterable[str] = (),
) -> int:
    """Hands on a result that is read as tables; the exit code.

    Args:
        result: what was found, with a `to_dict`.
        tables: makes what stands in text, when text is asked for.
        picture: makes its figure, when one is asked for, where it isn't the one that the result plots by itself.
        cautions: what a page says above it; they become notes.
        told: its JSON, where it isn't the result's own. first: lines above the tables.
    """
    whole: Result = dict(result.to_dict() if told is None else told)
    whole["notes"] = [*whole.get("notes", []), *(guard.sentence() for guard in cautions)]

    def lines(told: Result) -> list[str]:
        made = list(tables())
        above = [*filter(None, first)]
        below = {_plain(note) for table in made for note in table.notes}
        more = [f"note: {note}" for note in told.get("notes", []) if _plain(note) not in below]
        shown = "\n\n".join("\n".join(table_lines(table)) for table in made)
        return [*above, *shown.splitlines(), *more]

    if pictures(options):
        from necc.present.shown import has_figure

        if picture or has_figure(result):
            draw(options, picture() if picture else result.plot(size="print"))
    return show(options, (result, whole), lines, picture=picture, tail=False)


def _plain(note: str) -> str:
    """A note by which it is known again, as a sentence or within one."""
    return note.rstrip(".").casefold()


def table_lines(table: Table) -> list[str]:
    """A table in a terminal: its title, aligned columns, and its notes.

    Example:
        >>> from necc.present.tables import Table
        >>> print("\\n".join(table_lines(Table("Sites", "sites", ("Site", "n"), (("Lung", "34"), ("Bone", "7"))))))
        Sites
          Site   n
          Lung  34
          Bone   7
    """
    indents = table.indents or (0,) * len(table.rows)
    cells = [
        [f"{'  ' * indent}{row[0]}", *row[1:]] for indent, row in zip(indents, table.rows, strict=True)
    ]  # fmt: skip
    grid = [[" ".join(cell.split("\n")) for cell in row] for row in [list(table.columns), *cells]]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    flush = {0, *table.text_columns}
    rows = [
        "  ".join(cell.ljust(width) if j in flush else cell.rjust(width)
                  for j, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in grid
    ]  # fmt: skip
    return [table.title, *(f"  {row}" for row in rows), *(f"  {note}" for note in table.notes)]
