"""One screen of 1280 x 720 pixels: a title, what it shows, and one line at its foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from necc.present import svg
from necc.present.figures.style import INK, PALETTE, Theme
from necc.report.fitting import PAD, TablePart, broken

WIDTH, HEIGHT = 1280, 720
LEFT, RIGHT = 48, WIDTH - 48
ACROSS = RIGHT - LEFT
LEAST = 20  # pixels of the smallest type: a 36th of the height
TITLES = (36, 32, 28)  # pixels of type, tried in this order
TITLE_TOP, FOOT = 24, 690
BOTTOM = 666  # of what a screen shows
GAP = 14  # between the title and what it is of
LINE = 1.22
INCH = 96
POINT = 4 / 3  # pixels


@dataclass(frozen=True)
class Titled:
    """A title in lines, its type in pixels, and where what stands below it begins."""

    lines: tuple[str, ...]
    size: float
    bottom: float


def titled(text: str, after: str = "") -> Titled:
    """A title in at most two lines, the larger the better; what doesn't fit ends in an ellipsis.

    after: what is never cut away, such as which part of several it is.
    """
    lines: list[str] = []
    whole = " ".join(filter(None, (text, after)))
    for size in TITLES:
        lines = broken(whole, size / POINT, ACROSS / INCH, True)
        if len(lines) <= 2:
            return Titled(tuple(lines), size, TITLE_TOP + len(lines) * LINE * size + GAP)
    room = ACROSS - svg.text_width(f" {after}", TITLES[-1], True)
    last = svg.fit(" ".join(lines[1:]).removesuffix(after).rstrip(), TITLES[-1], room, True)
    last = f"{last if last.endswith('…') or not after else last.rstrip('…') + '…'} {after}".rstrip()
    return Titled((lines[0], last), TITLES[-1], TITLE_TOP + 2 * LINE * TITLES[-1] + GAP)


class Sheet:
    """A screen that is filled from the top down."""

    def __init__(self, theme: Theme, title: Titled | None = None) -> None:
        self.theme: Theme = theme
        self.ink = INK[theme]
        self.accent = PALETTE[theme][0]
        self.marks: list[str] = []
        self.top = float(TITLE_TOP)
        if title:
            for i, line in enumerate(title.lines):
                self.line(line, LEFT, TITLE_TOP + (i + 0.5) * LINE * title.size, title.size, bold=True)
            self.top = title.bottom

    def line(
        self, text: str, x: float, y: float, size: float, *, bold: bool = False, color: str = "", anchor: str = "start"
    ) -> None:  # fmt: skip
        """One line of text around a height."""
        shown = svg.plain(text)
        self.marks.append(
            svg.draw_text(x, y, f"<b>{shown}</b>" if bold else shown, size, color or self.ink["text"], anchor)
        )

    def lines(self, texts: Sequence[str], x: float, size: float, *, bold: bool = False, color: str = "") -> None:
        """Lines from here on, each below the other."""
        for text in texts:
            self.line(text, x, self.top + LINE * size / 2, size, bold=bold, color=color)
            self.top += LINE * size

    def picture(self, picture: str, width: float, height: float, room: float) -> None:
        """A picture in the middle of what is left, as large as it fits."""
        scale = min(ACROSS / width, room / height)
        x, y = LEFT + (ACROSS - width * scale) / 2, self.top + max(room - height * scale, 0) / 4
        self.marks.append(svg.placed(picture, x, y, scale))

    def table(self, columns: Sequence[str], words: Sequence[bool], part: TablePart, points: float) -> None:
        """A part of a table, with the three lines that journals print; `words`: whether a column is set flush left."""
        size, lefts, wide = points * POINT, [float(LEFT)], sum(part.widths) * INCH
        for width in part.widths:
            lefts.append(lefts[-1] + width * INCH)
        self._rule(wide)
        for i, cells in enumerate((columns, *part.lines)):
            split = [broken(cell, points, width - 2 * PAD, not i)
                     for cell, width in zip(cells, part.widths, strict=True)]  # fmt: skip
            tall = max(map(len, split)) * size * LINE + 0.05 * INCH
            for j, lines in enumerate(split):
                for k, text in enumerate(lines):
                    lead = svg.text_width(" ", size) * (len(text) - len(text.lstrip(" ")))
                    x = lefts[j] + PAD * INCH + lead if words[j] else lefts[j + 1] - PAD * INCH
                    y = self.top + 0.025 * INCH + (k + 0.5) * LINE * size
                    self.line(text.strip(), x, y, size, bold=not i, anchor="start" if words[j] else "end")
            self.top += tall
            if not i:
                self._rule(wide)
        self._rule(wide)

    def _rule(self, wide: float) -> None:
        look = svg.stroke(self.ink["text"], 1.5)
        self.marks.append(svg.draw_line(LEFT, self.top, LEFT + wide, self.top, look))

    def foot(self, left: str, notice: str, right: str) -> None:
        """One line: whom it is about and how, where they come from if they are nobody's, and which screen it is."""
        end = RIGHT - svg.text_width(right, LEAST) - 20
        self.line(right, RIGHT, FOOT, LEAST, color=self.ink["muted"], anchor="end")
        if notice:
            self.line(notice, end, FOOT, LEAST, bold=True, anchor="end")
            end -= svg.text_width(notice, LEAST, True) + 20
        self.line(svg.fit(left, LEAST, end - LEFT), LEFT, FOOT, LEAST, color=self.ink["muted"])

    def to_svg(self, title: str, alt: str) -> str:
        text = svg.document("".join(self.marks), WIDTH, HEIGHT, title, alt, self.ink["page"])
        return text.replace(svg.ON_PAGE, "", 1)
