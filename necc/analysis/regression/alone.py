"""The maxima of several models of one column each, at once, from counts.

A table of univariate models is many small fits. Each needs of its patients only how many of each pattern are at risk,
and have the event, at each event time; Newton's steps for all of them then are the same few sums over (covariate, event
time), so that their number costs little. The numbers are those of `maximise`, which is asked wherever more than such
steps is needed: a likelihood that may have no maximum, a column that doesn't vary, strata.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from necc.analysis.regression.design import Design
from necc.analysis.regression.fitting import CONVERGED, Maximum
from necc.analysis.regression.partial import ALIASED
from necc.analysis.regression.separation import FAR, FIRST_STEPS, FLAT
from necc.analysis.regression.ties import TieMethod, Ties
from necc.core.frozen import Frozen

USUAL_STEPS = 6
TIED = 2  # events a time: of more, they are summed in closed form
AT_ONCE = 5000  # event times of all models together: of more, sums cost more than calls


@dataclass(frozen=True, eq=False)
class Counted(Frozen):
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
    def of(cls, design: Design, place: int = 0) -> Counted | None:
        """None where the model has more than one column, strata, no table of counts, or nothing to estimate."""
        counts = design.counts
        if counts is None or design.patterns.shape[1] != 1 or len(design.patterns) < 2:
            return None
        dying = counts[:, 1]
        when = np.flatnonzero(dying.any(axis=0))
        if not len(when):
            return None
        at_risk = (counts[:, 0] + dying)[:, ::-1].cumsum(axis=1)[:, ::-1]
        n = int(at_risk[:, 0].sum())
        at_risk, dying = at_risk[:, when], dying[:, when]
        x, each = design.patterns[:, 0], at_risk[:, 0]
        total = each.sum()
        center = each @ x / total
        spread = float(np.sqrt(each @ (x - center) ** 2 / total))
        if spread <= 1e-12 * max(abs(center), 1e-300) or n < 2:
            return None
        return cls(place, at_risk, dying, (x - center) / spread, spread, n)

    @cached_property
    def tied(self) -> bool:
        """Whether so many events share their times that they are summed in closed form."""
        return bool(self.dying.sum() > TIED * self.dying.shape[1])

    @cached_property
    def rises(self) -> int:
        """On which side the likelihood keeps rising, +1 or -1; 0 where it has a maximum, or compares nobody.

        It does where, whenever people with different values are at risk, all events are among those with the largest
        of them (or all with the smallest): `recession` for one column.
        """
        order, there = np.argsort(self.x), self.at_risk > 0
        compared = np.count_nonzero(there, axis=0) > 1
        if not compared.any():
            return 0
        there, events = there[order][:, compared], self.dying[order][:, compared]
        for side, last in ((1, len(there) - 1 - np.argmax(there[::-1], axis=0)), (-1, np.argmax(there, axis=0))):
            if events[last, np.arange(len(last))].sum() == events.sum():
                return side
        return 0


@dataclass(frozen=True, eq=False)
class Points(Frozen):
    """The likelihoods at one coefficient each, and their derivatives; shape (n_models,).

    third: minus the third derivative, where it is asked for.
    """

    loglik: np.ndarray
    score: np.ndarray
    information: np.ndarray
    third: np.ndarray | None = None


class Together:
    """The partial likelihoods of some models, all tied or none (`Counted.tied`), those of two patterns first.

    Where few events are, each event is a time of its own at which those tied with it are at risk by the share that
    Efron's rule leaves of them; else the sums over tied events are `TieMethod`'s.
    """

    def __init__(self, models: Sequence[Counted], ties: Ties):
        self.n_pairs = sum(len(m.x) == 2 for m in models)
        pairs, others = models[: self.n_pairs], models[self.n_pairs :]
        d = [m.dying.sum(axis=0) for m in models]
        blocks = [(m.at_risk, m.dying, n) for m, n in zip(others, d[self.n_pairs :], strict=True)]
        if pairs:  # all models of two patterns are one block
            at_risk, dying = (np.concatenate([getattr(m, n) for m in pairs], axis=1) for n in ("at_risk", "dying"))
            blocks.insert(0, (at_risk, dying, np.concatenate(d[: self.n_pairs])))
        self.n_events = np.array([n.sum() for n in d])
        self.method = TieMethod(ties, np.concatenate(d)) if models[0].tied else None
        if self.method:
            sizes = [len(n) for n in d]
            self.at_risk, self.dying = ([block[k].astype(float) for block in blocks] for k in (0, 1))
        else:
            sizes = self.n_events.tolist()
            self.at_risk = [_each_event(*block, ties) for block in blocks]
        self.sizes, self.starts = np.array(sizes[: self.n_pairs]), np.cumsum([0, *sizes[:-1]])
        self.x = np.concatenate([m.x for m in models])
        patterns = [len(m.x) for m in models]
        self.model = np.repeat(np.arange(len(models)), patterns)
        first = np.cumsum([0, *patterns[:-1]])
        died = np.concatenate([m.dying.sum(axis=1) for m in models])
        self.sum_events = np.add.reduceat(died * self.x, first)
        self.reach = np.maximum.reduceat(np.abs(self.x), first)

    def at(self, beta: np.ndarray, third: bool = False) -> Points:
        """The likelihoods at `beta`, shape (n_models,), in the scaled columns."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            powers = np.empty((4 if third else 3, len(self.x)))
            np.exp(self.x * beta[self.model], out=powers[0])
            for lower, power in pairwise(powers):
                np.multiply(lower, self.x, out=power)
            parts = self._tied(powers) if self.method else self._untied(powers)
            totals = np.add.reduceat(parts, self.starts, axis=1)
            loglik, score = self.sum_events * beta - totals[0], self.sum_events - totals[1]
            return Points(loglik, score, totals[2], totals[3] if third else None)

    def _untied(self, powers: np.ndarray) -> np.ndarray:
        """log of the sum over each risk set, and the first cumulants of the column within it; (n, n_events)."""
        parts = self._totals(powers, self.at_risk)
        log = np.log(parts[0])
        parts[1:] /= parts[0]
        parts[0], mean, square = log, parts[1], parts[1] * parts[1]
        if len(parts) > 3:
            parts[3] += mean * (2 * square - 3 * parts[2])
        parts[2] -= square
        return parts

    def _tied(self, powers: np.ndarray) -> np.ndarray:
        """The same, summed over the events of each time; (n, n_times)."""
        assert self.method is not None
        (s0, s1, s2, *s3), (e0, e1, e2, *e3) = (self._totals(powers, n) for n in (self.at_risk, self.dying))
        sums = self.method.sums(s0, e0, len(powers) > 3)
        (a0, a1), (b0, b1, b2) = sums.a, sums.b
        s11, s1e1, e11 = s1 * s1, s1 * e1, e1 * e1
        parts = np.empty((len(powers), len(s0)))
        parts[0], parts[1] = sums.log, a0 * s1 - a1 * e1
        parts[2] = a0 * s2 - a1 * e2 - (b0 * s11 - 2 * b1 * s1e1 + b2 * e11)
        if len(powers) > 3:
            c0, c1, c2, c3 = sums.c
            cubes = s1 * (c0 * s11 - 3 * c1 * s1e1 + 3 * c2 * e11) - c3 * e1 * e11
            mixed = b0 * s1 * s2 - b1 * (s1 * e2 + e1 * s2) + b2 * e1 * e2
            parts[3] = a0 * s3[0] - a1 * e3[0] - 3 * mixed + 2 * cubes
        return parts

    def _totals(self, values: np.ndarray, counts: list[np.ndarray]) -> np.ndarray:
        """Sums of the patterns' values over so many patients of each; shape (n, n_times)."""
        used, totals = 2 * self.n_pairs, []
        if used:
            low, high = (np.repeat(values[:, k:used:2], self.sizes, axis=1) for k in (0, 1))
            totals.append(counts[0][0] * low + counts[0][1] * high)
        for n in counts[len(totals) :]:
            totals.append(values[:, used : used + len(n)] @ n)
            used += len(n)
        return totals[0] if len(totals) == 1 else np.concatenate(totals, axis=1)


def _each_event(at_risk: np.ndarray, dying: np.ndarray, n_events: np.ndarray, ties: Ties) -> np.ndarray:
    """Who is at risk at each event by itself, the tied ones by Efron's shares; float, shape (n_patterns, n_events).

    Args:
        at_risk, dying: int arrays, shape (n_patterns, n_times). n_events: int array, shape (n_times,).
    """
    each = np.repeat(np.arange(len(n_events)), n_events)
    if ties == "breslow" or len(each) == len(n_events):
        return at_risk[:, each].astype(float)
    before = np.arange(len(each)) - np.repeat(np.cumsum(n_events) - n_events, n_events)
    result: np.ndarray = at_risk[:, each] - before / n_events[each] * dying[:, each]
    return result


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
    models = [model for place, design in enumerate(designs) if (model := Counted.of(design, place))]
    for some in _chunks(sorted(models, key=lambda m: (m.tied, len(m.x) > 2))):
        for model, fit in zip(some, _climb(some, ties), strict=True):
            found[model.place] = fit
    return found


def _chunks(models: Sequence[Counted]) -> Iterator[list[Counted]]:
    some: list[Counted] = []
    for model in models:
        if some and (some[0].tied != model.tied or sum(m.dying.shape[1] for m in (*some, model)) > AT_ONCE):
            yield some
            some = []
        some.append(model)
    if some:
        yield some


def _climb(models: Sequence[Counted], ties: Ties) -> list[Maximum | None]:
    """Newton's steps for all models until those of each vanish, as `maximise` takes them."""
    together = Together(models, ties)
    beta = np.zeros(len(models))
    current = zero = together.at(beta)
    going = zero.information > ALIASED * 1e-3 * np.maximum(zero.information, together.n_events)
    done, steps = np.zeros(len(models), dtype=bool), np.zeros(len(models), dtype=int)
    for taken in range(FIRST_STEPS + 1):
        if taken == USUAL_STEPS:  # who isn't there by now may never be
            going &= [not (still and model.rises) for still, model in zip(going, models, strict=True)]
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
    model: Counted, ties: Ties, beta: float, loglik_null: float, loglik: float, score: float, information: float,
    n_events: int, steps: int,
) -> Maximum:  # fmt: skip
    return Maximum(
        "converged", ties, np.array([beta / model.scale]), np.array([[1 / (information * model.scale**2)]]),
        loglik_null, loglik, score, beta * information * beta, 1, model.n, n_events, steps, np.array([True]),
        np.array([False]),
    )  # fmt: skip
