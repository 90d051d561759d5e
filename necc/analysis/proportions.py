"""Proportions and contingency tables: exact intervals, tests by a named convention, odds ratios.

Three conventions are offered because software and textbooks differ, and the choice can move a p-value
across 0.05:

- "paper": for 2x2, Pearson's chi-square without correction where every expected count is 5 or more, Yates'
  correction where n >= 40 and the smallest expected count is in [1, 5), Fisher's exact test otherwise; for
  r x c, Pearson where at most a fifth of the expected counts is below 5 and none below 1, else the
  Fisher-Freeman-Halton test;
- "r": the defaults of `chisq.test` in R (Yates' correction for 2x2, Pearson for r x c);
- "exact": Fisher's exact test, or Fisher-Freeman-Halton for r x c.

References:
    1. Clopper CJ, Pearson ES. Biometrika 1934;26:404-413. doi:10.1093/biomet/26.4.404
    2. Wilson EB. J Am Stat Assoc 1927;22:209-212. doi:10.1080/01621459.1927.10502953
    3. Yates F. Suppl J R Stat Soc 1934;1:217-235. doi:10.2307/2983604
    4. Freeman GH, Halton JH. Biometrika 1951;38:141-149. doi:10.1093/biomet/38.1-2.141
    5. Mehta CR, Patel NR. J Am Stat Assoc 1983;78:427-434. doi:10.1080/01621459.1983.10477989
    6. Cornfield J. Proc Third Berkeley Symp 1956;4:135-148 (conditional odds ratio).
    7. Woolf B. Ann Hum Genet 1955;19:251-253. doi:10.1111/j.1469-1809.1955.tb01348.x
    8. Katz D, Baptista J, Azen SP, Pike MC. Biometrics 1978;34:469-474. doi:10.2307/2530610 (risk ratio)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import betaincinv, chdtrc, gammaln, logsumexp, ndtri

from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.result import Result
from necc.core.text import plural

Convention = Literal["paper", "r", "exact"]
CONVENTIONS: tuple[Convention, ...] = ("paper", "r", "exact")

# Tables whose probability equals the observed one up to rounding count as equally extreme (as in R).
TIE_TOLERANCE = 1e-7
# Steps of the r x c enumeration before it gives way to simulation: about a second.
WORK_LIMIT = 20_000_000
SIMULATIONS = 100_000
SEED = 20220655


@dataclass(frozen=True)
class TestResult(Result):
    """A test of a hypothesis, unrounded; `p` is None where the data can't be tested, and `note` says why.

    `statistic` and `df` are None for exact tests. `convention` names the family the test was chosen by,
    `note` the reason for the choice, and `n` the patients that entered.
    """

    __test__ = False  # not a test case, whatever its name makes pytest think

    name: str
    statistic: float | None
    df: float | None
    p: float | None
    convention: str
    note: str = ""
    n: int | None = None


@dataclass(frozen=True)
class ConventionComparison(Result):
    """One table tested by every convention; `side_changes` where they disagree about `alpha`."""

    paper: TestResult
    r: TestResult
    exact: TestResult
    side_changes: bool
    alpha: float = 0.05


# ---------------------------------------------------------------- one proportion


def exact_ci(k: int, n: int, level: float = 0.95, method: Literal["exact", "wilson"] = "exact") -> Estimate:
    """Proportion `k` of `n` with the Clopper-Pearson [1] (or Wilson [2]) interval, as R's `binom.test`.

    With n = 0 nothing can be estimated: all three numbers are None and `method` says so.

    Raises:
        AnalysisError: the counts are not whole, k is not in 0..n, or the level is not between 0 and 1.
    """
    k, n = _whole(k, "count"), _whole(n, "denominator")
    if k > n:
        raise AnalysisError(f"a count of {k} can't come from {n} patients")
    if not 0 < level < 1:
        raise AnalysisError(f"a confidence level of {level} is not between 0 and 1")
    label = {"exact": "Clopper-Pearson", "wilson": "Wilson"}.get(method)
    if label is None:
        raise AnalysisError(f"interval '{method}' is not one of exact, wilson")
    if n == 0:
        return Estimate(None, None, None, level, f"{label}; not estimable without patients")
    alpha = 1 - level
    if method == "wilson":
        lower, upper = _wilson(k, n, -float(ndtri(alpha / 2)))
    else:
        lower = float(betaincinv(k, n - k + 1, alpha / 2)) if k > 0 else 0.0
        upper = float(betaincinv(k + 1, n - k, 1 - alpha / 2)) if k < n else 1.0
    return Estimate(k / n, lower, upper, level, label)


def _wilson(k: int, n: int, z: float) -> tuple[float, float]:
    centre = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)


# ---------------------------------------------------------------- tables


def two_by_two(a: int, b: int, c: int, d: int, convention: Convention = "paper") -> TestResult:
    """Test of the table [[a, b], [c, d]]: rows are groups, columns with / without the characteristic.

    Raises:
        AnalysisError: a count is negative or not whole, or the convention is unknown.
    """
    return contingency([[a, b], [c, d]], convention)


def contingency(
    table: Sequence[Sequence[int]] | np.ndarray,
    convention: Convention = "paper",
    work_limit: int = WORK_LIMIT,
) -> TestResult:
    """Test of an r x c table of counts by a named convention (see the module's introduction).

    Args:
        table: counts of patients, shape (n_groups, n_levels). Empty rows and columns are dropped; the note says how
            many.
        work_limit: steps beyond which an exact test is simulated, with a fixed seed so that p doesn't flicker,
            instead of enumerated [5].

    Returns:
        The test; p is None, with the reason as its note, where fewer than two groups or levels are left.

    Raises:
        AnalysisError: the table is not rectangular, holds a negative or broken count, or the convention is unknown.
    """
    if convention not in CONVENTIONS:
        raise AnalysisError(f"convention '{convention}' is not one of {', '.join(CONVENTIONS)}")
    given = _as_table(table)
    counts = given[given.sum(axis=1) > 0][:, given.sum(axis=0) > 0]
    n = int(counts.sum())
    dropped = sum(given.shape) - sum(counts.shape)
    left_out = f"; {plural(dropped, 'empty group or level', 'empty groups or levels')} left out" if dropped else ""
    if min(counts.shape) < 2:
        why = "fewer than two groups or levels" + left_out
        return TestResult("not tested", None, None, None, convention, why, n)
    kind, why = _choose(counts, convention)
    if kind == "exact":
        name, p, how = _exact(counts, work_limit)
        return TestResult(name, None, None, p, convention, "; ".join(filter(None, (why, how))) + left_out, n)
    statistic, df = _chi_square(counts, yates=kind == "yates")
    name = "chi-square test with Yates' correction" if kind == "yates" else "Pearson chi-square test"
    return TestResult(name, statistic, float(df), float(chdtrc(df, statistic)), convention, why + left_out, n)


def chi_square(table: Sequence[Sequence[int]] | np.ndarray, yates: bool = False) -> TestResult:
    """Pearson's chi-square, without or with Yates' correction, whatever the expected counts are.

    No convention would choose like this; it tells which test stands behind a printed p-value.

    Args:
        table: counts of patients, shape (n_groups, n_levels).
        yates: whether to correct for continuity [3].

    Returns:
        The test; p is None, with a note, where a row or column is empty.

    Raises:
        AnalysisError: the table is not rectangular, or holds a negative or broken count.
    """
    counts = _as_table(table)
    kind = "yates" if yates else "pearson"
    if min(counts.sum(axis=0).min(), counts.sum(axis=1).min()) == 0 or min(counts.shape) < 2:
        return TestResult("not tested", None, None, None, kind, "an empty row or column", int(counts.sum()))
    statistic, df = _chi_square(counts, yates)
    p = float(chdtrc(df, statistic))
    return TestResult("chi-square test", statistic, float(df), p, kind, n=int(counts.sum()))


def all_conventions(table: Sequence[Sequence[int]] | np.ndarray, alpha: float = 0.05) -> ConventionComparison:
    """The table by every convention, and whether the choice changes the side of `alpha`.

    Args:
        table: counts of patients, shape (n_groups, n_levels); see `contingency`.

    Raises:
        AnalysisError: the table is not rectangular, or holds a negative or broken count.
    """
    paper, r, exact = (contingency(table, name) for name in CONVENTIONS)
    sides = {result.p < alpha for result in (paper, r, exact) if result.p is not None}
    return ConventionComparison(paper, r, exact, side_changes=len(sides) > 1, alpha=alpha)


def expected_counts(table: Sequence[Sequence[int]] | np.ndarray) -> np.ndarray:
    """Expected counts under independence: float array, shape of the table (zeros for an empty one).

    Raises:
        AnalysisError: the table is not rectangular, or holds a negative or broken count.
    """
    counts = _as_table(table)
    return np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(int(counts.sum()), 1)


def _choose(counts: np.ndarray, convention: Convention) -> tuple[str, str]:
    """Which test a convention asks for ("pearson", "yates" or "exact"), and the reason."""
    expected = expected_counts(counts)
    smallest = float(expected.min())
    square = counts.shape == (2, 2)
    seen = f"smallest expected count {smallest:.2f}"
    if convention == "exact":
        return "exact", ""
    if convention == "r":
        doubt = "; below 5, the approximation may be poor" if smallest < 5 else ""
        return ("yates" if square else "pearson"), seen + doubt
    if square:
        n = int(counts.sum())
        if smallest >= 5:
            return "pearson", f"without continuity correction, {seen}"
        return ("yates" if n >= 40 and smallest >= 1 else "exact"), f"{seen}, n = {n}"
    small = float((expected < 5).mean())
    kind = "pearson" if small <= 0.2 and smallest >= 1 else "exact"
    return kind, f"{small:.0%} of expected counts below 5, {seen}"


def _chi_square(counts: np.ndarray, yates: bool) -> tuple[float, int]:
    expected = expected_counts(counts)
    gap = np.abs(counts - expected)
    if yates:
        gap = gap - min(0.5, float(gap.min()))  # never past zero, as in R
    return float((gap**2 / expected).sum()), (counts.shape[0] - 1) * (counts.shape[1] - 1)


def _exact(counts: np.ndarray, work_limit: int) -> tuple[str, float, str]:
    if counts.shape == (2, 2):
        (a, b), (c, d) = counts.tolist()
        return "Fisher's exact test", _fisher_p(a, b, c, d), ""
    name = "Fisher-Freeman-Halton exact test"
    p = _enumerate(counts, work_limit)
    if p is not None:
        return name, p, ""
    p = _simulate(counts)
    error = math.sqrt(p * (1 - p) / SIMULATIONS)
    return name, p, f"simulated with a fixed seed, {SIMULATIONS:,} tables, standard error {error:.2g}"


def _as_table(table: Sequence[Sequence[int]] | np.ndarray) -> np.ndarray:
    rows = [list(row) for row in table]
    if not rows or len({len(row) for row in rows}) != 1 or not rows[0]:
        raise AnalysisError("a table of counts needs rows of equal length")
    return np.array([[_whole(x, "count") for x in row] for row in rows], dtype=np.int64)


def _whole(x: object, what: str) -> int:
    try:
        value = int(x)  # type: ignore[call-overload]  # what is no number at all raises TypeError
        broken = bool(value != x)
    except (TypeError, ValueError, OverflowError):
        broken = True
    if broken or isinstance(x, str):
        raise AnalysisError(f"{what} {x!r} is not a whole number")
    if value < 0:
        raise AnalysisError(f"{what} {value} is negative")
    return int(value)


# ---------------------------------------------------------------- Fisher's exact test, 2x2


def _hypergeometric(a: int, b: int, c: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Values the upper left count can take with these margins, and the log of their null probabilities."""
    row, other, column = a + b, c + d, a + c
    x = np.arange(max(0, column - other), min(row, column) + 1, dtype=float)
    log_p = -sum(gammaln(cell + 1) for cell in (x, row - x, column - x, other - column + x))
    return x, np.asarray(log_p - logsumexp(log_p))


def _fisher_p(a: int, b: int, c: int, d: int) -> float:
    x, log_p = _hypergeometric(a, b, c, d)
    observed = log_p[a - int(x[0])]
    return min(1.0, float(np.exp(log_p[log_p <= observed + TIE_TOLERANCE]).sum()))


# ---------------------------------------------------------------- odds ratio


def odds_ratio(
    a: int,
    b: int,
    c: int,
    d: int,
    kind: Literal["sample", "conditional"] = "conditional",
    level: float = 0.95,
) -> Estimate:
    """Odds ratio of [[a, b], [c, d]]: the odds of the first column in the first row against the second row.

    "conditional": maximum of the conditional likelihood with the exact interval, as R's `fisher.test` [6];
    "sample": ad / bc with Woolf's interval [7]. An infinite value or limit is None and `method` says so.

    Raises:
        AnalysisError: a count is negative or not whole, or the kind is unknown.
    """
    (a, b), (c, d) = _as_table([[a, b], [c, d]]).tolist()
    if kind not in ("sample", "conditional"):
        raise AnalysisError(f"odds ratio '{kind}' is not one of sample, conditional")
    label = "sample odds ratio, Woolf" if kind == "sample" else "conditional maximum likelihood, exact"
    if min(a + b, c + d, a + c, b + d) == 0:
        return Estimate(None, None, None, level, f"{label}; not estimable with an empty row or column")
    if kind == "sample":
        return _sample_odds_ratio(a, b, c, d, level, label)
    x, log_p = _hypergeometric(a, b, c, d)
    tail = (1 - level) / 2
    edge = 0.0 if a == x[0] else None
    value = _solve(lambda t: _tilted(x, log_p, t, x) - a) if x[0] < a < x[-1] else edge
    lower = _solve(lambda t: _tilted(x, log_p, t, x >= a) - tail) if a > x[0] else 0.0
    upper = _solve(lambda t: tail - _tilted(x, log_p, t, x <= a)) if a < x[-1] else None
    unlimited = "; no upper limit, an empty cell" if upper is None else ""
    return Estimate(value, lower, upper, level, label + unlimited)


def risk_ratio(a: int, b: int, c: int, d: int, level: float = 0.95) -> Estimate:
    """Ratio of the share of the first column in the first row of [[a, b], [c, d]] to that in the second.

    Katz's log interval [8]; without an event in a row there is none, and `method` says so.

    Raises:
        AnalysisError: a count is negative or not whole.

    Example:
        >>> from necc.analysis.proportions import risk_ratio
        >>> risk_ratio(10, 10, 5, 15).value
        2.0
    """
    (a, b), (c, d) = _as_table([[a, b], [c, d]]).tolist()
    label = "risk ratio, Katz"
    if not (a + b and c + d and c):
        return Estimate(None, None, None, level, f"{label}; not estimable with an empty row or no event to compare")
    value = (a / (a + b)) / (c / (c + d))
    if not a or not (b or d):
        return Estimate(value, None, None, level, f"{label}; no interval where a row has no event or all rows have all")
    half = -float(ndtri((1 - level) / 2)) * math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    return Estimate(value, value * math.exp(-half), value * math.exp(half), level, label)


def _sample_odds_ratio(a: int, b: int, c: int, d: int, level: float, label: str) -> Estimate:
    if min(a, b, c, d) == 0:
        value = None if b * c == 0 else 0.0
        return Estimate(value, None, None, level, f"{label}; no interval with an empty cell")
    value = a * d / (b * c)
    half = -float(ndtri((1 - level) / 2)) * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return Estimate(value, value * math.exp(-half), value * math.exp(half), level, label)


def _tilted(x: np.ndarray, log_p: np.ndarray, log_or: float, weight: np.ndarray) -> float:
    """Mean of `weight` over the counts when the odds ratio is exp(log_or)."""
    tilted = log_p + x * log_or
    return float((np.exp(tilted - logsumexp(tilted)) * weight).sum())


def _solve(rising: Callable[[float], float]) -> float:
    """exp of the root of a rising function of the log odds ratio, by bisection."""
    low, high = -1.0, 1.0
    while rising(low) > 0:
        low *= 2
    while rising(high) < 0:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return math.exp((low + high) / 2)


# ---------------------------------------------------------------- Fisher-Freeman-Halton, r x c


def _enumerate(counts: np.ndarray, work_limit: int) -> float | None:
    """p of the Fisher-Freeman-Halton test [4] by the network algorithm [5], or None beyond the work limit.

    The columns are filled one after the other. What is left of the row totals is the state; for every state
    the largest and the smallest probability of all completions are known, so that a partial table is counted
    whole, dropped whole, or carried on. Partial tables of equal state and probability are merged.
    Log-probabilities are kept up to the constant of the margins: minus the sum of log(x!) over the cells.
    """
    table = counts if counts.shape[0] <= counts.shape[1] else counts.T
    rows = table.sum(axis=1)
    columns = np.sort(table.sum(axis=0))[::-1]
    shape = tuple(int(r) + 1 for r in rows[:-1])  # the last row follows from the total
    if math.prod(shape) > work_limit // 50:
        return None
    allocations = [_allocations(rows, int(c), work_limit // 50) for c in columns]
    steps = [s for s in allocations if s is not None]
    if len(steps) < len(allocations) or sum(len(s) for s in steps) * math.prod(shape) > 20 * work_limit:
        return None
    bounds = _bounds(shape, rows, columns, steps)
    observed = -float(gammaln(table + 1).sum())
    constant = float(gammaln(rows + 1).sum() + gammaln(columns + 1).sum() - gammaln(rows.sum() + 1))
    return _walk(rows, columns, steps, bounds, observed + TIE_TOLERANCE, constant, work_limit)


def _allocations(rows: np.ndarray, total: int, limit: int) -> np.ndarray | None:
    """Every way to split a column total over the rows, shape (ways, r); None where there are too many."""
    if math.prod(min(int(r), total) + 1 for r in rows[:-1]) > limit:
        return None
    ranges = [range(min(int(r), total) + 1) for r in rows[:-1]]
    ways = [(*x, total - sum(x)) for x in itertools.product(*ranges) if 0 <= total - sum(x) <= rows[-1]]
    return np.array(ways, dtype=np.int64)


def _bounds(
    shape: tuple[int, ...], rows: np.ndarray, columns: np.ndarray, steps: list[np.ndarray]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each number of filled columns: smallest and largest log-probability of the rest, by state."""
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    low[(0,) * len(shape)] = high[(0,) * len(shape)] = 0.0
    bounds = [(low, high)]
    for ways in reversed(steps):
        next_low, next_high = bounds[0]
        low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
        cost = -gammaln(ways + 1).sum(axis=1)
        for way, c in zip(ways[:, :-1].tolist(), cost.tolist(), strict=True):
            here = tuple(slice(x, None) for x in way)
            there = tuple(slice(0, s - x) for s, x in zip(shape, way, strict=True))
            np.minimum(low[here], next_low[there] + c, out=low[here])
            np.maximum(high[here], next_high[there] + c, out=high[here])
        bounds.insert(0, (low, high))
    return bounds


def _walk(
    rows: np.ndarray,
    columns: np.ndarray,
    steps: list[np.ndarray],
    bounds: list[tuple[np.ndarray, np.ndarray]],
    observed: float,
    constant: float,
    work_limit: int,
) -> float | None:
    left = rows[None, :].astype(np.int64)  # what remains of the row totals, one line per merged partial table
    past, weight = np.zeros(1), np.ones(1)
    p, work = 0.0, 0
    for j, ways in enumerate(steps):
        work += len(ways) * len(past)
        if work > work_limit:
            return None
        remaining = columns[j + 1 :]
        rest = float(gammaln(remaining.sum() + 1) - gammaln(remaining + 1).sum())
        kept = []
        for states, log_p, w in _fill(left, past, weight, ways):
            low, high = (b[tuple(states[:, :-1].T)] for b in bounds[j + 1])
            whole = log_p + high <= observed
            # all completions together: total! / (prod row! prod column!)
            sums = log_p[whole] + rest - gammaln(states[whole] + 1).sum(axis=1) + constant
            p += float((w[whole] * np.exp(sums)).sum())
            on = ~whole & (log_p + low <= observed)
            if on.any():
                kept.append((states[on], log_p[on], w[on]))
        if not kept:
            break
        left, past, weight = _merge(kept)
    return min(1.0, p)


def _fill(
    left: np.ndarray, past: np.ndarray, weight: np.ndarray, ways: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Partial tables with one more column, in blocks of bounded memory."""
    cost = -gammaln(ways + 1).sum(axis=1)
    block = max(1, 200_000 // len(ways))
    for start in range(0, len(past), block):
        part = slice(start, start + block)
        states = left[part, None, :] - ways[None, :, :]
        fits = (states >= 0).all(axis=2)
        log_p = (past[part, None] + cost[None, :])[fits]
        yield states[fits], log_p, np.broadcast_to(weight[part, None], fits.shape)[fits]


def _merge(
    kept: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Add the weights of partial tables that leave the same totals with the same probability."""
    states = np.concatenate([k[0] for k in kept])
    log_p = np.concatenate([k[1] for k in kept])
    weight = np.concatenate([k[2] for k in kept])
    # finer than the tie tolerance, coarser than the rounding of sums of log-factorials
    keys = np.column_stack([states, np.round(log_p * 1e9).astype(np.int64)])
    order = np.lexsort(keys.T)
    new = np.concatenate([[True], (np.diff(keys[order], axis=0) != 0).any(axis=1)])
    first = order[new]
    return states[first], log_p[first], np.add.reduceat(weight[order], np.flatnonzero(new))


def _simulate(counts: np.ndarray) -> float:
    """(1 + tables at most as probable) / (1 + tables drawn), margins fixed."""
    rng = np.random.default_rng(SEED)
    columns = np.tile(counts.sum(axis=0), (SIMULATIONS, 1))
    log_p = np.zeros(SIMULATIONS)
    for row_total in counts.sum(axis=1)[:-1]:
        need = np.full(SIMULATIONS, row_total)
        for j in range(counts.shape[1] - 1):
            x = rng.hypergeometric(columns[:, j], columns[:, j + 1 :].sum(axis=1), need)
            log_p -= gammaln(x + 1)
            columns[:, j] -= x
            need = need - x
        log_p -= gammaln(need + 1)
        columns[:, -1] -= need
    log_p -= gammaln(columns + 1).sum(axis=1)
    observed = -float(gammaln(counts + 1).sum())
    return (1 + int((log_p <= observed + TIE_TOLERANCE).sum())) / (1 + SIMULATIONS)
