"""Printed numbers: each stands for every number that would be printed the same way."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Room for the rounding of binary fractions at the edge of an interval.
EDGE = 1e-9


@dataclass(frozen=True)
class Interval:
    """All values from `low` to `high`, both included."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        room = EDGE * max(1.0, abs(self.low), abs(self.high))
        return self.low - room <= value <= self.high + room

    def meets(self, other: Interval) -> bool:
        room = EDGE * max(1.0, abs(self.low), abs(self.high))
        return self.low <= other.high + room and other.low <= self.high + room


@dataclass(frozen=True)
class PrintedNumber:
    """A number as printed, e.g. "0.229", "38,678.493", "45.50", "<0.001".

    `rounded` are the values that round to it (half up or half to even), `cut` those that are cut off to it.
    """

    text: str
    value: float
    decimals: int
    below: bool = False

    @classmethod
    def parse(cls, printed: object) -> PrintedNumber:
        """Raises ValueError where the text is not a number as publications print them."""
        text = str(printed).strip()
        bare = text.replace("\u2212", "-").rstrip("%").strip()
        match = re.fullmatch(r"(<?)\s*(-?\d{1,3}(?:,\d{3})+|-?\d+)?(\.\d+)?", bare)
        if isinstance(printed, bool) or not match or not (match[2] or match[3]):
            raise ValueError(f"'{text}' is not a figure such as 12, 0.229 or <0.001")
        whole, fraction = (match[2] or "0").replace(",", ""), match[3] or ""
        if len(whole) > 15 or len(fraction) > 15:
            raise ValueError(f"'{text[:20]}…' has more digits than a publication prints")
        return cls(text, float(whole + fraction), max(0, len(fraction) - 1), bool(match[1]))

    @property
    def unit(self) -> float:
        return 10.0**-self.decimals

    @property
    def rounded(self) -> Interval:
        if self.below:
            return Interval(0.0, self.value)
        return Interval(self.value - self.unit / 2, self.value + self.unit / 2)

    @property
    def cut(self) -> Interval:
        if self.below:
            return Interval(0.0, self.value)
        away = self.unit * (1 - 1e-6)
        return Interval(self.value, self.value + away) if self.value >= 0 else Interval(self.value - away, self.value)

    @property
    def unpadded(self) -> PrintedNumber | None:
        """The number without the zeros at its end, None where there are none."""
        if self.below or not self.decimals or not self.text.rstrip("% ").endswith("0"):
            return None
        bare = self.text.rstrip("% ").rstrip("0").rstrip(".")
        return PrintedNumber.parse(bare)

    def agrees(self, other: PrintedNumber) -> bool:
        """Whether both can be prints of one number: equal, or the finer rounds to the coarser."""
        if self.decimals == other.decimals:
            return self.value == other.value
        coarse, fine = sorted((self, other), key=lambda f: f.decimals)
        return coarse.rounded.holds(fine.value)

    def like(self, value: float) -> str:
        """`value` with as many decimals as this number."""
        return f"{value + EDGE:.{self.decimals}f}" if value >= 0 else f"{value:.{self.decimals}f}"


def one_digit_apart(a: str, b: str) -> bool:
    """Whether two printed numbers of equal length differ in exactly one digit, as a slip of the pen would."""
    a, b = a.strip("% "), b.strip("% ")
    return len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1
