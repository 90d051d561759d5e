"""Survival: Kaplan-Meier curves by anything, or by every site at once."""

from necc import app
from necc.analysis.survival import kaplan_meier
from necc.app.views import conventions
from necc.app.widgets import parts
from necc.present import figures, tables

cohort = app.cohort()
app.title("Survival", "Time to recurrence, survival after it, and overall: by site of recurrence or by any variable.")
app.need(cohort)

with app.controls():
    endpoint = app.choose_endpoint(cohort)
    by = app.choose_factor(cohort, all_sites=True)
    ci = conventions.choose_limits()
    show = parts.choose_show() if by != app.ALL_SITES else "survival"
    times = parts.choose_times(cohort, endpoint)

parts.caution(cohort, endpoint, by)
if by == app.ALL_SITES:
    parts.site_grid(cohort, endpoint, ci, times)
else:
    km = app.cached(kaplan_meier)(cohort, endpoint, by, ci=ci, times=times)
    app.numbers(*parts.headline(km), explain="endpoints median-survival followup log-rank")
    app.show(
        app.draw(figures.survival_curves, km, show=show),
        title=km.label,
        explain="kaplan-meier curve-scales number-at-risk confidence-interval",
    )
    app.show(tables.survival_summary(km), title="Events and medians", explain="median-survival")
    app.show(tables.survival_at(km, show), title="Survival at chosen times", explain="survival-at")
