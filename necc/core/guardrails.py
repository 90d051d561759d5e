"""What an analysis noticed about its own data, and what it did about it.

A guardrail isn't an error: the analysis answered. It says what was seen, why it matters, what was done and how to
overrule it, so that a reader can judge and a page can show it beside the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import get_args

from necc.core.cohort import Cohort
from necc.core.dictionary import Stage
from necc.core.text import joined, quoted

WHEN_KNOWN: dict[Stage, str] = {
    "baseline": "at diagnosis",
    "recurrence": "at the recurrence",
    "treatment": "when treatment is given",
    "followup": "during follow-up",
}

FEW_AT_RISK = 5
"""Patients: with fewer at risk one more event would move a curve visibly, so that it is drawn pale."""
SMALL_GROUP = 10
"""A group of fewer patients is small: each of them is more than a tenth of it, so one more event moves a share by more
than 10 points, and the large-sample limits and tests no longer hold what they say."""


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


def small_groups(sizes: Iterable[tuple[str, int]], label: str = "") -> list[str]:
    """The note on those of some groups (name, patients) that are small. label: what they are groups of."""
    small = quoted([name for name, n in sizes if n < SMALL_GROUP])
    if not small:
        return []
    named = f"{label}: " if label else ""
    return [f"{named}fewer than {SMALL_GROUP} patients in {joined(small)}, so limits are wide and tests approximate"]


def own_outcome(cohort: Cohort, outcome: str, columns: Iterable[str], names: Iterable[str]) -> Iterator[Guardrail]:
    """Covariates that are read from a column of the outcome itself: `columns` are the outcome's."""
    own = set(columns)
    if outcomes := [name for name in names if cohort.source_of(name) in own]:
        yield Guardrail(
            "own-outcome",
            f"{joined(outcomes)} {'are parts' if len(outcomes) > 1 else 'is a part'} of {outcome} itself",
            "the outcome then explains itself, and no number of the model can be interpreted",
            "it is shown as requested",
            "leave it out",
        )


def later_than(cohort: Cohort, start: Stage, names: Iterable[str]) -> list[str]:
    """Those of some names whose value becomes known only after this stage."""
    order = get_args(Stage)
    return [name for name in names if order.index(cohort.starts_at(name)) > order.index(start)]


def known_later(
    cohort: Cohort,
    start: Stage,
    clock: str,
    names: Mapping[str, str],
    did: str = "it is shown as requested",
    overrule: str = "a landmark or time-dependent analysis, or an endpoint that starts later",
) -> Iterator[Guardrail]:
    """Groups or covariates whose value becomes known only after the outcome's clock has started.

    start: when it starts. clock: what starts, and with what. names: of what is compared, each with its label.
    """
    when: dict[Stage, list[str]] = {}
    for name in later_than(cohort, start, names):
        when.setdefault(cohort.starts_at(name), []).append(names[name])
    if when:
        phrases = [f"{joined(w)} {'are' if len(w) > 1 else 'is'} known only {WHEN_KNOWN[s]}" for s, w in when.items()]
        yield Guardrail(
            "known-later",
            f"{joined(phrases)}, while {clock}",
            "a patient must live, or stay free of the event, long enough to get the value (immortal time), which can "
            "bias every comparison by it",
            did,
            overrule,
        )


def clock_of(label: str, origin: str) -> str:
    """`post-recurrence survival starts with first recurrence`; an abbreviation keeps its capitals."""
    name = label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"
    return f"{name} starts with {origin or 'time zero'}"
