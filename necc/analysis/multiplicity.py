"""Adjustment of p-values for many tests, equal to R's `p.adjust`.

References:
    1. Holm S. Scand J Stat 1979;6:65-70. https://www.jstor.org/stable/4615733
    2. Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300. doi:10.1111/j.2517-6161.1995.tb02031.x
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from necc.core.errors import AnalysisError

Method = Literal["holm", "bh", "bonferroni"]
ADJUSTMENTS: dict[Method, str] = {"holm": "Holm", "bh": "Benjamini-Hochberg", "bonferroni": "Bonferroni"}


def adjust_p(p_values: Sequence[float | None], method: Method = "holm") -> list[float | None]:
    """Adjusted p-values in the order given; None and NaN are not counted as tests and come back as None.

    "holm" [1] and "bonferroni" hold the family-wise error, "bh" [2] the false discovery rate.

    Raises:
        AnalysisError: the method is unknown or a value is not between 0 and 1.
    """
    if method not in ADJUSTMENTS:
        raise AnalysisError(f"adjustment '{method}' is not one of {', '.join(ADJUSTMENTS)}")
    tested = [i for i, p in enumerate(p_values) if p is not None and not math.isnan(p)]
    p = np.array([p_values[i] for i in tested], dtype=float)
    if ((p < 0) | (p > 1)).any():
        raise AnalysisError("a p-value lies outside 0..1")
    out: list[float | None] = [None] * len(p_values)
    for i, value in zip(tested, _adjust(p, method).tolist(), strict=True):
        out[i] = value
    return out


def n_tests(p_values: Iterable[float | None]) -> int:
    """How many tests were made, and adjusted for: those that have a p."""
    return sum(p is not None and not math.isnan(p) for p in p_values)


def chance_of_any(n: int, alpha: float = 0.05) -> float:
    """The chance that at least one of n independent tests gives p < alpha where nothing is there: 1 - (1 - alpha)^n.

    Raises:
        AnalysisError: fewer than no tests, or alpha is not between 0 and 1.

    Example:
        >>> from necc.analysis.multiplicity import chance_of_any
        >>> round(chance_of_any(7), 3)
        0.302
    """
    if n < 0 or not 0 < alpha < 1:
        raise AnalysisError(f"a chance needs a number of tests and 0 < alpha < 1, not {n:,} and {alpha:g}")
    return -math.expm1(n * math.log1p(-alpha))


def _adjust(p: np.ndarray, method: str) -> np.ndarray:
    m = len(p)
    if method == "bonferroni":
        result: np.ndarray = np.minimum(1.0, m * p)
        return result
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    adjusted = np.empty(m)
    if method == "holm":
        adjusted[order] = np.maximum.accumulate((m - rank + 1) * p[order])
    else:
        adjusted[order] = np.minimum.accumulate((m / rank * p[order])[::-1])[::-1]
    return np.minimum(1.0, adjusted)
