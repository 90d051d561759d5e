"""A table as it is shown, copied and downloaded: formatted text, with the words that a reader needs under it."""

from __future__ import annotations

import csv
import functools
import html
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, ParamSpec

from necc.core.text import MINUS, PLAIN_NUMBER, spreadsheet_safe

# Three lines, as journals print tables; written on every cell because a word processor keeps nothing else.
_CELL = "padding:3px 10px;vertical-align:top;"
_AS_TEXT = "mso-number-format:'\\@';"  # a spreadsheet would make a date of 5/16, and run a formula


Where = Literal["screen", "paste"]
P = ParamSpec("P")
Line = tuple[int, tuple[str, ...]]  # how far a row is indented, and its cells


@dataclass(frozen=True)
class Table:
    """A titled table of text.

    name: slug for file names. indents: how far each row's label is indented; nothing without.
    text_columns: columns beside the first that hold words, set flush left; the others are numbers, flush right.
    made: the call of `tables` that gives it again, where one does.
    """

    title: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    indents: tuple[int, ...] = ()
    text_columns: tuple[int, ...] = ()
    made: functools.partial[Table] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of_lines(
        cls, title: str, name: str, columns: Sequence[str], lines: Iterable[Line], notes: Iterable[str] = (),
        text_columns: tuple[int, ...] = (),
    ) -> Table:  # fmt: skip
        """A table of indented rows; cells that a row lacks at its end are empty."""
        lines = list(lines)
        rows = tuple((*cells, *[""] * (len(columns) - len(cells))) for _, cells in lines)
        indents = tuple(indent for indent, _ in lines)
        return cls(title, name, tuple(columns), rows, tuple(notes), indents, text_columns)

    def noted(self, note: str) -> Table:
        """The same table with another note, such as where its patients come from."""
        return replace(self, notes=(*self.notes, note)) if note and note not in self.notes else self

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"table '{self.name}': a row has not {len(self.columns)} cells")
        if self.indents and len(self.indents) != len(self.rows):
            raise ValueError(f"table '{self.name}': {len(self.indents)} indents for {len(self.rows)} rows")

    def to_html(self, where: Where = "screen") -> str:
        """HTML with the look on every cell, so that it pastes into a text with its lines and headers.

        On screen, lines and type take the page's colour; for pasting they are black, and no cell, header, title or
        note is run as a formula by a spreadsheet: HTML is evaluated like what is typed.
        """
        text_of = _shown if where == "screen" else _pasted
        color = "currentColor" if where == "screen" else "#000000"
        heavy, light = f"1.5pt solid {color}", f"0.75pt solid {color}"
        font = "" if where == "screen" else "font-family:Arial,Helvetica,sans-serif;font-size:10pt;color:#000000;"
        head = "".join(
            f'<th scope="col" style="{_CELL}border-top:{heavy};border-bottom:{light};text-align:{self._side(j)};'
            f'{_as_text(column, where)}font-weight:bold">{text_of(column)}</th>'
            for j, column in enumerate(self.columns)
        )
        body = "".join(self._row_html(i, heavy, where) for i in range(len(self.rows)))
        notes = "".join(
            f'<p style="{font}margin:2px 10px;{_as_text(note, where)}font-size:85%">{text_of(note)}</p>'
            for note in self.notes
        )
        caption = (
            f'<caption style="{font}text-align:left;font-weight:bold;{_as_text(self.title, where)}padding:3px 10px">'
            f"{text_of(self.title)}</caption>"
        )
        return (
            f'<table style="{font}border-collapse:collapse">{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>{notes}"
        )

    def _row_html(self, i: int, heavy: str, where: Where) -> str:
        text_of = _shown if where == "screen" else _pasted
        last = f"border-bottom:{heavy};" if i == len(self.rows) - 1 else ""
        indent = f"padding-left:{10 + 16 * self.indents[i]}px;" if self.indents and self.indents[i] else ""
        cells = []
        for j, cell in enumerate(self.rows[i]):
            tag, more = ('th scope="row"', "font-weight:normal;" + indent) if j == 0 else ("td", "")
            style = f"{_CELL}{last}text-align:{self._side(j)};{_as_text(cell, where)}{more}"
            cells.append(f'<{tag} style="{style}">{text_of(cell)}</{tag[:2]}>')
        return f"<tr>{''.join(cells)}</tr>"

    def _side(self, j: int) -> str:
        return "left" if j == 0 or j in self.text_columns else "right"

    def to_csv(self) -> bytes:
        """UTF-8 with the mark that spreadsheets ask for; no cell is run as a formula. Notes follow an empty line."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([spreadsheet_safe(c) for c in row] for row in self._lines())
        return text.getvalue().encode("utf-8-sig")

    def to_tsv(self) -> str:
        """Tab-separated with headers and notes: what is put on the clipboard for a spreadsheet."""
        lines = [[spreadsheet_safe(" ".join(cell.split())) for cell in row] for row in self._lines()]
        return "\n".join("\t".join(line) for line in lines)

    def _lines(self) -> list[tuple[str, ...]]:
        """Headers, rows and, below an empty line, what a reader needs to judge them."""
        return [self.columns, *self.rows, *([()] if self.notes else []), *((note,) for note in self.notes)]


def _shown(value: str) -> str:
    return html.escape(value).replace("\n", "<br/>")


def _pasted(value: str) -> str:
    """Each line by itself: a spreadsheet puts what follows a break into a cell of its own."""
    return _shown("\n".join(spreadsheet_safe(line) for line in value.splitlines()))


def _as_text(cell: str, where: Where) -> str:
    """The look of a pasted cell that is no number, so that a spreadsheet reads it as it stands."""
    number = PLAIN_NUMBER.fullmatch(cell.replace(MINUS, "-"))
    return "" if where == "screen" or number or not cell else _AS_TEXT


def makes_table(make: Callable[P, Table]) -> Callable[P, Table]:
    """Makes a table know by which call of what results it is made again."""

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Table:
        again: functools.partial[Any] = functools.partial(made, *args, **kwargs)
        return replace(make(*args, **kwargs), made=again)

    return made
