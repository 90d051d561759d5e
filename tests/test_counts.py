"""Survival, competing risks and Cox's models: equal of counts and of rows, whichever source gives the counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pytest
from cohorts import necc_cohort
from counted import InMemory, same_everywhere, ways
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.competing import (
    competing_from_columns,
    competing_outcome,
    cumulative_incidence,
    cumulative_incidence_of_columns,
    fit_fine_gray,
    hazards_by_cause,
    hazards_of,
    incidence_of,
)
from necc.analysis.regression import (
    cox,
    cox_imputed,
    fit_cox,
    hazard_ratios,
    influence,
    model_frame,
    stepwise,
    subgroups,
    univariate,
    usual_unit,
)
from necc.analysis.regression.stepwise import SelectionMethod
from necc.analysis.survival import compare_survival, conditional_survival, kaplan_meier, restricted_mean, survival_at
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, behind
from necc.core.errors import AnalysisError

HISTOLOGY = ("small cell", "large cell", "NEC NOS")
ORGANS = {"lung": 0.5, "liver": 0.3, "bone": 0.1, "brain": 0.2}
FILTERS = st.sampled_from(("", "histology=small cell,NEC NOS", "site:lung=with", "age_years>50"))
BY = ("histology", "site:lung", "n_sites", "age_years>50", "site:bone|brain")
AGES = (44.0, 50.0, 58.0, 71.0)


@dataclass(frozen=True)
class Made:
    """Patients at random: tied times, patterns with one to four patients each, and what isn't recorded.

    n: patterns. missing: share of blanks. events: share of patients who died.
    times: months that there are. levels: of histology.
    """

    n: int
    seed: int
    missing: float
    events: float
    times: int
    levels: int

    @property
    def cohort(self) -> Cohort:
        rng, n = np.random.default_rng(self.seed), self.n

        def some(values: list[Any]) -> list[Any]:
            return [None if gap else value for gap, value in zip(rng.random(n) < self.missing, values, strict=True)]

        def months() -> list[Any]:
            return some((rng.integers(0, self.times, n) + rng.choice([0.0, 0.5, 1e-12], n)).tolist())

        def flag(share: float) -> list[Any]:
            return some((rng.random(n) < share).astype(int).tolist())

        columns = {
            "ttr_months": months(), "prs_months": months(), "os_months": months(), "recurred": flag(0.8),
            "died": flag(self.events), "ici": flag(0.4), "age_years": some(rng.choice(AGES, n).tolist()),
            "histology": some([HISTOLOGY[i] for i in rng.integers(0, self.levels, n)]),
            "status": some(rng.choice(["alive", "of it", "otherwise"], n).tolist()),
        }  # fmt: skip
        blank = self.missing / 3
        organs = {name: np.where(rng.random(n) < blank, -1, rng.random(n) < p).tolist() for name, p in ORGANS.items()}
        each = np.repeat(np.arange(n), rng.integers(1, 5, n))
        return necc_cohort(
            {name: [values[i] for i in each] for name, values in columns.items()},
            {name: [values[i] for i in each] for name, values in organs.items()},
        )


def made(least: int = 0, most: int = 36) -> st.SearchStrategy[Made]:
    return st.builds(
        Made, st.integers(least, most), st.integers(0, 10_000), st.sampled_from((0.0, 0.1)),
        st.sampled_from((0.0, 0.3, 0.7, 1.0)), st.sampled_from((3, 12, 40)), st.integers(1, 3),
    )  # fmt: skip


@settings(max_examples=40)
@given(made(), FILTERS, st.sampled_from((None, *BY)))
def test_curves_of_counts_are_those_of_rows(patients: Made, filters: str, by: str | None) -> None:
    same_everywhere(lambda c: kaplan_meier(c, "PRS", by, times=(0, 3, 12)), patients.cohort, filters)
    same_everywhere(lambda c: restricted_mean(c, "OS", by), patients.cohort, filters)
    same_everywhere(lambda c: survival_at(c, "PRS", by, times=(0.5, 3, 12), minimum=0), patients.cohort, filters)
    same_everywhere(lambda c: conditional_survival(c, "PRS", 2, ahead=(1, 6), least=1), patients.cohort, filters)


@settings(max_examples=40)
@given(made(), FILTERS, st.sampled_from(BY), st.sampled_from(((), ("ici",), ("ici", "site:brain"))))
def test_survival_compared_by_counts_is_that_of_rows(
    patients: Made, filters: str, by: str, strata: tuple[str, ...]
) -> None:
    options: Any = {"strata": strata, "draws": 99, "permutation": True, "scores": None}
    same_everywhere(
        lambda c: compare_survival(c, "PRS", by, pairs_weighting="peto-peto", **options), patients.cohort, filters
    )


def without_rows(told: object) -> object:
    """An answer without the spreadsheet row of the most influential patient, which counts don't have."""
    if isinstance(told, dict):
        return {key: without_rows(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [without_rows(value) for value in told]
    return re.sub(r"spreadsheet row \d+, ", "", told) if isinstance(told, str) else told


COVARIATES = st.sampled_from((
    ("histology",), ("age_years",), ("n_sites", "ici"), ("site:lung", "site:bone", "site:brain"),
    ("age_years", "histology", "organ:liver"), ("age_years>50", "site:bone|brain", "ici"), ("n_sites", "site:lung"),
))  # fmt: skip
STRATA = st.sampled_from(((), (), ("site:brain",), ("histology", "ici")))


@settings(max_examples=60)
@given(made(), FILTERS, COVARIATES, STRATA, st.sampled_from(("efron", "breslow")),
       st.sampled_from(("firth", "report")), st.sampled_from(("km", "identity", "rank")))  # fmt: skip
def test_a_model_of_counts_is_that_of_rows(
    patients: Made, filters: str, covariates: tuple[str, ...], strata: tuple[str, ...], ties: Any, separation: Any,
    transform: Any,
) -> None:  # fmt: skip
    pairs = (f"{covariates[0]} * {covariates[1]}",) if len(covariates) == 2 else ()
    options: Any = {"strata": strata, "ties": ties, "separation": separation, "transform": transform}
    same_everywhere(
        lambda c: cox(c, "PRS", covariates, interactions=pairs, per={}, **options), patients.cohort, filters,
        without_rows,
    )  # fmt: skip


@settings(max_examples=15)
@given(made(), FILTERS, STRATA, st.sampled_from(("efron", "breslow")))
def test_models_one_by_one_of_counts_are_those_of_rows(
    patients: Made, filters: str, strata: tuple[str, ...], ties: Any
) -> None:
    names = ("age_years", "histology", "site:lung", "n_sites", "ici")
    same_everywhere(
        lambda c: univariate(c, "OS", names, multivariable=names[:3], strata=strata, ties=ties, per={"age_years": 10}),
        patients.cohort, filters, without_rows,
    )  # fmt: skip


@settings(max_examples=15)
@given(made(), FILTERS, st.sampled_from(BY), st.sampled_from(("site:lung", "age_years", "histology")))
def test_ratios_by_group_of_counts_are_those_of_rows(patients: Made, filters: str, by: str, exposure: str) -> None:
    same_everywhere(lambda c: hazard_ratios(c, "PRS", by), patients.cohort, filters)
    same_everywhere(lambda c: subgroups(c, "PRS", exposure, ("ici", "organ:liver")), patients.cohort, filters)


@settings(max_examples=10)
@given(made(), FILTERS, STRATA, st.sampled_from(get_args(SelectionMethod)))
def test_a_selection_of_counts_is_that_of_rows(
    patients: Made, filters: str, strata: tuple[str, ...], method: Any
) -> None:
    names = ("age_years", "histology", "site:lung", "ici")
    same_everywhere(
        lambda c: stepwise(c, "PRS", names, strata=strata, method=method, entry_p=0.4, removal_p=0.5, bootstrap=3),
        patients.cohort, filters, without_rows,
    )  # fmt: skip


@pytest.mark.parametrize("n_ages", [40, 600])
@pytest.mark.parametrize("strata", [(), ("histology",)])
def test_a_model_of_many_patterns_of_counts_is_that_of_rows(n_ages: int, strata: tuple[str, ...]) -> None:
    rng = np.random.default_rng(n_ages)
    pattern = np.sort(rng.integers(0, 600, 1_500))
    age, months, died = 30 + np.arange(600) % n_ages / 10, rng.integers(0, 400, 600), rng.random(600) < 0.6
    columns = {
        "age_years": age[pattern].tolist(), "prs_months": (months[pattern] + 0.25).tolist(),
        "died": died[pattern].astype(int).tolist(),
        "histology": [HISTOLOGY[i % 2] for i in pattern], "ici": (pattern % 3 == 0).astype(int).tolist(),
    }  # fmt: skip
    cohort = necc_cohort(columns)
    same_everywhere(lambda c: cox(c, "PRS", ("age_years", "ici"), strata=strata), cohort, told=without_rows)
    same_everywhere(lambda c: univariate(c, "PRS", ("age_years", "ici"), strata=strata), cohort, told=without_rows)


@pytest.mark.parametrize("unit", [1.0, 1_000.0, 0.001])
def test_the_usual_unit_of_counts_is_that_of_rows(unit: float) -> None:
    cohort = necc_cohort({"age_years": [None, *(unit * np.repeat([1.0, 2, 3, 9], [8, 1, 1, 4])).tolist()]})
    expected = usual_unit(cohort, "age_years")
    assert [usual_unit(counts, "age_years") for _, counts in ways(cohort)] == [expected] * 4


def test_what_needs_a_row_says_so() -> None:
    cohort = Made(40, 1, 0.0, 0.7, 12, 2).cohort
    for name, counts in ways(cohort):
        model = cox(counts, "PRS", ["age_years"])
        assert model.spreadsheet_rows is None, name
        with pytest.raises(AnalysisError, match="influence of each patient needs each patient's row"):
            influence(model)
        for ask in (lambda c: model_frame(c, "PRS", ["age_years"]), lambda c: cox_imputed(c, "PRS", ["age_years"])):
            with pytest.raises(AnalysisError, match="needs each patient's row, which isn't there: the data are counts"):
                ask(counts)


def test_a_source_is_asked_for_what_the_arguments_name() -> None:
    source = InMemory(Made(40, 1, 0.0, 0.7, 12, 2).cohort)
    cox(behind(source.cohort, source), "prs", "Age_Years", strata="ici", interactions=["age_years * site:lung"])
    (wanted,) = source.asked_for
    assert wanted == Wanted(("PRS",), ("age_years", "ici", "site:lung"))


RULED = st.sampled_from(("own cause", "counted in each", "hierarchy"))
CAUSES = st.sampled_from((None, None, "histology"))


@settings(max_examples=30)
@given(made(), FILTERS, st.sampled_from((None, *BY)), RULED, CAUSES, st.sampled_from((None, "ici")))
def test_incidence_of_counts_is_that_of_rows(
    patients: Made, filters: str, by: str | None, rule: Any, causes: str | None, strata: str | None
) -> None:
    cohort, ruled = patients.cohort, {"rule": rule, "causes": causes, "hierarchy": ("brain",)}
    same_everywhere(lambda c: cumulative_incidence(c, "", by, strata=strata, **ruled), cohort, filters)
    same_everywhere(lambda c: cumulative_incidence(c, "PRS", by, strata=strata), cohort, filters)
    same_everywhere(lambda c: incidence_of(c, competing_outcome(c, "TTR", **ruled), by), cohort, filters)
    same_everywhere(
        lambda c: cumulative_incidence_of_columns(c, "ttr_months", "status", by, censored="alive"), cohort, filters
    )
    same_everywhere(
        lambda c: incidence_of(c, competing_from_columns(c, "ttr_months", "status"), by), cohort, filters
    )  # fmt: skip


@settings(max_examples=15)
@given(made(), FILTERS, st.sampled_from((("age_years",), ("histology", "ici"), ("site:lung", "n_sites"))), RULED)
def test_hazards_of_causes_of_counts_are_those_of_rows(
    patients: Made, filters: str, covariates: tuple[str, ...], rule: Any
) -> None:
    same_everywhere(lambda c: hazards_by_cause(c, "TTR", covariates, rule=rule), patients.cohort, filters)
    same_everywhere(
        lambda c: hazards_of(c, competing_from_columns(c, "ttr_months", "status"), covariates), patients.cohort, filters
    )


@pytest.mark.parametrize("strata", [None, "age_years>50"])
def test_gray_and_fine_gray_of_many_patients_of_counts_are_those_of_rows(strata: str | None) -> None:
    cohort = Made(600, 3, 0.02, 0.4, 12, 3).cohort
    same_everywhere(lambda c: cumulative_incidence(c, "TTR", "histology", strata=strata), cohort)
    result = hazards_by_cause(cohort, "TTR", ("histology", "age_years"))
    assert sum(row.subdistribution.lower is not None for row in result.rows) >= 6
    same_everywhere(lambda c: hazards_by_cause(c, "TTR", ("histology", "age_years")), cohort)


def test_a_death_that_the_file_lacks_is_told_of_as_of_rows() -> None:
    cohort = Made(30, 2, 0.0, 0.7, 12, 2).cohort
    told = same_everywhere(lambda c: cumulative_incidence(c, "TTR", death="PFS_ICI"), cohort)
    assert "deaths without recurrence aren't in the file" in str(told)


@pytest.mark.parametrize("fit", [
    lambda time, event, patients: fit_cox(time, event == 1, np.arange(4.0), patients=patients),
    lambda time, event, patients: fit_fine_gray(time, event, np.arange(4.0), patients=patients),
])  # fmt: skip
@pytest.mark.parametrize("patients", [[1, 2, 0, 1], [1, 2, 3]])
def test_rows_of_arrays_stand_for_somebody(fit: Any, patients: list[int]) -> None:
    with pytest.raises(AnalysisError, match="row"):
        fit(np.array([1.0, 2, 3, 4]), np.array([1, 1, 0, 1]), np.array(patients))


@pytest.mark.parametrize("separation", ["firth", "report"])
def test_a_separated_model_of_counts_is_that_of_rows(separation: Any) -> None:
    rng = np.random.default_rng(5)
    columns = {
        "prs_months": rng.integers(1, 5, 120).tolist(), "ici": rng.integers(0, 2, 120).tolist(),
        "died": (np.arange(120) % 4 > 0).astype(int).tolist(),
    }  # fmt: skip
    cohort = necc_cohort(columns, {"brain": (np.arange(120) % 8 == 0).astype(int).tolist()})
    told = same_everywhere(
        lambda c: cox(c, "PRS", ("site:brain", "ici"), separation=separation), cohort, told=without_rows
    )
    assert "separation in" in str(told)
