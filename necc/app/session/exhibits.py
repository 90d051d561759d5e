"""What a page shows as exhibits of a report: each by its recipe, of the patients who are shown."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from necc.app.session.cache import every_result, origin_of
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.selection import Selection

if TYPE_CHECKING:
    from necc.app.session.state import State
    from necc.project import Exhibit


def made_of(thing: object) -> functools.partial[Any] | None:
    """The call that made a figure or a table, or a call as it is; None where nothing tells."""
    if isinstance(thing, functools.partial):
        return thing
    made = getattr(thing, "again", None) or getattr(thing, "made", None)
    return made if isinstance(made, functools.partial) else None


def recipe_of(state: State, thing: object) -> str:
    """How a figure or a table that the page shows is made again.

    Raises:
        AnalysisError: it isn't made by calls of public functions of the cohort.
    """
    from necc.report.recipe import write

    made = made_of(thing)
    if made is None:
        raise AnalysisError("it isn't made of an analysis of this cohort")

    def origin(value: object) -> functools.partial[Any] | str | None:
        if isinstance(value, Cohort):
            return _patients(state, value)
        if isinstance(value, Selection) and value == state.selection:
            return "selection"
        return origin_of(value)

    return write(made, origin, every_result())


def _patients(state: State, cohort: Cohort) -> str | None:
    known = {"cohort": state.cohort, "whole": state.whole, "loaded": state.as_loaded}
    return next((name for name, one in known.items() if one is cohort), None)


def add(state: State, recipes: tuple[str, ...], title: str, note: str = "") -> Exhibit:
    """Adds an exhibit to the report: what recipes make of the patients shown, with the way back to the page.

    Raises:
        AnalysisError: a filter can't be kept, so the exhibit would be of other patients.
    """
    from necc.app.session.project import choices_of
    from necc.project import Exhibit

    texts = kept_filters(state)
    page = state.page or "data"
    values = choices_of(state, {n: c.value for n, c in state.shown.items()})
    one = Exhibit(title, page, str(values.get(f"{page}-view", "")), values, texts, note, recipes)
    state.desk.exhibits = (*state.desk.exhibits, one)
    state.touched = True
    return one


def kept_filters(state: State) -> tuple[str, ...]:
    """The filters that hold, as an exhibit keeps them.

    Raises:
        AnalysisError: one can't be kept, such as patients picked by hand.
    """
    from necc.project import filter_texts

    texts, lost = filter_texts(state.selection, state.whole.columns)
    if lost:
        raise AnalysisError(f"{lost[0].message}; take that filter away first")
    return texts


def recipes_of(state: State) -> tuple[str, ...]:
    """Those of all that the page shows, in its order; what has none is left out."""
    found = []
    for thing in state.cards:
        try:
            found.append(thing if isinstance(thing, str) else recipe_of(state, thing))
        except AnalysisError:
            continue
    return tuple(dict.fromkeys(found))
