"""Centres in the dashboard: a centre's own file, and what it would tell."""

from __future__ import annotations

from cohorts import SAMPLES
from page_helpers import failures, look_at, open_page, words

from necc.centres import read_centre, summarise
from necc.ingest import read_cohort


def opened(app_test):
    return look_at(open_page(app_test(), "data"), "data-view", "centres")


class TestMaking:
    def test_the_preview_and_the_file(self, app_test):
        app = opened(app_test)
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
        app = opened(app_test)
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
