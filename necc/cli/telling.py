"""`necc methods`, `necc checklist`, `necc readings`, `necc figure`: texts and pictures of a cohort's usual analyses."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from necc.cli.io import Result, Usage, chosen_endpoint, listed, read, show
from necc.cli.tables import leave, table_lines
from necc.core.errors import AnalysisError

if TYPE_CHECKING:
    from necc.core.cohort import Cohort
    from necc.core.selection import Selection

MAKES: dict[str, str] = {
    "overview": "figures.overview(cohort)",
    "flow": "figures.flow(flow(whole, selection=selection, endpoint=@endpoint))",
    "sites": "figures.site_bars(site_distribution(cohort))",
    "sites-by": "figures.site_bars_by(site_distribution(cohort, @by))",
    "body": "figures.body_shares(site_distribution(cohort))",
    "number-of-sites": "figures.number_of_sites(site_distribution(cohort))",
    "together": "figures.upset(co_occurrence(cohort))",
    "site-matrix": "figures.site_matrix(co_occurrence(cohort))",
    "organs": "figures.organ_bars(organ_distribution(cohort))",
    "site-times": "figures.site_timing(site_timing(cohort))",
    "survival": "figures.survival_curves(kaplan_meier(cohort, @endpoint, by=@by))",
    "each-site": "figures.survival_grid(survival_grid(cohort, @endpoint))",
    "rmst": "figures.restricted_areas(restricted_mean(cohort, @endpoint, by=@by), "
            "km=kaplan_meier(cohort, @endpoint, by=@by))",
    "parametric": "figures.parametric_curves(parametric(cohort, @endpoint, by=@by), "
                  "km=kaplan_meier(cohort, @endpoint, by=@by))",
    "incidence": "figures.incidence_curves(cumulative_incidence(cohort, by=@by))",
    "incidence-stacked": "figures.stacked_incidence(cumulative_incidence(cohort))",
    "incidence-panels": "figures.incidence_grid(cumulative_incidence(cohort, by=@by), naive=1)",
    "hazards": "figures.hazards_forest(hazards_by_cause(cohort, covariates=@covariates))",
    "forest": "figures.forest(univariate(cohort, @endpoint, covariates=@covariates, multivariable=@covariates))",
    "response": "figures.response_rates(response_rates(cohort, by=@by))",
    "response-categories": "figures.response_bars(response_rates(cohort, by=@by))",
    "response-sites": "figures.response_by_site(response_by_site(cohort))",
    "transitions": "figures.transitions(transitions(cohort))",
    "swimmer": "figures.swimmer(swimmer(cohort))",
    "response-ladder": "figures.response_ladder(swimmer(cohort))",
    "timing": "figures.timing_curves(treatment_timing(cohort, @endpoint))",
    "timing-ratios": "figures.timing_ratios(treatment_timing(cohort, @endpoint))",
    "discrimination": "figures.discrimination(compare_models(cohort, @endpoint, @covariates))",
    "calibration": "figures.calibration(compare_models(cohort, @endpoint, @covariates))",
    "net-benefit": "figures.net_benefit(compare_models(cohort, @endpoint, @covariates))",
}  # fmt: skip
"""Pictures by short names, as recipes: what stands after @ is filled from the options."""


def figure(options: argparse.Namespace) -> int:
    """A picture of the pages by its name or its recipe; the names where none is given."""
    from necc.present.figures import Figure
    from necc.report.recipe import Kitchen

    if options.name and options.recipe:
        raise Usage("--name and --recipe both say what is drawn; give one")
    cohort = read(options)
    if not (options.name or options.recipe):
        told: Result = {"figures": [{"name": name, "recipe": recipe} for name, recipe in MAKES.items()]}
        width = max(map(len, MAKES))
        return show(options, told, lambda _: [f"{name:<{width}}  {recipe}" for name, recipe in MAKES.items()])
    recipe = options.recipe or _filled(options, cohort)
    made, _ = Kitchen(cohort, cohort.whole, cohort.whole, _selection(options, cohort)).make(recipe)
    if isinstance(made, Figure):
        told = {"kind": "figure", "name": made.name, "title": made.headline, "told": made.alt, "caption": made.caption,
                "recipe": recipe}  # fmt: skip
        return leave(options, made, list, lambda: made, told=told, first=[made.headline, made.alt, made.caption])
    if not hasattr(made, "rows"):
        raise Usage("--recipe makes neither a figure nor a table")
    told = {"kind": "table", "name": made.name, "title": made.title, "columns": list(made.columns),
            "rows": [list(row) for row in made.rows], "notes": list(made.notes), "recipe": recipe}  # fmt: skip
    return show(options, told, lambda _: table_lines(made), tail=False)


def _selection(options: argparse.Namespace, cohort: Cohort) -> Selection:
    from necc.core.selection import Selection

    return Selection.parse(options.where, cohort.whole.columns)


def _filled(options: argparse.Namespace, cohort: Cohort) -> str:
    """The recipe of --name with the endpoint, groups and covariates of the options.

    Raises:
        Usage: it lacks one of them.
    """
    recipe = MAKES[options.name]
    covariates = tuple(listed(options.covariates))
    if "@covariates" in recipe and not covariates:
        raise Usage(f"--name {options.name} needs --covariates A,B,C")
    if "@endpoint" in recipe:
        recipe = recipe.replace("@endpoint", repr(chosen_endpoint(options, cohort)))
    return recipe.replace("@by", repr(options.by)).replace("@covariates", repr(covariates))


# ---------------------------------------------------------------- texts
def _results(options: argparse.Namespace, cohort: Cohort) -> Iterator[tuple[str, object]]:
    """The usual analyses by what they are called, as far as the file has the data; the others are noted."""
    for name, analysis in _analyses(options, cohort).items():
        try:
            yield name, analysis()
        except AnalysisError as error:
            options.notes = [*getattr(options, "notes", []), f"note: {name} is left out: {error}"]


def _analyses(options: argparse.Namespace, cohort: Cohort) -> dict[str, Callable[[], object]]:
    from necc.analysis.baseline import characteristics
    from necc.analysis.recurrence import site_distribution
    from necc.analysis.regression import cox, univariate
    from necc.analysis.response import response_rates
    from necc.analysis.survival import kaplan_meier, survival_grid

    endpoint, terms = chosen_endpoint(options, cohort), listed(options.covariates)
    every: dict[str, Callable[[], object]] = {
        "sites": lambda: site_distribution(cohort),
        "survival": lambda: kaplan_meier(cohort, endpoint, options.by),
        "every-site": lambda: survival_grid(cohort, endpoint),
        "response": lambda: response_rates(cohort),
        "characteristics": lambda: characteristics(cohort, options.by, denominator="known" if options.by else "all"),
    }
    if terms:
        every["alone"] = lambda: univariate(cohort, endpoint, terms)
    if len(terms) > 1:
        every["together"] = lambda: cox(cohort, endpoint, terms)
    asked = listed(options.about)
    if strange := [name for name in asked if name not in every]:
        raise Usage(f"--about takes {', '.join(every)}, not '{strange[0]}'; alone and together need --covariates")
    return {name: every[name] for name in asked or every}


def methods(options: argparse.Namespace) -> int:
    """The Methods text of the usual analyses."""
    from necc.present.words.methods import methods_paragraph

    cohort = read(options)
    results = [result for _, result in _results(options, cohort)]
    text = methods_paragraph(results, cohort, _selection(options, cohort))
    lines = [line for heading, said in text.paragraphs for line in (heading, said, "")]
    return show(options, text, lambda _: lines, tail=False)


def readings(options: argparse.Namespace) -> int:
    """What the usual analyses say, sentence by sentence."""
    from necc.present.words.reading import reading

    cohort = read(options)
    told = {"readings": [{"about": name, "sentences": list(reading(one))} for name, one in _results(options, cohort)]}
    return show(options, told, partial(_said), tail=False)


def _said(told: Result) -> list[str]:
    return [line for one in told["readings"] for line in (f"{one['about']}:", *(f"  {s}" for s in one["sentences"]))]


def checklists(options: argparse.Namespace) -> int:
    """REMARK or STROBE with what the usual analyses know, and what is left to the authors."""
    from necc.analysis.survival import kaplan_meier
    from necc.present.tables import checklist_table
    from necc.present.words.checklists import checklist
    from necc.present.words.methods import endpoints_of

    cohort = read(options)
    results: list[Any] = [result for _, result in _results(options, cohort)]
    follow_up = {name: kaplan_meier(cohort, name).followup for name in endpoints_of(results)}
    answers = checklist(options.name, results, cohort, _selection(options, cohort), follow_up=follow_up)
    return show(options, answers, lambda _: [answers.progress, *_one_by_one(checklist_table(answers))], tail=False)


def _one_by_one(table: Any) -> list[str]:
    """A table of long texts: each row as its own lines."""
    lines = []
    for row in table.rows:
        lines += [row[0], *(f"  {name}: {cell}" for name, cell in zip(table.columns[1:], row[1:], strict=True) if cell)]
    return [*lines, *table.notes]
