"""Analyses over several centres: together, each by itself, and how much they differ."""

from __future__ import annotations

from necc.analysis.centres.coarse import TimeBound, bound_of
from necc.analysis.centres.heterogeneity import LEAST_CENTRES, LITTLE_POWER, Heterogeneity, heterogeneity
from necc.analysis.centres.precision import GridPrecision, Precision, precision
from necc.analysis.centres.shares import CentreShare, ShareByCentre, SharesByCentre, response_by_centre, site_shares
from necc.analysis.centres.survival import TWO_TELL, ByCentre, LeftOut, OneCentre, by_centre

__all__ = [
    "LEAST_CENTRES", "LITTLE_POWER", "TWO_TELL", "ByCentre", "CentreShare", "GridPrecision", "Heterogeneity", "LeftOut",
    "OneCentre", "Precision", "ShareByCentre", "SharesByCentre", "TimeBound", "bound_of", "by_centre", "heterogeneity",
    "precision", "response_by_centre", "site_shares",
]  # fmt: skip
