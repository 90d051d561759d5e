"""The views of the page on patients: all at a glance, in groups, one by one, and how stages changed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from necc.analysis.staging import restaging
from necc.app.session.cache import cached, draw_many
from necc.app.session.state import get_state, whole
from necc.app.views import flow, groups, subcohorts
from necc.app.widgets.show import NOT_RECORDED, caption, download, file_name, left_out, need, numbers, show
from necc.core.cohort import Cohort
from necc.core.selection import picked, positions
from necc.core.text import plural
from necc.ingest import cohort_csv, summarise
from necc.present import figures
from necc.present.tables import cohort as tables

View = Callable[[Cohort], None]
LIST = "List"


def views(cohort: Cohort) -> dict[str, View]:
    """The views; that on stages where the dictionary knows two editions."""
    stages = {"FIGO stages": stages_of} if cohort.dictionary.role("stage_before") else {}
    return {
        "Overview": overview, "Table 1": groups.page, LIST: listed, "Flow diagram": flow.flow,
        "Sub-cohorts": subcohorts.page, **stages,
    }  # fmt: skip


def overview(cohort: Cohort) -> None:
    """Patients, events, and every variable at a glance."""
    need(cohort)
    drawn = draw_many(figures.overview, cohort, whole=whole())
    show(drawn, title="Every variable", explain="overview missing-values")
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


def listed(cohort: Cohort) -> None:
    """The patients that are shown, a row each; nothing where others look on, because rows identify."""
    need(cohort)
    state = get_state()
    if state.presenting:
        caption("Single patients aren't listed in the presentation view.")
        return
    rows = cached(tables.patient_list)(cohort)
    key = f"patient-list-{state.fingerprint[:12]}-{state.selection.key()}"  # other rows: nobody is marked in them
    marked = st.dataframe(
        rows, hide_index=True, height="content" if len(rows) <= 15 else 520, key=key, on_select="rerun",
        selection_mode="multi-row", placeholder=NOT_RECORDED,
    ).selection.rows  # fmt: skip
    _pick(cohort, [row for row in marked if row < len(rows)])
    download(
        "Patients shown", lambda: cohort_csv(cohort), file_name("patients", "csv"),
        help="The filtered patients as they were understood; loading this file gives the same cohort again. It "
        "contains patient data.",
    )  # fmt: skip


def _pick(cohort: Cohort, marked: list[int]) -> None:
    """What can be done with the patients who are marked in the list."""
    if not marked:
        caption("Mark patients at the left of their rows to keep only them, or to leave them out.")
        return
    numbers, state = positions(cohort), get_state()
    chosen = picked(int(numbers[row]) for row in marked)
    with st.container(horizontal=True, key="pick"):
        who = plural(len(marked), "marked patient")
        st.button(f"Keep only {who}", on_click=state.set_condition, args=(chosen,), icon=":material/filter_alt:")
        st.button(f"Leave out {who}", on_click=state.leave_out, args=(chosen,), icon=":material/filter_alt_off:")


def stages_of(cohort: Cohort) -> None:
    """Both editions of stages side by side, and what tumour size and nodes imply for the later one."""
    need(cohort, columns=[cohort.dictionary.role("stage_before")])
    result = cached(restaging)(cohort)
    numbers(
        ("with both editions", str(result.n)), ("in a different main stage", str(result.n_moved)),
        ("recorded as implied", str(result.agree)), ("recorded differently", str(len(result.disagree))),
        explain="restaging",
    )  # fmt: skip
    if result.n:
        show(tables.restaging_table(result), explain="restaging")
    show(tables.implied_table(result), explain="restaging-implied")
    if result.disagree and not get_state().presenting:
        show(tables.disagreement_table(result), explain="restaging-implied")
    left_out(result)
