"""Cohort: load a file, see what was found, and who the patients are."""

from necc import app

cohort = app.cohort()
app.title("Cohort", "Load a file on the left, see what was found in it, and who the patients are.")
app.last_file()
app.files(cohort)
app.own_columns()
app.need(cohort)
app.overview(cohort)
