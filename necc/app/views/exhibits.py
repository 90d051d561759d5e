"""A part of the page for a report: its exhibits in order, and the files that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from necc.app.session.desk import Made
from necc.app.session.exhibits import kept_filters
from necc.app.session.plain import md
from necc.app.session.project import changes_now, gather, show_view
from necc.app.session.state import State, get_state
from necc.app.widgets.choices import chosen
from necc.app.widgets.show import bullets, caption, file_name, heading, of_rows
from necc.app.widgets.working import working
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.text import plural, shorten
from necc.present.words import project as words
from necc.project import Exhibit

LONGEST_TITLE, LONGEST_NOTE = 120, 2_000
Change = Callable[[list[Exhibit]], object]


@of_rows("A report")
def page(cohort: Cohort) -> None:
    """The exhibits, each with its title, its note and the ways to open, order and delete it; above, the files."""
    state = get_state()
    held = state.desk
    caption(words.EXHIBITS_LEAD)
    if not held.exhibits:
        st.info(words.NO_EXHIBIT, icon=":material/bookmarks:")
    if held.exhibits and not state.presenting:
        _files(state)
        heading("Exhibits")
    for place, one in enumerate(held.exhibits):
        _exhibit(state, place, one)
    if state.presenting:
        return
    with st.container(horizontal=True, key="exhibits-more"):
        st.button("Add the ready list", key="exhibits-ready", icon=":material/playlist_add:", on_click=_add_ready,
                  help=words.READY, disabled=not cohort.n_patients)  # fmt: skip
        with st.popover("Add a note", icon=":material/note_add:", key="exhibits-note"):
            key = f"exhibit-note-new-{len(held.exhibits)}"
            st.text_area("Note", max_chars=LONGEST_NOTE, key=key, help=words.NOTE)
            st.button("Add", key="exhibits-note-add", on_click=_add_note, args=(key,))
        if held.exhibits:
            st.button("Remove all", key="exhibits-clear", icon=":material/delete_sweep:", type="tertiary",
                      on_click=_clear)  # fmt: skip
        if held.deleted:
            n = len(held.deleted[-1])
            what = f"'{md(shorten(held.deleted[-1][0][1].title))}'" if n == 1 else plural(n, "exhibit")
            st.button(f"Bring back {what}", key="kept-back", type="tertiary", icon=":material/undo:",
                      on_click=_bring_back)  # fmt: skip


def _exhibit(state: State, place: int, one: Exhibit) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"kept-{place}"):
        st.markdown(f"{place + 1}. **{md(one.title)}** · {md(words.described(one))}", width="stretch")
        opened = one.page and st.button("Open", key=f"kept-open-{place}", type="tertiary",
                                        icon=":material/open_in_new:")  # fmt: skip
        if not state.presenting:
            st.button("Up", key=f"kept-up-{place}", type="tertiary", icon=":material/arrow_upward:",
                      disabled=not place, on_click=_move, args=(place, -1))  # fmt: skip
            st.button("Down", key=f"kept-down-{place}", type="tertiary", icon=":material/arrow_downward:",
                      disabled=place == len(state.desk.exhibits) - 1, on_click=_move, args=(place, 1))  # fmt: skip
            with st.popover("Edit", type="tertiary", icon=":material/edit:", key=f"kept-edit-{place}"):
                mark = abs(hash((one.title, one.note)))
                title, note = f"kept-title-{place}-{mark}", f"kept-note-{place}-{mark}"
                st.text_input("Title", one.title, max_chars=LONGEST_TITLE, key=title, on_change=_edit,
                              args=(place, title, "title"))  # fmt: skip
                st.text_area("Note below it", one.note, max_chars=LONGEST_NOTE, key=note, on_change=_edit,
                             args=(place, note, "note"))  # fmt: skip
            if one.shows:
                with st.popover("Script", type="tertiary", icon=":material/code:", key=f"kept-script-{place}"):
                    caption(words.SCRIPT)
                    for language, suffix in (("R", "R"), ("Python", "py")):
                        st.download_button(
                            language, partial(_script, place, suffix), file_name(f"exhibit-{place + 1}", suffix),
                            "text/plain", key=f"kept-script-{suffix}-{place}", on_click="ignore",
                            icon=":material/download:",
                        )  # fmt: skip
            st.button("Delete", key=f"kept-delete-{place}", type="tertiary", icon=":material/delete:",
                      on_click=_delete, args=(place,))  # fmt: skip
    if opened:
        findings = show_view(state, one)
        state.messages += [f.message for f in findings]
        st.switch_page(f"pages/{one.page}.py")


def _script(place: int, suffix: str) -> bytes:
    """The script of one exhibit: the same numbers from the same file."""
    from necc.report import make_report
    from necc.report.scripts import python_script, r_script

    state = get_state()
    project, _ = gather(state)
    project = replace(project, exhibits=(state.desk.exhibits[place],))
    report = make_report(project, state.whole, loaded=state.as_loaded, inspection=state.inspection())
    return (r_script if suffix == "R" else python_script)(report).encode()


# ---------------------------------------------------------------- changes of the list
def _change(change: Change) -> None:
    state = get_state()
    order = list(state.desk.exhibits)
    change(order)
    state.desk.exhibits, state.touched = tuple(order), True


def _move(place: int, by: int) -> None:
    _change(lambda order: order.insert(place + by, order.pop(place)))


def _edit(place: int, key: str, what: str) -> None:
    typed = str(st.session_state[key])
    text = " ".join(typed.split()) if what == "title" else typed.strip()
    if text or what == "note":
        one = get_state().desk.exhibits[place]
        one = replace(one, title=text) if what == "title" else replace(one, note=text)
        _change(lambda order: order.__setitem__(place, one))


def _add_note(key: str) -> None:
    if text := str(st.session_state.get(key, "")).strip():
        _change(lambda order: order.append(Exhibit(shorten(" ".join(text.split()), 60), note=text)))


def ready_now(state: State, also: tuple[str, ...] = (), by: str = "") -> tuple[Exhibit, ...]:
    """The ready list for the patients shown, with the choices of their pages.

    also: filters beside those that hold, as texts. by: what groups are made by instead of what was chosen.

    Raises:
        AnalysisError: a filter that holds can't be kept.
    """
    from necc.app.views.conventions import LIMITS
    from necc.core.selection import Selection
    from necc.report import ready

    texts, there = kept_filters(state), state.whole
    by = by or str(state.chosen.get("by", ""))
    endpoint = state.chosen.get("endpoint")
    return ready(
        Selection.parse(also, there.columns).apply(state.cohort), filters=(*texts, *also),
        ci=chosen("ci", LIMITS, fixed=True),
        endpoint=str(endpoint) if endpoint in there.endpoint_names() else None,
        by=by if by in there.factor_names() else None,
    )  # fmt: skip


def _add_ready() -> None:
    try:
        listed = ready_now(get_state())
    except AnalysisError as error:
        st.toast(md(f"The ready list isn't added: {error.told}."), icon=":material/block:")
        return
    _change(lambda order: order.extend(one for one in listed if one not in order))


def _delete(place: int) -> None:
    held = get_state().desk
    held.deleted = (*held.deleted, ((place, held.exhibits[place]),))
    _change(lambda order: order.pop(place))


def _clear() -> None:
    held = get_state().desk
    held.deleted = (*held.deleted, tuple(enumerate(held.exhibits)))
    _change(lambda order: order.clear())


def _bring_back() -> None:
    held = get_state().desk
    if held.deleted:
        *before, last = held.deleted
        held.deleted = tuple(before)

        def back(order: list[Exhibit]) -> None:
            for place, one in last:
                order.insert(place, one)

        _change(back)


# ---------------------------------------------------------------- files
def _files(state: State) -> None:
    """Which files, the button that makes them with its bar, and then the ways to take them."""
    from necc.report.bundle import FILES

    heading("Files", explain="report-files")
    with st.container(horizontal=True, vertical_alignment="bottom", key="report-which"):
        wanted = st.pills("Make", list(FILES), selection_mode="multi", default=["docx"], key="report-kinds",
                          format_func=lambda kind: FILES[kind])  # fmt: skip
        st.number_input("Hide counts below", 0, 100, state.desk.hide_below, key="report-hide",
                        on_change=_hide, help=words.HIDE, width=160)  # fmt: skip
        rows = st.toggle("With patients' rows", key="report-patients", help=words.WITH_ROWS,
                         disabled=state.desk.hide_below > 1)  # fmt: skip
        asked = st.button("Make the files", key="report-make", icon=":material/play_arrow:", type="primary",
                          disabled=not wanted)  # fmt: skip
    if asked:
        _make(state, tuple(wanted), rows)
    if made := state.desk.made:
        if made.of != _mark(state):
            caption(words.FILES_OLD)
        with st.container(horizontal=True, key="report-files"):
            for name, kind, content, mime in made.downloads:
                stem, _, suffix = name.rpartition(".")
                st.download_button(kind, content, file_name(stem, suffix), mime, key=f"report-file-{name}",
                                   on_click="ignore", icon=":material/download:")  # fmt: skip
        bullets(map(md, made.problems))


def _mark(state: State) -> object:
    """What files are made of, compared by value."""
    return (state.fingerprint, state.edits, state.desk.exhibits, state.desk.title, state.desk.hide_below)


def _hide() -> None:
    held = get_state().desk
    held.hide_below, held.made = int(st.session_state["report-hide"]), None  # what is hidden now stands in those files


def _stopped() -> None:
    st.toast(words.STOPPED, icon=":material/close:")


def _make(state: State, wanted: tuple[str, ...], rows: bool) -> None:
    """Makes the files; any click elsewhere ends the work, and what was made before stays."""
    from necc.report import make_report
    from necc.report.bundle import MIME, bundle

    project, told = gather(state)
    with working("Computing …", "Stop", "report-stop", _stopped) as said:
        report = make_report(
            project, state.whole, loaded=state.as_loaded, inspection=state.inspection(), changes=changes_now(state),
            progress=lambda share, what: said(0.2 * share, what),
        )  # fmt: skip
        files = bundle(report, wanted, patients=rows, progress=lambda share, what: said(0.2 + 0.8 * share, what))
    one = [
        (name, words.FILE_NAMES[kind], content, MIME[kind])
        for name, content in files.files.items()
        if (kind := name.rpartition(".")[2]) in words.FILE_NAMES and "/" not in name
    ]
    everything = ("report.zip", words.EVERYTHING, files.to_zip(report), MIME["zip"])
    problems = (*files.problems, *(f.message for f in told if f.severity != "info"))
    state.desk.made = Made(_mark(state), (*one, everything), problems)
