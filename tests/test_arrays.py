"""Curves and models of plain arrays: R's numbers (recorded/arrays.R), a cohort's own, a sentence for bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cohorts import SAMPLES, survival_cohort
from hypothesis import given, settings
from hypothesis import strategies as st

from necc import AnalysisError, cox, from_frame, kaplan_meier, read_cohort, reading
from necc.analysis.arrays import IN_DAYS, NO_UNIT, of_time

TIME, EVENT = [5, 6, 7, 9], [1, 0, 1, 1]


# ---------------------------------------------------------------- R
def test_curves_of_arrays_are_r_s(recorded):
    r = recorded("arrays")
    groups = pd.Categorical(r["celltype"], r["levels"])
    result = kaplan_meier(r["time"], r["status"], groups, unit="days")
    assert [c.name for c in result.curves] == r["levels"] and result.unit == "days" and result.n == 137
    assert [c.n for c in result.curves] == r["n"] and [int(c.n_events.sum()) for c in result.curves] == r["events"]
    assert [c.median.value for c in result.curves] == r["median"]
    limits = [(c.median.lower, c.median.upper) for c in result.curves]
    assert limits == list(zip(r["lower"], r["upper"], strict=True))
    assert result.test.statistic == pytest.approx(r["chi_square"], rel=1e-9)
    assert result.test.p == pytest.approx(r["p"], rel=1e-9)


def test_models_of_arrays_are_r_s(recorded):
    r = recorded("arrays")
    table = pd.DataFrame({"age": r["age"], "karno": r["karno"], "celltype": pd.Categorical(r["celltype"], r["levels"])})
    model = cox(np.asarray(r["time"]), np.asarray(r["status"]) == 1, table, unit="days")
    assert [t.coefficient for t in model.terms] == pytest.approx(r["coefficients"], rel=1e-6)
    assert [t.se for t in model.terms] == pytest.approx(r["se"], rel=1e-6)
    assert [t.p for t in model.terms] == pytest.approx(r["p_wald"], rel=1e-5)
    assert [model.loglik_null, model.loglik] == pytest.approx(r["loglik"], rel=1e-9)
    as_dict = cox(r["time"], r["status"], dict(table), unit="days")
    assert as_dict.to_dict() == model.to_dict()


# ---------------------------------------------------------------- the same as a cohort
patients = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(0, 120).map(lambda t: round(t, 1))),
        st.sampled_from([True, False, None]),
        st.sampled_from(["a", "b", "c", None]),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


@given(patients)
@settings(deadline=None, max_examples=60)
def test_arrays_and_a_cohort_give_the_same_curves(rows):
    time, event, group = (list(column) for column in zip(*rows, strict=True))
    flags = [None if e is None else int(e) for e in event]
    if not any(t is not None for t in time) or not any(e is not None for e in event):
        with pytest.raises(AnalysisError, match="holds no known value"):
            kaplan_meier(time, event, group)
        return
    result = kaplan_meier(time, event, group, unit="months", times=[12])
    told = kaplan_meier(survival_cohort(time, flags, factors={"group": group}), "T", "group", times=[12])
    alike = {"label", "by_label", "endpoint", "origin", "column", "defined_as"}
    first, second = ({k: v for k, v in r.to_dict().items() if k not in alike} for r in (result, told))
    assert first == second


def test_arrays_of_the_sample_give_what_the_sample_gives():
    cohort = read_cohort(SAMPLES / "reconstructed_cohort.csv")
    table = cohort.table
    event = table["died"].map({"yes": True, "no": False})
    columns = {"age": table["age_years"], "lung": cohort.site_matrix[:, cohort.site_names.index("lung")]}
    mine = cox(table["os_months"], event, columns, per={"age": 10}, unit="months")
    theirs = cox(cohort, "OS", ["age_years", "site:lung"], per={"age_years": 10})
    pairs = zip(mine.terms, theirs.terms, strict=True)
    assert all(
        a.hazard_ratio == pytest.approx(b.hazard_ratio, rel=1e-9) and a.p == pytest.approx(b.p) for a, b in pairs
    )
    frame = pd.DataFrame({"t": table["os_months"], "e": event, "g": table["histology"]})
    made = from_frame(frame, time="t", event="e", unit="months", endpoint="OS")
    arrays = kaplan_meier(frame["t"], frame["e"], frame["g"], unit="months")
    assert [c.name for c in arrays.curves] == list(made.factor("g").levels)
    for a, b in zip(arrays.curves, kaplan_meier(made, "OS", "g").curves, strict=True):
        assert (a.name, a.n, a.survival.tolist()) == (b.name, b.n, b.survival.tolist())


def test_a_result_of_arrays_is_read_and_drawn_as_any_other():
    rng = np.random.default_rng(7)
    time, arm = rng.exponential(10, 80), rng.choice(["control", "treated"], 80)
    result = kaplan_meier(time, rng.random(80) < 0.7, arm, unit="weeks")
    assert "weeks" in " ".join(reading(result)) and result.endpoint == "time" and result.by == "group"
    model = cox(time, rng.random(80) < 0.7, {"arm": arm, "age": rng.normal(60, 9, 80)}, reference={"arm": "treated"})
    assert model.terms[0].reference == "treated" and reading(model)


# ---------------------------------------------------------------- types
@pytest.mark.parametrize("time", [
    TIME, tuple(TIME), np.array(TIME), np.array(TIME, np.float32), np.array(TIME, np.float16),
    np.array(TIME, ">f8"), np.array(TIME, ">i4"), pd.Series(TIME), pd.Series(TIME, index=[3, 1, 2, 0]),
    pd.array(TIME, "Int64"), pd.Index(TIME), range(5, 9), (t for t in TIME), np.array(TIME, dtype=object),
    np.ma.array(TIME, mask=[False] * 4),
], ids=lambda v: type(v).__name__)  # fmt: skip
def test_times_of_any_array(time):
    assert kaplan_meier(time, EVENT, unit="months").n == 4


@pytest.mark.parametrize("event", [
    EVENT, [True, False, True, True], np.array(EVENT, bool), np.array(EVENT, float), pd.array(EVENT, "boolean"),
    pd.array(EVENT, "Int64"), pd.Series(EVENT, dtype=bool), pd.Categorical([True, False, True, True]),
], ids=str)  # fmt: skip
def test_events_of_any_array(event):
    assert kaplan_meier(TIME, event, unit="months").n_events == 3


def test_durations_have_their_unit_and_numbers_a_note():
    days = kaplan_meier(pd.to_timedelta(TIME, "D"), EVENT)
    assert days.unit == "days" and days.curves[0].median.value == 7 and IN_DAYS in days.notes
    weeks = kaplan_meier(pd.to_timedelta([7, 14, 21, 28], "D"), EVENT, unit="weeks")
    assert weeks.curves[0].time.tolist() == [1, 2, 3, 4] and NO_UNIT not in weeks.notes
    assert kaplan_meier(TIME, EVENT).unit == "months" and weeks.unit == "weeks"
    assert NO_UNIT in kaplan_meier(TIME, EVENT).notes and NO_UNIT in cox(TIME, EVENT, {"x": [1, 2, 3, 4]}).notes


def test_arrays_may_be_named():
    by_place = kaplan_meier(TIME, EVENT, ["a", "b", "a", "b"], unit="months")
    assert kaplan_meier(time=TIME, event=EVENT, by=["a", "b", "a", "b"], unit="months").to_dict() == by_place.to_dict()
    assert kaplan_meier(TIME, event=EVENT, unit="months", ci="Log").ci == "log"
    assert cox(time=TIME, event=EVENT, covariates={"x": [1, 3, 2, 4]}).n == 4
    with pytest.raises(AnalysisError, match="event is needed too"):
        kaplan_meier(time=TIME)
    with pytest.raises(AnalysisError, match="covariates are needed too"):
        cox(TIME, EVENT)
    with pytest.raises(TypeError, match="time, event and by, each once"):
        kaplan_meier(TIME, EVENT, None, "log")
    with pytest.raises(TypeError, match="time, event and by, each once"):
        kaplan_meier(TIME, EVENT, time=TIME)
    with pytest.raises(TypeError, match="no argument 'levels'; did you mean 'level'"):
        kaplan_meier(TIME, EVENT, levels=0.9)


def test_arrays_have_a_fingerprint_of_their_values_and_names():
    def mark(time, event, by):
        return of_time(time, event, by, "months")[0].source.file_mark

    arm = pd.Series(["a", "b", "a", "b"], name="arm")
    one = mark(TIME, EVENT, arm)
    others = [mark([5, 6, 7, 8], EVENT, arm), mark(TIME, [1, 1, 1, 1], arm), mark(TIME, EVENT, arm[::-1].tolist()),
              mark(TIME, EVENT, arm.rename("ward")), mark(TIME, EVENT, arm.replace("b", "c"))]  # fmt: skip
    assert one == mark(np.array(TIME), pd.Series(EVENT), arm) and len({one, *others}) == 6


def test_what_is_not_recorded_is_left_out_and_counted():
    result = kaplan_meier([5, None, 7, 9], [1, 0, np.nan, 1], ["a", "a", "a", None], unit="months")
    assert [(e.reason, e.n) for e in result.excluded] == [
        ("time not recorded", 1), ("event not recorded", 1), ("'group' not recorded", 1)
    ]  # fmt: skip
    masked = np.ma.array(EVENT, mask=[0, 1, 0, 0])
    assert kaplan_meier(TIME, masked, unit="months").n == 3


@pytest.mark.parametrize(("by", "levels", "name"), [
    ([2, 10, 2, 10], ["2", "10"], "group"), ([1.0, 2.0, 1.0, 2.0], ["1", "2"], "group"),
    ([True, False, True, False], ["FALSE", "TRUE"], "group"), (pd.Series(["b10", "b9", "b10", "b9"], name="arm"),
     ["b9", "b10"], "arm"), (pd.Categorical(["z", "a", "z", "a"], ["z", "a"]), ["z", "a"], "group"),
    (np.array(["x", "y", "x", "y"]), ["x", "y"], "group"), (np.array([2, 1, 2, 1], np.float16), ["1", "2"], "group"),
])  # fmt: skip
def test_groups_have_their_own_order(by, levels, name):
    result = kaplan_meier(TIME, EVENT, by, unit="months")
    assert [c.name for c in result.curves] == levels and result.by == name and list(result.levels) == levels


def test_covariates_may_be_called_time_and_event():
    rng = np.random.default_rng(3)
    time, x = rng.exponential(10, 60), rng.normal(size=60)
    model = cox(time, np.ones(60), {"time": x, "event": rng.normal(size=60)}, unit="months")
    assert model.covariates == ("time", "event") and model.n == 60
    strata = cox(time, np.ones(60), {"x": x, "site": rng.choice(["a", "b"], 60)}, strata=["site"], unit="months")
    assert strata.covariates == ("x",) and strata.strata == ("site",)
    assert cox(time, np.ones(60), pd.Series(x, name="age")).covariates == ("age",)


def test_series_are_paired_by_their_labels():
    time, event, arm = pd.Series(TIME), pd.Series(EVENT), pd.Series(list("abab"))
    whole = kaplan_meier(time, event, arm, unit="months")
    for labels in ([0, 1, 2, 3], list("wxyz")):
        other = [values.set_axis(labels) for values in (time, event, arm)]
        turned = kaplan_meier(other[0], other[1].iloc[[2, 0, 3, 1]], other[2][::-1], unit="months")
        assert turned.to_dict() == whole.to_dict()
    ages = pd.DataFrame({"age": [50.0, 61, 70, 44]})
    assert cox(time, event[::-1], ages[::-1]).to_dict() == cox(time, event, ages).to_dict()
    same = kaplan_meier(time.set_axis([1, 1, 2, 2]), event.set_axis([1, 1, 2, 2]), list(arm), unit="months")
    assert same.to_dict() == whole.to_dict()  # labels that occur twice, but in the same order


# ---------------------------------------------------------------- bad input
@pytest.mark.parametrize(("said", "arrays"), [
    ("time has 2 values and event has 1", ([5, 6], [1])),
    ("time has 4 values and 'group' has 2", (TIME, EVENT, [1, 2])),
    ("time holds texts; make numbers of them", (["5", "6"], [1, 0])),
    ("time holds True and False", ([True, False], [1, 0])),
    ("time holds values of several types", (["a", 5], [1, 0])),
    ("time holds dates; a duration is needed", (pd.date_range("2020", periods=2), [1, 0])),
    ("time holds complex numbers", ([1j, 2], [1, 0])),
    ("time is negative at place 1", ([5, -1], [1, 0])),
    ("time is infinite at place 0", ([np.inf, 1], [1, 0])),
    ("time holds no values", ([], [])),
    ("time has 2 x 2 values in more than one dimension", (np.ones((2, 2)), [1, 0])),
    ("time has 4 x 1 values", (pd.DataFrame({"t": TIME}), EVENT)),
    ("time holds lists", ([[5], [6, 7]], [1, 0])),
    ("time is of the type int", (5, 1)),
    ("time is of the type str", ("abc", [1])),
    ("time is of the type set", ({1, 2}, [1, 0])),
    ("event is of the type NoneType", (TIME, None)),
    ("event holds 2 at place 1", ([5, 6], [1, 2])),
    ("event holds 0.5 at place 0", ([5, 6], [0.5, 1])),
    ("event holds -1 at place 1", ([5, 6], [1, -1])),
    ("event holds no known value", ([5, 6], [np.nan, np.nan])),
    ("time is negative at place 1", ([5, -0.5], [1, 0])),
    ("time holds no known value", ([np.nan, np.nan], [1, 0])),
    ("two categories that are written alike", (TIME, EVENT, pd.Categorical([1, "1", 1, "1"]))),
    ("event holds texts", ([5, 6], ["yes", "no"])),
    ("event holds categories", ([5, 6], pd.Categorical(["yes", "no"]))),
    ("by='arm': beside arrays, by is an array too", (TIME, EVENT, "arm")),
    ("by holds lists", (TIME, EVENT, [["a"], "b", "a", "b"])),
    ("'group' holds dates", (TIME, EVENT, pd.date_range("2020", periods=4))),
    ("have different labels", (pd.Series(TIME, index=[1, 2, 3, 4]), pd.Series(EVENT, index=[5, 3, 2, 1]))),
    ("have different labels", (pd.Series(TIME), pd.Series(EVENT, index=[1, 2, 3, 4]))),
    ("have different labels", (pd.Series(TIME, index=[1, 1, 2, 3]), pd.Series(EVENT, index=[1, 2, 3, 1]))),
    ("whose are the values of 'group'", (pd.Series(TIME), pd.Series(EVENT)[::-1], ["a", "b", "a", "b"])),
    ("'age' is a number with 9 different values; say where to cut it, as by=age > 54",
     (range(1, 10), [1] * 9, pd.Series(range(50, 59), name="age"))),
    ("'group' is a number with 9 different values", (range(1, 10), [1] * 9, np.arange(9) / 2)),
])  # fmt: skip
def test_bad_arrays_are_told_in_a_sentence(said, arrays):
    with pytest.raises(AnalysisError) as error:
        kaplan_meier(*arrays)
    assert said in str(error.value)


@pytest.mark.parametrize(("said", "covariates"), [
    ("time has 4 values and 'age' has 1", {"age": [1]}),
    ("two dimensions and no names", np.ones((4, 2))),
    ("names alone need a cohort in front", ["age", "arm"]),
    ("names alone need a cohort in front", "age"),
    ("'seen' holds dates", {"seen": pd.date_range("2020", periods=4)}),
    ("'x' is infinite at place 2", {"x": [1, 2, np.inf, 4]}),
    ("'x' holds complex numbers; give real numbers", {"x": [1j, 2, 3, 4]}),
    ("'x' holds lists", {"x": [[1]] * 4}),
    ("'n_sites' is what the number of a cohort's sites is called", {"n_sites": [1, 2, 1, 2]}),
    ("one occurs twice", pd.DataFrame([[1, 2]] * 4, columns=["x", "x"])),
])  # fmt: skip
def test_bad_covariates_are_told_in_a_sentence(said, covariates):
    with pytest.raises(AnalysisError) as error:
        cox(TIME, EVENT, covariates)
    assert said in str(error.value)


def test_a_unit_and_arrays_are_not_for_a_cohort():
    cohort = survival_cohort(TIME, EVENT)
    for call in (
        lambda: kaplan_meier(cohort, "T", unit="days"), lambda: kaplan_meier(cohort, EVENT),
        lambda: kaplan_meier(cohort, "T", ["a"] * 4), lambda: cox(cohort, "T", {"x": TIME}),
        lambda: cox(cohort, "T", ["time"], unit="days"),
    ):  # fmt: skip
        with pytest.raises(AnalysisError, match="beside a cohort, endpoints, groups and covariates are named"):
            call()
    with pytest.raises(AnalysisError, match="a unit is 'days', 'weeks', 'months' or 'years'"):
        kaplan_meier(TIME, EVENT, unit="month")
