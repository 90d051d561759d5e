"""What is shown to a room instead of the page: which presentation, how its screens are made, what is changed there."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from necc.app.session.cache import cached
from necc.app.session.desk import Presented
from necc.app.session.failure import told_in_words
from necc.app.session.state import State, get_state
from necc.app.shell import facets
from necc.app.widgets.choices import factor_names
from necc.app.widgets.overlay import Control, filters, leave, overlay, present_case, present_report
from necc.app.widgets.working import Tell, working
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for
from necc.core.dictionary import Variable
from necc.core.guardrails import SMALLEST_CELL
from necc.core.selection import Condition, Selection, filter_label
from necc.core.text import shorten
from necc.present.words import screens as words

if TYPE_CHECKING:
    from necc.analysis.patient import Case
    from necc.project import Exhibit, Project
    from necc.report import Report
    from necc.report.model import Progress
    from necc.report.screens import Screen

MOST_DETAIL = 28  # characters of the levels behind a name
MAKING = 0.5  # of the bar, for the results; the rest is for drawing
Made = tuple[str, tuple["Screen", ...]]


def choose_presentation(state: State, this_page: Callable[[], None]) -> None:
    """What 'Present' unfolds: the page as it is, or the report screen by screen."""
    st.button("This page", key="present", icon=":material/fit_screen:", on_click=this_page, help=words.THIS_PAGE)
    n = len(state.desk.exhibits)
    st.button("The report", key="present-report", icon=":material/slideshow:", on_click=present_report,
              help=words.kept(n) if n else words.READY, disabled=not state.cohort.n_patients)  # fmt: skip
    if state.desk.case and state.page == "patients":
        st.button("This case", key="present-case", icon=":material/person:", on_click=present_case,
                  args=state.desk.case, help=words.THIS_CASE)  # fmt: skip
    st.caption(words.KEYS)


def show(state: State) -> None:
    """Draws the presentation over the page, its screens made first where they aren't yet."""
    presented = state.desk.presented
    if presented is None:
        return
    with st.container(key="necc-cover"):  # over what the page has left: identifiers may stand there
        place = st.empty()
        shown = False
        with told_in_words():
            case = presented.case
            title, made = _case(state, presented, case, place) if case else _report(state, presented, place)
            overlay(made, title, _mark(state, presented), str(hash(made)), list(_controls(state, presented)), _changed)
            shown = True
        if not shown:
            st.button("Back to the page", key="present-back", icon=":material/arrow_back:", on_click=leave)


def _mark(state: State, presented: Presented) -> str:
    place = presented.case.course.place if presented.case else 0
    return f"{presented.what}-{place}-{state.fingerprint[:8]}"


def _bar(place: Any) -> AbstractContextManager[Tell]:
    return working("Making the screens …", "Stop", "present-stop", leave, place=place)


# ---------------------------------------------------------------- the report
def _report(state: State, presented: Presented, place: Any) -> Made:
    from necc.project import DataMark, Project

    exhibits = tuple(_exhibits(state, presented))
    cutoff = state.desk.opened.data.cutoff if state.desk.opened else ""
    title = state.desk.title or words.TITLE
    project = Project(title, date.today().isoformat(), data=DataMark(cutoff=cutoff), exhibits=exhibits,
                      hide_below=state.desk.hide_below)  # fmt: skip
    return cached(_report_screens, lambda: _bar(place))(state.whole, state.as_loaded, project)


def _exhibits(state: State, presented: Presented) -> Iterator[Exhibit]:
    """Those of the report, or the ready list without what is for readers alone; with what was changed on screen."""
    from necc.app.views.exhibits import ready_now
    from necc.report.making import LAST

    only = (presented.only,) if presented.only else ()
    if not state.desk.exhibits:
        for one in ready_now(state, only, presented.by):
            if not one.shows[0].startswith(LAST):
                yield one
        return
    for one in state.desk.exhibits:
        changed = replace(one, filters=(*one.filters, *only))
        yield _by_another(changed, presented.by) if presented.by else changed


def _by_another(one: Exhibit, by: str) -> Exhibit:
    """An exhibit that compares by something, comparing by something else, under its usual title."""
    shows = tuple(_compared(text, by) for text in one.shows)
    return one if shows == one.shows else replace(one, shows=shows, title="")


def _compared(recipe: str, by: str) -> str:
    """A recipe by another factor, which a table then leaves out of its rows in place of the one before."""
    from necc.report.recipe import RecipeError, read

    try:
        tree = read(recipe)
    except RecipeError:
        return recipe
    given = [k for node in ast.walk(tree) if isinstance(node, ast.Call) for k in node.keywords]
    names = {k.value.value for k in given if k.arg == "by" and isinstance(k.value, ast.Constant)} - {None}
    places = [k.value for k in given if k.arg == "by"]
    places += [part for k in given if k.arg == "leave_out" and isinstance(k.value, ast.Tuple) for part in k.value.elts]
    changed = [part for part in places if isinstance(part, ast.Constant) and part.value in names]
    for part in changed:
        part.value = by
    return ast.unparse(tree) if changed else recipe


def _report_screens(whole: Cohort, loaded: Cohort, project: Project, progress: Progress | None = None) -> Made:
    from necc.report import make_report

    half = (lambda share, what: progress(MAKING * share, what)) if progress else None
    return _drawn(make_report(project, whole, loaded=loaded, progress=half), progress)


def _drawn(report: Report, progress: Progress | None) -> Made:
    from necc.report.screens import screens

    rest = (lambda share, what: progress(MAKING + (1 - MAKING) * share, what)) if progress else None
    return report.title, screens(report, progress=rest)


# ---------------------------------------------------------------- the case of a patient
def _case(state: State, presented: Presented, case: Case, place: Any) -> Made:
    """The case as it was opened, or among those whom a filter leaves."""
    smallest = state.desk.hide_below
    if presented.only:
        case = cached(_among)(case, state.cohort, presented.only, smallest)
    chosen = _chosen(state, presented)
    make = cached(_case_screens, lambda: _bar(place))
    return make(case, presented.question, date.today().isoformat(), smallest, chosen)


def _chosen(state: State, presented: Presented) -> str:
    """The filters that left the others, in words: those of the page, and the one that was set on the screen."""
    texts = [text] if (text := filters(state)) else []
    if presented.only:
        texts.append(Selection.parse([presented.only], state.whole.columns).describe(state.whole))
    return "; ".join(texts)


def _among(case: Case, cohort: Cohort, only: str, smallest: int) -> Case:
    from necc.analysis.patient import case as make

    others = Selection.parse([only], cohort.columns).apply(cohort)
    fields = [criterion.name for criterion in case.similar.asked]
    return make(others, case.patient, fields, case.endpoint or None, at_least=case.similar.at_least,
                smallest_cell=smallest)  # fmt: skip


def _case_screens(
    case: Case, question: str, day: str, smallest: int, chosen: str,
    progress: Progress | None = None,
) -> Made:  # fmt: skip
    from necc.report.case import case_report

    made = case_report(case, question, day=date.fromisoformat(day), smallest_cell=smallest, chosen=chosen)
    return _drawn(made, progress)


# ---------------------------------------------------------------- what is changed on screen
def _controls(state: State, presented: Presented) -> Iterator[Control]:
    if presented.what == "report":
        names = list(_comparisons(state).items())
        options = [("", words.AS_IT_IS, 0), *(("", shorten(label), i) for i, (_, label) in enumerate(names, start=1))]
        held = next((i for i, (name, _) in enumerate(names, start=1) if name == presented.by), 0)
        yield Control("by", words.BY, tuple(options), held)
    filters = list(_filters(state))
    options = [("", words.EVERYBODY, 0), *((shorten(group), shorten(level), i)
               for i, (group, level, _) in enumerate(filters, start=1))]  # fmt: skip
    held = next((i for i, (_, _, text) in enumerate(filters, start=1) if text == presented.only), 0)
    yield Control("only", words.ONLY, tuple(options), held)


def _least(state: State) -> int:
    """Patients that a level has at least to be offered to a room."""
    return max(SMALLEST_CELL, state.desk.hide_below)


def _comparisons(state: State) -> dict[str, str]:
    """What can be compared by before a room, with its label: no level of few patients, no two of the same name."""
    whole, least = state.whole, _least(state)
    return _told_apart(whole, {name: label for name, label in factor_names(whole).items()
                               if _smallest(whole, name) >= least})  # fmt: skip


def _smallest(cohort: Cohort, name: str) -> int:
    """Patients of the rarest level."""
    return min((n for n in _counts(cohort, name) if n), default=0)


def _counts(cohort: Cohort, name: str) -> tuple[int, ...]:
    """Patients per level of a factor."""
    return asked_for(cohort, Wanted(names=(name,))).factor(name).counts()


def _told_apart(cohort: Cohort, labels: dict[str, str]) -> dict[str, str]:
    """The labels, with the levels behind one that another has, too: a main stage and its parts."""
    twice = {label for label, n in Counter(labels.values()).items() if n > 1}
    levels = {name: _cut(", ".join(cohort.factor(name).levels)) for name in labels if labels[name] in twice}
    return {name: f"{label} ({levels[name]})" if label in twice else label for name, label in labels.items()}


def _cut(text: str) -> str:
    return text if len(text) <= MOST_DETAIL else f"{text[: MOST_DETAIL - 1].rstrip(', ')}…"


def _filters(state: State) -> Iterator[tuple[str, str, str]]:
    """Each level of enough patients that the panel offers, as label, level and the text of its filter."""
    from necc.project import filter_texts

    whole = state.whole
    offered = [name for _, names in facets.sections(whole, state.added) for name in names
               if name in whole.factor_names()]  # fmt: skip
    labels = _told_apart(whole, {name: filter_label(whole, name) for name in offered})
    for name, label in labels.items():
        own = facets.section_of(whole, name) == Variable.section  # may be free text: then some text is of few
        if not own or _smallest(whole, name) >= _least(state):
            factor = whole.factor(name)
            for level, n in zip(factor.levels, _counts(whole, name), strict=True):
                texts, lost = filter_texts(Selection((Condition(name, (level,)),)), whole.columns)
                if n >= _least(state) and not lost:
                    yield label, level, texts[0]


def _changed(name: str, value: int) -> None:
    state = get_state()
    presented = state.desk.presented
    if presented is None:
        return
    state.touched = True
    if name == "by":
        names = ["", *_comparisons(state)]
        if 0 <= value < len(names):
            state.desk.presented = replace(presented, by=names[value])
    elif name == "only":
        texts = ["", *(text for _, _, text in _filters(state))]
        if 0 <= value < len(texts):
            state.desk.presented = replace(presented, only=texts[value])
