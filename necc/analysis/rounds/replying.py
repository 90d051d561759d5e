"""The two ends that see patients: a coordinator's first proposal, whose coding is that of a cohort, and a reply.

A Cox model with each centre as a stratum is a sum over centres, of the likelihood and of its derivatives [1]. With
covariates of many values, such as an age, counts by pattern would be nearly the patients themselves; the sums over
patients aren't. They still tell something, so a centre answers only where

    there are at least as many events a term as its smallest cell, and no level of fewer patients
    terms are at most a third of its patients: DataSHIELD's nfilter.glm [2]
    no few patients have nearly all the weight at the coefficients that are asked, by Kish's effective number [3]
    rounds don't go on and on: each further answer tells more

References:
    1. Lu CL, et al. J Am Med Inform Assoc 2015;22:1212-9. doi:10.1093/jamia/ocv083 (WebDISCO)
    2. Gaye A, et al. Int J Epidemiol 2014;43:1929-44. doi:10.1093/ije/dyu188 (DataSHIELD)
    3. Kish L. Survey sampling. New York: Wiley; 1965 (effective sample size of weights)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from necc.analysis.regression.design import Covariate, Design, build_design
from necc.analysis.regression.fitting import distinct_rows
from necc.analysis.regression.model import check_options
from necc.analysis.regression.partial import PartialLikelihood
from necc.analysis.regression.small import expected_events
from necc.analysis.regression.ties import Ties
from necc.analysis.rounds.files import Coding, Part, Proposal, Reply, Size
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import is_site
from necc.core.errors import AnalysisError
from necc.core.guardrails import SMALLEST_CELL
from necc.core.names import did_you_mean
from necc.core.text import joined, plural, quoted

TERMS_A_PATIENT = 1 / 3
MOST_ROUNDS = 30


@public
def propose(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str],
    *,
    centres: Sequence[str | Part],
    ties: Ties = "efron",
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
) -> Proposal:
    """The first proposal of a Cox model with each centre as a stratum [1], to be sent to all centres.

    Only names, labels, units and levels are taken of the cohort, and the power of ten of a number's spread.

    Args:
        cohort: patients read as those of the centres are, such as the coordinator's own.
        endpoint: an endpoint's name, e.g. "PRS".
        covariates: numbers, which are linear, and anything that `Cohort.factor` takes.
        centres: names of who takes part, or `Part`s with the checksum and the patients of each centre's file.
        ties: "efron" or "breslow".
        level: confidence level of the result.
        reference: the reference level of some factors, by name.
        per: the unit of some numbers, e.g. {"age_years": 10}.

    Raises:
        AnalysisError: the cohort lacks the endpoint or a covariate, an option is unknown, no covariate is named, or the
            centres' names aren't at least two different ones.

    Example:
        >>> from necc.analysis.rounds import propose
        >>> first = propose(cohort, "PRS", ["age_years", "site:lung"], centres=["A", "B", "C"], per={"age_years": 10})
        >>> first.terms, first.covariates[0].unit
        (('age_years', 'site:lung'), '10 years')
    """
    from necc import __version__

    check_options(ties, level)
    parts = tuple(one if isinstance(one, Part) else Part(one) for one in centres)
    names = [part.name for part in parts]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise AnalysisError(f"{quoted(twice)[0]} is named twice among the centres; each needs a name of its own")
    if len(parts) < 2:
        raise AnalysisError("rounds are between at least two centres; a single one fits the model of its own rows")
    design = build_design(cohort, endpoint, covariates, reference=reference, per=per)
    if not design.covariates:
        raise AnalysisError("rounds need a covariate; without one there is nothing to ask the centres")
    coded = tuple(_coding(cohort, one, (reference or {}).get(one.name), (per or {}).get(one.name, 1.0))
                  for one in design.covariates)  # fmt: skip
    sites = any(is_site(one.name) for one in coded)
    return Proposal(
        number=0, endpoint=_endpoint(design), covariates=coded, centres=parts,
        coefficients=(0.0,) * sum(len(one.terms) for one in coded), ties=ties, level=level,
        scheme=cohort.scheme.name if sites else "", dictionary=_dictionary(cohort), software=f"necc {__version__}",
        notice=cohort.source.notice,
    )  # fmt: skip


def _endpoint(design: Design) -> dict[str, str]:
    outcome = design.outcome
    return {"name": outcome.name, "label": outcome.label, "unit": outcome.unit, "origin": outcome.origin,
            "defined_as": outcome.defined_as}  # fmt: skip


def _dictionary(cohort: Cohort) -> str:
    return f"{cohort.dictionary.name}, version {cohort.dictionary.version}"


def _coding(cohort: Cohort, covariate: Covariate, reference: str | None, per: float) -> Coding:
    if covariate.kind == "number":
        values = covariate.columns[covariate.codes, 0]
        spread = float(values.std()) if len(values) else 0.0
        scale = float(10.0 ** np.round(np.log10(spread))) if spread > 0 else 1.0
        return Coding(covariate.name, covariate.label, "number", covariate.unit, per, scale=scale)
    levels = list(cohort.factor(covariate.name).levels)
    if reference is not None:
        levels.insert(0, levels.pop(levels.index(reference)))
    return Coding(covariate.name, covariate.label, "factor", levels=tuple(levels), two_levels=len(levels) == 2)


# ---------------------------------------------------------------- a reply
@public
def reply(cohort: Cohort, proposal: Proposal, *, as_centre: str, smallest_cell: int = SMALLEST_CELL) -> Reply:
    """A centre's answer to a proposal: the likelihood of its own patients and its derivatives, as sums.

    Args:
        cohort: the centre's patients; those of whom its file was made, where the proposal knows that file.
        proposal: of this round.
        as_centre: the name by which the proposal knows this centre.
        smallest_cell: patients; the least number of events a term, and of patients with a level.

    Raises:
        AnalysisError: the proposal is for others, its coding or endpoint isn't the cohort's, the patients aren't those
            of the file, or the answer would tell of single patients.

    Example:
        >>> from necc.analysis.rounds import propose, reply
        >>> first = propose(cohort, "PRS", ["age_years"], centres=["A", "B", "C"])
        >>> answer = reply(cohort.where("figo_stage=I,II"), first, as_centre="A")
        >>> answer.n, answer.n_events, len(answer.score)
        (51, 21, 1)
    """
    from necc import __version__

    part = next((part for part in proposal.centres if part.name == as_centre), None)
    if part is None:
        names = [one.name for one in proposal.centres]
        raise AnalysisError(f"the proposal knows no centre '{as_centre}'; {did_you_mean(as_centre, names)}")
    if part.patients is not None and part.patients != cohort.n_patients:
        raise AnalysisError(
            f"the file of '{as_centre}' was made of {plural(part.patients, 'patient')}, and there are "
            f"{cohort.n_patients:,} here: answer with the same rows and filters, or send a new file first"
        )
    if proposal.number > MOST_ROUNDS:
        raise AnalysisError(f"round {proposal.number:,} isn't answered: each answer tells more of the patients, and "
                            f"{MOST_ROUNDS} rounds are more than a model needs that can be fitted")  # fmt: skip
    design = _agreed(cohort, proposal)
    matrix, compared = _matrix(design, proposal)
    if few := _too_few(design, matrix.shape[1], smallest_cell):
        raise AnalysisError(f"'{as_centre}' can't answer: {few}")
    patterns, pattern = distinct_rows(matrix)
    likelihood = PartialLikelihood(
        design.time, design.event, patterns, pattern, n_times=len(design.outcome.grid), ties=proposal.ties
    )
    scale = likelihood.scale
    at = likelihood.at(np.array(proposal.coefficients) * scale)
    told = (at.loglik, *at.score, *at.information.ravel())
    if not np.isfinite(told).all() or _effective(matrix, proposal) < smallest_cell:
        raise AnalysisError(
            f"'{as_centre}' can't answer: at the coefficients of round {proposal.number:,} fewer than "
            f"{smallest_cell:,} patients have nearly all the weight, so that the answer would tell of them"
        )
    varies = likelihood.varies.astype(float)  # rounding is all that other columns have
    score, information = at.score * scale * varies, at.information * np.outer(scale * varies, scale * varies)
    return Reply(
        proposal=proposal.sha256, number=proposal.number, centre=as_centre, n=len(design.rows),
        n_events=int(design.event.sum()), excluded=cohort.n_patients - len(design.rows), loglik=at.loglik,
        score=tuple(score.tolist()), information=tuple(tuple(row) for row in information.tolist()),
        sizes=_sizes(design, matrix, compared), smallest_cell=smallest_cell,
        rule=f"at least {smallest_cell:,} events a term, no level of fewer than {smallest_cell:,} patients, and at "
        "most one term for three patients", software=f"necc {__version__}", notice=cohort.source.notice,
    )  # fmt: skip


def _agreed(cohort: Cohort, proposal: Proposal) -> Design:
    """The design of the proposal's covariates on these patients.

    Raises:
        AnalysisError: endpoint, sites, units or levels aren't those of the proposal.
    """
    references = {one.name: one.levels[0] for one in proposal.covariates if one.kind == "factor" and one.levels}
    per = {one.name: one.per for one in proposal.covariates if one.kind == "number"}
    if proposal.scheme and cohort.scheme.name != proposal.scheme:
        raise AnalysisError(f"sites are read by the scheme '{cohort.scheme.name}' here and by '{proposal.scheme}' in "
                            f"the proposal; read the cohort with --scheme {proposal.scheme}")  # fmt: skip
    design = build_design(cohort, proposal.endpoint["name"], [one.name for one in proposal.covariates], per=per,
                          reference={n: r for n, r in references.items() if r in cohort.factor(n).levels})  # fmt: skip
    for key, here in _endpoint(design).items():
        if here != proposal.endpoint.get(key, ""):
            raise AnalysisError(
                f"{proposal.endpoint['name']} isn't the same here: its {key.replace('_', ' ')} is '{here}', and "
                f"'{proposal.endpoint.get(key, '')}' in the proposal; agree on one dictionary"
            )
    for own, asked in zip(design.covariates, proposal.covariates, strict=True):
        levels = () if own.kind == "number" else cohort.factor(own.name).levels
        _same(asked, own, levels)
    return design


def _same(asked: Coding, own: Covariate, levels: tuple[str, ...]) -> None:
    if own.kind != asked.kind:
        raise AnalysisError(f"{asked.label} is a {own.kind} here and a {asked.kind} in the proposal; agree on one "
                            "dictionary")  # fmt: skip
    if own.unit != asked.unit:
        raise AnalysisError(f"{asked.label} is in '{own.unit}' here and in '{asked.unit}' in the proposal; agree on "
                            "one unit")  # fmt: skip
    if strange := [name for name in levels if name not in asked.levels]:
        raise AnalysisError(
            f"{asked.label} has {joined(quoted(strange))} here, which the proposal doesn't know (it has "
            f"{joined(quoted(asked.levels))}); merge levels, or ask for a proposal with them"
        )


@dataclass(frozen=True)
class Compared:
    """A term that is a level of a covariate, compared with `reference`."""

    covariate: Covariate
    reference: str


def _levels_of(covariate: Covariate) -> np.ndarray:
    """The level of each patient, shape (n,)."""
    named = np.array([*covariate.levels, ""], dtype=object)  # nobody has the last
    result: np.ndarray = named[covariate.codes]
    return result


def _matrix(design: Design, proposal: Proposal) -> tuple[np.ndarray, list[Compared | None]]:
    """The proposal's columns on these patients, shape (n, p), also of levels that nobody has here."""
    columns: list[np.ndarray] = []
    compared: list[Compared | None] = []
    for own, asked in zip(design.covariates, proposal.covariates, strict=True):
        if asked.kind == "number":
            columns.append(own.columns[own.codes, 0] if len(own.codes) else np.zeros(0))
            compared.append(None)
            continue
        here = _levels_of(own)
        columns += [(here == level).astype(float) for level in asked.levels[1:]]
        compared += [Compared(own, asked.levels[0])] * len(asked.levels[1:])
    return np.column_stack(columns), compared


def _too_few(design: Design, p: int, smallest: int) -> str:
    """Why the answer would tell of single patients, in words; empty where it wouldn't."""
    n, n_events = len(design.rows), int(design.event.sum())
    if n_events < smallest * p:
        return (f"{plural(n_events, 'event')} for {plural(p, 'term')}, and at least {smallest:,} a term are needed; "
                "ask for fewer covariates")  # fmt: skip
    if p > n * TERMS_A_PATIENT:
        return f"{plural(p, 'term')} for {plural(n, 'patient')}; at most one for three patients is answered"
    for own in (c for c in design.covariates if c.kind == "factor"):
        sizes = np.bincount(own.codes, minlength=len(own.levels))
        if small := [f"{plural(int(k), 'patient')} with '{name}'" for name, k in zip(own.levels, sizes, strict=True)
                     if 0 < k < smallest]:  # fmt: skip
            return f"{own.label}: {joined(small)}, and at least {smallest:,} are needed; merge levels or leave it out"
    return ""


def _effective(matrix: np.ndarray, proposal: Proposal) -> float:
    """Kish's effective number of patients at the proposal's coefficients."""
    predictor = matrix @ np.array(proposal.coefficients)
    weight = np.exp(predictor - predictor.max(initial=-np.inf)) if len(predictor) else predictor
    return float(weight.sum() ** 2 / (weight @ weight)) if len(weight) else 0.0


def _sizes(design: Design, matrix: np.ndarray, compared: Sequence[Compared | None]) -> tuple[Size | None, ...]:
    """Of each term that is a level, how many patients have it and its reference, and the events expected in both."""
    expected = expected_events(design.time, design.event)
    sizes: list[Size | None] = []
    for one, column in zip(compared, matrix.T, strict=True):
        if one is None:
            sizes.append(None)
            continue
        mine, rest = column == 1, _levels_of(one.covariate) == one.reference
        sizes.append(Size(int(mine.sum()), float(expected[mine].sum()), int(rest.sum()), float(expected[rest].sum())))
    return tuple(sizes)
