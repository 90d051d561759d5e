"""Cox regression: fitting, separation, selection and diagnostics, equal to R's `survival`."""

from __future__ import annotations

from necc.regression.fitting import CoxFit, fit_cox, likelihood_of, maximise
from necc.regression.imputed import ImputedModel, ImputedTerm, cox_imputed
from necc.regression.model import cox, influence, proportional_hazards, schoenfeld
from necc.regression.partial import PartialLikelihood
from necc.regression.results import (
    CoxModel,
    CoxTerm,
    Influence,
    ModelTest,
    SubgroupRow,
    SubgroupTable,
    UnivariateRow,
    UnivariateTable,
)
from necc.regression.several import subgroups, univariate
from necc.regression.stepwise import Step, StepwiseResult, stepwise

__all__ = [
    "CoxFit",
    "CoxModel",
    "CoxTerm",
    "ImputedModel",
    "ImputedTerm",
    "Influence",
    "ModelTest",
    "PartialLikelihood",
    "Step",
    "StepwiseResult",
    "SubgroupRow",
    "SubgroupTable",
    "UnivariateRow",
    "UnivariateTable",
    "cox",
    "cox_imputed",
    "fit_cox",
    "influence",
    "likelihood_of",
    "maximise",
    "proportional_hazards",
    "schoenfeld",
    "stepwise",
    "subgroups",
    "univariate",
]
