"""The tables of two files of patients beside each other."""

from __future__ import annotations

from necc.analysis.changed import FileChanges
from necc.present.tables.table import Table
from necc.present.words import changed as words
from necc.present.words.changed import number


def changed_patients(result: FileChanges) -> Table:
    """Patients before and now: in the file, shown, new, gone, with other values."""
    rows = [
        ("In the file", number(result.n_before), number(result.n_now)),
        (words.SHOWN, number(result.shown_before), number(result.shown_now)),
    ]
    if (kept := result.followed) is not None:
        rows += [
            ("In both files", number(kept.n_both), number(kept.n_both)), ("No longer there", number(kept.n_gone), ""),
            ("New", "", number(kept.n_new)), ("In both, with other values", "", number(kept.n_changed)),
            ("In both, shown now and not before", "", number(kept.n_in)),
            ("In both, shown before and not now", number(kept.n_out), ""),
        ]  # fmt: skip
    note = words.NOTE_FOLLOWED if kept is not None else words.WHY.get(result.why, "")
    return Table("Patients, before and now", "changed-patients", ("Patients", "Before", "Now"), tuple(rows),
                 (note,) if note else ())  # fmt: skip


def changed_endpoints(result: FileChanges) -> Table:
    """Each endpoint: patients and events before and now, and what became of those in both files."""
    columns = ("Endpoint", "Patients before", "Patients now", "Events before", "Events now")
    rows = [(e.label, *map(number, (e.n_before, e.n_now, e.events_before, e.events_now))) for e in result.endpoints]
    if result.followed is None:
        return Table("Events, before and now", "changed-endpoints", columns, tuple(rows))
    more = ("In both files: new events", "In both: events no longer there", "Events of those who left",
            "Events of those who are new", "In both: longer times", "In both: shorter times")  # fmt: skip
    rows = [
        (*row, *map(number, (e.n_new_events, e.n_lost_events, e.n_left_events, e.n_joined_events, e.n_longer,
                             e.n_shorter)))
        for row, e in zip(rows, result.endpoints, strict=True)
    ]  # fmt: skip
    return Table("Events, before and now", "changed-endpoints", (*columns, *more), tuple(rows), (words.NOTE_TIMES,))


def changed_columns(result: FileChanges) -> Table:
    """Columns of which patients of both files have other values, the most changed first."""
    rows = tuple((c.label, number(c.n), number(c.n_filled), number(c.n - c.n_filled)) for c in result.columns)
    columns = ("Column", "Patients with another value", "Not recorded before", "Recorded before")
    return Table("Values that are others now", "changed-columns", columns, rows)
