"""The forms by which a person changes a cohort: each makes steps of `necc.core.edits`, and shows what they would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from itertools import count

import pandas as pd
import streamlit as st

from necc.app.session.cache import style
from necc.app.session.plain import md
from necc.app.session.state import State
from necc.app.views.typed import cuts, rows, too_many_levels
from necc.app.widgets.show import caption, show
from necc.core.cohort import Cohort
from necc.core.dictionary import UNITS
from necc.core.edits import (
    CombineSites,
    Cut,
    Derive,
    Edit,
    FirstOf,
    LeaveOut,
    NewEndpoint,
    Order,
    Recode,
    row_fingerprint,
)
from necc.core.edits.steps import Closed
from necc.core.errors import AnalysisError
from necc.core.selection import filter_label
from necc.core.text import joined, plural, slug
from necc.present import figures
from necc.present.words.phrases import sentence
from necc.present.words.remarks import stay_unknown

Offer = Callable[[State, tuple[Edit, ...], str, Sequence[str]], None]
TURN = "edit-turn"
MOST_LEVELS = 60
EXAMPLES = (
    "`age_years / 10` · `tumor_size_cm > 4` · `if(age_years >= 65, 'older', 'younger')` · "
    "`months_between(diagnosis_date, recurrence_date)` · `site:lung and not site:bone`"
)


def begin_anew() -> None:
    """Empties the forms."""
    st.session_state[TURN] = _turn() + 1


def _turn() -> int:
    return int(st.session_state.get(TURN, 0))


def _key(name: str, *of: object) -> str:
    return "-".join(map(str, ("edit", name, *of, _turn())))


def _name_of(label: str, cohort: Cohort) -> str:
    """A column's name made of its label, that nobody has yet."""
    stem = _stem(label) or "new"
    stem = f"x_{stem}" if stem[0].isdigit() else stem
    known = cohort.dictionary
    return _free(stem, {*cohort.columns, *cohort.factor_names(), *known.variables, *known.groupings})


def _stem(label: str) -> str:
    return slug(label).replace("-", "_")[:40]


def _free(stem: str, taken: Container[str], before: str = "_") -> str:
    """The name itself, or with a number that nobody has yet."""
    return next(name for k in count(1) if (name := stem if k == 1 else f"{stem}{before}{k}") not in taken)


def picture(cohort: Cohort, names: Sequence[str], title: str) -> None:
    """Some factors and numbers of a cohort, how they are spread."""
    drawn = figures.overview(cohort, style(size="page", height=0), names=names, columns=1)
    show(drawn, title=title, explain="edits", name="edited", recipe=None)


# ---------------------------------------------------------------- levels
def levels(state: State, offer: Offer) -> None:
    """Renamed, merged and ordered levels of one column; the first is the reference of comparisons and models."""
    cohort = state.whole
    names = [n for n in cohort.orderable() if n in cohort.columns and len(cohort.factor(n).levels) <= MOST_LEVELS]
    many = [(cohort.variable(n).title(), k) for n in cohort.columns if (k := _levels_of(cohort, n)) > MOST_LEVELS]
    if many:
        caption(too_many_levels(many, MOST_LEVELS))
    if not names:
        caption("This cohort has no column with levels.")
        return
    name = st.selectbox("Column", names, format_func=lambda n: filter_label(cohort, n), key=_key("column"), width=340)
    factor = cohort.factor(name)
    fixed = cohort.variable(name).kind in ("flag", "event")
    caption(
        "The order decides tables, legends and the reference: the first is what others are compared with."
        if fixed
        else "Give two levels the same name to merge them. Place 1 is the reference that others are compared with."
    )
    rows = pd.DataFrame({
        "Level": factor.levels, "Patients": factor.counts(), "Read as": factor.levels,
        "Place": range(1, len(factor.levels) + 1),
    })  # fmt: skip
    most = max(1, *rows["Patients"])
    edited = st.data_editor(
        rows, key=_key("levels", name, state.fingerprint), hide_index=True, width=640,
        disabled=["Level", "Patients", *(["Read as"] if fixed else [])],
        column_config={
            "Patients": st.column_config.ProgressColumn(format="%d", min_value=0, max_value=int(most)),
            "Read as": st.column_config.TextColumn(required=True, max_chars=60),
            "Place": st.column_config.NumberColumn(min_value=1, max_value=len(rows), step=1, required=True),
        },
    )  # fmt: skip
    if factor.n_missing:
        caption(stay_unknown(factor.n_missing))
    made = steps_of(name, factor.levels, [str(w) for w in edited["Read as"]], [int(p) for p in edited["Place"]])
    if made:
        offer(state, made, "levels", [name])
    else:
        caption("Change a name or a place in the table.")


def _levels_of(cohort: Cohort, name: str) -> int:
    """How many values a column of words has."""
    return cohort.column(name).nunique() if cohort.variable(name).kind in ("category", "text") else 0


def steps_of(name: str, old: Sequence[str], new: Sequence[str], places: Sequence[int]) -> tuple[Edit, ...]:
    """The steps by which levels get other names and another order."""
    new = [" ".join(word.split()) or level for word, level in zip(new, old, strict=True)]
    groups: dict[str, list[str]] = {}
    for level, word in zip(old, new, strict=True):
        groups.setdefault(word, []).append(level)
    changed = tuple((word, tuple(members)) for word, members in groups.items() if members != [word])
    made: tuple[Edit, ...] = (Recode(name, changed),) if changed else ()
    first = {word: min(p for p, w in zip(places, new, strict=True) if w == word) for word in groups}
    ordered = tuple(sorted(groups, key=lambda word: (first[word], list(groups).index(word))))
    return (*made, Order(name, ordered)) if ordered != tuple(groups) else made


# ---------------------------------------------------------------- numbers and sites
def cut(state: State, offer: Offer) -> None:
    """Groups of a number."""
    cohort = state.whole
    names = list(cohort.number_names())
    if not names:
        caption("This cohort has no number.")
        return
    label_of = {n: cohort.variable(n).title() for n in names}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Number", names, format_func=label_of.__getitem__, key=_key("number"), width=300)
        typed = st.text_input("Cut at", key=_key("at", name), placeholder="40; 60", width=160)
        closed = st.selectbox("A value at a cut belongs", ("below it", "above it"), key=_key("closed"), width=180)
        usual = f"{cohort.variable(name).label}, grouped"
        label = st.text_input("Label", usual, key=_key("cut-label", name), width=280, max_chars=60)
    at, wrong = cuts(typed)
    if not at:
        picture(cohort, [name], "As it is")
    if not at or not label.strip():
        caption(wrong or "Say where to cut, with semicolons between the numbers.")
        return
    side: Closed = "right" if closed == "below it" else "left"
    new = _name_of(label, cohort)
    offer(state, (Cut(name, at, new, label.strip(), closed=side),), "cut", [name, new])


def sites(state: State, offer: Offer) -> None:
    """One site of several."""
    cohort = state.whole
    names = list(cohort.site_names)
    if len(names) < 2:
        caption("This cohort has fewer than two sites.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect("Sites", names, format_func=cohort.site_label, key=_key("sites"), width=420)
        usual = joined([cohort.site_label(s) for s in chosen], "or") if chosen else ""
        label = st.text_input("Called", usual, key=_key("sites-label", *chosen), width=300, max_chars=60)
    if len(chosen) < 2 or not label.strip():
        caption("Choose two or more: who has any of them has the new one, which takes their place.")
        return
    name = _free(_stem(label) or "combined", {*cohort.site_names, *cohort.organ_names})
    offer(state, (CombineSites(tuple(chosen), name, label.strip()),), "sites combined", [f"site:{name}"])


# ---------------------------------------------------------------- rows
def leave_out(state: State, offer: Offer) -> None:
    """Rows that no analysis counts, with the reason that the flow of patients tells."""
    from necc.project import filter_texts  # brings in analyses, for which the first page doesn't wait

    shown, whole = state.cohort, state.whole
    ways = ["Rows of the file", *([f"The {plural(len(shown), 'patient')} shown now"] if state.selection else [])]
    how = st.segmented_control("Who", ways, default=ways[0], required=True, key=_key("who", len(ways)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = ""
        if how == ways[0]:
            typed = st.text_input("Row numbers", key=_key("rows"), placeholder="12, 17-19", width=220,
                                  help="As in the spreadsheet: the header is row 1")  # fmt: skip
        why = st.text_input("Why", key=_key("why"), placeholder="no recurrence after review", width=360, max_chars=120)
    by_filter = how != ways[0]
    numbers, wrong = rows(typed, whole.index.tolist())
    if not why.strip() or not (by_filter or numbers):
        caption("The reason stands in the flow of patients and in the Methods. Only filters above narrow who is shown.")
        if wrong:
            caption(wrong)
        elif by_filter or numbers:
            caption("Say why: nobody is left out without a reason.")
        return
    texts, unwritten = filter_texts(state.selection, whole.columns)
    if by_filter and not unwritten:
        step = LeaveOut(where=texts, why=why.strip())
    else:
        numbers = tuple(shown.index.tolist()) if by_filter else numbers
        try:
            step = LeaveOut(tuple((n, row_fingerprint(whole, n)) for n in numbers), why=why.strip())
        except AnalysisError as problem:
            st.warning(md(sentence(str(problem))), icon=":material/edit:")
            return
    offer(state, (step,), "rows left out", [])


# ---------------------------------------------------------------- variables and endpoints
def variable(state: State, offer: Offer) -> None:
    """A variable computed from others by a formula."""
    cohort = state.whole
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.text_input("Label", key=_key("new-label"), placeholder="Age in decades", width=260, max_chars=60)
        unit = st.text_input("Unit", key=_key("new-unit"), placeholder="none", width=110, max_chars=20)
        formula = st.text_input("Formula", key=_key("formula"), placeholder="age_years / 10", width=460, max_chars=400)
    caption("Nothing but these signs and functions is understood, and nothing is run as a program.")
    st.markdown(f"Examples: {EXAMPLES}")
    _names(cohort)
    if not (label.strip() and formula.strip()):
        caption("Give it a label and a formula. Where a value that it needs isn't recorded, neither is the result.")
        return
    new = _name_of(label, cohort)
    offer(state, (Derive(new, formula.strip(), label.strip(), unit.strip()),), "new variable", [new])


def _names(cohort: Cohort) -> None:
    with st.expander("Names that a formula may hold", icon=":material/list:"):
        known = cohort.dictionary.variables
        table = [{"Name": n, "What it is": known[n].title(), "Kind": known[n].kind} for n in cohort.columns
                 if cohort.has(n) and known[n].kind not in ("identifier", "text")]  # fmt: skip
        table += [{"Name": f"site:{s}", "What it is": cohort.site_label(s), "Kind": "site"} for s in cohort.site_names]
        st.dataframe(pd.DataFrame(table), hide_index=True, width="stretch")


def endpoint(state: State, offer: Offer) -> None:
    """An endpoint of dates, of a time with an event, or the first of several."""
    cohort = state.whole
    known = cohort.dictionary.variables
    dates = [n for n in cohort.columns if known[n].kind == "date" and cohort.has(n)]
    numbers = list(cohort.number_names())
    events = [
        n for n in cohort.factor_names() if n in cohort.columns and known[n].kind in ("flag", "event", "category")
    ]
    there = list(cohort.endpoint_names())
    ways = {
        "From dates": len(dates) > 1, "From a time and an event": bool(numbers and events),
        "The first of several": len(there) > 1,
    }  # fmt: skip
    offered = [way for way, possible in ways.items() if possible]
    if not offered:
        caption("An endpoint needs two dates, a time with an event, or two endpoints; this cohort has none of these.")
        return
    how = st.segmented_control("How", offered, default=offered[0], required=True, key=_key("how", len(offered)))
    label = st.text_input("Label", key=_key("end-label", how), placeholder="Progression-free survival", width=320,
                          max_chars=60)  # fmt: skip
    name = _endpoint_name(label, cohort)
    titles = {n: known[n].title() for n in cohort.columns}
    step: Edit | None = None
    if how == "The first of several":
        words = {n: cohort.dictionary.endpoints[n].label for n in there}
        chosen = st.multiselect("Endpoints", there, format_func=words.__getitem__, key=_key("of"), width=520)
        step = FirstOf(name, tuple(chosen), label.strip()) if len(chosen) > 1 else None
    elif how == "From dates":
        with st.container(horizontal=True, vertical_alignment="bottom"):
            start = st.selectbox(
                "From", dates, index=None, format_func=titles.__getitem__, key=_key("start"), width=230
            )
            event = st.selectbox("To the event", dates, index=None, format_func=titles.__getitem__, key=_key("event"),
                                 width=230)  # fmt: skip
            until = st.selectbox("Otherwise until", dates, index=None, format_func=titles.__getitem__,
                                 key=_key("until"), width=230)  # fmt: skip
            unit = st.selectbox("In", UNITS, list(UNITS).index("months"), key=_key("unit"), width=120)
        step = NewEndpoint(name, label.strip(), start=start, event_date=event, censor_date=until, unit=unit) if (
            start and event and until) else None  # fmt: skip
    else:
        step = _timed(cohort, name, label.strip(), numbers, events, titles)
    if step is None or not label.strip():
        caption("Who has no event counts as observed until the end of their time, and no longer. Nothing is guessed: "
                "who has neither is left out of analyses of this endpoint, and counted.")  # fmt: skip
        return
    offer(state, (step,), "new endpoint", [])


def _timed(
    cohort: Cohort, name: str, label: str, numbers: list[str], events: list[str], titles: dict[str, str]
) -> Edit | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        time = st.selectbox("Time", numbers, index=None, format_func=titles.__getitem__, key=_key("time"), width=260)
        event = st.selectbox("Event", events, index=None, format_func=titles.__getitem__, key=_key("event-column"),
                             width=260)  # fmt: skip
        unit = st.selectbox("In", UNITS, list(UNITS).index("months"), key=_key("time-unit"), width=120)
    if not (time and event):
        return None
    levels = cohort.factor(event).levels
    happened = st.multiselect("The event happened where it says", levels, key=_key("happened", event), width=420)
    return (
        NewEndpoint(name, label, time=time, event=event, event_levels=tuple(happened), unit=unit) if happened else None
    )


def _endpoint_name(label: str, cohort: Cohort) -> str:
    """Initials of a label, as endpoints are called: PFS; with a number where another has them."""
    words = re.findall(r"[^\W\d_]+", label)
    return _free("".join(w[0] for w in words).upper()[:6] or "NEW", cohort.dictionary.endpoints, "")
