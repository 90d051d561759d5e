"""From what is wanted of the patients to one query, and from its rows to typed patterns.

Everything that a query holds is an Ibis expression: names and values are quoted by the engine's own dialect, never
pasted into a text. Filters become predicates for what holds, and for what is known not to hold, as what isn't recorded
is neither (see `necc.core.selection`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from necc.core.cohort import Cohort
from necc.core.counts import Wanted, columns_for, counted_cohort
from necc.core.dictionary import N_SITES
from necc.core.errors import AnalysisError
from necc.core.selection import MET, PICKED, UNKNOWN, UNMET, Condition, Group, Selection
from necc.core.text import shorten
from necc.engine.meaning import Column, Meaning

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table, Value

N = "n patients"
FIRST_DAY = pd.Timestamp("2000-01-01")
"""The day that dates are counted from in what comes back: differences alone mean something."""
CHANGED = "the table has values that it didn't have when it was opened; open it again"


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a table.

    breaks: of a number that is wanted by its cuts alone, where it is cut; its values between are one.
    """

    meaning: Meaning
    columns: tuple[Column, ...]
    organs: tuple[str, ...]
    breaks: dict[str, tuple[float, ...]]

    @classmethod
    def of(cls, meaning: Meaning, wanted: Wanted) -> Question:
        """The columns that a question needs.

        Raises:
            AnalysisError: the table has no such endpoint or name, or an endpoint lacks a column.
        """
        names, organs = columns_for(meaning.outline, wanted)
        whole = {n for n in names if _is_whole(meaning.outline, wanted, n)}
        breaks = {n: at for n in names if n not in whole and (at := _breaks(meaning.outline, wanted.names, n))}
        return cls(meaning, tuple(meaning.columns[n] for n in names), organs, breaks)

    # ------------------------------------------------------------ there
    def query(self, table: Table, selections: Sequence[Selection]) -> Table:
        """Patients by every combination of the columns, of those for whom all selections hold."""
        kept = [self.holds(table, selection) for selection in selections]
        keys = {column.name: self._key(table, column) for column in self.columns}
        dates = [column.name for column in self.columns if column.kind == "date"]
        if dates:
            import ibis

            days = {name: table[self.meaning.columns[name].raw].try_cast("date") for name in dates}
            anchor = ibis.coalesce(*days.values()) if len(days) > 1 else next(iter(days.values()))
            keys |= {name: day.delta(anchor, unit="day").cast("int64") for name, day in days.items()}
        keys |= {_site(j): table[column.raw] for j, column in enumerate(self.sites)}
        narrowed = table.filter(kept) if kept else table
        if not keys:
            return narrowed.aggregate(**{N: narrowed.count()})
        return narrowed.group_by(**keys).aggregate(**{N: lambda t: t.count()})

    def _key(self, table: Table, column: Column) -> Value:
        import ibis

        raw = table[column.raw]
        if column.kind in ("levels", "date"):
            return raw
        number = raw.cast("float64")
        if column.name not in self.breaks:
            return number
        at = [b / column.scale for b in self.breaks[column.name]]
        ways: list[tuple[Value, float | None]] = [(_is_missing(number, column), None), (number < at[0], at[0] - 1)]
        for low, high in zip(at, at[1:], strict=False):
            ways += [(number == low, low), (number < high, (low + high) / 2)]
        ways += [(number == at[-1], at[-1]), (number > at[-1], at[-1] + 1)]
        return ibis.cases(*[(when, ibis.literal(then, "float64")) for when, then in ways])

    @property
    def sites(self) -> tuple[Column, ...]:
        """The columns of sites that are asked for: all, as one may say what another leaves open, or none."""
        return self.meaning.sites if self.organs else ()

    # ------------------------------------------------------------ back
    def patterns(self, found: pd.DataFrame, selections: Sequence[Selection]) -> Cohort:
        """The rows of a query as a cohort of counts.

        Raises:
            AnalysisError: the table has other values than when it was opened.
        """
        meaning, patients = self.meaning, found[N].to_numpy(dtype=np.int64)
        added = self._values_alone() if selections else 0
        table: dict[str, Any] = {}
        for column in self.columns:
            table[column.name] = self._typed(found[column.name], column, added)
        frame = pd.DataFrame(table, index=pd.RangeIndex(len(found) + added))
        organs = np.zeros((len(found) + added, 0), dtype=np.int8)
        if self.organs:
            places = [meaning.outline.organ_names.index(organ) for organ in self.organs]
            matrix = np.concatenate([meaning.organs[self._pattern_of(found)], meaning.organs])
            rest = len(found) + added - len(matrix)
            blank = np.full((max(rest, 0), matrix.shape[1]), -1, np.int8)
            organs = np.concatenate([matrix, blank])[: len(found) + added, places]
        counts = np.concatenate([patients, np.zeros(added, dtype=np.int64)])
        return counted_cohort(meaning.outline, frame, organs, self.organs, counts)

    def _values_alone(self) -> int:
        """Rows for every value that a filter may leave nobody with, so that the levels stay those of all patients."""
        each = [len(c.values) for c in self.columns]
        return max([*each, len(self.meaning.organs) if self.organs else 0], default=0)

    def _typed(self, values: pd.Series, column: Column, added: int) -> Any:
        if column.kind == "levels":
            places, last = _places(values, column), len(column.values)
            own = np.concatenate([places - 1, np.minimum(np.arange(added), last)])
            return column.typed.take(np.where(own < 0, last, own))
        numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
        alone = np.array([*column.values, *[np.nan] * added][:added], dtype=float)
        numbers = np.concatenate([numbers, alone])
        if column.kind == "date":
            return FIRST_DAY + pd.to_timedelta(numbers, unit="D")
        return column.amounts(numbers)

    def _pattern_of(self, found: pd.DataFrame) -> np.ndarray:
        """The place of each row's combination of sites among those that there are."""
        places = np.column_stack([_places(found[_site(j)], column) for j, column in enumerate(self.sites)])
        known, keys = self.meaning.site_key(self.meaning.patterns), self.meaning.site_key(places)
        order = np.argsort(known)
        places = np.searchsorted(known[order], keys)
        if len(keys) and (places.max() >= len(known) or (known[order][places] != keys).any()):
            raise AnalysisError(CHANGED)
        return np.asarray(order[places])

    # ------------------------------------------------------------ filters
    def holds(self, table: Table, selection: Selection) -> BooleanValue:
        """Of whom every part of a selection is known to hold."""
        return reduce(and_, [self._of_part(table, part)[0] for part in selection.parts()])

    def _of_part(self, table: Table, part: Condition | Group) -> tuple[BooleanValue, BooleanValue]:
        """Of whom a condition or a group is known to hold, and of whom it is known not to."""
        if isinstance(part, Condition):
            return self._of_condition(table, part)
        each = [self._of_condition(table, condition) for condition in part.conditions]
        met, unmet = [m for m, _ in each], [u for _, u in each]
        if part.how == "not all":
            return reduce(or_, unmet), reduce(and_, met)
        holds, fails = reduce(or_, met), reduce(and_, unmet)
        return (fails, holds) if part.how == "none" else (holds, fails)

    def _of_condition(self, table: Table, condition: Condition) -> tuple[BooleanValue, BooleanValue]:
        if condition.name == PICKED:
            raise AnalysisError("patients can't be picked by hand where the data are counts")
        outline = self.meaning.outline
        spelled = condition.spelled(outline)
        names, organs = columns_for(outline, Wanted(names=(spelled.name,)))
        if organs:
            return self._of_sites(table, spelled)
        column = self.meaning.columns[names[0]]
        if column.kind == "levels":
            return _among(table[column.raw], column.values, spelled.truth(self.meaning.of_values(column, column.typed)))
        return self._of_number(table, column, spelled)

    def _of_sites(self, table: Table, condition: Condition) -> tuple[BooleanValue, BooleanValue]:
        meaning = self.meaning
        truth = condition.truth(meaning.of_patterns())
        if len(meaning.sites) == 1:  # which may be a list of sites in words, with thousands of values
            (column,) = meaning.sites
            said = np.full(len(column.values) + 1, UNKNOWN, np.int8)
            said[meaning.patterns[:, 0] - 1] = truth  # of none last
            return _among(table[column.raw], column.values, said)
        base = [len(column.values) + 1 for column in meaning.sites]
        digits = [_digit(table[column.raw], column.values) for column in meaning.sites]
        key = reduce(lambda made, part: made * part[1] + part[0], zip(digits[1:], base[1:], strict=True), digits[0])
        known = meaning.site_key(meaning.patterns)
        return _among(key, known.tolist(), np.append(truth, UNKNOWN))

    def _of_number(self, table: Table, column: Column, condition: Condition) -> tuple[BooleanValue, BooleanValue]:
        """By what the condition says at its limits, between them, and of nothing."""
        import ibis

        ends = {end for end in (condition.low, condition.high) if end is not None}
        at = sorted(ends | set(_breaks(self.meaning.outline, [condition.name], column.name)))
        if not at:
            at = [0.0]
        inner = [(a + b) / 2 for a, b in zip(at, at[1:], strict=False)]
        points = sorted([at[0] - 1, *at, *inner, at[-1] + 1])
        truth = condition.truth(self.meaning.of_values(column, [*points, np.nan]))
        number = table[column.raw].cast("float64")
        x, unknown = number * column.scale, _is_missing(number, column)
        pieces = []
        for i, point in enumerate(points):
            low, high = (at[(i - 1) // 2] if i else None), (at[i // 2] if i // 2 < len(at) else None)
            if point in at:
                pieces.append(x == point)
            else:
                sides = ([] if low is None else [x > low]) + ([] if high is None else [x < high])
                pieces.append(reduce(and_, sides))
        never = ibis.literal(False)
        known = [piece & ~unknown for piece in pieces]
        of = {t: reduce(or_, [p for p, held in zip(known, truth[:-1], strict=True) if held == t] or [never])
              for t in (MET, UNMET)}  # fmt: skip
        return (of[MET] | unknown if truth[-1] == MET else of[MET]), of[UNMET]


def _site(j: int) -> str:
    """What a column of sites is called in the answer to a query."""
    return f"site {j}"


def _places(values: pd.Series, column: Column) -> np.ndarray:
    """Which of a column's values each is, from 1 on; 0 for none; int array, shape (n,).

    Raises:
        AnalysisError: one isn't among those that there were.
    """
    codes, there = pd.factorize(values, use_na_sentinel=True)
    known = {value: place for place, value in enumerate(column.values, start=1)}
    places = [known.get(value, -1) for value in pd.Index(there).tolist()]
    if -1 in places:
        raise AnalysisError(CHANGED)
    return np.array([*places, 0], dtype=np.int64)[codes]


def _among(raw: Value, values: Sequence[Any], truth: np.ndarray) -> tuple[BooleanValue, BooleanValue]:
    """Of whom something is known to hold, and known not to, by what is said of each value and, last, of none."""
    import ibis

    empty = _unknown(raw) if raw.type().is_floating() else raw.isnull()
    sides = []
    for side in (MET, UNMET):
        held = [value for value, said in zip(values, truth.tolist(), strict=False) if said == side]
        among = raw.isin(held) & ~empty if held else ibis.literal(False)
        sides.append(among | empty if truth[-1] == side else among)
    return sides[0], sides[1]


def _unknown(number: Value) -> BooleanValue:
    """Of whom no finite number is recorded.

    Not by isnan: DuckDB leaves it out where the least and greatest values that a Parquet file names hide that a column
    has NaN (duckdb/duckdb#25521).
    """
    return number.isnull() | ~(number * 0 == 0)


def _is_missing(number: Value, column: Column) -> BooleanValue:
    """Of whom no number is recorded, or one that stands for none."""
    return reduce(or_, [number == code for code in column.missing], _unknown(number))


def _digit(raw: Value, values: Sequence[Any]) -> Value:
    """Which of a column's values it is, from 1 on; 0 for none and for one that it didn't have."""
    import ibis

    return ibis.cases(*[(raw == value, ibis.literal(i, "int64")) for i, value in enumerate(values, start=1)],
                      else_=ibis.literal(0, "int64"))  # fmt: skip


def _is_whole(outline: Cohort, wanted: Wanted, column: str) -> bool:
    """Whether a number itself is wanted, not only on which side of some cuts it is."""
    uncut = tuple(name for name in wanted.names if not _breaks(outline, [name], column))
    return column in columns_for(outline, replace(wanted, names=uncut))[0]


def _breaks(outline: Cohort, names: Iterable[str], column: str) -> tuple[float, ...]:
    """Where the names cut a number."""
    found: set[float] = set()
    for name in map(outline.name_of, names):
        grouping = outline.dictionary.groupings.get(name)
        if cut := outline.cut(name):
            if cut["name"] != N_SITES and outline.variable(cut["name"]).name == column:
                found.add(float(cut["at"]))
        elif grouping and grouping.of == column and name not in outline.columns:
            found |= {float(at) for at in (grouping.above, grouping.at_least) if at is not None}
    return tuple(sorted(found))


def too_long(seconds: float, name: str) -> AnalysisError:
    """What is told of a query that took longer than it may."""
    return AnalysisError(f"{shorten(name)} took longer than {seconds:g} s to count; filter less, or allow more time")
