"""Hazard ratios of the groups that curves are drawn of: each level against the first, as they stand on the plot.

References:
    1. Cox DR. J R Stat Soc B 1972;34:187-220. doi:10.1111/j.2517-6161.1972.tb00899.x
    2. Grambsch PM, Therneau TM. Biometrika 1994;81:515-26. doi:10.1093/biomet/81.3.515 (proportional hazards)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from necc.analysis.regression.design import Design, build_design, check_named
from necc.analysis.regression.diagnostics import ProportionalHazards, proportionality_tests
from necc.analysis.regression.fitting import NOTHING_FITTED
from necc.analysis.regression.model import Fitted, check_options, fit_design, make_terms
from necc.analysis.regression.results import CoxTerm
from necc.analysis.regression.small import expected_events
from necc.analysis.regression.ties import Ties
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.errors import AnalysisError
from necc.core.guardrails import Group, too_few
from necc.core.names import did_you_mean
from necc.core.result import GroupedResult, answers, grouping, header
from necc.core.tally import tally


@dataclass(frozen=True, eq=False, kw_only=True)
class HazardRatios(GroupedResult):
    """The hazard ratio of each level against `reference`, of one factor alone.

    terms: one a level with patients, in their order; none where there is one level only.
    proportional: the score test of proportional hazards of all terms together; None where nothing was fitted.
    few: why it has no p, in words; empty where it has, or where there is no test.
    """

    rows_in = "terms"

    reference: str
    ties: Ties
    level: float
    terms: tuple[CoxTerm, ...]
    proportional: ProportionalHazards | None
    few: str = ""


@answers
@public
@countable()
def hazard_ratios(
    cohort: Cohort,
    endpoint: str,
    by: str,
    *,
    reference: str | Mapping[str, str] | None = None,
    order: str | Sequence[str] = (),
    ties: Ties = "efron",
    level: float = 0.95,
) -> HazardRatios:
    """Hazard ratios of the levels of `by` by Cox's model [1], and whether hazards look proportional [2].

    Args:
        cohort: the patients.
        endpoint: an endpoint's name, e.g. "PRS".
        by: anything that `Cohort.factor` takes; a number of sites counts as levels, as its curves do.
        reference: the level that the others are compared with, alone or by the factor's name, as `cox` takes it.
        order: levels that come first, in this order; the first with patients is the reference.
        ties: "efron" (R's default) or "breslow" (SPSS).
        level: confidence level.

    A level with too few patients or events has no ratio (`necc.core.guardrails`), and the test of proportional hazards
    no p where a level has fewer than five expected events: it holds in large samples.

    Raises:
        AnalysisError: the cohort lacks the endpoint or the factor, or an option is unknown.

    Example:
        >>> ratios = hazard_ratios(cohort, "PRS", "site:lung")
        >>> [(t.level, round(t.hazard_ratio, 2)) for t in ratios.terms], round(ratios.proportional.p, 2)
        ([('with', 0.75)], 0.11)
    """
    check_options(ties, level)
    outcome, factor = cohort.endpoint(endpoint), cohort.factor(by)
    there = [name for name, n in zip(factor.levels, _sizes(cohort, endpoint, by), strict=True) if n]
    if first := reference if isinstance(reference, str) else (reference or {}).get(by):
        if first not in factor.levels:
            raise AnalysisError(f"'{first}' is not a level of {by}; {did_you_mean(first, factor.levels)}")
        order = (first, *order)
    check_named([by], None if isinstance(reference, str) else reference)
    order = [*(name for name in order if name in there), *(name for name in there if name not in order)]
    design = build_design(cohort, endpoint, [by], reference={by: order[0]} if order else None, as_levels=True)
    fitted = fit_design(design, ties, level, "firth")
    terms = {str(term.level): term for term in make_terms(fitted)}
    proportional, few = _proportional(fitted)
    return HazardRatios(
        **header(outcome), **grouping(by, factor), n=fitted.fit.n, n_events=fitted.fit.n_events,
        excluded=design.excluded, reference=order[0] if order else "", ties=ties, level=level,
        terms=tuple(terms[name] for name in order[1:] if name in terms), proportional=proportional, few=few,
        notes=outcome.notes,
    )  # fmt: skip


def _sizes(cohort: Cohort, endpoint: str, by: str) -> list[int]:
    """Patients of each level with a time and an event status."""
    factor, outcome = cohort.factor(by), cohort.endpoint(endpoint)
    used = outcome.valid & (factor.codes >= 0)
    patients = None if outcome.patients is None else outcome.patients[used]
    return [int(n) for n in tally(factor.codes[used], patients, len(factor.levels))]


def _proportional(fitted: Fitted) -> tuple[ProportionalHazards | None, str]:
    """The test, and why it has no p."""
    design = fitted.design
    if fitted.fit.status in NOTHING_FITTED or not fitted.fit.converged:
        return None, ""
    test = proportionality_tests(fitted.full, design.groups, design.outcome.grid)[0]
    few = too_few(_groups(design))
    return (replace(test, p=None, statistic=None), few) if few else (test, "")


def _groups(design: Design) -> list[Group]:
    """Each level with its patients and the events expected if all were alike."""
    (covariate,) = design.covariates
    patients = design.patients
    expected = expected_events(design.time, design.event, patients=patients)
    n = tally(covariate.codes, patients, len(covariate.levels))
    weights = expected if patients is None else expected * patients
    e = np.bincount(covariate.codes, weights=weights, minlength=len(covariate.levels))
    return [Group(name, int(n[i]), float(e[i])) for i, name in enumerate(covariate.levels)]
