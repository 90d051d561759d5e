"""Several named choices of patients beside each other: how many, how they fared, where it came back, whom they share.

Each column is what its patients alone give. Sub-cohorts may share patients, and then no test compares them: the
log-rank test [1] takes groups that share nobody. Whom they share is counted exactly: the patients of each combination
[2], and of each two the share of all theirs that both hold [3].

References:
    1. Mantel N. Cancer Chemother Rep 1966;50:163-70 (log-rank test, of independent groups)
    2. Lex A, et al. IEEE Trans Vis Comput Graph 2014;20:1983-92. doi:10.1109/TVCG.2014.2346248 (combinations of sets)
    3. Jaccard P. New Phytol 1912;11:37-50. doi:10.1111/j.1469-8137.1912.tb05611.x
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import adjust_p, n_tests
from necc.analysis.recurrence import SiteCount, site_distribution
from necc.analysis.recurrence.distribution import patterns_of
from necc.analysis.selection_bias import SHOWN, outcome_selection
from necc.analysis.survival import (
    CiMethod,
    KaplanMeier,
    LogRank,
    SurvivalAt,
    count_risk,
    given,
    kaplan_meier,
    log_rank,
)
from necc.core.arguments import public
from necc.core.cohort import Cohort, Factor
from necc.core.complement import both, outside
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate, Exclusion
from necc.core.guardrails import Guardrail, clock_of, known_later, label_of, small_groups
from necc.core.result import Result, answers
from necc.core.selection import PICKED, Selection
from necc.core.text import joined, plural, quoted
from necc.core.time_to_event import TimeToEvent

MOST = 6
NAMED = 3  # pairs that a note names
LABEL = "Sub-cohort"
NAMELESS = Estimate(None, None, None)
Relation = Literal["apart", "overlapping", "nested", "identical", "empty"]


# ---------------------------------------------------------------- results
@dataclass(frozen=True)
class SubCohort(Result):
    """One column: the patients of a selection.

    filters: in words. n: all its patients; n_analysed: those with a time and an event of the endpoint.
    followup: median, by the reverse Kaplan-Meier method. sites: of those who recurred, each with its exact interval.
    selection: its filters.
    """

    name: str
    filters: str
    n: int
    n_analysed: int
    n_events: int
    excluded: tuple[Exclusion, ...]
    median: Estimate
    followup: Estimate
    at_times: tuple[SurvivalAt, ...]
    sites: tuple[SiteCount, ...]
    selection: Selection | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Intersection(Result):
    """Patients who are in exactly these sub-cohorts.

    selection: the filters that keep just these; None where it would take too many to say.
    """

    names: tuple[str, ...]
    n: int
    selection: Selection | None = field(default=None, repr=False)


@dataclass(frozen=True)
class OverlapPair(Result):
    """Two sub-cohorts: whom they share, and the test between them where they share nobody.

    jaccard: of the patients of either, the share that is in both; None where there are none.
    test: None where patients are shared or there are none to compare.
    """

    first: str
    second: str
    n_both: int
    n_either: int
    jaccard: float | None
    relation: Relation
    test: LogRank | None
    p_adjusted: float | None

    def to_dict(self) -> dict[str, object]:
        """With the note on the test, which says why it has no p."""
        return {**super().to_dict(), "test": self.test.with_note() if self.test else None}


@dataclass(frozen=True, eq=False, kw_only=True)
class SideBySide(Result):
    """Sub-cohorts beside each other.

    endpoint, label, unit, origin: of the curves; empty where the cohort has none or none was asked for.
    n: patients in at least one; of: patients of the cohort. intersections add up to `n`.
    curves: one a sub-cohort with analysed patients; its test is the one of all, where nobody is shared.
    excluded: of the patients in at least one, who has no time or event, and why.
    guardrails: what the definitions of the sub-cohorts mean for their curves.
    """

    rows_in = "columns"

    endpoint: str
    label: str
    unit: str
    origin: str
    ci: CiMethod
    level: float
    n: int
    of: int
    columns: tuple[SubCohort, ...]
    intersections: tuple[Intersection, ...]
    pairs: tuple[OverlapPair, ...]
    adjustment: Adjustment
    curves: KaplanMeier | None
    excluded: tuple[Exclusion, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(p.p_adjusted for p in self.pairs)

    @property
    def is_tested(self) -> bool:
        """Whether one test compares all of them."""
        return self.curves is not None and self.curves.test.p is not None

    @property
    def shared(self) -> tuple[OverlapPair, ...]:
        """The pairs that share patients."""
        return tuple(p for p in self.pairs if p.n_both)


# ---------------------------------------------------------------- the comparison
@answers
@public
def side_by_side(
    cohort: Cohort,
    selections: Mapping[str, Selection],
    endpoint: str | None = None,
    *,
    ci: CiMethod = "log-log",
    level: float = 0.95,
    times: float | Iterable[float] = (),
    adjustment: Adjustment = "holm",
) -> SideBySide:
    """Named selections of a cohort beside each other, with their overlap.

    Args:
        cohort: whose patients are chosen from.
        selections: by name, up to six, in the order of the columns.
        endpoint: of the curves, e.g. "PRS"; None for counts, sites and the overlap alone.
        ci, level: of the curves' limits. times: at which survival is told, in the endpoint's unit.
        adjustment: of p for the pairs that can be tested.

    Raises:
        AnalysisError: no selection or more than six, a blank name, or an endpoint that the cohort lacks.
        SelectionError: the cohort lacks what a filter names.

    Example:
        >>> chosen = {"Lung": Selection.parse(["site:lung=with"]), "Bone": Selection.parse(["site:bone=with"])}
        >>> result = side_by_side(cohort, chosen, "PRS")
        >>> [(column.name, column.n) for column in result.columns], result.pairs[0].n_both, result.pairs[0].test
        ([('Lung', 34), ('Bone', 11)], 5, None)
    """
    if not 1 <= len(selections) <= MOST:
        raise AnalysisError(f"{plural(len(selections), 'sub-cohort')} to compare; choose one to {MOST}")
    if not all(name.strip() for name in selections):
        raise AnalysisError("a sub-cohort has no name; give each one a name of its own")
    names = tuple(selections)
    members = np.array([selection.mask(cohort) for selection in selections.values()])
    parts = {name: cohort.subset(own) for name, own in zip(names, members, strict=True)}
    anywhere = np.asarray(members.any(axis=0))
    outcome = cohort.endpoint(endpoint) if endpoint else None
    shown = {} if endpoint is None else {
        name: kaplan_meier(part, endpoint, ci=ci, level=level, times=times) for name, part in parts.items()
    }  # fmt: skip
    columns = tuple(
        replace(_column(name, selections[name].describe(cohort), part, shown.get(name)), selection=selections[name])
        for name, part in parts.items()
    )
    pairs = _pairs(names, members, outcome, adjustment)
    union = cohort.subset(anywhere)
    curves = None if outcome is None else _curves(union, shown, pairs, members, outcome)
    others = {name: outside(selection, cohort) for name, selection in selections.items()}
    guards = () if outcome is None or endpoint is None else _guardrails(cohort, union, selections, outcome)
    return SideBySide(
        endpoint=endpoint or "", label=outcome.label if outcome else "", unit=outcome.unit if outcome else "",
        origin=outcome.origin if outcome else "", ci=ci, level=level, n=len(union), of=len(cohort), columns=columns,
        intersections=tuple(
            Intersection(p.sites, p.n, _exactly(p.sites, selections, others, cohort))
            for p in patterns_of(members[:, anywhere].T.astype(np.int8), names)
        ),
        pairs=pairs, adjustment=adjustment, curves=curves,
        excluded=curves.excluded if curves is not None else (), guardrails=guards,
        notes=_notes(columns, pairs, outcome, curves),
    )  # fmt: skip


def _column(name: str, filters: str, part: Cohort, km: KaplanMeier | None) -> SubCohort:
    sites = site_distribution(part).sites if part.site_names else ()
    if km is None:
        return SubCohort(name, filters, len(part), 0, 0, (), NAMELESS, NAMELESS, (), sites)
    median = km.curves[0].median if km.curves else NAMELESS
    at_times = tuple(replace(at, stratum=name) for at in km.at_times)
    return SubCohort(name, filters, len(part), km.n, km.n_events, km.excluded, median, km.followup, at_times, sites)


def _exactly(
    names: Sequence[str], selections: Mapping[str, Selection], others: Mapping[str, Selection | None], cohort: Cohort
) -> Selection | None:
    """The filters of the patients who are in these sub-cohorts and in no other; others: who is in neither of them."""
    wanted = [selections[name] if name in names else others[name] for name in selections]
    return both([one for one in wanted if one is not None], cohort) if None not in wanted else None


def _pairs(
    names: Sequence[str], members: np.ndarray, outcome: TimeToEvent | None, adjustment: Adjustment
) -> tuple[OverlapPair, ...]:
    """members: bool, shape (n_names, n_patients)."""
    result = []
    for i, j in itertools.combinations(range(len(names)), 2):
        a, b = members[i], members[j]
        both, either = int((a & b).sum()), int((a | b).sum())
        relation = _relation(int(a.sum()), int(b.sum()), both)
        test = None
        if outcome is not None and relation == "apart":
            test = _test(outcome, (names[i], names[j]), members[[i, j]])
        jaccard = both / either if either else None
        result.append(OverlapPair(names[i], names[j], both, either, jaccard, relation, test, None))
    adjusted = adjust_p([p.test.p if p.test else None for p in result], adjustment)
    return tuple(replace(pair, p_adjusted=p) for pair, p in zip(result, adjusted, strict=True))


def _relation(first: int, second: int, both: int) -> Relation:
    if not first or not second:
        return "empty"
    if not both:
        return "apart"
    return "identical" if first == second == both else "nested" if both in (first, second) else "overlapping"


def _test(outcome: TimeToEvent, names: Sequence[str], members: np.ndarray) -> LogRank:
    """The log-rank test of groups that share nobody, with the p that their sizes allow."""
    codes = np.full(len(outcome), -1, dtype=np.int16)
    for code, own in enumerate(members):
        codes[own] = code
    table = count_risk(outcome, Factor(LABEL, LABEL, tuple(names), codes), keep_empty=True)
    return given(table, log_rank(table))


def _curves(
    union: Cohort, shown: Mapping[str, KaplanMeier], pairs: Sequence[OverlapPair], members: np.ndarray,
    outcome: TimeToEvent,
) -> KaplanMeier:  # fmt: skip
    """The curves of all in one result, with the test of all where nobody is shared."""
    together = kaplan_meier(union, outcome.name)
    names, own = list(shown), [bool(km.curves) for km in shown.values()]
    curves = tuple(replace(km.curves[0], name=name) for name, km in shown.items() if km.curves)
    first = next(iter(shown.values()))
    if any(p.n_both for p in pairs):
        test = LogRank(None, 0, None, (), (), note="patients are in several of them", p_by="")
    else:
        test = _test(outcome, [n for n, there in zip(names, own, strict=True) if there], members[own])
    return replace(
        together, by=LABEL, by_label=LABEL, levels=tuple(names), curves=curves, test=test, ci=first.ci,
        level=first.level, at_times=tuple(replace(at, stratum=n) for n, km in shown.items() for at in km.at_times),
        notes=outcome.notes,
    )  # fmt: skip


def _guardrails(
    cohort: Cohort, union: Cohort, selections: Mapping[str, Selection], outcome: TimeToEvent
) -> tuple[Guardrail, ...]:
    """Sub-cohorts that only the future defines, and a cohort in which everybody has the event."""
    names = {n: label_of(cohort, n) for s in selections.values() for n in s.names if n != PICKED}
    clock = clock_of(outcome.label, outcome.origin)
    instead = "choose an endpoint that starts when the sub-cohorts are known, or a landmark analysis"
    return (
        *known_later(cohort, outcome.starts_at, clock, names, SHOWN, instead),
        *outcome_selection(union, outcome.name),
    )


def _notes(
    columns: Sequence[SubCohort], pairs: Sequence[OverlapPair], outcome: TimeToEvent | None, curves: KaplanMeier | None
) -> tuple[str, ...]:
    notes = list(outcome.notes) if outcome is not None else []
    if empty := [c.name for c in columns if not c.n]:
        notes.append(f"no patients in {joined(quoted(empty), 'or')}")
    if len(columns) == 1:
        notes.append("one sub-cohort: nothing to compare")
    for p in pairs:
        both = joined(quoted([p.first, p.second]))
        if p.relation == "identical":
            notes.append(f"{both} hold the same {plural(p.n_both, 'patient')}")
        elif p.relation == "nested":
            sizes = {c.name: c.n for c in columns}
            inner, outer = (p.first, p.second) if sizes[p.first] == p.n_both else (p.second, p.first)
            notes.append(f"all of '{inner}' are in '{outer}' too")
    shared = [p for p in pairs if p.n_both]
    if shared and outcome is not None:
        each = joined(
            [f"{joined(quoted([p.first, p.second]))} ({p.n_both:,} in both)" for p in shared[:NAMED]]
            + ([plural(len(shared) - NAMED, "more pair")] if len(shared) > NAMED else [])
        )
        notes.append(f"no test between {each}: a log-rank test compares groups that share nobody")
    if curves is not None and not shared and len(curves.curves) > 1 and curves.test.note:
        notes.append(curves.test.note)
    notes += small_groups((c.name, c.n) for c in columns if c.n)
    return tuple(dict.fromkeys(notes))
