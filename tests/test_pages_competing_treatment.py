"""The pages on competing risks, treatment timing and compared survival, without a browser."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT
from page_helpers import charts, failures, open_page, pictures, tables, words

from necc.analysis.competing import competing_outcome, incidence_of
from necc.analysis.survival import compare_survival
from necc.analysis.treatment import treatment_timing
from necc.core.text import format_number, format_p
from necc.ingest import read_cohort

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
PAGES = ("competing", "timing", "comparisons")
ONE = b"patient_id,histology,prs_months,died,ttr_months,recurred,recurrence_sites,ici,ici_start_months\n"
ONE += b"P1,small cell,7.5,0,12,1,lung; liver,yes,2\n"
BARE = b"patient_id,grade\nP1,low\nP2,high\nP3,low\n"
STARTLESS = b"patient_id,prs_months,died,ici\n"
STARTLESS += b"".join(b"P%d,%d,%d,%d\n" % (i, i + 3, i % 2, i % 3 > 0) for i in range(12))
CODED = b"patient_id,months,fstatus,arm,seen\n" + b"".join(
    b"P%d,%d,%d,%s,%d\n" % (i, i + 2, i % 3, b"AB"[i % 2 : i % 2 + 1], i % 3) for i in range(24)
)


def view(app, key: str, choice: str):
    """Chooses by the words on a button."""
    control = app.segmented_control(key=key)
    assert choice in [o.replace("\\", "") for o in control.options]
    return control.set_value(choice).run()


def with_causes(app):
    """The file of several codes, loaded as a person does who keeps them apart as causes."""
    app = open_page(app, "mapping")
    next(r for r in app.main.radio if "which value means" in r.label).set_value("causes").run()
    next(b for b in app.button if b.label == "Load this cohort").click().run()
    return app


@pytest.fixture
def other(app_test, monkeypatch, tmp_path):
    """A function: file's bytes, page -> the page with this file."""

    def start(data: bytes, name: str):
        path = tmp_path / "other.csv"
        path.write_bytes(data)
        monkeypatch.setenv("NECC_DATA", str(path))
        return open_page(with_causes(app_test()) if data == CODED else app_test(), name)

    return start


# ---------------------------------------------------------------- every page, every kind of cohort
@pytest.mark.parametrize("name", PAGES)
def test_with_an_empty_selection(app_test, name):
    app = open_page(app_test(histology="large cell", mixed_component="adenocarcinoma"), name)
    assert not failures(app) and "No patient meets all of these filters" in words(app)


@pytest.mark.parametrize("data", [ONE, BARE, STARTLESS, CODED], ids=["one", "bare", "no start", "codes"])
@pytest.mark.parametrize("name", PAGES)
def test_with_other_cohorts(other, name, data):
    app = other(data, name)
    assert not failures(app)
    n = data.count(b"\n") - 1
    assert f"**{n}** of {n} patient" in words(app)


@pytest.mark.parametrize("choice", ["All causes", "Cause by cause", "1 − Kaplan-Meier"])
@pytest.mark.parametrize(("by", "groups"), [("", 1), ("histology", 3), ("site:lung", 2)])
def test_every_view_of_competing_risks(app_test, choice, by, groups):
    app = open_page(app_test(), "competing")
    app.selectbox(key="choice-by").set_value(by).run()
    view(app, "choice-competing-view", choice)
    assert not failures(app) and not app.info
    expected = {
        "All causes": (groups, 0, ["Events (%)"]),
        "Cause by cause": (0, 1, [f"{'small cell' if by == 'histology' else 'without'}, events/n"] if by else []),
        "1 − Kaplan-Meier": (groups, 1, ["Cumulative incidence, %"]),
    }
    assert (len(charts(app)), pictures(app), [t[0][1] for t in tables(app)]) == expected[choice]


@pytest.mark.parametrize("choice", ["Tests", "Restricted mean", "Fixed times", "Medians", "Delayed entry"])
@pytest.mark.parametrize("by", ["", "n_sites", "figo_stage"])
def test_every_view_of_the_comparisons(app_test, choice, by):
    app = open_page(app_test(), "comparisons")
    app.selectbox(key="choice-by").set_value(by).run()
    view(app, "choice-survival-view", choice)
    assert not failures(app) and not app.info
    expected = {
        "Tests": (1, 0, ["Looks at", "against"]) if by else (0, 0, []),
        "Restricted mean": (0, 1, ["Events/n"]),
        "Fixed times": (1, 0, ["At risk"]),
        "Medians": (0, 0, ["Events (%)"]),
        "Delayed entry": (0, 0, []),
    }
    assert (len(charts(app)), pictures(app), [t[0][1] for t in tables(app)]) == expected[choice]
    if not any(expected[choice]):
        assert {"Tests": "Choose groups to compare", "Delayed entry": "Choose the column"}[choice] in words(app)


# ---------------------------------------------------------------- what is shown is what the core computes
def test_gray_s_tests_are_the_core_s(app_test):
    app = open_page(app_test(), "competing")
    app.selectbox(key="choice-by").set_value("radical_surgery").run()
    view(app, "choice-competing-view", "Cause by cause")
    cohort = read_cohort(SAMPLE)
    told = words(app)
    for test in incidence_of(cohort, competing_outcome(cohort, "TTR"), "radical_surgery").tests:
        if test.p is not None:
            assert f">{format_p(test.p)}<" in told and f">{format_p(test.p_adjusted)}<" in told


@pytest.mark.parametrize("rule", ["Own cause", "Counted in each", "Hierarchy"])
def test_the_rule_for_several_sites_is_stated(app_test, rule):
    app = open_page(app_test(), "competing")
    app.segmented_control(key="choice-sites-rule").set_value(rule.lower()).run()
    assert not failures(app)
    events = {"Own cause": "11 (12.5 %)", "Counted in each": "34 (38.6 %)", "Hierarchy": "34 (38.6 %)"}[rule]
    assert events in words(app)
    if rule == "Hierarchy":
        app.multiselect(key="choice-sites-order").set_value(["brain", "abdominal"]).run()
        assert "order of sites: brain, abdominal organs, lung" in words(app).lower() and "7 (8.0 %)" in words(app)


def test_a_recurrent_cohort_is_no_risk(app_test):
    app = open_page(app_test(), "competing")
    assert "All 88 patients have the event" in words(app)
    assert "not risks of everyone diagnosed" in words(app)


def test_a_file_with_a_status_of_several_codes(other):
    app = other(CODED, "competing")
    assert app.selectbox(key="choice-causes-status").value == "fstatus"
    app.selectbox(key="choice-causes-time").set_value("months").run()
    told = words(app)
    assert not failures(app) and "8 (33.3 %)" in told and ">1<" in told and ">2<" in told


def test_the_naive_comparison_never_stands_alone(app_test):
    app = open_page(app_test(), "timing")
    timing = treatment_timing(read_cohort(SAMPLE))
    told = words(app)
    assert not failures(app)
    for c in timing.comparisons:
        value = c.hazard_ratio.value
        assert ("not estimable" if value is None else f"{format_number(value, 2)} (") in told
    assert told.index("Naive: ever") < told.index("Landmark at 6 months") < told.index("Simon-Makuch)")
    assert timing.time_dependent.test.chi_square_p == pytest.approx(0.6932997864910021)  # as R: too few to be given
    assert "Mantel-Byar: too few to test" in told and "Too few to test: 3.7 expected events in 'treated'" in told
    assert "Size of the bias" in told and "58.0 %" in told
    assert "follow-up under 60 days" in told and "fewer than 3 cycles" in told
    assert "began 2.1 to 24.7 months after first recurrence" in told


def test_the_landmark_moves(app_test):
    app = open_page(app_test(), "timing")
    app.slider(key="choice-landmark-ici-PRS").set_value(12.0).run()
    timing = treatment_timing(read_cohort(SAMPLE), landmark=12.0)
    told = words(app)
    assert not failures(app) and "Landmark at 12 months" in told
    value = timing.landmark.hazard_ratio.value
    assert ("not estimable" if value is None else f"{format_number(value, 2)} (") in told


def test_without_a_start_nothing_is_compared(other):
    told = words(other(STARTLESS, "timing"))
    assert "doesn't say when" in told and "Naive" not in told


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_lacks(other, name):
    told = words(other(BARE, name))
    assert any(part in told for part in ("need a time with an event", "has no endpoint", "no yes/no column"))


def test_the_tests_are_the_core_s(app_test):
    app = open_page(app_test(), "comparisons")
    found = compare_survival(read_cohort(SAMPLE), "PRS", "n_sites")
    told = words(app)
    for test in found.tests:
        by = " (permutation)" if test.p_by == "permutation" else ""
        assert f">{format_number(test.statistic, 3)}<" in told and f">{format_p(test.p)}{by}<" in told
    assert f">{format_p(found.permutation.p)}<" in told
    app.multiselect(key="choice-compare-strata").set_value(["radical_surgery"]).run()
    inside = compare_survival(read_cohort(SAMPLE), "PRS", "n_sites", strata=("radical_surgery",))
    assert f">{format_number(inside.tests[0].statistic, 3)}<" in words(app)
    assert "within strata of radical surgery" in words(app).lower()


def test_tau_moves_and_says_so(app_test):
    app = open_page(app_test(), "comparisons")
    view(app, "choice-survival-view", "Restricted mean")
    assert "smallest of the groups' last times" in words(app)
    app.slider(key="choice-tau-PRS-n_sites").set_value(12.0).run()
    assert not failures(app) and "tau = 12.0 months (chosen)" in words(app)


def test_delayed_entry_is_counted(other):
    dead_or_not = (
        CODED.replace(b"months,fstatus", b"prs_months,died").replace(b",2,A", b",1,A").replace(b",2,B", b",1,B")
    ).replace(b",1\n", b",1.5\n")  # few whole numbers alone would be categories, and no time of entry
    app = other(dead_or_not, "comparisons")
    view(app, "choice-survival-view", "Delayed entry")
    assert "Choose the column that says when each patient came under observation" in words(app)
    app.selectbox(key="choice-entry-PRS").set_value("seen").run()
    assert not failures(app) and "at risk from" in words(app).lower()


# ---------------------------------------------------------------- cohorts selected on their outcome
@pytest.mark.parametrize("name", ["survival", "comparisons"])
def test_groups_known_later_are_said(app_test, name):
    app = open_page(app_test(), name)
    app.selectbox(key="choice-endpoint").set_value("TTR").run()
    app.selectbox(key="choice-by").set_value("site:lung").run()
    told = words(app)
    assert not failures(app) and "All 88 patients have the event, and Lung is known only at the recurrence" in told
    assert "Choose post-recurrence survival" in told


def test_times_by_site_say_it_too(app_test):
    app = open_page(app_test(), "sites")
    view(app, "choice-sites-view", "Timing")
    assert not failures(app) and "known only at the recurrence" in words(app)


def test_nothing_is_said_where_all_is_well(app_test):
    app = open_page(app_test(), "comparisons")
    assert "Why it matters" not in words(app)


@pytest.mark.parametrize("name", PAGES)
def test_presentation_draws_no_controls_and_no_identifiers(app_test, name):
    app = open_page(app_test(view="presentation"), name)
    assert not failures(app) and not app.selectbox and not app.slider and not app.get("download_button")
    shown = words(app) + json.dumps(charts(app))
    assert "SYN-0" not in shown
