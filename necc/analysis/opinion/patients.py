"""The patients' own data as other programs take them: times, events, groups and covariates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from necc.analysis.regression import CoxTerm
from necc.core.cohort import Cohort
from necc.core.frozen import Frozen


@dataclass(frozen=True, eq=False)
class Patients(Frozen):
    """Who is analysed. time: float array, event: bool array, group: array of level names; all of shape (n,)."""

    time: np.ndarray
    event: np.ndarray
    group: np.ndarray

    def of(self, level: str) -> tuple[np.ndarray, np.ndarray]:
        """Times and events of a level."""
        there = self.group == level
        return self.time[there], self.event[there]


def patients_of(cohort: Cohort, endpoint: str, by: str | None = None) -> Patients:
    """Times, events and groups of those who have all of them; times that differ by noise are the same time."""
    outcome = cohort.endpoint(endpoint)
    used = outcome.valid.copy()
    group = np.full(len(used), "all patients", dtype=object)
    if by:
        factor = cohort.factor(by)
        used &= factor.codes >= 0
        group = np.array([*factor.levels, ""], dtype=object)[factor.codes]
    return Patients(outcome.grid[outcome.codes[used]], outcome.event[used], group[used])


@dataclass(frozen=True, eq=False)
class ModelData:
    """The complete cases of a model: a column a term under its name, then `time`, `event` and the strata's."""

    frame: pd.DataFrame
    strata: tuple[str, ...] = ()


def model_data(
    cohort: Cohort,
    endpoint: str,
    terms: Iterable[CoxTerm],
    strata: Iterable[str] = (),
    per: Mapping[str, float] | None = None,
) -> ModelData:
    """Covariates as columns of 0 and 1, or numbers per unit, read from the cohort and not from the model."""
    outcome = cohort.endpoint(endpoint)
    used = outcome.valid.copy()
    columns: dict[str, np.ndarray] = {}
    for term in terms:
        if term.level is None:
            columns[term.term] = cohort.number(term.variable) / (per or {}).get(term.variable, 1.0)
            used &= ~np.isnan(columns[term.term])
        else:
            factor = cohort.factor(term.variable)
            columns[term.term] = (factor.codes == factor.levels.index(term.level)).astype(float)
            used &= factor.codes >= 0
    names = []
    for i, name in enumerate(strata):
        factor = cohort.factor(name)
        used &= factor.codes >= 0
        columns[f"stratum {i}"] = factor.codes
        names.append(f"stratum {i}")
    frame = pd.DataFrame(columns)[used].reset_index(drop=True)
    frame["time"], frame["event"] = outcome.grid[outcome.codes[used]], outcome.event[used]
    return ModelData(frame, tuple(names))
