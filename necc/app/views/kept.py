"""A part of the page for a report: the views that were kept, in the report's order."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from necc.app.session.plain import md
from necc.app.session.project import show_view
from necc.app.session.state import get_state
from necc.app.widgets.show import caption
from necc.core.cohort import Cohort
from necc.core.text import shorten
from necc.present.words.project import described

BEGIN = "Nothing is kept yet. 'Save' above every page keeps what it shows, with its choices and filters."


def page(cohort: Cohort) -> None:
    """Each kept view with its title, what it shows, and the ways to open, order, rename and delete it."""
    held = get_state().desk
    caption("Kept views are part of the project; each opens its page again, as it was.")
    if not held.exhibits:
        st.info(BEGIN, icon=":material/bookmarks:")
    for place, one in enumerate(held.exhibits):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"kept-{place}"):
            st.markdown(f"{place + 1}. **{md(one.title)}** · {md(described(one))}", width="stretch")
            opened = st.button("Open", key=f"kept-open-{place}", type="tertiary", icon=":material/open_in_new:")
            if not get_state().presenting:
                st.button("Up", key=f"kept-up-{place}", type="tertiary", icon=":material/arrow_upward:",
                          disabled=not place, on_click=_up, args=(place,))  # fmt: skip
                with st.popover("Rename", type="tertiary", icon=":material/edit:"):
                    key = f"kept-title-{place}-{abs(hash(one.title))}"
                    st.text_input("Title", one.title, max_chars=120, key=key, on_change=_rename, args=(place, key))
                st.button("Delete", key=f"kept-delete-{place}", type="tertiary", icon=":material/delete:",
                          on_click=_delete, args=(place,))  # fmt: skip
        if opened:
            findings = show_view(get_state(), one)
            get_state().messages += [f.message for f in findings]
            st.switch_page(f"pages/{one.page}.py")
    if held.deleted and not get_state().presenting:
        st.button(f"Bring back '{md(shorten(held.deleted[-1][1].title))}'", key="kept-back", type="tertiary",
                  icon=":material/undo:", on_click=_bring_back)  # fmt: skip


def _up(place: int) -> None:
    held = get_state().desk
    order = list(held.exhibits)
    order[place - 1 : place + 1] = reversed(order[place - 1 : place + 1])
    held.exhibits = tuple(order)


def _rename(place: int, key: str) -> None:
    held, title = get_state().desk, " ".join(str(st.session_state[key]).split())
    if title:
        held.exhibits = tuple(replace(e, title=title) if i == place else e for i, e in enumerate(held.exhibits))


def _delete(place: int) -> None:
    held = get_state().desk
    held.deleted = (*held.deleted, (place, held.exhibits[place]))
    held.exhibits = tuple(e for i, e in enumerate(held.exhibits) if i != place)


def _bring_back() -> None:
    held = get_state().desk
    if held.deleted:
        place, one = held.deleted[-1]
        held.deleted = held.deleted[:-1]
        held.exhibits = (*held.exhibits[:place], one, *held.exhibits[place:])
