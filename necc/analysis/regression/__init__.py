"""Cox regression: fitting, separation, selection and diagnostics, equal to R's `survival`."""

from __future__ import annotations

from necc.analysis.regression.design import usual_unit
from necc.analysis.regression.fitting import CoxFit, fit_cox, likelihood_of, maximise
from necc.analysis.regression.groups import HazardRatios, hazard_ratios
from necc.analysis.regression.imputed import ImputedModel, ImputedTerm, cox_imputed
from necc.analysis.regression.model import cox, influence, proportional_hazards, schoenfeld
from necc.analysis.regression.numbers import model_frame
from necc.analysis.regression.partial import PartialLikelihood
from necc.analysis.regression.results import (
    CoxModel,
    CoxTerm,
    Influence,
    ModelTest,
    SubgroupTable,
    UnivariateRow,
    UnivariateTable,
)
from necc.analysis.regression.several import subgroups, univariate
from necc.analysis.regression.stepwise import StepwiseResult, stepwise

__all__ = [
    "CoxFit", "CoxModel", "CoxTerm", "HazardRatios", "ImputedModel", "ImputedTerm", "Influence", "ModelTest",
    "PartialLikelihood", "StepwiseResult", "SubgroupTable", "UnivariateRow", "UnivariateTable", "cox", "cox_imputed",
    "fit_cox", "hazard_ratios", "influence", "likelihood_of", "maximise", "model_frame", "proportional_hazards",
    "schoenfeld", "stepwise", "subgroups", "univariate", "usual_unit",
]  # fmt: skip
