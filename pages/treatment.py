"""Treatment: response to immune checkpoint inhibitors (ICI), and treatment that starts after time zero."""

from necc import app
from necc.app.views import treatment

cohort = app.cohort()
lead = (
    "How patients responded to immune checkpoint inhibitors (ICI), how long it lasted, and treated against untreated "
    "patients with the time before treatment not counted as treated."
)
view = app.room("Treatment", lead, "treatment-view", treatment.views(cohort))
view(cohort)
