"""The wizard's questions, codes of events, words for sites, and own endpoints."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from necc.app.session.draft import MANY, Draft
from necc.app.session.plain import md, or_dash
from necc.app.widgets.asked import ask, settle_buttons
from necc.app.widgets.show import caption, heading
from necc.app.wizard.meanings import Meanings
from necc.core.dictionary import UNITS, Dictionary
from necc.core.text import joined, own_slug, plural, shorten
from necc.ingest import EndpointMap, Inspection
from necc.ingest.columns import Typer
from necc.ingest.mapping import CHOSEN, FLIPPED, ColumnMap
from necc.ingest.questions import Question, happened, unread_codes
from necc.ingest.sites import unmatched_words


def questions(wizard: Draft) -> None:
    """What the file can't tell by itself, and the codes of its events, to be looked at and changed."""
    asked: dict[str, list[Question]] = {}
    for question in wizard.questions:
        asked.setdefault(question.column, []).append(question)
    coded = [how for how in wizard.map.columns if how.role == "event" or _is_coded(wizard, how)]
    columns = dict.fromkeys([*asked, *(how.column for how in coded)])
    if columns:
        heading("Questions that only you can answer" if asked else "What the codes mean")
    for header in columns:
        with st.container(border=True, key=f"ask-{own_slug(header) or 'file'}"):
            for question in asked.get(header, []):
                if chosen := ask(question, wizard.turn):
                    wizard.settle(chosen, question.column)
            if how := next((how for how in coded if how.column == header), None):
                _codes(wizard, how)


def remedied(wizard: Draft, inspection: Inspection) -> None:
    """Beside what was found, the buttons that settle it; and what was settled, to be taken back."""
    if inspection.remedies:
        caption("What settles a finding, if it is what you mean:")
    for remedy in inspection.remedies:
        for answer in settle_buttons(remedy, wizard.turn):
            wizard.settle(answer, remedy.column)
    if wizard.steps:
        caption("What you settled: " + "; ".join(said for said, _ in wizard.steps) + ".")
        st.button("Undo the last", key="undo-settled", on_click=wizard.undo, icon=":material/undo:")


def _is_coded(wizard: Draft, how: ColumnMap) -> bool:
    """Whether a person may change the codes of a site's or a yes/no column: no format and no sign defines them."""
    if how.role not in ("site", "flag") or (how.event and how.reason not in (CHOSEN, FLIPPED)):
        return False
    return bool(unread_codes(wizard.asking, how))


def _codes(wizard: Draft, how: ColumnMap) -> None:
    """Which codes mean that it happened, or yes, with what follows from it; any of them together."""
    raw = wizard.asking.column(how.column)
    if raw is None:
        return
    counts = {v: raw.count(i) for i, v in enumerate(raw.uniques) if v not in how.missing}
    values = [v for v in counts if v or "" in (*how.event, *how.no_event)][:MANY]
    meant = happened(wizard.dictionary, how)
    what = {"site": meant, "flag": "count as yes"}.get(how.role, meant)
    what = f"say: {what}" if wizard.counted == "row" else what
    n, of = sum(counts.get(v, 0) for v in how.event), sum(counts.get(v, 0) for v in values)
    if how.event or how.role == "event":
        why = how.reason[:1].upper() + how.reason[1:]
        st.markdown(f"**{md(how.column)}**: {n:,} of {plural(of, wizard.counted)} {md(what)}. {md(why)}.")
    else:
        codes = [f"'{shorten(v, 20)}'" for v in unread_codes(wizard.asking, how)[:8]]
        meaning = Meanings(wizard.dictionary, wizard.raw.decimal).label_of(how)
        verb = f"{md(joined(codes))} {'is' if len(codes) == 1 else 'are'}"
        st.markdown(f"**{md(how.column)}** ({md(meaning)}): {verb} neither yes nor no. Which values mean yes?")
    key = f"event-{own_slug(how.column)}-{wizard.turn}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            f"Values that mean: {meant if how.role == 'event' else 'yes'}", values,
            [v for v in how.event if v in values], key=key,
            format_func=lambda v: f"{shorten(v, 30) or '(blank)'}  ({counts.get(v, 0):,})",
        )  # fmt: skip
        flip = st.button("Flip", key=f"flip-{key}", icon=":material/swap_horiz:", help="The other values mean it",
                         disabled=not how.event)  # fmt: skip
        _same_codes(wizard, how, values, key)
    if flip:
        wizard.decide(how, event=tuple(v for v in values if v not in how.event), no_event=how.event, reason=FLIPPED)
    if set(chosen) != set(how.event):
        wizard.decide(how, event=tuple(chosen), no_event=tuple(v for v in values if v not in chosen))


def _same_codes(wizard: Draft, how: ColumnMap, values: list[str], key: str) -> None:
    """One answer for all columns with the same codes: a file codes its yes and no in one way."""
    if how.role == "event" or not how.event:
        return
    alike = [
        c for c in wizard.map.columns
        if c.column != how.column and c.role in ("site", "flag") and not c.event and unread_codes(wizard.asking, c)
        and (raw := wizard.raw.column(c.column)) is not None and {v for v in raw.uniques if v} <= set(values)
    ]  # fmt: skip
    if alike and st.button(f"The same for {plural(len(alike), 'more column')}", key=f"same-{key}",
                           help=md(", ".join(shorten(c.column, 30) for c in alike[:20]))):  # fmt: skip
        for column in alike:
            wizard.change(replace(column, event=how.event, no_event=how.no_event, confidence=1.0, reason=CHOSEN))
        st.rerun()


# ---------------------------------------------------------------- sites, endpoints
def sites(wizard: Draft) -> None:
    """Words that name no known site, and the table of those that do."""
    columns = [c for c in wizard.map.columns if c.role == "sites"]
    marked = any(c.role == "site" for c in wizard.map.columns)
    if not columns and not marked:
        return
    heading("Sites of recurrence")
    known = wizard.dictionary.with_site_words(dict(wizard.map.site_words))
    typer, words, unknown = Typer(known), known.organ_words(), dict[str, int]()
    for how in columns:
        raw, variable = wizard.raw.column(how.column), wizard.dictionary.variables.get(how.variable)
        if raw is not None:
            unknown |= unmatched_words(raw, words, partial(typer.is_missing, known=variable, how=how))
    schemes, chosen = list(known.schemes), wizard.map.scheme or known.default_scheme.name
    scheme = st.selectbox("Sites are grouped as", schemes, schemes.index(chosen),
                          format_func=lambda s: known.schemes[s].label, key=f"scheme-{wizard.turn}")  # fmt: skip
    if scheme != chosen:
        wizard.set(replace(wizard.map, scheme=scheme))
        st.rerun()
    if columns:
        _site_words(wizard, unknown, known)


def _site_words(wizard: Draft, unknown: dict[str, int], known: Dictionary) -> None:
    labels = {organ.label: name for name, organ in known.organs.items()}
    names = {name: label for label, name in labels.items()}
    many = f"{wizard.counted.capitalize()}s"
    rows = [{"Words in the file": w, many: n, "Site": ""} for w, n in unknown.items()]
    rows += [{"Words in the file": w, many: None, "Site": names.get(o, "")} for w, o in wizard.map.site_words]
    if rows:
        count = plural(len(unknown), "wording")
        explained = (
            f"{count} named no site: counted under Other until you choose one."
            if unknown
            else "Your own words for sites."
        )
        caption(explained)
        key = f"site-words-{wizard.turn}"
        st.data_editor(
            pd.DataFrame(rows), key=key, hide_index=True, disabled=("Words in the file", many), num_rows="fixed",
            column_config={"Site": st.column_config.SelectboxColumn(options=["", *labels])}, on_change=_worded,
            args=(wizard, key, tuple(r["Words in the file"] for r in rows), labels),
        )  # fmt: skip
    with st.expander("The words that are known", icon=":material/dictionary:"):
        table = [{"Site": o.label, "Words": ", ".join(o.words)} for o in known.organs.values()]
        st.dataframe(pd.DataFrame(table), hide_index=True, width="stretch")


def _worded(wizard: Draft, key: str, words: tuple[str, ...], labels: dict[str, str]) -> None:
    chosen = dict(wizard.map.site_words)
    for row, changes in st.session_state[key]["edited_rows"].items():
        if "Site" in changes:
            chosen.pop(words[int(row)], None)
            if changes["Site"]:
                chosen[words[int(row)]] = labels[changes["Site"]]
    wizard.set(replace(wizard.map, site_words=tuple(chosen.items())))


def endpoints(wizard: Draft) -> None:
    """Endpoints of the file's own, from any two dates or a time and an event; the unit in which times are shown."""
    mapping = wizard.map
    with st.expander("Another endpoint, and the unit in which times are shown", icon=":material/timeline:"):
        units = ["", *UNITS]
        unit = st.selectbox("Show times in", units, units.index(mapping.unit), key=f"show-unit-{wizard.turn}",
                            format_func=lambda u: u or "the dictionary's unit")  # fmt: skip
        if unit != mapping.unit:
            wizard.set(replace(mapping, unit=unit))
            st.rerun()
        for endpoint in mapping.endpoints:
            with st.container(horizontal=True, vertical_alignment="center"):
                times = f"{endpoint.event_time} or {endpoint.time}" if endpoint.event_time else endpoint.time
                way = f"{endpoint.start} to {endpoint.event_date}" if endpoint.start else f"{times}, {endpoint.event}"
                st.markdown(md(f"{endpoint.name}: {way}"), width="stretch")
                kept = tuple(e for e in mapping.endpoints if e is not endpoint)
                st.button("Remove", key=f"remove-{own_slug(endpoint.name)}", on_click=wizard.set,
                          args=(replace(mapping, endpoints=kept),))  # fmt: skip
        with st.form(f"endpoint-{wizard.turn}", border=False):
            _endpoint_form(wizard)


def _endpoint_form(wizard: Draft) -> None:
    dates = ["", *(c.column for c in wizard.map.columns if c.role == "date")]
    times = ["", *(c.column for c in wizard.map.columns if c.role == "time")]
    events = ["", *(c.column for c in wizard.map.columns if c.role == "event")]
    a, b, c, d = st.columns(4)
    name = a.text_input("Name", placeholder="e.g. RFS")
    start = b.selectbox("From (date)", dates, format_func=or_dash)
    event_date = c.selectbox("To the event (date)", dates, format_func=or_dash)
    censor = d.selectbox("Or last seen (date)", dates, format_func=or_dash)
    time = b.selectbox("Or a time", times, format_func=or_dash)
    event = c.selectbox("With its event", events, format_func=or_dash)
    unit = d.selectbox("Shown in", UNITS, UNITS.index("months"))
    if st.form_submit_button("Add this endpoint"):
        if not name.strip() or not ((start and event_date) or (time and event)):
            st.warning("An endpoint needs a name, and two dates or a time with its event.", icon=":material/info:")
            return
        kept = tuple(e for e in wizard.map.endpoints if e.name != name.strip())
        own = EndpointMap(name.strip(), name.strip(), time, event, start, event_date, censor, unit)
        wizard.set(replace(wizard.map, endpoints=(*kept, own)))
        st.rerun()
