"""What a file leaves open and only a person knows, as values: each question with its answers, each answer a mapping.

`questions` collects them from a tuple of askers. A decisive question decides who had the event, when, or who counts:
while one is open no cohort is read, by no door. An answered question leaves a mark in the mapping, so that it isn't
asked again: a column that is certain, codes that name blank cells, or an entry of `Mapping.settled`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations

from necc.core.dictionary import RESPONSES, UNITS, Dictionary, Variable, normalise, plain, side_of, spelling, word_of
from necc.core.errors import Finding, Severity
from necc.core.responses import recist
from necc.core.text import format_number, joined, plural, rows_named, shorten
from necc.ingest.agreement import CODE, LEAVE_OUT, NO_DATE, accounts, given, undated_words, unread
from necc.ingest.codes import EVENT_NO, EVENT_YES, LENGTHS, denies, only_mark, says_response
from necc.ingest.columns import Typer, orders_beside, same_identifiers
from necc.ingest.dates import CLOCK, ISO, exchanged, kinds, parse_dates, year_first
from necc.ingest.direction import direction, meaning
from necc.ingest.mapping import CHOSEN, FLIPPED, ColumnMap, Mapping, ReadOptions, Role
from necc.ingest.naming import cut_names, role_of
from necc.ingest.pairs import Halves, open_pairings
from necc.ingest.patients import Repeats, numbered, repeated_patients
from necc.ingest.raw import RawColumn, RawTable, patients
from necc.ingest.site_words import SiteWords
from necc.ingest.sites import names_sites

UNSURE, NEAR = 0.6, 0.8  # below the first a guess is asked; below the second one that decides a time
MANY_CODES = 3  # up to so many codes any of them together may mean the event
HALF = 0.5  # of the cells, from which on a column isn't what its cut name may mean
MOST = 12  # answers that name one code each


@dataclass(frozen=True)
class Answer:
    """One answer: `name` is a word for the command line, `label` what a person reads, `mapping` the file's with it."""

    name: str
    label: str
    mapping: Mapping


@dataclass(frozen=True)
class Question:
    """What a person is asked about a column, or about the file where `column` is blank.

    code: what kind of question; with the column it is unique. suggested: the name of the answer that is guessed.
    decisive: nothing is read until it is answered; while another is open, its column may stay an extra variable
        (`sets_aside`). instead_of: codes of findings on this column that say the same.
    """

    code: str
    column: str
    text: str
    answers: tuple[Answer, ...]
    suggested: str = ""
    decisive: bool = True
    sets_aside: bool = False
    instead_of: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """How an answer names it: `event:died`."""
        return f"{self.code}:{self.column}"

    def answer(self, name: str) -> Answer | None:
        """The answer of this name, whatever its case."""
        return next((a for a in self.answers if normalise(a.name) == normalise(name)), None)

    def to_dict(self) -> dict[str, object]:
        """The form of `necc check --json`: what is asked, and what to write after --answer."""
        answers = [{"answer": f"{self.key}={a.name}", "label": a.label} for a in self.answers]
        return {"code": self.code, "column": self.column, "text": self.text, "decisive": self.decisive,
                "suggested": self.suggested, "answers": answers}  # fmt: skip

    def how(self) -> str:
        """How to answer it, after what was asked."""
        ways = [f'--answer "{self.key}={a.name}" ({a.label})' for a in self.answers[:6]]
        return f"To answer, choose it where the file was loaded, or on the command line {joined(ways, 'or')}"

    def in_python(self, labels: bool = True) -> str:
        """How to answer it in Python, as an argument of `read_cohort`; with what each answer says, where `labels`."""
        said = [json.dumps(f"{self.key}={a.name}", ensure_ascii=False) for a in self.answers[:6]]
        ways = [
            f"answers=[{text}]{f' ({a.label})' if labels else ''}"
            for text, a in zip(said, self.answers[:6], strict=True)
        ]
        return f"To answer, add {joined(ways, 'or')}" if labels else joined(ways, "or")

    def finding(self) -> Finding:
        """An error while it is open and decides, else a warning."""
        where = f"column '{shorten(self.column)}': " if self.column else ""
        meanwhile = " Until then it is an extra variable." if self.sets_aside else ""
        message = f"{where}{self.text}{meanwhile} {self.how()}"
        severity: Severity = "error" if self.decisive else "warning"
        return Finding(severity, "question", message, 1 if self.column else None, self.column or None)


@dataclass(frozen=True)
class Asking:
    """What an asker looks at. `mapping` is what answers change, `certain` is without the guesses that are asked."""

    raw: RawTable
    dictionary: Dictionary
    mapping: Mapping
    certain: Mapping = Mapping()

    @cached_property
    def typer(self) -> Typer:
        return Typer(self.dictionary, self.raw.decimal)

    @cached_property
    def who(self) -> str:
        """What a row of the file is: no patient while identifiers repeat."""
        names = [c.column for c in self.mapping.columns if c.role in ("identifier", "pseudonym")]
        columns = map(self.raw.column, names)
        return "row" if any(c is not None and (c.counts > 1).any() for c in columns) else "patient"

    def column(self, header: str) -> RawColumn | None:
        """A column with the level names of the mapping."""
        raw, how = self.raw.column(header), self.mapping.column(header)
        if raw is None or how is None:
            return raw
        return raw.relabelled({word: level for level, words in how.levels for word in words})

    def counts(self, how: ColumnMap) -> dict[str, int]:
        """Patients with each value that isn't missing, blank cells aside."""
        raw = self.column(how.column)
        if raw is None:
            return {}
        known = self.dictionary.variables.get(how.variable)
        return {v: raw.count(i) for i, v in enumerate(raw.uniques) if v and not self.typer.is_missing(v, known, how)}

    def blanks(self, how: ColumnMap) -> int:
        """Patients whose cell is blank."""
        raw = self.column(how.column)
        return raw.count(raw.blank) if raw is not None and raw.blank >= 0 else 0

    def decided(self, name: str, label: str, how: ColumnMap, **changes: object) -> Answer:
        """An answer that a column keeps, certain from then on."""
        fields = {"confidence": 1.0, "reason": CHOSEN, **changes}
        decided = replace(how, **fields)  # type: ignore[arg-type]  # the changes are fields of a column
        return Answer(name, label, self.mapping.with_column(decided))

    def settled(self, code: str, column: str, name: str, label: str, mapping: Mapping | None = None) -> Answer:
        """An answer that `Mapping.settled` keeps."""
        return Answer(name, label, (mapping or self.mapping).settle(f"{code}:{column}", name))

    def is_settled(self, code: str, column: str) -> bool:
        return f"{code}:{column}" in dict(self.mapping.settled)


def down_to_the_last_patient(raw: RawTable, mapping: Mapping) -> RawTable:
    """Without headings between the patients, and totals and notes below: they say nothing of what the columns mean."""
    identifier = next((c.column for c in mapping.columns if c.role in ("identifier", "pseudonym")), "")
    places = patients(raw, identifier)
    if len(places) == len(raw) or not len(places):
        return raw
    return replace(raw, columns=tuple(c.take(places) for c in raw.columns), rows=raw.rows[places])


Asker = Callable[[Asking], Iterable[Question]]


def questions(raw: RawTable, dictionary: Dictionary, mapping: Mapping) -> tuple[Question, ...]:
    """All that is open in a file as a mapping reads it, in the order of the askers."""
    raw, result = down_to_the_last_patient(raw, mapping), list[Question]()
    for askers in ASKERS:
        asking = Asking(raw, dictionary, mapping, orders_beside(raw, set_aside(mapping, result))[0])
        result += [question for asker in askers for question in asker(asking)]
    return tuple(result)


def refused(findings: Iterable[Finding], open_ones: Iterable[Question]) -> list[Finding]:
    """With a finding for each question; one that already says what is open says how to answer it."""
    result = list(findings)
    for question in open_ones:
        same = [i for i, f in enumerate(result) if f.column == question.column and f.code in question.instead_of]
        if same:
            first = result[same[0]]
            result[same[0]] = replace(first, message=f"{first.message}. {question.how()}")
        else:
            result.append(question.finding())
    return result


def answered_reading(raw: RawTable, read_options: ReadOptions, answers: Sequence[str]) -> tuple[ReadOptions, list[str]]:
    """How the file is to be read after those answers that say so, and the other answers."""
    left = []
    for text in answers:
        open_ones = tuple(_reading(Asking(raw, plain(), Mapping(read_options=read_options))))
        if way := chosen(text, open_ones):
            read_options = way.mapping.read_options
        else:
            left.append(text)
    return read_options, left


def set_aside(mapping: Mapping, open_ones: Iterable[Question]) -> Mapping:
    """The mapping as it is read while these are open: nothing follows from a guess that is asked."""
    for question in open_ones:
        how = mapping.column(question.column)
        if how is not None and question.sets_aside:
            mapping = mapping.with_column(ColumnMap(how.column, levels=how.levels, missing=how.missing))
        elif how is not None and how.role == "event" and how.confidence < UNSURE:
            mapping = mapping.with_column(replace(how, event=(), no_event=()))
    return mapping


def answered(
    raw: RawTable, dictionary: Dictionary, mapping: Mapping, answers: Sequence[str]
) -> tuple[Mapping, list[Finding]]:
    """The mapping with answers in the form `CODE:COLUMN=NAME`; one may open the question that another answers."""
    left = list(answers)
    while left:
        open_ones = questions(raw, dictionary, mapping)
        given_one = next(((text, answer) for text in left if (answer := chosen(text, open_ones)) is not None), None)
        if given_one is None:
            return mapping, [_unknown_answer(text, open_ones) for text in left]
        left.remove(given_one[0])
        mapping = given_one[1].mapping
    return mapping, []


def _asked(text: str, open_ones: Iterable[Question]) -> tuple[Question, str] | None:
    """The question that an answer is for, and the answer's name; a name may hold `=` as well as a column."""
    for question in open_ones:
        for place in (i for i, letter in enumerate(text) if letter == "="):
            if normalise(text[:place]) == normalise(question.key):
                return question, text[place + 1 :].strip()
    return None


def chosen(text: str, open_ones: Iterable[Question]) -> Answer | None:
    """The answer that a text in the form `CODE:COLUMN=NAME` gives to one of these; None where it is for none."""
    asked = _asked(text, open_ones)
    return asked[0].answer(asked[1]) if asked else None


def _unknown_answer(text: str, open_ones: Sequence[Question]) -> Finding:
    shown = shorten(text, 60)
    if asked := _asked(text, open_ones):
        names = joined([f"'{a.name}'" for a in asked[0].answers], "or")
        return Finding("error", "answer", f"answer '{shown}': '{asked[0].key}' is answered with {names}", value=text)
    keys = joined([f"'{q.key}'" for q in open_ones[:12]]) or "nothing"
    why = "it asks about" if open_ones else "it asks"
    return Finding(
        "error", "answer", f"'{shown}' is no answer here, as the file doesn't ask this; {why} {keys}", value=text
    )


# ---------------------------------------------------------------- events, and yes or no
def _event_codes(asking: Asking) -> Iterator[Question]:
    """Codes of an event that were guessed, or of which nothing says whether they mean it."""
    for how in asking.mapping.columns:
        if how.role != "event" or "" in how.event:
            continue
        counts = asking.counts(how)
        if not counts:
            continue
        open_ones = [v for v in counts if not _is_read(asking, how, v)]
        if not how.event:
            raw = asking.column(how.column)
            side = direction(tuple(counts), how.column, asking.blanks(how) > 0, raw.label if raw else "")
            if open_ones or not side.is_sure:
                yield codes_question(asking, how, counts, side.reason)
        elif how.confidence < UNSURE:
            yield codes_question(asking, how, counts)
        elif open_ones:
            yield _other_code(asking, how, open_ones[0], counts)


def _is_read(asking: Asking, how: ColumnMap, value: str) -> bool:
    """Whether a code of an event has a meaning: by the mapping, or by itself."""
    if not how.event:
        return word_of(value) in {word_of(w) for w in (*EVENT_YES, *EVENT_NO)}
    no_event = [c for c in how.no_event if c]
    return not no_event or asking.typer.among(value, (*how.event, *no_event))


def codes_question(asking: Asking, how: ColumnMap, counts: dict[str, int], why: str = "") -> Question:
    """Which codes of a column mean the event, or yes."""
    of, meaning = sum(counts.values()), happened(asking.dictionary, how)
    values = list(counts)
    if how.event and "" in how.no_event:
        of += asking.blanks(how)
    answers = []
    for chosen in _choices(values, how.event):
        n = sum(counts[v] for v in chosen)
        others = tuple(v for v in values if v not in chosen)
        label = f"{joined([_quoted(v) for v in chosen], 'or')}: {n:,} of {plural(of, asking.who)}"
        blank = ("",) if "" in how.no_event else ()
        name = ",".join(chosen)
        reason = FLIPPED if how.event and set(chosen) != set(how.event) else CHOSEN
        answers.append(asking.decided(name, label, how, event=chosen, no_event=(*others, *blank), reason=reason))
    if how.role == "event" and not how.variable and len(values) > 2:
        answers.append(_causes(asking, how))
    shown = joined([f"{_quoted(v)} ({plural(n, asking.who)})" for v, n in list(counts.items())[:8]])
    reason = why or (how.reason.removeprefix("its name is in the dictionary; ") if how.event else "")
    asked = "yes" if how.role == "flag" else f"that the event happened ({meaning})" if how.role == "event" else meaning
    text = f"which value means {asked}? It holds {shown}." + (f" {reason[:1].upper()}{reason[1:]}." if reason else "")
    suggested = ",".join(v for v in values if v in how.event)
    instead_of = ("event-coding",) if how.role == "event" else ("not-yes-no",)
    return Question("event" if how.role == "event" else "yes", how.column, text, tuple(answers), suggested,
                    instead_of=instead_of)  # fmt: skip


def _causes(asking: Asking, how: ColumnMap) -> Answer:
    """Codes of different events are kept apart: no endpoint, and the causes of 'Competing risks'."""
    column = ColumnMap(how.column, missing=how.missing, reason=CHOSEN)
    kept = tuple(e for e in asking.mapping.endpoints if e.event != how.column)
    mapping = replace(asking.mapping.with_column(column), endpoints=kept)
    return Answer("causes", "different events: keep them apart as causes, for 'Competing risks'", mapping)


def _choices(values: list[str], guessed: Sequence[str]) -> list[tuple[str, ...]]:
    """What may mean the event: the guess first, any of a few codes together, of many codes each by itself."""
    first = tuple(v for v in values if v in guessed)
    sizes = range(1, len(values)) if len(values) <= MANY_CODES else (1,)
    choices = [c for size in sizes for c in combinations(values[:MOST], size)] or [tuple(values)]
    return [*([first] if first else []), *(c for c in choices if c != first)]


def _other_code(asking: Asking, how: ColumnMap, value: str, counts: dict[str, int]) -> Question:
    """A code that the mapping doesn't name, beside those that it does."""
    n, meaning = plural(counts[value], asking.who), happened(asking.dictionary, how)
    text = (
        f"{_quoted(value)} ({n}) is neither a value that means {meaning} nor one that means it didn't happen. What "
        "does it mean?"
    )
    answers = (
        asking.decided("event", f"the event, {n}", how, event=(*how.event, value), reason=how.reason),
        asking.decided("no-event", f"no event, {n}", how, no_event=(*how.no_event, value), reason=how.reason),
        asking.decided("missing", f"not known, {n}", how, missing=(*how.missing, value), reason=how.reason),
    )
    return Question("event", how.column, text, answers, instead_of=("event-coding",))


def _yes_no_codes(asking: Asking) -> Iterator[Question]:
    """Sites and yes/no columns that hold other codes than those for yes and no."""
    for how in asking.mapping.columns:
        if how.role in ("site", "flag") and not how.event and unread_codes(asking, how):
            yield codes_question(asking, how, asking.counts(how))


def unread_codes(asking: Asking, how: ColumnMap) -> tuple[str, ...]:
    """Values of a yes/no column that mean neither yes nor no by themselves, such as the 2 of 1 and 2."""
    variable = asking.dictionary.variables.get(how.variable)
    own = variable.spellings() if variable and variable.synonyms else {}
    values = tuple(asking.counts(how))
    if how.role == "site" and only_mark(values):
        return ()
    return tuple(v for v in values if not (side_of(v) or spelling(v) in own))


def happened(dictionary: Dictionary, how: ColumnMap) -> str:
    """What a yes of a column means, after "means": died, recurred here: lung."""
    known = dictionary.variables.get(how.variable)
    if how.role == "site":
        organ = dictionary.organs.get(how.site)
        return f"recurred here: {small(organ.label) if organ else shorten(how.site or how.column, 30)}"
    if how.role == "flag":
        return "yes"
    return small(known.label) if known and known.kind == "event" else "had the event"


def small(label: str) -> str:
    """A label inside a sentence; short forms keep their capitals."""
    return f"{label[:1].lower()}{label[1:]}" if label[1:2].islower() else label


def _quoted(value: str) -> str:
    return f"'{shorten(value, 30)}'" if value else "blank"


# ---------------------------------------------------------------- units, dates, editions
def _units(asking: Asking) -> Iterator[Question]:
    for how in asking.mapping.columns:
        if how.role == "time" and how.confidence < UNSURE:
            answers = [asking.decided(unit, unit, how, unit=unit) for unit in UNITS]
            yield Question("unit", how.column, f"in which unit is this time? ({how.reason})", tuple(answers), how.unit)
        known = asking.dictionary.variables.get(how.variable)
        if how.role == "number" and known is not None and known.unit in LENGTHS and how.confidence < UNSURE:
            answers = [asking.decided(unit, unit, how, unit=unit) for unit in LENGTHS]
            text = f"in which unit is this {small(known.label)}? ({how.reason})"
            yield Question("unit", how.column, text, tuple(answers), how.unit, decisive=False, sets_aside=True)


def _date_orders(asking: Asking) -> Iterator[Question]:
    for how in asking.mapping.columns:
        certain = asking.certain.column(how.column)
        if how.role != "date" or how.date_order or (certain is not None and certain.date_order):
            continue
        raw, values = asking.column(how.column), list(asking.counts(how))
        if raw is None or not parse_dates(values).question:
            continue
        orders = ("year-first", "day-month", "month-day") if year_first(values) else ("day-month", "month-day")
        read = {o: str(parse_dates(values[:1], o).values[0])[:10] for o in orders}
        read = {o: day for o, day in read.items() if day != "NaT"}
        answers = [asking.decided(o, f"{o} ({day})", how, date_order=o) for o, day in read.items()]
        text = f"in which order is the date {values[0]} written?"
        yield Question("date-order", how.column, text, tuple(answers), instead_of=("date-order",))


def _swapped_dates(asking: Asking) -> Iterator[Question]:
    """Whether Excel exchanged day and month where it could: then all days of date cells are 12 or less, and no text's.

    Once one column of the file shows it, it is asked of each whose date cells allow it.
    """
    dates = [how for how in asking.mapping.columns if how.role == "date"]
    found = {how.column: kinds(asking.counts(how)) for how in dates}
    if not any(k.is_divided for k in found.values()):
        return
    for how in dates:
        kind = found[how.column]
        if how.date_order or asking.is_settled("date-swap", how.column):
            continue
        if not kind.may_be_swapped or (kind.n_texts and not kind.needs_order):
            continue
        counts = asking.counts(how)
        cells = [v for v in counts if re.match(ISO, CLOCK.sub("", v))]
        first = next(v for v in cells if exchanged(v) != v)
        n = sum(counts[v] for v in cells)
        text = (
            f"no day of its {plural(n, 'date cell')} is above 12"
            f"{', and every day of its dates as text is' if kind.n_texts else ', as in other columns of this file'}: "
            "so it looks when Excel opens a file of another order of day and month, and exchanges them where it can. "
            f"Is {first} meant as {exchanged(first)}?"
        )
        answers = (
            asking.decided("swapped", f"exchanged: read {first} as {exchanged(first)}", how, date_order="swapped"),
            asking.settled("date-swap", how.column, "right", "right as they are"),
        )
        yield Question("date-swap", how.column, text, answers)


def _editions(asking: Asking) -> Iterator[Question]:
    """The edition of a staging that neither heading nor stages tell; it decides no event and no time."""
    for how in asking.mapping.columns:
        editions = editions_of(asking.dictionary, how.variable)
        if how.confidence >= UNSURE or len(editions) < 2:
            continue
        staging = asking.dictionary.variables[how.variable].label.partition(" (")[0]
        answers = [asking.decided(v.edition, e, how, role="category", variable=v.name) for e, v in editions.items()]
        answers.append(asking.decided("neither", "Neither", how, role="auto", variable=""))
        text = f"of which edition is this {staging}? IB1 means another size in 2018 than before. ({how.reason})"
        yield Question("edition", how.column, text, tuple(answers), decisive=False, sets_aside=True)


def _near_names(asking: Asking) -> Iterator[Question]:
    """Dates whose name is only near a known one: they would decide times."""
    for how in asking.mapping.columns:
        known = asking.dictionary.variables.get(how.variable)
        if how.role != "date" or known is None or not UNSURE <= how.confidence < NEAR:
            continue
        text = f"is this the {small(known.label)}? Its name is near, and {how.reason}."
        answers = (
            asking.decided("yes", f"Yes: {small(known.label)}", how),
            asking.decided("no", "No, another date", how, variable=""),
        )
        yield Question("meaning", how.column, text, answers, decisive=False, sets_aside=True)


def _cut_names(asking: Asking) -> Iterator[Question]:
    """Names cut to 8 letters that may be the beginning of several known ones, whose values fit."""
    words = None
    for header, variables in cut_names(asking.raw.headers, asking.dictionary).items():
        how, column = asking.mapping.column(header), asking.column(header)
        if how is None or column is None or len(variables) < 2 or how.confidence >= 1 or how.role == "drop":
            continue
        if asking.is_settled("meaning", header):
            continue
        words = words or SiteWords(asking.dictionary.organ_words())
        ways = [(v, _as_cut(asking, column, how, v, words)) for v in variables]
        fitting = [(v, one) for v, one in ways if one is not None]
        answers = [asking.decided(v.name, small(v.label), one) for v, one in fitting]
        if not answers:
            continue
        answers.append(asking.settled("meaning", header, "none", "none of them"))
        text = f"its name is cut to {len(header)} letters. Is it {joined([a.label for a in answers[:-1]], 'or')}?"
        decisive = any(one.role in ("event", "date", "time") for _, one in fitting)
        yield Question("meaning", header, text, tuple(answers), decisive=decisive, sets_aside=True)


def _as_cut(
    asking: Asking, column: RawColumn, how: ColumnMap, variable: Variable, words: SiteWords
) -> ColumnMap | None:
    """A column as a variable; None where most of its values don't fit."""
    one = ColumnMap(column.header, role_of(variable), variable.name, site=variable.site, missing=how.missing)
    if variable.kind == "event":
        side = direction(tuple(asking.counts(one)), column.header, column.blank >= 0, column.label)
        one = replace(one, event=side.event, no_event=side.no_event) if side.is_sure else one
        return one if side.event else None
    if variable.kind == "sites":
        return one if names_sites(column, words) > HALF else None
    typed = asking.typer.typed(column, variable, one)
    misfits = sum(f.n for f in typed.findings if f.severity == "error" or f.code == "unknown-response")
    return one if misfits < HALF * len(column.codes) else None


def editions_of(known: Dictionary, name: str) -> dict[str, Variable]:
    """The editions of a staging, by the years that a cell may say beside the stage; none for any other variable."""
    if name not in known.variables or not known.variables[name].edition:
        return {}
    variables = [v for v in known.variables.values() if v.edition]
    return {joined([w for w in v.strip if w.isdigit()], "or") or v.edition: v for v in variables}


# ---------------------------------------------------------------- blank cells
def _blanks(asking: Asking) -> Iterator[Question]:
    """Columns in which blank cells decide: only a yes is written, so a blank is a no, or isn't known.

    A site that is marked is a convention of its own: blank is no.
    """
    mapped = {how.variable for how in asking.mapping.columns if how.variable}
    agents = {v.given_if for v in asking.dictionary.variables.values() if v.given_if and v.name not in mapped}
    for how in asking.mapping.columns:
        if asking.is_settled("blank", how.column):
            continue
        if how.role == "event" or how.variable in agents or (how.role in ("flag", "auto") and not how.levels):
            yield from _blank(asking, how, how.variable in agents)


def _blank(asking: Asking, how: ColumnMap, agent: bool) -> Iterator[Question]:
    n, named = asking.blanks(how), (*how.event, *how.no_event, *how.missing)
    if not n or ("" in named and how.confidence >= 1):
        return
    counts = asking.counts(how)
    says = _names_one if agent else partial(_says_yes, asking, how)
    yes = tuple(v for v in counts if says(v))
    if not yes or len(yes) < len(counts) or (len(counts) > 1 and how.role == "auto" and not agent):
        return
    cells, meaning = (
        f"{plural(n, asking.who)}",
        "given" if agent else "yes" if how.role == "auto" else happened(asking.dictionary, how),
    )
    negated = "" in how.event
    shown = joined([f"{_quoted(v)} ({plural(c, asking.who)})" for v, c in list(counts.items())[:6]])
    many = f" and {len(counts) - 6} more" if len(counts) > 6 else ""
    text = (
        f"it holds only {shown}{many} and blank cells ({cells}), so blank decides. Do blank cells mean "
        f"{'that the event happened' if negated else 'no'}, or that it isn't known?"
    )
    gone = tuple(v for v in how.missing if v)
    role: Role = "flag" if how.role == "auto" else how.role
    codes = {} if agent else {"event": yes, "no_event": tuple(v for v in how.no_event if v)}
    if negated:
        first = asking.decided("event", f"blank is the event: {cells} with it", how, event=("",), no_event=yes)
        codes = {"event": (), "no_event": yes}
    else:
        changes: dict[str, object] = {**codes, "no_event": (*codes.get("no_event", how.no_event), ""), "role": role}
        first = asking.decided("no", f"blank is no: {cells} {_not(meaning)}", how, missing=gone, **changes)
    unknown = asking.decided("unknown", f"blank isn't known: {cells} not counted here", how, missing=(*gone, ""),
                             **codes, role=role)  # fmt: skip
    decisive = agent or how.role == "event" or how.variable in asking.dictionary.roles.values() or _treats(asking, how)
    if not decisive and normalise(how.column) == normalise(how.variable):
        return  # a column of the template, where blank is "not recorded"
    yield Question("blank", how.column, text, (first, unknown), decisive=decisive)


def _names_one(value: str) -> bool:
    """Whether a word of an agent's column names one; a denial beside it says how a no is written."""
    return not denies(value) and side_of(value) != "no"


def _says_yes(asking: Asking, how: ColumnMap, value: str) -> bool:
    """Whether a value is a yes; of an event under a heading that negates it, whether it is its no."""
    if how.event == ("",):
        return asking.typer.among(value, how.no_event)
    if how.event:
        return asking.typer.among(value, how.event)
    return side_of(value) == "yes" or (how.role == "auto" and only_mark([value]))


def _not(meaning: str) -> str:
    return {"given": "without it", "yes": "with a no"}.get(meaning, "without the event")


def _treats(asking: Asking, how: ColumnMap) -> bool:
    """Whether a column says who was treated, the patients of the analysis of responses."""
    known = asking.dictionary.variables.get(how.variable)
    return known is not None and bool(known.given_if)


# ---------------------------------------------------------------- columns that tell of the same thing
def _disagreements(asking: Asking) -> Iterator[Question]:
    """Which column counts where two contradict each other on who had an event."""
    columns = tuple(c for h in asking.raw.headers if (c := asking.column(h)) is not None)
    for account in accounts(replace(asking.raw, columns=columns), asking.dictionary, asking.certain, asking.typer):
        n = int(account.disputed.sum())
        if not n or asking.is_settled(CODE, account.key):
            continue
        answers = []
        for teller in account.disputing:
            had = int((account.resolved(teller.column) == 1).sum())
            label = f"{teller.named()} counts: {plural(had, asking.who)} with the event"
            answers.append(asking.settled(CODE, account.key, teller.column, label))
        label = f"leave the {plural(n, asking.who)} out of what needs this event"
        answers.append(asking.settled(CODE, account.key, LEAVE_OUT, label))
        text = (
            f"{joined([t.named() for t in account.disputing])} disagree on '{small(account.label)}' of "
            f"{plural(n, asking.who)} ({rows_named(account.rows[account.disputed])}). Which of them counts?"
        )
        yield Question(CODE, account.key, text, tuple(answers), instead_of=(CODE, "event-against-date"))


def _unread_states(asking: Asking) -> Iterator[Question]:
    """Whether a code means an event that would be read from its date alone, though some with the code have no date."""
    for one in unread(asking.raw, asking.dictionary, asking.mapping, asking.typer):
        how = asking.mapping.column(one.column) or ColumnMap(one.column)
        if asking.is_settled("state", one.column):
            continue
        label = small(asking.dictionary.variables[one.event].label)
        text = (
            f"{_quoted(one.code)} stands for all {plural(one.n_with, asking.who)} with a date of the event '{label}', "
            f"and for {one.n_without} without one, who would count as free of it. Does {_quoted(one.code)} mean "
            f"'{label}'?"
        )
        changes = {"role": "event", "variable": one.event, "event": (one.code,), "no_event": one.others, "levels": ()}
        yes = f"yes: {plural(one.n_with + one.n_without, asking.who)} with the event"
        no = f"no: {plural(one.n_with, asking.who)} with the event, by the date"
        answers = (
            asking.decided("yes", yes, how, **changes),
            asking.settled("state", one.column, "no", no),
        )
        yield Question("state", one.column, text, answers)


def _undated(asking: Asking) -> Iterator[Question]:
    """Whether a word such as `unknown` among the dates of an event means the event, where nothing else says who had it.

    A blank cell is no event; the word may stand for an event whose date nobody knows.
    """
    for one in undated_words(asking.raw, asking.dictionary, asking.mapping, asking.typer):
        how = asking.mapping.column(one.column) or ColumnMap(one.column)
        label, patients = small(asking.dictionary.variables[one.event].label), plural(one.n, asking.who)
        words = joined([_quoted(v) for v in one.words[:MOST]], "or")
        text = (
            f"{patients} with {words}, and {one.n_dated:,} with a date, which means '{label}'. Does {words} mean that "
            "it happened on a day that isn't known, or that it didn't happen?"
        )
        gone = tuple(v for v in how.missing if v not in one.words)
        answers = (
            asking.decided("event", f"it happened: {plural(one.n_dated + one.n, asking.who)} with the event", how,
                           event=(*how.event, *one.words), missing=gone),
            asking.decided("no-event", f"it didn't: {plural(one.n_dated, asking.who)} with the event", how,
                           no_event=(*how.no_event, *one.words), missing=gone),
            asking.settled(NO_DATE, one.column, "unknown", f"not known: {patients} left out of what needs this event"),
        )  # fmt: skip
        yield Question(NO_DATE, one.column, text, answers)


def _given(asking: Asking) -> Iterator[Question]:
    """Which words of a column mean that what it names was given, where a yes or no is inferred from it."""
    mapped = {how.variable: how for how in asking.mapping.columns if how.variable}
    for variable in asking.dictionary.variables.values():
        how = mapped.get(variable.given_if)
        column = asking.column(how.column) if how else None
        if how is None or column is None or variable.name in mapped:
            continue
        unclear = given(column, variable, asking.dictionary, asking.typer, how).unclear
        if not unclear:
            continue
        counts = {v: column.count(column.uniques.index(v)) for v in unclear}
        shown = joined([f"{_quoted(v)} ({plural(n, asking.who)})" for v, n in list(counts.items())[:8]])
        ways = [unclear, *(c for c in _choices(list(unclear), ()) if c != unclear), ()]
        answers = [_given_as(asking, how, counts, unclear, chosen) for chosen in ways]
        if len(unclear) > MANY_CODES:  # any others of them together: word by word
            first = unclear[:1]
            answers = [_given_as(asking, how, counts, unclear, chosen) for chosen in (unclear, ())]
            label = f"{_quoted(first[0])} was {{}}given ({plural(counts[first[0]], asking.who)}); then the next"
            answers += [
                asking.decided("given", label.format(""), how, event=(*how.event, *first)),
                asking.decided("not-given", label.format("not "), how, no_event=(*how.no_event, *first)),
            ]
        answers.append(asking.decided("unknown", "not known", how, missing=(*how.missing, *unclear)))
        text = f"which of these words mean that it was given ({small(variable.label)})? {shown}."
        yield Question("given", how.column, text, tuple(answers))


def _given_as(
    asking: Asking, how: ColumnMap, counts: dict[str, int], unclear: Sequence[str], chosen: Sequence[str]
) -> Answer:
    """Some of the unclear words mean given, and the others not."""
    n = sum(counts[v] for v in chosen)
    shown = joined([_quoted(v) for v in chosen[:MOST]], "and") or "none of them"
    name = ",".join(chosen) if len(chosen) < len(unclear) else "all"
    codes = {"event": (*how.event, *chosen), "no_event": (*how.no_event, *(v for v in unclear if v not in chosen))}
    return asking.decided(name or "none", f"{shown}: given to {plural(n, asking.who)}", how, **codes)


def _same_patients(asking: Asking) -> Iterator[Question]:
    """Whether identifiers that differ only by case, zeros, signs or a sample's number are one patient."""
    for how in asking.mapping.columns:
        column = asking.column(how.column)
        if how.role not in ("identifier", "pseudonym") or column is None or asking.is_settled("same-id", how.column):
            continue
        unseen = {tuple(places) for places in same_identifiers(column, strictly=True)}
        pairs = [places for places in same_identifiers(column) if tuple(places) not in unseen]
        pairs = [p for p in pairs if not all(asking.typer.is_nobody(column.uniques[i], how) for i in p)]
        pairs += [[column.uniques.index(v) for v in values] for values in numbered(column.uniques)]
        if not pairs:
            continue
        shown = [
            joined([f"{_quoted(column.uniques[i])} (row {column.first_row(i)})" for i in places], "and")
            for places in pairs[:5]
        ]
        rest = f", and {len(pairs) - 5} more" if len(pairs) > 5 else ""
        text = (
            f"{'; '.join(shown)}{rest}: the same patient twice, or different ones? If they are the same, keep one "
            "row of each in the file."
        )
        answers = [asking.settled("same-id", how.column, "different", "different patients")]
        yield Question("same-id", how.column, text, tuple(answers))


def _rows_of_patients(asking: Asking) -> Iterator[Question]:
    """Whether rows to which a record number, a name or the like gives the same patient are one."""
    for found in repeated_patients(asking.raw, asking.mapping):
        column = found.names[0]
        if asking.is_settled("same-patient", column):
            continue
        rows = [rows_named(asking.raw.rows[list(places)].tolist()) for places in found.groups[:5]]
        rest = f", and {len(found.groups) - 5} more" if len(found.groups) > 5 else ""
        named = joined([_quoted(name) for name in found.names], "and")
        text = (
            f"{'; '.join(rows)}{rest} have the same {named} under different identifiers or none: the same patient "
            f"several times, or different ones? By {named} the {len(asking.raw):,} rows are "
            f"{plural(found.n, 'patient')}. If they are the same, keep one row of each in the file."
        )
        answers = [asking.settled("same-patient", column, "different", "different patients")]
        if len(found.names) == 1:
            label = f"{_quoted(column)} identifies the patients: {plural(found.n, 'patient')}"
            answers.append(Answer("identifies", label, _identified_by(asking, found)))
        yield Question("same-patient", column, text, tuple(answers))


def _identified_by(asking: Asking, found: Repeats) -> Mapping:
    """The mapping with another column that identifies; the former one stays as a text."""
    mapping, name = asking.mapping, ""
    if mapping.dictionary:
        name = next((v.name for v in asking.dictionary.variables.values() if v.kind == "identifier"), "")
    for how in mapping.columns:
        if how.role in ("identifier", "pseudonym"):
            mapping = mapping.with_column(ColumnMap(how.column, "text", reason=CHOSEN))
    role: Role = "pseudonym" if found.private else "identifier"
    return mapping.with_column(ColumnMap(found.names[0], role, name, reason=CHOSEN))


def _responses(asking: Asking) -> Iterator[Question]:
    """Which category a word means that is no response known here; only rates of this column wait for it."""
    for how in asking.mapping.columns:
        known = asking.dictionary.variables.get(how.variable)
        if how.role != "response" and (known is None or known.kind != "response"):
            continue
        counts = asking.counts(replace(how, role="response"))
        value = next((v for v in counts if not recist(v)), "")
        if not value:
            continue
        answers = [
            asking.decided(level, level, how, levels=_with_word(how, level, value), reason=how.reason)
            for level in RESPONSES
        ]
        answers.append(asking.decided("missing", "not known", how, missing=(*how.missing, value), reason=how.reason))
        text = f"which response does {_quoted(value)} ({plural(counts[value], asking.who)}) mean?"
        if says_response(value):
            text += " It may be no response, which is SD or PD, not evaluable, or not recorded."
        yield Question("response", how.column, text, tuple(answers), decisive=False, instead_of=("unknown-response",))


def _with_word(how: ColumnMap, level: str, word: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    levels = dict(how.levels)
    return tuple({**levels, level: (*levels.get(level, ()), word)}.items())


# ---------------------------------------------------------------- how the file is opened
NOT_NUMBERS = ("identifier", "pseudonym", "date", "site", "sites", "category", "response", "text", "event", "drop")


def _reading(asking: Asking) -> Iterator[Question]:
    """What opening the file left open: its sheet, rows that it hides, the sign of its decimals."""
    mapping = asking.mapping
    for choice in asking.raw.choices:
        columns = [c for c in choice.columns if _may_be_numbers(asking, c)]
        if choice.columns and not columns:
            continue
        answers = tuple(
            Answer(name, label, replace(mapping, read_options=mapping.read_options.answered(choice.option, value)))
            for name, label, value in choice.ways
        )
        column = columns[0] if len(columns) == 1 else ""
        decisive = not choice.fields or bool({normalise(f) for f in choice.fields} & asking.dictionary.headers().keys())
        yield Question(choice.code, column, choice.text, answers, decisive=decisive)


def _may_be_numbers(asking: Asking, header: str) -> bool:
    how = asking.mapping.column(header)
    variable = asking.dictionary.variables.get(how.variable) if how else None
    return (how is None or how.role not in NOT_NUMBERS) and (variable is None or variable.kind == "number")


# ---------------------------------------------------------------- endpoints
def _pairs(asking: Asking) -> Iterator[Question]:
    """Times and events of which several may belong together; yes/no columns that nothing names an event."""
    for halves, pairing in open_pairings(asking.raw, asking.dictionary, asking.mapping):
        if asking.is_settled("pair", pairing.key):
            continue
        answers = []
        for time in pairing.times:
            for event in pairing.events:
                name = time if len(pairing.times) > 1 else event
                label = f"{_quoted(time)} with {_quoted(event)}: {halves.facts(time, event)}"
                answers.append(Answer(name, label, halves.with_pair(time, event, pairing)))
        none = asking.settled("pair", pairing.key, "none", "none of them: no endpoint")
        if pairing.doubt:
            text = f"{pairing.doubt}. Does it say who had the event by then?"
        elif len(pairing.times) > 1:
            text = f"{_quoted(pairing.events[0])} may be the event of several times. Which time belongs to it?"
        elif pairing.named:
            text = f"several columns may say who had the event by {_quoted(pairing.times[0])}. Which one does?"
        else:
            text = f"{_quoted(pairing.times[0])} looks like a time. Does a column say who had the event by then?"
        yield Question("pair", pairing.key, text, (*answers, none), decisive=pairing.named)


def _reversed(asking: Asking) -> Iterator[Question]:
    """Codes of an event that may stand the other way round: those with it were clearly followed longer."""
    halves, asked = Halves(asking.raw, asking.dictionary, asking.mapping), set()
    for time, event in halves.endpoints:
        how, raw = asking.mapping.column(event), asking.column(event)
        if how is None or raw is None or event in asked or how.reason.startswith((CHOSEN, FLIPPED)):
            continue
        if asking.is_settled("direction", event) or how.confidence < UNSURE and how.event:
            continue
        values = tuple(asking.counts(how))
        side = direction(values, event, raw.blank >= 0, raw.label)
        odd = halves.followed(time, event)
        if odd is None or not odd.is_odd or any(meaning(v) in ("event", "none") for v in values):
            continue
        yes = tuple(v for v in values if asking.typer.among(v, how.event or side.event))
        no = tuple(v for v in values if v not in yes)
        if not yes or not no:
            continue
        asked.add(event)
        answers = []
        for chosen, others, reason in ((yes, no, CHOSEN), (no, yes, FLIPPED)):
            label = f"{joined([_quoted(v) for v in chosen], 'or')}: {halves.facts(time, event, chosen)}"
            answer = asking.decided(
                ",".join(chosen), label, how, role="event", event=chosen, no_event=others, reason=reason
            )
            mapping = answer.mapping.settle(f"direction:{event}", answer.name)
            answers.append(replace(answer, mapping=mapping))
        codes_shown = joined([_quoted(v) for v in yes], "or")
        text = (
            f"the {plural(odd.n_event, asking.who)} with {codes_shown}, read as the event, were followed longer "
            f"(median {format_number(odd.median_event, 1)}) than the {odd.n_none:,} others "
            f"({format_number(odd.median_none, 1)}), as if the codes stood the other way round. Which code means "
            f"{happened(asking.dictionary, how)}?"
        )
        yield Question("direction", event, text, tuple(answers), ",".join(yes))


def _lacking(asking: Asking) -> Iterator[Question]:
    """Endpoints of the dictionary whose time is there and whose event may be a column of another name."""
    halves = Halves(asking.raw, asking.dictionary, asking.mapping)
    for endpoint, time, parts in halves.lacking:
        if asking.is_settled("event-of", time):
            continue
        labels = {p.header: f"{_quoted(p.header)}: {halves.facts(time, p.header)}" for p in parts}
        answers = [Answer(header, label, halves.with_event(endpoint, header)) for header, label in labels.items()]
        none = asking.settled("event-of", time, "none", f"none: {endpoint.name} has no event")
        known = asking.dictionary.variables.get(endpoint.event)
        what = small(known.label) if known else "had the event"
        text = f"this is a time of {endpoint.name}, and no column says who {what}. Does one of these?"
        yield Question("event-of", time, text, (*answers, none))


# what one column leaves open, then what follows from several: that is asked of what is certain
ASKERS: tuple[tuple[Asker, ...], ...] = (
    (
        _reading,
        _lacking,
        _pairs,
        _event_codes,
        _yes_no_codes,
        _blanks,
        _units,
        _date_orders,
        _swapped_dates,
        _editions,
        _near_names,
        _cut_names,
    ),
    (_reversed, _disagreements, _unread_states, _undated, _given, _same_patients, _rows_of_patients, _responses),
)
