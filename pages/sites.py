"""Sites: where the disease came back first, which sites come together, and when."""

from necc import app
from necc.app.views import sites

cohort = app.cohort()
lead = "Where the disease came back first, which sites come together, and after how long."
view = app.room("Sites", lead, "sites-view", sites.VIEWS)
app.need(cohort, sites=True)
view(cohort)
