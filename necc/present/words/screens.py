"""What is said on the screens of a presentation beside titles, figures and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from necc.core.text import plural

INTERVAL = re.compile(
    r"(?:\d[\d.]* % )?(?:CI: [^.;]+|(?:[\w-]+ )?confidence (?:limits|intervals)|[\w-]+ (?:limits|intervals))"
    r"(?: \([^)]*\))?"
)
OUTCOME = re.compile(r"\d %|\bp [<=>]|\d months")
MOST_WORDS = 20  # of a message
TITLE = "Results of this cohort"
THIS_PAGE = "Large type, no controls, no identifiers: for a projector"
READY = (
    "What a paper shows of this cohort, screen by screen; the page Report lets you choose and order your own exhibits"
)
KEYS = (
    "This page scrolls by a clicker, the arrow keys or Space. The report and a case go screen by screen; there ? shows "
    "all keys. In both B is black, and Esc comes back."
)
CASE_FILES = (
    "Without identifiers and rows of the file; with the question as it was typed, n, conventions, today's date and the "
    "fingerprint of the data"
)
THIS_CASE = "The patient who is open on this page, as a board asks: facts, sites, course, similar patients, limits"
BY = "Compare by"
AS_IT_IS = "as in the report"
ONLY = "Show only"
EVERYBODY = "everybody"
SMALL = "Not on a screen: its words would be too small for the last row. It stands in the report."
NOTHING = "Nothing to show"
ON_ITS_OWN = "There is nothing in this report yet."
ON_SCREEN = ("Patients in the file", "Patients analysed", "Data", "Edits after reading", "Day", "Program", "Origin")
"""The conventions that a room may want to know, by their names; the others stand in the report."""


def message(sentences: Iterable[str]) -> str:
    """The first short sentence of a reading that tells an outcome in numbers; blank without any.

    Example:
        >>> message(["8 sites of 88 patients.", "39 of 88 (44.3 %) had more than one site."])
        '39 of 88 (44.3 %) had more than one site.'
    """
    short = (one for text in sentences for one in text.replace(". ", ".\n").split("\n"))
    return next((one for one in short if OUTCOME.search(one) and len(one.split()) <= MOST_WORDS), "")


def interval(texts: Iterable[str]) -> str:
    """How the intervals of an exhibit are made, of what is said below it: `95 % CI: exact (Clopper-Pearson)`."""
    found = (INTERVAL.search(text) for text in texts)
    return next((match[0] for match in found if match), "")


def mark(notice: str) -> str:
    """The notice in its first word, for the foot of a screen; in full it stands on the first one."""
    return notice.partition(" ")[0]


def fingerprint(sha256: str) -> str:
    """What the file of patients is known by, short."""
    return f"data {sha256[:8]}" if sha256 else ""


def each(title: str) -> str:
    """That an exhibit has a row for each patient, so that no room sees it."""
    return f"Not shown here: {title}. It has a row for each patient and stands in the report."


def told_before(title: str, table: str) -> str:
    """That a figure has no room on a screen, and a table of the same numbers is there."""
    return f"Not shown here: {title}. Its numbers are those of the table “{table}”."


def kept(n: int) -> str:
    """What of the report is presented."""
    return f"{plural(n, 'exhibit')} of the report, in their order, screen by screen"


def shown_part(part: int, of: int) -> str:
    return f"({part:,} of {of:,})" if of > 1 else ""


def more_rows(n: int) -> str:
    """What of a long table is not on screens."""
    return f"{plural(n, 'more row')} in the report."


def more_text() -> str:
    return "The rest stands in the report."


def table_alt(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table for those who can't see it, read row by row."""
    lines = [", ".join(filter(None, (cell.strip() for cell in row))) for row in (columns, *rows)]
    return f"{title}: {'; '.join(filter(None, lines))}"
