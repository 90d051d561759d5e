"""Cox regression: how each view of the answer is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from necc.analysis.regression import (
    CoxModel,
    StepwiseResult,
    UnivariateTable,
    cox_imputed,
    influence,
    proportional_hazards,
    schoenfeld,
    stepwise,
    subgroups,
)
from necc.analysis.regression.diagnostics import Transform
from necc.app.session.cache import cached, draw
from necc.app.session.plain import esc
from necc.app.session.state import get_state
from necc.app.views.regression import Question, paper_terms
from necc.app.widgets.choices import choose, choose_some, controls, covariates, is_number, known_at
from necc.app.widgets.parts import on_demand
from necc.app.widgets.show import bullets, caption, heading, part, show
from necc.app.widgets.working import progress
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.present.figures import regression as figures
from necc.present.tables import regression as tables
from necc.present.words import remarks
from necc.present.words.phrases import contrast, sentence

REMOVAL = {
    "forward-lr": "likelihood ratio", "forward-wald": "Wald", "forward-score": "score",
    "forward-conditional": "conditional",
}  # fmt: skip
ENTRY = ("0.01", "0.05", "0.10", "0.20")
SAMPLES, IMPUTATIONS = (100, 200, 500), (5, 20, 50)


def hazard_ratios(table: UnivariateTable) -> None:
    """The journal's table, the forest plot, and how much the model knows."""
    show(draw(figures.forest, table), title="Forest plot", explain="forest-plot separation")
    show(tables.regression_table(table), explain="cox-table hazard-ratio adjusted-p")
    if table.multivariable:
        show(tables.model_tests_table(table.multivariable), explain="concordance")
        show(tables.collinearity_table(table.multivariable), explain="collinearity events-per-variable")


def _terms(model: CoxModel) -> dict[str, str]:
    return {t.term: contrast(t.label, t.level, t.reference, t.unit) for t in model.terms if t.estimable}


def _estimated(model: CoxModel, terms: Sequence[str]) -> dict[str, str]:
    """Those of some terms that have a hazard ratio, by name.

    Raises:
        AnalysisError: none has one.
    """
    words = {t: label for t, label in _terms(model).items() if t in terms}
    if not words:
        raise AnalysisError("no hazard ratio of this model can be estimated, so nothing about one can be shown")
    return words


def hazards(cohort: Cohort, model: CoxModel) -> None:
    """The score test of proportional hazards, and the residuals of one term."""
    spacing: dict[Transform, str] = {"km": "Kaplan-Meier (R)", "identity": "time", "rank": "rank", "log": "log"}
    with part():
        with controls("residuals"):
            transform = choose("cox-transform", "Time as", tuple(spacing), words=spacing, fixed=True)
            residuals = cached(schoenfeld)(model, transform=transform)
            words = _estimated(model, residuals.terms)
            term = choose("cox-residuals-of", "Residuals of", tuple(words), words=words, wide=True)
        tests = cached(proportional_hazards)(model, transform=transform)
        by_variable = {t.term: t for t in tests}
        own = next((t for t in model.terms if t.term == term), None)
        test = by_variable.get(own.variable) if own else None
        options = {"term": term, "label": words[term], "unit": model.unit, "test": test}
        show(draw(figures.schoenfeld, residuals, **options), title=f"{words[term]}: residuals over time",
             explain="proportional-hazards")  # fmt: skip
        show(tables.proportional_hazards_table(model, tests, transform), explain="proportional-hazards")


def single_patients(cohort: Cohort, model: CoxModel) -> None:
    """How far each patient moves a hazard ratio; rows are named only where nobody else looks on."""
    with part():
        result = cached(influence)(model)
        words = _estimated(model, result.terms)
        with controls("influence"):
            term = choose("cox-influence-on", "Influence on", tuple(words), words=words, wide=True)
        options = {"term": term, "label": words[term], "identify": not get_state().presenting}
        show(
            draw(figures.influence_plot, result, **options),
            title=f"{words[term]}: influence of single patients",
            explain="influence",
        )
        if not get_state().presenting:
            show(tables.influence_table(result, model), explain="influence")


def subgroup_view(cohort: Cohort, question: Question) -> None:
    """An exposure's hazard ratio by subgroup, with the interactions."""
    names = covariates(cohort)
    two = {n: label for n, label in names.items() if not is_number(cohort, n) and len(cohort.factor(n).levels) == 2}
    several = {n: names[n] for n in names if not is_number(cohort, n) and 2 <= len(cohort.factor(n).levels) <= 6}
    if not two:
        raise AnalysisError("subgroups need an exposure with two levels, which this cohort does not have")
    usual = next((n for n in question.together if n in two), next(iter(two)))
    with controls("subgroups"):
        exposure = choose("cox-exposure", "Hazard ratio of", tuple(two), default=usual, words=two, wide=True)
        offered = {n: label for n, label in several.items() if n != exposure}
        early = known_at(cohort, (n for n in question.alone if n in offered), "baseline")
        by = choose_some(
            "cox-subgroups-by", "In the subgroups of", tuple(offered), default=(early or tuple(offered))[:5],
            words=offered, help="Choose them before looking; each is one more test.",
        )  # fmt: skip
        others = tuple(n for n in names if n != exposure)
        adjusted = choose_some("cox-subgroups-adjusted", "Adjusted for", others, words=names)
    if not by:
        raise AnalysisError("choose at least one variable to form subgroups by")
    result = cached(subgroups)(
        cohort, question.endpoint, exposure, by, adjusted_for=adjusted, adjustment=question.adjustment,
        ties=question.ties, separation=question.separation,
    )  # fmt: skip
    show(
        draw(figures.subgroup_forest, result),
        title=f"{result.exposure_label} in subgroups",
        explain="subgroups forest-plot",
    )
    show(tables.subgroup_table(result), title="Each subgroup", explain="subgroups")


def selection_view(cohort: Cohort, question: Question) -> None:
    """Stepwise selection, with the reasons not to trust it beside it."""
    names = covariates(cohort)
    usual = [t.covariate for t in paper_terms(question.endpoint, "enter") if t.covariate in names]
    with controls("stepwise"):
        candidates = choose_some(
            "cox-candidates", "Candidates", tuple(names), of=question.endpoint,
            default=usual or question.alone[:6], words=names,
            help="A patient in whom any of them is not recorded is left out.",
        )  # fmt: skip
        method = choose("cox-removal", "Removal by", tuple(REMOVAL), words=REMOVAL, wide=True, width=190,
                        fixed=True)  # fmt: skip
        entry = choose("cox-entry", "Enters at p <", ENTRY, default="0.05", wide=True, width=110, fixed=True)
        leave = choose("cox-leave", "Leaves at p >", ENTRY, default="0.10", wide=True, width=110, fixed=True)
    if not candidates:
        raise AnalysisError("choose candidates to select from")
    if float(entry) > float(leave):
        raise AnalysisError("entry p must not be above removal p, or a covariate could enter and leave forever")
    options = {"method": method, "entry_p": float(entry), "removal_p": float(leave), **question.options(candidates)}
    labels = {n: names[n] for n in candidates}
    samples = choose("cox-samples", "Bootstrap samples", SAMPLES, default=SAMPLES[0], fixed=True)
    asked = (question.endpoint, candidates, options, samples)
    bootstrap = on_demand("cox-bootstrap", asked, f"Repeat the selection in {samples} samples",
                       "Shows how often another sample of patients would select the same")  # fmt: skip
    if bootstrap:
        bar = partial(progress, f"Selecting in {samples} samples; any click stops it")
        result = cached(stepwise, bar)(cohort, question.endpoint, candidates, bootstrap=samples, **options)
    else:
        result = cached(stepwise)(cohort, question.endpoint, candidates, **options)
    _reasons(result)
    show(tables.steps_table(result, labels), explain="stepwise")
    if result.model:
        show(tables.model_table(result.model, "The selected model"), explain="stepwise hazard-ratio")
    if result.inclusion:
        drawn = draw(figures.inclusion_bars, result, labels=tuple(labels.items()))
        show(drawn, title="How often each is selected", explain="bootstrap-inclusion")


def _reasons(result: StepwiseResult) -> None:
    """The reasons not to trust a selection stand before its result."""
    heading("Before you trust a selection")
    bullets(esc(sentence(note)) for note in result.notes)


def imputation_view(cohort: Cohort, question: Question, model: CoxModel) -> None:
    """The same model on complete cases and after multiple imputation, when it is asked for."""
    missing = sum(e.n for e in model.excluded if e.reason.endswith("not recorded"))
    if not missing:
        caption(remarks.nothing_to_impute(model))
        return
    if question.interaction or question.strata:
        caption("Imputed models have no interactions and no strata here; the complete cases below have them.")
    caption(remarks.incomplete(missing))
    times = choose("cox-imputations", "Imputations", IMPUTATIONS, default=20, fixed=True)
    options = question.options(question.together)
    del options["strata"], options["separation"]
    if on_demand("cox-imputed", (question.endpoint, question.together, options, times), f"Impute {times} times",
                 "Takes some seconds"):  # fmt: skip
        bar = partial(progress, f"Imputing {times} times; any click stops it")
        imputed = cached(cox_imputed, bar)(cohort, question.endpoint, question.together, imputations=times, **options)
        show(tables.imputed_table(imputed, model), explain="multiple-imputation")
