"""Survival, compared: tests, restricted means, fixed times, medians by convention, delayed entry."""

from necc import app
from necc.analysis.survival import compare_survival, kaplan_meier, kaplan_meier_with_entry, restricted_mean, survival_at
from necc.app.views import comparisons
from necc.app.widgets import parts
from necc.present import figures, tables

cohort = app.cohort()
app.title("Survival, compared", "Whether groups differ, by how much, and whether the answer depends on the method.")
app.need(cohort)
ways = ("Tests", "Restricted mean", "Fixed times", "Medians", "Delayed entry")

with app.part():
    with app.controls():
        endpoint = app.choose_endpoint(cohort)
        by = app.choose_factor(cohort, "compare-by", default="n_sites")
        view = app.choose("compare-view", "Show", ways, fixed=True)
    with app.controls("how"):
        how = comparisons.choose_tests(cohort, by) if by and view == "Tests" else {}
        adjustment = comparisons.choose_adjustment() if by and view == "Restricted mean" else "holm"
        tau = comparisons.choose_tau(cohort, endpoint, by) if view == "Restricted mean" else None
        times = parts.choose_times(cohort, endpoint) if view == "Fixed times" else ()
        entry = comparisons.choose_entry(cohort, endpoint) if view == "Delayed entry" else None
    parts.caution(cohort, endpoint, by)
    km = app.cached(kaplan_meier)(cohort, endpoint, by)
    curves = app.draw(figures.survival_curves, km)

    if view == "Tests" and by:
        tests = app.cached(compare_survival)(cohort, endpoint, by, **how)
        app.show(curves, title=km.label, explain="kaplan-meier number-at-risk")
        app.show(tables.survival_tests(tests), explain="weighted-log-rank trend-test permutation-test")
        if tests.pairs:
            app.show(tables.survival_pairs(tests), explain="log-rank adjusted-p")
    elif view == "Tests":
        app.caption("Choose groups to compare.")

    if view == "Restricted mean":
        means = app.cached(restricted_mean)(cohort, endpoint, by, tau=tau, adjustment=adjustment)
        app.show(app.draw(figures.restricted_areas, means, km=km), title=km.label, explain="restricted-mean")
        app.show(tables.restricted_means(means), explain="restricted-mean")

    if view == "Fixed times":
        app.show(curves, title=km.label, explain="kaplan-meier number-at-risk")
        app.show(tables.fixed_times(app.cached(survival_at)(cohort, endpoint, by, times=times)), explain="survival-at")

    if view == "Medians":
        every = [app.cached(kaplan_meier)(cohort, endpoint, by, ci=ci) for ci in ("log-log", "log", "plain")]
        app.show(tables.median_conventions(every), explain="median-survival confidence-interval")

    if view == "Delayed entry" and entry:
        late = app.cached(kaplan_meier_with_entry)(cohort, endpoint, by, entry=entry)
        app.show(
            app.draw(figures.survival_curves, late, counts=False), title=km.label, explain="left-truncation",
            name="entry",
        )  # fmt: skip
        app.show(tables.entry_medians(km, late), explain="left-truncation")
    elif view == "Delayed entry":
        app.caption("Choose the column that says when each patient came under observation.")
