"""The pages of groups and of Cox regression: every view with every kind of cohort, and the core's numbers on them."""

from __future__ import annotations

import json
import re

import pytest
from conftest import ROOT
from page_helpers import charts, failures, open_page, tables, words

from necc.analysis.regression import UnivariateTable, cox, stepwise, univariate
from necc.app.session.cache import FOR_ALL
from necc.app.views.regression import paper_terms
from necc.app.views.regression_answers import SAMPLES
from necc.app.widgets.choices import covariates
from necc.app.widgets.guards import _hidden, _together
from necc.cli import main
from necc.core.guardrails import Guardrail
from necc.ingest import read_cohort
from necc.present.tables.regression import regression_table

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
VIEWS = ("Hazard ratios", "Proportional hazards", "Single patients", "Subgroups", "Stepwise", "Missing values")
ONE = b"patient_id,histology,prs_months,died,age_years,recurrence_sites\nP1,small cell,7.5,0,51,lung; liver\n"
BARE = b"patient_id,grade\nP1,low\nP2,high\nP3,low\n"
DEATHLESS = b"patient_id,prs_months,died,recurrence_sites\nP1,3,0,lung\nP2,9,0,bone\nP3,4,0,lung\n"
SEPARATED = b"patient_id,prs_months,died,arm,copy,same\n" + b"".join(
    f"P{i},{i},{int(i < 6)},{'a' if i < 6 else 'b'},{'a' if i < 6 else 'b'},x\n".encode() for i in range(12)
)
TIED = b"patient_id,prs_months,died,age_years\n" + b"".join(
    f"P{i},{i % 2 * 5},{i % 3 > 0:d},{40 + i}\n".encode() for i in range(20)
)
OTHERS = {"one": ONE, "bare": BARE, "deathless": DEATHLESS, "separated": SEPARATED, "ties and zeros": TIED}


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLE)


def open_view(app, view: str):
    open_page(app, "regression")
    return app if view == VIEWS[0] else app.segmented_control(key="choice-regression-view").set_value(view).run()


# ---------------------------------------------------------------- every view, every kind of cohort
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_with_the_sample(app_test, view):
    app = open_view(app_test(), view)
    assert not failures(app)
    assert tables(app) or "nothing to impute" in words(app)
    for key, spec in ((key, spec) for spec in charts(app) for key in ("data", "layout")):
        assert "NaN" not in json.dumps(spec[key])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
def test_every_view_with_other_cohorts(app_test, monkeypatch, tmp_path, view, data):
    path = tmp_path / "other.csv"
    path.write_bytes(data)
    monkeypatch.setenv("NECC_DATA", str(path))
    app = app_test()
    app.run()
    app.switch_page("pages/regression.py").run()
    if view != VIEWS[0] and data is not BARE:
        app.segmented_control(key="choice-regression-view").set_value(view).run()
    assert not failures(app)
    assert not re.search(r"\bnan\b|\binf\b", " ".join(c for t in tables(app) for row in t for c in row), re.I)
    if data is BARE:
        assert "has no endpoint" in words(app)


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("by", ["", "first", "all sites"])
def test_groups_with_other_cohorts(app_test, monkeypatch, tmp_path, data, by):
    path = tmp_path / "other.csv"
    path.write_bytes(data)
    monkeypatch.setenv("NECC_DATA", str(path))
    app = open_page(app_test(), "groups")
    options = app.selectbox(key="choice-by").options
    names = list(covariates(read_cohort(path)))
    if by == "first":
        for name in [n for n in names if n not in ("age_years", "n_sites")][:1]:
            app.selectbox(key="choice-by").set_value(name).run()
    elif by == "all sites" and "every site at once" in options:
        app.selectbox(key="choice-by").set_value("all sites").run()
    assert not failures(app)
    assert tables(app) or "Choose at least one" in words(app)


@pytest.mark.parametrize("page", ["groups", "regression"])
def test_an_empty_selection_names_the_way_back(app_test, page):
    app = open_page(app_test(histology="large cell", mixed_component="adenocarcinoma"), page)
    assert not failures(app) and "No patient meets all of these filters" in words(app)


@pytest.mark.parametrize("by", ["site:abdominal", "n_sites", "histology", "figo_stage", "age_years>50", "all sites"])
def test_groups_by_anything(app_test, by):
    app = open_page(app_test(), "groups")
    if by == "age_years>50":
        app.selectbox(key="choice-by").set_value("a number, cut").run()
    else:
        app.selectbox(key="choice-by").set_value(by).run()
    app.segmented_control(key="choice-groups-numbers").set_value("mean").run()
    assert not failures(app) and len(tables(app)[0]) > 20


# ---------------------------------------------------------------- the numbers are the core's, and the paper's
def test_table_3_of_the_paper_is_what_the_page_begins_with(app_test, cohort):
    app = open_page(app_test(), "regression")
    shown = {row[0]: row for row in tables(app)[0][1:]}
    # hazard ratios of the paper's Table 3, to two digits (printed with three)
    printed = {"Age > 50 years": "0.86", "Pure NECC: mixed vs pure": "0.82", "Nerve invasion": "1.80",
               "Lung": "0.75", "Vaginal vault": "0.29", "Immune checkpoint inhibitor": "0.34"}  # fmt: skip
    assert {name: shown[name][2].split()[0] for name in printed} == printed
    assert shown["Abdominal organs"][1:4] == ["17/33", "2.38 (1.22–4.63)", "0.011"]
    assert len(shown) == len(paper_terms("PRS", "ratio")) == 23
    model = cox(cohort, "PRS", ["n_lesions", "site:abdominal"])
    term = model.term("site:abdominal")
    assert shown["Abdominal organs"][5] == f"{term.hazard_ratio:.2f} ({term.ci_lower:.2f}–{term.ci_upper:.2f})"
    assert f"{model.tests['likelihood_ratio'].p:.3f}" in words(app)


def test_table_4_of_the_paper(app_test):
    app = open_page(app_test(), "groups")
    app.selectbox(key="choice-by").set_value("site:abdominal").run()
    app.segmented_control(key="choice-groups-lines").set_value("short").run()
    heads, *rows = tables(app)[0]
    assert heads[1:4] == ["without (n = 55)", "with (n = 33)", "All (n = 88)"]
    shown = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    printed = {"Age > 50 years": "0.022", "Pure NECC: pure": "0.904", "FIGO stage III + IV: III + IV": "0.674",
               "Lymphovascular space invasion": "0.129", "Nerve invasion": "0.088", "Adjuvant radiation": "0.462",
               "Cycles of chemotherapy ≥ 4": "0.856", "Number of recurrent sites > 1": "0.052", "Lung": "0.032",
               "Immune checkpoint inhibitor": "0.911"}  # fmt: skip
    assert {name: shown[name]["p"] for name in printed} == printed
    assert shown["Lung"]["with (n = 33)"] == "8/33 (24.2)"


def test_all_conventions_flag_what_they_decide(app_test):
    app = open_page(app_test(), "groups")
    app.selectbox(key="choice-by").set_value("site:abdominal").run()
    assert "Where the choice of the test decides" not in words(app)
    app.toggle(key="choice-groups-every").set_value(True).run()
    assert "Lung: p paper 0.032, R 0.055, exact 0.042." in words(app)
    rows = {row[0]: row for row in tables(app)[0]}
    assert [c for c in rows["Lung"] if "‡" in c] == ["0.032 ‡", "0.055 ‡", "0.042 ‡"]
    assert not any("‡" in c for c in rows["Age > 50 years"])


# ---------------------------------------------------------------- guardrails
def test_separation_is_answered_told_and_overruled(app_test):
    app = open_page(app_test(), "regression")
    assert "Synaptophysin, alone: separation in 'Synaptophysin'" in words(app)
    assert next(r for r in tables(app)[0] if r[0] == "Synaptophysin")[2] == "4.04 (0.57–513) †"
    app.segmented_control(key="choice-cox-separation").set_value("report").run()
    row = next(r for r in tables(app)[0] if r[0] == "Synaptophysin")
    assert row[2:4] == ["not estimable", "–"] and not failures(app)
    assert app.segmented_control(key="choice-cox-separation").value == "report"  # the way back stays


def test_a_treatment_known_later_is_told_on_the_page(app_test):
    told = words(open_page(app_test(), "regression"))
    assert "Immune checkpoint inhibitor is known only when treatment is given" in told


def test_guardrails_of_one_kind_are_told_together():
    one = Guardrail("sparse-level", "few in A", "it hangs on single patients", "shown")
    other = Guardrail("sparse-level", "few in B", "it hangs on single patients", "shown")
    third = Guardrail("collinear", "near", "wide", "shown")
    assert [[g.saw for g in group] for group in _together([one, third, other])] == [["few in A", "few in B"], ["near"]]


def test_a_row_of_the_file_is_hidden_from_an_audience():
    seen = Guardrail("influential-patient", "2 patients who (most: spreadsheet row 41, site:lung, 1.2)", "why", "did")
    assert _hidden(seen).saw == "2 patients who (most: site:lung, 1.2)"


def test_single_patients_are_not_named_where_others_look_on(app_test):
    app = open_view(app_test(), "Single patients")
    assert "Spreadsheet row" in words(app)
    assert "spreadsheet row" in json.dumps(charts(app))
    app.session_state["necc"].presenting = app.session_state["necc"].touched = True
    app.run()
    assert not failures(app) and charts(app)
    assert "row" not in json.dumps([[t.get("hovertext") for t in c["data"]] for c in charts(app)])
    assert "preadsheet row" not in words(app)


# ---------------------------------------------------------------- only when asked
def test_the_bootstrap_runs_when_it_is_asked_for(app_test, cohort):
    app = open_view(app_test(), "Stepwise")
    assert "too small: they ignore that the data chose" in words(app)
    steps = tables(app)[0]
    assert [r[:2] for r in steps[1:3]] == [
        ["Step 1", "Site: Abdominal organs entered"], ["Step 2", "Recorded number of recurrent lesions entered"],
    ]  # fmt: skip
    assert tables(app)[1][1][1:3] == ["13/25", "2.54 (1.12–5.76)"]  # the paper prints 2.543 (1.089–5.937)
    assert not charts(app)
    app.button(key="ask-cox-bootstrap").click().run()
    bars = charts(app)[0]["data"][0]
    names = [t.covariate for t in paper_terms("PRS", "enter")]
    expected = stepwise(cohort, "PRS", names, bootstrap=SAMPLES[0])
    assert sorted(bars["x"]) == pytest.approx(sorted(100 * share for _, share in expected.inclusion), abs=1e-4)
    assert f"selected in {100 * expected.same_model:.0f} %" in words(app)
    app.selectbox(key="choice-cox-entry").set_value("0.01").run()
    assert not charts(app)  # another question is asked anew


def test_imputation_runs_when_it_is_asked_for(app_test):
    app = open_view(app_test(), "Missing values")
    app.multiselect(key="choice-cox-together-PRS").set_value(["site:abdominal", "tumor_size_gt_4"]).run()
    assert "leaves out 28 patients" in words(app) and not tables(app)
    app.segmented_control(key="choice-cox-imputations").set_value(5).run()
    app.button(key="ask-cox-imputed").click().run()
    assert not failures(app)
    heads, *rows = tables(app)[0]
    assert heads[1].startswith("Complete cases (n = 60)") and heads[3].startswith("Imputed (n = 88)")
    shown = {row[0]: row[1:] for row in rows}
    assert shown["Abdominal organs"][:2] == ["3.23 (1.41–7.42)", "0.006"] and shown["Abdominal organs"][4] == "1 %"
    assert shown["Tumour size > 4 cm"][:2] == ["1.26 (0.57–2.76)", "0.570"] and shown["Tumour size > 4 cm"][4] != "0 %"


def test_options_reach_the_model(app_test, cohort):
    app = open_page(app_test(), "regression")
    app.multiselect(key="choice-cox-together-PRS").set_value(["site:abdominal", "age_years"]).run()
    app.segmented_control(key="choice-cox-ties").set_value("breslow").run()
    app.multiselect(key="choice-cox-strata").set_value(["histology_pure"]).run()
    app.text_input(key="choice-cox-per-age_years").set_value("10").run()
    app.selectbox(key="choice-cox-interaction").set_value("site:abdominal * age_years").run()
    assert not failures(app)
    model = cox(cohort, "PRS", ["site:abdominal", "age_years"], ties="breslow", strata=["histology_pure"],
                per={"age_years": 10}, interactions=["site:abdominal * age_years"])  # fmt: skip
    row = next(r for r in tables(app)[0] if r[0] == "Age at diagnosis (per 10 years)")
    term = model.term("age_years")
    assert row[5] == f"{term.hazard_ratio:.2f} ({term.ci_lower:.2f}–{term.ci_upper:.2f})"
    assert f"{model.interaction_tests[0].p:.3f}" in words(app) and "Breslow's method" in words(app)


def test_without_covariates_the_page_asks_for_some(app_test):
    app = open_page(app_test(), "regression")
    app.multiselect(key="choice-cox-together-PRS").set_value([]).run()
    assert not failures(app) and "Together" not in " ".join(tables(app)[0][0])
    app.multiselect(key="choice-cox-alone-PRS").set_value([]).run()
    assert not failures(app) and "Choose covariates" in words(app)


def test_no_outcome_is_offered_as_a_covariate(cohort):
    assert not {"prs_months", "ttr_months", "os_months", "died", "recurred"} & set(covariates(cohort))
    assert {"site:lung", "n_sites", "age_years", "histology"} <= set(covariates(cohort))


def test_the_page_s_table_is_the_table_of_the_core(app_test, cohort):
    alone = tuple(t.covariate for t in paper_terms("PRS", "ratio"))
    table = univariate(
        cohort, "PRS", alone, multivariable=("n_lesions", "site:abdominal"), reference={"histology_pure": "pure"}
    )
    app = open_page(app_test(), "regression")
    assert tables(app)[0][1:] == [list(row) for row in regression_table(table).rows]


def test_the_page_and_the_command_line_give_the_same(app_test, capsys):
    names = ["n_sites", "site:lung"]
    app = open_page(app_test(), "regression")
    app.multiselect(key="choice-cox-alone-PRS").set_value(names).run()
    app.multiselect(key="choice-cox-together-PRS").set_value(names).run()
    page = [r for r, _ in FOR_ALL.values() if isinstance(r, UnivariateTable)][-1].to_dict()
    asked = ("--endpoint", "PRS", "--covariates", ",".join(names), "--univariate", "--json")
    assert main(["cox", str(SAMPLE), *asked]) == 0
    command = json.loads(capsys.readouterr().out)
    page = json.loads(json.dumps(page))
    assert [t["term"] for t in page["terms"]] == names and page["multivariable"]
    assert {k: command[k] for k in page if k != "notes"} == {k: v for k, v in page.items() if k != "notes"}
    assert command["notes"][: len(page["notes"])] == page["notes"]
