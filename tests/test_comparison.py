"""Numbers by group against base R (recorded/proportions.R), by hand, and standardised differences."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis import comparison
from necc.analysis.comparison import compare_numbers, standardised_difference
from necc.core.errors import AnalysisError

RECORDED = json.loads((Path(__file__).parent / "recorded" / "proportions.json").read_text())["groups"]


def arrays(row) -> list[np.ndarray]:
    return [np.array(g, dtype=float) for g in row["groups"]]


@pytest.mark.parametrize("row", RECORDED, ids=lambda r: "/".join(str(len(g)) for g in r["groups"]))
def test_equal_to_r(row):
    rank = compare_numbers(arrays(row), "r")
    assert rank.statistic == pytest.approx(row["rank"][0], rel=1e-10)
    assert rank.p == pytest.approx(row["rank"][1], rel=1e-8)
    assert compare_numbers(arrays(row), "paper").p == pytest.approx(row["rank_plain"], rel=1e-8)
    mean = compare_numbers(arrays(row), "r", "mean")
    assert [mean.statistic, mean.df, mean.p] == pytest.approx(row["mean"], rel=1e-8)
    classical = compare_numbers(arrays(row), "paper", "mean")
    assert [classical.statistic, classical.p] == pytest.approx(row["classical"], rel=1e-8)
    assert rank.n == sum(len(g) for g in row["groups"])


def test_mann_whitney_by_hand():
    # 1 2 3 against 10 20 30: one of the twenty arrangements on either side
    separated = compare_numbers([np.array([1.0, 2, 3]), np.array([10.0, 20, 30])])
    assert separated.statistic == 0 and separated.p == pytest.approx(2 / 20) and separated.note == "exact"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=4, max_size=8), st.integers(1, 3))
def test_exact_rank_test_equals_counting_every_arrangement(values, first):
    a, b = np.array(values[:first], float), np.array(values[first:], float)
    result = compare_numbers([a, b], "exact")
    if len(set(values)) == 1:
        assert result.p is None and result.note == "all values are equal"
        return
    pooled = np.array(values)
    ranks = [(pooled < v).sum() + ((pooled == v).sum() + 1) / 2 for v in values]
    centre = first * (len(values) + 1) / 2
    observed = abs(sum(ranks[:first]) - centre)
    sums = [abs(sum(c) - centre) for c in itertools.combinations(ranks, first)]
    assert result.p == pytest.approx(sum(s >= observed - 1e-9 for s in sums) / len(sums), abs=1e-12)


def test_simulated_permutations_are_steady_and_near_the_asymptotic_p():
    rng = np.random.default_rng(4)
    groups = [rng.normal(size=30), rng.normal(0.4, size=30), rng.normal(0.2, size=30)]
    for test in ("rank", "mean"):
        one, two = (compare_numbers(groups, "exact", test) for _ in range(2))
        assert one == two and "fixed seed" in one.note
        # 90 patients: the approximation and 20,000 draws agree to about a hundredth
        assert one.p == pytest.approx(compare_numbers(groups, "paper", test).p, abs=0.015)


def test_too_much_work_falls_back_and_says_so(monkeypatch):
    monkeypatch.setattr(comparison, "ENUMERATION_LIMIT", 10)
    monkeypatch.setattr(comparison, "PERMUTATION_CELLS", 10)
    a, b, c = np.arange(6.0), np.arange(6.0) + 2.5, np.arange(6.0) * 2
    assert "too many values to enumerate" in compare_numbers([a, b], "exact").note
    assert "too many values to permute" in compare_numbers([a, b, c], "exact").note
    by_mean = compare_numbers([a, b, c], "exact", "mean")
    assert "too many values to permute" in by_mean.note and by_mean.p is not None


@pytest.mark.parametrize(
    "groups, test, said",
    [
        ([[1.0, 2.0]], "rank", "fewer than two groups"),
        ([[1.0, 2.0], [math.nan]], "rank", "fewer than two groups"),
        ([], "rank", "fewer than two groups"),
        ([[3.0, 3.0], [3.0]], "rank", "all values are equal"),
        ([[1.0], [2.0, 3.0]], "mean", "single value"),
        ([[1.0, 1.0], [2.0, 2.0]], "mean", "constant within every group"),
        ([[1.0, 1.0], [2.0, 3.0], [5.0, 7.0]], "mean", "spread in every group"),
    ],
)
def test_what_cannot_be_tested_says_why(groups, test, said):
    result = compare_numbers([np.array(g) for g in groups], "r", test)
    assert result.p is None and result.statistic is None and said in result.note


def test_bad_questions_are_refused():
    pair = [np.array([1.0, 2.0]), np.array([2.0, 4.0])]
    for call in (
        lambda: compare_numbers(pair, "spss"),
        lambda: compare_numbers(pair, "r", "median"),
        lambda: compare_numbers([pair[0], np.array([math.inf])]),
        lambda: standardised_difference(pair, "numbers"),
        lambda: standardised_difference([np.array([0, 1]), np.array([2, 1])], "flag"),
    ):
        with pytest.raises(AnalysisError):
            call()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=12),
    st.lists(st.integers(-50, 50), min_size=2, max_size=12),
)
def test_order_of_groups_and_scale_do_not_matter(a, b):
    one, two = np.array(a, float), np.array(b, float)
    for convention, test in itertools.product(("paper", "r", "exact"), ("rank", "mean")):
        if convention == "exact" and test == "mean":
            continue  # simulated: only the same order gives the same draws
        forward, back = (
            compare_numbers([one, two], convention, test),
            compare_numbers([two, one], convention, test),
        )
        if forward.p is None:
            assert back.p is None
            continue
        scaled = compare_numbers([one * 2 + 3, two * 2 + 3], convention, test)
        assert forward.p == pytest.approx(back.p, rel=1e-9) and forward.p == pytest.approx(scaled.p, rel=1e-9)
        assert 0 <= forward.p <= 1


# ---------------------------------------------------------------- standardised differences


def test_standardised_difference_by_hand():
    # means 2 and 4, both variances 1
    assert standardised_difference([np.array([1.0, 2, 3]), np.array([3.0, 4, 5, math.nan])]).value == pytest.approx(-2)
    # shares 1/2 and 1/4: 0.25 over the root of (0.25 + 0.1875) / 2
    flags = [np.array([1, 0, 1, 0, -1]), np.array([1, 0, 0, 0])]
    assert standardised_difference(flags, "flag").value == pytest.approx(0.25 / math.sqrt(0.4375 / 2), abs=1e-12)
    # for two levels the distance of categories is the absolute difference of flags
    assert standardised_difference(flags[::-1], "category").value == pytest.approx(
        0.25 / math.sqrt(0.4375 / 2), abs=1e-12
    )


def test_standardised_difference_of_three_levels_by_hand():
    # shares (1/2, 1/4, 1/4) and (1/4, 1/2, 1/4); over levels 2 and 3 the gap is (-1/4, 0) and the mean
    # covariance [[7/32, -3/32], [-3/32, 6/32]], whose inverse has 6/32 over 33/1024 in its corner
    a, b = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    expected = math.sqrt((1 / 16) * (6 / 32) / (33 / 1024))
    assert standardised_difference([a, b], "category").value == pytest.approx(expected, abs=1e-12)
    # which level comes first does not matter
    assert standardised_difference([2 - a, 2 - b], "category").value == pytest.approx(expected, abs=1e-12)


def test_standardised_difference_of_several_groups_is_the_mean_over_pairs():
    groups = [np.array([1.0, 2, 3]), np.array([3.0, 4, 5]), np.array([2.0, 3, 4])]
    found = standardised_difference(groups)
    assert found.value == pytest.approx((2 + 1 + 1) / 3) and "3 pairs" in found.method


def test_standardised_difference_without_spread():
    assert standardised_difference([np.array([1.0, 1]), np.array([1.0, 1])]).value == 0
    for groups, kind in (
        ([np.array([1.0, 1]), np.array([2.0, 2])], "number"),
        ([np.array([1, 1]), np.array([0, 0])], "flag"),
        ([np.array([1, 1]), np.array([0, 0])], "category"),
        ([np.array([1.0]), np.array([2.0, 3])], "number"),
        ([np.array([-1, -1]), np.array([0, 1])], "flag"),
    ):
        found = standardised_difference(groups, kind)
        assert found.value is None and "not estimable" in found.method
