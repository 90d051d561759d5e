"""Several centres: their curves as small panels, their hazard ratios as a forest and a funnel, their shares in rows."""

from __future__ import annotations

from necc.analysis.centres import ByCentre, CentreShare, Heterogeneity, ShareByCentre, SharesByCentre
from necc.analysis.regression import CoxTerm
from necc.analysis.survival import Curve
from necc.centres import Preview
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.text import format_number, plural, slug
from necc.present.figures.dots import Dot, DotRow, dot_chart, linear_scale
from necc.present.figures.panels import Panel, draw_panels
from necc.present.figures.ratios import NICE, RatioRow, arrows_phrase, ratio_chart, ratio_texts
from necc.present.figures.scales import axis_end, nice_ticks, place_of, ratio_at, tick_text
from necc.present.figures.steps import StepLine
from necc.present.figures.style import Figure, Json, Style, axis, below_axis, drawn, empty, figure, hovered, layout
from necc.present.svg import plain, text_width
from necc.present.words import headlines
from necc.present.words.captions import centres as words
from necc.present.words.phrases import since

LEAST_FUNNEL = 3
LIMIT = 1.959963984540054  # of the standard normal distribution, for 95 of 100


# ---------------------------------------------------------------- curves
@figure(headlines.centre_curves)
def centre_curves(result: ByCentre, style: Style, *, columns: int = 0) -> Figure:
    """Kaplan-Meier curves of each centre, a panel a centre on the same axes.

    columns: panels beside each other; as many as fit without.
    """
    name = slug(f"{result.endpoint}-by-centre")
    if not result.n:
        return empty(style, name, words.no_curves(result))
    last = max(float(c.time[-1]) for one in result.centres for c in one.curves if len(c.time))
    end = axis_end(last, result.unit, 6)
    looks = {level: style.look(level, result.levels) for level in result.levels} or {"": style.look("", ())}
    panels = [
        Panel("", one.name, (plural(one.n, "patient"),), tuple(_line(c, looks, style) for c in one.curves),
              f"{one.name}: {words.centre_phrase(one, result.unit)}", end)
        for one in result.centres
    ]  # fmt: skip
    shown = {c.name for one in result.centres for c in one.curves}
    key = [(level, *look) for level, look in looks.items() if level in shown] if result.by else []
    body, height = draw_panels(panels, style, unit=result.unit, columns=columns, key=key, key_title=result.by_label,
                               x_title=since(result.unit, result.origin))  # fmt: skip
    return drawn(body, height, style, name, headlines.centre_curves(result), *words.curves(result))


def _line(curve: Curve, looks: dict[str, tuple[str, str]], style: Style) -> StepLine:
    color, dash = looks.get(curve.name) or style.look(curve.name, ())
    return StepLine(name=curve.name, curve=curve, color=color, dash=dash, value=curve.survival, start=1.0,
                    lower=curve.ci_lower, upper=curve.ci_upper, from_start=True, median=curve.median.value,
                    censored=True)  # fmt: skip


# ---------------------------------------------------------------- ratios
def _chosen(result: ByCentre, term: str) -> tuple[CoxTerm, Heterogeneity] | None:
    """The term that a figure is about, the first estimable one without a name.

    Raises:
        AnalysisError: there is no term of this name.
    """
    pairs = list(zip(result.terms, result.heterogeneity, strict=True))
    if term and term not in [t.term for t, _ in pairs]:
        raise AnalysisError(f"no term '{term}'; there are {', '.join(t.term for t, _ in pairs) or 'none'}")
    return next(((t, h) for t, h in pairs if t.estimable and term in ("", t.term)), None)


def _estimate(term: CoxTerm, level: float) -> Estimate:
    return Estimate(term.hazard_ratio, term.ci_lower, term.ci_upper, level, term.method)


def _row(label: str, e: Estimate, p: float | None = None, place: int = 0) -> RatioRow:
    return RatioRow(label, e, words.ratio_phrase(e, p), place)


@figure(headlines.centre_ratios)
def centre_forest(result: ByCentre, style: Style, *, term: str = "") -> Figure:
    """A level's hazard ratio in each centre, over all of them, and without each; with a prediction interval.

    term: one of the result's terms; the first without.
    """
    name = slug(f"cox-{result.endpoint}-by-centre")
    chosen = _chosen(result, term)
    if chosen is None:
        return empty(style, name, words.no_ratios(result))
    shown, h = chosen
    rows = [
        _row(f"{one.name} ({one.n_events:,}/{one.n:,})", _estimate(own, result.level), own.p)
        for one in result.centres if (own := one.like(shown)) is not None
    ]  # fmt: skip
    rows.append(_row(f"{words.POOLED} ({result.n_events:,}/{result.n:,})", _estimate(shown, result.level), shown.p, 1))
    if h.estimate is not None:
        mean = Estimate(_exp(h.estimate), _exp(h.ci_lower), _exp(h.ci_upper), result.level)
        rows.append(_row(words.MEAN, mean, place=1))
    if h.prediction_lower is not None:
        further = Estimate(_exp(h.estimate), _exp(h.prediction_lower), _exp(h.prediction_upper), result.level)
        rows.append(_row(words.FURTHER, further, place=1))
    left = [(one.name, own) for one in result.without if (own := one.like(shown)) is not None]
    rows += [RatioRow(words.WITHOUT)] if left else []
    rows += [_row(f"   {name}", _estimate(own, result.level), own.p, 1) for name, own in left]
    spec, height = ratio_chart(rows, style, f"Hazard ratio ({100 * result.level:g} % CI)", words.KINDS)
    said = words.forest(result, shown, h, ratio_texts(rows), arrows_phrase(rows))
    return Figure(spec, name, *said, style.px, height, style)


def _exp(value: float | None) -> float | None:
    return None if value is None else ratio_at(value)


@figure(headlines.centre_funnel)
def centre_funnel(result: ByCentre, style: Style, *, term: str = "") -> Figure:
    """Each centre's hazard ratio against its standard error, with the limits within which equal centres would lie.

    term: one of the result's terms; the first without.
    """
    name = slug(f"cox-{result.endpoint}-by-centre-funnel")
    chosen = _chosen(result, term)
    if chosen is None:
        return empty(style, name, words.no_ratios(result))
    shown, h = chosen
    found = [(one.name, own) for one in result.centres if (own := one.like(shown)) is not None]
    if len(found) < LEAST_FUNNEL:
        return empty(style, name, words.few_for_funnel(result))
    middle, most = shown.coefficient or 0.0, max(own.se or 0.0 for _, own in found) * 1.1
    low, high = middle - LIMIT * most, middle + LIMIT * most
    values = [own.coefficient or 0.0 for _, own in found]
    low, high = min(low, *values) - 0.1, max(high, *values) + 0.1
    texts = [f"{words.ratio_phrase(_estimate(own, result.level))}, SE {format_number(own.se or 0.0, 2)}"
             for _, own in found]  # fmt: skip
    ticks = [t for t in NICE if low <= place_of(t) <= high]
    steps = nice_ticks(most)
    unit, muted = style.unit, style.ink("muted")
    left = max(text_width(tick_text(s), style.font) for s in steps) + style.font * 1.3 + 26 * unit
    height = round(style.height or style.px * 0.5)
    quiet = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    data: list[Json] = [
        {**quiet, "x": [round(ratio_at(middle + side * LIMIT * se), 6) for se in (0.0, most)], "y": [0.0, -most],
         "line": {"color": muted, "width": style.line * 0.8, "dash": "dash"}} for side in (-1, 1)
    ]  # fmt: skip
    data.append({**quiet, "x": [round(ratio_at(middle), 6)] * 2, "y": [0.0, -most],
                 "line": {"color": muted, "width": style.line * 0.8}})  # fmt: skip
    data.append({
        "type": "scatter", "mode": "markers", "showlegend": False, "cliponaxis": False,
        "x": [round(ratio_at(v), 6) for v in values], "y": [round(-(own.se or 0.0), 6) for _, own in found],
        "marker": {"color": style.color(0), "symbol": ["circle"] * len(found), "opacity": 1,
                   "size": [round(9 * unit)] * len(found)},
        **hovered(f"<b>{plain(name)}</b><br>{plain(text)}" for (name, _), text in zip(found, texts, strict=True)),
    })  # fmt: skip
    span = low / place_of(10), high / place_of(10)
    shown_layout = layout(
        style, height, (left, 16 * unit, 12 * unit, below_axis(style, 24)),
        xaxis=axis(style, *span, ticks, list(map(tick_text, ticks)), "Hazard ratio", grid=True, type="log"),
        yaxis=axis(style, -most, 0.02 * most, [-s for s in steps], list(map(tick_text, steps)), "Standard error"),
    )  # fmt: skip
    said = words.funnel(result, shown, h, [(name, text) for (name, _), text in zip(found, texts, strict=True)])
    return Figure({"data": data, "layout": shown_layout}, name, *said, style.px, height, style)


# ---------------------------------------------------------------- shares
@figure(headlines.centre_shares)
def centre_shares(result: SharesByCentre, style: Style, *, only: str = "") -> Figure:
    """Each share in every centre with its exact interval, over all of them, and where a further centre's would lie.

    only: the name of one share; all without.
    """
    name = slug("-".join(filter(None, (result.of, "by-centre", only))))
    rows = [row for row in result.rows if row.of and only in ("", row.name)]
    if not rows:
        return empty(style, name, words.no_shares(result))
    shown = [r for row in rows for r in _share_rows(row)]
    series = [(words.KINDS[0], style.color(0), "circle"), (words.KINDS[1], style.color(1), "square")]
    values = [v for row in shown for d in row.dots for v in (d.value, d.low, d.high) if v is not None]
    spec, height = dot_chart(shown, series, linear_scale(values, "Patients (%)", most=100, percent=True), style)
    told, heading = [], ""
    for row in shown:
        heading = heading if row.dots else row.label
        told += [(f"{heading}, {row.label}", dot.text) for dot in row.dots]
    return Figure(spec, name, *words.shares(result, told), style.px, height, style)


def _share_rows(row: ShareByCentre) -> list[DotRow]:
    """A heading, the centres, all of them, and the prediction."""
    rows = [DotRow(row.label), *(DotRow(c.name, (_dot(c, 0),)) for c in row.centres)]
    rows.append(DotRow("All centres", (_dot(row, 1),)))
    (low, high), typical = row.prediction, row.typical.value
    if low is not None and high is not None and typical is not None:
        text = words.prediction_phrase(row)
        rows.append(DotRow(words.FURTHER, (Dot(1, 100 * typical, text, 100 * low, 100 * high, text, hollow=True),)))
    return rows


def _dot(share: CentreShare | ShareByCentre, series: int) -> Dot:
    e, text = share.proportion.in_percent(), words.share_phrase(share)
    hover = f"<b>{plain(share.name)}</b><br>{plain(text)}"
    return Dot(series, e.value or 0.0, text, e.lower, e.upper, hover)


# ---------------------------------------------------------------- before a file is made
@figure(headlines.grid_cells)
def grid_cells(preview: Preview, style: Style) -> Figure:
    """Of each grid of times the share of cells that hold one patient, and of patients in cells below the smallest."""
    rows: list[DotRow] = []
    for sizes in preview.grids:
        cells = sum(t.cells for t in sizes.tables)
        ones = sum(t.cells_of_one for t in sizes.tables)
        few = max((t.in_small_cells for t in sizes.tables), default=0)
        pairs = ((0, ones, cells, "cells"), (1, few, preview.patients, "patients"))
        dots = [Dot(i, 100 * k / n, f"{k:,}/{n:,} {what}") for i, k, n, what in pairs if n]
        rows.append(DotRow(words.GRIDS[sizes.time_grid]))
        rows += [DotRow(words.cells_of(preview.smallest_cell)[dot.series], (dot,)) for dot in dots]
    if not any(row.dots for row in rows):
        return empty(style, "centre-cells", words.no_cells())
    names = words.cells_of(preview.smallest_cell)
    series = [(names[0], style.color(0), "circle"), (names[1], style.color(1), "square")]
    values = [dot.value for row in rows for dot in row.dots]
    spec, height = dot_chart(rows, series, linear_scale([0.0, *values], "Share (%)", most=100, percent=True), style)
    told, heading = [], ""
    for row in rows:
        heading = heading if row.dots else row.label
        told += [(f"{heading}, {row.label}", dot.text) for dot in row.dots]
    return Figure(spec, "centre-cells", *words.cells(told, preview.patients), style.px, height, style)
