"""A data frame of pandas, polars or pyarrow as a raw table: the same text as a file with its cells would hold.

Nothing goes through a file. Categories keep their order, and a row is told by the label of the index where that is a
whole number, so that a finding on row 7 is about `df.loc[7]`, and a mask of the frame selects patients of the cohort.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as Mapping_
from dataclasses import replace
from datetime import date, timedelta
from datetime import time as clock
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import numpy as np
import pandas as pd

from necc.core.dictionary import DAYS_PER_UNIT
from necc.core.errors import CohortError, Finding, in_python
from necc.core.native import native
from necc.core.text import for_xml, plural, shorten, with_article
from necc.ingest.distinct import Words
from necc.ingest.naming import OwnColumns, unit_said
from necc.ingest.parquet import in_zones
from necc.ingest.raw import MAX_COLUMNS, RawColumn, RawTable, cell_text, fail, is_typed, table, too_many_columns
from necc.ingest.statistical import MAX_CELLS, Order, own_order, short_text

KIND = "data frame"
PLAIN = (str, int, float, np.generic, Decimal, date, clock, timedelta, pd.Period, pd.Interval, UUID)
SEVERAL = (list, tuple, set, frozenset, np.ndarray)
WITH_COMMA = re.compile(r"[+-]?\d+,\d+")
COUNTED = ("", "row", "index")  # names of an index of whole numbers that only counts the rows
OF_MIXED_CELLS = ("mixed", "mixed-integer", "mixed-integer-float", "datetime", "date", "unknown-array")


class Frame(Protocol):
    """A table of another library that pandas can be made of, such as polars' and pyarrow's."""

    def to_pandas(self) -> Any: ...


def is_frame(data: object) -> bool:
    """Whether something is a table in memory, or at least means to be one: not a file, a path or bytes."""
    return isinstance(data, pd.DataFrame | pd.Series | np.ndarray | Mapping_ | list | tuple) or any(
        hasattr(data, name) for name in ("to_pandas", "__dataframe__")
    )


def as_pandas(data: object) -> pd.DataFrame:
    """A table in memory as pandas holds it; the same one where it is pandas' already.

    Raises:
        CohortError: it is something else, or columns of different length.
    """
    if isinstance(data, pd.DataFrame):
        return data
    try:
        if isinstance(data, Mapping_):
            return _of_columns(data)
        if hasattr(data, "to_pandas") and not isinstance(data, pd.Series):
            made = data.to_pandas()
            if isinstance(made, pd.DataFrame):
                return made
        elif hasattr(data, "__dataframe__"):
            return pd.api.interchange.from_dataframe(data)
    except CohortError:
        raise
    except Exception as error:  # noqa: BLE001 - another library's table fails in ways of its own
        message = f"the table can't be made a pandas data frame ({type(error).__name__}); convert it with to_pandas()"
        raise fail("unreadable-frame", message) from None
    found = "a Series, which is one column" if isinstance(data, pd.Series) else f"of the type {type(data).__name__}"
    message = f"a data frame is needed, one row a patient; what was given is {found}. Make one by pd.DataFrame(...)"
    raise fail("no-frame", message)


def _of_columns(data: Mapping_[Any, Any]) -> pd.DataFrame:
    sizes = {str(name): np.shape(values)[0] for name, values in data.items() if np.shape(values)}
    if len({*sizes.values()}) > 1:
        (first, n), (other, m) = next((a, b) for a in sizes.items() for b in sizes.items() if a[1] != b[1])
        message = (
            f"column '{shorten(first)}' has {n:,} values and column '{shorten(other)}' has {m:,}; give each the same"
        )
        raise fail("lengths", message)
    return pd.DataFrame(dict(data))


def read_frame(data: object, own: OwnColumns | None = None) -> RawTable:
    """A table in memory as text.

    own: the columns that a person named: durations are read in the unit of `time`, lists of names in `sites`.

    Raises:
        CohortError: it is no table of one row a patient and one column a variable; each finding says how to mend it.
    """
    frame, own = as_pandas(data), own or OwnColumns()
    names, problems = _headers(frame.columns)
    if isinstance(frame.index, pd.MultiIndex):
        message = (
            "the index has several levels, so no row has a label of its own; make columns of them: df.reset_index()"
        )
        problems.append(Finding("error", "multi-index", message))
    if not problems and not len(frame.columns) and (frame.index.name is None or not len(frame)):
        problems.append(Finding("error", "no-columns", "the data frame has no columns; give it one for each variable"))
    elif not len(frame):
        problems.append(Finding("error", "no-patients", "the data frame has no rows: there are no patients to read"))
    if len(names) > MAX_COLUMNS:
        problems = [too_many_columns(len(names))]
    elif len(frame) * len(names) > MAX_CELLS:
        held = f"{len(frame):,} rows of {plural(len(names), 'column')}"
        message = f"the data frame has {held}; at most {MAX_CELLS:,} cells are read"
        problems = [Finding("error", "file-too-large", message)]
    if problems:
        raise CohortError(problems)
    rows, index, findings = _index(frame.index, names, own.id)
    pairs = [*([(_heading(frame.index.name), index)] if index is not None else []),
             *((name, frame.iloc[:, place]) for place, name in enumerate(names))]  # fmt: skip
    columns, odd = [], list[tuple[str, str]]()
    for name, values in pairs:
        column, why = _column(name, values, rows, own)
        if column is not None:
            columns.append(column)
        else:
            odd.append((name, why))
    findings += [Finding("warning", "no-heading", f"column {place} has no name; it is called '{names[place - 1]}'")
                 for place, name in enumerate(frame.columns, start=1) if not _heading(name)]  # fmt: skip
    findings += [*in_zones(dict(pairs)), *_left_out(odd)]
    if not columns:
        raise CohortError([*findings, Finding("error", "no-columns", "the data frame has no column that can be read")])
    comma = any(WITH_COMMA.fullmatch(word) for c in columns if not c.typed for word in c.uniques)
    return table(columns, findings, "," if comma else ".", kind=KIND)


def of_patients(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings on a frame, which has no row of headings and no command line: options are arguments."""
    lacks = {f"{with_article(name)} column is needed too": f"; name it by {name}=" for name in ("time", "event")}
    told = (replace(f, message=in_python(f.message) + lacks.get(f.message, "")) for f in findings)
    return tuple(
        replace(f, row=None) if f.row == 1 and f.value is None and not re.search(r"\brows? 1\b", f.message) else f
        for f in told
    )


# ---------------------------------------------------------------- names
def _headers(names: pd.Index) -> tuple[list[str], list[Finding]]:
    """The columns' names as headings, and what keeps them from being told apart."""
    if isinstance(names, pd.MultiIndex) or any(isinstance(n, tuple) for n in names):
        message = (
            "the columns have names of several levels; make one name of each: "
            'df.columns = ["_".join(map(str, name)) for name in df.columns]'
        )
        return [], [Finding("error", "multi-index", message)]
    if len(names) and pd.api.types.is_integer_dtype(names.dtype) and list(names) == list(range(len(names))):
        message = (
            f"the columns have no names, only numbers from 0 to {len(names) - 1:,}; name them, "
            'as by df.columns = ["patient_id", "age", ...]'
        )
        return [], [Finding("error", "no-header", message)]
    headers = [_heading(name) or f"column {place}" for place, name in enumerate(names, start=1)]
    counts, findings = Counter(h.casefold() for h in headers), list[Finding]()
    for key, n in counts.items():
        if n > 1:
            same = [place for place, h in enumerate(headers, start=1) if h.casefold() == key]
            shown = shorten(headers[same[0] - 1])
            exact = len({*(names[place - 1] for place in same)}) == 1
            apart = "case and blanks don't tell columns apart; rename one, or leave it out: df.drop(columns=...)"
            message = (
                f"columns {', '.join(map(str, same[:-1]))} and {same[-1]} of the data frame share the name '{shown}'; "
                f"{'rename them, or keep one: df.loc[:, ~df.columns.duplicated()]' if exact else apart}"
            )
            findings.append(Finding("error", "duplicate-header", message, None, shown, n=n))
    return headers, findings


def _heading(name: object) -> str:
    return "" if _is_blank(name) else for_xml(" ".join(str(name).split()))


def _is_blank(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))


def _index(index: pd.Index, names: Collection[str], wanted: str) -> tuple[np.ndarray, pd.Series | None, list[Finding]]:
    """The number by which each row is told, the index as a column where it is one, and what is to be told of it.

    Unique whole numbers tell the rows; without any the place does, from 0. An index with a name is a column, as in
    `reset_index()`.
    """
    index = pd.Index(native(index.to_series()), name=index.name) if index.dtype.kind in "iuf" else index
    whole = bool(pd.api.types.is_integer_dtype(index.dtype)) and index.is_unique and not index.hasnans
    whole = whole and 0 <= int(index.min()) <= int(index.max()) < 2**63
    rows = index.to_numpy(dtype=np.int64) if whole else np.arange(len(index))
    name = _heading(index.name)
    there = name.casefold() in {n.casefold() for n in names}
    if name and not there and (name == wanted or not (whole and name.casefold() in COUNTED)):
        return rows, index.to_series().reset_index(drop=True), []
    if whole or there:
        return rows, None, []
    message = (
        "the index has no name, so it isn't read, and rows are told by their place, counted from 0; if it identifies "
        'the patients, name it: df.index.name = "patient_id"'
    )
    return rows, None, [Finding("info", "index", message)]


# ---------------------------------------------------------------- cells
def _column(name: str, values: pd.Series, rows: np.ndarray, own: OwnColumns) -> tuple[RawColumn | None, str]:
    """A column as text; None where its cells are no single value, and what they are."""
    values = native(values)
    values = values.astype(str).astype(float) if values.dtype == np.float16 else values  # 0.1 of three digits
    kind = values.dtype
    order = own_order(values)
    inner = kind.categories.to_series() if isinstance(kind, pd.CategoricalDtype) else values
    what = pd.api.types.infer_dtype(inner, skipna=True)
    if what == "complex" or np.issubdtype(getattr(kind, "type", object), np.complexfloating):
        return None, "complex numbers"
    if what in ("timedelta", "timedelta64"):
        return _durations(name, values, rows, own), "durations, without a unit"
    if what in OF_MIXED_CELLS or what in ("bytes", "empty", "decimal"):
        return _of_cells(name, values, rows, order, own)
    codes, uniques = pd.factorize(values, use_na_sentinel=True)
    return _coded(name, codes, short_text(uniques), rows, "", is_typed(uniques), order), ""


def _of_cells(
    name: str, values: pd.Series, rows: np.ndarray, order: Order, own: OwnColumns
) -> tuple[RawColumn | None, str]:
    """A column of Python objects, cell by cell: True, 1 and "1" are different cells, though equal to each other."""
    cells = values.tolist()
    if name in own.sites and all(isinstance(v, SEVERAL) or _is_blank(v) for v in cells):
        cells = [None if _is_blank(v) else "; ".join(str(one) for one in v) or "none" for v in cells]
    odd = next((v for v in cells if not isinstance(v, PLAIN) and not _is_blank(v)), None)
    if odd is None:
        odd = next((v for v in cells if isinstance(v, complex | np.complexfloating | bytes)), None)
    if odd is not None:
        return None, f"values of the type {type(odd).__name__}"
    texts = ["" if _is_blank(v) else cell_text(pd.Timestamp(v) if isinstance(v, np.datetime64) else v) for v in cells]
    codes, uniques = pd.factorize(np.asarray(texts, dtype=object))
    typed = is_typed(v for v in cells if isinstance(v, str))
    return _coded(name, codes, list(uniques), rows, "", typed, order), ""


def _durations(name: str, values: pd.Series, rows: np.ndarray, own: OwnColumns) -> RawColumn | None:
    """Durations as numbers, in the unit that was given for the time, or that its heading says, else in days.

    None of any other column: nothing would tell that its numbers are days.
    """
    if name != own.time:
        return None
    unit = own.unit or unit_said(name) or "days"
    seconds = pd.to_timedelta(values).dt.total_seconds().to_numpy(dtype=float)
    codes, uniques = pd.factorize(seconds / 86_400 / DAYS_PER_UNIT.get(unit, 1.0), use_na_sentinel=True)
    return _coded(name, codes, short_text(uniques), rows, f"in {unit}", True, Order())


def _coded(
    name: str, codes: np.ndarray, words: Sequence[str], rows: np.ndarray, label: str, typed: bool, order: Order
) -> RawColumn:
    words = [word if word.isascii() else for_xml(word) for word in words]  # half a character is none in any file
    if (codes < 0).any():
        codes, words = np.where(codes < 0, len(words), codes), [*words, ""]
    column = RawColumn(name, codes, Words.of(words), rows, label, typed, order.words, order.ranked)
    return column.merged()


def _left_out(odd: Sequence[tuple[str, str]]) -> list[Finding]:
    return [
        Finding("warning", "nested-column",
                f"column '{shorten(name)}' holds {why}, not one text, number or date a cell, and was left out; "
                f"{MENDED.get(why, 'make a column of plain values of it to have it read')}", None, shorten(name))
        for name, why in odd
    ]  # fmt: skip


MENDED = {
    "durations, without a unit": "make a number of it whose name says the unit, as by df[name].dt.days, or name it by "
    "time= to have it read as the time",
}
