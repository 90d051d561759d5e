"""What a table's values mean: its distinct values, read as a file with these cells would be.

Whatever tells yes from no, one level from another and an event from its absence is asked of the readers of files
(`necc.ingest`), with the same mapping and the same questions. A table of the values that there are, each column's as
often as it has them and without regard to the others, goes through them once; what a query brings back is then looked
up. Of sites it is the combination that is looked up, as two columns may tell of one organ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from necc.core.cohort import Cohort
from necc.core.counts import counted_cohort
from necc.core.dictionary import Dictionary
from necc.core.errors import AnalysisError, CohortError, Finding
from necc.core.text import first_few, plural, shorten
from necc.ingest.build import SYNTHETIC, Inspection, inspect, inspect_values, says_synthetic
from necc.ingest.codes import headings, variable_named
from necc.ingest.mapping import Mapping

if TYPE_CHECKING:
    from ibis.expr.types import Table, Value

MOST_LEVELS = 200
MOST_PATTERNS = 20_000
MOST_ROWS = 20_000
SAMPLE = 40
LOOK = 50_000
ISO_DAY = r"\d{4}-\d{2}-\d{2}([ T].*)?"
SITE_ROLES = ("site", "sites")
UNREAD = ("identifier", "pseudonym", "drop")


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the table that means something.

    raw: its name there. name: of the variable; blank for one of sites. kind: "levels" with few values, each of which
    has a meaning; "number"; "date"; "site".
    values: its distinct values, None left out; none of dates, and of numbers where there are many. typed: of "levels",
    a pandas array of their meanings, one more in the end for None. scale: of a number, what a value is multiplied with.
    missing: numbers of the table that mean nothing.
    """

    raw: str
    name: str
    kind: str
    values: tuple[Any, ...] = ()
    typed: Any = None
    scale: float = 1.0
    missing: tuple[float, ...] = ()

    def amounts(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers of the table in the variable's unit, NaN where nothing is known; float arrays, shape (n,)."""
        known = np.isfinite(numbers) & ~np.isin(numbers, self.missing)
        return np.where(known, numbers * self.scale if self.scale != 1 else numbers, np.nan)


@dataclass(frozen=True, eq=False)
class Meaning:
    """A table's columns, and the cohort of its values, of which none is a patient's.

    patterns: the combinations of the sites' values that there are, each as the places of its values (0: None); int
        array, shape (n_patterns, n_sites). organs: what each means, int8, shape (n_patterns, n_organs).
    """

    outline: Cohort
    columns: Mapping_[str, Column]
    sites: tuple[Column, ...]
    patterns: np.ndarray
    organs: np.ndarray
    findings: tuple[Finding, ...]
    notice: str = ""

    def site_key(self, places: np.ndarray) -> np.ndarray:
        """Combinations as one number each, by the places of their values; places has the shape (n, n_sites)."""
        key = np.zeros(len(places), dtype=np.int64)
        for column, place in zip(self.sites, places.T, strict=True):
            key = key * (len(column.values) + 1) + place
        return key

    def of_values(self, column: Column, values: Any) -> Cohort:
        """Values of one column as a cohort of nobody, a row each."""
        return _of_nobody(self.outline, pd.DataFrame({column.name: values}))

    def of_patterns(self) -> Cohort:
        """The combinations of sites as a cohort of nobody, a row each."""
        return _of_nobody(self.outline, pd.DataFrame(index=range(len(self.organs))), self.organs)


def _of_nobody(like: Cohort, table: pd.DataFrame, organs: np.ndarray | None = None) -> Cohort:
    """Rows that stand for no patient; with organs, all of the cohort's."""
    nobody, names = np.zeros(len(table), np.int64), like.organ_names if organs is not None else ()
    return counted_cohort(like, table, np.zeros((len(table), 0), np.int8) if organs is None else organs, names, nobody)


def understand(
    table: Table, name: str, n: int, mapping: Mapping | None, dictionary: Dictionary | None, answers: tuple[str, ...]
) -> Meaning:
    """Reads what the values of a table of `n` rows mean.

    Raises:
        CohortError: the values leave open what they mean, or contradict the mapping; as of a file.
        AnalysisError: no column can be read.
    """
    names = _names_of_patients(table, mapping, dictionary)
    values, findings = _values_of(table, mapping, names)
    if not values:
        raise AnalysisError(f"{name} has no column that can be read")
    if mapping is not None:  # a saved one also says of identifiers what they are
        unread = {*table.columns} - {*values}
        mapping = replace(mapping, columns=tuple(c for c in mapping.columns if c.column not in unread))
    frame = _frame(values, n)
    read = inspect_values(frame, name, dictionary=dictionary, mapping=mapping, answers=answers)
    synthetic = read.opened is not None and any(map(says_synthetic, read.opened.raw.columns))
    synthetic = synthetic or any(_are_made_up(table, raw) for raw in names)
    kept = {raw: v for raw, v in values.items() if not _is_left(read.mapping, raw)}
    if len(kept) < len(values):
        frame = _frame(kept, n)
        read = inspect_values(frame, name, dictionary=dictionary, mapping=mapping, answers=answers)
    if read.cohort is None or read.mapping is None:
        share = Finding("info", "in-proportion", f"rows are counted among {MOST_ROWS:,} that stand for {n:,} patients")
        raise CohortError((*read.findings, *([share] if n > MOST_ROWS else [])), read.questions, read.remedies)
    check_direction(table, kept, read, n, answers)
    sites = [raw for raw in kept if _is_site(read.mapping, raw, read.cohort.dictionary)]
    patterns = _patterns(table, sites) if sites else []
    meaning = _meaning(read, read.cohort, read.mapping, kept, frame, sites, patterns, findings)
    return replace(meaning, notice=SYNTHETIC if synthetic else "")


def _names_of_patients(table: Table, mapping: Mapping | None, dictionary: Dictionary | None) -> tuple[str, ...]:
    """The columns that a mapping or the dictionary says name the patients: their values are never asked for."""
    known = headings(dictionary or Dictionary.builtin(mapping.dictionary if mapping and mapping.dictionary else "necc"))
    found = []
    for raw in table.columns:
        how = mapping.column(raw) if mapping else None
        by_name = variable_named(raw, known) if how is None or (how.role == "auto" and not how.variable) else None
        if (how and how.role in UNREAD) or (by_name and by_name.kind == "identifier"):
            found.append(raw)
    return tuple(found)


def _are_made_up(table: Table, raw: str) -> bool:
    """Whether all identifiers are of made-up patients, as `SYN-001`; the engine looks, and answers by two counts."""
    column = table[raw]
    if not column.type().is_string():
        return False
    alike = column.re_search("^SYN-[0-9]+$")
    row = table.aggregate(of=column.count(), alike=alike.ifelse(1, 0).sum()).to_pandas().iloc[0]
    return bool(row["of"] and row["of"] == row["alike"])


def _is_left(mapping: Mapping | None, raw: str) -> bool:
    """Whether a column names patients, or is left out: it isn't asked for."""
    how = mapping.column(raw) if mapping else None
    return bool(how and how.role in UNREAD)


def _is_site(mapping: Mapping, raw: str, dictionary: Dictionary) -> bool:
    how = mapping.column(raw)
    if how is None:
        return False
    known = dictionary.variables.get(how.variable or raw)
    return how.role in SITE_ROLES or bool(known and (known.site or known.kind == "sites"))


def check_direction(
    table: Table, values: Mapping_[str, Values], read: Inspection, n: int, answers: tuple[str, ...]
) -> None:
    """Asks which code is the event where who is said to have it was followed as who hasn't usually is.

    It takes counts of an event by its time, in proportion where there are many.

    Raises:
        CohortError: it has to be asked.
    """
    cohort, whole = read.cohort, read.mapping
    if cohort is None or whole is None:
        return
    raws = {how.variable or how.column: how.column for how in whole.columns if how.column in values}
    pairs = {(e.time, e.event) for whole_one in cohort.dictionary.endpoints.values() for e in whole_one.parts}
    for time, event in sorted((raws[t], raws[e]) for t, e in pairs if t in raws and e in raws):
        counted = table.group_by(time=table[time], event=table[event]).aggregate(n=lambda t: t.count()).to_pandas()
        each = np.ceil(counted["n"].to_numpy() * min(1.0, MOST_ROWS / n)).astype(int)
        joint = pd.DataFrame({raw: np.repeat(counted[key].to_numpy(), each)
                              for raw, key in ((time, "time"), (event, "event"))})  # fmt: skip
        mapping = replace(whole, columns=tuple(c for c in whole.columns if c.column in joint), endpoints=tuple(
            e for e in whole.endpoints if {e.time, e.event} <= {time, event} and not e.start))  # fmt: skip
        asked = inspect(joint, "counts", dictionary=read.dictionary, mapping=mapping, answers=answers).questions
        if open_ones := tuple(q for q in asked if q.code == "direction" and q.decisive):
            raise CohortError([q.finding() for q in open_ones], open_ones)


# ---------------------------------------------------------------- the values that there are
@dataclass(frozen=True, eq=False)
class Values:
    """Of a column, all its values with how often each is there; of many numbers or dates, some, with the extremes.

    kind: "levels", "number" or "date". n_blank: rows without a value.
    """

    kind: str
    values: tuple[Any, ...]
    counts: tuple[int, ...]
    n_blank: int


def _values_of(table: Table, mapping: Mapping | None, names: Sequence[str]) -> tuple[dict[str, Values], list[Finding]]:
    """Of each column that is read its values."""
    found: dict[str, Values] = {}
    left: list[str] = []
    named = {c.column for c in mapping.columns} if mapping else set()
    for raw, dtype in table.schema().items():
        if raw in names or (named and raw not in named):
            continue
        how = mapping.column(raw) if mapping else None
        most = MOST_PATTERNS if how and how.role == "sites" else MOST_LEVELS
        column = table[raw]
        if dtype.is_date() or dtype.is_timestamp():
            found[raw] = _amounts(table, column.cast("date"), "date")
        elif not (dtype.is_numeric() or dtype.is_string() or dtype.is_boolean()):
            left.append(raw)
        elif (values := _levels(table, column, most)) is not None:
            if values.values:
                found[raw] = values
        elif dtype.is_numeric():
            found[raw] = _amounts(table, column, "number")
        elif _looks_like_days(table, column):
            found[raw] = _amounts(table, column.try_cast("date"), "date")
        else:
            left.append(raw)
    told = []
    if left:
        are = "is" if len(left) == 1 else "are"
        told.append(Finding("info", "not-read", f"{plural(len(left), 'column')} {are} not read, with more than "
                            f"{MOST_LEVELS:,} different texts each or of a type that is neither text, number nor date: "
                            f"{first_few([shorten(raw) for raw in left])}"))  # fmt: skip
    return found, told


def _levels(table: Table, column: Value, most: int) -> Values | None:
    """All values of a column; None where there are more than can be levels."""
    first = table.select(value=column).limit(LOOK).value.nunique().to_pandas()
    if first > most:  # told by a few rows, where to count all values could fill the memory
        return None
    counted = table.group_by(value=column).aggregate(n=lambda t: t.count()).limit(most + 1).to_pandas()
    if len(counted) > most:
        return None
    pairs = [(v, int(n)) for v, n in zip(counted["value"].tolist(), counted["n"], strict=True)]
    known = sorted((p for p in pairs if not _blank(p[0])), key=lambda p: (str(type(p[0])), p[0]))
    blank = sum(n for v, n in pairs if _blank(v))
    return Values("levels", tuple(v for v, _ in known), tuple(n for _, n in known), blank)


def _amounts(table: Table, column: Value, kind: str) -> Values:
    """The extremes of a column and some of its values, as readers judge numbers and dates by their range."""
    row = table.aggregate(low=column.min(), high=column.max(), n=column.count(), of=table.count()).to_pandas().iloc[0]
    some = table.select(value=column).limit(SAMPLE).to_pandas()["value"].tolist()
    ends = (v.item() if isinstance(v, np.generic) else v for v in (row["low"], row["high"]))
    values = tuple(dict.fromkeys(v for v in (*ends, *some) if not _blank(v)))
    return Values(kind, values, (1,) * len(values), int(row["of"] - row["n"]))


def _looks_like_days(table: Table, column: Value) -> bool:
    some = table.select(value=column).filter(lambda t: t.value.notnull()).limit(SAMPLE).to_pandas()["value"]
    return bool(len(some)) and bool(some.astype(str).str.fullmatch(ISO_DAY).all())


def _blank(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))


def _frame(values: Mapping_[str, Values], n: int) -> pd.DataFrame:
    """Each column's values as often as it has them; of many rows in proportion, each value at least once."""
    most = max(len(v.values) + 1 for v in values.values())
    rows = max(min(n, MOST_ROWS), most)
    return pd.DataFrame({raw: _column(v, n, rows) for raw, v in values.items()})


def _column(column: Values, n: int, rows: int) -> pd.Series:
    if not column.values:
        return pd.Series([None] * rows, dtype=object)
    blank = min(max(1, round(column.n_blank * rows / n)), rows - len(column.values)) if column.n_blank else 0
    share = rows - blank
    counts = np.array(column.counts, dtype=float)
    each = np.maximum(1, np.floor(counts / counts.sum() * (share if column.kind == "levels" else len(counts))))
    cells = [v for v, k in zip(column.values, each.astype(int), strict=True) for _ in range(k)]
    often = column.values[int(counts.argmax())]
    cells = cells[:share] if len(cells) > share else cells + [often] * (share - len(cells))
    return _series([*cells, *[None] * blank])


def _series(cells: list[Any]) -> pd.Series:
    kinds = {type(v) for v in cells if v is not None}
    if kinds == {bool}:
        return pd.Series(cells, dtype="boolean")
    if kinds == {int}:
        return pd.Series(cells, dtype="Int64")
    return pd.Series(cells, dtype=object if str in kinds or not kinds else None)


def _patterns(table: Table, sites: Sequence[str]) -> list[tuple[Any, ...]]:
    """The combinations of the sites' values that there are.

    Raises:
        AnalysisError: there are too many to be those of sites.
    """
    found = table.select(*sites).distinct().limit(MOST_PATTERNS + 1).to_pandas()
    if len(found) > MOST_PATTERNS:
        raise AnalysisError(
            f"the columns of sites ({first_few(list(sites))}) have more than {MOST_PATTERNS:,} combinations of values; "
            "sites are columns with few values each, or one column with their names"
        )
    return [tuple(row) for row in found.itertuples(index=False, name=None)]


# ---------------------------------------------------------------- what they mean
def _meaning(
    read: Inspection, cohort: Cohort, mapping: Mapping, values: Mapping_[str, Values], frame: pd.DataFrame,
    sites: list[str], patterns: list[tuple[Any, ...]], findings: list[Finding],
) -> Meaning:  # fmt: skip
    """Each value's meaning, by the first row in which it stands."""
    columns: dict[str, Column] = {}
    for raw, own in values.items():
        how = mapping.column(raw)
        names = (how.variable if how else "", raw, f"{raw} (file)")  # the last: under a known name another variable
        name = next((known for known in names if known in cohort.columns), "")
        if raw in sites or not name:
            continue
        typed = cohort.table[name]
        if pd.api.types.is_datetime64_any_dtype(typed.dtype):
            columns[name] = Column(raw, name, "date")
        elif pd.api.types.is_float_dtype(typed.dtype) and _are_amounts(own.values):
            missing = tuple(float(m) for m in (how.missing if how else ()) if _is_number(m))
            few = own.values if own.kind == "levels" else ()
            columns[name] = Column(raw, name, "number", few, scale=_scale(frame[raw], typed), missing=missing)
        elif own.kind == "levels":
            rows = [*_first_rows(frame[raw], own.values), -1]
            columns[name] = Column(raw, name, "levels", own.values, typed.array.take(rows, allow_fill=True))
    known = tuple(Column(raw, "", "site", values[raw].values) for raw in sites)
    places = np.array([[_place(c.values, v) for c, v in zip(known, row, strict=True)] for row in patterns], np.int64)
    places = places.reshape(len(patterns), len(known))
    organs = _organs_of(read, cohort, known, frame, places)
    told = (*findings, *_told(cohort), *_read_as_missing(columns.values(), values), NOT_COMPARED)
    return Meaning(_outline(cohort, columns, organs), columns, known, places, organs, told)


def _read_as_missing(columns: Iterable[Column], values: Mapping_[str, Values]) -> list[Finding]:
    """Texts that mean that nothing is known, and how many patients have each."""
    told = []
    for column in columns:
        own = values[column.raw]
        if column.kind != "levels":
            continue
        for value, n, nothing in zip(own.values, own.counts, pd.isna(column.typed), strict=False):
            if nothing:
                message = (
                    f"column '{shorten(column.raw)}': '{shorten(str(value))}' was read as missing ({n:,} patients)"
                )
                told.append(Finding("info", "missing", message, None, column.raw, str(value), n))
    return told


NOT_COMPARED = Finding(
    "info", "not-compared", "what columns say of each other isn't compared at a source, but for events by time: "
    "a recurrence without a site, say, or a final response better than the best, isn't told"
)  # fmt: skip


def _first_rows(cells: pd.Series, values: Sequence[Any]) -> list[int]:
    first: dict[Any, int] = {}
    for row, cell in enumerate(cells.tolist()):
        if not _blank(cell):
            first.setdefault(cell, row)
    return [first[value] for value in values]


def _organs_of(
    read: Inspection, cohort: Cohort, sites: Sequence[Column], frame: pd.DataFrame, places: np.ndarray
) -> np.ndarray:
    """What each combination says of the organs: of columns on the same organ either one's yes counts."""
    organs = np.full((len(places), len(cohort.organ_names)), -1, dtype=np.int8)
    for j, column in enumerate(sites):
        alone = _alone(read, frame[[column.raw]])
        own = [cohort.organ_names.index(organ) for organ in alone.organ_names]
        blanks = np.flatnonzero(frame[column.raw].map(_blank).to_numpy())
        nothing = alone._organs[blanks[0]] if len(blanks) else np.full(len(own), -1, np.int8)
        meaning = np.vstack([nothing, alone._organs[_first_rows(frame[column.raw], column.values)]])
        organs[:, own] = np.maximum(organs[:, own], meaning[places[:, j]])
    return organs


def _alone(read: Inspection, frame: pd.DataFrame) -> Cohort:
    """One column of sites as it was understood among the others."""
    whole = read.mapping or Mapping()
    mapping = replace(whole, columns=tuple(c for c in whole.columns if c.column in frame), endpoints=())
    alone = inspect_values(frame, "sites", dictionary=read.dictionary, mapping=mapping).cohort
    if alone is None:
        raise AnalysisError(f"the column of sites '{shorten(str(frame.columns[0]))}' can't be read by itself")
    return alone


def _outline(cohort: Cohort, columns: Mapping_[str, Column], organs: np.ndarray) -> Cohort:
    """The values alone, one below the other, as rows of nobody."""
    n = max([len(organs), SAMPLE, *(len(column.values) for column in columns.values())])
    rows = np.arange(n)
    table: dict[str, Any] = {}
    for name, column in columns.items():
        if column.kind == "levels":
            table[name] = column.typed.take(np.minimum(rows, len(column.values)))
        elif column.values:
            table[name] = column.amounts(np.array([*column.values, *[np.nan] * n][:n], dtype=float))
        else:
            table[name] = cohort.table[name].array.take(np.where(rows < len(cohort), rows, -1), allow_fill=True)
    matrix = np.full((n, len(cohort.organ_names)), -1, dtype=np.int8)
    matrix[: len(organs)] = organs
    return _of_nobody(cohort, pd.DataFrame(table, index=pd.RangeIndex(n)), matrix)


def _told(cohort: Cohort) -> tuple[Finding, ...]:
    """Findings on columns; those that count rows are of rows that aren't there."""
    return tuple(f for f in cohort.findings if f.n == 1 and not re.search(r"\brows?\b", f.message))


def _are_amounts(values: Sequence[Any]) -> bool:
    return all(isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in values)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _place(values: tuple[Any, ...], value: Any) -> int:
    return 0 if _blank(value) else values.index(value) + 1


def _scale(raw: pd.Series, typed: pd.Series) -> float:
    """What the readers multiplied a number with: 1, or the factor between two units of length."""
    ratios = [t / float(v) for v, t in zip(raw.tolist(), typed.tolist(), strict=True)
              if not _blank(v) and float(v) and not np.isnan(t)]  # fmt: skip
    return float(np.median(ratios)) if ratios else 1.0
