"""A second opinion: results computed again from the patients' data by other programs, and how far both are apart.

The judges are lifelines [1] and scikit-survival [2]; R is asked by the scripts of a report. Each is asked only what it
computes by the same convention, or else with the reason why it may differ; see `necc.analysis.opinion.results.Reason`.

References:
    1. Davidson-Pilon C. J Open Source Softw 2019;4:1317. doi:10.21105/joss.01317
    2. Pölsterl S. J Mach Learn Res 2020;21:212. jmlr.org/papers/v21/20-729
"""

from necc.analysis.opinion.asking import ask, version_of
from necc.analysis.opinion.results import (
    JUDGES,
    TOLERANCE,
    Asked,
    Compared,
    Judge,
    Left,
    Number,
    Opinion,
    Reason,
    difference,
    in_order,
    summed,
)

__all__ = [
    "JUDGES", "TOLERANCE", "Asked", "Compared", "Judge", "Left", "Number", "Opinion", "Reason", "ask", "difference",
    "in_order", "summed", "version_of",
]  # fmt: skip
