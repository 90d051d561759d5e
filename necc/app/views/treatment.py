"""The views of the page on treatment: response to immune checkpoint inhibitors, and timing."""

from __future__ import annotations

import math
from collections.abc import Callable

from necc.analysis.response import response_by_site, response_rates, swimmer, transitions
from necc.analysis.response.rates import OutOf
from necc.analysis.treatment import TreatmentTiming, treatment_course, treatment_timing
from necc.app.session.cache import cached, draw
from necc.app.session.state import whole
from necc.app.views import conventions
from necc.app.widgets import guards, parts
from necc.app.widgets.choices import (
    ALL_SITES,
    NOTHING,
    choose,
    choose_endpoint,
    choose_factor,
    controls,
    options,
    slide,
)
from necc.app.widgets.show import need, numbers, show
from necc.core.cohort import Cohort
from necc.core.dictionary import UNITS
from necc.core.errors import AnalysisError
from necc.present import figures, tables

View = Callable[[Cohort], None]


def views(cohort: Cohort) -> dict[str, View]:
    """The views that a cohort's dictionary has the words for."""
    either = {"ICI or not": by_treatment} if cohort.dictionary.treatment else {}
    return {
        "Response": rates, **either, "Best to final": best_to_final, "Each patient": each_patient, "Timing": timing,
    }  # fmt: skip


# ---------------------------------------------------------------- response
def _need_responses(cohort: Cohort) -> None:
    need(cohort, columns=[cohort.dictionary.role(f"response_{kind}") for kind in ("best", "final")])


def rates(cohort: Cohort) -> None:
    """Objective response and disease control, together, by a variable or by every site."""
    _need_responses(cohort)
    with controls():
        response = conventions.choose_response(cohort)
        by = choose_factor(cohort, all_sites=True)
        with options():
            denominator = conventions.choose_out_of({"evaluable": "Evaluable", "treated": "All treated"})
    if by == ALL_SITES:
        by_site = cached(response_by_site)(cohort, response, denominator=denominator)
        why = "response-by-group adjusted-p"
        show(draw(figures.response_by_site, by_site), title="Objective response by site", explain=why)
        show(tables.response_by_site_table(by_site), explain=why)
        return
    _rates(cohort, response, by, denominator)


def by_treatment(cohort: Cohort) -> None:
    """Responses of those who had the treatment beside those who hadn't."""
    _need_responses(cohort)
    with controls():
        response = conventions.choose_response(cohort)
        with options():
            denominator = conventions.choose_out_of({"evaluable": "Evaluable", "treated": "All"})
    _rates(cohort, response, cohort.dictionary.treatment, denominator)


def _rates(cohort: Cohort, response: str, by: str | None, denominator: OutOf) -> None:
    result = cached(response_rates)(cohort, response, by, denominator=denominator)
    everybody = cached(response_rates)(whole(), response, by, denominator=denominator)
    show(
        draw(figures.response_rates, result, whole=everybody), title="Objective response and disease control",
        explain="objective-response disease-control denominator",
    )  # fmt: skip
    show(
        draw(figures.response_bars, result, whole=everybody), title="Response categories",
        explain="best-final-response",
    )  # fmt: skip
    show(tables.response_table(result), explain="response-by-group denominator exact-interval")


def best_to_final(cohort: Cohort) -> None:
    """What became of the best response."""
    _need_responses(cohort)
    changes = cached(transitions)(cohort)
    show(draw(figures.transitions, changes), title="From best to final response", explain="transitions")
    show(tables.transition_table(changes), explain="transitions")
    parts.odd_rows(changes)


def each_patient(cohort: Cohort) -> None:
    """Patient by patient: how long, and with which response."""
    _need_responses(cohort)
    plot = cached(swimmer)(cohort)
    show(draw(figures.swimmer, plot), title="Time on ICI, patient by patient", explain="swimmer")
    show(draw(figures.response_ladder, plot), title="Best and final response", explain="response-ladder")


# ---------------------------------------------------------------- timing
def timing(cohort: Cohort) -> None:
    """A treatment that starts after time zero: naive only beside landmark and time-dependent."""
    need(cohort)
    with controls():
        given, start = choose_treatment(cohort)
        endpoint = choose_endpoint(cohort)
        landmark = choose_landmark(cached(treatment_timing)(cohort, endpoint, given, start=start))
    result = cached(treatment_timing)(cohort, endpoint, given, start=start, landmark=landmark)
    show(
        draw(figures.timing_curves, result), title="Three ways to count the same time",
        explain="immortal-time landmark simon-makuch",
    )  # fmt: skip
    numbers(
        ("analysed", f"{result.n:,}"), ("ever treated", f"{result.n_treated:,}"), ("events", f"{result.n_events:,}"),
        explain="immortal-time endpoints",
    )  # fmt: skip
    guards.guardrails(result.guardrails, title="", key="timing")
    show(tables.treatment_comparisons(result), explain="hazard-ratio mantel-byar")
    show(tables.immortal_time(result), explain="immortal-time-bias")
    course = cached(treatment_course)(cohort, endpoint, given, start=start)
    show(
        draw(figures.treatment_starts, course, landmark=landmark), title="When treatment began",
        explain="immortal-time",
    )  # fmt: skip
    show(draw(figures.timing_ratios, result), title="All hazard ratios", explain="hazard-ratio")
    show(tables.treatment_landmarks(result), explain="landmark")
    show(tables.treatment_sensitivity(result), explain="treatment-sensitivity")


def choose_treatment(cohort: Cohort) -> tuple[str, str | None]:
    """A yes/no column that may start after time zero, and the column with its start where the dictionary names none."""
    known = cohort.dictionary.variables
    flags = [n for n in cohort.factor_names() if n in known and known[n].kind == "flag"]
    flags = [n for n in flags if known[n].starts_at != "baseline" or known[n].section == "Other variables"]
    timed = [n for n in flags if known[n].start and cohort.has(known[n].start)]
    if not flags:
        raise AnalysisError("this cohort has no yes/no column for a treatment that starts after time zero")
    words = {n: known[n].title() for n in [*timed, *(n for n in flags if n not in timed)]}
    treatment = choose("treatment", "Treatment", tuple(words), words=words, wide=True, width=280)
    if treatment in timed:
        return treatment, None
    columns = {n: known[n].title() for n in cohort.number_names() if known[n].unit in UNITS or not known[n].unit}
    columns = {NOTHING: "not in the file", **columns}
    start = choose("treatment-start", "Its start is in", tuple(columns), words=columns, wide=True, of=treatment,
                   width=260, help="A time counted from where the endpoint starts")  # fmt: skip
    if not start:
        raise AnalysisError(
            f"the file doesn't say when '{known[treatment].title()}' started: treated and untreated can't be compared "
            "fairly without it. Name the column with its start, or choose a treatment that has one"
        )
    return treatment, start


def choose_landmark(first: TreatmentTiming) -> float | None:
    """A movable landmark; starts at the time by which half of the treated had begun. None where nobody is treated."""
    if first.landmark is None or first.landmark.landmark is None:
        return None
    begins = first.landmark.landmark
    ends = [float(c.time[-1]) for c in first.naive.curves if len(c.time)]
    last = max(float(math.floor(min(ends, default=1.0))), 1.0)
    return slide(
        "landmark", f"Landmark ({first.unit})", 0.0, max(last, begins), begins, of=(first.treatment, first.endpoint),
        help="Groups by treatment up to here, among those still under observation; time runs from here",
    )  # fmt: skip
