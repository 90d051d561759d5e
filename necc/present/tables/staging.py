"""Restaging as tables: both editions side by side, and where the recorded stage isn't the implied one."""

from __future__ import annotations

from necc.analysis.staging import Restaging
from necc.present.tables.table import Table
from necc.present.words.notes import cohort as notes


def restaging_table(result: Restaging) -> Table:
    """Stages of 2009 or 2014 down, the recorded stages of 2018 across."""
    return _crossed("FIGO 2009 or 2014 (rows) and 2018 (columns)", "restaging", result.before, result.after,
                    result.counts, "Not recorded", result.unrecorded,
                    notes.restaging_table(result))  # fmt: skip


def implied_table(result: Restaging) -> Table:
    """The 2018 stage that tumour size and pelvic nodes imply."""
    return _crossed("FIGO 2018 as tumour size and pelvic nodes imply it", "restaging-implied", result.before,
                    result.implied_levels, result.implied, "Can't be told", result.untold,
                    notes.implied_table(result))  # fmt: skip


def disagreement_table(result: Restaging) -> Table:
    """Patients whose recorded stage of 2018 isn't the implied one, by spreadsheet row."""
    rows = tuple((str(row), recorded, implied) for row, recorded, implied in result.disagree)
    columns = ("Row", "Recorded 2018", "Implied 2018")
    return Table("Recorded and implied stage differ", "restaging-differ", columns, rows,
                 notes.disagreement_table(result), text_columns=(1, 2))  # fmt: skip


def _crossed(
    title: str, name: str, before: tuple[str, ...], after: tuple[str, ...], counts: tuple[tuple[int, ...], ...],
    without: str, rest: tuple[int, ...], lines: tuple[str, ...],
) -> Table:  # fmt: skip
    """Stages down, those of 2018 across; the last columns hold who has none, and all patients of the stage."""
    rows = [(*row, left) if any(rest) else row for row, left in zip(counts, rest, strict=True)]
    shown = tuple((b, *(str(n) if n else "" for n in row), str(sum(row))) for b, row in zip(before, rows, strict=True))
    columns = ("Stage", *after, *([without] if any(rest) else []), "All")
    return Table(title, name, columns, tuple(r for r in shown if r[-1] != "0"), lines)
