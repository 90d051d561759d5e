"""Results of comparing prediction models: frozen, unrounded, with what a reader needs to judge them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from necc.core.estimate import Estimate
from necc.core.result import EndpointResult, Result, median_of, to_json
from necc.core.text import joined

METRICS = {
    "harrell": "Harrell's C",
    "uno": "Uno's C",
    "auc": "AUC",
    "ibs": "Integrated Brier score",
}
LOWER_IS_BETTER = ("ibs",)
PRIMARY = "harrell"
NULL = "null"
NO_MODEL = "No model (Kaplan-Meier)"
NOT_VALIDATED = (
    "This curve was not validated: no other cohort has tested the model, and the band holds only the uncertainty of "
    "fitting it to these patients. It is not a forecast for a person and no basis for a decision on treatment."
)


@dataclass(frozen=True)
class Score(Result):
    """One measure of one model on patients it wasn't fitted to, `time` for those that are of a time.

    estimate: mean over the folds, with an interval that allows for their overlap. spread: smallest and largest mean of
    a repeat, which tells only how much the split matters. n_folds: folds that had an answer.
    """

    metric: str
    time: float | None
    estimate: Estimate
    spread: tuple[float, float] | None
    n_folds: int

    @property
    def label(self) -> str:
        return METRICS[self.metric]

    def to_dict(self) -> dict[str, object]:
        fields = super().to_dict()
        fields["value"] = fields.pop("estimate")
        return fields


@dataclass(frozen=True)
class Difference(Result):
    """A model's measure minus another's in the same folds; intervals are widened for the number of models compared."""

    model: str
    against: str
    metric: str
    estimate: Estimate

    @property
    def better(self) -> bool:
        """Whether the whole interval lies on the model's side of zero."""
        low, high = self.estimate.lower, self.estimate.upper
        if low is None or high is None:
            return False
        return high < 0 if self.metric in LOWER_IS_BETTER else low > 0

    @property
    def worse(self) -> bool:
        low, high = self.estimate.lower, self.estimate.upper
        if low is None or high is None:
            return False
        return low > 0 if self.metric in LOWER_IS_BETTER else high < 0

    def to_dict(self) -> dict[str, object]:
        fields = super().to_dict()
        fields["difference"] = fields.pop("estimate")
        return {**fields, "level": self.estimate.level, "better": self.better}


@dataclass(frozen=True)
class CalibrationGroup(Result):
    """Patients with similar predictions: mean predicted survival at the time, and what was observed."""

    n: int
    predicted: float
    observed: Estimate


@dataclass(frozen=True)
class Importance(Result):
    """How much Harrell's C falls when a covariate's values are exchanged among the left-out patients."""

    covariate: str
    label: str
    drop: Estimate


@dataclass(frozen=True, kw_only=True)
class ModelPerformance(Result):
    """One model: its measures, calibration and net benefit at `Comparison.time`, importance of its covariates.

    apparent: Harrell's C on the patients it was fitted to, which flatters. kept: share of fits in which a covariate had
    a coefficient other than zero (penalised model). n_failed: fits that failed, of all.
    """

    name: str
    label: str
    settings: str
    scores: tuple[Score, ...]
    apparent: float | None
    calibration: tuple[CalibrationGroup, ...]
    net_benefit: tuple[float | None, ...]
    importance: tuple[Importance, ...]
    kept: tuple[tuple[str, float], ...]
    n_failed: int
    notes: tuple[str, ...] = ()

    def score(self, metric: str, time: float | None = None) -> Score:
        """The score of a measure; without a time the first one.

        Raises:
            KeyError: there is none.
        """
        for score in self.scores:
            if score.metric == metric and (time is None or score.time == time):
                return score
        raise KeyError(metric)

    def to_dict(self) -> dict[str, object]:
        fields = super().to_dict()
        fields["apparent_c"] = fields.pop("apparent")
        return {**fields, "kept": dict(self.kept)}


@dataclass(frozen=True, kw_only=True)
class ModelComparison(EndpointResult):
    """Prediction models against each other, against one simple covariate, and against no model at all.

    n_fits: folds times repeats. horizon: measures look up to here. time: of calibration and net benefit.
    comparator: name of the model with one covariate; None without. treat_all: net benefit of calling all high-risk.
    """

    covariates: tuple[str, ...]
    covariate_labels: tuple[str, ...]
    n_columns: int
    folds: int = 0
    repeats: int = 0
    seed: int
    level: float
    horizon: float | None = None
    times: tuple[float, ...] = ()
    time: float | None = None
    models: tuple[ModelPerformance, ...] = ()
    comparator: str | None
    comparator_label: str
    differences: tuple[Difference, ...] = ()
    thresholds: tuple[float, ...] = ()
    treat_all: tuple[float | None, ...] = ()

    @property
    def estimable(self) -> bool:
        return bool(self.models)

    def model(self, name: str) -> ModelPerformance:
        """The model of this name.

        Raises:
            KeyError: it wasn't compared.
        """
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)

    def difference(self, model: str, against: str, metric: str = PRIMARY) -> Difference:
        """The difference of two models in one measure.

        Raises:
            KeyError: they weren't compared in it.
        """
        for d in self.differences:
            if (d.model, d.against, d.metric) == (model, against, metric):
                return d
        raise KeyError((model, against, metric))

    @property
    def candidates(self) -> tuple[ModelPerformance, ...]:
        """The models of all covariates: without no model, and without the one of a single covariate."""
        return tuple(m for m in self.models if m.name not in (NULL, self.comparator))

    @property
    def beating(self) -> tuple[ModelPerformance, ...]:
        """Candidates whose Harrell's C is above the simple covariate's (or chance) by an interval without zero."""
        against = self.comparator or NULL
        return tuple(m for m in self.candidates if self._better(m.name, against))

    def _better(self, model: str, against: str, metric: str = PRIMARY) -> bool:
        return any(d.better for d in self.differences if (d.model, d.against, d.metric) == (model, against, metric))

    @property
    def verdict(self) -> tuple[str, ...]:
        """What the comparison shows, by rule: intervals with zero in them show no difference."""
        if not self.estimable:
            return ("The comparison is not estimable.",)
        against = f"{self.comparator_label.lower()} alone" if self.comparator else "chance"
        against = f"the {against}" if against.startswith("number") else against
        none = f"No model is shown to order patients better than {against}"
        if self.beating:
            first = f"Ordering patients better than {against} (Harrell's C): {joined([m.label for m in self.beating])}."
        elif any(self._worse(m.name, self.comparator or NULL) for m in self.candidates):
            first = f"{none}: no model's Harrell's C is above it by an interval without zero."
        else:
            first = f"{none}: the interval of every model's difference in Harrell's C includes zero."
        said = [first]
        if self.comparator and not self._better(self.comparator, NULL):
            said.append(f"{against[:1].upper()}{against[1:]} isn't shown to order patients better than chance.")
        accurate = [m.label for m in self.models if m.name != NULL and self._better(m.name, NULL, "ibs")]
        if accurate:
            said.append(f"Closer to what happened than one curve for all: survival predicted by {joined(accurate)}.")
        else:
            said.append("No model's predicted survival is shown to be closer to what happened than one curve for all.")
        return tuple(said)

    def _worse(self, model: str, against: str) -> bool:
        return any(d.worse for d in self.differences if (d.model, d.against, d.metric) == (model, against, PRIMARY))

    def to_frame(self) -> pd.DataFrame:
        """One row a model and measure."""
        rows = [{"model": m.name, **s.to_dict()} for m in self.models for s in m.scores]
        columns = ["model", "metric", "time", "value", "ci_lower", "ci_upper", "spread", "n_folds"]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        return {**super().to_dict(), "verdict": list(self.verdict)}


@dataclass(frozen=True, eq=False, kw_only=True)
class PatientPrediction(EndpointResult):
    """The predicted curve of one patient, with a band over models fitted to resampled patients.

    values: (label, value) of each covariate. left_out: the patient was left out of the fit. All arrays have shape
    (n_times,); `everyone` is the Kaplan-Meier curve of the fitted patients. median: where the curve and its band fall
    to one half. `warning` always stands beside it.
    """

    single = True

    model: str
    model_label: str
    settings: str
    values: tuple[tuple[str, str], ...]
    left_out: bool
    level: float
    bootstraps: int
    seed: int
    time: np.ndarray
    survival: np.ndarray
    ci_lower: np.ndarray
    ci_upper: np.ndarray
    everyone: np.ndarray
    median: Estimate
    warning: str = NOT_VALIDATED

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded."""
        limits = {"ci_lower": to_json(self.ci_lower), "ci_upper": to_json(self.ci_upper)}
        return {**super().to_dict(), "values": dict(self.values), **limits, **median_of(self.median)}

    def to_frame(self) -> pd.DataFrame:
        """One row a time: time, survival, ci_lower, ci_upper and `everyone`, the curve of the fitted patients."""
        return pd.DataFrame({k: getattr(self, k) for k in ("time", "survival", "ci_lower", "ci_upper", "everyone")})
