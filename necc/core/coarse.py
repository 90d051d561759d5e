"""Times told less precisely: the middle of the month or quarter in which each falls, in place of the time itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from necc.core.dictionary import DAYS_PER_MONTH, DAYS_PER_UNIT
from necc.core.errors import AnalysisError
from necc.core.time_to_event import Floats, TimeToEvent

TimeGrid = Literal["days", "month", "quarter"]
"""How precisely times are told; `days`: as they are recorded, nothing is changed."""
TIME_GRIDS: tuple[TimeGrid, ...] = get_args(TimeGrid)
MONTHS = {"days": 0, "month": 1, "quarter": 3}
EDGE = 1e-9  # of a cell: a time that differs from its start by rounding alone falls into it


def cell_width(grid: str, unit: str) -> float:
    """How wide the cells of a grid are, in a unit of time; 0 where times stay as they are recorded.

    A month has 30.4375 days.

    Raises:
        AnalysisError: no such grid.

    Example:
        >>> from necc.core.coarse import cell_width
        >>> cell_width("month", "days"), cell_width("quarter", "months"), cell_width("days", "months")
        (30.4375, 3.0, 0.0)
    """
    if grid not in MONTHS:
        raise AnalysisError(
            f"no time grid '{grid}'; times are told by {', '.join(TIME_GRIDS[:-1])} or {TIME_GRIDS[-1]}"
        )
    return MONTHS[grid] * DAYS_PER_MONTH / DAYS_PER_UNIT[unit]


def coarse_times(time: Floats, grid: str, unit: str) -> Floats:
    """The middle of the cell into which each time falls: no time moves by more than half a cell.

    The start of the cell would put the median half a cell too early.

    Args:
        time: float array, in `unit`, any shape; NaN stays.
        grid: see `TIME_GRIDS`.

    Raises:
        AnalysisError: no such grid.

    Example:
        >>> import numpy as np
        >>> from necc.core.coarse import coarse_times
        >>> coarse_times(np.array([0.0, 2.9, 3.0, 7.2]), "quarter", "months").tolist()
        [1.5, 1.5, 4.5, 7.5]
    """
    width = cell_width(grid, unit)
    return (np.floor(time / width + EDGE) + 0.5) * width if width else time


def coarsened(endpoint: TimeToEvent, grid: str) -> TimeToEvent:
    """An endpoint with the times of a grid; who has the event, and who is analysed, stays.

    Raises:
        AnalysisError: no such grid.
    """
    time = coarse_times(endpoint.time, grid, endpoint.unit)
    middles, inverse = np.unique(time[endpoint.valid], return_inverse=True)
    codes = np.full(len(time), -1, dtype=np.int32)
    codes[endpoint.valid] = inverse
    return replace(endpoint, time=time, grid=middles, codes=codes)
