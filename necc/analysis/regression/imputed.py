"""Cox regression after multiple imputation of missing covariates, by scikit-learn's chained equations.

References:
    1. White IR, Royston P. Stat Med 2009;28:1982-98. doi:10.1002/sim.3618 (impute with the event and the cumulative
       hazard)
    2. Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley 1987. doi:10.1002/9780470316696
    3. Barnard J, Rubin DB. Biometrika 1999;86:948-55. doi:10.1093/biomet/86.4.948 (degrees of freedom)
    4. Horton NJ, Lipsitz SR, Parzen M. Am Stat 2003;57:229-32. doi:10.1198/0003130032314 (levels aren't rounded)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtr, stdtrit

from necc.analysis.regression.design import Column, Design, build_design, named_in
from necc.analysis.regression.fitting import CoxFit, maximise
from necc.analysis.regression.model import check_options
from necc.analysis.regression.partial import PartialLikelihood
from necc.analysis.regression.small import refused, too_few_events
from necc.analysis.regression.ties import Ties
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.extras import need
from necc.core.result import EndpointResult, Result, answers, header
from necc.core.text import joined, plural

SEED = 20220
CYCLES = 5


@dataclass(frozen=True)
class ImputedTerm(Result):
    """A hazard ratio pooled by Rubin's rules.

    df: degrees of freedom [3]; missing_information: share of the information that the missing values took.
    """

    term: str
    variable: str
    label: str
    level: str | None
    reference: str | None
    coefficient: float | None
    se: float | None
    hazard_ratio: float | None
    ci_lower: float | None
    ci_upper: float | None
    p: float | None
    df: float | None
    missing_information: float | None
    method: str = "rubin"
    unit: str = field(default="", repr=False)


@dataclass(frozen=True, eq=False, kw_only=True)
class ImputedModel(EndpointResult):
    """A Cox model pooled over imputed data sets; `imputed` counts the missing values of each covariate."""

    rows_in = "terms"

    covariates: tuple[str, ...]
    n_complete: int
    ties: Ties
    level: float
    imputations: int
    seed: int
    imputed: tuple[tuple[str, int], ...]
    terms: tuple[ImputedTerm, ...]

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded."""
        return {**super().to_dict(), "imputed": dict(self.imputed)}


@answers
@public
def cox_imputed(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str],
    *,
    imputations: int = 20,
    ties: Ties = "efron",
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
    seed: int = SEED,
    progress: Callable[[float], None] | None = None,
) -> ImputedModel:
    """Fits Cox's model on all patients with the endpoint, missing covariates imputed several times.

    Each covariate is drawn from a Bayesian regression on the others, the event and the Nelson-Aalen cumulative hazard
    [1]; levels of a factor are imputed as numbers and not rounded [4]; the fits are pooled by Rubin's rules [2].
    `progress` is told the share of the imputations done.

    Raises:
        AnalysisError: as `cox`; or scikit-learn is not installed; or fewer than two imputations are asked for.

    Example:
        >>> cox_imputed(cohort, "PRS", ["n_sites", "tumor_size_cm"], imputations=2).n
        88
    """
    check_options(ties, level)
    if imputations < 2:
        raise AnalysisError("multiple imputation needs at least two imputations")
    complete = build_design(cohort, endpoint, covariates, reference=reference, per=per)
    kept = complete.likelihood(ties).free_of_alias()  # imputed, an alias would become a covariate of its own
    design, x = _with_missing(cohort, endpoint, complete, reference, per)
    n_events = int(design.event.sum())
    missing = tuple((name, int(np.isnan(x[:, columns[0]]).sum())) for name, columns in complete.groups)
    notes = [
        "missing values are assumed to depend on what was recorded only (missing at random)",
        f"{plural(imputations, 'imputation')}, seed {seed}; without them {len(complete.rows)} complete patients",
    ]
    fits = _fits(design, x[:, kept], imputations, seed, ties, progress) if n_events and kept.any() else []
    terms = tuple(_blank(c) for c in complete.columns)
    if not fits:
        notes.append("no events, or nothing to compare: nothing is pooled")
    elif not all(f.converged and f.free.all() for f in fits):
        notes.append("a term has no finite estimate in every imputation: nothing is pooled")
    else:
        lacking = too_few_events(n_events, int(kept.sum()))
        reasons = [lacking or why for why in refused(complete)]
        terms = _pooled(complete.columns, kept, fits, n_events, level)
        terms = tuple(_blank(c) if r else t for t, c, r in zip(terms, complete.columns, reasons, strict=True))
        notes += [f"{c.term}: {r}" for c, r in zip(complete.columns, reasons, strict=True) if r]
        if aliased := [c.term for c, free in zip(complete.columns, kept, strict=True) if not free]:
            notes.append(f"not estimable, being constant or determined by the other terms: {joined(aliased)}")
    return ImputedModel(
        **header(design.outcome), covariates=tuple(c.name for c in complete.covariates), n=len(design.rows),
        n_events=n_events, n_complete=len(complete.rows), excluded=design.excluded, ties=ties, level=level,
        imputations=imputations, seed=seed, imputed=missing, terms=terms, notes=tuple(notes),
    )  # fmt: skip


def _fits(
    design: Design, x: np.ndarray, imputations: int, seed: int, ties: Ties, progress: Callable[[float], None] | None
) -> list[CoxFit]:
    likelihoods = (
        PartialLikelihood(design.time, design.event, d, np.arange(len(d)), n_times=len(design.outcome.grid), ties=ties)
        for d in _draws(design, x, imputations, seed, progress)
    )
    return [maximise(likelihood) for likelihood in likelihoods]


def _pooled(
    columns: Sequence[Column], kept: np.ndarray, fits: list[CoxFit], n_events: int, level: float
) -> tuple[ImputedTerm, ...]:
    estimates, variances = np.array([f.coefficients for f in fits]), np.array([f.se**2 for f in fits])
    left = n_events - estimates.shape[1]
    place = np.cumsum(kept) - 1
    return tuple(
        pool(c, estimates[:, i], variances[:, i], left, level) if free else _blank(c)
        for c, free, i in zip(columns, kept, place, strict=True)
    )


def _with_missing(
    cohort: Cohort,
    endpoint: str,
    complete: Design,
    reference: Mapping[str, str] | None,
    per: Mapping[str, float] | None,
) -> tuple[Design, np.ndarray]:
    """All patients with the endpoint, and their columns with NaN where a covariate is missing."""
    everyone = build_design(cohort, endpoint, [])
    x = np.full((len(everyone.rows), len(complete.columns)), np.nan)
    position = np.full(len(cohort), -1)
    position[everyone.rows] = np.arange(len(everyone.rows))
    for name, columns in complete.groups if len(complete.rows) else ():
        covariate = next(c for c in complete.covariates if c.name == name)
        alone = build_design(cohort, endpoint, [name], reference=named_in(reference, [name]), per=named_in(per, [name]))
        levels = {c.level for c in alone.columns}
        if covariate.kind == "factor" and levels != {complete.columns[c].level for c in columns}:
            raise AnalysisError(
                f"a level of '{name}' has no patient with all covariates known: join levels, by a grouping"
            )
        x[np.ix_(position[alone.rows], list(columns))] = alone.x
    return everyone, x


def _draws(
    design: Design, x: np.ndarray, imputations: int, seed: int, progress: Callable[[float], None] | None
) -> list[np.ndarray]:
    if not np.isnan(x).any():
        return [x] * imputations
    need("sklearn", "prediction", "multiple imputation")
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - what importing it does
    from sklearn.impute import IterativeImputer

    cumulative = _nelson_aalen(design)
    data = np.column_stack([x, design.event.astype(float), cumulative])
    order = np.lexsort(np.nan_to_num(data, nan=np.inf).T)  # what is drawn doesn't follow the file's order
    draws = []
    for i in range(imputations):
        if progress:
            progress(i / imputations)
        imputer = IterativeImputer(sample_posterior=True, max_iter=CYCLES, random_state=seed + i, tol=0.0)
        with warnings.catch_warnings():  # draws from a posterior never converge
            warnings.simplefilter("ignore", ConvergenceWarning)
            draws.append(imputer.fit_transform(data[order])[np.argsort(order), : x.shape[1]])
    return draws


def _nelson_aalen(design: Design) -> np.ndarray:
    """The cumulative hazard of all patients at each one's time, shape (n,)."""
    n_times = len(design.outcome.grid)
    leaving = np.bincount(design.time, minlength=n_times)
    events = np.bincount(design.time[design.event], minlength=n_times)
    at_risk = leaving[::-1].cumsum()[::-1]
    result: np.ndarray = np.cumsum(events / np.maximum(at_risk, 1))[design.time]
    return result


def pool(column: Column, estimates: np.ndarray, variances: np.ndarray, complete_df: float, level: float) -> ImputedTerm:
    """Rubin's rules [2] for one coefficient: estimates and variances of shape (m,).

    complete_df: degrees of freedom without missing values, for the small-sample correction [3].
    """
    m = len(estimates)
    mean, within, between = float(estimates.mean()), float(variances.mean()), float(estimates.var(ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    complete_df = max(complete_df, 1.0)
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    df = 1 / (share**2 / (m - 1) + 1 / observed)
    se = float(np.sqrt(total))
    t = float(stdtrit(df, 0.5 + level / 2))
    with np.errstate(over="ignore"):
        ratios = [float(np.exp(v)) for v in (mean, mean - t * se, mean + t * se)]
    ratio, lower, upper = (v if np.isfinite(v) else None for v in ratios)
    p = 2 * float(stdtr(df, -abs(mean) / se))
    return ImputedTerm(
        column.term, column.variable, column.label, column.level, column.reference, mean, se, ratio, lower,
        upper, p, float(df), float(share), unit=column.unit,
    )  # fmt: skip


def _blank(column: Column) -> ImputedTerm:
    return ImputedTerm(column.term, column.variable, column.label, column.level, column.reference,
                       None, None, None, None, None, None, None, None, unit=column.unit)  # fmt: skip
