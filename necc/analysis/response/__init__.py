"""Response to immune checkpoint inhibitors: rates, best-to-final transitions, swimmer plot."""

from necc.analysis.response.rates import (
    Denominator,
    Rate,
    ResponseBySite,
    ResponseGroup,
    ResponseRates,
    TimeToResponse,
    response_by_site,
    response_rates,
)
from necc.analysis.response.swimmer import Lane, Swimmer, swimmer
from necc.analysis.response.transitions import OddRow, Transition, Transitions, transitions

__all__ = [
    "Denominator",
    "Lane",
    "OddRow",
    "Rate",
    "ResponseBySite",
    "ResponseGroup",
    "ResponseRates",
    "Swimmer",
    "TimeToResponse",
    "Transition",
    "Transitions",
    "response_by_site",
    "response_rates",
    "swimmer",
    "transitions",
]
