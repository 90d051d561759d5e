"""A cohort beside every fact, and the sources against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from necc.analysis.proportions import exact_ci
from necc.analysis.regression import cox
from necc.analysis.survival import kaplan_meier
from necc.core.cohort import Cohort
from necc.core.counts import rows_needed
from necc.core.errors import AnalysisError, SelectionError
from necc.core.estimate import Estimate
from necc.core.frames import frame_of
from necc.core.result import Viewable, answers
from necc.core.text import DASH, format_ci, format_number, format_ratio, joined, plural
from necc.paper.literature.library import Comparison, Fact, Library, Source, shipped_library

Verdict = Literal["inside", "outside", "contradicted", "not confirmed", "not contradicted", "cannot be compared", ""]
Agreement = Literal["contradict", "differ", "agree"]
ADVICE = (
    "This page collects published figures. It is not medical advice and doesn't replace a guideline or a physician."
)
RELATIVE = 0.10  # figures without an interval differ where they are further apart than this


# ---------------------------------------------------------------- the cohort beside a fact
@dataclass(frozen=True)
class Own:
    """The cohort's own figure: estimate in the fact's unit, the patients it rests on, and its words."""

    figure_text: str
    estimate: Estimate | None = None
    n: int | None = None
    of: int | None = None


def _told(own: Own | None) -> tuple[str | None, int | None, int | None]:
    return (own.figure_text, own.n, own.of) if own else (None, None, None)


@dataclass(frozen=True)
class Standing(Viewable):
    """A fact with its source and the cohort's own figure.

    verdict: whether the published figure lies in the cohort's interval; empty where there is nothing to set against it.
    """

    fact: Fact
    source: Source
    own: Own | None
    verdict: Verdict
    reason: str = ""

    @property
    def read(self) -> str:
        """How the figure was read: in the source, all of it or its abstract, or quoted by it from another."""
        return f"quoted by {self.source.short}" if self.fact.cites else self.source.extent

    @property
    def patients(self) -> int | None:
        """On how many patients the figure rests, as far as the source says."""
        return self.fact.of if self.fact.of is not None else self.fact.patients

    def to_dict(self) -> dict[str, object]:
        return {
            "fact": self.fact.to_dict(), "source": asdict(self.source), "own": asdict(self.own) if self.own else None,
            "verdict": self.verdict, "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True)
class Disagreement:
    """Sources that give different figures for one measure. "contradict": they can't both hold."""

    measure: str
    topic: str
    kind: Agreement
    figure_text: str

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Literature(Viewable):
    """Facts beside a cohort, and where sources disagree."""

    def to_frame(self) -> pd.DataFrame:
        """One row a fact: topic, measure, figure, source, own (the cohort's figure), n, of, verdict, reason."""
        columns = ["topic", "measure", "figure", "source", "own", "n", "of", "verdict", "reason"]
        rows = (
            (s.fact.topic, s.fact.measure, s.fact.figure_text, s.source.short, *_told(s.own), s.verdict, s.reason)
            for s in self.standings
        )
        return frame_of((dict(zip(columns, row, strict=True)) for row in rows), columns)

    def _lines(self) -> list[str]:
        return [f"{plural(len(self.standings), 'published figure')} on {plural(len(self.topics), 'topic')}"]

    standings: tuple[Standing, ...]
    disagreements: tuple[Disagreement, ...]
    n: int
    notes: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(s.fact.topic for s in self.standings))

    def of(self, topic: str) -> tuple[Standing, ...]:
        return tuple(s for s in self.standings if s.fact.topic == topic)

    def to_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "n": self.n, "standings": [s.to_dict() for s in self.standings],
            "disagreements": [d.to_dict() for d in self.disagreements], "notes": list(self.notes), "advice": ADVICE,
        }  # fmt: skip


def of_the_literature(cohort: Cohort) -> Literature:
    """Sets a cohort beside every fact that ships with the project; see `stand_beside`.

    Example:
        >>> of_the_literature(cohort).topics[0]
        'Share of cervical cancers'
    """
    return stand_beside(cohort, shipped_library()[0])


@answers
def stand_beside(cohort: Cohort, library: Library) -> Literature:
    """Sets a cohort beside every fact; what its columns don't allow is told with the reason.

    Without a patient the facts stand alone.

    Raises:
        NeedsRows: the cohort is one of counts.

    Example:
        >>> stand_beside(cohort, load_library()[0]).n
        88
    """
    rows_needed(cohort, "setting published figures beside a cohort")
    if not len(cohort):
        alone = tuple(Standing(fact, library.sources[fact.source], None, "") for fact in library.facts)
        return Literature(alone, disagreements(library.facts, library.sources), 0)
    standings = tuple(_standing(fact, library.sources[fact.source], cohort) for fact in library.facts)
    notes = []
    if cohort.has(recurrence := cohort.dictionary.role("recurrence")):
        recurred = cohort.factor(recurrence)
        if "yes" in recurred.levels and recurred.counts()[recurred.levels.index("yes")] == len(cohort):
            notes.append(
                "every patient of this cohort had a recurrence: its overall survival and its time to recurrence are "
                "those of recurrent patients, while most published figures are of all patients"
            )
    return Literature(standings, disagreements(library.facts, library.sources), len(cohort), tuple(notes))


def _standing(fact: Fact, source: Source, cohort: Cohort) -> Standing:
    if fact.compare is None:
        return Standing(fact, source, None, "")
    try:
        own, verdict, reason = COMPARED[fact.compare.kind](fact, fact.compare, cohort)
    except (AnalysisError, SelectionError) as error:
        return Standing(fact, source, None, "cannot be compared", error.told)
    if fact.other_population and verdict in ("inside", "outside"):
        reason = f"{reason}; another population ({fact.population})"
    return Standing(fact, source, own, verdict, reason)


Compared = tuple[Own, Verdict, str]


def _share(fact: Fact, compare: Comparison, cohort: Cohort) -> Compared:
    if compare.scheme:
        cohort = cohort.with_scheme(compare.scheme)
    base = compare.among.apply(cohort)
    n, of = len(compare.where.apply(base)), len(base)
    share = exact_ci(n, of)
    if share.value is None:
        return Own("no patients to take a share of", None, n, of), "cannot be compared", "no patients"
    named, estimate = f"{compare.named}: " if compare.named else "", share.in_percent()
    message = f"{named}{n} of {of}: {_percent(estimate)}"
    return Own(message, estimate, n, of), *_inside(fact, estimate)


def _percent(e: Estimate) -> str:
    return f"{format_number(e.value, 1)} % ({format_ci(e.lower, e.upper, 1)})"


def _inside(fact: Fact, own: Estimate) -> tuple[Verdict, str]:
    """Whether any figure that the source leaves possible lies in the cohort's interval."""
    if fact.interval is None or (own.lower is None and own.upper is None):
        return "", ""
    low, high = fact.interval
    within = (own.upper is None or low <= own.upper) and (own.lower is None or high >= own.lower)
    if fact.counted:
        how = "overlap" if within else "exclude each other"
        reason = f"its 95 % interval ({format_ci(low, high, 2 if fact.is_ratio else 1)}) and this cohort's {how}"
        return ("inside" if within else "outside"), reason
    if within:
        return "inside", "the published figure lies in this cohort's 95 % interval"
    return "outside", "the published figure lies outside this cohort's 95 % interval"


def _never(fact: Fact, compare: Comparison, cohort: Cohort) -> Compared:
    base = compare.among.apply(cohort)
    n, of = len(compare.where.apply(base)), len(base)
    message = f"{compare.named}: n = {n} of {of}"
    if not of:
        return Own(message, None, n, of), "cannot be compared", "no patient to contradict it"
    if n:
        reason = f"{plural(n, 'patient')} of this cohort contradict the statement"
        return Own(message, None, n, of), "contradicted", reason
    upper = exact_ci(n, of).upper or 0.0
    reason = f"none of {of} contradicts it, which allows up to {format_number(100 * upper, 0)} %"
    return Own(message, None, n, of), "not contradicted", reason


def _median(fact: Fact, compare: Comparison, cohort: Cohort) -> Compared:
    km = kaplan_meier(compare.among.apply(cohort), compare.endpoint)
    if not km.curves:
        return Own("no patients", None, 0), "cannot be compared", "no patients"
    median = km.curves[0].median
    if median.value is None:
        message = f"median {compare.endpoint} not reached, n = {km.n}"
        return Own(message, median, km.n), "cannot be compared", "not reached"
    limits = format_ci(median.lower, median.upper, 1)
    message = f"median {compare.endpoint} {format_number(median.value, 1)} {km.unit} ({limits}), n = {km.n}"
    if fact.unit and fact.unit != km.unit:
        return Own(message, median, km.n), "cannot be compared", f"the cohort's unit is {km.unit}"
    return Own(message, median, km.n), *_inside(fact, median)


def _survival(fact: Fact, compare: Comparison, cohort: Cohort) -> Compared:
    km = kaplan_meier(compare.among.apply(cohort), compare.endpoint, times=(compare.time,))
    if not km.at_times:
        return Own("no patients", None, 0), "cannot be compared", "no patients"
    at = km.at_times[0]
    if at.estimate.value is None:
        message = f"nobody under observation at {compare.time:g} {km.unit}"
        return Own(message, None, km.n), "cannot be compared", message
    estimate = at.estimate.in_percent()
    shown = f"{compare.endpoint} at {compare.time:g} {km.unit} {_percent(estimate)}"
    message = f"{shown}, {at.n_at_risk} of {km.n} at risk"
    return Own(message, estimate, km.n), *_inside(fact, estimate)


def _largest(fact: Fact, compare: Comparison, cohort: Cohort) -> Compared:
    counted = []
    for name in compare.groups:
        factor = cohort.factor(name)
        n = int((factor.codes == factor.levels.index("with")).sum())
        counted.append((n, name, factor.label, len(factor) - factor.n_missing))
    counted.sort(key=lambda c: -c[0])
    shares = (f"{label} {n} ({format_number(100 * n / of, 1)} %)" if of else label for n, _, label, of in counted)
    own = Own(", ".join(shares), None, counted[0][0], counted[0][3])
    first = [name for n, name, *_ in counted if n == counted[0][0]]
    labels = {name: label for _, name, label, _ in counted}
    if compare.first in first:
        return own, "not contradicted", f"{labels[compare.first]} comes first here too"
    reason = f"here {joined([labels[n] for n in first])} comes first, before {labels[compare.first]}"
    share = {name: exact_ci(n, of) for n, name, _, of in counted}
    upper, lower = share[compare.first].upper, share[first[0]].lower
    if upper is None or lower is None or upper >= lower:
        return own, "not confirmed", f"{reason}; their 95 % intervals overlap"
    return own, "contradicted", f"{reason}; their 95 % intervals exclude each other"


def _ratio(fact: Fact, compare: Comparison, cohort: Cohort) -> Compared:
    """The cohort's own hazard ratio of a factor of two levels, by Cox; none where one of them has no event."""
    model = cox(compare.among.apply(cohort), compare.endpoint, [compare.factor])
    term = model.terms[0]
    if not term.estimable:
        return Own(f"hazard ratio not estimable, n = {model.n}", None, model.n), "cannot be compared", term.note
    ratio = Estimate(term.hazard_ratio, term.ci_lower, term.ci_upper, 0.95, "Wald")
    message = (
        f"hazard ratio {format_ratio(ratio.value)} ({format_ratio(ratio.lower)}{DASH}{format_ratio(ratio.upper)}), "
        f"n = {model.n}, {plural(model.n_events, 'event')}"
    )
    return Own(message, ratio, model.n), *_inside(fact, ratio)


COMPARED: Mapping[str, Callable[[Fact, Comparison, Cohort], Compared]] = {
    "share": _share, "never": _never, "median": _median, "survival": _survival, "largest": _largest,
    "ratio": _ratio,
}  # fmt: skip


# ---------------------------------------------------------------- sources against each other
def disagreements(facts: Sequence[Fact], sources: Mapping[str, Source]) -> tuple[Disagreement, ...]:
    """Measures for which two sources give figures, and how far these are apart.

    Figures of this disease and of another population aren't set against each other.
    """
    by_measure: dict[tuple[str, bool], list[Fact]] = {}
    for fact in facts:
        by_measure.setdefault((fact.measure, fact.other_population), []).append(fact)
    results = []
    for (measure, _), group in by_measure.items():
        figures = [f for f in group if f.low is not None]
        firsts = {f.compare.first for f in group if f.compare and f.compare.kind == "largest"}
        never = [f for f in group if f.compare and f.compare.kind == "never"]
        seen = [f for f in figures if f not in never and (f.n or 0) > 0]
        message = "; ".join(
            f"{f.figure_text or f.statement} ({sources[f.source].short}: {f.population})" for f in group
        )
        if len(firsts) > 1 or (never and seen):
            results.append(Disagreement(measure, group[0].topic, "contradict", message))
        elif len({f.source for f in figures}) > 1:
            kind = _agreement(figures)
            if kind != "agree":
                results.append(Disagreement(measure, group[0].topic, kind, message))
    return tuple(results)


def _agreement(figures: Sequence[Fact]) -> Agreement:
    """ "contradict" where two counted or bounded figures of one population exclude each other, else "differ"."""
    worst: Agreement = "agree"
    for i, a in enumerate(figures):
        for b in figures[i + 1 :]:
            (low, high), (low2, high2) = a.interval or (0, 0), b.interval or (0, 0)
            sized = a.population == b.population and all(f.counted or f.bound for f in (a, b))
            if sized and (low > high2 or low2 > high):
                return "contradict"
            middle, middle2 = (a.low + a.high) / 2, (b.low + b.high) / 2  # type: ignore[operator]  # both limits are known here
            if abs(middle - middle2) > RELATIVE * max(abs(middle), abs(middle2)):
                worst = "differ"
    return worst
