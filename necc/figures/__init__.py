"""Result -> figure: one description for screen, print and slide.

Every function takes a result and a `Style` and gives a `Figure`; a result without patients gives a figure that says so.
"""

from __future__ import annotations

from necc.figures.cohort import attrition, overview
from necc.figures.competing import (
    hazards_forest,
    incidence_curves,
    incidence_grid,
    naive_excess,
    stacked_incidence,
)
from necc.figures.grid import survival_grid
from necc.figures.response import (
    response_bars,
    response_by_site,
    response_ladder,
    response_rates,
    swimmer,
    transitions,
)
from necc.figures.restricted import restricted_areas
from necc.figures.sites import (
    number_of_sites,
    organ_bars,
    site_bars,
    site_bars_by,
    site_matrix,
    site_timing,
    upset,
)
from necc.figures.style import PAGE, PRINT, Figure, Style, empty
from necc.figures.survival import survival_curves
from necc.figures.treatment import timing_curves, timing_ratios, treatment_starts

__all__ = [
    "PAGE",
    "PRINT",
    "Figure",
    "Style",
    "attrition",
    "empty",
    "hazards_forest",
    "incidence_curves",
    "incidence_grid",
    "naive_excess",
    "number_of_sites",
    "organ_bars",
    "overview",
    "response_bars",
    "response_by_site",
    "response_ladder",
    "response_rates",
    "restricted_areas",
    "site_bars",
    "site_bars_by",
    "site_matrix",
    "site_timing",
    "stacked_incidence",
    "survival_curves",
    "survival_grid",
    "swimmer",
    "timing_curves",
    "timing_ratios",
    "transitions",
    "treatment_starts",
    "upset",
]
