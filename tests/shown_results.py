"""One result of every public function that answers a question, made of the sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from cohorts import from_sample

import necc
from necc import Cohort, Selection

ONE = Selection.parse(["site:lung=with"])
COX: list[str] = ["n_sites", "figo_stage"]


@cache
def sample() -> Cohort:
    return from_sample("reconstructed_cohort.csv")


@cache
def _model(c: Cohort) -> Any:
    return necc.cox(c, "PRS", COX)


def _comparison(c: Cohort) -> Any:
    return necc.compare_models(c, "PRS", ["n_sites"], models=["cox"], folds=3, repeats=1)


@cache
def _reproduced(c: Cohort) -> Any:
    return necc.reproduce(c, *necc.load_recipe())


MAKERS: dict[str, Callable[[Cohort], Any]] = {
    "audit": lambda c: necc.audit(*necc.load_claims()),
    "by_centre": lambda c: necc.by_centre(c, "PRS", "site:abdominal", centre="figo_stage"),
    "by_sites": lambda c: necc.by_sites(c, ["age_gt_50"], every_convention=False),
    "case": lambda c: necc.case(c, 2),
    "characteristics": lambda c: necc.characteristics(c, "site:lung", ["age_years", "histology"]),
    "checklist": lambda c: necc.checklist("remark", [necc.kaplan_meier(c, "PRS")], c),
    "co_occurrence": necc.co_occurrence,
    "compare": lambda c: necc.compare(c, "site:lung", ["age_gt_50"]),
    "compare_models": _comparison,
    "compare_numbers": lambda c: necc.compare_numbers(necc.record_numbers(c), necc.record_numbers(ONE.apply(c))),
    "compare_ratios": lambda c: necc.compare_ratios(_reproduced(c)),
    "compare_survival": lambda c: necc.compare_survival(c, "PRS", "figo_stage"),
    "competing_from_columns": lambda c: necc.competing_from_columns(c, "ttr_months", "recurred", censored="no"),
    "competing_outcome": lambda c: necc.competing_outcome(c, "TTR"),
    "conditional_survival": lambda c: necc.conditional_survival(c, "PRS", 12),
    "count_causes": lambda c: necc.count_causes(necc.competing_outcome(c, "TTR")),
    "count_risk": lambda c: necc.count_risk(c.endpoint("PRS")),
    "course": lambda c: necc.course(c, 2),
    "courses": lambda c: necc.courses(c)[:2],
    "cox": _model,
    "cox_imputed": lambda c: necc.cox_imputed(c, "PRS", ["n_sites", "tumor_size_cm"], imputations=2),
    "cumulative_incidence": lambda c: necc.cumulative_incidence(c, "TTR", "site:lung"),
    "cumulative_incidence_of_columns": lambda c: necc.cumulative_incidence_of_columns(
        c, "ttr_months", "recurred", censored="no"
    ),
    "fit_fine_gray": lambda c: necc.fit_fine_gray([1.0, 2, 3, 4, 5], [1, 2, 1, 1, 0], [0.0, 1, 1, 0, 1]),  # type: ignore[arg-type]  # arrays
    "flow": lambda c: necc.flow(c, ONE, endpoint="PRS", by="figo_stage"),
    "gray_test": lambda c: necc.gray_test(
        necc.count_causes(necc.competing_outcome(c, "TTR"), c.factor("site:abdominal"))
    ),
    "hazard_ratios": lambda c: necc.hazard_ratios(c, "PRS", "site:lung"),
    "hazards_by_cause": lambda c: necc.hazards_by_cause(c, "TTR", ["age_years"], only=["lung"]),
    "hazards_of": lambda c: necc.hazards_of(c, necc.competing_outcome(c, "TTR"), ["age_years"], only=["lung"]),
    "incidence_of": lambda c: necc.incidence_of(c, necc.competing_outcome(c, "TTR")),
    "influence": lambda c: necc.influence(_model(c)),
    "judge_rule": lambda c: necc.judge_rule(c, "PRS", ["site:abdominal"]),
    "kaplan_meier": lambda c: necc.kaplan_meier(c, "PRS", "site:lung", times=[12]),
    "kaplan_meier_with_entry": lambda c: necc.kaplan_meier_with_entry(c, "OS", entry="ttr_months"),
    "organ_distribution": lambda c: necc.organ_distribution(c, "abdominal"),
    "parametric": lambda c: necc.parametric(c, "PRS", families=["weibull"]),
    "predict_patient": lambda c: necc.predict_patient(c, "PRS", ["n_sites"], {"n_sites": 2}, bootstraps=20),
    "printed_flow": lambda c: necc.printed_flow(necc.load_recipe()[0]),
    "printed_numbers": lambda c: necc.printed_numbers(_reproduced(c), ["Table 2"], ["pct"]),
    "proportional_hazards": lambda c: necc.proportional_hazards(_model(c)),
    "record_numbers": necc.record_numbers,
    "reproduce": _reproduced,
    "response_by_centre": lambda c: necc.response_by_centre(c, centre="figo_stage"),
    "response_by_site": necc.response_by_site,
    "response_rates": lambda c: necc.response_rates(c, "best", "figo_stage"),
    "restaging": necc.restaging,
    "restricted_mean": lambda c: necc.restricted_mean(c, "PRS", "site:lung", tau=24),
    "schoenfeld": lambda c: necc.schoenfeld(_model(c)),
    "side_by_side": lambda c: necc.side_by_side(c, {"Lung": ONE, "All": Selection()}, "PRS"),
    "similar": lambda c: necc.similar(c, 2),
    "site_distribution": lambda c: necc.site_distribution(c, "figo_stage"),
    "site_ratios": lambda c: necc.site_ratios(_reproduced(c)),
    "site_shares": lambda c: necc.site_shares(c, centre="figo_stage"),
    "site_timing": lambda c: necc.site_timing(c, "TTR"),
    "stand_beside": lambda c: necc.stand_beside(c, necc.load_library()[0]),
    "stepwise": lambda c: necc.stepwise(c, "PRS", ["n_sites", "site:lung"]),
    "subgroups": lambda c: necc.subgroups(c, "PRS", "site:abdominal", ["age_gt_50"]),
    "survival_at": lambda c: necc.survival_at(c, "PRS", "site:lung", times=[12]),
    "each_site": lambda c: necc.each_site(c, "PRS"),
    "survival_grid": lambda c: necc.survival_grid(c, "PRS"),
    "swimmer": necc.swimmer,
    "transitions": necc.transitions,
    "treated_patients": necc.treated_patients,
    "treatment_course": lambda c: necc.treatment_course(c, "PRS", "ici"),
    "treatment_timing": lambda c: necc.treatment_timing(c, "PRS", "ici"),
    "understood": necc.understood,
    "univariate": lambda c: necc.univariate(c, "PRS", COX, multivariable=COX),
}
"""By public function: a call of it."""


@cache
def made(name: str) -> Any:
    """The result of a public function; the first, where it gives several."""
    result = MAKERS[name](sample())
    return result[0] if isinstance(result, tuple) else result
