"""Results and figures of one session, kept by what they were made from.

A cohort is known by its file's SHA-256, its site scheme and its filters, never by hashing a frame (Streamlit samples
large ones). Anything else that is no plain value is known by its identity, and held, so that this stays its own.
Nothing is pickled and nothing is shared between sessions.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from necc.app.session.state import RESULTS, get_state
from necc.core.cohort import Cohort
from necc.core.selection import Selection
from necc.present.figures import Figure, Style

MAX_ENTRIES = 96
P = ParamSpec("P")
R = TypeVar("R")
PLAIN = (str, int, float, bool, type(None), Style, Selection)


def cached(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, computed once a session for the same cohort, filters and arguments.

    A function that answers a question the cohort can't be asked raises each time; errors aren't kept.
    """

    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        entries: OrderedDict[Hashable, tuple[Any, Any]] = st.session_state.setdefault(RESULTS, OrderedDict())
        name = f"{function.__module__}.{function.__qualname__}"
        key = (name, *(_key(a) for a in args), *((k, _key(v)) for k, v in sorted(kwargs.items())))
        if key in entries:
            entries.move_to_end(key)
            return entries[key][0]
        result = function(*args, **kwargs)
        entries[key] = (result, (args, kwargs))
        while len(entries) > MAX_ENTRIES:
            entries.popitem(last=False)
        return result

    return remembered


def _key(value: object) -> Hashable:
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, (tuple, list)):
        return tuple(_key(v) for v in value)
    if isinstance(value, Cohort):
        return _cohort_key(value)
    return ("is", id(value))


def _cohort_key(cohort: Cohort) -> Hashable:
    state = get_state()
    for (fingerprint, selection), known in state.cohorts.items():
        if known is cohort:
            return ("cohort", fingerprint, selection)
    return ("cohort", state.fingerprint, "") if cohort is state.whole else ("is", id(cohort))


def style(**options: Any) -> Style:
    """How figures look now: on a light or dark page, or projected."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return Style(theme=theme, size="presentation" if get_state().presenting else "page", **options)


def draw(function: Callable[..., Figure], result: object, **options: Any) -> Figure:
    """A figure of a result, in the page's style."""
    return cached(function)(result, style(), **options)
