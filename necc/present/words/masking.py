"""What is said where numbers of few patients are left out, and texts without such numbers."""

from __future__ import annotations

import re

from necc.core.text import plural

HIDDEN = "…"  # what a number is replaced by that would tell a smaller one

WHO = r"(?:patients?|events?|deaths?|women|people|persons?|others?|responders?|recurrences?|cases?)"
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9'†*“(])")
SHARE = re.compile(
    r"(?<![\d.])(?<!more than )(?!9[059](?:\.0)? %)\d[\d.]*(?:[–-]\d[\d.]*)? %"
)  # but for levels of confidence
OF_A_ROW = re.compile(r"\b[Rr]ows? \d")


def small(smallest: int) -> str:
    """`<5`, the cell of a smaller number."""
    return f"<{smallest:,}"


def marks(smallest: int) -> str:
    """The note under a table that has such cells."""
    return (
        f"{small(smallest)}: fewer than {plural(smallest, 'patient')}. {HIDDEN}: not shown, as it rests on so few, or "
        "would give their number away."
    )


def table_left_out(smallest: int) -> str:
    """Why a table isn't there."""
    return f"what is left of it would tell of groups of fewer than {plural(smallest, 'patient')}"


def rows_are_patients() -> str:
    """Why a table of patients isn't there."""
    return "each of its rows is one patient, and small numbers are masked in this project"


def figure_left_out(smallest: int) -> str:
    """Why a figure isn't there."""
    return f"it would tell of groups of fewer than {plural(smallest, 'patient')}"


def marks_are_patients() -> str:
    """Why a figure of patients isn't there."""
    return "each of its marks is one patient, and small numbers are masked in this project"


def text_left_out(smallest: int) -> str:
    """Why a text isn't there."""
    return f"all of it is about groups of fewer than {plural(smallest, 'patient')}"


def sentences_left_out(smallest: int) -> str:
    """What lacks in a text."""
    return f"Sentences that would tell of fewer than {plural(smallest, 'patient')} are left out."


def curves_end(smallest: int) -> str:
    """Where the curves of a masked figure end, and what stands below them."""
    return f"The curves end where fewer than {plural(smallest, 'patient')} of a group are at risk."


# ---------------------------------------------------------------- texts
def _few(smallest: int) -> str:
    """A number from 1 to the smallest less 1 that stands alone, as a pattern."""
    numbers = "|".join(map(str, range(smallest - 1, 0, -1)))
    return rf"(?<![\w.,–−/<]|-)(?:{numbers})(?![\w,/–−]|\.\d| %)"


def counted(smallest: int) -> re.Pattern[str]:
    """A small number with the word of whom or what it counts: `3 patients`, `2 further events`."""
    return re.compile(rf"{_few(smallest)}(?= (?:\w+ ){{0,2}}{WHO}\b)")


def shared(smallest: int) -> re.Pattern[str]:
    """A small number that is a part or a whole: `3 of 34`, `1/2`, `n = 3`, `2 (50.0 %)`."""
    few, loose = _few(smallest), "|".join(map(str, range(smallest - 1, 0, -1)))
    return re.compile(
        rf"{few}(?= of (?:the |these |its |them)?)|\bof (?:the |these )?{few}(?= {WHO}|[;,.)]|$)"
        rf"|(?<![\d/.,])(?<![<>≤≥] )(?:{loose})/\d|(?<![<>≤≥] \d)(?<=\d)/(?:{loose})(?![\d/.,]\d|\d)"
        rf"|\b[nN] ?= ?(?:{loose})(?!\d|[.,]\d)|{few}(?= \(\d[\d.]* %\))"
    )


def tells_few(text: str, smallest: int) -> bool:
    """Whether a text has the number of fewer patients, or of events among them.

    Example:
        >>> tells_few("3 of 34 patients", 5), tells_few("at 3 months, in 34 patients", 5)
        (True, False)
    """
    return bool(counted(smallest).search(text) or shared(smallest).search(text))


def without_few(text: str, smallest: int) -> str:
    """A sentence with `fewer than 5` for a smaller number; empty where a share or a whole would give it away.

    Example:
        >>> without_few("Not analysed: 3 patients (time not recorded).", 5)
        'Not analysed: fewer than 5 patients (time not recorded).'
        >>> without_few("Response in 1 of 16 patients.", 5)
        ''
    """
    if shared(smallest).search(text) or OF_A_ROW.search(text):
        return ""
    masked = counted(smallest).sub(f"fewer than {smallest:,}", text)
    if masked == text:
        return text
    masked = re.sub(rf"(fewer than {smallest:,}) patient\b", r"\1 patients", masked)
    masked = re.sub(rf"^f(?=ewer than {smallest:,})", "F", masked)
    return "" if SHARE.search(masked) else masked


def kept_sentences(text: str, smallest: int, shares: bool = True) -> str:
    """The sentences of a text that tell of nobody too few.

    shares: whether percentages stay; where a result has so few patients, one could be turned into their number.
    """
    kept = [without_few(s, smallest) for s in SENTENCE_END.split(text)]
    return " ".join(s for s in kept if s and (shares or not SHARE.search(s)))
