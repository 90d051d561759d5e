"""What printed figures imply, as pure functions of numbers.

References:
    1. Altman DG, Bland JM. How to obtain the P value from a confidence interval. BMJ 2011;343:d2304.
       doi:10.1136/bmj.d2304
    2. Schoenfeld DA. Sample-size formula for the proportional-hazards regression model. Biometrics
       1983;39:499-503. doi:10.2307/2531021
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from necc.analysis.proportions import chi_square, two_by_two
from necc.core.errors import AnalysisError
from necc.paper.printed import Interval, PrintedNumber


def quantile(level: float = 0.95) -> float:
    """Normal quantile of a two-sided interval.

    Raises:
        AnalysisError: the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise AnalysisError(f"a confidence level of {level} is not between 0 and 1")
    return -float(ndtri((1 - level) / 2))


def se_from_ci(lower: float, upper: float, level: float = 0.95) -> float:
    """Standard error of the log of a ratio from its Wald interval [1].

    Raises:
        AnalysisError: the limits are not 0 < lower < upper.
    """
    if not 0 < lower < upper:
        raise AnalysisError("the limits of a ratio must be above 0, the lower below the upper")
    return (math.log(upper) - math.log(lower)) / (2 * quantile(level))


def p_from_ci(ratio: float, lower: float, upper: float, level: float = 0.95) -> float:
    """Two-sided Wald p of a ratio from its confidence interval [1].

    Raises:
        AnalysisError: the ratio is not above 0, or the limits are not 0 < lower < upper.
    """
    if ratio <= 0:
        raise AnalysisError("a ratio must be above 0")
    return 2 * float(ndtr(-abs(math.log(ratio)) / se_from_ci(lower, upper, level)))


def se_range(lower: PrintedNumber, upper: PrintedNumber, level: float = 0.95) -> Interval:
    """Standard errors that agree with limits as printed."""
    z = 2 * quantile(level)
    narrow = math.log(upper.rounded.low) - math.log(lower.rounded.high)
    wide = math.log(upper.rounded.high) - math.log(lower.rounded.low) if lower.rounded.low > 0 else math.inf
    return Interval(max(0.0, narrow / z), wide / z)


def p_range(ratio: PrintedNumber, lower: PrintedNumber, upper: PrintedNumber, level: float = 0.95) -> Interval:
    """Wald p-values that agree with a ratio and limits as printed."""
    se = se_range(lower, upper, level)
    ends = [abs(math.log(x)) if x > 0 else math.inf for x in (ratio.rounded.low, ratio.rounded.high)]
    near = 0.0 if ratio.rounded.holds(1.0) else min(ends)
    smallest = 2 * float(ndtr(-max(ends) / se.low)) if se.low > 0 else 0.0
    return Interval(smallest, 1.0 if math.isinf(se.high) else 2 * float(ndtr(-near / se.high)))


def centre_range(lower: PrintedNumber, upper: PrintedNumber) -> Interval:
    """Ratios in the middle of the log-scale interval that agree with limits as printed."""
    low = max(0.0, lower.rounded.low)
    return Interval(math.sqrt(low * upper.rounded.low), math.sqrt(lower.rounded.high * upper.rounded.high))


def implied_events(se: float, share: float) -> float:
    """Events behind the standard error of a 0/1 covariate that `share` of the patients have [2].

    Raises:
        AnalysisError: the share is not between 0 and 1, or the standard error not above 0.
    """
    if not 0 < share < 1 or se <= 0:
        raise AnalysisError("a share must lie between 0 and 1, a standard error above 0")
    return 1 / (se * se * share * (1 - share))


def fewest_events(se: float) -> float:
    """Events without which a 0/1 covariate can't have so small a standard error.

    Each event adds the variance of the covariate among those at risk to the information, and the variance of a
    0/1 covariate is at most 1/4.
    """
    return 4 / (se * se)


def fitting_counts(percent: Interval, of: int) -> list[int]:
    """Counts out of `of` whose percentage lies in the interval."""
    first = max(0, math.floor(percent.low * of / 100) - 1)
    last = min(of, math.ceil(percent.high * of / 100) + 1)
    return [k for k in range(first, last + 1) if percent.holds(100 * k / of)] if of else []


def fitting_denominators(count: int, percent: Interval, at_most: int) -> list[int]:
    """Denominators from max(count, 1) to `at_most` with which a count has a percentage in the interval."""
    return [n for n in range(max(count, 1), at_most + 1) if percent.holds(100 * count / n)]


@dataclass(frozen=True)
class TableP:
    """p-values of one 2x2 table: three tests, and which of them the paper's rule takes."""

    pearson: float | None
    yates: float | None
    fisher: float | None
    rule: float | None

    def named(self) -> dict[str, float]:
        values = {"Pearson": self.pearson, "Yates": self.yates, "Fisher": self.fisher}
        return {name: p for name, p in values.items() if p is not None}


def table_p(a: int, of_a: int, b: int, of_b: int) -> TableP:
    """Tests of `a` of `of_a` against `b` of `of_b`."""
    none_a, none_b = of_a - a, of_b - b
    table = [[a, none_a], [b, none_b]]
    return TableP(
        chi_square(table).p,
        chi_square(table, yates=True).p,
        two_by_two(a, none_a, b, none_b, "exact").p,
        two_by_two(a, none_a, b, none_b, "paper").p,
    )
