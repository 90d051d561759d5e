"""A presentation over the page: its screens in the browser, moved there by keys, and what it tells the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal

import streamlit as st

from necc.app.session.desk import Presented
from necc.app.session.state import State, get_state
from necc.app.widgets.show import MIMES, asset, file_name
from necc.present.words import screens as words

if TYPE_CHECKING:
    from necc.analysis.patient import Case
    from necc.report.screens import Screen

KEY = "necc-screens"
BUTTONS = (
    ("previous", "←", "Previous screen"), ("next", "→", "Next screen"), ("overview", "All", "All screens"),
    ("black", "Black", "Black screen"), ("tools", "Change", "Change a filter or the site"), ("notes", "Notes", "Notes"),
    ("full", "Full", "Full screen"), ("keys", "?", "Keys"), ("leave", "Leave", "Leave the presentation"),
)  # fmt: skip
_bar = "".join(f'<button type="button" data-does="{does}" aria-label="{label}">{face}</button>'
               + ('<span class="place"></span>' if does == "previous" else "")
               for does, face, label in BUTTONS)  # fmt: skip
_screens = st.components.v2.component(
    "necc_screens",
    html='<div class="deck" role="dialog" aria-modal="true" tabindex="-1"><div class="stage"></div>'
    '<aside class="notes" aria-label="Notes" hidden><p></p></aside><div class="black" hidden></div>'
    '<div class="overview" role="group" aria-label="All screens" hidden></div>'
    '<div class="keys" role="group" aria-label="Keys" hidden><dl></dl></div>'
    '<div class="tools" role="group" aria-label="Change" hidden></div><div class="typed" role="status" hidden></div>'
    f'<div class="bar" role="toolbar" aria-label="Presentation">{_bar}</div>'
    '<span class="said" role="status" aria-live="polite"></span></div>',
    css=asset("screens.css"),
    js=asset("screens.js"),
)


@dataclass(frozen=True)
class Control:
    """Something that is changed while presenting: a list of groups, labels and numbers, and which number holds."""

    name: str
    label: str
    options: tuple[tuple[str, str, int], ...]
    value: int


def present_report() -> None:
    """Begins the presentation of the report, or of the ready list where it has no exhibit."""
    _begin(Presented("report"))


def present_case(case: Case, question: str = "") -> None:
    """Begins the presentation of a case; `question`: what the board is asked, kept in the session alone."""
    _begin(Presented("case", case=case, question=question))


FILES: tuple[tuple[str, str, Literal["pptx", "docx", "pdf"]], ...] = (
    ("Slides", "case", "pptx"), ("One page for Word", "case-sheet", "docx"), ("One page as PDF", "case-sheet", "pdf"),
)  # fmt: skip


def case_actions(case: Case, question: str = "") -> None:
    """What is done with a case that is open: to present it by a key, and to take its slides and its page along."""
    state = get_state()
    state.desk.case = (case, question)
    if state.presenting:
        return
    st.button("Present this case", key="case-present", icon=":material/slideshow:", type="tertiary",
              shortcut="Ctrl+Enter", on_click=present_case, args=(case, question))  # fmt: skip
    case_files(case, question)


def case_files(case: Case, question: str = "") -> None:
    """The case as slides and as one page; each is made when it is asked for."""
    from necc.report.bundle import MIME

    with st.popover("Files", icon=":material/download:", type="tertiary", key="case-files"):
        st.caption(words.CASE_FILES)
        for label, stem, suffix in FILES:
            mime = MIMES["pdf"] if suffix == "pdf" else MIME[suffix]
            st.download_button(
                label, partial(case_file, case, suffix, question, get_state().desk.hide_below, filters(get_state())),
                file_name(stem, suffix), mime, key=f"case-file-{suffix}", on_click="ignore",
                icon=":material/download:",
            )  # fmt: skip


def filters(state: State) -> str:
    """The filters of the page in words; blank without any."""
    return state.selection.describe(state.whole) if state.selection else ""


def case_file(
    case: Case, suffix: Literal["pptx", "docx", "pdf"], question: str, smallest: int, chosen: str = ""
) -> bytes:  # fmt: skip
    """A file of a case, with today's date; `chosen`: the filters that left the others."""
    from necc.report.case import case_report
    from necc.report.case_sheet import case_sheet
    from necc.report.slides import slides

    today = date.today()
    if suffix == "pptx":
        return slides(case_report(case, question, day=today, smallest_cell=smallest, chosen=chosen)).content
    return case_sheet(case, suffix, question, day=today, smallest_cell=smallest, chosen=chosen).content


def _begin(presented: Presented) -> None:
    state = get_state()
    state.desk.presented, state.touched = presented, True
    state.desk.presentations += 1


def leave() -> None:
    state = get_state()
    state.desk.presented, state.touched = None, True


def overlay(
    screens: Sequence[Screen], title: str, mark: str, version: str, controls: Sequence[Control],
    changed: Callable[[str, int], object],
) -> None:  # fmt: skip
    """Shows screens over the whole page, until a person leaves.

    mark: of the presentation, for which the browser keeps its place until the page is left; version: of its screens.
    changed: called with the name of a control and the number chosen.
    """

    def handed() -> None:
        told = st.session_state[KEY].changed
        if isinstance(told, dict):
            changed(str(told.get("name", "")), int(told.get("value", 0)))

    _screens(
        key=KEY,
        data={
            "title": title, "mark": mark, "version": version,
            "screens": [{"title": s.title, "svg": s.svg, "notes": s.notes, "name": s.name} for s in screens],
            "choices": [{"name": c.name, "label": c.label, "options": c.options, "value": c.value} for c in controls],
        },
        on_changed_change=handed, on_left_change=leave,
    )  # fmt: skip
