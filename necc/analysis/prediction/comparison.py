"""Prediction models compared by repeated cross-validation, on patients that no model was fitted to.

With few events the honest answer is often that nothing beats one simple covariate, here the number of sites; it is
compared like any other model, in the same folds.

References:
    1. Molinaro AM, Simon R, Pfeiffer RM. Bioinformatics 2005;21:3301-7. doi:10.1093/bioinformatics/bti499 (resampling)
    2. Nadeau C, Bengio Y. Mach Learn 2003;52:239-81. doi:10.1023/A:1024068626366 (intervals)
    3. Breiman L. Mach Learn 2001;45:5-32. doi:10.1023/A:1010933404324 (permutation importance)
    4. Collins GS, et al. TRIPOD+AI. BMJ 2024;385:e078378. doi:10.1136/bmj-2023-078378 (what to report)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from necc.analysis.prediction import metrics
from necc.analysis.prediction.folds import SINGLE, Data, Key, Progress, Run, data_of, make_plan
from necc.analysis.prediction.models import LEARNERS, Learner, fit_cox, fit_null, require
from necc.analysis.prediction.results import (
    NO_MODEL,
    NULL,
    PRIMARY,
    CalibrationGroup,
    Difference,
    Importance,
    ModelComparison,
    ModelPerformance,
    Score,
)
from necc.analysis.regression.design import build_design
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import N_SITES
from necc.core.errors import AnalysisError
from necc.core.estimate import check_level
from necc.core.guardrails import later_than, own_outcome, sentences
from necc.core.names import numbers_in
from necc.core.result import answers, header
from necc.core.text import joined

LARGEST = 1_000  # patients compared; more are drawn at random
THRESHOLDS = tuple(round(0.05 * i, 2) for i in range(1, 19))
DECIDED_BY = (PRIMARY, "ibs")


@answers
@public
def compare_models(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str],
    *,
    models: str | Iterable[str] = tuple(LEARNERS),
    comparator: str | None = N_SITES,
    times: float | Iterable[float] = (),
    folds: int = 5,
    repeats: int | None = None,
    importance: bool = True,
    level: float = 0.95,
    seed: int = 1,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ModelComparison:
    """Compares prediction models by repeated cross-validation with folds of equal shares of events [1].

    Harrell's C decides; its differences within folds get the corrected resampled t interval [2], widened (Bonferroni)
    for the number of models. A comparison is the same for the same seed.

    Args:
        covariates: as `necc.analysis.regression.cox` takes them; patients who lack one are left out and counted.
        models: of "cox", "coxnet", "forest", "boosting".
        comparator: the single covariate to beat; None, or a cohort without sites, for chance alone.
        times: of the AUC, in the endpoint's unit; the last one is also that of calibration and net benefit. By default
            the thirds of the event times.
        folds, repeats: five folds; ten repeats up to 300 patients, three beyond, unless said otherwise.
        importance: permutation importance of each covariate.
        progress: called with the share done, and what is being done, between two fits.
        cancelled: asked between two fits.

    Raises:
        AnalysisError: scikit-survival isn't installed, the cohort lacks something, or an option is unknown.
        Cancelled: `cancelled` said so.

    Example:
        >>> comparison = compare_models(cohort, "PRS", ["n_sites"], models=["cox"], folds=3, repeats=1)
        >>> comparison.n
        88
    """
    chosen = _learners(models)
    if not covariates:
        raise AnalysisError("name at least one covariate")
    if folds < 2 or (repeats is not None and repeats < 1):
        raise AnalysisError("a cross-validation needs two folds and one repeat or more")
    check_level(level)
    if comparator == N_SITES and not cohort.site_names:
        comparator = None
    every = list(covariates) + ([comparator] if comparator and comparator not in covariates else [])
    data = data_of(build_design(cohort, endpoint, every), covariates, comparator)
    outcome, labels = data.design.outcome, {c.name: c.label for c in data.design.covariates}
    columns = cohort.dictionary.endpoints[outcome.name].columns
    notes = [*sentences(own_outcome(cohort, outcome.label, columns, labels)), *outcome.notes]
    if late := [labels[name] for name in later_than(cohort, outcome.starts_at, labels)]:
        notes.append(
            f"{joined(late)}: known only after time zero, so a prediction at time zero cannot use it, and its "
            f"measures here are too optimistic"
        )
    data = _drawn(data, seed, notes)
    plan = make_plan(data, folds, repeats, numbers_in(times), level, seed, notes)
    if plan is None:
        return ModelComparison(**_asked(data, covariates, comparator), seed=seed, level=level, notes=tuple(notes))
    require()
    learners = [*_baselines(data, comparator), *chosen]
    run = Run(data, plan, learners, importance, progress, cancelled)
    run.all()
    return _result(run, covariates, comparator, notes)


def _learners(models: Iterable[str]) -> list[Learner]:
    names = list(dict.fromkeys(models))
    if unknown := [n for n in names if n not in LEARNERS]:
        raise AnalysisError(f"no model '{unknown[0]}'; there are {joined(tuple(LEARNERS))}")
    return [LEARNERS[n] for n in names]


def _baselines(data: Data, comparator: str | None) -> list[Learner]:
    learners = [Learner(NULL, NO_MODEL, "the same curve for all patients", fit_null)]
    if comparator:
        label = next(c.label for c in data.design.covariates if c.name == comparator)
        learners.append(Learner(SINGLE, f"{label} alone", "Cox model of one covariate", fit_cox))
    return learners


def _drawn(data: Data, seed: int, notes: list[str]) -> Data:
    if data.n <= LARGEST:
        return data
    rows = np.sort(np.random.default_rng(seed).choice(data.n, LARGEST, replace=False))
    notes.append(f"{LARGEST:,} of {data.n:,} patients drawn at random: trees take too long on more")
    return replace(data, x=data.x[rows], time=data.time[rows], event=data.event[rows])


# ---------------------------------------------------------------- the result
def _result(run: Run, covariates: Sequence[str], comparator: str | None, notes: list[str]) -> ModelComparison:
    data, plan = run.data, run.plan
    labels = {c.name: c.label for c in data.design.covariates}
    performances = tuple(_performance(run, learner, labels) for learner in run.learners)
    at = plan.times[-1]
    everyone = np.ones(data.n)
    if (per := int(data.event.sum()) / max(len(data.columns), 1)) < 10:
        notes.append(f"{per:.1f} events per coefficient: models of so many covariates overfit")
    return ModelComparison(
        **_asked(data, covariates, comparator), folds=plan.folds, repeats=plan.repeats, seed=plan.seed,
        level=plan.level, horizon=plan.horizon, times=plan.times, time=at, models=performances,
        differences=_differences(run), thresholds=THRESHOLDS,
        treat_all=metrics.net_benefit(data.time, data.event, everyone, at, np.array(THRESHOLDS)), notes=tuple(notes),
    )  # fmt: skip


def _asked(data: Data, covariates: Sequence[str], comparator: str | None) -> dict[str, Any]:
    """What was asked of whom: the fields that every comparison has."""
    labels = {c.name: c.label for c in data.design.covariates}
    names = tuple(dict.fromkeys(covariates))
    return {
        **header(data.design.outcome), "covariates": names, "covariate_labels": tuple(labels[n] for n in names),
        "n": data.n, "n_events": int(data.event.sum()), "n_columns": len(data.columns),
        "excluded": data.design.excluded, "comparator": SINGLE if comparator else None,
        "comparator_label": labels[comparator] if comparator else "",
    }  # fmt: skip


def _performance(run: Run, learner: Learner, labels: dict[str, str]) -> ModelPerformance:
    tally, plan = run.tallies[learner.name], run.plan
    share = 1 / (plan.folds - 1)
    blocks = run.blocks()
    drops = np.array(tally.drops).T
    importance = tuple(
        Importance(name, labels[name], metrics.corrected_interval(values, share, plan.level))
        for name, values in zip(blocks, drops, strict=True)
    ) if len(drops) else ()  # fmt: skip
    kept = np.array(tally.kept)
    chosen = tuple((n, float(kept[:, cs].any(axis=1).mean())) for n, cs in blocks.items()) if len(kept) else ()
    fits = plan.folds * plan.repeats
    notes = [f"{note}, in {n} of {fits} fits" for note, n in tally.notes.items()]
    if tally.failed:
        notes.append(f"{tally.failed} of {fits} fits failed")
    calibration, benefit = _at_time(run, learner)
    return ModelPerformance(
        name=learner.name, label=learner.label, settings=learner.settings,
        scores=tuple(_score(run, learner.name, key) for key in run.measures()), apparent=run.apparent[learner.name],
        calibration=calibration, net_benefit=benefit,
        importance=tuple(sorted(importance, key=lambda i: -(i.drop.value or 0.0))), kept=chosen, n_failed=tally.failed,
        notes=tuple(notes),
    )  # fmt: skip


def _values(run: Run, name: str, key: Key) -> np.ndarray:
    return np.array(run.tallies[name].scores[key])


def _score(run: Run, name: str, key: Key) -> Score:
    plan, values = run.plan, _values(run, name, key)
    estimate = metrics.corrected_interval(values, 1 / (plan.folds - 1), plan.level)
    rows = values.reshape(plan.repeats, plan.folds)
    means = [row[~np.isnan(row)].mean() for row in rows if not np.isnan(row).all()]
    spread = (float(min(means)), float(max(means))) if means and estimate.value is not None else None
    return Score(key[0], key[1], estimate, spread, int((~np.isnan(values)).sum()))


def _differences(run: Run) -> tuple[Difference, ...]:
    """Each model against the single covariate and against none, in the measures that decide.

    The single covariate is named beforehand; the intervals of the others are widened for their number.
    """
    plan, names = run.plan, [learner.name for learner in run.learners]
    differences = []
    for against in (SINGLE, NULL):
        if against not in names:
            continue
        others = [n for n in names if n not in (NULL, against)]
        several = sum(n != SINGLE for n in others)
        for metric in DECIDED_BY:
            base = _values(run, against, (metric, None))
            for name in others:
                values = _values(run, name, (metric, None)) - base
                level = plan.level if name == SINGLE else 1 - (1 - plan.level) / several
                estimate = metrics.corrected_interval(values, 1 / (plan.folds - 1), level)
                differences.append(Difference(name, against, metric, estimate))
    return tuple(differences)


def _at_time(run: Run, learner: Learner) -> tuple[tuple[CalibrationGroup, ...], tuple[float | None, ...]]:
    """Calibration and net benefit of the mean prediction that each patient got when left out."""
    data, plan, at = run.data, run.plan, run.plan.times[-1]
    counted = run.counted[learner.name]
    there = counted > 0
    if not there.any():
        return (), ()
    time, event = data.time[there], data.event[there]
    survival = run.predicted[learner.name][there] / counted[there]
    n_groups = 3 if len(time) < 200 else 5
    if learner.name == NULL:
        n_groups = 1
    order = np.argsort(survival, kind="stable")
    groups = [order[part] for part in np.array_split(np.arange(len(order)), n_groups)]
    calibration = tuple(
        CalibrationGroup(
            len(g), float(survival[g].mean()), metrics.observed_survival(time[g], event[g], at, plan.level)
        )
        for g in groups if len(g)
    )  # fmt: skip
    return calibration, metrics.net_benefit(time, event, 1 - survival, at, np.array(THRESHOLDS))
