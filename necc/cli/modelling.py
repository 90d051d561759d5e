"""Commands about models: subgroups, what speaks against a model, missing values, and prediction."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from necc.cli.io import Usage, chosen_covariates, chosen_endpoint, how_far, listed, read
from necc.cli.options.models import terms
from necc.cli.tables import leave

if TYPE_CHECKING:
    from necc.core.cohort import Cohort


def _asked(options: argparse.Namespace) -> tuple[Cohort, str, list[str]]:
    """The cohort, its endpoint and the covariates.

    Raises:
        Usage: no covariate is named.
    """
    cohort = read(options)
    covariates = chosen_covariates(options)
    return cohort, chosen_endpoint(options, cohort), covariates


def subgroups(options: argparse.Namespace) -> int:
    """One hazard ratio within the levels of others, with the tests of interaction."""
    from necc.analysis.regression import subgroups as within
    from necc.present import tables

    cohort = read(options)
    result = within(cohort, chosen_endpoint(options, cohort), options.exposure, listed(options.within),
                    adjusted_for=listed(options.adjusted_for), adjustment=options.adjustment, ties=options.ties,
                    level=options.level)  # fmt: skip

    return leave(options, result, lambda: [tables.subgroup_table(result)])


def diagnostics(options: argparse.Namespace) -> int:
    """What speaks against a Cox model: changing hazards, covariates that say the same, patients who decide."""
    from necc.analysis.regression import cox, influence, proportional_hazards
    from necc.present import tables

    cohort, endpoint, covariates = _asked(options)
    model = cox(
        cohort, endpoint, covariates, ties=options.ties, strata=listed(options.strata), level=options.level,
        **terms(options, cohort),
    )  # fmt: skip
    changes, deciding = proportional_hazards(model, transform=options.transform), influence(model, cohort)
    told: dict[str, Any] = {
        **model.to_dict(), "proportional_hazards": [test.to_dict() for test in changes],
        "influence": deciding.to_dict(),
    }  # fmt: skip
    return leave(
        options, model,
        lambda: [tables.model_tests_table(model),
                 tables.proportional_hazards_table(model, changes, options.transform),
                 tables.collinearity_table(model), tables.influence_table(deciding, model)],
        cautions=model.guardrails, told=told,
    )  # fmt: skip


def imputed(options: argparse.Namespace) -> int:
    """A Cox model with missing values filled in several times, beside that of complete patients."""
    from necc.analysis.regression import cox, cox_imputed
    from necc.present import tables

    cohort, endpoint, covariates = _asked(options)
    how = {"ties": options.ties, "level": options.level, **terms(options, cohort)}
    result = cox_imputed(cohort, endpoint, covariates, imputations=options.imputations, seed=options.seed, **how,
                         progress=lambda share: how_far(share, "imputing"))  # fmt: skip
    how_far(1.0, "")
    complete = cox(cohort, endpoint, covariates, **how)
    told = {**result.to_dict(), "complete": complete.to_dict()}
    return leave(options, result, lambda: [tables.imputed_table(result, complete)], told=told)


def predict(options: argparse.Namespace) -> int:
    """Whether models of several covariates predict better than one simple number."""
    from necc.analysis.prediction import compare_models
    from necc.present import tables

    cohort, endpoint, covariates = _asked(options)
    models = compare_models(cohort, endpoint, covariates, folds=options.folds, repeats=options.repeats,
                            importance=options.importance, level=options.level, seed=options.seed,
                            progress=how_far)  # fmt: skip
    how_far(1.0, "")

    told = models.to_dict()
    return leave(
        options, models,
        lambda: [tables.models_table(models), *([tables.difference_table(models)] if models.estimable else [])],
        told={**told, "notes": [*models.verdict, *models.notes]},
    )  # fmt: skip


def predict_one(options: argparse.Namespace) -> int:
    """The predicted curve of one patient, who is left out of the fit."""
    from necc.analysis.prediction import predict_patient
    from necc.core.counts import rows_needed
    from necc.present.words.phrases import counts, median_phrase

    cohort, endpoint, covariates = _asked(options)
    rows_needed(cohort, "the prediction of one patient")
    if options.place > len(cohort):
        raise Usage(f"--place {options.place:,} is beyond the {len(cohort):,} patients")
    one = predict_patient(cohort, endpoint, covariates, options.place - 1, model=options.model,
                          bootstraps=options.bootstraps, level=options.level, seed=options.seed,
                          progress=how_far)  # fmt: skip
    how_far(1.0, "")

    first = [f"{one.label}, {one.model_label}: {counts(one.n, one.n_events)}",
             f"  {median_phrase(one.median, one.unit)}", *(f"  {label}: {value}" for label, value in one.values),
             f"note: {one.warning}"]  # fmt: skip
    return leave(options, one, list, first=first)
