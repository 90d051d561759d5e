"""A column of 40 levels, and a text of 400 values: every page has a state for it; what a list leaves out is said."""

from __future__ import annotations

import pytest
from page_helpers import NAMES, failures, open_page, words
from test_codes import views

from necc.core.selection import Selection
from necc.ingest.columns import MAX_LEVELS


@pytest.fixture(params=[40, 400])
def many(request, tmp_path, monkeypatch) -> int:
    """A file whose column `centre` has so many levels, the dashboard's."""
    n = request.param
    rows = [f"P{i},{i % 30 + 1},{i % 3 % 2},centre {i % n:03},{('lung', 'bone', '')[i % 3]}" for i in range(4 * n)]
    path = tmp_path / "many.csv"
    path.write_text("patient_id,prs_months,died,centre,recurrence_sites\n" + "\n".join(rows) + "\n", encoding="utf-8")
    monkeypatch.setenv("NECC_DATA", str(path))
    return n


@pytest.mark.parametrize("page", [name for name in NAMES if name not in ("learn", "about", "paper")])
def test_every_view_has_a_state(app_test, many, page):
    for view, app in views(open_page(app_test(), page), page):
        assert not failures(app), view


def test_the_list_of_groups_says_what_it_leaves_out(app_test, many):
    app = open_page(app_test(), "survival")
    by = next(s for s in app.selectbox if s.key == "choice-by")
    assert not any("centre" in option.lower() for option in by.options)
    said = (by.help or "").replace("\\", "")
    if many <= MAX_LEVELS:
        assert f"more than 12 levels: centre ({many})" in said
    else:  # read as a text, which the page on the data says
        assert not said and "centre" in words(open_page(app, "data"))


def test_a_level_of_many_is_a_filter_by_a_click(app_test, many):
    app = open_page(app_test(), "patients")
    state = app.session_state["necc"]
    state.pick("centre=centre 007")
    app.run()
    assert not failures(app)
    if many <= MAX_LEVELS:
        assert len(state.cohort) == 4 and state.selection == Selection.parse(["centre=centre 007"])
    else:
        assert not state.selection
    app = app.switch_page("pages/survival.py").run()
    assert not failures(app)
