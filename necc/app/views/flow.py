"""Parts of the patients' page: the flow of patients, with the numbers from before the file that a person types."""

from __future__ import annotations

import streamlit as st

from necc.analysis import flow as steps
from necc.app.session.cache import cached, draw
from necc.app.session.plain import md
from necc.app.session.state import BEFORE_THE_FILE, get_state
from necc.app.widgets.choices import NOTHING, choose, choose_factor, controls, options
from necc.app.widgets.show import show
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.present import figures, tables
from necc.present.words.phrases import sentence

EXAMPLE = "126 screened\n-19 no follow-up\n-12 not neuroendocrine"
HELP = (
    "One step a line: '126 screened' for who was there, '-19 no follow-up' for who was left out. These numbers stay in "
    "this session: they are in no link and in no file but the ones you download."
)


def flow(cohort: Cohort) -> None:
    """The diagram and its table, from before the file to the analysis; says it where the typed numbers don't add up."""
    state = get_state()
    with controls():
        endpoint = _choose_endpoint(cohort)
        by = choose_factor(cohort)
        with options("Before the file"):
            typed = _typed()
    before = _readable(typed)
    result = cached(steps.flow)(state.whole, state.selection, before=before, endpoint=endpoint, by=by)
    show(draw(figures.flow, result), title="Flow of patients", explain="flow attrition")
    show(tables.flow(result), title="The same in numbers", explain="flow missing-values")


def _choose_endpoint(cohort: Cohort) -> str | None:
    """The endpoint of the analysis at the end; None for none."""
    there = cohort.endpoint_names()
    words = {NOTHING: "no analysis: the filters only", **{n: cohort.dictionary.endpoints[n].label for n in there}}
    picked = choose(
        "flow-endpoint", "Up to the analysis of", (NOTHING, *there), default=cohort.dictionary.role("main_endpoint"),
        words=words, wide=True, width=420, help="Who has no time or no event recorded is left out of an analysis",
    )  # fmt: skip
    return picked or None


def _typed() -> str:
    """The numbers from before this file as they were typed."""
    state = get_state()
    name = BEFORE_THE_FILE
    key = f"choice-{name}"
    typed = str(state.chosen.get(name, ""))
    if not state.presenting:
        if st.session_state.get(key) != typed:
            st.session_state[key] = typed
        st.text_area(
            "Numbers from before the file", key=key, placeholder=EXAMPLE, help=HELP, height=110, max_chars=8_000,
            on_change=_keep, args=(name, key), width=420,
        )  # fmt: skip
    return typed


def _readable(typed: str) -> str:
    """What was typed; nothing while it can't be read, and then says why."""
    try:
        steps.typed_steps(typed)
    except AnalysisError as error:
        st.warning(md(f"{sentence(str(error))} Until then the diagram begins with the file."), icon=":material/edit:")
        return ""
    return typed


def _keep(name: str, key: str) -> None:
    get_state().choose(name, st.session_state[key], "numbers from before the file")
