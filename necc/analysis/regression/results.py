"""The results of Cox regression: frozen, unrounded, with all that a reader needs to judge them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from necc.analysis.multiplicity import n_tests
from necc.analysis.regression.concordance import Concordance
from necc.analysis.regression.design import Design
from necc.analysis.regression.diagnostics import ProportionalHazards
from necc.analysis.regression.fitting import CoxFit
from necc.analysis.regression.ties import Ties
from necc.core.estimate import Exclusion
from necc.core.frames import Row, frame_of
from necc.core.guardrails import Guardrail
from necc.core.result import EndpointResult, Result

if TYPE_CHECKING:
    from necc.analysis.regression.stepwise import StepwiseResult

WALD = "wald"
FIRTH = "firth profile"
RATIO = "likelihood ratio"
PENALISED = "penalised likelihood ratio (Firth)"


@dataclass(frozen=True)
class CoxTerm(Result):
    """One hazard ratio: a level against its reference, a number per unit, or an interaction.

    term: the covariate's name, with `=level` where its factor has more than two levels.
    method: "wald", or "firth profile" (Firth's estimate, profile limits, penalised likelihood-ratio p).
    n, n_events: of the level (of all patients for a number); n_reference, n_events_reference: of the reference.
    note: why the term has no numbers, and what was done; or which limit it lacks.
    """

    term: str
    variable: str
    label: str
    unit: str
    level: str | None
    reference: str | None
    coefficient: float | None
    se: float | None
    hazard_ratio: float | None
    ci_lower: float | None
    ci_upper: float | None
    p: float | None
    method: str
    n: int | None = None
    n_events: int | None = None
    n_reference: int | None = None
    n_events_reference: int | None = None
    note: str = ""

    @property
    def estimable(self) -> bool:
        return self.coefficient is not None


@dataclass(frozen=True)
class ModelTest(Result):
    """A test of a whole model or of a variable; None where it isn't estimable. In JSON the name is its key."""

    name: str = field(repr=False)
    statistic: float | None
    df: int
    p: float | None


@dataclass(frozen=True)
class InteractionTest(ModelTest):
    """Whether a hazard ratio differs between the levels of a variable. method: `RATIO` or `PENALISED`."""

    method: str


@dataclass(frozen=True, eq=False, kw_only=True)
class CoxModel(EndpointResult):
    """A Cox model of an endpoint.

    method: "maximum partial likelihood" or "Firth's penalised likelihood".
    tests: likelihood_ratio, wald and score, of all terms together. variable_tests: Wald test of each variable,
    over all its levels. interaction_tests: likelihood-ratio test of each interaction.
    variance_inflation: of each variable, generalised and to the power 1/df.
    spreadsheet_rows: of the analysed patients; the model doesn't keep the cohort, so that it can be cached.
    """

    defined_as: str
    covariates: tuple[str, ...]
    strata: tuple[str, ...]
    interactions: tuple[tuple[str, str], ...]
    ties: Ties
    level: float
    method: str
    terms: tuple[CoxTerm, ...]
    tests: dict[str, ModelTest]
    variable_tests: tuple[ModelTest, ...]
    interaction_tests: tuple[ModelTest, ...]
    loglik_null: float | None
    loglik: float | None
    aic: float | None
    concordance: Concordance
    proportional_hazards: tuple[ProportionalHazards, ...]
    transform: str
    variance_inflation: tuple[tuple[str, float | None], ...]
    events_per_parameter: float | None
    guardrails: tuple[Guardrail, ...] = ()
    strata_labels: tuple[str, ...] = field(default=(), repr=False)
    design: Design | None = field(default=None, repr=False)
    fit: CoxFit | None = field(default=None, repr=False)
    spreadsheet_rows: np.ndarray | None = field(default=None, repr=False)

    def term(self, name: str) -> CoxTerm:
        """The term of this name.

        Raises:
            KeyError: there is none.
        """
        for term in self.terms:
            if term.term == name:
                return term
        raise KeyError(name)

    def terms_of(self, variable: str) -> tuple[CoxTerm, ...]:
        return tuple(t for t in self.terms if t.variable == variable)

    def to_frame(self) -> pd.DataFrame:
        """One row a term."""
        return frame_of([t.to_dict() for t in self.terms], list(CoxTerm.__dataclass_fields__))

    def _glance(self) -> Row:
        """What broom tells of R's `coxph`; nobs and BIC count events, as R does."""
        row: dict[str, object] = {"n": self.n, "nevent": self.n_events, "nobs": self.n_events}
        for name, end in (("likelihood_ratio", "log"), ("score", "sc"), ("wald", "wald")):
            test = self.tests.get(name)
            row |= {f"statistic.{end}": test and test.statistic, f"p.value.{end}": test and test.p}
        ratio, n_parameters = self.tests.get("likelihood_ratio"), sum(t.estimable for t in self.terms)
        statistic = ratio.statistic if ratio else None
        row |= {
            "r.squared": None if statistic is None or not self.n else float(-np.expm1(-statistic / self.n)),
            "r.squared.max": None if self.loglik_null is None else float(-np.expm1(2 * self.loglik_null / self.n)),
            "concordance": self.concordance.value, "std.error.concordance": self.concordance.se,
            "logLik": self.loglik, "AIC": self.aic,
            "BIC": None if self.loglik is None else float(n_parameters * np.log(self.n_events) - 2 * self.loglik),
        }  # fmt: skip
        return row

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        return {
            **super().to_dict(),
            "interactions": [f"{a} * {b}" for a, b in self.interactions],
            "concordance": self.concordance.value,
            "concordance_se": self.concordance.se,
            "variable_tests": [{"variable": t.name, **t.to_dict()} for t in self.variable_tests],
            "interaction_tests": [{"interaction": t.name, **t.to_dict()} for t in self.interaction_tests],
            "variance_inflation": dict(self.variance_inflation),
        }


@dataclass(frozen=True, kw_only=True)
class UnivariateRow(Result):
    """One covariate alone: its terms, and the test over all of them; on its own complete cases."""

    variable: str
    label: str
    n: int
    n_events: int
    excluded: tuple[Exclusion, ...]
    terms: tuple[CoxTerm, ...]
    test: ModelTest
    likelihood_ratio: ModelTest
    p_adjusted: float | None
    guardrails: tuple[Guardrail, ...] = ()

    def to_dict(self) -> dict[str, object]:
        return {**super().to_dict(), "p": self.test.p}


@dataclass(frozen=True, eq=False, kw_only=True)
class UnivariateTable(EndpointResult):
    """Every covariate alone, with p adjusted for their number; `multivariable` is the model beside it, if any.

    n, n_events: the most of a row. selection: how that model was selected from its covariates, if it was.
    """

    ties: Ties
    level: float
    adjustment: str
    rows: tuple[UnivariateRow, ...]
    multivariable: CoxModel | None = None
    selection: StepwiseResult | None = None

    def together(self, term: CoxTerm) -> CoxTerm | None:
        """The same term in the model of several."""
        return next((t for t in self.multivariable.terms if t.term == term.term), None) if self.multivariable else None

    def row(self, variable: str) -> UnivariateRow:
        """The row of a covariate.

        Raises:
            KeyError: there is none.
        """
        for row in self.rows:
            if row.variable == variable:
                return row
        raise KeyError(variable)

    def to_frame(self) -> pd.DataFrame:
        """One row a term: univariate, and multivariable where there is a model (NaN where the term isn't in it)."""
        records = []
        for row in self.rows:
            for term in row.terms:
                record: dict[str, object] = {
                    "variable": row.variable,
                    "p_variable": row.test.p,
                    "p_adjusted": row.p_adjusted,
                }
                record |= {"n_analysed": row.n, "n_events_analysed": row.n_events, **term.to_dict()}
                if self.multivariable:
                    record |= self._beside(term)
                records.append(record)
        return frame_of(records)

    def _beside(self, term: CoxTerm) -> dict[str, object]:
        other = self.together(term)
        names = ("hazard_ratio", "ci_lower", "ci_upper", "p", "method", "note")
        return {f"multivariable_{name}": getattr(other, name) if other else None for name in names}

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(r.p_adjusted for r in self.rows)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; `terms` hold each one's own n and, as `multivariable_*`, the same term beside."""
        fields = super().to_dict()
        fields["univariate"] = fields.pop("rows")
        selection = fields.pop("selection")
        if isinstance(selection, dict):  # its model is `multivariable`
            fields["stepwise"] = {k: v for k, v in selection.items() if k != "model"}
        fields["terms"] = [self._term(row, term) for row in self.rows for term in row.terms]
        return fields

    def _term(self, row: UnivariateRow, term: CoxTerm) -> dict[str, object]:
        """A term with the n of its covariate alone, and that of its level as `n_level`."""
        own = {"n": row.n, "n_events": row.n_events, "events": row.n_events, "p_adjusted": row.p_adjusted}
        level = {"n_level": term.n, "n_events_level": term.n_events}
        return {**term.to_dict(), **own, **level, **self._beside(term)}


@dataclass(frozen=True)
class SubgroupRow(Result):
    """The exposure's hazard ratio within one level of a subgroup variable (`level` None for all patients)."""

    variable: str | None
    label: str
    level: str | None
    n: int
    n_events: int
    term: CoxTerm


@dataclass(frozen=True, eq=False, kw_only=True)
class SubgroupTable(EndpointResult):
    """An exposure's hazard ratio by subgroup; `interactions`: does it differ between the levels of each variable."""

    exposure: str
    exposure_label: str
    adjusted_for: tuple[str, ...]
    ties: Ties
    level: float
    rows: tuple[SubgroupRow, ...]
    interactions: tuple[InteractionTest, ...]
    p_adjusted: tuple[float | None, ...]
    adjustment: str
    adjusted_labels: tuple[str, ...] = field(default=(), repr=False)

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(self.p_adjusted)

    def to_frame(self) -> pd.DataFrame:
        """One row a level, all patients first: the exposure's hazard ratio there, and the variable's interaction.

        variable, label, level, n, n_events, then the term's coefficient, se, hazard_ratio, ci_lower, ci_upper, p,
        method and note, then p_interaction and p_adjusted (of the interaction).
        """
        columns = ["variable", "label", "level", "n", "n_events", "coefficient", "se", "hazard_ratio", "ci_lower",
                   "ci_upper", "p", "method", "note", "p_interaction", "p_adjusted"]  # fmt: skip
        tests = {t.name: (t.p, p) for t, p in zip(self.interactions, self.p_adjusted, strict=True)}
        rows = []
        for row in self.rows:
            own = {
                "variable": row.variable,
                "label": row.label,
                "level": row.level,
                "n": row.n,
                "n_events": row.n_events,
            }
            between = dict(
                zip(("p_interaction", "p_adjusted"), tests.get(row.variable or "", (None, None)), strict=True)
            )
            rows.append({**row.term.to_dict(), **own, **between})
        return frame_of(rows, columns)

    def _to_tidy(self, style: str) -> pd.DataFrame:
        frame = self.to_frame()
        return frame.assign(variable=frame["variable"].fillna(frame["label"]))  # of all patients there is none

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded."""
        pairs = zip(self.interactions, self.p_adjusted, strict=True)
        tests = [{"variable": t.name, **t.to_dict(), "p_adjusted": p} for t, p in pairs]
        return {**super().to_dict(), "interactions": tests}


@dataclass(frozen=True, eq=False)
class Influence(Result):
    """How far each patient moves each coefficient.

    dfbeta: shape (n, n_terms), about the change when the patient is there rather than not; dfbetas: the same in
    standard errors; hazard_ratio: without the patient, by one step. rows: positions in the cohort; ids and spreadsheet
    rows name the patients.
    """

    single = True

    terms: tuple[str, ...]
    rows: np.ndarray
    ids: tuple[str, ...] = field(repr=False)
    spreadsheet_rows: tuple[int, ...] = field(repr=False)
    dfbeta: np.ndarray
    dfbetas: np.ndarray
    hazard_ratio: np.ndarray

    @property
    def n(self) -> int:
        """Patients of the model."""
        return len(self.rows)

    def n_beyond(self, term: str, limit: float) -> int:
        """Patients who move a coefficient by more than `limit` standard errors."""
        return int((np.abs(self.dfbetas[:, self.terms.index(term)]) > limit).sum())

    def to_frame(self) -> pd.DataFrame:
        """One row a patient and term; `row` is the patient's in the spreadsheet, and no identifier is told."""
        n, k = self.dfbeta.shape
        return pd.DataFrame(
            {
                "row": np.repeat(np.array(self.spreadsheet_rows or self.rows), k),
                "term": list(self.terms) * n,
                "dfbeta": self.dfbeta.ravel(),
                "dfbetas": self.dfbetas.ravel(),
            }
        )
