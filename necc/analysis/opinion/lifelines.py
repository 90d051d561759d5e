"""Results computed again by lifelines [1].

References:
    1. Davidson-Pilon C. J Open Source Softw 2019;4:1317. doi:10.21105/joss.01317
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from necc.analysis.opinion.patients import ModelData, Patients, model_data, patients_of
from necc.analysis.opinion.results import Number, Reason
from necc.analysis.recurrence.timing import Timing
from necc.analysis.regression import CoxModel, CoxTerm, UnivariateTable
from necc.analysis.regression.groups import HazardRatios
from necc.analysis.survival import Curve, KaplanMeier, LogRank, Parametric, RestrictedMean, SurvivalGrid
from necc.analysis.survival.compare import SurvivalComparison
from necc.core.cohort import Cohort

Arguments = Mapping[str, object]
WALD = "wald"
CLOSER = {"precision": 1e-12, "r_precision": 1e-16, "max_steps": 200}  # it stops at 1e-7 by itself
FITTERS = {"exponential": "ExponentialFitter", "weibull": "WeibullFitter", "log-normal": "LogNormalFitter",
           "log-logistic": "LogLogisticFitter"}  # fmt: skip
"""Families that lifelines' own search finds by itself; the others' estimates depend on where it begins."""


def survival(km: KaplanMeier, cohort: Cohort, _: Arguments) -> Iterator[Number]:
    """Curves with their limits, medians, median follow-up, and the log-rank test."""
    from lifelines import KaplanMeierFitter

    people = patients_of(cohort, km.endpoint, km.by)
    for curve in km.curves:
        yield from _curve(curve, people, km)
    if len(people.time):
        back = KaplanMeierFitter().fit(people.time, ~people.event)
        at_half = _at_half(back.survival_function_.to_numpy().ravel())
        yield Number("median follow-up", "all", km.followup.value, _known(back.median_survival_time_), at_half)
    if len(km.curves) > 1:
        yield from _test(km.test, people)


def _curve(curve: Curve, people: Patients, km: KaplanMeier) -> Iterator[Number]:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    time, event = people.of(curve.name)
    fitted = KaplanMeierFitter(alpha=1 - km.level).fit(time, event)
    theirs = fitted.survival_function_.iloc[:, 0]
    for t, ours in zip(curve.time, curve.survival, strict=True):
        yield Number("survival", _at(curve.name, t, km.unit), float(ours), float(theirs.loc[t]))
    median = _known(fitted.median_survival_time_)
    yield Number("median", curve.name, curve.median.value, median, _at_half(curve.survival))
    limits = fitted.confidence_interval_survival_function_
    reason: Reason = "" if km.ci == "log-log" else "limits"
    for t, survived, *ours in zip(curve.time, curve.survival, curve.ci_lower, curve.ci_upper, strict=True):
        if 0 < survived < 1:  # beyond there are no limits, and programs print different things
            for name, own, other in zip(("lower", "upper"), ours, limits.loc[t], strict=True):
                yield Number("confidence limits", f"{_at(curve.name, t, km.unit)}, {name}", _known(own), _known(other),
                             reason)  # fmt: skip
    if km.ci == "log-log":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = median_survival_times(limits)
        for name, own, limit, other in zip(
            ("lower", "upper"), (curve.median.lower, curve.median.upper), (curve.ci_lower, curve.ci_upper),
            found.to_numpy().ravel(), strict=True,
        ):  # fmt: skip
            ends: Reason = "end" if own is None and curve.survival[-1] <= 0 else _at_half(limit)
            yield Number("limits of medians", f"{curve.name}, {name}", own, _known(other), ends)


def _at_half(values: np.ndarray) -> Reason:
    """Where a curve stands at exactly one half, the median is the middle of that step here, as in R."""
    return "median" if np.isclose(values, 0.5, atol=1e-9).any() else ""


def _test(test: LogRank, people: Patients) -> Iterator[Number]:
    from lifelines.statistics import multivariate_logrank_test

    if test.statistic is None:
        return
    theirs = multivariate_logrank_test(people.time, people.group, people.event)
    yield Number(f"{test.name} test", "statistic", test.statistic, _known(theirs.test_statistic))
    if test.p is not None and test.p_by == "chi-square":
        yield Number(f"{test.name} test", "p", test.p, _known(theirs.p_value))


def grid(result: SurvivalGrid, cohort: Cohort, arguments: Arguments) -> Iterator[Number]:
    """Each panel."""
    for panel in result.panels:
        for number in survival(panel, cohort, arguments):
            yield Number(number.what, f"{panel.by_label}, {number.place}", number.ours, number.theirs, number.reason)


def timing(result: Timing, cohort: Cohort, _: Arguments) -> Iterator[Number]:
    """Medians with and without each site, and the log-rank test between them."""
    from lifelines import KaplanMeierFitter

    for one in result.sites:
        people = patients_of(cohort, result.endpoint, f"site:{one.site}")
        for group in (one.with_site, one.without):
            time, event = people.of(group.name)
            if len(time):
                fitted = KaplanMeierFitter().fit(time, event)
                at_half = _at_half(fitted.survival_function_.to_numpy().ravel())
                yield Number("median", f"{one.label}, {group.name}", group.median.value,
                             _known(fitted.median_survival_time_), at_half)  # fmt: skip
        for number in _test(one.test, people):
            yield Number(number.what, f"{one.label}, {number.place}", number.ours, number.theirs)


def comparison(result: SurvivalComparison, cohort: Cohort, _: Arguments) -> Iterator[Number]:
    """The log-rank test; others weigh in ways of their own."""
    if not result.stratified_by:
        yield from _test(result.tests[0], patients_of(cohort, result.endpoint, result.by))


def restricted_means(result: RestrictedMean, cohort: Cohort, _: Arguments) -> Iterator[Number]:
    """Restricted means; the variance that lifelines gives isn't that of the estimate."""
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    people = patients_of(cohort, result.endpoint, result.by)
    for group in result.groups:
        if group.mean.value is not None and result.tau is not None:
            time, event = people.of(group.name)
            theirs = restricted_mean_survival_time(KaplanMeierFitter().fit(time, event), t=result.tau)
            yield Number("restricted mean", group.name, group.mean.value, _known(theirs))


# ---------------------------------------------------------------- models
def model(result: CoxModel, cohort: Cohort, arguments: Arguments) -> Iterator[Number]:
    """Hazard ratios with limits and p, log-likelihoods and their test, concordance."""
    if result.ties == "efron" and not result.interactions and is_plain(result.terms):
        data = model_data(cohort, result.endpoint, result.terms, result.strata, per_of(arguments))
        fitted = _fit(data, result.level)
        yield from _terms(result.terms, fitted)
        yield Number("log-likelihood", "all terms", result.loglik, _known(fitted.log_likelihood_))
        if test := result.tests.get("likelihood_ratio"):
            theirs = fitted.log_likelihood_ratio_test()
            yield Number("likelihood-ratio test", "statistic", test.statistic, _known(theirs.test_statistic))
            yield Number("likelihood-ratio test", "p", test.p, _known(theirs.p_value))
        if not result.strata:
            yield Number("concordance", "all terms", result.concordance.value, _known(fitted.concordance_index_))


def table(result: UnivariateTable, cohort: Cohort, arguments: Arguments) -> Iterator[Number]:
    """Each covariate alone, on its own complete cases, and all together."""
    for row in result.rows:
        if result.ties == "efron" and is_plain(row.terms):
            strata = _texts(arguments.get("strata"))
            fitted = _fit(model_data(cohort, result.endpoint, row.terms, strata, per_of(arguments)), result.level)
            yield from _terms(row.terms, fitted)
            theirs = fitted.log_likelihood_ratio_test()
            yield Number("likelihood-ratio test", row.label, row.likelihood_ratio.statistic,
                         _known(theirs.test_statistic))  # fmt: skip
    if result.multivariable is not None:
        for number in model(result.multivariable, cohort, arguments):
            yield Number(f"{number.what}, together", number.place, number.ours, number.theirs, number.reason)


def ratios(result: HazardRatios, cohort: Cohort, _: Arguments) -> Iterator[Number]:
    """Hazard ratios of the levels of one factor."""
    if result.ties == "efron" and is_plain(result.terms):
        yield from _terms(result.terms, _fit(model_data(cohort, result.endpoint, result.terms), result.level))


def is_plain(terms: Sequence[CoxTerm]) -> bool:
    """Whether all terms come from the usual likelihood; other programs have no Firth's, and no ratio without end."""
    return bool(terms) and all(t.method == WALD and t.estimable for t in terms)


def per_of(arguments: Arguments) -> Mapping[str, float]:
    """By number the units of its hazard ratio, as the model was asked for them."""
    per = arguments.get("per")
    return {str(k): float(v) for k, v in per.items()} if isinstance(per, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Iterable) and not isinstance(value, str) else ()


def _fit(data: ModelData, level: float) -> Any:
    from lifelines import CoxPHFitter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few events: told beside the model
        return CoxPHFitter(alpha=1 - level).fit(
            data.frame, "time", "event", strata=list(data.strata) or None, fit_options=CLOSER
        )


def _terms(terms: Iterable[CoxTerm], fitted: Any) -> Iterator[Number]:
    summary = fitted.summary
    lower, upper = (next(c for c in summary if str(c).startswith(f"exp(coef) {side}")) for side in ("lower", "upper"))
    for term in terms:
        row = summary.loc[term.term]
        name = f"{term.label}, {term.level}" if term.level else term.label
        yield Number("hazard ratio", name, term.hazard_ratio, _known(row["exp(coef)"]))
        yield Number("standard error", name, term.se, _known(row["se(coef)"]))
        if term.ci_lower is not None or term.ci_upper is not None:
            yield Number("limits of hazard ratios", f"{name}, lower", term.ci_lower, _known(row[lower]))
            yield Number("limits of hazard ratios", f"{name}, upper", term.ci_upper, _known(row[upper]))
        if term.p is not None:
            yield Number("p of hazard ratios", name, term.p, _known(row["p"]))


# ---------------------------------------------------------------- parametric curves
def fitted_families(result: Parametric, cohort: Cohort, _: Arguments) -> Iterator[Number]:
    """Log-likelihoods and parameters of the families whose fit needs no start of its own."""
    import lifelines

    people = patients_of(cohort, result.endpoint, result.by)
    for group in result.groups:
        time, event = people.of(group.name)
        time, event = time[time > 0], event[time > 0]
        for fit in group.fits:
            if not fit.converged or fit.family not in FITTERS:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = getattr(lifelines, FITTERS[fit.family])().fit(time, event)
            place = f"{group.name}, {fit.family}"
            yield Number("log-likelihood", place, fit.log_likelihood, _known(theirs.log_likelihood_), "search")
            for parameter in fit.parameters:
                found = _known(getattr(theirs, f"{parameter.name}_"))
                yield Number("parameters", f"{place}, {parameter.name}", parameter.value.value, found, "search")


def _known(value: object) -> float | None:
    number = float(value)  # type: ignore[arg-type]  # lifelines gives numbers of its own kinds
    return number if math.isfinite(number) else None


def _at(name: str, time: float, unit: str) -> str:
    return f"{name}, at {time:g} {unit}"
