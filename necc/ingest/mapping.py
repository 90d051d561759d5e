"""How a file's columns are understood, as data: guessed, corrected by a person, saved, and applied again.

A mapping names columns, codes and level names; it holds no patient's row. Its file is TOML.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

from necc.core.dictionary import UNITS, normalise
from necc.core.errors import CohortError, Finding
from necc.core.text import shorten
from necc.core.toml import Keys, Reader, Table, anything, listed, mapped, one_of, string, to_toml
from necc.ingest.codes import LENGTHS

Role = Literal[
    "auto", "identifier", "pseudonym", "time", "event", "date", "site", "sites", "category", "number", "flag",
    "response", "text", "drop",
]  # fmt: skip
ROLES: tuple[str, ...] = get_args(Role)
DATE_ORDERS = ("", "day-month", "month-day", "year-month", "serial", "swapped", "year-first")
CHOSEN, FLIPPED = "chosen by a person", "flipped by a person"  # reasons of a column
VERSION = 1
MAX_FILE = 2**20
HEADING = "How the columns of a file are understood. Apply it with --mapping, or load it together with the file."


@dataclass(frozen=True)
class ColumnMap:
    """One column of a file: what it is, and how its values are read.

    role: "auto" types it by its values; "pseudonym" identifies, its values replaced; "drop" leaves it out.
    variable: the dictionary's variable that it means; blank makes it an extra variable of its own name.
    unit: of a time or a length in the file. site: the organ or site that a marked cell means.
    event, no_event: codes that mean the event happened, and that it didn't; a blank among them means blank cells.
    missing: codes read as missing. levels: level names in their order, each with the file's words for it.
    date_order: for dates that can be read two ways; "year-month" reads 201904, "serial" a spreadsheet's days,
        "swapped" date cells with day and month exchanged, "year-first" 18/03/30.
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
        return replace(self, event=self.no_event, no_event=self.event, confidence=1.0, reason=FLIPPED)


@dataclass(frozen=True)
class EndpointMap:
    """An endpoint of the file's own: a time and an event, or two dates. Names are columns or variables.

    unit: in which it is shown. event_time: the time of those with the event, where `time` is the last contact.
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
    event_time: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The columns that it is read from."""
        names = (self.time, self.event_time, self.event, self.start, self.event_date, self.censor_date)
        return tuple(n for n in names if n)


@dataclass(frozen=True)
class ReadOptions:
    """How a file is opened where its own signs aren't enough.

    sheet: of a workbook; blank takes the fullest. header_row: the row that names the columns; 0: found automatically.
    encoding, decimal: of a text table; blank finds them.
    hidden_rows: "read" or "leave-out", those that a sheet hides; blank asks.
    events: of a REDCap field that differs between events, "last", "first" or "each"; blank asks.
    """

    sheet: str = ""
    header_row: int = 0
    encoding: str = ""
    decimal: str = ""
    hidden_rows: str = ""
    events: str = ""

    def answered(self, option: str, value: str) -> ReadOptions:
        """With another value of an option of text."""
        return replace(self, **{option: value})  # type: ignore[arg-type]  # the only number, header_row, is no answer


@dataclass(frozen=True)
class Mapping:
    """All that is decided about a file before it is read as a cohort.

    dictionary: the disease by name; blank for a file that follows none.
    site_words: a word in the file, and the organ it means, beside the words of the dictionary.
    unit: in which the dictionary's endpoints are shown; blank keeps the dictionary's.
    settled: what else a person answered: a question's key, and the name of the answer.
    """

    columns: tuple[ColumnMap, ...] = ()
    endpoints: tuple[EndpointMap, ...] = ()
    site_words: tuple[tuple[str, str], ...] = ()
    dictionary: str = "necc"
    unit: str = ""
    scheme: str = ""
    read_options: ReadOptions = ReadOptions()
    settled: tuple[tuple[str, str], ...] = ()

    @property
    def signature(self) -> str:
        """Of the columns: files with the same columns have the same."""
        return signature(c.column for c in self.columns)

    def column(self, header: str) -> ColumnMap | None:
        return next((c for c in self.columns if c.column == header), None)

    def with_column(self, changed: ColumnMap) -> Mapping:
        """With another decision about one column."""
        return replace(self, columns=tuple(changed if c.column == changed.column else c for c in self.columns))

    def settle(self, key: str, name: str) -> Mapping:
        """With an answer to the question of this key; an earlier one is replaced."""
        return replace(self, settled=tuple({**dict(self.settled), key: name}.items()))

    def with_event_values(self, values: tuple[str, ...]) -> Mapping:
        """With these codes as the event in every event column that has none."""
        if not values:
            return self
        columns = (
            replace(c, event=values, reason=CHOSEN) if c.role == "event" and not c.event else c for c in self.columns
        )
        return replace(self, columns=tuple(columns))

    def key(self) -> str:
        """What reading depends on; confidence and reasons don't count."""
        bare = replace(self, columns=tuple(replace(c, confidence=1.0, reason="") for c in self.columns))
        return hashlib.sha256(repr(bare).encode()).hexdigest()

    def to_toml(self) -> str:
        """The mapping's file."""
        return to_toml({"mapping_version": VERSION, **self.to_table()}, HEADING)

    def to_table(self) -> dict[str, object]:
        """The mapping as a table of a TOML document; `mapping_of` reads it."""
        document: dict[str, object] = {"signature": self.signature}
        document |= {name: getattr(self, name) for name in ("dictionary", "unit", "scheme")}
        document |= {
            "reading": _filled(self.read_options), "site_words": dict(self.site_words),
            "settled": dict(self.settled),
            "endpoints": [_filled(endpoint) for endpoint in self.endpoints],
            "columns": [_filled(column) for column in self.columns],
        }  # fmt: skip
        return {key: value for key, value in document.items() if value not in ({}, [])}

    @classmethod
    def from_toml(cls, text: str | bytes) -> Mapping:
        """Reads a mapping's file.

        Raises:
            CohortError: with a finding for each thing that is wrong.
        """
        if len(text) > MAX_FILE:
            raise CohortError([Finding("error", "mapping", f"a mapping file has at most {MAX_FILE // 2**20} MB")])
        reader = Reader(text, "mapping", message="mapping file: {}")
        if not reader.findings and reader.root.values.get("mapping_version") != VERSION:
            reader.fail("", f"mapping_version must be {VERSION}; is this a mapping file?")
        mapping = mapping_of(reader, reader.root)
        if reader.findings:
            raise CohortError(reader.findings)
        return mapping


def signature(headers: Iterable[str]) -> str:
    """The columns of a file, whatever their order and case, as 16 hexadecimal digits."""
    names = sorted({normalise(h) for h in headers})
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def _filled(thing: ColumnMap | EndpointMap | ReadOptions) -> dict[str, object]:
    """The fields that differ from their defaults; levels are a table of the file's words for each."""
    values = {f.name: v for f in fields(thing) if (v := getattr(thing, f.name)) != f.default}
    values |= {"levels": dict(values["levels"])} if "levels" in values else {}
    return values


# ---------------------------------------------------------------- the file
def _named(value: object) -> str:
    if not string(value):
        raise ValueError("a name is needed")
    return string(value)


def _levels(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(mapped(CODES, empty=True)(value).items())


CODES = listed(str, empty=True)  # 1 is the code "1"
UNIT = one_of(("", *UNITS, *LENGTHS))
TOP = Keys({}, {
    **dict.fromkeys(("mapping_version", "reading", "endpoints", "columns"), anything),
    **dict.fromkeys(("signature", "dictionary", "scheme"), str), "unit": UNIT, "site_words": mapped(string, empty=True),
    "settled": mapped(string, empty=True),
})  # fmt: skip
READING = Keys.of(
    ReadOptions, decimal=one_of(("", ".", ",")), hidden_rows=one_of(("", "read", "leave-out")),
    events=one_of(("", "last", "first", "each")),
)  # fmt: skip
ENDPOINT = Keys.of(EndpointMap, (), name=_named, unit=one_of(UNITS))
COLUMN = Keys.of(
    ColumnMap, column=_named, unit=UNIT, event=CODES, no_event=CODES, missing=CODES, levels=_levels,
    date_order=one_of(DATE_ORDERS),
)  # fmt: skip


def mapping_of(reader: Reader, table: Table) -> Mapping:
    """The mapping that a table of a document holds; what is wrong is a finding and left out, the rest is read."""
    top = reader.read(table, TOP, partly=True) or {}
    endpoints = [reader.read(one, ENDPOINT) for one in reader.tables("endpoints", table)]
    by_name: dict[str, ColumnMap] = {}
    for one in reader.tables("columns", table):
        values = reader.read(_column(one), COLUMN)
        if values and values["column"] in by_name:
            reader.fail("", f"column '{shorten(values['column'])}' is mapped twice", table if table.path else None)
            reader.unread.append((one.path, dict(one.values)))
        elif values:
            by_name[values["column"]] = ColumnMap(**values)
    reading = reader.read(reader.table("reading", table), READING, partly=True)
    return Mapping(
        tuple(by_name.values()), tuple(EndpointMap(**e) for e in endpoints if e),
        tuple(top.get("site_words", {}).items()), top.get("dictionary", "necc"), top.get("unit", ""),
        top.get("scheme", ""), ReadOptions(**reading or {}), tuple(top.get("settled", {}).items()),
    )  # fmt: skip


def _column(table: Table) -> Table:
    """With the column's own name as its place."""
    name = table.values.get("column")
    return replace(table, place=f"column '{shorten(name)}'") if isinstance(name, str) else table
