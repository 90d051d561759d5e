"""Figures and tables of competing risks, treatment timing and comparisons say what their results say."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from checks import CLAIM
from cohorts import cohort_of, from_sample, necc_cohort

from necc.analysis.competing import cumulative_incidence, cumulative_incidence_of_columns, hazards_by_cause
from necc.analysis.survival import compare_survival, kaplan_meier, kaplan_meier_with_entry, restricted_mean, survival_at
from necc.analysis.treatment import treatment_course, treatment_timing
from necc.core.text import format_number, format_p
from necc.present import figures, tables
from necc.present.figures import Style
from necc.present.words.explain import explain

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = from_sample("reconstructed_cohort.csv")
NOBODY = SAMPLE.subset(np.zeros(len(SAMPLE), dtype=bool))
ONE = SAMPLE.subset(np.arange(len(SAMPLE)) == 0)
NASTY = "</text><script>alert(1)</script> < 1/3 & %{x}"
# cause 1 at 1, cause 2 at 2, censored at 3, cause 1 at 4, censored at 5: F1 ends at 0.5, F2 at 0.2, 1 - KM of 1 at 0.6
FIVE = cohort_of({"time": [1, 2, 3, 4, 5], "status": ["1", "2", "0", "1", "0"]})


def areas(cohort, style, by="site:lung"):
    means = restricted_mean(cohort, "PRS", by)
    return figures.restricted_areas(means, style, km=kaplan_meier(cohort, "PRS", by))


FIGURES = {
    "curves": lambda c, s: figures.incidence_curves(cumulative_incidence(c), s, naive=True),
    "curves_by": lambda c, s: figures.incidence_curves(cumulative_incidence(c, by="histology"), s, cause="lung"),
    "stacked": lambda c, s: figures.stacked_incidence(cumulative_incidence(c), s),
    "grid": lambda c, s: figures.incidence_grid(cumulative_incidence(c), s, naive=True),
    "grid_by": lambda c, s: figures.incidence_grid(cumulative_incidence(c, by="radical_surgery"), s),
    "excess": lambda c, s: figures.naive_excess(cumulative_incidence(c), s, at=24),
    "hazards": lambda c, s: figures.hazards_forest(hazards_by_cause(c, covariates=["histology", "age_years"]), s),
    "timing": lambda c, s: figures.timing_curves(treatment_timing(c), s),
    "ratios": lambda c, s: figures.timing_ratios(treatment_timing(c), s),
    "starts": lambda c, s: figures.treatment_starts(treatment_course(c, "PRS", "ici"), s, landmark=6.0),
    "areas": areas,
}
AS_SVG = ("grid", "grid_by", "timing", "areas")


def shown(figure) -> str:
    root = ET.fromstring(figure.to_svg())
    return "\n".join("".join(t.itertext()) for t in root.iter(f"{SVG}text"))


def lines(figure, **wanted):
    return [t for t in figure.spec["data"] if all(t.get(k) == v for k, v in wanted.items())]


# ---------------------------------------------------------------- every figure
@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("style", [Style(), Style("dark", "presentation"), Style(size="print"), Style(width=380)])
def test_a_well_formed_picture_inside_its_frame(name, style):
    figure = FIGURES[name](SAMPLE, style)
    root = ET.fromstring(figure.to_svg(background=True))
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    assert (width, height) == (figure.width, figure.height) and figure.width == style.px
    assert figure.alt.endswith(".") and figure.caption.endswith((".", ")"))
    assert not re.search(r"\b(affects?|due to|improves?|benefits?|impacts?)\b", figure.caption + figure.alt)
    for mark in root.iter(f"{SVG}text"):
        x, y = float(mark.get("x")), float(mark.get("y"))
        assert np.isfinite(x) and np.isfinite(y)
        if figure.spec and style.width != 380 and mark.get("transform") is None:
            assert -1 <= x <= width + 1 and 0 <= y <= height + 1


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_bytes_each_time_and_another_style(name):
    figure = FIGURES[name](SAMPLE, Style())
    assert figure.to_svg() == FIGURES[name](SAMPLE, Style()).to_svg()
    dark = figure.with_style(Style("dark"))
    assert dark.to_svg() == FIGURES[name](SAMPLE, Style("dark")).to_svg() != figure.to_svg()
    assert figure.svg_only == (name in AS_SVG)


@pytest.mark.parametrize("name", [n for n in FIGURES if n not in AS_SVG])
def test_plotly_takes_the_description(name):
    import plotly.graph_objects as go

    figure = FIGURES[name](SAMPLE, Style())
    checked = json.loads(go.Figure(figure.to_plotly()).to_json())
    assert len(checked["data"]) == len(figure.spec["data"]) and json.loads(figure.to_json()) == figure.spec


@pytest.mark.parametrize("name", FIGURES)
def test_nobody_is_said_in_words_and_one_is_drawn(name):
    nobody = FIGURES[name](NOBODY, Style())
    assert nobody.spec["data"] == [] and re.search(r"no patients|nobody", shown(nobody))
    ET.fromstring(FIGURES[name](ONE, Style()).to_svg())


# ---------------------------------------------------------------- cumulative incidence
def test_curves_have_the_steps_of_the_result():
    found = cumulative_incidence_of_columns(FIVE, "time", "status")
    figure = figures.incidence_curves(found, cause="1", naive=True)
    solid = [t for t in lines(figure, type="scatter") if t.get("customdata")]
    points = {(x, y) for t in solid for x, y in zip(t["x"], t["y"], strict=True)}
    assert points == {(0, 0), (1, 0.2), (4, 0.5), (5, 0.5)}
    assert solid[0]["customdata"][0] == ["0", 5, 0] and solid[-1]["customdata"][-1][1:] == [1, 2]
    (dotted,) = [t for t in figure.spec["data"] if t.get("name") == "1 − Kaplan-Meier"]
    assert dict(zip(dotted["x"], dotted["y"], strict=True)) == {0: 0, 1: 0.2, 4: 0.6, 5: 0.6}
    (numbers,) = [t for t in figure.spec["data"] if t.get("name") == "numbers"]
    assert dict(zip(numbers["x"], numbers["text"], strict=True)) == {0: "5", 1: "5", 2: "4", 3: "3", 4: "2", 5: "1"}


def test_bands_hold_the_limits():
    found = cumulative_incidence_of_columns(FIVE, "time", "status")
    curve = found.strata[0].curve("1")
    figure = figures.incidence_curves(found, cause="1")
    low, high = [t for t in figure.spec["data"] if t.get("line", {}).get("width") == 0]
    top = figure.spec["layout"]["yaxis"]["range"][1] / 1.02
    assert low["y"][0] == pytest.approx(curve.ci_lower[0], abs=5e-4)  # drawn with three digits
    assert high["y"][0] == pytest.approx(curve.ci_upper[0], abs=5e-4) and high["fill"] == "tonexty"
    assert high["y"][-1] == pytest.approx(min(top, curve.ci_upper[-1]), abs=5e-4)  # a band may leave the axis
    assert low["x"][0] == 1 and low["x"][-1] == 5  # from the first event to the end of the curve


def test_stacked_shares_are_on_top_of_each_other():
    found = cumulative_incidence_of_columns(FIVE, "time", "status")
    bands = [t for t in figures.stacked_incidence(found).spec["data"] if t.get("fill")]
    assert [t["y"][-1] for t in bands] == [0.5, 0.7]
    assert [t["customdata"][-1] for t in bands] == ["50.0 %", "20.0 %"]
    assert "30.0 % at the end of follow-up" in figures.stacked_incidence(found).caption


def test_overlapping_causes_are_not_stacked():
    found = cumulative_incidence(SAMPLE, rule="counted in each")
    assert "can't be stacked" in figures.stacked_incidence(found).alt


def test_labels_of_bands_do_not_overlap():
    figure = figures.stacked_incidence(cumulative_incidence(SAMPLE))
    places = sorted(a["y"] for a in figure.spec["layout"]["annotations"])
    assert len(places) == 9 and min(np.diff(places)) >= 0.05 and places[-1] <= 1


def test_the_grid_tells_events_and_gray_s_test():
    found = cumulative_incidence(SAMPLE, by="radical_surgery")
    told = shown(figures.incidence_grid(found)).replace("\xa0", " ")
    for cause, test in zip(found.causes, found.tests, strict=True):
        assert cause.label in told
        if test.p is not None:
            assert f"adj. {format_p(test.p_adjusted)}" in told
    keys = re.findall(r'data-site="([^"]+)"', figures.incidence_grid(found).to_svg())
    assert keys == [c.name for c in found.causes]


def test_one_minus_km_stands_behind_the_incidence():
    found = cumulative_incidence_of_columns(FIVE, "time", "status")
    figure = figures.naive_excess(found, at=4)
    ghosts, solid = (t for t in figure.spec["data"] if t["type"] == "bar")
    # of cause 2, one of four still at risk at 2: 1/4
    assert solid["x"] == [50, 20] and ghosts["x"] == [60, 25]
    assert "cumulative incidence 70.0 %, 1 − Kaplan-Meier 85.0 %" in figure.caption


def test_names_are_text():
    cohort = cohort_of({"time": [1, 2, 3, 4], "status": [NASTY, "0", NASTY, "0"], "g": [NASTY, "b", NASTY, "b"]})
    found = cumulative_incidence_of_columns(cohort, "time", "status", "g", censored="0")
    for figure in (figures.incidence_curves(found), figures.incidence_grid(found), figures.stacked_incidence(found)):
        svg = figure.to_svg()
        ET.fromstring(svg)
        assert "<script" not in svg + figure.to_svg(interactive=True)
        assert figure.svg_only or "%{x}" not in json.dumps(figure.to_plotly())
    assert "<script" not in tables.incidence_at(found, (2,)).to_html()


# ---------------------------------------------------------------- treatment
def late_treatment():
    """Ten patients; four treated at 2, 4, 4 and 6 months."""
    return necc_cohort(
        {
            "prs_months": [1, 2, 3, 5, 8, 12, 9, 10, 14, 20],
            "died": [1, 1, 0, 1, 1, 0, 1, 0, 1, 0],
            "ici": [0, 0, 0, 0, 0, 0, 1, 1, 1, 1],
            "ici_start_months": [None] * 6 + [2, 4, 4, 6],
            "ici_cycles": [None] * 6 + [2, 3, 4, 6],
        }
    )


def test_numbers_at_risk_count_those_who_have_started():
    timing = treatment_timing(late_treatment())
    treated = next(c for c in timing.time_dependent.curves if c.name == "treated")
    assert treated.entries.tolist() == [2, 4, 4, 6]
    # just before: 0 at 0, one who started at 2 is there at 3, three at 5, all four at 9, the last at 20
    assert treated.at_risk([0, 2, 3, 5, 9, 10, 14, 20, 21]).tolist() == [0, 0, 1, 3, 4, 3, 2, 1, 0]


def test_a_landmark_counts_from_itself():
    timing = treatment_timing(late_treatment(), landmark=4)
    told = shown(figures.timing_curves(timing))
    assert "Landmark 4 months" in told and "Mantel-Byar" in told
    assert "since the landmark" in told.replace("\n", " ")
    (line,) = figures.treatment_starts(treatment_course(late_treatment(), "PRS", "ici"), landmark=4).spec["layout"][
        "shapes"
    ]
    assert line["x0"] == 4


def test_the_naive_row_stands_only_beside_the_others():
    timing = treatment_timing(late_treatment())
    table = tables.treatment_comparisons(timing)
    assert [r[0].split(":")[0].split(" ")[0] for r in table.rows] == ["Naive", "Landmark", "Time-dependent"]
    for row, c in zip(table.rows, timing.comparisons, strict=True):
        value = c.hazard_ratio.value
        assert row[3].startswith(format_number(value, 2)) and row[4] == format_p(c.p)
        assert row[5].startswith(c.test.name)
    alt = figures.timing_ratios(timing).alt
    assert alt.index("Naive:") < alt.index("Landmark") < alt.index("Time-dependent:")


def test_the_bias_is_that_of_the_result():
    timing = treatment_timing(late_treatment())
    rows = dict(tables.immortal_time(timing).rows)
    # 2 + 4 + 4 + 6 of 9 + 10 + 14 + 20 months
    assert rows["Time before treatment of those treated, months"] == "16.0"
    assert rows["… of all time that the naive comparison calls treated"] == "30.2 %"
    assert rows["Naive over time-dependent"] == format_number(timing.bias.ratio, 2)


def test_reruns_tell_who_was_left_out():
    table = tables.treatment_sensitivity(treatment_timing(late_treatment()))
    heads = [row[0] for row, indent in zip(table.rows, table.indents, strict=True) if not indent]
    # under 60 days (1.97 months): one patient; fewer than 3 cycles: one
    assert re.search(r"60 days \(1 patient left out", heads[1]) and re.search(r"1 patient left out", heads[2])
    assert len(table.rows) == 9


def test_an_interval_beyond_the_axis_ends_in_an_arrow():
    starts = [0.5, None, None, None, 1, 1, 1, 7.5]
    columns = {"prs_months": list(range(1, 9)), "died": [1, 1, 1, 1, 0, 0, 0, 1], "ici": [1, 0, 0, 0, 1, 1, 1, 1]}
    cohort = necc_cohort({**columns, "ici_start_months": starts})
    timing = treatment_timing(cohort)
    limits = [c.hazard_ratio for c in timing.comparisons if c.hazard_ratio.value is not None]
    figure = figures.timing_ratios(timing)
    marks = [t.get("marker", {}).get("symbol", "") for t in figure.spec["data"]]
    arrows = [m for m in marks if isinstance(m, list) and m[0].startswith("triangle")]
    wide = any(e.upper is None or e.upper > 100 or e.lower is None or e.lower < 0.01 for e in limits)
    assert bool(arrows) == wide
    low, high = (10**v for v in figure.spec["layout"]["xaxis"]["range"])
    assert low >= 0.009 and high <= 111


def test_many_treated_patients_are_thinned():
    n = 500
    cohort = necc_cohort({"prs_months": list(np.linspace(10, 60, n)), "died": [1, 0] * (n // 2), "ici": [1] * n,
                    "ici_start_months": list(np.linspace(1, 9, n))})  # fmt: skip
    figure = figures.treatment_starts(treatment_course(cohort, "PRS", "ici"))
    assert "60 of 500 treated patients" in figure.caption and figure.height < 700


# ---------------------------------------------------------------- comparisons
def test_every_test_is_in_the_table():
    found = compare_survival(SAMPLE, "PRS", "figo_stage", strata="radical_surgery", draws=199)
    table = tables.survival_tests(found)
    told = {row[0]: row for row in table.rows}
    assert list(told)[:6] == ["Log-rank", "Gehan-Breslow", "Tarone-Ware", "Peto-Peto", "Modified Peto-Peto",
                              "Fleming-Harrington (0, 1)"]  # fmt: skip
    assert told["Fleming-Harrington (0, 1)"][1] == "late differences" and told["Log-rank, trend"][3] == "1"
    for row, test in zip(table.rows, found.tests, strict=False):
        p = row[4].removesuffix(" (permutation)")
        assert (*row[2:4], p) == (format_number(test.statistic, 3, "–"), str(test.df), format_p(test.p))
    assert told["Permutation log-rank"][1] == "199 draws, seed 1"
    assert "within strata of Radical surgery" in table.notes[0]
    pairs = tables.survival_pairs(found)
    assert [r[-1] for r in pairs.rows] == [format_p(p.p_adjusted) for p in found.pairs]


def test_restricted_means_have_the_area_of_the_curve():
    cohort = necc_cohort({"prs_months": [1, 2, 3, 4, 2, 4, 6, 8], "died": [1] * 8, "arm": ["a"] * 4 + ["b"] * 4})
    means = restricted_mean(cohort, "PRS", "arm", tau=4.0, minimum=0)
    rows = tables.restricted_means(means).rows
    assert rows[0][2].startswith("2.5 ") and rows[1][2].startswith("3.5 ")
    assert rows[1][4].startswith("1.0 (") and " to " in rows[1][4]
    assert "2.5 (" in shown(areas_of(cohort, means)) and "3.5 (" in shown(areas_of(cohort, means))


def areas_of(cohort, means):
    return figures.restricted_areas(means, km=kaplan_meier(cohort, "PRS", "arm"))


def test_a_group_without_events_has_no_limits_and_no_p():
    """One patient alive at 9 isn't known without error to live up to 9."""
    cohort = necc_cohort({"prs_months": [1, 2, 3, 9, 9], "died": [1, 1, 1, 0, 0], "arm": ["a", "a", "a", "a", "b"]})
    means = restricted_mean(cohort, "PRS", "arm", tau=9.0, minimum=0)
    assert means.groups[1].mean.value == 9 and means.groups[1].mean.lower is None and means.groups[1].se is None
    (contrast,) = means.contrasts
    # 1 + 0.8 ... of four: (1 + 2 + 3 + 9) / 4 months in a
    assert contrast.difference.value == pytest.approx(9 - 15 / 4) and contrast.difference_p is None
    assert contrast.ratio.value == pytest.approx(9 / 3.75) and contrast.ratio_p is None
    assert any("nothing varies in b" in note for note in means.notes)
    at = survival_at(cohort, "PRS", "arm", times=(2.5,), minimum=0)
    assert at.times[0].contrasts[0].difference.value == pytest.approx(0.5) and at.times[0].contrasts[0].p is None
    assert tables.fixed_times(at).rows[2][3:] == ("50.0", "not estimable", "not estimable")
    assert any("0 % or 100 %" in note for note in at.notes)


def test_medians_differ_in_their_limits_only():
    found = [kaplan_meier(SAMPLE, "PRS", "site:lung", ci=ci) for ci in ("log-log", "log", "plain")]
    table = tables.median_conventions(found)
    assert table.columns[3:] == ("Log-log limits (here)", "Log limits (R's default)", "Plain limits (SPSS)")
    for row, curve in zip(table.rows, found[0].curves, strict=True):
        assert row[2] == format_number(curve.median.value) and len(set(row[3:])) > 1


def test_delayed_entry_beside_counting_from_the_origin():
    cohort = necc_cohort({"prs_months": [2, 5, 7, 9, 12], "died": [1, 1, 0, 1, 1], "seen": [0, 1, 3, 10, 2]})
    naive, late = kaplan_meier(cohort, "PRS"), kaplan_meier_with_entry(cohort, "PRS", entry="seen")
    table = tables.entry_medians(naive, late)
    assert table.rows[0][1] == "4/5" and table.rows[0][3] == "3/4"
    assert any("not under observation before the end" in note for note in table.notes)


@pytest.mark.parametrize("cohort", [SAMPLE, NOBODY, ONE], ids=["sample", "nobody", "one"])
def test_tables_of_any_cohort(cohort):
    timing, found = treatment_timing(cohort), cumulative_incidence(cohort, by="histology")
    made = [
        tables.treatment_comparisons(timing), tables.treatment_landmarks(timing), tables.immortal_time(timing),
        tables.treatment_sensitivity(timing), tables.incidence_at(found, (12, 24)), tables.gray_tests(found),
        tables.naive_beside(found, 24), tables.hazards_table(hazards_by_cause(cohort, covariates=["histology"])),
        tables.survival_tests(compare_survival(cohort, "PRS", "n_sites", draws=99)),
        tables.survival_pairs(compare_survival(cohort, "PRS", "n_sites", draws=99)),
        tables.restricted_means(restricted_mean(cohort, "PRS", "n_sites")),
        tables.fixed_times(survival_at(cohort, "PRS", "n_sites", times=(12, 24))),
        tables.median_conventions([kaplan_meier(cohort, "PRS", ci=ci) for ci in ("log-log", "log")]),
    ]  # fmt: skip
    for table in made:
        told = table.to_html() + table.to_tsv()
        assert not re.search(r"\b(nan|None|inf)\b", told), table.name
        assert not re.search(r"\b(affects?|due to|improves?|benefits?|impacts?)\b", told)


def test_incidence_at_times_is_the_result_s():
    found = cumulative_incidence(SAMPLE)
    row = tables.incidence_at(found, (12.0,)).rows[0]
    e = found.strata[0].curves[0].at(12.0)
    assert row == ("Lung", "11 (12.5 %)", f"{100 * e.value:.1f} ({100 * e.lower:.1f}–{100 * e.upper:.1f})")


def test_one_minus_kaplan_meier_is_called_what_it_is_wherever_it_stands():
    """It overstates the cumulative incidence when other events compete; no word claims more, or a cause."""
    found = cumulative_incidence(SAMPLE)
    words = "overstates the cumulative incidence when other events compete"
    shown = [
        figures.incidence_curves(found, naive=True).caption,
        figures.incidence_grid(found, naive=True).caption,
        figures.naive_excess(found, at=24).caption,
        figures.naive_excess(found, at=24).alt,
        " ".join(tables.naive_beside(found, 24).notes),
        found.to_dict()["one_minus_km_is"],
        " ".join(found.notes),
        " ".join(explain("one-minus-km").paragraphs),
    ]
    for text in shown:
        assert words in text and not CLAIM.search(text) and "would" not in text
    for figure in (figures.incidence_curves(found), figures.incidence_grid(found)):
        assert words not in figure.caption
