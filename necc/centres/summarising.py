"""A cohort as a centre's file: one fixed set of tables of counts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from necc import __version__
from necc.analysis.competing import death_competes, followed_to_death
from necc.centres.disclosure import TableSize, notes_on, rule_of
from necc.centres.file import (
    CAME_BACK,
    DIED,
    DIED_LATER,
    EVENT,
    FIRST,
    MARKS,
    NEITHER,
    NOT_A_FACTOR,
    NOT_FOLLOWED,
    PATIENTS,
    SEEN_LATER,
    SITES_COLUMN,
    TIME,
    CentreFile,
    N,
)
from necc.core.canonical import canonical
from necc.core.coarse import cell_width, coarse_times
from necc.core.cohort import SITES, Cohort, Factor
from necc.core.counts import Wanted, asked_for
from necc.core.dictionary import N_SITES, Dictionary, Variable, builtin_names, is_site
from necc.core.errors import AnalysisError
from necc.core.guardrails import SMALLEST_CELL
from necc.core.tally import tally

MOST_LEVELS = 6
"""Levels: a factor with more isn't in a file unless it is asked for."""
KNOWN_BEFORE = ("baseline", "treatment")
OTHER_SECTION = Variable("", "", "category").section
"""The section of a column that no code book has placed."""
Table = dict[str, Any]


def summarise(
    cohort: Cohort,
    *,
    centre: str = "centre",
    endpoints: Sequence[str] | None = None,
    factors: Sequence[str] | None = None,
    sites: bool = True,
    responses: bool = True,
    separate: bool = False,
    smallest_cell: int = SMALLEST_CELL,
    time_grid: str = "month",
    period: str = "",
    filters: Sequence[str] = (),
    despite_ledger: str = "",
) -> CentreFile:
    """What a centre hands on in place of its patients' rows: counts, in agreed words.

    Every endpoint has a table of its patients by time, event, the factors and the sites; one further table counts
    factors, sites and responses, and one what came first, recurrence or death, where both are among the endpoints. No
    row, date or identifier is in it. Where few patients share a cell the tables are nevertheless information on single
    persons, and the file says so.

    Args:
        cohort: the patients, in memory or counted by an engine.
        centre: what the file is to call them.
        endpoints: names; all that the cohort has without.
        factors: names of categories, yes/no columns, groupings or cut numbers; `default_factors` without.
        sites: whether recurrence sites are counted; each combination of them is a pattern.
        responses: whether columns of responses are counted, in the table without times.
        separate: each factor in a table of its own, and the sites in another: larger cells, and no model with several
            of them.
        smallest_cell: patients; a cell of fewer makes the file person-level information. The cells stay as they are.
        time_grid: `days`, as times are recorded; `month` or `quarter`, the middle of the one in which each falls.
        period: when the patients were seen, in words.
        filters: which of the centre's patients these are, as they were filtered.
        despite_ledger: why the file is made although a ledger refused it.

    Raises:
        AnalysisError: no such endpoint, factor or grid, a factor with too many levels, or no name for the centre.

    Example:
        >>> from necc.centres import summarise
        >>> file = summarise(cohort, centre="North", endpoints=["PRS"], factors=["figo_stage"], sites=False)
        >>> file.tables["PRS"]["columns"], file.rule["person_level"]
        (['time', 'event', 'figo_stage', 'n'], True)
    """
    _check(centre, smallest_cell)
    names = [*dict.fromkeys(cohort.endpoint_name(name) for name in endpoints or cohort.endpoint_names())]
    known = _factors(cohort, default_factors(cohort) if factors is None else factors)
    told = {f.name: f for f in known}
    with_sites = sites and bool(cohort.site_names)
    came_back = _recurred(cohort) if with_sites else ()
    beside = (*came_back, *(response_factors(cohort) if responses else ()))
    answers = {f.name: f for f in beside if f.name not in told}
    groups = _groups([*told], with_sites, separate)
    levels = {f.name: f.levels for f in (*told.values(), *answers.values())}
    tables: dict[str, Table] = {}
    for name in names:
        if lacks := cohort.endpoint_lacks(name):
            raise AnalysisError(lacks)
        for group in groups:
            tables[_named(name, group) if separate else name] = _table(cohort, name, group, levels, time_grid)
    if recurrence := _with_deaths(cohort, names) if with_sites else "":
        group = [SITES_COLUMN] if separate else groups[0]
        name = f"{recurrence} or death"
        tables[_named(name, group) if separate else name] = _table(
            cohort, recurrence, group, levels, time_grid, death=cohort.dictionary.role("death_endpoint")
        )
    sited = [f.name for f in came_back]
    alone = [[name] for name in answers if name not in sited] if separate else [[*answers]]
    for group in [*groups, *alone] if separate else [[*groups[0], *alone[0]]]:
        beside_sites = sited if separate and SITES_COLUMN in group else []  # nobody else's sites are of a recurrence
        columns = sorted([*group, *beside_sites], key=lambda c: c == SITES_COLUMN)
        tables[_named(PATIENTS, group) if separate else PATIENTS] = _table(cohort, "", columns, levels, time_grid)
    return CentreFile(
        centre=centre.strip(),
        patients=cohort.n_patients,
        code_book={"name": cohort.dictionary.name, "sha256": code_book_mark(cohort.dictionary)},
        endpoints={name: _endpoint(cohort, name, tables, time_grid) for name in names},
        factors=[_said(cohort, factor) for factor in (*told.values(), *answers.values())],
        sites=_sites(cohort, with_sites),
        rule=rule_of([TableSize.of(n, t, smallest_cell) for n, t in tables.items()], smallest_cell, time_grid,
                     separate=separate, despite_ledger=despite_ledger),
        tables=tables,
        period=period,
        filters=list(filters),
        notes=notes_on(time_grid, whole_months=_whole_months(cohort, names), filtered=bool(filters)),
        notice=cohort.source.notice,
        software=f"necc {__version__}",
    )  # fmt: skip


def _check(centre: str, smallest_cell: int) -> None:
    if not centre.strip():
        raise AnalysisError("the centre has no name; give one by which its file is known, such as 'North'")
    if not isinstance(smallest_cell, int) or smallest_cell < 1:
        raise AnalysisError(f"the smallest cell is a whole number of patients, at least 1, not {smallest_cell}")


# ---------------------------------------------------------------- what is counted by
def default_factors(cohort: Cohort) -> tuple[str, ...]:
    """The factors of a file for which none is named.

    Of the covariates that the code book offers first and its treatment those with two to six levels, known at the
    baseline or at treatment, whose levels are words of the code book; without any, all factors of which this holds. A
    grouping stands for the column that it groups. Sites and responses are counted beside them. Fewer factors make
    larger cells.

    Example:
        >>> from necc.centres import default_factors
        >>> "figo_stage" in default_factors(cohort)
        True
    """
    book, grouped, found = cohort.dictionary, set(), []
    for name in cohort.factor_names():
        if not _offered(cohort, name) or cohort.source_of(name) in grouped:
            continue
        if name in book.groupings:
            grouped.add(cohort.source_of(name))
        found.append(name)
    known = {*cohort.factor_names(), *cohort.number_names()}
    first = {cohort.source_of(name) for name in (*book.default_covariates, book.treatment) if name in known}
    chosen = tuple(name for name in found if cohort.source_of(name) in first)
    return chosen or tuple(found)


def _offered(cohort: Cohort, name: str) -> bool:
    """Whether a factor has few levels, all in agreed words, and is known before the outcome."""
    if is_site(name) or cohort.source_of(name) in (SITES, N_SITES):
        return False
    factor = cohort.whole.factor(name)
    variable = cohort.dictionary.variables[factor.source]
    fitting = variable.kind not in ("event", "response") and not variable.site and factor.starts_at in KNOWN_BEFORE
    return fitting and 2 <= len(factor.levels) <= MOST_LEVELS and not own_words(cohort, factor)


def response_factors(cohort: Cohort) -> tuple[Factor, ...]:
    """The columns of responses that the file has values of, with the levels of the code book."""
    known = cohort.dictionary.variables
    factors = [cohort.whole.factor(n) for n in cohort.columns if known[n].kind == "response" and cohort.has(n)]
    return tuple(f for f in factors if not own_words(cohort, f))


def _recurred(cohort: Cohort) -> tuple[Factor, ...]:
    """Whether the disease came back, where the patients' file says so: what is told of sites is of these patients."""
    name = cohort.dictionary.role("recurrence")
    if name not in cohort.columns or cohort.dictionary.variables[name].kind not in ("event", "flag"):
        return ()
    return (cohort.whole.factor(name),)


def own_words(cohort: Cohort, factor: Factor) -> tuple[str, ...]:
    """Levels that are words of the patients' file, and not of the code book.

    Example:
        >>> from necc.centres import own_words
        >>> own_words(cohort, cohort.factor("figo_stage"))
        ()
    """
    variable = cohort.dictionary.variables.get(factor.source)
    if variable is None or variable.kind in ("number", "flag", "event") or factor.name in cohort.dictionary.groupings:
        return ()
    known = _levels_of_the_book(cohort.dictionary, variable)
    return tuple(level for level in factor.levels if level not in known)


def _levels_of_the_book(dictionary: Dictionary, variable: Variable) -> tuple[str, ...]:
    """The levels that a code book gives a variable; none where the patients' file brought the column with it."""
    if dictionary.name in builtin_names():
        known = Dictionary.builtin(dictionary.name).variables.get(variable.name)
        return known.levels if known else variable.levels if variable.kind == "response" else ()
    return variable.levels if variable.section != OTHER_SECTION else ()


def _factors(cohort: Cohort, names: Sequence[str]) -> list[Factor]:
    found: dict[str, Factor] = {}
    for name in names:
        factor = cohort.whole.factor(name)
        if is_site(factor.name) or factor.name == N_SITES or factor.source in (SITES, N_SITES):
            raise AnalysisError(f"'{name}' isn't named as a factor: the sites are in the file with each of their "
                                "combinations; name categories, yes/no columns or cut numbers")  # fmt: skip
        if factor.name in NOT_A_FACTOR:
            raise AnalysisError(f"a column called '{factor.name}' can't be a factor of the file, which has one of its "
                                "own of that name; rename the column")  # fmt: skip
        # what only others of the centre's file have isn't told in the file's own words
        found[factor.name] = cohort.factor(name).trimmed() if own_words(cohort, factor) else factor
    return [*found.values()]


def _groups(factors: Sequence[str], sites: bool, separate: bool) -> list[list[str]]:
    """What is counted together, a table each."""
    every = [*factors, *([SITES_COLUMN] if sites else [])]
    return [[], *([name] for name in every)] if separate else [every]


def _named(name: str, group: Sequence[str]) -> str:
    return f"{name} by {group[0]}" if group else name


# ---------------------------------------------------------------- the tables
def _table(
    cohort: Cohort, endpoint: str, columns: Sequence[str], levels: Mapping[str, tuple[str, ...]], grid: str, *,
    death: str = "",
) -> Table:  # fmt: skip
    """Patients by all of this, in the order of their times, events and codes.

    death: of a table that tells which came first, the event or death, the endpoint of the latter.
    """
    names = tuple(c for c in columns if c != SITES_COLUMN)
    timed = tuple(filter(None, (endpoint, death)))
    rows = asked_for(cohort, Wanted(timed, names, sites=SITES_COLUMN in columns, competing=bool(death)))
    keys: list[tuple[np.ndarray, list[Any]]] = []  # codes, and what each stands for
    if endpoint:
        time, event = _first(rows, endpoint, death, grid) if death else _observed(rows, endpoint, grid)
        distinct, codes = np.unique(time, return_inverse=True)  # NaN comes last, and once
        keys.append((codes, [None if np.isnan(t) else t for t in distinct.tolist()]))
        keys.append((event + 1, [*range(-1, NOT_FOLLOWED + 1)]))
    for name in names:
        factor, known = rows.factor(name), {level: code for code, level in enumerate(levels[name])}
        keys.append((factor.codes + 1, [-1, *(known.get(level, -1) for level in factor.levels)]))
    if SITES_COLUMN in columns:
        patterns, codes = np.unique(rows.site_matrix, axis=0, return_inverse=True)
        keys.append((codes.reshape(-1), ["".join(MARKS[m] for m in row) for row in patterns.tolist()]))
    stacked = np.column_stack([codes for codes, _ in keys]) if keys else np.zeros((len(rows), 0), dtype=np.int64)
    cells, places = _distinct(stacked)
    counts = tally(places, rows.patients, len(cells)).tolist()
    made = [[*(stands[code] for code, (_, stands) in zip(cell, keys, strict=True)), n]
            for cell, n in zip(cells.tolist(), counts, strict=True) if n]  # fmt: skip
    first = [TIME, FIRST if death else EVENT] if endpoint else []
    return {"endpoint": endpoint, "columns": [*first, *columns, N], "rows": made}


def _distinct(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows of codes (int, shape (n, n_columns)) in order, and the place of each row among them."""
    if not codes.shape[1]:
        return np.zeros((min(len(codes), 1), 0), dtype=np.int64), np.zeros(len(codes), dtype=np.int64)
    key = np.zeros(len(codes), dtype=np.int64)
    for column in codes.T:
        key = key * (int(column.max(initial=0)) + 1) + column
        key = np.unique(key, return_inverse=True)[1].reshape(-1)  # stays small, whatever the number of columns
    _, first, places = np.unique(key, return_index=True, return_inverse=True)
    return codes[first], places.reshape(-1)


def _observed(cohort: Cohort, name: str, grid: str) -> tuple[np.ndarray, np.ndarray]:
    """Times on the grid, NaN where they aren't known, and events; equal times are equal as in every analysis."""
    endpoint = cohort.endpoint(name)
    time, event = cohort.observed(name)
    return coarse_times(np.where(endpoint.valid, endpoint.time, time), grid, endpoint.unit), event.astype(np.int64)


def _with_deaths(cohort: Cohort, names: Sequence[str]) -> str:
    """The endpoint of recurrence, where it and that of death are both counted and compete; else ""."""
    recurrence, death = (cohort.dictionary.role(f"{role}_endpoint") for role in ("recurrence", "death"))
    return recurrence if {recurrence, death} <= {*names} and death_competes(cohort, recurrence, death) else ""


def _first(cohort: Cohort, name: str, death: str, grid: str) -> tuple[np.ndarray, np.ndarray]:
    """Times on the grid to what came first, NaN where they aren't known, and what it was."""
    endpoint = cohort.endpoint(name)
    followed = followed_to_death(cohort, endpoint, death)
    time, event = cohort.observed(name)
    time = np.where(endpoint.valid, endpoint.time, time)
    time = np.where(followed.dead | followed.late, followed.lives.time, time)
    came = np.where(event == 1, CAME_BACK, np.where(event == 0, NEITHER, -1)).astype(np.int64)
    came[followed.dead], came[followed.late], came[followed.unknown] = DIED, SEEN_LATER, NOT_FOLLOWED
    came[followed.late & followed.dead] = DIED_LATER
    return coarse_times(time, grid, endpoint.unit), came


def _whole_months(cohort: Cohort, names: Sequence[str]) -> bool:
    """Whether the times of every endpoint are whole months as they are recorded, which a grid can only shift."""
    for name in names:
        times = asked_for(cohort, Wanted((name,))).endpoint(name)
        cells = times.grid / cell_width("month", times.unit)
        if not len(cells) or np.abs(cells - np.round(cells)).max() > 1e-6:
            return False
    return bool(names)


# ---------------------------------------------------------------- what its words mean
def _endpoint(cohort: Cohort, name: str, tables: Mapping[str, Table], grid: str) -> dict[str, Any]:
    known = cohort.dictionary.endpoints[name]
    return {"label": known.label, "unit": known.unit, "origin": known.origin, "starts_at": known.starts_at,
            "defined_as": known.defined_as, "time_grid": grid,
            "tables": [table for table, made in tables.items() if made["endpoint"] == name]}  # fmt: skip


def _said(cohort: Cohort, factor: Factor) -> dict[str, Any]:
    return {"name": factor.name, "label": factor.label, "levels": list(factor.levels), "ordered": factor.ordered,
            "starts_at": factor.starts_at, "source": factor.source}  # fmt: skip


def _sites(cohort: Cohort, counted: bool) -> dict[str, Any]:
    names = cohort.site_names if counted else ()
    return {"scheme": cohort.scheme.name, "label": cohort.scheme.label, "names": list(names),
            "labels": {site: cohort.site_label(site) for site in names}}  # fmt: skip


def code_book_mark(book: Dictionary) -> str:
    """The SHA-256 of what a code book says of endpoints, groupings and sites.

    A file's own columns aren't part of it: they are compared one by one.
    """
    said = {part: {name: asdict(entry) for name, entry in getattr(book, part).items()}
            for part in ("endpoints", "groupings", "schemes")}  # fmt: skip
    said["organs"] = {name: {"label": organ.label} for name, organ in book.organs.items()}
    return hashlib.sha256(canonical({"name": book.name, "version": book.version, **said})).hexdigest()
