"""What a check of a claim looks at, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["consistent", "inconsistent", "doubtful", "cannot be checked"]
VERDICTS: tuple[Verdict, ...] = ("inconsistent", "doubtful", "cannot be checked", "consistent")
Values = Mapping[str, Any]


class Impossible(Exception):
    """Figures that no data can have; the message names the key."""

    def __init__(self, key: str, message: str):
        self.key, self.message = key, message
        super().__init__(message)


@dataclass(frozen=True)
class Outcome:
    """What one computation says about a claim; `part` tells apart the checks of one claim."""

    part: str
    kind: str
    verdict: Verdict
    printed: str
    computed: str
    difference: float | None
    explanation: str


@dataclass(frozen=True)
class Context:
    """What a check may look at beside its own row: the other rows of the claim, and the printed tables."""

    siblings: Sequence[Values] = ()
    data: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    def table(self, name: str) -> Sequence[Mapping[str, str]]:
        if name not in self.data:
            raise Impossible("table", f"no [data.{name}] in the file")
        return self.data[name]


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The first of some verdicts in the order of `VERDICTS`; "consistent" of none."""
    return min(verdicts, key=VERDICTS.index, default="consistent")
