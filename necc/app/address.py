"""The address bar: filters come in by a link and by the browser's buttons, and what is shown goes out."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from necc.app import links
from necc.app.state import State


def _filters_in_address() -> dict[str, list[str]]:
    names = [name for name in st.query_params if name not in links.RESERVED]
    return {name: st.query_params.get_all(name) for name in names}


def _filters_of(now: State) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in (*links.to_pairs(now.selection, now.whole), *now.waiting):
        found.setdefault(name, []).append(value)
    return found


def follow(now: State, page: str) -> None:
    """The browser's back button brings an earlier address of the same page; a new page comes with none."""
    if page == now.page and not now.touched and now.written is not None:
        address = _filters_in_address()
        if address != now.written and address != _filters_of(now):
            now.follow_link(address)
    now.page = page


def query(now: State) -> dict[str, list[str]]:
    """The query that reproduces what is shown."""
    mark = {} if now.sample else {"cohort": [links.cohort_mark(now.whole)]}
    view = {"view": ["presentation"]} if now.presenting else {}
    return {**mark, **_filters_of(now), **view}


def write(now: State) -> None:
    wanted = query(now)
    if {name: st.query_params.get_all(name) for name in st.query_params} != wanted:
        st.query_params.from_dict(wanted)
    now.written = _filters_of(now)


def link(now: State) -> str:
    """The whole address, to be copied."""
    address = (st.context.url or "").split("?")[0]
    asked = urlencode(query(now), doseq=True)
    return f"{address}?{asked}" if asked else address
