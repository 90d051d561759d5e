"""The one reading of a file's columns: whatever way a file comes, its mapping is made here.

Names first, then what names, types and values suggest. What stays unsure becomes a question or an extra variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from necc.core.dictionary import Dictionary, builtin_names, spelling
from necc.core.errors import Finding
from necc.core.text import joined, shorten, with_article
from necc.ingest.codes import headings, variable_named
from necc.ingest.columns import Typer
from necc.ingest.doubts import LONGEST
from necc.ingest.mapping import ColumnMap, Mapping, ReadOptions
from necc.ingest.naming import OwnColumns, by_name, checkbox_doubts, transposed, without_names
from necc.ingest.questions import UNSURE, down_to_the_last_patient
from necc.ingest.raw import RawTable, listed
from necc.ingest.suggest import suggest_mapping

CLEARLY = 0.5  # of a column: how much better another disease has to fit
MANY = 200  # distinct values that are compared with a dictionary's levels


@dataclass(frozen=True)
class Understanding:
    """How a file's columns are understood: in whose words, as what, and what is to be told of it."""

    dictionary: Dictionary
    mapping: Mapping
    findings: tuple[Finding, ...] = ()


def understand(
    raw: RawTable,
    dictionary: Dictionary | None = None,
    own: OwnColumns | None = None,
    mapping: Mapping | None = None,
    read_options: ReadOptions | None = None,
) -> Understanding:
    """The meaning of each column.

    dictionary: the disease that a person chose; else the mapping's, else the one that fits best.
    own: the file's own column names; they count where no mapping is given.
    mapping: made before, by a person or for a file with the same columns.
    read_options: how the file was opened, kept in a new mapping.

    Raises:
        DictionaryError: the mapping names a dictionary that doesn't ship, and none is given.
    """
    if mapping is not None:
        known = dictionary or Dictionary.builtin(mapping.dictionary or "necc")
        findings = _misfits(raw, mapping)
    elif own is not None and own.is_plain:
        known = dictionary or Dictionary.builtin()
        mapping, findings = own.mapping(raw, known)
        mapping, left_out = without_names(raw, _own(raw, known, own, mapping))
        findings = [*findings, *left_out]
    else:
        known = dictionary or best_dictionary(raw)
        mapping, findings = _guessed(raw, known)
        mapping = mapping.with_event_values(own.event_values) if own else mapping
    if read_options is not None:
        mapping = replace(mapping, read_options=read_options)
    if own is None or not own.is_plain:
        findings += _rows_count(known, mapping)
    findings = [*findings, *checkbox_doubts(raw, mapping), *transposed(raw, headings(known))]
    return Understanding(known, mapping, tuple(findings))


def _rows_count(known: Dictionary, mapping: Mapping) -> list[Finding]:
    """Where nothing identifies the patients, each row is one: said, because repeats can't be seen then.

    Whether another column shows repeats all the same is asked.
    """
    identifier = next((v for v in known.variables.values() if v.kind == "identifier"), None)
    if identifier is None or any(c.role in ("identifier", "pseudonym") for c in mapping.columns):
        return []
    shown = joined([identifier.name, *identifier.aliases[:6]], "or")
    message = (
        "no column identifies the patients, so each row counts as one patient, under its row number; if a patient may "
        f"have several rows, name the column {shown}, or choose the identifier on 'Your own file' (--id on the command "
        "line)"
    )
    return [Finding("warning", "no-identifier", message, 1, identifier.name)]


def _misfits(raw: RawTable, mapping: Mapping) -> list[Finding]:
    """Columns that the mapping knows and the file doesn't have, and the other way round."""
    wanted = {c.column for c in mapping.columns if c.role != "drop"}
    lacks = sorted(wanted - set(raw.headers))
    more = [h for h in raw.headers if mapping.column(h) is None]
    findings = []
    if lacks:
        message = f"the mapping belongs to another file: there is no column {listed(lacks)}"
        findings.append(Finding("error", "mapping-misfit", message, 1, shorten(lacks[0]), n=len(lacks)))
    if more:
        message = f"columns that are not in the mapping were typed by their values: {listed(more)}"
        findings.append(Finding("warning", "mapping-misfit", message, 1, shorten(more[0]), n=len(more)))
    return findings


def _own(raw: RawTable, known: Dictionary, own: OwnColumns, mapping: Mapping) -> Mapping:
    """A person's own columns, and what is the same by every door: who is a patient, and which code is the event."""
    if not own.id and not any(c.role in ("identifier", "pseudonym") for c in mapping.columns):
        named = (c for c in by_name(raw, known)[0].columns if c.role in ("identifier", "pseudonym"))
        identifier = next((c for c in named if mapping.column(c.column) == ColumnMap(c.column)), None)
        if identifier is not None:
            mapping = mapping.with_column(replace(identifier, variable=""))
    return mapping


# ---------------------------------------------------------------- a file nobody has seen
def _guessed(raw: RawTable, known: Dictionary) -> tuple[Mapping, list[Finding]]:
    """Columns by their names and by what else suggests a meaning."""
    base, findings = by_name(raw, known)
    raw = down_to_the_last_patient(raw, base)
    guess = suggest_mapping(raw, known, base=base)
    used = {n for e in guess.endpoints for n in e.parts}
    columns = []
    for named, how in zip(base.columns, guess.columns, strict=True):
        how = how if how.column in used else _kept(how)
        columns.append(_plausible_missing(raw, known, named, _occurring(raw, how)))
        findings += _told(known, named, how)
    return replace(guess, columns=tuple(columns)), [f for f in findings if f.code != "no-identifier"]


def _kept(how: ColumnMap) -> ColumnMap:
    """A guess; what is no known variable's and unsure stays an extra variable."""
    roles = ("event", "time", "site", "sites", "response", "identifier")
    if (how.variable and how.role != "identifier") or how.confidence >= UNSURE or how.role not in roles:
        return how
    return ColumnMap(how.column, levels=how.levels, confidence=how.confidence,
                     reason=f"kept as an extra variable; may be {with_article(how.role)}: {how.reason}")  # fmt: skip


def _occurring(raw: RawTable, how: ColumnMap) -> ColumnMap:
    """Codes of an event that nobody has say nothing that 0 and 1 don't say."""
    column = raw.column(how.column)
    if how.role != "event" or column is None or any(c in column.uniques for c in how.event):
        return how
    return replace(how, event=(), no_event=()) if how.confidence >= UNSURE else how


def _plausible_missing(raw: RawTable, known: Dictionary, named: ColumnMap, how: ColumnMap) -> ColumnMap:
    """A number that is often a code for missing, and that the variable may hold, stays a number: it is told.

    No time is longer than a life.
    """
    if how.role == "sites":  # what their words leave open is told by the words for sites
        return replace(how, missing=named.missing)
    typer, variable = Typer(known, raw.decimal), known.variables.get(how.variable)
    numbers = {c: n for c in how.missing if c not in named.missing and (n := typer.parse_number(c)) is not None}
    if how.role not in ("number", "time", "auto") or not numbers:
        return how
    low, high = (variable.minimum, variable.maximum) if variable else (0 if how.role == "time" else None, None)
    high = LONGEST.get(how.unit) if high is None and how.role == "time" else high
    kept = {c for c, n in numbers.items() if (low is None or n >= low) and (high is None or n <= high)}
    return replace(how, missing=tuple(c for c in how.missing if c not in kept)) if kept else how


def _told(known: Dictionary, named: ColumnMap, how: ColumnMap) -> list[Finding]:
    """What was taken for another meaning than its name's, or for one by its values."""
    shown, variable = shorten(how.column), known.variables.get(named.variable)
    if (
        variable is not None
        and not how.variable
        and "closer match" not in how.reason
        and how.role not in ("drop", "event")
    ):
        message = (
            f"column '{shown}' has a known name of '{variable.name}', but most of its values "
            f"don't fit ({variable.label.lower()}, {variable.kind}); it is kept as an extra variable"
        )
        return [Finding("warning", "alias-misfit", message, 1, shown)]
    if how.variable and not named.variable and how.confidence >= UNSURE:
        message = f"column '{shown}' was read as '{known.variables[how.variable].label}': {how.reason}"
        return [Finding("info", "guessed", message, 1, shown)]
    return []


def best_dictionary(raw: RawTable, offered: Sequence[Dictionary] = ()) -> Dictionary:
    """The disease whose words the file's categories use; the first unless another fits clearly better."""
    offered = offered or [Dictionary.builtin(name) for name in builtin_names()]
    shared = set.intersection(*(set(d.variables) for d in offered))
    fits = [_fit(raw, d, shared) for d in offered]
    best = max(fits)
    return offered[0] if best - fits[0] < CLEARLY else offered[fits.index(best)]


def _fit(raw: RawTable, dictionary: Dictionary, shared: set[str]) -> float:
    """How many columns of categories that all diseases have hold this one's levels; each counts by its share."""
    known, total = headings(dictionary), 0.0
    names = {h: v for h in raw.headers if (v := variable_named(h, known)) is not None}
    for header, variable in names.items():
        column = raw.column(header)
        if column is None or variable.name not in shared or variable.kind != "category" or not variable.levels:
            continue
        values = [v for v in column.words[:MANY] if v]
        spellings = variable.spellings()
        fitting = sum(variable.spelled(v) in spellings or spelling(v) in spellings for v in values)
        total += fitting / len(values) if values else 0.0
    return total
