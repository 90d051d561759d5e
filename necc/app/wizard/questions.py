"""The wizard's questions: event codes, order of dates, edition of a stage, unit; words for sites; own endpoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from necc.app.session.plain import md, or_dash
from necc.app.widgets.show import caption, heading
from necc.app.wizard.answers import MANY, UNSURE, Wizard
from necc.app.wizard.meanings import CHOSEN
from necc.core.dictionary import UNITS, Dictionary, Variable, side_of, spelling
from necc.core.text import joined, own_slug, plural, shorten
from necc.ingest import EndpointMap
from necc.ingest.columns import Typer
from necc.ingest.dates import parse_dates
from necc.ingest.mapping import ColumnMap
from necc.ingest.sites import unmatched_words

NEITHER = "Neither"
FLIPPED = "flipped by a person"


def questions(wizard: Wizard) -> None:
    """What the file can't tell by itself."""
    asked: list[tuple[ColumnMap, Callable[[Wizard, ColumnMap], None]]] = []
    for how in wizard.map.columns:
        if how.role == "event" or _is_coded(wizard, how):
            asked.append((how, _codes))
        elif how.role == "date" and (how.date_order or _ambiguous(wizard, how)):
            asked.append((how, _date_order))
        elif how.confidence < UNSURE and len(_editions(wizard.dictionary, how.variable)) > 1:
            asked.append((how, _edition))
        elif _unit_is_guessed(how):
            asked.append((how, _unit))
    if asked:
        heading("Questions that only you can answer")
    for how, ask in asked:
        with st.container(border=True, key=f"ask-{own_slug(how.column)}"):
            ask(wizard, how)


def _is_coded(wizard: Wizard, how: ColumnMap) -> bool:
    """Whether a site's or a yes/no column holds other codes than those for yes and no, and no format defines them."""
    if how.event and how.reason not in (CHOSEN, FLIPPED):
        return False
    return bool(_unread_codes(wizard, how)) if how.role in ("site", "flag") else False


def _unread_codes(wizard: Wizard, how: ColumnMap) -> tuple[str, ...]:
    """Values of a yes/no column that mean neither yes nor no by themselves, such as the 2 of 1 and 2."""
    raw = wizard.raw.column(how.column)
    if raw is None:
        return ()
    typer, variable = Typer(wizard.dictionary, wizard.raw.decimal), wizard.dictionary.variables.get(how.variable)
    own = variable.spellings() if variable and variable.synonyms else {}
    raw = raw.relabelled({word: level for level, words in how.levels for word in words})
    return tuple(v for v in raw.uniques if not (typer.is_missing(v, variable, how) or side_of(v) or spelling(v) in own))


def _happened(wizard: Wizard, how: ColumnMap) -> tuple[str, str]:
    """What the codes of a column mean, after "of 60 patients" and after "Values that mean"."""
    known = wizard.dictionary.variables.get(how.variable)
    if how.role == "site":
        organ = wizard.dictionary.organs.get(how.site)
        place = f"{organ.label[:1].lower()}{organ.label[1:]}" if organ else shorten(how.site or how.column, 30)
        return f"recurred here: {place}", "yes"
    if how.role == "flag":
        return "count as yes", "yes"
    what = f"{known.label[:1].lower()}{known.label[1:]}" if known and known.kind == "event" else "had the event"
    return what, what


def _codes(wizard: Wizard, how: ColumnMap) -> None:
    """Which codes mean that it happened, or yes, with what follows from it."""
    raw = wizard.raw.column(how.column)
    if raw is None:
        return
    raw = raw.relabelled({word: level for level, words in how.levels for word in words})
    counts = {v: raw.count(i) for i, v in enumerate(raw.uniques) if v not in how.missing}
    values = [v for v in counts if v or "" in (*how.event, *how.no_event)][:MANY]
    what, meant = _happened(wizard, how)
    what = f"say: {what}" if wizard.counted == "row" else what
    n, of = sum(counts.get(v, 0) for v in how.event), sum(counts.get(v, 0) for v in values)
    if how.event or how.role == "event":
        why = how.reason[:1].upper() + how.reason[1:]
        st.markdown(f"**{md(how.column)}**: {n:,} of {plural(of, wizard.counted)} {md(what)}. {md(why)}.")
    else:
        codes = [f"'{shorten(v, 20)}'" for v in _unread_codes(wizard, how)[:8]]
        meaning, verb = wizard.meanings().label_of(how), f"{md(joined(codes))} {'is' if len(codes) == 1 else 'are'}"
        st.markdown(f"**{md(how.column)}** ({md(meaning)}): {verb} neither yes nor no. Which values mean yes?")
    key = f"event-{own_slug(how.column)}-{wizard.turn}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            f"Values that mean: {meant}", values, [v for v in how.event if v in values], key=key,
            format_func=lambda v: f"{shorten(v, 30) or '(blank)'}  ({counts.get(v, 0):,})",
        )  # fmt: skip
        flip = st.button("Flip", key=f"flip-{key}", icon=":material/swap_horiz:", help="The other values mean it",
                         disabled=not how.event)  # fmt: skip
        _same_codes(wizard, how, values, key)
        sure = _event_is_guessed(how) and st.button("That is right", key=f"sure-{key}", disabled=not how.event)
    if sure:
        wizard.decide(how)
    if flip:
        wizard.decide(how, event=tuple(v for v in values if v not in how.event), no_event=how.event, reason=FLIPPED)
    if set(chosen) != set(how.event):
        wizard.decide(how, event=tuple(chosen), no_event=tuple(v for v in values if v not in chosen))


def _same_codes(wizard: Wizard, how: ColumnMap, values: list[str], key: str) -> None:
    """One answer for all columns with the same codes: a file codes its yes and no in one way."""
    if how.role == "event" or not how.event:
        return
    alike = [
        c for c in wizard.map.columns
        if c.column != how.column and c.role in ("site", "flag") and not c.event and _unread_codes(wizard, c)
        and (raw := wizard.raw.column(c.column)) is not None and {v for v in raw.uniques if v} <= set(values)
    ]  # fmt: skip
    if alike and st.button(f"The same for {plural(len(alike), 'more column')}", key=f"same-{key}",
                           help=md(", ".join(shorten(c.column, 30) for c in alike[:20]))):  # fmt: skip
        for column in alike:
            wizard.change(replace(column, event=how.event, no_event=how.no_event, confidence=1.0, reason=CHOSEN))
        st.rerun()


def _ambiguous(wizard: Wizard, how: ColumnMap) -> bool:
    raw = wizard.raw.column(how.column)
    return raw is not None and bool(parse_dates([v for v in raw.uniques if v]).question)


def _date_order(wizard: Wizard, how: ColumnMap) -> None:
    raw = wizard.raw.column(how.column)
    example = next((v for v in raw.uniques if v), "") if raw else ""
    options = ["day-month", "month-day"]
    read = {o: str(parse_dates([example], o).values[0])[:10] for o in options}
    chosen = st.radio(
        md(f"{how.column}: in which order is the date {example} written?"), options, horizontal=True,
        index=options.index(how.date_order) if how.date_order in options else None,
        key=f"order-{own_slug(how.column)}-{wizard.turn}",
        format_func=lambda o: f"{o} ({read[o]})",
    )  # fmt: skip
    if chosen and chosen != how.date_order:
        wizard.decide(how, date_order=chosen)


def _editions(known: Dictionary, name: str) -> dict[str, Variable]:
    """The editions of a staging, by the years that a cell may say beside the stage; none for any other variable."""
    if name not in known.variables or not known.variables[name].edition:
        return {}
    variables = [v for v in known.variables.values() if v.edition]
    return {joined([w for w in v.strip if w.isdigit()], "or") or v.edition: v for v in variables}


def _edition(wizard: Wizard, how: ColumnMap) -> None:
    editions = _editions(wizard.dictionary, how.variable)
    staging = wizard.dictionary.variables[how.variable].label.partition(" (")[0]
    chosen = st.radio(
        md(f"{how.column}: of which edition is this {staging}?"), [*editions, NEITHER], horizontal=True, index=None,
        key=f"edition-{own_slug(how.column)}-{wizard.turn}", help=md(" ".join(v.help for v in editions.values())),
    )  # fmt: skip
    if chosen:
        variable = editions[chosen].name if chosen in editions else ""
        wizard.decide(how, role="category" if variable else "auto", variable=variable)


def unanswered(wizard: Wizard) -> tuple[str, ...]:
    """The columns whose answer loading waits for: times of a guessed unit, and codes guessed or told of none as yes."""
    columns = wizard.map.columns
    guessed = [c for c in columns if _unit_is_guessed(c) or _event_is_guessed(c)]
    return tuple(c.column for c in columns if c in guessed or (_is_coded(wizard, c) and not c.event))


def _event_is_guessed(how: ColumnMap) -> bool:
    """1 and 2, say: a wrong guess would make everybody dead without a word."""
    return how.role == "event" and how.confidence < UNSURE


def _unit_is_guessed(how: ColumnMap) -> bool:
    return how.role == "time" and how.confidence < UNSURE


def _unit(wizard: Wizard, how: ColumnMap) -> None:
    chosen = st.radio(
        md(f"{how.column}: in which unit is this time? ({how.reason})"), UNITS, horizontal=True,
        index=UNITS.index(how.unit) if how.unit in UNITS else None,
        key=f"ask-unit-{own_slug(how.column)}-{wizard.turn}",
    )  # fmt: skip
    sure = st.button("That is right", key=f"sure-{own_slug(how.column)}-{wizard.turn}")
    if chosen and (chosen != how.unit or sure):
        wizard.decide(how, unit=chosen)


# ---------------------------------------------------------------- sites, endpoints
def sites(wizard: Wizard) -> None:
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


def _site_words(wizard: Wizard, unknown: dict[str, int], known: Dictionary) -> None:
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


def _worded(wizard: Wizard, key: str, words: tuple[str, ...], labels: dict[str, str]) -> None:
    chosen = dict(wizard.map.site_words)
    for row, changes in st.session_state[key]["edited_rows"].items():
        if "Site" in changes:
            chosen.pop(words[int(row)], None)
            if changes["Site"]:
                chosen[words[int(row)]] = labels[changes["Site"]]
    wizard.set(replace(wizard.map, site_words=tuple(chosen.items())))


def endpoints(wizard: Wizard) -> None:
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
                way = (
                    f"{endpoint.start} to {endpoint.event_date}"
                    if endpoint.start
                    else f"{endpoint.time}, {endpoint.event}"
                )
                st.markdown(md(f"{endpoint.name}: {way}"), width="stretch")
                kept = tuple(e for e in mapping.endpoints if e is not endpoint)
                st.button("Remove", key=f"remove-{own_slug(endpoint.name)}", on_click=wizard.set,
                          args=(replace(mapping, endpoints=kept),))  # fmt: skip
        with st.form(f"endpoint-{wizard.turn}", border=False):
            _endpoint_form(wizard)


def _endpoint_form(wizard: Wizard) -> None:
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
