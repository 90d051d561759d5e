"""Arguments of public functions: the same words everywhere, read as people write them."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
from cohorts import SAMPLES

import necc
from necc import (
    characteristics,
    compare_survival,
    conditional_survival,
    cox,
    cumulative_incidence,
    hazard_ratios,
    hazards_by_cause,
    kaplan_meier,
    parametric,
    response_rates,
    side_by_side,
    site_distribution,
    stepwise,
    subgroups,
    survival_at,
    treatment_timing,
    univariate,
)  # fmt: skip
from necc.core import arguments
from necc.core.arguments import PLACES, public
from necc.core.errors import AnalysisError
from necc.core.estimate import check_level
from necc.core.names import numbers_in, one_of
from necc.ingest import read_cohort

OF_A_COHORT = {
    name: function
    for name in necc.__all__
    if inspect.isfunction(function := getattr(necc, name))
    and function.__module__.startswith("necc.analysis")
    and next(iter(inspect.signature(function).parameters), "") == "cohort"
}


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLES / "reconstructed_cohort.csv")


# ---------------------------------------------------------------- one list of words
ORDER = ("cohort", "endpoint", "time", "status", "by")
"""What stands first, in this order, where a function has it; `by` comes before other things than these."""


def test_what_a_cohort_is_asked_is_read_in_one_way():
    unread = [name for name, function in OF_A_COHORT.items() if not hasattr(function, "__wrapped__")]
    # these take nothing but the cohort, or what isn't written by hand
    assert set(unread) <= {"transitions", "swimmer", "treated_patients", "restaging", "understood", "row_fingerprint"}
    assert len(OF_A_COHORT) - len(unread) > 40


@pytest.mark.parametrize("name", OF_A_COHORT)
def test_the_order_of_arguments_is_the_same(name):
    parameters = [*inspect.signature(OF_A_COHORT[name]).parameters.values()]
    places = [ORDER.index(p.name) for p in parameters if p.name in ORDER and p.kind is p.POSITIONAL_OR_KEYWORD]
    assert places == sorted(places)
    for option in ("ci", "level", "ties", "strata", "reference", "per", "adjustment", "convention", "denominator",
                   "interactions", "separation", "seed", "progress"):  # fmt: skip
        found = next((p for p in parameters if p.name == option), None)
        assert found is None or found.kind is found.KEYWORD_ONLY, option


DEFAULTS = {"ci": "log-log", "level": 0.95, "ties": "efron", "adjustment": "holm", "reference": None, "per": None,
            "separation": "firth", "progress": None}  # fmt: skip


@pytest.mark.parametrize("name", OF_A_COHORT)
def test_an_option_has_one_default_and_one_type(name):
    for parameter in inspect.signature(OF_A_COHORT[name]).parameters.values():
        if parameter.name in DEFAULTS:
            assert parameter.default == DEFAULTS[parameter.name]
        if parameter.name in ("covariates", "strata", "names", "fields", "adjusted_for", "multivariable", "only",
                              "hierarchy"):  # fmt: skip
            assert parameter.annotation.startswith("str | "), parameter
        if parameter.name in ("times", "ahead", "landmarks"):
            assert parameter.annotation.startswith("float | Iterable[float]"), parameter


@pytest.mark.parametrize("name", OF_A_COHORT)
def test_each_parameter_is_read_by_its_name_or_its_type(name):
    """A parameter that holds a text is a word of an option, or what `PLACES` says its name means."""
    others = {"label", "unit", "censored", "odds", "sites", "only", "models", "model", "before", "left_out", "settled",
              "reference", "patient"}  # fmt: skip
    function = OF_A_COHORT[name]
    for parameter in inspect.signature(function).parameters.values():
        text = "str" in parameter.annotation and not parameter.annotation.startswith(("Mapping", "Literal"))
        assert not text or parameter.name in {*PLACES, *others}, parameter


# ---------------------------------------------------------------- as people write them
class TestWritten:
    def test_names_in_any_case_make_the_same_result(self, cohort):
        exact = kaplan_meier(cohort, "PRS", "site:lung", times=(12,))
        assert kaplan_meier(cohort, "prs", "Site: Lung", ci="Log-Log", times=12).to_dict() == exact.to_dict()

    def test_one_name_is_one_name(self, cohort):
        assert cox(cohort, "PRS", "age_years").to_dict() == cox(cohort, "PRS", ["age_years"]).to_dict()
        strata = cox(cohort, "PRS", "age_years", strata="histology")
        assert strata.strata == ("histology",)
        assert strata.to_dict() == cox(cohort, "PRS", ["age_years"], strata=["histology"]).to_dict()
        assert [r.variable for r in univariate(cohort, "PRS", "Age_Years", multivariable="n_sites").rows] == [
            "age_years"
        ]
        assert subgroups(cohort, "PRS", "site:abdominal", "age_gt_50", adjusted_for="n_sites").adjusted_for == (
            "n_sites",
        )
        assert stepwise(cohort, "PRS", "n_sites").model.covariates == ("n_sites",)
        assert [r.name for r in characteristics(cohort, names="AGE_YEARS").rows] == ["age_years"]
        assert {r.cause for r in hazards_by_cause(cohort, "ttr", "age_years", only="lung").rows} == {"lung"}
        assert [f.family for f in parametric(cohort, "PRS", families="Weibull").groups[0].fits] == ["weibull"]

    def test_interactions_as_one_text_or_as_pairs(self, cohort):
        ways = ("Age_Years * Site:Lung", ["age_years * site:lung"], [("age_years", "SITE:lung")])
        assert {cox(cohort, "PRS", "age_years", interactions=way).interactions for way in ways} == {
            (("age_years", "site:lung"),)
        }

    def test_references_and_units_in_any_case(self, cohort):
        model = cox(cohort, "PRS", ["FIGO_Stage", "age_years"], reference={"figo_STAGE": "iii"}, per={"Age_Years": 10})
        assert model.terms_of("figo_stage")[0].reference == "III" and model.term("age_years").unit == "10 years"
        assert cox(cohort, "PRS", "ici", reference={"ici": True}).terms[0].reference == "yes"
        assert hazard_ratios(cohort, "PRS", "figo_stage", order="iva").reference == "IVA"

    def test_a_reference_is_said_in_one_way(self, cohort):
        """Of one factor, of several, and in subgroups."""
        ways = [hazard_ratios(cohort, "PRS", "figo_stage", reference=r) for r in ("iii", {"FIGO_Stage": "III"})]
        assert [w.reference for w in ways] == ["III", "III"] and ways[0].to_dict() == ways[1].to_dict()
        assert ways[0].to_dict() == hazard_ratios(cohort, "PRS", "figo_stage", order=["III"]).to_dict()
        model = cox(cohort, "PRS", "figo_stage", reference={"figo_stage": "III"})
        assert [t.hazard_ratio for t in ways[0].terms] == pytest.approx([t.hazard_ratio for t in model.terms])
        plain = subgroups(cohort, "PRS", "site:lung", "age_gt_50")
        turned = subgroups(cohort, "PRS", "site:lung", "age_gt_50", reference={"Site:lung": "with"})
        for a, b in zip(plain.rows, turned.rows, strict=True):
            assert a.term.hazard_ratio == pytest.approx(1 / b.term.hazard_ratio)
        assert plain.interactions[0].p == pytest.approx(turned.interactions[0].p)
        by_year, by_ten = (subgroups(cohort, "PRS", "age_years", "site:lung", per={"age_years": n}) for n in (1, 10))
        assert [r.term.hazard_ratio**10 for r in by_year.rows] == pytest.approx(
            [r.term.hazard_ratio for r in by_ten.rows]
        )

    def test_one_time_is_one_time(self, cohort):
        assert [t.time for t in survival_at(cohort, "PRS", times=12).times] == [12.0]
        assert [r.ahead for r in conditional_survival(cohort, "PRS", 6, 12).rows] == [12.0]
        assert len(treatment_timing(cohort, "PRS", "ici", landmarks=3).landmarks) == 1
        parts = {"all": necc.Selection()}
        assert [at.time for at in side_by_side(cohort, parts, "PRS", times=24).columns[0].at_times] == [24.0]

    def test_a_factor_that_was_made_is_taken_as_it_is(self, cohort):
        factor = cohort.factor("site:lung")
        assert site_distribution(cohort, factor).by_label == site_distribution(cohort, "Site:Lung").by_label

    def test_best_is_a_response_and_no_alias_of_a_column(self, cohort):
        ways = [response_rates(cohort, way).response for way in ("best", "BEST")]
        assert ways == ["best", "best"]

    def test_a_progress_bar_and_a_fixed_seed_are_left_alone(self, cohort):
        seen = []
        parametric(cohort, "PRS", families="weibull", progress=seen.append)
        assert seen == [0.0]
        made = [
            compare_survival(cohort, "PRS", "histology", permutation=True, draws=99, seed=s).permutation for s in (1, 1)
        ]
        assert made[0] == made[1]


class TestTold:
    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            (lambda c: kaplan_meier(c, "PSR"), "no endpoint 'PSR' in this cohort; did you mean 'PRS'?"),
            (lambda c: kaplan_meier(c, "PRS", "histolgy"), "did you mean 'histology'"),
            (lambda c: kaplan_meier(c, "PRS", ci="loglgo"), "ci 'loglgo' is not one of log-log, log or plain; did you"),
            (lambda c: kaplan_meier(c, "PRS", ci=None), "ci takes 'log-log', 'log' or 'plain', not None"),
            (lambda c: kaplan_meier(c, "PRS", level=1.5), "must lie between 0.5 and 1, as 0.95 does, not 1.5"),
            (lambda c: kaplan_meier(c, "PRS", level=95), "not 95; did you mean 0.95?"),
            (lambda c: kaplan_meier(c, "PRS", level="0.9"), "must lie between 0.5 and 1"),
            (lambda c: kaplan_meier(c, "PRS", times="12"), "times are numbers, such as 12 or [6, 12], not '12'"),
            (lambda c: kaplan_meier(c, "PRS", times=["one"]), "times are numbers"),
            (lambda c: cox(c, "PRS", "age_years", ties="exact"), "ties 'exact' is not one of efron or breslow"),
            (lambda c: cox(c, "PRS", "figo_stage", reference="I"), "reference is given by covariate"),
            (lambda c: cox(c, "PRS", "age_years", per=10), "by covariate, such as {'age_years': 10}, not as 10"),
            (lambda c: cox(c, "PRS", "histology", reference={"histology": "smal cell"}), "did you mean 'small cell'?"),
            (lambda c: hazard_ratios(c, "PRS", "histology", reference="smal cell"), "did you mean 'small cell'"),
            (lambda c: hazard_ratios(c, "PRS", "ici", reference={"figo_stage": "I"}), "isn't among the covariates"),
            (lambda c: subgroups(c, "PRS", "ici", "histology", per={"n_sites": 2}), "isn't among the covariates ici"),
            (lambda c: univariate(c, "PRS", "age_years", adjustment="holms"), "did you mean 'holm'?"),
            (lambda c: cumulative_incidence(c, "TTR", rule="own"), "rule 'own' is not one of own cause, counted"),
            (lambda c: parametric(c, "PRS", families=["weibul"]), "did you mean 'weibull'?"),
            (lambda c: characteristics(c, denominator="every"), "denominator 'every' is not one of all or known"),
        ],
    )  # fmt: skip
    def test_a_slip_is_told_in_words(self, asked, told, cohort):
        with pytest.raises(AnalysisError) as raised:
            asked(cohort)
        assert told in str(raised.value)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"group": "histology"}, "kaplan_meier() has no argument 'group'; did you mean 'by'?"),
            ({"alpha": 0.05}, "did you mean 'level'?"),
            ({"levels": 0.9}, "did you mean 'level'?"),
            ({"nonsense": 1}, "there are endpoint, by, ci, level, times"),
        ],
    )
    def test_an_argument_that_there_is_not_is_told_with_ours(self, given, told, cohort):
        with pytest.raises(TypeError) as raised:
            kaplan_meier(cohort, "PRS", **given)
        assert told in str(raised.value)

    def test_too_many_arguments_are_python_s_own_error(self, cohort):
        with pytest.raises(TypeError, match="takes from 2 to 3 positional arguments but 4 were given"):
            kaplan_meier(cohort, "PRS", "histology", "log")

    @pytest.mark.parametrize("level", [0.5, 1, 0, -0.95, 95, float("nan"), True, None, "0.95"])
    def test_a_level_is_a_number_between_a_half_and_one(self, level):
        with pytest.raises(AnalysisError, match="must lie between 0.5 and 1"):
            check_level(level)

    def test_words_and_numbers(self):
        assert (
            one_of("ci", "LogLog", ("log-log", "log")) == "log-log" and one_of("ci", "log", ("log-log", "log")) == "log"
        )
        assert numbers_in(iter([1, 2])) == (1.0, 2.0)
        with pytest.raises(AnalysisError, match="not None"):
            numbers_in(None)


FRAME = pd.DataFrame({"OS": [1.0, 2.0], "dead": [1, 0], "arm": ["a", "b"]})


class TestTypes:
    """What a parameter doesn't take is told by its name, with what was found and what is taken."""

    @pytest.mark.parametrize("name", sorted({*OF_A_COHORT, "summarise"}))
    def test_a_frame_is_no_cohort(self, name):
        function = getattr(necc, name)
        needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty][1:]
        with pytest.raises(AnalysisError) as raised:
            function(FRAME, *("OS" for p in needed if p.kind is p.POSITIONAL_OR_KEYWORD),
                     **{p.name: 1 for p in needed if p.kind is p.KEYWORD_ONLY})  # fmt: skip
        assert "takes a cohort first, not a data frame; make one: cohort = Cohort.from_frame(df, time=" in str(
            raised.value
        )

    def test_neither_is_an_array_or_the_name_of_a_file(self):
        with pytest.raises(AnalysisError, match=r"not a list of 2 with 1; make one: cohort = Cohort\.from_frame"):
            compare_survival([1, 2], [1, 0], ["a", "b"])
        with pytest.raises(AnalysisError, match="not the text 'own.csv'; read the file first: cohort = read_cohort"):
            hazard_ratios("own.csv", "OS", "arm")

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            (lambda c: c.km(None), "endpoint takes the name of an endpoint, such as 'TTR', not None"),
            (lambda c: c.km(5), "endpoint takes the name of an endpoint, such as 'TTR', not 5"),
            (lambda c: c.flow(endpoint=5), "endpoint takes"),
            (lambda c: c.km("PRS", ["ici", "histology"]), "by takes the name of one factor, not a list of 2; ask for"),
            (lambda c: c.rmst("PRS", ["ici", "histology"]), "or for any of several sites by 'site:a|b'"),
            (lambda c: c.km("PRS", 5), "by takes the name of one factor, not 5"),
            (lambda c: c.km("PRS", c.column("ici")), "by is an array: beside a cohort"),
            (lambda c: c.rmst("PRS", c.column("ici")), "not a column of a data frame; name the column of the cohort"),
            (lambda c: c.hazard_ratios("PRS", None), "by takes the name of one factor, not None"),
            (lambda c: c.cox("PRS", None), "covariates takes names of columns or factors, one text or several"),
            (lambda c: c.cox("PRS", 5), "covariates takes names of columns or factors, one text or several, not 5"),
            (lambda c: c.univariate("PRS", [5]), "not a list of 1 with 5"),
            (lambda c: c.cox("PRS", []), "covariates is empty; name at least one covariate"),
            (lambda c: c.univariate("PRS", []), "covariates is empty"),
            (lambda c: c.stepwise("PRS", ()), "covariates is empty"),
            (lambda c: c.subgroups("PRS", "ici", []), "by is empty; name at least one factor"),
            (lambda c: c.subgroups("PRS", ["ici"], "histology"), "exposure takes the name of one factor, not a list"),
            (lambda c: c.hazards_by_cause("TTR", None), "covariates is empty"),
            (lambda c: c.cox("PRS", "ici", strata=5), "strata takes names of columns or factors"),
            (lambda c: c.cif("TTR", strata=["ici", "histology"]), "strata takes the name of one factor, not a list"),
            (lambda c: c.cox("PRS", "ici", interactions=[5]), "interactions takes pairs of covariates, such as 'age *"),
            (lambda c: c.cox("PRS", "ici", interactions=[("ici", 5)]), "interactions takes pairs of covariates"),
            (lambda c: c.cox("PRS", "age_years", per={"age_years": "ten"}), "per of 'age_years' is a number"),
            (lambda c: c.cox("PRS", "ici", per={"ici": 5}), "'ici' has levels and no unit: per is for numbers"),
            (lambda c: c.cox("PRS", "figo_stage", reference={"figo_stage": True}), "'yes' is not a level of"),
            (lambda c: c.cox("PRS", "ici", reference={"ici": None}), "the reference of 'ici' is one of its levels"),
            (lambda c: c.cox("PRS", "ici", reference={5: "yes"}), "reference is given by covariate"),
            (lambda c: c.hazard_ratios("PRS", "figo_stage", order=5), "order takes levels, one text or several, not"),
            (lambda c: c.km("PRS", level=None), "must lie between 0.5 and 1, as 0.95 does, not None"),
            (lambda c: c.km("PRS", level="0.9"), "not '0.9'; write it as a number, without quotes"),
            (lambda c: c.rmst("PRS", tau="3"), "tau takes a number or None, not the text '3'; write tau=3"),
            (lambda c: c.rmst("PRS", tau=float("nan")), "tau takes a number or None, not nan"),
            (lambda c: c.conditional("PRS", "x"), "since takes a number of 0 or more, not the text 'x'"),
            (lambda c: c.stepwise("PRS", "ici", entry_p="x"), "entry_p takes a number"),
            (lambda c: c.test("PRS", "ici", rho="x"), "rho takes a number"),
            (lambda c: c.test("PRS", "ici", scores=[1, "x"]), "scores are numbers"),
            (lambda c: c.test("PRS", "ici", permutation=5), "permutation takes True or False or 'auto', not 5"),
            (lambda c: c.parametric("PRS", horizon="x"), "horizon takes a number or None"),
            (lambda c: c.parametric("PRS", families=5), "families takes one or several of 'exponential', 'weibull', "),
            (lambda c: c.cox_imputed("PRS", "ici", imputations="x"), "imputations takes a whole number, not the text"),
            (lambda c: c.cox_imputed("PRS", "ici", imputations=2.5), "imputations takes a whole number, not 2.5"),
            (lambda c: c.survival_at("PRS", times=12, minimum="x"), "minimum takes a number"),
            (lambda c: c.km("PRS", times=[-1]), "times must be zero or positive, and finite, not -1"),
            (lambda c: c.km("PRS", times=np.nan), "times must be zero or positive, and finite, not nan"),
            (lambda c: c.flow("x"), "selection takes a Selection, such as Selection.parse(['arm=A']), not the"),
            (lambda c: c.similar("x"), "patient takes a patient's place in the cohort, from 1 on, or a cohort of one"),
            (lambda c: c.characteristics(every_convention="no"), "every_convention takes True or False, not the text"),
            (lambda c: c.cox_imputed("PRS", "ici", progress=5), "progress takes a function or None, not 5"),
            (lambda c: side_by_side(c, {"a": "ici=yes"}), "each with its Selection, such as {'A': Selection.parse(["),
            (lambda c: necc.schoenfeld(5), "model takes a CoxModel, not 5"),
            (lambda c: c.column("zz"), "no column 'zz' in this cohort; there are patient_id"),
            (lambda c: c.column("age_year"), "no column 'age_year' in this cohort; did you mean 'age_years'?"),
        ],
    )  # fmt: skip
    def test_what_is_not_taken_is_told_in_words(self, asked, told, cohort):
        with pytest.raises(AnalysisError) as raised:
            asked(cohort)
        assert told in str(raised.value)

    def test_the_values_of_a_patient_are_not_told(self, cohort):
        for given in (cohort.column("figo_2018"), ["secret", "cells", 5], np.array(["secret"]), {"secret": "cell"}):
            with pytest.raises(AnalysisError) as raised:
                cohort.rmst("PRS", given)
            assert not {"secret", "cell", "IVA"} & {*str(raised.value).replace("'", " ").split()}

    def test_none_where_nothing_is_the_default_is_nothing(self, cohort):
        assert cox(cohort, "PRS", "ici", strata=None).strata == ()
        assert cumulative_incidence(cohort, None).endpoint == "TTR"

    def test_numbers_of_other_kinds_are_numbers(self, cohort):
        assert cohort.cox_imputed("PRS", "ici", imputations=2.0).to_dict() == (
            cohort.cox_imputed("PRS", "ici", imputations=np.int64(2)).to_dict()
        )
        assert cohort.rmst("PRS", tau=np.float64(12)).to_dict() == cohort.rmst("PRS", tau=12).to_dict()

    def test_a_code_of_who_is_censored_is_a_number_too(self, cohort):
        ways = [necc.competing_from_columns(cohort, "ttr_months", "recurred", censored=way) for way in (0, "0")]
        assert ways[0].causes == ways[1].causes


def test_types_are_looked_up_once(cohort, monkeypatch):
    """A function that computes little is called often."""
    looked, look = [], arguments.get_type_hints
    monkeypatch.setattr(arguments, "get_type_hints", lambda function: looked.append(function) or look(function))

    @public
    def nothing(cohort, endpoint: str, by: str | None = None, *, level: float = 0.95):
        return endpoint, by, level

    assert not looked
    assert {nothing(cohort, "PRS", "Site:lung", level=0.9) for _ in range(100)} == {("PRS", "site:lung", 0.9)}
    assert len(looked) == 1
