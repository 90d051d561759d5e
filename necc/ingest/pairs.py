"""Pairs of a time and a status: the endpoints of a file that no dictionary knows.

`time` + `status`, `futime` + `fustat`, `t_pfs` + `e_pfs`, `rtime` + `relapse`, 生存时间 + 生存状态: found by what the
names share, by their words and values, and by their places. What they share decides first; then a time and an event
that each stand alone; where several are as near, a person is asked. Such an endpoint starts where the file doesn't say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from necc.core.dictionary import Dictionary, Endpoint, normalise
from necc.core.errors import Finding
from necc.core.text import format_number, joined, plural, shorten
from necc.core.time_to_event import UNSTATED
from necc.ingest.codes import SURVIVAL_WORDS, UNIT_WORDS
from necc.ingest.columns import Typer
from necc.ingest.direction import (
    ALIVE,
    BRACKETED,
    DEAD,
    NOT_HERS,
    OPEN,
    OTHER_DEATHS,
    WHETHER,
    WITH_DISEASE,
    asked_of,
    codes_written,
    direction,
    is_dead,
    meaning,
    named_in,
    ordered_words,
    polarity,
    tells_every_death,
)
from necc.ingest.mapping import ColumnMap, EndpointMap, Mapping
from necc.ingest.naming import time_unit
from necc.ingest.raw import RawColumn, RawTable, listed

FEW_CODES, FEW_TIMES, FEW_LETTERS, NEAR = 6, 3, 2, 2
FEWEST, LONGER, Z = 5, 0.7, 2.5  # from which on a longer follow-up of those with the event is doubted
HALF, MOST, FEW = 0.5, 0.8, 0.25  # of patients who have a time, for it to be that of the event or of the last contact
ENOUGH = 10  # patients from which on a file without an endpoint is told
A_YEAR = 1800  # from which on numbers are calendar years
ENDPOINT_WORDS = {*SURVIVAL_WORDS, "os", "prs", "ttr", "dfi", "dfs", "mss", "bcss", "idfs", "ddfs"}
TIME_WORDS = {
    "time", "times", "futime", "survtime", "duration", "dur", "follow", "followup", "fu", "fup", "tenure", "survival",
    "surv", "lenfol", "timeto", "tte", "lifetime", "zeit", "dauer", "uberlebenszeit", "nachbeobachtung", "temps",
    "duree", "delai", "suivi", "survie", "tiempo", "duracion", "seguimiento", "supervivencia", "tempo", "durata",
}  # fmt: skip
UNITS = {w for words in UNIT_WORDS.values() for w in words if len(w) > 1 or not w.isascii()} | {"hours", "hour", "hrs"}
LETTERS_OF_TIME, LETTERS_OF_EVENT = {"t", "y"}, {"e", "d", "c"}
STATUS_WORDS = {
    "status", "stat", "event", "events", "delta", "indicator", "ind", "cens", "censor", "censored", "censoring", "cnsr",
    "fustat", "fstat", "observed", "obs", "vital", "ereignis", "statut", "estado", "estatus", "evento", "evenement",
    "stato", "zensiert", "outcome",
}  # fmt: skip
EVENT_NOUNS = {
    "arrest", "arrested", "infection", "infected", "infect", "rejection", "rejected", "fail", "failed", "failure",
    "churn", "churned", "conversion", "stroke", "fracture", "rel",
}  # fmt: skip
NO_TIME = {
    "age", "year", "birth", "born", "diagnosis", "diag", "diagtime", "onset", "wait", "waiting", "wtime", "entry",
    "entered", "enrollment", "surgery", "operation", "treatment", "therapy", "chemo", "chemotherapy", "radiotherapy",
    "response", "cycles", "dose", "school", "smoking", "hospital", "stay", "los", "alter", "edad", "exposure",
    "txtime", "crtime", "start", "tstart", "begin", "first", "date", "prothrombin", "protime", "delay", "lag",
    "symptom", "symptoms",
}  # fmt: skip
STILL_TIME = {
    "last", "follow", "followup", "fu", "death", "dead", "survival", "observation", "relapse", "recurrence",
    "progression", "event", "contact", "censoring", "survie", "todeath",
}  # fmt: skip
NEVER_TIME = {"age", "alter", "edad"}  # whenever it was
FILLERS = {
    "in", "to", "of", "the", "until", "till", "since", "from", "bis", "jusqu", "hasta", "at", "and", "or", "a", "is",
    "was", "last", "up", "flag", "code", "yn", "number", "overall", "total", "obs", "observed", "patient", "pt", "has",
    "first", "any", "diagnosis", "randomization", "randomisation", "between", "elapsed", "contact", "de", "la", "der",
}  # fmt: skip
LAST_SEEN = {
    "follow", "followup", "fu", "visit", "time", "date", "now", "still", "currently", "study", "end", "current",
    "final", "noch", "letzter", "aktueller", "aktuell", "toujours", "encore", "dernier", "actual", "ultimo", "ancora",
}  # fmt: skip
STATUS_OF = {"status", "state", "statut", "estado", "stato", "outcome"}  # of whatever stands beside it
LAST_CONTACT = {"last", "follow", "followup", "fu", "contact", "censor", "censored", "censoring", "seen", "alive"}
HAN_LAST = re.compile(r"随访|末次|最后|最終")
HAN_VITAL = {"死亡", "存活", "已故", "去世", "病故", "健在"}
GLUED_TIME = re.compile(r"(?P<stem>[a-z]{1,6}?)_?(time|months?|mos|days|weeks|years|yrs)(?P<n>\d*)")
NUMBERED = re.compile(r"(?P<what>time|t|status|stat|event|delta|death|cens|e|d|c|infect)(?P<n>\d{1,2})")
GLUED_EVENT = re.compile(r"(?P<stem>[a-z]{1,6}?)_?(status|stat|event|evt|ev|censor|cens|ind|flag|died|dead)(?P<n>\d*)")
CENSOR_FIRST = re.compile(r"(censor|cens|event|ev|status|stat)(?P<stem>[a-z]{2,6})")
TO_EVENT = re.compile(r"(tt|timeto|daysto|monthsto|yearsto|to)(?P<stem>[a-z]{3,})")
BY_WORD = (
    (TIME_WORDS, False, 3, 0), (UNITS, False, 2, 0), (STATUS_WORDS, False, 0, 3), (LETTERS_OF_TIME, False, 2, 0),
    (LETTERS_OF_EVENT, False, 0, 2), (EVENT_NOUNS, True, 0, 2), (DEAD | ALIVE, True, 0, 3),
)  # fmt: skip
BY_SHAPE = ((GLUED_TIME, 3, 0), (GLUED_EVENT, 0, 3), (CENSOR_FIRST, 0, 3), (TO_EVENT, 3, 0))
HAN_TIME = re.compile(r"时间|時間|生存期|随访期|随访月|间隔|期间|月数|天数|总生存$")
HAN_EVENT = re.compile(r"状态|狀態|结局|結局|死亡|复发|復發|进展|事件|删失|存活|失访|转归|存亡|転帰|生存情况")
CONCEPTS = (
    ("progression", re.compile(r"\b(pfs|p|prog|progress\w*|ttp)\b|progress|\u8fdb\u5c55|\u9032\u5c55")),
    ("recurrence", re.compile(
        r"\b(rfs|dfs|r|rec|recur\w*|rel)\b|recur|relaps|rezidiv|recidiv|rechute|recaida|\u590d\u53d1|\u5fa9\u767c")),
    ("death", re.compile(
        r"\b(os|d|died|dth|vital)\b|dead|death|deces|surv|mort|uberleben|tot\b|verstorben|"
        r"\u751f\u5b58|\u6b7b\u4ea1|\u5b58\u6d3b")),
)  # fmt: skip
INTERVALS = (
    (re.compile(r"\b(start|tstart|begin|time0|left)\b"), re.compile(r"\b(stop|tstop|end|time1|right)\b")),
    (re.compile(r"\b(entry|enter)\b"), re.compile(r"\b(exit)\b")),
)


@dataclass(frozen=True)
class Part:
    """A column that may be half of an endpoint.

    stem: what its name says beside time or status (`pfs` of `t_pfs`). concept: death, recurrence or progression.
    strength: 3 named so, 2 perhaps, 1 by its values alone. place: its column's in the file.
    """

    header: str
    stem: str
    concept: str
    strength: int
    place: int
    generic: bool = False


@dataclass(frozen=True)
class Pairing:
    """An event with its time, or with several times of which a person chooses; or a time with several events.

    doubt: why the event may not be all that ends the time.
    """

    times: tuple[str, ...]
    events: tuple[str, ...]
    concept: str = ""
    stem: str = ""
    reason: str = ""
    named: bool = True
    doubt: str = ""

    @property
    def is_clear(self) -> bool:
        return len(self.times) == len(self.events) == 1 and self.named and not self.doubt

    @property
    def key(self) -> str:
        """The column that a question about it names."""
        return self.events[0] if len(self.events) == 1 else self.times[0]


@dataclass(frozen=True, eq=False)
class Halves:
    """Times and events of a file that stand in no endpoint yet."""

    raw: RawTable
    dictionary: Dictionary
    mapping: Mapping

    @cached_property
    def typer(self) -> Typer:
        return Typer(self.dictionary, self.raw.decimal)

    @cached_property
    def used(self) -> set[str]:
        """Columns that an endpoint is made of: of the file's own, or of the dictionary."""
        columns = {n for e in self.mapping.endpoints for n in e.parts}
        variables = {c.variable: c.column for c in self.mapping.columns if c.variable and c.role != "drop"}
        for endpoint in self.dictionary.endpoints.values():
            parts = (endpoint.time, endpoint.event)
            if all(p in variables for p in parts):
                columns |= {variables[p] for p in parts}
        return columns

    @cached_property
    def has_endpoint(self) -> bool:
        variables = {c.variable for c in self.mapping.columns if c.variable and c.role != "drop"}
        dated = any(
            e.start in variables and variables & {*e.event_dates, e.event}
            and variables & {*e.event_dates, e.censor_date}
            for e in self.dictionary.endpoints.values()
        )  # fmt: skip
        return bool(self.used) or dated

    @cached_property
    def intervals(self) -> tuple[tuple[str, str], ...]:
        """Columns of a start and a stop: a patient's follow-up in pieces, or entered late."""
        result = []
        for starts, stops in INTERVALS:
            columns = {
                name: [c for c in self.raw.columns if pattern.search(" ".join(ordered_words(c.header)))]
                for name, pattern in (("start", starts), ("stop", stops))
            }
            for start in columns["start"]:
                for stop in columns["stop"]:
                    if start.header != stop.header and self._follows(start, stop):
                        result.append((start.header, stop.header))
        return tuple(result)

    def _follows(self, start: RawColumn, stop: RawColumn) -> bool:
        """Whether one number is never above the other, and not always 0."""
        first, last = (self.typer.parse_numbers(c.words)[0][c.codes] if len(c.words) else None for c in (start, stop))
        if first is None or last is None:
            return False
        both = ~(np.isnan(first) | np.isnan(last))
        return bool(both.sum() > len(both) / 2 and (first[both] <= last[both]).all() and (first[both] > 0).any())

    # ------------------------------------------------------------ which columns may be halves
    @cached_property
    def times(self) -> tuple[Part, ...]:
        stops = {stop for _, stop in self.intervals}
        parts = (
            self._time(place, column)
            for place, column in enumerate(self.raw.columns)
            if column.header not in stops and self._free(column.header, ("auto", "time", "number"))
        )
        return tuple(part for part in parts if part)

    @cached_property
    def all_times(self) -> tuple[Part, ...]:
        """Also times that are named by nothing but their event: `edrel` beside `rel`."""
        named = {e.header.casefold(): e for e in self.events if e.strength > 1 and len(e.header) > FEW_LETTERS}
        result = []
        coded = {e.header for e in self.events if e.strength > 1}
        for part in (p for p in self.times if p.header not in coded):
            end = next((e for name, e in named.items() if part.header.casefold().endswith(name)), None)
            if not part.strength and end is not None:
                part = replace(part, stem=end.stem, strength=2, concept=end.concept)
            result.append(part)
        return tuple(p for p in result if p.strength)

    @cached_property
    def events(self) -> tuple[Part, ...]:
        parts = (
            self._event(place, column)
            for place, column in enumerate(self.raw.columns)
            if self._free(column.header, ("auto", "event", "flag", "category"), event=True)
        )
        return tuple(part for part in parts if part)

    def _free(self, header: str, roles: Sequence[str], event: bool = False) -> bool:
        how = self.mapping.column(header)
        if how is None or how.role not in roles or header in self.used:
            return how is None
        variable = self.dictionary.variables.get(how.variable)
        return variable is None or (event and variable.kind == "event")

    def _time(self, place: int, column: RawColumn) -> Part | None:
        values = self._numbers(column)
        if values is None or len(values) < FEW_TIMES or values.min() < 0 or values.max() <= 1 or values.min() >= A_YEAR:
            return None
        name = _Name.of(column)
        words = set(name.words)
        if words & NEVER_TIME or (words & NO_TIME and not words & STILL_TIME):
            return None
        strength = name.time
        return Part(column.header, name.stem, name.concept, strength, place, not name.stem)

    def _event(self, place: int, column: RawColumn) -> Part | None:
        values = [v for v in column.uniques if v and not self.typer.is_missing(v, None)]
        if not 1 <= len(values) <= FEW_CODES:
            return None
        side = direction(values, column.header, column.blank >= 0, column.label)
        name = _Name.of(column)
        words = {meaning(v) for v in values}
        worded = "event" in words and "none" in words
        numbers = self._numbers(column)
        coded = numbers is not None and 0 <= numbers.min() <= 1 and numbers.max() <= 9 and not (numbers % 1).any()
        if not (
            worded or (coded and len(values) > 1) or {"yes", "no"} & words or (side.event and side.confidence >= OPEN)
            or ("event" in words and name.event > 2)
        ):  # fmt: skip
            return None
        strength = max(name.event if not self._is_another_s(column, name) else 1, 3 if worded else 0)
        if self._is_not_hers(column):
            strength = 1
        if not strength and len(values) != 2:
            return None
        concept = name.concept or ("death" if _of_death(values) else "")
        return Part(column.header, name.stem, concept, strength or 1, place, name.generic)

    def _is_not_hers(self, column: RawColumn) -> bool:
        """Whether a heading tells of another person, of a fixed time or of a part, and no time has its name."""
        text = BRACKETED.sub(" ", f"{column.header} {column.label}")
        return bool(NOT_HERS.search(normalise(text))) and _Name.of(column).stem not in self._stems_of_times

    def _is_another_s(self, column: RawColumn, name: _Name) -> bool:
        """Whether it is a status of what is no event (`nodal status`), and no time has its name."""
        words = set(ordered_words(BRACKETED.sub(" ", column.header)))
        of_event = named_in(BRACKETED.sub(" ", column.header)) or words & (ENDPOINT_WORDS | EVENT_NOUNS) or name.concept
        others = words - STATUS_WORDS - FILLERS - LAST_SEEN - TIME_WORDS
        others = {w for w in others if not w.isdigit() and len(w) > 1}
        return bool(words & STATUS_OF and others) and not of_event and name.stem not in self._stems_of_times

    @cached_property
    def _stems_of_times(self) -> set[str]:
        """What the names of times say beside their time."""
        return {p.stem for p in self.times if p.strength > 1} - {""}

    def _numbers(self, column: RawColumn) -> np.ndarray | None:
        """The distinct numbers of a column; None where it holds another text."""
        numbers, is_number = self.typer.parse_numbers(column.words)
        odd = [v for v, fits in zip(column.uniques, is_number, strict=True) if not fits and v]
        gone = np.array([self._gone(column, v) for v in column.uniques], dtype=bool)
        values: np.ndarray = numbers[is_number & ~gone]
        if not len(values) or any(not self.typer.is_missing(v, None) and not self._gone(column, v) for v in odd):
            return None
        return values

    def _gone(self, column: RawColumn, value: str) -> bool:
        how = self.mapping.column(column.header)
        return how is not None and value in how.missing

    # ------------------------------------------------------------ endpoints of the dictionary that lack their event
    @cached_property
    def lacking(self) -> tuple[tuple[Endpoint, str, tuple[Part, ...]], ...]:
        """Endpoints whose time the file has and whose event it hasn't, with the time's column and what may say it."""
        variables = {c.variable: c.column for c in self.mapping.columns if c.variable and c.role != "drop"}
        result: dict[str, tuple[Endpoint, str, tuple[Part, ...]]] = {}
        for endpoint in self.dictionary.endpoints.values():
            signs = {endpoint.event, *endpoint.event_dates} - {""}
            if endpoint.time not in variables or not endpoint.event or signs & set(variables):
                continue
            events = tuple(e for e in self.events if e.strength > 2 and self._free_event(e.header))
            column = self.raw.column(variables[endpoint.time])
            stem = _Name.of(column).stem if column else ""
            same = tuple(e for e in events if stem and e.stem == stem)
            dead = self.dictionary.role("death") == endpoint.event
            worded = tuple(e for e in events if dead and (self._tells_death(e) or asked_of(e.header) == "specific"))
            likely = same or worded or tuple(e for e in events if e.generic)
            if likely:
                result.setdefault(endpoint.event, (endpoint, variables[endpoint.time], likely))
        return tuple(result.values())

    def _free_event(self, header: str) -> bool:
        how = self.mapping.column(header)
        return how is None or not how.variable

    def _tells_death(self, part: Part) -> bool:
        """Whether the values tell of dead and living, or the name does and of nothing else."""
        column = self.raw.column(part.header)
        values, asks = [v for v in column.uniques if v] if column else [], asked_of(part.header)
        if asks in ("disease", "relapse") or (asks == "specific" and not tells_every_death(values)):
            return False  # relapses too, or not all deaths
        if _of_death(values) or (asks == "death" and {"event", "none"} <= {*codes_written(part.header).values()}):
            return True
        words = {*ordered_words(WHETHER.sub("", BRACKETED.sub(" ", part.header)))}
        vital = DEAD | ALIVE | HAN_VITAL
        return bool(words & vital) and words <= vital | STATUS_WORDS | FILLERS | LAST_SEEN

    def is_said(self, endpoint: Endpoint, time: str, part: Part) -> bool:
        """Whether the words or the names say that a column is the event of an endpoint."""
        column = self.raw.column(time)
        stem = _Name.of(column).stem if column else ""
        dead = self.dictionary.role("death") == endpoint.event
        return bool(stem and part.stem == stem) or (dead and self._tells_death(part))

    def with_event(self, endpoint: Endpoint, event: str, confidence: float = 1.0) -> Mapping:
        """The mapping with a column as the event of an endpoint of the dictionary."""
        how = self._as_event(event, confidence, f"{endpoint.name} {endpoint.label}")
        return self.mapping.with_column(replace(how, variable=endpoint.event))

    # ------------------------------------------------------------ pairs
    @cached_property
    def pairings(self) -> tuple[Pairing, ...]:
        """Clear pairs, and those that a person decides."""
        times = [t for t in self.all_times if t.strength > 1]
        events = [e for e in self.events if e.strength > 1]
        pairs: list[Pairing] = []
        for key in ("stem", "concept"):
            for stem in dict.fromkeys(getattr(e, key) for e in events):
                mine = [t for t in times if stem and getattr(t, key) == stem]
                theirs = [e for e in events if getattr(e, key) == stem]
                if key == "concept" and (len(mine) != 1 or len(theirs) != 1):
                    continue
                for pair in _zipped(mine, theirs):
                    why = f"both names say '{stem}'" if key == "stem" else f"both are of {stem}"
                    pairs.append(_pair(*pair, why))
                    times.remove(pair[0])
                    events.remove(pair[1])
        if not self.has_endpoint:
            pairs += self._rest(times, events, bool(pairs))
            if not pairs and times:
                pairs += self._unnamed(times)
        return tuple(replace(p, doubt=self._doubt(p)) for p in pairs)

    def _doubt(self, pairing: Pairing) -> str:
        """Why an event may not be all that ends its time: deaths under a survival without disease, or of any cause."""
        if not pairing.is_clear:
            return ""
        time, event = (self.raw.column(parts[0]) for parts in (pairing.times, pairing.events))
        if time is None or event is None:
            return ""
        ends, tells = (asked_of(f"{c.header} {c.label}") for c in (time, event))
        values = [v for v in event.uniques if meaning(v) == "event" or WITH_DISEASE.search(" ".join(ordered_words(v)))]
        of_death = all(is_dead(v) for v in values) if values else tells == "death"
        shown = f"'{shorten(event.header)}'"
        if ends in ("disease", "relapse") and of_death and tells != "specific":
            return f"{shown} tells of deaths, and '{shorten(time.header)}' may end with a relapse too"
        if ends == "specific" and of_death and tells in ("", "death") and not any(asked_of(v) for v in values if v):
            return f"{shown} tells of deaths of any cause, and '{shorten(time.header)}' ends with those of the disease"
        if ends == "death" and tells == "specific":
            return f"{shown} tells of a part of the deaths, and '{shorten(time.header)}' ends with any"
        return ""

    def _rest(self, times: list[Part], events: list[Part], some: bool) -> list[Pairing]:
        """Times and events whose names share nothing: those that stand alone; of several, a person chooses."""
        plain_times = [t for t in times if t.generic] or ([] if some else times)
        plain_times = _strongest(plain_times)
        plain_events = [e for e in events if e.generic] or events
        if not any(asked_of(t.header) == "specific" for t in plain_times):  # a part of the deaths, beside all of them
            plain_events = [e for e in plain_events if asked_of(e.header) != "specific"] or plain_events
        if not plain_times or not plain_events:
            return []
        far = plain_events[0].strength < 3 and abs(plain_events[0].place - plain_times[0].place) > NEAR
        if len(plain_times) == len(plain_events) == 1 and not far:
            return [_pair(plain_times[0], plain_events[0], "the only time and the only event")]
        if some and not any(e.generic for e in plain_events):
            return []
        if len(plain_times) == 1:
            near = _by_distance(plain_times[0], plain_events)
            return [Pairing((plain_times[0].header,), tuple(e.header for e in near))]
        near = _by_distance(plain_events[0], plain_times)
        if len(plain_events) == 1:
            return [Pairing(tuple(t.header for t in near), (plain_events[0].header,), plain_events[0].concept)]
        return [
            Pairing(tuple(t.header for t in _by_distance(e, plain_times)), (e.header,), e.concept) for e in plain_events
        ]

    def _unnamed(self, times: list[Part]) -> list[Pairing]:
        """Yes/no columns that a time's name contains (`edrel` and `rel`), or that stand beside the only time."""
        unnamed = [e for e in self.events if e.strength == 1]
        for time in times:
            inside = [e for e in unnamed if len(e.header) > 2 and e.header.casefold() in time.header.casefold()]
            if len(inside) == 1:
                return [_pair(time, inside[0], f"the time's name holds '{inside[0].header}'")]
        best = _strongest(times)
        if len(best) != 1:
            return []
        near = [e for e in _by_distance(best[0], unnamed) if abs(e.place - best[0].place) <= NEAR]
        return [Pairing((best[0].header,), tuple(e.header for e in near), named=False)] if near else []

    def without_event(self, endpoints: Sequence[str]) -> list[str]:
        """Times named as an endpoint's (`PFS (months)`) of which none of these endpoints is made."""
        own, result = {p.header for p in self.times}, []
        for column in self.raw.columns:
            how = self.mapping.column(column.header)
            variable = how.variable if how else ""
            of = {e.name for e in self.dictionary.endpoints.values() if variable and e.time == variable}
            is_time = bool(of) and not of & {*endpoints} if variable else column.header in own
            if is_time and column.header not in self.used and {*_Name.of(column).words} & ENDPOINT_WORDS:
                result.append(column.header)
        return result

    def facts(self, time: str, event: str, codes: Sequence[str] = ()) -> Facts | None:
        """What a time and an event would give, by these codes of the event or those that the column seems to have."""
        columns = self._arrays(time, event, codes)
        return facts(*columns) if columns else None

    def followed(self, time: str, event: str) -> Followed | None:
        """How long those with and without the event were followed, as the mapping reads it."""
        columns = self._arrays(time, event, ())
        if columns is None:
            return None
        times, happened, known = columns
        return followed(times[known], happened[known])

    @cached_property
    def endpoints(self) -> tuple[tuple[str, str], ...]:
        """Columns of time and event of every endpoint that the mapping gives."""
        columns = {c.variable: c.column for c in self.mapping.columns if c.variable and c.role != "drop"}
        own = [(e.time, e.event) for e in self.mapping.endpoints if e.time and e.event]
        known = [(columns.get(e.time, ""), columns.get(e.event, "")) for e in self.dictionary.endpoints.values()]
        return tuple(dict.fromkeys(pair for pair in (*own, *known) if all(pair)))

    def _arrays(self, time: str, event: str, codes: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Times, who had the event, and of whom both are known."""
        last, own = self.ends(time, event)
        numbers, flags = self._numbers_of(last), self._flags(event, codes, time)
        if numbers is None or flags is None:
            return None
        happened, known = flags
        if own and (at_event := self._numbers_of(own)) is not None:
            numbers = np.where(happened & ~np.isnan(at_event), at_event, numbers)
        return numbers, happened, known & ~np.isnan(numbers)

    def _numbers_of(self, header: str) -> np.ndarray | None:
        """A column's number of each patient, NaN where it holds none."""
        if header not in self._parsed:
            column = self.raw.column(header)
            self._parsed[header] = None if column is None else self.typer.parse_numbers(column.words)[0][column.codes]
        return self._parsed[header]

    @cached_property
    def _parsed(self) -> dict[str, np.ndarray | None]:
        """The numbers of columns that were asked for: a question of several pairs asks for the same ones."""
        return {}

    def _flags(self, event: str, codes: Sequence[str] = (), beside: str = "") -> tuple[np.ndarray, np.ndarray] | None:
        """Who had the event, and of whom that is known."""
        raw, how = self.raw.column(event), self.mapping.column(event) or ColumnMap(event)
        if raw is None:
            return None
        values = [v for v in raw.uniques if v and v not in how.missing and not self.typer.is_missing(v, None, how)]
        codes = codes or how.event or direction(values, event, raw.blank >= 0, raw.label, beside).event
        happened, known = (np.array([v in group for v in raw.uniques], dtype=bool) for group in (codes, values))
        either = known | happened
        if "" in how.no_event and raw.blank >= 0:
            either[raw.blank] = True
        return happened[raw.codes], either[raw.codes]

    def ends(self, time: str, event: str) -> tuple[str, str]:
        """The column of the last contact, and that of the event's own time where the file keeps the two apart.

        `days_to_death` holds a time for the dead, `days_to_last_followup` one for the others: neither alone is a time
        of everybody. Without a single column that completes it, a time stays as it is.
        """
        made = next((e for e in self.mapping.endpoints if (e.time, e.event) == (time, event)), None)
        if made is not None:
            return time, made.event_time
        flags = self._flags(event, beside=time)
        if flags is None or not flags[0].any() or not (flags[1] & ~flags[0]).any():
            return time, ""
        happened, others = flags[0], flags[1] & ~flags[0]
        shares = {}
        for header in {time, *(p.header for p in self.times)} - {event}:
            numbers = self._numbers_of(header)
            if numbers is not None:
                shares[header] = tuple(float((~np.isnan(numbers))[who].mean()) for who in (happened, others))
        of_event = [h for h, (own, rest) in shares.items() if own >= HALF and rest <= FEW and not _is_last(h)]
        last = [h for h, (_, rest) in shares.items() if rest >= MOST and _is_last(h)]
        if len(last) != 1 or len(of_event) != 1 or time not in (*last, *of_event):
            return time, ""
        return last[0], of_event[0]

    # ------------------------------------------------------------ endpoints
    def with_pair(self, time: str, event: str, pairing: Pairing, confidence: float = 0.9) -> Mapping:
        """The mapping with this time and event as an endpoint of the file's own."""
        mapping = self.mapping
        last, own = self.ends(time, event)
        column = self.raw.column(time)
        read = self._as_event(event, confidence, f"{time} {column.label if column else ''}")
        for how in (*(self._as_time(header) for header in (last, own) if header), read):
            mapping = mapping.with_column(how)
        taken = {*self.dictionary.endpoints, *(e.name for e in mapping.endpoints)}
        name, label = self._title(time, event, pairing, taken)
        endpoint = EndpointMap(name, label, last, event, origin=UNSTATED, event_time=own)
        return replace(mapping, endpoints=(*mapping.endpoints, endpoint))

    def _as_time(self, header: str) -> ColumnMap:
        """A column as a time, its unit read."""
        how, column = self.mapping.column(header) or ColumnMap(header), self.raw.column(header)
        if how.role == "time" or column is None:
            return how
        unit, said, reason = time_unit(column, self.typer)
        return replace(how, role="time", unit=unit, confidence=0.9 if said else 0.5, reason=reason)

    def _as_event(self, header: str, confidence: float, beside: str) -> ColumnMap:
        """A column as an event, its codes read as the time or the endpoint beside it asks for them.

        Codes that were read stay, unless the time ends with a relapse or with deaths of the disease alone.
        """
        how, column = self.mapping.column(header) or ColumnMap(header), self.raw.column(header)
        kept = how.role == "event" and (how.confidence >= 1 or asked_of(beside) in ("", "death"))
        if kept or column is None:
            return how
        values = [v for v in column.uniques if v and v not in how.missing]
        side = direction(values, header, column.blank >= 0, column.label, beside)
        if how.role == "event" and (not how.event or (side.is_sure and set(side.event) == set(how.event))):
            return how
        variable = "" if how.role == "event" else how.variable  # read for another endpoint than that of the name
        return replace(
            how, role="event", variable=variable, event=side.event, no_event=side.no_event, reason=side.reason,
            missing=tuple(dict.fromkeys((*how.missing, *side.missing))), confidence=min(side.confidence, confidence),
        )  # fmt: skip

    def _title(self, time: str, event: str, pairing: Pairing, taken: set[str]) -> tuple[str, str]:
        """Name and label: of a known endpoint, survival where it is death, else the file's words."""
        column = self.raw.column(event)
        values = [v for v in column.uniques if v] if column else []
        names = [_Name.of(c) for h in (time, event) if (c := self.raw.column(h))]
        known = next((w for n in names for w in n.words if w in ENDPOINT_WORDS), "")
        if known and known.upper() not in taken:
            return known.upper(), known.upper()
        vital = set(ordered_words(WHETHER.sub("", event))) & (DEAD | ALIVE | HAN_VITAL)
        if asked_of(event) == "specific" and not OTHER_DEATHS.search(" ".join(ordered_words(event))):
            return self._free_name("DSS", time, taken), f"Time by '{shorten(event, 40)}'"
        if (_of_death(values) or vital) and "Survival" not in taken:
            return "Survival", "Survival"
        if column is not None and polarity(event) < 0 and (concept := names[-1].concept):
            return self._free_name(
                concept.capitalize(), time, taken
            ), f"Time to {concept}"  # of `relapse-free` and so on
        generic = all(n.generic for n in names[1:])
        name = self._free_name(shorten(time if generic else event, 40), time, taken)
        return name, f"Time by {shorten(event, 40)}" if generic else f"Time to {shorten(event, 40)}"

    @staticmethod
    def _free_name(name: str, time: str, taken: set[str]) -> str:
        """The name, with its time behind it where an endpoint has it already."""
        while name in taken:
            name = f"{name} ({shorten(time, 20)})"
        return name


@dataclass(frozen=True)
class _Name:
    """What a column's name says: its words, what is left without those of time and status, how sure it is either."""

    words: tuple[str, ...]
    stem: str
    concept: str
    time: int
    event: int
    generic: bool

    @classmethod
    def of(cls, column: RawColumn) -> _Name:
        here = _read(column.header)
        if not column.label:
            return here
        label = _read(column.label)
        return cls(
            (*here.words, *label.words), here.stem or label.stem, here.concept or label.concept,
            max(here.time, label.time), max(here.event, label.event), here.generic and label.generic,
        )  # fmt: skip


def _read(text: str) -> _Name:
    bare = BRACKETED.sub(" ", text)
    words = ordered_words(bare)
    time = event = 0
    rest: list[str] = []
    for word in words:
        stem, is_time, is_event = _word(word)
        time, event = max(time, is_time), max(event, is_event)
        if stem and stem not in FILLERS:
            rest.append(stem)
    if set(ordered_words(text)) & UNITS:
        time = max(time, 2)
    if HAN_TIME.search(text):
        time = 3
        rest = [HAN_TIME.sub("", w) for w in rest]
    if HAN_EVENT.search(text):
        event = 3
        rest = [re.sub(r"状态|狀態|结局|結局|转归|存亡|転帰|生存情况|是否|情况", "", w) for w in rest]
    if set(words) & ENDPOINT_WORDS:
        time, event = max(time, 3), max(event, 3)
    if named_in(bare):
        event = 3
    stem = " ".join(w for w in rest if w)
    plain = " ".join(words)
    concept = next((name for name, pattern in CONCEPTS if pattern.search(f"{stem} {plain}")), "")
    return _Name(tuple(words), stem, concept, time, event, not stem or set(words) <= STATUS_WORDS)


def _word(word: str) -> tuple[str, int, int]:
    """What a word leaves beside time and status, and how strongly it says either."""
    for words, kept, time, event in BY_WORD:
        if word in words:
            return word if kept else "", time, event
    if match := NUMBERED.fullmatch(word):
        timed = match["what"] in ("time", "t")
        return match["n"], 3 if timed else 0, 0 if timed else 3
    for pattern, time, event in BY_SHAPE:
        if match := pattern.fullmatch(word):
            return match["stem"] + match.groupdict().get("n", ""), time, event
    return word, 0, 0


def _of_death(values: Iterable[str]) -> bool:
    """Whether values tell of dead and living."""
    values = tuple(values)
    words = {w for v in values for w in ordered_words(v)}
    return bool(words & DEAD) or any(is_dead(v) or re.search("存活", v) for v in values)


@dataclass(frozen=True)
class Facts:
    """What an endpoint would hold: patients, events, and the median by Kaplan-Meier; NaN where it isn't reached."""

    n: int
    events: int
    median: float

    def __str__(self) -> str:
        median = "not reached" if np.isnan(self.median) else format_number(self.median, 1)
        return f"{plural(self.n, 'patient')}, {plural(self.events, 'event')}, median {median}"


@dataclass(frozen=True)
class Followed:
    """How long those with and without an event were followed: n and median of each, and how often the first longer.

    longer: the share of pairs in which the one with the event was followed longer, ties counting half; z: of the rank
    test (Mann and Whitney) that compares them.
    """

    n_event: int
    n_none: int
    median_event: float
    median_none: float
    longer: float
    z: float

    @property
    def is_odd(self) -> bool:
        """Whether the codes may stand the other way round.

        Those with the event are clearly followed longer in none of 78 endpoints of known cohorts; with the codes the
        other way round it is seen in 52 of them (tests/files/known_endpoints.csv, read by tests/test_doubts.py).
        """
        return min(self.n_event, self.n_none) >= FEWEST and self.longer >= LONGER and self.z >= Z


def followed(time: np.ndarray, event: np.ndarray) -> Followed | None:
    """Of times (float, shape (n,)) and events (bool, shape (n,)); None where one of the two groups is empty."""
    known = ~np.isnan(time)
    time, event = time[known], event[known].astype(bool)
    n_event, n_none = int(event.sum()), int((~event).sum())
    if not n_event or not n_none:
        return None
    _, place, counts = np.unique(time, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    larger = float(ranks[event].sum() - n_event * (n_event + 1) / 2)
    n = n_event + n_none
    ties = float((counts.astype(float) ** 3 - counts).sum()) / (n * (n - 1))
    spread = float(np.sqrt(n_event * n_none / 12 * (n + 1 - ties)))
    z = (larger - n_event * n_none / 2) / spread if spread else 0.0
    return Followed(
        n_event, n_none, float(np.median(time[event])), float(np.median(time[~event])), larger / (n_event * n_none), z
    )


def facts(time: np.ndarray, event: np.ndarray, known: np.ndarray) -> Facts:
    """Of times (float, shape (n,)), events and of whom both are known (bool, shape (n,))."""
    known = known & ~np.isnan(time)
    time, event = time[known], event[known]
    grid, place = np.unique(time, return_inverse=True)
    deaths = np.bincount(place, weights=event, minlength=len(grid))
    at_risk = np.bincount(place, minlength=len(grid))[::-1].cumsum()[::-1]
    survival = np.cumprod(1 - deaths / np.maximum(at_risk, 1))
    below = np.flatnonzero(survival <= 0.5 + 1e-12)
    median = float(grid[below[0]]) if len(below) else np.nan
    if len(below) and abs(survival[below[0]] - 0.5) < 1e-9:  # a flat step: its middle, as R prints it
        later = np.flatnonzero(survival < survival[below[0]] - 1e-12)
        median = float((grid[below[0]] + grid[later[0]]) / 2) if len(later) else median
    return Facts(len(time), int(event.sum()), median)


def _pair(time: Part, event: Part, reason: str) -> Pairing:
    return Pairing((time.header,), (event.header,), time.concept or event.concept, event.stem, reason)


def _zipped(times: list[Part], events: list[Part]) -> list[tuple[Part, Part]]:
    """Times and events of one stem; of several the strongest, then the first."""
    if not times or not events:
        return []
    rank = [sorted(parts, key=lambda p: (-p.strength, p.place)) for parts in (times, events)]
    return [(rank[0][0], rank[1][0])]


def _strongest(parts: Sequence[Part]) -> list[Part]:
    best = max((p.strength for p in parts), default=0)
    return [p for p in parts if p.strength == best]


def _by_distance(part: Part, others: Iterable[Part]) -> list[Part]:
    return sorted(others, key=lambda p: (abs(p.place - part.place), p.place))


def looks_timed(column: RawColumn) -> bool:
    """Whether a column's name says that it holds times."""
    return _Name.of(column).time > 1


def _is_last(header: str) -> bool:
    """Whether a time's name says that it ends with the last contact, whatever happened by then."""
    words = set(ordered_words(header))
    return bool(words & LAST_CONTACT or HAN_LAST.search(header))


def _of_role(mapping: Mapping, role: str) -> list[str]:
    return [how.column for how in mapping.columns if how.role == role]


def _is_known(mapping: Mapping, header: str) -> bool:
    how = mapping.column(header)
    return how is not None and bool(how.variable)


# ---------------------------------------------------------------- into the mapping
def with_pairs(raw: RawTable, dictionary: Dictionary, mapping: Mapping) -> Mapping:
    """The mapping with every clear pair as an endpoint of the file's own, and the events that its endpoints lack."""
    halves = Halves(raw, dictionary, mapping)
    for endpoint, time, parts in halves.lacking:
        if len(parts) == 1 and halves.is_said(endpoint, time, parts[0]):
            mapping = Halves(raw, dictionary, mapping).with_event(endpoint, parts[0].header, 0.9)
    for pairing in Halves(raw, dictionary, mapping).pairings:
        if pairing.is_clear:
            mapping = Halves(raw, dictionary, mapping).with_pair(pairing.times[0], pairing.events[0], pairing)
    return mapping


def open_pairings(raw: RawTable, dictionary: Dictionary, mapping: Mapping) -> Iterator[tuple[Halves, Pairing]]:
    """What a person has to pair."""
    halves = Halves(raw, dictionary, mapping)
    yield from ((halves, pairing) for pairing in halves.pairings if not pairing.is_clear)


def _without_event(header: str) -> Finding:
    message = (
        f"column '{shorten(header)}' looks like the time of an endpoint, but no column that isn't another's says who "
        "had its event, so no endpoint is made of it. If one does, say so on 'Your own file'"
    )
    return Finding("warning", "time-without-event", message, 1, shorten(header))


def pair_findings(raw: RawTable, dictionary: Dictionary, mapping: Mapping, endpoints: Sequence[str]) -> list[Finding]:
    """Warnings: follow-up in intervals, and a file in which no endpoint was understood."""
    halves = Halves(raw, dictionary, mapping)
    findings = []
    for start, stop in halves.intervals:
        message = (
            f"columns '{shorten(start)}' and '{shorten(stop)}' hold intervals of follow-up; '{shorten(stop)}' isn't "
            "taken for a time of survival. Give one row per patient, with the whole time"
        )
        findings.append(Finding("warning", "intervals", message, 1, shorten(stop)))
    if endpoints and mapping.dictionary:
        findings += [_without_event(header) for header in halves.without_event(endpoints)]
    if endpoints or not mapping.dictionary:  # own columns: what a person named is all that is wanted
        return findings
    known = {"a time": _of_role(mapping, "time"), "an event": _of_role(mapping, "event")}
    looks, any_one = [], False
    for parts, what in ((halves.all_times, "a time"), (halves.events, "an event")):
        headers = [p.header for p in parts if p.strength > 1 and not _is_known(mapping, p.header)]
        any_one |= bool(headers)
        headers += [h for h in known[what] if h not in headers]
        verb = "looks" if len(headers) == 1 else "look"
        looks.append(f"{listed(headers, 5)} {verb} like {what}" if headers else f"no column looks like {what}")
    if not any_one and len(raw) < ENOUGH:
        return findings  # too few rows for a cohort: a table of sites, say
    message = (
        f"no endpoint was understood: {joined(looks)}. Name a time and what happened by then on 'Your own file' "
        "(--time and --event on the command line), or there are no survival curves"
    )
    return [*findings, Finding("warning", "no-endpoint", message)]
