"""A recipe computed on a cohort: every cell beside its printed figure, every mark computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

from necc.analysis.flow import Flow, FlowStep
from necc.core.cohort import Cohort
from necc.core.counts import rows_needed
from necc.core.dictionary import normalise
from necc.core.errors import AnalysisError, Finding, SelectionError
from necc.core.estimate import Estimate, Exclusion
from necc.core.result import Viewable, answers
from necc.core.text import MINUS, format_ci, format_number, format_p, joined, plural
from necc.paper.printed import PrintedNumber
from necc.paper.reproduction.kinds import KINDS
from necc.paper.reproduction.models import Z
from necc.paper.reproduction.names import unknown_names
from necc.paper.reproduction.printed import Computed, Context, Limits, Names, Printed, Side, show_printed
from necc.paper.reproduction.recipe import Layout, Line, Recipe, load_recipe

Mark = Literal["reproduced", "differs", "cannot be checked"]
MARKS: tuple[Mark, ...] = ("reproduced", "differs", "cannot be checked")
Holds = Literal["inside", "outside", "same side", "other side", ""]
Keys = Mapping[str, Any]
FLOW = "Patient selection"
DIGITS = "the printed digits"
PRINTED_FLOW = "all numbers are those that the paper prints"
MADE_FROM_PRINT = (
    "these patients are synthetic: the sample was built from the printed figures, so what is reproduced shows that the "
    "figures fit together, not that they are right"
)


@dataclass(frozen=True)
class Cell(Viewable):
    """One figure of the paper and what the cohort gives for it.

    printed, computed: as they are shown; value: unrounded. difference: computed minus printed, in the figure's unit
    (of an interval: the relative difference of its standard error). tolerance: how far the two may be apart for the
    mark, in words. exact: equal in every printed digit. interval: the cohort's own 95 % interval of the figure.
    holds: whether the printed figure lies in that interval, or p on the same side of 0.05; empty where that says
    nothing. printed_value: the printed figure as a number; None where it is none. coding: of a hazard ratio, what is
    set against what, or the number of which it is per 1.
    """

    id: str
    table: str
    row: str
    column: str
    kind: str
    printed: str
    computed: str
    value: float | None
    difference: float | None
    mark: Mark
    tolerance: str
    exact: bool
    reason: str
    note: str = ""
    beside: str = ""
    n: int | None = None
    interval: Estimate | None = None
    holds: Holds = ""
    printed_value: float | None = None
    coding: str = ""

    def to_dict(self) -> dict[str, object]:
        return {**asdict(self), "interval": self.interval.to_dict() if self.interval else None}


@dataclass(frozen=True)
class Passage:
    """What one criterion of admission leaves out of the cohort."""

    label: str
    printed: int
    n_before: int
    n_after: int
    why_not: str = ""


@dataclass(frozen=True)
class Reproduction(Viewable):
    """A paper's figures on a cohort. n: patients loaded; n_admitted: those the paper's criteria keep."""

    rows_in = "cells"

    def _lines(self) -> list[str]:
        return [
            f"{plural(len(self.cells), 'printed figure')}: "
            + joined([f"{n:,} {mark}" for mark, n in self.counts.items()])
        ]

    recipe: Recipe
    n: int
    n_admitted: int
    flow: tuple[Passage, ...]
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of cells by mark."""
        return {mark: sum(c.mark == mark for c in self.cells) for mark in MARKS}

    @property
    def n_exact(self) -> int:
        """Reproduced in every printed digit, or word."""
        return sum(c.mark == "reproduced" and c.exact for c in self.cells)

    @property
    def n_strict(self) -> int:
        """Reproduced where nothing but the printed digits would do."""
        return sum(c.mark == "reproduced" and c.tolerance == DIGITS for c in self.cells)

    @property
    def n_within(self) -> int:
        """Reproduced, though not in every digit: within the tolerance that the recipe states."""
        return self.counts["reproduced"] - self.n_exact

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables in their order."""
        return tuple(dict.fromkeys(c.table for c in self.cells))

    def of(self, table: str) -> tuple[Cell, ...]:
        return tuple(c for c in self.cells if c.table == table)

    def layout(self, table: str) -> Layout:
        """The table's columns with their headings: those of the file, then whatever else is printed."""
        known = self.recipe.layouts.get(table, Layout(table))
        named = dict(known.columns)
        there = dict.fromkeys(c.column for c in self.of(table))
        columns = [(c, h) for c, h in known.columns if c in there] + [(c, c) for c in there if c not in named]
        return Layout(table, known.title, tuple(columns), known.note, known.curves)

    def to_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "title": self.recipe.title, "reference": self.recipe.reference, "doi": self.recipe.doi, "n": self.n,
            "n_admitted": self.n_admitted, "counts": self.counts, "n_exact": self.n_exact,
            "n_within": self.n_within, "n_strict": self.n_strict, "flow": [asdict(p) for p in self.flow],
            "cells": [c.to_dict() for c in self.cells], "findings": [f.to_dict() for f in self.findings],
            "notes": list(self.notes),
        }  # fmt: skip


@cache
def of_this_paper() -> tuple[Recipe, tuple[Finding, ...]]:
    """The recipe of the paper that ships with the project, read once."""
    return load_recipe()


def of_the_paper(cohort: Cohort, admit: bool = True) -> Reproduction:
    """Computes every cell of the paper that ships with the project on a cohort; see `reproduce`.

    Example:
        >>> of_the_paper(cohort).counts["reproduced"]
        413
    """
    return reproduce(cohort, *of_this_paper(), admit=admit)


@answers
def reproduce(cohort: Cohort, recipe: Recipe, findings: Iterable[Finding] = (), *, admit: bool = True) -> Reproduction:
    """Computes every cell of a recipe on a cohort.

    Args:
        cohort: any cohort; what its columns don't allow is marked with the reason.
        recipe, findings: as `load_recipe` gives them.
        admit: apply the paper's criteria of admission first.

    Raises:
        NeedsRows: the cohort is one of counts.

    Example:
        >>> reproduce(cohort, *load_recipe()).counts["reproduced"]
        413
    """
    rows_needed(cohort, "a paper's reproduction")
    patients, notes = cohort, []
    if recipe.scheme and recipe.scheme != cohort.scheme.name and recipe.scheme in cohort.dictionary.schemes:
        patients = cohort.with_scheme(recipe.scheme)
        notes.append(f"sites are read through the scheme '{patients.scheme.label}', as the paper does")
    if cohort.source.notice:
        notes.append(MADE_FROM_PRINT)
    flow, admitted = _flow(recipe, patients)
    if admit:
        patients = admitted
    contexts: dict[tuple[str, str], Context] = {}
    for line in recipe.lines:
        contexts.setdefault((line.table, line.kind), Context())
    for key, context in contexts.items():
        context.rows = [line.values for line in recipe.lines if (line.table, line.kind) == key]
    cells = list(_flow_cells(flow, len(cohort)))
    for line in recipe.lines:
        cells += _cells(line, patients, contexts[line.table, line.kind])
    findings_all = (*findings, *unknown_names(recipe, cohort))
    return Reproduction(recipe, len(cohort), len(admitted), flow, tuple(cells), findings_all, tuple(notes))


@answers
def printed_numbers(reproduction: Reproduction, tables: Sequence[str], columns: Sequence[str]) -> tuple[Cell, ...]:
    """Cells of some tables and columns that are printed as a number: shares in percent, or medians.

    tables, columns: their names in the recipe.

    Example:
        >>> cells = printed_numbers(of_the_paper(cohort), ["Table 2"], ["pct"])
        >>> cells[0].row, cells[0].printed_value
        ('Lung', 38.6)
    """
    return tuple(
        c for c in reproduction.cells
        if c.table in tables and c.column in columns and c.printed_value is not None
    )  # fmt: skip


def printed_flow(recipe: Recipe) -> Flow | None:
    """How the paper's patients were chosen, by its own numbers; None where the recipe has no numbers of it.

    Example:
        >>> [step.n for step in printed_flow(of_this_paper()[0]).steps]
        [126, 107, 99, 88]
    """
    first = next((line.values["from"] for line in recipe.lines if line.kind == "sum" and line.table == FLOW), None)
    if first is None or not recipe.steps:
        return None
    steps = [FlowStep("file", "Patients reviewed", int(str(first)))]
    for step in recipe.steps:
        n = steps[-1].n - step.printed
        last = step is recipe.steps[-1]
        label = "In the paper" if last else "Kept"
        steps.append(FlowStep("file", label, n, (Exclusion(step.label, step.printed),), n))
    return Flow(tuple(steps), "", "", "", "", (), steps[-1].n, None, (PRINTED_FLOW,))


# ---------------------------------------------------------------- admission
def _flow(recipe: Recipe, cohort: Cohort) -> tuple[tuple[Passage, ...], Cohort]:
    passages, here = [], cohort
    for step in recipe.steps:
        before, why = len(here), ""
        try:
            here = step.where.apply(here)
        except (SelectionError, AnalysisError) as error:
            why = error.told
        passages.append(Passage(step.label, step.printed, before, len(here), why))
    return tuple(passages), here


def _flow_cells(flow: Sequence[Passage], n: int) -> Iterable[Cell]:
    """A file of the patients who were kept can't tell how many were left out."""
    nobody = all(p.n_before == p.n_after for p in flow)
    for passage in flow:
        lost = passage.n_before - passage.n_after
        if passage.why_not:
            computed = Computed(why=passage.why_not)
        elif nobody:
            computed = Computed(why=f"none of these {n} patients meets a criterion: the file holds those who were kept")
        else:
            computed = Computed(lost, n=passage.n_before)
        yield _cell(FLOW, passage.label, "n", "flow", PrintedNumber.parse(passage.printed), computed, {})


# ---------------------------------------------------------------- cells
def _cells(line: Line, cohort: Cohort, context: Context) -> list[Cell]:
    computed, lacking = {}, Computed(why="the cohort doesn't give this")
    try:
        computed = KINDS[line.kind].compute(line.values, cohort, context)
    except (AnalysisError, SelectionError) as error:
        lacking = Computed(why=error.told)
    cells = []
    for column, printed in line.printed.items():
        name = " ".join(filter(None, (str(line.values.get("column", "")), column)))
        result = computed.get(column, lacking)
        cells.append(_cell(line.table, line.row, name, line.kind, printed, result, line.values))
    return cells


def _cell(table: str, row: str, column: str, kind: str, printed: Printed, computed: Computed, keys: Keys) -> Cell:
    mark, difference, reason = mark_of(printed, computed, keys, is_p(column))
    return Cell(
        id=f"{table}/{row}/{column}",
        table=table,
        row=row,
        column=column,
        kind=kind,
        printed=show_printed(printed),
        computed=show_computed(printed, computed, column),
        value=computed.value,
        difference=difference,
        mark=mark,
        tolerance=tolerance(printed, keys, is_p(column)),
        exact=computed.there and _exact(printed, computed),
        reason=reason,
        note=str(keys.get("note", "")),
        beside=computed.beside,
        n=computed.n,
        interval=computed.interval,
        holds=_holds(printed, computed, column),
        printed_value=printed.value if isinstance(printed, PrintedNumber) else None,
        coding=computed.coding,
    )


def show_computed(printed: Printed, computed: Computed, column: str = "") -> str:
    """A computed figure with the digits of the printed one; empty where there is none."""
    if computed.words:
        return computed.words.replace("_", " ")  # sites of a list are written by name
    if computed.pair is not None:
        return format_ci(*computed.pair, printed.lower.decimals if isinstance(printed, Limits) else 3)
    if computed.value is None:
        return ""
    if is_p(column):
        return format_p(computed.value)
    return format_number(computed.value, printed.decimals if isinstance(printed, PrintedNumber) else 3)


def mark_of(printed: Printed, computed: Computed, keys: Keys, is_p: bool = False) -> tuple[Mark, float | None, str]:
    """The mark, the difference and the reason: digits first, then the tolerance that the recipe allows."""
    if not computed.there:
        return "cannot be checked", None, computed.why or "not estimable"
    about = f" ({computed.why})" if computed.why else ""
    if isinstance(printed, str):
        same = normalise(printed) == normalise(computed.words) or computed.words in keys.get("is", ())
        return ("reproduced", None, f"the same{about}") if same else ("differs", None, f"another text{about}")
    if isinstance(printed, Names):
        same = _same_names(printed, computed.names or (), keys)
        return ("reproduced", None, f"the same{about}") if same else ("differs", None, f"others are kept{about}")
    if isinstance(printed, Side):
        same = printed.holds(computed.value or 0.0)
        side = "the same side" if same else "the other side"
        return ("reproduced" if same else "differs"), None, f"{side} of {printed.at:g}{about}"
    if isinstance(printed, Limits):
        return _mark_limits(printed, computed, keys, about)
    return _mark_figure(printed, float(computed.value or 0.0), _allowance(keys, is_p), about)


def _same_names(printed: Names, names: Sequence[str], keys: Keys) -> bool:
    """Whether each printed word means one of the variables, and no variable is left over."""
    meant = [set(keys["as"][word]) & set(names) for word in printed.names]
    return all(meant) and set().union(*meant) == set(names)


def tolerance(printed: Printed, keys: Keys, is_p: bool = False) -> str:
    """How far a computed figure may be from the printed one to be called reproduced, in words."""
    if isinstance(printed, Names | str):
        return "the same names" if isinstance(printed, Names) else "the same text"
    if isinstance(printed, Side):
        return f"same side of {printed.at:g}"
    if isinstance(printed, Limits):
        allowed = keys.get("se_relative")
        return f"standard error ± {100 * allowed:g} %" if allowed else DIGITS
    words = {"relative": "± {:.0%}", "same_side": "same side of {:g}"}
    allowances = [words.get(name, "± {:g}").format(v).replace("%", " %") for name, v in _allowance(keys, is_p).items()]
    return joined(allowances) or DIGITS


def _exact(printed: Printed, computed: Computed) -> bool:
    """Whether print and computation agree in every digit, or in every word."""
    if isinstance(printed, Limits):
        low, high = computed.pair or (math.nan, math.nan)
        return printed.lower.rounded.holds(low) and printed.upper.rounded.holds(high)
    if isinstance(printed, PrintedNumber):
        return computed.value is not None and printed.rounded.holds(computed.value)
    return not isinstance(printed, Side)


def _allowance(keys: Keys, is_p: bool) -> Keys:
    """Tolerances are for estimates or for p-values, not for both."""
    names = ("p_absolute", "same_side") if is_p else ("relative", "absolute")
    return {name: keys[name] for name in names if keys.get(name)}


def _mark_figure(printed: PrintedNumber, value: float, allowed: Keys, about: str) -> tuple[Mark, float, str]:
    difference = value - printed.value
    if printed.rounded.holds(value):
        return "reproduced", difference, f"rounds to the printed figure{about}"
    met: dict[str, Callable[[float], bool]] = {
        "relative": lambda share: abs(difference) <= share * abs(printed.value),
        "absolute": lambda units: abs(difference) <= units,
        "p_absolute": lambda units: abs(difference) <= units,
        "same_side": lambda at: (value < at) == (printed.value < at),
    }
    if allowed and all(met[name](limit) for name, limit in allowed.items()):
        words = {"relative": "within {:.0%} of the printed figure", "same_side": "on the same side of {:g}"}
        met_by = [words.get(name, "within {:g} of the printed figure").format(v) for name, v in allowed.items()]
        return "reproduced", difference, f"{joined(met_by)}{about}"
    share = 100 * abs(difference) / abs(printed.value) if printed.value else 0.0
    apart = f"{share:.1f} %" if share >= 0.05 else "a digit"
    return "differs", difference, f"{apart} {'more' if difference > 0 else 'less'} than printed{about}"


def _mark_limits(printed: Limits, computed: Computed, keys: Keys, about: str) -> tuple[Mark, float | None, str]:
    low, high = computed.pair or (0.0, 0.0)
    se, printed_se = _se(low, high), _se(printed.lower.value, printed.upper.value)
    difference = se / printed_se - 1 if se and printed_se else None
    if printed.lower.rounded.holds(low) and printed.upper.rounded.holds(high):
        return "reproduced", difference, f"both limits round to the printed ones{about}"
    allowed = keys.get("se_relative")
    message = "" if difference is None else f"standard error {100 * difference:+.1f} %".replace("-", MINUS)
    if allowed and difference is not None and abs(difference) <= allowed:
        return "reproduced", difference, f"{message}, {100 * allowed:g} % are allowed{about}"
    return "differs", difference, f"{message}{about}"


def is_p(column: str) -> bool:
    """Whether a column holds p-values: `p`, or `multivariate p`."""
    return column.split()[-1] == "p"


def _se(lower: float, upper: float) -> float | None:
    """Standard error of the log ratio that an interval implies."""
    return math.log(upper / lower) / (2 * Z) if 0 < lower < upper else None


def _holds(printed: Printed, computed: Computed, column: str) -> Holds:
    if isinstance(printed, PrintedNumber) and is_p(column) and computed.value is not None:
        return "same side" if (printed.value < 0.05) == (computed.value < 0.05) else "other side"
    if isinstance(printed, Side) and computed.value is not None:
        return "same side" if printed.holds(computed.value) else "other side"
    if isinstance(printed, PrintedNumber) and computed.interval is not None:
        low, high = computed.interval.lower, computed.interval.upper
        if low is None and high is None:
            return ""
        above = low is None or printed.rounded.high >= low
        below = high is None or printed.rounded.low <= high
        return "inside" if above and below else "outside"
    return ""
