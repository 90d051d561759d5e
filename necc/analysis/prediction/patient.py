"""The predicted curve of one patient, with its uncertainty and the warning that it wasn't validated.

References:
    1. Efron B, Tibshirani R. Stat Sci 1986;1:54-75. doi:10.1214/ss/1177013815 (percentile bootstrap)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from necc.analysis.prediction.folds import Cancelled, Data, Progress, data_of, horizon_of
from necc.analysis.prediction.metrics import product_limit
from necc.analysis.prediction.models import FAILURES, LEARNERS, Learner, require
from necc.analysis.prediction.results import PatientPrediction
from necc.analysis.regression.design import Covariate, build_design
from necc.analysis.survival import time_at
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import N_SITES, normalise
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.guardrails import later_than, own_outcome, sentences
from necc.core.result import answers, header
from necc.core.text import format_number, joined, plural

Value = str | float | int
POINTS = 120
FEWEST_EVENTS = 10


@answers
@public
def predict_patient(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str],
    patient: int | Mapping[str, Value],
    *,
    model: str = "cox",
    bootstraps: int = 200,
    level: float = 0.95,
    seed: int = 1,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PatientPrediction:
    """The survival curve that a model predicts for one patient, with a bootstrap percentile band [1].

    The band holds what fitting to other patients like these would change; it doesn't hold that a person's time is a
    single draw from a curve, nor that the model may be wrong.

    Args:
        patient: a place in the cohort (0 is the first; that patient is left out of the fit), or a value for each
            covariate.
        model: "cox", "coxnet", "forest" or "boosting".

    Raises:
        AnalysisError: scikit-survival isn't installed, a value is missing or unknown, there are fewer than ten events,
            or no model could be fitted.
        Cancelled: `cancelled` said so.

    Example:
        >>> predict_patient(cohort, "PRS", ["n_sites"], {"n_sites": 2}, bootstraps=20).left_out
        False
    """
    if model not in LEARNERS:
        raise AnalysisError(f"no model '{model}'; there are {joined(tuple(LEARNERS))}")
    if not covariates:
        raise AnalysisError("name at least one covariate")
    if bootstraps < 20:
        raise AnalysisError("a band needs 20 bootstrap samples or more")
    design = build_design(cohort, endpoint, covariates)
    data = data_of(design, covariates)
    row, values, others = _patient(cohort, data, patient)
    events = int(data.event[others].sum())
    if events < FEWEST_EVENTS:
        raise AnalysisError(
            f"{plural(events, 'event')} among the {plural(int(others.sum()), 'other patient')}: a curve of one patient "
            f"needs {FEWEST_EVENTS} at least"
        )
    require()
    fitted = _Fitted(LEARNERS[model], data.x[others][:, data.columns], data.time[others], data.event[others])
    grid = np.linspace(0, horizon_of(fitted.time), POINTS)
    try:
        curve = fitted.curve(np.arange(len(fitted.time)), row, grid, seed)
    except FAILURES:
        raise AnalysisError("the model could not be fitted to these patients") from None
    band, lost = _band(fitted, row, grid, bootstraps, seed, progress, cancelled)
    low, high = np.quantile(band, [(1 - level) / 2, (1 + level) / 2], axis=0)
    # the band holds the curve itself, also where resampling is skewed
    low, high = np.minimum(low, curve), np.maximum(high, curve)
    outcome, labels = design.outcome, {c.name: c.label for c in design.covariates}
    columns = cohort.dictionary.endpoints[endpoint].columns
    notes = [*sentences(own_outcome(cohort, outcome.label, columns, labels)), *outcome.notes]
    if late := [labels[name] for name in later_than(cohort, outcome.starts_at, labels)]:
        notes.append(f"{joined(late)}: known only after time zero, so nobody could have made this prediction then")
    if lost:
        notes.append(f"{lost} of {bootstraps} bootstrap samples gave no model and are left out of the band")
    if isinstance(patient, int):
        notes.append("the model was fitted without this patient")
    value, lower, upper = (time_at(0.5, grid, s) for s in (curve, low, high))
    median = Estimate(value, lower, upper, level, "bootstrap percentile")
    return PatientPrediction(
        **header(outcome), model=model, model_label=LEARNERS[model].label, settings=LEARNERS[model].settings,
        values=values, left_out=isinstance(patient, int), n=int(others.sum()), n_events=events,
        excluded=design.excluded, level=level, bootstraps=bootstraps, seed=seed, time=grid, survival=curve,
        ci_lower=low, ci_upper=high, everyone=product_limit(fitted.time, fitted.event).at(grid), median=median,
        notes=tuple(notes),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Fitted:
    learner: Learner
    x: np.ndarray
    time: np.ndarray
    event: np.ndarray

    def curve(self, rows: np.ndarray, patient: np.ndarray, grid: np.ndarray, seed: int) -> np.ndarray:
        fit = self.learner.fit(self.x[rows], self.time[rows], self.event[rows], seed)
        result: np.ndarray = fit.survival(patient[None], grid)[0]
        return result


def _band(
    fitted: _Fitted, row: np.ndarray, grid: np.ndarray, bootstraps: int, seed: int, progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[np.ndarray, int]:  # fmt: skip
    """Curves of models fitted to resampled patients, shape (n_curves, n_times), and how many samples gave none."""
    rng, curves = np.random.default_rng(seed), []
    for b in range(bootstraps):
        if cancelled and cancelled():
            raise Cancelled("the prediction was cancelled")
        if progress:
            progress(b / bootstraps, f"sample {b + 1} of {bootstraps}")
        rows = rng.integers(0, len(fitted.time), len(fitted.time))
        try:
            curve = fitted.curve(rows, row, grid, seed + b + 1)
        except FAILURES:
            continue
        if np.isfinite(curve).all():
            curves.append(curve)
    if 2 * len(curves) < bootstraps:
        raise AnalysisError("the model could not be fitted to most resampled patients, so its curve has no band")
    return np.array(curves), bootstraps - len(curves)


def _patient(
    cohort: Cohort, data: Data, patient: int | Mapping[str, Value]
) -> tuple[np.ndarray, tuple[tuple[str, str], ...], np.ndarray]:
    """The patient's columns, values in words, and who the model is fitted to."""
    design = data.design
    if isinstance(patient, int):
        if not 0 <= patient < len(cohort):
            raise AnalysisError(f"there is no patient {patient + 1} among {plural(len(cohort), 'patient')}")
        at = np.flatnonzero(design.rows == patient)
        if not len(at):
            raise AnalysisError("this patient lacks the endpoint or a covariate; enter values for all of them instead")
        k = int(at[0])
        recorded = tuple((c.label, _told(c, int(c.codes[k]))) for c in design.covariates)
        return data.x[k, data.columns], recorded, np.arange(data.n) != k
    parts: list[np.ndarray] = []
    values: list[tuple[str, str]] = []
    for covariate in design.covariates:
        if covariate.name not in patient:
            raise AnalysisError(f"a value of '{covariate.name}' is missing")
        part, entered = _entered(covariate, patient[covariate.name])
        parts.append(part)
        values.append((covariate.label, entered))
    return np.concatenate(parts), tuple(values), np.ones(data.n, dtype=bool)


def _told(covariate: Covariate, code: int) -> str:
    if covariate.kind == "factor":
        return covariate.levels[code]
    return _number(covariate, float(covariate.columns[code, 0]))


def _number(covariate: Covariate, value: float) -> str:
    unit = "" if covariate.name == N_SITES else covariate.unit
    return f"{format_number(value, 1).removesuffix('.0')} {unit}".strip()


def _entered(covariate: Covariate, value: Value) -> tuple[np.ndarray, str]:
    if covariate.kind == "factor":
        known = {normalise(level): i for i, level in enumerate(covariate.levels)}
        code = known.get(normalise(str(value)))
        if code is None:
            there = joined(covariate.levels, "or")
            raise AnalysisError(f"'{value}' is not a level of {covariate.name} among these patients; there is {there}")
        columns = covariate.columns[code] if covariate.columns.shape[1] else np.zeros(1)
        return columns, covariate.levels[code]
    try:
        number = float(value)
    except ValueError:
        raise AnalysisError(f"'{value}' is not a number, which {covariate.name} is") from None
    low, high = float(covariate.columns.min()), float(covariate.columns.max())
    if not low <= number <= high:
        raise AnalysisError(
            f"{covariate.name} {number:g} lies outside {low:g} to {high:g}, where the model has seen patients"
        )
    return np.array([number]), _number(covariate, number)
