"""Counts in place of rows: what an analysis asks of the patients where nobody hands rows out.

Every answer that depends on the patients only through counts is computed of a cohort whose rows are distinct patterns,
each of which stands for `patients` many. Three sources give such rows: a cohort in memory (`summed`), an engine where
the data live (`necc.engine`), and files of aggregates (`necc.centres`). The latter two stand `behind` a cohort that has
the names, levels and endpoints, and no patient; a function that is `countable` asks them for just the patterns that its
arguments name. Whoever calls it doesn't know which source answers.

Each patient's row is needed, and its lack told in words, by delayed entry, landmarks and covariates that change with
time, multiple imputation, parametric curves, prediction, the influence of a patient, frames of a row a patient, the
course of a treatment, and whatever shows one patient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import pandas as pd

from necc.core.cohort import Cohort, Factor
from necc.core.dictionary import N_SITES, ORGAN, SITE, Endpoint
from necc.core.errors import AnalysisError, NeedsRows
from necc.core.tally import tally

if TYPE_CHECKING:
    from necc.core.selection import Selection

F = TypeVar("F", bound=Callable[..., Any])
ROWS = "each patient's row, which isn't there: the data are counts"


@dataclass(frozen=True)
class Wanted:
    """What of the patients is counted together: every combination that there is of all of this.

    endpoints: names of endpoints, each with its times and events. names: anything that `Cohort.factor` or
    `Cohort.number` takes. sites: every recurrence site. competing: of two endpoints only which came first is looked
    at, the first of them or, without it, the second.
    """

    endpoints: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    sites: bool = False
    competing: bool = False

    def __or__(self, other: Wanted) -> Wanted:
        return Wanted(
            tuple(dict.fromkeys((*self.endpoints, *other.endpoints))),
            tuple(dict.fromkeys((*self.names, *other.names))),
            self.sites or other.sites,
            self.competing or other.competing,
        )


class Counts(Protocol):
    """A source of counts: an engine, or files of aggregates."""

    def counted(self, wanted: Wanted, selections: tuple[Selection, ...]) -> Cohort:
        """The combinations of what is wanted, of the patients for whom all selections hold, as rows with `patients`.

        Raises:
            AnalysisError: the source can't give this; the message says what it can't, and what it can.
        """
        ...

    def n_patients(self, selections: tuple[Selection, ...]) -> int:
        """The patients for whom all selections hold."""
        ...


def countable(
    *, sites: bool = False, also: Callable[[Cohort, Mapping[str, Any]], Wanted] | None = None, by_part: bool = False
) -> Callable[[F], F]:
    """Marks a function that needs no more of the patients than counts; it stands below `public`.

    The endpoints, factors and sites that its arguments name are counted together.

    Args:
        sites: every site is needed, whatever is named.
        also: what is needed beside, such as a column with a role, by the cohort and the arguments.
        by_part: the function reads names and levels alone, or asks for one part after the other by `asked_for`.
    """

    def mark(function: F) -> F:
        def wanted(cohort: Cohort, given: Mapping[str, Any]) -> Wanted | None:
            if by_part:
                return None
            more = also(cohort, given) if also else Wanted()
            return more | Wanted(sites=sites)

        function.wanted = wanted  # type: ignore[attr-defined]  # functions take attributes
        return function

    return mark


def fetched(cohort: Cohort, function: Callable[..., Any], named: Wanted, given: Mapping[str, Any]) -> Cohort:
    """The cohort as a function can count it: itself where it has rows; else the patterns that are asked for.

    Raises:
        AnalysisError: the function needs rows and there are none, or the source can't give what it counts.
    """
    if cohort.patients is None:
        return cohort
    also = getattr(function, "wanted", None)
    if also is None:
        raise NeedsRows(f"{function.__name__} needs {ROWS}", f"this needs {ROWS}")
    more = also(cohort, given)
    aligned = cohort.behind is None and any(isinstance(value, Factor) for value in given.values())
    return cohort if more is None or aligned else asked_for(cohort, named | more)  # a factor's codes are of these rows


def rows_needed(cohort: Cohort, what: str) -> None:
    """Refuses a cohort of counts where single patients are looked at, and no public function of its own does it.

    what: needs the rows, as the subject of a sentence.

    Raises:
        NeedsRows: the cohort is one of counts.
    """
    if cohort.patients is not None:
        raise NeedsRows(f"{what} needs {ROWS}")


def asked_for(cohort: Cohort, wanted: Wanted) -> Cohort:
    """The patterns of what is wanted, where a source stands behind the cohort; any other cohort has its patients here.

    Raises:
        AnalysisError: the source can't give this.
    """
    if cohort.behind is None:
        return cohort if cohort.patients is None else _with_patients(cohort)
    if cohort.scheme.name != cohort.dictionary.default_scheme.name:  # which the source knows of; every organ is in both
        names = tuple(n for n in wanted.names if not n.startswith(SITE))
        wanted = replace(wanted, names=names, sites=wanted.sites or len(names) < len(wanted.names))
    counts = cohort.behind.counted(wanted, cohort.narrowed_by)
    if (counts.scheme, counts.orders) != (cohort.scheme, cohort.orders):
        rows = counts.rows
        counts = replace(counts.whole, scheme=cohort.scheme, orders=cohort.orders, _cache={})
        counts = counts if rows is None else replace(counts, root=counts, rows=rows, _cache={})
    return _with_patients(counts)


def _with_patients(counts: Cohort) -> Cohort:
    """Without the patterns that no patient has; they stay in the whole one, whose names and levels they hold."""
    assert counts.patients is not None
    there = counts.patients > 0
    return counts if there.all() else counts.subset(there)


# ---------------------------------------------------------------- which columns that takes
def columns_for(cohort: Cohort, wanted: Wanted) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of the table and the organs from which all that is wanted is read.

    Returns:
        Names of columns, in the table's order, and names of organs, in the cohort's.

    Raises:
        AnalysisError: the cohort has no such endpoint or name, or an endpoint lacks a column.
    """
    columns: set[str] = set()
    organs: set[str] = set(cohort.organ_names) if wanted.sites else set()
    for name in wanted.endpoints:
        if lacks := cohort.endpoint_lacks(name):
            raise AnalysisError(lacks)
        endpoint = cohort.dictionary.endpoints[cohort.endpoint_name(name)]
        columns |= columns_of_endpoint(endpoint)
        if any("sites" in part.event_signs for part in endpoint.parts):
            organs |= set(cohort.organ_names)
    for name in wanted.names:
        column, its_organs = _of_name(cohort, cohort.name_of(name))
        columns |= column
        organs |= its_organs
    return tuple(c for c in cohort.columns if c in columns), tuple(o for o in cohort.organ_names if o in organs)


def columns_of_endpoint(endpoint: Endpoint) -> set[str]:
    """Every variable that an endpoint's times and events may be read from, dates with them."""
    dates = {d for part in endpoint.parts for d in (part.start, *part.event_dates, part.censor_date, *part.event_if)}
    return {*endpoint.columns, *dates} - {""}


def _of_name(cohort: Cohort, name: str) -> tuple[set[str], set[str]]:
    """The columns and the organs of one factor or number."""
    if name.startswith(SITE) and name != SITE:
        cohort.factor(name)  # tells what there isn't
        sites = {cohort._site_named(site.strip()) for site in name.removeprefix(SITE).split("|")}
        return set(), _organs_of(cohort, sites)
    if name.startswith(ORGAN) and name != ORGAN:
        cohort.factor(name)
        organ = name.removeprefix(ORGAN)
        return set(), {organ} | _organs_of(cohort, {s for s, o in cohort.dictionary.default_scheme.groups.items()
                                                    if organ in o})  # fmt: skip
    if cut := cohort.cut(name):
        name = cut["name"]
    grouping = cohort.dictionary.groupings.get(name)
    if grouping and (cohort._has_origin(grouping.of) or name not in cohort.columns):
        name = grouping.of
    if name == N_SITES:
        cohort.sites_or_error()
        return set(), set(cohort.organ_names)
    return {cohort.variable(name).name}, set()


def _organs_of(cohort: Cohort, sites: Iterable[str]) -> set[str]:
    """All organs that decide on some sites: those of each, and the group's own flag that one of them may explain."""
    organs: set[str] = set()
    for site in sites:
        parts = cohort.scheme.combined.get(site) or {site: cohort.scheme.groups.get(site, (site,))}
        organs |= {organ for members in parts.values() for organ in members} | set(parts)
    for group, members in cohort.dictionary.default_scheme.own_groups.items():
        if organs & {group, *members}:
            organs |= {group, *members}
    return organs & set(cohort.organ_names)


# ---------------------------------------------------------------- of a cohort in memory
def summed(cohort: Cohort, wanted: Wanted) -> Cohort:
    """A cohort in memory as counts: one row a combination of what is wanted, with how many patients have it.

    Whatever is `countable` gives the same answer of it as of the patients' rows.

    Raises:
        AnalysisError: the cohort has no such endpoint or name.

    Example:
        >>> from necc.core.counts import Wanted, summed
        >>> counts = summed(cohort, Wanted(names=("figo_stage",)))
        >>> counts.patients.tolist(), counts.n_patients
        ([42, 27, 9, 2, 8], 88)
    """
    whole = cohort.whole
    columns, organs = columns_for(whole, wanted)
    table, places = whole.table[list(columns)], [whole.organ_names.index(organ) for organ in organs]
    matrix = raw_organs(whole)[:, places]
    key = np.zeros(len(table), dtype=np.int64)
    for values in (*(table[c] for c in columns), *(pd.Series(column) for column in matrix.T)):
        codes, levels = pd.factorize(values, use_na_sentinel=True)
        key = key * (len(levels) + 1) + codes + 1
        key = np.unique(key, return_inverse=True)[1]  # stays small, whatever the number of columns
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    own = inverse if cohort.rows is None else inverse[cohort.rows]
    patients = tally(own, cohort.patients, len(first))[order]
    return _with_patients(counted_cohort(whole, table.iloc[first[order]], matrix[first[order]], organs, patients))


def raw_organs(cohort: Cohort) -> np.ndarray:
    """Sites as they were recorded, before an organ explains its group's flag; int8, shape (n, n_organs)."""
    organs = cohort.whole._organs
    return organs if cohort.rows is None else organs[cohort.rows]


def counted_cohort(
    like: Cohort, table: pd.DataFrame, organs: np.ndarray, organ_names: tuple[str, ...], patients: np.ndarray
) -> Cohort:
    """A cohort of patterns, read as another one is.

    Args:
        like: a whole cohort, whose dictionary, scheme, source and orders of levels this one has.
        table: one row a pattern, typed as `Cohort.table`. organs: int8, shape (n_rows, n_organs).
        patients: how many patients each row stands for; int64, shape (n_rows,).
    """
    named = like.named_organs(np.asarray(organs, dtype=np.int8), organ_names)  # while the flags' columns are known
    return replace(
        like, _table=table.reset_index(drop=True), _organs=np.ascontiguousarray(named),
        organ_names=organ_names, _patients=np.asarray(patients, dtype=np.int64), behind=None, narrowed_by=(),
        id_column="", findings=(), root=None, rows=None, unedited=None, _cache={},
    )  # fmt: skip


def behind(like: Cohort, source: Counts) -> Cohort:
    """A cohort that asks a source: with the names and levels of `like`, and none of its rows' patients."""
    outline = counted_cohort(like, like.table, raw_organs(like), like.organ_names, np.zeros(len(like), dtype=np.int64))
    return replace(outline, behind=source, _cache={})
