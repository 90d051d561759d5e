"""Words that files use for yes and no, for responses and for missing; how they are compared and ordered."""

from __future__ import annotations

import re
from collections.abc import Iterable

from necc.core.dictionary import normalise
from necc.core.errors import Finding, Severity
from necc.core.text import plural

EVENT_YES = ("1", "yes", "y", "true", "是")
EVENT_NO = ("0", "no", "n", "false", "否")
MARKS = {"x", "✓", "✔", "☑", "☒", "√", "●", "•", "marked", "angekreuzt"}  # of a site, beside blank cells
BLANK_WORDS = ("", "na", "n/a", "nan", "null", "<na>", "#n/a")
RESPONSE_WORDS = {
    "CR": ("complete response", "complete remission", "complete remission/response", "完全缓解"),
    "PR": ("partial response", "partial remission", "partial remission/response", "部分缓解"),
    "SD": ("stable disease", "疾病稳定"),
    "PD": ("progressive disease", "progression", "disease progression", "疾病进展"),
    "NE": ("not evaluable", "inevaluable", "unevaluable", "not evaluated"),
}
_RECIST = {normalise(w): level for level, words in RESPONSE_WORDS.items() for w in (level, *words)}


def recist(value: str) -> str | None:
    """The RECIST 1.1 category of a word: `CR`, `complete response`, `CR (complete response)`; None for another word."""
    plain = normalise(value)
    if plain in _RECIST:
        return _RECIST[plain]
    first, _, rest = plain.partition(" ")
    level = first.upper()
    return level if level in RESPONSE_WORDS and _RECIST.get(rest.lstrip("- ")) == level else None


def only_mark(values: Iterable[str]) -> bool:
    """Whether all of a column's filled cells hold one mark: `x`, `X`."""
    marks = {value.casefold().strip() for value in values}
    return len(marks) == 1 and marks <= MARKS


def shown_of(value: str) -> str:
    """A yes/no word as it is shown."""
    return value[:-2] if value in ("0.0", "1.0") else value


def natural(text: str) -> tuple[int, list[tuple[int, float, str]], str]:
    """Sort key: "< 5" before "5-10" before "> 10", numbers by value, letters without case; never the locale's order."""
    side = {"<": -1, "≤": -1, ">": 1, "≥": 1}.get(text[:1], 0)
    parts = re.split(r"(\d+(?:\.\d+)?)", text.casefold())
    return (side, [(1, float(p), "") if i % 2 else (0 if p else -1, 0.0, p) for i, p in enumerate(parts)], text)


def collapse(findings: list[Finding], keep: int = 20) -> list[Finding]:
    """At most `keep` findings of one kind and column; the rest is counted in a last one."""
    groups: dict[tuple[Severity, str, str | None], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code, finding.column), []).append(finding)
    result = []
    for (severity, code, column), members in groups.items():
        result += members[:keep]
        if rest := members[keep:]:
            where = f"column '{column}': " if column else ""
            message = f"{where}{plural(len(rest), 'more finding')} of this kind, the next in row {rest[0].row}"
            result.append(Finding(severity, code, message, rest[0].row, column, rest[0].value, sum(f.n for f in rest)))
    return result
