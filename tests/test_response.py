"""Response to ICI: the paper's sixteen patients and text, by hand, and R (recorded/response.R)."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from checks import close, no_nan
from cohorts import from_sample, necc_cohort, table_5

from necc.analysis.recurrence import any_site
from necc.analysis.response import response_by_site, response_rates, swimmer, transitions
from necc.core.errors import AnalysisError

RECORDED = json.loads((Path(__file__).parent / "recorded" / "response.json").read_text())
TABLE_5 = table_5()
SAMPLE = from_sample("reconstructed_cohort.csv")
# nine on an ICI (one not evaluable, one not recorded), two without, one unknown
ICI = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, None]
BEST = ["CR", "PR", "PR", "SD", "PD", "PD", "NE", None, "SD", "PR", "PD", "CR"]
FINAL = ["PD", "PR", "CR", "PR", "PD", "PD", "PD", "SD", "NE", "PR", "PD", "CR"]
ARM = ["a", "a", "b", "b", "a", "b", "a", "b", None, "a", "b", "a"]


def twelve(**more):
    return necc_cohort(
        {"ici": ICI, "best_response": BEST, "final_response": FINAL, "arm": ARM, **more}, {"lung": [0, 1] * 6}
    )


# ---------------------------------------------------------------- the paper


def test_best_response_of_table_5():
    result = response_rates(TABLE_5)
    assert dict(result.counts) == {"CR": 5, "PR": 3, "SD": 4, "PD": 4, "NE": 0, "missing": 0}
    assert (result.orr.n, result.orr.of, result.orr.estimate.value) == (8, 16, 0.5)
    assert close(result.orr.estimate.lower, RECORDED["8 of 16"][0])
    assert close(result.orr.estimate.upper, RECORDED["8 of 16"][1])
    assert (result.dcr.n, result.dcr.estimate.value) == (12, 0.75)
    assert result.population == "patients who received an ICI"


def test_final_response_of_table_5_is_the_rate_the_paper_prints():
    result = response_rates(TABLE_5, "final")
    assert dict(result.counts) == {"CR": 4, "PR": 3, "SD": 2, "PD": 7, "NE": 0, "missing": 0}
    assert (result.orr.n, result.orr.of) == (7, 16)
    assert close(result.orr.estimate.lower, RECORDED["7 of 16"][0])
    assert close(result.orr.estimate.upper, RECORDED["7 of 16"][1])
    assert result.dcr.n == 9
    assert any("not the best response" in note for note in result.notes)


def test_lung_or_vault_depends_on_which_response():
    where = any_site(TABLE_5, ["lung", "vaginal_vault"])
    final, best = (response_rates(TABLE_5, r, by=where) for r in ("final", "best"))
    assert [(s.name, s.orr.n, s.orr.of) for s in final.strata] == [("without", 1, 7), ("with", 6, 9)]
    assert [(s.orr.n, s.orr.of) for s in best.strata] == [(2, 7), (6, 9)]
    assert final.test.name == "Fisher's exact test"
    assert close(final.test.p, RECORDED["lung or vault, final"]) and round(final.test.p, 2) == 0.06
    assert close(best.test.p, RECORDED["lung or vault, best"])
    chosen = final.all_conventions()
    assert not chosen.side_changes and close(chosen.exact.p, final.test.p)
    assert final.by == "site:lung|vaginal_vault"


def test_rows_of_table_5_that_cannot_be_or_are_doubtful():
    result = response_rates(TABLE_5).transitions
    assert [(r.row, r.best, r.final) for r in result.impossible] == [(6, "SD", "PR")]  # case 5
    assert [(r.row, r.reason.split()[0]) for r in result.doubtful] == [(2, "after"), (2, "a"), (15, "the")]
    assert result.n == 16 and result.matrix.sum() == 16
    assert [(t.best, t.final, t.n) for t in result.cells if t.impossible] == [("SD", "PR", 1)]


def test_time_to_response_of_table_5():
    time = response_rates(TABLE_5).time_to_response
    assert (time.n, time.of, time.median, time.minimum, time.maximum, time.unit) == (7, 8, 4.0, 2.0, 6.0, "months")
    assert (time.q1, time.q3) == (3.0, 5.0)  # quantile type 7 of 2 3 3 4 4 6 6


def test_by_agent_equals_r():
    result = response_rates(TABLE_5, by="ici_agent")
    assert close(result.test.p, RECORDED["by agent"])
    assert sum(s.n for s in result.strata) == 16
    assert any("fewer than 10 patients in" in note for note in result.notes)


def test_ici_against_none_in_the_sample():
    final = response_rates(SAMPLE, "final", by="ici", convention="r")
    assert [(s.name, s.orr.n, s.orr.of) for s in final.strata] == [("no", 9, 41), ("yes", 7, 16)]
    assert close(final.test.p, RECORDED["7/16 against 9/41, Yates"])
    assert final.population == "patients with and without an ICI" and final.n_treated == 22
    assert [(e.reason, e.n) for e in final.excluded] == [("ICI not recorded", 13), ("response not recorded", 18)]
    everyone = response_rates(SAMPLE, "final", denominator="treated", by="ici")
    assert (everyone.n, everyone.counted) == (75, "patients") and sum(s.orr.of for s in everyone.strata) == 75
    assert any("had to live until" in note for note in final.notes)
    everybody = response_rates(SAMPLE, "final", denominator="treated", by="ici", convention="exact")
    assert [(s.orr.n, s.orr.of) for s in everybody.strata] == [(9, 53), (7, 22)]
    assert close(everybody.test.p, RECORDED["7/22 against 9/53, Fisher"])


# ---------------------------------------------------------------- by hand


def test_population_and_denominators():
    evaluable = response_rates(twelve())
    assert dict(evaluable.counts) == {"CR": 1, "PR": 2, "SD": 2, "PD": 2, "NE": 1, "missing": 1}
    assert (evaluable.n_treated, evaluable.n_evaluable, evaluable.n) == (9, 7, 7)
    assert [(e.reason, e.n) for e in evaluable.excluded] == [
        ("no ICI", 2), ("ICI not recorded", 1), ("not evaluable (NE)", 1), ("response not recorded", 1),
    ]  # fmt: skip
    assert evaluable.n + sum(e.n for e in evaluable.excluded) == 12
    assert (evaluable.orr.n, evaluable.dcr.n, evaluable.orr.of) == (3, 5, 7)
    treated = response_rates(twelve(), denominator="treated")
    assert (treated.orr.n, treated.orr.of, treated.dcr.n, treated.n) == (3, 9, 5, 9)
    assert treated.n + sum(e.n for e in treated.excluded) == 12
    assert any("2 patients not evaluable or not recorded: counted as not responding" in n for n in treated.notes)


def test_strata_and_who_is_in_none():
    result = response_rates(twelve(), by="arm")
    assert [(s.name, s.n, s.n_evaluable, s.orr.n) for s in result.strata] == [("a", 4, 3, 2), ("b", 4, 3, 1)]
    assert [(e.reason, e.n) for e in result.by_excluded] == [("'arm' not recorded", 1)]
    # Fisher of 2/3 against 1/3: probabilities 1, 9, 9, 1 in 20
    assert math.isclose(result.test.p, 1.0, rel_tol=1e-12) and result.test.n == 6


def test_everybody_counts_where_the_file_does_not_say_who_had_an_ici():
    cohort = necc_cohort({"best_response": ["CR", "PD"]})
    result = response_rates(cohort)
    assert result.n == 2 and "doesn't say" in result.population
    assert any("doesn't say" in note for note in result.notes)


def test_transitions_by_hand():
    result = transitions(twelve())
    # both evaluable: patients 1-6
    assert result.n == 6
    assert [(r.row, r.best, r.final) for r in result.impossible] == [(4, "PR", "CR"), (5, "SD", "PR")]
    assert {(t.best, t.final): t.n for t in result.cells} == {
        ("CR", "PD"): 1, ("PR", "CR"): 1, ("PR", "PR"): 1, ("SD", "PR"): 1, ("PD", "PD"): 2,
    }  # fmt: skip
    assert result.matrix.tolist() == [[0, 0, 0, 1], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 2]]
    assert sum(e.n for e in result.excluded) + result.n == 12
    assert result.doubtful == ()


def test_doubtful_times():
    time = [None, 3, 5, 2, None, None, 1, None, None, 1, None, 1]
    end = [9, 3, 4, 8, 2, 2, 3, 3, 3, 3, 3, 3]
    odd = transitions(twelve(time_to_response_months=time, response_followup_months=end)).doubtful
    assert [(r.row, r.reason) for r in odd] == [
        (2, "a responder without a time to response"),
        (3, "the response was seen at the very end of follow-up"),
        (4, "the time to response is longer than the follow-up"),
        (5, "a time to response without a response"),
        (8, "a time to response without a response"),
    ]


def test_any_column_with_responses_will_do():
    cohort = necc_cohort({"visit": ["cr", "Partial response", "stable disease", "PD", None, "not evaluable"]})
    result = response_rates(cohort, "visit")
    assert dict(result.counts) == {"CR": 1, "PR": 1, "SD": 1, "PD": 1, "NE": 1, "missing": 1}
    assert result.response == "visit" and result.transitions is None
    strange = necc_cohort({"visit": ["CR", "better", "worse"]})
    with pytest.raises(AnalysisError, match="'better' and 'worse' can't be read as a response; allowed are CR, PR"):
        response_rates(strange, "visit")
    with pytest.raises(AnalysisError, match="not a response"):
        response_rates(necc_cohort({"age_years": [50.0]}), "age_years")
    with pytest.raises(AnalysisError, match="no column 'final_response'"):
        response_rates(cohort, "final")
    with pytest.raises(AnalysisError, match="denominator 'all' is not one of evaluable or treated"):
        response_rates(cohort, "visit", denominator="all")


def test_response_is_not_tested_against_itself():
    result = response_rates(TABLE_5, by="best_response")
    assert result.test.p is None and "response itself" in result.test.note
    assert response_rates(TABLE_5, by="final_response").test.p is not None


def test_every_site_with_adjusted_p():
    result = response_by_site(TABLE_5, "final")
    assert [p.by for p in result.panels][0] == "site:lung" and len(result.panels) == 8
    raw = [p.test.p for p in result.panels]
    assert raw[-1] is None and result.p_adjusted[-1] is None  # nobody has another site
    smallest = int(np.argmin(raw[:-1]))
    assert math.isclose(result.p_adjusted[smallest], min(1, 7 * raw[smallest]), rel_tol=1e-12)
    assert no_nan(result.to_dict())


# ---------------------------------------------------------------- swimmer


def test_lanes_are_longest_first_and_hide_identifiers():
    result = swimmer(TABLE_5)
    assert [lane.duration for lane in result.lanes[:4]] == [14, 12, 10, 8]
    first = result.lanes[0]
    assert (first.label, first.patient_id, first.row) == ("Patient 1", "12", 13)
    assert (first.best, first.final, first.time_to_response, first.end) == ("PR", "PD", 2.0, "unknown")
    assert first.sites == ("Lung", "Abdominal organs") and first.agent == "Pembrolizumab" and first.partner == "CPT11"
    told = json.dumps(result.to_dict())
    assert "patient_id" not in told and "SYN" not in json.dumps(swimmer(SAMPLE).to_dict())
    assert any("16 patients" in note for note in result.notes)
    assert len({lane.label for lane in result.lanes}) == 16


def test_ends_and_exclusions():
    end = [9, 3, None, 8, 2, 2, 3, 3, 3, 3, 3, 3]
    result = swimmer(twelve(response_followup_months=end, progressed=[1, 0, 1, None, 1, 1, 1, 1, 1, 1, 1, 1]))
    assert result.n == 8
    assert {e.reason: e.n for e in result.excluded} == {
        "no ICI": 2, "ICI not recorded": 1, "no time to progression or end of follow-up": 1,
    }  # fmt: skip
    assert [(lane.duration, lane.end) for lane in result.lanes[:3]] == [
        (9, "progressed"), (8, "unknown"), (3, "ongoing"),
    ]  # fmt: skip
    assert result.lanes[0].patient_id == "row 2"
    with pytest.raises(AnalysisError, match="response_followup_months"):
        swimmer(twelve())


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("by", [None, "ici", "site:lung", "ici_agent", "n_sites", "biomarker"])
@pytest.mark.parametrize("denominator", ["evaluable", "treated"])
def test_nobody_and_one_patient(n, by, denominator):
    few = TABLE_5.subset(np.arange(16) < n)
    result = response_rates(few, "best", by, denominator=denominator)
    assert no_nan(result.to_dict()) and result.n == n
    assert no_nan(swimmer(few).to_dict()) and no_nan(transitions(few).to_dict())
    if not n:
        assert result.orr.estimate.value is None and "no patients to analyse" in result.notes
        assert result.by == by and (by is None) == (result.test is None)
    result.all_conventions()


def test_nobody_evaluable():
    result = response_rates(necc_cohort({"best_response": ["NE", None], "histology": [None, None]}), by="histology")
    assert result.orr.estimate.value is None and result.orr.of == 0 and no_nan(result.to_dict())
    assert any("nobody is evaluable" in note for note in result.notes)
    assert result.strata == () and "not recorded for any patient" in result.test.note
    assert len(result.to_frame()) == 1
