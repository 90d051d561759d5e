"""How base R reads a text file so that it gets the cells that were read here: found by reading it so once more."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np

from necc.core.errors import CohortError
from necc.ingest import Opened
from necc.ingest.raw import RawColumn, RawTable
from necc.ingest.text import SEPARATORS, decode

ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE", "utf-32-le": "UTF-32LE",
    "utf-32-be": "UTF-32BE", "utf-16": "UTF-16", "cp1252": "CP1252", "gb18030": "GB18030", "latin-1": "ISO-8859-1",
    "big5": "BIG5", "shift_jis": "SHIFT_JIS", "cp1250": "CP1250", "cp1251": "CP1251", "mac-roman": "MACINTOSH",
}  # fmt: skip
"""Encodings by the names that Python has for them, with those of R's `iconv`."""


@dataclass(frozen=True)
class Layout:
    """A text file as a table: what R's `read.table` is told of it.

    encoding: as `iconv` names it. above: lines above the table that aren't part of it. width: cells of the longest row.
    columns: the place of each column that was read, from 1 on, by its heading.
    """

    encoding: str
    delimiter: str
    above: int
    width: int
    columns: dict[str, int]


def layout_of(opened: Opened) -> Layout | None:
    """How base R reads a file; None where it isn't a text table, or isn't one that a short rule reads."""
    raw = opened.raw
    delimiter = next((sign for sign, name in SEPARATORS.items() if f", {name} separated" in raw.kind), "")
    if not delimiter or not opened.data or opened.codebook:
        return None
    try:
        text = decode(opened.data, opened.read_options.encoding)[0]
    except CohortError:
        return None
    encoding = next((name for name in ENCODINGS if _decodes(opened.data, name, text)), "")
    if not encoding:
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for above in range(min(50, text.count("\n")) + 1):
        records = _records(text.split("\n", above)[-1], delimiter)
        if records and (columns := _places(raw, records, above)):
            return Layout(ENCODINGS[encoding], delimiter, above, max(map(len, records)), columns)
        if not text.startswith(("#", '"sep', "sep", "Sep", "SEP")):
            break
    return None


def _decodes(data: bytes, encoding: str, text: str) -> bool:
    try:
        return data.decode(encoding).removeprefix("\ufeff").rstrip("\0\x1a") == text.rstrip("\0\x1a")
    except UnicodeDecodeError:
        return False


def _records(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error:
        return []


def _places(raw: RawTable, records: list[list[str]], above: int) -> dict[str, int]:
    """The place of each column, from 1 on; nothing where one of them isn't there as it was read."""
    rows = np.asarray(raw.rows) - 1 - above
    if not len(rows) or rows.min() < 0 or rows.max() >= len(records):
        return {}
    width, places, at = max(map(len, records)), dict[str, int](), 0
    for column in raw.columns:
        found = next((i for i in range(at, width) if _holds(column, records, rows, i)), None)
        if found is None:
            return {}
        places[column.header], at = found + 1, found + 1
    return places


def _holds(column: RawColumn, records: list[list[str]], rows: np.ndarray, place: int) -> bool:
    heading = any(place < len(r) and _plain(r[place]) and _plain(r[place]) in _plain(column.header)
                  for r in records[: int(rows[0])])  # fmt: skip
    cells = column.cells()
    return heading and all(
        (records[row][place].strip() if place < len(records[row]) else "") == cell
        for row, cell in zip(rows.tolist(), cells, strict=True)
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
