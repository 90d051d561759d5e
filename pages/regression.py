"""Regression: hazards by several covariates, everything that says how far to believe them, and prediction."""

from necc import app
from necc.app.views import models

cohort = app.cohort()
lead = "How the hazard varies with each covariate, alone and together, and how far to trust it."
view = app.room("Regression", lead, "regression-view", models.VIEWS)
app.need(cohort)
view(cohort)
