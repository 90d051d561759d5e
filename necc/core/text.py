"""How numbers are written, in one place, so that the same number reads the same in a sentence, a table and a figure.

    p               three decimals; "<0.001" and ">0.999" for what would round to 0 or 1; four where three would round
                    up to 0.050
    ratios          about three figures: two decimals below 10, one below 100, none above; "<0.01" for what would round
                    to nothing
    percentages     one decimal
    times           one decimal, in the unit of the endpoint
    counts          whole, with a comma between thousands
    not there       "not reached" (a median), "not estimable" (anything else)

Hazard ratios, odds ratios and ratios of means are all ratios. JSON is never rounded. Only what stands beside a printed
figure has the digits of the print. Rounding is half up on the decimal digits (0.0525 -> "0.053"), as printed tables do
it, not half to even.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

NOT_ESTIMABLE = "not estimable"
NOT_REACHED = "not reached"
MINUS = "\u2212"
DASH = "\u2013"


class Numeral(str):
    """A text that knows the numbers it was written of; everything else sees the text alone.

    numbers: of each its start and end in the text, and its value, unrounded. A spreadsheet is written with these. What
    is put together with `written` knows those of its parts; an f-string forgets them.

    Example:
        >>> shown = format_estimate(12.21, 8.07, 20.44)
        >>> shown, shown.numbers
        ('12.2 (8.1–20.4)', ((0, 4, 12.21), (6, 9, 8.07), (10, 14, 20.44)))
    """

    numbers: tuple[tuple[int, int, float], ...]

    def __new__(cls, text: str, numbers: tuple[tuple[int, int, float], ...] = ()) -> Numeral:
        made = super().__new__(cls, text)
        made.numbers = numbers
        return made

    def __getnewargs__(self) -> tuple[str, tuple[tuple[int, int, float], ...]]:  # type: ignore[override]  # with numbers
        return str(self), self.numbers


def numeral(text: str, value: float) -> Numeral:
    """A text that is one number.

    Example:
        >>> numeral("<0.001", 0.0004).numbers
        ((0, 6, 0.0004),)
    """
    return Numeral(text, ((0, len(text), float(value)),))


def written(form: str, *parts: str) -> str:
    """`form` with each `{}` replaced by a part, whose numbers it still knows.

    Example:
        >>> written("{} %", format_number(38.64)).numbers
        ((0, 4, 38.64),)
    """
    pieces = form.split("{}")
    text, numbers = pieces[0], []
    for part, piece in zip(parts, pieces[1:], strict=True):
        numbers += [(start + len(text), end + len(text), value) for start, end, value in getattr(part, "numbers", ())]
        text += part + piece
    return Numeral(text, tuple(numbers)) if numbers else text


def format_number(value: float | None, digits: int = 1, missing: str = NOT_ESTIMABLE) -> str:
    """`value` with `digits` decimals, rounded half up; `missing` for None, NaN and infinities.

    Beyond 15 digits, which a number of 8 bytes doesn't have, a power of ten: `4.0e+27`.
    """
    if value is None or not math.isfinite(value):
        return missing
    if abs(value) >= 1e15:
        return numeral(f"{value:.1e}".replace("-", MINUS), value)
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    return numeral(f"{rounded:,f}".replace("-", MINUS), value)


def format_p(p: float | None) -> str:
    """Three decimals, "<0.001" and ">0.999" beyond, "not estimable" for None."""
    if p is None or not math.isfinite(p):
        return NOT_ESTIMABLE
    if 0.0495 <= p < 0.05:
        return numeral("<0.05", p) if p >= 0.04995 else format_number(p, 4)
    return format_number(p, 3) if 0.0005 <= p < 0.9995 else numeral("<0.001" if p < 0.0005 else ">0.999", p)


def p_phrase(p: float | None) -> str:
    """`p = 0.010`, `p < 0.001`, `p > 0.999` or `p not estimable`, for a sentence."""
    text = format_p(p)
    if text == NOT_ESTIMABLE:
        return f"p {NOT_ESTIMABLE}"
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def format_ratio(value: float | None, missing: str = NOT_ESTIMABLE) -> str:
    """A ratio with the digits that carry something: `2.38`, `12.4`, `1,513`, `<0.01`, `>1,000,000`."""
    if value is None or not math.isfinite(value):
        return missing
    if value > 1e6:
        return numeral(">1,000,000", value)
    if 0 < value < 0.01:
        return numeral("<0.01", value)
    return format_number(value, 2 if value < 9.995 else 1 if value < 99.95 else 0)


def format_ci(lower: float | None, upper: float | None, digits: int = 1, missing: str = NOT_REACHED) -> str:
    """`4.3–15.0`; a limit that isn't there says so. Without a lower limit there is no interval: "not estimable"."""
    if lower is None and missing == NOT_REACHED:
        return NOT_ESTIMABLE
    return written(f"{{}}{DASH}{{}}", format_number(lower, digits, missing), format_number(upper, digits, missing))


def format_estimate(
    value: float | None, lower: float | None, upper: float | None, digits: int = 1, missing: str = NOT_REACHED
) -> str:
    """`12.2 (8.1–20.4)`."""
    if value is None:
        return missing if lower is None else written("{} ({})", missing, format_ci(lower, upper, digits, missing))
    return written("{} ({})", format_number(value, digits), format_ci(lower, upper, digits, missing))


def format_difference(value: float) -> str:
    """`4.9e-07`, two figures of how far two programs are apart; "none" for nothing.

    Example:
        >>> format_difference(4.875e-07), format_difference(0.0)
        ('4.9e-07', 'none')
    """
    return f"{value:.1e}" if value else "none"


def format_percent(count: float, of: float, digits: int = 1) -> str:
    """`38.6`, the percentage without its sign; "not estimable" for an empty denominator."""
    return format_number(100 * count / of, digits) if of else NOT_ESTIMABLE


def format_count(count: int, of: int, digits: int = 1) -> str:
    """`34 (38.6 %)`."""
    return written("{} ({} %)", f"{count:,}", format_percent(count, of, digits)) if of else f"{count:,}"


def plural(n: int, word: str, words: str | None = None) -> str:
    """`1 patient`, `2 patients`."""
    return f"{n:,} {word if n == 1 else (words or word + 's')}"


def one_unit(unit: str) -> str:
    """What stands after "per": `year`, `10 years`, and `1` without a unit.

    Example:
        >>> one_unit("years"), one_unit("10 years"), one_unit("")
        ('year', '10 years', '1')
    """
    return (re.sub(r"(?<=..)s$", "", unit) if unit.isalpha() else unit) or "1"


def with_article(noun: str) -> str:
    """`a number`, `an event`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def joined(items: list[str] | tuple[str, ...], last: str = "and") -> str:
    """`a, b and c`."""
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def first_few(items: Sequence[str], most: int = 8) -> str:
    """`a, b and c`, or of many `a, b and 22 others`: what is there, for a message.

    Example:
        >>> first_few(["a", "b", "c", "d"], most=2)
        'a, b and 2 others'
    """
    left = len(items) - most
    return joined(list(items)) if left <= 0 else f"{', '.join(items[:most])} and {plural(left, 'other')}"


def quoted(names: Sequence[str]) -> list[str]:
    """`'without'`: names that could be read as words of the sentence."""
    return [f"'{name}'" for name in names]


def natural(text: str) -> tuple[int, list[tuple[int, float, str]], str]:
    """Sort key: "< 5" before "5-10" before "> 10", numbers by value, letters without case; never the locale's order."""
    side = {"<": -1, "≤": -1, ">": 1, "≥": 1}.get(text[:1], 0)
    parts = re.split(r"(\d+(?:\.\d+)?)", text.casefold())
    return (side, [(1, float(p), "") if i % 2 else (0 if p else -1, 0.0, p) for i, p in enumerate(parts)], text)


def rows_named(rows: Sequence[int], most: int = 8) -> str:
    """`row 3` or `rows 3, 4 and 7 more`."""
    shown = ", ".join(map(str, rows[:most])) + (f" and {len(rows) - most} more" if len(rows) > most else "")
    return f"row{'s' * (len(rows) > 1)} {shown}"


def shorten(value: str, limit: int = 60) -> str:
    """A cell as it may be shown in a message: control characters visible, length bounded."""
    clean = "".join(ch if ch.isprintable() else "\ufffd" for ch in value[: limit + 1])
    return clean if len(value) <= limit else clean[:limit] + f"… ({len(value):,} characters)"


# Characters that XML 1.0 forbids: one of them makes a whole picture or document unreadable.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def for_xml(text: str) -> str:
    """A text with a � in place of each character that XML can't hold.

    Example:
        >>> for_xml("a\\x00b"), for_xml("漢")
        ('a�b', '漢')
    """
    return FORBIDDEN.sub("\ufffd", text)


FORMULA_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"  # and those of full width, which a Japanese spreadsheet reads as them
UNSEEN = re.compile(r"[\s\0-\x1f\ufeff\u200b-\u200f\u2060]*")
PLAIN_NUMBER = re.compile(r"[+-]?\d[\d.,]*([eE][+-]?\d+)?")


def spreadsheet_safe(value: str) -> str:
    """`value` with an apostrophe in front where a spreadsheet would run it as a formula (CWE-1236).

    Plain numbers keep their sign. What stands before the sign and isn't seen doesn't hide it, as a spreadsheet may drop
    it.

    Example:
        >>> spreadsheet_safe("=1+1"), spreadsheet_safe(" =1+1"), spreadsheet_safe("-2.5")
        ("'=1+1", "' =1+1", '-2.5')
    """
    if PLAIN_NUMBER.fullmatch(value):
        return value
    before = UNSEEN.match(value)
    start = before.end() if before else 0
    starts_formula = value[:1] in ("\t", "\r", "\0", "\n") or value[start : start + 1] in [*FORMULA_SIGNS]
    return "'" + value if starts_formula else value


SIGNS = str.maketrans({"<": " lt ", "≤": " le ", ">": " gt ", "≥": " ge ", "+": " plus ", "%": " pct "})


def slug(text: str) -> str:
    """A part of a file's name: letters of any script in lower case, digits and hyphens; `> 50` is `gt-50`."""
    spelled = text.lower().translate(SIGNS)
    return re.sub(r"[\W_]+", "-", spelled).strip("-")[:80]


def own_slug(text: str) -> str:
    """A slug that no other text has, but for its case and for blanks, dots and hyphens."""
    plain = slug(text)
    return plain if re.fullmatch(r"[\w .-]+", text) else f"{plain}-{zlib.crc32(text.encode()):08x}"


_ROWS = re.compile(r"\bRow \d+(?:,\d{3})*: [^.]*\.\s*|\b(?:spreadsheet )?rows? \d+(?:,\d{3})*(?:, )?")


def without_rows(text: str) -> str:
    """Without the rows of the file: where others look on they point at a person.

    Example:
        >>> without_rows("5 patients. Row 12: CR can't come after PD. 2 left out.")
        '5 patients. 2 left out.'
    """
    return _ROWS.sub("", text)
