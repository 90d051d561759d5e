"""Cohorts of the NECC dictionary for tests of single analyses: a few columns by hand, and the shipped files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from necc.cohort import FLAG_LEVELS, Cohort, Source
from necc.dictionary import Dictionary, Variable
from necc.ingest import read_cohort

SAMPLES = Path(__file__).parent.parent / "sample_data"
Column = Sequence[object]


def build(columns: Mapping[str, Column], sites: Mapping[str, Sequence[int]] | None = None) -> Cohort:
    """Typed columns by the dictionary (None = missing); `sites` gives organs as 1, 0 or -1 a patient.

    Columns the dictionary doesn't know become categories, or numbers where they hold some.
    """
    dictionary = Dictionary.builtin("necc")
    extra = {}
    for name, values in columns.items():
        if name not in dictionary.variables:
            number = all(v is None or isinstance(v, (int, float)) for v in values)
            levels = () if number else tuple(dict.fromkeys(str(v) for v in values if v is not None))
            extra[name] = Variable(name, name, "number" if number else "category", levels=levels)
    dictionary = dictionary.with_variables(extra)
    sites = sites or {}
    n = len(next(iter([*columns.values(), *sites.values()])))
    index = pd.RangeIndex(2, 2 + n, name="row")
    data = {name: _typed(dictionary.variables[name], values, index) for name, values in columns.items()}
    organs = np.array(list(sites.values()), dtype=np.int8).reshape(len(sites), n).T
    return Cohort(
        pd.DataFrame(data, index=index), dictionary, Source("by hand", "0" * 64, n), organs, tuple(sites),
        dictionary.default_scheme, "patient_id" if "patient_id" in columns else "",
    )  # fmt: skip


def _typed(variable: Variable, values: Column, index: pd.Index) -> pd.Series:
    if variable.kind == "number":
        return pd.Series([np.nan if v is None else float(v) for v in values], index=index, dtype=float)
    if variable.kind in ("flag", "event"):
        words = {1: "yes", 0: "no", "1": "yes", "0": "no", None: None, "yes": "yes", "no": "no"}
        return pd.Series(pd.Categorical([words[v] for v in values], FLAG_LEVELS), index=index)
    if variable.kind in ("category", "response"):
        levels = variable.levels or tuple(dict.fromkeys(v for v in values if v is not None))
        return pd.Series(pd.Categorical(list(values), list(levels)), index=index)
    return pd.Series(list(values), index=index, dtype=object)


def from_sample(name: str) -> Cohort:
    """A shipped file."""
    return read_cohort(SAMPLES / name)


def table_5() -> Cohort:
    """The sixteen ICI patients that the paper prints."""
    return from_sample("paper_table5_ici.csv")


def no_nan(value: object) -> bool:
    """Whether a JSON-ready value holds neither NaN nor infinities nor anything JSON can't say."""
    if isinstance(value, dict):
        return all(isinstance(k, str) and no_nan(v) for k, v in value.items())
    if isinstance(value, list):
        return all(map(no_nan, value))
    if isinstance(value, float):
        return bool(np.isfinite(value))
    return value is None or isinstance(value, (str, int, bool))
