"""The questions of a lesson: choices or a number, hints, three tries, what is said, and the look back at a guess."""

from __future__ import annotations

import streamlit as st

from necc.app.session.classroom import Classroom, classroom, cohort_of, source_of
from necc.app.session.failure import lacks as told
from necc.app.session.plain import esc, md
from necc.app.widgets.glossed import glossed_html
from necc.core.errors import AnalysisError
from necc.core.text import plural
from necc.lessons.model import TRIES, Lesson, Step
from necc.lessons.playing import Play, answer_of, answers_given, judge, say
from necc.lessons.values import Source


def question(lesson: Lesson, place: int, room: Classroom, source: Source) -> None:
    """A question, as far as it is answered."""
    step, play = lesson.steps[place], room.play(lesson)
    try:
        right = answer_of(step, lesson, source)
    except AnalysisError as error:
        st.info(f"These patients don't give the answer: {md(error.told)}. Go on with Next.", icon=":material/info:")
        return
    settled = play.is_settled(place)
    if settled and step.kind == "predict":
        _own(step, play, place, source)
        _says("Kept. Next shows what was computed.", "kept")
        return
    if not settled:
        _form(lesson, place, room, source)
    else:
        _own(step, play, place, source)
    _verdict(lesson, place, room, source, right)


def revealed(lesson: Lesson, place: int, room: Classroom, source: Source) -> None:
    """What became of a prediction: the guess, what was computed, and why."""
    step, play = lesson.steps[place], room.play(lesson)
    try:
        right = answer_of(step, lesson, source)
    except AnalysisError as error:
        told(error)
        return
    own = answers_given(place, play, source)
    guess = f"You guessed: {own[-1]}. " if own else ""
    said = "That was right. " if place in play.right else "" if step.choices else f"Computed: {right}. "
    body = paragraphs((guess + said).strip(), say(step.explain, lesson, source))
    st.html(f'<div class="necc-lesson-reveal">{body}</div>')


def _form(lesson: Lesson, place: int, room: Classroom, source: Source) -> None:
    step = lesson.steps[place]
    tries = len(room.play(lesson).answers.get(place, ()))
    key = f"lesson-answer-{lesson.id}-{place}-{room.rounds.get(lesson.id, 0)}"
    with st.form(f"form-{key}", border=False):
        if step.choices:
            texts = [md(say(choice.text, lesson, source)) for choice in step.choices]
            st.radio("Your answer", range(len(texts)), format_func=lambda i: texts[i], index=None, key=key,
                     label_visibility="collapsed")  # fmt: skip
        else:
            st.text_input("Your answer, a number", key=key, width=220, placeholder="such as 12.5")
        with st.container(horizontal=True, vertical_alignment="center"):
            label = "Keep my guess" if step.kind == "predict" else "Check"
            st.form_submit_button(
                label, type="primary", key=f"check-{key}", on_click=_answer, args=(lesson, place, key)
            )
            if step.kind != "predict":
                left = plural(TRIES - tries, "try", "tries")
                st.caption(f"{left} left", width="content")


def _answer(lesson: Lesson, place: int, key: str) -> None:
    """Judges what was entered; nothing chosen is no try."""
    room, entered = classroom(), st.session_state.get(key)
    if entered is None or entered == "":
        room.said[lesson.id, place] = (
            "Choose an answer first." if lesson.steps[place].choices else "Type a number first."
        )
        return
    source = source_of(cohort_of(lesson))
    verdict = judge(lesson.steps[place], entered, lesson, source)
    room.play(lesson).give(place, str(entered), verdict)
    room.said[lesson.id, place] = verdict.says


def _verdict(lesson: Lesson, place: int, room: Classroom, source: Source, right: str) -> None:
    """What is said to the last answer; the explanation once the question is settled."""
    step, play = lesson.steps[place], room.play(lesson)
    tries, said = len(play.answers.get(place, ())), room.said.get((lesson.id, place), "")
    if place in play.right:
        _says(f"Right: {right}.", "right")
    elif play.is_settled(place):
        _says(f"{said} The answer is {right}.".strip(), "wrong")
    elif tries or said:
        _says(said if said and not tries else f"Not yet. {said}".strip(), "wrong")
    if play.is_settled(place):
        st.html(f'<div class="necc-lesson-reveal">{paragraphs(say(step.explain, lesson, source))}</div>')
        return
    if step.kind == "predict":
        return
    hints = room.hints.get((lesson.id, place), 0)
    for hint in step.hints[:hints]:
        _says(f"Hint: {say(hint, lesson, source)}", "hint")
    with st.container(horizontal=True, key="lesson-help"):
        if hints < len(step.hints):
            label = "Hint" if not hints else "Another hint"
            st.button(label, key="lesson-hint", type="tertiary", icon=":material/lightbulb:", on_click=_hint,
                      args=(lesson.id, place))  # fmt: skip
        if tries:
            st.button("Show the answer", key="lesson-show", type="tertiary", on_click=_show, args=(lesson, place))


def paragraphs(*texts: str) -> str:
    """Texts as HTML, their terms explained; a line break begins a paragraph."""
    return glossed_html(whole_numbers(line) for text in texts for line in text.splitlines())


def whole_numbers(text: str) -> str:
    """No line breaks between a number and its sign of percent."""
    return text.replace(" %", "\u00a0%")


def _says(text: str, kind: str) -> None:
    st.html(f'<p class="necc-lesson-said {kind}" role="status">{esc(whole_numbers(text))}</p>')


def _hint(name: str, place: int) -> None:
    room = classroom()
    room.hints[name, place] = room.hints.get((name, place), 0) + 1


def _show(lesson: Lesson, place: int) -> None:
    classroom().play(lesson).show(place)


def _own(step: Step, play: Play, place: int, source: Source) -> None:
    if own := answers_given(place, play, source):
        what = "Your guess" if step.kind == "predict" else "Your answer"
        _says(f"{what}: {', then '.join(own)}", "own")
