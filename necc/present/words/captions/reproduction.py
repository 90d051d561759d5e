"""What is said of printed figures beside computed ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

from necc.core.text import NOT_ESTIMABLE, first_few, format_ci, plural
from necc.paper.reproduction import Cell
from necc.paper.reproduction.own import Comparison
from necc.present.words.captions import each
from necc.present.words.phrases import ratio_estimate, sentences

NO_NUMBERS = "Of this nothing is printed as a number."
PRINTED = "printed in the paper"
PER_CENT, MONTHS = "Per cent", "Months"
SIDES = {"with": "with", "without": "without", "all": "all patients", "n": "", "pct": "", "median": ""}
NOTHING = "This recipe prints no hazard ratio with its interval."
CONTRAST = re.compile(r"^(?P<what>.+?) \((?P<contrast>[^()]+\bvs?\b\.?[^()]+)\)$")  # how a printed row ends
AGAINST = " against "
PLAIN = ("with against without", "yes against no")  # told once, below the figure
PANEL = re.compile(r"^[A-H] (?=[A-Z])")  # of a figure: its letter says nothing without the figure
UNLIKE = "≠"
MOST_NAMED = 6


def published(c: Comparison) -> str:
    """`2.377 (1.220–4.630)`, with the digits of the paper."""
    return c.published.method


def own(c: Comparison) -> str:
    """`2.38 (1.22–4.63)`, as this cohort's ratios are written everywhere."""
    return ratio_estimate(c.own) if c.own else NOT_ESTIMABLE


def ratio_name(c: Comparison, several: bool = False) -> str:
    """`Age, > 50 against ≤ 50`: whose hazard stands on top; where another coding is computed, both are named."""
    printed = CONTRAST.match(c.row)
    model = f" ({c.model})" if several and c.model == "multivariable" else ""
    if not c.coding or c.coding in PLAIN:
        return f"{c.row}{model}"
    if AGAINST in c.coding:
        return f"{printed['what'] if printed else c.row}, {c.coding}{model}"
    return f"{c.row}{model}, per 1"


def other_coding(c: Comparison) -> str:
    """What is computed where the paper prints a contrast and a number is used, and what the contrast itself gives."""
    printed = CONTRAST.match(c.row)
    if c.own is None or printed is None or not c.coding or AGAINST in c.coding:
        return ""
    match = "reproduces" if c.reproduced else "doesn't reproduce"
    told = f"; as the contrast: {c.beside}" if c.beside else ""
    return (
        f"{printed['what']}: printed as {printed['contrast']}; computed as '{c.coding}', which {match} the ratio{told}"
    )


def forest(result: Sequence[Comparison], lowest: float, highest: float) -> tuple[str, str]:
    """The alternative text and the caption; the axis goes from `lowest` to `highest`."""
    lost = sum(c.own is None for c in result)
    alt = f"Forest plot of {plural(len(result), 'published hazard ratio')}, with those of the loaded cohort above each."
    return alt, sentences(
        f"Hazard ratios of {plural(len(result), 'row')} as published and in these patients",
        f"{lost:,} can't be computed here" if lost else "",
        f"drawn from {lowest:g} to {highest:g}; an arrow: the interval, or without a mark the ratio, lies beyond",
        "Wald intervals, ties by Efron; published ratios and intervals as printed",
        "a row that names no contrast: with it against without" if any(c.coding in PLAIN for c in result) else "",
        *(other_coding(c) for c in result if c.model == "univariable"),
    )


# ---------------------------------------------------------------- shares and medians
def of_patients(c: Cell) -> bool:
    """Whether a cell of a curve is a share, not a time: its interval is one of a survival."""
    return c.table == "Text, survival" or c.column.endswith("pct")


def cell_name(c: Cell) -> str:
    """`Lung`, or `Abdominal organs, without` where a row has several figures."""
    side = SIDES.get(c.column, c.column)
    row = PANEL.sub("", c.row) if c.table.startswith("Figure") else c.row
    return f"{row}, {side}" if side else row


def computed(c: Cell) -> str:
    """The computed figure with its interval."""
    e = c.interval
    limits = f" ({format_ci(e.lower, e.upper)})" if e is not None and e.lower is not None else ""
    return f"{c.computed}{limits}"


def as_printed(c: Cell) -> str:
    """`printed 66.5`, with a sign where something else was computed."""
    return f"{UNLIKE} printed {c.printed}" if c.mark == "differs" else f"printed {c.printed}"


def in_full(c: Cell) -> str:
    return f"{cell_name(c)}: {computed(c) if c.value is not None else NOT_ESTIMABLE}, {as_printed(c)}"


def beside(cells: Sequence[Cell]) -> tuple[str, str]:
    """The alternative text and the caption: every pair, how many agree, and what the lines are."""
    alike = sum(c.mark == "reproduced" for c in cells)
    unlike = [cell_name(c) for c in cells if c.mark == "differs"]
    lost = sum(c.value is None for c in cells)
    return sentences(
        each((cell_name(c), f"{computed(c) or NOT_ESTIMABLE}, {as_printed(c)}") for c in cells)
    ), sentences(
        f"{alike:,} of {plural(len(cells), 'figure')} reproduced",
        f"{UNLIKE} not reproduced: {first_few(unlike, MOST_NAMED)}" if unlike else "",
        f"{lost:,} can't be computed here" if lost else "",
        "lines: 95 % intervals of what was computed",
    )
