"""Cohort: load a file, see what was found, and who the patients are."""

from necc import app
from necc.app.views import cohort as views

cohort = app.cohort()
app.title("Cohort", "Load a file on the left, see what was found in it, and who the patients are.")
views.last_file()
views.files(cohort)
views.own_columns()
app.need(cohort)
views.overview(cohort)
