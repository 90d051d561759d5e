"""Files of statistics programs: SPSS, Stata, SAS and R, by the libraries that know them."""

from __future__ import annotations

import io
import os
import tempfile
import warnings
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from necc.core.errors import CohortError, Finding
from necc.core.extras import need
from necc.core.text import plural
from necc.ingest.distinct import Words
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import MAX_COLUMNS, RawColumn, RawTable, cell_text, fail, is_typed, listed, table, too_many_columns

MAX_CELLS = 30_000_000
SERIAL_HEAD = 64  # bytes that hold the head of what R serialized


class Order(NamedTuple):
    """Values of a column in the order that its file states; ranked where that is a scale."""

    words: tuple[str, ...] = ()
    ranked: bool = False


def own_order(column: pd.Series) -> Order:
    """The order of a categorical column, as of an R factor; one level states none."""
    kind = column.dtype
    if not isinstance(kind, pd.CategoricalDtype) or len(kind.categories) < 2:
        return Order()
    return Order(tuple(cell_text(v).strip() for v in kind.categories), bool(kind.ordered))


def short_text(values: Any) -> list[str]:
    """Distinct values of one type as text; numbers of four bytes with their seven digits."""
    short = values.dtype in (np.float16, np.float32)  # 0.1 of seven digits, not 0.100000001490116
    return [cell_text(float(str(v)) if short else v) for v in (values.to_numpy() if short else values)]


def read_spss(data: bytes, read_options: ReadOptions) -> RawTable:
    """SPSS .sav and .zsav: value labels are the values, user-missing values are missing."""
    return _by_pyreadstat(data, "read_sav", "SPSS file")


def read_stata(data: bytes, read_options: ReadOptions) -> RawTable:
    """Stata .dta, its value labels as the values."""
    return _by_pyreadstat(data, "read_dta", "Stata file")


def read_sas(data: bytes, read_options: ReadOptions) -> RawTable:
    """SAS .sas7bdat."""
    return _by_pyreadstat(data, "read_sas7bdat", "SAS file")


def read_xport(data: bytes, read_options: ReadOptions) -> RawTable:
    """SAS transport files, the form of CDISC submissions."""
    return _by_pyreadstat(data, "read_xport", "SAS transport file")


def _by_pyreadstat(data: bytes, reader: str, kind: str) -> RawTable:
    need("pyreadstat", "engine", f"reading a {kind}", "or save the table as CSV")
    import pyreadstat

    read: Callable[..., tuple[pd.DataFrame, Any]] = getattr(pyreadstat, reader)
    options = {"user_missing": True} if reader == "read_sav" else {}
    try:
        size = read(io.BytesIO(data), metadataonly=True, **options)[1]
        n_rows, n_columns = size.number_rows or 0, len(size.column_names)
        if n_columns > MAX_COLUMNS:
            raise CohortError([too_many_columns(n_columns)])
        if n_rows * n_columns > MAX_CELLS:
            raise fail("file-too-large", f"the {kind} has {n_rows:,} rows; at most {MAX_CELLS:,} cells are read")
        has_labels = reader in ("read_sav", "read_dta")
        labelled = {"apply_value_formats": True, "formats_as_category": False} if has_labels else {}
        frame, meta = read(io.BytesIO(data), **labelled)
    except CohortError:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged file fails in many ways, none of which names a row
        message = f"the file is not a readable {kind} ({type(error).__name__}); export it again, or as CSV (UTF-8)"
        raise fail("unreadable-file", message) from None
    four_bytes = [n for n, of in (meta.readstat_variable_types or {}).items() if of == "float"]
    frame = frame.astype({n: np.float32 for n in four_bytes if pd.api.types.is_float_dtype(frame[n])})
    labels = {k: v or "" for k, v in (meta.column_names_to_labels or {}).items()}
    return from_frame(frame, kind, labels, _user_missing(size), _label_orders(meta))


def _label_orders(meta: Any) -> dict[str, Order]:
    """The value labels of each column in the order of their codes; a scale unless the file calls it nominal."""
    measures = getattr(meta, "variable_measure", None) or {}
    orders = {}
    for name, named in (getattr(meta, "variable_value_labels", None) or {}).items():
        numbers = [code for code in named if isinstance(code, (int, float)) and not isinstance(code, bool)]
        if len(numbers) == len(named) > 1:
            words = tuple(dict.fromkeys(str(named[code]).strip() for code in sorted(numbers)))
            orders[name] = Order(words, measures.get(name, "") != "nominal")
    return orders


def _user_missing(meta: Any) -> list[Finding]:
    """Codes that the file itself declares missing."""
    ranges = getattr(meta, "missing_ranges", None) or {}
    if not ranges:
        return []
    message = f"codes declared missing in the file were read as missing in {listed(list(ranges))}"
    return [Finding("info", "user-missing", message, n=len(ranges))]


def read_rds(data: bytes, read_options: ReadOptions) -> RawTable:
    """R's .rds and .RData; needs the optional package pyreadr.

    Raises:
        CohortError: the file holds no data frame.
        MissingExtra: pyreadr isn't installed.
    """
    need("pyreadr", "rds", "reading R's files", 'or in R, write.csv(x, "x.csv")')
    import pyreadr

    try:
        with _as_path(data) as path, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of objects that are no data frame: told below
            objects = dict(pyreadr.read_r(path))
    except Exception as error:  # noqa: BLE001 - as above
        message = f"the file is not a readable R data frame ({type(error).__name__}); save one with saveRDS, or as CSV"
        raise fail("unreadable-file", message) from None
    frames = {name: f for name, f in objects.items() if isinstance(f, pd.DataFrame)}
    if len(frames) != 1:
        raise fail("unreadable-file", f"the R file holds {_held(data, frames)}; save one with saveRDS")
    frame = next(iter(frames.values()))
    named = frame.reset_index() if frame.index.name else frame
    return from_frame(named, "R data frame", {}, [])


R_TYPES = {
    1: "a name", 3: "a function", 4: "an environment", 6: "a call", 10: "a logical vector",
    13: "a vector of whole numbers", 14: "a vector of numbers", 16: "a vector of texts", 19: "a list",
    25: "an S4 object", 254: "nothing (NULL)",
}  # fmt: skip


def _held(data: bytes, frames: Mapping[str | None, pd.DataFrame]) -> str:
    """What an R file has in place of one data frame, in words."""
    if frames:
        return f"{plural(len(frames), 'data frame')}, {listed([str(n) for n in frames])}"
    start = _gunzip_start(data) if data.startswith(b"\x1f\x8b") else data[:SERIAL_HEAD]
    if not start.startswith(b"X\n"):
        return "no data frame"
    # R Internals 1.8: two bytes of format, three integers of versions, from version 3 on the encoding; then the flags
    place = 14
    if int.from_bytes(start[2:6], "big") >= 3:
        place += 4 + int.from_bytes(start[14:18], "big")
    kind = R_TYPES.get(int.from_bytes(start[place : place + 4], "big") & 0xFF, "an object of another kind")
    return f"{kind}, no data frame"


def _gunzip_start(data: bytes) -> bytes:
    """The first bytes of a gzip file; none where it is damaged."""
    try:
        return zlib.decompressobj(31).decompress(data, SERIAL_HEAD)
    except zlib.error:
        return b""


@contextmanager
def _as_path(data: bytes) -> Iterator[str]:
    """A path for a library that takes no bytes: in memory where the system can, else a file of this user only."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("necc")
        path = f"/proc/self/fd/{handle}"
    else:
        handle, path = tempfile.mkstemp(suffix=".rds")
    try:
        with os.fdopen(handle, "wb", closefd=False) as file:
            file.write(data)
        yield path
    finally:
        os.close(handle)
        if not path.startswith("/proc"):
            os.unlink(path)


def from_frame(
    frame: pd.DataFrame,
    kind: str,
    labels: Mapping[str, str],
    findings: list[Finding],
    orders: Mapping[str, Order] | None = None,
    unstated: Collection[str] = (),
) -> RawTable:
    """A typed frame as text; rows count as in a spreadsheet whose first row is the header.

    orders: what the file says of the order of a column's values; a categorical column says it itself, unless it is
    among `unstated`.
    """
    rows = np.arange(2, len(frame) + 2)
    columns = []
    for place, name in enumerate(frame.columns):
        codes, uniques = pd.factorize(frame.iloc[:, place], use_na_sentinel=True)
        words = short_text(uniques)
        if (codes < 0).any():
            codes, words = np.where(codes < 0, len(words), codes), [*words, ""]
        header = " ".join(str(name).split()) or f"column {place + 1}"
        order = (orders or {}).get(name) or (Order() if name in unstated else own_order(frame.iloc[:, place]))
        texts = Words.of(words)
        label = labels.get(name, "")
        columns.append(RawColumn(header, codes, texts, rows, label, is_typed(uniques), order.words, order.ranked))
    return table([c.merged() for c in columns], findings, kind=kind)
