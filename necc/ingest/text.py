"""Text tables: encodings and dialects found by themselves, each doubt told."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from necc.core.errors import CohortError, Finding
from necc.core.text import joined, plural, shorten
from necc.ingest.distinct import ArrowWords
from necc.ingest.mapping import ReadOptions
from necc.ingest.raw import MAX_COLUMNS, RawColumn, RawTable, assemble, fail, too_many_columns

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
CONTROL = bytes(b for b in range(32) if b not in (9, 10, 11, 12, 13, 27))
SEP_LINE = re.compile(r'"?sep=(.)"?[;,\t]*(?:\n|\Z)', re.IGNORECASE)  # Excel writes and reads it above the header
PADDING = "\0\x1a"  # that old programs fill a file's end with
TEXT_TABLE = "text table"
SAMPLE = 256 * 1024
PROSE = Finding(
    "error", "not-a-table", "the file holds running text, not a table; save the table itself as CSV or .xlsx, with a "
    "first row that names the columns",
)  # fmt: skip
DECIMAL = re.compile(r"(?:(?<=[\d;\t| ])|^),(?=\d)")
OTHER_SIGNS = (":", "~", "^", "/", "\u00a6", "\uff0c", "\uff1b")
QUOTES = (("'", "'"), ("\u2018", "\u2019"), ("`", "`"), ("\u201c", "\u201d"), ("\u201e", "\u201c"),
          ("\u201e", "\u201d"), ("\xab", "\xbb"))  # fmt: skip
LINES = 20  # from the heading on that are looked at
ENCODINGS = ("utf-8", "utf-16", "gb18030", "cp1252", "latin-1", "big5", "shift_jis", "cp1250", "cp1251", "mac-roman")


# ---------------------------------------------------------------- bytes -> text
def decode(data: bytes, encoding: str = "") -> tuple[str, list[Finding]]:
    """Bytes to text: byte order marks, UTF-8, UTF-16 without a mark, GB18030, and Windows-1252 with a warning.

    encoding: one that a person chose; it is taken at its word.

    Raises:
        CohortError: the bytes are no text.
    """
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise fail("empty-file", "the file is empty; a table with a header row and one row per patient is needed")
    if encoding:
        return _chosen(data, encoding), []
    if name := _wide(data):
        return _strict(data, name).removeprefix("\ufeff").rstrip(PADDING), []
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    data = data.rstrip(PADDING.encode())
    if len(data.translate(None, CONTROL)) != len(data):
        control = re.search(b"[" + re.escape(CONTROL) + b"]", data)
        where = data.count(b"\n", 0, control.start() if control else 0) + 1
        message = (
            f"the file is not a text table: an unreadable character in line {where}; export it again as CSV (UTF-8)"
        )
        raise fail("not-text", message, row=where)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    text, name = _legacy(data)
    message = f"line {line} is not UTF-8; the file was read as {name}: check accented letters, or save it as CSV UTF-8"
    return text, [Finding("warning", "encoding", message, row=line)]


def _wide(data: bytes) -> str:
    """The encoding of a file of two or four bytes a character, by its mark or by where its zeros stand."""
    for mark, name in (
        (b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"), (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):  # fmt: skip
        if data.startswith(mark):
            return name
    sample = data.rstrip(b"\0")[:SAMPLE]
    sample = sample[: len(sample) // 4 * 4]
    zeros = [sample[place::4].count(0) for place in range(4)]
    quarter = len(sample) // 4
    if quarter and (zeros[2:] == [quarter] * 2 or zeros[:2] == [quarter] * 2):
        return "utf-32-le" if zeros[2:] == [quarter] * 2 else "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    name = "utf-16-le" if odd > even else "utf-16-be"
    lines = sample.decode(name, "replace")
    return name if max(even, odd) > 5 * min(even, odd) and ("\n" in lines or "\r" in lines) else ""


def is_text(data: bytes) -> bool:
    """Whether bytes can be read as text of several lines."""
    try:
        return "\n" in decode(data)[0].replace("\r", "\n").strip()
    except CohortError:
        return False


def _chosen(data: bytes, encoding: str) -> str:
    if encoding.lower() not in ENCODINGS:
        raise fail("encoding", f"the encoding is none of {joined(ENCODINGS, 'or')}")
    return _strict(data, "utf-8-sig" if encoding == "utf-8" else encoding).replace("\0", "")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"unreadable encoding: line {line} does not hold {encoding.upper()} text as the file's start promises"
        raise fail("encoding", f"{message}; save it as CSV UTF-8", row=line) from None


def _legacy(data: bytes) -> tuple[str, str]:
    """GB18030 where its bytes say Chinese, else Western text."""
    if _is_chinese(data[:200_000]):
        try:
            return data.decode("gb18030"), "GB18030"
        except UnicodeDecodeError:
            pass
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def _is_chinese(sample: bytes) -> bool:
    """Whether bytes above 127 come in pairs of common Chinese characters rather than as single accented letters.

    GB 2312 has its common characters, nearly all of a Chinese text, at B0-D7 with a second byte from A1. In Western
    text an accented letter stands alone between ASCII letters ("Überleben"), or beside another in lower case, from E0.
    Taken as GB18030 it would swallow the letter after it, so the number of characters alone tells nothing.
    """
    common = against = 0
    for run in re.findall(rb"[\x80-\xff]+", sample):
        pairs = [(run[i], run[i + 1]) for i in range(0, len(run) - 1, 2)]
        common += sum(0xB0 <= first <= 0xD7 and second >= 0xA1 for first, second in pairs)
        against += 2 * sum(first > 0xD7 for first, _ in pairs) + (len(run) == 1)
    return 2 * common > against


# ---------------------------------------------------------------- text -> table
def read_text(data: bytes, read_options: ReadOptions) -> RawTable:
    """CSV with comma, semicolon, tab or bar: named by Excel's own first line `sep=;`, else found by itself.

    Leading `#` lines are comments.

    Raises:
        CohortError: the file is no table that can be read; the findings say why.
    """
    text, findings = decode(data, read_options.encoding)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    named = SEP_LINE.match(text)
    body = text[named.end() :] if named else text
    comments = _leading_comments(body)
    body = body.split("\n", len(comments))[-1] if comments else body
    only = _separator_named(named[1]) if named else ""
    if requoted := _requoted(body, only):
        body, message = requoted
        findings.append(Finding("info", "quotes-stripped", message, 1))
    separator, n_columns = _separator(body, only)
    if named:
        message = f"row 1 says that a {SEPARATORS[separator]} separates the cells (sep={named[1]}); it isn't a heading"
        findings.append(Finding("info", "sep-line", message, 1))
    if n_columns > MAX_COLUMNS:
        raise CohortError([too_many_columns(n_columns)])
    if n_columns == 1:
        findings += _one_column(body, findings)
    above = len(comments) + bool(named)
    columns = _by_arrow(body, separator, n_columns)
    if columns is None:
        columns = _by_pandas(body, separator, findings, above)
    if above:
        columns = [replace(c, rows=c.rows + above) for c in columns]
    decimal = read_options.decimal or ("," if separator != "," else ".")
    raw = assemble(
        columns, findings, decimal, read_options.header_row, kind=f"{TEXT_TABLE}, {SEPARATORS[separator]} separated"
    )
    return _labelled(raw, comments, separator)


def _one_column(text: str, findings: list[Finding]) -> list[Finding]:
    """What a file without any separator is told.

    Raises:
        CohortError: it holds sentences, or cells that another sign separates.
    """
    lines = [line for line in text[:SAMPLE].split("\n", 201)[:200] if line.strip()]
    parts = [len(re.findall(r'"[^"]*"|\S+', line)) for line in lines]
    if len(lines) > 2 and max(parts) > 1 and len(set(parts[1:])) == 1 and parts[0] in (parts[1], parts[1] - 1):
        raise CohortError([*findings, _other_separator("blanks", lines[0])])
    for sign in OTHER_SIGNS:
        counts = {line.count(sign) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and 0 not in counts:
            raise CohortError([*findings, _other_separator(f"'{sign}'", lines[0])])
    if _is_prose(text, ","):
        raise CohortError([*findings, PROSE])
    message = (
        f"the file has a single column: no {joined(list(SEPARATORS.values()), 'or')} separates cells in it; if it has "
        "more, save it again as CSV"
    )
    return [Finding("warning", "one-column", message, 1)]


def _other_separator(sign: str, line: str) -> Finding:
    message = (
        f"the cells seem to be separated by {sign}: '{shorten(line, 40)}'; "
        f"{joined(list(SEPARATORS.values()), 'or')} are read: save the table as CSV"
    )
    return Finding("error", "separator", message, 1)


def _separator_named(sign: str) -> str:
    """The separator that the file's first line names.

    Raises:
        CohortError: it is none that is read.
    """
    if sign in SEPARATORS:
        return sign
    message = f"row 1 names '{sign}' as the separator; {joined(list(SEPARATORS.values()), 'or')} are read: save it so"
    raise fail("sep-line", message, row=1)


def _leading_comments(text: str) -> list[str]:
    """Lines above the header that start with `#`: two or more, or one that isn't a header itself."""
    comments = []
    for line in text[:SAMPLE].split("\n"):
        if not line.startswith("#"):
            break
        comments.append(line)
    alone = len(comments) == 1 and any(s in comments[0] for s in SEPARATORS)
    return [] if alone else comments


def _labelled(raw: RawTable, comments: list[str], separator: str) -> RawTable:
    """The first comment line names the columns for people, where it has a part for each (cBioPortal)."""
    labels = comments[0].lstrip("#").split(separator) if comments else []
    if len(labels) != len(raw.columns):
        return raw
    columns = tuple(replace(c, label=label.strip()) for c, label in zip(raw.columns, labels, strict=True))
    kind = "cBioPortal clinical file" if len(comments) >= 4 else raw.kind
    return replace(raw, columns=columns, kind=kind)


def _quoted(separator: str) -> re.Pattern[str]:
    """A cell in quotation marks."""
    return re.compile(rf'(?<![^{re.escape(separator)}\n])"(?:[^"]|"")*"(?=[{re.escape(separator)}\n]|\Z)')


def _bare(text: str, separator: str) -> str:
    """The text with a letter for each cell in quotation marks: separators and line breaks in there don't count."""
    return _quoted(separator).sub("q", text) if '"' in text else text


def _is_prose(text: str, separator: str) -> bool:
    """Whether the first lines hold sentences rather than cells."""
    lines = [line for line in text[:SAMPLE].split("\n", 51)[:50] if line.strip()]
    cells = [c for line in lines for c in line.split(separator) if c.strip()]
    return sum(len(c.split()) for c in cells) >= 3 * max(len(cells), 1)


def _separator(text: str, only: str = "") -> tuple[str, int]:
    """The separator that the header and the first rows agree on best, or `only`, and the cells of the header.

    Lines without it above the header are titles, unless they are rows of another separator that agrees as well. A comma
    that in its first line stands before digits alone is a decimal sign wherever another separator fits.
    """
    sample = text[:SAMPLE]
    counts, ways = dict[str, list[int]](), list[tuple[float, str, int]]()  # score, separator, place of its first line
    for separator in only or SEPARATORS:
        if separator not in sample:
            continue
        lines = [line for line in _bare(sample, separator).split("\n", 201)[:200] if line.strip()]
        counts[separator] = [line.count(separator) for line in lines]
        top = next((i for i, n in enumerate(counts[separator]) if n), None)
        if top is None:
            continue
        first = counts[separator][top]
        decimal = separator == "," and not only and len(DECIMAL.findall(lines[top])) == first
        score = _agreeing(counts[separator], first, top) * min(first, 50) + first / 1000
        ways.append((score / (1000 if decimal else 1), separator, top))

    def is_row(way: tuple[float, str, int]) -> bool:
        """Whether its first lines are rows of a separator that begins above."""
        own = _agreeing(counts[way[1]], counts[way[1]][way[2]], way[2])
        return any(t < way[2] and _agreeing(counts[s], counts[s][t], way[2]) >= own for _, s, t in ways)

    best = max((w for w in ways if not is_row(w)), key=lambda w: (w[0], w[1] != ","), default=None)
    return (best[1], counts[best[1]][best[2]] + 1) if best else (only or ",", 1)


def _agreeing(counts: list[int], n: int, top: int) -> float:
    """The share of the first lines from a place on that hold a separator n times."""
    rows = counts[top:][:LINES]
    return sum(k == n for k in rows) / max(len(rows), 1)


def _requoted(text: str, only: str = "") -> tuple[str, str] | None:
    """The text with usual quotation marks, and what to tell, where others wrap the whole header; else None.

    In the first rows, too, such a mark may only wrap a cell.
    """
    lines = [line for line in text[:SAMPLE].split("\n", 201)[:200] if line.strip()][:LINES]
    for (opening, closing), separator in product(QUOTES, only or SEPARATORS):
        if not lines or not lines[0].startswith(opening) or separator not in lines[0]:
            continue
        sign, marks = re.escape(separator), opening + closing
        wrapped = rf"{opening}((?:[^{marks}\n]|{closing}{closing})*){closing}"
        either = rf"(?:{wrapped}|[^{marks}{sign}\n]*)"
        if not re.fullmatch(rf"{wrapped}(?:{sign}{wrapped})+", lines[0]):
            continue
        if all(re.fullmatch(rf"{either}(?:{sign}{either})*", line) for line in lines):
            cell = re.compile(rf"(?<![^{sign}\n]){wrapped}(?=[{sign}\n]|\Z)")
            text = cell.sub(partial(_usually_quoted, closing), text)
            return text, f"{opening} … {closing} around cells were read as quotation marks, not as part of the cells"
    return None


def _usually_quoted(closing: str, cell: re.Match[str]) -> str:
    return '"' + cell[1].replace(closing * 2, closing).replace('"', '""') + '"'


def _by_arrow(text: str, separator: str, n_columns: int) -> list[RawColumn] | None:
    """Columns by their distinct values; None where a record isn't as long as the header, or a quote stays open.

    None without pyarrow, too.
    """
    if text.count('"') % 2:
        return None
    try:
        import pyarrow as pa
        import pyarrow.csv
    except ImportError:
        return None
    names = [f"f{i}" for i in range(n_columns)]
    kind = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pa.csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pa.csv.ReadOptions(column_names=names),
            parse_options=pa.csv.ParseOptions(
                delimiter=separator, newlines_in_values='"' in text, ignore_empty_lines=False
            ),
            convert_options=pa.csv.ConvertOptions(strings_can_be_null=False, column_types=dict.fromkeys(names, kind)),
        )
    except (pa.ArrowInvalid, UnicodeEncodeError):
        return None
    rows = np.arange(1, table.num_rows + 1)
    columns = []
    for chunks in table.unify_dictionaries().columns:
        codes = [chunk.indices.to_numpy() for chunk in chunks.chunks]
        words = chunks.chunk(0).dictionary if chunks.num_chunks else pa.array([], pa.string())
        every = np.concatenate(codes or [np.zeros(0, np.int32)])
        columns.append(RawColumn("", every, ArrowWords(words), rows).trimmed())
    return columns


def _by_pandas(text: str, separator: str, findings: list[Finding], above: int) -> list[RawColumn]:
    """The slower way, which tells what is wrong with the file; ragged rows are errors, and the others are read.

    above: the lines of the file above this text.

    Raises:
        CohortError: an open quotation mark, or more ragged rows than others.
    """
    bare = _bare(text, separator).split("\n")
    if row := _open_quote(bare, separator):
        message = (
            f"row {row + above}: a quotation mark is opened and never closed, so the rest of the file would be one "
            'cell; close it, or delete the single "'
        )
        raise CohortError([*findings, Finding("error", "quotes", message, row + above)])
    counts = np.array([line.count(separator) for line in bare])
    filled = np.array([bool(line.strip()) for line in bare])
    top = int(np.argmax(counts > 0))
    width = counts[top]
    wrong = filled & (counts != width) & (np.arange(len(counts)) > top)
    n_wrong, n_right = wrong.sum(), (filled & ~wrong)[top + 1 :].sum()
    if n_wrong and n_wrong >= n_right and _is_prose(text, separator):
        raise CohortError([PROSE])
    findings += _ragged(counts, wrong, int(width), separator, above)
    if n_wrong > n_right:
        raise CohortError(findings)
    lines = _quoted(separator).sub(lambda cell: cell[0].replace("\n", "\0"), text).split("\n")
    lines[:top] = [line + separator * int(width) for line in lines[:top]]
    kept = "\n".join("" if gone else line for gone, line in zip(wrong, lines, strict=True)).replace("\0", "\n")
    try:
        frame = pd.read_csv(
            io.StringIO(kept), sep=separator, header=None, dtype=str, na_filter=False, skip_blank_lines=False,
            low_memory=False,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error):
        message = "the rows can't be separated; look for a single quotation mark in the file, or export it again"
        raise CohortError([*findings, Finding("error", "quotes", message)]) from None
    rows = np.flatnonzero(~wrong[: len(frame)])
    return [RawColumn.of("", frame[name].to_numpy(dtype=object)[rows].astype(str), rows + 1) for name in frame]


def _ragged(counts: np.ndarray, wrong: np.ndarray, width: int, separator: str, above: int) -> list[Finding]:
    """Records with more or fewer cells than the header; a blank line is no record."""
    findings = []
    for has in np.unique(counts[wrong]):
        rows = np.flatnonzero(wrong & (counts == has)) + 1 + above
        shown = joined([str(r) for r in rows[:5]]) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
        word = SEPARATORS[separator]
        message = (
            f"{'row' if len(rows) == 1 else 'rows'} {shown}: {plural(int(has) + 1, 'cell')} where the header has "
            f"{width + 1}; is a {word} inside a text without quotation marks, or a cell missing?"
        )
        findings.append(Finding("error", "ragged-row", message, int(rows[0]), n=len(rows)))
    return findings


def _open_quote(bare: list[str], separator: str) -> int | None:
    """The row in which a cell starts with a quotation mark that nothing closes."""
    opened = re.compile(rf'(?:^|{re.escape(separator)})"[^"]*$')
    return next((row for row, line in enumerate(bare, start=1) if opened.search(line)), None)
