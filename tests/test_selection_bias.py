"""Cohorts selected on their outcome are found, and other cohorts are left alone."""

from __future__ import annotations

import pytest
from cohorts import necc_cohort

from necc.analysis.competing import hazards_by_cause
from necc.analysis.regression import cox
from necc.analysis.selection_bias import outcome_selection
from necc.core.errors import AnalysisError

N = 20


def cohort(recurred=N, died=N // 2):
    yes = [["yes"] * k + ["no"] * (N - k) for k in (recurred, died)]
    return necc_cohort(
        {
            "ttr_months": list(range(1, N + 1)), "recurred": yes[0], "prs_months": [5] * N, "died": yes[1],
            "os_months": list(range(6, N + 6)), "figo_2018": ["I", "III"] * (N // 2), "ici": ["no", "yes"] * (N // 2),
            "ici_start_months": [None, 1] * (N // 2), "pdl1": ["yes", "no"] * (N // 2),
        },
        {"lung": [1, 0] * (N // 2), "bone": [0, 1] * (N // 2)},
    )  # fmt: skip


def codes(*arguments):
    return [g.code for g in outcome_selection(*arguments)]


def test_recurrence_by_site_in_a_cohort_of_recurrent_patients():
    (found,) = outcome_selection(cohort(), "TTR", "site:lung")
    assert found.code == "outcome-selected" and "all 20 patients have the event" in found.saw
    assert "at the recurrence" in found.saw and "starts with diagnosis" in found.saw
    assert "choose post-recurrence survival" in found.overrule and "cumulative incidence by site" in found.overrule


def test_nineteen_of_twenty_are_enough_and_eighteen_are_not():
    assert codes(cohort(19), "TTR", "site:lung") == ["outcome-selected"]
    assert "19 of 20 patients (95.0 %)" in outcome_selection(cohort(19), "TTR", "site:lung")[0].saw
    assert codes(cohort(18), "TTR", "site:lung") == ["known-later"]
    assert codes(cohort(18), "TTR") == []


def test_a_group_known_in_time_is_no_selection_by_group():
    assert codes(cohort(), "TTR", "figo_stage") == ["everyone-has-the-event"]
    assert codes(cohort(), "TTR") == ["everyone-has-the-event"]
    assert codes(cohort(), "PRS", "site:lung") == []
    assert codes(cohort(), "PRS", "figo_stage") == []


def test_treatment_is_known_later_than_recurrence():
    (found,) = outcome_selection(cohort(), "PRS", "ici")
    assert found.code == "known-later" and "landmark" in found.overrule
    assert "'Immune checkpoint inhibitor' started" in found.overrule
    assert codes(cohort(), "PRS", "n_sites") == [] and codes(cohort(), "OS", "n_sites") == ["known-later"]
    assert codes(cohort(), "PRS", "pdl1") == ["known-later"]


def test_curves_models_and_hazards_say_alike_what_is_known_later():
    some = cohort(18)
    guards = [
        *outcome_selection(some, "TTR", "site:lung"), *cox(some, "TTR", ["site:lung"]).guardrails,
        *hazards_by_cause(some, covariates=["site:lung"], endpoint="TTR").guardrails,
    ]  # fmt: skip
    said = {(g.saw, g.why) for g in guards if g.code == "known-later"}
    ((saw, _),) = said
    assert saw == "Lung is known only at the recurrence, while time to recurrence starts with diagnosis"
    model = cox(some, "OS", ["site:lung", "site:bone", "ici"])
    both = next(g for g in model.guardrails if g.code == "known-later")
    assert both.saw.startswith(
        "Lung and Bone are known only at the recurrence and Immune checkpoint inhibitor is known only when treatment is"
    )


def test_few_patients_and_nobody_say_nothing():
    small = cohort().subset([i < 4 for i in range(N)])
    assert codes(small, "TTR") == [] and codes(small, "TTR", "site:lung") == ["known-later"]
    assert codes(cohort().subset([False] * N), "TTR", "site:lung") == []


def test_unknown_endpoint_is_refused():
    with pytest.raises(AnalysisError):
        outcome_selection(cohort(), "XYZ")
