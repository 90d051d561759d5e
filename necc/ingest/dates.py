"""Dates as people write them: the order found from a whole column, and a stated rule where a part is missing.

Rules: a month without a day is its 15th, a year alone its 1 July; a two-digit year below 50 is in this century;
whole numbers of five digits in a date column are a spreadsheet's days, counted from the workbook's own first day.
Digits alone are a date where there are eight of them, year, month, day. Six are a year and a month where the column
allows no other reading, such as a short year, month and day; else they are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from necc.core.text import shorten
from necc.ingest.distinct import DAY, Words
from necc.ingest.raw import EXCEL_1900

FULL_YEAR = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y", "%d/%b/%Y", "%d %b %Y", "%d%b%Y", "%d %B %Y",
    "%b %d, %Y", "%B %d, %Y", "%Y年%m月%d日", "%Y年%m月%d",
)  # fmt: skip
SHORT_YEAR = ("%d-%b-%y", "%d/%b/%y", "%d %b %y", "%d%b%y", "%d.%m.%y")
DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%m-%y")
MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y")
SLASHED = re.compile(r"\d{1,2}[/-]\d{1,2}[/-](\d{4}|\d{2})")
PARTS = re.compile(r"(\d{1,2})([/-])(\d{1,2})([/-])(\d{4}|\d{2})")
ISO = rf"^{DAY}$"
CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?(Z|[+-]\d{2}:?\d{2})?$")
UNKNOWN_PART = r"(?:UN|UNK|UK|XX|NK|00|0|\?\?|--)"
YEAR_MONTH = re.compile(rf"(\d{{4}})(?:[-/.](\d{{1,2}})(?:[-/.]{UNKNOWN_PART})?|年(\d{{1,2}})月)", re.IGNORECASE)
MONTH_YEAR = re.compile(rf"(?:{UNKNOWN_PART}[-/. ])?(\d{{1,2}}|[A-Za-z]{{3,9}})[-/. ](\d{{4}})", re.IGNORECASE)
YEAR = re.compile(rf"(\d{{4}})(?:[-/.]{UNKNOWN_PART}){{0,2}}年?", re.IGNORECASE)
YEAR_FIRST = ("%y/%m/%d", "%y-%m-%d")
FEWEST_YEAR_FIRST = 5  # dates from which on days surely vary more than years
SHORT_MONTH = re.compile(r"(\d{1,2}|[A-Za-z]{3,9})[-/. ]'?(\d{2})")  # 01/18, Jan-18
FEWEST_SWAPPED = 3  # cells of each kind from which on chance doesn't divide them by their days
SHORT_DIGITS = re.compile(r"\d{6,7}")
SIX_DIGITS = {  # and how a person would write them
    "year-month": "%Y%m", "year, month, day": "%y%m%d", "day, month, year": "%d%m%y", "month, day, year": "%m%d%y",
}  # fmt: skip
SERIAL = re.compile(r"\d{5}(\.\d+)?")
SHAPE = re.compile(r"[\w\s/.,?-]{4,30}")
LETTERS = re.compile(r"[A-Za-z]+")
DIGITS = re.compile(r"\d{9,}")
MONTH_STARTS = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
UNKNOWN_PARTS = {"un", "unk", "uk", "xx", "nk"}
FIRST_YEAR, LAST_YEAR = 1900, 2100
Read = dict[tuple[str, tuple[str, ...]], np.datetime64 | None]


@dataclass(frozen=True)
class Dates:
    """Distinct texts as dates.

    values: datetime64[ns], NaT where `bad`. partial, short, serial: places read by a rule. question: what a person
    must decide, blank where nothing; then nothing is read.
    """

    values: np.ndarray
    bad: tuple[int, ...] = ()
    partial: tuple[int, ...] = ()
    short: tuple[int, ...] = ()
    serial: tuple[int, ...] = ()
    question: str = ""


def parse_dates(texts: Sequence[str], order: str = "", epoch: date = EXCEL_1900) -> Dates:
    """All distinct texts of a column.

    order: how they are to be read where that is a question; one of the mapping's.
    epoch: the day that a spreadsheet's serial days count from.
    """
    if order == "swapped":
        texts, order = [exchanged(t) for t in texts], ""
    values = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[ns]")
    rest = _iso(texts, values)
    plain = {i: CLOCK.sub("", texts[i]) for i in rest}
    read: Read = {}
    formats, question = date_format(list(plain.values()), order, read)
    if question:
        return Dates(values, question=question)
    months = order == "year-month" or _only_months(list(plain.values()))
    short_months = _are_short_months(list(plain.values()))
    kinds: dict[str, list[int]] = {"bad": [], "partial": [], "short": [], "serial": []}
    for i, text in plain.items():
        dates, rule = _read(text, formats, order, read, epoch, months)
        if dates is None and short_months and (day := _short_month(text)) is not None:
            dates, rule = day, "partial"
        if dates is not None:
            values[i] = dates
        if rule:
            kinds[rule].append(i)
    bad, partial, short, serial = (tuple(places) for places in kinds.values())
    return Dates(values, bad, partial, short, serial)


def _iso(texts: Sequence[str], values: np.ndarray) -> Iterable[int]:
    """Fills in what is written year-month-day, all at once; gives the places that are left."""
    try:
        read, places = Words.of(texts).days()
    except ValueError:  # one of them is none
        return range(len(texts))
    years = read.astype("datetime64[Y]").astype(int) + 1970
    sound = (years >= FIRST_YEAR) & (years <= LAST_YEAR)
    values[places[sound]] = read[sound]
    rest: list[int] = np.setdiff1d(np.arange(len(texts)), places[sound]).tolist()
    return rest


def date_format(texts: Sequence[str], order: str = "", read: Read | None = None) -> tuple[tuple[str, ...], str]:
    """The formats that a column of dates follows, found from the column as a whole.

    read: what was tried, filled for whoever reads the column next.

    Returns the formats and, where day-month and month-day both fit every value, the question to ask.
    """
    common = (*FULL_YEAR, *SHORT_YEAR)
    slashed = [t for t in texts if SLASHED.fullmatch(t)]
    if order == "day-month" or order == "month-day":
        return (*common, *(DAY_FIRST if order == "day-month" else MONTH_FIRST)), ""
    if order == "year-first":
        return (*YEAR_FIRST, *common), ""
    if not slashed:
        return common, ""
    if year_first(slashed):
        question = (
            f"'{slashed[0]}' may begin with the year, as the last numbers of the column vary more than the first; say "
            "in the mapping which is the year, or write the dates as year-month-day"
        )
        return common, question
    read = {} if read is None else read
    day_first = all(_parsed(t, DAY_FIRST, read) for t in slashed)
    month_first = all(_parsed(t, MONTH_FIRST, read) for t in slashed)
    if day_first and month_first and any(read[t, DAY_FIRST] != read[t, MONTH_FIRST] for t in slashed):
        question = (
            f"'{slashed[0]}' can be day-month or month-day, and nothing in the column decides; say which in the "
            "mapping, or write the dates as year-month-day"
        )
        return common, question
    return (*common, *(DAY_FIRST if day_first else MONTH_FIRST)), ""


def year_first(texts: Iterable[str]) -> bool:
    """Whether dates of two digits each may begin with the year, as in 18/03/30: the last numbers vary more."""
    matches = [m for text in texts if (m := PARTS.fullmatch(CLOCK.sub("", text)))]
    parts = [(int(m[1]), int(m[3]), int(m[5])) for m in matches if len(m[1]) == 2 and len(m[5]) == 2]
    if len(parts) < max(FEWEST_YEAR_FIRST, len(matches)):
        return False
    if any(not 1 <= month <= 12 or not 1 <= day <= 31 for _, month, day in parts):
        return False
    first, _, last = zip(*parts, strict=True)
    return bool(max(last) - min(last) > max(first) - min(first))


@dataclass(frozen=True)
class Written:
    """How a column's dates of two numbers and a year are written.

    orders: "day-month" and "month-day" as far as a value needs one, a day above 12. open: both fit each value, and
    differ. shapes: the signs between the parts and the digits of the year. zeros: whether 3 is written 03, where any
    is.
    """

    orders: frozenset[str]
    open: bool
    shapes: frozenset[tuple[str, str, int]]
    zeros: frozenset[bool]

    def is_like(self, other: Written) -> bool:
        """Whether all of its dates are of a shape that the other has."""
        return self.shapes <= other.shapes and len(self.zeros | other.zeros) < 2


def written(texts: Iterable[str]) -> Written:
    """How the dates of a column are written, from all of them; what is no such date counts for nothing."""
    texts = list(texts)
    if year_first(texts):
        return Written(frozenset(), False, frozenset(), frozenset())
    matches = [m.groups() for text in texts if (m := PARTS.fullmatch(CLOCK.sub("", text)))]
    first = {
        ("day-month", "month-day")[int(b) > 12]
        for a, _, b, _, _ in matches
        if min(int(a), int(b)) < 13 <= max(int(a), int(b)) < 32
    }
    zeros = {part[0] == "0" for a, _, b, _, _ in matches for part in (a, b) if len(part) == 1 or part[0] == "0"}
    differ = any(int(a) != int(b) for a, _, b, _, _ in matches)
    shapes = {(s, t, len(year)) for _, s, _, t, year in matches}
    return Written(frozenset(first), differ and not first, frozenset(shapes), frozenset(zeros))


@dataclass(frozen=True)
class Kinds:
    """What a column holds of date cells (or dates written year-month-day) and of dates as texts of two numbers, a year.

    n_cells, n_texts: distinct ones. may_be_swapped: every cell's day is 12 or less, and one differs from its month.
    needs_order: every text has a day above 12, all in the same place.
    """

    n_cells: int
    n_texts: int
    may_be_swapped: bool
    needs_order: bool

    @property
    def is_divided(self) -> bool:
        """Whether Excel seems to have read a text file by another order of day and month, where it could."""
        return min(self.n_cells, self.n_texts) >= FEWEST_SWAPPED and self.may_be_swapped and self.needs_order


def kinds(texts: Iterable[str]) -> Kinds:
    """How many dates of a column are date cells and how many texts, and what their days allow."""
    plain = [CLOCK.sub("", text) for text in texts]
    cells = [(int(t[5:7]), int(t[8:])) for t in plain if re.match(ISO, t)]
    parts = [
        (int(m[1]), int(m[2])) for t in plain if (m := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})", t))
    ]
    above = {a > 12 for a, b in parts if min(a, b) <= 12 < max(a, b) <= 31}
    needs = len(above) == 1 and all(max(pair) > 12 for pair in parts)
    swapped = bool(cells) and all(d <= 12 for _, d in cells) and any(m != d for m, d in cells)
    return Kinds(len(cells), len(parts), swapped, needs)


def exchanged(text: str) -> str:
    """A date cell with day and month exchanged; any other text as it is."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|1[0-2])(\D.*)?", text)
    return f"{match[1]}-{match[3]}-{match[2]}{match[4] or ''}" if match else text


def _read(
    text: str, formats: tuple[str, ...], order: str, read: Read, epoch: date, months: bool
) -> tuple[np.datetime64 | None, str]:
    """A date and the rule it was read by: "bad", "partial", "short", "serial", or none.

    months: six digits are a year and a month.
    """
    if not _could_be(text):
        return None, "bad"
    if order == "serial" or SERIAL.fullmatch(text):
        day = _serial(text, epoch)
        return day, "serial" if day is not None else "bad"
    if SHORT_DIGITS.fullmatch(text):
        day = _middle(int(text[:4]), int(text[4:])) if months and len(text) == 6 else None
        return day, "partial" if day is not None else "bad"
    if (day := _parsed(text, formats, read)) is not None:
        return day, "" if re.search(r"\d{4}", text) else "short"
    if (day := partial_date(text)) is not None:
        return day, "partial"
    return None, "bad"


def _could_be(text: str) -> bool:
    """A look at the letters and the length, because trying every format on what is no date takes long."""
    if not SHAPE.fullmatch(text) or DIGITS.search(text):
        return len(text) < 4 and text.isdigit()
    words = (w.casefold() for w in LETTERS.findall(text))
    return all(w[:3] in MONTH_STARTS or w in UNKNOWN_PARTS for w in words)


def _only_months(texts: Sequence[str]) -> bool:
    """Whether a column's texts of six digits can be a year and a month, and nothing else."""
    six = [t for t in texts if SHORT_DIGITS.fullmatch(t)]
    ways = [way for way, form in SIX_DIGITS.items() if all(len(t) == 6 and _fits(t, form) for t in six)]
    return ways == ["year-month"]


def _fits(text: str, form: str) -> bool:
    """Whether six digits can be read so, each part with all of its digits."""
    try:
        return FIRST_YEAR <= datetime.strptime(text, form).year <= LAST_YEAR
    except ValueError:
        return False


def _are_short_months(texts: Sequence[str]) -> bool:
    """Whether a column's texts of two parts are a month and a short year: a name, or a number above 12 behind it."""
    parts = [m for t in texts if (m := SHORT_MONTH.fullmatch(t))]
    if any(m[1].isdigit() and not 1 <= int(m[1]) <= 12 for m in parts):
        return False
    return any(not m[1].isdigit() or int(m[2]) > 12 for m in parts)


def _short_month(text: str) -> np.datetime64 | None:
    """The middle of `01/18` or `Jan-18`."""
    match = SHORT_MONTH.fullmatch(text)
    if match is None or (month := _month(match[1])) < 1:
        return None
    return _middle(int(match[2]) + (2000 if int(match[2]) < 50 else 1900), month)


def why_no_date(text: str) -> str:
    """What is wrong with a text that isn't read as a date, and how it is to be written."""
    if not SHORT_DIGITS.fullmatch(CLOCK.sub("", text)):
        return f"'{shorten(text)}' is not a date; write year-month-day, e.g. 2019-04-03"
    readings = "; six can be a year and a month, or a short year, a month and a day" if len(text) == 6 else ""
    return (
        f"'{shorten(text)}' is no full date: digits alone need eight, year, month and day{readings}. Write 2019-04-03, "
        "or 2019-04 where the day isn't known"
    )


def _serial(text: str, epoch: date) -> np.datetime64 | None:
    """Excel's day number; 1 is 1900-01-01, and 60 the day that never was, so later days count from 1899-12-30."""
    if not re.fullmatch(r"\d{3,6}(\.\d+)?", text):
        return None
    day = epoch + timedelta(days=int(float(text)))
    return np.datetime64(day, "ns") if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _parsed(text: str, formats: tuple[str, ...], read: Read) -> np.datetime64 | None:
    """`parse_date`, each text and set of formats once a column; nothing outlives the column: these are patients."""
    if (text, formats) not in read:
        read[text, formats] = parse_date(text, formats)
    return read[text, formats]


def parse_date(text: str, formats: tuple[str, ...]) -> np.datetime64 | None:
    """A date in the first format that fits, between 1900 and 2100; None where none does."""
    for form in formats:
        try:
            parsed = datetime.strptime(text, form).date()
        except ValueError:
            continue
        if form.endswith("%y"):
            parsed = parsed.replace(year=parsed.year % 100 + (2000 if parsed.year % 100 < 50 else 1900))
        if FIRST_YEAR <= parsed.year <= LAST_YEAR:
            return np.datetime64(parsed, "ns")
    return None


def partial_date(text: str) -> np.datetime64 | None:
    """A date without a day, or without a month: the 15th, or 1 July."""
    if match := YEAR_MONTH.fullmatch(text):
        return _middle(int(match[1]), int(match[2] or match[3]))
    if match := MONTH_YEAR.fullmatch(text):
        return _middle(int(match[2]), _month(match[1]))
    if match := YEAR.fullmatch(text):
        return _middle(int(match[1]), 0)
    return None


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    for form in ("%b", "%B"):
        try:
            return datetime.strptime(text, form).month
        except ValueError:
            continue
    return -1


def _middle(year: int, month: int) -> np.datetime64 | None:
    if not FIRST_YEAR <= year <= LAST_YEAR or not 0 <= month <= 12:
        return None
    return np.datetime64(date(year, month or 7, 15 if month else 1), "ns")


def looks_like_dates(texts: Sequence[str]) -> bool:
    """Whether all texts are full dates, in one order or another; a few are tried first."""
    if not texts or not re.match(r"\d|[A-Za-z]{3}", texts[0]) or re.fullmatch(r"\d{1,5}([.,]\d+)?", texts[0]):
        return False  # what no full date begins with, and plain numbers, without trying every format
    for some in (texts[:20], texts):
        read = parse_dates(some)
        if not read.question and (read.bad or read.partial or read.serial):
            return False
    return True
