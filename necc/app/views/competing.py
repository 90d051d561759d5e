"""Competing risks: what competes, incidence by cause, 1 - Kaplan-Meier as the lesson, and two hazards."""

from __future__ import annotations

from typing import Any

from necc.analysis.competing import (
    RULE_MEANING,
    RULES,
    CompetingOutcome,
    CumulativeIncidence,
    competing_from_columns,
    hazards_of,
    incidence_of,
)
from necc.analysis.competing import competing_outcome as outcome_of
from necc.app.session.address import redrawn
from necc.app.session.cache import cached, draw
from necc.app.widgets.choices import (
    NOTHING,
    choose,
    choose_endpoint,
    choose_factor,
    choose_some,
    chosen,
    chosen_some,
    controls,
    covariates,
    default_covariates,
    factor_names,
    options,
)
from necc.app.widgets.parts import caution, choose_times_in, focus_on
from necc.app.widgets.show import caption, numbers, show
from necc.core.cohort import Cohort
from necc.core.dictionary import one_year
from necc.core.errors import AnalysisError
from necc.present import figures, tables

VIEWS = ("All causes", "Cause by cause", "1 − Kaplan-Meier")
SITES = "sites of first recurrence"
COLUMNS = "a time and a status column"
FOCUS = "cause in focus"


def page(cohort: Cohort) -> None:
    """Which event comes first, by cause and group."""
    with controls():
        by = choose_factor(cohort)
        view = choose("competing-view", "Show", VIEWS, fixed=True)
        with options():
            outcome = choose_causes(cohort)
            times = choose_times_in(outcome.unit, "Incidence")
    result = cached(incidence_of)(cohort, outcome, by)
    if view == "All causes":
        all_causes(cohort, outcome, result, by, times)
    if view == "Cause by cause":
        incidence_panels(result)
        _counted(cohort, outcome, result, by)
    if view == "1 − Kaplan-Meier":
        _naive(result, times)
        _counted(cohort, outcome, result, by)


def all_causes(
    cohort: Cohort, outcome: CompetingOutcome, result: CumulativeIncidence, by: str | None, times: tuple[float, ...]
) -> None:
    """Every cause in one picture for each group: stacked where each patient has one first cause."""
    for place, s in enumerate(result.strata if result.exclusive else ()):
        show(
            draw(figures.stacked_incidence, result, stratum=s.name), name=f"stacked-{place}",
            title=f"{result.by_label}: {s.name}" if by else result.label, explain="stacked-incidence",
        )  # fmt: skip
    if not result.strata or not result.exclusive:
        show(draw(figures.incidence_curves, result), title=result.label, explain="cumulative-incidence")
    _counted(cohort, outcome, result, by)
    show(tables.incidence_at(result, times), explain="cumulative-incidence several-sites")


def _counted(cohort: Cohort, outcome: CompetingOutcome, result: CumulativeIncidence, by: str | None) -> None:
    """The first numbers a reader asks for, and what a selected cohort can't say."""
    numbers(("analysed", f"{result.n:,}"), ("events", f"{outcome.event.sum():,}"), ("causes", f"{len(result.causes)}"),
            explain="cumulative-incidence several-sites")  # fmt: skip
    if outcome.rule:
        caution(cohort, outcome.name, by)


def _naive(result: CumulativeIncidence, times: tuple[float, ...]) -> None:
    """What 1 - Kaplan-Meier would say beside the share that has the event."""
    at = times[len(times) // 2] if times else one_year(result.unit)
    show(draw(figures.incidence_grid, result, naive=True), title=result.label, explain="one-minus-km")
    for place, s in enumerate(result.strata):
        show(
            draw(figures.naive_excess, result, at=at, stratum=s.name), name=f"naive-{place}",
            title=f"{result.by_label}: {s.name}" if result.by else f"By {at:g} {result.unit}", explain="one-minus-km",
        )  # fmt: skip
    show(tables.naive_beside(result, at), explain="one-minus-km")


def two_hazards(cohort: Cohort) -> None:
    """The cause-specific hazard beside Fine and Gray's, for each cause."""
    with controls():
        terms = model_terms(cohort)
        with options():
            outcome = choose_causes(cohort)
    if not terms:
        caption("Choose covariates.")
        return
    hazards = cached(hazards_of)(cohort, outcome, terms)
    labels = {c.name: c.label for c in cached(incidence_of)(cohort, outcome, None).causes}
    show(draw(figures.hazards_forest, hazards, labels=labels), title="Two hazards", explain="fine-gray")
    show(tables.hazards_table(hazards, labels), explain="fine-gray")


def choose_causes(cohort: Cohort) -> CompetingOutcome:
    """What competes: sites of first recurrence, an endpoint's event split by a column, or a status of several codes."""
    split = {n: label for n, label in factor_names(cohort).items() if not n.startswith(("site:", "organ:"))}
    kinds = [SITES] * bool(cohort.endpoint_names() and cohort.site_names) + [COLUMNS] * bool(cohort.number_names())
    kinds += list(split) if cohort.endpoint_names() else []
    if not kinds:
        raise AnalysisError(
            "competing risks need a time with an event and its causes: recurrence sites, or a column. The page 'Your "
            "own file' lets you say which columns hold them"
        )
    words = {SITES: "Sites of first recurrence", COLUMNS: "A time and a status column …", **split}
    causes = choose("causes", "Causes", tuple(kinds), words=words, wide=True, width=260, fixed=(SITES, COLUMNS),
                    help="Which events compete to be the first")  # fmt: skip
    if causes == COLUMNS:
        return _from_columns(cohort, split)
    endpoint = choose_endpoint(cohort, "recurrence_endpoint")
    if causes != SITES:
        return cached(outcome_of)(cohort, endpoint, causes=causes)
    rule = choose("sites-rule", "Several sites at once", RULES, words={r: r.capitalize() for r in RULES}, fixed=True,
                  help="\n\n".join(f"**{r.capitalize()}**: {RULE_MEANING[r]}" for r in RULES))  # fmt: skip
    order: tuple[str, ...] = ()
    if rule == "hierarchy":
        labels = {s: cohort.site_label(s) for s in cohort.site_names}
        order = choose_some("sites-order", "Order of sites, first to last", cohort.site_names, words=labels, width=420,
                            help="Sites that aren't named follow in the scheme's order")  # fmt: skip
    return cached(outcome_of)(cohort, endpoint, rule=rule, hierarchy=order)


def chosen_rule(cohort: Cohort) -> dict[str, Any]:
    """How several sites at once are told apart, as it was chosen: options of `cumulative_incidence`."""
    rule = chosen("sites-rule", RULES, fixed=True)
    order = chosen_some("sites-order", cohort.site_names) if rule == "hierarchy" else ()
    return {"rule": rule, "hierarchy": order}


def _from_columns(cohort: Cohort, split: dict[str, str]) -> CompetingOutcome:
    labels = {n: cohort.dictionary.variables[n].title() for n in cohort.number_names()}
    time = choose("causes-time", "Time", tuple(labels), words=labels, wide=True, width=220)
    split = {n: labels[n] for n in labels if n != time and _censored(cohort, n)} | split
    coded = next((n for n in split if _censored(cohort, n)), None)
    status = choose(
        "causes-status", "Status", tuple(split) or (NOTHING,), default=coded, words=split, wide=True, width=220
    )
    if not status:
        raise AnalysisError("no column of the file has the few values of a status")
    levels = cohort.whole.factor(status).levels
    likely = _censored(cohort, status) or levels[0]
    censored = choose("causes-censored", "Censored is", levels, default=likely, wide=len(levels) > 4, of=status)
    return cached(competing_from_columns)(cohort, time, status, censored=censored)


def _censored(cohort: Cohort, status: str) -> str | None:
    """The level of a column that means censored, where one is named so."""
    try:
        levels = cohort.whole.factor(status).levels
    except AnalysisError:  # a number of many values
        return None
    return next((x for x in levels if x.lower() in ("0", "censored", "alive")), None)


@redrawn
def incidence_panels(result: CumulativeIncidence) -> None:
    """A panel for each cause; a click on one, or the list, brings it below at full size."""
    show(draw(figures.incidence_grid, result), title=f"{result.label} by cause",
         explain="cumulative-incidence gray-test adjusted-p", picked=focus_on(FOCUS))  # fmt: skip
    if result.tests:
        show(tables.gray_tests(result), explain="gray-test adjusted-p")
    words = {NOTHING: "none", **{c.name: c.label for c in result.causes}}
    cause = choose(FOCUS, "Cause in focus", tuple(words), words=words, wide=True,
                   help="Clicking a small picture chooses it too")  # fmt: skip
    if cause:
        show(draw(figures.incidence_curves, result, cause=cause, naive=not result.by),
             title=f"Cumulative incidence: {words[cause]}", explain="cumulative-incidence", name="focus")  # fmt: skip


def model_terms(cohort: Cohort) -> tuple[str, ...]:
    """Covariates of the two hazards: to begin with the first that a model is offered."""
    words = covariates(cohort)
    return choose_some("hazards-covariates", "Covariates", tuple(words), words=words, width=460,
                       default=[n for n in default_covariates(cohort)[:1] if n in words])  # fmt: skip
