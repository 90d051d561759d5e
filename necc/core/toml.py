"""TOML files that a person writes: one declarative reader, which collects everything that is wrong with its place.

```python
reader = Reader(text, code="recipe-{}")
for table in reader.tables("cell"):  # each [[cell]]
    values = reader.read(table, Keys({"row": text}, {"n": count}))  # None where a value is missing or wrong
if reader.findings: ...
```

What a table may hold is data: by key a converter, which turns a value into a plain typed one or raises ValueError
in plain words. `Keys.of` takes them from the fields of a dataclass. Written files are tomlkit's.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from necc.core.errors import Finding, Severity
from necc.core.text import joined, shorten

Converter = Callable[[object], Any]
LARGEST_COUNT = 10_000_000


# ---------------------------------------------------------------- converters
def anything(value: object) -> object:
    """Any value, of keys that are read by themselves."""
    return value


def string(value: object) -> str:
    """A text, blank ones too."""
    if not isinstance(value, str):
        raise ValueError("a text is needed")
    return value


def text(value: object) -> str:
    """A text without the blanks around it, which holds something."""
    if not string(value).strip():
        raise ValueError("a text is needed")
    return string(value).strip()


def flag(value: object) -> bool:
    """True or false as TOML writes them; 0 and 1 are no flags."""
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")
    return value


def whole(value: object) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"'{shorten(str(value))}' is not a whole number")
    return value


def count(value: object) -> int:
    """A number of patients or events, from 0 to 10,000,000."""
    if not 0 <= (number := whole(value)) <= LARGEST_COUNT:
        raise ValueError(f"a count of {number} is impossible; it lies between 0 and {LARGEST_COUNT:,}")
    return number


def number(value: object) -> float:
    """A number; a whole one stays whole."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"'{shorten(str(value))}' is not a number")
    return value


def one_of(allowed: Iterable[str]) -> Converter:
    """A converter of texts that takes only these."""
    words = tuple(allowed)

    def read(value: object) -> str:
        if value not in words:
            said = f"'{shorten(str(value))}' is not one of {joined([w or 'blank' for w in words], 'or')}"
            raise ValueError(said + meant(value, words))
        return str(value)

    return read


def listed(convert: Converter, length: int | None = None, empty: bool = False) -> Converter:
    """A converter of lists of `length` values, or of one or more (`empty`: of any); each goes through `convert`."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not (value or empty) or (length is not None and len(value) != length):
            raise ValueError("a list is needed" if empty else f"a list of {length or 'one or more'} values is needed")
        return tuple(_each(enumerate(value, 1), lambda _: convert, "value {}").values())

    return read


def mapped(convert: Converter, empty: bool = False) -> Converter:
    """A converter of tables whose names are free; each value goes through `convert`."""

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not (value or empty):
            raise ValueError("a table { name = value, ... } is needed")
        return _each(value.items(), lambda _: convert, "'{}'")

    return read


def record(required: Mapping[str, Converter], optional: Mapping[str, Converter]) -> Converter:
    """A converter of nested tables with these keys, each with the converter of its value."""
    known = {**required, **optional}

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"a table with {', '.join(known)} is needed")
        problems = [f"'{k}' is not one of {', '.join(known)}{meant(k, known)}" for k in value if k not in known]
        problems += [f"'{key}' is missing" for key in required if key not in value]
        if problems:
            raise ValueError("; ".join(problems))
        return _each(value.items(), lambda key: known[key], "'{}'")

    return read


def _each(items: Iterable[tuple[Any, object]], converter: Callable[[Any], Converter], place: str) -> dict[Any, Any]:
    """Every value converted; one error for all that are wrong, with the place of each if they are several."""
    values, problems = {}, []
    for key, value in items:
        try:
            values[key] = converter(key)(value)
        except ValueError as problem:
            problems.append((place.format(shorten(str(key))), str(problem)))
    if problems:
        several = len(problems) > 1
        raise ValueError("; ".join(f"{at}: {problem}" if several else problem for at, problem in problems))
    return values


PLAIN: dict[object, Converter] = {str: string, bool: flag, int: whole, float: number}


def converter_of(annotation: Any) -> Converter:
    """The converter that gives a value of a field's type: plain ones, choices, tuples, tables of free names.

    Raises:
        TypeError: a type that no TOML value becomes.
    """
    if annotation in PLAIN:
        return PLAIN[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return one_of(args)
    if origin is UnionType and len(args) == 2 and args[1] is type(None):
        return converter_of(args[0])
    if origin is tuple and args[-1] is Ellipsis:
        return listed(converter_of(args[0]), empty=True)
    if origin is tuple and len(set(args)) == 1:
        return listed(converter_of(args[0]), len(args))
    if origin is Mapping:
        return mapped(converter_of(args[1]), empty=True)
    raise TypeError(f"no TOML value becomes {annotation}")


def meant(word: object, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where a known word is near, in any case.

    Example:
        >>> from necc.core.toml import meant
        >>> meant("Coxx", ["cox", "km"]), meant("zzz", ["cox"])
        ("; did you mean 'cox'?", '')
    """
    spelled = {name.lower(): name for name in known}
    near = get_close_matches(str(word).lower(), spelled, 1)
    return f"; did you mean '{spelled[near[0]]}'?" if near else ""


# ---------------------------------------------------------------- tables and their keys
@dataclass(frozen=True)
class Keys:
    """What a table may hold: by key the converter of its value. `kind` names such tables in a finding."""

    required: Mapping[str, Converter] = field(default_factory=dict)
    optional: Mapping[str, Converter] = field(default_factory=dict)
    kind: str = ""

    @classmethod
    def of(
        cls, record: type, without: Iterable[str] = ("name",), filled: Iterable[str] = (), **converters: Converter
    ) -> Keys:
        """The fields of a dataclass, but those in `without`; one that has no default is required.

        filled: fields without a default that the file may leave out all the same.
        converters: of fields that their type says too little of, and of further keys.
        """
        hints, skipped = get_type_hints(record), {*without}
        own = {f.name: f for f in fields(record) if f.name not in skipped}
        every = {n: converters.get(n) or converter_of(hints[n]) for n in own} | converters
        bare = {n for n, f in own.items() if f.default is MISSING and f.default_factory is MISSING} - {*filled}
        return cls(
            {n: convert for n, convert in every.items() if n in bare},
            {n: convert for n, convert in every.items() if n not in bare},
        )


@dataclass(frozen=True)
class Table:
    """One table of a document. place: how a finding names it; path: its names in the file; line: where it starts."""

    values: Mapping[str, object]
    place: str = ""
    path: tuple[str, ...] = ()
    line: int | None = None

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""


class Reader:
    """One document, and the findings on it. A file that is no TOML is an empty document with a finding.

    code: of the findings; `{}` stands for what is wrong: not-text, not-toml, key (unknown), missing, value, or the
        name of what should be a table.
    message: of the findings, `{}` being the problem with its place.
    exact: numbers with a decimal point stay texts, digit by digit.
    by_place: a finding's column is its table's place, not its key.

    `unread` holds what wasn't understood, each by its path in the document, so that nothing is lost when it is written
    again; the tables of a list have their number, from 1 on, after the list's name.
    """

    def __init__(
        self, source: str | bytes | Mapping[str, object], code: str, *, message: str = "{}", exact: bool = False,
        by_place: bool = False,
    ) -> None:  # fmt: skip
        self.findings: list[Finding] = []
        self.unread: list[tuple[tuple[str, ...], object]] = []
        self._code, self._message, self._by_place = code, message, by_place
        self._lines: Mapping[tuple[str, ...], int] = {}
        self.root = Table(source if isinstance(source, Mapping) else self._parsed(source, exact))

    def _parsed(self, source: str | bytes, exact: bool) -> Mapping[str, object]:
        try:
            content = source.decode("utf-8-sig") if isinstance(source, bytes) else source
            document = tomllib.loads(content, parse_float=str if exact else float)
        except UnicodeDecodeError:
            self.fail("not-text", "the file is not UTF-8 text")
            return {}
        except (ValueError, RecursionError) as error:  # a TOMLDecodeError, or an integer of thousands of digits
            deep = isinstance(error, RecursionError)
            told = "lists or tables are nested too deeply to be read" if deep else shorten(str(error), 300)
            at = re.search(r"\(at line (\d+)", told)
            self.fail("not-toml", f"the file is not valid TOML: {told}", Table({}, line=int(at[1])) if at else None)
            return {}
        self._lines = lines_of(content)
        return document

    def fail(
        self, code: str, problem: str, table: Table | None = None, key: str = "", value: object = None, *,
        column: str = "", severity: Severity = "error",
    ) -> None:  # fmt: skip
        """A finding on a table, or on a key of it; `column` where that is neither."""
        place, line = (table.place, table.line) if table else ("", None)
        if table and line is None and (key or column):
            line = self._lines.get((*table.path, key or column))
        if table and line is None and table.path:
            line = self._lines.get(table.path)
        at = ", ".join(filter(None, (place, f"key '{shorten(key)}'" if key else "")))
        message = self._message.format(f"{at}: {problem}" if at else problem)
        column = (self._by_place and place) or column or shorten(key)
        shown = None if value is None else shorten(str(value))
        self.findings.append(Finding(severity, self._code.format(code), message, line, column or None, shown))

    def read(self, table: Table, keys: Keys, *, partly: bool = False) -> dict[str, Any] | None:
        """The table's values by key, None where one is wrong or missing; an unknown key takes nothing away.

        partly: a value that is wrong takes only itself away, unless it is required.
        """
        known, values, unknown, wrong = {**keys.required, **keys.optional}, {}, [], []
        for key, value in table.values.items():
            if key not in known:
                unknown.append(key)
                of, names = f"not a key of kind '{keys.kind}', which has", f"{', '.join(known)}{meant(key, known)}"
                if keys.kind:
                    self.fail("key", f"{of} {names}", table, key, value)
                else:
                    self.fail("key", f"unknown key '{shorten(key)}'; allowed are {names}", table, "", value, column=key)
                continue
            try:
                values[key] = known[key](value)
            except ValueError as problem:
                self.fail("value", str(problem), table, key, value)
                wrong.append(key)
        lacking = [key for key in keys.required if key not in table.values]
        for key in lacking:
            subject = f"kind '{keys.kind}' " if keys.kind else ""
            self.fail("missing", f"{subject}needs the key '{key}'", table, column=key)
        if lacking or (wrong and not (partly and keys.optional.keys() >= {*wrong})):
            self.unread.append((table.path, dict(table.values)))
            return None
        self.unread += [((*table.path, key), table.values[key]) for key in (*unknown, *wrong)]
        return values

    def table(self, key: str, of: Table | None = None) -> Table:
        """The [key] of the document or of one of its tables; empty where there is none."""
        parent = of or self.root
        raw, path = parent.values.get(key, {}), (*parent.path, key)
        if not isinstance(raw, Mapping):
            self.fail(key, f"a table is needed, headed [{'.'.join(path)}]", parent, key)
            self.unread.append((path, raw))
            raw = {}
        return Table(raw, ".".join(path), path, self._lines.get(path))

    def tables(self, key: str, of: Table | None = None, place: str = "") -> list[Table]:
        """Every [[key]] of the document or of one of its tables; `place` may hold `{}` for its number."""
        parent = of or self.root
        rows, path = parent.values.get(key, []), (*parent.path, key)
        if not isinstance(rows, list):
            self.fail(key, f"a list of tables is needed, each headed [[{'.'.join(path)}]]", parent, key)
            self.unread.append((path, rows))
            return []
        pattern = place or ", ".join(filter(None, (parent.place, f"{key} {{}}")))
        return self._sound(key, [(raw, pattern.format(i), (*path, str(i))) for i, raw in enumerate(rows, 1)])

    def named(self, key: str, of: Table | None = None, place: str = "") -> list[Table]:
        """Every [key.name] of the document or of one of its tables; `place` may hold `{}` for the name."""
        parent = of or self.root
        rows, path = parent.values.get(key, {}), (*parent.path, key)
        if not isinstance(rows, Mapping):
            self.fail(key, "a table is needed", parent, key)
            self.unread.append((path, rows))
            return []
        pattern = place or ".".join(path) + ".{}"
        return self._sound(key, [(raw, pattern.format(shorten(n)), (*path, n)) for n, raw in rows.items()])

    def _sound(self, key: str, rows: Iterable[tuple[object, str, tuple[str, ...]]]) -> list[Table]:
        tables = []
        for raw, place, path in rows:
            table = Table(raw if isinstance(raw, Mapping) else {}, place, path, self._lines.get(path))
            if isinstance(raw, Mapping):
                tables.append(table)
            else:
                self.fail(key, "not a table of keys", table)
                self.unread.append((path, raw))
        return tables


HEADER = re.compile(r"\s*(\[\[?)([^\]]+)\]")
NAMES = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
ASSIGNED = re.compile(rf"\s*({NAMES}(?:\s*\.\s*{NAMES})*)\s*=")


def lines_of(content: str) -> dict[tuple[str, ...], int]:
    """The line of every table and key of a document; a table of a list has its number after the list's name."""
    lines: dict[tuple[str, ...], int] = {}
    numbers: Counter[tuple[str, ...]] = Counter()
    head: tuple[str, ...] = ()
    inside = False  # a text of several lines
    for line, row in enumerate(content.split("\n"), 1):
        if not inside and (header := HEADER.match(row)):
            head, names = (), _names(header[2])
            for i, name in enumerate(names, 1):
                head = (*head, name)
                numbers[head] += header[1] == "[[" and i == len(names)
                head = (*head, str(numbers[head])) if numbers[head] else head
            lines.setdefault(head, line)
        elif not inside and (assigned := ASSIGNED.match(row)):
            lines.setdefault((*head, *_names(assigned[1])), line)
        inside ^= bool((row.count('"""') + row.count("'''")) % 2)
    return lines


def _names(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in re.findall(NAMES, dotted)]


def to_toml(document: Mapping[str, object], heading: str = "") -> str:
    """A document as TOML, below a comment."""
    import tomlkit  # a fifth of a second, needed only here

    return (f"# {heading}\n" if heading else "") + tomlkit.dumps(document)
