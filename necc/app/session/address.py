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
from necc.app.session.state import State, state
from necc.core.text import joined

P = ParamSpec("P")

Query = dict[str, list[str]]


def _in_bar() -> Query:
    """What the address asks for, but for the view and the file."""
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in links.RESERVED}


def _shown(now: State) -> Query:
    """Site scheme, filters and choices that are shown, and those that wait for the file they were made for."""
    scheme = links.scheme_word(now.whole)
    found: Query = {links.SCHEME: [scheme]} if scheme else {}
    for name, value in (*links.to_pairs(now.selection, now.whole), *now.waiting):
        found.setdefault(name, []).append(value)
    return found | now.linked | {c.name: list(c.words) for c in now.shown.values() if c.words}


def follow(now: State, page: str) -> None:
    """The browser's buttons bring an earlier address; the menu brings none, and the filters go with it."""
    asked, elsewhere = _in_bar(), page != now.page
    if now.written is not None and not now.touched:
        now.presenting = st.query_params.get_all("view") == ["presentation"]
    if elsewhere:
        now.shown = {}
    news = bool(asked) if elsewhere else asked != now.written and not now.touched
    if news and now.written is not None and asked != _shown(now):
        now.follow_link(asked)
    now.page = page
    now.asked = {}


def query(now: State) -> Query:
    """The query that reproduces what is shown."""
    mark = [now.awaits] if now.awaits else [] if now.sample else [links.cohort_mark(now.whole)]
    view = {"view": ["presentation"]} if now.presenting else {}
    return {**({"cohort": mark} if mark else {}), **_shown(now), **view}


def settle(now: State, whole: bool = True) -> None:
    """Tells the address and the link to copy what the page has turned out to show.

    What the address chose in vain is told above the page, for which the page is run again.


    Args:
        now: the session.
        whole: the page ran to its end, so what it didn't ask for isn't a choice of it.
    """
    now.shown = now.asked if whole else now.shown | now.asked
    vain = list(map(links.told, now.linked)) if whole and not now.awaits else []
    if vain:
        now.linked = {}
        now.messages.append(
            f"The link chooses for {joined(vain)} what this page doesn't offer with this cohort; the usual is shown."
        )
    wanted = query(now)
    if {name: st.query_params.get_all(name) for name in st.query_params} != wanted:
        st.query_params.from_dict(wanted)
    now.written = _shown(now)
    if now.link_place is not None:
        now.link_place.code(link(now), language=None, wrap_lines=True)
    if vain:
        st.rerun()


def stop() -> NoReturn:
    """Ends the page here. The address is told before: after `st.stop` nothing is sent any more."""
    settle(state(), whole=False)
    st.stop()


def redrawn(draws: Callable[P, None]) -> Callable[P, None]:
    """A part that is redrawn by itself, as by `st.fragment`; what is chosen in it reaches the address all the same."""

    @st.fragment
    @wraps(draws)
    def part(*args: P.args, **kwargs: P.kwargs) -> None:
        now, context = state(), get_script_run_ctx()
        with told_in_words():
            draws(*args, **kwargs)
        if context and context.fragment_ids_this_run:
            settle(now, whole=False)
            now.touched = False
        elif now.link_place is not None:  # the page settles at its end; a part may only write where it did before
            now.link_place.empty()

    return part


def link(now: State) -> str:
    """The whole address, to be copied."""
    address = (st.context.url or "").split("?")[0]
    asked = urlencode(query(now), doseq=True)
    return f"{address}?{asked}" if asked else address
