"""A Methods paragraph from what was done: every choice, count and version, and nothing that wasn't done.

Each kind of result tells its own method in sentences; what several results share is said once.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import singledispatch
from importlib.metadata import PackageNotFoundError, version

from necc import __version__
from necc.analysis.baseline import Characteristics
from necc.analysis.competing import RULE_MEANING, CumulativeIncidence, HazardsByCause
from necc.analysis.prediction import ModelComparison, PatientPrediction
from necc.analysis.proportions import Convention, TestResult
from necc.analysis.recurrence import CoOccurrence, SiteDistribution
from necc.analysis.regression import CoxModel, ImputedModel, StepwiseResult, SubgroupTable, UnivariateTable
from necc.analysis.regression.stepwise import REMOVAL
from necc.analysis.response import ResponseBySite, ResponseRates
from necc.analysis.subcohorts import SideBySide
from necc.analysis.survival import (
    SMALL_GROUPS,
    FixedTimes,
    KaplanMeier,
    LogRank,
    Parametric,
    RestrictedMean,
    ShownCurve,
    SurvivalComparison,
    SurvivalGrid,
)
from necc.analysis.treatment import TreatmentTiming
from necc.core.cohort import Cohort
from necc.core.guardrails import MINIMUM_EXPECTED
from necc.core.selection import Selection
from necc.core.text import format_number, joined, plural
from necc.core.time_to_event import origin_of
from necc.present.words.captions.parametric import FAMILY_NAMES, followed
from necc.present.words.phrases import (
    TRANSFORMS,
    adjusted_for,
    counts,
    excluded_of,
    exclusions,
    follow_up,
    interactions_of,
    sensitivity_rule,
    test_name,
    ties,
)
from necc.present.words.rules import made, rule_of, used

PACKAGES = ("numpy", "scipy", "pandas")
MOST_TOLD = 12  # of a list in a sentence; more are counted
SITES_OVERLAP = "Each site was compared with all patients without it."


@dataclass(frozen=True)
class MethodsText:
    """A Methods text: (heading, paragraph) in order."""

    paragraphs: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All of it as one paragraph."""
        return " ".join(paragraph for _, paragraph in self.paragraphs)

    def paragraph(self, heading: str) -> str:
        """The paragraph under a heading; empty where there is none."""
        return dict(self.paragraphs).get(heading, "")

    def to_dict(self) -> dict[str, object]:
        return {"text": self.text, "paragraphs": [{"heading": h, "text": p} for h, p in self.paragraphs]}


def methods_paragraph(results: Iterable[object], cohort: Cohort, selection: Selection | None = None) -> MethodsText:
    """The Methods text of some results.

    Args:
        results: what was computed, in any order; kinds that have no method of their own are passed over.
        cohort: the cohort as loaded or filtered; the text starts from all its patients.
        selection: the filters between the loaded cohort and the results.

    Example:
        >>> text = methods_paragraph([kaplan_meier(cohort, "PRS")], cohort)
    """
    results = list(results)
    statistics = list(dict.fromkeys(s for result in results for s in method(result)))
    parts = [
        ("Patients", _patients(cohort, selection, results)),
        ("Endpoints", endpoints_text(cohort, endpoints_of(results))),
        ("Statistics", [*statistics, *_always(results)] if statistics else []),
        ("Missing values", _missing(results)),
        ("Software", [software(results)]),
    ]
    return MethodsText(tuple((heading, " ".join(sentences)) for heading, sentences in parts if sentences))


# ---------------------------------------------------------------- patients, endpoints, software
def _patients(cohort: Cohort, selection: Selection | None, results: Sequence[object]) -> list[str]:
    whole, source = cohort.unnarrowed(), cohort.source
    # The digest alone tells which file it was: its name may hold initials, a ward or a date.
    said = [f"The data are {plural(whole.n_patients, 'patient')} of one file (SHA-256 {source.file_mark[:12]}…)."]
    if source.edits:
        steps = "; ".join(source.edits)
        said.append(f"After reading, {plural(len(source.edits), 'edit')} changed how they are read: {steps}.")
    if source.notice:
        said.append(source.notice if source.notice.endswith(".") else f"{source.notice}.")
    said += flow(cohort, selection)
    if whole.site_names:
        said.append(
            f"Sites of recurrence were read as {whole.scheme.label or whole.scheme.name}; a patient may have several."
        )
    if names := exclusions(e for e in excluded_of(*results) if not e.is_missing):
        said.append(f"Not analysed for another reason than a missing value: {names}.")
    return said


def flow(cohort: Cohort, selection: Selection | None) -> list[str]:
    """Who was selected, filter by filter."""
    if not selection:
        return ["No filter was set."] if cohort.n_patients == cohort.unnarrowed().n_patients else [
            f"{plural(cohort.n_patients, 'patient')} of them were selected."
        ]  # fmt: skip
    steps = selection.attrition(cohort.unnarrowed())
    parts = [
        f"{s.label} ({s.n_before:,} to {s.n_after:,}"
        + (f", {s.n_missing_left_out:,} left out without a value)" if s.n_missing_left_out else ")")
        for s in steps
    ]
    order = ", one after the other" if len(parts) > 1 else ""
    return [f"Patients were selected by {plural(len(parts), 'filter')}{order}: {'; '.join(parts)}."]


def endpoints_of(results: Iterable[object]) -> tuple[str, ...]:
    """Names of the endpoints that some results are about."""
    names = (getattr(r, "endpoint", "") for r in results)
    return tuple(dict.fromkeys(n for n in names if n))


def endpoints_text(cohort: Cohort, names: Sequence[str]) -> list[str]:
    """How each endpoint is defined."""
    said = []
    for name in names:
        endpoint = cohort.dictionary.endpoints.get(name)
        if endpoint:
            known = endpoint.defined_as or (f"counted from {origin}" if (origin := origin_of(endpoint.origin)) else "")
            what = f": {known}" if known else "; the file doesn't say from when it is counted"
            short = f"{name}, " if name != endpoint.label else ""
            said.append(f"{endpoint.label} ({short}in {endpoint.unit}){what}.")
    return said


def software(results: Iterable[object]) -> str:
    """Program, language and packages with their versions."""
    names = list(PACKAGES)
    if any(isinstance(r, (ModelComparison, PatientPrediction)) for r in results):
        names.append("scikit-survival")
    if any(isinstance(r, Parametric) for r in results):
        names.append("lifelines")
    if any(isinstance(r, ImputedModel) for r in results):
        names.append("scikit-learn")
    packages = [f"{name} {_version(name)}" for name in names]
    return f"Computed with necc {__version__} in Python {platform.python_version()} ({', '.join(packages)})."


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


# ---------------------------------------------------------------- what holds for all
def _always(results: Sequence[object]) -> list[str]:
    said = ["p-values are two-sided."] if any(map(_tested, results)) else []
    levels = {level for r in results if (level := getattr(r, "level", None)) is not None}
    if levels:
        said.append(f"Confidence limits are at {joined([f'{100 * v:g} %' for v in sorted(levels)])}.")
    return said


def partly_recorded(results: Iterable[object]) -> str:
    """The sites that aren't recorded of everybody, with of how many they are; empty where all are."""
    known = {
        site.label: (site.of, r.n)
        for r in results
        if isinstance(r, SiteDistribution)
        for site in r.sites
        if site.of < r.n
    }
    for r in (r for r in results if isinstance(r, CoOccurrence)):
        labels = dict(zip(r.sites, r.labels, strict=True))
        for pair in (pair for pair in r.pairs if pair.of < r.n):
            known.setdefault(" and ".join(labels[s] for s in pair.sites), (pair.of, r.n))
    shown = [f"{label} in {of:,} of {n:,}" for label, (of, n) in known.items()]
    return joined(shown[:MOST_TOLD]) + (f" and {len(shown) - MOST_TOLD} more" if len(shown) > MOST_TOLD else "")


def _tested(result: object) -> bool:
    """Whether a result, or a part of it, holds a p."""
    if isinstance(result, (tuple, list)):
        return any(map(_tested, result))
    if not is_dataclass(result) or isinstance(result, type):
        return False
    held = {f.name: getattr(result, f.name) for f in fields(result)}
    return held.get("p") is not None or any(map(_tested, held.values()))


def _missing(results: Sequence[object]) -> list[str]:
    imputed = [r for r in results if isinstance(r, ImputedModel)]
    blanks = {row.name: row for r in results if isinstance(r, Characteristics) for row in r.rows if row.n_missing}
    said = []
    if names := exclusions(e for e in excluded_of(*results) if e.is_missing):
        said.append(f"Patients without a value that an analysis needs were not analysed there: {names}.")
    elif results and not blanks and not partly_recorded(results):
        said.append("No patient was left out of an analysis for a missing value.")
    if partly := partly_recorded(results):
        said.append(f"A site was counted among those of whom it is recorded: {partly}.")
    if blanks:
        rows = [row for r in results if isinstance(r, Characteristics) for row in r.rows if row.name in blanks]
        most = max(row.n_missing for row in rows)
        tested = "; tests leave them out" if any(made((row.test,)) for row in rows) else ""
        said.append(
            f"Of the characteristics, {plural(len(blanks), 'has', 'have')} missing values, at the most in "
            f"{plural(most, 'patient')}{tested}."
        )
    if imputed:
        said.append(f"Missing covariates were also imputed, {imputed[0].imputations} times.")
    return said


# ---------------------------------------------------------------- one sentence a method
@singledispatch
def method(result: object) -> tuple[str, ...]:
    """How a result was computed, in sentences."""
    return ()


def _adjusted(n_tests: int, how: str, what: str, several: str | None = None) -> tuple[str, ...]:
    """How p was adjusted for the tests that could be made; nothing where there was none."""
    return (f"p was {adjusted_for(n_tests, how, what, several)}.",) if n_tests else ()


def _compared(tests: Iterable[TestResult | None], convention: Convention) -> tuple[str, ...]:
    """How groups were compared, by the kinds of tests that were made."""
    known = made(tests)
    if not known:
        return ()
    rule = rule_of(known, convention)
    return (f"Groups were compared by tests chosen as follows: {rule}.", f"Tests made: {used(known)}.")


def _follow_up(km: KaplanMeier) -> tuple[str, ...]:
    shown = follow_up(km.followup, km.unit)
    return ("Median follow-up was estimated by the reverse Kaplan-Meier method.",) if shown else ()


def _curves(km: KaplanMeier) -> tuple[str, ...]:
    if not km.n:
        return ()
    limits = (
        f"Survival was estimated by the Kaplan-Meier method with Greenwood's variance and {km.ci} confidence limits."
    )
    return (limits, *_follow_up(km))


@method.register
def _(km: KaplanMeier) -> tuple[str, ...]:
    tested = ("Groups were compared by the log-rank test.",) if km.test.p is not None else ()
    return (*_curves(km), *tested, *_permuted([km.test]))


@method.register
def _(shown: ShownCurve) -> tuple[str, ...]:
    if shown.show != "cumulative hazard":
        return ()
    return ("The cumulative hazard was estimated by the Nelson-Aalen method with variance \u2211 d / n\u00b2.",)


@method.register
def _(grid: SurvivalGrid) -> tuple[str, ...]:
    if not grid.panels:
        return ()
    tested = ("Groups were compared by the log-rank test.", SITES_OVERLAP) if grid.n_tests else ()
    permuted = _permuted([p.test for p in grid.panels])
    return (*_curves(grid.panels[0]), *tested, *permuted, *_adjusted(grid.n_tests, grid.adjustment, "site"))


@method.register
def _(result: SideBySide) -> tuple[str, ...]:
    if result.curves is None:
        return ()
    tests = [p.test for p in result.pairs if p.test is not None]
    made_any = result.n_tests > 0
    tested = ("Sub-cohorts that share no patient were compared by the log-rank test.",) if made_any else ()
    return (*_curves(result.curves), *tested, *_permuted(tests), *_adjusted(result.n_tests, result.adjustment, "pair"))


def _permuted(tests: Sequence[LogRank]) -> tuple[str, ...]:
    """Which p came from a permutation, where any did."""
    if not any(t.p is not None and t.p_by == "permutation" for t in tests):
        return ()
    least = f"fewer than {MINIMUM_EXPECTED} expected events"
    return (f"Where a group had {least}, p was taken from the permutation distribution of the test.",)


@method.register
def _(result: SurvivalComparison) -> tuple[str, ...]:
    tests = [test_name(t.name) for t in result.tests if t.p is not None]
    if not tests:
        return ()
    said = [
        f"{result.label} was compared by {result.by_label} with the {joined(tests)} "
        f"{'test' if len(tests) == 1 else 'tests'}"
        + (f", stratified by {joined(result.strata_labels)}." if result.strata_labels else ".")
    ]
    if result.trend and result.trend.p is not None:
        said.append("Trend over ordered levels was tested by the log-rank test for trend.")
    if result.n_tests:
        said.append(f"Pairs of levels were compared by the {test_name(result.pairs_weighting)} test.")
    said += _adjusted(result.n_tests, result.adjustment, "pair")
    if result.permutation and result.permutation.p is not None:
        p = result.permutation
        how = "all assignments" if p.method == "exact" else f"{p.draws:,} random assignments, seed {p.seed}"
        why = f", as {SMALL_GROUPS}" if result.has_small_groups else ""
        also = "" if result.tests[0].p_by == "permutation" else "also "
        said.append(f"The log-rank chi-square was {also}referred to its permutation distribution ({how}){why}.")
    others = [*result.tests[1:], *(pair.test for pair in result.pairs)]
    said += _permuted([*others, *([result.trend] if result.trend else [])])
    return tuple(said)


@method.register
def _(result: RestrictedMean) -> tuple[str, ...]:
    if not result.tau:
        return ()
    compared = "compared by difference and ratio" if result.contrasts else "estimated"
    return (
        f"Restricted mean survival times up to {format_number(result.tau, 1)} {result.unit} ({result.tau_rule}) were "
        f"{compared}.",
    )


@method.register
def _(result: FixedTimes) -> tuple[str, ...]:
    times = joined([f"{t.time:g}" for t in result.times])
    compared = "compared" if any(t.contrasts for t in result.times) else "estimated"
    return (f"Survival was {compared} at {times} {result.unit}, with {result.ci} limits.",) if result.times else ()


@method.register
def _(result: Parametric) -> tuple[str, ...]:
    families = result.in_any
    if not families:
        return ()
    names = joined([FAMILY_NAMES[f] for f in families])
    alone = f", each level of {result.by_label} alone" if result.by else ""
    compared = f"{',' if alone else ''} and compared by Akaike's information criterion" if len(families) > 1 else ""
    said = [
        f"Parametric curves of {result.label} ({names}) were fitted by maximum likelihood{alone}{compared}; limits are "
        "by the delta method."
    ]
    if "spline" in families:
        said.append(
            "The spline is a natural cubic one of the log cumulative hazard against log time with "
            f"{plural(result.n_knots, 'inner knot')} at centiles of the event times."
        )
    if until := followed(result):
        said.append(
            f"Curves were extrapolated to {format_number(result.horizon).removesuffix('.0')} {result.unit}; the "
            f"follow-up ended at {until}."
        )
    return tuple(said)


@method.register
def _(model: CoxModel) -> tuple[str, ...]:
    if not model.n:
        return ()
    labels = ", ".join(dict.fromkeys(t.label for t in model.terms))
    if not any(t.estimable for t in model.terms):
        return (
            f"A Cox model of {model.label} was asked for and couldn't be fitted ({counts(model.n, model.n_events)}).",
        )
    said = [
        f"Cox's proportional hazards model was fitted by {model.method} with {ties(model.ties)} on "
        f"complete cases ({model.label}: {plural(model.n, 'patient')}, {plural(model.n_events, 'event')}; "
        f"covariates {labels})."
    ]
    if model.strata:
        said.append(f"Its baseline hazard was stratified by {joined(model.strata_labels)}.")
    if model.interactions:
        names = joined([f"{a} with {b}" for a, b in interactions_of(model)])
        said.append(f"Interactions: {names}, by likelihood-ratio tests.")
    if any(t.method == "firth profile" for t in model.terms):
        said.append("Its limits are those of the profile likelihood, as the partial likelihood had no finite maximum.")
    if any(h.p is not None for h in model.proportional_hazards):
        said.append(f"Proportional hazards were tested by the score test on {TRANSFORMS[model.transform]}.")
    return tuple(said)


@method.register
def _(table: UnivariateTable) -> tuple[str, ...]:
    said = (
        f"Each covariate ({len(table.rows):,}) was entered alone into a Cox model ({ties(table.ties)}) on its own "
        "complete cases.",
        *_adjusted(table.n_tests, table.adjustment, "covariate"),
    )
    beside = table.selection or table.multivariable
    return (*said, *(method(beside) if beside else ()))


@method.register
def _(result: StepwiseResult) -> tuple[str, ...]:
    said = [
        f"Covariates were selected forward (entered by the score test at p < {result.entry_p:g}, removed by the "
        f"{REMOVAL[result.method]} test at p > {result.removal_p:g}) from "
        f"{plural(len(result.candidates), 'candidate')} on {plural(result.n, 'complete case')}."
    ]
    if result.bootstrap:
        said.append(f"The stability of the selection was judged in {result.bootstrap} bootstrap samples.")
    return (*said, *(method(result.model) if result.model else ()))


@method.register
def _(result: ImputedModel) -> tuple[str, ...]:
    return (
        f"Missing covariates were imputed {result.imputations} times by chained equations (seed {result.seed}) with "
        "the event and the cumulative hazard among the predictors, and estimates were pooled by Rubin's rules.",
    )


@method.register
def _(table: SubgroupTable) -> tuple[str, ...]:
    adjusted = f", adjusted for {joined(table.adjusted_labels)}" if table.adjusted_for else ""
    tested = "; interactions were tested by likelihood ratio" if table.n_tests else ""
    return (
        f"The hazard ratio of {table.exposure_label} was estimated in subgroups{adjusted}{tested}.",
        *_adjusted(table.n_tests, table.adjustment, "interaction"),
    )


@method.register
def _(result: CumulativeIncidence) -> tuple[str, ...]:
    said = [f"Cumulative incidences were estimated by the Aalen-Johansen method with {result.ci} limits."]
    if result.rule:
        said.append(f"Of recurrences at several sites: {RULE_MEANING.get(result.rule, result.rule)}.")
    if result.n_tests:
        stratified = f", stratified by {result.strata_label}" if result.strata_label else ""
        said.append(f"They were compared by Gray's test{stratified}.")
        said += _adjusted(result.n_tests, result.adjustment, "kind of event", "kinds of event")
    return tuple(said)


@method.register
def _(result: TreatmentTiming) -> tuple[str, ...]:
    ways = (result.naive, result.time_dependent, *([result.landmark] if result.landmark else []))
    if all(way.hazard_ratio.value is None and way.test.p is None for way in ways):
        return ()
    late = result.bias.median_start
    said = [
        f"{result.label}{' started after time zero; it' if late else ''} was analysed as time-dependent (Cox model on "
        f"intervals, {ties(result.ties)}; Mantel-Byar test; Simon-Makuch curves)"
        + (
            f" and from a landmark at {format_number(result.landmark.landmark, 1)} {result.unit}"
            if result.landmark
            else ""
        )
        + ", beside the comparison of ever with never treated."
    ]
    said += [f"Sensitivity analysis {sensitivity_rule(s.rule, s.left_out)}." for s in result.sensitivity]
    return tuple(said)


@method.register
def _(result: SiteDistribution) -> tuple[str, ...]:
    if not result.n:
        return ()
    return (
        "Shares have exact (Clopper-Pearson) limits.",
        *_compared((t.test for t in result.tests), result.convention),
        *_adjusted(result.n_tests, result.adjustment, "site"),
    )


@method.register
def _(result: ResponseRates) -> tuple[str, ...]:
    return (
        f"Objective response was CR or PR and disease control CR, PR or SD ({result.response_label.lower()}), out of "
        f"{result.counted}.",
        "Shares have exact (Clopper-Pearson) limits.",
        *_compared((result.test,), result.convention),
    )


@method.register
def _(result: ResponseBySite) -> tuple[str, ...]:
    if not result.panels:
        return ()
    first, tests = result.panels[0], [panel.test for panel in result.panels]
    compared = _compared(tests, first.convention)
    return (
        *method(replace(first, test=None)), *compared, *([SITES_OVERLAP] if compared else []),
        *_adjusted(result.n_tests, result.adjustment, "site"),
    )  # fmt: skip


@method.register
def _(result: CoOccurrence) -> tuple[str, ...]:
    return (
        "Pairs of sites were compared with chance by odds ratios.",
        *_compared((pair.test for pair in result.pairs), result.convention),
        *_adjusted(result.n_tests, result.adjustment, "pair of sites", "pairs of sites"),
    )


@method.register
def _(result: HazardsByCause) -> tuple[str, ...]:
    if not result.rows:
        return ()
    labels = joined(list(dict.fromkeys(r.term.label for r in result.rows)))
    return (
        f"Cause-specific hazards (Cox) and subdistribution hazards (Fine-Gray) were modelled on {labels}, in "
        f"{plural(result.n, 'patient')} with all of them recorded.",
    )


@method.register
def _(result: Characteristics) -> tuple[str, ...]:
    if not result.n or not result.rows:
        return ()
    of = "all patients of a group" if result.by else "all patients"
    said = [f"Percentages are {f'of {of}' if result.denominator == 'all' else 'of patients with a known value'}."]
    if any(row.smd and row.smd.value is not None for row in result.rows):
        said.append("Differences are also given in standard deviations.")
    return (
        *_compared((row.test for row in result.rows), result.convention), *said,
        *_adjusted(result.n_tests, result.adjustment, "test"),
    )  # fmt: skip


@method.register
def _(result: ModelComparison) -> tuple[str, ...]:
    if not result.estimable:
        return ()
    models, n = joined([f"{m.label} ({m.settings})" for m in result.candidates]), len(result.candidates)
    against = f"{result.comparator_label} alone and " if result.comparator else ""
    return (
        f"{plural(n, 'prediction model')} of {joined(result.covariate_labels)} {'was' if n == 1 else 'were'} compared "
        f"with {against}no model: {models}.",
        f"They were judged by {result.repeats} times {result.folds}-fold cross-validation, folds having equal shares "
        "of events "
        f"(seed {result.seed}; {plural(result.n, 'patient')}, {plural(result.n_events, 'event')}), on measures up to "
        f"{format_number(result.horizon, 1)} {result.unit}: Harrell's C, which decided, Uno's C, the time-dependent "
        "AUC, the integrated Brier score, calibration and net benefit, weighted for censoring.",
        "Intervals of cross-validated means are corrected resampled t intervals; those of differences were widened "
        "for the number of models.",
    )


@method.register
def _(result: PatientPrediction) -> tuple[str, ...]:
    return (
        f"A patient's curve was predicted by {result.model_label} ({result.settings}) with a percentile band of "
        f"{result.bootstraps} bootstrap samples (seed {result.seed}).",
    )
