"""Sums over tied events, in closed form, so that a fit costs the number of distinct times and not of events.

With d events tied at one time, Efron's method [1] puts d denominators c_l = S0 - (l/d) E0, l = 0..d-1, in the place of
one. Everything a Cox model needs of them are the sums of log c_l and of (l/d)^k / c_l^m. As c_l is an arithmetic
series, they are differences of the log-gamma, digamma and polygamma functions; few tied events are summed as they are.

References:
    1. Efron B. J Am Stat Assoc 1977;72:557-65. doi:10.1080/01621459.1977.10480613
    2. Breslow N. Biometrics 1974;30:89-99. doi:10.2307/2529620
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from necc.core.frozen import Frozen

Ties = Literal["efron", "breslow"]
_Sums = list[np.ndarray]
SUMMED_UP_TO = 24
SHIFT = 8  # terms summed before the asymptotic series, whose argument is then at least 9
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730)  # B2, B4, ... B12


@dataclass(frozen=True, eq=False)
class TieSums(Frozen):
    """Sums over the denominators of each event time; arrays of shape (n_event_times,).

    log: sum of log c; a[k]: sum of f^k / c; b[k]: of f^k / c^2; c[k]: of f^k / c^3, with f = l / d.
    """

    log: np.ndarray
    a: tuple[np.ndarray, np.ndarray]
    b: tuple[np.ndarray, np.ndarray, np.ndarray]
    c: tuple[np.ndarray, ...] = ()


class TieMethod:
    """Efron's or Breslow's way with the events tied at each time; `n_events`: int array, shape (n_event_times,)."""

    def __init__(self, ties: Ties, n_events: np.ndarray):
        self.efron = ties == "efron"
        self.n_events = n_events.astype(float)
        few = (n_events > 1) & (n_events <= SUMMED_UP_TO)
        self.few = np.flatnonzero(few)
        self.many = np.flatnonzero(n_events > SUMMED_UP_TO)
        tied = n_events[self.few]
        self.starts = np.concatenate([[0], np.cumsum(tied)[:-1]]).astype(np.intp) if len(tied) else tied
        self.repeat = np.repeat(np.arange(len(tied)), tied)
        step = np.arange(len(self.repeat)) - (self.starts[self.repeat] if len(tied) else 0)
        self.fraction = step / tied[self.repeat] if len(tied) else np.zeros(0)

    def sums(self, s0: np.ndarray, e0: np.ndarray, third: bool = False) -> TieSums:
        """The sums for risk-set totals `s0` and event totals `e0`, both of shape (n_event_times,).

        third: also the sums over c^3, which Firth's penalty needs.
        """
        d, zero = self.n_events, np.zeros(len(s0))
        inverse = 1 / s0
        with np.errstate(over="ignore"):
            log, a0, b0, c0 = d * np.log(s0), d * inverse, d * inverse**2, d * inverse**3
        a, b, c = [a0, zero.copy()], [b0, zero.copy(), zero.copy()], [c0, zero.copy(), zero.copy(), zero.copy()]
        if self.efron and len(self.few):
            self._few(s0, e0, log, a, b, c, third)
        if self.efron and len(self.many):
            self._many(s0, e0, log, a, b, c, third)
        return TieSums(log, (a[0], a[1]), (b[0], b[1], b[2]), tuple(c) if third else ())

    def _few(self, s0: np.ndarray, e0: np.ndarray, log: np.ndarray, a: _Sums, b: _Sums, c: _Sums, third: bool) -> None:
        rows, f = self.few, self.fraction
        denominator = s0[rows][self.repeat] - f * e0[rows][self.repeat]
        log[rows] = np.add.reduceat(np.log(denominator), self.starts)
        inverse = power = 1 / denominator
        for m, sums in enumerate((a, b, c) if third else (a, b), start=1):
            term = power
            for k in range(m + 1):
                sums[k][rows] = np.add.reduceat(term, self.starts)
                term = term * f
            power = power * inverse

    def _many(self, s0: np.ndarray, e0: np.ndarray, log: np.ndarray, a: _Sums, b: _Sums, c: _Sums, third: bool) -> None:
        rows = self.many
        s, e, d = s0[rows], e0[rows], self.n_events[rows]
        h = e / d
        low = s / h - d + 1  # the smallest denominator in units of h
        logs, inverse, squares, cubes = _series(low, d, third)
        log[rows] = d * np.log(h) + logs
        ways = [(a, inverse, 1, [d]), (b, squares, 2, a), (c, cubes, 3, b)]
        for sums, first, power, before in ways if third else ways[:2]:
            sums[0][rows] = first / h**power
            for k in range(1, power + 1):
                lower = before[k - 1] if power == 1 else before[k - 1][rows]
                sums[k][rows] = (s * sums[k - 1][rows] - lower) / e


def _series(low: np.ndarray, n: np.ndarray, third: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sums over k = 0..n-1 of log(low + k) and (low + k)^-1, ^-2, ^-3; shape (n_times,), n > SHIFT.

    third: whether the last are asked for; else they are none.
    """
    head = low + np.arange(SHIFT)[:, None]
    y, m = low + SHIFT, n - SHIFT
    x = y + m
    logs = np.log(head).sum(axis=0) + (y - 0.5) * np.log1p(m / y) + m * np.log(x) - m
    first = m / (x * y)  # 1/y - 1/x without cancellation, and so on
    one_x, one_y, one_head = 1 / x, 1 / y, 1 / head
    second = first * (one_x + one_y)
    square_x, square_y, square_head = one_x * one_x, one_y * one_y, one_head * one_head
    inverse = one_head.sum(axis=0) + np.log1p(m / y) + 0.5 * first
    squares = square_head.sum(axis=0) + first + 0.5 * second
    cubes = np.zeros(0)
    if third:
        cubes = 2 * (square_head * one_head).sum(axis=0) + second + first * (square_x + one_x * one_y + square_y)
    at_x, at_y = square_x, square_y
    for k, bernoulli in enumerate(BERNOULLI, start=1):
        logs += bernoulli / (2 * k * (2 * k - 1)) * (at_x * x - at_y * y)
        inverse -= bernoulli / (2 * k) * (at_x - at_y)
        squares += bernoulli * (at_y * one_y - at_x * one_x)
        if third:
            cubes += (2 * k + 1) * bernoulli * (at_y * square_y - at_x * square_x)
        at_x, at_y = at_x * square_x, at_y * square_y
    return logs, inverse, squares, cubes / 2
