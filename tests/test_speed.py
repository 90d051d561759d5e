"""What keeps the dashboard fast, as far as it can be held without a clock; the times are in docs/performance.md."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tomllib
import weakref

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from page_helpers import NAMES, failures, open_page, words
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

from necc.analysis.survival import compare_survival, permutation
from necc.app.session.expiry import forget
from necc.app.session.state import KEY
from necc.app.views.paper import SHOWN
from necc.ingest import read_cohort
from necc.present import svg

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"


@pytest.fixture
def whole():
    return read_cohort(SAMPLE)


# ---------------------------------------------------------------- what a cohort is asked in every run
def test_a_cohort_looks_once_which_columns_hold_values(whole, monkeypatch):
    asked, notna = [], pd.Series.notna
    monkeypatch.setattr(pd.Series, "notna", lambda self: asked.append(self.name) or notna(self))
    names = [(c.number_names(), c.factor_names(), [c.has(n) for n in c.columns]) for c in (whole, whole)]
    assert names[0] == names[1]
    assert len(asked) == len(set(asked))
    before = len(asked)
    few = whole.subset(np.arange(len(whole)) < 3)
    assert (few.number_names(), few.factor_names(), [few.has(n) for n in few.columns]) == names[0]
    assert len(asked) == before


def test_what_a_cohort_remembers_is_of_its_own_table(whole):
    assert whole.has("age_years") and not whole.has("no such column")
    table = whole.table.assign(age_years=np.nan)
    other = whole.of_table(table, whole.dictionary, whole.source)
    assert not other.has("age_years") and "age_years" not in other.number_names()
    assert whole.has("age_years") and "age_years" in whole.number_names()


def test_a_cut_of_a_number_leaves_the_table_alone(whole, monkeypatch):
    few = whole.subset(np.arange(len(whole)) < 30)
    monkeypatch.setattr(type(few), "table", property(lambda self: pytest.fail("the table was copied")))
    assert few.cut("age_years>50")["at"] == "50" and few.cut("age_years") is None


# ---------------------------------------------------------------- what is done once
def test_tests_of_the_same_groups_draw_their_exchanges_once(whole, monkeypatch):
    permutation._kept.cache_clear()
    drawn, draw = [], permutation._exchanged
    monkeypatch.setattr(permutation, "_exchanged", lambda *a: drawn.append((a[1], *a[2], a[3])) or draw(*a))
    result = compare_survival(whole, "PRS", "histology", permutation=True, draws=199)
    by = [t for t in result.tests if t.p_by == "permutation"]
    assert len(by) >= 5 and drawn.count((88, 8, 9, 199)) == 1 and len(drawn) == len(set(drawn))
    permutation._kept.cache_clear()
    again = compare_survival(whole, "PRS", "histology", permutation=True, draws=199)
    assert [t.p for t in again.tests] == [t.p for t in result.tests]


def test_garbage_is_collected_by_the_timer_and_not_after_every_run():
    class Node:
        pass

    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["runner"]["postScriptGC"] is False
    gc.disable()
    try:
        node = Node()
        node.itself, known = node, weakref.ref(node)
        del node
        assert known() is not None
        forget(type("Kept", (), {"expire": lambda self: None})())
        assert known() is None
    finally:
        gc.enable()


# ---------------------------------------------------------------- the first visit
FIRST = """
import sys
from necc import launch
launch._warm_up()
import necc.app.session.state as state
from streamlit.testing.v1 import AppTest, app_test
def read(*args, **kwargs):
    raise RuntimeError("a file is read")
state.read_cohort = read
class Navigated(app_test.PagesManager):
    def __init__(self, *args, **kwargs):
        app_test.PagesManager.uses_pages_directory = False
        super().__init__(*args, **kwargs)
original, app_test.PagesManager = app_test.PagesManager, Navigated
before = set(sys.modules)
app = AppTest.from_file("dashboard.py", default_timeout=60).run()
assert not app.exception and not app.error, (app.exception, app.error)
ours = ("necc", "pandas", "fontTools", "scipy")
print("NEW", *sorted(m for m in set(sys.modules) - before if m.split(".")[0] in ours))
"""


def test_the_first_visitor_waits_for_no_file_and_no_library():
    """What the first page needs was read and imported while the server started."""
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] == "NEW", done.stdout


# ---------------------------------------------------------------- a run with the same filters
def test_a_run_that_changes_nothing_draws_no_figure_again(app_test, monkeypatch):
    drawn, render = [], svg.render
    monkeypatch.setattr(svg, "render", lambda *args: drawn.append(args[3]) or render(*args))
    app = open_page(app_test(), "survival")
    first = len(drawn)
    assert first >= 1
    app.run()
    assert len(drawn) == first and not failures(app)
    app = press_filter(app)
    assert len(drawn) > first and not failures(app)


def press_filter(app):
    """Filters as a click on a bar does."""
    app.session_state[KEY].pick("site:lung=with")
    return app.run()


def test_what_can_be_grouped_by_is_the_same_with_filters_and_follows_the_file(app_test):
    app = open_page(app_test(), "survival")
    before = list(app.selectbox(key="choice-by").options)
    assert list(press_filter(app).selectbox(key="choice-by").options) == before
    state = app.session_state[KEY]
    state.adopt(read_cohort(b"patient_id,grade,prs_months,died\nP1,low,3,1\nP2,high,9,0\n", "own.csv"), sample=False)
    after = list(app.run().selectbox(key="choice-by").options)
    assert after != before and "grade" in " ".join(after).casefold(), after


# ---------------------------------------------------------------- messages
MOST = 90  # that a run of a page may send; each wakes the server's loop and takes the browser a step


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_a_page_sends_few_messages(app_test, monkeypatch, name):
    sent, enqueue = [], ScriptRunContext.enqueue

    def counted(self, message):
        sent.append(message)
        enqueue(self, message)

    app = open_page(app_test(), name)
    monkeypatch.setattr(ScriptRunContext, "enqueue", counted)
    app.run()
    assert not failures(app) and 20 < len(sent) <= MOST, len(sent)


def test_a_long_table_of_cells_is_shown_in_part_and_taken_away_whole(app_test):
    app = open_page(app_test(), "reproduction")
    app = press_filter(app)
    [body] = [e.proto.body for e in app.get("html") if "All figures: printed" in e.proto.body]
    assert body.count("<tr>") == SHOWN + 1 and not failures(app)
    assert "The first 40 of" in words(app) and "the download contains all of them" in words(app)
    copied = [
        json.loads(e.proto.json)["tsv"] for e in app.get("bidi_component") if e.proto.component_name == "necc_copy"
    ]
    assert sorted(len(text.splitlines()) for text in copied)[-1] < 200
    assert any(len(text.splitlines()) >= SHOWN + 1 and "Table" in text for text in copied)


def test_an_explanation_is_one_element(app_test):
    app = open_page(app_test(), "survival")
    popovers = [b for b in app.get("popover") if b.proto.popover.label == "Explain"]
    assert len(popovers) >= 3
    assert [len(p.children) for p in popovers] == [1] * len(popovers)
