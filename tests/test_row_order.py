"""The order of rows in a file changes no number, drawn ones included; and times that are equal are so everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from cohorts import cohort_of

from necc import compare_models, predict_patient
from necc.analysis.baseline import characteristics
from necc.analysis.comparison import compare_numbers
from necc.analysis.competing import competing_from_columns, incidence_of
from necc.analysis.regression import cox_imputed, stepwise
from necc.analysis.survival import compare_survival, kaplan_meier, restricted_mean, survival_at
from necc.core.result import to_json

N = 70
RNG = np.random.default_rng(12)
COLUMNS = {
    "time": np.round(RNG.exponential(10, N) + 0.1, 1),
    "event": (RNG.random(N) < 0.7).astype(int),
    "x": np.where(RNG.random(N) < 0.15, np.nan, np.round(RNG.normal(size=N), 2)),
    "y": np.round(RNG.normal(size=N), 2),
    "z": RNG.integers(0, 40, N).astype(float) + 0.5,
    "g": RNG.choice(["p", "q", "r"], N),
    "b": RNG.choice(["u", "v"], N),
}


def rows(seed=None):
    order = np.arange(N) if seed is None else np.random.default_rng(seed).permutation(N)
    return cohort_of({k: list(v[order]) for k, v in COLUMNS.items()})


def numbers_of(value, path=""):
    """Every number of a result, by its place."""
    if isinstance(value, dict):
        return {k: v for name, item in value.items() for k, v in numbers_of(item, f"{path}/{name}").items()}
    if isinstance(value, list):
        return {k: v for i, item in enumerate(value) for k, v in numbers_of(item, f"{path}/{i}").items()}
    return {path: value} if isinstance(value, int | float) and not isinstance(value, bool) else {}


DRAWN = {
    "permutation log-rank": lambda c: compare_survival(c, "T", "g", permutation=True, draws=499),
    "bootstrap of a selection": lambda c: stepwise(c, "T", ["y", "z", "b"], entry_p=0.4, removal_p=0.5, bootstrap=15),
    "imputation": lambda c: cox_imputed(c, "T", ["x", "y"], imputations=3),
    "cross-validation": lambda c: compare_models(c, "T", ["y", "z", "b"], models=["cox"], repeats=2),
    "table of characteristics": lambda c: characteristics(c, "g", ["y", "z", "b"], convention="exact"),
    "restricted means": lambda c: restricted_mean(c, "T", "g"),
    "cumulative incidence": lambda c: incidence_of(c, competing_from_columns(c, "time", "g", censored="p"), "b"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_shuffled_rows_give_the_same_numbers(name):
    first = numbers_of(to_json(DRAWN[name](rows())))
    assert len(first) > 5
    for seed in (1, 2):
        again = numbers_of(to_json(DRAWN[name](rows(seed))))
        assert again == pytest.approx(first, rel=1e-6, abs=1e-9)


def test_a_patient_s_prediction_doesn_t_follow_the_rows():
    patient = {"y": 0.3, "b": "u"}
    curves = [predict_patient(rows(s), "T", ["y", "b"], patient, model="cox", bootstraps=20) for s in (None, 3)]
    first, again = (numbers_of(c.to_dict()) for c in curves)
    assert again == pytest.approx(first, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("test", ["rank", "mean"])
@pytest.mark.parametrize("seed", range(4))
def test_a_simulated_p_is_that_of_the_groups(test, seed):
    rng = np.random.default_rng(seed)
    groups = [np.round(rng.normal(size=n), 1) for n in (3, 4, 5)]
    p = {compare_numbers([rng.permutation(g) for g in groups], "exact", test).p for _ in range(6)}
    assert len(p) == 1


# ---------------------------------------------------------------- one tolerance
@pytest.mark.parametrize("apart", [0, 1e-10, 2e-9, 1e-8])
@pytest.mark.parametrize("unit", [1.0, 1000.0])
def test_times_that_are_equal_but_for_noise_are_so_wherever_they_are_asked_for(apart, unit):
    times = [unit, unit, 2 * unit, 3 * unit]
    cohort = cohort_of({"time": times, "event": [1, 0, 1, 0]})
    curve = kaplan_meier(cohort, "T").curves[0]
    for asked in (unit - apart, unit + apart):
        assert curve.at_risk([asked]).tolist() == [4] and curve.counts_at([asked]) == [(4, 1, 1)]
        at = curve.at(asked)
        assert (at.n_at_risk, at.estimate.value) == (4, 0.75)
        group = survival_at(cohort, "T", times=[asked]).times[0].groups[0]
        assert (group.n_at_risk, group.survival.value) == (4, 0.75)


def test_a_tick_near_a_tie_counts_as_the_curve_does():
    from necc.present import figures

    cohort = cohort_of({"time": [6 - 3e-9, 6, 12, 18, 24], "event": [1, 1, 0, 1, 0]})
    km = kaplan_meier(cohort, "T")
    curve = km.curves[0]
    assert len(curve.time) == 4 and curve.at_risk([6.0]).tolist() == [5]
    assert figures.survival_curves(km).spec
