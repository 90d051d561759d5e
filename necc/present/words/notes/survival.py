"""Under the tables of survival, its tests, competing events and a treatment with a start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from necc.analysis.competing import ONE_MINUS_KM, CumulativeIncidence, HazardsByCause
from necc.analysis.survival import (
    ALIKE,
    FixedTimes,
    KaplanMeier,
    Parametric,
    RestrictedMean,
    Show,
    SurvivalComparison,
    SurvivalGrid,
)
from necc.analysis.treatment import TimedComparison, TreatmentTiming
from necc.core.text import format_number, joined, p_phrase, plural
from necc.present.words.captions.parametric import EXTRAPOLATED, extrapolated_numbers, knots_of, why_not
from necc.present.words.captions.survival import SCALES, limits_name
from necc.present.words.phrases import (
    adjusted_for,
    as_notes,
    ci_name,
    contrast,
    counts,
    follow_up,
    not_analysed,
    notes_of,
    test_name,
    test_of_curves,
    ties,
)

APPROACHES = {
    "naive": "Naive: ever against never treated",
    "landmark": "Landmark",
    "time-dependent": "Time-dependent (Simon-Makuch)",
}


# ---------------------------------------------------------------- curves
def survival_summary(km: KaplanMeier) -> tuple[str, ...]:
    how = f"Kaplan-Meier, {km.ci} confidence limits"
    return (*as_notes([how, test_of_curves(km), follow_up(km.followup, km.unit)]), *notes_of(km))


def survival_at(km: KaplanMeier, show: Show = "survival") -> tuple[str, ...]:
    how = f"{SCALES[show].short}, {limits_name(km, show)} confidence limits; at risk just before the time"
    return as_notes([how, not_analysed(km.excluded)])


def grid_summary(grid: SurvivalGrid) -> tuple[str, ...]:
    limits = f", {grid.panels[0].ci} confidence limits" if grid.panels else ""
    tested = adjusted_for(grid.n_tests, grid.adjustment, p="log-rank p")
    return (f"{plural(grid.n, 'patient')}. Kaplan-Meier medians{limits}; {tested}.", *notes_of(grid))


def median_conventions(km: KaplanMeier) -> tuple[str, ...]:
    return (
        f"{plural(km.n, 'patient')}. {100 * km.level:g} % limits: where the curve's own limits cross 50 %; where the "
        "curve is flat at 50 % the median is the middle of that step, as in R.",
        *notes_of(km),
    )


def entry_medians(naive: KaplanMeier, entered: KaplanMeier) -> tuple[str, ...]:
    test = (
        f"With delayed entry, {entered.test.name}: {p_phrase(entered.test.p)}; from the origin on: "
        f"{p_phrase(naive.test.p)}"
    )
    return (
        *as_notes([f"Kaplan-Meier, {naive.ci} limits", test if len(entered.curves) > 1 else ""]),
        *notes_of(entered),
    )


# ---------------------------------------------------------------- tests
def survival_tests(result: SurvivalComparison) -> tuple[str, ...]:
    block = f", within strata of {joined(result.strata_labels)}" if result.strata_labels else ""
    first = result.tests[0]
    groups = "; ".join(
        f"{name} (n = {n:,}) {observed:g} observed, {format_number(expected)} expected"
        for name, observed, expected, n in zip(
            result.levels, first.observed, first.expected, result.n_per_level, strict=True
        )
    )
    notes = [f"{counts(result.n, result.n_events)}{block}. {result.by_label}: {groups or 'nobody'}"]
    if p := result.permutation:
        if p.p_error is not None:
            notes.append(f"Permutation p: Monte Carlo standard error {format_number(p.p_error, 4)}")
        notes.append(f"Permutation test: {p.note}" if p.note else "")
    return (*as_notes(notes), *notes_of(result))


def survival_pairs(result: SurvivalComparison) -> tuple[str, ...]:
    tested = adjusted_for(result.n_tests, result.adjustment, "tested pair")
    why = (f"{p.first} and {p.second}: {p.test.note}" for p in result.pairs if p.test.note)
    return as_notes([f"{test_name(result.pairs_weighting)} tests; {tested}", *why])


def restricted_means(result: RestrictedMean) -> tuple[str, ...]:
    means = (
        f"{plural(result.n, 'patient')}. tau = {format_number(result.tau, 1)} {result.unit} ({result.tau_rule}); lost: "
        "tau minus the mean. Normal limits, the ratio's on the log scale"
    )
    tested = adjusted_for(result.n_tests, result.adjustment, p="p of the differences") if result.contrasts else ""
    return (*as_notes([means, tested]), *notes_of(result))


def fixed_times(result: FixedTimes) -> tuple[str, ...]:
    return (
        f"{counts(result.n, result.n_events)}. Kaplan-Meier, {result.ci} limits; differences with Wald limits. The p "
        "on the complementary log-log scale keeps its size better in small groups.",
        *notes_of(result),
    )


# ---------------------------------------------------------------- parametric curves
def parametric_fits(result: Parametric) -> tuple[str, ...]:
    alone = ", each group alone" if result.by else ""
    aic = (
        f"AIC: lower fits better, and a difference below {ALIKE:g} tells families hardly apart; it compares the "
        f"families of {'one group' if result.by else 'these patients'}, and doesn't say that any of them fits"
    )
    marked = f"{EXTRAPOLATED} {extrapolated_numbers(result)}" if extrapolated_numbers(result) else ""
    return as_notes([
        f"{counts(result.n, result.n_events)}. Maximum likelihood{alone}; limits by the delta method, of survival on "
        "the log(\u2212log) scale, of medians on the log scale",
        aic, marked, *why_not(result), not_analysed(result.excluded), *result.notes,
    ])  # fmt: skip


def parametric_parameters(result: Parametric) -> tuple[str, ...]:
    return as_notes([
        "Limits of positive parameters on the log scale. survreg: the (Intercept) and Log(scale) of R's function, for "
        "the families that it has",
        *knots_of(result), *why_not(result),
    ])  # fmt: skip


# ---------------------------------------------------------------- competing events
def incidence(result: CumulativeIncidence) -> tuple[str, ...]:
    several = f"; several sites at once: {result.rule}" if result.rule else ""
    return (
        f"{plural(result.n, 'patient')}; Aalen-Johansen estimate, {result.ci} confidence limits{several}.",
        *notes_of(result),
    )


def gray_tests(result: CumulativeIncidence) -> tuple[str, ...]:
    labels = {c.name: c.label for c in result.causes}
    block = f", stratified by {result.strata_label}" if result.strata_label else ""
    tested = adjusted_for(result.n_tests, result.adjustment, "cause")
    why = (f"{labels[t.cause]}: {t.note}" for t in result.tests if t.note)
    return as_notes([f"Gray's test of the subdistribution{block}; {tested}", *why, not_analysed(result.excluded)])


def naive_beside(result: CumulativeIncidence) -> tuple[str, ...]:
    adds = "The cumulative incidences add up to the share with any event; those of 1 − Kaplan-Meier to no less"
    return (*as_notes([ONE_MINUS_KM, adds if result.exclusive else ""]), *incidence(result))


def hazards_table(result: HazardsByCause, labels: Mapping[str, str]) -> tuple[str, ...]:
    """labels: of causes, by name."""
    why = dict.fromkeys(  # starts with the name of a term, which keeps its letters
        f"{contrast(r.term.label, r.term.level, r.term.reference)}, {labels.get(r.cause, r.cause)}: {r.note}."
        for r in result.rows
        if r.note
    )
    return (
        f"{plural(result.n, 'patient')} complete in all covariates. Ties: {result.ties}. The Fine-Gray ratio describes "
        "the cumulative incidence, the cause-specific one the hazard of those still free of any event; p not adjusted "
        "for the number of causes.",
        *why,
        *notes_of(result),
    )


# ---------------------------------------------------------------- treatment with a start
def comparison_name(comparison: TimedComparison, unit: str) -> str:
    """`Landmark at 3 months`."""
    name = APPROACHES[comparison.approach]
    if comparison.landmark is None:
        return name
    return f"{name} at {format_number(comparison.landmark, 1).removesuffix('.0')} {unit}"


def treatment_comparisons(timing: TreatmentTiming) -> tuple[str, ...]:
    return (
        _how(timing),
        "A patient treated later is counted as untreated before, and as treated from the start on, in the last row.",
        *_of_each(timing.comparisons, timing.unit),
        *notes_of(timing),
    )


def treatment_landmarks(timing: TreatmentTiming, shown: Sequence[TimedComparison]) -> tuple[str, ...]:
    several = "The others are the quartiles of the starts. " if len(shown) > 1 else ""
    shared = "; the same patients are in several rows" if len(shown) > 1 else ""
    return (
        f"{several}Choose the landmark before looking{shared}.",
        *_of_each(shown, timing.unit),
    )


def immortal_time() -> tuple[str, ...]:
    return (
        "Naive over time-dependent: 1 where counting the start of treatment changes nothing; below 1 the naive "
        "comparison makes treatment look better than the time-dependent one does. The ratio has no interval of its "
        "own: both rest on the same patients.",
    )


def treatment_sensitivity(timing: TreatmentTiming) -> tuple[str, ...]:
    return (_how(timing), *as_notes(f"{s.rule}: {note}" for s in timing.sensitivity for note in s.notes))


def _how(timing: TreatmentTiming) -> str:
    return (
        f"{plural(timing.n, 'patient')}, {timing.n_treated:,} ever treated, {plural(timing.n_events, 'event')}. Hazard "
        f"ratio treated against untreated: Cox, {ties(timing.ties)}, {ci_name(timing.level)}; medians in {timing.unit} "
        f"from {timing.origin or 'time zero'}, from the landmark in a landmark analysis."
    )


def _of_each(comparisons: Iterable[TimedComparison], unit: str) -> tuple[str, ...]:
    """What is to know of single analyses, and why one has no test; one reason of a ratio and its test is said once."""
    notes = ((c, n) for c in comparisons for n in dict.fromkeys((*notes_of(c), *as_notes([c.test.note]))))
    return as_notes(f"{comparison_name(c, unit)}: {note}" for c, note in notes)
