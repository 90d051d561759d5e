"""A centre's own file, made of the patients that are loaded: what it would tell, and the rule that its owner sets."""

from __future__ import annotations

from typing import Any

import streamlit as st

from necc.analysis.centres.precision import precision
from necc.app.session.cache import cached, draw
from necc.app.session.failure import lacks
from necc.app.session.plain import esc, md
from necc.app.session.state import get_state
from necc.app.widgets.choices import choose, choose_some, controls, enter, factor_names, options, switch
from necc.app.widgets.show import bullets, caption, download, heading, show
from necc.centres import CentreFile, default_factors, preview, summarise
from necc.core.coarse import TIME_GRIDS
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.guardrails import SMALLEST_CELL
from necc.core.text import slug
from necc.present import figures, tables
from necc.present.words.notes.centre_file import GRIDS
from necc.present.words.phrases import sentence

WORDS = {grid: words.capitalize() for grid, words in GRIDS.items()}
USUAL = "month"
LEDGER = (
    "Two files of nearly the same patients tell of those by whom they differ. This page can't remember what was handed "
    "on: a server keeps nothing of a session. The command keeps a ledger beside you and refuses such a second file:"
)


def page(cohort: Cohort) -> None:
    """The rule, the preview and the file."""
    if get_state().presenting:
        caption("A centre's file is made outside the presentation view.")
        return
    if not cohort.endpoint_names():
        caption("These patients have no endpoint, so that there are no times to count.")
        return
    asked, smallest = _asked(cohort), int(_smallest())
    try:
        _previewed(cohort, asked, smallest)
    except AnalysisError as error:
        lacks(error)
        return
    _file(cohort, asked, smallest)


# ---------------------------------------------------------------- the rule
def _asked(cohort: Cohort) -> dict[str, Any]:
    """What is counted, and how finely."""
    endpoints, offered = cohort.endpoint_names(), _offered(cohort)
    labels = factor_names(cohort)
    known = {name: cohort.dictionary.endpoints[name].label for name in endpoints}
    with controls("centre-file"):
        grid = choose("centre-grid", "Times", TIME_GRIDS, default=USUAL, words=WORDS, fixed=True)
        separate = switch("centre-separate", "Each factor by itself",
                          help="Larger cells; no model of several factors can be fitted then")  # fmt: skip
        with options("What is counted"):
            named = choose_some("centre-endpoints", "Endpoints", endpoints, default=endpoints, words=known)
            factors = choose_some("centre-factors", "Factors", offered, default=default_factors(cohort), words=labels)
            sites = switch("centre-sites", "Sites of recurrence", default=True) if cohort.site_names else False
            responses = switch("centre-responses", "Responses", default=True)
    return {"endpoints": tuple(named or endpoints), "factors": tuple(factors), "sites": sites, "responses": responses,
            "separate": separate, "time_grid": grid}  # fmt: skip


def _offered(cohort: Cohort) -> tuple[str, ...]:
    """Factors with few levels; sites are counted beside them."""
    return tuple(
        name for name in factor_names(cohort) if not name.startswith(("site:", "organ:")) and name != "n_sites"
    )


def _smallest() -> float:
    with controls("centre-rule"):
        chosen: float = st.number_input(
            "Smallest cell (patients)", 1, 1000, SMALLEST_CELL, key="centre-smallest", width=200,
            help="A file with a cell of fewer patients says that it is person-level information",
        )  # fmt: skip
    return chosen


# ---------------------------------------------------------------- what it tells
def _previewed(cohort: Cohort, asked: dict[str, Any], smallest: int) -> None:
    what = {name: value for name, value in asked.items() if name != "time_grid"}
    seen = cached(preview)(cohort, smallest_cell=smallest, **what)
    main = cohort.dictionary.role("main_endpoint")
    endpoint = main if main in asked["endpoints"] else asked["endpoints"][0]
    by = f"site:{cohort.site_names[0]}" if asked["sites"] else next(iter(asked["factors"]), "")
    costs = cached(precision)(cohort, endpoint, by)
    show(draw(figures.grid_cells, seen), title="What the file would tell", explain="disclosure time-grid", recipe=None,
         picks=False)  # fmt: skip
    show(tables.grid_preview(seen, costs), title="", explain="disclosure time-grid", recipe=None)


# ---------------------------------------------------------------- the file
def _made(cohort: Cohort, centre: str, filters: tuple[str, ...], smallest: int, **asked: Any) -> CentreFile:
    return summarise(cohort, centre=centre, filters=filters, smallest_cell=smallest, **asked)


def _file(cohort: Cohort, asked: dict[str, Any], smallest: int) -> None:
    heading("The file", explain="centre-files")
    with controls("centre-name"):
        centre = enter("centre-name", "Centre's name", default="centre", written=True, linked=False).strip() or "centre"
    filters = tuple(map(str, get_state().selection.parts()))
    try:
        file = cached(_made)(cohort, centre, filters, smallest, **asked)
    except AnalysisError as error:
        lacks(error)
        return
    if file.rule["person_level"]:
        st.warning(md(sentence(file.rule["says"])), icon=":material/shield_person:")
    else:
        st.success(md(sentence(file.rule["says"])), icon=":material/shield:")
    download("Centre's file", file.to_bytes, f"{slug(centre) or 'centre'}.centre.json", "application/json",
             help="Counts and no row; readable, with a checksum")  # fmt: skip
    bullets(esc(sentence(note)) for note in file.notes)
    caption(LEDGER)
    st.code(_command(asked, smallest), language="sh")


def _command(asked: dict[str, Any], smallest: int) -> str:
    """The same with a ledger; own names of columns don't stand in it where they are the usual ones."""
    words = ["necc summarise cohort.csv", f"--time-grid {asked['time_grid']}", f"--smallest-cell {smallest}"]
    words += ["--separate"] if asked["separate"] else []
    return " ".join([*words, "--out centre.json"])
