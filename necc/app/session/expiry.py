"""A session that nobody comes back to is forgotten in time, also while nobody else visits.

Streamlit keeps the session of a closed page for a while, and drops it only when the next visitor comes. A timer on the
server's own loop drops it when its time is over, with the files that it held. The same timer collects garbage, so that
what a person replaced or took back is released in time, too; after every run, as Streamlit would, it costs too much.
"""

from __future__ import annotations

import gc
from typing import Any

import streamlit as st
from streamlit import runtime

SECONDS = 30.0


@st.cache_resource(show_spinner=False)
def forget_in_time() -> bool:
    """Starts the timer, once for the server; whether it runs. It needs private names of Streamlit."""
    try:
        server: Any = runtime.get_instance()
        kept: Any = server._session_mgr._session_storage._cache
        loop: Any = server._get_async_objs().eventloop
    except (AttributeError, RuntimeError):
        return False
    if not hasattr(kept, "expire"):
        return False

    def tick() -> None:
        forget(kept)
        loop.call_later(SECONDS, tick)

    loop.call_soon_threadsafe(loop.call_later, SECONDS, tick)
    return True


def forget(kept: Any) -> int:
    """Drops the sessions whose time is over, with their files, and what nothing refers to any more; how many."""
    gone = list(kept.expire() or ())
    for _, info in gone:
        info.session.shutdown()
    n = len(gone)
    gone.clear()
    gc.collect()
    return n
