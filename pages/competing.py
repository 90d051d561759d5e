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
    result = app.cached(incidence_of)(cohort, outcome, by)
    labels = {c.name: c.label for c in result.causes}
    app.numbers(("analysed", f"{result.n:,}"), ("events", f"{outcome.event.sum():,}"), ("causes", f"{len(labels)}"),
                explain="cumulative-incidence several-sites")  # fmt: skip
    if outcome.rule:
        parts.caution(cohort, outcome.name, by)

    if view == "All causes":
        for place, s in enumerate(result.strata if result.exclusive else ()):
            app.show(
                app.draw(figures.stacked_incidence, result, stratum=s.name), name=f"stacked-{place}",
                title=f"{result.by_label}: {s.name}" if by else result.label, explain="stacked-incidence",
            )  # fmt: skip
        if not result.strata or not result.exclusive:
            app.show(app.draw(figures.incidence_curves, result), title=result.label, explain="cumulative-incidence")
        app.show(tables.incidence_at(result, times), explain="cumulative-incidence several-sites")

    if view == "Cause by cause":
        competing.incidence_panels(result)

    if view == "1 − Kaplan-Meier":
        at = times[len(times) // 2] if times else one_year(outcome.unit)
        app.show(app.draw(figures.incidence_grid, result, naive=True), title=result.label, explain="one-minus-km")
        for place, s in enumerate(result.strata):
            app.show(
                app.draw(figures.naive_excess, result, at=at, stratum=s.name), name=f"naive-{place}",
                title=f"{result.by_label}: {s.name}" if by else f"By {at:g} {result.unit}", explain="one-minus-km",
            )  # fmt: skip
        app.show(tables.naive_beside(result, at), explain="one-minus-km")

    if view == "Hazards" and terms:
        hazards = app.cached(hazards_of)(cohort, outcome, terms)
        app.show(app.draw(figures.hazards_forest, hazards, labels=labels), title="Two hazards", explain="fine-gray")
        app.show(tables.hazards_table(hazards, labels), explain="fine-gray")
    elif view == "Hazards":
        app.caption("Choose covariates.")
