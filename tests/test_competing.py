"""Competing risks against R's cmprsk (recorded/competing.R), by hand, and for sites of first recurrence."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from checks import close
from cohorts import SAMPLES, cohort_of, necc_cohort
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.competing import (
    DEATH,
    SEVERAL,
    UNKNOWN_SITE,
    competing_from_columns,
    count_causes,
    cumulative_incidence,
    cumulative_incidence_of_columns,
    fit_fine_gray,
    gray_test,
    hazards_by_cause,
    hazards_of,
    incidence_from_counts,
)
from necc.cli import main
from necc.core.errors import AnalysisError
from necc.present.tables import hazards_table


def cohort_from(case):
    columns = {"time": case["time"], "status": [f"{s:g}" for s in case["status"]], "x1": case["x1"], "x2": case["x2"]}
    return cohort_of(columns | {k: [f"{v:g}" for v in case[k]] for k in "gs"})


@pytest.fixture(scope="module", params=range(4), ids=["no ties", "ties", "times of zero", "nobody censored"])
def case(request, recorded):
    return recorded("competing")["cases"][request.param]


# ---------------------------------------------------------------- against R
def test_curves_and_variance_equal_cuminc(case):
    found = cumulative_incidence_of_columns(cohort_from(case), "time", "status", "g", censored="0")
    size = len(case["at"])
    for k, name in enumerate(case["curves"]):
        stratum, cause = name.split()
        curve = next(s for s in found.strata if s.name == stratum).curve(cause)
        for row, t in enumerate(case["at"]):
            expected, variance = case["est"][k * size + row], case["var"][k * size + row]
            if expected is None or t < curve.time[0]:
                continue
            at = int(np.searchsorted(curve.time, t, side="right")) - 1
            assert close(curve.estimate[at], expected) and close(curve.se[at] ** 2, variance)


def test_gray_tests_equal_cuminc(case):
    cohort = cohort_from(case)
    found = cumulative_incidence_of_columns(cohort, "time", "status", "g", censored="0")
    expected = np.reshape(case["gray"], (-1, 3))
    np.testing.assert_allclose([t.statistic for t in found.tests], expected[:, 0], rtol=1e-9)
    # R forms 1 - pchisq, which keeps fewer digits of a small p
    np.testing.assert_allclose([t.chi_square_p for t in found.tests], expected[:, 1], rtol=1e-8, atol=1e-14)
    assert [t.df for t in found.tests] == expected[:, 2].tolist()
    few = [min(t.expected) < 5 for t in found.tests]
    assert [t.p is None for t in found.tests] == few
    assert all(t.p_adjusted >= t.p for t in found.tests if t.p is not None)
    strat = cumulative_incidence_of_columns(cohort, "time", "status", "g", censored="0", strata="s")
    np.testing.assert_allclose([t.statistic for t in strat.tests], case["stratified"], rtol=1e-9)
    table = count_causes(competing_from_columns(cohort, "time", "status", censored="0"), cohort.factor("g"))
    for k, expected_rho in enumerate(case["rho"]):
        assert close(gray_test(table, k, rho=1).statistic, expected_rho)


def test_one_minus_kaplan_meier_equals_survfit(case):
    found = cumulative_incidence_of_columns(cohort_from(case), "time", "status", censored="0")
    for k, curve in enumerate(found.strata[0].curves):
        np.testing.assert_allclose(curve.one_minus_km, case["one_minus_km"][k], rtol=1e-10, atol=1e-14)


def test_fine_gray_equals_crr(case):
    status, x = np.array(case["status"]), np.column_stack([case["x1"], case["x2"]])
    for expected in case["fits"]:
        coded = np.where(status == expected["cause"], 1, np.where(status == 0, 0, 2))
        fit = fit_fine_gray(np.array(case["time"]), coded, x)
        assert fit.converged
        # crr stops at a gradient of 1e-9 of the log likelihood
        np.testing.assert_allclose(fit.coefficients, expected["coef"], rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(fit.covariance.ravel(), expected["var"], rtol=1e-7, atol=1e-12)
        assert close(fit.loglik, expected["loglik"]) and close(fit.loglik_null, expected["loglik_null"])


def test_hazards_side_by_side_equal_crr_and_coxph(case):
    cohort = cohort_from(case)
    outcome = competing_from_columns(cohort, "time", "status", censored="0")
    found = hazards_of(cohort, outcome, ["x1", "x2"])
    for expected in case["fits"]:
        rows = [r for r in found.rows if r.cause == f"{expected['cause']:g}"]
        np.testing.assert_allclose(
            [math.log(r.subdistribution.value) for r in rows], expected["coef"], rtol=1e-6, atol=1e-9
        )
        np.testing.assert_allclose([r.subdistribution_p for r in rows], expected["p"], rtol=1e-6)
        # coxph stops at a relative change of the log likelihood of 1e-9
        cox = [math.log(r.cause_specific.value) for r in rows]
        np.testing.assert_allclose(cox, expected["cox_coef"], rtol=1e-6, atol=1e-8)
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("place", range(3))
def test_under_separation_of_one_term_fine_gray_keeps_the_others(place, recorded):
    """crr takes a coefficient of -25 for one that has arrived; its others then are those of the limit."""
    case = recorded("competing")["separated"][place]
    columns = {k: case[k] for k in ("time", "x1", "x2", "x3")}
    fit = fit_fine_gray(case["time"], case["status"], np.column_stack([case[k] for k in ("x1", "x2", "x3")]))
    assert fit.status == "monotone" and list(fit.separated) == [True, False, False]
    assert case["coef"][0] < -20 and np.isnan(fit.coefficients[0])
    variance = np.reshape(case["var"], (3, 3))[1:, 1:]
    np.testing.assert_allclose(fit.coefficients[1:], case["coef"][1:], rtol=1e-9)
    np.testing.assert_allclose(fit.covariance[1:, 1:], variance, rtol=1e-9)
    assert np.isnan(fit.covariance[0]).all() and fit.loglik == pytest.approx(case["loglik"], abs=1e-9)
    # the two models of a cohort: a note for the one term, numbers for the others
    cohort = cohort_of(columns | {"status": [f"{s:g}" for s in case["status"]]})
    outcome = competing_from_columns(cohort, "time", "status", censored="0")
    found = hazards_of(cohort, outcome, ["x1", "x2", "x3"], only=["1"])
    rare, *others = found.rows
    assert rare.subdistribution.value is None and rare.cause_specific.value is None
    assert "separation" in rare.note and "those of the limit" in rare.note
    for row, b in zip(others, case["coef"][1:], strict=True):
        assert row.subdistribution.value == pytest.approx(math.exp(b), rel=1e-9) and row.note == ""
        assert row.cause_specific.value and row.cause_specific.lower and row.cause_specific.upper
    told = json.dumps(found.to_dict(), allow_nan=False)
    assert "separation" in told and not np.isinf(found.to_frame().select_dtypes("number").to_numpy(dtype=float)).any()
    notes = hazards_table(found).notes
    assert [n for n in notes if "separation" in n] == [f"x1, per unit, 1: {rare.note}."]


def test_a_column_that_repeats_another_is_left_out_alone(case):
    status, x = np.array(case["status"]), np.column_stack([case["x1"], np.array(case["x1"]) * 2 + 1, case["x2"]])
    coded = np.where(status == 1, 1, np.where(status == 0, 0, 2))
    fit, pair = (fit_fine_gray(np.array(case["time"]), coded, values) for values in (x, x[:, [0, 2]]))
    assert fit.converged and list(fit.free) == [True, False, True] and np.isnan(fit.coefficients[1])
    np.testing.assert_allclose(fit.coefficients[[0, 2]], pair.coefficients, rtol=1e-12)
    np.testing.assert_allclose(fit.se[[0, 2]], pair.se, rtol=1e-12)


# ---------------------------------------------------------------- by hand
def test_incidence_by_hand():
    """Five patients: cause 1 at 1, cause 2 at 2, censored at 3, cause 1 at 4, censored at 5."""
    cohort = cohort_of({"time": [1, 2, 3, 4, 5], "status": [1, 2, 0, 1, 0]})
    found = cumulative_incidence_of_columns(cohort, "time", "status")
    first, second = found.strata[0].curves
    np.testing.assert_allclose(first.estimate, [0.2, 0.2, 0.2, 0.5, 0.5])
    np.testing.assert_allclose(second.estimate, [0, 0.2, 0.2, 0.2, 0.2])
    np.testing.assert_allclose(first.one_minus_km, [0.2, 0.2, 0.2, 0.6, 0.6])
    assert first.overstated_by == pytest.approx(0.1) and any("1 − Kaplan-Meier" in n for n in found.notes)
    # at 4: (1 - 0.3/0.8)^2 / 25 from the event at 1, (0.3/0.6)^2 (0.8/4)^2 from the other at 2, (0.6/2)^2 at 4
    np.testing.assert_allclose(first.se**2, [0.04, 0.04, 0.04, 0.115625, 0.115625], rtol=1e-12)
    assert first.at(4.5).value == 0.5 and first.at(0.5).value == 0 and first.at(6).value is None


def test_one_cause_is_one_minus_kaplan_meier():
    cohort = cohort_of({"time": [1, 2, 3, 4, 5, 6], "event": [1, 0, 1, 1, 0, 1]})
    found = cumulative_incidence(cohort, "T")
    curve = found.strata[0].curves[0]
    np.testing.assert_allclose(curve.estimate, curve.one_minus_km, rtol=1e-12)
    assert found.causes[0].n_events == 4 and any("one cause" in n for n in found.notes)
    assert found.causes[0].label == "Any event" != found.label


rows = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), st.sampled_from("ABC")), min_size=1, max_size=40)


@settings(max_examples=80, deadline=None)
@given(rows)
def test_incidences_add_up_to_the_events_and_never_exceed_one_minus_km(data):
    time, status, g = (list(v) for v in zip(*data, strict=True))
    cohort = cohort_of({"time": [float(t) for t in time], "status": [str(s) for s in status], "g": g})
    found = cumulative_incidence_of_columns(cohort, "time", "status", "g", censored="0")
    json.dumps(found.to_dict(), allow_nan=False)
    assert sum(s.n for s in found.strata) == found.n == len(data)
    table = count_causes(competing_from_columns(cohort, "time", "status", censored="0"), cohort.factor("g"))
    everything, _ = incidence_from_counts(table.n_at_risk, table.n_any, table.n_any)
    for g_index, stratum in enumerate(found.strata):
        total = sum(c.estimate[-1] for c in stratum.curves)
        last = np.flatnonzero(table.n_any[g_index] + table.n_censored[g_index])[-1]
        if stratum.curves:
            assert total == pytest.approx(everything[g_index, last], abs=1e-12)
        for c in stratum.curves:
            assert (np.diff(c.estimate) >= -1e-12).all() and (c.estimate <= c.one_minus_km + 1e-12).all()
            known = np.isfinite(c.ci_lower)
            assert (c.ci_lower[known] <= c.estimate[known]).all() and (c.ci_upper[known] >= c.estimate[known]).all()


# ---------------------------------------------------------------- sites of first recurrence
def full_cohort():
    """Seven of ten recurred (two at two sites, one at an unrecorded one), one died before, two are free."""
    return necc_cohort(
        {
            "ttr_months": [3, 5, 5, 8, 9, 12, 14, 20, 30, None],
            "recurred": ["yes"] * 7 + ["no", "no", "no"],
            "os_months": [9, 6, 15, 18, 10, 20, 30, 22, 30, 40],
            "died": ["yes"] * 5 + ["no", "no", "yes", "no", "no"],
            "radical_surgery": ["yes", "no"] * 5,
        },
        {
            "lung": [1, 1, 0, 1, 0, 0, -1, 0, 0, 0],
            "liver": [0, 1, 1, 0, 0, 1, -1, 0, 0, 0],
            "bone": [0, 0, 0, 0, 1, 1, -1, 0, 0, 0],
        },
    )


def events(found):
    return {c.name: c.n_events for c in found.causes}


def test_several_sites_as_their_own_cause():
    found = cumulative_incidence(full_cohort(), "TTR")
    assert events(found) == {"lung": 2, "abdominal": 1, "bone": 1, SEVERAL: 2, UNKNOWN_SITE: 1, DEATH: 1}
    assert found.n == 10 and found.exclusive and found.excluded == ()
    assert any("2 patients recurred at several sites" in n for n in found.notes)
    assert any("followed by OS" in n for n in found.notes)
    curve = found.strata[0].curve(DEATH)
    assert curve.time[curve.n_events > 0].tolist() == [22] and curve.time[-1] == 40


def test_several_sites_counted_in_each():
    found = cumulative_incidence(full_cohort(), "TTR", rule="counted in each")
    assert events(found) == {"lung": 3, "abdominal": 3, "bone": 2, UNKNOWN_SITE: 1, DEATH: 1}
    assert not found.exclusive and any("overlap" in n for n in found.notes)
    assert found.strata[0].curve("lung").estimate[-1] == pytest.approx(0.3)


def test_hierarchy_of_sites():
    first = cumulative_incidence(full_cohort(), "TTR", rule="hierarchy", hierarchy=["bone"])
    assert events(first) == {"bone": 2, "lung": 3, "abdominal": 1, UNKNOWN_SITE: 1, DEATH: 1}
    other = cumulative_incidence(full_cohort(), "TTR", rule="hierarchy", hierarchy=["abdominal", "lung"])
    assert events(other)["abdominal"] == 3
    assert any("order of sites: Abdominal organs, Lung, Bone" in n for n in other.notes)
    with pytest.raises(AnalysisError, match="names kidney"):
        cumulative_incidence(full_cohort(), "TTR", rule="hierarchy", hierarchy=["kidney"])
    with pytest.raises(AnalysisError, match="twice"):
        cumulative_incidence(full_cohort(), "TTR", rule="hierarchy", hierarchy=["lung", "lung"])


def test_rules_agree_where_nobody_has_two_sites():
    cohort = full_cohort()
    single = cohort.subset((cohort.site_matrix == 1).sum(axis=1) < 2)
    found = [events(cumulative_incidence(single, "TTR", rule=r)) for r in ("own cause", "counted in each", "hierarchy")]
    for one, two in itertools.pairwise(found):
        assert {k: v for k, v in one.items() if v} == {k: v for k, v in two.items() if v}


def test_a_cohort_of_recurrent_patients_says_so():
    cohort = full_cohort()
    found = cumulative_incidence(cohort.subset(np.arange(10) < 7), "TTR", "radical_surgery")
    assert any("every patient recurred" in n for n in found.notes) and len(found.tests) == 5
    curves = [c for s in found.strata for c in s.curves]
    assert len(found.to_frame()) == sum(len(c.time) + (c.time[0] > 0) for c in curves)  # each starts at time 0


def test_a_covariate_of_one_level_is_told():
    cohort = full_cohort()
    found = hazards_by_cause(cohort.subset(cohort.factor("radical_surgery").codes == 1), "TTR", ["radical_surgery"])
    assert not found.rows and any(n.startswith("'Radical surgery' has one level only") for n in found.notes)


def test_without_deaths_the_file_is_not_trusted():
    columns = {"ttr_months": [3, 5, 9], "recurred": ["yes", "no", "yes"]}
    found = cumulative_incidence(necc_cohort(columns, {"lung": [1, 0, 0], "bone": [0, 0, 1]}), "TTR")
    assert any("deaths without recurrence aren't in the file" in n for n in found.notes)


def test_unknown_vital_status_is_told():
    columns = {
        "ttr_months": [3, 5, 9], "recurred": ["yes", "no", "no"],
        "os_months": [4, None, 12], "died": ["no", None, "yes"],
    }  # fmt: skip
    found = cumulative_incidence(necc_cohort(columns, {"lung": [1, 0, 0]}), "TTR")
    assert events(found)[DEATH] == 1 and any("without a known OS" in n for n in found.notes)


def test_an_event_split_by_a_column():
    cohort = cohort_of({"time": [1, 2, 3, 4], "event": [1, 1, 1, 0], "why": ["tumour", "other", None, "tumour"]})
    found = cumulative_incidence(cohort, "T", causes="why")
    assert events(found) == {"other": 1, "tumour": 1, "cause not recorded": 1}
    assert any("isn't looked at" in n for n in found.notes)


def test_endpoint_of_death_has_one_cause():
    found = cumulative_incidence(full_cohort(), "OS", "radical_surgery")
    assert [c.name for c in found.causes] == ["OS"]


def test_fine_gray_and_cause_specific_by_site():
    found = hazards_by_cause(full_cohort(), covariates=["radical_surgery"], only=["lung", DEATH])
    lung, death = found.rows
    assert lung.term.reference == "no" and lung.n_with == 5 and lung.n_events_with == 1
    assert death.subdistribution.value is None and "one group only" in death.note
    assert found.n_events == {"lung": 2, DEATH: 1} and len(found.to_frame()) == 2


# ---------------------------------------------------------------- command line
CODES = "pid,t,s,grp\n1,3,1,A\n2,5,2,A\n3,6,0,B\n4,7,1,B\n5,8,2,A\n6,9,0,B\n7,4,2,B\n"


def cif(capsys, *arguments):
    code = main(["cif", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_status_column_of_several_codes_on_the_command_line(tmp_path, capsys):
    file = tmp_path / "codes.csv"
    file.write_text(CODES)
    code, found = cif(capsys, file, "--id", "pid", "--time", "t", "--event", "s", "--by", "grp", "--endpoint", "first")
    assert code == 0 and found["endpoint"] == "first" and found["unit"] == "months" and found["n"] == 7
    assert [(c["name"], c["n_events"]) for c in found["causes"]] == [("1", 2), ("2", 3)]
    assert {"time", "n_at_risk", "n_events", "estimate", "se", "ci_lower", "ci_upper"} == set(
        found["strata"][0]["causes"][0]["curve"][0]
    )
    assert [t["name"] for t in found["tests"]] == ["Gray", "Gray"] and found["strata"][0]["causes"][0]["one_minus_km"]
    named = cif(capsys, file, "--time", "t", "--event", "s", "--event-value", "0", "--event-value", "2")[1]
    assert [c["name"] for c in named["causes"]] == ["0", "2"]
    code, refused = cif(capsys, file, "--time", "t", "--event", "grp")
    assert code == 1 and "which level of 'grp' means censored" in refused["error"]


def test_sites_on_the_command_line(capsys):
    code, found = cif(capsys, SAMPLES / "reconstructed_cohort.csv", "--rule", "counted in each")
    assert code == 0 and found["n"] == 88 and found["rule"] == "counted in each"
    assert {c["name"]: c["n_events"] for c in found["causes"]}["lung"] == 34


# ---------------------------------------------------------------- bad input
def test_who_means_censored_is_asked():
    cohort = cohort_of({"time": [1, 2], "status": [1, 2]})
    with pytest.raises(AnalysisError, match="which level of 'status' means censored. it has 1 and 2"):
        competing_from_columns(cohort, "time", "status")
    assert competing_from_columns(cohort, "time", "status", censored="1").causes == ("2",)
    with pytest.raises(AnalysisError, match="not '7'"):
        competing_from_columns(cohort, "time", "status", censored="7")


def test_rows_that_cannot_be_used_are_counted():
    cohort = cohort_of(
        {"time": [1, None, -2, 4, 5], "status": ["0", "1", "1", None, "2"], "g": ["A", "A", "A", "A", None]}
    )
    found = cumulative_incidence_of_columns(cohort, "time", "status", "g")
    assert found.n == 1
    assert {e.reason: e.n for e in found.excluded} == {
        "time not recorded": 1, "time below zero": 1, "event not recorded": 1, "'g' not recorded": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("x", "status"),
    [
        ([[1.0], [1.0], [1.0], [1.0]], "aliased"),
        ([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0], [1.0, 2.0]], "monotone"),
        ([[0.0], [1.0], [0.0], [1.0]], "monotone"),
        (np.random.default_rng(0).normal(size=(4, 6)), "more terms than patients"),
    ],
)
def test_fine_gray_says_why_it_has_no_estimate(x, status):
    fit = fit_fine_gray(np.array([1.0, 2, 3, 4]), np.array([1, 2, 1, 0]), np.array(x))
    assert fit.status == status and np.isnan(fit.coefficients).all()


def one_direction(seed):
    """Few patients, rare levels: separation of one term, of several, or of none."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(4, 90)), int(rng.integers(1, 6))
    x = (rng.random((n, p)) < rng.uniform(0.05, 0.6, p)).astype(float)
    if seed % 5 == 1:
        x[:, 0] = rng.normal(size=n).round(1)
    if seed % 5 == 2:
        x[:, 0] = np.exp(2 * rng.normal(size=n))
    time = rng.exponential(10, n)
    time = np.floor(time * np.exp(-x[:, -1])) if seed % 2 else np.ceil(time)
    return time, rng.choice([0, 1, 2], n, p=[0.3, 0.3, 0.4]), x


@pytest.mark.parametrize("seed", [*range(60), 800, 1054, 1375])
def test_fine_gray_is_monotone_exactly_where_a_linear_program_says(seed):
    """b'x of each event must be the largest among those at risk, who had another event for ever: every pair at once."""
    from scipy.optimize import linprog

    time, status, x = one_direction(seed)
    fit = fit_fine_gray(time, status, x)
    if fit.status in ("no events", "aliased", "more terms than patients"):
        return
    at_risk = [x[i] - x[(time >= time[i]) | (status == 2)] for i in np.flatnonzero(status == 1)]
    gaps = np.unique(np.vstack(at_risk), axis=0)[:, fit.free]
    best = linprog(-gaps.sum(axis=0), A_ub=-gaps, b_ub=np.zeros(len(gaps)), bounds=[(-1, 1)] * gaps.shape[1])
    assert fit.status == ("monotone" if -best.fun > 1e-7 else "converged")
    rest = fit.free & ~fit.separated
    assert np.isfinite(fit.coefficients[rest]).all() and np.isfinite(fit.se[rest]).all()
    assert np.isnan(fit.coefficients[~rest]).all() and fit.separated.any() == (fit.status == "monotone")


def test_a_single_event_has_no_finite_estimate():
    """One event of the cause, in the smaller group: the likelihood rises for ever, however slowly."""
    time, x = np.arange(1.0, 89), (np.arange(88) % 4 == 0).astype(float)
    fit = fit_fine_gray(time, np.where(np.arange(88) == 8, 1, 2), x)
    assert fit.status == "monotone" and np.isnan(fit.coefficients).all()


def test_fine_gray_without_events_and_with_bad_arrays():
    assert fit_fine_gray(np.array([1.0, 2]), np.array([0, 2]), np.array([0.0, 1])).status == "no events"
    with pytest.raises(AnalysisError, match="one row a patient"):
        fit_fine_gray(np.array([1.0, 2]), np.array([0]), np.array([0.0, 1]))
    with pytest.raises(AnalysisError, match="finite"):
        fit_fine_gray(np.array([1.0, np.nan]), np.array([0, 1]), np.array([0.0, 1]))


def test_nobody_and_one_patient():
    cohort = full_cohort()
    for mask in (np.zeros(10, bool), np.arange(10) == 0, np.arange(10) > 7):
        part = cohort.subset(mask)
        for rule in ("own cause", "counted in each", "hierarchy"):
            found = cumulative_incidence(part, "TTR", "site:lung", rule=rule)
            json.dumps(found.to_dict(), allow_nan=False)
            assert all(t.p is None for t in found.tests)
        json.dumps(hazards_by_cause(part, covariates=["radical_surgery"]).to_dict(), allow_nan=False)


def test_a_covariate_that_is_the_outcome_or_comes_later_is_told():
    cohort = full_cohort()
    seen = {
        "ttr_months": {"own-outcome", "known-later"}, "recurred": {"own-outcome", "known-later"},
        "died": {"own-outcome", "known-later"}, "site:lung": {"own-outcome", "known-later"}, "radical_surgery": set(),
    }  # fmt: skip
    for name, codes in seen.items():
        found = hazards_by_cause(cohort, covariates=[name], only=[DEATH])
        assert {g.code for g in found.guardrails} == codes, name
        assert all(any(g.saw in note for note in found.notes) for g in found.guardrails)
    columns = {"time": [1, 2, 3, 4], "status": ["0", "1", "2", "1"], "x": [1.0, 2.0, 2.0, 1.0]}
    outcome = competing_from_columns(cohort_of(columns), "time", "status")
    assert [g.code for g in hazards_of(cohort_of(columns), outcome, ["time", "x"]).guardrails] == ["own-outcome"]


def test_unknown_names_are_refused():
    with pytest.raises(AnalysisError, match="rule 'any' is not one of own cause"):
        cumulative_incidence(full_cohort(), "TTR", rule="any")
    with pytest.raises(AnalysisError, match="no cause brain"):
        hazards_by_cause(full_cohort(), covariates=["radical_surgery"], only=["brain"])
    with pytest.raises(AnalysisError, match="at least one covariate"):
        hazards_by_cause(full_cohort(), covariates=[])
