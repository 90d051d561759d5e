"""A cohort at a glance: who is left after each filter, and how its variables are spread."""

from __future__ import annotations

from collections.abc import Sequence

from necc.core.cohort import Cohort, Factor
from necc.core.counts import Wanted, asked_for
from necc.core.dictionary import N_SITES, RESPONSES
from necc.core.selection import AttritionStep, filter_label
from necc.core.text import format_percent, plural
from necc.present import svg
from necc.present.figures.picks import missing, of_level, pick, span
from necc.present.figures.style import Figure, Json, Style, drawn, empty, fade, figure, layout, note
from necc.present.svg import (
    draw_line,
    draw_rect,
    draw_text,
    fit,
    fit_all,
    number,
    paint,
    plain,
    stroke,
    text_width,
    wrap,
)
from necc.present.words import headlines
from necc.present.words.captions import cohort as words

BINS = 16


@figure(headlines.attrition)
def attrition(steps: Sequence[AttritionStep], style: Style, *, n: int = 0, start: str = "All patients") -> Figure:
    """Boxes from all patients down to those analysed; beside each arrow who was left out and why.

    Args:
        steps: of `Selection.attrition`. n: patients before the first; needed where there are no steps.
    """
    unit, size, small = style.unit, style.font, style.small
    first = steps[0].n_before if steps else n
    width, side = min(0.46 * style.px, 330 * unit), min(0.46 * style.px, 330 * unit)
    box, gap = 2 * svg.LINE_HEIGHT * size + 14 * unit, 52 * unit
    height = round((len(steps) + 1) * box + len(steps) * gap + 16 * unit)
    left = 8 * unit
    middle = left + width / 2
    shapes: list[Json] = []
    notes: list[Json] = []
    ink, line = style.ink("text"), {"color": style.ink("axis"), "width": max(1.0, style.line * 0.6)}

    def put(x: float, top: float, w: float, h: float, text: str, look: float) -> None:
        shapes.append({"type": "rect", "xref": "x", "yref": "y", "x0": x, "x1": x + w, "y0": -top, "y1": -top - h,
                       "fillcolor": fade(style.color(0), look), "line": line})  # fmt: skip
        notes.append(
            note(style, x + w / 2, -top - h / 2, text, "x", "y", xanchor="center", font={"size": size, "color": ink})
        )

    put(left, 8 * unit, width, box, f"<b>{plain(start)}</b><br>{first:,}", 0.14)
    labels = fit_all([step.label for step in steps], size, width - 12 * unit, bold=True)
    for i, (step, label) in enumerate(zip(steps, labels, strict=True)):
        top = 8 * unit + (i + 1) * (box + gap)
        put(left, top, width, box, f"<b>{plain(label)}</b><br>{step.n_after:,}", 0.14 if i == len(steps) - 1 else 0.07)
        notes.append(
            {"x": middle, "y": -top, "xref": "x", "yref": "y", "ax": 0, "ay": -round(gap), "showarrow": True,
             "text": "", "arrowhead": 2, "arrowwidth": max(1.2, style.line * 0.7), "arrowcolor": style.ink("axis")}
        )  # fmt: skip
        at = -top + gap / 2
        shapes.append({"type": "line", "xref": "x", "yref": "y", "x0": middle, "x1": left + width + 18 * unit,
                       "y0": at, "y1": at, "line": line})  # fmt: skip
        lines = "<br>".join(plain(w) for w in wrap(words.left_out_phrase(step), small, side))
        notes.append(note(style, left + width + 24 * unit, at, lines, "x", "y", font={"size": small, "color": ink}))
    spec = {
        "data": [],
        "layout": layout(
            style, height, (0, 0, 0, 0), shapes=shapes, annotations=notes,
            xaxis={"visible": False, "range": [0, style.px], "fixedrange": True},
            yaxis={"visible": False, "range": [-height, 0], "fixedrange": True},
        ),
    }  # fmt: skip
    return Figure(spec, "attrition", *words.attrition(steps, first), style.px, height, style)


# ---------------------------------------------------------------- variables
@figure(headlines.always("The cohort's variables"))
def overview(
    cohort: Cohort, style: Style, *, names: Sequence[str] = (), columns: int = 0, whole: Cohort | None = None
) -> Figure:  # fmt: skip
    """Every variable as a small bar of its levels or a small histogram, with how many patients have it recorded.

    Args:
        names: factors and numbers of the cohort; those of its file without.
        whole: the whole cohort, whose shares stand pale behind, where the filters left somebody out.
    """
    chosen, names = bool(names), list(names) or _default_names(cohort)
    if not cohort.n_patients or not names:
        return empty(style, "cohort-overview", words.nothing_to_show(cohort))
    unit = style.unit
    columns = columns or next((n for n, px in ((3, 1000), (2, 640)) if style.px >= px * unit), 1)
    gap = 28 * unit
    width = (style.px - (columns - 1) * gap) / columns
    lines, rows = 2 * svg.LINE_HEIGHT * style.small, -(-len(names) // columns)
    row = lines + 24 * unit
    if style.height:  # closer, as long as nothing touches
        row = max(min(row, style.height / rows), lines + 11 * unit)
    height = round(rows * row + 8 * unit)
    numbers = set(cohort.number_names())
    before = whole if whole is not None and whole.n_patients != cohort.n_patients else None
    body, descriptions, unnamed = [], [], []
    for i, name in enumerate(names):
        x, y = (i // rows) * (width + gap), (i % rows) * row + 4 * unit
        draw = _histogram if name in numbers else _level_bar
        marks, message, cut = draw(cohort, name, width, style, before)
        body.append(f'<g transform="translate({number(x)} {number(y)})">{marks}</g>')
        descriptions.append(message)
        unnamed += cut
    ghosts = before.n_patients if before is not None else 0
    undrawn = [] if chosen else [c for c in cohort.columns if cohort.variable(c).kind in ("text", "date")]
    titles = [cohort.variable(c).title() for c in undrawn]
    alt, caption = words.overview(cohort, descriptions, unnamed, ghosts, titles)
    return drawn("".join(body), height, style, "cohort-overview", "The cohort's variables", alt, caption)


def _default_names(cohort: Cohort) -> list[str]:
    factors = [n for n in cohort.factor_names() if n in cohort.columns or n == N_SITES]
    return [*cohort.number_names(), *factors]


def _head(label: str, right: str, width: float, style: Style) -> str:
    size = style.small
    room = width - text_width(right, size) - 10 * style.unit
    y = svg.LINE_HEIGHT * size / 2
    return draw_text(
        0, y, f"<b>{plain(fit(label, size, room, bold=True))}</b>", size, style.ink("text"), "start"
    ) + draw_text(width, y, plain(right), size, style.ink("muted"), "end")


def _level_bar(
    cohort: Cohort, name: str, width: float, style: Style, whole: Cohort | None
) -> tuple[str, str, list[str]]:  # fmt: skip
    """Levels as one bar of shares; a level's name stands under its part where it fits, else it is given beside.

    whole: its shares are a thin pale line over the bar.
    """
    factor = asked_for(cohort, Wanted(names=(name,))).factor(name)
    counts = factor.counts()
    n, size = sum(counts), style.small
    top, thick = svg.LINE_HEIGHT * size, 13 * style.unit
    marks = [
        _head(factor.label, f"{n:,} of {cohort.n_patients:,}", width, style),
        _unknown(cohort, name, n, width, style),
    ]
    if not n:
        return "".join(marks), words.levels_phrase(factor), []
    if whole is not None:
        marks.append(_level_line(asked_for(whole, Wanted(names=(name,))).factor(name), top, width, style))
    x = 0.0
    cut: list[tuple[str, int]] = []
    known = [(level, count) for level, count in zip(factor.levels, counts, strict=True) if count]
    parts = [width * count / n for _, count in known]
    texts = fit_all([f"{level} {count:,}" for level, count in known], size, [part - 4 for part in parts])
    for (level, count), part, shown in zip(known, parts, texts, strict=True):
        color = _level_color(factor, level, style)
        tip = f"{factor.label}: {level}, {count:,} ({format_percent(count, n)} %)"
        rect = draw_rect(x, top, max(part - 1, 0.5), thick, paint(color))
        label = (
            draw_text(x, top + thick + 1, plain(shown), size, style.ink("text"), "start", up=0)
            if "…" not in shown or len(shown) > 5
            else ""
        )
        if "…" in shown:
            cut.append((level, count))
        told = svg.attributes(f"{factor.label}: {level}\n{plural(count, 'patient')} ({format_percent(count, n)} %)",
                              pick(of_level(name, level)))  # fmt: skip
        marks.append(f"<g{told}><title>{svg.escape(tip)}</title>{rect}{label}</g>")
        x += part
    return "".join(marks), words.levels_phrase(factor), words.levels_named(factor, cut)


def _level_color(factor: Factor, level: str, style: Style) -> str:
    return style.response(level) if set(factor.levels) <= set(RESPONSES) else style.look(level, factor.levels)[0]


def _level_line(factor: Factor, top: float, width: float, style: Style) -> str:
    """The shares of all patients, as a thin line over the bar of those who are left."""
    counts, x, marks = factor.counts(), 0.0, []
    thin = 2.2 * style.unit
    for level, count in zip(factor.levels, counts, strict=True):
        if count:
            part = width * count / sum(counts)
            marks.append(draw_rect(x, top - thin - 0.6, max(part - 1, 0.5), thin,
                                   paint(_level_color(factor, level, style)) + ' opacity="0.6"'))  # fmt: skip
            x += part
    return "".join(marks)


def _histogram(
    cohort: Cohort, name: str, width: float, style: Style, whole: Cohort | None
) -> tuple[str, str, list[str]]:  # fmt: skip
    """A number as a small histogram, with its median and range; pale behind it that of the whole, in shares of each."""
    variable = cohort.dictionary.variables[name]
    everybody = whole.spread(name, BINS) if whole is not None else None
    within = (everybody.low, everybody.high) if everybody is not None and everybody.n else None
    spread = cohort.spread(name, BINS, within)
    size, highest = style.small, float(max(spread.counts))
    head = _head(variable.title(), f"{spread.n:,} of {cohort.n_patients:,}", width, style)
    head += _unknown(cohort, name, spread.n, width, style)
    message = words.spread_phrase(spread)
    if not spread.n:
        return head, f"{variable.label}: {message}", []
    top, tall = svg.LINE_HEIGHT * size, 22 * style.unit
    column = width / 2 / BINS
    behind = ""
    if everybody is not None:  # both as shares of their patients
        highest = max(highest, max(everybody.counts) / everybody.n * spread.n)
        tallest = [tall * c / everybody.n * spread.n / highest for c in everybody.counts]
        behind = "".join(
            draw_rect(i * column - 0.5, top + tall - h, column, h, paint(style.ink("ghost")))
            for i, h in enumerate(tallest) if h
        )  # fmt: skip
    bars = "".join(
        draw_rect(i * column, top + tall * (1 - c / highest), column - 1, tall * c / highest,
                  paint(style.color(0)) + _bin(name, variable.label, spread.ends[i], c))
        for i, c in enumerate(spread.counts) if c
    )  # fmt: skip
    low, high = within or (spread.low, spread.high)
    drag = svg.drag_area(
        (0, top, width / 2, tall), (low, high if high > low else low + 1),
        {"column": name, "label": variable.title()},
    )  # fmt: skip
    base = draw_line(0, top + tall, width / 2, top + tall, stroke(style.ink("axis"), 1))
    text = draw_text(width / 2 + 10 * style.unit, top + tall / 2,
    plain(fit(message, size, width / 2 - 12 * style.unit)), size,
                      style.ink("text"), "start")  # fmt: skip
    return head + drag + behind + bars + base + text, f"{variable.label}: {message}", []


def _unknown(cohort: Cohort, name: str, known: int, width: float, style: Style) -> str:
    """Where a variable's count stands: a click on it means those without a value."""
    if known == cohort.n_patients:
        return ""
    room = text_width(f"{known:,} of {cohort.n_patients:,}", style.small)
    tip = f"{filter_label(cohort, name)}: not recorded\n{plural(cohort.n_patients - known, 'patient')}"
    return svg.area((width - room, 0, room, svg.LINE_HEIGHT * style.small), tip, pick(missing(name)))


def _bin(name: str, label: str, ends: tuple[float, float], count: int) -> str:
    """What a bar of a histogram tells and means: the values in it, from the least to the greatest."""
    return svg.attributes(f"{label}: {words.between(*ends)}\n{plural(count, 'patient')}", pick(span(name, *ends)))
