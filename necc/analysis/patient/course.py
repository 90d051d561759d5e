"""What is recorded of each patient, put on one axis of time: from diagnosis, or from the first recurrence.

What a column means is the dictionary's to say: the endpoints that end in recurrence and in death, the treatment that
starts at a recorded time, the lane of the others, and the responses. Nothing is placed that isn't recorded: a treatment
without a time has no start, and who isn't known to have died isn't said to be alive or dead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from necc.analysis.patient.doubts import AGREE, Doubt, doubts
from necc.analysis.patient.results import LANES, Course, CourseEvent, Lane, Origin
from necc.analysis.response.population import response_of
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import DAYS_PER_UNIT, RESPONSES, Endpoint, Variable
from necc.core.errors import AnalysisError
from necc.core.frozen import Frozen
from necc.core.result import answers
from necc.core.selection import positions
from necc.core.text import format_number, joined, plural
from necc.core.time_to_event import origin_of

NEAR = 1e-6  # in any unit: what is further apart isn't the same time
PROGRESSION = "PD"


@answers
@public
def courses(cohort: Cohort, origin: Origin | None = None) -> tuple[Course, ...]:
    """Each patient's course, in the order of the cohort, all on one axis.

    Args:
        origin: where the axis begins; without it at diagnosis, or at the first recurrence where no time from diagnosis
            is recorded of anybody.

    Raises:
        AnalysisError: no such origin.

    Example:
        >>> first = courses(cohort)[0]
        >>> first.label, first.recurrence, first.last, first.dead
        ('Patient 1', 16.9, 78.96, False)
    """
    if origin not in (None, "diagnosis", "recurrence"):
        raise AnalysisError(f"a course begins at diagnosis or recurrence, not at '{origin}'")
    clock = Clock(cohort)
    if origin is None:
        dated = np.isfinite(clock.recurrence_at).any() or np.isfinite(clock.last_from_diagnosis).any()
        origin = "diagnosis" if dated or not np.isfinite(clock.last_from_recurrence).any() else "recurrence"
    return _Writer(clock, origin).all()


@answers
@public
def course(cohort: Cohort, place: int | None = None, origin: Origin | None = None) -> Course:
    """One patient's course; `courses` of her alone.

    Args:
        place: hers in the whole cohort, from 1 on; not needed where the cohort is she alone.

    Raises:
        AnalysisError: no such patient among these, several where no place is given, or no such origin.

    Example:
        >>> [event.what for event in course(cohort, 2).events if event.lane == "recurrence"]
        ['Abdominal organs']
    """
    return courses(alone(cohort, place), origin)[0]


def alone(cohort: Cohort, place: int | None = None) -> Cohort:
    """A cohort of one: the patient at a place, or the only one that there is.

    Raises:
        AnalysisError: no such patient among these, or several where no place is given.
    """
    if place is None:
        if len(cohort) != 1:
            raise AnalysisError(f"which patient? there are {len(cohort):,}; give a place in the cohort, from 1 on")
        return cohort
    mask = positions(cohort) == place
    if not mask.any():
        raise AnalysisError(
            f"no patient {place} among these {len(cohort):,}; places run from 1 to {len(cohort.whole):,}"
        )
    return cohort.subset(mask)


@dataclass(frozen=True, eq=False)
class Clock(Frozen):
    """The times of a cohort's patients in one unit, each from where it is counted; float arrays, shape (n,), NaN where
    they aren't recorded.
    """

    cohort: Cohort

    @cached_property
    def recurs(self) -> Endpoint | None:
        """The endpoint that ends in the first recurrence."""
        return self._known("recurrence_endpoint")

    @cached_property
    def dies(self) -> Endpoint | None:
        """The endpoint from diagnosis to death."""
        return self._known("death_endpoint")

    @cached_property
    def dies_after(self) -> Endpoint | None:
        """The endpoint from first recurrence to death, if the main one is."""
        main, role = self._known("main_endpoint"), self.cohort.dictionary.role
        if main is None or main.name in (role("recurrence_endpoint"), role("death_endpoint")):
            return None
        return main if main.starts_at == "recurrence" and main.event == role("death") else None

    @cached_property
    def other(self) -> Endpoint | None:
        """Where the file has none of these three: the first endpoint that it has, whose event is any."""
        if self.recurs or self.dies or self.dies_after:
            return None
        return next((self.cohort.dictionary.endpoints[name] for name in self.cohort.endpoint_names()), None)

    def _known(self, role: str) -> Endpoint | None:
        name = self.cohort.dictionary.role(role)
        if name not in self.cohort.dictionary.endpoints or self.cohort.endpoint_lacks(name):
            return None
        return self.cohort.dictionary.endpoints[name]

    @cached_property
    def unit(self) -> str:
        """The unit of the axis: that of survival, else of recurrence."""
        first = self.dies or self.dies_after or self.recurs or self.other
        if first is not None:
            return first.unit
        role, known = self.cohort.dictionary.role, self.cohort.dictionary.variables
        lasted = role("time_to_progression")
        return (known[lasted].unit if self.cohort.has(lasted) else "") or "months"

    def in_unit(self, values: np.ndarray, unit: str) -> np.ndarray:
        """Times in the axis' unit; NaN where theirs isn't one of time."""
        if unit == self.unit or not unit:
            return values
        if unit not in DAYS_PER_UNIT or self.unit not in DAYS_PER_UNIT:
            return np.full(len(values), np.nan)
        return values * (DAYS_PER_UNIT[unit] / DAYS_PER_UNIT[self.unit])

    def number(self, name: str) -> np.ndarray:
        """A column of times in the axis' unit."""
        known = self.cohort.dictionary.variables
        if not self.cohort.has(name) or known[name].kind != "number":
            return self.unknown
        return self.in_unit(self.cohort.number(name), known[name].unit)

    def flag(self, name: str) -> np.ndarray:
        """1, 0 or -1 (not recorded) of a yes/no column; -1 where the file has none."""
        known = self.cohort.dictionary.variables
        if not self.cohort.has(name) or known[name].kind not in ("flag", "event"):
            return np.full(len(self.cohort), -1)
        return self.cohort.flag(name)

    @property
    def unknown(self) -> np.ndarray:
        return np.full(len(self.cohort), np.nan)

    def _time(self, endpoint: Endpoint | None) -> np.ndarray:
        if endpoint is None:
            return self.unknown
        return self.in_unit(self.cohort.observed(endpoint.name)[0], endpoint.unit)

    @cached_property
    def recurred(self) -> np.ndarray:
        """1 with a recurrence, 0 without, -1 where it isn't known; a site or a time from it tells, too; shape (n,)."""
        result = self.flag(self.cohort.dictionary.role("recurrence")).astype(int)
        if self.recurs is not None:
            event = self.cohort.observed(self.recurs.name)[1]
            result = np.where(event >= 0, event, result)
        marked = (self.cohort.organs == 1).any(axis=1) | np.isfinite(self.last_from_recurrence)
        return np.where((result < 0) & marked, 1, result)

    @cached_property
    def recurrence_at(self) -> np.ndarray:
        """From diagnosis to the first recurrence, of those who had one."""
        if self.recurs is None:
            return self.unknown
        happened = self.cohort.observed(self.recurs.name)[1] == 1
        return np.where(happened, self._time(self.recurs), np.nan)

    @cached_property
    def last_from_recurrence(self) -> np.ndarray:
        """From the first recurrence to death or last contact, as recorded."""
        return self._time(self.dies_after)

    @cached_property
    def last_from_diagnosis(self) -> np.ndarray:
        """From diagnosis to death or last contact; of who is recorded by her freedom from recurrence, until then.

        From where the other endpoint starts to its end, where the file has no more than that.
        """
        if self.other is not None:
            return self._time(self.other)
        last = self._time(self.dies)
        last = np.where(np.isnan(last), self.recurrence_at + self.last_from_recurrence, last)
        if self.recurs is None:
            return last
        seen = np.where((self.recurred == 0) & (self.died != 1), self._time(self.recurs), np.nan)
        return np.where(np.isnan(last), seen, last)

    @cached_property
    def died(self) -> np.ndarray:
        """1 dead, 0 alive when last seen, -1 where the file doesn't say; shape (n,)."""
        result = self.flag(self.cohort.dictionary.role("death")).astype(int)
        for endpoint in filter(None, (self.dies, self.dies_after)):
            result = np.where(result < 0, self.cohort.observed(endpoint.name)[1], result)
        return result


@dataclass(frozen=True, eq=False)
class _Timed(Frozen):
    """The treatment that starts at a recorded time, on the axis; arrays of shape (n,)."""

    variable: Variable
    given: np.ndarray
    start: np.ndarray
    lasted: np.ndarray
    columns: tuple[str, ...]
    assumed: str = ""


def timed_treatment(clock: Clock, origin: Origin) -> _Timed | None:
    """When the dictionary's treatment began and how long it is recorded; None where the file doesn't have it.

    Its start is counted from the first of the dates that it may be made of, as the dictionary says, else from where
    survival starts.
    """
    cohort, known = clock.cohort, clock.cohort.dictionary
    variable = known.variables.get(known.treatment)
    if variable is None or variable.kind != "flag" or not cohort.has(variable.name):
        return None
    start, assumed = clock.number(variable.start), ""
    column = known.variables.get(variable.start)
    from_recurrence = clock.dies_after is not None
    recurs = known.endpoints.get(known.role("recurrence_endpoint"))
    if column is not None and column.from_dates and recurs is not None and recurs.start:
        if column.from_dates[0] == recurs.event_date:
            from_recurrence = True
        elif column.from_dates[0] == recurs.start:
            from_recurrence = False
        else:
            start = clock.unknown
            assumed = f"{column.label}: from where it is counted isn't known"
    elif column is not None and np.isfinite(start).any():
        assumed = f"{column.label} is taken as counted from {'first recurrence' if from_recurrence else 'diagnosis'}"
    if from_recurrence and origin == "diagnosis":
        start = start + clock.recurrence_at
    elif not from_recurrence and origin == "recurrence":
        start = start - clock.recurrence_at
    lasted = known.role("time_to_progression")
    dates = column.from_dates if column else ()
    columns = tuple(filter(None, (variable.name, variable.start, *dates, variable.given_if)))
    return _Timed(variable, clock.flag(variable.name), start, clock.number(lasted), columns, assumed)


class _Writer:
    """The courses of a cohort, each column of it read once."""

    def __init__(self, clock: Clock, origin: Origin) -> None:
        self.clock, self.cohort, self.origin = clock, clock.cohort, origin
        self.known, self.role = self.cohort.dictionary, self.cohort.dictionary.role
        shift = -clock.recurrence_at if origin == "recurrence" else np.zeros(len(self.cohort))
        if origin == "recurrence":
            self.recurrence = np.where(clock.recurred == 1, 0.0, np.nan)
            own = clock.last_from_recurrence
            self.last = np.where(np.isnan(own), clock.last_from_diagnosis + shift, own)
        else:
            self.recurrence, self.last = clock.recurrence_at, clock.last_from_diagnosis
        self.diagnosis = shift
        self.doubts = doubts(self.cohort)
        self.timed = timed_treatment(clock, origin)
        self.lanes = [v for v in self.known.variables.values() if v.lane and self.cohort.has(v.name)]
        self.parts: list[Callable[[int, list[Doubt]], list[CourseEvent]]] = [
            self._diagnosis, self._given, self._recurrence, self._drug, self._responses, self._end,
        ]  # fmt: skip

    def all(self) -> tuple[Course, ...]:
        ids, rows, places = self.cohort.ids, self.cohort.index.tolist(), positions(self.cohort).tolist()
        label = self.timed.variable.label if self.timed else ""
        return tuple(
            Course(
                f"Patient {i + 1:,}", self.origin, self.clock.unit, self._events(i), _or_none(self.recurrence[i]),
                _or_none(self.last[i]), {1: True, 0: False}.get(int(self.clock.died[i])), label,
                tuple(dict.fromkeys(d.text for d in self.doubts[i])), self._lacks(i), ids[i], int(rows[i]), places[i],
            )
            for i in range(len(self.cohort))
        )  # fmt: skip

    # ------------------------------------------------------------ events
    def _events(self, i: int) -> tuple[CourseEvent, ...]:
        events = [event for part in self.parts for event in part(i, self.doubts[i])]
        events = [self._beyond(i, event) for event in events]
        for event in events:
            if event.doubt and event.doubt not in {d.text for d in self.doubts[i]}:
                self.doubts[i].append(Doubt(f"{event.what}: {event.doubt}", ()))
        late = float("inf")
        order = {lane: place for place, lane in enumerate(LANES)}
        return tuple(sorted(events, key=lambda e: (order[e.lane], late if e.start is None else e.start)))

    def _beyond(self, i: int, event: CourseEvent) -> CourseEvent:
        """The event with what is impossible about its place: before the diagnosis, or after the end."""
        if event.doubt or event.start is None or event.kind in ("diagnosis", "death", "alive", "last seen"):
            return event
        month = AGREE / DAYS_PER_UNIT.get(self.clock.unit, AGREE)
        slack = NEAR if event.kind == "recurrence" else month
        if event.start < self.diagnosis[i] - NEAR:
            return replace(event, doubt="before the diagnosis")
        ends = max(event.start, event.end or event.start)
        if np.isfinite(self.last[i]) and (event.start > self.last[i] + slack or ends > self.last[i] + month):
            return replace(event, doubt="after the death" if self.clock.died[i] == 1 else "after the last contact")
        return event

    def _diagnosis(self, i: int, doubts: list[Doubt]) -> list[CourseEvent]:
        at = None if self.clock.other else _or_none(self.diagnosis[i])
        return [] if at is None else [CourseEvent("follow-up", "diagnosis", "Diagnosis", at)]

    def _given(self, i: int, doubts: list[Doubt]) -> list[CourseEvent]:
        """Treatments of which no time is recorded."""
        events = []
        for variable, values in self._treatments:
            if values[i] > 0:
                n = format_number(float(values[i]), 0 if float(values[i]).is_integer() else 1)
                what = variable.label if variable.kind == "flag" else f"{variable.label}: {n}"
                lane: Lane = "primary treatment" if variable.lane == LANES[0] else "treatment after recurrence"
                events.append(CourseEvent(lane, "given", what, None, doubt=_about(doubts, variable.name)))
        return events

    @cached_property
    def _treatments(self) -> list[tuple[Variable, np.ndarray]]:
        """Those with a lane, each with 1 (or a number) where it was given; 0 and below, or NaN, where it wasn't."""
        timed = self.timed.variable.name if self.timed else ""
        numbers = {"number": self.cohort.number, "flag": self.cohort.flag}
        return [(v, numbers[v.kind](v.name)) for v in self.lanes if v.kind in numbers and v.name != timed]

    def _recurrence(self, i: int, doubts: list[Doubt]) -> list[CourseEvent]:
        if self.clock.recurred[i] != 1:
            return []
        at, endpoint = _or_none(self.recurrence[i]), self.clock.recurs
        columns = (endpoint.time, *endpoint.event_dates) if endpoint else ()
        wrong = _about(doubts, *columns)
        sites = [self._sites[j] for j in np.flatnonzero(self.cohort_sites[i] == 1)]
        return [CourseEvent("recurrence", "recurrence", s, at, doubt=wrong) for s in sites or ["First recurrence"]]

    @cached_property
    def _sites(self) -> list[str]:
        return [self.cohort.site_label(site) for site in self.cohort.site_names]

    @cached_property
    def cohort_sites(self) -> np.ndarray:
        """With each site: int8, shape (n, n_sites)."""
        return self.cohort.site_matrix

    def _drug(self, i: int, doubts: list[Doubt]) -> list[CourseEvent]:
        timed = self.timed
        if timed is None or timed.given[i] != 1:
            return []
        parts = [text[i] for text in self._drugs if text[i]]
        start, lasted = timed.start[i], timed.lasted[i]
        end = start + lasted if lasted >= 0 else np.nan
        what = f"{timed.variable.label}: {' + '.join(parts)}" if parts else timed.variable.label
        wrong = _about(doubts, *timed.columns)
        return [CourseEvent("timed treatment", "drug", what, _or_none(start), _or_none(end), doubt=wrong)]

    @cached_property
    def _drugs(self) -> list[list[str]]:
        """The treatment's drug and what was given with it, by patient; blank where they aren't recorded."""
        names = [self.role(name) for name in ("treatment_agent", "treatment_partner")]
        return [_texts(self.cohort, name) for name in names if self.cohort.has(name)]

    def _responses(self, i: int, doubts: list[Doubt]) -> list[CourseEvent]:
        """Best and final response, and progression: counted from the start of the timed treatment."""
        events, start = [], self.timed.start[i] if self.timed and self.timed.given[i] == 1 else np.nan
        lasted = self.timed.lasted[i] if self.timed else np.nan
        for name, columns, levels, after in self._response_columns:
            if level := levels[i]:
                at = _or_none(start + (lasted if name == "final" else after[i]))
                what, wrong = f"{level}, {name} response", _about(doubts, *columns)
                events.append(CourseEvent("response", "response", what, at, level=level, doubt=wrong))
        name = self.role("progression")
        if self._progressed[i] == 1:
            wrong = _about(doubts, name, self.role("time_to_progression"))
            at = _or_none(start + lasted)
            events.append(CourseEvent("response", "progression", "Progression", at, level=PROGRESSION, doubt=wrong))
        return events

    @cached_property
    def _progressed(self) -> np.ndarray:
        return self.clock.flag(self.role("progression"))

    @cached_property
    def _response_columns(self) -> list[tuple[str, tuple[str, ...], list[str], np.ndarray]]:
        """Best and final: the name, its columns, the level of each patient (blank: none), and the time to it."""
        result: list[tuple[str, tuple[str, ...], list[str], np.ndarray]] = []
        for name, time in (("best", "time_to_response"), ("final", "time_to_progression")):
            column = self.role(f"response_{name}")
            if self.cohort.has(column):
                try:
                    codes = response_of(self.cohort, column).codes
                except AnalysisError:  # a column of this name that holds other words than responses
                    continue
                levels = [RESPONSES[code] if code >= 0 else "" for code in codes]
                own = (column, self.role("time_to_response")) if name == "best" else (column,)
                result.append((name, own, levels, self.clock.number(self.role(time))))
        return result

    def _end(self, i: int, doubts: list[Doubt]) -> list[CourseEvent]:
        died, at = int(self.clock.died[i]), _or_none(self.last[i])
        if at is None and died != 1:
            return []
        ends = [e for e in (self.clock.dies, self.clock.dies_after) if e]
        wrong = _about(doubts, *(c for e in ends for c in (e.time, *e.event_dates, e.censor_date)))
        if died == 1:
            return [CourseEvent("follow-up", "death", "Death", at, doubt=wrong)]
        if died == 0:
            return [CourseEvent("follow-up", "alive", "Alive when last seen", at, doubt=wrong)]
        if (other := self.clock.other) is not None and self._other_events[i] == 1:
            return [CourseEvent("follow-up", "last seen", f"{other.label}: the event", at)]
        return [CourseEvent("follow-up", "last seen", "Last seen", at, doubt=wrong)]

    @cached_property
    def _other_events(self) -> np.ndarray:
        """Of the other endpoint: 1 happened, 0 not, -1 not recorded or no such endpoint; shape (n,)."""
        other = self.clock.other
        return np.full(len(self.cohort), -1) if other is None else self.cohort.observed(other.name)[1]

    # ------------------------------------------------------------ what isn't recorded
    def _lacks(self, i: int) -> tuple[str, ...]:
        clock, told = self.clock, []
        if clock.recurred[i] < 0:
            told.append("whether there was a recurrence")
        elif clock.recurred[i] == 1:
            if np.isnan(clock.recurrence_at[i]):
                told.append("the time from diagnosis to first recurrence")
            if not (self.cohort_sites[i] == 1).any():
                told.append("the sites of first recurrence")
        elif self.origin == "recurrence":
            told.append("a recurrence, from which the axis is counted")
        if np.isnan(self.last[i]):
            told.append("the time of death" if clock.died[i] == 1 else "the time of last contact")
        if clock.died[i] < 0:
            told.append("whether the patient has died")
        if clock.other is not None:
            start = origin_of(clock.other.origin) or "time zero"
            told.append(f"a course from diagnosis; times are counted from {start}")
        assumed = (self.timed.assumed,) if self.timed and self.timed.assumed and self.timed.given[i] == 1 else ()
        return (*(f"not recorded: {text}" for text in (*told, *self._lacks_of_treatment(i))), *assumed)

    def _lacks_of_treatment(self, i: int) -> list[str]:
        told = []
        if (timed := self.timed) is not None:
            if timed.given[i] < 0:
                told.append(f"{timed.variable.label}, given or not")
            elif timed.given[i] == 1 and np.isnan(timed.start[i]):
                told.append(f"{timed.variable.label}, when it began")
        if untimed := sum(values[i] > 0 for _, values in self._treatments):
            told.append(f"when {plural(untimed, 'other treatment')} {'was' if untimed == 1 else 'were'} given")
        return told


def _about(doubts: list[Doubt], *columns: str) -> str:
    """What is doubtful of an event of these columns, in words."""
    return joined(list(dict.fromkeys(d.text for d in doubts if set(d.columns) & {*filter(None, columns)})))


def _texts(cohort: Cohort, name: str) -> list[str]:
    column = cohort.column(name)
    return ["" if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]


def _or_none(value: float) -> float | None:
    return float(round(value, 9)) if np.isfinite(value) else None
