"""Bars for work that tells how far it is. Any click on the page ends the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from necc.app.session.plain import md

Tell = Callable[[float, str], object]
"""Of the share of a work that is done, and what comes."""


@contextmanager
def working(
    text: str, button: str, key: str, stop: Callable[..., None], *args: object, place: Any = None
) -> Iterator[Tell]:  # fmt: skip
    """A bar that says what comes, with a button that ends the work.

    text: until the work tells anything. stop, args: what is called when the button is pressed. place: an empty one
    where it stands; here without.
    """
    place = place or st.empty()
    with place.container():
        bar = st.progress(0.0, text)
        st.button(button, key=key, on_click=stop, args=args, icon=":material/close:")
    try:
        yield lambda share, what: bar.progress(min(max(share, 0.0), 1.0), f"{md(what)} …" if what else "")
    finally:
        place.empty()


@contextmanager
def progress(text: str) -> Iterator[Callable[[float], object]]:
    """A bar with one text all along: a function of the share done."""
    bar = st.progress(0.0, text)
    try:
        yield lambda share: bar.progress(min(max(share, 0.0), 1.0), text)
    finally:
        bar.empty()
