"""Weighted log-rank family, trend, strata, pairs and permutation against R's survival (recorded/survival_tests.R)."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from checks import close
from cohorts import cohort_of
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.survival import (
    WEIGHTINGS,
    RiskTable,
    compare_survival,
    count_risk,
    log_rank,
    permutation_log_rank,
    time_weights,
    trend_test,
    weighted_log_rank,
)
from necc.core.errors import AnalysisError


def cohort_from(case):
    text = [f"g{g}" for g in case["g"]]
    columns = {"time": case["time"], "event": case["event"], "g": text}
    if "s" in case:
        columns["s"] = [f"s{s}" for s in case["s"]]
    return cohort_of(columns)


def table_of(cohort) -> RiskTable:
    return count_risk(cohort.endpoint("T"), cohort.factor("g"))


@pytest.fixture(scope="module", params=range(4), ids=["ties", "small", "veteran", "hand"])
def case(request, recorded):
    return recorded("survival_tests")["cases"][request.param]


def test_weighted_tests_equal_r(case):
    table = table_of(cohort_from(case))
    for name, rho, expected in (
        ("log-rank", 0, case["log-rank"]),
        ("peto-peto", 0, case["peto-peto"]),
        ("fleming-harrington", 0.5, case["fh_half"]),
    ):
        test = weighted_log_rank(table, name, rho=rho)
        assert close(test.statistic, expected[0]) and test.df == expected[1] and close(test.p, expected[2])
    plain = weighted_log_rank(table)
    np.testing.assert_allclose(plain.observed, case["observed"], rtol=1e-12)
    np.testing.assert_allclose(plain.expected, case["expected"], rtol=1e-10)


def test_weights_that_r_lacks_equal_the_sums_written_out(case):
    table = table_of(cohort_from(case))
    for name in ("gehan-breslow", "tarone-ware", "modified-peto-peto"):
        assert close(weighted_log_rank(table, name).statistic, case["hand"][name])
    late = weighted_log_rank(table, "fleming-harrington", rho=0, gamma=1)
    assert close(late.statistic, case["hand"]["fh01"]) and late.name == "fleming-harrington(0, 1)"
    assert close(weighted_log_rank(table, "fleming-harrington", rho=1, gamma=1).statistic, case["hand"]["fh11"])


def test_stratified_trend_and_pairs_equal_r(case):
    found = compare_survival(cohort_from(case), "T", "g", strata="s", permutation=False)
    assert close(found.test("log-rank").statistic, case["stratified"][0])
    assert close(found.test("peto-peto").chi_square_p, case["stratified_peto"][2])
    assert close(found.test("tarone-ware").statistic, case["stratified_tarone"])
    table = table_of(cohort_from(case))
    assert close(trend_test(table).statistic, case["trend"])
    pairs = compare_survival(cohort_from(case), "T", "g", permutation=False).pairs
    expected = np.reshape(case["pairs"], (-1, 3))
    if len(table.strata) == 2:
        assert pairs == () and close(trend_test(table).p, log_rank(table).p)
    else:
        np.testing.assert_allclose([p.test.statistic for p in pairs], expected[:, 0], rtol=1e-8)
        np.testing.assert_allclose([p.test.chi_square_p for p in pairs], expected[:, 2], rtol=1e-8)
        assert all(p.p_adjusted >= p.test.p for p in pairs)


def test_log_rank_by_hand():
    """A: 1, 3; B: 2, 4, all events. Expected in A: 1/2 + 1/3 + 1/2 + 0; variance 1/4 + 2/9 + 1/4."""
    cohort = cohort_of({"time": [1, 3, 2, 4], "event": [1] * 4, "g": ["A", "A", "B", "B"]})
    test = weighted_log_rank(table_of(cohort))
    assert close(test.expected[0], 4 / 3) and close(test.statistic, (2 - 4 / 3) ** 2 / (13 / 18))
    np.testing.assert_allclose(time_weights(table_of(cohort), "modified-peto-peto"), [16 / 25, 9 / 20, 4 / 15, 1 / 10])


def test_scores_of_the_trend(case):
    table = table_of(cohort_from(case))
    a = np.arange(len(table.strata))
    assert close(trend_test(table, a * 2 + 5).statistic, trend_test(table).statistic)
    assert trend_test(table, np.ones(len(a))).statistic is None
    with pytest.raises(AnalysisError, match="1 scores for"):
        trend_test(table, [1])


# ---------------------------------------------------------------- permutation
@pytest.mark.parametrize("which", [0, 1])
def test_exact_permutation_equals_enumeration_in_r(recorded, which):
    case = recorded("survival_tests")["permutation"][which]
    table = table_of(cohort_from(case))
    for weighting, expected in (("log-rank", case["p"]), ("gehan-breslow", case["gehan"])):
        test = permutation_log_rank(table, weighting)
        assert test.method == "exact" and test.draws == expected[1] and close(test.p, expected[0])


def test_exact_permutation_by_hand():
    """Two of four, all dead, the first two together: 2 of the 6 assignments are as extreme."""
    cohort = cohort_of({"time": [1, 2, 3, 4], "event": [1] * 4, "g": ["A", "A", "B", "B"]})
    assert close(permutation_log_rank(table_of(cohort)).p, 2 / 6)


def test_monte_carlo_is_seeded_and_near_the_exact_p(recorded, monkeypatch):
    case = recorded("survival_tests")["permutation"][0]
    table = table_of(cohort_from(case))
    monkeypatch.setattr("necc.analysis.survival.permutation.EXACT_LIMIT", 0)
    first, again, other = (permutation_log_rank(table, seed=s) for s in (3, 3, 4))
    assert first == again and first.p != other.p and first.method == "Monte Carlo"
    # four Monte Carlo standard errors: a fixed seed, so it can't fail by chance later
    assert abs(first.p - case["p"][0]) < 4 * first.p_error
    monkeypatch.setattr("necc.analysis.survival.permutation.CELLS", 5000)
    chunked = permutation_log_rank(table, seed=3)
    assert abs(chunked.p - case["p"][0]) < 4 * chunked.p_error


def test_few_among_many_are_drawn_without_repeats(monkeypatch):
    """Two of twelve, by enumeration of 66 pairs and by drawing pairs."""
    columns = {"time": list(range(1, 13)), "event": [1] * 12, "g": ["A", "A", *"B" * 5, "B", *"B" * 4]}
    table = table_of(cohort_of(columns))
    exact = permutation_log_rank(table)
    monkeypatch.setattr("necc.analysis.survival.permutation.EXACT_LIMIT", 0)
    drawn = permutation_log_rank(table)
    assert exact.method == "exact" and drawn.method == "Monte Carlo" and abs(drawn.p - exact.p) < 4 * drawn.p_error


def test_permutation_of_three_groups_and_of_strata(recorded):
    ties = recorded("survival_tests")["cases"][0]
    test = permutation_log_rank(table_of(cohort_from(ties)))
    assert test.method == "Monte Carlo" and abs(test.p - ties["log-rank"][2]) < 0.02
    assert test.p * 20_000 == pytest.approx(round(test.p * 20_000))
    found = compare_survival(cohort_from(ties), "T", "g", strata=["s"], permutation=True)
    assert abs(found.permutation.p - ties["stratified"][2]) < 0.02


def test_permutation_within_strata_leaves_a_stratum_of_one_group_alone():
    """Stratum x holds group A only: exchanging within strata can't move it."""
    cohort = cohort_of({"time": [1, 2, 3, 4, 5, 6], "event": [1] * 6, "g": list("AAABAB"), "s": list("xxyyyy")})
    found = compare_survival(cohort, "T", "g", strata="s", permutation=True, draws=4000)
    alone = compare_survival(cohort.subset([False, False, True, True, True, True]), "T", "g", permutation=True)
    assert alone.permutation.method == "exact"
    assert abs(found.permutation.p - alone.permutation.p) < 4 * found.permutation.p_error


def test_small_groups_get_the_permutation_test_by_themselves(recorded):
    cases = recorded("survival_tests")["cases"]
    assert compare_survival(cohort_from(cases[1]), "T", "g").permutation is not None
    assert compare_survival(cohort_from(cases[2]), "T", "g").permutation is None


# ---------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"time": [5], "event": [1], "g": ["A"]}, "one group"),
        ({"time": [5, 6], "event": [0, 0], "g": ["A", "B"]}, "no events"),
        ({"time": [5, 5], "event": [1, 1], "g": ["A", "B"]}, "not at risk together"),
        ({"time": [0, 0, 0, 0], "event": [1, 1, 1, 1], "g": list("AABB")}, "not at risk together"),
        ({"time": [1, 2, 3, 4], "event": [0, 0, 1, 1], "g": list("AABB")}, "not at risk together"),
    ],
)
def test_what_cannot_be_tested_is_a_note(columns, said):
    found = compare_survival(cohort_of(columns), "T", "g", permutation=True)
    assert all(t.p is None and t.statistic is None for t in found.tests)
    assert any(said in note for note in found.notes)
    json.dumps(found.to_dict(), allow_nan=False)
    assert len(found.to_frame()) >= 6


def test_an_empty_selection_is_a_note():
    cohort = cohort_of({"time": [1, 2], "event": [0, 1], "g": ["A", "B"]}).subset([False, False])
    found = compare_survival(cohort, "T", "g", strata="g", permutation=True)
    assert found.n == 0 and found.tests[0].p is None and found.permutation.p is None
    json.dumps(found.to_dict(), allow_nan=False)


def test_exclusions_are_counted():
    columns = {"time": [1, 2, 3, None], "event": [1, 1, 0, 1], "g": ["A", "B", None, "A"], "s": ["x", "x", "x", "x"]}
    found = compare_survival(cohort_of(columns), "T", "g", strata="s")
    assert found.n == 2 and [(e.reason, e.n) for e in found.excluded] == [
        ("time not recorded", 1),
        ("'g' not recorded", 1),
    ]


def test_unknown_weighting_and_negative_rho_are_refused(case):
    table = table_of(cohort_from(case))
    with pytest.raises(AnalysisError, match="there are log-rank"):
        weighted_log_rank(table, "wilcoxon")
    with pytest.raises(AnalysisError, match="zero or positive"):
        weighted_log_rank(table, "fleming-harrington", rho=-1)


patients = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.sampled_from("AB")), min_size=4, max_size=30)


@settings(max_examples=60, deadline=None)
@given(patients)
def test_observed_and_expected_agree_in_sum_and_order_does_not_matter(rows):
    time, event, g = (list(x) for x in zip(*rows, strict=True))
    columns = {"time": [float(t) for t in time], "event": [int(e) for e in event], "g": g}
    table = table_of(cohort_of(columns))
    mirrored = table_of(cohort_of({**columns, "g": ["B" if x == "A" else "A" for x in g]}))
    for weighting in WEIGHTINGS:
        test = weighted_log_rank(table, weighting, rho=1, gamma=1)
        assert math.isclose(sum(test.observed), sum(test.expected), abs_tol=1e-9)
        other = weighted_log_rank(mirrored, weighting, rho=1, gamma=1)
        assert (test.p is None) == (other.p is None)
        assert test.p is None or (0 <= test.p <= 1 and math.isclose(test.p, other.p, abs_tol=1e-9))


@pytest.mark.parametrize(("groups", "draws"), [(12, 19_999), (16, 8_000), (50, 999), (90, 0)])
def test_many_groups_take_fewer_draws_and_come_back(groups, draws):
    n = 90
    case = {"time": [1 + (i * 37) % 61 for i in range(n)], "event": [int(i % 3 > 0) for i in range(n)],
            "g": [i % groups for i in range(n)]}  # fmt: skip
    test = permutation_log_rank(table_of(cohort_from(case)))
    assert test.draws == draws and (test.p is None) == (groups > 60)
    assert ("more than 60 groups" in test.note) == (groups > 60)
