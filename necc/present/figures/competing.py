"""Cumulative incidence stacked, in small panels and beside 1 - Kaplan-Meier; the two hazards of each cause."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from necc.analysis.competing import CumulativeIncidence, HazardRow, HazardsByCause, IncidenceCurve
from necc.analysis.competing.curves import IncidenceStratum
from necc.core.text import plural, slug
from necc.present.figures.bars import Bar, BarRow, bars
from necc.present.figures.incidence import (
    BANDS_UP_TO,
    base_name,
    cause_look,
    cause_pick,
    incidence_lines,
    nothing_to_draw,
    share_top,
    stratum_pick,
)
from necc.present.figures.panels import Panel, draw_panels
from necc.present.figures.picks import of_level, pick
from necc.present.figures.ratios import RatioRow, arrows_phrase, ratio_alt, ratio_chart
from necc.present.figures.scales import axis_end
from necc.present.figures.steps import StepLine, step_trace
from necc.present.figures.style import (
    Figure,
    Json,
    Style,
    below_axis,
    drawn,
    empty,
    fade,
    figure,
    layout,
    note,
    share_axis,
    time_axis,
)
from necc.present.svg import fit_all, plain, text_width
from necc.present.words import headlines
from necc.present.words.captions import competing as words
from necc.present.words.phrases import contrast, percent, ratio_with_p, since


# ---------------------------------------------------------------- stacked
@figure(headlines.of_stratum)
def stacked_incidence(result: CumulativeIncidence, style: Style, *, stratum: str = "") -> Figure:
    """Where the patients of one stratum are over time: each cause's share on top of the others, the rest event-free.

    Only where every event has one cause; otherwise the shares add up to more than everyone.
    """
    name = base_name(result, "stacked" + (f"-{stratum}" if stratum else ""))
    if nothing := nothing_to_draw(result, style, name):
        return nothing
    if not result.exclusive:
        return empty(style, name, words.OVERLAPPING)
    part = next((s for s in result.strata if s.name == stratum), result.strata[0])
    curves, unit = part.curves, style.unit
    time = curves[0].time
    end = axis_end(float(time[-1]), result.unit)
    labels = [f"{words.cause_label(result, c.cause)} {words.end_share(c)}" for c in curves]
    swatched = 6 * unit + text_width("▪ ", style.small) + 1
    right = min(max(text_width(t, style.small) for t in labels) + max(swatched, 22 * unit), 0.34 * style.px)
    left = style.font * 1.3 + 22 * unit + text_width("100 %", style.font)
    rows = np.unique(np.concatenate([
        StepLine(name="", curve=c, color="", dash="", value=c.estimate).rows(end) for c in curves
    ]))  # fmt: skip
    x = [0.0, *(round(t, 4) for t in time[rows].tolist()), round(end, 4)]
    own = {"showlegend": False}
    data = [step_trace(x, [0.0] * len(x), {"width": 0}, hoverinfo="skip", **own)]
    notes: list[Json] = []
    foot, row = below_axis(style, 24), 1.15 * style.small
    usual = style.px * (9 / 16 if style.projected else 0.42)
    height = max(usual, len(curves) * row / 0.97 + 12 * unit) + foot
    least = max(0.055, 1.02 * row / (height - foot - 12 * unit))  # of the axis, which ends at 1.02
    places = _label_places([float(c.estimate[-1]) for c in curves], least)
    short = fit_all(labels, style.small, right - swatched)
    for curve, below, label, named, (low, place) in zip(curves, part.stacked(), labels, short, places, strict=True):
        color, _ = cause_look(result, curve.cause, style)
        shares = [0.0, *curve.estimate[rows].tolist(), float(curve.estimate[-1])]
        y = [0.0, *(round(v, 4) for v in below[rows].tolist()), round(float(below[-1]), 4)]
        hover = (
            f"<b>{plain(words.cause_label(result, curve.cause))}</b><br>%{{x:.1f}} {plain(result.unit)}: "
            "%{customdata}<br>this and those below %{y:.1%}<extra></extra>"
        )
        data.append(
            step_trace(x, y, {"width": 1, "color": style.ink("page")}, fill="tonexty", fillcolor=fade(color, 0.72),
                       name=plain(label), customdata=[percent(v) for v in shares], hovertemplate=hover, **own,
                       meta=_meant(result, part, curve))
        )  # fmt: skip
        swatch = f"▪ {plain(named)}"
        look = {"size": style.small, "color": color if low >= 0 else style.ink("text")}
        notes.append(note(style, 1, place, swatch, yref="y", xshift=round(6 * unit), font=look))
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, right, 12 * unit, foot), annotations=notes,
            # few ticks, because the labels take their room at the right
            xaxis=time_axis(style, end, result.unit, since(result.unit, result.origin), 5),
            yaxis=share_axis(style, "Share of patients"),
        ),
    }  # fmt: skip
    alt = words.stacked_alt(labels)
    return Figure(spec, name, alt, words.stacked_caption(result, part), style.px, round(height), style)


def _meant(result: CumulativeIncidence, part: IncidenceStratum, curve: IncidenceCurve) -> Json:
    """What a click on a cause's band means: the patients of the stratum with it."""
    means = _picked(result, part, curve)
    tip = f"{words.cause_label(result, curve.cause)}\n{plural(curve.n_events_total, 'event')}"
    return {"tip": tip, "pick": means} if means else {}


def _picked(result: CumulativeIncidence, part: IncidenceStratum, curve: IncidenceCurve) -> str:
    """The patients of a stratum with a cause; nothing where it is no site."""
    cause = cause_pick(result, curve.cause)
    return "\n".join(filter(None, (stratum_pick(result, part.name), cause))) if cause else ""


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
@figure(headlines.incidence)
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
    top = share_top(curves, naive, bands)
    end = axis_end(max((float(c.time[-1]) for c in curves if len(c.time)), default=1.0), result.unit, 5)
    levels = result.levels or tuple(s.name for s in result.strata)
    looks = {s.name: style.look(s.name, levels) for s in result.strata}
    panels = [_panel(result, k, looks, end, naive, bands) for k in range(len(result.causes))]
    key = [(s.name, *looks[s.name]) for s in result.strata] if result.by else []
    if not result.by:
        key = [("cumulative incidence", *next(iter(looks.values())))]
    if naive:
        key.append((words.NAIVE, key[0][1] if not result.by else style.ink("text"), "dot"))
    body, height = draw_panels(
        panels, style, unit=result.unit, top=top, key=key, key_note="numbers below: at risk",
        key_title=result.by_label if result.by else "", columns=columns,
        x_title=since(result.unit, result.origin),
    )  # fmt: skip
    caption = words.grid_caption(result, bands=bands, naive=naive)
    return drawn(body, height, style, name, f"{result.label} by cause", words.grid_alt(result), caption)


def _panel(
    result: CumulativeIncidence, k: int, looks: dict[str, tuple[str, str]], end: float, naive: bool, bands: bool
) -> Panel:
    cause, lines = result.causes[k], []
    for s in result.strata:
        beside = incidence_lines(s.curves[k], s.name, *looks[s.name], naive=naive, bands=bands)
        own = f"{s.name} (n = {s.curves[k].n:,})"
        lines += [*beside[:-1], replace(beside[-1], tip=own, pick=stratum_pick(result, s.name))]
    return Panel(
        cause.name, cause.label, (words.cause_message(result, k),), tuple(lines), words.cause_tip(result, k), end
    )


# ---------------------------------------------------------------- the lesson
@figure(headlines.excess)
def naive_excess(result: CumulativeIncidence, style: Style, *, at: float, stratum: str = "") -> Figure:
    """The cumulative incidence of each cause at a time, with 1 - Kaplan-Meier as a pale bar behind it."""
    name = base_name(result, f"one-minus-km-{at:g}")
    if nothing := nothing_to_draw(result, style, name):
        return nothing
    part = next((s for s in result.strata if s.name == stratum), result.strata[0])
    rows = []
    for curve, (estimate, naive) in zip(part.curves, words.excess_phrases(part, at), strict=True):
        label, (color, _) = words.cause_label(result, curve.cause), cause_look(result, curve.cause, style)
        ghost = curve.naive_at(at)
        text = estimate if ghost is None else f"{estimate} ({naive})"
        hover = f"<b>{plain(label)}</b><br>cumulative incidence {estimate}<br>{words.NAIVE} {naive}"
        means, n = _picked(result, part, curve), curve.n_events_total
        hover += f"<br>{plural(n, 'event')} in all" if means else ""
        own = Bar(curve.cause, curve.at(at).value, None, text, hover, color, ghost=ghost, pick=means if n else "")
        rows.append(BarRow(label, (own,)))
    spec, height = bars(rows, style, f"Share with the event by {at:g} {result.unit}", ghost_name=words.NAIVE)
    alt, caption = words.excess_alt(result, part, at), words.excess_caption(result, part, at)
    return Figure(spec, name, alt, caption, style.px, height, style)


# ---------------------------------------------------------------- two hazards
@figure(headlines.hazards)
def hazards_forest(result: HazardsByCause, style: Style, *, labels: dict[str, str] | None = None) -> Figure:
    """Fine-Gray and cause-specific hazard ratios of each cause and term."""
    name = slug(f"{result.endpoint}-hazards-{'-'.join(result.covariates)}")
    if not result.rows:
        return empty(style, name, words.no_hazards(result))
    kinds = ("Fine-Gray (subdistribution)", "Cause-specific")
    rows: list[RatioRow] = []
    for cause in dict.fromkeys(r.cause for r in result.rows):
        events = result.n_events.get(cause, 0)
        rows.append(RatioRow(f"{(labels or result.cause_labels).get(cause, cause)} ({plural(events, 'event')})"))
        rows += [row for r in result.rows if r.cause == cause for row in _hazard_rows(r)]
    spec, height = ratio_chart(rows, style, "Hazard ratio (log scale)", kinds)
    alt, caption = words.hazards_alt(result, ratio_alt(rows, kinds)), words.hazards_caption(result, arrows_phrase(rows))
    return Figure(spec, name, alt, caption, style.px, height, style)


def _hazard_rows(r: HazardRow) -> list[RatioRow]:
    """A term's two ratios, or one line where neither can be estimated."""
    term = contrast(r.term.label, r.term.level, r.term.reference)
    told = f"{r.term.label}: {r.term.level} (n = {r.n_with or 0:,})"
    means = pick(of_level(r.term.covariate, r.term.level)) if r.n_with and r.term.reference else ""
    if r.subdistribution.value is None and r.cause_specific.value is None:
        return [RatioRow(term, r.subdistribution, "not estimable", 0, pick=means, told=told)]
    both = (
        (term, r.subdistribution, ratio_with_p(r.subdistribution, r.subdistribution_p)),
        ("", r.cause_specific, ratio_with_p(r.cause_specific, r.cause_specific_p)),
    )
    return [
        RatioRow(name, ratio, text, place, pick=means, told=f"{told}\n{text}")
        for place, (name, ratio, text) in enumerate(both)
    ]
