"""Result -> figure: one description for screen, print and slide.

Every function takes a result and a `Style` and gives a `Figure`; a result without patients gives a figure that says so.
"""

from __future__ import annotations

from necc.figures.cohort import attrition, overview
from necc.figures.grid import survival_grid
from necc.figures.response import (
    response_bars,
    response_by_site,
    response_ladder,
    response_rates,
    swimmer,
    transitions,
)
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

__all__ = [
    "PAGE",
    "PRINT",
    "Figure",
    "Style",
    "attrition",
    "empty",
    "number_of_sites",
    "organ_bars",
    "overview",
    "response_bars",
    "response_by_site",
    "response_ladder",
    "response_rates",
    "site_bars",
    "site_bars_by",
    "site_matrix",
    "site_timing",
    "survival_curves",
    "survival_grid",
    "swimmer",
    "transitions",
    "upset",
]
