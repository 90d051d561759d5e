"""A part of the page about the program: the exhibits' numbers, computed again by other programs when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from necc.analysis.opinion import JUDGES
from necc.app.session.cache import cached
from necc.app.session.plain import esc
from necc.app.session.project import gather
from necc.app.session.state import get_state
from necc.app.widgets.parts import on_demand
from necc.app.widgets.show import bullets, caption, heading, of_rows, show
from necc.app.widgets.working import progress
from necc.core.cohort import Cohort
from necc.present import tables
from necc.present.words import opinion as words
from necc.project import Project
from necc.report import make_report, ready
from necc.report.opinion import second_opinion

LABEL = "Compute them again"


@of_rows("A second opinion")
def page(cohort: Cohort) -> None:
    """Which numbers: those of the report where it has exhibits, else of the ready list for the patients shown."""
    state = get_state()
    project, _ = gather(state)
    exhibits = tuple(one for one in project.exhibits if one.shows)
    own = bool(exhibits)
    if not own:
        exhibits = ready(cohort, filters=project.filters)
    heading("A second opinion", explain="second-opinion")
    caption(words.of_report(len(exhibits)) if own else words.OF_READY)
    if not on_demand("opinion", (exhibits, state.desk.hide_below), LABEL, "Takes some seconds"):
        return
    report = cached(make_report)(
        Project(exhibits=exhibits, hide_below=state.desk.hide_below), state.whole, loaded=state.as_loaded
    )
    found = cached(second_opinion, _bar)(report, JUDGES)
    bullets(map(esc, words.summary(found)))
    if found.rows:
        show(tables.second_opinion(found), explain="second-opinion", title="")


@contextmanager
def _bar() -> Iterator[Callable[[float, str], object]]:
    """A bar while other programs compute."""
    with progress("Computing the numbers again; any click stops it") as tell:
        yield lambda share, _: tell(share)
