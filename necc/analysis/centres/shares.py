"""Shares over several centres: of sites of recurrence, and of responses, with how much the centres differ.

Each centre's share is its own patients' alone. Centres are compared by the test of the table of centre by yes or no, as
elsewhere; how much they differ is the variance between their log odds [1], told where chance alone would give each
centre enough patients with and without. A centre of all or none adds half a patient to each side [2].

References:
    1. Stijnen T, Hamza TH, Ozdemir P. Stat Med 2010;29:3046-67. doi:10.1002/sim.4040 (random effects of log odds)
    2. Haldane JBS. Ann Hum Genet 1956;20:309-11. doi:10.1111/j.1469-1809.1955.tb01285.x
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from necc.analysis.centres.heterogeneity import LEAST_CENTRES, Heterogeneity, heterogeneity
from necc.analysis.centres.survival import TWO_TELL
from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.proportions import Convention, TestResult, contingency, exact_ci
from necc.analysis.recurrence import site_distribution
from necc.analysis.recurrence.distribution import of_recurrence
from necc.analysis.response import response_rates
from necc.analysis.response.population import of_response
from necc.analysis.response.rates import OutOf
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.estimate import Estimate, Exclusion
from necc.core.guardrails import Group, too_few
from necc.core.result import Result, answers

LOG_ODDS = "log odds"


@dataclass(frozen=True)
class CentreShare(Result):
    """`n` of the `of` patients of a centre, or of all centres but one."""

    name: str
    n: int
    of: int
    proportion: Estimate


@dataclass(frozen=True, kw_only=True)
class ShareByCentre(Result):
    """One share over the centres: n of `of` patients of all of them.

    centres: each by itself. test: whether it is the same in all; p_adjusted: for the number of shares that are asked
    together. heterogeneity: of the log odds; typical: the mean over centres, and where a further centre's own share
    would lie, as shares. without: leave-one-centre-out.
    """

    name: str
    label: str
    n: int
    of: int
    proportion: Estimate
    centres: tuple[CentreShare, ...]
    test: TestResult
    p_adjusted: float | None
    heterogeneity: Heterogeneity
    without: tuple[CentreShare, ...]

    @property
    def typical(self) -> Estimate:
        """The mean share over centres, with its limits; None where too few patients."""
        h = self.heterogeneity
        return Estimate(_share(h.estimate), _share(h.ci_lower), _share(h.ci_upper), h.level, "DerSimonian-Laird")

    @property
    def prediction(self) -> tuple[float | None, float | None]:
        """Between which shares that of a further centre would lie."""
        return _share(self.heterogeneity.prediction_lower), _share(self.heterogeneity.prediction_upper)

    def to_dict(self) -> dict[str, object]:
        low, high = self.prediction
        more = {"typical": self.typical.to_dict(), "prediction_lower": low, "prediction_upper": high}
        fields = super().to_dict()
        fields["leave_one_out"] = fields.pop("without")
        return {**fields, **more}


@dataclass(frozen=True, kw_only=True)
class SharesByCentre(Result):
    """Several shares over the same centres, of `n` patients. excluded: who isn't among them, and why."""

    rows_in = "rows"

    of: str
    centre: str
    centre_label: str
    n: int
    excluded: tuple[Exclusion, ...]
    rows: tuple[ShareByCentre, ...]
    notes: tuple[str, ...] = ()

    def row(self, name: str) -> ShareByCentre:
        """The share of this name.

        Raises:
            KeyError: there is none.
        """
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)


@answers
@public
@countable(also=of_recurrence, sites=True)
def site_shares(
    cohort: Cohort,
    *,
    centre: str = "centre",
    level: float = 0.95,
    convention: Convention = "paper",
    adjustment: Adjustment = "holm",
) -> SharesByCentre:
    """How often each site of recurrence is in each centre, and how much the centres differ [1].

    Args:
        centre: the factor that says of which centre a patient is.
        convention: how each site is tested, see `necc.analysis.proportions`; adjustment: for the number of sites.

    Raises:
        AnalysisError: the cohort has no sites, or no such factor.

    Example:
        >>> shares = site_shares(cohort, centre="figo_stage")
        >>> lung = shares.row("lung")
        >>> (lung.n, lung.of), [(one.name, one.n) for one in lung.centres][:2]
        ((32, 80), [('I', 15), ('II', 4)])
    """
    found = site_distribution(cohort, by=centre, convention=convention, adjustment=adjustment)
    tests = {test.site: test for test in found.tests}
    rows = []
    for place, site in enumerate(found.sites):
        parts = [(s.name, s.sites[place].n, s.sites[place].of) for s in found.strata]
        test = tests.get(site.name)
        none = TestResult("not tested", None, None, None, convention, "one centre only: nothing to compare", site.of)
        rows.append(_row(site.name, site.label, parts, test.test if test else none,
                         test.p_adjusted if test else None, level))  # fmt: skip
    return SharesByCentre(
        of="sites", centre=found.by or centre, centre_label=found.by_label, n=sum(s.n for s in found.strata),
        excluded=(*found.excluded, *found.by_excluded), rows=tuple(rows), notes=_notes(found.notes, len(found.strata)),
    )  # fmt: skip


@answers
@public
@countable(also=of_response)
def response_by_centre(
    cohort: Cohort,
    response: str = "best",
    *,
    centre: str = "centre",
    denominator: OutOf = "evaluable",
    level: float = 0.95,
    convention: Convention = "paper",
) -> SharesByCentre:
    """Objective response and disease control in each centre, and how much the centres differ [1].

    Args:
        response, denominator, convention: as in `response_rates`.
        centre: the factor that says of which centre a patient is.

    Raises:
        AnalysisError: no such column or factor, or the column holds something else than responses.

    Example:
        >>> rates = response_by_centre(cohort, centre="figo_stage")
        >>> [(row.name, row.n, row.of) for row in rates.rows]
        [('orr', 8, 14), ('dcr', 11, 14)]
    """
    found = response_rates(cohort, response, centre, denominator=denominator, convention=convention)
    rows = []
    for name, label in (("orr", "Objective response"), ("dcr", "Disease control")):
        parts = [(s.name, getattr(s, name).n, getattr(s, name).of) for s in found.strata]
        test = found.test if name == "orr" and found.test else None
        table = [[k, n - k] for _, k, n in parts]
        rows.append(_row(name, label, parts, test or contingency(table, convention), None, level))
    return SharesByCentre(
        of="response", centre=found.by or centre, centre_label=found.by_label, n=found.n,
        excluded=(*found.excluded, *found.by_excluded), rows=tuple(rows), notes=_notes(found.notes, len(found.strata)),
    )  # fmt: skip


def _row(
    name: str,
    label: str,
    parts: Sequence[tuple[str, int, int]],
    test: TestResult,
    p_adjusted: float | None,
    level: float,
) -> ShareByCentre:
    """A share of which each centre gives its name, patients with, and patients of whom it is known."""
    n, of = sum(k for _, k, _ in parts), sum(m for _, _, m in parts)
    there = [(centre, k, m) for centre, k, m in parts if m]
    left = [CentreShare(centre, n - k, of - m, exact_ci(n - k, of - m, level)) for centre, k, m in there]
    return ShareByCentre(
        name=name, label=label, n=n, of=of, proportion=exact_ci(n, of, level),
        centres=tuple(CentreShare(centre, k, m, exact_ci(k, m, level)) for centre, k, m in there), test=test,
        p_adjusted=p_adjusted, heterogeneity=_heterogeneity(name, there, n / of if of else 0.0, level),
        without=tuple(left) if len(there) >= LEAST_CENTRES else (),
    )  # fmt: skip


def _heterogeneity(name: str, parts: Sequence[tuple[str, int, int]], share: float, level: float) -> Heterogeneity:
    """Of the centres' log odds; not told where chance alone would leave one with too few on a side."""
    groups = [Group(centre, m, min(share, 1 - share) * m) for centre, _, m in parts]
    if len(parts) > 1 and (lacking := too_few(groups)):
        return Heterogeneity(of=name, measure=LOG_ODDS, n_centres=len(parts), level=level, note=lacking)
    halves = [0.5 if k in (0, m) else 0.0 for _, k, m in parts]
    some = np.array([(k + half, m - k + half) for (_, k, m), half in zip(parts, halves, strict=True)]).reshape(-1, 2)
    odds, errors = np.log(some[:, 0] / some[:, 1]), np.sqrt(1 / some[:, 0] + 1 / some[:, 1])
    return heterogeneity(odds.tolist(), errors.tolist(), of=name, measure=LOG_ODDS, level=level)


def _share(log_odds: float | None) -> float | None:
    return None if log_odds is None else float(1 / (1 + np.exp(-log_odds)))


def _notes(notes: Sequence[str], n_centres: int) -> tuple[str, ...]:
    return (*notes, *([TWO_TELL] if n_centres < LEAST_CENTRES else []))
