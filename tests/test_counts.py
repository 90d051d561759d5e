"""Survival, competing risks and Cox's models: equal of counts and of rows, whichever source gives the counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from cohorts import necc_cohort
from counted import same_everywhere
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.survival import compare_survival, conditional_survival, kaplan_meier, restricted_mean, survival_at
from necc.core.cohort import Cohort

HISTOLOGY = ("small cell", "large cell", "NEC NOS")
ORGANS = {"lung": 0.5, "liver": 0.3, "bone": 0.1, "brain": 0.2}
FILTERS = st.sampled_from(("", "histology=small cell,NEC NOS", "site:lung=with", "age_years>50"))
BY = ("histology", "site:lung", "n_sites", "age_years>50", "site:bone|brain")
AGES = (44.0, 50.0, 58.0, 71.0)


@dataclass(frozen=True)
class Made:
    """Patients at random: tied times, few patterns with several patients each, and what isn't recorded.

    missing: share of blanks. events: share of patients who died. times: months that there are. levels: of histology.
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
        }  # fmt: skip
        blank = self.missing / 3
        organs = {name: np.where(rng.random(n) < blank, -1, rng.random(n) < p).tolist() for name, p in ORGANS.items()}
        return necc_cohort(columns, organs)


def made(least: int = 0, most: int = 50) -> st.SearchStrategy[Made]:
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
