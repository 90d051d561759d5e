"""A part of the page on data: what is changed after reading, step by step, each seen before it is made."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from necc.app.session.plain import md
from necc.app.session.state import State, get_state
from necc.app.views import edit_forms
from necc.app.widgets.choices import choose, controls
from necc.app.widgets.show import caption, download, file_name, of_rows
from necc.core.cohort import Cohort
from necc.core.edits import Edit, Step, apply_edits, edits_to_toml
from necc.core.text import plural, shorten
from necc.present.words.phrases import sentence

LEAD = "The file itself is never changed: each step is made after reading, can be undone, and is kept in the project."
FORMS = {
    "Levels": edit_forms.levels,
    "Cut a number": edit_forms.cut,
    "Combine sites": edit_forms.sites,
    "Leave rows out": edit_forms.leave_out,
    "New variable": edit_forms.variable,
    "New endpoint": edit_forms.endpoint,
}


@of_rows("Editing")
def page(cohort: Cohort) -> None:
    """The steps so far, and the making of another."""
    state = get_state()
    caption(LEAD)
    if state.presenting:
        _told(state)
        return
    with controls():
        kind = choose("edit-kind", "Change", tuple(FORMS), fixed=True)
    with st.container(border=True, key="edit-form"):
        FORMS[kind](state, _offer)
    _steps(state)


# ---------------------------------------------------------------- a new step
def _offer(state: State, made: tuple[Edit, ...], what: str, pictured: Sequence[str] = ()) -> None:
    """What the new steps would do, in a picture and in words, and the button that makes them.

    pictured: what the edited cohort is shown by, names of its factors and numbers.
    """
    edited = apply_edits(state.as_loaded, (*state.edits, *made))
    tried = edited.steps[len(state.edits) :]
    if pictured and all(step.applied for step in tried):
        edit_forms.picture(edited.cohort, pictured, "As it would be")
    for step in tried:
        _result(step)
    refused = not tried or any(not step.applied for step in tried)
    st.button("Make this change", key=f"edit-make-{what}", type="primary", icon=":material/check:", disabled=refused,
              on_click=_make, args=(made, what))  # fmt: skip


def _result(step: Step) -> None:
    if not step.applied:
        st.warning(md(_why(step)), icon=":material/edit:")
        return
    st.markdown(md(sentence(step.told)))
    if step.finding:
        st.warning(md(_why(step)), icon=":material/warning:")


def _why(step: Step) -> str:
    return sentence(step.finding.message) if step.finding else ""


def _make(made: tuple[Edit, ...], what: str) -> None:
    state = get_state()
    state.edit((*state.edits, *made), what)
    edit_forms.begin_anew()


# ---------------------------------------------------------------- the steps so far
def _steps(state: State) -> None:
    if not state.edits:
        st.info("Nothing is changed yet: what is shown is the file as it was read.", icon=":material/edit_note:")
        if state.earlier:
            n = plural(len(state.earlier), "edit")
            st.button(f"Make the {n} of the earlier file here, too", key="edit-earlier", icon=":material/history:",
                      on_click=_as_before)  # fmt: skip
        return
    st.markdown(f"## {plural(len(state.edits), 'step')} so far")
    for place, step in enumerate(state.steps):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"edit-step-{place}"):
            said = (
                sentence(step.told)
                if step.applied
                else f"Not made: {shorten(step.edit.describe(state.as_loaded), 120)}"
            )
            st.markdown(f"{place + 1}. {md(said)}", width="stretch")
            st.button("Up", key=f"edit-up-{place}", type="tertiary", icon=":material/arrow_upward:", disabled=not place,
                      on_click=_move, args=(place,), help="Make it before the step above")  # fmt: skip
            st.button("Remove", key=f"edit-remove-{place}", type="tertiary", icon=":material/delete:",
                      on_click=_remove, args=(place,), help="'Undo' above brings it back")  # fmt: skip
        if step.finding:
            st.warning(md(_why(step)), icon=":material/warning:")
    with st.container(horizontal=True, key="edit-all"):
        st.button("Remove all steps", key="edit-none", icon=":material/restart_alt:", on_click=_none)
        download("Edits", lambda: edits_to_toml(state.edits).encode(), file_name("edits", "toml"), "application/toml",
                 help="The steps as a file, for --edits of the command line; it names columns and levels, and holds "
                 "no value of a patient")  # fmt: skip


def _told(state: State) -> None:
    for step in state.steps:
        if step.applied:
            st.markdown(f"- {md(sentence(step.told))}")


def _move(place: int) -> None:
    state = get_state()
    edits = list(state.edits)
    edits[place - 1 : place + 1] = reversed(edits[place - 1 : place + 1])
    state.edit(edits, "order of edits")


def _remove(place: int) -> None:
    state = get_state()
    state.edit((e for i, e in enumerate(state.edits) if i != place), "edit removed")


def _as_before() -> None:
    state = get_state()
    state.edit(state.earlier, "edits of the earlier file")


def _none() -> None:
    get_state().edit((), "all edits removed")
