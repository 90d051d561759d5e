"""Cox models of a cohort: terms and tests against R, guardrails, selection, subgroups, imputation, bad input."""

from __future__ import annotations

import json
import pickle
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from checks import no_nan
from cohorts import cohort_of, from_sample
from test_regression import MISTAKEN, R, columns, many_directions
from test_regression_firth import hard

from necc.analysis.regression import (
    cox,
    cox_imputed,
    fit_cox,
    hazard_ratios,
    influence,
    proportional_hazards,
    schoenfeld,
    stepwise,
    subgroups,
    univariate,
)
from necc.analysis.regression.design import Column
from necc.analysis.regression.imputed import pool
from necc.core.dictionary import Endpoint, Variable
from necc.core.errors import AnalysisError
from necc.core.guardrails import TOO_FEW
from necc.ingest import read_cohort


def made(name, **variables):
    """A cohort of a recorded data set; numbers given as words become categories."""
    data = dict(R["data"][name])
    words = {"sex": {1: "man", 2: "woman"}, "ph.ecog": "ecog {}", "celltype": "cell {}", "trt": "arm {}"}
    for column, form in words.items():
        if column in data:
            as_word = form.get if isinstance(form, dict) else form.format
            data[column] = [None if v is None else as_word(v) for v in data[column]]
    data["event"] = data.pop("status") if "status" in data else data["event"]
    return cohort_of({k.replace(".", "_"): v for k, v in data.items()}, **variables)


SAMPLE = from_sample("reconstructed_cohort.csv")
LUNG, VETERAN = made("lung"), made("veteran")
FEWER = LUNG.subset(LUNG.factor("ph_ecog").codes < 3).subset(
    LUNG.factor("ph_ecog").codes[LUNG.factor("ph_ecog").codes < 3] >= 0
)
CALLS = {
    "lung_numbers": (LUNG, {"covariates": ["age", "ph_karno", "wt_loss"]}),
    "lung_numbers_breslow": (LUNG, {"covariates": ["age", "ph_karno", "wt_loss"], "ties": "breslow"}),
    "lung_factors": (LUNG, {"covariates": ["age", "sex", "ph_ecog"]}),
    "lung_strata": (LUNG, {"covariates": ["age", "ph_ecog"], "strata": ["sex"]}),
    "lung_interaction": (FEWER, {"covariates": ["age", "sex", "ph_ecog"], "interactions": ["sex * ph_ecog"]}),
    "veteran": (VETERAN, {"covariates": ["trt", "celltype", "karno", "age"]}),
}


@pytest.mark.parametrize("case", CALLS)
def test_a_model_equals_r(case):
    cohort, call = CALLS[case]
    model, r = cox(cohort, "T", **call), R["cases"][case]
    assert (model.n, model.n_events) == (r["n"], r["events"])
    assert sum(e.n for e in model.excluded) == len(cohort) - r["n"]
    assert model.fit.coefficients == pytest.approx(r["coef"], rel=1e-9, abs=1e-12)
    assert model.fit.se == pytest.approx(r["se"], rel=1e-9)
    z = 1.959963984540054
    few = [t.term for t in model.terms if t.note.startswith(TOO_FEW)]
    assert few == ["ph_ecog=ecog 3"] * ("ph_ecog=ecog 3" in [t.term for t in model.terms])  # one patient
    for term, b, se in zip(model.terms, r["coef"], r["se"], strict=True):
        if term.term in few:
            assert not term.estimable
            continue
        assert (term.coefficient, term.se) == pytest.approx((b, se), rel=1e-9)
        assert [term.hazard_ratio, term.ci_lower, term.ci_upper] == pytest.approx(
            list(np.exp([b, b - z * se, b + z * se])), rel=1e-9
        )
    for test, name in (("likelihood_ratio", "lr"), ("score", "score")):
        ours = model.tests[test]
        assert [ours.statistic, ours.df, ours.p] == pytest.approx(r[name], rel=1e-8)
    assert model.tests["wald"].statistic == pytest.approx(r["wald"], rel=1e-9)
    assert [model.concordance.value, model.concordance.se] == pytest.approx(r["concordance"], rel=1e-9)
    assert [model.loglik_null, model.loglik] == pytest.approx(r["loglik"], rel=1e-12)
    assert model.aic == pytest.approx(r["aic"], rel=1e-12)
    if "zph" in r:
        assert [t.statistic for t in model.proportional_hazards] == pytest.approx(
            [z[0] for z in r["zph"]["km"]], rel=1e-8
        )
        log = proportional_hazards(model, transform="log")
        assert [t.p for t in log] == pytest.approx([z[2] for z in r["zph"]["log"]], rel=1e-8)


def test_variables_interactions_and_inflation_equal_r():
    model = cox(*CALLS["lung_interaction"][:1], "T", **CALLS["lung_interaction"][1])
    (interaction,) = model.interaction_tests
    assert [interaction.statistic, interaction.df] == pytest.approx(R["interaction"], rel=1e-8)
    veteran = cox(VETERAN, "T", ["trt", "celltype", "karno", "age"])
    assert [v for _, v in veteran.variance_inflation] == pytest.approx(R["vif"], rel=1e-9)
    for test, term in ((0, "trt"), (2, "karno")):
        assert veteran.variable_tests[test].p == pytest.approx(veteran.term(term).p, rel=1e-10)


def test_residuals_and_influence_name_the_patients():
    model = cox(VETERAN, "T", ["karno", "trt"])
    found = influence(model)
    assert found.terms == ("karno", "trt") and found.dfbeta.shape == (137, 2)
    assert found.spreadsheet_rows[0] == 2 and found.ids[0] == "row 2"
    assert influence(model, VETERAN).ids == VETERAN.ids
    # dfbeta is the first step towards the fit without the patient: the most influential must agree in sign and size
    worst = int(np.abs(found.dfbetas[:, 0]).argmax())
    keep = np.arange(137) != worst
    without = cox(VETERAN.subset(keep), "T", ["karno", "trt"]).term("karno").coefficient
    assert model.term("karno").coefficient - without == pytest.approx(found.dfbeta[worst, 0], rel=0.25)
    assert len(found.to_frame()) == 274
    residuals = schoenfeld(model)
    assert residuals.terms == ("karno", "trt") and residuals.residuals.shape == (128, 2)


def test_references_units_and_order():
    base = cox(LUNG, "T", ["sex", "age"])
    turned = cox(LUNG, "T", ["sex", "age"], reference={"sex": "woman"}, per={"age": 10})
    assert turned.term("sex").coefficient == pytest.approx(-base.term("sex").coefficient, rel=1e-10)
    assert (base.term("sex").level, base.term("sex").reference) == ("woman", "man")
    assert (turned.term("sex").level, turned.term("sex").reference) == ("man", "woman")
    assert turned.term("age").coefficient == pytest.approx(10 * base.term("age").coefficient, rel=1e-10)
    assert turned.term("age").unit == "10"
    assert [t.term for t in cox(LUNG, "T", ["ph_ecog"]).terms] == ["ph_ecog=ecog 1", "ph_ecog=ecog 2", "ph_ecog=ecog 3"]
    assert cox(LUNG, "T", ["age>60"]).term("age>60").reference == "≤ 60"
    term = base.term("sex")
    assert (term.n, term.n_events, term.n_reference, term.n_events_reference) == (90, 53, 138, 112)


def test_the_level_of_confidence():
    narrow, wide = (cox(LUNG, "T", ["age"], level=level).terms[0] for level in (0.9, 0.95))
    assert wide.ci_lower < narrow.ci_lower < narrow.hazard_ratio < narrow.ci_upper < wide.ci_upper
    assert narrow.ci_upper == pytest.approx(np.exp(narrow.coefficient + 1.6448536269514722 * narrow.se), rel=1e-12)


def test_json_has_what_was_promised_and_no_nan():
    answer = json.loads(json.dumps(cox(LUNG, "T", ["age", "sex", "ph_ecog"]).to_dict(), allow_nan=False))
    assert {"n", "events", "ties", "terms", "concordance", "tests", "proportional_hazards", "notes"} <= set(answer)
    promised = ["term", "reference", "coefficient", "se", "hazard_ratio", "ci_lower", "ci_upper", "p", "method"]
    assert set(promised) <= set(answer["terms"][0])
    assert set(answer["tests"]) == {"likelihood_ratio", "wald", "score"}
    assert set(answer["tests"]["wald"]) == {"statistic", "df", "p"}
    assert {"term", "statistic", "p"} <= set(answer["proportional_hazards"][0])
    assert answer["proportional_hazards"][-1]["term"] == "GLOBAL"
    assert no_nan(answer)


# ---------------------------------------------------------------- guardrails and bad input
def small(n=40, seed=0, **extra):
    rng = np.random.default_rng(seed)
    data = {
        "time": np.ceil(rng.exponential(20, n)) + np.arange(n) / 100,
        "event": (rng.random(n) < 0.7).astype(int),
        "x": rng.normal(size=n).round(2),
        "group": np.where(rng.random(n) < 0.5, "a", "b"),
    }
    data.update({k: v(data, rng) if callable(v) else v for k, v in extra.items()})
    return cohort_of({k: list(v) for k, v in data.items()})


def codes(model):
    return {g.code for g in model.guardrails}


def no_deaths_in_rare(seed=0):
    rng = np.random.default_rng(seed)
    rare = np.where(rng.random(60) < 0.15, "yes", "no")
    event = ((rng.random(60) < 0.7) & (rare == "no")).astype(int)
    return small(60, seed, rare=rare, event=event)


def test_separation_is_answered_by_firth_and_told():
    cohort = no_deaths_in_rare()
    model = cox(cohort, "T", ["rare", "x"])
    assert model.method == "Firth's penalised likelihood"
    assert {t.method for t in model.terms} == {"firth profile"}
    term = model.term("rare")
    assert 0 < term.ci_lower < term.hazard_ratio < term.ci_upper < np.inf and 0 < term.p < 1
    (guard,) = [g for g in model.guardrails if g.code == "separation"]
    assert "rare" in guard.saw and "no events in rare: yes" in guard.saw and guard.overrule
    assert guard.sentence() in model.notes
    assert all(t.p is None for t in model.proportional_hazards)
    with pytest.raises(AnalysisError, match="no finite maximum"):
        influence(model)
    assert model.variable_tests[0].p == pytest.approx(term.p, abs=1e-9)
    reported = cox(cohort, "T", ["rare", "x"], separation="report")
    assert reported.term("rare").hazard_ratio is None and "zero" in reported.term("rare").note
    assert reported.term("x").estimable and reported.term("x").method == "wald"
    assert no_nan(reported.to_dict()) and no_nan(model.to_dict())


def test_the_reference_without_events_is_separation_too():
    cohort = no_deaths_in_rare()
    model = cox(cohort, "T", ["rare"], reference={"rare": "yes"})
    ours, turned = cox(cohort, "T", ["rare"]).terms[0], model.terms[0]
    assert turned.coefficient == pytest.approx(-ours.coefficient, rel=1e-8)
    assert turned.ci_lower == pytest.approx(1 / ours.ci_upper, rel=1e-8)


def test_few_events_small_levels_and_collinear_columns_are_told():
    cohort = small(
        30,
        third=lambda d, r: np.where(np.arange(30) < 2, "rare", d["group"]),
        near=lambda d, r: d["x"] + r.normal(size=30) / 50,
        copy=lambda d, r: d["x"] * 2 + 1,
        same=["s"] * 30,
    )
    model = cox(cohort, "T", ["x", "near", "third", "copy", "same", "x"])
    assert {"events-per-parameter", "sparse-level", "collinear", "aliased", "constant", "duplicate"} <= codes(model)
    for name in ("copy", "same"):
        assert model.term(name).hazard_ratio is None and model.term(name).note
    alone = cox(cohort, "T", ["x", "near", "third"])
    assert model.term("x").coefficient == pytest.approx(alone.term("x").coefficient, rel=1e-9)
    assert model.tests["wald"].df == 4
    assert no_nan(model.to_dict())


def test_sites_beside_their_number_are_collinear_by_construction():
    rng = np.random.default_rng(2)
    time = rng.exponential(10, 50).round(1)
    sites = {"lung": rng.integers(0, 2, 50), "bone": rng.integers(0, 2, 50)}
    cohort = cohort_of({"time": time, "event": rng.integers(0, 2, 50)}, sites=sites)
    for count in ("n_sites", "n_sites>1"):
        assert "collinear-by-construction" in codes(cox(cohort, "T", ["site:lung", count]))
    both = cox(cohort, "T", ["site:lung", "site:bone", "n_sites"])
    assert both.term("n_sites").hazard_ratio is None and "aliased" in codes(both)


def test_a_part_of_the_outcome_among_the_covariates_is_told():
    assert "own-outcome" in codes(cox(LUNG, "T", ["time", "age"]))
    assert "own-outcome" in codes(cox(LUNG, "T", ["event"]))
    assert "own-outcome" not in codes(cox(LUNG, "T", ["age"]))


def test_a_treatment_known_after_time_zero_is_told():
    late = Variable("late", "Late", "category", levels=("no", "yes"), starts_at="treatment")
    rng = np.random.default_rng(0)
    data = {"time": rng.exponential(5, 40), "event": [1] * 40, "late": rng.choice(["no", "yes"], 40)}
    cohort = cohort_of({k: list(v) for k, v in data.items()}, variables=[late])
    (guard,) = [g for g in cox(cohort, "T", ["late"]).guardrails if g.code == "known-later"]
    assert "landmark" in guard.overrule
    assert guard.saw == "Late is known only when treatment is given, while time starts with entry"
    after = cohort_of(
        {k: list(v) for k, v in data.items()},
        variables=[late],
        endpoints=[Endpoint("T", "Time", "treatment", time="time", event="event", starts_at="treatment")],
    )
    assert "known-later" not in codes(cox(after, "T", ["late"]))


def test_one_patient_who_decides_is_told():
    time = np.arange(40) + 1.0
    x = np.random.default_rng(0).normal(size=40) - time / 8
    x[39] = 8  # all others say: the larger x, the earlier
    cohort = cohort_of({"time": time, "event": [1] * 40, "x": x})
    model = cox(cohort, "T", ["x"])
    (guard,) = [g for g in model.guardrails if g.code == "influential-patient"]
    found = influence(model)
    strong = np.abs(found.dfbetas).max(axis=1)
    assert guard.saw.startswith(f"{(strong > 1).sum()} patient")
    assert f"row {found.spreadsheet_rows[strong.argmax()]}," in guard.saw


def test_hazards_that_cross_are_told():
    rng = np.random.default_rng(5)
    group = np.array(["a", "b"] * 100)
    time = np.where(group == "a", rng.weibull(4, 200), rng.weibull(0.5, 200)) + 0.001
    cohort = cohort_of({"time": time.round(4), "event": [1] * 200, "group": group})
    assert "proportional-hazards" in codes(cox(cohort, "T", ["group"]))


def test_only_terms_whose_hazards_cross_are_told():
    """One group crosses weakly among nine numbers that don't: its own test says so, that of all together doesn't."""
    said = set()
    for seed in range(25):
        rng = np.random.default_rng(seed)
        group = np.array(["a", "b"] * 50)
        time = np.where(group == "a", rng.weibull(1.25, 100), rng.weibull(0.85, 100)).round(4) + 0.001
        numbers = {f"x{j}": rng.normal(size=100) for j in range(9)}
        cohort = cohort_of({"time": time, "event": [1] * 100, "group": group, **numbers})
        model = cox(cohort, "T", ["group", *numbers])
        *each, together = model.proportional_hazards
        against = [t.term for t in each if t.p < 0.05]
        guards = [g for g in model.guardrails if g.code == "proportional-hazards"]
        assert bool(guards) == bool(against or together.p < 0.05)
        for guard in guards:
            named = {term for term in [t.term for t in each] if f"{term} (p" in guard.saw}
            assert named == set(against)
            assert ("all terms" in guard.saw) == (together.p < 0.05)
        said.add((bool(against), bool(together.p < 0.05)))
    assert {(True, False), (True, True), (False, False)} <= said


def test_times_of_zero_ties_everywhere_and_all_at_once():
    cohort = small(30, time=[0.0] * 15 + [1.0] * 15, event=[1] * 30)
    model = cox(cohort, "T", ["x", "group"])
    assert {"zero-times", "many-ties"} <= codes(model) and model.fit.converged
    once = cox(small(30, time=[3.0] * 30, event=[1] * 30), "T", ["x"])
    assert once.terms[0].hazard_ratio == pytest.approx(1, abs=1e-12)
    negative = cox(small(30, time=[-1.0] + list(range(29))), "T", ["x"])
    assert negative.n == 29 and any("would end before it starts" in note for note in negative.notes)


EMPTY = {
    "all censored": (small(20, event=[0] * 20), "no-events"),
    "one patient": (small(1, event=[1]), "one-patient"),
    "nobody": (small(20).subset(np.zeros(20, bool)), "no-patients"),
    "nobody complete": (small(20, x=[np.nan] * 20), "no-patients"),
    "two patients": (small(2, event=[1, 1]), "events-per-parameter"),
}


@pytest.mark.parametrize("case", EMPTY)
def test_nothing_to_fit_is_a_result_with_a_note(case):
    cohort, code = EMPTY[case]
    model = cox(cohort, "T", ["x", "group"])
    assert code in codes(model) and model.notes
    if case != "two patients":
        assert all(t.hazard_ratio is None and t.note for t in model.terms)
        assert all(t.statistic is None for t in model.tests.values())
        assert model.concordance.value is None
    assert no_nan(model.to_dict())
    assert no_nan(univariate(cohort, "T", ["x", "group"], multivariable=["x"]).to_dict())
    assert no_nan(stepwise(cohort, "T", ["x", "group"]).to_dict())
    assert no_nan(subgroups(cohort, "T", "x", ["group"]).to_dict())
    assert no_nan(cox_imputed(cohort, "T", ["x", "group"], imputations=2).to_dict())


def of_arrays(time, event, x):
    x = {f"v{j}": list(column) for j, column in enumerate(np.transpose(x))}
    return cohort_of({"time": list(time), "event": list(event.astype(int)), **x}), list(x)


@pytest.mark.parametrize(("n", "p"), [(3, 5), (6, 6), (10, 30)])
@pytest.mark.parametrize("separation", ["firth", "report"])
def test_more_covariates_than_patients_are_said_not_fitted(n, p, separation):
    rng = np.random.default_rng(n)
    cohort, names = of_arrays(np.arange(n) + 1.0, np.arange(n) != 1, (rng.random((n, p)) < 0.5) + rng.random((n, p)))
    model = cox(cohort, "T", names, separation=separation)
    (guard,) = [g for g in model.guardrails if g.code == "more-terms-than-patients"]
    assert guard.saw == f"{p} terms for {n} patients" and guard.sentence() in model.notes
    assert not {"separation", "aliased"} & codes(model)
    assert all(t.hazard_ratio is None and "as many terms as patients" in t.note for t in model.terms)
    assert all(t.statistic is None for t in model.tests.values()) and model.loglik is None
    assert no_nan(model.to_dict()) and no_nan(stepwise(cohort, "T", names, separation=separation).to_dict())
    assert no_nan(cox_imputed(cohort, "T", names, imputations=2).to_dict())
    assert no_nan(univariate(cohort, "T", names, multivariable=names, separation=separation).to_dict())


@pytest.mark.parametrize("seed", [s for seeds in MISTAKEN.values() for s in seeds])
def test_no_term_without_a_maximum_is_a_number(seed):
    time, event, x = many_directions(seed)
    cohort, names = of_arrays(time, event, x)
    fit = fit_cox(time, event, x)
    model = cox(cohort, "T", names, separation="report")
    for j, term in enumerate(model.terms):
        numbers = (term.coefficient, term.se, term.hazard_ratio, term.ci_lower, term.ci_upper, term.p)
        if fit.separated[j] or not fit.free[j]:
            assert set(numbers) == {None}
            assert ("separation" if fit.separated[j] else "determined by the other terms") in term.note
        elif term.note.startswith(TOO_FEW):
            assert set(numbers) == {None}
        else:
            assert np.isfinite(numbers).all() and not term.note
    (guard,) = [g for g in model.guardrails if g.code == "separation"]
    assert all(f"'v{j}'" in guard.saw for j in np.flatnonzero(fit.separated))
    table = univariate(cohort, "T", names, multivariable=names, separation="report")
    assert no_nan(model.to_dict()) and no_nan(table.to_dict())
    numbers = table.to_frame().select_dtypes("number").to_numpy(dtype=float)
    assert not np.isinf(numbers).any()
    for row in table.rows:
        alone = fit_cox(time, event, x[:, names.index(row.variable)])
        few = row.terms[0].note.startswith(TOO_FEW)
        assert (row.terms[0].hazard_ratio is None) == (alone.status != "converged" or few)
        assert row.terms[0].estimable or row.terms[0].note
    result = stepwise(cohort, "T", names, separation="report")
    assert no_nan(result.to_dict())


def test_a_limit_that_is_not_found_is_noted_beside_the_term():
    time, event, x = hard(250)
    cohort, names = of_arrays(time, event, x)
    term = cox(cohort, "T", names).terms[0]
    assert term.estimable and term.ci_lower is None and term.ci_upper is not None
    assert term.note.startswith("no lower limit: the penalised likelihood doesn't fall far enough")


def test_strata_without_events_are_told():
    cohort = small(40, centre=lambda d, r: np.where(np.arange(40) < 3, "tiny", "large"),
                   event=lambda d, r: np.where(np.arange(40) < 3, 0, d["event"]))  # fmt: skip
    model = cox(cohort, "T", ["x"], strata=["centre"])
    assert "tiny-stratum" in codes(model)
    rest = cox(cohort.subset(np.arange(40) >= 3), "T", ["x"])
    assert model.terms[0].coefficient == pytest.approx(rest.terms[0].coefficient, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"covariates": ["nonsense"]}, "no variable 'nonsense'"),
        ({"covariates": ["x"], "ties": "exact"}, "ties 'exact'"),
        ({"covariates": ["x"], "separation": "ridge"}, "separation 'ridge'"),
        ({"covariates": ["x"], "level": 95}, "level"),
        ({"covariates": ["x"], "strata": ["time"]}, "say where to cut"),
        ({"covariates": ["x"], "interactions": ["x * x"]}, "two different"),
        ({"covariates": ["group"], "reference": {"group": "c"}}, "'c' is not a level of group"),
        ({"covariates": ["x"], "reference": {"group": "a"}}, "isn't among the covariates"),
        ({"covariates": ["x"], "per": {"x": 0}}, "must be positive"),
        ({"covariates": ["x"], "transform": "square"}, "transform 'square'"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(arguments, words):
    with pytest.raises(AnalysisError, match=words):
        cox(small(), "T", **arguments)


@pytest.mark.parametrize("seed", range(40))
def test_random_small_cohorts_never_give_nan_or_a_traceback(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 14))
    data = {
        "time": rng.integers(0, 5, n).astype(float),
        "event": rng.integers(0, 2, n),
        "x": rng.choice([np.nan, 0, 1, 1e6], n),
        "y": rng.integers(0, 2, n).astype(float),
        "a": rng.choice(["p", "q", "r"], n),
        "b": rng.choice(["u", "v"], n),
    }
    cohort = cohort_of({k: list(v) for k, v in data.items()})
    for call in ({"covariates": ["x", "a", "b"]}, {"covariates": ["y", "b"], "strata": ["a"]},
                 {"covariates": ["a", "b"], "interactions": ["a * b"], "ties": "breslow"},
                 {"covariates": ["a", "b"], "separation": "report"}):  # fmt: skip
        model = cox(cohort, "T", **call)
        assert no_nan(model.to_dict())
        for term in model.terms:
            numbers = [term.coefficient, term.se, term.hazard_ratio]
            assert len({v is None for v in numbers}) == 1
            assert (None in (*numbers, term.ci_lower, term.ci_upper, term.p)) == bool(term.note)
            if term.ci_lower is not None and term.ci_upper is not None:
                assert term.ci_lower <= term.hazard_ratio <= term.ci_upper


# ---------------------------------------------------------------- one by one, subgroups
def test_univariate_is_each_model_alone_with_adjusted_p():
    names = ["age", "sex", "ph_ecog", "wt_loss"]
    table = univariate(LUNG, "T", names, multivariable=["sex", "ph_ecog"])
    for row in table.rows:
        alone = cox(LUNG, "T", [row.variable])
        assert row.terms == alone.terms and (row.n, row.n_events) == (alone.n, alone.n_events)
        assert row.test == alone.variable_tests[0]
        assert row.likelihood_ratio == alone.tests["likelihood_ratio"]
    raw = [r.test.p for r in table.rows]
    order = np.argsort(raw)
    expected = np.minimum(1, np.maximum.accumulate(np.array(raw)[order] * (4 - np.arange(4))))
    assert np.array([r.p_adjusted for r in table.rows])[order] == pytest.approx(expected)
    assert {r.n for r in table.rows} == {228, 227, 214}
    frame = table.to_frame()
    assert list(frame["term"]) == ["age", "sex", "ph_ecog=ecog 1", "ph_ecog=ecog 2", "ph_ecog=ecog 3", "wt_loss"]
    beside = frame.set_index("term")["multivariable_hazard_ratio"]
    assert np.isnan(beside["age"]) and beside["sex"] == table.multivariable.term("sex").hazard_ratio
    assert any("Holm" in note for note in table.notes)


def test_univariate_meets_separation_and_constants():
    table = univariate(no_deaths_in_rare(), "T", ["rare", "x"], adjustment="bh")
    assert table.row("rare").terms[0].method == "firth profile"
    assert table.row("x").terms[0].method == "wald"
    assert any("separation" in note for note in table.notes)
    constant = univariate(small(30, same=["s"] * 30), "T", ["same", "x"])
    assert constant.row("same").test.p is None and constant.row("same").p_adjusted is None
    assert constant.row("x").p_adjusted == constant.row("x").test.p
    with pytest.raises(AnalysisError, match="adjustment"):
        univariate(LUNG, "T", ["age"], adjustment="none")


def test_subgroups_are_fits_within_and_one_interaction():
    table = subgroups(FEWER, "T", "sex", ["ph_ecog", "age>60"], adjusted_for=["age"])
    overall, *levels = table.rows
    assert overall.level is None
    assert overall.term.coefficient == pytest.approx(cox(FEWER, "T", ["sex", "age"]).term("sex").coefficient)
    first = FEWER.subset(FEWER.factor("ph_ecog").codes == 0)
    assert levels[0].level == "ecog 0" and levels[0].n == len(first)
    assert levels[0].term.hazard_ratio == cox(first, "T", ["sex", "age"]).term("sex").hazard_ratio
    # the interaction adjusted for age is that of R: anova of the models with and without it
    assert [table.interactions[0].statistic, table.interactions[0].df] == pytest.approx(R["interaction"], rel=1e-8)
    assert [r.level for r in levels[3:]] == ["≤ 60", "> 60"]
    with pytest.raises(AnalysisError, match="join them to two"):
        subgroups(LUNG, "T", "ph_ecog", ["sex"])


def test_an_interaction_names_its_test_and_subgroups_say_who_is_left_out():
    recorded = json.loads((Path(__file__).parent / "recorded" / "subgroups.json").read_text(encoding="utf-8"))
    table = subgroups(SAMPLE, "PRS", "ici", ["histology"])
    (test,) = table.interactions
    assert [test.statistic, test.df, test.p] == pytest.approx(recorded["penalised"], rel=1e-5)
    assert test.method == table.to_dict()["interactions"][0]["method"] == "penalised likelihood ratio (Firth)"
    # without the penalty it is R's anova of both models
    names = ["ici", "histology"]
    models = [cox(SAMPLE, "PRS", names, interactions=pairs, separation="report") for pairs in ([], ["ici * histology"])]
    assert 2 * (models[1].loglik - models[0].loglik) == pytest.approx(recorded["usual"][0], rel=1e-6)
    (plain,) = subgroups(SAMPLE, "PRS", "site:lung", ["age_gt_50"]).interactions
    assert plain.method == "likelihood ratio" and table.n == recorded["n"] == 75
    assert table.excluded == cox(SAMPLE, "PRS", ["ici"]).excluded and sum(e.n for e in table.excluded) == 13
    assert any("immortal time" in note for note in table.notes) and any("penalised" in note for note in table.notes)
    unknown = subgroups(SAMPLE, "PRS", "site:lung", ["ici"])
    assert sum(row.n for row in unknown.rows[1:]) == 75 and unknown.rows[0].n == 88
    assert "Immune checkpoint inhibitor isn't known in 13 patients, who are at no level of it" in unknown.notes


# ---------------------------------------------------------------- stepwise
def test_stepwise_statistics_equal_r():
    result = stepwise(VETERAN, "T", ["karno", "celltype", "trt", "age"])
    first, second = result.steps[:2]
    alone = cox(VETERAN, "T", ["karno"])
    assert (first.action, first.variable) == ("entered", "karno")
    assert first.statistic == pytest.approx(alone.tests["score"].statistic, rel=1e-10)
    assert first.loglik == pytest.approx(alone.loglik, rel=1e-12)
    # R: the score test at the maximum of the smaller model
    assert second.variable == "celltype" and [second.statistic, second.df] == pytest.approx(R["entry"], rel=1e-9)
    assert result.selected == ("karno", "celltype") and result.model.n == result.n == 137
    assert {c.variable for c in result.outside} == {"trt", "age"} and all(c.p > 0.05 for c in result.outside)
    assert any("too small" in n for n in result.notes)


@pytest.mark.parametrize("first", [True, False])
def test_a_candidate_that_others_add_up_to_is_fitted_by_itself(first):
    """R 4.2, survival 3.5.3: `coxph(Surv(prs_months, died) ~ rowSums(sites))`, and its score tests of each site."""
    cohort = read_cohort(Path(__file__).parents[1] / "sample_data" / "reconstructed_cohort.csv")
    sites = [f"site:{s}" for s in cohort.site_names]
    result = stepwise(cohort, "PRS", ["n_sites", *sites] if first else [*sites, "n_sites"])
    entered = [(s.variable, s.statistic, s.loglik) for s in result.steps[:2]]
    assert [e[0] for e in entered] == ["n_sites", "site:lung"]
    assert entered[0][2] == pytest.approx(-136.870441469, rel=1e-11)
    assert entered[1][1] == pytest.approx(5.493497818, rel=1e-9)


def test_nearly_the_same_is_not_the_same():
    """R 4.2: `coxph(Surv(t, e) ~ y + k)`, where k is y with 1e-4 more or less."""
    y = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4])
    off = np.array([1, -1, -1, 1, 1, 1, -1, 1, -1, -1, 1, -1, 1, 1, -1, -1, 1, -1, 1, -1]) * 1e-4
    fit = fit_cox(np.arange(1, 21), np.tile([1, 1, 0, 1], 5), np.column_stack([y, y + off]))
    assert fit.coefficients == pytest.approx([-3228.10166399, 3227.97696251], rel=1e-6)
    assert fit.loglik == pytest.approx(-31.0236352906, rel=1e-10)


def test_a_wald_statistic_of_the_limit_lets_others_leave():
    cohort = no_deaths_in_rare(6)
    alone = cox(cohort, "T", ["rare", "x"], separation="report").term("x")
    result = stepwise(cohort, "T", ["rare", "x"], method="forward-wald", entry_p=0.1665, removal_p=0.1665)
    assert [(s.action, s.variable) for s in result.steps[1:]] == [("entered", "x"), ("removed", "x")]
    assert result.steps[2].p == pytest.approx(alone.p, rel=1e-9) and 0.1665 < alone.p < 0.17
    assert result.selected == ("rare",)


def suppressor(n=300, seed=11):
    """`third` looks best alone and is not needed beside the two whose sum it nearly is."""
    rng = np.random.default_rng(seed)
    one, two = rng.normal(size=(2, n))
    third = one + two + rng.normal(size=n) * 0.6
    time = rng.exponential(np.exp(-(one + two))).round(4) + 0.001
    return cohort_of(
        {"time": time, "event": [1] * n, "one": one, "two": two, "third": third, "noise": rng.normal(size=n)}
    )


@pytest.mark.parametrize("method", ["forward-lr", "forward-wald", "forward-score", "forward-conditional"])
def test_stepwise_takes_out_what_is_no_longer_needed(method):
    result = stepwise(suppressor(), "T", ["one", "two", "third", "noise"], method=method)
    story = [(s.action, s.variable) for s in result.steps]
    assert story[0] == ("entered", "third") and ("removed", "third") in story
    assert result.selected == ("one", "two")
    removal = next(s for s in result.steps if s.action == "removed")
    full = cox(suppressor(), "T", ["one", "two", "third"])
    less = cox(suppressor(), "T", ["one", "two"])
    ratio = 2 * (full.loglik - less.loglik)
    expected = {"forward-lr": ratio, "forward-wald": full.variable_tests[2].statistic}
    if method in expected:
        assert removal.statistic == pytest.approx(expected[method], rel=1e-8)
    else:  # score and conditional statistics are approximations of the same ratio
        assert removal.statistic == pytest.approx(ratio, rel=0.05)
    assert removal.p > 0.10


def test_stepwise_uses_the_complete_cases_of_all_candidates():
    result = stepwise(LUNG, "T", ["sex", "ph_ecog", "wt_loss"])
    assert result.n == 213 and sum(e.n for e in result.excluded) == 15
    assert "wt_loss" not in result.selected and result.model.n == 213
    assert any("213 patients" in n and "15 of 228" in n for n in result.notes)


def test_bootstrap_inclusion_is_seeded_and_told():
    runs = [stepwise(VETERAN, "T", ["karno", "trt", "age"], bootstrap=25, seed=s) for s in (1, 1, 2)]
    assert runs[0].inclusion == runs[1].inclusion != runs[2].inclusion
    share = dict(runs[0].inclusion)
    assert share["karno"] == 1.0 and share["trt"] < 0.6
    assert any("25 bootstrap samples" in n for n in runs[0].notes)


def test_stepwise_survives_separation_and_refuses_bad_rules():
    result = stepwise(no_deaths_in_rare(), "T", ["rare", "x"], entry_p=0.2, removal_p=0.3)
    assert "rare" in result.selected and result.model.term("rare").method == "firth profile"
    assert no_nan(result.to_dict())
    with pytest.raises(AnalysisError, match="entry p"):
        stepwise(LUNG, "T", ["age"], entry_p=0.2, removal_p=0.1)
    with pytest.raises(AnalysisError, match="method"):
        stepwise(LUNG, "T", ["age"], method="backward")


# ---------------------------------------------------------------- multiple imputation
def test_rubins_rules_by_hand():
    estimates, variances = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.5, 0.5])
    term = pool(Column("x", "x", "x"), estimates, variances, 100, 0.95)
    total = 0.5 + 4 / 3 * 1.0
    share = 4 / 3 / total
    df = 1 / (share**2 / 2 + 1 / (101 / 103 * 100 * (1 - share)))
    assert (term.coefficient, term.se) == pytest.approx((2, total**0.5))
    assert (term.missing_information, term.df) == pytest.approx((share, df))
    same = pool(Column("x", "x", "x"), np.ones(3), variances, 100, 0.95)
    assert same.se == pytest.approx(0.5**0.5) and same.df == pytest.approx(101 / 103 * 100)


def test_imputation_keeps_everyone_and_complete_data_as_they_are():
    complete = cox(VETERAN, "T", ["karno", "trt"])
    same = cox_imputed(VETERAN, "T", ["karno", "trt"], imputations=2)
    assert [t.coefficient for t in same.terms] == pytest.approx([t.coefficient for t in complete.terms], rel=1e-12)
    assert all(t.missing_information == 0 for t in same.terms)
    first = cox_imputed(LUNG, "T", ["sex", "ph_karno", "wt_loss"], imputations=3)
    again = cox_imputed(LUNG, "T", ["sex", "ph_karno", "wt_loss"], imputations=3)
    assert first.terms == again.terms
    assert (first.n, first.n_complete) == (228, 214) and dict(first.imputed) == {"sex": 0, "ph_karno": 1, "wt_loss": 14}
    assert 0 < first.terms[2].missing_information < 0.5
    # the mean over more draws, up to four times the Monte-Carlo error of three: the root of their variance over 3
    more = cox_imputed(LUNG, "T", ["sex", "ph_karno", "wt_loss"], imputations=30)
    for few, many in zip(first.terms, more.terms, strict=True):
        between = many.missing_information * many.se**2 / (1 + 1 / 30)
        assert few.coefficient == pytest.approx(many.coefficient, abs=4 * (between / 3) ** 0.5)
    # weight loss has next to no association, so everybody's sex counts as without it: a tenth of its standard error
    everybody = cox(LUNG, "T", ["sex", "ph_karno"]).term("sex")
    assert more.terms[0].coefficient == pytest.approx(everybody.coefficient, abs=0.1 * everybody.se)
    with pytest.raises(AnalysisError, match="at least two"):
        cox_imputed(LUNG, "T", ["sex"], imputations=1)


def test_an_aliased_covariate_is_not_imputed_into_one():
    data = {k: list(v) for k, v in R["data"]["lung"].items()}
    cohort = cohort_of({"time": data["time"], "event": data["status"], "loss": data["wt.loss"], "age": data["age"],
                          "twice": [None if v is None else 2 * v for v in data["wt.loss"]]})  # fmt: skip
    model = cox_imputed(cohort, "T", ["loss", "age", "twice"], imputations=2)
    assert [t.coefficient is None for t in model.terms] == [False, False, True]


def test_results_are_frozen_and_know_their_patients():
    model = cox(LUNG, "T", ["age"])
    with pytest.raises(AttributeError):
        model.n = 3
    assert pickle.loads(pickle.dumps(model)).to_dict() == model.to_dict()
    assert {"n", "excluded", "ties", "method", "notes"} <= {f.name for f in fields(model)}
    time, event, age = columns("lung", "time", "status", "age")
    assert model.terms[0].coefficient == pytest.approx(fit_cox(time, event == 1, age).coefficients[0], rel=1e-12)


# ---------------------------------------------------------------- the ratios on a plot of curves
# R 4 with survival 3.5-3: coxph(Surv(t, d) ~ group) and cox.zph of the shipped file; hazard ratio, lower, upper
SEEN_IN_R = [
    ("PRS", "site:lung", {"with": (0.752300840268, 0.388514882442, 1.45671782432)}, 0.107642452276),
    ("TTR", "histology", {"large cell": (1 / 0.813098480132, 1 / 1.70231587345, 1 / 0.388370424495)}, 0.165736869516),
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "by", "expected", "p"), SEEN_IN_R)
def test_hazard_ratios_of_curves_equal_coxph_and_cox_zph(endpoint, by, expected, p):
    ratios = hazard_ratios(SAMPLE, endpoint, by)
    seen = {t.level: (t.hazard_ratio, t.ci_lower, t.ci_upper) for t in ratios.terms}
    for level, values in expected.items():
        assert seen[level] == pytest.approx(values, rel=1e-8)
    assert ratios.proportional.p == pytest.approx(p, rel=1e-8) and not ratios.few


def test_hazard_ratios_of_curves_go_by_the_first_of_an_order():
    usual = hazard_ratios(SAMPLE, "PRS", "site:lung")
    turned = hazard_ratios(SAMPLE, "PRS", "site:lung", order=("with",))
    assert (usual.reference, turned.reference) == ("without", "with")
    assert usual.terms[0].hazard_ratio == pytest.approx(1 / turned.terms[0].hazard_ratio)
    assert [t.level for t in hazard_ratios(SAMPLE, "TTR", "histology", order=("NEC NOS",)).terms] == [
        "small cell", "large cell",
    ]  # fmt: skip


def test_numbers_of_sites_are_levels_and_a_level_without_events_has_no_wald_ratio():
    ratios = hazard_ratios(SAMPLE, "PRS", "n_sites")
    assert [t.level for t in ratios.terms] == ["2", "3"]
    assert ratios.terms[1].hazard_ratio is None and ratios.terms[1].note
    assert ratios.proportional is None or ratios.proportional.p is None


def test_few_events_have_no_test_of_proportional_hazards():
    few = SAMPLE.subset(np.arange(len(SAMPLE)) % 8 == 0)
    ratios = hazard_ratios(few, "PRS", "site:lung")
    assert ratios.proportional is None or (ratios.proportional.p is None and "expected event" in ratios.few)
    nobody = hazard_ratios(SAMPLE.subset(np.zeros(len(SAMPLE), dtype=bool)), "PRS", "site:lung")
    assert nobody.terms == () and nobody.n == 0
    one = hazard_ratios(SAMPLE.subset(SAMPLE.factor("site:lung").codes == 1), "PRS", "site:lung")
    assert one.terms == () and one.reference == "with"
