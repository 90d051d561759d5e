"""What an analysis knows of itself: one function a fact, for the items of the reporting checklists.

Each takes a `Context` and gives a sentence or several, or "" where the analysis doesn't know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from necc.analysis.baseline import Characteristics
from necc.analysis.competing import CumulativeIncidence
from necc.analysis.flow import Flow
from necc.analysis.prediction import ModelComparison
from necc.analysis.recurrence import CoOccurrence, SiteDistribution
from necc.analysis.regression import CoxModel, ImputedModel, StepwiseResult, SubgroupTable, UnivariateTable
from necc.analysis.regression.diagnostics import GLOBAL
from necc.analysis.survival import FixedTimes, KaplanMeier, RestrictedMean, SurvivalComparison, SurvivalGrid
from necc.analysis.treatment import TreatmentTiming
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for
from necc.core.dictionary import N_SITES
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.selection import Selection
from necc.core.text import format_count, format_number, joined, p_phrase, plural
from necc.present.words.methods import (
    MOST_TOLD,
    endpoints_of,
    endpoints_text,
    flow,
    methods_paragraph,
    partly_recorded,
)
from necc.present.words.phrases import (
    NO_TEST,
    counts,
    excluded_of,
    follow_up,
    interactions_of,
    not_analysed,
    sensitivity_rule,
    sentence,
    test_p,
)
from necc.present.words.reading import reading

T = TypeVar("T")
NO_FOLLOW_UP = Estimate(None, None, None)
FAMILIES: dict[type, str] = {
    SurvivalGrid: "every site", UnivariateTable: "covariates alone", Characteristics: "characteristics",
    SiteDistribution: "sites", CumulativeIncidence: "kinds of event", SubgroupTable: "interactions",
    SurvivalComparison: "pairs of levels", CoOccurrence: "pairs of sites",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Context:
    """Results, the cohort they are of, and the filters."""

    results: tuple[object, ...]
    cohort: Cohort
    selection: Selection | None = None
    known_follow_up: Mapping[str, Estimate] = field(default_factory=dict)

    @cached_property
    def follow_up(self) -> dict[str, Estimate]:
        """Median follow-up by endpoint: what the caller knows, else that of the curves."""
        return {km.endpoint: km.followup for km in reversed(self.of(KaplanMeier))} | dict(self.known_follow_up)

    def of(self, *kinds: type[T]) -> list[T]:
        return [r for r in self.results if isinstance(r, kinds)]

    @cached_property
    def models(self) -> list[CoxModel]:
        """Cox models, also those that stand beside a table or came out of a selection."""
        result = self.of(CoxModel)
        result += [t.multivariable for t in self.of(UnivariateTable) if t.multivariable and not t.selection]
        return result + [s.model for s in self.selections if s.model]

    @cached_property
    def selections(self) -> list[StepwiseResult]:
        """Stepwise selections, also those that stand beside a table."""
        return self.of(StepwiseResult) + [t.selection for t in self.of(UnivariateTable) if t.selection]

    @cached_property
    def names(self) -> list[str]:
        """Every factor and covariate that a result is about."""
        result = [getattr(r, "by", None) for r in self.results]
        result += [p.by for g in self.of(SurvivalGrid) for p in g.panels]
        result += [name for m in self.models for name in m.covariates]
        result += [row.variable for t in self.of(UnivariateTable) for row in t.rows]
        result += [name for s in self.selections for name in s.candidates]
        result += [name for c in self.of(ModelComparison) for name in c.covariates]
        result += [name for t in self.of(SubgroupTable) for name in (t.exposure, *t.adjusted_for)]
        result += [name for s in self.results for name in _strata_of(s)]
        return list(dict.fromkeys(name for name in result if name))

    def label(self, name: str) -> str:
        try:
            return self.cohort.factor(name).label
        except AnalysisError:
            known = self.cohort.dictionary.variables.get(name)
            return known.label if known else name


def _strata_of(result: object) -> tuple[str, ...]:
    """What a result is stratified by."""
    if isinstance(result, CoxModel):
        return result.strata
    by = getattr(result, "stratified_by", ())
    return (by,) if isinstance(by, str) else tuple(by or ())


def said_once(sentences: Iterable[str]) -> str:
    """Sentences as one text, each once: a figure and a table may show the same result."""
    return " ".join(dict.fromkeys(filter(None, sentences)))


def _listed(items: Iterable[str]) -> str:
    items = list(dict.fromkeys(items))
    if len(items) <= MOST_TOLD:
        return joined(items)
    return f"{', '.join(items[:MOST_TOLD])} and {len(items) - MOST_TOLD} more"


def factors(c: Context) -> str:
    labels = _listed(c.label(n) for n in c.names)
    return f"Examined: {labels}." if labels else ""


def patients(c: Context) -> str:
    text = methods_paragraph(c.results, c.cohort, c.selection).paragraph("Patients")
    return f"{text} After the filters: {plural(c.cohort.n_patients, 'patient')}." if _filtered(c) else text


def _filtered(c: Context) -> bool:
    return bool(c.selection) or c.cohort.n_patients < c.cohort.unnarrowed().n_patients


def treatments(c: Context) -> str:
    sentences = []
    for name, variable in c.cohort.dictionary.variables.items():
        given = variable.starts_at == "treatment" or "treatment" in variable.section.casefold()
        if given and variable.kind == "flag" and c.cohort.has(name):
            there = asked_for(c.cohort, Wanted(names=(name,)))
            without, given_to = (there.n_of(there.flag(name) == mark) for mark in (0, 1))
            sentences.append(f"{variable.label} {format_count(given_to, without + given_to)}")
    return f"Recorded: {'; '.join(sentences)}." if sentences else ""


def followup(c: Context) -> str:
    said = []
    for name in endpoints_of(c.results):
        f = c.follow_up.get(name, NO_FOLLOW_UP)
        label, unit = c.cohort.dictionary.endpoints[name].label, c.cohort.dictionary.endpoints[name].unit
        if text := follow_up(f, unit):
            said.append(f"{label}: {text}.")
    return " ".join(said)


def endpoints(c: Context) -> str:
    return " ".join(endpoints_text(c.cohort, endpoints_of(c.results)))


def candidates(c: Context) -> str:
    return f"{plural(len(c.names), 'variable')}: {joined([c.label(n) for n in c.names])}." if c.names else ""


def size(c: Context) -> str:
    counts = _event_counts(c)
    message = "; ".join(f"{label}: {d:,} of {plural(n, 'patient')}" for label, n, d in counts)
    whole, n = c.cohort.unnarrowed().n_patients, c.cohort.n_patients
    filtered = f", {n:,} after the filters" if n < whole else ""
    said = f"The size is that of the file: {plural(whole, 'patient')}{filtered}" + (
        f"; events: {message}." if message else "."
    )
    tried = {id(s.model): s.n_events / len(s.candidates) for s in c.selections if s.candidates}
    per = [m.events_per_parameter for m in c.models if m.events_per_parameter is not None and id(m) not in tried]
    told = [f"Events per coefficient of a model: at the least {format_number(min(per), 1)}."] if per else []
    told += [f"Events per covariate that a selection tried: {format_number(min(tried.values()), 1)}."] if tried else []
    return " ".join([said, *told])


def _event_counts(c: Context) -> list[tuple[str, int, int]]:
    counts = []
    for name in endpoints_of(c.results):
        try:
            outcome = asked_for(c.cohort, Wanted((name,))).endpoint(name)
        except AnalysisError:
            continue
        counts.append((outcome.label, outcome.n, outcome.n_events))
    return counts


def events(c: Context) -> str:
    message = "; ".join(f"{label}: {plural(d, 'event')} in {plural(n, 'patient')}" for label, n, d in _event_counts(c))
    return f"{message}." if message else ""


def methods(c: Context) -> str:
    return methods_paragraph(c.results, c.cohort, c.selection).paragraph("Statistics")


def missing(c: Context) -> str:
    return methods_paragraph(c.results, c.cohort, c.selection).paragraph("Missing values") if c.results else ""


def cutpoints(c: Context) -> str:
    sentences = []
    for name in c.names:
        known = c.cohort.dictionary.groupings.get(name)
        if c.cohort.cut(name) or (known and (known.above is not None or known.at_least is not None)):
            sentences.append(f"{c.label(name)}: {' against '.join(c.cohort.factor(name).levels)}")
        elif known:
            sentences.append(f"{c.label(name)}: levels put together as {', '.join(c.cohort.factor(name).levels)}")
        elif name == N_SITES or name in c.cohort.number_names():
            sentences.append(
                f"{c.label(name)}: as a number, linear" if _linear(c, name) else f"{c.label(name)}: its values"
            )
    return f"{'; '.join(sentences)}." if sentences else ""


def _linear(c: Context, name: str) -> bool:
    return any(name in m.covariates for m in c.models) or any(name in m.covariates for m in c.of(ModelComparison))


def flow_of_patients(c: Context) -> str:
    said = [
        f"{plural(c.cohort.unnarrowed().n_patients, 'patient')} in the file, {c.cohort.n_patients:,} after the filters."
    ]
    if c.selection:
        said += flow(c.cohort, c.selection)
    for result in c.results:
        label, n = getattr(result, "label", ""), getattr(result, "n", None)
        if label and n is not None:
            d = getattr(result, "n_events", None)
            said.append(f"{label}: {n:,} analysed" + (f", {plural(d, 'event')}." if d is not None else "."))
    return said_once(said)


def exclusions(c: Context) -> str:
    partly = partly_recorded(c.results)
    said = [not_analysed(excluded_of(*c.results)), f"Sites recorded of some only: {partly}." if partly else ""]
    return " ".join(filter(None, said)) or ("Nobody was left out of an analysis." if c.results else "")


def diagram(c: Context) -> str:
    drawn = c.of(Flow)
    if not drawn:
        return "The flow diagram of the filters." if c.selection else ""
    return said_once(
        f"A flow diagram in {plural(len(f.steps), 'step')}, from {f.steps[0].n:,} to {plural(f.n, 'patient')}."
        for f in drawn
    )


def characteristics(c: Context) -> str:
    tables = c.of(Characteristics)
    if not tables:
        return ""
    sizes = [f"{plural(len(t.rows), 'characteristic')} of {plural(t.n, 'patient')}" for t in tables]
    return f"A table of {joined(list(dict.fromkeys(sizes)))}. {missing_counts(c)}"


def missing_counts(c: Context) -> str:
    """How many lack a value of what the results are about, tables' rows among it; without any, of every column."""
    rows = [row.name for t in c.of(Characteristics) for row in t.rows]
    names = [*c.names, *rows] or [n for n in c.cohort.columns if c.cohort.has(n)]
    asked = {c.label(n): c.cohort.n_missing(n) for n in names}
    lines = [f"{label} {n:,}" for label, n in asked.items() if n]
    if lines:
        return f"Without a value, of {plural(c.cohort.n_patients, 'patient')}: {_listed(lines)}."
    what = f"of the {plural(len(asked), 'variable')}" if len(asked) > 1 else f"of {next(iter(asked))}" if asked else ""
    return f"No value {what} is missing." if asked else ""


def relations(c: Context) -> str:
    tables = [r for r in c.of(Characteristics) if r.by]
    if not tables:
        return ""
    return said_once(f"{plural(len(r.rows), 'characteristic')} by {r.by_label}." for r in tables)


def univariable(c: Context) -> str:
    said = [s for r in c.of(UnivariateTable) for s in reading(r)[:2]]
    for km in [r for r in c.of(KaplanMeier) if r.by]:
        test = f", log-rank {test_p(km.test)}" if km.test.p is not None else f"; {NO_TEST}"
        said.append(f"{km.label} by {km.by_label}: curves{test}.")
    said += [reading(g)[0] for g in c.of(SurvivalGrid)]
    return said_once(said)


def multivariable(c: Context) -> str:
    several = [m for m in c.models if len(m.covariates) > 1]
    return said_once(_told(m) for m in several)


def full_model(c: Context) -> str:
    chosen = {id(s.model) for s in c.selections}
    whole = [m for m in c.models if len(m.covariates) > 1 and id(m) not in chosen]
    return f"Model of all the covariates named: {_told(whole[0])}" if whole else ""


def _told(model: CoxModel) -> str:
    from necc.present.words.reading.models import terms_told

    return f"Cox model of {model.label.lower()} ({counts(model.n, model.n_events)}): {terms_told(model)}"


def checks(c: Context) -> str:
    said = []
    for model in c.models:
        tests = [h for h in model.proportional_hazards if h.p is not None]
        last = [h for h in tests if h.term == GLOBAL] or tests
        if last:
            message = ", ".join(dict.fromkeys(t.label for t in model.terms))
            said.append(f"Proportional hazards of the model of {message}: {p_phrase(last[-1].p)}.")
    said += [
        f"Sensitivity analysis {sensitivity_rule(s.rule, s.left_out)}."
        for t in c.of(TreatmentTiming)
        for s in t.sensitivity
    ]
    if any(result.permutation and result.permutation.p is not None for result in c.of(SurvivalComparison)):
        said.append("The log-rank chi-square was referred to its permutation distribution.")
    for result in c.of(ModelComparison):
        if result.estimable:
            said.append(f"Internal validation: {result.repeats} times {result.folds}-fold cross-validation.")
    said += [f"Missing covariates imputed {m.imputations} times." for m in c.of(ImputedModel)]
    return said_once(said)


def limits(c: Context) -> str:
    said = [s for r in c.results for s in reading(r) if s.startswith(("Caution", "Every patient had"))]
    said += [sentence(g.saw) for r in (*c.results, *c.models) for g in getattr(r, "guardrails", ())]
    return said_once(said)


def bias(c: Context) -> str:
    said = []
    for t in c.of(TreatmentTiming):
        said.append(f"Time before {t.label} began was counted as untreated (time-dependent and landmark analyses).")
    said += [sentence(g.saw) for r in c.results for g in getattr(r, "guardrails", ()) if "selected" in g.code]
    return said_once(said)


def definitions(c: Context) -> str:
    return " ".join(s for s in (endpoints(c), factors(c)) if s)


def variables(c: Context) -> str:
    known, sentences = c.cohort.dictionary.variables, []
    for name in c.names:
        variable = known.get(name)
        if variable:
            sentences.append(f"{variable.label} ({variable.unit or ', '.join(variable.levels) or variable.kind})")
    return f"Variables and their values: {_listed(sentences)}." if sentences else ""


def subgroups(c: Context) -> str:
    said = [f"Interactions of {' and '.join(p)} by likelihood ratio." for m in c.models for p in interactions_of(m)]
    for t in c.of(SubgroupTable):
        tests = f", with {plural(t.n_tests, 'test')} of interaction" if t.n_tests else ""
        said.append(f"{t.exposure_label} in {plural(len(t.rows) - 1, 'subgroup')}{tests}.")
    if _filtered(c):
        said.insert(0, "All results are of the patients after the filters, a subgroup of the file.")
    return said_once(said) or ("No subgroup was analysed." if c.results else "")


def censoring(c: Context) -> str:
    counts = _event_counts(c)
    message = "; ".join(f"{label}: {n - d:,} of {plural(n, 'patient')}" for label, n, d in counts)
    return f"Patients without the event were censored at their last follow-up ({message})." if message else ""


def estimates(c: Context) -> str:
    return " ".join(filter(None, (univariable(c), multivariable(c))))


def absolute(c: Context) -> str:
    said = [s for km in c.of(KaplanMeier) for s in reading(km) if s.startswith("At ")]
    for f in c.of(FixedTimes):
        times = joined([f"{t.time:g}" for t in f.times])
        differences = ", with differences" if any(t.contrasts for t in f.times) else ""
        said += [f"Survival at {times} {f.unit}{differences}."] if times else []
    said += [f"Restricted means up to {format_number(r.tau)} {r.unit}." for r in c.of(RestrictedMean) if r.tau]
    said += [f"Cumulative incidences of {f.label.lower()}." for f in c.of(CumulativeIncidence) if f.n]
    said += [f"{km.label} by {km.by_label}: survival itself at every time, as curves." for km in c.of(KaplanMeier)
             if km.by and km.n]  # fmt: skip
    return said_once(said)


def others(c: Context) -> str:
    return " ".join(s for s in (subgroups(c), checks(c)) if s)


def multiplicity(c: Context) -> str:
    """How many tests were made, each family of them with the number that its p is adjusted for."""
    families = dict.fromkeys((_family(r), n) for r in c.results if (n := getattr(r, "n_tests", 0)))
    listed = joined([f"{label} {n:,}" for label, n in families])
    return f"Tests made, and p adjusted for their number within each: {listed}." if families else ""


def _family(result: object) -> str:
    """What the tests of a result are about."""
    by = getattr(result, "by_label", "")
    label = getattr(result, "label", "") or getattr(result, "response_label", "") or FAMILIES.get(type(result), "")
    kind = (
        f" ({FAMILIES[type(result)]})"
        if label and label != FAMILIES.get(type(result)) and type(result) in FAMILIES
        else ""
    )
    return f"{label}{kind}{f' by {by}' if by else ''}"


FACTS: dict[str, Callable[[Context], str]] = {
    f.__name__: f
    for f in (
        factors, patients, treatments, followup, endpoints, candidates, size, events, methods, missing, cutpoints,
        exclusions, diagram, characteristics, missing_counts, relations, univariable, multivariable, full_model, checks,
        limits, bias, definitions, variables, subgroups, censoring, estimates, absolute, others, multiplicity,
    )
}  # fmt: skip
FACTS["flow"] = flow_of_patients
