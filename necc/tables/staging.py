"""Restaging as tables: both editions side by side, and where the recorded stage isn't the implied one."""

from __future__ import annotations

from necc.staging import Restaging, moved_sentence
from necc.tables.table import Table


def restaging_table(result: Restaging) -> Table:
    """Stages of 2009 or 2014 down, the recorded stages of 2018 across."""
    return _crossed("FIGO 2009 or 2014 (rows) and 2018 (columns)", "restaging", result.before, result.after,
                    result.counts, (moved_sentence(result), *result.notes))  # fmt: skip


def implied_table(result: Restaging) -> Table:
    """The 2018 stage that tumour size and pelvic nodes imply."""
    told = f"{result.cannot_tell} patients lack what is needed to tell." if result.cannot_tell else ""
    notes = tuple(n for n in (told, "Size and node rules of FIGO 2018, doi:10.1002/ijgo.12749.") if n)
    return _crossed("FIGO 2018 as tumour size and pelvic nodes imply it", "restaging-implied", result.before,
                    result.implied_levels, result.implied, notes)  # fmt: skip


def disagreement_table(result: Restaging) -> Table:
    """Patients whose recorded stage of 2018 isn't the implied one, by spreadsheet row."""
    rows = tuple((str(row), recorded, implied) for row, recorded, implied in result.disagree)
    note = f"{result.agree} others agree. One of stage, size and nodes is wrong, or nodes were judged otherwise."
    columns = ("Row", "Recorded 2018", "Implied 2018")
    return Table("Recorded and implied stage differ", "restaging-differ", columns, rows, (note,), text_columns=(1, 2))


def _crossed(
    title: str, name: str, before: tuple[str, ...], after: tuple[str, ...], counts: tuple[tuple[int, ...], ...],
    notes: tuple[str, ...],
) -> Table:  # fmt: skip
    rows = tuple((b, *(str(n) if n else "" for n in row), str(sum(row))) for b, row in zip(before, counts, strict=True))
    return Table(title, name, ("Stage", *after, "All"), tuple(r for r in rows if r[-1] != "0"), notes)
