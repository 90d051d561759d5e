"""Text columns to typed columns, one distinct value at a time; whatever doesn't fit becomes a finding.

A column is typed by the dictionary's variable. A column that the dictionary doesn't know is typed by what all
of its values are, and keeps its own spellings as levels.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd

from necc.cohort import FLAG_LEVELS
from necc.dictionary import Dictionary, Organ, Variable, normalise
from necc.errors import Finding
from necc.ingest.reading import RawColumn
from necc.text import joined, plural, shorten

YES = ("1", "yes", "y", "true", "t", "positive", "pos", "+", "present", "checked", "是", "有", "阳性", "ja", "oui")
NO = ("0", "no", "n", "false", "f", "negative", "neg", "-", "absent", "unchecked", "否", "无", "阴性", "nein", "non")
EVENT_YES = ("1", "yes", "y", "true", "是")
EVENT_NO = ("0", "no", "n", "false", "否")
BLANK_WORDS = ("", "na", "n/a", "nan", "null", "<na>", "#n/a")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%Y年%m月%d日",
)
DAY_FIRST, MONTH_FIRST = ("%d/%m/%Y", "%d-%m-%Y"), ("%m/%d/%Y", "%m-%d-%Y")
CLOCK = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
RESPONSE_WORDS = {
    "CR": ("complete response", "complete remission", "complete remission/response"),
    "PR": ("partial response", "partial remission", "partial remission/response"),
    "SD": ("stable disease",),
    "PD": ("progressive disease", "progression", "disease progression"),
    "NE": ("not evaluable", "inevaluable", "unevaluable", "not evaluated"),
}
MAX_LEVELS = 60
SPLIT_SITES = re.compile(r"[;,/+|、；，]| and ")


@dataclass
class Typed:
    """A typed column with its variable, and what was found while typing it."""

    variable: Variable
    values: pd.Series | None
    findings: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(f.severity == "error" for f in self.findings)


class Typer:
    """Types raw columns by a dictionary's rules. `event_values` are the codes a person named as the event."""

    def __init__(self, dictionary: Dictionary, decimal: str = ".", event_values: Iterable[str] = ()):
        self.dictionary = dictionary
        self.decimal = decimal
        self.event_values = tuple(event_values)
        self.missing = {normalise(word) for word in dictionary.missing} | {w for w in dictionary.missing}
        self.by_kind: dict[str, Callable[[RawColumn, Variable], Typed]] = {
            "identifier": self.identifier, "category": self.category, "number": self.number, "flag": self.flag,
            "event": self.event, "date": self.date, "text": self.text, "response": self.response, "sites": self.text,
        }  # fmt: skip

    def typed(self, column: RawColumn, variable: Variable | None) -> Typed:
        """The column as its variable says, or as its values say where the dictionary has no such variable."""
        return self.by_kind[variable.kind](column, variable) if variable else self.extra(column)

    # ------------------------------------------------------------ shared steps
    def is_missing(self, value: str, known: Variable | None) -> bool:
        """Blank, or one of the words for missing; in a column the dictionary doesn't know, only the technical ones."""
        if value.casefold() in BLANK_WORDS:
            return True
        if known is None or normalise(value) in known.spellings():
            return False
        return normalise(value) in self.missing

    def present(self, column: RawColumn, known: Variable | None, findings: list[Finding]) -> list[int]:
        """Codes of the values that aren't missing; words read as missing are told."""
        kept = []
        for code, value in enumerate(column.uniques):
            if not self.is_missing(value, known):
                kept.append(code)
            elif value:
                findings.append(
                    column.finding("info", "read-as-missing", code, f"'{shorten(value)}' was read as missing")
                )
        return kept

    def mapped(
        self, column: RawColumn, variable: Variable, spellings: dict[str, str], code: str, allowed: str
    ) -> tuple[list[str | None], list[Finding]]:
        """Each distinct value's level by spelling; an unknown value is an error with its nearest spelling."""
        findings: list[Finding] = []
        levels: list[str | None] = [None] * len(column.uniques)
        for i in self.present(column, variable, findings):
            level = spellings.get(self.plain(column.uniques[i], variable))
            levels[i] = level
            if level is None:
                near = difflib.get_close_matches(normalise(column.uniques[i]), spellings, n=1, cutoff=0.6)
                hint = f"; did you mean '{spellings[near[0]]}'?" if near else ""
                message = f"'{shorten(column.uniques[i])}' is not one of {allowed}{hint}"
                findings.append(column.finding("error", code, i, message))
        return levels, findings

    @staticmethod
    def plain(value: str, variable: Variable) -> str:
        """A value as spellings are compared, without the words a variable strips (`Stage IB1` -> `ib1`)."""
        words = [w for w in normalise(value).split() if w not in variable.strip]
        return " ".join(words)

    @staticmethod
    def categorical(column: RawColumn, levels: list[str | None], order: Iterable[str]) -> pd.Series:
        order = list(order)
        lookup = np.array([order.index(level) if level is not None else -1 for level in levels] or [-1])
        codes = lookup[column.codes] if len(levels) else np.full(len(column.codes), -1)
        return pd.Series(pd.Categorical.from_codes(codes, categories=order), index=column.rows)

    # ------------------------------------------------------------ kinds
    def identifier(self, column: RawColumn, variable: Variable) -> Typed:
        findings = []
        for code in np.flatnonzero(np.bincount(column.codes, minlength=len(column.uniques)) > 1):
            value = column.uniques[code]
            if not value:
                continue
            rows = column.rows[column.codes == code]
            message = (
                f"column '{column.header}', row {rows[1]}: '{shorten(value)}' already stands in row {rows[0]}; "
                "one row a patient, so give each an identifier of its own or fold the rows"
            )
            findings.append(
                Finding("error", "duplicate-id", message, int(rows[1]), column.header, shorten(value), len(rows) - 1)
            )
        if "" in column.uniques and (n := column.count(column.uniques.index(""))):
            code = column.uniques.index("")
            findings.append(column.finding("error", "no-id", code, f"{plural(n, 'patient')} without an identifier"))
        return Typed(variable, self._strings(column), collapse(findings))

    def text(self, column: RawColumn, variable: Variable) -> Typed:
        return Typed(variable, self._strings(column), [])

    def _strings(self, column: RawColumn) -> pd.Series:
        values = np.array([v if v else None for v in column.uniques] or [None], dtype=object)
        return pd.Series(values[column.codes], index=column.rows, dtype=object)

    def category(self, column: RawColumn, variable: Variable) -> Typed:
        if not variable.levels:
            return self.open_category(column, variable)
        allowed = joined([*variable.levels[:24]], "or")
        levels, findings = self.mapped(column, variable, variable.spellings(), "unknown-level", allowed)
        return Typed(variable, self.categorical(column, levels, variable.levels), findings)

    def open_category(self, column: RawColumn, variable: Variable, known: bool = True) -> Typed:
        """A category whose levels are the file's own words, in natural order."""
        findings: list[Finding] = []
        present = self.present(column, variable if known else None, findings)
        words = {i: " ".join(column.uniques[i].split()) for i in present}
        order = tuple(sorted(set(words.values()), key=natural))
        levels = [words.get(i) for i in range(len(column.uniques))]
        findings += self._near_duplicates(column, order)
        return Typed(replace(variable, levels=order), self.categorical(column, levels, order), findings)

    @staticmethod
    def _near_duplicates(column: RawColumn, order: tuple[str, ...]) -> list[Finding]:
        groups: dict[str, list[str]] = {}
        for level in order:
            groups.setdefault(normalise(level), []).append(level)
        found = []
        for twins in groups.values():
            if len(twins) > 1:
                shown = joined([f"'{shorten(t, 30)}'" for t in twins])
                message = (
                    f"column '{column.header}': {shown} differ only by case or punctuation and stay different levels"
                )
                found.append(
                    Finding("warning", "near-duplicate-levels", message, None, column.header, shorten(twins[0]))
                )
        return found

    def number(self, column: RawColumn, variable: Variable) -> Typed:
        findings: list[Finding] = []
        numbers = np.full(max(len(column.uniques), 1), np.nan)
        for i in self.present(column, variable, findings):
            value = column.uniques[i]
            number = self.parse_number(value)
            if number is None:
                message = f"'{shorten(value)}' is not a number{self._unit(variable)}; write digits only, e.g. 12.5"
                findings.append(column.finding("error", "not-a-number", i, message))
                continue
            numbers[i] = number
            findings += self._out_of_range(column, variable, i, number)
        return Typed(variable, pd.Series(numbers[column.codes], index=column.rows), findings)

    @staticmethod
    def _unit(variable: Variable) -> str:
        return f" of {variable.unit}" if variable.unit else ""

    @staticmethod
    def _out_of_range(column: RawColumn, variable: Variable, code: int, number: float) -> list[Finding]:
        low, high = variable.minimum, variable.maximum
        if (low is None or number >= low) and (high is None or number <= high):
            return []
        unit = f" {variable.unit}" if variable.unit else ""
        span = f"{low:g} to {high:g}{unit}" if low is not None and high is not None else f"at least {low:g}{unit}"
        name = "negative" if number < 0 else "out-of-range"
        message = f"'{shorten(column.uniques[code])}' is outside {span}, which {variable.label.lower()} allows"
        return [column.finding("error", name, code, message)]

    def parse_number(self, value: str) -> float | None:
        """A number written in digits, with a decimal comma where the file uses one; None for anything else."""
        if self.decimal == "," and re.fullmatch(r"[+-]?[0-9]+,[0-9]+", value):
            value = value.replace(",", ".")
        if not NUMBER.fullmatch(value):
            return None
        number = float(value)
        return number if np.isfinite(number) else None

    def flag(self, column: RawColumn, variable: Variable) -> Typed:
        spellings = {**dict.fromkeys(map(_word, YES), "yes"), **dict.fromkeys(map(_word, NO), "no")}
        findings: list[Finding] = []
        levels: list[str | None] = [None] * len(column.uniques)
        for i in self.present(column, variable, findings):
            levels[i] = spellings.get(_word(column.uniques[i]))
            if levels[i] is None:
                message = (
                    f"'{shorten(column.uniques[i])}' is not yes or no; write 1 or 0, yes or no, positive or negative"
                )
                findings.append(column.finding("error", "not-yes-no", i, message))
        values = self.categorical(column, levels, FLAG_LEVELS)
        if variable.site and "yes" in levels and "no" not in levels and "" in column.uniques:
            values = values.fillna("no")
            message = f"column '{column.header}' marks only the patients with this site: blank cells were read as 'no'"
            findings.append(
                Finding("info", "blank-means-no", message, None, column.header, n=int((values == "no").sum()))
            )
        return Typed(variable, values, findings)

    def event(self, column: RawColumn, variable: Variable) -> Typed:
        """An event: only 0/1, yes/no and true/false are understood; another coding is asked."""
        findings: list[Finding] = []
        present = self.present(column, variable, findings)
        if self.event_values:
            levels = [self._is_event(v) if i in present else None for i, v in enumerate(column.uniques)]
            if present and "yes" not in levels:
                shown = joined([f"'{shorten(column.uniques[i], 20)}'" for i in present[:10]])
                message = f"column '{column.header}' never holds {joined(self.event_values, 'or')}; it holds {shown}"
                findings.append(Finding("error", "event-value-absent", message, None, column.header))
            return Typed(variable, self.categorical(column, levels, FLAG_LEVELS), findings)
        spellings = {**dict.fromkeys(map(_word, EVENT_YES), "yes"), **dict.fromkeys(map(_word, EVENT_NO), "no")}
        levels = [spellings.get(_word(v)) if i in present else None for i, v in enumerate(column.uniques)]
        unknown = [i for i in present if levels[i] is None]
        if unknown:
            shown = joined(
                [f"'{shorten(column.uniques[i], 20)}' ({plural(column.count(i), 'patient')})" for i in present[:8]]
            )
            message = (
                f"column '{column.header}' holds {shown}; only 0 and 1, yes and no, true and false are understood "
                "as an event without asking. Say which value means that the event happened (option --event-value)"
            )
            first = unknown[0]
            value = shorten(column.uniques[first])
            findings.append(Finding("error", "event-coding", message, column.first_row(first), column.header, value))
        return Typed(variable, self.categorical(column, levels, FLAG_LEVELS), findings)

    def _is_event(self, value: str) -> str:
        """Codes are compared as numbers where both are numbers: `1.0` is `1`."""
        number = self.parse_number(value)
        for wanted in self.event_values:
            other = self.parse_number(wanted)
            if value == wanted.strip() or (number is not None and number == other):
                return "yes"
        return "no"

    def response(self, column: RawColumn, variable: Variable) -> Typed:
        """RECIST categories by their short and long forms; another word stays as it is, with a warning."""
        spellings = {normalise(w): level for level, words in RESPONSE_WORDS.items() for w in (level, *words)}
        findings: list[Finding] = []
        levels: list[str | None] = [None] * len(column.uniques)
        others = []
        for i in self.present(column, variable, findings):
            levels[i] = spellings.get(normalise(column.uniques[i]))
            if levels[i] is None and column.uniques[i] not in ("-", "–"):
                levels[i] = " ".join(column.uniques[i].split())
                others.append(levels[i])
                message = (
                    f"'{shorten(column.uniques[i])}' is not a RECIST category (CR, PR, SD, PD, NE); it is kept "
                    "as it is and counts as not evaluable"
                )
                findings.append(column.finding("warning", "unknown-response", i, message))
        order = (*variable.levels, *sorted(set(others), key=natural))
        return Typed(replace(variable, levels=order), self.categorical(column, levels, order), findings)

    def date(self, column: RawColumn, variable: Variable) -> Typed:
        findings: list[Finding] = []
        present = self.present(column, variable, findings)
        texts = {i: CLOCK.sub("", column.uniques[i]) for i in present}
        chosen, problem = date_format(list(texts.values()))
        dates = np.full(max(len(column.uniques), 1), np.datetime64("NaT"), dtype="datetime64[ns]")
        if problem:
            message = f"column '{column.header}': {problem}"
            first = present[0]
            value = shorten(column.uniques[first])
            findings.append(Finding("error", "date-order", message, column.first_row(first), column.header, value))
            return Typed(variable, pd.Series(dates[column.codes], index=column.rows), findings)
        for i, text in texts.items():
            parsed = parse_date(text, chosen)
            if parsed is None:
                message = f"'{shorten(text)}' is not a date; write year-month-day, e.g. 2019-04-03"
                findings.append(column.finding("error", "not-a-date", i, message))
            else:
                dates[i] = parsed
        return Typed(variable, pd.Series(dates[column.codes], index=column.rows), findings)

    # ------------------------------------------------------------ columns the dictionary doesn't know
    def extra(self, column: RawColumn) -> Typed:
        """An unknown column becomes a yes/no, number, date, category or text by what all its values are."""
        told: list[Finding] = []
        present = self.present(column, None, told)
        values = [column.uniques[i] for i in present]
        variable = Variable(column.header, column.header, "text")
        if not values:
            empty = pd.Categorical.from_codes(np.full(len(column.codes), -1), [])
            return Typed(replace(variable, kind="category"), pd.Series(empty, index=column.rows), told)
        if flag := self._extra_flag(column, present):
            return Typed(*flag, told)
        odd = [i for i in present if self.parse_number(column.uniques[i]) is None]
        if not odd:
            return self.number(column, replace(variable, kind="number"))
        chosen, question = date_format([CLOCK.sub("", v) for v in values])
        if not question and all(parse_date(CLOCK.sub("", v), chosen) for v in values):
            return self.date(column, replace(variable, kind="date"))
        mixed = [self._text_among_numbers(column, odd)] if len(values) >= 10 and len(odd) <= 0.1 * len(values) else []
        if len(values) <= min(MAX_LEVELS, max(12, len(column.codes) // 3)):
            typed = self.open_category(column, replace(variable, kind="category"), known=False)
            return Typed(typed.variable, typed.values, [*typed.findings, *mixed])
        return Typed(variable, self._strings(column), [*told, *mixed])

    @staticmethod
    def _text_among_numbers(column: RawColumn, odd: list[int]) -> Finding:
        shown = joined([f"'{shorten(column.uniques[i], 20)}' (row {column.first_row(i)})" for i in odd[:5]])
        message = f"column '{column.header}' holds numbers but for {shown}; it was read as text"
        value = shorten(column.uniques[odd[0]])
        return Finding("warning", "text-among-numbers", message, column.first_row(odd[0]), column.header, value)

    def _extra_flag(self, column: RawColumn, present: list[int]) -> tuple[Variable, pd.Series] | None:
        """Yes/no in the file's own spelling: exactly one spelling for each side."""
        words = {_word(column.uniques[i]): i for i in present}
        sides = [("no" if w in set(map(_word, NO)) else "yes" if w in set(map(_word, YES)) else "") for w in words]
        if len(words) != len(present) or sorted(sides) != ["no", "yes"] or words.keys() & {"+", "-"}:
            return None
        no, yes = (present[[("no", "yes").index(s) for s in sides].index(k)] for k in (0, 1))
        order = tuple(_shown(column.uniques[i]) for i in (no, yes))
        levels = [order[0] if i == no else order[1] if i == yes else None for i in range(len(column.uniques))]
        return Variable(column.header, column.header, "flag", levels=order), self.categorical(column, levels, order)


def _word(value: str) -> str:
    """A yes/no word as compared: without case; `1.0` is `1`."""
    folded = value.casefold().strip()
    return folded[:-2] if folded in ("0.0", "1.0") else folded


def _shown(value: str) -> str:
    return value[:-2] if value in ("0.0", "1.0") else value


def natural(text: str) -> tuple:
    """Sort key: "< 5" before "5-10" before "> 10", numbers by value, letters without case; never the locale's order."""
    side = {"<": -1, "≤": -1, ">": 1, "≥": 1}.get(text[:1], 0)
    parts = re.split(r"(\d+(?:\.\d+)?)", text.casefold())
    return (side, [(1, float(p), "") if i % 2 else (0 if p else -1, 0.0, p) for i, p in enumerate(parts)], text)


def date_format(texts: list[str]) -> tuple[tuple[str, ...], str]:
    """The formats that a column of dates follows, found from the column as a whole.

    Returns the formats and, where day-month and month-day both fit every value, the question to ask.
    """
    slashed = [t for t in texts if re.fullmatch(r"\d{1,2}[/-]\d{1,2}[/-]\d{4}", t)]
    if not slashed:
        return DATE_FORMATS, ""
    day_first = all(parse_date(t, DAY_FIRST) for t in slashed)
    month_first = all(parse_date(t, MONTH_FIRST) for t in slashed)
    if day_first and month_first and any(parse_date(t, DAY_FIRST) != parse_date(t, MONTH_FIRST) for t in slashed):
        return DATE_FORMATS, (
            f"'{slashed[0]}' can be day-month or month-day, and nothing in the column decides; write the dates as "
            "year-month-day"
        )
    return (*DATE_FORMATS, *(DAY_FIRST if day_first else MONTH_FIRST)), ""


def parse_date(text: str, formats: Iterable[str]) -> np.datetime64 | None:
    """A date in the first format that fits, between 1900 and 2100; None where none does."""
    for form in formats:
        try:
            parsed = datetime.strptime(text, form)
        except ValueError:
            continue
        if 1900 <= parsed.year <= 2100:
            return np.datetime64(parsed.date(), "ns")
    return None


def collapse(findings: list[Finding], keep: int = 20) -> list[Finding]:
    """At most `keep` findings of one kind and column; the rest is counted in a last one."""
    groups: dict[tuple, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code, finding.column), []).append(finding)
    result = []
    for (severity, code, column), members in groups.items():
        result += members[:keep]
        if rest := members[keep:]:
            where = f"column '{column}': " if column else ""
            message = f"{where}{plural(len(rest), 'more finding')} of this kind, the next in row {rest[0].row}"
            result.append(Finding(severity, code, message, rest[0].row, column, rest[0].value, sum(f.n for f in rest)))
    return result


# ---------------------------------------------------------------- sites named in a text column
def organs_in(text: str, words: dict[str, str]) -> tuple[list[str], list[str]]:
    """The organs that a cell names, and the parts that match nothing.

    The whole cell is tried first, then its parts; in a part the longest known word wins ("thoracic spine" is
    bone, not a thoracic lymph node).
    """
    whole = normalise(text)
    if whole in words:
        return [words[whole]], []
    organs, unknown = [], []
    for part in filter(None, (p.strip() for p in SPLIT_SITES.split(text))):
        organ = _organ_of(normalise(part), words)
        if organ is None:
            unknown.append(part)
        else:
            organs.append(organ)
    return list(dict.fromkeys(organs)), unknown


def _organ_of(part: str, words: dict[str, str]) -> str | None:
    if part in words:
        return words[part]
    tokens = part.split()
    for length in range(len(tokens), 0, -1):
        for start in range(len(tokens) - length + 1):
            organ = words.get(" ".join(tokens[start : start + length]))
            if organ:
                return organ
    return next((words[w] for w in sorted(words, key=len, reverse=True) if not w.isascii() and w in part), None)


def site_labels(
    column: RawColumn, dictionary: Dictionary, missing: Callable[[str], bool]
) -> tuple[np.ndarray, tuple[str, ...], list[Finding]]:
    """A text column of sites as a label matrix: int8, shape (n, n_organs), -1 in rows without any text.

    A part that matches no organ counts under "other" and is listed.
    """
    words, findings = dictionary.organ_words(), []
    organs: dict[str, Organ] = dict(dictionary.organs)
    names = tuple(organs)
    labels = np.zeros((max(len(column.uniques), 1), len(names)), dtype=np.int8)
    for i, text in enumerate(column.uniques):
        if missing(text):
            labels[i] = -1
            continue
        found, unknown = organs_in(text, words)
        for part in unknown:
            message = f"'{shorten(part)}' names no site the dictionary knows; it counts under 'Other'"
            findings.append(column.finding("warning", "unknown-site", i, message))
        for organ in [*found, *(["other"] if unknown else [])]:
            labels[i, names.index(organ)] = 1
    return labels[column.codes], names, collapse(findings)
