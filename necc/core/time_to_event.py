"""How a dictionary's endpoint and a file's columns become one time and one event per patient.

The event is a flag, or what a date or a recorded site tells; the time is recorded, lies between two dates, or is the
sum of other times. Every analysis takes the `TimeToEvent` that `Cohort.endpoint` gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from necc.core.dictionary import DAYS_PER_UNIT, Endpoint, Stage, Variable
from necc.core.estimate import Exclusion
from necc.core.text import joined


@dataclass(frozen=True, eq=False)
class TimeToEvent:
    """An endpoint of a cohort: one time and event per patient, on a grid of distinct times.

    time: float array, shape (n,), in `unit`, NaN where the patient can't be analysed.
    event: bool array, shape (n,).
    grid: float array, shape (n_times,), the distinct times of the whole cohort, ascending.
    codes: int32 array, shape (n,), index into `grid`, -1 where the patient can't be analysed.
    reasons: int8 array, shape (n,), 0 for analysed, else 1 + index into `REASONS`.
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

    def __len__(self) -> int:
        return len(self.time)

    @cached_property
    def valid(self) -> np.ndarray:
        """Who can be analysed: bool array, shape (n,)."""
        return self.codes >= 0

    @cached_property
    def cells(self) -> np.ndarray:
        """Place in a table of outcome by time: int64 array, shape (n,), event * n_times + code, -1 where invalid."""
        return np.where(self.valid, self.event * np.int64(len(self.grid)) + self.codes, -1)

    @cached_property
    def counts(self) -> np.ndarray:
        """Patients by outcome (censored, event) and time: int array, shape (2, n_times)."""
        cells = self.cells[self.valid]
        return np.bincount(cells, minlength=2 * len(self.grid)).reshape(2, len(self.grid))

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
        counts = np.bincount(self.reasons, minlength=len(self.REASONS) + 1)[1:]
        return tuple(Exclusion(reason, int(n)) for reason, n in zip(self.REASONS, counts, strict=True) if n)

    def take(self, rows: np.ndarray) -> TimeToEvent:
        return replace(
            self, time=self.time[rows], event=self.event[rows], codes=self.codes[rows], reasons=self.reasons[rows]
        )


def merge_equal_times(times: np.ndarray) -> np.ndarray:
    """Times that differ by floating-point noise only become the same time, as R's `aeqSurv` does.

    Two neighbouring distinct times are tied when they differ by at most sqrt(machine epsilon), absolutely or
    relative to the mean. Reference: Therneau T. Roundoff error and tied times, vignette of R survival.
    """
    distinct = np.unique(times)
    if len(distinct) < 2:
        return times
    tolerance = np.sqrt(np.finfo(float).eps)
    step = np.diff(distinct)
    scale = np.abs(distinct).mean()
    tied = (step <= tolerance) | (step / scale <= tolerance if scale else False)
    if not tied.any():
        return times
    kept = distinct[np.concatenate([[True], ~tied])]
    return kept[np.searchsorted(kept, times, side="right") - 1]


@dataclass(frozen=True, eq=False)
class EndpointColumns:
    """An endpoint's definition beside the columns of one file.

    table: one row a patient, as `Cohort.table`.
    organs: int8 array, shape (n, n_organs), as `Cohort.organs`.
    """

    endpoint: Endpoint
    table: pd.DataFrame
    organs: np.ndarray
    variables: Mapping[str, Variable]

    def lacks(self) -> str:
        """What the file lacks for the endpoint, in words; empty where nothing."""
        endpoint, problems = self.endpoint, []
        if not self._time_sources():
            end = endpoint.censor_date if endpoint.event_ends_followup else endpoint.event_date or endpoint.censor_date
            dates = f" or the dates '{endpoint.start}' and '{end}'" if endpoint.start else ""
            problems.append(f"its time (column '{endpoint.time}'{dates})")
        if not self._event_sources():
            other = [f"'{c}'" for c in endpoint.event_if if c != "sites"]
            problems.append(f"its event (column '{endpoint.event}'{' or ' + joined(other, 'or') if other else ''})")
        return f"{endpoint.name} needs {joined(problems)}" if problems else ""

    def read(self) -> TimeToEvent:
        """Times and events, of a file that lacks nothing for the endpoint."""
        endpoint = self.endpoint
        event, notes = self.events()
        time = self._time(event == 1, notes)
        reasons = np.where(np.isnan(time), 1, np.where(event < 0, 2, 0)).astype(np.int8)
        valid = reasons == 0
        time = np.where(valid, time, np.nan)
        time[valid] = merge_equal_times(time[valid])
        grid, codes = np.unique(time[valid], return_inverse=True)
        all_codes = np.full(len(time), -1, dtype=np.int32)
        all_codes[valid] = codes
        return TimeToEvent(
            endpoint.name, endpoint.label, endpoint.unit, endpoint.origin, endpoint.starts_at, time,
            (event == 1) & valid, grid, all_codes, reasons, endpoint.defined_as, tuple(notes),
        )  # fmt: skip

    def events(self) -> tuple[np.ndarray, list[str]]:
        """Events: the flag where it is given, else what dates and sites tell.

        Returns:
            int8 array, shape (n,): 1 happened, 0 not, -1 not recorded; and notes on how they were read.
        """
        notes: list[str] = []
        event = np.full(len(self.table), -1, dtype=np.int8)
        sources = self._event_sources()
        if "flag" in sources:
            event = self.table[self.endpoint.event].cat.codes.to_numpy().astype(np.int8)
        for source in [s for s in sources if s != "flag"]:
            recorded = (self.organs == 1).any(axis=1) if source == "sites" else self.table[source].notna().to_numpy()
            event[(event < 0) & recorded] = 1
        if "flag" not in sources:
            event[event < 0] = 0
            shown = joined([("a recorded site" if s == "sites" else f"'{s}'") for s in sources], "or")
            notes.append(f"no column '{self.endpoint.event}': a patient with {shown} counts as having the event")
        return event, notes

    def _has(self, column: str) -> bool:
        return column in self.table.columns and bool(self.table[column].notna().any())

    def _time_sources(self) -> list[str]:
        endpoint = self.endpoint
        sources = ["time"] if endpoint.time and self._has(endpoint.time) else []
        ends = [endpoint.event_date] if endpoint.event_date else []
        if endpoint.event_ends_followup or not ends:
            ends.append(endpoint.censor_date)
        if endpoint.start and self._has(endpoint.start) and any(c and self._has(c) for c in ends):
            sources.append("dates")
        if endpoint.sum_of and all(self._has(c) for c in endpoint.sum_of):
            sources.append("sum")
        return sources

    def _event_sources(self) -> list[str]:
        sources = ["flag"] if self.endpoint.event and self._has(self.endpoint.event) else []
        columns, n_organs = self.table.columns, self.organs.shape[1]
        return sources + [c for c in self.endpoint.event_if if (n_organs if c == "sites" else c in columns)]

    def _time(self, event: np.ndarray, notes: list[str]) -> np.ndarray:
        """The recorded time; where it is blank, from the dates; where those are, from the sum of its parts."""
        endpoint, time = self.endpoint, np.full(len(self.table), np.nan)
        for source in self._time_sources():
            if source == "time":
                values = self._in_unit(endpoint.time)
            elif source == "dates":
                values = self._from_dates(event)
            else:
                values = sum(self._in_unit(c) for c in endpoint.sum_of)
            filled = np.isnan(time) & ~np.isnan(values)
            if source != "time" and filled.any():
                way = (
                    "dates, a month being 30.4375 days"
                    if source == "dates"
                    else "the sum of " + joined(endpoint.sum_of)
                )
                notes.append(f"{int(filled.sum())} times of {endpoint.name} come from {way}")
            time[filled] = values[filled]
        return time

    def _from_dates(self, event: np.ndarray) -> np.ndarray:
        endpoint, blank = self.endpoint, pd.Series(pd.NaT, index=self.table.index)
        censor = self.table.get(endpoint.censor_date, blank)
        happened = self.table.get(endpoint.event_date, blank)
        if endpoint.event_ends_followup or not endpoint.event_date:
            happened = happened.fillna(censor)
        end = happened.where(event, censor)
        days = (end - self.table[endpoint.start]).dt.days.to_numpy(dtype=float)
        return days / DAYS_PER_UNIT[endpoint.unit]

    def _in_unit(self, column: str) -> np.ndarray:
        """A column of times in the endpoint's unit; a month has 30.4375 days."""
        values, unit = self.table[column].to_numpy(dtype=float), self.endpoint.unit
        own = self.variables[column].unit
        return values * (DAYS_PER_UNIT[own] / DAYS_PER_UNIT[unit]) if own in DAYS_PER_UNIT and own != unit else values
