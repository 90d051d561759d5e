"""The sidebar: which cohort is shown, the way to load another, and the filter panel."""

from __future__ import annotations

import streamlit as st

from necc.app.session.cache import cached
from necc.app.session.plain import esc, md
from necc.app.session.state import WIZARD, State, get_state, kept
from necc.app.shell import facets
from necc.app.widgets.show import asset
from necc.core.errors import NeccError
from necc.core.text import plural

_panel = st.components.v2.component(
    "necc_filters", html='<div class="panel"></div>', css=asset("filters.css"), js=asset("filters.js")
)


def sidebar(state: State) -> None:
    with st.sidebar:
        _source(state)
        st.markdown("#### Filters")
        shown = cached(facets.panel)(state.whole, state.selection, state.added)
        data = {**shown, "n": len(state.whole), "seen": state.seen, "session": f"{id(state)}-{state.fingerprint}"}
        _panel(key="filters", data=data, on_changes_change=_filtered)


def _filtered() -> None:
    """A person changed the panel: every change that wasn't seen yet is applied."""
    state = get_state()
    changes = st.session_state["filters"].changes or []
    for change in changes:
        number = int(change.get("number", 0))
        if number <= state.seen:
            continue
        state.seen = number
        state.touched = True
        _apply(state, change)


def _apply(state: State, change: dict[str, object]) -> None:
    if "add" in change:
        state.added = tuple(dict.fromkeys((*state.added, str(change["add"]))))
    elif "remove" in change:
        name = str(change["remove"])
        state.added = tuple(n for n in state.added if n != name)
        state.select(state.selection.without(name))
    else:
        try:
            state.set_condition(facets.condition_of(state.whole, change))
        except (NeccError, ValueError, KeyError):
            state.messages.append("A filter could not be set; the panel was out of date.")


def _source(state: State) -> None:
    """Which cohort is shown, and the way to load another."""
    source = state.whole.source
    name = "Shipped sample" if state.sample else source.filename or "cohort"
    st.html(
        f'<div class="necc-source"><div class="name" title="{esc(name)}">{esc(name)}</div>'
        f"<div>{plural(len(state.whole), 'patient')}{' · synthetic' if source.notice else ''}</div></div>"
    )
    key = f"upload-{state.uploads}"
    file = st.file_uploader(
        "Load a cohort", key=key, label_visibility="collapsed",
        help=f"A table with one row per patient. It is read on this computer. {kept()}",
    )  # fmt: skip
    if file is not None and file.file_id != state.file_seen:
        state.file_seen = file.file_id
        bar = st.progress(0.0, "Reading the file")
        accepted = state.offer(
            file.getvalue(), file.name, progress=lambda share, text: bar.progress(min(share, 1.0), text)
        )
        bar.empty()
        if accepted and state.whole.endpoint_names():
            state.forget_upload()
        st.rerun()
    _attempt(state)
    held = WIZARD in st.session_state and st.session_state[WIZARD].data
    if not state.sample or state.attempt or held:  # also where a file was refused: the way to have it forgotten
        st.button(
            "Back to the sample", key="to-sample", type="tertiary", icon=":material/undo:",
            on_click=state.back_to_sample,
        )  # fmt: skip


def _attempt(state: State) -> None:
    """One line on the last file; all of it is on the cohort page."""
    if state.attempt is None:
        return
    errors = sum(f.severity == "error" for f in state.attempt.findings)
    warnings = sum(f.severity == "warning" for f in state.attempt.findings)
    name = md(state.attempt.filename)
    if not state.attempt.accepted:
        st.error(
            f"{name} was not loaded: {plural(errors, 'error')}. What was loaded before is still open.",
            icon=":material/error:",
        )
        st.page_link("pages/mapping.py", label="Say what its columns mean", icon=":material/edit_note:")
    elif warnings:
        st.warning(f"{name} is loaded, with {plural(warnings, 'warning')}.", icon=":material/warning:")
    else:
        return
    st.page_link("pages/cohort.py", label="See the findings", icon=":material/list:")
