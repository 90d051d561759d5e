"""Results and figures of one session, kept by what they were made from.

A cohort is known by its file's SHA-256, its site scheme and its filters, never by hashing a frame (Streamlit samples
large ones). Plain values, sequences, mappings and frozen dataclasses are known by what they hold, as it is at the call.
Anything else, an array among them, is known by its identity, and held, so that this stays its own. Nothing is pickled
and nothing is shared between sessions.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import fields, is_dataclass
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from necc.app.session.state import RESULTS, get_state
from necc.core.cohort import Cohort
from necc.present.figures import Figure, Style

MAX_ENTRIES = 160
# height of a main figure that is whole below its page's choices at 1366 x 768 (False), and presented at 1280 x 720
FIRST_SCREEN = {False: 470, True: 590}
PROJECTED, WIDE = 1000, 1140  # widths of figures in which much stands
P = ParamSpec("P")
R = TypeVar("R")
Progress = Callable[[], AbstractContextManager[Callable[..., object]]]
PLAIN = (str, int, float, type(None))  # a bool is an int


def cached(function: Callable[P, R], progress: Progress | None = None) -> Callable[P, R]:
    """`function`, computed once a session for the same cohort, filters and arguments.

    progress: opens a bar while the function works; what it gives is handed to the function as `progress`.
    A function that raises does so each time: errors aren't kept.
    """

    works: Callable[..., R] = function  # which takes `progress`, too, where a bar is opened

    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        entries: OrderedDict[Hashable, tuple[Any, Any]] = st.session_state.setdefault(RESULTS, OrderedDict())
        name = f"{function.__module__}.{function.__qualname__}"
        key = (name, *(_key(a) for a in args), *((k, _key(v)) for k, v in sorted(kwargs.items())))
        if key in entries:
            entries.move_to_end(key)
            return entries[key][0]
        if progress is None:
            result = function(*args, **kwargs)
        else:
            with progress() as report:
                result = works(*args, **kwargs, progress=report)
        entries[key] = (result, (args, kwargs))
        while len(entries) > MAX_ENTRIES:
            entries.popitem(last=False)
        return result

    return remembered


class _Same:
    """An object known by its identity, and held, so that no other gets its address when a list around it changes."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def _key(value: object) -> Hashable:
    if isinstance(value, PLAIN):
        return type(value), value
    if isinstance(value, (tuple, list)):
        return tuple(_key(v) for v in value)
    if isinstance(value, Mapping):
        return dict, tuple((_key(k), _key(v)) for k, v in value.items())
    if isinstance(value, Cohort):
        return _cohort_key(value)
    if is_dataclass(value) and _is_value(type(value)):
        return type(value), tuple(_key(getattr(value, f.name)) for f in fields(value))
    return _Same(value)


def _is_value(kind: type) -> bool:
    """Whether a dataclass is frozen, and its instances equal by what they hold."""
    settings = kind.__dataclass_params__  # type: ignore[attr-defined]  # not in the type of a class
    return bool(settings.frozen and settings.eq)


def _cohort_key(cohort: Cohort) -> Hashable:
    state = get_state()
    for (fingerprint, selection), known in state.cohorts.items():
        if known is cohort:
            return ("cohort", fingerprint, selection)
    return ("cohort", state.fingerprint, "") if cohort is state.whole else _Same(cohort)


def style(**options: Any) -> Style:
    """How figures look now: on a light or dark page, or projected, low enough for the first screen."""
    presenting = get_state().presenting
    usual: dict[str, Any] = {"size": "presentation" if presenting else "page", "height": FIRST_SCREEN[presenting]}
    return Style(theme="dark" if st.context.theme.type == "dark" else "light", **{**usual, **options})


def draw(function: Callable[..., Figure], result: object, **options: Any) -> Figure:
    """A figure of a result, in the page's style; one too tall to be projected has the type of a page."""
    figure = cached(function)(result, style(), **options)
    if get_state().presenting and figure.height > 1.3 * FIRST_SCREEN[True]:
        return cached(function)(result, style(size="page", width=PROJECTED), **options)
    return figure


def draw_many(function: Callable[..., Figure], result: object, **options: Any) -> Figure:
    """A figure of many small parts, as wide as a page is: more of them stand beside each other."""
    return cached(function)(result, style(size="page", width=WIDE), **options)
