"""Cox regression: fitting, separation, selection and diagnostics, equal to R's `survival`."""

from __future__ import annotations

from necc.regression.partial import CoxFit, PartialLikelihood, fit_cox, likelihood_of, maximise

__all__ = ["CoxFit", "PartialLikelihood", "fit_cox", "likelihood_of", "maximise"]
