"""Class sheets: lessons on paper, for the residents without answers and for the teacher with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_uppercase

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError, NeccError
from necc.core.selection import Selection
from necc.core.text import joined, plural
from necc.lessons.checking import unfit
from necc.lessons.model import Control, Lesson, Plain, Step
from necc.lessons.playing import answer_of, figure_of, on, right_choice, say, start_of, wrongs
from necc.lessons.values import Source
from necc.present.figures import Figure
from necc.present.tables import Table
from necc.present.words import report as words
from necc.report import Report
from necc.report.model import Item, Kind, Prose

LINE = "Answer: " + "_" * 40
REASON = "Why: " + "_" * 43
NO_REPLICATION = (
    "The sample is synthetic, built from the printed figures of a paper: agreement with the paper is no replication."
)


def sheet(lessons: Sequence[Lesson], cohorts: Sequence[Cohort], *, answers: bool) -> Report:
    """A sheet of lessons, each computed on its cohort, as a report that `necc.report.word.document` writes.

    Args:
        lessons: in the order of the class.
        cohorts: whom each lesson is computed on, one for each; a lesson that its cohort can't have says why.
        answers: the teacher's sheet: answers, explanations and what to say to wrong answers. Without them lines to
            write on.

    Returns:
        Each lesson as a text, then all figures, numbered.

    Raises:
        ValueError: there is no lesson, or not a cohort for each.

    Example:
        >>> from necc.lessons import shipped
        >>> from necc.lessons.sheets import sheet
        >>> made = sheet([shipped()["immortal-time"]], [cohort], answers=True)
        >>> [item.label or item.title for item in made.items]
        ['Immortal time', 'Figure 1', 'Figure 2']
    """
    if not lessons or len(cohorts) != len(lessons):
        raise ValueError("a sheet has one or more lessons, and a cohort for each")
    made = _Sheet(answers)
    for lesson, cohort in zip(lessons, cohorts, strict=True):
        made.lesson(lesson, cohort)
    whole = cohorts[0].whole
    notice = next((c.source.notice for c in cohorts if c.source.notice), "")
    minutes = sum(one.minutes for one in lessons)
    title = lessons[0].title if len(lessons) == 1 else f"A class of {minutes} minutes"
    told = [
        ("For", "the teacher, with answers" if answers else "the residents, without answers"),
        ("Minutes", f"{minutes}"),
        *([("The sample", NO_REPLICATION)] if notice else []),
        *words.conventions(whole, (), 0, "", ()),
    ]
    return Report(
        f"{title}: {'answers' if answers else 'questions'}", (*made.texts, *made.figures), tuple(told), whole,
        whole.unedited or whole, whole.source.filename, whole.source.file_sha256, notice,
    )  # fmt: skip


class _Sheet:
    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.texts: list[Item] = []
        self.figures: list[Item] = []
        self.numbers: dict[Kind, int] = {"figure": 0, "table": 0}

    def lesson(self, lesson: Lesson, cohort: Cohort) -> None:
        source = on(cohort)
        why = unfit(lesson, source)
        about = f"{lesson.about} {plural(lesson.minutes, 'minute')}.".strip()
        parts: list[tuple[str, tuple[str, ...]]] = [("", (about,))]
        if why:
            parts.append(("", (f"It can't be computed here: {why}.",)))
        else:
            for number, step in enumerate(lesson.steps, 1):
                heading, lines = self.step(lesson, step, source)
                parts.append((f"{number}. {heading}", tuple(filter(None, lines))))
        self.texts.append(
            self.item("text", lesson.title, f"lesson-{lesson.id}", Prose(lesson.id, tuple(parts)), cohort)
        )

    def step(self, lesson: Lesson, step: Step, source: Source) -> tuple[str, list[str]]:
        moved = source.moved(start_of(step.control))
        text = say(step.text, lesson, moved, step.control)
        if step.kind == "text":
            return "Read", [text]
        if step.kind == "figure":
            return "Look", [text, *self.figures_of(lesson, step, source)]
        heading = {"predict": "Guess before you look", "recall": "From memory"}.get(step.kind, "Answer")
        return heading, [text, *self.question(lesson, step, source)]

    def figures_of(self, lesson: Lesson, step: Step, source: Source) -> Iterator[str]:
        """Draws a step's figure, and says where it stands; what it says at its control's place for the teacher only.

        Paper has no control: a select is drawn at its first and its last option, a switch on.
        """
        for names in _drawn_at(step.control):
            moved = source.moved(names)
            try:
                thing = figure_of(step, moved)
            except NeccError as error:
                yield f"The figure can't be made: {error.told}."
                continue
            kind: Kind = "table" if isinstance(thing, Table) else "figure"
            self.numbers[kind] += 1
            title = (thing.headline if isinstance(thing, Figure) else thing.title) or lesson.title
            item = self.item(kind, title, f"{kind}-{self.numbers[kind]}", thing, source.cohort, self.numbers[kind])
            self.figures.append(item)
            said = say(step.says, lesson, moved, step.control) if self.answers else ""
            yield f"See {item.label}. {said}".strip()

    def question(self, lesson: Lesson, step: Step, source: Source) -> Iterator[str]:
        for letter, choice in zip(ascii_uppercase, step.choices, strict=False):
            yield f"{letter}  {say(choice.text, lesson, source)}"
        if not self.answers:
            yield LINE
            yield from [REASON] if step.choices else []
            return
        try:
            answer = answer_of(step, lesson, source)
            if step.choices:
                answer = f"{ascii_uppercase[right_choice(step, lesson, source)]}, {answer}"
        except AnalysisError as error:
            yield f"These patients don't give the answer: {error.told}."
            return
        yield f"Answer: {answer}"
        yield say(step.explain, lesson, source)
        for one in wrongs(step, lesson, source):
            yield f"To {say(f'{{{one.value}}}', lesson, source)}: {say(one.says, lesson, source)}"
        for letter, choice in zip(ascii_uppercase, step.choices, strict=False):
            if choice.says and choice.text and not answer.startswith(f"{letter},"):
                yield f"To {letter}: {say(choice.says, lesson, source)}"
        if step.hints:
            yield f"Hints: {joined([say(h, lesson, source) for h in step.hints], 'Then:')}"

    def item(
        self, kind: Kind, title: str, name: str, thing: Figure | Table | Prose, cohort: Cohort, number: int = 0
    ) -> Item:  # fmt: skip
        return Item(kind, number, title, name, thing, words.about(Selection(), cohort), len(cohort), Selection(), "")


def _drawn_at(control: Control | None) -> list[dict[str, Plain]]:
    if control is None or control.kind == "slider":
        return [start_of(control)]
    ends = (control.options[0].value, control.options[-1].value) if control.options else (True,)
    return [{control.name: value} for value in dict.fromkeys(ends)]


__all__ = ["sheet"]
