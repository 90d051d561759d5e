"""What a project holds. Nothing in it is a patient's: names of columns and levels, words of the program, aggregates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from necc.analysis.recorded import Recorded
from necc.core.edits import Edit
from necc.core.errors import Finding
from necc.ingest import Mapping as FileMapping

VERSION = 1
Choice = str | bool | int | float | tuple[str, ...]
Plain = str | bool | int | float | tuple["Plain", ...] | Mapping[str, "Plain"]
"""What a TOML file holds of a figure's settings; their own keys say what is allowed."""


@dataclass(frozen=True)
class DataMark:
    """By what a file of patients is known again; no value of it.

    sha256: of the file's bytes. signature: of its columns, whatever their order and case; see `ingest.mapping`.
    cutoff: the day at which the data were closed, as a person wrote it; blank where nobody did.
    """

    filename: str = ""
    sha256: str = ""
    signature: str = ""
    n_rows: int = 0
    n_patients: int = 0
    cutoff: str = ""


@dataclass(frozen=True)
class Subcohort:
    """Filters under a name, as texts that `Selection.parse` reads."""

    name: str
    filters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exhibit:
    """One thing of a report, in the report's order: what it shows, of which patients, and the page where it was.

    shows: recipes of figures, tables and texts, as `necc.report.recipe` reads them; none for a note alone, or for a
        view that is only opened again. page, view: where it was kept; blank where it never stood on a page.
    choices: those of the page at that time, by their names in the session. filters: texts that `Selection.parse` reads.
    note: what the person says of it.
    """

    title: str
    page: str = ""
    view: str = ""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    note: str = ""
    shows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A part of a project's file that wasn't understood, kept to be written again.

    path: where it stood: names of tables and keys, and places in a list, from 1 on; nothing for a text that is no TOML.
    value: what stood there. of: the name of the list's table that it belongs to, which may have moved since.
    """

    path: tuple[str | int, ...]
    value: object
    of: str = ""


@dataclass(frozen=True)
class Project:
    """All that a person decided about a cohort.

    title: the person's own. saved: the day, as 2026-11-30. program: the version that wrote it.
    data: what the file of patients is known by. mapping: how its columns are understood; None where by themselves.
    scheme: how sites are read; blank is the dictionary's usual way. edits: steps made of all patients, in this order.
    filters: of the patients who are shown, and subcohorts those of others, as texts that `Selection.parse` reads.
    choices: what was chosen on the pages. settings: of figures, by the figure's name, as their own readers take them.
    recorded: numbers at the time of saving, to be compared; recorded_by is what they are grouped by.
    smallest_cell: numbers of fewer patients aren't recorded; 0 records all. What saves a project on the page and the
        command line leaves out those of fewer than `necc.core.guardrails.SMALLEST_CELL`, unless told otherwise.
    hide_below: in the files of a report, counts of 1 to one less and what rests on them are hidden; 0 hides none.
    unread: what a reader of the file didn't understand.

    Example:
        >>> project = Project(title="Lung", filters=("site:lung=with",))
        >>> Project.from_toml(project.to_toml()) == (project, ())
        True
    """

    title: str = ""
    saved: str = ""
    program: str = ""
    data: DataMark = DataMark()
    mapping: FileMapping | None = None
    scheme: str = ""
    edits: tuple[Edit, ...] = ()
    filters: tuple[str, ...] = ()
    subcohorts: tuple[Subcohort, ...] = ()
    choices: Mapping[str, Choice] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Plain]] = field(default_factory=dict)
    exhibits: tuple[Exhibit, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    recorded_by: str = ""
    smallest_cell: int = 0
    unread: tuple[Unread, ...] = ()
    hide_below: int = 0

    def to_toml(self) -> str:
        """The project's file: the same text for the same project, in the order in which a person reads it."""
        from necc.project.file import written

        return written(self)

    @classmethod
    def from_toml(cls, text: str | bytes) -> tuple[Project, tuple[Finding, ...]]:
        """Reads a project's file; never raises for what is in it.

        What is wrong is a finding with its place, and is kept in `unread`; the rest is read.
        """
        from necc.project.file import read

        return read(text)
