"""Proportions and tables against base R (recorded/proportions.R), by hand, and the paper's Table 4."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from checks import close
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis import proportions
from necc.analysis.proportions import (
    all_conventions,
    chi_square,
    contingency,
    exact_ci,
    expected_counts,
    odds_ratio,
    two_by_two,
)
from necc.core.errors import AnalysisError

RECORDED = json.loads((Path(__file__).parent / "recorded" / "proportions.json").read_text())

# Table 4 of the paper: (count, of) with and without abdominal recurrence, printed p,
# then Pearson, Yates and Fisher as R 4.2 gives them from these counts.
TABLE_4 = {
    "age > 50": (5, 33, 21, 55, 0.022, 0.0219, 0.0403, 0.0295),
    "pure histology": (23, 33, 39, 55, 0.904, 0.9040, 1.0000, 1.0000),
    "FIGO III + IV": (10, 30, 19, 50, 0.674, 0.6742, 0.8570, 0.8110),
    "size > 4 cm": (7, 22, 12, 38, 0.985, 0.9847, 1.0000, 1.0000),
    "deep invasion": (24, 30, 33, 49, 0.223, 0.2234, 0.3375, 0.3030),
    "LVSI": (25, 27, 30, 40, 0.129, 0.0655, 0.1292, 0.1037),
    "nerve invasion": (11, 22, 10, 36, 0.088, 0.0875, 0.1535, 0.1009),
    "PLNM": (10, 30, 19, 52, 0.770, 0.7700, 0.9580, 0.8147),
    "adjuvant radiation": (22, 32, 31, 51, 0.462, 0.4622, 0.6167, 0.4918),
    "chemotherapy >= 4": (27, 33, 45, 54, 0.856, 0.8559, 1.0000, 1.0000),
    "> 1 site": (19, 33, 20, 55, 0.052, 0.0525, 0.0859, 0.0759),
    "lung": (8, 33, 26, 55, 0.032, 0.0317, 0.0546, 0.0421),
    "pelvic": (8, 33, 16, 55, 0.621, 0.6210, 0.8047, 0.8052),
    "antiangiogenic": (5, 28, 9, 47, 0.890, 0.8895, 1.0000, 1.0000),
    "ICI": (8, 28, 14, 47, 0.911, 0.9109, 1.0000, 1.0000),
}
counts = st.integers(0, 30)


# ---------------------------------------------------------------- intervals


@pytest.mark.parametrize("row", RECORDED["binomial"], ids=lambda r: f"{r['k']} of {r['n']}")
def test_intervals_equal_r(row):
    k, n = row["k"], row["n"]
    exact, wide, wilson = exact_ci(k, n), exact_ci(k, n, 0.9), exact_ci(k, n, method="wilson")
    assert exact.value == k / n
    assert close(exact.lower, row["exact"][0]) and close(exact.upper, row["exact"][1])
    assert close(wide.lower, row["exact90"][0]) and close(wide.upper, row["exact90"][1])
    assert close(wilson.lower, row["wilson"][0]) and close(wilson.upper, row["wilson"][1])


def test_interval_by_hand():
    # none of n: the upper limit solves (1 - u)^n = 0.025
    assert close(exact_ci(0, 8).upper, 1 - 0.025 ** (1 / 8))
    assert close(exact_ci(8, 8).lower, 0.025 ** (1 / 8))
    assert exact_ci(0, 8).lower == 0 and exact_ci(8, 8).upper == 1


def test_interval_without_patients_is_a_value_with_a_reason():
    empty = exact_ci(0, 0)
    assert (empty.value, empty.lower, empty.upper) == (None, None, None)
    assert "not estimable" in empty.method


@pytest.mark.parametrize("k, n, level", [(3, 2, 0.95), (-1, 2, 0.95), (1.5, 2, 0.95), (1, 2, 1.0), ("1", 2, 0.95)])
def test_impossible_proportions_are_refused(k, n, level):
    with pytest.raises(AnalysisError):
        exact_ci(k, n, level)
    with pytest.raises(AnalysisError):
        exact_ci(1, 2, method="wald")


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_interval_properties(pair, level):
    k, n = pair
    ci, mirror = exact_ci(k, n, level), exact_ci(n - k, n, level)
    assert 0 <= ci.lower <= ci.value <= ci.upper <= 1
    assert math.isclose(ci.lower, 1 - mirror.upper, abs_tol=1e-9)
    wider = exact_ci(k, n, (1 + level) / 2)
    assert wider.lower <= ci.lower and wider.upper >= ci.upper


# ---------------------------------------------------------------- the paper's table


@pytest.mark.parametrize("row", TABLE_4)
def test_paper_table_4(row):
    a, n1, b, n2, printed, pearson, yates, fisher = TABLE_4[row]
    table = [[a, n1 - a], [b, n2 - b]]
    paper, r, exact = (two_by_two(*table[0], *table[1], convention=c) for c in ("paper", "r", "exact"))
    assert abs(paper.p - printed) <= 0.0005  # three decimals are printed
    assert abs(r.p - yates) <= 0.00005 and abs(exact.p - fisher) <= 0.00005  # four are recorded
    assert paper.n == n1 + n2
    if row == "LVSI":
        assert "Yates" in paper.name and "4.84" in paper.note
    else:
        assert "Pearson" in paper.name and abs(paper.p - pearson) <= 0.00005


def test_convention_changes_the_side_of_alpha_for_lung_alone():
    changing = {
        row for row, (a, n1, b, n2, *_) in TABLE_4.items() if all_conventions([[a, n1 - a], [b, n2 - b]]).side_changes
    }
    assert changing == {"lung"}


def test_paper_supplement_is_fisher_by_final_status():
    final, best = two_by_two(6, 3, 1, 6), two_by_two(6, 3, 2, 5)
    assert final.name == "Fisher's exact test"
    assert round(final.p, 4) == 0.0601 and round(best.p, 4) == 0.3147


# ---------------------------------------------------------------- tables against R


@pytest.mark.parametrize("row", RECORDED["two_by_two"], ids=lambda r: str(r["table"]))
def test_two_by_two_equal_r(row):
    (a, b), (c, d) = row["table"]
    r, exact = two_by_two(a, b, c, d, "r"), two_by_two(a, b, c, d, "exact")
    assert close(r.p, row["r"]) and close(r.statistic, row["statistic"]) and r.df == 1
    assert close(exact.p, row["exact"]) and exact.statistic is None
    assert close(chi_square(row["table"]).p, row["pearson"])
    assert close(chi_square(row["table"], yates=True).p, row["r"])
    paper = two_by_two(a, b, c, d, "paper")
    smallest = expected_counts(row["table"]).min()
    if smallest >= 5:
        assert close(paper.p, row["pearson"])
    elif a + b + c + d >= 40 and smallest >= 1:
        assert close(paper.p, row["r"])
    else:
        assert close(paper.p, row["exact"])


@pytest.mark.parametrize("row", RECORDED["two_by_two"], ids=lambda r: str(r["table"]))
def test_conditional_odds_ratio_equals_r(row):
    (a, b), (c, d) = row["table"]
    found = odds_ratio(a, b, c, d)
    for mine, tight, fisher in zip((found.value, found.lower, found.upper), row["or_tight"], row["or"], strict=True):
        assert close(mine, tight)
        # uniroot inside fisher.test stops at 1.2e-4 on the scale of the odds ratio, above 1 of its inverse
        if mine:
            inverse = mine > 1
            assert abs((1 / mine if inverse else mine) - (1 / fisher if inverse else fisher)) < 1.3e-4
        else:
            assert close(mine, fisher)


@pytest.mark.parametrize("row", RECORDED["r_by_c"], ids=lambda r: str(r["table"]))
def test_larger_tables_equal_r(row):
    r, exact = contingency(row["table"], "r"), contingency(row["table"], "exact")
    assert close(r.p, row["r"]) and close(r.statistic, row["statistic"]) and r.df == row["df"]
    # the reference accepts ties in log-probability up to 3.5e-7
    assert close(exact.p, row["exact"], 1e-7)
    assert "simulated" not in exact.note


def test_paper_rule_for_larger_tables():
    ample, sparse = [[20, 15, 12], [18, 22, 9]], [[3, 0, 2], [1, 5, 1], [0, 2, 6]]
    assert contingency(ample).p == contingency(ample, "r").p
    assert contingency(sparse).p == contingency(sparse, "exact").p
    assert contingency(sparse).p != contingency(sparse, "r").p


# ---------------------------------------------------------------- by hand


def test_lady_tasting_tea():
    # 3 of 4 right: (16 + 1 + 1 + 16) of 70 tables are as probable or less
    assert close(two_by_two(3, 1, 1, 3, "exact").p, 34 / 70)
    assert close(two_by_two(4, 0, 0, 4, "exact").p, 2 / 70)
    assert odds_ratio(3, 1, 1, 3, "sample").value == 9


def test_odds_ratio_by_hand():
    woolf = odds_ratio(7, 9, 9, 32, "sample")
    half = 1.959963984540054 * math.sqrt(1 / 7 + 1 / 9 + 1 / 9 + 1 / 32)
    assert close(woolf.value, 224 / 81)
    assert close(woolf.lower, 224 / 81 * math.exp(-half)) and close(woolf.upper, 224 / 81 * math.exp(half))
    # one patient per group: P(the one is exposed) = t / (1 + t), so (limit) t = 0.025 / 0.975 backwards
    single = odds_ratio(1, 0, 0, 1)
    assert single.value is None and single.upper is None and "no upper limit" in single.method
    assert close(single.lower, 0.025 / 0.975)
    assert odds_ratio(0, 0, 3, 4).value is None
    assert odds_ratio(0, 3, 4, 0, "sample").value == 0 and odds_ratio(3, 0, 4, 0, "sample").value is None


def _brute_force(table: np.ndarray) -> float:
    rows, columns = table.sum(axis=1), table.sum(axis=0)

    def fill(left: tuple[int, ...], remaining: tuple[int, ...]):
        if len(remaining) == 1:
            yield (left,)
            return
        for column in itertools.product(*(range(x + 1) for x in left)):
            if sum(column) == remaining[0]:
                rest = tuple(x - y for x, y in zip(left, column, strict=True))
                for tail in fill(rest, remaining[1:]):
                    yield (column, *tail)

    def weight(cells) -> int:
        # a whole number proportional to the probability
        product = math.factorial(int(table.sum())) ** 2
        for x in np.ravel(cells):
            product //= math.factorial(int(x))
        return product

    observed = weight(table.T)
    weights = [weight(t) for t in fill(tuple(rows.tolist()), tuple(columns.tolist()))]
    return sum(w for w in weights if w <= observed) / sum(weights)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=3))
def test_enumeration_equals_counting_every_table(rows):
    table = np.array(rows)
    result = contingency(table, "exact")
    kept = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(kept.shape) < 2:
        assert result.p is None and result.note
    else:
        assert close(result.p, _brute_force(kept))


# ---------------------------------------------------------------- properties and bad input


@settings(max_examples=80, deadline=None)
@given(counts, counts, counts, counts)
def test_tables_do_not_depend_on_the_order(a, b, c, d):
    for convention in proportions.CONVENTIONS:
        result = two_by_two(a, b, c, d, convention)
        turned = [
            two_by_two(c, d, a, b, convention),
            two_by_two(b, a, d, c, convention),
            two_by_two(a, c, b, d, convention),
        ]
        if result.p is None:
            assert all(t.p is None for t in turned) and result.note
        else:
            assert 0 <= result.p <= 1
            assert all(math.isclose(t.p, result.p, rel_tol=1e-9, abs_tol=1e-12) for t in turned)


@settings(max_examples=60, deadline=None)
@given(counts, counts, counts, counts)
def test_odds_ratio_inverts_with_the_rows(a, b, c, d):
    one, other = odds_ratio(a, b, c, d), odds_ratio(c, d, a, b)
    if one.value not in (None, 0):
        assert math.isclose(one.value, 1 / other.value, rel_tol=1e-9)
        assert math.isclose(one.lower, 1 / other.upper, rel_tol=1e-9)
        assert one.lower <= one.value <= one.upper


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=2, max_size=4), st.randoms())
def test_larger_tables_do_not_depend_on_the_order(rows, random):
    table = np.array(rows)
    shuffled = table[random.sample(range(len(rows)), len(rows))][:, random.sample(range(4), 4)]
    one, other = contingency(table, "exact", 300_000), contingency(shuffled, "exact", 300_000)
    if "simulated" not in one.note + other.note:
        assert close(one.p, other.p, 1e-9)


def test_empty_rows_and_columns_are_left_out():
    result = contingency([[5, 28, 0], [0, 0, 0], [21, 34, 0]])
    assert close(result.p, two_by_two(5, 28, 21, 34).p)
    assert "2 empty groups or levels left out" in result.note
    for table in ([[5, 0], [7, 0]], [[0, 0], [0, 0]], [[3, 4]], [[3], [4]]):
        untested = contingency(table, "r")
        assert untested.p is None and untested.statistic is None and "fewer than two" in untested.note
    assert all_conventions([[5, 0], [7, 0]]).side_changes is False
    assert chi_square([[5, 0], [7, 0]]).p is None


@pytest.mark.parametrize("table", [[[1, 2], [3]], [], [[]], [[1, -2], [3, 4]], [[1.5, 2], [3, 4]], [[None, 2], [3, 4]]])
def test_broken_tables_are_refused(table):
    with pytest.raises(AnalysisError):
        contingency(table)


def test_unknown_conventions_are_refused():
    with pytest.raises(AnalysisError, match="paper, r, exact"):
        two_by_two(1, 2, 3, 4, "spss")  # type: ignore[arg-type]
    with pytest.raises(AnalysisError, match="sample, conditional"):
        odds_ratio(1, 2, 3, 4, "crude")  # type: ignore[arg-type]


def test_simulation_is_steady_and_near_the_enumeration():
    table = [[10, 9, 8], [5, 12, 3], [4, 4, 9]]
    enumerated = contingency(table, "exact")
    simulated = [contingency(table, "exact", work_limit=10) for _ in range(2)]
    assert simulated[0] == simulated[1] and "simulated with a fixed seed" in simulated[0].note
    # five standard errors of 100,000 draws
    error = math.sqrt(enumerated.p * (1 - enumerated.p) / proportions.SIMULATIONS)
    assert abs(simulated[0].p - enumerated.p) < 5 * error


def test_a_million_patients():
    large = two_by_two(250_000, 250_000, 251_000, 249_000, "exact")
    # with this many patients the corrected chi-square is the exact test to two digits
    assert math.isclose(large.p, two_by_two(250_000, 250_000, 251_000, 249_000, "r").p, rel_tol=1e-2)
    assert contingency([[20000, 15000, 1000], [20010, 15100, 980]], "exact").p is not None
