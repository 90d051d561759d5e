"""About: the conventions behind the numbers, how they were checked, and what happens to the data."""

from necc import app
from necc.app.views import about

cohort = app.cohort()
lead = "The conventions behind every number, how closely each agrees with R, and what happens to your data."
view = app.room("About", lead, "about-view", about.VIEWS)
view(cohort)
