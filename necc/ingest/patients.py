"""Who is a patient, where the column that identifies may number rows or samples, and another column the patients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from necc.core.dictionary import normalise
from necc.ingest.codes import means_missing, patient_of
from necc.ingest.mapping import CHOSEN, Mapping
from necc.ingest.naming import IDENTIFYING, risks
from necc.ingest.raw import RawColumn, RawTable

OF_PATIENTS = re.compile(  # a heading that asks for the patient
    r"\b(patient(en)?|pat|pt|subj(ect)?|participant|case|fall|person|individual|proband|paciente|paziente)[ -]?"
    r"(id|ids|no|nr|num|number|nummer|code|key|barcode|identifier|pseudonym|submitter id)\b|"
    r"\b(usubjid|patients?|subject|participant|paciente|paziente)$|(患者|病人|受试者|病例)(编?号|代码|id)"
)
ROW_NAMES = {"no", "nr", "row", "row id", "nummer", "numero", "number", "index", "序号", "s no", "sr no", "sl no",
             "serial no", "serial number", "lfd nr", "sample", "sample id"}  # fmt: skip
FEWEST_IDS, FEWEST_NAMES = 0.1, 0.5  # of the filled cells: distinct values from which on they may tell patients apart
NUMBERED = re.compile(r"(.*\d)(?:[-_./ ]([1-4])|[-_./ ]?([a-dA-D]))")


@dataclass(frozen=True)
class Repeats:
    """Rows that another column than the identifier gives the same patient.

    names: the columns that together do. groups: places of the rows of each. n: patients, where the column identifies;
    rows without a value are one each. private: its values could name a patient.
    """

    names: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    n: int
    private: bool


def repeated_patients(raw: RawTable, mapping: Mapping) -> Iterator[Repeats]:
    """Columns that may identify patients, and have the same value in rows that the identifier tells apart.

    A record number and a column headed as the patients' count beside any identifier that nobody chose; a name counts,
    with the date of birth, only where rows are merely numbered. Two patients may share a name.
    """
    how = next((c for c in mapping.columns if c.role in ("identifier", "pseudonym")), None)
    if how is not None and how.confidence >= 1 and how.reason in ("", CHOSEN):
        return
    own = raw.column(how.column) if how else None
    kinds = {r.column: r.kind for r in risks(raw) if r.direct}
    for column in raw.columns:
        if how is not None and column.header == how.column:
            continue
        is_record = kinds.get(column.header) in IDENTIFYING and kinds[column.header] != "name"
        of_patients = bool(OF_PATIENTS.search(_plain(column.header))) or _holds_samples(column)
        of_patients = of_patients and not (own is not None and _refers(column, own))
        if (is_record or of_patients) and _tells_apart(column, FEWEST_IDS, True):
            yield from _repeats(raw, own, (column,), column.header in kinds)
    if own is None or _numbers_rows(own):
        names = [c for c in raw.columns if kinds.get(c.header) == "name" and c is not own]
        births = [c for c in raw.columns if kinds.get(c.header) == "birth date"]
        if any(_tells_apart(c, FEWEST_NAMES, False) for c in names):
            yield from _repeats(raw, own, (*names, *births), True)


def _plain(header: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return re.sub(r"[\W_]+", " ", normalise(words)).strip()


def _is_filled(value: str) -> bool:
    return bool(value) and not means_missing(value)


def _tells_apart(column: RawColumn, share: float, with_digits: bool) -> bool:
    """Whether a column has so many values that they may be of one patient each."""
    filled = [i for i, v in enumerate(column.uniques) if _is_filled(v)]
    digits = sum(any(c.isdigit() for c in column.uniques[i]) for i in filled)
    n = sum(column.count(i) for i in filled)
    return bool(filled) and len(filled) >= share * n and (not with_digits or 2 * digits >= len(filled))


def _holds_samples(column: RawColumn) -> bool:
    some = [v for v in column.words[:50] if _is_filled(v)]
    return bool(some) and all(patient_of(v) != v for v in some)


def _of_patients(column: RawColumn) -> np.ndarray:
    """A code of each distinct value, the same for the samples of one patient."""
    return np.unique([patient_of(v) for v in column.uniques], return_inverse=True)[1]


def _refers(column: RawColumn, own: RawColumn) -> bool:
    """Whether a column names other rows, such as the case of a matched control."""
    there = {*own.uniques}
    known = sum(v in there for v in column.uniques)
    return "case" in _plain(column.header).split() and known > 0.9 * len(column.uniques)


def _numbers_rows(column: RawColumn) -> bool:
    """Whether an identifier only counts: by its heading, or since its values are whole numbers without a gap."""
    if _plain(column.header) in ROW_NAMES:
        return True
    values = [v for v in column.uniques if v]
    if not values or not all(re.fullmatch(r"[0-9]{1,9}", v) for v in values):
        return False
    numbers = {int(v) for v in values}
    return len(numbers) == len(values) and max(numbers) - min(numbers) == len(numbers) - 1


def _repeats(raw: RawTable, own: RawColumn | None, columns: Sequence[RawColumn], private: bool) -> Iterator[Repeats]:
    """The rows that share the values of all columns and have no common identifier, if there are any."""
    codes = np.stack([_of_patients(c)[c.codes] for c in columns])
    blank = np.any([np.array([not _is_filled(v) for v in c.uniques])[c.codes] for c in columns], axis=0)
    _, keys = np.unique(codes, axis=1, return_inverse=True)
    keys = keys.ravel()
    rows = own.codes if own is not None else np.arange(len(raw))
    groups = []
    for key in np.flatnonzero(np.bincount(keys[~blank], minlength=1) > 1):
        places = np.flatnonzero((keys == key) & ~blank)
        if len(np.unique(rows[places])) > 1:
            groups.append(tuple(places.tolist()))
    if groups:
        n = len(np.unique(keys[~blank])) + int(blank.sum())
        names = tuple(c.header for c in columns)
        yield Repeats(names, tuple(groups), n, private)


def numbered(values: Iterable[str]) -> list[list[str]]:
    """Identifiers that differ only by what numbers a patient's samples or episodes: `P001-1` and `P001-2`, `7a`, `7b`.

    The numbers of a base begin with the first, and no base has more than four: else bases are centres, not patients.
    """
    values = [v for v in values if v]
    bases: dict[str, dict[str, str]] = {}
    for value in values:
        match = NUMBERED.fullmatch(value)
        if match is not None:
            bases.setdefault(match[1], {})[(match[2] or match[3]).casefold()] = value
    if any(re.fullmatch(r".*\d[-_./ ]\d+", v) and not NUMBERED.fullmatch(v) for v in values):
        return []  # the part behind the sign counts further
    there, groups = {*values}, []
    for base, members in bases.items():
        members = {"": base, **members} if base in there else members
        if len(members) > 1 and members.keys() & {"", "1", "a"}:
            groups.append(list(members.values()))
    return groups
