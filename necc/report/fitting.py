"""What fits into a room that is read from afar: lines of text, a table in parts, a figure drawn large."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from necc.present import svg
from necc.present.figures import Figure, Style
from necc.present.tables import Table

PAD = 0.06  # inches at each side of a cell
MOST_TAKEN = 7  # rows that go to the next part with their heading
WORDS = 1.8  # inches that a column of words keeps, at 12 points
LINE = 1.22  # of a line of type, as a multiple of its size


def width_of(text: str, points: float, bold: bool = False) -> float:
    """Inches that a line takes at most."""
    return svg.text_width(text, points, bold) / 72


def broken(text: str, points: float, inches: float, bold: bool = False) -> list[str]:
    """A text in lines that a column holds: broken at blanks, and within a word that is wider than the column.

    What stands further in at the beginning of a line stays so in all lines that are made of it.
    """
    return [line for part in text.split("\n") or [""] for line in _lines(part, points, max(inches, 0.1), bold)]


def _lines(text: str, points: float, inches: float, bold: bool) -> list[str]:
    lead = text[: len(text) - len(text.lstrip(" "))]
    room, blank = max(inches - width_of(lead, points, bold), 0.1), width_of(" ", points, bold)
    lines, used = [""], 0.0
    for word in text.split():
        wide = width_of(word, points, bold)
        if used and used + blank + wide > room:
            lines, used = [*lines, ""], 0.0
        if not used and wide > room:
            for character in word:
                step = width_of(character, points, bold)
                if used and used + step > room:
                    lines, used = [*lines, ""], 0.0
                lines[-1], used = lines[-1] + character, used + step
            continue
        lines[-1], used = f"{lines[-1]} {word}".lstrip(), used + wide + (blank if used else 0.0)
    return [lead + line for line in lines]


def lines_of(text: str, points: float, inches: float, bold: bool = False) -> int:
    """Lines that a text takes at most in a column."""
    return len(broken(text, points, inches, bold))


def height_of(text: str, points: float, inches: float, bold: bool = False) -> float:
    """Inches that a text takes at most from top to bottom in a column."""
    return lines_of(text, points, inches, bold) * points * LINE / 72


def sentences_of(paragraph: str, most: int = 320) -> Iterable[str]:
    """A paragraph in pieces of some sentences, each short enough for a point on a slide."""
    piece = ""
    for sentence in paragraph.replace(". ", ".\n").split("\n"):
        if piece and len(piece) + len(sentence) > most:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
    if piece:
        yield piece


# ---------------------------------------------------------------- tables
@dataclass(frozen=True)
class TablePart:
    """What of a table stands together: its columns with their widths in inches, its lines, and how high it is."""

    columns: tuple[int, ...]
    widths: tuple[float, ...]
    lines: tuple[tuple[str, ...], ...]
    tall: float


@dataclass(frozen=True)
class Room:
    """A room for a table: inches across and from top to bottom, and the size of its type in points."""

    across: float
    tall: float
    points: float

    def parts(self, shown: Table) -> list[TablePart]:
        """The parts of a table, its header repeated on each; columns without room follow in parts of their own."""
        parts = []
        for columns in self._column_groups(shown):
            widths = self._widths(shown, columns)
            heads = max(self.cell(shown.columns[j], w, True) for j, w in zip(columns, widths, strict=True))
            pages: list[list[list[str]]] = [[]]
            used = [heads]
            for i in range(len(shown.rows)):
                for cells in self._pieces(_cells(shown, i, columns), widths, self.tall - heads):
                    tall = self._row(cells, widths)
                    if pages[-1] and used[-1] + tall > self.tall:
                        taken = _with_its_heading(pages[-1], cells)
                        used[-1] -= sum(self._row(line, widths) for line in taken)
                        pages.append(taken)
                        used.append(heads + sum(self._row(line, widths) for line in taken))
                    pages[-1].append(cells)
                    used[-1] += tall
            parts += [TablePart(tuple(columns), tuple(widths), tuple(map(tuple, lines)), high)
                      for lines, high in zip(pages, used, strict=True)]  # fmt: skip
        return parts

    def cell(self, text: str, inches: float, bold: bool = False) -> float:
        """The height of a cell."""
        return height_of(text, self.points, inches - 2 * PAD, bold) + 0.05

    def _row(self, cells: Sequence[str], widths: Sequence[float]) -> float:
        return max(self.cell(text, w) for text, w in zip(cells, widths, strict=True))

    def _pieces(self, cells: list[str], widths: Sequence[float], room: float) -> list[list[str]]:
        """A row, in several where it is higher than its room."""
        most = max(int((room - 0.05) / (self.points * LINE / 72)), 1)
        inside = [w - 2 * PAD for w in widths]
        if all(lines_of(text, self.points, w) <= most for text, w in zip(cells, inside, strict=True)):
            return [cells]
        split = [self._broken(text, w, most) for text, w in zip(cells, inside, strict=True)]
        return [[parts[k] if k < len(parts) else "" for parts in split] for k in range(max(map(len, split)))]

    def _broken(self, text: str, inches: float, most: int) -> list[str]:
        parts = [""]
        for word in text.split(" "):
            longer = f"{parts[-1]} {word}" if parts[-1] else word
            if parts[-1] and lines_of(longer, self.points, inches) > most:
                parts.append(word)
            else:
                parts[-1] = longer
        return parts

    def _natural(self, shown: Table, j: int) -> float:
        """The width that a column takes where there is room; only its heading wraps."""
        texts = [line for i in range(len(shown.rows)) for line in _cells(shown, i, [j])[0].split("\n")]
        widest = max((width_of(text, self.points) for text in texts), default=0.0)
        head = width_of(shown.columns[j], self.points, True)
        return max(widest, min(head, 1.5 * self.points / 12), self._longest(shown.columns[j], True)) + 2 * PAD + 0.03

    def _longest(self, text: str, bold: bool = False) -> float:
        return max((width_of(word, self.points, bold) for word in text.split()), default=0.0)

    def _least(self, shown: Table, j: int) -> float:
        """The width that a column needs: numbers don't wrap, words do."""
        natural = self._natural(shown, j)
        if j and j not in shown.text_columns:
            return natural
        longest = max([self._longest(shown.columns[j], True), *(self._longest(row[j]) for row in shown.rows)])
        return min(natural, max(longest + 2 * PAD + 0.03, WORDS * self.points / 12))

    def _column_groups(self, shown: Table) -> list[list[int]]:
        """The columns of each run of parts; the first stands in all of them."""
        least = [self._least(shown, j) for j in range(len(shown.columns))]
        groups: list[list[int]] = [[0]]
        for j in range(1, len(least)):
            if len(groups[-1]) > 1 and sum(least[k] for k in groups[-1]) + least[j] > self.across:
                groups.append([0])
            groups[-1].append(j)
        return groups

    def _widths(self, shown: Table, columns: Sequence[int]) -> list[float]:
        """Natural widths where they fit; else each its least, and of what is left a share by what it lacks."""
        natural, least = ([of(shown, j) for j in columns] for of in (self._natural, self._least))
        left, lacking = self.across - sum(least), sum(natural) - sum(least)
        if sum(natural) <= self.across:
            return natural
        if left <= 0 or lacking <= 0:
            return [w * self.across / sum(least) for w in least]
        return [a + (b - a) * left / lacking for a, b in zip(least, natural, strict=True)]


def _cells(shown: Table, i: int, columns: Sequence[int]) -> list[str]:
    indent = "    " * (shown.indents[i] if shown.indents else 0)
    return [(indent if j == 0 else "") + shown.rows[i][j] for j in columns]


def _with_its_heading(page: list[list[str]], cells: Sequence[str]) -> list[list[str]]:
    """Takes from the end of a part what belongs to the row that begins the next one: the levels of a variable."""

    def depth(line: Sequence[str]) -> int:
        return len(line[0]) - len(line[0].lstrip(" "))

    own = depth(cells)
    for k in range(len(page) - 1, max(len(page) - 1 - MOST_TAKEN, 0), -1):
        if own and depth(page[k]) < own:
            taken, page[k:] = page[k:], []
            return taken
    return []


# ---------------------------------------------------------------- figures
def smallest_type(figure: Figure) -> float:
    """Pixels of a figure's smallest type, by its own measure; 0 without any."""
    return min(map(float, re.findall(r'font-size="([\d.]+)"', figure.to_svg())), default=0.0)


def fitted(
    figure: Figure, room: tuple[float, float], ways: Iterable[Style], enough: float
) -> tuple[Figure, float, float]:  # fmt: skip
    """A figure drawn so that it fills a room of pixels.

    Args:
        room: across and from top to bottom. ways: styles that are tried.
        enough: pixels of type in the room beyond which no larger one is better.

    Returns:
        The one with the largest type, and among those with enough the widest; its scale; pixels of its smallest type
        in the room, `enough` where it has none.
    """
    best: tuple[float, Figure, float, float] | None = None
    for way in ways:
        drawn = figure.with_style(way)
        scale = min(room[0] / drawn.width, room[1] / drawn.height)
        type_ = scale * smallest_type(drawn) or enough
        seen = min(type_, enough) + 0.001 * drawn.width * scale / room[0]  # large enough, then wide
        if best is None or seen > best[0] + 1e-9:
            best = (seen, drawn, scale, type_)
    if best is None:
        raise ValueError("a figure is fitted by at least one style")
    return best[1], best[2], best[3]
