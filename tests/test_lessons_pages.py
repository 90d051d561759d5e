"""Lessons on the page Learn and on the command line: cards, steps, answers, a teacher's own file, sheets."""

from __future__ import annotations

import io
import re
import zipfile

import pandas as pd
import pytest
from cohorts import from_sample
from conftest import ROOT
from page_helpers import failures, open_page, press, unexplained, words
from test_lessons import GOOD

from necc.analysis.survival import kaplan_meier
from necc.app.session.classroom import KEY, Classroom
from necc.app.views.sheets import public
from necc.core.selection import Selection
from necc.ingest import read_cohort
from necc.lessons import FOLDER, read_lesson, shipped
from necc.lessons.playing import Play, on, right_choice
from necc.lessons.sheets import LINE, NO_REPLICATION, sheet
from necc.report.word import document

SAMPLE = from_sample("reconstructed_cohort.csv")
PERCENT = "why-a-percentage-is-not-survival"
DOCS = ROOT / "docs" / "lessons.md"


def at_lesson(app, name: str):
    return open_page(app, "learn").button(key=f"lesson-go-{name}").click().run()


def drawn(app) -> int:
    """How many pictures stand on the page."""
    return sum(e.proto.component_name == "necc_picture" for e in app.get("bidi_component"))


def answer(app, what: str | int):
    """Fills in the number, or takes the choice at this place, and checks it."""
    if isinstance(what, int):
        app.radio[0].set_value(what)
    else:
        next(t for t in app.text_input if t.label.startswith("Your answer")).set_value(what)
    return next(b for b in app.button if b.label in ("Check", "Keep my guess")).click().run()


# ---------------------------------------------------------------- the page
def test_the_cards_are_the_class_in_order(app_test):
    app = open_page(app_test(), "learn")
    said = words(app)
    assert not failures(app) and "The 45-minute class" in said.replace("**", "")
    places = [said.index(one.title) for one in shipped().values()]
    assert places == sorted(places) and [b.label for b in app.button].count("Begin") == len(shipped())
    app = press(app, "Begin the class")
    assert f"## {next(iter(shipped().values())).title}" in words(app)


def test_a_lesson_goes_on_whatever_is_answered(app_test):
    app = at_lesson(app_test(), PERCENT)
    assert "Step 1 of 5" in words(app) and not drawn(app), "first the guess, then the figure"
    app = answer(app, "60")
    assert "Your guess: 60" in words(app) and "44.0" not in words(app), "a guess isn't judged before the reveal"
    app = press(app, "Next")
    assert "You guessed: 60" in words(app) and "Computed: 44.0\u00a0%" in words(app)
    assert drawn(app) == 1 and not unexplained(app)
    app = press(app, "Next")
    app = answer(app, "half")
    assert "Type a number" in words(app) and "3 tries left" in words(app)
    app = answer(app, "56,8")
    assert "Not yet. You counted 43 patients" in words(app) and "2 tries left" in words(app)
    app = press(app, "Hint")
    assert "Hint: Set the slider" in words(app)
    app = answer(app, "0.277")
    assert "Right: 27.7\u00a0%" in words(app) and not [b for b in app.button if b.label == "Check"]
    app = press(app, "Next")
    wrong = right_choice(shipped()[PERCENT].steps[3], shipped()[PERCENT], on(SAMPLE)) - 1
    for _ in range(3):
        app = answer(app, wrong % 3)
    assert "The answer is The curve with the numbers at risk" in words(app)
    app = press(app, "Next")
    assert not drawn(app), "recalled without the figure"
    app = answer(app, 0)
    app = press(app, "Finish")
    assert "**1 of 3** right at the first try" in words(app) and not failures(app)
    assert app.session_state[KEY].kept() == [{"id": PERCENT, "opened": 6, "first": [4]}]
    app = press(app, "Start again")
    assert "Step 1 of 5" in words(app) and app.session_state[KEY].plays[PERCENT].state == "new"


def test_a_control_moves_what_is_said(app_test):
    app = press(at_lesson(app_test(), PERCENT), "Next")
    assert "At 12 months. Curve: 70.1" in words(app)
    app = app.slider[0].set_value(24.0).run()
    assert "At 24 months. Curve: 44.0" in words(app) and not failures(app)


@pytest.mark.parametrize("name", list(shipped()))
def test_every_step_of_every_lesson_is_drawn(name, app_test):
    app = at_lesson(app_test(), name)
    for _ in shipped()[name].steps:
        assert not failures(app)
        app = press(app, next(b.label for b in app.button if b.label in ("Next", "Finish")))
    assert "right at the first try" in words(app)


def test_a_control_stays_where_it_was_put_in_the_next_figure(app_test):
    app = press(at_lesson(app_test(), "immortal-time"), "Next")
    assert app.slider[0].value == 4 and "Hazard ratio from there: 1.94" in words(app)
    app = app.slider[0].set_value(3.0).run()
    assert "too few to say: 1 death among those treated by then" in words(app)
    app = press(app.slider[0].set_value(5.0).run(), "Next")
    assert app.slider[0].value == 5 and not failures(app)


def test_the_last_lesson_ends_the_class(app_test):
    last = list(shipped())[-1]
    app = at_lesson(app_test(), last)
    for _ in shipped()[last].steps:
        app = press(app, next(b.label for b in app.button if b.label in ("Next", "Finish")))
    assert "This was the last lesson of the class" in words(app) and not failures(app)
    assert {"The paper, step by step", "Your own patients"} <= {b.label for b in app.button}


def test_patients_of_whom_a_lesson_is_untrue_grey_it_and_the_sample_plays(app_test):
    frame = pd.read_csv(ROOT / "sample_data" / "reconstructed_cohort.csv").assign(died=1)
    app = open_page(app_test(), "learn")
    app.session_state["necc"].adopt(read_cohort(frame.to_csv(index=False).encode(), "dead.csv"), False)
    app = app.run()
    assert "Not on these patients: nobody is censored before 36 months" in words(app)
    app = app.button(key=f"lesson-sample-{PERCENT}").click().run()
    assert "on 88 patients of the synthetic sample" in words(app) and not failures(app)


def test_filtered_patients_compute_anew_and_too_few_are_told(app_test):
    app = open_page(app_test(), "learn")
    app.session_state["necc"].select(Selection.parse(["site:lung=with"], SAMPLE.columns))
    app = press(app.run().button(key=f"lesson-go-{PERCENT}").click().run(), "Next")
    assert not failures(app) and "At 12 months. Curve: 79.3" in words(app) and "on 34 patients" in words(app)
    assert kaplan_meier(SAMPLE, "PRS", "site:lung").curves[1].at(12).estimate.value == pytest.approx(0.793, abs=5e-4)


def test_answers_about_other_patients_are_put_aside(app_test):
    app = answer(at_lesson(app_test(), PERCENT), "44")
    [play] = app.session_state[KEY].plays.values()
    assert play.answers and "put aside" not in words(app)
    opened = play.opened
    app.session_state["necc"].select(Selection.parse(["figo_stage=I"]))
    app.run()
    [play] = app.session_state[KEY].plays.values()
    assert not play.answers and not play.right and play.opened == opened and not failures(app)
    assert any("put aside" in i.value for i in app.info)
    assert not any("put aside" in i.value for i in app.run().info)


def test_a_file_without_sites_greys_and_the_sample_plays(app_test):
    rows = "".join(f"P{i},{i % 30 + 1.5},{i % 2}\n" for i in range(40))
    cohort = read_cohort(f"patient_id,prs_months,died\n{rows}".encode(), "a.csv")
    app = open_page(app_test(), "learn")
    app.session_state["necc"].adopt(cohort, False)
    app = app.run()
    assert "Not on these patients: this cohort lacks recurrence sites" in words(app)
    app = app.button(key="lesson-sample-many-tests-and-one-false-positive").click().run()
    assert "on 88 patients of the synthetic sample" in words(app) and not failures(app)
    assert len(app.session_state["necc"].whole) == 40, "the loaded cohort is left alone"
    app = press(app, "Next")
    assert drawn(app) == 1 and not failures(app)


def test_a_projected_lesson_is_there(app_test):
    app = app_test(view="presentation")
    app = press(at_lesson(app, PERCENT), "Next")
    assert not failures(app) and drawn(app) == 1 and "Curve: 70.1" in words(app)


def test_an_unknown_lesson_in_a_link_shows_all(app_test):
    app = open_page(app_test(lesson="no-such-lesson"), "learn")
    assert not failures(app) and "The 45-minute class" in words(app).replace("**", "")


# ---------------------------------------------------------------- what is kept
def test_what_a_browser_kept_is_taken_back_and_nothing_strange():
    room = Classroom()
    room.restore(
        [{"id": PERCENT, "opened": 3, "first": [2]}, {"id": "../x"}, 3, {"id": "immortal-time", "opened": "9"}]
    )
    play = room.plays[PERCENT]
    assert (play.state, play.at_first, room.at[PERCENT]) == ("begun", 1, 2) and room.plays[
        "immortal-time"
    ].state == "new"
    room.restore("nonsense")
    own, _ = read_lesson(GOOD)
    room.take((own,), ())
    room.plays["one"] = Play(own, opened=2)
    assert [kept["id"] for kept in room.kept()] == [PERCENT], "of a teacher's own lesson nothing is kept"


def test_a_teachers_own_lesson_stays_out_of_the_address(app_test, monkeypatch, tmp_path):
    (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.toml").write_text("x = ", encoding="utf-8")
    monkeypatch.setenv(FOLDER, str(tmp_path))
    app = open_page(app_test(), "learn")
    assert "Your own lessons" in words(app) and "One" in words(app)
    app = app.button(key="lesson-go-one").click().run()
    assert "Step 1 of 3" in words(app) and "one" not in app.query_params.get("lesson", "")
    assert not failures(app)


def test_an_own_file_is_read_once_and_one_under_a_shipped_id_is_told(app_test):
    app = open_page(app_test(), "learn")
    for content, told in (
        (GOOD.replace('id = "one"', f'id = "{PERCENT}"'), "ships with it"),
        (GOOD, "Your own lessons"),
    ):
        app = app.file_uploader(key="lessons-file").upload("a.toml", content.encode(), "application/toml").run()
        assert told in words(app) and not failures(app)


def test_an_own_lesson_gives_its_id_to_no_file():
    assert (public("one"), public(PERCENT)) == ("lesson-own", f"lesson-{PERCENT}")


def test_an_own_lesson_under_a_shipped_id_is_refused():
    room = Classroom()
    lesson, _ = read_lesson(GOOD.replace('id = "one"', f'id = "{PERCENT}"'))
    room.take((lesson,), ())
    assert not room.own and "choose another id" in room.told[0].message


# ---------------------------------------------------------------- sheets
def text_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return re.sub("<[^>]+>", " ", file.read("word/document.xml").decode())


def test_a_sheet_has_answers_for_the_teacher_only():
    lessons = [shipped()[PERCENT], shipped()["immortal-time"]]
    for answers in (True, False):
        report = sheet(lessons, [SAMPLE, SAMPLE], answers=answers)
        assert [item.label for item in report.items if item.label] == ["Figure 1", "Figure 2", "Figure 3"], (
            "one of a slider each"
        )
        written = document(report)
        text = " ".join(text_of(written.content).split())
        assert written.problems == () and "Synthetic data" in text and NO_REPLICATION in text
        assert ("You counted 43 patients" in text) is answers and (LINE in text) is not answers
        assert (
            ("Answer: 27.7 %" in text) is answers
            and ("Curve: 70.1 %" in text) is answers
            and ("Answer: 0.79" in text) is answers
        )
        assert "how many percent are without the event at 24 months" in text


def test_a_sheet_of_patients_who_lack_something_says_so():
    breast = read_cohort(ROOT / "tests" / "files" / "breast.csv")
    report = sheet([shipped()["immortal-time"]], [breast], answers=True)
    assert "It can't be computed here: this cohort lacks" in str(report.items[0].thing)
    with pytest.raises(ValueError, match="one or more lessons"):
        sheet([], [], answers=True)


# ---------------------------------------------------------------- the command line
def test_lessons_on_the_command_line(run, tmp_path, monkeypatch):
    code, listed, _ = run("lesson", "list", "--json")
    assert code == 0 and [one["id"] for one in listed["lessons"]] == list(shipped())
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text(GOOD.replace("answer = ", "anwser = "), encoding="utf-8")
    assert run("lesson", "check", good)[0] == 0
    code, told, _ = run("lesson", "check", bad, "--json")
    assert code == 1 and not told["accepted"] and any("did you mean 'answer'" in f["message"] for f in told["findings"])
    assert "line " in run("lesson", "check", bad)[1]
    code, out, _ = run("lesson", "check", good, "--cohort", ROOT / "tests" / "files" / "breast.csv")
    assert code == 1 and "can't be computed" in out
    assert run("lesson", "check", tmp_path / "none.toml")[0] == 1
    monkeypatch.setenv(FOLDER, str(tmp_path))
    out = run("lesson", "list")[1]
    assert "  -  one" in out and "bad.toml: " in out


def test_a_file_of_lessons_is_checked_on_a_cohort_as_other_commands_read_it(run, tmp_path):
    file, cohort = tmp_path / "good.toml", ROOT / "sample_data" / "reconstructed_cohort.csv"
    file.write_text(GOOD.replace("curve >= 50", "curve >= 40"), encoding="utf-8")
    code, out, _ = run("lesson", "check", file, "--cohort", cohort, "--where", "site:lung=with")
    assert code == 0 and "can be taught" in out, "another curve among these"
    code, out, _ = run("lesson", "check", file, "--cohort", cohort)
    assert code == 1 and "step 3: more than one of the choices is right" in out and "(line 39)" in out
    file.write_text(GOOD.replace('id = "one"', 'id = "immortal-time"'), encoding="utf-8")
    code, out, _ = run("lesson", "check", file)
    assert code == 1 and "'Immortal time' ships with it" in out
    questions = tmp_path / "asks.csv"
    questions.write_text("patient_id,prs_months,died\n" + "".join(f"P{i},{i % 30 + 1},{i % 3}\n" for i in range(60)))
    code, out, err = run("lesson", "check", file, "--cohort", questions)
    assert code == 1 and (answer := re.search(r'--answer "([^"]+)"', out + err))
    file.write_text(GOOD, encoding="utf-8")
    assert "--answer" not in "".join(run("lesson", "check", file, "--cohort", questions, "--answer", answer[1])[1:])


def test_a_sheet_is_written_where_it_is_asked_for(run, tmp_path):
    assert run("lesson", "sheet", PERCENT, "--out", tmp_path / "mine.docx")[0] == 0
    assert (tmp_path / "mine.docx").is_file()
    code, _, err = run("lesson", "sheet", PERCENT, "--out", tmp_path / "mine.pdf")
    assert (
        code == 1
        and "--out is a folder, or the name of a Word document" in err
        and not (tmp_path / "mine.pdf").exists()
    )


def test_sheets_on_the_command_line(run, tmp_path):
    code, told, _ = run("lesson", "sheet", PERCENT, "--out", tmp_path / "new", "--answers", "--json")
    assert code == 0 and "synthetic" in told["notice"].lower()
    assert "Answer: 27.7 %" in " ".join(text_of((tmp_path / "new" / f"{PERCENT}-answers.docx").read_bytes()).split())
    assert run("lesson", "sheet", PERCENT, "--out", tmp_path / "new", "--answers")[0] == 1, "not written over"
    assert run("lesson", "sheet", "--out", tmp_path)[0] == 2
    code, _, err = run("lesson", "sheet", "no-such", "--out", tmp_path)
    assert code == 1 and "no lesson and no file" in err


# ---------------------------------------------------------------- the docs
def test_the_example_of_the_docs_can_be_taught(run, tmp_path):
    text = DOCS.read_text(encoding="utf-8")
    example = re.search(r"```toml\n(id = .*?)```", text, re.S)
    file = tmp_path / "example.toml"
    file.write_text(example[1], encoding="utf-8")
    code, out, _ = run("lesson", "check", file)
    assert code == 0 and "can be taught" in out and "warning" not in out


def test_the_docs_name_every_value():
    from necc.lessons.values import REGISTRY

    text = DOCS.read_text(encoding="utf-8")
    assert [name for name in REGISTRY if f"`{name}`" not in text] == []
