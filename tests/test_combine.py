"""Filters joined by OR and NOT on the page: the body of a popover, by itself."""

from __future__ import annotations

import pytest
from page_helpers import failures, words
from streamlit.testing.v1 import AppTest

from necc.app.session.state import KEY
from necc.core.selection import PICKED, Condition, Group, Selection, picked

LUNG, BONE, ICI = Condition("site:lung", ("with",)), Condition("site:bone", ("with",)), Condition("ici", ("yes",))


def body() -> None:
    from necc.app.session.state import get_state
    from necc.app.shell.combine import combine

    combine(get_state())


def opened(*conditions: Condition, groups: tuple[Group, ...] = ()) -> AppTest:
    app = AppTest.from_function(body, default_timeout=60).run()
    app.session_state[KEY].selection = Selection(conditions, groups)
    return app.run()


def choose(app: AppTest, names: list[str], how: str) -> AppTest:
    app.button_group(key="combine-filters").set_value(names).run()
    app.radio(key="combine-how").set_value(how).run()
    assert not failures(app)
    return app


@pytest.mark.parametrize("how", ["any", "none", "not all"])
def test_filters_are_combined_and_undone(how):
    app = choose(opened(LUNG, ICI, BONE), ["site:lung", "site:bone"], how)
    state = app.session_state[KEY]
    wanted = Selection((ICI,), (Group((LUNG, BONE), how),))
    n = len(wanted.apply(state.whole))
    assert f"Keeps {n} of 88 patients" in words(app)
    app.button(key="combine").click().run()
    assert not failures(app) and state.selection == wanted and len(state.cohort) == n
    assert wanted.groups[0].describe(state.whole) in words(app)
    assert app.button_group(key="combine-filters").value == []
    state.undo()
    assert state.selection == Selection((LUNG, ICI, BONE))


@pytest.mark.parametrize(("how", "enough"), [("any", False), ("none", True), ("not all", True)])
def test_one_filter_can_only_be_denied(how, enough):
    app = choose(opened(LUNG), ["site:lung"], how)
    assert app.button(key="combine").disabled is not enough
    assert ("Choose 2 filters or more" in words(app)) is not enough
    assert opened(LUNG).button(key="combine").disabled


def test_a_group_is_separated_and_removed():
    group = Group((LUNG, BONE), "any")
    app = opened(ICI, groups=(group,))
    state = app.session_state[KEY]
    app.button(key="separate-0").click().run()
    assert state.selection == Selection((ICI, LUNG, BONE)) and not failures(app)
    state.undo()
    app.run().button(key="remove-group-0").click().run()
    assert state.selection == Selection((ICI,)) and len(state.history) == 1


def test_what_can_t_be_separated_says_so():
    app = opened(LUNG, groups=(Group((LUNG, BONE), "none"),))
    assert app.button(key="separate-0").disabled and "one variable" in app.button(key="separate-0").help
    assert not app.button(key="remove-group-0").disabled


def test_picked_patients_are_combined_like_any_filter():
    app = choose(opened(picked([4, 17]), LUNG), [PICKED], "none")
    app.button(key="combine").click().run()
    state = app.session_state[KEY]
    assert state.selection == Selection((LUNG,), (Group((picked([4, 17]),), "none"),))
    assert "without 2 patients picked by hand" in words(app) and "17" not in words(app)


def test_without_filters_it_says_what_it_is_for():
    app = opened()
    assert "Every filter must hold" in words(app) and not app.button and not failures(app)


def test_a_click_that_comes_too_late_changes_nothing():
    """Another filter was removed in the meantime: what is gone isn't combined, and what isn't there isn't separated."""
    app = choose(opened(LUNG, BONE), ["site:lung", "site:bone"], "any")
    state = app.session_state[KEY]
    state.selection = Selection((LUNG,))
    app.button(key="combine").click().run()
    assert not failures(app) and state.selection == Selection((LUNG,))
    late = opened(groups=(Group((LUNG, BONE), "any"),))
    late.session_state[KEY].selection = Selection((ICI,))
    late.button(key="separate-0").click().run()
    assert not failures(late) and late.session_state[KEY].selection == Selection((ICI,))
