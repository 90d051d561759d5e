"""Numbers compared between groups, and standardised differences for numbers, flags and categories.

Conventions: "r" as `wilcox.test`, `kruskal.test`, `t.test` and `oneway.test` of R do by default; "paper" as
SPSS prints (no continuity correction, classical analysis of variance for three groups and more); "exact" the
permutation distribution, enumerated for two groups by rank and simulated with a fixed seed otherwise.

References:
    1. Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60. doi:10.1214/aoms/1177730491
    2. Kruskal WH, Wallis WA. J Am Stat Assoc 1952;47:583-621. doi:10.1080/01621459.1952.10483441
    3. Welch BL. Biometrika 1947;34:28-35. doi:10.1093/biomet/34.1-2.28; several groups 1951;38:330-336.
       doi:10.1093/biomet/38.3-4.330
    4. Streitberg B, Roehmel J. Exact distributions for permutation and rank tests. Stat Softw Newsl
       1986;12:10-17.
    5. Austin PC. Stat Med 2009;28:3083-3107. doi:10.1002/sim.3697
    6. Yang D, Dalton JE. A unified approach to measuring the effect size between two groups. SAS Global Forum
       2012, paper 335-2012.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from necc.analysis.proportions import CONVENTIONS, SEED, Convention, TestResult
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.tally import n_of, tally

# R's wilcox.test enumerates below 50 per group when nothing is tied.
R_EXACT_BELOW = 50
ENUMERATION_LIMIT = 300_000_000
PERMUTATIONS = 20_000
PERMUTATION_CELLS = 20_000_000


@dataclass(frozen=True, eq=False)
class _Counted:
    """Numbers of some groups by their distinct values: all that a test of them needs, whoever counted.

    values: float, shape (n_values,), ascending. counts: int64, shape (n_groups, n_values).
    """

    values: np.ndarray
    counts: np.ndarray

    @property
    def sizes(self) -> list[int]:
        sizes: list[int] = self.counts.sum(axis=1).tolist()
        return sizes

    @property
    def n(self) -> int:
        return int(self.counts.sum())

    @property
    def means(self) -> np.ndarray:
        return np.asarray(self.counts @ self.values / self.counts.sum(axis=1))

    @property
    def squares(self) -> np.ndarray:
        """Sums of squared distances from each group's mean."""
        return np.asarray((self.counts * (self.values - self.means[:, None]) ** 2).sum(axis=1))

    def ranges(self) -> list[tuple[float, float]]:
        """The least and the greatest value of each group."""
        there = [self.values[counts > 0] for counts in self.counts]
        return [(float(values[0]), float(values[-1])) for values in there]

    def one_by_one(self, of: np.ndarray) -> np.ndarray:
        """What belongs to each value, once a patient: group by group, in the order of the values."""
        return np.concatenate([np.repeat(of, counts) for counts in self.counts])


def _counted(groups: Sequence[np.ndarray], patients: Sequence[np.ndarray | None]) -> _Counted:
    """Without NaN and without empty groups."""
    known = [(g, ~np.isnan(g), of) for g, of in zip(groups, patients, strict=True)]
    kept = [(g[there], None if of is None else of[there]) for g, there, of in known if n_of(there, of)]
    if not kept:
        return _Counted(np.zeros(0), np.zeros((0, 0), dtype=np.int64))
    values, places = np.unique(np.concatenate([g for g, _ in kept]), return_inverse=True)
    ends = np.cumsum([len(g) for g, _ in kept])[:-1]
    counts = [tally(cells, of, len(values)) for cells, (_, of) in zip(np.split(places, ends), kept, strict=True)]
    return _Counted(values, np.array(counts))


def compare_numbers(
    groups: Sequence[np.ndarray],
    convention: Convention = "r",
    test: Literal["rank", "mean"] = "rank",
    patients: Sequence[np.ndarray | None] | None = None,
) -> TestResult:
    """Test whether numbers differ between groups; NaN is left out, empty groups are dropped.

    "rank": Mann-Whitney [1] for two groups, Kruskal-Wallis [2] for more. "mean": Welch's t [3] for two, for
    more Welch's ("r") or the classical ("paper") analysis of variance.

    Args:
        groups: one array of numbers per group, any lengths
        patients: how many patients each number stands for, one int array per group; without, each is one

    Raises:
        AnalysisError: the convention or the test is unknown, or a number is infinite.

    Example:
        >>> import numpy as np
        >>> from necc.analysis.comparison import compare_numbers
        >>> compare_numbers([np.array([1.0, 2, 2]), np.array([4.0, 5])], "paper").name
        'Mann-Whitney test'
    """
    if convention not in CONVENTIONS:
        raise AnalysisError(f"convention '{convention}' is not one of {', '.join(CONVENTIONS)}")
    if test not in ("rank", "mean"):
        raise AnalysisError(f"test '{test}' is not one of rank, mean")
    numbers = [np.asarray(g, dtype=float) for g in groups]
    if any(np.isinf(g).any() for g in numbers):
        raise AnalysisError("an infinite number can't be compared")
    kept = _counted(numbers, patients or [None] * len(numbers))
    why_not = _untestable(kept, test, convention)
    if why_not:
        return TestResult("not tested", None, None, None, convention, why_not, kept.n)
    if test == "rank":
        return _by_rank(kept, convention)
    return _by_mean(kept, convention)


def _untestable(groups: _Counted, test: str, convention: str) -> str:
    sizes = groups.sizes
    if len(sizes) < 2:
        return "fewer than two groups with values"
    there = groups.counts.sum(axis=0) > 0
    if there.sum() < 2:
        return "all values are equal"
    if test == "mean":
        if min(sizes) < 2:
            return "a group with a single value has no variance"
        spread = math.sqrt(max(groups.squares / sizes))
        if spread <= 1e-14 * float(np.abs(groups.values[there]).max()):
            return "values are constant within every group"
        if convention == "r" and len(sizes) > 2 and any(low == high for low, high in groups.ranges()):
            return "Welch's analysis of variance needs spread in every group"
    return ""


# ---------------------------------------------------------------- ranks


def _midranks(groups: _Counted) -> tuple[np.ndarray, np.ndarray]:
    """Doubled midranks (whole numbers) of the values, and the sizes of the ties."""
    ties = groups.counts.sum(axis=0)
    return 2 * np.cumsum(ties) - ties + 1, ties


def _by_rank(groups: _Counted, convention: Convention) -> TestResult:
    doubled, ties = _midranks(groups)
    sizes, n = groups.sizes, groups.n
    if len(sizes) == 2:
        return _mann_whitney(groups, convention)
    name = "Kruskal-Wallis test"
    sums = groups.counts @ doubled / 2
    h = 12 / (n * (n + 1)) * float((sums**2 / sizes).sum()) - 3 * (n + 1)
    h /= 1 - float((ties.astype(float) ** 3 - ties).sum()) / (float(n) ** 3 - n)
    df = len(sizes) - 1
    if convention == "exact":
        p = _permutation_p(groups, doubled / 2)
        if p is not None:
            return TestResult(name, h, None, p, convention, _simulated(), n)
        note = "chi-square approximation: too many values to permute"
        return TestResult(name, h, float(df), float(chdtrc(df, h)), convention, note, n)
    return TestResult(name, h, float(df), float(chdtrc(df, h)), convention, "chi-square approximation", n)


def _mann_whitney(groups: _Counted, convention: Convention) -> TestResult:
    (doubled, ties), (n1, n2), n = _midranks(groups), groups.sizes, groups.n
    name = "Mann-Whitney test"
    w = float(groups.counts[0] @ doubled) / 2 - n1 * (n1 + 1) / 2
    tied = bool((ties > 1).any())
    note = ""
    if convention == "exact" or (convention == "r" and max(n1, n2) < R_EXACT_BELOW and not tied):
        p = _rank_sum_p(groups)
        if p is not None:
            return TestResult(name, w, None, p, convention, "exact" + (" with ties" if tied else ""), n)
        note = "; too many values to enumerate"
    gap = w - n1 * n2 / 2
    corrected = convention != "paper"
    if corrected:
        gap -= 0.5 * np.sign(gap)
    cubes = float((ties.astype(float) ** 3 - ties).sum())
    sigma = math.sqrt(n1 * n2 / 12 * (n + 1 - cubes / (n * (n - 1))))
    how = f"normal approximation {'with' if corrected else 'without'} continuity correction"
    return TestResult(name, w, None, min(1.0, 2 * float(ndtr(-abs(gap) / sigma))), convention, how + note, n)


def _rank_sum_p(groups: _Counted) -> float | None:
    """Two-sided p of the rank sum over all ways to choose the first group, by the shift algorithm [4].

    As extreme means as far from the expected sum, on either side; None where that is too much work.
    """
    (doubled, ties), (n1, n2), n = _midranks(groups), groups.sizes, groups.n
    take = min(n1, n2)
    if n * take * take > ENUMERATION_LIMIT:
        return None  # the sum of `take` ranks is no less than that, and needn't be looked at one by one
    ranks = np.repeat(doubled, ties)
    top = int(ranks[n - take :].sum())
    if n * take * top > ENUMERATION_LIMIT:
        return None
    ways = np.zeros((take + 1, top + 1))
    ways[0, 0] = 1.0
    for r in groups.one_by_one(doubled).tolist():
        ways[1:, r:] += ways[:-1, : top + 1 - r]
    total = int(ranks.sum())
    seen = int(groups.counts[0 if take == n1 else 1] @ doubled)
    # compared as whole numbers: n * sum against take * total
    distance = np.abs(n * np.arange(top + 1) - take * total)
    chosen = ways[take]
    return min(1.0, float(chosen[distance >= abs(n * seen - take * total)].sum() / chosen.sum()))


def _permutation_p(groups: _Counted, values: np.ndarray) -> float | None:
    """p of the sum of squares between groups over random assignments, fixed seed. values: what is permuted of each."""
    if PERMUTATIONS * groups.n > PERMUTATION_CELLS:
        return None
    rng = np.random.default_rng(SEED)
    sizes = groups.sizes
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def between(rows: np.ndarray) -> np.ndarray:
        result: np.ndarray = (np.add.reduceat(rows, starts, axis=1) ** 2 / np.asarray(sizes)).sum(axis=1)
        return result

    # within groups in the order of the values: the same draws whatever the order of the rows
    drawn_from = groups.one_by_one(values)
    centred = (drawn_from - drawn_from.mean())[None, :]
    observed = float(between(centred)[0])
    drawn = between(rng.permuted(np.repeat(centred, PERMUTATIONS, axis=0), axis=1))
    return (1 + int((drawn >= observed * (1 - 1e-9)).sum())) / (1 + PERMUTATIONS)


def _simulated() -> str:
    return f"permutation distribution simulated with a fixed seed, {PERMUTATIONS:,} draws"


# ---------------------------------------------------------------- means


def _by_mean(groups: _Counted, convention: Convention) -> TestResult:
    n, several = groups.n, len(groups.counts) > 2
    why = ""
    if convention == "exact":
        permuted = _permutation_p(groups, groups.values)
        if permuted is not None:
            return TestResult("permutation test of means", None, None, permuted, convention, _simulated(), n)
        why = "; too many values to permute"
    classical = several and convention != "r"
    name, statistic, df, p, note = _classical(groups) if classical else _welch(groups)
    note += why
    return TestResult(name, statistic, df, p, convention, note, n)


def _welch(groups: _Counted) -> tuple[str, float, float, float, str]:
    """Welch's t for two groups (df by Welch-Satterthwaite), his analysis of variance for more."""
    sizes, means = np.array(groups.sizes), groups.means
    variances = groups.squares / (sizes - 1)
    if len(sizes) == 2:
        share = variances / sizes
        t = float((means[0] - means[1]) / math.sqrt(share.sum()))
        df = float(share.sum() ** 2 / (share**2 / (sizes - 1)).sum())
        return "Welch t test", t, df, float(2 * stdtr(df, -abs(t))), "unequal variances"
    k = len(sizes)
    weight = sizes / variances
    centre = float((weight * means).sum() / weight.sum())
    lack = float(((1 - weight / weight.sum()) ** 2 / (sizes - 1)).sum()) / (k * k - 1)
    f = float((weight * (means - centre) ** 2).sum()) / ((k - 1) * (1 + 2 * (k - 2) * lack))
    note = f"unequal variances; denominator df {1 / (3 * lack):.2f}"
    return "Welch analysis of variance", f, float(k - 1), float(fdtrc(k - 1, 1 / (3 * lack), f)), note


def _classical(groups: _Counted) -> tuple[str, float, float, float, str]:
    sizes, n, k = np.array(groups.sizes), groups.n, len(groups.counts)
    grand = float(groups.counts.sum(axis=0) @ groups.values) / n
    between = float((sizes * (groups.means - grand) ** 2).sum()) / (k - 1)
    within = float(groups.squares.sum()) / (n - k)
    f = between / within
    note = f"equal variances; denominator df {n - k}"
    return "analysis of variance", f, float(k - 1), float(fdtrc(k - 1, n - k, f)), note


# ---------------------------------------------------------------- standardised differences


def standardised_difference(
    groups: Sequence[np.ndarray],
    kind: Literal["number", "flag", "category"] = "number",
    patients: Sequence[np.ndarray | None] | None = None,
) -> Estimate:
    """How far groups lie apart in units of their own spread: independent of the number of patients.

    Args:
        groups: one array per group; numbers with NaN missing, or codes with -1 missing (flags: 0 and 1)
        kind: "number" (difference of means over the root of the mean variance [5]), "flag" (the same for
            shares), "category" (Mahalanobis distance of the shares of levels [6])
        patients: how many patients each value stands for, one int array per group; without, each is one

    Two groups keep the sign (first minus second; categories have none). For more groups the value is the mean
    of the absolute differences of all pairs. None where there is no spread or an empty group.

    Raises:
        AnalysisError: the kind is unknown or a flag holds another value than 0, 1 or missing.
    """
    if kind not in ("number", "flag", "category"):
        raise AnalysisError(f"kind '{kind}' is not one of number, flag, category")
    method = f"standardised {'mean ' if kind == 'number' else ''}difference"
    given = [_present(np.asarray(g, dtype=float), kind) for g in groups]
    kept = _counted(given, patients or [None] * len(given))
    if len(groups) < 2 or len(kept.counts) < len(groups):
        return Estimate(None, None, None, 0.95, f"{method}; not estimable: fewer than two groups with values")
    pair = _category_distance if kind == "category" else _mean_distance
    values = [pair(replace(kept, counts=kept.counts[[i, j]]), kind) for i, j in
              itertools.combinations(range(len(groups)), 2)]  # fmt: skip
    if any(v is None for v in values):
        return Estimate(None, None, None, 0.95, f"{method}; not estimable: no spread within the groups")
    if len(groups) > 2:
        mean = sum(abs(v) for v in values if v is not None) / len(values)
        return Estimate(mean, None, None, 0.95, f"{method}, mean over {len(values)} pairs")
    return Estimate(values[0], None, None, 0.95, method)


def _present(values: np.ndarray, kind: str) -> np.ndarray:
    """NaN for what is missing."""
    if kind == "number":
        return values
    known = np.where(values >= 0, values, np.nan)
    if kind == "flag" and not np.isin(known[~np.isnan(known)], (0, 1)).all():
        raise AnalysisError("a flag holds something else than 0, 1 or missing")
    return known


def _mean_distance(two: _Counted, kind: str) -> float | None:
    a, b = two.means.tolist()
    sizes = np.array(two.sizes)
    if kind == "flag":
        spread = a * (1 - a) + b * (1 - b)
    elif min(sizes) < 2:
        return None
    else:
        spread = float((two.squares / (sizes - 1)).sum())
    gap = a - b
    if spread <= 0:
        return 0.0 if gap == 0 else None
    return float(gap / math.sqrt(spread / 2))


def _category_distance(two: _Counted, kind: str) -> float | None:
    there = two.counts[:, two.counts.sum(axis=0) > 0]
    p, q = (there / there.sum(axis=1)[:, None])[:, 1:]
    gap = p - q
    if not gap.any():
        return 0.0
    covariance = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    # generalised, for levels that one group lacks; a gap outside its range has no distance
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    if not np.allclose(covariance @ inverse @ gap, gap, atol=1e-9):
        return None
    return float(math.sqrt(gap @ inverse @ gap))
