"""Prediction models beside each other, their calibration and net benefit, and the curve of one patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from necc.analysis.prediction import ModelComparison, ModelPerformance, PatientPrediction
from necc.core.estimate import Estimate
from necc.core.text import DASH, format_number, slug
from necc.present.figures.scales import nice_ticks, tick_text
from necc.present.figures.steps import step_band, step_trace
from necc.present.figures.style import (
    Arm,
    Figure,
    Json,
    Margin,
    Style,
    axis,
    below_axis,
    empty,
    fade,
    figure,
    hints,
    hovered,
    layout,
    legend,
    row_axis,
    share_axis,
    time_axis,
)  # fmt: skip
from necc.present.svg import fit, fit_all, plain, text_width
from necc.present.words import headlines
from necc.present.words.captions import prediction as words
from necc.present.words.phrases import estimate_cell, since

SYMBOLS = ("circle", "square", "diamond", "triangle-up")


@dataclass(frozen=True)
class _Row:
    label: str
    estimate: Estimate
    color: str
    text: str


@figure(headlines.discrimination)
def discrimination(comparison: ModelComparison, style: Style, *, metric: str = "harrell") -> Figure:
    """A measure of every model with its interval."""
    name = slug(f"{comparison.endpoint}-prediction-{metric}")
    if not comparison.estimable:
        return empty(style, name, words.not_estimable(comparison))
    first = comparison.models[0].score(metric)
    shown = [(m, m.score(metric).estimate) for m in comparison.models if m.name != "null" or metric == "ibs"]
    rows = [_Row(m.label, e, _color(comparison, m, style), estimate_cell(e, 2)) for m, e in shown]
    chance = first.estimate.value if metric == "ibs" else 0.5
    better = "lower is better" if metric == "ibs" else "0.5 is chance, 1 is perfect order"
    spec, height = _points(rows, style, f"{first.label}; {better}", chance, share=metric != "ibs")
    said = words.discrimination(comparison, first.label, [(r.label, r.text) for r in rows])
    return Figure(spec, name, *said, style.px, height, style)


@figure(headlines.importance)
def importance(comparison: ModelComparison, style: Style, *, model: str = "cox") -> Figure:
    """How far Harrell's C falls without each covariate's order."""
    name = slug(f"{comparison.endpoint}-importance-{model}")
    chosen = comparison.model(model) if comparison.estimable else None
    if chosen is None or not chosen.importance:
        return empty(style, name, words.NO_IMPORTANCE)
    rows = [_Row(i.label, i.drop, style.color(0), estimate_cell(i.drop, 3)) for i in chosen.importance]
    spec, height = _points(rows, style, "Fall of Harrell's C when its values are exchanged", 0.0)
    said = words.importance(comparison, chosen, [(r.label, r.text) for r in rows])
    return Figure(spec, name, *said, style.px, height, style)


def _color(comparison: ModelComparison, model: ModelPerformance, style: Style) -> str:
    if model.name == "null":
        return style.ink("muted")
    return style.color(1 if model.name == comparison.comparator else 0)


def _points(
    rows: Sequence[_Row], style: Style, title: str, reference: float | None, share: bool = False
) -> tuple[Json, int]:
    """Points with intervals, one row each, and the numbers in a column at the right."""
    unit = style.unit
    left = min(max(text_width(r.label, style.font) for r in rows) + 14 * unit, 0.4 * style.px)
    right = max(text_width(r.text, style.small) for r in rows) + 22 * unit
    edges = [
        v for r in rows for v in (r.estimate.value, r.estimate.lower, r.estimate.upper, reference) if v is not None
    ]
    low, high = min(edges, default=0.0), max(edges, default=1.0)
    if share:
        low, high = max(min(low, 0.45), 0.0) if low > 0.3 else 0.0, min(high, 1.0)
    pad = 0.06 * max(high - low, 1e-6)
    low, high = low - pad, high + pad
    step = nice_ticks(high - low, 6)[1]
    first = int(low / step) - 1
    ticks = [round(step * i, 10) for i in range(first, first + 20) if low <= step * i <= high]
    known = [(i, r, value) for i, r in enumerate(rows) if (value := r.estimate.value) is not None]
    height = round(len(rows) * 30 * unit + below_axis(style, 34))
    error = style.error_bars(_arms(r.estimate for _, r, _ in known), style.ink("text"))
    data: list[Json] = [
        {"type": "scatter", "mode": "markers", "x": [round(value, 5) for *_, value in known],
         "y": [-i for i, *_ in known], "cliponaxis": True, "showlegend": False,
         "marker": {"color": [r.color for _, r, _ in known], "size": round(10 * unit), "symbol": "circle"},
         **hovered(f"<b>{plain(r.label)}</b><br>{plain(r.text)}" for _, r, _ in known), "error_x": error},
    ]  # fmt: skip
    shapes = [] if reference is None else [style.line_at(reference)]
    labels = list(map(plain, fit_all([r.label for r in rows], style.font, left - 12 * unit)))
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, right, 8 * unit, below_axis(style)),
            xaxis=axis(style, low, high, ticks, list(map(tick_text, ticks)), plain(title), grid=True),
            yaxis=row_axis(style, labels), annotations=hints(style, [r.text for r in rows], 12), shapes=shapes,
        ),
    }  # fmt: skip
    return spec, height


def _arms(estimates: Iterable[Estimate]) -> list[Arm]:
    return [(e.value, e.lower, e.upper) for e in estimates]


# ---------------------------------------------------------------- calibration and net benefit
def _frame(style: Style, names: Sequence[str], labels: Sequence[str]) -> tuple[Margin, Json | None, float]:
    """Margins, legend and height of a chart with two number axes."""
    unit = style.unit
    left = style.font * 1.3 + 8 * unit + max(text_width(t, style.font) for t in labels) + 16 * unit
    above, described, right = 10 * unit, None, 10 * unit + text_width(labels[-1], style.font) / 2
    if len(names) > 1:
        described, above = legend(style, [plain(n) for n in names], left + right)
    below = below_axis(style, 24)
    height = style.px * 9 / 16 if style.projected else 0.42 * style.px + above + below
    return (left, right, above, below), described, height


@figure(headlines.calibration)
def calibration(comparison: ModelComparison, style: Style, *, models: Sequence[str] = ()) -> Figure:
    """Predicted against observed survival at the time of the comparison, in groups of similar predictions."""
    name = slug(f"{comparison.endpoint}-calibration")
    if not comparison.estimable:
        return empty(style, name, words.not_estimable(comparison))
    chosen = [comparison.model(n) for n in models] or list(comparison.candidates)
    margin, described, height = _frame(style, [m.label for m in chosen], ["100 %"])
    data: list[Json] = [
        {"type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "hoverinfo": "skip", "showlegend": False,
         "line": {"color": style.ink("muted"), "width": 1, "dash": "dash"}}
    ]  # fmt: skip
    for place, model in enumerate(chosen):
        data.append(_calibration_trace(model, style, place))
    when = words.time_phrase(comparison)
    spec = {
        "data": data,
        "layout": layout(
            style, height, margin,
            xaxis=share_axis(style, f"Predicted survival at {when}", 1),
            yaxis=share_axis(style, "Observed (Kaplan-Meier)"),
            **({"showlegend": True, "legend": described} if described else {}),
        ),
    }  # fmt: skip
    return Figure(spec, name, *words.calibration(comparison, chosen), style.px, round(height), style)


def _calibration_trace(model: ModelPerformance, style: Style, place: int) -> Json:
    groups = [g for g in model.calibration if g.observed.value is not None]
    color, dash = style.color(place), ("solid", "dash", "dot", "dashdot")[place % 4]
    hover = ["<br>".join([f"<b>{plain(model.label)}</b>", *words.group_lines(g)]) for g in groups]
    return {
        "type": "scatter", "mode": "lines+markers", "name": plain(model.label), "showlegend": True,
        "x": [round(g.predicted, 4) for g in groups], "y": [round(g.observed.value or 0, 4) for g in groups],
        "line": {"color": color, "width": max(1, style.line / 2), "dash": dash},
        "marker": {"color": color, "size": round(9 * style.unit), "symbol": SYMBOLS[place % len(SYMBOLS)]},
        "error_y": style.error_bars(_arms(g.observed for g in groups), fade(color, 0.55), 1, 0),
        **hovered(hover),
    }  # fmt: skip


@figure(headlines.net_benefit)
def net_benefit(comparison: ModelComparison, style: Style, *, models: Sequence[str] = ()) -> Figure:
    """The decision curve: net benefit of acting on a predicted risk, by the risk at which one would act."""
    name = slug(f"{comparison.endpoint}-net-benefit")
    if not comparison.estimable:
        return empty(style, name, words.not_estimable(comparison))
    chosen = [comparison.model(n) for n in models] or [m for m in comparison.models if m.name != "null"]
    top = max((v for m in chosen for v in (*m.net_benefit, *comparison.treat_all) if v is not None), default=0.1)
    ticks = nice_ticks(max(top, 0.05), 5)
    low = -0.15 * max(top, 0.05)
    names = ["Everybody called high-risk", "Nobody", *(m.label for m in chosen)]
    margin, described, height = _frame(style, names, list(map(tick_text, ticks)))
    muted, nobody = style.ink("muted"), tuple(0.0 for _ in comparison.thresholds)
    data = [
        _curve(names[0], comparison, comparison.treat_all, (muted, "dash"), low, style),
        _curve(names[1], comparison, nobody, (muted, "dot"), low, style),
    ]
    for place, model in enumerate(chosen):
        dash = ("solid", "dash", "dot", "dashdot", "longdash")[place % 5]
        data.append(_curve(model.label, comparison, model.net_benefit, (style.color(place), dash), low, style))
    when = words.time_phrase(comparison)
    title = f"Risk of the event by {when} at which one would act"
    spec = {
        "data": data,
        "layout": layout(
            style, height, margin,
            xaxis=share_axis(style, title, 0.92, (0, 0.2, 0.4, 0.6, 0.8), grid=False),
            yaxis=axis(style, low, max(top, 0.05) * 1.05, ticks, title="Net benefit", grid=True),
            showlegend=True, legend=described,
        ),
    }  # fmt: skip
    return Figure(spec, name, *words.net_benefit(comparison, chosen), style.px, round(height), style)


def _curve(
    name: str, comparison: ModelComparison, values: Sequence[float | None], look: tuple[str, str], low: float,
    style: Style,
) -> Json:  # fmt: skip
    known = _above(zip(comparison.thresholds, values, strict=True), low)
    return {
        "type": "scatter", "mode": "lines", "name": plain(name), "x": [t for t, _ in known],
        "y": [None if v is None else round(v, 5) for _, v in known], "showlegend": True,
        "line": {"color": look[0], "width": style.line, "dash": look[1]},
        "hovertemplate": f"<b>{plain(name)}</b><br>acting from %{{x:.0%}}: %{{y:.3f}}<extra></extra>",
    }  # fmt: skip


def _above(points: Iterable[tuple[float, float | None]], low: float) -> list[tuple[float, float | None]]:
    """A line down to the edge of its axis, and from there up again; a gap while it is below."""
    shown: list[tuple[float, float | None]] = []
    last: tuple[float, float] | None = None
    for t, v in points:
        if v is None:
            continue
        if last and (v < low) != (last[1] < low):
            edge = last[0] + (t - last[0]) * (low - last[1]) / (v - last[1])
            shown += [(edge, low), (edge, None)] if v < low else [(edge, low)]
        if v >= low:
            shown.append((t, v))
        last = (t, v)
    return shown


# ---------------------------------------------------------------- one patient
@figure(headlines.patient)
def patient_curve(prediction: PatientPrediction, style: Style) -> Figure:
    """The predicted curve with its band, beside the Kaplan-Meier curve of the fitted patients; the warning below."""
    p = prediction
    names = [f"Predicted ({p.model_label})", f"All {p.n:,} patients (Kaplan-Meier)"]
    margin, described, height = _frame(style, names, ["100 %"])
    x = [round(t, 4) for t in p.time.tolist()]
    color = style.color(1)
    low, high, own, everyone = (
        [round(v, 4) for v in values.tolist()] for values in (p.ci_lower, p.ci_upper, p.survival, p.everyone)
    )
    limits = zip(p.ci_lower.tolist(), p.ci_upper.tolist(), strict=True)
    band = [f"{format_number(100 * a, 0)}{DASH}{format_number(100 * b, 0)}" for a, b in limits]
    hover = f"%{{x:.1f}} {plain(p.unit)}: %{{y:.0%}}"
    data = [
        *step_band(x, low, high, color, 0.18),
        step_trace(x, own, {"color": color, "width": style.line}, name=plain(names[0]), showlegend=True,
                   customdata=band, hovertemplate=f"{hover} (band %{{customdata}} %)<extra></extra>"),
        step_trace(x, everyone, {"color": style.ink("muted"), "width": style.line, "dash": "dash"},
                   name=plain(names[1]), showlegend=True, hovertemplate=f"{hover}<extra></extra>"),
    ]  # fmt: skip
    spec = {
        "data": data,
        "layout": layout(
            style, height, margin,
            xaxis=time_axis(style, x[-1] or 1.0, p.unit, since(p.unit, p.origin)),
            yaxis=share_axis(style, fit(p.label, style.font, 0.38 * style.px)),
            showlegend=True, legend=described,
        ),
    }  # fmt: skip
    name = slug(f"{p.endpoint}-patient")
    return Figure(spec, name, *words.patient_curve(p), style.px, round(height), style)
