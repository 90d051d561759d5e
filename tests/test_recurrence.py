"""Sites of recurrence: by hand, the paper's sixteen patients, the sample's counts, and R (recorded/recurrence.R)."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from checks import no_nan
from cohorts import from_sample, necc_cohort, table_5

from necc.analysis.recurrence import any_site, co_occurrence, organ_distribution, site_distribution, site_timing
from necc.core.dictionary import SiteScheme
from necc.core.errors import AnalysisError

RECORDED = json.loads((Path(__file__).parent / "recorded" / "recurrence.json").read_text())
SAMPLE = from_sample("reconstructed_cohort.csv")
# ten patients whose answers can be read off: columns are patients
LUNG = [1, 1, 1, 0, 0, 0, 1, 0, 0, -1]
LIVER = [0, 1, 0, 1, 0, 0, 1, 0, -1, 0]
ABDOMINAL = [0, 1, 0, 1, 1, 0, 1, 0, 0, 0]
BONE = [0, 0, 0, 0, 1, 1, 0, 0, 0, 1]
ARM = ["a", "a", "a", "a", "a", "b", "b", "b", None, "b"]


def ten(**more):
    return necc_cohort({"arm": ARM, **more}, {"lung": LUNG, "abdominal": ABDOMINAL, "liver": LIVER, "bone": BONE})


def by_name(sites):
    return {s.name: (s.n, s.of) for s in sites}


# ---------------------------------------------------------------- distribution


def test_each_site_has_its_own_denominator():
    result = site_distribution(ten())
    assert by_name(result.sites) == {"lung": (4, 9), "abdominal": (4, 10), "bone": (3, 10)}
    assert result.n == 10 and result.excluded == ()
    lung = result.sites[0]
    assert lung.label == "Lung" and lung.proportion.value == 4 / 9
    # binom.test(4, 9)
    assert math.isclose(lung.proportion.lower, RECORDED["four_of_nine"][0], rel_tol=1e-8)
    assert math.isclose(lung.proportion.upper, RECORDED["four_of_nine"][1], rel_tol=1e-8)


def test_number_of_sites_and_patterns_leave_out_who_is_not_fully_recorded():
    result = site_distribution(ten())
    assert result.n_sites == ((0, 2), (1, 4), (2, 3))
    patterns = [(p.sites, p.n) for p in result.patterns]
    assert patterns == [
        ((), 2), (("lung",), 2), (("lung", "abdominal"), 2),
        (("abdominal",), 1), (("abdominal", "bone"), 1), (("bone",), 1),
    ]  # fmt: skip
    assert any("1 patient with a site not recorded" in note for note in result.notes)
    assert any("2 patients without any site" in note for note in result.notes)


def test_by_a_factor_counts_per_level_and_tests_each_site():
    result = site_distribution(ten(), "arm", convention="exact")
    assert [(s.name, s.n) for s in result.strata] == [("a", 5), ("b", 4)]
    assert by_name(result.strata[0].sites) == {"lung": (3, 5), "abdominal": (3, 5), "bone": (1, 5)}
    assert by_name(result.strata[1].sites) == {"lung": (1, 3), "abdominal": (1, 4), "bone": (2, 4)}
    assert [(e.reason, e.n) for e in result.by_excluded] == [("'arm' not recorded", 1)]
    assert result.n == sum(s.n for s in result.strata) + 1
    # Fisher by hand: lung 3/5 against 1/3; tables with these margins have probability 15, 30 and 10, 1 in 56
    p = [t.test.p for t in result.tests]
    assert math.isclose(p[0], 1.0, rel_tol=1e-12)
    assert math.isclose(p[1], RECORDED["abdominal_by_arm"], rel_tol=1e-8)
    assert [t.p_adjusted for t in result.tests] == [1.0, 1.0, 1.0]
    assert all(t.test.convention == "exact" for t in result.tests)


def test_tests_by_the_paper_s_convention_and_holm_equal_r():
    every = {"lung": 3, "abdominal": 4, "pelvic": 5, "bone": 9, "brain": 25, "other": 2}
    group = ["yes" if i % 15 in (0, 3, 5, 9, 10, 12, 13) else "no" for i in range(80)]
    cohort = necc_cohort({"lvsi": group}, {site: [int(i % k == 0) for i in range(80)] for site, k in every.items()})
    result = site_distribution(cohort, "lvsi")
    for test, adjusted in zip(result.tests, RECORDED["eighty_holm"], strict=True):
        assert math.isclose(test.test.p, RECORDED["eighty"][test.site], rel_tol=1e-8), test.site
        assert math.isclose(test.p_adjusted, adjusted, rel_tol=1e-8)
    names = [t.test.name.split()[0] for t in result.tests]
    assert names == ["Pearson", "Pearson", "Pearson", "chi-square", "chi-square", "Pearson"]


def test_a_site_is_not_tested_against_itself():
    tests = {t.site: t.test for t in site_distribution(ten(), "site:lung").tests}
    assert tests["lung"].p is None and "defined by this site" in tests["lung"].note
    assert tests["bone"].p is not None
    assert {t.site: t.test.p is None for t in site_distribution(ten(), "site:Lung").tests}["lung"]
    liver = {t.site: t.test for t in site_distribution(ten(), "organ:liver").tests}
    assert liver["abdominal"].p is None and liver["lung"].p is not None
    joint = site_distribution(ten(), any_site(ten(), ["lung", "bone"]))
    assert [t.test.p is None for t in joint.tests] == [True, False, True]


def test_any_site_is_with_one_without_all_and_otherwise_missing():
    factor = any_site(ten(), ["lung", "bone"])
    assert factor.codes.tolist() == [1, 1, 1, 0, 1, 1, 1, 0, 0, 1]
    unsure = any_site(ten(), ["lung", "abdominal"])
    assert unsure.codes.tolist() == [1, 1, 1, 1, 1, 0, 1, 0, 0, -1]
    assert unsure.label == "Lung or Abdominal organs" and unsure.levels == ("without", "with")
    with pytest.raises(AnalysisError, match="at least one site"):
        any_site(ten(), [])


def test_who_did_not_recur_is_left_out_and_counted():
    cohort = ten(recurred=[1, 1, 1, 1, 1, 0, 0, 0, None, None])
    result = site_distribution(cohort, "arm")
    assert [(e.reason, e.n) for e in result.excluded] == [
        ("did not recur", 3), ("recurrence not recorded, and no site", 1),
    ]  # fmt: skip
    assert result.n == 6 and by_name(result.sites)["bone"] == (2, 6)
    assert [(s.name, s.n) for s in result.strata] == [("a", 5), ("b", 1)]
    assert any("2 patients with a site recorded as not recurred" in note for note in result.notes)


def test_a_patient_whose_sites_are_all_blank_is_excluded():
    result = site_distribution(necc_cohort({}, {"lung": [1, -1, 0], "bone": [0, -1, 1]}))
    assert [(e.reason, e.n) for e in result.excluded] == [("sites of recurrence not recorded", 1)]
    assert result.n == 2


def test_the_paper_s_counts_on_the_sample():
    result = site_distribution(SAMPLE)
    assert by_name(result.sites) == {
        "lung": (34, 88), "abdominal": (33, 88), "pelvic": (24, 88), "bone": (11, 88),
        "cervicothoracic_lymph_node": (10, 88), "brain": (7, 88), "vaginal_vault": (7, 88), "other": (2, 88),
    }  # fmt: skip
    told = result.to_dict()
    assert told["n_sites"] == {"1": 49, "2": 38, "3": 1}
    assert sum(p["n"] for p in told["patterns"]) == 88
    assert {o["name"]: o["n"] for o in told["organs"]} == {
        "liver": 25, "abdominal_lymph_node": 5, "adrenal": 2, "pancreas": 2, "spleen": 1, "kidney": 1, "not_named": 0,
    }  # fmt: skip


def test_the_scheme_is_a_lens():
    result = site_distribution(ten().with_scheme("spread"))
    assert [s.name for s in result.sites] == ["hematogenous"]
    # the ninth patient's liver is blank and nothing else is present; the tenth's lung is blank but bone isn't
    assert by_name(result.sites) == {"hematogenous": (8, 9)}
    assert result.scheme == "spread"


def test_order_of_filters_does_not_matter():
    a, b = np.arange(88) % 2 == 0, np.arange(88) % 3 > 0
    one = SAMPLE.subset(a).subset(b[a])
    other = SAMPLE.subset(b).subset(a[b])
    assert site_distribution(one, "histology").to_dict() == site_distribution(other, "histology").to_dict()


# ---------------------------------------------------------------- organs


def test_organs_within_the_patients_with_the_site():
    result = organ_distribution(ten())
    assert result.site == "abdominal" == organ_distribution(ten(), "abdominal").site
    assert result.n == 4
    assert [(o.name, o.n, o.of) for o in result.organs] == [("liver", 3, 4), ("not_named", 1, 4)]
    assert organ_distribution(table_5()).organs[-1].n == 4  # four of five say no more than "abdominal"
    assert organ_distribution(ten().subset(np.zeros(10, bool))).organs[0].proportion.value is None
    with pytest.raises(AnalysisError, match="no site 'liver'"):
        organ_distribution(ten(), "liver")


def test_organs_may_overlap_and_a_site_may_name_none():
    assert any("3 patients with several organs" in note for note in organ_distribution(SAMPLE).notes)
    bone = organ_distribution(SAMPLE, "bone")
    assert [(o.name, o.n) for o in bone.organs] == [("not_named", 11)]
    assert bone.notes == ("the file names no organs for this site",)


# ---------------------------------------------------------------- together


def test_pairs_against_chance():
    result = co_occurrence(ten())
    assert result.matrix.tolist() == [[4, 2, 0], [2, 4, 1], [0, 1, 3]]
    pair = {p.sites: p for p in result.pairs}[("lung", "abdominal")]
    # recorded for 9: 4 with lung, 4 with abdominal, 2 with both
    assert (pair.n, pair.of, pair.expected) == (2, 9, 16 / 9)
    assert math.isclose(pair.odds_ratio.value, 2 * 3 / (2 * 2), rel_tol=1e-12)
    exact = {p.sites: p for p in co_occurrence(ten(), odds="conditional").pairs}[("lung", "abdominal")]
    assert math.isclose(exact.test.p, RECORDED["lung_abdominal_p"], rel_tol=1e-8)
    # uniroot in fisher.test stops at 1e-4
    assert math.isclose(exact.odds_ratio.value, RECORDED["lung_abdominal_or"], rel_tol=1e-3)
    assert [p.sites for p in result.pairs] == [("lung", "abdominal"), ("lung", "bone"), ("abdominal", "bone")]


def test_selection_on_having_a_site_is_told():
    assert any("makes two sites look negatively associated" in note for note in co_occurrence(SAMPLE).notes)
    assert not any("makes two sites look negatively associated" in note for note in co_occurrence(ten()).notes)


def test_more_sites_than_bits_are_counted_too():
    rng = np.random.default_rng(3)
    draws = rng.integers(0, 2, (70, 5)).tolist()
    organs = {f"organ{i:02d}": row for i, row in enumerate(draws)}
    cohort = necc_cohort({}, organs)
    cohort = replace(cohort, scheme=SiteScheme("as_given", "as given", {}, {}))
    patterns = site_distribution(cohort).patterns
    assert sum(p.n for p in patterns) == 5 and len(patterns) == 5
    assert {p.sites for p in patterns} == {
        tuple(name for name, row in organs.items() if row[k]) for k in range(5)
    }  # fmt: skip


# ---------------------------------------------------------------- timing


def test_timing_by_hand():
    cohort = necc_cohort(
        {"ttr_months": [2, 4, 6, 8, 1, 3, 5, None], "recurred": [1] * 8},
        {"lung": [1, 1, 1, 1, 0, 0, 0, 0], "bone": [0, 0, 0, 0, 1, 1, 1, 1]},
    )
    result = site_timing(cohort)
    lung, bone = result.sites
    # S falls to 3/4, 1/2, 1/4, 0 at 2, 4, 6, 8: each quartile is the midpoint of a flat step
    assert (lung.with_site.q1, lung.with_site.median.value, lung.with_site.q3) == (3.0, 5.0, 7.0)
    assert (lung.without.median.value, lung.without.n) == (3.0, 3)
    assert (bone.with_site.minimum, bone.with_site.maximum) == (1.0, 5.0)
    assert lung.with_site.time.tolist() == [2, 4, 6, 8]
    assert result.n == 7 and [(e.reason, e.n) for e in result.excluded] == [("time not recorded", 1)]
    assert math.isclose(lung.test.chi_square_p, RECORDED["timing_p"], rel_tol=1e-8)
    assert lung.test.p_by == "permutation"  # 4 patients against 3
    assert math.isclose(lung.p_adjusted, 2 * lung.test.p, rel_tol=1e-12)
    assert any("not a risk of recurrence at that site" in note for note in result.notes)
    assert any("selected on this outcome" in note for note in result.notes)


def test_the_paper_s_medians_of_time_to_recurrence():
    lung = site_timing(SAMPLE).sites[0]
    assert (lung.with_site.median.value, lung.without.median.value) == (16.1, 11.2)
    assert not any("not a risk" in note for note in site_timing(SAMPLE, "PRS").notes)


# ---------------------------------------------------------------- bad input


def everything(cohort, by):
    yield site_distribution(cohort, by).to_dict()
    yield co_occurrence(cohort).to_dict()
    yield organ_distribution(cohort).to_dict()
    yield site_timing(cohort).to_dict()


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("by", [None, "figo_iii_iv", "site:lung", "n_sites", "lvsi"])
def test_nobody_and_one_patient(n, by):
    for told in everything(SAMPLE.subset(np.arange(88) < n), by):
        assert no_nan(told)
    if not n:
        empty = site_distribution(SAMPLE.subset(np.zeros(88, bool)), by)
        assert "no patients to analyse" in empty.notes and empty.by == by and (by is None) == (empty.tests == ())


def test_a_factor_without_values_and_one_level():
    blank = necc_cohort({"histology": [None, None], "lvsi": ["yes", "yes"]}, {"lung": [1, 0], "bone": [0, 1]})
    result = site_distribution(blank, "histology")
    assert result.strata == () and all(t.test.p is None for t in result.tests) and no_nan(result.to_dict())
    one = site_distribution(blank, "lvsi")
    assert any("one level only (yes)" in note for note in one.notes) and no_nan(one.to_dict())


def test_no_sites_is_said():
    cohort = necc_cohort({"age_years": [50.0]})
    for function in (site_distribution, co_occurrence, organ_distribution, site_timing):
        with pytest.raises(AnalysisError, match="no recurrence sites"):
            function(cohort)
    with pytest.raises(AnalysisError, match="no variable 'nothing'"):
        site_distribution(ten(), "nothing")


def test_nobody_without_the_site():
    result = site_timing(necc_cohort({"ttr_months": [3, 4], "recurred": [1, 1]}, {"lung": [1, 1], "bone": [0, 0]}))
    assert result.sites[0].without.n == 0 and result.sites[0].without.median.value is None
    assert result.sites[0].test.p is None and no_nan(result.to_dict())
    assert len(result.to_frame()) == 4


def test_organs_that_nobody_has_are_left_out():
    told = site_distribution(table_5()).to_dict()["organs"]
    assert [(o["site"], o["name"], o["n"], o["of"]) for o in told] == [
        ("abdominal", "liver", 1, 5), ("abdominal", "not_named", 4, 5),
    ]  # fmt: skip
