"""A project of a session: saved, opened, compared, kept; and views that are kept."""

from __future__ import annotations

import json
import re

import pytest
import streamlit
from cohorts import cohort_of
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from page_helpers import choose, failures, look_at, open_page, press, shown_figures, tables, words
from test_edits import cohorts, everything, lists_of_edits, same

from necc.analysis.recorded import is_small, record_numbers
from necc.analysis.survival import kaplan_meier
from necc.app.session.address import query
from necc.app.session.exhibits import add
from necc.app.session.links import public_title
from necc.app.session.project import gather
from necc.app.session.project import open_text as open_project_text
from necc.app.session.state import State
from necc.cli import main
from necc.core.edits import CombineSites, Cut, LeaveOut, Recode, apply_edits, row_fingerprint
from necc.core.guardrails import SMALLEST_CELL
from necc.core.selection import Selection, picked
from necc.ingest import read_cohort
from necc.present.figures import PRINT, CurveSettings
from necc.project import DataMark, Project, fit_project

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
MERGED = Recode("histology", (("not small cell", ("large cell", "NEC NOS")),))
AGED = Cut("age_years", (40.0, 60.0), "age_group", "Age group")
LUNG = Selection.parse(["site:lung=with"])
OWN = b"patient_id,grade,os_months,os_event\n" + b"".join(
    b"P%d,%s,%d,%d\n" % (i, (b"a", b"b")[i % 2], i + 3, i % 2) for i in range(30)
)
OTHER = b"name;weight;status\nx;3;1\ny;4;0\n"


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLE)


@pytest.fixture
def save(monkeypatch):
    """A function that gives the project's text as the page would save it: its file is made in the page's own run."""
    taken: dict[str, bytes] = {}
    button = streamlit.download_button

    def download_button(label, data, *args, **kwargs):
        if label == "Save project":
            taken["text"] = data()
        return button(label, data, *args, **kwargs)

    monkeypatch.setattr(streamlit, "download_button", download_button)

    def saved(app) -> str:
        at_project(app)
        assert not failures(app)
        return taken["text"].decode()

    return saved


def at_project(app):
    return look_at(app.run().switch_page("pages/data.py").run(), "data-view", "project")


def upload(app, data: bytes, name: str = "ward.csv"):
    next(u for u in app.get("file_uploader") if u.label == "Load a cohort").upload(name, data, "text/csv")
    return app.run()


def open_text(app, text: str):
    """Opens a project on its page."""
    at_project(app)
    place = next(u for u in app.get("file_uploader") if u.label == "A project's file")
    place.upload("project.toml", text.encode(), "application/toml")
    return app.run()


def worked_on(app):
    """A session in which everything that a project holds was decided."""
    app = look_at(open_page(app, "survival"), "survival-view", "curves")
    state = app.session_state["necc"]
    state.edit((MERGED, AGED), "edits")
    state.select(Selection.parse(["histology=not small cell"]))
    app.session_state["necc"].shelf.save("Lung", LUNG, state.whole.source.sha256)
    app = choose(app.run(), "by", "age_group")
    return app


def anothers(text: str) -> str:
    """The project as if it were of another file than the sample."""
    return re.sub('sha256 = "[0-9a-f]{6}', 'sha256 = "000000', text)


def without_ages() -> bytes:
    """The sample as a file that has no column of ages."""
    lines = [line.split(",") for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    place = lines[0].index("age_years")
    return "\n".join(",".join(cells[:place] + cells[place + 1 :]) for cells in lines).encode()


# ---------------------------------------------------------------- saved and opened
def test_a_saved_project_brings_everything_back(app_test, save, cohort):
    first = worked_on(app_test())
    text = save(first)
    second = open_text(app_test(), text)
    assert not failures(second) and "all of it fits" in words(second)
    was, now = first.session_state["necc"], second.session_state["necc"]
    assert now.edits == was.edits == (MERGED, AGED) and now.selection.key() == was.selection.key()
    assert now.whole.source.sha256 == apply_edits(cohort, was.edits).cohort.source.sha256
    assert now.chosen["by"] == "age_group"
    assert [(s.name, s.selection) for s in second.session_state["necc"].shelf.saved] == [("Lung", LUNG)]
    curves = look_at(open_page(second, "survival"), "survival-view", "curves")
    assert tables(curves) == tables(look_at(open_page(first, "survival"), "survival-view", "curves"))
    assert save(second) == text


def written(app, key: str, text: str):
    """Types into the box of this choice."""
    next(t for t in app.text_input if t.key == f"choice-{key}").set_value(text)
    return app.run()


def test_words_of_a_figure_come_back_and_stand_in_no_link(app_test, save):
    first = written(worked_on(app_test()), "curve-title", "Age at relapse")
    first = written(first, "curve-word-age_group-≤ 40", "Young")
    was = first.session_state["necc"]
    assert was.history[-1].what == "Legend: ≤ 40"
    first = written(first, "curve-word-age_group-> 40 to 60", "Older")
    assert was.history[-1].what == "Legend: > 40 to 60"  # without Markdown's signs, which 'Undo' adds itself
    first = written(first, "curve-word-age_group-> 40 to 60", "")
    add(was, (), "By age")
    assert "relapse" not in str(query(was)) and "Young" not in str(query(was))
    text = save(first)
    second = look_at(open_page(open_text(app_test(), text), "survival"), "survival-view", "curves")
    shaped = second.session_state["necc"].desk.shaped["curves"]
    assert shaped.title == "Age at relapse" and shaped.legend == (("≤ 40", "Young"),)
    kept = second.session_state["necc"].desk.exhibits[0]
    assert kept.choices["curve-title"] == "Age at relapse" and save(second) == text


def test_settings_without_choices_shape_the_figure_and_are_saved_again(app_test, save, cohort):
    table = {"end": 24.0, "title": "Mine", "legend": {"with": "Lung"}, "order": ("with",), "bands": False}
    mark = DataMark(sha256=cohort.source.file_mark)
    made = Project(data=mark, settings={"curves": table}, choices={"by": "site:lung"})
    app = look_at(open_page(app_test(), "survival"), "survival-view", "curves")  # drawn before, as usual
    app = open_text(app, made.to_toml())
    assert Project.from_toml(save(app))[0].settings == made.settings
    app = look_at(open_page(app, "survival"), "survival-view", "curves")
    assert app.session_state["necc"].desk.shaped["curves"] == CurveSettings(**table)
    assert Project.from_toml(save(app))[0].settings == made.settings


def test_opening_a_project_is_undone_as_any_change(app_test, save):
    text = save(worked_on(app_test()))
    app = open_text(app_test(), text)
    app = press(app, "Undo")
    state = app.session_state["necc"]
    assert not state.edits and not state.selection and state.whole is state.as_loaded
    app = press(app, "Redo")
    assert state.edits == (MERGED, AGED) and state.selection


def test_a_project_takes_nothing_that_was_saved_before(app_test, save):
    text = save(worked_on(app_test()))
    app = app_test().run()
    state = app.session_state["necc"]
    bone = Selection.parse(["site:bone=with"])
    state.shelf.save("Bone", bone, state.whole.source.sha256)
    state.shelf.save("lung", bone, state.whole.source.sha256)
    add(state, (), "Mine")
    open_text(app, text)
    assert [(s.name, s.selection) for s in state.shelf.saved] == [("Lung", LUNG), ("Bone", bone), ("lung (2)", bone)]
    assert [e.title for e in state.desk.exhibits] == ["Mine"]
    open_text(app, text)
    assert len(state.shelf.saved) == 3 and len(state.desk.exhibits) == 1


def test_a_project_waits_for_its_file(app_test, save):
    app = worked_on(upload(app_test().run(), SAMPLE.read_bytes()))
    text = save(app)
    fresh = open_text(app_test(), anothers(text))
    state = fresh.session_state["necc"]
    assert not failures(fresh) and "waits for ward.csv" in words(fresh) and not state.edits
    upload(fresh, OTHER, "another.csv")
    assert fresh.session_state["necc"].desk.waiting is not None and "waits for ward.csv" in words(fresh.run())
    upload(fresh, SAMPLE.read_bytes(), "next year.csv")
    assert state.edits == (MERGED, AGED) and state.selection.key() == app.session_state["necc"].selection.key()
    assert fresh.session_state["necc"].desk.waiting is None and "waits for" not in words(fresh.run())


def test_next_year_s_file_lacks_what_an_edit_needs(app_test, save):
    text = anothers(save(worked_on(upload(app_test().run(), SAMPLE.read_bytes()))))
    app = upload(open_text(app_test(), text), without_ages(), "next year.csv")
    app = look_at(app.switch_page("pages/data.py").run(), "data-view", "edit")
    state = app.session_state["necc"]
    assert [step.applied for step in state.steps] == [True, False] and len(state.edits) == 2
    assert "is skipped" in words(app) and "age_years" in words(app)
    assert "age_years" in words(look_at(app, "data-view", "project"))


def test_edits_of_a_file_with_other_columns_are_offered(app_test):
    app = upload(app_test().run(), SAMPLE.read_bytes())
    state = app.session_state["necc"]
    state.edit((MERGED,), "edit")
    head, *rows = SAMPLE.read_text(encoding="utf-8").splitlines()
    more = "\n".join([f"{head},ward", *(f"{row},3" for row in rows)])
    app = upload(app.run(), more.encode(), "next year.csv")
    assert not state.edits and "1 edit of the earlier file" in words(app)
    app = press(
        look_at(app.switch_page("pages/data.py").run(), "data-view", "edit"),
        "Make the 1 edit of the earlier file here, too",
    )
    assert state.edits == (MERGED,) and "not small cell" in state.whole.factor("histology").levels


def test_a_project_holds_no_patient(app_test, save, cohort):
    app = worked_on(app_test())
    state = app.session_state["necc"]
    state.edit((LeaveOut(((4, row_fingerprint(cohort, 4)),), why="not recurrent"),), "row")
    state.select(Selection((picked([1, 2]),)))
    app.session_state["necc"].shelf.save("By hand", Selection((picked([3]),)), state.whole.source.sha256)
    text = save(app)
    assert not [i for i in cohort.ids if re.search(rf"\b{re.escape(i)}\b", text)]
    assert "picked" not in text and "By hand" not in text and "picked by hand" in words(app)


def test_what_cannot_be_read_is_told_and_kept(app_test, save):
    text = save(worked_on(app_test()))
    broken = text.replace('kind = "cut"', 'kind = "cutt"').replace(
        "project_version = 1", "project_version = 1\nfont = 3"
    )
    app = open_text(app_test(), broken)
    assert app.session_state["necc"].edits == (MERGED,)
    told = words(app)
    assert "cutt" in told and "font" in told
    again = save(app)
    assert "cutt" in again and "font = 3" in again


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "\x00"])
def test_an_empty_file_is_no_project_and_takes_nothing(app_test, save, text):
    app = open_text(app_test(), save(worked_on(app_test())))
    state = app.session_state["necc"]
    app = open_text(app, text)
    told = words(app)
    assert "all of it fits" not in told and state.edits == (MERGED, AGED) and state.selection
    assert "nothing is in it" in told or "can't be read as TOML" in told


def test_a_title_in_a_file_s_name(cohort):
    own = cohort_of({"ward arm": ["Zeta clinic", "small cell"], "histology": ["small cell", "glassy"]})
    assert public_title("T <b> & 5 %", cohort) == "t-b-5" and public_title("Small cell, 2026", cohort)
    for told in ("The ward arm", "At Zeta <Clinic>", "zeta-clinic", "Glassy"):
        assert public_title(told, own) == ""
    assert public_title("Yes, a second look", own) == "yes-a-second-look"


@pytest.mark.parametrize("text", ["", "nothing = [", "\x00", "[data]\nsha256 = 3", "mapping_version = 1"])
def test_a_file_that_is_no_project(app_test, text):
    app = open_text(app_test(), text)
    state = app.session_state["necc"]
    assert not app.exception and not state.edits and not state.selection


def test_recorded_numbers_beside_those_of_now(app_test, save):
    app = open_text(app_test(), save(app_test().run()))
    assert "0 of" in words(app) and "numbers changed" in words(app)
    app.session_state["necc"].select(LUNG)
    told = words(app.run())
    shown = [e.proto.body for e in app.get("html") if "numbers changed" in e.proto.body]
    assert shown and not any("\\" in body for body in shown)  # of HTML, where a backslash is itself
    assert re.search(r"[1-9]\d* of \d+ numbers changed", told)
    rows = next(t for t in tables(app) if t[0][0] == "Number")
    assert any(row[1] == "88" and row[2] == "34" for row in rows)


def test_cells_too_small_to_record_are_not_compared_either(app_test, cohort):
    few = Project(
        smallest_cell=5, recorded=record_numbers(cohort, smallest=5), data=DataMark(sha256=cohort.source.file_mark)
    )
    app = open_text(app_test(), few.to_toml())
    assert not failures(app) and f"0 of {len(few.recorded)} numbers changed" in words(app)
    assert len(few.recorded) < len(record_numbers(cohort)) and " are new" not in words(app)
    app.session_state["necc"].select(Selection.parse(["figo_2018=IIB,IIIC1"]))
    gone = {row[0] for t in tables(app.run()) if t[0][0] == "Number" for row in t if row[3] == "not recorded now"}
    assert gone and "one of so few stands on the other side only" in words(app)


def test_numbers_of_few_patients_are_left_out_unless_chosen(app_test, save):
    app = choose(look_at(open_page(app_test(), "survival"), "survival-view", "curves"), "by", "n_sites")

    def kept(opened) -> Project:
        project, findings = Project.from_toml(save(opened))
        assert not findings
        return project

    first = kept(app)
    assert first.smallest_cell == SMALLEST_CELL and not any(is_small(r, SMALLEST_CELL) for r in first.recorded)
    box = next(n for n in app.number_input if n.label == "Leave out numbers of fewer than")
    assert box.value == SMALLEST_CELL
    box.set_value(20).run()
    higher = kept(app)
    assert higher.smallest_cell == 20 and len(higher.recorded) < len(first.recorded)
    other = open_text(app_test(), higher.to_toml())
    assert kept(other).smallest_cell == 20 and "0 of" in words(other) and " are new" not in words(other)
    next(n for n in app.number_input if n.label == "Leave out numbers of fewer than").set_value(0).run()
    everything_kept = kept(app)
    assert "OS/n/n_sites=3" in {r.name for r in everything_kept.recorded} and everything_kept.smallest_cell == 0
    again = open_text(app_test(), everything_kept.to_toml())
    assert kept(again).smallest_cell == SMALLEST_CELL  # to keep all is chosen anew


# ---------------------------------------------------------------- what the browser keeps
def test_nothing_is_kept_without_an_answer(app_test):
    app = worked_on(upload(app_test().run(), SAMPLE.read_bytes()))
    held = app.session_state["necc"].desk
    assert held.answer == "" and held.text == "" and "Keep what you decide" in words(app)
    app = press(app, "No")
    assert held.answer == "no" and held.text == "" and "Keep what you decide" not in words(app)


def test_what_is_kept_follows_every_change(app_test):
    app = upload(app_test().run(), SAMPLE.read_bytes())
    app = press(app, "Keep").run()
    held, state = app.session_state["necc"].desk, app.session_state["necc"]
    texts = [held.text]
    for change in (
        lambda: state.edit((AGED,), "edit"),
        lambda: state.select(LUNG),
        lambda: state.choose("by", "age_group", "by"),
        lambda: app.session_state["necc"].shelf.save("Lung", LUNG, state.whole.source.sha256),
        state.undo,
    ):
        change()
        app.run()
        texts.append(held.text)
        assert texts[-1] != texts[-2] and not failures(app)
    assert Project.from_toml(held.text)[1] == ()
    assert not [i for i in state.whole.ids if i in held.text]


def test_a_text_that_names_a_patient_is_not_given_to_the_browser(app_test):
    app = press(upload(app_test().run(), SAMPLE.read_bytes()), "Keep").run()
    state = app.session_state["necc"]
    state.desk.title = f"Why {state.whole.ids[3]} is odd"
    app.run()
    assert state.desk.text == "" and state.desk.names_somebody
    assert "may name a patient" in words(at_project(app))
    state.desk.title = "Why one is odd"
    app.run()
    assert state.desk.text and not state.desk.names_somebody


def test_the_sample_alone_takes_no_place_in_the_browser(app_test):
    app = app_test().run()
    app.session_state["necc"].desk.answer = "yes"
    app.session_state["necc"].select(LUNG)
    app.run()
    assert app.session_state["necc"].desk.text == ""


def test_each_file_has_a_project_of_its_own(app_test):
    """Another file takes nothing from the first: not its title, not its views; with the first all of it is back."""
    app = upload(app_test().run(), SAMPLE.read_bytes())
    app = press(app, "Keep").run()
    held, state = app.session_state["necc"].desk, app.session_state["necc"]
    state.edit((MERGED,), "edit")
    state.select(LUNG)
    held.title = "Lung"
    add(state, (), "A view")
    app.run()
    kept = held.text
    upload(app, OWN, "other.csv")
    app.run()
    assert not state.edits and held.title == "" and held.exhibits == () and held.text not in ("", kept)
    assert Project.from_toml(held.text)[0].data.filename == "other.csv"
    upload(app, SAMPLE.read_bytes())
    assert state.edits == (MERGED,) and state.selection.key() == LUNG.key() and held.title == "Lung"
    assert [e.title for e in held.exhibits] == ["A view"]
    app = press(app.run(), "Back to the sample")
    assert not state.edits and held.title == ""


def test_what_this_file_lacks_is_kept_for_one_that_has_it(app_test, save):
    app = worked_on(upload(app_test().run(), SAMPLE.read_bytes()))
    app.session_state["necc"].select(Selection.parse(["age_group=≤ 40", "ici=yes"]))
    fresh = upload(open_text(app_test(), anothers(save(app))), without_ages(), "next year.csv")
    state = fresh.session_state["necc"]
    assert [str(c) for c in state.selection.conditions] == ["ici=yes"] and "fit this file" in words(fresh)
    again = Project.from_toml(save(fresh))[0]
    assert set(again.filters) == {"age_group=≤ 40", "ici=yes"} and again.edits == (MERGED, AGED)


def test_a_link_after_edits_says_that_it_holds_none(app_test):
    app = worked_on(app_test())
    query = {name: app.query_params[name] for name in app.query_params}
    assert "".join(query["edits"]) == "2"
    other = app_test(**query).run()
    assert not other.session_state["necc"].edits and "no address holds" in words(other)


# ---------------------------------------------------------------- kept views
def test_a_kept_view_opens_as_it_was(app_test, save):
    app = worked_on(app_test())
    app.run()
    before = tables(app)
    keep = app.session_state["necc"]
    assert keep.shown["by"].value == "age_group"
    held = app.session_state["necc"].desk
    add(keep, (), "By age")
    assert held.exhibits[0].page == "survival" and held.exhibits[0].choices["by"] == "age_group"
    keep.select(Selection())
    app = choose(app, "by", "histology")
    app = look_at(open_page(app, "report"), "report-view", "exhibits")
    assert "By age" in words(app)
    app = press(app, "Open")
    assert not failures(app) and tables(app) == before
    assert Project.from_toml(save(app))[0].exhibits == held.exhibits


# ---------------------------------------------------------------- the same by every way
@settings(max_examples=30)
@given(cohorts(), lists_of_edits(), st.data())
def test_edits_are_the_same_by_page_and_project_and_undone(cohort, edits, data):
    before = everything(cohort)
    here = State(cohort, sample=False)
    for place in range(len(edits)):
        here.edit(edits[: place + 1], f"step {place}")
    by_hand = apply_edits(cohort, edits).cohort
    same(here.whole, by_hand)
    project, _ = gather(here)
    read, findings = Project.from_toml(project.to_toml())
    assert not findings and read.edits == tuple(edits)
    there = State(cohort, sample=False)
    open_project_text(there, project.to_toml())
    same(there.whole, by_hand)
    assert everything(there.whole) == everything(by_hand) == everything(fit_project(read, cohort).edited.cohort)
    changes = len(here.history)
    for _ in range(changes):
        here.undo()
    assert here.whole is cohort and not here.edits and everything(here.whole) == before
    for _ in range(data.draw(st.integers(0, changes))):
        here.redo()
    assert everything(here.whole) == everything(apply_edits(cohort, here.edits).cohort)


@settings(max_examples=30)
@given(cohorts(), lists_of_edits(), st.sets(st.integers(1, 10), min_size=1))
def test_picked_patients_are_followed_through_edits(cohort, edits, places):
    """Whoever is picked is the same person after rows are left out, or is nobody."""
    places = {p for p in places if p <= len(cohort)} or {1}
    here = State(cohort, sample=False, selection=Selection((picked(places),)))
    rows = set(here.cohort.index)
    here.edit(edits, "edits")
    there = rows & set(here.whole.index)
    assert set(here.cohort.index) == (there or set(here.whole.index))
    here.undo()
    assert set(here.cohort.index) == rows


def test_the_command_line_gives_what_the_page_shows(tmp_path, capsys):
    here = State(read_cohort(SAMPLE), sample=False)
    here.edit((MERGED, AGED, CombineSites(("lung", "bone"), "either", "Lung or bone")), "edits")
    here.select(Selection.parse(["site:either=with", "histology=small cell"]))
    path = tmp_path / "p.toml"
    path.write_text(gather(here)[0].to_toml(), encoding="utf-8")
    arguments = ["km", str(SAMPLE), "--project", str(path), "--endpoint", "PRS", "--by", "age_group", "--json"]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    expected = kaplan_meier(here.cohort, "PRS", "age_group").to_dict()
    assert [s["n"] for s in told["strata"]] == [s["n"] for s in expected["strata"]]
    assert told["strata"] == json.loads(json.dumps(expected["strata"])) and told["test"] == expected["test"]


def test_a_figure_shaped_on_the_page_is_drawn_so_by_the_command_line(app_test, save, tmp_path, capsys):
    app = look_at(open_page(app_test(), "survival"), "survival-view", "curves")
    app = choose(app, "by", "site:lung")
    state = app.session_state["necc"]
    state.choose("curve-title", "Lung, as a journal wants it", "title")
    state.choose("curve-palette", "greyscale", "palette")
    app.run()
    assert not failures(app)
    page = shown_figures(app)[0].exported(PRINT, state.whole.source.notice)
    project, picture = tmp_path / "p.toml", tmp_path / "curves.svg"
    project.write_text(save(app), encoding="utf-8")
    arguments = ["km", str(SAMPLE), "--project", str(project), "--endpoint", "PRS", "--by", "site:lung"]
    assert main([*arguments, "--svg", str(picture)]) == 0
    capsys.readouterr()
    assert picture.read_text(encoding="utf-8") == page and "as a journal wants it" in page
