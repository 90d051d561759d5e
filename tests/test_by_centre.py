"""Analyses over several centres: equal to R's, honest about few centres, and bounded where times were coarsened."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from cohorts import cohort_of, from_sample
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.centres import LEAST_CENTRES, TWO_TELL, bound_of, by_centre, heterogeneity, site_shares
from necc.analysis.regression import cox
from necc.analysis.survival import compare_survival, kaplan_meier
from necc.core.errors import AnalysisError
from necc.core.result import to_json

CASES = ["two", "three", "five", "twelve"]
KEYS = ("q", "df", "p", "i2", "tau2", "estimate", "se", "ci_lower", "ci_upper", "prediction_lower", "prediction_upper")


def cohort_from(case):
    columns = {key: case[key] for key in ("time", "event")}
    words = {"g": [str(v) for v in case["g"]], "centre": [f"C{v:02}" for v in case["centre"]]}
    return cohort_of(columns | words)


def numbers(found):
    return [getattr(found, key) for key in KEYS]


@pytest.fixture
def case(recorded, request):
    return next(c for c in recorded("centres")["cases"] if c["name"] == request.param)


@pytest.mark.parametrize("case", CASES, indirect=True)
class TestEqualsR:
    def test_the_test_and_the_models_within_centres(self, case):
        found = by_centre(cohort_from(case), "T", "g")
        assert [found.test.statistic, found.test.chi_square_p] == pytest.approx(case["logrank"], rel=1e-9)
        (term,) = found.terms
        assert [term.coefficient, term.se] == pytest.approx(case["efron"], rel=1e-9)
        (term,) = by_centre(cohort_from(case), "T", "g", ties="breslow").terms
        assert [term.coefficient, term.se] == pytest.approx(case["breslow"], rel=1e-9)

    def test_each_centre_by_itself_and_all_but_each(self, case):
        found = by_centre(cohort_from(case), "T", "g")
        own = [v for one in found.centres for v in (one.terms[0].coefficient, one.terms[0].se)]
        assert own == pytest.approx(case["own"], rel=1e-9)
        left = [v for one in found.without for v in (one.terms[0].coefficient, one.terms[0].se)]
        assert left == pytest.approx(case["left"] if len(found.centres) >= LEAST_CENTRES else [], rel=1e-9)

    def test_heterogeneity(self, case):
        (found,) = by_centre(cohort_from(case), "T", "g").heterogeneity
        assert numbers(found) == pytest.approx(case["heterogeneity"], rel=1e-8, abs=1e-10)


def test_shares_differ_between_centres_as_in_r(recorded):
    for case in recorded("centres")["cases"]:
        sites = {"lung": case["g"], "bone": [1 - v for v in case["g"]]}
        found = site_shares(cohort_of({"centre": [f"C{v:02}" for v in case["centre"]]}, sites=sites)).row("lung")
        assert numbers(found.heterogeneity) == pytest.approx(case["share"], rel=1e-9, abs=1e-12)
        assert (found.n, found.of) == (sum(case["g"]), len(case["g"]))
        low, high = found.prediction
        expected = case["share"][-2:]
        if expected[0] is not None:
            assert [math.log(v / (1 - v)) for v in (low, high)] == pytest.approx(expected)


# ---------------------------------------------------------------- few centres, few patients
def made(seed, n, *, n_centres=3, high=30.0, decimals=1):
    rng = np.random.default_rng(seed)
    time = np.round(rng.exponential(12, n).clip(0.1, high), decimals)
    return cohort_of({
        "time": time.tolist(), "event": rng.integers(0, 2, n).tolist(),
        "g": [str(v) for v in rng.integers(0, 2, n)], "centre": [f"C{v}" for v in rng.integers(0, n_centres, n)],
    })  # fmt: skip


def test_with_two_centres_none_is_left_out_and_nothing_is_predicted():
    found = by_centre(made(1, 120, n_centres=2), "T", "g")
    assert found.without == () and TWO_TELL in found.notes
    (spread,) = found.heterogeneity
    assert spread.n_centres == 2 and spread.q is not None and spread.prediction_lower is None
    assert "needs three centres" in spread.note and "little power" in spread.note


def test_a_centre_without_a_finite_ratio_is_named_and_stays_in_the_pooled_one():
    cohort = made(2, 150)
    codes = cohort.factor("centre").codes
    columns = {name: list(cohort.column(name)) for name in ("time", "g", "centre")}
    events = [int(v == "yes") for v in cohort.column("event")]
    events = [0 if c == 0 and g == "1" else e for e, c, g in zip(events, codes, columns["g"], strict=True)]
    found = by_centre(cohort_of(columns | {"event": events}), "T", "g")
    assert found.heterogeneity[0].n_centres == 2 and "'C0'" in found.heterogeneity[0].note
    assert found.centres[0].like(found.terms[0]) is None and found.centres[0].note
    assert found.terms[0].estimable and found.n == 150


def test_a_centre_without_the_reference_level_isnt_mixed_with_the_others():
    cohort = made(3, 200)
    g = [["a", "b", "c"][i % 3] for i in range(200)]
    g = ["b" if v == "a" and c == "C0" else v for v, c in zip(g, cohort.column("centre"), strict=True)]
    columns = {name: list(cohort.column(name)) for name in ("time", "centre")} | {"g": g}
    columns["event"] = [int(v == "yes") for v in cohort.column("event")]
    found = by_centre(cohort_of(columns), "T", "g")
    assert [h.n_centres for h in found.heterogeneity] == [2, 2]
    assert all("'C0'" in h.note for h in found.heterogeneity)


def test_what_cant_be_asked():
    cohort = made(4, 60)
    with pytest.raises(AnalysisError, match="'centre' is the centre itself"):
        by_centre(cohort, "T", "centre")
    with pytest.raises(AnalysisError, match="no variable 'hospital'"):
        by_centre(cohort, "T", "g", centre="hospital")


def test_without_a_factor_centres_are_compared():
    cohort = made(5, 90)
    found = by_centre(cohort, "T")
    assert found.model is None and found.heterogeneity == () == found.without
    assert found.test.statistic == kaplan_meier(cohort, "T", "centre").test.statistic
    assert json.dumps(to_json(found), allow_nan=False)


def test_shares_of_small_centres_are_told_without_heterogeneity():
    found = site_shares(from_sample("reconstructed_cohort.csv"), centre="figo_stage").row("lung")
    assert found.heterogeneity.q is None and "expected" in found.heterogeneity.note
    assert found.typical.value is None and found.prediction == (None, None)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5))
def test_equals_the_analyses_it_is_made_of(seed, n_centres):
    cohort = made(seed, 140, n_centres=n_centres, decimals=0)
    found = by_centre(cohort, "T", "g")
    test = compare_survival(cohort, "T", "g", strata="centre").test("log-rank")
    assert (found.test.statistic, found.test.p) == (test.statistic, test.p)
    assert found.terms == cox(cohort, "T", "g", strata="centre").terms
    assert found.n == sum(c.n for c in found.centres) and found.n_events == sum(c.n_events for c in found.centres)


def test_equal_centres_have_no_heterogeneity_and_unequal_ones_have():
    alike = heterogeneity([0.3, 0.3, 0.3], [0.1, 0.2, 0.3], of="g", measure="log hazard ratio")
    assert (alike.q, alike.i2, alike.tau2) == pytest.approx((0, 0, 0), abs=1e-12) and alike.estimate == pytest.approx(
        0.3
    )
    apart = heterogeneity([-2, 0, 2], [0.1, 0.1, 0.1], of="g", measure="log hazard ratio")
    assert apart.i2 > 0.99 and apart.p < 1e-9 and apart.prediction_lower < -2 < 2 < apart.prediction_upper
    assert heterogeneity([0.1], [0.2], of="g", measure="log hazard ratio").q is None


# ---------------------------------------------------------------- coarse times
@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 120), st.sampled_from([1.0, 3.0]))
def test_the_exact_curve_lies_within_the_bounds_of_the_coarse_one(seed, n, width):
    rng = np.random.default_rng(seed)
    time, event = rng.exponential(rng.uniform(2, 20), n), rng.integers(0, 2, n)
    exact = kaplan_meier(time, event, unit="months").curves[0]
    shown = kaplan_meier((np.floor(time / width) + 0.5) * width, event, unit="months").curves[0]
    bound = bound_of(shown, width)
    for middle, survival in zip(shown.time, shown.survival, strict=True):
        there = exact.rows_at(np.array([middle + width / 2 - 1e-9]))[0]
        true = 1.0 if there < 0 else float(exact.survival[there])
        assert survival - bound.most_below - 1e-9 <= true <= survival + 1e-9
    if exact.median.value is not None:
        assert bound.median_earliest is not None and bound.median_earliest <= exact.median.value
        assert bound.median_latest is None or exact.median.value <= bound.median_latest


def test_coarse_curves_are_bounded_in_the_result():
    cohort = made(6, 80, decimals=0)
    assert by_centre(cohort, "T", "g").bounds == ()
    found = by_centre(cohort, "T", "g", time_width=1.0)
    assert [b.name for b in found.bounds] == ["0", "1"] and all(b.width == 1.0 for b in found.bounds)
