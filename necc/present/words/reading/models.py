"""Cox models and prediction."""

from __future__ import annotations

import math

from necc.analysis.prediction import ModelComparison, PatientPrediction
from necc.analysis.regression import CoxModel, CoxTerm, UnivariateTable
from necc.analysis.regression.diagnostics import GLOBAL
from necc.core.text import format_ci, format_number, format_ratio, joined, p_phrase, plural
from necc.present.words.phrases import (
    NEITHER,
    NO_PATIENTS,
    capitalised,
    ci_name,
    contrast,
    counts,
    estimate_cell,
    excluded_of,
    format_ratio_ci,
    ratio_limits,
    versus,
)
from necc.present.words.reading.parts import (
    ALPHA,
    EVENTS_PER_COEFFICIENT,
    NOT_BY_CHANCE,
    WIDE_RATIO,
    adjusted,
    alone,
    caution,
    left_out,
    read,
    untested,
)


@read.register
def _(model: CoxModel) -> tuple[str, ...]:
    if not model.n:
        return (f"{model.label}: {NO_PATIENTS}.", *left_out(model.excluded))
    said = [
        f"Cox model of {model.label.lower()} in {plural(model.n, 'patient')} with {plural(model.n_events, 'event')}; "
        f"{plural(len(model.covariates), 'covariate')}."
    ]
    said += [_term(t, model.level, len(model.covariates) > 1) for t in model.terms]
    if any(t.estimable and t.p is not None and t.p < ALPHA for t in model.terms):
        said.append(NOT_BY_CHANCE)
    said += _proportional(model)
    c = model.concordance.value
    if c is not None:
        said.append(
            f"Concordance in the fitted patients is {format_number(c, 2)} (0.5 is chance); expect less in others."
        )
    per = model.events_per_parameter
    if per is not None and per < EVENTS_PER_COEFFICIENT:
        said.append(
            f"Caution: {format_number(per, 1)} events per coefficient; with fewer than {EVENTS_PER_COEFFICIENT} hazard "
            "ratios tend to lie too far from 1 and intervals to miss."
        )
    few = [(f"{t.label}: {t.level}", t.n, t.n_events) for t in model.terms if t.level and t.n is not None]
    few += dict.fromkeys(
        (f"{t.label}: {t.reference}", t.n_reference, t.n_events_reference)
        for t in model.terms if t.reference and t.n_reference is not None
    )  # fmt: skip
    return (*said, *caution(few), *left_out(model.excluded))


def _term(t: CoxTerm, level: float, others: bool) -> str:
    what = _contrast(t)
    if not t.estimable or t.hazard_ratio is None:
        return f"{what}: hazard ratio not estimable{f' ({t.note})' if t.note else ''}."
    numbers = f"hazard ratio {format_ratio(t.hazard_ratio)} ({ci_name(level)} {ratio_limits(t.ci_lower, t.ci_upper)})"
    given = ", the other covariates being equal" if others else ""
    if t.ci_lower is None and t.ci_upper is None:
        return f"{what}: hazard ratio {format_ratio(t.hazard_ratio)}, without an interval, {p_phrase(t.p)}."
    low, high = t.ci_lower or 0.0, math.inf if t.ci_upper is None else t.ci_upper
    if low > 1 or high < 1:
        end = f"associated with a {'higher' if low > 1 else 'lower'} hazard{given}"
    else:
        end = "compatible with a lower, an equal and a higher hazard: no association is shown"
    if not low or math.isinf(high):
        end += "; the interval is open on one side"
    elif high / low > WIDE_RATIO:
        end += "; so wide an interval says next to nothing"
    return f"{what}: {numbers}, {p_phrase(t.p)}; {end}."


def _proportional(model: CoxModel) -> list[str]:
    """What the tests of proportional hazards show, with their number: they are not adjusted for it."""
    tests = [h for h in model.proportional_hazards if h.p is not None and h.term != GLOBAL]
    low = {h.term: h.p for h in tests if h.p is not None and h.p < ALPHA}
    if not low:
        return []
    labels = dict.fromkeys(t.label for t in model.terms if t.term in low or t.variable in low)
    named = joined([*labels] or [*low])
    return [
        f"Of {plural(len(tests), 'test')} of proportional hazards, not adjusted for their number, "
        f"{plural(len(low), 'has', 'have')} p < 0.05: evidence that the hazard ratio of {named} changes over time."
    ]


def terms_told(model: CoxModel) -> str:
    """Every hazard ratio of a model in one sentence: `Age (per year) 1.01 (0.98–1.04)`."""
    return "; ".join(
        f"{_contrast(t)} {format_ratio_ci(t.hazard_ratio, t.ci_lower, t.ci_upper)}" for t in model.terms
    ) + "."  # fmt: skip


def _contrast(t: CoxTerm) -> str:
    """What a ratio compares, spelled out."""
    return f"{t.label}, {versus(t.level, t.reference)}" if t.level else contrast(t.label, None, None, t.unit)


@read.register
def _(table: UnivariateTable) -> tuple[str, ...]:
    tested = [(r, p) for r in table.rows if (p := r.test.p) is not None]
    recorded = "it is known" if len(table.rows) == 1 else "each is known"
    raw = [f"{r.label} ({p_phrase(p)})" for r, p in tested if p < ALPHA]
    kept = [r.label for r, _ in tested if r.p_adjusted is not None and r.p_adjusted < ALPHA]
    said = [
        f"{plural(len(table.rows), 'covariate')} of {table.label.lower()}, each in a Cox model of its own and on the "
        f"patients for whom {recorded}."
    ]
    said += [*untested(len(tested), len(table.rows), "covariate"), alone(raw, len(tested))]
    if raw:
        said.append(f"{adjusted(kept, table.n_tests, table.adjustment)} {NOT_BY_CHANCE}")
    elif tested:
        said.append(f"{capitalised(NEITHER)}.".replace("difference", "association"))
    few = [(r.label, r.n, r.n_events) for r in table.rows]
    return (*said, *caution(few), *left_out(excluded_of(table.rows)))


@read.register
def _(result: ModelComparison) -> tuple[str, ...]:
    said = [
        f"{plural(len(result.candidates), 'model')} of {plural(len(result.covariates), 'covariate')} "
        f"{'was' if len(result.candidates) == 1 else 'were'} asked to predict {result.label.lower()} in patients they "
        f"had not seen ({counts(result.n, result.n_events)})."
    ]
    if result.estimable:
        scores = [(m.label, m.score("harrell").estimate) for m in result.models if m.name != "null"]
        parts = "; ".join(f"{label} {estimate_cell(e, 2)}" for label, e in scores)
        said.append(f"Harrell's C (0.5 is chance, 1 perfect order): {parts}.")
    else:
        said[0] = f"Prediction of {result.label.lower()}: {counts(result.n, result.n_events)}."
    said += result.verdict
    if result.estimable:
        said.append("No other cohort has tested these models.")
    return (*said, *left_out(result.excluded))


@read.register
def _(result: PatientPrediction) -> tuple[str, ...]:
    m = result.median
    message = "stays above 50 % as far as the cohort was followed" if m.value is None else (
        f"falls to 50 % at {format_number(m.value)} {result.unit} (band {format_ci(m.lower, m.upper)})"
    )  # fmt: skip
    return (
        f"{result.model_label}, fitted to {plural(result.n, 'patient')} with {plural(result.n_events, 'event')}: the "
        f"predicted curve of {result.label.lower()} {message}.",
        result.warning,
        *left_out(result.excluded),
    )
