"""Cohorts made of a few arrays, for tests that don't read a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from necc.cohort import Cohort, Source
from necc.dictionary import Endpoint, Organ, SiteScheme, Variable, plain
from necc.ingest.columns import natural


def small_cohort(
    time: Sequence[float],
    event: Sequence[float],
    *,
    factors: Mapping[str, Sequence[str | None]] | None = None,
    sites: Mapping[str, Sequence[int]] | None = None,
    unit: str = "months",
) -> Cohort:
    """A cohort with one endpoint "T", categories, and site columns (1, 0, -1 for not recorded)."""
    n = len(time)
    index = pd.RangeIndex(2, n + 2, name="row")
    known = np.array([np.nan if e is None else e for e in event], dtype=float)
    codes = np.where(np.isnan(known), -1, known).astype(int)
    columns: dict[str, object] = {
        "t": np.array([np.nan if t is None else t for t in time], dtype=float),
        "e": pd.Categorical.from_codes(codes, categories=("no", "yes")),
    }
    variables = {
        "t": Variable("t", "Time", "number", unit=unit),
        "e": Variable("e", "Event", "event", levels=("no", "yes")),
    }
    for name, values in (factors or {}).items():
        levels = tuple(sorted({v for v in values if v is not None}, key=natural))
        columns[name] = pd.Categorical(values, categories=levels)
        variables[name] = Variable(name, name.capitalize(), "category", levels=levels)
    names = tuple(sites or {})
    organs = (
        np.column_stack([np.asarray(v, dtype=np.int8) for v in sites.values()]) if sites else np.zeros((n, 0), np.int8)
    )
    base = plain()
    dictionary = type(base)(
        "test", "Test", variables, {"T": Endpoint("T", "Time to event", "origin", unit, "", "t", "e")}, {},
        {"as_given": SiteScheme("as_given", "As given", {s: (s,) for s in names}, {s: s.capitalize() for s in names})},
        {s: Organ(s, s.capitalize()) for s in names},
    )  # fmt: skip
    table = pd.DataFrame(columns, index=index)
    return Cohort(table, dictionary, Source("test.csv", "0" * 64, n), organs, names, dictionary.default_scheme)
