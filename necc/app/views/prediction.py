"""Prediction: what is asked, the comparison with its bar, and one patient's curve."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import partial

import streamlit as st

from necc.analysis.prediction import LEARNERS, NOT_VALIDATED, ModelComparison, compare_models, predict_patient
from necc.app.session.cache import cached, draw
from necc.app.session.plain import md
from necc.app.session.state import get_state
from necc.app.widgets.choices import (
    choose,
    choose_endpoint,
    choose_some,
    controls,
    covariates,
    default_covariates,
    enter_number,
    is_number,
    known_at,
)
from necc.app.widgets.parts import on_demand
from necc.app.widgets.show import caption, notes, numbers, of_rows, show
from necc.app.widgets.working import Tell, working
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.text import format_estimate
from necc.present.figures import prediction as figures
from necc.present.tables.prediction import difference_table, models_table
from necc.present.words.remarks import penalty_kept

VIEWS = ("Comparison", "Calibration", "Net benefit", "Importance", "One patient")
FALLBACK = 5  # of a file's own variables, where it has none that the dictionary offers first
MOST_PATIENTS = 2_000  # in the list of one patient
MODELS = {name: learner.label for name, learner in LEARNERS.items()}
BOOTSTRAPS = {"cox": 200, "coxnet": 100, "forest": 100, "boosting": 100}
TYPED = "values entered here"
OF_COHORT = "a patient of the cohort"


@of_rows("Prediction")
def page(cohort: Cohort) -> None:
    """Do models of several covariates predict better than one simple number, in patients they haven't seen?"""
    with controls():
        endpoint = choose_endpoint(cohort)
        view = choose("prediction-view", "Show", VIEWS, fixed=True)
    terms = choose_covariates(cohort, endpoint)
    if view == "One patient":
        one_patient(cohort, endpoint, terms)
    elif models := comparison(cohort, endpoint, terms):
        if view == "Comparison":
            compared(models)
        if view == "Calibration":
            show(draw(figures.calibration, models), title="Predicted against observed", explain="calibration")
        if view == "Net benefit":
            show(draw(figures.net_benefit, models), title="Decision curve", explain="decision-curve")
        if view == "Importance":
            important(models)
        verdict(models)
        notes(models)


def choose_covariates(cohort: Cohort, endpoint: str) -> tuple[str, ...]:
    """Covariates that are known when the endpoint's clock starts; the others are offered, too, but not chosen."""
    words = covariates(cohort)
    known = known_at(cohort, words, cohort.endpoint(endpoint).starts_at)
    default = [n for n in default_covariates(cohort) if n in known]
    default = default or sorted(known, key=lambda n: n not in cohort.number_names())[:FALLBACK]
    return choose_some(
        "prediction-covariates", "Covariates", tuple(words), words=words, default=default,
        help="What every model may use. Those known at time zero are preselected; patients who lack one are left out, "
        "and counted",
    )  # fmt: skip


# ---------------------------------------------------------------- the comparison
def comparison(cohort: Cohort, endpoint: str, terms: tuple[str, ...]) -> ModelComparison | None:
    """The models compared, once that was asked for; None until then."""
    wanted = (endpoint, terms)
    label = "Compare the models"
    if not on_demand(
        "prediction", wanted, label, "Takes some seconds; beyond 1,000 patients, 1,000 are drawn at random"
    ):
        caption(
            "The models are fitted 50 times each, to four fifths of the patients, and judged on the rest. Asking "
            "again gives the same answer."
        )
        return None
    state = get_state()
    models = cached(compare_models, partial(_bar, "prediction"))(cohort, endpoint, terms)
    state.desk.compared = ((state.fingerprint, state.selection.key()), models)
    return models


def _bar(name: str) -> AbstractContextManager[Tell]:
    return working("Fitting …", "Cancel", f"cancel-{name}", _forget, name)


def _forget(name: str) -> None:
    state = get_state()
    state.touched = True
    state.chosen.pop(f"asked-{name}", None)


def verdict(result: ModelComparison) -> None:
    """What the comparison shows, in sentences, above its numbers."""
    numbers(
        ("analysed", f"{result.n:,}"), ("events", f"{result.n_events:,}"), ("coefficients", f"{result.n_columns:,}"),
        explain="prediction cross-validation",
    )  # fmt: skip
    first, *rest = result.verdict
    st.info(f"**{md(first)}**" + "".join(f" {md(s)}" for s in rest), icon=":material/balance:")


def compared(result: ModelComparison) -> None:
    """Discrimination and accuracy of every model."""
    show(draw(figures.discrimination, result), title="Who has the event first: Harrell's C", explain="concordance")
    if result.estimable:
        show(
            draw(figures.discrimination, result, metric="ibs"), title="How far off: Brier score", explain="brier-score"
        )
    show(models_table(result), explain="prediction cross-validation")
    if result.estimable:
        show(difference_table(result), explain="cross-validation")


def important(result: ModelComparison) -> None:
    """Permutation importance in one of the models, and what the penalised one keeps."""
    model = choose("importance-model", "Model", tuple(MODELS), words=MODELS, fixed=True)
    show(draw(figures.importance, result, model=model), title=MODELS[model], explain="permutation-importance")
    if result.estimable and model == "coxnet":
        caption(penalty_kept(result, model))


# ---------------------------------------------------------------- one patient
def one_patient(cohort: Cohort, endpoint: str, terms: tuple[str, ...]) -> None:
    """The predicted curve of a patient of the cohort, left out of the fit, or of values entered."""
    st.warning(md(NOT_VALIDATED), icon=":material/warning:")
    model = choose("patient-model", "Model", tuple(MODELS), words=MODELS, fixed=True)
    whom = choose("patient-source", "Whose curve", (TYPED, OF_COHORT), fixed=True)
    patient = _row(cohort) if whom == OF_COHORT else _values(cohort, terms)
    if not on_demand("patient", (endpoint, terms, model, patient), "Draw the curve"):
        return
    prediction = cached(predict_patient, partial(_bar, "patient"))(
        cohort, endpoint, terms, patient, model=model, bootstraps=BOOTSTRAPS[model]
    )
    median = format_estimate(prediction.median.value, prediction.median.lower, prediction.median.upper)
    numbers(
        ("fitted to", f"{prediction.n:,}"), ("events", f"{prediction.n_events:,}"),
        (f"predicted median, {prediction.unit}", median),
        explain="patient-prediction median-survival",
    )  # fmt: skip
    show(draw(figures.patient_curve, prediction), title=prediction.label, explain="patient-prediction", recipe=None)
    caption("; ".join(f"{label}: {value}" for label, value in prediction.values) + ".")


def _row(cohort: Cohort) -> int:
    if get_state().presenting:
        raise AnalysisError("a patient of the cohort isn't shown in the presentation view")
    ids = cohort.ids[:MOST_PATIENTS]
    picked = choose(
        "patient-row", "Patient", ids, wide=True, help="The model is fitted without this patient", linked=False
    )
    return ids.index(picked)


def _values(cohort: Cohort, terms: tuple[str, ...]) -> dict[str, str | float]:
    values: dict[str, str | float] = {}
    with st.container(horizontal=True, gap="medium", key="patient-values"):
        for name in terms:
            values[name] = _number(cohort, name) if is_number(cohort, name) else _level(cohort, name)
    return values


def _level(cohort: Cohort, name: str) -> str:
    factor = cohort.factor(name)
    there = tuple(level for level, n in zip(factor.levels, factor.counts(), strict=True) if n)
    if not there:
        raise AnalysisError(f"no patient has a value of '{factor.label}'")
    return choose(f"patient-{name}", factor.label, there, wide=True, width=200, linked=False)


def _number(cohort: Cohort, name: str) -> float:
    values = cohort.number(name)
    known = sorted(values[values == values].tolist())
    label = "Number of sites" if name == "n_sites" else cohort.dictionary.variables[name].title()
    if not known:
        raise AnalysisError(f"no patient has a value of '{label}'")
    middle = f"{known[len(known) // 2]:g}"
    return enter_number(
        f"patient-{name}", label, default=middle, what="", help=f"{known[0]:g} to {known[-1]:g}", width=160,
        linked=False,
    )  # fmt: skip
