"""Tables of a cohort: what filters took away, what was found in the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from necc.core.errors import Finding
from necc.core.selection import AttritionStep
from necc.present.tables.table import Table
from necc.present.words.notes import cohort as notes


def attrition(steps: Sequence[AttritionStep], n: int) -> Table:
    """What each filter took away, from `n` patients on."""
    rows = [("All patients", "", "", f"{n:,}")]
    for s in steps:
        gone = s.n_before - s.n_after
        rows.append((s.label, f"{gone - s.n_missing_left_out:,}", f"{s.n_missing_left_out:,}", f"{s.n_after:,}"))
    return Table(
        "Who is left after each filter",
        "attrition",
        ("Filter", "Left out", "Left out, not recorded", "Patients"),
        tuple(rows),
    )


def findings(messages: Iterable[Finding]) -> Table:
    """What is wrong or worth knowing in a file, by spreadsheet row (header = row 1)."""
    messages = list(messages)
    rows = tuple(
        (f.severity, "" if f.row is None else str(f.row), f.column or "", f.value or "", f.message, f"{f.n:,}")
        for f in messages
    )
    return Table(
        "What was found in the file", "findings", ("Severity", "Row", "Column", "Value", "Message", "Times"), rows,
        notes.findings(messages), text_columns=(2, 3, 4),
    )  # fmt: skip
