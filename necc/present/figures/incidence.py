"""Cumulative incidence as curves, by cause or group, and what every figure of it shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from necc.analysis.competing import DEATH, SEVERAL, UNKNOWN_SITE, CumulativeIncidence, IncidenceCurve
from necc.core.dictionary import N_SITES
from necc.core.guardrails import FEW_AT_RISK, TOO_FEW
from necc.core.text import format_p, p_phrase, slug
from necc.present import svg
from necc.present.figures.picks import of_level, pick, several_sites, site
from necc.present.figures.scales import nice_ticks, tick_text
from necc.present.figures.steps import CountRow, StepFrame, StepLine, curve_chart, step_traces
from necc.present.figures.style import Described, Figure, Json, Style, empty, entry_names, figure, note
from necc.present.svg import plain, text_width
from necc.present.words import headlines
from necc.present.words.captions import competing as words

BANDS_UP_TO = 3
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


def nothing_to_draw(result: CumulativeIncidence, style: Style, name: str, cause: str = "") -> Figure | None:
    """Words where nobody had an event, or none of this cause: a flat line on an axis of its own shows nothing."""
    events = [c.n_events for c in result.causes if not cause or c.name == cause]
    return None if result.n and any(events) else empty(style, name, words.no_curves(result, cause))


def base_name(result: CumulativeIncidence, what: str) -> str:
    return slug(f"{result.endpoint}-{what}" + (f"-by-{result.by}" if result.by else ""))


def cause_pick(result: CumulativeIncidence, cause: str) -> str:
    """The patients with a site that is a cause, where the rule of several sites lets it be said of the sites alone."""
    if cause == SEVERAL and result.rule == "own cause":
        return pick(several_sites())
    if cause in NOT_SITES or result.rule not in ("own cause", "counted in each"):
        return ""
    return pick(site(cause), of_level(N_SITES, "1") if result.rule == "own cause" else None)


def stratum_pick(result: CumulativeIncidence, name: str) -> str:
    return pick(of_level(result.by, name)) if result.by else ""


def incidence_lines(
    curve: IncidenceCurve, name: str, color: str, dash: str, *, naive: bool, bands: bool = True
) -> list[StepLine]:
    """The curve of a cause; before it, dotted and without a band, 1 - Kaplan-Meier."""
    lower, upper = (curve.ci_lower, curve.ci_upper) if bands else (None, None)
    line = StepLine(name=name, curve=curve, color=color, dash=dash, value=curve.estimate, lower=lower, upper=upper)
    beside = replace(line, name=words.NAIVE, dash="dot", value=curve.one_minus_km, lower=None, upper=None, width=0.7,
                     pale=False, numbers=False)  # fmt: skip
    return [beside, line] if naive else [line]


def share_top(curves: Sequence[IncidenceCurve], naive: bool, bands: bool) -> float:
    """Where a share axis ends: the next tenth above what is drawn."""
    drawn = [c.estimate for c in curves] + ([c.one_minus_km for c in curves] if naive else [])
    drawn += [c.ci_upper[c.n_at_risk >= FEW_AT_RISK] for c in curves] if bands else []
    values = np.concatenate(drawn)
    reach = float(values[np.isfinite(values)].max(initial=0)) or 0.1
    return min(max(np.ceil(reach * 10 - 1e-9) / 10, 0.1), 1.0)


# ---------------------------------------------------------------- curves
@figure(headlines.incidence)
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
    if nothing := nothing_to_draw(result, style, name, cause):
        return nothing
    drawn = _drawn(result, style, cause)
    bands = len(drawn) <= BANDS_UP_TO if bands is None else bands
    top = share_top([c for c, *_ in drawn], naive, bands)
    frame = _frame(result, style, drawn)
    data: list[Json] = []
    shown: list[StepLine] = []
    entries = _entries(result, drawn, style)
    for (curve, label, color, dash), listed in zip(drawn, entries, strict=True):
        lines = incidence_lines(curve, label, color, dash, naive=naive)
        shown += lines
        means = stratum_pick(result, label) if result.by else cause_pick(result, curve.cause)
        data += _traces(result, label, listed, lines, style, frame.end, top, bands, means)
    notes = []
    if test := next((t for t in result.tests if t.cause == cause), None):
        text = plain(f"Gray {p_phrase(test.p)}, adjusted {format_p(test.p_adjusted)}" if test.p is not None else "")
        if test.note.startswith(TOO_FEW):
            text = plain(f"Gray: {TOO_FEW}")
        notes.append(note(style, 0.015, 0.97, text, "x domain", "y domain", yanchor="top",
                          font={"size": style.font, "color": style.ink("text")}))  # fmt: skip
    ticks = [t for t in nice_ticks(100 * top, 5) if t <= 100 * top + 1e-9]
    title = f"Incidence of {words.cause_label(result, cause)}" if cause else "Cumulative incidence"
    values = title, 0, top * 1.02, [t / 100 for t in ticks], [f"{tick_text(t)} %" for t in ticks]
    spec = frame.spec(data, notes, *values)
    if not naive:
        spec = Described(spec, curve_chart(frame, shown, entries, bands, values, result.by_label, notes))
    alt = words.curves_alt(result, cause, [(c, label) for c, label, *_ in drawn])
    caption = words.curves_caption(result, cause, bands=bands, naive=naive)
    return Figure(spec, name, alt, caption, style.px, frame.height, style)


Drawn = tuple[IncidenceCurve, str, str, str]


def _drawn(result: CumulativeIncidence, style: Style, cause: str) -> list[Drawn]:
    """(curve, label, colour, dash) of each curve to draw."""
    if result.by:
        levels = result.levels or tuple(s.name for s in result.strata)
        return [(s.curve(cause), s.name, *style.look(s.name, levels)) for s in result.strata]
    curves = [c for c in result.strata[0].curves if not cause or c.cause == cause]
    return [(c, words.cause_label(result, c.cause), *cause_look(result, c.cause, style)) for c in curves]


def _traces(
    result: CumulativeIncidence, label: str, listed: str, lines: Sequence[StepLine], style: Style, end: float,
    top: float, bands: bool, means: str,
) -> list[Json]:  # fmt: skip
    at = f"%{{x:.1f}} {plain(result.unit)}: %{{y:.1%}}"
    traces: list[Json] = []
    for line in lines:
        hover = f"<b>{plain(label)}</b>, {words.NAIVE}<br>{at}<extra></extra>"
        entry: Json = {"name": words.NAIVE, "showlegend": False, "opacity": 0.85}
        if line.name != words.NAIVE:
            entry = {"name": listed, "pick": means}
            hover = (
                f"<b>{plain(label)}</b><br>{at} ({100 * result.level:g} % CI %{{customdata[0]}})<br>"
                "at risk %{customdata[1]}, events of this cause so far %{customdata[2]}<extra></extra>"
            )
        band = 0.14 if bands else 0
        traces += step_traces(line, style, end, group=plain(label), hover=hover, band=band, top=top, **entry)
    return traces


def _entries(result: CumulativeIncidence, drawn: Sequence[Drawn], style: Style) -> list[str]:
    """What the legend says of each curve: its name, and n or its events."""
    counts = [f"n = {c.n:,}" if result.by else f"{c.n_events_total:,}" for c, *_ in drawn]
    names = entry_names([label for _, label, *_ in drawn], style)
    return [plain(f"{name} ({count})") for name, count in zip(names, counts, strict=True)]


def _frame(result: CumulativeIncidence, style: Style, drawn: Sequence[Drawn]) -> StepFrame:
    strata = [(s.name, s.curves[0]) for s in result.strata]
    levels = result.levels or tuple(name for name, _ in strata)

    def rows(ticks: list[float]) -> list[CountRow]:
        looks = [style.look(name, levels) if result.by else None for name, _ in strata]
        return [
            CountRow("At risk", muted=True),
            *(CountRow(name, [f"{n:,}" for n in curve.at_risk(ticks)], look, tip=f"{name} (n = {curve.n:,})",
                       pick=stratum_pick(result, name))
              for (name, curve), look in zip(strata, looks, strict=True)),
        ]  # fmt: skip

    return StepFrame(
        style, unit=result.unit, origin=result.origin, legend_title=result.by_label or "Cause", rows=rows,
        last=max((float(c.time[-1]) for _, c in strata if len(c.time)), default=1.0),
        cell=text_width(f"{max(c.n for _, c in strata):,}", style.small),
        names=min(max(text_width(name, style.small) for name, _ in strata) + 34 * style.unit, 0.3 * style.px),
        entries=_entries(result, drawn, style),
    )  # fmt: skip
