"""Every result as a table of numbers, under our names, broom's and lifelines', and as a few plain lines."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shown_results import MAKERS, made, sample

import necc
from necc.core.errors import AnalysisError, Finding
from necc.core.frames import cells_of, frame_of, from_zero, row_lines, short, tidied
from necc.core.result import Result, Viewable
from necc.report.masking import ONE_PATIENT_EACH

ELSEWHERE = {
    "predict_case": "hands on what predict_patient gives", "beats_rule": "a part of what compare_models gives",
    "changes": "of a project", "second_opinion": "of a report", "summarise": "a plain object of a class's name",
}  # fmt: skip
"""Functions that aren't called here, each with the reason."""


def kinds(of: type = Viewable) -> set[str]:
    """Names of the classes that can be looked at."""
    return {of.__name__}.union(*(kinds(one) for one in of.__subclasses__()))


def numbers(frame: pd.DataFrame) -> np.ndarray:
    return frame.select_dtypes("number").to_numpy(dtype=float)


def crossed(named: Mapping[str, Any]) -> list[str]:
    """Limits of which the lower one is above the upper one, by the lower one's name."""
    pairs = [
        (low, re.sub("lower", "upper", low).replace(".low", ".high"))
        for low in named
        if re.search(r"lower|\.low\b", low)
    ]
    values = {name: np.array(named[name], dtype=float, ndmin=1) for pair in pairs if pair[1] in named for name in pair}
    return [low for low, high in pairs if high in values and (values[low] > values[high]).any()]


def objects(told: object) -> Iterator[dict[str, Any]]:
    """Every object of a JSON, itself among them."""
    if isinstance(told, dict):
        yield told
    for part in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from objects(part)


def test_every_public_function_that_answers_is_here():
    functions = {n: f for n in necc.__all__ if inspect.isfunction(f := getattr(necc, n))}
    returned = {n: set(re.findall(r"\w+", str(inspect.signature(f).return_annotation))) for n, f in functions.items()}
    answers = {n for n, names in returned.items() if names & kinds()} - {*ELSEWHERE}
    assert len(answers) > 50 and answers == set(MAKERS)


def test_every_dataclass_of_analysis_that_answers_derives_from_one():
    """What an analysis hands out has the header's fields; each of these classes can be looked at."""
    found = set()
    for name in MAKERS:
        for value in vars(import_module(type(made(name)).__module__)).values():
            if inspect.isclass(value) and is_dataclass(value) and {"n", "excluded"} <= {f.name for f in fields(value)}:
                found.add(value)
    assert len(found) > 30 and [c.__name__ for c in found if not issubclass(c, Viewable)] == []


@pytest.mark.parametrize("name", MAKERS)
def test_a_result_is_a_table_under_three_peoples_names(name):
    result = made(name)
    frame = result.to_frame()
    assert len(frame) and frame.columns.is_unique
    assert not np.isinf(numbers(frame)).any()
    for style in ("broom", "lifelines"):
        assert len(result.tidy(style)) == len(result.tidy()) and result.tidy(style).columns.is_unique
        assert crossed(dict(result.tidy(style))) == []
    broom = result.tidy()
    assert crossed(dict(frame)) == crossed(dict(result.glance())) == []
    assert not {"p", "ci_lower", "ci_upper", "se", "p_adjusted"} & {*broom.columns}
    glance = result.glance()
    assert len(glance) == 1 and (name not in ("kaplan_meier", "cox", "flow") or glance["nobs"].notna().all())


@pytest.mark.parametrize("name", MAKERS)
def test_a_frame_is_ones_own(name):
    first = made(name).to_frame()
    whole = first.copy(deep=True)
    for place in range(first.shape[1]):
        first.isetitem(place, [None] * len(first))
        column = made(name).to_frame().iloc[:, place]
        values = column.to_numpy()
        if values.flags.writeable and len(values):
            values[0] = values[-1]
    pd.testing.assert_frame_equal(made(name).to_frame(), whole)


def arrays(value: object, seen: set[int]) -> Iterator[np.ndarray]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from arrays(part, seen)
    elif is_dataclass(value) and type(value).__module__.startswith("necc."):
        for f in fields(value):
            if f.name != "_cache":
                yield from arrays(getattr(value, f.name), seen)


@pytest.mark.parametrize("name", MAKERS)
def test_arrays_of_a_result_are_read_only(name):
    assert not [a.shape for a in arrays(made(name), set()) if a.flags.writeable]


@pytest.mark.parametrize("name", MAKERS)
def test_a_repr_is_a_few_plain_lines(name):
    result = made(name)
    lines = repr(result).splitlines()
    assert 1 <= len(lines) <= 5 and all(len(line) <= 160 and line.strip() for line in lines)
    assert lines[0].startswith(f"{type(result).__name__}(")
    assert not re.search(r"\bnan\b|array\(|Estimate\(|None", repr(result))
    if type(result).__name__ in ONE_PATIENT_EACH or type(result).single:
        assert len(lines) == 1, "of single patients nothing is told: a repr may end in a log"


@pytest.mark.parametrize("name", MAKERS)
def test_a_result_is_json(name):
    result = made(name)
    if isinstance(result, Result) or hasattr(result, "to_dict"):
        told = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        assert [name for one in objects(told) for name in crossed(one)] == []


# ---------------------------------------------------------------- curves
def test_a_curves_frame_starts_at_time_zero():
    frame = made("kaplan_meier").to_frame()
    first = frame.groupby("stratum", sort=False).first()
    assert first[["time", "n_at_risk", "n_events", "survival"]].to_numpy().tolist() == [[0, 54, 0, 1], [0, 34, 0, 1]]
    assert frame["n_events"].sum() == 40 and frame["n_at_risk"].dtype.kind == "i"
    assert frame.loc[0, ["ci_lower", "ci_upper"]].isna().all()


def test_a_late_entry_frame_starts_with_who_is_there_at_time_zero():
    result = made("kaplan_meier_with_entry")
    row = result.to_frame().iloc[0]
    assert row["time"] == 0 and row["n_at_risk"] == int(result.curves[0].at_risk([0.0])[0])


def test_a_curve_with_a_time_of_zero_gets_no_second_one():
    frame = pd.DataFrame({"time": [0.0, 2.0], "survival": [0.9, 0.5]})
    assert from_zero(frame, {"survival": 1.0}) is frame
    assert len(from_zero(frame.iloc[:0], {"survival": 1.0})) == 0


def test_the_json_of_a_curve_stays_as_it_was():
    curve: Any = made("kaplan_meier").to_dict()["strata"][0]["curve"]
    assert curve[0]["time"] > 0 and len(curve) == len(made("kaplan_meier").curves[0].time)


def test_an_empty_cohorts_frames_have_their_columns():
    nobody = sample()
    nobody = nobody.subset(np.zeros(len(nobody), dtype=bool))
    full, empty = made("kaplan_meier").to_frame(), necc.kaplan_meier(nobody, "PRS").to_frame()
    assert list(full.columns) == list(empty.columns) and not len(empty)
    assert list(necc.kaplan_meier(nobody, "PRS").tidy().columns) == list(made("kaplan_meier").tidy().columns)
    assert "no" not in repr(necc.kaplan_meier(nobody, "PRS")) or len(repr(necc.kaplan_meier(nobody, "PRS"))) < 200


# ---------------------------------------------------------------- other people's names
def test_tidy_of_a_cox_model_is_brooms():
    model = made("cox")
    tidy = model.tidy()
    names = ["term", "estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high"]
    assert list(tidy.columns[:7]) == names
    assert np.allclose(tidy["statistic"], tidy["estimate"] / tidy["std.error"])
    ratios = model.tidy(exponentiate=True)
    assert np.allclose(np.log(ratios["estimate"]), tidy["estimate"])
    assert np.allclose(np.log(ratios["conf.low"]), tidy["conf.low"])
    assert list(ratios.columns[:7]) == names


def test_tidy_of_a_cox_model_is_lifelines():
    model = necc.cox(sample(), "PRS", ["n_sites"], level=0.9)
    table, term = model.tidy("lifelines"), model.terms[0]
    low, high = float(term.ci_lower), float(term.ci_upper)
    expected = {
        "coef": term.coefficient, "exp(coef)": term.hazard_ratio, "se(coef)": term.se, "coef lower 90%": np.log(low),
        "coef upper 90%": np.log(high), "exp(coef) lower 90%": low, "exp(coef) upper 90%": high, "cmp to": 0,
        "z": term.coefficient / term.se, "p": term.p, "-log2(p)": -np.log2(term.p),
    }  # fmt: skip
    assert table.index.tolist() == ["n_sites"] and table.index.name == "covariate"
    assert [*table.columns] == [*expected] and np.allclose(table.iloc[0].to_numpy(float), [*expected.values()])


def test_tidy_of_a_curve_has_its_limits_under_both_names():
    km = necc.kaplan_meier(sample(), "PRS", level=0.9)
    ours, broom, lines = km.to_frame(), km.tidy(), km.tidy("lifelines")
    for name, theirs in (("survival", "KM_estimate"), ("ci_lower", "KM_estimate_lower_0.9"),
                         ("ci_upper", "KM_estimate_upper_0.9"), ("n_at_risk", "at_risk"), ("n_events", "observed"),
                         ("n_censored", "censored"), ("time", "timeline")):  # fmt: skip
        pd.testing.assert_series_equal(lines[theirs], ours[name], check_names=False)
    for name, theirs in (("survival", "estimate"), ("ci_lower", "conf.low"), ("ci_upper", "conf.high"),
                         ("n_at_risk", "n.risk"), ("n_events", "n.event"), ("n_censored", "n.censor")):  # fmt: skip
        pd.testing.assert_series_equal(broom[theirs], ours[name], check_names=False)


def test_limits_that_cross_are_seen():
    assert crossed({"ci_lower": 2.0, "ci_upper": 1.0, "conf.low": [1, 3], "conf.high": [2, 2], "x_lower": 1}) == [
        "ci_lower", "conf.low",
    ]  # fmt: skip
    assert crossed({"ci_lower": None, "ci_upper": 1.0}) == []


def test_a_profile_likelihood_has_no_z():
    frame = pd.DataFrame({"term": ["a"], "coefficient": [1.0], "se": [0.5], "hazard_ratio": [np.e], "ci_lower": [1.0],
                          "ci_upper": [9.0], "p": [0.04], "method": ["firth profile"]})  # fmt: skip
    assert tidied(frame)["statistic"].isna().all()
    assert tidied(frame.assign(method="wald"))["statistic"].tolist() == [2.0]


def test_a_style_that_nobody_has_is_told():
    with pytest.raises(AnalysisError, match='"broom" or "lifelines"'):
        made("cox").tidy("sas")


def test_glance_of_a_cox_model_is_that_of_r(rscript, tmp_path):
    cohort = sample()
    model = necc.cox(cohort, "PRS", ["n_sites"])
    outcome = cohort.endpoint("PRS")
    table = pd.DataFrame({"time": outcome.time, "event": outcome.event.astype(int), "x": cohort.number("n_sites")})
    table.to_csv(tmp_path / "data.csv", index=False)
    script = """
    library(survival); d <- read.csv("data.csv"); f <- coxph(Surv(time, event) ~ x, d); s <- summary(f)
    cat(f$n, f$nevent, nobs(f), s$logtest[c("test", "pvalue")], s$sctest[c("test", "pvalue")],
        s$waldtest[c("test", "pvalue")], 1 - exp(-s$logtest["test"] / f$n), 1 - exp(2 * f$loglik[1] / f$n),
        s$concordance, as.numeric(logLik(f)), AIC(f), BIC(f))
    k <- survfit(Surv(time, event) ~ 1, d, conf.type = "log-log"); t <- summary(k)$table
    cat("\\n", t["records"], t["n.max"], t["n.start"], t["events"], t["median"], t[8], t[9],
        summary(k)$std.err[5] / summary(k)$surv[5], t["rmean"], t["se(rmean)"])
    """
    told = subprocess.run([rscript, "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    ours, curve = (line.split() for line in told.strip().splitlines())
    names = ["n", "nevent", "nobs", "statistic.log", "p.value.log", "statistic.sc", "p.value.sc", "statistic.wald",
             "p.value.wald", "r.squared", "r.squared.max", "concordance", "std.error.concordance", "logLik", "AIC",
             "BIC"]  # fmt: skip
    glance = model.glance().iloc[0]
    assert np.allclose([glance[n] for n in names], [float(x) for x in ours], rtol=2e-3)
    assert np.allclose(glance["BIC"], float(ours[-1]), rtol=1e-6)
    km = necc.kaplan_meier(cohort, "PRS")
    glance = km.glance().iloc[0]
    names = ["records", "n.max", "n.start", "events", "median", "conf.low", "conf.high"]
    assert np.allclose([glance[n] for n in names], [float(x) for x in curve[:7]])
    assert np.allclose([glance["rmean"], glance["rmean.std.error"]], [float(x) for x in curve[8:10]], rtol=1e-4)
    tidy = km.tidy()
    spread = tidy.loc[tidy["n.event"] > 0, "std.error"].iloc[4]
    assert np.isclose(spread, float(curve[7]), rtol=1e-6)


def test_strata_are_named_as_by_r():
    km = made("kaplan_meier")
    assert sorted({*km.tidy()["strata"]}) == ["site:lung=with", "site:lung=without"]
    assert {*made("cumulative_incidence").tidy()["strata"]} == {*km.tidy()["strata"]}
    assert {*km.tidy("lifelines")["label"]} == {"with", "without"}
    assert {*necc.kaplan_meier(sample(), "PRS").tidy()["strata"]} == {"all patients"}


def test_every_row_of_subgroups_has_a_term():
    assert made("subgroups").tidy()["term"].tolist() == ["all patients", "age_gt_50", "age_gt_50"]


@pytest.mark.parametrize(
    ("name", "head", "n"),
    [
        ("course", "Course(1 patient)", 1),
        ("case", "Case(PRS: 1 patient)", 1),
        ("treatment_course", "Course(PRS: 75 patients, 34 events)", 75),
        ("influence", "Influence(80 patients)", 80),
        ("response_by_site", "ResponseBySite(", None),
    ],
)
def test_of_how_many_is_told(name, head, n):
    result = made(name)
    assert repr(result).startswith(head) and "()" not in repr(result)
    assert result.glance()["nobs"].item() == (n or result.n) > 0


def test_why_a_ratio_is_not_there_is_told():
    row = {"term": "x0", "hazard_ratio": None, "p": None, "n": 50, "note": "too few to test: 3 events for 2 terms"}
    (line,) = row_lines(frame_of([row]))
    assert line == "x0: hazard ratio not estimable (too few to test)"
    assert row_lines(frame_of([row | {"note": ""}])) == ["x0: hazard ratio not estimable"]
    assert row_lines(frame_of([{"time": 12.0, "name": "a", "survival": None, "n": 3}])) == [
        "a, 12: survival not estimable"
    ]


def test_influence_tells_no_identifier():
    model = necc.cox(sample(), "PRS", ["n_sites"])
    told = necc.influence(model, sample())
    rows = told.to_frame()["row"].tolist()
    assert "id" not in told.to_frame() and rows == list(told.spreadsheet_rows) and rows[0] == 2
    for text in (repr(told), told._repr_html_(), json.dumps(told.to_dict()), told.to_frame().to_csv()):
        assert "SYN-" not in text


def test_a_finding_tells_no_cell_in_its_repr():
    assert "Meier" not in repr(Finding("error", "number", "not a number", 3, "age", "Meier"))


def test_cells_are_what_is_shown_and_numbers_that_are_not_there_are_numbers():
    @dataclass(frozen=True)
    class Part:
        name: str
        n: int
        inside: int = field(default=7, repr=False)

    assert cells_of(Part("a", 3)) == {"name": "a", "n": 3}
    frame = frame_of([{"name": "a", "p": None}, {"name": "b", "p": None}])
    assert frame["p"].dtype == float and frame["p"].isna().all() and frame["name"].dtype != float
    assert "estimate" not in tidied(pd.DataFrame({"name": ["a"], "value": ["x"]}))
    assert tidied(pd.DataFrame({"name": ["a"], "value": [2.0]}))["estimate"].tolist() == [2.0]


def test_glance_tells_the_test_and_who_was_left_out():
    km = necc.kaplan_meier(sample(), "PFS_ICI", "figo_stage", level=0.9)
    row = km.glance().iloc[0]
    assert km.test is not None and row["n.excluded"] == sum(e.n for e in km.excluded) > 0
    assert [row[n] for n in ("statistic", "df", "p.value")] == [km.test.statistic, km.test.df, km.test.p]
    assert [row[n] for n in ("nobs", "nevent", "conf.level")] == [km.n, km.n_events, 0.9]
    assert "n.excluded" not in made("kaplan_meier").glance()


def test_numbers_are_short_and_rows_that_are_left_are_counted():
    assert [short(x) for x in (999.4, 1000, 5432.1, -5432.1, 0.12345, np.inf, None)] == [
        "999", "1,000", "5,432", "-5,432", "0.123", "open", "open",
    ]  # fmt: skip
    frame = pd.DataFrame({"name": list("abcd"), "median": [1.0, 2.0, 3.0, 4.0]})
    assert row_lines(frame)[3:] == ["and 1 more row"] and len(row_lines(frame[:3])) == 3


def test_a_line_tells_what_is_there():
    frame = pd.DataFrame({"name": ["a", "b"], "median": [12345.0, np.nan], "ci_lower": [1.0, np.nan],
                          "ci_upper": [np.nan, np.nan], "p": [0.2, np.nan], "n": [5, 6]})  # fmt: skip
    assert row_lines(frame) == ["a: median 12,345 (1.00 to open), p = 0.200", "b: median not reached"]
    assert row_lines(frame.drop(columns=["median", "ci_lower", "ci_upper"])) == ["a: p = 0.200", "b: n = 6"]
    frame = pd.DataFrame({"term": ["a", "b"], "hazard_ratio": [2.0, np.nan], "ci_lower": [1.0, np.nan],
                          "ci_upper": [100.0, np.nan]})  # fmt: skip
    assert row_lines(frame) == ["a: hazard ratio 2.00 (1.00 to 100)", "b: hazard ratio not estimable"]
