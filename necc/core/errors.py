"""What can go wrong, by stage, and the findings that tell it.

A `Finding` says what, where, what was found, what is allowed and how to mend it. Rows are the rows a
person sees in the spreadsheet: the header is row 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, Protocol

Severity = Literal["error", "warning", "info"]
MOST = 5  # findings that a message tells; the error has them all
OPTION = re.compile(r"--([a-z-]+)(?: [A-Z]+)? on the command line")


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

    def __repr__(self) -> str:
        """All but the cell: a `repr` may end in a log."""
        told = {name: value for name, value in asdict(self).items() if name != "value"}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in told.items())})"

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    def line(self) -> str:
        """The finding as a line of text, with its line in the file."""
        return f"{self.severity}: {self.message}" + (f" (line {self.row})" if self.row is not None else "")

    def untold(self) -> str:
        """The message without the cell that it is about: an exception's text may end in a log."""
        if not self.value:
            return self.message
        cells = re.compile(re.escape(f"'{self.value}'") + r"(?P<more>(?:(?:,| and| or) '[^']*')*)")
        told = cells.sub(lambda m: "these values" if m["more"] else "this value", self.message)
        return (
            told.replace(self.value.replace(",", "."), "...") if "," in self.value else told
        )  # as it is to be written


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then infos; within each what concerns a whole column first, then by row and column."""
    severities = ("error", "warning", "info")
    return tuple(sorted(findings, key=lambda f: (severities.index(f.severity), f.row or 0, f.column or "")))


def in_python(message: str) -> str:
    """A message with an option of the command line as the argument that it is in Python."""
    return OPTION.sub(lambda m: f"{m[1].replace('-', '_')}= in Python", message)


class NeccError(Exception):
    """Base of every error that is told to a person in words.

    told: the same for who knows a cohort's labels and not its names, which are what a command or a recipe is written
        with; without it the message itself.
    """

    def __init__(self, message: str = "", told: str = ""):
        self.told = told or message
        super().__init__(message)


class Settling(Protocol):
    """What a person can answer: an open question, or what would settle a finding."""

    @property
    def key(self) -> str: ...
    def how(self) -> str: ...
    def in_python(self, labels: bool = True) -> str: ...


class RefusedError(NeccError):
    """An input was refused; its text tells the first findings, `findings` has all.

    The text holds no cell of a file, as it may end in a log: the findings do.
    """

    def __init__(self, findings: Iterable[Finding], lines: Sequence[str]):
        self.findings = tuple(findings)
        shown = lines if len(lines) <= MOST + 1 else lines[:MOST]
        more = (
            [f"and {len(lines) - len(shown):,} more: see `findings` of this error"] if len(shown) < len(lines) else []
        )
        several = [f"{len(lines):,} errors:", *(f"- {line}" for line in (*shown, *more))]
        super().__init__("\n".join(several if len(lines) > 1 else lines))

    def __repr__(self) -> str:
        codes = dict.fromkeys(f.code for f in self.findings if f.severity == "error")
        shown = ", ".join([*codes][:MOST]) + (", ..." if len(codes) > MOST else "")
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.findings,)  # a worker's error keeps its findings on the way home


class DictionaryError(RefusedError):
    """A dictionary file can't be used; `findings` says where."""

    def __init__(self, findings: Iterable[Finding]):
        kept = tuple(findings)
        super().__init__(kept, [f.message for f in kept])


class CohortError(RefusedError):
    """A file or a data frame can't become a cohort.

    Its text says why, and in Python's words what settles it; it holds no cell of the file, as it may end in a log.

    findings: everything that was found, not just the first; with the cells. questions: what is open, each with its
    answers. remedies: what would settle findings, in the same form.

    Example:
        >>> try:
        ...     read_cohort(b"patient_id,age_years\\n1,sixty\\n", "own.csv")
        ... except CohortError as error:
        ...     print(error, error.findings[0].value)
        column 'age_years', row 2: this value is not a number... sixty
    """

    def __init__(
        self, findings: Iterable[Finding], questions: Iterable[Settling] = (), remedies: Iterable[Settling] = ()
    ):
        kept = in_order(findings)
        self.questions, self.remedies = tuple(questions), tuple(remedies)
        settling = {r.key: r.in_python(labels=False) for r in self.remedies}
        lines = []
        for finding in (f for f in kept if f.severity == "error"):
            asked = next((q for q in self.questions if q.how() in finding.message), None)
            line = finding.message.replace(asked.how(), asked.in_python()) if asked else finding.untold()
            line = in_python(line)
            if way := settling.pop(f"{finding.code}:{finding.column or ''}", ""):
                line = f"{line}. Or read it with {way}"
            lines.append(line)
        super().__init__(kept, lines)


class SelectionError(NeccError):
    """A filter names something the cohort doesn't have."""


class AnalysisError(NeccError):
    """The cohort lacks the data for a question: a column is missing, a factor doesn't exist."""


class NeedsRows(AnalysisError):
    """A question about single patients, where nobody hands rows out: the data are counts."""
