"""A minimum for tests: what is said of groups that are too small for large-sample distributions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from cohorts import cohort_of

from necc.analysis.competing import competing_from_columns, hazards_of, incidence_of
from necc.analysis.multiplicity import adjust_p
from necc.analysis.regression import cox, stepwise, univariate
from necc.analysis.survival import (
    compare_survival,
    count_risk,
    groups_of,
    kaplan_meier,
    kaplan_meier_with_entry,
    log_rank,
    permutation_log_rank,
    restricted_mean,
    survival_at,
    survival_grid,
    trend_test,
)
from necc.core.guardrails import MINIMUM_EXPECTED, TOO_FEW, Group, comparable, too_few
from necc.present.tables import grid_summary, survival_tests
from necc.present.words.captions.survival import grid_alt
from necc.present.words.reading import reading


def few_among(n, few, seed=1, early=True, **sites):
    """`n` patients, the first `few` with a metastasis to the brain, who die first (or last)."""
    rng = np.random.default_rng(seed)
    time = np.sort(np.round(rng.exponential(20, n) + 1, 2))
    time = time if early else time[::-1]
    event = (rng.random(n) < 0.7).astype(int)
    event[:few] = 1
    return cohort_of({"time": time, "event": event}, sites={"brain": [1] * few + [0] * (n - few), **sites})


def panel_of(cohort, by="site:brain"):
    return next(p for p in survival_grid(cohort, "T").panels if p.by == by)


# ---------------------------------------------------------------- the rule
def test_the_rule():
    fine, short, alone = Group("a", 40, 20.0), Group("b", 4, 0.3), Group("c", 1, 6.0)
    assert too_few([fine, fine]) == ""
    assert "0.3 expected events in 'b'" in too_few([fine, short])
    assert "1 patient in 'c'" in too_few([fine, alone])
    assert comparable([fine, short]) and not comparable([fine, alone])
    assert too_few([Group("a", 5, float(MINIMUM_EXPECTED)), fine]) == ""
    assert "at least 2 patients and 5 expected events in each group" in too_few([short, fine])


# ---------------------------------------------------------------- one patient
@pytest.mark.parametrize("others", [12, 39, 42, 200])
def test_one_patient_has_no_p_in_the_grid_and_counts_in_no_adjustment(others):
    lung = [i % 2 for i in range(others + 1)]
    cohort = few_among(others + 1, 1, lung=lung)
    grid = survival_grid(cohort, "T")
    brain, other = panel_of(cohort), panel_of(cohort, "site:lung")
    assert brain.test.chi_square_p < 0.01  # what used to be printed
    assert brain.test.p is None and brain.test.note.startswith(TOO_FEW)
    assert any(note.startswith(TOO_FEW) for note in brain.notes)
    adjusted = dict(zip([p.by for p in grid.panels], grid.p_adjusted, strict=True))
    assert adjusted == {"site:brain": None, "site:lung": other.test.p} and grid.n_tests == 1
    row = next(r for r in grid_summary(grid).rows if r[0] == "brain")
    assert TOO_FEW in row and TOO_FEW in grid_alt(grid)
    assert not any("brain" in s and "p <" in s for s in reading(grid))


def test_one_against_39_has_the_exact_permutation_p_beside_the_tests():
    result = compare_survival(few_among(40, 1), "T", "site:brain")
    assert result.permutation.method == "exact" and math.isclose(result.permutation.p, 1 / 40)
    assert all(t.p is None for t in result.tests)
    assert [row[-1] for row in survival_tests(result).rows][:2] == [TOO_FEW, TOO_FEW]


def test_a_group_of_one_is_too_few_by_every_door():
    cohort = few_among(30, 1)
    assert kaplan_meier(cohort, "T", "site:brain").test.p is None
    late = cohort_of({**{k: cohort.data[k].tolist() for k in ("time",)}, "event": [1] * 30,
                      "start": [0.0] * 30, "g": ["a"] + ["b"] * 29})  # fmt: skip
    assert kaplan_meier_with_entry(late, "T", "g", entry="start").test.p is None


# ---------------------------------------------------------------- few
@pytest.mark.parametrize(("n", "few"), [(43, 2), (43, 3), (60, 4), (20, 2)])
def test_few_patients_have_the_permutation_p(n, few):
    cohort = few_among(n, few)
    test = panel_of(cohort).test
    table = count_risk(cohort.endpoint("T"), cohort.factor("site:brain"))
    assert test.p_by == "permutation" and test.p == permutation_log_rank(table).p
    # nobody can be more extreme than those who die first
    assert test.p >= 1 / math.comb(n, few) * (1 - 1e-9) > test.chi_square_p
    assert "expected events in 'with'" in test.note


def test_two_against_six_by_hand():
    """The two die first of eight: of 28 pairs only this one is as extreme."""
    cohort = cohort_of({"time": range(1, 9), "event": [1] * 8, "g": ["a"] * 2 + ["b"] * 6})
    test = kaplan_meier(cohort, "T", "g").test
    statistic = log_rank(count_risk(cohort.endpoint("T"), cohort.factor("g"))).statistic
    as_extreme = 0
    for pair in itertools.combinations(range(8), 2):
        other = cohort_of({"time": range(1, 9), "event": [1] * 8, "g": ["a" if i in pair else "b" for i in range(8)]})
        table = count_risk(other.endpoint("T"), other.factor("g"))
        as_extreme += log_rank(table).statistic >= statistic - 1e-9
    assert test.p == pytest.approx(as_extreme / 28) and test.p_by == "permutation"


def test_enough_patients_keep_the_chi_square():
    cohort = few_among(60, 25)
    test = panel_of(cohort).test
    table = count_risk(cohort.endpoint("T"), cohort.factor("site:brain"))
    assert min(test.expected) >= MINIMUM_EXPECTED
    assert test.p_by == "chi-square" and test.p == log_rank(table).p == test.chi_square_p


def test_weighted_trend_and_pairwise_tests_follow_the_rule():
    rng = np.random.default_rng(4)
    g = np.array(["1 low"] * 30 + ["2 mid"] * 28 + ["3 high"] * 2)
    cohort = cohort_of({"time": np.round(rng.exponential(10, 60), 2) + 0.1, "event": [1] * 60, "g": g.tolist()})
    result = compare_survival(cohort, "T", "g", scores=[1, 2, 3])
    assert {t.p_by for t in result.tests} == {"permutation"} and result.trend.p_by == "permutation"
    assert [p.test.p_by for p in result.pairs] == ["chi-square", "permutation", "permutation"]
    assert [p.p_adjusted for p in result.pairs] == adjust_p([p.test.p for p in result.pairs])


def test_pairs_with_a_group_of_one_leave_the_adjustment():
    g = ["a"] * 20 + ["b"] * 20 + ["c"]
    rng = np.random.default_rng(5)
    cohort = cohort_of({"time": np.round(rng.exponential(10, 41), 2) + 0.1, "event": [1] * 41, "g": g})
    result = compare_survival(cohort, "T", "g")
    assert result.n_tests == 1 and result.pairs[0].p_adjusted == result.pairs[0].test.p
    assert result.tests[0].p_by == "permutation"  # all three together can be exchanged


def test_the_permutation_p_of_a_trend_by_enumeration():
    times, g = [1, 2, 3, 4, 5, 6], ["a", "b", "a", "c", "b", "c"]
    cohort = cohort_of({"time": times, "event": [1] * 6, "g": g})
    table = count_risk(cohort.endpoint("T"), cohort.factor("g"))
    observed = trend_test(table).statistic
    ways = set(itertools.permutations(g))
    extreme = 0
    for way in ways:
        other = cohort_of({"time": times, "event": [1] * 6, "g": list(way)})
        extreme += trend_test(count_risk(other.endpoint("T"), other.factor("g"))).statistic >= observed - 1e-9
    drawn = permutation_log_rank(table, scores=[1, 2, 3])
    assert abs(drawn.p - extreme / len(ways)) < 4 * drawn.p_error


def test_expected_events_add_up_to_the_observed_ones():
    cohort = few_among(40, 4)
    groups = groups_of(count_risk(cohort.endpoint("T"), cohort.factor("site:brain")))
    assert sum(g.expected for g in groups) == pytest.approx(cohort.endpoint("T").n_events)
    assert [g.n for g in groups] == [36, 4]


# ---------------------------------------------------------------- models
def made(n=60, seed=2, **columns):
    rng = np.random.default_rng(seed)
    return cohort_of({
        "time": np.round(rng.exponential(10, n) + 0.1, 2), "event": (rng.random(n) < 0.6).astype(int),
        "x": rng.normal(size=n), "arm": ["a", "b"] * (n // 2), **columns,
    })  # fmt: skip


@pytest.mark.parametrize("call", [["g"], ["g", "x"], ["x", "arm", "g"]])
def test_a_level_of_one_patient_has_no_hazard_ratio(call):
    cohort = made(g=["odd"] + ["usual"] * 59)
    model = cox(cohort, "T", call)
    (term,) = model.terms_of("g")
    assert not term.estimable and term.note.startswith(TOO_FEW) and "1 patient in 'odd'" in term.note
    assert next(t for t in model.variable_tests if t.name == "g").p is None
    assert "too-few" in [g.code for g in model.guardrails]
    assert all(t.estimable for t in model.terms if t.variable != "g")


def test_univariate_rows_without_a_p_leave_the_adjustment():
    table = univariate(made(g=["odd"] + ["usual"] * 59), "T", ["g", "x", "arm"], adjustment="bonferroni")
    assert table.row("g").p_adjusted is None and table.n_tests == 2
    assert table.row("x").p_adjusted == min(1, 2 * table.row("x").test.p)
    assert any(note.startswith("g: ") and TOO_FEW in note for note in table.notes)


def test_a_small_level_doesn_t_cost_the_other_levels_their_test():
    g = ["a"] * 25 + ["b"] * 34 + ["c"]
    model = cox(made(g=g), "T", ["g"])
    assert [t.estimable for t in model.terms] == [True, False]
    assert model.variable_tests[0].df == 1 and model.variable_tests[0].p == pytest.approx(model.terms[0].p)


def test_stepwise_takes_no_level_of_one():
    rng = np.random.default_rng(3)
    time = np.sort(rng.exponential(10, 60))
    cohort = cohort_of({"time": time, "event": [1] * 60, "g": ["odd"] + ["usual"] * 59, "x": rng.normal(size=60)})
    result = stepwise(cohort, "T", ["g", "x"], entry_p=0.5, removal_p=0.6)
    assert "g" not in result.selected
    assert next(c for c in result.outside if c.variable == "g").p is None
    assert any("not considered" in note for note in result.notes)


@pytest.mark.parametrize(("events", "terms"), [(1, 1), (2, 2), (3, 2)])
def test_a_model_of_fewer_than_two_events_a_term_has_no_numbers(events, terms):
    n = 30
    rng = np.random.default_rng(6)
    event = np.zeros(n, dtype=int)
    event[5 : 5 + events] = 1
    columns = {f"v{i}": rng.normal(size=n) for i in range(terms)}
    cohort = cohort_of({"time": np.arange(n) + 1.0, "event": event, **columns})
    model = cox(cohort, "T", list(columns), separation="report")
    assert not any(t.estimable for t in model.terms)
    assert all(t.p is None for t in (*model.variable_tests, model.tests["wald"]))


def competing(n, own, other, seed=1, **columns):
    """`own` events of the cause, `other` of another, the rest censored."""
    rng = np.random.default_rng(seed)
    cause = np.array(["1"] * own + ["2"] * other + ["0"] * (n - own - other))
    rng.shuffle(cause)
    return cohort_of({"months": np.round(rng.exponential(10, n) + 0.1, 2), "cause": cause.tolist(),
                      "age": rng.normal(60, 9, n), **columns})  # fmt: skip


def hazards(cohort, *covariates):
    outcome = competing_from_columns(cohort, "months", "cause", censored="0")
    return hazards_of(cohort, outcome, covariates, only=["1"]).rows


@pytest.mark.parametrize(("n", "own"), [(40, 1), (40, 2), (88, 4), (5, 2), (5, 3)])
def test_a_handful_of_events_has_no_robust_variance(n, own):
    (row,) = hazards(competing(n, own, min(3, n - own)), "age")
    assert row.subdistribution.value is None and row.subdistribution_p is None
    assert "with a robust variance" in row.note or "separation" in row.note
    if own == 1:
        assert row.cause_specific.value is None


def test_fine_gray_of_enough_events_is_that_of_the_fit():
    cohort = competing(80, 30, 15, g=["p", "q"] * 40)
    row, level = hazards(cohort, "age", "g")
    assert row.subdistribution.value is not None and level.subdistribution.value is not None and not row.note
    few = competing(80, 30, 15, g=["p"] * 76 + ["q"] * 4)
    assert hazards(few, "age", "g")[1].subdistribution.value is None  # too few events expected in q
    assert hazards(few, "age", "g")[0].subdistribution.value is not None


# ---------------------------------------------------------------- restricted means and chosen times
def with_one(last=14.6):
    """Two groups of 30 that are followed for long, and a patient alone who isn't."""
    rng = np.random.default_rng(8)
    time = [*np.round(rng.exponential(30, 60) + 1, 1).tolist(), last]
    event = [*[1, 1, 0] * 20, 0]
    return cohort_of({"time": time, "event": event, "g": ["a"] * 30 + ["b"] * 30 + ["c"]})


def test_a_group_of_one_doesn_t_set_tau():
    cohort = with_one()
    result, without = restricted_mean(cohort, "T", "g"), restricted_mean(cohort.subset(np.arange(61) < 60), "T", "g")
    assert result.tau == without.tau > 14.6 and "without 'c'" in result.tau_rule
    b, c = result.contrasts
    assert b.difference == without.contrasts[0].difference
    assert c.difference.value is None and c.difference_p is None and c.ratio_p is None
    assert b.p_adjusted == b.difference_p and result.n_tests == 1
    assert any(TOO_FEW in note for note in result.notes)
    assert restricted_mean(cohort, "T", "g", minimum=0).tau == 14.6


@pytest.mark.parametrize("ci", ["log-log", "log", "plain"])
def test_before_the_first_event_nobody_is_sure(ci):
    cohort = with_one()
    for time in (0.5, 5, 14):
        group = survival_at(cohort, "T", "g", times=[time], ci=ci).times[0].groups[2]
        assert (group.survival.value, group.survival.lower, group.survival.upper) == (1.0, None, None)
        at = next(a for a in kaplan_meier(cohort, "T", "g", ci=ci, times=[time]).at_times if a.stratum == "c")
        assert at.estimate == group.survival
    assert kaplan_meier(cohort, "T", "g", ci=ci, times=[0.2]).at("risk")[0].estimate.upper is None


def test_no_difference_of_survival_from_a_group_of_one():
    result = survival_at(with_one(), "T", "g", times=[12])
    b, c = result.times[0].contrasts
    assert b.p is not None and b.difference.lower is not None
    assert (c.difference.value, c.difference.lower, c.p, c.p_log_log) == (None, None, None, None)
    assert any(TOO_FEW in note for note in result.notes)


def test_few_expected_events_by_the_time_give_no_limits():
    cohort = with_one()
    early = survival_at(cohort, "T", "g", times=[2]).times[0].contrasts[0]
    assert early.difference.lower is None and early.p is None
    assert survival_at(cohort, "T", "g", times=[2], minimum=0).times[0].contrasts[0].difference.value is not None


# ---------------------------------------------------------------- proportional hazards
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_evidence_against_proportional_hazards_is_at_5_percent_with_its_number(level):
    model = cox(made(120, seed=9, x2=np.random.default_rng(1).normal(size=120)), "T", ["x", "x2", "arm"], level=level)
    below = [t for t in model.proportional_hazards if t.p is not None and t.p < 0.05]
    said = [g for g in model.guardrails if g.code == "proportional-hazards"]
    assert bool(said) == bool(below)


def test_evidence_against_proportional_hazards_by_seed():
    said = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        columns = {f"x{i}": rng.normal(size=80) for i in range(4)}
        model = cox(made(80, seed=seed, **columns), "T", list(columns), level=0.8)
        said += [(model, g) for g in model.guardrails if g.code == "proportional-hazards"]
    assert said
    for model, guard in said:
        below = sum(t.p is not None and t.p < 0.05 for t in model.proportional_hazards)
        assert guard.saw.startswith("evidence against proportional hazards")
        assert f"{below} of {len(model.proportional_hazards)} score tests below 0.05" in guard.saw
        assert "not adjusted" in guard.saw and "by chance" in guard.why


# ---------------------------------------------------------------- Gray's test
@pytest.mark.parametrize("sizes", [(1, 59), (3, 57), (2, 58)])
def test_gray_s_test_of_few_is_too_few_to_test(sizes):
    g = ["a"] * sizes[0] + ["b"] * sizes[1]
    outcome = competing_from_columns(cohort := competing(60, 25, 20, g=g), "months", "cause", censored="0")
    result = incidence_of(cohort, outcome, "g")
    assert all(t.p is None and t.p_adjusted is None and t.note.startswith(TOO_FEW) for t in result.tests)
    assert result.n_tests == 0 and any(TOO_FEW in note for note in result.notes)


def test_gray_s_test_leaves_the_rare_cause_out_of_the_adjustment():
    cohort = competing(80, 40, 4, g=["a", "b"] * 40)
    result = incidence_of(cohort, competing_from_columns(cohort, "months", "cause", censored="0"), "g")
    often, rare = result.tests
    assert often.p == often.chi_square_p == often.p_adjusted and sum(often.expected) == pytest.approx(40)
    assert rare.p is None and result.n_tests == 1
