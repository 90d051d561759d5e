"""Under the tables of a cohort: characteristics, sites, response, stages, filters, and a paper's figures beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from necc.analysis.baseline import Characteristics
from necc.analysis.recurrence import CoOccurrence, OrganDistribution, SiteDistribution, Timing
from necc.analysis.response import ResponseBySite, ResponseRates, Transitions, TreatedPatients
from necc.analysis.staging import Restaging
from necc.core.errors import Finding
from necc.core.text import plural
from necc.paper.reproduction.replay import Reproduction
from necc.present.words.phrases import (
    CONVENTIONS,
    EXACT,
    adjusted_for,
    adjustment,
    as_notes,
    by_chance,
    capitalised,
    not_analysed,
    notes_of,
    overlap,
    response_rates_defined,
    response_test,
)
from necc.present.words.reading.cohort import moved_sentence
from necc.present.words.rules import rule_of

MOVES = "\u2021"
MOVED = f"{MOVES} The conventions fall on different sides of 0.05: these data don't decide."


# ---------------------------------------------------------------- characteristics
def characteristics_table(result: Characteristics) -> tuple[str, ...]:
    of = "all patients of a group" if result.denominator == "all" else "the patients with a known value"
    missing = "; N/A: not recorded" if any(row.n_missing for row in result.rows) else ""
    lines = [f"Counts with percentages of {of}{missing}"]
    if result.by:
        rule = rule_of((row.test for row in result.rows), result.convention)
        tested = adjusted_for(result.n_tests, result.adjustment, p="p")
        pairs = "first group minus second" if len(result.groups) == 2 else "mean over the pairs of groups"
        lines += [
            f"Tests, {CONVENTIONS[result.convention]}: {rule}; {tested}" if rule else tested,
            f"SMD: standardised difference, {pairs}; it doesn't grow with the number of patients",
        ]
    if any(row.side_changes for row in result.rows):
        lines.append(MOVED)
    return (*as_notes(lines), *notes_of(result))


def sites_table(results: Sequence[Characteristics]) -> tuple[str, ...]:
    tests = sum(row.test is not None and row.test.p is not None for r in results for row in r.rows)
    how = adjustment(results[0].adjustment) if results else ""
    convention = CONVENTIONS[results[0].convention] if results else ""
    return as_notes([
        "Each cell: standardised difference, without minus with the site or the distance of levels, and p in brackets.",
        f"{plural(tests, 'test')}, {convention}; {by_chance(tests)}. "
        f"* p below 0.05; ** still below 0.05 when adjusted within the site ({how}).",
        "Sites overlap: each is compared with all patients without it, and a patient with several sites is in several "
        "columns. Where everybody has a site, a site goes with more sites and against each other one by construction.",
        MOVED if any(row.side_changes for r in results for row in r.rows) else "",
    ])  # fmt: skip


# ---------------------------------------------------------------- sites
def site_table(distribution: SiteDistribution) -> tuple[str, ...]:
    rule = rule_of((t.test for t in distribution.tests), distribution.convention)
    tested = adjusted_for(distribution.n_tests, distribution.adjustment, p="p")
    how = f"Tests, {CONVENTIONS[distribution.convention]}: {rule}; {tested}" if rule else tested
    return (*as_notes([how if distribution.strata else EXACT, overlap(distribution.sites)]), *notes_of(distribution))


def organ_table(organs: OrganDistribution) -> tuple[str, ...]:
    return (EXACT, *as_notes(organs.notes))


def site_pairs(together: CoOccurrence) -> tuple[str, ...]:
    tested = adjusted_for(together.n_tests, together.adjustment, "tested pair")
    rule = rule_of((p.test for p in together.pairs), together.convention)
    how = f"Tests, {CONVENTIONS[together.convention]}: {rule}; {tested}" if rule else tested
    return (*as_notes([how]), *notes_of(together))


def co_occurrence(together: CoOccurrence) -> tuple[str, ...]:
    return as_notes(["On the diagonal: all with the site", not_analysed(together.excluded)])


def timing_table(timing: Timing) -> tuple[str, ...]:
    tested = adjusted_for(timing.n_tests, timing.adjustment, p="log-rank p")
    return (f"{plural(timing.n, 'patient')}. Kaplan-Meier; {tested}.", *notes_of(timing))


# ---------------------------------------------------------------- response
def response_table(rates: ResponseRates) -> tuple[str, ...]:
    how = (
        f"{response_rates_defined(rates)}. {EXACT} "
        f"{rates.n_evaluable:,} of {rates.overall.n:,} {rates.population} are evaluable."
    )
    return (*as_notes([how, response_test(rates)]), *notes_of(rates))


def transition_table(changes: Transitions) -> tuple[str, ...]:
    impossible = any(c.impossible for c in changes.cells)
    odd = (f"Row {r.row}: {r.reason}" for r in (*changes.impossible, *changes.doubtful))
    return as_notes([
        "\u2020 Impossible: the final response is better than the best one" if impossible else "",
        *odd, not_analysed(changes.excluded),
    ])  # fmt: skip


def treated_table(result: TreatedPatients) -> tuple[str, ...]:
    return as_notes([
        f"{plural(result.n, 'patient')}: {result.population}, the longest on the ICI first",
        "Numbers of patients are places in this table, and no identifiers", "\u2013: not recorded", *notes_of(result),
    ])  # fmt: skip


def response_by_site_table(result: ResponseBySite) -> tuple[str, ...]:
    tested = adjusted_for(result.n_tests, result.adjustment, p="p")
    about = [(f"{rates.by_label}: ", note) for rates in result.panels for note in rates.notes]
    return as_notes([EXACT, tested, *(f"{site}{note.removeprefix(site)}" for site, note in about)])


# ---------------------------------------------------------------- stages
def restaging_table(result: Restaging) -> tuple[str, ...]:
    return as_notes([moved_sentence(result), *result.notes])


def implied_table(result: Restaging) -> tuple[str, ...]:
    n = result.cannot_tell
    lacking = f"{plural(n, 'patient')} {'lacks' if n == 1 else 'lack'} what is needed to tell" if n else ""
    return as_notes([lacking, "Size and node rules of FIGO 2018, doi:10.1002/ijgo.12749"])


def disagreement_table(result: Restaging) -> tuple[str, ...]:
    return (
        f"{plural(result.agree, 'other patient')} {'agrees' if result.agree == 1 else 'agree'}. One of stage, size and "
        "nodes is wrong, or nodes were judged otherwise.",
    )


# ---------------------------------------------------------------- files and papers
def findings(messages: Iterable[Finding]) -> tuple[str, ...]:
    messages = list(messages)
    levels = [(level, sum(f.severity == level for f in messages)) for level in ("error", "warning")]
    counted = ", ".join(plural(n, level) for level, n in levels if n) or "no errors or warnings"
    return (f"{capitalised(counted)}. Rows are numbered as in the spreadsheet.",)


def cell_table(result: Reproduction, n: int) -> tuple[str, ...]:
    return (f"{plural(n, 'figure')}; computed from {plural(result.n_admitted, 'patient')}.",)


def own_table() -> tuple[str, ...]:
    return ("Counts depend on the size of a cohort: compare shares, medians and ratios.",)


def ratio_table() -> tuple[str, ...]:
    return (
        "p of the difference takes the two cohorts as independent.",
        "A ratio that the paper found and this cohort doesn't may be a matter of size: see the interval.",
    )
