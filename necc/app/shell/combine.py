"""Filters joined by OR and NOT: what a popover of the bar holds."""

from __future__ import annotations

import streamlit as st

from necc.app.session.plain import md
from necc.app.session.state import State, get_state
from necc.app.widgets.show import caption
from necc.core.selection import HOWS, Group, How
from necc.core.text import plural

CHOSEN, WAY = "combine-filters", "combine-how"  # keys of the widgets
WORDS: dict[How, str] = {
    "any": "any of these: at least one holds (OR)",
    "none": "none of these: not one holds (NOT)",
    "not all": "not all of these: at least one does not hold",
}
LEAST: dict[How, int] = {"any": 2, "none": 1, "not all": 1}


def combine(state: State) -> None:
    """Lets a person join plain filters by any, none or not all, and take groups apart again.

    Each change goes through `state.select`, so that Undo takes it back. The caller places it, in a popover, and not in
    the presentation view.
    """
    if state.selection.conditions:
        _choose(state)
    elif not state.selection.groups:
        caption(
            "Every filter must hold. Set one or more, and they can be joined here instead: any of these, none of "
            "these, not all of these."
        )
    for place, group in enumerate(state.selection.groups):
        _one(state, group, place)


def _choose(state: State) -> None:
    """Which filters, joined how, and how many patients that would keep."""
    labels = {c.name: md(c.describe(state.whole)) for c in state.selection.conditions}
    chosen = st.pills(
        "Filters to combine", list(labels), selection_mode="multi", format_func=labels.__getitem__, key=CHOSEN
    )
    names = [name for name in labels if name in chosen]
    how = st.radio("Keep patients who meet", HOWS, format_func=WORDS.__getitem__, key=WAY)
    enough = len(names) >= LEAST[how]
    if enough:
        kept = state.selection.combine(names, how).apply(state.whole).n_patients
        caption(f"Keeps {kept:,} of {plural(state.whole.n_patients, 'patient')}, with the other filters.")
    else:
        caption(f"Choose {plural(LEAST[how], 'filter')} or more.")
    st.button(
        "Combine", key="combine", icon=":material/join:", disabled=not enough, on_click=_combine, args=(names, how)
    )


def _combine(names: list[str], how: How) -> None:
    state = get_state()
    there = [name for name in names if state.selection.get(name)]
    if len(there) == len(names):
        state.select(state.selection.combine(there, how))
    st.session_state[CHOSEN] = []


def _one(state: State, group: Group, place: int) -> None:
    """A group that is there, with the ways to take it apart and out."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"group-{place}"):
        st.markdown(md(group.describe(state.whole)), width="stretch")
        able = state.selection.can_separate(group)
        st.button(
            "Separate", key=f"separate-{place}", type="tertiary", icon=":material/call_split:", disabled=not able,
            on_click=_separate, args=(group,), help="Filters of their own again: then all of them must hold" if able
            else "Two filters would be on one variable, which takes one",
        )  # fmt: skip
        st.button(
            "Remove", key=f"remove-group-{place}", type="tertiary", icon=":material/close:", on_click=_remove,
            args=(group,), help="Remove these filters",
        )  # fmt: skip


def _separate(group: Group) -> None:
    state = get_state()
    if state.selection.can_separate(group):
        state.select(state.selection.separate(group))


def _remove(group: Group) -> None:
    state = get_state()
    state.select(state.selection.without_group(group))
