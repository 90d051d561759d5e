"""Reporting: what the results say, a Methods text, and the checklists that journals ask for."""

from necc import app
from necc.app.views import reporting

cohort = app.cohort()
app.title(
    "Reporting",
    "What the results say in plain sentences, a Methods text, and REMARK and STROBE filled in as far as possible.",
)
app.need(cohort)

with app.part():
    with app.controls():
        view = app.choose("report-view", "Show", reporting.VIEWS, fixed=True)
        endpoint = app.choose_endpoint(cohort)
        by = app.choose_factor(cohort, "report-by", default="site:abdominal")
    covariates = reporting.choose_covariates(cohort, endpoint, by)
    results = reporting.results(cohort, endpoint, by, covariates)
    if view == "Readings":
        reporting.readings(results)
    if view == "Methods text":
        reporting.methods_text(cohort, results)
    if view in reporting.CHECKLISTS:
        reporting.filled(reporting.CHECKLISTS[view], cohort, results)
