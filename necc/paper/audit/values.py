"""What a claim's keys may hold, and what a check hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from necc.paper.audit.printed import PrintedNumber

Verdict = Literal["consistent", "inconsistent", "doubtful", "cannot be checked"]
VERDICTS: tuple[Verdict, ...] = ("inconsistent", "doubtful", "cannot be checked", "consistent")
Values = Mapping[str, Any]

LARGEST_COUNT = 10_000_000


class Impossible(Exception):
    """Figures that no data can have; the message names the key."""

    def __init__(self, key: str, message: str):
        self.key, self.message = key, message
        super().__init__(message)


@dataclass(frozen=True)
class Outcome:
    """What one computation says about a claim; `part` tells apart the checks of one claim."""

    part: str
    kind: str
    verdict: Verdict
    printed: str
    computed: str
    difference: float | None
    explanation: str


@dataclass(frozen=True)
class Context:
    """What a check may look at beside its own row: the other rows of the claim, and the printed tables."""

    siblings: Sequence[Values] = ()
    data: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    def table(self, name: str) -> Sequence[Mapping[str, str]]:
        if name not in self.data:
            raise Impossible("table", f"no [data.{name}] in the file")
        return self.data[name]


# ---------------------------------------------------------------- converters
# From a value of a claim file's TOML to what a check computes with. All raise ValueError, in plain words, for a value
# they don't take; the reader of the file adds claim and key.


def text(value: object) -> str:
    """A text without the blanks around it.

    Raises:
        ValueError: no text, or nothing but blanks.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is needed")
    return value.strip()


def flag(value: object) -> bool:
    """True or false as TOML writes them.

    Raises:
        ValueError: anything else; 0 and 1 are no flags.
    """
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")
    return value


def count(value: object) -> int:
    """A number of patients or events.

    Raises:
        ValueError: not a whole number, or outside 0 to 10,000,000.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"'{value}' is not a whole number")
    if not 0 <= value <= LARGEST_COUNT:
        raise ValueError(f"a count of {value} is impossible; it lies between 0 and {LARGEST_COUNT:,}")
    return value


def figure(value: object) -> PrintedNumber:
    """A number with its printed decimals: a text, because TOML's own numbers lose the zeros at the end, or an integer.

    Raises:
        ValueError: another kind of value, or a text that is no number as publications print them.
    """
    if not isinstance(value, str | int):
        raise ValueError("a figure such as 12 or 0.229 is needed")
    return PrintedNumber.parse(value)


def share(value: object) -> float:
    """A share as a fraction, such as a level of 0.95; its decimals are not kept.

    Raises:
        ValueError: not a printed number, or not between 0 and 1, both excluded.
    """
    number = figure(value).value
    if not 0 < number < 1:
        raise ValueError(f"{number} is not between 0 and 1")
    return number


def probability(value: object) -> PrintedNumber:
    """A p-value as printed.

    Raises:
        ValueError: not a printed number, or outside 0 to 1.
    """
    number = figure(value)
    if not 0 <= number.value <= 1:
        raise ValueError(f"a p-value of {number.text} is impossible, it lies between 0 and 1")
    return number


def percent(value: object) -> PrintedNumber:
    """A share in percent as printed.

    Raises:
        ValueError: not a printed number, or outside 0 to 100.
    """
    number = figure(value)
    if not 0 <= number.value <= 100:
        raise ValueError(f"{number.text} % is impossible here, a share lies between 0 and 100 %")
    return number


def positive(value: object) -> PrintedNumber:
    """A number above 0 as printed, such as a hazard ratio.

    Raises:
        ValueError: not a printed number, or not above 0.
    """
    number = figure(value)
    if number.value <= 0:
        raise ValueError(f"{number.text} is impossible, it must be above 0")
    return number


def limits(value: object) -> tuple[PrintedNumber, PrintedNumber]:
    """The confidence limits of a ratio as printed, lower first.

    Raises:
        ValueError: not a list of two printed numbers, a negative one, or the upper limit first.
    """
    low, high = listed(figure, 2)(value)
    if low.value < 0 or low.value > high.value:
        raise ValueError(f"{low.text} to {high.text} is not an interval of a ratio, lower limit first")
    return low, high


def listed(convert: Callable[[object], Any], length: int | None = None) -> Callable[[object], tuple[Any, ...]]:
    """A converter of lists of `length` values, or of one or more; each goes through `convert`.

    It raises ValueError for another value, an empty list or another length.
    """

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value or (length is not None and len(value) != length):
            raise ValueError(f"a list of {length or 'one or more'} values is needed")
        return tuple(convert(v) for v in value)

    return read


def mapped(convert: Callable[[object], Any]) -> Callable[[object], dict[str, Any]]:
    """A converter of tables whose names are free; each value goes through `convert`.

    It raises ValueError for another value or an empty table.
    """

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not value:
            raise ValueError("a table { name = value, ... } is needed")
        return {str(k): convert(v) for k, v in value.items()}

    return read


def record(
    required: Mapping[str, Callable[[object], Any]], optional: Mapping[str, Callable[[object], Any]]
) -> Callable[[object], dict[str, Any]]:
    """A converter of nested tables with these keys, each with the converter of its value.

    It raises ValueError for another value, an unknown key, or one that is required and missing.
    """
    known = {**required, **optional}

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"a table with {', '.join(known)} is needed")
        for key in value:
            if key not in known:
                raise ValueError(f"'{key}' is not one of {', '.join(known)}")
        for key in required:
            if key not in value:
                raise ValueError(f"'{key}' is missing")
        return {k: known[k](v) for k, v in value.items()}

    return read


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The first of some verdicts in the order of `VERDICTS`; "consistent" of none."""
    return min(verdicts, key=VERDICTS.index, default="consistent")
