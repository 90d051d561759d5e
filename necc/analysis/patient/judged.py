"""Whether those like a patient tell more of her than everybody does: judged on patients who were left out.

Each patient in turn is left out; her survival is foretold by the Kaplan-Meier curve of all others, and by that of those
like her among them. The Brier score [1] is the mean squared distance of what was foretold from what happened, weighted
by the inverse chance of not being censored [2]. The difference of the two has the standard error of its mean over the
patients: the weights are taken as known and the curves share patients, so the interval is a rough one.

References:
    1. Graf E, Schmoor C, Sauerbrei W, Schumacher M. Stat Med 1999;18:2529-45.
       doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5
    2. Gerds TA, Schumacher M. Biom J 2006;48:1029-40. doi:10.1002/bimj.200610301
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from necc.analysis.patient.results import Case
from necc.analysis.patient.similar import like_fields, recorded_level
from necc.analysis.prediction import predict_patient
from necc.analysis.prediction.metrics import Steps, censoring, product_limit
from necc.analysis.prediction.results import NULL, ModelComparison, ModelPerformance, PatientPrediction
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import one_year
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.guardrails import FEW_AT_RISK, LEAST_TEST
from necc.core.names import numbers_in
from necc.core.result import EndpointResult, Result, answers, header
from necc.core.text import format_number, plural

LARGEST = 1_000  # of more patients some are judged
JUDGED = 300
METHOD = "paired, normal"
LEVEL = 0.95  # of the rough interval
TIED = 1e-9


@dataclass(frozen=True)
class JudgedAt(Result):
    """Brier scores at a time, of patients left out: by everybody's curve, and by that of those like each.

    difference: those like her minus everybody, below zero where the rule is better; with its rough interval.
    n_at_risk: under observation at the time. Scores are None, with a note, where too few are left or had the event.
    """

    at: float
    n_at_risk: int
    everybody: float | None
    like_her: float | None
    difference: Estimate
    note: str = ""

    @property
    def better(self) -> bool:
        """Whether the rule is shown to foretell better: the whole interval is below zero."""
        return self.difference.upper is not None and self.difference.upper < 0

    @property
    def worse(self) -> bool:
        """Whether it is shown to foretell worse."""
        return self.difference.lower is not None and self.difference.lower > 0

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        return {**super().to_dict(), "better": self.better, "worse": self.worse}


@dataclass(frozen=True, kw_only=True)
class RuleJudgement(EndpointResult):
    """The rule of who is like a patient, judged on patients left out one by one.

    fields: the rule, the most important first; labels: in words. n_judged: patients who were left out, of more than a
    thousand some. median_like: the median number of those like a patient.
    """

    rows_in = "rows"

    fields: tuple[str, ...]
    labels: tuple[str, ...]
    at_least: int
    n_judged: int
    median_like: float | None
    rows: tuple[JudgedAt, ...]

    @property
    def better_at(self) -> tuple[float, ...]:
        """The times at which the rule is shown to foretell better than everybody's curve."""
        return tuple(row.at for row in self.rows if row.better)


@answers
@public
def judge_rule(
    cohort: Cohort,
    endpoint: str,
    fields: str | Iterable[str] | None = None,
    at_least: int = LEAST_TEST,
    *,
    times: float | Iterable[float] | None = None,
) -> RuleJudgement:
    """Foretells each patient without her, by everybody's curve and by that of those like her; see the module.

    A curve that ends before a time keeps its last value. Of more than a thousand patients 300 are judged, spread over
    the times.

    Args:
        fields, at_least: the rule, as `similar` takes it.
        times: in the endpoint's unit; one and two years without.

    Raises:
        AnalysisError: the cohort lacks the endpoint or a field, `at_least` is below 1, or a time isn't above 0.

    Example:
        >>> judged = judge_rule(cohort, "PRS", ["site:abdominal", "number_of_sites_gt_1"])
        >>> [(row.at, round(row.everybody, 3), round(row.like_her, 3)) for row in judged.rows]
        [(12.0, 0.216, 0.225), (24.0, 0.257, 0.247)]
    """
    if at_least < 1:
        raise AnalysisError(f"at least 1 patient must be looked for, not {at_least}")
    outcome = cohort.endpoint(endpoint)
    year = one_year(outcome.unit)
    asked = np.array([year, 2 * year] if times is None else numbers_in(times))
    if not (np.isfinite(asked) & (asked > 0)).all():
        raise AnalysisError("times to judge at must be above 0")
    names = like_fields(cohort) if fields is None else tuple(dict.fromkeys(fields))
    codes = np.array([cohort.factor(name).codes[outcome.valid] for name in names], dtype=np.int16)
    codes = codes.reshape(len(names), outcome.n)
    time, event = outcome.time[outcome.valid], outcome.event[outcome.valid]
    rows = _judged(time, event)
    everybody = _without_each(time, event, asked, rows)
    like, sizes = np.empty_like(everybody), np.empty(len(rows))
    for k, i in enumerate(rows.tolist()):
        chosen = _like(codes, i, at_least)
        sizes[k] = chosen.sum()
        like[k] = product_limit(time[chosen], event[chosen]).at(asked) if chosen.any() else everybody[k]
    stays = censoring(time, event)
    losses = [_losses(time[rows], event[rows], s, stays, asked) for s in (everybody, like)]
    results = tuple(_row(time, event, float(t), losses[0][:, j], losses[1][:, j]) for j, t in enumerate(asked))
    notes = [*outcome.notes]
    if len(rows) < len(time):
        notes.append(f"{len(rows):,} of {plural(len(time), 'patient')} are left out one by one, spread over the times")
    return RuleJudgement(
        **header(outcome), n=outcome.n, n_events=outcome.n_events, excluded=outcome.excluded, notes=tuple(notes),
        fields=names, labels=tuple(cohort.factor(name).label for name in names), at_least=at_least, n_judged=len(rows),
        median_like=float(np.median(sizes)) if len(sizes) else None, rows=results,
    )  # fmt: skip


def _judged(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """The rows that are left out in turn: all, or some at equal steps of the order by time."""
    if len(time) <= LARGEST:
        return np.arange(len(time))
    order = np.lexsort((event, time))
    chosen: np.ndarray = order[np.linspace(0, len(order) - 1, JUDGED).round().astype(int)]
    return chosen


def _like(codes: np.ndarray, i: int, at_least: int) -> np.ndarray:
    """Who is like patient i by the rule; bool, shape (n,). codes: shape (n_fields, n), -1 not recorded."""
    known = codes[codes[:, i] >= 0]
    match = np.logical_and.accumulate(known == known[:, [i]], axis=0)
    match[:, i] = False
    enough = np.flatnonzero(match.sum(axis=1) >= at_least)
    everyone = np.ones(codes.shape[1], dtype=bool)
    everyone[i] = False
    return match[enough[-1]] if len(enough) else everyone


def _without_each(time: np.ndarray, event: np.ndarray, times: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Kaplan-Meier survival of all others of each row, at some times; shape (n_rows, n_chosen)."""
    grid, codes = np.unique(time, return_inverse=True)
    events = np.bincount(codes, weights=event, minlength=len(grid))
    at_risk = np.bincount(codes, minlength=len(grid))[::-1].cumsum()[::-1]
    result = np.empty((len(rows), len(times)))
    for k, i in enumerate(rows.tolist()):
        own, n = events.copy(), at_risk.copy()
        own[codes[i]] -= event[i]
        n[: codes[i] + 1] -= 1
        result[k] = Steps(grid, np.cumprod(1 - own / np.maximum(n, 1))).at(times)
    return result


def _losses(time: np.ndarray, event: np.ndarray, survival: np.ndarray, stays: Steps, times: np.ndarray) -> np.ndarray:
    """Each patient's part of the Brier score [1] at some times; NaN where nobody is followed that far."""
    dead = event[:, None] & (time[:, None] <= times)
    alive = time[:, None] > times
    own, at = stays.at(time)[:, None], stays.at(times)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(dead, survival**2 / own, 0) + np.where(alive, (1 - survival) ** 2 / at, 0)
    return np.where(at > 0, parts, np.nan)


def _row(time: np.ndarray, event: np.ndarray, at: float, whole: np.ndarray, like: np.ndarray) -> JudgedAt:
    left, events = int((time >= at - TIED).sum()), int((event & (time <= at)).sum())
    none = Estimate(None, None, None, LEVEL, METHOD)
    if left < FEW_AT_RISK or events < FEW_AT_RISK or len(time) < LEAST_TEST or np.isnan(whole).any():
        note = f"too few at {format_number(at)}: {plural(left, 'patient')} under observation, {plural(events, 'event')}"
        return JudgedAt(at, left, None, None, none, note)
    apart = like - whole
    mean, reach = (
        float(apart.mean()),
        float(ndtri(0.5 + LEVEL / 2)) * float(apart.std(ddof=1)) / float(np.sqrt(len(apart))),
    )
    difference = Estimate(mean, mean - reach, mean + reach, LEVEL, METHOD)
    return JudgedAt(at, left, float(whole.mean()), float(like.mean()), difference)


# ---------------------------------------------------------------- prediction beside it
def beats_rule(comparison: ModelComparison, judgement: RuleJudgement) -> ModelPerformance | None:
    """The prediction model that may stand beside a patient, by a comparison that was made before; None without.

    It orders patients better than the simple covariate, its predicted survival is closer to what happened than
    everybody's curve, each by an interval without zero; and where the rule of those like her is itself shown to beat
    everybody's curve, the model takes a larger part of the score away. Of several, the one with the lowest integrated
    Brier score.

    Raises:
        AnalysisError: the two are about different endpoints.

    Example:
        >>> comparison = compare_models(cohort, "PRS", ["n_sites"], models=["cox"], folds=3, repeats=1)
        >>> beats_rule(comparison, judge_rule(cohort, "PRS")) is None
        True
    """
    if comparison.endpoint != judgement.endpoint:
        raise AnalysisError(f"the models were compared for {comparison.endpoint}, the rule for {judgement.endpoint}")
    rule = max((_gain(row) for row in judgement.rows if row.better), default=0.0)
    models: list[tuple[float, ModelPerformance]] = []
    for model in comparison.beating:
        try:
            closer = comparison.difference(model.name, NULL, "ibs")
            own, none = (comparison.model(name).score("ibs").estimate.value for name in (model.name, NULL))
        except KeyError:
            continue
        if closer.better and own is not None and none and 1 - own / none > rule:
            models.append((own, model))
    return min(models, key=lambda pair: pair[0])[1] if models else None


def _gain(row: JudgedAt) -> float:
    """The part of everybody's score that the rule takes away."""
    return 1 - row.like_her / row.everybody if row.like_her is not None and row.everybody else 0.0


def predict_case(
    case: Case, comparison: ModelComparison, judgement: RuleJudgement, *, bootstraps: int = 200
) -> PatientPrediction | None:
    """What the model that beats the rule foretells of a patient, fitted without her, with its band.

    None where no model does, or where a value that the model needs isn't recorded of her or lies outside those seen.

    Raises:
        AnalysisError: case, comparison and judgement aren't about the same endpoint.

    Example:
        >>> comparison = compare_models(cohort, "PRS", ["n_sites"], models=["cox"], folds=3, repeats=1)
        >>> predict_case(case(cohort, 2), comparison, judge_rule(cohort, "PRS")) is None
        True
    """
    if case.endpoint != comparison.endpoint:
        raise AnalysisError(f"the case is about {case.endpoint}, the models were compared for {comparison.endpoint}")
    model = beats_rule(comparison, judgement)
    values = {name: _recorded(case.patient, name) for name in comparison.covariates}
    if model is None or None in values.values():
        return None
    known = {name: value for name, value in values.items() if value is not None}
    try:
        result = predict_patient(case.others, case.endpoint, comparison.covariates, known, model=model.name,
                                 bootstraps=bootstraps)  # fmt: skip
    except AnalysisError:  # a value that the model hasn't seen, or too few events without her
        return None
    return replace(result, left_out=not case.entered)


def _recorded(patient: Cohort, name: str) -> float | str | None:
    """Her value of a covariate; None where it isn't recorded."""
    try:
        value = float(patient.number(name)[0])
        return value if np.isfinite(value) else None
    except AnalysisError:
        return recorded_level(patient, name)
