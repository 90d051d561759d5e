"""What a session knows of lessons: how far each is, a teacher's own, and which of them are played on the sample."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from necc.app.session.cache import cached
from necc.app.session.state import get_state, sample
from necc.core.cohort import Cohort
from necc.core.errors import Finding
from necc.lessons import FOLDER, Lesson, in_folder, shipped
from necc.lessons.checking import clash, unfit
from necc.lessons.model import Plain, Step
from necc.lessons.playing import Play, made, on
from necc.lessons.reading import recipe_of
from necc.lessons.values import Source

KEY = "necc-classroom"
MOST_OWN = 40  # lessons of a teacher's own


@dataclass
class Classroom:
    """One visitor's lessons; nothing of a patient.

    plays: by id. at: the step that is looked at, by id. own: a teacher's lessons, by id; told: what was found in them.
    file: the last one that was read.
    moved: where a control was left, by lesson and name, for the next figure that has it.
    on_sample: lessons that are to be played on the sample. rounds: how often a lesson was begun anew.
    of: whom a lesson was played on last, by id.
    found: the browser told what it kept. forgotten: it is to keep nothing more.
    """

    plays: dict[str, Play] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    own: dict[str, Lesson] = field(default_factory=dict)
    told: tuple[Finding, ...] = ()
    file: str = ""
    on_sample: set[str] = field(default_factory=set)
    rounds: dict[str, int] = field(default_factory=dict)
    moved: dict[tuple[str, str], Plain] = field(default_factory=dict)
    hints: dict[tuple[str, int], int] = field(default_factory=dict)
    said: dict[tuple[str, int], str] = field(default_factory=dict)
    of: dict[str, str] = field(default_factory=dict)
    found: bool = False
    forgotten: bool = False

    @property
    def lessons(self) -> Mapping[str, Lesson]:
        """All lessons by id, those that ship first."""
        return {**shipped(), **self.own}

    def play(self, lesson: Lesson) -> Play:
        """How far a lesson is; another file under the same id begins anew."""
        play = self.plays.get(lesson.id)
        if play is None or play.lesson != lesson:
            play = self.plays[lesson.id] = Play(lesson)
        return play

    def follows(self, lesson: Lesson, whom: str) -> bool:
        """Whether others are asked about than before; answers about those are put aside, the steps stay open."""
        before, self.of[lesson.id] = self.of.get(lesson.id, whom), whom
        play = self.play(lesson)
        if before == whom or not play.answers:
            return False
        self.again(lesson)
        self.plays[lesson.id].opened = play.opened
        return True

    def again(self, lesson: Lesson) -> None:
        """Begins a lesson anew."""
        self.plays[lesson.id] = Play(lesson)
        self.at[lesson.id] = 0
        self.rounds[lesson.id] = self.rounds.get(lesson.id, 0) + 1
        for kept in (self.hints, self.said, self.moved):
            _forget_of(kept, lesson.id)

    def take(self, lessons: tuple[Lesson, ...], findings: tuple[Finding, ...]) -> None:
        """Takes a teacher's lessons; refused are one under a shipped id, and more than a session holds."""
        told = list(findings)
        for one in lessons:
            if taken := clash(one):
                told.append(taken)
            elif one.id not in self.own and len(self.own) >= MOST_OWN:
                told.append(Finding("error", "lesson-many", f"'{one.id}' isn't taken: there are {MOST_OWN:,} lessons "
                                    "of your own already, as many as a session holds"))  # fmt: skip
            else:
                self.own[one.id] = one
        self.told = tuple(told)

    def kept(self) -> list[dict[str, object]]:
        """What the browser may keep: of the lessons that ship, how far they are."""
        return [self.plays[name].kept() for name in shipped() if name in self.plays and self.plays[name].state != "new"]

    def restore(self, lessons: object) -> None:
        """Takes what the browser kept, where this session knows nothing yet."""
        self.found = True
        for kept in lessons if isinstance(lessons, list) else ():
            name = kept.get("id") if isinstance(kept, Mapping) else None
            if isinstance(name, str) and name in shipped() and self._is_new(name):
                self.plays[name] = play = Play.again(shipped()[name], kept)
                self.at[name] = min(play.opened, len(play.lesson.steps)) - 1

    def _is_new(self, name: str) -> bool:
        return name not in self.plays or self.plays[name].state == "new"


def _forget_of(kept: dict[Any, Any], name: str) -> None:
    for key in [key for key in kept if key[0] == name]:
        del kept[key]


def classroom() -> Classroom:
    """This session's lessons; at the first call with those of the folder that the environment names."""
    room = st.session_state.get(KEY)
    if not isinstance(room, Classroom):
        room = st.session_state[KEY] = Classroom()
        if folder := os.environ.get(FOLDER, ""):
            room.take(*in_folder(Path(folder)))
    return room


def cohort_of(lesson: Lesson) -> Cohort:
    """Whom a lesson is played on: the patients who are shown, or the sample."""
    return sample() if uses_sample(lesson) else get_state().cohort


def uses_sample(lesson: Lesson) -> bool:
    """Whether it is played on the sample by itself."""
    return lesson.cohort == "sample" or lesson.id in classroom().on_sample


def whom(lesson: Lesson) -> str:
    """What the patients of a lesson are told apart by: the sample, or the file with its filters."""
    state = get_state()
    return "" if uses_sample(lesson) else f"{state.fingerprint} {state.selection.key()}"


def source_of(cohort: Cohort) -> Source:
    """The cohort as lessons ask it; what was computed of the sample is kept for all sessions."""
    return _of_sample() if cohort is sample() else cached(on)(cohort)


def amiss(lesson: Lesson) -> str:
    """Why a lesson can't be had on its patients, in words; blank where it can. The shipped ones fit the sample."""
    cohort = cohort_of(lesson)
    if cohort is sample() and lesson.id in shipped():
        return ""
    return cached(unfit)(lesson, source_of(cohort))


def thing_of(step: Step, moved: Source) -> Any:
    """The figure or table of a step with its control where it was moved to; kept like every other result.

    Raises:
        AnalysisError: the cohort lacks what it is made of.
    """
    return cached(made)(recipe_of(step.figure, moved.names), source_of(moved.cohort))


@st.cache_resource(show_spinner=False)
def _of_sample() -> Source:
    return on(sample())
