"""Small cohorts made in a test: columns, and what the dictionary would know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from necc.cohort import Cohort, Source
from necc.dictionary import Dictionary, Endpoint, Variable, plain


def made_cohort(
    columns: Mapping[str, Sequence[object]],
    *,
    sites: Mapping[str, Sequence[int]] | None = None,
    endpoints: Sequence[Endpoint] = (Endpoint("T", "Time", "entry", time="time", event="event"),),
    variables: Sequence[Variable] = (),
    dictionary: Dictionary | None = None,
) -> Cohort:
    """A cohort of these columns: 0/1 lists named `event`, `died`, `recurred` are events, text columns categories.

    `sites` holds a 0/1/-1 column a site. Variables of a given dictionary keep their definitions.
    """
    base = dictionary or plain("Made")
    known = {v.name: v for v in variables}
    table, extra = {}, {}
    for name, values in columns.items():
        series = pd.Series(list(values))
        variable = known.get(name) or base.variables.get(name) or _variable(name, series)
        extra[name] = variable
        table[name] = _typed(series, variable)
    endpoints = () if dictionary else endpoints
    book = replace(
        base, variables={**base.variables, **extra}, endpoints={**base.endpoints, **{e.name: e for e in endpoints}}
    )
    frame = pd.DataFrame(table)
    frame.index = range(2, len(frame) + 2)
    names = tuple(sites or ())
    organs = (
        np.column_stack([np.asarray(c, np.int8) for c in sites.values()])
        if sites
        else np.zeros((len(frame), 0), np.int8)
    )
    return Cohort(frame, book, Source("made.csv", "0" * 64, len(frame)), organs, names, book.default_scheme)


def _variable(name: str, series: pd.Series) -> Variable:
    if name in ("event", "died", "recurred", "progressed"):
        return Variable(name, name, "event")
    if pd.api.types.is_numeric_dtype(series):
        return Variable(name, name, "number")
    return Variable(name, name, "category", levels=tuple(sorted(series.dropna().astype(str).unique())))


def _typed(series: pd.Series, variable: Variable) -> pd.Series:
    if variable.kind in ("event", "flag"):
        words = series.map({0: "no", 1: "yes", "no": "no", "yes": "yes"})
        return pd.Series(pd.Categorical(words, categories=["no", "yes"]))
    if variable.kind == "number":
        return series.astype(float)
    if variable.kind == "category":
        return pd.Series(pd.Categorical(series, categories=list(variable.levels)))
    return series
