"""Several models at once: covariates one by one beside the model of all, and an exposure by subgroups.

References:
    1. Wang R, et al. N Engl J Med 2007;357:2189-94. doi:10.1056/NEJMsr077003 (subgroups: a test of interaction)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from necc.analysis.multiplicity import ADJUSTMENTS, adjust_p, n_tests
from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.regression.design import Design, build_design, check_named, named_in
from necc.analysis.regression.guards import aliased_in, separation_of, too_few_of
from necc.analysis.regression.model import (
    Fitted,
    Separation,
    check_options,
    cox,
    fit_design,
    fit_each,
    interaction_tests,
    make_terms,
    ratio_test,
    variable_tests,
)
from necc.analysis.regression.results import (
    PENALISED,
    RATIO,
    InteractionTest,
    ModelTest,
    SubgroupRow,
    SubgroupTable,
    UnivariateRow,
    UnivariateTable,
)
from necc.analysis.regression.stepwise import SelectionMethod, stepwise
from necc.analysis.regression.ties import Ties
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.errors import AnalysisError
from necc.core.guardrails import clock_of, known_later, sentences
from necc.core.result import answers, header
from necc.core.tally import n_of
from necc.core.text import joined, plural


@answers
@public
@countable()
def univariate(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str],
    *,
    adjustment: Adjustment = "holm",
    multivariable: str | Sequence[str] | None = None,
    interactions: str | Sequence[str | tuple[str, str]] = (),
    selection: SelectionMethod | None = None,
    ties: Ties = "efron",
    strata: str | Sequence[str] = (),
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
    separation: Separation = "firth",
) -> UnivariateTable:
    """Fits each covariate alone, on its own complete cases, with p adjusted for their number.

    Args:
        multivariable: covariates of the model to stand beside, as journals print it; None for none.
        interactions: of that model. selection: how `stepwise` selects it from the covariates; None for all of them.
        adjustment: "holm", "bh" or "bonferroni".
        The others are those of `cox`.

    Raises:
        AnalysisError: the cohort lacks the endpoint or a covariate, or an option is unknown.

    Example:
        >>> table = univariate(cohort, "PRS", ["n_sites", "site:lung"], multivariable=["n_sites", "site:lung"])
        >>> [row.n for row in table.rows], table.multivariable.n
        ([88, 88], 88)
    """
    check_options(ties, level, separation)
    if interactions and (selection or not multivariable):
        raise AnalysisError("interactions belong to a model of several covariates that nothing selects")
    if adjustment not in ADJUSTMENTS:
        raise AnalysisError(f"adjustment '{adjustment}' is not one of {joined(list(ADJUSTMENTS), 'or')}")
    names = list(dict.fromkeys(covariates))
    check_named([*names, *(multivariable or ())], reference, per)
    designs = [
        build_design(cohort, endpoint, [n], strata=strata, reference=named_in(reference, [n]), per=named_in(per, [n]))
        for n in names
    ]
    fits = fit_each(designs, ties, level, separation)
    tests = [variable_tests(f)[0] for f in fits]
    adjusted = adjust_p([t.p for t in tests], adjustment)
    rows = tuple(_row(f, t, p, separation) for f, t, p in zip(fits, tests, adjusted, strict=True))
    model, selected = None, None
    if multivariable:
        options: dict[str, Any] = {
            "ties": ties, "strata": strata, "level": level, "separation": separation,
            "reference": named_in(reference, multivariable), "per": named_in(per, multivariable),
        }  # fmt: skip
        if selection:
            selected = stepwise(cohort, endpoint, multivariable, method=selection, **options)
            model = selected.model
        else:
            model = cox(cohort, endpoint, multivariable, interactions=interactions, **options)
    outcome = cohort.endpoint(endpoint)
    notes = [*outcome.notes]
    if len({r.n for r in rows}) > 1:
        notes.append("each covariate alone has its own complete cases, so the numbers of patients differ between rows")
    if (tested := n_tests(adjusted)) > 1:
        notes.append(f"p adjusted for {tested} tests by the method of {ADJUSTMENTS[adjustment]}, beside the raw p")
    notes += [f"{row.variable}: {g.sentence()}" for row in rows for g in row.guardrails]
    return UnivariateTable(
        **header(outcome), n=max((r.n for r in rows), default=0), n_events=max((r.n_events for r in rows), default=0),
        ties=ties, level=level, adjustment=adjustment, rows=rows, multivariable=model, selection=selected,
        notes=tuple(notes),
    )  # fmt: skip


def _row(fitted: Fitted, test: ModelTest, p_adjusted: float | None, separation: str) -> UnivariateRow:
    design, terms = fitted.design, make_terms(fitted)
    covariate = design.covariates[0]
    seen = separation_of(fitted.fit, design, fitted.firth is not None, separation, terms)
    guardrails = (*seen, *aliased_in(fitted.fit, design), *too_few_of(design, fitted.refused))
    return UnivariateRow(
        variable=covariate.name, label=covariate.label, n=fitted.fit.n, n_events=fitted.fit.n_events,
        excluded=design.excluded, terms=terms, test=test, likelihood_ratio=ratio_test(fitted),
        p_adjusted=p_adjusted, guardrails=guardrails,
    )  # fmt: skip


# ---------------------------------------------------------------- subgroups
@answers
@public
@countable()
def subgroups(
    cohort: Cohort,
    endpoint: str,
    exposure: str,
    by: str | Sequence[str],
    *,
    adjusted_for: str | Sequence[str] = (),
    adjustment: Adjustment = "holm",
    ties: Ties = "efron",
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
    separation: Separation = "firth",
) -> SubgroupTable:
    """The exposure's hazard ratio within each level of some factors, and whether it differs between them [1].

    The exposure is a number or has two levels. The test of each factor is that of its interaction with the exposure
    (likelihood ratio; penalised where separation was met, as its `method` says), not a comparison of p-values between
    subgroups. `reference` and `per` are those of `cox`, of the exposure and what it is adjusted for.

    Raises:
        AnalysisError: the cohort lacks a variable, or the exposure has more than two levels.

    Example:
        >>> subgroups(cohort, "PRS", "site:abdominal", ["age_gt_50"]).rows[0].n
        88
    """
    check_options(ties, level, separation)
    outcome = cohort.endpoint(endpoint)
    check_named([exposure, *adjusted_for], reference, per)

    def design_of(who: Cohort, names: Sequence[str], pairs: Sequence[tuple[str, str]] = ()) -> Design:
        return build_design(
            who, endpoint, names, interactions=pairs, reference=named_in(reference, names), per=named_in(per, names)
        )

    whole = design_of(cohort, [exposure, *adjusted_for])
    columns = [c for c in whole.columns if c.variable == exposure]
    if len(columns) != 1:
        levels = whole.covariates[0].levels
        raise AnalysisError(
            f"'{exposure}' has {len(levels)} levels ({joined(levels)}); join them to two, by a grouping"
        )
    designs: list[tuple[tuple[str | None, str, str | None], Design]] = [((None, "all patients", None), whole)]
    tests, notes = [], [*outcome.notes]
    for name in by:
        factor = cohort.factor(name)
        others = [a for a in adjusted_for if a != name]
        for code, label in enumerate(factor.levels):
            part = design_of(cohort.subset(factor.codes == code), [exposure, *others])
            if len(part.rows):
                designs.append(((name, factor.label, label), part))
        joint = design_of(cohort, [exposure, name, *others], [(exposure, name)])
        fit = fit_design(joint, ties, level, separation)
        test = interaction_tests(fit)[0]
        tests.append(InteractionTest(name, test.statistic, test.df, test.p, PENALISED if fit.firth else RATIO))
        if unknown := n_of(factor.codes[whole.rows] < 0, whole.patients):
            notes.append(f"{factor.label} isn't known in {plural(unknown, 'patient')}, who are at no level of it")
    rows = []
    fits = fit_each([design for _, design in designs], ties, level, separation)
    for (of, _), fitted in zip(designs, fits, strict=True):
        rows.append(SubgroupRow(*of, fitted.fit.n, fitted.fit.n_events, make_terms(fitted)[0]))
    notes.append("a difference between subgroups is judged by the interaction, not by comparing their p-values")
    for method in dict.fromkeys(t.method for t in tests if t.p is not None):
        which = joined([cohort.factor(t.name).label for t in tests if t.p is not None and t.method == method])
        why = ", as the likelihood has no finite maximum without the penalty" if method == PENALISED else ""
        notes.append(f"interaction with {which} tested by {method}{why}")
    labels = {name: cohort.factor(name).label for name in by}
    labels |= {c.name: c.label for c in whole.covariates}
    notes += sentences(tuple(known_later(cohort, outcome.starts_at, clock_of(outcome.label, outcome.origin), labels)))
    if (tested := n_tests(t.p for t in tests)) > 1:
        notes.append(f"{plural(tested, 'interaction')} tested; adjusted p by the method of {ADJUSTMENTS[adjustment]}")
    return SubgroupTable(
        **header(outcome), n=rows[0].n, n_events=rows[0].n_events, excluded=whole.excluded, exposure=exposure,
        exposure_label=whole.covariates[0].label, adjusted_for=tuple(adjusted_for), ties=ties, level=level,
        adjusted_labels=tuple(c.label for c in whole.covariates[1:]),
        rows=tuple(rows), interactions=tuple(tests), p_adjusted=tuple(adjust_p([t.p for t in tests], adjustment)),
        adjustment=adjustment, notes=tuple(notes),
    )  # fmt: skip
