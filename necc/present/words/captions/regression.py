"""What is said of the figures of Cox regression: each function gives the alternative text and the caption."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from necc.analysis.regression import (
    CoxModel,
    CoxTerm,
    HazardRatios,
    ImputedModel,
    ImputedTerm,
    Influence,
    StepwiseResult,
    SubgroupTable,
    UnivariateTable,
)
from necc.analysis.regression.diagnostics import SHARE, ProportionalHazards, SchoenfeldResiduals
from necc.analysis.regression.results import FIRTH
from necc.analysis.regression.stepwise import REMOVAL
from necc.core.text import NOT_ESTIMABLE, format_number, format_percent, joined, p_phrase, plural
from necc.present.words.captions import each
from necc.present.words.phrases import (
    BY_FIRTH,
    FIRTH_NOTE,
    TRANSFORMS,
    contrast,
    counts,
    format_ratio_ci,
    not_analysed,
    sentences,
    ties,
)

ALONE, TOGETHER = "each alone", "together in one model"
NO_SAMPLES = "Bootstrap inclusion: no samples were drawn."
Rows = Iterable[tuple[str, str]]


# ---------------------------------------------------------------- hazard ratios
def term_label(term: CoxTerm | ImputedTerm) -> str:
    """What the hazard ratio of a term compares."""
    return contrast(term.label, term.level, term.reference, getattr(term, "unit", ""))


def by_firth(term: CoxTerm | ImputedTerm) -> bool:
    """Whether a term's ratio is one by Firth's method, and marked."""
    return term.method == FIRTH and term.coefficient is not None


def term_phrase(term: CoxTerm) -> str:
    """`2.38 (1.22–4.63), p = 0.011`; Firth's method marked."""
    if term.hazard_ratio is None:
        return NOT_ESTIMABLE
    mark = BY_FIRTH if by_firth(term) else ""
    return f"{format_ratio_ci(term.hazard_ratio, term.ci_lower, term.ci_upper)}{mark}, {p_phrase(term.p)}"


def counts_phrase(term: CoxTerm) -> str:
    """`12 events in 34 patients, 20 in 54 of the reference (without)`; empty where nobody was counted."""
    own = "" if term.n is None else f"{plural(term.n_events or 0, 'event')} in {plural(term.n, 'patient')}"
    if term.n_reference is not None:
        own += f", {term.n_events_reference:,} in {term.n_reference:,} of the reference ({term.reference})"
    return own


def firth_note(terms: Iterable[CoxTerm | ImputedTerm]) -> str:
    return FIRTH_NOTE if any(map(by_firth, terms)) else ""


Ratios = UnivariateTable | CoxModel | HazardRatios | ImputedModel


def no_forest(table: Ratios) -> str:
    return f"Cox regression of {table.label.lower()}: no hazard ratio is estimable."


def forest(table: Ratios, rows: Rows, arrows: str = "") -> tuple[str, str]:
    """rows: label and text of the ratios that are drawn; arrows: what they say."""
    several = isinstance(table, UnivariateTable)
    alone = table.rows if isinstance(table, UnivariateTable) else ()
    model = table.multivariable if isinstance(table, UnivariateTable) else table
    patients = [row.n for row in alone]
    terms: list[CoxTerm | ImputedTerm] = [t for row in alone for t in row.terms]
    terms += [*(model.terms if model else ())]
    limits = "Rubin's rules" if isinstance(table, ImputedModel) else "Wald limits unless marked"
    together = "together: " if several or isinstance(table, CoxModel) else ""
    return f"Forest plot of hazard ratios of {table.label.lower()}. {each(rows)}.", sentences(
        f"Hazard ratios of {table.label.lower()}, {ties(table.ties)}, {limits}",
        f"each alone: {_span(patients)} patients, those with the covariate recorded" if patients else "",
        f"{together}{counts(model.n, model.n_events)}" if model else "",
        plural(table.imputations, "imputation") if isinstance(table, ImputedModel) else "",
        not_analysed(model.excluded) if model else "", firth_note(terms),
        arrows, "yes against no and with against without unless named",
    )  # fmt: skip


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def no_subgroups(result: SubgroupTable) -> str:
    return f"{result.exposure_label} in subgroups: no hazard ratio is estimable."


def subgroup_forest(result: SubgroupTable, rows: Rows, arrows: str = "") -> tuple[str, str]:
    """rows: label and text of the rows that are drawn; arrows: what they say."""
    adjusted = f"adjusted for {joined(result.adjusted_labels)}" if result.adjusted_for else ""
    return f"Forest plot of {result.exposure_label} by subgroup. {each(rows)}.", sentences(
        f"{result.label}, {ties(result.ties)}; in brackets events/patients", adjusted,
        firth_note(row.term for row in result.rows), arrows, *result.notes,
    )  # fmt: skip


# ---------------------------------------------------------------- proportional hazards, single patients
def no_residuals(label: str) -> str:
    return f"Schoenfeld residuals of {label}: too few events for a line over time."


def test_phrase(test: ProportionalHazards | None) -> str:
    return f"score test {p_phrase(test.p)}" if test else ""


def schoenfeld(
    result: SchoenfeldResiduals, place: int, label: str, test: ProportionalHazards | None
) -> tuple[str, str]:
    """place: of the term among the result's."""
    n = sum(map(math.isfinite, result.x.tolist()))
    first, last = (format_number(float(v), 2) for v in result.line[[0, -1], place])
    smooth = f"the smooth line goes from {first} to {last}"
    return f"Scaled Schoenfeld residuals of {label} over time; {smooth}.", sentences(
        f"{label}: scaled Schoenfeld residuals, one point for each of {plural(n, 'event')}",
        f"curve: local line over {format_percent(SHARE, 1, 0)} % of the events; dashed: the model's log hazard ratio "
        f"{format_number(float(result.coefficients[place]), 2)}; dotted: no association",
        f"time axis: {TRANSFORMS[result.transform]}",
        test_phrase(test),
    )


def no_influence(label: str) -> str:
    return f"Influence on {label}: no patients to show."


def influence(result: Influence, term: str, label: str, limit: float, drawn: int) -> tuple[str, str]:
    """limit: standard errors that are much; drawn: the largest so many are shown."""
    moved, strong = result.dfbetas[:, result.terms.index(term)], result.n_beyond(term, limit)
    low, high = (format_number(float(v), 2) for v in (moved.min(), moved.max()))
    return f"Influence of each patient on {label}, between {low} and {high} standard errors.", sentences(
        f"{label}: change of the log hazard ratio with each of {plural(len(moved), 'patient')} rather than without, in "
        "standard errors (dfbeta, one step)",
        f"{plural(strong, 'patient') if strong else 'nobody'} beyond one standard error",
        f"the {drawn} largest of them are drawn" if drawn < len(moved) else "",
    )


# ---------------------------------------------------------------- selection
def inclusion_bars(result: StepwiseResult, rows: Rows) -> tuple[str, str]:
    """rows: each covariate and how often it was selected."""
    same = None if result.same_model is None else f"{format_percent(result.same_model, 1, 0)} %"
    return f"How often each covariate was selected: {each(rows, ' ')}.", sentences(
        f"Forward selection (removal by {REMOVAL[result.method]}) repeated in {plural(result.bootstrap, 'sample')} of "
        f"{plural(result.n, 'patient')} drawn with replacement",
        f"blue: in the model that was selected; the very same model came out in {same}" if same else "",
        not_analysed(result.excluded),
    )
