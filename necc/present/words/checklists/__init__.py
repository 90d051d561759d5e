"""Reporting checklists (REMARK, STROBE): items as data, filled where the analysis knows, listed where it doesn't.

>>> from necc.present.words.checklists import checklist
>>> results = [kaplan_meier(cohort, "PRS", "site:abdominal"), cox(cohort, "PRS", ["site:abdominal", "age_years"])]
>>> len(checklist("remark", results, cohort).open)
15
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.result import Viewable
from necc.core.selection import Selection
from necc.core.text import joined, plural
from necc.present.words.checklists.facts import FACTS, Context

ChecklistName = Literal["remark", "strobe"]
Status = Literal["filled", "partly", "open"]
NOT_DONE = "not part of this analysis"


@dataclass(frozen=True)
class Item:
    """One item as the guideline asks it. fill: what the analysis may know; remains: what it can't."""

    number: str
    section: str
    asks: str
    fill: str = ""
    remains: str = ""


@dataclass(frozen=True)
class Answer:
    """An item with what the analysis knows; `to_do` is left to the authors."""

    number: str
    section: str
    asks: str
    status: Status
    known: str
    to_do: str

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Checklist(Viewable):
    """All items of a guideline with their answers."""

    rows_in = "answers"

    def _lines(self) -> list[str]:
        return [f"{self.title}: {self.progress}"]

    name: str
    title: str
    reference: str
    answers: tuple[Answer, ...]

    @property
    def open(self) -> tuple[Answer, ...]:
        """Items that need the authors, wholly or partly."""
        return tuple(a for a in self.answers if a.status != "filled")

    def answer(self, number: str) -> Answer:
        """The item of this number.

        Raises:
            KeyError: there is none.
        """
        for answer in self.answers:
            if answer.number == number:
                return answer
        raise KeyError(number)

    @property
    def progress(self) -> str:
        """How many items are filled."""
        n = len(self.answers)
        return f"{n - len(self.open)} of {plural(n, 'item')} filled; the others say what they need."

    def to_dict(self) -> dict[str, object]:
        return {"name": self.name, "title": self.title, "reference": self.reference,
                "items": [a.to_dict() for a in self.answers]}  # fmt: skip


@cache
def guideline(name: ChecklistName) -> tuple[str, str, str, tuple[Item, ...]]:
    """Name, title, reference and items of a guideline.

    Raises:
        AnalysisError: there is no such guideline.
    """
    if name not in get_args(ChecklistName):
        raise AnalysisError(f"no checklist '{name}'; there are {joined(get_args(ChecklistName))}")
    data = tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return data["name"], data["title"], data["reference"], tuple(Item(**item) for item in data["item"])


def checklist(
    name: ChecklistName,
    results: Iterable[object],
    cohort: Cohort,
    selection: Selection | None = None,
    *,
    follow_up: Mapping[str, Estimate] | None = None,
) -> Checklist:
    """A guideline's items, filled with what some results and their cohort know.

    follow_up: the median follow-up by endpoint; without it, that of the Kaplan-Meier curves among the results.

    Raises:
        AnalysisError: there is no such guideline.

    Example:
        >>> checklist("remark", [kaplan_meier(cohort, "PRS")], cohort).answers[0].status
        '...'
    """
    title_name, title, reference, items = guideline(name)
    context = Context(tuple(results), cohort, selection, follow_up or {})
    return Checklist(title_name, title, reference, tuple(_answer(item, context) for item in items))


def _answer(item: Item, context: Context) -> Answer:
    known = FACTS[item.fill](context).strip() if item.fill else ""
    to_do = item.remains if item.remains or known else NOT_DONE
    status: Status = "open" if not known else "partly" if to_do else "filled"
    return Answer(item.number, item.section, item.asks, status, known, to_do)
