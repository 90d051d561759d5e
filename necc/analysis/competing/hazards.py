"""Two hazards of each cause: Fine-Gray (of the risk) and cause-specific (of the rate), side by side.

The subdistribution hazard speaks of the cumulative incidence; the cause-specific hazard, of those still free of any
event. A covariate may be associated with one and not with the other, so both are told [1].

References:
    1. Latouche A, et al. J Clin Epidemiol 2013;66:648-53. doi:10.1016/j.jclinepi.2012.09.017
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from necc.analysis.competing.fine_gray import FineGrayFit, fit_fine_gray
from necc.analysis.competing.outcome import (
    CompetingOutcome,
    Rule,
    causes_wanted,
    competing_outcome,
    outcome_wanted,
)
from necc.analysis.regression import CoxFit, fit_cox
from necc.analysis.regression.small import expected_events, too_few_events, too_few_in
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.dictionary import N_SITES
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate, Exclusion
from necc.core.frames import Names, frame_of, row_lines, tidied
from necc.core.guardrails import (
    EXPECTED_IN_MODEL,
    MINIMUM_EXPECTED,
    Guardrail,
    clock_of,
    known_later,
    own_outcome,
    sentences,
)
from necc.core.result import Result, answers, leave_out, limits_of, with_old_keys
from necc.core.tally import n_of
from necc.core.text import joined, plural

NO_NUMBER = "no number is shown"
SEPARATED = (
    "no finite estimate, as the cause happens in one group only, or at one end of a number (separation): "
    f"{NO_NUMBER}, and the other terms are those of the limit"
)
ALIASED = "constant, or determined by the other terms: it was left out"
WHY_NOT = {
    "no events": f"no events of this cause: {NO_NUMBER}",
    "not converged": f"the fit didn't converge: {NO_NUMBER}",
    "more terms than patients": f"as many terms as patients, or more: {NO_NUMBER}",
}
NO_LIMIT = "a limit is beyond the range of numbers"


@dataclass(frozen=True)
class Term:
    """A column of the model: a level against the reference, or a number per unit."""

    covariate: str
    label: str
    level: str
    reference: str


@dataclass(frozen=True)
class HazardRow(Result):
    """One term's hazard ratios for one cause; None where a model has no finite estimate, and `note` says why.

    n_with, n_events_with: patients at this level and their events of the cause; None for numbers.
    """

    cause: str
    term: Term
    n_with: int | None
    n_events_with: int | None
    subdistribution: Estimate
    subdistribution_p: float | None
    cause_specific: Estimate
    cause_specific_p: float | None
    note: str = ""

    def to_dict(self) -> dict[str, object]:
        result: dict[str, object] = {
            "cause": self.cause, **asdict(self.term), "n_with": self.n_with, "n_events_with": self.n_events_with,
        }  # fmt: skip
        for name, p in (("subdistribution", self.subdistribution_p), ("cause_specific", self.cause_specific_p)):
            limits = limits_of(getattr(self, name))
            result |= {f"{name}_{'hr' if k == 'value' else k}": v for k, v in limits.items()} | {f"{name}_p": p}
        return with_old_keys(self, {**result, "note": self.note})


@dataclass(frozen=True, kw_only=True)
class HazardsByCause(Result):
    """Fine-Gray and cause-specific Cox models of each cause, on the patients complete in all covariates.

    guardrails: covariates that are a part of the outcome, or known later than its start; told in `notes`, too.
    cause_labels: in words, by cause.
    """

    endpoint: str
    label: str
    rule: str
    covariates: tuple[str, ...]
    n: int
    n_events: dict[str, int]
    excluded: tuple[Exclusion, ...]
    rows: tuple[HazardRow, ...]
    ties: str
    notes: tuple[str, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    cause_labels: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_frame(self) -> pd.DataFrame:
        """One row a cause and term, both models beside each other."""
        return frame_of([r.to_dict() for r in self.rows])

    def tidy(self, style: Names = "broom", *, exponentiate: bool = False) -> pd.DataFrame:
        """One row a cause, term and model (`component`: subdistribution or cause-specific), under other names."""
        return tidied(self._long(), style, exponentiate)

    def _row_lines(self) -> list[str]:
        return row_lines(self._long())

    def _long(self) -> pd.DataFrame:
        known = ("cause", "covariate", "label", "level", "reference", "n_with", "n_events_with")
        names = {"hr": "hazard_ratio", "ci_lower": "ci_lower", "ci_upper": "ci_upper", "p": "p"}
        return frame_of(
            {"component": model.replace("_", "-"), **{k: row[k] for k in known},
             **{ours: row[f"{model}_{end}"] for end, ours in names.items()}, "note": row["note"]}
            for row in (r.to_dict() for r in self.rows) for model in ("subdistribution", "cause_specific")
        )  # fmt: skip


@answers
@public
@countable(also=causes_wanted)
def hazards_by_cause(
    cohort: Cohort,
    endpoint: str = "",
    covariates: str | Sequence[str] = (),
    *,
    rule: Rule = "own cause",
    hierarchy: str | Sequence[str] = (),
    causes: str | None = None,
    death: str = "",
    only: str | Sequence[str] = (),
    level: float = 0.95,
) -> HazardsByCause:
    """Fits both models for every cause of an endpoint, that of recurrence by default.

    Args:
        covariates: numbers, or anything that `Cohort.factor` takes; the first level is the reference.
        rule, hierarchy, causes, death: see `competing_outcome`. only: causes to model; all by default.

    Raises:
        AnalysisError: the endpoint, a covariate or a cause doesn't exist.

    Example:
        >>> hazards = hazards_by_cause(cohort, "TTR", ["age_years"], only=["lung"])
        >>> hazards.rows[0].cause
        'lung'
    """
    outcome = competing_outcome(cohort, endpoint, rule=rule, hierarchy=hierarchy, causes=causes, death=death)
    return hazards_of(cohort, outcome, covariates, only=only, level=level)


@answers
@public
@countable(also=outcome_wanted)
def hazards_of(
    cohort: Cohort,
    outcome: CompetingOutcome,
    covariates: str | Sequence[str],
    *,
    only: str | Sequence[str] = (),
    level: float = 0.95,
) -> HazardsByCause:
    """Both models for an outcome whose causes are known.

    Raises:
        AnalysisError: a covariate or a cause doesn't exist, or there is no covariate.

    Example:
        >>> hazards_of(cohort, competing_outcome(cohort, "TTR"), ["age_years"], only=["lung"]).n
        88
    """
    if not covariates:
        raise AnalysisError("a model needs at least one covariate")
    if unknown := [c for c in only if c not in outcome.causes]:
        raise AnalysisError(f"no cause {joined(unknown)}; there are {joined(outcome.causes) or 'none'}")
    outcome = outcome.of(cohort)
    used, excluded = outcome.valid, outcome.excluded
    columns: list[tuple[Term, np.ndarray]] = []
    labels: dict[str, str] = {}
    alike: list[str] = []
    for name in covariates:
        terms, known = _design(cohort, name, used)
        labels[name] = terms[0][0].label if terms else cohort.factor(name).label
        alike += (
            [] if terms else [f"'{labels[name]}' has one level only among these patients: it is no term of a model"]
        )
        used, excluded = leave_out(used, excluded, [(f"'{labels[name]}' not recorded", ~known)],
                                   outcome.patients)  # fmt: skip
        columns += terms
    x = np.column_stack([values[used] for _, values in columns]) if columns else np.zeros((int(used.sum()), 0))
    time, patients = outcome.time[used], None if outcome.patients is None else outcome.patients[used]
    seen = (*own_outcome(cohort, outcome.label, outcome.made_of, covariates),
            *known_later(cohort, outcome.starts_at, clock_of(outcome.label, outcome.origin), labels))  # fmt: skip
    rows, notes, counts = [], [*sentences(seen), *outcome.notes, *alike], {}
    for cause in only or outcome.causes:
        status = outcome.status(cause)[used]
        counts[cause] = n_of(status == 1, patients)
        rows += _model(cause, [t for t, _ in columns], time, status, x, level, patients)
    named = dict(zip(outcome.causes, outcome.labels, strict=True))
    if few := [named[c] for c, k in counts.items() if 0 < k < 10 * len(columns)]:
        notes.append(f"fewer than 10 events a term for {joined(few)}: estimates are unstable")
    if not used.any():
        notes.append("no patients to analyse")
    if not outcome.exclusive:
        notes.append(f"causes overlap: {plural(len(counts), 'model')} share events")
    return HazardsByCause(
        endpoint=outcome.name, label=outcome.label, rule=outcome.rule, covariates=tuple(covariates),
        n=outcome.n_of(used), n_events=counts, excluded=excluded, rows=tuple(rows),
        ties="Breslow (Fine-Gray), Efron (cause-specific)", notes=tuple(notes), guardrails=seen,
        cause_labels=named,
    )  # fmt: skip


def _design(cohort: Cohort, name: str, used: np.ndarray) -> tuple[list[tuple[Term, np.ndarray]], np.ndarray]:
    """The columns of a covariate and who has a value; levels without patients are left out."""
    if name == N_SITES or name in cohort.number_names():
        values = cohort.number(name)
        label = "Number of sites" if name == N_SITES else cohort.variable(name).title()
        return [(Term(name, label, "", ""), values)], ~np.isnan(values)
    factor = cohort.factor(name)
    known = factor.codes >= 0
    there = [code for code in range(len(factor.levels)) if (used & (factor.codes == code)).any()]
    reference = factor.levels[there[0]] if there else ""
    terms = [
        (Term(name, factor.label, factor.levels[code], reference), (factor.codes == code).astype(float))
        for code in there[1:]
    ]
    return terms, known


def _model(
    cause: str, terms: list[Term], time: np.ndarray, status: np.ndarray, x: np.ndarray, level: float,
    patients: np.ndarray | None,
) -> list[HazardRow]:  # fmt: skip
    if not terms or not len(time):
        return []
    fine_gray = fit_fine_gray(time, status, x, patients=patients)
    cox = fit_cox(time, status == 1, x, patients=patients)
    few = [_too_few(terms, time, status == 1, x, fit.free, robust, patients)
           for fit, robust in ((fine_gray, True), (cox, False))]  # fmt: skip
    rows = []
    for j, term in enumerate(terms):
        here = x[:, j] == 1
        n_with = n_of(here, patients) if term.reference else None
        n_events = n_of(here & (status == 1), patients) if term.reference else None
        sub, sub_p = hazard_ratio(fine_gray.coefficients[j], fine_gray.covariance[j, j], level, "Fine-Gray, robust")
        own, own_p = hazard_ratio(cox.coefficients[j], cox.covariance[j, j], level, "Cox, Efron ties")
        reasons = [_reason(fit, j, estimate) for fit, estimate in ((fine_gray, sub), (cox, own))]
        if few[0][j] and sub.value is not None:
            sub, sub_p, reasons[0] = replace(sub, value=None, lower=None, upper=None), None, few[0][j]
        if few[1][j] and own.value is not None:
            own, own_p, reasons[1] = replace(own, value=None, lower=None, upper=None), None, few[1][j]
        rows.append(HazardRow(cause, term, n_with, n_events, sub, sub_p, own, own_p, _note(*reasons)))
    return rows


def _too_few(
    terms: list[Term], time: np.ndarray, event: np.ndarray, x: np.ndarray, free: np.ndarray, robust: bool,
    patients: np.ndarray | None,
) -> list[str]:  # fmt: skip
    """For each term, why too few patients or events are there for limits and p; empty where enough."""
    n_events = n_of(event, patients)
    if not n_events:
        return [""] * len(terms)
    whole = too_few_events(n_events, int(free.sum()), robust=robust)
    levels = []
    for j, term in enumerate(terms):
        own = [i for i, t in enumerate(terms) if t.covariate == term.covariate]
        reference = ~(x[:, own] != 0).any(axis=1)
        levels.append([(term.level, x[:, j] == 1), (term.reference, reference)] if term.reference else [])
    least = MINIMUM_EXPECTED if robust else EXPECTED_IN_MODEL
    expected = expected_events(time, event, patients=patients)
    by_level = too_few_in(levels, np.arange(len(x)), expected, least, patients)
    return [whole or why for why in by_level]


def _reason(fit: FineGrayFit | CoxFit, j: int, estimate: Estimate) -> str:
    """Why a term has no hazard ratio, or lacks a limit; empty where it has all."""
    if estimate.value is not None:
        return NO_LIMIT if None in (estimate.lower, estimate.upper) else ""
    if fit.status in WHY_NOT:
        return WHY_NOT[fit.status]
    return SEPARATED if fit.separated[j] else ALIASED if not fit.free[j] else NO_LIMIT


def _note(sub: str, own: str) -> str:
    if sub == own:
        return sub
    return "; ".join(f"{name}: {why}" for name, why in (("Fine-Gray", sub), ("cause-specific", own)) if why)


def hazard_ratio(coefficient: float, variance: float, level: float, method: str) -> tuple[Estimate, float | None]:
    """exp(coefficient) with Wald limits and p; None where they aren't finite."""
    if not (np.isfinite(coefficient) and np.isfinite(variance) and variance > 0):
        return Estimate(None, None, None, level, method), None
    se, z = float(np.sqrt(variance)), float(ndtri(0.5 + level / 2))
    with np.errstate(over="ignore"):
        ends = [float(np.exp(coefficient + k * z * se)) for k in (0, -1, 1)]
    value, lower, upper = (v if np.isfinite(v) else None for v in ends)
    if value is None:
        return Estimate(None, None, None, level, method), None
    return Estimate(value, lower, upper, level, method), float(2 * ndtr(-abs(coefficient / se)))
