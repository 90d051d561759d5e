"""Parts of the cohort page: what was found in the last file, who the patients are, own column names, files to take."""

from __future__ import annotations

import streamlit as st

from necc.analysis.understood import understood
from necc.app.session.cache import cached, draw
from necc.app.session.failure import told_in_words
from necc.app.session.plain import md, or_dash
from necc.app.session.state import State, get_state
from necc.app.widgets.show import caption, download, file_name, findings, heading, numbers, show
from necc.core.cohort import Cohort
from necc.core.dictionary import UNITS, Dictionary
from necc.core.errors import CohortError
from necc.core.selection import Selection
from necc.core.text import slug
from necc.ingest import OwnColumns, cohort_csv, dictionary_csv, summarise, template_csv
from necc.ingest.raw import RawTable
from necc.ingest.readers import read_raw
from necc.ingest.remedies import told_of
from necc.present import figures
from necc.present.words import understood as words
from necc.present.words.remarks import loaded

SHOWN = 100  # findings and values on the page; the download has all


# ---------------------------------------------------------------- findings
def last_file() -> None:
    """What reading the last file found, with the question it leaves open."""
    state = get_state()
    if state.attempt is None or state.presenting:
        return
    name = state.attempt.filename
    heading("What was found in the last file")
    if state.attempt.accepted:
        held = cached(understood)(state.whole, *told_of(state.mapping))
        lacks = words.lacking(held)
        text = md(f"{loaded(name, len(state.whole))} {words.understood(held, counted=False)} {lacks}".strip())
        (st.warning if lacks else st.success)(text, icon=f":material/{'warning' if lacks else 'check_circle'}:")
    else:
        kept = "The sample" if state.sample else state.whole.source.filename
        st.error(md(f"{name} was not loaded. {kept} is unchanged."), icon=":material/error:")
    if not state.attempt.findings:
        caption("No problems found.")
        return
    findings(state.attempt.findings, slug(name)[:30], SHOWN, card="findings")


def _offered(state: State):
    """The file that the uploader still holds: one that was refused, or has no endpoint yet."""
    return st.session_state.get(f"upload-{state.uploads}")


def _raw(state: State, file) -> RawTable | None:
    """The offered file as text, read once; given up when it is loaded."""
    if state.raw is None or state.raw[0] != file.file_id:
        try:
            state.raw = (file.file_id, read_raw(file.getvalue(), file.name))
        except CohortError:
            state.raw = (file.file_id, None)
    return state.raw[1]


def _load(state: State, file, own: OwnColumns) -> None:
    if state.offer(file.getvalue(), file.name, own):
        state.forget_upload(file.file_id)
    st.rerun()


# ---------------------------------------------------------------- who the patients are
def overview(cohort: Cohort) -> None:
    """Patients, events, and every variable at a glance."""
    summary = cached(summarise)(cohort)
    pairs = [("patient" if len(cohort) == 1 else "patients", f"{len(cohort):,}")]
    pairs += [
        (f"{cohort.dictionary.endpoints[name].label}: events", f"{e['events']:,} of {e['patients']:,}")
        for name, e in summary["endpoints"].items()
    ]
    numbers(*pairs, explain="endpoints missing-values")
    lacks = [cohort.endpoint_lacks(n) for n in cohort.dictionary.endpoints if n not in cohort.endpoint_names()]
    if lacks:
        caption("Not available in this file: " + "; ".join(lacks) + ".")
    state = get_state()
    if state.selection:
        steps = cached(Selection.attrition)(state.selection, state.whole)
        show(draw(figures.attrition, steps), title="Who remains", explain="attrition")
    show(draw(figures.overview, cohort), title="Every variable", explain="overview missing-values")


# ---------------------------------------------------------------- own column names
def own_columns() -> None:
    """For a file that doesn't follow the dictionary: which of its columns is what."""
    if not get_state().presenting:
        with st.expander(
            "My file uses its own column names",
            icon=":material/edit_note:",
            expanded=not get_state().whole.endpoint_names(),
        ):
            _own_columns()


@st.fragment
@told_in_words()
def _own_columns() -> None:
    state = get_state()
    caption(
        "A file that does not use the dictionary's names can be analysed by naming its columns. Everything else in it "
        "becomes a variable to filter and stratify by."
    )
    file = _offered(state) or st.file_uploader("File whose columns you name", key=f"own-{state.uploads}")
    if file is None:
        return
    raw = _raw(state, file)
    if raw is None:
        st.info("This file can't be read as a table; the problems are listed above.", icon=":material/info:")
        return
    headers = [c.header for c in raw.columns]
    one = ["", *headers]
    left, middle, right = st.columns(3)
    identifier = left.selectbox("Identifier", one, format_func=or_dash, help="Without one, the row number is used")
    time = middle.selectbox("Time to the event or to last follow-up", one, format_func=or_dash)
    event = right.selectbox("Event", one, format_func=or_dash)
    units = ("", *UNITS)
    unit = left.selectbox(
        "Unit of the time", units, format_func=or_dash, help="Otherwise taken from the heading, else months"
    )
    codes = next((c.uniques for c in raw.columns if c.header == event), ())
    happened = middle.multiselect(
        "Values that mean the event happened", [v for v in codes if v][:SHOWN], help="Not needed for 0/1 and yes/no"
    )
    sites = right.multiselect("Sites of recurrence", headers, help="Yes/no columns, or one column that names the sites")
    own = OwnColumns(identifier, time, event, tuple(happened), unit, tuple(sites))
    if st.button("Load with these columns", type="primary", disabled=not own.is_plain):
        _load(state, file, own)
    if state.attempt and not state.attempt.accepted and state.attempt.filename == file.name:
        caption("The last attempt was refused; the problems are listed above.")


# ---------------------------------------------------------------- files to take
def files(cohort: Cohort) -> None:
    """Template, data dictionary, and the patients shown."""
    if get_state().presenting:
        return
    known = Dictionary.builtin()
    with st.container(horizontal=True, key="files"):
        download("Template", lambda: template_csv(known), "necc-template.csv", help="A header row with every column")
        download(
            "Data dictionary", lambda: dictionary_csv(known), "necc-dictionary.csv", help="What each column may hold"
        )
        download(
            "Patients shown", lambda: cohort_csv(cohort), file_name("patients", "csv"),
            help="The filtered patients as they were understood; loading this file gives the same "
            "cohort again. It contains patient data.",
        )  # fmt: skip
