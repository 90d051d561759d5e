"""Treatment timing: a treatment that starts after time zero, naive only beside landmark and time-dependent."""

from necc import app
from necc.analysis.treatment import treatment_course, treatment_timing
from necc.app.views import treatment
from necc.app.widgets import guards
from necc.present import figures, tables

cohort = app.cohort()
app.title(
    "Treatment timing", "Treated against untreated patients, with the time before treatment not counted as treated."
)
app.need(cohort)

with app.part():
    with app.controls():
        given, start = treatment.choose_treatment(cohort)
        endpoint = app.choose_endpoint(cohort, "treatment-endpoint")
    first = app.cached(treatment_timing)(cohort, endpoint, given, start=start)
    with app.controls("landmark"):
        landmark = treatment.choose_landmark(first)
    timing = app.cached(treatment_timing)(cohort, endpoint, given, start=start, landmark=landmark)
    app.numbers(
        ("analysed", f"{timing.n:,}"), ("ever treated", f"{timing.n_treated:,}"), ("events", f"{timing.n_events:,}"),
        explain="immortal-time endpoints",
    )  # fmt: skip
    guards.guardrails(timing.guardrails, title="", key="timing")
    app.show(
        app.draw(figures.timing_curves, timing), title="Three ways to count the same time",
        explain="immortal-time landmark simon-makuch",
    )  # fmt: skip
    app.show(tables.treatment_comparisons(timing), explain="hazard-ratio mantel-byar")
    app.show(tables.immortal_time(timing), explain="immortal-time-bias")
    course = app.cached(treatment_course)(cohort, endpoint, given, start=start)
    app.show(
        app.draw(figures.treatment_starts, course, landmark=landmark), title="When treatment began",
        explain="immortal-time",
    )  # fmt: skip
    app.show(app.draw(figures.timing_ratios, timing), title="All hazard ratios", explain="hazard-ratio")
    app.show(tables.treatment_landmarks(timing), explain="landmark")
    app.show(tables.treatment_sensitivity(timing), explain="treatment-sensitivity")
