"""One lane a patient on an ICI: how long, when a response came, how it ended. Identifiers stay apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from necc.analysis.response.population import BEST, FINAL, response_column, response_of, treated
from necc.core.cohort import Cohort
from necc.core.dictionary import RESPONSES
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.result import Result
from necc.core.text import plural

End = Literal["progressed", "ongoing", "unknown"]


@dataclass(frozen=True)
class Lane(Result):
    """A patient's course on an ICI, times in the swimmer's unit from its start.

    label: "Patient k", k the place in this plot, never the identifier, which is `patient_id` (not for a projector); it
    and the spreadsheet row are not part of the JSON.
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


@dataclass(frozen=True)
class Swimmer(Result):
    """Lanes of the patients on an ICI, longest first."""

    lanes: tuple[Lane, ...]
    n: int
    population: str
    excluded: tuple[Exclusion, ...]
    unit: str
    notes: tuple[str, ...] = ()


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
    if unknown := sum(lane.end == "unknown" for lane in lanes):
        notes.append(f"whether the time ended in progression isn't recorded for {plural(unknown, 'patient')}")
    if not lanes:
        notes.append("no patients to show")
    excluded = (Exclusion("no time to progression or end of follow-up", lost),) if lost else ()
    unit = patients.variable(followup).unit
    return Swimmer(lanes, len(lanes), population.name, (*population.excluded, *excluded), unit, tuple(notes))


def _lanes(cohort: Cohort) -> tuple[Lane, ...]:
    n, role = len(cohort), cohort.dictionary.role
    duration, time, event = cohort.number(role("time_to_progression")), role("time_to_response"), role("progression")
    response = cohort.number(time) if cohort.has(time) else np.full(n, np.nan)
    best, final = (_responses(cohort, name) for name in (BEST, FINAL))
    ended = cohort.factor(event).codes if cohort.has(event) else np.full(n, -1)
    agent, partner = (_texts(cohort, role(name)) for name in ("treatment_agent", "treatment_partner"))
    labels = [cohort.site_label(site) for site in cohort.site_names]
    matrix, ids, rows = cohort.site_matrix, cohort.ids, cohort.index.to_numpy()
    rank = {level: i for i, level in enumerate((*RESPONSES, None))}
    order = sorted(range(n), key=lambda i: (-duration[i], rank[best[i]], i))
    ends: dict[int, End] = {1: "progressed", 0: "ongoing", -1: "unknown"}
    return tuple(
        Lane(
            label=f"Patient {place}",
            patient_id=ids[i],
            row=int(rows[i]),
            duration=float(duration[i]),
            time_to_response=None if np.isnan(response[i]) else float(response[i]),
            best=best[i],
            final=final[i],
            end=ends[int(ended[i])],
            agent=agent[i],
            partner=partner[i],
            sites=tuple(labels[j] for j in np.flatnonzero(matrix[i] == 1)),
        )
        for place, i in enumerate(order, start=1)
    )


def _responses(cohort: Cohort, name: str) -> list[str | None]:
    if response_column(cohort, name) not in cohort.columns:
        return [None] * len(cohort)
    return [RESPONSES[code] if code >= 0 else None for code in response_of(cohort, name).codes]


def _texts(cohort: Cohort, name: str) -> list[str | None]:
    if name not in cohort.columns:
        return [None] * len(cohort)
    column = cohort.column(name)
    return [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]
