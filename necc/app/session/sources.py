"""Tables that the server's owner offers beside the upload: each is asked for counts, by one connection a session.

They stand in a TOML file that the environment variable NECC_SOURCES names, one [[source]] each; docs/sources.md says
how. Nothing of a table is shared between sessions.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from necc.app.session.plain import md
from necc.core.cohort import Cohort
from necc.core.counts import Wanted
from necc.core.errors import AnalysisError, NeccError
from necc.core.extras import told
from necc.core.selection import Selection
from necc.core.toml import Keys, Reader
from necc.engine.connecting import holds_secret
from necc.engine.keeping import Kept
from necc.engine.waiting import Cancellable, Waiting

LOG = logging.getLogger("necc.app")
VARIABLE = "NECC_SOURCES"
TOLD_AFTER = 1.0  # seconds of waiting; what is quicker isn't worth a word
GIVEN_UP_AFTER = 2.0  # seconds: where one question failed after that, the others of the page aren't asked
NUMBERS = count()
T = TypeVar("T")


class SourceFailed(AnalysisError):
    """A source didn't answer: it is asked again where a person says so."""


# ---------------------------------------------------------------- what the owner offers
@dataclass(frozen=True)
class Configured:
    """A table that is offered. problem: why it isn't available, in words; blank where it may be.

    where, table, mapping, dictionary, time_limit_s, memory_limit: as `necc.open_source` takes them; paths are those
    beside the file. password_env: the environment variable that holds the password.
    """

    name: str
    where: str = field(repr=False)
    table: str = ""
    mapping: str = ""
    dictionary: str = ""
    password_env: str = ""
    time_limit_s: int = 60
    memory_limit: str = "1GB"
    problem: str = ""


KEYS = Keys.of(Configured, without=("problem",))


@cache
def configured() -> tuple[Configured, ...]:
    """The sources of the owner's file, read once; what is wrong with one is in its `problem`, and in the log."""
    path = os.environ.get(VARIABLE)
    found = read_sources(Path(path)) if path else ()
    for one in found:
        if one.problem:
            LOG.warning("the source '%s' is not available: %s", one.name, one.problem)
    return found


def read_sources(path: Path) -> tuple[Configured, ...]:
    """The sources that a file configures; a file that can't be read is one source with that problem."""
    try:
        content = path.read_bytes()
    except OSError:
        return (Configured("sources", "", problem=f"the file '{path.name}' that {VARIABLE} names can't be read"),)
    reader = Reader(content, "source-{}")
    sources = []
    for number, table in enumerate(reader.tables("source"), 1):
        before, named = len(reader.findings), str(table.values.get("name") or f"source {number}")
        values = reader.read(table, KEYS)
        faults = [finding.message for finding in reader.findings[before:]]
        one = Configured(**values) if values is not None else Configured(named, "")
        sources.append(replace(one, problem=faults[0]) if faults else _placed(one, path.parent))
    if not sources:
        said = reader.findings[0].message if reader.findings else "the file has no [[source]]"
        return (Configured("sources", "", problem=f"'{path.name}': {said}"),)
    names = [one.name for one in sources]
    twice = "another source has this name, too"
    return tuple(replace(one, problem=one.problem or twice) if one.name in names[:place] else one
                 for place, one in enumerate(sources))  # fmt: skip


def _placed(one: Configured, folder: Path) -> Configured:
    """With its paths, and what is seen to be wrong before anybody asks."""
    if "://" in one.where:
        if holds_secret(one.where):
            return replace(one, where="", problem="its address holds a password; name an environment variable by "
                                                  "password_env instead")  # fmt: skip
    else:
        one = replace(one, where=str(folder / one.where))
    for key in ("mapping", "dictionary"):
        name = getattr(one, key)
        if name.endswith(".toml"):
            place = folder / name
            if not place.is_file():
                return replace(one, problem=f"there is no file '{place.name}', its {key}")
            one = replace(one, mapping=str(place)) if key == "mapping" else replace(one, dictionary=str(place))
    if one.password_env and not os.environ.get(one.password_env):
        return replace(one, problem=f"the environment variable {one.password_env}, its password, isn't set")
    if not one.time_limit_s:
        return replace(one, problem="time_limit_s is a number of seconds above 0")
    return one


def opened(one: Configured) -> Cohort:
    """The cohort of a source, watched by this session.

    Raises:
        SourceFailed: it can't be opened; the message says why, without a password.
    """
    try:
        from necc.engine import open_source

        how: dict[str, Any] = {"password_env": one.password_env} if one.password_env else {}
        cohort = open_source(
            one.where, table=one.table, mapping=one.mapping or None, dictionary=one.dictionary or None,
            time_limit_s=one.time_limit_s, memory_limit=one.memory_limit, **how,
        )  # fmt: skip
    except NeccError as error:
        raise SourceFailed(error.told) from None
    except ModuleNotFoundError as error:
        raise SourceFailed(str(told(error) or "the libraries that ask databases aren't installed")) from None
    return watched(cohort, one.name)


# ---------------------------------------------------------------- asked by a session
def watched(cohort: Cohort, name: str) -> Cohort:
    """The same cohort, whose source tells this session's page how long it takes."""
    source = cohort.behind
    assert source is not None
    return replace(cohort, behind=Watched(source, name), _cache={})  # type: ignore[arg-type]  # an engine can be ended


@dataclass(eq=False)
class Watched:
    """A source as a session asks it: what takes long is told on the page, and any click there ends it.

    name: how the owner calls it. stopped: a person ended a question just now. failed: why nothing more is asked in
    this run of the page. offered: the way to ask again stands on the page.
    """

    source: Cancellable = field(repr=False)
    name: str
    stopped: bool = False
    failed: str = ""
    offered: bool = False
    kept: Kept = field(default_factory=Kept, repr=False)

    def counted(self, wanted: Wanted, selections: tuple[Selection, ...]) -> Cohort:
        """As the source counts it.

        Raises:
            SourceFailed: it didn't answer, or was stopped.
        """
        return self._asked((wanted, selections), lambda waiting: waiting.counted(wanted, selections))

    def n_patients(self, selections: tuple[Selection, ...]) -> int:
        """The patients for whom all selections hold; as `counted`."""
        return self._asked(selections, lambda waiting: waiting.n_patients(selections))

    def begin(self) -> None:
        """A run of the page begins, in which everything may be asked, but for one that stopped a question."""
        self.failed, self.stopped, self.offered = STOPPED if self.stopped else "", False, False

    def stop(self) -> None:
        """A person wants no answer any more."""
        self.stopped = True

    def _asked(self, key: object, ask: Callable[[Waiting], T]) -> T:
        if self.failed and key not in self.kept:
            raise SourceFailed(self.failed)
        page, began = _Page(self), time.monotonic()
        try:
            return self.kept.get(key, lambda: ask(Waiting(self.source, page.tell, page.clear)))
        except AnalysisError as error:
            if time.monotonic() - began > GIVEN_UP_AFTER:
                self.failed = error.told
            raise SourceFailed(str(error), error.told) from None


STOPPED = "the question was stopped before it was answered"


class _Page:
    """Where a run of the page says how long a question takes."""

    def __init__(self, source: Watched) -> None:
        self.source = source
        self.place: DeltaGenerator | None = None
        self.bar: DeltaGenerator | None = None

    def tell(self, seconds: float) -> None:
        """Says it, with a button that ends it; a click anywhere raises here, in Streamlit's way."""
        if seconds < TOLD_AFTER or get_script_run_ctx() is None:
            return
        text = f"{md(self.source.name)} is counting … {seconds:.0f} s"
        if self.bar is None:
            self.place = st.empty()
            with self.place.container(key=f"necc-counting-{next(NUMBERS)}", horizontal=True):
                self.bar = st.progress(0.0, text)
                st.button("Stop", key=f"stop-counting-{next(NUMBERS)}", icon=":material/close:",
                          on_click=self.source.stop)  # fmt: skip
        limit = getattr(self.source.source, "time_limit_s", 0)
        self.bar.progress(min(seconds / limit, 1.0) if limit else 0.0, text)

    def clear(self) -> None:
        if self.place is not None:
            self.place.empty()
