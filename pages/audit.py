"""Audit: what arithmetic alone shows about the printed figures of a paper."""

from necc import app
from necc.app.views import audit

app.cohort()
app.title("Paper audit", "What arithmetic alone shows about a published result: figures that contradict each other.")

with app.controls():
    view = app.choose("audit-view", "Audit", audit.VIEWS, fixed=True)

if view == "the shipped paper":
    report = audit.shipped()
    app.caption(f"{report.title}. {report.reference}")
    audit.report(report, "shipped")
if view == "numbers of any paper":
    audit.form()
if view == "a file of claims":
    audit.upload()
