"""The paper: its tables and figures computed again, its arithmetic audited, and what the literature reports."""

from necc import app
from necc.app.views import paper

cohort = app.cohort()
lead = "A paper's figures computed again, what arithmetic alone shows about them, and what others have reported."
view = app.room("The paper", lead, "paper-view", paper.VIEWS)
view(cohort)
