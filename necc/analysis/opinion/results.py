"""What another program finds, beside what is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from necc.core.result import Result

Judge = Literal["lifelines", "scikit-survival", "R"]
JUDGES: tuple[Judge, ...] = ("lifelines", "scikit-survival", "R")
Reason = Literal["", "median", "end", "limits", "search", "concordance"]
"""Why a program may differ, "" where it shouldn't: how a median on a flat step is taken; limits where a curve reaches
zero; which limits it has; where its search stops; which pairs a concordance counts."""
Left = Literal["no-judge", "firth"]
"""Why numbers aren't compared: no program that was asked computes them; Firth's likelihood, which none of them has."""
TOLERANCE = 1e-6  # of what is iterated; sums agree to some 1e-12


def difference(ours: float | None, theirs: float | None) -> float:
    """How far two numbers are apart: absolute below one, relative above; infinite where one of them isn't there.

    Example:
        >>> difference(200.0, 201.0), difference(0.5, 0.25), difference(None, None)
        (0.005, 0.25, 0.0)
    """
    one, other = (value is not None and math.isfinite(value) for value in (ours, theirs))
    if ours is None or theirs is None or not (one and other):
        return math.inf if one or other else 0.0
    return abs(ours - theirs) / max(1.0, abs(ours))


@dataclass(frozen=True)
class Number:
    """One number as it is shown, and as another program has it; None where there is none.

    what: the kind of number. place: which of them, as a group and a time.
    """

    what: str
    place: str
    ours: float | None
    theirs: float | None
    reason: Reason = ""


@dataclass(frozen=True)
class Compared(Result):
    """Numbers of one kind of one exhibit, computed again by one program.

    exhibit: what a reader calls it. program, version: who computed. n: how many numbers were compared.
    difference: the largest, see `difference`; place, ours, theirs: where it is, and what both have.
    reason: why it may differ, see `Reason`.
    """

    exhibit: str
    what: str
    program: Judge
    version: str
    n: int
    difference: float
    place: str
    ours: float | None
    theirs: float | None
    reason: Reason = ""

    @property
    def agrees(self) -> bool:
        """Whether both are the same to within what iterations leave."""
        return self.difference <= TOLERANCE


@dataclass(frozen=True)
class Asked(Result):
    """A program that was asked: its version, or why it couldn't answer."""

    program: Judge
    version: str
    lacks: str = ""


@dataclass(frozen=True)
class Opinion(Result):
    """A second opinion on some results: the largest difference first.

    asked: the programs. left: by exhibit what wasn't compared, and why: a code of `Left`, or the program's own words.
    """

    rows_in = "rows"

    rows: tuple[Compared, ...]
    asked: tuple[Asked, ...]
    left: tuple[tuple[str, str], ...] = ()

    @property
    def n(self) -> int:
        """Numbers compared."""
        return sum(row.n for row in self.rows)

    @property
    def largest(self) -> Compared | None:
        """The row with the largest difference among those that should have none; None without such a row."""
        return next((row for row in self.rows if not row.reason), None)

    @property
    def apart(self) -> tuple[Compared, ...]:
        """Rows that differ without a known reason."""
        return tuple(row for row in self.rows if not row.reason and not row.agrees)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; a difference is None where only one side has a number."""
        fields = super().to_dict()
        return {"n": self.n, "apart": len(self.apart), **fields, "left": [list(pair) for pair in self.left]}


def in_order(rows: Iterable[Compared]) -> tuple[Compared, ...]:
    """Without a reason first, and the largest difference first."""
    return tuple(sorted(rows, key=lambda row: (bool(row.reason), -row.difference, row.exhibit, row.program, row.what)))


def summed(numbers: Iterable[Number], exhibit: str, program: Judge, version: str) -> Iterator[Compared]:
    """One row a kind of number and reason, with the largest difference among them."""
    found: dict[tuple[str, Reason], Compared] = {}
    for number in numbers:
        gap = difference(number.ours, number.theirs)
        # a number that both lack says nothing of a convention
        row = found.get(key := (number.what, number.reason if gap else ""))
        if row is None:
            row = Compared(exhibit, number.what, program, version, 0, -1.0, "", None, None, key[1])
        if gap > row.difference:
            row = replace(row, difference=gap, place=number.place, ours=number.ours, theirs=number.theirs)
        found[key] = replace(row, n=row.n + 1)
    yield from found.values()
