"""One lane a patient on an ICI: how long, when a response came, how it ended. Identifiers stay apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from necc.analysis.response.population import BEST, FINAL, response_column, response_of, treated
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import DAYS_PER_MONTH, RESPONSES
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.result import Result, answers
from necc.core.selection import positions
from necc.core.text import plural

End = Literal["progressed", "death", "ongoing", "unknown"]
PROGRESSION = "PD"
BIOMARKERS = "Biomarkers"  # the dictionary's section of them
MONTH = {
    "days": DAYS_PER_MONTH,
    "weeks": DAYS_PER_MONTH / 7,
}  # a lane that ends longer before a death didn't end with it


@dataclass(frozen=True)
class Lane(Result):
    """A patient's course on an ICI, times in the swimmer's unit from its start.

    end: what the time ended with. "progressed"; "death" without progression; "ongoing": followed up without progression
        and not known to have died; "unknown": follow-up ended, and the file doesn't say with what, or contradicts
        itself (a response of PD without progression).
    label: "Patient k", k the place in this plot, never the identifier, which is `patient_id` (not for a projector); it
    and the spreadsheet row are not part of the JSON, nor is `place`, the patient's in the whole cohort, from 1 on.
    duration: NaN where no time was recorded, which a swimmer leaves out and `treated_patients` doesn't.
    biomarkers: what is recorded of them, in words.
    """

    label: str
    patient_id: str = field(repr=False)
    row: int = field(repr=False)
    duration: float
    time_to_response: float | None
    best: str | None
    final: str | None
    end: End
    agent: str | None
    partner: str | None
    sites: tuple[str, ...]
    place: int = field(default=0, repr=False)
    biomarkers: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class TreatedPatients(Result):
    """Every patient on an ICI, those with the longest time first; see `treated_patients`."""

    rows_in = "lanes"
    single = True

    lanes: tuple[Lane, ...]
    n: int
    population: str
    excluded: tuple[Exclusion, ...]
    unit: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Swimmer(TreatedPatients):
    """Those of them with a time on it."""


@answers
@public
def treated_patients(cohort: Cohort) -> TreatedPatients:
    """Each patient who received an ICI with agent, partner, responses, times, sites and biomarkers.

    Who has no time stands at the end, where `swimmer` leaves the patient out. All patients where the file doesn't say
    who received an ICI.

    Raises:
        AnalysisError: the file has neither a response nor a time on the ICI.

    Example:
        >>> treated_patients(cohort).lanes[0].label
        'Patient 1'
    """
    role = cohort.dictionary.role
    duration = role("time_to_progression")
    if not any(map(cohort.has, (duration, role("response_best"), role("response_final")))):
        raise AnalysisError("the file has no response to an ICI and no time on it")
    population = treated(cohort)
    lanes = _lanes(cohort.subset(population.mask))
    unit = cohort.variable(duration).unit if cohort.has(duration) else ""
    notes = () if lanes else ("no patients to show",)
    return TreatedPatients(lanes, len(lanes), population.name, population.excluded, unit, notes)


@answers
@public
def swimmer(cohort: Cohort) -> Swimmer:
    """One lane for each patient who received an ICI (all, where the file doesn't say) and has a time on it.

    Raises:
        AnalysisError: the file has no time to progression or end of follow-up.

    Example:
        >>> len(swimmer(cohort).lanes)
        16
    """
    followup = cohort.dictionary.role("time_to_progression")
    if followup not in cohort.columns:
        raise AnalysisError(f"the file has no column '{followup}' (time to progression or end of follow-up)")
    population = treated(cohort)
    patients = cohort.subset(population.mask)
    timed = ~np.isnan(patients.number(followup))
    lost = len(patients) - int(timed.sum())
    patients = patients.subset(timed)
    lanes = _lanes(patients)
    notes = []
    if unknown := int(np.count_nonzero(_codes(patients, "progression") < 0)):
        notes.append(f"whether the time ended in progression isn't recorded for {plural(unknown, 'patient')}")
    if not lanes:
        notes.append("no patients to show")
    excluded = (Exclusion("no time to progression or end of follow-up", lost),) if lost else ()
    unit = patients.variable(followup).unit
    return Swimmer(lanes, len(lanes), population.name, (*population.excluded, *excluded), unit, tuple(notes))


def _lanes(cohort: Cohort) -> tuple[Lane, ...]:
    n, role = len(cohort), cohort.dictionary.role
    lasted, time = role("time_to_progression"), role("time_to_response")
    duration = cohort.number(lasted) if cohort.has(lasted) else np.full(n, np.nan)
    response = cohort.number(time) if cohort.has(time) else np.full(n, np.nan)
    best, final = (_responses(cohort, name) for name in (BEST, FINAL))
    agent, partner = (_texts(cohort, role(name)) for name in ("treatment_agent", "treatment_partner"))
    labels = [cohort.site_label(site) for site in cohort.site_names]
    matrix, ids, rows = cohort.site_matrix, cohort.ids, cohort.index.to_numpy()
    places = positions(cohort)
    rank = {level: i for i, level in enumerate((*RESPONSES, None))}
    order = sorted(range(n), key=lambda i: (np.isnan(duration[i]), -np.nan_to_num(duration[i]), rank[best[i]], i))
    markers = _biomarkers(cohort)
    worse = np.array([PROGRESSION in pair for pair in zip(best, final, strict=True)], dtype=bool)
    ends = _ends(cohort, duration, worse)
    return tuple(
        Lane(
            label=f"Patient {place}",
            patient_id=ids[i],
            row=int(rows[i]),
            duration=float(duration[i]),
            time_to_response=None if np.isnan(response[i]) else float(response[i]),
            best=best[i],
            final=final[i],
            end=ends[i],
            agent=agent[i],
            partner=partner[i],
            sites=tuple(labels[j] for j in np.flatnonzero(matrix[i] == 1)),
            place=int(places[i]),
            biomarkers=markers[i],
        )
        for place, i in enumerate(order, start=1)
    )


def _codes(cohort: Cohort, role: str) -> np.ndarray:
    """1, 0 or -1 (not recorded) of a yes/no column by its role; -1 where the file has none."""
    name = cohort.dictionary.role(role)
    return cohort.flag(name) if cohort.has(name) else np.full(len(cohort), -1)


def _ends(cohort: Cohort, duration: np.ndarray, worse: np.ndarray) -> list[End]:
    """What each patient's time ended with. worse: a response of PD was recorded; bool array, shape (n,)."""
    progressed, died = _codes(cohort, "progression"), _codes(cohort, "death")
    lasted = cohort.dictionary.role("time_to_progression")
    alive = died == 0 if cohort.has(cohort.dictionary.role("death")) else np.ones(len(cohort), dtype=bool)
    later = _time_of_death(cohort) - duration
    month = MONTH.get(cohort.variable(lasted).unit, 1.0) if cohort.has(lasted) else 1.0
    ends: np.ndarray = np.full(len(cohort), "unknown", dtype=object)
    ends[(progressed == 0) & alive & ~worse] = "ongoing"
    ends[(progressed == 0) & (died == 1) & ~worse & ~(later > month)] = "death"
    ends[(progressed < 0) & (died == 1) & ~worse & (np.abs(later) <= month)] = "death"
    ends[progressed == 1] = "progressed"
    result: list[End] = ends.tolist()
    return result


def _time_of_death(cohort: Cohort) -> np.ndarray:
    """From the start of the ICI to death or last follow-up; NaN where the file doesn't say."""
    followup = cohort.dictionary.role("time_to_progression")
    rules = [(parts[0], whole) for *parts, whole in cohort.dictionary.within if parts[1:] == [followup]]
    if not rules or not all(map(cohort.has, rules[0])):
        return np.full(len(cohort), np.nan)
    start, death = map(cohort.number, rules[0])
    result: np.ndarray = death - start
    return result


def _responses(cohort: Cohort, name: str) -> list[str | None]:
    if response_column(cohort, name) not in cohort.columns:
        return [None] * len(cohort)
    return [RESPONSES[code] if code >= 0 else None for code in response_of(cohort, name).codes]


def _texts(cohort: Cohort, name: str) -> list[str | None]:
    if name not in cohort.columns:
        return [None] * len(cohort)
    column = cohort.column(name)
    return [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]


def _biomarkers(cohort: Cohort) -> list[tuple[str, ...]]:
    """What is recorded of each patient's biomarkers: words as they stand, and what is positive or negative."""
    found: list[list[str]] = [[] for _ in range(len(cohort))]
    for name, variable in cohort.dictionary.variables.items():
        if variable.section != BIOMARKERS or not cohort.has(name):
            continue
        if variable.kind == "flag":
            words = {1: f"{variable.label}: yes", 0: f"{variable.label}: no"}
            told = [words.get(int(code)) for code in cohort.flag(name)]
        else:
            told = _texts(cohort, name)
        for one, text in zip(found, told, strict=True):
            if text:
                one.append(text)
    return [tuple(one) for one in found]
