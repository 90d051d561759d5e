"""One patient among the others, on one screen: the facts, the course, the sites, the standing, who is similar.

Who is open lives in the session alone: no address, no link and no project tells of a patient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import streamlit as st

from necc.analysis.patient import Case, RuleJudgement, beats_rule, case, judge_rule, like_fields, predict_case
from necc.analysis.prediction import NOT_VALIDATED
from necc.app.session.cache import cached, style
from necc.app.session.plain import esc
from necc.app.session.state import State, get_state
from necc.app.views import patient_form
from necc.app.widgets.cases import NAME, open_patient, opened_name
from necc.app.widgets.choices import choose, choose_endpoint, choose_some, enter, entered, factor_names, options
from necc.app.widgets.overlay import case_actions
from necc.app.widgets.show import bullets, caption, explanation, need, of_rows, show, style_sheet, take_away
from necc.core.cohort import Cohort
from necc.core.selection import positions
from necc.present import figures, tables
from necc.present.figures import Figure
from necc.present.figures.prediction import patient_curve
from necc.present.tables import Table
from necc.present.words.captions import patient as words
from necc.present.words.phrases import sentence
from necc.present.words.reading import reading
from necc.present.words.reading.patient import tabled

WIDE, NARROW = {False: 620, True: 740}, {False: 348, True: 420}  # pixels of both columns; presented True
HIGH = {  # pixels of a picture; the curves have what the course leaves of both
    "course": {False: 258, True: 276}, "both": {False: 470, True: 505}, "sites": {False: 258, True: 186},
}  # fmt: skip
EXPLAINED = "patient-timeline patient-sites patient-standing similar-patients conditional-survival"
LOWEST = 150  # of the curves


@of_rows("The page of one patient")
def page(cohort: Cohort) -> None:
    """One patient, chosen from those shown or typed in, before the others."""
    need(cohort)
    state = get_state()
    typed = patient_form.held()
    if typed is not None and (typed.patient is not None or not state.presenting):
        with st.container(key="case"):
            _typed(cohort, typed)
        return
    places = positions(cohort).tolist()
    place = _place(state, places)
    if place is None:
        _gone(state, places)
        return
    with st.container(key="case"):
        with _line():
            _head(cohort, places, place)
            one = _case(cohort, place, f"Patient {places.index(place) + 1:,}")
            drawn = _figures(one)
            case_actions(one, _asked(str(place)))
        _screen(cohort, one, drawn, str(place))


def _line() -> AbstractContextManager:
    """The line above the case; drawn in the presentation view, too: it has the ways to other patients."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key="necc-controls-case")


def _case(cohort: Cohort, patient: int | Cohort, label: str) -> Case:
    state = get_state()
    with options("Similar by"):
        usual = like_fields(cohort)
        words_of = factor_names(cohort)
        offered = tuple(dict.fromkeys((*usual, *words_of)))
        labels = {name: words_of.get(name) or cohort.factor(name).label for name in offered}
        fields = choose_some(
            "like-fields", "Similar patients share, the most important first", offered, default=usual, words=labels,
            help="The same level of every field; the last is dropped until ten are found. Fixed before any outcome is "
            "looked at.",
        )  # fmt: skip
        endpoint = choose_endpoint(cohort) if cohort.endpoint_names() else None
    return cached(_made)(cohort, patient, fields, endpoint, label, state.desk.hide_below)


def _made(
    cohort: Cohort, patient: int | Cohort, fields: Sequence[str], endpoint: str | None, label: str, smallest: int
) -> Case:  # fmt: skip
    made = case(cohort, patient, fields, endpoint, smallest_cell=smallest)
    return replace(made, course=replace(made.course, label=label))


# ---------------------------------------------------------------- who
def _place(state: State, places: Sequence[int]) -> int | None:
    """Who is open; the first where nobody was; None where the filters leave out whoever was."""
    kept = state.chosen.get(opened_name(state))
    if kept is None:
        return places[0]
    return kept if isinstance(kept, int) and kept in places else None


def _gone(state: State, places: Sequence[int]) -> None:
    """The filters leave out the patient who was open."""
    st.info("The filters leave out the patient who was open here.", icon=":material/person_off:")
    with st.container(horizontal=True, key="case-gone"):
        st.button("Open the first of those shown", on_click=open_patient, args=(places[0],), icon=":material/person:")
        st.button("Undo the last change", on_click=state.undo, icon=":material/undo:", disabled=not state.history)


def _head(cohort: Cohort, places: Sequence[int], place: int) -> None:
    """Which patient of how many, and the ways to the one before and the one after."""
    state = get_state()
    k, n = places.index(place), len(places)
    st.button("Previous", key="case-previous", icon=":material/chevron_left:", shortcut="P", type="tertiary",
              disabled=k == 0, on_click=open_patient, args=(places[max(k - 1, 0)],))  # fmt: skip
    st.button("Next", key="case-next", icon=":material/chevron_right:", shortcut="N", type="tertiary",
              disabled=k == n - 1, on_click=open_patient, args=(places[min(k + 1, n - 1)],))  # fmt: skip
    st.html(f'<div class="necc-who" role="status"><b>Patient {k + 1:,}</b> of {n:,}</div>', width="content")
    if not state.presenting:
        ids = dict(zip(places, cohort.ids, strict=True))
        named = {p: f"{i + 1:,}: {ids[p]}" for i, p in enumerate(places)}
        choose(NAME, "Open", places, default=places[0], words=named, wide=True, width=140, linked=False,
               of=state.whole.source.sha256[:12], label_visibility="collapsed")  # fmt: skip
        st.button("Type a patient in", key="case-type", icon=":material/edit:", type="tertiary",
                  on_click=patient_form.begin,
                  help="Kept in this session's memory only, never in the file")  # fmt: skip


def _question(who: str) -> None:
    """What the board is asked, in the user's words: in memory, in no link and no project."""
    if get_state().presenting:
        if asked := _asked(who):
            st.html(f"<p><i>{esc(asked)}</i></p>")
        return
    enter("case-question", "Question", of=_of(who), linked=False, width=288,
          help="What the board is to answer; it stays in this session's memory")  # fmt: skip


def _asked(who: str) -> str:
    return entered("case-question", of=_of(who), linked=False).strip()


def _of(who: str) -> tuple[str, str]:
    """A question is of one patient of one file."""
    return (get_state().whole.source.sha256[:12], who)


def _typed(cohort: Cohort, typed: patient_form.Typed) -> None:
    """A patient who isn't in the file."""
    presenting = get_state().presenting
    one: Case | None = None
    drawn: tuple[tuple[str, Figure], ...] = ()
    with _line():
        st.button("Back to the patients of the file", key="case-back", icon=":material/arrow_back:", type="tertiary",
                  on_click=patient_form.forget)  # fmt: skip
        st.html('<div class="necc-who" role="status"><b>Typed in</b>: in this session\'s memory only</div>',
                width="content")  # fmt: skip
        if not typed.open or presenting:
            if not presenting:
                st.button("Change", key="case-change", icon=":material/edit:", type="tertiary",
                          on_click=patient_form.begin)  # fmt: skip
            if typed.patient is not None:
                one = _case(cohort, typed.patient, "Patient typed in")
                drawn = _figures(one)
                case_actions(one, _asked("typed"))
    if one is not None:
        _screen(cohort, one, drawn, "typed")
    else:
        patient_form.form(cohort, typed)


# ---------------------------------------------------------------- the screen
def _figures(one: Case) -> tuple[tuple[str, Figure], ...]:
    """The pictures of a case with their titles: the course, where the patient stands, the sites."""
    curve, presented = one.whole_curve.label if one.whole_curve else "Survival", get_state().presenting
    course = _drawn(figures.timeline, one.course, WIDE, HIGH["course"][presented])
    left = max(HIGH["both"][presented] - course.height, LOWEST)
    return (
        ("The course", course),
        (curve, _drawn(figures.standing, one, WIDE, left, counts=False)),
        ("Sites", _drawn(figures.body_map, one, NARROW, HIGH["sites"][presented])),
    )


def _drawn(make: Callable[..., Figure], result: object, widths: dict[bool, int], height: int, **more: Any) -> Figure:
    look = style(size="page", width=widths[get_state().presenting], height=height)
    return cached(make)(result, look, **more)


def _screen(cohort: Cohort, one: Case, drawn: Sequence[tuple[str, Figure]], who: str) -> None:
    """Everything of one patient; whole at 1280 x 720 where it is presented."""
    presented = get_state().presenting
    style_sheet("case.css")
    with st.container(key="case-screen"):
        facts = " · ".join([*(f"{esc(label)} <b>{esc(value)}</b>" for label, value in one.facts),
                            f"<b>{esc(words.ended(one.course))}</b>"])  # fmt: skip
        _facts(facts, who)
        course, standing, body = (figure for _, figure in drawn)
        left, right = st.columns([WIDE[presented], NARROW[presented]], gap="small")
        with left:
            show(course, explain="", recipe=None, bare=True)
            show(standing, explain="", recipe=None, bare=True)
        with right:
            show(body, explain="", recipe=None, bare=True)
            _alike(cohort, one, drawn)
    if one.fared:
        show(cached(figures.timelines)(one.fared, style()), title="Similar patients, one by one",
             explain="similar-patients", recipe=None, name="patient-fared")  # fmt: skip
    if not presented:
        _predicted(cohort, one)
        show(tables.course_table(one.course), title="Events", explain="patient-timeline", recipe=None)
        if not words.hidden(one):
            show(tables.rule_table(one.similar), title="Who is similar", explain="similar-patients", recipe=None)


def _facts(facts: str, who: str) -> None:
    """The facts in one line, and what the board is asked."""
    with st.container(key="case-facts"):
        if get_state().presenting:
            st.html(f"<p>{facts}</p>")
            _question(who)
            return
        left, right = st.columns([680, 288], gap="small", vertical_alignment="center")
        with left:
            st.html(f"<p>{facts}</p>")
        with right, st.container(key="necc-controls-question"):
            _question(who)


def _alike(cohort: Cohort, one: Case, drawn: Sequence[tuple[str, Figure]]) -> None:
    """Who is similar by which rule, what followed for them, and what they received."""
    with st.container(key="case-alike"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="case-alike-head"):
            st.markdown("## Similar patients", width="stretch")
            explanation(EXPLAINED, "case")
            take_away(drawn, get_state().whole.source.notice)
        told = one.conditional is not None and not one.retrospective
        presented = get_state().presenting
        notes = () if presented and one.received else one.notes  # on when treatments were given: the reading warns, too
        said = [line for line in (*reading(one), *notes) if line not in tabled(one)]
        if one.endpoint:
            said += reading(_judged(cohort, one))
        if presented:
            st.html(f'<p class="necc-caption">{esc(" ".join(map(sentence, said)))}</p>')
        else:
            bullets(esc(sentence(line)) for line in said)
        if told:
            _table(tables.conditional_table(one))
        if one.received:
            _table(tables.received_table(one))


def _judged(cohort: Cohort, one: Case) -> RuleJudgement:
    """The rule of who is similar, judged on all patients shown."""
    return cached(judge_rule)(cohort, one.endpoint, [c.name for c in one.similar.asked])


def _predicted(cohort: Cohort, one: Case) -> None:
    """What a model foretells, where models were compared for these patients and one beats the rule; else why not."""
    state = get_state()
    of, models = state.desk.compared or (None, None)
    if models is None or of != (state.fingerprint, state.selection.key()) or models.endpoint != one.endpoint:
        return
    judged = _judged(cohort, one)
    if beats_rule(models, judged) is None:
        caption(words.NO_MODEL)
        return
    with st.spinner("Predicting …"):
        found = cached(predict_case)(one, models, judged)
    if found is None:
        caption(words.NOT_PREDICTED)
        return
    show(cached(patient_curve)(found, style()), title="Prediction", explain="patient-prediction", recipe=None,
         name="case-prediction")  # fmt: skip
    caption(NOT_VALIDATED)


def _table(table: Table) -> None:
    named = f'tabindex="0" role="region" aria-label="{esc(table.title)}"'
    st.html(f'<div class="necc-scroll" {named}>{table.to_html()}</div>')
