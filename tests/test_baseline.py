"""Tables 1 and 4: by hand, the paper's printed values on the sample, and R (recorded/baseline.R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from checks import close, no_nan
from cohorts import from_sample, necc_cohort, table_5

from necc.analysis.baseline import by_sites, characteristics, compare, table_names
from necc.analysis.proportions import TestResult
from necc.analysis.recurrence import any_site
from necc.core.errors import AnalysisError

RECORDED = json.loads((Path(__file__).parent / "recorded" / "baseline.json").read_text())
SAMPLE = from_sample("reconstructed_cohort.csv")
SIZE = [None if i % 11 == 4 else i * 7 % 23 / 2 + (i % 3 == 0) for i in range(60)]
ARM = ["x" if i % 3 == 0 else "y" for i in range(60)]
LEVEL = ["abc"[i * i % 7 % 3] for i in range(60)]
SIXTY = necc_cohort({"tumor_size_cm": SIZE, "arm": ARM, "level": LEVEL})
# the paper's Table 4: with the level among those with abdominal recurrence, among those without, printed p
TABLE_4 = {
    "age_gt_50": (5, 33, 21, 55, 0.022), "histology_pure": (23, 33, 39, 55, 0.904),
    "figo_iii_iv": (10, 30, 19, 50, 0.674), "tumor_size_gt_4": (7, 22, 12, 38, 0.985),
    "invasion_deep": (24, 30, 33, 49, 0.223), "lvsi": (25, 27, 30, 40, 0.129),
    "nerve_invasion": (11, 22, 10, 36, 0.088), "pelvic_node_metastasis": (10, 30, 19, 52, 0.770),
    "primary_radiation": (22, 32, 31, 51, 0.462), "chemo_cycles_ge_4": (27, 33, 45, 54, 0.856),
    "number_of_sites_gt_1": (19, 33, 20, 55, 0.052), "site:lung": (8, 33, 26, 55, 0.032),
    "site:pelvic": (8, 33, 16, 55, 0.621), "ici": (8, 28, 14, 47, 0.911),
}  # fmt: skip


# ---------------------------------------------------------------- the paper


@pytest.mark.parametrize("name", TABLE_4)
def test_table_4(name):
    result = compare(SAMPLE, "site:abdominal", [name], every_convention=False)
    a, n, b, m, p = TABLE_4[name]
    shown = result.rows[0].shown_level
    assert [g.name for g in result.groups] == ["without", "with"]
    assert (shown.counts, shown.of) == ((b, a), (m, n))
    # three digits are printed; 0.0525 stands as 0.052, so half a digit either way
    assert abs(result.rows[0].test.p - p) <= 0.0005 + 1e-9
    assert shown.percent == (100 * b / m, 100 * a / n)


def test_table_1():
    result = characteristics(SAMPLE)
    stage = {x.level: (x.total, round(x.total_percent, 1)) for x in result.row("figo_2018").levels}
    assert stage == {"I": (42, 47.7), "II": (9, 10.2), "III": (27, 30.7), "IVA": (2, 2.3), "N/A": (8, 9.1)}
    size = [(x.level, x.counts, x.of) for x in result.row("tumor_size_gt_4").levels]
    assert size == [("≤ 4", (41,), (88,)), ("> 4", (19,), (88,)), ("N/A", (28,), (88,))]
    age = result.row("age_years")
    assert (age.total_summary.median, age.total_summary.minimum, age.total_summary.maximum) == (46, 24, 67)
    assert age.unit == "years" and age.test is None and age.smd is None
    assert [(g.name, g.n) for g in result.groups] == [("all patients", 88)]
    assert "site:lung" not in [row.name for row in result.rows]


def test_convention_that_changes_the_side_is_told():
    result = compare(SAMPLE, "site:abdominal", ["site:lung", "age_gt_50", "number_of_sites_gt_1"])
    lung, age, number = result.rows
    # Pearson 0.0317, Yates 0.0546, Fisher 0.0421; age stays below 0.05 and the number of sites above it
    assert (lung.side_changes, age.side_changes, number.side_changes) == (True, False, False)
    told = lung.to_dict()["all_conventions"]
    assert [round(told[c]["p"], 4) for c in ("paper", "r", "exact")] == [0.0317, 0.0546, 0.0421]
    assert any("decides on which side of 0.05 p falls for Lung" in note for note in result.notes)
    chosen = compare(SAMPLE, "site:abdominal", ["site:lung"], convention="r").rows[0]
    assert chosen.test.p == lung.conventions.r.p


# ---------------------------------------------------------------- against R


@pytest.mark.parametrize("convention", ["paper", "r"])
def test_numbers_equal_r(convention):
    row = compare(SIXTY, "arm", ["tumor_size_cm"], convention=convention, every_convention=False).rows[0]
    for group, s in zip(("x", "y", "all"), (*row.summaries, row.total_summary), strict=True):
        told = (s.n, s.mean, s.sd, s.median, s.q1, s.q3, s.minimum, s.maximum)
        assert all(map(close, told, RECORDED[group])), group
    assert close(row.test.p, RECORDED[f"rank, {convention}"])
    assert close(row.smd.value, RECORDED["smd"])
    mean = compare(SIXTY, "arm", ["tumor_size_cm"], convention="r", test="mean", every_convention=False).rows[0]
    assert close(mean.test.p, RECORDED["mean, r"])
    assert (row.n, row.n_missing) == (54, 6)


def test_levels_equal_r():
    row = compare(SIXTY, "arm", ["level"]).rows[0]
    assert close(row.conventions.r.p, RECORDED["levels, r"])
    assert close(row.conventions.exact.p, RECORDED["levels, exact"])
    two = necc_cohort({"arm": ARM, "lvsi": [int(x == "b") for x in LEVEL]})
    assert close(compare(two, "arm", ["lvsi"]).rows[0].smd.value, RECORDED["smd, b"])


# ---------------------------------------------------------------- by hand


def test_missing_values_by_both_denominators():
    cohort = necc_cohort({"arm": ["a", "a", "a", "b", "b", None], "lvsi": [1, 0, None, 1, 1, 1]})
    everyone = characteristics(cohort, "arm", ["lvsi"])
    assert everyone.n == 5 and [(e.reason, e.n) for e in everyone.excluded] == [("'arm' not recorded", 1)]
    no, yes, missing = everyone.rows[0].levels
    assert (yes.counts, yes.of, yes.total, yes.total_of) == ((1, 2), (3, 2), 3, 5)
    assert (missing.level, missing.counts, missing.missing) == ("N/A", (1, 0), True)
    assert missing.percent == (100 / 3, 0.0)
    known = compare(cohort, "arm", ["lvsi"]).rows[0]
    assert (known.levels[1].counts, known.levels[1].of) == ((1, 2), (2, 2))
    assert known.levels[1].percent == (50.0, 100.0) and known.levels[2].percent == (None, None)
    assert (known.n, known.n_missing) == (4, 1)
    # 1 of 2 against 2 of 2: Fisher of this table is 1; the tests take known values only under both denominators
    assert known.test.n == 4 and everyone.rows[0].test.p == known.test.p


def test_p_is_adjusted_for_the_rows_tested():
    result = compare(SAMPLE, "site:abdominal", ["age_gt_50", "site:lung", "site:abdominal"], adjustment="bonferroni")
    p = [row.test.p for row in result.rows]
    assert p[2] is None and result.rows[2].p_adjusted is None
    assert [row.p_adjusted for row in result.rows[:2]] == [2 * p[0], 2 * p[1]]


def test_a_variable_is_not_compared_between_groups_it_makes():
    def note(by, name, cohort=SAMPLE):
        test: TestResult = compare(cohort, by, [name], every_convention=False).rows[0].test
        return test.note if test.p is None else "tested"

    own = "the groups are defined by this variable"
    assert note("site:abdominal", "site:abdominal") == own
    assert note("site:abdominal", "organ:liver") == own
    assert note("organ:liver", "site:abdominal") == own
    assert note("figo_iii_iv", "figo_2018") == own
    assert note("age_gt_50", "age_years") == own
    assert note("age_years>60", "age_gt_50") == own
    assert note("site:abdominal", "site:lung") == "tested"
    assert note("site:abdominal", "number_of_sites_gt_1") == "tested"  # as the paper does
    assert note("organ:liver", "organ:adrenal") == "tested"
    either = any_site(SAMPLE, ["lung", "brain"])
    assert note(either, "site:brain") == own and note(either, "site:bone") == "tested"


def test_default_names():
    baseline = table_names(SAMPLE)
    assert baseline[:4] == ("age_years", "age_gt_50", "histology", "mixed_component")
    assert "figo_stage" not in baseline  # the file has main stages only: the same groups as figo_2018
    assert "figo_iii_iv" in baseline and "prs_months" not in baseline and "ici" not in baseline
    full = [row.name for row in compare(SAMPLE, "site:abdominal", every_convention=False).rows]
    assert {"n_sites", "site:lung", "ici", "lvsi"} <= set(full) and "site:abdominal" not in full
    assert "ttr_months" not in full and "best_response" not in full


def test_more_than_two_groups():
    result = compare(SAMPLE, "histology", ["age_years", "lvsi", "mixed_component"])
    assert [g.n for g in result.groups] == [71, 8, 9]
    assert result.rows[0].test.name == "Kruskal-Wallis test" and "mean over 3 pairs" in result.rows[0].smd.method
    assert sum(result.rows[1].levels[0].counts) == result.rows[1].levels[0].total
    assert any("fewer than 10 patients in 'large cell' and 'NEC NOS'" in note for note in result.notes)


def test_cuts_aliases_and_repeats():
    result = characteristics(SAMPLE, names=["age", "age_years>50", "age", "n_sites"])
    assert [row.name for row in result.rows] == ["age_years", "age_years>50", "n_sites"]
    assert result.row("age_years>50").shown_level.total == 26
    assert result.row("n_sites").total_summary.maximum == 3
    with pytest.raises(KeyError):
        result.row("lvsi")


def test_every_site_against_its_absence():
    panels = by_sites(SAMPLE, ["age_gt_50"], every_convention=False)
    assert [p.by for p in panels][:2] == ["site:lung", "site:abdominal"] and len(panels) == 8
    assert all(sum(g.n for g in p.groups) == 88 for p in panels)
    for name in ("site:*", "site:"):
        with pytest.raises(AnalysisError, match="sites overlap"):
            compare(SAMPLE, name)
    with pytest.raises(AnalysisError, match="no recurrence sites"):
        by_sites(SIXTY)


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("by", [None, "site:abdominal", "histology", "figo_iii_iv", "n_sites", "biomarker"])
def test_nobody_one_and_two_patients(n, by):
    few = SAMPLE.subset(np.arange(88) < n)
    names = table_names(SAMPLE, ("baseline", "recurrence", "treatment"))
    result = characteristics(few, by, names, every_convention=True)
    assert no_nan(result.to_dict())
    assert result.n + sum(e.n for e in result.excluded) == n
    result.to_frame()
    if not n:
        assert "no patients to analyse" in result.notes and result.by == by


def test_columns_without_values_and_constant_ones():
    cohort = necc_cohort({"age_years": [None, None], "histology": [None, None], "tumor_size_cm": [3, 3], "lvsi": [1, 1],
                    "arm": ["a", "b"]})  # fmt: skip
    result = compare(cohort, "arm", ["age_years", "histology", "tumor_size_cm", "lvsi"])
    assert all(row.test.p is None and row.test.note for row in result.rows)
    assert no_nan(result.to_dict()) and result.row("histology").levels[0].level == "N/A"
    blank = compare(cohort, "histology", ["lvsi"])
    assert blank.groups == () and blank.n == 0 and no_nan(blank.to_dict())
    assert "not recorded for any patient" in blank.rows[0].test.note


def test_wrong_questions_are_told():
    for wrong, match in (
        ({"names": ["nothing"]}, "no variable 'nothing'"),
        ({"denominator": "some"}, "denominator 'some' is not one of all or known"),
        ({"convention": "spss"}, "convention 'spss'"),
        ({"names": ["patient_id"]}, "identifier"),
    ):
        with pytest.raises(AnalysisError, match=match):
            compare(table_5(), "site:lung", **wrong)
