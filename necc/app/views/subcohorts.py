"""Parts of the patients' page: filters saved under a name, and several of them side by side."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from necc.analysis.subcohorts import MOST, SideBySide, side_by_side
from necc.analysis.survival import kaplan_meier
from necc.app.session.cache import cached, draw
from necc.app.session.plain import esc, md
from necc.app.session.state import get_state
from necc.app.session.subcohorts import LONGEST, Answer, answered
from necc.app.widgets import shape
from necc.app.widgets.choices import choose_endpoint, controls
from necc.app.widgets.guards import guardrails
from necc.app.widgets.parts import choose_show, choose_times
from necc.app.widgets.saving import CHOSEN, PAGE, said, save_current
from necc.app.widgets.show import bullets, caption, heading, notes, show
from necc.core.cohort import Cohort
from necc.core.selection import Selection
from necc.core.text import plural
from necc.present import figures, tables
from necc.present.figures.settings import USUAL
from necc.present.words.phrases import sentence

BEGIN = (
    "Nothing is saved yet. Filter the patients, save them here under a name, filter anew and save again: then two or "
    f"more, up to {MOST}, stand side by side, with their curves, their sites, and whom they share."
)


# ---------------------------------------------------------------- the page
def page(cohort: Cohort) -> None:
    """What is saved, and those of it that are compared; without any, how to begin."""
    state = get_state()
    if not state.presenting:
        heading("Saved sub-cohorts", explain="subcohorts")
        caption(
            "Each is chosen from all patients of the file, whatever is filtered now. They last as long as this session."
        )
        save_current(state, PAGE)
    there, lacking = answered(get_state().shelf, state.whole)
    if not state.presenting:
        _list(there)
    if lacking and not state.presenting:
        st.warning("This file can't answer some of them; they wait for one that can.", icon=":material/link_off:")
        bullets(f"<b>{esc(name)}</b>: {esc(sentence(why))}" for name, why in lacking.items())
    names = _choose(there)
    if not there:
        st.info(BEGIN, icon=":material/bookmark:")
    elif not names:
        st.info("Choose at least one of them to see it, and two to compare.", icon=":material/checklist:")
    else:
        _compare(state.whole, {name: there[name].selection for name in names})


def _list(there: Mapping[str, Answer]) -> None:
    """Each one with its patients, and what can be done with it."""
    kept = get_state().shelf
    for place, one in enumerate(kept.saved):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"subcohort-{place}"):
            n = plural(there[one.name].n, "patient") if one.name in there else "not in this file"
            st.markdown(f"**{md(one.name)}** · {n}", width="stretch")
            st.button("Apply", key=f"subcohort-apply-{place}", type="tertiary", icon=":material/filter_alt:",
                      disabled=one.name not in there, on_click=_apply, args=(one.name,),
                      help="Filter by it; 'Undo' above takes that back")  # fmt: skip
            with st.popover("Rename", type="tertiary", icon=":material/edit:"):
                key = f"subcohort-rename-{place}-{abs(hash(one.name))}"
                st.text_input("New name", one.name, max_chars=LONGEST, key=key, on_change=_rename,
                              args=(one.name, key))  # fmt: skip
            st.button("Delete", key=f"subcohort-delete-{place}", type="tertiary", icon=":material/delete:",
                      on_click=_delete, args=(one.name,))  # fmt: skip
    if kept.deleted:
        last = kept.deleted[-1][1].name
        st.button(f"Bring back '{md(last)}'", key="subcohort-back", icon=":material/undo:", type="tertiary",
                  on_click=_bring_back)  # fmt: skip


def _bring_back() -> None:
    said(get_state().shelf.bring_back)


def _apply(name: str) -> None:
    one = get_state().shelf.get(name)
    if one is not None:
        get_state().select(one.selection)


def _rename(old: str, key: str) -> None:
    name, chosen = str(st.session_state[key]), get_state().chosen
    compared = chosen.get(CHOSEN)
    if said(lambda: get_state().shelf.rename(old, name)) and isinstance(compared, list):
        new = " ".join(name.split())
        chosen[CHOSEN] = [new if one == old else one for one in compared]


def _delete(name: str) -> None:
    said(lambda: get_state().shelf.delete(name))


def _choose(there: Mapping[str, Answer]) -> list[str]:
    """Which of them are compared: the first ones until somebody chooses. Never in a link: a person named them."""
    state, names = get_state(), list(there)
    kept = state.chosen.get(CHOSEN)
    picked = [n for n in (kept if isinstance(kept, list) else names) if n in there][:MOST]
    if state.presenting or not names:
        return picked
    if st.session_state.get(CHOSEN) != picked:
        st.session_state[CHOSEN] = picked
    return list(st.multiselect("Compared", names, key=CHOSEN, max_selections=MOST, on_change=_chose))


def _chose() -> None:
    state = get_state()
    state.touched = True
    state.chosen[CHOSEN] = list(st.session_state[CHOSEN])


def _compare(whole: Cohort, selections: Mapping[str, Selection]) -> None:
    """Figures and tables of the chosen ones; without an endpoint those that need none."""
    endpoint: str | None = None
    times: tuple[float, ...] = ()
    settings = USUAL
    if whole.endpoint_names():
        with controls():
            endpoint = choose_endpoint(whole)
            scale = choose_show()
            times = choose_times(whole, endpoint)
            settings = shape.curve_settings(whole, cached(kaplan_meier)(whole, endpoint), scale)
    result: SideBySide = cached(side_by_side)(whole, selections, endpoint, times=times)
    guardrails(result.guardrails, title="", key="subcohorts")
    if result.curves is not None:
        own = {} if settings == USUAL else {"settings": settings}
        figure = draw(figures.subcohort_curves, result, **own)
        show(figure, title=settings.title or result.label, explain="subcohorts kaplan-meier number-at-risk")
        shape.told(figure, settings)
    else:
        notes(result)
    show(tables.side_by_side(result), explain="subcohorts median-survival followup exact-interval")
    if len(result.columns) > 1:
        show(draw(figures.overlap, result), title="Whom they share", explain="overlap")
        show(tables.overlap_pairs(result), explain="overlap log-rank adjusted-p")
        show(tables.overlap(result), title="Exact combinations", explain="overlap")
    if any(site.of for column in result.columns for site in column.sites):
        show(draw(figures.subcohort_sites, result), title="Sites of first recurrence",
             explain="site-distribution exact-interval")  # fmt: skip
