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
from typing import Literal

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from necc.analysis.proportions import CONVENTIONS, SEED, Convention, TestResult
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate

# R's wilcox.test enumerates below 50 per group when nothing is tied.
R_EXACT_BELOW = 50
ENUMERATION_LIMIT = 300_000_000
PERMUTATIONS = 20_000
PERMUTATION_CELLS = 20_000_000


def compare_numbers(
    groups: Sequence[np.ndarray], convention: Convention = "r", test: Literal["rank", "mean"] = "rank"
) -> TestResult:
    """Test whether numbers differ between groups; NaN is left out, empty groups are dropped.

    "rank": Mann-Whitney [1] for two groups, Kruskal-Wallis [2] for more. "mean": Welch's t [3] for two, for
    more Welch's ("r") or the classical ("paper") analysis of variance.

    Args:
        groups: one array of numbers per group, any lengths

    Raises:
        AnalysisError: the convention or the test is unknown, or a number is infinite.
    """
    if convention not in CONVENTIONS:
        raise AnalysisError(f"convention '{convention}' is not one of {', '.join(CONVENTIONS)}")
    if test not in ("rank", "mean"):
        raise AnalysisError(f"test '{test}' is not one of rank, mean")
    kept = [g[~np.isnan(g)] for g in (np.asarray(g, dtype=float) for g in groups)]
    if any(np.isinf(g).any() for g in kept):
        raise AnalysisError("an infinite number can't be compared")
    kept = [g for g in kept if len(g)]
    n = sum(len(g) for g in kept)
    why_not = _untestable(kept, test, convention)
    if why_not:
        return TestResult("not tested", None, None, None, convention, why_not, n)
    if test == "rank":
        return _by_rank(kept, convention)
    return _by_mean(kept, convention)


def _untestable(groups: list[np.ndarray], test: str, convention: str) -> str:
    if len(groups) < 2:
        return "fewer than two groups with values"
    pooled = np.concatenate(groups)
    if pooled.min() == pooled.max():
        return "all values are equal"
    if test == "mean":
        if min(len(g) for g in groups) < 2:
            return "a group with a single value has no variance"
        spread = max(float(g.std()) for g in groups)
        if spread <= 1e-14 * float(np.abs(pooled).max()):
            return "values are constant within every group"
        if convention == "r" and len(groups) > 2 and min(float(np.ptp(g)) for g in groups) == 0:
            return "Welch's analysis of variance needs spread in every group"
    return ""


# ---------------------------------------------------------------- ranks


def _midranks(pooled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Doubled midranks (whole numbers) and the sizes of the ties."""
    _, inverse, ties = np.unique(pooled, return_inverse=True, return_counts=True)
    last = np.cumsum(ties)
    return (2 * last - ties + 1)[inverse], ties


def _by_rank(groups: list[np.ndarray], convention: Convention) -> TestResult:
    doubled, ties = _midranks(np.concatenate(groups))
    sizes = [len(g) for g in groups]
    if len(groups) == 2:
        return _mann_whitney(doubled, ties, sizes[0], sizes[1], convention)
    n = len(doubled)
    name = "Kruskal-Wallis test"
    sums = np.array([part.sum() / 2 for part in np.split(doubled, np.cumsum(sizes)[:-1])])
    h = 12 / (n * (n + 1)) * float((sums**2 / sizes).sum()) - 3 * (n + 1)
    h /= 1 - float((ties.astype(float) ** 3 - ties).sum()) / (float(n) ** 3 - n)
    df = len(groups) - 1
    if convention == "exact":
        p = _permutation_p(doubled / 2, sizes)
        if p is not None:
            return TestResult(name, h, None, p, convention, _simulated(), n)
        note = "chi-square approximation: too many values to permute"
        return TestResult(name, h, float(df), float(chdtrc(df, h)), convention, note, n)
    return TestResult(name, h, float(df), float(chdtrc(df, h)), convention, "chi-square approximation", n)


def _mann_whitney(doubled: np.ndarray, ties: np.ndarray, n1: int, n2: int, convention: Convention) -> TestResult:
    n = n1 + n2
    name = "Mann-Whitney test"
    w = float(doubled[:n1].sum()) / 2 - n1 * (n1 + 1) / 2
    tied = bool((ties > 1).any())
    note = ""
    if convention == "exact" or (convention == "r" and max(n1, n2) < R_EXACT_BELOW and not tied):
        p = _rank_sum_p(doubled, n1)
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


def _rank_sum_p(doubled: np.ndarray, n1: int) -> float | None:
    """Two-sided p of the rank sum over all ways to choose the first group, by the shift algorithm [4].

    As extreme means as far from the expected sum, on either side; None where that is too much work.
    """
    n = len(doubled)
    take = min(n1, n - n1)
    top = int(np.sort(doubled)[n - take :].sum())
    if n * take * top > ENUMERATION_LIMIT:
        return None
    ways = np.zeros((take + 1, top + 1))
    ways[0, 0] = 1.0
    for r in doubled.tolist():
        ways[1:, r:] += ways[:-1, : top + 1 - r]
    total = int(doubled.sum())
    seen = int(doubled[:n1].sum()) if take == n1 else int(doubled[n1:].sum())
    # compared as whole numbers: n * sum against take * total
    distance = np.abs(n * np.arange(top + 1) - take * total)
    chosen = ways[take]
    return min(1.0, float(chosen[distance >= abs(n * seen - take * total)].sum() / chosen.sum()))


def _permutation_p(values: np.ndarray, sizes: Sequence[int]) -> float | None:
    """p of the sum of squares between groups over random assignments, fixed seed."""
    if PERMUTATIONS * len(values) > PERMUTATION_CELLS:
        return None
    rng = np.random.default_rng(SEED)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def between(rows: np.ndarray) -> np.ndarray:
        result: np.ndarray = (np.add.reduceat(rows, starts, axis=1) ** 2 / np.asarray(sizes)).sum(axis=1)
        return result

    # within groups in an order of their own: the same draws whatever the order of the rows
    groups = np.split(values - values.mean(), starts[1:])
    centred = np.concatenate([np.sort(g) for g in groups])[None, :]
    observed = float(between(centred)[0])
    drawn = between(rng.permuted(np.repeat(centred, PERMUTATIONS, axis=0), axis=1))
    return (1 + int((drawn >= observed * (1 - 1e-9)).sum())) / (1 + PERMUTATIONS)


def _simulated() -> str:
    return f"permutation distribution simulated with a fixed seed, {PERMUTATIONS:,} draws"


# ---------------------------------------------------------------- means


def _by_mean(groups: list[np.ndarray], convention: Convention) -> TestResult:
    n = sum(len(g) for g in groups)
    why = ""
    if convention == "exact":
        permuted = _permutation_p(np.concatenate(groups), [len(g) for g in groups])
        if permuted is not None:
            return TestResult("permutation test of means", None, None, permuted, convention, _simulated(), n)
        why = "; too many values to permute"
    classical = len(groups) > 2 and convention != "r"
    name, statistic, df, p, note = _classical(groups) if classical else _welch(groups)
    note += why
    return TestResult(name, statistic, df, p, convention, note, n)


def _welch(groups: list[np.ndarray]) -> tuple[str, float, float, float, str]:
    """Welch's t for two groups (df by Welch-Satterthwaite), his analysis of variance for more."""
    sizes = np.array([len(g) for g in groups])
    means = np.array([g.mean() for g in groups])
    variances = np.array([g.var(ddof=1) for g in groups])
    if len(groups) == 2:
        share = variances / sizes
        t = float((means[0] - means[1]) / math.sqrt(share.sum()))
        df = float(share.sum() ** 2 / (share**2 / (sizes - 1)).sum())
        return "Welch t test", t, df, float(2 * stdtr(df, -abs(t))), "unequal variances"
    k = len(groups)
    weight = sizes / variances
    centre = float((weight * means).sum() / weight.sum())
    lack = float(((1 - weight / weight.sum()) ** 2 / (sizes - 1)).sum()) / (k * k - 1)
    f = float((weight * (means - centre) ** 2).sum()) / ((k - 1) * (1 + 2 * (k - 2) * lack))
    note = f"unequal variances; denominator df {1 / (3 * lack):.2f}"
    return "Welch analysis of variance", f, float(k - 1), float(fdtrc(k - 1, 1 / (3 * lack), f)), note


def _classical(groups: list[np.ndarray]) -> tuple[str, float, float, float, str]:
    k, n = len(groups), sum(len(g) for g in groups)
    grand = np.concatenate(groups).mean()
    between = sum(len(g) * (g.mean() - grand) ** 2 for g in groups) / (k - 1)
    within = sum(float(((g - g.mean()) ** 2).sum()) for g in groups) / (n - k)
    f = float(between / within)
    note = f"equal variances; denominator df {n - k}"
    return "analysis of variance", f, float(k - 1), float(fdtrc(k - 1, n - k, f)), note


# ---------------------------------------------------------------- standardised differences


def standardised_difference(
    groups: Sequence[np.ndarray], kind: Literal["number", "flag", "category"] = "number"
) -> Estimate:
    """How far groups lie apart in units of their own spread: independent of the number of patients.

    Args:
        groups: one array per group; numbers with NaN missing, or codes with -1 missing (flags: 0 and 1)
        kind: "number" (difference of means over the root of the mean variance [5]), "flag" (the same for
            shares), "category" (Mahalanobis distance of the shares of levels [6])

    Two groups keep the sign (first minus second; categories have none). For more groups the value is the mean
    of the absolute differences of all pairs. None where there is no spread or an empty group.

    Raises:
        AnalysisError: the kind is unknown or a flag holds another value than 0, 1 or missing.
    """
    if kind not in ("number", "flag", "category"):
        raise AnalysisError(f"kind '{kind}' is not one of number, flag, category")
    method = f"standardised {'mean ' if kind == 'number' else ''}difference"
    kept = [_present(np.asarray(g, dtype=float), kind) for g in groups]
    if len(kept) < 2 or any(len(g) == 0 for g in kept):
        return Estimate(None, None, None, 0.95, f"{method}; not estimable: fewer than two groups with values")
    pair = _category_distance if kind == "category" else _mean_distance
    values = [pair(a, b, kind) for a, b in itertools.combinations(kept, 2)]
    if any(v is None for v in values):
        return Estimate(None, None, None, 0.95, f"{method}; not estimable: no spread within the groups")
    if len(kept) > 2:
        mean = sum(abs(v) for v in values if v is not None) / len(values)
        return Estimate(mean, None, None, 0.95, f"{method}, mean over {len(values)} pairs")
    return Estimate(values[0], None, None, 0.95, method)


def _present(values: np.ndarray, kind: str) -> np.ndarray:
    here: np.ndarray = values[~np.isnan(values)]
    if kind == "number":
        return here
    here = here[here >= 0]
    if kind == "flag" and not np.isin(here, (0, 1)).all():
        raise AnalysisError("a flag holds something else than 0, 1 or missing")
    return here


def _mean_distance(a: np.ndarray, b: np.ndarray, kind: str) -> float | None:
    if kind == "flag":
        spread = a.mean() * (1 - a.mean()) + b.mean() * (1 - b.mean())
    elif min(len(a), len(b)) < 2:
        return None
    else:
        spread = a.var(ddof=1) + b.var(ddof=1)
    gap = float(a.mean() - b.mean())
    if spread <= 0:
        return 0.0 if gap == 0 else None
    return gap / math.sqrt(spread / 2)


def _category_distance(a: np.ndarray, b: np.ndarray, kind: str) -> float | None:
    levels = np.union1d(a, b)
    p, q = (np.array([(g == level).mean() for level in levels[1:]]) for g in (a, b))
    gap = p - q
    if not gap.any():
        return 0.0
    covariance = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    # generalised, for levels that one group lacks; a gap outside its range has no distance
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    if not np.allclose(covariance @ inverse @ gap, gap, atol=1e-9):
        return None
    return float(math.sqrt(gap @ inverse @ gap))
