"""Parts of several pages: what remembers something or is redrawn by itself, and what a file of figures lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from necc.analysis.response import Transitions
from necc.analysis.selection_bias import outcome_selection
from necc.analysis.survival import CiMethod, KaplanMeier, Show, kaplan_meier, survival_grid
from necc.app.session.address import redrawn
from necc.app.session.cache import cached, draw
from necc.app.session.plain import esc, md
from necc.app.session.state import get_state
from necc.app.widgets.choices import ALL_SITES, NOTHING, choose, enter, entered
from necc.app.widgets.guards import guardrails
from necc.app.widgets.show import bullets, caption, show
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError, Finding
from necc.core.text import format_estimate, format_number
from necc.present import figures, tables
from necc.present.words import remarks
from necc.present.words.captions.survival import SCALES
from necc.present.words.phrases import test_p

FOCUS = "site in focus"
LARGEST = 1_000_000  # bytes of a recipe or a claim file
DEFAULT_TIMES = {"days": "365, 730", "weeks": "52, 104", "months": "12, 24, 36", "years": "1, 3, 5"}


def choose_times(cohort: Cohort, endpoint: str) -> tuple[float, ...]:
    """Times at which survival is told, in the endpoint's unit."""
    return choose_times_in(cohort.endpoint(endpoint).unit)


def choose_times_in(unit: str, what: str = "Survival") -> tuple[float, ...]:
    """Times in a unit at which something is told."""
    text = enter(
        f"times-{unit}", f"{what} at ({unit})", default=DEFAULT_TIMES.get(unit, "1"),
        help="Numbers separated by commas", width=150,
    )  # fmt: skip
    return _times(text)


def chosen_times(unit: str) -> tuple[float, ...]:
    """The times that were chosen on another page."""
    return _times(entered(f"times-{unit}", default=DEFAULT_TIMES.get(unit, "1")))


def _times(text: str) -> tuple[float, ...]:
    try:
        times = {float(part) for part in text.replace(";", ",").replace(" ", ",").split(",") if part}
    except ValueError:
        raise AnalysisError(f"'{text[:30]}' are not numbers separated by commas") from None
    return tuple(sorted(t for t in times if 0 < t < 1e6))[:12]


def choose_show() -> Show:
    """What survival curves show."""
    words = {show: scale.choice for show, scale in SCALES.items()}
    return choose("show", "Show", tuple(SCALES), words=words, wide=True, width=200, fixed=True,
                  help="Survival, its complement, the Nelson-Aalen cumulative hazard, or log(−log S)")  # fmt: skip


def caution(cohort: Cohort, endpoint: str, by: str | None) -> None:
    """Says above curves where a cohort was selected on its outcome, or its groups are known only after time zero."""
    every = by == ALL_SITES
    result = cached(outcome_selection)(
        cohort, endpoint, f"site:{cohort.site_names[0]}" if every else by, label="each site" if every else ""
    )
    guardrails(result, title="", key="selection")


def headline(km: KaplanMeier) -> list[tuple[str, str]]:
    """The first numbers a reader asks for."""
    figures = [("analysed", f"{km.n:,}"), ("events", f"{km.n_events:,}")]
    if len(km.curves) == 1:
        median = km.curves[0].median
        figures.append(
            (f"median, {km.unit} ({100 * km.level:g} % CI)", format_estimate(median.value, median.lower, median.upper))
        )
    follow = km.followup
    figures.append((f"median follow-up, {km.unit}", format_number(follow.value, 1, "not reached")))
    if km.by:
        figures.append(("log-rank", test_p(km.test)))
    return figures


@redrawn
def site_grid(cohort: Cohort, endpoint: str, ci: CiMethod, times: tuple[float, ...] = ()) -> None:
    """Every site in one picture; a click on a panel, or the list, brings that site below it at full size."""
    grid = cached(survival_grid)(cohort, endpoint, ci=ci)
    show(
        draw(figures.survival_grid, grid),
        title=f"{grid.label} by every site",
        explain="survival-grid adjusted-p",
        picked=focus_on(FOCUS),
    )
    show(tables.grid_summary(grid), explain="median-survival log-rank adjusted-p")
    sites = ("", *cohort.site_names)
    words = {"": "none", **{site: cohort.site_label(site) for site in cohort.site_names}}
    site = choose(FOCUS, "Site in focus", sites, words=words, wide=True, help="Clicking a small curve chooses it too")
    if site:
        km = cached(kaplan_meier)(cohort, endpoint, f"site:{site}", ci=ci, times=times)
        show(
            draw(figures.survival_curves, km),
            title=f"{km.label}: {words[site]}",
            explain="kaplan-meier number-at-risk",
            name="focus",
        )
        show(tables.survival_summary(km), title="Events and medians", name="focus-summary", explain="median-survival")
        show(tables.survival_at(km), title="Survival at chosen times", name="focus-at", explain="survival-at")


def focus_on(choice: str) -> Callable[[str], None]:
    """What a click on a panel does: it chooses the panel, and a second click none."""

    def call(name: str) -> None:
        state = get_state()
        state.choose(choice, NOTHING if state.chosen.get(choice) == name else name, choice)

    return call


# ---------------------------------------------------------------- response
def odd_rows(changes: Transitions) -> None:
    """Rows of the file that can't be, or are hard to believe; not where others look on, because rows identify."""
    if get_state().presenting:
        return
    for rows, what, icon in (
        (changes.impossible, "can't be right", ":material/error:"),
        (changes.doubtful, "should be checked", ":material/help:"),
    ):
        if rows:
            st.warning(md(remarks.odd_rows(rows, what)), icon=icon)


# ---------------------------------------------------------------- files of figures and claims
def file_findings(findings: Sequence[Finding], what: str) -> None:
    """What is wrong with a recipe or a claim file; the rest is shown all the same."""
    if not findings:
        return
    st.warning(remarks.some_unread(len(findings), what), icon=":material/rule:")
    bullets(esc(f.message) + ("" if f.row is None else f" (line {f.row})") for f in findings[:50])


# ---------------------------------------------------------------- heavy work
def on_demand(name: str, wanted: tuple[object, ...], label: str, help: str | None = None) -> bool:
    """Whether the work of this name was asked for with just these arguments; draws the button that asks.

    wanted: everything that the work depends on besides the filtered cohort; with other filters or arguments the
    question is put again.
    """
    state = get_state()
    mark = (state.fingerprint, state.selection.key(), *map(repr, wanted))
    if state.chosen.get(f"asked-{name}") == mark:
        return True
    if not state.presenting:
        st.button(label, key=f"ask-{name}", help=help, icon=":material/play_arrow:", on_click=_ask, args=(name, mark))
    else:
        caption(f"Not computed yet: leave the presentation and choose '{label}'.")
    return False


def _ask(name: str, mark: tuple[object, ...]) -> None:
    state = get_state()
    state.touched = True
    state.chosen[f"asked-{name}"] = mark
