"""Patients by conditions as people write them in Python: texts, levels by keyword, masks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from necc.core.cohort import NO_MASK, Cohort
from necc.core.errors import NeedsRows, SelectionError
from necc.core.selection import Condition, Group, Selection, is_a_number
from necc.core.text import shorten

Level: TypeAlias = "str | int | float | bool | None"
Mask: TypeAlias = "np.ndarray | pd.Series | list[bool]"
ByName: TypeAlias = "Mapping[str, Level | Iterable[Level]]"
Chosen: TypeAlias = "str | Condition | Group | Selection | Mask | ByName | Callable[[pd.DataFrame], Mask]"
"""What says who stays."""

SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "==": "="}
FIRST_SIGN = re.compile(r"[^=<>≥≤≠!]*(==|≥|≤|≠)")
JOINED = re.compile(r"[=<>].*(\band\b|\bor\b|&|\|\||\|).*[=<>]", re.IGNORECASE | re.DOTALL)

A_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
OF_DATES = "filter dates by a mask, such as cohort.where(lambda table: table['date'] > '2020-01-10')"


def where(cohort: Cohort, /, *conditions: Chosen, **levels: Level | Iterable[Level]) -> Cohort:
    """The patients of whom all conditions are known to hold.

    Args:
        cohort: the patients.
        conditions: texts in the language of `Selection.parse`, such as "age_years > 50", "histology != large cell" or
            "any(site:lung=with; site:bone=with)"; a `Selection`; a mask, True or False a patient (a Series by its
            index); a function of `cohort.table` that gives one; levels by name, for names that are no keywords.
        levels: by name, the level or the levels that stay; True and False for yes and no or with and without, a number
            for its value, None for those without a value.

    Raises:
        SelectionError: a text of another form, or a name or level that the cohort doesn't have.
        AnalysisError: a mask of another length, index or type.

    Example:
        >>> len(where(cohort, "age_years > 50", figo_stage=["III", "IVA"])), len(where(cohort, {"site:lung": True}))
        (9, 34)
    """
    parts: list[tuple[Condition | Group, str]] = []
    _check_source(cohort, conditions)
    mask = np.ones(len(cohort), dtype=bool)
    for condition in (*conditions, levels):
        if callable(condition):
            condition = condition(cohort.table)
        if isinstance(condition, str):
            parts += [(part, condition) for part in _of_text(cohort, condition)]
        elif isinstance(condition, Condition | Group):
            parts.append((condition, ""))
        elif isinstance(condition, Selection):
            parts += [(part, "") for part in condition.parts()]
        elif isinstance(condition, Mapping):
            for name, allowed in condition.items():
                if cohort.behind is None and (held := _of_numbers(cohort, name, allowed)) is not None:
                    mask &= held
                else:
                    parts.append((_of_levels(name, allowed), ""))
        else:
            mask &= cohort.aligned(_mask(condition))
    for part, text in parts:
        try:
            mask &= part.mask(cohort)
        except SelectionError as error:
            told = str(error).replace(f"filter '{part_of(part)}'", f"filter '{text}'", 1) if text else str(error)
            raise SelectionError(f"{told}{_joined(text)}", error.told) from None
    if cohort.behind is not None:
        alone = tuple(part for part, _ in parts if isinstance(part, Condition))
        selection = Selection(alone, tuple(part for part, _ in parts if isinstance(part, Group)))
        return cohort.narrowed(selection) if selection else cohort
    return cohort.subset(mask)


def _check_source(cohort: Cohort, conditions: Iterable[object]) -> None:
    """Raises AnalysisError for a mask where a source of counts applies the filters."""
    words = (str, Condition, Group, Selection, Mapping)
    if cohort.behind is not None and not all(isinstance(condition, words) for condition in conditions):
        raise NeedsRows(NO_MASK)


def part_of(part: Condition | Group) -> Condition | Group:
    """What an error tells of: the condition where a group, such as that of `!=`, has only one."""
    return part.conditions[0] if isinstance(part, Group) and len(part.conditions) == 1 else part


def _mask(condition: object) -> Any:
    """What may be a mask; what can't be one is told by what it is."""
    if isinstance(condition, list | tuple) and condition and all(isinstance(part, str) for part in condition):
        raise SelectionError("conditions are given one by one, not as a list; write where('a=1', 'b=2')")
    if not isinstance(condition, np.ndarray | pd.Series | pd.api.extensions.ExtensionArray | list | tuple):
        raise SelectionError(
            f"{shorten(repr(condition))} is no condition: give a text such as 'age_years > 50', levels by name, or a "
            "mask of True and False"
        )
    return condition


def _of_text(cohort: Cohort, text: str) -> tuple[Condition | Group, ...]:
    plain = text
    if match := FIRST_SIGN.match(text):
        plain = f"{text[: match.start(1)]}{SIGNS[match[1]]}{text[match.end(1) :]}"
    read = _unquoted(plain)
    try:
        return Selection.parse([read], [*cohort.columns]).parts()
    except SelectionError as error:
        told = str(error)
        for as_read in (read, _as_named(read, cohort)):
            told = told.replace(f"filter '{as_read}'", f"filter '{text}'", 1)
        how = _joined(text) or (f"; {OF_DATES}" if A_DATE.search(text) else "")
        raise SelectionError(f"{told}{how}", error.told) from None


def _as_named(text: str, cohort: Cohort) -> str:
    """A condition as one on a known column is told: without the blank after its name."""
    name = next((name for name in sorted(cohort.columns, key=len, reverse=True) if text.strip().startswith(name)), "")
    return f"{name}{text.strip().removeprefix(name).lstrip()}"


def _unquoted(text: str) -> str:
    """Without the quotes round a level, as `stage == 'III'` has them."""
    return re.sub(r"(?<=[=,])(\s*)(['\"])([^'\",]*)\2(?=\s*(?:,|$))", r"\1\3", text)


def _joined(text: str) -> str:
    """What to do with conditions that a text joins by a word."""
    return "; give each condition as a text of its own, or any(a=1; b=2) for either" if JOINED.search(text) else ""


def _of_numbers(cohort: Cohort, name: str, allowed: object) -> np.ndarray | None:
    """Who has one of several numbers, for a column that holds numbers; None for any other."""
    if isinstance(allowed, str) or not isinstance(allowed, Sequence | np.ndarray | pd.Series | pd.Index | Set):
        return None
    values = list(allowed)
    known = [value for value in values if not _is_missing(value)]
    numbers = [v for v in known if isinstance(v, int | float | np.number) and not isinstance(v, bool)]
    name = cohort.name_of(name)
    if not known or len(numbers) < len(known) or not is_a_number(cohort, name):
        return None
    found = cohort.number(name)
    return np.asarray(np.isin(found, np.array(numbers, dtype=float)) | (np.isnan(found) & (len(known) < len(values))))


def _of_levels(name: str, allowed: Level | Iterable[Level]) -> Condition:
    several = [allowed] if isinstance(allowed, str) or not isinstance(allowed, Iterable) else list(allowed)
    if not several:
        raise SelectionError(f"'{name}' is given no level; name one or several")
    known = [value for value in several if not _is_missing(value)]
    return Condition(name, tuple(dict.fromkeys(map(_word, known))), keep_missing=len(known) < len(several))


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _word(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.number):
        return format(value, ".12g")
    if isinstance(value, str):
        return value
    if isinstance(value, date | np.datetime64):
        raise SelectionError(f"a date is no level: {OF_DATES}")
    raise SelectionError(f"{shorten(repr(value))} is no level: give a text, a number, True, False or None")
