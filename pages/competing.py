"""Competing risks: what comes first, by cause and group, with 1 - Kaplan-Meier beside it as the lesson."""

from necc import app
from necc.analysis.competing import hazards_of, incidence_of
from necc.app.views import competing
from necc.app.widgets import parts
from necc.core.dictionary import one_year
from necc.present import figures, tables

cohort = app.cohort()
app.title("Competing risks", "Which event comes first: recurrence by site, with other sites and death competing.")
app.need(cohort)
ways = ("All causes", "Cause by cause", "1 − Kaplan-Meier", "Hazards")

with app.part():
    with app.controls():
        outcome = competing.choose_causes(cohort)
        by = app.choose_factor(cohort, "competing-by")
    with app.controls("view"):
        view = app.choose("competing-view", "Show", ways, fixed=True)
        times = parts.choose_times_in(outcome.unit, "Incidence")
        terms = competing.model_terms(cohort, by) if view == "Hazards" else ()
    found = app.cached(incidence_of)(cohort, outcome, by)
    labels = {c.name: c.label for c in found.causes}
    app.numbers(("analysed", f"{found.n:,}"), ("events", f"{outcome.event.sum():,}"), ("causes", f"{len(labels)}"),
                explain="cumulative-incidence several-sites")  # fmt: skip
    if outcome.rule:
        parts.caution(cohort, outcome.name, by)

    if view == "All causes":
        for place, s in enumerate(found.strata if found.exclusive else ()):
            app.show(
                app.draw(figures.stacked_incidence, found, stratum=s.name), name=f"stacked-{place}",
                title=f"{found.by_label}: {s.name}" if by else found.label, explain="stacked-incidence",
            )  # fmt: skip
        if not found.strata or not found.exclusive:
            app.show(app.draw(figures.incidence_curves, found), title=found.label, explain="cumulative-incidence")
        app.show(tables.incidence_at(found, times), explain="cumulative-incidence several-sites")

    if view == "Cause by cause":
        competing.incidence_panels(found)

    if view == "1 − Kaplan-Meier":
        at = times[len(times) // 2] if times else one_year(outcome.unit)
        app.show(app.draw(figures.incidence_grid, found, naive=True), title=found.label, explain="one-minus-km")
        for place, s in enumerate(found.strata):
            app.show(
                app.draw(figures.naive_excess, found, at=at, stratum=s.name), name=f"naive-{place}",
                title=f"{found.by_label}: {s.name}" if by else f"By {at:g} {found.unit}", explain="one-minus-km",
            )  # fmt: skip
        app.show(tables.naive_beside(found, at), explain="one-minus-km")

    if view == "Hazards" and terms:
        hazards = app.cached(hazards_of)(cohort, outcome, terms)
        app.show(app.draw(figures.hazards_forest, hazards, labels=labels), title="Two hazards", explain="fine-gray")
        app.show(tables.hazards_table(hazards, labels), explain="fine-gray")
    elif view == "Hazards":
        app.caption("Choose covariates.")
