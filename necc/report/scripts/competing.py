"""Sections of competing events: cumulative incidence with Gray's tests, and models of both hazards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from necc.analysis.competing.curves import CumulativeIncidence, IncidenceCurve
from necc.analysis.competing.hazards import HazardsByCause
from necc.analysis.competing.outcome import CENSORED_WORDS, DEATH, SEVERAL, UNKNOWN_SITE
from necc.core.dictionary import N_SITES, normalise
from necc.core.estimate import Estimate
from necc.report.model import Computed
from necc.report.scripts.script import ITERATED, Section
from necc.report.scripts.survival import between
from necc.report.scripts.text import number, own_names, quoted

OUTCOMES = ("competing_outcome", "competing_from_columns")
COLUMNS = ("competing_from_columns", "cumulative_incidence_of_columns")


def _call(computed: Computed) -> tuple[str, Mapping[str, object]]:
    """The call that says which causes there are, and its arguments."""
    made = computed.arguments.get("outcome")
    if isinstance(made, Computed):
        return made.function, made.arguments
    return computed.function, computed.arguments


def causes(section: Section, result: CumulativeIncidence | HazardsByCause, computed: Computed) -> bool:
    """Writes `happened`, a table with a time, any event, and a column for each cause; whether it can."""
    function, given = _call(computed)
    if function in COLUMNS:
        return _from_columns(section, given)
    outcome = section.endpoint(result.endpoint)
    if split := given.get("causes"):
        return _split(section, outcome, str(split))
    if not result.rule:
        section.line(f"happened <- with_causes({outcome}, {quoted(result.endpoint)}, known({outcome}$event == 1))")
        return True
    return _by_site(section, result, outcome, given)


def _from_columns(section: Section, given: Mapping[str, object]) -> bool:
    factor = section.cohort.whole.factor(str(given["status"]))
    censored = given.get("censored")
    level = next((x for x in factor.levels if normalise(x) in CENSORED_WORDS), None) if censored is None else censored
    group = section.group(str(given["status"]))
    section.line(f"status <- {group}")
    time = section.number(str(given["time"]))
    section.line(f"outcome <- endpoint(time = {time}, event = is_other(status, {quoted(str(level))}))")
    parts = [f"{quoted(x)}, known(outcome$event == 1 & status == {quoted(x)})" for x in factor.levels if x != level]
    section.line(f"happened <- with_causes({', '.join(['outcome', *parts])})")
    return True


def _split(section: Section, outcome: str, column: str) -> bool:
    factor = section.cohort.factor(column)
    section.line(f"cause <- {section.group(column)}", f"event <- known({outcome}$event == 1)")
    parts = [f"{quoted(level)}, event & known(cause == {quoted(level)})" for level in factor.levels]
    parts.append('"cause not recorded", event & is.na(cause)')
    section.line(f"happened <- with_causes({outcome}, {', '.join(parts)})")
    return True


def _by_site(
    section: Section, result: CumulativeIncidence | HazardsByCause, outcome: str, given: Mapping[str, object]
) -> bool:
    """First recurrence by site, with death before it."""
    cohort, patients = section.cohort, section.script.patients
    patients.organs = True
    death = str(given.get("death") or cohort.dictionary.role("death_endpoint"))
    known = cohort.dictionary.endpoints
    follows = death in known and known[death].starts_at == known[result.endpoint].starts_at
    follows = follows and not cohort.endpoint_lacks(death)
    section.line(f"outcome <- {outcome}")
    if follows:
        column = known[result.endpoint].event
        told = "rep(FALSE, nrow(data))"
        if column and cohort.has(column) and "no" in cohort.factor(column).levels:
            told = f'known({section.group(column)} == "no")'
        section.line(
            "# patients without recurrence are followed to their death",
            f"followed <- with_deaths(outcome, {section.endpoint(death)}, told_no = {told})",
            "outcome <- followed$outcome", "dead <- followed$dead",
        )  # fmt: skip
    else:
        section.line("dead <- rep(FALSE, nrow(data))")
    section.line("came_back <- known(outcome$event == 1) & !dead", "has <- (sites %in% TRUE) & came_back",
                 "dim(has) <- dim(sites)", "colnames(has) <- colnames(sites)")  # fmt: skip
    if result.rule == "own cause":
        section.line("several <- rowSums(has) > 1", "of_site <- has & !several")
    elif result.rule == "hierarchy":
        order = [str(s) for s in given.get("hierarchy") or ()]  # type: ignore[attr-defined]  # a list of names
        order += [s for s in cohort.site_names if s not in order]
        section.line(f"of_site <- first_only(has[, c({', '.join(map(quoted, order))}), drop = FALSE])")
    else:
        section.line("of_site <- has")
    parts = [f"{quoted(SEVERAL)}, several"] if result.rule == "own cause" else []
    parts += [f"{quoted(UNKNOWN_SITE)}, came_back & rowSums(has) == 0", f"{quoted(DEATH)}, dead"]
    section.line(f"happened <- with_causes(outcome, {', '.join(parts)}, sites = of_site)")
    return True


# ---------------------------------------------------------------- cumulative incidence
def incidence(section: Section, result: CumulativeIncidence, computed: Computed) -> None:
    """Writes the curve of each cause in each group, and Gray's tests."""
    causes(section, result, computed)
    everybody = 'factor(rep("all patients", nrow(data)))'
    columns = [f"group = {section.group(result.by) if result.by else everybody}"]
    columns += [f"block = {section.group(result.stratified_by)}"] if result.stratified_by else []
    section.line(f"x <- analysed(who, happened, {', '.join(columns)})")
    section.same("patients and events", "c(nrow(x), sum(x$event))", [result.n, result.n_events])
    found = []
    for cause in result.causes:
        section.heading(cause.label)
        section.line(f"status <- status_of(x, {quoted(cause.name)})")
        section.same(f"{cause.label}, events", "sum(status == 1)", cause.n_events)
        if not cause.n_events:
            found.append("NA")
            continue
        strata = ", strata = x$block" if result.stratified_by else ""
        section.line("fit <- cuminc(x$time, status, x$group)")
        for stratum in result.strata:
            _curve(section, stratum.curve(cause.name), result, cause.label)
        test = next((t for t in result.tests if t.cause == cause.name), None)
        if test is None or test.statistic is None:
            found.append("NA")
            continue
        call = f"gray(cuminc(x$time, status, x$group{strata}))"
        section.same(f"{cause.label}, Gray's test: chi-square and degrees of freedom", f"{call}[1:2]",
                     [test.statistic, test.df], ITERATED)  # fmt: skip
        if test.p is None:
            section.told(f"{cause.label}: {test.note}")
            found.append("NA")
            continue
        section.same(f"{cause.label}, Gray's test: p", f"{call}[3]", test.p, ITERATED)
        found.append(f"{call}[3]")
    if result.tests:
        by_cause = {t.cause: t.p_adjusted for t in result.tests}
        section.adjusted(f"p adjusted ({result.adjustment})", _named(section, result, found),
                         [by_cause.get(c.name) for c in result.causes], result.adjustment)  # fmt: skip


def _named(section: Section, result: CumulativeIncidence, found: Sequence[str]) -> list[str]:
    """Each p under a name of its own, as `status` is another one by then."""
    names = []
    for cause, p in zip(result.causes, found, strict=True):
        if p == "NA":
            names.append("NA")
            continue
        name = section.name("p")
        section.line(f"status <- status_of(x, {quoted(cause.name)})", f"{name} <- {p}")
        names.append(name)
    return names


def _curve(section: Section, curve: IncidenceCurve, result: CumulativeIncidence, label: str) -> None:
    if section.few(curve.n) or not len(curve.time):
        return
    inner = between(curve.estimate)
    expected = [float(np.sum(v)) for v in (curve.estimate, curve.se, curve.ci_lower[inner], curve.ci_upper[inner],
                                           curve.one_minus_km)]  # fmt: skip
    code = f"incidence_steps(fit, x, status, {quoted(curve.stratum)}, {quoted(result.ci)}, {number(result.level)})"
    what = "sums over the curve's steps of incidence, standard error, limits and 1 - Kaplan-Meier"
    section.same(f"{label}, {curve.stratum}: {what}", code, expected, ITERATED)


# ---------------------------------------------------------------- models
def hazards(section: Section, result: HazardsByCause, computed: Computed) -> None:
    """Writes the Fine-Gray and the cause-specific model of each cause."""
    level = float(computed.arguments.get("level") or 0.95)  # type: ignore[arg-type]  # a number
    causes(section, result, computed)
    own = dict(zip(result.covariates, own_names(result.covariates), strict=True))
    columns = [f"{plain} = {section.number(name) if _linear(section, name) else section.group(name)}"
               for name, plain in own.items()]  # fmt: skip
    section.line(f"x <- analysed(who, happened,\n  {', '.join(columns)})",
                 f"design <- model.matrix(~ {' + '.join(own.values())}, x)[, -1, drop = FALSE]")  # fmt: skip
    section.same("patients", "nrow(x)", result.n)
    for cause, n in result.n_events.items():
        rows = [r for r in result.rows if r.cause == cause]
        section.heading(cause)
        section.line(f"status <- status_of(x, {quoted(cause)})")
        section.same(f"{cause}, events", "sum(status == 1)", n)
        for kind, name, fit in (
            ("subdistribution", "Fine-Gray", "crr(x$time, status, design, gtol = 1e-9, maxiter = 50)"),
            ("cause_specific", "Cox", 'cox_model(Surv(x$time, status == 1) ~ design, x, ties = "efron")'),
        ):
            if not any(getattr(r, kind).value is not None for r in rows):
                section.told(f"{cause}, {name}: {'; '.join(dict.fromkeys(r.note for r in rows if r.note))}")
                continue
            if any("separation" in r.note for r in rows):
                section.told(f"{cause}, {name}: not compared, as the likelihood of a term keeps rising (separation)")
                continue
            section.line(f"fit <- {fit}")
            for i, row in enumerate(rows, 1):
                estimate: Estimate = getattr(row, kind)
                if estimate.value is None or estimate.lower is None or estimate.upper is None:
                    continue
                shown = f"{row.term.label}{f': {row.term.level}' if row.term.level else ''}"
                expected = [estimate.value, estimate.lower, estimate.upper, getattr(row, f"{kind}_p")]
                section.same(f"{cause}, {name}, {shown}: hazard ratio, limits, p",
                             f"ratio_of(fit, {i}, {number(level)})", expected, ITERATED)  # fmt: skip


def _linear(section: Section, name: str) -> bool:
    return name == N_SITES or name in section.cohort.number_names()
