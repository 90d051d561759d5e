"""What is said of a project: what it holds, what waits for its file, and what a kept view shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from necc.core.text import joined, plural

if TYPE_CHECKING:  # every page needs this module, and none what projects are made of
    from necc.project import Exhibit, Project


def _parts(project: Project) -> list[str]:
    """What a project holds, counted."""
    counted = (
        (len(project.edits), "edit"), (len(project.filters), "filter"), (len(project.subcohorts), "named sub-cohort"),
        (len(project.choices), "choice"), (len(project.exhibits), "kept view"), (len(project.recorded), "number"),
    )  # fmt: skip
    return [plural(n, what) for n, what in counted if n]


def holds(project: Project) -> str:
    """`It holds the meaning of 24 columns, 2 edits and 1 filter.`"""
    columns = len(project.mapping.columns) if project.mapping else 0
    parts = [*([f"the meaning of {plural(columns, 'column')}"] if columns else []), *_parts(project)]
    return f"It holds {joined(parts)}." if parts else "It holds no decision yet: nothing was chosen or edited."


def waiting(project: Project) -> str:
    """What comes back with a project's file."""
    name = f"'{project.title}'" if project.title else "Your last session's project"
    file = project.data.filename or "its file"
    parts = joined(_parts(project)) or "what its columns mean"
    return (
        f"{name} waits for {file}: load that file, or a newer one like it, and {parts} are back. The file itself is "
        "nowhere kept."
    )


def does_not_fit(n: int) -> str:
    do, are = ("does", "is") if n == 1 else ("do", "are")
    what = f"{plural(n, 'part')} of the project {do}n't fit this file"
    return f"{what}, and {are} kept for one that fits; see Data, 'Project'."


def kept_so_far(n: int) -> str:
    return f"{plural(n, 'view')} kept so far; the page Report lists them."


def described(exhibit: Exhibit) -> str:
    """Which page a kept view is of, and of whom."""
    of = exhibit.page + (f", {exhibit.view.lower()}" if exhibit.view else "")
    return of + (f"; {plural(len(exhibit.filters), 'filter')}" if exhibit.filters else "; all patients")
