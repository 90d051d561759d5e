"""What a page shows can be taken into a report, and is there what it was on the page."""

from __future__ import annotations

import sys

import pytest
from page_helpers import NAMES, failures, look_at, open_page, plain
from test_figures import SAMPLE

from necc.app.session.exhibits import add, made_of, recipe_of
from necc.app.session.state import State, get_state
from necc.core.errors import AnalysisError
from necc.core.selection import Selection, picked
from necc.present.figures import Figure
from necc.report.recipe import Kitchen

NO_EXHIBITS = {"table-literature", "table-restaging-disagree", "table-cox-prs-influence"}
"""Cards that no report has: what others published, and rows of the file."""
BY = {"every site at once": "all sites", "Histology": "histology"}
CARDS: dict[str, tuple[object, str, str]] = {}
FAILED: list[tuple[str, str]] = []


@pytest.fixture
def noted(monkeypatch):
    """Every card of a page with its recipe, or why it has none."""
    CARDS.clear()
    FAILED.clear()
    shows = sys.modules["necc.app.widgets.show"]
    before = shows.to_report

    def note(added, title, key):
        before(added, title, key)
        if not added:
            return
        if isinstance(added, str):
            CARDS[key] = (None, added, "")
            return
        if made_of(added) is None:
            assert key in NO_EXHIBITS, key
            return
        try:
            recipe = recipe_of(get_state(), added)
        except AnalysisError as error:
            FAILED.append((key, str(error)))
            return
        state = get_state()
        kitchen = Kitchen(state.cohort, state.whole, state.as_loaded, state.selection)
        made, _ = kitchen.make(recipe)
        CARDS[f"{key} {recipe}"] = (added, recipe, differs(added, made))

    monkeypatch.setattr(shows, "to_report", note)
    for room in [m for name, m in sys.modules.items() if name.startswith("necc.app.views")]:
        if hasattr(room, "to_report"):
            monkeypatch.setattr(room, "to_report", note)


def differs(shown, made) -> str:
    """What differs between what the page shows and what its recipe makes."""
    if isinstance(shown, Figure):
        again = made.with_style(shown.style)
        return "" if again.to_svg() == shown.to_svg() and again.caption == shown.caption else "the picture"
    if hasattr(shown, "rows"):
        return "" if (made.columns, made.rows, made.notes) == (shown.columns, shown.rows, shown.notes) else "the table"
    return ""


def test_patients_picked_by_hand_are_in_no_report():
    """In another file their places are somebody else's, and without that filter the exhibit is of others."""
    state = State(SAMPLE, sample=True, selection=Selection((picked([1, 2]),)))
    with pytest.raises(AnalysisError, match="picked by hand isn't kept.*take that filter away"):
        add(state, ("figures.site_bars(site_distribution(cohort))",), "Sites")
    assert not state.desk.exhibits
    state.selection = Selection.parse(["site:lung=with"])
    add(state, ("figures.site_bars(site_distribution(cohort))",), "Sites")
    assert state.desk.exhibits[0].filters == ("site:lung=with",)


def test_exhibits_are_there_where_nobody_is_shown(app_test):
    """They have filters of their own; only the ready list is of the patients shown."""
    app = app_test()
    app.run()
    state = app.session_state["necc"]
    add(state, ("figures.site_bars(site_distribution(cohort))",), "Sites of all")
    state.select(Selection.parse(["age_years=1..2"]))
    app = open_page(app, "report")
    assert any("No patient meets" in info.value for info in app.info)
    app = look_at(app, "report-view", "exhibits")
    assert not failures(app) and not app.info
    assert any("Sites of all" in line.value for line in app.markdown)
    assert app.button(key="exhibits-ready").disabled
    state.select(Selection())
    app.run()
    assert not app.button(key="exhibits-ready").disabled


@pytest.mark.parametrize("filters", ["", "site:lung=with"])
@pytest.mark.parametrize("name", NAMES)
def test_a_report_shows_what_the_page_shows(app_test, noted, name, filters):
    app = app_test()
    app.run()
    if filters:
        app.session_state["necc"].select(Selection.parse([filters]))
    app = open_page(app, name)
    rooms = [b for b in app.button_group if b.key.endswith("-view")][:1]
    for view in [plain(option) for option in rooms[0].options] if rooms else [""]:
        if view:
            app.button_group(key=rooms[0].key).set_value(view).run()
        assert not failures(app), view
        boxes = [b for b in app.selectbox if b.key == "choice-by"]
        for option, value in BY.items():
            if boxes and option in boxes[0].options:
                app.selectbox(key="choice-by").set_value(value).run()
                assert not failures(app), (view, value)
    assert not [(key, why) for key, (_, _, why) in CARDS.items() if why]
    assert not FAILED
