"""What is said of the pictures of an audit: numbers beside marks, axes, captions."""

from __future__ import annotations

from necc.core.text import format_number, format_p
from necc.paper.audit import Check, Mark, Shown
from necc.present.words.captions import each
from necc.present.words.phrases import capitalised, format_ratio_ci, sentences

SERIES = {"printed": "printed", "follows": "what follows", "beside": "for comparison"}
TITLES = {
    "ratio": "Ratio (95 % CI), logarithmic", "p": "p", "percent": "Per cent of patients", "count": "Number",
    "time": "Months",
}  # fmt: skip
NOTHING = "No picture shows more of this than the words."
AT_MOST_HALF = "from the median on, at most half are alive"


def number(mark: Mark, shown: Shown) -> str:
    """The number beside a mark, with the digits that its kind is printed with."""
    if shown.scale == "ratio":
        return format_ratio_ci(mark.value, mark.low, mark.high)
    if shown.scale == "p":
        return format_p(mark.value)
    if shown.scale in ("percent", "curve"):
        return f"{format_number(mark.value, 2 if mark.value % 1 else 0)} %"
    return format_number(mark.value, 1 if shown.scale == "time" else 0)


def axis_title(shown: Shown) -> str:
    return capitalised(shown.unit) if shown.unit else TITLES[shown.scale]


def picture(check: Check) -> tuple[str, str]:
    """The alternative text and the caption: what is printed, what follows, and why they don't go together."""
    if check.shown is None:
        return NOTHING, NOTHING
    marks = each((mark.label, number(mark, check.shown)) for mark in check.shown.marks)
    return sentences(f"{check.where}: {check.verdict}", marks), sentences(check.explanation)
