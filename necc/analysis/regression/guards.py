"""What a Cox model notices about its own data: each finding says what was seen, why it matters and what was done.

References:
    1. Peduzzi P, et al. J Clin Epidemiol 1995;48:1503-10. doi:10.1016/0895-4356(95)00048-8 (events per parameter)
    2. Heinze G, Schemper M. Biometrics 2001;57:114-9. doi:10.1111/j.0006-341X.2001.00114.x (separation)
    3. Suissa S. Am J Epidemiol 2008;167:492-9. doi:10.1093/aje/kwm324 (immortal time)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from necc.analysis.regression.design import Design
from necc.analysis.regression.diagnostics import GLOBAL, ProportionalHazards
from necc.analysis.regression.fitting import NOTHING_FITTED, CoxFit, Maximum
from necc.analysis.regression.results import CoxTerm
from necc.core.cohort import Cohort
from necc.core.dictionary import N_SITES, is_site
from necc.core.guardrails import Guardrail, clock_of, known_later, own_outcome
from necc.core.tally import n_of, tally
from necc.core.text import format_number, joined, p_phrase, plural

MINIMUM_EVENTS_PER_PARAMETER = 10
SMALL_LEVEL = 5
HIGH_INFLATION = 5.0
STRONG_INFLUENCE = 1.0  # standard errors that one patient moves a coefficient
MANY_TIED = 0.5
ALPHA = 0.05  # whatever the confidence level of the intervals


@dataclass(frozen=True)
class Strongest:
    """How many patients move a coefficient by more than `STRONG_INFLUENCE` standard errors, and who the most.

    patient: position among those analysed; size: in standard errors of the coefficient of `term`.
    """

    n: int
    patient: int
    term: str
    size: float


@dataclass(frozen=True, eq=False)
class Findings:
    """All that the rules look at."""

    cohort: Cohort
    design: Design
    fit: CoxFit
    used_firth: bool
    separation: str
    terms: tuple[CoxTerm, ...]
    hazards: tuple[ProportionalHazards, ...]
    inflation: tuple[tuple[str, float | None], ...]
    strongest: Strongest | None
    level: float
    refused: tuple[str, ...] = ()

    def label(self, variable: str) -> str:
        """A variable as a reader knows it."""
        return next((c.label for c in self.design.covariates if c.name == variable), variable)


Rule = Callable[[Findings], Iterator[Guardrail]]


def guard(facts: Findings) -> tuple[Guardrail, ...]:
    """Every guardrail that the data met, the gravest first."""
    return tuple(g for rule in RULES for g in rule(facts))


def _nothing_to_fit(f: Findings) -> Iterator[Guardrail]:
    n, events = f.fit.n, f.fit.n_events
    if not n:
        yield Guardrail(
            "no-patients", "no patient with all values known", "there is nothing to fit", "no numbers are shown"
        )
    elif n == 1:
        yield Guardrail(
            "one-patient", "one patient", "a hazard ratio compares patients", "no numbers are shown"
        )  # fmt: skip
    elif f.fit.status == "more terms than patients":
        yield Guardrail(
            "more-terms-than-patients", f"{plural(len(f.design.columns), 'term')} for {plural(n, 'patient')}",
            "with as many terms as patients, every order of events can be fitted perfectly", "no numbers are shown",
            "choose fewer variables, or join levels",
        )  # fmt: skip
    elif not events:
        yield Guardrail(
            "no-events", f"none of {plural(n, 'patient')} has the event", "without events no hazard can be compared",
            "no numbers are shown",
        )  # fmt: skip


def _separation(f: Findings) -> Iterator[Guardrail]:
    return separation_of(f.fit, f.design, f.used_firth, f.separation, f.terms)


def separation_of(
    fit: Maximum, design: Design, used_firth: bool, separation: str, terms: tuple[CoxTerm, ...]
) -> Iterator[Guardrail]:
    """What was done about a likelihood without a finite maximum [2]."""
    if fit.status not in ("monotone", "not converged"):
        return
    labels = {t.term: f"'{t.label}: {t.level}'" if "=" in t.term else f"'{t.label}'" for t in terms}
    names = [labels.get(c.term, c.term) for c, i in zip(design.columns, fit.separated, strict=True) if i]
    empty = [
        f"{t.label}: {t.level if t.n_events == 0 else t.reference}"
        for t in terms
        if 0 in (t.n_events, t.n_events_reference)
    ]
    saw = f"separation in {joined(names)}" if names else "the likelihood has no maximum that could be found"
    if empty:
        saw += f" (no events in {joined(list(dict.fromkeys(empty)))})"
    why = (
        "the likelihood has no finite maximum, so the usual hazard ratio is zero or infinite and its interval "
        "meaningless"
    )
    if used_firth:
        yield Guardrail(
            "separation", saw, why,
            "all terms come from Firth's penalised likelihood, with profile limits and penalised likelihood-ratio p; "
            "proportional hazards and influence are not tested",
            'separation="report" shows the other terms without the penalty, or leave the variable out',
        )  # fmt: skip
    else:
        did = "these terms are shown as not estimable, the others at the limit" if names else "no numbers are shown"
        yield Guardrail("separation", saw, why, did, 'separation="firth"' if separation == "report" else "")


def _aliased(f: Findings) -> Iterator[Guardrail]:
    return aliased_in(f.fit, f.design)


def aliased_in(fit: Maximum, design: Design) -> Iterator[Guardrail]:
    """The terms that can't be told apart from others, or don't vary."""
    if fit.status in ("no events", "more terms than patients"):
        return
    for covariate in design.covariates:
        if covariate.is_constant:
            yield Guardrail(
                "constant", f"{covariate.label} is the same in all patients analysed",
                "there is nothing to compare", "it is shown as not estimable",
            )  # fmt: skip
    constant = {c.name for c in design.covariates if c.is_constant}
    for column, free in zip(design.columns, fit.free, strict=True):
        if not free and not constant & set(column.variable.split(" * ")):
            yield Guardrail(
                "aliased", f"{column.term} follows from the terms before it, or is constant where anyone has the event",
                "its hazard ratio can't be separated from theirs", "it is shown as not estimable, as R does",
                "leave out the other one, or change the order",
            )  # fmt: skip


def _named_twice(f: Findings) -> Iterator[Guardrail]:
    if f.design.duplicates:
        yield Guardrail(
            "duplicate", f"{joined(f.design.duplicates)} named twice", "a variable can enter once", "it was used once"
        )


def _events_per_parameter(f: Findings) -> Iterator[Guardrail]:
    events, df = f.fit.n_events, f.fit.df
    if events and df and f.fit.status not in NOTHING_FITTED and events / df < MINIMUM_EVENTS_PER_PARAMETER:
        yield Guardrail(
            "events-per-parameter",
            f"{plural(events, 'event')} for {plural(df, 'parameter')}, {format_number(events / df, 1)} each",
            "with fewer than 10 events per parameter hazard ratios tend to lie too far from 1 and intervals to miss",
            "the numbers are shown as they are", "choose fewer variables, before seeing their p-values",
        )  # fmt: skip


def _too_few(f: Findings) -> Iterator[Guardrail]:
    return too_few_of(f.design, f.refused)


def too_few_of(design: Design, reasons: Sequence[str]) -> Iterator[Guardrail]:
    """The terms that have too few patients or events for limits and a p; reasons: of each column."""
    names: dict[str, list[str]] = {}
    for column, reason in zip(design.columns, reasons, strict=True):
        if reason:
            level = f": {column.level}" if column.level else ""
            names.setdefault(reason, []).append(f"'{column.label}{level}'")
    for reason, terms in names.items():
        yield Guardrail(
            "too-few", f"{joined(terms)}, {reason}",
            "limits and p of a hazard ratio hold in large samples only, and would be far too sure here",
            "no number is shown, and none counts in an adjustment", "join levels, by a grouping, or leave it out",
        )  # fmt: skip


def _sparse_levels(f: Findings) -> Iterator[Guardrail]:
    for covariate in f.design.covariates:
        if covariate.kind == "number" or covariate.is_constant:
            continue
        terms = [t for t in f.terms if t.variable == covariate.name]
        counts = [terms[0].n_reference or 0, *(t.n or 0 for t in terms)]
        small = [f"{level} (n = {n})" for level, n in zip(covariate.levels, counts, strict=True) if n < SMALL_LEVEL]
        if small:
            yield Guardrail(
                "sparse-level", f"{f.label(covariate.name)} has fewer than {SMALL_LEVEL} patients in {joined(small)}",
                "the hazard ratio depends on single patients", "it is shown as it is", "join levels, by a grouping",
            )  # fmt: skip
        if covariate.absent and len(covariate.absent) < 4:
            yield Guardrail(
                "absent-level", f"no patient analysed has {f.label(covariate.name)} {joined(covariate.absent, 'or')}",
                "a level without patients has no hazard", f"it was left out; the reference is {covariate.levels[0]}",
            )  # fmt: skip


def _tiny_strata(f: Findings) -> Iterator[Guardrail]:
    stratum = f.design.stratum
    if stratum is None or not len(stratum):
        return
    patients, event = f.design.patients, f.design.event
    n = tally(stratum, patients)
    events = tally(stratum[event], None if patients is None else patients[event], len(n))
    idle = [name for name, k, d in zip(f.design.stratum_labels, n, events, strict=True) if k < 2 or not d]
    if idle:
        yield Guardrail(
            "tiny-stratum", f"{plural(len(idle), 'stratum', 'strata')} without event or comparison: {joined(idle[:5])}",
            "patients are compared within their stratum only", "its patients are counted but add no information",
            "stratify by fewer or coarser factors",
        )  # fmt: skip


def _own_outcome(f: Findings) -> Iterator[Guardrail]:
    endpoint = f.cohort.dictionary.endpoints[f.design.outcome.name]
    return own_outcome(f.cohort, endpoint.name, endpoint.columns, [c.name for c in f.design.covariates])


def _collinear_by_construction(f: Findings) -> Iterator[Guardrail]:
    counts = [c.label for c in f.design.covariates if c.source == N_SITES]
    sites = [c.label for c in f.design.covariates if is_site(c.name)]
    if counts and sites:
        yield Guardrail(
            "collinear-by-construction",
            f"{joined(counts)} stands beside {joined(sites)}",
            "the number of sites is counted from the sites, so each holds a part of the other and neither hazard ratio "
            "means what it would alone",
            "both are shown", "keep one of them",
        )  # fmt: skip


def _collinear(f: Findings) -> Iterator[Guardrail]:
    high = [
        f"{f.label(name)} ({format_number(v, 1)})" for name, v in f.inflation if v is not None and v > HIGH_INFLATION
    ]
    if high:
        yield Guardrail(
            "collinear", f"variance inflation above {HIGH_INFLATION:g}: {joined(high)}",
            "the covariates nearly determine one another, which widens their intervals", "they are shown as they are",
            "keep one of those that carry the same information",
        )  # fmt: skip


def _known_later(f: Findings) -> Iterator[Guardrail]:
    outcome = f.design.outcome
    names = {c.name: c.label for c in f.design.covariates}
    return known_later(f.cohort, outcome.starts_at, clock_of(outcome.label, outcome.origin), names)


def _proportionality(f: Findings) -> Iterator[Guardrail]:
    tested = [t for t in f.hazards if t.p is not None]
    broken = [t for t in tested if t.p is not None and t.p < ALPHA]
    if broken:
        shown = [
            f"{'all terms together' if t.term == GLOBAL else _term_label(f, t.term)} ({p_phrase(t.p)})" for t in broken
        ]
        of = f"{len(broken)} of {plural(len(tested), 'score test')} below {ALPHA:g}, not adjusted for their number"
        chance = f"; with {len(tested)} tests some are below {ALPHA:g} by chance" if len(tested) > 1 else ""
        yield Guardrail(
            "proportional-hazards", f"evidence against proportional hazards, {of}: {joined(shown)}",
            f"one hazard ratio then averages over a follow-up in which it changes{chance}", "it is shown as it is",
            "look at the Schoenfeld residuals; stratify by the variable, or report restricted means",
        )  # fmt: skip


def _term_label(f: Findings, term: str) -> str:
    """`Age at diagnosis`, `FIGO stage: III`."""
    known = next((t for t in f.terms if t.term == term), None)
    if known is None:
        return f.label(term)
    return f"{known.label}: {known.level}" if "=" in term and known.level else known.label


def _influential(f: Findings) -> Iterator[Guardrail]:
    if f.strongest is None or not f.strongest.n:
        return
    counts = f.cohort.patients is not None  # which have no row to look up
    row = "" if counts else f"spreadsheet row {f.cohort.index[f.design.rows[f.strongest.patient]]}, "
    yield Guardrail(
        "influential-patient",
        f"{plural(f.strongest.n, 'patient')} who alone moves a coefficient by more than one standard error (most: "
        f"{row}{_term_label(f, f.strongest.term)}, {format_number(f.strongest.size, 1)})",
        "the result depends on single patients", "nobody was left out", "look at the influence of each patient",
    )  # fmt: skip


def _ties_and_times(f: Findings) -> Iterator[Guardrail]:
    tied = f.fit.likelihood.n_tied
    events = int(tied.sum())
    if events > 1 and tied[tied > 1].sum() > MANY_TIED * events:
        way = {"efron": "Efron", "breslow": "Breslow"}[f.fit.ties]
        yield Guardrail(
            "many-ties", f"{int(tied[tied > 1].sum())} of {plural(events, 'event')} share their time with another",
            "the order of tied events is unknown, and the methods for ties then differ", f"{way}'s method was used",
            'ties="breslow" or "efron"; finer times, if they are known',
        )  # fmt: skip
    time = f.design.outcome.time[f.design.rows]
    if n := n_of(time == 0, f.design.patients):
        yield Guardrail(
            "zero-times", f"{plural(n, 'patient')} with a time of zero",
            "the event or the end of observation was then on the first day", "they are kept, as R keeps them",
            "check the dates, or filter them out",
        )  # fmt: skip


RULES: tuple[Rule, ...] = (
    _nothing_to_fit, _separation, _aliased, _own_outcome, _named_twice, _known_later, _collinear_by_construction,
    _too_few, _events_per_parameter, _collinear, _sparse_levels, _tiny_strata, _proportionality, _influential,
    _ties_and_times,
)  # fmt: skip
