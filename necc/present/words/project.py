"""What is said of a project: what it holds, what waits for its file, and what an exhibit shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from necc.core.text import joined, plural

if TYPE_CHECKING:  # every page needs this module, and none what projects are made of
    from necc.project import Exhibit, Project


def _parts(project: Project) -> list[str]:
    """What a project holds, counted."""
    counted = (
        (len(project.edits), "edit"), (len(project.filters), "filter"), (len(project.subcohorts), "named sub-cohort"),
        (len(project.choices), "choice"), (len(project.exhibits), "exhibit"), (len(project.recorded), "number"),
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
    return f"{plural(n, 'exhibit')} so far; the page Report lists them."


def described(exhibit: Exhibit) -> str:
    """What an exhibit shows, from which page, and of whom."""
    kinds = Counter("figure" if one.startswith("figures.") else "table" if one.startswith(("tables.", "checklist("))
                    else "text" for one in exhibit.shows)  # fmt: skip
    shown = joined([plural(n, kind) for kind, n in kinds.items()]) or ("a note" if exhibit.note else "a view")
    where = f", from {exhibit.page}" + (f", {exhibit.view.lower()}" if exhibit.view else "") if exhibit.page else ""
    note = ", with a note" if exhibit.note and exhibit.shows else ""
    return (
        shown + where + note + (f"; {plural(len(exhibit.filters), 'filter')}" if exhibit.filters else "; all patients")
    )


EXHIBITS_LEAD = (
    "A report is a list of exhibits, and part of the project. 'Add to report' beside any figure or table adds it, of "
    "the patients shown at that time; documents, slides and tables are made from the same results as the pages."
)
NO_EXHIBIT = (
    "Nothing is in the report yet. 'Add to report' stands beside every figure and table; 'Add the ready list' below "
    "adds the paper for this cohort."
)
READY = (
    "Flow diagram, Table 1, sites, survival by every site, Cox models alone and together, groups, response with each "
    "patient, Methods, REMARK and STROBE: of the patients shown, for the endpoint and groups that are chosen."
)
NOTE = "Text of your own, set as a paragraph where it stands in the list. Name no patient: it is handed on."
WITH_ROWS = (
    "Adds patients.csv: a row for each patient of the file as it was understood, without identifiers. Leave it off for "
    "what you hand on; it can't be had where small counts are hidden."
)
SCRIPT = (
    "Computes this exhibit's numbers from your file and compares each with the one shown here: R with survival and "
    "cmprsk, or Python with this program's package."
)
HIDE = (
    "In every file, counts of 1 patient up to one less than this, and what rests on them, are hidden: 5 and 10 are "
    "usual where a register asks for it. 0 hides none."
)
FILES_OLD = (
    "The exhibits, the patients or the edits have changed since these files were made; make them again to have that."
)
STOPPED = "Stopped: no file was made."
FILE_NAMES = {"docx": "Word", "pptx": "PowerPoint", "xlsx": "Excel"}
EVERYTHING = "Everything (ZIP)"
