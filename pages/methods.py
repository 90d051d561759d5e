"""Methods: the conventions behind the numbers, and what happens to the data."""

from necc import app
from necc.present.words.explain import EXPLANATIONS

cohort = app.cohort()
app.title(
    "Methods", "The conventions behind every number, what happens to your data, and every explanation in one place."
)

app.prose("Conventions", app.CONVENTIONS)
app.prose("Your data", app.PRIVACY)

app.heading("This cohort")
app.facts(cohort)

app.heading("Explanations")
for about in EXPLANATIONS.values():
    app.fold(about.title, about.paragraphs)
