"""The views of the page on regression: Cox models and their diagnostics, two hazards, and prediction."""

from __future__ import annotations

from collections.abc import Callable

from necc.analysis.regression import UnivariateTable
from necc.app.views import competing, prediction, regression
from necc.app.views import regression_answers as answers
from necc.core.cohort import Cohort

Shows = Callable[[Cohort, regression.Question, UnivariateTable], None]


def _ratios(cohort: Cohort, question: regression.Question, answer: UnivariateTable) -> None:
    answers.hazard_ratios(answer)
    regression.headline(answer)
    regression.cautions(cohort, answer)


def _cox(shows: Shows) -> Callable[[Cohort], None]:
    """A view of a Cox model: the same question for each."""

    def view(cohort: Cohort) -> None:
        question = regression.ask(cohort)
        shows(cohort, question, regression.answer(cohort, question))

    return view


VIEWS = {
    "Hazard ratios": _cox(_ratios),
    "Proportional hazards": _cox(lambda c, q, a: answers.hazards(c, regression.model_of(a))),
    "Single patients": _cox(lambda c, q, a: answers.single_patients(c, regression.model_of(a))),
    "Subgroups": _cox(lambda c, q, a: answers.subgroup_view(c, q)),
    "Stepwise": _cox(lambda c, q, a: answers.selection_view(c, q)),
    "Missing values": _cox(lambda c, q, a: answers.imputation_view(c, q, regression.model_of(a))),
    "Two hazards": competing.two_hazards,
    "Prediction": prediction.page,
}
