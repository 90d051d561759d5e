"""A column's distinct texts: the same answers with pyarrow and without it, of texts and of whole files."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.core.errors import CohortError
from necc.ingest import distinct
from necc.ingest.codes import identity
from necc.ingest.distinct import ArrowWords, PlainWords, Words
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import RawTable
from necc.ingest.readers import read_raw

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "tests" / "files").glob("*.*"), *(ROOT / "sample_data").glob("*.csv")])
TABLES = [f for f in FILES if f.suffix in (".csv", ".tsv", ".txt", ".ods", ".xlsx")]
ODD = {
    "quotes": 'id,a\n1,"x, y"\n2,"say ""yes"""\n3,"two\nlines"\n',
    "blanks": " id , a\n1,  x \n2,x\n\n3, \n",
    "empty cells": "id,a,b\n1,,\n2,,\n3,,x\n",
    "an empty heading": "id,,b\n1,2,3\n2,3,4\n",
    "windows": "id;a\r\n1;1,5\r\n2;2,25\r\n3;3\r\n",
    "no last line break": "id\ta\n1\tx\n2\ty",
    "blank lines at the end": "id,a\n1,x\n2,y\n\n\n",
    "a title above": "Our cohort\nid,a\n1,x\n2,y\n3,z\n",
    "grouped digits": "id,a\n1,1 234\n2,12 345.5\n3,999\n",
    "words for missing": "id,a\n1,NA\n2,nan\n3,NULL\n4,1\n",
    "apostrophes": "id,a\n1,O'Neill\n2,5'\n3,x\n",
    "a mark within": 'id,a\n1,5" nail\n2,6" nail\n3,x\n',
    "chinese": "编号,部位\n1,肺\n2,肺(-)\n3,骨\n",
    "one row": "id,a\n1,x\n",
    "ragged": "id,a\n1,x\n2\n3,y\n4,z\n5,u\n",
    "an open quote": 'id,a\n1,"x\n2,y\n',
    "nothing below": "id,a\n",
}
SIGNS = "0123456789+-.,eE' \t\n\u00a0\u2009\u3000\u200bPabxßİΣ肺－０１½"
TEXTS = st.lists(st.text(st.sampled_from(SIGNS), max_size=12) | st.text(max_size=5), unique=True, max_size=12)
WRITTEN = st.from_regex(rf"\A(?:{distinct.NUMBER}|{distinct.DAY}|{distinct.SPACED}|P-?0*[0-9]+)\Z")


def both(texts: list[str]) -> tuple[Words, Words]:
    return PlainWords(texts), ArrowWords(pa.array(texts, pa.string()))


@pytest.fixture
def without_arrow(monkeypatch: pytest.MonkeyPatch):
    """An installation without pyarrow, as far as reading text and workbooks goes."""
    monkeypatch.setattr(distinct, "pa", None)
    monkeypatch.setitem(sys.modules, "pyarrow.csv", None)
    assert isinstance(Words.of(["a"]), PlainWords)


@settings(max_examples=300, deadline=None)
@given(TEXTS | st.lists(WRITTEN, unique=True, max_size=12))
def test_both_kinds_give_the_same_answers(texts: list[str]):
    plain, arrow = both(texts)
    assert list(plain) == list(arrow) == texts
    assert plain.trimmed() == arrow.trimmed()
    assert plain.longest() == arrow.longest()
    assert plain.grouped() == arrow.grouped()
    assert [plain.place_of(t) for t in (*texts, "", "absent")] == [arrow.place_of(t) for t in (*texts, "", "absent")]
    for decimal in ".,":
        for one, other in zip(plain.numbers(decimal), arrow.numbers(decimal), strict=True):
            np.testing.assert_array_equal(one, other)
    some = np.arange(0, len(texts), 2)
    assert list(plain.take(some)) == list(arrow.take(some)) == texts[::2]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dates().map(str) | st.text(st.sampled_from("0129-"), max_size=10), unique=True, max_size=9))
def test_days_are_read_alike_or_refused_alike(texts: list[str]):
    def days(words: Words) -> object:
        try:
            values, places = words.days()
        except ValueError:
            return "none"
        return values.tolist(), places.tolist()

    plain, arrow = both(texts)
    assert days(plain) == days(arrow)


@settings(max_examples=200, deadline=None)
@given(st.lists(WRITTEN | st.text(st.sampled_from("0019-_/#.pPtT ０"), max_size=7), unique=True, max_size=12))
def test_identifiers_that_are_one_are_among_those_alike(texts: list[str]):
    """pyarrow may offer more than are one by `identity`, which decides; never fewer."""
    plain, arrow = both(texts)
    keys = [identity(t) for t in texts]
    assert plain.alike() == [i for i, key in enumerate(keys) if keys.count(key) > 1]
    assert set(plain.alike()) <= set(arrow.alike())


def test_numbers_by_hand():
    texts = ["1.5", "+2", "-.5", "1e3", "1e999", "1,5", "", "x", "1.5\n", "٣"]
    for words in both(texts):
        values, are = words.numbers(".")
        assert are.tolist() == [True] * 4 + [False] * 6
        assert values[are].tolist() == [1.5, 2.0, -0.5, 1000.0]
        assert words.numbers(",")[0][5] == 1.5


def seen(data: bytes, name: str) -> object:
    """Everything of a table that another step may look at; findings where it is refused."""
    try:
        raw: RawTable = read_raw(data, name, ReadOptions())
    except CohortError as error:
        return [f.to_dict() for f in error.findings]
    columns = [(c.header, c.cells().tolist(), c.rows.tolist(), c.order, c.label, c.uniques) for c in raw.columns]
    return columns, [f.to_dict() for f in raw.findings], raw.kind, raw.decimal, raw.choices


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.name)
def test_a_file_is_the_same_table_without_pyarrow(path: Path, request: pytest.FixtureRequest):
    there = seen(path.read_bytes(), path.name)
    request.getfixturevalue("without_arrow")
    assert seen(path.read_bytes(), path.name) == there


@pytest.mark.parametrize("name", ODD)
def test_odd_text_is_the_same_table_without_pyarrow(name: str, request: pytest.FixtureRequest):
    there = seen(ODD[name].encode(), "c.csv")
    request.getfixturevalue("without_arrow")
    assert seen(ODD[name].encode(), "c.csv") == there
