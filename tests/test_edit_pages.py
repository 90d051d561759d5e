"""The view on edits: forms that show what a step would do, the steps so far, and the ways back."""

from __future__ import annotations

import pytest
from page_helpers import choose, failures, look_at, open_page, press, words
from test_app import upload

from necc.app.views.edit_forms import steps_of
from necc.app.views.typed import cuts, rows
from necc.core.edits import LeaveOut, Order, Recode


def edit(app, kind: str):
    return (
        look_at(open_page(app, "data"), "data-view", "edit") if not kind else choose(edit(app, ""), "edit-kind", kind)
    )


def test_steps_of_a_table_of_levels():
    old = ("small", "large", "other")
    assert steps_of("histology", old, old, (1, 2, 3)) == ()
    assert steps_of("histology", old, ("small", "not small", "not small"), (1, 2, 3)) == (
        Recode("histology", (("not small", ("large", "other")),)),
    )
    assert steps_of("histology", old, old, (2, 1, 3)) == (Order("histology", ("large", "small", "other")),)


@pytest.mark.parametrize(
    "kind", ["Levels", "Cut a number", "Combine sites", "Leave rows out", "New variable", "New endpoint"]
)
def test_every_form_opens(app_test, kind):
    app = edit(app_test(), kind)
    assert not failures(app)
    assert "Nothing is changed yet" in words(app)


def test_rows_left_out_undone_and_made_again(app_test):
    app = edit(app_test(), "Leave rows out")
    state = app.session_state["necc"]
    loaded = state.whole
    next(t for t in app.text_input if t.label == "Row numbers").set_value("4, 9")
    next(t for t in app.text_input if t.label == "Why").set_value("no recurrence after review")
    app.run()
    app = press(app, "Make this change")
    assert not failures(app)
    assert len(state.whole) == len(loaded) - 2 and state.as_loaded is loaded
    assert isinstance(state.edits[0], LeaveOut)
    assert "86 patients" in words(app) and "no recurrence after review" in words(app)
    app = press(app, "Undo")
    assert state.whole is loaded and not state.edits
    app = press(app, "Redo")
    assert len(state.whole) == len(loaded) - 2
    app = press(app, "Remove all steps")
    assert state.whole is loaded


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("4.9", "whole numbers"),
        ("inf", "whole numbers"),
        ("4, -9", "whole numbers"),
        ("9" * 5000, "whole numbers"),
        ("999", "no patient in row 999"),
        ("abc", "'abc' is not understood: rows are whole numbers"),
        ("-4", "'-4' is not understood"),
        ("9-4", "runs backwards: write '4-9'"),
        ("900-999", "no patient in rows 900 to 999"),
    ],
)
def test_rows_that_are_none_leave_nobody_out(app_test, typed, said):
    app = edit(app_test(), "Leave rows out")
    next(t for t in app.text_input if t.label == "Row numbers").set_value(typed)
    next(t for t in app.text_input if t.label == "Why").set_value("seen elsewhere")
    app = app.run()
    assert not failures(app) and said in words(app) and "Nothing is changed yet" in words(app)
    assert not [b for b in app.button if b.label == "Make this change"]


def test_a_reason_is_asked_for_and_a_range_is_taken(app_test):
    app = edit(app_test(), "Leave rows out")
    state = app.session_state["necc"]
    loaded = len(state.whole)
    next(t for t in app.text_input if t.label == "Row numbers").set_value("2-5")
    app = app.run()
    assert "nobody is left out without a reason" in words(app)
    next(t for t in app.text_input if t.label == "Why").set_value("seen elsewhere")
    app = press(app.run(), "Make this change")
    assert len(state.whole) == loaded - 4 and not {2, 3, 4, 5} & {*state.whole.index}


@pytest.mark.parametrize(
    ("text", "numbers", "said"),
    [
        ("40,5; 60", (40.5, 60), ""),
        ("60 40,5", (40.5, 60), ""),
        ("40, 60", (40, 60), ""),
        ("40,5, 60", (40.5, 60), ""),
        ("40 , 60", (40, 60), ""),
        ("40; 60;", (40, 60), ""),
        ("40,5;", (40.5,), ""),
        ("40.6", (40.6,), ""),
        ("-3 −1.5", (-3, -1.5), ""),
        ("", (), ""),
        ("40,60", (), "write '40; 60' for several numbers, or '40.6' for one number"),
        ("40,60,80", (), "write '40; 60; 80' for several numbers."),
        ("40; sixty", (), "'sixty' is not a number"),
        ("inf", (), "'inf' is not a number"),
        ("1_0", (), "'1_0' is not a number"),
        ("nan 3", (), "'nan' is not a number"),
    ],
)
def test_numbers_are_read_as_they_are_typed(text, numbers, said):
    assert cuts(text)[0] == numbers and said in cuts(text)[1] and bool(cuts(text)[1]) == bool(said)


@pytest.mark.parametrize(
    ("text", "taken"),
    [("12, 4", (4, 12)), ("2-5", (2, 4, 5)), ("2 - 4; 12", (2, 4, 12)), ("4–5", (4, 5)), ("", ())],
)
def test_rows_and_ranges_take_those_that_hold_a_patient(text, taken):
    assert rows(text, [2, 4, 5, 12]) == (taken, "")


@pytest.mark.parametrize("text", ["3.5", "abc", "-4", "4 -9", "5-2", "3", "999", "2-", "1e3"])
def test_rows_that_cannot_be_have_a_sentence(text):
    found, wrong = rows(text, [2, 4, 5, 12])
    assert not found and wrong.endswith(".")


def test_a_column_of_many_levels_is_said_not_to_be_offered(app_test):
    lines = "".join(f"P{i},{30 + i % 40},small,code {i % 80}\n" for i in range(160))
    app = upload(open_page(app_test(), "data"), "c.csv", f"patient_id,age_years,histology,ward\n{lines}".encode())
    app = choose(look_at(app, "data-view", "edit"), "edit-kind", "Levels")
    assert not failures(app) and "more than 60 different values" in words(app) and "(80)" in words(app)
