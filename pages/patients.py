"""Patients: who they are, one by one and in groups, and how they came to be the ones that are shown."""

from necc import app
from necc.app.views import patients

cohort = app.cohort()
lead = "Who the patients are, all together, in groups and one by one, and who was left out on the way."
view = app.room("Patients", lead, "patients-view", patients.views(cohort))
view(cohort)
