"""Class sheets on the page of lessons: chosen, made when they are asked for, and taken away."""

from __future__ import annotations

from functools import partial

import streamlit as st

from necc.app.session.classroom import Classroom, amiss, cohort_of
from necc.app.session.state import sample
from necc.app.widgets.show import caption, download, file_name
from necc.lessons import shipped

CLASS = "The whole class"


def offer(room: Classroom) -> None:
    """A button that unfolds the sheets; nothing of them is made before one is taken."""
    folded = st.popover("Class sheets", icon=":material/description:", type="tertiary", key="lessons-sheets",
                        on_change="rerun")  # fmt: skip
    if not folded.open:
        return
    from necc.report.bundle import MIME

    with folded:
        known = room.lessons
        words = {"": CLASS} | {name: one.title for name, one in known.items()}
        which = st.selectbox("Lesson", list(words), format_func=lambda name: words[name], key="lessons-sheet")
        ids = (which,) if which else tuple(shipped())
        file = public(which) if which else "class"
        for answers, label in ((False, "For the residents"), (True, "For the teacher")):
            name = file_name(f"{file}-{'answers' if answers else 'questions'}", "docx")
            download(label, partial(_made, room, ids, answers), name, MIME["docx"],
                     "As Word, with the figures" + (", answers and explanations" if answers else ""))  # fmt: skip
        caption("Computed on the patients shown; a lesson that they can't have is computed on the sample. The "
                "whole class takes about half a minute.")  # fmt: skip


def public(name: str) -> str:
    """A lesson's name in a file's name: the id of those that ship alone."""
    return f"lesson-{name if name in shipped() else 'own'}"


def _made(room: Classroom, ids: tuple[str, ...], answers: bool) -> bytes:
    from necc.lessons.sheets import sheet
    from necc.report.word import document

    lessons = [room.lessons[name] for name in ids]
    there = [sample() if amiss(one) else cohort_of(one) for one in lessons]
    return document(sheet(lessons, there, answers=answers)).content
