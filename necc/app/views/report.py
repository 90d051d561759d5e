"""The views of the page for a report: which analyses it is about, and its texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from necc.analysis.baseline import characteristics
from necc.analysis.competing import cumulative_incidence
from necc.analysis.recurrence import site_distribution
from necc.analysis.regression import cox, univariate
from necc.analysis.response import response_rates
from necc.analysis.survival import kaplan_meier, parametric, survival_grid
from necc.app.session.cache import cached
from necc.app.session.plain import esc
from necc.app.session.state import get_state
from necc.app.views import exhibits
from necc.app.views.conventions import conventions
from necc.app.views.parametric import chosen_options as fitted
from necc.app.views.regression import chosen_adjustment, chosen_together
from necc.app.widgets.choices import (
    choose_endpoint,
    choose_factor,
    choose_some,
    controls,
    covariates,
    default_covariates,
    is_number,
    options,
)
from necc.app.widgets.show import bullets, caption, download, file_name, heading, show, to_report
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.text import slug
from necc.present.tables import checklist_table
from necc.present.words.checklists import ChecklistName, checklist
from necc.present.words.methods import endpoints_of, methods_paragraph
from necc.present.words.reading import reading

CHECKLISTS: dict[str, ChecklistName] = {"REMARK": "remark", "STROBE": "strobe"}
Result = tuple[str, object]


def choose_covariates(cohort: Cohort, endpoint: str, by: str | None) -> tuple[str, ...]:
    """Covariates of the Cox models of the report: to begin with those that a person put together in one model.

    Without any, the report's groups, and numbers that a model is offered.
    """
    words = covariates(cohort)
    numbers = [n for n in default_covariates(cohort) if is_number(cohort, n)]
    default = dict.fromkeys(chosen_together(cohort, endpoint) or [n for n in (by, *numbers) if n in words])
    return choose_some(
        "report-covariates", "Covariates of the Cox models", tuple(words), words=words, default=tuple(default)
    )


def _analyses(cohort: Cohort, endpoint: str, by: str | None, terms: tuple[str, ...]) -> dict[str, Callable[[], object]]:
    how = conventions(cohort, endpoint, by, terms)
    adjustment = chosen_adjustment()
    analyses: dict[str, Callable[[], object]] = {
        "Sites of recurrence": lambda: cached(site_distribution)(cohort),
        "Survival": lambda: cached(kaplan_meier)(cohort, endpoint, by, ci=how.ci, times=how.times),
        "Survival by every site": lambda: cached(survival_grid)(cohort, endpoint, ci=how.ci),
        "Parametric curves": lambda: cached(parametric)(cohort, endpoint, by, **fitted(cohort, endpoint)),
        "Competing events": lambda: cached(cumulative_incidence)(cohort, endpoint, **how.incidence),
        "Response": lambda: cached(response_rates)(cohort, how.response, denominator=how.out_of),
        "Characteristics": lambda: cached(characteristics)(
            cohort, by, denominator=how.percent_of, convention=how.convention, test=how.test
        ),
    }
    if terms:
        analyses["Covariates alone"] = lambda: cached(univariate)(
            cohort, endpoint, terms, adjustment=adjustment, **how.models
        )
    if len(terms) > 1:
        analyses["Covariates together"] = lambda: cached(cox)(cohort, endpoint, terms, **how.models)
    return analyses


LEFT_OUT_FIRST = ("Parametric curves", "Competing events")


def results(cohort: Cohort, endpoint: str, by: str | None, terms: tuple[str, ...]) -> list[Result]:
    """The analyses chosen, by name; what the cohort lacks the data for is said and left out."""
    every = _analyses(cohort, endpoint, by, terms)
    names = tuple(every)
    chosen = choose_some(
        "report-analyses", "The report is about", names, default=[n for n in names if n not in LEFT_OUT_FIRST],
        fixed=True,
        help="Methods and checklists cover these and nothing else, computed as on their own pages: limits, "
        "denominators, tests and options are those chosen there",
    )  # fmt: skip
    result: list[Result] = []
    for name in chosen:
        try:
            result.append((name, every[name]()))
        except AnalysisError as error:
            caption(f"{name}: not part of the report, {error.told}.")
    return result


# ---------------------------------------------------------------- texts
def _methods_text(cohort: Cohort, results: list[Result]) -> None:
    """The Methods text, to copy: of the results above, with the choices of their pages."""
    text = methods_paragraph([r for _, r in results], cohort, get_state().selection)
    for title, paragraph in text.paragraphs:
        heading(title)
        st.code(paragraph, language=None, wrap_lines=True)
    to_report("methods()", "Methods", "methods")
    joined = "\n\n".join(f"{title}\n{paragraph}" for title, paragraph in text.paragraphs)
    download("Download as text", lambda: joined.encode(), file_name("methods", "txt"), "text/plain")


def _readings(results: list[Result]) -> None:
    """What each result says, sentence by sentence."""
    for name, result in results:
        heading(name)
        bullets(map(esc, reading(result)))
        to_report(partial(reading, result), name, f"reading-{slug(name)}")
    caption(
        "The sentences are made from the numbers by fixed rules. They name no cause and leave the judgement to you."
    )


def _filled(name: ChecklistName, cohort: Cohort, results: list[Result]) -> None:
    """A checklist with what the analysis knows and what is left to the authors."""
    computed = [r for _, r in results]
    follow_up = {e: cached(kaplan_meier)(cohort, e).followup for e in endpoints_of(computed)}
    answers = checklist(name, computed, cohort, get_state().selection, follow_up=follow_up)
    caption(answers.progress)
    show(checklist_table(answers), explain="checklists", recipe=f"checklist({name!r})")


# ---------------------------------------------------------------- the views
def _asked(cohort: Cohort) -> list[Result]:
    """The results that a report is about, chosen in one line."""
    with controls():
        endpoint = choose_endpoint(cohort)
        by = choose_factor(cohort, default="site:abdominal")
        with options():
            terms = choose_covariates(cohort, endpoint, by)
            return results(cohort, endpoint, by, terms)


def readings(cohort: Cohort) -> None:
    """What each result says, sentence by sentence."""
    _readings(_asked(cohort))


def methods_text(cohort: Cohort) -> None:
    """The Methods text."""
    _methods_text(cohort, _asked(cohort))


def _checklist(name: ChecklistName) -> Callable[[Cohort], None]:
    return lambda cohort: _filled(name, cohort, _asked(cohort))


VIEWS = {
    "Readings": readings,
    "Methods text": methods_text,
    **{title: _checklist(name) for title, name in CHECKLISTS.items()},
    "Exhibits": exhibits.page,
}
