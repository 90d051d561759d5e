"""A patient who isn't in the file, typed in: kept in this session's memory only, and read as a file would be."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from necc.app.session.plain import esc, md
from necc.app.session.state import get_state
from necc.app.widgets.show import bullets, caption
from necc.core.cohort import Cohort
from necc.core.dictionary import Variable
from necc.core.errors import Finding
from necc.ingest import entered
from necc.present.words.phrases import since

KEY = "necc-typed"
UNKNOWN = "not recorded"
SITES = "sites"
COLUMNS = 4


@dataclass
class Typed:
    """What was typed, for the file that was loaded then.

    values: by the variable's name. patient: who is read from it; None until then. open: the form is shown.
    """

    file: str
    values: dict[str, object] = field(default_factory=dict)
    patient: Cohort | None = None
    open: bool = True
    findings: tuple[Finding, ...] = ()


def held() -> Typed | None:
    """What was typed, or is about to be, beside the file that is loaded; with another file it is forgotten."""
    found = st.session_state.get(KEY)
    if found is not None and found.file != get_state().whole.source.sha256:
        forget()
        return None
    return found


def begin() -> None:
    """Opens the form, with what was typed before."""
    typed = held() or Typed(get_state().whole.source.sha256)
    typed.open = True
    st.session_state[KEY] = typed


def forget() -> None:
    """Forgets the patient who was typed in."""
    st.session_state.pop(KEY, None)


def form(cohort: Cohort, typed: Typed) -> None:
    """The fields of the dictionary that patients are chosen by, the sites, and the time since the recurrence."""
    caption(
        "What is left as it is isn't recorded. Nothing of this is stored or part of a link; it leaves the session only "
        "in the files that you take."
    )
    whole = cohort.whole
    with st.form("typed-patient", border=True):
        asked: dict[str, object] = {}
        columns = st.columns(COLUMNS)
        for i, (variable, label) in enumerate(_asked(whole)):
            with columns[i % COLUMNS]:
                asked[variable.name] = _field(variable, label, typed.values.get(variable.name))
        if whole.site_names:
            labels = _sites(whole)
            before = typed.values.get(SITES)
            there = [name for name in labels if isinstance(before, list) and name in before]
            asked[SITES] = st.multiselect("Sites of first recurrence", list(labels), default=there, key="typed-sites",
                                          format_func=lambda name: labels[name],
                                          help="Those that aren't chosen are taken as not involved; none at all: not "
                                          "recorded")  # fmt: skip
        sent = st.form_submit_button("Show this patient", icon=":material/person:", type="primary")
    if sent:
        _read(cohort, typed, asked)
    problems = [f for f in typed.findings if f.severity == "error"]
    if problems:
        st.error("This patient can't be shown yet:", icon=":material/error:")
        bullets(esc(f.message) for f in problems)


def _read(cohort: Cohort, typed: Typed, asked: dict[str, object]) -> None:
    """Reads what was typed, and shows the patient where all of it is understood."""
    typed.values = {name: value for name, value in asked.items() if value not in (None, "", UNKNOWN, [])}
    made = entered(cohort.whole, typed.values)
    typed.findings, typed.patient, typed.open = made.findings, made.cohort, made.cohort is None
    if made.cohort is not None:
        st.rerun()


def _asked(cohort: Cohort) -> list[tuple[Variable, str]]:
    """The variables of the panel, in its order, and the time of the main endpoint; each with its label."""
    known = cohort.dictionary
    names = [name for part in known.panel for name in part.names]
    names = [known.groupings[name].of if name in known.groupings else name for name in names]
    there = [known.variables[name] for name in dict.fromkeys(names) if name in known.variables]
    asked = [(v, v.title()) for v in there if v.kind in ("category", "flag", "number")]
    endpoint = known.endpoints.get(known.role("main_endpoint"))
    if endpoint and endpoint.time in known.variables:
        asked.append((known.variables[endpoint.time], since(endpoint.unit, endpoint.origin)))
    return asked


def _field(variable: Variable, label: str, before: object) -> object:
    """One value; blank where it isn't recorded."""
    key = f"typed-{variable.name}"
    if variable.kind == "number":
        return st.text_input(md(label), str(before or ""), key=key, placeholder=UNKNOWN)
    levels = ["yes", "no"] if variable.kind == "flag" else list(variable.levels)
    options = [UNKNOWN, *levels]
    return st.selectbox(md(label), options, index=options.index(before) if before in options else 0, key=key)


def _sites(cohort: Cohort) -> dict[str, str]:
    """The organs of the file, and its sites that have none of their name, with their labels."""
    labels = {organ: cohort.organ_label(organ) for organ in cohort.organ_names}
    return labels | {site: cohort.site_label(site) for site in cohort.site_names if site not in labels}
