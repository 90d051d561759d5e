"""A cohort is asked by methods, each of which is a function; and by conditions as people write them in Python."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
from cohorts import SAMPLES, cohort_of

import necc
from necc.core import where as conditions
from necc.core.asked import Asked
from necc.core.errors import AnalysisError, NeccError, SelectionError
from necc.core.names import name_meant, near
from necc.core.selection import Selection
from necc.ingest import read_cohort

FUNCTIONS = {
    "km": "kaplan_meier", "conditional": "conditional_survival", "rmst": "restricted_mean", "test": "compare_survival",
    "grid": "survival_grid", "cif": "cumulative_incidence", "sites": "site_distribution", "timing": "site_timing",
    "response": "response_rates", "treatment": "treatment_timing",
}  # fmt: skip
"""Methods with a shorter name than their function's."""
METHODS = [name for name, member in vars(Asked).items() if inspect.isfunction(member)]


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLES / "reconstructed_cohort.csv")


def function_of(method: str):
    return conditions.where if method == "where" else getattr(necc, FUNCTIONS.get(method, method))


class TestMethods:
    @pytest.mark.parametrize("method", METHODS)
    def test_a_method_has_its_function_s_signature(self, method):
        own, of = inspect.signature(vars(Asked)[method]), inspect.signature(function_of(method))
        assert [*own.parameters.values()][1:] == [*of.parameters.values()][1:]
        assert own.return_annotation == of.return_annotation

    @pytest.mark.parametrize("method", METHODS)
    def test_a_method_hands_on_all_that_it_is_given(self, method, cohort, monkeypatch):
        seen = []
        monkeypatch.setattr("necc.core.asked.beyond", lambda module, name: lambda *a, **k: seen.append((name, a, k)))
        parameters = [*inspect.signature(vars(Asked)[method]).parameters.values()][1:]
        kinds = {p.kind: [q.name for q in parameters if q.kind is p.kind] for p in parameters}
        first = [object() for _ in kinds.get(inspect.Parameter.POSITIONAL_OR_KEYWORD, ())]
        first += [object()] if inspect.Parameter.VAR_POSITIONAL in kinds else []
        by_name = {name: object() for name in kinds.get(inspect.Parameter.KEYWORD_ONLY, ())}
        by_name |= {"denominator": object()} if inspect.Parameter.VAR_KEYWORD in kinds else {}
        getattr(cohort, method)(*first, **by_name)
        assert seen == [(function_of(method).__name__, (cohort, *first), by_name)]

    @pytest.mark.parametrize("method", [name for name in METHODS if name not in ("where", "compare")])
    def test_an_argument_that_a_method_lacks_is_told_as_by_its_function(self, method, cohort):
        with pytest.raises(TypeError, match=rf"^{method}\(\) has no argument 'zzzzzz'; there are "):
            getattr(cohort, method)(zzzzzz=5)

    def test_the_argument_that_is_meant_is_told(self, cohort):
        with pytest.raises(TypeError, match="did you mean 'by'"):
            cohort.km("PRS", group="ici")

    @pytest.mark.parametrize(("method", "function"), FUNCTIONS.items())
    def test_a_method_s_name_leads_to_its_function(self, method, function):
        if method not in necc.__all__:
            with pytest.raises(AttributeError, match=rf"; the function is {function}, and cohort.{method}\(\) asks it"):
                getattr(necc, method)

    def test_a_name_that_the_package_lacks_is_told_with_one_that_is_near(self):
        for name in ("kaplanmeier", "Kaplan_Meier", "KAPLAN_MEIER"):
            with pytest.raises(AttributeError, match="did you mean 'kaplan_meier'"):
                getattr(necc, name)
        with pytest.raises(AttributeError, match=r"cohort\.where\(\) filters"):
            _ = necc.where
        with pytest.raises(AttributeError, match="no attribute 'qqqq'; dir"):
            _ = necc.qqqq

    def test_most_questions_are_asked_by_a_method(self):
        assert len(METHODS) >= 25 and not set(METHODS) & set(vars(necc.Cohort))

    def test_a_filtered_cohort_is_asked_of_its_own_patients(self, cohort):
        late = cohort.where(figo_stage=["III", "IVA"])
        assert late.km("PRS", by="site:lung").to_dict() == necc.kaplan_meier(late, "PRS", "site:lung").to_dict()
        assert late.km("PRS").n == len(late) == 29


class TestTables:
    def test_a_filtered_cohort_s_tables_are_its_rows_and_cannot_be_written_to(self, cohort):
        few = cohort.where("site:lung = with")
        assert [*few.table.index] == [*few.index] and len(few.table) == len(few.organs) == len(few.ids) == 34
        assert (few.site_matrix[:, few.site_names.index("lung")] == 1).all()
        for name in ("organs", "site_matrix"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(cohort, name)[0, 0] = 1
            own = getattr(few, name)
            own[:] = 0  # a copy of its own, or an error
            assert (getattr(few, name) == 1).any()
        before = cohort.table["age_years"].sum()
        table = few.table
        table["age_years"] = 0.0
        assert cohort.table["age_years"].sum() == before and few.table["age_years"].sum() > 0

    def test_a_series_is_aligned_by_its_index(self, cohort):
        older = cohort.table["age_years"] > 50
        turned = older[::-1]
        assert [*cohort.subset(turned).index] == [*cohort.subset(older.to_numpy()).index] == [*cohort.index[older]]


class TestToldOfWhere:
    def test_several_numbers_are_each_of_them(self, cohort):
        age = cohort.number("age_years")
        for given in (range(50, 60), tuple(range(50, 60)), np.arange(50, 60), set(range(50, 60))):
            assert len(cohort.where(age_years=given)) == ((age >= 50) & (age < 60) & (age % 1 == 0)).sum() > 0
        size = cohort.number("tumor_size_cm")
        assert len(cohort.where(tumor_size_cm=[4, None])) == (np.isnan(size) | (size == 4)).sum()

    def test_columns_named_as_parameters(self):
        frame = pd.DataFrame({"months": [5, 6, 7], "dead": [1, 0, 1], "self": ["a", "b", "b"], "cohort": [*"xxy"]})
        cohort = necc.Cohort.from_frame(frame, time="months", event="dead")
        assert len(cohort.where(self="b")) == 2 and len(cohort.where(cohort="y")) == 1

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ("age_years  >  fifty", "filter 'age_years  >  fifty': 'fifty' is not a number; write age_years>50, say"),
            ("age_years >= fifty", "filter 'age_years >= fifty': 'fifty' is not a number; write age_years>=50, say"),
            ("age_years > 2020-01-10", "filter dates by a mask, such as cohort.where(lambda table: table['date'] >"),
            ("age_years> 50 and ici== yes", "filter 'age_years> 50 and ici== yes'"),
            ("figo_stage == X", "filter 'figo_stage == X': 'X' is not a level"),
            ("figo_stage ≠ X", "filter 'figo_stage ≠ X': 'X' is not a level"),
        ],
    )
    def test_a_condition_is_told_as_it_was_written(self, given, told, cohort):
        with pytest.raises(SelectionError) as raised:
            cohort.where(given)
        assert told in str(raised.value)

    def test_a_date_is_no_level(self, cohort):
        for given in (pd.Timestamp("2020-01-10"), np.datetime64("2020-01-10"), [pd.Timestamp("2020-01-10").date()]):
            with pytest.raises(SelectionError, match="a date is no level: filter dates by a mask"):
                cohort.where(ici=given)


class TestWhere:
    @pytest.mark.parametrize(
        ("given", "levels", "same"),
        [
            (["age_years > 50"], {}, ["age_years>50"]),
            (["Age_Years >= 50"], {}, ["age_years>=50"]),
            (["age_years ≤ 50"], {}, ["age_years<=50"]),
            (["age_years = 40..60"], {}, ["age_years=40..60"]),
            (["histology == 'small cell'"], {}, ["histology=small cell"]),
            (['histology = "small cell", "large cell"'], {}, ["histology=small cell,large cell"]),
            (["Histology != small cell"], {}, ["none(histology=small cell)"]),
            (["histology ≠ small cell"], {}, ["none(histology=small cell)"]),
            (["any(Site:Lung=with; site:bone = 1)"], {}, ["any(site:lung=with; site:bone=with)"]),
            (["age_years > 50", "site:lung=with"], {"ici": False}, ["age_years>50", "site:lung=with", "ici=no"]),
            ([], {"figo_stage": ["III", "IVA"]}, ["figo_stage=III,IVA"]),
            ([], {"figo_stage": ("III", None)}, ["figo_stage=III,missing"]),
            ([], {"best_response": None}, ["best_response=missing"]),
            ([], {"age_years": 50}, ["age_years=50"]),
            ([], {"n_sites": [2, 3]}, ["n_sites=2,3"]),
            ([{"site:lung": True}], {}, ["site:lung=with"]),
            ([{"site:lung": np.True_}], {"ici": np.False_}, ["site:lung=with", "ici=no"]),
            ([], {"figo_stage": ["III", pd.NA]}, ["figo_stage=III,missing"]),
            ([], {"figo_stage": ["III", np.nan]}, ["figo_stage=III,missing"]),
            ([Selection.parse(["ici=yes"])], {}, ["ici=yes"]),
            (
                Selection.parse(["ici=yes", "none(histology=large cell)"]).parts(),
                {},
                ["ici=yes", "histology!=large cell"],
            ),
        ],
    )
    def test_who_stays_is_who_the_filters_of_the_dashboard_keep(self, given, levels, same, cohort):
        own = cohort.where(*given, **levels)
        assert 0 < len(own) < len(cohort)
        assert [*own.index] == [*Selection.parse(same).apply(cohort).index]

    def test_numbers_are_compared_in_all_their_digits(self):
        own = cohort_of({"time": [1, 2, 3], "event": [1, 0, 1], "cells": [1234567.0, 1234568.0, 0.123456789]})
        assert [len(own.where(cells=value)) for value in (1234567, 1234568.0, 0.123456789, 0.123457)] == [1, 1, 1, 0]

    def test_a_page_is_told_of_a_level_by_its_label(self, cohort):
        with pytest.raises(SelectionError) as whole:
            Selection.parse(["figo_stage=VII"]).apply(cohort)
        for given in ("figo_stage=VII", "figo_stage = VII"):
            with pytest.raises(SelectionError) as raised:
                cohort.where(given)
            assert raised.value.told == whole.value.told and "filter" not in raised.value.told

    def test_nothing_leaves_all(self, cohort):
        assert [*cohort.where().index] == [*cohort.index]

    def test_masks_by_index_by_place_and_by_function(self, cohort):
        some = cohort.where("ici=yes")
        older = cohort.table["age_years"] > 50
        want = [*cohort.where("age_years > 50", ici=True).index]
        assert [*some.where(older).index] == want
        assert [*some.where(older.sample(frac=1, random_state=1)).index] == want
        assert [*some.where(lambda table: table["age_years"] > 50).index] == want
        assert [*cohort.where(older.to_numpy(), "ici = yes").index] == want
        assert [*cohort.where("ici=yes", older).index] == want  # a mask is of the patients before the conditions
        assert [*cohort.where(list(older), ici="yes").index] == want

    def test_a_column_whose_name_holds_a_sign_comes_first(self):
        own = cohort_of({"time": [1, 2, 3], "event": [1, 0, 1], "ECOG >0": ["a", "b", "a"], "!=": ["x", "y", "y"]})
        assert len(own.where("ECOG >0 = a")) == 2 and len(own.where("ECOG >0 != a")) == 1
        assert len(own.where("!= = y")) == 2 and len(own.where({"!=": "y"})) == 2

    def test_unknown_is_neither_equal_nor_different(self):
        own = cohort_of({"time": [1, 2, 3], "event": [1, 0, 1], "grade": ["low", None, "high"]})
        assert [len(own.where(text)) for text in ("grade = low", "grade != low", "grade != high")] == [1, 1, 1]

    @pytest.mark.parametrize(
        ("given", "levels", "told"),
        [
            (["age_years>50 and ici=yes"], {}, "give each condition as a text of its own"),
            (["age_years > 50 & ici == 'yes'"], {}, "give each condition as a text of its own"),
            (["age_years > 50 AND ici = yes"], {}, "give each condition as a text of its own"),
            (["age_years"], {}, "is not of the form name=level"),
            ([["ici=yes", "age_years>50"]], {}, "one by one, not as a list"),
            ([], {"histology": "smal cell"}, "did you mean 'small cell'?"),
            ([], {"histolgy": "small cell"}, "did you mean 'histology'"),
            ([], {"histology": []}, "'histology' is given no level"),
            ([], {"age_years": slice(40, 60)}, "is no level"),
            ([object()], {}, "is no condition"),
            ([3], {}, "is no condition"),
            ([[True]], {}, "the mask has 1 value where the cohort has 88 patients"),
            ([np.arange(88)], {}, "a mask holds True and False"),
            ([pd.Series([True] * 88)], {}, "the mask's index isn't the cohort's"),
            ([lambda table: table["age_years"].sum()], {}, "is no condition"),
        ],
    )
    def test_what_is_no_condition_is_told_in_words(self, given, levels, told, cohort):
        with pytest.raises((SelectionError, AnalysisError)) as raised:
            cohort.where(*given, **levels)
        assert told in str(raised.value)


class TestNames:
    @pytest.mark.parametrize(
        ("written", "name"),
        [
            ("AGE_YEARS", "age_years"), ("Age_Years > 50", "age_years>50"), ("N_Sites", "n_sites"),
            ("age_years ≥ 50", "age_years>=50"), ("Site:LUNG", "site:lung"), ("site: Lung | Bone", "site:lung|bone"),
            ("Organ:Liver", "organ:liver"), ("FIGO_Stage", "figo_stage"), ("Age at diagnosis", "age_years"),
            ("nothing of it", "nothing of it"),
        ],
    )  # fmt: skip
    def test_names_in_any_case(self, written, name, cohort):
        assert cohort.name_of(written) == name
        assert cohort.name_of(name) == name

    def test_endpoints_in_any_case(self, cohort):
        assert [cohort.endpoint(n).name for n in ("PRS", "prs", "Prs", cohort.endpoint("PRS").label)] == ["PRS"] * 4
        with pytest.raises(AnalysisError, match="did you mean 'PRS'"):
            cohort.endpoint("PSR")

    def test_the_exact_name_wins_and_two_that_could_be_meant_are_told(self):
        own = cohort_of({"time": [1, 2, 3], "event": [1, 0, 1], "Grade": ["a", "b", "a"], "grade": ["x", "y", "y"]})
        assert own.factor("Grade").levels == ("a", "b") and own.factor("grade").levels == ("x", "y")
        with pytest.raises(AnalysisError, match="'GRADE' could be 'Grade' or 'grade'; write that name"):
            own.factor("GRADE")
        with pytest.raises(NeccError, match="could be 'Grade' or 'grade'"):
            own.where(GRADE="a")

    def test_an_exact_name_is_found_without_looking_at_others(self, cohort, monkeypatch):
        monkeypatch.setattr("necc.core.cohort.name_meant", lambda *_: pytest.fail("other names were looked at"))
        fresh = read_cohort(SAMPLES / "reconstructed_cohort.csv")
        assert fresh.factor("histology").levels and fresh.factor("figo_stage").levels and fresh.endpoint("PRS").name
        assert fresh.number("n_sites").size and fresh.column("age_years").size

    def test_near_names(self):
        assert near("AGE", ["age_years", "Age2", "site"])[0] == "Age2"
        assert near("grades", ["Grade", "grade"]) == ["Grade"], "of two that are alike the first"
        assert name_meant("the name", "", [("", "empty")]) is None
        both = [("Grade", "Grade"), ("grade", "grade")]
        assert [name_meant("the name", word, both) for word in ("grade", "Grade")] == ["grade", "Grade"]
        with pytest.raises(AnalysisError, match="could be 'Grade' or 'grade'"):
            name_meant("the name", "GRADE", both)
