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

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from necc.core.errors import Finding
from necc.core.text import shorten
from necc.paper.audit.kinds import COMMON, KINDS, ClaimKind
from necc.paper.files import file_text, shipped_text

SHIPPED = "necc2022_audit.toml"
TOP = ("title", "reference", "data", "claim")


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
    """
    if path is None:
        return parse_claims(shipped_text(SHIPPED))
    try:
        return parse_claims(file_text(path))
    except UnicodeDecodeError:
        return ClaimSet("", "", ()), (_finding("not-text", "the file is not UTF-8 text"),)


def parse_claims(text: str) -> tuple[ClaimSet, tuple[Finding, ...]]:
    """Claims of a TOML text (see the module's introduction)."""
    try:
        document = tomllib.loads(text, parse_float=str)
    except (ValueError, RecursionError) as problem:  # a TOMLDecodeError, or an integer of thousands of digits
        return ClaimSet("", "", ()), (_finding("not-toml", f"the file is not TOML: {problem}"),)
    lines = [i for i, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*claim\s*\]\]", line)]
    return read_claims(document, lines)


def read_claims(document: Mapping[str, object], lines: list[int] | None = None) -> tuple[ClaimSet, tuple[Finding, ...]]:
    """Claims of a parsed document, e.g. one put together on a page: `{"claim": [{"id": ..., "kind": ...}]}`.

    `lines` are the file's lines of the claims, for the findings.
    """
    findings = [
        _finding("key", f"key '{key}' is not one of {', '.join(TOP)}{_meant(key, TOP)}", column=key)
        for key in document
        if key not in TOP
    ]
    data = _read_data(document.get("data", {}), findings)
    given = document.get("claim", [])
    if not isinstance(given, list) or not given:
        findings.append(_finding("no-claims", "the file has no [[claim]]", column="claim"))
        given = []
    claims: list[Claim] = []
    for number, raw in enumerate(given, 1):
        line = lines[number - 1] if lines and number <= len(lines) else None
        claim = _read_claim(raw, number, line, findings)
        if claim is not None and any(c.id == claim.id for c in claims):
            findings.append(_finding("id", f"claim {number}, key 'id': '{claim.id}' stands twice", line, "id"))
            claim = Claim(f"{claim.id}.{number}", claim.kind, claim.where, claim.rows, claim.note)
        if claim is not None:
            claims.append(claim)
    head = (str(document.get("title", "")), str(document.get("reference", "")))
    return ClaimSet(*head, tuple(claims), data), tuple(findings)


def _read_data(raw: object, findings: list[Finding]) -> dict[str, tuple[dict[str, str], ...]]:
    tables: dict[str, tuple[dict[str, str], ...]] = {}
    for name, table in raw.items() if isinstance(raw, Mapping) else ():
        columns = table.get("columns") if isinstance(table, Mapping) else None
        rows = table.get("rows") if isinstance(table, Mapping) else None
        if not isinstance(columns, list) or not isinstance(rows, list):
            findings.append(_finding("data", f"data.{name} needs columns and rows", column=f"data.{name}"))
            continue
        good = []
        for i, row in enumerate(rows, 1):
            if isinstance(row, list) and len(row) == len(columns):
                good.append(dict(zip(map(str, columns), map(str, row), strict=True)))
            else:
                message = f"data.{name}, row {i}: not a list of {len(columns)} values"
                findings.append(_finding("data", message, column=f"data.{name}"))
        tables[name] = tuple(good)
    return tables


def _read_claim(raw: object, number: int, line: int | None, findings: list[Finding]) -> Claim | None:
    place = f"claim {number}"
    if not isinstance(raw, Mapping):
        findings.append(_finding("claim", f"{place} is not a table of keys", line))
        return None
    name = str(raw.get("id", f"claim{number}"))
    place += f" ('{name}')" if "id" in raw else ""
    kind = KINDS.get(str(raw.get("kind")))
    if kind is None:
        said = f"'{raw['kind']}' is not one of {', '.join(KINDS)}" if "kind" in raw else "missing"
        said += _meant(str(raw.get("kind", "")), KINDS)
        findings.append(_finding("kind", f"{place}, key 'kind': {said}", line, "kind", raw.get("kind")))
        return None
    shared = {k: v for k, v in raw.items() if k not in ("id", "kind", "where", "note", "rows")}
    given = raw.get("rows", [{}])
    if not isinstance(given, list) or not all(isinstance(r, Mapping) for r in given):
        message = f"{place}, key 'rows': a list of tables is needed"
        findings.append(_finding("value", message, line, "rows"))
        return None
    rows: list[Row] = []
    for i, extra in enumerate(given, 1):
        here = place if "rows" not in raw else f"{place}, row {i}"
        label = str(extra.get("item", f"row {i}" if "rows" in raw else ""))
        if any(r.id == f"{name}/{label}" for r in rows):
            label += f" ({i})"
        values = _read_values({**shared, **extra}, kind, here, line, findings)
        if values is not None:
            rows.append(Row(f"{name}/{label}" if label else name, values, here, line))
    return Claim(name, kind.name, str(raw.get("where", "")), tuple(rows), str(raw.get("note", "")))


def _read_values(
    raw: Mapping[str, object], kind: ClaimKind, place: str, line: int | None, findings: list[Finding]
) -> dict[str, object] | None:
    """Values of one row by key, None where a key that the kind can't do without is missing or broken."""
    allowed = {**COMMON, **kind.required, **kind.optional}
    values: dict[str, object] = {}
    sound = True
    for key, value in raw.items():
        if key not in allowed:
            said = f"not a key of kind '{kind.name}', which has {', '.join(allowed)}{_meant(key, allowed)}"
            findings.append(_finding("key", f"{place}, key '{key}': {said}", line, key, value))
            continue
        try:
            values[key] = allowed[key](value)
        except ValueError as problem:
            findings.append(_finding("value", f"{place}, key '{key}': {problem}", line, key, value))
            sound = False
    missing = [key for key in kind.required if key not in raw]
    for key in missing:
        findings.append(_finding("missing", f"{place}: kind '{kind.name}' needs the key '{key}'", line, key))
    return values if sound and not missing else None


def _finding(
    code: str, message: str, line: int | None = None, column: str | None = None, value: object = None
) -> Finding:
    """An error in a claim file; `row` is the line of the claim in the file."""
    return Finding("error", f"audit-{code}", message, line, column, None if value is None else shorten(str(value)))


def _meant(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""
