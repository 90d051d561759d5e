"""Risk sets with delayed entry against R's survfit and coxph (recorded/survival_tests.R) and by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cohorts import cohort_of
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.survival import (
    count_intervals,
    count_risk,
    count_risk_with_entry,
    curves,
    kaplan_meier_with_entry,
    log_rank,
    survival_from_counts,
)
from necc.core.dictionary import Variable
from necc.core.errors import AnalysisError


@pytest.fixture(scope="module", params=range(2), ids=["no ties", "ties"])
def case(request, recorded):
    return recorded("survival_tests")["entry"][request.param]


def cohort_from(case):
    columns = {k: case[k] for k in ("entry", "time", "event")}
    return cohort_of({**columns, "g": [f"g{g}" for g in case["g"]]})


def test_curves_equal_r(case):
    cohort = cohort_from(case)
    table = count_risk_with_entry(cohort.endpoint("T"), cohort.number("entry"), cohort.factor("g"))
    survival, se_log = survival_from_counts(table.n_at_risk, table.n_events)
    for g in range(len(table.strata)):
        rows = np.flatnonzero(np.array(case["stratum"]) == g + 1)
        mine = np.flatnonzero(table.n_events[g] + table.n_censored[g])
        for key, ours in (("n_risk", table.n_at_risk), ("n_event", table.n_events), ("n_censor", table.n_censored)):
            assert ours[g, mine].tolist() == [case[key][r] for r in rows]
        np.testing.assert_allclose(survival[g, mine], [case["surv"][r] for r in rows], rtol=1e-10, atol=1e-15)
        expected = [np.inf if case["se_log"][r] is None else case["se_log"][r] for r in rows]
        np.testing.assert_allclose(se_log[g, mine], expected, rtol=1e-10)
    found = kaplan_meier_with_entry(cohort, "T", "g", entry="entry")
    assert [c.median.value for c in found.curves] == pytest.approx(case["medians"], rel=1e-12)
    assert found.test.statistic == pytest.approx(case["log_rank"], rel=1e-9)
    if case["name"] == "no ties":  # with ties the score test of a Cox model has another variance
        assert found.test.statistic == pytest.approx(case["score"], rel=1e-8)
    assert found.followup.value is None and found.n == len(case["time"])
    json.dumps(found.to_dict(), allow_nan=False)


def test_at_risk_by_hand():
    """Seen (0, 3], (2, 5], (3, 4]: at 3 the third isn't there yet, at 4 the first has left."""
    table = count_intervals(
        np.array([0.0, 2, 3, 7]), np.array([3.0, 5, 4, 7]), np.array([1, 1, 0, 1]), np.zeros(4, int), ("all",)
    )
    assert table.time.tolist() == [3, 4, 5] and table.n_at_risk[0].tolist() == [2, 2, 1]
    assert curves(table)[0].survival.tolist() == [0.5, 0.5, 0]


def test_at_risk_before_the_first_exit_are_those_who_have_come():
    """Seen (0, 3], (2, 5] and (3, 4]: one at 1, two from 2 on."""
    cohort = cohort_of({"entry": [0.0, 2, 3], "time": [3.0, 5, 4], "event": [1, 1, 0]})
    found = kaplan_meier_with_entry(cohort, "T", entry="entry", times=(1, 2.5, 3))
    assert [s.n_at_risk for s in found.at_times] == [1, 2, 2]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.sampled_from("AB")), min_size=1, max_size=25))
def test_entry_at_zero_is_no_delay(rows):
    time, event, g = (list(x) for x in zip(*rows, strict=True))
    cohort = cohort_of({"time": [float(t) for t in time], "event": [int(e) for e in event], "g": g})
    plain = count_risk(cohort.endpoint("T"), cohort.factor("g"))
    late = count_risk_with_entry(cohort.endpoint("T"), np.zeros(len(rows)), cohort.factor("g"))
    assert late.strata == plain.strata
    for name in ("time", "n_at_risk", "n_events", "n_censored"):
        assert getattr(late, name).tolist() == getattr(plain, name).tolist()
    assert log_rank(late) == log_rank(plain)


def test_who_is_left_out_is_told():
    columns = {"entry": [0, None, 5, 1], "time": [3, 4, 5, 6], "event": [1, 1, 1, 0], "g": list("AABB")}
    found = kaplan_meier_with_entry(cohort_of(columns), "T", "g", entry="entry")
    assert found.n == 2
    assert [e.n for e in found.excluded] == [1, 1] and found.excluded[0].reason == "entry time not recorded"
    empty = kaplan_meier_with_entry(cohort_of({"entry": [9.0], "time": [3.0], "event": [1]}), "T", entry="entry")
    assert empty.n == 0 and any("no patients" in n for n in empty.notes)


def test_who_enters_between_two_events_is_at_risk_there():
    columns = {"entry": [0, 3, 5, 3], "time": [2, 10, 10, 4], "event": [1, 1, 0, 0]}
    (curve,) = kaplan_meier_with_entry(cohort_of(columns), "T", entry="entry").curves
    times = [0, 1, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 10, 11]
    at_risk = [1, 1, 1, 0, 0, 2, 2, 1, 1, 2, 2, 0]
    assert [n for n, _, _ in curve.counts_at(times)] == at_risk
    assert curve.at(6).n_at_risk == 2 and curve.at(3.5).n_at_risk == 2
    gap = kaplan_meier_with_entry(
        cohort_of({"entry": [0, 0, 3], "time": [1, 2, 5], "event": [1, 0, 1]}), "T", entry="entry"
    )
    assert [gap.curves[0].at(t).estimate.value for t in (2.5, 4, 5, 6)] == [0.5, 0.5, 0.0, 0.0]  # R: nobody at 2.5
    pooled = count_risk_with_entry(cohort_of(columns).endpoint("T"), np.array([0, 3, 5, 3.0])).pooled()
    assert pooled.entries[0].tolist() == [0, 3, 3, 5]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6), st.booleans()), min_size=1, max_size=20))
def test_at_risk_is_who_has_entered_and_not_left(rows):
    start, length, event = (np.array(x) for x in zip(*rows, strict=True))
    stop = start + length
    cohort = cohort_of({"entry": start.tolist(), "time": stop.tolist(), "event": event.astype(int).tolist()})
    (curve,) = kaplan_meier_with_entry(cohort, "T", entry="entry").curves
    times = np.arange(0.5, 14, 0.5)
    expected = [int(((start < t) & (stop >= t)).sum()) for t in times]
    assert [n for n, _, _ in curve.counts_at(times)] == expected


def test_an_early_risk_set_of_one_is_told():
    columns = {"entry": [0, *[4] * 8], "time": [1, *range(5, 13)], "event": [1] * 9}
    found = kaplan_meier_with_entry(cohort_of(columns), "T", entry="entry")
    assert found.curves[0].survival[0] == 0 and any("only 1 patient at risk" in n for n in found.notes)


def test_units_must_agree():
    variables = [Variable("entry", "Entry", "number", unit="days")]
    cohort = cohort_of({"entry": [0.0], "time": [3.0], "event": [1]}, variables=variables)
    with pytest.raises(AnalysisError, match="is in days"):
        kaplan_meier_with_entry(cohort, "T", entry="entry")
