"""The views of the page about the program: its conventions, how they were checked, and what happens to the data."""

from __future__ import annotations

import streamlit as st

from necc import __version__
from necc.app.session.plain import md
from necc.app.session.state import get_state
from necc.app.widgets.show import caption, download, heading, numbers, show
from necc.core.cohort import Cohort
from necc.core.text import plural
from necc.present import validation
from necc.present.words.validation import KNOWN, LEAD

CONVENTIONS = (
    "Kaplan-Meier estimate with Greenwood's variance; limits by the log-log, log or plain method, as chosen and "
    "as printed beside each result. Medians are those of R's survfit: the midpoint where a curve is flat at "
    "exactly 50 %.",
    "Median follow-up is the reverse Kaplan-Meier estimate. Groups are compared by the log-rank test; where "
    "several sites are tested at once, p is also adjusted for the tests that could be made, by Holm's method.",
    "Proportions have exact (Clopper-Pearson) intervals. Tables are tested by the convention that is chosen, and named "
    "beside each p. As in the paper, which is the usual one: two-by-two tables by uncorrected chi-square where every "
    "expected count is 5 or more, Yates' correction where the smallest is 1 to 5 and there are 40 patients or more, "
    "Fisher's exact test otherwise; larger tables by uncorrected chi-square where at most a fifth of the expected "
    "counts are below 5 and none below 1, the Fisher-Freeman-Halton exact test otherwise.",
    "Objective response is CR + PR, disease control CR + PR + SD, out of evaluable or of all treated patients; "
    "which response (best or final) and which denominator are shown with each result.",
    "A patient may have several sites of recurrence: each site is compared with all patients without it, and "
    "the shares of sites can add up to more than 100 %.",
    "Missing is a level of its own in every filter. Who is left out of an analysis, and why, is shown beside its n.",
)
PRIVACY = (
    "A file is read on the computer that runs this dashboard and kept in its memory only, for your session. "
    "Nothing of it is written to disk, sent elsewhere, or shared with another session; the page asks no other computer "
    "for anything.",
    "Where you say so, this browser keeps the project: names of the file, its columns and levels, edits, filters and "
    "choices, never a patient's value. The page Data, 'Project', switches that off.",
    "A link holds filters and choices, never a patient's value: names that occur only in your file appear in it as "
    "numbers.",
    "A database that the server's owner offers is asked for counts: filters and questions go there, and no patient's "
    "row comes back.",
    "The presentation view shows no identifiers and no rows of the file.",
)


def prose(text: str, paragraphs: tuple[str, ...]) -> None:
    """A heading with paragraphs."""
    heading(text)
    for paragraph in paragraphs:
        st.markdown(md(paragraph))


def facts(cohort: Cohort) -> None:
    """What a cohort is: its file, its dictionary, its endpoints as they are defined."""
    source, known, state = cohort.source, cohort.dictionary, get_state()
    name = "shipped sample, " if state.sample else "" if state.presenting else f"{source.filename}, "
    kind = "File" if cohort.behind is None else "Table"
    lines = [
        f"{kind}: {name}{plural(source.n_rows, 'row')}, SHA-256 {source.file_mark[:16]}…",
        f"Dictionary: {known.title}" + (f". {known.reference}" if known.reference else ""),
        f"Sites read as: {cohort.scheme.label}",
        *(f"{e.label}: {e.defined_as or e.origin}, in {e.unit}" for e in known.endpoints.values()),
        f"Version of the dashboard: {__version__}",
    ]
    st.markdown("\n".join(f"- {md(t)}" for t in lines))


# ---------------------------------------------------------------- the views
def conventions(cohort: Cohort) -> None:
    """The conventions behind every number, and the cohort that is loaded."""
    prose("Conventions", CONVENTIONS)
    heading("This cohort")
    facts(cohort)


def checked(cohort: Cohort) -> None:
    """Each estimator, what it was compared with, and the largest difference."""
    checks = validation.sheet()
    numbers(
        ("checks", f"{len(checks)}"), ("numbers compared", f"{sum(c.numbers for c in checks):,}"), explain="validation"
    )
    caption(LEAD)
    for table in validation.to_tables(checks):
        show(table, explain="validation", patients=False)
    prose("What programs do differently", KNOWN)
    download(
        "Download the sheet", lambda: validation.to_markdown(checks).encode(), "validation.md", "text/markdown"
    )  # fmt: skip


def privacy(cohort: Cohort) -> None:
    """What happens to the data."""
    prose("Your data", PRIVACY)


def again(cohort: Cohort) -> None:
    """The numbers of the report, computed again by other programs."""
    from necc.app.views import opinion  # the report's room, which no other view of this page needs

    opinion.page(cohort)


VIEWS = {"Conventions": conventions, "Validation": checked, "Second opinion": again, "Privacy": privacy}
