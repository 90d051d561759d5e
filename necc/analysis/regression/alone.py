"""The maxima of several models of one column each, at once, from counts.

A table of univariate models is many small fits. Each needs of its patients only how many of each pattern are at risk,
and have the event, at each event time; Newton's steps for all of them then are the same few sums over (covariate, event
time), so that their number costs little. The numbers are those of `maximise`, which is asked wherever more than such
steps is needed: a likelihood that may have no maximum, a column that doesn't vary, strata.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from necc.analysis.regression.design import Design
from necc.analysis.regression.fitting import CONVERGED, Maximum
from necc.analysis.regression.partial import ALIASED
from necc.analysis.regression.separation import FAR, FIRST_STEPS, FLAT
from necc.analysis.regression.ties import TieMethod, Ties

AT_ONCE = 5000  # event times of all models together: of more, sums cost more than calls


@dataclass(frozen=True, eq=False)
class _Counted:
    """One model's counts at its event times, int arrays, shape (n_patterns, n_event_times), and its scaled column.

    x: shape (n_patterns,), centred and of unit spread among those who are ever at risk at an event.
    """

    place: int
    at_risk: np.ndarray
    dying: np.ndarray
    x: np.ndarray
    scale: float
    n: int

    @classmethod
    def of(cls, design: Design, place: int) -> _Counted | None:
        """None where the model has more than one column, strata, no table of counts, or nothing to estimate."""
        counts = design.counts
        if counts is None or design.patterns.shape[1] != 1 or len(design.patterns) < 2:
            return None
        dying = counts[:, 1]
        when = np.flatnonzero(dying.any(axis=0))
        if not len(when):
            return None
        at_risk = counts.sum(axis=1)[:, ::-1].cumsum(axis=1)[:, ::-1]
        n = int(at_risk[:, 0].sum())
        at_risk, dying = at_risk[:, when], dying[:, when]
        x, each = design.patterns[:, 0], at_risk[:, 0]
        total = each.sum()
        center = each @ x / total
        spread = float(np.sqrt(each @ (x - center) ** 2 / total))
        if spread <= 1e-12 * max(abs(center), 1e-300) or n < 2:
            return None
        return cls(place, at_risk, dying, (x - center) / spread, spread, n)


@dataclass(frozen=True, eq=False)
class _Points:
    """The likelihoods at one coefficient each, and their derivatives; shape (n_models,)."""

    loglik: np.ndarray
    score: np.ndarray
    information: np.ndarray


class _Together:
    """The partial likelihoods of some models, those of two patterns first."""

    def __init__(self, models: Sequence[_Counted], ties: Ties):
        sizes = [m.dying.shape[1] for m in models]
        self.starts = np.cumsum([0, *sizes[:-1]])
        d = np.concatenate([m.dying.sum(axis=0) for m in models])
        self.n_events = np.add.reduceat(d, self.starts)
        self.method = TieMethod(ties, d)
        n_pairs = sum(len(m.x) == 2 for m in models)
        self.pairs, self.others = models[:n_pairs], models[n_pairs:]
        self.sizes = sizes[:n_pairs]
        self.x = np.concatenate([m.x for m in models])
        patterns = [len(m.x) for m in models]
        self.model = np.repeat(np.arange(len(models)), patterns)
        first = np.cumsum([0, *patterns[:-1]])
        died = np.concatenate([m.dying.sum(axis=1) for m in models])
        self.sum_events = np.add.reduceat(died * self.x, first)
        self.reach = np.maximum.reduceat(np.abs(self.x), first)
        if self.pairs:
            self.at_risk, self.dying = (
                np.concatenate([getattr(m, name) for m in self.pairs], axis=1) for name in ("at_risk", "dying")
            )

    def at(self, beta: np.ndarray) -> _Points:
        """The likelihoods at `beta`, shape (n_models,), in the scaled columns."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            hazard = np.exp(self.x * beta[self.model])
            weighted = hazard * self.x
            values = np.stack([hazard, weighted, weighted * self.x])
            at_risk, dying = self._totals(values)
            (s0, s1, s2), (e0, e1, e2) = at_risk, dying
            sums = self.method.sums(s0, e0)
            (a0, a1), (b0, b1, b2) = sums.a, sums.b
            score = a0 * s1 - a1 * e1
            information = a0 * s2 - a1 * e2 - (b0 * s1 * s1 - 2 * b1 * s1 * e1 + b2 * e1 * e1)
            totals = np.add.reduceat(np.stack([sums.log, score, information]), self.starts, axis=1)
            return _Points(self.sum_events * beta - totals[0], self.sum_events - totals[1], totals[2])

    def _totals(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sums of the patterns' values over who is at risk, and over the events; each of shape (3, n_times)."""
        at_risk, dying, used = [], [], 2 * len(self.pairs)
        if self.pairs:
            low, high = (np.repeat(values[:, k:used:2], self.sizes, axis=1) for k in (0, 1))
            at_risk, dying = ([n[0] * low + n[1] * high] for n in (self.at_risk, self.dying))
        for model in self.others:
            own = values[:, used : used + len(model.x)]
            used += len(model.x)
            at_risk.append(own @ model.at_risk)
            dying.append(own @ model.dying)
        return np.concatenate(at_risk, axis=1), np.concatenate(dying, axis=1)


def maximise_alone(designs: Sequence[Design], ties: Ties) -> list[Maximum | None]:
    """The maximum of each design's likelihood; None where `maximise` has to find it, or that there is none.

    Example:
        >>> from necc.analysis.regression.alone import maximise_alone
        >>> from necc.analysis.regression.design import build_design
        >>> designs = [build_design(cohort, "PRS", [name]) for name in ("n_sites", "site:lung", "figo_2018")]
        >>> [fit and round(float(fit.coefficients[0]), 3) for fit in maximise_alone(designs, "efron")]
        [0.807, -0.285, None]
    """
    found: list[Maximum | None] = [None] * len(designs)
    models = [model for place, design in enumerate(designs) if (model := _Counted.of(design, place))]
    for some in _chunks(sorted(models, key=lambda m: len(m.x) > 2)):
        for model, fit in zip(some, _climb(some, ties), strict=True):
            found[model.place] = fit
    return found


def _chunks(models: Sequence[_Counted]) -> Iterator[list[_Counted]]:
    some: list[_Counted] = []
    for model in models:
        if some and sum(m.dying.shape[1] for m in (*some, model)) > AT_ONCE:
            yield some
            some = []
        some.append(model)
    if some:
        yield some


def _climb(models: Sequence[_Counted], ties: Ties) -> list[Maximum | None]:
    """Newton's steps for all models until those of each vanish, as `maximise` takes them."""
    together = _Together(models, ties)
    beta = np.zeros(len(models))
    current = zero = together.at(beta)
    going = zero.information > ALIASED * 1e-3 * np.maximum(zero.information, together.n_events)
    done, steps = np.zeros(len(models), dtype=bool), np.zeros(len(models), dtype=int)
    for _ in range(FIRST_STEPS + 1):
        with np.errstate(invalid="ignore", divide="ignore"):
            step = np.where(going, current.score / current.information, 0.0)
        vanished = np.abs(step) * together.reach <= CONVERGED
        then = together.at(beta + step)
        # a step too long is `maximise`'s to halve
        risen = vanished | (then.loglik >= current.loglik - 1e-12 * np.abs(current.loglik))
        beta = np.where(going & risen, beta + step, beta)
        done |= going & vanished
        steps += going & ~vanished
        going = going & ~vanished & risen
        current = then
        if not going.any():
            break
    certain = (np.abs(beta) * together.reach <= FAR) & (current.information >= FLAT * zero.information)
    certain &= done & np.isfinite(current.loglik) & np.isfinite(current.information)
    return [
        _maximum(model, ties, *numbers) if sure else None
        for model, sure, *numbers in zip(
            models, certain, beta.tolist(), zero.loglik.tolist(), current.loglik.tolist(),
            (zero.score**2 / np.where(certain, zero.information, 1.0)).tolist(), current.information.tolist(),
            together.n_events.tolist(), steps.tolist(), strict=True,
        )
    ]  # fmt: skip


def _maximum(
    model: _Counted, ties: Ties, beta: float, loglik_null: float, loglik: float, score: float, information: float,
    n_events: int, steps: int,
) -> Maximum:  # fmt: skip
    return Maximum(
        "converged", ties, np.array([beta / model.scale]), np.array([[1 / (information * model.scale**2)]]),
        loglik_null, loglik, score, beta * information * beta, 1, model.n, n_events, steps, np.array([True]),
        np.array([False]),
    )  # fmt: skip
