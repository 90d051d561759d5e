"""How a dictionary's endpoint and a file's columns become one time and one event per patient.

The event is a flag, or what a date or a recorded site tells; the time is recorded, lies between two dates, or is the
sum or the difference of other times. A composite endpoint is the first event of its parts, each read by itself. Every
analysis takes the `TimeToEvent` that `Cohort.endpoint` gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from necc.core.dictionary import DAYS_PER_UNIT, Endpoint, Stage, Variable
from necc.core.estimate import Exclusion
from necc.core.frozen import Frozen, read_only
from necc.core.tally import n_of, tally
from necc.core.text import joined, plural, quoted

UNSTATED = "not stated in the file"
"""The origin of an endpoint whose file doesn't say from when its times are counted; blank in a `TimeToEvent`."""
NOISE = float(np.sqrt(np.finfo(float).eps))  # below it times are equal, as R's `timefix` takes them; of times near 1
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]


def origin_of(stated: str) -> str:
    """An endpoint's origin in words; blank where the file doesn't say."""
    return "" if stated == UNSTATED else stated


@dataclass(frozen=True, eq=False)
class Counted(Frozen):
    """A note that counts patients, so that it is told of those who are looked at.

    whom: bool array, shape (n,). one, several: what follows the number, where it is 1 and where it is more.
    """

    whom: np.ndarray
    one: str
    several: str

    def told(self, patients: np.ndarray | None) -> str:
        """The note; blank where it is of nobody. patients: as in `TimeToEvent`."""
        n = n_of(self.whom, patients)
        return plural(n, self.one, self.several) if n else ""


Notes = list[str | Counted]


def told(notes: Iterable[str | Counted], patients: np.ndarray | None) -> tuple[str, ...]:
    """The notes in words, each once. patients: as in `TimeToEvent`."""
    texts = (note if isinstance(note, str) else note.told(patients) for note in notes)
    return tuple(dict.fromkeys(filter(None, texts)))


@dataclass(frozen=True, eq=False)
class TimeToEvent(Frozen):
    """An endpoint of a cohort: one time and event per patient, on a grid of distinct times.

    time: float array, shape (n,), in `unit`, NaN where the patient can't be analysed.
    event: bool array, shape (n,).
    grid: float array, shape (n_times,), the distinct times of the whole cohort, ascending.
    codes: int32 array, shape (n,), index into `grid`, -1 where the patient can't be analysed.
    reasons: int8 array, shape (n,), 0 for analysed, else 1 + index into `REASONS`.
    column: the column that holds these times as they are; "" where they are made of others.
    counting: what `notes` are told from, where some count patients.
    patients: of a cohort of counts, how many patients each row stands for, int64, shape (n,); None where each is one.
    """

    REASONS = ("time not recorded", "event not recorded")

    name: str
    label: str
    unit: str
    origin: str
    starts_at: Stage
    time: np.ndarray
    event: np.ndarray
    grid: np.ndarray
    codes: np.ndarray
    reasons: np.ndarray
    defined_as: str = ""
    notes: tuple[str, ...] = ()
    column: str = ""
    patients: np.ndarray | None = None
    counting: tuple[str | Counted, ...] = ()

    def __len__(self) -> int:
        return len(self.time)

    @cached_property
    def valid(self) -> np.ndarray:
        """Who can be analysed: bool array, shape (n,)."""
        return read_only(self.codes >= 0)

    @cached_property
    def cells(self) -> np.ndarray:
        """Place in a table of outcome by time: int64 array, shape (n,), event * n_times + code, -1 where invalid."""
        return read_only(np.where(self.valid, self.event * np.int64(len(self.grid)) + self.codes, -1))

    @cached_property
    def places(self) -> np.ndarray:
        """Place in a table of everybody: int32 array, shape (n,), 0 and 1 by why not analysed, else 2 + the cell."""
        return read_only(np.where(self.valid, self.cells + len(self.REASONS), self.reasons - 1).astype(np.int32))

    @cached_property
    def counts(self) -> np.ndarray:
        """Patients by outcome (censored, event) and time: int array, shape (2, n_times)."""
        patients = None if self.patients is None else self.patients[self.valid]
        return read_only(tally(self.cells[self.valid], patients, 2 * len(self.grid)).reshape(2, len(self.grid)))

    @property
    def n(self) -> int:
        """Patients who can be analysed."""
        return int(self.counts.sum())

    @property
    def n_events(self) -> int:
        """Those of them with the event."""
        return int(self.counts[1].sum())

    @cached_property
    def excluded(self) -> tuple[Exclusion, ...]:
        """Patients without a usable time and event, by reason."""
        counts = tally(self.reasons, self.patients, len(self.REASONS) + 1)[1:]
        return tuple(Exclusion(reason, int(n)) for reason, n in zip(self.REASONS, counts, strict=True) if n)

    def take(self, rows: np.ndarray) -> TimeToEvent:
        patients = None if self.patients is None else self.patients[rows]
        counting = tuple(n if isinstance(n, str) else replace(n, whom=n.whom[rows]) for n in self.counting)
        return replace(
            self, time=self.time[rows], event=self.event[rows], codes=self.codes[rows], reasons=self.reasons[rows],
            patients=patients, counting=counting, notes=told(counting, patients) if counting else self.notes,
        )  # fmt: skip

    def n_of(self, mask: np.ndarray) -> int:
        """The patients of the rows where `mask` (bool, shape (n,)) holds."""
        return n_of(mask, self.patients)


def noise_of(times: Floats) -> float:
    """Up to this two of some times are the same time, whatever the order in which they are asked for."""
    known = np.unique(times[np.isfinite(times)])
    return NOISE * max(1.0, float(np.abs(known).mean())) if len(known) else NOISE


def n_before(times: Floats, chosen: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """How many of `times`, ascending, are before each chosen one; equal ones aren't."""
    return np.asarray(np.searchsorted(times, np.asarray(chosen, dtype=float) - noise_of(times), side="left"))


def n_until(times: Floats, chosen: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """How many of `times`, ascending, are before each chosen one or equal to it."""
    return np.asarray(np.searchsorted(times, np.asarray(chosen, dtype=float) + noise_of(times), side="right"))


def merge_equal_times(times: Floats) -> Floats:
    """Times that differ by floating-point noise only become the same time, as R's `aeqSurv` does.

    Two neighbouring distinct times are tied when they differ by at most sqrt(machine epsilon), absolutely or
    relative to the mean. Reference: Therneau T. Roundoff error and tied times, vignette of R survival.
    """
    distinct = np.unique(times)
    if len(distinct) < 2:
        return times
    tied = np.diff(distinct) <= noise_of(distinct)
    if not tied.any():
        return times
    kept: Floats = distinct[np.concatenate([[True], ~tied])]
    return kept[np.searchsorted(kept, times, side="right") - 1]


@dataclass(frozen=True, eq=False)
class EndpointColumns(Frozen):
    """An endpoint's definition beside the columns of one file.

    table: one row a patient, as `Cohort.table`.
    organs: int8 array, shape (n, n_organs), as `Cohort.organs`.
    patients: int64 array, shape (n,), as `Cohort.patients`; None where each row is one.
    """

    endpoint: Endpoint
    table: pd.DataFrame
    organs: np.ndarray
    variables: Mapping[str, Variable]
    patients: np.ndarray | None = None

    @cached_property
    def _fitting(self) -> frozenset[str]:
        """The file's columns that are what the endpoint takes them for.

        A mapping may keep a column of this name as another kind: a category's codes are no event, its texts no dates.
        """
        endpoint = self.endpoint
        durations = (endpoint.time, endpoint.event_time, *endpoint.sum_of, *endpoint.difference_of)
        dates = (endpoint.start, *endpoint.event_dates, endpoint.censor_date)
        taken = {"number": durations, "date": dates, "flag": (endpoint.event, endpoint.only_if)}
        taken["event"] = taken["flag"]
        return frozenset(
            name
            for name in self.table.columns
            if name in self.variables and name in taken.get(self.variables[name].kind, ())
        )

    def lacks(self) -> str:
        """What the file lacks for the endpoint, in words; empty where nothing."""
        endpoint, problems, known = self.endpoint, [], self.endpoint.label not in ("", self.endpoint.name)
        name = f"{endpoint.label} ({endpoint.name})" if known else endpoint.name
        if endpoint.first_of:
            problems = [lack for part in self._parts() if (lack := part.lacks())]
            return f"{name} is the first of several events: {joined(problems, 'and')}" if problems else ""
        if not self._time_sources():
            problems.append(f"its time ({joined(self._time_ways(), 'or')})")
        if not self._event_sources():
            columns = [endpoint.event, *endpoint.event_signs]
            ways = [f"'{c}'" for c in columns if c not in ("", "sites")]
            ways[:1] = [f"column {first}" for first in ways[:1]]
            ways += ["recurrence sites"] if "sites" in columns else []
            problems.append(f"its event ({joined(ways, 'or')})")
        if endpoint.only_if and not self._has(endpoint.only_if):
            problems.append(f"who is counted (column '{endpoint.only_if}')")
        return f"{name} needs {joined(problems)}" if problems else ""

    def _time_ways(self) -> list[str]:
        """The columns that any of the ways to a time would need, in words."""
        endpoint = self.endpoint
        ways = [f"column '{endpoint.time}'"] if endpoint.time else []
        if endpoint.start:
            end = endpoint.censor_date if endpoint.event_ends_followup else endpoint.event_date or endpoint.censor_date
            ways.append(f"the dates in columns '{endpoint.start}' and '{end}'")
        if not ways:
            ways = [f"columns {joined(quoted(c))}" for c in (endpoint.sum_of, endpoint.difference_of) if c]
        return ways

    def read(self) -> TimeToEvent:
        """Times and events, of a file that lacks nothing for the endpoint."""
        endpoint = self.endpoint
        time, event, notes = self.observed()
        reasons = np.where(np.isnan(time), 1, np.where(event < 0, 2, 0)).astype(np.int8)
        valid = reasons == 0
        time = np.where(valid, time, np.nan)
        time[valid] = merge_equal_times(time[valid])
        grid, codes = np.unique(time[valid], return_inverse=True)
        all_codes = np.full(len(time), -1, dtype=np.int32)
        all_codes[valid] = codes
        return TimeToEvent(
            endpoint.name, endpoint.label, endpoint.unit, origin_of(endpoint.origin), endpoint.starts_at, time,
            (event == 1) & valid, grid, all_codes, reasons, endpoint.defined_as, told(notes, self.patients),
            self._column(time), self.patients,
            tuple(notes) if any(isinstance(note, Counted) for note in notes) else (),
        )  # fmt: skip

    def _column(self, time: Floats) -> str:
        """The column that holds the times (shape (n,), NaN: not analysed) as they are."""
        name = self.endpoint.time
        if not name or not self._has(name):
            return ""
        known = ~np.isnan(time)
        return name if np.array_equal(self.table[name].to_numpy(dtype=float)[known], time[known]) else ""

    def observed(self) -> tuple[Floats, Codes, Notes]:
        """Times in the endpoint's unit (NaN: not known), events as in `events`, and notes on how they were read."""
        if self.endpoint.first_of:
            return self._first()
        event, notes = self.events()
        return self._time(event, notes), event, notes

    def _parts(self) -> list[EndpointColumns]:
        """The parts of a composite, all in its unit."""
        unit = self.endpoint.unit
        return [replace(self, endpoint=replace(part, unit=unit)) for part in self.endpoint.first_of]

    def _first(self) -> tuple[Floats, Codes, Notes]:
        """The earliest event of the parts; without any, the time until which all of them are known to be event-free.

        Undecided, and so missing, is who may have had an earlier event: an event of a part isn't recorded, or it
        happened at a time that isn't.
        """
        observed = [part.observed() for part in self._parts()]
        times, events = np.array([time for time, _, _ in observed]), np.array([event for _, event, _ in observed])
        happened = events == 1
        first = np.where(happened, times, np.inf).min(axis=0)  # NaN where an event has no time
        time = np.where(happened.any(axis=0), first, times.min(axis=0))
        event = np.where((events < 0).any(axis=0), -1, happened.any(axis=0)).astype(np.int8)
        labels = joined([part.label for part in self.endpoint.first_of])
        note = (
            f"{self.endpoint.name} is the first of {labels}: an event at the earliest event of these, whenever the "
            "others were last looked at; without one, censored when the first of them was last known to be event-free"
        )
        return time, event, [note, *(n for _, _, notes in observed for n in notes)]

    def events(self) -> tuple[Codes, Notes]:
        """Events: the flag where it is given, else what dates and sites tell; of a composite, any event of a part.

        A flag that says no beside a date of the event is neither: the event isn't recorded.

        Returns:
            int8 array, shape (n,): 1 happened, 0 not, -1 not recorded; and notes on how they were read.
        """
        if self.endpoint.first_of:
            return self._first()[1:]
        notes: Notes = []
        event = np.full(len(self.table), -1, dtype=np.int8)
        denied = np.zeros(len(self.table), dtype=bool)
        sources = self._event_sources()
        if "flag" in sources:
            event = self.table[self.endpoint.event].cat.codes.to_numpy().astype(np.int8)
            for date in (d for d in self.endpoint.event_dates if d in self._fitting):
                denied |= (event == 0) & self.table[date].notna().to_numpy()
        for source in [s for s in sources if s != "flag"]:
            recorded = (self.organs == 1).any(axis=1) if source == "sites" else self.table[source].notna().to_numpy()
            event[(event < 0) & recorded] = 1
        if "flag" not in sources:
            event[event < 0] = 0
            shown = joined([("a recorded site" if s == "sites" else f"'{s}'") for s in sources], "or")
            absent = f"no column '{self.endpoint.event}': " if self.endpoint.event else ""
            notes.append(f"{absent}a patient with {shown} counts as having the event")
        event[denied] = -1
        return event, notes

    def _has(self, column: str) -> bool:
        return column in self._fitting and bool(self.table[column].notna().any())

    def _time_sources(self) -> list[str]:
        endpoint = self.endpoint
        sources = ["time"] if endpoint.time and self._has(endpoint.time) else []
        ends = [*endpoint.event_dates]
        if endpoint.event_ends_followup or not ends:
            ends.append(endpoint.censor_date)
        if endpoint.start and self._has(endpoint.start) and any(self._has(c) for c in ends):
            sources.append("dates")
        for source, columns in (("sum", endpoint.sum_of), ("difference", endpoint.difference_of)):
            if columns and all(self._has(c) for c in columns):
                sources.append(source)
        return sources

    def _event_sources(self) -> list[str]:
        sources = ["flag"] if self.endpoint.event and self._has(self.endpoint.event) else []
        dates, n_organs = self.endpoint.event_dates, self.organs.shape[1]
        told = {*self._fitting, *(c for c in self.endpoint.event_if if c in self.table and c not in dates)}
        return sources + [c for c in self.endpoint.event_signs if (n_organs if c == "sites" else c in told)]

    def _time(self, events: Codes, notes: Notes) -> Floats:
        """The recorded time; where it is blank, from the dates; where those are, from the durations it is made of.

        events: as in `events`. The notes count who is analysed.
        """
        endpoint, time, event, decided = self.endpoint, np.full(len(self.table), np.nan), events == 1, events >= 0
        ways: dict[str, tuple[Callable[[], Floats], str]] = {
            "time": (lambda: self._recorded(event, notes), ""),
            "dates": (lambda: self._from_dates(event), "dates, a month being 30.4375 days"),
            "sum": (
                lambda: np.sum([self._in_unit(c) for c in endpoint.sum_of], axis=0),
                f"the sum of {joined(endpoint.sum_of)}",
            ),
            "difference": (self._difference, " minus ".join(endpoint.difference_of)),
        }
        counted = self.table[endpoint.only_if].eq("yes").to_numpy() if endpoint.only_if else np.full(len(time), True)
        for source in self._time_sources():
            values, way = ways[source][0](), ways[source][1]
            filled = counted & np.isnan(time) & ~np.isnan(values)
            if way and filled.any():
                of, taken = f"of {endpoint.name}", f"taken from {way}"
                whom = filled & decided & (values >= 0)
                notes.append(Counted(whom, f"time {of} was {taken}", f"times {of} were {taken}"))
            time[filled] = values[filled]
        early = time < 0
        if early.any():
            before = f"of {endpoint.name} would end before"
            notes.append(Counted(early, f"time {before} it starts, and isn't known",
                                 f"times {before} they start, and aren't known"))  # fmt: skip
        return np.where(early, np.nan, time)

    def ends_before_start(self) -> Flags:
        """Who has no time only as it would end before it starts; bool, shape (n,)."""
        parts = [part.ends_before_start() for part in self._parts()]
        if parts:
            return np.asarray(np.any(parts, axis=0))
        events = self.events()[0]
        event, early = events == 1, np.zeros(len(self.table), dtype=bool)
        for source in self._time_sources():
            if source in ("time", "dates"):
                values = self._recorded(event, []) if source == "time" else self._from_dates(event)
                early |= values < 0
        return early & np.isnan(self._time(events, []))

    def event_after_end(self) -> Flags:
        """Whose event, dated and counted, is after the date of last observation; bool, shape (n,)."""
        parts = [part.event_after_end() for part in self._parts()]
        if parts:
            return np.asarray(np.any(parts, axis=0))
        endpoint, after = self.endpoint, np.zeros(len(self.table), dtype=bool)
        if endpoint.censor_date not in self._fitting or "dates" not in self._time_sources():
            return after
        for date in (d for d in endpoint.event_dates if d in self._fitting):
            after |= (self.table[date] > self.table[endpoint.censor_date]).to_numpy()
        return np.asarray(after & (self.events()[0] == 1))

    def _difference(self) -> Floats:
        """The first duration without the others; none where it would be negative."""
        first, *rest = map(self._in_unit, self.endpoint.difference_of)
        values = first - np.sum(rest, axis=0)
        return np.where(values < -NOISE, np.nan, np.maximum(values, 0.0))

    def _from_dates(self, event: Flags) -> Floats:
        endpoint, blank = self.endpoint, pd.Series(pd.NaT, index=self.table.index)
        censor = self.table[endpoint.censor_date] if endpoint.censor_date in self._fitting else blank
        dates = [self.table[date] for date in endpoint.event_dates if date in self._fitting]
        happened = dates[0] if dates else blank
        for date in dates[1:]:
            happened = happened.where(date.isna() | (happened <= date), date)
        if endpoint.event_ends_followup or not endpoint.event_date:
            happened = happened.fillna(censor)
        end = happened.where(event, censor)
        days = (end - self.table[endpoint.start]).dt.days.to_numpy(dtype=float)
        return np.asarray(days, dtype=float) / DAYS_PER_UNIT[endpoint.unit]

    def _recorded(self, event: Flags, notes: Notes) -> Floats:
        """The column of times; of those with the event its own time, where it has one."""
        endpoint, time = self.endpoint, self._in_unit(self.endpoint.time)
        if not endpoint.event_time or not self._has(endpoint.event_time):
            return time
        own = self._in_unit(endpoint.event_time)
        lacks = event & np.isnan(own) & ~np.isnan(time)
        if lacks.any():
            without = f"of {endpoint.name} without a time"
            notes.append(Counted(lacks, f"event {without} counts at the last contact",
                                 f"events {without} count at the last contact"))  # fmt: skip
        return np.where(event & ~np.isnan(own), own, time)

    def _in_unit(self, column: str) -> Floats:
        """A column of times in the endpoint's unit; a month has 30.4375 days."""
        values: Floats = self.table[column].to_numpy(dtype=float)
        unit = self.endpoint.unit
        own = self.variables[column].unit
        return values * (DAYS_PER_UNIT[own] / DAYS_PER_UNIT[unit]) if own in DAYS_PER_UNIT and own != unit else values
