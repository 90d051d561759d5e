"""Under the tables of Cox regression and prediction."""

from __future__ import annotations

from collections.abc import Iterable

from necc.analysis.prediction import ModelComparison
from necc.analysis.recurrence import EachSite
from necc.analysis.regression import CoxModel, CoxTerm, ImputedModel, StepwiseResult, SubgroupTable, UnivariateTable
from necc.analysis.rounds import RoundModel
from necc.core.text import NOT_ESTIMABLE, format_number, joined, plural
from necc.present.words.captions.regression import firth_note, term_label
from necc.present.words.phrases import (
    TRANSFORMS,
    adjusted_for,
    as_notes,
    counts,
    interactions_of,
    not_analysed,
    notes_of,
    ties,
)


def labels_of(model: CoxModel) -> dict[str, str]:
    """Covariates and interactions by name."""
    labels = {c.name: c.label for c in model.design.covariates} if model.design else {}
    pairs = zip(model.interactions, interactions_of(model), strict=True)
    return labels | {f"{a} * {b}": f"{first} \u00d7 {second}" for (a, b), (first, second) in pairs}


# ---------------------------------------------------------------- Cox regression
def regression_table(table: UnivariateTable) -> tuple[str, ...]:
    model = table.multivariable
    terms = [t for row in table.rows for t in row.terms] + list(model.terms if model else ())
    tested = adjusted_for(table.n_tests, table.adjustment, p="p")
    notes = [
        f"Cox regression, {ties(table.ties)}, Wald intervals and p unless marked. Alone: each covariate by itself on "
        "its own complete cases; events and patients are those of the level, or of everybody analysed for a number",
        tested,
        "Yes against no and with against without, unless a comparison is named",
    ]
    if model:
        strata = f", stratified by {joined(model.strata_labels)}" if model.strata else ""
        notes += [f"Together: one model of {counts(model.n, model.n_events)}{strata}", not_analysed(model.excluded)]
    return as_notes([*notes, firth_note(terms), *_reasons(terms)])


def each_site_table(result: EachSite) -> tuple[str, ...]:
    terms = [site.term for site in result.sites]
    n_tests = sum(site.term_p_adjusted is not None for site in result.sites)
    tested = adjusted_for(n_tests, result.adjustment, "site", p="p")
    how = (
        f"{counts(result.n, result.n_events)}. Hazard ratios of patients with a site against those without it, "
        f"{ties(result.ties)}, Wald limits and p unless marked; {tested}"
    )
    others = [note for note in result.notes if not note.startswith("p adjusted for")]  # of the log-rank tests too
    medians = f"Kaplan-Meier medians, {result.ci} confidence limits"
    return as_notes([how, medians, not_analysed(result.excluded), firth_note(terms), *_reasons(terms), *others])


def model_table(model: CoxModel, notes: Iterable[str] = ()) -> tuple[str, ...]:
    return as_notes([f"{counts(model.n, model.n_events)}; {ties(model.ties)}", firth_note(model.terms), *notes])


def round_model_table(model: RoundModel) -> tuple[str, ...]:
    asked = f"{counts(model.n, model.n_events)} of {plural(len(model.centres), 'centre')}; {ties(model.ties)}"
    rounds = f"Fitted in {plural(model.rounds, 'round')}: the centres sent sums, and no patient"
    reasons = [f"{term_label(t)}: {t.note}" for t in model.terms if t.note]
    return as_notes([asked, rounds, not_analysed(model.excluded), *reasons, *model.notes])


def model_tests_table(model: CoxModel) -> tuple[str, ...]:
    c = model.concordance
    agreement = f"Harrell's C {NOT_ESTIMABLE}" if c.value is None else (
        f"Harrell's C {format_number(c.value, 3)} (standard error {format_number(c.se, 3)}), in the patients that the "
        "model was fitted to, so it flatters"
    )  # fmt: skip
    information = "" if model.aic is None else (
        f"Log likelihood {format_number(model.loglik_null, 3)} without covariates, {format_number(model.loglik, 3)} "
        f"with; AIC {format_number(model.aic, 2)}"
    )  # fmt: skip
    how = f"{model.method}, {ties(model.ties)}; {counts(model.n, model.n_events)}"
    return as_notes([how, agreement, information])


def proportional_hazards_table(model: CoxModel, transform: str) -> tuple[str, ...]:
    if not any(h.p is not None for h in model.proportional_hazards):
        return (f"No test could be made: {plural(model.n_events, 'event')}.",)
    return (
        "Score test of Grambsch and Therneau as in R's cox.zph since version 3.0, on "
        f"{TRANSFORMS[transform or model.transform]}; {plural(model.n_events, 'event')}. A large p with few events "
        "doesn't show that hazards are proportional.",
    )


def collinearity_table(model: CoxModel) -> tuple[str, ...]:
    test = "Wald" if model.method == "maximum partial likelihood" else "Penalised likelihood-ratio"
    per = model.events_per_parameter
    return (
        f"{test} test over all levels. Variance inflation: generalised, to the power 1/df; above 5 the covariates "
        f"nearly determine one another.{f' {format_number(per)} events per parameter.' if per is not None else ''}",
    )


def influence_table() -> tuple[str, ...]:
    return (
        "dfbeta, the approximate change of the log hazard ratio when the patient is left out; the model isn't fitted "
        "again. Nobody was left out.",
    )


def subgroup_table(result: SubgroupTable) -> tuple[str, ...]:
    adjusted = f"Adjusted for {joined(result.adjusted_labels)}" if result.adjusted_for else ""
    reasons = (
        f"{f'{row.label}, {row.level}' if row.level else 'All patients'}: {reason(row.term)}"
        for row in result.rows if row.term.note
    )  # fmt: skip
    how = f"Hazard ratios of {result.exposure_label}, {ties(result.ties)}"
    left_out = not_analysed(result.excluded)
    return as_notes([how, adjusted, left_out, firth_note(row.term for row in result.rows), *reasons, *result.notes])


def steps_table(result: StepwiseResult) -> tuple[str, ...]:
    how = (
        f"{counts(result.n, result.n_events)}; enters at p < {result.entry_p:g}, leaves at p > {result.removal_p:g}; "
        f"{ties(result.ties)}"
    )
    return as_notes([how, not_analysed(result.excluded)])


def imputed_table(result: ImputedModel, complete: CoxModel) -> tuple[str, ...]:
    labels = labels_of(complete)
    filled = ", ".join(f"{labels.get(name, name)} {n:,}" for name, n in result.imputed if n)
    return (
        f"{plural(result.imputations, 'imputation')} by chained equations with the event and the cumulative hazard, "
        f"pooled by Rubin's rules; {ties(result.ties)}. Values imputed: {filled or 'none'}.",
        *notes_of(result),
    )


def reason(term: CoxTerm) -> str:
    """Why a term has no numbers, or which limit it lacks."""
    return term.note if term.estimable else f"{NOT_ESTIMABLE}, {term.note}"


def _reasons(terms: Iterable[CoxTerm]) -> list[str]:
    return [f"{term_label(t)}: {reason(t)}" for t in terms if t.note]


# ---------------------------------------------------------------- prediction
def prediction_table(c: ModelComparison) -> tuple[str, ...]:
    notes = [*c.verdict]
    if c.estimable:
        notes += [
            f"{counts(c.n, c.n_events)}; {c.repeats} times {c.folds}-fold cross-validation, seed {c.seed}; "
            f"{100 * c.level:g} % corrected resampled t intervals. Measures up to {format_number(c.horizon, 1)} "
            f"{c.unit}. Brier scores: lower is better.",
            "Harrell's C in the fitted patients flatters and is shown for contrast only.",
            *(f"{m.label}: {note}" for m in c.models for note in m.notes),
        ]
    return (*as_notes(notes), *notes_of(c))


def difference_table(c: ModelComparison) -> tuple[str, ...]:
    return (
        f"Intervals: corrected resampled t, {100 * c.level:g} %, widened for the number of models (Bonferroni) except "
        "for the single covariate against no model. Shown to be better: the whole interval is on the better side of "
        "zero.",
    )
