"""From the names of covariates to a design: columns, references, complete cases and distinct covariate patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np

from necc.analysis.regression.partial import PartialLikelihood
from necc.analysis.regression.ties import Ties
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for
from necc.core.dictionary import N_SITES, Stage, is_site
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.frozen import Frozen, read_only
from necc.core.result import leave_out
from necc.core.tally import quantiles, tally
from necc.core.text import joined
from necc.core.time_to_event import TimeToEvent
from necc.core.toml import meant

Option = TypeVar("Option")

LARGEST_CODE = 2**40
FEW_TO_SORT = 1000


@dataclass(frozen=True, eq=False)
class Covariate(Frozen):
    """A variable of a model for the analysed patients.

    codes: shape (n,), index into `levels` (a factor; the reference is the first) or into `values` (a number).
    columns: what each code contributes, shape (n_codes, n_columns).
    absent: levels of the factor that no analysed patient has.
    """

    name: str
    label: str
    kind: Literal["factor", "number"]
    unit: str
    levels: tuple[str, ...]
    two_levels: bool
    codes: np.ndarray
    columns: np.ndarray
    starts_at: Stage
    source: str
    absent: tuple[str, ...] = ()

    @property
    def is_constant(self) -> bool:
        return len(self.columns) < 2


@dataclass(frozen=True)
class Column:
    """One column of the design: a number, a level against its reference, or a product of two."""

    term: str
    variable: str
    label: str
    unit: str = ""
    level: str | None = None
    reference: str | None = None


@dataclass(frozen=True, eq=False)
class Design(Frozen):
    """What a Cox model is fitted to.

    rows: positions of the analysed patients in the cohort, shape (n,); pattern: shape (n,), index into `patterns`
    (n_patterns, n_columns). groups: the columns of each covariate and interaction.
    """

    outcome: TimeToEvent
    rows: np.ndarray
    covariates: tuple[Covariate, ...]
    interactions: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    groups: tuple[tuple[str, tuple[int, ...]], ...]
    patterns: np.ndarray
    pattern: np.ndarray
    stratum: np.ndarray | None
    strata: tuple[str, ...]
    stratum_labels: tuple[str, ...]
    excluded: tuple[Exclusion, ...]
    duplicates: tuple[str, ...]

    @property
    def time(self) -> np.ndarray:
        """Codes on the outcome's grid, shape (n,)."""
        result: np.ndarray = self.outcome.codes[self.rows]
        return result

    @property
    def event(self) -> np.ndarray:
        result: np.ndarray = self.outcome.event[self.rows]
        return result

    @property
    def patients(self) -> np.ndarray | None:
        """How many patients each row stands for, shape (n,); None where each is one."""
        patients = self.outcome.patients
        return None if patients is None else patients[self.rows]

    @property
    def x(self) -> np.ndarray:
        """One row of covariates a patient, shape (n, n_columns)."""
        result: np.ndarray = self.patterns[self.pattern]
        return result

    @cached_property
    def counts(self) -> np.ndarray | None:
        """Patients by pattern, outcome (censored, event) and time: int array, shape (n_patterns, 2, n_times).

        None with strata, and where these are too many cells for so many patients.
        """
        shape = len(self.patterns), 2, len(self.outcome.grid)
        size = shape[1] * shape[2]
        if self.stratum is not None or shape[0] * size > 4 * len(self.rows) + 100_000:
            return None
        cells, patients = self.outcome.cells, self.outcome.patients
        if len(self.rows) < len(cells):
            cells, patients = cells[self.rows], None if patients is None else patients[self.rows]
        return read_only(tally(self.pattern * size + cells, patients, shape[0] * size).reshape(shape))

    @cached_property
    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """Patients of each pattern, and those of them with the event; int arrays, shape (n_patterns,)."""
        if self.counts is not None:
            censored, events = self.counts.sum(axis=2).T
            return censored + events, events
        k, patients, event = len(self.patterns), self.patients, self.event
        happened = None if patients is None else patients[event]
        return tally(self.pattern, patients, k), tally(self.pattern[event], happened, k)

    def in_order(self) -> Design:
        """The same patients by time, event and covariates: what is drawn at random doesn't follow the file's order."""
        stratum = self.stratum if self.stratum is not None else np.zeros(len(self.rows), dtype=np.int64)
        order = np.lexsort((stratum, self.pattern, self.event, self.time))
        return replace(
            self, rows=self.rows[order], pattern=self.pattern[order],
            stratum=None if self.stratum is None else self.stratum[order],
            covariates=tuple(replace(c, codes=c.codes[order]) for c in self.covariates),
        )  # fmt: skip

    def likelihood(self, ties: Ties) -> PartialLikelihood:
        return PartialLikelihood(
            self.time, self.event, self.patterns, self.pattern, n_times=len(self.outcome.grid), stratum=self.stratum,
            patients=self.patients, ties=ties,
        )  # fmt: skip


def named_in(options: Mapping[str, Option] | None, names: Sequence[str]) -> dict[str, Option]:
    """The references or units of these covariates, out of those of all."""
    return {k: v for k, v in (options or {}).items() if k in names}


def check_named(names: Sequence[str], *options: Mapping[str, object] | None) -> None:
    """Raises AnalysisError where a reference or a unit is of no covariate."""
    for name in [name for option in options for name in option or {}]:
        if name not in names:
            raise AnalysisError(
                f"'{name}' has a reference or a unit but isn't among the covariates {joined(list(names))}"
            )


def build_design(
    cohort: Cohort,
    endpoint: str,
    covariates: Sequence[str],
    *,
    strata: Sequence[str] = (),
    interactions: Sequence[str | tuple[str, str]] = (),
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
    as_levels: bool = False,
) -> Design:
    """The design of a model on its complete cases; see `cox` for the arguments.

    as_levels: a number with levels, as that of sites, is read as its levels.

    Raises:
        AnalysisError: the cohort has no such endpoint, variable, stratum or reference level.
    """
    outcome = cohort.endpoint(endpoint)
    pairs = tuple(_pair(i) for i in interactions)
    wanted = list(covariates) + [name for pair in pairs for name in pair if name not in covariates]
    names = list(dict.fromkeys(wanted))
    duplicates = tuple(n for n in names if list(covariates).count(n) > 1)
    check_named(names, reference, per)
    readings = [_read(cohort, name, (per or {}).get(name, 1.0), as_levels) for name in names]
    factors = [cohort.factor(name) for name in strata]
    known = [(r.label, r.known) for r in readings] + [(f.label, f.codes >= 0) for f in factors]
    missing = [(f"'{label}' not recorded", ~there) for label, there in known]
    used, excluded = leave_out(outcome.valid, outcome.excluded, missing, outcome.patients)
    rows = np.flatnonzero(used if outcome.patients is None else used & (outcome.patients > 0))
    made = tuple(r.of(rows, (reference or {}).get(r.name)) for r in readings)
    stratum, labels = _strata([f.codes[rows] for f in factors], [f.levels for f in factors])
    patterns, pattern = _patterns(made, len(rows))
    columns, groups, matrix = _columns(made, pairs, patterns)
    return Design(
        outcome, rows, made, pairs, columns, groups, matrix, pattern, stratum, tuple(strata), labels, excluded,
        duplicates,
    )  # fmt: skip


# ---------------------------------------------------------------- reading
@dataclass(frozen=True, eq=False)
class _Reading:
    """A variable for the whole cohort, before incomplete patients are left out."""

    name: str
    label: str
    unit: str
    values: np.ndarray
    levels: tuple[str, ...] | None
    starts_at: Stage
    source: str

    @property
    def known(self) -> np.ndarray:
        return self.values >= 0 if self.levels is not None else ~np.isnan(self.values)

    def of(self, rows: np.ndarray, reference: str | None) -> Covariate:
        values = self.values if len(rows) == len(self.values) else self.values[rows]
        if self.levels is None:
            distinct, codes = _distinct(values)
            return Covariate(
                self.name, self.label, "number", self.unit, (), False, codes, distinct[:, None], self.starts_at,
                self.source,
            )  # fmt: skip
        order = list(range(len(self.levels)))
        if reference is not None:
            if reference not in self.levels:
                there = f"there are {joined(self.levels)}{meant(reference, self.levels)}"
                raise AnalysisError(f"'{reference}' is not a level of {self.name}; {there}")
            order.insert(0, order.pop(self.levels.index(reference)))
        counts = np.bincount(values, minlength=len(order))
        present = [i for i in order if counts[i]]
        lookup = np.zeros(len(order), dtype=np.int64)
        lookup[present] = np.arange(len(present))
        levels, absent = (tuple(self.levels[i] for i in order if bool(counts[i]) == there) for there in (True, False))
        return Covariate(
            self.name, self.label, "factor", "", levels, len(order) == 2, lookup[values],
            np.eye(len(present))[:, 1:], self.starts_at, self.source, absent,
        )  # fmt: skip


def _distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`np.unique` with the inverse; whole numbers that are near each other are counted, not sorted."""
    if len(values) > FEW_TO_SORT:
        low, high = values.min(), values.max()
        if high - low <= len(values):
            steps = (values - low).astype(np.int64)
            if np.array_equal(steps + low, values) and float(low).is_integer():
                there = np.bincount(steps) > 0
                return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[steps]
    distinct, codes = np.unique(values, return_inverse=True)
    return distinct, codes


def usual_unit(cohort: Cohort, name: str) -> float:
    """What a hazard ratio of a number is best counted by: 1, unless that is far from how the patients differ.

    Where the middle half of the patients spans more than 100 units or less than half a unit, as an age in days or a
    fraction does, a ratio per 1 reads 1.00 or is enormous: then 365 days, 30 days, or the power of ten below the span.
    """
    variable = None if name == N_SITES else cohort.variable(name)
    counts = asked_for(cohort, Wanted(names=(name,)))
    values, patients = counts.number(name), counts.patients
    known = np.isfinite(values) if patients is None else np.isfinite(values) & (patients > 0)
    if not known.any():
        return 1.0
    low, high = quantiles(values[known], (0.25, 0.75), None if patients is None else patients[known])
    span = float(high - low)
    if span == 0 or 0.5 <= span <= 100:
        return 1.0
    if variable and variable.unit == "days":
        return 365.0 if span > 365 else 30.0 if span > 100 else 1.0
    return float(10.0 ** np.floor(np.log10(span)))


def _read(cohort: Cohort, name: str, per: float, as_levels: bool = False) -> _Reading:
    if per <= 0:
        raise AnalysisError(f"the unit of '{name}' must be positive, not {per}")
    if not as_levels and _is_number(cohort, name):
        variable = None if name == N_SITES else cohort.variable(name)
        label, unit = (variable.label, variable.unit) if variable else ("Number of sites", "sites")
        if per != 1:
            unit = f"{format(per, 'g')} {unit}".strip()
        stage, source = cohort.starts_at(name), cohort.source_of(name)
        return _Reading(name, label, unit or "", cohort.number(name) / per, None, stage, source)
    if per != 1:
        raise AnalysisError(f"'{name}' has levels and no unit: per is for numbers; leave it out there")
    factor = cohort.factor(name)
    return _Reading(name, factor.label, "", factor.codes, factor.levels, factor.starts_at, factor.source)


def _is_number(cohort: Cohort, name: str) -> bool:
    """A number is linear; a cut, a grouping and anything else are levels."""
    if name == N_SITES:
        return True
    if cohort.cut(name) or name in cohort.dictionary.groupings or is_site(name):
        return False
    return cohort.variable(name).kind == "number"


def _pair(interaction: str | tuple[str, str]) -> tuple[str, str]:
    names = interaction.split("*") if isinstance(interaction, str) else list(interaction)
    names = [n.strip() for n in names]
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise AnalysisError("an interaction joins two different covariates, e.g. 'ici * site:abdominal'")
    return names[0], names[1]


def _strata(codes: list[np.ndarray], levels: list[tuple[str, ...]]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    if not codes:
        return None, ()
    combined, names = codes[0].astype(np.int64), list(levels[0])
    for more, labels in zip(codes[1:], levels[1:], strict=True):
        combined = combined * len(labels) + more
        names = [f"{a}, {b}" for a in names for b in labels]
    present, stratum = np.unique(combined, return_inverse=True)
    return stratum, tuple(names[i] for i in present)


# ---------------------------------------------------------------- columns
def _patterns(covariates: tuple[Covariate, ...], n: int) -> tuple[list[np.ndarray], np.ndarray]:
    """The distinct combinations of the covariates' codes, and each patient's index into them."""
    if len(covariates) == 1:
        (only,) = covariates
        return [np.arange(len(only.columns))], only.codes
    combined, size = np.zeros(n, dtype=np.int64), 1
    for covariate in covariates:
        k = max(len(covariate.columns), 1)
        if size * k > LARGEST_CODE:
            present, combined = np.unique(combined, return_inverse=True)
            size = len(present)
        combined, size = combined * k + covariate.codes, size * k
    if size > 4 * n + 100_000:
        _, first, pattern = np.unique(combined, return_index=True, return_inverse=True)
    else:
        holder = np.full(size, -1)
        holder[combined] = np.arange(n)
        first = holder[holder >= 0]
        pattern = (np.cumsum(holder >= 0) - 1)[combined]
    return [c.codes[first] for c in covariates], pattern


def _columns(
    covariates: tuple[Covariate, ...], pairs: tuple[tuple[str, str], ...], patterns: list[np.ndarray]
) -> tuple[tuple[Column, ...], tuple[tuple[str, tuple[int, ...]], ...], np.ndarray]:
    columns: list[Column] = []
    groups: list[tuple[str, tuple[int, ...]]] = []
    blocks: dict[str, np.ndarray] = {}
    named: dict[str, list[Column]] = {}
    for covariate, codes in zip(covariates, patterns, strict=True):
        named[covariate.name] = _columns_of(covariate)
        block = covariate.columns[codes] if len(covariate.columns) else np.zeros((0, len(named[covariate.name])))
        if not block.shape[1]:  # one level only: a column that isn't estimable, so that it shows
            block = np.zeros((len(codes), 1))
        blocks[covariate.name] = block
    for one, other in pairs:
        name = f"{one} * {other}"
        named[name] = [_product(a, b, name) for a in named[one] for b in named[other]]
        product = blocks[one][:, :, None] * blocks[other][:, None, :]
        blocks[name] = product.reshape(len(product), len(named[name]))
    for name, new in named.items():
        groups.append((name, tuple(range(len(columns), len(columns) + len(new)))))
        columns += new
    matrix = np.column_stack(list(blocks.values())) if blocks else np.zeros((1, 0))
    return tuple(columns), tuple(groups), matrix


def _columns_of(covariate: Covariate) -> list[Column]:
    if covariate.kind == "number":
        return [Column(covariate.name, covariate.name, covariate.label, covariate.unit)]
    reference = covariate.levels[0] if covariate.levels else None
    if len(covariate.levels) < 2:
        return [Column(covariate.name, covariate.name, covariate.label, "", None, reference)]
    return [
        Column(
            covariate.name if covariate.two_levels else f"{covariate.name}={level}", covariate.name, covariate.label,
            "", level, reference,
        )
        for level in covariate.levels[1:]
    ]  # fmt: skip


def _product(a: Column, b: Column, variable: str) -> Column:
    levels = [c.level for c in (a, b) if c.level]
    references = [c.reference for c in (a, b) if c.reference]
    return Column(
        f"{a.term} * {b.term}", variable, f"{a.label} × {b.label}", " × ".join(c.unit for c in (a, b) if c.unit),
        " × ".join(levels) or None, " × ".join(references) or None,
    )  # fmt: skip
