"""Values of a paper's files: figures digit by digit as printed, filters of patients; and what their files share.

Converters for any TOML file are in `necc.core.toml`. All raise ValueError, in plain words, for a value they don't take;
the reader of the file adds place and key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TypeVar

from necc.core.errors import SelectionError
from necc.core.selection import Selection
from necc.core.text import shorten
from necc.core.toml import Reader, Table, listed, meant
from necc.paper.printed import PrintedNumber

Kind = TypeVar("Kind")


# ---------------------------------------------------------------- converters
def figure(value: object) -> PrintedNumber:
    """A number with its printed decimals: a text, because TOML's own numbers lose the zeros at the end, or an integer.

    Raises:
        ValueError: another kind of value, or a text that is no number as publications print them.
    """
    if not isinstance(value, str | int):
        raise ValueError("a figure such as 12 or 0.229 is needed")
    return PrintedNumber.parse(value)


def share(value: object) -> float:
    """A share as a fraction between 0 and 1, both excluded, such as a level of 0.95; its decimals are not kept."""
    number = figure(value).value
    if not 0 < number < 1:
        raise ValueError(f"{number} is not between 0 and 1")
    return number


def probability(value: object) -> PrintedNumber:
    """A p-value as printed."""
    number = figure(value)
    if not 0 <= number.value <= 1:
        raise ValueError(f"a p-value of {number.text} is impossible, it lies between 0 and 1")
    return number


def percent(value: object) -> PrintedNumber:
    """A share in percent as printed."""
    number = figure(value)
    if not 0 <= number.value <= 100:
        raise ValueError(f"{number.text} % is impossible here, a share lies between 0 and 100 %")
    return number


def positive(value: object) -> PrintedNumber:
    """A number above 0 as printed, such as a hazard ratio."""
    number = figure(value)
    if number.value <= 0:
        raise ValueError(f"{number.text} is impossible, it must be above 0")
    return number


def limits(value: object) -> tuple[PrintedNumber, PrintedNumber]:
    """The confidence limits of a ratio as printed, lower first."""
    low, high = listed(figure, 2)(value)
    if low.value < 0 or low.value > high.value:
        raise ValueError(f"{low.text} to {high.text} is not an interval of a ratio, lower limit first")
    return low, high


def filters(value: object) -> Selection:
    """Filters as text, as on the command line."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError('a list of filters is needed, e.g. ["histology=small cell"]')
    try:
        return Selection.parse(value)
    except SelectionError as error:
        raise ValueError(str(error)) from None


# ---------------------------------------------------------------- files
def shipped_text(name: str) -> str:
    """The text of a file of the folder `data`: what was transcribed from papers."""
    return resources.files("necc.paper").joinpath("data", name).read_text("utf-8")


def source_of(path: str | Path | None, shipped: str) -> str | bytes:
    """A person's file, or the one that ships.

    Raises:
        OSError: the file can't be read.
    """
    return shipped_text(shipped) if path is None else Path(path).read_bytes()


def rows_of(
    reader: Reader, table: Table, kinds: Mapping[str, Kind], own: Sequence[str]
) -> tuple[Kind, list[Table]] | None:
    """The kind of a claim or a cell, and its rows; the keys beside `rows` hold for all of them, but those in `own`."""
    raw = table.values
    kind = kinds.get(str(raw.get("kind")))
    if kind is None:
        given = raw.get("kind")
        problem = f"'{shorten(str(given))}' is not one of {', '.join(kinds)}{meant(given, kinds)}"
        reader.fail("kind", problem if "kind" in raw else "missing", table, "kind", given)
        return None
    rows = raw.get("rows", [{}])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        reader.fail("value", "a list of tables is needed", table, "rows")
        return None
    shared = {key: value for key, value in raw.items() if key not in (*own, "kind", "rows")}
    places = [f"{table.place}, row {i}" if "rows" in raw else table.place for i in range(1, len(rows) + 1)]
    return kind, [replace(table, values={**shared, **row}, place=p) for row, p in zip(rows, places, strict=True)]
