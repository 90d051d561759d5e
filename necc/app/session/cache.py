"""Results and figures of one session, kept by what they were made from.

A cohort is known by its file's SHA-256, its site scheme and its filters, never by hashing a frame (Streamlit samples
large ones). Plain values, sequences, mappings and frozen dataclasses are known by what they hold, as it is at the call.
Results that are kept, and anything else, an array among them, are known by their identity, and held, so that this stays
their own. Nothing is pickled.

Nothing of a person's file is shared between sessions. What analyses and figures make of the shipped sample, which is
nobody's data, is kept for all of them: a class that clicks through it waits for each result once. That holds only where
every argument is a cohort of the sample, a choice, or itself a result of such; never for an analysis that is told of a
patient or takes words that a person wrote.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, is_dataclass
from functools import partial
from threading import Lock, RLock
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from necc.app.session.state import RESULTS, get_state, sample
from necc.core.cohort import Cohort
from necc.core.selection import Selection
from necc.present.figures import Figure, Style

MAX_ENTRIES = 160
MAX_SHARED = 800
SHARED = (
    "necc.analysis.baseline", "necc.analysis.competing", "necc.analysis.recurrence", "necc.analysis.regression",
    "necc.analysis.response", "necc.analysis.survival", "necc.analysis.treatment", "necc.app.shell.facets",
    "necc.paper.reproduction.replay.of_the_paper", "necc.paper.literature.beside.of_the_literature",
    "necc.present.figures",
)  # fmt: skip
"""Packages whose results for the sample all sessions share: their arguments are choices, numbers and results."""
# height of a main figure that is whole below its page's choices at 1366 x 768 (False), and presented at 1280 x 720
FIRST_SCREEN = {False: 470, True: 590}
PROJECTED, WIDE = 1000, 1140  # widths of figures in which much stands
HALF = 500  # of figures that stand beside each other
P = ParamSpec("P")
R = TypeVar("R")
Progress = Callable[[], AbstractContextManager[Callable[..., object]]]
PLAIN = (str, int, float, type(None))  # a bool is an int


def cached(function: Callable[P, R], progress: Progress | None = None) -> Callable[P, R]:
    """`function`, computed once a session for the same cohort, filters and arguments; of the sample once for all.

    progress: opens a bar while the function works; what it gives is handed to the function as `progress`.
    A function that raises does so each time: errors aren't kept.
    """

    works: Callable[..., R] = function  # which takes `progress`, too, where a bar is opened

    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        name = f"{function.__module__}.{function.__qualname__}"
        key = (name, *(_key(a) for a in args), *((k, _key(v)) for k, v in sorted(kwargs.items())))
        shared = name.startswith(SHARED) and get_state().sample and _of_sample((*args, *kwargs.values()))
        kept = FOR_ALL if shared else _results()
        found = kept.get(key)
        if found is not None:
            return found[0]
        with kept.making(key):  # who asks meanwhile waits for the same result
            found = kept.get(key)
            if found is not None:
                return found[0]
            if progress is None:
                result = function(*args, **kwargs)
            else:
                with progress() as report:
                    result = works(*args, **kwargs, progress=report)
            kept.put(key, result, partial(function, *args, **kwargs))
        return result

    return remembered


class Kept:
    """Results by their keys, the last `most` that were asked for; several threads may ask."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.entries: OrderedDict[Hashable, tuple[Any, partial[Any]]] = OrderedDict()
        self.results: dict[int, int] = {}  # how many entries hold an object, by its identity
        self.makers: dict[Hashable, RLock] = {}
        self.lock = Lock()

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, key: Hashable) -> tuple[Any, partial[Any]] | None:
        """A result with the call that made it, whose arguments are held."""
        with self.lock:
            if key not in self.entries:
                return None
            self.entries.move_to_end(key)
            return self.entries[key]

    @contextmanager
    def making(self, key: Hashable) -> Iterator[None]:
        """Lets one thread at a time make a result."""
        with self.lock:
            maker = self.makers.setdefault(key, RLock())
        try:
            with maker:
                yield
        finally:
            with self.lock:
                self.makers.pop(key, None)

    def put(self, key: Hashable, result: Any, made: partial[Any]) -> None:
        """Keeps a result with the call that made it; the one asked for longest ago goes where there are too many."""
        with self.lock:
            self.entries[key] = (result, made)
            self.results[id(result)] = self.results.get(id(result), 0) + 1
            while len(self.entries) > self.most:
                _, (gone, _) = self.entries.popitem(last=False)
                self.results[id(gone)] -= 1
                if not self.results[id(gone)]:
                    del self.results[id(gone)]

    def values(self) -> list[tuple[Any, partial[Any]]]:
        """Results with the calls that made them, the last asked for at the end."""
        with self.lock:
            return list(self.entries.values())

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()
            self.results.clear()

    def holds(self, value: object) -> bool:
        """Whether an object is one of the results."""
        return id(value) in self.results


FOR_ALL = Kept(MAX_SHARED)


def origin_of(value: object) -> partial[Any] | None:
    """The call that made a result which is kept; None where none is known."""
    for kept in (_results(), FOR_ALL):
        if kept.holds(value):
            return next((made for result, made in kept.values() if result is value), None)
    return None


def every_result() -> list[object]:
    """The results that are kept, the last asked for first."""
    return [result for kept in (_results(), FOR_ALL) for result, _ in reversed(kept.values())]


def _results() -> Kept:
    """What this session keeps."""
    kept: Kept = st.session_state.setdefault(RESULTS, Kept(MAX_ENTRIES))
    return kept


def _of_sample(values: Iterable[object]) -> bool:
    """Whether arguments are of the sample alone: its cohorts and what is shared already, at least one, and choices."""
    parts = list(values)
    return any(map(_is_of_sample, parts)) and all(_is_of_sample(part) or _is_choice(part) for part in parts)


def _is_of_sample(value: object) -> bool:
    if isinstance(value, Cohort):
        known = value.source.sha256 == sample().source.sha256
        return known and not isinstance(_cohort_key(value), _Same)
    return not isinstance(value, PLAIN) and FOR_ALL.holds(value)


def _is_choice(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_choice, value))
    if isinstance(value, Mapping):
        return all(map(_is_choice, (*value, *value.values())))
    return isinstance(value, (*PLAIN, Selection, Style))


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
    if FOR_ALL.holds(value) or _results().holds(value):  # looking at all it holds takes longer than drawing it
        return _Same(value)
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


def draw_half(function: Callable[..., Figure], result: object, **options: Any) -> Figure:
    """A figure that has half of a page's width, beside another; presented, as wide as all."""
    if get_state().presenting:
        return draw(function, result, **options)
    return cached(function)(result, style(width=HALF), **options)
