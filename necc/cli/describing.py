"""Commands that describe patients: characteristics, stages, sites together and in time, responses one by one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from necc.cli.io import listed, read
from necc.cli.tables import leave

if TYPE_CHECKING:
    from necc.core.dictionary import Stage
    from necc.present.figures import Figure

STAGES: tuple[Stage, ...] = ("baseline", "recurrence", "treatment")


def table1(options: argparse.Namespace) -> int:
    """Characteristics of the patients, all together or group by group."""
    from necc.analysis.baseline import characteristics, table_names
    from necc.present import tables

    cohort = read(options)
    usual = STAGES if options.by else STAGES[:1]
    names = listed(options.variables) or table_names(cohort, usual, (options.by,) if options.by else ())
    result = characteristics(
        cohort, options.by, names, convention=options.convention,
        denominator=options.denominator or ("known" if options.by else "all"), adjustment=options.adjustment,
        test="mean" if options.numbers == "mean" else "rank", every_convention=options.every_convention,
    )  # fmt: skip
    return leave(options, result, lambda: [tables.characteristics_table(result, options.numbers)])


def staging(options: argparse.Namespace) -> int:
    """Both editions of stages side by side, and what size and nodes imply for the later one."""
    from necc.analysis.staging import restaging
    from necc.present import tables

    result = restaging(read(options))
    moved = result.n > 0
    return leave(
        options, result,
        lambda: [*([tables.restaging_table(result)] if moved else []), tables.implied_table(result)],
    )  # fmt: skip


def together(options: argparse.Namespace) -> int:
    """Which sites come together, and whether more often than by chance."""
    from necc.analysis.recurrence import co_occurrence
    from necc.present import tables

    result = co_occurrence(read(options), convention=options.convention, adjustment=options.adjustment)

    return leave(
        options, result,
        lambda: [tables.combinations(result), tables.co_occurrence(result), tables.site_pairs(result)],
    )  # fmt: skip


def organs(options: argparse.Namespace) -> int:
    """Organs within a site."""
    from necc.analysis.recurrence import organ_distribution
    from necc.present import tables

    result = organ_distribution(read(options), options.site)

    return leave(options, result, lambda: [tables.organ_table(result)])


def site_times(options: argparse.Namespace) -> int:
    """After how long the disease came back, by site."""
    from necc.analysis.recurrence import site_timing
    from necc.present import tables

    result = site_timing(read(options), options.endpoint, ci=options.ci, adjustment=options.adjustment)

    return leave(options, result, lambda: [tables.timing_table(result)])


def transitions(options: argparse.Namespace) -> int:
    """What became of the best response."""
    from necc.analysis.response import transitions as changes_of
    from necc.present import tables

    result = changes_of(read(options))

    return leave(options, result, lambda: [tables.transition_table(result)])


def treated(options: argparse.Namespace) -> int:
    """Every treated patient in a row; as a picture, their time on treatment."""
    from necc.analysis.response import swimmer, treated_patients
    from necc.present import tables

    cohort = read(options)
    result = treated_patients(cohort)

    def picture() -> Figure:
        from necc.present import figures

        return figures.swimmer(swimmer(cohort), figures.PRINT)

    return leave(options, result, lambda: [tables.treated_table(result)], picture)


def response_sites(options: argparse.Namespace) -> int:
    """Objective response with and without each site."""
    from necc.analysis.response import response_by_site
    from necc.present import tables

    result = response_by_site(read(options), options.response, denominator=options.denominator,
                              convention=options.convention, adjustment=options.adjustment)  # fmt: skip

    return leave(options, result, lambda: [tables.response_by_site_table(result)])
