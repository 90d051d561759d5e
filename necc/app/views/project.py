"""A part of the page on data: the project that is saved, opened, compared, and kept in this browser."""

from __future__ import annotations

import streamlit as st

from necc.analysis.recorded import compare_numbers
from necc.app.session import links
from necc.app.session.plain import esc, md
from necc.app.session.project import gather, numbers_now, open_text, smallest_cell
from necc.app.session.state import State, get_state
from necc.app.widgets.keeping import choose_keeping
from necc.app.widgets.show import bullets, caption, download, file_name, findings, heading, show
from necc.core.cohort import Cohort
from necc.present import tables
from necc.present.words.phrases import sentence
from necc.present.words.project import holds
from necc.present.words.reading import reading

LEAD = (
    "A project is one file to read: what the columns mean, the edits, filters, named sub-cohorts, choices and kept "
    "views. It holds names of columns and levels, and no patient's values."
)
MOST = 1000  # patients, of a smallest cell


def page(cohort: Cohort) -> None:
    """Saving, opening, what changed since it was saved, and whether this browser keeps it."""
    state = get_state()
    caption(LEAD)
    if state.presenting:
        _compared(state)
        return
    _save(state)
    _open(state)
    _compared(state)
    heading("In this browser")
    choose_keeping(state)


def _save(state: State) -> None:
    heading("Save", explain="project")
    held = state.desk
    with st.container(horizontal=True, vertical_alignment="bottom", key="project-save"):
        title = st.text_input("Title", held.title, max_chars=80, key=f"project-title-{held.title}", width=360)
        with_numbers = st.toggle(
            "With the numbers", value=True, key="project-numbers",
            help="Patients, events, medians, survival, hazard ratios and shares as they are now, to be compared with "
            "next year's. They are counts and estimates.",
        )  # fmt: skip
        usual = smallest_cell(state)
        smallest = st.number_input(
            "Leave out numbers of fewer than", 0, MOST, usual, key=f"project-smallest-{usual}", width=260,
            disabled=not with_numbers, help="Patients. Counts of fewer are left out, and so is what rests on so few: "
            "who knows one of them could learn of the others. 0 leaves none out.",
        )  # fmt: skip
        if int(smallest) != usual:
            held.smallest = int(smallest)
        held.title = " ".join(title.split())
        project, left = gather(state)
        named = file_name(f"project {links.public_title(held.title, state.whole)}", "toml")
        download(
            "Save project", lambda: gather(state, recorded=with_numbers)[0].to_toml().encode(),
            named, "application/toml", help="One file in TOML, to read",
        )  # fmt: skip
    caption(holds(project))
    bullets(esc(sentence(f.message)) for f in left)


def _open(state: State) -> None:
    heading("Open")
    held = state.desk
    key = f"project-file-{st.session_state.get('project-files', 0)}"
    file = st.file_uploader("A project's file", type=["toml"], key=key, help="Saved here or by the command line")
    if file is not None:
        st.session_state["project-files"] = st.session_state.get("project-files", 0) + 1
        open_text(state, file.getvalue())
        st.rerun()
    if held.findings:
        findings(held.findings, "project", 30)
    elif held.opened is not None:
        st.success(
            md(f"'{held.opened.title or 'The project'}' is open; all of it fits."), icon=":material/check_circle:"
        )


def _compared(state: State) -> None:
    """The numbers as they were saved beside those of now."""
    opened = state.desk.opened
    if opened is None or not opened.recorded:
        return
    heading("What changed since it was saved", explain="project")
    compared = compare_numbers(opened.recorded, numbers_now(state, opened.recorded_by, opened.smallest_cell))
    bullets(map(esc, reading(compared)))
    if (table := tables.compared(compared)).rows:
        show(table, explain="project", title="")
