"""The address bar: filters and choices come in by a link and by the browser's buttons, and what is shown goes out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from necc.app.session import links
from necc.app.session.failure import told_in_words
from necc.app.session.state import State, begin_asking, get_state
from necc.core.text import joined

P = ParamSpec("P")

Query = dict[str, list[str]]


def _in_bar() -> Query:
    """What the address asks for, but for the view and the file."""
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in links.RESERVED}


def _shown(state: State) -> Query:
    """Site scheme, filters and choices that are shown, and those that wait for the file they were made for."""
    scheme = links.scheme_word(state.whole)
    query: Query = {links.SCHEME: [scheme]} if scheme else {}
    for name, value in (*links.to_pairs(state.selection, state.whole), *state.waiting):
        query.setdefault(name, []).append(value)
    return query | state.linked | {c.name: list(c.words) for c in state.shown.values() if c.words}


def follow(state: State, page: str) -> None:
    """The browser's buttons bring an earlier address; the menu brings none, and the filters go with it."""
    asked, elsewhere = _in_bar(), page != state.page
    if state.written is not None and not state.touched:
        state.presenting = st.query_params.get_all("view") == ["presentation"]
    if elsewhere:
        state.shown = {}
    news = bool(asked) if elsewhere else asked != state.written and not state.touched
    if news and state.written is not None and asked != _shown(state):
        state.follow_link(asked)
    state.page = page
    state.asked = {}


def query(state: State) -> Query:
    """The query that reproduces what is shown."""
    mark = [state.awaits] if state.awaits else [] if state.sample else [links.cohort_mark(state.whole)]
    view = {"view": ["presentation"]} if state.presenting else {}
    made = sum(step.applied for step in state.steps)
    edits = {links.EDITS: [str(made)]} if made else {}
    return {**({"cohort": mark} if mark else {}), **_shown(state), **edits, **view}


def settle(state: State, whole: bool = True) -> None:
    """Tells the address and the link to copy what the page has turned out to show.

    What the address chose in vain is told above the page, for which the page is run again.


    Args:
        state: the session.
        whole: the page ran to its end, so what it didn't ask for isn't a choice of it.
    """
    state.shown = state.asked if whole else state.shown | state.asked
    vain = [links.choice_label(name, state.whole) for name in state.linked] if whole and not state.awaits else []
    if vain:
        state.linked = {}
        state.messages.append(
            f"The link makes a choice for {joined(vain)} that this page doesn't offer for this "
            "cohort; the default is shown."
        )
    wanted = query(state)
    if {name: st.query_params.get_all(name) for name in st.query_params} != wanted:
        st.query_params.from_dict(wanted)
    state.written = _shown(state)
    if state.link_place is not None:
        state.link_place.code(link(state), language=None, wrap_lines=True)
    if vain:
        st.rerun()


def stop() -> NoReturn:
    """Ends the page here. The address is told before: after `st.stop` nothing is sent any more."""
    settle(get_state(), whole=False)
    st.stop()


def redrawn(draws: Callable[P, None]) -> Callable[P, None]:
    """A part that is redrawn by itself, as by `st.fragment`; what is chosen in it reaches the address all the same."""

    @st.fragment
    @wraps(draws)
    def part(*args: P.args, **kwargs: P.kwargs) -> None:
        state, context = get_state(), get_script_run_ctx()
        if context and context.fragment_ids_this_run:
            begin_asking(state)
        with told_in_words():
            draws(*args, **kwargs)
        if context and context.fragment_ids_this_run:
            settle(state, whole=False)
            state.touched = False
        elif state.link_place is not None:  # the page settles at its end; a part may only write where it did before
            state.link_place.empty()

    return part


def link(state: State) -> str:
    """The whole address, to be copied."""
    address = (st.context.url or "").split("?")[0]
    asked = urlencode(query(state), doseq=True)
    return f"{address}?{asked}" if asked else address
