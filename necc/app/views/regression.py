"""Cox regression: what is asked, and the answer with its cautions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from necc.analysis.multiplicity import ADJUSTMENTS
from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.regression import CoxModel, UnivariateTable, univariate, usual_unit
from necc.analysis.regression.model import Separation
from necc.analysis.regression.ties import Ties
from necc.analysis.selection_bias import outcome_selection
from necc.app.session.address import stop
from necc.app.session.cache import cached
from necc.app.widgets.choices import (
    choose,
    choose_endpoint,
    choose_some,
    chosen,
    chosen_some,
    controls,
    covariates,
    enter_number,
    factor_names,
    is_number,
    known_at,
    options,
)
from necc.app.widgets.guards import guardrails
from necc.app.widgets.show import numbers, style_sheet
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.guardrails import Guardrail
from necc.core.text import format_number, p_phrase
from necc.paper.reproduction import Term, of_this_paper

MOST_DEFAULT = 12
NO_INTERACTION = ""
SHOWN_ALONE = "the hazard ratio is shown with this warning beside it"
SEPARATION: dict[Separation, str] = {"firth": "Firth's penalised likelihood", "report": "Leave these terms out"}
TIES: dict[Ties, str] = {"efron": "Efron (R)", "breslow": "Breslow (SPSS)"}


@dataclass(frozen=True)
class Question:
    """What is asked of a cohort. reference: levels, per: units, by variable."""

    endpoint: str
    alone: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    interaction: str = NO_INTERACTION
    ties: Ties = "efron"
    adjustment: Adjustment = "holm"
    separation: Separation = "firth"
    reference: Mapping[str, str] = field(default_factory=dict)
    per: Mapping[str, float] = field(default_factory=dict)

    def options(self, names: Sequence[str]) -> dict[str, Any]:
        """Options of a model of some of the covariates."""
        return {
            "ties": self.ties, "strata": tuple(n for n in self.strata if n not in names), "separation": self.separation,
            "reference": {n: level for n, level in self.reference.items() if n in names},
            "per": {n: unit for n, unit in self.per.items() if n in names},
        }  # fmt: skip


# ---------------------------------------------------------------- what a paper asked
def paper_terms(endpoint: str, kind: str) -> tuple[Term, ...]:
    """The shipped paper's covariates of an endpoint: "ratio" one by one, "kept" and "enter" of its selection."""
    wanted, key = "ratio" if kind == "ratio" else "stepwise", "enter" if kind == "enter" else "term"
    terms: list[object] = []
    for line in of_this_paper()[0].lines:
        if line.values.get("endpoint") == endpoint and line.kind == wanted:
            value = line.values[key]
            terms += value if isinstance(value, tuple) else [value]
    return tuple(dict.fromkeys(term for term in terms if isinstance(term, Term)))


def _usual(cohort: Cohort, names: dict[str, str], endpoint: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Covariates one by one and together, before anybody chose: the paper's where the cohort has them."""
    alone = [t.covariate for t in paper_terms(endpoint, "ratio") if t.covariate in names]
    together = [t.covariate for t in paper_terms(endpoint, "kept") if t.covariate in names]
    if len(alone) < 3:
        early = [n for n in known_at(cohort, names, "recurrence") if not n.startswith("organ:")]
        alone = early[:MOST_DEFAULT]
    return tuple(alone), tuple(together) or tuple(n for n in ("n_sites", *alone) if n in names)[:1]


# ---------------------------------------------------------------- what is asked
def ask(cohort: Cohort) -> Question:
    """The endpoint, the covariates and options, drawn as controls."""
    style_sheet("regression.css")
    names = covariates(cohort)
    with controls():
        endpoint = choose_endpoint(cohort)
        usual_alone, usual_together = _usual(cohort, names, endpoint)
        joint = chosen_some("cox-together", tuple(names), default=usual_together, of=endpoint)
        with options(f"Together: {len(joint)}"):
            together = choose_some(
                "cox-together", "Together in one model", tuple(names), default=usual_together, words=names, of=endpoint,
                help="Choose them beforehand, not by their p-values; about one for every ten events.", width=560,
            )  # fmt: skip
        several = chosen_some("cox-alone", tuple(names), default=usual_alone, of=endpoint)
        with options(f"Each alone: {len(several)}"):
            alone = choose_some(
                "cox-alone", "Covariates, each alone", tuple(names), default=usual_alone, words=names, of=endpoint,
                width=560,
                help="Each one is tested, and p is adjusted for their number. Preselected are those of the paper.",
            )  # fmt: skip
        with options():
            question = _options(cohort, Question(endpoint, together=together), names)
    alone = tuple(dict.fromkeys((*alone, *(n for n in together if n not in alone))))
    reference = {t.covariate: t.reference for t in paper_terms(endpoint, "ratio") if t.reference}
    reference = {n: level for n, level in reference.items() if n in alone and level in cohort.factor(n).levels}
    per = {n: usual_unit(cohort, n) for n in alone if n not in together and is_number(cohort, n)}
    return replace(
        question, alone=alone, reference={**reference, **question.reference},
        per={**{n: unit for n, unit in per.items() if unit != 1}, **question.per},
        separation=chosen("cox-separation", tuple(SEPARATION), fixed=True),
    )  # fmt: skip


def _options(cohort: Cohort, question: Question, names: dict[str, str]) -> Question:
    """What is asked, with what was chosen behind the button."""
    together = question.together
    ties = choose("cox-ties", "Tied events", tuple(TIES), words=TIES, fixed=True)
    adjustment = choose("cox-adjust", "Adjusted p", tuple(ADJUSTMENTS), words=ADJUSTMENTS, fixed=True)
    groups = factor_names(cohort)
    strata = choose_some(
        "cox-strata", "Strata", tuple(n for n in groups if n not in together), words=names | groups, width=460,
        help="Each level has a baseline hazard of its own and no hazard ratio.",
    )  # fmt: skip
    pairs = [f"{a} * {b}" for i, a in enumerate(together) for b in together[i + 1 :]]
    words = {p: " × ".join(names.get(n, n) for n in p.split(" * ")) for p in pairs} | {NO_INTERACTION: "none"}
    interaction = choose("cox-interaction", "Interaction", (NO_INTERACTION, *pairs), words=words, wide=True, width=460)
    reference = dict(pair for n in together if (pair := _reference(cohort, question.endpoint, n, names)))
    per = dict(unit for n in together if (unit := _per(cohort, n, names)))
    return replace(
        question, ties=ties, adjustment=adjustment, strata=strata, interaction=interaction, reference=reference, per=per
    )


def chosen_options(cohort: Cohort, endpoint: str, names: Sequence[str]) -> dict[str, Any]:
    """The options of a model of these covariates as they were chosen, their controls not drawn."""
    offered = tuple(n for n in factor_names(cohort) if n not in names)
    words = covariates(cohort)
    question = Question(
        endpoint, ties=chosen("cox-ties", tuple(TIES), fixed=True), strata=chosen_some("cox-strata", offered),
        separation=chosen("cox-separation", tuple(SEPARATION), fixed=True),
        reference=dict(p for n in names if (p := _reference(cohort, endpoint, n, words, drawn=False))),
        per=dict(unit for n in names if (unit := _per(cohort, n, words, drawn=False))),
    )  # fmt: skip
    return question.options(names)


def chosen_adjustment() -> Adjustment:
    """How p is adjusted in the table of covariates."""
    return chosen("cox-adjust", tuple(ADJUSTMENTS), fixed=True)


def chosen_together(cohort: Cohort, endpoint: str) -> tuple[str, ...]:
    """The covariates of the model of several, where a person chose them."""
    return chosen_some("cox-together", tuple(covariates(cohort)), of=endpoint)


def _reference(
    cohort: Cohort, endpoint: str, name: str, names: dict[str, str], drawn: bool = True
) -> tuple[str, str] | None:
    if is_number(cohort, name):
        return None
    levels = cohort.factor(name).levels
    usual = next((t.reference for t in paper_terms(endpoint, "ratio") if t.covariate == name), "")
    if len(levels) < 2:
        return None
    usual = usual if usual in levels else levels[0]
    if not drawn:
        return name, chosen("cox-reference", levels, default=usual, of=name)
    label = f"Reference of {names.get(name, name)}"
    return name, choose("cox-reference", label, levels, of=name, default=usual, wide=True, width=460)


def _per(cohort: Cohort, name: str, names: dict[str, str], drawn: bool = True) -> tuple[str, float] | None:
    if not is_number(cohort, name):
        return None
    label = f"Hazard ratio per … of {names.get(name, name)}"
    usual = f"{usual_unit(cohort, name):g}"
    unit = enter_number("cox-per", label, default=usual, what="to count by", width=460, of=name, drawn=drawn)
    if not 0 < unit < 1e9:
        raise AnalysisError(f"a hazard ratio needs a unit above zero, not {unit:g}")
    return None if unit == 1 else (name, unit)


# ---------------------------------------------------------------- the answer
def answer(cohort: Cohort, question: Question) -> UnivariateTable:
    """Every covariate alone, beside the model of those together; computed once for a question."""
    if not question.alone:
        st.info("Choose covariates: together in one model, or each alone.", icon=":material/info:")
        stop()
    return cached(univariate)(
        cohort, question.endpoint, question.alone, multivariable=question.together, adjustment=question.adjustment,
        interactions=(question.interaction,) if question.interaction else (), ties=question.ties,
        strata=question.strata, separation=question.separation, reference=question.reference, per=question.per,
    )  # fmt: skip


def model_of(table: UnivariateTable) -> CoxModel:
    """The model of several, or a sentence that there is none."""
    if table.multivariable is None:
        raise AnalysisError("choose covariates together in one model first")
    return table.multivariable


def headline(table: UnivariateTable) -> None:
    """The first numbers that a reader asks for."""
    model = table.multivariable
    if model is None:
        return
    c = model.concordance
    numbers(
        ("analysed together", f"{model.n:,}"),
        ("events", f"{model.n_events:,}"),
        ("events per parameter", format_number(model.events_per_parameter, 1)),
        ("likelihood ratio", p_phrase(model.tests["likelihood_ratio"].p)),
        ("Harrell's C", format_number(c.value, 2)),
        explain="events-per-variable concordance",
    )


def cautions(cohort: Cohort, table: UnivariateTable) -> None:
    """What was noticed, in the model of several and in each covariate alone, with what overrules it."""
    model = table.multivariable
    noticed: list[Guardrail] = list(model.guardrails) if model else []
    seen = {g.code for g in noticed}
    for row in table.rows:
        noticed += [replace(g, saw=f"{row.label}, alone: {g.saw}") for g in row.guardrails]
    noticed += [g for g in cached(_known_later)(cohort, table) if g.code not in seen or g.code != "known-later"]
    guardrails(noticed, {"separation": _overrule_separation})


def _known_later(cohort: Cohort, table: UnivariateTable) -> tuple[Guardrail, ...]:
    """Covariates that only the future defines, and an endpoint that everybody reached."""
    guardrails: list[Guardrail] = []
    names = [row.variable for row in table.rows]
    early = known_at(cohort, names, cohort.endpoint(table.endpoint).starts_at)
    for name in (n for n in names if n not in early):
        try:
            guardrails += [replace(g, did=SHOWN_ALONE) for g in outcome_selection(cohort, table.endpoint, name)]
        except AnalysisError:  # a number has no groups
            continue
    return tuple(guardrails)


def _overrule_separation() -> None:
    choose("cox-separation", "Handle separation by", tuple(SEPARATION), words=SEPARATION, fixed=True)
