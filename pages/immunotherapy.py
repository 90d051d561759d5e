"""Immunotherapy: response to immune checkpoint inhibitors (ICI), from best to final, patient by patient."""

from necc import app
from necc.analysis.response import response_by_site, response_rates, swimmer, transitions
from necc.app.views import conventions
from necc.app.widgets import parts
from necc.present import figures, tables

cohort = app.cohort()
app.title("Immunotherapy", "How patients responded to immune checkpoint inhibitors (ICI), and how long it lasted.")
columns = {kind: cohort.dictionary.role(f"response_{kind}") for kind in ("best", "final")}
app.need(cohort, columns=columns.values())

with app.controls():
    views = ("Rates", *["ICI or not"] * bool(cohort.dictionary.treatment), "Best to final", "Each patient")
    view = app.choose("response-view", "Show", views, fixed=True)
    if view in ("Rates", "ICI or not"):
        response = conventions.choose_response(cohort)
        denominator = conventions.choose_out_of(
            {"evaluable": "Evaluable", "treated": "All treated" if view == "Rates" else "All"}
        )
    if view == "Rates":
        by = app.choose_factor(cohort, "response-by", all_sites=True)

if view == "Rates" and by == app.ALL_SITES:
    by_site = app.cached(response_by_site)(cohort, response, denominator=denominator)
    app.show(
        app.draw(figures.response_by_site, by_site),
        title="Objective response by site",
        explain="response-by-group adjusted-p",
    )
    app.show(tables.response_by_site_table(by_site), explain="response-by-group adjusted-p")

if (view == "Rates" and by != app.ALL_SITES) or view == "ICI or not":
    rates = app.cached(response_rates)(
        cohort, response, by if view == "Rates" else cohort.dictionary.treatment, denominator=denominator
    )
    app.show(
        app.draw(figures.response_rates, rates),
        title="Objective response and disease control",
        explain="objective-response disease-control denominator",
    )
    app.show(app.draw(figures.response_bars, rates), title="Response categories", explain="best-final-response")
    app.show(tables.response_table(rates), explain="response-by-group denominator exact-interval")

if view == "Best to final":
    changes = app.cached(transitions)(cohort)
    app.show(app.draw(figures.transitions, changes), title="From best to final response", explain="transitions")
    app.show(tables.transition_table(changes), explain="transitions")
    parts.odd_rows(changes)

if view == "Each patient":
    plot = app.cached(swimmer)(cohort)
    app.show(app.draw(figures.swimmer, plot), title="Time on ICI, patient by patient", explain="swimmer")
    app.show(app.draw(figures.response_ladder, plot), title="Best and final response", explain="response-ladder")
