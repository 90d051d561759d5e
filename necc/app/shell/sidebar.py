"""The sidebar: which cohort is shown, the way to load another, and the filter panel."""

from __future__ import annotations

import streamlit as st

from necc.app.session.cache import cached
from necc.app.session.plain import esc, md
from necc.app.session.state import WIZARD, State, kept, state
from necc.app.shell import facets
from necc.app.widgets.assets import asset
from necc.core.errors import NeccError
from necc.core.text import plural
from necc.ingest import READERS

_panel = st.components.v2.component(
    "necc_filters", html='<div class="panel"></div>', css=asset("filters.css"), js=asset("filters.js")
)


def sidebar(now: State) -> None:
    with st.sidebar:
        _source(now)
        st.markdown("#### Filters")
        shown = cached(facets.panel)(now.whole, now.selection, now.added)
        data = {**shown, "n": len(now.whole), "seen": now.seen, "session": f"{id(now)}-{now.fingerprint}"}
        _panel(key="filters", data=data, on_changes_change=_filtered)


def _filtered() -> None:
    """A person changed the panel: every change that wasn't seen yet is applied."""
    now = state()
    changes = st.session_state["filters"].changes or []
    for change in changes:
        number = int(change.get("number", 0))
        if number <= now.seen:
            continue
        now.seen = number
        now.touched = True
        _apply(now, change)


def _apply(now: State, change: dict[str, object]) -> None:
    if "add" in change:
        now.added = tuple(dict.fromkeys((*now.added, str(change["add"]))))
    elif "remove" in change:
        name = str(change["remove"])
        now.added = tuple(n for n in now.added if n != name)
        now.select(now.selection.without(name))
    else:
        try:
            now.set_condition(facets.condition_of(now.whole, change))
        except (NeccError, ValueError, KeyError):
            now.messages.append("A filter could not be set; the panel was out of date.")


def _source(now: State) -> None:
    """Which cohort is shown, and the way to load another."""
    source = now.whole.source
    name = "Shipped sample" if now.sample else source.filename or "cohort"
    st.html(
        f'<div class="necc-source"><div class="name" title="{esc(name)}">{esc(name)}</div>'
        f"<div>{plural(len(now.whole), 'patient')}{' · synthetic' if source.notice else ''}</div></div>"
    )
    key = f"upload-{now.uploads}"
    file = st.file_uploader(
        "Load a cohort", type=sorted(READERS), key=key, label_visibility="collapsed",
        help=f"A table with one row per patient. It is read on this computer. {kept()}",
    )  # fmt: skip
    if file is not None and file.file_id != now.file_seen:
        now.file_seen = file.file_id
        bar = st.progress(0.0, "Reading the file")
        accepted = now.offer(
            file.getvalue(), file.name, progress=lambda share, text: bar.progress(min(share, 1.0), text)
        )
        bar.empty()
        if accepted and now.whole.endpoint_names():
            now.forget_upload()
        st.rerun()
    _attempt(now)
    held = WIZARD in st.session_state and st.session_state[WIZARD].data
    if not now.sample or now.attempt or held:  # also where a file was refused: the way to have it forgotten
        st.button("Back to the sample", key="to-sample", type="tertiary", icon=":material/undo:", on_click=_to_sample)


def _to_sample() -> None:
    now = state()
    now.touched = True
    now.back_to_sample()


def _attempt(now: State) -> None:
    """One line on the last file; all of it is on the cohort page."""
    if now.attempt is None:
        return
    errors = sum(f.severity == "error" for f in now.attempt.findings)
    warnings = sum(f.severity == "warning" for f in now.attempt.findings)
    name = md(now.attempt.filename)
    if not now.attempt.accepted:
        st.error(
            f"{name} was not loaded: {plural(errors, 'error')}. What was loaded before stays.", icon=":material/error:"
        )
        st.page_link("pages/mapping.py", label="Tell what its columns mean", icon=":material/edit_note:")
    elif warnings:
        st.warning(f"{name} is loaded, with {plural(warnings, 'warning')}.", icon=":material/warning:")
    else:
        return
    st.page_link("pages/cohort.py", label="See the findings", icon=":material/list:")
