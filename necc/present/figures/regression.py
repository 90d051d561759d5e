"""Figures of Cox regression: hazard ratios, proportional hazards, influence of patients, selection, subgroups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from necc.analysis.regression import (
    CoxModel,
    CoxTerm,
    HazardRatios,
    ImputedModel,
    ImputedTerm,
    Influence,
    StepwiseResult,
    SubgroupTable,
    UnivariateTable,
)
from necc.analysis.regression.diagnostics import ProportionalHazards, SchoenfeldResiduals
from necc.core.estimate import Estimate
from necc.core.text import format_number, format_percent, p_phrase, plural, slug
from necc.present.figures.bars import Bar, BarRow, bars
from necc.present.figures.picks import of_level, pick
from necc.present.figures.ratios import RatioRow, arrows_phrase, ratio_chart, ratio_texts
from necc.present.figures.scales import tick_text
from necc.present.figures.style import Figure, Json, Style, axis, below_axis, empty, fade, figure, hovered, layout, note
from necc.present.svg import plain, text_width, tip_text
from necc.present.words import headlines
from necc.present.words.captions import regression as words

MOST_PATIENTS = 400
SIZE_LIMIT = 1.0


def _estimate(term: CoxTerm, level: float) -> Estimate:
    return Estimate(term.hazard_ratio, term.ci_lower, term.ci_upper, level, term.method)


def _row(label: str, term: CoxTerm, level: float, place: int = 0) -> RatioRow:
    text, counts = words.term_phrase(term), words.counts_phrase(term)
    hover = "<br>".join([f"<b>{plain(words.term_label(term))}</b>", plain(text), *([plain(counts)] if counts else [])])
    told = f"{term.label}: {term.level} (n = {term.n or 0:,})\n{tip_text(hover).partition(chr(10))[2]}"
    return RatioRow(label, _estimate(term, level), text, place, hover, place > 0, _pick(term), told)


def _pick(term: CoxTerm) -> str:
    """The patients at a term's level; nothing for a number, an interaction, or a level without patients."""
    return pick(of_level(term.variable, term.level)) if term.level and term.n and term.reference else ""


# ---------------------------------------------------------------- hazard ratios
@figure(headlines.forest)
def forest(table: UnivariateTable | CoxModel | HazardRatios | ImputedModel, style: Style) -> Figure:
    """Hazard ratios of every covariate alone and, under each, within the model of several, on one log axis.

    table: or a model or the ratios of a factor's levels, whose terms are drawn alone.
    """
    name = slug(f"cox-{table.endpoint}-forest")
    if not isinstance(table, UnivariateTable):
        return _of_terms(table, style, name)
    model = table.multivariable
    terms = [t for row in table.rows for t in row.terms] + list(model.terms if model else ())
    if not any(t.estimable for t in terms):
        return empty(style, name, words.no_forest(table))
    rows = [r for row in table.rows for r in _alone(row.terms, row.label, model, table.level)]
    known = {row.variable for row in table.rows}
    if model:
        rows += [_row(words.term_label(t), t, table.level, 1) for t in model.terms if t.variable not in known]
    kinds = (words.ALONE, words.TOGETHER) if model else (words.ALONE,)
    title = f"Hazard ratio ({100 * table.level:g} % CI)"
    spec, height = ratio_chart(rows, style, title, kinds)
    said = words.forest(table, ratio_texts(rows, kinds if model else ()), arrows_phrase(rows))
    return Figure(spec, name, *said, style.px, height, style)


def _of_terms(model: CoxModel | HazardRatios | ImputedModel, style: Style, name: str) -> Figure:
    terms = [_unpooled(t) if isinstance(t, ImputedTerm) else t for t in model.terms]
    if not any(t.estimable for t in terms):
        return empty(style, name, words.no_forest(model))
    rows = [_row(words.term_label(t), t, model.level) for t in terms]
    spec, height = ratio_chart(rows, style, f"Hazard ratio ({100 * model.level:g} % CI)", (words.TOGETHER,))
    said = words.forest(model, ratio_texts(rows), arrows_phrase(rows))
    return Figure(spec, name, *said, style.px, height, style)


def _unpooled(t: ImputedTerm) -> CoxTerm:
    """A pooled term as one of a model; without patients, since each imputation counts others at a level."""
    numbers = (t.coefficient, t.se, t.hazard_ratio, t.ci_lower, t.ci_upper, t.p)
    return CoxTerm(t.term, t.variable, t.label, t.unit, t.level, t.reference, *numbers, t.method)


def _alone(terms: Sequence[CoxTerm], label: str, model: CoxModel | None, level: float) -> list[RatioRow]:
    together = {t.term: t for t in model.terms} if model else {}
    rows = [RatioRow(f"{label} (vs {terms[0].reference})")] if len(terms) > 1 else []
    for term in terms:
        own = f"   {term.level}" if len(terms) > 1 else words.term_label(term)
        rows.append(_row(own, term, level))
        if term.term in together:
            rows.append(_row("", together[term.term], level, 1))
    return rows


@figure(headlines.subgroups)
def subgroup_forest(result: SubgroupTable, style: Style) -> Figure:
    """The exposure's hazard ratio in every subgroup, with the p of the interaction in the headings."""
    name = slug(f"cox-{result.endpoint}-subgroups-{result.exposure}")
    if not any(row.term.estimable for row in result.rows):
        return empty(style, name, words.no_subgroups(result))
    tests = {t.name: t for t in result.interactions}
    rows: list[RatioRow] = []
    last = ""
    for row in result.rows:
        counts = f"{row.n_events:,}/{row.n:,}"
        if row.variable is None:
            rows.append(replace(_row(f"All patients ({counts})", row.term, result.level), pick=""))
            continue
        if row.variable != last:
            last = row.variable
            rows.append(RatioRow(f"{row.label}, interaction {p_phrase(tests[last].p)}"))
        own = _row(f"   {row.level} ({counts})", row.term, result.level)
        told = f"{row.label}: {row.level} (n = {row.n:,})\n{own.text}"
        rows.append(replace(own, pick=pick(of_level(row.variable, row.level or "")), told=told))
    title = f"Hazard ratio of {result.exposure_label} ({100 * result.level:g} % CI)"
    spec, height = ratio_chart(rows, style, title)
    said = words.subgroup_forest(result, ratio_texts(rows), arrows_phrase(rows))
    return Figure(spec, name, *said, style.px, height, style)


# ---------------------------------------------------------------- proportional hazards
@figure(headlines.residuals)
def schoenfeld(
    result: SchoenfeldResiduals, style: Style, *, term: str, label: str, unit: str = "",
    test: ProportionalHazards | None = None,
) -> Figure:  # fmt: skip
    """Scaled Schoenfeld residuals of a term over time: a line that isn't level speaks against one hazard ratio.

    Args:
        term: one of the result's terms; label: its name in words. unit: of time. test: its score test.
    """
    name = slug(f"schoenfeld-{term}")
    j = result.terms.index(term) if term in result.terms else -1
    if j < 0 or not len(result.line):
        return empty(style, name, words.no_residuals(label))
    finite = np.isfinite(result.x)
    x, y, time = result.x[finite], result.residuals[finite, j], result.time[finite]
    grid, line = result.line_x, result.line[:, j]
    constant, message = float(result.coefficients[j]), words.test_phrase(test)
    low, high = float(min(y.min(), line.min(), 0)), float(max(y.max(), line.max(), 0))
    pad = 0.05 * ((high - low) or 1)
    edge = 0.03 * ((float(x.max()) - float(x.min())) or 1)
    ticks = _even_ticks(low, high)
    places = _event_ticks(x, time, 7)
    labels = list(map(tick_text, ticks))
    left = max(text_width(s, style.font) for s in labels) + style.font * 1.3 + 26 * style.unit
    height = round(style.px * (9 / 16 if style.projected else 0.44))
    ends = (float(x.min()) - edge, float(x.max()) + edge)
    color, trend = style.color(0), style.color(1)
    quiet = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    flat = {**quiet, "x": [round(e, 6) for e in ends]}
    data = [
        {**flat, "y": [0, 0], "line": {"color": style.ink("muted"), "width": 1, "dash": "dot"}},
        {**flat, "y": [round(constant, 6)] * 2, "line": {"color": style.ink("text"), "width": 1.2, "dash": "dash"}},
        {"type": "scatter", "mode": "markers", "x": np.round(x, 6).tolist(), "y": np.round(y, 6).tolist(),
         "showlegend": False,
         **hovered(f"{_time_text(t)} {plain(unit)}: {format_number(float(v), 2)}"
                   for t, v in zip(time, y, strict=True)),
         "marker": {"color": fade(color, 0.75), "size": round(7 * style.unit), "symbol": "circle"}},
        {**quiet, "x": np.round(grid, 6).tolist(), "y": np.round(line, 6).tolist(),
         "line": {"color": trend, "width": style.line * 1.2}},
    ]  # fmt: skip
    notes = [
        note(style, 0.99, 0.98, plain(message), "x domain", "y domain", xanchor="right", yanchor="top",
             font={"size": style.font, "color": style.ink("text")})
    ] if message else []  # fmt: skip
    shown = layout(
        style, height, (left, 14 * style.unit, 12 * style.unit, below_axis(style, 24)), annotations=notes,
        xaxis=axis(style, *ends, [p for p, _ in places], [t for _, t in places], plain(f"Time, {unit}".rstrip(", "))),
        yaxis=axis(style, low - pad, high + pad, ticks, labels, "Log hazard ratio over time", grid=True),
    )  # fmt: skip
    said = words.schoenfeld(result, j, label, test)
    return Figure({"data": data, "layout": shown}, name, *said, style.px, height, style)


def _even_ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Ticks in steps of 1, 2 or 5 times a power of ten, from below zero to above."""
    span = (high - low) or 1.0
    power = 10.0 ** np.floor(np.log10(span / most))
    step = next(m * power for m in (1, 2, 5, 10, 20) if span / (m * power) <= most)
    first = int(np.ceil(low / step - 1e-9))
    return [round(i * step, 10) for i in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _event_ticks(x: np.ndarray, time: np.ndarray, most: int) -> list[tuple[float, str]]:
    """Event times that stand about evenly along the axis, with their place."""
    places, first = np.unique(x, return_index=True)
    wanted = np.linspace(places[0], places[-1], min(most, len(places)))
    chosen = sorted({int(np.abs(places - w).argmin()) for w in wanted})
    return [(round(float(places[i]), 6), _time_text(float(time[first[i]]))) for i in chosen]


def _time_text(time: float) -> str:
    return tick_text(round(time, 0 if time >= 100 else 1 if time >= 10 else 2))


# ---------------------------------------------------------------- single patients
@figure(headlines.influence)
def influence_plot(result: Influence, style: Style, *, term: str, label: str, identify: bool = False) -> Figure:
    """How far each patient moves a coefficient, in its standard errors, from the most downward to the most upward.

    Args:
        term: one of the result's terms; label: its name in words.
        identify: name the spreadsheet rows when hovering; never where others look on.
    """
    name = slug(f"influence-{term}")
    n = len(result.rows)
    if term not in result.terms or not n:
        return empty(style, name, words.no_influence(label))
    moved = result.dfbetas[:, result.terms.index(term)]
    order = np.argsort(moved, kind="stable")
    if n > MOST_PATIENTS:
        kept = np.sort(np.argsort(-np.abs(moved[order]), kind="stable")[:MOST_PATIENTS])
        order = order[kept]
    values = moved[order]
    reach = max(float(np.abs(values).max()) * 1.08, 0.35)
    ticks = _even_ticks(-reach, reach)
    labels = list(map(tick_text, ticks))
    unit = style.unit
    left = max(text_width(s, style.font) for s in labels) + style.font * 1.3 + 26 * unit
    title = "Moves by, in standard errors"
    usual = style.px * (9 / 16 if style.projected else 0.36)
    height = round(max(usual, text_width(title, style.font) + 8 * unit))
    where = [f"spreadsheet row {result.spreadsheet_rows[i]}: " if identify else "" for i in order]
    data: list[Json] = [
        {"type": "bar", "orientation": "v", "x": list(range(1, len(values) + 1)), "y": np.round(values, 5).tolist(),
         "width": [0.8] * len(values), "showlegend": False,
         **hovered(f"{w}{format_number(float(v), 2)}" for w, v in zip(where, values, strict=True)),
         "marker": {"color": [style.color(1) if abs(v) > SIZE_LIMIT else style.color(0) for v in values]}}
    ]  # fmt: skip
    limit = {"color": style.ink("muted"), "width": 1, "dash": "dash"}
    shapes = [
        {"type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": limit}
        for y in (-SIZE_LIMIT, SIZE_LIMIT) if reach > SIZE_LIMIT
    ]  # fmt: skip
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, 14 * unit, 12 * unit, below_axis(style, 14)), shapes=shapes,
            xaxis=axis(style, 0, len(values) + 1, (), (), "Patients, in the order of their influence"),
            yaxis=axis(style, -reach, reach, ticks, labels, title, grid=True),
        ),
    }  # fmt: skip
    said = words.influence(result, term, label, SIZE_LIMIT, len(order))
    return Figure(spec, name, *said, style.px, height, style)


# ---------------------------------------------------------------- selection
@figure(headlines.inclusion)
def inclusion_bars(result: StepwiseResult, style: Style, *, labels: Sequence[tuple[str, str]] = ()) -> Figure:
    """How often each candidate was selected in bootstrap samples of the patients."""
    name = slug(f"cox-{result.endpoint}-inclusion")
    if not result.inclusion:
        return empty(style, name, words.NO_SAMPLES)
    names = dict(labels)
    rows = []
    for variable, share in sorted(result.inclusion, key=lambda pair: -pair[1]):
        chosen, label = variable in result.selected, names.get(variable, variable)
        message = f"{format_percent(share, 1, 0)} %"
        hover = f"<b>{plain(label)}</b><br>in {message} of {plural(result.bootstrap, 'sample')}"
        color = style.color(0) if chosen else style.ink("axis")
        rows.append(BarRow(label, (Bar(variable, share, None, message, hover, color),), "selected" if chosen else ""))
    spec, height = bars(rows, style, f"Share of {plural(result.bootstrap, 'bootstrap sample')}")
    spec["layout"].pop("clickmode", None)
    said = words.inclusion_bars(result, [(r.label, r.bars[0].text) for r in rows])
    return Figure(spec, name, *said, style.px, height, style)
