"""Cumulative incidence: curves by cause or group, stacked, in small panels, and beside 1 - Kaplan-Meier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from necc import svg
from necc.competing import DEATH, RULE_MEANING, SEVERAL, UNKNOWN_SITE, CumulativeIncidence, HazardsByCause
from necc.competing import IncidenceCurve as Curve
from necc.figures.bars import Bar, BarRow, bars
from necc.figures.panels import Panel, StepLine, at_risk_at, draw_panels
from necc.figures.ratios import RatioRow, ratio_alt, ratio_chart, ratio_told
from necc.figures.scales import axis_end, last_per_pixel, nice_ticks, time_ticks
from necc.figures.style import (
    Figure,
    Json,
    Style,
    axis,
    empty,
    excluded_phrase,
    fade,
    figure,
    layout,
    legend,
    note,
    sentences,
)
from necc.figures.survival import PALE_BELOW
from necc.svg import LINE_HEIGHT, fit, plain, text_width
from necc.text import DASH, format_number, format_p, joined, p_phrase, plural, slug

ADJUSTMENTS = {"holm": "Holm", "bh": "Benjamini-Hochberg", "bonferroni": "Bonferroni"}
BANDS_UP_TO = 3
PIXELS = 600
NAIVE = "1 − Kaplan-Meier"
NOT_SITES = {SEVERAL: ("muted", "dash"), DEATH: ("axis", "longdash"), UNKNOWN_SITE: ("ghost", "dot")}


# ---------------------------------------------------------------- what all of them share
def cause_look(found: CumulativeIncidence, cause: str, style: Style) -> tuple[str, str]:
    """Colour and dash of a cause: sites by their place, what is no single site in grey."""
    if cause in NOT_SITES:
        ink, dash = NOT_SITES[cause]
        lengths = svg.DASHES[dash]
        return style.ink(ink), ",".join(f"{svg.number(d * max(style.line, 1))}px" for d in lengths)
    names = [c.name for c in found.causes if c.name not in NOT_SITES]
    return style.look(cause, names)


def cause_label(found: CumulativeIncidence, cause: str) -> str:
    return next((c.label for c in found.causes if c.name == cause), cause)


def _empty(found: CumulativeIncidence, style: Style, name: str) -> Figure | None:
    if not found.n:
        return empty(style, name, sentences(f"{found.label}: no patients to analyse", excluded_phrase(found.excluded)))
    if not found.causes:
        return empty(style, name, f"{found.label}: no events in {plural(found.n, 'patient')}.")
    return None


def _caption(found: CumulativeIncidence, *more: str) -> str:
    meaning = RULE_MEANING.get(found.rule, "")
    events = "; ".join(f"{c.label} {c.n_events:,}" for c in found.causes)
    everyone = next((n for n in found.notes if n.startswith("every patient recurred")), "")
    return sentences(
        f"{found.label}, {plural(found.n, 'patient')}; events: {events}", excluded_phrase(found.excluded),
        f"Cumulative incidence (Aalen-Johansen), other causes competing{f'; {meaning}' if meaning else ''}",
        *more, everyone,
    )  # fmt: skip


def _base(found: CumulativeIncidence, what: str) -> str:
    return slug(f"{found.endpoint}-{what}" + (f"-by-{found.by}" if found.by else ""))


def _percent(share: float | None) -> str:
    return format_number(None if share is None else 100 * share, 1)


def _end_phrase(curve: Curve, unit: str) -> str:
    """`23.4 % at 60.1 months`: where the estimate ends."""
    if not len(curve.time):
        return "not estimable"
    return f"{_percent(float(curve.estimate[-1]))} % at {format_number(float(curve.time[-1]))} {unit}"


def _pale_after(curve: Curve) -> float:
    """The time after which fewer than five patients are ever at risk."""
    enough = np.flatnonzero(curve.n_at_risk >= PALE_BELOW)
    return float(curve.time[enough[-1]]) if len(enough) else 0.0


def _top(values: Sequence[float]) -> float:
    """Where a share axis ends: the next tenth above what is drawn."""
    reach = max([v for v in values if np.isfinite(v)], default=0.1)
    return min(max(np.ceil(reach * 10 - 1e-9) / 10, 0.1), 1.0)


# ---------------------------------------------------------------- curves
@figure
def incidence_curves(
    found: CumulativeIncidence, style: Style, *, cause: str = "", naive: bool = False, bands: bool | None = None
) -> Figure:
    """One cause by group, or (without a cause) every cause in all patients.

    Args:
        cause: the cause drawn; with groups the most frequent one without.
        naive: 1 - Kaplan-Meier dotted beside each curve.
        bands: confidence bands; with up to three curves unless said otherwise.
    """
    if found.by and not cause and found.causes:
        cause = max(found.causes, key=lambda c: c.n_events).name
    name = _base(found, f"incidence-{cause}" if cause else "incidence")
    if nothing := _empty(found, style, name):
        return nothing
    lines = _lines(found, style, cause)
    bands = len(lines) <= BANDS_UP_TO if bands is None else bands
    drawn = [c.estimate for c, *_ in lines] + ([c.one_minus_km for c, *_ in lines] if naive else [])
    drawn += [c.ci_upper[c.n_at_risk >= PALE_BELOW] for c, *_ in lines] if bands else []
    top = _top(np.concatenate(drawn).tolist())
    frame = _Frame(found, style, lines, cause, naive)
    data = [t for line in lines for t in _traces(found, line, style, bands, naive, top)]
    data += frame.counts()
    notes, shapes = frame.names()
    if test := next((t for t in found.tests if t.cause == cause), None):
        text = plain(f"Gray {p_phrase(test.p)}, adjusted {format_p(test.p_adjusted)}" if test.p is not None else "")
        notes.append(note(style, 0.015, 0.97, text, "x domain", "y domain", yanchor="top",
                          font={"size": style.font, "color": style.ink("text")}))  # fmt: skip
    spec = {
        "data": data,
        "layout": layout(style, frame.height, frame.margin, xaxis=frame.x_axis(), **frame.y_axes(top),
                         annotations=notes, shapes=shapes, showlegend=frame.legend is not None,
                         **({"legend": frame.legend} if frame.legend else {})),
    }  # fmt: skip
    told = "; ".join(f"{label}: {plural(c.n_events_total, 'event')}, {_end_phrase(c, found.unit)}"
                     for c, label, _, _ in lines)  # fmt: skip
    what = f"Cumulative incidence of {cause_label(found, cause)} by {found.by_label}" if cause and found.by else (
        f"Cumulative incidence of {cause_label(found, cause) if cause else 'each cause'}")  # fmt: skip
    caption = _caption(
        found,
        f"Bands: {100 * found.level:g} % pointwise confidence limits ({found.ci})" if bands else "",
        f"Pale: fewer than {PALE_BELOW} patients at risk",
        f"Dotted: {NAIVE}, other causes as censored; it answers another question" if naive else "",
        f"Gray's test; adjusted for {plural(_tested(found), 'cause')} ({ADJUSTMENTS[found.adjustment]})"
        if cause and found.tests else "",
    )  # fmt: skip
    return Figure(spec, name, f"{what}. {told}.", caption, style.px, round(frame.height), style)


Line = tuple[Curve, str, str, str]


def _tested(found: CumulativeIncidence) -> int:
    return sum(t.p is not None for t in found.tests)


def _lines(found: CumulativeIncidence, style: Style, cause: str) -> list[Line]:
    """(curve, label, colour, dash) of each curve to draw."""
    if found.by:
        levels = found.levels or tuple(s.name for s in found.strata)
        return [(s.curve(cause), s.name, *style.look(s.name, levels)) for s in found.strata]
    curves = found.strata[0].curves
    kept = [c for c in curves if not cause or c.cause == cause]
    return [(c, cause_label(found, c.cause), *cause_look(found, c.cause, style)) for c in kept]


def _traces(
    found: CumulativeIncidence, line: Line, style: Style, bands: bool, naive: bool, top: float
) -> list[Json]:  # fmt: skip
    curve, label, color, dash = line
    rows = _rows(curve)
    x = [0.0, *(round(t, 4) for t in curve.time[rows].tolist())]
    y = [0.0, *(round(v, 4) for v in curve.estimate[rows].tolist())]
    group = {"legendgroup": f"{curve.cause}/{curve.stratum}", "type": "scatter", "mode": "lines"}
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
        steps = _rows(curve, curve.one_minus_km)
        traces.append(
            {**group, "x": [0.0, *(round(t, 4) for t in curve.time[steps].tolist())],
             "y": [0.0, *(round(v, 4) for v in curve.one_minus_km[steps].tolist())], "showlegend": False,
             "line": {"shape": "hv", "width": max(1.0, style.line * 0.7), "color": color, "dash": "dot"},
             "opacity": 0.85, "name": NAIVE,
             "hovertemplate": f"<b>{plain(label)}</b>, {NAIVE}<br>%{{x:.1f}} {plain(found.unit)}: "
                              "%{y:.1%}<extra></extra>"}
        )  # fmt: skip
    so_far = curve.n_events.cumsum()
    hover: list[list[object]] = [["0", curve.n, 0]]
    for row in rows:
        low, high = curve.ci_lower[row], curve.ci_upper[row]
        shown = f"{_percent(low)}{DASH}{_percent(high)}" if np.isfinite(low) else "not estimable"
        hover.append([shown, int(curve.n_at_risk[row]), int(so_far[row])])
    common = {
        **group, "name": _entry(curve, label, style, found), "line": {"shape": "hv", "color": color,
        "width": style.line, "dash": dash},
        "hovertemplate": f"<b>{plain(label)}</b><br>%{{x:.1f}} {plain(found.unit)}: %{{y:.1%}} "
        f"({100 * found.level:g} % CI %{{customdata[0]}})<br>at risk %{{customdata[1]}}, "
        "events of this cause so far %{customdata[2]}<extra></extra>",
    }  # fmt: skip
    cut = int(np.searchsorted(curve.time[rows], _pale_after(curve) + 1e-9, side="right")) + 1
    for a, b, pale in ((0, cut, False), (cut - 1, len(x), True)):
        if b - a > 1:
            traces.append({**common, "x": x[a:b], "y": y[a:b], "customdata": hover[a:b],
                           "showlegend": not pale or cut < 2, **({"opacity": 0.4} if pale else {})})  # fmt: skip
    return traces


def _rows(curve: Curve, values: np.ndarray | None = None) -> np.ndarray:
    """Rows where the curve rises, one a pixel, and the last of all."""
    values = curve.estimate if values is None else values
    last = len(curve.time) - 1
    if last < 0:
        return np.zeros(0, dtype=int)
    rises = np.flatnonzero(np.diff(np.append(0.0, values)) > 0)
    rises = rises[last_per_pixel(curve.time[rises], max(float(curve.time[-1]), 1e-9), PIXELS)]
    return rises if len(rises) and rises[-1] == last else np.append(rises, last)


def _entry(curve: Curve, label: str, style: Style, found: CumulativeIncidence) -> str:
    told = f"n = {curve.n:,}" if found.by else f"{curve.n_events_total:,}"
    return plain(f"{fit(label, style.font, style.px * 0.3)} ({told})")


class _Frame:
    """Sizes, axes, legend and the numbers at risk of the curves."""

    def __init__(self, found: CumulativeIncidence, style: Style, lines: list[Line], cause: str, naive: bool):
        self.found, self.style, self.cause, self.naive = found, style, cause, naive
        self.strata = [(s.name, s.curves[0]) for s in found.strata]
        last = max((float(c.time[-1]) for _, c in self.strata if len(c.time)), default=1.0)
        cell = text_width(f"{max(c.n for _, c in self.strata):,}", style.small)
        most = max(2, min(9, int((style.px - 120 * style.unit) / (cell + 14 * style.unit))))
        self.end = axis_end(last, found.unit, most)
        self.ticks = time_ticks(self.end, found.unit, most)
        self.row = LINE_HEIGHT * style.small * 1.08
        names = max(text_width(n, style.small) for n, _ in self.strata) + 34 * style.unit
        left = max(min(names, 0.3 * style.px) + cell / 2,
                   style.font * 1.3 + 22 * style.unit + text_width("100 %", style.font))  # fmt: skip
        right = max(cell / 2 + 4, 14 * style.unit)
        self.legend, above = None, 10 * style.unit
        if len(lines) > 1:
            title = f"<b>{plain(fit(found.by_label or 'Cause', style.font, style.px / 3))}</b>"
            entries = [_entry(c, label, style, found) for c, label, _, _ in lines]
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
        title = plain(f"{self.found.unit.capitalize()} since {self.found.origin or 'time zero'}")
        return axis(self.style, 0, self.end, self.ticks, [f"{t:,g}" for t in self.ticks], title, anchor="y")

    def y_axes(self, top: float) -> dict[str, Json]:
        ticks = [t for t in nice_ticks(100 * top, 5) if t <= 100 * top + 1e-9]
        what = cause_label(self.found, self.cause) if self.cause else "Cumulative incidence"
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
        levels = self.found.levels or tuple(n for n, _ in self.strata)
        for i, (name, _) in enumerate(self.strata):
            indent = 2.0
            if self.found.by:
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


# ---------------------------------------------------------------- stacked
@figure
def stacked_incidence(found: CumulativeIncidence, style: Style, *, stratum: str = "") -> Figure:
    """Where the patients of one stratum are over time: each cause's share on top of the others, the rest event-free.

    Only where every event has one cause; otherwise the shares add up to more than everyone.
    """
    name = _base(found, "stacked" + (f"-{stratum}" if stratum else ""))
    if nothing := _empty(found, style, name):
        return nothing
    if not found.exclusive:
        return empty(style, name, "Causes overlap by this rule, so their shares can't be stacked.")
    there = next((s for s in found.strata if s.name == stratum), found.strata[0])
    curves = there.curves
    time, unit = curves[0].time, style.unit
    end = axis_end(float(time[-1]), found.unit)
    ends = _label_places([float(c.estimate[-1]) for c in curves])
    labels = [f"{cause_label(found, c.cause)} {_percent(float(c.estimate[-1]))} %" for c in curves]
    room = 0.34 * style.px
    right = min(max(text_width(t, style.small) for t in labels) + 22 * unit, room)
    left = style.font * 1.3 + 22 * unit + text_width("100 %", style.font)
    data: list[Json] = []
    notes: list[Json] = []
    total = np.zeros(len(time))
    rows = np.unique(np.concatenate([_rows(c) for c in curves]))
    x = [0.0, *(round(t, 4) for t in time[rows].tolist()), round(end, 4)]
    base = {"type": "scatter", "mode": "lines", "showlegend": False, "x": x}
    data.append({**base, "y": [0.0] * len(x), "hoverinfo": "skip", "line": {"shape": "hv", "width": 0}})
    for curve, label, (low, place) in zip(curves, labels, ends, strict=True):
        color, _ = cause_look(found, curve.cause, style)
        total = total + curve.estimate
        own = [0.0, *curve.estimate[rows].tolist(), float(curve.estimate[-1])]
        y = [0.0, *(round(v, 4) for v in total[rows].tolist()), round(float(total[-1]), 4)]
        data.append(
            {**base, "y": y, "fill": "tonexty", "fillcolor": fade(color, 0.72), "name": plain(label),
             "customdata": [f"{_percent(v)} %" for v in own],
             "line": {"shape": "hv", "width": 1, "color": style.ink("page")},
             "hovertemplate": f"<b>{plain(cause_label(found, curve.cause))}</b><br>%{{x:.1f}} {plain(found.unit)}: "
                              "%{customdata}<br>this and those below %{y:.1%}<extra></extra>"}
        )  # fmt: skip
        shown = plain(fit(label, style.small, right - 18 * unit))
        swatch = f"▪ {shown}"
        look = {"size": style.small, "color": color if low >= 0 else style.ink("text")}
        notes.append(note(style, 1, place, swatch, yref="y", xshift=round(6 * unit), font=look))
    ticks = [0, 0.25, 0.5, 0.75, 1]
    at = time_ticks(end, found.unit)
    below, above = style.font * 2.6 + 24 * unit, 12 * unit
    height = style.px * (9 / 16 if style.size == "presentation" else 0.42) + below
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, right, above, below), annotations=notes,
            xaxis=axis(style, 0, end, at, [f"{t:,g}" for t in at],
                       plain(f"{found.unit.capitalize()} since {found.origin or 'time zero'}")),
            yaxis=axis(style, 0, 1.02, ticks, [f"{100 * t:g} %" for t in ticks], "Share of patients", grid=True),
        ),
    }  # fmt: skip
    whom = f"{found.by_label}: {there.name}, {plural(there.n, 'patient')}" if found.by else ""
    free = max(0.0, 1 - float(total[-1]))
    caption = _caption(found, whom, f"White: still free of any event, {_percent(free)} % at the end of follow-up")
    return Figure(spec, name, f"Stacked cumulative incidence at the end of follow-up: {'; '.join(labels)}.", caption,
                  style.px, round(height), style)  # fmt: skip


def _label_places(shares: list[float], least: float = 0.055) -> list[tuple[float, float]]:
    """(bottom of the band, place of its label) with labels pushed apart, within the axis."""
    low, places, at = 0.0, [], -1.0
    for share in shares:
        middle = max(low + share / 2, at + least)
        places.append((low, middle))
        low, at = low + share, middle
    over = places[-1][1] - 0.99 if places else 0
    fixed, limit = [], 0.99
    for low, place in reversed(places):
        place = min(place, limit) if over > 0 else place
        fixed.append((low, place))
        limit = place - least
    return fixed[::-1]


# ---------------------------------------------------------------- small multiples
@figure
def incidence_grid(found: CumulativeIncidence, style: Style, *, naive: bool = False, columns: int = 0) -> Figure:
    """A small panel for each cause: the groups' curves with Gray's test.

    Args:
        naive: 1 - Kaplan-Meier dotted beside each curve.
        columns: panels beside each other; as many as fit without.
    """
    name = _base(found, "incidence-grid-naive" if naive else "incidence-grid")
    if nothing := _empty(found, style, name):
        return nothing
    curves = [c for s in found.strata for c in s.curves]
    bands = len(found.strata) <= BANDS_UP_TO
    drawn = [c.estimate for c in curves] + [c.one_minus_km for c in curves if naive]
    drawn += [c.ci_upper[c.n_at_risk >= PALE_BELOW] for c in curves] if bands else []
    top = _top(np.concatenate(drawn).tolist())
    end = axis_end(max((float(c.time[-1]) for c in curves if len(c.time)), default=1.0), found.unit, 5)
    levels = found.levels or tuple(s.name for s in found.strata)
    looks = {s.name: style.look(s.name, levels) for s in found.strata}
    panels = [_panel(found, k, looks, end, naive, bands) for k in range(len(found.causes))]
    key = [(s.name, *looks[s.name]) for s in found.strata] if found.by else []
    if not found.by:
        key = [("cumulative incidence", *next(iter(looks.values())))]
    if naive:
        key.append((NAIVE, key[0][1] if not found.by else style.ink("text"), "dot"))
    origin = found.origin or "time zero"
    body, height = draw_panels(
        panels, style, unit=found.unit, top=top, key=key, key_note="numbers below: at risk", columns=columns,
        x_title=f"{found.unit.capitalize()} since {origin}",
    )  # fmt: skip
    told = "; ".join(f"{p.title}: {', '.join(p.told)}" for p in panels)
    by = f" by {found.by_label}" if found.by else ""
    alt = f"Cumulative incidence of each cause{by}: {told}."
    how = ADJUSTMENTS[found.adjustment]
    caption = _caption(
        found, f"Bands: {100 * found.level:g} % pointwise confidence limits ({found.ci})" if bands else "",
        f"Pale: fewer than {PALE_BELOW} at risk",
        f"Gray's test; adj.: adjusted for {plural(_tested(found), 'cause')} ({how})" if found.by else "",
        f"Dotted: {NAIVE}, other causes taken as censored" if naive else "",
    )  # fmt: skip
    text = svg.document(body, style.px, height, f"{found.label} by cause", alt)
    return Figure({}, name, alt, caption, style.px, height, style, text)


def _panel(
    found: CumulativeIncidence, k: int, looks: dict[str, tuple[str, str]], end: float, naive: bool, bands: bool
) -> Panel:
    cause = found.causes[k]
    lines = []
    for s in found.strata:
        c, (color, dash) = s.curves[k], looks[s.name]
        if naive:
            lines.append(StepLine(NAIVE, c.time, c.one_minus_km, color, "dot", width=0.7))
        limits = (c.ci_lower, c.ci_upper) if bands else (None, None)
        lines.append(StepLine(s.name, c.time, c.estimate, color, dash, 0.0, *limits, (c.time, c.n_at_risk),
                              _pale_after(c)))  # fmt: skip
    told = plural(cause.n_events, "event")
    if test := next((t for t in found.tests if t.cause == cause.name), None):
        told += f", {p_phrase(test.p)}, adj. {format_p(test.p_adjusted)}" if test.p is not None else ", no test"
    else:
        c = found.strata[0].curves[k]
        told += f", {_percent(float(c.estimate[-1]))} % at the end"
    tip = "; ".join(
        f"{s.name}: {plural(s.curves[k].n_events_total, 'event')}, {_end_phrase(s.curves[k], found.unit)}"
        for s in found.strata
    )
    return Panel(cause.name, cause.label, (told,), tuple(lines), f"{cause.label}: {tip}", end)


# ---------------------------------------------------------------- the lesson
@figure
def naive_excess(found: CumulativeIncidence, style: Style, *, at: float, stratum: str = "") -> Figure:
    """The cumulative incidence of each cause at a time, with 1 - Kaplan-Meier as a pale bar behind it."""
    name = _base(found, f"one-minus-km-{at:g}")
    if nothing := _empty(found, style, name):
        return nothing
    there = next((s for s in found.strata if s.name == stratum), found.strata[0])
    rows, told, sums = [], [], [0.0, 0.0]
    for curve in there.curves:
        label, (color, _) = cause_label(found, curve.cause), cause_look(found, curve.cause, style)
        estimate, naive = curve.at(at), curve.naive_at(at)
        if estimate.value is not None and naive is not None:
            sums = [sums[0] + estimate.value, sums[1] + naive]
        text = "not estimable" if estimate.value is None else f"{_percent(estimate.value)} %"
        beside = f"{_percent(naive)} %" if naive is not None else "–"
        hover = f"<b>{plain(label)}</b><br>cumulative incidence {text}<br>{NAIVE} {beside}"
        rows.append(BarRow(label, (Bar(curve.cause, estimate.value, None, text, hover, color, ghost=naive),), beside))
        told.append(f"{label}: {text} against {beside}")
    spec, height = bars(rows, style, f"Share with the event by {at:g} {found.unit}", last_title=NAIVE,
                        ghost_name=NAIVE)  # fmt: skip
    adds = f"Added up over the causes: cumulative incidence {_percent(sums[0])} %, {NAIVE} {_percent(sums[1])} %"
    caption = _caption(found, f"Solid: cumulative incidence; pale, behind: {NAIVE} with other causes as censored",
                       adds if found.exclusive else "")  # fmt: skip
    return Figure(spec, name, f"By {at:g} {found.unit}, {'; '.join(told)}.", caption, style.px, height, style)


# ---------------------------------------------------------------- two hazards
@figure
def hazards_forest(found: HazardsByCause, style: Style, *, labels: dict[str, str] | None = None) -> Figure:
    """Fine-Gray and cause-specific hazard ratios of each cause and term."""
    name = slug(f"{found.endpoint}-hazards-{'-'.join(found.covariates)}")
    if not found.rows:
        return empty(style, name, sentences(f"{found.label}: no patients to analyse, or nothing to estimate",
                                            excluded_phrase(found.excluded)))  # fmt: skip
    kinds = ("Fine-Gray (subdistribution)", "Cause-specific")
    rows: list[RatioRow] = []
    for cause in dict.fromkeys(r.cause for r in found.rows):
        events = found.n_events.get(cause, 0)
        rows.append(RatioRow(f"{(labels or {}).get(cause, cause)} ({plural(events, 'event')})"))
        for r in (r for r in found.rows if r.cause == cause):
            term = (
                f"{r.term.label}: {r.term.level} vs {r.term.reference}" if r.term.level else f"{r.term.label}, per unit"
            )
            rows.append(RatioRow(term, r.subdistribution, ratio_told(r.subdistribution, r.subdistribution_p), 0))
            rows.append(RatioRow("", r.cause_specific, ratio_told(r.cause_specific, r.cause_specific_p), 1))
    spec, height = ratio_chart(rows, style, "Hazard ratio (log scale)", kinds)
    caption = sentences(
        f"{found.label}: {plural(found.n, 'patient')}", excluded_phrase(found.excluded),
        f"Ties: {found.ties}; {100 * found.rows[0].subdistribution.level:g} % Wald intervals, robust for Fine-Gray; "
        "p not adjusted for the number of causes", "An arrow: the interval goes beyond the axis",
    )  # fmt: skip
    alt = f"Hazard ratios of {joined(list(found.covariates))} by cause. {ratio_alt(rows)}."
    return Figure(spec, name, alt, caption, style.px, height, style)
