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

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from necc.core.errors import Finding, Severity
from necc.core.selection import Selection
from necc.core.text import shorten
from necc.core.toml import Keys, Reader, Table, anything, count, meant, text
from necc.paper.reproduction.kinds import KINDS, CellKind
from necc.paper.reproduction.printed import Printed, show_printed
from necc.paper.values import figure, filters, rows_of, share, source_of

SHIPPED = "necc2022_recipe.toml"
HEAD = ("title", "reference", "doi", "scheme")
TOP = Keys({}, {**dict.fromkeys(HEAD, str), **dict.fromkeys(("step", "table", "cell"), anything)})
STEP = Keys({"label": text, "printed": count}, {"where": filters})
LAYOUT = Keys({}, {"title": str, "columns": anything, "note": str, "curves": str})


def _tolerance(value: object) -> float:
    number = figure(value).value
    if number <= 0:
        raise ValueError(f"a tolerance of {number:g} is not above 0")
    return number


# keys of every kind, beside `table` and `row`. For estimates `relative` (a share of the printed figure) and `absolute`
# (its units), for p-values `p_absolute` and `same_side` of a level, for intervals `se_relative`.
# Of several all must be met.
COMMON = {
    **dict.fromkeys(("note", "column"), text),
    **dict.fromkeys(("relative", "absolute", "se_relative", "p_absolute"), _tolerance),
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
    where: Selection = Selection()


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

    Example:
        >>> recipe, findings = load_recipe()
        >>> len(findings)
        0
    """
    return parse_recipe(source_of(path, SHIPPED))


def parse_recipe(source: str | bytes) -> tuple[Recipe, tuple[Finding, ...]]:
    """The recipe of a TOML text (see the module's introduction)."""
    reader = Reader(source, "recipe-{}", exact=True)
    if reader.findings:
        return Recipe("", ""), tuple(reader.findings)
    top = reader.read(reader.root, TOP) or {}
    cells = reader.tables("cell")
    if not cells:
        reader.fail("no-cells", "the file has no [[cell]]", column="cell")
    lines = [line for table in cells for line in _lines(table, reader)]
    steps = [reader.read(table, STEP) for table in reader.tables("step")]
    layouts = _layouts(reader)
    _undefined_tables(lines, reader)
    return Recipe(
        **{key: top.get(key, "") for key in HEAD},
        steps=tuple(Step(**step) for step in steps if step is not None),
        layouts=layouts,
        lines=tuple(lines),
    ), tuple(reader.findings)


def _layouts(reader: Reader) -> dict[str, Layout]:
    layouts: dict[str, Layout] = {}
    for table in reader.named("table", place="table '{}'"):
        columns = table.values.get("columns", [])
        if not isinstance(columns, list) or not all(isinstance(c, list) and len(c) == 2 for c in columns):
            reader.fail("table", "columns must be a list of [column, heading]", table, column=table.name)
            continue
        values = reader.read(table, LAYOUT) or {}
        layouts[table.name] = Layout(table.name, **{**values, "columns": tuple((str(a), str(b)) for a, b in columns)})
    return layouts


def _undefined_tables(lines: list[Line], reader: Reader) -> None:
    """Tables that cells stand in and no [table] is about. Where the file describes none at all, it may be meant so."""
    defined = reader.root.values.get("table")
    known = tuple(defined) if isinstance(defined, Mapping) else ()
    for line in {line.table: line for line in reversed(lines) if line.table not in known}.values():
        of = f'there is no [table."{shorten(line.table)}"], which has the title and the headings of the columns'
        place = Table({}, line.place, line=line.line)
        severity: Severity = "error" if known else "warning"
        reader.fail("table", of + meant(line.table, known), place, "table", line.table, severity=severity)


def _lines(table: Table, reader: Reader) -> list[Line]:
    """The rows of one [[cell]]; one is left out where a key that it needs is missing or broken."""
    if "table" in table.values:
        table = replace(table, place=f"{table.place} ({shorten(str(table.values['table']))})")
    result = rows_of(reader, table, KINDS, ())
    if result is None:
        return []
    kind, rows = result
    keys = Keys({"table": text, "row": text, **kind.required}, {**COMMON, **kind.optional}, kind.name)
    lines = []
    for row in rows:
        values = reader.read(replace(row, values={k: v for k, v in row.values.items() if k != "printed"}), keys)
        printed = {} if values is None else _printed(row, kind, values, reader)
        if values is not None and printed:
            name = "/".join(values[key] for key in ("table", "row", "column") if key in values)
            lines.append(Line(name, values["table"], values["row"], kind.name, values, printed, row.place, row.line))
    return lines


def _printed(row: Table, kind: CellKind, values: Mapping[str, object], reader: Reader) -> dict[str, Printed]:
    """The printed figures by column; a broken one takes only itself out."""
    raw = row.values.get("printed")
    if not isinstance(raw, Mapping) or not raw:
        reader.fail("value", "a table { column = figure, ... } is needed", row, "printed")
        return {}
    printed: dict[str, Printed] = {}
    places = {column: replace(row, place=f"{row.place}, printed '{column}'") for column in raw}
    for column, value in raw.items():
        try:
            printed[column] = kind.read(column, value, values)
        except ValueError as problem:
            reader.fail("printed", str(problem), places[column], value=value, column=column)
    for column, why in kind.impossible(printed, values):
        figure_text = show_printed(printed.pop(column))
        reader.fail("impossible", why, places[column], value=figure_text, column=column)
    return printed
