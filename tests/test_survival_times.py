"""Restricted means and survival at chosen times against R's survival (recorded/survival_tests.R) and by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from cohorts import cohort_of
from scipy.special import ndtr

from necc.analysis.survival import kaplan_meier, restricted_mean, survival_at
from necc.core.errors import AnalysisError

Z = 1.959963984540054


def cohort_from(case):
    return cohort_of({"time": case["time"], "event": case["event"], "g": [f"g{g}" for g in case["g"]]})


@pytest.fixture(scope="module", params=range(4), ids=["ties", "small", "veteran", "hand"])
def case(request, recorded):
    return recorded("survival_tests")["cases"][request.param]


def test_restricted_means_equal_r(case):
    expected = np.reshape(case["rmean"], (len(case["taus"]), 2, -1))
    for tau, (means, ses) in zip(case["taus"], expected, strict=True):
        found = restricted_mean(cohort_from(case), "T", "g", tau=tau, minimum=0)
        np.testing.assert_allclose([g.mean.value for g in found.groups], means, rtol=1e-10)
        np.testing.assert_allclose([g.se for g in found.groups], ses, rtol=1e-10)
        first, last = found.groups[0], found.groups[-1]
        contrast = found.contrasts[-1]
        se = math.hypot(ses[0], ses[-1])
        assert contrast.difference.value == pytest.approx(means[-1] - means[0], rel=1e-9)
        assert contrast.difference.upper == pytest.approx(means[-1] - means[0] + Z * se, rel=1e-8)
        assert contrast.difference_p == pytest.approx(2 * ndtr(-abs(means[-1] - means[0]) / se), rel=1e-7)
        log_se = math.hypot(ses[0] / means[0], ses[-1] / means[-1])
        assert contrast.ratio.lower == pytest.approx(means[-1] / means[0] * math.exp(-Z * log_se), rel=1e-8)
        assert first.lost + first.mean.value == pytest.approx(tau) and last.mean.lower < last.mean.value


def test_restricted_mean_by_hand():
    """S = 2/3 from 2, 1/3 from 4: area up to 5 is 2 + 4/3 + 1/3; variance (5/3)^2 / 6 + (1/3)^2 / 2."""
    found = restricted_mean(cohort_of({"time": [2, 4, 5], "event": [1, 1, 0]}), "T", minimum=0)
    assert found.tau == 5 and found.tau_rule.startswith("smallest")
    assert found.groups[0].mean.value == pytest.approx(11 / 3, rel=1e-12)
    assert found.groups[0].se == pytest.approx(math.sqrt(25 / 54 + 1 / 18), rel=1e-12)
    assert len(found.to_frame()) == 1


def test_tau_beyond_a_group_is_not_estimable_unless_its_curve_is_at_zero():
    cohort = cohort_of({"time": [2, 4, 1, 3, 2, 9], "event": [1, 0, 1, 1, 1, 0], "g": list("AABBCC")})
    found = restricted_mean(cohort, "T", "g", tau=6, minimum=0)
    assert [g.mean.value for g in found.groups] == [None, 2.0, 4.0]
    assert any("A" in n and "before tau" in n for n in found.notes)
    assert [c.difference.value for c in found.contrasts] == [None, None]
    assert restricted_mean(cohort, "T", "g").tau == 3
    json.dumps(found.to_dict(), allow_nan=False)


def test_survival_at_times_equals_r(case):
    expected = [np.reshape(case[k], (-1, len(case["times"]))) for k in ("surv", "se")]
    found = survival_at(cohort_from(case), "T", "g", times=case["times"], minimum=0)
    for j, answer in enumerate(found.times):
        s, se = expected[0][:, j], expected[1][:, j]
        np.testing.assert_allclose([g.survival.value for g in answer.groups], s, rtol=1e-10)
        np.testing.assert_allclose([g.se for g in answer.groups], np.where(s > 0, se, 0), rtol=1e-10)
        for k, contrast in enumerate(answer.contrasts, start=1):
            spread = math.hypot(se[0], se[k])
            assert contrast.difference.lower == pytest.approx(s[k] - s[0] - Z * spread, rel=1e-8)
            assert contrast.p == pytest.approx(2 * ndtr(-abs(s[k] - s[0]) / spread), rel=1e-7)


def test_survival_at_a_time_by_hand():
    """S_A(2) = 1/2, S_B(2) = 3/4; log-log variances (1/8) / (1/4 log(1/2)^2) and (3/64) / (9/16 log(3/4)^2)."""
    cohort = cohort_of({"time": [1, 3, 1, 3, 4, 5], "event": [1] * 6, "g": list("AABBBB")})
    contrast = survival_at(cohort, "T", "g", times=[2], minimum=0).times[0].contrasts[0]
    assert contrast.difference.value == pytest.approx(1 / 4, rel=1e-12)
    assert contrast.se == pytest.approx(math.sqrt(1 / 8 + 3 / 64), rel=1e-12)
    gap = math.log(math.log(2)) - math.log(math.log(4 / 3))
    variance = (1 / 8) / (0.25 * math.log(2) ** 2) + (3 / 64) / (9 / 16 * math.log(0.75) ** 2)
    assert contrast.p_log_log == pytest.approx(2 * ndtr(-gap / math.sqrt(variance)), rel=1e-10)


@pytest.mark.parametrize("ci", ["log-log", "log", "plain"])
def test_survival_at_a_time_is_that_of_the_curve(ci):
    """Also before the first observation, at a censoring before the first event, where S(t) is 0, and past the end."""
    cohort = cohort_of({"time": [2, 3, 5, 1, 3, 9], "event": [0, 1, 1, 0, 1, 0], "g": list("AAABBB")})
    times = [0, 0.5, 1, 2, 3, 5, 9, 20]
    found = survival_at(cohort, "T", "g", times=times, ci=ci, minimum=0)
    curves = kaplan_meier(cohort, "T", "g", times=times, ci=ci).at_times
    told = [(g.name, t.time, g.n_at_risk, g.survival) for t in found.times for g in t.groups]
    assert told == [(s.stratum, s.time, s.n_at_risk, s.estimate) for s in curves]
    first = found.times[1].groups[0].survival
    assert (first.value, first.lower, first.upper) == (1, None, None)
    assert [g.se for t in found.times[:3] for g in t.groups] == [0] * 6
    assert found.times[5].groups[0].se == 0 and found.times[-1].groups[1].se is None


def test_nothing_is_claimed_beyond_follow_up():
    cohort = cohort_of({"time": [1, 3, 2, 9], "event": [1, 0, 1, 1], "g": list("AABB")})
    answer = survival_at(cohort, "T", "g", times=[5, 20, 0], minimum=0).times
    assert [g.survival.value for g in answer[0].groups] == [None, 0.5]
    assert [g.survival.value for g in answer[1].groups] == [None, 0.0]
    assert answer[0].contrasts[0].p is None
    assert [g.survival.value for g in answer[2].groups] == [1.0, 1.0] and answer[2].contrasts[0].p is None


@pytest.mark.parametrize(
    "columns",
    [
        {"time": [0.0, 0.0], "event": [1, 1]},
        {"time": [4.0], "event": [0]},
        {"time": [None, 3.0], "event": [0, 0]},
    ],
)
def test_degenerate_cohorts(columns):
    cohort = cohort_of(columns)
    for result in (restricted_mean(cohort, "T"), survival_at(cohort, "T", times=[0, 3])):
        json.dumps(result.to_dict(), allow_nan=False)
    assert restricted_mean(cohort, "T").contrasts == ()
    nobody = cohort.subset(np.zeros(len(cohort), bool))
    assert restricted_mean(nobody, "T").groups == () and survival_at(nobody, "T", times=[1]).n == 0


def test_refusals():
    cohort = cohort_of({"time": [4.0], "event": [0]})
    with pytest.raises(AnalysisError, match="tau must be positive"):
        restricted_mean(cohort, "T", tau=0)
    with pytest.raises(AnalysisError, match="zero or positive"):
        survival_at(cohort, "T", times=[-1])
