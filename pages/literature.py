"""Literature: what is reported on sites and timing, and the loaded cohort beside each figure."""

from necc import app
from necc.app.views import literature
from necc.app.widgets import parts
from necc.paper.literature import stand_beside

cohort = app.cohort()
app.title(
    "Literature",
    "What has been reported on sites, timing and survival: each figure with its source and this cohort beside it.",
)
literature.advice()
app.style_sheet("paper.css")

library, findings = literature.shipped()
result = app.cached(stand_beside)(cohort, library)
parts.file_findings(findings, "file of facts")
app.notes(result)
literature.summary(result)

with app.controls():
    topic = app.choose("literature-topic", "Topic", (literature.ALL, *result.topics), wide=True, fixed=True)
literature.facts(result, topic)
literature.take_away(result)
literature.sources(library)
