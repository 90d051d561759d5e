"""A first mapping of a file nobody has seen: roles from names, types and values, each with its reason.

A suggestion is for a person to look at; nothing here is applied without one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from necc.core.dictionary import Dictionary, Variable, normalise, side_of
from necc.core.responses import recist
from necc.ingest.codes import (
    GENERIC_WORDS,
    MINUS,
    SURVIVAL_WORDS,
    denies,
    in_unit,
    measure_of,
    missing_codes,
    missing_numbers,
    only_mark,
    says_response,
    stage_edition,
    words_of,
)
from necc.ingest.columns import AUTO, Typer
from necc.ingest.dates import SERIAL, looks_like_dates, parse_dates
from necc.ingest.direction import BRACKETED, NOT_HERS, asked_of, direction
from necc.ingest.mapping import ColumnMap, Mapping, ReadOptions
from necc.ingest.naming import BY_NAME, by_name, role_of, time_unit, unit_said, unlabelled_checkboxes
from necc.ingest.pairs import looks_timed, with_pairs
from necc.ingest.raw import RawColumn, RawTable
from necc.ingest.site_words import SiteWords
from necc.ingest.sites import names_sites

SOME = 500
UNSURE = 0.5
ALIKE = 0.85  # of letters, from which on two names are near
LARGEST = 12  # cm that the median of a primary tumour may have; more are mm
SHORTEST = 4  # letters of a heading that one other letter doesn't make another word
EVENT_WORDS = {
    "event", "status", "death", "died", "dead", "vital", "deceased", "mortality", "exitus", "relapse", "relapsed",
    "recurrence", "recurred", "progression", "progressed", "censor", "censored", "censoring", "cens", "cnsr", "死亡",
    "生存状态",
}  # fmt: skip
DEATH_WORDS = {"death", "died", "dead", "vital", "deceased", "mortality", "exitus", "死亡", "生存状态"}
ID_WORDS = {"id", "no", "nr", "number", "code", "patient", "subject", "case", "record", "barcode", "pseudonym", "编号"}
SITE_WORDS = {
    "site", "sites", "recurrence", "recurrent", "metastasis", "metastases", "mets", "relapse", "progression",
    "location", "部位", "转移",
}  # fmt: skip
SHORT = {
    "died": "death", "dead": "death", "dx": "diagnosis", "diag": "diagnosis", "rec": "recurrence", "fu": "followup",
    "tumour": "tumor", "yrs": "years",
}  # fmt: skip
FORMAT_SAYS = ("cBioPortal", "CDISC", "REDCap checkbox")


def suggest_mapping(
    raw: RawTable, dictionary: Dictionary, read_options: ReadOptions | None = None, base: Mapping | None = None
) -> Mapping:
    """A guess for every column, with confidence and reason; what the file's format defines is taken as it is.

    read_options: how the file was opened, kept in the mapping. base: what the names alone say, where it is known.
    """
    base = base or by_name(raw, dictionary)[0]
    return replace(_Suggester(raw, dictionary, base).mapping(), read_options=read_options or ReadOptions())


class _Suggester:
    def __init__(self, raw: RawTable, dictionary: Dictionary, base: Mapping):
        self.raw = raw
        self.dictionary = dictionary
        self.typer = Typer(dictionary, raw.decimal)
        self.words = dictionary.organ_words()
        self.site_words = SiteWords(self.words)
        self.base = base
        self.names = [
            (v, normalise(name), words_of(name))
            for v in dictionary.variables.values()
            for name in (v.name, v.label, *v.aliases)
        ]
        numbers = [v for v in dictionary.variables.values() if v.kind == "number" and role_of(v) != "time"]
        self.measures = {measure_of(name)[0]: v for v in numbers for name in (v.name, v.label, *v.aliases)}
        self.codes_alone = {c.header for members in unlabelled_checkboxes(raw) for c in members}

    def mapping(self) -> Mapping:
        columns = [self._column(c) for c in self.raw.columns]
        columns = self._one_each(columns)
        if not any(c.role in ("identifier", "pseudonym") for c in columns):
            columns = self._identifier(columns)
        rounded = (replace(c, confidence=round(c.confidence, 2)) for c in columns)
        return with_pairs(self.raw, self.dictionary, replace(self.base, columns=tuple(rounded)))

    # ------------------------------------------------------------ one column
    def _column(self, column: RawColumn) -> ColumnMap:
        how = self.base.column(column.header) or ColumnMap(column.header)
        if how.role in ("drop", "pseudonym") or how.reason.startswith(FORMAT_SAYS):
            return how
        column = column.relabelled({word: level for level, words in how.levels for word in words})
        some = self._sample(column)
        if how.variable:
            how = self._checked(column, how, some)
        if not how.variable and how.role == "auto" and column.header in self.codes_alone:
            reason = "may be a site: its label is in the REDCap data dictionary (codebook), which the file needs"
            return replace(how, confidence=0.3, reason=reason)
        if not how.variable and how.role == "auto":
            how = self._guess(column, how, some)
        return self._missing(column, how)

    def _sample(self, column: RawColumn) -> list[str]:
        """Some distinct values that aren't missing, without the words of a mapping."""
        values = column.words[:SOME]
        gone = {"", *missing_codes(values)}
        return [v for v in values if v not in gone and not self.typer.is_missing(v, None)]

    def _checked(self, column: RawColumn, how: ColumnMap, some: list[str]) -> ColumnMap:
        """A column known by its name: codes of an event, unit of a time; another variable where values don't fit."""
        variable = self.dictionary.variables[how.variable]
        if variable.kind == "event":
            return self._event_of(column, how)
        if how.role == "time":
            unit, said, reason = time_unit(column, self.typer)
            if how.confidence == BY_NAME or (not said and variable.unit[:3] in column.header.casefold()):
                return how  # a name without a break (osmonths), or cut within the unit: PRS_MONT
            if unit != variable.unit or not said or normalise(column.header) not in self.dictionary.headers():
                return replace(how, unit=unit, confidence=0.9 if said else UNSURE, reason=f"{how.reason}; {reason}")
        if variable.kind == "number" and how.confidence < BY_NAME:
            how = self._measured(column, how, variable)
        if some and self._fit(column, variable, some, how) < UNSURE and how.confidence < 1:
            return ColumnMap(column.header)
        if variable.edition:
            return self._edition(column, how, some)
        return how

    def _measured(self, column: RawColumn, how: ColumnMap, variable: Variable) -> ColumnMap:
        """A number with the unit that its heading or its label says; of a length without one the size of the values."""
        unit = next((u for text in (column.header, column.label) if (u := measure_of(text)[1])), "")
        if unit and in_unit(unit, variable.unit) is not None:
            return replace(how, unit=unit) if unit != variable.unit else how
        if unit and variable.unit:
            return ColumnMap(column.header, reason=f"kept as an extra variable: its heading says {unit}")
        values = self.typer.parse_numbers(column.words)[0][column.codes]
        middle = float(np.nanmedian(values)) if not np.isnan(values).all() else 0.0
        if variable.unit == "cm" and middle > LARGEST:
            reason = f"the unit isn't stated; the median is {middle:g}"
            return replace(how, unit="mm", confidence=UNSURE, reason=reason)
        return how

    def _edition(self, column: RawColumn, how: ColumnMap, some: list[str]) -> ColumnMap:
        edition, sure, reason = stage_edition(column.header, some)
        variable = next((v.name for v in self.dictionary.variables.values() if v.edition == edition), "")
        if not variable or normalise(column.header) == normalise(how.variable):
            return how
        return replace(how, role="category", variable=variable, confidence=sure, reason=reason)

    def _guess(self, column: RawColumn, how: ColumnMap, some: list[str]) -> ColumnMap:
        if not some:
            return replace(how, role="drop", confidence=0.9, reason="the column is blank")
        steps = (
            self._as_event, self._as_time, self._as_date, self._as_response, self._as_stage, self._as_site,
            self._as_sites, self._as_measure, self._as_known,
        )  # fmt: skip
        guesses = [g for step in steps if (g := step(column, some))]
        if guesses:
            event = next((g for g in guesses if g.role == "event" and set(EVENT_WORDS) & self._tokens(column)), None)
            best = event or max(guesses, key=lambda g: g.confidence)
            return replace(best, levels=how.levels or best.levels)
        kind = self.typer.extra(column, how).variable.kind
        kinds = {"number": "numbers", "flag": "yes or no", "date": "dates", "category": "groups", "text": "texts"}[kind]
        return replace(how, confidence=0.7, reason=f"kept as an extra variable: {kinds}")

    # ------------------------------------------------------------ steps: each gives a guess or none
    def _as_event(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        tokens = self._tokens(column)
        endpoint = self._endpoint(tokens)
        if len(some) > 4 or not (tokens & EVENT_WORDS or endpoint) or self._all_numbers(some) and len(some) > 3:
            return None
        if tokens & {"time", "date"} or unit_said(column.header, column.label):
            return None
        if names_sites(column, self.site_words) > UNSURE:
            return None
        text = BRACKETED.sub(" ", f"{column.header} {column.label}")
        whole = not NOT_HERS.search(normalise(text)) and asked_of(text) != "specific"
        variable = self._event_variable(tokens, endpoint) if whole else ""
        how = self._event_of(column, ColumnMap(column.header, "event", variable))
        return how if how.event else None

    def _event_of(self, column: RawColumn, how: ColumnMap) -> ColumnMap:
        """Which codes are the event."""
        if how.event:
            return how
        endpoints = self.dictionary.endpoints.values()
        label = next((e.label for e in endpoints if how.variable and e.event == how.variable), "")
        values = [v for v in column.uniques if v]
        codes = direction(values, column.header, column.blank >= 0, column.label, label)
        reason = f"{how.reason}; {codes.reason}" if how.reason else codes.reason
        return replace(
            how, role="event", event=codes.event, no_event=codes.no_event, missing=(*how.missing, *codes.missing),
            confidence=min(codes.confidence, how.confidence), reason=reason,
        )  # fmt: skip

    def _event_variable(self, tokens: set[str], endpoint: str) -> str:
        """The dictionary's event that a name means; of an endpoint, its event."""
        for known in self.dictionary.endpoints.values():
            if known.event and normalise(known.name) == endpoint:
                return known.event
        if tokens & DEATH_WORDS and not tokens & SURVIVAL_WORDS:
            return self._role("death")
        for variable in self.dictionary.variables.values():
            names = {normalise(a) for a in (variable.name, *variable.aliases)}
            if variable.kind == "event" and names & tokens:
                return variable.name
        return ""

    def _role(self, name: str) -> str:
        """The dictionary's variable of a role; blank without."""
        variable = self.dictionary.role(name)
        return variable if variable in self.dictionary.variables else ""

    def _endpoint(self, tokens: set[str]) -> str:
        """The dictionary's endpoint that a name's words spell."""
        for endpoint in self.dictionary.endpoints.values():
            name, label = normalise(endpoint.name), set(normalise(endpoint.label).split())
            if name in tokens or label <= tokens:
                return name
        return ""

    def _as_time(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        tokens = self._tokens(column)
        endpoint = self._endpoint(tokens)
        survival = sorted(tokens & SURVIVAL_WORDS)
        unit, said, reason = time_unit(column, self.typer)
        timed = bool(said or tokens & {"time", "duration", "interval", "survival"})
        if not (endpoint or survival or {"follow", "up"} <= tokens or "followup" in tokens) or not self._all_numbers(
            some
        ):
            return None
        values, _ = self.typer.parse_numbers(column.words)
        values = values[~np.isnan(values)]
        if len(values) < 3 and not timed or not len(values) or values.min() < 0 and not timed:
            return None
        variable = next((e.time for e in self.dictionary.endpoints.values() if normalise(e.name) == endpoint), "")
        confidence = (0.9 if said else 0.55) - (0 if timed else 0.1)
        return ColumnMap(column.header, "time", variable, unit, confidence=confidence, reason=reason)

    def _as_date(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        tokens = self._tokens(column)
        named = bool(tokens & {"date", "datum", "dt", "日期", "fecha"}) or "date" in normalise(column.header)
        question = parse_dates(some[:50]).question
        serial = named and all(SERIAL.fullmatch(v) for v in some[:50])
        readable = named and not parse_dates(some[:200]).bad
        if not (question or serial or readable or looks_like_dates(some[:200])):
            return None
        variable, score = self._nearest(column, ("date",), stop={"date", "datum", "dt", "of", "the"})
        if score < 0.5:
            variable = ""
        reason = "dates; day-month or month-day is unclear: choose" if question else "its values are dates"
        reason = "Excel's day numbers" if serial else reason
        confidence = 0.55 + 0.35 * score if variable else 0.3 if question else 0.8
        return ColumnMap(column.header, "date", variable, confidence=confidence, reason=reason)

    def _as_response(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        hits = sum(recist(v) is not None for v in some)
        if hits < 2 or hits < 0.6 * len(some):
            return None
        tokens = self._tokens(column)
        variable = ""
        if which := "best" if tokens & {"best", "bor"} else "final" if tokens & {"final", "last"} else "":
            variable = self._role(f"response_{which}")
        reason = "its values are RECIST categories"
        return ColumnMap(column.header, "response", variable, confidence=0.85, reason=reason)

    def _as_stage(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        editions = [v for v in self.dictionary.variables.values() if v.edition]
        known = max(editions, key=lambda v: len(v.levels), default=None)
        if known is None or len(some) < 2 or self._all_numbers(some):
            return None
        spellings = known.spellings()
        if sum(known.spelled(v) in spellings for v in some) < 0.8 * len(some):
            return None
        return self._edition(column, ColumnMap(column.header), some)

    def _as_site(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        """A marked column whose heading is an organ: `mets_liver` with 0 and 1, or YES and blank."""
        tokens = [t for t in re.split(r"[^\w]+|_", normalise(BRACKETED.sub(" ", column.header))) if t]
        rest = " ".join(t for t in tokens if t not in GENERIC_WORDS)
        organ = self.words.get(rest) or self.words.get(normalise(column.label)) if rest or column.label else None
        marks = all(side_of(v) for v in some) or (len(some) == 1 and side_of(some[0]) == "yes") or only_mark(some)
        if organ is None or len(some) > 2 or not marks:
            return None
        named = len(rest.split()) < len(tokens)
        event = tuple(some) if only_mark(some) else ()
        reason = f"its heading names a site ({self.dictionary.organs[organ].label})"
        return ColumnMap(column.header, "site", site=organ, event=event, no_event=("",) if event else (),
                         confidence=0.9 if named else 0.65, reason=reason)  # fmt: skip

    def _as_sites(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        share = names_sites(column, self.site_words) if not self._all_numbers(some) else 0
        if share < 0.6 or len(some) < 2:
            return None
        tokens = self._tokens(column)
        named = bool(tokens & SITE_WORDS) and not tokens & {"primary", "histology", "treatment"}
        variable = next((v.name for v in self.dictionary.variables.values() if v.kind == "sites"), "") if named else ""
        reason = f"{100 * share:.0f} % of its texts name a site"
        return ColumnMap(
            column.header, "sites" if named else "text", variable, confidence=0.5 + 0.4 * share * named, reason=reason
        )

    def _as_known(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        """The variable whose names are nearest, where the values fit it."""
        kinds = ("category", "number", "flag")
        variable, score = self._nearest(column, kinds)
        if not variable or score < 0.6:
            return None
        known = self.dictionary.variables[variable]
        if role_of(known) == "time":
            return None
        reason = f"its name is close to '{variable}', and its values fit"
        role = "site" if known.site else known.kind
        how = ColumnMap(column.header, role, variable, site=known.site, confidence=0.4 + 0.4 * score, reason=reason)
        how = self._measured(column, how, known) if known.kind == "number" else how
        return how if how.variable and self._fit(column, known, some, how) >= 0.8 else None

    def _as_measure(self, column: RawColumn, some: list[str]) -> ColumnMap | None:
        """A number under a known name with another unit: `tumor size (mm)`, `age in months`."""
        name, unit = measure_of(column.header)
        variable = self.measures.get(name)
        if variable is None or not unit or not self._all_numbers(some):
            return None
        reason = f"its heading says {variable.label.lower()} in {unit}"
        how = self._measured(column, ColumnMap(column.header, "number", variable.name, reason=reason), variable)
        return replace(how, confidence=0.9) if how.variable else how

    # ------------------------------------------------------------ helpers
    @staticmethod
    def _tokens(column: RawColumn) -> set[str]:
        """Words of the heading and of its label."""
        return words_of(f"{column.header} {column.label}")

    def _all_numbers(self, some: Iterable[str]) -> bool:
        return all(self.typer.parse_number(v) is not None for v in some)

    def _fit(self, column: RawColumn, variable: Variable, some: list[str], how: ColumnMap = AUTO) -> float:
        """The share of values that the variable takes."""
        rows = np.arange(2, len(some) + 2)
        typed = self.typer.typed(RawColumn.of(column.header, some, rows), variable, how)
        if not some or typed.values is None:
            return 0.0
        misfits = sum(f.n for f in typed.findings if f.severity == "error" or f.code == "unknown-response")
        return 1 - min(misfits / len(some), 1)

    def _nearest(self, column: RawColumn, kinds: tuple[str, ...], stop: set[str] | None = None) -> tuple[str, float]:
        """The variable of these kinds whose name shares most words with the heading, and how near it is, 0 to 1."""
        stop = stop or {"of", "at", "the", "in", "a"}
        tokens = {SHORT.get(t, t) for t in self._tokens(column)} - stop
        plain = normalise(column.header)
        best, matcher = ("", 0.0), difflib.SequenceMatcher()
        matcher.set_seq2(plain)
        for variable, name, words in self.names:
            if variable.kind not in kinds:
                continue
            words = words - stop
            score = len(words & tokens) / len(words | tokens) if words and tokens else 0.0
            matcher.set_seq1(name)
            if len(plain) > SHORTEST and matcher.real_quick_ratio() > ALIKE and matcher.quick_ratio() > ALIKE:
                alike = matcher.ratio()
                score = max(score, alike if alike > ALIKE else 0.0)
            if score > best[1]:
                best = (variable.name, score)
        return best

    def _missing(self, column: RawColumn, how: ColumnMap) -> ColumnMap:
        """Codes for missing among the values, such as 99 in an age or `[Not Available]` in a text."""
        if how.role in ("identifier", "pseudonym", "drop"):
            return how
        codes = [c for c in missing_codes(column.words[:SOME]) if not self._means_something(column, how, c)]
        if how.role != "event":
            apart = missing_numbers(self.typer.parse_numbers(column.words)[0])
            codes += [column.words[place] for place in apart]
        new = tuple(c for c in codes if c not in (*how.missing, *how.event, *how.no_event))
        return replace(how, missing=(*how.missing, *new)) if new else how

    def _means_something(self, column: RawColumn, how: ColumnMap, code: str) -> bool:
        """Whether what looks like a code for missing is a no beside a plus, a response, or a denial of a treatment."""
        if code in MINUS and (how.role in ("flag", "site") or any(v.startswith("+") for v in column.uniques[:SOME])):
            return True
        return (how.role == "response" and says_response(code)) or (how.variable in self.typer.givers and denies(code))

    # ------------------------------------------------------------ the columns together
    def _one_each(self, columns: list[ColumnMap]) -> list[ColumnMap]:
        """The surest column of each variable keeps it; the others become extra variables."""
        best: dict[str, ColumnMap] = {}
        for how in columns:
            known = best.get(how.variable)
            if how.variable and how.role != "drop" and (known is None or how.confidence > known.confidence):
                best[how.variable] = how
        result = []
        for how in columns:
            winner = best.get(how.variable)
            if winner is not None and winner is not how and how.role == "sites":
                how = replace(how, variable="", reason=f"{how.reason}; read beside '{winner.column}'")
            elif winner is not None and winner is not how and how.role != "drop":
                reason = (
                    f"'{winner.column}' is a closer match for {self.dictionary.variables[how.variable].label.lower()}"
                )
                how = replace(how, role="auto", variable="", unit="", event=(), no_event=(), site="", confidence=0.6,
                              reason=reason)  # fmt: skip
            result.append(how)
        return result

    def _identifier(self, columns: list[ColumnMap]) -> list[ColumnMap]:
        """The column that identifies: unique, filled, and best named so."""
        best: tuple[float, int] = (0.0, -1)
        for place, (column, how) in enumerate(zip(self.raw.columns, columns, strict=True)):
            if how.role != "auto" or len(column.words) < len(self.raw) or column.blank >= 0 or len(self.raw) < 2:
                continue
            values = column.words[:200]
            if looks_like_dates(values[:20]) or any("." in v or len(v) > 40 for v in values if self._all_numbers([v])):
                continue
            named = bool(self._tokens(column) & ID_WORDS)
            if not named and looks_timed(column):
                continue
            score = (0.85 if named else 0.5) + (0.05 if place == 0 else 0)
            if score > best[0] and (named or place == 0):
                best = (score, place)
        if best[1] >= 0:
            reason = "every row has a different value"
            columns[best[1]] = ColumnMap(columns[best[1]].column, "identifier", confidence=best[0], reason=reason)
        return columns
