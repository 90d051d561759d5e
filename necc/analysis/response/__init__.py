"""Response to immune checkpoint inhibitors: rates, best-to-final transitions, swimmer plot."""

from __future__ import annotations

from necc.analysis.response.rates import (
    Rate,
    ResponseBySite,
    ResponseGroup,
    ResponseRates,
    response_by_site,
    response_rates,
)
from necc.analysis.response.swimmer import Lane, Swimmer, TreatedPatients, swimmer, treated_patients
from necc.analysis.response.transitions import Transitions, transitions

__all__ = [
    "Lane", "Rate", "ResponseBySite", "ResponseGroup", "ResponseRates", "Swimmer", "Transitions", "TreatedPatients",
    "response_by_site",
    "response_rates", "swimmer", "transitions", "treated_patients",
]  # fmt: skip
