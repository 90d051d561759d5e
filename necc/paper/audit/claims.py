"""The claim file: what a publication prints, as data, and the findings where the file itself is wrong.

```toml
title = "..."
reference = "..."

[data.table5]                       # a printed table that claims count in
columns = ["best", "final"]
rows = [["CR", "PR"], ["SD", "SD"]]

[[claim]]
id = "table2"
kind = "percentage"
where = "Table 2"
of = 88
rows = [                            # a claim each; keys beside `rows` hold for all of them
  { item = "lung", n = 34, pct = "38.6" },
]
```

Figures are kept digit by digit, quoted or not: 45.50 is not 45.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from necc.core.errors import Finding
from necc.core.toml import Keys, Reader, Table, anything
from necc.paper.audit.kinds import COMMON, KINDS
from necc.paper.values import rows_of, source_of

SHIPPED = "necc2022_audit.toml"
TOP = Keys({}, {"title": str, "reference": str, "data": anything, "claim": anything})
OWN = ("id", "where", "note")  # keys of a claim, not of its rows


@dataclass(frozen=True)
class Row:
    """One checkable statement: its id, the values by key, and its place in the file."""

    id: str
    values: Mapping[str, object]
    place: str
    line: int | None = None


@dataclass(frozen=True)
class Claim:
    """One [[claim]] of a file: a kind and its statements."""

    id: str
    kind: str
    where: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True)
class ClaimSet:
    """All claims of a file that can be checked."""

    title: str
    reference: str
    claims: tuple[Claim, ...]
    data: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)


def load_claims(path: str | Path | None = None) -> tuple[ClaimSet, tuple[Finding, ...]]:
    """Claims of a file, or of the paper that ships with the project; findings where the file is wrong.

    Raises:
        OSError: the file can't be read.

    Example:
        >>> claims, findings = load_claims()
        >>> len(findings)
        0
    """
    return parse_claims(source_of(path, SHIPPED))


def parse_claims(source: str | bytes) -> tuple[ClaimSet, tuple[Finding, ...]]:
    """Claims of a TOML text (see the module's introduction)."""
    return _read(Reader(source, "audit-{}", exact=True))


def read_claims(document: Mapping[str, object]) -> tuple[ClaimSet, tuple[Finding, ...]]:
    """Claims of a parsed document, e.g. one put together on a page: `{"claim": [{"id": ..., "kind": ...}]}`."""
    return _read(Reader(document, "audit-{}"))


def _read(reader: Reader) -> tuple[ClaimSet, tuple[Finding, ...]]:
    if reader.findings:
        return ClaimSet("", "", ()), tuple(reader.findings)
    head = reader.read(reader.root, TOP) or {}
    data = _data(head.get("data"), reader)
    tables = reader.tables("claim")
    if not tables:
        reader.fail("no-claims", "the file has no [[claim]]", column="claim")
    claims: dict[str, Claim] = {}
    for table in tables:
        claim = _claim(table, reader)
        if claim is not None and claim.id in claims:
            reader.fail("id", f"'{claim.id}' occurs twice", table, "id")
            claim = replace(claim, id=f"{claim.id}.{table.name}")
        if claim is not None:
            claims[claim.id] = claim
    words = (head.get("title", ""), head.get("reference", ""))
    return ClaimSet(*words, tuple(claims.values()), data), tuple(reader.findings)


def _data(raw: object, reader: Reader) -> dict[str, tuple[dict[str, str], ...]]:
    tables: dict[str, tuple[dict[str, str], ...]] = {}
    for name, values in raw.items() if isinstance(raw, Mapping) else ():
        table = Table(values if isinstance(values, Mapping) else {}, f"data.{name}")
        columns, rows = table.values.get("columns"), table.values.get("rows")
        if not isinstance(columns, list) or not isinstance(rows, list):
            reader.fail("data", "needs columns and rows", table, column=table.place)
            continue
        good = []
        for i, row in enumerate(rows, 1):
            if isinstance(row, list) and len(row) == len(columns):
                good.append(dict(zip(map(str, columns), map(str, row), strict=True)))
            else:
                place = replace(table, place=f"{table.place}, row {i}")
                reader.fail("data", f"not a list of {len(columns)} values", place, column=table.place)
        tables[name] = tuple(good)
    return tables


def _claim(table: Table, reader: Reader) -> Claim | None:
    name = str(table.values.get("id", f"claim{table.name}"))
    if "id" in table.values:
        table = replace(table, place=f"{table.place} ('{name}')")
    result = rows_of(reader, table, KINDS, OWN)
    if result is None:
        return None
    kind, tables = result
    keys = Keys(kind.required, {**COMMON, **kind.optional}, kind.name)
    rows: list[Row] = []
    for i, row in enumerate(tables, 1):
        label = str(row.values.get("item", f"row {i}")) if "rows" in table.values else ""
        if any(r.id == f"{name}/{label}" for r in rows):
            label += f" ({i})"
        values = reader.read(row, keys)
        if values is not None:
            rows.append(Row(f"{name}/{label}" if label else name, values, row.place, row.line))
    where, note = (str(table.values.get(key, "")) for key in ("where", "note"))
    return Claim(name, kind.name, where, tuple(rows), note)
