"""Edits as a readable file, and back.

```toml
edits_version = 1

[[edits]]
kind = "recode"                            # merge and rename levels: new = [old, ...]
column = "histology"
groups = { "small cell" = ["small cell", "SCNEC"] }

[[edits]]
kind = "leave-out"
rows = { 14 = "9f3a0c11d2b4" }             # a row of the spreadsheet, and its fingerprint
why = "seen elsewhere"
```

The other kinds have the fields of their classes as keys. What a file says wrongly is a finding with its place; the
other edits are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, replace
from typing import Any

from necc.core.dictionary import UNITS
from necc.core.edits.steps import CombineSites, Cut, Derive, Edit, FirstOf, LeaveOut, NewEndpoint, Order, Recode
from necc.core.errors import Finding
from necc.core.text import joined, quoted, shorten
from necc.core.toml import Keys, Reader, Table, anything, listed, mapped, meant, one_of, string, text, to_toml

VERSION = 1
UNREADABLE = ("edits-not-text", "edits-not-toml")
"""Codes of findings on a file of which nothing can be read."""
HEADING = "Edits of a cohort, made in this order; see docs/decisions/0017-edits-are-steps.md"
CLASSES: Mapping[str, type[Edit]] = {
    c.kind: c for c in (Recode, Order, Cut, CombineSites, LeaveOut, Derive, NewEndpoint, FirstOf)
}


def _rows(value: object) -> dict[int, str]:
    """Rows of a spreadsheet, each with its fingerprint; TOML's keys are texts."""
    held = mapped(text, empty=True)(value)
    if strange := [row for row in held if not row.isdecimal() or len(row) > 9]:
        raise ValueError(f"'{shorten(strange[0])}' is not a row of a spreadsheet")
    return {int(row): mark for row, mark in held.items()}


_NAMED = {"column": text, "name": text, "of": text}
_OWN: Mapping[str, dict[str, Any]] = {
    Recode.kind: {"groups": mapped(listed(string))},
    Order.kind: {"levels": listed(string)},
    CombineSites.kind: {"sites": listed(text)},
    LeaveOut.kind: {"rows": _rows},
    NewEndpoint.kind: {"unit": one_of(UNITS)},
    FirstOf.kind: {"of": listed(text)},
}


def _keys(kind: str) -> Keys:
    own = {f.name: _NAMED[f.name] for f in fields(CLASSES[kind]) if f.name in _NAMED} | _OWN.get(kind, {})
    return replace(Keys.of(CLASSES[kind], (), kind=string, **own), kind=kind)


EDITS: Mapping[str, Keys] = {kind: _keys(kind) for kind in CLASSES}
"""What a table of each kind of edit may hold."""


def tables_of(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """Edits as tables of plain values, without what is as it is by default."""
    return [{"kind": edit.kind, **_values(edit)} for edit in edits]


def _values(edit: Edit) -> dict[str, Any]:
    values = {f.name: getattr(edit, f.name) for f in fields(edit)
              if f.default is MISSING or getattr(edit, f.name) != f.default}  # fmt: skip
    plain = {name: [*value] if isinstance(value, tuple) else value for name, value in values.items()}
    if isinstance(edit, Recode):
        plain["groups"] = {new: [*old] for new, old in edit.groups}
    if isinstance(edit, LeaveOut) and edit.rows:
        plain["rows"] = {str(row): held for row, held in edit.rows}
    return plain


def edits_to_toml(edits: Iterable[Edit]) -> str:
    """Edits as the text of a file.

    Example:
        >>> edits = (Cut("age_years", (40, 60), "age group"),)
        >>> edits_from_toml(edits_to_toml(edits)) == (edits, ())
        True
    """
    return to_toml({"edits_version": VERSION, "edits": tables_of(edits)}, HEADING)


def edits_from_toml(text: str | bytes) -> tuple[tuple[Edit, ...], tuple[Finding, ...]]:
    """The edits that a file's text can be read as, and a finding for everything that can't.

    Example:
        >>> edits, findings = edits_from_toml("edits_version = 1\\n[[edits]]\\nkind = 'recod'")
        >>> findings[0].message
        "edits 1, key 'kind': 'recod' is no kind of edit; there are ...; did you mean 'recode'?"
    """
    reader = Reader(text, "edits-{}")
    if not reader.findings:
        check_version(reader)
        reader.read(reader.root, Keys(optional={"edits_version": anything, "edits": anything}))
    return edits_of(reader), tuple(reader.findings)


def check_version(reader: Reader) -> None:
    """A finding where a file isn't of the version that is read here; what can be read of it is."""
    version = reader.root.values.get("edits_version")
    if version is None:
        reader.fail("missing", f"the file needs the key 'edits_version', which is {VERSION}", column="edits_version")
    elif version != VERSION or isinstance(version, bool):
        problem = f"edits of version {version} are read as those of version {VERSION}, the one known here"
        reader.fail("version", problem, reader.root, "edits_version", version)


def edits_of(reader: Reader) -> tuple[Edit, ...]:
    """The edits of a document's [[edits]]; what can't be read is a finding of the reader."""
    return tuple(edit for table in reader.tables("edits") if (edit := _edit(reader, table)) is not None)


def _edit(reader: Reader, table: Table) -> Edit | None:
    kind = table.values.get("kind")
    if kind is None:
        reader.fail(
            "missing", f"needs the key 'kind', one of {joined(quoted(list(EDITS)), 'or')}", table, column="kind"
        )
    elif not isinstance(kind, str) or kind not in EDITS:
        problem = f"'{kind}' is no kind of edit; there are {joined([*EDITS])}{meant(kind, EDITS)}"
        reader.fail("value", problem, table, "kind", kind)
    elif (values := reader.read(table, EDITS[kind])) is not None:
        del values["kind"]
        return CLASSES[kind](**values)
    else:
        return None
    reader.unread.append((table.path, dict(table.values)))
    return None
