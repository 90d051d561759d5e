"""Which patient is open on the page of one: chosen in a list, by a mark of a figure, or by the ways to the next.

A place in the file points at a person: it is a choice of this session, and stands in no address and no project.
"""

from __future__ import annotations

import streamlit as st

from necc.app.session.state import State, get_state
from necc.core.selection import PICKED

NAME = "case-patient"
VIEW = "One patient"
PAGE = "patients"


def opened_name(state: State) -> str:
    """The choice's name: a place is that of one file."""
    return f"{NAME}-{state.whole.source.sha256[:12]}"


def open_patient(place: int, shown: bool = True) -> None:
    """Opens a patient, by the place in the whole cohort; not `shown`: the view, too, where another one is on."""
    state = get_state()
    name = opened_name(state)
    state.private.add(name)
    state.choose(name, place, "patient")
    if not shown:
        state.choose("patients-view", VIEW, "page")


def picked_place(state: State) -> int:
    """The place of the one patient that a click on a mark left; 0 where several or none are picked."""
    picked = state.selection.get(PICKED)
    return int(picked.levels[0]) if picked is not None and len(picked.levels) == 1 else 0


def open_picked() -> None:
    """A button that opens the patient of the mark that was clicked, among the others again: the click's filter goes."""
    state = get_state()
    place = picked_place(state)
    if place and st.button("Open", key="open-picked", icon=":material/person:", type="tertiary",
                           help="Shows this patient; the filter on this one patient goes"):  # fmt: skip
        state.select(state.selection.without(PICKED))
        open_patient(place, shown=False)
        st.switch_page(f"pages/{PAGE}.py")
