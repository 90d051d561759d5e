"""Sites, response and tables of counts: equal to those of the patients' rows, whichever source gives the counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort
from counted import asked, close, everything, same_everywhere, split, ways
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.baseline import by_sites, characteristics, compare
from necc.analysis.comparison import compare_numbers, standardised_difference
from necc.analysis.flow import flow
from necc.analysis.recurrence import (
    any_site,
    co_occurrence,
    each_site,
    organ_distribution,
    site_distribution,
    site_timing,
)
from necc.analysis.response import response_by_site, response_rates
from necc.analysis.response.transitions import NO_ROWS, transitions
from necc.analysis.selection_bias import outcome_selection
from necc.analysis.survival.crude import crude_survival
from necc.core.cohort import Cohort, Spread
from necc.core.counts import summed
from necc.core.edits import CombineSites, apply_edits
from necc.core.errors import AnalysisError, SelectionError
from necc.core.selection import Selection, picked
from necc.present.figures.cohort import overview
from necc.present.tables.cohort import patient_list
from necc.present.words import shown
from necc.present.words.checklists import facts
from necc.present.words.methods import methods_paragraph
from necc.present.words.report import about

HISTOLOGY = ("small cell", "large cell", "NEC NOS")
ORGANS = ("lung", "abdominal", "liver", "adrenal", "spleen", "bone", "brain")
FILTERS = ("", "histology=small cell,NEC NOS", "site:lung=with", "age_years>50", "recurred=yes")


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    """Few patterns of many patients, with missing values, contradictions and a flag that an organ explains."""
    n = draw(st.one_of(st.integers(0, 12), st.integers(20, 40)))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    missing = draw(st.sampled_from((0.0, 0.15)))

    def some(*values: object) -> list[object]:
        picked = [values[i] for i in rng.integers(0, len(values), n)]
        return [None if gap else value for gap, value in zip(rng.random(n) < missing, picked, strict=True)]

    def sites(share: float) -> list[int]:
        return np.where(rng.random(n) < missing / 3, -1, rng.random(n) < share).tolist()

    organs = {name: sites(share) for name, share in zip(ORGANS, (0.5, 0.3, 0.3, 0.2, 0.0, 0.1, 0.2), strict=True)}
    columns = {
        "recurred": some(1, 1, 1, 0), "prs_months": some(0.0, 3.0, 6.5, 6.5, 14.0), "died": some(0, 1),
        "ttr_months": some(2.0, 5.0, 9.0), "histology": some(*HISTOLOGY),
        "age_years": some(40.0, 50.0, 50.5, 61.0, 72.0),
        "tumor_size_cm": some(1.0, 2.5, 2.5, 4.0, 7.25), "pelvic_node_metastasis": some(0, 1),
        "ici": some(0, 1), "best_response": some("CR", "PR", "SD", "PD", "NE"),
        "final_response": some("CR", "PR", "SD", "PD", "NE"), "time_to_response_months": some(1.0, 2.0, 3.5),
        "site_abdominal": organs["abdominal"] if min(organs["abdominal"], default=0) >= 0 else some(0, 1),
    }  # fmt: skip
    repeated = rng.integers(0, n, draw(st.integers(n, 50))) if n else []
    return necc_cohort(
        {name: [values[i] for i in repeated] for name, values in columns.items()},
        {name: [values[i] for i in repeated] for name, values in organs.items()},
    )


class Also:
    """An answer, and what its JSON leaves out."""

    def __init__(self, result: Any, more: object) -> None:
        self.result, self.more = result, more

    def to_dict(self) -> dict[str, Any]:
        return {**self.result.to_dict(), "more": self.more}


BY = st.sampled_from((None, "histology", "site:lung", "organ:liver", "n_sites", "age_years>50", "site:bone|brain"))


@settings(max_examples=60)
@given(cohorts(), st.sampled_from(FILTERS), BY, st.sampled_from(("paper", "r", "exact")))
def test_sites_of_counts_are_those_of_rows(cohort: Cohort, filters: str, by: str | None, convention: Any) -> None:
    same_everywhere(lambda c: site_distribution(c, by, convention=convention), cohort, filters)


@settings(max_examples=60)
@given(cohorts(), st.sampled_from(FILTERS), st.sampled_from(("sample", "conditional")))
def test_sites_together_of_counts_are_those_of_rows(cohort: Cohort, filters: str, odds: Any) -> None:
    same_everywhere(lambda c: co_occurrence(c, odds=odds), cohort, filters)


@settings(max_examples=20)
@given(cohorts(), st.sampled_from(FILTERS), st.sampled_from(("", "PRS")))
def test_times_by_site_of_counts_are_those_of_rows(cohort: Cohort, filters: str, endpoint: str) -> None:
    def ask(patients: Cohort) -> Any:
        timing = site_timing(patients, endpoint)
        groups = [g for site in timing.sites for g in (site.with_site, site.without)]
        return Also(timing, [sorted(zip(g.time.tolist(), g.event.tolist(), strict=True)) for g in groups])

    same_everywhere(ask, cohort, filters)


def test_times_of_many_patients_arent_told_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = necc_cohort({"ttr_months": [1, 1, 2], "recurred": [1, 1, 1]}, {"lung": [1, 1, 1]})
    monkeypatch.setattr("necc.analysis.recurrence.timing.MOST_TIMES", 2)
    assert site_timing(cohort).n == 3
    with pytest.raises(AnalysisError, match="up to 2 patients, and there are 3"):
        site_timing(asked(cohort))


@settings(max_examples=10)
@given(cohorts(), st.sampled_from(FILTERS))
def test_each_site_of_counts_is_that_of_rows(cohort: Cohort, filters: str) -> None:
    same_everywhere(lambda c: each_site(c, "PRS"), cohort, filters)


@settings(max_examples=40)
@given(cohorts(), st.sampled_from(FILTERS), st.sampled_from(("", "abdominal", "lung", "nowhere")))
def test_organs_of_counts_are_those_of_rows(cohort: Cohort, filters: str, site: str) -> None:
    same_everywhere(lambda c: organ_distribution(c, site), cohort, filters)


RESPONSE_BY = st.sampled_from((None, "histology", "site:lung", "ici", "best_response", "age_years>50"))


def without_rows(result: dict[str, Any]) -> dict[str, Any]:
    """Rates without what names single rows, which counts can't."""
    return {k: v for k, v in result.items() if k not in ("impossible", "doubtful")}


class Told:
    """An answer with what counts can tell of it."""

    def __init__(self, rates: Any) -> None:
        self.rates = rates

    def to_dict(self) -> dict[str, Any]:
        told = without_rows(self.rates.to_dict())
        return {**told, "notes": [note for note in told["notes"] if note != NO_ROWS]}


@settings(max_examples=60)
@given(cohorts(), st.sampled_from(FILTERS), RESPONSE_BY, st.sampled_from(("best", "final", "histology", "age_years")),
       st.sampled_from(("evaluable", "treated")))  # fmt: skip
def test_response_of_counts_is_that_of_rows(
    cohort: Cohort, filters: str, by: str | None, response: str, denominator: Any
) -> None:
    same_everywhere(lambda c: Told(response_rates(c, response, by, denominator=denominator)), cohort, filters)


@settings(max_examples=15)
@given(cohorts(), st.sampled_from(FILTERS))
def test_response_by_site_of_counts_is_that_of_rows(cohort: Cohort, filters: str) -> None:
    same_everywhere(lambda c: tuple(map(Told, response_by_site(c).panels)), cohort, filters)


@pytest.mark.parametrize("given", [True, False])
def test_best_and_final_response_of_counts_are_those_of_rows(given: bool) -> None:
    columns: dict[str, list[Any]] = {
        "best_response": ["PR", "PR", "PR", "PD", "PD", "NE", "NE", None],
        "final_response": ["PD", "PD", "PR", "PD", "PD", "PD", "PD", "PD"],
    }
    cohort = necc_cohort(columns | ({"ici": [1, 1, 1, 1, 1, 1, 1, 0]} if given else {}))

    def told(patients: Cohort) -> list[object]:
        rates = response_rates(patients)
        changes = rates.transitions
        assert changes is not None
        return [rates.n_treated, changes.n, changes.matrix.tolist(), [(e.reason, e.n) for e in changes.excluded]]

    expected = told(cohort)
    assert expected[:2] == [7 if given else 8, 5]
    for _, counts in ways(cohort):
        assert told(counts) == expected


def test_counts_say_that_they_name_no_rows() -> None:
    columns = {"best_response": ["PR", "PD", "CR"], "final_response": ["CR", "PD", "PR"], "ici": [1, 1, 1]}
    cohort = necc_cohort(columns)
    rows, counts = response_rates(cohort), response_rates(summed(cohort, everything(cohort)))
    assert rows.transitions is not None and counts.transitions is not None
    assert [r.row for r in rows.transitions.impossible] == [2] and NO_ROWS not in rows.notes
    assert not counts.transitions.impossible and NO_ROWS in counts.notes
    assert counts.transitions.matrix.tolist() == rows.transitions.matrix.tolist()
    with pytest.raises(AnalysisError, match="needs each patient's row"):
        transitions(summed(cohort, everything(cohort)))


NAMES = ("age_years", "age_gt_50", "tumor_size_cm", "histology", "recurred", "site:lung", "n_sites", "age_years>45",
         "organ:liver", "number_of_sites_gt_1")  # fmt: skip


@settings(max_examples=40)
@given(cohorts(), st.sampled_from(FILTERS), BY, st.sampled_from(("paper", "r")), st.sampled_from(("all", "known")),
       st.sampled_from(("rank", "mean")))  # fmt: skip
def test_a_table_of_counts_is_that_of_rows(
    cohort: Cohort, filters: str, by: str | None, convention: Any, denominator: Any, test: Any
) -> None:
    options: Any = {"convention": convention, "denominator": denominator, "test": test}
    same_everywhere(lambda c: characteristics(c, by, **options), cohort, filters)
    same_everywhere(lambda c: characteristics(c, by, NAMES, **options), cohort, filters)


@settings(max_examples=12)
@given(cohorts(), st.sampled_from(FILTERS))
def test_groups_compared_by_counts_are_those_of_rows(cohort: Cohort, filters: str) -> None:
    same_everywhere(lambda c: compare(c, "histology"), cohort, filters)
    same_everywhere(lambda c: by_sites(c, ["age_years", "histology"], every_convention=False), cohort, filters)


@pytest.mark.parametrize("convention", ["paper", "r", "exact"])
@pytest.mark.parametrize("test", ["rank", "mean"])
@pytest.mark.parametrize("n_groups", [2, 3])
def test_numbers_compared_by_counts_are_those_one_by_one(convention: Any, test: Any, n_groups: int) -> None:
    rng = np.random.default_rng(7)
    values = [np.array([1.0, 2.0, 3.5, np.nan, 8.0]) + g for g in range(n_groups)]
    patients = [rng.integers(0, 6, 5) for _ in values]
    one_by_one = [np.repeat(v, n) for v, n in zip(values, patients, strict=True)]
    close(compare_numbers(one_by_one, convention, test).to_dict(),
          compare_numbers(values, convention, test, patients).to_dict())  # fmt: skip
    assert standardised_difference(values, "number", patients).value == pytest.approx(
        standardised_difference(one_by_one).value, rel=1e-12
    )


@settings(max_examples=40)
@given(cohorts(), st.sampled_from(FILTERS), BY, st.sampled_from((None, "PRS", "TTR")))
def test_the_flow_of_counts_is_that_of_rows(cohort: Cohort, filters: str, by: str | None, endpoint: str | None) -> None:
    steps = Selection.parse(["age_years>45", "any(site:bone=with; histology=small cell,missing)"])
    same_everywhere(lambda c: Told(flow(c, steps, endpoint=endpoint, by=by)), cohort, "")
    expected = Selection.parse([filters] if filters else []).apply(cohort)
    counts = Selection.parse([filters] if filters else []).apply(asked(cohort))
    assert steps.attrition(counts) == steps.attrition(expected)


@settings(max_examples=30)
@given(cohorts(), st.sampled_from(FILTERS), BY, st.sampled_from(("PRS", "TTR")))
def test_a_selected_cohort_of_counts_is_found_as_one_of_rows(
    cohort: Cohort, filters: str, by: str | None, endpoint: str
) -> None:
    same_everywhere(lambda c: outcome_selection(c, endpoint, by), cohort, filters)
    same_everywhere(lambda c: crude_survival(c, endpoint, 6.5), cohort, filters)


@settings(max_examples=15)
@given(cohorts(), st.sampled_from(FILTERS), st.sampled_from(("age_years", "n_sites", "ttr_months", "prs_months")))
def test_the_spread_of_a_number_in_counts_is_that_of_rows(cohort: Cohort, filters: str, name: str) -> None:
    expected = Selection.parse([filters] if filters else []).apply(cohort)
    for _, counts in ways(cohort, filters):
        close(_plain(expected.spread(name, 4)), _plain(counts.spread(name, 4)))
        for one in (name, "histology", "site:lung", "age_years>50", "ici", "nothing"):
            assert counts.n_missing(one) == expected.n_missing(one)


def _plain(spread: Spread) -> list[str]:
    return [repr(value) for value in vars(spread).values()]  # NaN is what NaN is


def test_counts_have_no_patients_to_pick() -> None:
    cohort = example()
    for counts in (summed(cohort, everything(cohort)), asked(cohort)):
        with pytest.raises(SelectionError, match="picked by hand"):
            Selection((picked([1, 2]),)).apply(counts)


@settings(max_examples=10)
@given(cohorts())
def test_a_factor_of_counts_keeps_its_rows_where_some_are_of_nobody(cohort: Cohort) -> None:
    counts = split(summed(cohort, everything(cohort)))
    for ask in (site_distribution, compare, lambda c, by: Told(response_rates(c, "best", by))):
        close(ask(cohort, cohort.factor("histology")).to_dict(), ask(counts, counts.factor("histology")).to_dict())


def example() -> Cohort:
    """Six patterns of 30 patients, whose flag "abdominal" an organ explains in half of them."""
    columns = {
        "histology": ["small cell", "NEC NOS", "small cell", "NEC NOS", "large cell"] * 6,
        "recurred": [1, 1, 1, 0, 1] * 6,
        "site_abdominal": [1, 1, 0, 0, 1] * 6,
    }
    sites = {"abdominal": [1, 1, 0, 0, 1] * 6, "liver": [1, 0, 0, 0, 1] * 6, "lung": [0, 0, 1, 0, 1] * 6}
    return necc_cohort(columns, sites)


def test_pictures_and_texts_of_a_cohort_tell_patients() -> None:
    cohort = from_sample("reconstructed_cohort.csv").with_order("histology", ("large cell",))
    chosen = Selection.parse(["none(figo_stage=III)", "age_years>50"])
    result = characteristics(chosen.apply(cohort), "histology")

    def told(whole: Cohort) -> list[object]:
        left = chosen.apply(whole)
        picture = overview(left, names=["histology", "age_years", "site:lung", "lvsi"], whole=whole)
        context = facts.Context((result,), left, chosen)
        asked_for = (facts.patients, facts.treatments, facts.size, facts.flow_of_patients, facts.missing_counts)
        return [picture.alt, picture.caption, picture.svg_text, methods_paragraph([result], left, chosen).text,
                about(chosen, whole), [fact(context) for fact in asked_for],
                facts.patients(facts.Context((result,), left)), shown.cohort(left)[1][0]]  # fmt: skip

    assert told(asked(cohort)) == told(cohort)


def test_what_names_single_patients_refuses_counts() -> None:
    with pytest.raises(AnalysisError, match="needs each patient's row"):
        patient_list(asked(example()))


def test_an_organ_explains_its_groups_flag_in_counts_too() -> None:
    cohort = example()
    counts = summed(cohort, everything(cohort))
    place = cohort.organ_names.index("abdominal")
    assert len(counts) == 5
    assert [int((cohort.organs[:, place] == 1).sum()), counts.n_of(counts.organs[:, place] == 1)] == [6, 6]


@pytest.mark.parametrize("scheme", ["paper", "spread", "distance"])
def test_a_source_is_asked_for_the_scheme_and_order_that_a_person_chose(scheme: str) -> None:
    cohort = example()
    ordered = ("NEC NOS", "small cell", "large cell")

    def ask(patients: Cohort) -> Any:
        return site_distribution(patients.with_scheme(scheme).with_order("histology", ordered), "histology")

    result = ask(asked(cohort))
    assert (result.scheme, result.strata[0].name, result.n) == (scheme, "NEC NOS", 24)
    close(ask(cohort).to_dict(), result.to_dict())


def test_sites_that_a_person_combined_are_counted_once_a_patient() -> None:
    cohort = apply_edits(example(), [CombineSites(["lung", "abdominal"], "trunk")]).cohort
    result = site_distribution(cohort)
    assert result.notes[0].endswith("; 6 patients with more than one of these count once")
    for _, counts in ways(cohort):
        close(result.to_dict(), site_distribution(counts).to_dict())
    with pytest.raises(AnalysisError, match="edits don't reach"):
        apply_edits(asked(example()), [CombineSites(["lung", "abdominal"], "trunk")])
    assert apply_edits(asked(example()), []).cohort.n_patients == 30


def test_a_source_filters_by_its_own_scheme_of_sites() -> None:
    cohort = example()
    counts = asked(cohort).with_scheme("spread")
    assert counts.where(histology="small cell").n_patients == 12
    with pytest.raises(AnalysisError, match="filter first"):
        counts.where(f"site:{counts.site_names[0]}=with")


def test_a_factor_of_a_source_is_asked_for_by_its_name() -> None:
    cohort = example()
    counts = asked(cohort)
    factor = any_site(counts, ["lung", "abdominal"])
    assert factor.patients is not None and not factor.patients.any()
    close(site_distribution(cohort, any_site(cohort, ["lung", "abdominal"])).to_dict(),
          site_distribution(counts, factor).to_dict())  # fmt: skip
    with pytest.raises(AnalysisError, match="give a factor's name"):
        site_distribution(counts, replace(counts.factor("histology"), levels=("a", "b", "c")))
