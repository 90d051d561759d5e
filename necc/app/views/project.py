"""A part of the page on data: the project that is saved, opened, compared, and kept in this browser."""

from __future__ import annotations

import streamlit as st

from necc.app.session import links
from necc.app.session.cache import cached
from necc.app.session.plain import esc, md
from necc.app.session.project import gather, numbers_now, open_text, smallest_cell
from necc.app.session.state import State, get_state
from necc.app.widgets.keeping import choose_keeping
from necc.app.widgets.show import bullets, caption, download, file_name, findings, heading, of_rows, show
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError, CohortError
from necc.present import tables
from necc.present.words.phrases import sentence
from necc.present.words.project import holds
from necc.present.words.reading import reading
from necc.project import open_for, open_project
from necc.report.changed import changes_of

LEAD = (
    "A project is one file to read: what the columns mean, the edits, filters, named sub-cohorts, choices and kept "
    "views. It holds names of columns and levels, and no patient's values."
)
EARLIER = "project-earlier-read"
MOST = 1000  # patients, of a smallest cell


@of_rows("A project")
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
    """The numbers as they were saved beside those of now; with the earlier file who came and went."""
    opened = state.desk.opened
    if opened is None:
        return
    earlier = None if state.presenting else _earlier(state)
    if not opened.recorded and earlier is None:
        return
    heading("What changed since it was saved", explain="project")
    numbers = numbers_now(state, opened.recorded_by, opened.smallest_cell)
    try:
        found = changes_of(opened, state.cohort, numbers, earlier)
    except AnalysisError as error:
        st.warning(md(sentence(str(error))), icon=":material/compare_arrows:")
        return
    bullets(map(esc, found.sentences() if earlier is not None else reading(found.numbers)))
    for table in found.tables() if earlier is not None else (tables.compared(found.numbers),):
        if table.rows:
            show(table, explain="project", title="" if table.name == "recorded-and-now" else table.title)


def _earlier(state: State) -> Cohort | None:
    """The patients of the earlier file as this project reads, edits and filters it; None where it isn't given."""
    heading("The file that it was made from")
    file = st.file_uploader("The earlier file", key="project-earlier", help="Read in this session only, to tell by "
                            "identifier who came and went, and whose values and events are others now")  # fmt: skip
    if file is None:
        st.session_state.pop(EARLIER, None)
        return None
    project, _ = gather(state)
    held = st.session_state.get(EARLIER)
    try:
        if held is None or held[0] != file.file_id:
            held = st.session_state[EARLIER] = (file.file_id, open_for(project, file.getvalue(), file.name))
    except CohortError as error:
        findings(error.findings, "earlier", 10)
        return None
    put = cached(open_project)(project, held[1])
    if put.filtered is None:
        findings(put.inspection.findings, "earlier", 10)
    return put.filtered
