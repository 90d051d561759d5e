"""A column's distinct texts, and what is asked of all of them at once.

With pyarrow the questions are answered in one pass, whatever the number of texts; without it, text by text: the same
answers, later. Nothing else in reading a text table or a workbook knows which of the two is there.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from necc.ingest.codes import identity

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError:
    pa = pc = None

if TYPE_CHECKING:
    from pyarrow import Array

NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
DECIMAL_COMMA = r"([+-]?[0-9]+),([0-9]+)"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
SPACED = "[+-]?[1-9][0-9]{0,2}(['’\u00a0\u202f\u2009 ][0-9]{3})+([.,][0-9]+)?"
"""Digits grouped by three with blanks or apostrophes."""


def with_point(text: str) -> str:
    """A number with a decimal comma as one with a point; any other text as it is."""
    number = re.fullmatch(DECIMAL_COMMA, text)
    return f"{number[1]}.{number[2]}" if number else text


class Words(ABC, Sequence[str]):
    """Distinct texts in their order: `words[3]` is one of them, `words[:3]` a list."""

    @staticmethod
    def of(texts: Iterable[str]) -> Words:
        """These texts, none of them twice."""
        return PlainWords(texts) if pa is None else ArrowWords(pa.array(list(texts), pa.string()))

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    @abstractmethod
    def __getitem__(self, place: int | slice) -> str | list[str]: ...

    def __iter__(self) -> Iterator[str]:
        return iter(self[:])

    @abstractmethod
    def take(self, places: np.ndarray) -> Words:
        """Those at these places."""

    @abstractmethod
    def place_of(self, text: str) -> int:
        """Where a text stands; -1 where it isn't there."""

    @abstractmethod
    def trimmed(self) -> list[str] | None:
        """Each without surrounding blanks; None where none has any."""

    @abstractmethod
    def longest(self) -> tuple[int, int]:
        """The characters of the longest, and where it stands; 0 and -1 where there is none."""

    @abstractmethod
    def grouped(self) -> list[str]:
        """Numbers whose digits are grouped by three with blanks or apostrophes."""

    @abstractmethod
    def numbers(self, decimal: str) -> tuple[np.ndarray, np.ndarray]:
        """As numbers with this decimal sign: float array with NaN, and which of them are finite numbers."""

    @abstractmethod
    def days(self) -> tuple[np.ndarray, np.ndarray]:
        """What is written year-month-day, datetime64[D], and its places.

        Raises:
            ValueError: one of them, 2019-13-45, is no day.
        """

    @abstractmethod
    def alike(self) -> list[int]:
        """Places of the texts that are one by `identity`, or more of them."""


class PlainWords(Words):
    """Distinct texts without pyarrow."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = list(texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, place: Any) -> Any:
        return self._texts[place]

    def take(self, places: np.ndarray) -> Words:
        return PlainWords([self._texts[i] for i in places])

    @cached_property
    def _places(self) -> dict[str, int]:
        return {text: place for place, text in enumerate(self._texts)}

    def place_of(self, text: str) -> int:
        return self._places.get(text, -1)

    def trimmed(self) -> list[str] | None:
        trimmed = [text.strip() for text in self._texts]
        return None if trimmed == self._texts else trimmed

    def longest(self) -> tuple[int, int]:
        sizes = [len(text) for text in self._texts]
        return (max(sizes), sizes.index(max(sizes))) if sizes else (0, -1)

    def grouped(self) -> list[str]:
        fits = re.compile(SPACED).fullmatch
        return [text for text in self._texts if fits(text)]

    def numbers(self, decimal: str) -> tuple[np.ndarray, np.ndarray]:
        texts = [with_point(text) for text in self._texts] if decimal == "," else self._texts
        fits = re.compile(NUMBER).fullmatch
        values = np.array([float(text) if fits(text) else np.nan for text in texts], dtype=float)
        values[np.isinf(values)] = np.nan
        return values, ~np.isnan(values)

    def days(self) -> tuple[np.ndarray, np.ndarray]:
        fits = re.compile(DAY).fullmatch
        places = [i for i, text in enumerate(self._texts) if fits(text)]
        return np.array([self._texts[i] for i in places], dtype="datetime64[D]"), np.array(places, dtype=np.int64)

    def alike(self) -> list[int]:
        groups: dict[str, list[int]] = {}
        for place, text in enumerate(self._texts):
            groups.setdefault(identity(text), []).append(place)
        return sorted(place for places in groups.values() if len(places) > 1 for place in places)


class ArrowWords(Words):
    """Distinct texts as one array of pyarrow's."""

    def __init__(self, texts: Array) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, place: Any) -> Any:
        return self._texts[place].to_pylist() if isinstance(place, slice) else self._texts[int(place)].as_py()

    def take(self, places: np.ndarray) -> Words:
        return ArrowWords(self._texts.take(pa.array(places)))

    def place_of(self, text: str) -> int:
        return int(pc.index(self._texts, text).as_py()) if len(self) else -1

    def trimmed(self) -> list[str] | None:
        trimmed = pc.utf8_trim_whitespace(self._texts)
        return None if trimmed.equals(self._texts) else list(trimmed.to_pylist())

    def longest(self) -> tuple[int, int]:
        if not len(self):
            return 0, -1
        sizes = pc.utf8_length(self._texts)
        size = pc.max(sizes).as_py()
        return int(size), int(pc.index(sizes, size).as_py())

    def grouped(self) -> list[str]:
        return list(self._texts.filter(self._fits(self._texts, SPACED)).to_pylist())

    @staticmethod
    def _fits(texts: Array, pattern: str) -> Array:
        """Which texts are of a pattern, from end to end."""
        return pc.match_substring_regex(texts, rf"\A(?:{pattern})\z")

    def numbers(self, decimal: str) -> tuple[np.ndarray, np.ndarray]:
        if not len(self):
            return np.zeros(0), np.zeros(0, dtype=bool)
        comma = rf"\A{DECIMAL_COMMA}\z"
        texts = pc.replace_substring_regex(self._texts, comma, r"\1.\2") if decimal == "," else self._texts
        fits = self._fits(texts, NUMBER)
        digits = pc.replace_substring_regex(texts.filter(fits), r"^\+", "")
        is_number = fits.to_numpy(zero_copy_only=False).copy()
        values = np.full(len(self), np.nan)
        values[is_number] = pc.cast(digits, pa.float64()).to_numpy(zero_copy_only=False)
        infinite = np.isinf(values)
        values[infinite], is_number[infinite] = np.nan, False
        return values, is_number

    def days(self) -> tuple[np.ndarray, np.ndarray]:
        fits = self._fits(self._texts, DAY)
        read = pc.cast(self._texts.filter(fits), pa.date32())  # pyarrow's error is a ValueError
        places = np.flatnonzero(fits.to_numpy(zero_copy_only=False))
        return read.to_numpy(zero_copy_only=False).astype("datetime64[D]"), places

    def alike(self) -> list[int]:
        plain = pc.utf8_lower(pc.utf8_normalize(self._texts, form="NFKC"))
        for pattern, new in ((r"[\s\p{Z}\p{Cf}]", ""), (r"^([0-9]+)\.0+$", r"\1"), (r"(\pL)[-_./#]+([0-9])", r"\1\2"),
                             (r"(^|[^0-9])0+([0-9])", r"\1\2")):  # fmt: skip
            plain = pc.replace_substring_regex(plain, pattern, new)
        _, codes = np.unique(plain.to_numpy(zero_copy_only=False), return_inverse=True)
        return np.flatnonzero(np.bincount(codes)[codes] > 1).tolist() if len(codes) else []
