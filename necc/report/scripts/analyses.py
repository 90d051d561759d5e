"""Which section a result has: the one place where analyses and their scripts meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from necc.core.errors import NeccError
from necc.report.model import Computed
from necc.report.scripts import baseline, cohorts, competing, regression, response, sites, survival
from necc.report.scripts.script import Section

Write = Callable[[Section, Any, Computed], None]


def _strata(computed: Computed) -> tuple[str, ...]:
    strata = computed.arguments.get("strata") or ()
    return tuple(map(str, strata)) if isinstance(strata, tuple | list) else ()


def _per(computed: Computed) -> Any:
    return computed.arguments.get("per")


WRITERS: dict[str, Write] = {
    "KaplanMeier": lambda s, r, c: _none(survival.kaplan_meier(s, r)),
    "SurvivalGrid": lambda s, r, c: survival.grid(s, r),
    "SurvivalComparison": lambda s, r, c: survival.comparison(s, r),
    "RestrictedMean": lambda s, r, c: survival.restricted_mean(s, r),
    "FixedTimes": lambda s, r, c: survival.fixed_times(s, r),
    "Timing": lambda s, r, c: survival.timing(s, r),
    "CoxModel": lambda s, r, c: regression.cox(s, r, _per(c)),
    "UnivariateTable": lambda s, r, c: regression.univariate(s, r, _per(c), _strata(c)),
    "HazardRatios": lambda s, r, c: regression.hazard_ratios(s, r),
    "SubgroupTable": lambda s, r, c: regression.subgroups(s, r),
    "SiteDistribution": lambda s, r, c: sites.distribution(s, r),
    "OrganDistribution": lambda s, r, c: sites.organs(s, r),
    "CoOccurrence": lambda s, r, c: sites.together(s, r),
    "Characteristics": lambda s, r, c: baseline.characteristics(s, r),
    "ResponseRates": lambda s, r, c: _none(response.rates(s, r)),
    "ResponseBySite": lambda s, r, c: response.by_site(s, r),
    "Transitions": lambda s, r, c: response.transitions(s, r),
    "CumulativeIncidence": competing.incidence,
    "HazardsByCause": competing.hazards,
    "Flow": cohorts.flow,
    "SideBySide": lambda s, r, c: cohorts.side_by_side(s, r),
}  # fmt: skip
"""By the type of the result."""


def _none(_: object) -> None:
    return None


def write(section: Section, computed: Computed) -> None:
    """Writes what R computes of a result, or why it doesn't."""
    results = computed.result if isinstance(computed.result, tuple) else (computed.result,)
    for result in results:
        writer = WRITERS.get(type(result).__name__)
        if writer is None:
            section.told(f"{computed.function}: {WHY_NOT.get(computed.function, NOT_IN_R)}")
            continue
        before = [*section.lines]
        try:
            writer(section, result, computed)
        except NeccError as problem:
            section.lines = [*before]
            section.told(f"{computed.function}: not compared, as {problem}")


NOT_IN_R = "base R, survival and cmprsk don't compute it, and it isn't compared"
WHY_NOT: dict[str, str] = {
    "parametric": "parametric curves are fitted by a likelihood of the product's own; flexsurv does so in R",
    "stepwise": "which variables enter is decided by rules of the product that survival doesn't have",
    "cox_imputed": "it draws random numbers that R doesn't draw again",
    "influence": "it is told of single patients, whom a script doesn't name",
    "competing_outcome": "it is a part of other numbers, which are compared",
    "competing_from_columns": "it is a part of other numbers, which are compared",
    "treated_patients": "it is told of single patients, whom a script doesn't name",
    "treatment_timing": "survival can do it, with a table of periods for each patient, which isn't written out here",
    "treatment_course": "survival can do it, with a table of periods for each patient, which isn't written out here",
    "swimmer": "it shows single patients, whom a script doesn't name",
}
