"""Every recurrence site in one picture: small curves with shared axes, with the site against without it.

One light SVG, because fourteen charts of a charting library cost twenty times as much. Coordinates inside a panel
are whole tenths of a pixel, relative to each other: short to write, the same bytes every time.
"""

from __future__ import annotations

import numpy as np

from necc.analysis.multiplicity import ADJUSTMENTS
from necc.analysis.survival import Curve, KaplanMeier, SurvivalGrid
from necc.core.dictionary import SITE
from necc.core.text import format_estimate, format_p, p_phrase, plural, slug
from necc.present import svg
from necc.present.figures.scales import axis_end, last_per_pixel, time_ticks
from necc.present.figures.style import Figure, Style, empty, figure
from necc.present.figures.survival import PALE_BELOW, median_phrase, pale_from
from necc.present.svg import draw_line, draw_text, fit, number, paint, plain, stroke, text_width
from necc.present.words.captions import sentences

TENTH = 10
MAX_CENSOR_MARKS = 60


@figure
def survival_grid(grid: SurvivalGrid, style: Style, *, columns: int = 0) -> Figure:
    """Kaplan-Meier curves of every site, with against without, with p and p adjusted for the number of sites.

    Args:
        grid: the result.
        style: theme and size.
        columns: panels beside each other; as many as fit without.
    """
    name = slug(f"{grid.endpoint}-by-site")
    panels = [p for p in grid.panels if p.n]
    if not panels:
        return empty(style, name, f"{grid.label} by recurrence site: no patients to analyse.")
    page = _Page(grid, style, len(grid.panels), columns)
    body = page.key() + "".join(
        page.panel(i, panel, adjusted)
        for i, (panel, adjusted) in enumerate(zip(grid.panels, grid.p_adjusted, strict=True))
    )
    alt = _alt(grid)
    text = svg.document(body, style.px, page.height, f"{grid.label} by recurrence site", alt)
    return Figure({}, name, alt, _caption(grid), style.px, page.height, style, text)


class _Page:
    """Where the panels stand, and what they share: axes, key, colours."""

    def __init__(self, grid: SurvivalGrid, style: Style, n: int, columns: int):
        self.grid, self.style, self.n = grid, style, n
        unit = style.unit
        self.text, self.small = style.font, style.small if style.size == "print" else round(style.font * 0.85, 1)
        self.left = round(text_width("100 %", self.small) + 10 * unit)
        fitting = max(1, min(4, int((style.px - self.left) / (140 * unit))))
        self.columns = columns or min(n, fitting if n != 5 or fitting < 4 else 3)
        self.half = text_width(f"{grid.n:,}", self.small) / 2  # of the widest number under a tick
        self.gap = round(2 * self.half + 18 * unit)  # a panel's last number, then the next one's dash
        self.width = int((style.px - self.left - (self.columns - 1) * self.gap - self.half) / self.columns)
        self.plot = round(min(self.width * (0.66 if style.size != "presentation" else 0.5), 190 * unit))
        self.key_height = round(svg.LINE_HEIGHT * self.small + 14 * unit)
        self.head = round(svg.LINE_HEIGHT * (self.text + self.small) + 8 * unit)
        self.row_height = round(svg.LINE_HEIGHT * self.small)
        self.foot = round(3 * self.row_height + 9 * unit)
        rows = -(-n // self.columns)
        self.pitch = self.head + self.plot + self.foot + round(12 * unit)
        self.height = self.key_height + rows * self.pitch + round(self.row_height)
        last = max((float(c.time[-1]) for p in grid.panels for c in p.curves), default=1.0)
        most = max(2, min(6, int(self.width / (text_width("000", self.small) + 14 * unit))))
        self.end = axis_end(last, grid.unit, most)
        self.ticks = time_ticks(self.end, grid.unit, most)
        apart = len(self.ticks) > 1 and self._x(self.ticks[1])  # large numbers stand under every second or third tick
        self.every = max(1, -(-(2 * self.half + 8 * unit) // apart)) if apart else 1
        self.looks = [style.look(level, ()) for level in ("without", "with")]

    # ------------------------------------------------------------ once a page
    def key(self) -> str:
        style, size, y = self.style, self.small, self.key_height / 2 - 2
        marks, x = [], float(self.left)
        for (color, dash), label in zip(self.looks, ("without the site", "with the site"), strict=True):
            sample = svg.sample_width(size)
            marks.append(draw_line(x, y, x + sample, y, stroke(color, style.line, dash)))
            marks.append(draw_text(x + sample + 6, y, label, size, style.ink("text"), "start"))
            x += sample + 22 * style.unit + text_width(label, size)
        legend_text = "numbers below: patients at risk; dotted: median"
        if x + text_width(legend_text, size) < style.px:
            marks.append(draw_text(x, y, legend_text, size, style.ink("muted"), "start"))
        title = plain(fit(f"{self.grid.unit.capitalize()} since {self.grid.panels[0].origin}", size, style.px * 0.9))
        middle = self.left + (style.px - self.left) / 2
        marks.append(draw_text(middle, self.height - 0.6 * self.row_height, title, size, style.ink("text")))
        return "".join(marks)

    # ------------------------------------------------------------ a panel
    def panel(self, i: int, km: KaplanMeier, adjusted: float | None) -> str:
        x = self.left + (i % self.columns) * (self.width + self.gap)
        y = self.key_height + (i // self.columns) * self.pitch + self.head
        tip = "; ".join(
            f"{c.name}: {plural(c.n, 'patient')}, {plural(c.n_events_total, 'event')}, {median_phrase(c, km.unit)}"
            for c in km.curves
        )
        parts = [
            self._head(km, adjusted, last=i % self.columns == self.columns - 1),
            self._axes(first=i % self.columns == 0),
        ]
        parts += [self._curve(c) for c in km.curves] + [self._numbers(km), self._hover(km)]
        return (
            f'<g transform="translate({x} {y})" data-site="{svg.escape((km.by or "").removeprefix(SITE))}">'
            f"<title>{svg.escape(f'{km.by_label}: {tip}')}</title>{''.join(parts)}</g>"
        )

    def _head(self, km: KaplanMeier, adjusted: float | None, last: bool) -> str:
        style, room = self.style, self.width + (self.half if last else 0.7 * self.gap)
        size = next(
            (s for s in (self.text, 0.92 * self.text) if text_width(km.by_label, s, True) <= room), 0.85 * self.text
        )
        label = plain(fit(km.by_label, size, room, bold=True))
        message = _told(_n_with(km), km.test.p, adjusted, km.n)
        if text_width(message, self.small) > room:
            message = message.partition(", ")[2]
        line = plain(fit(message, self.small, room))
        top = -self.head + svg.LINE_HEIGHT * self.text / 2
        return draw_text(0, top, f"<b>{label}</b>", size, style.ink("text"), "start") + draw_text(
            0, top + svg.LINE_HEIGHT * (self.text + self.small) / 2, line, self.small, style.ink("muted"), "start"
        )

    def _axes(self, first: bool) -> str:
        style, width, height = self.style, self.width, self.plot
        grid = "".join(f"M0 {number(height * (1 - s))}h{width}" for s in (0.5, 1))
        ticks = "".join(f"M{number(self._x(t))} {height}v{number(4 * style.unit)}" for t in self.ticks)
        thin = max(1.0, style.line / 2)
        marks = [
            f'<path d="{grid}" fill="none"{stroke(style.ink("grid"), 1)}/>',
            f'<path d="M0 0V{height}H{width}{ticks}" fill="none"{stroke(style.ink("axis"), thin)}/>',
        ]
        for t in self.ticks:
            marks.append(draw_text(self._x(t), height + 5 * style.unit, f"{t:,g}", self.small, style.ink("text"), up=0))
        if first:
            for s in (0, 0.5, 1):
                y = height * (1 - s)
                marks.append(draw_text(-6 * style.unit, y, f"{100 * s:g} %", self.small, style.ink("text"), "end"))
        return "".join(marks)

    def _x(self, time: float) -> float:
        return time / self.end * self.width

    def _numbers(self, km: KaplanMeier) -> str:
        """Patients at risk under the ticks, a row for each curve, with a dash of its colour."""
        marks, ticks = [], self.ticks[:: int(self.every)]
        for curve in km.curves:
            row = 1 if curve.name == "with" else 0
            color, dash = self.looks[row]
            y = self.plot + 5 * self.style.unit + (row + 1.5) * self.row_height + 2
            end = -text_width(f"{curve.n:,}", self.small) / 2 - 3
            marks.append(draw_line(end - 9 * self.style.unit, y, end, y, stroke(color, self.style.line)))
            for t, (at_risk, _, _) in zip(ticks, curve.counts_at(ticks), strict=True):
                marks.append(draw_text(self._x(t), y, f"{at_risk:,}", self.small, self.style.ink("text")))
        return "".join(marks)

    def _hover(self, km: KaplanMeier) -> str:
        """A strip around each tick that tells both curves there."""
        ends = [0.0, *((a + b) / 2 for a, b in zip(self.ticks, self.ticks[1:], strict=False)), self.end]
        counts = [curve.counts_at(self.ticks) for curve in km.curves]
        strips = []
        for i, t in enumerate(self.ticks):
            lines = [f"{km.by_label}, {t:g} {km.unit}"]
            for curve, numbers in zip(km.curves, counts, strict=True):
                at, (at_risk, events, censored) = curve.at(t).estimate, numbers[i]
                share = format_estimate(*(None if v is None else 100 * v for v in (at.value, at.lower, at.upper)))
                lines.append(
                    f"{curve.name}: {share} %; at risk {at_risk:,}, events {events:,}, censored {censored:,} so far"
                    if at.value is not None
                    else f"{curve.name}: nobody is followed up so long"
                )
            x, width = number(self._x(ends[i])), number(self._x(ends[i + 1] - ends[i]))
            strips.append(
                f'<rect x="{x}" width="{width}" height="{self.plot}" fill="#fff" fill-opacity="0">'
                f"<title>{svg.escape(chr(10).join(lines))}</title></rect>"
            )
        return "".join(strips)

    # ------------------------------------------------------------ a curve, in tenths of a pixel
    def _curve(self, curve: Curve) -> str:
        color, dash = self.looks[1 if curve.name == "with" else 0]
        pixels = self.width if len(curve.time) > self.width else len(curve.time)
        last = len(curve.time) - 1
        steps = np.flatnonzero(curve.n_events)
        rows = steps[last_per_pixel(curve.time[steps], self.end, pixels)]
        if not len(rows) or rows[-1] != last:
            rows = np.append(rows, last)
        x = np.rint(curve.time[rows] / self.end * self.width * TENTH).astype(np.int64)
        y = self._down(curve.survival[rows])
        cut = pale_from(curve, rows)
        dash = ",".join(f"{float(d.removesuffix('px')) * TENTH:g}px" for d in dash.split(",")) if "px" in dash else dash
        look = stroke(color, self.style.line * TENTH, dash)
        all_x, all_y = [0, *x.tolist()], [0, *y.tolist()]
        pale = look + ' opacity=".4"'
        marks = [self._band(curve, rows, x, color)]
        marks += [
            f'<path d="{_steps(all_x[a:b], all_y[a:b])}"{how}/>'
            for a, b, how in ((0, cut + 1, look), (cut, len(all_x), pale))
            if b - a > 1
        ]
        marks += [self._censored(curve, color), self._median(curve, color)]
        return f'<g transform="scale(.1)" fill="none">{"".join(marks)}</g>'

    def _down(self, survival: np.ndarray) -> np.ndarray:
        return np.rint((1 - survival) * self.plot * TENTH).astype(np.int64)

    def _band(self, curve: Curve, rows: np.ndarray, x: np.ndarray, color: str) -> str:
        limits = [np.where(curve.survival == 1, 1.0, v)[rows] for v in (curve.ci_lower, curve.ci_upper)]
        known = ~np.isnan(limits[0])
        n = int(known.sum())
        if not n:
            return ""
        end = int(x[min(n, len(x) - 1)])
        xs = [0, *x[:n].tolist()]
        low, high = ([0, *self._down(v[:n]).tolist()] for v in limits)
        there = _steps([*xs, end], [*high, high[-1]])
        back = [f"V{low[-1]}"] + [f"H{a}V{b}" for a, b in zip(xs[:0:-1], low[-2::-1], strict=True)]
        return f'<path d="{there}{"".join(back)}Z"{paint(color)} opacity=".15"/>'

    def _censored(self, curve: Curve, color: str) -> str:
        rows = np.flatnonzero(curve.n_censored)
        if not 0 < len(rows) <= MAX_CENSOR_MARKS:
            return ""
        half = round(2.5 * TENTH * self.style.unit)
        x = np.rint(curve.time[rows] / self.end * self.width * TENTH).astype(int).tolist()
        y = (self._down(curve.survival[rows]) - half).tolist()
        path = "".join(f"M{a} {b}v{2 * half}" for a, b in zip(x, y, strict=True))
        return f'<path d="{path}"{stroke(color, TENTH * max(0.8, self.style.line / 2))}/>'

    def _median(self, curve: Curve, color: str) -> str:
        if curve.median.value is None:
            return ""
        x = round(self._x(curve.median.value) * TENTH)
        look = stroke(color, TENTH * max(0.8, self.style.line / 2), "dot")
        return f'<path d="M{x} {round(self.plot * TENTH / 2)}V{self.plot * TENTH}"{look}/>'


def _steps(x: list[int], y: list[int]) -> str:
    """A step curve in absolute tenths; a step that moves less than a tenth leaves no trace."""
    parts, level = [f"M{x[0]} {y[0]}"], y[0]
    for a, b in zip(x[1:], y[1:], strict=True):
        if b != level:
            parts.append(f"H{a}V{b}")
            level = b
    parts.append(f"H{x[-1]}")
    return "".join(parts)


def _n_with(km: KaplanMeier) -> int:
    return sum(c.n for c in km.curves if c.name == "with")


def _told(n_with: int, p: float | None, adjusted: float | None, n: int) -> str:
    if p is None:
        return f"{n_with} of {n:,} with, no test"
    return f"{n_with:,} with, {p_phrase(p)}, adj. {format_p(adjusted)}"


def _alt(grid: SurvivalGrid) -> str:
    sentences = [
        f"{panel.by_label}: {_told(_n_with(panel), panel.test.p, adjusted, panel.n)}"
        for panel, adjusted in zip(grid.panels, grid.p_adjusted, strict=True)
    ]
    what = f"Kaplan-Meier curves of {grid.label.lower()} for each recurrence site, with against without"
    return f"{what}: {'; '.join(sentences)}."


def _caption(grid: SurvivalGrid) -> str:
    panel, how = grid.panels[0], ADJUSTMENTS.get(grid.adjustment, grid.adjustment)
    return sentences(
        f"{grid.label} by recurrence site, with the site against without it",
        f"{plural(grid.n, 'patient')} with a time and an event status",
        f"Kaplan-Meier estimate; bands: {100 * panel.level:g} % pointwise confidence limits ({panel.ci}); "
        f"pale: fewer than {PALE_BELOW} patients at risk",
        f"Log-rank p; adj.: adjusted for {plural(grid.n_tests, 'test')} ({how})",
        *grid.notes,
    )
