"""The one reader of TOML files: everything that is wrong is told, with its place."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.core.toml import Keys, Reader, count, flag, lines_of, listed, mapped, number, one_of, record, text, to_toml

FILE = """title = "A"
[thing.one]
label = "One"
size = 3
[thing."two words"]
label = "Two"
sise = 4
[[row]]
n = 1
note = '''
[[row]]
'''
[[row]]
n = -1
parts = { a = 1 }
"""


def test_findings_name_place_line_and_the_near_key():
    reader = Reader(FILE, "test-{}")
    keys = Keys({"label": text, "size": count})
    read = {t.name: reader.read(t, keys) for t in reader.named("thing", place="thing '{}'")}
    assert read == {"one": {"label": "One", "size": 3}, "two words": None}
    rows = [reader.read(t, Keys({"n": count}, {"note": text}, kind="row")) for t in reader.tables("row")]
    assert rows == [{"n": 1, "note": "[[row]]"}, None]
    assert [(f.code, f.row, f.column, f.message) for f in reader.findings] == [
        ("test-key", 5, "sise", "thing 'two words': unknown key 'sise'; allowed are label, size; did you mean 'size'?"),
        ("test-missing", 5, "size", "thing 'two words': needs the key 'size'"),
        ("test-value", 13, "n", "row 2, key 'n': a count of -1 is impossible; it lies between 0 and 10,000,000"),
        ("test-key", 13, "parts", "row 2, key 'parts': not a key of kind 'row', which has n, note"),
    ]


def test_lines_of_tables_and_keys():
    lines = lines_of(FILE + "[[row.part]]\nx = 1\n[thing.one.deep]\n")
    assert lines["thing", "one"] == 2 and lines["thing", "two words", "sise"] == 7
    assert lines["row", "2", "n"] == 14 and lines["row", "2", "part", "1", "x"] == 17
    assert lines["thing", "one", "deep"] == 18


def test_blanks_after_a_bracket_take_no_time():
    begin = time.process_time()
    assert lines_of("[" + " " * 50_000 + "\n[  a . b ]\nc = 1") == {("a", "b"): 2, ("a", "b", "c"): 3}
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    ("source", "code"),
    [("a = [", "x-not-toml"), ("a = " + "9" * 5000, "x-not-toml"), (b"\xff\xfe", "x-not-text"), ("a = 3", "x-a")],
)
def test_what_is_no_document_of_tables_is_empty_with_a_finding(source, code):
    reader = Reader(source, "x-{}")
    assert reader.tables("a") == reader.named("a")[:0] == []
    assert reader.findings[0].code == code


@dataclass(frozen=True)
class Record:
    name: str
    label: str
    kind: Literal["big", "small"] = "big"
    parts: tuple[str, ...] = ()
    pair: tuple[float, float] = (0, 1)
    limit: float | None = None
    ready: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def test_keys_are_the_fields_of_a_dataclass():
    keys = Keys.of(Record)
    assert set(keys.required) == {"label"} and "name" not in keys.optional
    document = {"label": "L", "parts": ["a"], "pair": [1, 2.5], "limit": 3, "words": {"a": ["b", "c"]}}
    reader = Reader(document, "x")
    assert Record("n", **reader.read(reader.root, keys)).words == {"a": ("b", "c")}
    wrong = Reader({"label": 1, "kind": "bigg", "parts": ["a", 1], "pair": [1], "limit": True, "ready": 1}, "x")
    assert wrong.read(wrong.root, keys) is None and len(wrong.findings) == 6
    assert "did you mean 'big'?" in wrong.findings[1].message
    with pytest.raises(TypeError):
        Keys.of(Odd)


@dataclass(frozen=True)
class Odd:
    thing: complex = 0j


def test_a_nested_value_tells_all_that_is_wrong_with_it():
    convert = listed(record({"a": count}, {"b": mapped(flag), "c": one_of(("x", "y"))}))
    with pytest.raises(ValueError, match="value 1: 'd' is not one of a, b, c; 'a' is missing; value 2: 'a': .* 'c': "):
        convert([{"d": 1}, {"a": -1, "c": "z"}])
    with pytest.raises(ValueError, match="a number"):
        number("1")
    assert convert([{"a": 1, "b": {"q": True}}]) == ({"a": 1, "b": {"q": True}},)


word = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8)
leaf = word | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(word, leaf | st.lists(leaf, max_size=3) | st.dictionaries(word, leaf, max_size=3), max_size=4))
def test_what_is_written_is_read_again(document):
    assert tomllib.loads(to_toml(document, "a heading")) == document
    assert Reader(to_toml(document), "x").root.values == document


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80))
def test_no_file_breaks_the_reader(source):
    reader = Reader(source, "x-{}")
    for key in reader.root.values:
        for table in (*reader.tables(key), *reader.named(key)):
            reader.read(table, Keys({"a": text}))
