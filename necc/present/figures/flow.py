"""The flow of patients as STROBE and CONSORT draw it: boxes down the page, beside each arrow who was left out and why.

One SVG, since no chart is in it. Long labels are wrapped, and boxes are as high as their words.
"""

from __future__ import annotations

from dataclasses import dataclass

from necc.analysis.flow import Flow, FlowArm, FlowStep
from necc.core.text import plural
from necc.present import svg
from necc.present.figures.picks import only
from necc.present.figures.style import Figure, Style, drawn, fade, figure
from necc.present.svg import LINE_HEIGHT, draw_arrow, draw_line, draw_rect, draw_text, paint, plain, stroke, wrap
from necc.present.words import headlines
from necc.present.words.captions import flow as words

LINES = 6  # of a label; the whole stands under the pointer
SHADE = {"typed": 0.0, "file": 0.06, "filter": 0.06, "analysis": 0.16}


@dataclass(frozen=True)
class _Text:
    """Lines of a box with their height: bold ones first."""

    bold: tuple[str, ...]
    rest: tuple[str, ...]
    size: float

    @property
    def height(self) -> float:
        return (len(self.bold) + len(self.rest)) * LINE_HEIGHT * self.size

    @property
    def marked(self) -> str:
        return "<br>".join([*(f"<b>{plain(line)}</b>" for line in self.bold), *map(plain, self.rest)])


@figure(headlines.always("Flow of patients"))
def flow(result: Flow, style: Style) -> Figure:
    """Boxes from the first number to the patients analysed, split by a factor at the end where the result is."""
    sizes = _Sizes(style)
    body: list[str] = []
    top, above = sizes.edge, 0.0
    for i, step in enumerate(result.steps):
        side = _side(step, sizes) if i else None
        if i:
            room = max(sizes.gap, side.height + 2 * sizes.pad + 2 * sizes.apart if side else 0.0)
            body.append(_arrow(above, above + room, step, side, sizes))
            top = above + room
        text = sizes.text(step.label, words.count(step), sizes.main)
        body.append(_box(step.label, text, sizes.left, top, sizes.main, SHADE[step.kind], step.kind == "typed", sizes,
                         words.count(step), only(step.selection)))  # fmt: skip
        above = top + text.height + 2 * sizes.pad
    if result.arms:
        marks, above = _arms(result, above, sizes)
        body.append(marks)
    height = round(above + sizes.edge)
    alt, caption = words.flow_alt(result), words.flow_caption(result)
    return drawn("".join(body), height, style, "patient-flow", "Flow of patients", alt, caption)


class _Sizes:
    """Pixels: `main` and `side` are the widths of the two columns, `gap` the shortest arrow."""

    def __init__(self, style: Style) -> None:
        unit = style.unit
        self.style, self.size, self.small = style, style.font, style.small
        self.edge, self.pad, self.apart = 4 * unit, 7 * unit, 9 * unit
        self.gap, self.line = 26 * unit, max(1.0, style.line * 0.6)
        between = 26 * unit
        free = style.px - 2 * self.edge - between
        self.main, self.side = min(0.5 * free, 400 * unit), min(0.5 * free, 380 * unit)
        self.left = self.edge
        self.middle = self.left + self.main / 2
        self.beside = self.left + self.main + between

    def text(self, label: str, count: str, width: float) -> _Text:
        """A box of the main column: its label, then its number."""
        lines = wrap(label, self.size, width - 2 * self.pad, LINES, bold=True)
        return _Text(tuple(lines), tuple(wrap(count, self.size, width - 2 * self.pad, 2)), self.size)


def _side(step: FlowStep, sizes: _Sizes) -> _Text | None:
    """Who was left out on the way to a step, and what doesn't add up; None where there is nothing to say."""
    width = sizes.side - 2 * sizes.pad
    bold = wrap(words.left_out(step), sizes.small, width, LINES, bold=True) if step.excluded else []
    rest = [line for e in step.excluded for line in wrap(words.reason(e), sizes.small, width, LINES)]
    if odd := words.gap(step):
        rest += wrap(odd, sizes.small, width, LINES)
    return _Text(tuple(bold), tuple(rest), sizes.small) if bold or rest else None


def _box(
    tip: str, text: _Text, x: float, y: float, width: float, shade: float, typed: bool, sizes: _Sizes,
    told: str = "", means: str = "", centred: bool = True,
) -> str:  # fmt: skip
    """A box with its words; dashed where a person typed its number.

    told: what the pointer reads after the tip. means: what a click does.
    """
    style, height = sizes.style, text.height + 2 * sizes.pad
    look = paint(fade(style.color(0), shade)) + stroke(style.ink("axis"), sizes.line, "dash" if typed else "solid")
    at, anchor = (x + width / 2, "middle") if centred else (x + sizes.pad, "start")
    words_ = draw_text(at, y + sizes.pad, text.marked, text.size, style.ink("text"), anchor, up=0)
    read = svg.attributes("\n".join(filter(None, (tip, told))), means)
    return f"<g{read}><title>{svg.escape(tip)}</title>{draw_rect(x, y, width, height, look)}{words_}</g>"


def _arrow(start: float, end: float, step: FlowStep, side: _Text | None, sizes: _Sizes) -> str:
    """The arrow to a step; beside it, in the middle, who was left out. What doesn't add up is an arrow in orange."""
    style = sizes.style
    color = style.color(1) if step.surplus else style.ink("axis")
    marks = [draw_arrow(sizes.middle, start, sizes.middle, end, color, sizes.line * 1.2)]
    if side is not None:
        height, y = side.height + 2 * sizes.pad, (start + end) / 2
        tip = "; ".join(filter(None, [*map(words.reason, step.excluded), words.gap(step)]))
        marks.append(draw_arrow(sizes.middle, y, sizes.beside, y, color, sizes.line))
        marks.append(_box(tip, side, sizes.beside, y - height / 2, sizes.side, 0.0, False, sizes,
                          plural(step.n_excluded, "patient"), only(step.left if step.excluded else None),
                          centred=False))  # fmt: skip
    return "".join(marks)


def _arms(result: Flow, above: float, sizes: _Sizes) -> tuple[str, float]:
    """The levels beside each other under the last box, in rows where they are many; and where they end."""
    style, unit = sizes.style, sizes.style.unit
    free, between = style.px - 2 * sizes.edge, 12 * unit
    columns = max(1, min(len(result.arms), int((free + between) / (150 * unit + between))))
    width = min((free - (columns - 1) * between) / columns, sizes.main)
    size, trunk = sizes.size, above + sizes.gap
    heading = wrap(result.by_label, sizes.small, style.px - sizes.middle - 24 * unit, 1)[0]
    marks = [
        draw_line(sizes.middle, above, sizes.middle, trunk, stroke(style.ink("axis"), sizes.line)),
        draw_text(sizes.middle + 8 * unit, above + sizes.gap / 2, plain(heading), sizes.small, style.ink("muted"),
                  "start"),
    ]  # fmt: skip
    texts = [sizes.text(arm.name, words.arm_count(arm), width) for arm in result.arms]
    top = trunk + sizes.gap
    for start in range(0, len(texts), columns):
        row: list[tuple[FlowArm, _Text]] = list(zip(result.arms, texts, strict=True))[start : start + columns]
        high = max(text.height for _, text in row)
        for j, (arm, text) in enumerate(row):
            x = sizes.edge + j * (width + between)
            even = _Text(text.bold, text.rest + ("",) * round((high - text.height) / (LINE_HEIGHT * size)), size)
            marks.append(_box(arm.name, even, x, top, width, SHADE["analysis"], False, sizes, words.arm_count(arm),
                              only(arm.selection)))  # fmt: skip
            if not start:
                look = stroke(style.ink("axis"), sizes.line)
                marks.append(draw_line(sizes.middle, trunk, x + width / 2, trunk, look))
                marks.append(draw_arrow(x + width / 2, trunk, x + width / 2, top, style.ink("axis"), sizes.line * 1.2))
        top += high + 2 * sizes.pad + between
    return "".join(marks), top - between
