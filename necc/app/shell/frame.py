"""What surrounds every page: who is left, the filters that did it, and what happens when a page breaks."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from necc.app.session import address
from necc.app.session.cache import style
from necc.app.session.expiry import forget_in_time
from necc.app.session.failure import keep_quiet, told_in_words
from necc.app.session.plain import esc, md
from necc.app.session.state import State, get_state, started
from necc.app.shell.sidebar import sidebar
from necc.app.widgets.show import asset, attrition
from necc.core.cohort import Cohort
from necc.core.errors import SelectionError
from necc.core.selection import Selection
from necc.core.text import plural
from necc.present.figures.style import fade

NAME = "NECC cohort explorer"


def configure() -> None:
    """Page title and width. The icon is an emoji: a material icon would be fetched from elsewhere."""
    keep_quiet()
    forget_in_time()
    st.set_page_config(NAME, page_icon="🎗️", layout="wide", initial_sidebar_state=340)


@st.cache_resource(show_spinner=False)
def settled(modules: int) -> int:
    """Collects once and exempts what is loaded: Streamlit collects after every run, and would walk through it all."""
    gc.collect()
    gc.freeze()
    return modules


# ---------------------------------------------------------------- the frame
@contextmanager
def frame(page: st.Page) -> Iterator[None]:
    """Draws what surrounds a page; whatever fails in here is told in a sentence, without showing how.

    The address is written when the page has run, or stops: only then it is known what the page lets choose.
    """
    surrounded = False
    try:
        with told_in_words():
            _surround(page)
            surrounded = True
        if not surrounded:
            st.stop()
        with told_in_words():
            yield
        address.settle(get_state())
    finally:
        settled(len(sys.modules) // 200)  # again only when a page has brought in another library


def _surround(page: st.Page) -> None:
    state = get_state()
    address.follow(state, page.url_path)
    _let_go(state)
    st.html(f"<style>{_style()}</style>")
    if state.presenting:
        _leave_presentation()
    else:
        sidebar(state)
    _messages(state)
    _notice(state)
    _bar(state)
    state.touched = False


def _let_go(state: State) -> None:
    """A filter that no longer fits the cohort can't be applied."""
    try:
        state.cohort  # noqa: B018 - applies the filters
    except SelectionError:
        state.select(Selection())


def _style() -> str:
    state = style()
    page = f":root {{ --necc-page: {state.ink('page')}; --necc-text: {state.ink('text')}; "
    page += f"--necc-shadow: {fade(state.ink('text'), 0.35)}; }}\n"
    return page + asset("style.css") + (asset("presentation.css") if get_state().presenting else "")


def cohort() -> Cohort:
    """The filtered cohort; the first call of every page.

    A folder pages/ makes Streamlit run a deep link's page alone when it is the first request after a cold start; then
    this turns navigation on and runs the whole dashboard.
    """
    if not started():
        from necc.app.shell.navigation import pages

        st.navigation(pages())
        st.rerun()
    return get_state().cohort


# ---------------------------------------------------------------- above the page
def _messages(state: State) -> None:
    for message in state.messages:
        st.warning(md(message), icon=":material/link_off:")
    if state.presenting or state.touched:
        state.messages.clear()


def _notice(state: State) -> None:
    notice = state.whole.source.notice
    if notice:
        more = (
            ""
            if state.presenting or not state.sample
            else " Load your own file on the left: it stays on this computer."
        )
        what = ": the shipped sample, built from the printed figures of a paper." if state.sample else "."
        st.html(f'<div class="necc-notice" role="note"><b>{esc(notice)}</b>{esc(what)}{esc(more)}</div>')


def _bar(state: State) -> None:
    """Who remains, the filters that did it, and the ways back."""
    n, total = len(state.cohort), len(state.whole)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="necc-bar"):
        st.markdown(f"**{n:,}** of {plural(total, 'patient')}", width="content")
        if state.presenting:
            state.link_place = None
            if state.selection.conditions:
                st.markdown(md(state.selection.describe(state.whole)), width="content")
            return
        for place, condition in enumerate(state.selection.conditions):
            text = condition.describe(state.whole)
            st.button(
                md(text), key=f"chip-{place}-{condition.name}", icon=":material/close:", type="secondary",
                help="Remove this filter", on_click=_remove, args=(condition.name,),
            )  # fmt: skip
        _ways_back(state)


def _remove(name: str) -> None:
    state = get_state()
    state.select(state.selection.without(name))


def _ways_back(state: State) -> None:
    st.button(
        "Undo", icon=":material/undo:", key="undo", type="tertiary", shortcut="Ctrl+Z", on_click=state.undo,
        disabled=not state.history, help="Undo the last change of the filters",
    )  # fmt: skip
    st.button(
        "Reset", icon=":material/restart_alt:", key="reset", type="tertiary", on_click=_reset,
        disabled=not state.selection.conditions, help="Remove all filters",
    )  # fmt: skip
    if state.selection.conditions:
        with st.popover("Attrition", icon=":material/filter_alt:", type="tertiary"):
            attrition(state)
    with st.popover("Link", icon=":material/link:", type="tertiary"):
        st.markdown("This link reproduces the page, the choices made on it, and its filters. It holds no patient data.")
        state.link_place = st.empty()
        if not state.sample:
            st.caption("The file itself stays here: whoever opens the link must load it first.")
    st.button(
        "Present", icon=":material/slideshow:", key="present", type="tertiary", on_click=_present, args=(True,),
        help="Large type, no controls, no identifiers: for a projector",
    )  # fmt: skip


def _reset() -> None:
    get_state().select(Selection())


def _present(on: bool) -> None:
    state = get_state()
    state.presenting, state.touched = on, True


def _leave_presentation() -> None:
    with st.container(key="necc-exit"):
        st.button(
            "Exit", icon=":material/close_fullscreen:", key="exit", on_click=_present, args=(False,), shortcut="Escape"
        )
