"""Result -> figure: one description for screen, print and slide."""

from __future__ import annotations

from necc.figures.grid import survival_grid
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
    "empty",
    "number_of_sites",
    "organ_bars",
    "site_bars",
    "site_bars_by",
    "site_matrix",
    "site_timing",
    "survival_curves",
    "survival_grid",
    "upset",
]
