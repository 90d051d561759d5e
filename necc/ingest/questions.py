"""What a file leaves open and only a person knows, as values: each question with its answers, each answer a mapping.

`questions` collects them from a tuple of askers. A decisive question decides who had the event, when, or who counts:
while one is open no cohort is read, by no door. An answered question leaves a mark in the mapping, so that it isn't
asked again: a column that is certain, codes that name blank cells, or an entry of `Mapping.settled`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from necc.core.dictionary import RESPONSES, UNITS, Dictionary, Variable, normalise, plain, side_of, spelling, word_of
from necc.core.errors import Finding
from necc.core.responses import recist
from necc.core.text import joined, plural, rows_named, shorten
from necc.ingest.agreement import CODE, LEAVE_OUT, accounts, given
from necc.ingest.codes import EVENT_NO, EVENT_YES, only_mark
from necc.ingest.columns import Typer, same_identifiers
from necc.ingest.dates import parse_dates
from necc.ingest.direction import direction
from necc.ingest.mapping import ColumnMap, Mapping, ReadOptions
from necc.ingest.raw import RawColumn, RawTable

UNSURE = 0.6  # below it a guess is asked
CHOSEN, FLIPPED = "chosen by a person", "flipped by a person"
BLANK = "blank"  # an answer's name of blank cells
MANY_CODES = 3  # up to so many codes any of them together may mean the event
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
    decisive: nothing is read until it is answered. instead_of: codes of errors on this column that say the same.
    """

    code: str
    column: str
    text: str
    answers: tuple[Answer, ...]
    suggested: str = ""
    decisive: bool = True
    instead_of: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """How an answer names it: `event:died`."""
        return f"{self.code}:{self.column}"

    def answer(self, name: str) -> Answer | None:
        """The answer of this name, whatever its case."""
        return next((a for a in self.answers if normalise(a.name) == normalise(name)), None)

    def how(self) -> str:
        """How to answer it, after what was asked."""
        ways = [f'--answer "{self.key}={a.name}" ({a.label})' for a in self.answers[:6]]
        return f"Answer it where the file was loaded, or on the command line with {joined(ways, 'or')}"

    def finding(self) -> Finding:
        """The refusal of a file in which it is open."""
        where = f"column '{shorten(self.column)}': " if self.column else ""
        column = self.column or None
        return Finding("error", "question", f"{where}{self.text} {self.how()}", 1 if column else None, column)


@dataclass(frozen=True)
class Asking:
    """What an asker looks at."""

    raw: RawTable
    dictionary: Dictionary
    mapping: Mapping

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


Asker = Callable[[Asking], Iterable[Question]]


def questions(raw: RawTable, dictionary: Dictionary, mapping: Mapping) -> tuple[Question, ...]:
    """All that is open in a file as a mapping reads it, in the order of the askers."""
    asking = Asking(raw, dictionary, mapping)
    return tuple(question for asker in ASKERS for question in asker(asking))


def refused(findings: Iterable[Finding], open_ones: Iterable[Question]) -> list[Finding]:
    """With an error for each decisive question; an error that already says what is open says how to answer it."""
    result = list(findings)
    for question in open_ones:
        if not question.decisive:
            continue
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
        if chosen := _chosen(text, open_ones):
            read_options = chosen.mapping.read_options
        else:
            left.append(text)
    return read_options, left


def answered(
    raw: RawTable, dictionary: Dictionary, mapping: Mapping, answers: Sequence[str]
) -> tuple[Mapping, list[Finding]]:
    """The mapping with answers in the form `CODE:COLUMN=NAME`; one may open the question that another answers."""
    left = list(answers)
    while left:
        open_ones = questions(raw, dictionary, mapping)
        chosen = next(((text, answer) for text in left if (answer := _chosen(text, open_ones)) is not None), None)
        if chosen is None:
            return mapping, [_unknown_answer(text, open_ones) for text in left]
        left.remove(chosen[0])
        mapping = chosen[1].mapping
    return mapping, []


def _asked(text: str, open_ones: Iterable[Question]) -> tuple[Question, str] | None:
    """The question that an answer is for, and the answer's name; a name may hold `=` as well as a column."""
    for question in open_ones:
        for place in (i for i, letter in enumerate(text) if letter == "="):
            if normalise(text[:place]) == normalise(question.key):
                return question, text[place + 1 :].strip()
    return None


def _chosen(text: str, open_ones: Iterable[Question]) -> Answer | None:
    asked = _asked(text, open_ones)
    return asked[0].answer(asked[1]) if asked else None


def _unknown_answer(text: str, open_ones: Sequence[Question]) -> Finding:
    shown = shorten(text, 60)
    if asked := _asked(text, open_ones):
        names = joined([f"'{a.name}'" for a in asked[0].answers], "or")
        return Finding("error", "answer", f"answer '{shown}': '{asked[0].key}' is answered with {names}")
    keys = joined([f"'{q.key}'" for q in open_ones[:12]]) or "nothing"
    why = "it asks about" if open_ones else "it asks"
    return Finding("error", "answer", f"answer '{shown}': the file doesn't ask this; {why} {keys}")


# ---------------------------------------------------------------- events, and yes or no
def _event_codes(asking: Asking) -> Iterator[Question]:
    """Codes of an event that were guessed, or of which nothing says whether they mean it."""
    for how in asking.mapping.columns:
        if how.role != "event":
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
    shown = joined([f"{_quoted(v)} ({plural(n, asking.who)})" for v, n in list(counts.items())[:8]])
    reason = why or (how.reason if how.event else "")
    text = f"which value means {meaning}? It holds {shown}." + (f" {reason[:1].upper()}{reason[1:]}." if reason else "")
    suggested = ",".join(v for v in values if v in how.event)
    instead_of = ("event-coding",) if how.role == "event" else ("not-yes-no",)
    return Question("event" if how.role == "event" else "yes", how.column, text, tuple(answers), suggested,
                    instead_of=instead_of)  # fmt: skip


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


def _date_orders(asking: Asking) -> Iterator[Question]:
    for how in asking.mapping.columns:
        if how.role != "date" or how.date_order:
            continue
        raw, values = asking.column(how.column), list(asking.counts(how))
        if raw is None or not parse_dates(values).question:
            continue
        read = {o: str(parse_dates(values[:1], o).values[0])[:10] for o in ("day-month", "month-day")}
        answers = [asking.decided(o, f"{o} ({day})", how, date_order=o) for o, day in read.items()]
        text = f"in which order is the date {values[0]} written?"
        yield Question("date-order", how.column, text, tuple(answers), instead_of=("date-order",))


def _editions(asking: Asking) -> Iterator[Question]:
    """The edition of a staging that neither heading nor stages tell; it decides no event and no time."""
    for how in asking.mapping.columns:
        editions = editions_of(asking.dictionary, how.variable)
        if how.confidence >= UNSURE or len(editions) < 2:
            continue
        staging = asking.dictionary.variables[how.variable].label.partition(" (")[0]
        answers = [asking.decided(v.edition, e, how, role="category", variable=v.name) for e, v in editions.items()]
        answers.append(asking.decided("neither", "Neither", how, role="auto", variable=""))
        text = f"of which edition is this {staging}?"
        yield Question("edition", how.column, text, tuple(answers), decisive=False)


def editions_of(known: Dictionary, name: str) -> dict[str, Variable]:
    """The editions of a staging, by the years that a cell may say beside the stage; none for any other variable."""
    if name not in known.variables or not known.variables[name].edition:
        return {}
    variables = [v for v in known.variables.values() if v.edition]
    return {joined([w for w in v.strip if w.isdigit()], "or") or v.edition: v for v in variables}


# ---------------------------------------------------------------- columns that tell of the same thing
def _disagreements(asking: Asking) -> Iterator[Question]:
    """Which column counts where two contradict each other on who had an event."""
    columns = tuple(c for h in asking.raw.headers if (c := asking.column(h)) is not None)
    for account in accounts(replace(asking.raw, columns=columns), asking.dictionary, asking.mapping, asking.typer):
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
        answers = []
        for chosen in [unclear, *(c for c in _choices(list(unclear), ()) if c != unclear), ()]:
            others = tuple(v for v in unclear if v not in chosen)
            n = sum(counts[v] for v in chosen)
            label = f"{joined([_quoted(v) for v in chosen], 'and') or 'none of them'}: given to {plural(n, asking.who)}"
            name = ",".join(chosen) if len(chosen) < len(unclear) else "all"
            answers.append(
                asking.decided(
                    name or "none", label, how, event=(*how.event, *chosen), no_event=(*how.no_event, *others)
                )
            )
        text = f"which of these words mean that it was given ({small(variable.label)})? {shown}."
        yield Question("given", how.column, text, tuple(answers))


def _same_patients(asking: Asking) -> Iterator[Question]:
    """Whether identifiers that differ only by case or leading zeros are one patient; the file then has her twice."""
    for how in asking.mapping.columns:
        column = asking.column(how.column)
        if how.role not in ("identifier", "pseudonym") or column is None or asking.is_settled("same-id", how.column):
            continue
        unseen = {tuple(places) for places in same_identifiers(column, strictly=True)}
        pairs = [places for places in same_identifiers(column) if tuple(places) not in unseen]
        pairs = [p for p in pairs if not all(asking.typer.is_nobody(column.uniques[i], how) for i in p)]
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
        yield Question("response", how.column, text, tuple(answers), decisive=False)


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


ASKERS: tuple[Asker, ...] = (
    _reading, _event_codes, _yes_no_codes, _disagreements, _given, _same_patients, _responses, _units, _date_orders,
    _editions,
)  # fmt: skip
