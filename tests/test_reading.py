"""Readings: what they say of known results, and that they name no cause, whatever the data."""

from __future__ import annotations

import re

import numpy as np
import pytest
from checks import BANNED
from cohorts import cohort_of, from_sample, necc_cohort, table_5

from necc.analysis.baseline import characteristics
from necc.analysis.competing import cumulative_incidence, cumulative_incidence_of_columns
from necc.analysis.prediction import NOT_VALIDATED, compare_models, predict_patient
from necc.analysis.recurrence import site_distribution
from necc.analysis.regression import cox, univariate
from necc.analysis.response import response_rates
from necc.analysis.survival import compare_survival, kaplan_meier, survival_grid
from necc.present.words.reading import reading


@pytest.fixture(scope="module")
def sample():
    return from_sample("reconstructed_cohort.csv")


def check(result, at_least: int = 1) -> str:
    """The reading as one text, after what every reading must meet."""
    said = reading(result)
    text = " ".join(said)
    assert len(said) >= at_least
    assert not BANNED.search(text), BANNED.search(text).group()
    for sentence in said:
        assert not sentence[0].islower(), sentence
        assert sentence.endswith(".") and ".." not in sentence and "  " not in sentence, sentence
        assert not re.search(r"\b(nan|None|inf)\b", sentence), sentence
    return text


# ---------------------------------------------------------------- what is said
def test_curves(sample):
    one = check(kaplan_meier(sample, "PRS", times=[12]))
    assert "88 patients" in one and "Half of the patients" in one and "At 12 months" in one
    two = check(kaplan_meier(sample, "PRS", "site:abdominal"))
    assert "without: 23 of 55" in two and "Log-rank test: p = 0.009." in two and "0.9 % of such cohorts" in two
    assert "not formed by chance" in two
    assert "selected on it" in check(kaplan_meier(sample, "TTR"))


def test_no_difference_is_not_read_as_equality(sample):
    text = check(kaplan_meier(sample, "PRS", "site:bone"))
    assert "No difference is shown, and neither is the absence of one." in text
    assert "not formed by chance" not in text


def test_every_site(sample):
    text = check(survival_grid(sample, "PRS"))
    assert "8 sites" in text and "Adjusted for 8 tests (Holm), none stays below 0.05" in text
    assert "counted at each" in text and "Caution: few patients" in text


def test_tests_of_several_groups(sample):
    text = check(compare_survival(sample, "PRS", "figo_stage"))
    assert "in 80 patients" in text and "Not analysed: 8 patients (" in text
    assert "Adjusted for 6 pairs of levels (Holm), no difference is shown, and neither is the absence of one." in text


def test_sites_and_response(sample):
    text = check(site_distribution(sample, by="figo_stage"))
    assert "Lung (34 of 88, 38.6 % (95 % CI 28.4–49.6))" in text and "39 of 88 (44.3 %)" in text
    text = check(response_rates(table_5()))
    assert "8 of 16 evaluable patients" in text and "50.0 % (95 % CI 24.7–75.3)" in text
    assert "Caution: with 16 patients" in text and "says nothing about the treatment" in text


def test_characteristics(sample):
    text = check(characteristics(sample, by="site:abdominal"))
    assert "were compared by Abdominal organs (without: 55, with: 33)" in text and "would be below 0.05" in text
    assert "compared" not in check(characteristics(sample))


def test_cox_models(sample):
    text = check(cox(sample, "PRS", ["age_years", "site:abdominal", "synaptophysin"]))
    assert "Age at diagnosis (per year): hazard ratio" in text and "no association is shown" in text
    assert "Abdominal organs, with vs without" in text and "associated with a higher hazard, the other" in text
    assert "so wide an interval says next to nothing" in text and "Not analysed: 4 patients (" in text
    crowded = cox(sample, "PRS", [f"site:{s}" for s in sample.site_names])
    assert "events per coefficient" in check(crowded)
    assert "Adjusted for 2 tests (Holm)" in check(univariate(sample, "PRS", ["age_years", "n_sites"]))


def test_competing_events(sample):
    text = check(cumulative_incidence(sample, "TTR"))
    assert "Several sites 39" in text and "of whom some had another event first" in text
    assert "Gray's tests between the groups" in check(cumulative_incidence(sample, "PRS", by="site:abdominal"))


def test_prediction_says_what_it_is_worth(sample):
    found = compare_models(sample, "PRS", ["age_years", "n_sites"], models=["cox"], repeats=2, importance=False)
    text = check(found)
    assert (
        "No model is shown to order patients better than the number of sites alone" in text
        and "No other cohort has tested" in text
    )
    patient = predict_patient(sample, "PRS", ["age_years"], 0, bootstraps=20)
    assert NOT_VALIDATED in check(patient)


def test_a_result_without_a_reading_has_none():
    assert reading(3) == () == reading("text")


# ---------------------------------------------------------------- whatever the data
def random_cohort(seed: int):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    died = rng.random(n) < rng.choice([0.0, 0.2, 0.6, 1.0])
    columns = {
        "age_years": rng.integers(20, 80, n).astype(float).tolist(),
        "figo_stage": rng.choice(["I", "II", "III", None], n).tolist(),
        "prs_months": np.round(rng.exponential(15, n), int(rng.integers(0, 2))).tolist(),
        "died": died.astype(int).tolist(),
        "ttr_months": np.round(rng.exponential(10, n), 1).tolist(),
        "recurred": [1] * n,
        "ici": rng.choice([0, 1, None], n).tolist(),
        "best_response": rng.choice(["CR", "PR", "SD", "PD", None], n).tolist(),
    }
    sites = {s: rng.integers(-1 if rng.random() < 0.3 else 0, 2, n).tolist() for s in ("lung", "bone", "liver")}
    return necc_cohort(columns, sites)


@pytest.mark.parametrize("seed", range(40))
def test_no_reading_names_a_cause_nor_breaks(seed):
    cohort = random_cohort(seed)
    results = [
        kaplan_meier(cohort, "PRS", times=[6, 12]),
        kaplan_meier(cohort, "PRS", "site:lung", times=[12]),
        kaplan_meier(cohort.subset(np.zeros(len(cohort), bool)), "PRS"),
        kaplan_meier(cohort, "PRS", "ici").test,
        survival_grid(cohort, "PRS"),
        compare_survival(cohort, "PRS", "figo_stage", draws=200),
        site_distribution(cohort, by="figo_stage"),
        response_rates(cohort, by="site:lung"),
        response_rates(cohort, denominator="treated"),
        characteristics(cohort, by="site:lung"),
        cumulative_incidence(cohort, "TTR", by="ici"),
        cox(cohort, "PRS", ["age_years", "site:lung", "figo_stage"]),
        univariate(cohort, "PRS", ["age_years", "ici"]),
    ]
    for result in results:
        check(result)


def test_columns_named_by_the_file(sample):
    cohort = cohort_of({"time": [1, 2, 3, 4, 5, 6], "status": [0, 1, 2, 1, 2, 0], "g": list("AABBAB")})
    check(cumulative_incidence_of_columns(cohort, "time", "status", "g"))
