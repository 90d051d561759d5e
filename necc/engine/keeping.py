"""Answers that were asked for are kept, as the next view asks for the same; the oldest go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from necc.core.cohort import Cohort

MOST = 100
MOST_ROWS = 2_000_000  # of all answers together: some 100 MB
T = TypeVar("T")


class Kept:
    """The last answers by what was asked, bounded by their number and by their rows."""

    def __init__(self) -> None:
        self._answers: OrderedDict[object, Any] = OrderedDict()

    def __contains__(self, key: object) -> bool:
        return key in self._answers

    def get(self, key: object, ask: Callable[[], T]) -> T:
        """What is kept, or what `ask` gives, which is then kept; what it raises is raised."""
        answer: T = self._answers[key] if key in self._answers else ask()
        self._answers[key] = answer
        self._answers.move_to_end(key)
        while len(self._answers) > MOST or sum(map(_rows, self._answers.values())) > MOST_ROWS:
            self._answers.popitem(last=False)
        return answer


def _rows(answer: object) -> int:
    return len(answer) if isinstance(answer, Cohort) else 1
