"""Kaplan-Meier curves with bands, censoring marks, medians and the numbers at risk under the axis.

The table under the axis follows the KMunicate recommendation (Morris TP et al. BMJ Open 2019;9:e030215.
doi:10.1136/bmjopen-2019-030215): at risk, censored and events, aligned with the ticks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from necc.analysis.survival import Curve, KaplanMeier
from necc.core.text import format_ci, format_number, p_phrase, plural, slug
from necc.present.figures.scales import axis_end, last_per_pixel, time_ticks
from necc.present.figures.style import Figure, Json, Style, axis, empty, fade, figure, layout, legend, note
from necc.present.svg import LINE_HEIGHT, fit, plain, text_width
from necc.present.words.captions import excluded_phrase, sentences

PALE_BELOW = 5  # patients at risk; fewer make a curve that one more death would move visibly
MAX_CENSOR_MARKS = 150  # per curve; more merge into a second line
FULL_TABLE_UP_TO = 3  # strata
BANDS_UP_TO = 3  # strata; more bands than that hide each other
PIXELS = 600  # columns a curve is reduced to


@dataclass(frozen=True)
class _Drawing:
    """One stratum reduced to what the screen shows; the first row is time 0."""

    curve: Curve
    rows: np.ndarray
    time: list[float]
    survival: list[float]
    band: tuple[list[float], list[float], list[float]]
    hover: list[list[object]]
    pale_from: int
    censored: tuple[list[float], list[float]]


@figure
def survival_curves(
    km: KaplanMeier,
    style: Style,
    *,
    at: Sequence[float] = (),
    bands: bool | None = None,
    medians: bool | None = None,
    counts: bool = True,
) -> Figure:
    """Kaplan-Meier curves by level.

    Args:
        km: the result.
        style: theme and size.
        at: ticks of the time axis, in the endpoint's unit; sensible ones without.
        bands: confidence bands; with up to three levels unless said otherwise.
        medians: lines that drop at the medians; with up to three levels unless said otherwise.
        counts: the table of numbers under the axis.
    """
    name = slug(f"{km.endpoint}-by-{km.by}" if km.by else km.endpoint)
    if not km.n:
        return empty(style, name, sentences(f"{km.label}: no patients to analyse", excluded_phrase(km.excluded)))
    few = len(km.curves) <= BANDS_UP_TO
    bands, medians = (few if bands is None else bands), (few if medians is None else medians)
    frame = _Frame(km, style, at, counts)
    drawings = [_reduce(curve, frame.end) for curve in km.curves]
    data: list[Json] = []
    for drawing in drawings:
        data += _traces(drawing, km, style, bands, medians)
    table_traces, table_notes, table_shapes = frame.table() if counts else ([], [], [])
    spec = {
        "data": data + table_traces,
        "layout": layout(
            style, frame.height, frame.margin,
            xaxis=frame.x_axis(), **frame.y_axes(),
            annotations=[*_p_value(km, style, drawings, frame.end), *table_notes], shapes=table_shapes,
            **({"showlegend": True, "legend": frame.legend} if frame.legend else {}),
        ),
    }  # fmt: skip
    return Figure(spec, name, _alt(km), _caption(km, drawings, bands), style.px, frame.height, style)


# ---------------------------------------------------------------- the curve of one stratum
def _reduce(curve: Curve, end: float) -> _Drawing:
    steps = np.flatnonzero(curve.n_events)
    steps = steps[last_per_pixel(curve.time[steps], end, PIXELS)]
    last = len(curve.time) - 1
    rows = steps if len(steps) and steps[-1] == last else np.append(steps, last)
    fine = 4 if len(rows) < PIXELS / 2 else 2  # decimals of a time: long curves are sent shorter
    so_far = curve.n_events.cumsum(), curve.n_censored.cumsum()
    limits = [np.where(curve.survival == 1, 1.0, limit)[rows] for limit in (curve.ci_lower, curve.ci_upper)]
    hover: list[list[object]] = [["100", curve.n, 0, 0]]
    for row, low, high in zip(rows, *limits, strict=True):
        shown = "not estimable" if np.isnan(low) else f"{_percent(low)}–{_percent(high)}"
        hover.append([shown, int(curve.n_at_risk[row]), int(so_far[0][row]), int(so_far[1][row])])
    return _Drawing(
        curve, rows, [0.0, *_rounded(curve.time[rows], fine)], [1.0, *_rounded(curve.survival[rows])],
        _band(curve.time[rows], *limits, fine), hover, pale_from(curve, rows), _censored(curve, end),
    )  # fmt: skip


def pale_from(curve: Curve, rows: np.ndarray) -> int:
    """The point (0 is time 0, i the i-th of `rows`) after which fewer than five patients are ever at risk."""
    after = np.append(curve.n_at_risk[1:], 0)[rows]
    enough = np.flatnonzero(np.append(curve.n_at_risk[:1], after) >= PALE_BELOW)
    return int(enough[-1]) + 1 if len(enough) else 0


def _rounded(values: np.ndarray, digits: int = 4) -> list[float]:
    return [round(v, digits) for v in values.tolist()]


def _percent(share: float) -> str:
    return format_number(100 * share, 1)


def _band(
    time: np.ndarray, low: np.ndarray, high: np.ndarray, fine: int
) -> tuple[list[float], list[float], list[float]]:
    """Limits as steps up to where survival reaches zero, at which none exist."""
    if fine < 4:  # so many steps that each is finer than the line is wide: the band needs every second one
        time, low, high = (np.append(v[:-1:2], v[-1]) for v in (time, low, high))
    known = ~np.isnan(low)
    x, lower, upper = time[known], low[known], high[known]
    if not known.all():
        x, lower, upper = (np.append(a, b) for a, b in ((x, time[~known][0]), (lower, lower[-1:]), (upper, upper[-1:])))
    if not len(lower):
        return [], [], []
    if len(x) > len(lower):  # the curve falls to zero at its first step
        return [], [], []
    return [0.0, *_rounded(x, fine)], [1.0, *_rounded(lower, 3)], [1.0, *_rounded(upper, 3)]


def _censored(curve: Curve, end: float) -> tuple[list[float], list[float]]:
    rows = np.flatnonzero(curve.n_censored)
    rows = rows[last_per_pixel(curve.time[rows], end, PIXELS)]
    if len(rows) > MAX_CENSOR_MARKS:
        return [], []
    return _rounded(curve.time[rows]), _rounded(curve.survival[rows])


def _traces(drawing: _Drawing, km: KaplanMeier, style: Style, bands: bool, medians: bool) -> list[Json]:
    curve = drawing.curve
    color, dash = style.look(curve.name, km.levels or tuple(c.name for c in km.curves))
    group = {"legendgroup": curve.name, "showlegend": False}
    traces: list[Json] = []
    x, low, high = drawing.band
    if bands and x:
        hidden = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "x": x, **group}
        line = {"shape": "hv", "width": 0, "color": color}
        traces += [
            {**hidden, "y": low, "line": line},
            {
                **hidden,
                "y": high,
                "line": line,
                "fill": "tonexty",
                "fillcolor": fade(color, 0.16 if len(km.curves) < 3 else 0.11),
            },
        ]
    if medians and curve.median.value is not None:
        m = round(curve.median.value, 4)
        traces.append(
            {"type": "scatter", "mode": "lines", "x": [0, m, m], "y": [0.5, 0.5, 0], "hoverinfo": "skip", **group,
             "line": {"color": color, "width": max(0.8, style.line / 2), "dash": "dot"}, "opacity": 0.8}
        )  # fmt: skip
    unit, digits = (km.unit, 1) if km.unit != "days" else ("days", 0)
    line = {"shape": "hv", "color": color, "width": style.line, "dash": dash}
    common = {
        "type": "scatter", "mode": "lines", "line": line, "name": _entry(km, curve, style), "legendgroup": curve.name,
        "hovertemplate": f"<b>{plain(curve.name)}</b><br>%{{x:.{digits}f}} {plain(unit)}: %{{y:.1%}} "
        f"({100 * km.level:g} % CI %{{customdata[0]}})<br>at risk %{{customdata[1]}}, "
        "events so far %{customdata[2]}, censored so far %{customdata[3]}<extra></extra>",
    }  # fmt: skip
    cut = drawing.pale_from
    for a, b, pale in ((0, cut + 1, False), (cut, len(drawing.time), True)):
        if b - a > 1:
            traces.append(
                {**common, "x": drawing.time[a:b], "y": drawing.survival[a:b], "customdata": drawing.hover[a:b],
                 "showlegend": len(km.curves) > 1 and (pale == (cut == 0)), **({"opacity": 0.4} if pale else {})}
            )  # fmt: skip
    if drawing.censored[0]:
        traces.append(
            {"type": "scatter", "mode": "markers", "x": drawing.censored[0], "y": drawing.censored[1],
             "hoverinfo": "skip",
             "marker": {"symbol": "line-ns-open", "size": round(8 * style.unit), "color": color,
                        "line": {"width": max(1, style.line * 0.6), "color": color}}, **group}
        )  # fmt: skip
    return traces


def _entry(km: KaplanMeier, curve: Curve, style: Style) -> str:
    """A level with its n, short enough that several stand beside each other."""
    room = style.px * (0.34 if len(km.curves) < 4 else 0.15)
    return plain(f"{fit(curve.name, style.font, room)} (n = {curve.n:,})")


# ---------------------------------------------------------------- the frame: axes and the table of numbers
class _Frame:
    """Sizes, axes and the table of numbers; the table shares the time axis, so it can't come out of line."""

    def __init__(self, km: KaplanMeier, style: Style, at: Sequence[float], counts: bool):
        self.km, self.style, self.counts = km, style, counts
        self.full = len(km.curves) <= (2 if style.size == "presentation" else FULL_TABLE_UP_TO)
        last = max(float(c.time[-1]) for c in km.curves)
        cell = self._cell_width()
        most = max(2, min(9, int((style.px - 120 * style.unit) / (cell + 12 * style.unit)))) if counts else 9
        self.end = max(axis_end(last, km.unit, most), max(at, default=0.0))
        self.ticks = sorted(t for t in at if t >= 0) or time_ticks(self.end, km.unit, most)
        self.row = LINE_HEIGHT * style.small * 1.08
        names = self._names_width() + cell / 2 + 10 * style.unit if counts else 0
        left = max(names, style.font * 1.3 + 8 * style.unit + text_width("100 %", style.font) + 14 * style.unit)
        right = max(cell / 2 + 4, 14 * style.unit)
        self.legend, above = None, 10 * style.unit
        if len(km.curves) > 1:
            title = f"<b>{plain(fit(km.by_label, style.font, style.px / 3))}</b>"
            self.legend, above = legend(style, [_entry(km, c, style) for c in km.curves], left + right, title)
        self.gap = round(style.font * 2.6 + 26 * style.unit)  # tick labels and the axis title
        self.rows = self._rows() if counts else []
        table = len(self.rows) * self.row
        self.margin = (left, right, above, 6 * style.unit if counts else self.gap)
        around = self.gap + table + self.margin[2] + 6 * style.unit
        self.plot = max(
            style.px * 9 / 16 - around if style.size == "presentation" else 0.39 * style.px, 200 * style.unit
        )
        self.inside = self.plot + (self.gap + table if counts else 0)
        self.height = round(self.inside + self.margin[2] + self.margin[3])

    def _counts(self, curve: Curve, times: Sequence[float]) -> list[tuple[int, int, int]]:
        return curve.counts_at(times)

    def _cell_width(self) -> float:
        largest = max(c.n for c in self.km.curves)
        text = f"{largest:,}" if self.full else f"{largest:,} ({largest:,})"
        return text_width(text, self.style.small)

    def _names_width(self) -> float:
        size = self.style.small
        if self.full:
            return text_width("Censored", size) + (12 * self.style.unit if len(self.km.curves) > 1 else 0)
        widest = max(text_width(c.name, size, True) for c in self.km.curves)
        return 26 * self.style.unit + min(widest, 0.24 * self.style.px)

    def _rows(self) -> list[tuple[str, Curve | None, list[str]]]:
        """(name, stratum of a heading or None, numbers) of each row, top down."""
        rows: list[tuple[str, Curve | None, list[str]]] = []
        if not self.full:
            rows.append(("At risk (events so far)", None, []))
        for curve in self.km.curves:
            numbers = self._counts(curve, self.ticks)
            if not self.full:
                rows.append((curve.name, curve, [f"{r:,} ({e:,})" for r, e, _ in numbers]))
                continue
            if len(self.km.curves) > 1:
                rows.append((curve.name, curve, []))
            rows.append(("At risk", None, [f"{r:,}" for r, _, _ in numbers]))
            rows.append(("Censored", None, [f"{c:,}" for _, _, c in numbers]))
            rows.append(("Events", None, [f"{e:,}" for _, e, _ in numbers]))
        return rows

    def x_axis(self) -> Json:
        km = self.km
        return axis(
            self.style, 0, self.end, self.ticks, [f"{t:,g}" for t in self.ticks],
            plain(f"{km.unit.capitalize()} since {km.origin}"), anchor="y",
        )  # fmt: skip

    def y_axes(self) -> dict[str, Json]:
        share = self.plot / self.inside
        ticks = [0, 0.25, 0.5, 0.75, 1]
        size = self.style.font
        title = plain(fit(self.km.label, size, self.plot * 0.98))
        labels = [f"{100 * t:g} %" for t in ticks]
        axes = {"yaxis": axis(self.style, 0, 1.02, ticks, labels, title, grid=True, domain=[1 - share, 1])}
        if self.counts:
            below = len(self.rows) * self.row / self.inside
            axes["yaxis2"] = axis(
                self.style, -len(self.rows) + 0.5, 0.5, line=False, domain=[0, below], showticklabels=False,
                visible=False,
            )  # fmt: skip
        return axes

    def table(self) -> tuple[list[Json], list[Json], list[Json]]:
        """The numbers as one trace on the curves' own time axis; names as notes; dashes tell whose rows they are."""
        style, left = self.style, self.margin[0]
        x: list[float] = []
        y: list[float] = []
        text: list[str] = []
        notes, shapes = [], []
        levels = self.km.levels or tuple(c.name for c in self.km.curves)
        for i, (name, curve, numbers) in enumerate(self.rows):
            x, y, text = x + self.ticks[: len(numbers)], y + [-i] * len(numbers), text + numbers
            room = (
                (left - 34 * style.unit - self._cell_width() / 2 if numbers else style.px * 0.85) if curve else style.px
            )
            label = plain(fit(name, style.small, room, bool(curve)))
            indent = 28 * style.unit if curve else (12 * style.unit if self.full and len(self.km.curves) > 1 else 2)
            notes.append(
                note(style, 0, -i, f"<b>{label}</b>" if curve else label, yref="y2", xshift=round(indent - left, 1),
                     font={"size": style.small, "color": style.ink("text" if curve else "muted")})
            )  # fmt: skip
            if curve:
                color, dash = style.look(curve.name, levels)
                shapes.append(
                    {"type": "line", "xref": "paper", "yref": "y2", "xsizemode": "pixel", "xanchor": 0, "y0": -i,
                     "y1": -i,
                     "x0": round(2 - left, 1), "x1": round(24 * style.unit - left, 1),
                     "line": {"color": color, "width": style.line, "dash": dash}}
                )  # fmt: skip
        trace = {
            "type": "scatter", "mode": "text", "xaxis": "x", "yaxis": "y2", "x": x, "y": y, "text": text,
            "cliponaxis": False,
            "textposition": "middle center", "textfont": {"size": style.small, "color": style.ink("text")},
            "hoverinfo": "skip", "showlegend": False, "name": "numbers",
        }  # fmt: skip
        return [trace], notes, shapes


# ---------------------------------------------------------------- words
def _p_value(km: KaplanMeier, style: Style, drawings: list[_Drawing], end: float) -> list[Json]:
    if len(km.curves) < 2:
        return []
    text = plain(f"{km.test.name} {p_phrase(km.test.p)}")
    late = [s for d in drawings for t, s in zip(d.time, d.survival, strict=True) if t >= 0.6 * end]
    late += [d.survival[-1] for d in drawings if d.time[-1] >= 0.6 * end]
    high = max(late, default=0) > 0.8
    place = {"x": 0.015, "y": 0.03, "yanchor": "bottom"} if high else {"x": 0.99, "y": 0.97, "yanchor": "top"}
    return [
        {**note(style, 0, 0, text, "x domain", "y domain", xanchor="left" if high else "right"), **place,
         "font": {"size": style.font, "color": style.ink("text")}}
    ]  # fmt: skip


def median_phrase(curve: Curve, unit: str) -> str:
    """`median 12.2 months (95 % CI 8.1–20.4)` or `median not reached`."""
    m = curve.median
    if m.value is None:
        return "median not reached"
    return f"median {format_number(m.value)} {unit} ({100 * m.level:g} % CI {format_ci(m.lower, m.upper)})"


def _alt(km: KaplanMeier) -> str:
    parts = [
        f"{c.name}: {plural(c.n, 'patient')}, {plural(c.n_events_total, 'event')}, {median_phrase(c, km.unit)}"
        for c in km.curves
    ]
    by = f" by {km.by_label}" if km.by else ""
    test = f"; {km.test.name} {p_phrase(km.test.p)}" if len(km.curves) > 1 else ""
    return f"Kaplan-Meier curves of {km.label.lower()}{by}. {'; '.join(parts)}{test}."


def _caption(km: KaplanMeier, drawings: list[_Drawing], bands: bool) -> str:
    pale = any(d.pale_from < len(d.rows) for d in drawings)
    crowded = any(d.curve.n_censored.any() and not d.censored[0] for d in drawings)
    limits = f"bands: {100 * km.level:g} % pointwise confidence limits ({km.ci})" if bands else ""
    ticks = "ticks on the curves: censored" if any(d.censored[0] for d in drawings) else ""
    return sentences(
        f"{km.label}, {km.defined_as}" if km.defined_as else km.label,
        f"{plural(km.n, 'patient')}, {plural(km.n_events, 'event')}",
        excluded_phrase(km.excluded),
        "Kaplan-Meier estimate" + "".join(f"; {part}" for part in (limits, ticks) if part),
        f"pale: fewer than {PALE_BELOW} patients at risk" if pale else "",
        "censoring marks are left out where they are too many to see" if crowded else "",
        f"{km.test.name[0].upper()}{km.test.name[1:]} test, {km.test.df} df: {p_phrase(km.test.p)}"
        if len(km.curves) > 1 else "",
        *km.notes,
    )  # fmt: skip
