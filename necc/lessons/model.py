"""A lesson as a file holds it: steps, questions, values that are computed, and no number that somebody typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from necc.core.frozen import Frozen

StepKind = Literal["text", "figure", "predict", "question", "recall"]
ControlKind = Literal["slider", "select", "switch"]
Whose = Literal["sample", "loaded"]
Pick = Literal["largest", "smallest", "farthest from 1"]
ASKING: tuple[StepKind, ...] = ("predict", "question", "recall")
COUNTED: tuple[StepKind, ...] = ("question", "recall")
"""Steps that count: a prediction is made before anybody could know."""
TRIES = 3
Plain = str | float | bool | tuple[str, ...]


@dataclass(frozen=True)
class Asked(Frozen):
    """A value of a lesson, by what it is taken from.

    of: a name of the registry, such as 'km.survival'. arguments: of that name, as the file has them.
    digits: decimals; None for those that are usual.
    """

    name: str
    of: str
    arguments: tuple[tuple[str, Plain], ...] = ()
    digits: int | None = None


@dataclass(frozen=True)
class Wrong(Frozen):
    """A wrong number that people come by, by the name of its value, and what is said to it."""

    value: str
    says: str


@dataclass(frozen=True)
class Choice(Frozen):
    """One of several answers.

    when: what must hold of the values for it to be right, such as 'p < 0.05' or 'median is reached'; blank where
    `right` says so, or the question takes the largest or smallest `value`.
    says: what is said to whoever takes it.
    """

    text: str
    when: str = ""
    right: bool = False
    value: str = ""
    says: str = ""


@dataclass(frozen=True)
class Only(Frozen):
    """What must hold of the values for a lesson's sentences to be true, and why it can't be had where it doesn't."""

    when: str
    why: str


@dataclass(frozen=True)
class Option(Frozen):
    """One of what a control offers: a value, and how it is called."""

    value: Plain
    text: str


@dataclass(frozen=True)
class Control(Frozen):
    """What a reader moves in a figure; `name` stands for its value in the recipe, the values and the text."""

    name: str
    kind: ControlKind
    label: str
    start: Plain
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Step(Frozen):
    """One step.

    text: above; says: below a figure, with values at the control's place.
    figure: a recipe, see `necc.report.recipe`, with {names} where the endpoint, the treatment and the control go.
    answer, tolerance: of a number: a value's name, and how far off still counts, in the unit shown.
    choices: of a choice. pick: takes the largest or the smallest of the choices' values, or, of ratios, that which is
    farthest from 1 in either direction.
    """

    kind: StepKind
    text: str = ""
    figure: str = ""
    control: Control | None = None
    says: str = ""
    answer: str = ""
    tolerance: float = 0.0
    choices: tuple[Choice, ...] = ()
    pick: Pick | Literal[""] = ""
    wrong: tuple[Wrong, ...] = ()
    hints: tuple[str, ...] = ()
    explain: str = ""

    @property
    def asks(self) -> bool:
        """Whether it has a question."""
        return self.kind in ASKING


@dataclass(frozen=True)
class Lesson(Frozen):
    """A lesson.

    minutes: how long it takes. place: in the class of all lessons; 0 for one that isn't part of it.
    cohort: whose patients: the sample's, or those that are loaded, with the sample where these lack something.
    needs: endpoints, roles of the dictionary, 'sites' or 'site:NAME', all of which its cohort must have.
    only: what must hold of its values for its sentences to be true.
    about: one sentence for its card. terms: words of the glossary that it explains.
    values: by name.
    """

    id: str
    title: str
    minutes: int
    steps: tuple[Step, ...]
    about: str = ""
    place: int = 0
    cohort: Whose = "loaded"
    needs: tuple[str, ...] = ()
    only: tuple[Only, ...] = ()
    terms: tuple[str, ...] = ()
    values: Mapping[str, Asked] = field(default_factory=dict)

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every text that a reader sees, with its place in the file."""
        found = [("title", self.title), ("about", self.about)]
        for number, step in enumerate(self.steps, 1):
            at = f"step {number}"
            found += [(at, t) for t in (step.text, step.says, step.explain, *step.hints)]
            found += [(f"{at}, wrong {i}", w.says) for i, w in enumerate(step.wrong, 1)]
            found += [(f"{at}, choice {i}", t) for i, c in enumerate(step.choices, 1) for t in (c.text, c.says)]
            if step.control:
                found += [(f"{at}, control", t) for t in (step.control.label, *(o.text for o in step.control.options))]
        return tuple((place, text) for place, text in found if text)
