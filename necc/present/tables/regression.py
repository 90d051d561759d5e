"""Tables of Cox regression: one by one beside together, tests, diagnostics, subgroups, selection, imputation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from necc.analysis.multiplicity import ADJUSTMENTS
from necc.analysis.regression import (
    CoxModel,
    CoxTerm,
    ImputedModel,
    ImputedTerm,
    Influence,
    ModelTest,
    StepwiseResult,
    SubgroupTable,
    UnivariateRow,
    UnivariateTable,
)
from necc.analysis.regression.diagnostics import GLOBAL, ProportionalHazards
from necc.analysis.regression.results import FIRTH
from necc.core.text import (
    NOT_ESTIMABLE,
    format_number,
    format_p,
    format_percent,
    plural,
    slug,
)
from necc.present.tables.table import Table
from necc.present.words.phrases import (
    BY_FIRTH,
    NOTHING,
    TRANSFORMS,
    as_notes,
    ci_name,
    contrast,
    format_ratio,
    format_ratio_ci,
    not_analysed,
    notes_of,
    ties,
)

TESTS = {"likelihood_ratio": "Likelihood ratio", "wald": "Wald", "score": "Score (log-rank)"}


def term_label(term: CoxTerm | ImputedTerm) -> str:
    """What the hazard ratio of a term compares."""
    return contrast(term.label, term.level, term.reference, getattr(term, "unit", ""))


def ratio(term: CoxTerm | ImputedTerm | None) -> str:
    """`2.38 (1.22–4.63)`, marked where Firth's method gave it; a dash for a term that isn't there."""
    if term is None:
        return NOTHING
    mark = f" {BY_FIRTH}" if term.method == FIRTH and term.coefficient is not None else ""
    return format_ratio_ci(term.hazard_ratio, term.ci_lower, term.ci_upper) + mark


def p_text(term: CoxTerm | ImputedTerm | None) -> str:
    return NOTHING if term is None or term.coefficient is None else format_p(term.p)


def _events(n_events: int | None, n: int | None) -> str:
    return "" if n is None else f"{n_events:,}/{n:,}"


# ---------------------------------------------------------------- one by one beside together
def regression_table(table: UnivariateTable) -> Table:
    """Every covariate alone and, where there is a model, together with the others: as journals print it."""
    model = table.multivariable
    level = f"HR ({ci_name(table.level)})"
    columns = ["Covariate", "Events/n", f"Alone: {level}", "p", "Adjusted p"]
    columns += [f"Together: {level}", "p, together"] if model else []
    rows, indents = [], []
    for row in table.rows:
        for indent, line in _alone(row, model):
            rows.append(line)
            indents.append(indent)
    known = {row.variable for row in table.rows}
    for term in (t for t in model.terms if t.variable not in known) if model else ():
        rows.append((term_label(term), _events(term.n_events, term.n), "", "", "", ratio(term), p_text(term)))
        indents.append(0)
    return Table(
        f"Cox regression of {table.label[:1].lower()}{table.label[1:]}", slug(f"cox-{table.endpoint}"), tuple(columns),
        tuple(rows), _regression_notes(table), tuple(indents),
    )  # fmt: skip


def _alone(row: UnivariateRow, model: CoxModel | None) -> list[tuple[int, tuple[str, ...]]]:
    together = {t.term: t for t in model.terms_of(row.variable)} if model else {}
    beside = (lambda t: (ratio(together.get(t)), p_text(together.get(t)))) if model else (lambda t: ())
    if len(row.terms) == 1:
        term = row.terms[0]
        adjusted = format_p(row.p_adjusted) if row.p_adjusted is not None else NOTHING
        counts = _events(term.n_events, term.n) or _events(row.n_events, row.n)
        return [(0, (term_label(term), counts, ratio(term), p_text(term), adjusted, *beside(term.term)))]
    test = next((t for t in model.variable_tests if t.name == row.variable), None) if model else None
    overall = format_p(row.test.p) if row.test.p is not None else NOTHING
    adjusted = format_p(row.p_adjusted) if row.p_adjusted is not None else NOTHING
    more = ("", format_p(test.p) if test and test.p is not None else NOTHING) if model else ()
    lines = [(0, (f"{row.label} (all levels)", _events(row.n_events, row.n), "", overall, adjusted, *more))]
    first = row.terms[0]
    reference = (first.reference or "reference", _events(first.n_events_reference, first.n_reference), "1 (reference)")
    lines.append((1, (*reference, "", "", *(("1 (reference)" if test else NOTHING, "") if model else ()))))
    for t in row.terms:
        cells = (t.level or t.term, _events(t.n_events, t.n), ratio(t), p_text(t), "")
        lines.append((1, (*cells, *beside(t.term))))
    return lines


def _regression_notes(table: UnivariateTable) -> tuple[str, ...]:
    model = table.multivariable
    how = ADJUSTMENTS.get(table.adjustment, table.adjustment)
    tested = table.n_tests
    terms = [t for row in table.rows for t in row.terms] + list(model.terms if model else ())
    notes = [
        f"Cox regression, {ties(table.ties)}, Wald intervals and p unless marked. Alone: each "
        "covariate by itself on its own complete cases; events and patients are those of the level, or of everybody "
        f"analysed for a number. p adjusted for {plural(tested, 'test')} ({how}).",
        "Yes against no and with against without, unless a comparison is named.",
    ]
    if model:
        strata = f", stratified by {', '.join(model.strata)}" if model.strata else ""
        notes.append(f"Together: one model of {plural(model.n, 'patient')}, {plural(model.n_events, 'event')}{strata}.")
        notes.append(not_analysed(model.excluded))
    if any(t.method == FIRTH and t.coefficient is not None for t in terms):
        notes.append(
            f"{BY_FIRTH} Separation: Firth's penalised likelihood, profile likelihood interval, penalised "
            "likelihood-ratio p."
        )
    reasons = dict.fromkeys(f"{term_label(t)}: {reason(t)}." for t in terms if t.note)
    return (*notes, *reasons)


def reason(term: CoxTerm) -> str:
    """Why a term has no numbers, or which limit it lacks."""
    return term.note if term.estimable else f"{NOT_ESTIMABLE}, {term.note}"


# ---------------------------------------------------------------- the model as a whole
def model_tests_table(model: CoxModel) -> Table:
    """Tests of all terms together, concordance and information: what says how much a model knows."""
    rows = [
        (TESTS[name], format_number(t.statistic, 2, NOTHING), str(t.df) if t.df else NOTHING, format_p(t.p))
        for name, t in model.tests.items()
    ]
    rows += [(f"Interaction {t.name}", format_number(t.statistic, 2, NOTHING), str(t.df), format_p(t.p))
             for t in model.interaction_tests]  # fmt: skip
    c = model.concordance
    if c.value is None:
        lines = [f"Harrell's C {NOT_ESTIMABLE}."]
    else:
        lines = [
            f"Harrell's C {format_number(c.value, 3)} (standard error {format_number(c.se, 3)}), in the patients that "
            "the model was fitted to, so it flatters."
        ]
    if model.aic is not None:
        lines.append(
            f"Log likelihood {format_number(model.loglik_null, 3)} without covariates, "
            f"{format_number(model.loglik, 3)} with; AIC {format_number(model.aic, 2)}."
        )
    return Table(
        "Tests of the model", slug(f"cox-{model.endpoint}-tests"), ("Test", "Chi-square", "df", "p"), tuple(rows),
        (f"{model.method[:1].upper()}{model.method[1:]}, {ties(model.ties)}; "
         f"{plural(model.n, 'patient')}, {plural(model.n_events, 'event')}.", *lines),
    )  # fmt: skip


def proportional_hazards_table(
    model: CoxModel, tests: Sequence[ProportionalHazards] | None = None, transform: str = ""
) -> Table:
    """The score test of each covariate against a hazard ratio that changes with time, as R's cox.zph."""
    tests = model.proportional_hazards if tests is None else tests
    labels = _labels(model)
    rows = [
        ("All together" if t.term == GLOBAL else labels.get(t.term, t.term), format_number(t.statistic, 2, NOTHING),
         str(t.df) if t.df else NOTHING, format_p(t.p))
        for t in tests
    ]  # fmt: skip
    return Table(
        "Are the hazards proportional?", slug(f"cox-{model.endpoint}-proportional-hazards"),
        ("Covariate", "Chi-square", "df", "p"), tuple(rows),
        (f"Score test of Grambsch and Therneau as in R's cox.zph since version 3.0, on "
         f"{TRANSFORMS[transform or model.transform]}; {plural(model.n_events, 'event')}. A large p with few events "
         "doesn't show that hazards are proportional.",),
    )  # fmt: skip


def _labels(model: CoxModel) -> dict[str, str]:
    """Covariates and interactions by name."""
    design = model.design
    labels = {c.name: c.label for c in design.covariates} if design else {}
    return labels | {f"{a} * {b}": f"{labels.get(a, a)} \u00d7 {labels.get(b, b)}" for a, b in model.interactions}


def collinearity_table(model: CoxModel) -> Table:
    """Each variable over all its levels, and how far the others determine it."""
    labels, inflation = _labels(model), dict(model.variance_inflation)
    firth = model.method != "maximum partial likelihood"
    rows = [
        (labels.get(t.name, t.name), format_number(t.statistic, 2, NOTHING), str(t.df), format_p(t.p),
         format_number(inflation.get(t.name), 2, NOTHING))
        for t in model.variable_tests
    ]  # fmt: skip
    each = format_number(model.events_per_parameter, 1, NOT_ESTIMABLE)
    return Table(
        "Each variable, and collinearity", slug(f"cox-{model.endpoint}-collinearity"),
        ("Covariate", "Chi-square", "df", "p", "Variance inflation"), tuple(rows),
        (f"{'Penalised likelihood-ratio' if firth else 'Wald'} test over all levels. Variance inflation: generalised, "
         f"to the power 1/df; above 5 the covariates nearly determine one another. {each} events per parameter.",),
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
        ("dfbeta, the approximate change of the log hazard ratio when the patient is left out; the model isn't fitted "
         "again. Nobody was left out.",),
        text_columns=(1,),
    )  # fmt: skip


# ---------------------------------------------------------------- subgroups
def subgroup_table(result: SubgroupTable) -> Table:
    """The exposure's hazard ratio in each subgroup, and the test that it differs between them."""
    tests = {t.name: (t, p) for t, p in zip(result.interactions, result.p_adjusted, strict=True)}
    rows, indents, last = [], [], ""
    for row in result.rows:
        if row.variable and row.variable != last:
            last = row.variable
            test, adjusted = tests[row.variable]
            rows.append((row.label, "", "", "", _p(test), format_p(adjusted) if adjusted is not None else NOTHING))
            indents.append(0)
        name = row.level if row.level else "All patients"
        counts = _events(row.n_events, row.n)
        rows.append((name, counts, ratio(row.term), p_text(row.term), "", ""))
        indents.append(1 if row.variable else 0)
    notes = [f"Hazard ratios of {result.exposure_label}, {ties(result.ties)}."]
    if result.adjusted_for:
        notes.append(f"Adjusted for {', '.join(result.adjusted_for)}.")
    if any(row.term.method == FIRTH and row.term.coefficient is not None for row in result.rows):
        notes.append(f"{BY_FIRTH} Separation: Firth's penalised likelihood, profile likelihood interval.")
    reasons = dict.fromkeys(
        f"{f'{row.label}, {row.level}' if row.level else 'All patients'}: {reason(row.term)}."
        for row in result.rows if row.term.note
    )  # fmt: skip
    return Table(
        f"{result.exposure_label} in subgroups", slug(f"cox-{result.endpoint}-subgroups-{result.exposure}"),
        ("Subgroup", "Events/n", f"HR ({ci_name(result.level)})", "p", "p, interaction", "Adjusted"), tuple(rows),
        (*notes, *reasons, *as_notes(result.notes)), tuple(indents),
    )  # fmt: skip


def _p(test: ModelTest) -> str:
    return format_p(test.p)


# ---------------------------------------------------------------- selection
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
        (f"{plural(result.n, 'patient')}, {plural(result.n_events, 'event')}; enters at p < {result.entry_p:g}, leaves "
         f"at p > {result.removal_p:g}; {ties(result.ties)}.", *as_notes([not_analysed(result.excluded)])),
        text_columns=(1, 2),
    )  # fmt: skip


def model_table(model: CoxModel, title: str = "", notes: Iterable[str] = ()) -> Table:
    """One model by itself: a row a term."""
    rows = [(term_label(t), _events(t.n_events, t.n), ratio(t), p_text(t)) for t in model.terms]
    firth = (f"{BY_FIRTH} Firth's penalised likelihood, profile likelihood interval.",)
    return Table(
        title or f"Cox model of {model.label.lower()}", slug(f"cox-{model.endpoint}-model"),
        ("Covariate", "Events/n", f"HR ({ci_name(model.level)})", "p"), tuple(rows),
        (f"{plural(model.n, 'patient')}, {plural(model.n_events, 'event')}; {ties(model.ties)}.",
         *(firth if any(t.method == FIRTH and t.estimable for t in model.terms) else ()), *notes),
    )  # fmt: skip


# ---------------------------------------------------------------- imputation
def imputed_table(result: ImputedModel, complete: CoxModel) -> Table:
    """Complete cases beside all patients with missing values imputed."""
    own = {t.term: t for t in complete.terms}
    rows = tuple(
        (term_label(own[t.term]) if t.term in own else term_label(t), ratio(own.get(t.term)), p_text(own.get(t.term)),
         ratio(t), p_text(t),
         NOTHING if t.missing_information is None else f"{format_percent(t.missing_information, 1, 0)} %")
        for t in result.terms
    )  # fmt: skip
    labels = _labels(complete)
    filled = ", ".join(f"{labels.get(name, name)} {n}" for name, n in result.imputed if n)
    level = f"HR ({ci_name(result.level)})"
    return Table(
        "Complete cases and multiple imputation", slug(f"cox-{result.endpoint}-imputed"),
        ("Covariate", f"Complete cases (n = {complete.n:,}): {level}", "p", f"Imputed (n = {result.n:,}): {level}",
         "p, imputed", "Missing information"), rows,
        (f"{plural(result.imputations, 'imputation')} by chained equations with the event and the cumulative hazard, "
         f"pooled by Rubin's rules; {ties(result.ties)}. Values imputed: {filled or 'none'}.",
         *notes_of(result)),
    )  # fmt: skip
