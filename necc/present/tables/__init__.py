"""Result -> table: formatted once, shown, copied and downloaded the same."""

from __future__ import annotations

from necc.core.lazy import lazily
from necc.present.tables.table import Table

__getattr__, _LATER = lazily(
    __name__,
    {
        "necc.present.tables.baseline": (
            "characteristics_table",
            "sites_table",
        ),
        "necc.present.tables.checklist": ("checklist_table",),
        "necc.present.tables.cohort": (
            "attrition",
            "findings",
        ),
        "necc.present.tables.competing": (
            "gray_tests",
            "hazards_table",
            "incidence_at",
            "naive_beside",
        ),
        "necc.present.tables.regression": (
            "collinearity_table",
            "imputed_table",
            "influence_table",
            "model_table",
            "model_tests_table",
            "proportional_hazards_table",
            "regression_table",
            "steps_table",
            "subgroup_table",
        ),
        "necc.present.tables.response": (
            "response_by_site_table",
            "response_table",
            "transition_table",
        ),
        "necc.present.tables.sites": (
            "co_occurrence",
            "combinations",
            "number_of_sites",
            "organ_table",
            "site_pairs",
            "site_table",
            "timing_table",
        ),
        "necc.present.tables.survival": (
            "grid_summary",
            "survival_at",
            "survival_summary",
        ),
        "necc.present.tables.survival_tests": (
            "entry_medians",
            "fixed_times",
            "median_conventions",
            "restricted_means",
            "survival_pairs",
            "survival_tests",
        ),
        "necc.present.tables.treatment": (
            "immortal_time",
            "treatment_comparisons",
            "treatment_landmarks",
            "treatment_sensitivity",
        ),
    },
)
__all__ = ["Table", *_LATER]  # noqa: PLE0604
