"""The dashboard without a browser: every page with every kind of cohort, filters, links, uploads, failures."""

from __future__ import annotations

import ast
import json
import logging
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from page_helpers import NAMES, PAGES, charts, choose, failures, look_at, open_page, pictures, plain, unexplained, words

from necc.analysis.recurrence import site_distribution
from necc.analysis.survival import kaplan_meier, survival_grid
from necc.app.session import links
from necc.app.session.cache import FOR_ALL
from necc.app.session.plain import md
from necc.app.shell.facets import condition_of, panel
from necc.app.views import reproduction
from necc.app.widgets.choices import ALL_SITES, CUT, covariates, default_covariates
from necc.core.selection import PICKED, Condition, Selection, picked, positions
from necc.core.text import format_number, without_rows
from necc.ingest import Inspection, Opened, read_cohort
from necc.ingest.raw import RawTable
from necc.present.words.explain import EXPLANATIONS

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
TITLES = {"validation": "Validation sheet"}  # where the heading says more than the menu
ONE = b"patient_id,histology,prs_months,died,ttr_months,recurred,recurrence_sites,ici,best_response,final_response\n"
ONE += b"P1,small cell,7.5,0,12,1,lung; liver,yes,PR,PD\n"
BARE = b"patient_id,grade\nP1,low\nP2,high\nP3,low\n"
DEATHLESS = b"patient_id,prs_months,died,recurrence_sites\nP1,3,0,lung\nP2,9,0,bone\nP3,4,0,lung\n"


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLE)


def twice(app) -> list[str]:
    """Headings that a page shows more than once."""
    headings = [m.value.lstrip("# ") for m in app.markdown if m.value.startswith("#")]
    return [text for text, n in Counter(headings).items() if n > 1]


# ---------------------------------------------------------------- every page, every kind of cohort
@pytest.mark.parametrize("name", NAMES)
def test_page_with_the_sample(app_test, name):
    app = open_page(app_test(), name)
    assert not failures(app)
    assert "Synthetic data, not real patients" in words(app)
    assert "**88** of 88 patients" in words(app)
    assert not twice(app)
    assert [m.value for m in app.markdown if m.value.startswith("# ")] == [f"# {TITLES.get(name, dict(PAGES)[name])}"]


@pytest.mark.parametrize("name", NAMES)
def test_page_with_an_empty_selection(app_test, name):
    app = open_page(app_test(histology="large cell", mixed_component="adenocarcinoma"), name)
    assert not failures(app)
    assert "**0** of 88 patients" in words(app)
    if name in (
        "patients",
        "sites",
        "survival",
        "regression",
        "treatment",
        "report",
        "paper",
    ):  # not every page is about the patients left
        assert "No patient meets all of these filters" in words(app)
    assert [b.label for b in app.button if b.key.startswith("chip-")]


@pytest.mark.parametrize("data", [ONE, BARE, DEATHLESS], ids=["one patient", "lacking columns", "nobody died"])
@pytest.mark.parametrize("name", NAMES)
def test_page_with_other_cohorts(app_test, monkeypatch, tmp_path, name, data):
    path = tmp_path / "other.csv"
    path.write_bytes(data)
    monkeypatch.setenv("NECC_DATA", str(path))
    app = open_page(app_test(), name)
    assert not failures(app)
    assert not twice(app)
    assert "Synthetic data" not in words(app)
    n = data.count(b"\n") - 1
    assert f"**{n}** of {n} patient" in words(app)


def test_sentences_of_one_patient(app_test, monkeypatch, tmp_path):
    path = tmp_path / "one.csv"
    path.write_bytes(ONE)
    monkeypatch.setenv("NECC_DATA", str(path))
    told = words(open_page(app_test(), "reporting"))
    assert "survival can't be estimated (Abdominal organs: with)" in told and "not estimable of the" not in told
    told = words(choose(open_page(app_test(), "literature"), "literature-topic", "all topics"))
    assert "contradicts no statement, and no published figure lies outside" in told


def test_a_presentation_is_never_blank(app_test):
    assert "leave the presentation and choose 'Compare the models'" in words(
        open_page(app_test(view="presentation"), "prediction")
    )
    assert "Leave the presentation to load a file" in words(open_page(app_test(view="presentation"), "mapping"))


def test_odd_rows_are_counted_once(app_test):
    """Row 82 has two faults and is one row."""
    app = open_page(app_test(), "immunotherapy")
    app = choose(app, "treatment-view", "Best to final")
    told = words(app)
    assert "1 row that can't be right. Row 47" in told and "2 rows that should be checked. Row 82" in told


def test_views_show_no_heading_twice(app_test):
    app = open_page(app_test(), "regression")
    assert not twice(choose(app, "regression-view", "Subgroups"))


def test_notes_of_stages_stand_once_and_as_sentences(app_test):
    told = words(open_page(app_test(), "staging"))
    assert told.count("Para-aortic nodes are not recorded") == 1 and "para-aortic nodes are not" not in told


def test_a_page_says_which_column_it_lacks(app_test, monkeypatch, tmp_path):
    path = tmp_path / "bare.csv"
    path.write_bytes(BARE)
    monkeypatch.setenv("NECC_DATA", str(path))
    assert "needs recurrence sites" in words(open_page(app_test(), "sites"))
    assert "needs Best response (column 'best_response')" in words(open_page(app_test(), "immunotherapy"))
    assert "(PRS) needs its time (column 'prs_months'" in words(open_page(app_test(), "survival"))


def test_a_cohort_without_an_endpoint_is_told_what_is_enough(app_test, monkeypatch, tmp_path):
    """One endpoint is enough, so one is named, with where to say which columns hold it."""
    path = tmp_path / "bare.csv"
    path.write_bytes(BARE)
    monkeypatch.setenv("NECC_DATA", str(path))
    for name in ("survival", "regression", "comparisons", "prediction", "reporting"):
        told = next(i.value for i in open_page(app_test(), name).info).replace("\\", "")
        assert (
            "One is enough; Post-recurrence survival (PRS) needs its time" in told
            and "'Your own file' on the page Data" in told
            and len(told) < 420
        )
        assert "TTR" not in told and ".." not in told


@pytest.mark.parametrize(("page", "choices"), [
    ("survival", {"endpoint": "TTR", "by": "all sites"}), ("survival", {"endpoint": "OS", "by": "all sites"}),
    ("sites", {"sites-view": "Timing"}),
])  # fmt: skip
def test_a_caution_by_every_site_is_about_every_site(app_test, page, choices):
    app = open_page(app_test(), page)
    for name, value in choices.items():
        app = choose(app, name, value)
    told = next(w for w in words(app).split("\n") if "necc-guard" in w and "known only" in w)
    assert "ach site is known only at the recurrence" in told and "Lung" not in told
    assert "post-recurrence survival" in told


@pytest.mark.parametrize("view", ["Distribution", "Combinations", "Organs", "Timing"])
def test_every_view_of_the_sites(app_test, view):
    app = open_page(app_test(), "sites")
    app.segmented_control(key="choice-sites-view").set_value(view).run()
    assert not failures(app)
    assert charts(app)


@pytest.mark.parametrize("view", ["Rates", "ICI or not", "Best to final", "Each patient"])
def test_every_view_of_the_response(app_test, view):
    app = open_page(app_test(), "immunotherapy")
    app.segmented_control(key="choice-treatment-view").set_value(view).run()
    assert not failures(app)
    assert charts(app)


@pytest.mark.parametrize("by", ["site:lung", "n_sites", "histology", "figo_stage", "all sites", "a number, cut"])
def test_survival_by_anything(app_test, by):
    app = open_page(app_test(), "survival")
    app.selectbox(key="choice-by").set_value(by).run()
    assert not failures(app)
    assert (len(charts(app)), pictures(app)) == ((0, 1) if by == "all sites" else (1, 0))


# ---------------------------------------------------------------- the page's numbers are the core's
def test_survival_shows_what_the_core_computes(app_test, cohort):
    app = open_page(app_test(histology="small cell"), "survival")
    app.selectbox(key="choice-by").set_value("site:lung").run()
    km = kaplan_meier(Selection.parse(["histology=small cell"]).apply(cohort), "PRS", "site:lung")
    told = words(app)
    assert "<td" in told and f">{km.n}<" in told.replace('class="value"', "")
    for curve in km.curves:
        assert format_number(curve.median.value, 1) in told
    lines = [t for t in charts(app)[0]["data"] if t.get("line", {}).get("shape") == "hv" and t.get("customdata")]
    last = min(y for t in lines for y in t["y"])
    assert last == pytest.approx(min(float(c.survival[-1]) for c in km.curves), abs=1e-4)  # spec has four digits


def test_survival_curves_are_shown_on_the_scale_that_is_chosen(app_test, cohort):
    app = open_page(app_test(), "survival")
    app.selectbox(key="choice-show").set_value("cumulative hazard").run()
    assert not failures(app)
    (curve,) = kaplan_meier(cohort, "PRS").curves
    lines = [t for t in charts(app)[0]["data"] if t.get("line", {}).get("shape") == "hv" and t.get("customdata")]
    hazard = float(curve.shown("cumulative hazard").value[-1])
    assert max(y for t in lines for y in t["y"]) == pytest.approx(hazard, abs=1e-4)  # spec has four digits
    assert "Nelson-Aalen" in words(app) and "cumulative hazard at chosen times" in words(app)


def test_sites_show_what_the_core_computes(app_test, cohort):
    app = open_page(app_test(ici="yes"), "sites")
    found = site_distribution(Selection.parse(["ici=yes"]).apply(cohort))
    told = words(app)
    for site in found.sites:
        assert f">{site.label}<" in told
    bars = next(t for t in charts(app)[0]["data"] if t["type"] == "bar" and len(t.get("customdata") or []) == 8)
    shown = {key[0]: x for key, x in zip(bars["customdata"], bars["x"], strict=True)}
    assert shown == {s.name: pytest.approx(100 * s.proportion.value, abs=1e-4) for s in found.sites}


def test_grid_is_the_whole_grid(app_test, cohort):
    app = open_page(app_test(), "survival")
    app.selectbox(key="choice-by").set_value("all sites").run()
    told = words(app)
    for panel_of_grid in survival_grid(cohort, "PRS").panels:
        assert panel_of_grid.by_label in told


# ---------------------------------------------------------------- filters
def test_undo_reset_and_chips(app_test):
    app = app_test(histology="large cell", figo_stage=["I", "III"]).run()
    assert "**7** of 88 patients" in words(app)
    next(b for b in app.button if b.key.startswith("chip-") and "Histology" in b.label).click().run()
    assert "**69** of 88 patients" in words(app)
    app.button(key="undo").click().run()
    assert "**7** of 88 patients" in words(app)
    app.button(key="reset").click().run()
    assert "**88** of 88 patients" in words(app)
    app.button(key="undo").click().run()
    assert "**7** of 88 patients" in words(app)


def test_undo_and_redo_cover_choices(app_test):
    """Filters and choices are undone in the order in which they were made, and made again."""
    app = choose(open_page(app_test(histology="large cell"), "survival"), "by", "site:lung")
    app = choose(app, "endpoint", "OS")
    next(b for b in app.button if b.key.startswith("chip-")).click().run()

    def shown():
        state = app.session_state["necc"]
        return len(state.cohort), app.selectbox(key="choice-by").value, app.selectbox(key="choice-endpoint").value

    steps = [(88, "site:lung", "OS"), (8, "site:lung", "OS"), (8, "site:lung", "PRS"), (8, "", "PRS")]
    for step in steps[:-1]:
        assert shown() == step
        app.button(key="undo").click().run()
    assert app.button(key="undo").disabled and shown() == steps[-1]
    for step in steps[-2::-1]:
        app.button(key="redo").click().run()
        assert shown() == step
    assert app.button(key="redo").disabled
    app.button(key="undo").click().run()
    choose(app, "by", "site:bone")  # another change: what was undone is gone
    assert app.button(key="redo").disabled


def test_patients_marked_in_the_list_are_kept_or_left_out(app_test, cohort):
    app = open_page(app_test(histology="large cell"), "patients")
    app = look_at(app, "patients-view", "list")
    state = app.session_state["necc"]
    ids = state.cohort.ids
    state.leave_out(picked(int(positions(state.cohort)[row]) for row in (0, 2)))
    app.run()
    assert state.cohort.ids == (ids[1], *ids[3:])
    assert "without 2 patients picked by hand" in [b.label.replace("\\", "") for b in app.button]
    state.leave_out(picked([int(positions(state.cohort)[0])]))
    app.run()
    assert state.cohort.ids == ids[3:] and len(state.selection.groups) == 1
    state.set_condition(picked([int(positions(state.cohort)[0])]))
    app.run()
    assert state.cohort.ids == ids[3:4] and not failures(app)
    assert "picked" not in f"{app.query_params}"


def test_nobody_has_a_flow_diagram_all_the_same(app_test):
    app = open_page(app_test(age_years="1..2"), "patients")
    assert "No patient meets all of these filters" in words(app) and not pictures(app)
    app = look_at(app, "patients-view", "flow-diagram")
    assert not failures(app) and pictures(app) == 1


def test_filters_survive_a_page_switch(app_test):
    app = app_test(histology="large cell").run()
    for name in NAMES[1:]:
        app.switch_page(f"pages/{name}.py").run()
        assert "**8** of 88 patients" in words(app)


def test_choices_survive_a_page_switch(app_test):
    app = open_page(app_test(), "survival")
    app.selectbox(key="choice-by").set_value("site:bone").run()
    app.switch_page("pages/sites.py").run()
    app.switch_page("pages/survival.py").run()
    assert app.selectbox(key="choice-by").value == "site:bone"


def test_counts_of_the_panel(cohort):
    selection = Selection.parse(["histology=large cell", "figo_stage=III,missing"])
    facets = {f["name"]: f for s in panel(cohort, selection, ())["sections"] for f in s["facets"]}
    stage = facets["figo_stage"]
    only_histology = Selection.parse(["histology=large cell"]).apply(cohort).factor("figo_stage")
    for level, here, all_ in zip(
        stage["levels"], only_histology.counts(), cohort.factor("figo_stage").counts(), strict=True
    ):
        assert (level["here"], level["all"], level["on"]) == (here, all_, level["label"] == "III")
    assert stage["missing"]["on"] and stage["missing"]["all"] == cohort.factor("figo_stage").n_missing


@pytest.mark.parametrize("group", ["any(site:lung=with; site:bone=with)", "none(figo_stage=III)"])
def test_counts_of_the_panel_are_among_groups_and_picked_patients(cohort, group):
    """What the panel doesn't show is another filter for each of its variables, also for one that a group names."""
    beside = Selection.parse([group])
    selection = replace(beside, conditions=(Condition("figo_stage", ("I", "III")), picked(range(1, 60))))
    facets = {f["name"]: f for s in panel(cohort, selection, ())["sections"] for f in s["facets"]}
    assert PICKED not in facets
    for name, others in (("figo_stage", selection.without("figo_stage")), ("histology", selection)):
        counts = others.apply(cohort).factor(name).counts()
        assert [level["here"] for level in facets[name]["levels"]] == list(counts)
    assert [level["on"] for level in facets["figo_stage"]["levels"]] == [True, False, True, *[False] * (
        len(facets["figo_stage"]["levels"]) - 3)]  # fmt: skip


def test_a_range_keeps_the_missing_unless_told(cohort):
    size = {"name": "tumor_size_cm", "kind": "range", "low": 4.0, "high": None}
    kept, left = (condition_of(cohort, {**size, "missing": on}).mask(cohort).sum() for on in (True, False))
    values = cohort.number("tumor_size_cm")
    assert left == (values >= 4).sum()
    assert kept == left + (values != values).sum()
    shown = {f["name"]: f for s in panel(cohort, Selection(), ("tumor_size_cm",))["sections"] for f in s["facets"]}
    assert shown["tumor_size_cm"]["missing"]["on"]


def test_panel_refuses_a_level_that_is_not_there(cohort):
    with pytest.raises(ValueError, match="no such level"):
        condition_of(cohort, {"name": "histology", "kind": "levels", "levels": [99]})


# ---------------------------------------------------------------- covariates
OUTCOMES = {"died", "recurred", "progressed", "prs_months", "os_months", "ttr_months", "response_followup_months",
            "time_to_response_months", "best_response", "final_response"}  # fmt: skip


def test_an_outcome_is_no_covariate(app_test, cohort):
    offered = covariates(cohort)
    assert {"age_years", "histology", "site:lung", "n_sites", "ici"} <= set(offered) and not OUTCOMES & set(offered)
    assert set(default_covariates(cohort)) == set(cohort.dictionary.default_covariates)
    # every page that asks for covariates offers these, and begins with what is known in time
    for name, key, view in (
        ("prediction", "prediction-covariates", None),
        ("reporting", "report-covariates", None),
        ("regression", "cox-together-PRS", None),
        ("regression", "hazards-covariates", ("choice-regression-view", "Two hazards")),
    ):
        app = open_page(app_test(), name)
        if view:
            app.segmented_control(key=view[0]).set_value(view[1]).run()
        chooser = app.multiselect(key=f"choice-{key}")
        assert not failures(app) and set(chooser.options) == set(offered.values())
        assert chooser.value and all(cohort.starts_at(n) in ("baseline", "recurrence") for n in chooser.value)


# ---------------------------------------------------------------- links
@pytest.mark.parametrize(
    "texts",
    [
        ["figo_stage=III,IVA"],
        ["histology=small cell,missing", "age_years=40..60"],
        ["age_years>50", "tumor_size_cm<4,missing"],
        ["site:lung=with", "n_sites=2"],
        ["ici_agent=Nivolumab"],
        ["figo_stage=missing"],
    ],
)
def test_link_reproduces_the_filters(cohort, texts):
    selection = Selection.parse(texts)
    again, left = links.from_pairs(links.to_pairs(selection, cohort), cohort)
    assert again.key() == selection.key() and not left


def test_link_holds_no_value_of_the_file(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("patient_id,ward,ici_agent\nP1,Maria Schmidt,Secretumab\nP2,Other,Nivolumab\nP3,Other,Nivolumab\n")
    own = read_cohort(path)
    selection = Selection.parse(["ward=Maria Schmidt", "ici_agent=Secretumab"])
    pairs = links.to_pairs(selection, own)
    assert not any(secret in f"{pairs}" for secret in ("Maria", "ward", "Secret"))
    assert links.from_pairs(pairs, own)[0].key() == selection.key()


def test_link_names_no_site_that_only_the_file_knows(cohort, tmp_path):
    assert links.to_pairs(Selection.parse(["site:lung=with"]), cohort) == (("site:lung", "with"),)
    for name in ("site:Ward Schmidt", "site:lung|Ward Schmidt", "organ:Ward Schmidt"):
        assert "Schmidt" not in links._public_name(name, cohort)
    path = tmp_path / "own.csv"  # a column of a grouping's name has the file's levels, not the grouping's
    path.write_text("patient_id,histology_pure\nP1,Maria Schmidt\nP2,Other\n")
    selection, own = Selection.parse(["histology_pure=Maria Schmidt"]), read_cohort(path)
    pairs = links.to_pairs(selection, own)
    assert "Maria" not in f"{pairs}" and links.from_pairs(pairs, own)[0].key() == selection.key()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ici_agent=Secretumab", "ici-agent-own-filter"),
        ("ici_agent=Secretumab,Nivolumab,missing", "ici-agent-missing-own-filter"),
        ("ward=Maria Schmidt", "own-filter"),
        ("histology=small cell,large cell", "histology-small-cell-large-cell"),
        ("age_years=40..60", "age-years-40-60"),
    ],
)
def test_name_of_a_file_tells_no_word_of_the_patients_file(tmp_path, text, named):
    path = tmp_path / "own.csv"
    path.write_text(
        "patient_id,ward,ici_agent,histology,age_years\nP1,Maria Schmidt,Secretumab,small cell,44\n"
        "P2,Other,Nivolumab,large cell,55\nP3,Other,Nivolumab,large cell,66\n"
    )
    assert links.public_words(Selection.parse([text]), read_cohort(path)) == named


def test_link_that_the_cohort_cannot_answer(app_test):
    app = app_test(histology="clear cell", nonsense="x", figo_stage="III").run()
    assert not failures(app)
    assert "**27** of 88 patients" in words(app)
    assert "histology" in words(app) and "load the file it was made for" in words(app)


def test_link_to_another_file_says_so(app_test):
    app = app_test(cohort="0123abcd").run()
    assert "load that file again" in words(app)


# ---------------------------------------------------------------- files
def upload(app, name: str, data: bytes):
    key = next(u.key for u in app.get("file_uploader") if u.key.startswith("upload-"))
    return app.file_uploader(key=key).upload(name, data, "text/csv").run()


def test_upload_and_bad_upload(app_test):
    app = app_test().run()
    upload(app, "mine.csv", DEATHLESS)
    assert "**3** of 3 patients" in words(app) and not failures(app)
    upload(app, "bad.csv", b"patient_id,prs_months\nP1,-4\nP1,x\n")
    told = words(app)
    assert "**3** of 3 patients" in told
    assert "bad.csv was not loaded. mine.csv is unchanged." in told
    assert "'-4' is outside" in told and "'P1' already occurs in row 2" in told
    assert not app.exception


def text_of_files(state) -> list[str]:
    """What of a session holds a file as it was read, before it was understood."""
    return [name for name, value in vars(state).items() if isinstance(value, (bytes, RawTable, Opened, Inspection))]


def test_wizard_gives_up_the_file_once_it_is_loaded(app_test):
    app = app_test().run()
    open_page(app, "mapping")
    app.file_uploader(key="wizard-file").upload("mine.csv", DEATHLESS, "text/csv").run()
    held = app.session_state["necc-wizard"]
    assert held.data == DEATHLESS and held.opened is not None and held.tried is not None
    next(b for b in app.button if b.label == "Load this cohort").click().run()
    held, told = app.session_state["necc-wizard"], words(app)
    assert not failures(app) and "3 patients loaded." in told and "What the columns mean" not in told
    assert (held.data, held.codebook, held.opened, held.tried) == (b"", b"", None, None)
    assert held.mapping.columns and held.mapping.signature in app.session_state["necc"].mappings
    assert not text_of_files(app.session_state["necc"])


def test_back_to_the_sample_gives_up_the_file(app_test):
    app = upload(app_test().run(), "mine.csv", DEATHLESS)
    open_page(app, "mapping")
    key = next(u.key for u in app.get("file_uploader") if u.key.startswith("wizard-file"))
    app.file_uploader(key=key).upload("other.csv", ONE, "text/csv").run()
    assert app.session_state["necc-wizard"].data == ONE
    app.button(key="to-sample").click().run()
    held = app.session_state["necc-wizard"]
    assert not failures(app) and "**88** of 88 patients" in words(app)
    assert (held.data, held.opened, held.tried) == (b"", None, None)
    assert not text_of_files(app.session_state["necc"])
    own = app.session_state["necc-results"].values() if "necc-results" in app.session_state else []
    results = [made.args for _, made in (*own, *FOR_ALL.values())]
    assert results and all(len(c.whole) == 88 for args in results for c in args if hasattr(c, "whole"))


@pytest.mark.parametrize(
    "data", [b"", b"patient_id,died\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a,b\n1,2,3,4\n", b"\xff\xfe\x00"],
    ids=["empty", "header alone", "picture", "ragged", "unreadable"],
)  # fmt: skip
def test_what_is_no_cohort_is_refused_in_words(app_test, data):
    app = upload(app_test().run(), "odd.csv", data)
    assert not app.exception
    assert "odd.csv was not loaded" in words(app)
    assert "**88** of 88 patients" in words(app)


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [("old.xls", b"\xd0\xcf\x11\xe0" + bytes(508), "an old .xls workbook"), ("talk.pdf", b"%PDF-1.4", "a PDF"),
     ("data.jmp", b"\1\2\3", "files ending in .jmp are not read")],
)  # fmt: skip
def test_every_ending_is_taken_and_answered_in_words(app_test, name, data, what):
    app = upload(app_test().run(), name, data)
    assert not app.exception and f"{name} was not loaded" in words(app)
    assert what in words(open_page(app, "data"))


def test_event_coding_is_asked(app_test):
    data = b"patient_id,prs_months,died\n" + b"".join(b"P%d,%d,%d\n" % (i, i + 1, 1 + i % 2) for i in range(10))
    app = upload(app_test().run(), "coded.csv", data)
    question = next(r for r in app.radio if "which value means that the event happened" in r.label)
    assert question.value == "2"
    next(b for b in app.button if b.label == "That is right").click().run()
    assert "**10** of 10 patients" in words(app) and not failures(app)
    assert "5 events" in words(app)


def test_filters_are_carried_to_a_file_that_can_answer_them(app_test):
    app = app_test(histology="small cell", figo_stage="III").run()
    upload(app, "mine.csv", ONE)
    assert "**1** of 1 patient" in words(app)
    assert "filter on FIGO stage (2018), main;" in words(app)


# ---------------------------------------------------------------- presentation, failure, labels
def test_presentation_shows_no_controls_and_no_identifiers(app_test, cohort):
    app = app_test(view="presentation").run()
    app.session_state["necc"].chosen["treatment-view"] = "Best to final"
    for name in ("sites", "survival", "treatment"):
        app.switch_page(f"pages/{name}.py").run()
        assert not failures(app)
        assert [b.key for b in app.button] == ["exit"]
        assert not app.selectbox and not app.get("download_button") and not app.get("file_uploader")
        shown = words(app) + json.dumps(charts(app))
        assert not any(identifier in shown for identifier in cohort.ids)
        assert not re.search(r"[Rr]ow \d", shown)


SINGLE = {  # what shows single patients, were it not projected
    "patients": (("patients-view", "List"),),
    "treatment": (("treatment-view", "Each patient"), ("treatment-view", "Best to final")),
    "regression": (("regression-view", "Single patients"),),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_presentation_of_an_own_file_names_nobody(app_test, monkeypatch, tmp_path, name):
    path = tmp_path / "Schmidt-ward7.csv"
    path.write_bytes(SAMPLE.read_bytes().replace(b"SYN-", b"MARIA-"))
    monkeypatch.setenv("NECC_DATA", str(path))
    for view in ((), *SINGLE.get(name, ())):
        app = open_page(app_test(view="presentation"), name)
        if view:
            app.session_state["necc"].chosen[view[0]] = view[1]
        app.run()
        assert not failures(app)
        assert not view or app.session_state["necc"].shown[view[0]].words, "the view has another name"
        shown = words(app) + json.dumps(charts(app))
        assert "MARIA" not in shown and "Schmidt" not in shown, view


def test_a_cell_of_the_list_that_is_not_recorded_reads_as_no_level(app_test):
    app = open_page(app_test(), "patients")
    app.session_state["necc"].chosen["patients-view"] = "List"
    app.run()
    (grid,) = app.dataframe
    assert grid.value["Adjuvant radiation"].isna().any() and "none" in set(grid.value["Mixed component"])
    assert grid.proto.placeholder == "–"


def test_rows_of_the_file_are_taken_out_of_sentences():
    caption = "5 patients. Row 12: CR can't come after PD. Row 1,030: as before. 2 left out."
    assert without_rows(caption) == "5 patients. 2 left out."
    assert without_rows("one patient moves it (spreadsheet row 12, lung, 0.4)") == "one patient moves it (lung, 0.4)"
    assert without_rows("FIGO 2018 (rows) and 3 groups") == "FIGO 2018 (rows) and 3 groups"


def test_a_page_that_breaks_tells_no_secret(app_test, monkeypatch, caplog):
    import necc.app.widgets.parts as parts

    def broken(*args):
        raise RuntimeError("Maria Schmidt, born 1950, /home/clinic/cohort.csv")

    monkeypatch.setattr(parts, "format_number", broken)
    with caplog.at_level(logging.DEBUG):
        app = open_page(app_test(), "survival")
    told = words(app) + caplog.text
    assert "This page could not be drawn" in told and "RuntimeError" in told
    assert "Maria" not in told and "clinic" not in told and not app.exception


def test_a_part_that_breaks_tells_no_secret(app_test, monkeypatch, caplog):
    """Streamlit catches what escapes from a part that is redrawn by itself, and logs it with its text."""
    import necc.app.widgets.parts as parts

    def broken(*args, **kwargs):
        raise RuntimeError("Maria Schmidt, born 1950")

    monkeypatch.setattr(parts, "survival_grid", broken)
    with caplog.at_level(logging.DEBUG):
        app = choose(open_page(app_test(), "survival"), "by", ALL_SITES)
    told = words(app) + caplog.text
    assert "This page could not be drawn" in told and "report it as: RuntimeError, broken" in told
    assert "Maria" not in told and not app.exception


def test_a_callback_that_breaks_tells_no_secret(app_test, monkeypatch, caplog):
    frame = sys.modules["necc.app.shell.frame"]  # the package has a function of that name

    def broken(*args):
        raise RuntimeError("Maria Schmidt, born 1950")

    app = open_page(app_test(histology="large cell"), "sites")
    monkeypatch.setattr(frame, "_reset", broken)
    log = logging.getLogger("streamlit.error_util")
    log.addHandler(caplog.handler)
    try:
        app.run()
        app.button(key="reset").click().run()
    finally:
        log.removeHandler(caplog.handler)
    assert "Maria" not in caplog.text and "a callback failed: RuntimeError, broken, line" in caplog.text


@pytest.mark.parametrize(
    ("text", "told"),
    [("nan", "'nan' is not a number to cut at"), ("x", "'x' is not a number to cut at"), ("10000000", "10000000"),
     ("44,5", "44.5")],
)  # fmt: skip
def test_a_number_that_is_typed(app_test, text, told):
    app = choose(open_page(app_test(), "survival"), "by", CUT)
    app = choose(app, "by-number", "age_years")
    app = choose(app, "by-cut-age_years", text)
    assert not failures(app) and told in words(app)


def test_a_common_follow_up_shorter_than_the_slider_s_step(app_test):
    data = b"patient_id,prs_months,died,arm\nP1,0.03,1,a\nP2,5,1,b\nP3,0.02,0,a\nP4,7,0,b\n"
    app = choose(open_page(upload(app_test().run(), "short.csv", data), "comparisons"), "by", "arm")
    app = choose(app, "survival-view", "Restricted mean")
    assert not failures(app) and not app.exception


def test_groups_whose_names_differ_in_a_sign(app_test):
    """`≤ 50` and `> 50` are two groups, each with a picture of its own."""
    app = choose(open_page(app_test(), "competing"), "by", "age_gt_50")
    assert not failures(app) and "Age > 50 years: ≤ 50" in words(app).replace("\\", "")


def test_another_file_gives_up_the_results_of_the_first(app_test):
    app = upload(app_test().run(), "first.csv", DEATHLESS)
    app.switch_page("pages/survival.py").run()
    assert app.session_state["necc-results"]
    assert not [c for _, made in FOR_ALL.values() for c in made.args if hasattr(c, "whole") and len(c.whole) != 88]
    app = upload(app, "second.csv", ONE)
    results = [made.args for _, made in app.session_state["necc-results"].values()]
    assert results and all(len(c.whole) == 1 for args in results for c in args if hasattr(c, "whole"))


def test_how_long_a_file_is_kept_is_said_as_it_is_set(app_test):
    from streamlit import config

    minutes = config.get_option("server.disconnectedSessionTTL") // 60
    shown = words(open_page(app_test(), "mapping"))  # no server here, so no clock of its own
    assert f"{minutes} minutes or more after the page was closed" in shown


def test_labels_are_text():
    nasty = "![x](http://canary/p.png) **b** <script> $x$ [l](u) :red[c] # h `c`"
    escaped = md(nasty)
    assert escaped.replace("\\", "") == nasty
    for sign in "![]()*<>$`#:":
        assert all(escaped[i - 1] == "\\" for i, c in enumerate(escaped) if c == sign)


def test_every_explanation_that_is_asked_for_exists():
    asked: set[str] = set()
    paths = [*(ROOT / "pages").glob("*.py"), *(ROOT / "necc" / "app").rglob("*.py")]
    assert "prediction.py" in {path.name for path in paths if path.is_relative_to(ROOT / "necc")}
    for path in paths:
        for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "explain" and isinstance(node.value, ast.Constant):
                asked |= set(str(node.value.value).split())
    assert asked and asked <= set(EXPLANATIONS)


VIEWS = ("-view", "-question")  # what switches a page to other figures
BY = {"every site at once": "all sites", "Histology": "histology", "Site: Lung": "site:lung"}
SHOWN = {words: question for question, words in reproduction.WORDS.items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_table_and_number_has_an_explanation(app_test, name):
    """On every page, in each of its views, by nothing, by a variable and by every site."""
    app = open_page(app_test(), name)
    assert not unexplained(app)
    rooms = [b for b in app.button_group if b.key.endswith("-view")][:1]
    for view in [plain(option) for option in rooms[0].options] if rooms else [""]:
        if view:
            app.button_group(key=rooms[0].key).set_value(view).run()
            assert not failures(app) and not unexplained(app), view
        for key in [
            b.key for b in (*app.button_group, *app.selectbox) if b.key.endswith(VIEWS) and b.key != rooms[0].key
        ]:
            box = next(b for b in (*app.button_group, *app.selectbox) if b.key == key)
            for option in map(plain, box.options):
                choose(app, key.removeprefix("choice-"), SHOWN.get(option, option))
                assert not failures(app) and not unexplained(app), (view, option)
        if "choice-by" in [b.key for b in app.selectbox]:
            for option, value in BY.items():
                if option in app.selectbox(key="choice-by").options:
                    app.selectbox(key="choice-by").set_value(value).run()
                    assert not failures(app) and not unexplained(app), (view, option)


def test_what_has_no_explanation_is_found(app_test, monkeypatch):
    monkeypatch.setattr(sys.modules["necc.app.widgets.show"], "explanation", lambda keys, where: None)
    assert len(unexplained(open_page(app_test(), "survival"))) >= 4


def test_the_first_page_imports_nothing_heavy():
    script = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('dashboard.py', default_timeout=60).run()\n"
        "assert not app.exception and app.markdown\n"
        "heavy = ('lifelines', 'sksurv', 'scipy.stats', 'matplotlib', 'plotly.express')\n"
        "print(*[m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == ""


def test_a_control_begins_with_what_was_chosen(app_test):
    """A browser that missed the run that told the state begins with this, and sends it as if it had been chosen."""
    app = open_page(app_test(), "survival")
    state = app.session_state["necc"]
    assert app.toggle(key="choice-curve-censoring").proto.default is True
    for key, chosen in (("curve-censoring", False), ("by", "site:lung"), ("curve-end-months", "24")):
        state.chosen[key] = chosen
    app.run()
    assert app.toggle(key="choice-curve-censoring").proto.default is False
    assert app.text_input(key="choice-curve-end-months").proto.default == "24"
    by = app.selectbox(key="choice-by")
    assert by.proto.options[by.proto.default] == "Site: Lung"
