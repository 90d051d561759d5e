"""`necc rmst`, `necc test`, `necc each-site`, `necc hazards`, `necc timing`: survival beyond the curve."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Literal

from necc.cli.io import Usage, chosen_endpoint, listed, read, times
from necc.cli.tables import leave

if TYPE_CHECKING:
    from necc.core.cohort import Cohort
    from necc.present.figures import Figure

PERMUTATION: dict[str, Literal["auto"] | bool] = {"auto": "auto", "always": True, "never": False}


def rmst(options: argparse.Namespace) -> int:
    """Mean time up to a horizon, and its differences between groups."""
    from necc.analysis.selection_bias import outcome_selection
    from necc.analysis.survival import kaplan_meier, restricted_mean
    from necc.present import tables

    cohort = read(options)
    endpoint, by = chosen_endpoint(options, cohort), options.by
    means = restricted_mean(cohort, endpoint, by, tau=options.tau, level=options.level, adjustment=options.adjustment)

    def picture() -> Figure:
        from necc.present import figures

        return figures.restricted_areas(means, figures.PRINT, km=kaplan_meier(cohort, endpoint, by))

    return leave(options, means, lambda: [tables.restricted_means(means)], picture,
                 cautions=outcome_selection(cohort, endpoint, by))  # fmt: skip


def compared(options: argparse.Namespace) -> int:
    """Whether groups differ, by several tests and pair by pair."""
    from necc.analysis.selection_bias import outcome_selection
    from necc.analysis.survival import compare_survival
    from necc.present import tables

    cohort = read(options)
    endpoint, by = chosen_endpoint(options, cohort), options.by
    if by is None:
        raise Usage("--by says which groups are compared")
    rho, gamma = options.weights
    result = compare_survival(
        cohort, endpoint, by, strata=listed(options.strata), rho=rho, gamma=gamma,
        pairs_weighting=options.pairs, adjustment=options.adjustment,
        permutation=PERMUTATION[options.permutation], seed=options.seed,
    )  # fmt: skip
    return leave(
        options, result,
        lambda: [tables.survival_tests(result), *([tables.survival_pairs(result)] if result.pairs else [])],
        partial(_curves, cohort, endpoint, by), cautions=outcome_selection(cohort, endpoint, by),
    )  # fmt: skip


def fixed_times(options: argparse.Namespace) -> int:
    """Survival at chosen times, compared there."""
    from necc.analysis.selection_bias import outcome_selection
    from necc.analysis.survival import survival_at
    from necc.present import tables

    cohort = read(options)
    endpoint, by, at = chosen_endpoint(options, cohort), options.by, times(options)
    if not at:
        raise Usage("--at says at which times, as --at 12,24")
    result = survival_at(cohort, endpoint, by, times=at, ci=options.ci, level=options.level)
    return leave(options, result, lambda: [tables.fixed_times(result)], partial(_curves, cohort, endpoint, by),
                 cautions=outcome_selection(cohort, endpoint, by))  # fmt: skip


def _curves(cohort: Cohort, endpoint: str, by: str | None) -> Figure:
    from necc.analysis.survival import kaplan_meier
    from necc.present import figures

    return figures.survival_curves(kaplan_meier(cohort, endpoint, by), figures.PRINT)


def each_site(options: argparse.Namespace) -> int:
    """Each site with against without it: medians, hazard ratios, and p adjusted for the number of sites."""
    from necc.analysis.recurrence import each_site as compared_at_each
    from necc.analysis.selection_bias import outcome_selection
    from necc.present import tables

    cohort = read(options)
    endpoint = chosen_endpoint(options, cohort)
    result = compared_at_each(cohort, endpoint, adjustment=options.adjustment, ties=options.ties, ci=options.ci,
                              level=options.level)  # fmt: skip

    cautions = [
        guard for site in cohort.site_names[:1] for guard in outcome_selection(cohort, endpoint, f"site:{site}")
    ]
    return leave(options, result, lambda: [tables.grid_summary(result.grid), tables.regression_table(result.models)],
                 cautions=cautions)  # fmt: skip


def hazards(options: argparse.Namespace) -> int:
    """Hazards of each cause: of the cause itself, and of its incidence."""
    from necc.analysis.competing import hazards_by_cause
    from necc.present import tables

    cohort, covariates = read(options), listed(options.covariates)
    result = hazards_by_cause(cohort, options.endpoint, covariates, rule=options.rule,
                              hierarchy=listed(options.hierarchy), only=listed(options.causes),
                              level=options.level)  # fmt: skip

    return leave(options, result, lambda: [tables.hazards_table(result)])


def timing(options: argparse.Namespace) -> int:
    """A treatment that starts after time zero, counted naively, from a landmark and as it begins."""
    from necc.analysis.treatment import treatment_timing
    from necc.present import tables

    cohort = read(options)
    result = treatment_timing(cohort, options.endpoint, options.treatment or cohort.dictionary.treatment,
                              landmark=options.landmark, start=options.start or None, level=options.level)  # fmt: skip

    return leave(
        options, result,
        lambda: [tables.treatment_comparisons(result), tables.immortal_time(result),
                 tables.treatment_landmarks(result), tables.treatment_sensitivity(result)], cautions=result.guardrails,
    )  # fmt: skip
