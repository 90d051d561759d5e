"""What a file leaves open: asked by every door, answered once, kept in the mapping."""

from __future__ import annotations

import json

import pytest

from necc.cli import main
from necc.core.dictionary import Dictionary
from necc.core.errors import CohortError
from necc.ingest import Mapping, inspect, open_file, read_cohort
from necc.ingest.questions import answered, questions
from necc.ingest.suggest import suggest_mapping

NECC = Dictionary.builtin()
CODED = "patient_id,prs_months,died\nP1,3,1\nP2,4,2\nP3,5,2\n"
DATED = "patient_id,prs_months,died,diagnosis_date\nP1,3,1,03/04/2019\nP2,4,0,05/06/2018\n"
SPREAD = "patient_id,prs_months,died,lung\nP1,3,1,2\nP2,4,0,1\nP3,5,0,1\n"
UNITLESS = "patient_id,overall_survival,died\nP1,130,1\nP2,140,0\nP3,150,0\n"


def guessed(text: str) -> Mapping:
    return suggest_mapping(open_file(text.encode(), "c.csv").raw, NECC)


@pytest.mark.parametrize(
    ("text", "key", "names"),
    [
        (CODED, "event:died", {"1", "2"}),
        (DATED, "date-order:diagnosis_date", {"day-month", "month-day"}),
        (SPREAD, "yes:lung", {"1", "2"}),
        (UNITLESS, "unit:overall_survival", {"days", "weeks", "months", "years"}),
    ],
)
def test_a_decisive_question_refuses_until_it_is_answered(text, key, names):
    mapping = guessed(text)
    asked = inspect(text.encode(), "c.csv", mapping=mapping)
    question = next(q for q in asked.questions if q.key == key)
    assert not asked.accepted and question.decisive and {a.name for a in question.answers} == names
    refusal = next(f for f in asked.findings if f.severity == "error" and f.column == question.column)
    assert f'--answer "{key}=' in refusal.message
    for name in names - {"years"}:
        result = inspect(text.encode(), "c.csv", mapping=mapping, answers=(f"{key}={name}",))
        assert result.accepted and not result.questions, result.findings
        kept = Mapping.from_toml(result.mapping.to_toml())
        again = inspect(text.encode(), "c.csv", mapping=kept)
        assert again.accepted and again.cohort.source.sha256 == result.cohort.source.sha256


@pytest.mark.parametrize(("name", "events"), [("1", [True, False, False]), ("2", [False, True, True])])
def test_codes_are_answered_on_the_command_line(tmp_path, capsys, name, events):
    path = tmp_path / "c.csv"
    path.write_text(CODED)
    assert main(["km", str(path), "--endpoint", "PRS"]) == 1
    assert f'--answer "event:died={name}"' in capsys.readouterr().err
    assert main(["km", str(path), "--endpoint", "PRS", "--json", "--answer", f"event:died={name}"]) == 0
    assert json.loads(capsys.readouterr().out)["n_events"] == sum(events)


def test_an_answer_that_nothing_asks_is_refused():
    for answer, words in (
        ("event:died=7", "is answered with '2' or '1'"),
        ("event:dead=1", "it asks about 'event:died'"),
        ("nonsense", "it asks about 'event:died'"),
    ):
        with pytest.raises(CohortError) as error:
            read_cohort(CODED.encode(), "c.csv", answers=(answer,))
        assert any(words in f.message for f in error.value.findings)


def test_answers_come_in_any_order_and_one_may_open_the_next():
    text = "patient_id,os_days,status,lung\n" + "".join(f"P{i},{i + 3},{i % 3},{i % 2 + 1}\n" for i in range(9))
    raw = open_file(text.encode(), "c.csv").raw
    mapping = suggest_mapping(raw, NECC)
    keys = [q.key for q in questions(raw, NECC, mapping)]
    wanted = [f"{k}={q.answers[0].name}" for k, q in zip(keys, questions(raw, NECC, mapping), strict=True)]
    assert answered(raw, NECC, mapping, wanted)[0].key() == answered(raw, NECC, mapping, wanted[::-1])[0].key()


def test_a_code_beside_the_mappings_is_asked_alone():
    text = "patient_id,prs_months,died\nP1,3,1\nP2,4,2\nP3,5,7\n"
    mapping = answered(open_file(CODED.encode(), "c.csv").raw, NECC, guessed(CODED), ("event:died=2",))[0]
    for name, events, n in (("event", 2, 3), ("no-event", 1, 3), ("missing", 1, 2)):
        cohort = read_cohort(text.encode(), "c.csv", mapping=mapping, answers=(f"event:died={name}",))
        endpoint = cohort.endpoint("PRS")
        assert (int(endpoint.event.sum()), int(endpoint.valid.sum())) == (events, n)


# ---------------------------------------------------------------- blank cells
BLANKS = {
    "died": ("patient_id,prs_months,died\nP1,3,1\nP2,4,\nP3,5,1\nP4,6,\n", "blank:died"),
    "yes": ("patient_id,prs_months,died\nP1,3,yes\nP2,4,\nP3,5,yes\nP4,6,\n", "blank:died"),
    "ici": ("patient_id,ici\nP1,1\nP2,\nP3,1\nP4,\n", "blank:ici"),
    "agent": ("patient_id,ici_agent\nP1,pembrolizumab\nP2,\nP3,nivolumab\nP4,\n", "blank:ici_agent"),
}


@pytest.mark.parametrize("name", BLANKS)
def test_blank_cells_that_decide_are_asked_and_both_answers_are_kept(name):
    text, key = BLANKS[name]
    refused = inspect(text.encode(), "c.csv")
    assert not refused.accepted and [q.key for q in refused.questions] == [key]
    assert "(2 patients)" in refused.questions[0].text
    for answer, n, yes in (("no", 4, 2), ("unknown", 2, 2)):
        result = inspect(text.encode(), "c.csv", answers=(f"{key}={answer}",))
        flag = result.cohort.factor("died" if "died" in key else "ici")
        counts = dict(zip(flag.levels, flag.counts(), strict=True))
        assert (sum(counts.values()), counts["yes"]) == (n, yes)
        kept = Mapping.from_toml(result.mapping.to_toml())
        again = inspect(text.encode(), "c.csv", mapping=kept)
        assert again.accepted and not again.questions


def test_a_yes_that_decides_nothing_is_asked_without_a_refusal():
    text = "patient_id,steroids\nP1,yes\nP2,\nP3,yes\n"
    result = inspect(text.encode(), "c.csv")
    assert result.accepted and [(q.key, q.decisive) for q in result.questions] == [("blank:steroids", False)]
    assert any("Do blank cells mean no" in f.message for f in result.findings if f.severity == "warning")
    answered_no = read_cohort(text.encode(), "c.csv", answers=("blank:steroids=no",))
    assert answered_no.factor("steroids").counts() == (1, 2)


@pytest.mark.parametrize("text", ["patient_id,died\nP1,1\nP2,0\nP3,\n", "patient_id,lung\nP1,x\nP2,\n"])
def test_a_blank_beside_a_no_and_a_marked_site_are_clear(text):
    assert not inspect(text.encode(), "c.csv").questions


def test_a_blank_column_that_an_endpoint_needs_is_told():
    result = inspect(b"patient_id,prs_months,died\nP1,3,\nP2,4,\n", "c.csv")
    assert result.accepted and "PRS" not in result.cohort.endpoint_names()
    told = [f for f in result.findings if f.code == "blank-column"]
    assert [f.column for f in told] == ["died"] and "PRS needs this column" in told[0].message


# ---------------------------------------------------------------- one door
MESSY = (
    "study id,OS days,vital,Stage,met_liver\n"
    + "".join(
        f"S{i},{100 + 37 * i},{('Dead', 'Alive')[i % 2]},{['I', 'II', 'III', 'IV'][i % 4]},{i % 3 == 0:d}\n"
        for i in range(24)
    )
).encode()


def test_every_door_gives_the_same_mapping_questions_and_cohort(tmp_path, capsys):
    from necc.ingest.understand import understand

    path, saved = tmp_path / "mine.csv", tmp_path / "mine.toml"
    path.write_bytes(MESSY)
    upload = inspect(MESSY, "mine.csv")
    wizard = understand(open_file(MESSY, "mine.csv").raw)
    assert upload.mapping == wizard.mapping
    assert main(["map", str(path), "-o", str(saved)]) == 0
    mapped = inspect(path, mapping=Mapping.from_toml(saved.read_text()))
    assert mapped.mapping.columns == upload.mapping.columns
    assert mapped.cohort.source.sha256 == upload.cohort.source.sha256
    assert [q.key for q in mapped.questions] == [q.key for q in upload.questions] == ["edition:Stage"]
    capsys.readouterr()
    assert main(["check", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["endpoints"]["OS"]["events"] == 12


def test_a_stage_without_its_edition_is_restaged_by_no_door():
    mapping = guessed(MESSY.decode())
    for how in (None, mapping):
        cohort = read_cohort(MESSY, "mine.csv", mapping=how)
        assert "Stage" in cohort.table and not {"figo_2008", "figo_2018"} & set(cohort.table)
        for edition, variable in (("2018", "figo_2018"), ("2008", "figo_2008")):
            answer = read_cohort(MESSY, "mine.csv", mapping=how, answers=(f"edition:Stage={edition}",))
            assert variable in answer.table and "Stage" not in answer.table


def test_own_columns_count_patients_by_the_files_own_identifier():
    from necc.ingest import own_columns

    text = b"patient_id,t,e\nP1,3,1\nP1,4,0\nP2,5,1\n"
    for own in (own_columns(time="t", event="e"), own_columns(time="t", event="e", id="patient_id"), None):
        codes = {f.code for f in inspect(text, "c.csv", own=own).findings if f.severity == "error"}
        assert codes == {"duplicate-id"} | (set() if own else {"question"})  # a guessed time's unit is asked


def test_rows_count_where_nothing_identifies_and_it_is_said():
    result = inspect(b"prs_months,died\n3,1\n4,0\n", "c.csv")
    assert len(result.cohort) == 2 and [f.code for f in result.findings] == ["no-identifier"]
