"""One patient within a cohort: her course, those like her, survival from today, and what the rule is worth.

Counts and scores of the sample are those that were found before the code was written; conditional survival is R's; the
cohort of eight is derived on paper.
"""

from __future__ import annotations

import json
from dataclasses import replace
from statistics import median

import numpy as np
import pandas as pd
import pytest
from cohorts import SAMPLES, cohort_of, necc_cohort
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.patient import (
    alone,
    beats_rule,
    case,
    course,
    courses,
    judge_rule,
    like_fields,
    others_than,
    predict_case,
    received,
    response_of_treated,
    similar,
)
from necc.analysis.patient.course import Clock
from necc.analysis.prediction import compare_models
from necc.analysis.survival import conditional_survival, kaplan_meier
from necc.cli import main
from necc.core.dictionary import Dictionary, Endpoint
from necc.core.errors import AnalysisError
from necc.core.guardrails import LEAST_CURVE, LEAST_TEST
from necc.ingest import entered, read_cohort

FILE = SAMPLES / "reconstructed_cohort.csv"
STRATA = ("site:abdominal", "number_of_sites_gt_1")


@pytest.fixture(scope="module")
def sample():
    return read_cohort(FILE)


def eight(**columns):
    """Eight patients; the first is the one who is asked about."""
    data = {
        "patient_id": [f"P{i}" for i in range(1, 9)],
        "histology": [*["small cell"] * 2, "large cell", *["small cell"] * 3, None, "small cell"],
        "figo_2018": ["I", "I", "I", "III", "I", "I", "I", "I"],
        "ttr_months": [12, 10, 8, 20, 5, 30, 4, 9],
        "recurred": [1] * 8,
        "prs_months": [6, 9, 12, 3, 15, 20, 7, 10],
        "died": [1, 0, 1, 1, 0, 1, 0, 1],
        "rec_chemotherapy": [1, 1, 0, 1, 1, None, None, 1],
        "ici": [0, 1, 1, 0, 0, 0, 0, None],
        "ici_start_months": [None, 2, 8, None, None, None, None, None],
        "best_response": [None, "PR", "SD", None, None, None, None, None],
        **columns,
    }  # fmt: skip
    sites = {
        "abdominal": [1, 1, 1, 1, 0, 0, 1, -1],
        "lung": [0, 0, 0, 1, 1, 0, 0, 0],
        "bone": [0, 0, 0, 0, 0, 1, 0, 0],
    }
    return necc_cohort(data, sites)


# ---------------------------------------------------------------- survival from a time on
# d <- read.csv("reconstructed_cohort.csv"); e <- subset(d, prs_months > s)
# summary(survfit(Surv(prs_months, died) ~ 1, e, conf.type = "log-log"), times = s + c(6, 12, 24))  # of each s below
# R 4.2.2, survival 3.5-3: surv, lower, upper, n.risk
R = {
    0: (88, [(0.891391497212, 0.801417845236, 0.942036458170, 69), (0.700660351268, 0.575131495915, 0.795511987636, 40),
             (0.439718584160, 0.299893636358, 0.570907192340, 17)]),
    6: (69, [(0.786029879642, 0.652639938171, 0.872985074766, 40), (0.703056686942, 0.559527461758, 0.807534734380, 31),
             (0.395188365961, 0.240911133362, 0.545767518070, 10)]),
    12: (40, [(0.894440154440, 0.742448665027, 0.959071484842, 31),
              (0.627577375207, 0.433654420262, 0.771217707792, 17),
              (0.395927491123, 0.204172727866, 0.582564504636, 7)]),
    18: (31, [(0.701642666747, 0.488852226125, 0.839100707991, 17),
              (0.562100287646, 0.343764503465, 0.732866852142, 10),
              (0.442653976521, 0.227117635921, 0.638858823479, 7)]),
    24: (17, [(0.801120448179, 0.498574456421, 0.931790874890, 10),
              (0.630882352941, 0.318518026079, 0.830718404542, 7),
              (0.630882352941, 0.318518026079, 0.830718404542, 6)]),
}  # fmt: skip


@pytest.mark.parametrize("since", R)
def test_conditional_survival_is_that_of_r(sample, since):
    n, rows = R[since]
    found = conditional_survival(sample, "PRS", since, (6, 12, 24))
    assert (found.n, found.n_start) == (n, 88)
    for row, (value, lower, upper, at_risk) in zip(found.rows, rows, strict=True):
        assert row.n_at_risk == at_risk
        estimate = row.estimate
        assert (estimate.value, estimate.lower, estimate.upper) == pytest.approx((value, lower, upper), abs=1e-11)


def test_conditional_survival_is_kaplan_meier_of_those_who_lived(sample):
    outcome = sample.endpoint("PRS")
    for since in (1.0, 7.5, 13.0):
        landmark = kaplan_meier(sample.subset(outcome.time > since), "PRS", times=[since + 9]).at_times[0]
        row = conditional_survival(sample, "PRS", since, [9]).rows[0]
        assert row.n_at_risk == landmark.n_at_risk
        assert row.estimate.value == pytest.approx(landmark.estimate.value, abs=1e-12)
        assert row.estimate.lower == pytest.approx(landmark.estimate.lower, abs=1e-12)


def test_conditional_survival_by_hand():
    others = others_than(eight(), alone(eight(), 1))
    # beyond 6: 7+, 9+, 10, 12, 15+, 20; four at risk at 10, three at 12: 3/4 * 2/3
    found = conditional_survival(others, "PRS", 6, [3, 6], least=1)
    assert (found.n, found.n_start) == (6, 7)
    assert [row.estimate.value for row in found.rows] == pytest.approx([1.0, 0.5])
    assert [row.n_at_risk for row in found.rows] == [5, 3]
    assert found.rows[0].note == "no event in this time" and found.rows[0].estimate.lower is None
    few = conditional_survival(others, "PRS", 6, [6]).rows[0]
    assert few.estimate.value is None and few.note.startswith("too few: 3 patients")


def test_who_ends_at_the_time_is_not_beyond_it_and_just_enough_are_enough():
    """Beyond 9 months are 10 (died), 12, 15 and 20: of P2, who was last seen at 9, nothing more is known."""
    enough, few = (conditional_survival(eight(), "PRS", 9, [1], least=least) for least in (4, 5))
    assert enough.n == few.n == 4 and enough.rows[0].n_at_risk == 4
    assert enough.rows[0].estimate.value == pytest.approx(3 / 4) and few.rows[0].estimate.value is None


def test_a_lower_level_has_a_narrower_interval(sample):
    wide, narrow = (conditional_survival(sample, "PRS", 6, [12], level=level).rows[0].estimate for level in (0.95, 0.8))
    assert wide.value == narrow.value and wide.lower < narrow.lower < narrow.upper < wide.upper


@pytest.mark.parametrize(("since", "ahead", "words"), [
    (-1, [6], "0 or more"), (float("nan"), [6], "0 or more"), (3, [0], "above 0"), (3, [float("inf")], "above 0"),
])  # fmt: skip
def test_times_that_are_none_are_refused(sample, since, ahead, words):
    with pytest.raises(AnalysisError, match=words):
        conditional_survival(sample, "PRS", since, ahead)


def test_nobody_lived_that_long(sample):
    found = conditional_survival(sample, "PRS", 500)
    assert found.n == 0 and all(row.estimate.value is None for row in found.rows)
    assert found.notes[-1] == "nobody was followed beyond 500.0 months"


# ---------------------------------------------------------------- those like her
@pytest.mark.parametrize(("fields", "middle", "few", "none"), [
    (STRATA, 19, 0, 0), (("site:abdominal", "site:lung", "number_of_sites_gt_1"), 13, 0.06, 0),
])  # fmt: skip
def test_matches_of_the_rules_on_the_sample(sample, fields, middle, few, none):
    n = [similar(sample, place, fields).steps[0].n for place in range(1, 89)]
    assert median(n) == middle
    assert np.mean(np.array(n) < 5) == pytest.approx(few, abs=0.005) and np.mean(np.array(n) == 0) == none


def test_the_four_strata_of_the_sample(sample):
    strata = {}
    for place in range(1, 89):
        found = similar(sample, place, STRATA, at_least=1)
        strata[tuple(c.value for c in found.used)] = found.n + 1
    assert strata == {("without", "≤ 1"): 35, ("without", "> 1"): 20, ("with", "≤ 1"): 14, ("with", "> 1"): 19}


def test_steps_by_hand():
    cohort = eight()
    found = similar(cohort, 1)
    assert [c.name for c in found.asked] == [
        "site:abdominal", "number_of_sites_gt_1", "site:lung", "histology", "figo_stage"
    ]  # fmt: skip
    # 2 is like her in all; 3 isn't in histology, which isn't recorded of 7; of 8 it isn't known whether abdominal
    assert [(s.n, s.n_unknown) for s in found.steps] == [(1, 2), (1, 2), (3, 1), (3, 1), (4, 1), (7, 0)]
    assert [c.name for c in found.dropped] == [
        "figo_stage", "histology", "site:lung", "number_of_sites_gt_1", "site:abdominal"
    ]  # fmt: skip
    assert found.used == () and found.of == 7 and "all others" in found.notes[0]
    three = similar(cohort, 1, at_least=3)
    assert [c.name for c in three.dropped] == ["figo_stage", "histology"] and three.n == 3
    assert three.patients.ids == ("P2", "P3", "P7") and three.notes == ()


def test_what_isnt_recorded_of_her_isnt_asked():
    found = similar(eight(), 7, at_least=3)
    assert found.dropped[0].name == "histology" and found.dropped[0].value is None
    assert "Histology: not recorded" in found.notes[0]
    assert [len(step.criteria) for step in found.steps][0] == 4


def test_a_rule_of_ones_own_and_its_errors(sample):
    found = similar(sample, 1, ["histology", "histology", "age_years>50"], at_least=1)
    assert [c.name for c in found.asked] == ["histology", "age_years>50"]
    with pytest.raises(AnalysisError, match="no variable 'histolgy'"):
        similar(sample, 1, ["histolgy"])
    with pytest.raises(AnalysisError, match="at least 1"):
        similar(sample, 1, at_least=0)
    with pytest.raises(AnalysisError, match="no patient 89"):
        similar(sample, 89)
    with pytest.raises(AnalysisError, match="which patient"):
        similar(sample, sample)


@settings(max_examples=40)
@given(place=st.integers(1, 88), at_least=st.integers(1, 90), data=st.data())
def test_properties_of_the_rule(sample, place, at_least, data):
    fields = data.draw(st.permutations(like_fields(sample)))[: data.draw(st.integers(0, 5))]
    found = similar(sample, place, fields, at_least)
    assert alone(sample, place).index[0] not in found.patients.index
    n = [step.n for step in found.steps]
    assert n == sorted(n) and n[-1] == found.n == len(found.patients)
    assert found.n >= min(at_least, found.of) and all(m < at_least for m in n[:-1])
    assert {*found.used} | {*found.dropped} == {*found.asked} and not {*found.used} & {*found.dropped}
    for criterion in found.used:
        factor = found.patients.factor(criterion.name)
        assert {factor.levels[c] for c in factor.codes} <= {criterion.value}


def test_the_order_of_rows_doesnt_matter(sample):
    data = pd.read_csv(FILE, dtype=str, keep_default_na=False)
    order = np.random.default_rng(1).permutation(len(data))
    shuffled = read_cohort(data.iloc[order].to_csv(index=False).encode(), "shuffled.csv")
    for place in (1, 20, 88):
        there = int(np.flatnonzero(order == place - 1)[0]) + 1
        one, other = case(sample, place), case(shuffled, there)
        assert [s.to_dict() for s in one.similar.steps] == [s.to_dict() for s in other.similar.steps]
        assert one.conditional == other.conditional and one.received == other.received
        assert {*one.similar.patients.ids} == {*other.similar.patients.ids}
    mine, theirs = judge_rule(sample, "PRS"), judge_rule(shuffled, "PRS")
    for one_row, other_row in zip(mine.rows, theirs.rows, strict=True):
        assert one_row.like_her == pytest.approx(other_row.like_her, abs=1e-12)


def test_she_is_left_out_of_a_cohort_read_again_or_filtered(sample):
    her = alone(sample, 5)
    again = read_cohort(FILE)
    assert len(others_than(again, her)) == 87 and 6 not in others_than(again, her).index
    assert len(others_than(sample.with_scheme("spread"), her)) == 87
    few = sample.subset(np.arange(88) < 4)
    assert len(others_than(few, her)) == 4
    assert not case(read_cohort(FILE).subset(np.arange(88) > 4), her).entered


def test_two_cohorts_of_no_file_are_two():
    one, other = (replace(c, source=replace(c.source, sha256="", file_sha256="")) for c in (eight(), eight()))
    assert len(others_than(one, alone(other, 1))) == 8 and len(others_than(one, alone(one, 1))) == 7


def test_a_field_that_is_recorded_of_nobody_is_none_of_the_rule(sample):
    assert "histology" in like_fields(eight()) and "histology" not in like_fields(eight(histology=[None] * 8))


def test_other_schemes_dictionaries_and_files_have_the_fields_that_they_have(sample):
    assert like_fields(sample.with_scheme("spread")) == ("number_of_sites_gt_1", "histology", "figo_stage")
    assert like_fields(read_cohort(FILE, dictionary=Dictionary.builtin("cervical")))[0] == "site:abdominal"
    old = necc_cohort({"figo_2008": ["I", "II"], "histology": ["small cell", None]})
    assert like_fields(old) == ("histology", "figo_stage_2008")
    plain = cohort_of({"time": [1, 2, 3], "event": [1, 0, 1], "g": ["a", "b", "a"]})
    found = similar(plain, 1)
    assert like_fields(plain) == () and found.n == 2 and found.steps[0].criteria == ()
    assert "no field to compare by" in found.notes[0]


# ---------------------------------------------------------------- the course
def test_a_course_by_hand():
    one = course(eight(), 2)
    assert (one.label, one.origin, one.unit, one.recurrence, one.last, one.dead) == (
        "Patient 1", "diagnosis", "months", 10, 19, False
    )  # fmt: skip
    assert one.place == 2 and one.patient_id == "P2" and one.row == 3
    assert [(e.lane, e.kind, e.what, e.start) for e in one.events] == [
        ("recurrence", "recurrence", "Abdominal organs", 10),
        ("treatment after recurrence", "given", "Chemotherapy after recurrence", None),
        ("timed treatment", "drug", "Immune checkpoint inhibitor", 12),
        ("response", "response", "PR, best response", None),
        ("follow-up", "diagnosis", "Diagnosis", 0),
        ("follow-up", "alive", "Alive when last seen", 19),
    ]
    shifted = course(eight(), 2, "recurrence")
    assert (shifted.recurrence, shifted.last) == (0, 9)
    assert {e.kind: e.start for e in shifted.events if e.kind in ("diagnosis", "drug")} == {"diagnosis": -10, "drug": 2}


def test_responses_and_progression_are_counted_from_the_treatment():
    cohort = eight(
        final_response=[None, "PD", *[None] * 6], time_to_response_months=[None, 1, *[None] * 6],
        response_followup_months=[None, 5, *[None] * 6], progressed=[None, 1, *[None] * 6],
    )  # fmt: skip
    events = {e.what: (e.start, e.end) for e in course(cohort, 2).events if e.lane in ("timed treatment", "response")}
    assert events == {
        "Immune checkpoint inhibitor": (12, 17), "PR, best response": (13, None),
        "PD, final response": (17, None), "Progression": (17, None),
    }  # fmt: skip


def test_a_treatment_that_lasted_no_time_ends_where_it_began():
    cohort = eight(response_followup_months=[None, 0, 5, *[None] * 5], progressed=[None, 1, *[None] * 6])
    drug, progression = (next(e for e in course(cohort, 2).events if e.kind == k) for k in ("drug", "progression"))
    assert (drug.start, drug.end, drug.doubt) == (12, 12, "") and progression.start == 12


def test_responses_at_one_time_stand_in_the_order_best_final_progression():
    cohort = eight(
        best_response=[None, "PD", "SD", *[None] * 5], final_response=[None, "PD", "PD", *[None] * 5],
        time_to_response_months=[None, 5, 3, *[None] * 5], response_followup_months=[None, 5, 3, *[None] * 5],
        progressed=[None, 1, 1, *[None] * 5],
    )  # fmt: skip
    for place, at, best in ((2, 17, "PD"), (3, 19, "SD")):
        answers = [(e.what, e.start) for e in course(cohort, place).events if e.lane == "response"]
        assert answers == [(f"{best}, best response", at), ("PD, final response", at), ("Progression", at)]


def test_a_patient_of_whom_nothing_is_recorded():
    one = course(necc_cohort({"patient_id": ["a"], "age_years": [None]}))
    assert [e.kind for e in one.events] == ["diagnosis"] and one.dead is None and one.last is None
    assert any("whether the patient has died" in lack for lack in one.lacks)
    only = course(necc_cohort({"patient_id": ["a"], "prs_months": [7], "died": [0]}))
    assert only.origin == "recurrence" and only.last == 7 and only.recurrence == 0
    assert any("from diagnosis to first recurrence" in lack for lack in only.lacks)


def test_nobody_is_said_to_have_died_or_lived_who_isnt_known_to():
    one = course(eight(died=[1, None, 1, 1, 0, 1, 0, 1]), 2)
    assert one.dead is None and one.last == 19 and one.events[-1].kind == "last seen"
    assert not case(eight(died=[1, None, 1, 1, 0, 1, 0, 1]), 2).retrospective


def test_freedom_from_recurrence_is_no_recurrence_and_no_time_of_death():
    def of(**known):
        return course(necc_cohort({"ttr_months": [5], **{name: [value] for name, value in known.items()}}))

    alive, dead, back = of(recurred=0, died=0), of(recurred=0, died=1), of(recurred=1, died=0)
    assert (alive.recurrence, alive.last, alive.dead) == (None, 5, False)
    assert (dead.recurrence, dead.last, dead.dead) == (None, None, True)
    assert "not recorded: the time of death" in dead.lacks
    assert (back.recurrence, back.last) == (5, None)


def test_dates_and_days_give_the_same_course_as_months():
    dated = necc_cohort({
        "diagnosis_date": [pd.Timestamp("2020-01-01")], "first_recurrence_date": [pd.Timestamp("2021-01-01")],
        "death_date": [pd.Timestamp("2021-07-01")], "last_followup_date": [pd.Timestamp("2021-07-01")],
    })  # fmt: skip
    one = course(dated)
    assert one.dead is True and one.recurrence == pytest.approx(366 / 30.4375) and one.events[-1].kind == "death"
    assert one.last == pytest.approx(547 / 30.4375)
    assert "2020" not in json.dumps(one.to_dict())
    known = Dictionary.builtin()
    days = {"TTR": "days", "PRS": "months", "OS": "years"}
    mixed = replace(known, endpoints={n: replace(e, unit=days.get(n, e.unit)) for n, e in known.endpoints.items()})
    units = cohort_of({"ttr_months": [12], "recurred": [1], "prs_months": [12], "died": [0], "os_months": [24]},
                      dictionary=mixed)  # fmt: skip
    assert course(units).unit == "years"
    assert (course(units).recurrence, course(units).last) == pytest.approx((1, 2))


def test_impossible_orders_are_marked():
    cohort = eight(os_months=[18, 19, 20, 23, 20, 12, 11, 40], ici_start_months=[None, 2, 30, *[None] * 5],
                   final_response=[None, "CR", *[None] * 6])  # fmt: skip
    every = courses(cohort)
    assert not every[0].doubts
    assert any("worse than" in doubt for doubt in every[1].doubts)  # PR as best, CR as final
    drug = next(e for e in every[2].events if e.kind == "drug")
    assert "shorter than" in drug.doubt  # 30 months after the recurrence, followed for 12
    late = next(e for e in every[5].events if e.kind == "recurrence")
    assert "Overall survival shorter than time to recurrence" in late.doubt  # 30 and 12
    assert any("don't add up" in doubt for doubt in every[7].doubts)  # 9 and 10 aren't 40


def test_progression_after_the_death_and_response_after_the_end_are_marked():
    cohort = eight(time_to_response_months=[None, 3, 5, *[None] * 5], progressed=[None, None, 1, *[None] * 5],
                   response_followup_months=[None, 1, 30, *[None] * 5])  # fmt: skip
    response = next(e for e in course(cohort, 2).events if e.kind == "response")
    assert "shorter than time to response" in response.doubt
    events = course(cohort, 3).events  # the treatment began at 16, and lasted 30 months; she died at 20
    assert [e.doubt for e in events if e.kind == "drug"] == ["after the death"]
    progression = next(e for e in events if e.kind == "progression")
    assert progression.start == 46 and "together last longer than" in progression.doubt


def test_a_start_before_the_diagnosis_is_marked():
    one = course(eight(ici_start_months=[None, -15, *[None] * 6]), 2)
    assert next(e for e in one.events if e.kind == "drug").doubt == "before the diagnosis"
    assert any("before the diagnosis" in doubt for doubt in one.doubts)


def test_who_was_last_seen_alive_has_no_death_to_be_after():
    cohort = eight(
        ici=[0, 1, 0, 0, 1, 0, 0, 0], ici_start_months=[None, 2, None, None, 2, *[None] * 3],
        died=[1, None, 1, 1, 0, 1, 0, 1], response_followup_months=[None, 9, None, None, 30, *[None] * 3],
    )  # fmt: skip
    found = [next(e.doubt for e in course(cohort, place).events if e.kind == "drug") for place in (2, 5)]
    assert found == ["after the last contact"] * 2


def test_what_has_no_time_is_last_in_its_lane():
    cohort = eight(final_response=[None, "PD", *[None] * 6], response_followup_months=[None, 5, *[None] * 6])
    answers = [(e.what, e.start) for e in course(cohort, 2).events if e.lane == "response"]
    assert answers == [("PD, final response", 17), ("PR, best response", None)]


def test_a_start_between_diagnosis_and_recurrence_is_not_before_the_diagnosis():
    early = eight(ici_start_months=[None, -5, *[None] * 6])
    for origin, start in (("diagnosis", 5), ("recurrence", -5)):
        drug = next(e for e in course(early, 2, origin).events if e.kind == "drug")
        assert (drug.start, drug.doubt) == (start, "")


def test_a_treatment_that_is_counted_from_diagnosis_stays_there():
    cohort = eight(ici_start_months=[None, 14, *[None] * 6])
    known = cohort.dictionary
    start = replace(known.variables["ici_start_months"], from_dates=("diagnosis_date", "ici_start_date"))
    counted = replace(cohort, dictionary=known.with_variables({start.name: start}), _cache={})
    for origin, at in (("diagnosis", 14), ("recurrence", 4)):
        assert next(e.start for e in course(counted, 2, origin).events if e.kind == "drug") == at


def test_a_recurrence_that_is_denied_is_none_and_one_that_a_time_tells_is_one():
    def kinds(**columns):
        return [e.kind for e in course(necc_cohort({"prs_months": [5], "died": [0], **columns})).events]

    assert "recurrence" in kinds() and "recurrence" in kinds(recurred=[None])
    assert "recurrence" not in kinds(recurred=[0])


def test_no_identifier_row_or_place_in_json(sample):
    text = json.dumps({**course(sample, 2).to_dict(), "case": case(sample, 2).to_dict()})
    assert "SYN-" not in text and '"row"' not in text and '"place"' not in text


@pytest.mark.parametrize("origin", ["diagnosis", "recurrence"])
def test_every_course_of_the_sample_is_in_order(sample, origin):
    for one in courses(sample, origin):
        starts = [e.start for e in one.events if e.lane == "response" and e.start is not None]
        assert starts == sorted(starts)
        assert all(e.end is None or e.start is None or e.end >= e.start for e in one.events)
    with pytest.raises(AnalysisError, match="origin .birth. is not one of diagnosis or recurrence"):
        courses(sample, "birth")


# ---------------------------------------------------------------- the case
def test_a_case_by_hand():
    one = case(eight(), 1, at_least=3)
    assert (one.since, one.retrospective, one.entered, one.endpoint) == (6, True, False, "PRS")
    assert one.to_dict()["retrospective"] is True and case(eight(), 2).to_dict()["retrospective"] is False
    assert one.sites == ("abdominal",) and one.facts[0] == ("Histology", "small cell")
    assert one.whole_curve is not None and one.whole_curve.n == 7
    assert one.similar_curve is None and len(one.fared) == 3 < LEAST_CURVE  # P2, P3, P7
    assert one.similar_conditional is None
    assert one.notes[0].startswith("Chemotherapy after recurrence: when it was given isn't recorded")
    chemotherapy, drug = one.received
    assert (chemotherapy.n, chemotherapy.of) == (1, 2)  # of P7 it isn't recorded
    # beyond 6 months all three were followed; P2 had started by then, P3 at 8 months
    assert (drug.n, drug.of, drug.by, drug.n_by, drug.of_by) == (2, 3, 6, 1, 3)
    assert one.response is not None and (one.response.n, one.response.of) == (1, 2)  # PR and SD
    # a response of who wasn't treated, and a treated patient without one, are in neither number
    more = eight(ici=[0, 1, 1, 0, 0, 0, 1, None], best_response=[None, "PR", "SD", None, "CR", None, None, None])
    found = response_of_treated(more)
    assert found is not None and (found.n, found.of) == (1, 2)


def test_a_case_is_told_at_the_times_that_are_asked_for(sample):
    one = case(sample, 2, ahead=[3, 9])
    assert one.conditional == conditional_survival(one.others, "PRS", one.since, [3, 9])
    assert one.similar_conditional is not None and [row.ahead for row in one.similar_conditional.rows] == [3, 9]
    assert case(sample, 2, ahead=[]).conditional is None


def test_who_is_counted_by_her_time():
    """Beyond 9 months are P3, P5, P6 and P8: P2 was seen at 9, of P5 no start is recorded, of P8 not whether."""
    cohort = eight(ici=[0, 1, 1, 0, 1, 0, 0, None], ici_start_months=[None, 2, 9, *[None] * 5])
    drug = received(cohort, "PRS", 9)[-1]
    assert (drug.n, drug.of, drug.by, drug.n_by, drug.of_by) == (3, 7, 9, 1, 2)
    assert received(cohort, "PRS", 8.9)[-1].n_by == 1  # P2 by 2 months, P3 not before 9
    assert received(cohort, "PRS")[-1].n_by is None and received(cohort, "TTR", 5)[-1].n_by == 0
    # on overall survival she counts from diagnosis: P3's 9 months are 17, and she died at 20
    on_os = eight(os_months=[18, 19, 20, 23, 20, 50, 11, 19], ici=[0, 1, 1, 0, 0, 0, 0, None],
                  ici_start_months=[None, 2, 9, *[None] * 5])  # fmt: skip
    assert [(r.n_by, r.of_by) for r in (received(on_os, "OS", at)[-1] for at in (16.5, 17))] == [(1, 6), (2, 6)]


def test_who_had_begun_is_asked_in_the_unit_of_each_endpoint():
    """Survival in years, survival after recurrence in days, the start in months: P2's 2 are 61 days, P3's 9 are 274."""
    known = Dictionary.builtin()
    units = {"OS": "years", "PRS": "days"}
    mixed = replace(known, endpoints={n: replace(e, unit=units.get(n, e.unit)) for n, e in known.endpoints.items()})
    cohort = cohort_of(
        {"ttr_months": [12, 10, 8], "recurred": [1, 1, 1], "prs_months": [24, 24, 24], "died": [1, 0, 1],
         "os_months": [36, 36, 36], "ici": [0, 1, 1], "ici_start_months": [None, 2, 9]}, dictionary=mixed,
    )  # fmt: skip
    assert Clock(cohort).unit == "years"
    found = [received(cohort, "PRS", since)[-1] for since in (60, 61, 273, 274)]
    assert [(r.by, r.n_by, r.of_by) for r in found] == [(60, 0, 3), (61, 1, 3), (273, 1, 3), (274, 2, 3)]
    # from diagnosis, in years: P2 began at 12 months, P3 at 17
    assert [received(cohort, "OS", since)[-1].n_by for since in (0.99, 1.01, 1.41, 1.42)] == [0, 1, 1, 2]


def test_who_began_at_the_time_had_begun_whatever_the_last_digit():
    cohort = necc_cohort({"ttr_months": [1.1], "recurred": [1], "os_months": [9], "died": [0], "prs_months": [7.9],
                          "ici": [1], "ici_start_months": [2.2]})  # fmt: skip
    assert 1.1 + 2.2 > 3.3 and [received(cohort, "OS", since)[-1].n_by for since in (3.2, 3.3)] == [0, 1]


def test_five_have_a_curve_and_four_have_courses():
    five = case(eight(), 1, ["site:lung"], at_least=1)
    assert five.similar.n == 5 and five.similar_curve is not None and not five.fared
    four = case(eight(), 1, ["site:abdominal"], at_least=1)
    assert four.similar.n == 4 and four.similar_curve is None and len(four.fared) == 4


def test_she_herself_is_in_no_number_of_the_others(sample):
    one = case(sample, 2)
    assert one.whole_curve is not None and one.conditional is not None
    assert (one.whole_curve.n, one.conditional.n_start, len(one.others)) == (87, 87, 87)


def test_only_what_somebody_received_lacks_its_time():
    nobody = eight(rec_chemotherapy=[1, *[0] * 7])
    assert not any("Chemotherapy" in note for note in case(nobody, 1, at_least=3).notes)


def test_those_like_her_stand_on_her_own_axis():
    typed = entered(eight(), {"histology": "small cell", "prs_months": 6, "sites": "liver"}).cohort
    assert typed is not None
    one = case(eight(), typed, STRATA[:1] + ("histology",), at_least=1)
    assert one.course.origin == "recurrence" and {c.origin for c in one.fared} == {"recurrence"}


def test_treatments_are_no_facts_and_sites_are_told_only_where_all_are_known():
    cohort = eight(radical_surgery=[1] * 8)
    assert not any("surgery" in label.lower() for label, _ in case(cohort, 1).facts)
    abdominal = {"abdominal": [0, 0, -1, 1, -1], "lung": [0, 0, 0, 0, 1]}
    some = necc_cohort({"patient_id": [*"abcde"], "prs_months": [3, 4, 5, 6, 7], "died": [1] * 5}, abdominal)
    assert [case(some, place).sites for place in (1, 3, 4, 5)] == [(), None, ("abdominal",), ("lung",)]


def test_small_groups_are_not_described():
    one = case(eight(), 1, at_least=3, smallest_cell=5)
    assert one.received == () and one.fared == () and one.response is None and one.similar_conditional is None
    assert "fewer than 5 patients are similar, or all but so few: they aren't described" in one.notes
    assert case(eight(), 1, at_least=3, smallest_cell=0).received


def test_a_curve_needs_five(sample):
    for place in range(1, 89):
        one = case(sample, place, at_least=1)
        n = one.similar.patients.endpoint("PRS").n
        assert (one.similar_curve is None) == (n < LEAST_CURVE) == bool(one.fared or not one.similar.n)
    assert LEAST_TEST == 10


@pytest.mark.parametrize("columns", [
    {"patient_id": ["a"], "prs_months": [3], "died": [0]},
    {"patient_id": ["a", "b"], "histology": ["small cell", None]},
    {"prs_months": [3, 5, 9], "died": [1, 1, 1]},
    {"prs_months": [None, None], "died": [None, None], "age_years": [40, None]},
    {"histology": [None, None], "recurred": [None, None]},
    {"ttr_months": [5, 7], "recurred": [0, 0]},
], ids=["one", "no endpoint", "all dead", "no times", "nothing", "no recurrence"])  # fmt: skip
def test_odd_cohorts_have_a_case(columns):
    cohort = necc_cohort(columns)
    for place in range(1, len(cohort) + 1):
        one = case(cohort, place)
        assert one.similar.of == len(cohort) - 1 and one.sites is None
        json.dumps(one.to_dict(), allow_nan=False)
        courses(cohort)


def test_own_columns_have_a_case():
    cohort = cohort_of({"time": [1, 2, 3, 4, 5, 6, 7], "event": [1, 0, 1, 1, 0, 1, 1], "g": [*"abababa"]},
                       endpoints=[Endpoint("T", "Time", "entry", time="time", event="event")])  # fmt: skip
    one = case(cohort, 2, ["g"], at_least=3)
    assert (one.endpoint, one.since) == ("T", 2) and [step.n for step in one.similar.steps] == [2, 6]
    assert one.whole_curve is not None
    assert [(e.what, e.start) for e in one.course.events] == [("Last seen", 2)] and one.course.dead is None
    assert [e.what for e in course(cohort, 1).events] == ["Time: the event"]
    assert "times are counted from entry" in " ".join(one.course.lacks)


# ---------------------------------------------------------------- typed in
def test_a_typed_patient_is_compared_with_everybody(sample):
    typed = entered(sample, {"Histology": "SCNEC", "sites": ["lung", "liver"], "prs_months": 12, "ttr_months": 10})
    assert typed.cohort is not None and typed.findings == ()
    one = case(sample, typed.cohort)
    assert one.entered and one.similar.of == 88 and one.since == 12 and not one.retrospective
    assert one.sites == ("lung", "abdominal") and one.organs == ("lung", "liver") and one.course.dead is False
    assert [c.value for c in one.similar.asked] == ["with", "> 1", "with", "small cell", None]
    assert one.conditional is not None and one.conditional.rows[1].estimate.value == pytest.approx(R[12][1][1][0])


def test_a_typed_twin_finds_what_the_patient_finds(sample):
    for place in (3, 30, 60):
        her = alone(sample, place)
        row = her.table.iloc[0]
        values = {n: row[n] for n in her.columns if n not in ("patient_id", "synthetic") and not pd.isna(row[n])}
        typed = entered(sample, values)
        assert typed.cohort is not None, typed.problems
        mine, twin = similar(sample, place, at_least=30), similar(sample, typed.cohort, at_least=30)
        assert [c.value for c in mine.asked] == [c.value for c in twin.asked]
        own = course(sample, place)
        other = course(typed.cohort)
        assert [(e.what, e.start) for e in own.events] == [(e.what, e.start) for e in other.events]


@pytest.mark.parametrize(("values", "words"), [
    ({"histology": "smal cell"}, "did you mean 'small cell'"), ({"age_years": 430}, "outside 1 to 120"),
    ({"Lung": "maybe"}, "not yes or no"), ({"histolog": "x"}, "did you mean 'histology'"),
    ({"sites": "lnug"}, "'lnug' is no site or organ; did you mean 'lung'"),
    ({"age": 40, "age_years": 50}, "given twice"), ({"prs_months": "seven"}, "seven"),
    ({"ttr_months": 20, "os_months": 10}, "one of the two is wrong"),
])  # fmt: skip
def test_what_a_file_would_be_refused_for_is_refused(sample, values, words):
    typed = entered(sample, values)
    assert typed.cohort is None and any(words in problem for problem in typed.problems)
    assert not any("row" in problem for problem in typed.problems)


def test_all_problems_are_told_at_once(sample):
    assert len(entered(sample, {"age_years": 430, "Lung": "maybe", "foo": 1}).problems) == 3


def test_nothing_typed_is_a_patient_of_whom_nothing_is_known(sample):
    typed = entered(sample, {"histology": " ", "age_years": None, "prs_months": float("nan")})
    assert typed.cohort is not None and case(sample, typed.cohort).since is None
    assert entered(sample, {"prs_months": 4}, alive=False).cohort.flag("recurred")[0] == 1
    assert course(entered(sample, {"prs_months": 4}, alive=False).cohort).dead is None


def test_a_drug_that_nobody_had_may_be_typed(sample):
    typed = entered(sample, {"ici": True, "ici_agent": "Cemiplimab", "sites": "lung", "prs_months": 3})
    assert typed.cohort is not None
    assert any(e.what.endswith("Cemiplimab") for e in course(typed.cohort).events)


# ---------------------------------------------------------------- what the rule is worth
def test_the_rule_is_judged_as_it_was_measured(sample):
    judged = judge_rule(sample, "PRS", STRATA)
    assert [round(row.everybody, 3) for row in judged.rows] == [0.216, 0.257]
    assert [round(row.like_her, 3) for row in judged.rows] == [0.225, 0.247]
    own = judge_rule(sample, "PRS")
    assert own.better_at == () and own.rows[0].like_her > own.rows[0].everybody and own.fields == like_fields(sample)


def test_a_judgement_by_hand():
    """Each other patient's curve, multiplied out one by one."""
    time, event = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), np.array([1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0])
    cohort = cohort_of({"time": time.tolist(), "event": event.tolist(), "g": [*"aabbaabbaabb"]})
    row = judge_rule(cohort, "T", ["g"], 3, times=[7.5]).rows[0]
    assert row.note == "" and row.n_at_risk == 5

    def survival(who):
        s = 1.0
        for t in sorted(t for t in time[who] if t <= 7.5):
            at_risk = (time[who] >= t).sum()
            s *= 1 - ((time[who] == t) & (event[who] == 1)).sum() / at_risk
        return s

    def stays(at):
        g = 1.0
        for t in sorted(set(time[time <= at])):
            g *= 1 - ((time == t) & (event == 0)).sum() / ((time > t) | ((time == t) & (event == 0))).sum()
        return g

    level = np.array([*"aabbaabbaabb"])
    scores = []
    for same in (False, True):
        parts = []
        for i in range(12):
            who = (np.arange(12) != i) & ((level == level[i]) | (not same))
            s = survival(who)
            parts.append(s**2 / stays(time[i]) if time[i] <= 7.5 and event[i] else
                         (1 - s) ** 2 / stays(7.5) if time[i] > 7.5 else 0.0)  # fmt: skip
        scores.append(np.array(parts))
    assert (row.everybody, row.like_her) == pytest.approx(tuple(s.mean() for s in scores), abs=1e-12)
    apart = scores[1] - scores[0]
    reach = 1.959963984540054 * np.sqrt(((apart - apart.mean()) ** 2).sum() / 11 / 12)
    found = row.difference
    ends = (apart.mean(), apart.mean() - reach, apart.mean() + reach)
    assert (found.value, found.lower, found.upper) == pytest.approx(ends, abs=1e-12) and found.level == 0.95


def test_a_judgement_of_few_and_of_many(sample):
    few = judge_rule(eight(), "PRS")
    assert all(row.everybody is None and row.note.startswith("too few") and not row.better for row in few.rows)
    rng = np.random.default_rng(3)
    n = 2_500
    group = rng.integers(0, 2, n)
    time = rng.exponential(np.where(group == 1, 4.0, 30.0))
    cohort = cohort_of({"time": np.minimum(time, 40).tolist(), "event": (time < 40).astype(int).tolist(),
                        "g": [f"g{v}" for v in group]})  # fmt: skip
    judged = judge_rule(cohort, "T", ["g"], times=[6])
    assert (
        judged.n_judged == 300
        and judged.n == n
        and judged.better_at == (6,)
        and "left out one by one" in judged.notes[-1]
    )
    with pytest.raises(AnalysisError, match="above 0"):
        judge_rule(sample, "PRS", times=[0])
    with pytest.raises(AnalysisError, match="at least 1"):
        judge_rule(sample, "PRS", at_least=0)


def test_a_prediction_stands_only_where_it_beats_the_rule(sample):
    weak = compare_models(sample, "PRS", ["n_sites"], models=["cox"], folds=3, repeats=1, importance=False)
    judged = judge_rule(sample, "PRS")
    one = case(sample, 2)
    assert beats_rule(weak, judged) is None and predict_case(one, weak, judged) is None
    with pytest.raises(AnalysisError, match="compared for PRS"):
        beats_rule(weak, judge_rule(sample, "OS"))
    rng = np.random.default_rng(5)
    x = rng.normal(size=240)
    time = rng.exponential(10 * np.exp(-1.5 * x))
    strong = necc_cohort({"age_years": (50 + 8 * x).tolist(), "prs_months": np.minimum(time, 60).tolist(),
                          "died": (time < 60).astype(int).tolist()})  # fmt: skip
    compared = compare_models(strong, "PRS", ["age_years"], models=["cox"], folds=3, repeats=3, importance=False)
    rule, her = judge_rule(strong, "PRS"), case(strong, 7)
    assert beats_rule(compared, rule).name == "cox"
    shown = predict_case(her, compared, rule, bootstraps=20)
    assert shown is not None and shown.left_out and shown.n == 239
    unknown = entered(strong, {"prs_months": 3})
    assert predict_case(case(strong, unknown.cohort), compared, rule, bootstraps=20) is None
    better = replace(rule, rows=tuple(
        replace(row, like_her=row.everybody * 0.01, difference=replace(row.difference, value=-1, lower=-1, upper=-0.5))
        for row in rule.rows
    ))  # fmt: skip
    assert beats_rule(compared, better) is None  # a rule that takes nearly all of the score away


# ---------------------------------------------------------------- the command
def test_the_command_tells_what_the_core_tells(sample, capsys):
    assert main(["patient", str(FILE), "--place", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    one = case(sample, 2)
    assert told["similar"]["n"] == one.similar.n and told["since"] == one.since
    assert told["conditional"]["rows"][1]["estimate"] == one.conditional.rows[1].estimate.value
    assert told["rule_judged"]["rows"][0]["everybody"] == judge_rule(sample, "PRS").rows[0].everybody
    assert main(["patient", str(FILE), "--patient", "SYN-002"]) == 0
    text = capsys.readouterr().out
    assert "Similar patients: n 13 of 87" in text and "SYN-" not in text
    assert main(["patient", str(FILE), "--row", "3", "--like", "site:abdominal,number_of_sites_gt_1"]) == 0
    assert "Similar patients: n 13 of 87" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["--patient", "nobody"], 1, "no patient of this identifier"), (["--row", "500"], 1, "no patient in row 500"),
    (["--typed", "histology=smal cell"], 1, "did you mean"), (["--typed", "histology"], 2, "NAME=VALUE"),
    (["--typed", "age=3", "--typed", "age=4"], 2, "twice"), (["--place", "1", "--like", "nothing"], 1, "no variable"),
])  # fmt: skip
def test_what_the_command_refuses(arguments, code, words, capsys):
    assert main(["patient", str(FILE), *arguments]) == code
    assert words in capsys.readouterr().err


def test_a_typed_patient_on_the_command_line(capsys):
    arguments = ["--typed", "histology=small cell", "--typed", "sites=lung, liver", "--typed", "prs_months=7"]
    assert main(["patient", str(FILE), *arguments, "--at-least", "3"]) == 0
    assert "of 88" in capsys.readouterr().out
