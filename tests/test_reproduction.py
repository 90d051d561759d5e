"""The paper computed again: the recipe against print, the marks, other patients, broken recipes, and the page."""

from __future__ import annotations

import json
import math
import sys
import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cohorts import survival_cohort
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_helpers import charts, open_page, tables, words

from necc.core.estimate import Estimate
from necc.ingest import read_cohort
from necc.paper.printed import PrintedNumber
from necc.paper.reproduction import (
    FLOW,
    KINDS,
    MARKS,
    Computed,
    Limits,
    Side,
    compare_ratios,
    load_recipe,
    parse_recipe,
    reproduce,
    tolerance,
)
from necc.paper.reproduction.own import _p_difference, _verdict
from necc.paper.reproduction.printed import read_p
from necc.paper.reproduction.replay import mark_of
from necc.present.figures import PRINT
from necc.present.figures.reproduction import printed_forest
from necc.present.tables.reproduction import cell_table, own_table, ratio_table
from necc.present.words.reproduction import in_words, render_text

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
RECIPE = ROOT / "necc" / "paper" / "data" / "necc2022_recipe.toml"
PRINTED = tomllib.loads((ROOT / "necc" / "paper" / "data" / "published_2022.toml").read_text("utf-8"), parse_float=str)
SITES = ("lung", "abdominal", "pelvic", "bone", "cervicothoracic_lymph_node", "brain", "vaginal_vault")


@pytest.fixture(scope="module")
def recipe():
    found, findings = load_recipe()
    assert not findings
    return found


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLE)


@pytest.fixture(scope="module")
def result(recipe, cohort):
    return reproduce(cohort, recipe)


def frame() -> pd.DataFrame:
    return pd.read_csv(SAMPLE, dtype=str, keep_default_na=False)


def as_cohort(data: pd.DataFrame):
    return read_cohort(data.to_csv(index=False).encode(), "own.csv")


def cells(result, table, row) -> dict:
    found = {c.column: c for c in result.of(table) if c.row.startswith(row)}
    assert found, (table, row)
    return found


# ---------------------------------------------------------------- the recipe is what the paper prints
def test_recipe_has_the_rows_of_tables_1_and_2(result):
    """Every count and percentage of the transcription, in its order, digit by digit."""
    groups = [g for name, g in PRINTED["table1"].items() if name != "age"]
    expected = [(str(v["n"]), v["pct"]) for g in groups for v in g.values()]
    rows = [c for c in result.of("Table 1") if c.kind == "share"]
    found = [(n.printed, pct.printed) for n, pct in zip(rows[::2], rows[1::2], strict=True)]
    assert found == expected and len(found) == 30
    sites = [(str(v["n"]), v["pct"]) for v in PRINTED["table2"]["initial_recurrence_site"].values()]
    rows = result.of("Table 2")
    assert [(n.printed, p.printed) for n, p in zip(rows[::2], rows[1::2], strict=True)] == sites
    assert [c.printed for c in result.of("Table 1") if c.kind == "number"] == ["46", "24", "67"]


def test_recipe_has_the_rows_of_tables_3_and_4(result):
    expected = [[v["p"], v["hr"], "–".join(v["ci"])] for v in PRINTED["table3"]["univariate"].values()]
    found = [c.printed for c in result.of("Table 3") if c.kind == "ratio"]
    assert [found[i : i + 3] for i in range(0, len(found), 3)] == expected and len(expected) == 23
    several = {c.id.partition("/")[2]: c.printed for c in result.of("Table 3") if c.kind == "stepwise"}
    for name, row in (
        ("abdominal", "Abdominal organs recurrence"),
        ("number_of_sites", "Number of recurrent sites (1 vs. > 1)"),
    ):
        v = PRINTED["table3"]["multivariate"][name]
        told = [several[f"{row}/multivariate {column}"] for column in ("p", "hr", "ci")]
        assert told == [v["p"], v["hr"], "–".join(v["ci"])]
    rows = [c.printed for c in result.of("Table 4")]
    expected = [[str(v["n"][0]), v["pct"][0], str(v["n"][1]), v["pct"][1], v["p"]] for v in PRINTED["table4"].values()]
    found = [rows[i : i + 5] for i in range(0, len(rows), 5)]
    lvsi = list(PRINTED["table4"]).index("lvsi")
    assert found[lvsi][3] == "75"  # the paper prints no decimal here, the transcription has one
    found[lvsi][3] = "75.0"
    assert found == expected and len(expected) == 15


def test_recipe_has_the_numbers_of_the_text(result):
    text, flow = PRINTED["text"], PRINTED["flow"]
    assert [p.printed for p in result.flow] == [
        flow["excluded_followup_under_60_days"], flow["excluded_figo_ivb"], flow["excluded_no_radical_hysterectomy"]
    ]  # fmt: skip

    def told(table, row):
        return {column: c.printed for column, c in cells(result, table, row).items()}

    ttr, prs = text["ttr"], text["prs"]
    assert told("Figure 1", "A Lung") == {
        "with": ttr["lung_median"][0], "without": ttr["lung_median"][1], "p": ttr["lung_p"]
    }  # fmt: skip
    assert told("Figure 2", "A Abd") == {
        "with": prs["abdominal_median"][0], "without": prs["abdominal_median"][1], "p": prs["abdominal_p"]
    }  # fmt: skip
    assert told("Figure 2", "B Pel") == {
        "with": prs["pelvic_median"][0], "without": prs["pelvic_median"][1], "p": prs["pelvic_p"]
    }  # fmt: skip
    low, high = prs["followup_range"]
    assert told("Text, survival", "Follow-up") == {"median": prs["followup_median"], "minimum": low, "maximum": high}
    assert told("Text, survival", "5-year") == {"all": prs["five_year_pct"]}
    assert told("Text, survival", "3-year") == dict(
        zip(("with", "without"), prs["abdominal_three_year_pct"], strict=True)
    )
    assert told("Text, time to recurrence", "Progression")["pct"] == ttr["progressed_within_3_years_pct"]
    assert told("Text, time to recurrence", "Recurrence")["pct"] == ttr["recurrence_within_5_years_pct"]
    organs = [c.printed for c in result.of("Text, sites")]
    several = sum(PRINTED["table4"]["number_of_sites_gt_1"]["n"])
    entries = sum(v["n"] for v in PRINTED["table2"]["initial_recurrence_site"].values())
    third = entries - (88 - several) - 2 * several
    sites = [88 - several, several - third, third]
    assert sites == [49, 38, 1]
    assert organs == [*map(str, text["abdominal_organs"].values()), *(x for n in sites for x in (str(n), "88"))]
    response = text["response"]
    assert told("Text, response", "Objective response with ICI")["pct"] == response["ici_final_orr"]["pct"]
    assert told("Text, response", "Objective response without")["pct"] == response["no_ici_orr"]["pct"]
    assert told("Text, response", "Lung or")["p"] == response["sites_lung_vault_vs_response_p"]
    treatment = text["post_recurrence_treatment"]
    assert [c.printed for c in result.of("Text, treatment")] == [
        *(str(treatment[k]) for k in (
            "detailed_treatment_known", "chemotherapy", "metastasis_directed_radiation", "palliative_surgery_tace_rfa",
        )), "16", "84", "22",
    ]  # fmt: skip


def test_no_mark_is_typed_in():
    text = RECIPE.read_text("utf-8")
    values = tomllib.loads(text)
    assert set(values) == {"title", "reference", "doi", "scheme", "step", "table", "cell"}
    keys = {k for cell in values["cell"] for k in (*cell, *(key for row in cell.get("rows", ()) for key in row))}
    assert not keys & {"mark", "computed", "difference", "verdict", "reproduced"}


# ---------------------------------------------------------------- the sample reproduces the paper, save what can't
DIFFERS = {
    "Table 1/Cycles of chemotherapy < 4/n", "Table 1/Cycles of chemotherapy < 4/pct",
    "Table 2/Other (breast, thyroid gland)/pct", "Table 3/PLNM/p", "Table 4/Tumour size (> 4 cm)/pct without",
    "Table 4/Cycles of chemotherapy (≥ 4)/pct with",
    "Figure 2/B Pelvic organs/with", "Figure 2/B Pelvic organs/without",
    "Text, baseline/Mixed NECC/n", "Text, time to recurrence/Progression within 3 years/pct",
    "Text, time to recurrence/Recurrence within 5 years/pct",
    "Text, survival/3-year PRS by abdominal recurrence/without",
}  # fmt: skip
UNCHECKED = {f"{FLOW}/{row}/n" for row in (
    "Followed up for less than 60 days after the first recurrence", "FIGO stage IVb", "No radical hysterectomy",
)} | {f"Table 3/Synaptophysin/{column}" for column in ("p", "hr", "ci")}  # fmt: skip


def test_what_differs_is_what_the_paper_contradicts_itself_in(result):
    assert {c.id for c in result.cells if c.mark == "differs"} == DIFFERS
    assert {c.id for c in result.cells if c.mark == "cannot be checked"} == UNCHECKED
    assert sum(result.counts.values()) == len(result.cells) == 431
    assert set(result.tables) >= {FLOW, *(f"Table {i}" for i in range(1, 6)), "Figure 1", "Figure 2"}
    assert all(c.reason for c in result.cells)
    assert all((c.computed == "") == (c.mark == "cannot be checked") for c in result.cells)


def test_hazard_ratios_against_another_implementation(recipe, result):
    """The builder's own Newton iteration in NumPy on the file's values judges all 22 ratios and both codings."""
    sys.path.insert(0, str(ROOT / "sample_data"))
    try:
        import reconstruction_check as judge
    finally:
        sys.path.pop(0)
    data = judge.read_numbers(SAMPLE)
    x = judge.covariates(data)
    names = list(PRINTED["table3"]["univariate"])
    rows = [c for c in result.of("Table 3") if c.kind == "ratio" and c.column == "hr"]
    for name, cell in zip(names, rows, strict=True):
        if name == "synaptophysin":
            assert cell.interval is None and "events 40 of 79 with yes, 0 of 5 with no" in cell.reason
            continue
        known = ~np.isnan(x[name])
        beta, se, _ = judge.cox(data["prs_months"][known], data["died"][known], x[name][known, None])
        e = cell.interval
        assert e.value == pytest.approx(math.exp(beta[0]), rel=1e-8), name
        assert e.lower == pytest.approx(math.exp(beta[0] - 1.959963984540054 * se[0]), rel=1e-8), name
        assert e.upper == pytest.approx(math.exp(beta[0] + 1.959963984540054 * se[0]), rel=1e-8), name
        assert cell.n == known.sum()
    for name, row in (("invasion (0/1)", "Invasion"), ("number_of_sites (0/1)", "Number of")):
        known = ~np.isnan(x[name])
        beta, se, _ = judge.cox(data["prs_months"][known], data["died"][known], x[name][known, None])
        assert f" {math.exp(beta[0]):.3f} (" in cells(result, "Table 3", row)["hr"].beside


def test_recorded_codes_are_used_and_the_reason_stands_there(result):
    sites = cells(result, "Table 3", "Number of")["hr"]
    assert sites.mark == "reproduced" and "Number of recurrent sites > 1: > 1 against ≤ 1" in sites.beside
    assert "recorded lesion" in sites.note
    assert "0.150 and 0.164" in result.layout("Table 3").note
    kept = cells(result, "Table 3", "Forward")["multivariate kept"]
    assert kept.printed == "number of recurrent sites and abdominal organ recurrence"
    assert kept.computed == "Abdominal organs and Recorded number of recurrent lesions" and kept.mark == "reproduced"
    assert "68 complete cases, 29 events" in kept.reason


def test_table_4_uses_the_papers_rule(result):
    """p of R's chisq.test and fisher.test for the paper's counts, recorded in its arithmetic check."""
    expected = {"Age": 0.0219, "LVSI": 0.1292, "Lung": 0.0317, "Number": 0.0525, "ICI": 0.9109, "Antiangio": 0.8895}
    for row, p in expected.items():
        assert cells(result, "Table 4", row)["p"].value == pytest.approx(p, abs=5e-5)
    assert cells(result, "Text, response", "Lung or")["p"].value == pytest.approx(0.0601, abs=5e-5)


def test_single_patients_are_matched_row_by_row(result):
    assert {c.mark for c in result.of("Table 5")} == {"reproduced"}
    fifth = {c.column: c.computed for c in result.of("Table 5") if c.row == "15"}
    assert fifth["site"] == "brain" and fifth["regimen"] == "CPT11 + cisplatin"


# ---------------------------------------------------------------- marks
@pytest.mark.parametrize(
    ("printed", "value", "keys", "is_p", "mark"),
    [
        ("15.2", 15.15, {}, False, "reproduced"),
        ("15.2", 15.249, {}, False, "reproduced"),
        ("15.2", 15.2501, {}, False, "differs"),
        ("15.2", 15.1499, {}, False, "differs"),
        ("0.052", 0.05247, {}, True, "reproduced"),
        ("2.375", 2.4224, {"relative": 0.02}, False, "reproduced"),
        ("2.375", 2.4226, {"relative": 0.02}, False, "differs"),
        ("20.6", 21.1, {"absolute": 0.5}, False, "reproduced"),
        ("20.6", 21.11, {"absolute": 0.5}, False, "differs"),
        ("0.229", 0.300, {"p_absolute": 0.02, "same_side": 0.05}, True, "differs"),
        ("0.044", 0.049, {"p_absolute": 0.02, "same_side": 0.05}, True, "reproduced"),
        ("0.044", 0.051, {"p_absolute": 0.02, "same_side": 0.05}, True, "differs"),
        ("0.818", 0.10, {"relative": 0.02, "same_side": 0.05}, False, "differs"),  # a ratio, not a p-value
        ("<0.001", 0.0004, {}, True, "reproduced"),
        ("<0.001", 0.0011, {}, True, "differs"),
    ],
)
def test_marks(printed, value, keys, is_p, mark):
    found, difference, reason = mark_of(PrintedNumber.parse(printed), Computed(value), keys, is_p)
    assert found == mark and reason
    assert difference == pytest.approx(value - PrintedNumber.parse(printed).value)


def test_marks_of_sides_limits_words_and_nothing():
    assert mark_of(read_p(">= 0.05"), Computed(0.05), {})[0] == "reproduced"
    assert mark_of(read_p("< 0.05"), Computed(0.05), {})[0] == "differs"
    assert isinstance(read_p("<0.001"), PrintedNumber) and isinstance(read_p("> 0.05"), Side)
    limits = Limits(PrintedNumber.parse("1.00"), PrintedNumber.parse("4.00"))
    se = math.log(4) / (2 * 1.959963984540054)
    mark, difference, reason = mark_of(limits, Computed(pair=(1.0, 4.4)), {"se_relative": 0.07})
    assert mark == "reproduced" and "7 % are allowed" in reason
    assert difference == pytest.approx(math.log(4.4) / (2 * 1.959963984540054) / se - 1)
    assert mark_of(limits, Computed(pair=(1.0, 4.4)), {})[0] == "differs"
    assert mark_of(limits, Computed(pair=(1.0049, 3.996)), {})[0] == "reproduced"
    assert mark_of("lung, liver", Computed(words="Lung,  liver"), {})[0] == "reproduced"
    assert mark_of("lung", Computed(words="bone"), {})[0] == "differs"
    assert mark_of(limits, Computed(why="no events"), {}) == ("cannot be checked", None, "no events")
    assert mark_of(PrintedNumber.parse(3), Computed(), {})[2] == "not estimable"


ONE_TO_FOUR = Limits(PrintedNumber.parse("1.0"), PrintedNumber.parse("4.0"))


@pytest.mark.parametrize(
    ("printed", "keys", "is_p", "told"),
    [
        (PrintedNumber.parse("15.2"), {}, False, "the printed digits"),
        (PrintedNumber.parse("2.375"), {"relative": 0.02, "same_side": 0.05, "p_absolute": 0.02}, False, "± 2 %"),
        (PrintedNumber.parse("20.6"), {"absolute": 0.5}, False, "± 0.5"),
        (PrintedNumber.parse("0.121"), {"p_absolute": 0.02, "same_side": 0.05}, True, "± 0.02 and same side of 0.05"),
        (PrintedNumber.parse("0.008"), {"relative": 0.02, "same_side": 0.05}, True, "same side of 0.05"),
        (read_p(">= 0.05"), {}, True, "same side of 0.05"),
        (ONE_TO_FOUR, {"se_relative": 0.08}, False, "standard error ± 8 %"),
        (ONE_TO_FOUR, {}, False, "the printed digits"),
        ("CR", {}, False, "the same text"),
    ],
)
def test_tolerances_in_words(printed, keys, is_p, told):
    assert tolerance(printed, keys, is_p) == told


def test_every_reproduced_cell_tells_its_tolerance(result):
    """A computed figure that isn't the printed one is never called reproduced without the tolerance beside it."""
    figo = cells(result, "Table 3", "FIGO")["p"]
    assert (figo.printed, figo.computed, figo.exact) == ("0.121", "0.140", False)
    assert in_words(figo) == (
        "printed 0.121, computed 0.140, difference +0.0191, tolerance: ± 0.02 and same side of 0.05"
    )
    for c in result.cells:
        assert c.tolerance
        if c.mark == "reproduced" and c.tolerance == "the printed digits":
            assert c.exact


def test_readers_see_no_code_names(result):
    shown = [text for c in result.cells for text in (c.printed, c.computed, c.beside, c.note)]
    shown += [c.reason for c in result.cells] + [layout.note for layout in result.recipe.layouts.values()]
    names = ("n_lesions", "site:", "_gt_", "_ge_", "invasion_deep", "stromal_", "vaginal_vault", "lymph_node")
    assert not [text for text in shown for name in names if name in text]


# ---------------------------------------------------------------- another paper, by hand
SMALL = """
title = "Six patients"
reference = "by hand"
[table.T]
[[cell]]
table = "T"
kind = "share"
rows = [
  { row = "red", where = ["colour=red"], among = ["colour=red,blue"], printed = { n = 2, of = 5, pct = "40.0" } },
  { row = "lung", where = ["site:lung=with"], printed = { n = 4, pct = 66.7 } },
  { row = "either", where = ["any(site:lung=with; colour=red)"], printed = { n = 4, pct = 66.7 } },
  { row = "odd", where = ["any(site:lung=with; coulour=red)"], printed = { n = 4 } },
]
[[cell]]
table = "T"
kind = "curve"
endpoint = "T"
rows = [
  { row = "median", printed = { all = 4 } },
  { row = "at 3", time = 3, printed = { all = "66.7" } },
  { row = "by colour", by = "colour", printed = { red = 2, blue = 5, p = "> 0.05" } },
]
[[cell]]
table = "T"
kind = "compare"
row = "red"
factor = "colour"
level = "red"
by = "site:lung"
groups = ["with", "without"]
printed = { "n with" = 2, "of with" = 3, "pct with" = "66.7", "n without" = 0, p = 0.4 }
"""


def test_six_patients_by_hand():
    """Events at 1, 2, 4, 5, censored at 3 and 6: S(3) = 5/6 x 4/5 = 2/3, S(4) = 2/3 x 2/3 = 4/9, so the median is 4.

    Of those with lung and a colour 2 of 3 are red, of those without 0 of 2. By the hypergeometric distribution 0, 1
    and 2 red ones with lung have 1/10, 6/10 and 3/10, so Fisher's p = 3/10 + 1/10.
    """
    cohort = survival_cohort(
        [1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 1, 0],
        factors={"colour": ["blue", "red", "blue", "red", "blue", None]},
        sites={"lung": [0, 1, 1, 1, 0, 1]},
    )  # fmt: skip
    recipe, findings = parse_recipe(SMALL)
    assert not findings
    result = reproduce(cohort, recipe)
    (unknown,) = result.findings
    assert "'coulour'" in unknown.message
    got = {(c.row, c.kind, c.column): (c.mark, c.value) for c in result.cells}
    assert got["either", "share", "n"] == ("reproduced", 4) and got["odd", "share", "n"][0] == "cannot be checked"
    assert got["red", "share", "n"] == ("reproduced", 2)
    assert got["red", "share", "of"] == ("reproduced", 5)
    assert got["red", "share", "pct"] == ("reproduced", pytest.approx(40))
    assert got["lung", "share", "pct"] == ("reproduced", pytest.approx(200 / 3))
    assert got["median", "curve", "all"] == ("reproduced", 4)
    assert got["at 3", "curve", "all"] == ("reproduced", pytest.approx(200 / 3))
    assert got["red", "compare", "n with"] == ("reproduced", 2)
    assert got["red", "compare", "of with"] == ("reproduced", 3)
    assert got["red", "compare", "n without"] == ("reproduced", 0)
    assert got["red", "compare", "p"] == ("reproduced", pytest.approx(0.4, abs=1e-12))
    # red: deaths at 2 and 4, S = 1/2 from 2 to 4, so the midpoint; blue: deaths at 1 and 5, censored at 3: 2/3, then 0
    assert got["by colour", "curve", "red"] == ("differs", 3)
    assert got["by colour", "curve", "blue"] == ("reproduced", 5)
    assert got["by colour", "curve", "p"][0] == "reproduced"


# ---------------------------------------------------------------- other patients
def test_flow_leaves_out_who_the_paper_left_out(recipe):
    data = frame()
    data.loc[[0, 1], "prs_months"] = "1.0"
    data.loc[2, "figo_2018"] = "IVB"
    data.loc[[3, 4, 5], "radical_surgery"] = "0"
    for column in ("os_months", "ici_start_months"):
        data[column] = ""
    cohort = as_cohort(data)
    result = reproduce(cohort, recipe)
    assert [(p.n_before - p.n_after) for p in result.flow] == [2, 1, 3]
    assert (result.n, result.n_admitted) == (88, 82)
    assert cells(result, FLOW, "FIGO")["n"].mark == "differs" and cells(result, FLOW, "FIGO")["n"].computed == "1"
    assert cells(result, FLOW, "Included")["n"].computed == "82"
    everybody = reproduce(cohort, recipe, admit=False)
    assert cells(everybody, FLOW, "Included")["n"].computed == "88"


def test_other_patients_without_some_columns(recipe):
    data = frame().drop(columns=["n_lesions", "stromal_invasion_grade", "cd56", "ici_agent"])
    cohort = as_cohort(data.sample(60, random_state=1))
    result = reproduce(cohort, recipe)
    cd56 = cells(result, "Table 3", "CD56")["hr"]
    assert cd56.mark == "cannot be checked" and "no column 'cd56'" in cd56.reason and cd56.computed == ""
    number = cells(result, "Table 3", "Number of")["hr"]
    assert "computed as Number of recurrent sites > 1: > 1 against ≤ 1, because" in number.beside and number.value
    kept = cells(result, "Table 3", "Forward")["multivariate kept"]
    assert "Number of recurrent sites > 1" in kept.reason
    assert all(c.mark == "cannot be checked" for c in result.of("Table 5"))
    share = cells(result, "Table 2", "Lung")["pct"]
    assert share.interval.lower < share.value < share.interval.upper and share.holds == "inside"
    ratios = {(c.row, c.model): c for c in compare_ratios(result)}
    assert len(ratios) == 25
    lost = ratios["CD56", "univariable"]
    assert lost.own is None and lost.verdict == "cannot be computed" and "cd56" in lost.reason
    table = ratio_table(ratios.values())
    assert len(table.rows) == 25 and any("cannot be computed" in row for row in table.rows)


def test_a_cohort_with_almost_nothing(recipe):
    cohort = read_cohort(b"patient_id,age_years\nP1,40\nP2,60\n", "bare.csv")
    result = reproduce(cohort, recipe)
    assert cells(result, "Table 1", "Age")["mean"].value == 50
    open_ = [c for c in result.cells if c.table == "Figure 2"]
    assert open_ and all(c.mark == "cannot be checked" and c.reason for c in open_)
    assert all(c.own is None for c in compare_ratios(result))
    assert "cannot be checked" in render_text(result)


def test_another_list_of_patients_is_not_taken_for_the_papers(recipe):
    data = frame()
    treated = data["ici_agent"] != ""
    data.loc[treated, "response_followup_months"] = "14"
    data.loc[treated, "time_to_response_months"] = ""
    result = reproduce(as_cohort(data), recipe)
    assert {c.mark for c in result.of("Table 5")} == {"cannot be checked"}
    assert "holds others" in result.of("Table 5")[0].reason


def test_sites_are_read_through_the_papers_scheme(recipe, cohort):
    result = reproduce(cohort.with_scheme("spread"), recipe)
    assert cells(result, "Table 2", "Lung")["n"].computed == "34"
    assert any("Seven sites" in note for note in result.notes)


def ratio(value, lower, upper):
    return Estimate(value, lower, upper)


@pytest.mark.parametrize(
    ("published", "own", "verdict"),
    [
        ((2, 1.2, 3.3), (1.8, 1.1, 3.0), "found again"),
        ((2, 1.2, 3.3), (1.4, 0.8, 2.5), "same direction"),
        ((2, 1.2, 3.3), (0.9, 0.5, 1.6), "opposite direction"),
        ((2, 1.2, 3.3), (0.4, 0.2, 0.8), "opposite direction"),
        ((1.1, 0.7, 1.7), (1.8, 1.1, 3.0), "no direction"),
        ((1.1, 0.7, 1.7), (1.2, 0.6, 2.4), "no direction"),
    ],
)
def test_does_a_ratio_hold(published, own, verdict):
    assert _verdict(ratio(*published), ratio(*own))[0] == verdict


def test_p_of_the_difference_of_two_ratios():
    """Log ratios 1 and 0 with standard errors 0.3 and 0.4: z = 2, p = 0.0455."""
    z = 1.959963984540054
    e = [ratio(math.exp(b), math.exp(b - z * s), math.exp(b + z * s)) for b, s in ((1, 0.3), (0, 0.4))]
    assert _p_difference(*e) == pytest.approx(0.04550026389635842, abs=1e-12)
    assert _p_difference(ratio(1, None, None), e[0]) is None


# ---------------------------------------------------------------- shown
def test_the_forest_draws_every_ratio(result):
    ratios = compare_ratios(result)
    figure = printed_forest(ratios)
    own, published = (t for t in figure.spec["data"] if t["showlegend"])
    assert (len(own["x"]), len(published["x"])) == (24, 25)  # synaptophysin has no own ratio
    abdominal = [c.row for c in ratios].index("Abdominal organs recurrence")
    assert published["x"][abdominal] == pytest.approx(math.log10(2.375), abs=1e-5)
    assert min(published["x"]) > -2 and max(published["x"]) == pytest.approx(math.log10(20), abs=1e-5)
    assert "25 rows" in figure.caption and "1 can't be computed" in figure.caption
    assert "<svg" in figure.to_svg(PRINT)
    assert printed_forest(()).spec["data"] == []


def test_tables_of_cells(result):
    whole = cell_table(result)
    assert len(whole.rows) == len(result.cells)
    assert len(cell_table(result, "Table 3", ("differs",)).rows) == 1
    assert len(own_table(result, "Table 2").rows) == 16
    told = "Table 3,PLNM,p,0.229,0.300,+0.0712,± 0.02 and same side of 0.05,differs,"
    assert told in whole.to_csv().decode("utf-8-sig")
    data = result.to_dict()
    assert data["counts"] == result.counts and len(data["cells"]) == 431
    assert [name for name, _ in result.layout("Table 4").columns] == [
        "n with", "pct with", "n without", "pct without", "p"
    ]  # fmt: skip
    assert set(result.counts) == set(MARKS)


# ---------------------------------------------------------------- broken recipes
GOOD = '[[cell]]\ntable = "T"\nkind = "number"\nrow = "age"\nvariable = "age_years"\nprinted = { mean = 46 }\n'


@pytest.mark.parametrize(
    ("broken", "code", "said"),
    [
        ('[[cell]]\ntable = "T"\nkind = "shar"\nrow = "a"\n', "recipe-kind", "did you mean 'share'"),
        ('[[cell]]\ntable = "T"\nrow = "a"\n', "recipe-kind", "missing"),
        ('[[cell]]\ntable = "T"\nkind = "share"\nrow = "a"\nwhere = ["a=b"]\npritned = 1\n', "recipe-key", "'pritned'"),
        ('[[cell]]\ntable = "T"\nkind = "share"\nrow = "a"\nprinted = { n = 1 }\n', "recipe-missing", "'where'"),
        ('[[cell]]\ntable = "T"\nkind = "share"\nrow = "a"\nwhere = ["nonsense"]\nprinted = { n = 1 }\n',
         "recipe-value", "filter 'nonsense'"),
        ('[[cell]]\ntable = "T"\nkind = "share"\nrow = "a"\nwhere = ["a=b"]\nprinted = { n = 9, of = 8 }\n',
         "recipe-impossible", "9 can't come from 8"),
        ('[[cell]]\ntable = "T"\nkind = "share"\nrow = "a"\nwhere = ["a=b"]\nprinted = { n = -1 }\n',
         "recipe-printed", "count of -1 is impossible"),
        ('[[cell]]\ntable = "T"\nkind = "share"\nrow = "a"\nwhere = ["a=b"]\nprinted = { pct = 120.0 }\n',
         "recipe-printed", "between 0 and 100"),
        ('[[cell]]\ntable = "T"\nkind = "ratio"\nendpoint = "PRS"\nterm = "n_lesions"\nrow = "a"\n'
         "printed = { hr = 9.1, ci = [1.1, 2.2] }\n", "recipe-impossible", "doesn't hold its estimate 9.1"),
        ('[[cell]]\ntable = "T"\nkind = "ratio"\nendpoint = "PRS"\nterm = "n_lesions"\nrow = "a"\n'
         "printed = { p = 1.2 }\n", "recipe-printed", "between 0 and 1"),
        ('[[cell]]\ntable = "T"\nkind = "ratio"\nendpoint = "PRS"\nterm = { covariate = "x", one = "yes" }\nrow = "a"\n'
         "printed = { p = 0.2 }\n", "recipe-value", "reference"),
        ('[[cell]]\ntable = "T"\nkind = "number"\nrow = "a"\nvariable = "age_years"\nprinted = { mode = 4 }\n',
         "recipe-printed", "not a column of kind 'number'"),
        ('[[step]]\nlabel = "x"\nprinted = -3\nwhere = ["a=b"]\n', "recipe-value", "step 1"),
        ('[table.T]\ncolumns = ["n"]\n', "recipe-table", "columns must be a list"),
        ('titel = "x"\n', "recipe-key", "did you mean 'title'"),
    ],
)  # fmt: skip
def test_a_broken_part_is_a_finding_and_the_rest_is_computed(broken, code, said, cohort):
    text = broken + GOOD if not broken.startswith("[[cell]]") else GOOD + broken
    recipe, findings = parse_recipe(text)
    finding = next(f for f in findings if f.code == code)
    assert said in finding.message and finding.severity == "error"
    if broken.startswith("[[cell]]"):
        assert finding.row == GOOD.count("\n") + 1  # the line of the cell in the file
    result = reproduce(cohort, recipe, findings)
    assert cells(result, "T", "age")["mean"].mark == "reproduced"
    assert finding in result.findings


def test_a_table_that_nothing_describes_is_told(cohort):
    """A slip in a table's name; a file that describes no table at all is warned of it once a table."""
    other = GOOD.replace('"T"', '"Tabel 1"')
    _, findings = parse_recipe('[table."Table 1"]\n' + GOOD.replace('"T"', '"Table 1"') + other + other)
    (finding,) = findings
    assert (finding.severity, finding.code, finding.column) == ("error", "recipe-table", "table")
    assert finding.row == 2 + GOOD.count("\n")
    assert "cell 2 (Tabel 1), key 'table': there is no [table.\"Tabel 1\"]" in finding.message
    assert "did you mean 'Table 1'?" in finding.message
    recipe, findings = parse_recipe(GOOD + GOOD.replace('"age"', '"again"'))
    assert [(f.severity, f.row) for f in findings] == [("warning", 1)]
    assert reproduce(cohort, recipe, findings).counts["reproduced"] == 2


NAMED = """
scheme = "papr"
[[step]]
label = "x"
printed = 0
where = ["figo_stagee=I"]
[table.T]
curves = "PRZ"
[[cell]]
table = "T"
kind = "curve"
rows = [
  { row = "a", endpoint = "PRSS", printed = { all = 1 } },
  { row = "b", endpoint = "PRS", by = "site:lungs", printed = { p = 0.5 } },
  { row = "fine", endpoint = "PRS", by = "site:lung|brain", among = ["age_years>30"], printed = { p = 0.5 } },
]
[[cell]]
table = "T"
kind = "compare"
row = "c"
factor = "histologie"
level = "pure"
by = "site:lung"
groups = ["with", "without"]
printed = { p = 0.5 }
[[cell]]
table = "T"
kind = "ratio"
endpoint = "PRS"
row = "d"
term = { covariate = "agee_gt_50", one = "> 50", reference = "≤ 50" }
printed = { p = 0.5 }
[[cell]]
table = "T"
kind = "number"
row = "age"
variable = "Age"
printed = { mean = 46 }
"""


def test_names_that_nothing_has_are_findings_with_their_place(cohort):
    recipe, findings = parse_recipe(NAMED)
    assert not findings
    result = reproduce(cohort, recipe)
    assert all((f.severity, f.code) == ("error", "recipe-name") for f in result.findings)
    told = {(f.row, f.column): f.message for f in result.findings}
    cell = [n for n, row in enumerate(NAMED.splitlines(), 1) if row == "[[cell]]"]
    assert set(told) == {
        (None, "scheme"), (None, "where"), (None, "curves"), (cell[0], "endpoint"), (cell[0], "by"),
        (cell[1], "factor"), (cell[2], "term"),
    }  # fmt: skip
    wrong = told[cell[0], "endpoint"]
    assert "cell 1 (T), row 1, key 'endpoint': there is no endpoint 'PRSS'; did you mean 'PRS'?" in wrong
    assert "did you mean 'site:lung'?" in told[cell[0], "by"] and "step 1" in told[None, "where"]
    assert "did you mean 'histology'?" in told[cell[1], "factor"]
    assert cells(result, "T", "age")["mean"].mark == "reproduced" and cells(result, "T", "fine")["p"].value is not None
    assert "(line " in render_text(result)
    # a column that a file may have and this one lacks is told by its cells alone
    bare = reproduce(read_cohort(b"patient_id,age_years\nP1,40\nP2,60\n", "bare.csv"), load_recipe()[0])
    assert bare.findings == () and bare.counts["cannot be checked"]


KEPT = """
[table.T]
[[cell]]
table = "T"
kind = "stepwise"
row = "kept"
endpoint = "PRS"
enter = [{ covariate = "site:abdominal", one = "with", reference = "without" }, "n_lesions"]
term = "n_lesions"
as = { "number of sites" = ["n_lesions", "n_sites"], "abdomen" = "site:abdominal", "age" = "age_years" }
"""


@pytest.mark.parametrize(
    ("printed", "mark"),
    [
        (["abdomen", "number of sites"], "reproduced"),
        (["abdomen"], "differs"),
        (["abdomen", "number of sites", "age"], "differs"),
    ],
)
def test_words_of_a_paper_are_mapped_to_variables(printed, mark, cohort):
    recipe, findings = parse_recipe(KEPT + f"printed = {{ kept = {printed} }}\n")
    assert not findings
    kept = cells(reproduce(cohort, recipe), "T", "kept")["kept"]
    assert kept.mark == mark and kept.computed == "Abdominal organs and Recorded number of recurrent lesions"
    assert kept.printed.startswith("abdomen") and kept.tolerance == "the same names"


def test_a_word_without_a_meaning_is_a_finding():
    _, findings = parse_recipe(KEPT + 'printed = { kept = ["spleen"] }\n')
    assert [f.code for f in findings] == ["recipe-impossible"]
    assert "'spleen' is not a word of the key 'as'" in findings[0].message


def test_a_file_that_is_no_recipe(tmp_path):
    assert parse_recipe("a = [")[1][0].code == "recipe-not-toml"
    assert parse_recipe("")[1][0].code == "recipe-no-cells"
    path = tmp_path / "r.toml"
    path.write_bytes(b"\xff\xfe\x00")
    assert load_recipe(path)[1][0].code == "recipe-not-text"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert [f.severity for f in load_recipe(path)[1]] == ["warning"] and len(load_recipe(path)[0].lines) == 1


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.text(max_size=8)
    | st.sampled_from(["lung", "0.05", "<0.001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted({k for kind in KINDS.values() for k in (*kind.required, *kind.optional)} | {"row", "table", "printed"})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(KINDS)), cell=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8))
def test_no_recipe_breaks_the_reader(kind, cell, cohort):
    def literal(value):
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(k)} = {literal(v)}" for k, v in value.items() if v is not None) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(literal(v) for v in value if v is not None) + "]"
        return json.dumps(value).replace("\x7f", "")

    text = f'[[cell]]\nkind = "{kind}"\n' + "".join(f"{k} = {literal(v)}\n" for k, v in cell.items() if v is not None)
    recipe, findings = parse_recipe(text)
    assert recipe.lines or findings
    reproduce(cohort, recipe, findings)


# ---------------------------------------------------------------- the page
def test_page_shows_each_table_with_its_marks(app_test, result):
    app = open_page(app_test(), "reproduction")
    assert not app.exception
    said = words(app)
    assert "413" in said and 'aria-label="reproduced"' in said and 'aria-label="differs"' in said
    assert "0.359" not in said and "2.375" in said and "sites > 1: > 1 against" in said
    assert '<span class="was">0.121</span><span class="was room">± 0.02 and same side of 0.05</span>' in said
    assert "Printed 0.121, computed 0.140, difference +0.0191, tolerance: ± 0.02 and same side of 0.05." in said
    box = app.selectbox(key="choice-reproduction-table")
    assert len(box.options) == len(result.tables)
    for name in ("Table 5", "Figure 2", FLOW):
        app.selectbox(key="choice-reproduction-table").set_value(name).run()
        assert not app.exception and f"## {name}" in words(app)


def test_page_asks_the_second_question_of_own_patients(app_test, monkeypatch, tmp_path):
    data = frame().drop(columns=["n_lesions", "cd56"]).sample(60, random_state=1)
    path = tmp_path / "own.csv"
    data.to_csv(path, index=False)
    monkeypatch.setenv("NECC_DATA", str(path))
    app = open_page(app_test(), "reproduction")
    assert not app.exception
    said = words(app)
    assert "Hazard ratios, published and in this cohort" in said and "cannot be computed" in said
    own = next(t for t in tables(app) if t[0][3] == "This cohort (95 % CI)")
    assert next(r for r in own if r[0].startswith("Age"))[2:5] == ["0.859 (0.436–1.695)", "1.01 (0.46–2.22)", "60"]
    assert "published 0.859, inside this cohort's 95 % interval" in said
    assert len(charts(app)) == 1


def test_uploaded_recipe_with_findings():
    from necc.app.views.reproduction import lead, read_upload

    assert read_upload(b"\xff")[1][0].code == "recipe-not-text"
    assert read_upload(b"x" * 2_000_000)[1][0].code == "recipe-size"
    used = read_upload(GOOD.encode())[0]
    assert len(used.lines) == 1 and lead(used) == "Every figure of a paper computed again."
    assert lead(replace(used, title="T")) == "Every figure of a paper computed again: T."


def test_results_are_frozen(result):
    with pytest.raises(AttributeError):
        result.cells[0].mark = "reproduced"  # type: ignore[misc]
    assert replace(result.cells[0], note="x").note == "x"
    assert render_text(result, everything=True).count("  Table 4, ") == 75
    assert render_text(result).count("  Table 4, ") == 2
