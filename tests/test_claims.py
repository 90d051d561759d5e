"""Every sentence of a reading is a claim that can be checked, and is true whatever the cohort.

`CLAIMS` lists the sentences of each kind of result as patterns, each with what makes it true. A sentence that no
pattern matches fails, so that a new claim comes with its check. Random cohorts try them: one patient, nobody with the
event, everybody, ties, nothing recorded, one group, eight groups, filters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import numpy as np
import pytest
from cohorts import cohort_of

from necc.analysis.baseline import Characteristics, characteristics
from necc.analysis.competing import CumulativeIncidence, cumulative_incidence
from necc.analysis.patient import Case, RuleJudgement, case, judge_rule
from necc.analysis.recorded import NumberComparison, compare_numbers, record_numbers
from necc.analysis.recurrence import SiteDistribution, site_distribution
from necc.analysis.regression import CoxModel, UnivariateTable, cox, univariate
from necc.analysis.response import ResponseRates, response_rates
from necc.analysis.subcohorts import SideBySide, side_by_side
from necc.analysis.survival import (
    KaplanMeier,
    Parametric,
    SurvivalComparison,
    SurvivalGrid,
    compare_survival,
    kaplan_meier,
    parametric,
    survival_grid,
)
from necc.core.cohort import Cohort
from necc.core.dictionary import Dictionary
from necc.core.errors import AnalysisError
from necc.core.selection import Selection, positions
from necc.core.text import format_number, format_p, format_ratio, joined
from necc.present import figures, tables
from necc.present.words.checklists import checklist
from necc.present.words.methods import method, methods_paragraph
from necc.present.words.phrases import excluded_of
from necc.present.words.reading import reading

Check = Callable[[re.Match[str], object], bool]
CLAIMS: dict[type, list[tuple[re.Pattern[str], Check]]] = {}
ALPHA = 0.05
N = r"[\d,]+"
P = r"p (?:[=<>] [\d.]+|not estimable)(?: \(permutation\))?"
SHARE = r"(?:[\d.]+ %(?: \(95 % CI [^)]+\))?|not estimable)"
ADJUSTED = rf"[Aa]djusted for (?P<k>{N}) (?:tests?|pairs? of levels) \((?P<how>[\w-]+)\)"


def claim(kind: type, pattern: str) -> Callable[[Check], Check]:
    """Registers what makes sentences of this form true; `object` stands for all kinds."""

    def call(check: Check) -> Check:
        CLAIMS.setdefault(kind, []).append((re.compile(pattern), check))
        return check

    return call


def number(text: str) -> int:
    return int(text.replace(",", ""))


def raw_p(result: object) -> list[float]:
    """Unadjusted p-values of a result's main comparisons."""
    if isinstance(result, KaplanMeier):
        found = [result.test.p]
    elif isinstance(result, SurvivalGrid):
        found = [panel.test.p for panel in result.panels]
    elif isinstance(result, SurvivalComparison):
        found = [result.tests[0].p, *(pair.test.p for pair in result.pairs)]
    elif isinstance(result, SiteDistribution):
        found = [t.test.p for t in result.tests]
    elif isinstance(result, ResponseRates):
        found = [result.test.p if result.test else None]
    elif isinstance(result, CumulativeIncidence):
        found = [t.p for t in result.tests]
    elif isinstance(result, Characteristics):
        found = [row.test.p if row.test else None for row in result.rows]
    elif isinstance(result, UnivariateTable):
        found = [row.test.p for row in result.rows]
    elif isinstance(result, Parametric):
        found = []
    elif isinstance(result, SideBySide):
        of_all = [result.curves.test.p] if result.curves else []
        found = [*of_all, *(p.test.p for p in result.pairs if p.test)]
    elif isinstance(result, NumberComparison):
        found = []  # its p-values are of the results that they were recorded of
    else:
        assert isinstance(result, CoxModel)
        found = [t.p for t in result.terms if t.estimable]
    return [p for p in found if p is not None]


def adjusted_p(result: object) -> list[float]:
    """p adjusted for their number; where a result has none, the raw ones."""
    rows = {
        SurvivalGrid: lambda r: r.p_adjusted,
        SurvivalComparison: lambda r: [p.p_adjusted for p in r.pairs],
        SiteDistribution: lambda r: [t.p_adjusted for t in r.tests],
        CumulativeIncidence: lambda r: [t.p_adjusted for t in r.tests],
        Characteristics: lambda r: [row.p_adjusted for row in r.rows],
        UnivariateTable: lambda r: [row.p_adjusted for row in r.rows],
        SideBySide: lambda r: [p.p_adjusted for p in r.pairs] if r.shared else [r.curves.test.p],
    }.get(type(result))
    return [p for p in rows(result) if p is not None] if rows else raw_p(result)


# ---------------------------------------------------------------- what all kinds say
@claim(object, r"Groups that were not formed by chance .*")
def _(m, result):
    return min([*raw_p(result), *adjusted_p(result)]) < ALPHA


@claim(object, r"No (difference|association) is shown, and neither is the absence of one\.")
def _(m, result):
    """Of a family of tests none stays below alpha; of a single test, that one doesn't."""
    if isinstance(result, SurvivalComparison):
        return result.tests[0].p >= ALPHA
    return bool(raw_p(result)) and min(adjusted_p(result)) >= ALPHA


@claim(object, rf"{ADJUSTED}, no difference is shown, and neither is the absence of one\.")
@claim(object, rf"{ADJUSTED}, none stays below 0\.05\.")
def _(m, result):
    return number(m["k"]) == result.n_tests == len(adjusted_p(result)) and min(adjusted_p(result)) >= ALPHA


@claim(object, rf"{ADJUSTED}, (?P<named>.+?) stays? below 0\.05\.")
def _(m, result):
    low = sum(p < ALPHA for p in adjusted_p(result))
    plural = " stay below" in m[0]
    return number(m["k"]) == result.n_tests and low and plural == (low > 1)


@claim(object, r"Taken alone, none has p < 0\.05\.")
def _(m, result):
    return bool(raw_p(result)) and min(raw_p(result)) >= ALPHA


@claim(object, r"Taken alone, (?P<named>.+) (?P<verb>has|have) p < 0\.05\.")
def _(m, result):
    low = sum(p < ALPHA for p in raw_p(result))
    return low and (m["verb"] == "have") == (low > 1)


@claim(object, r"(?:Compared by .+: n|N)o test could be made\.")
def _(m, result):
    return not adjusted_p(result)


@claim(
    object,
    rf"(?P<k>{N}) of (?P<of>{N}) (?:sites?|covariates?|characteristics?|kinds? of event|pairs? of levels) "
    r"could be tested\.",
)
def _(m, result):
    parts = {SurvivalGrid: "panels", SiteDistribution: "tests", CumulativeIncidence: "tests", Characteristics: "rows",
             UnivariateTable: "rows", SurvivalComparison: "pairs"}  # fmt: skip
    return number(m["k"]) == result.n_tests < number(m["of"]) == len(getattr(result, parts[type(result)]))


@claim(object, r"Not analysed: (?P<who>.+)\.")
def _(m, result):
    """Each reason stands with the number of patients that the result, or the part with the most of it, left out."""
    counted = {reason: number(n) for n, reason in re.findall(rf"({N}) patients? \((.+?)\)(?=,| and|$)", m["who"])}
    return counted == {e.reason: e.n for e in excluded_of(result) if e.n}


@claim(object, r"Caution: few patients or events in (?P<named>.+); one patient more or less .*")
def _(m, result):
    return bool(m["named"])


@claim(object, r"(?P<label>.+): no patients to analyse\.")
def _(m, result):
    return result.n == 0


@claim(object, r"Median follow-up (?P<value>[\d.,]+|not reached)(?: \w+)? \(95 % CI .+, reverse Kaplan-Meier\)\.")
def _(m, result):
    value = result.followup.value
    return m["value"] == ("not reached" if value is None else format_number(value))


# ---------------------------------------------------------------- survival
@claim(
    KaplanMeier,
    rf".+, counted from (?P<origin>.+), was observed in (?P<n>{N}) (?P<noun>patients?); (?P<d>{N}) of them "
    r"had the event \((?P<share>[\d.]+) %\)\.",
)
def _(m, km):
    events = sum(int(c.n_events.sum()) for c in km.curves)
    share = format_number(100 * events / km.n)
    return (number(m["n"]), number(m["d"]), m["share"]) == (km.n, events, share) and (m["noun"] == "patient") == (
        km.n == 1
    )


@claim(KaplanMeier, r"Events and medians by (?P<by>.+?): (?P<groups>.+)\.")
def _(m, km):
    for c in km.curves:
        median = "median not reached" if c.median.value is None else f"median {format_number(c.median.value)} {km.unit}"
        if f"{c.name}: {c.n_events_total:,} of {c.n:,}, {median}" not in m["groups"]:
            return False
    return m["groups"].count(" of ") == len(km.curves)


@claim(
    KaplanMeier,
    r"At (?P<t>[\d.,]+) \w+, survival can't be estimated(?: \(.+\))?: no patient was followed for that "
    r"long\.",
)
def _(m, km):
    return any(s.estimate.value is None and s.n_at_risk == 0 for s in km.at_times)


@claim(
    KaplanMeier,
    rf"At (?P<t>[\d.,]+) \w+, nobody(?: \(.+\))? has had the event yet; (?P<r>{N}) (?P<verb>was|were) at "
    r"risk\.",
)
def _(m, km):
    return any(
        s.estimate.value == 1 and s.n_at_risk == number(m["r"]) and (m["verb"] == "was") == (s.n_at_risk == 1)
        for s in km.at_times
    )


@claim(
    KaplanMeier,
    r"At (?P<t>[\d.,]+) \w+, (?P<share>[\d.]+) % .*of the patients(?: \(.+\))? are estimated to be "
    rf"without the event; (?P<r>{N}) (?:was|were) at risk\.",
)
def _(m, km):
    return any(
        s.estimate.value not in (None, 1) and format_number(100 * s.estimate.value) == m["share"]
        and s.n_at_risk == number(m["r"])
        for s in km.at_times
    )  # fmt: skip


@claim(
    KaplanMeier,
    r"More than half are estimated to be without the event at the end of follow-up: the median is not "
    r"reached\.",
)
def _(m, km):
    (curve,) = km.curves
    return curve.median.value is None and (not len(curve.survival) or curve.survival[-1] > 0.5)


@claim(KaplanMeier, r"Half of the patients are estimated to have had it by (?P<t>[\d.,]+) \w+ \(95 % CI .+\)\.")
def _(m, km):
    (curve,) = km.curves
    return m["t"] == format_number(curve.median.value) and (curve.survival <= 0.5 + 1e-9).any()


@claim(KaplanMeier, r"Every patient had the event, as in a cohort selected on it; .*")
def _(m, km):
    return km.n_events == km.n and all((c.n_censored == 0).all() for c in km.curves)


@claim(KaplanMeier, rf"Log-rank test: (?P<p>{P})\.")
@claim(SurvivalComparison, rf"Log-rank test: (?P<p>{P})\.")
def _(m, result):
    test = result.test if isinstance(result, KaplanMeier) else result.tests[0]
    shown = m["p"].removeprefix("p ").removeprefix("= ").removesuffix(" (permutation)").replace(" ", "")
    return shown == format_p(test.p) and ("permutation" in m["p"]) == (test.p_by == "permutation")


@claim(KaplanMeier, r"Log-rank test: (?:not estimable \(.+\)|too few to test: .+)\.")
@claim(SurvivalComparison, r"Log-rank test: (?:not estimable \(.+\)|too few to test: .+)\.")
def _(m, result):
    return not raw_p(result)[:1] or isinstance(result, SurvivalComparison) and result.tests[0].p is None


@claim(
    object,
    r"If there were no difference, (?:curves|shares) at least as far apart would be seen in (?P<share>.+) "
    r"of such cohorts\.",
)
def _(m, result):
    p = raw_p(result)[0]
    shown = "less than 0.1 %" if p < 0.0005 else "nearly all" if p >= 0.9995 else f"{format_number(100 * p)} %"
    return m["share"] == shown


@claim(
    SurvivalGrid,
    rf".+ was compared between patients with and without each of (?P<k>{N}) sites?, in (?P<n>{N}) "
    r"patients?\.",
)
def _(m, grid):
    return number(m["k"]) == len(grid.panels) and number(m["n"]) == grid.n


@claim(SurvivalGrid, r"A patient with several sites is counted at each of them\.")
@claim(SurvivalGrid, rf"(?P<site>.+): (?:with|without) \(n = {N}\): median .+\.")
def _(m, grid):
    return "site" not in m.groupdict() or any(
        p.by_label == m["site"] and p.test.p is not None and p.test.p < ALPHA for p in grid.panels
    )


@claim(SurvivalComparison, rf".+ by .+ in (?P<n>{N}) patients? with (?P<d>{N}) events? \((?P<groups>.*)\)\.")
def _(m, result):
    listed = ", ".join(f"{a}: {n:,}" for a, n in zip(result.levels, result.n_per_level, strict=True))
    return (number(m["n"]), number(m["d"]), m["groups"]) == (result.n, result.n_events, listed)


@claim(SurvivalComparison, r"Compared within the levels of (?P<of>.+)\.")
def _(m, result):
    return m["of"] == " and ".join(result.strata_labels) and len(result.strata_labels) == len(result.stratified_by)


@claim(
    SurvivalComparison, rf"The permutation test, which (does not rely on large numbers|needs no such minimum): {P}\."
)
def _(m, result):
    refused = result.tests[0].note.startswith("too few to test")
    shown = m[0].replace("< ", "<").replace("> ", ">")
    return refused == m[1].startswith("needs") and format_p(result.permutation.p) in shown


@claim(SurvivalComparison, rf"Trend over the levels in their order: {P}\.")
def _(m, result):
    return result.trend.p is not None and len(result.levels) > 2


@claim(SurvivalComparison, rf"{ADJUSTED}, (?P<n>{N}) pairs? of levels differs?: .+\.")
def _(m, result):
    return number(m["k"]) == result.n_tests and number(m["n"]) == sum(p < ALPHA for p in adjusted_p(result))


# ---------------------------------------------------------------- sub-cohorts
@claim(SideBySide, r"Sub-cohorts: no patients to analyse\.")
def _(m, result):
    return result.n == 0 and not any(c.n for c in result.columns)


@claim(
    SideBySide,
    rf"(?P<k>{N}) sub-cohorts? with (?P<n>{N}) patients? in at least one of them, of (?P<of>{N}): (?P<each>.+)\.",
)
def _(m, result):
    each = ", ".join(f"{c.name} {c.n:,}" for c in result.columns)
    counted = [number(m[k]) for k in ("k", "n", "of")]
    in_any = sum(i.n for i in result.intersections)
    return (counted, m["each"]) == ([len(result.columns), in_any, result.of], each)


@claim(SideBySide, rf"(?P<n>{N}) patients? (?P<verb>is|are) in more than one of them\.")
def _(m, result):
    n = number(m["n"])
    once = sum(i.n for i in result.intersections if len(i.names) == 1)
    return n == result.n - once > 0 and (m["verb"] == "is") == (n == 1)


@claim(SideBySide, r".+, events and medians: (?P<each>.+)\.")
def _(m, result):
    for c in result.columns:
        median = "median not reached" if c.median.value is None else f"median {format_number(c.median.value)} "
        if c.n_analysed and f"{c.name}: {c.n_events:,} of {c.n_analysed:,}, {median}" not in m["each"]:
            return False
    return True


@claim(
    SideBySide,
    rf"(?P<k>{N}) pairs? of (?P<of>{N}) share patients: a log-rank test compares groups that share nobody, so none is "
    r"made there\.",
)
def _(m, result):
    shared = [p for p in result.pairs if p.n_both]
    untested = all(p.test is None and p.p_adjusted is None for p in shared)
    return (number(m["k"]), number(m["of"])) == (len(shared), len(result.pairs)) and shared and untested


@claim(SideBySide, rf"Log-rank test: (?P<p>{P})\.")
def _(m, result):
    test = result.curves.test
    shown = m["p"].removeprefix("p ").removeprefix("= ").removesuffix(" (permutation)").replace(" ", "")
    apart = not any(p.n_both for p in result.pairs)
    return apart and shown == format_p(test.p) and ("permutation" in m["p"]) == (test.p_by == "permutation")


# ---------------------------------------------------------------- competing events
@claim(CumulativeIncidence, rf".+ in (?P<n>{N}) patients?, by first event: (?P<causes>.*)\.")
def _(m, result):
    listed = ", ".join(f"{c.label} {c.n_events:,}" for c in result.causes)
    return number(m["n"]) == result.n and m["causes"] == listed


@claim(
    CumulativeIncidence,
    r"An event with several labels is counted in each, so the curves add up to more than all events\.",
)
@claim(CumulativeIncidence, r"An event with several labels is counted in each; here no event has several\.")
def _(m, result):
    total = sum(curve.n_events.sum() for s in result.strata for curve in s.curves)
    return (total > result.n_events) == ("add up to more" in m[0])


@claim(CumulativeIncidence, rf"(?:Group (?P<group>.+) \(n = (?P<n>{N})\), b|B)y (?P<t>[\d.,]+) \w+: (?P<shares>.+)\.")
def _(m, result):
    if m["group"] is None:
        return result.by is None
    return next(s.n for s in result.strata if s.name == m["group"]) == number(m["n"])


@claim(CumulativeIncidence, r"Gray's tests between the groups: .+\.")
def _(m, result):
    return m[0].count("adjusted p") == result.n_tests > 0


@claim(CumulativeIncidence, rf"{ADJUSTED}, the groups differ in (?P<named>.+)\.")
def _(m, result):
    return number(m["k"]) == result.n_tests and min(adjusted_p(result)) < ALPHA


@claim(CumulativeIncidence, r"These are shares of all patients, of whom some had another event first\.")
def _(m, result):
    return sum(c.n_events > 0 for c in result.causes) > 1


# ---------------------------------------------------------------- sites, response, characteristics
@claim(SiteDistribution, rf"Sites of recurrence are recorded for (?P<n>{N}) patients?\.")
def _(m, result):
    return number(m["n"]) == result.n


@claim(SiteDistribution, r"The most frequent (?P<verb>was|were) (?P<named>.+)\.")
def _(m, result):
    """No site that isn't named is as frequent as one that is; each stands with its count."""
    named = [s for s in result.sites if f"{s.label} ({s.n:,} of {s.of:,}, " in m["named"] and s.n]
    others = [s.n for s in result.sites if s not in named]
    return (
        bool(named) and min(s.n for s in named) > max(others, default=0) and (m["verb"] == "was") == (len(named) == 1)
    )


@claim(SiteDistribution, rf"(?P<k>{N}) sites are equally frequent, each in (?P<n>{N}) patients?: .+\.")
def _(m, result):
    most = max(s.n for s in result.sites)
    return number(m["n"]) == most and number(m["k"]) == sum(s.n == most for s in result.sites) > 1


@claim(SiteDistribution, r"No patient has any of the sites\.")
def _(m, result):
    return not any(s.n for s in result.sites)


@claim(SiteDistribution, rf"(?P<k>{N}) of (?P<n>{N}) \((?P<share>[\d.]+) %\) had more than one site\.")
def _(m, result):
    known = dict(result.n_sites)
    several, all_ = sum(n for k, n in known.items() if k > 1), sum(known.values())
    return (number(m["k"]), number(m["n"]), m["share"]) == (several, all_, format_number(100 * several / all_))


@claim(SiteDistribution, r"A patient with several sites is counted at each\.")
@claim(SiteDistribution, r"The shares add up to more than 100 %\.")
def _(m, result):
    return "add up" not in m[0] or sum(s.n / s.of for s in result.sites if s.of) > 1


@claim(
    SiteDistribution,
    rf"Compared by .+ and {ADJUSTED}, no difference is shown, and neither is the absence of one\.",
)
@claim(SiteDistribution, rf"Compared by .+ and {ADJUSTED}, (?P<named>.+) differs? in frequency\.")
def _(m, result):
    low = sum(p < ALPHA for p in adjusted_p(result))
    return number(m["k"]) == result.n_tests and bool(low) == ("named" in m.groupdict())


@claim(
    ResponseRates,
    rf".+: (?P<k>{N}) of (?P<n>{N}) .+ had an objective response \(CR or PR\), {SHARE}; (?P<d>{N}) of {N} "
    rf"had disease control \(CR, PR or SD\), {SHARE}\.",
)
def _(m, result):
    counts = result.counts
    responding = counts["CR"] + counts["PR"]
    evaluable = responding + counts["SD"] + counts["PD"]
    of = evaluable if result.denominator == "evaluable" else sum(counts.values())
    return (number(m["k"]), number(m["n"]), number(m["d"])) == (responding, of, responding + counts["SD"])


@claim(ResponseRates, rf"(?P<n>{N}) patients? without an evaluable response (?:is|are) not counted\.")
def _(m, result):
    return number(m["n"]) == result.counts["NE"] + result.counts["missing"]


@claim(ResponseRates, rf"Median time to response was [\d.]+ \w+, recorded for (?P<k>{N}) of (?P<n>{N}) responders?\.")
def _(m, result):
    return number(m["k"]) <= number(m["n"]) == result.counts["CR"] + result.counts["PR"]


@claim(ResponseRates, r"Objective response by .+?: (?P<groups>.+)\.")
def _(m, result):
    return all(f"{g.name}: {g.orr.n:,} of {g.orr.of:,} (" in m["groups"] for g in result.strata)


@claim(ResponseRates, rf"(?P<name>.+ test.*): (?P<p>{P})\.")
def _(m, result):
    return m["name"] == result.test.name and format_p(result.test.p) in m["p"].replace("< ", "<").replace("> ", ">")


@claim(
    ResponseRates,
    rf"Caution: with (?P<n>{N}) patients?, shares far from these fit the data too; see the intervals\.",
)
def _(m, result):
    return number(m["n"]) == result.n < 30


@claim(ResponseRates, r"All of them were treated; without a comparison group .*")
def _(m, result):
    return result.n_treated == sum(result.counts.values())


@claim(
    Characteristics,
    rf"(?P<k>{N}) characteristics? of (?P<n>{N}) patients?(?: (?P<verb>was|were) compared by .+ \(.+\))?\.",
)
def _(m, result):
    singular = m["verb"] is None or (m["verb"] == "was") == (len(result.rows) == 1)
    return number(m["k"]) == len(result.rows) and number(m["n"]) == result.n and singular


@claim(
    Characteristics,
    rf"Of (?P<k>{N}) tests?, (?P<how>fewer than one|about [\d.]+) would be below 0\.05 if nothing "
    r"differed\.",
)
def _(m, result):
    expected = ALPHA * len(raw_p(result))
    told = m["how"].removeprefix("about ")
    return number(m["k"]) == len(raw_p(result)) and (
        expected < 1 if "fewer" in told else abs(float(told) - expected) <= 0.5
    )


@claim(Characteristics, r"For .+, the choice of test decides on which side of 0\.05 p falls\.")
def _(m, result):
    return any(row.side_changes for row in result.rows)


# ---------------------------------------------------------------- Cox regression
@claim(CoxModel, rf"Cox model of .+ in (?P<n>{N}) patients? with (?P<d>{N}) events?; (?P<k>{N}) covariates?\.")
def _(m, model):
    return (number(m["n"]), number(m["d"]), number(m["k"])) == (model.n, model.n_events, len(model.covariates))


@claim(CoxModel, r".+: hazard ratio not estimable(?: \(.+\))?\.")
def _(m, model):
    return any(not t.estimable or t.hazard_ratio is None for t in model.terms)


@claim(CoxModel, rf".+: hazard ratio (?P<hr>\S+), without an interval, {P}\.")
def _(m, model):
    return any(t.ci_lower is None and t.ci_upper is None for t in model.terms)


@claim(CoxModel, rf".+: hazard ratio (?P<hr>\S+) \(95 % CI (?P<ci>\S+)\), {P}; (?P<end>.+)\.")
def _(m, model):
    terms = [t for t in model.terms if t.estimable and format_ratio(t.hazard_ratio) == m["hr"]]

    def fits(t):
        low, high = t.ci_lower or 0.0, math.inf if t.ci_upper is None else t.ci_upper
        above, below = "a higher hazard" in m["end"] and "lower" not in m["end"], "a lower hazard" in m["end"]
        if low > 1:
            return above and t.hazard_ratio > 1
        if high < 1:
            return below and t.hazard_ratio < 1
        return "compatible with a lower, an equal and a higher hazard" in m["end"]

    given = "other covariates" not in m["end"] or len(model.covariates) > 1
    return given and any(map(fits, terms))


@claim(
    CoxModel,
    rf"Of (?P<k>{N}) tests? of proportional hazards, not adjusted for their number, (?P<n>{N}) "
    r"(?:has|have) p < 0\.05: evidence .+ changes over time\.",
)
def _(m, model):
    tests = [h.p for h in model.proportional_hazards if h.p is not None and h.term != "GLOBAL"]
    return (number(m["k"]), number(m["n"])) == (len(tests), sum(p < ALPHA for p in tests))


@claim(CoxModel, r"Concordance in the fitted patients is (?P<c>[\d.]+) \(0\.5 is chance\); expect less in others\.")
def _(m, model):
    return m["c"] == format_number(model.concordance.value, 2)


@claim(CoxModel, r"Caution: (?P<per>[\d.]+) events per coefficient; .*")
def _(m, model):
    return m["per"] == format_number(model.events_per_parameter, 1) and model.events_per_parameter < 10


@claim(
    UnivariateTable,
    rf"(?P<k>{N}) covariates? of .+, each in a Cox model of its own and on the patients for whom "
    r"(?:it|each) is known\.",
)
def _(m, table):
    return number(m["k"]) == len(table.rows)


# ---------------------------------------------------------------- parametric curves
WHO = r"(?:(?P<by>[^:]+), (?P<who>[^,:]+): )?"
FAMILY = {
    "exponential": "exponential", "Weibull": "weibull", "log-normal": "log-normal", "log-logistic": "log-logistic",
    "generalised gamma": "generalised-gamma", "spline": "spline",
}  # fmt: skip


def group_of(m, result):
    """The group that a sentence is about."""
    assert bool(m["who"]) == bool(result.by)
    return next(g for g in result.groups if m["who"] in (None, g.name))


@claim(
    Parametric,
    rf".+: (?P<k>{N}) parametric curves? to be fitted to (?P<n>{N}) patients? with (?P<e>{N}) events?"
    r"(?P<alone>, each group alone)?\.",
)
def _(m, result):
    counted = number(m["k"]), number(m["n"]), number(m["e"])
    return counted == (len(result.families), result.n, result.n_events) and bool(m["alone"]) == bool(result.by)


@claim(Parametric, rf"{WHO}[Nn]o parametric curve could be fitted\.")
def _(m, result):
    return not any(f.converged for f in group_of(m, result).fits)


@claim(Parametric, rf"{WHO}[Oo]nly the (?P<family>.+) curve could be fitted\.")
def _(m, result):
    return [f.family for f in group_of(m, result).fits if f.converged] == [FAMILY[m["family"]]]


@claim(
    Parametric,
    rf"{WHO}[Tt]he lowest AIC is the (?P<family>.+) curve's \((?P<aic>[−\d.,]+)\); (?P<near>.+) (?:is|are) within 2 of "
    r"it, and the data hardly tell them apart\.",
)
@claim(
    Parametric,
    rf"{WHO}[Tt]he lowest AIC is the (?P<family>.+) curve's \((?P<aic>[−\d.,]+)\); (?P<near>no other) family is within "
    r"2 of it\.",
)
def _(m, result):
    aic = {f.family: f.aic for f in group_of(m, result).fits if f.converged}
    lowest = min(aic.values())
    near = {family for family, value in aic.items() if value < lowest + 2 and value != lowest}
    named = set() if m["near"] == "no other" else {FAMILY[name] for name in re.split(r", | and ", m["near"])}
    return aic[FAMILY[m["family"]]] == lowest and format_number(lowest, 1) == m["aic"] and named == near


@claim(
    Parametric,
    rf"{WHO}[Bb]y the (?P<family>.+) curve, half of the patients have had the event by (?P<at>[\d.,e+]+) months "
    r"\(95 % CI (?P<low>[\d.,e+]+)–(?P<high>[\d.,e+]+)\)(?:, beyond the follow-up of (?P<end>[\d.,]+))?\.",
)
def _(m, result):
    group = group_of(m, result)
    fit, median = group.best, group.best.median
    shown = tuple(format_number(v) for v in (median.value, median.lower, median.upper))
    beyond = m["end"] is None if median.value <= group.follow_up else m["end"] == format_number(group.follow_up)
    return fit.family == FAMILY[m["family"]] and shown == (m["at"], m["low"], m["high"]) and beyond


@claim(
    Parametric,
    rf"{WHO}[Aa]t (?P<at>[\d.,]+) months(?P<late>, after the end of follow-up)?, the (?:(?P<k>{N}) fitted curves give|"
    r"fitted curve gives) (?P<low>[\d.]+) %(?: to (?P<high>[\d.]+) %)?(?P<nobody>: no patient was observed there)?\.",
)
def _(m, result):
    group, time = group_of(m, result), float(m["at"].replace(",", ""))
    found = [a.survival.value for f in group.fits for a in f.at_times if a.time == time]
    ends = [format_number(100 * v, 1) for v in (min(found), max(found))]
    late = time > group.follow_up + 1e-6
    told = [m["low"], m["high"] or m["low"]]
    return told == ends and len(found) == number(m["k"] or "1") and late == bool(m["late"]) == bool(m["nobody"])


@claim(Parametric, r"AIC compares the families with each other, and doesn't say that any of them fits\.")
def _(m, result):
    return any(f.converged for g in result.groups for f in g.fits)


# ---------------------------------------------------------------- recorded numbers
@claim(NumberComparison, r"No number is there to be compared\.")
def _(m, result):
    return not any(row.kind in ("same", "changed") for row in result.rows)


@claim(NumberComparison, rf"(?P<k>{N}) of (?P<n>{N}) numbers? changed\.")
def _(m, result):
    both = [row for row in result.rows if row.kind in ("same", "changed")]
    apart = [
        row for row in both if row.old != row.new and (None in (row.old, row.new) or not math.isclose(row.old, row.new))
    ]
    return (number(m["k"]), number(m["n"])) == (len(apart), len(both)) and both


@claim(
    NumberComparison,
    r"The largest relative change is that of '(?P<label>.+)', from (?P<old>.+) to (?P<new>.+) \((?P<by>.+) %\)\.",
)
def _(m, result):
    sizes = {row.label: (row.new - row.old) / row.old for row in result.rows
             if row.kind == "changed" and row.old and row.new is not None}  # fmt: skip
    told = float(m["by"].replace(",", "").replace("\u2212", "-"))
    largest = max(map(abs, sizes.values()))
    return abs(sizes[m["label"]]) == largest and told == pytest.approx(100 * sizes[m["label"]], abs=0.06)


@claim(NumberComparison, rf"The change of (?P<k>{N}) numbers? has no relative size: a value was 0 or not there\.")
def _(m, result):
    rows = [row for row in result.rows if row.kind == "changed"]
    return number(m["k"]) == sum(not row.old or row.new is None for row in rows) > 0


@claim(
    NumberComparison,
    rf"(?P<gone>{N}) numbers? stands? in the earlier record only, and (?P<new>{N}) in the later only\.",
)
def _(m, result):
    kinds = [row.kind for row in result.rows]
    return (number(m["gone"]), number(m["new"])) == (kinds.count("gone"), kinds.count("new")) != (0, 0)


# ---------------------------------------------------------------- one patient among the others
WHO = r"(?P<who>other|similar) patients"
PERCENT = r"(?P<value>\d+) % \((?:95 % CI (?P<low>\d+)–(?P<high>\d+)|no interval)\)"  # noqa: RUF001 - a range


def half_up(value):
    """To a whole number, as a person rounds: 12.5 is 13."""
    return math.floor(value + 0.5 + 1e-9)


def shared_by(criterion):
    if criterion.name.startswith(("site:", "organ:")):
        return f"{criterion.label} {'not ' if criterion.value == 'without' else ''}involved"
    cut = criterion.value.startswith(("≤", "<", ">", "≥"))
    return f"{re.split(r' [<>≤≥]', criterion.label)[0] if cut else criterion.label} {criterion.value}"


@claim(Case, rf"(?P<n>{N}) similar patients? of (?P<of>{N}) others, who share: (?P<shared>.+)\.")
def _(m, case):
    found = case.similar
    shared = "; ".join(map(shared_by, found.used)) or None
    alike = len(found.patients) == found.n == number(m["n"]) and m["shared"] == shared
    levels = [found.patients.factor(c.name) for c in found.used]
    same = all(set(f.codes.tolist()) <= {f.levels.index(c.value)} if found.n else True
               for f, c in zip(levels, found.used, strict=True))  # fmt: skip
    return alike and same and number(m["of"]) == len(case.others)


@claim(Case, rf"(?:Nothing is recorded by which to compare|Too few share any of: (?P<names>.+?))"
             rf"(?:: the comparison is with all (?P<n>{N}) others)?\.")  # fmt: skip
def _(m, case):
    """No field was used: none is recorded of her, or all were dropped."""
    gone = [c.label for c in case.similar.dropped if c.value is not None]
    n = number(m["n"]) if m["n"] else 1
    return not case.similar.used and (m["names"] or "") == joined(gone) and n == len(case.others)


@claim(Case, r"There are no others to compare with\.")
def _(m, case):
    return len(case.others) == 0


@claim(Case, rf"Dropped to reach (?P<n>{N}): (?P<names>.+)\.")
def _(m, case):
    gone = [c.label for c in case.similar.dropped if c.value is not None]
    return m["names"] == joined(gone) and number(m["n"]) == case.similar.n


@claim(Case, r"Not asked, as it isn't recorded of this patient: (?P<names>.+)\.")
def _(m, case):
    return m["names"] == joined([c.label for c in case.similar.dropped if c.value is None])


def _from_today(case, who):
    return case.conditional if who == "other" else case.similar_conditional


@claim(Case, rf"Of {WHO} (?P<state>alive|without the event so far,) (?P<since>[\d.]+) \w+ after .+?, (?P<told>.+); "
             rf"n = (?P<n>{N})\.")  # fmt: skip
def _(m, case):
    """The shares are of those followed beyond the time, and none is told of fewer than five at its end."""
    result, group = _from_today(case, m["who"]), case.others if m["who"] == "other" else case.similar.patients
    known = [row for row in result.rows if row.estimate.value is not None]
    told = [part for part in re.finditer(rf"{PERCENT} (?P<verb>.+?) (?P<ahead>\d+) \w+ more", m["told"])]
    died = case.others.dictionary.endpoints[case.endpoint].event == "died"  # else nothing is said of living
    verb, state = ("live", "alive") if died else ("stay free of the event", "without the event so far,")
    beyond = int((group.endpoint(case.endpoint).time > case.since).sum())
    right = [int(p["value"]) == half_up(100 * r.estimate.value) and float(p["ahead"]) == r.ahead and r.n_at_risk >= 5
             for p, r in zip(told, known, strict=True)]  # fmt: skip
    right += [p["verb"] == verb for p in told] + [m["state"] == state]
    return all(right) and number(m["n"]) == result.n == beyond and not case.retrospective


@claim(Case, rf"Too few to say of {WHO} (?P<ahead>\d+) \w+ ahead\.")
def _(m, case):
    rows = _from_today(case, m["who"]).rows
    few = [row for row in rows if row.estimate.value is None]
    return few[0].ahead == float(m["ahead"]) and all(row.n_at_risk < 5 for row in few)


@claim(Case, r"Too few to say what follows from today on\.")
def _(m, case):
    return case.conditional is None and case.since is not None and not case.retrospective


@claim(Case, r"(?P<label>Patient .+) has (?P<what>died|had the event): what followed for others is told looking "
             r"back\.")  # fmt: skip
def _(m, case):
    had = bool(case.patient.observed(case.endpoint)[1][0] == 1)
    return case.retrospective and (case.course.dead if m["what"] == "died" else had) and m["label"] == case.course.label


@claim(Case, rf"Of (?P<of>{N}) (?P<who>similar patients?|others?) treated and with a response recorded, (?P<n>{N}) "
             rf"responded \({PERCENT}\)\.")  # fmt: skip
def _(m, case):
    found = case.response
    share = found.n / found.of
    who = "similar" if case.similar.used else "other"
    return (
        m["who"].startswith(who)
        and (number(m["n"]), number(m["of"])) == (found.n, found.of)
        and int(m["value"]) == half_up(100 * share)
    )


@claim(Case, r"What (similar patients|others) received isn't what works: .+")
def _(m, case):
    """It is no number: it goes with the table of what was received."""
    return bool(case.received)


@claim(RuleJudgement, r"At (?P<when>[\d, and]+) \w+ this rule (?P<told>foretells better than|isn't shown to foretell "
                      rf"better than|foretells worse than) the curve of everybody \(Brier score (?P<scores>[^,]+), "
                      rf"(?P<n>{N}) patients? left out one by one\)\.")  # fmt: skip
def _(m, result):
    """Better and worse only where the whole interval of the difference says so."""

    def kind(row):
        low, high = row.difference.lower, row.difference.upper
        better, worse = high is not None and high < 0, low is not None and low > 0
        return "foretells better than" if better else "foretells worse than" if worse else (
            "isn't shown to foretell better than")  # fmt: skip

    rows = [r for r in result.rows if r.difference.value is not None and kind(r) == m["told"]]
    pairs = [tuple(map(float, part.split(" v "))) for part in m["scores"].split("; ")]
    right = pairs == [(round(r.like_her, 3), round(r.everybody, 3)) for r in rows]
    return right and m["when"] == joined([f"{r.at:g}" for r in rows]) and number(m["n"]) == result.n_judged


@claim(RuleJudgement, r"Too few to say whether such a rule foretells better than the curve of everybody\.")
def _(m, result):
    return all(row.difference.value is None for row in result.rows)


# ---------------------------------------------------------------- the cohorts
SEEDS = (*range(22), 26, 53)
SITES = ("lung", "bone", "liver", "brain", "vaginal_vault")


def random_cohort(seed: int) -> Cohort:
    """Few or many patients; groups of one, two or eight; nobody or everybody with the event; values missing or tied."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([1, 2, 3, 8, 20, 60, 150]))
    gone = rng.choice([0.0, 0.15, 0.6])

    def some(values: Iterable[object], share: float = gone) -> list[object]:
        return [None if rng.random() < share else v for v in values]

    arms = "ABCDEFGH"[: int(rng.choice([1, 2, 3, 8]))]
    strong = rng.random() < 0.4  # groups that differ
    arm = rng.choice(list(arms), n)
    scale = np.where(arm == "A", 40, 8) if strong else 15
    times = rng.exponential(scale, n) + 0.1
    columns = {
        "age_years": some(rng.integers(20, 80, n).astype(float).tolist()),
        "figo_stage": some(rng.choice(["I", "II", "III"], n).tolist()),
        "prs_months": some(np.round(times, int(rng.choice([0, 1]))).tolist(), gone / 2),
        "died": some((rng.random(n) < rng.choice([0.0, 0.3, 0.8, 1.0])).astype(int).tolist(), gone / 2),
        "ttr_months": np.round(rng.exponential(10, n), 1).tolist(),
        "recurred": some(rng.choice([0, 1], n, p=[0.2, 0.8]).tolist(), 0.0 if rng.random() < 0.5 else 0.1),
        "ici": some(rng.choice([0, 1], n).tolist()),
        "time_to_response_months": some(np.round(rng.exponential(3, n), 1).tolist()),
        "best_response": some(rng.choice(["CR", "PR", "SD", "PD", "NE"], n).tolist()),
        "arm": some(arm.tolist(), gone / 3),
    }
    share = rng.choice([0.02, 0.3, 0.9])
    low = -1 if rng.random() < 0.3 else 0
    sites = {s: np.where(rng.random(n) < share, 1, rng.integers(low, 1, n)).tolist() for s in SITES}
    cohort = cohort_of(columns, dictionary=Dictionary.builtin("necc"), sites=sites)
    return cohort.subset(rng.random(n) < 0.7) if rng.random() < 0.3 else cohort


def results_of(cohort: Cohort) -> Iterator[object]:
    """A result of each kind that has a reading, as far as the cohort has the columns."""
    made: list[Callable[[], object]] = [
        *(lambda by=by: kaplan_meier(cohort, "PRS", by, times=[0, 6, 12, 500]) for by in (None, "arm", "site:lung")),
        *(lambda by=by: parametric(cohort, "PRS", by, times=[0, 6, 500]) for by in (None, "arm")),
        lambda: parametric(cohort, "PRS", families=["exponential", "weibull"]),
        lambda: parametric(cohort, "PRS", families=["log-logistic"], times=[6]),
        lambda: survival_grid(cohort, "PRS"),
        lambda: compare_survival(cohort, "PRS", "arm", draws=100),
        lambda: compare_survival(cohort, "PRS", "figo_stage", strata=["arm"], draws=100),
        lambda: compare_survival(cohort, "PRS", "n_sites", draws=100),
        lambda: site_distribution(cohort),
        lambda: site_distribution(cohort, "arm"),
        *(lambda how=how: response_rates(cohort, **how) for how in RESPONSES),
        lambda: cumulative_incidence(cohort, "TTR"),
        lambda: cumulative_incidence(cohort, "TTR", by="arm", rule="counted in each"),
        lambda: characteristics(cohort),
        lambda: characteristics(cohort, "arm"),
        lambda: univariate(cohort, "PRS", ["age_years", "arm", "figo_stage"]),
        *(lambda s=s: side_by_side(cohort, {n: Selection.parse(w) for n, w in s.items()}, "PRS") for s in SUBCOHORTS),
        *(
            lambda old=old: compare_numbers(old(), record_numbers(cohort, by="arm"))
            for old in (
                tuple,
                lambda: record_numbers(Selection.parse(["age_years>40"]).apply(cohort), by="site:lung"),
            )
        ),
        lambda: cox(cohort, "PRS", ["age_years"]),
        lambda: cox(cohort, "PRS", ["age_years", "arm"], strata=["site:lung"]),
    ]
    for make in made:
        try:
            yield make()
        except AnalysisError:  # a column without any value isn't there
            continue


SUBCOHORTS: tuple[dict[str, list[str]], ...] = (
    {"lung": ["site:lung=with"], "old": ["age_years>50"]},
    {"lung": ["site:lung=with"], "other": ["site:lung=without"]},
    {"lung": ["site:lung=with"], "other": ["site:lung=without"], "old": ["age_years>50"], "all": []},
    {"nobody": ["age_years>500"]},
)
RESPONSES = ({}, {"by": "arm"}, {"by": "ici"}, {"denominator": "treated"})


@cache
def results(seed: int) -> tuple[object, ...]:
    return tuple(results_of(random_cohort(seed)))


@cache
def cases(seed: int) -> tuple[object, ...]:
    """Some patients of a cohort, each among the others, by two rules; and both rules, judged."""
    cohort = random_cohort(seed)
    places = positions(cohort).tolist()[:2]
    rules = (None, ["arm", "figo_stage"])
    found = [case(cohort, place, fields) for place in places for fields in rules]
    return (*found, *(judge_rule(cohort, "PRS", fields, times=[6, 12]) for fields in rules))


def sentences_of(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        yield from re.split(r"(?<=\.) (?=[A-Z])", part)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sentence_of_a_reading_is_true(seed):
    for result in (*results(seed), *cases(seed)):
        for sentence in sentences_of(reading(result)):
            known = [*CLAIMS.get(type(result), []), *CLAIMS[object]]
            found = [(m, check) for pattern, check in known if (m := pattern.fullmatch(sentence))]
            assert found, f"{type(result).__name__}: no claim is known like this: {sentence}"
            m, check = found[0]
            assert check(m, result), f"{type(result).__name__}, not true: {sentence}"


def test_every_known_claim_occurs():
    """A pattern that no cohort brings about is either dead or never checked."""
    seen: set[str] = set()
    for seed in SEEDS:
        for result in (*results(seed), *cases(seed)):
            for sentence in sentences_of(reading(result)):
                known = [*CLAIMS.get(type(result), []), *CLAIMS[object]]
                seen |= {p.pattern for p, _ in known if p.fullmatch(sentence)}
    rare = ("side of 0", "Median time to response", "without an interval", "here no event has several")
    dead = [p.pattern for claims in CLAIMS.values() for p, _ in claims if p.pattern not in seen]
    assert [p for p in dead if not any(word in p for word in rare)] == []


# ---------------------------------------------------------------- Methods, notes and captions
NUMERIC = ("Mann-Whitney", "Kruskal-Wallis", "Welch")  # tests that are named only where they were made
CODES = re.compile(r"\b(?:site|organ):\w|\b(?:n_lesions|n_sites|[a-z]+_months|[a-z]+_response)\b")
SHOWN: dict[type, Callable[[object], tuple[str, ...]]] = {
    KaplanMeier: lambda r: (*tables.survival_summary(r).notes, figures.survival_curves(r).caption),
    Parametric: lambda r: (*tables.parametric_fits(r).notes, *tables.parametric_parameters(r).notes),
    SurvivalGrid: lambda r: (*tables.grid_summary(r).notes, figures.survival_grid(r).caption),
    SurvivalComparison: lambda r: (*tables.survival_tests(r).notes, *tables.survival_pairs(r).notes),
    SiteDistribution: lambda r: (
        *tables.site_table(r).notes,
        (figures.site_bars_by if r.by else figures.site_bars)(r).caption,
    ),
    ResponseRates: lambda r: (*tables.response_table(r).notes, figures.response_rates(r).caption),
    CumulativeIncidence: lambda r: (
        *tables.incidence_at(r, [12]).notes, *tables.gray_tests(r).notes, figures.incidence_curves(r).caption,
    ),
    Characteristics: lambda r: tables.characteristics_table(r).notes,
    UnivariateTable: lambda r: (*tables.regression_table(r).notes, figures.forest(r).caption),
    CoxModel: lambda r: tables.model_table(r).notes,
    NumberComparison: lambda r: tables.compared(r).notes,
    SideBySide: lambda r: (
        *tables.side_by_side(r).notes, *tables.overlap(r).notes, *tables.overlap_pairs(r).notes,
        *(draw(r).caption for draw in (figures.subcohort_curves, figures.overlap, figures.subcohort_sites)),
    ),
}  # fmt: skip


def made_tests(result: object) -> list[str]:
    """Names of the tests that were made of tables and numbers."""
    of = {
        SiteDistribution: lambda r: [t.test for t in r.tests],
        ResponseRates: lambda r: [r.test],
        Characteristics: lambda r: [row.test for row in r.rows],
    }.get(type(result))
    return [t.name for t in of(result) if t and t.p is not None] if of else []


@pytest.mark.parametrize("seed", SEEDS)
def test_methods_notes_and_captions_say_what_was_done(seed):
    for result in results(seed):
        said = " ".join(method(result))
        text = " ".join([said, *SHOWN[type(result)](result)])
        where = f"{type(result).__name__}: {text}"
        numbers = re.findall(rf"adjusted for ({N})", text)
        assert {number(k) for k in numbers} <= {getattr(result, "n_tests", 0)}, where
        assert not CODES.search(text), where
        assert (
            "  " not in text and ".." not in text.replace("...", "") and not re.search(r"\b(nan|None|inf)\b", text)
        ), where
        names = " ".join(made_tests(result))
        assert ("Tests made" in said) == bool(names), where
        assert not [name for name in NUMERIC if name in said and name not in names], where
        if "two-by-two tables" not in said:
            assert "Yates" not in said and "Fisher's exact" not in said, where
        if isinstance(result, KaplanMeier | SurvivalGrid):
            assert ("log-rank" in said) == bool(raw_p(result)), where
        if isinstance(result, SiteDistribution):
            assert ("add up to more than" in text) == (sum(s.n / s.of for s in result.sites if s.of) > 1), where
        if isinstance(result, CumulativeIncidence):
            assert ("Gray's test" in said) == bool(raw_p(result)), where


@pytest.mark.parametrize("seed", SEEDS)
def test_a_report_counts_who_lacks_what(seed):
    cohort = random_cohort(seed)
    made = results(seed)
    text = methods_paragraph(made, cohort)
    missing = text.paragraph("Missing values")
    assert "did not recur" not in missing and "no ICI" not in missing
    left_out = excluded_of(*made)
    for e in left_out:
        place = missing if e.is_missing else text.paragraph("Patients")
        assert f"{e.n:,} patient{'s' * (e.n != 1)} ({e.reason})" in place, text.text
    rows = [row for r in made if isinstance(r, Characteristics) for row in r.rows]
    nobody = not any(e.is_missing for e in left_out) and not any(row.n_missing for row in rows)
    assert ("No patient was left out of an analysis for a missing value." in missing) == nobody
    for name, item in (("remark", "13"), ("strobe", "14b")):
        known = checklist(name, made, cohort).answer(item).known
        lacking = [row.label for row in rows if cohort.n_missing(row.name)]
        assert ("is missing" not in known) if lacking else True, known
        for label in lacking[:12]:
            assert re.search(rf"{re.escape(label)} {N}|and \d+ more", known), known
