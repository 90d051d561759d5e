"""Columns that tell of the same event are compared, also those that a mapping calls extra variables.

A *teller* is a column that says of an event who had it: its own flag, a state in words (dead, alive), the date of the
event, a cause of death, a mark of a recurrence's site, a response that means progression. Where they agree nothing is
said. Where one says yes and another no, nothing follows for these patients until a person decides which counts: a
finding with the rows, and a question. A flag that is blank is filled by what the others say, which is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from necc.core.cohort import FLAG_LEVELS
from necc.core.dictionary import Dictionary, Variable, normalise, side_of, spelling, word_of
from necc.core.errors import Finding
from necc.core.responses import recist
from necc.core.text import joined, plural, rows_named, shorten
from necc.ingest.codes import (
    AND_THEN,
    BLANK_WORDS,
    EVENT_NO,
    EVENT_YES,
    denies,
    doubts_given,
    headings,
    is_blank_word,
    means_missing,
    variable_named,
)  # fmt: skip
from necc.ingest.columns import AUTO, Typer, from_codes
from necc.ingest.direction import (
    ABSENT,
    ALIVE,
    CENSORED,
    CENSORING,
    DEAD,
    DISEASE,
    FREE,
    NOT_HERS,
    RECURRING,
    asked_of,
    direction,
    is_dead,
    meaning,
    ordered_words,
    tells_every_death,
)
from necc.ingest.mapping import ColumnMap, Mapping
from necc.ingest.raw import RawColumn, RawTable
from necc.ingest.sites import site_labels

EVENT = Variable("", "", "event")
SIDES = {**{word_of(v): 1 for v in EVENT_YES}, **{word_of(v): 0 for v in EVENT_NO}}
GENERIC = {"status", "event", "flag", "yn", "indicator", "binary", "is", "patient", "pt", "是否"}
MOST_WORDS = 60
MOST_CODES = 4
STATES = {"vital", "status", "state", "survival", "outcome", "fate", "os"}
FILLERS = {
    *GENERIC, "at", "last", "follow", "up", "followup", "fu", "contact", "currently", "current", "final", "known",
    "still", "to", "be", "is", "was", "the", "of", "patient", "code", "censor", "censoring", "cens",
}  # fmt: skip
Kind = Literal["flag", "state", "date", "time", "cause", "sites", "response"]
CODE = "disagreement"  # of the question, and of an answer in `Mapping.settled`
LEAVE_OUT = "leave-out"
NO_DATE = "no-date"  # of the question what a word among dates means
MANY = 4  # disagreements from which on half of all is a pattern
DEATH_HEADING = re.compile(r"\b(dea(d|th|ths)|deceased|died|mortality|exitus|decease)\b|死亡")
OTHER_SURVIVAL = re.compile(
    r"\b(pfs|dfs|rfs|efs|dss|css|mfs|lrfs|dmfs|pfi|dfi|ttp|ttf|progression|relapse|recurrence)\b"
)
NEGATION = re.compile(
    r"\b(no|not|non|without|free|alive|living|surviv\w*|cens\w*|cnsr|specific|disease|cancer|tumou?r|related|date|time|days?|months?|cause)\b"
)
CAUSE = re.compile(r"\bcause\b.*\bdeath\b|\bdeath\b.*\bcause\b|死亡原因|死因|todesursache")


# ---------------------------------------------------------------- who is alive, in words
STATE_HEADING = re.compile(
    r"\b(status|state|vital|outcome|survival|alive|living|follow ?up|fate|situation|condition)\b|"
    r"状态|结局|转归|存亡|生存"
)
LIFE = re.compile(r"死|亡|故|去世|存活|健在|生存|在世|жив|умер|생존|사망")
LOST_WORDS = {"lost", "ltfu", "lfu", "withdrawn", "withdrew", "verschollen", *CENSORED, *CENSORING}
LOST_HAN = re.compile(r"失访|删失|刪失|截尾|打ち切り")


def vital(value: str) -> str:
    """What a word says of a patient's life: "dead", "alive", "lost", or "" for another word.

    A code in front (`1:DECEASED`) and words behind (`dead of disease`, `alive, NED`) don't matter.
    """
    said, words = meaning(value), {*ordered_words(value)}
    if said not in ("event", "none") or re.search(r"[?\uff1f]", value) or words & {"or", "vs", "unless"}:
        return ""
    if words & LOST_WORDS or LOST_HAN.search(value):
        return "lost" if not words & (DEAD | ALIVE) else ""
    if is_dead(value):
        return "dead"
    if not words & (DEAD | ALIVE | {"evidence"}) and not LIFE.search(value):
        return ""
    return "dead" if said == "event" else "alive"


def tells_life(values: Iterable[str], header: str, label: str = "") -> bool:
    """Whether a column says by words who is dead: each of its values is such a word, and its heading no one else's.

    A status of the disease (`DFS status`, `CSS`) counts relapses too, or not all deaths.
    """
    text = f"{header} {label}"
    values, asks = tuple(values), asked_of(text)
    if NOT_HERS.search(normalise(text)) or asks in ("disease", "relapse"):
        return False
    if asks == "specific" and not tells_every_death(values):
        return False
    said = [vital(v) for v in values]
    return bool(said) and all(said) and bool({"dead", "alive"} & {*said})


@dataclass(frozen=True, eq=False)
class Teller:
    """A column that tells of an event.

    codes: int8 array, shape (n,): 1 it happened, 0 it didn't, -1 says nothing.
    raw: the column, or None for sites.
    variable: its name in the cohort's table. counts: whether endpoints read the event from it.
    """

    column: str
    kind: Kind
    codes: np.ndarray
    raw: RawColumn | None
    variable: str
    counts: bool = False

    def word(self, place: int) -> str:
        """What a patient's cell holds."""
        return "" if self.raw is None else self.raw.uniques[int(self.raw.codes[place])]

    def named(self) -> str:
        """Its name in a sentence."""
        return "a column of sites" if self.kind == "sites" else f"'{shorten(self.column)}'"

    def says(self, place: int) -> str:
        """What it says of a patient, after its name."""
        word = shorten(self.word(place), 30)
        if self.kind == "sites":
            return "marks a site of recurrence"
        if self.kind in ("date", "time") and self.codes[place] == 1:
            return f"holds a {self.kind}"
        return f"says '{word}'" if word else "is blank"


@dataclass(frozen=True, eq=False)
class Account:
    """What a file's columns tell of one event.

    event: the dictionary's variable. tellers: its own flags first. rows: of the spreadsheet, int array, shape (n,).
    is_said: a person said what words among its dates mean.
    """

    event: str
    label: str
    tellers: tuple[Teller, ...]
    rows: np.ndarray
    is_said: bool = False

    @cached_property
    def codes(self) -> np.ndarray:
        """What each teller says; int8 array, shape (n_tellers, n)."""
        return np.array([t.codes for t in self.tellers], dtype=np.int8)

    @cached_property
    def disputed(self) -> np.ndarray:
        """Of whom one teller says yes and another no; bool array, shape (n,)."""
        result: np.ndarray = (self.codes == 1).any(axis=0) & (self.codes == 0).any(axis=0)
        return result

    @property
    def key(self) -> str:
        """The column under which the question about it is asked."""
        return self.tellers[0].column

    @property
    def disputing(self) -> tuple[Teller, ...]:
        """The tellers that speak of disputed patients."""
        return tuple(t for t in self.tellers if (t.codes[self.disputed] >= 0).any())

    def resolved(self, answer: str) -> np.ndarray:
        """The event of each patient as a person's answer has it: 1, 0 or -1; int8 array, shape (n,).

        What is disputed is what the chosen column says, and not recorded where it says nothing or without an answer.
        """
        own = [t.codes for t in self.tellers if t.counts and t.kind == "flag"]
        result = own[0].copy() if own else np.full(len(self.rows), -1, dtype=np.int8)
        for codes in self.codes:
            result = np.where(result < 0, codes, result).astype(np.int8)
        chosen = next((t.codes for t in self.tellers if normalise(t.column) == normalise(answer)), None)
        result[self.disputed] = -1 if chosen is None else chosen[self.disputed]
        return result

    def pairs(self) -> Iterator[tuple[Teller, Teller, np.ndarray]]:
        """Two tellers that disagree, and on whom: with the first of them each one, then those it is silent on."""
        first = self.codes[0] >= 0
        for i, k in combinations(range(len(self.tellers)), 2):
            wrong = (self.codes[i] >= 0) & (self.codes[k] >= 0) & (self.codes[i] != self.codes[k])
            wrong &= ~first if i else True
            if wrong.any():
                yield self.tellers[i], self.tellers[k], wrong


def accounts(raw: RawTable, known: Dictionary, mapping: Mapping, typer: Typer) -> tuple[Account, ...]:
    """What the columns tell of each event of which at least two of them tell.

    known: the disease, whose names for columns count for a file of own columns too.
    """
    return tuple(_Reader(raw, known, mapping, typer).accounts())


def disagreements(account: Account) -> list[Finding]:
    """A finding for each two columns that contradict each other, all on the column that the question is asked of."""
    findings = []
    for one, other, wrong in account.pairs():
        place, rows = int(np.argmax(wrong)), account.rows[wrong]
        both = int(((one.codes >= 0) & (other.codes >= 0)).sum())
        turned = len(rows) >= MANY and 2 * len(rows) > both
        hint = "; one of the two may be coded the other way round" if turned else "; one of the two is wrong"
        message = (
            f"column '{shorten(one.column)}', {rows_named(rows)}: {one.says(place)}, but "
            f"{other.named()} {other.says(place)}{hint}. Correct the file, or say which of them counts"
        )
        code = "event-against-date" if other.kind == "date" else CODE
        value = shorten(one.word(place))
        findings.append(Finding("error", code, message, int(rows[0]), account.key, value, len(rows)))
    return findings


def apply(account: Account, answer: str, table: pd.DataFrame, dates: Iterable[str]) -> list[Finding]:
    """The table's event as all columns tell it, in place: blank cells filled, and what is disputed as a person decided.

    The dates of an event that, as decided, didn't happen or isn't known go.

    answer: the column that counts, `LEAVE_OUT`, or "" while nobody has decided.
    """
    resolved, disputed, label = account.resolved(answer), account.disputed, account.label.lower()
    findings = []
    flags = [t for t in account.tellers if t.counts and t.kind == "flag" and t.variable in table]
    for flag in flags:
        filled = (flag.codes < 0) & (resolved >= 0) & ~disputed
        others = [t for t in account.tellers if t.kind in ("flag", "state") and (t.codes[filled] >= 0).any()]
        filled &= np.max([t.codes for t in others], axis=0, initial=-1) >= 0
        codes = np.where(disputed | filled, resolved, table[flag.variable].cat.codes.to_numpy())
        table[flag.variable] = from_codes(codes, FLAG_LEVELS)
        if filled.any():
            is_blank = not any(flag.word(place) for place in np.flatnonzero(filled).tolist())
            message = (
                f"column '{shorten(flag.column)}', {rows_named(account.rows[filled])}: "
                f"{'blank' if is_blank else 'it tells nothing'}, so what "
                f"{joined([t.named() for t in others])} {'says' if len(others) == 1 else 'say'} was taken"
            )
            findings.append(Finding("warning", "filled", message, None, shorten(flag.column), n=int(filled.sum())))
    if not disputed.any() or not answer:
        return findings
    if not flags:
        table[account.event] = from_codes(resolved, FLAG_LEVELS)
    for date in dates:
        if date in table:
            table.loc[disputed & (resolved != 1), date] = pd.NaT
    counts = "they are left out" if normalise(answer) == normalise(LEAVE_OUT) else f"'{shorten(answer)}' counts"
    message = f"columns disagree on '{label}' ({rows_named(account.rows[disputed])}); {counts}, as a person decided"
    return [*findings, Finding("info", "settled", message, None, shorten(account.key), n=int(disputed.sum()))]


def undated(account: Account, known: Dictionary, table: pd.DataFrame) -> list[Finding]:
    """Who had an event that ends the follow-up without its date: the time ends at the last contact."""
    if account.event not in table:
        return []
    ends = [p for whole in known.endpoints.values() for p in whole.parts if p.event == account.event]
    dates = [d for d in dates_of(known, account.event) if d in table]
    timed = [p.time for p in ends if p.time in table]
    last = [p.censor_date for p in ends if p.event_ends_followup and p.censor_date in table and p.start in table]
    if not dates or not last:
        return []
    lacks = (table[account.event] == "yes") & table[dates].isna().all(axis=1) & table[last[0]].notna()
    lacks &= table[timed].isna().all(axis=1) if timed else True
    n = int(lacks.sum())
    if not n:
        return []
    labels = [known.variables[v].label.lower() for v in (dates[0], last[0]) if v in known.variables]
    rows = rows_named(account.rows[lacks.to_numpy()].tolist())
    message = (
        f"column '{shorten(account.key)}', {rows}: {plural(n, 'patient')} with the event "
        f"{'has' if n == 1 else 'have'} no {labels[0]}; the event counts, at the {labels[-1]}"
    )
    return [
        Finding(
            "warning", "event-without-date", message, int(account.rows[lacks.to_numpy()][0]), shorten(account.key), n=n
        )
    ]


@dataclass(frozen=True)
class Unread:
    """A column that holds one code in all patients with a date of an event, and in others without: perhaps its flag.

    n_with, n_without: patients with that code who have a date of the event, and who have none.
    """

    column: str
    event: str
    code: str
    others: tuple[str, ...]
    n_with: int
    n_without: int


def unread(raw: RawTable, known: Dictionary, mapping: Mapping, typer: Typer) -> tuple[Unread, ...]:
    """Columns of unknown codes beside an event that is read from its date alone, so that a blank date denies it."""
    return tuple(_Reader(raw, known, mapping, typer).unread())


@dataclass(frozen=True)
class Undated:
    """A date of an event that is read from it alone, and words in it that may mean that the event has no known date.

    n: patients with these words. n_dated: with a date.
    """

    column: str
    event: str
    words: tuple[str, ...]
    n: int
    n_dated: int


def undated_words(raw: RawTable, known: Dictionary, mapping: Mapping, typer: Typer) -> tuple[Undated, ...]:
    """Columns of an event's dates that hold words such as `unknown`, where nothing else says who had the event."""
    return tuple(_Reader(raw, known, mapping, typer).undated())


def flag_of_dates(account: Account, table: pd.DataFrame) -> None:
    """The event that no column flags, in place: from its dates, and what a person said of the words among them."""
    counting = [t for t in account.tellers if t.counts]
    dated = bool(counting) and all(t.kind == "date" for t in counting)
    if not account.is_said or account.event in table or not dated:
        return
    own = [t.codes for t in counting]
    others = np.max([t.codes for t in account.tellers if not t.counts], axis=0, initial=-1)
    happened, silent = np.max(own, axis=0) == 1, np.min(own, axis=0) < 0
    codes = np.where(happened, 1, np.where(silent, others, 0)).astype(np.int8)
    table[account.event] = from_codes(codes, FLAG_LEVELS)


def dead_without_event(raw: RawTable, known: Dictionary, mapping: Mapping, typer: Typer) -> list[Finding]:
    """Patients whom a column of words calls dead, and who have no event in a file's own endpoint of no name."""
    findings = []
    reader = _Reader(raw, known, mapping, typer)
    states = [c for c in reader.columns if not reader.how.get(c.header, AUTO).variable and reader.tells_life(c)]
    for event in (e.event for e in mapping.endpoints if states and e.event):
        column, how = raw.column(event), reader.how.get(event, AUTO)
        words = set(ordered_words(event))
        if column is None or how.variable or not words <= FILLERS | STATES:
            continue
        typed = typer.event(column, replace(EVENT, name=event), how).values
        if typed is None:
            continue
        for state in (s for s in states if s.header != event):
            dead = np.array([vital(v) == "dead" for v in state.uniques])[state.codes]
            wrong = dead & (typed.cat.codes.to_numpy() == 0)
            if wrong.any():
                n, rows = int(wrong.sum()), raw.rows[wrong].tolist()
                message = (
                    f"column '{shorten(event)}', {rows_named(rows)}: no event, but '{shorten(state.header)}' says that "
                    f"the {'patient' if n == 1 else 'patients'} died; if the event is death, the codes are wrong"
                )
                findings.append(Finding("warning", "dead-without-event", message, rows[0], event, n=n))
    return findings


class _Reader:
    """Finds the tellers of each event of a dictionary among a file's columns."""

    def __init__(self, raw: RawTable, known: Dictionary, mapping: Mapping, typer: Typer):
        self.raw = raw
        self.known = known
        self.typer = typer
        self.how = {c.column: c for c in mapping.columns}
        self.settled = {key for key, _ in mapping.settled}
        self.headers = headings(known)
        self.parts = [part for whole in known.endpoints.values() for part in whole.parts]
        self.own_events = {e.event for e in mapping.endpoints}
        self.own_times = {e.event_time: e.event for e in mapping.endpoints if e.event_time}
        self.of_sites = {part.event for part in self.parts if "sites" in part.event_if}
        self.columns = [c for c in raw.columns if self._how(c).role not in ("drop", "identifier", "pseudonym", "time")]

    def _how(self, column: RawColumn) -> ColumnMap:
        return self.how.get(column.header, AUTO)

    def accounts(self) -> Iterator[Account]:
        for event in dict.fromkeys(part.event for part in self.parts if part.event in self.known.variables):
            tellers = [t for column in self.columns if (t := self._teller(column, event))]
            if event in self.of_sites and any((t.codes == 0).any() for t in tellers if t.kind == "flag"):
                tellers += self._sites()
            tellers += self._times({t.column for t in tellers})
            if not any(t.counts and t.kind == "flag" for t in tellers):
                tellers = [self._blank_denies(t) for t in tellers]
            tellers.sort(key=lambda t: (not t.counts or t.kind != "flag", t.kind == "date"))
            is_said = any(self._says_undated(t) for t in tellers)
            if len(tellers) > 1 or is_said:
                yield Account(event, self.known.variables[event].label, tuple(tellers), self.raw.rows, is_said)

    def undated(self) -> Iterator[Undated]:
        """Dates of an event that is read from them alone, with words that say neither a date nor that there is none."""
        for event in dict.fromkeys(part.event for part in self.parts if part.event in self.known.variables):
            tellers = [(column, t) for column in self.columns if (t := self._teller(column, event))]
            if any(t.counts and t.kind == "flag" for _, t in tellers) or not self._is_endpoint(event):
                continue
            for column, teller in ((c, t) for c, t in tellers if t.kind == "date" and t.counts):
                how = self._how(column)
                words = [
                    v for i, v in enumerate(column.uniques)
                    if column.count(i) > 0 and self._by_date(v, self.known.variables.get(how.variable), how) < 0
                    and not is_blank_word(v)
                ]  # fmt: skip
                if words and f"{NO_DATE}:{column.header}" not in self.settled:
                    n = sum(column.count(column.uniques.index(v)) for v in words)
                    yield Undated(column.header, event, tuple(words), n, int((teller.codes == 1).sum()))

    def _says_undated(self, teller: Teller) -> bool:
        """Whether a person said that words in a column of dates mean the event, or that it isn't known."""
        how = self._how(teller.raw) if teller.raw is not None else AUTO
        return teller.kind == "date" and (bool(how.event) or f"{NO_DATE}:{teller.column}" in self.settled)

    def _teller(self, column: RawColumn, event: str) -> Teller | None:
        """What a column tells of an event; None where it tells nothing."""
        how, dates = self._how(column), dates_of(self.known, event)
        if how.variable == event:
            return self._flag(column, event, how, counts=True)
        named = how.variable or (known.name if (known := variable_named(column.header, self.headers)) else "")
        if named in dates and how.role in ("auto", "date"):
            return self._date(column, how, how.variable or column.header, bool(how.variable))
        if how.variable:
            return self._response(column, how, event)
        is_death = event == self.known.role("death")
        heading = _heading(column)
        if is_death and CAUSE.search(heading):
            return self._cause(column, how)
        if how.role == "event":
            is_named = self._names(heading, event) or (is_death and self._tells_life(column, how))
            return self._flag(column, event, how, counts=column.header in self.own_events) if is_named else None
        if is_death and self._tells_life(column, how):
            said = {"dead": 1, "alive": 0}
            return self._by_value(column, "state", [said.get(vital(v), -1) for v in column.uniques])
        if how.role not in ("auto", "flag", "category", "number"):
            return None
        if self._names(heading, event):
            sides = [SIDES.get(word_of(v), -1) for v in column.uniques]
            return self._by_value(column, "flag", sides) if max(sides, default=-1) >= 0 else None
        return self._by_direction(column, how, event)

    def _by_direction(self, column: RawColumn, how: ColumnMap, event: str) -> Teller | None:
        """A column under a heading of the event or of its absence (`alive`, `No_Recurrence`) whose codes are sure."""
        if len(column.words) > MOST_WORDS or not self._speaks_of(column, event):
            return None
        values = [v for v in column.uniques if not self._is_nothing(v, how)]
        if not 0 < len(values) <= MOST_CODES:
            return None
        side = direction(values, column.header, column.blank >= 0, column.label)
        if not side.is_sure:
            return None
        codes = [1 if v in side.event else 0 if v and v in side.no_event else -1 for v in column.uniques]
        return self._by_value(column, "flag", codes)

    def _speaks_of(self, column: RawColumn, event: str) -> bool:
        """Whether a heading speaks of the event, or of its absence, and of nothing else."""
        words = set(ordered_words(re.sub(r"[(\[（].*?[)\]）]", " ", column.header)))
        if event == self.known.role("death"):
            own = DEAD | ALIVE | {"vital"}
        else:
            variable = self.known.variables[event]
            own = {w for name in (event, *variable.aliases) for w in ordered_words(name)} & DISEASE - {
                "event",
                "events",
            }
        if NOT_HERS.search(_heading(column)):
            return False
        return bool(words & own) and words <= own | FILLERS | ABSENT | FREE

    def unread(self) -> Iterator[Unread]:
        """Columns whose unknown codes seem to tell of an event that is read from its date alone."""
        for event in dict.fromkeys(part.event for part in self.parts if part.event in self.known.variables):
            tellers = {c.header: t for c in self.columns if (t := self._teller(c, event))}
            dated = [t for t in tellers.values() if t.kind == "date" and t.counts]
            if not dated or any(t.counts and t.kind == "flag" for t in tellers.values()):
                continue
            happened = np.max([t.codes for t in dated], axis=0) == 1
            for column in self.columns:
                if column.header not in tellers and self._may_tell(column, event):
                    yield from self._evidence(column, event, happened)

    def _may_tell(self, column: RawColumn, event: str) -> bool:
        how = self._how(column)
        if how.variable or how.role not in ("auto", "category", "flag", "number", "text", "event"):
            return False
        if event == self.known.role("death"):
            words = set(ordered_words(re.sub(r"[(\[（].*?[)\]）]", " ", column.header)))
            state = words & STATES and words <= STATES | DEAD | ALIVE | FILLERS
            han = re.search(r"生存|存亡|结局|转归|状态", column.header) and not RECURRING.search(column.header)
            return bool(state or han) and not NOT_HERS.search(_heading(column))
        return self._speaks_of(column, event)

    def _evidence(self, column: RawColumn, event: str, happened: np.ndarray) -> Iterator[Unread]:
        how = self._how(column)
        known = [i for i, v in enumerate(column.uniques) if v and not self._is_nothing(v, how)]
        with_date = {int(c) for c in np.unique(column.codes[happened])} & {*known}
        if not 2 <= len(known) <= MOST_CODES or len(with_date) != 1:
            return
        code = with_date.pop()
        n_without = int(((column.codes == code) & ~happened).sum())
        if n_without:
            n_with = int(((column.codes == code) & happened).sum())
            others = tuple(column.uniques[i] for i in known if i != code)
            yield Unread(column.header, event, column.uniques[code], others, n_with, n_without)

    def _by_value(
        self, column: RawColumn, kind: Kind, codes: Sequence[int], variable: str = "", counts: bool = False
    ) -> Teller:
        lookup = np.array(codes or [-1], dtype=np.int8)
        shown = lookup[column.codes] if len(column.words) else np.full(len(column.rows), -1, dtype=np.int8)
        return Teller(column.header, kind, shown, column, variable or column.header, counts)

    def _flag(self, column: RawColumn, event: str, how: ColumnMap, counts: bool) -> Teller | None:
        """The event's own column as the cohort reads it; None where it can't be read, which is told elsewhere."""
        variable = how.variable or column.header
        typed = self.typer.event(column, replace(EVENT, name=variable), how)
        if typed.values is None:
            return None
        codes = typed.values.cat.codes.to_numpy().astype(np.int8)
        return Teller(column.header, "flag", codes, column, variable, counts)

    def _date(self, column: RawColumn, how: ColumnMap, variable: str, counts: bool) -> Teller:
        known = self.known.variables.get(how.variable)
        filled = [self._by_date(v, known, how) for v in column.uniques]
        return self._by_value(column, "date", filled, variable, counts)

    def _by_date(self, value: str, known: Variable | None, how: ColumnMap) -> int:
        """What a cell of an event's date says: 1 it happened, 0 it didn't, -1 nothing."""
        if self.typer.among(value, how.event):
            return 1
        if self.typer.among(value, how.no_event):
            return 0
        if self.typer.is_missing(value, known, how) or means_missing(value):
            return -1
        return 0 if denies(value) or meaning(value) in ("none", "no") else 1

    def _cause(self, column: RawColumn, how: ColumnMap) -> Teller:
        """A cause of death: where one is given, the patient died; without one nothing is said.

        Nor is it by what holds a word for alive, or leaves it open: `alive or dead of other cause`.
        """
        codes = [-1 if self._is_nothing(v, how) or denies(v) or self._may_live(v) else 1 for v in column.uniques]
        return self._by_value(column, "cause", codes)

    @staticmethod
    def _may_live(value: str) -> bool:
        words = set(ordered_words(value))
        not_applicable = re.match(r"n/?a\b|not applicable", normalise(value))
        return bool(words & (ALIVE | LOST_WORDS | {"leben"}) or not_applicable or vital(value) in ("alive", "lost"))

    def _response(self, column: RawColumn, how: ColumnMap, event: str) -> Teller | None:
        """A response that means the event, by the dictionary's rules, where an endpoint's event it is."""
        levels = [
            level
            for said, needed in self.known.needs
            if said.name == how.variable and needed.name == event
            for level in said.levels
        ]
        if not levels or not self._is_endpoint(event):
            return None
        return self._by_value(column, "response", [1 if recist(v) in levels else -1 for v in column.uniques])

    def _sites(self) -> list[Teller]:
        """Marked sites, which tell of a recurrence."""
        marked = np.zeros(len(self.raw.rows), dtype=bool)
        for column in self.columns:
            how = self._how(column)
            variable = self.known.variables.get(how.variable)
            if how.role == "site" or (variable is not None and variable.site):
                variable = variable or Variable(column.header, column.header, "flag", site=how.site or column.header)
                values = self.typer.flag(column, variable, how).values
                marked |= values.eq("yes").to_numpy() if values is not None else False
            elif how.role == "sites":
                missing = partial(self.typer.is_missing, known=variable, how=how)
                marked |= (site_labels(column, self.known, missing)[0] == 1).any(axis=1)
        codes = np.where(marked, 1, -1).astype(np.int8)
        return [Teller("sites", "sites", codes, None, "")] if marked.any() else []

    def _times(self, events: set[str]) -> list[Teller]:
        """Times that only those with one of these events have."""
        columns = (c for c in self.raw.columns if self.own_times.get(c.header) in events)
        return [
            self._by_value(c, "time", [1 if number else -1 for number in self.typer.parse_numbers(c.words)[1]])
            for c in columns
        ]

    def _is_endpoint(self, event: str) -> bool:
        """Whether the file has a time for an endpoint of this event."""
        there = {how.variable for how in self.how.values()}
        return any(part.event == event and there & {part.time, part.start} - {""} for part in self.parts)

    def _tells_life(self, column: RawColumn, how: ColumnMap) -> bool:
        if how.role not in ("auto", "event", "category", "text", "flag") or len(column.words) > MOST_WORDS:
            return False
        values = [v for v in column.uniques if not self._is_nothing(v, how)]
        return tells_life(values, column.header, column.label)

    def _is_nothing(self, value: str, how: ColumnMap) -> bool:
        return means_missing(value) or self.typer.is_missing(value, EVENT, how, ())

    def tells_life(self, column: RawColumn) -> bool:
        """Whether a column says by words who is dead."""
        return self._tells_life(column, self._how(column))

    def _names(self, heading: str, event: str) -> bool:
        """Whether a heading asks for the event, and doesn't deny it."""
        if NOT_HERS.search(heading):
            return False
        plain = " ".join(w for w in heading.split() if w not in GENERIC)
        known = self.headers.get(heading) or self.headers.get(plain)
        if known is not None:
            return known.name == event
        if event != self.known.role("death") or NEGATION.search(heading) or OTHER_SURVIVAL.search(heading):
            return False
        words = set(heading.split())
        return bool(DEATH_HEADING.search(heading) or ("os" in words and words & {"status", "event"}))

    @staticmethod
    def _blank_denies(teller: Teller) -> Teller:
        """A date from which alone the event would be read: a blank one means that it didn't happen.

        `unknown` isn't blank.
        """
        if teller.kind != "date" or not teller.counts or teller.raw is None:
            return teller
        blank = np.array([is_blank_word(v) for v in teller.raw.uniques])[teller.raw.codes]
        return replace(teller, codes=np.where(blank & (teller.codes < 0), 0, teller.codes).astype(np.int8))


def dates_of(known: Dictionary, event: str) -> set[str]:
    """The variables that hold an event's date."""
    parts = (part for whole in known.endpoints.values() for part in whole.parts)
    return {d for part in parts if part.event == event for d in part.event_dates}


def _heading(column: RawColumn) -> str:
    """A column's heading, its words apart and without case."""
    return normalise(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", column.header))


# ---------------------------------------------------------------- what a text says was given
@dataclass(frozen=True, eq=False)
class Given:
    """Who got what a text column names, such as a treatment by its agent.

    codes: int8 array, shape (n,): 1 given, 0 not, -1 not known. denied: the words read as not given.
    unclear: the words of which nobody but a person knows.
    """

    codes: np.ndarray
    denied: tuple[str, ...]
    unclear: tuple[str, ...]


def given(column: RawColumn, variable: Variable, known: Dictionary, typer: Typer, how: ColumnMap = AUTO) -> Given:
    """What a column of texts says of a flag that is inferred from it.

    A word that denies, and a blank cell, is no; a word for missing says nothing; yes is a text that holds one of the
    flag's own words for yes, or any where it has none. All others are unclear, unless the mapping's codes name them, as
    is a text that names what was given beside a denial, a plan or a doubt.
    """
    names, headers = {spelling(w) for w in variable.synonyms.get("yes", ())}, known.headers()
    codes, denied, unclear = [], [], []
    for value in column.uniques:
        is_other = headers.get(normalise(value)) not in (None, variable)
        names_it = any(n in spelling(value) for n in names) and not is_other
        no = value.casefold() in BLANK_WORDS or denies(value) or side_of(value) == "no"
        if typer.among(value, how.missing):
            code = -1
        elif typer.among(value, how.event) or typer.among(value, how.no_event):
            code = int(typer.among(value, how.event))
        elif no and not (names_it and AND_THEN.search(value)):  # "no chemotherapy, nivolumab"
            code = 0
        elif means_missing(value) or typer.is_missing(value, EVENT, how, ()):
            code = -1
        elif side_of(value) == "yes" or ((not names or names_it) and not doubts_given(value)):
            code = 1
        else:
            code = -1
            unclear.append(value)
        if value and code == 0:
            denied.append(value)
        codes.append(code)
    lookup = np.array(codes or [-1], dtype=np.int8)
    shown = lookup[column.codes] if len(column.words) else np.full(len(column.rows), -1, dtype=np.int8)
    return Given(shown, tuple(denied), tuple(unclear))


def state_codes(column: RawColumn, typer: Typer, how: ColumnMap = AUTO) -> ColumnMap | None:
    """A column that says by words who is dead, with its codes; None for any other."""
    if len(column.words) > 2 * MOST_WORDS:  # many more values than there are words for it and for missing
        return None
    missing = [v for v in column.uniques if means_missing(v) or typer.is_missing(v, EVENT, how, ())]
    words = [v for v in column.uniques if v not in missing]
    if len(words) > MOST_WORDS or not tells_life(words, column.header, column.label):
        return None
    said = {v: vital(v) for v in words}
    dead, others = (tuple(v for v in words if (said[v] == "dead") == side) for side in (True, False))
    shown = [f"'{shorten(v, 20)}' ({plural(column.count(column.uniques.index(v)), 'patient')})" for v in dead]
    reason = f"its words say who died: {joined(shown)}" if dead else "its words say that nobody died"
    gone = tuple(v for v in missing if v)
    return replace(how, role="event", event=dead, no_event=others, missing=gone, confidence=0.95, reason=reason)
