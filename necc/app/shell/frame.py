"""What surrounds every page: who is left, the filters that did it, and what happens when a page breaks."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import streamlit as st

from necc.app.session import address
from necc.app.session.cache import style
from necc.app.session.expiry import forget_in_time
from necc.app.session.failure import keep_quiet, told_in_words
from necc.app.session.links import unlinked
from necc.app.session.plain import esc, md
from necc.app.session.sources import SourceFailed
from necc.app.session.state import State, begin_asking, get_state, started
from necc.app.shell import presenting
from necc.app.shell.combine import combine
from necc.app.shell.sidebar import sidebar
from necc.app.widgets.cases import open_picked
from necc.app.widgets.glossed import lead_to_glossary
from necc.app.widgets.keeping import waits
from necc.app.widgets.saving import keep_this_view, save_current
from necc.app.widgets.show import asset, attrition
from necc.app.widgets.ways import way
from necc.core.cohort import Cohort
from necc.core.errors import SelectionError
from necc.core.selection import Condition, Group, Selection
from necc.core.text import plural
from necc.present.figures.style import fade
from necc.present.svg.fonts import font_faces

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


_paging = st.components.v2.component(
    "necc_paging", html='<div class="black" hidden></div>', js=asset("paging.js"),
    css=asset("paging.css"),
)  # fmt: skip


# ---------------------------------------------------------------- the frame
@contextmanager
def frame(page: st.Page) -> Iterator[bool]:
    """Draws what surrounds a page; whatever fails in here is told in a sentence, without showing how.

    Gives whether the page is to be run: it isn't while a room is shown something else, and the address stays.

    The address is written when the page has run, or stops: only then it is known what the page lets choose.
    """
    surrounded = False
    try:
        with told_in_words():
            _surround(page)
            surrounded = True
        if not surrounded:
            st.stop()
        presented = get_state().desk.presented is not None
        if presented:
            presenting.show(get_state())
        with told_in_words():
            yield not presented
        if not presented:
            address.settle(get_state())
    finally:
        settled(len(sys.modules) // 200)  # again only when a page has brought in another library


def _surround(page: st.Page) -> None:
    state = get_state()
    address.follow(state, page.url_path)
    _let_go(state)
    begin_asking(state)
    state.cards.clear()
    st.html(f"<style>{_style()}</style>")
    if state.desk.presented is not None:
        return
    if state.presenting:
        _leave_presentation()
    else:
        sidebar(state)
    _bar(state)
    lead_to_glossary()
    waits(state)
    _messages(state)
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
    page += f"--necc-shadow: {fade(state.ink('text'), 0.35)}; "
    # figures drawn for a dark page are turned to dark on white where they are printed
    page += f"--necc-print: {'invert(1) hue-rotate(180deg)' if state.theme == 'dark' else 'none'}; }}\n"
    presented = asset("presentation.css") if get_state().presenting or get_state().desk.presented else ""
    if get_state().desk.presented:
        presented += asset("cover.css")
    page += f"{font_faces()}\n"
    return page + asset("style.css") + presented + asset("print.css")


def cohort() -> Cohort:
    """The filtered cohort; the first call of every page.

    A folder pages/ makes Streamlit run a deep link's page alone when it is the first request after a cold start; then
    this turns navigation on and runs the whole dashboard.
    """
    if not started():
        from necc.app.shell.navigation import pages

        st.navigation(list(pages().values()))
        st.rerun()
    return get_state().cohort


# ---------------------------------------------------------------- above the page
def _messages(state: State) -> None:
    for message in state.messages:
        st.warning(md(message), icon=":material/link_off:")
    if state.presenting or state.touched:
        state.messages.clear()


def _bar(state: State) -> None:
    """One thin line: who remains, the ways back, the filters that did it, and what to do with what is shown."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="necc-bar"):
        st.html(f'<div class="necc-who" role="status">{_who(state)}</div>', width="content")
        if state.presenting:
            state.link_place = None
            if state.selection:
                st.markdown(md(state.selection.describe(state.whole)), width="content")
            return
        _ways_back(state)
        for place, part in enumerate(state.selection.parts()):
            name = part.name if isinstance(part, Condition) else part.how
            st.button(
                md(part.describe(state.whole)), key=f"chip-{place}-{name}", icon=":material/close:", type="secondary",
                help="Remove this filter", on_click=_remove, args=(part,),
            )  # fmt: skip
        if state.selection:
            st.button(
                "Reset", icon=":material/restart_alt:", key="reset", type="tertiary", on_click=_reset,
                help="Remove all filters",
            )  # fmt: skip
        _ways_on(state)


def _who(state: State) -> str:
    """`31 of 88 patients`, and where they come from if they are nobody's."""
    who = f"<span>{_how_many(state)}</span>"
    if notice := state.whole.source.notice:
        what = ": the shipped sample, built from the printed figures of a paper." if state.sample else "."
        more = " Load your own file on the left: it stays on this computer." if state.sample else ""
        mark = "synthetic sample" if state.sample else "synthetic"
        full = esc(f"{notice}{what}{more}")
        who += f' <span class="necc-notice" role="note" tabindex="0" title="{full}" aria-label="{full}">{mark}</span>'
    return who


def _how_many(state: State) -> str:
    """How many are shown; a source that doesn't answer is told below, and leaves the page its ways."""
    try:
        return f"<b>{state.cohort.n_patients:,}</b> of {plural(state.whole.n_patients, 'patient')}"
    except SourceFailed:
        return "patients not counted"


def _remove(part: Condition | Group) -> None:
    state = get_state()
    rest = state.selection
    state.select(rest.without(part.name) if isinstance(part, Condition) else rest.without_group(part))


def _ways_back(state: State) -> None:
    """Before the filters, whose number changes by them: pressed twice, they stand where they stood."""
    for name, key, icon, shortcut, moments, go in (
        ("Undo", "undo", "undo", "Ctrl+Z", state.history, _undo),
        ("Redo", "redo", "redo", "Ctrl+Shift+Z", state.undone, _redo),
    ):
        what = f": {moments[-1].what}" if moments else ""
        st.button(
            name, icon=f":material/{icon}:", key=key, type="tertiary", shortcut=shortcut, on_click=go,
            disabled=not moments, help=md(f"{name} the last change of filters and choices{what}"),
        )  # fmt: skip


def _ways_on(state: State) -> None:
    if state.selection:
        with _unfolded("Filters", "filter_alt", "necc-filters") as opened:
            if opened:
                combine(state)
                attrition(state)
    if state.cohort.behind is None and len(state.cohort):
        open_picked()
        way("List", "patients", ":material/table_rows:", "bar-", patients_view="List")
    with _unfolded("Save", "bookmark_add", "necc-save") as opened:
        if opened:
            keep_this_view(state)
            save_current(state)
    with st.popover("Link", icon=":material/link:", type="tertiary", key="necc-link"):
        st.markdown("This link reproduces the page, the choices made on it, and its filters. It holds no patient data.")
        state.link_place = st.empty()
        if unlinked(state.selection):
            st.caption("Patients picked by hand aren't part of it: no link tells of a patient.")
        if not state.sample:
            st.caption("The file itself stays here: whoever opens the link must load it first.")
        if state.edits:
            st.caption("Nor are edits part of it: whoever opens the link needs the project, too, from the page Data.")
    key = f"necc-present-{state.desk.presentations}"  # a new one is folded again
    with _unfolded("Present", "slideshow", key) as opened:
        if opened:
            presenting.choose_presentation(state, partial(_present, True))


@contextmanager
def _unfolded(label: str, icon: str, key: str) -> Iterator[bool]:
    """A button that unfolds something; whether it is open: what nobody sees isn't drawn."""
    folded = st.popover(label, icon=f":material/{icon}:", type="tertiary", key=key, on_change="rerun")
    with folded:
        yield bool(folded.open)


def _undo() -> None:
    """Takes back the last change and says which: it may have been made on another page."""
    state = get_state()
    if state.history:
        st.toast(f"Taken back: {md(state.history[-1].what)}", icon=":material/undo:")
    state.undo()


def _redo() -> None:
    state = get_state()
    if state.undone:
        st.toast(f"Made again: {md(state.undone[-1].what)}", icon=":material/redo:")
    state.redo()


def _reset() -> None:
    get_state().select(Selection())


def _present(on: bool) -> None:
    state = get_state()
    state.presenting, state.touched = on, True
    state.desk.presentations += on


def _leave_presentation() -> None:
    with st.container(key="necc-exit"):
        st.button(
            "Exit", icon=":material/close_fullscreen:", key="exit", on_click=_present, args=(False,), shortcut="Escape"
        )
        _paging(key="necc-paging")
