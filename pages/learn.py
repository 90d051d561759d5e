"""Learn: what each kind of result says, and how it misleads."""

from necc import app
from necc.app.views import learn

cohort = app.cohort()
lead = "What each kind of result says and how it misleads, in plain words."
view = app.room("Learn", lead, "learn-view", learn.VIEWS)
view(cohort)
