"""What a centre's file would tell of single patients, before it is made: grid by grid and table by table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from necc.centres.disclosure import TableSize
from necc.centres.file import MARKS, SITES_COLUMN, CentreFile
from necc.centres.summarising import own_words, summarise
from necc.core.coarse import TIME_GRIDS
from necc.core.cohort import Cohort
from necc.core.guardrails import SMALLEST_CELL


@dataclass(frozen=True)
class Stratum:
    """Patients of one level of a factor, or with or without a site."""

    factor: str
    label: str
    level: str
    n: int


@dataclass(frozen=True)
class GridSizes:
    """A file's tables where times are told by one grid."""

    time_grid: str
    person_level: bool
    says: str
    tables: tuple[TableSize, ...]


@dataclass(frozen=True)
class Preview:
    """What a file would hold.

    grids: days, month and quarter. smallest_strata: those of fewer patients than the smallest cell, the smallest first;
    where there is none, the smallest one. own_words: levels that are words of the patients' file, by factor; they leave
    with the file. larger: what would make its cells larger.
    """

    patients: int
    smallest_cell: int
    grids: tuple[GridSizes, ...]
    smallest_strata: tuple[Stratum, ...]
    own_words: dict[str, tuple[str, ...]]
    larger: tuple[str, ...]

    def grid(self, name: str) -> GridSizes:
        """The tables with times told by this grid.

        Raises:
            KeyError: no such grid.
        """
        return {sizes.time_grid: sizes for sizes in self.grids}[name]

    def to_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return asdict(self)


def preview(cohort: Cohort, *, smallest_cell: int = SMALLEST_CELL, **given: Any) -> Preview:
    """What `summarise` would hand on with these arguments, for each time grid; nothing is written.

    Args:
        cohort: the patients.
        smallest_cell: patients; fewer in a cell are few.
        given: the other arguments of `summarise`; `time_grid` is taken by turns.

    Raises:
        AnalysisError: as `summarise` raises it.

    Example:
        >>> from necc.centres import preview
        >>> found = preview(cohort, endpoints=["PRS"], factors=["figo_stage"], sites=False, responses=False)
        >>> [(sizes.time_grid, sizes.tables[0].cells_of_one) for sizes in found.grids]
        [('days', 88), ('month', 57), ('quarter', 36)]
    """
    given = {name: value for name, value in given.items() if name != "time_grid"}
    files = [summarise(cohort, smallest_cell=smallest_cell, time_grid=grid, **given) for grid in TIME_GRIDS]
    grids = tuple(GridSizes(grid, file.rule["person_level"], file.rule["says"], sizes_of(file))
                  for grid, file in zip(TIME_GRIDS, files, strict=True))  # fmt: skip
    factors = [cohort.factor(f["name"]) for f in files[0].factors] if cohort.behind is None else []
    words = {factor.name: own for factor in factors if (own := own_words(cohort, factor))}
    strata = sorted(_strata(files[0]), key=lambda s: s.n)
    small = tuple(s for s in strata if s.n < smallest_cell) or tuple(strata[:1])
    separate = bool(files[0].rule["separate"])
    return Preview(files[0].patients, smallest_cell, grids, small, words, _larger(files[0], separate))


def sizes_of(file: CentreFile) -> tuple[TableSize, ...]:
    """How small the cells of a file's tables are."""
    return tuple(TableSize.of(name, table, file.rule["smallest_cell"]) for name, table in file.tables.items())


def most_even(file: CentreFile) -> str:
    """The factor or site of a file's first endpoint whose smallest group is the largest; "" where there is none.

    Example:
        >>> from necc.centres import most_even, summarise
        >>> most_even(summarise(cohort, endpoints=["PRS"]))
        'site:lung'
    """
    counted = {c for t in file.tables.values() if t["endpoint"] for c in t["columns"]}
    least: dict[str, int] = {}
    for stratum in _strata(file):
        of_site = stratum.level == "with" and stratum.factor.startswith("site:")
        if (SITES_COLUMN if of_site else stratum.factor) in counted:
            n = min(stratum.n, file.patients - stratum.n) if of_site else stratum.n
            least[stratum.factor] = min(least.get(stratum.factor, n), n)
    return max(least, key=lambda name: least[name], default="")


def _strata(file: CentreFile) -> Sequence[Stratum]:
    """Every level that has patients, from the tables that count it."""
    found: dict[tuple[str, str], Stratum] = {}
    known = {f["name"]: f for f in file.factors}
    for table in file.tables.values():
        n = np.array([row[-1] for row in table["rows"]], dtype=np.int64)
        for place, column in enumerate(table["columns"]):
            values = [row[place] for row in table["rows"]]
            if column in known:
                sizes = np.bincount(np.array(values, dtype=np.int64) + 1, n, len(known[column]["levels"]) + 1)[1:]
                for level, size in zip(known[column]["levels"], sizes.astype(int).tolist(), strict=True):
                    found[column, level] = Stratum(column, known[column]["label"], level, size)
            elif column == SITES_COLUMN:
                for i, site in enumerate(file.sites["names"]):
                    with_it = sum(row[-1] for row in table["rows"] if row[place][i] == MARKS[1])
                    found[column, site] = Stratum(f"site:{site}", file.sites["labels"][site], "with", with_it)
    return [stratum for stratum in found.values() if stratum.n]


def _larger(file: CentreFile, separate: bool) -> tuple[str, ...]:
    """What would make the cells larger, in words."""
    ways = ["name fewer factors"] if len(file.factors) > 1 else []
    if file.sites["names"]:
        ways.append("leave the sites out")
    if not separate and len(file.factors) + bool(file.sites["names"]) > 1:
        ways.append("put each factor into a table of its own (and fit no model with several of them)")
    return (*ways, "tell times by quarter")
