"""Saving the filters under a name, from the bar above every page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from necc.app.session.plain import md
from necc.app.session.state import State, get_state
from necc.app.session.subcohorts import LONGEST, NotSaved, suggested
from necc.app.widgets.show import caption
from necc.core.errors import AnalysisError
from necc.core.text import plural, shorten
from necc.present.words.phrases import sentence
from necc.present.words.project import kept_so_far

CHOSEN = "subcohorts-compared"
TOLD = "subcohorts-told"
PAGE = "page"


def save_current(state: State, where: str = "bar") -> None:
    """Saves the patients shown under a name: the body of a popover, or of a part of the page.

    where: a name of its own for each place where it stands on a page.
    """
    kept = state.shelf
    usual = suggested(state.selection, state.whole, kept)
    key = f"subcohort-name-{where}-{len(kept.saved)}-{abs(hash((state.fingerprint, state.selection.key())))}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"subcohort-new-{where}"):
        name = st.text_input("Save these patients as", usual, max_chars=LONGEST, key=key, width=420)
        label = f"Save {plural(state.cohort.n_patients, 'patient')}"
        st.button(
            label, key=f"subcohort-save-{where}", icon=":material/bookmark_add:", on_click=_save,
            args=(key, name, where),
        )  # fmt: skip
    _told(where)
    same = [s.name for s in kept.saved if s.selection.key() == state.selection.key()]
    if same:
        caption(f"These filters are saved already, as '{same[0]}'.")


def keep_this_view(state: State) -> None:
    """Keeps what the page shows under a title, for the report: its choices and filters, in the project."""
    n = len(state.desk.exhibits)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="keep-view-new"):
        key = f"keep-view-title-{n}-{state.page}-{abs(hash(state.selection.key()))}"
        title = st.text_input("Keep this view as", _usual_title(state), max_chars=120, key=key, width=420)
        st.button("Keep view", key="keep-view", icon=":material/bookmarks:", on_click=_keep_view, args=(key, title))
    if n:
        caption(kept_so_far(n))


def _usual_title(state: State) -> str:
    """The page and its view, with the filters."""
    view = next((str(c.value) for name, c in state.shown.items() if name.endswith("-view") and c.value), "")
    page = (state.page or "data").capitalize()
    filters = state.selection.describe(state.whole) if state.selection else ""
    return shorten("; ".join(filter(None, (f"{page}: {view.lower()}" if view else page, filters))), 110)


def _keep_view(key: str, title: str) -> None:
    from necc.app.session.exhibits import add, recipes_of

    state = get_state()
    typed = " ".join(str(st.session_state.get(key, title)).split())
    try:
        add(state, recipes_of(state), typed or _usual_title(state))
    except AnalysisError as error:
        st.toast(md(f"This view isn't kept: {error.told}."), icon=":material/block:")
        return
    st.toast("Kept: the page Report lists it under 'Exhibits'.", icon=":material/bookmarks:")


def _save(key: str, name: str, where: str) -> None:
    state = get_state()
    typed = str(st.session_state.get(key, name))
    from necc.analysis.subcohorts import MOST  # comparing needs libraries that the bar of every page doesn't

    compared = state.chosen.get(CHOSEN)
    made = said(lambda: state.shelf.save(typed, state.selection, state.whole.source.sha256), where)
    if made and isinstance(compared, list):
        state.chosen[CHOSEN] = [*compared, state.shelf.saved[-1].name][-MOST:]


def said(change: Callable[[], object], where: str = PAGE) -> bool:
    """Makes a change; False where it can't be made, and then keeps why, to be told once in its place."""
    get_state().touched = True
    try:
        change()
    except NotSaved as error:
        st.session_state[TOLD] = (where, sentence(str(error)))
        return False
    return True


def _told(where: str) -> None:
    place, why = st.session_state.get(TOLD, ("", ""))
    if why and place == where:
        del st.session_state[TOLD]
        st.warning(md(why), icon=":material/edit:")
