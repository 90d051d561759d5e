"""Results computed again by scikit-survival [1].

References:
    1. Pölsterl S. J Mach Learn Res 2020;21:212. jmlr.org/papers/v21/20-729
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from necc.analysis.competing import CumulativeIncidence, competing_outcome
from necc.analysis.opinion.lifelines import Arguments, is_plain, per_of
from necc.analysis.opinion.patients import Patients, model_data, patients_of
from necc.analysis.opinion.results import Number, Reason
from necc.analysis.regression import CoxModel, CoxTerm, UnivariateTable
from necc.analysis.regression.groups import HazardRatios
from necc.analysis.survival import Curve, KaplanMeier, SurvivalGrid
from necc.core.cohort import Cohort


def survival(km: KaplanMeier, cohort: Cohort, _: Arguments) -> Iterator[Number]:
    """Curves with their limits, and the log-rank test."""
    people = patients_of(cohort, km.endpoint, km.by)
    for curve in km.curves:
        yield from _curve(curve, people, km)
    if len(km.curves) > 1 and km.test.statistic is not None:
        from sksurv.compare import compare_survival

        statistic, p = compare_survival(_outcome(people.time, people.event), people.group.astype(str))
        yield Number("log-rank test", "statistic", km.test.statistic, float(statistic))
        if km.test.p is not None and km.test.p_by == "chi-square":
            yield Number("log-rank test", "p", km.test.p, float(p))


def _curve(curve: Curve, people: Patients, km: KaplanMeier) -> Iterator[Number]:
    from sksurv.nonparametric import kaplan_meier_estimator

    time, event = people.of(curve.name)
    times, theirs, limits = kaplan_meier_estimator(event, time, conf_level=km.level, conf_type="log-log")
    place = {float(t): i for i, t in enumerate(times)}
    reason: Reason = "" if km.ci == "log-log" else "limits"
    for i, t in enumerate(curve.time.tolist()):
        where = f"{curve.name}, at {t:g} {km.unit}"
        yield Number("survival", where, float(curve.survival[i]), float(theirs[place[t]]))
        if 0 < curve.survival[i] < 1:
            for j, (name, own) in enumerate((("lower", curve.ci_lower[i]), ("upper", curve.ci_upper[i]))):
                yield Number("confidence limits", f"{where}, {name}", float(own), float(limits[j][place[t]]), reason)


def grid(result: SurvivalGrid, cohort: Cohort, arguments: Arguments) -> Iterator[Number]:
    """Each panel."""
    for panel in result.panels:
        for number in survival(panel, cohort, arguments):
            yield Number(number.what, f"{panel.by_label}, {number.place}", number.ours, number.theirs, number.reason)


def model(result: CoxModel, cohort: Cohort, arguments: Arguments) -> Iterator[Number]:
    """Hazard ratios and concordance."""
    if result.strata or result.interactions:
        return
    yield from _terms(result.terms, result.endpoint, result.ties, cohort, arguments, result.concordance.value)


def table(result: UnivariateTable, cohort: Cohort, arguments: Arguments) -> Iterator[Number]:
    """Each covariate alone, on its own complete cases, and all together."""
    if arguments.get("strata"):
        return
    for row in result.rows:
        yield from _terms(row.terms, result.endpoint, result.ties, cohort, arguments)
    if result.multivariable is not None:
        for number in model(result.multivariable, cohort, arguments):
            yield Number(f"{number.what}, together", number.place, number.ours, number.theirs, number.reason)


def ratios(result: HazardRatios, cohort: Cohort, arguments: Arguments) -> Iterator[Number]:
    """Hazard ratios of the levels of one factor."""
    yield from _terms(result.terms, result.endpoint, result.ties, cohort, arguments)


def _terms(
    terms: Iterable[CoxTerm], endpoint: str, ties: str, cohort: Cohort, arguments: Arguments,
    concordance: float | None = None,
) -> Iterator[Number]:  # fmt: skip
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.metrics import concordance_index_censored

    terms = list(terms)
    if not is_plain(terms):
        return
    frame = model_data(cohort, endpoint, terms, per=per_of(arguments)).frame
    x, outcome = frame[[t.term for t in terms]].to_numpy(float), _outcome(frame["time"], frame["event"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = CoxPHSurvivalAnalysis(ties=ties, tol=1e-12, n_iter=200).fit(x, outcome)
    for term, coefficient in zip(terms, fitted.coef_, strict=True):
        name = f"{term.label}, {term.level}" if term.level else term.label
        yield Number("hazard ratio", name, term.hazard_ratio, float(np.exp(coefficient)))
    if concordance is not None:
        theirs = concordance_index_censored(outcome["event"], outcome["time"], x @ fitted.coef_)[0]
        yield Number("concordance", "all terms", concordance, float(theirs), "concordance")


def incidence(result: CumulativeIncidence, cohort: Cohort, arguments: Arguments) -> Iterator[Number]:
    """Cumulative incidence of each cause, where every event has one."""
    from sksurv.nonparametric import cumulative_incidence_competing_risks

    if not result.exclusive:
        return
    names = ("rule", "hierarchy", "causes", "death")
    asked: Any = {name: arguments[name] for name in names if name in arguments}
    outcome = competing_outcome(cohort, result.endpoint, **asked)
    known = outcome.valid.copy()
    factor = cohort.factor(result.by) if result.by else None
    group = np.zeros(len(known), dtype=int) if factor is None else factor.codes
    known &= group >= 0
    cause = np.where(outcome.event, outcome.members.argmax(axis=1) + 1, 0)
    for stratum in result.strata:
        own = known if factor is None else known & (group == factor.levels.index(stratum.name))
        present = sorted(set(cause[own].tolist()) - {0})
        if not present:
            continue
        code = {old: new for new, old in enumerate((0, *present))}
        status = np.array([code[c] for c in cause[own].tolist()])
        times, theirs = cumulative_incidence_competing_risks(status, outcome.grid[outcome.codes[own]])
        for number, curve in enumerate(stratum.curves, 1):
            if number not in code:
                continue
            for t, ours in zip(curve.time.tolist(), curve.estimate.tolist(), strict=True):
                row = int(np.searchsorted(times, t, side="right")) - 1
                place = f"{stratum.name}, {curve.cause}, at {t:g} {result.unit}"
                yield Number("cumulative incidence", place, ours, float(theirs[code[number]][row]) if row >= 0 else 0.0)


def _outcome(time: Any, event: Any) -> np.ndarray:
    from sksurv.util import Surv

    made: np.ndarray = Surv.from_arrays(np.asarray(event, dtype=bool), np.asarray(time, dtype=float))
    return made
