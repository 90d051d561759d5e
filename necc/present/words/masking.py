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
PART = re.compile(
    r"(?<![\w.,–−/-])(\d[\d,]*) of (?:the |these |its |them )?(\d[\d,]*)(?!\.\d|\w"
    r"| (?:\w+ )?(?:characteristics|tests|items|covariates|columns|numbers|pairs|sites|models))"
)  # 7 of 8 responders
OUT_OF = re.compile(r"(?<![<>≤≥] )(?<![\w.,/–−-])(\d[\d,]*)/(\d[\d,]*)(?![\w/]|\.\d)")
WITH_SHARE = re.compile(r"(?<![\w.,])(\d[\d,]*) \((\d+(?:\.\d+)?) %\)")
FROM_TO = re.compile(r"\bfrom (\d[\d,]*) to (\d[\d,]*)(?= \()")  # from 7 to 6 (−14.3 %), of two files
OF_PATIENTS = re.compile(r"(?<![\w.,–−/-])(\d[\d,]*) patients\b")
REFERS = re.compile(
    r"^(?:(?:All|Most|None|Some|One|Each|\d+) of (?:them|these)|Of (?:them|these)|They|These|Those|Their)\b"
)
"""How a sentence begins that speaks of those of the one before."""
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


def small_or_near(smallest: int) -> str:
    """The note under the steps of a rule, of which some are hidden: few, or near a number that is shown."""
    return f"{small(smallest)}: fewer than {plural(smallest, 'patient')}, or a number that would tell of so few"


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


def reading_left_out(smallest: int) -> str:
    """Why a reading isn't there whose first sentence can't stay."""
    return f"its first sentence would tell of fewer than {plural(smallest, 'patient')}, and the others rest on it"


def less_by_few(what: str, smallest: int) -> str:
    """Why an exhibit isn't there whose patients are nearly those of another."""
    return f"together with {what} it would tell of fewer than {plural(smallest, 'patient')}, by the difference"


def sentences_left_out(smallest: int) -> str:
    """What lacks in a text."""
    return f"Sentences that would tell of fewer than {plural(smallest, 'patient')} are left out."


def curves_end(smallest: int) -> str:
    """Where the curves of a masked figure end, and what stands below them."""
    return (
        f"The curves end where fewer than {plural(smallest, 'patient')} of a group are at risk, or where fewer than "
        f"{smallest:,} events or censored times would be left to be told by the totals."
    )


# ---------------------------------------------------------------- texts
def _few(smallest: int) -> str:
    """A number from 1 to the smallest less 1 that stands alone, as a pattern."""
    numbers = "|".join(map(str, range(smallest - 1, 0, -1)))
    return rf"(?<![\w.,–−/<]|-)(?:{numbers})(?![\w,/–−]|\.\d| %)"


def counted(smallest: int) -> re.Pattern[str]:
    """A small number with the word of whom or what it counts: `3 patients`, `2 further events`."""
    return re.compile(rf"(?<!at least )(?<!At least ){_few(smallest)}(?= (?:\w+ ){{0,2}}{WHO}\b)")


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
    return bool(counted(smallest).search(text) or shared(smallest).search(text)) or _others_are_few(text, smallest)


def _others_are_few(text: str, smallest: int) -> bool:
    """Whether a part and its whole, or a number then and now, tell of few others: `7 of 8 responders`, `85/88`."""
    pairs = [(_int(part), _int(whole)) for found in (PART, OUT_OF) for part, whole in found.findall(text)]
    pairs += [
        (n := _int(part), round(100 * n / share)) for part, of in WITH_SHARE.findall(text) if (share := float(of))
    ]
    changed = [sorted(map(_int, pair)) for pair in FROM_TO.findall(text)]
    pairs += [(less, more) for less, more in changed]
    return any(0 < whole - part < smallest <= part for part, whole in pairs)


def _int(text: str) -> int:
    return int(text.replace(",", ""))


def without_few(text: str, smallest: int) -> str:
    """A sentence with `fewer than 5` for a smaller number; empty where a share or a whole would give it away.

    Example:
        >>> without_few("Not analysed: 3 patients (time not recorded).", 5)
        'Not analysed: fewer than 5 patients (time not recorded).'
        >>> without_few("Response in 1 of 16 patients.", 5)
        ''
    """
    if shared(smallest).search(text) or OF_A_ROW.search(text) or _others_are_few(text, smallest):
        return ""
    masked = counted(smallest).sub(f"fewer than {smallest:,}", text)
    if masked == text:
        return text
    masked = re.sub(rf"(fewer than {smallest:,}) patient\b", r"\1 patients", masked)
    masked = re.sub(rf"\b(?:fewer|less) than (?=fewer than {smallest:,})", "", masked, flags=re.IGNORECASE)
    masked = re.sub(rf"^f(?=ewer than {smallest:,})", "F", masked)
    return "" if SHARE.search(masked) else masked


def first_sentence(text: str) -> str:
    return SENTENCE_END.split(text)[0]


def kept_sentences(text: str, smallest: int, shares: bool = True, total: int = 0) -> str:
    """The sentences of a text that tell of nobody too few.

    total: all patients, as told elsewhere; a sentence on all but few of them goes.
    shares: whether percentages stay; where a result has so few patients, one could be turned into their number.
    """
    kept: list[str] = []
    gone = False
    for sentence in SENTENCE_END.split(text):
        masked = without_few(sentence, smallest)
        left = [total - _int(n) for n in OF_PATIENTS.findall(masked)]
        gone = (
            not masked
            or any(0 < n < smallest for n in left)
            or bool(not shares and SHARE.search(masked))
            or (gone and bool(REFERS.search(sentence)))
        )
        kept += [] if gone else [masked]
    return " ".join(kept)
