"""Data: load a file, see what was understood of it, and say what its columns mean."""

from necc import app
from necc.app.views import data

cohort = app.cohort()
lead = "Load a file with one row per patient, see what was understood of it, and say what its columns mean."
view = app.room("Data", lead, "data-view", data.VIEWS)
view(cohort)
