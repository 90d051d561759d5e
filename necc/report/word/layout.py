"""A table as Word holds it: how wide its columns are, where decimals align, its rules, heads and marks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from necc.core.text import DASH
from necc.present.tables import Table
from necc.present.words.masking import HIDDEN
from necc.report.word.looks import LANDSCAPE_MM, TEXT_MM, attribute, words

PAD_MM = 1.2  # left and right of a cell's text
INDENT_MM = 3.0
POINT_MM = 25.4 / 72
WORDS_MM = (16, 32)  # the least width of a column of words is between these
NUMBERS_MM = 46  # a cell of numbers isn't broken up to this width
LABEL_MM = 70  # the first column, where columns are many
WIDER = 1.1  # how much wider heads are set
TOGETHER = 14  # rows of a variable that stay on one page
WHOLE = 15  # lines of a row up to which it isn't broken between pages
SHORT = 30  # lines of a table up to which it isn't either
SETTINGS = ((9.0, False), (8.0, False), (9.0, True), (8.0, True), (7.0, True))
"""Points of type and whether the page is turned, tried in this order until the columns fit."""

# Widths of Helvetica's letters, which Arial and Liberation Sans share, in thousandths of the type's size (Adobe Font
# Metrics 4.1); other scripts are set wider.
_WIDTHS = {
    **dict.fromkeys("0123456789abdeghnopqu+<=>_#$~\u2013\u2212\u00b7?", 556), **dict.fromkeys("cksvxyzJ", 500),
    **dict.fromkeys(" .,:;/ft!I[]\\|", 278), **dict.fromkeys("ijl'", 222), **dict.fromkeys("r()-*", 333),
    **dict.fromkeys("mM", 833), **dict.fromkeys("wCDHNRU", 722), **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("FTZ", 611), **dict.fromkeys("GOQ", 778), "L": 556, "W": 944, "%": 889, "\u2026": 1000, "@": 1015,
}  # fmt: skip
_NUMBER = re.compile(r"[<>\u2264\u2265]?[\u2212+-]?\d[\d,]*")
_MARK = re.compile(r"\s*(\*\*|\*|[\u2020\u2021\u00a7\u00b6])$")
_NOTED = re.compile(r"(?<!\S)(\*\*|\*|[\u2020\u2021\u00a7\u00b6])(?=\s)")


@dataclass(frozen=True)
class Part:
    """What stands beside each other on a page: columns of a table by their place, with their widths in millimetres."""

    columns: tuple[int, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class Layout:
    """How a table is set: points of type, whether the page is turned, and its parts, one below the other."""

    points: float
    turned: bool
    parts: tuple[Part, ...]


def width_mm(text: str, points: float) -> float:
    """The widest line of a text in Arial, in millimetres.

    Example:
        >>> from necc.report.word.layout import width_mm
        >>> round(width_mm("12.5", 9), 2)
        6.18
    """
    lines = (sum(_WIDTHS.get(c, 600 if c < "\u0250" else 1000) for c in line) for line in text.split("\n"))
    return max(lines) * points * POINT_MM / 1000


def lay_out(table: Table) -> Layout:
    """The largest type in which the columns fit beside each other, on a turned page before a smaller type than 8.

    What doesn't fit even so is set in parts, each with the first column.
    """
    for points, turned in SETTINGS:
        wanted = [_wanted(table, j, points) for j in range(len(table.columns))]
        room = LANDSCAPE_MM if turned else TEXT_MM
        if sum(least for least, _ in wanted) <= room:
            return Layout(points, turned, (Part(tuple(range(len(wanted))), _shared(wanted, room)),))
    first = (min(wanted[0][0], LABEL_MM), min(wanted[0][1], LABEL_MM))
    groups: list[list[int]] = [[]]
    for j in range(1, len(wanted)):
        if groups[-1] and first[0] + sum(wanted[k][0] for k in groups[-1]) + wanted[j][0] > room:
            groups.append([])
        groups[-1].append(j)
    parts = (Part((0, *group), _shared([first, *(wanted[j] for j in group)], room)) for group in groups)
    return Layout(points, turned, tuple(parts))


def _wanted(table: Table, j: int, points: float) -> tuple[float, float]:
    """The least width of a column, and the one in which nothing of it breaks."""
    head, cells = table.columns[j], [row[j] for row in table.rows]
    indents = [INDENT_MM * i for i in table.indents] if j == 0 and table.indents else [0.0] * len(cells)
    widths = [width_mm(c, points) + i for c, i in zip(cells, indents, strict=True)]
    full = max(widths, default=0.0)
    longest = max((width_mm(w, points) for c in set(cells) for w in c.split()), default=0.0)
    head_word = max((WIDER * width_mm(w, points) for w in re.split(r"[\s-]", head)), default=0.0)
    if is_words(table, j):
        least = min(max(longest + max(indents, default=0), WORDS_MM[0]), WORDS_MM[1], full or WORDS_MM[0])
        least = max(least, min(head_word, WORDS_MM[1]))
        natural = max(full, WIDER * width_mm(head, points))
    else:
        before, after = _sides(cells, points)
        full = max(full, before + after)
        least = max(full if full <= NUMBERS_MM else min(longest, NUMBERS_MM), min(head_word, NUMBERS_MM))
        natural = max(full if full <= NUMBERS_MM else NUMBERS_MM, WIDER * width_mm(head, points) / 2 + 4)
    pad = 2 * PAD_MM + 0.4  # a hair, for what a reader's font is wider
    return least + pad, max(least, natural) + pad


def _shared(wanted: Sequence[tuple[float, float]], room: float) -> tuple[float, ...]:
    """What each column would like, or its least width and a share of what is left.

    Shares go by the square root: a column of long texts has more, and leaves its neighbours enough.
    """
    if sum(natural for _, natural in wanted) <= room:
        return tuple(natural for _, natural in wanted)
    widths = [least for least, _ in wanted]
    for _ in wanted:  # who has all that it would like leaves the rest to the others
        left = room - sum(widths)
        open_ = [math.sqrt(max(natural - width, 0)) for width, (_, natural) in zip(widths, wanted, strict=True)]
        if left < 0.1 or not any(open_):
            break
        widths = [
            min(width + left * weight / sum(open_), max(natural, width))
            for width, weight, (_, natural) in zip(widths, open_, wanted, strict=True)
        ]
    return tuple(widths)


def is_words(table: Table, j: int) -> bool:
    """Whether a column is set flush left."""
    return j == 0 or j in table.text_columns


def _sides(cells: Sequence[str], points: float) -> tuple[float, float]:
    """The widest of what stands before the decimal point of the cells' first number, and of what follows."""
    pairs = [(width_mm(cell[:at], points), width_mm(cell[at:], points)) for cell in cells if (at := point_of(cell))]
    return max((b for b, _ in pairs), default=0.0), max((a for _, a in pairs), default=0.0)


def point_of(cell: str) -> int:
    """How many characters of a cell stand before the decimal point of its first number; 0 where it begins otherwise.

    Example:
        >>> from necc.report.word.layout import point_of
        >>> point_of("26.6 (22.9-56.9)"), point_of("<0.001"), point_of("1,024"), point_of("not reached")
        (2, 2, 5, 0)
    """
    found = _NUMBER.match(cell)
    return found.end() if found else 0


# ---------------------------------------------------------------- marks
def marks_of(table: Table) -> dict[str, str]:
    """The letter of each mark that a cell or a head carries and a note explains, in the order of reading.

    Example:
        >>> from necc.present.tables import Table
        >>> from necc.report.word.layout import marks_of
        >>> marks_of(Table("A", "a", ("", "HR"), (("Age", "2.1\u2020"), ("Site", "0.9")), ("\u2020 Penalised.",)))
        {'†': 'a'}
    """
    explained = {mark for note in table.notes for mark in _NOTED.findall(note)}
    letters: dict[str, str] = {}
    for cell in (*table.columns, *(cell for row in table.rows for cell in row)):
        for mark in parted(cell)[1]:
            if mark in explained and mark not in letters and len(letters) < len(ascii_lowercase):
                letters[mark] = ascii_lowercase[len(letters)]
    return letters


def parted(cell: str) -> tuple[str, list[str]]:
    """A cell without the marks at its end, and these."""
    marks: list[str] = []
    while len(cell) > 1 and (found := _MARK.search(cell)):
        marks.insert(0, found[1])
        cell = cell[: found.start()]
    return cell, marks


def marked_runs(cell: str, letters: dict[str, str], looks: str) -> str:
    """A cell's runs; of its marks those that a note explains as superscript letters."""
    text, marks = parted(cell)
    if not marks or not set(marks) <= set(letters):
        return run(cell, looks)
    return run(text, looks) + run(", ".join(letters[m] for m in marks), looks + _SUPERSCRIPT)


def note_runs(note: str, letters: dict[str, str]) -> str:
    """A note's runs, its marks as the cells have them."""
    pieces = _NOTED.split(note)
    return "".join(
        run(letters[piece], _SUPERSCRIPT) if i % 2 and piece in letters else run(piece)
        for i, piece in enumerate(pieces)
    )


BOLD = "<w:b/><w:bCs/>"
_SUPERSCRIPT = '<w:vertAlign w:val="superscript"/>'


def run(text: str, looks: str = "") -> str:
    """A run of text; nothing of nothing."""
    rpr = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    return f"<w:r>{rpr}{words(text)}</w:r>" if text else ""


# ---------------------------------------------------------------- the table
def table_xml(table: Table, layout: Layout, part: Part, title: str, letters: dict[str, str]) -> str:
    """One part of a table: three rules, a head that is repeated on each page, rows that don't break."""
    return "".join(_Writer(table, layout, part, letters).lines(title))


@dataclass
class _Writer:
    table: Table
    layout: Layout
    part: Part
    letters: dict[str, str]

    def __post_init__(self) -> None:
        size = round(2 * self.layout.points)
        self.looks = "" if size == 18 else f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        self.after = {
            j: self._after(j, width)
            for j, width in zip(self.part.columns, self.part.widths, strict=True)
            if not is_words(self.table, j)
        }

    def _after(self, j: int, width: float) -> float:
        """Room right of the decimal point; 0 where the cells don't fit with it, and are set flush right."""
        before, after = _sides([row[j] for row in self.table.rows], self.layout.points)
        return after if before + after <= width - 2 * PAD_MM else 0.0

    def lines(self, title: str) -> Iterator[str]:
        pad = _twips(PAD_MM)
        heads = ", ".join(self.table.columns[j] for j in self.part.columns if self.table.columns[j].strip())
        yield (
            f'<w:tbl><w:tblPr><w:tblW w:w="{_twips(sum(self.part.widths))}" w:type="dxa"/><w:tblInd w:w="0" '
            f'w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{pad}" w:type="dxa"/><w:right '
            f'w:w="{pad}" w:type="dxa"/></w:tblCellMar><w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" '
            f'w:firstColumn="1" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={attribute(title)}/>'
            f"<w:tblDescription w:val={attribute(f'{title}. Columns: {heads}.')}/></w:tblPr><w:tblGrid>"
        )
        yield from (f'<w:gridCol w:w="{_twips(width)}"/>' for width in self.part.widths)
        yield "</w:tblGrid>"
        yield from self._heads()
        together = self._together()
        for i, row in enumerate(self.table.rows):
            yield from self._row(i, row, together[i])
        yield "</w:tbl>"

    # ------------------------------------------------------------ heads
    def _heads(self) -> Iterator[str]:
        spans = self._spans()
        row = "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
        if not any(prefix for prefix, _ in spans):
            yield row
            for j in self.part.columns:
                yield self._cell([j], self._head(j, self.table.columns[j]), top=12, bottom=6, valign="bottom")
            yield "</w:tr>"
            return
        for upper in (True, False):
            yield row
            for prefix, columns in spans:
                if prefix and upper:
                    text = self._paragraph(run(prefix, BOLD + self.looks), side="center", keep=True)
                    yield self._cell(columns, text, top=12, bottom=4, valign="bottom")
                elif prefix:
                    for j in columns:
                        rest = _prefixed(self.table.columns[j])[1]
                        yield self._cell([j], self._head(j, rest), bottom=6, valign="bottom")
                else:
                    merge = '<w:vMerge w:val="restart"/>' if upper else "<w:vMerge/>"
                    text = self._head(columns[0], self.table.columns[columns[0]] if upper else "")
                    lines = {"top": 12} if upper else {"bottom": 6}
                    yield self._cell(columns, text, valign="bottom", merge=merge, **lines)
            yield "</w:tr>"

    def _spans(self) -> list[tuple[str, list[int]]]:
        """Neighbours whose heads begin alike, `With: n` and `With: median`, under one head; others alone."""
        spans: list[tuple[str, list[int]]] = []
        for j in self.part.columns:
            prefix = _prefixed(self.table.columns[j])[0] if j else ""
            if prefix and spans and spans[-1][0] == prefix:
                spans[-1][1].append(j)
            else:
                spans.append((prefix, [j]))
        return [(prefix if len(columns) > 1 else "", columns) for prefix, columns in spans]

    def _head(self, j: int, text: str) -> str:
        side = "left" if is_words(self.table, j) else "right"
        return self._paragraph(marked_runs(text, self.letters, BOLD + self.looks), side=side, keep=True)

    # ------------------------------------------------------------ rows
    def _together(self) -> list[bool]:
        """Whether each row stays on the page of the next one: a variable with its levels, the last with the notes."""
        n, indents = len(self.table.rows), self.table.indents or (0,) * len(self.table.rows)
        if sum(max(1.0, self._height(row)) for row in self.table.rows) <= SHORT:
            return [True] * n
        keep = [False] * n
        for i in range(n):
            if i + 1 < n and indents[i + 1] > indents[i]:
                end = next((k for k in range(i + 1, n) if indents[k] <= indents[i]), n)
                keep[i] = True
                if end - i <= TOGETHER:
                    keep[i : end - 1] = [True] * (end - 1 - i)
        if n:
            keep[-1] = True
            keep[0] = keep[0] or n > 1
        if n > 2:
            keep[-2] = True
        return keep

    def _row(self, i: int, row: Sequence[str], keep: bool) -> Iterator[str]:
        bottom = 12 if i == len(self.table.rows) - 1 else 0
        yield "<w:tr><w:trPr><w:cantSplit/></w:trPr>" if self._height(row) <= WHOLE else "<w:tr>"
        if self._is_heading(i, row):
            yield self._cell(list(self.part.columns), self._label(i, row[0], keep), bottom=bottom)
        else:
            for j in self.part.columns:
                text = self._label(i, row[j], keep) if j == 0 else self._value(j, row[j], keep)
                yield self._cell([j], text, bottom=bottom)
        yield "</w:tr>"

    def _height(self, row: Sequence[str]) -> float:
        """Lines of the highest cell, about."""
        cells = zip(self.part.columns, self.part.widths, strict=True)
        return max(width_mm(row[j], self.layout.points) / (width - 2 * PAD_MM) for j, width in cells)

    def _is_heading(self, i: int, row: Sequence[str]) -> bool:
        """A label that is longer than its column, with nothing beside it."""
        indent = INDENT_MM * self.table.indents[i] if self.table.indents else 0
        room = self.part.widths[0] - 2 * PAD_MM
        alone = len(self.part.columns) > 1 and not any(row[1:])
        return alone and width_mm(row[0], self.layout.points) + indent > room

    def _label(self, i: int, text: str, keep: bool) -> str:
        indent = INDENT_MM * self.table.indents[i] if self.table.indents else 0.0
        return self._paragraph(marked_runs(text, self.letters, self.looks), left=indent, keep=keep)

    def _value(self, j: int, text: str, keep: bool) -> str:
        runs = marked_runs(text, self.letters, self.looks)
        if is_words(self.table, j):
            return self._paragraph(runs, keep=keep)
        after = self.after[j]
        at = point_of(text)
        if at:
            right = max(after - width_mm(text[at:], self.layout.points), 0.0) if after else 0.0
        else:
            right = after if text in (DASH, HIDDEN) else 0.0
        return self._paragraph(runs, side="right", right=right, keep=keep)

    # ------------------------------------------------------------ pieces
    def _paragraph(self, runs: str, side: str = "left", left: float = 0, right: float = 0, keep: bool = False) -> str:
        kept = "<w:keepNext/>" if keep else ""
        ind = f'<w:ind w:left="{_twips(left)}" w:right="{_twips(right)}"/>' if left or right else ""
        jc = f'<w:jc w:val="{side}"/>' if side != "left" else ""
        return f'<w:p><w:pPr><w:pStyle w:val="TableText"/>{kept}{ind}{jc}</w:pPr>{runs}</w:p>'

    def _cell(
        self, columns: list[int], paragraph: str, top: int = 0, bottom: int = 0, valign: str = "", merge: str = ""
    ) -> str:
        width = sum(w for j, w in zip(self.part.columns, self.part.widths, strict=True) if j in columns)
        span = f'<w:gridSpan w:val="{len(columns)}"/>' if len(columns) > 1 else ""
        lines = "".join(
            f'<w:{edge} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'
            for edge, size in (("top", top), ("bottom", bottom)) if size
        )  # fmt: skip
        borders = f"<w:tcBorders>{lines}</w:tcBorders>" if lines else ""
        place = f'<w:vAlign w:val="{valign}"/>' if valign else ""
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{span}{merge}{borders}{place}</w:tcPr>'
            f"{paragraph}</w:tc>"
        )


def _prefixed(head: str) -> tuple[str, str]:
    """`With: n` as `With` and `n`; no prefix where there is none."""
    prefix, colon, rest = head.partition(": ")
    return (prefix, rest) if colon and rest.strip() else ("", head)


def _twips(mm: float) -> int:
    return round(mm * 1440 / 25.4)
