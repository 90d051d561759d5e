"""A new variable from a formula."""

from __future__ import annotations

import numpy as np
import pandas as pd

from necc.core.cohort import FLAG_LEVELS, Cohort
from necc.core.dictionary import Variable, VariableKind
from necc.core.edits.formula import Formula, FormulaError, undefined_told
from necc.core.edits.making import (
    Made,
    Misfit,
    Names,
    categorical,
    counted,
    proper_levels,
    stage_of,
    unlike_endpoints,
    with_column,
)
from necc.core.edits.steps import Derive
from necc.core.text import format_number

KINDS: dict[str, VariableKind] = {"number": "number", "yes/no": "flag", "text": "category", "date": "date"}


def derive(cohort: Cohort, edit: Derive, names: Names) -> Made:
    """Adds a column: a number, yes or no, a category with levels in the order of the formula, or a date."""
    name = names.free(edit.name, "variable")
    unlike_endpoints(cohort, name, edit.label)
    try:
        formula = Formula(edit.formula, cohort)
    except FormulaError as problem:
        raise Misfit(f"its formula, {problem}") from None
    if not all(level.strip() for level in formula.levels):
        raise Misfit("its formula gives a level without a name; write missing for no value")
    proper_levels(formula.levels)
    value = formula.value()
    levels = FLAG_LEVELS if formula.kind == "yes/no" else formula.levels
    variable = Variable(
        name, edit.label.strip() or name, KINDS[formula.kind], unit=edit.unit if formula.kind == "number" else "",
        levels=levels if formula.kind == "text" else (), starts_at=stage_of(cohort, formula.sources),
        made_of=formula.sources,
    )  # fmt: skip
    if value.missing.all():
        raise Misfit("its formula gives nobody a value")
    names.take(name)
    undefined = int((value.undefined & value.missing).sum())
    if levels:
        column, told = categorical(value.data, levels, cohort.index), counted(levels, value.data)
    else:
        column, told = _numbers(value.data, formula.kind, cohort.index)
    return Made(with_column(cohort, variable, column), told, undefined_told(undefined))


def _numbers(data: np.ndarray, kind: str, index: pd.Index) -> tuple[pd.Series, str]:
    """A column of numbers or dates, and how many there are."""
    known = ~np.isnan(data)
    n, missing = int(known.sum()), int((~known).sum())
    lost = f", not recorded {missing:,}" if missing else ""
    if kind == "number":
        return pd.Series(
            data, index=index
        ), f"a number for {n:,} (median {format_number(float(np.median(data[known])))}){lost}"
    days = np.where(known, data, 0).astype(np.int64).astype("datetime64[D]").astype("datetime64[ns]")
    return pd.Series(np.where(known, days, np.datetime64("NaT", "ns")), index=index), f"a date for {n:,}{lost}"
