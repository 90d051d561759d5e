"""Parts of the reproduction page: a paper's tables as they are printed, each figure beside the computed one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from necc.analysis.survival import survival_grid
from necc.app.session.cache import cached, draw
from necc.app.session.plain import esc, md
from necc.app.session.state import get_state
from necc.app.widgets.choices import choose
from necc.app.widgets.parts import LARGEST
from necc.app.widgets.show import bullets, caption, heading, part, show
from necc.core.cohort import Cohort
from necc.core.errors import Finding
from necc.core.text import plural, slug
from necc.paper.reproduction import (
    FLOW,
    Cell,
    Recipe,
    Reproduction,
    compare_ratios,
    of_the_paper,
    of_this_paper,
    parse_recipe,
    reproduce,
)
from necc.paper.values import shipped_text
from necc.present import figures
from necc.present.figures.reproduction import printed_forest
from necc.present.tables.reproduction import cell_table, own_table, ratio_table, rows_of
from necc.present.words.phrases import sentences
from necc.present.words.reproduction import HOLDS, in_words, remarks, verdicts

KEY = "necc-recipe"
SIGNS = {"reproduced": ("✓", "reproduced"), "differs": ("≠", "differs"), "cannot be checked": ("?", "unknown")}
NEARLY = "≈"  # reproduced, but not in every printed digit: the tolerance stands beside it
QUESTIONS = ("paper", "own")
WORDS = {"paper": "Is the paper reproduced?", "own": "Does it hold in these patients?"}


def recipe() -> tuple[Recipe, tuple[Finding, ...]]:
    """The recipe in use: another paper's, where its file was given."""
    return st.session_state.get(KEY) or of_this_paper()


def reproduced(cohort: Cohort, admit: bool) -> Reproduction:
    """The cells of the recipe in use on a cohort; of the shipped one once for all who look at the sample."""
    own = st.session_state.get(KEY)
    return cached(reproduce)(cohort, *own, admit=admit) if own else cached(of_the_paper)(cohort, admit)


def lead(used: Recipe) -> str:
    """What the page is about: the paper's title and where it stands."""
    source = ". ".join(text for text in (used.title, used.reference) if text)
    return f"Every figure of a paper computed again: {source}." if source else "Every figure of a paper computed again."


def another_paper() -> None:
    """A file with another paper's figures, and the way back."""
    if get_state().presenting:
        return
    with st.popover("Another paper", icon=":material/article:", type="tertiary"):
        st.markdown(
            "A recipe is a TOML file: what a paper prints, and how each figure is computed. Start from this one."
        )
        example = shipped_text("necc2022_recipe.toml")
        st.download_button("The recipe in use as an example", example, "recipe.toml", "text/plain", on_click="ignore")
        file = st.file_uploader("Recipe", type=["toml"], key="recipe-file", label_visibility="collapsed")
        if file is not None and file.file_id != st.session_state.get("recipe-seen"):
            st.session_state["recipe-seen"] = file.file_id
            st.session_state[KEY] = read_upload(file.getvalue())
            st.rerun()
        if KEY in st.session_state:
            st.button("Back to the shipped paper", key="recipe-back", on_click=st.session_state.pop, args=(KEY,))


def read_upload(data: bytes) -> tuple[Recipe, tuple[Finding, ...]]:
    """The recipe of an uploaded file; findings instead of exceptions."""
    if len(data) > LARGEST:
        return Recipe("", ""), (Finding("error", "recipe-size", "the file is too large for a recipe"),)
    return parse_recipe(data)


# ---------------------------------------------------------------- choices
def question() -> str:
    """The two questions; the second is asked first where a person's own cohort is loaded."""
    name = "reproduction-question" if get_state().sample else "reproduction-question-own"
    default = "paper" if get_state().sample else "own"
    return choose(name, "Question", QUESTIONS, default=default, words=WORDS, fixed=True)


def which(result: Reproduction) -> str:
    """A table of the paper; all of them is empty."""
    words = {name: f"{name}: {result.layout(name).title}".rstrip(": ") for name in result.tables}
    return choose("reproduction-table", "Table or figure", result.tables, words=words, wide=True, default="Table 3",
                  fixed=KEY not in st.session_state)  # fmt: skip


def counted(result: Reproduction) -> list[tuple[str, str]]:
    """Cells by mark; what is reproduced in two numbers."""
    rest = {mark: n for mark, n in result.counts.items() if mark != "reproduced"}
    parts = {
        "of these, in every printed digit or word": result.n_exact,
        "of these, within a tolerance": result.n_within,
    }
    numbers = {"reproduced": result.counts["reproduced"], **parts, **rest}
    return [(mark, f"{n:,}") for mark, n in numbers.items()]


# ---------------------------------------------------------------- the paper's layout
def legend(own: bool) -> None:
    if own:
        caption(
            "Below each figure of this cohort the published one, and whether it lies in this cohort's 95 % interval."
        )
        return
    entries = (
        ("reproduced", "✓", "reproduced, in every printed digit"),
        ("reproduced", NEARLY, "reproduced within the tolerance below it"),
        ("differs", "≠", "differs by more"),
        ("unknown", "?", "cannot be checked"),
    )
    marks = "".join(f'<span class="{css}"><b class="mark">{sign}</b>{name}</span>' for css, sign, name in entries)
    words = "above: computed; below: printed, with the tolerance; point at a cell to see the difference and why"
    st.html(f'<div class="necc-paper"><div class="necc-legend">{marks}<span>{words}</span></div></div>')


def laid_out(result: Reproduction, table: str, own: bool) -> None:
    """A table as the paper lays it out: each cell computed, with the printed figure below and the mark."""
    layout = result.layout(table)
    words = {c.column for c in result.of(table) if c.kind == "listing" or c.tolerance == "the same names"}
    head = "".join(
        f'<th scope="col"{" class=words" if column in words else ""}>{esc(title)}</th>'
        for column, title in layout.columns
    )
    body = ""
    for label, cells in rows_of(result, table):
        tds = "".join(_td(cells.get(column), own, column in words) for column, _ in layout.columns)
        body += f"<tr><th scope='row'>{esc(label)}</th>{tds}</tr>"
    st.html(
        f'<div class="necc-paper" tabindex="0" role="region" aria-label="{esc(table)}"><table><thead><tr>'
        f"<th scope='col'></th>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    if layout.note:
        caption(layout.note)


def _td(cell: Cell | None, own: bool, words: bool) -> str:
    if cell is None:
        return "<td></td>"
    current = cell.computed or "–"
    sign, css = SIGNS[cell.mark]
    nearly = cell.mark == "reproduced" and not cell.exact
    if own:
        verdict = HOLDS[cell.holds] if cell.computed else ""
        css, mark = ("reproduced" if cell.computed else "unknown"), ""
        below = f"published {cell.printed}" + (f", {verdict}" if verdict else "")
    else:
        said = f"{cell.mark}, {cell.tolerance}" if nearly else cell.mark
        mark = f'<span class="mark" role="img" aria-label="{esc(said)}">{NEARLY if nearly else sign}</span>'
        below = cell.printed
    css += " words" if words else ""
    room = f'<span class="was room">{esc(cell.tolerance)}</span>' if nearly and not own else ""
    return (
        f'<td class="{css}" title="{esc(_title(cell))}"><span class="now">{esc(current)}</span>{mark}'
        f'<span class="was">{esc(below)}</span>{room}</td>'
    )


def _title(cell: Cell) -> str:
    return sentences(in_words(cell), cell.reason, cell.note, cell.beside)


def flow(result: Reproduction) -> None:
    """What the paper's criteria of admission do to this cohort."""
    if not result.flow:
        return
    lost = result.n - result.n_admitted
    message = f"{plural(lost, 'patient')} of {result.n:,} left out" if lost else f"none of {result.n:,} left out"
    with st.expander(f"The paper's inclusion criteria: {message}"):
        bullets(
            f"{esc(p.label)}: {esc(p.why_not) or f'{p.n_before - p.n_after:,} here'}, {p.printed} in the paper"
            for p in result.flow
        )


def presentable(result: Reproduction) -> Reproduction:
    """Without the rows of single patients where others look on, unless nobody is behind them."""
    state = get_state()
    if state.sample or not state.presenting:
        return result
    return replace(result, cells=tuple(c for c in result.cells if c.kind != "listing"))


def one_table(result: Reproduction, table: str, cohort: Cohort, own: bool) -> None:
    """A printed table or figure, its remarks, the cells one by one to take away, and the curves of a figure."""
    layout = result.layout(table)
    state = get_state()
    with st.container(key=f"card-{slug(table)}"):
        heading(f"{table}. {layout.title}" if layout.title else table, explain="reproduction")
        if state.presenting and not state.sample and any(c.kind == "listing" for c in result.of(table)):
            caption("Rows of single patients are not shown in the presentation view.")
            return
        laid_out(result, table, own)
    bullets(map(esc, remarks(result, table, own)))
    if layout.curves:
        with part():
            grid = cached(survival_grid)(cohort, layout.curves)
            show(
                draw(figures.survival_grid, grid),
                title=f"{layout.curves} by site in this cohort",
                explain="survival-grid",
            )
    if not state.presenting:
        with st.expander("Cell by cell"):
            show(cached(own_table if own else cell_table)(result, table), name=f"cells-{table}",
                 explain="reproduction")  # fmt: skip


def holds(result: Reproduction) -> None:
    """Published and own hazard ratios: the forest, and what follows in words."""
    ratios = cached(compare_ratios)(result)
    if not ratios:
        return
    heading("Hazard ratios, published and in this cohort")
    caption(verdicts(ratios))
    if any(c.own for c in ratios):
        show(draw(printed_forest, ratios), title="", explain="hazard-ratio")
    with st.expander(f"The same as a table ({plural(len(ratios), 'ratio')})"):
        show(ratio_table(ratios), title="", explain="hazard-ratio confidence-interval")


def cannot(result: Reproduction) -> None:
    """What can't be computed in this cohort, by reason."""
    reasons: dict[str, list[str]] = {}
    for c in result.cells:
        if c.mark == "cannot be checked" and c.table != FLOW:
            reasons.setdefault(c.reason, []).append(f"{c.table}, {c.row}")
    if not reasons:
        return
    n = sum(len(v) for v in reasons.values())
    with st.expander(f"What cannot be computed here, and why ({plural(n, 'figure')})"):
        for reason, places in reasons.items():
            there = list(dict.fromkeys(places))
            more = f" and {len(there) - 6} more" if len(there) > 6 else ""
            st.markdown(f"- {md(reason)}: {md('; '.join(there[:6]))}{more}")
