"""What a cohort will be by the wizard's mapping: patients, events, what an endpoint still lacks, and the first rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from necc.analysis.understood import understood
from necc.app.session.draft import Draft
from necc.app.session.plain import md
from necc.app.widgets.show import NOT_RECORDED, caption, findings, heading, numbers
from necc.core.cohort import Cohort
from necc.core.text import joined, shorten
from necc.ingest import Inspection
from necc.ingest import summarise as summary_of
from necc.ingest.remedies import told_of
from necc.present.words import understood as words

FIRST = 5  # rows shown


def preview(wizard: Draft) -> Inspection:
    """The file as the mapping reads it, drawn; and what reading it gave."""
    heading("What you will get")
    bar = st.empty()
    inspection = wizard.inspection(lambda share, phrase: bar.progress(min(share, 1.0), phrase))
    bar.empty()
    if inspection.cohort is not None:
        cohort = inspection.cohort
        summary = summary_of(cohort)
        numbers(
            ("patients", f"{len(cohort):,}"),
            *((f"{n}: events", f"{e['events']:,} of {e['patients']:,}") for n, e in summary["endpoints"].items()),
            explain="endpoints findings",
        )
        held = understood(cohort, *told_of(wizard.map))
        lacks = words.lacking(held)
        if lacks:
            st.warning(md(f"{words.understood(held)} {lacks.partition(' Say on')[0]}"), icon=":material/warning:")
        else:
            caption(words.understood(held))
        _lacking(wizard, cohort)
        st.dataframe(first_rows(cohort), width="stretch", hide_index=True, placeholder=NOT_RECORDED)
    findings(inspection.findings, "wizard", 30)
    return inspection


def _lacking(wizard: Draft, cohort: Cohort) -> None:
    """Which endpoints can't be computed, those nearest to complete first, and the meanings that would complete them."""
    missing = _missing_parts(wizard, cohort)
    if not missing:
        return
    if not cohort.endpoint_names():
        st.warning("No endpoint can be computed yet, so there would be no survival.", icon=":material/timer_off:")
    caption("Not available in this file: " + "; ".join(cohort.endpoint_lacks(n) for n in missing) + ".")
    if message := _completing(wizard, missing, bool(cohort.endpoint_names())):
        st.info(md(message), icon=":material/lightbulb:")


def _missing_parts(wizard: Draft, cohort: Cohort) -> dict[str, list[str]]:
    """The variables for time and event that each endpoint lacks, those nearest to complete first."""
    lacking = {}
    for name, endpoint in cohort.dictionary.endpoints.items():
        if text := cohort.endpoint_lacks(name):
            lacking[name] = [part for part in (endpoint.time, endpoint.event) if part and f"(column '{part}'" in text]
    return dict(sorted(lacking.items(), key=lambda item: (len(item[1]), not all(_free(wizard, p) for p in item[1]))))


def _free(wizard: Draft, part: str) -> list[str]:
    """Columns that are an event, or a time, of no variable yet, and so may be this one."""
    variable = wizard.dictionary.variables.get(part)
    role = "event" if variable is not None and variable.kind == "event" else "time"
    return [f"'{shorten(c.column, 30)}'" for c in wizard.map.columns if c.role == role and not c.variable]


def _completing(wizard: Draft, missing: dict[str, list[str]], any_endpoint: bool) -> str:
    """Which meaning completes an endpoint that lacks a single column; beside other endpoints only of which column."""
    by_part: dict[str, list[str]] = {}
    for name, parts in missing.items():
        if len(parts) == 1 and parts[0] in wizard.dictionary.variables:
            by_part.setdefault(parts[0], []).append(name)
    known, open_ones = [], []
    for part, names in by_part.items():
        meaning, free = f"'{wizard.dictionary.variables[part].label}'", _free(wizard, part)
        if free:
            known.append(f"giving {joined(free[:4], 'or')} the meaning {meaning} completes {joined(names)}")
        else:
            open_ones.append(f"{meaning} completes {joined(names)}")
    lines = [f"In the table above, {'; '.join(known)}."] if known else []
    if open_ones and not any_endpoint:
        lines.append(f"Among the meanings of a column, {joined(open_ones)}.")
    return " ".join(lines)


# ---------------------------------------------------------------- the first rows
def first_rows(cohort: Cohort) -> pd.DataFrame:
    """The first patients as a person reads them: labels for headings, numbers with the decimals that they need."""
    shown: dict[str, list[str]] = {}
    for name in cohort.columns:
        variable = cohort.dictionary.variables.get(name)
        label = shorten(variable.label if variable else name)
        unit = f" ({variable.unit})" if variable and variable.unit and variable.unit not in label else ""
        heading = f"{label}{unit}" if f"{label}{unit}" not in shown else f"{label} ({name})"
        shown[heading] = _texts(cohort.column(name))
    return pd.DataFrame(shown)


def _texts(values: pd.Series) -> list[str]:
    first = values.head(FIRST)
    digits = _digits(values) if pd.api.types.is_float_dtype(values) else 0
    return [
        "" if pd.isna(v) else f"{v:.{digits}f}" if isinstance(v, float)
        else str(v.date()) if isinstance(v, pd.Timestamp) else shorten(str(v))
        for v in first
    ]  # fmt: skip


def _digits(values: pd.Series) -> int:
    """Decimals: none of whole numbers, three of fractions below 1, else one."""
    known = np.abs(values.dropna().to_numpy())
    if not (known % 1).any():
        return 0
    return 1 if known.max() >= 1 else 3
