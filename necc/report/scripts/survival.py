"""Sections of Kaplan-Meier curves, their medians and tests."""

from __future__ import annotations

import numpy as np

from necc.analysis.recurrence.timing import Timing
from necc.analysis.survival import KaplanMeier, LogRank, SurvivalGrid
from necc.analysis.survival.compare import SurvivalComparison
from necc.analysis.survival.curve import Curve, SurvivalAt
from necc.analysis.survival.times import FixedTimes, RestrictedMean
from necc.report.scripts.script import Section, three
from necc.report.scripts.sites import recurred
from necc.report.scripts.text import number, quoted

BY_PERMUTATION = "p is that of a permutation test with the product's own random numbers, which R doesn't draw again"


def kaplan_meier(section: Section, result: KaplanMeier, by: str | None = None) -> str:
    """Writes curves, and returns the p of their test as R has it."""
    if any(curve.entries is not None for curve in result.curves):
        section.told(
            "curves with late entry: survival has them as Surv(entry, time, event), which isn't written out here"
        )
        return "NA"
    patients(section, result.endpoint, by or result.by)
    section.line(f"curves <- curves_of(x, conf.type = {quoted(result.ci)}, conf.int = {number(result.level)})")
    section.same("patients and events", "c(nrow(x), sum(x$event))", [result.n, result.n_events])
    for curve in result.curves:
        one_curve(section, curve)
    for at in result.at_times:
        at_time(section, at, f"curves[[{quoted(at.stratum)}]]")
    if result.n and not section.few(result.n):
        section.line("reverse <- survfit(Surv(time, 1 - event) ~ 1, data = x, "
                     f"conf.type = {quoted(result.ci)}, conf.int = {number(result.level)})")  # fmt: skip
        section.same("median follow-up and its limits", "median_of(reverse)", three(result.followup))
    return log_rank(section, result.test) if len(result.curves) > 1 else "NA"


def patients(section: Section, endpoint: str, by: str | None) -> None:
    """Writes who is analysed as `x`, with the groups of `by`."""
    group = section.group(by) if by else 'factor(rep("all patients", nrow(data)))'
    section.line(f"x <- analysed(who, {section.endpoint(endpoint)}, group = {group})")


def one_curve(section: Section, curve: Curve) -> None:
    name = f"curves[[{quoted(curve.name)}]]"
    section.same(f"{curve.name}, patients and events", f"counted({name})", [curve.n, curve.n_events_total])
    if section.few(curve.n):
        return
    section.same(f"{curve.name}, median and its limits", f"median_of({name})", three(curve.median))
    inner = between(curve.survival)
    sums = [curve.survival.sum(), curve.ci_lower[inner].sum(), curve.ci_upper[inner].sum()]
    section.same(f"{curve.name}, sums over the curve's steps", f"steps_of({name})", [float(v) for v in sums])


def between(share: np.ndarray) -> np.ndarray:
    """Which shares (shape (n,)) are neither 0 nor 1, be it for rounding alone; bool, shape (n,)."""
    return np.asarray((share > 1e-9) & (share < 1 - 1e-9))


def at_time(section: Section, at: SurvivalAt, curve: str) -> None:
    what = f"{at.stratum}, at {at.time:g}: survival and its limits"
    value = at.estimate.value
    section.same(f"{at.stratum}, at {at.time:g}: at risk", f"survival_at({curve}, {number(at.time)})[1]", at.n_at_risk)
    if section.few(at.n_at_risk):
        return
    if value is None:
        section.told(f"{what}: not estimable beyond the last patient under observation")
    elif at.estimate.lower is None:
        section.same(what, f"survival_at({curve}, {number(at.time)})[2]", value)
    else:
        section.same(what, f"survival_at({curve}, {number(at.time)})[2:4]", three(at.estimate))


def log_rank(section: Section, test: LogRank, call: str = "log_rank(x)", what: str = "log-rank test") -> str:
    """Writes a test, and returns its p as R has it, or as the product has it where R can't."""
    if test.statistic is None:
        section.told(f"{what}: {test.note or 'not estimable'}")
        return "NA"
    name = section.name("test")
    section.line(f"{name} <- {call}")
    section.same(f"{what}, chi-square and degrees of freedom", f"c({name}$statistic, {name}$df)",
                 [test.statistic, test.df])  # fmt: skip
    if test.p_by == "chi-square":
        section.same(f"{what}, p", f"{name}$p", test.p)
        return f"{name}$p"
    section.told(f"{what}: {BY_PERMUTATION if test.p_by == 'permutation' else test.note}")
    return number(test.p)


def grid(section: Section, result: SurvivalGrid) -> None:
    section.panels(result, kaplan_meier)


def timing(section: Section, result: Timing) -> None:
    recurred(section)
    found = []
    for site in result.sites:
        section.heading(site.label)
        patients(section, result.endpoint, f"site:{site.site}")
        section.line(f"curves <- curves_of(x, conf.type = {quoted(result.ci)}, conf.int = 0.95)")
        for group in (site.with_site, site.without):
            if not group.n:
                continue
            curve = f"curves[[{quoted(group.name)}]]"
            section.same(f"{group.name}, patients and events", f"counted({curve})", [group.n, group.n_events])
            if section.few(group.n):
                continue
            section.same(f"{group.name}, median and its limits", f"median_of({curve})", three(group.median))
            section.same(f"{group.name}, quartiles", f"quantile({curve}, c(0.25, 0.75), conf.int = FALSE)",
                         [group.q1, group.q3])  # fmt: skip
        found.append(log_rank(section, site.test))
    adjusted = [site.p_adjusted for site in result.sites]
    section.adjusted(f"p adjusted ({result.adjustment})", found, adjusted, result.adjustment)


# ---------------------------------------------------------------- differences
def comparison(section: Section, result: SurvivalComparison) -> None:
    if result.stratified_by:
        blocks = ", ".join(f"block_{i} = {section.group(name)}" for i, name in enumerate(result.stratified_by, 1))
        group = section.group(result.by or "")
        section.line(f"x <- analysed(who, {section.endpoint(result.endpoint)}, group = {group}, {blocks})")
    else:
        patients(section, result.endpoint, result.by)
    section.same("patients and events", "c(nrow(x), sum(x$event))", [result.n, result.n_events])
    section.same("patients of each level", "table(x$group)", list(result.n_per_level))
    for test in result.tests:
        call = "weighted_log_rank(x, " + _weighting(test.name) + ")"
        log_rank(section, test, call, test.name)
    if result.trend:
        section.told("the test for trend is not in R's survival, and is not compared")
    found = []
    for pair in result.pairs:
        name = result.pairs_weighting
        two = f"droplevels(x[x$group %in% c({quoted(pair.first)}, {quoted(pair.second)}), ])"
        found.append(log_rank(section, pair.test, f"weighted_log_rank({two}, {_weighting(name)})",
                              f"{pair.first} and {pair.second}"))  # fmt: skip
    if result.pairs:
        adjusted = [pair.p_adjusted for pair in result.pairs]
        section.adjusted(f"p adjusted ({result.adjustment})", found, adjusted, result.adjustment)


def _weighting(name: str) -> str:
    if name.startswith("fleming-harrington"):
        rho, gamma = name.partition("(")[2].rstrip(")").split(", ")
        return f'"fleming-harrington", rho = {rho}, gamma = {gamma}'
    return quoted(name)


def restricted_mean(section: Section, result: RestrictedMean) -> None:
    patients(section, result.endpoint, result.by)
    section.same("patients and events", "c(nrow(x), sum(x$event))", [result.n, result.n_events])
    if result.tau is None:
        section.told("no restricted mean: " + "; ".join(result.notes))
        return
    section.line(f'curves <- curves_of(x, conf.type = "plain", conf.int = {number(result.level)})')
    section.line(f"tau <- {number(result.tau)}  # {result.tau_rule.splitlines()[0]}")
    means = {}
    for group in result.groups:
        if group.mean.value is None or section.few(group.n):
            continue
        curve, means[group.name] = f"curves[[{quoted(group.name)}]]", group
        expected = [group.mean.value, group.se] if group.se is not None else [group.mean.value]
        found = f"mean_until({curve}, tau)" if group.se is not None else f"mean_until({curve}, tau)[1]"
        section.same(f"{group.name}, mean until {result.tau:g} and its standard error", found, expected)
    found_p = []
    for contrast in result.contrasts:
        limits = [*three(contrast.difference), contrast.difference_p, *three(contrast.ratio), contrast.ratio_p]
        if None in limits or contrast.name not in means or contrast.reference not in means:
            section.told(f"{contrast.name} against {contrast.reference}: not all of it is given, and it isn't compared")
            found_p.append(number(contrast.difference_p))
            continue
        a, b = (f"mean_until(curves[[{quoted(name)}]], tau)" for name in (contrast.name, contrast.reference))
        name = section.name("contrast")
        section.line(f"{name} <- means_apart({a}, {b}, {number(result.level)})")
        what = f"{contrast.name} against {contrast.reference}"
        section.same(f"{what}, difference and ratio, each with limits and p", name, limits)
        found_p.append(f"{name}[4]")
    expected_p = [contrast.p_adjusted for contrast in result.contrasts]
    section.adjusted(f"p adjusted ({result.adjustment})", found_p, expected_p, result.adjustment)


def fixed_times(section: Section, result: FixedTimes) -> None:
    patients(section, result.endpoint, result.by)
    section.line(f"curves <- curves_of(x, conf.type = {quoted(result.ci)}, conf.int = {number(result.level)})")
    section.same("patients and events", "c(nrow(x), sum(x$event))", [result.n, result.n_events])
    for one in result.times:
        for group in one.groups:
            at = SurvivalAt(group.name, one.time, group.n_at_risk, group.survival)
            at_time(section, at, f"curves[[{quoted(group.name)}]]")
        for contrast in one.contrasts:
            expected = [*three(contrast.difference), contrast.se, contrast.p, contrast.p_log_log]
            what = f"at {one.time:g}, {contrast.name} against {contrast.reference}"
            if None in expected:
                section.told(f"{what}: no limits or p are given")
                continue
            a, b = (f"curves[[{quoted(name)}]]" for name in (contrast.name, contrast.reference))
            section.same(f"{what}: difference, limits, standard error, p, p on the log-log scale",
                         f"survival_apart({a}, {b}, {number(one.time)}, {number(result.level)})", expected)  # fmt: skip
