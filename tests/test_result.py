"""How results are written as JSON, and the old names of its keys."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np
from cohorts import from_sample

from necc.analysis.regression import cox, stepwise
from necc.analysis.survival import kaplan_meier
from necc.core.estimate import Estimate, Exclusion
from necc.core.result import OLD_KEYS, EndpointResult, Result, fields_of, rows_of

HOMES = (
    "necc.analysis.prediction", "necc.analysis.recurrence", "necc.analysis.regression", "necc.analysis.survival",
    "necc.analysis.changed", "necc.analysis.competing.hazards", "necc.analysis.patient.judged",
    "necc.analysis.regression.stepwise", "necc.analysis.understood",
)  # fmt: skip


@dataclass(frozen=True)
class One(Result):
    share: Estimate
    name: str = "a"
    own: np.ndarray = field(default_factory=lambda: np.zeros(1), repr=False)


@dataclass(frozen=True, kw_only=True)
class Several(EndpointResult):
    first: Estimate
    second: Estimate
    parts: tuple[One, ...]
    numbers: object

    n_tests = 3


def several(**changes: object) -> Several:
    one = One(Estimate(0.5, float("nan"), None))
    values: dict[str, object] = {
        "endpoint": "T", "label": "time", "unit": "months", "origin": "", "n": np.int64(3), "n_events": 2,
        "excluded": (Exclusion("no time", 1),), "first": Estimate(1.0, 0.5, float("inf")),
        "second": Estimate(None, None, None), "parts": (one,), "numbers": {1: (np.float64(1.5), np.nan)},
    }  # fmt: skip
    return Several(**{**values, **changes})  # type: ignore[arg-type]


def test_a_result_is_json_under_the_names_of_its_fields():
    result = several().to_dict()
    assert json.loads(json.dumps(result, allow_nan=False)) == result == {
        "endpoint": "T", "label": "time", "unit": "months", "origin": "", "n": 3, "n_events": 2, "notes": [],
        "excluded": [{"reason": "no time", "n": 1}], "first": {"value": 1.0, "ci_lower": 0.5, "ci_upper": None},
        "second": {"value": None, "ci_lower": None, "ci_upper": None},
        "parts": [{"share": 0.5, "ci_lower": None, "ci_upper": None, "name": "a"}],
        "numbers": {"1": [1.5, None]}, "n_tests": 3,
    }  # fmt: skip


def test_arrays_become_rows():
    @dataclass(frozen=True, eq=False)
    class Columns:
        time: np.ndarray
        n: np.ndarray

    columns = Columns(np.array([1.0, np.nan]), np.array([2, 3]))
    assert rows_of(columns, ("time", "n")) == [{"time": 1.0, "n": 2}, {"time": None, "n": 3}]
    assert fields_of(columns) == {"time": [1.0, None], "n": [2, 3]}


def test_renamed_keys_keep_their_old_name_beside_the_new():
    """For one version; then the line of `OLD_KEYS` goes, and this finds nothing of it."""
    homes = {name: module for home in HOMES for name, module in vars(import_module(home)).items()}
    assert {name for name in OLD_KEYS if name not in homes} == set()
    cohort = from_sample("reconstructed_cohort.csv")
    model = cox(cohort, "PRS", ["n_sites"]).to_dict()
    assert model["n_events"] == model["events"] == 40
    curve = kaplan_meier(cohort, "PRS").to_dict()["strata"][0]  # type: ignore[index]
    assert curve["n_events"] == curve["events"] == 40
    assert curve["median_ci"] == [curve["median_ci_lower"], curve["median_ci_upper"]] and curve["median_ci"][0] > 0
    assert model["log_likelihood"] == model["loglik"] < 0
    selection = stepwise(cohort, "PRS", ["n_sites"]).to_dict()
    assert selection["n_events"] == selection["events"] == 40
