"""Next year's data: what changed between the file that a project was made from and the one it is put on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from necc.analysis.changed import EndpointChange, FileChanges, compare_files
from necc.analysis.recorded import NumberComparison, Recorded, compare_numbers, record_numbers
from necc.core.cohort import Cohort
from necc.core.result import Result
from necc.present import tables
from necc.present.tables import Table
from necc.present.words.changed import NO_FILE, summary
from necc.present.words.reading import reading
from necc.project import OpenedProject, Project

__all__ = ["Changes", "changes", "changes_of"]


@dataclass(frozen=True, eq=False)
class Changes(Result):
    """Patients and numbers, before and now.

    files: both files of patients; without the earlier one what the project kept of it. numbers: each as it was and is.
    """

    files: FileChanges
    numbers: NumberComparison

    def sentences(self) -> tuple[str, ...]:
        """What changed, in words."""
        return (*summary(self.files), *reading(self.numbers))

    def tables(self, all_numbers: bool = False) -> tuple[Table, ...]:
        """Patients, events, values and numbers; those without a row are left out.

        all_numbers: with the numbers that are the same.
        """
        made = (tables.changed_patients(self.files), tables.changed_endpoints(self.files),
                tables.changed_columns(self.files), tables.compared(self.numbers, all_numbers))  # fmt: skip
        return tuple(table for table in made if table.rows)


def changes(opened: OpenedProject, earlier: Cohort | None = None) -> Changes:
    """What changed since a project was made.

    Args:
        opened: the project on the newer file.
        earlier: the patients of the older file, read, edited and filtered by the same project; without it counts come
            from the numbers that the project kept, and who came and went isn't known.

    Raises:
        ValueError: the newer file couldn't be read.
        AnalysisError: the two files are read by different dictionaries.

    Example:
        >>> text = Project("Lung", filters=("site:lung=with",)).to_toml()
        >>> opened = open_project(Project.from_toml(text)[0], "cohort.csv")
        >>> changes(opened, opened.filtered).files.followed.n_both
        88
    """
    if opened.filtered is None:
        raise ValueError("the newer file couldn't be read; see the findings of its inspection")
    return changes_of(opened.project, opened.filtered, opened.numbers(), earlier)


def changes_of(
    project: Project, now: Cohort, numbers: tuple[Recorded, ...], earlier: Cohort | None = None
) -> Changes:  # fmt: skip
    """The same, of filtered patients and their recorded numbers.

    Example:
        >>> changes_of(Project(), cohort, record_numbers(cohort), cohort).numbers.counts["changed"]
        0
    """
    before = project.recorded
    if not before and earlier is not None:
        before = record_numbers(earlier, by=project.recorded_by or None, smallest=project.smallest_cell)
    files = compare_files(earlier, now) if earlier is not None else _kept(project, now)
    return Changes(files, compare_numbers(before, numbers, project.smallest_cell, _names(project, before, numbers,
                                                                                        earlier, now)))  # fmt: skip


def _names(
    project: Project, before: tuple[Recorded, ...], numbers: tuple[Recorded, ...], earlier: Cohort | None, now: Cohort
) -> tuple[set[str], set[str]] | None:
    """The names of all numbers of both files, those of few among them; None where that isn't known, or nobody asks."""
    kept = [{number.name for number in some} for some in (before, numbers)]
    if earlier is None or project.smallest_cell <= 1 or kept[0] == kept[1]:
        return None
    by = project.recorded_by or None
    return kept[0] | _all(earlier, by), kept[1] | _all(now, by)


def _all(cohort: Cohort, by: str | None) -> set[str]:
    return {number.name for number in record_numbers(cohort, by=by)}


def _kept(project: Project, now: Cohort) -> FileChanges:
    """What a project kept of its file: how many patients and events."""
    known = {number.name: number.value for number in project.recorded}
    shown = known.get("patients")
    return FileChanges(project.data.n_patients, now.whole.n_patients, int(shown) if shown is not None else None,
                       now.n_patients, tuple(_endpoints(known, now)), why=NO_FILE)  # fmt: skip


def _endpoints(known: dict[str, float | None], now: Cohort) -> Iterator[EndpointChange]:
    for name in now.endpoint_names():
        outcome = now.endpoint(name)
        counts = (known.get(f"{name}/n"), known.get(f"{name}/events"))
        if counts != (None, None):
            n, events = (None if value is None else int(value) for value in counts)
            yield EndpointChange(name, outcome.label, outcome.unit, n, int(outcome.valid.sum()), events,
                                 int((outcome.event & outcome.valid).sum()))  # fmt: skip
