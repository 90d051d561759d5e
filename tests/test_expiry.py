"""What a page promises of a file's life: a closed session goes when its time is over, whoever visits."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from necc.app.session.expiry import forget

clock_times = pytest.importorskip("streamlit.runtime.caching.ttl_cache")


@dataclass
class Session:
    ended: list[str] = field(default_factory=list)

    def shutdown(self) -> None:
        self.ended.append("shut down")


@dataclass
class Info:
    session: Session


def test_a_session_is_shut_down_when_its_time_is_over_without_a_visit():
    now = [0.0]
    kept = clock_times.TTLCache(maxsize=8, ttl=60.0, timer=lambda: now[0])
    session = Session()
    kept["a"] = Info(session)
    now[0] = 59.0
    assert forget(kept) == 0 and not session.ended
    now[0] = 61.0
    assert forget(kept) == 1 and session.ended == ["shut down"] and not list(kept)


def test_the_private_names_that_the_timer_needs_are_there():
    from streamlit.runtime import Runtime
    from streamlit.runtime.memory_session_storage import MemorySessionStorage
    from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

    assert hasattr(MemorySessionStorage()._cache, "expire")
    assert (
        callable(Runtime._get_async_objs) and "_session_storage" in WebsocketSessionManager.__init__.__code__.co_names
    )
