"""Cox regression of an endpoint of a cohort.

References:
    1. Cox DR. J R Stat Soc B 1972;34:187-220. doi:10.1111/j.2517-6161.1972.tb00899.x
    2. Heinze G, Schemper M. Biometrics 2001;57:114-9. doi:10.1111/j.0006-341X.2001.00114.x (separation)
    3. Grambsch PM, Therneau TM. Biometrika 1994;81:515-26. doi:10.1093/biomet/81.3.515 (proportional hazards)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args, overload

import numpy as np
from scipy.special import chdtrc, ndtri

from necc.analysis.arrays import Table, Values, of_covariates, or_arrays
from necc.analysis.regression.alone import Counted, maximise_alone
from necc.analysis.regression.concordance import Concordance, concordance
from necc.analysis.regression.design import Column, Design, build_design
from necc.analysis.regression.diagnostics import (
    ProportionalHazards,
    SchoenfeldResiduals,
    Transform,
    dfbeta,
    dfbeta_of_rows,
    proportionality_tests,
    schoenfeld_residuals,
    variance_inflation,
)
from necc.analysis.regression.firth import FirthFit, fit_firth, penalised_likelihood_ratio
from necc.analysis.regression.fitting import NOTHING_FITTED, CoxFit, Maximum, maximise
from necc.analysis.regression.guards import STRONG_INFLUENCE, Findings, Strongest, guard
from necc.analysis.regression.results import FIRTH, WALD, CoxModel, CoxTerm, Influence, ModelTest
from necc.analysis.regression.small import refused, too_few_events
from necc.analysis.regression.ties import Ties
from necc.analysis.regression.unbounded import firth_of, limit_of
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import ROWS, countable
from necc.core.errors import AnalysisError, NeedsRows
from necc.core.estimate import check_level
from necc.core.guardrails import sentences
from necc.core.result import answers, header
from necc.core.text import joined

Separation = Literal["firth", "report"]
BY_LIKELIHOOD = "maximum partial likelihood"
BY_FIRTH = "Firth's penalised likelihood"
SMALLEST = -700.0  # a logarithm: smaller ones would be a ratio of 0, which no model gives
BEYOND = "beyond the range of numbers, as the unit is too large for the covariate's spread"


@overload
def cox(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str],
    *,
    ties: Ties = "efron",
    strata: str | Sequence[str] = (),
    interactions: str | Sequence[str | tuple[str, str]] = (),
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
    separation: Separation = "firth",
    transform: Transform = "km",
) -> CoxModel: ...
@overload
def cox(
    time: Values,
    event: Values,
    covariates: Table | Values,
    *,
    ties: Ties = "efron",
    strata: str | Sequence[str] = (),
    interactions: str | Sequence[str | tuple[str, str]] = (),
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
    separation: Separation = "firth",
    transform: Transform = "km",
    unit: str = "",
) -> CoxModel: ...
@answers
@or_arrays(of_covariates, "covariates")
@public
@countable()
def cox(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str],
    *,
    ties: Ties = "efron",
    strata: str | Sequence[str] = (),
    interactions: str | Sequence[str | tuple[str, str]] = (),
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
    separation: Separation = "firth",
    transform: Transform = "km",
) -> CoxModel:
    """Fits Cox's proportional hazards model [1] on the patients for whom every covariate is known.

    Without a cohort, `time` and `event` are arrays, shape (n,), as in `kaplan_meier`, and `covariates` holds arrays by
    their names, as a dict or a data frame; a single one needs no name. Texts and categories are levels. `unit` is that
    of the times.

    Args:
        cohort: the patients.
        endpoint: an endpoint's name, e.g. "PRS".
        covariates: anything that `Cohort.factor` takes (k levels give k - 1 terms against the first level), or
            numbers, which are linear unless cut (`age_years>50`) or grouped.
        ties: "efron" (R's default) or "breslow" (SPSS).
        strata: factors whose levels have baseline hazards of their own.
        interactions: pairs of covariates, as "a * b" or (a, b); covariates named only here are added.
        level: confidence level.
        reference: the reference level of some factors, by name.
        per: the unit of some numbers, e.g. {"age_years": 10} for hazard ratios per ten years.
        separation: "firth" answers an infinite estimate by Firth's penalised likelihood [2]; "report" leaves it out.
        transform: of time, in the test of proportional hazards [3].

    Raises:
        AnalysisError: the cohort lacks the endpoint or a covariate, or an option is unknown; or an array isn't what it
            has to be.

    Example:
        >>> model = cox(cohort, "PRS", ["n_sites", "site:lung"])
        >>> round(model.term("n_sites").hazard_ratio, 2)
        3.01
        >>> ages = [50, 61, 47, 70, 66, 58, 63, 55, 72, 49, 68, 59]
        >>> model = cox(range(1, 13), [1] * 12, {"age": ages}, unit="years")
        >>> model.covariates, model.n
        (('age',), 12)
    """
    check_options(ties, level, separation)
    design = build_design(
        cohort, endpoint, covariates, strata=strata, interactions=interactions, reference=reference, per=per
    )
    return model_of(cohort, design, ties, level, separation, transform)


def check_options(ties: str, level: float, separation: str = "firth") -> None:
    """Raises AnalysisError for an unknown option."""
    for name, value, known in (("ties", ties, get_args(Ties)), ("separation", separation, get_args(Separation))):
        if value not in known:
            raise AnalysisError(f"{name} '{value}' is not one of {joined(known, 'or')}")
    check_level(level)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A design with its maximum, and Firth's where the maximum is infinite."""

    design: Design
    fit: Maximum
    firth: FirthFit | None
    level: float

    @cached_property
    def full(self) -> CoxFit:
        """The maximum with its likelihood."""
        if isinstance(self.fit, CoxFit):
            return self.fit
        likelihood = self.design.likelihood(self.fit.ties)
        return maximise(likelihood, start=self.fit.coefficients * likelihood.scale if self.fit.converged else None)

    @cached_property
    def refused(self) -> tuple[str, ...]:
        """For each column, why there are too few patients or events for its limits and p; empty where enough."""
        if self.fit.status in NOTHING_FITTED:
            return ("",) * len(self.design.columns)
        lacking = "" if self.firth else self.too_few
        return tuple(lacking or why for why in refused(self.design, firth=self.firth is not None))

    @property
    def too_few(self) -> str:
        """Why the whole model has too few events, in words; empty where it has enough, or nothing was fitted."""
        return "" if self.fit.status in NOTHING_FITTED else too_few_events(self.fit.n_events, self.fit.df)

    @property
    def method(self) -> str:
        return BY_FIRTH if self.firth else BY_LIKELIHOOD

    @cached_property
    def coefficients(self) -> np.ndarray:
        """Shape (p,), NaN where there is none."""
        values = np.full(len(self.design.columns), np.nan)
        if self.firth:
            values[self.firth.columns] = self.firth.coefficients
        elif self.fit.status in ("converged", "monotone"):
            values = np.where(np.isfinite(self.fit.coefficients), self.fit.coefficients, np.nan)
        return values

    @property
    def covariance(self) -> np.ndarray:
        values = np.full((len(self.design.columns),) * 2, np.nan)
        if self.firth:
            values[np.ix_(self.firth.columns, self.firth.columns)] = self.firth.covariance
            return values
        return self.fit.covariance


def fit_design(design: Design, ties: Ties, level: float, separation: Separation) -> Fitted:
    """The maximum of a design's likelihood, or Firth's where separation makes it infinite."""
    return fit_each([design], ties, level, separation)[0]


def fit_each(designs: Sequence[Design], ties: Ties, level: float, separation: Separation) -> list[Fitted]:
    """`fit_design` of several designs, with the same numbers: those of one column take their steps together."""
    fits = []
    for design, alone in zip(designs, maximise_alone(designs, ties), strict=True):
        if alone is not None:
            fits.append(Fitted(design, alone, None, level))
        elif (counted := Counted.of(design)) and counted.rises:
            firth = firth_of(counted, ties, level) if separation == "firth" else None
            fits.append(Fitted(design, limit_of(counted, ties), firth, level))
        else:
            fits.append(_fit(design, ties, level, separation))
    return fits


def _fit(design: Design, ties: Ties, level: float, separation: Separation) -> Fitted:
    likelihood = design.likelihood(ties)
    fit = maximise(likelihood)
    firth = None
    if fit.status in ("monotone", "not converged") and separation == "firth":
        firth = fit_firth(likelihood, level)
        firth = firth if firth.converged else None
    return Fitted(design, fit, firth, level)


def model_of(
    cohort: Cohort, design: Design, ties: Ties, level: float, separation: Separation, transform: Transform
) -> CoxModel:
    """The full result of a design: terms, tests, diagnostics and guardrails."""
    fitted = fit_design(design, ties, level, separation)
    fit, outcome = fitted.full, design.outcome
    usable = np.isfinite(fitted.coefficients)
    terms = make_terms(fitted)
    hazards = _proportional_hazards(fitted, transform)
    inflation = _variance_inflation(fitted, usable)
    df = int(usable.sum())
    loglik = _loglik(fitted)
    per_parameter = fit.n_events / fit.df if fit.df else None
    facts = Findings(
        cohort, design, fit, fitted.firth is not None, separation, terms, hazards, inflation,
        _strongest(fitted, usable), level, fitted.refused,
    )  # fmt: skip
    guardrails = guard(facts)
    return CoxModel(
        **header(outcome), defined_as=outcome.defined_as, covariates=tuple(c.name for c in design.covariates),
        strata=design.strata, strata_labels=tuple(cohort.factor(name).label for name in design.strata),
        interactions=design.interactions, n=fit.n, n_events=fit.n_events,
        excluded=design.excluded, ties=ties, level=level, method=fitted.method, terms=terms,
        tests=overall_tests(fitted), variable_tests=variable_tests(fitted),
        interaction_tests=interaction_tests(fitted), loglik_null=loglik[0], loglik=loglik[1],
        aic=None if loglik[1] is None else 2 * df - 2 * loglik[1], concordance=concordance_of(fitted),
        proportional_hazards=hazards, transform=transform, variance_inflation=inflation,
        events_per_parameter=per_parameter, guardrails=guardrails, notes=(*outcome.notes, *sentences(guardrails)),
        design=design, fit=fit,
        spreadsheet_rows=None if cohort.patients is not None else cohort.index.to_numpy()[design.rows],
    )  # fmt: skip


def _loglik(fitted: Fitted) -> tuple[float | None, float | None]:
    source = fitted.firth or fitted.fit
    if not fitted.firth and fitted.fit.status in ("not converged", *NOTHING_FITTED):
        return None, None
    return source.loglik_null, source.loglik


# ---------------------------------------------------------------- terms
def make_terms(fitted: Fitted) -> tuple[CoxTerm, ...]:
    """The hazard ratio of each column."""
    design, fit, firth = fitted.design, fitted.fit, fitted.firth
    coefficients, covariance = fitted.coefficients, fitted.covariance
    z = float(ndtri(0.5 + fitted.level / 2))
    counts = _level_counts(design)
    place = {int(c): k for k, c in enumerate(firth.columns)} if firth else {}
    terms = []
    for j, column in enumerate(design.columns):
        b = coefficients[j]
        if not np.isfinite(b) or fitted.refused[j]:
            why = fitted.refused[j] if np.isfinite(b) else _why_not(fit, j)
            terms.append(_no_term(column, why, counts.get(column.term, ())))
            continue
        se = float(np.sqrt(covariance[j, j]))
        if firth:
            k = place[j]
            low, high, p, method = firth.ci_lower[k], firth.ci_upper[k], firth.p[k], FIRTH
        else:
            low, high, p, method = b - z * se, b + z * se, float(chdtrc(1, (b / se) ** 2)), WALD
        with np.errstate(over="ignore"):
            ratio, lower, upper = (_number(np.exp(np.maximum(x, SMALLEST))) for x in (b, low, high))
        if ratio is None:
            terms.append(_no_term(column, BEYOND, counts.get(column.term, ())))
            continue
        terms.append(
            CoxTerm(
                column.term, column.variable, column.label, column.unit, column.level, column.reference, float(b), se,
                ratio, lower, upper, _number(p), method, **_counted(counts.get(column.term, ())),
                note=_lacks((lower, upper), p, firth is not None),
            )
        )  # fmt: skip
    return tuple(terms)


def _lacks(limits: Sequence[float | None], p: float, profile: bool) -> str:
    """What a term with a hazard ratio doesn't have."""
    sides = [side for side, limit in zip(("lower", "upper"), limits, strict=True) if limit is None]
    said = []
    if sides:
        why = "the penalised likelihood doesn't fall far enough within the range of numbers" if profile else BEYOND
        said.append(f"no {joined(sides)} limit: {why}")
    if not np.isfinite(p):
        said.append("no p: the penalised likelihood without the term has no maximum that could be found")
    return "; ".join(said)


def _no_term(column: Column, note: str, counts: tuple[int, ...]) -> CoxTerm:
    return CoxTerm(
        column.term, column.variable, column.label, column.unit, column.level, column.reference,
        None, None, None, None, None, None, WALD, note=note, **_counted(counts),
    )  # fmt: skip


def _counted(counts: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(("n", "n_events", "n_reference", "n_events_reference"), counts, strict=False))


def _why_not(fit: Maximum, j: int) -> str:
    if fit.status == "no events":
        return "no events" if fit.n else "no patients"
    if fit.status == "more terms than patients":
        return "the model has as many terms as patients, or more; nothing was fitted"
    if not fit.free[j]:
        return "constant, or determined by the other terms, among the patients at risk at an event; it was left out"
    if fit.separated[j]:
        towards = {np.inf: "goes to infinity", -np.inf: "goes to zero"}.get(fit.coefficients[j], "diverges")
        return (
            f"separation: the likelihood has no finite maximum: the hazard ratio {towards}; no number is shown, and "
            "the other terms are those of the limit"
        )
    return "the fit did not converge; no number is shown"


def _level_counts(design: Design) -> dict[str, tuple[int, ...]]:
    """Patients and events of each level and of its reference; of everybody for a number."""
    result: dict[str, tuple[int, ...]] = {}
    groups = dict(design.groups)
    for covariate in design.covariates:
        if covariate.kind == "number":
            result[covariate.name] = tuple(int(c.sum()) for c in design.sizes)
            continue
        columns = list(groups[covariate.name])
        n, d = (c @ design.patterns[:, columns] for c in design.sizes)  # a level's column is one where it holds
        rest = [int(c.sum() - with_level.sum()) for c, with_level in zip(design.sizes, (n, d), strict=True)]
        for i, column in enumerate(columns):
            if design.columns[column].level:
                result[design.columns[column].term] = (int(n[i]), int(d[i]), *rest)
    return result


# ---------------------------------------------------------------- tests
def overall_tests(fitted: Fitted) -> dict[str, ModelTest]:
    """Likelihood-ratio, Wald and score test of all terms; penalised where Firth's likelihood was maximised."""
    fit, firth = fitted.fit, fitted.firth
    df = fit.df
    b = fitted.coefficients
    use = np.isfinite(b)
    wald = None
    if use.any() and (firth or fit.converged):
        wald = _wald(b[use], fitted.covariance[np.ix_(use, use)])
    ratio = ratio_test(fitted)
    statistics = {"wald": wald, "score": fit.score_statistic}
    if fit.status in NOTHING_FITTED or (fitted.too_few and not firth):
        statistics = dict.fromkeys(statistics)
    return {ratio.name: ratio} | {name: _test(name, value, df) for name, value in statistics.items()}


def ratio_test(fitted: Fitted) -> ModelTest:
    """The likelihood-ratio test of all terms; penalised where Firth's likelihood was maximised."""
    fit, firth = fitted.fit, fitted.firth
    statistic = firth.lr_statistic if firth else None if fit.status == "not converged" else fit.lr_statistic
    if fit.status in NOTHING_FITTED or (fitted.too_few and not firth):
        statistic = None
    return _test("likelihood_ratio", statistic, fit.df)


def variable_tests(fitted: Fitted) -> tuple[ModelTest, ...]:
    """The test of each variable over its terms with a number: Wald, or with Firth's method the likelihood ratio."""
    results = []
    b = fitted.coefficients
    for name, columns in fitted.design.groups:
        shown = [c for c in columns if not fitted.refused[c]]  # a level of one doesn't cost the others their test
        use = np.array([c for c in shown if np.isfinite(b[c])], dtype=int)
        df = int(fitted.fit.free[shown].sum())
        if not len(use) or len(use) < df:
            results.append(ModelTest(name, None, df, None))
        elif fitted.firth:
            whole = len(use) == len(fitted.firth.columns)  # then nothing is left to climb without them
            statistic = (
                max(fitted.firth.lr_statistic, 0.0)
                if whole
                else (penalised_likelihood_ratio(fitted.full.likelihood, fitted.firth, use))
            )
            results.append(_test(name, statistic, df))
        else:
            results.append(_test(name, _wald(b[use], fitted.covariance[np.ix_(use, use)]), df))
    return tuple(results)


def _wald(b: np.ndarray, covariance: np.ndarray) -> float:
    """b' C^-1 b; b: shape (k,), covariance: shape (k, k)."""
    if len(b) == 1:  # a table of univariate models asks twice a row
        return float(b[0] * (b[0] / covariance[0, 0]))
    return float(b @ np.linalg.solve(covariance, b))


def interaction_tests(fitted: Fitted) -> tuple[ModelTest, ...]:
    """The likelihood-ratio test of each interaction, penalised with Firth's method."""
    names = {f"{a} * {b}" for a, b in fitted.design.interactions}
    results = []
    for name, columns in fitted.design.groups:
        if name not in names:
            continue
        free = fitted.fit.free[list(columns)]
        df, statistic = int(free.sum()), None
        if any(fitted.refused[c] for c in columns):
            results.append(ModelTest(name, None, df, None))
            continue
        if df and fitted.firth:
            statistic = penalised_likelihood_ratio(fitted.full.likelihood, fitted.firth, np.array(columns)[free])
        elif df and fitted.fit.status != "not converged":
            others = fitted.fit.free.copy()
            others[list(columns)] = False
            without = maximise(fitted.full.likelihood, only=others)
            usable = without.status in ("converged", "monotone", "nothing to estimate")
            statistic = max(2 * (fitted.fit.loglik - without.loglik), 0.0) if usable else None
        results.append(_test(name, statistic, df))
    return tuple(results)


def _test(name: str, statistic: float | None, df: int) -> ModelTest:
    if statistic is None or not np.isfinite(statistic) or not df:
        return ModelTest(name, None, df, None)
    return ModelTest(name, float(statistic), df, float(chdtrc(df, max(statistic, 0.0))))


# ---------------------------------------------------------------- diagnostics
def concordance_of(fitted: Fitted) -> Concordance:
    """The concordance of the linear predictor with the outcome, within strata."""
    fit, b = fitted.full, fitted.coefficients
    usable = np.isfinite(b)
    if not usable.any() or usable.sum() < fit.df:
        return Concordance(None, None, 0.0, 0.0, 0.0)
    own = fit.likelihood
    risk = (own.unit_x[:, usable] @ (b * own.scale)[usable])[own.unit]
    stratum = own.stratum_of[own.last - 1]
    time = own.last - 1 - own.bounds[:-1][stratum]
    left, dying = own.count > own.events, own.events > 0  # a row may hold both
    rows = np.concatenate([np.flatnonzero(left), np.flatnonzero(dying)])
    event = np.arange(len(rows)) >= left.sum()
    count = np.concatenate([(own.count - own.events)[left], own.events[dying]])
    return concordance(time[rows], event, risk[rows], stratum[rows], count)


def _proportional_hazards(fitted: Fitted, transform: Transform) -> tuple[ProportionalHazards, ...]:
    if fitted.fit.status in NOTHING_FITTED:
        return ()
    grid = fitted.design.outcome.grid
    return proportionality_tests(fitted.full, fitted.design.groups, grid, transform)


def _variance_inflation(fitted: Fitted, usable: np.ndarray) -> tuple[tuple[str, float | None], ...]:
    names = {f"{a} * {b}" for a, b in fitted.design.interactions}
    place = np.cumsum(usable) - 1
    groups = [(n, [int(place[c]) for c in cs if usable[c]]) for n, cs in fitted.design.groups if n not in names]
    groups = [g for g in groups if g[1]]
    keep = [i for _, columns in groups for i in columns]
    if not keep or not (fitted.firth or fitted.fit.converged):
        return ()
    covariance = fitted.covariance[np.ix_(usable, usable)][np.ix_(keep, keep)]
    renumber = {c: i for i, c in enumerate(keep)}
    values = variance_inflation(covariance, [[renumber[c] for c in columns] for _, columns in groups])
    return tuple((name, value) for (name, _), value in zip(groups, values, strict=True))


def _strongest(fitted: Fitted, usable: np.ndarray) -> Strongest | None:
    """Who moves a coefficient by more than a standard error; None unless the fit converged."""
    if not fitted.fit.converged or not usable.any():
        return None
    own, se = fitted.full.likelihood, fitted.fit.se[usable]
    censored, event = (np.abs(rows[:, usable]) / se for rows in dfbeta_of_rows(fitted.full))
    censored[own.count == own.events], event[own.events == 0] = 0.0, 0.0
    counts = [
        (values.max(axis=1) > STRONG_INFLUENCE) @ k
        for values, k in ((censored, own.count - own.events), (event, own.events))
    ]
    side = event if event.max(initial=0.0) > censored.max(initial=0.0) else censored
    if not side.max(initial=0.0):
        return None
    row, column = np.unravel_index(side.argmax(), side.shape)
    patient = np.flatnonzero((own.row_of == row) & (own.event == (side is event)))[0]
    term = fitted.design.columns[int(np.flatnonzero(usable)[column])].term
    return Strongest(int(sum(counts)), int(patient), term, float(side[row, column]))


@answers
def influence(model: CoxModel, cohort: Cohort | None = None) -> Influence:
    """How far each patient moves each coefficient (R's `residuals(type = "dfbeta")`).

    cohort: the one that the model was fitted to, for the patients' identifiers; without it they are spreadsheet rows.

    Raises:
        AnalysisError: the model has no finite maximum, so residuals don't exist; or it was fitted to counts.

    Example:
        >>> model = cox(cohort, "PRS", ["n_sites"])
        >>> influence(model).dfbeta.shape
        (88, 1)
    """
    fit, design = _converged(model)
    if design.patients is not None:
        raise NeedsRows(f"the influence of each patient needs {ROWS}")
    usable = np.isfinite(fit.coefficients)
    moved = dfbeta(fit)[:, usable]
    rows = tuple(int(r) for r in model.spreadsheet_rows) if model.spreadsheet_rows is not None else ()
    names = cohort.ids if cohort is not None else ()
    ids = tuple(names[i] for i in design.rows) if names else tuple(f"row {r}" for r in rows)
    terms = tuple(c.term for c, u in zip(design.columns, usable, strict=True) if u)
    without = np.exp(fit.coefficients[usable] - moved)
    return Influence(terms, design.rows, ids, rows, moved, moved / fit.se[usable], without)


@answers
@public
def schoenfeld(model: CoxModel, *, transform: Transform = "km", scaled: bool = True) -> SchoenfeldResiduals:
    """The model's Schoenfeld residuals, for the plot beside the test of proportional hazards.

    Raises:
        AnalysisError: the model has no finite maximum, so residuals don't exist.

    Example:
        >>> model = cox(cohort, "PRS", ["n_sites"])
        >>> schoenfeld(model).residuals.shape
        (40, 1)
    """
    fit, design = _converged(model)
    return schoenfeld_residuals(fit, [c.term for c in design.columns], design.outcome.grid, transform, scaled)


@answers
@public
def proportional_hazards(model: CoxModel, *, transform: Transform = "km") -> tuple[ProportionalHazards, ...]:
    """The model's tests of proportional hazards [3] with another transform of time.

    Raises:
        AnalysisError: the model has no finite maximum.

    Example:
        >>> model = cox(cohort, "PRS", ["n_sites"])
        >>> [test.term for test in proportional_hazards(model, transform="rank")]
        ['n_sites', 'GLOBAL']
    """
    fit, design = _converged(model)
    return proportionality_tests(fit, design.groups, design.outcome.grid, transform)


def _converged(model: CoxModel) -> tuple[CoxFit, Design]:
    if model.fit is None or model.design is None or not model.fit.converged:
        raise AnalysisError("the model has no finite maximum of its partial likelihood, so it has no residuals")
    return model.fit, model.design


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
