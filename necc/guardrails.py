"""What an analysis noticed about its own data, and what it did about it.

A guardrail isn't an error: the analysis answered. It says what was seen, why it matters, what was done and how to
overrule it, so that a reader can judge and a page can show it beside the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import get_args

from necc.cohort import Cohort
from necc.dictionary import Stage
from necc.text import joined


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


def own_outcome(cohort: Cohort, outcome: str, columns: Iterable[str], names: Iterable[str]) -> Iterator[Guardrail]:
    """Covariates that are read from a column of the outcome itself: `columns` are the outcome's."""
    own = set(columns)
    if told := [name for name in names if cohort.source_of(name) in own]:
        yield Guardrail(
            "own-outcome",
            f"{joined(told)} {'are parts' if len(told) > 1 else 'is a part'} of {outcome} itself",
            "the outcome then explains the outcome, and no number of the model means anything",
            "it is shown as asked for",
            "leave it out",
        )


def later_than(cohort: Cohort, start: Stage, names: Iterable[str]) -> list[str]:
    """Those of some names whose value becomes known only after this stage."""
    order = get_args(Stage)
    return [name for name in names if order.index(cohort.starts_at(name)) > order.index(start)]


def known_later(cohort: Cohort, start: Stage, origin: str, names: Iterable[str]) -> Iterator[Guardrail]:
    """Covariates whose value becomes known only after the outcome's clock has started."""
    if late := later_than(cohort, start, names):
        yield Guardrail(
            "known-later",
            f"{joined(late)} becomes known only after {origin or 'time zero'}",
            "patients must stay free of the event long enough to get the value (immortal time), which can bias the "
            "hazard ratio",
            "it is shown as asked for",
            "a landmark or time-dependent analysis, or an endpoint that starts later",
        )
