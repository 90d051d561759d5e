"""Files that go out: a template to fill, the data dictionary, and a cohort as CSV that reads back the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import pandas as pd

from necc.core.cohort import Cohort
from necc.core.dictionary import Dictionary, Variable
from necc.core.text import spreadsheet_safe

SYNTHETIC_COLUMN = "synthetic"  # yes in each row of patients who are made up; understood, and no variable


def to_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of text as CSV that Excel opens with its letters whole; formulas are neutralised."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([spreadsheet_safe(cell) for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def template_csv(dictionary: Dictionary) -> bytes:
    """A header row with every variable of the dictionary."""
    return to_csv([list(dictionary.variables)])


def dictionary_csv(dictionary: Dictionary) -> bytes:
    """The data dictionary: a row for each variable with its meaning, unit and what it may hold."""
    head = ["name", "label", "section", "kind", "unit", "allowed", "known_at", "other_names", "help"]
    return to_csv([head, *(_row(v) for v in dictionary.variables.values())])


def _row(variable: Variable) -> list[str]:
    allowed = {
        "flag": "yes, no (or 1, 0)", "event": "yes, no (or 1, 0)", "date": "year-month-day",
        "sites": "names of sites or organs, separated by ;", "identifier": "unique in the file",
    }.get(variable.kind, "; ".join(variable.levels))  # fmt: skip
    if variable.kind == "number":
        ends = (variable.minimum, variable.maximum)
        allowed = " to ".join("" if end is None else format(end, "g") for end in ends).strip()
    return [
        variable.name, variable.label, variable.section, variable.kind, variable.unit, allowed, variable.starts_at,
        "; ".join(variable.aliases), variable.help,
    ]  # fmt: skip


def cohort_csv(cohort: Cohort) -> bytes:
    """The typed patients of a cohort; read again, they are the same cohort, and synthetic ones still say so."""
    data = cohort.data
    columns = [[name, *_texts(data[name])] for name in data.columns]
    if cohort.source.notice:
        columns.append([SYNTHETIC_COLUMN, *["yes"] * len(data)])
    return to_csv(zip(*columns, strict=True))


def _texts(column: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(column):
        return ["" if pd.isna(v) else v.strftime("%Y-%m-%d") for v in column]
    if pd.api.types.is_float_dtype(column):
        return ["" if pd.isna(v) else repr(float(v)).removesuffix(".0") for v in column]
    return ["" if pd.isna(v) else str(v) for v in column]
