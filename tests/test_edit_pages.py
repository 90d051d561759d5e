"""The view on edits: forms that show what a step would do, the steps so far, and the ways back."""

from __future__ import annotations

import pytest
from page_helpers import choose, failures, look_at, open_page, press, words

from necc.app.views.edit_forms import steps_of
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
    ("rows", "said"),
    [
        ("4.9", "whole numbers"),
        ("inf", "whole numbers"),
        ("4, -9", "whole numbers"),
        ("9" * 5000, "whole numbers"),
        ("999", "no patient in row 999"),
    ],
)
def test_rows_that_are_none_leave_nobody_out(app_test, rows, said):
    app = edit(app_test(), "Leave rows out")
    next(t for t in app.text_input if t.label == "Row numbers").set_value(rows)
    next(t for t in app.text_input if t.label == "Why").set_value("seen elsewhere")
    app = app.run()
    assert not failures(app) and said in words(app) and "Nothing is changed yet" in words(app)
    assert not [b for b in app.button if b.label == "Make this change"]
