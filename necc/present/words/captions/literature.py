"""What is said of the pictures of the literature: rows, axes, captions."""

from __future__ import annotations

from collections.abc import Sequence

from necc.core.text import format_ci, format_number, plural
from necc.paper.literature import Literature, Own, Standing
from necc.present.words.captions import each
from necc.present.words.phrases import ratio_estimate, sentences

NO_SHARES = "No share is published on this question."
NO_RATIOS = "No hazard ratio is published on this question."
NO_TIMES = "No median time is published on this question."
SHARE, RATIO, TIME = "Per cent", "Hazard ratio (95 % CI), logarithmic", "Months"
PUBLISHED, UNSURE, OWN = "published, with its interval", "published, no interval", "these patients"
THESE = "These patients"


def source(s: Standing) -> str:
    """`BMC Cancer 2022, recurrent after radical surgery`: who, and in whom."""
    return f"{s.source.short}: {s.fact.population}"


def published(s: Standing) -> str:
    """The figure as a table shows it, with the interval of its count where it has one."""
    fact = s.fact
    if fact.n is not None and fact.interval is not None and not fact.bound:
        return f"{fact.figure_text.split(' (')[0]}: {format_number(fact.low)} ({format_ci(*fact.interval)})"
    return fact.figure_text


def own(value: Own, ratio: bool = False) -> str:
    """The cohort's own figure with its interval."""
    e = value.estimate
    if e is None:
        return value.figure_text
    if ratio:
        return ratio_estimate(e)
    counted = f"{value.n:,} of {value.of:,}: " if value.n is not None and value.of else ""
    return f"{counted}{format_number(e.value)} ({format_ci(e.lower, e.upper)})"


def picture(result: Literature, rows: Sequence[tuple[str, str]], topic: str) -> tuple[str, str]:
    """The alternative text and the caption: what each row says, and what lines and marks are."""
    beside = f"these are {plural(result.n, 'patient')}" if result.n else "no patient is loaded beside them"
    return sentences(f"{topic}: published figures and this cohort's", each(rows)), sentences(
        "Lines: 95 % intervals, of a count exact (Clopper-Pearson), else as printed; a hollow mark has none",
        beside,
        "cohorts differ in whom they include: a difference is a question, not a refutation",
    )
