"""The edits of a cohort as R, one after the other, as they were made."""

from __future__ import annotations

from collections.abc import Iterable

from necc.core.cohort import Cohort
from necc.core.edits import (
    CombineSites,
    Cut,
    Derive,
    Edit,
    FirstOf,
    Formula,
    LeaveOut,
    NewEndpoint,
    Order,
    Recode,
    apply_edits,
    cut_levels,
)
from necc.core.edits.rows import row_fingerprint
from necc.core.selection import Selection
from necc.core.text import format_number
from necc.report.scripts.formulas import in_r
from necc.report.scripts.patients import Patients
from necc.report.scripts.text import comment, numbers, part_of, quoted, ranges, texts


class Changes:
    """The steps that lead from a loaded cohort to the edited one.

    lines: R. cohort: after them. needed: columns that they use. sites: how sites were made last.
    """

    def __init__(self, loaded: Cohort, edits: Iterable[Edit], needed: dict[str, None]) -> None:
        self.lines: list[str] = []
        self.needed = needed
        self.sites: list[str] = []
        self.cohort = loaded.whole
        for i, edit in enumerate(edits, 1):
            self._step(i, edit)

    def _step(self, i: int, edit: Edit) -> None:
        before = self.cohort
        step = apply_edits(before, [edit])
        said = edit.describe(before) if not isinstance(edit, LeaveOut) else _left_out(edit)
        if not step.steps[0].applied:
            self.lines += ["", *comment(f"{i}. (skipped, as it doesn't fit) {said}")]
            return
        patients = Patients(before, self.needed)
        code = self._code(edit, patients, step.cohort)
        self.cohort = step.cohort
        sites = self.sites_of(patients)
        self.lines += ["", *comment(f"{i}. {said}"), *sites, *code]

    def sites_of(self, patients: Patients) -> list[str]:
        """Lines that make the sites that a step needs, where they aren't there as it reads them."""
        if not patients.organs or self.sites == (lines := patients.sites()):
            return []
        self.sites = lines
        return lines

    def _code(self, edit: Edit, patients: Patients, after: Cohort) -> list[str]:
        if isinstance(edit, Recode):
            return self._recode(edit, patients)
        if isinstance(edit, Cut):
            side = "TRUE" if edit.closed == "right" else "FALSE"
            given = f"{numbers(edit.at)}, {texts(cut_levels(edit))}, right = {side}"
            return [f"{part_of('data', edit.name)} <- in_classes({patients.number(edit.of)}, {given})"]
        if isinstance(edit, LeaveOut):
            return self._leave_out(edit, patients)
        if isinstance(edit, Derive):
            formula = Formula(edit.formula, patients.cohort)
            code = in_r(formula, patients)
            code = (
                f"yes_no({code})"
                if formula.kind == "yes/no"
                else f"as_text({code})"
                if formula.kind == "text"
                else code
            )
            return [f"{part_of('data', edit.name)} <- for_all({code})"]
        if isinstance(edit, NewEndpoint) and (new := [c for c in after.columns if c not in patients.cohort.columns]):
            held = f"is_one_of({patients.factor(edit.event)}, {texts(edit.event_levels)})"
            return [f"{part_of('data', new[0])} <- yes_no({held})"]
        told = {Order: "the order of levels stands below, with the groups", CombineSites: "see the sites, below",
                NewEndpoint: "see the endpoints, below", FirstOf: "see the endpoints, below"}  # fmt: skip
        return [f"# {told[type(edit)]}"]

    def _recode(self, edit: Recode, patients: Patients) -> list[str]:
        if edit.column in patients.cohort.dictionary.groupings and edit.column in patients.cohort.factor_names():
            return ["# see the groups, below"]
        column = patients.column(patients.cohort.variable(edit.column).name)
        pairs = ", ".join(f"{quoted(old)}, {quoted(new)}" for new, members in edit.groups for old in members)
        return [f"{column} <- renamed({column}, {pairs})"]

    def _leave_out(self, edit: LeaveOut, patients: Patients) -> list[str]:
        cohort, parts = patients.cohort, list[str]()
        there = set(cohort.index.tolist())
        held = [row for row, print_ in edit.rows if row in there and row_fingerprint(cohort, row) == print_]
        if held:
            parts.append(f"rows %in% {ranges(sorted(held))}")
        if edit.where:
            parts.append(patients.selected(Selection.parse(edit.where, cohort.columns)))
        return [f"out <- {' | '.join(f'({p})' for p in parts) if len(parts) > 1 else parts[0]}", "leave_out(out)"]


def _left_out(edit: LeaveOut) -> str:
    """Who is left out, without who they are."""
    n = f"{format_number(len(edit.rows), 0)} rows by hand" if edit.rows else ""
    said = "; ".join(part for part in (n, *edit.where) if part)
    return f"left out: {said}{f' ({edit.why})' if edit.why else ''}"
