"""What is said of sub-cohorts beside each other: each function gives the alternative text and the caption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from necc.core.text import format_number, joined, plural
from necc.present.words.captions.sites import further
from necc.present.words.phrases import (
    EXACT,
    NOTHING,
    adjusted_for,
    counts,
    median_phrase,
    not_analysed,
    percent,
    sentences,
    test_cell,
    test_of_curves,
    test_p,
)

if TYPE_CHECKING:  # headlines need no analysis
    from necc.analysis.subcohorts import Intersection, OverlapPair, SideBySide

SEVERAL = "a patient may be in several sub-cohorts"
IN_BOTH = "not tested: patients in both"


def nobody(result: SideBySide) -> str:
    return sentences("sub-cohorts: no patients to show", *result.notes)


def no_curves(result: SideBySide) -> str:
    """Why there are no curves: nobody has a time, or there is no endpoint."""
    if result.curves is None:
        return sentences("no endpoint was chosen, so there are no curves")
    return sentences(f"{result.label}: no patients to analyse", not_analysed(result.curves.excluded), *result.notes)


def subcohort_curves(result: SideBySide, marks: str) -> tuple[str, str]:
    """marks: the sentences on estimate and marks of the curves."""
    km = result.curves
    if km is None:
        return no_curves(result), no_curves(result)
    each = "; ".join(
        f"{c.name}: {counts(c.n_analysed, c.n_events)}, {median_phrase(c.median, result.unit)}"
        for c in result.columns if c.n_analysed
    )  # fmt: skip
    tested = f"; {km.test.name} {test_p(km.test)}" if result.is_tested else ""
    return f"Kaplan-Meier curves of {result.label.lower()} by sub-cohort. {each}{tested}.", sentences(
        f"{km.label}, {km.defined_as}" if km.defined_as else km.label,
        f"{counts(km.n, km.n_events)} in at least one sub-cohort" + (f"; {SEVERAL}" if result.shared else ""),
        not_analysed(km.excluded), marks, test_of_curves(km) if result.is_tested else "", *result.notes,
    )  # fmt: skip


def overlap(result: SideBySide, shown: Sequence[Intersection], rest: Sequence[Intersection]) -> tuple[str, str]:
    """shown, rest: the combinations with a bar each, and those in one bar."""
    each = "; ".join(f"{joined(i.names)}{'' if len(i.names) > 1 else ' only'}: {i.n:,}" for i in shown)
    lost = sum(i.n for i in rest)
    grey = f"{further(rest)[0]}: {plural(lost, 'patient')}" if rest else ""
    more = f"; {grey}" if rest else ""
    outside = result.of - result.n
    return f"Whom the sub-cohorts share. {each}{more}.", sentences(
        f"each of the {plural(result.n, 'patient')} in at least one sub-cohort is in one bar; the dots below it say "
        "in which. Beside a name: all its patients",
        f"grey: {grey}" if rest else "",
        f"{plural(outside, 'other patient')} of the {result.of:,} {'is' if outside == 1 else 'are'} in none"
        if outside else "",
    )  # fmt: skip


def subcohort_sites(result: SideBySide) -> tuple[str, str]:
    shares = "; ".join(
        f"{c.name}: {joined([f'{s.label} {percent(s.proportion.value)}' for s in c.sites])}" for c in result.columns
    )
    return f"Bars of recurrence sites by sub-cohort. {shares}.", sentences(
        "sites of first recurrence of those who recurred", EXACT,
        "a patient with several sites is counted at each", SEVERAL if result.shared else "",
        "no test: the bars describe",
    )  # fmt: skip


# ---------------------------------------------------------------- cells and notes of tables
def jaccard_cell(pair: OverlapPair) -> str:
    return NOTHING if pair.jaccard is None else format_number(100 * pair.jaccard)


def pair_test(pair: OverlapPair) -> str:
    """`0.030`, `too few to test`, or why two sub-cohorts weren't compared."""
    if pair.n_both:
        return IN_BOTH
    return NOTHING if pair.test is None else test_cell(pair.test)


def pairs_notes(result: SideBySide) -> tuple[str, ...]:
    tested = adjusted_for(result.n_tests, result.adjustment, "pair", p="log-rank p") if result.n_tests else ""
    parts = ("shared: of the patients of either, the share that is in both (Jaccard)", tested)
    return tuple(filter(None, map(sentences, parts)))


RELATIONS = {
    "apart": "share nobody", "overlapping": "share some", "nested": "one within the other",
    "identical": "the same patients", "empty": "one is empty",
}  # fmt: skip
