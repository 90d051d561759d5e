"""Every recurrence site in one picture: small curves with shared axes, with the site against without it.

One light SVG, because fourteen charts of a charting library cost twenty times as much.
"""

from __future__ import annotations

from necc.analysis.survival import KaplanMeier, SurvivalGrid
from necc.core.dictionary import SITE
from necc.core.text import slug
from necc.present import svg
from necc.present.figures.panels import Panel, Sizes, draw_panels
from necc.present.figures.scales import axis_end, time_ticks
from necc.present.figures.steps import StepLine
from necc.present.figures.style import LEAST_TYPE, Figure, Style, drawn, empty, figure
from necc.present.svg import text_width
from necc.present.words import headlines
from necc.present.words.captions import survival as words
from necc.present.words.phrases import since

LEVELS = ("without", "with")


@figure(headlines.survival_grid)
def survival_grid(grid: SurvivalGrid, style: Style, *, columns: int = 0) -> Figure:
    """Kaplan-Meier curves of every site, with against without, with p and p adjusted for the number of sites.

    Args:
        grid: the result.
        style: theme and size.
        columns: panels beside each other; as many as fit without.
    """
    name, what = slug(f"{grid.endpoint}-by-site"), f"{grid.label} by recurrence site"
    if not any(p.n for p in grid.panels):
        return empty(style, name, words.no_grid(grid))
    sizes, end = _sizes(grid, style, columns)
    panels = [
        _panel(km, adjusted, style, sizes, end, i % sizes.columns)
        for i, (km, adjusted) in enumerate(zip(grid.panels, grid.p_adjusted, strict=True))
    ]
    body, height = draw_panels(
        panels, style, unit=grid.unit, sizes=sizes, key_note=words.GRID_KEY,
        key=[(f"{level} the site", *style.look(level, ())) for level in LEVELS],
        x_title=since(grid.unit, grid.panels[0].origin),
    )  # fmt: skip
    return drawn(body, height, style, name, what, words.grid_alt(grid), words.grid_caption(grid))


def _sizes(grid: SurvivalGrid, style: Style, columns: int) -> tuple[Sizes, float]:
    """Small type and whole pixels, for as many panels as there are sites; and where their time axis ends."""
    unit, n = style.unit, len(grid.panels)
    small = style.small if style.size in ("print", "screen") else round(style.font * 0.85, 1)
    left = round(text_width("100 %", small) + 10 * unit)
    fitting = max(1, min(4, int((style.px - left) / (140 * unit))))
    columns = columns or min(n, fitting if n != 5 or fitting < 4 else 3)
    half = text_width(f"{grid.n:,}", small) / 2  # of the widest number under a tick
    gap = round(2 * half + 18 * unit)  # a panel's last number, then the next one's dash
    width = int((style.px - left - (columns - 1) * gap - half) / columns)
    plot = round(min(width * (0.66 if not style.projected else 0.5), 190 * unit))
    line, row = svg.LINE_HEIGHT * (style.font + small), round(svg.LINE_HEIGHT * small)
    told = zip(grid.panels, grid.p_adjusted, strict=True)
    rows = max(len(_message(km, adjusted, small, width + half)) for km, adjusted in told)
    key, head = round(svg.LINE_HEIGHT * small + 14 * unit), round(line + (rows - 1) * row + 8 * unit)
    foot = round(3 * row + 9 * unit)
    if style.height and style.projected:  # all panels are seen from the last row
        free = (style.height - key - row) / -(-n // columns) - head - foot - 12 * unit
        plot = round(max(min(plot, free), (37 if style.size == "screen" else 45) * unit))
    pitch = head + plot + foot + round(12 * unit)
    last = max((float(c.time[-1]) for p in grid.panels for c in p.curves), default=1.0)
    most = max(2, min(6, int(width / (text_width("000", small) + 14 * unit))))
    end = axis_end(last, grid.unit, most)
    ticks = time_ticks(end, grid.unit, most)
    apart = len(ticks) > 1 and ticks[1] / end * width  # large numbers stand under every second or third tick
    height = key - (-n // columns) * pitch + row
    least = small if style.size == "screen" else max(0.85 * style.font, LEAST_TYPE)
    sizes = Sizes(
        left=left, columns=columns, width=width, gap=gap, head=head, plot=plot, foot=foot, pitch=pitch, row=row,
        key=key, key_at=(left, key / 2 - 2), message=line / 2, numbers=5 * unit + 1.5 * row + 2, edge=half,
        small=small, least=least,
        height=height, title=height - 0.6 * row,
        ticks=tuple(ticks),
        every=max(1, int(-(-(2 * half + 8 * unit) // apart))) if apart else 1,
    )  # fmt: skip
    return sizes, end


def _message(km: KaplanMeier, adjusted: float | None, small: float, room: float) -> tuple[str, ...]:
    """How many have the site and the test in one line, the test alone, or in two lines: no number is cut."""
    whole = words.site_phrase(km, adjusted)
    test = whole.partition(", ")[2]
    for text in (whole, test, test.replace(" = ", " ")):
        if text_width(text, small) <= room:
            return (text,)
    return tuple(test.split(", "))


def _panel(km: KaplanMeier, adjusted: float | None, style: Style, sizes: Sizes, end: float, column: int) -> Panel:
    lines = []
    for curve in km.curves:
        color, dash = style.look(curve.name, ())
        lines.append(
            StepLine(name=curve.name, curve=curve, color=color, dash=dash, value=curve.survival, start=1.0,
                     lower=curve.ci_lower, upper=curve.ci_upper, from_start=True, median=curve.median.value,
                     censored=True)
        )  # fmt: skip
    tip = f"{km.by_label}: {'; '.join(words.stratum_phrase(c, km.unit) for c in km.curves)}"
    hover = tuple("\n".join(words.hover_lines(km, t)) for t in sizes.ticks)
    key = (km.by or "").removeprefix(SITE)
    return Panel(
        key, km.by_label, _message(km, adjusted, sizes.small, sizes.room(column)), tuple(lines), tip, end, hover=hover
    )
