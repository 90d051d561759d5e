"""From best to final response: what changed, and rows that can't be or are hard to believe.

Best response is the best of all assessments, so a final one can't be better. After CR any regrowth is
progression, so CR can't turn into PR or SD (RECIST 1.1: Eisenhauer EA, et al. Eur J Cancer 2009;45:228-47.
doi:10.1016/j.ejca.2008.10.026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from necc.analysis.response.population import BEST, FINAL, ORDER, Population, plain_column, response_of, treated
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.estimate import Exclusion
from necc.core.result import Result, answers
from necc.core.tally import tally

NO_ROWS = "patients whose best and final response contradict each other aren't listed: the data are counts without rows"


@dataclass(frozen=True)
class Transition(Result):
    """`n` patients from a best to a final response."""

    best: str
    final: str
    n: int
    impossible: bool


@dataclass(frozen=True)
class OddRow(Result):
    """A spreadsheet row (header = row 1) that can't be, or is hard to believe, and why."""

    row: int
    best: str | None
    final: str | None
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Transitions(Result):
    """Best against final response of the `n` patients who have both as CR, PR, SD or PD.

    matrix: int array, shape (4, 4), rows best, columns final, both in the order of `levels` (CR first).
    cells: those that occur, in that order.
    columns: of the best and the final response, and given, as in `ResponseRates`.
    """

    levels: tuple[str, ...]
    n: int
    excluded: tuple[Exclusion, ...]
    matrix: np.ndarray
    cells: tuple[Transition, ...]
    impossible: tuple[OddRow, ...]
    doubtful: tuple[OddRow, ...]
    columns: tuple[str, str] = field(default=("", ""), repr=False)
    given: str = field(default="", repr=False)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready."""
        fields = super().to_dict()
        fields["transitions"] = fields.pop("cells")
        return fields

    def to_frame(self) -> pd.DataFrame:
        """One row a transition that occurs: best, final, n, impossible."""
        return pd.DataFrame([t.to_dict() for t in self.cells], columns=["best", "final", "n", "impossible"])


@answers
@public
def transitions(cohort: Cohort, population: Population | None = None) -> Transitions:
    """Best to final response of the patients who received an ICI (all, where the file doesn't say who did).

    Raises:
        AnalysisError: the file lacks one of the two columns.

    Example:
        >>> transitions(cohort).n
        16
    """
    return best_to_final(cohort, population or treated(cohort))


def best_to_final(cohort: Cohort, population: Population) -> Transitions:
    """As `transitions`; of counts without single rows, which they don't tell.

    Raises:
        AnalysisError: the file lacks one of the two columns.
    """
    patients = cohort.subset(population.mask)
    best, final = (response_of(patients, name).codes.astype(np.int64) for name in (BEST, FINAL))
    k = len(ORDER)
    both = (best >= 0) & (best < k) & (final >= 0) & (final < k)
    known = patients.subset(both)
    n = known.n_patients
    matrix = tally(best[both] * k + final[both], known.patients, k * k).reshape(k, k)
    cells = tuple(
        Transition(ORDER[i], ORDER[j], int(matrix[i, j]), j < i) for i in range(k) for j in range(k) if matrix[i, j]
    )
    lost = patients.n_patients - n
    excluded = (Exclusion("best or final response not evaluable or not recorded", lost),) if lost else ()
    impossible: tuple[OddRow, ...] = ()
    doubtful: list[OddRow] = []
    if cohort.patients is None:
        rows = patients.index.to_numpy()
        impossible = tuple(
            OddRow(int(rows[i]), ORDER[best[i]], ORDER[final[i]], "the final response is better than the best")
            for i in np.flatnonzero(both & (final < best))
        )
        doubtful = sorted(_doubtful(patients, best, final, both), key=lambda row: row.row)
    return Transitions(
        levels=ORDER, n=n, excluded=(*population.excluded, *excluded), matrix=matrix, cells=cells,
        impossible=impossible, doubtful=tuple(doubtful),
        columns=(plain_column(cohort, BEST), plain_column(cohort, FINAL)), given=population.given,
    )  # fmt: skip


def _doubtful(cohort: Cohort, best: np.ndarray, final: np.ndarray, both: np.ndarray) -> Iterator[OddRow]:
    reasons = [(both & (best == 0) & ((final == 1) | (final == 2)), "after CR a regrowth is progression (PD)")]
    responding = (best == 0) | (best == 1)
    response, followup = (cohort.dictionary.role(name) for name in ("time_to_response", "time_to_progression"))
    if cohort.has(response):
        time = cohort.number(response)
        reasons.append((responding & np.isnan(time), "a responder without a time to response"))
        reasons.append((~responding & (best >= 0) & ~np.isnan(time), "a time to response without a response"))
        if cohort.has(followup):
            end = cohort.number(followup)
            reasons.append((responding & (time == end), "the response was seen at the very end of follow-up"))
            reasons.append((responding & (time > end), "the time to response is longer than the follow-up"))
    shown = [*ORDER, "NE", None]
    rows = cohort.index.to_numpy()
    for mask, reason in reasons:
        for i in np.flatnonzero(mask):
            yield OddRow(int(rows[i]), shown[best[i]], shown[final[i]], reason)
