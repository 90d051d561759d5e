"""The wizard for a person's own file: what each column means, seen and corrected before it is loaded.

upload -> what could name a patient -> columns -> questions -> preview -> load. The file stays in the session's memory.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from necc.app.session.draft import Draft, draft
from necc.app.session.plain import md
from necc.app.session.state import State, get_state, kept
from necc.app.widgets import ways
from necc.app.widgets.show import caption, findings
from necc.app.wizard.columns import columns, private
from necc.app.wizard.preview import preview
from necc.app.wizard.questions import endpoints, questions, remedied, sites
from necc.core.dictionary import Dictionary, builtin_names
from necc.core.errors import CohortError, DictionaryError
from necc.core.estimate import Exclusion
from necc.core.text import joined, plural, shorten, slug
from necc.ingest import Inspection, Mapping, cohort_csv, formats_in_words, privacy
from necc.ingest.raw import MAX_CELL, MAX_COLUMNS
from necc.ingest.text import ENCODINGS

STAY = (
    "Your file is read on the machine that runs this dashboard and stays in its memory: nothing is kept on disk, in a "
    "log or in a link, and nothing is sent elsewhere."
)


def wizard() -> None:
    """The whole page, for one file."""
    if get_state().presenting:
        caption("Leave the presentation to load a file.")
        return
    answers = draft()
    _upload(answers)
    if answers.problems:
        st.error(md(f"{answers.filename} can't be read as a table."), icon=":material/error:")
        findings(answers.problems, "wizard", 30)
        _opening(answers)
        return
    if answers.opened is None or answers.mapping is None:
        _loaded(answers)
        return
    raw = answers.opened.raw
    st.success(
        md(f"{answers.filename}: {raw.kind}, {plural(len(raw), 'row')}, {plural(len(raw.columns), 'column')}."),
        icon=":material/description:",
    )
    if answers.message:
        st.info(md(answers.message), icon=":material/history:")
    _opening(answers)
    private(answers)
    columns(answers)
    questions(answers)
    sites(answers)
    endpoints(answers)
    inspection = preview(answers)
    remedied(answers, inspection)
    _load(answers, inspection)


# ---------------------------------------------------------------- the file
def _upload(wizard: Draft) -> None:
    st.info(f"{STAY} {kept()}", icon=":material/lock:")
    uploads = get_state().uploads  # a fresh uploader, once the file was given up
    file = st.file_uploader(
        "Choose your file", key=f"wizard-file-{uploads}" if uploads else "wizard-file",
        help=f"{formats_in_words()}, one row per patient",
    )  # fmt: skip
    size = st.get_option("server.maxUploadSize")
    caption(f"At most {size} MB, {MAX_COLUMNS:,} columns, and {MAX_CELL:,} characters in a cell.")
    if file is not None and file.file_id != wizard.file_seen:
        wizard.file_seen = file.file_id
        with st.spinner("Reading the file and guessing what its columns mean"):
            wizard.take(file.getvalue(), file.name)


def _place(options: list[str], value: str) -> int:
    return options.index(value) if value in options else 0


def _opening(wizard: Draft) -> None:
    """Sheet, header, letters: where the file's own signs weren't enough; and the files that explain it."""
    with st.expander("How the file is opened: sheet, header row, text encoding, data dictionary, saved mapping",
                     expanded=bool(wizard.problems), icon=":material/settings:"):  # fmt: skip
        first, second, third, fourth = st.columns(4)
        sheets = ["", *(wizard.raw.sheets if wizard.opened else ())]
        before = wizard.read_options
        sheet = first.selectbox("Sheet", sheets, _place(sheets, before.sheet), format_func=lambda s: s or "the fullest",
                                disabled=len(sheets) < 2)  # fmt: skip
        row = second.number_input("Header in row", 0, 1000, before.header_row, help="0: found automatically")
        encodings, signs = ["", *ENCODINGS], ["", ".", ","]
        encoding = third.selectbox("Text encoding", encodings, _place(encodings, before.encoding),
                                   format_func=lambda e: e or "found automatically")  # fmt: skip
        decimal = fourth.selectbox(
            "Decimal sign",
            signs,
            _place(signs, before.decimal),
            format_func=lambda d: {"": "found automatically", ".": "point", ",": "comma"}[d],
        )
        _diseases(wizard)
        left, right = st.columns(2)
        book = left.file_uploader("REDCap data dictionary (CSV)", type=["csv"], key="wizard-codebook")
        saved = right.file_uploader("Saved mapping", type=["toml"], key="wizard-mapping")
        read_options = replace(before, sheet=sheet, header_row=int(row), encoding=encoding, decimal=decimal)
        codebook = book.getvalue() if book else b""
        if read_options != wizard.read_options or codebook != wizard.codebook:
            wizard.read_options, wizard.codebook = read_options, codebook
            wizard.open()
            st.rerun()
        if saved is not None and saved.file_id != st.session_state.get("wizard-mapping-seen"):
            st.session_state["wizard-mapping-seen"] = saved.file_id
            _apply_saved(wizard, saved.getvalue())


def _diseases(wizard: Draft) -> None:
    """Which disease's words are looked for; another may be uploaded."""
    left, right = st.columns(2)
    names = list(builtin_names())
    titles = {n: Dictionary.builtin(n).title for n in names}
    own = [] if wizard.dictionary.name in names else [wizard.dictionary.name]
    name = left.selectbox("Disease", [*names, *own], index=[*names, *own].index(wizard.dictionary.name),
                          format_func=lambda n: wizard.dictionary.title if n in own else titles[n])  # fmt: skip
    file = right.file_uploader("Another disease's dictionary (TOML)", type=["toml"], key="wizard-dictionary")
    if file is not None and file.file_id != st.session_state.get("wizard-dictionary-seen"):
        st.session_state["wizard-dictionary-seen"] = file.file_id
        try:
            wizard.dictionary = Dictionary.from_toml(file.getvalue().decode("utf-8", "replace"))
        except DictionaryError as error:
            st.error(f"The dictionary has {plural(len(error.findings), 'fault')}.", icon=":material/error:")
            findings(error.findings, "dictionary", 30)
            return
        _guess_again(wizard)
    elif name in names and name != wizard.dictionary.name:
        wizard.dictionary = Dictionary.builtin(name)
        _guess_again(wizard)


def _guess_again(wizard: Draft) -> None:
    wizard.disease_chosen = True
    if wizard.opened is not None:
        wizard.guess()
    st.rerun()


def _apply_saved(wizard: Draft, data: bytes) -> None:
    try:
        mapping = Mapping.from_toml(data)
        if mapping.dictionary != wizard.dictionary.name and mapping.dictionary in builtin_names():
            wizard.dictionary = Dictionary.builtin(mapping.dictionary)
    except CohortError as error:
        st.error("The mapping file has faults.", icon=":material/error:")
        findings(error.findings, "mapping", 30)
        return
    if mapping.read_options != wizard.read_options:
        wizard.read_options = mapping.read_options
        wizard.open()
    wizard.message = "The saved mapping was applied."
    wizard.set(mapping)
    st.rerun()


# ---------------------------------------------------------------- load
def _load(wizard: Draft, inspection: Inspection) -> None:
    """Masks, the button, and the files to keep."""
    left, right = st.columns(2)
    ages = left.checkbox(f"Read ages above {privacy.OLDEST_AGE} as {privacy.OLDEST_AGE}", key="mask-ages")
    small = right.checkbox(f"Put groups of fewer than {privacy.SMALL} patients together", key="mask-small")
    stem = slug(PurePath(wizard.filename).stem) or "cohort"
    waits = [q.column for q in inspection.questions if q.decisive]
    if waits:
        open_ones = joined([f"'{shorten(header, 30)}'" for header in waits[:8]])
        caption(f"Loading waits for your answer about {open_ones} in the questions above.")
    elif not inspection.accepted:
        caption("Loading waits until the errors above are corrected, in the file or in what its columns mean.")
    with st.container(horizontal=True, key="wizard-load"):
        load = st.button("Load this cohort", type="primary", icon=":material/check:",
                         disabled=bool(waits) or not inspection.accepted)  # fmt: skip
        _save_mapping(wizard, stem)
        if inspection.cohort is not None:
            cohort = inspection.cohort
            st.download_button(
                "Copy without identifiers", lambda: cohort_csv(privacy.deidentified(cohort, wizard.secret)),
                f"{stem}-deidentified.csv", "text/csv", on_click="ignore", icon=":material/download:", key="save-copy",
                help="New pseudonyms, no free text, ages at most 90, each patient's dates shifted by secret days",
            )  # fmt: skip
    if load and inspection.cohort is not None:
        cohort, changed = inspection.cohort, tuple[Exclusion, ...]()
        if ages or small:
            cohort, changed = privacy.masked(cohort, ages, privacy.SMALL if small else 0)
        wizard.load(cohort, inspection.findings)
        reasons = joined([f"{c.reason} ({c.n})" for c in changed])
        wizard.message = f"{reasons[:1].upper()}{reasons[1:]}." if reasons else ""
        st.rerun()


def _save_mapping(wizard: Draft, stem: str) -> None:
    st.download_button(
        "Save the mapping", wizard.map.to_toml(), f"{stem}.mapping.toml", "application/toml", on_click="ignore",
        icon=":material/download:", key="save-mapping",
        help="Load it together with a file that has the same columns, here or with necc --mapping",
    )  # fmt: skip


def _loaded(wizard: Draft) -> None:
    """What is left of the wizard when its cohort is in use: the mapping, and ways on."""
    app: State = get_state()
    if wizard.mapping is None or app.sample or app.whole.source.filename != wizard.filename:
        return
    st.success(
        md(f"{plural(len(app.whole), 'patient')} loaded. {wizard.message}".strip()), icon=":material/check_circle:"
    )
    caption(
        "The file itself is no longer kept. To change what a column means, choose the file again: the mapping is "
        "applied."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        ways.way("See survival", "survival", ":material/show_chart:")
        ways.way("See the sites", "sites", ":material/my_location:")
        _save_mapping(wizard, slug(PurePath(wizard.filename).stem) or "cohort")
