"""Result -> table: formatted once, shown, copied and downloaded the same."""

from __future__ import annotations

from necc.tables.cohort import attrition, findings
from necc.tables.competing import gray_tests, hazards_table, incidence_at, naive_beside
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
from necc.tables.survival_tests import (
    entry_medians,
    fixed_times,
    median_conventions,
    restricted_means,
    survival_pairs,
    survival_tests,
)
from necc.tables.table import Table
from necc.tables.treatment import immortal_time, treatment_comparisons, treatment_landmarks, treatment_sensitivity

__all__ = [
    "Table",
    "attrition",
    "co_occurrence",
    "combinations",
    "entry_medians",
    "findings",
    "fixed_times",
    "gray_tests",
    "grid_summary",
    "hazards_table",
    "immortal_time",
    "incidence_at",
    "median_conventions",
    "naive_beside",
    "number_of_sites",
    "organ_table",
    "response_by_site_table",
    "response_table",
    "restricted_means",
    "site_pairs",
    "site_table",
    "survival_at",
    "survival_curve",
    "survival_pairs",
    "survival_summary",
    "survival_tests",
    "timing_table",
    "transition_table",
    "treatment_comparisons",
    "treatment_landmarks",
    "treatment_sensitivity",
]
