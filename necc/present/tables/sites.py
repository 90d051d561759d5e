"""Tables of recurrence sites: distribution, by a factor, organs, combinations, pairs, times."""

from __future__ import annotations

from necc.analysis.recurrence import (
    CoOccurrence,
    EachSite,
    OrganDistribution,
    SiteCount,
    SiteDistribution,
    SiteEffect,
    Timing,
)
from necc.core.guardrails import TOO_FEW
from necc.core.text import format_ci, format_count, format_number, format_p, format_percent, slug
from necc.present.tables.regression import p_text, ratio
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.notes import cohort as notes
from necc.present.words.notes import models as model_notes
from necc.present.words.phrases import (
    NOTHING,
    as_notes,
    ci_name,
    median_cell,
    not_analysed,
    notes_of,
    p_cell,
    ratio_estimate,
    share_ci,
    unit_since,
)


def _site_rows(sites: tuple[SiteCount, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((s.label, f"{s.n:,}", f"{s.of:,}", format_percent(s.n, s.of), share_ci(s.proportion)) for s in sites)


@makes_table
def site_table(distribution: SiteDistribution) -> Table:
    """Each site with n, percent and interval; with a factor, n (%) at each level and the tests."""
    if not distribution.strata:
        return Table(
            f"Sites of first recurrence (n = {distribution.n:,})", "recurrence-sites",
            ("Site", "Patients", "Recorded for", "%", "95 % CI"), _site_rows(distribution.sites),
            notes.site_table(distribution),
        )  # fmt: skip
    rows = []
    tests = {t.site: t for t in distribution.tests}
    for i, site in enumerate(distribution.sites):
        test = tests.get(site.name)
        p = (format_p(test.test.p), format_p(test.p_adjusted), test.test.name) if test else ("–", "–", "–")
        rows.append((site.label, *(format_count(s.sites[i].n, s.sites[i].of) for s in distribution.strata), *p))
    heads = tuple(f"{s.name} (n = {s.n:,})" for s in distribution.strata)
    return Table(
        f"Sites of first recurrence by {distribution.by_label}", slug(f"recurrence-sites-by-{distribution.by}"),
        ("Site", *heads, "p", "Adjusted p", "Test"), tuple(rows), notes.site_table(distribution),
        text_columns=(len(heads) + 3,),
    )  # fmt: skip


@makes_table
def number_of_sites(distribution: SiteDistribution) -> Table:
    """Patients by how many sites they have."""
    n = sum(count for _, count in distribution.n_sites)
    rows = tuple((str(k), f"{count:,}", format_percent(count, n)) for k, count in distribution.n_sites)
    return Table(
        f"Number of sites at first recurrence (n = {n:,})", "number-of-sites", ("Sites", "Patients", "%"), rows,
        as_notes([not_analysed(distribution.excluded)]),
    )  # fmt: skip


@makes_table
def organ_table(organs: OrganDistribution) -> Table:
    """Organs within a site, of the patients with that site."""
    return Table(
        f"{organs.label}: organs (n = {organs.n:,})", slug(f"organs-{organs.site}"),
        ("Organ", "Patients", "Recorded for", "%", "95 % CI"), _site_rows(organs.organs),
        notes.organ_table(organs),
    )  # fmt: skip


@makes_table
def combinations(together: CoOccurrence) -> Table:
    """The exact combinations of sites, most frequent first."""
    labels = dict(zip(together.sites, together.labels, strict=True))
    n = sum(p.n for p in together.patterns)
    rows = tuple(
        (" + ".join(labels[s] for s in p.sites) or "no site", str(len(p.sites)), f"{p.n:,}", format_percent(p.n, n))
        for p in together.patterns
    )
    return Table(
        f"Combinations of sites (n = {n:,})", "site-combinations", ("Combination", "Sites", "Patients", "%"), rows,
        notes_of(together),
    )  # fmt: skip


@makes_table
def site_pairs(together: CoOccurrence) -> Table:
    """Pairs of sites: patients with both, how many chance gives, odds ratio and test."""
    labels = dict(zip(together.sites, together.labels, strict=True))
    rows = []
    for pair in together.pairs:
        rows.append(
            (labels[pair.sites[0]], labels[pair.sites[1]], f"{pair.n:,}", format_number(pair.expected),
             ratio_estimate(pair.odds_ratio), format_p(pair.test.p), format_p(pair.p_adjusted))
        )  # fmt: skip
    return Table(
        f"Sites that come together (n = {together.n:,})", "site-pairs",
        ("Site", "with", "Both", "Expected by chance", "Odds ratio (95 % CI)", "p", "Adjusted p"), tuple(rows),
        notes.site_pairs(together),
        text_columns=(1,),
    )  # fmt: skip


@makes_table
def co_occurrence(together: CoOccurrence) -> Table:
    """Patients with both of two sites, as a matrix; each site itself on the diagonal."""
    rows = tuple(
        (label, *(f"{int(n):,}" for n in line)) for label, line in zip(together.labels, together.matrix, strict=True)
    )
    return Table(
        f"Patients with both sites (n = {together.n:,})", "site-co-occurrence", ("", *together.labels), rows,
        notes.co_occurrence(together),
    )  # fmt: skip


@makes_table
def timing_table(timing: Timing) -> Table:
    """Times by site: median with interval and quartiles, with against without."""
    lines: list[Line] = []
    for site in timing.sites:
        lines.append((0, (site.label, "", "", "", "", format_p(site.test.p), format_p(site.p_adjusted))))
        for group in (site.with_site, site.without):
            quartiles = format_ci(group.q1, group.q3) if group.n else "–"
            median = median_cell(group.median) if group.n else "–"
            lines.append((1, (group.name, f"{group.n:,}", f"{group.n_events:,}", median, quartiles)))
    return Table.of_lines(
        f"{timing.label} by site ({unit_since(timing.unit, timing.origin)})", slug(f"{timing.endpoint}-times-by-site"),
        ("Site", "n", "Events", "Median (95 % CI)", "Quartiles", "p", "Adjusted p"), lines,
        notes.timing_table(timing),
    )  # fmt: skip


@makes_table
def each_site_table(result: EachSite) -> Table:
    """Every site: patients, events and medians with and without it, the hazard ratio, p, and p for their number."""
    level = ci_name(result.level)
    columns = (
        "Site", "With: events/n", "Without: events/n", f"With: median ({level})", f"Without: median ({level})",
        f"Hazard ratio ({level})", "p", "Adjusted p",
    )  # fmt: skip
    return Table(
        f"{result.label}: with against without each site ({unit_since(result.unit, result.origin)})",
        slug(f"{result.endpoint}-each-site"), columns, tuple(map(_site_row, result.sites)),
        model_notes.each_site_table(result),
    )  # fmt: skip


def _site_row(site: SiteEffect) -> tuple[str, ...]:
    groups = (site.with_site, site.without)
    counts = [f"{g.n_events:,}/{g.n:,}" for g in groups]
    medians = [median_cell(g.median) if g.n else NOTHING for g in groups]
    few = not site.term.estimable and site.term.note.startswith(TOO_FEW)
    p = TOO_FEW if few else p_text(site.term)
    return site.label, *counts, *medians, ratio(site.term), p, p_cell(site.term_p_adjusted)
