"""Centres in the dashboard: the sample split in three, pooled again on the page; and a centre's own file."""

from __future__ import annotations

import json

import pytest
from cohorts import SAMPLES
from page_helpers import failures, look_at, open_page, words
from playwright.sync_api import expect
from test_browser import open_page as open_in_browser
from test_browser import settled

from necc.app.views import centres as page
from necc.app.views.centres import HELD, Held
from necc.centres import read_centre, summarise
from necc.ingest import read_cohort

NAMES = ("North", "South", "East")
LINES = (SAMPLES / "reconstructed_cohort.csv").read_text(encoding="utf-8").splitlines(keepends=True)


def centre(place: int, grid: str = "days"):
    rows = read_cohort("".join([LINES[0], *LINES[1 + place :: 3]]).encode(), f"{NAMES[place]}.csv")
    return summarise(rows, centre=NAMES[place], time_grid=grid)


class Given:
    """A file as the browser sends it."""

    def __init__(self, name: str, data: bytes):
        self.name, self.data = name, data

    def getvalue(self) -> bytes:
        return self.data


def opened(app_test):
    return look_at(open_page(app_test(), "data"), "data-view", "centres")


@pytest.fixture(scope="module")
def made():
    return [centre(place) for place in range(3)]


class TestMaking:
    def test_the_preview_and_the_file(self, app_test):
        app = press(opened(app_test), "centres-part", page.MAKE)
        assert not failures(app)
        said = words(app)
        assert "person-level information" in said and "keeps a ledger" in said
        assert "Patients in cells below 5" in said and "Median, months" in said
        assert any("necc summarise" in code.value for code in app.code)

    def test_the_file_that_is_taken_is_that_of_the_command(self, app_test, monkeypatch):
        import streamlit as st

        taken, button = {}, st.download_button

        def download_button(label, data, file_name="", *args, **kwargs):
            taken[file_name] = data
            return button(label, data, file_name, *args, **kwargs)

        monkeypatch.setattr(st, "download_button", download_button)
        app = press(opened(app_test), "centres-part", page.MAKE)
        assert not failures(app)
        read = read_centre(taken["centre.centre.json"]())
        whole = read_cohort(SAMPLES / "reconstructed_cohort.csv")
        assert read == summarise(whole, endpoints=whole.endpoint_names()) and read.patients == 88
        assert "synthetic" in read.notice.lower()
        stage = press(app, "centre-grid", "quarter")
        assert not failures(stage)
        assert read_centre(taken["centre.centre.json"]()).rule["time_grid"] == "quarter"


def press(app, choice: str, option: str):
    """A choice's button of this value."""
    for buttons in app.button_group:
        if buttons.key == f"choice-{choice}":
            return buttons.set_value(option).run()
    raise AssertionError(f"no choice {choice}")


class TestPooling:
    def test_without_files_the_page_says_how_to_begin(self, app_test):
        app = opened(app_test)
        assert not failures(app) and "Each centre makes its own" in words(app)

    @pytest.mark.parametrize("show", ["Curves", "Hazard ratios", "Sites", "Response"])
    def test_the_sample_split_in_three_is_pooled(self, show, app_test, made):
        app = open_page(app_test(), "data")
        kept = Held()
        kept.take(Given(f"{one.centre}.json", one.to_bytes()) for one in made)
        app.session_state[HELD] = kept
        app = press(look_at(app, "data-view", "centres"), "pooled-show", show)
        assert not failures(app) and not app.info
        said = words(app)
        assert "88 patients of 3 centres" in said and all(name in said for name in NAMES)

    def test_the_curves_are_those_of_all_rows(self, made):
        from necc.analysis.centres import by_centre
        from necc.analysis.survival import kaplan_meier

        kept = Held()
        kept.take(Given(f"{one.centre}.json", one.to_bytes()) for one in made)
        pooled, _ = kept.together()
        here = by_centre(pooled.cohort, "PRS", "site:lung", centre="centre").pooled
        rows = kaplan_meier(read_cohort(SAMPLES / "reconstructed_cohort.csv"), "PRS", "site:lung")
        assert [(c.n, c.n_events_total) for c in here.curves] == [(c.n, c.n_events_total) for c in rows.curves]
        assert here.test.p == pytest.approx(rows.test.p, abs=1e-9)

    def test_an_altered_file_and_one_given_twice_are_told(self, made):
        kept = Held()
        data = made[0].to_bytes()
        altered = data.replace(b'"patients":30', b'"patients":31')
        assert altered != data
        kept.take([Given("a.json", data), Given("b.json", data), Given("c.json", altered), Given("d.json", b"{")])
        assert len(kept.files) == 1
        assert [f.severity for f in kept.problems] == ["error", "error", "warning"]
        assert "here already" in kept.problems[-1].message

    def test_files_that_cannot_be_pooled_are_told(self, app_test, made):
        content = made[1]
        app = open_page(app_test(), "data")
        kept = Held()
        other = centre(0, "month")
        kept.take([Given("a.json", made[0].to_bytes()), Given("b.json", other.to_bytes())])
        app.session_state[HELD] = kept
        app = look_at(app, "data-view", "centres")
        said = words(app)
        assert not app.exception and "can't be pooled" in said and content.centre
        assert json.loads(other.to_bytes())["rule"]["time_grid"] == "month"


def test_three_files_are_dropped_in_a_browser(page, server, made):
    open_in_browser(page, server)
    page.get_by_role("radio", name="Centres", exact=True).click()
    settled(page)
    files = [{"name": f"{one.centre}.json", "mimeType": "application/json", "buffer": one.to_bytes()} for one in made]
    page.get_by_test_id("stMain").locator("input[type=file]").set_input_files(files)
    expect(page.get_by_role("heading", name="Each centre by itself")).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="Hazard ratios", exact=True).click()
    settled(page)
    expect(page.get_by_role("heading", name="Cox model with each centre as a stratum")).to_be_visible()
    assert "site" not in page.url.partition("?")[2].replace("data-view", "")  # nothing of the files is in the address
    page.get_by_text("3 files here").click()
    page.get_by_role("button", name="Forget these files").click()
    expect(page.get_by_text("Each centre makes its own")).to_be_visible()
