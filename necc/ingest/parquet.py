"""Parquet files, by pyarrow: typed columns of one value a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from necc.core.errors import CohortError, Finding
from necc.core.extras import need
from necc.core.text import joined
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import MAX_COLUMNS, RawTable, fail, listed, too_many_columns
from necc.ingest.statistical import MAX_CELLS, from_frame

if TYPE_CHECKING:
    from pyarrow import DataType

MAX_UNPACKED = 2**30
KIND = "Parquet file"
INDEX = re.compile(r"__index_level_\d+__")  # pandas' row names where they have no name


def read_parquet(data: bytes, read_options: ReadOptions) -> RawTable:
    """Parquet; columns that hold lists, records or bytes are left out with a finding.

    Raises:
        CohortError: the file can't be read, or is larger inside than it looks.
        MissingExtra: pyarrow isn't installed.
    """
    need("pyarrow", "engine", "reading Parquet", "or save the table as CSV")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(pa.BufferReader(data))
        texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
        _weigh(file.metadata, len(schema))
        odd = [f.name for f in schema if not _is_plain(f.type)]
        kept = [name for name in schema.names if name not in odd and not INDEX.fullmatch(name)]
        frame = file.read(columns=kept).to_pandas(ignore_metadata=True, integer_object_nulls=True)
    except CohortError:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged file fails in many ways, none of which names a row
        message = f"the file is not a readable {KIND} ({type(error).__name__}); write it again, or as CSV (UTF-8)"
        raise fail("unreadable-file", message) from None
    return from_frame(frame, KIND, {}, [*_left_out(odd), *in_zones(dict(frame.items()))], unstated=texts)


def _weigh(metadata: Any, n_columns: int) -> None:
    """Raises CohortError where the file's own sizes are too large."""
    n_rows: int = metadata.num_rows
    groups = range(metadata.num_row_groups)
    unpacked = sum(metadata.row_group(i).total_byte_size for i in groups)
    if n_columns > MAX_COLUMNS:
        raise CohortError([too_many_columns(n_columns)])
    if n_rows * n_columns > MAX_CELLS:
        raise fail("file-too-large", f"the {KIND} has {n_rows:,} rows; at most {MAX_CELLS:,} cells are read")
    if unpacked > MAX_UNPACKED:
        size, limit = unpacked / 2**20, MAX_UNPACKED // 2**20
        raise fail("file-too-large", f"the {KIND} unpacks to {size:,.0f} MB; at most {limit:,} MB are read")


def _is_plain(kind: DataType) -> bool:
    import pyarrow as pa

    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    return not (binary or pa.types.is_nested(kind))


def in_zones(columns: Mapping[str, pd.Series]) -> list[Finding]:
    """Times with a zone that aren't midnight there: elsewhere they may fall on another day."""
    zoned = {str(n): c.dropna() for n, c in columns.items() if isinstance(c.dtype, pd.DatetimeTZDtype)}
    names = [n for n, c in zoned.items() if (c != c.dt.normalize()).any()]
    if not names:
        return []
    message = (
        f"{listed(names)}: times of day in a time zone ({zoned[names[0]].dt.tz}); the day was taken in that zone, and "
        "may be the day before or after where the patient was; write dates without a time to have them certain"
    )
    return [Finding("warning", "time-zone", message, n=len(names))]


def _left_out(names: list[str]) -> list[Finding]:
    if not names:
        return []
    verb = "holds" if len(names) == 1 else "hold"
    message = (
        f"{listed(names)} {verb} {joined(['lists', 'records', 'bytes'], 'or')}, not one value a cell, and "
        f"{'was' if len(names) == 1 else 'were'} left out; write one column for each value to have them read"
    )
    return [Finding("warning", "nested-column", message, n=len(names))]
