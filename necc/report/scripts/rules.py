"""Rules by which R makes the typed columns of a cohort again from the cells of its file.

A rule is taken only where it gives every patient the value that the cohort has; it is short, and holds words of the
file and levels, never the values of single patients. A column for which there is none is read from the table of mapped
columns that a bundle holds where its owner asked for patients' rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from necc.core.dictionary import DAYS_PER_UNIT
from necc.ingest.codes import LENGTHS
from necc.ingest.distinct import NUMBER, with_point
from necc.ingest.raw import RawColumn
from necc.report.scripts.text import quoted, rows, texts

MOST_WORDS = 80
MOST_SIGNS = 20  # words of a column of numbers or dates that mean that nothing is recorded
LEVELS = ("category", "flag", "event", "response")
FORMATS = (
    ("%Y-%m-%d", r"\d{4}-\d{1,2}-\d{1,2}"), ("%d.%m.%Y", r"\d{1,2}\.\d{1,2}\.\d{4}"),
    ("%d/%m/%Y", r"\d{1,2}/\d{1,2}/\d{4}"), ("%m/%d/%Y", r"\d{1,2}/\d{1,2}/\d{4}"),
    ("%d-%m-%Y", r"\d{1,2}-\d{1,2}-\d{4}"), ("%m-%d-%Y", r"\d{1,2}-\d{1,2}-\d{4}"),
    ("%Y/%m/%d", r"\d{4}/\d{1,2}/\d{1,2}"), ("%Y.%m.%d", r"\d{4}\.\d{1,2}\.\d{1,2}"), ("%Y%m%d", r"\d{8}"),
    ("%m.%d.%Y", r"\d{1,2}\.\d{1,2}\.\d{4}"),
)  # fmt: skip
"""Dates as R's `as.Date` and Python's `strptime` both write them, each with the form that it is taken for."""
SERIAL = r"\d{5}"


@dataclass(frozen=True)
class Rule:
    """How a column comes from cells. code: R, in which `{cells}` stands for them."""

    code: str

    def of(self, cells: str) -> str:
        return self.code.replace("{cells}", cells)


@dataclass(frozen=True)
class Given:
    """What each distinct cell of a column became: one value, or NaN."""

    words: tuple[str, ...]
    values: tuple[object, ...]
    counted: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, column: RawColumn, typed: Sequence[object]) -> Given | None:
        """None where the same cell became different values."""
        seen: dict[str, object] = {}
        for word, value in zip(column.cells(), typed, strict=True):
            value = None if pd.isna(value) else value  # type: ignore[call-overload]  # one cell
            if word in seen and seen[word] != value:
                return None
            seen[word] = value
        return cls(tuple(seen), tuple(seen.values()), seen)


def rule_of(column: RawColumn, typed: pd.Series, kind: str, decimal: str, epoch: date) -> Rule | None:
    """The rule by which a column's cells give a typed column of the same patients; None where no short one does."""
    given = Given.of(column, typed.tolist())
    if given is None:
        return None
    if kind == "number":
        return _numbers(given, decimal)
    if kind == "date":
        return _dates(given, epoch)
    return _levels(given) if kind in LEVELS else None


# ---------------------------------------------------------------- numbers
def as_number(text: str, decimal: str) -> float | None:
    """What the script's `as_number` gives."""
    if decimal == ",":
        text = with_point(text)
    return float(text) if re.fullmatch(NUMBER, text) else None


def _numbers(given: Given, decimal: str) -> Rule | None:
    pairs = [(w, as_number(w, decimal), v) for w, v in zip(given.words, given.values, strict=True)]
    signs = [w for w, read, value in pairs if value is None and read is not None]
    if len(signs) > MOST_SIGNS or any(read is None and value is not None for _, read, value in pairs):
        return None
    known = [(read, float(value)) for _, read, value in pairs if read is not None and value is not None]  # type: ignore[arg-type]  # a number
    for unit, factor in _units():
        if all(np.isclose(read * factor, value, rtol=1e-13, atol=0) for read, value in known):
            options = ['decimal = ","'] if decimal == "," else []
            options += [f"missing = {texts(signs)}"] if signs else []
            return Rule(f"as_number({', '.join(['{cells}', *options])}){unit}")
    return None


def _units() -> list[tuple[str, float]]:
    """Ways from one unit to another, as R writes them, with their factors."""
    ways = [("", 1.0)]
    for scale in (DAYS_PER_UNIT, LENGTHS):
        for a in scale.values():
            for b in scale.values():
                if a != b and (f" * ({a!r} / {b!r})", a / b) not in ways:
                    ways.append((f" * ({a!r} / {b!r})", a / b))
    return ways


# ---------------------------------------------------------------- dates
def _dates(given: Given, epoch: date) -> Rule | None:
    """Formats that are tried one after the other, each on cells of its own form."""
    left = {w: pd.Timestamp(v).date() for w, v in given.counted.items() if v is not None}  # type: ignore[arg-type]  # a date
    blank = [w for w, v in given.counted.items() if v is None]
    formats: list[str] = []
    for form, shape in FORMATS:
        fits = [w for w in left if re.fullmatch(shape, w)]
        if fits and all(_date(w, form) == left[w] for w in fits):
            formats.append(form)
            left = {w: day for w, day in left.items() if w not in fits}
    serial = [w for w in left if re.fullmatch(SERIAL, w)]
    if serial and all(epoch + timedelta(days=int(w)) == left[w] for w in serial):
        left = {w: day for w, day in left.items() if w not in serial}
        formats.append("serial")
    if left or not formats:
        return None
    shapes = [shape for form, shape in FORMATS if form in formats] + [SERIAL] * ("serial" in formats)
    signs = [w for w in blank if any(re.fullmatch(shape, w) for shape in shapes)]
    if len(signs) > MOST_SIGNS:
        return None
    options = [f"formats = {texts(f for f in formats if f != 'serial')}"]
    options += [f'day_zero = "{epoch.isoformat()}"'] if "serial" in formats else []
    options += [f"missing = {texts(signs)}"] if signs else []
    return Rule(f"as_date({', '.join(['{cells}', *options])})")


def _date(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None


# ---------------------------------------------------------------- words
def _levels(given: Given) -> Rule | None:
    """Each word with its level; as they are where they differ in nothing but words for what isn't recorded."""
    known = {
        w: str(v) for w, v in sorted(given.counted.items(), key=lambda pair: (str(pair[1]), pair[0])) if v is not None
    }
    if len(set(known.values())) > MOST_WORDS or len(known) > MOST_WORDS:
        return None
    blank = [w for w, v in given.counted.items() if v is None and w]
    if all(w == v for w, v in known.items()) and len(blank) <= MOST_SIGNS:
        return Rule(f"as_written({{cells}}{f', missing = {texts(blank)}' if blank else ''})")
    return words(known)


def words(known: Mapping[str, str]) -> Rule:
    """Each word with its level, one pair a line."""
    if len(set(known.values())) == len(known) <= 3 or len(known) <= 2:
        pairs = ", ".join(f"{quoted(w)}, {quoted(v)}" for w, v in known.items())
        return Rule(f"translated({{cells}}{', ' if pairs else ''}{pairs})")
    by_level: dict[str, list[str]] = {}
    for word, level in known.items():
        by_level.setdefault(level, []).append(word)
    lines = [f"  {quoted(word)}, {quoted(level)}" for level, members in by_level.items() for word in members]
    return Rule("translated({cells},\n" + ",\n".join(lines) + ")")


# ---------------------------------------------------------------- sites
@dataclass(frozen=True)
class Marked:
    """A column of a site: which words mark it, and which say that it isn't there."""

    yes: tuple[str, ...]
    no: tuple[str, ...]

    def rule(self) -> Rule:
        return Rule(f"marked({{cells}}, yes = {texts(self.yes)}, no = {texts(self.no)})")


def marks(column: RawColumn, values: np.ndarray) -> Marked | None:
    """The words of a column by which a site (int8, shape (n,): 1, 0, -1) is marked; None where they don't tell."""
    given = Given.of(column, values.tolist())
    if given is None or sum(v in (0, 1) for v in given.values) > MOST_WORDS:
        return None
    yes, no = (tuple(w for w, v in given.counted.items() if v == side) for side in (1, 0))
    return Marked(yes, no)


PARTS = r"\s*(?:[;,/+&|\n]|\band\b|\bund\b|\bet\b|\by\b)\s*"
"""What stands between sites in a cell, for Python and R alike."""


def lists(column: RawColumn, organs: Sequence[str], values: np.ndarray) -> Rule | None:
    """How lists of sites give a matrix of organs (int8, shape (n, n_organs)); None where their parts don't tell.

    Each part of a cell means the organs that are marked wherever it stands, and no other organ is.
    """
    cells = dict(zip(column.cells().tolist(), values.tolist(), strict=True))
    if any(v != values[i].tolist() for i, v in enumerate(map(cells.get, column.cells()))):
        return None
    unknown = [cell for cell, row in cells.items() if all(v < 0 for v in row)]
    if any(v < 0 for cell, row in cells.items() if cell not in unknown for v in row):
        return None  # an organ that a cell leaves open
    known = {
        cell: {organs[i] for i, v in enumerate(row) if v == 1} for cell, row in cells.items() if cell not in unknown
    }
    meant: dict[str, set[str]] = {}
    for cell, found in known.items():
        for part in parts_of(cell):
            meant[part] = meant[part] & found if part in meant else {*found}
    if len(meant) > MOST_WORDS or any(set().union(*(meant[p] for p in parts_of(cell))) != found
                                      for cell, found in known.items()):  # fmt: skip
        return None
    pairs = [
        f"{quoted(part)}, {quoted(organ)}"
        for part, found in meant.items()
        for organ in sorted(found, key=[*organs].index)
    ]
    none = [part for part, found in meant.items() if not found]
    if len(unknown) > MOST_SIGNS:
        return None
    options = [f"none = {texts(none)}"] if none else []
    options += [f"missing = {texts(unknown)}"] if unknown else []
    return Rule(f"listed({', '.join(['{cells}', 'organ_names', *options])},\n{rows(pairs)})")


def parts_of(cell: str) -> list[str]:
    """The parts of a cell of sites, as the script's `listed` parts it."""
    return [part for part in re.split(PARTS, cell.strip().lower(), flags=re.IGNORECASE) if part]
