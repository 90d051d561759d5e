"""Result -> figure: one description for screen, print and slide.

Every function takes a result and a `Style` and gives a `Figure`; a result without patients gives a figure that says so.
"""

from __future__ import annotations

from necc.figures.style import PAGE, PRINT, Figure, Style, empty
from necc.lazy import lazily

__getattr__, _LATER = lazily(
    __name__,
    {
        "necc.figures.cohort": (
            "attrition",
            "overview",
        ),
        "necc.figures.competing": (
            "hazards_forest",
            "incidence_grid",
            "naive_excess",
            "stacked_incidence",
        ),
        "necc.figures.grid": ("survival_grid",),
        "necc.figures.incidence": ("incidence_curves",),
        "necc.figures.regression": (
            "forest",
            "inclusion_bars",
            "influence_plot",
            "schoenfeld",
            "subgroup_forest",
        ),
        "necc.figures.response": (
            "response_bars",
            "response_by_site",
            "response_ladder",
            "response_rates",
            "swimmer",
            "transitions",
        ),
        "necc.figures.restricted": ("restricted_areas",),
        "necc.figures.sites": (
            "number_of_sites",
            "organ_bars",
            "site_bars",
            "site_bars_by",
            "site_matrix",
            "site_timing",
            "upset",
        ),
        "necc.figures.survival": ("survival_curves",),
        "necc.figures.treatment": (
            "timing_curves",
            "timing_ratios",
            "treatment_starts",
        ),
    },
)
__all__ = ["Figure", "PAGE", "PRINT", "Style", "empty", *_LATER]  # noqa: PLE0604
