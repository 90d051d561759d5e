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
        ("event:died=7", "is answered with '1' or '2'"),
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
