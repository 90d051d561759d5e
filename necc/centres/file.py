"""A centre's file: counts of patients in agreed words, and nothing else.

Canonical JSON in UTF-8, one object, with its own SHA-256 inside; `docs/centres.md` goes through it part by part. What
is read is checked whole before any of it is used: a file that is damaged, altered, of a later version, or that doesn't
add up is refused, in sentences that say where and how to mend it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

from necc.core.canonical import SEAL, Sealed, unsealed
from necc.core.coarse import TIME_GRIDS, cell_width
from necc.core.dictionary import UNITS, Stage
from necc.core.errors import AnalysisError, CohortError, Finding
from necc.core.text import first_few, joined, plural, quoted, shorten

FORMAT = "necc.centre"
VERSION = 1
PATIENTS = "patients"
"""The name of the table without times, and of the number of patients."""
TIME, EVENT, FIRST, SITES_COLUMN, N = "time", "event", "came_first", "sites", "n"
NOT_A_FACTOR = (TIME, EVENT, FIRST, SITES_COLUMN, N)
NEITHER, CAME_BACK, DIED, SEEN_LATER, DIED_LATER, NOT_FOLLOWED = range(6)
"""What came first: neither; the endpoint's event; death without it. Then of patients without the event whose time to it
isn't known, so that the time is that to last contact or to death: alive, dead. And: neither, survival isn't known."""
HIGHEST = {EVENT: 1, FIRST: NOT_FOLLOWED}
"""The highest code of a column that is no factor."""
MARKS = {1: "1", 0: "0", -1: "?"}
"""With a site, without it, not recorded."""
AGAIN = "ask the centre for the file again"
MOST_ROWS = 3  # places that are told of one kind of damage

PARTS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "endpoint": {"label": str, "unit": str, "origin": str, "starts_at": str, "defined_as": str, "time_grid": str,
                 "tables": list},
    "factor": {"name": str, "label": str, "levels": list, "ordered": bool, "starts_at": str, "source": str},
    "sites": {"scheme": str, "label": str, "names": list, "labels": dict},
    "code book": {"name": str, "sha256": str},
    "rule": {"smallest_cell": int, "time_grid": str, "separate": bool, "person_level": bool, "smallest_found": int,
             "cells_of_one": int, "patients_in_small_cells": int, "says": str, "despite_ledger": str},
    "table": {"endpoint": str, "columns": list, "rows": list},
}  # fmt: skip
"""By part of a file, its keys and what each holds."""


@dataclass(frozen=True)
class CentreFile(Sealed):
    """What a centre hands on.

    centre: a name that the centre's owner gives. period: when its patients were seen, in the owner's words.
    patients: how many there are; every table counts each of them once. filters: which patients of the centre they are.
    code_book: name and SHA-256 of what its words mean. endpoints: by name. factors: with their levels, in order.
    sites: the scheme, and its sites in the order of the marks. rule: of disclosure control, and what it found.
    tables: by name; see `tables_of`. notice: of patients who are made up. notes: for whoever reads the file.
    """

    centre: str
    patients: int
    code_book: Mapping[str, Any]
    endpoints: Mapping[str, Mapping[str, Any]]
    factors: Sequence[Mapping[str, Any]]
    sites: Mapping[str, Any]
    rule: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Any]]
    period: str = ""
    filters: Sequence[str] = ()
    notes: Sequence[str] = ()
    notice: str = ""
    software: str = ""

    def content(self) -> dict[str, Any]:
        """All of it, as it is written, but for the checksum."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        plain: dict[str, Any] = json.loads(json.dumps({"format": f"{FORMAT}/{VERSION}", **own}, allow_nan=False))
        return plain

    def tables_of(self, endpoint: str) -> list[Mapping[str, Any]]:
        """The tables of an endpoint, with the most columns first; of "", all, the one without times first.

        A table is a mapping of `endpoint`, `columns` and `rows`. The last column, `n`, is a number of patients; before
        it stand `time` in the endpoint's unit (None: not known) and `event` (1 happened, 0 not, -1 not recorded), or in
        its place `came_first` (`NEITHER` to `NOT_FOLLOWED`; -1: it isn't recorded whether the event happened); the
        code of each factor's level (-1: missing), and `sites`, with a mark a site: 1 with it, 0 without, ? unknown.
        """
        own = [t for t in self.tables.values() if t["endpoint"] == endpoint or not endpoint]
        return sorted(own, key=lambda t: (bool(t["endpoint"]), -len(t["columns"])))


def read_centre(file: bytes | str | Path, name: str = "") -> CentreFile:
    """A centre's file, checked whole.

    Args:
        file: its bytes, or the path to it. name: what to call it in messages; its file name without one.

    Raises:
        CohortError: it can't be read, is damaged or altered, is of a later version, or its counts don't add up; the
            findings say what and where.

    Example:
        >>> from necc.centres import read_centre, summarise
        >>> file = summarise(cohort, centre="North", endpoints=["PRS"], factors=["figo_stage"])
        >>> read_centre(file.to_bytes()).patients
        88
    """
    if isinstance(file, bytes):
        data, name = file, name or "the file"
    else:
        path = Path(file)
        name = name or path.name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise _refused([f"'{name}' can't be read: {error.strerror or 'no such file'}"]) from None
    if later := _later(data):
        message = f"'{name}' is a centre's file of version {later}, and this program reads version {VERSION}; update it"
        raise _refused([message], "version")
    try:
        content = unsealed(data, name)
    except AnalysisError as error:
        raise _refused([str(error)]) from None
    if content.get("format") != f"{FORMAT}/{VERSION}":
        kind = shorten(str(content.get("format", "nothing")))
        raise _refused([f"'{name}' isn't a centre's file: its format is '{kind}', not '{FORMAT}/{VERSION}'; "
                        "`necc summarise` writes one"])  # fmt: skip
    content = {key: value for key, value in content.items() if key not in ("format", SEAL)}
    if problems := [*_keys(content)] or [*_words(content)] or [*_tables(content)] or [*_together(content)]:
        raise _refused([f"'{name}': {problem}; {AGAIN}" for problem in problems])
    return CentreFile(**content)


def _refused(messages: Sequence[str], code: str = "centre file") -> CohortError:
    return CohortError([Finding("error", code, message) for message in messages])


def _later(data: bytes) -> int:
    """The version that a file says it is of, where it is later than this program's; else 0."""
    found = re.search(rb'"format"\s*:\s*"' + FORMAT.encode() + rb'/(\d{1,6})"', data)
    return int(found[1]) if found and int(found[1]) > VERSION else 0


# ---------------------------------------------------------------- what a file has to be
def _keys(content: Mapping[str, Any]) -> Iterator[str]:
    """What is missing, or of another type than it has to be."""
    types = {"centre": str, "patients": int, "code_book": dict, "endpoints": dict, "factors": list, "sites": dict,
             "rule": dict, "tables": dict, "period": str, "filters": list, "notes": list, "notice": str,
             "software": str}  # fmt: skip
    yield from _typed("the file", content, types)
    parts = [("code book", "the code book", content.get("code_book")), ("sites", "the sites", content.get("sites")),
             ("rule", "the rule", content.get("rule"))]  # fmt: skip
    for kind, called in (("endpoint", "endpoints"), ("table", "tables")):
        known = content.get(called)
        parts += [(kind, f"{kind} '{name}'", part) for name, part in known.items()] if isinstance(known, dict) else []
    factors = content.get("factors")
    listed = factors if isinstance(factors, list) else []
    parts += [("factor", f"factor {place}", part) for place, part in enumerate(listed, start=1)]
    for kind, told, part in parts:
        if not isinstance(part, dict):
            yield f"{told} isn't an object"
        else:
            yield from _typed(told, part, PARTS[kind])


def _typed(told: str, part: Mapping[str, Any], types: Mapping[str, Any]) -> Iterator[str]:
    if lacks := [key for key in types if key not in part]:
        yield f"{told} lacks {joined(quoted(lacks))}"
    if strange := [key for key in part if key not in types]:
        yield f"{told} holds {joined(quoted([shorten(key) for key in strange]))}, which no centre's file has"
    for key, kind in types.items():
        value = part.get(key)
        if key in part and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            yield f"'{key}' of {told} isn't {IN_WORDS[kind]}"


IN_WORDS: Mapping[Any, str] = {str: "a text", int: "a whole number", bool: "true or false", list: "a list",
                               dict: "an object"}  # fmt: skip


def _words(content: Mapping[str, Any]) -> Iterator[str]:
    """What names, levels and grids don't fit."""
    stages = get_args(Stage)
    for name, endpoint in content["endpoints"].items():
        for key, allowed in (("unit", UNITS), ("time_grid", TIME_GRIDS), ("starts_at", stages)):
            if endpoint[key] not in allowed:
                yield f"'{key}' of endpoint '{name}' is '{shorten(endpoint[key])}', not one of {', '.join(allowed)}"
        tables = [shorten(str(t)) for t in endpoint["tables"] if str(t) not in content["tables"]]
        if tables or not endpoint["tables"]:
            yield f"endpoint '{name}' has no table{f' {joined(quoted(tables))}' if tables else ''}"
    texts = [
        ("filters", content["filters"]),
        ("notes", content["notes"]),
        ("names of the sites", content["sites"]["names"]),
    ]
    texts += [(f"levels of '{f['name']}'", f["levels"]) for f in content["factors"]]
    for told, listed in texts:
        if not all(isinstance(text, str) for text in listed):
            yield f"the {told} aren't all texts"
        elif told != "notes" and len(set(listed)) < len(listed):
            yield f"the {told} hold one twice"
    yield from _factors(content["factors"])
    labels = content["sites"]["labels"]
    if not {*labels} >= {*map(str, content["sites"]["names"])} or not all(isinstance(x, str) for x in labels.values()):
        yield "not every site has a label"
    if not content["centre"].strip():
        yield "the centre has no name"
    if content["patients"] < 0:
        yield f"it says that there are {content['patients']:,} patients"
    if content["rule"]["time_grid"] not in TIME_GRIDS or content["rule"]["smallest_cell"] < 1:
        yield "its rule names no time grid, or a smallest cell below 1"


def _factors(factors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [f["name"] for f in factors]
    if len(set(names)) < len(names) or set(names) & {*NOT_A_FACTOR}:
        yield f"two factors have one name, or one is called {joined(NOT_A_FACTOR, 'or')}"
    for factor in factors:
        if factor["starts_at"] not in get_args(Stage):
            yield f"'starts_at' of factor '{factor['name']}' is not one of {', '.join(get_args(Stage))}"


def _tables(content: Mapping[str, Any]) -> Iterator[str]:
    """Rows that can't be: lengths, codes, counts."""
    levels = {f["name"]: len(f["levels"]) for f in content["factors"]}
    if PATIENTS not in content["tables"]:
        yield f"there is no table '{PATIENTS}'"
    for name, table in content["tables"].items():
        columns, endpoint = table["columns"], content["endpoints"].get(table["endpoint"])
        first = [TIME, FIRST if FIRST in columns else EVENT] if table["endpoint"] else []
        if table["endpoint"] and (endpoint is None or name not in endpoint["tables"]):
            yield f"table '{name}' is of an endpoint '{shorten(table['endpoint'])}' that the file doesn't list it for"
            continue
        between = columns[len(first) : -1]
        if columns[: len(first)] != first or columns[-1:] != [N] or len(set(map(str, columns))) < len(columns):
            yield f"table '{name}' has other columns than {joined([*first, 'factors', SITES_COLUMN, N])}"
        elif strange := [str(c) for c in between if str(c) not in {*levels, SITES_COLUMN}]:
            yield f"table '{name}' counts by {joined(quoted([shorten(c) for c in strange]))}, no factor of the file"
        else:
            yield from _rows(name, table, endpoint, levels, len(content["sites"]["names"]))


def _rows(name: str, table: Mapping[str, Any], endpoint: Any, levels: Mapping[str, int], n_sites: int) -> Iterator[str]:
    columns = table["columns"]
    if broken := [i for i, row in enumerate(table["rows"], 1) if not isinstance(row, list) or len(row) != len(columns)]:
        yield f"table '{name}' has rows of another length than its {len(columns)} columns ({_places(broken)})"
        return
    width = cell_width(endpoint["time_grid"], endpoint["unit"]) if endpoint else 0.0
    for place, column in enumerate(columns):
        wrong = [i for i, row in enumerate(table["rows"], 1)
                 if not _fits(row[place], column, levels.get(column, 0), n_sites, width)]  # fmt: skip
        if wrong:
            allowed = _allowed(column, levels.get(column, 0), n_sites, endpoint)
            yield f"'{column}' of table '{name}' isn't {allowed} ({_places(wrong)})"
    keys = [tuple(map(repr, row[:-1])) for row in table["rows"]]
    if len(set(keys)) < len(keys):
        yield f"table '{name}' has the same row twice"


def _places(rows: Sequence[int]) -> str:
    told = first_few([f"row {i:,}" for i in rows[:MOST_ROWS]])
    return f"{told}{f' and {len(rows) - MOST_ROWS:,} more' if len(rows) > MOST_ROWS else ''}"


def _whole(value: object, low: int, high: float = math.inf) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _fits(value: Any, column: str, n_levels: int, n_sites: int, width: float) -> bool:
    if column == N:
        return _whole(value, 1)
    if column == SITES_COLUMN:
        return isinstance(value, str) and len(value) == n_sites and set(value) <= {*MARKS.values()}
    if column == TIME:
        known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
        middle = not width or (known and abs(value / width % 1 - 0.5) < 1e-6)
        return value is None or (known and middle)
    return _whole(value, -1, HIGHEST.get(column, n_levels - 1))


def _allowed(column: str, n_levels: int, n_sites: int, endpoint: Any) -> str:
    if column == N:
        return "a whole number of patients, at least 1"
    if column == SITES_COLUMN:
        return f"{plural(n_sites, 'mark')} of 0, 1 and ?"
    if column == TIME:
        grid = endpoint["time_grid"]
        return "a time of 0 or more, or null" if grid == "days" else f"the middle of a {grid}, or null"
    return f"a code from -1 to {HIGHEST.get(column, n_levels - 1)}"


def _together(content: Mapping[str, Any]) -> Iterator[str]:
    """What the tables say of one another, and the rule of them."""
    margins: dict[str, tuple[str, dict[object, int]]] = {}
    for name, table in content["tables"].items():
        total = sum(row[-1] for row in table["rows"])
        if total != content["patients"]:
            yield f"table '{name}' adds up to {plural(total, 'patient')}, and the file says {content['patients']:,}"
            continue
        for place, column in enumerate(table["columns"][:-1]):
            if column in (TIME, EVENT, FIRST):
                continue
            counts: dict[object, int] = {}
            for row in table["rows"]:
                counts[row[place]] = counts.get(row[place], 0) + row[-1]
            other, known = margins.setdefault(column, (name, counts))
            if counts != known:
                yield f"tables '{other}' and '{name}' count '{column}' differently"
    sizes = [row[-1] for table in content["tables"].values() for row in table["rows"]]
    rule = content["rule"]
    found = min(sizes, default=0)
    if (rule["smallest_found"], rule["cells_of_one"]) != (found, sizes.count(1)):
        yield "its rule tells of other cells than its tables have"
    elif rule["person_level"] != (bool(sizes) and found < rule["smallest_cell"]):
        yield "its rule doesn't say rightly whether it is person-level information"
