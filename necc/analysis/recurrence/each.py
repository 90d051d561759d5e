"""Every site at once: an endpoint of those with it against those without, with p adjusted for the number of sites.

References:
    1. Mantel N. Cancer Chemother Rep 1966;50:163-70 (log-rank test)
    2. Cox DR. J R Stat Soc B 1972;34:187-220. doi:10.1111/j.2517-6161.1972.tb00899.x
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import n_tests
from necc.analysis.regression import CoxTerm, UnivariateRow, UnivariateTable, univariate
from necc.analysis.regression.ties import Ties
from necc.analysis.survival import CiMethod, Curve, KaplanMeier, LogRank, SurvivalGrid, survival_grid
from necc.core.arguments import public
from necc.core.cohort import SITE_LEVELS, Cohort
from necc.core.counts import countable
from necc.core.dictionary import SITE
from necc.core.estimate import Estimate
from necc.core.frames import row_lines
from necc.core.result import EndpointResult, Result, answers, header, median_of


@dataclass(frozen=True)
class SiteGroup(Result):
    """Patients with or without a site, and their median time; None where it isn't reached, or nobody is there."""

    name: str
    n: int
    n_events: int
    median: Estimate

    def to_dict(self) -> dict[str, object]:
        return {"name": self.name, "n": self.n, "n_events": self.n_events, **median_of(self.median)}


@dataclass(frozen=True)
class SiteEffect(Result):
    """One site: patients with it against those without.

    test: log-rank [1]; p_adjusted: its p for the number of sites. term: the hazard ratio [2] of those with the site;
    term_p_adjusted: its p for their number. Both have no p where patients or events are too few.
    """

    site: str
    label: str
    n: int
    n_events: int
    with_site: SiteGroup
    without: SiteGroup
    test: LogRank
    p_adjusted: float | None
    term: CoxTerm
    term_p_adjusted: float | None

    def to_dict(self) -> dict[str, object]:
        fields = super().to_dict()
        fields["with"] = fields.pop("with_site")
        return {**fields, "test": self.test.with_note()}


@dataclass(frozen=True, eq=False, kw_only=True)
class EachSite(EndpointResult):
    """An endpoint with against without every site. Sites overlap, so that the rows share patients.

    grid: the curves; models: Cox's model of each site alone.
    """

    sites: tuple[SiteEffect, ...]
    adjustment: Adjustment
    ties: Ties
    ci: CiMethod
    level: float
    grid: SurvivalGrid = field(repr=False)
    models: UnivariateTable = field(repr=False)

    @property
    def n_tests(self) -> int:
        """How many log-rank tests p is adjusted for."""
        return n_tests(site.p_adjusted for site in self.sites)

    def site(self, name: str) -> SiteEffect:
        """The row of a site.

        Raises:
            KeyError: there is none.
        """
        for site in self.sites:
            if site.site == name:
                return site
        raise KeyError(name)

    def _lines(self) -> list[str]:
        return row_lines(self.to_frame(), adjusted=True)

    def to_frame(self) -> pd.DataFrame:
        """One row a site, unrounded; NaN where a number isn't reached or estimable."""
        return pd.DataFrame([_record(site) for site in self.sites], columns=COLUMNS)


COLUMNS = [
    "site", "label", "n", "n_events", "n_with", "n_events_with", "median_with", "median_with_lower",
    "median_with_upper", "n_without", "n_events_without", "median_without", "median_without_lower",
    "median_without_upper", "log_rank_p", "log_rank_p_adjusted", "coefficient", "se", "hazard_ratio", "ci_lower",
    "ci_upper", "p", "p_adjusted", "method", "note",
]  # fmt: skip


def _record(site: SiteEffect) -> dict[str, object]:
    record: dict[str, object] = {"site": site.site, "label": site.label, "n": site.n, "n_events": site.n_events}
    for which, group in (("with", site.with_site), ("without", site.without)):
        record |= {
            f"n_{which}": group.n, f"n_events_{which}": group.n_events, f"median_{which}": group.median.value,
            f"median_{which}_lower": group.median.lower, f"median_{which}_upper": group.median.upper,
        }  # fmt: skip
    term = site.term
    return {
        **record, "log_rank_p": site.test.p, "log_rank_p_adjusted": site.p_adjusted, "coefficient": term.coefficient,
        "se": term.se, "hazard_ratio": term.hazard_ratio, "ci_lower": term.ci_lower, "ci_upper": term.ci_upper,
        "p": term.p, "p_adjusted": site.term_p_adjusted, "method": term.method, "note": term.note or site.test.note,
    }  # fmt: skip


@answers
@public
@countable(sites=True)
def each_site(
    cohort: Cohort,
    endpoint: str,
    *,
    adjustment: Adjustment = "holm",
    ties: Ties = "efron",
    ci: CiMethod = "log-log",
    level: float = 0.95,
) -> EachSite:
    """An endpoint of patients with each site against those without it: medians, log-rank test [1] and hazard ratio [2].

    The curves are those of `survival_grid`, the hazard ratios those of `univariate`.

    Args:
        cohort: the patients; its scheme says what counts as a site.
        endpoint: an endpoint's name, e.g. "PRS".
        adjustment: of p for the number of sites: "holm", "bh" or "bonferroni".
        ties: of Cox's model, "efron" (R's default) or "breslow" (SPSS).
        ci: of the medians, "log-log", "log" or "plain".
        level: confidence level.

    Raises:
        AnalysisError: the cohort has no sites, or lacks the endpoint, or an option is unknown.

    Example:
        >>> frame = each_site(cohort, "PRS").to_frame()
        >>> frame.loc[frame["site"] == "abdominal", ["hazard_ratio", "p", "p_adjusted"]].round(3).values.tolist()
        [[2.378, 0.011, 0.087]]
    """
    grid = survival_grid(cohort, endpoint, ci=ci, level=level, adjustment=adjustment)
    names = [f"{SITE}{site}" for site in cohort.site_names]
    models = univariate(cohort, endpoint, names, adjustment=adjustment, ties=ties, level=level)
    rows = zip(cohort.site_names, grid.panels, grid.p_adjusted, models.rows, strict=True)
    outcome = cohort.endpoint(endpoint)
    notes = dict.fromkeys((*grid.notes, *models.notes))
    return EachSite(
        **header(outcome), n=grid.n, n_events=grid.n_events, excluded=outcome.excluded,
        sites=tuple(_effect(cohort.site_label(site), site, panel, p, row) for site, panel, p, row in rows),
        adjustment=adjustment, ties=ties, ci=ci, level=level, grid=grid, models=models, notes=tuple(notes),
    )  # fmt: skip


def _effect(label: str, site: str, panel: KaplanMeier, p_adjusted: float | None, row: UnivariateRow) -> SiteEffect:
    curves = {curve.name: curve for curve in panel.curves}
    without, with_site = (_group(name, curves.get(name)) for name in SITE_LEVELS)
    return SiteEffect(
        site, label, panel.n, panel.n_events, with_site, without, panel.test, p_adjusted, row.terms[0], row.p_adjusted
    )


def _group(name: str, curve: Curve | None) -> SiteGroup:
    if curve is None:
        return SiteGroup(name, 0, 0, Estimate(None, None, None))
    return SiteGroup(name, curve.n, curve.n_events_total, curve.median)
