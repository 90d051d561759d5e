"""Files given as paths, bytes, open files and packed: all are the same table, and what is damaged is told."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import time
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from test_formats import one_error

from necc import CohortError, read_cohort
from necc.ingest import inspect, open_file, packed, sources

TABLE = b"patient_id,os_months,died,note\nP1,12.5,1,M\xc3\xbcller\nP2,3,0,x\nP3,7,1,y\n"


def zstandard(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as file:
        file.write(data)
    return sink.getvalue().to_pybytes()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


PACKED = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard,
    "zip": lambda data: zipped({"a/cohort.csv": data, "__MACOSX/a/cohort.csv": b"x", "read.md": b"y"}),
}  # fmt: skip


def refusal(data: object, filename: str = "") -> str:
    with pytest.raises(CohortError) as error:
        read_cohort(data, filename)
    assert len(error.value.findings) == 1 and str(error.value) == error.value.findings[0].message
    return str(error.value)


# ---------------------------------------------------------------- open files
def test_every_way_to_give_a_file_is_the_same_table(tmp_path: Path):
    path = tmp_path / "cohort.csv"
    path.write_bytes(TABLE)
    with path.open("rb") as as_bytes, path.open(encoding="utf-8") as as_text:
        given = [path, str(path), TABLE, bytearray(TABLE), memoryview(TABLE), io.BytesIO(TABLE), as_bytes, as_text,
                 io.StringIO(TABLE.decode()), io.BufferedReader(io.BytesIO(TABLE))]  # fmt: skip
        opened = [open_file(one) for one in given]
    assert len({o.digest for o in opened}) == 1 and all(read_cohort(o).ids == ("P1", "P2", "P3") for o in opened)
    assert [o.filename for o in opened] == ["cohort.csv"] * 2 + [""] * 4 + ["cohort.csv"] * 2 + [""] * 2


def test_standard_input_is_read_as_a_file(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE), encoding="utf-8"))
    assert len(read_cohort(sys.stdin)) == 3
    named = io.BytesIO(TABLE)
    named.name = "<stdin>"
    assert open_file(named).filename == ""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE[:31]), encoding="utf-8"))
    assert "no patients" in refusal(sys.stdin)[:90]


def test_an_open_file_is_read_from_where_it_stands():
    buffer = io.BytesIO(b"skipped\n" + TABLE)
    buffer.readline()
    assert len(read_cohort(buffer)) == 3
    assert "file.seek(0)" in refusal(buffer)
    assert "the file is empty" in refusal(io.BytesIO(b""))


def test_an_open_file_that_cannot_be_read_is_told(tmp_path: Path):
    closed = io.BytesIO(TABLE)
    closed.close()
    assert "is closed; open it again" in refusal(closed)
    with (tmp_path / "out.csv").open("wb") as writes:
        assert "it isn't open to read" in refusal(writes)
    whole = gzip.compress(TABLE * 500)
    assert "ends early or is damaged" in refusal(gzip.GzipFile(fileobj=io.BytesIO(whole[: len(whole) // 2])))
    assert "ends early or is damaged" in refusal(io.TextIOWrapper(io.BytesIO(b"a,b\n\xff,1\n"), encoding="utf-8"))

    class Odd:
        def read(self, size: int) -> list[int]:
            return [size]

    assert "gives list, not bytes or text" in refusal(Odd())


def test_what_is_no_file_is_told(tmp_path: Path):
    assert f"'{tmp_path.name}' is a folder" in refusal(tmp_path)
    assert "give text.encode()" in refusal(TABLE.decode())
    assert "isn't read, as a file of patients stays where it is" in refusal("https://example.org/cohort.csv")
    assert "can't be opened: No such file" in refusal("nowhere.csv")
    assert "of the type int" in refusal(5)
    assert "a Series, which is one column" in refusal(pd.Series([1]))


def test_an_endless_file_is_left_after_what_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)

    class Endless(io.RawIOBase):
        n = 0

        def read(self, size: int = -1) -> bytes:
            self.n += 1
            return b"x" * 100

    endless = Endless()
    assert "the most that is read" in refusal(endless) and endless.n == 11


# ---------------------------------------------------------------- packed
@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("name", ["cohort.csv.{}", "cohort.{}", "cohort.CSV.{}"])
def test_a_packed_table_is_read(suffix, name, tmp_path):
    path = tmp_path / name.format(suffix)
    path.write_bytes(PACKED[suffix](TABLE))
    cohort = read_cohort(path)
    assert cohort.endpoint("OS").time.tolist() == [12.5, 3, 7] and cohort.source.filename == path.name
    assert [f.message for f in cohort.findings] == (
        ["'cohort.csv' was read out of the zip archive; 'read.md' beside it was left alone"] * (suffix == "zip")
    )


@pytest.mark.parametrize("suffix", PACKED)
def test_other_formats_are_read_packed_too(suffix, tmp_path):
    frame = pd.DataFrame({"patient_id": ["a", "b"], "os_months": [1.5, 2.5], "died": [True, False]})
    frame.to_parquet(tmp_path / "c.parquet")
    data = (tmp_path / "c.parquet").read_bytes()
    packed = zipped({"c.parquet": data}) if suffix == "zip" else PACKED[suffix](data)
    assert read_cohort(packed, f"c.parquet.{suffix}").number("os_months").tolist() == [1.5, 2.5]


def test_streams_that_follow_each_other_are_one_file():
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert len(read_cohort(pack(TABLE[:60]) + pack(TABLE[60:]), "c.csv")) == 3


@pytest.mark.parametrize("suffix", PACKED)
def test_a_packed_file_that_ends_early_is_told(suffix):
    whole = PACKED[suffix](TABLE + b"".join(b"Q%d,%d,1,z%d\n" % (i, i * 7919 % 101, i * 31337) for i in range(3000)))
    for part in (0.5, 0.98):
        finding = one_error(whole[: int(len(whole) * part)], "unreadable-file", f"c.csv.{suffix}")
        assert "ends early" in finding.message or "damaged" in finding.message


def test_streams_may_have_zeros_between_and_behind_them():
    assert len(read_cohort(lzma.compress(TABLE[:60]) + bytes(8) + lzma.compress(TABLE[60:]) + bytes(4), "c.csv")) == 3


def test_of_several_tables_none_is_chosen_and_hidden_ones_are_none():
    assert "a zip archive with 'a.csv' and 'b.csv'" in refusal(zipped({"a.csv": TABLE, "b.csv": TABLE}), "x.zip")
    assert "a zip archive with 'read.md'" in refusal(zipped({"read.md": TABLE}), "x.zip")
    one = read_cohort(zipped({"a/": b"", "a/c.csv": TABLE, "a/._c.csv": TABLE, ".d.csv": TABLE}), "x.zip")
    assert len(one) == 3 and [f.message for f in one.findings] == ["'c.csv' was read out of the zip archive"]


def test_text_with_half_a_character_is_told_and_read():
    half = read_cohort(io.StringIO(TABLE.decode().replace("M\u00fcller", "M\ud800ller")))
    assert len(half) == 3 and "is not UTF-8" in half.findings[0].message


def test_a_truncated_parquet_file_is_told(tmp_path):
    pd.DataFrame({"patient_id": ["a", "b"]}).to_parquet(tmp_path / "c.parquet")
    data = (tmp_path / "c.parquet").read_bytes()
    assert "not a readable Parquet file" in one_error(data[:-20], "unreadable-file", "c.parquet").message


def test_an_archive_with_a_password_is_told():
    data = bytearray(zipped({"cohort.csv": TABLE}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):  # the flag of encryption, in both heads
        data[data.index(mark) + (6 if mark[2] == 3 else 8)] |= 1
    assert one_error(bytes(data), "encrypted", "c.zip")


@pytest.mark.parametrize("suffix", PACKED)
def test_a_packed_bomb_is_refused(suffix, monkeypatch):
    monkeypatch.setattr(packed, "MAX_BYTES", 2**20)
    bomb = PACKED[suffix](b"a,b\n" + b" " * 2**24)
    assert len(bomb) < 2**15 and one_error(bomb, "file-too-large", f"c.csv.{suffix}")


def test_a_bomb_of_full_size_is_refused_in_time():
    bomb = gzip.compress(b" " * (300 * 2**20), 1)
    begin = time.process_time()
    assert len(bomb) < 2**21 and "256 MB" in one_error(bomb, "file-too-large", "c.csv.gz").message
    assert time.process_time() - begin < 5


def test_a_file_may_not_ask_for_all_memory():
    big = lzma.compress(TABLE, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 2**29}])
    assert "asks for more memory" in one_error(big, "unreadable-file", "c.csv.xz").message


def test_inspect_takes_what_read_cohort_takes():
    assert len(inspect(io.BytesIO(gzip.compress(TABLE)), "c.csv").cohort) == 3
    assert len(inspect(pd.read_csv(io.BytesIO(TABLE))).cohort) == 3
