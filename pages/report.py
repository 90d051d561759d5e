"""Report: what the results say, a Methods text, and the checklists that journals ask for."""

from necc import app
from necc.app.views import report

cohort = app.cohort()
lead = "What the results say in plain sentences, a Methods text, and REMARK and STROBE filled in as far as possible."
view = app.room("Report", lead, "report-view", report.VIEWS)
if view is not report.VIEWS["Exhibits"]:  # which have filters of their own
    app.need(cohort)
view(cohort)
