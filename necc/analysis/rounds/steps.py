"""The coordinator's step: replies are summed, and the next proposal or the fitted model comes of them.

Newton-Raphson with step halving, as a fit of rows takes it: the sums over centres are the log likelihood, score and
information of a Cox model with the centre as a stratum, so that it ends at that model's maximum.

References:
    1. Lu CL, et al. J Am Med Inform Assoc 2015;22:1212-9. doi:10.1093/jamia/ocv083 (WebDISCO)
    2. Therneau TM, Grambsch PM. Modeling Survival Data. Springer 2000. doi:10.1007/978-1-4757-3294-8
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from necc.analysis.regression.partial import independent
from necc.analysis.regression.results import WALD, CoxTerm, ModelTest
from necc.analysis.regression.separation import FAR, FLAT
from necc.analysis.regression.small import too_few_events
from necc.analysis.regression.ties import Ties
from necc.analysis.rounds.files import AtZero, Best, Coding, Proposal, Reply
from necc.analysis.rounds.replying import MOST_ROUNDS
from necc.core.errors import AnalysisError, Finding
from necc.core.estimate import Exclusion
from necc.core.frames import frame_of
from necc.core.guardrails import EXPECTED_IN_MODEL, TOO_FEW, Group, too_few
from necc.core.result import EndpointResult, Result
from necc.core.text import plural, quoted

CONVERGED = 1e-10  # change of a linear predictor; what the information changes by is then no more
NOISE = 1e-6  # a smaller step that doesn't raise the likelihood has reached its last digits
LOST = 1e-9  # of a number that may differ by rounding between two rounds


@dataclass(frozen=True)
class RoundCentre(Result):
    """A centre's part in the model: patients analysed, events among them, patients left out, and its smallest cell."""

    name: str
    n: int
    n_events: int
    excluded: int
    smallest_cell: int


@dataclass(frozen=True, eq=False, kw_only=True)
class RoundModel(EndpointResult):
    """A Cox model with each centre as a stratum, fitted by rounds.

    terms: as those of `cox`. tests: likelihood_ratio, wald and score, of all terms together.
    rounds: how many times the centres were asked. centres: who answered.
    """

    rows_in = "terms"

    defined_as: str
    covariates: tuple[str, ...]
    ties: Ties
    level: float
    terms: tuple[CoxTerm, ...]
    tests: dict[str, ModelTest]
    loglik_null: float
    loglik: float
    rounds: int
    centres: tuple[RoundCentre, ...]

    def term(self, name: str) -> CoxTerm:
        """The term of this name.

        Raises:
            KeyError: there is none.
        """
        return {term.term: term for term in self.terms}[name]

    def to_frame(self) -> pd.DataFrame:
        """One row a term."""
        return frame_of([t.to_dict() for t in self.terms], list(CoxTerm.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Step:
    """What came of a round's replies: findings, and the next proposal or the model, or neither.

    change: the largest change of a linear predictor that the step makes; None where no step was made.
    """

    findings: tuple[Finding, ...]
    proposal: Proposal | None = None
    model: RoundModel | None = None
    change: float | None = None


@dataclass(frozen=True, eq=False)
class _Sums:
    """Of all centres at a round's coefficients; score and information per `scale` of each covariate."""

    loglik: float
    score: np.ndarray
    information: np.ndarray
    n: int
    n_events: int


def step(proposal: Proposal, replies: Sequence[Reply]) -> Step:
    """The next proposal, or the model once it has converged, of the replies of all centres.

    Args:
        proposal: the one that was sent. replies: one of each centre, in any order.

    Nothing is summed where a reply is missing, answers another proposal, or its patients are others than in the first
    round: findings say so. Where the likelihood has no finite maximum, or none was found, they do, too.

    Example:
        >>> from necc.analysis.rounds import propose, reply, step
        >>> centres = {"A": cohort.where("age_years>50"), "B": cohort.where("age_years<=50")}
        >>> made = step(propose(cohort, "PRS", ["age_years"], centres=[*centres]), ())
        >>> [finding.code for finding in made.findings]
        ['missing-reply', 'missing-reply']
        >>> asked, model = propose(cohort, "PRS", ["age_years"], centres=[*centres]), None
        >>> while asked:
        ...     made = step(asked, [reply(rows, asked, as_centre=name) for name, rows in centres.items()])
        ...     asked, model = made.proposal, made.model
        >>> model.n, model.term("age_years").estimable
        (88, True)
    """
    findings = tuple(_unfit(proposal, replies))
    if findings:
        return Step(findings)
    scale = _scales(proposal)
    sums = _summed(replies, scale)
    changed = _other_patients(proposal, sums)
    if changed:
        return Step(tuple(changed))
    if not sums.n_events:
        return Step((Finding("error", "no-events", "no centre has an event, so there is nothing to fit"),))
    at_zero = proposal.at_zero or _at_zero(sums)
    free = np.array(at_zero.free)
    if not free.any():
        return Step((Finding("error", "nothing-to-estimate", "no covariate varies among the patients at risk at an "
                             "event within a centre, so there is nothing to fit"),))  # fmt: skip
    return _onward(proposal, replies, sums, at_zero, free, scale)


def _onward(
    proposal: Proposal, replies: Sequence[Reply], sums: _Sums, at_zero: AtZero, free: np.ndarray, scale: np.ndarray
) -> Step:
    here = np.array(proposal.coefficients) * scale
    best = proposal.best
    if best is not None and sums.loglik < best.loglik - 1e-12 * abs(best.loglik):
        before = np.array(best.coefficients) * scale
        change = float(np.abs(here - before).sum())
        if change <= NOISE:
            return _no_maximum(proposal, "the last digits of the likelihood are noise")
        return _next(proposal, at_zero, best, before + (here - before) / 2, scale, change / 2)
    inner = np.ix_(free, free)
    if np.linalg.eigvalsh(sums.information[inner])[0] < FLAT * at_zero.least or np.abs(here).max() > FAR:
        return _no_maximum(proposal, "the likelihood has become flat: it may keep rising with a covariate (separation)")
    move = np.zeros(len(here))
    try:
        move[free] = np.linalg.solve(sums.information[inner], sums.score[free])
    except np.linalg.LinAlgError:
        return _no_maximum(proposal, "the information can't be inverted")
    change = float(np.abs(move).sum())
    if change <= CONVERGED:
        return Step((), model=_model(proposal, replies, sums, at_zero, here + move, scale), change=change)
    if proposal.number >= MOST_ROUNDS:
        return _no_maximum(proposal, f"no maximum was found in {MOST_ROUNDS} rounds")
    return _next(proposal, at_zero, Best(proposal.coefficients, sums.loglik), here + move, scale, change)


def _next(proposal: Proposal, at_zero: AtZero, best: Best, here: np.ndarray, scale: np.ndarray, change: float) -> Step:
    told = replace(proposal, number=proposal.number + 1, coefficients=tuple((here / scale).tolist()), at_zero=at_zero,
                   best=best)  # fmt: skip
    return Step((), proposal=told, change=change)


def _no_maximum(proposal: Proposal, why: str) -> Step:
    told = (f"round {proposal.number:,}: {why}; no model is given. Leave out the covariate whose coefficient grows "
            "from round to round, merge its levels, or pool the centres' files, which tells separation exactly where "
            "all covariates are levels")  # fmt: skip
    return Step((Finding("error", "no-maximum", told),))


# ---------------------------------------------------------------- who answered
def _unfit(proposal: Proposal, replies: Sequence[Reply]) -> Iterator[Finding]:
    """Replies that are missing, of another round or model, given twice, or of nobody who was asked."""
    names = [part.name for part in proposal.centres]
    given = [one.centre for one in replies]
    for name in names:
        if name not in given:
            yield Finding("error", "missing-reply", f"'{name}' hasn't replied to round {proposal.number:,}; every "
                          "centre's reply is needed")  # fmt: skip
    for name in sorted(set(given)):
        if name not in names:
            yield Finding("error", "strange-reply", f"'{name}' isn't among the centres of this proposal, which are "
                          f"{', '.join(quoted(names))}")  # fmt: skip
        elif given.count(name) > 1:
            yield Finding("error", "reply-twice", f"'{name}' replied {given.count(name):,} times; one reply of each "
                          "centre is needed")  # fmt: skip
    p = len(proposal.terms)
    for one in replies:
        if one.proposal != proposal.sha256:
            which = (f"to round {one.number:,}, and this is round {proposal.number:,}"
                     if one.number != proposal.number else "to another proposal of this round")  # fmt: skip
            yield Finding("error", "other-proposal", f"the reply of '{one.centre}' is {which}; send this proposal to "
                          "the centre again")  # fmt: skip
        elif len(one.score) != p:
            yield Finding("error", "other-terms", f"the reply of '{one.centre}' has {plural(len(one.score), 'term')}, "
                          f"and the proposal {p:,}; ask for it again")  # fmt: skip
        elif not _possible(one):
            yield Finding("error", "impossible-reply", f"the reply of '{one.centre}' can't be that of patients: its "
                          "information isn't a variance; ask for it again")  # fmt: skip


def _possible(reply: Reply) -> bool:
    """Whether the information is symmetric and nowhere negative."""
    matrix = np.array(reply.information)
    size = max(float(np.abs(matrix).max()), 1e-300)
    if np.abs(matrix - matrix.T).max() > LOST * size:
        return False
    spread = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    unit = np.where(spread > 0, spread, 1.0)
    return bool((np.diag(matrix) >= 0).all() and np.linalg.eigvalsh(matrix / np.outer(unit, unit))[0] > -1e-6)


def _other_patients(proposal: Proposal, sums: _Sums) -> list[Finding]:
    first = proposal.at_zero
    if first is None or (first.n, first.n_events) == (sums.n, sums.n_events):
        return []
    told = (f"the replies are of {sums.n:,} patients with {plural(sums.n_events, 'event')}, and those to the first "
            f"round were of {first.n:,} with {first.n_events:,}: a centre's patients are others now. Begin again with "
            "a first proposal")  # fmt: skip
    return [Finding("error", "other-patients", told)]


# ---------------------------------------------------------------- sums
def _scales(proposal: Proposal) -> np.ndarray:
    return np.array([one.scale for one in proposal.covariates for _ in one.terms])


def _summed(replies: Sequence[Reply], scale: np.ndarray) -> _Sums:
    """In the order of the centres' names, so that the last digit doesn't depend on the order of the files."""
    ordered = sorted(replies, key=lambda one: one.centre)
    information = np.sum([np.array(one.information) for one in ordered], axis=0) / np.outer(scale, scale)
    score = np.sum([np.array(one.score) for one in ordered], axis=0) / scale
    return _Sums(sum(one.loglik for one in ordered), score, (information + information.T) / 2,
                 sum(one.n for one in ordered), sum(one.n_events for one in ordered))  # fmt: skip


def _at_zero(sums: _Sums) -> AtZero:
    """Which terms the others don't determine, and the score test, at coefficients of zero."""
    free = independent(sums.information, float(sums.n_events))
    inner = sums.information[np.ix_(free, free)]
    score = sums.score[free]
    statistic = float(score @ np.linalg.solve(inner, score)) if free.any() else 0.0
    least = float(np.linalg.eigvalsh(inner)[0]) if free.any() else 0.0
    return AtZero(sums.loglik, statistic, sums.n, sums.n_events, tuple(bool(f) for f in free), least)


# ---------------------------------------------------------------- the model
def _model(
    proposal: Proposal, replies: Sequence[Reply], sums: _Sums, at_zero: AtZero, here: np.ndarray, scale: np.ndarray
) -> RoundModel:
    free = np.array(at_zero.free)
    covariance = np.full((len(here),) * 2, np.nan)
    inner = sums.information[np.ix_(free, free)]
    covariance[np.ix_(free, free)] = np.linalg.inv(inner) / np.outer(scale[free], scale[free])
    beta, df = here / scale, int(free.sum())
    few = too_few_events(sums.n_events, df)
    terms = tuple(_terms(proposal, replies, beta, covariance, free, few))
    statistics = {
        "likelihood_ratio": 2 * (sums.loglik - at_zero.loglik), "wald": float(here[free] @ inner @ here[free]),
        "score": at_zero.score_statistic,
    }  # fmt: skip
    tests = {name: ModelTest(name, None if few else max(value, 0.0), df,
                             None if few else float(chdtrc(df, max(value, 0.0))))
             for name, value in statistics.items()}  # fmt: skip
    centres = tuple(RoundCentre(one.centre, one.n, one.n_events, one.excluded, one.smallest_cell)
                    for one in sorted(replies, key=lambda one: one.centre))  # fmt: skip
    left_out = sum(one.excluded for one in replies)
    excluded = (Exclusion("left out by a centre: a time, an event or a covariate isn't recorded", left_out),)
    told = proposal.endpoint
    model = RoundModel(
        endpoint=told["name"], label=told["label"], unit=told["unit"], origin=told["origin"],
        defined_as=told["defined_as"], n=sums.n, n_events=sums.n_events, excluded=excluded if left_out else (),
        covariates=tuple(one.name for one in proposal.covariates), ties=proposal.ties, level=proposal.level,
        terms=terms, tests=tests, loglik_null=at_zero.loglik, loglik=sums.loglik, rounds=proposal.number + 1,
        centres=centres, notes=tuple(filter(None, (
            "each centre is a stratum with a baseline hazard of its own, so that no difference between centres enters "
            "the hazard ratios", "proportional hazards and influential patients can't be checked without the "
            "patients: each centre can on its own", few)),
        ),
    )  # fmt: skip
    if notice := next((one.notice for one in replies if one.notice), proposal.notice):
        object.__setattr__(model, "_notice", notice)
    return model


def _terms(
    proposal: Proposal, replies: Sequence[Reply], beta: np.ndarray, covariance: np.ndarray, free: np.ndarray, few: str
) -> Iterator[CoxTerm]:
    z = float(ndtri(0.5 + proposal.level / 2))
    columns = [(one, level) for one in proposal.covariates
               for level in (one.levels[1:] if one.kind == "factor" else (None,))]  # fmt: skip
    for j, ((covariate, level), name) in enumerate(zip(columns, proposal.terms, strict=True)):
        sizes, why = _sizes(replies, j, covariate, level)
        note = few or why
        if not free[j]:
            note = "constant, or determined by the other terms, within each centre; it was left out"
        about = (name, covariate.name, covariate.label, covariate.unit, level,
                 covariate.levels[0] if covariate.kind == "factor" else None)  # fmt: skip
        if note:
            yield CoxTerm(*about, None, None, None, None, None, None, WALD, **sizes, note=note)
            continue
        b, se = float(beta[j]), float(np.sqrt(covariance[j, j]))
        with np.errstate(over="ignore"):
            ratios = [float(x) if np.isfinite(x) else None for x in np.exp([b, b - z * se, b + z * se])]
        yield CoxTerm(*about, b, se, ratios[0], ratios[1], ratios[2], float(chdtrc(1, (b / se) ** 2)), WALD, **sizes)


def _sizes(replies: Sequence[Reply], j: int, covariate: Coding, level: str | None) -> tuple[dict[str, Any], str]:
    """Patients of a level and of its reference over all centres, and why they are too few."""
    given = [size for one in replies if (size := one.sizes[j]) is not None]
    if level is None:
        return {"n": sum(one.n for one in replies), "n_events": sum(one.n_events for one in replies)}, ""
    if len(given) != len(replies):
        raise AnalysisError(f"a centre's reply doesn't say how many patients have {covariate.label} '{level}'")
    groups = [
        Group(level, sum(s.n for s in given), sum(s.expected for s in given)),
        Group(covariate.levels[0], sum(s.n_reference for s in given), sum(s.expected_reference for s in given)),
    ]
    why = too_few(groups, EXPECTED_IN_MODEL)
    return {"n": groups[0].n, "n_reference": groups[1].n}, f"{TOO_FEW}: {why}" if why else ""
