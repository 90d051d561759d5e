"""OpenDocument spreadsheets (.ods), as LibreOffice and others write them.

Read as a stream by Python's own XML parser. A cell or a row says in a number how often it is repeated. python-calamine
0.9 writes up to 100 million of them out before it hands on a table: a file of 706 bytes took 6 GB and 75 seconds. Here
they are counted first.
OASIS OpenDocument 1.3, part 3, chapter 9 (tables) and 19.385 (values).
"""

from __future__ import annotations

import io
import re
import time
from datetime import date
from typing import IO
from xml.parsers import expat

from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import EXCEL_1900, RawTable, fail
from necc.ingest.workbook import (
    ENCRYPTED,
    MAX_CELLS,
    MAX_SECONDS,
    MAX_WIDTH,
    TOO_MANY_CELLS,
    Hidden,
    Marks,
    Program,
    Sheet,
    damage_told,
    iso_date,
    letters,
    opened,
    read_sheet,
)

OPENDOCUMENT = Program("LibreOffice", "OpenDocument spreadsheet", "ods", re.compile(r"content\.xml"))
OFFICE, TABLE, TEXT, STYLE = (
    f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0 " for name in ("office", "table", "text", "style")
)
CELLS = (TABLE + "table-cell", TABLE + "covered-table-cell")
BREAKS = {TEXT + "tab": "\t", TEXT + "line-break": "\n", TEXT + "s": " "}
FLAT = re.compile(rb"<office:document\s[^>]*opendocument\.spreadsheet")
FLAT_START = 2**16
DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?")


def read_opendocument(data: bytes, read_options: ReadOptions) -> RawTable:
    """The fullest sheet of a spreadsheet, or the one that was chosen.

    Raises:
        CohortError: the file or the sheet can't be read; the findings say why.
    """
    if is_flat(data):
        return _read_flat(data, read_options)
    with opened(data, OPENDOCUMENT) as archive:
        manifest = "META-INF/manifest.xml"
        if manifest in archive.namelist() and b"encryption-data" in archive.read(manifest):
            raise fail("encrypted", ENCRYPTED)
        content = _Content()
        with archive.open(OPENDOCUMENT.main_part(archive)) as file:
            content.read(file)
        return content.chosen(read_options)


def is_flat(data: bytes) -> bool:
    """Whether a file is such a spreadsheet as a single XML file (.fods)."""
    return FLAT.search(data[:FLAT_START]) is not None


def _read_flat(data: bytes, read_options: ReadOptions) -> RawTable:
    content = _Content()
    with damage_told(OPENDOCUMENT):
        content.read(io.BytesIO(data))
        return content.chosen(read_options)


class _Table:
    """A sheet while it is read."""

    def __init__(self, name: str, hidden: Hidden) -> None:
        self.name, self.hidden, self.n_rows = name, hidden, 0
        self.n_columns = 0  # declared so far
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.filtered = False
        self.rows: list[tuple[int, list[object]]] = []
        self.merged: list[tuple[str, int, int]] = []
        self.uncalculated: list[tuple[str, int]] = []

    def sheet(self) -> Sheet:
        return Sheet(self.name, lambda: self.rows, self.marks, self.hidden)

    def marks(self) -> Marks:
        return Marks(self.merged, self.uncalculated, self.hidden_rows, self.hidden_columns, self.filtered)


class _Content:
    """The sheets of content.xml."""

    def __init__(self) -> None:
        self.sheets: list[_Table] = []
        self.epoch = EXCEL_1900
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._inside = False  # of a sheet
        self._row: list[object] | None = None
        self._row_repeated = self._column = self._n_cells = 0
        self._visibility = "visible"
        self._cell: dict[str, str] | None = None  # attributes of the cell, while inside it
        self._depth = self._cell_depth = self._aside = 0
        self._covered = False
        self._paragraphs: list[str] = []
        self._deadline = time.perf_counter() + MAX_SECONDS

    def chosen(self, read_options: ReadOptions) -> RawTable:
        return read_sheet([s.sheet() for s in self.sheets], read_options, OPENDOCUMENT, self.epoch)

    def read(self, file: IO[bytes]) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self._text, self._doctype
        parser.ParseFile(file)

    def _doctype(self, *_: object) -> None:
        raise ValueError("a document type, which could expand without end")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._cell is not None:
            self._start_in_cell(name, attributes)
        elif not self._inside:
            self._start_outside(name, attributes)
        elif name == TABLE + "table-column":
            self._start_column(attributes)
        elif name == TABLE + "table-row":
            self._row, self._column = [], 0
            self._row_repeated = _repeated(attributes, "number-rows-repeated")
            self._visibility = attributes.get(TABLE + "visibility", "visible")
        elif name in CELLS and self._row is not None:
            self._cell, self._cell_depth, self._covered = attributes, self._depth, name == CELLS[1]
            self._paragraphs = []

    def _start_outside(self, name: str, attributes: dict[str, str]) -> None:
        """Sheets, and what is said of all of them: hidden ones by a style, and the day that dates count from."""
        if name == TABLE + "table":
            self._inside = True
            hidden: Hidden = "hidden" if attributes.get(TABLE + "style-name") in self._hidden_styles else ""
            self.sheets.append(_Table(attributes.get(TABLE + "name", f"Sheet{len(self.sheets) + 1}"), hidden))
        elif name == STYLE + "style":
            self._style = attributes.get(STYLE + "name", "")
        elif name == STYLE + "table-properties" and attributes.get(TABLE + "display") == "false":
            self._hidden_styles.add(self._style)
        elif name == TABLE + "null-date" and TABLE + "date-value" in attributes:
            self.epoch = date.fromisoformat(attributes[TABLE + "date-value"])

    def _start_column(self, attributes: dict[str, str]) -> None:
        table, first = self.sheets[-1], self.sheets[-1].n_columns
        table.n_columns += _repeated(attributes, "number-columns-repeated")
        if attributes.get(TABLE + "visibility", "visible") != "visible":
            table.hidden_columns.update(range(first, min(table.n_columns, MAX_WIDTH)))

    def _start_in_cell(self, name: str, attributes: dict[str, str]) -> None:
        if self._aside:
            return
        if name == TEXT + "p" and self._depth == self._cell_depth + 1:
            self._paragraphs.append("")
        elif name in BREAKS and self._paragraphs:
            n = min(int(attributes.get(TEXT + "c", 1)), 100)
            self._paragraphs[-1] += BREAKS[name] * n
        elif self._depth == self._cell_depth + 1 or name == OFFICE + "annotation":
            self._aside = self._depth  # a comment or a picture

    def _text(self, text: str) -> None:
        if self._cell is not None and not self._aside and self._paragraphs and self._depth > self._cell_depth:
            self._paragraphs[-1] += text

    def _end(self, name: str) -> None:
        if self._cell is not None:
            if self._depth == self._aside:
                self._aside = 0
            elif self._depth == self._cell_depth:
                self._end_cell(self._cell)
                self._cell = None
        elif name == TABLE + "table-row" and self._row is not None:
            self._end_row(self._row)
            self._row = None
        elif name == TABLE + "table":
            self._inside = False
        self._depth -= 1

    def _end_cell(self, attributes: dict[str, str]) -> None:
        table, first = self.sheets[-1], self._column
        self._column += _repeated(attributes, "number-columns-repeated")
        row = table.n_rows + 1
        value = None if self._covered else _value(attributes, "\n".join(self._paragraphs))
        if value is None:
            if TABLE + "formula" in attributes and OFFICE + "value-type" not in attributes:
                table.uncalculated.append((f"{letters(first)}{row}", row))
        elif self._row is not None and first < MAX_WIDTH:
            self._row.extend([None] * (first - len(self._row)))
            self._row.extend([value] * (min(self._column, MAX_WIDTH) - first))
        height, width = (int(attributes.get(f"{TABLE}number-{of}-spanned", 1)) for of in ("rows", "columns"))
        if height > 1 or width > 1:
            last = row + height - 1
            table.merged.append((f"{letters(first)}{row}:{letters(first + width - 1)}{last}", row, last))

    def _end_row(self, row: list[object]) -> None:
        table = self.sheets[-1]
        if row:
            self._n_cells += len(row) * self._row_repeated
            if self._n_cells > MAX_CELLS or (len(table.rows) % 512 == 0 and time.perf_counter() > self._deadline):
                raise fail("workbook-too-large", TOO_MANY_CELLS)
            numbers = range(table.n_rows + 1, table.n_rows + self._row_repeated + 1)
            table.rows += [(number, row) for number in numbers]
            if self._visibility != "visible":
                table.hidden_rows.update(numbers)
                table.filtered |= self._visibility == "filter"
        table.n_rows += self._row_repeated


def _repeated(attributes: dict[str, str], name: str) -> int:
    return max(int(attributes.get(TABLE + name, 1)), 1)


def _value(attributes: dict[str, str], text: str) -> object:
    """A cell's value by its type; an error such as #DIV/0! is a text, as in Excel."""
    kind, value = attributes.get(OFFICE + "value-type", ""), attributes.get(OFFICE + "value", "")
    if kind in ("float", "percentage", "currency"):
        return int(value) if re.fullmatch(r"-?\d{1,15}", value) else float(value)
    if kind == "boolean":
        return attributes.get(OFFICE + "boolean-value") == "true"
    if kind == "date":
        return iso_date(attributes.get(OFFICE + "date-value", "")) or text or None
    if kind == "time" and (parts := DURATION.fullmatch(attributes.get(OFFICE + "time-value", ""))):
        return ":".join(f"{int(part or 0):02d}" for part in parts.groups())
    return text or attributes.get(OFFICE + "string-value") or None
