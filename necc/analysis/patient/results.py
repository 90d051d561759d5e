"""One patient within a cohort, as results: her course, those like her, and how they fared. Identifiers stay apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from necc.analysis.survival import ConditionalSurvival, KaplanMeier
from necc.core.cohort import Cohort
from necc.core.estimate import Estimate
from necc.core.result import Result

Lane = Literal[
    "primary treatment", "recurrence", "treatment after recurrence", "timed treatment", "response", "follow-up"
]
LANES: tuple[Lane, ...] = (
    "primary treatment", "recurrence", "treatment after recurrence", "timed treatment", "response", "follow-up",
)  # fmt: skip
Kind = Literal["diagnosis", "given", "recurrence", "drug", "response", "progression", "death", "alive", "last seen"]
Origin = Literal["diagnosis", "recurrence"]


@dataclass(frozen=True)
class CourseEvent(Result):
    """One thing of a course.

    what: in words, such as 'Radical surgery', 'Lung' or 'PR, best response'. level: of a response, such as 'PR'.
    start: in the course's unit from its origin; None where it isn't recorded when. end: None of a moment, and where it
        isn't recorded how long it lasted: `kind` tells which.
    doubt: what is impossible about it, in words, such as 'after the death'; blank for nothing.
    """

    lane: Lane
    kind: Kind
    what: str
    start: float | None
    end: float | None = None
    level: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Course(Result):
    """What is recorded of one patient, on an axis of time.

    label: 'Patient k', k her place among those that are shown, never the identifier, which is `patient_id` (not for a
        projector); that, the spreadsheet row and `place`, hers in the whole cohort from 1 on, are no part of the JSON.
    origin: where the axis begins. recurrence: her first recurrence on it; last: her death or last contact; None where
        they aren't recorded.
    dead: None where the file doesn't say. events: by lane, then by time; those without a time last in their lane.
    treatment: what the lane of the timed treatment is called, by the dictionary's treatment, such as 'ICI'.
    doubts: orders that can't be, and what contradicts itself, in words. lacks: what isn't recorded of her, in words.
    """

    rows_in = "events"
    single = True

    label: str
    origin: Origin
    unit: str
    events: tuple[CourseEvent, ...]
    recurrence: float | None
    last: float | None
    dead: bool | None
    treatment: str = ""
    doubts: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    patient_id: str = field(default="", repr=False)
    row: int = field(default=0, repr=False)
    place: int = field(default=0, repr=False)

    @property
    def n(self) -> int:
        """Patients that it is about."""
        return 1


@dataclass(frozen=True)
class Criterion(Result):
    """A field of the rule that says who is like her.

    name: a factor's, such as 'site:lung' or 'histology'. value: her level; None where it isn't recorded of her, and
    then the field can't be asked for.
    """

    name: str
    label: str
    value: str | None


@dataclass(frozen=True)
class Step(Result):
    """How many are like her by some fields: n match in all; n_unknown would, but for what isn't recorded of them.

    None where so small a number isn't told.
    """

    criteria: tuple[Criterion, ...]
    n: int | None
    n_unknown: int | None


@dataclass(frozen=True, eq=False)
class Similar(Result):
    """Those like her by a stated rule, she herself left out.

    asked: all fields, the most important first. used: those left when enough were found. dropped: from the end, in the
        order in which they were dropped; what isn't recorded of her comes first among them.
    steps: from all fields that can be asked to those used. at_least: how many were to be found.
    of: patients of the cohort without her. patients: who they are. n, n_unknown: None where they aren't told.
    hidden_below: numbers of fewer aren't told, nor those that would give them away; 0 where all are.
    """

    rows_in = "used"
    single = True

    asked: tuple[Criterion, ...]
    used: tuple[Criterion, ...]
    dropped: tuple[Criterion, ...]
    steps: tuple[Step, ...]
    n: int | None
    n_unknown: int | None
    at_least: int
    of: int
    patients: Cohort = field(repr=False)
    notes: tuple[str, ...] = ()
    hidden_below: int = 0


@dataclass(frozen=True)
class Received(Result):
    """A treatment and how many of those like her received it, at any time; `share` has its exact interval.

    of: those of whom it is recorded. by: the time under observation, from the endpoint's origin, by which it is counted
    once more: of the `of_by` alive and followed beyond it, `n_by` had started. None where starts aren't recorded.
    """

    name: str
    label: str
    n: int
    of: int
    share: Estimate
    by: float | None = None
    n_by: int | None = None
    of_by: int | None = None


@dataclass(frozen=True, eq=False)
class Case(Result):
    """One patient within a cohort: all that the board's screen shows.

    patient: she alone; others: the cohort without her. entered: she was typed in, and isn't in the file.
    facts: label and value, what doesn't change first; 'not recorded' where it isn't.
    sites: keys of her sites of first recurrence; None where they aren't recorded. organs: likewise, of the raw organs.
    endpoint: the one of the curves. since: her time under observation on it; None where it isn't recorded.
    whole_curve: of `others`; similar_curve: of those like her, None below the smallest n of a curve.
    conditional: of `others` from `since` on; similar_conditional: of those like her; None where too few.
    fared: those like her one by one where they are too few for a curve: their courses.
    received: what those like her received. response: k of n with a response, of those who received the timed
        treatment; None without any.
    died: she is known to have died. had_event: she has had the endpoint's event.
    of_death: that event is death alone, so who hasn't had it lives.
    described: those like her aren't too few to be told of. beyond: how many others were followed beyond `since`
        without the event; None where she has no such time, or it isn't told.
    """

    rows_in = "received"
    single = True

    patient: Cohort = field(repr=False)
    others: Cohort = field(repr=False)
    entered: bool
    course: Course
    facts: tuple[tuple[str, str], ...]
    sites: tuple[str, ...] | None
    organs: tuple[str, ...] | None
    similar: Similar
    endpoint: str
    since: float | None
    whole_curve: KaplanMeier | None
    similar_curve: KaplanMeier | None
    conditional: ConditionalSurvival | None
    similar_conditional: ConditionalSurvival | None
    fared: tuple[Course, ...]
    received: tuple[Received, ...]
    response: Received | None
    notes: tuple[str, ...] = ()
    died: bool = False
    had_event: bool = False
    of_death: bool = False
    described: bool = True
    beyond: int | None = None

    @property
    def retrospective(self) -> bool:
        """She is known to have died, or has had the endpoint's event, so 'from today' doesn't apply."""
        return self.died or self.had_event

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't told or estimable."""
        return {**super().to_dict(), "retrospective": self.retrospective}

    @property
    def n(self) -> int:
        """Patients that it is about."""
        return 1
