"""Ways to another page, with choices made on it; the filters come along, which a link of Streamlit's would drop."""

from __future__ import annotations

import streamlit as st

from necc.app.session.state import get_state
from necc.app.widgets.choices import OWN_FILE
from necc.core.text import slug


def way(label: str, page: str, icon: str = "", where: str = "", **views: str) -> None:
    """A button that leads to a page.

    Args:
        label: its words.
        page: the file in pages/, without its ending.
        icon: of Material Symbols, as Streamlit names them.
        where: a place of its own, where the same way stands twice.
        views: choices made there, by their names with underscores.
    """
    if st.button(label, key=f"way-{where}{slug(label)}", icon=icon or None, type="tertiary"):
        go(page, **views)


def go(page: str, **views: str) -> None:
    """Leads to a page, with choices made there."""
    state = get_state()
    for name, view in views.items():
        state.choose(name.replace("_", "-"), view, "page")
    state.touched = True
    st.switch_page(f"pages/{page}.py")


def to_columns(where: str = "") -> None:
    """To where a person says what the columns of a file mean."""
    way("Say what its columns mean", "data", ":material/edit_note:", where, data_view=OWN_FILE)
