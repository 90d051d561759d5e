"""Waiting for a source that takes long: who asks is told how long it takes, and can end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from necc.core.cohort import Cohort
from necc.core.counts import Counts, Wanted
from necc.core.selection import Selection

T = TypeVar("T")
TICK = 0.2  # seconds between two looks at the clock; an answer that is there comes at once


class Cancellable(Counts, Protocol):
    """A source whose query another thread can end."""

    def cancel(self) -> None:
        """Ends what runs; it then raises."""
        ...


Meanwhile = Callable[[float], object]
"""What is done while a query runs, with the seconds since it began; whatever it raises ends the query."""


@dataclass(eq=False)
class Waiting:
    """A source asked in a thread of its own, so that whoever asks can look at the clock, and end it.

    source: what is asked. meanwhile: called again and again while it works. done: called when it has worked for long
        enough for `meanwhile`, however it ended.
    """

    source: Cancellable
    meanwhile: Meanwhile = field(repr=False)
    done: Callable[[], object] = field(default=lambda: None, repr=False)

    def counted(self, wanted: Wanted, selections: tuple[Selection, ...]) -> Cohort:
        """What the source counts; it ends where `meanwhile` raises, and what that raises is raised.

        Raises:
            AnalysisError: as the source raises it.
        """
        return self._waited(lambda: self.source.counted(wanted, selections))

    def n_patients(self, selections: tuple[Selection, ...]) -> int:
        """The patients for whom all selections hold; as `counted`."""
        return self._waited(lambda: self.source.n_patients(selections))

    def cancel(self) -> None:
        """Ends what runs."""
        self.source.cancel()

    def _waited(self, ask: Callable[[], T]) -> T:
        held: list[Any] = []
        failed: list[BaseException] = []

        def work() -> None:
            try:
                held.append(ask())
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where the answer is waited for
                failed.append(error)

        thread = threading.Thread(target=work, name="necc-counting", daemon=True)
        began, told = time.monotonic(), False
        try:
            thread.start()
            while thread.is_alive():
                thread.join(TICK)
                if thread.is_alive():
                    told = True
                    self.meanwhile(time.monotonic() - began)
        except BaseException:
            self.source.cancel()
            raise
        finally:
            if told:
                self.done()
        if failed:
            raise failed[0]
        answer: T = held[0]
        return answer


def waited_for(cohort: Cohort, meanwhile: Meanwhile, done: Callable[[], object] = lambda: None) -> Cohort:
    """The same cohort, whose source is waited for; one without a source that can be ended as it is.

    Args:
        cohort: with a source behind it.
        meanwhile: called while a query runs, with the seconds since it began; what it raises ends the query.
        done: called after it, where `meanwhile` was.
    """
    source = cohort.behind
    if source is None or not hasattr(source, "cancel"):
        return cohort
    return replace(cohort, behind=Waiting(source, meanwhile, done), _cache={})  # type: ignore[arg-type]  # it has `cancel`
