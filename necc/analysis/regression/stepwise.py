"""Forward stepwise selection as SPSS does it, with the reasons not to trust it beside it.

References:
    1. IBM SPSS Statistics Algorithms, COXREG: entry by the score statistic, removal by the likelihood ratio, the Wald
       statistic or the likelihood ratio at conditional estimates (Lawless JF, Singhal K. Biometrics 1978;34:318-27.
       doi:10.2307/2530022).
    2. Heinze G, Wallisch C, Dunkler D. Biom J 2018;60:431-49. doi:10.1002/bimj.201700067 (selection, its stability)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.special import chdtrc

from necc.analysis.regression.design import Design, build_design, named_in
from necc.analysis.regression.fitting import CoxFit, maximise
from necc.analysis.regression.model import Separation, check_options, cox
from necc.analysis.regression.partial import PartialLikelihood
from necc.analysis.regression.results import CoxModel
from necc.analysis.regression.small import refused, too_few_events
from necc.analysis.regression.ties import Ties
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.errors import AnalysisError
from necc.core.guardrails import EXPECTED_IN_MODEL, MINIMUM_PATIENTS
from necc.core.result import EndpointResult, Result, answers, header
from necc.core.text import format_number, joined, plural

SelectionMethod = Literal["forward-lr", "forward-wald", "forward-score", "forward-conditional"]
REMOVAL = {
    "forward-lr": "likelihood ratio",
    "forward-wald": "Wald",
    "forward-score": "score",
    "forward-conditional": "conditional likelihood ratio",
}
SEED = 20220
TOO_FEW_IN_A_LEVEL = f"fewer than {MINIMUM_PATIENTS} patients or {EXPECTED_IN_MODEL} expected event"
MAX_STEPS = 100


@dataclass(frozen=True)
class Step(Result):
    """One entry or removal; `model` are the variables after it."""

    number: int
    action: Literal["entered", "removed"]
    variable: str
    test: str
    statistic: float
    df: int
    p: float
    model: tuple[str, ...]
    loglik: float


@dataclass(frozen=True)
class Candidate(Result):
    """A variable that stayed outside: the score test of its entry into the final model."""

    variable: str
    statistic: float | None
    df: int
    p: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class StepwiseResult(EndpointResult):
    """A stepwise selection on the complete cases of all candidates.

    model: Cox model of the selected variables on those patients; None where nothing was selected.
    inclusion: share of bootstrap samples in which each candidate was selected.
    """

    rows_in = "steps"

    method: str
    ties: Ties
    entry_p: float
    removal_p: float
    candidates: tuple[str, ...]
    steps: tuple[Step, ...]
    selected: tuple[str, ...]
    outside: tuple[Candidate, ...]
    model: CoxModel | None
    bootstrap: int
    inclusion: tuple[tuple[str, float], ...]
    same_model: float | None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded."""
        return {**super().to_dict(), "inclusion": dict(self.inclusion)}


@answers
@public
@countable()
def stepwise(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str],
    *,
    method: SelectionMethod = "forward-lr",
    entry_p: float = 0.05,
    removal_p: float = 0.10,
    ties: Ties = "efron",
    strata: str | Sequence[str] = (),
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
    separation: Separation = "firth",
    bootstrap: int = 0,
    seed: int = SEED,
    progress: Callable[[float], None] | None = None,
) -> StepwiseResult:
    """Selects covariates forward: the best by the score test enters, then those no longer needed leave [1].

    Args:
        method: by what a variable leaves: "forward-lr", "forward-wald", "forward-score", "forward-conditional". A
            variable in which the likelihood keeps rising has no Wald statistic, and stays.
        entry_p, removal_p: enters at p below, leaves at p above.
        bootstrap: how many samples of patients to repeat the selection in, for its stability [2]; 0 for none.
        progress: told the share of the samples done.
        The others are those of `cox`.

    Raises:
        AnalysisError: the cohort lacks the endpoint or a covariate, or an option is unknown.

    Example:
        >>> stepwise(cohort, "PRS", ["n_sites", "site:lung"]).selected
        ('n_sites', 'site:lung')
    """
    check_options(ties, level, separation)
    if method not in get_args(SelectionMethod):
        raise AnalysisError(f"method '{method}' is not one of {joined(get_args(SelectionMethod), 'or')}")
    if not 0 < entry_p <= removal_p < 1:
        raise AnalysisError(
            "entry p must be positive and not above removal p, or a variable could enter and leave forever"
        )
    design = build_design(cohort, endpoint, covariates, strata=strata, reference=reference, per=per)
    reasons = refused(design)
    barred = {name: reasons[c] for name, columns in design.groups for c in columns if reasons[c]}
    rule = _Rule(method, entry_p, removal_p, design.groups, frozenset(barred))
    likelihood = design.likelihood(ties)
    steps, fit = rule.run(likelihood)
    selected = steps[-1].model if steps else ()
    selected = tuple(c.name for c in design.covariates if c.name in selected)
    used = np.zeros(len(cohort), dtype=bool)
    used[design.rows] = True
    model = None
    if selected:
        model = cox(
            cohort.subset(used), endpoint, selected, ties=ties, strata=strata, level=level, separation=separation,
            reference=named_in(reference, selected), per=named_in(per, selected),
        )  # fmt: skip
    inclusion, same = _bootstrap(design.in_order(), rule, ties, bootstrap, seed, selected, progress)
    outside = tuple(Candidate(*row) for row in rule.entries(fit) if row[0] not in selected)
    return StepwiseResult(
        **header(design.outcome), method=method, ties=ties, entry_p=entry_p, removal_p=removal_p,
        candidates=tuple(c.name for c in design.covariates), n=likelihood.n, n_events=int(likelihood.n_tied.sum()),
        excluded=design.excluded, steps=tuple(steps), selected=selected, outside=outside, model=model,
        bootstrap=bootstrap, inclusion=inclusion, same_model=same,
        notes=_reasons(cohort, design, likelihood, rule, selected, bootstrap, same),
    )  # fmt: skip


@dataclass(frozen=True)
class _Rule:
    method: str
    entry_p: float
    removal_p: float
    groups: tuple[tuple[str, tuple[int, ...]], ...]
    barred: frozenset[str] = frozenset()  # a level of theirs is too small

    def run(self, likelihood: PartialLikelihood) -> tuple[list[Step], CoxFit]:
        """The steps, and the fit of the last model."""
        chosen: tuple[str, ...] = ()
        fit = self._fit(likelihood, chosen)
        steps: list[Step] = []
        seen = {frozenset(chosen)}
        while len(steps) < MAX_STEPS and fit.n_events:
            enter = self._best_entry(fit, chosen)
            if enter is None:
                break
            name, statistic, df, p = enter
            chosen = (*chosen, name)
            fit = self._fit(likelihood, chosen)
            steps.append(Step(len(steps) + 1, "entered", name, "score", statistic, df, p, chosen, fit.loglik))
            while (leave := self._worst_removal(fit, chosen)) is not None:
                name, statistic, df, p = leave
                chosen = tuple(c for c in chosen if c != name)
                fit = self._fit(likelihood, chosen)
                test = REMOVAL[self.method]
                steps.append(Step(len(steps) + 1, "removed", name, test, statistic, df, p, chosen, fit.loglik))
            if frozenset(chosen) in seen:  # a cycle: SPSS stops when a model comes again
                break
            seen.add(frozenset(chosen))
        return steps, fit

    def _fit(self, likelihood: PartialLikelihood, chosen: Sequence[str]) -> CoxFit:
        only = np.zeros(likelihood.p, dtype=bool)
        for name, columns in self.groups:
            if name in chosen:
                only[list(columns)] = True
        return maximise(likelihood, only=only)

    def entries(self, fit: CoxFit) -> list[tuple[str, float | None, int, float | None]]:
        """The score test of each variable that isn't in the model: statistic, df and p."""
        at = fit.limit or fit
        inside, score, information = np.flatnonzero(at.free), at.moments.score, at.moments.information
        results: list[tuple[str, float | None, int, float | None]] = []
        for name, columns in self.groups:
            if fit.free[list(columns)].any():
                continue
            statistic, df = _score_test(score, information, inside, np.array(columns))
            p = float(chdtrc(df, statistic)) if df and name not in self.barred else None
            results.append((name, statistic if df else None, df, p))
        return results

    def _best_entry(self, fit: CoxFit, chosen: tuple[str, ...]) -> tuple[str, float, int, float] | None:
        usable = [
            (name, statistic, df, p)
            for name, statistic, df, p in self.entries(fit)
            if statistic is not None
            and p is not None
            and name not in chosen
            and not too_few_events(fit.n_events, fit.df + df)
        ]
        best = min(usable, key=lambda e: (e[3], -e[1]), default=None)
        return best if best is not None and best[3] < self.entry_p else None

    def _worst_removal(self, fit: CoxFit, chosen: tuple[str, ...]) -> tuple[str, float, int, float] | None:
        tested = []
        for name, columns in self.groups:
            inside = [c for c in columns if fit.free[c]]
            if name in chosen and inside:
                statistic = self._removal_statistic(fit, inside)
                tested.append((name, statistic, len(inside), float(chdtrc(len(inside), max(statistic, 0.0)))))
        worst = max(tested, key=lambda t: (t[3], -t[1]), default=None)
        return worst if worst is not None and worst[3] > self.removal_p else None

    def _removal_statistic(self, fit: CoxFit, columns: list[int]) -> float:
        likelihood, only = fit.likelihood, fit.free.copy()
        only[columns] = False
        if self.method == "forward-wald":
            b, covariance = fit.coefficients[columns], fit.covariance[np.ix_(columns, columns)]
            return float(b @ np.linalg.solve(covariance, b)) if np.isfinite(covariance).all() else np.inf
        if self.method == "forward-conditional" and fit.converged:
            covariance = _inverse(fit)
            move = covariance[:, columns] @ np.linalg.solve(covariance[np.ix_(columns, columns)], fit.scaled[columns])
            beta = np.where(only, fit.scaled - move, 0.0)
            return 2 * (fit.loglik - likelihood.at(beta, information=False).loglik)
        without = maximise(likelihood, only=only)
        if self.method == "forward-score":
            at = without.limit or without
            return _score_test(at.moments.score, at.moments.information, np.flatnonzero(at.free), np.array(columns))[0]
        return 2 * (fit.loglik - without.loglik)


def _inverse(fit: CoxFit) -> np.ndarray:
    inside = np.flatnonzero(fit.free)
    result = np.zeros_like(fit.moments.information)
    result[np.ix_(inside, inside)] = np.linalg.inv(fit.moments.information[np.ix_(inside, inside)])
    return result


def _score_test(
    score: np.ndarray, information: np.ndarray, inside: np.ndarray, columns: np.ndarray
) -> tuple[float, int]:
    """The score statistic of adding `columns` to a model at its maximum, and its degrees of freedom."""
    outer = information[np.ix_(columns, columns)]
    if len(inside):
        cross = information[np.ix_(columns, inside)]
        rest = outer - cross @ np.linalg.pinv(information[np.ix_(inside, inside)], hermitian=True) @ cross.T
    else:
        rest = outer
    scale = np.sqrt(np.maximum(np.diag(outer), 1e-300))
    df = int(np.linalg.matrix_rank(rest / np.outer(scale, scale), tol=1e-9, hermitian=True))
    if not df:
        return 0.0, 0
    u = score[columns]
    return max(float(u @ np.linalg.pinv(rest, rcond=1e-9, hermitian=True) @ u), 0.0), df  # rounding can go below


# ---------------------------------------------------------------- stability
def _bootstrap(
    design: Design, rule: _Rule, ties: Ties, samples: int, seed: int, selected: tuple[str, ...],
    progress: Callable[[float], None] | None,
) -> tuple[tuple[tuple[str, float], ...], float | None]:  # fmt: skip
    if samples < 1 or not len(design.rows):
        return (), None
    rng = np.random.default_rng(seed)
    hits = dict.fromkeys((name for name, _ in rule.groups), 0)
    same = 0
    time, event, patients = design.time, design.event, design.patients
    row_of = np.repeat(np.arange(len(time)), 1 if patients is None else patients)
    n = len(row_of)
    for done in range(samples):
        if progress:
            progress(done / samples)
        drawn = row_of[np.sort(rng.integers(0, n, n))]
        likelihood = PartialLikelihood(
            time[drawn], event[drawn], design.patterns, design.pattern[drawn], n_times=len(design.outcome.grid),
            stratum=None if design.stratum is None else design.stratum[drawn], ties=ties,
        )  # fmt: skip
        steps, _ = rule.run(likelihood)
        chosen = steps[-1].model if steps else ()
        same += set(chosen) == set(selected)
        for name in chosen:
            hits[name] += 1
    return tuple((name, count / samples) for name, count in hits.items()), same / samples


def _reasons(
    cohort: Cohort, design: Design, likelihood: PartialLikelihood, rule: _Rule, selected: tuple[str, ...], samples: int,
    same: float | None,
) -> tuple[str, ...]:  # fmt: skip
    n_columns, events = len(design.columns), int(likelihood.n_tied.sum())
    notes = [
        f"selected on the {plural(likelihood.n, 'patient')} with all {len(design.covariates)} candidates known, "
        f"{cohort.n_patients - likelihood.n:,} of {cohort.n_patients:,} left out (as SPSS does)",
        f"enters by the score test at p < {rule.entry_p:g}, "
        f"leaves by the {REMOVAL[rule.method]} test at p > {rule.removal_p:g}",
        "p-values and intervals after selection are too small: they ignore that the data chose the variables",
        "hazard ratios of selected variables tend to lie too far from 1",
    ]
    if n_columns and events < 10 * n_columns:
        each = format_number(events / n_columns, 1)
        terms = plural(n_columns, "candidate term")
        notes.append(f"{plural(events, 'event')} for {terms}, {each} each: expect noise to be selected")
    if rule.barred:
        left = [c.label for c in design.covariates if c.name in rule.barred]
        notes.append(f"not considered, as a level has {TOO_FEW_IN_A_LEVEL}: {joined(left)}")
    if not selected:
        notes.append("no variable met the rule: there is no model")
    if samples and same is not None:
        share = format_number(100 * same, 0)
        notes.append(f"in {samples} bootstrap samples of the patients this very model was selected in {share} %")
    else:
        notes.append(
            "another sample of patients may well select other variables: ask for bootstrap inclusion frequencies"
        )
    return tuple(notes)
