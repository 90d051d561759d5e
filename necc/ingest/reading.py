"""Bytes to a raw table: every cell as text, with the row a person sees in the spreadsheet.

Nothing is typed, dropped or guessed here without a finding. A new file format is one entry in `READERS`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from necc.errors import CohortError, Finding
from necc.text import joined, plural, shorten

MAX_BYTES = 256 * 2**20
MAX_CELL = 32_767  # what a spreadsheet cell can hold
MAX_COLUMNS = 1_000
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


@dataclass(frozen=True, eq=False)
class RawColumn:
    """A column as text: distinct values once, and for each patient which of them.

    codes: int array, shape (n,); uniques: the distinct values, without surrounding blanks.
    rows: int array, shape (n,): the spreadsheet row of each patient.
    """

    header: str
    codes: np.ndarray
    uniques: tuple[str, ...]
    rows: np.ndarray

    def first_row(self, code: int) -> int:
        return int(self.rows[int(np.argmax(self.codes == code))])

    def count(self, code: int) -> int:
        return int((self.codes == code).sum())

    def finding(self, severity: str, code: str, value_code: int, message: str) -> Finding:
        """A finding on one distinct value; `message` is what follows the place."""
        row, n = self.first_row(value_code), self.count(value_code)
        more = f" (and {plural(n - 1, 'more row')})" if n > 1 else ""
        text = f"column '{self.header}', row {row}{more}: {message}"
        return Finding(severity, code, text, row, self.header, shorten(self.uniques[value_code]), n)


@dataclass(frozen=True, eq=False)
class RawTable:
    """A file's columns as text, and what reading it found."""

    columns: tuple[RawColumn, ...]
    rows: np.ndarray
    findings: tuple[Finding, ...] = ()
    decimal: str = "."


def fail(code: str, message: str, **place: object) -> CohortError:
    """A refusal with a single finding."""
    return CohortError([Finding("error", code, message, **place)])


def read_raw(data: bytes, filename: str) -> RawTable:
    """Reads a file by the reader of its suffix.

    Raises:
        CohortError: the file can't be read as a table; the findings say why.
    """
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 2**20, MAX_BYTES / 2**20
        raise fail("file-too-large", f"the file has {size:,.0f} MB; at most {limit:,.0f} MB are read")
    suffix = filename.rsplit(".", 1)[-1].lower() if "." in filename else "csv"
    reader = READERS.get(suffix)
    if reader is None:
        known = joined(sorted(READERS), "or")
        raise fail("unknown-format", f"files ending in .{shorten(suffix, 20)} are not read; save the table as {known}")
    return reader(data)


# ---------------------------------------------------------------- text
def decode(data: bytes) -> tuple[str, list[Finding]]:
    """Bytes to text: byte order marks, UTF-8, UTF-16 without a mark, GB18030, and Windows-1252 with a warning.

    Raises:
        CohortError: the bytes are no text.
    """
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise fail("empty-file", "the file is empty; a table with a header row and a row for each patient is needed")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strict(data, encoding), []
    sample = data[:65536]
    if b"\0" in sample:
        zeros = sample[1::2].count(0), sample[0::2].count(0)
        encoding = (
            "utf-16-le" if zeros[0] > 0.3 * len(sample) / 2 else "utf-16-be" if zeros[1] > 0.3 * len(sample) / 2 else ""
        )
        if encoding:
            return _strict(data, encoding), []
    if control := re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", data):
        where = data.count(b"\n", 0, control.start()) + 1
        message = (
            f"the file is not a text table: an unreadable character in line {where}; export it again as CSV (UTF-8)"
        )
        raise fail("not-text", message, row=where)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    text, encoding = _legacy(data)
    message = f"line {line} is not UTF-8; the file was read as {encoding}: check the letters, or save it as CSV UTF-8"
    return text, [Finding("warning", "encoding", message, row=line)]


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"unreadable encoding: line {line} does not hold {encoding.upper()} text as the file's start promises"
        raise fail("encoding", f"{message}; save it as CSV UTF-8", row=line) from None


def _legacy(data: bytes) -> tuple[str, str]:
    """Chinese text in GB18030 where most high bytes become Chinese characters, else Western text."""
    high = sum(byte > 127 for byte in data[:200_000])
    try:
        text = data.decode("gb18030")
        chinese = len(re.findall(r"[\u4e00-\u9fff]", text[:200_000]))
        if chinese >= 4 and 2 * chinese > 0.6 * high:
            return text, "GB18030"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def read_text_table(data: bytes) -> RawTable:
    """CSV with comma, semicolon, tab or bar, found by itself."""
    text, findings = decode(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    separator, counts = _separator(text)
    if len(counts) and counts[0] + 1 > MAX_COLUMNS:
        raise fail("too-many-columns", f"the header names {counts[0] + 1:,} columns; at most {MAX_COLUMNS:,} are read")
    ragged = _ragged(counts, separator)
    if ragged:
        raise CohortError([*findings, *ragged])
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype=str, na_filter=False, skip_blank_lines=False,
            low_memory=False,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error):
        message = 'a quotation mark is opened and never closed; look for a single " in the file'
        raise CohortError([*findings, Finding("error", "quotes", message, row=_open_quote(text, separator))]) from None
    decimal = "," if separator != "," else "."
    return table_from_frame(frame, findings, decimal)


def _separator(text: str) -> tuple[str, list[int]]:
    """The separator that the header and the first rows agree on best, and its count in each record.

    The separator inside quotes doesn't count, nor does a line break.
    """
    best: tuple[float, str, list[int]] = (-1.0, ",", [])
    for separator in SEPARATORS:
        if separator not in text:
            continue
        quoted = re.compile(rf'(?<![^{re.escape(separator)}\n])"(?:[^"]|"")*"(?=[{re.escape(separator)}\n]|\Z)')
        bare = quoted.sub("", text) if '"' in text else text
        head = [line.count(separator) for line in bare.split("\n", 21)[:20] if line.strip()]
        if not head or not head[0]:
            continue
        agreeing = sum(n == head[0] for n in head) / len(head)
        score = agreeing * min(head[0], 50) + head[0] / 1000
        if score > best[0]:
            best = (score, separator, [line.count(separator) for line in bare.split("\n")])
    if best[0] < 0:
        return ",", [0] * (text.count("\n") + 1)
    return best[1], best[2]


def _ragged(counts: list[int], separator: str) -> list[Finding]:
    """Records with more or fewer cells than the header; a blank line is no record."""
    array = np.asarray(counts)
    if not len(array) or not array[0]:
        return []
    wrong = np.flatnonzero((array != array[0]) & (array != 0))
    wrong = wrong[wrong > 0]
    findings = []
    for has in np.unique(array[wrong]):
        rows = wrong[array[wrong] == has] + 1
        shown = joined([str(r) for r in rows[:5]]) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
        word = SEPARATORS[separator]
        message = (
            f"row {shown}: {has + 1} cells where the header has {array[0] + 1}; is a {word} inside a text without "
            f"quotation marks, or a cell missing?"
        )
        findings.append(Finding("error", "ragged-row", message, int(rows[0]), n=len(rows)))
    return findings


def _open_quote(text: str, separator: str) -> int | None:
    for row, line in enumerate(text.split("\n"), start=1):
        if line.count('"') % 2:
            return row
    return None


# ---------------------------------------------------------------- any format: frame of text -> columns
def table_from_frame(frame: pd.DataFrame, findings: list[Finding], decimal: str = ".") -> RawTable:
    """A frame of text whose first row is the header becomes a raw table; blank rows go, and are counted.

    Raises:
        CohortError: no header, no patients, a header twice, or a cell longer than a spreadsheet holds.
    """
    findings = list(findings)
    headers = [" ".join(str(h).split()) for h in frame.iloc[0]]
    rows = np.arange(2, len(frame) + 1)
    body = frame.iloc[1:]
    if not any(headers):
        raise CohortError([*findings, Finding("error", "no-header", "row 1 is blank; it must name the columns", 1)])
    columns = [_factorised(header, body[name].to_numpy(), rows) for header, name in zip(headers, frame, strict=True)]
    blank = np.ones(len(rows), dtype=bool)
    for column in columns:
        empty = column.uniques.index("") if "" in column.uniques else -1
        blank &= column.codes == empty
    columns, rows = _without(columns, rows, blank, findings)
    columns = _named(columns, findings)
    problems = [*_duplicate_headers(columns), *_long_cells(columns)]
    if not len(rows):
        problems.append(
            Finding("error", "no-patients", "the file has a header and no rows: there are no patients to read")
        )
    if problems:
        raise CohortError([*findings, *problems])
    return RawTable(tuple(columns), rows, tuple(findings), decimal)


def _factorised(header: str, values: np.ndarray, rows: np.ndarray) -> RawColumn:
    """Distinct values without surrounding blanks; values that then are equal share a code."""
    codes, uniques = pd.factorize(values)
    stripped = [u.strip() for u in uniques]
    position = {value: i for i, value in enumerate(dict.fromkeys(stripped))}
    lookup = np.fromiter((position[v] for v in stripped), dtype=np.int64, count=len(stripped))
    return RawColumn(header, lookup[codes] if len(stripped) else codes, tuple(position), rows)


def _without(
    columns: list[RawColumn], rows: np.ndarray, blank: np.ndarray, findings: list[Finding]
) -> tuple[list[RawColumn], np.ndarray]:
    if not blank.any():
        return columns, rows
    inner = np.flatnonzero(blank & (np.arange(len(blank)) < np.flatnonzero(~blank).max(initial=-1)))
    if len(inner):
        message = f"{plural(len(inner), 'blank row')} left out, the first is row {rows[inner[0]]}"
        findings.append(Finding("info", "blank-row", message, int(rows[inner[0]]), n=len(inner)))
    rows = rows[~blank]
    return [RawColumn(c.header, c.codes[~blank], c.uniques, rows) for c in columns], rows


def _named(columns: list[RawColumn], findings: list[Finding]) -> list[RawColumn]:
    """Columns without a heading: dropped when blank, else named by their place."""
    named = []
    for place, column in enumerate(columns, start=1):
        if column.header:
            named.append(column)
        elif any(column.uniques[c] for c in np.unique(column.codes)):
            header = f"column {place}"
            findings.append(
                Finding("warning", "no-heading", f"column {place} has no heading; it is called '{header}'", 1)
            )
            named.append(RawColumn(header, column.codes, column.uniques, column.rows))
    return named


def _duplicate_headers(columns: list[RawColumn]) -> list[Finding]:
    seen: dict[str, int] = {}
    found = []
    for place, column in enumerate(columns, start=1):
        key = column.header.casefold()
        if key in seen:
            message = (
                f"row 1: the heading '{shorten(column.header)}' stands over columns {seen[key]} and {place}; rename one"
            )
            found.append(Finding("error", "duplicate-header", message, 1, shorten(column.header)))
        seen.setdefault(key, place)
    return found


def _long_cells(columns: list[RawColumn]) -> list[Finding]:
    found = []
    for column in columns:
        if len(column.header) > 200:
            message = f"row 1: a heading of {len(column.header):,} characters; at most 200 are read"
            found.append(Finding("error", "long-heading", message, 1, shorten(column.header)))
        longest = max(range(len(column.uniques)), key=lambda i: len(column.uniques[i]), default=None)
        if longest is not None and len(column.uniques[longest]) > MAX_CELL:
            size = len(column.uniques[longest])
            message = f"a cell of {size:,} characters; a spreadsheet cell holds at most {MAX_CELL:,}"
            found.append(column.finding("error", "long-cell", longest, message))
    return found


READERS: dict[str, Callable[[bytes], RawTable]] = {
    "csv": read_text_table,
    "tsv": read_text_table,
    "txt": read_text_table,
}
