"""The partial likelihood of Cox's model on distinct rows, and its derivatives.

Patients with the same covariates who leave between the same two event times contribute alike, so the likelihood is
computed on distinct (time, covariates) rows with their counts. Stratified, left-truncated and counting-process data
(start, stop] are the same with other risk sets. All numbers agree with R's `coxph`.

References:
    1. Cox DR. J R Stat Soc B 1972;34:187-220. doi:10.1111/j.2517-6161.1972.tb00899.x
    2. Therneau TM, Grambsch PM. Modeling Survival Data. Springer 2000. doi:10.1007/978-1-4757-3294-8
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from necc.analysis.regression.separation import values_along
from necc.analysis.regression.ties import TieMethod, Ties, TieSums
from necc.core.frozen import Frozen
from necc.core.tally import tally

ALIASED = float(np.finfo(float).eps) ** 0.75  # share of a column's information that the others leave: as coxph has it
CELLS_PER_ROW = 16  # a table of counts up to this size costs less than sums over rows


@dataclass(frozen=True, eq=False)
class Moments(Frozen):
    """The likelihood at one coefficient vector, in the scaled covariates of its `PartialLikelihood`.

    score: shape (p,); information: shape (p, p); relative_hazard: shape (n_units,), weights included;
    s0, s1, e0, e1: totals over the risk sets and over the events, shapes (n_event_times,) and (n_event_times, p).
    """

    loglik: float
    score: np.ndarray
    information: np.ndarray
    relative_hazard: np.ndarray
    s0: np.ndarray
    s1: np.ndarray
    e0: np.ndarray
    e1: np.ndarray
    sums: TieSums


def independent(information: np.ndarray, n_events: float) -> np.ndarray:
    """bool, shape (p,): the columns that the ones before them don't determine.

    information: at zero coefficients, of columns of unit spread, shape (p, p): about one an event, else rounding.
    """
    rest = information.copy()
    size = np.diag(rest).copy()
    floor = ALIASED * max(size.max(initial=0.0), n_events, 1e-300) * 1e-3
    free = np.zeros(len(size), dtype=bool)
    for j in range(len(size)):
        if rest[j, j] > max(ALIASED * size[j], floor):
            free[j] = True
            rest -= np.outer(rest[:, j], rest[j]) / rest[j, j]
    return free


class PartialLikelihood:
    """A Cox partial likelihood: patients gathered to rows, and its derivatives at any coefficients.

    Rows are sorted by `last`; a row is at risk at the event times first <= e < last. Event times are counted within
    strata. `x` (n_rows, p) is centred and scaled; `count`, `events` (n_rows,) say how many patients a row stands for
    and how many of them have the event (at event time last - 1). `row_of` (n_given,) finds the row of each
    that was given, -1 where it is never at risk at an event and so doesn't matter. `n` counts patients.

    The likelihood itself is computed on units: the covariate patterns with their counts at risk at each event time
    where these are few (a product with a small matrix then is a sum over a risk set), else the rows. `unit_x` holds
    their covariates, `unit` (n_rows,) the unit of a row.
    """

    def __init__(
        self,
        time: np.ndarray,
        event: np.ndarray,
        patterns: np.ndarray,
        pattern: np.ndarray,
        *,
        n_times: int,
        entry: np.ndarray | None = None,
        stratum: np.ndarray | None = None,
        weights: np.ndarray | None = None,
        patients: np.ndarray | None = None,
        ties: Ties = "efron",
    ):
        """
        Args:
            time, event: codes on a grid of `n_times` ascending times, shape (n,), and events, bool.
            patterns: distinct covariate rows, shape (n_patterns, p); `pattern`: index into them, shape (n,).
            entry: time code after which a patient is at risk, -1 for from the start; shape (n,).
            stratum: int codes from 0, shape (n,).
            weights: case weights with R's meaning, shape (n,); they may not vary within a pattern.
            patients: how many each of these rows stands for, shape (n,), 1 or more; None where each is one.
        """
        self.ties: Ties = ties
        self.time, self.event, self.entry, self.n_times = np.asarray(time, dtype=np.int64), event, entry, n_times
        self.n_given, self.p, self.patients = len(time), patterns.shape[1], patients
        self.n = self.n_given if patients is None else int(patients.sum())
        self._given = patterns, pattern, stratum, weights
        self.n_strata = int(stratum.max()) + 1 if stratum is not None and len(stratum) else 1
        cell = self.time
        if stratum is not None:
            cell = cell + np.asarray(stratum, dtype=np.int64) * n_times
        at_cell = tally(cell[event], self._patients(event), self.n_strata * n_times)
        self.event_cells = np.flatnonzero(at_cell)
        self.n_tied = at_cell[self.event_cells]
        self.n_event_times = len(self.event_cells)
        self.event_time = self.event_cells % n_times
        upto = np.cumsum(at_cell > 0)
        self.bounds = np.concatenate([[0], upto[n_times - 1 :: n_times]]) if n_times else np.zeros(2, np.int64)
        first = np.zeros(self.n_given, np.int64) if stratum is None else self.bounds[stratum]
        last = upto[cell] if self.n_given else cell
        if entry is not None:
            shift = 0 if stratum is None else np.asarray(stratum, dtype=np.int64) * n_times
            first = np.where(entry >= 0, upto[np.maximum(entry, 0) + shift], first)
        self._gather(first, last, event, patterns, pattern, entry is not None)
        self._weigh(patterns, weights, pattern)
        self._choose_units(patterns)
        self.method = TieMethod(ties, self.n_tied)

    # ------------------------------------------------------------ rows
    def _patients(self, chosen: np.ndarray) -> np.ndarray | None:
        return None if self.patients is None else self.patients[chosen]

    def _gather(
        self,
        first: np.ndarray,
        last: np.ndarray,
        event: np.ndarray,
        patterns: np.ndarray,
        pattern: np.ndarray,
        truncated: bool,
    ) -> None:
        size, n_patterns = self.n_event_times + 1, len(patterns)
        used = last > first
        key = last * n_patterns + pattern
        if truncated:
            key += first * (size * n_patterns)
        cells = size * n_patterns * (size if truncated else 1)
        self.row_of = np.full(self.n_given, -1, dtype=np.int64)
        if cells <= 4 * self.n_given + 100_000:
            count = tally(key[used], self._patients(used), cells)
            rows = np.flatnonzero(count)
            place = np.cumsum(count > 0) - 1
            row_of, count = place[key[used]], count[rows]
        elif n_patterns < self.n_given or truncated:
            rows, row_of = np.unique(key[used], return_inverse=True)
            count = tally(row_of, self._patients(used), len(rows))
        else:
            order = np.argsort(key[used], kind="stable")
            rows, each = key[used][order], self._patients(used)
            count = np.ones(len(order), dtype=np.int64) if each is None else each[order]
            row_of = np.empty(len(order), dtype=np.int64)
            row_of[order] = np.arange(len(order))
        kept_first = (rows // (size * n_patterns)) if truncated else None
        last_pattern = rows % (size * n_patterns)
        row_last, row_pattern = last_pattern // n_patterns, last_pattern % n_patterns
        events = tally(row_of[event[used]], self._patients(used & event), len(rows))
        if kept_first is not None:  # sorted by entry first: sort by exit
            order = np.argsort(row_last, kind="stable")
            back = np.empty(len(order), dtype=np.int64)
            back[order] = np.arange(len(order))
            row_of, count, events = back[row_of], count[order], events[order]
            row_last, row_pattern, kept_first = row_last[order], row_pattern[order], kept_first[order]
        self.row_of[used] = row_of
        self.last, self.pattern, self.count, self.events = row_last, row_pattern, count, events
        self.stratum_of = np.repeat(np.arange(self.n_strata), np.diff(self.bounds))
        self._start_of = np.repeat(self.bounds[:-1], np.diff(self.bounds))
        self.first = self._start_of[row_last - 1] if kept_first is None else kept_first
        self._leaving = np.searchsorted(row_last, np.arange(1, size))
        self.event_rows = np.flatnonzero(events)
        self.event_of = row_last[self.event_rows] - 1
        self._event_starts = np.searchsorted(self.event_of, np.arange(self.n_event_times))
        self._entering: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
        late = np.flatnonzero(self.first > self._start_of[row_last - 1]) if truncated else np.zeros(0, np.int64)
        if len(late):
            late = late[np.argsort(self.first[late], kind="stable")]
            at, starts = np.unique(self.first[late], return_index=True)
            self._entering = late, starts, at - 1

    def _weigh(self, patterns: np.ndarray, weights: np.ndarray | None, pattern: np.ndarray) -> None:
        k = len(patterns)
        per_pattern = np.bincount(self.pattern, self.count, k)
        total = per_pattern.sum()
        self.center = per_pattern @ patterns / total if total else np.zeros(self.p)
        centred = patterns - self.center
        spread = np.sqrt(per_pattern @ centred**2 / total) if total else np.ones(self.p)
        constant = spread <= 1e-12 * np.maximum(np.abs(self.center), 1e-300)
        self.varies = ~constant
        self.scale = np.where(constant, 1.0, spread)
        self.pattern_x = np.where(constant, 0.0, centred / self.scale)
        self.pattern_weight = np.ones(k)
        if weights is not None:
            self.pattern_weight[pattern] = weights
        self.weight = self.pattern_weight[self.pattern]
        self.event_weight = (self.events * self.weight)[self.event_rows]
        tied = np.add.reduceat(self.event_weight, self._event_starts) if self.n_event_times else np.zeros(0)
        self.mean_weight = tied / np.maximum(self.n_tied, 1)
        died = np.bincount(self.pattern[self.event_rows], self.event_weight, k)
        self.sum_events = died @ self.pattern_x

    @cached_property
    def x(self) -> np.ndarray:
        """Centred and scaled covariates of each row, shape (n_rows, p)."""
        return self.pattern_x[self.pattern]

    @property
    def x_events(self) -> np.ndarray:
        """Those of the rows with events."""
        return self.pattern_x[self.pattern[self.event_rows]]

    def _choose_units(self, patterns: np.ndarray) -> None:
        n_rows, cells = len(self.count), self.n_event_times * len(patterns)
        self._at_risk: np.ndarray | None = None
        if not cells or cells > CELLS_PER_ROW * n_rows + 1000:
            self.unit, self.unit_x, self.unit_weight = np.arange(n_rows), self.x, self.weight
            return
        shape = (self.n_event_times, len(patterns))
        self._dying = np.bincount((self.last - 1) * shape[1] + self.pattern, self.events, cells).reshape(shape)
        self._at_risk = self._risk_counts(shape)
        self.unit, self.unit_x, self.unit_weight = self.pattern, self.pattern_x, self.pattern_weight

    def _risk_counts(self, shape: tuple[int, int]) -> np.ndarray:
        """Patients of each pattern at risk at each event time."""
        steps = np.bincount((self.last - 1) * shape[1] + self.pattern, self.count, shape[0] * shape[1]).reshape(shape)
        if self._entering:
            late = self._entering[0]
            cell = (self.first[late] - 1) * shape[1] + self.pattern[late]
            steps = steps - np.bincount(cell, self.count[late], shape[0] * shape[1]).reshape(shape)
        return self._cumulate(steps)

    # ------------------------------------------------------------ sums
    def over_risk_sets(self, values: np.ndarray) -> np.ndarray:
        """Sums over the patients at risk at each event time of their units' values, (n_units,) or (n_units, k)."""
        if not self.n_event_times:
            return np.zeros((0, *values.shape[1:]))
        if self._at_risk is not None:
            result: np.ndarray = self._at_risk @ values
            return result
        values = (values.T * self.count).T
        steps = np.add.reduceat(values, self._leaving, axis=0)
        if self._entering:
            rows, starts, at = self._entering
            steps[at] -= np.add.reduceat(values[rows], starts, axis=0)
        return self._cumulate(steps)

    def _cumulate(self, steps: np.ndarray) -> np.ndarray:
        """From who leaves at each event time to who is at risk at it, within strata."""
        for start, stop in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            steps[start:stop] = steps[start:stop][::-1].cumsum(axis=0)[::-1]
        return steps

    def over_events(self, values: np.ndarray) -> np.ndarray:
        """Sums over the events at each time of their units' values, (n_units,) or (n_units, k)."""
        if not self.n_event_times:
            return np.zeros((0, *values.shape[1:]))
        if self._at_risk is not None:
            result: np.ndarray = self._dying @ values
            return result
        rows = self.event_rows
        return np.add.reduceat((values[rows].T * self.events[rows]).T, self._event_starts, axis=0)

    def risk_totals(self, values: np.ndarray) -> np.ndarray:
        """For each unit, the sum over its patients of event times' values while they are at risk."""
        if self._at_risk is not None:
            result: np.ndarray = self._at_risk.T @ values
            return result
        return (self.while_at_risk(values).T * self.count).T

    def event_totals(self, values: np.ndarray) -> np.ndarray:
        """For each unit, the sum over its events of their times' values."""
        if self._at_risk is not None:
            result: np.ndarray = self._dying.T @ values
            return result
        result = np.zeros((len(self.count), *values.shape[1:]))
        result[self.event_rows] = (values[self.event_of].T * self.events[self.event_rows]).T
        return result

    def while_at_risk(self, values: np.ndarray) -> np.ndarray:
        """Sums of event times' values (n_event_times,) or (.., k) over the time each row is at risk."""
        upto = np.concatenate([np.zeros((1, *values.shape[1:])), values.cumsum(axis=0)])
        result: np.ndarray = upto[self.last] - upto[self.first]
        return result

    # ------------------------------------------------------------ likelihood
    def at(self, beta: np.ndarray, third: bool = False, information: bool = True) -> Moments:
        """Log likelihood, score and information at `beta` (scaled, shape (p,))."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            hazard = self.unit_weight * np.exp(self.unit_x @ beta)
            values = np.column_stack([hazard, hazard[:, None] * self.unit_x])
            at_risk, dying = self.over_risk_sets(values), self.over_events(values)
            (s0, s1), (e0, e1) = (at_risk[:, 0], at_risk[:, 1:]), (dying[:, 0], dying[:, 1:])
            sums = self.method.sums(s0, e0, third)
            loglik = float(self.sum_events @ beta - self.mean_weight @ sums.log)
            score = self.sum_events - (self.mean_weight * sums.a[0]) @ s1 + (self.mean_weight * sums.a[1]) @ e1
            moments = Moments(loglik, score, np.zeros((0, 0)), hazard, s0, s1, e0, e1, sums)
            matrix = self.information(moments) if information else moments.information
        return Moments(loglik, score, matrix, hazard, s0, s1, e0, e1, sums)

    def information(self, m: Moments, g: np.ndarray | None = None) -> np.ndarray:
        """Sum over event times of g times the covariance of the covariates in the risk set; shape (p, p)."""
        weight = self.mean_weight if g is None else self.mean_weight * g
        a0, a1 = (weight * a for a in m.sums.a)
        b0, b1, b2 = (weight * b for b in m.sums.b)
        total = self.risk_totals(a0)
        result = -m.s1.T @ (b0[:, None] * m.s1)
        if self.method.efron:
            total = total - self.event_totals(a1)
            cross = m.s1.T @ (b1[:, None] * m.e1)
            result += cross + cross.T - m.e1.T @ (b2[:, None] * m.e1)
        result += self.unit_x.T @ ((m.relative_hazard * total)[:, None] * self.unit_x)
        symmetric: np.ndarray = (result + result.T) / 2
        return symmetric

    @cached_property
    def at_zero(self) -> Moments:
        """The likelihood without any difference between patients."""
        return self.at(np.zeros(self.p))

    def free_of_alias(self, among: np.ndarray | None = None) -> np.ndarray:
        """The columns that the ones before them don't determine within the risk sets; bool, shape (p,).

        among: the columns that there are, the others being left out; all by default; bool, shape (p,).
        """
        free = np.ones(self.p, dtype=bool) if among is None else among.copy()
        used = np.flatnonzero(free)
        free[used] = independent(self.at_zero.information[np.ix_(used, used)], float(self.event_weight.sum()))
        return free

    def gaps(self) -> np.ndarray:
        """x of an event minus x of those at risk with it, enough of them to imply all others; shape (n_pairs, p).

        Tied events are there both ways round. Where nobody enters late, who leaves is compared with the last event
        before, and each event with the next: the sums of these are all pairs.
        """
        model = self.event_rows[self._event_starts] if self.n_event_times else np.zeros(0, np.int64)
        x = self.x
        if self._entering:
            each = np.repeat(np.arange(len(self.last)), self.last - self.first)
            past = np.arange(len(each)) - np.repeat(np.cumsum(self.last - self.first), self.last - self.first)
            pairs = [x[model[self.last[each] + past]] - x[each]]
        else:
            within = np.flatnonzero(np.diff(self.stratum_of) == 0)
            pairs = [x[model[self.last - 1]] - x, x[model[within]] - x[model[within + 1]]]
        tied = x[model[self.event_of]] - x[self.event_rows]
        return np.concatenate([*pairs, -tied])

    def within(self, direction: np.ndarray) -> PartialLikelihood:
        """The likelihood of comparisons between patients with equal values along `direction` (scaled, shape (p,))."""
        patterns, pattern, stratum, weights = self._given
        value = values_along(direction, self.pattern_x)[pattern]
        if stratum is not None:
            value = value + np.asarray(stratum, dtype=np.int64) * (int(value.max(initial=0)) + 1)
        return PartialLikelihood(
            self.time, self.event, patterns, pattern, n_times=self.n_times, entry=self.entry,
            stratum=np.unique(value, return_inverse=True)[1], weights=weights, patients=self.patients, ties=self.ties,
        )  # fmt: skip
