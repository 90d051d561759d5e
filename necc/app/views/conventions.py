"""What the pages choose of how results are computed, so that a report on them says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from necc.analysis.baseline.results import Denominator as PercentOf
from necc.analysis.proportions import Convention
from necc.analysis.response.rates import OutOf
from necc.analysis.survival import CiMethod
from necc.app.views import competing, regression
from necc.app.views.groups import CONVENTION_WORDS, DENOMINATORS, NUMBERS, USUAL_OF
from necc.app.widgets import parts
from necc.app.widgets.choices import choose, chosen
from necc.core.cohort import Cohort

LIMITS: tuple[CiMethod, ...] = ("log-log", "log", "plain")
RESPONSES = {"best": "Best response", "final": "Final response"}
OUT_OF: tuple[OutOf, ...] = ("evaluable", "treated")


@dataclass(frozen=True)
class Conventions:
    """How results are computed in this session, as the pages were left.

    ci: limits of survival curves. times: at which survival is told. response, out_of: of response rates. test,
    percent_of, convention: of the table of characteristics. incidence, models: options of competing events and of Cox
    models.
    """

    ci: CiMethod
    times: tuple[float, ...]
    response: str
    out_of: OutOf
    test: Literal["mean", "rank"]
    percent_of: PercentOf
    convention: Convention
    incidence: dict[str, Any]
    models: dict[str, Any]


def choose_limits() -> CiMethod:
    """The method of the confidence limits of survival curves."""
    return choose("ci", "Confidence limits", LIMITS, fixed=True, help="log-log: default here; log: R; plain: SPSS")


def choose_response(cohort: Cohort) -> str:
    """Best or final response, of those that the cohort has."""
    return choose("response", "Response", _recorded(cohort), words=RESPONSES, fixed=True)


def choose_out_of(words: dict[OutOf, str]) -> OutOf:
    """Whom response rates are shares of."""
    return choose("denominator", "Out of", OUT_OF, words=words, fixed=True)


def _recorded(cohort: Cohort) -> tuple[str, ...]:
    return tuple(kind for kind in RESPONSES if cohort.has(cohort.dictionary.role(f"response_{kind}")))


def conventions(cohort: Cohort, endpoint: str, by: str | None, terms: Sequence[str]) -> Conventions:
    """What the pages would compute with now, their controls not drawn.

    Args:
        by: what groups are made by. terms: covariates of Cox models.
    """
    recorded = _recorded(cohort)
    usual = USUAL_OF[bool(by)]
    return Conventions(
        ci=chosen("ci", LIMITS, fixed=True),
        times=parts.chosen_times(cohort.endpoint(endpoint).unit),
        response=chosen("response", recorded, fixed=True) if recorded else "best",
        out_of=chosen("denominator", OUT_OF, fixed=True),
        test="mean" if chosen("groups-numbers", tuple(NUMBERS), fixed=True) == "mean" else "rank",
        percent_of=chosen(f"groups-of-{bool(by)}", tuple(DENOMINATORS), default=usual, fixed=True),
        convention=chosen("groups-convention", tuple(CONVENTION_WORDS), fixed=True),
        incidence=competing.chosen_rule(cohort),
        models=regression.chosen_options(cohort, endpoint, terms),
    )
