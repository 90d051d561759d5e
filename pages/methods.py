"""Methods: the conventions behind the numbers, and what happens to the data."""

from necc import app
from necc.app.views import methods
from necc.present.words.explain import EXPLANATIONS

cohort = app.cohort()
app.title(
    "Methods", "The conventions behind every number, what happens to your data, and every explanation in one place."
)

methods.prose("Conventions", methods.CONVENTIONS)
methods.prose("Your data", methods.PRIVACY)

app.heading("This cohort")
methods.facts(cohort)

app.heading("Explanations")
for about in EXPLANATIONS.values():
    methods.fold(about.title, about.paragraphs)
