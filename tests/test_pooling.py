"""Files of several centres added up: equal to the patients' rows, and never a silent sum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from counted import answer, close
from hypothesis import given, settings
from hypothesis import strategies as st
from shown_results import sample
from test_counts import Made, made, without_rows

from necc.analysis.baseline import characteristics
from necc.analysis.competing import SEVERAL, cumulative_incidence, hazards_by_cause
from necc.analysis.recurrence import co_occurrence, site_distribution
from necc.analysis.regression import cox
from necc.analysis.survival import compare_survival, kaplan_meier, restricted_mean, survival_grid
from necc.centres import CentreFile, Pooled, pool, summarise
from necc.core.cohort import Cohort
from necc.core.dictionary import Variable
from necc.core.selection import Selection

CENTRES = ("North", "South", "West")
FACTORS = ("histology", "ici", "age_years>50")
ROWS_ALONE = ("taken from the sum", "contradict", "aren't listed")
"""Of notes that tell how the patients' own file was read, which no file of counts repeats."""


def of_centres(cohort: Cohort, seed: int) -> Cohort:
    """Patients with a column that says of which centre each is."""
    at = np.random.default_rng(seed).integers(0, 3, len(cohort)).tolist()
    table = cohort.table.assign(centre=pd.Categorical.from_codes(at, pd.Index(CENTRES)))
    known = {**cohort.dictionary.variables, "centre": Variable("centre", "Centre", "category", levels=CENTRES)}
    return replace(cohort, _table=table, dictionary=replace(cohort.dictionary, variables=known), _cache={})


def files_of(whole: Cohort, **given: Any) -> list[CentreFile]:
    """A file of each centre's patients, with times as they are recorded."""
    codes = whole.factor("centre").codes
    given = {"factors": FACTORS, "time_grid": "days", **given}
    return [summarise(whole.subset(codes == k), centre=name, **given) for k, name in enumerate(CENTRES)]


def told(found: object, but: tuple[str, ...] = ()) -> object:
    """An answer without what rows alone tell: organs, how times were read, and single patients."""
    if isinstance(found, dict):
        own = ("organs", "impossible", "doubtful", "time_to_response", *but)
        return {key: told(value, but) for key, value in found.items() if key not in own}
    if isinstance(found, list | tuple):
        return [told(value, but) for value in found if not any(text in str(value) for text in ROWS_ALONE)]
    return without_rows(found)


def same(
    ask: Callable[[Cohort], Any], whole: Cohort, pooled: Pooled, filters: str = "", but: tuple[str, ...] = ()
) -> object:
    """The files' answer is that of the rows.

    but: what isn't compared: which of two reasons a model without a finite limit gives hangs on rounding.
    """
    chosen = Selection.parse([filters] if filters else [])
    expected = told(answer(ask, chosen.apply(whole)), but)
    close(expected, told(answer(ask, chosen.apply(pooled.cohort)), but), filters)
    return expected


FILTERS = st.sampled_from(("", "histology=small cell", "site:lung=with", "centre=North,West", "ici=yes"))
BY = st.sampled_from(("histology", "site:lung", "ici", "age_years>50", "centre"))


@settings(max_examples=12, deadline=None)
@given(made(least=9), FILTERS, BY, st.sampled_from(((), ("centre",))), st.integers(0, 99))
def test_survival_of_files_is_that_of_rows(
    patients: Made, filters: str, by: str, strata: tuple[str, ...], seed: int
) -> None:
    whole = of_centres(patients.cohort, seed)
    pooled = pool(files_of(whole))
    for endpoint in ("PRS", "OS"):
        same(lambda c, name=endpoint: kaplan_meier(c, name, by, times=(0, 3, 12)), whole, pooled, filters)
        same(lambda c, name=endpoint: restricted_mean(c, name, by), whole, pooled, filters)
    same(lambda c: compare_survival(c, "PRS", by, strata=strata if by != "centre" else ()), whole, pooled, filters)
    same(lambda c: survival_grid(c, "PRS"), whole, pooled, filters)


@settings(max_examples=12, deadline=None)
@given(made(least=9), FILTERS, st.sampled_from((("histology",), ("histology", "ici"), ("site:lung", "age_years>50"))),
       st.sampled_from(("efron", "breslow")), st.sampled_from(((), ("centre",))), st.integers(0, 99))  # fmt: skip
def test_a_model_of_files_is_that_of_rows(
    patients: Made, filters: str, covariates: tuple[str, ...], ties: Any, strata: tuple[str, ...], seed: int
) -> None:
    whole = of_centres(patients.cohort, seed)
    pairs = (" * ".join(covariates),) if len(covariates) == 2 else ()
    options: Any = {"strata": strata, "ties": ties, "interactions": pairs}
    same(lambda c: cox(c, "PRS", covariates, **options), whole, pool(files_of(whole)), filters)


@settings(max_examples=12, deadline=None)
@given(made(least=9), FILTERS, BY, st.integers(0, 99))
def test_sites_and_characteristics_of_files_are_those_of_rows(patients: Made, filters: str, by: str, seed: int) -> None:
    whole = of_centres(patients.cohort, seed)
    pooled = pool(files_of(whole))
    same(site_distribution, whole, pooled, filters)
    same(lambda c: site_distribution(c, by), whole, pooled, filters)
    same(co_occurrence, whole, pooled, filters)
    same(lambda c: characteristics(c, by, names=("histology", "ici", "site:lung", "n_sites")), whole, pooled, filters)


def test_each_factor_in_a_table_of_its_own_gives_the_same_where_it_can() -> None:
    whole = of_centres(Made(36, 5, 0.1, 0.7, 12, 3).cohort, 5)
    pooled = pool(files_of(whole, separate=True))
    same(lambda c: kaplan_meier(c, "PRS", "histology"), whole, pooled)
    same(lambda c: compare_survival(c, "OS", "site:lung", strata=("centre",)), whole, pooled)
    assert "did not recur" in str(same(site_distribution, whole, pooled))
    refused = answer(lambda c: cox(c, "PRS", ("histology", "ici")), pooled.cohort)
    assert "counts" in str(refused) and "together" in str(refused)


def test_the_sample_in_three_is_the_sample() -> None:
    whole = of_centres(sample(), 1)
    pooled = pool([file.to_bytes() for file in files_of(whole, factors=("figo_stage", "histology", "ici"))])
    for endpoint in ("TTR", "PRS", "OS", "PFS_ICI"):
        same(lambda c, name=endpoint: kaplan_meier(c, name, "figo_stage"), whole, pooled)
    same(lambda c: cox(c, "PRS", ("figo_stage", "ici"), strata=("centre",)), whole, pooled)
    same(lambda c: compare_survival(c, "PRS", "site:abdominal", strata=("centre",)), whole, pooled)
    same(site_distribution, whole, pooled)
    assert pooled.cohort.source.notice == whole.source.notice


@settings(max_examples=25, deadline=None)
@given(made(least=9), FILTERS, BY, st.sampled_from(("own cause", "counted in each", "hierarchy")),
       st.sampled_from((None, "centre")), st.integers(0, 99))  # fmt: skip
def test_competing_risks_of_files_are_those_of_rows(
    patients: Made, filters: str, by: str, rule: Any, strata: str | None, seed: int
) -> None:
    whole = of_centres(patients.cohort, seed)
    pooled = pool([file.to_bytes() for file in files_of(whole)])
    strata = None if by == "centre" else strata
    same(lambda c: cumulative_incidence(c, "TTR", rule=rule, hierarchy=("brain",)), whole, pooled, filters)
    same(lambda c: cumulative_incidence(c, "TTR", by, rule=rule, strata=strata), whole, pooled, filters)
    same(lambda c: cumulative_incidence(c, "PRS", by), whole, pooled, filters)
    same(lambda c: hazards_by_cause(c, "TTR", ("ici", "age_years>50"), rule=rule), whole, pooled, filters, ("note",))


def test_deaths_that_compete_are_told_as_of_rows() -> None:
    whole = of_centres(Made(60, 3, 0.1, 0.7, 12, 3).cohort, 0)
    told = str(same(lambda c: cumulative_incidence(c, "TTR"), whole, pool(files_of(whole))))
    for part in ("death without recurrence", "without recurrence and without its time: followed by OS", SEVERAL,
                 "without recurrence and without a known OS", "event not recorded"):  # fmt: skip
        assert part in told
    with_recurrence_alone = files_of(whole, endpoints=["TTR"])
    assert "aren't in the file" in str(answer(lambda c: cumulative_incidence(c), pool(with_recurrence_alone).cohort))
    apart = replace(with_recurrence_alone[0], centre="Elsewhere")
    refused = answer(lambda c: cumulative_incidence(c), pool([*files_of(whole)[1:], apart]).cohort)
    assert "doesn't count which came first, TTR or OS" in str(refused)
