"""What happens when something breaks: a sentence on the page, a line in the log, and no patient in either."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from necc.app.session.plain import md
from necc.app.session.sources import SourceFailed, Watched
from necc.core.errors import AnalysisError, NeccError, NeedsRows, SelectionError
from necc.present.words.phrases import sentence

LOG = logging.getLogger("necc.app")


@contextmanager
def told_in_words() -> Iterator[None]:
    """A question the cohort lacks the data for, and any failure, as a sentence.

    A page needs it, and so does each part that is redrawn by itself: Streamlit catches what escapes from a part.
    """
    try:
        yield
    except (AnalysisError, SelectionError) as error:
        lacks(error)
    except Exception as error:  # noqa: BLE001 - no traceback, path or value on a page or in the log
        where = _where(error)
        LOG.error("a page failed: %s", where)
        st.error(
            "This page could not be drawn with this cohort and these filters. Nothing was lost: change a filter, or "
            f"undo the last one. If it happens again, report it as: {where}.",
            icon=":material/error:",
        )


def lacks(error: NeccError) -> None:
    """What the cohort lacks the data for; where counts are all there is, what they answer; how to ask a source again"""
    if isinstance(error, SourceFailed):
        st.warning(md(sentence(error.told)), icon=":material/database_off:")
        _ask_again()
        return
    st.info(md(sentence(error.told)), icon=":material/info:")
    if isinstance(error, NeedsRows):
        st.caption(COUNTS_ANSWER)


def _ask_again() -> None:
    """The way to ask a source again, once on a page; any run asks anew, but for the one after a stop."""
    from necc.app.session.state import get_state

    source = get_state().whole.behind
    if isinstance(source, Watched) and not source.offered:
        source.offered = True
        st.button("Try again", key="ask-source-again", icon=":material/refresh:")


COUNTS_ANSWER = (
    "Counts answer the pages on sites, survival, regression on categories, response, and Table 1 on the page Patients."
)


def _where(error: BaseException) -> str:
    """The kind of an error and its line, never its text: that can hold a cell of the cohort."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return ", ".join([type(error).__name__, *(f"{frame.name}, line {frame.lineno}" for frame in last)])


class _WithoutText(logging.Filter):
    """Takes the text out of Streamlit's own report of an error: that of a callback never passes by `told_in_words`."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1]:
            record.msg, record.args = "a callback failed: %s", (_where(record.exc_info[1]),)
            record.exc_info = record.exc_text = None
        return True


_QUIET = _WithoutText()


def keep_quiet() -> None:
    """Streamlit's log of errors without their texts, however often it is asked for."""
    logging.getLogger("streamlit.error_util").addFilter(_QUIET)
