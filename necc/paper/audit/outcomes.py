"""What a check of a claim looks at, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["consistent", "inconsistent", "doubtful", "cannot be checked"]
VERDICTS: tuple[Verdict, ...] = ("inconsistent", "doubtful", "cannot be checked", "consistent")
Values = Mapping[str, Any]


class Impossible(Exception):
    """Figures that no data can have; the message names the key."""

    def __init__(self, key: str, message: str):
        self.key, self.message = key, message
        super().__init__(message)


Scale = Literal["ratio", "p", "percent", "count", "time", "curve"]
Origin = Literal["printed", "follows", "beside"]


@dataclass(frozen=True)
class Mark:
    """One number of a check as a picture shows it.

    origin: "printed" by the paper, what "follows" from other printed figures, or stands "beside" them for comparison.
    low, high: limits of an interval; None without. at: the time of a survival, None elsewhere.
    """

    label: str
    value: float
    origin: Origin
    low: float | None = None
    high: float | None = None
    at: float | None = None


@dataclass(frozen=True)
class Shown:
    """The numbers of a check on one axis: ratios, p-values, shares in percent, counts, times, or survival over time.

    line: where the axis turns: a ratio of 1, the level of p, half of the patients; None without. unit: of times.
    """

    scale: Scale
    marks: tuple[Mark, ...]
    line: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one computation says about a claim; `part` tells apart the checks of one claim.

    shown: its numbers for a picture; None where no picture says more than the words. value: of a p, what is computed,
    unrounded; None elsewhere, and where it can't be.
    """

    part: str
    kind: str
    verdict: Verdict
    printed: str
    computed: str
    difference: float | None
    explanation: str
    shown: Shown | None = None
    value: float | None = None


@dataclass(frozen=True)
class Context:
    """What a check may look at beside its own row: the other rows of the claim, and the printed tables."""

    siblings: Sequence[Values] = ()
    data: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    def table(self, name: str) -> Sequence[Mapping[str, str]]:
        if name not in self.data:
            raise Impossible("table", f"no [data.{name}] in the file")
        return self.data[name]


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The first of some verdicts in the order of `VERDICTS`; "consistent" of none."""
    return min(verdicts, key=VERDICTS.index, default="consistent")
