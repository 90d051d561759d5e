"""Validation: each estimator, what it was compared with, and the largest difference."""

from necc import app
from necc.app.views import methods
from necc.present import validation
from necc.present.words.validation import KNOWN, LEAD

app.cohort()
app.title(validation.TITLE, "Each estimator compared with R, calculation by hand or another package.")
checks = validation.sheet()
app.numbers(
    ("checks", f"{len(checks)}"), ("numbers compared", f"{sum(c.numbers for c in checks):,}"), explain="validation"
)
app.caption(LEAD)
for table in validation.to_tables(checks):
    app.show(table, explain="validation", patients=False)
methods.prose("What programs do differently", KNOWN)
app.download("Download the sheet", lambda: validation.to_markdown(checks).encode(), "validation.md", "text/markdown")
