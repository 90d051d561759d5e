"""Kaplan-Meier, medians and log-rank tests against R, by hand, and by their properties."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from cohorts import cohort_of, survival_cohort
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.competing import cumulative_incidence_of_columns
from necc.analysis.survival import (
    confidence_limits,
    count_risk,
    curves,
    kaplan_meier,
    kaplan_meier_with_entry,
    log_rank,
    survival_grid,
)
from necc.core.errors import AnalysisError
from necc.core.time_to_event import merge_equal_times
from necc.ingest import read_cohort

EXACT = 1e-10  # R's figures are recorded with 17 digits


def same(ours, theirs, tolerance: float = EXACT) -> bool:
    """Equal to R, where None and NaN are R's NA."""
    ours = [math.nan if v is None else float(v) for v in ours]
    theirs = [math.nan if v is None else float(v) for v in theirs]
    return len(ours) == len(theirs) and np.allclose(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)


def r_cases():
    from pathlib import Path

    return json.loads((Path(__file__).parent / "recorded" / "survival.json").read_text())["cases"]


@pytest.mark.parametrize("case", r_cases(), ids=lambda c: f"n={len(c['time'])}")
class TestAgainstR:
    """survfit, survdiff and their summaries, recorded by recorded/survival.R."""

    @pytest.mark.parametrize("ci", ["log-log", "log", "plain"])
    def test_curves_and_medians(self, case, ci):
        cohort = survival_cohort(case["time"], case["event"], factors={"group": case["group"]})
        result = kaplan_meier(cohort, "T", "group", ci=ci)
        assert [c.name for c in result.curves] == [s["name"] for s in case[ci]]
        for curve, theirs in zip(result.curves, case[ci], strict=True):
            for name in ("time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper"):
                assert same(getattr(curve, name), theirs[name]), name
            median = curve.median
            assert same((median.value, median.lower, median.upper), theirs["median"])

    def test_log_rank(self, case):
        cohort = survival_cohort(case["time"], case["event"], factors={"group": case["group"]})
        test = kaplan_meier(cohort, "T", "group").test
        statistic, df, p = case["log_rank"]
        if statistic is None:
            assert test.p is None and test.note
        else:
            assert same((test.statistic, test.df, test.chi_square_p), (statistic, df, p))
            small = min(test.expected) < 5
            assert test.p == test.chi_square_p if not small else test.p_by in ("permutation", "")

    def test_follow_up_is_the_reverse_curve(self, case):
        cohort = survival_cohort(case["time"], case["event"])
        followup = kaplan_meier(cohort, "T").followup
        assert same((followup.value, followup.lower, followup.upper), case["followup"])

    def test_survival_at_chosen_times(self, case):
        at = case["at"]
        result = kaplan_meier(survival_cohort(case["time"], case["event"]), "T", times=at["time"])
        for ours, *theirs in zip(
            result.at_times, at["n_at_risk"], at["survival"], at["ci_lower"], at["ci_upper"], strict=True
        ):
            estimate = ours.estimate
            if theirs[1] == 1:  # R prints limits of 1 before the first event; nothing was estimated there
                theirs[2:] = None, None
            assert same((ours.n_at_risk, estimate.value, estimate.lower, estimate.upper), theirs)


class TestByHand:
    """Six patients, two groups; every figure derived on paper."""

    # a: 1+, 2, 3    b: 2, 4+, 5
    time, event, group = [1, 2, 3, 2, 4, 5], [0, 1, 1, 1, 0, 1], ["a", "a", "a", "b", "b", "b"]

    def test_survival(self):
        result = kaplan_meier(survival_cohort(self.time, self.event, factors={"g": self.group}), "T", "g")
        a, b = result.curves
        assert a.survival.tolist() == pytest.approx([1, 1 / 2, 0])
        assert b.survival.tolist() == pytest.approx([2 / 3, 2 / 3, 0])
        assert a.median.value == 2.5  # flat at exactly one half from 2 to 3: the midpoint, as R has it
        assert b.median.value == 5

    def test_log_rank(self):
        # time 2: 2 events, at risk a 2 of 5: E_a 0.8, V 2 * .4 * .6 * 3 / 4 = .36
        # time 3: 1 event, at risk a 1 of 3: E_a 1/3, V 2/9; time 5: a 0 of 1: nothing
        test = kaplan_meier(survival_cohort(self.time, self.event, factors={"g": self.group}), "T", "g").test
        assert test.observed[0] == 2 and test.expected[0] == pytest.approx(0.8 + 1 / 3)
        assert test.statistic == pytest.approx((2 - 0.8 - 1 / 3) ** 2 / (0.36 + 2 / 9))

    def test_greenwood_with_plain_limits(self):
        curve = kaplan_meier(survival_cohort([1, 2, 3, 4], [1, 0, 1, 0]), "T", ci="plain").curves[0]
        se = math.sqrt((3 / 8) ** 2 * (1 / (4 * 3) + 1 / (2 * 1)))
        assert curve.survival[2] == pytest.approx(3 / 8)
        assert curve.ci_upper[2] == pytest.approx(min(3 / 8 + 1.959963984540054 * se, 1))


class TestDegenerate:
    def test_no_events(self):
        result = kaplan_meier(survival_cohort([1, 2, 3], [0, 0, 0], factors={"g": ["a", "b", "b"]}), "T", "g")
        assert result.test.p is None and result.n_events == 0
        assert all(c.median.value is None and (c.survival == 1).all() for c in result.curves)
        assert any("no events" in note for note in result.notes)

    def test_one_patient(self):
        result = kaplan_meier(survival_cohort([4], [1]), "T")
        assert result.curves[0].median.value == 4
        assert any("one patient" in note for note in result.notes)

    def test_one_level(self):
        result = kaplan_meier(survival_cohort([4, 5], [1, 0], factors={"g": ["a", "a"]}), "T", "g")
        assert result.test.p is None and any("nothing to compare" in note for note in result.notes)

    def test_nobody(self):
        cohort = survival_cohort([4, 5], [1, 0]).subset(np.array([False, False]))
        result = kaplan_meier(cohort, "T")
        assert result.n == 0 and result.curves == () and "no patients to analyse" in result.notes
        assert list(result.to_frame().columns)[:2] == ["stratum", "time"]

    def test_a_factor_that_is_known_of_nobody(self):
        text = "patient_id,prs_months,died,site_lung,site_bone\nP1,4,1,1,\nP2,5,0,,0\nP3,6,0,0,\n"
        result = kaplan_meier(read_cohort(text.encode(), "c.csv"), "PRS", "n_sites")
        assert result.n == 0 and result.curves == () and [e.n for e in result.excluded] == [3]

    @pytest.mark.filterwarnings("error")
    def test_limits_of_a_curve_beside_one(self):
        lower, upper = confidence_limits(np.array([1 - 1e-9]), np.array([1e-5]))
        assert lower.tolist() == [0] and upper.tolist() == [1]

    def test_every_missing_value_is_counted_with_its_reason(self):
        cohort = survival_cohort([1, None, 3, 4], [1, 1, None, 0], factors={"g": ["a", "a", "a", None]})
        result = kaplan_meier(cohort, "T", "g")
        assert result.n == 1
        assert {e.reason: e.n for e in result.excluded} == {
            "time not recorded": 1, "event not recorded": 1, "'g' not recorded": 1,
        }  # fmt: skip

    def test_times_of_zero_are_kept(self):
        curve = kaplan_meier(survival_cohort([0, 0, 1, 2], [1, 0, 1, 0]), "T").curves[0]
        assert curve.time[0] == 0 and curve.survival[0] == 0.75

    def test_everyone_at_one_time(self):
        result = kaplan_meier(survival_cohort([3] * 4, [1] * 4, factors={"g": list("aabb")}), "T", "g")
        assert result.test.p is None or 0 <= result.test.p <= 1
        assert all(c.median.value == 3 for c in result.curves)

    def test_unknown_names_are_told_with_near_ones(self):
        cohort = survival_cohort([1, 2], [1, 0], factors={"stage": ["I", "II"]})
        with pytest.raises(AnalysisError, match="did you mean 'stage'"):
            kaplan_meier(cohort, "T", "stages")
        with pytest.raises(AnalysisError, match="no endpoint 'PRS'"):
            kaplan_meier(cohort, "PRS")


cohorts = st.lists(
    st.tuples(st.integers(0, 30), st.booleans(), st.sampled_from(["a", "b", "c"])), min_size=1, max_size=60
)


@settings(max_examples=60, deadline=None)
@given(cohorts)
def test_properties_of_every_curve(patients):
    time, event, group = zip(*patients, strict=True)
    cohort = survival_cohort([t / 10 for t in time], event, factors={"g": group})
    result = kaplan_meier(cohort, "T", "g")
    assert sum(c.n for c in result.curves) == len(patients)
    for curve in result.curves:
        assert ((curve.survival >= 0) & (curve.survival <= 1)).all()
        assert (np.diff(curve.survival) <= 1e-12).all()
        left = curve.n_at_risk - curve.n_events - curve.n_censored
        assert (left[:-1] == curve.n_at_risk[1:]).all() and left[-1] == 0
        inside = ~np.isnan(curve.ci_lower)
        assert (curve.ci_lower[inside] <= curve.survival[inside] + 1e-12).all()
        assert (curve.ci_upper[inside] >= curve.survival[inside] - 1e-12).all()
    assert result.test.p is None or 0 <= result.test.p <= 1


@settings(max_examples=40, deadline=None)
@given(cohorts, st.randoms(use_true_random=False))
def test_order_of_patients_does_not_matter(patients, random):
    shuffled = list(patients)
    random.shuffle(shuffled)

    def test_of(rows):
        time, event, group = zip(*rows, strict=True)
        return kaplan_meier(survival_cohort(time, event, factors={"g": group}), "T", "g").to_dict()

    assert test_of(patients) == test_of(shuffled)


@settings(max_examples=40, deadline=None)
@given(cohorts, st.sampled_from([0.1, 7.0, 30.4375]))
def test_the_unit_of_time_changes_times_only(patients, factor):
    time, event, group = zip(*patients, strict=True)
    one = log_rank(count_risk(*parts(time, event, group)))
    other = log_rank(count_risk(*parts([t * factor for t in time], event, group)))
    assert (one.p is None) == (other.p is None)
    assert one.p is None or one.p == pytest.approx(other.p, rel=1e-9)


def parts(time, event, group):
    cohort = survival_cohort(time, event, factors={"g": group})
    return cohort.endpoint("T"), cohort.factor("g")


class TestJudges:
    """lifelines and scikit-survival agree on random cohorts (S(t) and log-rank; conventions of CIs differ)."""

    rng = np.random.default_rng(11)
    time = rng.exponential(12, 90).round(1)
    event = rng.random(90) < 0.6
    group = rng.choice(["a", "b"], 90)

    def test_lifelines(self):
        from lifelines import KaplanMeierFitter
        from lifelines.statistics import logrank_test

        curve = kaplan_meier(survival_cohort(self.time, self.event), "T").curves[0]
        fitted = KaplanMeierFitter().fit(self.time, self.event)
        theirs = fitted.survival_function_.loc[curve.time].to_numpy().ravel()
        assert np.allclose(curve.survival, theirs, atol=1e-12)
        ours = log_rank(count_risk(*parts(self.time, self.event, self.group)))
        a = self.group == "a"
        test = logrank_test(self.time[a], self.time[~a], self.event[a], self.event[~a])
        assert ours.statistic == pytest.approx(test.test_statistic, rel=1e-9)

    def test_scikit_survival(self):
        from sksurv.compare import compare_survival
        from sksurv.nonparametric import kaplan_meier_estimator

        curve = kaplan_meier(survival_cohort(self.time, self.event), "T").curves[0]
        time, survival = kaplan_meier_estimator(self.event, self.time)
        assert np.allclose(curve.survival, survival[np.isin(time, curve.time)], atol=1e-12)
        y = np.array(list(zip(self.event, self.time, strict=True)), dtype=[("e", bool), ("t", float)])
        statistic, p = compare_survival(y, self.group)
        ours = log_rank(count_risk(*parts(self.time, self.event, self.group)))
        assert (ours.statistic, ours.p) == pytest.approx((statistic, p), rel=1e-9)


class TestGrid:
    sites = {"lung": [1, 0, 1, 0, 1, 0, 0, 1], "bone": [0, 1, 1, 0, 0, 1, 0, 0]}
    time, event = [3, 5, 8, 9, 2, 4, 7, 12], [1, 1, 0, 1, 1, 0, 1, 1]

    def test_a_panel_is_the_curve_by_that_site(self):
        cohort = survival_cohort(self.time, self.event, sites=self.sites)
        grid = survival_grid(cohort, "T")
        assert [p.by for p in grid.panels] == ["site:lung", "site:bone"]
        for panel in grid.panels:
            assert panel.to_dict() == kaplan_meier(cohort, "T", panel.by).to_dict()

    def test_adjusted_p(self):
        grid = survival_grid(survival_cohort(self.time, self.event, sites=self.sites), "T", adjustment="bonferroni")
        for panel, adjusted in zip(grid.panels, grid.p_adjusted, strict=True):
            assert adjusted == pytest.approx(min(2 * panel.test.p, 1))

    def test_overlap_is_said(self):
        grid = survival_grid(survival_cohort(self.time, self.event, sites=self.sites), "T")
        assert any("1 patient with several sites" in note for note in grid.notes)

    def test_without_sites(self):
        with pytest.raises(AnalysisError, match="no recurrence sites"):
            survival_grid(survival_cohort([1], [1]), "T")


class TestScales:
    """Four patients: events at 1 and 3, censored at 2 and 5; H is 1/4, then 1/4 + 1/2."""

    curve = kaplan_meier(survival_cohort([1, 2, 3, 5], [1, 0, 1, 0]), "T", times=(0.5, 3, 9)).curves[0]

    def test_the_cumulative_hazard_by_hand(self):
        shown = self.curve.shown("cumulative hazard")
        assert shown.start == 0 and shown.value.tolist() == [0.25, 0.25, 0.75, 0.75]
        variance = [1 / 16, 1 / 16, 1 / 16 + 1 / 4, 1 / 16 + 1 / 4]
        assert shown.se == pytest.approx(np.sqrt(variance))
        z = 1.959963984540054
        assert shown.lower[0] == pytest.approx(0.25 * math.exp(-z * 0.25 / 0.25))
        assert shown.upper[2] == pytest.approx(0.75 * math.exp(z * math.sqrt(5 / 16) / 0.75))
        plain = kaplan_meier(survival_cohort([1, 2, 3, 5], [1, 0, 1, 0]), "T", ci="plain").curves[0]
        assert plain.shown("cumulative hazard").lower.tolist() == [0] * 4  # not below zero

    def test_risk_and_log_log_are_transforms_with_their_limits(self):
        risk, log_log, s = self.curve.shown("risk"), self.curve.shown("log-log"), self.curve.survival
        assert np.allclose(risk.value, 1 - s) and np.allclose(risk.lower, 1 - self.curve.ci_upper)
        assert log_log.start is None and np.allclose(log_log.value, np.log(-np.log(s)))
        for shown in (risk, log_log):
            assert (shown.lower <= shown.value).all() and (shown.value <= shown.upper).all()

    def test_at_chosen_times(self):
        at = [self.curve.shown("cumulative hazard").at(t) for t in (0.5, 3, 9)]
        assert [s.estimate.value for s in at] == [0, 0.75, None] and [s.n_at_risk for s in at] == [4, 2, 0]
        assert self.curve.shown("risk").at(3).estimate.value == pytest.approx(1 - self.curve.at(3).estimate.value)
        assert self.curve.shown("log-log").at(0.5).estimate.value is None

    def test_after_the_last_death_survival_is_known_and_the_hazard_is_not(self):
        curve = kaplan_meier(survival_cohort([1, 2], [1, 1]), "T").curves[0]
        assert curve.at(9).estimate.value == 0 and curve.shown("risk").at(9).estimate.value == 1
        assert curve.shown("cumulative hazard").at(2).estimate.value == 1.5
        assert curve.shown("cumulative hazard").at(9).estimate.value is None

    def test_without_events_there_is_no_log_log_curve(self):
        curve = kaplan_meier(survival_cohort([1, 2], [0, 0]), "T").curves[0]
        assert np.isnan(curve.shown("log-log").value).all() and curve.shown("cumulative hazard").value.tolist() == [
            0,
            0,
        ]
        assert np.isnan(curve.shown("cumulative hazard").lower).all()

    def test_json(self):
        km = kaplan_meier(survival_cohort([1, 2, 3, 5], [1, 0, 1, 0]), "T", times=(3,))
        usual, result = km.to_dict(), km.to_dict("cumulative hazard")
        assert usual.items() <= result.items() and result["show"] == "cumulative hazard"
        (stratum,) = result["shown"]
        assert (stratum["n"], stratum["n_events"]) == (4, 2)
        assert [row["value"] for row in stratum["curve"]] == [0.25, 0.25, 0.75, 0.75]
        assert set(stratum["curve"][0]) == {"time", "n_at_risk", "n_events", "n_censored", "value", "se", "ci_lower",
                                            "ci_upper"}  # fmt: skip
        assert result["shown_at_times"][0]["value"] == 0.75
        json.dumps(km.to_dict("log-log"), allow_nan=False)

    def test_an_unknown_scale_is_refused(self):
        with pytest.raises(AnalysisError, match="isn't shown as 'odds'; there are survival, risk"):
            self.curve.shown("odds")


@settings(max_examples=30, deadline=None)
@given(cohorts)
def test_the_hazard_rises_and_bounds_survival(patients):
    """H is at most -log S of the product limit, d / n being at most -log(1 - d / n)."""
    time, event, _ = zip(*patients, strict=True)
    curve = kaplan_meier(survival_cohort(time, event), "T").curves[0]
    shown = curve.shown("cumulative hazard")
    assert (np.diff(shown.value) >= 0).all() and (shown.se >= 0).all()
    left = curve.survival > 0
    assert (shown.value[left] <= -np.log(curve.survival[left]) + 1e-9).all()


class TestTies:
    def test_floating_point_noise_is_a_tie(self):
        merged = merge_equal_times(np.array([0.3, 0.1 + 0.2, 0.7, 0.70001]))
        assert len(np.unique(merged)) == 3

    def test_counts_at_ticks(self):
        curve = kaplan_meier(survival_cohort([1, 2, 2, 5], [1, 0, 1, 0]), "T").curves[0]
        assert curve.counts_at([0, 2, 3, 5, 6]) == [(4, 0, 0), (3, 2, 1), (1, 2, 1), (1, 2, 2), (0, 2, 2)]

    @pytest.mark.parametrize("near", [0, 5e-9, -5e-9, 1e-8, -1e-8])
    def test_near_a_tie_the_numbers_at_risk_are_those_of_the_curve(self, near):
        """A tick within the curve's tolerance of a time is that time, in the result as in every figure of it."""
        curve = kaplan_meier(survival_cohort([1, 2, 2, 5], [1, 0, 1, 0]), "T").curves[0]
        assert curve.at_risk([2 + near]).tolist() == [3] and curve.at(2 + near).n_at_risk == 3
        assert curve.counts_at([2 + near]) == [(3, 2, 1)]
        cohort = cohort_of({"time": [1, 2, 2, 5], "status": ["1", "0", "1", "0"]})
        incidence = cumulative_incidence_of_columns(cohort, "time", "status").strata[0].curves[0]
        assert incidence.counts_at([2 + near]) == [(3, 2)]
        late = cohort_of({"entry": [0, 0, 1, 1], "time": [1, 2, 2, 5], "event": [1, 0, 1, 0]})
        assert kaplan_meier_with_entry(late, "T", entry="entry").curves[0].at_risk([2 + near]).tolist() == [3]

    def test_the_last_time_with_enough_patients(self):
        curve = kaplan_meier(survival_cohort([1, 2, 3, 4, 5, 6], [1, 0, 1, 0, 1, 1]), "T").curves[0]
        assert (curve.last_time_with(), curve.last_time_with(3), curve.last_time_with(7)) == (2, 4, 0)

    def test_curves_come_from_the_table_alone(self):
        endpoint, factor = parts([1, 2, 3], [1, 0, 1], ["a", "b", "a"])
        table = count_risk(endpoint, factor)
        assert table.n.tolist() == [2, 1] and table.pooled().n.tolist() == [3]
        assert [c.n for c in curves(table)] == [2, 1]
