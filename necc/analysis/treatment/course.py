"""Who was treated from when on: the patients of a treatment comparison, and those who can't be in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from necc.core.arguments import public
from necc.core.cohort import FLAG_LEVELS, Cohort
from necc.core.dictionary import DAYS_PER_UNIT, Variable
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.guardrails import Guardrail
from necc.core.result import Viewable, analysed, answers, leave_out
from necc.core.selection import positions
from necc.core.text import joined, plural
from necc.core.time_to_event import TimeToEvent, merge_equal_times, noise_of


@dataclass(frozen=True, eq=False)
class Course(Viewable):
    """Follow-up and treatment of the analysed patients; arrays of shape (n,).

    start: from the endpoint's origin to the start of treatment, in `unit`; NaN for who was never treated.
    cycles: NaN where they aren't recorded.
    levels: of the treatment, untreated and treated. place: of each patient in the whole cohort, from 1 on.
    """

    single = True

    treatment: str
    label: str
    endpoint: str
    endpoint_label: str
    unit: str
    origin: str
    time: np.ndarray
    event: np.ndarray
    start: np.ndarray
    cycles: np.ndarray
    excluded: tuple[Exclusion, ...]
    guardrails: tuple[Guardrail, ...]
    notes: tuple[str, ...]
    levels: tuple[str, ...]
    place: np.ndarray

    @property
    def n(self) -> int:
        """Patients analysed."""
        return len(self.time)

    @property
    def n_events(self) -> int:
        """Events among them."""
        return int(self.event.sum())

    def to_frame(self) -> pd.DataFrame:
        """One row a patient: time, event, start, cycles."""
        return pd.DataFrame({name: getattr(self, name) for name in ("time", "event", "start", "cycles")})

    def __len__(self) -> int:
        return len(self.time)

    @property
    def treated(self) -> np.ndarray:
        """Ever treated; bool array, shape (n,)."""
        result: np.ndarray = ~np.isnan(self.start)
        return result

    @property
    def n_treated(self) -> int:
        """Patients ever treated."""
        return int(self.treated.sum())

    @property
    def median_start(self) -> float:
        """Of who was ever treated."""
        return float(np.median(self.start[self.treated]))

    @property
    def times_of_treated(self) -> tuple[float, float]:
        """Of who was ever treated: all time before treatment, and all time."""
        return float(self.start[self.treated].sum()), float(self.time[self.treated].sum())

    def without(self, *reasons: tuple[str, np.ndarray]) -> Course:
        """The patients for whom no reason holds (bool, shape (n,)); the others become exclusions."""
        used, excluded = leave_out(np.ones(len(self), dtype=bool), self.excluded, reasons)
        kept = {name: getattr(self, name)[used] for name in ("time", "event", "start", "cycles", "place")}
        return replace(self, **kept, excluded=excluded)


@answers
@public
def treatment_course(
    cohort: Cohort, endpoint: str, treatment: str, *, start: str | None = None, cycles: str | None = None
) -> Course:
    """Gathers who is analysed.

    Args:
        treatment: a yes/no column. start: the number column with its start; by default the one its dictionary entry
            names. cycles: the number column with its cycles; by default `<treatment>_cycles` where the file has it.

    Raises:
        AnalysisError: a column doesn't exist, the treatment hasn't two levels, or its start can't be put on the
            endpoint's time scale.

    Example:
        >>> len(treatment_course(cohort, "PRS", "ici"))
        75
    """
    outcome = cohort.endpoint(endpoint)
    factor = cohort.factor(treatment)
    variable = cohort.variable(treatment)
    if len(factor.levels) != 2:
        raise AnalysisError(f"'{treatment}' must be a yes/no column; it has {joined(factor.levels) or 'no levels'}")
    started, notes, off = _start(cohort, variable, outcome, start)
    cycles = cycles or f"{variable.name}_cycles"
    counted = cohort.number(cycles) if cohort.has(cycles) else np.full(len(cohort), np.nan)
    given = cohort.flag(treatment) == 1 if variable.kind == "flag" else factor.codes == 1
    known, excluded = analysed(outcome, factor)
    late = given & (started > outcome.time + noise_of(outcome.time))
    reasons: Sequence[tuple[str, np.ndarray]] = (
        (f"{factor.label}: treated, but the start isn't recorded", given & np.isnan(started)),
        (f"{factor.label}: not treated, but a start is recorded", ~given & ~np.isnan(started)),
        (f"{factor.label}: starts after the event or the last follow-up", late),
        ("no time under observation (time zero)", outcome.time <= noise_of(outcome.time)),
    )
    used, excluded = leave_out(known, excluded, reasons)
    notes = [*outcome.notes, *notes]
    early = int((used & given & (started < 0)).sum())
    if early:
        notes.append(
            f"{plural(early, 'patient')} treated before {outcome.origin or 'time zero'}: treated from the start"
        )
    start_of, time = _on_one_scale(np.where(given, np.maximum(started, 0), np.nan)[used], outcome.time[used])
    guardrails = _start_after_event(int((known & late).sum()), factor.label) if (known & late).any() else ()
    return Course(
        variable.name, factor.label, outcome.name, outcome.label, outcome.unit, outcome.origin, time,
        outcome.event[used], start_of, counted[used], excluded, guardrails, tuple(notes + off),
        FLAG_LEVELS if variable.kind == "flag" else factor.levels, positions(cohort)[used],
    )  # fmt: skip


def _on_one_scale(start: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts and times that differ by noise only are the same; a start beyond the end is at the end."""
    there = ~np.isnan(start)
    merged = merge_equal_times(np.concatenate([[0.0], start[there], time]))
    start, time = start.copy(), merged[1 + there.sum() :]
    start[there] = np.minimum(merged[1 : 1 + there.sum()], time[there])
    return start, time


def _start_after_event(n: int, label: str) -> tuple[Guardrail, ...]:
    return (
        Guardrail(
            "start-after-event",
            f"{label} starts after the event or the last follow-up in {plural(n, 'patient')}",
            "nobody can be treated then, so a date is wrong or counted from another day",
            "they are left out and counted",
            "correct the dates in the file",
        ),
    )


def _start(
    cohort: Cohort, variable: Variable, outcome: TimeToEvent, start: str | None
) -> tuple[np.ndarray, list[str], list[str]]:
    """The start of treatment from the endpoint's origin, in its unit; and what was done or assumed for it."""
    name = start or variable.start
    if not name:
        raise AnalysisError(
            f"when did '{variable.name}' start? name a number column, counted from {outcome.origin or 'time zero'}"
        )
    if not cohort.has(name):
        raise AnalysisError(
            f"the file doesn't say when '{variable.name}' started (column '{name}' or its dates): without it, treated "
            "and untreated can't be compared fairly"
        )
    column = cohort.variable(name)
    values, notes = cohort.number(column.name).copy(), []
    if column.unit and column.unit != outcome.unit:
        if column.unit not in DAYS_PER_UNIT or outcome.unit not in DAYS_PER_UNIT:
            raise AnalysisError(f"'{column.name}' is in {column.unit}, the endpoint {outcome.name} in {outcome.unit}")
        values *= DAYS_PER_UNIT[column.unit] / DAYS_PER_UNIT[outcome.unit]
        notes.append(f"'{column.label}' turned from {column.unit} into {outcome.unit}")
    shift, off = _shift(cohort, column, outcome)
    return values + shift, notes, off


def _shift(cohort: Cohort, column: Variable, outcome: TimeToEvent) -> tuple[np.ndarray | float, list[str]]:
    """What to add to a start that is counted from another origin than the endpoint's.

    Another endpoint that leads from the one origin to the other gives it, e.g. TTR from diagnosis to first recurrence.
    """
    known = cohort.dictionary.endpoints
    begins = next((part.start for part in known[outcome.name].parts if part.start), "")
    if not column.from_dates or not begins:
        return 0.0, [f"'{column.label}' is taken as counted from {outcome.origin or 'the same origin as the endpoint'}"]
    counted_from = column.from_dates[0]
    if counted_from == begins:
        return 0.0, []
    for name, bridge in known.items():
        leads = bridge.start == begins and bridge.event_date == counted_from and bridge.unit == outcome.unit
        if leads and not cohort.endpoint_lacks(name):
            between = cohort.endpoint(name)
            shift = np.where(between.event, between.time, np.nan)
            return shift, [f"'{column.label}' is counted from {outcome.origin or 'time zero'} by adding {name}"]
    raise AnalysisError(
        f"'{column.name}' isn't counted from {outcome.origin or 'time zero'}, where {outcome.name} starts; choose an "
        "endpoint that "
        "starts with it"
    )
