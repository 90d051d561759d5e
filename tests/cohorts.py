"""Cohorts for tests: made of a few columns, and the shipped files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from necc.core.cohort import FLAG_LEVELS, Cohort, Source
from necc.core.dictionary import Dictionary, Endpoint, Variable, plain
from necc.core.text import natural
from necc.ingest import read_cohort

SAMPLES = Path(__file__).parent.parent / "sample_data"
Column = Sequence[object]
Sites = Mapping[str, Sequence[int]]
T = Endpoint("T", "Time", "entry", time="time", event="event")
EVENTS = ("event", "died", "recurred", "progressed")
WORDS = {0: "no", 1: "yes", "0": "no", "1": "yes", "no": "no", "yes": "yes"}


def cohort_of(
    columns: Mapping[str, Column],
    *,
    dictionary: Dictionary | None = None,
    variables: Sequence[Variable] = (),
    endpoints: Sequence[Endpoint] | None = None,
    sites: Sites | None = None,
) -> Cohort:
    """A cohort of these columns (None = missing), patient by patient.

    A column is what `variables` or the dictionary say. Any other is an event by its name (0/1), a number where it
    holds some, else a category with its levels in natural order, or in their own if it is a `pd.Categorical`. Without
    a dictionary there is the endpoint "T" on `time` and `event`. `sites` holds 1, 0 or -1 (not recorded) by organ.
    """
    base = dictionary or plain("Made")
    endpoints = (() if dictionary else (T,)) if endpoints is None else endpoints
    known = {**base.variables, **{v.name: v for v in variables}}
    used = {name: known.get(name) or _variable(name, values) for name, values in columns.items()}
    sites = sites or {}
    n = len(next(iter([*columns.values(), *sites.values()])))
    index = pd.RangeIndex(2, 2 + n, name="row")
    book = replace(
        base, variables={**base.variables, **used}, endpoints={**base.endpoints, **{e.name: e for e in endpoints}}
    )
    return Cohort(
        pd.DataFrame({name: _typed(used[name], values, index) for name, values in columns.items()}, index=index),
        book, Source("made.csv", "0" * 64, n), np.array(list(sites.values()), dtype=np.int8).reshape(len(sites), n).T,
        tuple(sites), book.default_scheme, "patient_id" if "patient_id" in columns else "",
    )  # fmt: skip


def necc_cohort(columns: Mapping[str, Column], sites: Sites | None = None) -> Cohort:
    """Columns of the NECC dictionary, and others."""
    return cohort_of(columns, dictionary=Dictionary.builtin("necc"), sites=sites)


def survival_cohort(
    time: Sequence[float | None],
    event: Sequence[float | None],
    *,
    factors: Mapping[str, Sequence[str | None]] | None = None,
    sites: Sites | None = None,
    unit: str = "months",
) -> Cohort:
    """The endpoint "T" in this unit, and categories."""
    endpoint = replace(T, unit=unit)
    return cohort_of({"time": time, "event": event, **(factors or {})}, endpoints=[endpoint], sites=sites)


def _missing(value: object) -> bool:
    return value is None or value != value


def _variable(name: str, values: Column) -> Variable:
    if name in EVENTS:
        return Variable(name, name, "event")
    if isinstance(values, pd.Categorical):
        return Variable(name, name, "category", levels=tuple(values.categories))
    if all(_missing(v) or isinstance(v, (int, float, np.number)) for v in values):
        return Variable(name, name, "number")
    levels = sorted({str(v) for v in values if not _missing(v)}, key=natural)
    return Variable(name, name, "category", levels=tuple(levels))


def _typed(variable: Variable, values: Column, index: pd.Index) -> pd.Series:
    if variable.kind == "number":
        return pd.Series([np.nan if v is None else float(v) for v in values], index=index, dtype=float)
    if variable.kind in ("flag", "event"):
        codes = [None if _missing(v) else WORDS[v] for v in values]
        return pd.Series(pd.Categorical(codes, FLAG_LEVELS), index=index)
    if variable.kind in ("category", "response"):
        given = [None if _missing(v) else str(v) for v in values]
        assert not variable.levels or set(given) - {None} <= set(variable.levels), variable.name
        return pd.Series(pd.Categorical(given, list(variable.levels)), index=index)
    if variable.kind == "date":
        return pd.Series(pd.to_datetime(list(values)), index=index)
    return pd.Series(list(values), index=index, dtype=object)


def from_sample(name: str) -> Cohort:
    """A shipped file."""
    return read_cohort(SAMPLES / name)


def table_5() -> Cohort:
    """The sixteen ICI patients that the paper prints."""
    return from_sample("paper_table5_ici.csv")
