"""An archive's bytes hang on its parts and the report's day, not on when and where it was packed."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from necc.report.stable import EPOCH, moment, same_bytes, zipped

CORE = (
    '<cp:coreProperties><dcterms:created xsi:type="dcterms:W3CDTF">{}</dcterms:created><dc:title>Title</dc:title>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{}</dcterms:modified></cp:coreProperties>'
)


def packed(year: int, *, nested: bytes = b"", mode: int = 0o600) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {"[Content_Types].xml": b"<Types/>", "docProps/core.xml": CORE.format(year, year).encode()}
        for name, content in {**parts, "word/embedded/Book.XLSX": nested, "media/é.png": b"\x89PNG" * 9}.items():
            part = zipfile.ZipInfo(name, (year, 5, 6, 7, 8, 10))
            part.external_attr, part.create_system = mode << 16, 0
            archive.writestr(part, content)
    return file.getvalue()


def contents(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {part.filename: file.read(part) for part in file.infolist()}


def test_the_clock_is_in_no_part_and_archives_inside_are_treated_alike():
    first, second = packed(2024, nested=packed(2024)), packed(2025, nested=packed(2025, mode=0o777), mode=0o755)
    day = date(2026, 3, 1)
    assert first != second and same_bytes(first, day) == same_bytes(second, day)
    assert same_bytes(first, day) != same_bytes(first)
    again = same_bytes(first, day)
    assert same_bytes(again, day) == again
    parts = contents(again)
    assert list(parts) == list(contents(first)) and parts["media/é.png"] == b"\x89PNG" * 9
    inner = contents(parts["word/embedded/Book.XLSX"])
    for core in (parts["docProps/core.xml"], inner["docProps/core.xml"]):
        assert core.decode() == CORE.format("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z")
    with zipfile.ZipFile(io.BytesIO(again)) as file:
        assert {p.date_time for p in file.infolist()} == {(2026, 3, 1, 0, 0, 0)}
        assert {p.external_attr >> 16 for p in file.infolist()} == {0o100644}


@pytest.mark.parametrize("day", [None, date(1970, 1, 1), date(2108, 1, 1)])
def test_a_day_that_no_archive_can_name_is_the_first_that_it_can(day):
    assert moment(day).date() == EPOCH


def test_parts_keep_their_order_and_a_folder_is_one():
    archive = zipped({"b/": b"", "b/z.txt": b"1", "a.txt": b"2"}, date(2026, 1, 2))
    assert list(contents(archive)) == ["b/", "b/z.txt", "a.txt"] and same_bytes(archive, date(2026, 1, 2)) == archive
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        assert file.infolist()[0].is_dir()


def test_what_is_no_archive_is_refused():
    with pytest.raises(zipfile.BadZipFile):
        same_bytes(b"not an archive")
