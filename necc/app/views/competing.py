"""Parts of the page on competing risks: what competes, the covariates of two hazards, and one panel a cause."""

from __future__ import annotations

from typing import Any

from necc.analysis.competing import RULE_MEANING, RULES, CompetingOutcome, CumulativeIncidence, competing_from_columns
from necc.analysis.competing import competing_outcome as outcome_of
from necc.app.session.address import redrawn
from necc.app.session.cache import cached, draw
from necc.app.widgets.choices import (
    NOTHING,
    choose,
    choose_endpoint,
    choose_some,
    chosen,
    chosen_some,
    covariates,
    default_covariates,
    factor_names,
)
from necc.app.widgets.parts import focus_on
from necc.app.widgets.show import show
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.present import figures, tables

SITES = "sites of first recurrence"
COLUMNS = "a time and a status column"
FOCUS = "cause in focus"


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
    endpoint = choose_endpoint(cohort, "competing-endpoint", "recurrence_endpoint")
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


def model_terms(cohort: Cohort, by: str | None) -> tuple[str, ...]:
    """Covariates of the two hazards: to begin with what the groups are by, else the first that a model is offered."""
    words = covariates(cohort)
    default = [by] if by else default_covariates(cohort)[:1]
    return choose_some("hazards-covariates", "Covariates", tuple(words), words=words,
                       default=[n for n in default if n in words])  # fmt: skip
