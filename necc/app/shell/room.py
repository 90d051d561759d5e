"""The head of a page: its title, and its views in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from necc.app.session.plain import md
from necc.app.session.state import get_state
from necc.app.widgets.choices import choose

View = Callable[..., None]


def room(title: str, lead: str, name: str, views: Mapping[str, View]) -> View:
    """Draws a page's title with its views beside it; gives the view that is chosen.

    Args:
        title: the heading.
        lead: a sentence on what the page answers, behind a question mark.
        name: of the choice of a view.
        views: by the words on their buttons; the first is the usual one.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="necc-head"):
        st.markdown(f"# {md(title)}", width="content", help=None if get_state().presenting else lead)
        if len(views) < 2:
            return next(iter(views.values()))
        return views[choose(name, f"{title}: what is shown", tuple(views), fixed=True, label_visibility="collapsed")]
