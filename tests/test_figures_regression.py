"""Figures and tables of Cox regression and of characteristics: every number drawn is the result's own."""

from __future__ import annotations

import json
import math
import pickle
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort

from necc.analysis.baseline import by_sites, characteristics, compare
from necc.analysis.regression import (
    cox,
    cox_imputed,
    influence,
    proportional_hazards,
    schoenfeld,
    stepwise,
    subgroups,
    univariate,
)
from necc.analysis.regression.diagnostics import smooth
from necc.core.text import format_ratio
from necc.present.figures import Style
from necc.present.figures import regression as figures
from necc.present.figures.regression import _even_ticks
from necc.present.tables import baseline
from necc.present.tables import regression as tables
from necc.present.words.phrases import contrast, format_ratio_ci

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = from_sample("reconstructed_cohort.csv")
NOBODY = SAMPLE.subset(np.zeros(len(SAMPLE), dtype=bool))
ONE = SAMPLE.subset(np.arange(len(SAMPLE)) == 0)
TOGETHER = ["site:abdominal", "n_lesions", "histology"]
ALONE = ["age_years", "histology", "synaptophysin", "site:abdominal", "n_lesions", "radical_surgery"]
NASTY = "</text><script>alert(1)</script> < 1/3 %{x}"


def table_of(cohort):
    return univariate(cohort, "PRS", ALONE, multivariable=TOGETHER)


FIGURES = {
    "forest": lambda c: (figures.forest, table_of(c), {}),
    "subgroup_forest": lambda c: (
        figures.subgroup_forest, subgroups(c, "PRS", "site:abdominal", ["lvsi", "histology_pure"]), {}),
    "inclusion_bars": lambda c: (
        figures.inclusion_bars, stepwise(c, "PRS", ["site:abdominal", "n_lesions"], bootstrap=10), {}),
}  # fmt: skip
FITTED = {
    "schoenfeld": lambda c: (figures.schoenfeld, schoenfeld(cox(c, "PRS", TOGETHER)),
                             {"term": "site:abdominal", "label": "Abdominal organs", "unit": "months"}),
    "influence_plot": lambda c: (figures.influence_plot, influence(cox(c, "PRS", TOGETHER)),
                                 {"term": "n_lesions", "label": "Lesions"}),
}  # fmt: skip


def made(name, cohort=SAMPLE, style=None):
    draw, result, options = (FIGURES | FITTED)[name](cohort)
    return draw(result, style or Style(), **options)


# ---------------------------------------------------------------- all figures
@pytest.mark.parametrize("name", FIGURES | FITTED)
@pytest.mark.parametrize("style", [Style(), Style("dark", "presentation"), Style(size="print"), Style(width=380)])
def test_every_figure_is_a_well_formed_picture_inside_its_frame(name, style):
    figure = made(name, style=style)
    root = ET.fromstring(figure.to_svg(background=True))
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    assert (width, height) == (figure.width, figure.height) and figure.width == style.px
    assert figure.alt.endswith(".") and figure.caption.endswith((".", ")"))
    for mark in root.iter(f"{SVG}text"):
        assert np.isfinite(float(mark.get("x"))) and np.isfinite(float(mark.get("y")))
        if style.width != 380 and mark.get("transform") is None:
            assert -1 <= float(mark.get("x")) <= width + 1 and 0 <= float(mark.get("y")) <= height + 1


@pytest.mark.parametrize("name", FIGURES | FITTED)
def test_every_figure_is_json_that_plotly_takes_and_pickles(name):
    import plotly.graph_objects as go

    figure = made(name)
    assert json.loads(figure.to_json()) == figure.spec and figure.to_svg() == made(name).to_svg()
    assert len(json.loads(go.Figure(figure.to_plotly()).to_json())["data"]) == len(figure.spec["data"])
    dark = pickle.loads(pickle.dumps(figure)).with_style(Style("dark"))
    assert dark.to_svg() == made(name, style=Style("dark")).to_svg() != figure.to_svg()


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("cohort", [NOBODY, ONE], ids=["nobody", "one"])
def test_without_an_estimate_a_figure_says_so_in_words(name, cohort):
    figure = made(name, cohort)
    assert re.search(r"no hazard ratio is estimable|no samples|drawn with replacement", figure.alt + figure.caption)
    ET.fromstring(figure.to_svg())


def test_labels_of_people_s_files_are_text():
    cohort = necc_cohort({"prs_months": list(range(1, 21)), "died": [1, 0, 1, 1] * 5, "arm": [NASTY, "b"] * 10,
                    "other": ["x", "y", "y", "x", "x"] * 4})  # fmt: skip
    table = univariate(cohort, "PRS", ["arm"], multivariable=["arm", "other"])
    drawn = [figures.forest(table), figures.subgroup_forest(subgroups(cohort, "PRS", "other", ["arm"]))]
    for figure in drawn:
        assert "<script" not in figure.to_svg() and "<script" not in json.dumps(figure.to_plotly())
        assert "<script" not in figure.to_svg(interactive=True)
        ET.fromstring(figure.to_svg())
    assert "<script" not in tables.regression_table(table).to_html()


# ---------------------------------------------------------------- forest
def points(figure):
    """Marks of a forest plot: (hazard ratio, told) by their place in the legend."""
    return {
        t["name"]: list(zip(t["x"], t["hovertext"], strict=True)) for t in figure.spec["data"] if t.get("hovertext")
    }


def test_a_forest_plot_draws_every_estimate_alone_and_together():
    table = table_of(SAMPLE)
    drawn = points(figures.forest(table))
    alone = [t.hazard_ratio for row in table.rows for t in row.terms if t.estimable]
    together = [table.multivariable.term(t.term).hazard_ratio for row in table.rows for t in row.terms
                if t.term in {x.term for x in table.multivariable.terms}]  # fmt: skip
    assert [x for x, _ in drawn["each alone"]] == pytest.approx(alone, abs=1e-6)
    assert [x for x, _ in drawn["together in one model"]] == pytest.approx(together, abs=1e-6)
    syn = table.row("synaptophysin").terms[0]
    assert format_ratio_ci(syn.hazard_ratio, syn.ci_lower, syn.ci_upper) in drawn["each alone"][3][1]
    text = figures.forest(table).caption
    assert "Firth" in text and "each alone" in text.lower()
    shown = "".join("".join(t.itertext()) for t in ET.fromstring(figures.forest(table).to_svg()).iter(f"{SVG}text"))
    assert "not estimable" in shown  # radical surgery, the same in all


def test_subgroups_are_drawn_with_the_p_of_their_interaction():
    result = subgroups(SAMPLE, "PRS", "site:abdominal", ["figo_iii_iv", "lvsi"])
    figure = figures.subgroup_forest(result)
    drawn = [x for found in points(figure).values() for x, _ in found]
    assert drawn == pytest.approx([r.term.hazard_ratio for r in result.rows if r.term.estimable], abs=1e-6)
    labels = " ".join("".join(t.itertext()) for t in ET.fromstring(figure.to_svg()).iter(f"{SVG}text"))
    assert f"interaction p = {result.interactions[0].p:.3f}" in labels and "21/51" in labels


# ---------------------------------------------------------------- residuals and influence
def test_residuals_are_drawn_against_the_transformed_time_with_the_fitted_ratio():
    model = cox(SAMPLE, "PRS", TOGETHER)
    result = schoenfeld(model)
    test = proportional_hazards(model)[0]
    figure = figures.schoenfeld(result, term="site:abdominal", label="Abdominal organs", unit="months", test=test)
    zero, constant, dots, line = figure.spec["data"]
    j = result.terms.index("site:abdominal")
    assert dots["x"] == pytest.approx(result.x.tolist(), abs=1e-6)
    assert dots["y"] == pytest.approx(result.residuals[:, j].tolist(), abs=1e-6)
    assert constant["y"] == pytest.approx([model.term("site:abdominal").coefficient] * 2, abs=1e-6)
    assert zero["y"] == [0, 0] and len(line["x"]) == 60
    assert f"p = {test.p:.3f}" in figure.caption and "40 events" in figure.caption


def test_a_smooth_line_follows_a_straight_one_and_stays_within_noise():
    x = np.linspace(0, 1, 30)
    assert smooth(x, 3 * x - 1, x) == pytest.approx(3 * x - 1, abs=1e-9)
    assert smooth(np.zeros(5), np.arange(5.0), np.zeros(1)) == pytest.approx([2.0])
    # one outlier moves the line by less than its own size
    y = np.zeros(30)
    y[15] = 1.0
    assert 0 < smooth(x, y, x).max() < 0.3


def test_influence_is_sorted_and_names_no_row_unless_told():
    model = cox(SAMPLE, "PRS", TOGETHER)
    result = influence(model)
    j = result.terms.index("n_lesions")
    plain = figures.influence_plot(result, term="n_lesions", label="Lesions")
    bars = plain.spec["data"][0]
    assert bars["y"] == pytest.approx(sorted(result.dfbetas[:, j].tolist()), abs=1e-5)
    assert not any("row" in h for h in bars["hovertext"])
    named = figures.influence_plot(result, term="n_lesions", label="Lesions", identify=True).spec["data"][0]
    strongest = result.spreadsheet_rows[int(result.dfbetas[:, j].argmax())]
    assert named["hovertext"][-1].startswith(f"spreadsheet row {strongest}: ")
    assert "row" not in plain.to_svg()


@pytest.mark.parametrize(("low", "high"), [(-3.2, 2.6), (0, 0.01), (-1e-9, 1e-9), (-400, 10)])
def test_ticks_stand_evenly_within_their_axis(low, high):
    ticks = _even_ticks(low, high)
    assert 2 <= len(ticks) <= 9 and all(low - 1e-9 <= t <= high + 1e-9 for t in ticks)


def test_inclusion_bars_are_the_shares_of_the_bootstrap():
    result = stepwise(SAMPLE, "PRS", ["site:abdominal", "n_lesions", "lvsi"], bootstrap=20)
    bars = figures.inclusion_bars(result, labels=(("n_lesions", "Lesions"),)).spec["data"][0]
    shares = sorted((100 * share for _, share in result.inclusion), reverse=True)
    assert bars["x"] == pytest.approx(shares, abs=1e-4)


def test_progress_is_told_and_changes_nothing():
    told: list[float] = []
    quiet = stepwise(SAMPLE, "PRS", ["site:abdominal", "n_lesions"], bootstrap=5)
    heard = stepwise(SAMPLE, "PRS", ["site:abdominal", "n_lesions"], bootstrap=5, progress=told.append)
    assert heard.inclusion == quiet.inclusion and told == [0, 0.2, 0.4, 0.6, 0.8]
    told.clear()
    imputed = cox_imputed(SAMPLE, "PRS", ["site:abdominal", "tumor_size_gt_4"], imputations=2, progress=told.append)
    assert told == [0, 0.5] and imputed.n == 88


# ---------------------------------------------------------------- words for ratios
@pytest.mark.parametrize(
    ("value", "shown"),
    [(2.375, "2.38"), (0.0034, "<0.01"), (12.44, "12.4"), (512.7, "513"), (38678.493, "38,678"),
     (1e6, "1,000,000"), (9.4e86, ">1,000,000"),
     (9.996, "10.0"),
     (99.96, "100"), (None, "not estimable"), (math.inf, "not estimable"), (0.999, "1.00")],
)  # fmt: skip
def test_ratios_have_the_digits_that_carry_something(value, shown):
    assert format_ratio(value) == shown


def test_an_open_limit_is_open():
    assert format_ratio_ci(2.0, 1.0, None) == "2.00 (1.00–∞)"
    assert format_ratio_ci(None, None, None) == "not estimable"


@pytest.mark.parametrize(
    ("asked", "said"),
    [(("LVSI", "yes", "no"), "LVSI"), (("Lung", "with", "without"), "Lung"),
     (("Histology", "large cell", "small cell"), "Histology: large cell vs small cell"),
     (("Age > 50 years", "> 50", "≤ 50"), "Age > 50 years"), (("Cycles >= 4", "≥ 4", "< 4"), "Cycles ≥ 4"),
     (("Arm", "a", "b"), "Arm: a vs b"), (("Age", None, None, "years"), "Age (per year)"),
     (("Age", None, None, "10 years"), "Age (per 10 years)"), (("Size", None, None, "cm"), "Size (per cm)"),
     (("Grade", None, None), "Grade (per 1)")],
)  # fmt: skip
def test_what_a_ratio_compares_is_said(asked, said):
    assert contrast(*asked) == said


# ---------------------------------------------------------------- tables
def cells(table):
    return {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


def test_the_table_stands_alone_beside_together():
    table = tables.regression_table(table_of(SAMPLE))
    rows = cells(table)
    assert table.columns[2] == "Alone: HR (95 % CI)" and table.columns[5] == "Together: HR (95 % CI)"
    assert rows["large cell"]["Events/n"] == "5/8" and rows["small cell"]["Alone: HR (95 % CI)"] == "1 (reference)"
    assert rows["Histology (all levels)"]["p"] == "0.375"  # as R: summary(coxph(...))$waldtest
    assert rows["Synaptophysin"]["Alone: HR (95 % CI)"].endswith("†")
    assert rows["Radical surgery"]["Alone: HR (95 % CI)"] == "not estimable"
    assert any("Firth" in n for n in table.notes) and any("5 tests (Holm)" in n for n in table.notes)


@pytest.mark.parametrize("cohort", [SAMPLE, NOBODY, ONE], ids=["sample", "nobody", "one"])
def test_every_table_of_a_model_holds_its_numbers_and_no_nan(cohort):
    model = cox(cohort, "PRS", TOGETHER)
    chosen = stepwise(cohort, "PRS", ["site:abdominal", "n_lesions"])
    made = [
        tables.regression_table(table_of(cohort)), tables.model_tests_table(model), tables.collinearity_table(model),
        tables.proportional_hazards_table(model), tables.model_table(model), tables.steps_table(chosen),
        tables.subgroup_table(subgroups(cohort, "PRS", "site:abdominal", ["lvsi", "histology"])),
    ]  # fmt: skip
    for table in made:
        ET.fromstring(f"<div>{table.to_html()}</div>")
        assert not re.search(r"\b(nan|inf|None)\b", table.to_html(), re.I), table.name
    if cohort is SAMPLE:
        c = model.concordance
        assert f"{c.value:.3f}" in " ".join(made[1].notes)
        assert cells(made[3])["All together"]["p"] == f"{model.proportional_hazards[-1].p:.3f}"


def test_influential_patients_are_told_with_the_ratio_without_them():
    model = cox(SAMPLE, "PRS", TOGETHER)
    found = influence(model)
    table = tables.influence_table(found, model, most=3)
    i, j = np.unravel_index(np.abs(found.dfbetas).argmax(), found.dfbetas.shape)
    term = model.term(found.terms[j])
    assert table.rows[0][0] == str(found.spreadsheet_rows[i])
    assert table.rows[0][4] == format_ratio(math.exp(term.coefficient - found.dfbeta[i, j]))
    # and the one step is close to leaving the patient out
    without = cox(SAMPLE.subset(np.arange(len(SAMPLE)) != found.rows[i]), "PRS", TOGETHER).term(term.term)
    assert math.exp(term.coefficient - found.dfbeta[i, j]) == pytest.approx(without.hazard_ratio, rel=0.1)  # one step


def test_imputed_beside_complete_cases():
    names = ["site:abdominal", "tumor_size_gt_4"]
    complete, imputed = cox(SAMPLE, "PRS", names), cox_imputed(SAMPLE, "PRS", names, imputations=3)
    rows = cells(tables.imputed_table(imputed, complete))
    term = imputed.terms[0]
    assert rows["Abdominal organs"]["Imputed (n = 88): HR (95 % CI)"] == format_ratio_ci(
        term.hazard_ratio, term.ci_lower, term.ci_upper
    )
    assert rows["Abdominal organs"]["Complete cases (n = 60): HR (95 % CI)"] == "3.23 (1.41–7.42)"


def test_table_1_has_rows_for_what_is_not_recorded_and_a_choice_of_denominator():
    everybody = cells(baseline.characteristics_table(characteristics(SAMPLE)))
    assert everybody["Lymphovascular space invasion"]["all patients (n = 88)"] == "55 (62.5)"
    known = baseline.characteristics_table(characteristics(SAMPLE, denominator="known"))
    assert cells(known)["Lymphovascular space invasion"]["all patients (n = 88)"] == "55/67 (82.1)"
    assert sum(row[0] == "N/A" for row in known.rows) >= 10
    means = baseline.characteristics_table(characteristics(SAMPLE, names=["age_years"]), "mean")
    ages = SAMPLE.number("age_years")
    assert means.rows[1][1] == f"{ages.mean():.1f} ({ages.std(ddof=1):.1f})"


def test_groups_are_compared_with_smd_and_every_convention():
    result = compare(SAMPLE, "site:abdominal")
    rows = cells(baseline.characteristics_table(result, every_level=False))
    lung = rows["Lung"]
    assert (lung["p, as in the paper"], lung["p, R's default"], lung["p, exact"]) == ("0.032 ‡", "0.055 ‡", "0.042 ‡")
    assert lung["SMD"] == f"{result.row('site:lung').smd.value:.2f}"
    one = cells(baseline.characteristics_table(compare(SAMPLE, "site:abdominal", every_convention=False)))
    assert "p" in one["Age > 50 years"] and "p, exact" not in one["Age > 50 years"]


def test_sites_are_each_compared_with_those_without_and_never_with_each_other():
    results = by_sites(SAMPLE, ["age_gt_50", "site:lung", "site:bone"], every_convention=False)
    table = baseline.sites_table(results)
    rows = cells(table)
    lung, abdominal = table.columns[1], table.columns[2]
    assert lung == "Lung (n = 34)" and rows["Lung"][lung] == "–"
    assert rows["Lung"][abdominal].endswith("(0.032)*") and any("overlap" in n for n in table.notes)


@pytest.mark.parametrize("cohort", [NOBODY, ONE], ids=["nobody", "one"])
@pytest.mark.parametrize("by", [None, "site:lung", "histology"])
def test_tables_of_nobody_and_of_one_patient(cohort, by):
    for numbers in ("median", "mean"):
        table = baseline.characteristics_table(characteristics(cohort, by=by), numbers)
        ET.fromstring(f"<div>{table.to_html()}</div>")
        assert not re.search(r"\b(nan|None)\b", table.to_html())
