"""To come."""

from necc import app

cohort = app.cohort()
app.title("methods")
app.need(cohort)
