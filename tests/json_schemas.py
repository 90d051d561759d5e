"""Writes necc/cli/schemas: a JSON Schema for each command, from the annotations and docstrings of its results.

Run from the project root, with the package installed:  python tests/json_schemas.py
A test compares the files with what this writes. What a class writes otherwise than under the names of its fields, and
what a command adds, stands in `json_shapes.py`; outputs are validated against both.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from necc.core.estimate import Estimate
from necc.core.result import OLD_KEYS

FOLDER = Path(__file__).parent.parent / "necc" / "cli" / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
MAJOR = 1
KEYS = Path(__file__).parent / "recorded" / f"json_keys_{MAJOR}.txt"
"""Every key that a version ever had, with its type: none goes, and none changes its type, before the next one."""
Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
MAYBE: Schema = {"type": ["number", "null"]}
NULL: Schema = {"type": "null"}
PLAIN: Mapping[object, Schema] = {str: STRING, int: INTEGER, float: NUMBER, bool: BOOLEAN, type(None): NULL}
LIMITS: Mapping[str, Schema] = {"value": MAYBE, "ci_lower": MAYBE, "ci_upper": MAYBE}

COMMON = {
    "n": "patients",
    "n_events": "events among them",
    "n_at_risk": "patients under observation just before the time",
    "n_censored": "patients censored at the time",
    "of": "patients for whom it is known",
    "endpoint": "its name, such as OS",
    "label": "in words",
    "by": "the factor that makes the groups; null or blank for all patients as one group",
    "by_label": "that factor in words",
    "levels": "all levels of the factor, also those without patients",
    "unit": "of times and numbers",
    "origin": "where the clock starts",
    "time": "in the endpoint's unit",
    "excluded": "who was left out, and why",
    "by_excluded": "who is in no group, and why",
    "notes": "what has to be known of the result, in sentences",
    "note": "why there is no number, or what was done; blank otherwise",
    "reason": "in words",
    "statistic": "of the test; null where it has none",
    "df": "degrees of freedom; null where the test has none",
    "p": "unrounded; null where it isn't estimable or too few patients are there",
    "p_adjusted": "p adjusted for all tests of the result",
    "n_tests": "how many tests p is adjusted for",
    "adjustment": "how p is adjusted for several tests",
    "convention": "how tests of tables are chosen",
    "ci": "how the limits are computed",
    "ci_lower": "lower confidence limit; null where it isn't reached or estimable",
    "ci_upper": "upper confidence limit; null where it isn't reached or estimable",
    "se": "standard error",
    "value": "unrounded; null where it isn't reached or estimable",
    "median": "null where it isn't reached or estimable",
    "median_ci_lower": "lower confidence limit; null where it isn't reached or estimable",
    "median_ci_upper": "upper confidence limit; null where it isn't reached or estimable",
    "log_likelihood": "of the model",
    "log_likelihood_null": "without any term",
    "survival": "S(t), from 0 to 1",
    "proportion": "n of `of`, from 0 to 1",
    "percent": "the same in percent",
    "hazard_ratio": "null where it isn't estimable",
    "coefficient": "the logarithm of the hazard ratio",
    "guardrails": "what the analysis noticed about its data, and what it did",
    "ties": "how tied times are taken",
    "n_with": "patients with it",
    "findings": "what was found in the input",
}  # fmt: skip
"""What a key means where the docstring of its class doesn't say."""


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def row(properties: Mapping[str, Schema], optional: Iterable[str] = (), description: str = "") -> Schema:
    """An object with these keys, all of them there but the optional ones and old names."""
    left = {*optional, *(name for name, schema in properties.items() if schema.get("deprecated"))}
    told = {"description": description} if description else {}
    needed = [name for name in properties if name not in left]
    return {"type": "object", **told, "properties": dict(properties), "required": needed}


def was(schema: Schema, *names: str) -> Schema:
    """An old name of a key, or of several."""
    return {**schema, "deprecated": True, "description": f"the old name of {' and '.join(names)}"}


def mapping_to(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    kind = schema.get("type")
    if "const" in schema:
        return f"{schema['const']}"
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    if kind is None:
        return {"anyOf": [schema, NULL]}
    kinds = [kind] if isinstance(kind, str) else list(kind)
    return {**schema, "type": kinds if "null" in kinds else [*kinds, "null"]}


class Builder:
    """The schemas of one command's classes, each once under `$defs`.

    shapes: by class, the keys of a class that writes its JSON otherwise than under its fields; see `json_shapes.OWN`.
    """

    def __init__(self, shapes: Mapping[type, Any]):
        self.shapes, self.defs = shapes, dict[str, Schema]()
        self.names = dict[type, str]()

    def of(self, kind: object) -> Schema:
        """The schema of a type, as `to_json` writes a value of it."""
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, types.UnionType):
            rest = [a for a in arguments if a is not type(None)]
            one = self.of(rest[0]) if len(rest) == 1 else {"anyOf": [self.of(a) for a in rest]}
            return maybe(one) if len(rest) < len(arguments) else one
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin in (tuple, list, Sequence):
            if len(arguments) == 2 and arguments[1] is Ellipsis or origin is not tuple:
                return array(self.of(arguments[0]))
            n = len(arguments)
            return {"type": "array", "prefixItems": [self.of(a) for a in arguments], "minItems": n, "maxItems": n}
        if origin in (dict, Mapping):
            return mapping_to(self.of(arguments[1]))
        if kind in PLAIN:
            return dict(PLAIN[kind])
        if kind is np.ndarray:
            return array(MAYBE)
        if kind in (object, Any, dict):
            return {}
        if isinstance(kind, type):
            return self.ref(kind)
        raise TypeError(f"there is no schema of {kind!r}")

    def ref(self, kind: type) -> Schema:
        """A reference to the schema of a class, which is made where it isn't there yet."""
        if kind not in self.names:
            taken = set(self.names.values())
            name = kind.__name__
            self.names[kind] = name if name not in taken else f"{kind.__module__.split('.')[-2].title()}{name}"
            self.defs[self.names[kind]] = {}
            self.defs[self.names[kind]] = self.shape(kind)
        return {"$ref": f"#/$defs/{self.names[kind]}"}

    def shape(self, kind: type) -> Schema:
        """The object that a class is written as."""
        told, _ = described(kind)
        own = self.shapes.get(kind)
        properties, optional = own(self) if own else (self.fields(kind), ())
        return row(self.told(kind, properties), optional, told)

    def told(self, kind: type, properties: Mapping[str, Schema]) -> dict[str, Schema]:
        """The same with what each key means, and the old names of keys."""
        _, known = described(kind)
        result = {}
        for name, schema in properties.items():
            words = known.get(name) or COMMON.get(name, "")
            if name == "level":
                words = known.get(name, "confidence level" if schema == NUMBER else "of the factor")
            result[name] = {**schema, "description": words} if words and "description" not in schema else schema
        for new, old in OLD_KEYS.get(kind.__name__, {}).items():
            if known := properties.get(new) or properties.get(old):
                result[new] = {**known, **({"description": COMMON[new]} if new in COMMON else {})}
                result[old] = was(known, new)
        return result

    def fields(self, kind: type, without: Iterable[str] = (), **instead: Schema) -> dict[str, Schema]:
        """The keys that `fields_of` writes of a class, without some, and others instead or beside them."""
        if typing.is_typeddict(kind):
            return {name: self.of(one) for name, one in typing.get_type_hints(kind).items()}
        hints = hints_of(kind)
        shown = [f.name for f in fields(kind) if f.repr]  # type: ignore[arg-type]  # a dataclass
        alone = sum(hints[name] is Estimate for name in shown) == 1
        result: dict[str, Schema] = {}
        for name in shown:
            if hints[name] is Estimate and alone and name not in instead:
                result |= {name: dict(MAYBE), "ci_lower": dict(MAYBE), "ci_upper": dict(MAYBE)}
            elif hints[name] == Estimate | None and name not in instead:
                raise TypeError(f"{kind.__name__}.{name}: without an estimate its JSON has other keys; say them")
            else:
                result[name] = self.of(hints[name]) if name not in instead else instead[name]
        if hasattr(kind, "n_tests"):
            result["n_tests"] = dict(INTEGER)
        return {name: s for name, s in (result | instead).items() if name not in set(without)}

    def used_by(self, schema: Schema) -> dict[str, Schema]:
        """The definitions that a schema refers to, by name."""
        used, open_ = set[str](), [schema]
        while open_:
            found = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(open_.pop())))
            open_ += [self.defs[name] for name in found - used]
            used |= found
        return {name: self.defs[name] for name in sorted(used)}


def hints_of(kind: type) -> dict[str, Any]:
    """The types of a class' fields; names that are only imported for types are looked up where they live."""
    missing: dict[str, Any] = {}
    while True:
        try:
            return typing.get_type_hints(kind, localns=missing)
        except NameError as error:
            missing[error.name] = _found(error.name)


def _found(name: str) -> object:
    return next(
        vars(module)[name] for key, module in sorted(sys.modules.items()) if key.startswith("necc.") and
        getattr(vars(module).get(name), "__module__", None) == key
    )  # fmt: skip


def described(kind: type) -> tuple[str, dict[str, str]]:
    """What a class is, and what its docstring says of its keys: `n, n_events: patients and events.`"""
    names: set[str] = set()
    known: dict[str, str] = {}
    told = ""
    for one in reversed(kind.__mro__):
        if not one.__module__.startswith("necc.") or one.__name__ == "Result":
            continue
        names |= set(getattr(one, "__annotations__", {}))
        lead, said = _parsed(inspect.cleandoc(one.__doc__ or ""), names)
        known |= said
        told = lead or told
    return (told if is_dataclass(kind) or typing.is_typeddict(kind) else ""), known


def _parsed(text: str, names: set[str]) -> tuple[str, dict[str, str]]:
    """The text before the first key, and what is said of each."""
    text = " ".join(text.split("References")[0].split())
    starts = [
        (m.start(1), m.end(), m[1].split(", "))
        for m in re.finditer(r"(?:^|(?<=[.;,] ))(\w+(?:, \w+)*): ", text)
        if set(m[1].split(", ")) <= names
    ]
    known = {}
    for (_, begin, keys), end in zip(starts, [*(s[0] for s in starts[1:]), len(text)], strict=False):
        known |= dict.fromkeys(keys, text[begin:end].strip().rstrip(".;,"))
    return text[: starts[0][0]].strip() if starts else text, known


# ---------------------------------------------------------------- keys
def keys_of(name: str, schema: Schema) -> set[str]:
    """Lines `km strata[].n integer`: each key of a command's JSON, and its type."""
    return {f"{name} {path} {kind}" for path, kind in _keys(schema, schema.get("$defs", {}), "")}


def _keys(schema: Schema, defs: Mapping[str, Schema], path: str) -> Iterable[tuple[str, str]]:
    if reference := schema.get("$ref"):
        schema = defs[reference.rpartition("/")[2]]
    for name, part in schema.get("properties", {}).items():
        if not part.get("deprecated"):
            yield from _keys(part, defs, f"{path}.{name}" if path else name)
    for part in schema.get("anyOf", ()):
        if part not in (NULL, {"$ref": "#/$defs/Refusal"}):
            yield from _keys(part, defs, path)
    if isinstance(items := schema.get("items"), dict):
        yield from _keys(items, defs, f"{path}[]")
    if isinstance(values := schema.get("additionalProperties"), dict):
        yield from _keys(values, defs, f"{path}.*")
    if path:
        yield path, _kind(schema, defs)


def _kind(schema: Schema, defs: Mapping[str, Schema]) -> str:
    """A type in a word or two, as `number|null`; a value of a list that may grow is a string."""
    if reference := schema.get("$ref"):
        schema = defs[reference.rpartition("/")[2]]
    if "anyOf" in schema:
        return "|".join(dict.fromkeys(_kind(part, defs) for part in schema["anyOf"]))
    if "const" in schema:
        return f"{schema['const']}"
    if "enum" in schema:
        return "string|null" if None in schema["enum"] else "string"
    kind = schema.get("type", "any")
    return kind if isinstance(kind, str) else "|".join(kind)


# ---------------------------------------------------------------- files
def dumped(schema: Schema) -> str:
    """Indented, with short objects and lists on one line each."""
    text = json.dumps(schema, ensure_ascii=False, indent=2)
    for pattern in (r"\[[^\[\]{}]*\]", r"\{[^{}]*\}"):
        text = re.sub(pattern, _on_one_line, text)
    return text + "\n"


def _on_one_line(found: re.Match[str]) -> str:
    """A list or an object of plain values on one line, where it isn't too long."""
    line = json.dumps(json.loads(found[0]), ensure_ascii=False)
    return line if len(line) <= 100 else found[0]


def main() -> None:
    """Writes the schemas, and adds what is new to the keys of this version."""
    from json_shapes import schemas

    FOLDER.mkdir(exist_ok=True)
    made = schemas()
    for path in FOLDER.glob("*.json"):
        if path.stem not in made:
            path.unlink()
    for name, schema in made.items():
        (FOLDER / f"{name}.json").write_text(dumped(schema), encoding="utf-8")
    known = set(KEYS.read_text(encoding="utf-8").splitlines()) if KEYS.exists() else set()
    now = {line for name, schema in made.items() for line in keys_of(name, schema)}
    KEYS.write_text("".join(f"{line}\n" for line in sorted(known | now)), encoding="utf-8")


if __name__ == "__main__":
    main()
