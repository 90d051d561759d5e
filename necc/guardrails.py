"""What an analysis noticed about its own data, and what it did about it.

A guardrail isn't an error: the analysis answered. It says what was seen, why it matters, what was done and how to
overrule it, so that a reader can judge and a page can show it beside the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Guardrail:
    """One thing seen; sentences without a final full stop, `overrule` empty where nothing was done.

    code: stable and short, e.g. "separation"; for tests, links to an explanation, and translation.
    """

    code: str
    saw: str
    why: str
    did: str
    overrule: str = ""

    def sentence(self) -> str:
        """All of it as one note."""
        text = f"{self.saw}: {self.why}; {self.did}"
        return f"{text} (instead: {self.overrule})" if self.overrule else text

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


def sentences(guardrails: Iterable[Guardrail]) -> tuple[str, ...]:
    """The notes of some guardrails."""
    return tuple(g.sentence() for g in guardrails)
