"""Objective response and disease control: rates with exact intervals, over all and by a factor.

ORR = (CR + PR) / denominator, DCR = (CR + PR + SD) / denominator [1]. The denominator is the evaluable
patients (CR, PR, SD or PD) or all treated ones, among whom those not evaluable or not recorded count as not
responding. Which response (best or final) and which denominator stand in every result.

References
----------
[1] Eisenhauer EA, et al. RECIST 1.1. Eur J Cancer 2009;45:228-47. doi:10.1016/j.ejca.2008.10.026
[2] Clopper CJ, Pearson ES. Biometrika 1934;26:404-413. doi:10.1093/biomet/26.4.404
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import adjust_p, n_tests
from necc.analysis.proportions import (
    Convention,
    ConventionComparison,
    TestResult,
    all_conventions,
    contingency,
    exact_ci,
)
from necc.analysis.response.population import (
    BEST,
    FINAL,
    MISSING,
    UNTOLD,
    Population,
    of_response,
    plain_column,
    response_column,
    response_of,
    treated,
)
from necc.analysis.response.transitions import NO_ROWS, Transitions, best_to_final
from necc.core.arguments import public
from necc.core.cohort import Cohort, Factor
from necc.core.counts import countable
from necc.core.dictionary import RESPONSES, SITE
from necc.core.estimate import Estimate, Exclusion
from necc.core.frames import frame_of
from necc.core.guardrails import small_groups
from necc.core.result import Result, answers, limits_of
from necc.core.tally import quantiles
from necc.core.text import plural

OutOf = Literal["evaluable", "treated"]


@dataclass(frozen=True)
class Rate(Result):
    """`n` of `of` patients, with the Clopper-Pearson interval [2]."""

    n: int
    of: int
    estimate: Estimate

    def to_dict(self) -> dict[str, object]:
        limits = limits_of(self.estimate)
        return {"n": self.n, "of": self.of, "proportion": limits.pop("value"), **limits}


@dataclass(frozen=True)
class ResponseGroup(Result):
    """Responses of one group: counts of CR, PR, SD, PD, NE and missing, and the two rates.

    n: all patients of the group; n_evaluable: those with CR, PR, SD or PD.
    """

    name: str
    n: int
    n_evaluable: int
    counts: Mapping[str, int]
    orr: Rate
    dcr: Rate


@dataclass(frozen=True)
class TimeToResponse(Result):
    """Time to response among the responders for whom it is recorded (`n` of `of`); None where for nobody."""

    n: int
    of: int
    unit: str
    median: float | None
    q1: float | None
    q3: float | None
    minimum: float | None
    maximum: float | None

    def to_dict(self) -> dict[str, object]:
        fields = super().to_dict()
        fields["min"], fields["max"] = fields.pop("minimum"), fields.pop("maximum")
        return fields


@dataclass(frozen=True, kw_only=True)
class ResponseRates(Result):
    """Responses of a population, over all and by a factor.

    n: patients in the denominator; with `excluded` they make up the cohort that was asked.
    n_treated: patients of the population who received an ICI, all of them unless ICI makes the groups.
    counted: what the denominator consists of, in words.
    by_excluded: patients of the population who are in no stratum, and why.
    test: whether the ORR is the same at every level, on the denominator chosen; None without a factor.
    column: the column of the response, where its levels are CR, PR, SD, PD and NE. given: the flag that all of the
        population have; "" where the file doesn't say, or where it makes the groups.
    """

    response: str
    response_label: str
    denominator: OutOf
    counted: str
    population: str
    n: int
    n_treated: int
    n_evaluable: int
    excluded: tuple[Exclusion, ...]
    overall: ResponseGroup
    by: str | None
    by_label: str
    levels: tuple[str, ...]
    strata: tuple[ResponseGroup, ...]
    by_excluded: tuple[Exclusion, ...]
    test: TestResult | None
    convention: Convention
    time_to_response: TimeToResponse | None
    transitions: Transitions | None
    notes: tuple[str, ...] = ()
    column: str = field(default="", repr=False)
    given: str = field(default="", repr=False)

    @property
    def counts(self) -> Mapping[str, int]:
        return self.overall.counts

    @property
    def orr(self) -> Rate:
        return self.overall.orr

    @property
    def dcr(self) -> Rate:
        return self.overall.dcr

    def all_conventions(self) -> ConventionComparison | None:
        """The test by every convention, and whether the choice changes the side of 0.05; None where untested."""
        return all_conventions(_responders(self.strata)) if self.test and self.test.p is not None else None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        fields = {k: v for k, v in super().to_dict().items() if k != "overall"}
        overall = {"counts": dict(self.counts), "orr": self.orr.to_dict(), "dcr": self.dcr.to_dict()}
        changes = self.transitions.to_dict() if self.transitions else {}
        return {**fields, **overall, **{k: changes.get(k, []) for k in ("transitions", "impossible", "doubtful")}}

    def to_frame(self) -> pd.DataFrame:
        """One row a group: group, n, n_evaluable, the counts, then ORR and DCR as n, of, proportion and limits."""
        rows = []
        for g in self.strata or (self.overall,):
            rates = {f"{name}_{k}": v for name in ("orr", "dcr") for k, v in getattr(g, name).to_dict().items()}
            rows.append({"group": g.name, "n": g.n, "n_evaluable": g.n_evaluable, **g.counts, **rates})
        return frame_of(rows)


@answers
@public
@countable(also=of_response)
def response_rates(
    cohort: Cohort,
    response: str = "best",
    by: str | Factor | None = None,
    *,
    denominator: OutOf = "evaluable",
    convention: Convention = "paper",
) -> ResponseRates:
    """ORR and DCR [1] of the patients who received an ICI; by a factor with a test of the ORR.

    Args:
        cohort: where it has no variable `ici`, all its patients count as treated; by = "ici" compares those
            known to be with and without.
        response: "best", "final", or a column whose values are CR, PR, SD, PD or NE.
        by: anything that `Cohort.factor` takes, or a `Factor` of this cohort.
        denominator: "evaluable" (CR + PR + SD + PD) or "treated" (all of the population; the rest counts as not
            responding).
        convention: how the table is tested, see `necc.analysis.proportions`.

    Raises:
        AnalysisError: no such column or factor, or the column holds something else than responses.

    Example:
        >>> response_rates(cohort, "best", "figo_stage").orr.n
        8
    """
    factor = cohort.factor(by) if isinstance(by, str) else by
    outcome = response_of(cohort, response)
    population = treated(cohort, factor)
    rows = np.flatnonzero(population.mask)
    outcome = outcome.take(rows)
    factor = factor.take(rows) if factor is not None else None
    overall = _group("all patients", outcome, denominator)
    strata = _strata(outcome, factor, denominator) if factor is not None else ()
    lost = factor.n_missing if factor is not None else 0
    patients = cohort.subset(population.mask)
    both = all(cohort.has(response_column(cohort, name)) for name in (BEST, FINAL))
    return ResponseRates(
        response=response,
        response_label=outcome.label,
        denominator=denominator,
        counted="evaluable patients" if denominator == "evaluable" else population.noun,
        population=population.name,
        n=overall.orr.of,
        n_treated=population.n_treated,
        n_evaluable=overall.n_evaluable,
        excluded=(*population.excluded, *_not_counted(overall, denominator)),
        overall=overall,
        by=factor.name if factor is not None else None,
        by_label=factor.label if factor is not None else "",
        levels=factor.levels if factor is not None else (),
        strata=strata,
        by_excluded=(Exclusion(f"'{factor.label}' not recorded", lost),) if factor is not None and lost else (),
        test=_test(strata, outcome, factor, convention) if factor is not None else None,
        convention=convention,
        time_to_response=_time_to_response(patients, outcome),
        transitions=best_to_final(cohort, population) if both else None,
        notes=(
            *_notes(cohort, overall, population, outcome, factor, strata, denominator),
            *([NO_ROWS] if both and cohort.patients is not None else []),
        ),
        column=plain_column(cohort, response),
        given=population.given,
    )


def _group(name: str, outcome: Factor, denominator: OutOf) -> ResponseGroup:
    counts = {**dict(zip(RESPONSES, outcome.counts(), strict=True)), MISSING: outcome.n_missing}
    n, evaluable = sum(counts.values()), sum(counts[r] for r in ("CR", "PR", "SD", "PD"))
    of = evaluable if denominator == "evaluable" else n
    responding = counts["CR"] + counts["PR"]
    rates = [Rate(k, of, exact_ci(k, of)) for k in (responding, responding + counts["SD"])]
    return ResponseGroup(name, n, evaluable, counts, *rates)


def _strata(outcome: Factor, factor: Factor, denominator: OutOf) -> tuple[ResponseGroup, ...]:
    levels = enumerate(zip(factor.levels, factor.counts(), strict=True))
    return tuple(
        _group(level, outcome.take(np.flatnonzero(factor.codes == g)), denominator) for g, (level, n) in levels if n
    )


def _not_counted(overall: ResponseGroup, denominator: OutOf) -> list[Exclusion]:
    if denominator == "treated":
        return []
    counts = (("not evaluable (NE)", overall.counts["NE"]), ("response not recorded", overall.counts[MISSING]))
    return [Exclusion(reason, n) for reason, n in counts if n]


def _responders(strata: tuple[ResponseGroup, ...]) -> list[list[int]]:
    return [[s.orr.n, s.orr.of - s.orr.n] for s in strata]


def _test(strata: tuple[ResponseGroup, ...], outcome: Factor, factor: Factor, convention: Convention) -> TestResult:
    if factor.source and factor.source == outcome.source:
        why = "the groups are defined by the response itself"
    elif not strata:
        why = f"'{factor.label}' is not recorded for any patient"
    else:
        return contingency(_responders(strata), convention)
    return TestResult("not tested", None, None, None, convention, why, sum(s.orr.of for s in strata))


def _time_to_response(cohort: Cohort, outcome: Factor) -> TimeToResponse | None:
    column = cohort.dictionary.role("time_to_response")
    if not cohort.has(column):
        return None
    responding = (outcome.codes == RESPONSES.index("CR")) | (outcome.codes == RESPONSES.index("PR"))
    known = cohort.subset(responding & ~np.isnan(cohort.number(column)))
    n, of, unit = known.n_patients, cohort.n_of(responding), cohort.variable(column).unit
    if not n:
        return TimeToResponse(0, of, unit, None, None, None, None, None)
    times = known.number(column)
    q1, median, q3 = quantiles(times, (0.25, 0.5, 0.75), known.patients)
    return TimeToResponse(n, of, unit, median, q1, q3, float(times.min()), float(times.max()))


def _notes(
    cohort: Cohort,
    overall: ResponseGroup,
    population: Population,
    outcome: Factor,
    factor: Factor | None,
    strata: tuple[ResponseGroup, ...],
    denominator: OutOf,
) -> list[str]:
    untold = population.name == UNTOLD
    notes = ["the file doesn't say who received an ICI: all its patients are counted"] if untold else []
    if not overall.n:
        return [*notes, "no patients to analyse"]
    if not overall.n_evaluable and denominator == "evaluable":
        notes.append("nobody is evaluable: no rate can be estimated")
    unrated = overall.n - overall.n_evaluable
    if unrated and denominator == "treated":
        notes.append(f"{plural(unrated, 'patient')} not evaluable or not recorded: counted as not responding")
    if outcome.name == response_column(cohort, FINAL):
        notes.append(
            "final response is the state at the last assessment, not the best response that RECIST's ORR counts"
        )
    if factor is not None:
        notes += _by_notes(factor, strata, cohort.dictionary.treatment)
    return notes


def _by_notes(factor: Factor, strata: tuple[ResponseGroup, ...], treatment: str) -> list[str]:
    notes = []
    if len(strata) == 1:
        notes.append(f"one level only ({strata[0].name}): nothing to compare")
    if factor.n_missing:
        notes.append(f"'{factor.label}' not recorded for {plural(factor.n_missing, 'patient')}: not compared")
    notes += small_groups(((s.name, s.orr.of) for s in strata), factor.label)
    if treatment in (factor.name, factor.source):
        notes.append("patients with an ICI had to live until it was given and assessed: the groups differ in more "
                     "than the treatment")  # fmt: skip
    return notes


@dataclass(frozen=True)
class ResponseBySite(Result):
    """Response with against without each site; p also adjusted for their number. Sites overlap."""

    panels: tuple[ResponseRates, ...]
    p_adjusted: tuple[float | None, ...]
    adjustment: Adjustment

    @property
    def n(self) -> int:
        """Patients in the denominator of the site recorded of most."""
        return max((panel.n for panel in self.panels), default=0)

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(self.p_adjusted)

    def to_frame(self) -> pd.DataFrame:
        """One row a site and group: site, label, then as `ResponseRates.to_frame`, p and p_adjusted of the site."""
        rows = []
        for panel, p_adjusted in zip(self.panels, self.p_adjusted, strict=True):
            site = {"site": (panel.by or "").removeprefix(SITE), "label": panel.by_label}
            tested = {"p": panel.test.p if panel.test else None, "p_adjusted": p_adjusted}
            rows += [{**site, **row, **tested} for row in panel.to_frame().to_dict("records")]
        return frame_of(rows)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded."""
        panels = zip(self.panels, self.p_adjusted, strict=True)
        return {**super().to_dict(), "panels": [{**r.to_dict(), "p_adjusted": p} for r, p in panels]}


@answers
@public
@countable(sites=True, also=of_response)
def response_by_site(
    cohort: Cohort,
    response: str = "best",
    *,
    denominator: OutOf = "evaluable",
    convention: Convention = "paper",
    adjustment: Adjustment = "holm",
) -> ResponseBySite:
    """`response_rates` for every site of the scheme, with against without.

    Raises:
        AnalysisError: the cohort has no sites, or as `response_rates`.

    Example:
        >>> len(response_by_site(cohort).panels)
        8
    """
    panels = tuple(
        response_rates(cohort, response, f"{SITE}{site}", denominator=denominator, convention=convention)
        for site in cohort.sites_or_error()
    )
    p_values = [panel.test.p if panel.test else None for panel in panels]
    return ResponseBySite(panels, tuple(adjust_p(p_values, adjustment)), adjustment)
