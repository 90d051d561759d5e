"""Excel workbooks (.xlsx, .xlsm): every part by Python's own XML parser, a sheet row by row.

Namespaces are left off, so that Strict workbooks, prefixes and the order of attributes make no difference. Of a cell's
number format openpyxl says whether it is a date. ECMA-376, part 1, chapter 18 (SpreadsheetML).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from datetime import time as clock
from typing import IO
from xml.parsers import expat

from necc.core.errors import CohortError
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import EXCEL_1900, EXCEL_1904, RawTable, too_many_columns
from necc.ingest.workbook import (
    MAX_WIDTH,
    Hidden,
    Marks,
    Program,
    Sheet,
    iso_date,
    letters,
    opened,
    read_sheet,
)

EXCEL = Program("Excel", "Excel workbook", "xlsx", re.compile(r"xl/workbook\d*\.xml"))
CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # a character that XML doesn't allow
CHUNK = 2**16
BOOLEAN = {"0": False, "1": True, "false": False, "true": True}
VISIBILITY: dict[str, Hidden] = {"hidden": "hidden", "veryHidden": "very hidden"}


def read_excel(data: bytes, read_options: ReadOptions) -> RawTable:
    """The fullest visible sheet of a workbook, or the one that was chosen.

    Raises:
        CohortError: the workbook or the sheet can't be read; the findings say why.
    """
    with opened(data, EXCEL) as archive:
        book = _Book(archive, EXCEL.main_part(archive))
        return read_sheet(book.sheets(), read_options, EXCEL, book.epoch)


# ---------------------------------------------------------------- XML
@dataclass
class _Element:
    """A small part of a workbook, as a tree."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    parts: list[_Element] = field(default_factory=list)

    def every(self, *names: str) -> Iterator[_Element]:
        """The elements of these names inside it."""
        for part in self.parts:
            if part.name in names:
                yield part
            yield from part.every(*names)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _plain(attributes: dict[str, str]) -> dict[str, str]:
    return {_local(name): value for name, value in attributes.items()}


def _doctype(*_: object) -> None:
    raise ValueError("a document type, which could expand without end")


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _doctype
    return parser


def _tree(file: IO[bytes]) -> _Element:
    root = _Element("", {})
    path = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        path[-1].parts.append(_Element(_local(name), _plain(attributes)))
        path.append(path[-1].parts[-1])

    def end(_: str) -> None:
        path.pop()

    def text(characters: str) -> None:
        path[-1].text += characters

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.ParseFile(file)
    return root


def _shared_strings(file: IO[bytes]) -> list[str]:
    """The texts that cells name by their number, without the readings of East Asian characters above them."""
    texts: list[str] = []
    inside: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        inside.append(_local(name))
        if inside[-1] == "si":
            texts.append("")

    def text(characters: str) -> None:
        if inside[-1] == "t" and "rPh" not in inside:
            texts[-1] += characters

    parser = _parser()
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = lambda _: inside.pop()
    parser.ParseFile(file)
    return [_unescaped(t) for t in texts]


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


# ---------------------------------------------------------------- the workbook
class _Book:
    """What all sheets share: their names, texts, formats of dates, and the day that dates count from."""

    def __init__(self, archive: zipfile.ZipFile, part: str) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        book = self._part(part)
        self.relations = self._relations(part)
        self.listed = list(book.every("sheet"))
        self.epoch = EXCEL_1900
        for properties in book.every("workbookPr"):
            if BOOLEAN.get(properties.attributes.get("date1904", "0")):
                self.epoch = EXCEL_1904
        self.midnight = datetime.combine(self.epoch, clock())
        self.unsaved = any(BOOLEAN.get(c.attributes.get("fullCalcOnLoad", "0")) for c in book.every("calcPr"))
        self.dates, self.durations = self._date_styles()
        self._texts: list[str] | None = None

    def _part(self, path: str) -> _Element:
        with self.archive.open(path) as file:
            return _tree(file)

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Kind and path of the parts that a part names, by their keys."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self.names:
            return {}
        relations = {}
        for one in self._part(path).every("Relationship"):
            target = one.attributes.get("Target", "")
            kind = one.attributes.get("Type", "").rpartition("/")[2]
            relations[one.attributes.get("Id", "")] = (kind, posixpath.normpath(posixpath.join(folder, target)))
        return {key: (kind, path.lstrip("/")) for key, (kind, path) in relations.items()}

    def _of_kind(self, kind: str) -> str:
        return next((path for of, path in self.relations.values() if of == kind and path in self.names), "")

    def _date_styles(self) -> tuple[set[int], set[int]]:
        """Cell styles, by their number, that show a date, and those that show a duration."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

        path = self._of_kind("styles")
        if not path:
            return set(), set()
        styles = self._part(path)
        formats = dict(BUILTIN_FORMATS)
        formats |= dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy-mm-dd")  # East Asian dates
        for one in styles.every("numFmt"):
            formats[int(one.attributes["numFmtId"])] = one.attributes.get("formatCode", "")
        cells = [f for group in styles.every("cellXfs") for f in group.every("xf")]
        codes = [formats.get(int(f.attributes.get("numFmtId", 0))) for f in cells]
        dates = {i for i, code in enumerate(codes) if is_date_format(code)}
        return dates, {i for i in dates if is_timedelta_format(codes[i])}

    def texts(self) -> list[str]:
        """The texts that cells share; read when a sheet is."""
        if self._texts is None:
            path = self._of_kind("sharedStrings")
            self._texts = []
            if path:
                with self.archive.open(path) as file:
                    self._texts = _shared_strings(file)
        return self._texts

    def sheets(self) -> list[Sheet]:
        """The sheets of cells, in their order; charts and macros are none."""
        sheets = []
        for one in self.listed:
            kind, path = self.relations.get(one.attributes.get("id", ""), ("", ""))
            if kind == "worksheet" and path in self.names:
                reading = _Reading(self, path)
                hidden = VISIBILITY.get(one.attributes.get("state", ""), "")
                sheets.append(Sheet(one.attributes.get("name", ""), reading.rows, reading.marks, hidden))
        return sheets


# ---------------------------------------------------------------- a sheet
class _Reading:
    """A sheet: its rows each time they are asked for, and its marks after they were all read."""

    def __init__(self, book: _Book, path: str) -> None:
        self.book, self.path = book, path
        self.part: _SheetPart | None = None

    def rows(self) -> Iterator[tuple[int, list[object]]]:
        """Rows with their numbers, as they are parsed."""
        part = self.part = _SheetPart(self.book)
        with self.book.archive.open(self.path) as file:
            while chunk := file.read(CHUNK):
                part.parser.Parse(chunk, False)
                yield from part.done
                part.done.clear()
            part.parser.Parse(b"", True)
            yield from part.done

    def marks(self) -> Marks:
        """What the last reading of the rows came across."""
        if (part := self.part) is None:
            return Marks()
        valueless = part.formulas if self.book.unsaved and not part.calculated else part.uncalculated
        return Marks(part.merged, valueless, part.hidden_rows, part.hidden_columns, part.filtered)


class _SheetPart:
    """The handlers of a sheet's XML while it is parsed."""

    def __init__(self, book: _Book) -> None:
        from openpyxl.utils.datetime import from_excel

        self.book, self.from_excel = book, from_excel
        self.texts = book.texts()
        self.done: list[tuple[int, list[object]]] = []
        self.merged: list[tuple[str, int, int]] = []
        self.formulas: list[tuple[str, int]] = []
        self.uncalculated: list[tuple[str, int]] = []
        self.calculated = False  # any formula holds another value than 0
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.filtered = False
        self._row: list[object] = []
        self._number = self._column = 0
        self._cell: dict[str, str] = {}
        self._formula = self._aside = False
        self._value: str | None = None
        self._collecting = False
        self.parser = parser = _parser()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "c":
            self._start_cell(_plain(attributes))
        elif name == "v" or (name == "t" and not self._aside):
            self._value, self._collecting = self._value or "", True
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._aside = True
        elif name == "row":
            self._start_row(_plain(attributes))
        else:
            self._start_other(name, attributes)

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._number = int(attributes.get("r", self._number + 1))
        self._row, self._column = [], 0
        if _is_hidden(attributes, "ht"):
            self.hidden_rows.add(self._number)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cell, self._value, self._formula = attributes, None, False
        if place := CELL.fullmatch(attributes.get("r", "")):
            self._column = _place(place[1])
            self._number = int(place[2])
        if self._column >= MAX_WIDTH:
            raise CohortError([too_many_columns(self._column + 1)])

    def _start_other(self, name: str, attributes: dict[str, str]) -> None:
        if name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            top, bottom = CELL.fullmatch(first), CELL.fullmatch(last)
            if top and bottom:
                self.merged.append((f"{first}:{last}", int(top[2]), int(bottom[2])))
        elif name == "col" and _is_hidden(attributes, "width"):
            low, high = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            self.hidden_columns.update(range(low - 1, min(high, MAX_WIDTH)))
        elif name == "filterColumn":
            self.filtered = True

    def _characters(self, text: str) -> None:
        if self._collecting:
            self._value = (self._value or "") + text

    def _end(self, name: str) -> None:
        name = _local(name)
        if name in ("v", "t"):
            self._collecting = False
        elif name == "rPh":
            self._aside = False
        elif name == "c":
            self._end_cell()
        elif name == "row" and self._row:
            self.done.append((self._number, self._row))

    def _end_cell(self) -> None:
        kind, written = self._cell.get("t", "n"), self._value
        value = self._typed(kind, written) if written else None
        if self._formula:
            place = (f"{letters(self._column)}{self._number}", self._number)
            self.formulas.append(place)
            if value is None and kind != "str":
                self.uncalculated.append(place)
            self.calculated |= kind == "str" or value not in (None, 0)
        if value is not None:
            self._row.extend([None] * (self._column + 1 - len(self._row)))
            self._row[self._column] = value
        self._column += 1

    def _typed(self, kind: str, written: str) -> object:
        """A cell's value by its type; an error such as #DIV/0! is a text."""
        if kind == "s":
            return self.texts[int(written)] or None
        if kind == "n":
            return self._number_or_date(written.strip())
        if kind == "b":
            return BOOLEAN[written.strip()]
        if kind == "d":
            return iso_date(written.strip())
        return _unescaped(written)

    def _number_or_date(self, written: str) -> object:
        number = int(written) if written.lstrip("-").isdigit() else float(written)
        style = int(self._cell.get("s") or 0)
        if style not in self.book.dates:
            return number
        try:
            value: object = self.from_excel(number, self.book.midnight, style in self.book.durations)
        except (OverflowError, ValueError):
            return "#VALUE!"  # as Excel shows it
        return value


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    """Whether a row or column is hidden, or has no height or width."""
    return BOOLEAN.get(attributes.get("hidden", "0"), False) or float(attributes.get(size) or 1) == 0


def _place(name: str) -> int:
    """A column's place from 0 on: A, B ... Z, AA."""
    place = 0
    for letter in name:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
