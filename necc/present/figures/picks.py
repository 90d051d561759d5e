"""What a click on a mark of a figure means: the conditions that it filters by, written as filters are written.

A pick is the text of one condition or of several, one a line (`site:lung=with`); after a line `only`, of all filters
and groups of them that are left, instead of being added to those there are. Where a condition's text wouldn't be
read as what it is, as of a level called `missing`, the mark means nothing: a click never filters by something else.
"""

from __future__ import annotations

from collections.abc import Iterable

from necc.core.dictionary import N_SITES, SITE
from necc.core.errors import SelectionError
from necc.core.selection import Condition, Group, Selection, picked
from necc.present.figures.style import Json

NOTHING = ""
ONLY = "only"  # the first line of a pick that takes the place of all filters


def pick(*conditions: Condition | None) -> str:
    """The text of conditions that a click sets together; None among them is passed over."""
    texts = [_text(c) for c in conditions if c is not None]
    return "\n".join(texts) if all(texts) else NOTHING


def only(selection: Selection | None) -> str:
    """The text of all filters that a click leaves, whatever is filtered; nothing where there are none to say it with.

    Without a filter, `only`: everybody.
    """
    if selection is None:
        return NOTHING
    texts = [_text(part) for part in selection.parts()]
    return "\n".join([ONLY, *sorted(texts)]) if all(texts) else NOTHING


def _text(part: Condition | Group) -> str:
    """One line; empty where it wouldn't be read as the same condition or group."""
    text = " ".join(str(part).split("\n"))
    try:
        found = Selection.parse([text], part.names if isinstance(part, Group) else [part.name]).parts()
    except SelectionError:
        return ""
    return text if [_compared(one) for one in found] == [_compared(part)] else ""


def _compared(part: Condition | Group) -> object:
    """What must be the same once it was read: all but the ends of a range, and blanks."""
    if isinstance(part, Group):
        return (part.how, *map(_compared, part.conditions))
    return part.name, [" ".join(level.split()) for level in part.levels], part.keep_missing


def of_level(name: str | None, *levels: str) -> Condition | None:
    """Some levels of a factor; None where there is no factor."""
    return Condition(name, levels) if name else None


def missing(name: str) -> Condition:
    """Those without a value."""
    return Condition(name, keep_missing=True)


def span(name: str, low: float, high: float) -> Condition:
    """A range of a number, its ends within it."""
    return Condition(name, low=low, high=high)


def site(name: str, there: bool = True) -> Condition:
    """With a site of recurrence, or without it."""
    return Condition(f"{SITE}{name}", ("with" if there else "without",))


def only_sites(there: Iterable[str], every: Iterable[str]) -> str:
    """Exactly these of all sites."""
    found = set(there)
    return pick(*(site(name, name in found) for name in every))


def several_sites() -> Condition:
    """More than one site."""
    return Condition(N_SITES, low=2)


def patient(position: int) -> str:
    """One patient, by the place in the whole cohort; nothing where that isn't known."""
    return pick(picked([position])) if position else NOTHING


def place(x: tuple[float, float], y: tuple[float, float], tip: str, means: str, **more: object) -> Json:
    """A place of a chart that means something (see `svg`); on its first axes unless `more` names others."""
    return {"x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "tip": tip, "pick": means, **more}


def dragged(column: str, label: str) -> Json:
    """What of a chart's layout lets a range along its first axis be chosen; nothing where no column holds it.

    label: of the number, with its unit.
    """
    return {"drag": {"column": column, "label": label}} if column else {}
