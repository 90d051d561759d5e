"""Sections of sites of recurrence: how often, which together, and by groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from necc.analysis.proportions import TestResult
from necc.analysis.recurrence.distribution import UNNAMED, OrganDistribution, Pattern, SiteCount, SiteDistribution
from necc.analysis.recurrence.together import CoOccurrence
from necc.core.estimate import Estimate
from necc.report.scripts.script import Section, three
from necc.report.scripts.text import number, quoted, texts


def recurred(section: Section) -> None:
    """Writes who has a recurrence to be sited, as `kept`, and narrows `who` to them."""
    cohort, patients = section.cohort, section.script.patients
    patients.organs = True
    role = cohort.dictionary.role("recurrence")
    lines = ["kept <- who & !apply(is.na(sites), 1, all)  # of whom no site is recorded is left out"]
    if cohort.has(role) and cohort.dictionary.variables[role].kind in ("event", "flag"):
        came_back = f'{patients.column(role)} == "yes"'
        lines = [f"came_back <- {came_back}",
                 "kept <- who & !(came_back %in% FALSE) & !(is.na(came_back) & !known(any_of(sites))) &",
                 "  !apply(is.na(sites), 1, all)"]  # fmt: skip
    section.line("# patients with a recurrence whose sites are recorded", *lines, "who <- kept")


def distribution(section: Section, result: SiteDistribution) -> None:
    """Writes how often each site is, alone and by a factor."""
    recurred(section)
    section.same("patients", "sum(who)", result.n)
    section.line("s <- sites[who, , drop = FALSE]")
    for site in result.sites:
        share(section, site, f"s[, {quoted(site.name)}]")
    several = _vector([k for k, _ in result.n_sites])
    section.same("patients by their number of sites", f"table(factor(rowSums(s), {several}))",
                   [n for _, n in result.n_sites])  # fmt: skip
    patterns(section, result.patterns, section.cohort.site_names)
    for organs in result.organs:
        organ_rows(section, organs)
    if result.by is not None:
        _by(section, result)


def _vector(values: Sequence[int]) -> str:
    return f"c({', '.join(map(str, values))})" if len(values) != 1 else str(values[0])


def share(section: Section, site: SiteCount, column: str, what: str = "") -> None:
    """Writes a site's count with its exact limits. column: R's logical vector."""
    name = f"{what}{site.label}"
    section.same(f"{name}, patients, of how many, share and its limits", f"share_of({column})",
                   [site.n, site.of, *three(site.proportion)])  # fmt: skip


def patterns(section: Section, shown: Sequence[Pattern], names: Sequence[str]) -> None:
    """Writes how many patients have exactly the sites of each combination."""
    if not shown:
        return
    section.line("whole <- s[complete.cases(s), , drop = FALSE]",
                 'pattern <- apply(whole, 1, function(row) paste(colnames(whole)[row], collapse = " + "))')  # fmt: skip
    if section.hides:  # that anybody has these sites would tell of few
        section.same("patients with exactly the same sites", "table(pattern)", [])
        return
    told = texts(" + ".join(p.sites) for p in shown)
    section.same("patients with exactly these sites", f"table(factor(pattern, {told}))", [p.n for p in shown])


def organ_rows(section: Section, result: OrganDistribution) -> None:
    """Writes the organs of a site among those who have it."""
    section.line(f"with_site <- who & known(sites[, {quoted(result.site)}])")
    section.same(f"{result.label}, patients", "sum(with_site)", result.n)
    named = [o.name for o in result.organs if o.name != UNNAMED]
    for organ in result.organs:
        if organ.name == UNNAMED:
            found = f"known(any_of(organs[with_site, {texts(named)}, drop = FALSE]))"
            share(section, organ, f"!{found}" if named else "rep(TRUE, sum(with_site))", f"{result.label}: ")
        else:
            share(section, organ, f"organs[with_site, {quoted(organ.name)}]", f"{result.label}: ")


def organs(section: Section, result: OrganDistribution) -> None:
    recurred(section)
    organ_rows(section, result)


def _by(section: Section, result: SiteDistribution) -> None:
    section.heading(f"By {result.by_label}")
    section.line(f"by <- {section.group(str(result.by))}[who]")
    for stratum in result.strata:
        section.same(f"{stratum.name}, patients", f"sum(known(by == {quoted(stratum.name)}))", stratum.n)
        for site in stratum.sites:
            column = f"s[known(by == {quoted(stratum.name)}), {quoted(site.name)}]"
            share(section, site, column, f"{stratum.name}, ")
    found = [contingency(section, test.test, f"table(by, s[, {quoted(test.site)}])", test.label, result.convention)
             for test in result.tests]  # fmt: skip
    adjusted = [test.p_adjusted for test in result.tests]
    section.adjusted(f"p adjusted ({result.adjustment})", found, adjusted, result.adjustment)


def not_computed(section: Section, test: TestResult, what: str) -> str | None:
    """Says why R doesn't compute a test, and returns what stands for its p; None where R does."""
    if test.p is None:
        section.told(f"{what}: {test.note or 'not tested'}")
        return "NA"
    if "simulated" in test.note:
        section.told(f"{what}: p is simulated with the product's own random numbers, which R doesn't draw again")
    elif "exact with ties" in test.note:
        section.told(f"{what}: exact ranks with ties are in R's package coin, not in base R")
    else:
        return None
    return number(test.p)


def contingency(section: Section, test: TestResult, table: str, what: str, convention: str) -> str:
    """Writes a test of a table of counts, and returns its p as R has it, or as the product has it."""
    if (instead := not_computed(section, test, what)) is not None:
        return instead
    name = section.name("test")
    section.line(f"{name} <- tested({table}, {quoted(convention)})")
    if test.statistic is None:
        section.same(f"{what}, {test.name}, p", f"{name}[2]", test.p)
    else:
        section.same(f"{what}, {test.name}, chi-square and p", name, [test.statistic, test.p])
    return f"{name}[2]"


def together(section: Section, result: CoOccurrence) -> None:
    """Writes which sites come together."""
    recurred(section)
    section.same("patients", "sum(who)", result.n)
    section.line("s <- sites[who, , drop = FALSE]")
    matrix = np.asarray(result.matrix)
    for i, label in enumerate(result.labels):
        section.same(f"{label}, patients who also have each site",
                       f"colSums(s[known(s[, {quoted(result.sites[i])}]), , drop = FALSE], na.rm = TRUE)",
                       [int(n) for n in matrix[i]])  # fmt: skip
    patterns(section, result.patterns, result.sites)
    found = []
    for pair in result.pairs:
        a, b = (f"factor(s[, {quoted(name)}], c(TRUE, FALSE))" for name in pair.sites)
        labels = " and ".join(result.labels[result.sites.index(name)] for name in pair.sites)
        name = section.name("pair")
        section.line(f"{name} <- table({a}, {b})")
        section.same(f"{labels}: patients with both, of how many", f"c({name}[1, 1], sum({name}))", [pair.n, pair.of])
        if pair.expected is not None:
            section.same(f"{labels}: expected", f"sum({name}[1, ]) * sum({name}[, 1]) / sum({name})", pair.expected)
        _odds(section, pair.odds_ratio, name, labels)
        found.append(contingency(section, pair.test, name, labels, result.convention))
    section.adjusted(
        f"p adjusted ({result.adjustment})", found, [p.p_adjusted for p in result.pairs], result.adjustment
    )


def _odds(section: Section, odds: Estimate, table: str, what: str) -> None:
    if odds.value is None or odds.lower is None or odds.upper is None:
        return
    if odds.method.startswith("sample"):
        call = f"odds_ratio({table}, {number(odds.level)})"
        section.same(f"{what}: odds ratio and its limits (Woolf)", call, three(odds))
        return
    section.told(f"{what}: the conditional odds ratio is found by fisher.test to four digits only, and isn't compared")
