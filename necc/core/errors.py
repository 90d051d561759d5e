"""What can go wrong, by stage, and the findings that tell it.

A `Finding` says what, where, what was found, what is allowed and how to mend it. Rows are the rows a
person sees in the spreadsheet: the header is row 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One thing worth telling about an input.

    `n` counts the places a collapsed finding stands for; `row` and `value` are then those of the first.
    """

    severity: Severity
    code: str
    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    n: int = 1

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    def line(self) -> str:
        """The finding as a line of text, with its line in the file."""
        return f"{self.severity}: {self.message}" + (f" (line {self.row})" if self.row else "")


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then infos; within each what concerns a whole column first, then by row and column."""
    severities = ("error", "warning", "info")
    return tuple(sorted(findings, key=lambda f: (severities.index(f.severity), f.row or 0, f.column or "")))


class NeccError(Exception):
    """Base of every error that is told to a person in words.

    told: the same for who knows a cohort's labels and not its names, which are what a command or a recipe is written
        with; without it the message itself.
    """

    def __init__(self, message: str = "", told: str = ""):
        self.told = told or message
        super().__init__(message)


class DictionaryError(NeccError):
    """A dictionary file can't be used; `findings` says where."""

    def __init__(self, findings: Iterable[Finding]):
        self.findings = tuple(findings)
        super().__init__("; ".join(f.message for f in self.findings))


class CohortError(NeccError):
    """A file can't become a cohort; `findings` holds everything that was found, not just the first."""

    def __init__(self, findings: Iterable[Finding]):
        self.findings = in_order(findings)
        errors = [f for f in self.findings if f.severity == "error"]
        super().__init__(f"{len(errors)} error(s): " + " | ".join(f.code for f in errors[:5]))


class SelectionError(NeccError):
    """A filter names something the cohort doesn't have."""


class AnalysisError(NeccError):
    """The cohort lacks the data for a question: a column is missing, a factor doesn't exist."""
