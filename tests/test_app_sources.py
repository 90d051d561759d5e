"""The pages with a source behind the cohort: counts say what rows say, and what needs rows says so."""

from __future__ import annotations

import logging
import threading
import time

import pandas as pd
import pytest
from cohorts import SAMPLES
from counted import InMemory, asked
from page_helpers import NAMES, choose, failures, plain, press, shown_figures, tables, words

from necc.app.session import sources
from necc.app.session.sources import SourceFailed, Watched, configured, read_sources, watched
from necc.app.session.state import State
from necc.app.shell import facets
from necc.core.errors import AnalysisError
from necc.core.selection import Selection
from necc.ingest import read_cohort
from necc.launch import DATA_VARIABLE

FILE = SAMPLES / "reconstructed_cohort.csv"
SAMPLE = read_cohort(FILE)
COUNTED = {
    "patients": ("Table 1", "Flow diagram", "Sub-cohorts"),
    "sites": ("Distribution", "Combinations", "Organs", "Timing", "Which comes first"),
    "survival": ("Curves", "Every site", "Tests", "Restricted mean", "Fixed times", "Medians", "Competing risks"),
    "regression": ("Hazard ratios", "Proportional hazards", "Subgroups", "Stepwise", "Two hazards"),
}
"""Views whose words, tables and pictures are the same of counts as of rows."""
OF_ROWS = {
    "data": ("Edit", "Project"), "patients": ("List", "One patient"),
    "regression": ("Single patients", "Prediction"),
    "treatment": ("Each patient",), "report": ("Exhibits",), "paper": ("Yours", "Reproduction", "Patients"),
    "about": ("Second opinion",),
}  # fmt: skip
MEAN = ["figo_stage=III,IVA,missing", "any(site:lung=with; age_years>50)", "age_years=30..60"]


@pytest.fixture
def page(app_test):
    """A function: a cohort, a page -> its first view; `source` is what the session calls it."""

    def shown(cohort, name: str, **more):
        app = app_test()
        app.session_state["necc"] = State(cohort, sample=False, **more)
        app.run()
        return app if name == NAMES[0] else app.switch_page(f"pages/{name}.py").run()

    return shown


def views(app):
    """Each view of a page by its words."""
    for buttons in [b for b in app.button_group if b.key and b.key.endswith("-view")]:
        yield plain(buttons.options[0]), app
        for option in list(buttons.options)[1:]:
            found = next(b for b in app.button_group if b.key == buttons.key)
            app = found.set_value(plain(option)).run()
            yield plain(option), app


def said(app) -> list[str]:
    """All that a page says, but for the name of the cohort."""
    told = [line for line in words(app).split("\n") if "necc-source" not in line]
    return [*told, *map(str, tables(app)), *(figure.alt for figure in shown_figures(app))]


@pytest.mark.parametrize("name", NAMES)
def test_every_view_of_every_page_is_shown_or_says_what_it_needs(page, name):
    for view, app in views(page(asked(SAMPLE), name)):
        assert not failures(app), view
        told = words(app)
        assert "should not have happened" not in told
        if view in OF_ROWS.get(name, ()):
            assert "needs each patient's row" in told, view
            assert "Counts answer the pages on" in told, view
        if view in COUNTED.get(name, ()):
            assert "needs each patient's row" not in told, view


@pytest.mark.parametrize("name", COUNTED)
def test_counts_say_what_rows_say(page, name):
    seen = []
    for (view, rows), (_, counts) in zip(views(page(SAMPLE, name)), views(page(asked(SAMPLE), name)), strict=True):
        if view in COUNTED[name]:
            assert said(counts) == said(rows), view
            seen.append(view)
    assert tuple(seen) == COUNTED[name]


@pytest.mark.parametrize("texts", [[], MEAN, ["none(lvsi=yes; figo_stage=III)"], ["site:lung=with", "lvsi=yes"]])
def test_the_filter_panel_counts_the_same(texts):
    selection = Selection.parse(texts, SAMPLE.columns)
    added = ("tumor_size_cm", "mixed_component")
    source = InMemory(SAMPLE)
    counts = asked(SAMPLE)
    object.__setattr__(counts, "behind", source)
    assert facets.panel(counts, selection, added) == facets.panel(SAMPLE, selection, added)
    n_shown = sum(len(names) for _, names in facets.sections(SAMPLE, added))
    assert len(set(source.asked_for)) < n_shown / 2  # asked together where they can be


def test_filters_go_down_and_the_bar_counts(page):
    app = page(asked(SAMPLE), "survival")
    state = app.session_state["necc"]
    state.select(Selection.parse(MEAN, SAMPLE.columns))
    app.run()
    n = len(Selection.parse(MEAN, SAMPLE.columns).apply(SAMPLE))
    assert not failures(app)
    assert f"**{n}** of 88 patients" in words(app)


def test_a_number_is_cut_in_its_middle(page):
    rows, counts = (choose(page(c, "survival"), "by", "a number, cut in two …") for c in (SAMPLE, asked(SAMPLE)))
    assert said(rows) == said(counts)


# ---------------------------------------------------------------- what the owner offers
def written(tmp_path, text: str):
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_sources_are_read_with_their_paths(tmp_path):
    (tmp_path / "m.toml").write_text("")
    one, two = read_sources(written(tmp_path, """
        [[source]]
        name = "Registry"
        where = "postgres://reader@db.example.org/registry"
        table = "cohort"
        mapping = "m.toml"
        time_limit_s = 20
        [[source]]
        name = "File"
        where = "registry.parquet"
    """))  # fmt: skip
    assert (one.where, one.table, one.time_limit_s) == ("postgres://reader@db.example.org/registry", "cohort", 20)
    assert one.mapping == str(tmp_path / "m.toml")
    assert two.where == str(tmp_path / "registry.parquet")
    assert not (one.problem or two.problem)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("where = 'a.parquet'", "needs the key 'name'"),
        ("name = 'A'", "needs the key 'where'"),
        ("name = 'A'\nwhere = 'a.parquet'\ntabel = 't'", "unknown key 'tabel'"),
        ("name = 'A'\nwhere = 'postgres://u:hush@h/d'", "holds a password"),
        ("name = 'A'\nwhere = 'postgres://h/d?password=hush'", "holds a password"),
        ("name = 'A'\nwhere = 'a.parquet'\nmapping = 'no.toml'", "there is no file 'no.toml'"),
        ("name = 'A'\nwhere = 'postgres://u@h/d'\npassword_env = 'NOBODY_SETS_THIS'", "NOBODY_SETS_THIS"),
        ("name = 'A'\nwhere = 'a.parquet'\ntime_limit_s = 0", "time_limit_s"),
    ],
)
def test_what_is_wrong_with_a_source_is_told_without_secrets(tmp_path, monkeypatch, caplog, text, why):
    monkeypatch.setenv(sources.VARIABLE, str(written(tmp_path, f"[[source]]\n{text}")))
    configured.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, "necc.app"):
            (one,) = configured()
    finally:
        configured.cache_clear()
    assert why in one.problem
    assert why in caplog.text
    assert "hush" not in caplog.text + repr(one) + one.problem


@pytest.mark.parametrize("content", [None, "not toml [", "title = 'x'", "source = 3"])
def test_a_file_of_sources_that_cant_be_read_is_told(tmp_path, content):
    path = tmp_path / "sources.toml" if content is None else written(tmp_path, content)
    (one,) = read_sources(path)
    assert "sources.toml" in one.problem


def test_two_sources_of_one_name_are_one(tmp_path):
    twice = "[[source]]\nname = 'A'\nwhere = 'a.parquet'\n" * 2
    assert [bool(one.problem) for one in read_sources(written(tmp_path, twice))] == [False, True]


@pytest.fixture
def offered(tmp_path, monkeypatch):
    """The sample as a table of DuckDB that the owner offers, beside one that isn't available."""
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("ibis")
    frame = pd.read_csv(FILE)
    with duckdb.connect(str(tmp_path / "registry.duckdb")) as connection:
        connection.register("frame", frame)
        connection.execute("create table cohort as select * from frame")
    path = written(tmp_path, """
        [[source]]
        name = "Registry"
        where = "registry.duckdb"
        table = "cohort"
        [[source]]
        name = "Gone"
        where = "gone.duckdb"
        [[source]]
        name = "Locked"
        where = "postgres://reader@localhost/clinic"
        password_env = "NOBODY_SETS_THIS"
    """)  # fmt: skip
    monkeypatch.setenv(sources.VARIABLE, str(path))
    configured.cache_clear()
    yield path
    configured.cache_clear()


def test_a_table_that_is_offered_is_opened_and_left_again(offered, app_test):
    app = app_test().run()
    assert "Locked: not available: the environment variable NOBODY_SETS_THIS" in words(app)
    app = press(app, "Gone")
    assert any("Gone was not opened" in line for line in failures(app))
    assert "**88** of 88 patients" in words(app)
    app = press(app, "Registry")
    assert not failures(app)
    assert "counts only · synthetic" in words(app)
    assert "What the table holds" in words(app)
    assert not any(b.label == "Keep" for b in app.button)
    app = app.switch_page("pages/survival.py").run()
    state = app.session_state["necc"]
    state.select(Selection.parse(MEAN, SAMPLE.columns))
    app.run()
    n = len(Selection.parse(MEAN, SAMPLE.columns).apply(SAMPLE))
    assert not failures(app)
    assert f"**{n}** of 88 patients" in words(app)
    assert shown_figures(app)
    assert "figo_stage=III" in str(app.query_params) or "figo_stage" in app.query_params
    app = press(app, "Back to the sample")
    assert not failures(app)
    assert "counts only" not in words(app)


@pytest.mark.parametrize("name", ["sites", "survival", "regression", "treatment"])
def test_pages_of_a_table_are_shown(offered, app_test, name):
    app = press(app_test().run(), "Registry").switch_page(f"pages/{name}.py").run()
    assert not failures(app)
    assert shown_figures(app) or "needs each patient's row" in words(app)


def test_a_large_file_is_asked_and_never_loaded(tmp_path, monkeypatch, app_test):
    pytest.importorskip("duckdb")
    pytest.importorskip("ibis")
    path = tmp_path / "large.parquet"
    pd.read_csv(FILE).to_parquet(path)
    monkeypatch.setattr("necc.engine.connecting.LARGE_ROWS", 80)
    monkeypatch.setenv(DATA_VARIABLE, str(path))
    for loads in ("necc.app.session.state.inspect", "necc.app.session.state.open_file"):
        monkeypatch.setattr(loads, lambda *args, **how: pytest.fail("the file is loaded"))
    app = app_test().run()
    assert not failures(app)
    assert "large.parquet" in words(app)
    assert "88 patients · counts only · synthetic" in words(app)


# ---------------------------------------------------------------- asked by a session
class Slow(InMemory):
    """A source that waits until it is told to go on, or to stop."""

    def __init__(self, cohort) -> None:
        super().__init__(cohort)
        self.go, self.stopped = threading.Event(), False

    def counted(self, wanted, selections):
        self.go.wait(20)
        if self.stopped:
            raise AnalysisError("stopped")
        return super().counted(wanted, selections)

    def cancel(self) -> None:
        self.stopped = True
        self.go.set()


def test_a_source_is_asked_once_for_the_same(page):
    source = InMemory(SAMPLE)
    source.cancel = lambda: None
    cohort = asked(SAMPLE)
    object.__setattr__(cohort, "behind", source)
    app = page(watched(cohort, "Registry"), "survival")
    n = len(source.asked_for)
    app.run()
    assert not failures(app)
    assert n == len(source.asked_for) > 0


def test_a_source_that_fails_leaves_the_page_its_ways_and_is_asked_again(page):
    class Broken(InMemory):
        broken = True

        def n_patients(self, selections):
            if self.broken:
                raise AnalysisError("the database closed the connection")
            return super().n_patients(selections)

        def counted(self, wanted, selections):
            if self.broken:
                raise AnalysisError("the database closed the connection")
            return super().counted(wanted, selections)

        def cancel(self) -> None:
            pass

    source = Broken(SAMPLE)
    cohort = asked(SAMPLE)
    object.__setattr__(cohort, "behind", source)
    app = page(watched(cohort, "Registry"), "survival", source="Registry")
    assert not failures(app)
    assert "patients not counted" in words(app)
    assert "The database closed the connection." in words(app)
    assert any(b.label == "Back to the sample" for b in app.button)
    source.broken = False
    app = press(app, "Try again")
    assert not failures(app)
    assert "**88** of 88 patients" in words(app)
    assert shown_figures(app)


def test_one_stop_holds_for_the_page_that_follows(monkeypatch):
    source = Slow(SAMPLE)
    one = Watched(source, "Registry")
    monkeypatch.setattr(sources, "GIVEN_UP_AFTER", 0.0)
    ended = threading.Timer(0.3, source.cancel)
    ended.start()
    with pytest.raises(SourceFailed, match="stopped"):
        one.counted(_wanted(), ())
    with pytest.raises(SourceFailed):  # not asked: the next would wait as long
        one.n_patients(())
    one.stop()
    one.begin()
    with pytest.raises(SourceFailed, match="before it was answered"):
        one.n_patients(())
    one.begin()
    assert one.n_patients(()) == 88


def _wanted():
    from necc.core.counts import Wanted

    return Wanted(names=("figo_stage",))


def test_whatever_is_raised_while_waiting_ends_the_question():
    from necc.engine.waiting import Waiting

    class Clicked(BaseException):
        pass

    def click(seconds: float) -> None:
        raise Clicked

    source = Slow(SAMPLE)
    began = time.monotonic()
    with pytest.raises(Clicked):
        Waiting(source, click).counted(_wanted(), ())
    assert source.stopped
    assert time.monotonic() - began < 10
