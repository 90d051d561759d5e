"""Result -> figure: one description for screen, print and slide.

Every function takes a result and a `Style` and gives a `Figure`; a result without patients gives a figure that says so.
"""

from __future__ import annotations

from necc.core.lazy import lazily
from necc.present.figures.style import PAGE, PRINT, Figure, Style, empty

__getattr__, _LATER = lazily(
    __name__,
    {
        "necc.present.figures.cohort": (
            "attrition",
            "overview",
        ),
        "necc.present.figures.competing": (
            "hazards_forest",
            "incidence_grid",
            "naive_excess",
            "stacked_incidence",
        ),
        "necc.present.figures.grid": ("survival_grid",),
        "necc.present.figures.incidence": ("incidence_curves",),
        "necc.present.figures.regression": (
            "forest",
            "inclusion_bars",
            "influence_plot",
            "schoenfeld",
            "subgroup_forest",
        ),
        "necc.present.figures.response": (
            "response_bars",
            "response_by_site",
            "response_ladder",
            "response_rates",
            "swimmer",
            "transitions",
        ),
        "necc.present.figures.restricted": ("restricted_areas",),
        "necc.present.figures.sites": (
            "number_of_sites",
            "organ_bars",
            "site_bars",
            "site_bars_by",
            "site_matrix",
            "site_timing",
            "upset",
        ),
        "necc.present.figures.survival": ("survival_curves",),
        "necc.present.figures.treatment": (
            "timing_curves",
            "timing_ratios",
            "treatment_starts",
        ),
    },
)
__all__ = ["Figure", "PAGE", "PRINT", "Style", "empty", *_LATER]  # noqa: PLE0604
