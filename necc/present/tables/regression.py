"""Tables of Cox regression: one by one beside together, tests, diagnostics, subgroups, selection, imputation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from necc.analysis.regression import (
    CoxModel,
    CoxTerm,
    ImputedModel,
    ImputedTerm,
    Influence,
    StepwiseResult,
    SubgroupTable,
    UnivariateRow,
    UnivariateTable,
)
from necc.analysis.regression.diagnostics import GLOBAL, ProportionalHazards
from necc.core.text import format_number, format_p, format_percent, format_ratio, slug, written
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.captions.regression import by_firth, term_label
from necc.present.words.notes import models as notes
from necc.present.words.phrases import BY_FIRTH, NOTHING, ci_name, format_ratio_ci, p_cell

TESTS = {"likelihood_ratio": "Likelihood ratio", "wald": "Wald", "score": "Score (log-rank)"}


def ratio(term: CoxTerm | ImputedTerm | None) -> str:
    """`2.38 (1.22–4.63)`, marked where Firth's method gave it; a dash for a term that isn't there."""
    if term is None:
        return NOTHING
    mark = f" {BY_FIRTH}" if by_firth(term) else ""
    return written("{}{}", format_ratio_ci(term.hazard_ratio, term.ci_lower, term.ci_upper), mark)


def p_text(term: CoxTerm | ImputedTerm | None) -> str:
    return NOTHING if term is None or term.coefficient is None else format_p(term.p)


def _events(n_events: int | None, n: int | None) -> str:
    return "" if n is None else f"{n_events:,}/{n:,}"


# ---------------------------------------------------------------- one by one beside together
@makes_table
def regression_table(table: UnivariateTable) -> Table:
    """Every covariate alone and, where there is a model, together with the others: as journals print it."""
    model = table.multivariable
    level = f"HR ({ci_name(table.level)})"
    columns = ["Covariate", "Events/n", f"Alone: {level}", "p", "Adjusted p"]
    columns += [f"Together: {level}", "p, together"] if model else []
    lines = [line for row in table.rows for line in _alone(row, model)]
    known = {row.variable for row in table.rows}
    for term in (t for t in model.terms if t.variable not in known) if model else ():
        lines.append((0, (term_label(term), _events(term.n_events, term.n), "", "", "", ratio(term), p_text(term))))
    return Table.of_lines(
        f"Cox regression of {table.label[:1].lower()}{table.label[1:]}", slug(f"cox-{table.endpoint}"), columns,
        lines, notes.regression_table(table),
    )  # fmt: skip


def _alone(row: UnivariateRow, model: CoxModel | None) -> list[Line]:
    together = {t.term: t for t in model.terms_of(row.variable)} if model else {}
    beside = (lambda t: (ratio(together.get(t)), p_text(together.get(t)))) if model else (lambda t: ())
    if len(row.terms) == 1:
        term = row.terms[0]
        adjusted = p_cell(row.p_adjusted)
        counts = _events(term.n_events, term.n) or _events(row.n_events, row.n)
        return [(0, (term_label(term), counts, ratio(term), p_text(term), adjusted, *beside(term.term)))]
    test = next((t for t in model.variable_tests if t.name == row.variable), None) if model else None
    overall = p_cell(row.test.p)
    adjusted = p_cell(row.p_adjusted)
    more = ("", format_p(test.p) if test and test.p is not None else NOTHING) if model else ()
    lines = [(0, (f"{row.label} (all levels)", _events(row.n_events, row.n), "", overall, adjusted, *more))]
    first = row.terms[0]
    reference = (first.reference or "reference", _events(first.n_events_reference, first.n_reference), "1 (reference)")
    lines.append((1, (*reference, "", "", *(("1 (reference)" if test else NOTHING, "") if model else ()))))
    for t in row.terms:
        cells = (t.level or t.term, _events(t.n_events, t.n), ratio(t), p_text(t), "")
        lines.append((1, (*cells, *beside(t.term))))
    return lines


# ---------------------------------------------------------------- the model as a whole
@makes_table
def model_tests_table(model: CoxModel) -> Table:
    """Tests of all terms together, concordance and information: what says how much a model knows."""
    rows = [
        (TESTS[name], format_number(t.statistic, 2, NOTHING), str(t.df) if t.df else NOTHING, format_p(t.p))
        for name, t in model.tests.items()
    ]
    rows += [(f"Interaction {t.name}", format_number(t.statistic, 2, NOTHING), str(t.df), format_p(t.p))
             for t in model.interaction_tests]  # fmt: skip
    return Table(
        "Tests of the model", slug(f"cox-{model.endpoint}-tests"), ("Test", "Chi-square", "df", "p"), tuple(rows),
        notes.model_tests_table(model),
    )  # fmt: skip


@makes_table
def proportional_hazards_table(
    model: CoxModel, tests: Sequence[ProportionalHazards] | None = None, transform: str = ""
) -> Table:
    """The score test of each covariate against a hazard ratio that changes with time, as R's cox.zph."""
    tests = model.proportional_hazards if tests is None else tests
    labels = notes.labels_of(model)
    rows = [
        ("All together" if t.term == GLOBAL else labels.get(t.term, t.term), format_number(t.statistic, 2, NOTHING),
         str(t.df) if t.df else NOTHING, format_p(t.p))
        for t in tests
    ]  # fmt: skip
    return Table(
        "Are the hazards proportional?", slug(f"cox-{model.endpoint}-proportional-hazards"),
        ("Covariate", "Chi-square", "df", "p"), tuple(rows),
        notes.proportional_hazards_table(model, transform),
    )  # fmt: skip


@makes_table
def collinearity_table(model: CoxModel) -> Table:
    """Each variable over all its levels, and how far the others determine it."""
    labels, inflation = notes.labels_of(model), dict(model.variance_inflation)
    rows = [
        (labels.get(t.name, t.name), format_number(t.statistic, 2, NOTHING), str(t.df), format_p(t.p),
         format_number(inflation.get(t.name), 2, NOTHING))
        for t in model.variable_tests
    ]  # fmt: skip
    return Table(
        "Each variable, and collinearity", slug(f"cox-{model.endpoint}-collinearity"),
        ("Covariate", "Chi-square", "df", "p", "Variance inflation"), tuple(rows),
        notes.collinearity_table(model),
    )  # fmt: skip


# ---------------------------------------------------------------- single patients
def influence_table(influence: Influence, model: CoxModel, most: int = 10) -> Table:
    """The patients who move a coefficient most, by their row in the spreadsheet: not for an audience."""
    terms = {t.term: t for t in model.terms}
    cells = [
        (abs(influence.dfbetas[i, j]), i, j)
        for i in range(influence.dfbetas.shape[0]) for j in range(influence.dfbetas.shape[1])
    ]  # fmt: skip
    rows = []
    for _, i, j in sorted(cells, reverse=True)[:most]:
        term = terms[influence.terms[j]]
        rows.append(
            (str(influence.spreadsheet_rows[i]), term_label(term), format_number(float(influence.dfbetas[i, j]), 2),
             format_ratio(term.hazard_ratio), format_ratio(float(influence.hazard_ratio[i, j])))
        )  # fmt: skip
    return Table(
        "Patients who move a hazard ratio most", slug(f"cox-{model.endpoint}-influence"),
        ("Spreadsheet row", "Hazard ratio of", "Moved by, in standard errors", "HR with the patient",
         "HR without, about"),
        tuple(rows),
        notes.influence_table(),
        text_columns=(1,),
    )  # fmt: skip


# ---------------------------------------------------------------- subgroups
@makes_table
def subgroup_table(result: SubgroupTable) -> Table:
    """The exposure's hazard ratio in each subgroup, and the test that it differs between them."""
    tests = {t.name: (t, p) for t, p in zip(result.interactions, result.p_adjusted, strict=True)}
    lines: list[Line] = []
    last = ""
    for row in result.rows:
        if row.variable and row.variable != last:
            last = row.variable
            test, adjusted = tests[row.variable]
            lines.append((0, (row.label, "", "", "", format_p(test.p), p_cell(adjusted))))
        cells = (row.level or "All patients", _events(row.n_events, row.n), ratio(row.term), p_text(row.term))
        lines.append((1 if row.variable else 0, cells))
    return Table.of_lines(
        f"{result.exposure_label} in subgroups", slug(f"cox-{result.endpoint}-subgroups-{result.exposure}"),
        ("Subgroup", "Events/n", f"HR ({ci_name(result.level)})", "p", "p, interaction", "Adjusted"), lines,
        notes.subgroup_table(result),
    )  # fmt: skip


# ---------------------------------------------------------------- selection
@makes_table
def steps_table(result: StepwiseResult, labels: dict[str, str] | None = None) -> Table:
    """What entered and left, step by step, and what stayed outside."""
    names = labels or {}
    rows = [
        (f"Step {s.number}", f"{names.get(s.variable, s.variable)} {s.action}", s.test, format_number(s.statistic, 2),
         str(s.df), format_p(s.p))
        for s in result.steps
    ]  # fmt: skip
    rows += [
        ("Outside", names.get(c.variable, c.variable), "score", format_number(c.statistic, 2, NOTHING),
         str(c.df) if c.df else NOTHING, format_p(c.p))
        for c in result.outside
    ]  # fmt: skip
    return Table(
        "Stepwise selection", slug(f"cox-{result.endpoint}-{result.method}"),
        ("Step", "Covariate", "Test", "Chi-square", "df", "p"), tuple(rows),
        notes.steps_table(result),
        text_columns=(1, 2),
    )  # fmt: skip


@makes_table
def model_table(model: CoxModel, title: str = "", more: Iterable[str] = ()) -> Table:
    """One model by itself: a row a term."""
    rows = [(term_label(t), _events(t.n_events, t.n), ratio(t), p_text(t)) for t in model.terms]
    return Table(
        title or f"Cox model of {model.label.lower()}", slug(f"cox-{model.endpoint}-model"),
        ("Covariate", "Events/n", f"HR ({ci_name(model.level)})", "p"), tuple(rows),
        notes.model_table(model, more),
    )  # fmt: skip


# ---------------------------------------------------------------- imputation
@makes_table
def imputed_table(result: ImputedModel, complete: CoxModel) -> Table:
    """Complete cases beside all patients with missing values imputed."""
    own = {t.term: t for t in complete.terms}
    rows = tuple(
        (term_label(own[t.term]) if t.term in own else term_label(t), ratio(own.get(t.term)), p_text(own.get(t.term)),
         ratio(t), p_text(t),
         NOTHING if t.missing_information is None else written("{} %", format_percent(t.missing_information, 1, 0)))
        for t in result.terms
    )  # fmt: skip
    level = f"HR ({ci_name(result.level)})"
    return Table(
        "Complete cases and multiple imputation", slug(f"cox-{result.endpoint}-imputed"),
        ("Covariate", f"Complete cases (n = {complete.n:,}): {level}", "p", f"Imputed (n = {result.n:,}): {level}",
         "p, imputed", "Missing information"), rows,
        notes.imputed_table(result, complete),
    )  # fmt: skip
