"""A project: all that a person decided about a cohort, in one readable file without a patient's value.

    file of patients + project -> the same cohort, filters, choices, figures and numbers

`Project` is the file's content, `open_project` puts it on a file of patients, this year's or next year's.
"""

from necc.project.model import Choice, DataMark, Exhibit, Project, Subcohort, Unread
from necc.project.opening import (
    FittedProject,
    OpenedProject,
    belongs,
    fit_project,
    fitted,
    fitting_selection,
    open_for,
    open_project,
)
from necc.project.saving import filter_texts, mark_of, without_patients

__all__ = [
    "Choice", "DataMark", "Exhibit", "FittedProject", "OpenedProject", "Project", "Subcohort", "Unread", "belongs",
    "filter_texts", "fit_project", "fitted", "fitting_selection", "mark_of", "open_for", "open_project",
    "without_patients",
]  # fmt: skip
