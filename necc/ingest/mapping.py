"""How a file's columns are understood, as data: guessed, corrected by a person, saved, and applied again.

A mapping names columns, codes and level names; it holds no patient's row. Its file is TOML.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from necc.core.dictionary import UNITS, normalise
from necc.core.errors import CohortError, Finding
from necc.core.text import joined, shorten

Role = Literal[
    "auto", "identifier", "pseudonym", "time", "event", "date", "site", "sites", "category", "number", "flag",
    "response", "text", "drop",
]  # fmt: skip
ROLES: tuple[str, ...] = get_args(Role)
DATE_ORDERS = ("", "day-month", "month-day", "serial")
VERSION = 1
MAX_FILE = 2**20


@dataclass(frozen=True)
class ColumnMap:
    """One column of a file: what it is, and how its values are read.

    role: "auto" types it by its values; "pseudonym" identifies, its values replaced; "drop" leaves it out.
    variable: the dictionary's variable that it means; blank makes it an extra variable of its own name.
    unit: of a time in the file. site: the organ or site that a marked cell means.
    event, no_event: codes that mean the event happened, and that it didn't; a blank among them means blank cells.
    missing: codes read as missing. levels: level names in their order, each with the file's words for it.
    date_order: for dates that can be read two ways.
    confidence: 0 to 1, of a guess; 1 where a person or the format says so. reason: why.
    """

    column: str
    role: Role = "auto"
    variable: str = ""
    unit: str = ""
    site: str = ""
    event: tuple[str, ...] = ()
    no_event: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    levels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    date_order: str = ""
    confidence: float = 1.0
    reason: str = ""

    def flipped(self) -> ColumnMap:
        """The event's codes the other way round."""
        return replace(self, event=self.no_event, no_event=self.event, confidence=1.0, reason="flipped by a person")


@dataclass(frozen=True)
class EndpointMap:
    """An endpoint of the file's own: a time and an event, or two dates. Names are columns or variables.

    unit: in which it is shown.
    """

    name: str
    label: str = ""
    time: str = ""
    event: str = ""
    start: str = ""
    event_date: str = ""
    censor_date: str = ""
    unit: str = "months"
    origin: str = ""


@dataclass(frozen=True)
class ReadOptions:
    """How a file is opened where its own signs aren't enough.

    sheet: of a workbook; blank takes the fullest. header_row: the row that names the columns; 0 finds it.
    encoding, decimal: of a text table; blank finds them.
    """

    sheet: str = ""
    header_row: int = 0
    encoding: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class Mapping:
    """All that is decided about a file before it is read as a cohort.

    dictionary: the disease by name; blank for a file that follows none.
    site_words: a word in the file, and the organ it means, beside the words of the dictionary.
    unit: in which the dictionary's endpoints are shown; blank keeps the dictionary's.
    """

    columns: tuple[ColumnMap, ...] = ()
    endpoints: tuple[EndpointMap, ...] = ()
    site_words: tuple[tuple[str, str], ...] = ()
    dictionary: str = "necc"
    unit: str = ""
    scheme: str = ""
    read_options: ReadOptions = ReadOptions()

    @property
    def signature(self) -> str:
        """Of the columns: files with the same columns have the same."""
        return signature(c.column for c in self.columns)

    def column(self, header: str) -> ColumnMap | None:
        return next((c for c in self.columns if c.column == header), None)

    def with_column(self, changed: ColumnMap) -> Mapping:
        """With another decision about one column."""
        return replace(self, columns=tuple(changed if c.column == changed.column else c for c in self.columns))

    def with_event_values(self, values: tuple[str, ...]) -> Mapping:
        """With these codes as the event in every event column that has none."""
        if not values:
            return self
        columns = (replace(c, event=values) if c.role == "event" and not c.event else c for c in self.columns)
        return replace(self, columns=tuple(columns))

    def key(self) -> str:
        """What reading depends on; confidence and reasons don't count."""
        bare = replace(self, columns=tuple(replace(c, confidence=1.0, reason="") for c in self.columns))
        return hashlib.sha256(repr(bare).encode()).hexdigest()

    def to_toml(self) -> str:
        """The mapping's file."""
        return _written(self)

    @classmethod
    def from_toml(cls, text: str | bytes) -> Mapping:
        """Reads a mapping's file.

        Raises:
            CohortError: with a finding for each thing that is wrong.
        """
        return _Reader().read(text)


def signature(headers: Iterable[str]) -> str:
    """The columns of a file, whatever their order and case, as 16 hexadecimal digits."""
    names = sorted({normalise(h) for h in headers})
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


# ---------------------------------------------------------------- writing
def _text(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_text(v) for v in value) + "]"
    return format(value, "g") if isinstance(value, float) else str(value)


def _filled(thing: ReadOptions | EndpointMap | ColumnMap, without: Sequence[str] = ()) -> list[str]:
    """Lines for the fields that differ from their defaults."""
    lines = []
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.name not in without and value != field.default:
            lines.append(f"{field.name} = {_text(value)}")
    return lines


def _written(mapping: Mapping) -> str:
    lines = [
        "# How the columns of a file are understood. Apply it with --mapping, or load it beside the file.",
        f"mapping_version = {VERSION}",
        f"signature = {_text(mapping.signature)}",
        *(f"{name} = {_text(getattr(mapping, name))}" for name in ("dictionary", "unit", "scheme")),
    ]
    if read_options := _filled(mapping.read_options):
        lines += ["", "[reading]", *read_options]
    if mapping.site_words:
        lines += ["", "# a word in the file = the organ or site it means", "[site_words]"]
        lines += [f"{_text(word)} = {_text(organ)}" for word, organ in mapping.site_words]
    for endpoint in mapping.endpoints:
        lines += ["", "[[endpoints]]", *_filled(endpoint)]
    for column in mapping.columns:
        lines += ["", "[[columns]]", *_filled(column, without=("levels",))]
        if column.levels:
            lines += ["[columns.levels]  # in their order, each with the file's words"]
            lines += [f"{_text(level)} = {_text(words)}" for level, words in column.levels]
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- reading
class _Reader:
    """Turns a mapping's file into a `Mapping`, collecting every finding on the way."""

    TOP = {
        "mapping_version",
        "signature",
        "dictionary",
        "unit",
        "scheme",
        "reading",
        "site_words",
        "endpoints",
        "columns",
    }

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def read(self, data: str | bytes) -> Mapping:
        raw = self._parsed(data)
        for key in raw.keys() - self.TOP:
            self._fail(f"unknown key '{shorten(key)}'; allowed are {joined(sorted(self.TOP))}")
        if raw and raw.get("mapping_version") != VERSION:
            self._fail(f"mapping_version must be {VERSION}; is this a mapping file?")
        columns = tuple(self._column(row) for row in self._rows(raw, "columns"))
        names = [c.column for c in columns]
        for name in sorted({n for n in names if names.count(n) > 1}):
            self._fail(f"column '{shorten(name)}' is mapped twice")
        unit = self._one(raw.get("unit", ""), ("", *UNITS), "unit")
        words = raw.get("site_words", {})
        if not isinstance(words, dict) or not all(isinstance(v, str) for v in words.values()):
            self._fail("site_words must be a table of words, each with an organ")
            words = {}
        mapping = Mapping(
            columns, tuple(self._filled(EndpointMap, row, "endpoints") for row in self._rows(raw, "endpoints")),
            tuple(words.items()), str(raw.get("dictionary", "necc")), unit, str(raw.get("scheme", "")),
            self._filled(ReadOptions, raw.get("reading", {}), "reading"),
        )  # fmt: skip
        for endpoint in mapping.endpoints:
            self._one(endpoint.unit, UNITS, f"unit of endpoint '{shorten(endpoint.name)}'")
        if self.findings:
            raise CohortError(self.findings)
        return mapping

    def _parsed(self, data: str | bytes) -> dict[str, Any]:
        try:
            text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
            if len(text) > MAX_FILE:
                raise ValueError(f"a mapping file has at most {MAX_FILE // 2**20} MB")
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # TOML and Unicode errors are ValueErrors
            reason = shorten(str(error)) if isinstance(error, tomllib.TOMLDecodeError) else "it is not UTF-8 text"
            self._fail(f"not valid TOML: {reason}")
            return {}

    def _fail(self, problem: str) -> None:
        self.findings.append(Finding("error", "mapping", f"mapping file: {problem}"))

    def _rows(self, raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
        rows = raw.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            self._fail(f"'{key}' must be tables, each headed [[{key}]]")
            return []
        return rows

    def _one(self, value: object, allowed: Sequence[str], what: str) -> str:
        if value not in allowed:
            self._fail(f"{what} is none of {joined([a or 'blank' for a in allowed], 'or')}")
            return allowed[0]
        return str(value)

    def _column(self, row: dict[str, Any]) -> ColumnMap:
        levels = row.get("levels", {})
        if not isinstance(levels, dict) or not all(isinstance(v, list) for v in levels.values()):
            self._fail("levels must be a table of level names, each with a list of words")
            levels = {}
        column: ColumnMap = self._filled(ColumnMap, {k: v for k, v in row.items() if k != "levels"}, "columns")
        where = f"of column '{shorten(column.column)}'"
        self._one(column.role, ROLES, f"role {where}")
        self._one(column.unit, ("", *UNITS), f"unit {where}")
        self._one(column.date_order, DATE_ORDERS, f"date_order {where}")
        return replace(column, levels=tuple((k, tuple(map(str, v))) for k, v in levels.items()))

    def _filled(self, kind: type, row: object, place: str) -> Any:
        """A record of `kind` with the row's values, each of the type of its default."""
        if not isinstance(row, dict):
            self._fail(f"'{place}' must be a table")
            row = {}
        known = {f.name: f for f in fields(kind)}
        first = next(iter(known))
        values: dict[str, object] = {} if place == "reading" else {first: ""}
        for key, value in row.items():
            if key not in known:
                self._fail(f"{place}: unknown key '{shorten(key)}'; allowed are {joined(list(known))}")
                continue
            wanted = known[key].default
            if isinstance(wanted, tuple) and isinstance(value, list):
                values[key] = tuple(map(str, value))
            elif isinstance(value, (int, float)) and isinstance(wanted, (int, float)):
                values[key] = type(wanted)(value)
            elif isinstance(value, str) and not isinstance(wanted, (int, float, tuple)):
                values[key] = value
            else:
                self._fail(f"{place}: '{key}' holds another kind of value than it should")
        if place != "reading" and not values[first]:
            self._fail(f"each of [[{place}]] needs '{first}'")
        return kind(**values)
