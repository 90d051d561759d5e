"""The project in this browser: asked for once, kept where a person said so, found again after a reload or restart."""

from __future__ import annotations

import streamlit as st

from necc.app.session.desk import Answer
from necc.app.session.plain import md
from necc.app.session.state import State, get_state
from necc.app.widgets.show import asset, caption

KEY = "necc-keep"
ASKED = (
    "Keep what you decide here in this browser, so that a reload brings it back? It holds the names of the file, its "
    "columns and levels, filters and choices: no patient, and not the file. Choose 'No' on a computer that you share."
)
_keep = st.components.v2.component("necc_keep", html="<span hidden></span>", js=asset("keep.js"))


def keep_in_browser(state: State) -> None:
    """Hands the project to this browser where it may keep it, and takes what it kept before; asks once."""
    if state.source:  # no project is made of it
        return
    held = state.desk
    _bring_up_to_date(state)
    data = {
        "seen": held.seen, "answer": held.answer, "text": held.text, "name": state.columns, "refused": held.refused,
    }  # fmt: skip
    _keep(key=KEY, data=data, on_found_change=_found, on_refused_change=_refused, on_back_change=_run_again)
    if held.answer == "" and not held.refused and not state.sample:
        with st.container(border=True, key="necc-keep-asked"):
            st.caption(ASKED)
            with st.container(horizontal=True):
                st.button("Keep", key="keep-yes", on_click=_answer, args=("yes",), icon=":material/save:")
                st.button("No", key="keep-no", on_click=_answer, args=("no",), type="tertiary")


def choose_keeping(state: State) -> None:
    """Whether this browser keeps the project, and the way to change that."""
    held = state.desk
    if held.refused:
        st.warning(
            "This browser keeps nothing for this page, by its settings or because its storage is full. Save the "
            "project as a file: without it a reload loses the edits, filters and choices.", icon=":material/warning:",
        )  # fmt: skip
        return
    on = st.toggle("Keep the project in this browser", held.answer == "yes", key=f"keep-{held.answer or 'open'}")
    if on != (held.answer == "yes"):
        _answer("yes" if on else "no")
        st.rerun()
    if on and held.names_somebody:
        st.warning(
            "A title, a name or a reason in this project may name a patient, so this browser isn't given it now. "
            "Change that text, and it is kept again.", icon=":material/warning:",
        )  # fmt: skip
        return
    caption(
        "Kept on this computer under this address, by this browser alone, until you switch it off here: names of "
        "columns and levels, filters, choices. Never the file, never a patient."
        if on
        else "A reload or a restarted server loses the edits, filters and choices; save the project as a file."
    )


def waits(state: State) -> None:
    """A project without its file says so at once: what comes back with it, and the way not to want it."""
    held = state.desk
    if held.waiting is None or state.presenting:
        return
    from necc.present.words.project import waiting

    with st.container(horizontal=True, vertical_alignment="center", key="necc-waits"):
        st.info(md(waiting(held.waiting)), icon=":material/history:", width="stretch")
        st.button("Not now", key="waits-not", on_click=_not_now, type="tertiary", icon=":material/close:",
                  help="Where this browser keeps it, it stays there")  # fmt: skip


def _bring_up_to_date(state: State) -> None:
    """The project as it is now, made anew only where something changed."""
    held = state.desk
    if held.answer != "yes" or (state.sample and not state.edits):
        return
    from necc.app.session.project import gather, mark
    from necc.project.saving import NAMES_SOMEBODY

    now = mark(state)
    if now != held.made_of:
        project, told = gather(state)
        held.names_somebody = any(f.code == NAMES_SOMEBODY for f in told)
        held.text, held.made_of = "" if held.names_somebody else project.to_toml(), now


def _found() -> None:
    """What this browser kept before this session began."""
    found, state = st.session_state[KEY].found, get_state()
    held = state.desk
    if not found or held.seen:
        return
    held.seen = True
    held.answer = "yes" if found.get("answer") == "yes" else "no"
    texts = {str(name): str(text) for name, text in dict(found.get("texts") or {}).items()}
    if held.answer != "yes" or not texts:
        return
    held.texts = {**texts, **held.texts}
    name = next(reversed(texts)) if state.sample else state.columns
    if name in texts and not state.edits and not held.exhibits:
        from necc.app.session.project import open_text

        open_text(state, texts[name])


def _refused() -> None:
    if st.session_state[KEY].refused:
        get_state().desk.refused = True


def _run_again() -> None:
    """The connection to the server came back; the run that follows shows what this session is."""


def _answer(answer: Answer) -> None:
    held = get_state().desk
    held.answer, held.seen = answer, True
    held.text, held.made_of = "", None


def _not_now() -> None:
    state = get_state()
    state.desk.waiting, state.touched = None, True
