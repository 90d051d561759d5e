"""Survival: curves by anything or by every site, tests, restricted means, fixed times, and competing risks."""

from necc import app
from necc.app.views import survival

cohort = app.cohort()
lead = "Time to recurrence, survival after it, and overall: by site of recurrence or by any variable, and compared."
view = app.room("Survival", lead, "survival-view", survival.VIEWS)
app.need(cohort)
view(cohort)
