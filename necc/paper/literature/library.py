"""The facts and their sources, read from a data file; findings where the file is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from necc.analysis.proportions import exact_ci
from necc.core.errors import Finding
from necc.core.selection import Selection
from necc.core.text import DASH, format_number, shorten
from necc.core.toml import Keys, Reader, Table, anything, count, flag, listed, one_of, record, text
from necc.paper.values import figure, filters, source_of

SHIPPED = "literature.toml"
RATIO = "hazard ratio"
Extent = Literal["full text read", "abstract read"]


# ---------------------------------------------------------------- data
@dataclass(frozen=True)
class Source:
    """Where a figure was read. short: author and year; read: what of it, and where; caution: what weakens it."""

    key: str
    short: str
    title: str
    citation: str
    kind: str
    read: str
    doi: str = ""
    caution: str = ""

    @property
    def extent(self) -> Extent:
        """How much of it was read."""
        return "full text read" if self.read.startswith("whole") else "abstract read"


@dataclass(frozen=True)
class Comparison:
    """What of a cohort stands beside a fact; see the data file for the kinds."""

    kind: str
    where: Selection = Selection()
    among: Selection = Selection()
    endpoint: str = ""
    time: float = 0.0
    scheme: str = ""
    first: str = ""
    groups: tuple[str, ...] = ()
    named: str = ""
    factor: str = ""


@dataclass(frozen=True)
class Fact:
    """One published figure or statement, in own words.

    low, high: both the value where a single figure is given; None where the fact is a statement. `n` of `of` gives a
    proportion. limits: the 95 % interval that the source prints; patients: on how many the figure rests, where it is no
    count. bound: "below" or "above" where the source gives a limit only. cites: what the source refers to where it
    states a figure of others.
    """

    topic: str
    measure: str
    source: str
    statement: str
    population: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    n: int | None = None
    of: int | None = None
    bound: str = ""
    other_population: bool = False
    cites: str = ""
    compare: Comparison | None = None
    limits: tuple[float, float] | None = None
    patients: int | None = None

    @property
    def is_ratio(self) -> bool:
        return self.unit == RATIO

    @property
    def counted(self) -> bool:
        """Whether the figure has an interval of its own: that of its count, or a printed one."""
        return self.n is not None or self.limits is not None

    @property
    def interval(self) -> tuple[float, float] | None:
        """What the source leaves possible: a limit's side, the exact interval of a count, or the range it gives."""
        if self.low is None or self.high is None:
            return None
        if self.limits is not None:
            return self.limits
        if self.bound == "below":
            return 0.0, self.high
        if self.n is not None and self.of:
            e = exact_ci(self.n, self.of)
            return 100 * (e.lower or 0.0), 100.0 if self.bound == "above" else 100 * (e.upper or 0.0)
        return self.low, self.high

    @property
    def figure_text(self) -> str:
        """The figure as a table shows it; empty for a statement."""
        if self.low is None or self.high is None:
            return ""
        unit = " %" if self.unit == "%" else "" if self.is_ratio else f" {self.unit}"
        sign = {"below": "< ", "above": "≥ "}.get(self.bound, "")
        if self.n is not None:
            share = format_number(self.low, 2 if self.low < 2 and self.n else 1)
            return f"{sign}{self.n:,} of {self.of:,} ({share} %)"
        if self.limits is not None:
            return f"{self.low:g}{unit} ({self.limits[0]:g}{DASH}{self.limits[1]:g})"
        if self.low != self.high:
            return f"{self.low:g}{DASH}{self.high:g}{unit}"
        return f"{sign}{self.low:g}{unit}"

    def to_dict(self) -> dict[str, object]:
        return {k: v for k, v in asdict(self).items() if k != "compare"}


@dataclass(frozen=True)
class Library:
    """All sources and facts of a file."""

    sources: Mapping[str, Source]
    facts: tuple[Fact, ...]

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f.topic for f in self.facts))


# ---------------------------------------------------------------- files
def load_library(path: str | Path | None = None) -> tuple[Library, tuple[Finding, ...]]:
    """The library of a file, or the one that ships with the project; findings where the file is wrong.

    Raises:
        OSError: the file can't be read.

    Example:
        >>> library, findings = load_library()
        >>> len(library.facts), len(findings)
        (129, 0)
    """
    return parse_library(source_of(path, SHIPPED))


@cache
def shipped_library() -> tuple[Library, tuple[Finding, ...]]:
    """The library that ships with the project, read once."""
    return load_library()


def parse_library(source: str | bytes) -> tuple[Library, tuple[Finding, ...]]:
    """The library of a TOML text (see the data file for its keys)."""
    reader = Reader(source, "literature-{}")
    if reader.findings:
        return Library({}, ()), tuple(reader.findings)
    reader.read(reader.root, TOP)
    tables = {table.name: reader.read(table, SOURCE) for table in reader.named("source", place="source '{}'")}
    sources = {key: Source(key, **values) for key, values in tables.items() if values is not None}
    facts = [fact for table in reader.tables("fact") if (fact := _fact(table, sources, reader)) is not None]
    if not facts:
        reader.fail("no-facts", "the file has no [[fact]] that can be read")
    return Library(sources, tuple(facts)), tuple(reader.findings)


def _number(value: object) -> float:
    return figure(str(value)).value


COMPARISON = record(
    {"kind": text},
    {"where": filters, "among": filters, "endpoint": text, "time": _number, "scheme": text, "first": text,
     "groups": listed(text), "named": text, "factor": text},
)  # fmt: skip
NEEDED = {
    "share": ("where",), "never": ("where", "named"), "median": ("endpoint",), "survival": ("endpoint", "time"),
    "largest": ("first", "groups"), "ratio": ("endpoint", "factor"),
}  # fmt: skip


def _comparison(value: object) -> Comparison:
    values = COMPARISON(value)
    kind = one_of(NEEDED)(values["kind"])
    for key in NEEDED[kind]:
        if key not in values:
            raise ValueError(f"kind '{kind}' needs the key '{key}'")
    return Comparison(**values)


TOP = Keys({}, {"source": anything, "fact": anything})
SOURCE = Keys(dict.fromkeys(("short", "title", "citation", "kind", "read"), text), {"doi": text, "caution": text})
FACT = Keys(
    dict.fromkeys(("topic", "measure", "source", "statement", "population"), text),
    {"value": _number, "low": _number, "high": _number, "unit": text, "n": count, "of": count,
     "bound": one_of(("below", "above")), "other_population": flag, "cites": text, "compare": _comparison,
     "limits": listed(_number, 2), "patients": count},
)  # fmt: skip


def _fact(table: Table, sources: Mapping[str, Source], reader: Reader) -> Fact | None:
    values = reader.read(table, FACT)
    if values is None:
        return None
    if values["source"] not in sources:
        reader.fail("source", f"there is no [source.{shorten(values['source'])}]", table, "source", values["source"])
        return None
    value = values.pop("value", None)
    if value is not None:
        values["low"] = values["high"] = value
    n, of = values.get("n"), values.get("of")
    if n is not None or of is not None:
        if n is None or not of or n > of:
            reader.fail("impossible", f"{n} of {of} is not a proportion", table, column="n")
            return None
        values |= {"low": 100 * n / of, "high": 100 * n / of, "unit": "%"}
    low, high = values.get("low"), values.get("high")
    if (low is None) != (high is None) or (low is not None and low > high):
        reader.fail("impossible", f"{low} to {high} is not a range", table, column="low")
        return None
    limits = values.get("limits")
    if limits is not None and (low is None or low != high or not limits[0] <= low <= limits[1]):
        problem = f"{limits[0]:g} to {limits[1]:g} is no interval of its figure"
        reader.fail("impossible", problem, table, column="limits")
        return None
    compare = values.get("compare")
    if low is None and compare and compare.kind == "share" and not compare.named:
        problem = "a statement without a figure needs 'named', what the cohort's share is of"
        reader.fail("named", problem, table, "compare")
        return None
    return Fact(**values)
