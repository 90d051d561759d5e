"""Edits made of a cohort one after the other; one that doesn't fit is skipped and told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from necc.core.cohort import Cohort
from necc.core.edits.derived import derive
from necc.core.edits.endpoints import first_of, new_endpoint
from necc.core.edits.levels import cut, order, recode
from necc.core.edits.making import Made, Misfit, Names
from necc.core.edits.places import combine_sites
from necc.core.edits.rows import leave_out
from necc.core.edits.steps import (
    CombineSites,
    Cut,
    Derive,
    Edit,
    Edited,
    FirstOf,
    LeaveOut,
    NewEndpoint,
    Order,
    Recode,
    Step,
)
from necc.core.edits.written import tables_of
from necc.core.errors import AnalysisError, Finding, SelectionError
from necc.core.text import shorten

MAKERS: Mapping[str, Callable[[Cohort, Any, Names], Made]] = {
    Recode.kind: recode,
    Order.kind: order,
    Cut.kind: cut,
    CombineSites.kind: combine_sites,
    LeaveOut.kind: leave_out,
    Derive.kind: derive,
    NewEndpoint.kind: new_endpoint,
    FirstOf.kind: first_of,
}
SKIPPED, CHANGED = "edit-skipped", "edit-changed"


def apply_edits(cohort: Cohort, edits: Iterable[Edit]) -> Edited:
    """A cohort after some edits, made in their order, each of what those before it left; the cohort itself stays.

    An edit that doesn't fit, as a column or level of it isn't there, is skipped with a finding, and so is what needs
    it; the others are made. Where none is made, the very same cohort comes back. To undo an edit, apply the others.
    SHA-256 of the edited cohort's source is made of the file's and of the edits that were made.

    cohort: the whole of a file; filters come after edits.

    Raises:
        AnalysisError: the cohort is filtered, or a source of counts stands behind it, whose patients nobody edits here.

    Example:
        >>> edited = apply_edits(cohort, [Cut("age_years", (40, 60), "age group")])
        >>> edited.cohort.factor("age group").levels
        ('≤ 40', '> 40 to 60', '> 60')
        >>> edited.steps[0].applied, edited.findings
        (True, ())
    """
    if cohort.rows is not None:
        raise AnalysisError("edits are made of a whole cohort; make them first, and filter what they give")
    edits = list(edits)
    if edits and cohort.behind is not None:
        raise AnalysisError("the data are counts from a source that edits don't reach; edit them where they are, or "
                            "say in the mapping how a column is read")  # fmt: skip
    names, steps, current = Names(cohort), [], cohort
    sha256, told = cohort.source.sha256, [*cohort.source.edits]
    for number, edit in enumerate(edits, 1):
        step, current = _step(current, edit, names, number)
        steps.append(step)
        if step.applied:
            told.append(step.told)
            sha256 = hashlib.sha256(f"{sha256}{json.dumps(tables_of([edit]))}".encode()).hexdigest()
    if current is not cohort:
        current = current.edited(source=replace(current.source, sha256=sha256, edits=tuple(told)))
    return Edited(current, tuple(steps))


def _step(cohort: Cohort, edit: Edit, names: Names, number: int) -> tuple[Step, Cohort]:
    """One edit, made or skipped, and the cohort after it."""
    said = edit.describe(cohort)
    try:
        made = MAKERS[edit.kind](cohort, edit, names)
    except (AnalysisError, Misfit, SelectionError) as problem:
        mend = "" if str(problem).endswith("?") else "; change the step or take it out"
        message = f"step {number} ({shorten(said)}) is skipped: {problem}{mend}"
        finding = Finding("warning", SKIPPED, message, None, column_of(edit))
        return Step(edit, finding, False, f"skipped: {problem}"), cohort
    warning = f"step {number} ({said}): {made.warning}" if made.warning else ""
    changed = Finding("warning", CHANGED, warning, None, column_of(edit)) if warning else None
    # of rows their number is left out: what a step did stands beside results, and points at nobody
    told = made.told if isinstance(edit, LeaveOut) else f"{said} ({made.told})"
    return Step(edit, changed, True, told), made.cohort


def column_of(edit: Edit) -> str | None:
    """The column, site or endpoint that an edit changes or makes; None of one that leaves patients out."""
    return getattr(edit, "column", None) or getattr(edit, "name", None)
