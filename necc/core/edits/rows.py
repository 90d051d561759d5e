"""Rows left out of a cohort, by their number and by filters."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd

from necc.core.cohort import Cohort, Source
from necc.core.edits.making import Made, Misfit, Names, patients
from necc.core.edits.steps import LeaveOut
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.selection import PICKED, Selection
from necc.core.text import rows_named

BY_HAND = "left out by hand"
DIGITS = 12
PART, NEXT = "\x1f", "\x1e"


def row_fingerprint(cohort: Cohort, row: int) -> str:
    """What a row of the spreadsheet holds, as 12 hexadecimal digits: SHA-256 of its columns' names and typed values.

    Edits don't change it: it is that of the row as the file gives it.

    row: as the spreadsheet counts it; the headings are row 1.

    Raises:
        AnalysisError: the file has no patient in this row.

    Example:
        >>> edit = LeaveOut(rows=((2, row_fingerprint(cohort, 2)),), why="seen elsewhere")
        >>> len(apply_edits(cohort, [edit]).cohort)
        87
    """
    loaded = (cohort.unedited or cohort).whole
    places = np.flatnonzero(loaded.index == row)
    if not len(places):
        raise AnalysisError(f"the file has no patient in row {row}; its patients are in rows {_span(loaded)}")
    values = loaded._table.iloc[int(places[0])]
    cells = [f"{name}{PART}{_cell(value)}" for name, value in sorted(values.items(), key=lambda item: str(item[0]))]
    return hashlib.sha256(NEXT.join(cells).encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def _cell(value: object) -> str:
    if value is None or pd.isna(value):  # type: ignore[call-overload]  # one cell
        return ""
    if isinstance(value, int | float | np.number):
        return repr(float(value))
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)


def _span(cohort: Cohort) -> str:
    rows = cohort.index
    return f"{int(rows.min())} to {int(rows.max())}" if len(rows) else "none"


def leave_out(cohort: Cohort, edit: LeaveOut, names: Names) -> Made:
    """Leaves out rows that are what they were, and patients for whom the filters are known to hold."""
    if not edit.rows and not edit.where:
        raise Misfit("neither rows nor filters say who is left out")
    out, strange = np.zeros(len(cohort), dtype=bool), []
    for row, print_ in edit.rows:
        here = np.flatnonzero(cohort.index == row)
        if len(here) and row_fingerprint(cohort, row) == print_:
            out[here] = True
        else:
            strange.append(row)
    if edit.where:
        selection = Selection.parse(edit.where, cohort.columns)
        if PICKED in selection.names:
            raise Misfit("patients picked by hand are left out by their rows, each with its fingerprint")
        out |= selection.mask(cohort)
    n, other = int(out.sum()), ""
    if strange:
        other = (
            f"{rows_named(strange)} of this file hold{'s' * (len(strange) == 1)} something else or nothing, and stay"
        )
        other = f"{other}{'s' * (len(strange) == 1)}"
    if not n:
        raise Misfit(other or "the filters hold for nobody, so that all patients stay")
    if n == len(cohort):
        raise Misfit("it would leave out every patient")
    why = edit.why.strip() or (BY_HAND if edit.rows else edit.describe(cohort).partition(": ")[2])
    edited = cohort.edited(keep=~out, source=_source(cohort.source, why, n))
    return Made(edited, f"{patients(n)} left out ({why}), {len(edited):,} of {len(cohort):,} stay", other)


def _source(source: Source, why: str, n: int) -> Source:
    """The source with more rows left out, by why."""
    reasons = {e.reason: e.n for e in source.left_out}
    reasons[why] = reasons.get(why, 0) + n
    return replace(source, n_rows=source.n_rows - n, left_out=tuple(Exclusion(r, k) for r, k in reasons.items()))
