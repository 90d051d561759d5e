"""R code as text: values quoted so that whatever a file holds stays data, and never becomes code."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

WIDTH = 100
PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
KEPT_WORDS = {
    "if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL", "Inf", "NaN",
    "NA",
}  # fmt: skip
TAKEN = {*KEPT_WORDS, "time", "event", "group", "who"}
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
"""R's own names for signs that would end a text, or that nobody sees."""


def quoted(text: str) -> str:
    """A text as R writes it, in ASCII alone, so that it means the same whatever the locale.

    Example:
        >>> quoted('IIIC1 "node"')
        '"IIIC1 \\\\"node\\\\""'
    """
    return f'"{"".join(map(_sign, text))}"'


def _sign(sign: str) -> str:
    code = ord(sign)
    if sign in ESCAPES:
        return ESCAPES[sign]
    if 32 <= code < 127:
        return sign
    if code == 0:
        return ""  # no text of R holds it
    if 0xD800 <= code < 0xE000:
        return "\\ufffd"  # half a sign
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str, mark: str = "#") -> list[str]:
    """A text as lines of comment; whatever it holds, nothing of it is code."""
    words = ["".join(c if c.isprintable() else "?" for c in word) for word in text.split()]
    lines, line = [], mark
    for word in words:
        if len(line) + 1 + len(word) > WIDTH and line != mark:
            lines.append(line)
            line = mark
        line = f"{line} {word}"
    return [*lines, line]


def number(value: float | None) -> str:
    """A number with every digit it has; NA for none.

    Example:
        >>> number(0.1), number(None), number(7)
        ('0.1', 'NA', '7')
    """
    if value is None or math.isnan(value):
        return "NA"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def vector(parts: Iterable[str], indent: int = 2) -> str:
    """`c(...)` of parts that are R already, over as many lines as it takes; a single part stands alone."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    whole = f"c({', '.join(parts)})"
    return whole if len(whole) <= WIDTH - 2 * indent else f"c(\n{rows(parts, indent)})"


def rows(parts: Sequence[str], indent: int = 2) -> str:
    """Parts with commas between them, over lines of a width that can be read."""
    lines, line = [], ""
    for i, part in enumerate(parts):
        piece = f"{part}," if i + 1 < len(parts) else part
        if line and len(line) + 1 + len(piece) > WIDTH - indent:
            lines.append(" " * indent + line)
            line = piece
        else:
            line = f"{line} {piece}" if line else piece
    return "\n".join([*lines, " " * indent + line])


def texts(values: Iterable[str], indent: int = 2) -> str:
    """A vector of texts; `character()` of none."""
    values = list(values)
    return vector(map(quoted, values), indent) if values else "character()"


def numbers(values: Iterable[float | None], indent: int = 2) -> str:
    """A vector of numbers; `numeric()` of none."""
    values = list(values)
    return vector(map(number, values), indent) if values else "numeric()"


def ranges(values: Sequence[int]) -> str:
    """Whole numbers, ascending, as R writes runs of them.

    Example:
        >>> ranges([2, 3, 4, 7])
        'c(2:4, 7)'
    """
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    shown = [str(a) if a == b else f"{a}:{b}" for a, b in runs]
    return vector(shown) if shown else "integer()"


def part_of(holder: str, name: str) -> str:
    """A part of a list or a column of a table, by its name.

    Example:
        >>> part_of("data", "age_years"), part_of("data", "Alter (J.)")
        ('data$age_years', 'data[["Alter (J.)"]]')
    """
    plain = PLAIN_NAME.fullmatch(name) and name not in KEPT_WORDS
    return f"{holder}${name}" if plain else f"{holder}[[{quoted(name)}]]"


def own_names(names: Sequence[str]) -> list[str]:
    """A plain name for each of some names, no two alike: what a formula of R can hold."""
    taken: list[str] = []
    for name in names:
        bare = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "x"
        if not bare[0].isalpha() or bare in TAKEN:
            bare = f"x_{bare}"
        new, k = bare, 2
        while new in taken:
            new, k = f"{bare}_{k}", k + 1
        taken.append(new)
    return taken
