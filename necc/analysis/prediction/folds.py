"""The cross-validation itself: who is left out when, and what each model says of those it hasn't seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from necc.analysis.prediction import metrics
from necc.analysis.prediction.models import FAILURES, Fit, Learner, inner_folds
from necc.analysis.prediction.results import NULL
from necc.analysis.regression.design import Design
from necc.core.errors import NeccError
from necc.core.frozen import Frozen
from necc.core.text import format_number, joined, plural

Progress = Callable[[float, str], None]
Key = tuple[str, float | None]
EVENTS_PER_FOLD = 5
GRID = 40  # times of the integrated Brier score
PERMUTATIONS = 5
SINGLE = "single"


class Cancelled(NeccError):
    """The comparison was stopped by who had started it."""


@dataclass(frozen=True, eq=False)
class Data(Frozen):
    """The analysed patients as arrays: x (n, n_columns), time, event (n,); blocks: columns of each covariate.

    columns: those of the models of all covariates; single: those of the single covariate, which may not be among them.
    """

    design: Design
    x: np.ndarray
    time: np.ndarray
    event: np.ndarray
    blocks: dict[str, tuple[int, ...]]
    columns: np.ndarray
    single: np.ndarray

    @property
    def n(self) -> int:
        return len(self.time)


def data_of(design: Design, covariates: Sequence[str], single: str | None = None) -> Data:
    design, blocks = design.in_order(), dict(design.groups)
    columns = np.array([c for name in dict.fromkeys(covariates) for c in blocks[name]], dtype=int)
    alone = np.array(blocks[single] if single else (), dtype=int)
    return Data(design, design.x, design.outcome.grid[design.time], design.event, blocks, columns, alone)


def horizon_of(time: np.ndarray) -> float:
    """The last time at which a tenth of the patients, and at least five, are still under observation."""
    ordered = np.sort(time)
    return float(ordered[-max(5, -(-len(ordered) // 10))]) if len(ordered) >= 5 else 0.0


# ---------------------------------------------------------------- the plan
@dataclass(frozen=True, eq=False)
class Plan(Frozen):
    """What is done to all models alike. fold: shape (repeats, n), the fold in which each patient is left out."""

    fold: np.ndarray
    folds: int
    horizon: float
    grid: np.ndarray
    times: tuple[float, ...]
    level: float
    seed: int

    @property
    def repeats(self) -> int:
        return len(self.fold)


def make_plan(
    data: Data, folds: int, repeats: int | None, times: Iterable[float], level: float, seed: int, notes: list[str]
) -> Plan | None:
    """None, with a note, where there are too few events to leave some out."""
    events, horizon = int(data.event.sum()), horizon_of(data.time)
    early = data.time[data.event & (data.time <= horizon)]
    usable = min(folds, events // EVENTS_PER_FOLD)
    if usable < 2 or not horizon > 0 or len(np.unique(early)) < 4:
        notes.append(
            f"not estimable: {plural(events, 'event')} in {plural(data.n, 'patient')}; a cross-validation needs "
            f"{EVENTS_PER_FOLD} events in each of two folds at least"
        )
        return None
    if usable < folds:
        notes.append(f"{usable} folds instead of {folds}, so that each has {EVENTS_PER_FOLD} events or more")
    if not data.x[:, data.columns].size or not np.ptp(data.x[:, data.columns], axis=0).any():
        notes.append("not estimable: every covariate is constant among the analysed patients")
        return None
    repeats = repeats or (10 if data.n <= 300 else 3)
    chosen = sorted({float(t) for t in times})
    beyond = [t for t in chosen if not 0 < t < horizon]
    if beyond:
        late = joined([format_number(t, 1) for t in beyond])
        notes.append(
            f"time {late}: not between 0 and {format_number(horizon, 1)}, where a tenth of the patients are left"
        )
    chosen = [t for t in chosen if t not in beyond] or np.unique(
        np.quantile(early, (1 / 3, 2 / 3), method="higher")
    ).tolist()
    fold = np.array([inner_folds(data.event, seed * 1009 + r, usable) for r in range(repeats)])
    grid = np.linspace(float(early.min()), horizon, GRID + 1)[:-1]
    return Plan(fold, usable, horizon, grid, tuple(t for t in chosen if t < horizon), level, seed)


# ---------------------------------------------------------------- the run
@dataclass
class Tally:
    """What the folds of one model gave: lists over folds, NaN without an answer."""

    scores: dict[Key, list[float]] = field(default_factory=dict)
    drops: list[np.ndarray] = field(default_factory=list)
    kept: list[np.ndarray] = field(default_factory=list)
    failed: int = 0
    notes: dict[str, int] = field(default_factory=dict)

    def add(self, key: Key, value: float | None) -> None:
        self.scores.setdefault(key, []).append(np.nan if value is None else value)


class Run:
    """All fits of a comparison, one after another."""

    def __init__(
        self, data: Data, plan: Plan, learners: list[Learner], importance: bool, progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ):  # fmt: skip
        self.data, self.plan, self.learners, self.importance = data, plan, learners, importance
        self.progress, self.cancelled = progress, cancelled
        self.tallies = {learner.name: Tally() for learner in learners}
        # survival at the plan's last time of each patient when left out, summed over repeats
        self.predicted = {learner.name: np.zeros(data.n) for learner in learners}
        self.counted = {learner.name: np.zeros(data.n) for learner in learners}
        self.apparent: dict[str, float | None] = {}
        self.done, self.steps = 0, len(learners) * (plan.repeats * plan.folds + 1)

    def all(self) -> None:
        for r in range(self.plan.repeats):
            for k in range(self.plan.folds):
                test = self.plan.fold[r] == k
                for learner in self.learners:
                    self._step(f"{learner.label}, repeat {r + 1} of {self.plan.repeats}")
                    self._fold(learner, test, self.plan.seed + 1000 * r + k)
        for learner in self.learners:
            self._step(f"{learner.label}, all patients")
            self.apparent[learner.name] = self._flattered(learner)

    def _step(self, what: str) -> None:
        if self.cancelled and self.cancelled():
            raise Cancelled("the comparison was cancelled")
        if self.progress:
            self.progress(self.done / self.steps, what)
        self.done += 1

    def columns(self, learner: Learner) -> np.ndarray:
        return self.data.single if learner.name == SINGLE else self.data.columns

    def _fold(self, learner: Learner, test: np.ndarray, seed: int) -> None:
        data, train, tally = self.data, ~test, self.tallies[learner.name]
        x = data.x[:, self.columns(learner)]
        try:
            fit = learner.fit(x[train], data.time[train], data.event[train], seed)
            self._scores(learner, fit, x[test], test, train)
        except FAILURES:
            tally.failed += 1
            for key in self.measures():
                tally.add(key, None)
            return
        if fit.note:
            tally.notes[fit.note] = tally.notes.get(fit.note, 0) + 1
        if fit.kept is not None:
            tally.kept.append(fit.kept)
        if self.importance and learner.name not in (NULL, SINGLE):
            tally.drops.append(self._drops(fit, x[test], test, seed))

    def measures(self) -> list[Key]:
        return [("harrell", None), ("uno", None), *(("auc", t) for t in self.plan.times), ("ibs", None)]

    def _scores(self, learner: Learner, fit: Fit, x: np.ndarray, test: np.ndarray, train: np.ndarray) -> None:
        data, plan, tally = self.data, self.plan, self.tallies[learner.name]
        time, event = data.time[test], data.event[test]
        stays = metrics.censoring(data.time[train], data.event[train])
        risk = np.asarray(fit.risk(x), dtype=float)
        survival = fit.survival(x, np.append(plan.grid, plan.times))
        if not (np.isfinite(risk).all() and np.isfinite(survival).all()):
            raise ArithmeticError("a prediction is not a number")
        over_time, chosen = survival[:, : len(plan.grid)], survival[:, len(plan.grid) :]
        scores = [metrics.harrell(time, event, risk), metrics.uno(time, event, risk, stays, plan.horizon)]
        scores += [metrics.auc(time, event, 1 - chosen[:, j], stays, t) for j, t in enumerate(plan.times)]
        scores.append(metrics.integrated_brier(metrics.brier(time, event, over_time, stays, plan.grid), plan.grid))
        for key, value in zip(self.measures(), scores, strict=True):
            tally.add(key, value)
        self.predicted[learner.name][test] += chosen[:, -1]
        self.counted[learner.name][test] += 1

    def _drops(self, fit: Fit, x: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
        """Fall of Harrell's C by covariate, over some permutations, predicted in one go."""
        data, rng = self.data, np.random.default_rng(seed)
        time, event = data.time[test], data.event[test]
        whole = metrics.harrell(time, event, fit.risk(x))
        blocks = self.blocks()
        if whole is None:
            return np.full(len(blocks), np.nan)
        copies = []
        for places in blocks.values():
            for _ in range(PERMUTATIONS):
                shuffled = x.copy()
                shuffled[:, places] = x[rng.permutation(len(x))][:, places]
                copies.append(shuffled)
        risks = np.asarray(fit.risk(np.concatenate(copies))).reshape(len(blocks), PERMUTATIONS, len(x))
        values = [[metrics.harrell(time, event, risk) for risk in of_one] for of_one in risks]
        result: np.ndarray = whole - np.mean(np.array(values, dtype=float), axis=1)
        return result

    def blocks(self) -> dict[str, list[int]]:
        """Places of each covariate's columns among those of the models."""
        place = {int(c): i for i, c in enumerate(self.data.columns)}
        result = {name: [place[c] for c in cs if c in place] for name, cs in self.data.blocks.items()}
        return {name: cs for name, cs in result.items() if cs}

    def _flattered(self, learner: Learner) -> float | None:
        x = self.data.x[:, self.columns(learner)]
        try:
            fit = learner.fit(x, self.data.time, self.data.event, self.plan.seed)
            return metrics.harrell(self.data.time, self.data.event, np.asarray(fit.risk(x), dtype=float))
        except FAILURES:
            return None
