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
from necc.analysis.prediction import ModelComparison
from necc.analysis.regression import CoxModel, ImputedModel, StepwiseResult, SubgroupTable, UnivariateTable
from necc.analysis.survival import FixedTimes, KaplanMeier, RestrictedMean, SurvivalComparison, SurvivalGrid
from necc.analysis.treatment import TreatmentTiming
from necc.core.cohort import CUT, Cohort
from necc.core.dictionary import N_SITES
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.selection import Selection
from necc.core.text import format_count, format_number, joined, p_phrase, plural
from necc.present.words.methods import endpoints_of, endpoints_text, flow, methods_paragraph
from necc.present.words.phrases import counts, follow_up, not_analysed, sentence
from necc.present.words.reading import reading

T = TypeVar("T")
NO_FOLLOW_UP = Estimate(None, None, None)
MOST_TOLD = 12  # of a list in a sentence; more are counted


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
        result += [t.multivariable for t in self.of(UnivariateTable) if t.multivariable]
        return result + [s.model for s in self.of(StepwiseResult) if s.model]

    @cached_property
    def names(self) -> list[str]:
        """Every factor and covariate that a result is about."""
        result = [getattr(r, "by", None) for r in self.results]
        result += [p.by for g in self.of(SurvivalGrid) for p in g.panels]
        result += [name for m in self.models for name in m.covariates]
        result += [row.variable for t in self.of(UnivariateTable) for row in t.rows]
        result += [name for s in self.of(StepwiseResult) for name in s.candidates]
        result += [name for c in self.of(ModelComparison) for name in c.covariates]
        result += [name for t in self.of(SubgroupTable) for name in (t.exposure, *t.adjusted_for)]
        return list(dict.fromkeys(name for name in result if name))

    def label(self, name: str) -> str:
        try:
            return self.cohort.factor(name).label
        except AnalysisError:
            known = self.cohort.dictionary.variables.get(name)
            return known.label if known else name


def _listed(items: Iterable[str]) -> str:
    items = list(dict.fromkeys(items))
    if len(items) <= MOST_TOLD:
        return joined(items)
    return f"{', '.join(items[:MOST_TOLD])} and {len(items) - MOST_TOLD} more"


def factors(c: Context) -> str:
    labels = _listed(c.label(n) for n in c.names)
    return f"Examined: {labels}." if labels else ""


def patients(c: Context) -> str:
    text = methods_paragraph((), c.cohort, c.selection).paragraph("Patients")
    return f"{text} Analysed: {plural(len(c.cohort), 'patient')}."


def treatments(c: Context) -> str:
    sentences = []
    for name, variable in c.cohort.dictionary.variables.items():
        given = variable.starts_at == "treatment" or "treatment" in variable.section.casefold()
        if given and variable.kind == "flag" and c.cohort.has(name):
            without, given_to = c.cohort.factor(name).counts()
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
    message = "; ".join(f"{label}: {d:,} of {n:,}" for label, n, d in counts)
    said = f"The size is that of the file: {plural(len(c.cohort), 'patient')}" + (
        f"; events: {message}." if message else "."
    )
    per = [m.events_per_parameter for m in c.models if m.events_per_parameter is not None]
    return f"{said} Events per coefficient, at the least: {format_number(min(per), 1)}." if per else said


def _event_counts(c: Context) -> list[tuple[str, int, int]]:
    counts = []
    for name in endpoints_of(c.results):
        try:
            outcome = c.cohort.endpoint(name)
        except AnalysisError:
            continue
        counts.append((outcome.label, outcome.n, outcome.n_events))
    return counts


def events(c: Context) -> str:
    message = "; ".join(f"{label}: {d:,} events in {plural(n, 'patient')}" for label, n, d in _event_counts(c))
    return f"{message}." if message else ""


def methods(c: Context) -> str:
    return methods_paragraph(c.results, c.cohort, c.selection).paragraph("Statistics")


def missing(c: Context) -> str:
    return methods_paragraph(c.results, c.cohort, c.selection).paragraph("Missing values") if c.results else ""


def cutpoints(c: Context) -> str:
    sentences = []
    for name in c.names:
        known = c.cohort.dictionary.groupings.get(name)
        if CUT.match(name) or (known and (known.above is not None or known.at_least is not None)):
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
    said = [f"{plural(len(c.cohort.whole), 'patient')} in the file, {len(c.cohort):,} after the filters."]
    if c.selection and c.selection.conditions:
        said += flow(c.cohort, c.selection)
    for result in c.results:
        label, n = getattr(result, "label", ""), getattr(result, "n", None)
        if label and n is not None:
            d = getattr(result, "n_events", None)
            said.append(f"{label}: {n:,} analysed" + (f", {d:,} events." if d is not None else "."))
    return " ".join(dict.fromkeys(said))


def exclusions(c: Context) -> str:
    excluded = dict.fromkeys(e for result in c.results for e in getattr(result, "excluded", ()))
    return not_analysed(excluded) or "Nobody was left out of an analysis."


def diagram(c: Context) -> str:
    return "The attrition figure of the filters." if c.selection and c.selection.conditions else ""


def characteristics(c: Context) -> str:
    tables = c.of(Characteristics)
    if not tables:
        return ""
    message = f"A table of {plural(len(tables[0].rows), 'characteristic')} of {plural(tables[0].n, 'patient')}."
    return f"{message} {missing_counts(c)}"


def missing_counts(c: Context) -> str:
    known = c.cohort.dictionary.variables
    asked = {c.label(n): c.cohort.n_missing(n) for n in c.names} or {
        known[n].label: c.cohort.n_missing(n) for n in c.cohort.columns if c.cohort.has(n)
    }
    lines = [f"{label} {n:,}" for label, n in asked.items() if n]
    return f"Without a value, of {len(c.cohort):,}: {_listed(lines)}." if lines else "No value is missing."


def relations(c: Context) -> str:
    tables = [r for r in c.of(Characteristics) if r.by]
    if not tables:
        return ""
    return " ".join(f"{len(r.rows)} characteristics by {r.by_label}." for r in tables)


def univariable(c: Context) -> str:
    said = [s for r in c.of(UnivariateTable) for s in reading(r)[:2]]
    for km in [r for r in c.of(KaplanMeier) if r.by]:
        said.append(f"{km.label} by {km.by_label}: curves, log-rank {p_phrase(km.test.p)}.")
    said += [reading(g)[0] for g in c.of(SurvivalGrid)]
    return " ".join(said)


def multivariable(c: Context) -> str:
    several = [m for m in c.models if len(m.covariates) > 1]
    return " ".join(_told(m) for m in several)


def full_model(c: Context) -> str:
    chosen = {id(s.model) for s in c.of(StepwiseResult)}
    whole = [m for m in c.models if len(m.covariates) > 1 and id(m) not in chosen]
    return f"No covariate was selected by its p: {_told(whole[0])}" if whole else ""


def _told(model: CoxModel) -> str:
    from necc.present.words.reading.models import terms_told

    return f"Cox model of {model.label.lower()} ({counts(model.n, model.n_events)}): {terms_told(model)}"


def checks(c: Context) -> str:
    said = []
    for model in c.models:
        last = [h for h in model.proportional_hazards if h.term == "GLOBAL"] or list(model.proportional_hazards)
        if last:
            message = ", ".join(dict.fromkeys(t.label for t in model.terms))
            said.append(f"Proportional hazards of the model of {message}: {p_phrase(last[-1].p)}.")
    said += [
        f"Sensitivity analysis {s.rule} (left out: {s.left_out})." for t in c.of(TreatmentTiming) for s in t.sensitivity
    ]
    if any(result.permutation and result.permutation.p is not None for result in c.of(SurvivalComparison)):
        said.append("The log-rank chi-square was also referred to its permutation distribution.")
    for result in c.of(ModelComparison):
        if result.estimable:
            said.append(f"Internal validation: {result.repeats} times {result.folds}-fold cross-validation.")
    said += [f"Missing covariates imputed {m.imputations} times." for m in c.of(ImputedModel)]
    return " ".join(dict.fromkeys(said))


def limits(c: Context) -> str:
    said = [s for r in c.results for s in reading(r) if s.startswith(("Caution", "Every patient had"))]
    said += [sentence(g.saw) for r in (*c.results, *c.models) for g in getattr(r, "guardrails", ())]
    return " ".join(dict.fromkeys(said))


def bias(c: Context) -> str:
    said = []
    for t in c.of(TreatmentTiming):
        said.append(f"Time before {t.label} began was counted as untreated (time-dependent and landmark analyses).")
    said += [sentence(g.saw) for r in c.results for g in getattr(r, "guardrails", ()) if "selected" in g.code]
    return " ".join(dict.fromkeys(said))


def matching(c: Context) -> str:
    return "Not matched."


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
    said = [f"Interactions of {' and '.join(pair)} by likelihood ratio." for m in c.models for pair in m.interactions]
    said += [
        f"{t.exposure_label} in {plural(len(t.rows) - 1, 'subgroup')}, with tests of interaction."
        for t in c.of(SubgroupTable)
    ]
    return " ".join(said) or ("No subgroup was analysed." if c.results else "")


def censoring(c: Context) -> str:
    counts = _event_counts(c)
    message = "; ".join(f"{label}: {n - d:,} of {n:,} censored" for label, n, d in counts)
    return f"Patients without the event were censored at their last follow-up ({message})." if message else ""


def estimates(c: Context) -> str:
    return " ".join(s for s in (univariable(c), multivariable(c)) if s)


def absolute(c: Context) -> str:
    said = [s for km in c.of(KaplanMeier) for s in reading(km) if s.startswith("At ")]
    said += [
        f"Survival at {joined([f'{t.time:g}' for t in f.times])} {f.unit}, with differences."
        for f in c.of(FixedTimes)
        if f.times
    ]
    said += [f"Restricted means up to {format_number(r.tau)} {r.unit}." for r in c.of(RestrictedMean) if r.tau]
    said += [f"Cumulative incidences of {f.label.lower()}." for f in c.of(CumulativeIncidence) if f.n]
    return " ".join(said)


def others(c: Context) -> str:
    return " ".join(s for s in (subgroups(c), checks(c)) if s)


def multiplicity(c: Context) -> str:
    tests = sum(len(g.panels) for g in c.of(SurvivalGrid)) + sum(len(t.rows) for t in c.of(UnivariateTable))
    tests += sum(len([row for row in r.rows if row.test]) for r in c.of(Characteristics))
    return (
        f"{plural(tests, 'test')} in tables and panels; p adjusted for their number stands beside p." if tests else ""
    )


FACTS: dict[str, Callable[[Context], str]] = {
    f.__name__: f
    for f in (
        factors, patients, treatments, followup, endpoints, candidates, size, events, methods, missing, cutpoints,
        exclusions, diagram, characteristics, missing_counts, relations, univariable, multivariable, full_model, checks,
        limits, bias, matching, definitions, variables, subgroups, censoring, estimates, absolute, others, multiplicity,
    )
}  # fmt: skip
FACTS["flow"] = flow_of_patients
