"""Text columns to typed columns, one distinct value at a time; whatever doesn't fit becomes a finding.

A column is typed by the dictionary's variable. A column that the dictionary doesn't know is typed by what all
of its values are, and keeps its own spellings as levels.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from necc.core.cohort import FLAG_LEVELS
from necc.core.dictionary import DAYS_PER_UNIT, Dictionary, Stage, Variable, normalise, side_of, spelling, word_of
from necc.core.errors import Finding, Severity
from necc.core.responses import read_because, recist
from necc.core.text import joined, natural, plural, rows_named, shorten
from necc.ingest.codes import (
    BLANK_WORDS,
    EVENT_NO,
    EVENT_YES,
    MINUS,
    MISSING_NUMBERS,
    MISSING_SIGNS,
    MISSING_WORDS,
    SENTINEL,
    codes_of_categories,
    denies,
    headings,
    identity,
    in_unit,
    is_technical,
    means_missing,
    missing_numbers,
    only_mark,
    patient_of,
    response_order,
    says_response,
    shown_of,
)  # fmt: skip
from necc.ingest.dates import looks_like_dates, parse_dates, why_no_date, written
from necc.ingest.direction import direction, meaning
from necc.ingest.distinct import DECIMAL_COMMA, NUMBER, Words, with_point
from necc.ingest.mapping import ColumnMap, Mapping
from necc.ingest.raw import EXCEL_1900, RawColumn, RawTable, collapse, listed

MAX_LEVELS = 60
MAX_TOLD = 200
SEVERAL_REPEATED, SHARE_REPEATED = 5, 0.05  # patients with several rows from which on a file is a long one
AUTO = ColumnMap("")
NOBODY = Variable("", "", "identifier")
LENIENT = ("number", "flag", "event", "date", "category", "response")  # kinds in which any word for missing is one


def from_codes(codes: np.ndarray, levels: Iterable[str]) -> pd.Categorical:
    """A categorical from places in `levels`, -1 where nothing is recorded."""
    kinds = pd.CategoricalDtype(list(levels))
    return pd.Categorical.from_codes(codes, dtype=kinds)  # type: ignore[arg-type]  # the stubs want a list of codes


@dataclass
class Typed:
    """A typed column with its variable, and what was found while typing it."""

    variable: Variable
    values: pd.Series | None
    findings: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(f.severity == "error" for f in self.findings)


def same_identifiers(column: RawColumn, nobody: Iterable[int] = (), strictly: bool = False) -> list[list[int]]:
    """Places of distinct identifiers that are one, read without case, blanks, width, leading zeros and signs.

    strictly: case and leading zeros count, so that only what can't be seen, and 3 beside 3.0, is left.
    """
    groups: dict[str, list[int]] = {}
    gone = {*nobody}
    for i in column.words.alike():
        value = column.uniques[i]
        if value and i not in gone:
            groups.setdefault(identity(value, strictly), []).append(i)
    return [places for places in groups.values() if len(places) > 1]


def orders_beside(raw: RawTable, mapping: Mapping) -> tuple[Mapping, list[Finding]]:
    """The order of day and month for columns that leave it open, from columns of the same shape that need one.

    All that need an order must need the same, and no person may have said another; else it stays open.
    """
    stated, dates = set[str](), {}
    for column in raw.columns:
        how = mapping.column(column.header) or ColumnMap(column.header)
        if how.role == "date" and how.date_order:
            stated.add(how.date_order)
        elif how.role == "date" or (how.role == "auto" and written(column.uniques[:20]).shapes):
            values = [v for v in column.uniques if v and not means_missing(v)]
            if how.role == "date" or looks_like_dates(values):
                dates[column.header] = (column, how, written(values))
    orders = {order for _, _, way in dates.values() for order in way.orders}
    findings = list[Finding]()
    if len(orders) != 1 or stated & {"day-month", "month-day"} - orders:
        return mapping, findings
    (order,) = orders
    for header, (column, how, way) in dates.items():
        like = [h for h, (_, _, other) in dates.items() if other.orders and way.is_like(other)]
        if way.open and like and mapping.column(header) is not None:
            mapping = mapping.with_column(replace(how, date_order=order))
            message = (
                f"'{shorten(next(v for v in column.uniques if written([v]).shapes))}' was read as {order}, as "
                f"{listed(like)} of the same form must be, where a day is above 12; if it isn't, choose another order "
                "for this column in the mapping"
            )
            findings.append(column.about("info", "date-order-beside", message))
    return mapping, findings


class Typer:
    """Types raw columns by a dictionary's rules and by what a mapping says of each.

    today: the day after which nothing can have happened.
    beside: all columns of the table: they tell in what a patient's rows differ.
    epoch: the day that plain numbers in a date column count from.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        decimal: str = ".",
        today: date | None = None,
        beside: Iterable[RawColumn] = (),
        epoch: date = EXCEL_1900,
    ):
        self.dictionary, self.decimal, self.epoch = dictionary, decimal, epoch
        self.beside = tuple(beside)
        self.today = np.datetime64(today or date.today(), "D")
        ends = {d for e in dictionary.endpoints.values() for d in (e.start, e.event_date, e.censor_date)}
        self.happened = ends | {v.name for v in dictionary.variables.values() if v.kind == "date"}
        self.missing = {normalise(word) for word in dictionary.missing} | set(dictionary.missing)
        words = (*self.missing, *BLANK_WORDS, *MISSING_WORDS, *MISSING_SIGNS, *"0_-−['\"`´‘’")
        self.missing_starts = {word[:1].casefold() for word in words}
        self.event_dates = {d for e in dictionary.endpoints.values() for part in e.parts for d in part.event_dates}
        self.givers = {v.given_if for v in dictionary.variables.values() if v.given_if}
        self.missing_numbers = {n for word in dictionary.missing if (n := self.parse_number(word)) is not None}
        self.by_kind: dict[str, Callable[[RawColumn, Variable, ColumnMap], Typed]] = {
            "identifier": self.identifier, "category": self.category, "number": self.number, "flag": self.flag,
            "event": self.event, "date": self.date, "text": self.text, "response": self.response, "sites": self.text,
        }  # fmt: skip

    @cached_property
    def headings(self) -> dict[str, Variable]:
        """The dictionary's; only a word that fits nowhere asks for them."""
        return headings(self.dictionary)

    def typed(self, column: RawColumn, variable: Variable | None, how: ColumnMap = AUTO) -> Typed:
        """The column as its variable says, or as its values say where the dictionary has no such variable."""
        return self.by_kind[variable.kind](column, variable, how) if variable else self.extra(column, how)

    # ------------------------------------------------------------ shared steps
    def is_missing(
        self, value: str, known: Variable | None, how: ColumnMap = AUTO, spellings: Iterable[str] | None = None
    ) -> bool:
        """Blank, a code named missing, or a word for it; in a column that no dictionary knows only a technical one."""
        if self.among(value, how.missing):
            return True
        if value[:1].casefold() not in self.missing_starts:
            return False
        if value.casefold() in BLANK_WORDS:
            return True
        if known is None:
            return is_technical(value)
        if spelling(value) in (known.spellings() if spellings is None else spellings):
            return False
        plain = normalise(value)
        return bool(plain and plain in self.missing) or (known.kind in LENIENT and self._is_nothing(value, known))

    def _is_nothing(self, value: str, known: Variable) -> bool:
        """Whether a value that no dictionary lists as missing says that nothing is known, of a variable of this kind.

        A minus is no yes, a word for a response is one, and where filled cells mean yes a denial is an answer.
        """
        if known.kind == "flag" and side_of(value):
            return False
        if (known.kind == "response" and says_response(value)) or (known.name in self.givers and denies(value)):
            return False
        if known.kind == "event" and value in MISSING_SIGNS and not is_technical(value):
            return False
        return means_missing(value) or (known.kind not in ("number", "date") and bool(SENTINEL.fullmatch(value)))

    def among(self, value: str, codes: Iterable[str]) -> bool:
        """Whether a value is one of some codes; numbers are compared as numbers: `1.0` is `1`."""
        if not codes:
            return False
        number = self.parse_number(value)
        return any(
            value.casefold() == c.strip().casefold() or (number is not None and number == self.parse_number(c))
            for c in codes
        )

    def present(
        self, column: RawColumn, known: Variable | None, findings: list[Finding], how: ColumnMap = AUTO
    ) -> list[int]:
        """Codes of the values that aren't missing; words read as missing are told."""
        kept = []
        spellings = known.spellings() if known else {}
        dashes = MINUS if known is None and not any(v.startswith("+") for v in column.uniques) else ()
        for code, value in enumerate(column.uniques):
            if value not in dashes and not self.is_missing(value, known, how, spellings):
                kept.append(code)
            elif value:
                findings.append(self._as_missing(column, code))
        return kept

    @staticmethod
    def _as_missing(column: RawColumn, code: int) -> Finding:
        return column.finding("info", "read-as-missing", code, f"'{shorten(column.uniques[code])}' was read as missing")

    def mapped(
        self, column: RawColumn, variable: Variable, spellings: dict[str, str], allowed: str, how: ColumnMap
    ) -> tuple[list[str | None], list[Finding]]:
        """Each distinct value's level by spelling; an unknown value is an error with its nearest spelling."""
        findings: list[Finding] = []
        levels: list[str | None] = [None] * len(column.uniques)
        for i in self.present(column, variable, findings, how):
            levels[i] = spellings.get(variable.spelled(column.uniques[i]))
            if levels[i] is None:
                among = spellings if len(findings) < MAX_TOLD else ()
                near = difflib.get_close_matches(spelling(column.uniques[i]), among, n=1, cutoff=0.6)
                hint = f"; did you mean '{spellings[near[0]]}'?" if near else ""
                message = f"'{shorten(column.uniques[i])}' is not one of {allowed}{hint}"
                if elsewhere := self._elsewhere(variable, column.uniques[i]):
                    message += f"{' What else' if near else '; what'} {elsewhere}"
                findings.append(column.finding("error", "unknown-level", i, message))
        return levels, findings

    def _elsewhere(self, variable: Variable, value: str) -> str:
        """A hint at the variable that a word of a value names: the mixed component of a mixed tumour."""
        plain = normalise(value)
        parts = [*plain.split(), *(name for name in self.headings if not name.isascii() and name in plain)]
        others = (self.headings.get(part) for part in parts)  # Chinese has no blanks between words
        other = next((v for v in others if v is not None and v.kind == "category" and v.name != variable.name), None)
        if other is None:
            return ""
        return f"is meant may belong into a column of its own, {other.label.lower()} ('{other.name}')"

    @staticmethod
    def categorical(column: RawColumn, levels: list[str | None], order: Iterable[str]) -> pd.Series:
        place = {level: i for i, level in enumerate(dict.fromkeys(order))}
        lookup = np.array([place[level] if level is not None else -1 for level in levels] or [-1])
        codes = lookup[column.codes] if len(levels) else np.full(len(column.codes), -1)
        return pd.Series(from_codes(codes, list(place)), index=column.rows)

    # ------------------------------------------------------------ kinds
    def identifier(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        findings: list[Finding] = []
        nobody = [i for i, value in enumerate(column.uniques) if self.is_nobody(value, how) and column.count(i)]
        again = np.setdiff1d(np.flatnonzero(column.counts > 1), nobody)
        distinct = len(column.words) - len(nobody)
        differing = self._differing(column, again)
        many = len(again) >= max(SEVERAL_REPEATED, SHARE_REPEATED * distinct) and bool(differing)
        if many or (len(again) and len(column.codes) >= 4 and distinct <= 0.6 * len(column.codes)):
            findings.append(self._long_file(column, again, distinct, differing))
        else:
            findings += self._twins(column, again)
        findings += self._same_unseen(column, nobody)
        findings += self._samples(column, nobody)
        for i in nobody:
            shown = f": '{shorten(column.uniques[i])}' means missing" if column.uniques[i] else ""
            message = (
                f"{plural(column.count(i), 'patient')} without an identifier{shown}; give each an identifier of its own"
            )
            findings.append(column.finding("error", "no-id", i, message))
        return Typed(variable, self._strings(column), collapse(findings))

    @staticmethod
    def _same_unseen(column: RawColumn, nobody: list[int]) -> list[Finding]:
        """Identifiers that differ only by what can't be seen or by a spreadsheet's number format."""
        findings = []
        for first, *others in same_identifiers(column, nobody, strictly=True):
            rows = [int(row) for i in others for row in column.rows[column.codes == i]]
            message = (
                f"column '{column.header}', {rows_named(rows)}: '{shorten(column.uniques[others[0]])}' is "
                f"'{shorten(column.uniques[first])}' of row {column.first_row(first)} but for a blank, a sign that "
                "can't be seen, a wide letter or the form of a number; there must be one row per patient, so give each "
                "an identifier of its own, or keep one of the rows"
            )
            value = shorten(column.uniques[others[0]])
            findings.append(Finding("error", "duplicate-id", message, rows[0], column.header, value, len(rows)))
        return findings

    @staticmethod
    def _samples(column: RawColumn, nobody: list[int]) -> list[Finding]:
        """Barcodes of samples in the place of identifiers: several of one patient, or one of each, which is told."""
        samples = [i for i, v in enumerate(column.uniques) if i not in nobody and patient_of(v) != v]
        if not samples:
            return []
        of: dict[str, list[int]] = {}
        for i in (i for i in range(len(column.uniques)) if i not in nobody):
            of.setdefault(patient_of(column.uniques[i]), []).append(i)
        again = [places for places in of.values() if len(places) > 1]
        rule = "the first 12 characters of such a barcode are the patient, the rest is her sample"
        if not again:
            message = f"'{shorten(column.uniques[samples[0]])}': {rule}; each patient has one sample"
            return [column.about("info", "sample-barcodes", message)]
        rows = sorted(int(r) for places in again for i in places[1:] for r in column.rows[column.codes == i])
        first, second = again[0][:2]
        message = (
            f"column '{column.header}', {rows_named(rows)}: further samples of patients who have a row, such as "
            f"'{shorten(column.uniques[second])}' beside '{shorten(column.uniques[first])}' of row "
            f"{column.first_row(first)}; {rule}. There must be one row per patient: keep one sample of each"
        )
        value = shorten(column.uniques[second])
        return [Finding("error", "duplicate-id", message, rows[0], column.header, value, len(rows))]

    def is_nobody(self, value: str, how: ColumnMap = AUTO) -> bool:
        """Whether an identifier is none: blank, or a word or sign for missing."""
        return value in MISSING_SIGNS or self.is_missing(value, NOBODY, how, ())

    def _differing(self, column: RawColumn, again: np.ndarray) -> list[str]:
        """Headings of the columns in which the rows of a repeated identifier differ."""
        rows = np.flatnonzero(np.isin(column.codes, again))
        ids = column.codes[rows].astype(np.int64)
        pairs = ((c.header, ids * (len(c.words) + 1) + c.codes[rows]) for c in self.beside if c.header != column.header)
        return [header for header, both in pairs if len(np.unique(both)) > len(again)]

    @staticmethod
    def _long_file(column: RawColumn, again: np.ndarray, distinct: int, differing: list[str]) -> Finding:
        """One finding for a file with several rows a patient; the first few are named with their rows."""
        named = []
        for code in again[:5]:
            rows = column.rows[column.codes == code]
            named.append(f"'{shorten(column.uniques[code], 20)}' in {rows_named(rows, 6)}")
        rest = f"; and {len(again) - 5} more identifiers" if len(again) > 5 else ""
        apart = f"; a patient's rows differ in {listed(differing)}" if differing else ""
        message = (
            f"column '{column.header}': {len(column.codes):,} rows of {plural(distinct, 'patient')}: a long file with "
            f"several rows per patient ({'; '.join(named)}{rest}){apart}. Keep one row per patient: the first "
            "recurrence, all its sites in one cell (lung; liver), or a column for each visit (a pivot table, "
            "pivot_wider in R); or choose another identifier"
        )
        row = int(column.rows[column.codes == again[0]][1])
        return Finding("error", "long-file", message, row, column.header, shorten(column.uniques[again[0]]))

    @staticmethod
    def _twins(column: RawColumn, codes: Iterable[int]) -> list[Finding]:
        """Identifiers that stand in more than one row."""
        findings: list[Finding] = []
        for code in codes:
            value = shorten(column.uniques[code])
            if len(findings) >= MAX_TOLD:
                findings.append(column.finding("error", "duplicate-id", code, f"'{value}' occurs in several rows"))
                continue
            rows = column.rows[column.codes == code]
            message = (
                f"column '{column.header}', {rows_named(rows[1:])}: '{value}' already occurs in row {rows[0]}; there "
                "must be one row per patient, so give each an identifier of its own, or keep one of the rows"
            )
            n_more = len(rows) - 1
            findings.append(Finding("error", "duplicate-id", message, int(rows[1]), column.header, value, n_more))
        return findings

    def text(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        return Typed(variable, self._strings(column), [])

    def _strings(self, column: RawColumn) -> pd.Series:
        values = np.array([v if v else None for v in column.uniques] or [None], dtype=object)
        return pd.Series(values[column.codes], index=column.rows, dtype=object)

    def category(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        if not variable.levels:
            return self.open_category(column, variable, how)
        known = variable.spellings()
        added = tuple(level for level, _ in how.levels if spelling(level) not in known)
        if added:
            variable = replace(variable, levels=(*variable.levels, *added))
        allowed = joined([*variable.levels[:24]], "or")
        levels, findings = self.mapped(column, variable, variable.spellings(), allowed, how)
        return Typed(variable, self.categorical(column, levels, variable.levels), findings)

    def open_category(self, column: RawColumn, variable: Variable, how: ColumnMap = AUTO, known: bool = True) -> Typed:
        """A category whose levels are the file's own words, in the mapping's or natural order."""
        findings: list[Finding] = []
        present = self.present(column, variable if known else None, findings, how)
        words = {i: " ".join(column.uniques[i].split()) for i in present}
        there = set(words.values())
        stated = (*(level for level, _ in how.levels), *(" ".join(word.split()) for word in column.order))
        named = tuple(dict.fromkeys(level for level in stated if level in there))
        ranked = column.ranked or {level for level, _ in how.levels} >= there
        responses = response_order(there)
        order = (responses if not how.levels else ()) or (*named, *sorted(there - set(named), key=natural))
        if responses:  # what came of a treatment is known only afterwards
            late: Stage = "followup" if variable.starts_at == "baseline" else variable.starts_at
            variable = replace(variable, starts_at=late)
        variable = replace(variable, ordered=bool(responses) or (set(named) == there and ranked))
        levels = [words.get(i) for i in range(len(column.uniques))]
        findings += self._near_duplicates(column, order)
        return Typed(replace(variable, levels=order), self.categorical(column, levels, order), findings)

    @staticmethod
    def _near_duplicates(column: RawColumn, order: tuple[str, ...]) -> list[Finding]:
        groups: dict[str, list[str]] = {}
        for level in order:
            groups.setdefault(spelling(level), []).append(level)
        findings = []
        for twins in groups.values():
            if len(twins) > 1:
                shown = joined([f"'{shorten(t, 30)}'" for t in twins])
                message = f"{shown} differ only by case or punctuation and stay different levels"
                finding = column.about("warning", "near-duplicate-levels", message)
                findings.append(replace(finding, value=shorten(twins[0])))
        return findings

    # ------------------------------------------------------------ numbers
    def number(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        findings: list[Finding] = []
        numbers, is_number = self.parse_numbers(column.words)
        numeric_missing = {n for c in how.missing if (n := self.parse_number(c)) is not None} | self.missing_numbers
        if numeric_missing:
            for i in np.flatnonzero(np.isin(numbers, list(numeric_missing))):
                findings.append(self._as_missing(column, int(i)))
                numbers[i] = np.nan
        for i in np.flatnonzero(~is_number):
            value = column.uniques[i]
            if self.is_missing(value, variable, how):
                if value:
                    findings.append(self._as_missing(column, int(i)))
                continue
            comma = re.fullmatch(DECIMAL_COMMA, value)
            how_to = f"write a decimal point: {value.replace(',', '.')}" if comma else "write digits only, e.g. 12.5"
            of = f" of {variable.unit}" if variable.unit else ""
            message = f"'{shorten(value)}' is not a number{of}; {how_to}"
            findings.append(column.finding("error", "not-a-number", int(i), message))
        findings += self._sentinels(column, variable, numbers)
        factor = in_unit(how.unit, variable.unit)
        if factor is not None and how.unit != variable.unit:
            numbers *= factor
            month = ", a month being 30.4375 days" if how.unit in DAYS_PER_UNIT else ""
            message = f"{how.unit} were turned into {variable.unit}{month}"
            findings.append(column.about("info", "unit", message))
        findings += self._out_of_range(column, variable, numbers, how)
        findings += self._codes_of_missing(column, numbers, findings)
        values = numbers[column.codes] if len(numbers) else np.full(len(column.codes), np.nan)
        return Typed(variable, pd.Series(values, index=column.rows), findings)

    def _sentinels(self, column: RawColumn, variable: Variable, numbers: np.ndarray) -> list[Finding]:
        """Codes such as -9 and -99 of a number that can't be negative, where no other is; in place they are missing."""
        if variable.minimum is None or variable.minimum < 0:
            return []
        negative = np.flatnonzero(numbers < 0)
        if not all(SENTINEL.fullmatch(column.uniques[i]) for i in negative):
            return []
        numbers[negative] = np.nan
        return [self._as_missing(column, int(i)) for i in negative]

    @staticmethod
    def _codes_of_missing(column: RawColumn, numbers: np.ndarray, known_findings: list[Finding]) -> list[Finding]:
        """A usual code for missing far from all other values, such as an age of 99."""
        refused = {f.value for f in known_findings if f.severity == "error"}
        findings = []
        for i in missing_numbers(numbers):
            value = shorten(column.uniques[i])
            if value not in refused:
                message = (
                    f"'{value}' is far from all other values; if it means missing, leave the cell blank or list it as "
                    "missing in the mapping: it was read as a number"
                )
                findings.append(column.finding("warning", "missing-code", i, message))
        return findings

    @staticmethod
    def _out_of_range(column: RawColumn, variable: Variable, numbers: np.ndarray, how: ColumnMap) -> list[Finding]:
        low, high = variable.minimum, variable.maximum
        wrong = np.zeros(len(numbers), dtype=bool)
        if low is not None:
            wrong |= numbers < low
        if high is not None:
            wrong |= numbers > high
        unit = f" {variable.unit}" if variable.unit else ""
        span = f"{low:g} to {high:g}{unit}" if low is not None and high is not None else f"at least {low or 0:g}{unit}"
        findings = []
        for i in np.flatnonzero(wrong):
            name = "negative" if numbers[i] < 0 else "out-of-range"
            given = f"'{shorten(column.uniques[i])}'{' ' + how.unit if how.unit else ''}"
            message = f"{given} is outside {span}, which {variable.label.lower()} allows"
            if name == "negative" and not low and how.role == "time" and not how.variable:  # its label is a heading
                message = f"'{shorten(column.uniques[i])}' is negative; a time is 0{unit} or more"
            findings.append(column.finding("error", name, int(i), message))
        numbers[wrong] = np.nan
        return findings

    def parse_numbers(self, words: Words) -> tuple[np.ndarray, np.ndarray]:
        """Distinct texts as numbers, all at once: values with NaN, and which of them are numbers."""
        return words.numbers(self.decimal)

    def parse_number(self, value: str) -> float | None:
        """A number written in digits, with a decimal comma where the file uses one; None for anything else."""
        if self.decimal == ",":
            value = with_point(value)
        if not re.fullmatch(NUMBER, value):
            return None
        number = float(value)
        return number if np.isfinite(number) else None

    # ------------------------------------------------------------ yes and no
    def flag(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        own = variable.spellings() if variable.synonyms else {}
        findings: list[Finding] = []
        levels: list[str | None] = [None] * len(column.uniques)
        present = self.present(column, variable, findings, how)
        crossed = bool(variable.site) and not how.event and only_mark(column.uniques[i] for i in present)
        for i in present:
            value = column.uniques[i]
            levels[i] = self._coded(value, how) if how.event else side_of(value) or own.get(spelling(value))
            levels[i] = "yes" if crossed else levels[i]
            if levels[i] is None:
                shown = shorten(column.uniques[i])
                message = (
                    f"'{shown}' is not yes or no; write 1 or 0, yes or no, positive or negative, or say on "
                    "'Your own file' which values mean yes"
                )
                if self.parse_number(column.uniques[i]) in MISSING_NUMBERS:
                    message += "; if it means missing, leave the cell blank or list it as missing in the mapping"
                findings.append(column.finding("error", "not-yes-no", i, message))
        values = self.categorical(column, levels, FLAG_LEVELS)
        marks = (variable.site and "no" not in levels) or "" in how.no_event
        if marks and "yes" in levels and column.blank >= 0:
            values = values.fillna("no")
            what = "with this site" if variable.site else "with a yes"
            by = f" by '{shorten(column.uniques[present[0]])}'" if crossed else ""
            message = f"column '{column.header}' marks only the patients {what}{by}: blank cells were read as 'no'"
            n_no = int((values == "no").sum())
            findings.append(Finding("info", "blank-means-no", message, None, column.header, n=n_no))
        return Typed(variable, values, findings)

    def _coded(self, value: str, how: ColumnMap) -> str | None:
        """Yes or no by the mapping's codes, None for another code; without codes for no, all others are."""
        if self.among(value, how.event):
            return "yes"
        others = [c for c in how.no_event if c]
        return "no" if not others or self.among(value, others) else None

    def event(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        """An event: without a mapping only 0/1, yes/no and true/false are understood; another coding is asked.

        Of which of them the heading speaks is read: under `alive` 0 is the event.
        """
        findings: list[Finding] = []
        present = self.present(column, variable, findings, how)
        if how.event:
            levels: list[str | None] = [None] * len(column.uniques)
            for i in present:
                levels[i] = self._coded(column.uniques[i], how)
            if column.blank >= 0 and "" in (*how.event, *how.no_event):
                levels[column.blank] = "yes" if "" in how.event else "no"
            findings += self._odd_codes(column, how, present, levels) or self._other_codes(column, how, present, levels)
            return Typed(variable, self.categorical(column, levels, FLAG_LEVELS), findings)
        spellings = {**dict.fromkeys(map(word_of, EVENT_YES), "yes"), **dict.fromkeys(map(word_of, EVENT_NO), "no")}
        levels = [None] * len(column.uniques)
        for i in present:
            levels[i] = spellings.get(word_of(column.uniques[i]))
        unknown = [i for i in present if levels[i] is None]
        side = direction([column.uniques[i] for i in present], column.header, column.blank >= 0, column.label)
        if present and not unknown and side.is_sure:
            levels = [
                "yes" if v in side.event else level and "no" for v, level in zip(column.uniques, levels, strict=True)
            ]
        elif present and not unknown:
            why = (
                f"{side.reason}. Choose it where the file was loaded, give it with --event-value on the command line, "
                "or map the column"
            )
            findings.append(self._uncoded(column, present[0], present, why))
            levels = [None] * len(levels)
        if unknown:
            why = (
                "only 0 and 1, yes and no, true and false are understood as an event without asking. Say which value "
                "means that the event happened: choose it where the file was loaded, give it with --event-value on the "
                "command line, or map the column"
            )
            findings.append(self._uncoded(column, unknown[0], present, why))
            levels = [None] * len(levels)
        return Typed(variable, self.categorical(column, levels, FLAG_LEVELS), findings)

    @staticmethod
    def _counted(column: RawColumn, codes: list[int]) -> str:
        return joined([f"'{shorten(column.uniques[i], 20)}' ({plural(column.count(i), 'patient')})" for i in codes[:8]])

    def _uncoded(self, column: RawColumn, first: int, shown: list[int], why: str) -> Finding:
        """Codes of which nothing says whether they mean the event; `first` is the first of them."""
        message = f"column '{column.header}' holds {self._counted(column, shown)}; {why}"
        value = shorten(column.uniques[first])
        return Finding("error", "event-coding", message, column.first_row(first), column.header, value)

    def _odd_codes(
        self, column: RawColumn, how: ColumnMap, present: list[int], levels: list[str | None]
    ) -> list[Finding]:
        """Codes that the mapping doesn't name, and an event code that never occurs."""
        unknown = [i for i in present if levels[i] is None]
        if unknown:
            why = "the mapping says neither that this is the event nor that it isn't"
            return [self._uncoded(column, unknown[0], unknown, why)]
        if present and "yes" not in levels:
            shown = joined([f"'{shorten(column.uniques[i], 20)}'" for i in present[:10]])
            message = f"column '{column.header}' never holds {joined(how.event, 'or')}; it holds {shown}"
            if how.no_event or all(meaning(column.uniques[i]) in ("none", "no") for i in present):
                message += ", so nobody has had the event yet"
                return [Finding("warning", "event-value-absent", message, None, column.header)]
            message += (
                ". Name a code that occurs; if nobody has had the event yet, list these codes under no_event in the "
                "mapping"
            )
            return [Finding("error", "event-value-absent", message, None, column.header)]
        return []

    def _other_codes(
        self, column: RawColumn, how: ColumnMap, present: list[int], levels: list[str | None]
    ) -> list[Finding]:
        """What counts as censored because only the event's codes were named; of several, one may be another event."""
        others = [i for i in present if levels[i] == "no"]
        if how.no_event or not others:
            return []
        happened = [i for i in present if levels[i] == "yes"]
        verbs = ["is" if len(happened) == 1 else "are", "counts" if len(others) == 1 else "count"]
        event = f"{self._counted(column, happened)} {verbs[0]} the event; " if happened else ""
        message = f"{event}{self._counted(column, others)} {verbs[1]} as censored"
        findings = [column.about("info", "event-codes", message, n=len(others))]
        distinct = {self.parse_number(column.uniques[i]) or word_of(column.uniques[i]) for i in others}
        if len(distinct) > 1:
            message = (
                f"{len(distinct)} codes count as censored, {self._counted(column, others)}; one of them may be a "
                "competing event (another cause, death without recurrence) or mean missing. If one competes, use the "
                "cumulative incidence of the codes themselves, not Kaplan-Meier: `necc cif --time --event` keeps them, "
                "in Python status= in place of event=; if one means missing, leave the cell blank or map it as missing"
            )
            findings.append(column.about("warning", "competing-codes", message, n=len(distinct)))
        return findings

    # ------------------------------------------------------------ responses and dates
    def response(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        """RECIST categories by their short and long forms; another word stays as it is, with a warning."""
        findings: list[Finding] = []
        levels: list[str | None] = [None] * len(column.uniques)
        others: list[str] = []
        for i in self.present(column, variable, findings, how):
            value = column.uniques[i]
            levels[i] = recist(value)
            if levels[i] and (reason := read_because(value)):
                message = f"'{shorten(value)}' was read as {levels[i]}: {reason}"
                findings.append(column.finding("info", "response-read", i, message))
            elif levels[i] is None:
                others.append(" ".join(value.split()))
                levels[i] = others[-1]
                message = (
                    f"'{shorten(value)}' is not a response that is known here (CR, PR, SD, PD, NE), so no response "
                    "rates are made of this column. Say which it means where the file was loaded, or with --answer "
                    f'"response:{shorten(column.header)}=PD" on the command line'
                )
                findings.append(column.finding("warning", "unknown-response", i, message))
        known = response_order((*variable.levels, *(w for w in others if response_order(("CR", w)))))
        order = tuple(dict.fromkeys((*(known or variable.levels), *sorted(set(others), key=natural))))
        variable = replace(variable, levels=order, ordered=True)
        return Typed(variable, self.categorical(column, levels, order), findings)

    def date(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        findings: list[Finding] = []
        present = self.present(column, variable, findings, how)
        if variable.name in self.event_dates:  # "alive" in a date of death
            denied = [i for i in present if meaning(column.uniques[i]) in ("none", "no")]
            present = [i for i in present if i not in denied]
            for i in denied:
                message = f"'{shorten(column.uniques[i])}' was read as no date"
                findings.append(column.finding("info", "read-as-missing", i, message))
        read = parse_dates([column.uniques[i] for i in present], how.date_order, self.epoch)
        dates = np.full(max(len(column.uniques), 1), np.datetime64("NaT"), dtype="datetime64[ns]")
        if read.question:
            findings.append(column.about("error", "date-order", read.question, present[0]))
        dates[present] = read.values
        for i in read.bad:
            message = why_no_date(column.uniques[present[i]])
            findings.append(column.finding("error", "not-a-date", present[i], message))
        if variable.name in self.happened:
            findings += self._future(column, dates)
        for code, places, rule in (
            ("partial-date", read.partial, "a month without a day was read as its 15th, a year alone as 1 July"),
            ("two-digit-year", read.short, "two-digit years below 50 were read as 20.., others as 19.."),
            ("excel-serial", read.serial, f"numbers were read as a spreadsheet's days since {self.epoch}"),
        ):
            if places:
                n, first = sum(column.count(present[i]) for i in places), present[places[0]]
                severity: Severity = "warning" if code == "partial-date" else "info"
                findings.append(replace(column.finding(severity, code, first, f"{plural(n, 'date')}: {rule}"), n=n))
        return Typed(variable, pd.Series(dates[column.codes], index=column.rows), findings)

    def _future(self, column: RawColumn, dates: np.ndarray) -> list[Finding]:
        """Dates after today, which become missing; of a date without its day or month the first day counts."""
        months, years = dates.astype("datetime64[M]"), dates.astype("datetime64[Y]")
        middle = dates == months.astype("datetime64[D]") + 14
        earliest = np.where(dates == years.astype("datetime64[M]") + 6, years.astype(dates.dtype), dates)
        earliest = np.where(middle, months.astype(dates.dtype), earliest)
        findings = []
        for i in np.flatnonzero(earliest > self.today):
            message = f"'{shorten(column.uniques[i])}' is in the future; today is {self.today}. Correct the date"
            findings.append(column.finding("error", "future-date", int(i), message))
            dates[i] = np.datetime64("NaT")
        return findings

    # ------------------------------------------------------------ columns the dictionary doesn't know
    def extra(self, column: RawColumn, how: ColumnMap = AUTO) -> Typed:
        """An unknown column becomes a yes/no, number, date, category or text by what all its values are."""
        findings: list[Finding] = []
        variable = Variable(column.header, column.label or column.header, "text")
        odd = [int(i) for i in np.flatnonzero(~self.parse_numbers(column.words)[1])]
        odd = [i for i in odd if not self.is_missing(column.uniques[i], None, how)]
        odd = self._words_among(column, odd)
        categories = bool(column.order) and {v for v in column.uniques if v} <= {*column.order}
        if not odd and not categories and len(column.words) > MAX_LEVELS:
            return self.number(column, replace(variable, kind="number"), how)
        present = self.present(column, None, findings, how)
        if not present:
            empty = from_codes(np.full(len(column.codes), -1), ())
            return Typed(replace(variable, kind="category"), pd.Series(empty, index=column.rows), findings)
        clear = [i for i in present if not means_missing(column.uniques[i])]
        if flag := self._extra_flag(column, clear):
            gone = [self._as_missing(column, i) for i in present if i not in clear]
            return Typed(replace(flag[0], label=variable.label), flag[1], [*findings, *gone])
        if not odd and categories:  # codes whose file or frame says that they are no amounts
            return self.open_category(column, replace(variable, kind="category"), how, known=False)
        if not odd and codes_of_categories(
            column.header, [column.uniques[i] for i in clear], self._n_of(column, clear)
        ):
            return self._coded_category(column, variable, how)
        if not odd:
            return self.number(column, replace(variable, kind="number"), how)
        values = [column.uniques[i] for i in present]
        if looks_like_dates([column.uniques[i] for i in clear]):
            return self.date(column, replace(variable, kind="date"), how)
        mixed = [self._text_among_numbers(column, odd)] if len(values) >= 10 and len(odd) <= 0.1 * len(values) else []
        if len(values) <= min(MAX_LEVELS, max(12, len(column.codes) // 3)):
            typed = self.open_category(column, replace(variable, kind="category"), how, known=False)
            return Typed(typed.variable, typed.values, [*typed.findings, *mixed])
        return Typed(variable, self._strings(column), [*findings, *mixed])

    @staticmethod
    def _n_of(column: RawColumn, places: list[int]) -> int:
        return sum(column.count(i) for i in places)

    def _coded_category(self, column: RawColumn, variable: Variable, how: ColumnMap) -> Typed:
        """Categories of codes; nothing says that they have an order, or that 2 is twice 1."""
        typed = self.open_category(column, replace(variable, kind="category"), how, known=False)
        message = (
            f"{joined(typed.variable.levels)} were read as categories, as few small whole numbers are; if they are "
            "amounts, choose 'number' for this column in the mapping"
        )
        return Typed(typed.variable, typed.values, [*typed.findings, column.about("info", "codes-as-levels", message)])

    @staticmethod
    def _words_among(column: RawColumn, odd: list[int]) -> list[int]:
        """Of the values that are no numbers those that mean something, where there are numbers."""
        words = [i for i in odd if not means_missing(column.uniques[i])]
        return words if len(column.words) - (column.blank >= 0) > len(odd) else odd

    @staticmethod
    def _text_among_numbers(column: RawColumn, odd: list[int]) -> Finding:
        shown = joined([f"'{shorten(column.uniques[i], 20)}' (row {column.first_row(i)})" for i in odd[:5]])
        message = f"column '{column.header}' holds numbers except {shown}; it was read as text"
        value = shorten(column.uniques[odd[0]])
        return Finding("warning", "text-among-numbers", message, column.first_row(odd[0]), column.header, value)

    def _extra_flag(self, column: RawColumn, present: list[int]) -> tuple[Variable, pd.Series] | None:
        """Yes/no in the file's own spelling: exactly one spelling for each side."""
        if len(present) != 2:
            return None
        words = {word_of(column.uniques[i]): i for i in present}
        sides = [side_of(w) for w in words]
        if len(words) != len(present) or sorted(sides) != ["no", "yes"] or words.keys() & {"+", "-"}:
            return None
        no, yes = (present[[("no", "yes").index(s) for s in sides].index(k)] for k in (0, 1))
        order = tuple(shown_of(column.uniques[i]) for i in (no, yes))
        levels = [order[0] if i == no else order[1] if i == yes else None for i in range(len(column.uniques))]
        return Variable(column.header, column.header, "flag", levels=order), self.categorical(column, levels, order)
