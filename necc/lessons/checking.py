"""A lesson tried on a cohort before a class sees it: every answer, every figure, and how much there is to read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError, Finding, NeccError, Severity, in_order
from necc.core.text import joined, shorten
from necc.core.toml import lines_of
from necc.lessons.model import Control, Lesson, Plain, Step
from necc.lessons.playing import figure_of, holds, lacks, near, on, right_choice, same, say, start_of, value_of
from necc.lessons.values import Source

WORDS_A_MINUTE = 180  # that a resident reads beside a figure and a question
LONGEST_TEXT = 110  # words of one text, for a projector
LONGEST_TITLE = 60


def check(lesson: Lesson, cohort: Cohort) -> tuple[Finding, ...]:
    """What is wrong with a lesson on a cohort; nothing where it can be taught as it is.

    Errors: an answer that the cohort doesn't give, choices that read the same or of which not exactly one is right, a
    tolerance that lets a wrong number in, a figure that can't be made. Warnings: more text than its minutes allow,
    words that the glossary doesn't have. What the cohort lacks altogether is one finding, and nothing else is tried.

    Example:
        >>> from necc.lessons import shipped
        >>> from necc.lessons.checking import check
        >>> check(shipped()["why-a-percentage-is-not-survival"], cohort)
        ()
    """
    if why := lacks(lesson, cohort):
        return (Finding("error", "lesson-lacks", f"{why}; play it on the sample"),)
    source = on(cohort)
    if why := untrue(lesson, source):
        return (Finding("error", "lesson-only", f"{why}; play it on the sample"),)
    source = source.moved(starts(lesson))
    found = [*_values(lesson, source), *_reading(lesson, source), *_terms(lesson)]
    for number, step in enumerate(lesson.steps, 1):
        found += [_finding(code, f"step {number}: {told}") for code, told in _step(step, lesson, source)]
    return in_order(found)


def untrue(lesson: Lesson, source: Source) -> str:
    """Why a lesson's sentences aren't true of a cohort, by what its file says must hold; blank where they are."""
    for only in lesson.only:
        try:
            if not holds(only.when, lesson, source):
                return only.why
        except AnalysisError as error:
            return error.told
    return ""


def unfit(lesson: Lesson, source: Source) -> str:
    """Why a class can't have a lesson on a cohort, in words; blank where it can.

    It is what `check` finds wrong, but for the figures, which take seconds: what the cohort lacks, what makes a
    sentence untrue, a value that can't be computed, and a question without exactly one right answer.

    Example:
        >>> from necc.lessons import shipped
        >>> from necc.lessons.checking import unfit
        >>> from necc.lessons.playing import on
        >>> unfit(shipped()["immortal-time"], on(cohort))
        ''
    """
    if why := lacks(lesson, source.cohort) or untrue(lesson, source):
        return why
    source = source.moved(starts(lesson))
    for place, step in enumerate(lesson.steps, 1):
        if step.asks:
            for code, told in _question(step, lesson, source):
                if code != "tolerance":  # such a wrong number counts as right, and is never spoken of
                    return f"question {place} has no single right answer here: {told}"
    return next((f.message for f in _values(lesson, source)), "")


def starts(lesson: Lesson) -> dict[str, Plain]:
    """Every control of a lesson where it starts, by its name."""
    found: dict[str, Plain] = {}
    for step in lesson.steps:
        found = start_of(step.control) | found
    return found


def _finding(code: str, message: str, severity: Severity = "error") -> Finding:
    return Finding(severity, f"lesson-{code}", message)


def _values(lesson: Lesson, source: Source) -> Iterator[Finding]:
    """Values that the cohort lacks; those that follow a control are tried where it starts."""
    for name in lesson.values:
        try:
            value_of(name, lesson, source)
        except AnalysisError as error:
            yield _finding("value", f"the value '{name}' can't be computed: {error}")


def _step(step: Step, lesson: Lesson, source: Source) -> Iterator[tuple[str, str]]:
    if step.figure:
        for names in _moves(step.control):
            try:
                figure_of(step, source.moved(names))
            except NeccError as error:
                at = f" with {', '.join(f'{k} = {v}' for k, v in names.items())}" if names else ""
                yield "figure", f"the figure can't be made{at}: {error}"
                break
    if step.asks:
        yield from _question(step, lesson, source)


def _question(step: Step, lesson: Lesson, source: Source) -> Iterator[tuple[str, str]]:
    if step.choices:
        said = [say(c.text, lesson, source) for c in step.choices]
        if len({*said}) < len(said):
            same = next(text for text in said if said.count(text) > 1)
            yield "same", f"two choices read the same on this cohort: '{shorten(same)}'"
        try:
            right_choice(step, lesson, source)
        except AnalysisError as error:
            yield "answer", str(error)
        return
    yield from _number(step, lesson, source)


def _number(step: Step, lesson: Lesson, source: Source) -> Iterator[tuple[str, str]]:
    try:
        answer = value_of(step.answer, lesson, source)
    except AnalysisError:
        return  # told of the value already
    if answer.shown is None:
        yield "answer", f"'{step.answer}' has no value in this cohort: {answer.note or 'not estimable'}"
        return
    for one in step.wrong:
        try:
            wrong = value_of(one.value, lesson, source).shown
        except AnalysisError:
            continue
        if wrong is not None and near(wrong, answer.shown, step.tolerance) and not same(one.value, step.answer, lesson,
                                                                                         source):  # fmt: skip
            yield (
                "tolerance",
                (
                    f"the wrong value '{one.value}' is within the tolerance of {step.tolerance:g} of the right one, so "
                    "it counts as right; lower the tolerance or leave it out"
                ),
            )


def _moves(control: Control | None) -> list[dict[str, Plain]]:
    """Where a control is tried: at its start and its ends, or at each of what it offers."""
    if control is None:
        return [{}]
    if control.kind == "slider":
        return [{control.name: at} for at in dict.fromkeys((control.start, control.low, control.high))]
    if control.kind == "switch":
        return [{control.name: at} for at in (False, True)]
    return [{control.name: option.value} for option in control.options]


def _reading(lesson: Lesson, source: Source) -> Iterator[Finding]:
    texts = [(place, say(text, lesson, source)) for place, text in lesson.texts()]
    words = sum(len(text.split()) for _, text in texts)
    if words > WORDS_A_MINUTE * lesson.minutes:
        told = f"{words:,} words are too many for {lesson.minutes} minutes; about {WORDS_A_MINUTE} a minute are read"
        yield _finding("length", told, "warning")
    for place, text in texts:
        if (n := len(text.split())) > LONGEST_TEXT:
            yield _finding("length", f"{place}: a text of {n:,} words; up to {LONGEST_TEXT} are read", "warning")
    if len(lesson.title) > LONGEST_TITLE:
        yield _finding("length", f"the title has {len(lesson.title)} characters; up to {LONGEST_TITLE} fit", "warning")


def _terms(lesson: Lesson) -> Iterator[Finding]:
    from necc.present.words.glossary import find, glossary

    known = {word.casefold() for term in glossary().values() for word in term.names}
    for term in lesson.terms:
        if term.casefold() not in known:
            spelt = get_close_matches(term, [t.name for t in glossary().values()], 1)
            near = [f"'{name}'" for name in spelt or [t.name for t in find(term, 2)]]
            told = f"; did you mean {joined(near, 'or')}?" if near else ""
            yield _finding("term", f"the glossary has no '{shorten(term)}'{told}", "warning")


def with_lines(findings: Iterable[Finding], content: str) -> tuple[Finding, ...]:
    """Findings on a cohort with the lines of the file's steps and values that they name.

    Example:
        >>> from necc.core.errors import Finding
        >>> from necc.lessons.checking import with_lines
        >>> with_lines([Finding("error", "lesson-answer", "step 2: no")], "[[step]]\\n\\n[[step]]")[0].row
        3
    """
    lines, found = lines_of(content), []
    for one in findings:
        named = re.match(r"(step) (\d+)|the (value) '(\w+)'", one.message)
        path = tuple(filter(None, named.groups())) if named else ("terms",) if one.code == "lesson-term" else ()
        found.append(one if one.row else replace(one, row=lines.get(path)))
    return tuple(found)


def clash(lesson: Lesson) -> Finding | None:
    """That a lesson of one's own has the id of one that ships."""
    from necc.lessons import shipped

    if (there := shipped().get(lesson.id)) is None or there == lesson:
        return None
    return _finding("id", f"the id '{lesson.id}' is taken: '{there.title}' ships with it; choose another id")


def check_class(lessons: list[Lesson]) -> tuple[Finding, ...]:
    """What is wrong between lessons of one class: two with the same id, or at the same place."""
    found = []
    for a, b in itertools.combinations(lessons, 2):
        if a.id == b.id:
            found.append(_finding("id", f"two lessons have the id '{a.id}'"))
        elif a.place and a.place == b.place:
            found.append(_finding("place", f"{joined([a.id, b.id])} are both at place {a.place}", "warning"))
    return tuple(found)
