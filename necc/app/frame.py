"""What surrounds every page: the data source, the filters, who is left, and what happens when a page breaks."""

from __future__ import annotations

import gc
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from urllib.parse import urlencode

import streamlit as st

from necc.app import facets, links
from necc.app.cache import cached, style
from necc.app.state import State, started, state
from necc.app.words import esc, md
from necc.cohort import Cohort
from necc.errors import AnalysisError, NeccError, SelectionError
from necc.ingest import READERS
from necc.text import plural

NAME = "NECC cohort explorer"
LOG = logging.getLogger("necc.app")


def _asset(name: str) -> str:
    return (resources.files("necc.app") / name).read_text(encoding="utf-8")


_panel = st.components.v2.component(
    "necc_filters", html='<div class="panel"></div>', css=_asset("filters.css"), js=_asset("filters.js")
)


def configure() -> None:
    """Page title and width. The icon is an emoji: a material icon would be fetched from elsewhere."""
    st.set_page_config(NAME, page_icon="🎗️", layout="wide", initial_sidebar_state=340)


@st.cache_resource(show_spinner=False)
def settled(modules: int) -> int:
    """Collects once and exempts what is loaded: Streamlit collects after every run, and would walk through it all."""
    gc.collect()
    gc.freeze()
    return modules


def _settle() -> None:
    """Again only when a page has brought in another library."""
    settled(len(sys.modules) // 200)


# ---------------------------------------------------------------- the frame
@contextmanager
def frame(page: st.Page) -> Iterator[None]:
    """Draws what surrounds a page; whatever fails in here is told in a sentence, without showing how."""
    surrounded = False
    try:
        with _told():
            _surround(page)
            surrounded = True
        if not surrounded:
            st.stop()
        with _told():
            yield
    finally:
        if started():
            _write_address(state())
            state().touched = False
        _settle()


@contextmanager
def _told() -> Iterator[None]:
    """A question the cohort can't be asked, and any failure, as a sentence."""
    try:
        yield
    except (AnalysisError, SelectionError) as error:
        st.info(md(f"{error}."[:1].upper() + f"{error}."[1:]), icon=":material/info:")
    except Exception as error:  # noqa: BLE001 - no traceback, path or value on a page or in the log
        _broke(error)


def _surround(page: st.Page) -> None:
    now = state()
    _follow_address(now, page.url_path)
    st.html(f"<style>{_style()}</style>")
    if now.presenting:
        _leave_presentation()
    else:
        _sidebar(now)
    _messages(now)
    _notice(now)
    _bar(now)


def _style() -> str:
    now = style()
    page = f":root {{ --necc-page: {now.ink('page')}; --necc-text: {now.ink('text')}; }}\n"
    return page + _asset("style.css") + (_asset("presentation.css") if state().presenting else "")


def _broke(error: Exception) -> None:
    """The log learns the kind of error and the line, never its text: that can hold a cell of the cohort."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    LOG.error("a page failed: %s in %s line %s", type(error).__name__, last.name, last.lineno)
    st.error(
        "This page could not be drawn with this cohort and these filters. Nothing was lost: change a filter, or undo "
        f"the last one. If it stays, report it as: {type(error).__name__}, {last.name}, line {last.lineno}.",
        icon=":material/error:",
    )


def cohort() -> Cohort:
    """The filtered cohort; the first call of every page.

    A folder pages/ makes Streamlit run a deep link's page alone when it is the first request after a cold start; then
    this turns navigation on and runs the whole dashboard.
    """
    if not started():
        from necc.app.navigation import pages

        st.navigation(pages())
        st.rerun()
    return state().cohort


# ---------------------------------------------------------------- address
def _filters_in_address() -> dict[str, list[str]]:
    names = [name for name in st.query_params if name not in links.RESERVED]
    return {name: st.query_params.get_all(name) for name in names}


def _filters_of(now: State) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in (*links.to_pairs(now.selection, now.whole), *now.waiting):
        found.setdefault(name, []).append(value)
    return found


def _follow_address(now: State, page: str) -> None:
    """The browser's back button brings an earlier address of the same page; a new page comes with none."""
    if page == now.page and not now.touched and now.written is not None:
        address = _filters_in_address()
        if address != now.written and address != _filters_of(now):
            now.follow_link(address)
    now.page = page


def query(now: State) -> dict[str, list[str]]:
    """The query that reproduces what is shown."""
    mark = {} if now.sample else {"cohort": [links.cohort_mark(now.whole)]}
    view = {"view": ["presentation"]} if now.presenting else {}
    return {**mark, **_filters_of(now), **view}


def _write_address(now: State) -> None:
    wanted = query(now)
    if {name: st.query_params.get_all(name) for name in st.query_params} != wanted:
        st.query_params.from_dict(wanted)
    now.written = _filters_of(now)


def link(now: State) -> str:
    """The whole address, to be copied."""
    address = (st.context.url or "").split("?")[0]
    asked = urlencode(query(now), doseq=True)
    return f"{address}?{asked}" if asked else address


# ---------------------------------------------------------------- above the page
def _messages(now: State) -> None:
    for message in now.messages:
        st.warning(md(message), icon=":material/link_off:")
    if now.presenting or now.touched:
        now.messages.clear()


def _notice(now: State) -> None:
    notice = now.whole.source.notice
    if notice:
        more = "" if now.presenting or not now.sample else " Load your own file on the left: it stays on this computer."
        what = ": the shipped sample, built from the printed figures of a paper." if now.sample else "."
        st.html(f'<div class="necc-notice" role="note"><b>{esc(notice)}</b>{esc(what)}{esc(more)}</div>')


def _bar(now: State) -> None:
    """Who is left, the filters that did it, and the ways back."""
    try:
        n = len(now.cohort)
    except SelectionError:  # a filter that no longer fits the cohort can't be applied: let it go
        now.select(type(now.selection)())
        n = len(now.cohort)
    total = len(now.whole)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="necc-bar"):
        st.markdown(f"**{n:,}** of {plural(total, 'patient')}", width="content")
        if now.presenting:
            if now.selection.conditions:
                st.markdown(md(now.selection.describe(now.whole)), width="content")
            return
        for place, condition in enumerate(now.selection.conditions):
            text = condition.describe(now.whole)
            st.button(
                md(text), key=f"chip-{place}-{condition.name}", icon=":material/close:", type="secondary",
                help="Remove this filter", on_click=_remove, args=(condition.name,),
            )  # fmt: skip
        _ways_back(now)


def _remove(name: str) -> None:
    now = state()
    now.select(now.selection.without(name))


def _ways_back(now: State) -> None:
    st.button(
        "Undo", icon=":material/undo:", key="undo", type="tertiary", shortcut="Ctrl+Z", on_click=now.undo,
        disabled=not now.history, help="Take back the last change of the filters",
    )  # fmt: skip
    st.button(
        "Reset", icon=":material/restart_alt:", key="reset", type="tertiary", on_click=_reset,
        disabled=not now.selection.conditions, help="Remove all filters",
    )  # fmt: skip
    if now.selection.conditions:
        with st.popover("Attrition", icon=":material/filter_alt:", type="tertiary"):
            attrition(now)
    with st.popover("Link", icon=":material/link:", type="tertiary"):
        st.markdown("This link reproduces the page and its filters. It holds no patient's data.")
        st.code(link(now), language=None, wrap_lines=True)
        if not now.sample:
            st.caption("The file itself stays here: who opens the link loads it first.")
    st.button(
        "Present", icon=":material/slideshow:", key="present", type="tertiary", on_click=_present, args=(True,),
        help="Large type, no controls, no identifiers: for a projector",
    )  # fmt: skip


def _reset() -> None:
    from necc.selection import Selection

    state().select(Selection())


def _present(on: bool) -> None:
    now = state()
    now.presenting, now.touched = on, True


def _leave_presentation() -> None:
    with st.container(key="necc-exit"):
        st.button(
            "Exit", icon=":material/close_fullscreen:", key="exit", on_click=_present, args=(False,), shortcut="Escape"
        )


def attrition(now: State) -> None:
    """What each filter takes away, in the order of the filters."""
    from necc import tables

    st.html(tables.attrition(now.selection.attrition(now.whole), len(now.whole)).to_html())


# ---------------------------------------------------------------- sidebar
def _sidebar(now: State) -> None:
    with st.sidebar:
        _source(now)
        st.markdown("#### Filters")
        shown = cached(facets.panel)(now.whole, now.selection, now.added)
        data = {**shown, "n": len(now.whole), "seen": now.seen, "session": f"{id(now)}-{now.fingerprint}"}
        _panel(key="filters", data=data, on_changes_change=_filtered)


def _filtered() -> None:
    """A person changed the panel: every change that wasn't seen yet is applied."""
    now = state()
    changes = st.session_state["filters"].changes or []
    for change in changes:
        number = int(change.get("number", 0))
        if number <= now.seen:
            continue
        now.seen = number
        now.touched = True
        _apply(now, change)


def _apply(now: State, change: dict[str, object]) -> None:
    if "add" in change:
        now.added = tuple(dict.fromkeys((*now.added, str(change["add"]))))
    elif "remove" in change:
        name = str(change["remove"])
        now.added = tuple(n for n in now.added if n != name)
        now.select(now.selection.without(name))
    else:
        try:
            now.set_condition(facets.condition_of(now.whole, change))
        except (NeccError, ValueError, KeyError):
            now.messages.append("A filter could not be set; the panel was out of date.")


def _source(now: State) -> None:
    """Which cohort is shown, and the way to load another."""
    source = now.whole.source
    name = "Shipped sample" if now.sample else source.filename or "cohort"
    st.html(
        f'<div class="necc-source"><div class="name" title="{esc(name)}">{esc(name)}</div>'
        f"<div>{plural(len(now.whole), 'patient')}{' · synthetic' if source.notice else ''}</div></div>"
    )
    key = f"upload-{now.uploads}"
    file = st.file_uploader(
        "Load a cohort", type=sorted(READERS), key=key, label_visibility="collapsed",
        help="A table with one row a patient. It is read on this computer and forgotten when you close the page.",
    )  # fmt: skip
    if file is not None and file.file_id != now.file_seen:
        now.file_seen = file.file_id
        bar = st.progress(0.0, "Reading the file")
        accepted = now.offer(
            file.getvalue(), file.name, progress=lambda share, text: bar.progress(min(share, 1.0), text)
        )
        bar.empty()
        if accepted and now.whole.endpoint_names():
            now.forget_upload()
        st.rerun()
    _attempt(now)
    if not now.sample:
        st.button("Back to the sample", key="to-sample", type="tertiary", icon=":material/undo:", on_click=_to_sample)


def _to_sample() -> None:
    now = state()
    now.touched = True
    now.back_to_sample()


def _attempt(now: State) -> None:
    """One line on the last file; all of it is on the cohort page."""
    if now.attempt is None:
        return
    errors = sum(f.n for f in now.attempt.findings if f.severity == "error")
    warnings = sum(f.n for f in now.attempt.findings if f.severity == "warning")
    name = md(now.attempt.filename)
    if not now.attempt.accepted:
        st.error(
            f"{name} was not loaded: {plural(errors, 'error')}. What was loaded before stays.", icon=":material/error:"
        )
        st.page_link("pages/mapping.py", label="Tell what its columns mean", icon=":material/edit_note:")
    elif warnings:
        st.warning(f"{name} is loaded, with {plural(warnings, 'warning')}.", icon=":material/warning:")
    else:
        return
    st.page_link("pages/cohort.py", label="See the findings", icon=":material/list:")
