"""A raw table, a dictionary and a mapping to a `Cohort`; everything found on the way is told at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypedDict, cast

import numpy as np
import pandas as pd

from necc.core.arguments import public
from necc.core.cohort import FLAG_LEVELS, Cohort, Source
from necc.core.counts import Wanted, asked_for, countable
from necc.core.dictionary import (
    DAYS_PER_MONTH,
    Dictionary,
    Endpoint,
    Stage,
    Variable,
    VariableKind,
    normalise,
    plain,
    side_of,
)
from necc.core.errors import CohortError, Finding, in_order
from necc.core.estimate import Exclusion
from necc.core.text import joined, natural, plural, rows_named, shorten
from necc.core.toml import meant
from necc.ingest.agreement import (
    CODE,
    Given,
    accounts,
    apply,
    dates_of,
    dead_without_event,
    disagreements,
    flag_of_dates,
    given,
    undated,
)
from necc.ingest.checks import CrossChecks
from necc.ingest.columns import AUTO, Typed, Typer, from_codes, orders_beside
from necc.ingest.doubts import doubts
from necc.ingest.frame import KIND, Frame, is_frame, of_patients, read_frame
from necc.ingest.mapping import CHOSEN, FLIPPED, EndpointMap, Mapping, ReadOptions
from necc.ingest.naming import OwnColumns
from necc.ingest.pairs import pair_findings
from necc.ingest.questions import (
    Question,
    answered,
    answered_reading,
    chosen,
    questions,
    refused,
    set_aside,
)
from necc.ingest.raw import RawColumn, RawTable, between, collapse, footers, listed
from necc.ingest.readers import read_raw, understood
from necc.ingest.remedies import offered, rows_left_out, without_rows
from necc.ingest.sites import site_labels
from necc.ingest.sources import Data, bytes_of
from necc.ingest.templates import SYNTHETIC_COLUMN
from necc.ingest.understand import Understanding, understand

Progress = Callable[[float, str], object]
SEVERAL = 3  # patients whose value doesn't fit, from which on a column of a variable's own name is another variable
MOST_CODES = 2  # values beside those for yes and no that a yes/no column may still be asked about
OF_SEVERAL = ("direction", CODE, "event-against-date")  # questions on what columns say of each other
OTHER_STAGE = re.compile(r"(stage\s*)?(0|0is|is|tis|x|[tp]+\d[a-d]?(n\d)?(m\d)?|(i|ii|iv)c\d?)", re.IGNORECASE)
KINDS = {
    "category": "other groups", "flag": "yes or no", "number": "a number", "date": "dates", "text": "a text",
    "sites": "sites", "response": "responses", "event": "an event", "identifier": "an identifier",
}  # fmt: skip
SYNTHETIC = "Synthetic data, not real patients"


def _silent(share: float, phrase: str) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Inspection:
    """What reading a file gave: a cohort, or None where an error keeps it from loading; and all findings.

    mapping, dictionary: how its columns were understood. questions: what is open, decisive or not. opened: the file.
    remedies: what would settle a finding, as a question with its answer.
    """

    cohort: Cohort | None
    findings: tuple[Finding, ...]
    mapping: Mapping | None = None
    dictionary: Dictionary | None = None
    questions: tuple[Question, ...] = ()
    opened: Opened | None = None
    remedies: tuple[Question, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.cohort is not None

    def __repr__(self) -> str:
        counts = f"{plural(len(self.findings), 'finding')}, {plural(len(self.questions), 'question')}"
        return f"Inspection({self.cohort or 'not accepted'}; {counts})"

    def to_dict(self) -> dict[str, object]:
        """The form of `necc check --json`."""
        return {
            "accepted": self.accepted,
            "n": self.cohort.n_patients if self.cohort else 0,
            "patients": self.cohort.n_patients if self.cohort else 0,
            "findings": [f.to_dict() for f in self.findings],
            "questions": [q.to_dict() for q in self.questions],
            "remedies": [q.to_dict() for q in self.remedies],
            "summary": summarise(self.cohort) if self.cohort else Summary(endpoints={}, sites={}),
        }


class EndpointSummary(TypedDict):
    """What a file holds of an endpoint; `patients` and `events` are the old names of `n` and `n_events`."""

    n: int
    n_events: int
    patients: int
    events: int
    total_time: float
    unit: str


class Summary(TypedDict):
    """What a file holds: each endpoint, and patients with each site."""

    endpoints: dict[str, EndpointSummary]
    sites: dict[str, int]


@public
@countable(by_part=True)
def summarise(cohort: Cohort) -> Summary:
    """Patients, events and total time of each endpoint, and patients with each site.

    Example:
        >>> summarise(cohort)["sites"]["lung"]
        34
    """
    endpoints: dict[str, EndpointSummary] = {}
    for name in cohort.endpoint_names():
        endpoint = asked_for(cohort, Wanted((name,))).endpoint(name)
        each = 1 if endpoint.patients is None else endpoint.patients
        n, n_events = endpoint.n, endpoint.n_events
        endpoints[name] = {
            "n": n,
            "n_events": n_events,
            "patients": n,
            "events": n_events,
            "total_time": float(np.nansum(endpoint.time * each)),
            "unit": endpoint.unit,
        }
    with_sites = asked_for(cohort, Wanted(sites=True)) if cohort.site_names else cohort
    counts = [with_sites.n_of(column == 1) for column in with_sites.site_matrix.T]
    return {"endpoints": endpoints, "sites": dict(zip(cohort.site_names, counts, strict=True))}


@dataclass(frozen=True, eq=False)
class Opened:
    """A file read as text, before any meaning was given to it: mappings may be tried on it again and again.

    data, codebook: its bytes, to read it again where an answer changes how; read_options: how it was read.
    cells: of a data frame, which has no bytes, the table before the conventions of known formats were applied.
    """

    raw: RawTable
    filename: str
    digest: str
    data: bytes = b""
    codebook: bytes = b""
    read_options: ReadOptions = ReadOptions()
    cells: RawTable | None = None

    def reopened(self, read_options: ReadOptions) -> Opened:
        """The file as other options read it; itself where they are the same."""
        if self.cells is not None:
            raw = understood(self.cells, read_options, self.codebook)
            return replace(self, raw=raw, read_options=read_options)
        if read_options == self.read_options or not self.data:
            return self
        return open_file(self.data, self.filename, read_options=read_options, codebook=self.codebook)


def open_file(
    data: Data, filename: str = "", *, read_options: ReadOptions | None = None, codebook: bytes = b""
) -> Opened:
    """Reads a file as text.

    data: its path, its bytes, or the file itself, open to read bytes or text; packed or not.

    Raises:
        CohortError: it can't be read as a table.
    """
    content, name = bytes_of(data)
    filename = filename or name
    raw = read_raw(content, filename, read_options, codebook)
    digest = hashlib.sha256(content + codebook).hexdigest()
    return Opened(raw, filename, digest, content, codebook, read_options or ReadOptions())


def open_frame(
    frame: object,
    filename: str = "data frame",
    *,
    own: OwnColumns | None = None,
    read_options: ReadOptions | None = None,
    codebook: bytes = b"",
) -> Opened:
    """Reads a data frame as text, as a file with its cells would be read.

    own: the columns that a person named; durations are read in the unit of the time, lists of names as sites.

    Raises:
        CohortError: it is no table of one row a patient.
    """
    cells, read_options = read_frame(frame, own), read_options or ReadOptions()
    raw = understood(cells, read_options, codebook)
    digest = hashlib.sha256(codebook)
    for column in cells.columns:
        digest.update(repr((column.header, column.uniques, column.order, column.ranked)).encode())
        digest.update(np.ascontiguousarray(column.codes, dtype="<i8").tobytes())
    return Opened(raw, filename, digest.hexdigest(), b"", codebook, read_options, cells)


def inspect(
    data: Data | pd.DataFrame | Frame | Opened,
    filename: str = "",
    *,
    dictionary: Dictionary | None = None,
    own: OwnColumns | None = None,
    mapping: Mapping | None = None,
    read_options: ReadOptions | None = None,
    codebook: bytes = b"",
    answers: str | Sequence[str] = (),
    progress: Progress | None = None,
    today: date | None = None,
) -> Inspection:
    """Reads a file and never raises for what is in it: errors are findings, and no cohort.

    Args:
        data: the file's path or bytes, the file itself, open to read bytes or text; a data frame; or a file that was
            opened before. A packed file (gzip, bzip2, xz, Zstandard, a zip with one table) is unpacked.
        filename: its name; the suffix chooses the reader where the content doesn't.
        dictionary: the disease; the mapping's by default, else the one whose words the file uses.
        own: the file's own column names.
        mapping: how its columns are understood; without it by their names, types and values.
        read_options: the sheet, the header's row and the like; the mapping's by default.
        codebook: a REDCap data dictionary (CSV).
        answers: to what the file leaves open, as `event:died=2`; a refusal says which there are.
        progress: called with a share of the work done and a phrase.
        today: the day after which nothing can have happened; the computer's by default.

    Raises:
        DictionaryError: the mapping names a dictionary that doesn't ship, and none is given.

    Example:
        >>> inspect("cohort.csv").cohort is not None
        True
    """
    return _inspected(data, filename, dictionary, own, mapping, read_options, codebook, answers, progress, today)


def inspect_values(
    values: pd.DataFrame,
    name: str,
    *,
    dictionary: Dictionary | None = None,
    mapping: Mapping | None = None,
    answers: Sequence[str] = (),
) -> Inspection:
    """Reads what the values of each column mean, where a row is no patient: nothing is compared between columns.

    values: each column's values, as often as it has them or in proportion, in any order. name: of the table.

    Raises:
        DictionaryError: the mapping names a dictionary that doesn't ship, and none is given.

    Example:
        >>> import pandas as pd
        >>> inspect_values(pd.DataFrame({"died": [0, 1, 1]}), "registry").cohort.columns.tolist()
        ['died']
    """
    return _inspected(values, name, dictionary, None, mapping, None, b"", answers, None, None, alone=True)


def _inspected(
    data: Data | pd.DataFrame | Frame | Opened, filename: str, dictionary: Dictionary | None, own: OwnColumns | None,
    mapping: Mapping | None, read_options: ReadOptions | None, codebook: bytes, answers: str | Sequence[str],
    progress: Progress | None, today: date | None, alone: bool = False,
) -> Inspection:  # fmt: skip
    report = progress or _silent
    report(0.0, "Reading the file")
    try:
        if not isinstance(data, Opened):
            read_options = read_options or (mapping.read_options if mapping else None)
            if is_frame(data):
                data = open_frame(data, filename or KIND, own=own, read_options=read_options, codebook=codebook)
            else:
                file = cast(Data, data)
                data = open_file(file, filename, read_options=read_options, codebook=codebook)
        answers = (answers,) if isinstance(answers, str) else answers
        data, answers = _reopened(data, answers)
        report(0.4, "Understanding the columns")
        understanding = understand(data.raw, dictionary, own, mapping, data.read_options)
        known = understanding.dictionary
        mapping, wrong = answered(data.raw, known, understanding.mapping, answers)
    except CohortError as error:
        return Inspection(None, error.findings)
    while True:  # an answer that isn't to a question may be a remedy of what reading finds
        result = _read(data, replace(understanding, mapping=mapping, findings=(*understanding.findings, *wrong)),
                       report, today, alone)  # fmt: skip
        settled = next(((f, a) for f in wrong if (a := chosen(f.value or "", result.remedies)) is not None), None)
        if settled is None:
            return result
        wrong.remove(settled[0])
        mapping = settled[1].mapping


def read_cohort(
    data: Data | pd.DataFrame | Frame | Opened,
    filename: str = "",
    *,
    dictionary: Dictionary | None = None,
    own: OwnColumns | None = None,
    mapping: Mapping | None = None,
    read_options: ReadOptions | None = None,
    codebook: bytes = b"",
    answers: str | Sequence[str] = (),
    progress: Progress | None = None,
    today: date | None = None,
) -> Cohort:
    """Reads a file into a cohort; see `inspect` for the arguments.

    Raises:
        CohortError: with all findings, where at least one is an error.
        DictionaryError: the mapping names a dictionary that doesn't ship, and none is given.

    Example:
        >>> len(read_cohort("cohort.csv"))
        88
    """
    result = inspect(
        data, filename, dictionary=dictionary, own=own, mapping=mapping, read_options=read_options,
        codebook=codebook, answers=answers, progress=progress, today=today,
    )  # fmt: skip
    if result.cohort is None:
        raise CohortError(result.findings, result.questions, result.remedies)
    return result.cohort


def _read(
    opened: Opened, understanding: Understanding, report: Progress, today: date | None, alone: bool = False
) -> Inspection:
    """The file as it is understood, without the rows that a person left out; alone: each column by itself."""
    known, mapping = understanding.dictionary, understanding.mapping
    raw, misplaced = without_rows(opened.raw, mapping)
    asked = questions(raw, known, mapping)
    if alone:
        asked = tuple(question for question in asked if question.code not in OF_SEVERAL)
    certain, dated = orders_beside(raw, set_aside(mapping, asked))
    builder = _Builder(raw, known, certain, [*understanding.findings, *misplaced, *dated], report, today)
    digest = hashlib.sha256(f"{opened.digest}{mapping.key()}".encode()).hexdigest()
    notice = SYNTHETIC if any(map(says_synthetic, raw.columns)) else ""
    by_hand, no_patients = rows_left_out(opened.raw, mapping)
    left_out = (*_hidden(opened), *by_hand)
    source = Source(opened.filename, digest, len(raw), notice, left_out, no_patients, opened.digest)
    cohort: Cohort | None = None
    try:
        cohort = builder.cohort(source, asked, alone)
        findings = cohort.findings
    except CohortError as error:
        findings = error.findings
    if opened.cells is not None:
        findings = of_patients(findings)
        cohort = _ordered(replace(cohort, findings=findings), raw, mapping) if cohort else None
    ways = offered(findings, raw, known, mapping)
    return Inspection(cohort, findings, mapping, known, builder.open, opened, ways)


def _ordered(cohort: Cohort, raw: RawTable, mapping: Mapping) -> Cohort:
    """With the order of a frame's categories also where the dictionary has one; not where nobody chose it.

    A category that pandas made of texts has them in the order of the alphabet.
    """
    for column in raw.columns:
        how = mapping.column(column.header)
        name = (how.variable if how else "") or column.header
        if not column.order or name not in cohort.columns or name not in cohort.orderable():
            continue
        variable, alphabet = (
            cohort.dictionary.variables[name],
            (sorted(column.order), sorted(column.order, key=natural)),
        )
        its_own = variable.kind == "flag" and bool(variable.levels)  # in the frame's words: nothing else orders them
        if not (column.ranked or its_own) and [*column.order] in alphabet:
            continue
        if variable.kind not in ("category", "response", "flag"):
            continue
        values = cohort.column(name).astype(object).tolist()
        codes = [column.uniques.index(word) for word in column.order if word in column.uniques]
        read = [values[int(column.first[code])] for code in codes]
        there = cohort.factor(name).levels
        levels = tuple(dict.fromkeys(level for level in read if level in there))
        if levels and levels != there:
            cohort = cohort.with_order(name, levels)
    return cohort


def _hidden(opened: Opened) -> tuple[Exclusion, ...]:
    """Rows that the sheet hides and an answer leaves out; unknown where rows were folded, of whom they were."""
    raw = opened.raw
    if opened.read_options.hidden_rows != "leave-out" or any(f.code == "folded" for f in raw.findings):
        return ()
    n = sum(f.n for f in raw.findings if f.code == "hidden-rows" and f.row not in raw.rows)
    return (Exclusion("hidden in the sheet", n),) if n else ()


def _reopened(opened: Opened, answers: Sequence[str]) -> tuple[Opened, Sequence[str]]:
    """The file as answers say that it is to be read, and the other answers.

    Raises:
        CohortError: read so, it is no table.
    """
    while True:
        read_options, rest = answered_reading(opened.raw, opened.read_options, answers)
        if len(rest) == len(answers):
            return opened, answers
        opened, answers = opened.reopened(read_options), rest


def _is_amount(value: str) -> bool:
    """Whether a value is a number, a share or a range: `80`, `<1 %`, `10-20`."""
    return bool(re.fullmatch(r"[<>≤≥=~]*\s*\d+([.,]\d+)?\s*(-\s*\d+([.,]\d+)?)?\s*%?\+?", value))


def says_synthetic(column: RawColumn) -> bool:
    """Whether a column says that no patient is real: identifiers as `SYN-001`, or a yes in the column `synthetic`."""
    values = [v for v in column.uniques if v]
    return _is_mark(column) or bool(values) and all(re.fullmatch(r"SYN-\d+", v) for v in values)


def _is_mark(column: RawColumn) -> bool:
    """The column that `cohort_csv` writes beside patients who are made up."""
    return normalise(column.header) == SYNTHETIC_COLUMN and all(side_of(v) == "yes" for v in column.uniques)


class _Builder:
    """Assembles the cohort step by step, keeping every finding until the end."""

    def __init__(
        self,
        raw: RawTable,
        known: Dictionary,
        mapping: Mapping,
        findings: list[Finding],
        report: Progress,
        today: date | None,
    ):
        self.mapping = mapping
        self.known = known
        self.report = report
        self.open: tuple[Question, ...] = ()
        self.findings: list[Finding] = [*raw.findings, *findings]
        self.how = {c.column: c for c in mapping.columns}
        identifier = next((c.column for c in mapping.columns if c.role in ("identifier", "pseudonym")), "")
        self.findings += [*footers(raw, identifier), *between(raw, identifier)]
        self.known = known
        self.dictionary = self._dictionary(known)
        self.typer = Typer(self.dictionary, raw.decimal, today, raw.columns, raw.epoch)
        kept = [c for c in raw.columns if self._role(c.header) != "drop" and not _is_mark(c)]
        self.raw = replace(raw, columns=tuple(map(self._recoded, kept)))
        self.roles = {c.header: v for c in self.raw.columns if (v := self._variable(c))}

    def _role(self, header: str) -> str:
        return self.how[header].role if header in self.how else "auto"

    def _recoded(self, column: RawColumn) -> RawColumn:
        """With the level names of the mapping, and pseudonyms where the identifier could name a patient."""
        how = self.how.get(column.header, AUTO)
        names = {word: level for level, words in how.levels for word in words}
        column = column.relabelled(names)
        if how.role != "pseudonym":
            return column
        width = max(3, len(str(len(column.words))))
        order = np.argsort(column.first)
        new = {column.uniques[i]: f"P{k + 1:0{width}d}" for k, i in enumerate(order)}
        new = {value: name for value, name in new.items() if not self.typer.is_nobody(value, how)}
        return column.relabelled(new)

    # ------------------------------------------------------------ which column is which variable
    def _dictionary(self, known: Dictionary) -> Dictionary:
        """The disease's dictionary with the mapping's words, endpoints and units; for a plain file one of its own."""
        mapping = self.mapping
        base = known
        if not mapping.dictionary:
            base = plain()
            if any(c.role == "sites" for c in mapping.columns):
                base = replace(base, schemes=known.schemes, organs=known.organs)
        base = base.with_site_words(dict(mapping.site_words))
        unknown = sorted({o for _, o in mapping.site_words} - set(base.organs))
        if unknown:
            message = f"the mapping's site words name {listed(unknown)}; known are {joined(list(base.organs)[:30])}"
            self.findings.append(Finding("error", "unknown-organ", message, None, "site_words"))
        if mapping.unit:
            timed = {n: replace(e, unit=mapping.unit) for n, e in base.endpoints.items()}
            base = replace(base, endpoints=timed)
        if mapping.scheme:
            if mapping.scheme not in base.schemes:
                there = f"there are {joined(list(base.schemes))}{meant(mapping.scheme, base.schemes)}"
                message = f"there is no site scheme '{shorten(mapping.scheme)}'; {there}"
                self.findings.append(Finding("error", "unknown-scheme", message))
            else:
                base = base.with_default_scheme(mapping.scheme)
        own = {e.name: self._endpoint(e) for e in mapping.endpoints}
        return replace(base, endpoints={**base.endpoints, **own})

    def _endpoint(self, own: EndpointMap) -> Endpoint:
        """An endpoint of the mapping, its columns by the names that they have in the cohort."""
        columns = (own.time, own.event, own.start, own.event_date, own.censor_date, own.event_time)
        time, event, start, event_date, censor_date, event_time = map(self._name, columns)
        label = own.label or own.name
        dates = f"{own.start} to {own.event_date or own.censor_date}" if own.start else ""
        times = f"{own.event_time} of those with the event, {own.time} of the others" if own.event_time else ""
        return Endpoint(
            own.name, label, own.origin or own.start or "the file's own origin", own.unit, dates or times, time, event,
            (event_date,) if event_date else (), start, event_date, censor_date, event_time=event_time,
        )  # fmt: skip

    def _name(self, column: str) -> str:
        how = self.how.get(column)
        return how.variable or column if how else column

    def _variable(self, column: RawColumn) -> Variable | None:
        """The variable of a column; None where its values decide."""
        how = self.how.get(column.header, AUTO)
        name, label = column.header, column.label or column.header
        if how.variable:
            known = self.dictionary.variables.get(how.variable)
            if known is None:
                message = (
                    f"the mapping maps column '{shorten(name)}' to the variable '{shorten(how.variable)}', which the "
                    "dictionary doesn't have"
                )
                self.findings.append(Finding("error", "unknown-variable", message, 1, shorten(name)))
                return None
            as_event = how.role == "event" and known.kind == "flag" and not known.site
            return replace(known, kind="event") if as_event else known
        if how.role == "site":
            return Variable(name, label, "flag", site=how.site or name, starts_at="recurrence")
        if how.role == "time":
            unit = next((e.unit for e in self.mapping.endpoints if e.time == name), self.mapping.unit or "months")
            return Variable(name, label, "number", unit=unit, minimum=0, starts_at="followup")
        kinds: dict[str, VariableKind] = {
            "identifier": "identifier", "pseudonym": "identifier", "event": "event", "date": "date", "sites": "sites",
            "category": "category", "number": "number", "flag": "flag", "text": "text", "response": "response",
        }  # fmt: skip
        if how.role == "auto" and how.levels:
            return Variable(name, label, "category")
        if how.role not in kinds:
            return None
        stages: dict[str, Stage] = {"event": "followup", "response": "followup", "sites": "recurrence"}
        late = stages.get(how.role, "baseline")
        levels = ("CR", "PR", "SD", "PD", "NE") if how.role == "response" else ()
        return Variable(name, label, kinds[how.role], levels=levels, starts_at=late)

    # ------------------------------------------------------------ typing
    def cohort(self, source: Source, asked: Sequence[Question] = (), alone: bool = False) -> Cohort:
        """The cohort, or a refusal; alone: without what columns say of each other.

        Raises:
            CohortError: at least one finding is an error; a decisive question that is open becomes one.
        """
        self._check_twice()
        typed = self._typed_columns()
        table = pd.DataFrame(
            {t.variable.name: t.values for t in typed if t.values is not None},
            index=pd.Index(self.raw.rows, name="row"),
        )
        variables = {t.variable.name: t.variable for t in typed}
        organs, organ_names = self._sites(typed)
        self.report(0.9, "Checking dates, times and sites")
        if not alone:
            self._tell_blank(table)
            self._derive(table, variables)
            self._agree(table, variables)
        dictionary = self.dictionary.with_variables(variables)
        self.findings += [] if alone else self._cross_checks(typed, table, dictionary, organs)
        misfits = {f.column for f in self.findings if f.code == "alias-misfit"}
        self.open = tuple(q for q in asked if q.column not in misfits)
        self.findings = refused(self.findings, self.open)
        ordered = in_order(self.findings)
        if any(f.severity == "error" for f in ordered):
            raise CohortError(ordered)
        id_column = next((t.variable.name for t in typed if t.variable.kind == "identifier"), "")
        self.report(1.0, "Ready")
        scheme = dictionary.default_scheme
        cohort = Cohort(table, dictionary, source, organs, organ_names, scheme, id_column, ordered)
        if alone:
            return cohort
        more = pair_findings(self.raw, self.known, self.mapping, cohort.endpoint_names())
        return replace(cohort, findings=in_order([*ordered, *doubts(cohort, self.mapping), *more]))

    def _cross_checks(
        self, typed: list[Typed], table: pd.DataFrame, dictionary: Dictionary, organs: np.ndarray
    ) -> list[Finding]:
        """What columns tell together, of the cells that could be read."""
        names = [t.variable.name for t in typed]
        clear = table.drop(columns={n for n in names if names.count(n) > 1} & set(table.columns))
        unread = {
            t.variable.name: (column.codes != column.blank) & t.values.isna().to_numpy()
            for column, t in zip(self.raw.columns, typed, strict=True)
            if t.failed and t.values is not None
        }
        headers = {t.variable.name: c.header for c, t in zip(self.raw.columns, typed, strict=True)}
        derived = set(table.columns) - {*names}
        return CrossChecks(clear, dictionary, organs, headers, unread, derived).findings()

    def _check_twice(self) -> None:
        """Two columns may not become the same variable."""
        taken: dict[str, str] = {}
        for column in self.raw.columns:
            role = self.roles.get(column.header)
            name = role.name if role else column.header
            if name in taken:
                message = (
                    f"columns '{shorten(taken[name])}' and '{shorten(column.header)}' both become '{shorten(name)}'; "
                    "map one of them to something else"
                )
                self.findings.append(Finding("error", "two-columns-one-variable", message, 1, shorten(column.header)))
            taken.setdefault(name, column.header)

    def _typed_columns(self) -> list[Typed]:
        typed = []
        for place, column in enumerate(self.raw.columns):
            self.report(0.4 + 0.5 * place / len(self.raw.columns), "Understanding the columns")
            variable, how = self.roles.get(column.header), self.how.get(column.header, AUTO)
            one = self.typer.typed(column, variable, how)
            if variable and one.failed and self._is_another(column, variable, one):
                self.roles.pop(column.header)
                one = self.typer.typed(column, None, replace(how, event=(), no_event=(), levels=()))
                name = column.header
                if normalise(name) == normalise(variable.name):  # what the dictionary says of it isn't true of this one
                    name = f"{name} (file)"
                    one = replace(one, variable=replace(one.variable, name=name))
                message = (
                    f"column '{shorten(column.header)}' has a known name of {variable.label.lower()}, but most of its "
                    f"values don't fit ({KINDS[variable.kind]}); it is kept as the extra variable '{shorten(name)}'"
                )
                one.findings.append(Finding("warning", "alias-misfit", message, 1, shorten(column.header)))
            self.findings += collapse(one.findings)
            typed.append(one)
        return typed

    def _is_another(self, column: RawColumn, variable: Variable, typed: Typed) -> bool:
        """Whether most values don't fit: then the column is another variable of that name.

        Of a name that is the variable's own this takes several patients, and more than codes; a date or a time of an
        endpoint stays what it is called, as does what a person decided.
        """
        how = self.how.get(column.header, AUTO)
        if not how.variable or how.reason in (CHOSEN, FLIPPED):
            return False
        wrong = [f for f in typed.findings if f.severity == "error" and f.code != "negative"]
        sure = how.confidence >= 1
        if variable.kind in ("identifier", "event") or (variable.kind == "number" and variable.minimum is None):
            return False
        if sure and (variable.kind not in ("category", "flag") or variable.site):
            return False
        if variable.kind == "flag" and sum(_is_amount(f.value or "") for f in wrong) > MOST_CODES:
            return True
        if not sure and variable.edition and any(OTHER_STAGE.fullmatch(f.value or "") for f in wrong):
            return True
        misfits = sum(f.n for f in wrong)
        if sure and (misfits < SEVERAL or (variable.kind == "flag" and len(wrong) <= MOST_CODES)):
            return False
        if sure and variable.kind == "category" and all(_is_amount(f.value or "") for f in wrong):
            return False  # codes, whose meaning is asked for
        present = sum(
            column.count(i) for i, v in enumerate(column.uniques) if not self.typer.is_missing(v, variable, how)
        )
        return misfits > present / 2

    # ------------------------------------------------------------ sites
    def _sites(self, typed: list[Typed]) -> tuple[np.ndarray, tuple[str, ...]]:
        """All site information as one label matrix of raw organs."""
        parts: dict[str, np.ndarray] = {}
        named: dict[str, np.ndarray] = {}
        for one in typed:
            if one.variable.site and one.values is not None:
                self._merge(parts, one.variable.site, one.values.cat.codes.to_numpy().astype(np.int8))
        for column in self.raw.columns:
            variable = self.roles.get(column.header)
            if variable is None or variable.kind != "sites":
                continue
            how = self.how.get(column.header, AUTO)
            labels, names, findings = site_labels(
                column, self.dictionary, partial(self.typer.is_missing, known=variable, how=how)
            )
            self.findings += collapse(findings)
            for k, name in enumerate(names):
                self._merge(parts, name, labels[:, k])
                self._merge(named, name, labels[:, k])
        self.findings += self._flags_against_names(typed, named)
        shape = (len(self.raw.rows), len(parts))
        return (np.column_stack(list(parts.values())) if parts else np.zeros(shape, np.int8)), tuple(parts)

    @staticmethod
    def _merge(parts: dict[str, np.ndarray], organ: str, values: np.ndarray) -> None:
        """Two columns on the same organ: either one's yes counts, a blank yields to the other."""
        parts[organ] = np.maximum(parts[organ], values) if organ in parts else values

    def _flags_against_names(self, typed: list[Typed], named: dict[str, np.ndarray]) -> list[Finding]:
        """A site that its own column denies and a list of sites names, or the other way round; either one's yes counts.

        named: what all lists say of each organ.
        """
        if not named:
            return []
        findings, groups = [], self.dictionary.default_scheme.groups
        headers = {t.variable.name: c.header for c, t in zip(self.raw.columns, typed, strict=True)}
        told = np.max(list(named.values()), axis=0) == 1
        for one in typed:
            site = one.variable.site
            if not site or one.values is None:
                continue
            members = {site, *groups.get(site, ())}
            wider = members | {group for group, organs in groups.items() if site in organs}
            column, flag = headers[one.variable.name], one.values.cat.codes.to_numpy()
            in_list = np.max([named.get(o, np.zeros(len(flag), np.int8)) for o in sorted(members)], axis=0) == 1
            around = np.max([named.get(o, np.zeros(len(flag), np.int8)) for o in sorted(wider)], axis=0) == 1
            for says, wrong in (("no", (flag == 0) & in_list), ("yes", (flag == 1) & told & ~around)):
                if wrong.any():
                    rows = self.raw.rows[wrong]
                    other = "names it" if says == "no" else "names other sites only"
                    message = (
                        f"column '{shorten(column)}', {rows_named(rows)}: says {says}, but the list of sites {other}; "
                        "the patient counts as having this site"
                    )
                    row = int(rows[0])
                    findings.append(Finding("warning", "sites-disagree", message, row, column, n=len(rows)))
        return findings

    # ------------------------------------------------------------ derived columns
    def _derive(self, table: pd.DataFrame, variables: dict[str, Variable]) -> None:
        """Columns that others imply: a treatment given because its agent is named, a time between two dates."""
        for variable in self.dictionary.variables.values():
            if variable.given_if and variable.name not in table and variable.given_if in table:
                result = self._given(variable)
                table[variable.name] = from_codes(result.codes, FLAG_LEVELS)
                variables[variable.name] = variable
                n, no = int((result.codes == 1).sum()), listed(result.denied)
                denied = f"; {no} {'means' if len(result.denied) == 1 else 'mean'} that it wasn't given" if no else ""
                message = (
                    f"no column '{variable.name}': the {plural(n, 'patient')} of whom '{variable.given_if}' names "
                )
                self._info("derived", f"{message}what was given count as treated{denied}", variable.name)
            if variable.from_dates and all(d in table for d in variable.from_dates) and variable.name not in table:
                start, end = (table[d] for d in variable.from_dates)
                table[variable.name] = (end - start).dt.days / DAYS_PER_MONTH
                variables[variable.name] = variable
                self._info("derived", f"'{variable.name}' comes from {joined(variable.from_dates)}", variable.name)

    def _tell_blank(self, table: pd.DataFrame) -> None:
        """Columns without a single value that an endpoint needs, whose other columns are there."""
        for column in self.raw.columns:
            name = self._name(column.header)
            if name not in table or any(v for v in column.uniques):
                continue
            for endpoint in (part for whole in self.dictionary.endpoints.values() for part in whole.parts):
                pair = {endpoint.time, endpoint.event} - {""}
                dates = {endpoint.start, *endpoint.event_dates, endpoint.censor_date} - {""}
                needed = pair if name in pair and pair <= {*table.columns} else dates if name in dates else set()
                if needed and needed & {*table.columns} - {name}:
                    message = f"every cell is blank, and {endpoint.name} needs this column"
                    self.findings.append(column.about("warning", "blank-column", message, n=len(column.codes)))
                    break

    def _given(self, variable: Variable) -> Given:
        """Who got a treatment, by the column that names its agent."""
        column = next(c for c in self.raw.columns if self._name(c.header) == variable.given_if)
        return given(column, variable, self.dictionary, self.typer, self.how.get(column.header, AUTO))

    def _agree(self, table: pd.DataFrame, variables: dict[str, Variable]) -> None:
        """Columns that tell of the same event: filled by each other, and compared."""
        answers = dict(self.mapping.settled)
        self.findings += dead_without_event(self.raw, self.known, self.mapping, self.typer)
        for account in accounts(self.raw, self.known, self.mapping, self.typer):
            answer = answers.get(f"{CODE}:{account.key}", "")
            flag_of_dates(account, table)
            self.findings += apply(account, answer, table, dates_of(self.known, account.event))
            if account.event in table:
                variables.setdefault(account.event, self.known.variables[account.event])
            if not answer:
                self.findings += disagreements(account)
            self.findings += undated(account, self.known, table)

    def _info(self, code: str, message: str, column: str) -> None:
        self.findings.append(Finding("info", code, message, None, column))
