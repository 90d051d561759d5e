"""A lesson played on a cohort: what it lacks, its texts with values filled in, answers judged, and how far one is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from necc.core.cohort import Cohort
from necc.core.dictionary import SITE
from necc.core.errors import AnalysisError
from necc.core.frozen import Frozen
from necc.core.text import first_few, format_number, joined, plural
from necc.lessons.model import COUNTED, TRIES, Control, Lesson, Plain, Step, Wrong
from necc.lessons.reading import CONDITION, HOLE, recipe_of
from necc.lessons.values import MOST_KEPT, Found, Source, find, written
from necc.report.recipe import Kitchen

VERBS = {"were": "was", "are": "is", "have": "has"}
ONE = re.compile(rf"(?<![\d.,])1 (patient|death|event|site|test|factor)s(?: ({'|'.join(VERBS)}))?\b")
UNKNOWN = "not available"
CLOSE = 1e-9  # apart by no more, two values differ by the rounding of a computer alone
ENTERED = re.compile(r"(-?\d+(?:[.,]\d+)?|-?[.,]\d+)\s*(%|percent|months?|weeks?|days?|years?)?", re.IGNORECASE)


# ---------------------------------------------------------------- on a cohort
def on(cohort: Cohort) -> Source:
    """A cohort as lessons ask it: with the names of its main endpoint, recurrence and treatment.

    Example:
        >>> from necc.lessons.playing import on
        >>> on(cohort).names
        {'endpoint': 'PRS', 'recurrence': 'TTR', 'treatment': 'ici', 'n': 88.0}
    """
    known, there = cohort.dictionary, cohort.endpoint_names()
    main = known.role("main_endpoint")
    recurrence = known.role("recurrence_endpoint")
    names: dict[str, Plain] = {
        "endpoint": main if main in there else next(iter(there), ""),
        "recurrence": recurrence if recurrence in there else "",
        "treatment": known.treatment if known.treatment and cohort.has(known.treatment) else "",
        "n": float(len(cohort)),
    }
    return Source(cohort, names)


def lacks(lesson: Lesson, cohort: Cohort) -> str:
    """Why a cohort can't have a lesson, in words; blank where it can.

    Example:
        >>> from necc.lessons import shipped
        >>> from necc.lessons.playing import lacks
        >>> lacks(shipped()["why-a-percentage-is-not-survival"], cohort)
        ''
    """
    if not len(cohort):
        return "no patient is shown"
    names = on(cohort).names
    if not names["endpoint"]:
        return "this cohort has no endpoint: a time, and whether the event happened by then"
    told = [why for need in lesson.needs if (why := _lack(need, cohort, names))]
    return f"this cohort lacks {first_few(told, 3)}" if told else ""


def _lack(need: str, cohort: Cohort, names: Mapping[str, Plain]) -> str:
    known = cohort.dictionary
    if need == "months":
        main = str(names["endpoint"])
        return "" if cohort.endpoint(main).unit == need else f"times in months of '{known.endpoints[main].label}'"
    if need in ("endpoint", "recurrence", "treatment"):
        words = {"recurrence": "the time to recurrence", "treatment": "a treatment with its start"}
        return "" if names[need] else words.get(need, need)
    if need == "sites":
        return "" if cohort.site_names else "recurrence sites"
    if need.startswith(SITE):
        site = need.removeprefix(SITE)
        return "" if site in cohort.site_names else f"the site '{known.place_label(site)}'"
    if need in known.endpoints:
        return "" if need in cohort.endpoint_names() else known.endpoints[need].label
    if role := known.roles.get(need, ""):
        return "" if cohort.has(role) or role in cohort.endpoint_names() else _label(cohort, role)
    if need in known.variables and cohort.has(need):
        return ""
    try:
        cohort.factor(need)
    except AnalysisError:
        return _label(cohort, need)
    return ""


def _label(cohort: Cohort, name: str) -> str:
    known = cohort.dictionary
    named = known.variables.get(name) or known.groupings.get(name)
    return f"'{named.label if named else name}'"


# ---------------------------------------------------------------- texts
def say(text: str, lesson: Lesson, source: Source, control: Control | None = None) -> str:
    """A text with its {names} filled in; a value that the cohort doesn't give reads 'not available'."""

    def fill(hole: re.Match[str]) -> str:
        name, _, part = hole[1].partition(".")
        if name in lesson.values:
            try:
                return written(value_of(name, lesson, source), part, lesson.values[name].digits)
            except AnalysisError:
                return UNKNOWN
        return _named(name, source, control)

    return ONE.sub(_singular, HOLE.sub(fill, text))


def _singular(found: re.Match[str]) -> str:
    """'1 patients were' as '1 patient was': a count stands in a sentence that was written for several."""
    verb = found[2] or ""
    return f"1 {found[1]}{' ' + VERBS[verb] if verb else ''}"


def _named(name: str, source: Source, control: Control | None) -> str:
    value, known = source.names.get(name, UNKNOWN), source.cohort.dictionary
    if name == "n":
        return f"{len(source.cohort):,}"
    if name == "treatment":
        label = known.variables[str(value)].label if value in known.variables else UNKNOWN
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]  # it stands within a sentence
    if name in ("endpoint", "recurrence"):
        return known.endpoints[str(value)].label if value in known.endpoints else UNKNOWN
    if control and control.options:
        return next((o.text for o in control.options if o.value == value), str(value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return format_number(value, 0 if float(value).is_integer() else 1) if isinstance(value, float) else str(value)


def value_of(name: str, lesson: Lesson, source: Source) -> Found:
    """A value of a lesson on a cohort.

    Raises:
        AnalysisError: the cohort lacks what it is taken from.
    """
    return find(lesson.values[name], source)


def start_of(control: Control | None) -> dict[str, Plain]:
    """A control where it starts, by its name."""
    return {control.name: control.start} if control else {}


def figure_of(step: Step, source: Source) -> Any:
    """The figure or table of a step; `source.moved` says where its control is.

    Raises:
        AnalysisError: the cohort lacks what it is made of.
    """
    return made(recipe_of(step.figure, source.names), source)


def made(recipe: str, source: Source) -> Any:
    """What a recipe makes of the source's cohort; an analysis is made once.

    Raises:
        AnalysisError: the cohort lacks what it is made of.
    """
    cohort = source.cohort
    whole = cohort.whole
    kitchen = source.kept("kitchen", lambda: Kitchen(cohort, whole, whole.unedited or whole))
    made_of_it = kitchen.make(recipe)[0]
    if len(kitchen.memory) >= MOST_KEPT:
        source.memory.pop("kitchen", None)
    return made_of_it


# ---------------------------------------------------------------- answers
@dataclass(frozen=True)
class Verdict(Frozen):
    """What an answer is: right, wrong, or one that can't be read (then it doesn't count as a try); and what is said."""

    right: bool
    says: str = ""
    read: bool = True


def right_choice(step: Step, lesson: Lesson, source: Source) -> int:
    """The place of the right choice on this cohort.

    Raises:
        AnalysisError: none or several are right here, or a value is missing.
    """
    if step.pick:
        values = [value_of(c.value, lesson, source).shown for c in step.choices]
        known = [v for v in values if v is not None]
        if len(known) < len(values):
            raise AnalysisError("a value to choose from isn't there in this cohort")
        right = _picked(step, known, lesson, source)
    else:
        right = [i for i, c in enumerate(step.choices) if c.right or (c.when and holds(c.when, lesson, source))]
    if len(right) != 1:
        said = "none of the choices is" if not right else "more than one of the choices is"
        raise AnalysisError(f"{said} right for this cohort")
    return right[0]


def _picked(step: Step, known: list[float], lesson: Lesson, source: Source) -> list[int]:
    """Places of the choices whose value is taken; more than one where they are equal as printed."""
    if step.pick == "farthest from 1":
        if min(known) <= 0:
            raise AnalysisError("a ratio of zero has no distance from 1")
        known = [abs(math.log(v)) for v in known]
    best = known.index(min(known) if step.pick == "smallest" else max(known))
    names = [c.value for c in step.choices]
    return [i for i, v in enumerate(known) if math.isclose(v, known[best], abs_tol=CLOSE)
            or same(names[i], names[best], lesson, source)]  # fmt: skip


def holds(when: str, lesson: Lesson, source: Source) -> bool:
    """Whether a condition on a lesson's values, such as 'a < b and p > 0.05', holds; equal is what is equal as printed.

    Raises:
        AnalysisError: the cohort lacks what a value is taken from.
    """
    return any(
        all(_condition(part.strip(), lesson, source) for part in either.split(" and ")) for either in when.split(" or ")
    )


def _condition(part: str, lesson: Lesson, source: Source) -> bool:
    found = CONDITION.fullmatch(part)
    if found is None:
        raise AnalysisError(f"'{part}' can't be read")
    if found[4]:
        there = value_of(found[4], lesson, source).value is not None
        return there is not bool(found[5])
    first = value_of(found[1], lesson, source).shown
    second = float(found[3]) if not found[3][0].isalpha() else value_of(found[3], lesson, source).shown
    if first is None or second is None:
        return False
    equal = math.isclose(first, second, abs_tol=CLOSE) or (
        found[3][0].isalpha() and same(found[1], found[3], lesson, source)
    )
    less, more = first < second and not equal, first > second and not equal
    return {"<": less, "<=": less or equal, ">": more, ">=": more or equal, "=": equal, "!=": not equal}[found[2]]


def same(one: str, other: str, lesson: Lesson, source: Source) -> bool:
    """Whether two values read the same as they are printed, with the finer of their decimals."""
    first, second = value_of(one, lesson, source), value_of(other, lesson, source)
    given = (lesson.values[one].digits, lesson.values[other].digits)
    digits = None if None in given else max(d for d in given if d is not None)
    known = None not in (first.value, second.value)
    return known and first.kind == second.kind and written(first, "", digits) == written(second, "", digits)


def answer_of(step: Step, lesson: Lesson, source: Source) -> str:
    """The right answer in words.

    Raises:
        AnalysisError: this cohort doesn't give it.
    """
    if step.choices:
        return say(step.choices[right_choice(step, lesson, source)].text, lesson, source)
    found = value_of(step.answer, lesson, source)
    if found.value is None:
        raise AnalysisError(found.note or "it isn't estimable in this cohort")
    return written(found, "", lesson.values[step.answer].digits)


def numbers_in(text: str, share: bool) -> tuple[float, ...]:
    """What a typed number may mean: with a decimal point or comma; of a share in percent, as 44, 44 % or 0.44.

    Example:
        >>> from necc.lessons.playing import numbers_in
        >>> numbers_in("44,0 %", True), numbers_in("0.44", True), numbers_in("about half", True)
        ((44.0,), (0.44, 44.0), ())
    """
    found = ENTERED.fullmatch(text.strip().removeprefix("about ").strip())
    if not found or len(text) > 40:
        return ()
    number = float(found[1].replace(",", "."))
    return (number, 100 * number) if share and not found[2] and 0 <= number <= 1 else (number,)


def judge(step: Step, answer: str | int, lesson: Lesson, source: Source) -> Verdict:
    """An answer: the place of a choice, or a number as it was typed.

    Raises:
        AnalysisError: this cohort doesn't give the right answer.
    """
    if step.choices:
        place = int(answer)
        return Verdict(place == right_choice(step, lesson, source), say(step.choices[place].says, lesson, source))
    found = value_of(step.answer, lesson, source)
    if found.shown is None:
        raise AnalysisError(found.note or "it isn't estimable in this cohort")
    entered = numbers_in(str(answer), found.kind == "share")
    if not entered:
        return Verdict(False, "Type a number, such as 12.5; a comma is fine, too.", read=False)
    if any(near(number, found.shown, step.tolerance) for number in entered):
        return Verdict(True)
    for wrong in step.wrong:
        if _is(wrong.value, entered, step, lesson, source):
            return Verdict(False, say(wrong.says, lesson, source))
    return Verdict(False)


def _is(name: str, entered: tuple[float, ...], step: Step, lesson: Lesson, source: Source) -> bool:
    """Whether a wrong value that people come by is what was entered."""
    try:
        value = value_of(name, lesson, source).shown
    except AnalysisError:
        return False
    return value is not None and any(near(number, value, step.tolerance) for number in entered)


def near(number: float, value: float, tolerance: float) -> bool:
    """Whether a number is within a tolerance of a value, as both are written."""
    return abs(number - value) <= tolerance + 1e-9


# ---------------------------------------------------------------- how far one is
@dataclass
class Play:
    """How far somebody is in a lesson: steps that are open, answers, and which were right. Nothing of a patient.

    opened: how many steps are open. answers: by place of the step, as they were given. right, first: places of steps
    that were answered right, and at the first try. shown: places of steps whose answer was asked for.

    Example:
        >>> from necc.lessons import shipped
        >>> from necc.lessons.playing import Play
        >>> play = Play(shipped()["why-a-percentage-is-not-survival"])
        >>> play.next(); play.opened, play.state
        (2, 'begun')
    """

    lesson: Lesson
    opened: int = 1
    answers: dict[int, list[str]] = field(default_factory=dict)
    right: set[int] = field(default_factory=set)
    first: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)

    def next(self) -> None:
        """Opens one more step."""
        self.opened = min(self.opened + 1, len(self.lesson.steps) + 1)

    def give(self, place: int, answer: str, verdict: Verdict) -> None:
        """Keeps an answer and whether it was right; one that can't be read is no try."""
        if not verdict.read or self.is_settled(place):
            return
        self.answers.setdefault(place, []).append(answer)
        if verdict.right:
            self.right.add(place)
            self.first |= {place} if len(self.answers[place]) == 1 else set()

    def show(self, place: int) -> None:
        """Tells the answer without a further try."""
        self.shown.add(place)

    def is_settled(self, place: int) -> bool:
        """Whether a question takes no more answers: right, three tries, told, or a prediction that was made."""
        tries = len(self.answers.get(place, ()))
        most = 1 if self.lesson.steps[place].kind == "predict" else TRIES
        return place in self.right | self.shown or tries >= most

    @property
    def counted(self) -> tuple[int, ...]:
        """Places of the questions that count."""
        return tuple(i for i, step in enumerate(self.lesson.steps) if step.kind in COUNTED)

    @property
    def at_first(self) -> int:
        """Questions answered right at the first try."""
        return len(self.first & {*self.counted})

    @property
    def is_done(self) -> bool:
        """Whether every step was open and left."""
        return self.opened > len(self.lesson.steps)

    @property
    def state(self) -> str:
        """'done', 'begun' or 'new'."""
        return "done" if self.is_done else "begun" if self.opened > 1 or self.answers else "new"

    def kept(self) -> dict[str, object]:
        """What a browser may keep: the lesson's id, how far, and which questions were right; no answer in words."""
        return {"id": self.lesson.id, "opened": self.opened, "first": sorted(self.first & {*self.counted})}

    @classmethod
    def again(cls, lesson: Lesson, kept: Mapping[str, object]) -> Play:
        """A lesson as a browser kept it; what doesn't fit the lesson is left out.

        Example:
            >>> from necc.lessons import shipped
            >>> from necc.lessons.playing import Play
            >>> lesson = shipped()["immortal-time"]
            >>> Play.again(lesson, {"opened": 99, "first": [3, "x", 77]}).at_first
            1
        """
        play, opened, first = cls(lesson), kept.get("opened"), kept.get("first")
        if isinstance(opened, int | float) and opened >= 1:
            play.opened = int(min(opened, len(lesson.steps) + 1))
        asked = {int(i) for i in first if isinstance(i, int | float)} if isinstance(first, list) else set()
        play.first = asked & {*play.counted}
        play.right |= play.first
        return play


def wrongs(step: Step, lesson: Lesson, source: Source) -> tuple[Wrong, ...]:
    """The wrong numbers of a question that are wrong on this cohort: those away from the right one."""
    answer, found = value_of(step.answer, lesson, source).shown if step.answer else None, []
    for one in step.wrong:
        try:
            value = value_of(one.value, lesson, source).shown
        except AnalysisError:
            continue
        if value is not None and answer is not None and not near(value, answer, step.tolerance):
            found.append(one)
    return tuple(found)


def answers_text(play: Play, source: Source) -> str:
    """The answers of a lesson as a text to take away: question, own answers, right answer, explanation."""
    lesson = play.lesson
    lines = [lesson.title, "=" * len(lesson.title), ""]
    if source.cohort.source.notice:
        lines += [f"{source.cohort.source.notice}.", ""]
    lines += [f"Right at the first try: {play.at_first} of {plural(len(play.counted), 'question')}", ""]
    for place, step in enumerate(lesson.steps):
        if not step.asks or place >= play.opened:
            continue
        own = answers_given(place, play, source)
        own = own or (["right, before this session"] if place in play.first else [])
        what = "Your prediction" if step.kind == "predict" else "Your answer" if len(own) < 2 else "Your answers"
        lines += [say(step.text, lesson, source), f"{what}: {joined(own, 'then') if own else 'none'}"]
        if play.is_settled(place):
            lines += [f"Computed: {_told(step, lesson, source)}", say(step.explain, lesson, source)]
        lines.append("")
    return "\n".join(lines)


def _told(step: Step, lesson: Lesson, source: Source) -> str:
    try:
        return answer_of(step, lesson, source)
    except AnalysisError as error:
        return error.told


def answers_given(place: int, play: Play, source: Source) -> list[str]:
    """The answers to a question in words, as they were given, the last one last."""
    choices, answers = play.lesson.steps[place].choices, play.answers.get(place, [])
    return [say(choices[int(answer)].text, play.lesson, source) if choices else answer for answer in answers]
