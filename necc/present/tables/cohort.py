"""Tables of a cohort: what filters took away, findings in the file, stages of both editions, reporting checklists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from necc.analysis.staging import Restaging
from necc.core.cohort import Cohort
from necc.core.counts import ROWS
from necc.core.errors import AnalysisError, Finding
from necc.core.selection import AttritionStep
from necc.core.text import slug
from necc.present.tables.table import Table, makes_table
from necc.present.words.checklists import Checklist
from necc.present.words.notes import cohort as notes
from necc.present.words.phrases import sentence

# the column of the list of patients that puts the sites in words; with two blanks, so that no file's column is it
SITES = "recurrence  sites"


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


def patient_list(cohort: Cohort, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The patients of a cohort, a row each, with an identifier first; None where a value, or every site, isn't
    recorded.

    columns: by their names, as `patient_columns` has them; without, filters of the dictionary, endpoints and sites.

    Raises:
        AnalysisError: the cohort is one of counts, which has no rows.
    """
    if cohort.patients is not None:
        raise AnalysisError(f"a list of patients needs {ROWS}")
    labels = patient_columns(cohort.whole)
    shown: dict[str, object] = {"Patient": list(cohort.ids)}
    for name in usual_columns(cohort) if columns is None else columns:
        title = labels.get(name, name)
        shown[title if title not in shown else name] = (
            _sites(cohort) if name == SITES else cohort.column(name).to_numpy()
        )
    return pd.DataFrame(shown)


def usual_columns(cohort: Cohort) -> tuple[str, ...]:
    """What the list of patients has unless others are chosen."""
    known = cohort.dictionary
    endpoints = [known.endpoints[name] for name in cohort.endpoint_names()]
    times = [name for e in endpoints for part in e.parts for name in (part.time, part.event)]
    named = [name for section in known.panel for name in section.names]
    shown = [name for name in dict.fromkeys((*named, *times)) if name in cohort.columns]
    shown += [] if len(shown) > 3 else [name for name in cohort.columns if name not in shown][:12]
    return (*shown, *([SITES] if cohort.site_names else []))


def patient_columns(cohort: Cohort) -> dict[str, str]:
    """What the list of patients can have, with the words of its headings: the file's columns, and its sites in one."""
    known = cohort.dictionary.variables
    names = (name for name in cohort.columns if name != cohort.id_column)
    columns = {name: known[name].title() if name in known else name for name in names}
    return columns | ({SITES: "Sites"} if cohort.site_names else {})


def _sites(cohort: Cohort) -> list[str | None]:
    """Each patient's sites in words; None where none is recorded."""
    labels = [cohort.site_label(site) for site in cohort.site_names]
    return [
        ", ".join(label for label, there in zip(labels, row, strict=True) if there == 1) if max(row) >= 0 else None
        for row in cohort.site_matrix
    ]


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


@makes_table
def restaging_table(result: Restaging) -> Table:
    """Stages of 2009 or 2014 down, the recorded stages of 2018 across."""
    return _crossed("FIGO 2009 or 2014 (rows) and 2018 (columns)", "restaging", result.before, result.after,
                    result.counts, "Not recorded", result.unrecorded,
                    notes.restaging_table(result))  # fmt: skip


@makes_table
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


COLUMNS = ("Item", "What is asked", "From this analysis", "To be filled by you")


def checklist_table(result: Checklist) -> Table:
    """Each item with what it asks, what the analysis knows, and what is left to the authors."""
    rows = tuple((f"{a.number} {a.section}", a.asks, a.known, sentence(a.to_do)) for a in result.answers)
    return Table(
        result.title, slug(f"{result.name}-checklist"), COLUMNS, rows, (f"{result.progress} {result.reference}",),
        text_columns=(1, 2, 3),
    )  # fmt: skip
