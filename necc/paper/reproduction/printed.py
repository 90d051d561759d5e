"""What a cell of a paper may hold, and what computing it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from necc.core.estimate import Estimate
from necc.core.text import DASH, joined
from necc.core.toml import listed, text
from necc.paper.printed import PrintedNumber
from necc.paper.values import limits, probability

SIDE = re.compile(r"(>=|<=|≥|≤|>|<)\s*(0?\.\d+)")


@dataclass(frozen=True)
class Side:
    """A p-value of which the paper tells the side only, e.g. "no difference": `>= 0.05`."""

    text: str
    above: bool
    at: float

    def holds(self, value: float) -> bool:
        return (value >= self.at) == self.above


@dataclass(frozen=True)
class Limits:
    """A confidence interval as printed."""

    lower: PrintedNumber
    upper: PrintedNumber


@dataclass(frozen=True)
class Names:
    """What a paper lists in its own words, e.g. the factors that a selection kept."""

    names: tuple[str, ...]


Printed = PrintedNumber | Side | Limits | Names | str


def show_printed(printed: Printed) -> str:
    """The text of the page."""
    if isinstance(printed, Limits):
        return f"{printed.lower.text}{DASH}{printed.upper.text}"
    if isinstance(printed, Names):
        return joined(printed.names)
    return printed if isinstance(printed, str) else printed.text


def read_p(value: object) -> Printed:
    """A p-value, or the side of a level that it lies on.

    Raises:
        ValueError: it is no number between 0 and 1.
    """
    printed = str(value).strip()
    side = SIDE.fullmatch(printed)
    if side and (side[1] != "<" or float(side[2]) >= 0.01):  # "<0.001" is a p-value, "< 0.05" a side
        return Side(printed.replace(">=", "≥").replace("<=", "≤"), side[1][0] in ">≥", float(side[2]))
    return probability(value)


def read_names(value: object) -> Names:
    return Names(listed(text)(value))


def read_limits(value: object) -> Limits:
    return Limits(*limits(value))


@dataclass(frozen=True)
class Computed:
    """What the app computes for a cell, unrounded.

    value: the figure; `pair`: the limits of an interval; `words`: a text; `names`: the variables behind a list in
    words. None and empty where it can't be computed, and `why` says why; otherwise `why` is what a reader should know.
    n: the patients it rests on. interval: the cohort's own confidence interval of the figure, in its unit. beside: the
    result under another coding. coding: of a ratio, what is set against what, or the number of which it is per 1.
    """

    value: float | None = None
    pair: tuple[float, float] | None = None
    words: str = ""
    names: tuple[str, ...] | None = None
    n: int | None = None
    interval: Estimate | None = None
    why: str = ""
    beside: str = ""
    coding: str = ""

    @property
    def there(self) -> bool:
        return self.value is not None or self.pair is not None or bool(self.words)


Values = Mapping[str, Any]
Cells = dict[str, Computed]


@dataclass
class Context:
    """What a kind may look at beside its own row: the rows of its table, and what was fitted before."""

    rows: Sequence[Values] = ()
    fitted: dict[object, object] = field(default_factory=dict)
