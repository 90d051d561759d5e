"""The table of characteristics: counts with N/A rows, numbers as median (IQR), mean (SD) and range, by group.

Groups are compared by a named convention (see `necc.analysis.proportions`, `necc.analysis.comparison`); where
conventions fall on different sides of 0.05 the row says so. Standardised differences don't depend on the number of
patients. Sites overlap, so they are compared one by one, with against without.

References
----------
[1] Hyndman RJ, Fan Y. Am Stat 1996;50:361-5. doi:10.1080/00031305.1996.10473566 (quantiles, type 7)
[2] Austin PC. Stat Med 2009;28:3083-3107. doi:10.1002/sim.3697 (standardised differences)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict, Unpack

import numpy as np

from necc.analysis.baseline.results import Characteristics, Denominator, Group, Level, Row, RowKind, Summary
from necc.analysis.comparison import compare_numbers, standardised_difference
from necc.analysis.multiplicity import ADJUSTMENTS, adjust_p
from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.proportions import (
    CONVENTIONS,
    Convention,
    ConventionComparison,
    TestResult,
    all_conventions,
    contingency,
)
from necc.core.arguments import public
from necc.core.cohort import FLAG_LEVELS, SITE_LEVELS, SITES, Cohort, Factor
from necc.core.counts import Wanted, asked_for, countable
from necc.core.dictionary import N_SITES, ORGAN, SITE, Stage, Variable, is_site, normalise
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.guardrails import small_groups
from necc.core.result import answers
from necc.core.tally import quantiles, tally
from necc.core.text import joined, plural, quoted

EVERYBODY = "all patients"
MISSING = "N/A"
# a category with more levels is free text in disguise; it can still be asked for by name
MAX_LEVELS = 12
ALPHA = 0.05


class Options(TypedDict, total=False):
    """How a table is made: the options of `characteristics`."""

    convention: Convention
    denominator: Denominator
    adjustment: Adjustment
    test: Literal["rank", "mean"]
    every_convention: bool


OF_GROUPS: Options = {"denominator": "known", "every_convention": True}


@dataclass(frozen=True, eq=False)
class _Plan:
    """How every row is made.

    asked: the cohort, of which names are asked. patients: those of the groups, or what stands for them until a source
    is asked for a row. codes: int array, shape (n,), the group of each.
    """

    asked: Cohort
    patients: Cohort
    by: Factor | None
    groups: tuple[Group, ...]
    codes: np.ndarray
    convention: Convention
    denominator: Denominator
    test: Literal["rank", "mean"]
    every_convention: bool

    def part(self, name: str) -> tuple[Cohort, np.ndarray]:
        """The patients as they are needed for one row, and the group of each."""
        if self.asked.behind is None:
            return self.patients, self.codes
        by = () if self.by is None else (self.by.name,)
        patients, _, codes = _grouped(asked_for(self.asked, Wanted(names=(*by, name))), by[0] if by else None)
        return patients, codes


def _grouped(cohort: Cohort, by: str | Factor | None) -> tuple[Cohort, Factor | None, np.ndarray]:
    """Those who have a value of a factor, the factor of all, and the group of each among the levels with patients."""
    if by is None:
        return cohort, None, np.zeros(len(cohort), dtype=np.int64)
    factor = cohort.factor(by) if isinstance(by, str) else by
    codes = factor.among(factor.codes >= 0).codes
    return cohort.subset(codes >= 0), factor, codes[codes >= 0].astype(np.int64)


# ---------------------------------------------------------------- which variables
@public
@countable(by_part=True)
def table_names(
    cohort: Cohort, stages: Sequence[Stage] = ("baseline",), leave_out: Sequence[str] = ()
) -> tuple[str, ...]:
    """What a table shows unless told otherwise: variables of these stages and their groupings, in order.

    A grouping that puts the same patients together as its variable is left out. "recurrence" adds the number of
    sites and each site, "treatment" the yes/no treatments. Times of endpoints are left to survival analysis,
    categories of more than twelve levels to an explicit wish. Raises nothing: what the file lacks is left out.

    Example:
        >>> table_names(cohort)[:2]
        ('age_years', 'age_gt_50')
    """
    endpoint_times = {part.time for e in cohort.dictionary.endpoints.values() for part in e.parts}
    names: list[str] = []
    for variable in cohort.dictionary.variables.values():
        if variable.name in cohort.columns and variable.name not in endpoint_times:
            names += _own_names(cohort, variable, stages)
    if "recurrence" in stages and cohort.site_names:
        names += [N_SITES, *(g.name for g in cohort.dictionary.groupings.values() if g.of == N_SITES)]
        names += [f"{SITE}{site}" for site in cohort.site_names]
    return tuple(name for name in names if name not in leave_out)


def _own_names(cohort: Cohort, variable: Variable, stages: Sequence[Stage]) -> list[str]:
    kinds = ("flag",) if variable.starts_at == "treatment" else ("flag", "category", "number")
    if variable.starts_at not in stages or variable.kind not in kinds or variable.site or not cohort.has(variable.name):
        return []
    if variable.kind == "category" and len(cohort.whole.factor(variable.name).levels) > MAX_LEVELS:
        return []
    groupings = [g.name for g in cohort.dictionary.groupings.values() if g.of == variable.name]
    if variable.kind == "number":
        return [variable.name, *groupings]
    own = cohort.whole.factor(variable.name).codes
    return [variable.name, *(g for g in groupings if not _same_groups(own, cohort.whole.factor(g).codes))]


def _same_groups(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two codings put the same patients together."""
    pairs = np.unique(a.astype(np.int64) * (int(b.max(initial=0)) + 2) + b)
    return len(pairs) == len(np.unique(a)) == len(np.unique(b))


# ---------------------------------------------------------------- tables
@answers
@public
@countable(by_part=True)
def characteristics(
    cohort: Cohort,
    by: str | Factor | None = None,
    names: str | Sequence[str] | None = None,
    *,
    convention: Convention = "paper",
    denominator: Denominator = "all",
    adjustment: Adjustment = "holm",
    test: Literal["rank", "mean"] = "rank",
    every_convention: bool = False,
) -> Characteristics:
    """Characteristics of a cohort (Table 1), by a factor with tests and standardised differences [2] (Table 4).

    Args:
        by: anything that `Cohort.factor` takes, or a `Factor` of this cohort.
        names: variables, groupings, sites ("site:lung"), cuts ("age_years>50"); `table_names` without.
        convention: how groups are tested.
        denominator: percentages of "all" patients of a group, or of those with a "known" value; a missing
            value is an N/A row either way.
        adjustment: how p-values are adjusted for the number of rows tested.
        test: numbers by their "rank" (Mann-Whitney, Kruskal-Wallis) or "mean" (t, analysis of variance).
        every_convention: also test by each convention; exact tests of a large cohort take a while.

    Raises:
        AnalysisError: nothing of a name, or something that has no levels and isn't a number.

    Example:
        >>> table = characteristics(cohort, by="site:lung", names=["age_years", "histology"])
        >>> [row.name for row in table.rows]
        ['age_years', 'histology']
    """
    if isinstance(by, str) and by.rstrip("*") in (SITE, ORGAN):
        raise AnalysisError(
            "sites overlap and can't be groups of one table: name one, e.g. 'site:lung', or ask by_sites"
        )
    names = table_names(cohort) if names is None else tuple(dict.fromkeys(names))
    named = () if by is None or isinstance(by, Factor) else (by,)
    aligned = isinstance(by, Factor)  # its codes are of these very rows
    everybody = cohort if aligned or (by is None and cohort.behind) else asked_for(cohort, Wanted(names=named))
    patients, factor, codes = _grouped(everybody, by)
    n_asked = everybody.n_patients
    groups: tuple[Group, ...] = (Group(EVERYBODY, n_asked),)
    if factor is not None:
        present = factor.among(factor.codes >= 0)
        groups = tuple(Group(level, n) for level, n in zip(present.levels, present.counts(), strict=True))
    plan = _Plan(cohort, patients, factor, groups, codes, convention, denominator, test, every_convention)
    rows = [_row(plan, name) for name in names]
    adjusted = adjust_p([row.test.p if row.test else None for row in rows], adjustment)
    rows = [replace(row, p_adjusted=p) for row, p in zip(rows, adjusted, strict=True)]
    lost = n_asked - sum(g.n for g in groups)
    return Characteristics(
        by=factor.name if factor is not None else None,
        by_label=factor.label if factor is not None else "",
        levels=factor.levels if factor is not None else (EVERYBODY,),
        groups=plan.groups,
        n=n_asked - lost,
        excluded=(Exclusion(f"'{factor.label}' not recorded", lost),) if factor is not None and lost else (),
        rows=tuple(rows),
        convention=convention,
        denominator=denominator,
        adjustment=adjustment,
        notes=tuple(_notes(plan, rows, adjustment)),
    )


@answers
@public
@countable(by_part=True)
def compare(
    cohort: Cohort,
    by: str | Factor,
    names: str | Sequence[str] | None = None,
    **options: Unpack[Options],
) -> Characteristics:
    """Groups against each other, as the paper's Table 4: by default baseline, sites and treatments, by every
    convention, percentages of the known values. Arguments as for `characteristics`.

    Raises:
        AnalysisError: as `characteristics`.

    Example:
        >>> compare(cohort, "site:lung", ["age_gt_50"]).rows[0].test.name
        'Pearson chi-square test'
    """
    if names is None:
        name = by if isinstance(by, str) else by.name
        names = table_names(cohort, ("baseline", "recurrence", "treatment"), (name,))
    given: Options = {**OF_GROUPS, **options}
    return characteristics(cohort, by, names, **given)


@answers
@public
@countable(by_part=True)
def by_sites(
    cohort: Cohort,
    names: str | Sequence[str] | None = None,
    **options: Unpack[Options],
) -> tuple[Characteristics, ...]:
    """`compare` for each site in turn, with against without: sites overlap, so they share patients.

    Raises:
        AnalysisError: the cohort has no sites, or as `characteristics`.

    Example:
        >>> len(by_sites(cohort, ["age_gt_50"], every_convention=False))
        8
    """
    return tuple(compare(cohort, f"{SITE}{site}", names, **options) for site in cohort.sites_or_error())


# ---------------------------------------------------------------- rows
def _row(plan: _Plan, name: str) -> Row:
    variable = _number_variable(plan.asked, name)
    if variable or name == N_SITES:
        return _number_row(plan, variable.name if variable else name, variable)
    return _level_row(plan, name)


def _number_variable(cohort: Cohort, name: str) -> Variable | None:
    if name in cohort.dictionary.groupings or is_site(name):
        return None
    try:
        variable = cohort.variable(name)
    except AnalysisError:  # a cut, or nothing: `factor` tells which
        return None
    return variable if variable.kind == "number" else None


def _number_row(plan: _Plan, name: str, variable: Variable | None) -> Row:
    patients, codes = plan.part(name)
    values, weights = patients.number(name), patients.patients
    groups = [values[codes == g] for g in range(len(plan.groups))]
    of = [None if weights is None else weights[codes == g] for g in range(len(plan.groups))]
    n = patients.n_of(~np.isnan(values))
    row = Row(
        name=name,
        label=variable.label if variable else "Number of sites",
        unit=variable.unit if variable else "",
        section=variable.section if variable else "Sites of first recurrence",
        kind="number",
        n=n,
        n_missing=patients.n_patients - n,
        summaries=tuple(map(_summary, groups, of)),
        total_summary=_summary(values, weights),
    )
    if plan.by is None:
        return row
    if why := _untested(plan, name, name):
        return replace(row, test=_not_tested(plan, why, n))
    conventions = None
    if plan.every_convention:
        conventions = _every({c: compare_numbers(groups, c, plan.test, of) for c in CONVENTIONS})
    result = getattr(conventions, plan.convention) if conventions else None
    result = result or compare_numbers(groups, plan.convention, plan.test, of)
    smd = standardised_difference(groups, "number", of) if len(groups) > 1 else None
    return replace(row, test=result, conventions=conventions, smd=smd)


def _summary(values: np.ndarray, patients: np.ndarray | None) -> Summary:
    known = ~np.isnan(values) if patients is None else ~np.isnan(values) & (patients > 0)
    values, patients = values[known], None if patients is None else patients[known]
    n = len(values) if patients is None else int(patients.sum())
    if not n:
        return Summary(0, None, None, None, None, None, None, None)
    q1, median, q3 = quantiles(values, (0.25, 0.5, 0.75), patients)
    mean = float(np.average(values, weights=patients))
    squares = float(np.average((values - mean) ** 2, weights=patients)) * n
    sd = float(np.sqrt(squares / (n - 1))) if n > 1 else None
    return Summary(n, mean, sd, median, q1, q3, float(values.min()), float(values.max()))


def _every(results: dict[str, TestResult]) -> ConventionComparison:
    sides = {r.p < ALPHA for r in results.values() if r.p is not None}
    return ConventionComparison(**results, side_changes=len(sides) > 1, alpha=ALPHA)


def _level_row(plan: _Plan, name: str) -> Row:
    patients, codes = plan.part(name)
    factor = patients.factor(name)
    k, n_groups = len(factor.levels), len(plan.groups)
    cells = codes * (k + 1) + factor.codes + 1
    # table: shape (n_groups, 1 + n_levels), the first column not recorded
    table = tally(cells, patients.patients, n_groups * (k + 1)).reshape(n_groups, k + 1)
    variable = plan.asked.dictionary.variables.get(factor.source)
    of_sites = factor.source in (SITES, N_SITES)
    kind: RowKind = "flag" if factor.levels in (FLAG_LEVELS, SITE_LEVELS) else "category"
    row = Row(
        name=factor.name,
        label=factor.label,
        unit="",
        section="Sites of first recurrence" if of_sites else variable.section if variable else "",
        kind=kind,
        n=int(table[:, 1:].sum()),
        n_missing=int(table[:, 0].sum()),
        levels=_levels(plan, factor, table),
    )
    if plan.by is None:
        return row
    if why := _untested(plan, factor.name, factor.source) or ("" if table[:, 1:].sum() else "no values"):
        return replace(row, test=_not_tested(plan, why, row.n))
    conventions = all_conventions(table[:, 1:], ALPHA) if plan.every_convention else None
    result = getattr(conventions, plan.convention) if conventions else contingency(table[:, 1:], plan.convention)
    smd = None
    if n_groups > 1:
        shares = [np.arange(k)] * n_groups
        smd = standardised_difference(shares, "flag" if k == 2 else "category", list(table[:, 1:]))
    return replace(row, test=result, conventions=conventions, smd=smd)


def _levels(plan: _Plan, factor: Factor, table: np.ndarray) -> tuple[Level, ...]:
    known, missing = table[:, 1:], table[:, 0]
    of = known.sum(axis=1) if plan.denominator == "known" else table.sum(axis=1)
    rows = [
        Level(level, tuple(counts.tolist()), tuple(of.tolist()), int(counts.sum()), int(of.sum()))
        for level, counts in zip(factor.levels, known.T, strict=True)
    ]
    if missing.any():
        everybody = table.sum(axis=1)
        rows.append(
            Level(MISSING, tuple(missing.tolist()), tuple(everybody.tolist()), int(missing.sum()), int(everybody.sum()),
                  missing=True, has_percent=plan.denominator == "all")
        )  # fmt: skip
    return tuple(rows)


def _untested(plan: _Plan, name: str, source: str) -> str:
    """Why a row isn't tested; empty where it is: a variable can't be compared between groups it makes itself."""
    by = plan.by
    assert by is not None
    if not plan.groups:
        return f"'{by.label}' is not recorded for any patient"
    # all sites have the source "sites"; two different ones may be compared
    same = source == by.source and source not in ("", SITES)
    nested = _organs(plan.asked, name) & _organs(plan.asked, by.name)
    return "the groups are defined by this variable" if same or name == by.name or nested else ""


def _organs(cohort: Cohort, name: str) -> set[str]:
    """The organs behind "site:lung", "organ:liver" or "site:lung|brain"; empty for anything else."""
    kind, _, names = name.partition(":")
    known = {"site": cohort.site_names, "organ": cohort.organ_names}.get(kind, ())
    label = cohort.site_label if kind == "site" else cohort.organ_label
    wanted = {normalise(n) for n in names.split("|")}
    organs = [x for x in known if {normalise(x), normalise(label(x))} & wanted]
    return {organ for x in organs for organ in (cohort.scheme.groups.get(x, (x,)) if kind == "site" else (x,))}


def _not_tested(plan: _Plan, why: str, n: int) -> TestResult:
    return TestResult("not tested", None, None, None, plan.convention, why, n)


def _notes(plan: _Plan, rows: list[Row], adjustment: Adjustment) -> list[str]:
    notes = []
    if not sum(g.n for g in plan.groups):
        notes.append("no patients to analyse")
    if any(row.kind == "number" for row in rows):
        notes.append("quartiles by R's default rule (type 7)")
    if plan.by is None:
        return notes
    if len(plan.groups) == 1:
        notes.append(f"one group only ({plan.groups[0].name}): nothing to compare")
    if absent := [level for level in plan.by.levels if level not in [g.name for g in plan.groups]]:
        notes.append(f"no patients in {joined(quoted(absent), 'or')}")
    notes += small_groups(((g.name, g.n) for g in plan.groups), plan.by.label)
    tested = sum(row.test is not None and row.test.p is not None for row in rows)
    if tested > 1:
        notes.append(f"{plural(tested, 'test')}: p also adjusted ({ADJUSTMENTS[adjustment]})")
    if moved := [row.label for row in rows if row.side_changes]:
        notes.append(f"the choice of test decides on which side of 0.05 p falls for {joined(moved)}")
    if plan.by.source == SITES:
        notes.append("sites overlap: patients without this site may have others")
    return notes
