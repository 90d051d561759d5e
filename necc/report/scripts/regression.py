"""Sections of Cox models: of several covariates, of each alone, by the levels of one factor, and in subgroups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from necc.analysis.regression.groups import HazardRatios
from necc.analysis.regression.results import FIRTH, CoxModel, CoxTerm, SubgroupTable, UnivariateTable
from necc.core.cohort import Cohort
from necc.core.dictionary import N_SITES, is_site
from necc.report.scripts.script import ITERATED, Section
from necc.report.scripts.text import number, own_names, quoted

NO_FIRTH = (
    "it has no finite maximum (separation), and the product shows Firth's penalised likelihood, which R's survival "
    "doesn't have; the package coxphf does"
)


@dataclass(frozen=True)
class Model:
    """A Cox model as R is told of it.

    terms: by the product's names, each with its place among R's coefficients. variables: each with its coefficients.
    """

    name: str
    terms: dict[str, int]
    variables: dict[str, list[int]]


def is_number(cohort: Cohort, name: str) -> bool:
    """Whether a covariate is linear in a model."""
    if name == N_SITES:
        return True
    if cohort.cut(name) or name in cohort.dictionary.groupings or is_site(name):
        return False
    return cohort.variable(name).kind == "number"


def fitted(
    section: Section, endpoint: str, covariates: Sequence[str], terms: Sequence[CoxTerm], *, ties: str,
    strata: Sequence[str] = (), interactions: Sequence[tuple[str, str]] = (), per: Mapping[str, float] | None = None,
    as_levels: bool = False, who: str = "who",
) -> Model:  # fmt: skip
    """Writes the data `x` of a model and its fit.

    terms: what the product shows of it, by which references and the order of levels are known.
    """
    cohort = section.cohort
    plain = dict(zip(covariates, own_names(covariates), strict=True))
    columns, relevelled = [], []
    for name, own in plain.items():
        if is_number(cohort, name) and not as_levels:
            unit = (per or {}).get(name, 1)
            columns.append(f"{own} = {section.number(name)}{f' / {number(float(unit))}' if unit != 1 else ''}")
            continue
        columns.append(f"{own} = {section.group(name)}")
        reference = next((t.reference for t in terms if t.variable == name and t.reference), None)
        if reference is not None and reference != cohort.factor(name).levels[0]:
            relevelled.append(f"x${own} <- relevel(x${own}, {quoted(reference)})")
    columns += [f"block_{i} = {section.group(name)}" for i, name in enumerate(strata, 1)]
    section.line(f"x <- analysed({who}, {section.endpoint(endpoint)},", f"  {', '.join(columns)})", *relevelled)
    one_level = {name for name in covariates if [t.level for t in terms if t.variable == name] == [None]}
    used = [name for name in covariates if name not in one_level or is_number(cohort, name)]
    right = [plain[name] for name in used] + [f"{plain[a]}:{plain[b]}" for a, b in interactions]
    right += [f"strata({', '.join(f'block_{i}' for i in range(1, len(strata) + 1))})"] if strata else []
    name = section.name("fit")
    section.line(f"{name} <- cox_model(Surv(time, event) ~ {' + '.join(right)}, x, ties = {quoted(ties)})")
    return Model(name, *_places(used, terms, interactions))


def _places(
    covariates: Sequence[str], terms: Sequence[CoxTerm], interactions: Sequence[tuple[str, str]]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Where R has the coefficient of each term: in interactions it counts up the factor that stands first faster."""
    places: dict[str, int] = {}
    variables: dict[str, list[int]] = {}
    own = {name: [t for t in terms if t.variable == name] for name in covariates}
    for name in covariates:
        for term in own[name]:
            places[term.term] = len(places) + 1
            variables.setdefault(name, []).append(places[term.term])
    for a, b in interactions:
        first, second = (a, b) if [*covariates].index(a) < [*covariates].index(b) else (b, a)
        for inner in own[second]:
            for outer in own[first]:
                pair = (outer, inner) if first == a else (inner, outer)
                name = f"{pair[0].term} * {pair[1].term}"
                places[name] = len(places) + 1
                variables.setdefault(f"{a} * {b}", []).append(places[name])
    return places, variables


def term_rows(section: Section, model: Model, terms: Sequence[CoxTerm], level: float) -> None:
    """Writes the comparison of each term that has numbers."""
    for term in terms:
        shown = f"{term.label}: {term.level} against {term.reference}" if term.level else term.label
        if term.coefficient is None or term.se is None:
            section.told(f"{shown}: {term.note or 'not estimable'}")
            continue
        if term.method == FIRTH:
            section.told(f"{shown}: {NO_FIRTH}")
            continue
        if section.few(term.n or 0) or section.few(term.n_reference or 0):
            continue
        expected = [term.coefficient, term.se, term.hazard_ratio, term.ci_lower, term.ci_upper, term.p]
        code = f"hazard_ratio({model.name}, {model.terms[term.term]}, {number(level)})"
        section.same(f"{shown}, coefficient, standard error, hazard ratio, limits, p", code, expected, ITERATED)


def _levels(section: Section, covariates: Sequence[str], terms: Sequence[CoxTerm]) -> None:
    """Writes the patients and events of each level."""
    plain = dict(zip(covariates, own_names(covariates), strict=True))
    for term in terms:
        if term.level and term.n is not None and term.variable in plain:
            column = f"x${plain[term.variable]}"
            code = f"level_counts(x, {column} == {quoted(term.level)})"
            section.same(f"{term.label}: {term.level}, patients and events", code, [term.n, term.n_events or 0])


def cox(section: Section, result: CoxModel, per: Mapping[str, float] | None = None) -> None:
    """Writes a model with its tests."""
    if result.method.startswith("Firth"):
        section.told(f"this model is not compared: {NO_FIRTH}")
        return
    if result.fit is None or result.fit.status not in ("converged", "monotone"):
        section.told("this model is not compared: nothing was fitted")
        return
    if result.fit.status == "monotone":
        section.told("this model is not compared: it has no finite maximum (separation)")
        return
    own = [t for t in result.terms if " * " not in t.term or t.variable in result.covariates]
    model = fitted(section, result.endpoint, result.covariates, own, ties=result.ties, strata=result.strata,
                   interactions=result.interactions, per=per)  # fmt: skip
    section.same("patients and events", "c(nrow(x), sum(x$event))", [result.n, result.n_events])
    if section.few(result.n_events):
        return
    _levels(section, result.covariates, result.terms)
    term_rows(section, model, result.terms, result.level)
    fit = model.name
    tests = {"likelihood_ratio": ("likelihood ratio", f"summary({fit})$logtest"),
             "score": ("score", f"summary({fit})$sctest"),
             "wald": ("Wald", f"wald_test({fit}, which(!is.na(coef({fit}))))")}  # fmt: skip
    for key, (what, code) in tests.items():
        test = result.tests[key]
        if test.statistic is not None:
            section.same(f"{what} test of the model: chi-square, degrees of freedom, p", code,
                         [test.statistic, test.df, test.p], ITERATED)  # fmt: skip
    estimable = {t.term for t in result.terms if t.coefficient is not None}
    for test in result.variable_tests:
        places = [model.terms[t.term] for t in result.terms_of(test.name) if t.term in estimable]
        if test.statistic is not None and places:
            section.same(f"Wald test of {test.name}", f"wald_test({fit}, c({', '.join(map(str, places))}))",
                         [test.statistic, test.df, test.p], ITERATED)  # fmt: skip
    if result.loglik is not None:
        section.same("log partial likelihood without and with the covariates", f"{fit}$loglik",
                     [result.loglik_null, result.loglik], ITERATED)  # fmt: skip
    if result.aic is not None:
        section.same("AIC", f"AIC({fit})", result.aic, ITERATED)
    if result.concordance.value is not None:
        section.same("concordance and its standard error", f'{fit}$concordance[c("concordance", "std")]',
                     [result.concordance.value, result.concordance.se], ITERATED)  # fmt: skip
    _proportional(section, result, fit)
    _inflation(section, result, model)


def _proportional(section: Section, result: CoxModel, fit: str) -> None:
    """Tests of proportional hazards, of each variable and of all."""
    tests = result.proportional_hazards
    if not tests or any(t.statistic is None for t in tests):
        return
    section.line(f"proportional <- cox.zph({fit}, transform = {quoted(result.transform)})$table")
    for i, test in enumerate(tests, 1):
        section.same(f"proportional hazards, {test.term}: chi-square, degrees of freedom, p", f"proportional[{i}, ]",
                     [test.statistic, test.df, test.p], ITERATED)  # fmt: skip


def _inflation(section: Section, result: CoxModel, model: Model) -> None:
    known = [(name, value) for name, value in result.variance_inflation if value is not None]
    estimable = {t.term: t.coefficient is not None for t in result.terms}
    if len(known) < 2 or len(known) < len(result.variance_inflation) or not all(estimable.values()):
        return
    sets = [f"c({', '.join(map(str, model.variables[name]))})" for name, _ in known]
    section.same("variance inflation", f"inflation({model.name}, list({', '.join(sets)}))",
                 [value for _, value in known], ITERATED)  # fmt: skip


def univariate(
    section: Section, result: UnivariateTable, per: Mapping[str, float] | None = None, strata: Sequence[str] = ()
) -> None:
    """Writes each covariate alone, then the model beside it."""
    found = []
    for row in result.rows:
        section.heading(row.label)
        if any(t.method == FIRTH for t in row.terms):
            section.told(f"{row.label}: {NO_FIRTH}")
            found.append(number(row.test.p))
            continue
        if not any(t.coefficient is not None for t in row.terms):
            section.told(f"{row.label}: {'; '.join(dict.fromkeys(t.note for t in row.terms)) or 'not estimable'}")
            found.append(number(row.test.p))
            continue
        model = fitted(section, result.endpoint, [row.variable], row.terms, ties=result.ties, strata=strata, per=per)
        section.same("patients and events", "c(nrow(x), sum(x$event))", [row.n, row.n_events])
        _levels(section, [row.variable], row.terms)
        term_rows(section, model, row.terms, result.level)
        places = [model.terms[t.term] for t in row.terms if t.coefficient is not None]
        if row.test.statistic is None:
            found.append("NA")
            continue
        code = f"wald_test({model.name}, c({', '.join(map(str, places))}))"
        section.same("Wald test: chi-square, degrees of freedom, p", code,
                     [row.test.statistic, row.test.df, row.test.p], ITERATED)  # fmt: skip
        found.append(f"{code}[3]")
        ratio = row.likelihood_ratio
        if ratio.statistic is not None:
            section.same("likelihood ratio test: chi-square, degrees of freedom, p", f"summary({model.name})$logtest",
                         [ratio.statistic, ratio.df, ratio.p], ITERATED)  # fmt: skip
    section.adjusted(f"p adjusted ({result.adjustment})", found, [r.p_adjusted for r in result.rows], result.adjustment)
    if result.multivariable is not None:
        section.heading("Together")
        if result.selection is not None:
            section.told("how the covariates were selected isn't repeated; the model of those selected is")
        cox(section, result.multivariable, per)


def hazard_ratios(section: Section, result: HazardRatios) -> None:
    """Writes the levels of one factor against the first."""
    if not result.terms or result.by is None:
        section.told("no hazard ratio: one level only, or nobody")
        return
    if any(t.method == FIRTH for t in result.terms):
        section.told(f"hazard ratios: {NO_FIRTH}")
        return
    if not any(t.coefficient is not None for t in result.terms):
        section.told("hazard ratios: " + "; ".join(dict.fromkeys(t.note for t in result.terms)))
        return
    levels = [level for level in section.cohort.factor(result.by).levels if level != result.reference]
    terms = sorted(result.terms, key=lambda t: levels.index(str(t.level)))
    model = fitted(section, result.endpoint, [result.by], terms, ties=result.ties, as_levels=True)
    section.same("patients and events", "c(nrow(x), sum(x$event))", [result.n, result.n_events])
    term_rows(section, model, terms, result.level)
    test = result.proportional
    if test is not None and test.statistic is not None:
        section.same("proportional hazards: chi-square, degrees of freedom, p",
                     f'cox.zph({model.name}, transform = "km")$table[1, ]',
                     [test.statistic, test.df, test.p], ITERATED)  # fmt: skip
    elif result.few:
        section.told(f"test of proportional hazards: {result.few}")


def subgroups(section: Section, result: SubgroupTable) -> None:
    """Writes the exposure's hazard ratio within each level of some factors, and the test of each interaction."""
    adjusted = list(result.adjusted_for)
    for row in result.rows:
        shown = f"{row.label}: {row.level}" if row.level else row.label
        section.heading(shown)
        if row.term.coefficient is None or row.term.method == FIRTH:
            section.told(f"{shown}: {row.term.note or NO_FIRTH}")
            continue
        others = [a for a in adjusted if a != row.variable]
        who = "who"
        if row.variable is not None:
            who = f"who & known({section.group(row.variable)} == {quoted(str(row.level))})"
        model = fitted(section, result.endpoint, [result.exposure, *others], [row.term], ties=result.ties, who=who)
        section.same(f"{shown}, patients and events", "c(nrow(x), sum(x$event))", [row.n, row.n_events])
        term_rows(section, model, [row.term], result.level)
    found = []
    for test in result.interactions:
        if test.statistic is None or any(r.term.method == FIRTH for r in result.rows):
            section.told(f"interaction with {test.name}: not compared, as {NO_FIRTH}" if test.statistic is not None
                         else f"interaction with {test.name}: not estimable")  # fmt: skip
            found.append(number(test.p))
            continue
        others = [a for a in adjusted if a != test.name]
        names = [result.exposure, test.name, *others]
        section.heading(f"Interaction with {test.name}")
        model = fitted(section, result.endpoint, names, [], ties=result.ties,
                       interactions=[(result.exposure, test.name)])  # fmt: skip
        own = own_names(names)
        right = " + ".join(own)
        section.line(f"without <- cox_model(Surv(time, event) ~ {right}, x, ties = {quoted(result.ties)})")
        code = f"likelihood_ratio(without, {model.name})"
        section.same(f"interaction with {test.name}: chi-square, degrees of freedom, p", code,
                     [test.statistic, test.df, test.p], ITERATED)  # fmt: skip
        found.append(f"{code}[3]")
    section.adjusted(f"p adjusted ({result.adjustment})", found, result.p_adjusted, result.adjustment)
