"""The data behind a figure: every curve, bar and point as rows of numbers, aggregated."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from necc.core.result import OLD_KEYS
from necc.core.text import spreadsheet_safe
from necc.report.masking import ONE_PATIENT_EACH, told
from necc.report.model import Item

Value = str | int | float | None
SINGLE = ("lanes", "impossible", "doubtful", "disagree", "rows_of_file")
"""What a result holds of single patients, by its name in JSON; it stays out."""
SKIPPED = (*SINGLE, "levels", "notes", "guardrails")
RENAMED = {(new, old) for names in OLD_KEYS.values() for new, old in names.items()}
RENAMED |= {("median_ci_lower", "median_ci")}
NAMES = ("label", "name", "by_label", "site", "sites", "level", "cause", "term", "variable", "family", "time", "best")
"""By what a row is known to the rows below it: the first of these that tells it from its neighbours."""
ABOUT = "about"
LONG = 12  # texts or numbers of a list that stand in one cell


@dataclass(frozen=True)
class Grid:
    """Rows of numbers and texts under their columns, unrounded; None for what isn't there."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def to_csv(self) -> bytes:
        """UTF-8 with the mark that spreadsheets ask for; no text is run as a formula.

        Example:
            >>> from necc.report.data import Grid
            >>> Grid("a", ("group", "n"), (("=1+1", 3), ("b", None))).to_csv().decode("utf-8-sig").split()
            ['group,n', "'=1+1,3", 'b,']
        """
        text = io.StringIO()
        rows = ([spreadsheet_safe(c) if isinstance(c, str) else c for c in row] for row in (self.columns, *self.rows))
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        return text.getvalue().encode("utf-8-sig")


def figure_data(item: Item, smallest: int = 0) -> tuple[Grid, ...]:
    """The numbers behind an item's figure: of its analyses, each list as a grid under the names that JSON gives them.

    A Kaplan-Meier curve has time, n_at_risk, n_events, n_censored, survival, ci_lower and ci_upper by group. Nothing is
    of a single patient, but that a curve steps where somebody had the event.

    Args:
        smallest: numbers of fewer patients aren't told (`Report.smallest_cell`).

    Returns:
        The grids; none where the analyses are of single patients, or of too few.

    Example:
        >>> from necc.project import Exhibit, Project
        >>> from necc.report import make_report
        >>> from necc.report.data import figure_data
        >>> shown = Exhibit("Curve", shows=("figures.survival_curves(kaplan_meier(cohort, 'PRS'))",))
        >>> curve, *_ = figure_data(make_report(Project(exhibits=(shown,)), cohort).items[0])
        >>> curve.name, curve.columns[:3], curve.rows[0][:3]
        ('strata, curve', ('strata', 'time', 'n_at_risk'), ('all patients', 2.37, 88))
    """
    grids: list[Grid] = []
    results = [computed for computed in item.computed if type(computed.result).__name__ not in ONE_PATIENT_EACH]
    for place, computed in enumerate(results, 1):
        result = told(computed.result, smallest)
        if result is None or not hasattr(result, "to_dict"):
            continue
        before = f"{place} {computed.function}: " if len(results) > 1 else ""
        grids += [Grid(before + grid.name, grid.columns, grid.rows) for grid in grids_of(result.to_dict())]
    return tuple(grids)


def grids_of(result: Mapping[str, object]) -> tuple[Grid, ...]:
    """A result's JSON as grids: every list of objects is one, the longest lists first; what is left is `about`.

    Example:
        >>> from necc.report.data import grids_of
        >>> for grid in grids_of({"n": 3, "sites": [{"name": "lung", "n": 2}, {"name": "bone", "n": 1}]}):
        ...     print(grid.name, grid.columns, grid.rows)
        sites ('name', 'n') (('lung', 2), ('bone', 1))
        about ('field', 'value') (('n', 3),)
    """
    tables: dict[str, list[dict[str, Value]]] = {}
    about = _collect((), result, {}, tables)
    grids = [_grid(name, rows) for name, rows in tables.items()]
    grids.sort(key=lambda grid: -grid.name.count(","))
    known = tuple((name, value) for name, value in about.items() if value not in (None, ""))
    return (*grids, Grid(ABOUT, ("field", "value"), known)) if known else tuple(grids)


def _grid(name: str, rows: Sequence[Mapping[str, Value]]) -> Grid:
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    return Grid(name, columns, tuple(tuple(row.get(column) for column in columns) for row in rows))


def _collect(
    path: tuple[str, ...],
    node: Mapping[str, object],
    above: dict[str, Value],
    tables: dict[str, list[dict[str, Value]]],
) -> dict[str, Value]:
    """A node's own values; its lists of objects go to `tables`, by their path, with what is above them."""
    own = dict(_values(node))
    for name, children in _lists(node):
        place = (*path, name)
        rows = tables.setdefault(", ".join(place), [])
        key = _key(children)
        for number, child in enumerate(children, 1):
            known = str(own_name) if (own_name := dict(_values(child)).get(key)) is not None else number
            row: dict[str, Value] = dict(above)
            rows.append(row)
            row |= _collect(place, child, {**above, name: known}, tables)
    return own


def _key(children: Sequence[Mapping[str, object]]) -> str:
    flat = [dict(_values(child)) for child in children]
    for name in NAMES:
        values = [row.get(name) for row in flat]
        if None not in values and len(set(values)) == len(values):
            return name
    return ""


def _values(node: Mapping[str, object], before: str = "") -> Iterator[tuple[str, Value]]:
    """The values of a node and of the objects in it, those with names of two parts; lists of few as one text."""
    for name, value in node.items():
        if name in SKIPPED or any((new, name) in RENAMED for new in node):  # an old name of the same
            continue
        if isinstance(value, Mapping):
            yield from _values(value, f"{before}{name} ")
        elif isinstance(value, list):
            if name.endswith("_ci") and len(value) == 2:
                yield from (
                    (f"{before}{name}_{end}", _plain(v)) for end, v in zip(("lower", "upper"), value, strict=True)
                )
            elif value and len(value) <= LONG and not any(isinstance(v, Mapping | list) for v in value):
                yield before + name, "; ".join(str(_plain(v)) for v in value)
        else:
            yield before + name, _plain(value)


def _lists(node: Mapping[str, object]) -> Iterator[tuple[str, list[Mapping[str, object]]]]:
    """The lists of a node: of objects, and long ones of values as if each were an object."""
    for name, value in node.items():
        if name in SKIPPED:
            continue
        if isinstance(value, Mapping):
            yield from _lists(value)
        elif isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            yield name, value
        elif isinstance(value, list) and len(value) > LONG:
            yield name, [{name: v} for v in value]


def _plain(value: object) -> Value:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if value is None or isinstance(value, str | int | float) else str(value)
