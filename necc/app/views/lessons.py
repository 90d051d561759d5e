"""Lessons: all of them as cards, and one of them step by step beside its figure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from necc.app.session.cache import cached, style
from necc.app.session.classroom import (
    Classroom,
    amiss,
    classroom,
    cohort_of,
    source_of,
    thing_of,
    uses_sample,
    whom,
)
from necc.app.session.failure import lacks as told
from necc.app.session.plain import esc, md
from necc.app.session.state import get_state, sample
from necc.app.views import questions, sheets
from necc.app.views.questions import paragraphs, whole_numbers
from necc.app.widgets.choices import chosen
from necc.app.widgets.show import asset, caption, download, explanation, file_name, picture, style_sheet
from necc.app.widgets.ways import way
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.text import plural
from necc.lessons import Lesson, read_lesson, shipped
from necc.lessons.model import Control, Plain, Step
from necc.lessons.playing import Play, answers_text, say
from necc.lessons.values import Source
from necc.present.figures import Figure
from necc.present.tables import Table
from necc.present.words.glossary import glossary

LESSON = "lesson"
KEEP = "necc-lessons-kept"
CLASS_DONE = (
    "<p>This was the last lesson of the class. The same questions can now be put to the paper, step by step, or to "
    "your own patients.</p>"
)
STATES = {"new": "", "begun": "begun", "done": "done"}
WIDTH = 600  # of a figure beside its text
HEIGHT = {False: 400, True: 300}  # of the same on a page, and projected at 1280 x 720
_keep = st.components.v2.component("necc_lessons", html="<span hidden></span>", js=asset("lessons.js"))


def page(cohort: Cohort) -> None:
    """The lesson that was chosen, or all of them."""
    room, known = classroom(), classroom().lessons
    style_sheet("lessons.css")
    if get_state().presenting:
        style_sheet("lessons-presented.css")
    _kept(room)
    at = chosen(LESSON, ("", *known), fixed=("", *shipped()))
    if at:
        _lesson(known[at], room)
    else:
        _start(room)


def _kept(room: Classroom) -> None:
    """Progress in this browser: told once, and kept as it is."""
    data = {"seen": room.found, "lessons": room.kept(), "forgotten": room.forgotten}
    _keep(key=KEEP, data=data, on_found_change=_found)


def _found() -> None:
    found = st.session_state[KEEP].found
    if found:
        classroom().restore(dict(found).get("lessons"))


def _go(name: str, anew: bool = False) -> None:
    """Opens a lesson, or with no name all of them."""
    state, room = get_state(), classroom()
    state.chosen[LESSON] = name
    state.touched = True
    if name and anew:
        room.again(room.lessons[name])


def _on_sample(name: str) -> None:
    classroom().on_sample.add(name)
    _go(name)


# ---------------------------------------------------------------- all lessons
def _start(room: Classroom) -> None:
    """Cards of all lessons, in the order of the class."""
    ships = list(shipped().values())
    done = sum(room.plays[one.id].is_done for one in ships if one.id in room.plays)
    first = next((one for one in ships if one.id not in room.plays or not room.plays[one.id].is_done), ships[0])
    with st.container(horizontal=True, vertical_alignment="center", key="lessons-head"):
        total = sum(one.minutes for one in ships)
        st.html(
            f'<p class="necc-lesson-class"><b>The {total}-minute class</b>: {len(ships)} lessons. '
            f"Guess, look, answer. {done} of {len(ships)} done.</p>", width="stretch",
        )  # fmt: skip
        label = "Begin the class" if not done else "Go on with the class" if done < len(ships) else "Once more"
        st.button(label, key="lessons-class", type="primary", icon=":material/school:", on_click=_go, args=(first.id,))
        if not get_state().presenting:
            sheets.offer(room)
            _own(room)
    _cards(ships, room)
    if room.own:
        st.markdown("## Your own lessons")
        _cards(list(room.own.values()), room, "-own")
    if room.kept():
        with st.container(horizontal=True, vertical_alignment="center", key="lessons-kept"):
            caption("How far you are is kept in this browser only: which lessons and steps, and no answer in words.")
            st.button("Forget it", key="lessons-forget", type="tertiary", on_click=_forget)


def _forget() -> None:
    room = classroom()
    room.plays.clear()
    room.at.clear()
    room.forgotten = room.found = True


def _cards(lessons: list[Lesson], room: Classroom, which: str = "") -> None:
    """Cards beside each other; those of the class with their numbers."""
    with st.container(key=f"lessons-cards{which}"):
        for one in lessons:
            with st.container(border=True, key=f"lesson-card-{one.id}"):
                _card(one, room, 0 if which else one.place)


def _card(lesson: Lesson, room: Classroom, number: int) -> None:
    play = room.plays.get(lesson.id)
    state = play.state if play else "new"
    why = amiss(lesson)
    mark = f'<span class="state {state}">{STATES[state]}</span>' if STATES[state] else ""
    title = f"{number}. {lesson.title}" if number else lesson.title
    grey = ' class="grey"' if why else ""
    st.html(
        f"<div{grey}><h2>{esc(title)}</h2><p>{esc(lesson.about)}</p>"
        f'<p class="necc-caption">{lesson.minutes} minutes {mark}</p>'
        + (f'<p class="necc-caption">Not on these patients: {esc(why)}.</p>' if why else "")
        + "</div>"
    )
    if why:
        _offer_sample(lesson)
        return
    label = {"new": "Begin", "begun": "Go on", "done": "Once more"}[state]
    st.button(label, key=f"lesson-go-{lesson.id}", on_click=_go, args=(lesson.id, state == "done"))


def _offer_sample(lesson: Lesson) -> None:
    """Where a lesson can't be had on these patients: the sample's, unless these are they."""
    if not uses_sample(lesson) and cohort_of(lesson) is not sample():
        st.button("Use the sample for this lesson", key=f"lesson-sample-{lesson.id}", on_click=_on_sample,
                  args=(lesson.id,))  # fmt: skip


def _own(room: Classroom) -> None:
    """A teacher's own file: read in this session, and checked."""
    with st.popover("Your own lesson", icon=":material/upload_file:", type="tertiary", key="lessons-own"):
        caption("A lesson is a TOML file; docs/lessons.md says how to write one. It stays in this session.")
        file = st.file_uploader("A lesson's file", type=["toml"], key="lessons-file", label_visibility="collapsed")
        if file is not None and file.file_id != room.file:
            room.file = file.file_id
            lesson, found = read_lesson(file.getvalue())
            room.take((lesson,) if lesson else (), found)
            st.rerun()
        if room.told:
            for finding in room.told[:20]:
                caption(finding.line())


# ---------------------------------------------------------------- one lesson
def _lesson(lesson: Lesson, room: Classroom) -> None:
    if room.follows(lesson, whom(lesson)):
        st.info(
            "Other patients are shown now, so the answers about those before were put aside.", icon=":material/group:"
        )
    source, play = source_of(cohort_of(lesson)), room.play(lesson)
    place = min(room.at.get(lesson.id, 0), len(lesson.steps))
    _head(lesson, play, place, source)
    if why := amiss(lesson):
        st.info(f"{md(why[:1].upper() + why[1:])}.", icon=":material/info:")
        _offer_sample(lesson)
        return
    if place >= len(lesson.steps):
        _end(lesson, play, source)
        return
    step, shown = lesson.steps[place], _shown(lesson, place)
    if shown is None:
        with st.container(width=760, key="lesson-step"):
            _step(lesson, step, place, room, source)
            _ways(lesson, place, room)
        return
    left, right = st.columns([2, 3], gap="medium")
    with left.container(key="lesson-step"):
        _step(lesson, step, place, room, source)
        _ways(lesson, place, room)
    with right.container(key="lesson-figure"):
        _figure(lesson, shown, room, source)


def _shown(lesson: Lesson, place: int) -> int | None:
    """The step whose figure stands beside a step: its own or the last before it; none beside a recall."""
    if lesson.steps[place].kind == "recall":
        return None
    return next((i for i in range(place, -1, -1) if lesson.steps[i].figure), None)


def _head(lesson: Lesson, play: Play, place: int, source: Source) -> None:
    total = len(lesson.steps)
    of = " of the synthetic sample" if source.cohort.source.sha256 == sample().source.sha256 else ""
    whose = f"{plural(source.cohort.n_patients, 'patient')}{of}"
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-head"):
        st.markdown(f"## {md(lesson.title)}", width="stretch")
        at = f"Step {place + 1} of {total}" if place < total else "Done"
        st.html(f'<span class="necc-caption" role="status">{at} · on {whose}</span>', width="content")
        st.button("All lessons", key="lesson-all", type="tertiary", icon=":material/apps:", on_click=_go, args=("",))
    st.progress(min(place, total) / total)


def _step(lesson: Lesson, step: Step, place: int, room: Classroom, source: Source) -> None:
    """The text of a step, its question, and what became of the prediction before it."""
    before = place - 1
    if before >= 0 and lesson.steps[before].kind == "predict":
        questions.revealed(lesson, before, room, source)
    if step.text:
        st.html(f'<div class="necc-lesson-text">{paragraphs(say(step.text, lesson, source))}</div>')
    if step.asks:
        questions.question(lesson, place, room, source)


def _ways(lesson: Lesson, place: int, room: Classroom) -> None:
    """Back and on; nothing blocks the way on. The keys are those of a clicker."""
    with st.container(horizontal=True, key="lesson-ways"):
        st.button("Back", key="lesson-back", icon=":material/arrow_back:", shortcut="PageUp", disabled=not place,
                  on_click=_move, args=(lesson, place - 1))  # fmt: skip
        last = place == len(lesson.steps) - 1
        waits = lesson.steps[place].asks and not room.play(lesson).is_settled(place)
        st.button("Finish" if last else "Next", key="lesson-next", icon=":material/arrow_forward:", shortcut="PageDown",
                  type="secondary" if waits else "primary", on_click=_move, args=(lesson, place + 1))  # fmt: skip


def _move(lesson: Lesson, place: int) -> None:
    room = classroom()
    room.at[lesson.id] = place
    play = room.play(lesson)
    while play.opened <= place:
        play.next()


# ---------------------------------------------------------------- the figure
def _figure(lesson: Lesson, place: int, room: Classroom, source: Source) -> None:
    """A figure that is computed now, with its control and what it says at the control's place."""
    step = lesson.steps[place]
    moved = source.moved(_control(lesson, place, room))
    if step.says:
        said = say(step.says, lesson, moved, step.control)
        st.html(f'<p class="necc-lesson-says" role="status">{esc(whole_numbers(said))}</p>')
    try:
        thing = thing_of(step, moved)
        if isinstance(thing, Figure):
            drawn = cached(Figure.with_style)(
                thing, style(size="page", width=WIDTH, height=HEIGHT[get_state().presenting])
            )
            picture(drawn, f"lesson-{place}")
        elif isinstance(thing, Table):
            st.html(f'<div class="necc-scroll" tabindex="0" role="region" aria-label="Table">{thing.to_html()}</div>')
    except AnalysisError as error:
        told(error)
    if keys := explained(lesson):
        explanation(keys, "lesson")


def explained(lesson: Lesson) -> str:
    """Keys of the explanations that belong to a lesson's terms, with blanks between."""
    wanted = {term.casefold() for term in lesson.terms}
    keys = [key for term in glossary().values() if set(map(str.casefold, term.names)) & wanted
            for key in term.explains]  # fmt: skip
    return " ".join(dict.fromkeys(keys))


def _control(lesson: Lesson, place: int, room: Classroom) -> Mapping[str, Plain]:
    """What a control is set to; nothing where the figure has none."""
    control = lesson.steps[place].control
    if control is None:
        return {}
    key = f"lesson-control-{lesson.id}-{place}-{room.rounds.get(lesson.id, 0)}"
    left = room.moved.get((lesson.id, control.name), control.start)
    room.moved[lesson.id, control.name] = now = _moved(control, key, left)
    return {control.name: now}


def _moved(control: Control, key: str, left: Plain) -> Plain:
    """A control's place; it begins where the last figure with it was left, where that is one of its own places."""
    label = md(control.label)
    if control.kind == "slider":
        digits = "%.0f" if float(control.step).is_integer() and float(control.low).is_integer() else "%.1f"
        place = left if isinstance(left, float) and control.low <= left <= control.high else control.start
        return float(st.slider(label, control.low, control.high, float(str(place)), step=control.step,
                               format=digits, key=key))  # fmt: skip
    if control.kind == "switch":
        return st.toggle(label, bool(left), key=key)
    texts = [option.text for option in control.options]
    first = next((option.text for option in control.options if option.value == left), texts[0])
    if len(texts) <= 4 and sum(map(len, texts)) <= 60:
        picked = st.segmented_control(label, texts, format_func=md, default=first, required=True, key=key)
    else:
        picked = st.selectbox(label, texts, texts.index(first), key=key, width=320)
    return next(option.value for option in control.options if option.text == (picked or first))


# ---------------------------------------------------------------- the end
def _end(lesson: Lesson, play: Play, source: Source) -> None:
    """How many were right at the first try, the answers to take away, and what comes next."""
    of = len(play.counted)
    text = answers_text(play, source)
    with st.container(width=760, key="lesson-end"):
        st.html(
            f'<div class="necc-lesson-text"><p><b>{play.at_first} of {of}</b> right at the first try.</p>'
            "<p>Come back to it in a week: what is recalled once more stays.</p>"
            + (CLASS_DONE if lesson.id == list(shipped())[-1] else "")
            + "</div>"
        )
        with st.container(horizontal=True, key="lesson-ways"):
            ids = list(shipped())
            after = ids[ids.index(lesson.id) + 1 :][:1] if lesson.id in ids else []
            if after:
                st.button(f"Next: {md(shipped()[after[0]].title)}", key="lesson-next", type="primary",
                          shortcut="PageDown", on_click=_go, args=(after[0],))  # fmt: skip
            elif lesson.id in ids:
                way("The paper, step by step", "paper", ":material/article:")
                way("Your own patients", "data", ":material/upload_file:")
            st.button("Start again", key="lesson-again", icon=":material/replay:", on_click=_go, args=(lesson.id, True))
            download("Take my answers", partial(_encoded, text), file_name(sheets.public(lesson.id), "txt"),
                     "text/plain", "Questions, your answers, what was computed and why, as a text")  # fmt: skip
        if uses_sample(lesson):
            caption("Played on the sample: synthetic, built from printed figures. Agreement with the paper is no "
                    "replication.")  # fmt: skip


def _encoded(text: str) -> bytes:
    return text.encode()
