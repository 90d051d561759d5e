"""A report as it is handed to a document, slides, a workbook or a folder: numbered things, made from the same results.

project + cohort -> `make_report` -> Report -> Word, PowerPoint, Excel, figures, scripts
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from necc.core.cohort import Cohort
from necc.core.edits import Edit
from necc.core.errors import AnalysisError
from necc.core.files import FileKind
from necc.core.selection import Selection
from necc.core.text import without_rows
from necc.ingest import Inspection
from necc.present.figures import Figure, Print
from necc.present.tables import Table

Progress = Callable[[float, str], object]
"""Told the share that is done (0 to 1) and what comes; it may raise to stop."""
Kind = Literal["figure", "table", "text", "missing"]
KIND_LABELS: Mapping[str, str] = {"figure": "Figure", "table": "Table"}


@dataclass(frozen=True)
class Prose:
    """Text of a report: headings, each with its paragraphs; `bulleted` where each is a point of a list."""

    name: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    bulleted: bool = False


@dataclass(frozen=True)
class Computed:
    """One analysis behind an item, as it was called.

    function: its public name in `necc`. arguments: by the names of its parameters, defaults included; the cohort isn't
    among them, and another analysis that it was given is a `Computed` itself. of: the patients of the exhibit's filters
    (`cohort`), or all of them (`whole`).
    """

    function: str
    arguments: Mapping[str, object]
    of: Literal["cohort", "whole"]
    result: object = field(repr=False, compare=False)


@dataclass(frozen=True, eq=False)
class Item:
    """One thing of a report, with what a reader needs to judge it.

    kind: what it is; `missing` where it couldn't be made, and then `missing` says why.
    number: of its kind in this report, from 1 on; 0 for texts and what is missing.
    title: the person's own, or the usual one. name: a slug that no other item has, for files and sheets.
    thing: what is shown; None where it is missing. note: what the person wrote below it.
    patients: whom it is about, in words, and n how many they are, None where they or all others are so few that the
        report doesn't tell; selection chooses them from the report's cohort.
    drawn: files of its figure that were made already.
    recipe: how it is made, as the project's file has it. computed: the analyses behind it, in the order of the recipe.
    """

    kind: Kind
    number: int
    title: str
    name: str
    thing: Figure | Table | Prose | None
    patients: str
    n: int | None
    selection: Selection
    recipe: str
    note: str = ""
    missing: str = ""
    computed: tuple[Computed, ...] = ()
    drawn: dict[object, bytes] = field(default_factory=dict, repr=False)

    def printed(self, kind: FileKind, how: Print, note: str = "") -> bytes:
        """The figure as a file; see `Figure.printed`. The same is drawn once for all who write it.

        Raises:
            ValueError: it is no figure, or no font of this computer draws some of its characters.
        """
        if not isinstance(self.thing, Figure):
            raise ValueError(f"'{self.title}' is no figure")
        key = (kind, how, note)
        if key not in self.drawn:
            self.drawn[key] = self.thing.printed(kind, how, note)
        return self.drawn[key]

    @property
    def label(self) -> str:
        """What the text calls it, such as 'Figure 2'; blank for texts and what is missing."""
        return f"{KIND_LABELS[self.kind]} {self.number}" if self.kind in KIND_LABELS else ""

    @property
    def heading(self) -> str:
        """Its label with its title: `Table 2. Sites`."""
        return ". ".join(filter(None, (self.label, self.title)))

    @property
    def caption(self) -> str:
        """n, exclusions and method of a figure, no rows of the file; blank for others, whose notes are their own."""
        return without_rows(self.thing.caption) if isinstance(self.thing, Figure) else ""


@dataclass(frozen=True, eq=False)
class Report:
    """All that is handed to those who write files.

    title: the person's own. notice: that its patients are synthetic, or blank.
    items: in order. conventions: what all of them share, in words: patients, exclusions, file, day, versions, methods.
    day: of the report, from the project or SOURCE_DATE_EPOCH, never the clock; None where neither says.
    cohort: all patients after edits; loaded: before them. filename, sha256: of the file of patients.
    smallest_cell: counts of fewer patients aren't told; 0 where all are. It is already applied to `thing`s, not to
        `computed`.
    project: its file's text. problems: what couldn't be made, in words.
    inspection: how the file was read, with the file itself, from which scripts read it again; None of a cohort that was
        made otherwise. edits: those that were made of `loaded`, in their order.
    whom: whom it is about, in words, where that is one patient; blank of a project's report.
    """

    title: str
    items: tuple[Item, ...]
    conventions: tuple[tuple[str, str], ...]
    cohort: Cohort
    loaded: Cohort
    filename: str
    sha256: str
    notice: str = ""
    day: date | None = None
    smallest_cell: int = 0
    project: str = ""
    problems: tuple[str, ...] = ()
    inspection: Inspection | None = field(default=None, repr=False)
    edits: tuple[Edit, ...] = ()
    whom: str = ""

    def named(self, names: Iterable[str]) -> tuple[Item, ...]:
        """The items of these names, in the report's order; all of them without a name.

        Raises:
            AnalysisError: there is none of a name.
        """
        asked = tuple(names)
        known = [item.name for item in self.items]
        if strange := [name for name in asked if name not in known]:
            raise AnalysisError(f"the report has no item '{strange[0]}'; there are {', '.join(known) or 'none'}")
        return tuple(item for item in self.items if not asked or item.name in asked)


@dataclass(frozen=True)
class Written:
    """A file that was made of a report, and what of the report isn't in it, in words."""

    content: bytes = field(repr=False)
    problems: tuple[str, ...] = ()
