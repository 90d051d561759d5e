"""Result -> table: formatted once, shown, copied and downloaded the same."""

from __future__ import annotations

from necc.tables.cohort import attrition, findings
from necc.tables.response import response_by_site_table, response_table, transition_table
from necc.tables.sites import (
    co_occurrence,
    combinations,
    number_of_sites,
    organ_table,
    site_pairs,
    site_table,
    timing_table,
)
from necc.tables.survival import grid_summary, survival_at, survival_curve, survival_summary
from necc.tables.table import Table

__all__ = [
    "Table",
    "attrition",
    "co_occurrence",
    "combinations",
    "findings",
    "grid_summary",
    "number_of_sites",
    "organ_table",
    "response_by_site_table",
    "response_table",
    "site_pairs",
    "site_table",
    "survival_at",
    "survival_curve",
    "survival_summary",
    "timing_table",
    "transition_table",
]
