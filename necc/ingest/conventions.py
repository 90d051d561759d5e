"""What known formats define by their columns: cBioPortal, REDCap, CDISC ADaM.

Each convention takes any raw table and gives it back, folded to one row a patient and with the meanings that the
format fixes, or as it was where it isn't of that format.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from necc.core.dictionary import UNITS
from necc.core.errors import CohortError, Finding, Severity
from necc.core.text import plural
from necc.ingest.mapping import ColumnMap, EndpointMap, ReadOptions
from necc.ingest.raw import Choice, Facts, RawColumn, RawTable, carried, fail, listed, table
from necc.ingest.text import read_text

Convention = Callable[[RawTable, bytes, ReadOptions], RawTable]
UNSAID = 0.5  # how sure a time without a unit is
EACH, FIRST, LAST = "each", "first", "last"  # what becomes of a field that differs between a record's events
CODEBOOK = {
    "field": "Variable / Field Name", "type": "Field Type", "label": "Field Label",
    "choices": "Choices, Calculations, OR Slider Labels", "identifier": "Identifier?",
}  # fmt: skip
CHECKBOX = re.compile(r"^(?P<field>.+?)___(?P<code>.+)$")
CHOICE = re.compile(r"^(?P<field>.*?)\s*\(choice=(?P<label>.+)\)$")
EVENT_COLUMNS = ("redcap_event_name", "event name")
REPEAT_COLUMNS = ("redcap_repeat_instrument", "redcap_repeat_instance", "repeat instrument", "repeat instance")
COMPLETE = re.compile(r"_complete$|^complete\?$", re.IGNORECASE)
ADTTE = {"USUBJID", "PARAMCD", "AVAL", "CNSR"}
PARAMETER_COLUMNS = {
    "PARAM", "PARAMCD", "PARAMN", "AVAL", "AVALU", "AVALC", "CNSR", "STARTDT", "STARTDTM", "ADT", "ADTM", "ADY",
    "EVNTDESC", "CNSDTDSC", "SRCDOM", "SRCVAR", "SRCSEQ", "PARCAT1", "PARCAT2", "ASEQ", "AVISIT", "ADTF", "STARTDTF",
}  # fmt: skip


# ---------------------------------------------------------------- cBioPortal
def cbioportal(raw: RawTable, codebook: bytes, read_options: ReadOptions) -> RawTable:
    """`OS_STATUS` with `0:LIVING`, `1:DECEASED` beside `OS_MONTHS`: every such pair is an endpoint."""
    hints, endpoints = [], []
    for column in raw.columns:
        prefix = column.header.removesuffix("_STATUS")
        time = f"{prefix}_MONTHS"
        months = raw.column(time)
        if prefix == column.header or months is None:
            continue
        missing = tuple(v for v in column.uniques if v.startswith("["))
        present = [v for v in column.uniques if v and v not in missing]
        if not present or not all(re.match(r"[01]:", v) for v in present):
            continue
        yes, no = (tuple(v for v in present if v.startswith(code)) for code in ("1:", "0:"))
        reason = "cBioPortal: 1: is the event"
        hints.append(ColumnMap(column.header, "event", event=yes, no_event=no, missing=missing, reason=reason))
        hints.append(ColumnMap(time, "time", unit="months", reason="cBioPortal: months"))
        endpoints.append(EndpointMap(prefix, months.label or prefix, time, column.header))
    if not hints:
        return raw
    return replace(
        raw, hints=(*raw.hints, *hints), endpoints=(*raw.endpoints, *endpoints), kind="cBioPortal clinical file"
    )


# ---------------------------------------------------------------- CDISC
def adtte(raw: RawTable, codebook: bytes, read_options: ReadOptions) -> RawTable:
    """ADTTE has a row for each patient and parameter; it becomes a column pair for each PARAMCD, CNSR inverted.

    Raises:
        CohortError: a patient has the same parameter twice.
    """
    named = {c.header.upper(): c for c in raw.columns}
    if not named.keys() >= ADTTE:
        return raw
    patient, parameter = named["USUBJID"], named["PARAMCD"]
    keys = patient.codes.astype(np.int64) * (len(parameter.words) + 1) + parameter.codes
    again = pd.Series(keys).duplicated().to_numpy()
    if again.any():
        row = int(raw.rows[again][0])
        message = f"row {row}: this patient already has a row with the same PARAMCD; keep one row per parameter"
        raise CohortError([*raw.findings, Finding("error", "long-file", message, row, "PARAMCD", n=int(again.sum()))])
    first = ~pd.Series(patient.codes).duplicated().to_numpy()
    place = np.zeros(len(patient.words), dtype=np.int64)
    place[patient.codes[first]] = np.arange(int(first.sum()))
    columns = [c.take(first) for name, c in named.items() if name not in PARAMETER_COLUMNS and _constant(c, patient)]
    rows, hints, endpoints = raw.rows[first], [], []
    for code, name in enumerate(parameter.uniques):
        if not name:
            continue
        here = parameter.codes == code
        label, unit = _parameter(named, here, name)
        spread = _spreader(place[patient.codes[here]], here, len(rows))
        time, event = f"{name}_{unit.upper() or 'TIME'}", f"{name}_EVENT"
        censored = spread(named["CNSR"])
        happened = np.array(["" if not c else "1" if c in ("0", "0.0") else "0" for c in censored], dtype=object)
        columns += [RawColumn.of(time, spread(named["AVAL"]), rows, label), RawColumn.of(event, happened, rows, label)]
        reason = f"CDISC ADTTE: AVAL in {unit}" if unit else "CDISC ADTTE: neither AVALU nor PARAM says the unit"
        hints.append(ColumnMap(time, "time", unit=unit, confidence=1.0 if unit else UNSAID, reason=reason))
        reason = "CDISC ADTTE: CNSR 0 is the event"
        hints.append(ColumnMap(event, "event", event=("1",), no_event=("0",), reason=reason))
        endpoints.append(EndpointMap(name, label, time, event))
    left_out = [n for n, c in named.items() if n not in PARAMETER_COLUMNS and not _constant(c, patient)]
    message = (
        f"{len(raw):,} rows of {plural(len(rows), 'patient')} were folded: a time and an event for each PARAMCD; "
        "CNSR 0 became the event"
    )
    more = f"; left out, because they differ between a patient's rows: {listed(left_out)}" if left_out else ""
    findings = [*raw.findings, Finding("info", "folded", message + more)]
    facts: Facts = {**carried(raw), "kind": "CDISC ADTTE", "hints": tuple(hints), "endpoints": tuple(endpoints)}
    return table(columns, findings, raw.decimal, **facts)


def _constant(column: RawColumn, patient: RawColumn) -> bool:
    """Whether each patient has one value of the column."""
    pairs = pd.Series(patient.codes.astype(np.int64) * (len(column.words) + 1) + column.codes)
    return pairs.nunique() == len(np.unique(patient.codes))


def _parameter(named: dict[str, RawColumn], here: np.ndarray, name: str) -> tuple[str, str]:
    """Label and unit of a parameter; the unit is blank where neither AVALU nor PARAM names it."""
    label, said = (
        next(iter(named[c].take(here).uniques), "") if c in named else "" for c in ("PARAM", "AVALU")
    )  # fmt: skip
    unit = next((u for text in (said, label) for u in UNITS if u[:-1] in text.casefold()), "")
    return re.sub(r"\s*\((days|weeks|months|years)\)\s*$", "", label, flags=re.IGNORECASE) or name, unit


def _spreader(places: np.ndarray, here: np.ndarray, n: int) -> Callable[[RawColumn], np.ndarray]:
    def spread(column: RawColumn) -> np.ndarray:
        cells = np.full(n, "", dtype=object)
        cells[places] = column.cells()[here]
        return cells

    return spread


# ---------------------------------------------------------------- REDCap
def redcap(raw: RawTable, codebook: bytes, read_options: ReadOptions) -> RawTable:
    """Checkbox columns, forms' status, events and repeats of a REDCap export; codes by the project's data dictionary.

    Raises:
        CohortError: the data dictionary isn't one.
    """
    headers = {h.casefold() for h in raw.headers}
    checkboxes = any(CHECKBOX.match(h) or CHOICE.match(h) for h in raw.headers)
    if not (checkboxes or headers & {*EVENT_COLUMNS, *REPEAT_COLUMNS} or codebook):
        return raw
    fields = _codebook(codebook) if codebook else {}
    raw = _folded(raw, read_options.events)
    columns = tuple(replace(c, label=_label(c, fields)) for c in raw.columns)
    hints = [h for c in columns if (h := _hint(c, fields))]
    return replace(raw, columns=columns, hints=(*raw.hints, *hints), kind="REDCap export")


def _codebook(data: bytes) -> dict[str, dict[str, str]]:
    """The fields of a REDCap data dictionary."""
    book = read_text(data, ReadOptions())
    columns = {key: book.column(header) for key, header in CODEBOOK.items()}
    if columns["field"] is None or columns["type"] is None:
        message = f"not a REDCap data dictionary: it needs the columns '{CODEBOOK['field']}' and '{CODEBOOK['type']}'"
        raise fail("codebook", message)
    cells = {key: column.cells() if column else np.full(len(book), "", dtype=object) for key, column in columns.items()}
    return {cells["field"][i]: {key: cells[key][i] for key in cells} for i in range(len(book))}


def _choices(text: str) -> dict[str, str]:
    """`1, Lung | 2, Liver` as codes and labels."""
    pairs = (part.split(",", 1) for part in text.split("|") if "," in part)
    return {code.strip(): " ".join(label.split()) for code, label in pairs}


def _label(column: RawColumn, fields: dict[str, dict[str, str]]) -> str:
    """What a person reads above the column; for a checkbox, its choice."""
    if match := CHOICE.match(column.header):
        return match["label"]
    if match := CHECKBOX.match(column.header):
        choices = _choices(fields.get(match["field"], {}).get("choices", ""))
        code = match["code"]
        by_code = {re.sub(r"\W", "_", k).casefold(): v for k, v in choices.items()}
        return by_code.get(code.casefold(), code if re.search(r"[^\W\d]", code) else "")
    return fields.get(column.header, {}).get("label", column.label)


def _hint(column: RawColumn, fields: dict[str, dict[str, str]]) -> ColumnMap | None:
    field = fields.get(column.header, {})
    if field.get("identifier", "").casefold() == "y":
        return ColumnMap(column.header, "drop", reason="REDCap marks this field as an identifier")
    if field.get("type") == "notes":
        return ColumnMap(column.header, "drop", reason="REDCap notes: free text can name a person")
    if COMPLETE.search(column.header) or column.header.casefold() in (*EVENT_COLUMNS, *REPEAT_COLUMNS):
        return ColumnMap(column.header, "drop", reason="REDCap's own column")
    if field.get("type") in ("radio", "dropdown") and (choices := _choices(field.get("choices", ""))):
        coded = [v for v in column.uniques if v in choices]
        levels = tuple((label, (code,)) for code, label in choices.items()) if coded else ()
        if len({label for label, _ in levels}) == len(levels):
            return ColumnMap(column.header, "auto", levels=levels, reason="codes by the REDCap data dictionary")
    return None


def _folded(raw: RawTable, events: str) -> RawTable:
    """Events and repeats of a record in one row: a field with one value in all of them keeps its name.

    A field that differs between events becomes a column for each event, or is the record's first or last value, as
    `events` says; which one is a choice. One that differs between repeats is left out.
    """
    by_name = {c.header.casefold(): c for c in raw.columns}
    event = next((by_name[n] for n in EVENT_COLUMNS if n in by_name), None)
    repeats = [by_name[n] for n in REPEAT_COLUMNS if n in by_name]
    record = raw.columns[0]
    if event is None and not repeats or len(record.words) == len(raw):
        return raw
    first = ~pd.Series(record.codes).duplicated().to_numpy()
    rows = raw.rows[first]
    columns, dropped, differing = [record.take(first)], list[str](), list[str]()
    skipped = {c.header for c in (record, event, *repeats) if c is not None}
    for column in raw.columns:
        if column.header in skipped:
            continue
        merged = _one_value(column, record, np.ones(len(raw), bool), rows, column.header)
        if merged is not None:
            columns.append(merged)
            continue
        parts = []
        if event is not None:
            parts = [
                _one_value(column, record, event.codes == k, rows, f"{column.header} ({name})")
                for k, name in enumerate(event.uniques)
            ]
        if not parts or any(p is None for p in parts):
            dropped.append(column.header)
            continue
        differing.append(column.header)
        if events in (FIRST, LAST):
            columns.append(_one_of(column, record, events, rows))
        else:
            columns += [p for p in parts if p is not None and len(p.words) > (p.blank >= 0)]
    message = f"{len(raw):,} rows of {plural(len(rows), 'record')} were folded into one row each"
    more = f"; left out, because a repeated form gives several values: {listed(dropped)}" if dropped else ""
    if differing:
        kept = {FIRST: "each record's first value was taken", LAST: "each record's last value was taken"}
        how = kept.get(events, "each event has a column of its own")
        more = f"; {how} of what differs between events: {listed(differing)}{more}"
    severity: Severity = "warning" if dropped or (differing and not events) else "info"
    result = table(columns, [*raw.findings, Finding(severity, "folded", message + more)], raw.decimal, **carried(raw))
    return result if events or not differing else replace(result, choices=(*raw.choices, _which_event(differing)))


def _which_event(differing: list[str]) -> Choice:
    text = f"{listed(differing)} differ between the events of a record. Which value counts?"
    ways = (
        (LAST, "the last one that is filled, as for follow-up", LAST),
        (FIRST, "the first one that is filled, as for a baseline", FIRST),
        (EACH, "a column for each event", EACH),
    )
    return Choice("events", text, "events", ways, fields=tuple(differing))


def _one_of(column: RawColumn, record: RawColumn, which: str, rows: np.ndarray) -> RawColumn:
    """Each record's first or last value."""
    filled = np.flatnonzero(column.codes != column.blank)
    cells = pd.Series(column.cells()[filled], index=record.codes[filled])
    values = cells.groupby(level=0).first() if which == FIRST else cells.groupby(level=0).last()
    order = record.codes[~pd.Series(record.codes).duplicated().to_numpy()]
    return RawColumn.of(column.header, values.reindex(order).fillna("").to_numpy(dtype=object), rows, column.label)


def _one_value(
    column: RawColumn, record: RawColumn, where: np.ndarray, rows: np.ndarray, header: str
) -> RawColumn | None:
    """The column's only value of each record among the rows `where`; None where a record has two."""
    filled = where & (column.codes != column.blank)
    frame = pd.DataFrame({"record": record.codes[filled], "value": column.codes[filled]}).drop_duplicates()
    if frame["record"].duplicated().any():
        return None
    order = record.codes[~pd.Series(record.codes).duplicated().to_numpy()]
    values = pd.Series(np.array(column.uniques, dtype=object)[frame["value"]], index=frame["record"]).reindex(order)
    return RawColumn.of(header, values.fillna("").to_numpy(dtype=object), rows, column.label)


CONVENTIONS: dict[str, Convention] = {"cBioPortal": cbioportal, "CDISC ADaM": adtte, "REDCap": redcap}
