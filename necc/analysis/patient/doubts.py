"""What can't be true of a patient, by the dictionary's rules: impossible orders, and columns that contradict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from necc.core.cohort import Cohort
from necc.core.dictionary import DAYS_PER_MONTH, DAYS_PER_UNIT, RESPONSES, Told, Variable, VariableKind
from necc.core.selection import positions
from necc.core.text import joined

AGREE = DAYS_PER_MONTH * (1 + 1e-9)  # days: durations that differ by a month at most agree, as where a file is read
RANK = {level: place for place, level in enumerate(RESPONSES[:4])}


@dataclass(frozen=True)
class Doubt:
    """Something that can't be, in words, and the columns that it is about."""

    text: str
    columns: tuple[str, ...]


def doubts(cohort: Cohort) -> list[list[Doubt]]:
    """What can't be of each patient, in the order of the cohort.

    Dates and durations in an impossible order, a best response worse than the final one, a value that another column
    denies, parts that last longer than the whole, an endpoint that would end before it starts, and a whole time that
    isn't the sum of its parts.

    Example:
        >>> [doubt.text for found in doubts(cohort) for doubt in found]
        ['Best response worse than final response']
    """
    whole, key = cohort.whole, ("doubts",)
    if key not in whole._cache:  # asked of one patient after another
        whole._cache[key] = _of_all(whole)
    every: list[list[Doubt]] = whole._cache[key]
    return [[*every[place]] for place in (positions(cohort) - 1).tolist()]


def _of_all(cohort: Cohort) -> list[list[Doubt]]:
    found: list[list[Doubt]] = [[] for _ in range(len(cohort))]
    known, table = cohort.dictionary, cohort.table
    for first, then in known.order:
        _add(found, *_order(cohort, table, first, then))
    for better, worse in known.ranked:
        if _are(cohort, ("response",), better, worse):
            best, last = (table[c].astype(object).map(RANK).to_numpy(dtype=float) for c in (better, worse))
            text = f"{_label(cohort, better)} worse than {_label(cohort, worse, False)}"
            _add(found, last < best, text, (better, worse))
    for told, needed in known.needs:
        if cohort.has(told.name) and cohort.has(needed.name):
            text = f"{_label(cohort, told.name)} recorded, but {_label(cohort, needed.name, False)} says otherwise"
            _add(found, _denied(cohort, table, told, needed), text, (told.name, needed.name))
    for *parts, whole in known.within:
        if _durations(cohort, *parts, whole):
            days = [_days(cohort, table, name) for name in (*parts, whole)]
            labels = joined([_label(cohort, name, i == 0) for i, name in enumerate(parts)])
            text = f"{labels} together last longer than {_label(cohort, whole, False)}"
            _add(found, sum(days[:-1]) - days[-1] > AGREE, text, (parts[-1], whole))
    for name in known.endpoints:
        _endpoint(found, cohort, table, name)
    return found


def _endpoint(found: list[list[Doubt]], cohort: Cohort, table: pd.DataFrame, name: str) -> None:
    endpoint = cohort.dictionary.endpoints[name]
    if cohort.endpoint_lacks(name):
        return
    columns = (*endpoint.columns, *endpoint.event_dates)
    _add(found, cohort.ends_before_start(name), f"{endpoint.label} would end before it starts", columns)
    text = f"{endpoint.label}: the event is dated after the last follow-up"
    _add(found, cohort.event_after_end(name), text, columns)
    if endpoint.time and endpoint.sum_of and _durations(cohort, endpoint.time, *endpoint.sum_of):
        gap = _days(cohort, table, endpoint.time) - sum(_days(cohort, table, part) for part in endpoint.sum_of)
        parts = joined([_label(cohort, part, i == 0) for i, part in enumerate(endpoint.sum_of)])
        text = f"{parts} don't add up to {_label(cohort, endpoint.time, False)}"
        _add(found, np.abs(gap) > AGREE, text, (endpoint.time,))


def _order(cohort: Cohort, table: pd.DataFrame, first: str, then: str) -> tuple[np.ndarray, str, tuple[str, ...]]:
    text, columns = f"{_label(cohort, then)} before {_label(cohort, first, False)}", (first, then)
    if _are(cohort, ("date",), first, then):
        return (table[then] < table[first]).to_numpy(), text, columns
    if _durations(cohort, first, then):
        text = f"{_label(cohort, then)} shorter than {_label(cohort, first, False)}"
        return _days(cohort, table, then) < _days(cohort, table, first), text, columns
    return np.zeros(len(cohort), dtype=bool), text, columns


def _denied(cohort: Cohort, table: pd.DataFrame, told: Told, needed: Told) -> np.ndarray:
    """Who has what a rule speaks of, while the other column says no, 0 or another level."""
    known = cohort.dictionary.variables
    values, others = table[told.name], table[needed.name]
    if told.levels:
        given = values.isin(told.levels)
    elif known[told.name].kind in ("flag", "event"):
        given = values == "yes"
    else:
        given = values > 0 if _counts(known[told.name]) else values.notna()
    if needed.levels:
        denied = others.notna() & ~others.isin(needed.levels)
    elif known[needed.name].kind in ("flag", "event"):
        denied = others == "no"
    else:
        denied = others == 0 if _counts(known[needed.name]) else pd.Series(False, index=others.index)
    result: np.ndarray = (given & denied).to_numpy(dtype=bool)
    return result


def _add(found: list[list[Doubt]], wrong: np.ndarray, text: str, columns: tuple[str, ...]) -> None:
    for place in np.flatnonzero(wrong).tolist():
        found[place].append(Doubt(text, columns))


def _are(cohort: Cohort, kinds: tuple[VariableKind, ...], *names: str) -> bool:
    known = cohort.dictionary.variables
    return all(cohort.has(name) and known[name].kind in kinds for name in names)


def _durations(cohort: Cohort, *names: str) -> bool:
    known = cohort.dictionary.variables
    return _are(cohort, ("number",), *names) and all(known[name].unit in DAYS_PER_UNIT for name in names)


def _days(cohort: Cohort, table: pd.DataFrame, name: str) -> np.ndarray:
    values: np.ndarray = table[name].to_numpy(dtype=float) * DAYS_PER_UNIT[cohort.dictionary.variables[name].unit]
    return values


def _counts(variable: Variable) -> bool:
    """Whether a number counts something, so that 0 is none of it: cycles, not months."""
    return variable.kind == "number" and variable.unit not in DAYS_PER_UNIT


def _label(cohort: Cohort, name: str, first: bool = True) -> str:
    """A column's label, as it stands in a sentence: abbreviations keep their capitals."""
    label = cohort.dictionary.variables[name].label
    return label if first or label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"
