"""Small numbers of a case, hidden: those below the smallest cell, and those that give them away by subtraction."""

from __future__ import annotations

from dataclasses import replace

from necc.analysis.patient.results import Received, Similar, Step
from necc.analysis.survival import ConditionalSurvival
from necc.core.guardrails import tells_of_few


def without_few(row: Received, smallest: int) -> Received | None:
    """A treatment or response without small numbers; None where it is itself one."""
    if tells_of_few(row.n, row.of, smallest) or 0 < row.of < smallest:
        return None
    if row.n_by is None or row.of_by is None:
        return row
    parts = ((row.n_by, row.of_by), (row.of_by, row.of), (row.n_by, row.n))
    if any(tells_of_few(n, of, smallest) for n, of in parts):
        return replace(row, by=None, n_by=None, of_by=None)
    return row


def without_few_at_risk(result: ConditionalSurvival, smallest: int) -> ConditionalSurvival | None:
    """Survival from a time on without small numbers at risk; None where so few were followed beyond it."""
    if 0 < result.n < smallest:
        return None
    rows = tuple(
        replace(row, n_at_risk=None, note=f"too few: fewer than {smallest:,} patients are left under observation")
        if row.n_at_risk and row.n_at_risk < smallest else row
        for row in result.rows
    )  # fmt: skip
    return replace(result, rows=rows)


def without_few_matches(found: Similar, smallest: int) -> Similar:
    """Who is like her without small numbers: of a step, of all others, and between one step and the next."""
    if smallest <= 1:
        return found
    steps: list[Step] = []
    wider = found.of
    for step in reversed(found.steps):
        n, unknown = step.n or 0, step.n_unknown or 0
        hidden = tells_of_few(n, found.of, smallest) or 0 < wider - n < smallest
        wider = wider if hidden else n
        unsure = hidden or tells_of_few(unknown, found.of, smallest)
        steps.insert(0, replace(step, n=None if hidden else n, n_unknown=None if unsure else unknown))
    last = steps[-1]
    notes = tuple(note for note in found.notes if last.n is not None or "were looked for" not in note)
    return replace(found, steps=tuple(steps), n=last.n, n_unknown=last.n_unknown, notes=notes, hidden_below=smallest)
