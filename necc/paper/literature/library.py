"""The facts and their sources, read from a data file; findings where the file is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from necc.analysis.proportions import exact_ci
from necc.core.errors import Finding, SelectionError
from necc.core.selection import Selection
from necc.core.text import DASH, format_number, shorten
from necc.paper.audit.values import count, figure, flag, listed, text
from necc.paper.files import file_text, shipped_text

SHIPPED = "literature.toml"


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


@dataclass(frozen=True)
class Fact:
    """One published figure or statement, in own words.

    low, high: both the value where a single figure is given; None where the fact is a statement. `n` of `of` gives a
    proportion. bound: "below" or "above" where the source gives a limit only. cites: what the source refers to where
    it states a figure of others.
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

    @property
    def interval(self) -> tuple[float, float] | None:
        """What the source leaves possible: a limit's side, the exact interval of a count, or the range it gives."""
        if self.low is None or self.high is None:
            return None
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
        unit = " %" if self.unit == "%" else f" {self.unit}"
        sign = {"below": "< ", "above": "≥ "}.get(self.bound, "")
        if self.n is not None:
            share = format_number(self.low, 2 if self.low < 2 and self.n else 1)
            return f"{sign}{self.n:,} of {self.of:,} ({share} %)"
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


# ---------------------------------------------------------------- reading
def load_library(path: str | Path | None = None) -> tuple[Library, tuple[Finding, ...]]:
    """The library of a file, or the one that ships with the project; findings where the file is wrong.

    Raises:
        OSError: the file can't be read.
    """
    if path is None:
        return parse_library(shipped_text(SHIPPED))
    try:
        return parse_library(file_text(path))
    except UnicodeDecodeError:
        return Library({}, ()), (_finding("not-text", "the file is not UTF-8 text"),)


def parse_library(source: str) -> tuple[Library, tuple[Finding, ...]]:
    """The library of a TOML text (see the data file for its keys)."""
    try:
        document = tomllib.loads(source)
    except (ValueError, RecursionError) as problem:
        return Library({}, ()), (_finding("not-toml", f"the file is not TOML: {problem}"),)
    findings: list[Finding] = []
    sources: dict[str, Source] = {}
    given = document.get("source", {})
    for key, raw in given.items() if isinstance(given, Mapping) else ():
        values = _read(raw, SOURCE_KEYS, SOURCE_NEEDED, f"source '{shorten(key)}'", findings)
        if values is not None:
            sources[key] = Source(key, **values)
    facts = []
    listed_facts = document.get("fact", [])
    for number, raw in enumerate(listed_facts if isinstance(listed_facts, list) else [], 1):
        if (fact := _read_fact(raw, number, sources, findings)) is not None:
            facts.append(fact)
    if not facts:
        findings.append(_finding("no-facts", "the file has no [[fact]] that can be read"))
    return Library(sources, tuple(facts)), tuple(findings)


def _number(value: object) -> float:
    return figure(str(value)).value


def _bound(value: object) -> str:
    if value not in ("below", "above"):
        raise ValueError(f"'{value}' is not one of below, above")
    return str(value)


def _selection(value: object) -> Selection:
    try:
        return Selection.parse(listed(text)(value))
    except SelectionError as error:
        raise ValueError(str(error)) from None


def _comparison(value: object) -> Comparison:
    if not isinstance(value, Mapping):
        raise ValueError(f"a table with {', '.join(COMPARE_KEYS)} is needed")
    for key in value:
        if key not in COMPARE_KEYS:
            raise ValueError(f"'{key}' is not one of {', '.join(COMPARE_KEYS)}")
    made = Comparison(**{"kind": "", **{k: COMPARE_KEYS[k](v) for k, v in value.items()}})
    if made.kind not in NEEDED:
        raise ValueError(f"kind '{made.kind}' is not one of {', '.join(NEEDED)}")
    for key in NEEDED[made.kind]:
        if key not in value:
            raise ValueError(f"kind '{made.kind}' needs the key '{key}'")
    return made


Keys = Mapping[str, Callable[[object], Any]]
SOURCE_KEYS: Keys = dict.fromkeys(("short", "title", "citation", "kind", "read", "doi", "caution"), text)
SOURCE_NEEDED = ("short", "title", "citation", "kind", "read")
COMPARE_KEYS: Keys = {
    "kind": text, "where": _selection, "among": _selection, "endpoint": text, "time": _number, "scheme": text,
    "first": text, "groups": lambda v: listed(text)(v), "named": text,
}  # fmt: skip
NEEDED = {
    "share": ("where",),
    "never": ("where", "named"),
    "median": ("endpoint",),
    "survival": ("endpoint", "time"),
    "largest": ("first", "groups"),
}
FACT_KEYS: Keys = {
    "topic": text, "measure": text, "source": text, "statement": text, "population": text, "value": _number,
    "low": _number, "high": _number, "unit": text, "n": count, "of": count, "bound": _bound, "other_population": flag,
    "cites": text, "compare": _comparison,
}  # fmt: skip


def _read(raw: object, keys: Keys, needed: Sequence[str], place: str, findings: list[Finding]) -> dict[str, Any] | None:
    """Values by key; None where one that is needed is missing or broken."""
    if not isinstance(raw, Mapping):
        findings.append(_finding("value", f"{place} is not a table of keys"))
        return None
    values, sound = {}, True
    for key, value in raw.items():
        if key not in keys:
            message = f"{place}, key '{shorten(key)}': not one of {', '.join(keys)}"
            findings.append(_finding("key", message, key, value))
            continue
        try:
            values[key] = keys[key](value)
        except ValueError as problem:
            findings.append(_finding("value", f"{place}, key '{key}': {problem}", key, value))
            sound = False
    for key in needed:
        if key not in raw:
            findings.append(_finding("missing", f"{place} needs the key '{key}'", key))
            sound = False
    return values if sound else None


def _read_fact(raw: object, number: int, sources: Mapping[str, Source], findings: list[Finding]) -> Fact | None:
    place = f"fact {number}"
    values = _read(raw, FACT_KEYS, ("topic", "measure", "source", "statement", "population"), place, findings)
    if values is None:
        return None
    if values["source"] not in sources:
        message = f"{place}, key 'source': there is no [source.{shorten(values['source'])}]"
        findings.append(_finding("source", message, "source", values["source"]))
        return None
    value = values.pop("value", None)
    if value is not None:
        values["low"] = values["high"] = value
    n, of = values.get("n"), values.get("of")
    if n is not None or of is not None:
        if n is None or not of or n > of:
            findings.append(_finding("impossible", f"{place}: {n} of {of} is not a proportion", "n"))
            return None
        values |= {"low": 100 * n / of, "high": 100 * n / of, "unit": "%"}
    low, high = values.get("low"), values.get("high")
    if (low is None) != (high is None) or (low is not None and low > high):
        findings.append(_finding("impossible", f"{place}: {low} to {high} is not a range", "low"))
        return None
    compare = values.get("compare")
    if low is None and compare and compare.kind == "share" and not compare.named:
        message = f"{place}, key 'compare': a statement without a figure needs 'named', what the cohort's share is of"
        findings.append(_finding("named", message, "compare"))
        return None
    return Fact(**values)


def _finding(code: str, message: str, column: str | None = None, value: object = None) -> Finding:
    shown = None if value is None else shorten(str(value))
    return Finding("error", f"literature-{code}", message, None, column, shown)
