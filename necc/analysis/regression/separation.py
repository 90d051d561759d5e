"""Where a likelihood of hazards keeps rising: found by linear programming, not guessed from what a climb left behind.

A partial likelihood rises, or never falls, along a direction d exactly where d'x of each event is the largest among
those at risk: d'(x_event - x_at_risk) >= 0 for every pair, a cone of directions [1, 2]. It has a maximum exactly where
none of these inequalities can be strict. Else it nears its supremum towards infinity, where whoever differs along a
generic direction of the cone no longer counts [3]: what remains is the likelihood within strata of equal d'x, and the
coefficients that don't take part in any direction of the cone keep finite estimates, those of that limit.

References:
    1. Bryson MC, Johnson ME. Technometrics 1981;23:381-3. doi:10.1080/00401706.1981.10487681 (monotone likelihood)
    2. Albert A, Anderson JA. Biometrika 1984;71:1-10. doi:10.1093/biomet/71.1.1 (the same for the logistic model)
    3. Geyer CJ. Electron J Stat 2009;3:259-89. doi:10.1214/08-EJS349 (the limit, and that one generic step finds it)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from necc.core.frozen import Frozen

STRICT = 1e-6  # gaps and components of unit vectors below this are rounding
FIRST_STEPS, ALL_STEPS = 25, 500  # a climb that takes more than the first is asked whether there is a maximum
FAR = 20.0  # a linear predictor beyond which it is asked, too
FLAT = 1e-4  # a share of the information without differences below which it is asked, too
AT_ONCE = 2000  # inequalities a linear program starts with; those that its answer breaks are added


@dataclass(frozen=True, eq=False)
class Recession(Frozen):
    """The directions in which a likelihood keeps rising.

    direction: a generic one, shape (p,). affected: bool, shape (p,), the coefficients that take part in any.
    sign: shape (p,), +1 or -1 where all directions agree on where the coefficient goes, else 0.
    """

    direction: np.ndarray
    affected: np.ndarray
    sign: np.ndarray


def doubtful(predictors: np.ndarray, here: np.ndarray, at_zero: np.ndarray) -> bool:
    """Whether a climb ended where a maximum isn't certain: far away, or where the likelihood hardly bends.

    predictors: linear predictors at its end, shape (n,). here, at_zero: the information of the fitted columns there and
        without any difference, shape (p, p).
    """
    if np.abs(predictors).max() > FAR:
        return True
    return bool(np.linalg.eigvalsh(here)[0] < FLAT * np.linalg.eigvalsh(at_zero)[0])


def recession(gaps: np.ndarray) -> Recession | None:
    """The cone of directions d with gaps @ d >= 0, if any of these can be strict; None where the maximum exists.

    gaps: x of an event minus x of someone at risk with it, in columns of about unit spread that no other determines;
        shape (n_pairs, p). A pair of tied events stands in it both ways round.
    """
    size = np.linalg.norm(gaps, axis=1)
    far = size > 1e-9 * max(size.max(initial=0.0), 1.0)
    gaps = gaps[far] / size[far, None]
    p = gaps.shape[1]
    direction, equal = np.zeros(p), np.ones(len(gaps), dtype=bool)
    for _ in range(p):
        result = _furthest(gaps, gaps[equal].sum(axis=0))
        strict = equal & (gaps @ result > STRICT)
        if not strict.any():
            break
        direction, equal = direction + result, equal & ~strict
    if equal.all():
        return None
    span = _null_space(gaps[equal])
    affected = np.abs(span).max(axis=1, initial=0.0) > STRICT
    direction = span @ (span.T @ direction)  # equal values are equal to rounding
    sign = np.where(affected, np.sign(direction), 0.0)
    if span.shape[1] > 1:
        for j in np.flatnonzero(affected):
            ends = [_furthest(gaps, side * np.eye(p)[j])[j] for side in (1.0, -1.0)]
            sign[j] = int(ends[0] > STRICT) - int(ends[1] < -STRICT)
    return Recession(direction, affected, sign)


def values_along(direction: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Int codes of the distinct values of x @ direction, shape (n,): the strata of the limit."""
    values = x @ direction
    order = np.argsort(values, kind="stable")
    steps = np.diff(values[order]) > STRICT * max(float(np.abs(direction).max()), 1e-300)
    codes = np.empty(len(values), dtype=np.int64)
    codes[order] = np.concatenate([[0], np.cumsum(steps)]) if len(values) else 0
    return codes


def _furthest(gaps: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """The d within the unit box with gaps @ d >= 0 that is furthest in a direction; zeros where none is."""
    from scipy.optimize import linprog

    nothing = np.zeros(gaps.shape[1])
    length = np.linalg.norm(towards)
    if length < 1e-9:
        return nothing
    used = np.zeros(len(gaps), dtype=bool)
    used[np.random.default_rng(20).permutation(len(gaps))[:AT_ONCE]] = True
    while True:
        solved = linprog(-towards / length, A_ub=-gaps[used], b_ub=np.zeros(int(used.sum())), bounds=(-1, 1),
                         method="highs", options={"primal_feasibility_tolerance": 1e-10,
                                                   "dual_feasibility_tolerance": 1e-10})  # fmt: skip
        if solved.x is None:
            return nothing
        missed = gaps @ solved.x
        missed[used] = 0.0
        worst = np.argsort(missed)[:AT_ONCE]
        worst = worst[missed[worst] < -STRICT / 10]
        if not len(worst):
            result: np.ndarray = solved.x
            return result
        used[worst] = True


def _null_space(rows: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the directions that all rows are level in; shape (p, k)."""
    p = rows.shape[1]
    if not len(rows):
        return np.eye(p)
    values, vectors = np.linalg.eigh(rows.T @ rows)
    return vectors[:, values <= STRICT**2 * max(values[-1], 1.0)]
