"""The views of the page on data: what was read of a file, and what its columns mean."""

from __future__ import annotations

import streamlit as st

from necc.analysis.understood import understood
from necc.app.session.cache import cached, draw_many
from necc.app.session.plain import md
from necc.app.session.state import get_state
from necc.app.views import edit
from necc.app.views.about import facts
from necc.app.widgets.choices import OWN_FILE
from necc.app.widgets.show import caption, download, file_name, findings, heading, show
from necc.app.wizard.page import wizard
from necc.core.cohort import Cohort
from necc.core.dictionary import Dictionary
from necc.core.text import slug
from necc.ingest import cohort_csv, dictionary_csv, template_csv
from necc.ingest.remedies import told_of
from necc.present import figures
from necc.present.words import understood as words
from necc.present.words.remarks import loaded

SHOWN = 100  # findings on the page; the download has all


def read(cohort: Cohort) -> None:
    """What was read of the file: its findings, every variable in one picture, and the files to start from."""
    _last_file()
    if cohort.behind is None:
        held = draw_many(figures.overview, get_state().as_loaded)
        show(held, title="What the file holds", explain="overview missing-values")
    else:
        _of_source()
    heading("This cohort")
    facts(cohort)
    _files(cohort)


def columns(cohort: Cohort) -> None:
    """What each column of a person's own file means, seen and corrected before it is loaded."""
    wizard()


def kept(cohort: Cohort) -> None:
    """The project: saved, opened, compared, kept in this browser."""
    from necc.app.views import project  # brings in analyses, for which the first page doesn't wait

    project.page(cohort)


def _of_source() -> None:
    """What the table is that is asked for counts, and what it was understood to hold."""
    state = get_state()
    heading("What the table holds")
    held = cached(understood)(state.whole)
    st.markdown(md(" ".join(filter(None, (words.understood(held), words.lacking(held))))))
    caption(words.COUNTS_ONLY)
    if state.whole.findings and not state.presenting:
        findings(state.whole.findings, slug(state.source)[:30] or "source", SHOWN, card="findings")


def centres(cohort: Cohort) -> None:
    """Several centres: their files of counts pooled, or one made of these patients."""
    from necc.app.views import centres as several  # brings in analyses, too

    several.page(cohort)


VIEWS = {"What was read": read, OWN_FILE: columns, "Edit": edit.page, "Project": kept, "Centres": centres}


# ---------------------------------------------------------------- findings
def _last_file() -> None:
    """What reading the last file found, with the question it leaves open."""
    state = get_state()
    if state.attempt is None or state.presenting:
        return
    name = state.attempt.filename
    heading("What was found in the last file")
    if state.attempt.accepted:
        held = cached(understood)(state.as_loaded, *told_of(state.mapping))
        lacks = words.lacking(held)
        text = md(f"{loaded(name, state.as_loaded.n_patients)} {words.understood(held, counted=False)} {lacks}".strip())
        (st.warning if lacks else st.success)(text, icon=f":material/{'warning' if lacks else 'check_circle'}:")
    else:
        kept = "The sample" if state.sample else state.whole.source.filename
        st.error(md(f"{name} was not loaded. {kept} is unchanged."), icon=":material/error:")
    if not state.attempt.findings:
        caption("No problems found.")
        return
    findings(state.attempt.findings, slug(name)[:30], SHOWN, card="findings")


# ---------------------------------------------------------------- files to take
def _files(cohort: Cohort) -> None:
    """Template, data dictionary, and the patients shown."""
    if get_state().presenting:
        return
    known = Dictionary.builtin()
    with st.container(horizontal=True, key="files"):
        download("Template", lambda: template_csv(known), "necc-template.csv", help="A header row with every column")
        download(
            "Data dictionary", lambda: dictionary_csv(known), "necc-dictionary.csv", help="What each column may hold"
        )
        if cohort.behind is None:
            _patients_shown(cohort)


def _patients_shown(cohort: Cohort) -> None:
    download(
            "Patients shown", lambda: cohort_csv(cohort), file_name("patients", "csv"),
            help="The filtered patients as they were understood; loading this file gives the same "
            "cohort again. It contains patient data.",
        )  # fmt: skip
