"""The wizard's columns: those that could name a patient, the table of meanings, and one column in detail."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from necc.app.session.draft import MANY, Draft
from necc.app.session.plain import md
from necc.app.widgets.show import caption, heading
from necc.app.wizard.meanings import Meanings
from necc.core.dictionary import UNITS
from necc.core.text import joined, natural, own_slug, shorten
from necc.ingest.codes import LENGTHS
from necc.ingest.mapping import CHOSEN, ColumnMap
from necc.ingest.naming import risks
from necc.ingest.questions import UNSURE

NO_UNIT = "–"


def private(wizard: Draft) -> None:
    """Columns that could name a patient, each left out by one click."""
    columns = ((risk, wizard.map.column(risk.column)) for risk in risks(wizard.raw))
    risky = [(risk, how) for risk, how in columns if how is not None and how.role != "pseudonym"]
    if not risky:
        return
    heading("Could name a patient")
    kept = [risk for risk, how in risky if risk.direct and how.role != "drop"]
    for risk, how in risky:
        gone = how.role == "drop"
        with st.container(horizontal=True, vertical_alignment="center", key=f"risk-{own_slug(risk.column)}"):
            icon = ":material/visibility_off:" if gone else ":material/warning:"
            text = f"{risk.column}: {risk.reason}"
            st.markdown(f"{icon} {md(text)}{' (left out)' if gone else ''}", width="stretch")
            if not gone:
                st.button(
                    "Leave out", key=f"drop-{own_slug(risk.column)}", on_click=_drop, args=(wizard, (risk.column,))
                )
    if len(kept) > 1:
        names = tuple(r.column for r in kept)
        st.button("Leave all of these out", type="primary", on_click=_drop, args=(wizard, names), key="drop-all")
    caption("What is left out is neither shown nor kept, and appears in no file that you download.")


def _drop(wizard: Draft, columns: tuple[str, ...]) -> None:
    for name in columns:
        wizard.change(ColumnMap(name, "drop", reason="left out by a person"))


# ---------------------------------------------------------------- the table of columns
def columns(wizard: Draft) -> None:
    """Every column with its guess, to be corrected in place."""
    heading("What the columns mean")
    unsure = [c.column for c in wizard.map.columns if c.confidence < UNSURE]
    if unsure:
        shown = joined([f"'{shorten(u, 30)}'" for u in unsure[:8]])
        st.warning(md(f"Please check {shown}: the guess is uncertain."), icon=":material/help:")
    meanings = Meanings(wizard.dictionary, wizard.raw.decimal)
    hidden = {r.column for r in risks(wizard.raw)}
    rows = []
    for raw in wizard.raw.columns:
        how = wizard.map.column(raw.header) or ColumnMap(raw.header)
        some = [v for v in raw.words[:40] if v][:3]
        examples = (
            "(hidden)" if raw.header in hidden or how.role == "drop" else " · ".join(shorten(v, 24) for v in some)
        )
        rows.append({
            "Column": raw.header, "Examples": examples, "Meaning": meanings.label_of(how), "Unit": _unit(wizard, how),
            "Missing codes": ", ".join(how.missing), "Sure": how.confidence, "Why": how.reason,
        })  # fmt: skip
    key = f"wizard-columns-{wizard.turn}"
    fixed = ("Column", "Examples", "Sure", "Why")
    st.data_editor(
        pd.DataFrame(rows), key=key, hide_index=True, disabled=fixed, width="stretch", num_rows="fixed",
        height=min(35 * (len(rows) + 1) + 3, 760),
        on_change=_edited, args=(wizard, key),
        column_config={
            "Meaning": st.column_config.SelectboxColumn(options=meanings.labels, required=True, width=180),
            "Unit": st.column_config.SelectboxColumn(options=[NO_UNIT, *UNITS, *LENGTHS], width="small"),
            "Sure": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width="small"),
            "Missing codes": st.column_config.TextColumn("Missing", width=110, help="Codes, such as 9, UK"),
            "Column": st.column_config.TextColumn(width=170),
            "Examples": st.column_config.TextColumn(width=170),
            "Why": st.column_config.TextColumn(width="large"),
        },
    )  # fmt: skip
    _one_column(wizard, meanings)


def _unit(wizard: Draft, how: ColumnMap) -> str:
    """A column's unit: the mapping's, else the one that its variable has by its name."""
    known = wizard.dictionary.variables.get(how.variable)
    return how.unit or (known.unit if known and how.role == "time" else "") or NO_UNIT


def _edited(wizard: Draft, key: str) -> None:
    """A person changed cells of the table."""
    meanings = Meanings(wizard.dictionary, wizard.raw.decimal)
    for row, changes in st.session_state[key]["edited_rows"].items():
        raw = wizard.raw.columns[int(row)]
        how = wizard.map.column(raw.header) or ColumnMap(raw.header)
        if "Meaning" in changes:
            how = meanings.chosen(how, changes["Meaning"], raw)
        if "Unit" in changes:
            unit = changes["Unit"] if changes["Unit"] in (*UNITS, *LENGTHS) else ""
            how = replace(how, unit=unit, confidence=1.0, reason=CHOSEN)
        if "Missing codes" in changes:
            codes = (c.strip() for c in (changes["Missing codes"] or "").split(","))
            how = replace(how, missing=tuple(c for c in codes if c))
        wizard.change(how)


def _one_column(wizard: Draft, meanings: Meanings) -> None:
    """One column in detail: its meaning, and the names and order of its levels."""
    with st.expander("Change one column: meaning, unit, names and order of its levels", icon=":material/edit:"):
        header = st.selectbox("Column to change", wizard.raw.headers, key="wizard-column")
        raw, how = wizard.raw.column(header), wizard.map.column(header)
        if raw is None or how is None:
            return
        left, right = st.columns(2)
        label = meanings.label_of(how)
        tag = f"{own_slug(header)}-{wizard.turn}"
        chosen = left.selectbox("Meaning", meanings.labels, meanings.labels.index(label), key=f"meaning-{tag}")
        units = ["", *UNITS, *LENGTHS]
        timed = how.role in ("time", "number")
        unit = right.selectbox("Unit", units, units.index(how.unit), key=f"unit-{tag}", disabled=not timed)
        if chosen != label:
            wizard.change(meanings.chosen(how, chosen, raw))
            st.rerun()
        if unit != how.unit:
            wizard.decide(how, unit=unit)
        if how.role in ("category", "auto", "response", "sites") and len(raw.words) <= MANY:
            _levels(wizard, raw.uniques, how, tag)


def _levels(wizard: Draft, words: tuple[str, ...], how: ColumnMap, tag: str) -> None:
    names = {word: level for level, several in how.levels for word in several}
    order = {level: i + 1 for i, (level, _) in enumerate(how.levels)}
    start = []
    for word in sorted(filter(None, words), key=lambda w: (order.get(names.get(w) or w, len(words)), natural(w))):
        level = names.get(word, word)
        start.append({"In the file": word, "Level": level, "Order": order.setdefault(level, len(order) + 1)})
    table = st.data_editor(
        pd.DataFrame(start), key=f"levels-{tag}", hide_index=True, disabled=("In the file",), num_rows="fixed",
        column_config={"Order": st.column_config.NumberColumn(min_value=1, step=1)},
    )  # fmt: skip
    if st.button("Use these level names and this order", key=f"use-{tag}") and len(table):
        sorted_rows = table.sort_values("Order", kind="stable")
        levels: dict[str, list[str]] = {}
        for word, level in zip(sorted_rows["In the file"], sorted_rows["Level"], strict=True):
            levels.setdefault(" ".join(str(level).split()) or word, []).append(word)
        wizard.decide(how, levels=tuple((k, tuple(v)) for k, v in levels.items()))
