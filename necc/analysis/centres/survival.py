"""An endpoint over several centres: together, each by itself, and how much they differ.

A centre is a stratum: patients are compared within it, and each has a baseline hazard of its own, as its patients,
times and follow-up are its own.

References:
    1. Glidden DV, Vittinghoff E. Stat Med 2004;23:369-88. doi:10.1002/sim.1599 (centres as strata)
    2. Mantel N. Cancer Chemother Rep 1966;50:163-70 (stratified log-rank test)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from necc.analysis.centres.coarse import TimeBound, bound_of
from necc.analysis.centres.heterogeneity import LEAST_CENTRES, Heterogeneity, heterogeneity
from necc.analysis.regression import CoxModel, CoxTerm, cox
from necc.analysis.regression.ties import Ties
from necc.analysis.survival import Curve, KaplanMeier, LogRank, compare_survival, kaplan_meier
from necc.analysis.survival.curve import CiMethod
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.errors import AnalysisError
from necc.core.frames import frame_of
from necc.core.guardrails import small_groups
from necc.core.result import GroupedResult, Result, answers, median_of
from necc.core.text import joined, plural, quoted

TWO_TELL = f"no centre is left out: with fewer than {LEAST_CENTRES} the rest would be one centre by itself"


def _like(term: CoxTerm, terms: Iterable[CoxTerm]) -> CoxTerm | None:
    """The term of the same level against the same reference: a centre may lack the one that all together have."""
    same = (t for t in terms if (t.variable, t.level, t.reference) == (term.variable, term.level, term.reference))
    return next((t for t in same if t.estimable and t.se), None)


@dataclass(frozen=True, eq=False)
class OneCentre(Result):
    """A centre by itself: its curves, and its hazard ratios, which lack numbers where it has too few events.

    terms: those of `cox` of this centre alone; none where nothing is compared.
    """

    name: str
    n: int
    n_events: int
    curves: tuple[Curve, ...]
    terms: tuple[CoxTerm, ...]
    note: str = ""

    def like(self, term: CoxTerm) -> CoxTerm | None:
        """The centre's own hazard ratio of the same two levels; None where it has no finite one."""
        return _like(term, self.terms)

    def to_dict(self) -> dict[str, object]:
        fields = super().to_dict()
        return {**{k: v for k, v in fields.items() if k != "curves"}, "strata": fields["curves"]}


@dataclass(frozen=True, eq=False)
class LeftOut(Result):
    """All centres but one: the test and the hazard ratios of the others together."""

    name: str
    n: int
    n_events: int
    test: LogRank | None
    terms: tuple[CoxTerm, ...]

    def like(self, term: CoxTerm) -> CoxTerm | None:
        """The hazard ratio of the same two levels without the centre; None where there is no finite one."""
        return _like(term, self.terms)


@dataclass(frozen=True, eq=False, kw_only=True)
class ByCentre(GroupedResult):
    """An endpoint over several centres.

    pooled: curves of all patients, whatever their centre. centres: each by itself, those without patients left out.
    test: the log-rank test of `by` within centres; without `by`, of the centres against one another.
    model: Cox's model of `by` with centres as strata; None without `by`.
    heterogeneity: of the log hazard ratios of each level against the reference. without: leave-one-centre-out.
    bounds: of times that were counted by month or quarter, how far the exact curves may be from the pooled ones.
    """

    centre: str
    centre_label: str
    pooled: KaplanMeier
    centres: tuple[OneCentre, ...]
    test: LogRank
    model: CoxModel | None
    heterogeneity: tuple[Heterogeneity, ...]
    without: tuple[LeftOut, ...]
    bounds: tuple[TimeBound, ...] = ()
    ties: Ties = "efron"
    level: float = 0.95

    @property
    def terms(self) -> tuple[CoxTerm, ...]:
        """The hazard ratios within centres, of all of them."""
        return self.model.terms if self.model else ()

    def to_frame(self) -> pd.DataFrame:
        """One row a centre and term, then the pooled ones, then those without each centre."""
        rows: list[dict[str, object]] = []
        parts = [("centre", c.name, c.n, c.n_events, c.terms) for c in self.centres]
        parts += [("pooled", "", self.n, self.n_events, self.terms)]
        parts += [("without", w.name, w.n, w.n_events, w.terms) for w in self.without]
        numbers = ("term", "coefficient", "se", "hazard_ratio", "ci_lower", "ci_upper", "p", "note")
        for kind, name, n, events, terms in parts:
            own = {"group": kind, "name": name, "n": n, "n_events": events}
            rows += [own | {key: getattr(term, key) for key in numbers} for term in terms] or [own]
        return frame_of(rows, ["group", "name", "n", "n_events", *numbers])

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; `strata` are the pooled curves as `KaplanMeier` has them."""
        fields = {k: v for k, v in super().to_dict().items() if k not in ("pooled", "model", "without")}
        return {
            **fields, "strata": [c.to_dict() for c in self.pooled.curves], "followup": median_of(self.pooled.followup),
            "test": self.test.with_note(), "terms": [t.to_dict() for t in self.terms],
            "leave_one_out": [w.to_dict() for w in self.without],
        }  # fmt: skip


@answers
@public
@countable()
def by_centre(
    cohort: Cohort,
    endpoint: str,
    by: str | None = None,
    *,
    centre: str = "centre",
    ties: Ties = "efron",
    ci: CiMethod = "log-log",
    level: float = 0.95,
    time_width: float = 0.0,
) -> ByCentre:
    """An endpoint of patients of several centres, compared within centres [1, 2].

    Args:
        by: anything that `Cohort.factor` takes; None for curves alone.
        centre: the factor that says of which centre a patient is.
        ties: of the Cox models.
        time_width: how wide the cells are in which times were counted, in the endpoint's unit; 0 where they are as
            recorded.

    Raises:
        AnalysisError: the cohort lacks the endpoint or a factor; or `by` is the centre.

    Example:
        >>> result = by_centre(cohort, "PRS", "site:abdominal", centre="figo_stage")
        >>> [(one.name, one.n) for one in result.centres][:2], len(result.heterogeneity)
        ([('I', 42), ('II', 9)], 1)
    """
    if by is not None and cohort.source_of(by) == cohort.source_of(centre):
        raise AnalysisError(
            f"'{by}' is the centre itself; ask by something else, or without it for each centre's curves"
        )
    places = cohort.factor(centre)
    here = cohort.subset(places.codes >= 0) if (places.codes < 0).any() else cohort
    pooled = kaplan_meier(here, endpoint, by, ci=ci, level=level)
    names = [name for name, n in zip(places.levels, places.counts(), strict=True) if n]
    each = {name: here.subset(here.factor(centre).codes == places.levels.index(name)) for name in names}
    centres = tuple(_one(part, name, endpoint, by, ties, ci, level) for name, part in each.items())
    test, model = _between(here, endpoint, centre), None
    without: tuple[LeftOut, ...] = ()
    if by is not None:
        test = compare_survival(here, endpoint, by, strata=centre).test("log-rank")
        model = cox(here, endpoint, by, strata=centre, ties=ties, level=level)
        without = _without(here, names, endpoint, by, centre, ties, level) if len(names) >= LEAST_CENTRES else ()
    lost = places.n_missing
    return ByCentre(
        **{name: getattr(pooled, name) for name in ("endpoint", "label", "unit", "origin", "column", "n", "n_events",
                                                    "excluded", "by", "by_label", "levels")},
        centre=places.name, centre_label=places.label, pooled=pooled, centres=centres, test=test, model=model,
        heterogeneity=tuple(_heterogeneity(term, centres, level) for term in (model.terms if model else ())),
        without=without, ties=ties, level=level,
        bounds=tuple(bound_of(curve, time_width) for curve in pooled.curves) if time_width else (),
        notes=_notes(pooled, model, centres, places.label, lost, by),
    )  # fmt: skip


def _one(cohort: Cohort, name: str, endpoint: str, by: str | None, ties: Ties, ci: CiMethod, level: float) -> OneCentre:
    curves = kaplan_meier(cohort, endpoint, by, ci=ci, level=level)
    if by is None or not curves.n:
        return OneCentre(name, curves.n, curves.n_events, curves.curves, ())
    model = cox(cohort, endpoint, by, ties=ties, level=level, separation="report")
    lacking = [t for t in model.terms if not t.estimable]
    note = "; ".join(dict.fromkeys(t.note for t in lacking)) if lacking else ""
    return OneCentre(name, curves.n, curves.n_events, curves.curves, model.terms, note)


def _between(cohort: Cohort, endpoint: str, centre: str) -> LogRank:
    """Whether survival differs between the centres."""
    return kaplan_meier(cohort, endpoint, centre).test


def _without(
    cohort: Cohort, names: list[str], endpoint: str, by: str, centre: str, ties: Ties, level: float
) -> tuple[LeftOut, ...]:
    """Test and model of all centres but one, for each."""
    places, left = cohort.factor(centre), []
    for name in names:
        rest = cohort.subset(places.codes != places.levels.index(name))
        test = compare_survival(rest, endpoint, by, strata=centre, permutation=False)
        model = cox(rest, endpoint, by, strata=centre, ties=ties, level=level, separation="report")
        left.append(LeftOut(name, model.n, model.n_events, test.test("log-rank"), model.terms))
    return tuple(left)


def _heterogeneity(term: CoxTerm, centres: tuple[OneCentre, ...], level: float) -> Heterogeneity:
    """Of the centres' own estimates of a term; those without one are named."""
    there = [own for c in centres if (own := c.like(term)) is not None]
    absent = [c.name for c in centres if c.like(term) is None]
    are = "are" if len(absent) > 1 else "is"
    note = f"no hazard ratio of its own in {joined(quoted(absent))}, which {are} in the pooled one" if absent else ""
    values, errors = [t.coefficient or 0.0 for t in there], [t.se or 0.0 for t in there]
    return heterogeneity(values, errors, of=term.term, measure="log hazard ratio", level=level, note=note)


def _notes(
    pooled: KaplanMeier, model: CoxModel | None, centres: tuple[OneCentre, ...], label: str, lost: int, by: str | None
) -> tuple[str, ...]:
    notes = [*pooled.notes, *(model.notes if model else ())]
    if lost:
        notes.append(f"'{label}' not recorded for {plural(lost, 'patient')}: left out")
    if len(centres) < LEAST_CENTRES and by is not None:
        notes.append(TWO_TELL)
    notes += small_groups(((c.name, c.n) for c in centres), label)
    return tuple(dict.fromkeys(notes))
