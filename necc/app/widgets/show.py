"""Results on a page: figures and tables with what a reader needs to judge them, to take away, and to understand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial, wraps
from importlib import resources
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import streamlit as st

from necc.app.session import links
from necc.app.session.address import stop
from necc.app.session.cache import cached
from necc.app.session.exhibits import made_of
from necc.app.session.failure import lacks
from necc.app.session.plain import esc, md
from necc.app.session.state import State, get_state
from necc.core.cohort import Cohort
from necc.core.counts import rows_needed
from necc.core.errors import AnalysisError, Finding
from necc.core.files import FileKind
from necc.core.selection import Condition, Selection
from necc.core.text import slug, without_rows
from necc.present.figures import PRINT, Figure, Print
from necc.present.figures.picks import only
from necc.present.figures.style import JOURNAL_WIDTHS, MM, PRINT_DPI, PRINT_WIDTHS
from necc.present.words.phrases import as_notes, not_analysed, notes_of

if TYPE_CHECKING:
    from necc.present.tables import Table

View = Callable[[Cohort], None]


@cache
def asset(name: str) -> str:
    """The text of a style sheet or a script that ships beside the app's modules."""
    return (resources.files("necc.app") / "assets" / name).read_text(encoding="utf-8")


def style_sheet(name: str) -> None:
    """Styles of one kind of page, beside those of every page."""
    st.html(f"<style>{asset(name)}</style>")


_copy = st.components.v2.component(
    "necc_copy",
    html='<button type="button">Copy</button><span role="status"></span>',
    css=asset("copy.css"),
    js=asset("copy.js"),
)
_picture = st.components.v2.component(
    "necc_picture",
    html='<div class="picture"><div class="frame"></div><div class="tip" aria-hidden="true" hidden></div>'
    '<span class="said" role="status"></span></div>',
    css=asset("picture.css"),
    js=asset("picture.js"),
)
PLOT_CONFIG = {"displayModeBar": True, "displaylogo": False, "responsive": True, "showTips": False, "scrollZoom": True}
NOT_RECORDED = "–"  # in a grid of patients, where Streamlit's "None" would read as a level
LONG = 100  # rows of a table, from which on 'Copy' takes what is shown of it
PROSE = 40  # characters of a cell, from which on a table scrolls on a phone instead of wrapping
OTHER = "other"
MIMES: dict[FileKind, str] = {
    "svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png", "tiff": "image/tiff",
}  # fmt: skip
Picked = Callable[[str], None]


# ---------------------------------------------------------------- words
def title(text: str, lead: str = "") -> None:
    """The heading of a page, with a sentence on what it answers."""
    st.markdown(f"# {md(text)}")
    if lead and not get_state().presenting:
        st.html(f'<p class="necc-lead">{esc(lead)}</p>')


def heading(text: str, explain: str = "") -> None:
    """The heading of a part of a page, with explanations where the part is no figure or table of `show`."""
    if not explain or get_state().presenting:
        st.markdown(f"## {md(text)}")
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"head-{slug(text)}"):
        st.markdown(f"## {md(text)}", width="stretch")
        explanation(explain, slug(text))


def caption(text: str) -> None:
    st.html(f'<p class="necc-caption">{esc(text)}</p>')


def left_out(result: object) -> None:
    """What was left out and why, where a table already says what else a reader should know."""
    _listed(as_notes([not_analysed(getattr(result, "excluded", ()))]))


def notes(result: object) -> None:
    """What was left out and why, and what a reader should know before relying on a result."""
    _listed(notes_of(result))


def _listed(lines: Iterable[str]) -> None:
    if get_state().presenting:
        lines = filter(None, map(without_rows, lines))
    bullets(dict.fromkeys(map(esc, lines)))


def bullets(lines: Iterable[str]) -> None:
    """A list in small type, of HTML; nothing where it is empty."""
    if items := "".join(f"<li>{line}</li>" for line in lines):
        st.html(f'<ul class="necc-notes">{items}</ul>')


def numbers(*pairs: tuple[str, str], explain: str) -> None:
    """Headline numbers in a row: (label, value)."""
    cells = "".join(f'<div><div class="value">{esc(v)}</div><div class="what">{esc(k)}</div></div>' for k, v in pairs)
    with st.container(horizontal=True, vertical_alignment="center", key="numbers"):
        st.html(f'<div class="necc-numbers">{cells}</div>', width="stretch")
        explanation(explain, "numbers")


def file_name(what: str, suffix: str) -> str:
    """What, which cohort, which filters: of the filters no more than a link tells."""
    state = get_state()
    stem = "sample" if state.sample else slug(PurePath(state.whole.source.filename).stem) or "cohort"
    filters = links.public_words(state.selection, state.whole)[:80].rstrip("-_")
    return "_".join(p for p in (slug(what), stem[:40], filters or "all-patients") if p) + f".{suffix}"


# ---------------------------------------------------------------- figures and tables
def show(
    thing: Figure | Table,
    *,
    explain: str,
    name: str = "",
    title: str | None = None,
    picked: Picked | None = None,
    download: Table | None = None,
    patients: bool = True,
    recipe: str | None = "",
    bare: bool = False,
    note: str | None = None,
    picks: bool = True,
) -> None:
    """Draws a figure or a table with its caption, its explanation and its downloads.

    Args:
        thing: what to show.
        explain: keys of explanations in necc.present.words.explain, with blanks between.
        name: a name of its own where the same figure is shown twice on a page.
        title: a heading above it instead of its own.
        picked: called with the key of the panel that was clicked, where panels have one. A click on any other mark
            filters by what it shows (`State.pick`).
        download: a longer table to take away instead of the one shown.
        patients: whether it is about the loaded cohort, so that what is taken away says if its patients are synthetic,
            and a report can have it.
        recipe: how a report makes it, where the call that made it doesn't tell; None where no report has it.
        bare: without title, explanation and downloads, where these stand together for several (`take_away`).
        note: what files of it say of its patients, where they aren't those of the loaded cohort.
        picks: whether a click on a mark filters; not so where it is of other patients.
    """
    if note is None:
        note = get_state().whole.source.notice if patients else ""
    key = slug(f"{type(thing).__name__}-{name or thing.name}")
    with st.container(key=f"card-{key}"):
        if not bare:
            _head(
                thing,
                download or thing,
                key,
                title,
                explain,
                note,
                (recipe or download or thing) if patients and recipe is not None else "",
            )
        if isinstance(thing, Figure):
            _figure(thing, key, picked, picks)
        else:
            _table(thing)


def _head(
    thing: Figure | Table, taken: Figure | Table, key: str, title: str | None, explain: str, note: str,
    added: Figure | Table | str,
) -> None:  # fmt: skip
    text = getattr(thing, "title", "") if title is None else title
    if get_state().presenting:
        if text:
            st.markdown(f"## {md(text)}")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head-{key}"):
        st.markdown(f"## {md(text)}" if text else "", width="stretch")
        explanation(explain, key)
        if isinstance(taken, Figure):
            _larger(taken, key, text)
            with st.container(width="content"):  # a part that is redrawn by itself would take all the room
                _downloads(taken, key, note)
        else:
            _take_away(taken, thing, note, key)
        to_report(added, text or _called(thing), key)


def _called(thing: Figure | Table) -> str:
    return thing.headline if isinstance(thing, Figure) else thing.title


def to_report(added: Figure | Table | partial[Any] | str, title: str, key: str) -> None:
    """A button that adds what is shown to the report; none where no report can make it again.

    added: a figure or a table, the call that makes a text of results, or a recipe.
    """
    state = get_state()
    if state.presenting or not (isinstance(added, str) or made_of(added)) or not added:
        return
    state.cards.append(added)
    st.button("Add to report", key=f"report-{key}", type="tertiary", icon=":material/post_add:",
              on_click=_add_to_report, args=(added, title),
              help="The page Report lists it, and makes documents, slides and tables of all")  # fmt: skip


def _add_to_report(added: Figure | Table | partial[Any] | str, title: str) -> None:
    from necc.app.session.exhibits import add, recipe_of

    state = get_state()
    try:
        recipe = added if isinstance(added, str) else recipe_of(state, added)
        add(state, (recipe,), title)
    except AnalysisError as error:
        st.toast(md(f"This can't be part of a report: {error.told}."), icon=":material/block:")
        return
    n = len(state.desk.exhibits)
    st.toast(md(f"Added as exhibit {n:,} of the report."), icon=":material/post_add:")


@st.fragment
def _downloads(figure: Figure, key: str, note: str) -> None:
    """A button that opens what a figure is taken away as; what is in it costs a page nothing until then."""
    popover = st.popover("Download", icon=":material/download:", type="tertiary", key=f"download-{key}",
                         on_change="rerun", help="As SVG, PDF, PNG or TIFF, for print")  # fmt: skip
    if not popover.open:
        return
    with popover:
        how, lacking = _print(figure, key), cached(_undrawable)(figure)
        with st.container(horizontal=True, gap="small", key=f"files-{key}"):
            for kind, mime in MIMES.items():
                if kind == "svg" or not lacking:
                    made = partial(figure.printed, kind, how, note)
                    _download(kind.upper(), made, file_name(figure.name, kind), mime, key)
        if lacking:
            st.caption(f"Only as SVG: no font here draws {md(lacking[:12])}, and the SVG has them.")


def take_away(figures: Iterable[tuple[str, Figure]], note: str) -> None:
    """One button for the files of several figures, each with what it is called; none in the presentation view."""
    if get_state().presenting:
        return
    folded = st.popover("Pictures", icon=":material/download:", type="tertiary", key="take-away", on_change="rerun")
    if not folded.open:
        return
    with folded:
        for title, figure in figures:
            key, lacking = slug(title), cached(_undrawable)(figure)
            st.markdown(f"**{md(title)}**")
            with st.container(horizontal=True, gap="small", key=f"files-{key}"):
                for kind, mime in MIMES.items():
                    if kind == "svg" or not lacking:
                        made = partial(figure.printed, kind, Print(), note)
                        _download(kind.upper(), made, file_name(figure.name, kind), mime, key)


def _print(figure: Figure, key: str) -> Print:
    """Width, resolution, greyscale and words of the files."""
    low, high = PRINT_WIDTHS
    own = max(round(cached(Figure.with_style)(figure, PRINT).width / MM), low)
    widths = sorted({*JOURNAL_WIDTHS, own})
    asked = st.segmented_control("Width (mm)", [*map(str, widths), OTHER], default=str(own), key=f"print-mm-{key}",
                                 required=True)  # fmt: skip
    if asked == OTHER:
        asked = str(st.number_input("Other width (mm)", low, high, own, key=f"print-own-{key}"))
    dpi = st.segmented_control("PNG and TIFF in dpi", PRINT_DPI[:2], default=PRINT_DPI[0], key=f"print-dpi-{key}",
                               required=True, help="Pixels of an inch; SVG and PDF are sharp at any size")  # fmt: skip
    grey = st.toggle("Greyscale", key=f"print-grey-{key}")
    apart = st.toggle("Without title and caption", key=f"print-apart-{key}", help="As journals want it")
    return Print(float(asked), dpi, grey, not apart)


def _undrawable(figure: Figure) -> str:
    return figure.undrawable


def _pasted(table: Table, note: str) -> dict[str, str]:
    """What 'Copy' puts on the clipboard: for a text, and for a spreadsheet."""
    noted = table.noted(note)
    return {"html": noted.to_html("paste"), "tsv": noted.to_tsv()}


def _on_screen(table: Table) -> str:
    return table.to_html()


def _take_away(table: Table, shown: Figure | Table, note: str, key: str) -> None:
    """The whole table as a file; on the clipboard what is shown of it where it is long: that is sent in every run."""
    pasted = shown if not isinstance(shown, Figure) and len(table.rows) > LONG else table
    _copy(key=f"copy-{key}", data=cached(_pasted)(pasted, note), width="content")
    _download("CSV", table.noted(note).to_csv, file_name(table.name, "csv"), "text/csv", key)


def _download(label: str, make: Callable[[], bytes], name: str, mime: str, key: str) -> None:
    """A button whose file is made when it is clicked."""
    st.download_button(
        label, make, name, mime, key=f"{label}-{key}", on_click="ignore", type="tertiary", icon=":material/download:",
        help=f"Download as {label}",
    )  # fmt: skip


def download(label: str, make: Callable[[], bytes], name: str, mime: str = "text/csv", help: str = "") -> None:
    """A file to take away that is no figure or table."""
    st.download_button(
        label, make, name, mime, key=f"file-{slug(label)}", on_click="ignore", icon=":material/download:", help=help
    )  # fmt: skip


def _figure(figure: Figure, key: str, picked: Picked | None, picks: bool = True) -> None:
    state, place = get_state(), f"figure-{key}"
    data = {
        "svg": cached(Figure.to_svg)(figure, interactive=True), "picks": picks,
        "panels": bool(picked) and not state.presenting, "on": on_marks(state.selection),
    }  # fmt: skip
    _picture(
        key=place, data=data, on_picked_change=_sent(place, "picked", state.pick),
        on_panel_change=_sent(place, "panel", picked or (lambda key: None)),
    )  # fmt: skip
    caption(without_rows(figure.caption) if state.presenting else figure.caption)


def picture(figure: Figure, name: str) -> None:
    """A figure alone, with its caption: nothing in it filters or leads elsewhere, as in a lesson."""
    data = {"svg": cached(Figure.to_svg)(figure, interactive=True), "picks": False, "panels": False, "on": []}
    _picture(key=f"picture-{name}", data=data)
    caption(without_rows(figure.caption))


def _sent(key: str, what: str, call: Picked) -> Callable[[], None]:
    """Hands on what a picture sent: the conditions of a mark, or the key of a panel."""

    def handed() -> None:
        if sent := getattr(st.session_state[key], what):
            call(str(sent))

    return handed


def on_marks(selection: Selection) -> list[str]:
    """The conditions that hold, as marks write them: each as it is, each of its levels by itself, and all together."""
    parts = [c for c in selection.conditions if len(c.levels) + c.keep_missing > 1]
    alone = [Condition(c.name, (level,)) for c in parts for level in c.levels]
    blank = [Condition(c.name, keep_missing=True) for c in parts if c.keep_missing]
    return [*(str(c) for c in (*selection.conditions, *alone, *blank)), only(selection)]


def _larger(figure: Figure, key: str, title: str) -> None:
    """A button that shows the figure large, as a chart to zoom into; none where the figure is no chart."""
    if figure.svg_only or not figure.spec["data"]:
        return
    if st.button("Enlarge", key=f"enlarge-{key}", type="tertiary", icon=":material/open_in_full:",
                 help="Show it large, to zoom and move in"):  # fmt: skip
        _enlarged(figure, key, title)


def _enlarged(figure: Figure, key: str, title: str) -> None:
    from necc.present.figures.chart import Chart

    @st.dialog(md(title or figure.headline), width="large")
    def large() -> None:
        st.plotly_chart(
            Chart(figure.to_plotly()), theme=None, config=PLOT_CONFIG, key=f"large-{key}", alt=figure.alt,
            height=figure.height,
        )  # fmt: skip

    large()


def _table(table: Table) -> None:
    if get_state().presenting:
        table = replace(table, notes=tuple(n for n in map(without_rows, table.notes) if n))
    words = any(len(row[j]) > PROSE for row in table.rows for j in table.text_columns)
    kind = "necc-scroll words" if words else "necc-scroll"
    named = f'tabindex="0" role="region" aria-label="{esc(table.title or "Table")}"'  # what scrolls is reached by keys
    st.html(f'<div class="{kind}" {named}>{cached(_on_screen)(table)}</div>')


def explanation(keys: str, where: str) -> None:
    """A few plain sentences on demand, for the resident who looks over the shoulder; `keys` with blanks between."""
    from necc.app.widgets.glossed import told

    if get_state().presenting:
        return
    with st.popover("Explain", icon=":material/help:", type="tertiary", key=f"explain-{where}"):
        st.html(cached(told)(keys))  # one element: each costs the server and the browser the same in every run


def findings(messages: Sequence[Finding], name: str, most: int, card: str = "") -> None:
    """What reading a file noticed: the first few on the page, all of them to take away.

    name: of the download, and of the card where `card` doesn't name it.
    """
    from necc.present import tables

    if messages:
        table = replace(tables.findings(messages), name=f"findings-{name}")
        show(
            replace(table, rows=table.rows[:most]),
            title="",
            download=table,
            name=card or table.name,
            explain="findings",
        )
        if len(messages) > most:
            caption(f"The first {most} of {len(messages):,}; the download contains all of them.")


# ---------------------------------------------------------------- what a page needs
def need(cohort: Cohort, *, sites: bool = False, columns: Iterable[str] = (), what: str = "This page") -> None:
    """Stops a page that can't say anything, with what is missing and what helps.

    `columns`: any one of them is enough.
    """
    columns = tuple(columns)
    lacking = []
    if sites and not cohort.site_names:
        lacking.append(
            "recurrence sites: a yes/no column for each site, such as column 'site_lung', or one column that names them"
        )
    if columns and not any(cohort.has(c) for c in columns):
        known = cohort.dictionary.variables
        named = " or ".join(f"{known[c].label} (column '{c}')" if c in known else f"column '{c}'" for c in columns if c)
        lacking.append(named if named else "a column that the dictionary names no variable for")
    if lacking:
        st.info(
            f"{md(what)} needs {md(' and '.join(lacking))}, which this file does not have. The other pages still work; "
            "the page Data has a template with every column, and lets you say what your own columns mean.",
            icon=":material/info:",
        )
        stop()
    if not cohort.n_patients:
        nobody()


def of_rows(what: str) -> Callable[[View], View]:
    """Marks a view that looks at single patients, whom a source of counts doesn't hand out.

    what: the view is about, as the subject of a sentence.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(cohort: Cohort) -> None:
            rows_needed(cohort, what)
            view(cohort)

        return guarded

    return mark


def nobody() -> None:
    """No patient meets the filters: says which filter took the last ones, and offers the way back."""
    st.info("No patient meets all of these filters. Remove one above, undo, or reset.", icon=":material/person_off:")
    state = get_state()
    if state.selection:
        attrition(state)
    stop()


def attrition(state: State) -> None:
    """What each filter takes away, in the order of the filters."""
    from necc.present import tables
    from necc.present.words.explain import explain

    caption(" ".join(explain("attrition").paragraphs))
    st.html(tables.attrition(state.selection.attrition(state.whole), state.whole.n_patients).to_html())


@contextmanager
def part(text: str = "") -> Iterator[None]:
    """A part of a page with its heading; where the cohort lacks the data, a sentence, and the page goes on."""
    if text:
        heading(text)
    try:
        yield
    except AnalysisError as error:
        lacks(error)
