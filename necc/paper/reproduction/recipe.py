"""The recipe: what a paper prints and how each figure is computed, as data; findings where the file is wrong.

```toml
title = "..."
reference = "..."
doi = "..."
scheme = "paper"                     # how sites are read; optional

[[step]]                             # admission, in order; `where` says who stays
label = "FIGO stage IVb"
printed = 8
where = ["figo_stage=I,II,III,IVA,missing"]

[table."Table 2"]                    # title, and headings of the columns in their order
title = "The initial site of recurrence"
columns = [["n", "N"], ["pct", "%"]]

[[cell]]
table = "Table 2"
kind = "share"
rows = [                             # keys beside `rows` hold for all of them
  { row = "Lung", where = ["site:lung=with"], printed = { n = 34, pct = 38.6 } },
]
```

Figures are kept digit by digit, quoted or not: 45.50 is not 45.5.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from necc.core.errors import Finding
from necc.core.selection import Selection
from necc.core.text import shorten
from necc.paper.audit.values import count, figure, share, text
from necc.paper.files import file_text, shipped_text
from necc.paper.reproduction.kinds import KINDS, CellKind, Printed, conditions, show_printed

SHIPPED = "necc2022_recipe.toml"
TOP = ("title", "reference", "doi", "scheme", "step", "table", "cell")
STEP_KEYS = ("label", "printed", "where")
TABLE_KEYS = ("title", "columns", "note", "curves")


def _tolerance(value: object) -> float:
    number = figure(value).value
    if number <= 0:
        raise ValueError(f"a tolerance of {number:g} is not above 0")
    return number


# keys of every kind. For estimates `relative` (a share of the printed figure) and `absolute` (its units), for p-values
# `p_absolute` and `same_side` of a level, for intervals `se_relative`. Of several all must be met.
COMMON = {
    "row": text,
    "table": text,
    "note": text,
    "column": text,
    "relative": _tolerance,
    "absolute": _tolerance,
    "se_relative": _tolerance,
    "p_absolute": _tolerance,
    "same_side": share,
}


@dataclass(frozen=True)
class Line:
    """One row of a printed table with its figures by column, and how they are computed.

    values: the keys of its kind; printed: column -> figure.
    """

    id: str
    table: str
    row: str
    kind: str
    values: Mapping[str, object]
    printed: Mapping[str, Printed]
    place: str
    line: int | None = None


@dataclass(frozen=True)
class Step:
    """One criterion of admission: who stays, and how many the paper left out by it."""

    label: str
    printed: int
    where: Selection


@dataclass(frozen=True)
class Layout:
    """A printed table: its title, and (column, heading) in their order. `curves`: the endpoint of a figure."""

    name: str
    title: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    note: str = ""
    curves: str = ""


@dataclass(frozen=True)
class Recipe:
    """All that can be computed of a paper."""

    title: str
    reference: str
    doi: str = ""
    scheme: str = ""
    steps: tuple[Step, ...] = ()
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()


def load_recipe(path: str | Path | None = None) -> tuple[Recipe, tuple[Finding, ...]]:
    """The recipe of a file, or of the paper that ships with the project; findings where the file is wrong.

    Raises:
        OSError: the file can't be read.
    """
    if path is None:
        return parse_recipe(shipped_text(SHIPPED))
    try:
        return parse_recipe(file_text(path))
    except UnicodeDecodeError:
        return Recipe("", ""), (_finding("not-text", "the file is not UTF-8 text"),)


def parse_recipe(source: str) -> tuple[Recipe, tuple[Finding, ...]]:
    """The recipe of a TOML text (see the module's introduction)."""
    try:
        document = tomllib.loads(source, parse_float=str)
    except (ValueError, RecursionError) as problem:  # a TOMLDecodeError, or an integer of thousands of digits
        return Recipe("", ""), (_finding("not-toml", f"the file is not TOML: {problem}"),)
    at = [i for i, row in enumerate(source.splitlines(), 1) if re.match(r"\s*\[\[\s*cell\s*\]\]", row)]
    findings = [
        _finding("key", f"key '{key}' is not one of {', '.join(TOP)}{_meant(key, TOP)}", column=key)
        for key in document
        if key not in TOP
    ]
    lines: list[Line] = []
    given = document.get("cell", [])
    if not isinstance(given, list) or not given:
        findings.append(_finding("no-cells", "the file has no [[cell]]", column="cell"))
        given = []
    for number, raw in enumerate(given, 1):
        lines += _read_cell(raw, number, at[number - 1] if number <= len(at) else None, findings)
    head = [str(document.get(key, "")) for key in ("title", "reference", "doi", "scheme")]
    steps, layouts = _read_steps(document, findings), _read_layouts(document, findings)
    _undefined_tables(lines, document.get("table"), findings)
    return Recipe(*head, steps, layouts, tuple(lines)), tuple(findings)


def _read_steps(document: Mapping[str, object], findings: list[Finding]) -> tuple[Step, ...]:
    steps: list[Step] = []
    given = document.get("step", [])
    for number, raw in enumerate(given if isinstance(given, list) else [given], 1):
        place = f"step {number}"
        if not isinstance(raw, Mapping):
            findings.append(_finding("step", f"{place} is not a table of keys"))
            continue
        _strange(raw, STEP_KEYS, place, None, findings)
        try:
            where = conditions(raw.get("where", []))
            steps.append(Step(text(raw.get("label")), count(raw.get("printed")), where))
        except ValueError as problem:
            findings.append(_finding("value", f"{place}: {problem}", column="step"))
    return tuple(steps)


def _read_layouts(document: Mapping[str, object], findings: list[Finding]) -> dict[str, Layout]:
    layouts: dict[str, Layout] = {}
    given = document.get("table", {})
    for name, raw in given.items() if isinstance(given, Mapping) else ():
        place = f"table '{name}'"
        columns = raw.get("columns", []) if isinstance(raw, Mapping) else None
        if not isinstance(columns, list) or not all(isinstance(c, list) and len(c) == 2 for c in columns):
            findings.append(_finding("table", f"{place}: columns must be a list of [column, heading]", column=name))
            continue
        _strange(raw, TABLE_KEYS, place, None, findings)
        pairs = tuple((str(a), str(b)) for a, b in columns)
        words = [str(raw.get(key, "")) for key in ("note", "curves")]
        layouts[name] = Layout(name, str(raw.get("title", "")), pairs, *words)
    return layouts


def _undefined_tables(lines: list[Line], defined: object, findings: list[Finding]) -> None:
    """Tables that cells stand in and no [table] is about. Where the file describes none at all, it may be meant so."""
    known = tuple(defined) if isinstance(defined, Mapping) else ()
    for line in {line.table: line for line in reversed(lines) if line.table not in known}.values():
        said = f'there is no [table."{shorten(line.table)}"], which has the title and the headings of the columns'
        message = f"{line.place}, key 'table': {said}{_meant(line.table, known)}"
        finding = _finding("table", message, line.line, "table", line.table)
        findings.append(finding if known else replace(finding, severity="warning"))


def _read_cell(raw: object, number: int, line: int | None, findings: list[Finding]) -> list[Line]:
    place = f"cell {number}"
    if not isinstance(raw, Mapping):
        findings.append(_finding("cell", f"{place} is not a table of keys", line))
        return []
    place += f" ({shorten(str(raw['table']))})" if "table" in raw else ""
    kind = KINDS.get(str(raw.get("kind")))
    if kind is None:
        said = f"'{shorten(str(raw['kind']))}' is not one of {', '.join(KINDS)}" if "kind" in raw else "missing"
        said += _meant(str(raw.get("kind", "")), KINDS)
        findings.append(_finding("kind", f"{place}, key 'kind': {said}", line, "kind", raw.get("kind")))
        return []
    shared = {k: v for k, v in raw.items() if k not in ("kind", "rows")}
    rows = raw.get("rows", [{}])
    if not isinstance(rows, list) or not rows or not all(isinstance(r, Mapping) for r in rows):
        findings.append(_finding("value", f"{place}, key 'rows': a list of tables is needed", line, "rows"))
        return []
    results = []
    for i, extra in enumerate(rows, 1):
        here = place if "rows" not in raw else f"{place}, row {i}"
        read = _read_line({**shared, **extra}, kind, here, line, findings)
        if read is not None:
            results.append(read)
    return results


def _read_line(
    raw: Mapping[str, object], kind: CellKind, place: str, line: int | None, findings: list[Finding]
) -> Line | None:
    """One row, None where a key that it needs is missing or broken; a broken figure takes only itself out."""
    allowed = {**COMMON, **kind.required, **kind.optional}
    _strange({k: v for k, v in raw.items() if k != "printed"}, tuple(allowed), place, line, findings, kind.name)
    values: dict[str, object] = {}
    sound = True
    for key, value in raw.items():
        if key in allowed:
            try:
                values[key] = allowed[key](value)
            except ValueError as problem:
                findings.append(_finding("value", f"{place}, key '{key}': {problem}", line, key, value))
                sound = False
    for key in ("table", "row", *kind.required):
        if key not in raw:
            findings.append(_finding("missing", f"{place}: kind '{kind.name}' needs the key '{key}'", line, key))
            sound = False
    if not sound:
        return None
    printed = _read_printed(raw.get("printed"), kind, values, place, line, findings)
    if not printed:
        return None
    name = f"{values['table']}/{values['row']}" + (f"/{values['column']}" if "column" in values else "")
    return Line(name, str(values["table"]), str(values["row"]), kind.name, values, printed, place, line)


def _read_printed(
    raw: object, kind: CellKind, values: Mapping[str, object], place: str, line: int | None, findings: list[Finding]
) -> dict[str, Printed]:
    if not isinstance(raw, Mapping) or not raw:
        message = f"{place}, key 'printed': a table {{ column = figure, ... }} is needed"
        findings.append(_finding("value", message, line, "printed"))
        return {}
    printed: dict[str, Printed] = {}
    for column, value in raw.items():
        try:
            printed[column] = kind.read(column, value, values)
        except ValueError as problem:
            message = f"{place}, printed '{column}': {problem}"
            findings.append(_finding("printed", message, line, column, value))
    for column, message in kind.impossible(printed, values):
        shown = show_printed(printed.pop(column))
        findings.append(_finding("impossible", f"{place}, printed '{column}': {message}", line, column, shown))
    return printed


def _strange(
    raw: Mapping[str, object], allowed: tuple[str, ...], place: str, line: int | None, findings: list[Finding],
    kind: str = "",
) -> None:  # fmt: skip
    for key in raw:
        if key not in allowed:
            of = f"of kind '{kind}', which has" if kind else "here; there are"
            message = f"{place}, key '{shorten(key)}': not a key {of} {', '.join(allowed)}{_meant(key, allowed)}"
            findings.append(_finding("key", message, line, shorten(key), raw[key]))


def _finding(
    code: str, message: str, line: int | None = None, column: str | None = None, value: object = None
) -> Finding:
    """An error in a recipe; `row` is the line of the cell in the file."""
    shown = None if value is None else shorten(str(value))
    return Finding("error", f"recipe-{code}", message, line, column, shown)


def _meant(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""
