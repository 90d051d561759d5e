"""The kinds of cells: which keys and columns each has, and what computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from necc.analysis.proportions import contingency, exact_ci
from necc.analysis.survival import KaplanMeier, kaplan_meier
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.toml import Converter, count, listed, mapped, one_of, text
from necc.paper.printed import PrintedNumber
from necc.paper.reproduction import models
from necc.paper.reproduction.listing import LISTED, listing
from necc.paper.reproduction.printed import (
    Cells,
    Computed,
    Context,
    Limits,
    Names,
    Printed,
    Values,
    read_limits,
    read_names,
    read_p,
    show_printed,
)
from necc.paper.values import figure, filters, percent, positive

Keys = Mapping[str, Converter]


@dataclass(frozen=True)
class CellKind:
    """A kind of cell. `columns` names what may be printed and how it is read; "*" stands for any other column."""

    name: str
    title: str
    required: Keys
    optional: Keys
    columns: Keys
    compute: Callable[[Values, Cohort, Context], Cells]

    def read(self, column: str, value: object, values: Values) -> Printed:
        """Raises ValueError in plain words."""
        convert = self.columns.get(column, self.columns.get("*"))
        if convert is None:
            raise ValueError(f"not a column of kind '{self.name}', which has {', '.join(self.columns)}")
        if self.name == "curve" and column != "p" and "time" in values:
            convert = percent
        return convert(value)

    def impossible(self, printed: Mapping[str, Printed], values: Values) -> list[tuple[str, str]]:
        """Columns whose figures no data can have together, and why."""
        problems = []
        for column, names in printed.items():
            lost = [n for n in names.names if n not in values.get("as", {})] if isinstance(names, Names) else []
            if lost:
                why = f"'{lost[0]}' is not a word of the key 'as', which says what variables it means"
                problems.append((column, why))
        n, of, hr, ci = (printed.get(column) for column in ("n", "of", "hr", "ci"))
        if isinstance(n, PrintedNumber) and isinstance(of, PrintedNumber) and n.value > of.value:
            problems.append(("n", f"a count of {n.text} can't come from {of.text} patients"))
        if isinstance(hr, PrintedNumber) and isinstance(ci, Limits):
            room = PrintedNumber.parse(hr.text).rounded
            if room.high < ci.lower.rounded.low or room.low > ci.upper.rounded.high:
                problems.append(("ci", f"the interval {show_printed(ci)} doesn't hold its estimate {hr.text}"))
        return problems


def _texts(value: object) -> tuple[str, ...]:
    return (text(value),) if isinstance(value, str) else listed(text)(value)


# ---------------------------------------------------------------- counts and numbers
def _share(values: Values, cohort: Cohort, context: Context) -> Cells:
    base = models.patients_of(values, cohort)
    n, of = len(values["where"].apply(base)), len(base)
    share = exact_ci(n, of)
    return {"n": Computed(n, n=of), "of": Computed(of, n=of), "pct": _percent(share, of)}


def _percent(share: Estimate, of: int) -> Computed:
    if share.value is None:
        return Computed(n=of, why="no patients to take a share of")
    percents = share.in_percent()
    return Computed(percents.value, n=of, interval=percents)


def _number(values: Values, cohort: Cohort, context: Context) -> Cells:
    numbers = models.patients_of(values, cohort).number(values["variable"])
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        why = f"no patient has a value of {models.label_of(cohort, values['variable'])}"
        return {c: Computed(n=0, why=why) for c in ("median", "mean")}
    centre = {"median": np.median(numbers), "mean": numbers.mean(), "minimum": numbers.min(), "maximum": numbers.max()}
    return {name: Computed(float(value), n=len(numbers)) for name, value in centre.items()}


def _sum(values: Values, cohort: Cohort, context: Context) -> Cells:
    total = values["from"] - sum(values["minus"])
    return {"n": Computed(total, why="from the printed figures alone")}


# ---------------------------------------------------------------- survival
def _curve(values: Values, cohort: Cohort, context: Context) -> Cells:
    patients = models.patients_of(values, cohort)
    by, times = values.get("by"), (values["time"].value,) if "time" in values else ()
    key = (values["endpoint"], by, times, len(patients), str(values.get("among")))
    if key not in context.fitted:
        context.fitted[key] = kaplan_meier(patients, values["endpoint"], by, times=times)
    km: KaplanMeier = context.fitted[key]  # type: ignore[assignment]  # a curve is kept under such a key
    # the paper prints the chi-square p of every group, however small
    cells = {"p": Computed(km.test.chi_square_p, n=km.n, why=km.test.note or km.test.name)} if by else {}
    for curve in km.curves:
        why = "" if curve.median.value is not None else "median not reached"
        cells[curve.name if by else "all"] = Computed(curve.median.value, n=curve.n, interval=curve.median, why=why)
    for at in km.at_times:
        e = at.estimate.in_percent()
        why = f"{at.n_at_risk} at risk" if e.value is not None else f"nobody under observation at {at.time:g} {km.unit}"
        cells[at.stratum if by else "all"] = Computed(e.value, n=at.n_at_risk, interval=e, why=why)
    return cells


# ---------------------------------------------------------------- tables
def _compare(values: Values, cohort: Cohort, context: Context) -> Cells:
    patients = models.patients_of(values, cohort)
    factor, by = patients.factor(values["factor"]), patients.factor(values["by"])
    allowed = patients.dictionary.variables.get(values["factor"], factor).levels
    for level in values["level"]:
        if level not in factor.levels and level not in allowed:
            there = f"has no level '{level}'; there are {', '.join(factor.levels)}"
            raise AnalysisError(f"'{values['factor']}' {there}", f"'{factor.label}' {there}")
    has = np.isin(factor.codes, [factor.levels.index(v) for v in values["level"] if v in factor.levels])
    table: list[list[int]] = []
    cells: Cells = {}
    for group in values["groups"]:
        if group not in by.levels:
            raise AnalysisError(f"'{by.label}' has no level '{group}'; there are {', '.join(by.levels)}")
        inside = (by.codes == by.levels.index(group)) & (factor.codes >= 0)
        n, of = int((inside & has).sum()), int(inside.sum())
        table.append([n, of - n])
        cells |= {f"n {group}": Computed(n, n=of), f"of {group}": Computed(of, n=of)}
        cells[f"pct {group}"] = _percent(exact_ci(n, of), of)
    test = contingency(table, values.get("convention", "paper"))
    return {**cells, "p": Computed(test.p, n=test.n, why=f"{test.name}; {test.note}".rstrip("; "))}


SITE_OR_LEVEL: Keys = {"p": read_p, "*": positive}
RATIO: Keys = {"hr": positive, "ci": read_limits, "p": read_p}


def _counted(value: object) -> Printed:
    return PrintedNumber.parse(count(value))


_ALL = (
    CellKind("share", "A count and its percentage", {"where": filters}, {"among": filters},
         {"n": _counted, "of": _counted, "pct": percent}, _share),
    CellKind("number", "Centre and range of a number", {"variable": text}, {"among": filters},
         {c: figure for c in ("median", "mean", "minimum", "maximum")}, _number),
    CellKind("sum", "A total from the printed parts",
         {"from": count, "minus": listed(count)}, {}, {"n": _counted}, _sum),
    CellKind("curve", "Kaplan-Meier: medians, or survival in percent at a time, and the log-rank test",
         {"endpoint": text}, {"by": text, "time": positive, "among": filters}, SITE_OR_LEVEL, _curve),
    CellKind("compare", "A characteristic with against without, and the test of the table",
         {"factor": text, "level": _texts, "by": text, "groups": listed(text, 2)},
         {"among": filters, "convention": one_of(("paper", "r", "exact"))},
         {"p": read_p, "*": lambda value: _counted(value) if isinstance(value, int) else percent(value)}, _compare),
    CellKind("ratio", "Hazard ratio of one covariate", {"endpoint": text, "term": models.read_term},
         {"among": filters, "beside": models.read_term}, RATIO, models.ratio),
    CellKind("stepwise", "Hazard ratio in the model that forward selection keeps",
         {"endpoint": text, "enter": listed(models.read_term), "term": models.read_term},
         {"among": filters, "beside_enter": listed(models.read_term), "as": mapped(_texts)},
         {**RATIO, "kept": read_names}, models.stepwise_cell),
    CellKind("listing", "Single patients, row by row", {"is": listed(str, len(LISTED))}, {},
         {c: str for c in LISTED}, listing),
)  # fmt: skip
KINDS: dict[str, CellKind] = {kind.name: kind for kind in _ALL}
