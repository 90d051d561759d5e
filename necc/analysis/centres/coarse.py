"""What a curve can be where times were counted by month or quarter: bounds that hold whatever happened within one.

Within a cell of times with n at risk, d events and c leaving, the survival that is lost is least where all leave after
the last event, (n - d) / n, as the coarse curve takes it, and most where all leave before the first, (n - c - d) /
(n - c). The products of both bound the curve of the exact times at the end of each cell, and so its median.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from necc.analysis.survival import Curve
from necc.core.result import Result

ROUNDING = 1e-9


@dataclass(frozen=True)
class TimeBound(Result):
    """How far the curve of the exact times of one group may be from the one that is shown.

    width: of the cells in which times were counted; each time is known to half of it.
    most_below: by how much the exact curve may be below the shown one at the end of a cell, at most; never above.
    median_earliest, median_latest: where the median of the exact times lies; None where it may not be reached.
    """

    name: str
    width: float
    most_below: float
    median_earliest: float | None
    median_latest: float | None


def bound_of(curve: Curve, width: float) -> TimeBound:
    """The bounds of a curve whose times are the middles of cells, `width` wide in its unit.

    Example:
        >>> shown = kaplan_meier([0.5, 0.5, 1.5, 2.5], [1, 0, 1, 1], unit="months").curves[0]
        >>> bound_of(shown, 1.0).median_earliest, bound_of(shown, 1.0).median_latest
        (1.0, 2.0)
    """
    n, d, c = (np.asarray(x, dtype=float) for x in (curve.n_at_risk, curve.n_events, curve.n_censored))
    highest = np.cumprod(1 - d / n)
    lowest = np.cumprod(1 - np.divide(d, n - c, out=np.zeros_like(d), where=d > 0))
    reached, passed = np.flatnonzero(lowest <= 0.5 + ROUNDING), np.flatnonzero(highest < 0.5 - ROUNDING)
    return TimeBound(
        curve.name, width, float((highest - lowest).max(initial=0.0)),
        max(0.0, float(curve.time[reached[0]]) - width / 2) if len(reached) else None,
        float(curve.time[passed[0]]) + width / 2 if len(passed) else None,
    )  # fmt: skip
