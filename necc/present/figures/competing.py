"""Cumulative incidence stacked, in small panels and beside 1 - Kaplan-Meier; the two hazards of each cause."""

from __future__ import annotations

import numpy as np

from necc.analysis.competing import ONE_MINUS_KM, CumulativeIncidence, HazardRow, HazardsByCause
from necc.analysis.multiplicity import ADJUSTMENTS
from necc.core.text import format_p, joined, p_phrase, plural, slug
from necc.present import svg
from necc.present.figures.bars import Bar, BarRow, bars
from necc.present.figures.incidence import (
    BANDS_UP_TO,
    NAIVE,
    base_name,
    cause_label,
    cause_look,
    end_phrase,
    incidence_caption,
    nothing_to_draw,
    pale_after,
    percent,
    rising_rows,
    share_top,
    tested,
)
from necc.present.figures.panels import Panel, StepLine, draw_panels
from necc.present.figures.ratios import RatioRow, ratio_alt, ratio_chart, ratio_told
from necc.present.figures.scales import axis_end, time_ticks
from necc.present.figures.style import Figure, Json, Style, axis, empty, fade, figure, layout, note
from necc.present.figures.survival import PALE_BELOW
from necc.present.svg import fit, plain, text_width
from necc.present.words.captions import excluded_phrase, sentences


# ---------------------------------------------------------------- stacked
@figure
def stacked_incidence(result: CumulativeIncidence, style: Style, *, stratum: str = "") -> Figure:
    """Where the patients of one stratum are over time: each cause's share on top of the others, the rest event-free.

    Only where every event has one cause; otherwise the shares add up to more than everyone.
    """
    name = base_name(result, "stacked" + (f"-{stratum}" if stratum else ""))
    if nothing := nothing_to_draw(result, style, name):
        return nothing
    if not result.exclusive:
        return empty(style, name, "Causes overlap by this rule, so their shares can't be stacked.")
    there = next((s for s in result.strata if s.name == stratum), result.strata[0])
    curves = there.curves
    time, unit = curves[0].time, style.unit
    end = axis_end(float(time[-1]), result.unit)
    ends = _label_places([float(c.estimate[-1]) for c in curves])
    labels = [f"{cause_label(result, c.cause)} {percent(float(c.estimate[-1]))} %" for c in curves]
    room = 0.34 * style.px
    right = min(max(text_width(t, style.small) for t in labels) + 22 * unit, room)
    left = style.font * 1.3 + 22 * unit + text_width("100 %", style.font)
    data: list[Json] = []
    notes: list[Json] = []
    total = np.zeros(len(time))
    rows = np.unique(np.concatenate([rising_rows(c) for c in curves]))
    x = [0.0, *(round(t, 4) for t in time[rows].tolist()), round(end, 4)]
    base = {"type": "scatter", "mode": "lines", "showlegend": False, "x": x}
    data.append({**base, "y": [0.0] * len(x), "hoverinfo": "skip", "line": {"shape": "hv", "width": 0}})
    for curve, label, (low, place) in zip(curves, labels, ends, strict=True):
        color, _ = cause_look(result, curve.cause, style)
        total = total + curve.estimate
        own = [0.0, *curve.estimate[rows].tolist(), float(curve.estimate[-1])]
        y = [0.0, *(round(v, 4) for v in total[rows].tolist()), round(float(total[-1]), 4)]
        data.append(
            {**base, "y": y, "fill": "tonexty", "fillcolor": fade(color, 0.72), "name": plain(label),
             "customdata": [f"{percent(v)} %" for v in own],
             "line": {"shape": "hv", "width": 1, "color": style.ink("page")},
             "hovertemplate": f"<b>{plain(cause_label(result, curve.cause))}</b><br>%{{x:.1f}} {plain(result.unit)}: "
                              "%{customdata}<br>this and those below %{y:.1%}<extra></extra>"}
        )  # fmt: skip
        shown = plain(fit(label, style.small, right - 18 * unit))
        swatch = f"▪ {shown}"
        look = {"size": style.small, "color": color if low >= 0 else style.ink("text")}
        notes.append(note(style, 1, place, swatch, yref="y", xshift=round(6 * unit), font=look))
    ticks = [0, 0.25, 0.5, 0.75, 1]
    at = time_ticks(end, result.unit, 5)  # few, because the labels take their room at the right
    below, above = style.font * 2.6 + 24 * unit, 12 * unit
    height = style.px * (9 / 16 if style.size == "presentation" else 0.42) + below
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, right, above, below), annotations=notes,
            xaxis=axis(style, 0, end, at, [f"{t:,g}" for t in at],
                       plain(f"{result.unit.capitalize()} since {result.origin or 'time zero'}")),
            yaxis=axis(style, 0, 1.02, ticks, [f"{100 * t:g} %" for t in ticks], "Share of patients", grid=True),
        ),
    }  # fmt: skip
    whom = f"{result.by_label}: {there.name}, {plural(there.n, 'patient')}" if result.by else ""
    free = max(0.0, 1 - float(total[-1]))
    caption = incidence_caption(
        result, whom, f"Blank, on top: still free of any event, {percent(free)} % at the end of follow-up"
    )
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
def incidence_grid(result: CumulativeIncidence, style: Style, *, naive: bool = False, columns: int = 0) -> Figure:
    """A small panel for each cause: the groups' curves with Gray's test.

    Args:
        naive: 1 - Kaplan-Meier dotted beside each curve.
        columns: panels beside each other; as many as fit without.
    """
    name = base_name(result, "incidence-grid-naive" if naive else "incidence-grid")
    if nothing := nothing_to_draw(result, style, name):
        return nothing
    curves = [c for s in result.strata for c in s.curves]
    bands = len(result.strata) <= BANDS_UP_TO
    drawn = [c.estimate for c in curves] + [c.one_minus_km for c in curves if naive]
    drawn += [c.ci_upper[c.n_at_risk >= PALE_BELOW] for c in curves] if bands else []
    top = share_top(np.concatenate(drawn).tolist())
    end = axis_end(max((float(c.time[-1]) for c in curves if len(c.time)), default=1.0), result.unit, 5)
    levels = result.levels or tuple(s.name for s in result.strata)
    looks = {s.name: style.look(s.name, levels) for s in result.strata}
    panels = [_panel(result, k, looks, end, naive, bands) for k in range(len(result.causes))]
    key = [(s.name, *looks[s.name]) for s in result.strata] if result.by else []
    if not result.by:
        key = [("cumulative incidence", *next(iter(looks.values())))]
    if naive:
        key.append((NAIVE, key[0][1] if not result.by else style.ink("text"), "dot"))
    origin = result.origin or "time zero"
    body, height = draw_panels(
        panels, style, unit=result.unit, top=top, key=key, key_note="numbers below: at risk", columns=columns,
        x_title=f"{result.unit.capitalize()} since {origin}",
    )  # fmt: skip
    message = "; ".join(f"{p.title}: {', '.join(p.message)}" for p in panels)
    by = f" by {result.by_label}" if result.by else ""
    alt = f"Cumulative incidence of each cause{by}: {message}."
    how = ADJUSTMENTS[result.adjustment]
    caption = incidence_caption(
        result, f"Bands: {100 * result.level:g} % pointwise confidence limits ({result.ci})" if bands else "",
        f"Pale: fewer than {PALE_BELOW} at risk",
        f"Gray's test; adj.: adjusted for {plural(tested(result), 'cause')} ({how})" if result.by else "",
        f"Dotted: {ONE_MINUS_KM}" if naive else "",
    )  # fmt: skip
    text = svg.document(body, style.px, height, f"{result.label} by cause", alt)
    return Figure({}, name, alt, caption, style.px, height, style, text)


def _panel(
    result: CumulativeIncidence, k: int, looks: dict[str, tuple[str, str]], end: float, naive: bool, bands: bool
) -> Panel:
    cause = result.causes[k]
    lines = []
    for s in result.strata:
        c, (color, dash) = s.curves[k], looks[s.name]
        if naive:
            lines.append(StepLine(NAIVE, c.time, c.one_minus_km, color, "dot", width=0.7))
        limits = (c.ci_lower, c.ci_upper) if bands else (None, None)
        lines.append(StepLine(s.name, c.time, c.estimate, color, dash, 0.0, *limits, (c.time, c.n_at_risk),
                              pale_after(c)))  # fmt: skip
    message = plural(cause.n_events, "event")
    if test := next((t for t in result.tests if t.cause == cause.name), None):
        message += f", {p_phrase(test.p)}, adj. {format_p(test.p_adjusted)}" if test.p is not None else ", no test"
    else:
        c = result.strata[0].curves[k]
        message += f", {percent(float(c.estimate[-1]))} % at the end"
    tip = "; ".join(
        f"{s.name}: {plural(s.curves[k].n_events_total, 'event')}, {end_phrase(s.curves[k], result.unit)}"
        for s in result.strata
    )
    return Panel(cause.name, cause.label, (message,), tuple(lines), f"{cause.label}: {tip}", end)


# ---------------------------------------------------------------- the lesson
@figure
def naive_excess(result: CumulativeIncidence, style: Style, *, at: float, stratum: str = "") -> Figure:
    """The cumulative incidence of each cause at a time, with 1 - Kaplan-Meier as a pale bar behind it."""
    name = base_name(result, f"one-minus-km-{at:g}")
    if nothing := nothing_to_draw(result, style, name):
        return nothing
    there = next((s for s in result.strata if s.name == stratum), result.strata[0])
    rows, texts, sums = [], [], [0.0, 0.0]
    for curve in there.curves:
        label, (color, _) = cause_label(result, curve.cause), cause_look(result, curve.cause, style)
        estimate, naive = curve.at(at), curve.naive_at(at)
        if estimate.value is not None and naive is not None:
            sums = [sums[0] + estimate.value, sums[1] + naive]
        text = "not estimable" if estimate.value is None else f"{percent(estimate.value)} %"
        beside = f"{percent(naive)} %" if naive is not None else "–"
        bar = text if naive is None else f"{text} ({beside})"
        hover = f"<b>{plain(label)}</b><br>cumulative incidence {text}<br>{NAIVE} {beside}"
        rows.append(BarRow(label, (Bar(curve.cause, estimate.value, None, bar, hover, color, ghost=naive),)))
        texts.append(f"{label}: {text} against {beside} ({NAIVE})")
    spec, height = bars(rows, style, f"Share with the event by {at:g} {result.unit}", ghost_name=NAIVE)
    adds = f"Added up over the causes: cumulative incidence {percent(sums[0])} %, {NAIVE} {percent(sums[1])} %"
    what = f"Solid: cumulative incidence; pale, behind, and in brackets: {ONE_MINUS_KM}"
    caption = incidence_caption(result, what, adds if result.exclusive else "")
    alt = f"By {at:g} {result.unit}, {'; '.join(texts)}. {ONE_MINUS_KM}."
    return Figure(spec, name, alt, caption, style.px, height, style)


# ---------------------------------------------------------------- two hazards
@figure
def hazards_forest(result: HazardsByCause, style: Style, *, labels: dict[str, str] | None = None) -> Figure:
    """Fine-Gray and cause-specific hazard ratios of each cause and term."""
    name = slug(f"{result.endpoint}-hazards-{'-'.join(result.covariates)}")
    if not result.rows:
        return empty(style, name, sentences(f"{result.label}: no patients to analyse, or nothing to estimate",
                                            excluded_phrase(result.excluded)))  # fmt: skip
    kinds = ("Fine-Gray (subdistribution)", "Cause-specific")
    rows: list[RatioRow] = []
    for cause in dict.fromkeys(r.cause for r in result.rows):
        events = result.n_events.get(cause, 0)
        rows.append(RatioRow(f"{(labels or {}).get(cause, cause)} ({plural(events, 'event')})"))
        rows += [row for r in result.rows if r.cause == cause for row in _hazard_rows(r)]
    spec, height = ratio_chart(rows, style, "Hazard ratio (log scale)", kinds)
    caption = sentences(
        f"{result.label}: {plural(result.n, 'patient')}", excluded_phrase(result.excluded),
        f"Ties: {result.ties}; {100 * result.rows[0].subdistribution.level:g} % Wald intervals, robust for Fine-Gray; "
        "p not adjusted for the number of causes", "An arrow: the interval goes beyond the axis",
    )  # fmt: skip
    alt = f"Hazard ratios of {joined(list(result.covariates))} by cause. {ratio_alt(rows)}."
    return Figure(spec, name, alt, caption, style.px, height, style)


def _hazard_rows(r: HazardRow) -> list[RatioRow]:
    """A term's two ratios, or one line where neither can be estimated."""
    term = f"{r.term.label}: {r.term.level} vs {r.term.reference}" if r.term.level else f"{r.term.label}, per unit"
    if r.subdistribution.value is None and r.cause_specific.value is None:
        return [RatioRow(term, r.subdistribution, "not estimable", 0)]
    return [
        RatioRow(term, r.subdistribution, ratio_told(r.subdistribution, r.subdistribution_p), 0),
        RatioRow("", r.cause_specific, ratio_told(r.cause_specific, r.cause_specific_p), 1),
    ]
