"""Sections of who there was: the flow of patients, and sub-cohorts beside each other."""

from __future__ import annotations

from necc.analysis.flow import Flow
from necc.analysis.subcohorts import SideBySide
from necc.core.selection import Selection
from necc.report.model import Computed
from necc.report.scripts.script import Section, three
from necc.report.scripts.sites import recurred, share
from necc.report.scripts.survival import at_time, log_rank, patients
from necc.report.scripts.text import number, quoted


def flow(section: Section, result: Flow, computed: Computed) -> None:
    """Writes how many are left after each filter, and who is analysed."""
    selection = computed.arguments.get("selection")
    selection = selection if isinstance(selection, Selection) else Selection()
    section.line("who <- rep(TRUE, nrow(data))")
    steps = [step for step in result.steps if step.kind == "filter"]
    first = [step for step in result.steps if step.kind == "file"]
    if first:
        section.same(first[-1].label, "sum(who)", first[-1].n)
    for step, part in zip(steps, selection.parts(), strict=False):
        section.line(f"met <- {section.script.patients.truth(part)}")
        counts = [step.n, step.n_excluded]
        section.same(f"{step.label}: left, left out", "c(sum(who & known(met)), sum(who & !known(met)))", counts)
        section.line("who <- who & known(met)")
    if not result.endpoint and not result.by:
        return
    if result.endpoint:
        patients(section, result.endpoint, result.by or None)
    else:
        section.line(f"x <- data.frame(group = {section.group(result.by)}[who])",
                     "x <- x[complete.cases(x), , drop = FALSE]")  # fmt: skip
    section.same("analysed", "nrow(x)", result.n)
    if result.n_events is not None:
        section.same("events", "sum(x$event)", result.n_events)
    for arm in result.arms:
        here = f"x$group == {quoted(arm.name)}"
        if arm.n_events is None:
            section.same(arm.name, f"sum({here})", arm.n)
        else:
            section.same(f"{arm.name}: patients and events", f"level_counts(x, {here})", [arm.n, arm.n_events])


def side_by_side(section: Section, result: SideBySide) -> None:
    """Writes each sub-cohort, whom they share, and the tests of those that share nobody."""
    section.line("all <- who")
    names = [section.name("part") for _ in result.columns]
    for name, column in zip(names, result.columns, strict=True):
        section.heading(column.name)
        if column.selection is None:
            section.told(f"{column.name}: its filters aren't known")
            return
        section.line(f"{name} <- all & {_bracketed(section, column.selection)}", f"who <- {name}")
        section.same(f"{column.name}, patients", "sum(who)", column.n)
        if column.sites:
            recurred(section)
            section.line("s <- sites[who, , drop = FALSE]")
            for site in column.sites:
                share(section, site, f"s[, {quoted(site.name)}]", f"{column.name}, ")
            section.line(f"who <- {name}")
        if not result.endpoint or not column.n_analysed or section.few(column.n_analysed):
            continue
        patients(section, result.endpoint, None)
        section.line(f"curves <- curves_of(x, conf.type = {quoted(result.ci)}, conf.int = {number(result.level)})")
        counts = [column.n_analysed, column.n_events]
        section.same(f"{column.name}, analysed and events", "counted(curves[[1]])", counts)
        section.same(f"{column.name}, median and its limits", "median_of(curves[[1]])", three(column.median))
        section.line("reverse <- survfit(Surv(time, 1 - event) ~ 1, data = x, "
                     f"conf.type = {quoted(result.ci)}, conf.int = {number(result.level)})")  # fmt: skip
        section.same(f"{column.name}, median follow-up and its limits", "median_of(reverse)", three(column.followup))
        for at in column.at_times:
            at_time(section, at, "curves[[1]]")
    by_name = dict(zip([c.name for c in result.columns], names, strict=True))
    section.heading("Whom they share")
    found = []
    for pair in result.pairs:
        a, b = by_name[pair.first], by_name[pair.second]
        what = f"{pair.first} and {pair.second}"
        section.same(f"{what}: in both, in either", f"c(sum({a} & {b}), sum({a} | {b}))",
                       [pair.n_both, pair.n_either])  # fmt: skip
        if pair.test is None:
            found.append("NA")
            continue
        group = f"factor(ifelse({a}, {quoted(pair.first)}, ifelse({b}, {quoted(pair.second)}, NA)))"
        section.line(f"x <- analysed({a} | {b}, {section.endpoint(result.endpoint)}, group = {group})")
        found.append(log_rank(section, pair.test, what=f"{what}, log-rank test"))
    adjusted = [pair.p_adjusted for pair in result.pairs]
    section.adjusted(f"p adjusted ({result.adjustment})", found, adjusted, result.adjustment)


def _bracketed(section: Section, selection: Selection) -> str:
    return f"({section.script.patients.selected(selection)})"
