"""Hazard ratios of a recipe: one covariate at a time, and the model that forward selection keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtri

from necc.analysis.regression import CoxModel, StepwiseResult, cox, stepwise
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.selection import filter_label
from necc.core.text import format_ci, format_number, joined, p_phrase
from necc.core.toml import record, text
from necc.paper.reproduction.printed import Cells, Computed, Context, Values

LEVEL = 0.95
Z = float(ndtri(0.5 + LEVEL / 2))


@dataclass(frozen=True)
class Term:
    """A covariate of a model: a number, or a factor whose level `one` is set against `reference`."""

    covariate: str
    one: str = ""
    reference: str = ""

    def describe(self, cohort: Cohort) -> str:
        """The coding in words."""
        label = label_of(cohort, self.covariate)
        return f"{label}: {self.one} against {self.reference}" if self.one else f"{label}, per 1"

    def coding(self, cohort: Cohort) -> str:
        """Whose hazard stands on top, `> 50 against ≤ 50`, or of a number its name and `per 1`."""
        return f"{self.one} against {self.reference}" if self.one else self.describe(cohort)

    def check(self, cohort: Cohort) -> None:
        """Raises AnalysisError where the cohort has no such number, factor or level."""
        if not self.one:
            cohort.number(self.covariate)
            return
        levels = cohort.factor(self.covariate).levels
        for level in (self.one, self.reference):
            if level not in levels:
                there = ", ".join(levels) or "none"
                lacks, here = f"no patient has '{level}' of", f"levels here: {there}"
                raise AnalysisError(
                    f"{lacks} '{self.covariate}'; {here}", f"{lacks} '{label_of(cohort, self.covariate)}'; {here}"
                )


def label_of(cohort: Cohort, name: str) -> str:
    """What a reader calls a variable, grouping or site; a grouping's also where the file lacks its column."""
    grouping = cohort.dictionary.groupings.get(name)
    return grouping.label if grouping else filter_label(cohort, name)


def read_term(value: object) -> Term:
    """Raises ValueError in plain words."""
    if isinstance(value, str):
        return Term(text(value))
    term = Term(**record({"covariate": text}, {"one": text, "reference": text})(value))
    if bool(term.one) != bool(term.reference):
        raise ValueError("of a factor its level 'one' and the 'reference' are needed, of a number neither")
    return term


@dataclass(frozen=True)
class Ratio:
    """A hazard ratio with its Wald interval and p; None with a reason where it isn't estimable."""

    estimate: Estimate
    p: float | None
    n: int
    n_events: int
    why: str = ""

    @property
    def text(self) -> str:
        e = self.estimate
        if e.value is None:
            return self.why
        limits = format_ci(e.lower, e.upper, 3)
        return f"{format_number(e.value, 3)} ({limits}), {p_phrase(self.p)}, n = {self.n}, {self.n_events} events"


def hazard_ratio(cohort: Cohort, endpoint: str, term: Term, separation: Literal["firth", "report"] = "report") -> Ratio:
    """Cox's model of one covariate on the patients who have it; ties by Efron, Wald interval.

    separation: what to do where no finite ratio exists; Firth's estimate has profile limits (Heinze G, Schemper M.
    Biometrics 2001;57:114-9. doi:10.1111/j.0006-341X.2001.00114.x).

    Raises:
        AnalysisError: the cohort has no such endpoint, covariate or level.
    """
    term.check(cohort)
    if term.one:  # other levels take no part
        factor = cohort.factor(term.covariate)
        pair = [factor.levels.index(level) for level in (term.one, term.reference)]
        cohort = cohort.subset((factor.codes == pair[0]) | (factor.codes == pair[1]))
    reference = {term.covariate: term.reference} if term.one else None
    model = cox(cohort, endpoint, [term.covariate], reference=reference, level=LEVEL, separation=separation)
    return _ratio(model, term)


def _ratio(model: CoxModel, term: Term) -> Ratio:
    row = next(t for t in model.terms_of(term.covariate) if not term.one or t.level in (term.one, None))
    estimate = Estimate(row.hazard_ratio, row.ci_lower, row.ci_upper, LEVEL, "Wald")
    why = "" if row.estimable else row.note or "not estimable"
    if not row.estimable and row.level and row.n_events is not None:
        of = f"{row.n_events} of {row.n} with {row.level}, {row.n_events_reference} of {row.n_reference}"
        kind = "separation" if 0 in (row.n_events, row.n_events_reference) else why.replace(": ", ", ")
        why = f"no finite hazard ratio ({kind}), events {of} with {row.reference}"
    return Ratio(estimate, row.p, model.n, model.n_events, why)


def patients_of(values: Values, cohort: Cohort) -> Cohort:
    """The patients a row is about: those of `among`."""
    return values["among"].apply(cohort) if "among" in values else cohort


def ratio(values: Values, cohort: Cohort, context: Context) -> Cells:
    """Cells hr, ci and p of one covariate, and what the coding of `beside` gives; that coding alone where the cohort
    doesn't have the first."""
    patients = patients_of(values, cohort)
    endpoint, beside = values["endpoint"], ""
    try:
        result = hazard_ratio(patients, endpoint, values["term"])
    except AnalysisError as error:
        if "beside" not in values:
            raise
        result = hazard_ratio(patients, endpoint, values["beside"])
        told = f"computed as {values['beside'].describe(patients)}, because {error}"
        return _cells(result, told, coding=values["beside"].coding(patients))
    if "beside" in values:
        other = values["beside"]
        try:
            beside = f"{other.describe(patients)}: {hazard_ratio(patients, endpoint, other).text}"
        except AnalysisError as error:
            beside = error.told
    elif result.estimate.value is None and result.n_events:
        firth = hazard_ratio(patients, endpoint, values["term"], "firth")
        beside = f"by Firth's penalised likelihood: {firth.text}" if firth.estimate.value is not None else ""
    return _cells(result, beside, coding=values["term"].coding(patients))


def _cells(ratio: Ratio, beside: str = "", about: str = "", coding: str = "") -> Cells:
    e = ratio.estimate
    why = ratio.why or about or f"{ratio.n} patients, {ratio.n_events} events"
    there = e.value is not None
    pair = (e.lower, e.upper) if e.lower is not None and e.upper is not None else None
    return {
        "hr": Computed(e.value, n=ratio.n, interval=e if there else None, why=why, beside=beside, coding=coding),
        "ci": Computed(pair=pair, n=ratio.n, why=why),
        "p": Computed(ratio.p, n=ratio.n, why=why),
    }


# ---------------------------------------------------------------- forward selection
def stepwise_cell(values: Values, cohort: Cohort, context: Context) -> Cells:
    """Cells hr, ci and p of one term of the final model, and `kept`: all its terms."""
    patients = patients_of(values, cohort)
    key, term = _coding(values, patients)
    model = _selected(values, patients, context, key)
    kept = joined([label_of(patients, name) for name in model.selected]) or "none"
    names = "; ".join(label_of(patients, t.covariate) for t in values[key])
    about = f"forward selection by {model.method} among {names}: {model.n} complete cases, {model.n_events} events"
    cells = {"kept": Computed(words=kept, names=tuple(model.selected), n=model.n, why=about)}
    if model.model is None or term.covariate not in model.selected:
        why = f"the selection doesn't keep it; it keeps {kept} ({about})"
        return {**cells, **{c: Computed(n=model.n, why=why) for c in ("hr", "ci", "p")}}
    beside = f"computed as {term.describe(patients)}" if key != "enter" else ""
    if key == "enter" and "beside_enter" in values:
        beside = _other_coding(values, patients, context)
    return {**cells, **_cells(_ratio(model.model, term), beside, about, term.coding(patients))}


def _coding(values: Values, patients: Cohort) -> tuple[str, Term]:
    """Which of the two codings the cohort allows, and the term under it."""
    term: Term = values["term"]
    try:
        for candidate in values["enter"]:
            candidate.check(patients)
    except AnalysisError:
        if "beside_enter" not in values or len(values["beside_enter"]) != len(values["enter"]):
            raise
        return "beside_enter", values["beside_enter"][[t.covariate for t in values["enter"]].index(term.covariate)]
    return "enter", term


def _selected(values: Values, patients: Cohort, context: Context, key: str = "enter") -> StepwiseResult:
    terms: tuple[Term, ...] = values[key]
    known = ("stepwise", values["endpoint"], terms)
    if known not in context.fitted:
        for term in terms:
            term.check(patients)
        reference = {t.covariate: t.reference for t in terms if t.one}
        context.fitted[known] = stepwise(
            patients, values["endpoint"], [t.covariate for t in terms], reference=reference, level=LEVEL
        )
    return context.fitted[known]  # type: ignore[return-value]  # a selection is kept under such a key


def _other_coding(values: Values, patients: Cohort, context: Context) -> str:
    """What the selection keeps under the other coding, with its ratios."""
    try:
        other = _selected(values, patients, context, "beside_enter")
    except AnalysisError as error:
        return error.told
    names = "; ".join(label_of(patients, t.covariate) for t in values["beside_enter"])
    if other.model is None:
        return f"among {names}: nothing is kept ({other.n} complete cases)"
    ratios = "; ".join(
        f"{label_of(patients, t.covariate)} {_ratio(other.model, t).text}"
        for t in values["beside_enter"]
        if t.covariate in other.selected
    )
    return f"among {names}: {ratios}"
