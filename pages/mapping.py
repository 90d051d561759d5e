"""Own file: what each column means, seen and corrected before it is loaded."""

from necc import app
from necc.app.wizard.page import wizard

app.cohort()
app.title(
    "Your own file", "Any table with one row per patient: see how each column was understood, correct it, and load it."
)
wizard()
