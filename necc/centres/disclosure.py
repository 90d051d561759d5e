"""What a file of counts tells of single patients, and the rule that says so.

Single cells are never hidden or rounded: at 88 patients that makes every test useless, while two files, or two filters,
still expose the patients. What makes cells larger is to count fewer things together and to tell times less precisely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from necc.core.text import plural


@dataclass(frozen=True)
class TableSize:
    """How small the cells of a table are.

    cells: rows that have patients. smallest: the fewest patients of any; 0 without cells.
    in_small_cells: patients in cells of fewer than the smallest that is wanted.
    """

    name: str
    patients: int
    cells: int
    cells_of_one: int
    smallest: int
    in_small_cells: int

    @classmethod
    def of(cls, name: str, table: Mapping[str, Any], smallest_cell: int) -> TableSize:
        sizes = [row[-1] for row in table["rows"]]
        small = sum(n for n in sizes if n < smallest_cell)
        return cls(name, sum(sizes), len(sizes), sizes.count(1), min(sizes, default=0), small)


def rule_of(
    sizes: Sequence[TableSize], smallest_cell: int, time_grid: str, *, separate: bool, despite_ledger: str = ""
) -> dict[str, Any]:
    """The rule as it is written into a file, with what was found."""
    found = min((size.smallest for size in sizes), default=0)
    ones = sum(size.cells_of_one for size in sizes)
    worst = max((size.in_small_cells for size in sizes), default=0)
    patients = max((size.patients for size in sizes), default=0)
    person_level = 0 < found < smallest_cell
    if person_level:
        says = (f"person-level information, for a centre with which an agreement exists: {worst:,} of "
                f"{plural(patients, 'patient')} are in cells of fewer than {smallest_cell:,}, and "
                f"{plural(ones, 'cell')} hold{'' if ones != 1 else 's'} one patient")  # fmt: skip
    else:
        says = f"no cell of its tables holds fewer than {plural(smallest_cell, 'patient')}"
    return {"smallest_cell": smallest_cell, "time_grid": time_grid, "separate": separate, "person_level": person_level,
            "smallest_found": found, "cells_of_one": ones, "patients_in_small_cells": worst, "says": says,
            "despite_ledger": despite_ledger}  # fmt: skip


GRID_TOLD = {
    "days": "times are as they are recorded; nothing was made coarser",
    "month": "each time is the middle of the month (30.4375 days) in which it falls: it is off by at most half a month",
    "quarter": "each time is the middle of the quarter (91.3125 days) in which it falls: it is off by at most half a "
               "quarter",
}  # fmt: skip
WHY_NO_CELL_IS_HIDDEN = (
    "no single cell is hidden or rounded: that would bias every curve and test, and two files would still tell what "
    "one of them hides"
)


def notes_on(time_grid: str, *, whole_months: bool, filtered: bool) -> list[str]:
    """What whoever reads a file has to know of it."""
    notes = [GRID_TOLD[time_grid], WHY_NO_CELL_IS_HIDDEN]
    if whole_months and time_grid == "month":
        notes.append("the times were whole months before: the middle of the month moved each by half a month, and hid "
                     "nothing")  # fmt: skip
    if filtered:
        notes.append("these are not all patients of the centre: see the filters")
    return notes
