"""Cohort: load a file, see what was found, and who the patients are."""

from necc import app

cohort = app.cohort()
app.title("Cohort", "Load a file, see what was found in it, and who the patients are.")
app.last_file()
app.need(cohort)
app.overview(cohort)
app.own_columns()
app.files(cohort)
