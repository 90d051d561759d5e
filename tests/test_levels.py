"""Levels of a variable: which have an order, and what is known only later."""

from __future__ import annotations

import numpy as np
import pytest
from cohorts import cohort_of, necc_cohort

from necc import outcome_selection, read_cohort
from necc.analysis.baseline import characteristics
from necc.analysis.regression import cox
from necc.analysis.survival import compare_survival
from necc.core.dictionary import Variable
from necc.ingest.mapping import ColumnMap, Mapping


def cohort_with(words, heading="bor", mapping=None):
    """A file with one more column that the dictionary doesn't know, the words in turn."""
    rows = [f"P{i},{3 + i % 7},{i % 2},{words[i % len(words)]}" for i in range(60)]
    text = "\n".join([f"patient_id,prs_months,died,{heading}", *rows])
    return read_cohort(text.encode(), filename="made.csv", **({"mapping": mapping} if mapping else {}))


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (("PD", "SD", "CR", "PR"), ("CR", "PR", "SD", "PD")),
        (("PD", "MR", "CR", "PR", "SD"), ("CR", "PR", "MR", "SD", "PD")),
        (("stable disease", "progressive disease", "complete response"), ("CR", "SD", "PD")),
        (("pr", "sd", "pd"), ("PR", "SD", "PD")),
    ],
)  # fmt: skip
def test_words_of_a_response_stand_from_best_to_worst_in_any_column(words, order):
    cohort = cohort_with(words, "outcome_of_treatment")
    factor = cohort.factor("outcome_of_treatment")
    assert factor.levels == order and factor.ordered
    assert compare_survival(cohort, "PRS", "outcome_of_treatment").trend is not None


@pytest.mark.parametrize(
    "words",
    [
        ("adeno", "large", "small", "squamous"),
        ("blue", "green", "red"),
        ("CR", "PR", "SD", "NE"),  # not evaluable has no place on the scale
        ("high", "low", "mid"),  # in the alphabet's order
    ],
)
def test_levels_that_nobody_put_in_order_get_no_trend(words):
    cohort = cohort_with(words, "kind_of_cell")
    result = compare_survival(cohort, "PRS", "kind_of_cell")
    assert not cohort.factor("kind_of_cell").ordered and result.trend is None
    assert any("no test for trend" in note for note in result.notes)
    assert compare_survival(cohort, "PRS", "kind_of_cell", scores=range(len(words))).trend is not None


def test_a_persons_order_of_levels_is_one():
    words = ("high", "low", "mid")
    levels = tuple((w, (w,)) for w in ("low", "mid", "high"))
    cohort = cohort_with(words, "risk", Mapping(columns=(ColumnMap("risk", "category", levels=levels),)))
    assert cohort.factor("risk").levels == ("low", "mid", "high") and cohort.factor("risk").ordered


def test_a_dictionary_says_which_of_its_levels_have_an_order():
    n = 40
    columns = {
        "prs_months": np.arange(n) + 1.0, "died": [1, 0] * (n // 2),
        "histology": ["small cell", "large cell", "NEC NOS", "small cell"] * (n // 4),
        "figo_2018": ["I", "II", "III", "IVA"] * (n // 4),
    }  # fmt: skip
    cohort = necc_cohort(columns)
    assert compare_survival(cohort, "PRS", "histology").trend is None
    for name in ("figo_2018", "figo_stage"):
        assert compare_survival(cohort, "PRS", name).trend is not None


def test_an_order_survives_a_filter_and_a_cohort_of_variables():
    order = Variable("g", "G", "category", levels=("low", "mid", "high"), ordered=True)
    import pandas as pd

    values = pd.Categorical(["low", "mid", "high"] * 10, ["low", "mid", "high"])
    cohort = cohort_of({"time": np.arange(30) + 1.0, "event": [1, 0, 1] * 10, "g": values}, variables=[order])
    assert cohort.factor("g").ordered and cohort.subset(np.arange(30) > 2).factor("g").ordered


@pytest.mark.parametrize("heading", ["BR", "BOR2", "outcome", "rsp"])
def test_a_response_in_a_column_of_its_own_name_is_known_only_later(heading):
    cohort = cohort_with(("PD", "SD", "CR", "PR"), heading)
    assert [g.code for g in outcome_selection(cohort, "PRS", heading)] == ["known-later"]


# ---------------------------------------------------------------- codes and amounts
@pytest.mark.parametrize(
    ("heading", "words"),
    [("Arm", "12"), ("arm", "123"), ("ECOG", "0123"), ("grade", "123"), ("treatment group", "1234"), ("zone", "345")],
)
def test_few_small_whole_numbers_are_categories(heading, words):
    cohort = cohort_with(tuple(words), heading)
    assert cohort.variable(heading).kind == "category" and cohort.factor(heading).levels == tuple(words)
    assert heading in cohort.factor_names() and not cohort.factor(heading).ordered
    model = cox(cohort, "PRS", [heading])
    assert len(model.terms) == len(words) - 1 and all(t.reference == words[0] for t in model.terms)
    row = next(r for r in characteristics(cohort, None, [heading]).rows)
    assert row.kind == "category"
    assert any(f.code == "codes-as-levels" and "number" in f.message for f in cohort.findings)


@pytest.mark.parametrize(
    ("heading", "words"),
    [("n_nodes", "123"), ("Number of lesions", "012"), ("cycles", "456"), ("marker", ("0", "1", "9")),
     ("marker", ("10", "20", "30")), ("marker", ("0.5", "1", "2")), ("marker", "0123456")],
)  # fmt: skip
def test_counts_and_amounts_stay_numbers(heading, words):
    assert cohort_with(tuple(words), heading).variable(heading).kind == "number"


def test_a_person_may_say_that_codes_are_numbers():
    cohort = cohort_with(("1", "2", "3"), "ECOG", Mapping(columns=(ColumnMap("ECOG", "number"),)))
    assert cohort.variable("ECOG").kind == "number" and len(cox(cohort, "PRS", ["ECOG"]).terms) == 1
