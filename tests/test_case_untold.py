"""What isn't told of a patient's case: small numbers, living where the event isn't death, likeness without a field."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cohorts import SAMPLES, necc_cohort
from test_patient import eight

from necc.analysis.patient import case, like_fields, similar
from necc.analysis.patient.few import without_few, without_few_matches
from necc.analysis.patient.results import Received
from necc.analysis.proportions import exact_ci
from necc.core.errors import AnalysisError
from necc.ingest import entered, read_cohort
from necc.present import figures
from necc.present.tables import conditional_table, received_table, rule_table
from necc.present.words import case as case_words
from necc.present.words.reading import reading
from necc.report.case import case_report


@pytest.fixture(scope="module")
def sample():
    return read_cohort(SAMPLES / "reconstructed_cohort.csv")


# who was given what, of 12 alike and 7 others: 8 of 9 tells of one, 3 of 12 of three, 6 of 12 of nobody
def twelve(others=7):
    data = {
        "patient_id": [f"Q{i}" for i in range(13 + others)],
        "histology": ["small cell"] * 13 + ["large cell"] * others,
        "figo_2018": ["I"] * 8 + ["III"] * (5 + others),
        "prs_months": list(range(5, 18 + others)), "died": [0, *[1, 0] * 6, *[1] * others],
        "rec_chemotherapy": [None, *[1] * 8, 0, None, None, None, *[1] * others],
        "rec_radiation": [None, *[1] * 3, *[0] * 9, *[0] * others],
        "rec_surgery": [None, *[1] * 6, *[0] * 6, *[0] * others],
    }  # fmt: skip
    return necc_cohort(data)


def test_small_numbers_and_what_gives_them_away_are_hidden():
    fields = ["histology", "figo_2018"]
    shown, hidden = (case(twelve(), 1, fields, at_least=9, smallest_cell=n) for n in (0, 5))
    assert [(r.n, r.of) for r in shown.received] == [(8, 9), (3, 12), (6, 12)]
    assert [(r.n, r.of) for r in hidden.received] == [(6, 12)] and hidden.described
    assert "treatments that fewer than 5 patients received, or didn't, aren't told" in hidden.notes
    assert [step.n for step in shown.similar.steps] == [step.n for step in hidden.similar.steps] == [7, 12]
    most = case(twelve(others=3), 1, fields, at_least=9, smallest_cell=5)  # 12 of 15: the other 3 are too few
    assert not most.described and most.similar.n is None and most.similar_curve is None and not most.received
    with pytest.raises(AnalysisError, match="smallest cell must be 0"):
        case(twelve(), 1, smallest_cell=-1)


@pytest.mark.parametrize(("n", "of", "stays"), [(8, 9, False), (3, 12, False), (6, 12, True), (0, 9, True),
                                                (0, 4, False), (9, 9, True), (5, 9, False)])  # fmt: skip
def test_a_row_that_tells_of_few_is_hidden(n, of, stays):
    row = Received("a", "A", n, of, exact_ci(n, of))
    assert (without_few(row, 5) == row) is stays and without_few(row, 0) == row


def test_numbers_by_time_that_tell_of_few_go_alone():
    row = Received("a", "A", 10, 30, exact_ci(10, 30), 6.0, 8, 20)
    assert without_few(row, 2) == row  # 12, 10 and 2 are left
    assert without_few(row, 3) == replace(row, by=None, n_by=None, of_by=None)


def test_steps_don_t_tell_of_few_by_the_difference():
    found = similar(twelve(), 1, ["histology", "figo_2018"], at_least=9)
    assert [step.n for step in found.steps] == [7, 12]
    few = without_few_matches(replace(found, of=30, steps=(replace(found.steps[0], n=9), found.steps[1])), 5)
    assert [step.n for step in few.steps] == [None, 12] and few.hidden_below == 5  # 12 - 9 are 3
    table = rule_table(few)
    assert table.rows[0][1] == "<5" and any("would tell of so few" in note for note in table.notes)


def test_survival_from_a_time_on_hides_who_is_left(sample):
    one = case(sample, 2, smallest_cell=5)
    left = [row.n_at_risk for row in one.similar_conditional.rows]
    assert one.conditional is not None and left == [5, None, None]
    assert all(re.search(r"fewer than 5", row.note) for row in one.similar_conditional.rows[1:])
    assert case(sample, 1, smallest_cell=5).beyond is None and case(sample, 1).beyond == 2


# ---------------------------------------------------------------- an event that isn't death
def test_nothing_is_said_of_living_where_the_event_isnt_death():
    cohort = eight(
        died=[None] * 8, prs_months=[None] * 8, recurred=[0, *[1] * 7], ttr_months=[2, 10, 8, 20, 5, 30, 4, 9]
    )
    one = case(cohort, 1, [])
    assert (one.endpoint, one.of_death, one.had_event, one.retrospective) == ("TTR", False, False, False)
    assert (
        "the file has no time to death: the curves are of 'Time to recurrence' and tell nothing of survival"
        in one.notes
    )
    said = " ".join(reading(one))
    assert "stay free of the event" in said and not re.search(r"\b(live|alive)\b", said)
    assert "stay free of the event" in " ".join(case_words.messages(one).values())
    assert conditional_table(one).title == "Without the event from today on"


def test_who_has_had_the_event_is_looked_back_on():
    cohort = eight(died=[None] * 8, prs_months=[None] * 8)
    one = case(cohort, 1, [])
    assert one.had_event and one.retrospective and not one.died
    said = " ".join(reading(one))
    assert "has had the event: what followed for others is told looking back" in said and "from today" not in said
    assert "Event: 12.0 months" in figures.standing(one).alt
    assert case_words.FROM_TODAY not in " ".join(item.title for item in case_report(one).items)


def test_a_composite_is_no_death(sample):
    assert case(sample, 2).of_death and case(sample, 2, endpoint="OS").of_death
    assert not case(sample, 2, endpoint="TTR").of_death


# ---------------------------------------------------------------- nothing to compare by
def test_without_a_field_nobody_is_called_similar(sample):
    typed = entered(sample, {})
    one = case(sample, typed.cohort)
    said = " ".join(reading(one))
    assert said.startswith("Nothing is recorded by which to compare: the comparison is with all 88 others.")
    made = case_report(one)
    told = " ".join([said, *(i.title for i in made.items), *(n for i in made.items for n in limits_of(i)),
                     figures.standing(one).caption, *received_table(one).columns])  # fmt: skip
    assert "imilar" not in told and "left out" not in told and "was typed in" in told
    assert [i.title.partition(":")[0] for i in made.items] == [
        "The patient", "Post-recurrence survival among the others", "What others received", "Limits"
    ]  # fmt: skip
    assert "this patient's time under observation isn't recorded" in " ".join(made.problems)


def limits_of(item):
    return [text for _, texts in getattr(item.thing, "parts", ()) for text in texts]


def test_a_field_that_separates_nobody_is_left_out_of_the_rule():
    one = necc_cohort(
        {"patient_id": list("abcd"), "histology": ["small cell", "small cell", "large cell", "large cell"]},
        {"lung": [0, 1, 1, 0]},
    )
    assert like_fields(one) == ("site:lung", "histology")
    notes = similar(one, 1).notes
    assert any("Number of recurrent sites > 1: the same in all patients" in note for note in notes)


def test_too_few_then_tells_how_many_were_left(sample):
    note = case(sample, 1).notes[0]
    n = int((similar(sample, 1).patients.endpoint("PRS").time > case(sample, 1).since).sum())
    assert note.startswith(f"{n} similar patients were followed beyond this patient's time, 0 of them still 6 months")
