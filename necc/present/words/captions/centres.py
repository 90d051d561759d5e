"""What is said of several centres: each function gives the alternative text and the caption."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from necc.core.estimate import Estimate
from necc.core.text import NOT_ESTIMABLE, format_number, joined, p_phrase, plural
from necc.present.words.captions import PALE, bands_phrase, each
from necc.present.words.phrases import (
    EXACT,
    contrast,
    counts,
    format_ratio_ci,
    interval,
    median_phrase,
    not_analysed,
    percent,
    sentences,
    share_ci,
    test_p,
    ties,
)

if TYPE_CHECKING:  # headlines need no analysis
    from necc.analysis.centres import ByCentre, CentreShare, Heterogeneity, OneCentre, ShareByCentre, SharesByCentre
    from necc.analysis.regression import CoxTerm

POOLED, MEAN, FURTHER = "All, within centres", "Mean over centres", "A further centre (prediction)"
WITHOUT = "Without each centre"
KINDS = ("a centre by itself", "several centres")
OWN, BETWEEN = "a centre's own ratio", "95 % of equal centres"
Rows = Iterable[tuple[str, str]]


def what(result: ByCentre, term: CoxTerm | None = None) -> str:
    """`abdominal organs, with vs without`: what the ratios of a figure compare."""
    named = contrast(term.label, term.level, term.reference, term.unit) if term else result.by_label
    return named or result.label


def no_curves(result: ByCentre) -> str:
    return sentences(f"{result.label} by centre: no patients to analyse", not_analysed(result.excluded))


def no_ratios(result: ByCentre) -> str:
    """Why there are no ratios: nobody, nothing compared, or nothing estimable."""
    if not result.n:
        return no_curves(result)
    why = "nothing is compared within centres" if result.model is None else "no hazard ratio is estimable"
    return sentences(f"{result.label} by centre: {why}")


def heterogeneity_phrase(h: Heterogeneity) -> str:
    """`Q = 5.85, 4 df, p = 0.21; I² = 32 %; τ² = 0.04`; why not, where there is none."""
    if h.q is None or h.i2 is None or h.tau2 is None:
        return h.note or NOT_ESTIMABLE
    shown = (f"Q = {format_number(h.q, 2)}, {h.df} df, {p_phrase(h.p)}", f"I² = {percent(h.i2, 0)}",
             f"τ² = {format_number(h.tau2, 2)}")  # fmt: skip
    return "; ".join(shown)


def centre_phrase(one: OneCentre, unit: str) -> str:
    """`88 patients, 41 events; without: median ...`."""
    told = "; ".join(f"{c.name}: {median_phrase(c.median, unit)}" for c in one.curves)
    return f"{counts(one.n, one.n_events)}{f'; {told}' if told else ''}"


def curves(result: ByCentre) -> tuple[str, str]:
    each_one = each((one.name, centre_phrase(one, result.unit)) for one in result.centres)
    test = f"log-rank test within centres: {test_p(result.test)}" if result.by else (
        f"log-rank test between centres: {test_p(result.test)}")  # fmt: skip
    by = f" by {result.by_label}" if result.by else ""
    return f"Kaplan-Meier curves of {result.label.lower()}{by}, a panel a centre. {each_one}.", sentences(
        f"{result.label}{by}, each centre by itself", counts(result.n, result.n_events), test,
        f"{bands_phrase(result.level, result.pooled.ci)}; {PALE}", not_analysed(result.excluded), *result.notes,
    )  # fmt: skip


def ratio_phrase(e: Estimate, p: float | None = None) -> str:
    """`2.38 (1.22–4.63), p = 0.011`, without p where there is none."""
    return f"{format_ratio_ci(e.value, e.lower, e.upper)}{'' if p is None else f', {p_phrase(p)}'}"


def forest(result: ByCentre, term: CoxTerm, h: Heterogeneity, rows: Rows, arrows: str = "") -> tuple[str, str]:
    """rows: label and text of the ratios that are drawn; arrows: what they say."""
    return f"Forest plot of {what(result, term)} by centre. {each(rows)}.", sentences(
        f"Hazard ratios of {what(result, term)} for {result.label.lower()}, {ties(result.ties)}, Wald limits",
        counts(result.n, result.n_events), f"log-rank test within centres: {test_p(result.test)}",
        heterogeneity_phrase(h), h.note if h.q is not None else "",
        "in brackets events/patients", arrows, not_analysed(result.excluded),
    )  # fmt: skip


def funnel(result: ByCentre, term: CoxTerm, h: Heterogeneity, rows: Rows) -> tuple[str, str]:
    """rows: each centre that is drawn, with its ratio and standard error."""
    return f"Funnel plot of {what(result, term)}. {each(rows)}.", sentences(
        f"Each centre's hazard ratio of {what(result, term)} against its standard error, the most precise on top",
        "between the dashed lines 95 of 100 centres would lie if all had the ratio of the solid one, which is that of "
        "all within centres", heterogeneity_phrase(h), h.note if h.q is not None else "",
    )  # fmt: skip


def few_for_funnel(result: ByCentre) -> str:
    return sentences(f"{result.label} by centre: fewer than three centres have a ratio of their own, so there is no "
                     "funnel")  # fmt: skip


# ---------------------------------------------------------------- shares
def share_phrase(share: CentreShare | ShareByCentre) -> str:
    """`12/34, 35.3 % (19.7–53.5)`."""
    e = share.proportion
    return f"{share.n:,}/{share.of:,}, {percent(e.value)} ({share_ci(e)})" if share.of else NOT_ESTIMABLE


def prediction_phrase(row: ShareByCentre) -> str:
    """`18.2–61.0 %`; empty where there is none."""
    low, high = row.prediction
    return "" if low is None or high is None else f"{interval(100 * low, 100 * high)} %"


def no_shares(result: SharesByCentre) -> str:
    return sentences(result.of + " by centre: no patients to show", not_analysed(result.excluded))


def shares(result: SharesByCentre, rows: Rows) -> tuple[str, str]:
    """rows: label and text of the shares that are drawn."""
    there = [row for row in result.rows if row.of and row.heterogeneity.q is not None]
    few = [row.label for row in result.rows if row.of and row.heterogeneity.q is None]
    told = [f"{row.label}: {heterogeneity_phrase(row.heterogeneity)}" for row in there]
    told += [f"too few patients to say how much the centres differ: {joined(few)}"] if few else []
    return f"Shares by centre. {each(rows)}.", sentences(
        f"Each centre's own patients; {plural(result.n, 'patient')} in all", *told, EXACT,
        not_analysed(result.excluded), *result.notes,
    )  # fmt: skip


# ---------------------------------------------------------------- before a file is made
GRIDS = {"days": "Times as recorded", "month": "Middle of the month", "quarter": "Middle of the quarter"}


def cells_of(smallest: int) -> tuple[str, str]:
    return "cells that hold one patient", f"patients in cells below {smallest:,}"


def no_cells() -> str:
    return "No patients to count."


def cells(rows: Rows, patients: int) -> tuple[str, str]:
    """rows: label and text of the shares that are drawn. patients: of the whole file."""
    return f"Small cells by how times are told. {each(rows)}.", sentences(
        f"{plural(patients, 'patient')}; all tables that the file would hold, and of patients the table in which most "
        "are in small cells",
        "whoever knows something of a patient in a cell of one learns the rest of it",
    )  # fmt: skip
