"""Permutation log-rank test, for groups too small for the chi-square distribution.

The statistic is the (weighted) log-rank chi-square itself, computed anew after each exchange of the group labels. With
its own variance in each exchange it keeps its size, in large samples, also where groups differ in censoring [1, 2];
exact it is where censoring doesn't depend on the group.

References:
    1. Neuhaus G. Ann Stat 1993;21:1760-79. doi:10.1214/aos/1176349396
    2. Heimann G, Neuhaus G. Biometrics 1998;54:168-84. doi:10.2307/2534005
    3. Phipson B, Smyth GK. Stat Appl Genet Mol Biol 2010;9:39. doi:10.2202/1544-6115.1585 (p of a Monte Carlo test)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from necc.analysis.survival.curve import RiskTable
from necc.analysis.survival.weights import Weighting, time_weights
from necc.core.errors import AnalysisError
from necc.core.frozen import read_only
from necc.core.result import Result

EXACT_LIMIT = 100_000  # assignments that are enumerated; beyond, Monte Carlo
CELLS = 2_000_000  # patients, or event times, times draws that are held at once
LARGEST_PERMUTED = 5_000
MANY_GROUPS = 12  # from which on one product of matrices is faster than one for each two groups
MOST_GROUPS = 60  # each draw inverts a matrix of this size
WORK = 27_000_000  # draws times the third power of the groups less one
FEWEST_DRAWS = 999  # where there are many groups


@dataclass(frozen=True)
class PermutationTest(Result):
    """A permutation log-rank test; `draws` counts assignments enumerated (exact) or drawn (Monte Carlo).

    `p_error` is the Monte Carlo standard error of p; None for an exact p.
    """

    p: float | None
    method: Literal["exact", "Monte Carlo", "none"]
    draws: int
    seed: int | None
    p_error: float | None = None
    note: str = ""


def permutation_log_rank(
    tables: RiskTable | Sequence[RiskTable],
    weighting: Weighting = "log-rank",
    *,
    rho: float = 1.0,
    gamma: float = 0.0,
    scores: Sequence[float] | None = None,
    draws: int = 19_999,
    seed: int = 1,
) -> PermutationTest:
    """Permutation distribution of a log-rank chi-square [1, 2]; several tables (same groups) exchange within strata.

    scores: a number for each group, for the test for trend.

    Exact by enumeration of up to 100,000 assignments of two groups; otherwise drawn, p = (b + 1) / (draws + 1) [3].
    More than 12 groups take fewer draws, 999 at least; more than 60 aren't tested.

    Raises:
        AnalysisError: fewer than one draw.
    """
    tables = [tables] if isinstance(tables, RiskTable) else list(tables)
    blocks = [_Block.of(t, time_weights(t, weighting, rho, gamma)) for t in tables]
    sizes = np.sum([b.sizes for b in blocks], axis=0)
    groups, n = np.flatnonzero(sizes), int(sizes.sum())
    if len(groups) < 2:
        return _none("one group only: nothing to compare")
    largest = int(groups[np.argmax(sizes[groups])])
    groups = groups[groups != largest]  # the largest is what the others leave
    along = None if scores is None else np.asarray(scores, dtype=float)[groups] - scores[largest]
    observed = _statistic([b.parts([np.flatnonzero(b.codes == g)[None] for g in groups]) for b in blocks], along)[0]
    if not sum(len(b.spread) for b in blocks) or not any(b.spread.any() for b in blocks):
        return _none("no events to compare: no test")
    if n > LARGEST_PERMUTED:
        return _none(f"more than {LARGEST_PERMUTED:,} patients: not needed")
    if len(groups) >= MOST_GROUPS:
        return _none(f"more than {MOST_GROUPS} groups: no permutation test")
    least = observed - 1e-9 * max(1.0, observed)
    total = math.comb(n, int(sizes[groups[0]]))
    if len(groups) == len(blocks) == 1 and total <= EXACT_LIMIT:
        chosen = itertools.combinations(range(n), int(sizes[groups[0]]))
        extreme = sum(
            int((_statistic([blocks[0].parts([members])], along) >= least).sum())
            for members in _chunks(chosen, blocks[0])
        )
        return PermutationTest(extreme / total, "exact", total, None)
    if draws < 1:
        raise AnalysisError("a permutation test needs at least one draw")
    draws = min(draws, max(FEWEST_DRAWS, WORK // len(groups) ** 3))
    held = max(CELLS // max(n, *(len(b.spread) for b in blocks)), 1)
    shapes = tuple((len(b.codes), tuple(b.sizes[groups].tolist())) for b in blocks)
    extreme = sum(
        int((_statistic([b.parts(who) for b, who in zip(blocks, members, strict=True)], along) >= least).sum())
        for members in _exchanges(shapes, draws, held, seed)
    )
    p = (extreme + 1) / (draws + 1)
    return PermutationTest(p, "Monte Carlo", draws, seed, math.sqrt(p * (1 - p) / draws))


def _none(note: str) -> PermutationTest:
    return PermutationTest(None, "none", 0, None, note=note)


def _chunks(chosen: Iterator[tuple[int, ...]], block: _Block) -> Iterator[np.ndarray]:
    """Assignments as arrays of patients, shape (m, k)."""
    while rows := list(itertools.islice(chosen, max(CELLS // max(len(block.codes), len(block.spread), 1), 1))):
        yield np.array(rows, dtype=np.int64)


Shapes = tuple[tuple[int, tuple[int, ...]], ...]  # of each table: how many patients, and how many are in each group


def _exchanges(shapes: Shapes, draws: int, held: int, seed: int) -> Iterable[list[list[np.ndarray]]]:
    """The draws, some at once: who is in which group of each table; kept where tests of the same groups ask again."""
    if draws * sum(sum(sizes) for _, sizes in shapes) > CELLS:
        return _drawn(shapes, draws, held, seed)
    return _kept(shapes, draws, held, seed)


@lru_cache(maxsize=4)
def _kept(shapes: Shapes, draws: int, held: int, seed: int) -> tuple[list[list[np.ndarray]], ...]:
    """By numbers of patients alone: nothing of theirs is in it."""
    return tuple(
        [[read_only(who.astype(np.int16)) for who in table] for table in members]
        for members in _drawn(shapes, draws, held, seed)
    )


def _drawn(shapes: Shapes, draws: int, held: int, seed: int) -> Iterator[list[list[np.ndarray]]]:
    rng = np.random.default_rng(seed)
    for begun in range(0, draws, held):
        yield [_exchanged(rng, n, np.array(sizes), min(held, draws - begun)) for n, sizes in shapes]


def _exchanged(rng: np.random.Generator, n: int, sizes: np.ndarray, m: int) -> list[np.ndarray]:
    """Who of `n` patients is in each of the groups after `m` exchanges: int arrays, shape (m, size of the group)."""
    k = int(sizes[0])
    if len(sizes) == 1 and k * k < n:  # few among many: draw them, again where somebody came twice
        members = rng.integers(0, n, (m, k))
        while (twice := (np.diff(np.sort(members, axis=1), axis=1) == 0).any(axis=1)).any():
            members[twice] = rng.integers(0, n, (int(twice.sum()), k))
        return [members]
    order = rng.permuted(np.broadcast_to(np.arange(n), (m, n)), axis=1)
    return np.split(order[:, : sizes.sum()], sizes.cumsum()[:-1], axis=1)


@dataclass(frozen=True, eq=False)
class _Block:
    """The patients of one table.

    codes: group, shape (n,). scores: weighted event minus weighted cumulative hazard up to the patient's time, shape
    (n,), so that a group's observed minus expected events is the sum of its scores. upto: at how many of the event
    times the patient was at risk, shape (n,). at_risk, spread: at each event time, patients and the variance's factor.
    """

    sizes: np.ndarray
    codes: np.ndarray
    scores: np.ndarray
    upto: np.ndarray
    at_risk: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, table: RiskTable, weights: np.ndarray) -> _Block:
        d, n = table.n_events.sum(axis=0), table.n_at_risk.sum(axis=0)
        safe = np.maximum(n, 1)
        hazard = np.cumsum(weights * d / safe)
        counts = np.stack([table.n_events, table.n_censored], axis=1)  # (groups, 2, n_times)
        codes = np.repeat(np.arange(len(table.strata)), counts.sum(axis=(1, 2)))
        by_cell = np.stack([weights - hazard, -hazard]).ravel()
        reached = np.tile(np.cumsum(d > 0), 2)
        cells = [np.repeat(np.arange(len(by_cell)), c.ravel()) for c in counts]
        cell = np.concatenate(cells) if cells else np.zeros(0, dtype=np.int64)
        spread = weights**2 * d * (n - d) / np.maximum(n - 1, 1)
        when = d > 0
        return cls(counts.sum(axis=(1, 2)), codes, by_cell[cell], reached[cell], safe[when], spread[when])

    def parts(self, members: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Observed minus expected, shape (m, n_groups), and variance, shape (m, n_groups, n_groups)."""
        size = len(self.spread)
        difference = np.stack([self.scores[who].sum(axis=1) for who in members], axis=1)
        shares = []
        for who in members:
            row = np.arange(len(who))[:, None] * (size + 1)
            counts = np.bincount((row + self.upto[who]).ravel(), minlength=len(who) * (size + 1))
            there = counts.reshape(len(who), size + 1)[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
            shares.append(there / self.at_risk)
        if len(shares) > MANY_GROUPS:
            stacked = np.stack(shares, axis=1)
            variance = -(stacked * self.spread) @ stacked.transpose(0, 2, 1)
            variance[:, range(len(shares)), range(len(shares))] += stacked @ self.spread
            return difference, variance
        variance = np.empty((len(difference), len(shares), len(shares)))
        for a, b in itertools.product(range(len(shares)), repeat=2):
            variance[:, a, b] = ((a == b) * shares[a] - shares[a] * shares[b]) @ self.spread
        return difference, variance


def _statistic(parts: list[tuple[np.ndarray, np.ndarray]], along: np.ndarray | None = None) -> np.ndarray:
    """Chi-squares, shape (m,); zero where the groups are never at risk together.

    along: the scores of a trend less that of the group left out, shape (n_groups,).
    """
    difference, variance = (sum((p[k] for p in parts), np.zeros(())) for k in (0, 1))
    if along is not None:
        difference = (difference @ along)[:, None]
        variance = np.einsum("i,mij,j->m", along, variance, along)[:, None, None]
    if variance.shape[1] == 1:
        v = variance[:, 0, 0]
        usable = v > 1e-12
        return np.where(usable, difference[:, 0] ** 2 / np.where(usable, v, 1), 0.0)
    inverse = np.linalg.pinv(variance, rcond=1e-10, hermitian=True)
    result: np.ndarray = np.einsum("mi,mij,mj->m", difference, inverse, difference)
    return result
