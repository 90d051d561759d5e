"""What coarser times cost: the median and the log-rank test of times by day, by month and by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from necc.analysis.survival import compare_survival, kaplan_meier
from necc.core.coarse import TIME_GRIDS, coarsened
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for

DRAWS = 1_999
"""Of a permutation, where groups are small: each grid is drawn for, before anything is decided."""


@dataclass(frozen=True)
class GridPrecision:
    """median: None where it isn't reached. p: of the log-rank test; None where there is none, and `note` says why."""

    time_grid: str
    median: float | None
    p: float | None
    note: str = ""


@dataclass(frozen=True)
class Precision:
    """An endpoint by each time grid, the times as they are recorded first; by: the factor that is tested, if any."""

    endpoint: str
    label: str
    unit: str
    by: str
    by_label: str
    grids: tuple[GridPrecision, ...]

    def to_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return asdict(self)


def precision(cohort: Cohort, endpoint: str, by: str = "", grids: Sequence[str] = TIME_GRIDS) -> Precision:
    """The median of everybody, and the log-rank test between the levels of `by`, for times by several grids.

    Raises:
        AnalysisError: no such endpoint, factor or grid.

    Example:
        >>> from necc.analysis.centres.precision import precision
        >>> [(g.time_grid, g.median, round(g.p, 3)) for g in precision(cohort, "PRS", "site:abdominal").grids]
        [('days', 22.93, 0.009), ('month', 22.5, 0.009), ('quarter', 22.5, 0.008)]
    """
    name = cohort.endpoint_name(endpoint)
    rows = asked_for(cohort, Wanted((name,), (by,) if by else ()))
    known = rows.endpoint(name)
    return Precision(name, known.label, known.unit, by, rows.factor(by).label if by else "",
                     tuple(_one(_with_times(rows, name, grid), name, by, grid) for grid in grids))  # fmt: skip


def _one(cohort: Cohort, endpoint: str, by: str, grid: str) -> GridPrecision:
    median = kaplan_meier(cohort, endpoint).curves[0].median.value
    if not by:
        return GridPrecision(grid, median, None, "nothing is compared")
    test = compare_survival(cohort, endpoint, by, draws=DRAWS).test("log-rank")
    return GridPrecision(grid, median, test.p, test.note)


def _with_times(cohort: Cohort, endpoint: str, grid: str) -> Cohort:
    """The same patients, the times of an endpoint by a grid."""
    whole = cohort.whole
    made = replace(whole, _cache={("endpoint", endpoint): coarsened(whole.endpoint(endpoint), grid)})
    return made if cohort.rows is None else replace(made, root=made, rows=cohort.rows, _cache={})
