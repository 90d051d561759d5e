"""Replays recorded answers of R, hand calculations and other packages, and writes the validation sheet.

Run from the project root, with the package installed:  python tests/replays.py
It writes docs/validation.md and necc/present/validation/sheet.json; R is not needed. A check is a generator that
yields, for each case, its name, our numbers and theirs (None where there is none).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from necc.present.validation import Check, bound_of, to_json, to_markdown

ROOT = Path(__file__).parent.parent
DOCUMENT, DATA = ROOT / "docs" / "validation.md", ROOT / "necc" / "present" / "validation" / "sheet.json"
Numbers = Iterable[float | None]
Case = tuple[str, Numbers, Numbers]
R_VERSION = "4.2.2"  # of the recorded files that don't say it


@dataclass(frozen=True)
class Replay:
    """A check that can be run: `run` yields its cases."""

    group: str
    estimator: str
    module: str
    reference: str
    run: Callable[[], Iterator[Case]]
    note: str | Callable[[], str] = ""

    def check(self) -> tuple[Check, float]:
        """What the sheet says of it, and the difference itself."""
        names, numbers, worst = set(), 0, 0.0
        for name, ours, theirs in self.run():
            ours, theirs = list(ours), list(theirs)
            if len(ours) != len(theirs):
                raise AssertionError(f"{self.estimator}, {name}: {len(ours)} numbers against {len(theirs)}")
            names.add(name)
            numbers += len(ours)
            worst = max([worst, *(difference(a, b) for a, b in zip(ours, theirs, strict=True))])
        bound = bound_of(worst)
        note = self.note() if callable(self.note) else self.note
        check = Check(self.group, self.estimator, self.module, self.reference, len(names), numbers, bound, note)
        return check, worst


def difference(a: float | None, b: float | None) -> float:
    """Absolute below one, relative above; infinite where only one side has a number."""
    none = [v is None or (isinstance(v, float) and math.isnan(v)) for v in (a, b)]
    if any(none):
        return 0.0 if all(none) else math.inf
    if a == b:
        return 0.0
    return abs(float(a) - float(b)) / max(1.0, abs(float(b)))


RECORDED_FILES = sorted(p.stem for p in (ROOT / "tests" / "recorded").glob("*.json"))
REPLAYS: list[Replay] = []


def replay(group: str, estimator: str, module: str, reference: str, *, note: str | Callable[[], str] = "") -> Callable:
    """Enters a generator of cases into the sheet. `reference` may name versions of a recorded file: {survival}.

    note: text, or what tells it when the cases have run.
    """

    def register(run: Callable[[], Iterator[Case]]) -> Callable[[], Iterator[Case]]:
        REPLAYS.append(Replay(group, estimator, module, reference, run, note))
        return run

    return register


@cache
def recorded(name: str) -> Any:
    return json.loads((ROOT / "tests" / "recorded" / f"{name}.json").read_text(encoding="utf-8"))


def version(name: str, package: str = "r") -> str:
    """`3.5.3`, of R or one of its packages, as the recorded file says it."""
    data = recorded(name)
    said = data.get(package) or data.get(f"{package}_version") or R_VERSION
    return re.search(r"\d+(?:\.\d+)+", said).group()


def r(name: str, function: str, package: str = "survival") -> str:
    """`R survival 3.5.3, survfit`."""
    if package == "base":
        return f"R {version(name)}, {function}"
    return f"R {package} {version(name, package)}, {function}"


HAND = "by hand"


# ---------------------------------------------------------------- curves and log-rank
CURVES = "Survival curves"


def _grouped(case: Any):
    from cohorts import survival_cohort

    return survival_cohort(case["time"], case["event"], factors={"group": case["group"]})


@replay(
    CURVES,
    "Kaplan-Meier: at risk, events, censored, survival",
    "necc.analysis.survival.curve",
    r("survival", "survfit"),
)
def _() -> Iterator[Case]:
    from necc.analysis.survival import kaplan_meier

    for i, case in enumerate(recorded("survival")["cases"]):
        found = kaplan_meier(_grouped(case), "T", "group")
        for curve, theirs in zip(found.curves, case["log-log"], strict=True):
            for key in ("time", "n_at_risk", "n_events", "n_censored", "survival"):
                yield str(i), getattr(curve, key).tolist(), theirs[key]


def _limits(kind: str) -> Iterator[Case]:
    from necc.analysis.survival import kaplan_meier

    for i, case in enumerate(recorded("survival")["cases"]):
        found = kaplan_meier(_grouped(case), "T", "group", ci=kind)
        for curve, theirs in zip(found.curves, case[kind], strict=True):
            yield str(i), curve.ci_lower.tolist(), theirs["ci_lower"]
            yield str(i), curve.ci_upper.tolist(), theirs["ci_upper"]
            m = curve.median
            yield str(i), (m.value, m.lower, m.upper), theirs["median"]


for _kind in ("log-log", "log", "plain"):
    replay(
        CURVES, f"Limits of the curve, median and its limits, {_kind}", "necc.analysis.survival.curve",
        r("survival", f'survfit(conf.type = "{_kind}")'),
    )(lambda kind=_kind: _limits(kind))  # fmt: skip


@replay(
    CURVES,
    "Median follow-up, reverse Kaplan-Meier",
    "necc.analysis.survival.curve",
    r("survival", "survfit, events reversed"),
)
def _() -> Iterator[Case]:
    from necc.analysis.survival import kaplan_meier

    for i, case in enumerate(recorded("survival")["cases"]):
        f = kaplan_meier(_grouped(case), "T").followup
        yield str(i), (f.value, f.lower, f.upper), case["followup"]


@replay(
    CURVES, "Survival at chosen times, with limits", "necc.analysis.survival.curve", r("survival", "summary.survfit"),
    note="none before the first event, where R prints limits of 1",
)  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.survival import kaplan_meier

    for i, case in enumerate(recorded("survival")["cases"]):
        at = case["at"]
        for k, s in enumerate(kaplan_meier(_grouped(case), "T", times=at["time"]).at_times):
            e = s.estimate
            theirs = [at[key][k] for key in ("n_at_risk", "survival", "ci_lower", "ci_upper")]
            theirs = [*theirs[:2], None, None] if e.value == 1 else theirs
            yield str(i), (s.n_at_risk, e.value, e.lower, e.upper), theirs


@replay(CURVES, "Survival and log-rank test of six patients", "necc.analysis.survival.curve", HAND)
def _() -> Iterator[Case]:
    from cohorts import survival_cohort

    from necc.analysis.survival import kaplan_meier

    cohort = survival_cohort([1, 2, 3, 2, 4, 5], [0, 1, 1, 1, 0, 1], factors={"g": list("aaabbb")})
    found = kaplan_meier(cohort, "T", "g")
    a, b = found.curves
    yield "curves", [*a.survival, *b.survival], [1, 1 / 2, 0, 2 / 3, 2 / 3, 0]
    yield "medians", [a.median.value, b.median.value], [2.5, 5]
    test = found.test
    yield "test", [test.observed[0], test.expected[0]], [2, 0.8 + 1 / 3]
    yield "test", [test.statistic], [(2 - 0.8 - 1 / 3) ** 2 / (0.36 + 2 / 9)]


@replay(
    CURVES,
    "Curves with delayed entry (left truncation)",
    "necc.analysis.survival.entry",
    r("survival_tests", "survfit, Surv(entry, time, event)"),
)
def _() -> Iterator[Case]:
    from test_delayed_entry import cohort_from

    from necc.analysis.survival import kaplan_meier_with_entry

    for case in recorded("survival_tests")["entry"]:
        found = kaplan_meier_with_entry(cohort_from(case), "T", "g", entry="entry")
        for g, curve in enumerate(found.curves, start=1):
            rows = [k for k, stratum in enumerate(case["stratum"]) if stratum == g]
            for key, ours in (("n_risk", curve.n_at_risk), ("surv", curve.survival), ("n_event", curve.n_events)):
                yield case["name"], ours.tolist(), [case[key][k] for k in rows]
        yield case["name"], [c.median.value for c in found.curves], case["medians"]


def _hazards() -> Iterator[tuple[str, Any, Any]]:
    """(case, curve, R's numbers) of each stratum, with and without delayed entry."""
    from cohorts import cohort_of

    from necc.analysis.survival import kaplan_meier, kaplan_meier_with_entry

    for i, case in enumerate(recorded("hazard")["cases"]):
        cohort = cohort_of({**{k: case[k] for k in ("time", "event", "entry")}, "group": case["group"]})
        late = any(case["entry"])
        for ci in ("log-log", "log"):
            if late:
                found = kaplan_meier_with_entry(cohort, "T", "group", entry="entry", ci=ci)
            else:
                found = kaplan_meier(cohort, "T", "group", ci=ci)
            for curve, theirs in zip(found.curves, case["strata"], strict=True):
                yield f"{i}, {ci}", curve, theirs


@replay(
    CURVES,
    "Cumulative hazard (Nelson-Aalen), with its standard error",
    "necc.analysis.survival.curve",
    r("hazard", "survfit(ctype = 1)"),
)
def _() -> Iterator[Case]:
    for name, curve, theirs in _hazards():
        shown = curve.shown("cumulative hazard")
        yield name, curve.time.tolist(), theirs["time"]
        yield name, shown.value.tolist(), theirs["hazard"]
        yield name, shown.se.tolist(), theirs["se"]


@replay(
    CURVES,
    "Limits of the cumulative hazard",
    "necc.analysis.survival.curve",
    r("hazard", "survfit(stype = 2, ctype = 1)"),
    note="minus the logarithm of the limits of exp(-H)",
)
def _() -> Iterator[Case]:
    for name, curve, theirs in _hazards():
        shown = curve.shown("cumulative hazard")
        for ours, limit in zip((shown.lower, shown.upper), theirs[curve.median.method], strict=True):
            yield name, ours.tolist(), limit


@replay(CURVES, "Log-log curves: log(-log S)", "necc.analysis.survival.curve", r("hazard", "survfit, fun = cloglog"))
def _() -> Iterator[Case]:
    for name, curve, theirs in _hazards():
        yield name, curve.shown("log-log").value.tolist(), theirs["log_log_curve"]


# ---------------------------------------------------------------- parametric curves
PARAMETRIC = "Parametric curves"
SURVREG = {"exponential": "exponential", "weibull": "weibull", "log-normal": "lognormal", "log-logistic": "loglogistic"}


def _fitted(family: str) -> Iterator[tuple[str, Any, Any]]:
    """(case, fit, R's numbers) of each recorded cohort."""
    from cohorts import survival_cohort

    from necc.analysis.survival import parametric

    data = recorded("parametric")
    for i, case in enumerate(data["cases"]):
        cohort = survival_cohort(case["time"], case["event"])
        fit = parametric(cohort, "T", families=[family], times=data["at"]).groups[0].fits[0]
        yield str(i), fit, case[SURVREG.get(family, family)]


for _family in SURVREG:

    @replay(
        PARAMETRIC, f"{_family.capitalize()}: parameters, standard errors, log likelihood, AIC, BIC, median, survival",
        "necc.analysis.survival.parametric", r("parametric", f'survreg(dist = "{SURVREG[_family]}")'),
    )  # fmt: skip
    def _(family: str = _family) -> Iterator[Case]:
        for name, fit, theirs in _fitted(family):
            yield name, [p.value.value for p in fit.survreg], theirs["value"]
            yield name, [p.se for p in fit.survreg], theirs["se"]
            yield name, [fit.log_likelihood, fit.aic, fit.bic], [*theirs["loglik"], *theirs["aic"], *theirs["bic"]]
            log, se = theirs["log_median"]
            m = fit.median
            limits = [math.exp(log + z * se) for z in (0, -1.959963984540054, 1.959963984540054)]
            yield name, [m.value, m.lower, m.upper], limits
            yield name, [a.survival.value for a in fit.at_times], theirs["survival"]


for _family in ("generalised-gamma", "spline"):

    @replay(
        PARAMETRIC, f"{_family.replace('-', ' ').capitalize()}: log likelihood, survival",
        "necc.analysis.survival.parametric", "likelihood written out in R, maximised",
    )  # fmt: skip
    def _(family: str = _family) -> Iterator[Case]:
        for name, fit, theirs in _fitted(family):
            yield name, [fit.log_likelihood], theirs["loglik"]
            yield name, [a.survival.value for a in fit.at_times], theirs["survival"]


# ---------------------------------------------------------------- tests of curves
TESTS = "Tests between curves"


@replay(TESTS, "Log-rank test", "necc.analysis.survival.curve", r("survival", "survdiff"))
def _() -> Iterator[Case]:
    from necc.analysis.survival import kaplan_meier

    for i, case in enumerate(recorded("survival")["cases"]):
        test = kaplan_meier(_grouped(case), "T", "group").test
        if case["log_rank"][0] is None:
            yield str(i), [test.statistic, test.p], [None, None]
        else:
            yield str(i), [test.statistic, test.df, test.chi_square_p], case["log_rank"]


def _tests_case(case: Any):
    from test_survival_tests import cohort_from, table_of

    cohort = cohort_from(case)
    return cohort, table_of(cohort)


@replay(
    TESTS,
    "Peto-Peto and Fleming-Harrington (rho 1/2)",
    "necc.analysis.survival",
    r("survival_tests", "survdiff(rho =)"),
)
def _() -> Iterator[Case]:
    from necc.analysis.survival import weighted_log_rank

    for case in recorded("survival_tests")["cases"]:
        _, table = _tests_case(case)
        for name, key in (("log-rank", "log-rank"), ("peto-peto", "peto-peto"), ("fleming-harrington", "fh_half")):
            test = weighted_log_rank(table, name, rho=0.5)
            yield case["name"], [test.statistic, test.df, test.chi_square_p], case[key]


@replay(
    TESTS, "Gehan-Breslow, Tarone-Ware, modified Peto-Peto, Fleming-Harrington (0, 1) and (1, 1)",
    "necc.analysis.survival", "sums written out in R",
)  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.survival import weighted_log_rank

    for case in recorded("survival_tests")["cases"]:
        _, table = _tests_case(case)
        names = ("gehan-breslow", "tarone-ware", "modified-peto-peto")
        yield case["name"], [weighted_log_rank(table, n).statistic for n in names], [case["hand"][n] for n in names]
        late = [weighted_log_rank(table, "fleming-harrington", rho=k, gamma=1).statistic for k in (0, 1)]
        yield case["name"], late, [case["hand"]["fh01"], case["hand"]["fh11"]]


@replay(
    TESTS, "Stratified tests, and pairs of levels", "necc.analysis.survival", r("survival_tests", "survdiff, strata()")
)
def _() -> Iterator[Case]:
    from necc.analysis.survival import compare_survival

    for case in recorded("survival_tests")["cases"]:
        cohort, table = _tests_case(case)
        found = compare_survival(cohort, "T", "g", strata="s", permutation=False)
        for name, key in (("log-rank", "stratified"), ("peto-peto", "stratified_peto")):
            test = found.test(name)
            yield case["name"], [test.statistic, test.df, test.chi_square_p], case[key]
        if len(table.strata) > 2:
            pairs = compare_survival(cohort, "T", "g", permutation=False).pairs
            yield (
                case["name"],
                [v for p in pairs for v in (p.test.statistic, p.test.df, p.test.chi_square_p)],
                case["pairs"],
            )


@replay(TESTS, "Trend", "necc.analysis.survival", "survdiff's observed, expected and variance, in R")
def _() -> Iterator[Case]:
    from necc.analysis.survival import trend_test

    for case in recorded("survival_tests")["cases"]:
        yield case["name"], [trend_test(_tests_case(case)[1]).statistic], [case["trend"]]


@replay(TESTS, "Permutation log-rank, exact", "necc.analysis.survival", "every assignment enumerated in R")
def _() -> Iterator[Case]:
    from necc.analysis.survival import permutation_log_rank

    for i, case in enumerate(recorded("survival_tests")["permutation"]):
        for weighting, key in (("log-rank", "p"), ("gehan-breslow", "gehan")):
            test = permutation_log_rank(_tests_case(case)[1], weighting)
            yield str(i), [test.p, test.draws], case[key]


@replay(
    TESTS,
    "Restricted mean survival time and its standard error",
    "necc.analysis.survival.times",
    r("survival_tests", "survfit(rmean =)"),
)
def _() -> Iterator[Case]:
    from test_survival_times import cohort_from

    from necc.analysis.survival import restricted_mean

    for case in recorded("survival_tests")["cases"]:
        expected = np.reshape(case["rmean"], (len(case["taus"]), 2, -1))
        for tau, (means, ses) in zip(case["taus"], expected, strict=True):
            found = restricted_mean(cohort_from(case), "T", "g", tau=tau)
            yield case["name"], [g.mean.value for g in found.groups], means.tolist()
            yield case["name"], [g.se for g in found.groups], ses.tolist()


@replay(TESTS, "Restricted mean of three patients", "necc.analysis.survival.times", HAND)
def _() -> Iterator[Case]:
    from cohorts import cohort_of

    from necc.analysis.survival import restricted_mean

    group = restricted_mean(cohort_of({"time": [2, 4, 5], "event": [1, 1, 0]}), "T").groups[0]
    yield "three", [group.mean.value, group.se], [11 / 3, math.sqrt(25 / 54 + 1 / 18)]


@replay(
    TESTS,
    "Survival at fixed times with Greenwood errors, by group",
    "necc.analysis.survival.times",
    r("survival_tests", "summary.survfit"),
)
def _() -> Iterator[Case]:
    from test_survival_times import cohort_from

    from necc.analysis.survival import survival_at

    for case in recorded("survival_tests")["cases"]:
        s, se = (np.reshape(case[k], (-1, len(case["times"]))) for k in ("surv", "se"))
        for j, answer in enumerate(survival_at(cohort_from(case), "T", "g", times=case["times"]).times):
            yield case["name"], [g.survival.value for g in answer.groups], s[:, j].tolist()
            yield case["name"], [g.se for g in answer.groups], np.where(s[:, j] > 0, se[:, j], 0).tolist()


# ---------------------------------------------------------------- Cox
COX = "Cox regression"


@replay(
    COX, "Coefficients, standard errors, log likelihood; likelihood-ratio, score and Wald tests",
    "necc.analysis.regression",
    r("cox", "coxph"), note="Efron and Breslow ties, strata, interactions, weights, delayed entry, collinear columns",
)  # fmt: skip
def _() -> Iterator[Case]:
    from test_regression import fitted

    for name in recorded("cox")["cases"]:
        fit, theirs = fitted(name)
        known = [v is not None for v in theirs["coef"]]
        yield name, [b if k else None for b, k in zip(fit.coefficients, known, strict=True)], theirs["coef"]
        yield name, fit.se[known].tolist(), [s for s, k in zip(theirs["se"], known, strict=True) if k]
        yield name, [fit.loglik_null, fit.loglik], theirs["loglik"]
        ours = [fit.lr_statistic, fit.df, fit.score_statistic, fit.wald_statistic]
        yield name, ours, [*theirs["lr"][:2], theirs["score"][0], theirs["wald"]]


@replay(
    COX, "Small random cohorts: coefficients, errors, log likelihood; none where R warns of an infinite one",
    "necc.analysis.regression", r("cox_small", "coxph"),
    note="8 to 200 patients, 3-6 binary covariates, ties, times of zero, strata, delayed entry",
)  # fmt: skip
def _() -> Iterator[Case]:
    from test_regression import SMALL, small_fitted

    for case in SMALL:
        fit = small_fitted(case)
        name = str(case["seed"])
        if case["infinite"]:
            yield name, [float(fit.status == "monotone")], [1.0]
            continue
        known = [v is not None for v in case["coef"]]
        yield name, fit.coefficients.tolist(), case["coef"]
        yield name, fit.se[known].tolist(), [v for v, k in zip(case["se"], known, strict=True) if k]
        yield name, [fit.loglik_null, fit.loglik], case["loglik"]


@replay(COX, "Test of proportional hazards, four transforms of time", "necc.analysis.regression", r("cox", "cox.zph"))
def _() -> Iterator[Case]:
    from test_regression import TERMS, fitted, grid_of

    from necc.analysis.regression.diagnostics import proportionality_tests

    for name, theirs in recorded("cox")["cases"].items():
        for transform, table in theirs.get("zph", {}).items():
            fit, _ = fitted(name)
            terms = TERMS.get(name, [[j] for j in range(len(fit.coefficients))])
            tests = proportionality_tests(fit, [(str(t), t) for t in terms], grid_of(name), transform)[: len(table)]
            yield name, [v for t in tests for v in (t.statistic, t.df, t.p)], [v for row in table for v in row]


@replay(COX, "dfbeta and martingale residuals", "necc.analysis.regression", r("cox", "residuals.coxph"))
def _() -> Iterator[Case]:
    from test_regression import fitted

    from necc.analysis.regression.diagnostics import dfbeta, martingale_residuals

    for name, theirs in recorded("cox")["cases"].items():
        if "dfbeta" in theirs:
            fit, _ = fitted(name)
            yield name, np.ravel(dfbeta(fit)).tolist(), np.ravel(theirs["dfbeta"]).tolist()
            yield name, martingale_residuals(fit).tolist(), theirs["martingale"]


@replay(COX, "Schoenfeld residuals, plain and scaled", "necc.analysis.regression", r("cox", "residuals.coxph"))
def _() -> Iterator[Case]:
    from test_regression import fitted, grid_of

    from necc.analysis.regression.diagnostics import schoenfeld_residuals

    for name, theirs in recorded("cox")["cases"].items():
        if "dfbeta" not in theirs:
            continue
        fit, _ = fitted(name)
        labels = [str(j) for j in range(len(fit.coefficients))]
        for key in ("scaledsch", "schoenfeld"):
            transform = "km" if "km" in theirs["zph"] else "identity"
            ours = schoenfeld_residuals(fit, labels, grid_of(name), transform, scaled=key == "scaledsch").residuals
            # the order among tied events is the file's in R, so each column is compared in its own order
            yield name, np.ravel(np.sort(ours, axis=0)).tolist(), np.ravel(np.sort(theirs[key], axis=0)).tolist()


@replay(COX, "Concordance and its standard error", "necc.analysis.regression", r("cox", "concordance"))
def _() -> Iterator[Case]:
    from test_regression import design, fitted

    from necc.analysis.regression.concordance import concordance

    for name in recorded("cox")["cases"]:
        if name in ("heart", "ovarian_weights", "tied_alias"):
            continue
        fit, theirs = fitted(name)
        time, event, x, options = design(name)
        strata = np.unique(options.get("strata", np.zeros(len(time))), return_inverse=True)[1]
        codes = np.unique(time, return_inverse=True)[1]
        c = concordance(codes, event == 1, x @ fit.coefficients, strata, np.ones(len(time), dtype=int))
        yield name, [c.value, c.se], theirs["concordance"]


@replay(
    COX,
    "Interaction, entry and removal of a covariate in stepwise selection",
    "necc.analysis.regression",
    r("cox", "anova, coxph"),
)
def _() -> Iterator[Case]:
    from test_regression_models import CALLS, VETERAN

    from necc.analysis.regression import cox, stepwise

    cohort, call = CALLS["lung_interaction"]
    (test,) = cox(cohort, "T", **call).interaction_tests
    yield "interaction", [test.statistic, test.df], recorded("cox")["interaction"]
    second = stepwise(VETERAN, "T", ["karno", "celltype", "trt", "age"]).steps[1]
    yield "entry", [second.statistic, second.df], recorded("cox")["entry"]
    karno, both = (cox(VETERAN, "T", names).loglik for names in (["karno"], ["karno", "celltype"]))
    yield "removal", [2 * (both - karno)], [recorded("cox")["leave"]]


@replay(COX, "Variance inflation, generalised", "necc.analysis.regression", "determinants in R")
def _() -> Iterator[Case]:
    from test_regression import TERMS, fitted

    from necc.analysis.regression.diagnostics import variance_inflation

    fit, _ = fitted("veteran")
    yield "veteran", variance_inflation(fit.covariance, TERMS["veteran"]), recorded("cox")["vif"]


@replay(
    COX, "Firth's penalised likelihood: coefficients, errors, profile limits, p", "necc.analysis.regression",
    r("cox_firth", "coxphf (Breslow ties)", "coxphf"),
    note="complete separation, ties, delayed entry; the example of its help page",
)  # fmt: skip
def _() -> Iterator[Case]:
    from test_regression_firth import CASES, R, likelihood

    from necc.analysis.regression.firth import fit_firth

    for name in CASES:
        fit, theirs = fit_firth(likelihood(name)), R[name]
        yield name, fit.coefficients.tolist(), theirs["coef"]
        yield name, np.sqrt(np.diag(fit.covariance)).tolist(), theirs["se"]
        for ours, key in ((fit.ci_lower, "lower"), (fit.ci_upper, "upper"), (fit.p, "p")):
            yield name, np.asarray(ours).tolist(), theirs[key]
        yield name, [fit.lr_statistic], [theirs["lr"]]


@replay(COX, "Firth's estimate of one event among two groups of 58", "necc.analysis.regression", HAND)
def _() -> Iterator[Case]:
    from necc.analysis.regression import likelihood_of
    from necc.analysis.regression.firth import fit_firth

    time, exposed = np.r_[1.0, np.full(115, 2.0)], np.r_[np.ones(58), np.zeros(58)]
    fit = fit_firth(likelihood_of(time, time == 1, exposed))
    ratio = 3 * math.log(0.75 / 0.5) + math.log(0.25 / 0.5)
    yield "one event", [fit.coefficients[0], fit.covariance[0, 0], fit.lr_statistic], [math.log(3), 16 / 3, ratio]


# ---------------------------------------------------------------- competing risks, treatment
COMPETING = "Competing risks"


def _competing(case: Any):
    from test_competing import cohort_from

    from necc.analysis.competing import competing_from_columns, cumulative_incidence_of_columns

    cohort = cohort_from(case)
    found = cumulative_incidence_of_columns(cohort, "time", "status", "g", censored="0")
    return cohort, found, competing_from_columns(cohort, "time", "status", censored="0")


@replay(
    COMPETING, "Cumulative incidence and its variance", "necc.analysis.competing", r("competing", "cuminc", "cmprsk")
)
def _() -> Iterator[Case]:
    for case in recorded("competing")["cases"]:
        _, found, _ = _competing(case)
        size = len(case["at"])
        for k, name in enumerate(case["curves"]):
            stratum, cause = name.split()
            curve = next(s for s in found.strata if s.name == stratum).curve(cause)
            for row, t in enumerate(case["at"]):
                estimate, variance = case["est"][k * size + row], case["var"][k * size + row]
                if estimate is None or t < curve.time[0]:
                    continue
                at = int(np.searchsorted(curve.time, t, side="right")) - 1
                yield case["name"], [curve.estimate[at], curve.se[at] ** 2], [estimate, variance]


@replay(
    COMPETING, "Gray's test: plain, stratified, rho 1", "necc.analysis.competing", r("competing", "cuminc", "cmprsk")
)
def _() -> Iterator[Case]:
    from necc.analysis.competing import count_causes, cumulative_incidence_of_columns, gray_test

    for case in recorded("competing")["cases"]:
        cohort, found, outcome = _competing(case)
        yield case["name"], [v for t in found.tests for v in (t.statistic, t.chi_square_p, t.df)], case["gray"]
        strat = cumulative_incidence_of_columns(cohort, "time", "status", "g", censored="0", strata="s")
        yield case["name"], [t.statistic for t in strat.tests], case["stratified"]
        table = count_causes(outcome, cohort.factor("g"))
        yield case["name"], [gray_test(table, k, rho=1).statistic for k in range(len(case["rho"]))], case["rho"]


@replay(COMPETING, "1 - Kaplan-Meier, for contrast", "necc.analysis.competing", r("competing", "survfit"))
def _() -> Iterator[Case]:
    from necc.analysis.competing import cumulative_incidence_of_columns

    for case in recorded("competing")["cases"]:
        cohort, _, _ = _competing(case)
        found = cumulative_incidence_of_columns(cohort, "time", "status", censored="0")
        for curve, theirs in zip(found.strata[0].curves, case["one_minus_km"], strict=True):
            yield case["name"], curve.one_minus_km.tolist(), theirs


@replay(
    COMPETING, "Fine-Gray: coefficients, covariance, log likelihood", "necc.analysis.competing",
    r("competing", "crr", "cmprsk"),
    note="crr with gtol = 1e-9: it stops at its default of 1e-6 with the sixth digit still moving; here a Newton step "
    "of less than 1e-10 in every linear predictor ends the fit",
)  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.competing import fit_fine_gray

    for case in recorded("competing")["cases"]:
        status, x = np.array(case["status"]), np.column_stack([case["x1"], case["x2"]])
        for theirs in case["fits"]:
            coded = np.where(status == theirs["cause"], 1, np.where(status == 0, 0, 2))
            fit = fit_fine_gray(np.array(case["time"]), coded, x)
            yield case["name"], fit.coefficients.tolist(), theirs["coef"]
            yield case["name"], fit.covariance.ravel().tolist(), theirs["var"]
            yield case["name"], [fit.loglik, fit.loglik_null], [theirs["loglik"], theirs["loglik_null"]]


@replay(
    COMPETING, "Fine-Gray under separation of one term: the others' coefficients and covariance, log likelihood",
    "necc.analysis.competing", r("competing", "crr", "cmprsk"),
    note="crr with gtol = 1e-11, its separated term beyond -20",
)  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.competing import fit_fine_gray

    for case in recorded("competing")["separated"]:
        fit = fit_fine_gray(case["time"], case["status"], np.column_stack([case[k] for k in ("x1", "x2", "x3")]))
        yield case["name"], fit.coefficients.tolist(), [None, *case["coef"][1:]]
        yield case["name"], fit.covariance[1:, 1:].ravel().tolist(), np.reshape(case["var"], (3, 3))[1:, 1:].ravel()
        yield case["name"], [fit.loglik], [case["loglik"]]


@replay(
    COMPETING,
    "Cause-specific Cox models",
    "necc.analysis.competing",
    r("competing", "coxph"),
    note="coxph as it stops by default",
)
def _() -> Iterator[Case]:
    from necc.analysis.competing import hazards_of

    for case in recorded("competing")["cases"]:
        cohort, _, outcome = _competing(case)
        found = hazards_of(cohort, outcome, ["x1", "x2"])
        for theirs in case["fits"]:
            rows = [row for row in found.rows if row.cause == f"{theirs['cause']:g}"]
            yield case["name"], [math.log(row.cause_specific.value) for row in rows], theirs["cox_coef"]


TREATMENT = "Treatment that starts after time zero"


@replay(
    TREATMENT,
    "Naive, landmark and time-dependent Cox models",
    "necc.analysis.treatment",
    r("treatment", "coxph, Surv(start, stop, event)"),
)
def _() -> Iterator[Case]:
    from test_treatment import timing

    def numbers(comparison: Any) -> list[float | None]:
        e = comparison.hazard_ratio
        return [math.log(e.value), e.lower, e.upper, comparison.p]

    def theirs(model: list[float]) -> list[float]:
        return [model[0], *model[2:]]

    for case in recorded("treatment")["cases"]:
        found = timing(case)
        yield case["name"], numbers(found.naive), theirs(case["naive"])
        yield case["name"], numbers(found.time_dependent), theirs(case["dependent"])
        for mark in case["landmarks"]:
            at = timing(case, landmark=mark["landmark"]).landmark
            yield case["name"], [at.n, at.n_treated, *numbers(at)], [mark["n"], mark["treated"], *theirs(mark["cox"])]


@replay(
    TREATMENT,
    "Mantel-Byar test",
    "necc.analysis.treatment",
    "sums written out in R; without ties, the score test of coxph",
)
def _() -> Iterator[Case]:
    from test_treatment import timing

    for case in recorded("treatment")["cases"]:
        yield case["name"], [timing(case).time_dependent.test.statistic], [case["mantel_byar"]]


@replay(
    TREATMENT, "Simon-Makuch curves", "necc.analysis.treatment", r("treatment", "survfit, Surv(start, stop, event)")
)
def _() -> Iterator[Case]:
    from test_treatment import timing

    for case in recorded("treatment")["cases"]:
        for g, curve in enumerate(timing(case).time_dependent.curves):
            rows = [k for k, stratum in enumerate(case["stratum"]) if stratum == g]
            yield case["name"], curve.survival.tolist(), [case["surv"][k] for k in rows]
            yield (
                case["name"],
                [*curve.n_at_risk.tolist(), curve.median.value],
                [*[case["n_risk"][k] for k in rows], case["medians"][g]],
            )


# ---------------------------------------------------------------- proportions, tables, characteristics
TABLES = "Proportions, tables and numbers"


@replay(
    TABLES,
    "Clopper-Pearson and Wilson intervals",
    "necc.analysis.proportions",
    r("proportions", "binom.test, prop.test", "base"),
)
def _() -> Iterator[Case]:
    from necc.analysis.proportions import exact_ci

    for row in recorded("proportions")["binomial"]:
        k, n = row["k"], row["n"]
        for e, key in (
            (exact_ci(k, n), "exact"),
            (exact_ci(k, n, 0.9), "exact90"),
            (exact_ci(k, n, method="wilson"), "wilson"),
        ):
            yield f"{k} of {n}", [e.lower, e.upper], row[key]


@replay(
    TABLES,
    "2 x 2 tables: Pearson, Yates and Fisher tests",
    "necc.analysis.proportions",
    r("proportions", "chisq.test, fisher.test", "base"),
)
def _() -> Iterator[Case]:
    from necc.analysis.proportions import chi_square, two_by_two

    for row in recorded("proportions")["two_by_two"]:
        (a, b), (c, d) = row["table"]
        plain, exact = two_by_two(a, b, c, d, "r"), two_by_two(a, b, c, d, "exact")
        ours = [plain.p, plain.statistic, exact.p, chi_square(row["table"]).p]
        yield str(row["table"]), ours, [row["r"], row["statistic"], row["exact"], row["pearson"]]


@replay(
    TABLES,
    "Conditional odds ratio with exact limits",
    "necc.analysis.proportions",
    "the conditional likelihood solved to 1e-14 in R",
)
def _() -> Iterator[Case]:
    from necc.analysis.proportions import odds_ratio

    for row in recorded("proportions")["two_by_two"]:
        (a, b), (c, d) = row["table"]
        found = odds_ratio(a, b, c, d)
        theirs = [None if v in (None, "inf") else v for v in row["or_tight"]]
        yield str(row["table"]), (found.value, found.lower, found.upper), theirs


@replay(
    TABLES,
    "Larger tables: Pearson and Fisher tests",
    "necc.analysis.proportions",
    r("proportions", "chisq.test, fisher.test", "base"),
    note="R takes tables of nearly equal probability as equal, up to 3.5e-7",
)
def _() -> Iterator[Case]:
    from necc.analysis.proportions import contingency

    for row in recorded("proportions")["r_by_c"]:
        plain, exact = contingency(row["table"], "r"), contingency(row["table"], "exact")
        yield (
            str(row["table"]),
            [plain.statistic, plain.df, plain.p, exact.p],
            [row["statistic"], row["df"], row["r"], row["exact"]],
        )


@replay(
    TABLES,
    "The paper's Table 4, fifteen p-values",
    "necc.analysis.proportions",
    "as printed, three decimals",
    note="printed digits: half a unit of the third",
)
def _() -> Iterator[Case]:
    from test_proportions import TABLE_4

    from necc.analysis.proportions import two_by_two

    for name, (a, n1, b, n2, printed, *_) in TABLE_4.items():
        yield name, [two_by_two(a, n1 - a, b, n2 - b, convention="paper").p], [printed]


@replay(
    TABLES,
    "Adjusted p-values: Holm, Benjamini-Hochberg, Bonferroni",
    "necc.analysis.multiplicity",
    r("proportions", "p.adjust", "base"),
)
def _() -> Iterator[Case]:
    from necc.analysis.multiplicity import adjust_p

    for i, row in enumerate(recorded("proportions")["adjust"]):
        for method in ("holm", "bh", "bonferroni"):
            yield str(i), adjust_p(row["p"], method), row[method]


@replay(
    TABLES,
    "Rank tests and tests of means",
    "necc.analysis.comparison",
    r("proportions", "wilcox.test, kruskal.test, t.test, oneway.test", "base"),
)
def _() -> Iterator[Case]:
    from necc.analysis.comparison import compare_numbers

    for i, row in enumerate(recorded("proportions")["groups"]):
        groups = [np.array([np.nan if v is None else v for v in g], dtype=float) for g in row["groups"]]
        rank, mean = (compare_numbers(groups, "r", test) for test in ("rank", "mean"))
        yield str(i), [rank.statistic, rank.p], row["rank"]
        yield str(i), [mean.statistic, mean.p], [row["mean"][0], row["mean"][-1]]
        if row["rank_plain"] is not None and len(groups) == 2:
            yield str(i), [compare_numbers(groups, "paper", "rank").p], [row["rank_plain"]]


@replay(
    TABLES,
    "Characteristics: means, quartiles, standardised differences",
    "necc.analysis.baseline",
    f"R {R_VERSION}, quantile(type = 7) and formulas",
)
def _() -> Iterator[Case]:
    from test_baseline import SIXTY

    from necc.analysis.baseline import compare

    row = compare(SIXTY, "arm", ["tumor_size_cm"], convention="r", every_convention=False).rows[0]
    data = recorded("baseline")
    for summary, key in zip((*row.summaries, row.total_summary), ("x", "y", "all"), strict=True):
        s = summary
        yield "sixty", (s.n, s.mean, s.sd, s.median, s.q1, s.q3, s.minimum, s.maximum), data[key]
    yield "sixty", [row.test.p, row.smd.value], [data["rank, r"], data["smd"]]
    levels = compare(SIXTY, "arm", ["level"]).rows[0].conventions
    yield "sixty", [levels.r.p, levels.exact.p], [data["levels, r"], data["levels, exact"]]


@replay(
    TABLES,
    "Frequency of sites by group, with Holm's adjustment",
    "necc.analysis.recurrence",
    f"R {R_VERSION}, chisq.test, fisher.test, p.adjust",
)
def _() -> Iterator[Case]:
    from cohorts import necc_cohort

    from necc.analysis.recurrence import site_distribution

    every = {"lung": 3, "abdominal": 4, "pelvic": 5, "bone": 9, "brain": 25, "other": 2}
    group = ["yes" if i % 15 in (0, 3, 5, 9, 10, 12, 13) else "no" for i in range(80)]
    cohort = necc_cohort({"lvsi": group}, {site: [int(i % k == 0) for i in range(80)] for site, k in every.items()})
    found = site_distribution(cohort, "lvsi")
    data = recorded("recurrence")
    yield "eighty", [t.test.p for t in found.tests], [data["eighty"][t.site] for t in found.tests]
    yield "eighty", [t.p_adjusted for t in found.tests], data["eighty_holm"]


@replay(
    TABLES, "Response rates of the paper's sixteen patients", "necc.analysis.response", f"R {R_VERSION}, binom.test"
)
def _() -> Iterator[Case]:
    from cohorts import table_5

    from necc.analysis.response import response_rates

    for response, key in (("best_response", "8 of 16"), ("final_response", "7 of 16")):
        e = response_rates(table_5(), response).overall.orr.estimate
        yield response, [e.lower, e.upper], recorded("response")[key]


# ---------------------------------------------------------------- models of arrays, of every site, of subgroups
@replay(
    CURVES,
    "Curves and the log-rank test of plain arrays",
    "necc.analysis.arrays",
    f"R {R_VERSION}, survfit and survdiff",
)
def _() -> Iterator[Case]:
    from necc.analysis.survival import kaplan_meier

    answer = recorded("arrays")
    groups = pd.Categorical(answer["celltype"], answer["levels"])
    result = kaplan_meier(answer["time"], answer["status"], groups, unit="days")
    yield "n", [c.n for c in result.curves], answer["n"]
    for name in ("median.value", "median.lower", "median.upper"):
        ours = [getattr(c.median, name.partition(".")[2]) for c in result.curves]
        yield name, ours, answer[{"value": "median"}.get(name.partition(".")[2], name.partition(".")[2])]
    yield "log-rank", [result.test.statistic, result.test.p], [answer["chi_square"], answer["p"]]


@replay(COX, "A Cox model of plain arrays", "necc.analysis.arrays", f"R {R_VERSION}, coxph")
def _() -> Iterator[Case]:
    from necc.analysis.regression import cox

    answer = recorded("arrays")
    kinds = pd.Categorical(answer["celltype"], answer["levels"])
    model = cox(answer["time"], answer["status"], {"age": answer["age"], "karno": answer["karno"], "celltype": kinds})
    yield "coefficients", [t.coefficient for t in model.terms], answer["coefficients"]
    yield "se", [t.se for t in model.terms], answer["se"]
    yield "log likelihood", [model.loglik_null, model.loglik], answer["loglik"]


@replay(
    COX, "Every site with against without: hazard ratio, limits, p and adjusted p", "necc.analysis.recurrence",
    r("each_site", "coxph and p.adjust"),
)  # fmt: skip
def _() -> Iterator[Case]:
    from cohorts import from_sample

    from necc.analysis.recurrence import each_site

    answer, cohort = recorded("each_site"), from_sample("reconstructed_cohort.csv")
    for ties in ("efron", "breslow"):
        frame = each_site(cohort, "PRS", ties=ties).to_frame()
        for row, theirs in zip(frame.to_dict("records"), answer["rows"], strict=True):
            yield row["site"], [row[n] for n in ("hazard_ratio", "ci_lower", "ci_upper", "p")], theirs[ties]
    for name, theirs in answer["adjusted"].items():
        yield name, each_site(cohort, "PRS", adjustment=name).to_frame()["p_adjusted"].tolist(), theirs


@replay(
    COX, "Interaction of subgroups, by Firth's penalised likelihood ratio", "necc.analysis.regression",
    f"R {R_VERSION}, optim over survival's coxph, as printed, seven decimals",
)  # fmt: skip
def _() -> Iterator[Case]:
    from cohorts import from_sample

    from necc.analysis.regression import subgroups

    (test,) = subgroups(from_sample("reconstructed_cohort.csv"), "PRS", "ici", ["histology"]).interactions
    yield "treatment and histology", [test.statistic, test.df, test.p], recorded("subgroups")["penalised"]


# ---------------------------------------------------------------- several centres
@replay(
    COX, "Several centres: log-rank and Cox within centres, each by itself, Q, I2, tau2 and prediction interval",
    "necc.analysis.centres", f"R {R_VERSION}, survdiff and coxph with strata; heterogeneity by hand",
)  # fmt: skip
def _() -> Iterator[Case]:
    from test_by_centre import cohort_from, numbers

    from necc.analysis.centres import by_centre

    for case in recorded("centres")["cases"]:
        found, cohort = by_centre(cohort_from(case), "T", "g"), cohort_from(case)
        (term,), (h,) = found.terms, found.heterogeneity
        yield f"{case['name']}, log-rank", [found.test.statistic, found.test.chi_square_p], case["logrank"]
        yield f"{case['name']}, Efron", [term.coefficient, term.se], case["efron"]
        (other,) = by_centre(cohort, "T", "g", ties="breslow").terms
        yield f"{case['name']}, Breslow", [other.coefficient, other.se], case["breslow"]
        own = [v for one in found.centres for v in (one.terms[0].coefficient, one.terms[0].se)]
        yield f"{case['name']}, each centre", own, case["own"]
        yield f"{case['name']}, heterogeneity", numbers(h), case["heterogeneity"]


# ---------------------------------------------------------------- prediction
PREDICTION = "Prediction"


@replay(
    PREDICTION, "Harrell's C, Uno's C, AUC at a time, Brier score and its integral", "necc.analysis.prediction",
    "scikit-survival 0.28, sksurv.metrics",
)  # fmt: skip
def _() -> Iterator[Case]:
    from sksurv import metrics as judge
    from sksurv.util import Surv

    from necc.analysis.prediction import metrics

    for seed in range(5):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=90)
        time, event = np.round(rng.exponential(12 * np.exp(-0.8 * x)), seed % 2) + 1, rng.random(90) < 0.65
        train = np.arange(90) < 55
        test = ~train & (time < np.sort(time[train])[-3])
        risk, t, e = np.round(x, 1)[test], time[test], event[test]
        fitted, seen = Surv.from_arrays(event[train], time[train]), Surv.from_arrays(e, t)
        stays, tau = metrics.censoring(time[train], event[train]), float(np.quantile(t, 0.8))
        times = np.unique(np.quantile(t, [0.3, 0.5, 0.7]))
        survival = np.exp(-np.outer(np.exp(risk / 2), times) / 15)
        scores = metrics.brier(t, e, survival, stays, times)
        ours = [metrics.harrell(t, e, risk), metrics.uno(t, e, risk, stays, tau)]
        ours += [metrics.auc(t, e, risk, stays, at) for at in times]
        theirs = [
            judge.concordance_index_censored(e, t, risk)[0],
            judge.concordance_index_ipcw(fitted, seen, risk, tau)[0],
        ]
        theirs += judge.cumulative_dynamic_auc(fitted, seen, risk, times)[0].tolist()
        yield str(seed), ours, theirs
        yield str(seed), scores.tolist(), judge.brier_score(fitted, seen, survival, times)[1].tolist()
        integral = judge.integrated_brier_score(fitted, seen, survival, times)
        yield str(seed), [metrics.integrated_brier(scores, times)], [integral]


@replay(PREDICTION, "Net benefit, and the interval of a cross-validated mean", "necc.analysis.prediction", HAND)
def _() -> Iterator[Case]:
    from necc.analysis.prediction import metrics

    time, event = np.array([1.0, 2, 3, 4, 6, 7, 8, 9, 10, 11]), np.ones(10, bool)
    yield "net benefit", metrics.net_benefit(time, event, np.ones(10), 5, np.array([0.2])), [0.4 - 0.6 * 0.25]
    found = metrics.corrected_interval(np.array([1.0, 2, 3, 4]), 1 / 3, 0.95)
    reach = 3.182446305284263 * math.sqrt((1 / 4 + 1 / 3) * 5 / 3)
    yield "interval", [found.value, found.lower, found.upper], [2.5, 2.5 - reach, 2.5 + reach]


# ---------------------------------------------------------------- small cohorts at random
RANDOM = "300 small cohorts at random"


class Tally(Counter[str]):
    """What became of the numbers of a check that aren't compared; counted anew in each run."""

    def said(self) -> str:
        return "; ".join(f"{what}: {count:,}" for what, count in sorted(self.items()))


DECLINED, NEITHER, ONLY_R, NO_MAXIMUM = (
    "declined by rule, not compared", "neither R nor we give a number", "R warns, stops or diverges, we give none",
    "R gives a number without a warning, we give none as there is no finite maximum",
)  # fmt: skip
TALLIES = {name: Tally() for name in ("log-rank", "stratified", "cox", "gray", "fine-gray")}


@cache
def random_cohort(i: int) -> Any:
    """(R's case, the cohort with its causes)."""
    from cohorts import cohort_of

    case = recorded("random")["cases"][i]
    data = case["data"]
    columns = {"time": data["time"], "event": [int(v > 0) for v in data["status"]], "g": data["g"], "s": data["s"],
               "x": data["x"], "status": [f"{v:g}" for v in data["status"]]}  # fmt: skip
    return case, cohort_of({k: pd.Categorical(v) if k in ("g", "s", "status") else v for k, v in columns.items()})


def random_cohorts(part: str) -> Iterator[tuple[str, Any, Any]]:
    """(name, R's answer, cohort) of each cohort that has the part."""
    for i, _ in enumerate(recorded("random")["cases"]):
        case, cohort = random_cohort(i)
        if part in case:
            yield str(i), case[part], cohort


@replay(RANDOM, "Kaplan-Meier: at risk, survival, log-log and plain limits, medians", "necc.analysis.survival.curve",
        r("random", "survfit"))  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.survival import kaplan_meier

    for name, theirs, cohort in random_cohorts("km"):
        curves = kaplan_meier(cohort, "T", "g").curves
        pairs = (("time", "time"), ("n_at_risk", "n_risk"), ("survival", "surv"), ("ci_lower", "lower"),
                 ("ci_upper", "upper"))  # fmt: skip
        for ours, key in pairs:
            yield name, [v for c in curves for v in getattr(c, ours).tolist()], theirs[key]
        yield name, [c.median.value for c in curves], theirs["median"]
        case = recorded("random")["cases"][int(name)]["plain"]
        (whole,) = kaplan_meier(cohort, "T", ci="plain").curves
        yield name, [*whole.ci_lower.tolist(), *whole.ci_upper.tolist()], [*case["lower"], *case["upper"]]


def _random_tests(part: str, tally: Tally, *blocks: str) -> Iterator[Case]:
    from necc.analysis.survival import groups_of, weighted_log_rank
    from necc.analysis.survival.compare import count_strata
    from necc.core.guardrails import too_few

    tally.clear()
    for name, theirs, cohort in random_cohorts(part):
        tables = count_strata(cohort.endpoint("T"), cohort.factor("g"), [cohort.factor(b) for b in blocks])
        test = weighted_log_rank(tables)
        if not theirs.get("df") or theirs.get("p") is None:
            tally[NEITHER if test.p is None else "only we give a number"] += 1
            continue
        yield name, [test.statistic, test.df], [theirs["chisq"], theirs["df"]]
        if too_few(groups_of(tables)):
            tally["chi-square p " + DECLINED] += 1
        else:
            yield name, [test.p], [theirs["p"]]


@replay(RANDOM, "Log-rank test", "necc.analysis.survival", r("random", "survdiff"), note=TALLIES["log-rank"].said)
def _() -> Iterator[Case]:
    return _random_tests("log_rank", TALLIES["log-rank"])


@replay(RANDOM, "Log-rank test within strata", "necc.analysis.survival", r("random", "survdiff, strata()"),
        note=TALLIES["stratified"].said)  # fmt: skip
def _() -> Iterator[Case]:
    return _random_tests("stratified", TALLIES["stratified"], "s")


@replay(RANDOM, "Cox: coefficients and standard errors of each term shown", "necc.analysis.regression",
        r("random", "coxph"), note=TALLIES["cox"].said)  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.regression import cox
    from necc.core.guardrails import TOO_FEW

    tally = TALLIES["cox"]
    tally.clear()
    for name, theirs, cohort in random_cohorts("cox"):
        model = cox(cohort, "T", ["g", "x"], separation="report")
        coefs, ses = theirs.get("coef", [None] * len(model.terms)), theirs.get("se", [None] * len(model.terms))
        for j, term in enumerate(model.terms):
            if term.note.startswith(TOO_FEW) or "as many terms as patients" in term.note:
                tally["terms " + DECLINED] += 1
            elif not term.estimable:
                without = coefs[j] is not None and model.fit.separated[j]
                tally[ONLY_R if theirs["said"] else NEITHER if coefs[j] is None else NO_MAXIMUM if without
                      else "only R gives a number"] += 1  # fmt: skip
            elif theirs["said"] and model.fit.separated.any():  # R's others are not those of the limit
                tally["R warns of another term, ours is that of the limit"] += 1
            else:
                yield name, [term.coefficient, term.se], [coefs[j], ses[j]]


@replay(RANDOM, "Cumulative incidence of a cause, by group, with its variance", "necc.analysis.competing",
        r("random", "cuminc", "cmprsk"))  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.competing import competing_from_columns, incidence_of

    for name, theirs, cohort in random_cohorts("incidence"):
        found = incidence_of(cohort, competing_from_columns(cohort, "time", "status", censored="0"), "g")
        curves = {s.name: s.curve("1") for s in found.strata if any(c.cause == "1" for c in s.curves)}
        size = len(theirs["at"])
        for g, group in enumerate(theirs["groups"]):
            for k, time in enumerate(theirs["at"]):
                estimate, variance = theirs["est"][g * size + k], theirs["var"][g * size + k]
                curve = curves[group]
                row = int(np.searchsorted(curve.time, time, side="right")) - 1
                at = curve.at(time).value
                spread = None if at is None else curve.se[row] ** 2 if row >= 0 else 0.0
                yield name, [at, spread], [estimate, variance]


@replay(RANDOM, "Gray's test of a cause", "necc.analysis.competing", r("random", "cuminc", "cmprsk"),
        note=TALLIES["gray"].said)  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.competing import competing_from_columns, incidence_of

    tally = TALLIES["gray"]
    tally.clear()
    for name, theirs, cohort in random_cohorts("gray"):
        found = incidence_of(cohort, competing_from_columns(cohort, "time", "status", censored="0"), "g")
        test = next((t for t in found.tests if t.cause == "1"), None)
        if theirs.get("p") is None or theirs["statistic"] < 0:  # cmprsk says -1 where it has none
            none = test is None or test.statistic is None
            tally[NEITHER if none else "only we give a statistic"] += 1
        elif test is None or test.statistic is None:
            tally["only R gives a statistic"] += 1
        else:
            yield name, [test.statistic, test.df], [theirs["statistic"], theirs["df"]]
            if test.p is None:
                tally["p " + DECLINED] += 1
            else:
                yield name, [test.p], [theirs["p"]]


@replay(RANDOM, "Fine-Gray: coefficient and robust variance, where shown", "necc.analysis.competing.fine_gray",
        r("random", "crr", "cmprsk"), note=TALLIES["fine-gray"].said)  # fmt: skip
def _() -> Iterator[Case]:
    from necc.analysis.competing import competing_from_columns, fit_fine_gray, hazards_of
    from necc.core.guardrails import TOO_FEW

    tally = TALLIES["fine-gray"]
    tally.clear()
    for name, theirs, cohort in random_cohorts("fine_gray"):
        outcome = competing_from_columns(cohort, "time", "status", censored="0")
        rows = hazards_of(cohort, outcome, ["x"], only=["1"]).rows if "1" in outcome.causes else ()
        shown = bool(rows) and rows[0].subdistribution.value is not None
        if shown:
            fit = fit_fine_gray(outcome.time, outcome.status("1"), cohort.number("x"))
            yield name, [fit.coefficients[0], fit.covariance[0, 0]], [theirs.get("coef"), theirs.get("var")]
        elif rows and TOO_FEW in rows[0].note:
            tally[DECLINED] += 1
        else:
            without = rows and "separation" in rows[0].note
            tally[ONLY_R if theirs["said"] else NO_MAXIMUM if without else "only R gives a number"] += 1


# ---------------------------------------------------------------- writing
def all_checks() -> list[tuple[Check, float]]:
    return [entry.check() for entry in REPLAYS]


def main() -> None:
    checks = [check for check, _ in all_checks()]
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(to_markdown(checks), encoding="utf-8")
    DATA.write_text(to_json(checks), encoding="utf-8")
    print(f"{len(checks)} checks written to {DOCUMENT.relative_to(ROOT)} and {DATA.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
