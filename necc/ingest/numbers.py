"""Points and commas in numbers: which one starts the decimals, and which one groups digits by three.

A column that holds `12.5` or `1,234,567` decides for itself, and for the file where no other column says otherwise.
Where every number with a sign has exactly three digits behind it, `1.234` can be either: that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from necc.core.errors import Finding
from necc.core.text import shorten
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import Choice, RawColumn, RawTable, listed

WHOLE = re.compile(r"[+-]?\d+")
SIGNED = re.compile(r"[+-]?\d+(?:[.,]\d+)+")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
OTHER = {".": ",", ",": "."}
NAMES = {".": "point", ",": "comma"}
MOSTLY = 0.8  # share of a column's values that are numbers, from which on it is one of numbers
SHOWN = 3


@dataclass(frozen=True)
class _Signs:
    """What a column's numbers say. decimal: signs that surely start the decimals. unclear: numbers of two readings."""

    column: RawColumn
    decimal: frozenset[str]
    unclear: tuple[str, ...]

    @property
    def header(self) -> str:
        return self.column.header


def with_signs(raw: RawTable, read_options: ReadOptions) -> RawTable:
    """The table without signs that group digits: those that a column, the file or a person tells from decimals."""
    raw = _unspaced(raw)
    columns = [signs for column in raw.columns if (signs := _signs(column)) is not None]
    certain = frozenset().union(*(c.decimal for c in columns))
    common = read_options.decimal or (next(iter(certain)) if len(certain) == 1 else "")
    ungrouped, findings, undecided = {}, [], []
    for signs in columns:
        own = next(iter(signs.decimal)) if len(signs.decimal) == 1 else ""
        decimal = own or (common if not signs.decimal else "")
        if decimal:
            if (plain := _ungrouped(signs.column, decimal)) is not signs.column:
                ungrouped[signs.header] = plain
                findings.append(_told(signs, decimal))
        elif signs.unclear and not signs.decimal:
            undecided.append(signs)
    return replace(
        raw,
        columns=tuple(ungrouped.get(c.header, c) for c in raw.columns),
        decimal=read_options.decimal or ("," if _has_comma(undecided) else raw.decimal),
        findings=(*raw.findings, *findings),
        choices=(*raw.choices, *([_choice(undecided)] if undecided else [])),
    )


def _unspaced(raw: RawTable) -> RawTable:
    """The table without the blanks and apostrophes that group digits by three in a column of numbers: `1'234.5`."""
    columns, findings = [], []
    for column in raw.columns:
        names = {w: re.sub(r"[^\d.,+-]", "", w) for w in column.words.grouped()}
        numbers = sum(bool(WHOLE.fullmatch(w) or SIGNED.fullmatch(w)) for w in column.uniques) if names else 0
        if not names or column.typed or numbers + len(names) < MOSTLY * len([w for w in column.uniques if w]):
            columns.append(column)
            continue
        place, word = next((i, w) for i, w in enumerate(column.uniques) if w in names)
        message = f"'{shorten(word, 30)}' was read as {names[word]}: its digits are grouped by three"
        columns.append(column.relabelled(names))
        findings.append(column.finding("info", "thousands", place, message))
    return replace(raw, columns=tuple(columns), findings=(*raw.findings, *findings)) if findings else raw


def _signs(column: RawColumn) -> _Signs | None:
    """The signs of a column of numbers; None where it holds something else, or no sign."""
    words = [w for w in column.uniques if w]
    signed = [w for w in words if SIGNED.fullmatch(w)]
    whole = sum(bool(WHOLE.fullmatch(w)) for w in words)
    if column.typed or not signed or whole + len(signed) < MOSTLY * len(words):
        return None
    decimal, unclear = set(), []
    for word in signed:
        signs = re.findall(r"[.,]", word)
        if len(signs) == 1 and GROUPED.fullmatch(word):
            unclear.append(word)
        elif len(signs) == 1:
            decimal.add(signs[0])
        elif GROUPED.fullmatch(word):
            decimal.add(OTHER[signs[0]])
        elif GROUPED.fullmatch(word.rpartition(signs[-1])[0]) and signs[-1] != signs[0]:
            decimal.add(signs[-1])
        else:
            return None  # dates, or versions
    return _Signs(column, frozenset(decimal), tuple(unclear))


def _ungrouped(column: RawColumn, decimal: str) -> RawColumn:
    """The column without the other sign where it groups digits."""
    group = OTHER[decimal]
    names = {}
    for word in column.uniques:
        whole = word.partition(decimal)[0]
        if group in whole and SIGNED.fullmatch(word) and GROUPED.fullmatch(whole):
            names[word] = word.replace(group, "")
    return column.relabelled(names)


def _told(signs: _Signs, decimal: str) -> Finding:
    group = OTHER[decimal]
    column = signs.column
    place, word = next((i, w) for i, w in enumerate(column.uniques) if group in w and SIGNED.fullmatch(w))
    message = (
        f"'{shorten(word, 30)}' was read as {shorten(word.replace(group, ''), 30)}: the {NAMES[group]} groups digits "
        f"by three, and the decimal sign is a {NAMES[decimal]}"
    )
    return column.finding("info", "thousands", place, message)


def _has_comma(columns: Iterable[_Signs]) -> bool:
    """Whether a comma is open: read as decimals until it is answered, so that no other error hides the question."""
    return any("," in word for signs in columns for word in signs.unclear)


def _choice(columns: list[_Signs]) -> Choice:
    word = columns[0].unclear[0]
    sign = next(s for s in word if s in OTHER)
    text = (
        f"is {listed([w for c in columns for w in c.unclear], SHOWN)} in {_named(columns)} written with decimals, or "
        f"does the {NAMES[sign]} group the digits by three? Every such number has exactly three digits behind it, so "
        "both are possible."
    )
    decimals, thousands = word.replace(sign, "."), word.replace(sign, "")
    readings = {sign: f"decimals, {word} is {decimals}", OTHER[sign]: f"groups of digits, {word} is {thousands}"}
    ways = tuple((NAMES[s], f"the decimal sign is a {NAMES[s]}: {reading}", s) for s, reading in readings.items())
    return Choice("decimal", text, "decimal", ways, tuple(c.header for c in columns))


def _named(columns: Iterable[_Signs]) -> str:
    headers = [c.header for c in columns]
    return f"column{'s' * (len(headers) > 1)} {listed(headers, 4)}"
