"""Sentences that were untrue of odd results: who was left out, what was tested, what a small cohort can't say."""

from __future__ import annotations

import numpy as np
import pytest
from cohorts import cohort_of, from_sample, necc_cohort, survival_cohort

from necc.analysis.baseline import characteristics
from necc.analysis.competing import cumulative_incidence
from necc.analysis.prediction import compare_models
from necc.analysis.recurrence import co_occurrence, site_distribution
from necc.analysis.regression import cox, univariate
from necc.analysis.response import response_rates
from necc.analysis.survival import (
    compare_survival,
    kaplan_meier,
    kaplan_meier_with_entry,
    restricted_mean,
    survival_grid,
)
from necc.analysis.treatment import treatment_timing
from necc.cli import main
from necc.core.dictionary import Endpoint, Variable
from necc.core.selection import Selection
from necc.present import figures, tables
from necc.present.words.checklists import checklist
from necc.present.words.methods import methods_paragraph
from necc.present.words.notes import models as notes
from necc.present.words.reading import reading

SAMPLE = from_sample("reconstructed_cohort.csv")
X = ["site:abdominal", "n_sites", "age_years", "site:lung"]


def treated(**columns):
    return necc_cohort({"prs_months": [3, 5, 8, 12, 15, 20, 22, 30], "died": [1, 1, 0, 1, 1, 0, 1, 0], **columns})


def test_firth_is_explained_where_both_groups_have_events():
    """It said "events in one group only" of 3 and 2 events."""
    cohort = treated(ici=[1] * 8, ici_start_months=[1, 2, 3, 4, 5, 6, 7, 8])
    result = treatment_timing(cohort, "PRS", "ici", landmark=2.8).landmark
    assert result.events == (3, 2) and result.hazard_ratio.method.startswith("Firth")
    assert any(n.startswith("while both groups are under observation, only one has events") for n in result.notes)


def test_a_model_that_was_selected_is_said_to_be():
    table = univariate(SAMPLE, "PRS", X, multivariable=X, selection="forward-lr")
    remark = {a.number: a.known for a in checklist("remark", [table], SAMPLE).answers}
    assert (
        "all the covariates named" not in remark["17"] and "per covariate that a selection tried: 10.0" in remark["9"]
    )
    assert "Covariates were selected forward" in methods_paragraph([table], SAMPLE).text
    whole = univariate(SAMPLE, "PRS", X, multivariable=X)
    assert (
        "Model of all the covariates named"
        in {a.number: a.known for a in checklist("remark", [whole], SAMPLE).answers}["17"]
    )


def test_a_group_of_one_has_its_permutation_explained():
    cohort = survival_cohort([1, 2, 3, 5, 6, 7, 8, 9], [1, 0, 1, 1, 1, 1, 0, 1], factors={"arm": list("ABBBBBBB")})
    said = " ".join(reading(compare_survival(cohort, "T", "arm")))
    assert "too few to test" in said and "The permutation test, which needs no such minimum: p = 0.125" in said
    three = survival_cohort([1, 2, 3], [1, 1, 1], factors={"arm": list("ABC")})
    assert compare_survival(three, "T", "arm").permutation is None


def test_sites_that_are_recorded_in_part_are_missing_values():
    sites = {"lung": [1, 1, 0, -1, 1, 0, 1, 1], "liver": [1, 0, 1, 1, -1, 1, 1, 0], "bone": [0] * 8}
    cohort = necc_cohort({"recurred": [1] * 8}, sites=sites)
    for result in (site_distribution(cohort), co_occurrence(cohort)):
        text = methods_paragraph([result], cohort).paragraph("Missing values")
        assert "No patient was left out" not in text and "of whom it is recorded" in text and "of 8" in text
        answers = {a.number: a.known for a in checklist("strobe", [result], cohort).answers}
        assert "Nobody was left out" not in " ".join(answers.values())


def test_sites_beside_a_site_in_a_cohort_of_recurrences():
    assert any("look negatively associated" in s for s in reading(site_distribution(SAMPLE, "site:lung")))
    assert not any("negatively" in s for s in reading(site_distribution(SAMPLE, "ici")))


def test_the_small_side_may_be_that_without_the_site():
    rng = np.random.default_rng(2)
    time = np.round(rng.exponential(20, 40) + 5, 1)
    time[:3] = [1, 1.5, 2]
    cohort = necc_cohort(
        {"prs_months": time.tolist(), "died": [1] * 40}, {"lung": [0] * 3 + [1] * 37, "bone": [1] * 20 + [0] * 20}
    )
    assert "few patients or events in Lung: without" in " ".join(reading(survival_grid(cohort, "PRS")))
    groups = survival_cohort(time.tolist(), [1] * 40, factors={"arm": ["A"] * 3 + ["B"] * 37})
    assert "few patients or events in arm: A" in " ".join(reading(cox(groups, "T", ["arm"])))


def test_a_rate_that_is_shown_isn_t_denied():
    cohort = necc_cohort({"ici": [1] * 4, "best_response": ["NE", "NE", None, None]})
    notes_of_treated = response_rates(cohort, denominator="treated").notes
    assert not any("no rate can be estimated" in n for n in notes_of_treated)
    assert any("no rate can be estimated" in n for n in response_rates(cohort).notes)


def test_commands_say_why_there_is_no_test(capsys, tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("patient_id,prs_months,died,arm\nP1,3,1,A\nP2,4,1,B\nP3,5,0,B\nP4,6,1,B\n")
    main(["km", str(file), "--endpoint", "PRS", "--by", "arm"])
    assert "Log-rank test: too few to test" in capsys.readouterr().out


def test_a_filtered_cohort_isn_t_the_file():
    selection = Selection.parse(["histology=large cell"], SAMPLE.table.columns)
    some = selection.apply(SAMPLE)
    answers = {a.number: a.known for a in checklist("strobe", [kaplan_meier(some, "PRS")], some, selection).answers}
    told = " ".join(answers.values())
    assert f"The size is that of the file: 88 patients, {len(some)} after the filters" in told
    assert "No subgroup was analysed" not in told and "Not matched" not in told
    whole = {a.number: a.known for a in checklist("strobe", [kaplan_meier(SAMPLE, "PRS")], SAMPLE).answers}
    assert "After the filters" not in " ".join(whole.values())


def test_methods_tell_only_what_was_done():
    nobody = treated(histology=["small cell", "large cell"] * 4, age_years=list(range(40, 48)), died=[0] * 8)
    model = cox(nobody, "PRS", ["histology", "age_years"])
    text = methods_paragraph([model], nobody).text
    assert "was fitted" not in text and "couldn't be fitted (8 patients, 0 events)" in text
    assert notes.proportional_hazards_table(model, "km") == ("No test could be made: 0 events.",)
    assert "estimable" not in notes.collinearity_table(model)[0]
    assert "two-sided" not in methods_paragraph([kaplan_meier(SAMPLE, "PRS")], SAMPLE).text
    assert "two-sided" in methods_paragraph([kaplan_meier(SAMPLE, "PRS", "site:lung")], SAMPLE).text


def test_treatment_from_the_start_on():
    at_once = treatment_timing(treated(ici=[1, 0] * 4, ici_start_months=[0, None] * 4), "PRS", "ici")
    assert "in everyone treated" in " ".join(at_once.notes)
    assert "after time zero" not in methods_paragraph([at_once], SAMPLE).text
    everybody = treatment_timing(treated(ici=[1] * 8, ici_start_months=[0] * 8), "PRS", "ici")
    assert "the time before treatment" not in " ".join(everybody.notes) and not methods_paragraph(
        [everybody], SAMPLE
    ).paragraph("Statistics")


def test_notes_count_what_they_are_of():
    cohort = necc_cohort(
        {"recurred": [1, 1, 1, 0, 0, 0], "age_years": [40, 50, 60, 45, 55, 65]}, {"lung": [1, 1, 1, 0, 0, 0]}
    )
    assert "patients without this site may have others" in " ".join(characteristics(cohort, "site:lung").notes)
    some = necc_cohort({"prs_months": [3, None, None], "died": [1, 1, 1]}, {"lung": [1, 1, 1], "bone": [0, 1, 1]})
    assert not any("several sites" in n for n in survival_grid(some, "PRS").notes)


def test_a_group_in_which_all_events_come_at_once():
    cohort = survival_cohort([1, 1, 1, 2, 3, 4], [1, 1, 1, 0, 0, 0], factors={"arm": list("AAABBB")})
    means = restricted_mean(cohort, "T", "arm")
    assert any("nothing varies in A and B" in n for n in means.notes)
    assert "limits" not in figures.restricted_areas(means, figures.PRINT, km=kaplan_meier(cohort, "T", "arm")).caption


def test_competing_events_where_nobody_is_censored():
    cohort = necc_cohort({"ttr_months": list(range(1, 11)), "recurred": [1] * 10}, {"lung": [1, 0] * 5})
    result = cumulative_incidence(cohort, "TTR")
    assert any("nobody is censored" in n for n in result.notes) and not any(
        "overstates every risk" in n for n in result.notes
    )


def test_no_model_beats_isn_t_a_finding():
    result = compare_models(SAMPLE, "PRS", X[:2], models=["cox"], comparator="age_years", folds=3, repeats=2)
    assert not any("Nor is" in s or "Nothing beats" in s for s in result.verdict)
    better = "Ordering patients better than" if result.beating else "No model is shown to order patients better than"
    assert result.verdict[0].startswith(better)


def test_the_text_of_a_forest_names_each_ratio():
    cohort = treated(ici=[1, 0] * 4, ici_start_months=[2, None] * 4)
    alt = figures.timing_ratios(treatment_timing(cohort, "PRS", "ici", min_followup_days=120), figures.PRINT).alt
    assert "All analysed patients, Naive" in alt and "Without: follow-up under 120 days" in alt


@pytest.mark.parametrize("by", ["histology", "ici"])
def test_a_small_group_isn_t_said_to_be_tested_approximately(by):
    notes_of_groups = response_rates(SAMPLE, by=by).notes
    assert not any("approximate" in n for n in notes_of_groups)
    small = [g.name for g in response_rates(SAMPLE, by=by).strata if g.n < 10]
    assert any("fewer than 10 patients in" in n and "moves the limits" in n for n in notes_of_groups) == bool(small)


def test_late_entry_says_what_a_curve_can_t():
    """It said "nobody has had the event yet" of nobody under observation, and 0 % of patients who came later."""
    columns = {"time": [2, 5, 6, 7, 8, 9, 10], "event": [1, 1, 0, 1, 0, 1, 0], "ent": [0, 3, 3, 3, 4, 4, 4]}
    endpoint = Endpoint("T", "Time", "time zero", time="time", event="event")
    entry = Variable("ent", "Entry", "number", unit="months")
    cohort = cohort_of({**columns, "arm": list("AAABBBA")}, endpoints=[endpoint], variables=[entry])
    km = kaplan_meier_with_entry(cohort, "T", "arm", entry="ent", times=(1, 6))
    said = reading(km)
    assert "At 1 months, nobody (arm: B) was under observation yet." in said
    assert any("can't be estimated (arm: A): the curve fell to zero" in s and "2 were at risk" in s for s in said)
    assert any(s.startswith("Log-rank (delayed entry) test: ") for s in said)
    assert any("A: only 1 patient at risk at the first event" in n for n in km.notes)
    cells = {(row[0], row[1]): row[3] for row in tables.survival_at(km).rows}
    assert cells["B", "1"] == "nobody under observation yet" and cells["A", "6"] == "not estimable"
