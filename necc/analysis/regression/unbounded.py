"""One column without a finite estimate, from counts: what its likelihood nears, and Firth's answer with its limits.

The numbers are those of `maximise` and `fit_firth`. Firth's likelihood of one column needs three sums a time more than
Cox's; its climbs from several starts, and the searches for both limits, ask for their points together.

References:
    1. Firth D. Biometrika 1993;80:27-38. doi:10.1093/biomet/80.1.27
    2. Heinze G, Schemper M. Biometrics 2001;57:114-9. doi:10.1111/j.0006-341X.2001.00114.x
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from scipy.special import chdtrc, chdtri

from necc.analysis.regression.alone import Counted, Together
from necc.analysis.regression.firth import AWAY, CONVERGED, FARTHEST, LONGEST_STEP, MAX_ITERATIONS, SAME, FirthFit
from necc.analysis.regression.fitting import Maximum
from necc.analysis.regression.ties import TieMethod, Ties

HALVINGS = 30
SEARCHES = 80


class Point(NamedTuple):
    """Firth's likelihood at one coefficient, and its derivative; minus infinity where there is none."""

    beta: float
    value: float
    gradient: float
    information: float


T = TypeVar("T")
Asking = Generator[float, Point, T]
"""Asks for the points at some coefficients, one by one, until it has found what it looks for."""


def limit_of(model: Counted, ties: Ties) -> Maximum:
    """What the likelihood of a column nears that keeps rising: comparisons of those with equal values only."""
    together = Together([model], ties)
    zero = together.at(np.zeros(1))
    apart = model.dying > 0
    alone = TieMethod(ties, model.dying[apart]).sums(
        model.at_risk[apart].astype(float), model.dying[apart].astype(float)
    )
    return Maximum(
        "monotone", ties, np.array([math.copysign(math.inf, model.rises)]), np.full((1, 1), np.nan),
        float(zero.loglik[0]), float(-alone.log.sum()), float(zero.score[0] ** 2 / zero.information[0]), np.nan, 1,
        model.n, int(together.n_events[0]), 0, np.array([True]), np.array([True]),
    )  # fmt: skip


def firth_of(model: Counted, ties: Ties, level: float = 0.95) -> FirthFit | None:
    """Firth's estimate of one column [1] with profile limits and p [2]; None where no climb ends.

    Example:
        >>> from necc.analysis.regression.alone import Counted
        >>> from necc.analysis.regression.design import build_design
        >>> from necc.analysis.regression.unbounded import firth_of
        >>> model = Counted.of(build_design(cohort.subset(cohort.index < 20), "PRS", ["age_gt_50"]))
        >>> model.rises, round(float(firth_of(model, "efron").coefficients[0]), 2)
        (-1, -2.21)
    """
    starts = (0.0, AWAY, -AWAY)
    together, reach = Together([model] * len(starts), ties), float(np.abs(model.x).max())
    ends = [end for end in _asked(together, [_climb(start, reach) for start in starts]) if end]
    if not ends:
        return None
    best, converged = ends[0]
    for point, ok in ends[1:]:
        if ok and (not converged or point.value > best.value + SAME):
            best, converged = point, True
    if not converged:
        return None
    drop = float(chdtri(1, 1 - level)) / 2
    farthest = FARTHEST / max(float(np.ptp(model.x)), 1e-12)
    wanted: list[Asking[Any]] = [_look(), *(_limit(best, drop, side, farthest) for side in (-1.0, 1.0))]
    null, *limits = _asked(together, wanted)
    units = math.log(model.scale)  # the information in the column's own unit
    own = [np.array([x / model.scale]) for x in (best.beta, *limits)]
    p = np.array([float(chdtrc(1, max(2 * (best.value - null.value), 0.0)))])
    return FirthFit(
        True, np.array([0]), own[0], np.array([[1 / (best.information * model.scale**2)]]), own[1], own[2], p,
        null.value + units, best.value + units, np.array([best.beta]),
    )  # fmt: skip


# ---------------------------------------------------------------- asking for points
def _asked(together: Together, questions: Sequence[Asking[T]]) -> list[T]:
    """What each question finds; their points are computed at once."""
    asked, found = {i: next(question) for i, question in enumerate(questions)}, {}
    while asked:
        betas = np.zeros(len(together.starts))
        betas[list(asked)] = list(asked.values())
        points = _points(together, betas)
        for i in [*asked]:
            try:
                asked[i] = questions[i].send(points[i])
            except StopIteration as end:
                found[i] = end.value
                del asked[i]
    return [found[i] for i in range(len(questions))]


def _points(together: Together, betas: np.ndarray) -> list[Point]:
    at = together.at(betas, third=True)
    assert at.third is not None
    with np.errstate(all="ignore"):  # far away, cubes of hazards leave the range of numbers
        value, gradient = at.loglik + np.log(at.information) / 2, at.score + at.third / at.information / 2
    there = (at.information > 0) & np.isfinite(at.loglik) & np.isfinite(value) & np.isfinite(gradient)
    value, gradient = np.where(there, value, -np.inf), np.where(there, gradient, 0.0)
    return [Point(*numbers) for numbers in zip(
        betas.tolist(), value.tolist(), gradient.tolist(), at.information.tolist(), strict=True)]  # fmt: skip


def _look() -> Asking[Point]:
    """The point without any difference."""
    return (yield 0.0)


def _climb(start: float, reach: float) -> Asking[tuple[Point, bool] | None]:
    """The maximum that is reached from a start by secant steps, and whether it was; None where there is no point."""
    current = yield start
    if not math.isfinite(current.value):
        return None
    bend = current.information
    for _ in range(MAX_ITERATIONS):
        step = current.gradient / bend
        change = abs(step) * reach
        if not math.isfinite(change):
            return current, False
        step *= min(1.0, LONGEST_STEP / max(change, 1e-300))
        for _ in range(HALVINGS):
            then = yield current.beta + step
            if then.value >= current.value - 1e-13 * abs(current.value):
                break
            step /= 2
        else:  # the last digits are noise
            return current, change < 1e-6
        moved, pull = then.beta - current.beta, current.gradient - then.gradient
        current = then
        if change <= CONVERGED:
            return current, True
        if moved * pull > 0:
            bend = pull / moved
    return current, False


def _limit(best: Point, drop: float, side: float, farthest: float) -> Asking[float]:
    """Where the likelihood has fallen by `drop` on one side: safeguarded Newton steps; NaN where it never has."""
    target = best.value - drop
    inside, outside = best.beta, math.inf * side
    at = inside + side * math.sqrt(2 * drop / max(best.information, 1e-12))
    for _ in range(SEARCHES):
        point = yield at
        gap = point.value - target
        if abs(gap) < 1e-11 * max(1.0, abs(target)):
            return at
        inside, outside = (at, outside) if gap > 0 else (inside, at)
        newton = at - gap / point.gradient if math.isfinite(gap) and point.gradient * side < 0 else math.nan
        low, high = sorted((inside, outside))
        if math.isfinite(outside):
            at = newton if low < newton < high else (low + high) / 2
            if abs(high - low) < 1e-12 * max(1.0, abs(high)):
                return at
        else:
            stride = side * 2 * max(abs(at - best.beta), 1e-3)
            at = newton if math.isfinite(newton) and abs(newton - at) < abs(stride) else at + stride
        if abs(at - best.beta) > farthest:
            return math.nan
    return math.nan
