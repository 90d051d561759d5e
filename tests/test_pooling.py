"""Files of several centres added up: equal to the patients' rows, and never a silent sum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from counted import answer, close
from hypothesis import given, settings
from hypothesis import strategies as st
from shown_results import sample
from test_counts import Made, made, without_rows

from necc.analysis.baseline import characteristics
from necc.analysis.centres import bound_of
from necc.analysis.competing import SEVERAL, cumulative_incidence, hazards_by_cause
from necc.analysis.recurrence import co_occurrence, site_distribution
from necc.analysis.regression import cox
from necc.analysis.response import response_rates
from necc.analysis.survival import compare_survival, kaplan_meier, restricted_mean, survival_grid
from necc.centres import CentreFile, Pooled, pool, summarise
from necc.core.cohort import Cohort
from necc.core.dictionary import Variable
from necc.core.errors import CohortError
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


def test_responses_of_files_are_those_of_rows() -> None:
    whole = of_centres(sample(), 1)
    pooled = pool(files_of(whole, factors=("figo_stage", "ici")))
    for by in (None, "figo_stage", "site:lung", "centre"):
        assert isinstance(same(lambda c, by=by: response_rates(c, by=by), whole, pooled), dict)
    same(lambda c: response_rates(c, response="final"), whole, pooled)
    without = answer(response_rates, pool(files_of(whole, factors=("ici",), responses=False)).cohort)
    assert "'best_response' (Best response)" in str(without)


@pytest.mark.parametrize(("orders", "order"), [
    ((("small",), ("large", "other")), ("large", "other", "small")),
    ((("10", "9"), ("8",)), ("10", "9", "8")),
    ((("2", "10"), ("9",)), ("2", "9", "10")),
])  # fmt: skip
def test_levels_of_all_files_stand_as_those_of_all_rows(
    orders: tuple[tuple[str, ...], ...], order: tuple[str, ...]
) -> None:
    north, south = files_of(of_centres(sample(), 1), factors=("histology",), endpoints=["PRS"])[:2]

    def named(file: CentreFile, levels: tuple[str, ...]) -> CentreFile:
        return of_factor(file, levels=[*levels, *(f"z{k}" for k in range(9))], ordered=False)

    pooled = pool([named(file, levels) for file, levels in zip((north, south), orders, strict=True)])
    assert pooled.cohort.factor("histology").levels[: len(order)] == order


# ---------------------------------------------------------------- never a silent sum
def changed(file: CentreFile, **given: Any) -> CentreFile:
    """A file that says something else of itself."""
    return replace(file, **given)


def of_prs(file: CentreFile, **given: Any) -> CentreFile:
    return replace(file, endpoints={**file.endpoints, "PRS": {**file.endpoints["PRS"], **given}})


def of_factor(file: CentreFile, **given: Any) -> CentreFile:
    first, *others = file.factors
    return replace(file, factors=[{**first, **given}, *others])


Change = Callable[[list[CentreFile]], list[CentreFile]]
REFUSED: dict[str, tuple[Change, str]] = {
    "same file twice": (lambda f: [*f, f[0]], "the file of centre 'North' is given twice: its patients would count"),
    "same centre twice": (lambda f: [f[0], changed(f[1], centre="North")], "two files are of a centre 'North'"),
    "a copy": (lambda f: [*f, changed(f[0], centre="East")], "'North' and 'East' hold the same counts"),
    "code book": (lambda f: [f[0], changed(f[1], code_book={"name": "other", "sha256": "1"})],
                  "made with different code books ('necc' in North, 'other' in South)"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_files_that_cannot_be_added_up_are_refused(kind: str) -> None:
    change, told = REFUSED[kind]
    files = files_of(of_centres(sample(), 1), factors=("figo_stage",), endpoints=["PRS", "OS"])
    with pytest.raises(CohortError) as caught:
        pool(change(files))
    assert told in str(caught.value)


LEFT_OUT: dict[str, tuple[Change, str, str]] = {
    "unit": (lambda f: [f[0], of_prs(f[1], unit="days")], "PRS",
             "PRS can't be pooled: the files differ in the unit of its times ('months' in North, 'days' in South)"),
    "grid": (lambda f: [f[0], of_prs(f[1], time_grid="month")], "PRS",
             "how its times were coarsened ('days' in North, 'month' in South); make the files again with one --time-"),
    "origin": (lambda f: [f[0], of_prs(f[1], origin="diagnosis")], "PRS", "the files differ in where its clock starts"),
    "definition": (lambda f: [f[0], of_prs(f[1], defined_as="otherwise")], "PRS", "the files differ in its definition"),
    "factor's column": (lambda f: [f[0], of_factor(f[1], source="figo_2009")], "figo_stage",
                        "isn't pooled: the files differ in the column that it is read from"),
    "levels' order": (lambda f: [f[0], of_factor(f[1], levels=["IVA", "III", "II", "I"])], "figo_stage",
                      "its levels have an order, and the files have them in different ones"),
    "factor absent": (lambda f: [f[0], changed(f[1], factors=f[1].factors[1:])], "figo_stage",
                      "isn't pooled: it isn't in the file of South"),
    "sites": (lambda f: [f[0], changed(f[1], sites={**f[1].sites, "scheme": "own"})], "sites",
              "sites aren't pooled: the files read them in different ways"),
}  # fmt: skip


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_what_files_say_differently_is_left_out_and_told(kind: str) -> None:
    change, name, told = LEFT_OUT[kind]
    pooled = pool(change(files_of(of_centres(sample(), 1), factors=("figo_stage",), endpoints=["PRS", "OS"])))
    assert any(told in f.message and f.column == name for f in pooled.findings)
    assert any(told in note for note in pooled.notes)
    if name == "PRS":
        assert told in pooled.why_not("PRS") and "PRS" not in pooled.cohort.endpoint_names()
        assert kaplan_meier(pooled.cohort, "OS").n > 0
    elif name == "sites":
        assert not pooled.cohort.site_names
    else:
        assert told in pooled.why_not(name) and name not in pooled.cohort.columns


def test_what_a_reader_has_to_know_is_told() -> None:
    north, south, west = files_of(of_centres(sample(), 1), factors=("figo_stage",), endpoints=["PRS", "OS"])
    less = changed(west, endpoints={"OS": west.endpoints["OS"]},
                   tables={name: t for name, t in west.tables.items() if t["endpoint"] != "PRS"})  # fmt: skip
    pooled = pool([north, changed(south, filters=["ici=yes"]), less])
    told = " ".join(pooled.notes)
    assert "PRS isn't in the file of West: its patients aren't in what is said of it" in told
    assert "the files hold other patients of their centres" in told and "'ici=yes' in South" in told
    assert kaplan_meier(pooled.cohort, "PRS").n == north.patients + south.patients
    book = {**south.code_book, "sha256": "1"}
    assert "have one name and differ" in " ".join(pool([north, changed(south, code_book=book)]).notes)
    assert "can tell the other's numbers" in " ".join(pool([north, south]).notes)
    assert "nothing is pooled" in " ".join(pool([north]).notes)
    everybody = summarise(sample(), centre="All", factors=["figo_stage"], endpoints=["PRS", "OS"], time_grid="days")
    assert "every patient of 'North' has one like it in 'All'" in " ".join(pool([north, everybody]).notes)


# ---------------------------------------------------------------- coarser times
@settings(max_examples=15, deadline=None)
@given(made(least=20, most=60), st.sampled_from(("month", "quarter")), st.integers(0, 99))
def test_exact_curves_lie_within_the_bounds_of_coarse_files(patients: Made, grid: str, seed: int) -> None:
    whole = of_centres(patients.cohort, seed)
    pooled = pool(files_of(whole, time_grid=grid))
    width = pooled.time_width("PRS")
    assert width == {"month": 1.0, "quarter": 3.0}[grid]
    exact, coarse = (kaplan_meier(c, "PRS").curves for c in (whole, pooled.cohort))
    for curve, shown in zip(exact, coarse, strict=True):
        bound = bound_of(shown, width)
        if curve.median.value is not None and bound.median_latest is not None:
            assert curve.median.value <= bound.median_latest + 1e-9
        if curve.median.value is not None and bound.median_earliest is not None:
            assert curve.median.value >= bound.median_earliest - 1e-9
        ends = (np.floor(np.asarray(shown.time) / width) + 1) * width
        for end, survival in zip(ends, np.asarray(shown.survival), strict=True):
            before = np.flatnonzero(np.asarray(curve.time) < end - 1e-9)
            there = float(np.asarray(curve.survival)[before[-1]]) if len(before) else 1.0
            assert survival - bound.most_below - 1e-9 <= there <= survival + 1e-9
