"""The sidebar: which cohort is shown, the way to load another, and the filter panel."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from necc.analysis.understood import understood
from necc.app.session.cache import cached
from necc.app.session.draft import draft
from necc.app.session.plain import esc, md
from necc.app.session.sources import Configured, SourceFailed, configured, opened
from necc.app.session.state import WIZARD, State, get_state, kept
from necc.app.shell import facets
from necc.app.widgets import ways
from necc.app.widgets.asked import ask, settle_buttons
from necc.app.widgets.choices import OWN_FILE
from necc.app.widgets.keeping import keep_in_browser
from necc.app.widgets.show import asset, part
from necc.core.errors import NeccError
from necc.core.text import plural, slug
from necc.ingest.questions import Question
from necc.ingest.remedies import told_of
from necc.present.words import understood as words

_panel = st.components.v2.component(
    "necc_filters", html='<div class="panel"></div>', css=asset("filters.css"), js=asset("filters.js")
)


_skip = st.components.v2.component(
    "necc_skip", html='<button type="button">Skip the filters, to the menu</button>', css=asset("skip.css"),
    js=asset("skip.js"),
)  # fmt: skip


def sidebar(state: State) -> None:
    with st.sidebar:
        _skip(key="necc-skip")
        _source(state)
        keep_in_browser(state)
        st.markdown("## Filters")
        with part():
            _filter_panel(state)


def _filter_panel(state: State) -> None:
    shown = cached(facets.panel)(state.whole, state.selection, state.added)
    data = {**shown, "n": state.whole.n_patients, "seen": state.seen, "session": f"{id(state)}-{state.fingerprint}"}
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
    name = "Shipped sample" if state.sample else state.source or source.filename or "cohort"
    st.html(
        f'<div class="necc-source"><div class="name" title="{esc(name)}">{esc(name)}</div>'
        f"<div>{' · '.join([_how_many(state), *_marks(state)])}</div></div>"
    )
    key = f"upload-{state.uploads}"
    file = None if on_columns(state) else st.file_uploader(
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
    _offered(state)
    draft().receive(state)
    _attempt(state)
    held = WIZARD in st.session_state and st.session_state[WIZARD].data
    if not state.sample or state.attempt or held:  # also where a file was refused: the way to have it forgotten
        st.button(
            "Back to the sample", key="to-sample", type="tertiary", icon=":material/undo:",
            on_click=state.back_to_sample,
        )  # fmt: skip


def _how_many(state: State) -> str:
    try:
        return plural(state.whole.n_patients, "patient")
    except SourceFailed:
        return "patients not counted"


def _offered(state: State) -> None:
    """The tables that the server's owner offers, each a button; and those that aren't available, with why."""
    offered = configured()
    if not offered:
        return
    st.caption("Or ask a database for counts:")
    for place, one in enumerate(offered):
        if one.problem:
            st.caption(md(f"{one.name}: not available: {one.problem}."))
        elif st.button(
            md(one.name), key=f"source-{place}", icon=":material/database:", width="stretch",
            disabled=one.name == state.source, help="Only counts leave it, never a patient's row",
        ):  # fmt: skip
            _open(state, one)
    if state.source_failed:
        name, why = state.source_failed
        st.error(md(f"{name} was not opened: {why}. What was open before still is."), icon=":material/database_off:")


def _open(state: State, one: Configured) -> None:
    state.source_failed = None
    try:
        with st.spinner(f"Opening {md(one.name)}", show_time=True):
            cohort = opened(one)
    except SourceFailed as error:
        state.source_failed = one.name, error.told
    else:
        state.open_source(one.name, cohort)
    st.rerun()


def _marks(state: State) -> list[str]:
    """What is to be known of the cohort at a glance."""
    made = sum(step.applied for step in state.steps)
    return [
        *(["counts only"] if state.whole.behind is not None else []),
        *(["synthetic"] if state.whole.source.notice else []),
        *([plural(made, "edit")] if made else []),
    ]


def on_columns(state: State) -> bool:
    """Whether the page shows what the columns of a file mean: it has the way to load a file itself."""
    linked = slug(OWN_FILE) in state.linked.get("data-view", ())
    return state.page == "" and (linked or state.chosen.get("data-view") == OWN_FILE)


def _attempt(state: State) -> None:
    """One line on the last file; all of it is on the page Data."""
    if state.attempt is None:
        return
    errors = sum(f.severity == "error" for f in state.attempt.findings)
    name = md(state.attempt.filename)
    if not state.attempt.accepted:
        asked = _asked(state)
        if asked and not asked.refused:
            n = plural(len(asked.questions), "question")
            st.warning(f"{name} waits for your answer to {n}. What was loaded before is still open.",
                       icon=":material/help:")  # fmt: skip
        else:
            st.error(
                f"{name} was not loaded: {plural(errors, 'error')}. What was loaded before is still open.",
                icon=":material/error:",
            )
        if asked and not on_columns(state):
            _ask_first(asked)
        ways.to_columns("refused-")
    else:
        _understood(state, name)
    ways.way("See the findings", "data", ":material/list:", data_view="What was read")


@dataclass(frozen=True)
class _Asked:
    """What the file that was refused waits for. refused: errors that no answer settles."""

    questions: tuple[Question, ...]
    refused: int
    remedies: tuple[Question, ...]


def _asked(state: State) -> _Asked | None:
    """The questions of the refused file, where its draft is still there."""
    held = draft()
    if state.attempt is None or held.filename != state.attempt.filename or held.opened is None or held.mapping is None:
        return None
    inspection = held.inspection()
    open_ones = tuple(q for q in inspection.questions if q.decisive)
    columns = {(q.column, code) for q in open_ones for code in ("question", *q.instead_of)}
    errors = [f for f in inspection.findings if f.severity == "error" and (f.column or "", f.code) not in columns]
    ways = {(f.code, f.column or "") for f in errors}
    return _Asked(open_ones, len(errors), tuple(r for r in inspection.remedies if (r.code, r.column) in ways))


def _ask_first(asked: _Asked) -> None:
    """What settles an error, and the first question, to be answered at once; with the last the file is loaded."""
    held = draft()
    more, chosen, column = len(asked.questions) - 1, None, ""
    if not (asked.questions or asked.remedies or held.steps):
        return
    with st.container(border=True, key="sidebar-question"):
        for remedy in asked.remedies:
            for answer in settle_buttons(remedy, held.turn, "sidebar-"):
                chosen, column = answer, remedy.column
        if asked.questions:
            chosen, column = ask(asked.questions[0], held.turn, "sidebar-") or chosen, asked.questions[0].column
        if more > 0:
            st.caption(f"Then {plural(more, 'more question')}.")
        if held.steps:
            st.button("Undo the last answer", key="sidebar-undo", on_click=held.undo, type="tertiary",
                      icon=":material/undo:")  # fmt: skip
    if chosen:
        held.answer(chosen, column)
        inspection = held.inspection()
        if inspection.cohort is not None and inspection.cohort.endpoint_names():
            held.load(inspection.cohort, inspection.findings)
        st.rerun()


def _understood(state: State, name: str) -> None:
    """What the file that is loaded was understood to hold; amber where that is little, or something is to be seen."""
    if state.attempt is None:
        return
    warnings = sum(f.severity == "warning" for f in state.attempt.findings)
    held = cached(understood)(state.as_loaded, *told_of(state.mapping))
    beside = f", with {plural(warnings, 'warning')}" if warnings else ""
    text = f"{name} is loaded{beside}: {md(words.understood(held))}"
    lacks = words.lacking(held)
    if lacks or warnings:
        st.warning(f"{text} {md(lacks)}".strip(), icon=":material/warning:")
    else:
        st.success(text, icon=":material/check_circle:")
    if lacks:
        ways.to_columns("lacking-")
