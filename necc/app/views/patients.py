"""The views of the page on patients: all at a glance, in groups, one by one, and how stages changed."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from necc.analysis.patient import Course, courses
from necc.analysis.staging import restaging
from necc.app.session.cache import cached, draw_many
from necc.app.session.state import get_state, whole
from necc.app.views import flow, groups, one_patient, subcohorts
from necc.app.widgets import cases
from necc.app.widgets.choices import choose, choose_some, controls, options, switch
from necc.app.widgets.show import NOT_RECORDED, caption, download, file_name, left_out, need, numbers, of_rows, show
from necc.core.cohort import Cohort
from necc.core.selection import picked, positions
from necc.core.text import plural
from necc.ingest import cohort_csv, summarise
from necc.present import figures
from necc.present.tables import cohort as tables

View = Callable[[Cohort], None]
LIST = "List"
LATE = float("inf")
MANY = 2_000  # patients, beyond whom courses are drawn only when they are asked for: they take seconds
ORDERS: dict[str, tuple[str, Callable[[Course], float]]] = {
    "file": ("as in the file", lambda c: 0.0),
    "recurrence": ("time to recurrence", lambda c: LATE if c.recurrence is None else c.recurrence),
    "last": ("length of follow-up", lambda c: LATE if c.last is None else -c.last),
    "after": ("time after recurrence", lambda c: LATE if c.last is None else (c.recurrence or 0.0) - c.last),
}
"""How timelines are sorted: in words, and by what."""


def views(cohort: Cohort) -> dict[str, View]:
    """The views; that on stages where the dictionary knows two editions."""
    stages = {"FIGO stages": stages_of} if cohort.dictionary.role("stage_before") else {}
    return {
        "Overview": overview, "Table 1": groups.page, LIST: listed, cases.VIEW: one_patient.page,
        "Flow diagram": flow.flow,
        "Sub-cohorts": subcohorts.page, **stages,
    }  # fmt: skip


def overview(cohort: Cohort) -> None:
    """Patients, events, and every variable at a glance."""
    need(cohort)
    if cohort.behind is None:  # numbers and dates are drawn patient by patient
        drawn = draw_many(figures.overview, cohort, whole=whole())
        show(drawn, title="Every variable", explain="overview missing-values")
    summary = cached(summarise)(cohort)
    pairs = [("patient" if cohort.n_patients == 1 else "patients", f"{cohort.n_patients:,}")]
    pairs += [
        (f"{cohort.dictionary.endpoints[name].label}: events", f"{e['events']:,} of {e['patients']:,}")
        for name, e in summary["endpoints"].items()
    ]
    numbers(*pairs, explain="endpoints missing-values")
    lacks = [cohort.endpoint_lacks(n) for n in cohort.dictionary.endpoints if n not in cohort.endpoint_names()]
    if lacks:
        caption("Not available in this file: " + "; ".join(lacks) + ".")


@of_rows("A list of the patients")
def listed(cohort: Cohort) -> None:
    """The patients that are shown, a row each, and their courses; no rows where others look on: they identify."""
    need(cohort)
    state = get_state()
    if not state.presenting:
        rows = _rows(cohort)
        key = f"patient-list-{state.fingerprint[:12]}-{state.selection.key()}"  # other rows: nobody is marked in them
        marked = st.dataframe(
            rows, hide_index=True, height="content" if len(rows) <= 10 else 380, key=key, on_select="rerun",
            selection_mode="multi-row", placeholder=NOT_RECORDED,
        ).selection.rows  # fmt: skip
        _pick(cohort, [row for row in marked if row < len(rows)])
    else:
        caption("Rows of single patients aren't listed in the presentation view.")
    _courses(cohort)
    download(
        "Patients shown", lambda: cohort_csv(cohort), file_name("patients", "csv"),
        help="The filtered patients as they were understood; loading this file gives the same cohort again. It "
        "contains patient data.",
    )  # fmt: skip


def _rows(cohort: Cohort) -> pd.DataFrame:
    """The rows with the columns that were chosen; the patient always."""
    known, usual = cached(tables.patient_columns)(cohort.whole), cached(tables.usual_columns)(cohort.whole)
    with options("Columns", ":material/view_column:"):
        shown = choose_some(
            "list-columns", "Columns of the list", tuple(known), default=usual, words=known,
            help="A click on a heading of the list sorts it",
        )  # fmt: skip
    return cached(tables.patient_list)(cohort, shown)


def _courses(cohort: Cohort) -> None:
    """A timeline for each patient, sorted as asked; a click on a row keeps that patient, who can then be opened."""
    with controls("timelines"):
        if not switch("list-timelines", "Timelines", default=len(cohort) <= MANY):
            return
        order = choose("timelines-by", "Sorted by", tuple(ORDERS), words={k: label for k, (label, _) in ORDERS.items()},
                       fixed=True)  # fmt: skip
    show(draw_many(figures.timelines, cached(_sorted)(cohort, order)), title="Courses", explain="patient-timelines",
         recipe=None)  # fmt: skip


def _sorted(cohort: Cohort, order: str) -> tuple[Course, ...]:
    found = courses(cohort)
    return tuple(sorted(found, key=ORDERS[order][1])) if order != "file" else found


def _pick(cohort: Cohort, marked: list[int]) -> None:
    """What can be done with the patients who are marked in the list."""
    if not marked:
        caption("Mark patients at the left of their rows to keep only them, or to leave them out.")
        return
    numbers, state = positions(cohort), get_state()
    chosen = picked(int(numbers[row]) for row in marked)
    with st.container(horizontal=True, key="pick"):
        if len(marked) == 1:
            place = int(numbers[marked[0]])
            st.button("Show this patient", on_click=cases.open_patient, args=(place, False), type="primary",
                      icon=":material/person:")  # fmt: skip
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
