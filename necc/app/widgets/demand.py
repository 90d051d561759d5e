"""Heavy work only when it is asked for: a button, and the memory of what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from necc.app.session.state import get_state
from necc.app.widgets.show import caption


def on_demand(name: str, wanted: tuple[object, ...], label: str, help: str | None = None) -> bool:
    """Whether the work of this name was asked for with just these arguments; draws the button that asks.

    wanted: everything that the work depends on besides the filtered cohort; with other filters or arguments the
    question is put again.
    """
    state = get_state()
    mark = (state.fingerprint, state.selection.key(), *map(repr, wanted))
    if state.chosen.get(f"asked-{name}") == mark:
        return True
    if not state.presenting:
        st.button(label, key=f"ask-{name}", help=help, icon=":material/play_arrow:", on_click=_ask, args=(name, mark))
    else:
        caption(f"Not computed yet: leave the presentation and choose '{label}'.")
    return False


def _ask(name: str, mark: tuple[object, ...]) -> None:
    state = get_state()
    state.touched = True
    state.chosen[f"asked-{name}"] = mark


@contextmanager
def progress(text: str) -> Iterator[Callable[[float], object]]:
    """A bar for work that tells how far it is: a function of the share done. Any click elsewhere ends the work."""
    bar = st.progress(0.0, text)
    try:
        yield lambda share: bar.progress(min(max(share, 0.0), 1.0), text)
    finally:
        bar.empty()
