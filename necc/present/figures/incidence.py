"""Cumulative incidence as curves, by cause or group, and what every figure of it shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from necc.analysis.competing import DEATH, ONE_MINUS_KM, RULE_MEANING, SEVERAL, UNKNOWN_SITE, CumulativeIncidence
from necc.analysis.competing import IncidenceCurve as Curve
from necc.analysis.multiplicity import ADJUSTMENTS
from necc.core.text import DASH, format_number, format_p, p_phrase, plural, slug
from necc.present import svg
from necc.present.figures.panels import at_risk_at
from necc.present.figures.scales import axis_end, last_per_pixel, nice_ticks, time_ticks
from necc.present.figures.style import Figure, Json, Style, axis, empty, fade, figure, layout, legend, note
from necc.present.figures.survival import PALE_BELOW
from necc.present.svg import LINE_HEIGHT, fit, plain, text_width
from necc.present.words.captions import excluded_phrase, sentences

BANDS_UP_TO = 3
PIXELS = 600
NAIVE = "1 − Kaplan-Meier"
NOT_SITES = {SEVERAL: ("muted", "dash"), DEATH: ("axis", "longdash"), UNKNOWN_SITE: ("ghost", "dot")}


# ---------------------------------------------------------------- what all of them share
def cause_look(result: CumulativeIncidence, cause: str, style: Style) -> tuple[str, str]:
    """Colour and dash of a cause: sites by their place, what is no single site in grey."""
    if cause in NOT_SITES:
        ink, dash = NOT_SITES[cause]
        lengths = svg.DASHES[dash]
        return style.ink(ink), ",".join(f"{svg.number(d * max(style.line, 1))}px" for d in lengths)
    names = [c.name for c in result.causes if c.name not in NOT_SITES]
    return style.look(cause, names)


def cause_label(result: CumulativeIncidence, cause: str) -> str:
    return next((c.label for c in result.causes if c.name == cause), cause)


def nothing_to_draw(result: CumulativeIncidence, style: Style, name: str) -> Figure | None:
    if not result.n:
        return empty(
            style, name, sentences(f"{result.label}: no patients to analyse", excluded_phrase(result.excluded))
        )
    if not result.causes:
        return empty(style, name, f"{result.label}: no events in {plural(result.n, 'patient')}.")
    return None


def incidence_caption(result: CumulativeIncidence, *more: str) -> str:
    meaning = RULE_MEANING.get(result.rule, "")
    events = "; ".join(f"{c.label} {c.n_events:,}" for c in result.causes)
    everyone = next((n for n in result.notes if n.startswith("every patient recurred")), "")
    return sentences(
        f"{result.label}, {plural(result.n, 'patient')}; events: {events}", excluded_phrase(result.excluded),
        f"Cumulative incidence (Aalen-Johansen), other causes competing{f'; {meaning}' if meaning else ''}",
        *more, everyone,
    )  # fmt: skip


def base_name(result: CumulativeIncidence, what: str) -> str:
    return slug(f"{result.endpoint}-{what}" + (f"-by-{result.by}" if result.by else ""))


def percent(share: float | None) -> str:
    return format_number(None if share is None else 100 * share, 1)


def end_phrase(curve: Curve, unit: str) -> str:
    """`23.4 % at 60.1 months`: where the estimate ends."""
    if not len(curve.time):
        return "not estimable"
    return f"{percent(float(curve.estimate[-1]))} % at {format_number(float(curve.time[-1]))} {unit}"


def pale_after(curve: Curve) -> float:
    """The time after which fewer than five patients are ever at risk."""
    enough = np.flatnonzero(curve.n_at_risk >= PALE_BELOW)
    return float(curve.time[enough[-1]]) if len(enough) else 0.0


def share_top(values: Sequence[float]) -> float:
    """Where a share axis ends: the next tenth above what is drawn."""
    reach = max([v for v in values if np.isfinite(v)], default=0.1)
    return min(max(np.ceil(reach * 10 - 1e-9) / 10, 0.1), 1.0)


# ---------------------------------------------------------------- curves
@figure
def incidence_curves(
    result: CumulativeIncidence, style: Style, *, cause: str = "", naive: bool = False, bands: bool | None = None
) -> Figure:
    """One cause by group, or (without a cause) every cause in all patients.

    Args:
        cause: the cause drawn; with groups the most frequent one without.
        naive: 1 - Kaplan-Meier dotted beside each curve.
        bands: confidence bands; with up to three curves unless said otherwise.
    """
    if result.by and not cause and result.causes:
        cause = max(result.causes, key=lambda c: c.n_events).name
    name = base_name(result, f"incidence-{cause}" if cause else "incidence")
    if nothing := nothing_to_draw(result, style, name):
        return nothing
    lines = _lines(result, style, cause)
    bands = len(lines) <= BANDS_UP_TO if bands is None else bands
    drawn = [c.estimate for c, *_ in lines] + ([c.one_minus_km for c, *_ in lines] if naive else [])
    drawn += [c.ci_upper[c.n_at_risk >= PALE_BELOW] for c, *_ in lines] if bands else []
    top = share_top(np.concatenate(drawn).tolist())
    frame = _Frame(result, style, lines, cause, naive)
    data = [t for line in lines for t in _traces(result, line, style, bands, naive, top)]
    data += frame.counts()
    notes, shapes = frame.names()
    if test := next((t for t in result.tests if t.cause == cause), None):
        text = plain(f"Gray {p_phrase(test.p)}, adjusted {format_p(test.p_adjusted)}" if test.p is not None else "")
        notes.append(note(style, 0.015, 0.97, text, "x domain", "y domain", yanchor="top",
                          font={"size": style.font, "color": style.ink("text")}))  # fmt: skip
    spec = {
        "data": data,
        "layout": layout(style, frame.height, frame.margin, xaxis=frame.x_axis(), **frame.y_axes(top),
                         annotations=notes, shapes=shapes, showlegend=frame.legend is not None,
                         **({"legend": frame.legend} if frame.legend else {})),
    }  # fmt: skip
    message = "; ".join(f"{label}: {plural(c.n_events_total, 'event')}, {end_phrase(c, result.unit)}"
                     for c, label, _, _ in lines)  # fmt: skip
    what = f"Cumulative incidence of {cause_label(result, cause)} by {result.by_label}" if cause and result.by else (
        f"Cumulative incidence of {cause_label(result, cause) if cause else 'each cause'}")  # fmt: skip
    caption = incidence_caption(
        result,
        f"Bands: {100 * result.level:g} % pointwise confidence limits ({result.ci})" if bands else "",
        f"Pale: fewer than {PALE_BELOW} patients at risk",
        f"Dotted: {ONE_MINUS_KM}" if naive else "",
        f"Gray's test; adjusted for {plural(tested(result), 'cause')} ({ADJUSTMENTS[result.adjustment]})"
        if cause and result.tests else "",
    )  # fmt: skip
    return Figure(spec, name, f"{what}. {message}.", caption, style.px, round(frame.height), style)


Line = tuple[Curve, str, str, str]


def tested(result: CumulativeIncidence) -> int:
    return sum(t.p is not None for t in result.tests)


def _lines(result: CumulativeIncidence, style: Style, cause: str) -> list[Line]:
    """(curve, label, colour, dash) of each curve to draw."""
    if result.by:
        levels = result.levels or tuple(s.name for s in result.strata)
        return [(s.curve(cause), s.name, *style.look(s.name, levels)) for s in result.strata]
    curves = result.strata[0].curves
    kept = [c for c in curves if not cause or c.cause == cause]
    return [(c, cause_label(result, c.cause), *cause_look(result, c.cause, style)) for c in kept]


def _traces(
    result: CumulativeIncidence, line: Line, style: Style, bands: bool, naive: bool, top: float
) -> list[Json]:  # fmt: skip
    curve, label, color, dash = line
    rows = rising_rows(curve)
    x = [0.0, *(round(t, 4) for t in curve.time[rows].tolist())]
    y = [0.0, *(round(v, 4) for v in curve.estimate[rows].tolist())]
    group = {"legendgroup": plain(label), "type": "scatter", "mode": "lines"}
    traces: list[Json] = []
    known = np.flatnonzero(np.isfinite(curve.ci_lower[rows]))
    if bands and len(known):
        after = rows[min(known[-1] + 1, len(rows) - 1)]
        when = [*(round(t, 4) for t in curve.time[rows][known].tolist()), round(float(curve.time[after]), 4)]
        hidden = {**group, "x": when, "hoverinfo": "skip", "showlegend": False,
                  "line": {"shape": "hv", "width": 0, "color": color}}  # fmt: skip
        for limit, fill in (
            (curve.ci_lower, {}),
            (curve.ci_upper, {"fill": "tonexty", "fillcolor": fade(color, 0.14)}),
        ):
            v = np.minimum(limit[rows][known], top)
            traces.append({**hidden, "y": [round(float(u), 3) for u in np.append(v, v[-1])], **fill})
    if naive:
        steps = rising_rows(curve, curve.one_minus_km)
        traces.append(
            {**group, "x": [0.0, *(round(t, 4) for t in curve.time[steps].tolist())],
             "y": [0.0, *(round(v, 4) for v in curve.one_minus_km[steps].tolist())], "showlegend": False,
             "line": {"shape": "hv", "width": max(1.0, style.line * 0.7), "color": color, "dash": "dot"},
             "opacity": 0.85, "name": NAIVE,
             "hovertemplate": f"<b>{plain(label)}</b>, {NAIVE}<br>%{{x:.1f}} {plain(result.unit)}: "
                              "%{y:.1%}<extra></extra>"}
        )  # fmt: skip
    so_far = curve.n_events.cumsum()
    hover: list[list[object]] = [["0", curve.n, 0]]
    for row in rows:
        low, high = curve.ci_lower[row], curve.ci_upper[row]
        shown = f"{percent(low)}{DASH}{percent(high)}" if np.isfinite(low) else "not estimable"
        hover.append([shown, int(curve.n_at_risk[row]), int(so_far[row])])
    common = {
        **group, "name": _entry(curve, label, style, result), "line": {"shape": "hv", "color": color,
        "width": style.line, "dash": dash},
        "hovertemplate": f"<b>{plain(label)}</b><br>%{{x:.1f}} {plain(result.unit)}: %{{y:.1%}} "
        f"({100 * result.level:g} % CI %{{customdata[0]}})<br>at risk %{{customdata[1]}}, "
        "events of this cause so far %{customdata[2]}<extra></extra>",
    }  # fmt: skip
    cut = int(np.searchsorted(curve.time[rows], pale_after(curve) + 1e-9, side="right")) + 1
    for a, b, pale in ((0, cut, False), (cut - 1, len(x), True)):
        if b - a > 1:
            traces.append({**common, "x": x[a:b], "y": y[a:b], "customdata": hover[a:b],
                           "showlegend": not pale or cut < 2, **({"opacity": 0.4} if pale else {})})  # fmt: skip
    return traces


def rising_rows(curve: Curve, values: np.ndarray | None = None) -> np.ndarray:
    """Rows where the curve rises, one a pixel, and the last of all."""
    values = curve.estimate if values is None else values
    last = len(curve.time) - 1
    if last < 0:
        return np.zeros(0, dtype=int)
    rises = np.flatnonzero(np.diff(np.append(0.0, values)) > 0)
    rises = rises[last_per_pixel(curve.time[rises], max(float(curve.time[-1]), 1e-9), PIXELS)]
    return rises if len(rises) and rises[-1] == last else np.append(rises, last)


def _entry(curve: Curve, label: str, style: Style, result: CumulativeIncidence) -> str:
    message = f"n = {curve.n:,}" if result.by else f"{curve.n_events_total:,}"
    return plain(f"{fit(label, style.font, style.px * 0.3)} ({message})")


class _Frame:
    """Sizes, axes, legend and the numbers at risk of the curves."""

    def __init__(self, result: CumulativeIncidence, style: Style, lines: list[Line], cause: str, naive: bool):
        self.result, self.style, self.cause, self.naive = result, style, cause, naive
        self.strata = [(s.name, s.curves[0]) for s in result.strata]
        last = max((float(c.time[-1]) for _, c in self.strata if len(c.time)), default=1.0)
        cell = text_width(f"{max(c.n for _, c in self.strata):,}", style.small)
        most = max(2, min(9, int((style.px - 120 * style.unit) / (cell + 14 * style.unit))))
        self.end = axis_end(last, result.unit, most)
        self.ticks = time_ticks(self.end, result.unit, most)
        self.row = LINE_HEIGHT * style.small * 1.08
        names = max(text_width(n, style.small) for n, _ in self.strata) + 34 * style.unit
        left = max(min(names, 0.3 * style.px) + cell / 2,
                   style.font * 1.3 + 22 * style.unit + text_width("100 %", style.font))  # fmt: skip
        right = max(cell / 2 + 4, 14 * style.unit)
        self.legend, above = None, 10 * style.unit
        if len(lines) > 1:
            title = f"<b>{plain(fit(result.by_label or 'Cause', style.font, style.px / 3))}</b>"
            entries = [_entry(c, label, style, result) for c, label, _, _ in lines]
            self.legend, above = legend(style, entries, left + right, title)
        self.rows = 1 + len(self.strata)
        self.gap = round(style.font * 2.6 + 26 * style.unit)
        table = self.rows * self.row
        self.margin = (left, right, above, 6 * style.unit)
        around = self.gap + table + above + 6 * style.unit
        plot = max(style.px * 9 / 16 - around if style.size == "presentation" else 0.39 * style.px, 200 * style.unit)
        self.inside = plot + self.gap + table
        self.plot, self.height = plot, self.inside + above + 6 * style.unit

    def x_axis(self) -> Json:
        title = plain(f"{self.result.unit.capitalize()} since {self.result.origin or 'time zero'}")
        return axis(self.style, 0, self.end, self.ticks, [f"{t:,g}" for t in self.ticks], title, anchor="y")

    def y_axes(self, top: float) -> dict[str, Json]:
        ticks = [t for t in nice_ticks(100 * top, 5) if t <= 100 * top + 1e-9]
        what = cause_label(self.result, self.cause) if self.cause else "Cumulative incidence"
        title = plain(fit(f"Incidence of {what}" if self.cause else what, self.style.font, self.plot * 0.98))
        labels = [f"{t:g} %" for t in ticks]
        share, table = self.plot / self.inside, self.rows * self.row / self.inside
        return {
            "yaxis": axis(self.style, 0, top * 1.02, [t / 100 for t in ticks], labels, title, grid=True,
                          domain=[1 - share, 1]),
            "yaxis2": axis(self.style, -self.rows + 0.5, 0.5, line=False, domain=[0, table], showticklabels=False,
                           visible=False),
        }  # fmt: skip

    def counts(self) -> list[Json]:
        x: list[float] = []
        y: list[float] = []
        text: list[str] = []
        for i, (_, curve) in enumerate(self.strata):
            x += self.ticks
            y += [-(i + 1)] * len(self.ticks)
            text += [f"{n:,}" for n in at_risk_at((curve.time, curve.n_at_risk), self.ticks)]
        look = {"size": self.style.small, "color": self.style.ink("text")}
        return [{"type": "scatter", "mode": "text", "xaxis": "x", "yaxis": "y2", "x": x, "y": y, "text": text,
                 "cliponaxis": False, "textposition": "middle center", "textfont": look, "hoverinfo": "skip",
                 "showlegend": False, "name": "numbers"}]  # fmt: skip

    def names(self) -> tuple[list[Json], list[Json]]:
        style, left = self.style, self.margin[0]
        muted = {"size": style.small, "color": style.ink("muted")}
        notes = [note(style, 0, 0, "At risk", yref="y2", xshift=round(2 - left, 1), font=muted)]
        shapes = []
        levels = self.result.levels or tuple(n for n, _ in self.strata)
        for i, (name, _) in enumerate(self.strata):
            indent = 2.0
            if self.result.by:
                indent = 28 * style.unit
                color, dash = style.look(name, levels)
                shapes.append(
                    {"type": "line", "xref": "paper", "yref": "y2", "xsizemode": "pixel", "xanchor": 0, "y0": -(i + 1),
                     "y1": -(i + 1), "x0": round(2 - left, 1), "x1": round(24 * style.unit - left, 1),
                     "line": {"color": color, "width": style.line, "dash": dash}}
                )  # fmt: skip
            text = plain(fit(name, style.small, left - indent - 14 * style.unit))
            notes.append(note(style, 0, -(i + 1), text, yref="y2", xshift=round(indent - left, 1)))
        return notes, shapes
