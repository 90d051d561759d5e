"""Treatment with a start against R's survival (recorded/treatment.R), by hand, and on what a file may hold."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from cohorts import cohort_of, necc_cohort

from necc.analysis.treatment import treatment_course, treatment_timing
from necc.core.dictionary import Endpoint, Variable
from necc.core.errors import AnalysisError

FLAG = Variable("drug", "Drug", "flag", starts_at="treatment", start="drug_start")


def cohort_from(case, **more):
    drug = ["no" if s is None else "yes" for s in case["start"]]
    columns = {"time": case["time"], "event": case["event"], "drug": drug, "drug_start": case["start"], **more}
    numbers = [Variable(name, name, "number") for name in ("time", "drug_start", *more)]
    return cohort_of(columns, variables=[FLAG, *numbers])


def timing(case, **options):
    return treatment_timing(cohort_from(case), "T", "drug", **options)


@pytest.fixture(scope="module", params=range(2), ids=["no ties", "ties"])
def case(request, recorded):
    return recorded("treatment")["cases"][request.param]


def same_model(comparison, expected):
    coefficient, se, lower, upper, p = expected
    ratio = comparison.hazard_ratio
    assert math.isclose(math.log(ratio.value), coefficient, rel_tol=1e-8)
    assert math.isclose(ratio.lower, lower, rel_tol=1e-8) and math.isclose(ratio.upper, upper, rel_tol=1e-8)
    assert math.isclose(comparison.p, p, rel_tol=1e-7)


# ---------------------------------------------------------------- against R
def test_naive_and_time_dependent_equal_coxph(case):
    found = timing(case)
    same_model(found.naive, case["naive"])
    same_model(found.time_dependent, case["dependent"])
    assert math.isclose(found.naive.test.statistic, case["naive_chisq"], rel_tol=1e-9)
    assert found.bias.ratio == pytest.approx(math.exp(case["naive"][0] - case["dependent"][0]), rel=1e-8)
    assert found.n == len(case["time"]) and found.n_treated == sum(s is not None for s in case["start"])


def test_mantel_byar_equals_the_sums_and_without_ties_the_score_test(case):
    test = timing(case).time_dependent.test
    assert test.name == "Mantel-Byar" and math.isclose(test.statistic, case["mantel_byar"], rel_tol=1e-9)
    if case["name"] == "no ties":
        assert math.isclose(test.statistic, case["breslow_score"], rel_tol=1e-9)


def test_simon_makuch_curves_equal_survfit(case):
    curves = timing(case).time_dependent.curves
    assert [c.name for c in curves] == ["untreated", "treated"]
    for g, curve in enumerate(curves):
        rows = np.flatnonzero(np.array(case["stratum"]) == g)
        assert curve.time == pytest.approx([case["at"][r] for r in rows])
        assert curve.n_at_risk.tolist() == [case["n_risk"][r] for r in rows]
        np.testing.assert_allclose(curve.survival, [case["surv"][r] for r in rows], rtol=1e-10, atol=1e-14)
        assert curve.median.value == pytest.approx(case["medians"][g])


def test_landmarks_equal_r(case):
    for expected in case["landmarks"]:
        found = timing(case, landmark=expected["landmark"]).landmark
        assert (found.n, found.n_treated) == (expected["n"], expected["treated"])
        assert [e.n for e in found.excluded] == expected["gone"]
        same_model(found, expected["cox"])
        assert math.isclose(found.test.statistic, expected["chisq"], rel_tol=1e-9)


# ---------------------------------------------------------------- by hand
BY_HAND = {"time": [2, 4, 6, 8], "event": [1, 1, 1, 1], "start": [None, 3, None, 5]}


def test_mantel_byar_by_hand():
    """Treated at risk: 0 of 4 at 2, 1 of 3 at 4, 1 of 2 at 6, 1 of 1 at 8; observed 2, expected 1/3 + 1/2 + 1."""
    found = timing(BY_HAND)
    test = found.time_dependent.test
    assert test.observed[1] == 2 and test.expected[1] == pytest.approx(11 / 6)
    assert test.statistic == pytest.approx((1 / 6) ** 2 / (2 / 9 + 1 / 4))
    assert found.bias.immortal_time == 8 and found.bias.share == pytest.approx(8 / 12) and found.bias.median_start == 4
    assert found.time_dependent.events == (2, 2) and found.time_dependent.n == 4
    assert "immortal-time" in [g.code for g in found.guardrails]


def test_default_landmark_is_where_half_of_the_treated_had_started():
    found = timing(BY_HAND)
    assert found.landmark.landmark == 4 and found.landmark.n == 2 and found.landmark.n_treated == 0
    assert any("after the landmark" in n for n in found.landmark.notes)
    assert [c.landmark for c in found.landmarks] == [3.5, 4, 4.5]


def test_starting_with_the_origin_is_no_immortal_time():
    found = timing({"time": [2, 4, 6, 8, 3], "event": [1, 1, 1, 0, 1], "start": [None, 0, None, 0, 0]})
    assert found.naive.hazard_ratio.value == pytest.approx(found.time_dependent.hazard_ratio.value, rel=1e-9)
    assert found.bias.ratio == pytest.approx(1) and found.guardrails == ()
    assert any("no immortal time" in n for n in found.notes)


def test_a_treatment_that_does_nothing_looks_good_naively():
    rng = np.random.default_rng(7)
    time, start = rng.exponential(10, 4000), rng.exponential(10, 4000)
    found = timing(
        {
            "time": time,
            "event": np.ones(4000),
            "start": [s if s < t else None for s, t in zip(start, time, strict=True)],
        }
    )
    assert found.naive.hazard_ratio.value < 0.6
    assert 0.9 < found.time_dependent.hazard_ratio.value < 1.1 and 0.9 < found.landmark.hazard_ratio.value < 1.15


# ---------------------------------------------------------------- sensitivity
def test_reruns_leave_out_short_follow_up_and_few_cycles():
    case = {"time": [1, 4, 6, 8, 9, 10], "event": [1, 1, 1, 1, 0, 1], "start": [None, 3, None, 5, 2, None]}
    cohort = cohort_from(case, drug_cycles=[None, 2, None, 6, None, None])
    short, cycles = treatment_timing(cohort, "T", "drug").sensitivity
    assert short.name == "follow-up" and short.left_out == 1 and short.naive.n == 5 and short.time_dependent.n == 5
    assert cycles.name == "cycles" and cycles.left_out == 2 and cycles.naive.n_treated == 1
    assert any("live long enough" in n for n in cycles.notes)
    assert treatment_timing(cohort, "T", "drug", min_followup_days=0, min_cycles=0).sensitivity == ()
    assert len(timing(case).sensitivity) == 1


# ---------------------------------------------------------------- what a file may hold
def test_who_cannot_be_compared_is_counted():
    columns = {
        "time": [5, 5, 5, 0, 5, None, 7],
        "event": [1, 1, 1, 1, 1, 1, 0],
        "drug": ["yes", "no", "yes", "no", None, "no", "no"],
        "drug_start": [None, 2, 9, None, None, None, None],
    }
    cohort = cohort_of(columns, variables=[FLAG])
    found = treatment_timing(cohort, "T", "drug")
    assert found.n == 1
    assert [e.n for e in found.excluded] == [1] * 6
    assert "start-after-event" in [g.code for g in found.guardrails]
    assert found.landmark is None and any("nobody was treated" in n for n in found.notes)
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "case",
    [
        {"time": [5, 6], "event": [0, 0], "start": [None, 2]},
        {"time": [5, 6], "event": [1, 1], "start": [1, 2]},
        {"time": [5, 6, 7], "event": [1, 1, 0], "start": [5, 6, None]},
        {"time": [5, 5, 5], "event": [1, 1, 1], "start": [None, None, 0]},
        {"time": [5, 6, 7, 8], "event": [1, 1, 0, 0], "start": [None, None, 1, 2]},
    ],
)
def test_degenerate_courses(case):
    found = timing(case)
    for comparison in found.comparisons:
        if comparison.hazard_ratio.value is None:
            assert comparison.notes
    json.dumps(found.to_dict(), allow_nan=False)
    assert len(found.to_frame()) == 3
    nobody = treatment_timing(cohort_from(case).subset(np.zeros(len(case["time"]), bool)), "T", "drug")
    assert nobody.n == 0 and any("no patients" in n for n in nobody.notes)


def test_no_events_in_a_group_is_answered_by_firth():
    found = timing({"time": [5, 6, 7, 8], "event": [1, 1, 0, 0], "start": [None, None, 1, 2]})
    assert "Firth" in found.naive.hazard_ratio.method and found.naive.hazard_ratio.value < 1


def test_start_at_the_end_is_never_at_risk_as_treated():
    found = timing({"time": [5, 6, 7], "event": [1, 1, 0], "start": [5, 2, None]})
    assert found.time_dependent.n_treated == 1
    assert any("started at the end of follow-up" in n for n in found.time_dependent.notes)


def test_float_noise_between_start_and_end_is_no_interval():
    found = timing({"time": [0.1 + 0.2, 6, 7], "event": [1, 1, 0], "start": [0.3, 2, None]})
    assert found.n == 3 and found.time_dependent.n_treated == 1


def test_a_start_counted_from_recurrence_is_moved_to_diagnosis():
    cohort = necc_cohort(
        {
            "ttr_months": [10, 12, 8, 9, 7], "recurred": ["yes"] * 5, "prs_months": [5, 6, 7, 9, 3],
            "os_months": [15, 18, 15, 18, 10], "died": ["yes", "yes", "no", "yes", "yes"],
            "ici": ["no", "yes", "no", "yes", "no"], "ici_start_months": [None, 2, None, 3, None],
        }
    )  # fmt: skip
    assert treatment_course(cohort, "PRS", "ici").start[1] == 2
    course = treatment_course(cohort, "OS", "ici")
    assert course.start[1] == 14 and course.start[3] == 12 and any("by adding TTR" in n for n in course.notes)


def test_a_start_counted_from_elsewhere_is_refused():
    cohort = necc_cohort(
        {"prs_months": [5, 6], "died": ["yes", "no"], "ici": ["no", "yes"], "ici_start_months": [None, 2]}
    )
    late = Endpoint("X", "X", "start of ICI", time="prs_months", event="died", start="ici_start_date")
    book = replace(cohort.dictionary, endpoints={**cohort.dictionary.endpoints, "X": late})
    with pytest.raises(AnalysisError, match="isn't counted from start of ICI"):
        treatment_course(replace(cohort, dictionary=book, _cache={}), "X", "ici")


def test_units_are_turned_into_the_endpoints():
    numbers = [FLAG, Variable("drug_start", "Start", "number", unit="days")]
    columns = {"time": [5, 6], "event": [1, 1], "drug": ["yes", "no"], "drug_start": [60.875, None]}
    course = treatment_course(cohort_of(columns, variables=numbers), "T", "drug")
    assert course.start[0] == pytest.approx(2) and any("from days into months" in n for n in course.notes)


def test_refusals():
    case = {"time": [5, 6], "event": [1, 1], "start": [2, None]}
    with pytest.raises(AnalysisError, match="a landmark must be a time"):
        timing(case, landmark=-1)
    without = cohort_of({"time": [5], "event": [1], "drug": ["yes"]}, variables=[FLAG])
    with pytest.raises(AnalysisError, match="doesn't say when 'drug' started"):
        treatment_timing(without, "T", "drug")
    three = cohort_of({"time": [1, 2, 3], "event": [1, 1, 1], "arm": ["a", "b", "c"], "at": [1, 1, 1]})
    with pytest.raises(AnalysisError, match="must be a yes/no column"):
        treatment_timing(three, "T", "arm", start="at")


def test_without_a_treatment_the_dictionary_s_is_meant():
    with pytest.raises(AnalysisError, match="which treatment"):
        treatment_timing(cohort_of({"time": [1, 2], "event": [1, 0]}), endpoint="T")
