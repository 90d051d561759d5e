"""Tests that compare survival between groups: the weighted log-rank family, trend, strata, pairs, permutation.

All of them are read off count tables (`RiskTable`). Every test of the family compares observed with expected
events, weighted by time:

    log-rank            1
    gehan-breslow       number at risk                          early differences, disturbed by censoring
    tarone-ware         square root of the number at risk
    peto-peto           pooled S(t-)                            Fleming-Harrington(1, 0): R's `survdiff(rho = 1)`
    modified-peto-peto  prod(1 - d/(n+1)) * n/(n+1)             Andersen's form, as Klein & Moeschberger print it
    fleming-harrington  S(t-)^rho (1 - S(t-))^gamma             gamma > 0: late differences

R calls `rho = 1` the Peto & Peto modification of the Gehan-Wilcoxon test. It uses the Kaplan-Meier estimate just
before each time; Peto and Peto's own estimate, prod(1 - d/(n+1)), differs from it by a little in small samples.
The variance is the hypergeometric one, as in R.

References:
    1. Fleming TR, Harrington DP. Counting processes and survival analysis. Wiley 1991. doi:10.1002/9781118150672
    2. Klein JP, Moeschberger ML. Survival analysis, 2nd ed. Springer 2003, ch. 7. doi:10.1007/b97377
    3. Tarone RE. Biometrika 1975;62:679-82. doi:10.1093/biomet/62.3.679 (trend)
    4. Heimann G, Neuhaus G. Biometrics 1998;54:168-84. doi:10.2307/2534005 (permutation log-rank test)
    5. Phipson B, Smyth GK. Stat Appl Genet Mol Biol 2010;9:39. doi:10.2202/1544-6115.1585 (p of a Monte Carlo test)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from necc.cohort import Cohort, Factor, TimeToEvent
from necc.errors import AnalysisError
from necc.estimate import Exclusion
from necc.multiplicity import Method as Adjustment
from necc.multiplicity import adjust_p
from necc.survival import LogRank, RiskTable, count_risk, exclusions
from necc.text import joined, plural

Weighting = Literal["log-rank", "gehan-breslow", "tarone-ware", "peto-peto", "modified-peto-peto", "fleming-harrington"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)
EXACT_LIMIT = 100_000  # assignments that are enumerated; beyond, Monte Carlo
MONTE_CARLO_CELLS = 4_000_000  # patients times draws held at once
LARGEST_PERMUTED = 10_000
SMALL_GROUP = 10
SMALL_EXPECTED = 5


# ---------------------------------------------------------------- the weighted family
def time_weights(table: RiskTable, weighting: Weighting, rho: float = 1.0, gamma: float = 0.0) -> np.ndarray:
    """The weight of each time of the table, from all groups together; float array, shape (n_times,).

    Raises:
        AnalysisError: the weighting is unknown, or rho or gamma is negative.
    """
    d, n = table.n_events.sum(axis=0), table.n_at_risk.sum(axis=0).astype(float)
    if weighting == "log-rank":
        return np.ones(len(n))
    if weighting == "gehan-breslow":
        return n
    if weighting == "tarone-ware":
        return np.sqrt(n)
    if weighting == "modified-peto-peto":
        return np.cumprod(1 - d / (n + 1)) * n / (n + 1)
    if weighting not in WEIGHTINGS:
        raise AnalysisError(f"no weighting '{weighting}'; there are {joined(WEIGHTINGS)}")
    if weighting == "peto-peto":
        rho, gamma = 1.0, 0.0
    if rho < 0 or gamma < 0:
        raise AnalysisError("rho and gamma of the Fleming-Harrington test are zero or positive")
    before = np.concatenate([[1.0], np.cumprod(1 - d / np.maximum(n, 1))])[: len(n)]
    return before**rho * np.maximum(1 - before, 0) ** gamma


@dataclass(frozen=True, eq=False)
class ScoreParts:
    """Weighted observed and expected events of each group, and the variance of their difference."""

    observed: np.ndarray
    expected: np.ndarray
    variance: np.ndarray

    def __add__(self, other: ScoreParts) -> ScoreParts:
        return ScoreParts(
            self.observed + other.observed, self.expected + other.expected, self.variance + other.variance
        )


def score_parts(table: RiskTable, weights: np.ndarray) -> ScoreParts:
    """Observed, expected and hypergeometric variance of one table; shapes (n_strata,) and (n_strata, n_strata)."""
    when = table.n_events.any(axis=0)
    events, at_risk, w = table.n_events[:, when], table.n_at_risk[:, when], weights[when]
    d, n = events.sum(axis=0), np.maximum(at_risk.sum(axis=0), 1)
    share = at_risk / n
    spread = w**2 * d * (n - d) / np.maximum(n - 1, 1)
    variance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    return ScoreParts((w * events).sum(axis=1), (w * d * share).sum(axis=1), variance)


def _test(parts: ScoreParts, name: str) -> LogRank:
    """Chi-square of all groups; groups never at risk at an event don't count, as in R's `survdiff`."""
    numbers = tuple(parts.observed.tolist()), tuple(parts.expected.tolist())
    usable = parts.expected > 0
    df = max(int(usable.sum()) - 1, 0)
    if len(usable) < 2:
        return LogRank(None, 0, None, *numbers, name, "one group only: nothing to compare")
    if not parts.expected.sum():
        return LogRank(None, df, None, *numbers, name, "no events with a weight: no test")
    inner = parts.variance[usable][:, usable][1:, 1:]
    difference = (parts.observed - parts.expected)[usable][1:]
    if not df or np.linalg.matrix_rank(inner) < df:
        return LogRank(None, df, None, *numbers, name, "the groups were not at risk together at an event: no test")
    statistic = float(difference @ np.linalg.solve(inner, difference))
    return LogRank(statistic, df, float(chdtrc(df, statistic)), *numbers, name)


def weighted_log_rank(
    tables: RiskTable | Sequence[RiskTable], weighting: Weighting = "log-rank", *, rho: float = 1.0, gamma: float = 0.0
) -> LogRank:
    """A test of the weighted log-rank family [1, 2]; several tables (same groups) make it stratified.

    Equal to R's `survdiff(..., rho = 0)` for "log-rank", `rho = 1` for "peto-peto", `rho = rho` for
    "fleming-harrington" with gamma 0; strata as its `strata()`, with weights of each stratum's own.
    """
    return _test(_summed(tables, weighting, rho, gamma), _name(weighting, rho, gamma))


def trend_test(
    tables: RiskTable | Sequence[RiskTable],
    scores: Sequence[float] | None = None,
    weighting: Weighting = "log-rank",
    *,
    rho: float = 1.0,
    gamma: float = 0.0,
) -> LogRank:
    """Log-rank test for trend [3]: one degree of freedom for groups in an order.

    Args:
        scores: a number for each group; 1, 2, 3 ... by default.
    """
    parts = _summed(tables, weighting, rho, gamma)
    a = np.arange(1.0, len(parts.observed) + 1) if scores is None else np.asarray(scores, dtype=float)
    if len(a) != len(parts.observed):
        raise AnalysisError(f"{len(a)} scores for {len(parts.observed)} groups")
    name = f"{_name(weighting, rho, gamma)}, trend"
    numbers = tuple(parts.observed.tolist()), tuple(parts.expected.tolist())
    variance = float(a @ parts.variance @ a)
    if variance <= 1e-12 * max(float((a**2).sum()), 1.0):
        return LogRank(None, 1, None, *numbers, name, "no test for trend: no events to compare, or scores all equal")
    statistic = float(a @ (parts.observed - parts.expected)) ** 2 / variance
    return LogRank(statistic, 1, float(chdtrc(1, statistic)), *numbers, name)


def _summed(tables: RiskTable | Sequence[RiskTable], weighting: Weighting, rho: float, gamma: float) -> ScoreParts:
    tables = [tables] if isinstance(tables, RiskTable) else list(tables)
    parts = [score_parts(t, time_weights(t, weighting, rho, gamma)) for t in tables]
    return sum(parts[1:], parts[0])


def _name(weighting: Weighting, rho: float, gamma: float) -> str:
    return f"fleming-harrington({rho:g}, {gamma:g})" if weighting == "fleming-harrington" else weighting


# ---------------------------------------------------------------- permutation
@dataclass(frozen=True)
class PermutationTest:
    """A permutation log-rank test; `draws` counts assignments enumerated (exact) or drawn (Monte Carlo).

    `p_error` is the Monte Carlo standard error of p; None for an exact p.
    """

    p: float | None
    method: Literal["exact", "Monte Carlo", "none"]
    draws: int
    seed: int | None
    p_error: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def permutation_log_rank(
    tables: RiskTable | Sequence[RiskTable],
    weighting: Weighting = "log-rank",
    *,
    rho: float = 1.0,
    gamma: float = 0.0,
    draws: int = 19_999,
    seed: int = 1,
) -> PermutationTest:
    """Permutation test of the (weighted) log-rank scores [4], for groups too small for the chi-square.

    A patient's score is the weighted event minus the weighted cumulative hazard of all groups together up to the
    patient's time, so that a group's observed minus expected events is the sum of its scores. Group labels are
    exchanged (within strata, where there are several tables). Two groups compare |sum of scores|; more groups the sum
    of squares over group sizes. Exact by enumeration of up to 100,000 assignments of two groups, otherwise drawn, with
    p = (b + 1) / (draws + 1) [5]. Assumes that censoring doesn't depend on the group.
    """
    tables = [tables] if isinstance(tables, RiskTable) else list(tables)
    blocks = [_patients(t, time_weights(t, weighting, rho, gamma)) for t in tables]
    n = sum(len(scores) for scores, _ in blocks)
    sizes = np.sum(
        [np.bincount(codes, minlength=len(t.strata)) for t, (_, codes) in zip(tables, blocks, strict=True)], 0
    )
    if (sizes > 0).sum() < 2:
        return PermutationTest(None, "none", 0, None, note="one group only: nothing to compare")
    if not any(np.abs(scores).max(initial=0) > 1e-12 for scores, _ in blocks):
        return PermutationTest(None, "none", 0, None, note="no events to compare: no test")
    if n > LARGEST_PERMUTED:
        return PermutationTest(None, "none", 0, None, note=f"more than {LARGEST_PERMUTED:,} patients: not needed")
    two = len(sizes) == 2
    if two and len(blocks) == 1 and math.comb(n, int(sizes.min())) <= EXACT_LIMIT:
        return _exact(*blocks[0], int(sizes.min()))
    if draws < 1:
        raise AnalysisError("a permutation test needs at least one draw")
    return _monte_carlo(blocks, sizes, draws, seed)


def _patients(table: RiskTable, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-rank scores and group codes, one for each patient of the table."""
    d, n = table.n_events.sum(axis=0), np.maximum(table.n_at_risk.sum(axis=0), 1)
    hazard = np.cumsum(weights * d / n)
    by_cell = np.stack([weights - hazard, -hazard])  # (event or censored, n_times)
    counts = np.stack([table.n_events, table.n_censored], axis=1)  # (groups, 2, n_times)
    codes = np.repeat(np.arange(len(table.strata)), counts.sum(axis=(1, 2)))
    scores = np.concatenate([np.repeat(by_cell.ravel(), c.ravel()) for c in counts]) if len(counts) else np.array([])
    return scores, codes


def _exact(scores: np.ndarray, codes: np.ndarray, k: int) -> PermutationTest:
    """All assignments of two groups; scores sum to zero, so the smaller group tells both."""
    n, total = len(scores), math.comb(len(scores), k)
    small = int(np.argmin(np.bincount(codes, minlength=2)))
    observed = abs(scores[codes == small].sum())
    flat = itertools.chain.from_iterable(itertools.combinations(range(n), k))
    chosen = np.fromiter(flat, dtype=np.int32, count=total * k).reshape(total, k)
    extreme = int((np.abs(scores[chosen].sum(axis=1)) >= observed - 1e-9 * np.abs(scores).max()).sum())
    return PermutationTest(extreme / total, "exact", total, None)


def _monte_carlo(
    blocks: list[tuple[np.ndarray, np.ndarray]], sizes: np.ndarray, draws: int, seed: int
) -> PermutationTest:
    rng = np.random.default_rng(seed)
    groups = np.flatnonzero(sizes)
    largest = max(np.abs(scores).max(initial=0) for scores, _ in blocks)

    def distance(sums: np.ndarray) -> np.ndarray:
        return (sums**2 / sizes[groups]).sum(axis=-1)

    observed = distance(sum(np.array([scores[codes == g].sum() for g in groups]) for scores, codes in blocks))
    n = sum(len(scores) for scores, _ in blocks)
    extreme, left = 0, draws
    while left:
        m = min(left, max(MONTE_CARLO_CELLS // n, 1))
        sums = np.zeros((m, len(groups)))
        for scores, codes in blocks:
            shuffled = rng.permuted(np.broadcast_to(scores, (m, len(scores))), axis=1)
            order = np.argsort(codes, kind="stable")
            ends = np.searchsorted(codes[order], groups, side="right")
            heads = np.concatenate([np.zeros((m, 1)), shuffled.cumsum(axis=1)], axis=1)
            starts = np.searchsorted(codes[order], groups, side="left")
            sums += heads[:, ends] - heads[:, starts]
        extreme += int((distance(sums) >= observed - 1e-9 * largest**2).sum())
        left -= m
    p = (extreme + 1) / (draws + 1)
    return PermutationTest(p, "Monte Carlo", draws, seed, math.sqrt(p * (1 - p) / draws))


# ---------------------------------------------------------------- all tests of a factor
@dataclass(frozen=True)
class Pair:
    """The test of two levels, with p adjusted for the number of pairs."""

    first: str
    second: str
    test: LogRank
    p_adjusted: float | None

    def to_dict(self) -> dict[str, object]:
        return {"first": self.first, "second": self.second, **self.test.to_dict(), "p_adjusted": self.p_adjusted,
                "note": self.test.note}  # fmt: skip


@dataclass(frozen=True)
class SurvivalComparison:
    """All tests that compare an endpoint between the levels of a factor.

    tests: the weighted family over all levels; which of them answers the question is chosen before looking at p.
    trend: None with two levels, where it is the log-rank test.
    """

    endpoint: str
    label: str
    by: str
    by_label: str
    stratified_by: tuple[str, ...]
    levels: tuple[str, ...]
    n: int
    n_events: int
    n_per_level: tuple[int, ...]
    excluded: tuple[Exclusion, ...]
    tests: tuple[LogRank, ...]
    trend: LogRank | None
    pairs: tuple[Pair, ...]
    pairs_weighting: str
    adjustment: Adjustment
    permutation: PermutationTest | None
    notes: tuple[str, ...] = ()

    def test(self, name: str = "log-rank") -> LogRank:
        """The test of this name."""
        return next(t for t in self.tests if t.name == name)

    def to_frame(self) -> pd.DataFrame:
        """One row a test: name, statistic, df, p, note."""
        rows = [*self.tests, *([self.trend] if self.trend else [])]
        return pd.DataFrame([{**t.to_dict(), "note": t.note} for t in rows])

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        log_rank = self.tests[0]
        groups = zip(self.levels, self.n_per_level, log_rank.observed, log_rank.expected, strict=True)
        return {
            "endpoint": self.endpoint,
            "by": self.by,
            "stratified_by": list(self.stratified_by),
            "n": self.n,
            "n_events": self.n_events,
            "excluded": [e.to_dict() for e in self.excluded],
            "groups": [{"name": a, "n": b, "observed": o, "expected": e} for a, b, o, e in groups],
            "tests": [{**t.to_dict(), "note": t.note} for t in self.tests],
            "trend": self.trend.to_dict() if self.trend else None,
            "pairs": [p.to_dict() for p in self.pairs],
            "pairs_weighting": self.pairs_weighting,
            "adjustment": self.adjustment,
            "permutation": self.permutation.to_dict() if self.permutation else None,
            "notes": list(self.notes),
        }


def compare_survival(
    cohort: Cohort,
    endpoint: str,
    by: str,
    *,
    strata: str | Iterable[str] = (),
    rho: float = 0.0,
    gamma: float = 1.0,
    scores: Sequence[float] | None = None,
    pairs_weighting: Weighting = "log-rank",
    adjustment: Adjustment = "holm",
    permutation: bool | Literal["auto"] = "auto",
    draws: int = 19_999,
    seed: int = 1,
) -> SurvivalComparison:
    """Every test that compares `endpoint` between the levels of `by`, in one result.

    Args:
        strata: factors to stratify by; expected events are counted within their combinations.
        rho, gamma: of the Fleming-Harrington test; (0, 1) looks at late differences.
        scores: numbers for the trend test; 1, 2, 3 ... by default.
        pairs_weighting: the test between each two levels; levels without patients are left out.
        permutation: "auto" runs it where a level has fewer than 10 patients or 5 expected events.

    Raises:
        AnalysisError: the cohort lacks the endpoint or a factor.
    """
    outcome, factor = cohort.endpoint(endpoint), cohort.factor(by)
    names = (strata,) if isinstance(strata, str) else tuple(strata)
    blocks = [cohort.factor(name) for name in names]
    tables = count_strata(outcome, factor, blocks)
    sizes = np.sum([t.n for t in tables], axis=0)
    weightings = [(w, rho, gamma) for w in WEIGHTINGS]
    tests = tuple(weighted_log_rank(tables, w, rho=r, gamma=g) for w, r, g in weightings)
    small = bool((sizes < SMALL_GROUP).any() or (np.array(tests[0].expected) < SMALL_EXPECTED).any())
    run = permutation is True or (permutation == "auto" and small and len(sizes) > 1)
    levels = tables[0].strata
    permuted = permutation_log_rank(tables, draws=draws, seed=seed) if run else None
    pairs = _pairs(tables, pairs_weighting, adjustment, rho, gamma) if len(levels) > 2 else ()
    return SurvivalComparison(
        outcome.name, outcome.label, by, factor.label, names, levels, int(sizes.sum()),
        int(sum(t.n_events.sum() for t in tables)), tuple(sizes.tolist()), exclusions(outcome, factor, *blocks), tests,
        trend_test(tables, scores) if len(levels) > 2 else None, pairs, _name(pairs_weighting, rho, gamma), adjustment,
        permuted, _notes(outcome, factor, tests[0], levels, permuted, small),
    )  # fmt: skip


def count_strata(outcome: TimeToEvent, factor: Factor, blocks: Sequence[Factor]) -> list[RiskTable]:
    """One count table for each combination of the blocks' levels, all with the same groups.

    Groups are the levels of `factor` that any analysed patient has; at least one table comes back.
    """
    used = outcome.valid & (factor.codes >= 0)
    for block in blocks:
        used = used & (block.codes >= 0)
    stratum = np.zeros(len(outcome), dtype=np.int64)
    for block in blocks:
        stratum = stratum * len(block.levels) + block.codes
    present = np.unique(factor.codes[used])
    levels = tuple(factor.levels[i] for i in present)
    tables = []
    for s in np.unique(stratum[used]) if used.any() else [0]:
        codes = np.where(used & (stratum == s), factor.codes, -1).astype(np.int16)
        table = count_risk(outcome, Factor(factor.name, factor.label, factor.levels, codes))
        rows = [levels.index(name) for name in table.strata]
        full = []
        for counts in (table.n_at_risk, table.n_events, table.n_censored):
            padded = np.zeros((len(levels), len(table.time)), dtype=counts.dtype)
            padded[rows] = counts
            full.append(padded)
        tables.append(RiskTable(levels, table.time, *full))
    return tables


def _pairs(
    tables: list[RiskTable], weighting: Weighting, adjustment: Adjustment, rho: float, gamma: float
) -> tuple[Pair, ...]:
    found = []
    for pair in itertools.combinations(range(len(tables[0].strata)), 2):
        rows = list(pair)
        two = [_rows(t, rows) for t in tables]
        found.append(weighted_log_rank(two, weighting, rho=rho, gamma=gamma))
    names = itertools.combinations(tables[0].strata, 2)
    adjusted = adjust_p([t.p for t in found], adjustment)
    return tuple(Pair(*name, test, p) for name, test, p in zip(names, found, adjusted, strict=True))


def _rows(table: RiskTable, rows: list[int]) -> RiskTable:
    strata = tuple(table.strata[i] for i in rows)
    return RiskTable(strata, table.time, table.n_at_risk[rows], table.n_events[rows], table.n_censored[rows])


def _notes(
    outcome: TimeToEvent, factor: Factor, test: LogRank, levels: tuple[str, ...], permuted: PermutationTest | None,
    small: bool,
) -> tuple[str, ...]:  # fmt: skip
    notes = [*outcome.notes]
    if test.note:
        notes.append(test.note)
    absent = [level for level in factor.levels if level not in levels]
    if absent:
        notes.append(f"no patients with {joined(absent, 'or')}")
    if small and permuted and permuted.p is not None:
        way = "all assignments" if permuted.method == "exact" else f"{permuted.draws:,} random assignments"
        notes.append(
            f"a group has fewer than {SMALL_GROUP} patients or {SMALL_EXPECTED} expected events: the permutation test "
            f"({way}) doesn't lean on the chi-square"
        )
    if len(levels) > 2:
        notes.append("the trend test takes the levels as equally spaced in the order shown")
        notes.append(f"{plural(math.comb(len(levels), 2), 'pair')} of levels compared: read the adjusted p")
    notes.append("choose the weighting before looking: the smallest p of several tests isn't a p-value")
    return tuple(notes)
