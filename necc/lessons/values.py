"""The values that a lesson may ask for: a closed list, each read off a result of the core, never computed here.

A lesson's file names one with its arguments; nothing else can be computed by a lesson:

    [value.curve]
    of = "km.survival"
    endpoint = "PRS"
    at = 24
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError, SelectionError
from necc.core.estimate import Estimate
from necc.core.frozen import Frozen
from necc.core.text import (
    DASH,
    NOT_ESTIMABLE,
    NOT_REACHED,
    format_number,
    format_p,
    format_ratio,
    joined,
    plural,
    shorten,
)
from necc.core.toml import meant
from necc.lessons.model import Asked, Plain

Kind = Literal["share", "time", "count", "ratio", "p", "number"]
"""How a value is written: a share in percent, a time with its unit, a count, a ratio, a p, any other number."""
MOST_KEPT = 500  # results of a cohort
FEW = "too few"
PARTS = ("number", "interval", "lower", "upper", "n", "of")


@dataclass(frozen=True)
class Found(Frozen):
    """A value of a cohort, unrounded, as the core has it; None where it isn't reached or not estimable.

    n, of: the counts behind it: of a share n of `of` patients, else the patients analysed. unit: of a time.
    note: why there is none, in words.
    """

    kind: Kind
    value: float | None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    of: int | None = None
    unit: str = ""
    note: str = ""

    @property
    def shown(self) -> float | None:
        """The value in the unit in which it is written and answered: shares in percent."""
        return self.value if self.value is None or self.kind != "share" else 100 * self.value


@dataclass
class Source:
    """A cohort that is asked for values; the same analysis is made once.

    names: what {endpoint}, {treatment} and a control stand for.

    Example:
        >>> from necc.lessons.model import Asked
        >>> from necc.lessons.values import Source, find, written
        >>> source = Source(cohort)
        >>> found = find(Asked("curve", "km.survival", (("endpoint", "PRS"), ("at", 24.0))), source)
        >>> written(found), written(found, "interval")
        ('44.0 %', '30.0–57.1 %')
    """

    cohort: Cohort
    names: Mapping[str, Plain] = field(default_factory=dict)
    memory: dict[object, Any] = field(default_factory=dict, repr=False)

    def ask(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What an analysis says of the cohort; arguments are plain values."""
        key = (function.__module__, function.__name__, args, tuple(sorted(kwargs.items())))
        return self.kept(key, lambda: function(self.cohort, *args, **kwargs))

    def kept(self, key: object, make: Callable[[], Any]) -> Any:
        """What was made under a key, or is made now; a slider has many places, so not all are kept for ever."""
        if (found := self.memory.get(key)) is None:
            found = make()
            if len(self.memory) >= MOST_KEPT:
                self.memory.clear()
            self.memory[key] = found
        return found

    def moved(self, names: Mapping[str, Plain]) -> Source:
        """The same cohort and memory, with a control where it was moved to."""
        return Source(self.cohort, {**self.names, **names}, self.memory)


@dataclass(frozen=True)
class Entry:
    """A value that can be asked for. arguments: by name its type and whether the file must give it."""

    name: str
    kind: Kind
    function: Callable[..., Found]
    arguments: Mapping[str, tuple[type, bool]]


REGISTRY: dict[str, Entry] = {}
TYPES = {"str": str, "float": float, "bool": bool}


def _entry(name: str, kind: Kind) -> Callable[[Callable[..., Found]], Callable[..., Found]]:
    def known(function: Callable[..., Found]) -> Callable[..., Found]:
        given = list(inspect.signature(function).parameters.values())[1:]
        arguments = {p.name: (TYPES[str(p.annotation)], p.default is p.empty) for p in given}
        REGISTRY[name] = Entry(name, kind, function, arguments)
        return function

    return known


def problems_of(asked: Asked, holes: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with a value as the file asks for it, whatever the cohort; `holes` are names in braces."""
    entry = REGISTRY.get(asked.of)
    if entry is None:
        near = meant(asked.of, REGISTRY).removeprefix("; ")
        return [f"there is no value '{shorten(asked.of)}'; " + (near or f"there are {', '.join(REGISTRY)}")]
    told, given = [], dict(asked.arguments)
    for name, value in given.items():
        if name not in entry.arguments:
            known = ", ".join(entry.arguments) or "none"
            told.append(f"'{asked.of}' has no argument '{shorten(name)}'; it has {known}{meant(name, entry.arguments)}")
            continue
        kind = entry.arguments[name][0]
        if isinstance(value, str) and value[1:-1] in holes and value == f"{{{value[1:-1]}}}":
            continue
        if kind is float and (isinstance(value, bool) or not isinstance(value, int | float)):
            told.append(f"'{name}' of '{asked.of}' is a number, not '{shorten(str(value))}'")
        elif kind is float and isinstance(value, int | float) and value < 0:
            told.append(f"'{name}' of '{asked.of}' is zero or more, not {value:g}")
        elif kind is not float and not isinstance(value, kind):
            told.append(f"'{name}' of '{asked.of}' is {'a text' if kind is str else 'true or false'}")
    needed = [name for name, (_, must) in entry.arguments.items() if must and name not in given]
    if needed:
        told.append(f"'{asked.of}' needs {joined(needed)}")
    return told


def find(asked: Asked, source: Source) -> Found:
    """A value of the source's cohort.

    Raises:
        AnalysisError: the cohort lacks what it is taken from.
    """
    entry = REGISTRY[asked.of]
    arguments = {name: filled(value, source.names) for name, value in asked.arguments}
    for name, value in arguments.items():
        if isinstance(value, str) and value.startswith("{"):
            raise AnalysisError(f"'{asked.name}' follows the control {value}, which isn't in this step")
        kind, must = entry.arguments[name]
        if value == "" and must:
            raise AnalysisError(f"this cohort has no {name}")
        if not isinstance(
            value, int | float if kind is float else kind
        ):  # of a control, or of a name that stands for something else
            wanted = {str: "a text", float: "a number", bool: "true or false"}[kind]
            raise AnalysisError(f"'{name}' of '{asked.of}' is {wanted}, not '{shorten(str(value))}'")
    return entry.function(source, **arguments)


def filled(value: Plain, names: Mapping[str, Plain]) -> Plain:
    """An argument with {names} filled in: alone a name gives its value, within a text its words."""
    if not isinstance(value, str) or "{" not in value:
        return value
    if value[1:-1] in names and value == f"{{{value[1:-1]}}}":
        whole = names[value[1:-1]]
        return ",".join(whole) if isinstance(whole, tuple) else whole
    for name, known in names.items():
        value = value.replace(f"{{{name}}}", f"{known:g}" if isinstance(known, float) else str(known))
    return value


def written(found: Found, part: str = "", digits: int | None = None) -> str:
    """A value, or a part of it, as a text has it.

    part: '' for the value with its unit; 'number' without the unit; 'interval', 'lower', 'upper', 'n', 'of'.
    """
    if part in ("n", "of"):
        count = found.n if part == "n" else found.of
        return NOT_ESTIMABLE if count is None else f"{count:,}"
    if part == "interval":
        if found.lower is None and found.upper is None:
            return "no interval"
        low, high = _number(found, found.lower, digits), _number(found, found.upper, digits)
        if None in (found.lower, found.upper):  # words with a dash between read as one
            return f"{low} to {high}" + ("" if found.upper is None else _unit(found))
        return f"{low}{DASH}{high}" + _unit(found)
    value = {"lower": found.lower, "upper": found.upper}.get(part, found.value)
    if not part and value is None and found.note.startswith(FEW):
        return found.note
    if part == "number" or value is None:
        return _number(found, value, digits)
    return _number(found, value, digits) + _unit(found)


def _unit(found: Found) -> str:
    return " %" if found.kind == "share" else f" {found.unit}" if found.kind == "time" and found.unit else ""


def _number(found: Found, value: float | None, digits: int | None) -> str:
    if value is None or not math.isfinite(value):
        return NOT_REACHED if found.kind == "time" else NOT_ESTIMABLE
    match found.kind:
        case "p":
            return format_p(value)
        case "count":
            return f"{round(value):,}"
        case "ratio" if digits is None:
            return format_ratio(value)
        case "share":
            return format_number(100 * value, 1 if digits is None else digits)
    return format_number(value, {"time": 1, "number": 2}.get(found.kind, 2) if digits is None else digits)


def _of(kind: Kind, estimate: Estimate, n: int | None = None, of: int | None = None, **more: str) -> Found:
    return Found(kind, estimate.value, estimate.lower, estimate.upper, n, of, **more)


def _count(value: int, of: int | None = None) -> Found:
    return Found("count", float(value), n=value, of=of)


# ---------------------------------------------------------------- survival
def _curve(source: Source, endpoint: str, by: str, group: str, ci: str = "log-log") -> Any:
    """A Kaplan-Meier curve and the unit of its times."""
    from necc.analysis.survival import kaplan_meier

    km = source.ask(kaplan_meier, endpoint, by or None, ci=ci)
    for curve in km.curves:
        if not by or curve.name == group:
            return curve, km.unit
    there = joined([f"'{c.name}'" for c in km.curves]) or "nobody"
    raise AnalysisError(f"{km.by_label or 'the cohort'} has no patients in '{shorten(group)}' here; there are {there}")


@_entry("km.survival", "share")
def _survival(source: Source, endpoint: str, at: float, by: str = "", group: str = "", ci: str = "log-log") -> Found:
    point = _curve(source, endpoint, by, group, ci)[0].at(at)
    return _of("share", point.estimate, point.n_at_risk, note="" if point.estimate.value is not None else NOBODY)


NOBODY = "nobody is under observation then"


@_entry("km.median", "time")
def _median(source: Source, endpoint: str, by: str = "", group: str = "") -> Found:
    curve, unit = _curve(source, endpoint, by, group)
    return _of("time", curve.median, curve.n, unit=unit, note="" if curve.median.value is not None else NOT_REACHED)


@_entry("km.at_risk", "count")
def _at_risk(source: Source, endpoint: str, at: float, by: str = "", group: str = "") -> Found:
    curve = _curve(source, endpoint, by, group)[0]
    return _count(int(curve.at_risk([at])[0]), curve.n)


@_entry("km.n", "count")
def _n(source: Source, endpoint: str, by: str = "", group: str = "") -> Found:
    return _count(_curve(source, endpoint, by, group)[0].n)


@_entry("km.events", "count")
def _events(source: Source, endpoint: str, by: str = "", group: str = "") -> Found:
    curve = _curve(source, endpoint, by, group)[0]
    return _count(curve.n_events_total, curve.n)


@_entry("km.censored", "count")
def _censored(source: Source, endpoint: str, by: str = "", group: str = "") -> Found:
    curve = _curve(source, endpoint, by, group)[0]
    return _count(curve.n - curve.n_events_total, curve.n)


@_entry("km.follow_up", "time")
def _follow_up(source: Source, endpoint: str) -> Found:
    from necc.analysis.survival import kaplan_meier

    km = source.ask(kaplan_meier, endpoint, None, ci="log-log")
    return _of("time", km.followup, km.n, unit=km.unit)


@_entry("km.event_share", "share")
def _event_share(source: Source, endpoint: str, by: str = "", group: str = "") -> Found:
    from necc.analysis.proportions import exact_ci

    curve = _curve(source, endpoint, by, group)[0]
    return _of("share", exact_ci(curve.n_events_total, curve.n), curve.n_events_total, curve.n)


def _crude(source: Source, endpoint: str, at: float) -> Any:
    from necc.analysis.survival.crude import crude_survival

    return source.ask(crude_survival, endpoint, at)


@_entry("crude.alive", "share")
def _crude_alive(source: Source, endpoint: str, at: float) -> Found:
    """Who was lost before the time counted as a survivor."""
    crude = _crude(source, endpoint, at)
    return _of("share", crude.as_survivors, crude.n - crude.n_events_by, crude.n)


@_entry("crude.left_out", "share")
def _crude_left_out(source: Source, endpoint: str, at: float) -> Found:
    """Who was lost before the time left out."""
    crude = _crude(source, endpoint, at)
    return _of("share", crude.left_out, crude.n_followed, crude.n - crude.n_lost)


@_entry("crude.as_dead", "share")
def _crude_dead(source: Source, endpoint: str, at: float) -> Found:
    """Who was lost before the time counted as having the event."""
    crude = _crude(source, endpoint, at)
    return _of("share", crude.as_events, crude.n_followed, crude.n)


@_entry("crude.lost", "count")
def _crude_lost(source: Source, endpoint: str, at: float) -> Found:
    """Censored before the time."""
    crude = _crude(source, endpoint, at)
    return _count(crude.n_lost, crude.n)


@_entry("crude.events", "count")
def _crude_events(source: Source, endpoint: str, at: float) -> Found:
    """Events by the time."""
    crude = _crude(source, endpoint, at)
    return _count(crude.n_events_by, crude.n)


@_entry("conditional.survival", "share")
def _conditional(source: Source, endpoint: str, since: float, ahead: float) -> Found:
    from necc.analysis.survival.conditional import conditional_survival

    result = source.ask(conditional_survival, endpoint, since=since, ahead=(ahead,))
    row = result.rows[0]
    return _of("share", row.estimate, result.n, note=row.note)


# ---------------------------------------------------------------- tests
def _comparison(source: Source, endpoint: str, by: str) -> Any:
    from necc.analysis.survival import compare_survival

    return source.ask(compare_survival, endpoint, by)


@_entry("logrank.p", "p")
def _log_rank(source: Source, endpoint: str, by: str) -> Found:
    return _test(source, endpoint, by, "log-rank")


@_entry("survival_test.p", "p")
def _survival_test(source: Source, endpoint: str, by: str, test: str) -> Found:
    """Of one of the weighted tests, by its name."""
    return _test(source, endpoint, by, test)


def _test(source: Source, endpoint: str, by: str, name: str) -> Found:
    result = _comparison(source, endpoint, by)
    names = [t.name for t in result.tests]
    if name not in names:
        raise AnalysisError(f"there is no test '{shorten(name)}'; there are {joined(names)}")
    test = result.test(name)
    return Found("p", test.p, n=result.n, note=test.note)


def _grid(source: Source, endpoint: str) -> Any:
    from necc.analysis.survival import survival_grid

    return source.ask(survival_grid, endpoint)


@_entry("grid.tests", "count")
def _grid_tests(source: Source, endpoint: str) -> Found:
    """Sites that were tested."""
    return _count(_grid(source, endpoint).n_tests)


@_entry("grid.below", "count")
def _grid_below(source: Source, endpoint: str, alpha: float = 0.05, adjusted: bool = False) -> Found:
    """Sites with p below alpha."""
    return _count(sum(p < alpha for p in _grid_p(source, endpoint, adjusted)))


@_entry("grid.smallest", "p")
def _grid_smallest(source: Source, endpoint: str, adjusted: bool = False) -> Found:
    """The smallest p of all sites."""
    every = _grid_p(source, endpoint, adjusted)
    return Found("p", min(every) if every else None, note="" if every else "no site could be tested")


def _grid_p(source: Source, endpoint: str, adjusted: bool) -> list[float]:
    grid = _grid(source, endpoint)
    every = grid.p_adjusted if adjusted else [panel.test.p for panel in grid.panels]
    return [p for p in every if p is not None]


@_entry("chance.of_any", "share")
def _chance(source: Source, tests: float, alpha: float = 0.05) -> Found:
    """Of at least one p below alpha in so many independent tests where nothing is there."""
    from necc.analysis.multiplicity import chance_of_any

    return Found("share", chance_of_any(int(tests), alpha))


@_entry("chance.of_any_site", "share")
def _chance_of_sites(source: Source, endpoint: str, alpha: float = 0.05) -> Found:
    """The same for as many tests as there are sites."""
    from necc.analysis.multiplicity import chance_of_any

    return Found("share", chance_of_any(_grid(source, endpoint).n_tests, alpha))


@_entry("table.p", "p")
def _table(source: Source, endpoint: str, by: str, test: str = "pearson") -> Found:
    """Of the table of events by two groups: pearson, yates or fisher."""
    return _of_table(_two_by_two(source, endpoint, by), test)


@_entry("response.p", "p")
def _response_test(source: Source, by: str, test: str = "pearson", response: str = "best") -> Found:
    """Whether the response rate differs by a factor: pearson, yates or fisher."""
    from necc.analysis.response import response_rates

    strata = source.ask(response_rates, response, by).strata
    return _of_table([[s.orr.n, s.orr.of - s.orr.n] for s in strata], test)


def _of_table(table: list[list[int]], test: str) -> Found:
    from necc.analysis.proportions import chi_square, contingency

    ways = {"pearson": lambda: chi_square(table), "yates": lambda: chi_square(table, yates=True),
            "fisher": lambda: contingency(table, "exact")}  # fmt: skip
    if test not in ways:
        raise AnalysisError(f"there is no test '{shorten(test)}' of a table; there are {joined(list(ways))}")
    result = ways[test]()
    return Found("p", result.p, n=result.n, note=result.note)


# ---------------------------------------------------------------- ratios
def _two_by_two(source: Source, endpoint: str, by: str) -> list[list[int]]:
    """With and without the event, in the last level and then in the first."""
    from necc.analysis.survival import kaplan_meier

    curves = source.ask(kaplan_meier, endpoint, by, ci="log-log").curves
    if len(curves) != 2:
        raise AnalysisError(f"a table of two by two needs two groups; '{shorten(by)}' has {len(curves)} here")
    return [[c.n_events_total, c.n - c.n_events_total] for c in reversed(curves)]


@_entry("table.odds_ratio", "ratio")
def _odds(source: Source, endpoint: str, by: str) -> Found:
    """Of the event by the end of follow-up, the last level against the first."""
    from necc.analysis.proportions import odds_ratio

    (a, b), (c, d) = _two_by_two(source, endpoint, by)
    return _of("ratio", odds_ratio(a, b, c, d, "sample"), a + b + c + d)


@_entry("table.risk_ratio", "ratio")
def _risks(source: Source, endpoint: str, by: str) -> Found:
    """Of the event by the end of follow-up, the last level against the first."""
    from necc.analysis.proportions import risk_ratio

    (a, b), (c, d) = _two_by_two(source, endpoint, by)
    return _of("ratio", risk_ratio(a, b, c, d), a + b + c + d)


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(","))


def _model(source: Source, endpoint: str, covariates: str, complete: str = "") -> Any:
    from necc.analysis.regression import cox

    asked = source if not complete else source.kept(("complete", endpoint, complete), lambda: Source(
        _complete(source.cohort, endpoint, _names(complete))))  # fmt: skip
    return asked.ask(cox, endpoint, _names(covariates))


def _complete(cohort: Cohort, endpoint: str, covariates: tuple[str, ...]) -> Cohort:
    """The patients whom a model of these covariates would take."""
    from necc.analysis.regression.design import build_design

    there = np.zeros(len(cohort), bool)
    there[build_design(cohort, endpoint, covariates).rows] = True
    return cohort.subset(there)


@_entry("cox.hr", "ratio")
def _hazard_ratio(source: Source, endpoint: str, covariates: str, term: str = "", complete: str = "") -> Found:
    """Of a term, the first without one; covariates with commas between; among patients complete in others, too."""
    model = _model(source, endpoint, covariates, complete)
    t = _term(model, term)
    return Found("ratio", t.hazard_ratio, t.ci_lower, t.ci_upper, model.n, note=t.note)


@_entry("cox.p", "p")
def _hazard_p(source: Source, endpoint: str, covariates: str, term: str = "") -> Found:
    model = _model(source, endpoint, covariates)
    t = _term(model, term)
    return Found("p", t.p, n=model.n, note=t.note)


@_entry("cox.parameters", "count")
def _parameters(source: Source, endpoint: str, covariates: str) -> Found:
    return _count(len(_model(source, endpoint, covariates).terms))


@_entry("cox.events_per_parameter", "number")
def _per_parameter(source: Source, endpoint: str, covariates: str) -> Found:
    model = _model(source, endpoint, covariates)
    return Found("number", model.events_per_parameter, n=model.n_events, of=model.n)


@_entry("cox.rule_of_thumb", "number")
def _fed(source: Source, endpoint: str, per: float = 10.0, patients: bool = False) -> Found:
    """Events over `per`: how many factors they feed; with patients, all patients over it, as is done wrongly."""
    if per <= 0:
        raise AnalysisError(f"'per' is more than zero, not {per:g}")
    curve = _curve(source, endpoint, "", "")[0]
    return Found("number", (curve.n if patients else curve.n_events_total) / per, n=curve.n_events_total, of=curve.n)


@_entry("cox.n", "count")
def _model_n(source: Source, endpoint: str, covariates: str) -> Found:
    """Patients for whom every covariate is known."""
    return _count(_model(source, endpoint, covariates).n)


@_entry("cox.events", "count")
def _model_events(source: Source, endpoint: str, covariates: str) -> Found:
    return _count(_model(source, endpoint, covariates).n_events)


def _term(model: Any, name: str) -> Any:
    names = [t.term for t in model.terms]
    if not names or (name and name not in names):
        raise AnalysisError(f"the model has no term '{shorten(name)}'; it has {joined(names) or 'none'}")
    return next(t for t in model.terms if not name or t.term == name)


# ---------------------------------------------------------------- competing risks
def _incidence(source: Source, endpoint: str, cause: str, by: str, group: str) -> Any:
    from necc.analysis.competing import cumulative_incidence

    result = source.ask(cumulative_incidence, endpoint, by or None)
    names = [c.name for c in result.causes]
    if cause not in names:
        raise AnalysisError(f"there is no cause '{shorten(cause)}'; there are {joined(names)}")
    for stratum in result.strata:
        if not by or stratum.name == group:
            return stratum.curve(cause)
    raise AnalysisError(f"nobody is in '{shorten(group)}'")


@_entry("cif.at", "share")
def _cif(source: Source, endpoint: str, cause: str, at: float, by: str = "", group: str = "") -> Found:
    curve = _incidence(source, endpoint, cause, by, group)
    return _of("share", curve.at(at), curve.n)


@_entry("cif.naive", "share")
def _naive(source: Source, endpoint: str, cause: str, at: float, by: str = "", group: str = "") -> Found:
    """1 - Kaplan-Meier, other events taken as censored."""
    curve = _incidence(source, endpoint, cause, by, group)
    return Found("share", curve.naive_at(at), n=curve.n)


@_entry("cif.total", "share")
def _total(source: Source, endpoint: str, at: float) -> Found:
    """Of all causes together."""
    return Found("share", _totals(source, endpoint, at)[0])


@_entry("cif.naive_total", "share")
def _naive_total(source: Source, endpoint: str, at: float) -> Found:
    """1 - Kaplan-Meier of every cause, added up."""
    return Found("share", _totals(source, endpoint, at)[1])


def _totals(source: Source, endpoint: str, at: float) -> tuple[float, float]:
    from necc.analysis.competing import cumulative_incidence

    totals: tuple[float, float] = source.ask(cumulative_incidence, endpoint, None).strata[0].totals_at(at)
    return totals


# ---------------------------------------------------------------- response and treatment
@_entry("response.rate", "share")
def _rate(source: Source, response: str = "best", denominator: str = "evaluable", rate: str = "orr") -> Found:
    """rate: orr, dcr."""
    from necc.analysis.response import response_rates

    result = source.ask(response_rates, response, denominator=denominator)
    rates = {"orr": result.orr, "dcr": result.dcr}
    if rate not in rates:
        raise AnalysisError(f"there is no rate '{shorten(rate)}'; there are {joined(list(rates))}")
    found = rates[rate]
    return _of("share", found.estimate, found.n, found.of)


@_entry("response.treated", "count")
def _treated(source: Source) -> Found:
    from necc.analysis.response import response_rates

    return _count(source.ask(response_rates, "best").n_treated)


@_entry("response.changed", "count")
def _changed(source: Source) -> Found:
    """Patients whose final response is worse than their best."""
    from necc.analysis.response import response_rates

    changes = source.ask(response_rates, "best").transitions
    if changes is None:
        raise AnalysisError("the cohort lacks best or final response")
    order = ("CR", "PR", "SD", "PD")
    worse = sum(t.n for t in changes.cells if {t.best, t.final} <= {*order}
                and order.index(t.final) > order.index(t.best))  # fmt: skip
    return _count(worse)


@_entry("response.better_at_last", "count")
def _improved(source: Source) -> Found:
    """Patients whose final response is better than their best, which contradicts itself."""
    from necc.analysis.response import response_rates

    changes = source.ask(response_rates, "best").transitions
    if changes is None:
        raise AnalysisError("the cohort lacks best or final response")
    return _count(sum(t.n for t in changes.cells if t.impossible))


def _timing(source: Source, endpoint: str, landmark: float | None = None) -> Any:
    from necc.analysis.treatment import treatment_timing

    return source.ask(treatment_timing, endpoint, "", **({} if landmark is None else {"landmark": landmark}))


@_entry("timing.hr", "ratio")
def _timing_ratio(source: Source, endpoint: str, approach: str, landmark: float = -1.0) -> Found:
    """approach: naive, landmark (with its time), time-dependent."""
    one = _approach(source, endpoint, approach, landmark)
    told = ""
    if one.hazard_ratio.value is None:
        few = one.n_treated and any(note.startswith(FEW) for note in one.notes)
        deaths = plural(one.events[1], "death")
        told = f"{FEW} to say: {deaths} among those treated by then" if few else "; ".join(one.notes)
    return _of("ratio", one.hazard_ratio, one.n, note=told)


@_entry("timing.treated", "count")
def _timing_treated(source: Source, endpoint: str, approach: str = "naive", landmark: float = -1.0) -> Found:
    one = _approach(source, endpoint, approach, landmark)
    return _count(one.n_treated, one.n)


@_entry("timing.deaths_treated", "count")
def _timing_deaths(source: Source, endpoint: str, approach: str = "naive", landmark: float = -1.0) -> Found:
    one = _approach(source, endpoint, approach, landmark)
    return _count(one.events[1], one.n_treated)


@_entry("timing.immortal_share", "share")
def _immortal(source: Source, endpoint: str) -> Found:
    """Time before treatment, of all time that the naive comparison calls treated."""
    return Found("share", _timing(source, endpoint).bias.share)


@_entry("timing.median_start", "time")
def _median_start(source: Source, endpoint: str) -> Found:
    timing = _timing(source, endpoint)
    return Found("time", timing.bias.median_start, unit=timing.unit)


def _approach(source: Source, endpoint: str, approach: str, landmark: float) -> Any:
    timing = _timing(source, endpoint, landmark if approach == "landmark" and landmark >= 0 else None)
    every = {"naive": timing.naive, "landmark": timing.landmark, "time-dependent": timing.time_dependent}
    if every.get(approach) is None:
        raise AnalysisError(f"there is no approach '{shorten(approach)}'; there are {joined(list(every))}")
    return every[approach]


# ---------------------------------------------------------------- counts, and the paper
@_entry("count", "count")
def _counted(source: Source, where: str = "") -> Found:
    """Patients for whom filters hold, '; ' between them; all without one."""
    return _count(len(_chosen(source, where)), len(source.cohort))


@_entry("share", "share")
def _share(source: Source, where: str, among: str = "") -> Found:
    """Patients for whom filters hold, of those for whom `among` holds."""
    from necc.analysis.proportions import exact_ci

    of = _chosen(source, among)
    n = len(_chosen(Source(of), where))
    return _of("share", exact_ci(n, len(of)), n, len(of)) if len(of) else Found("share", None, note="no patients")


def _chosen(source: Source, where: str) -> Cohort:
    from necc.core.selection import Selection

    parts = [part for part in where.split("; ") if part]
    try:
        return Selection.parse(parts, source.cohort.columns).apply(source.cohort) if parts else source.cohort
    except SelectionError as error:
        raise AnalysisError(str(error)) from None


@_entry("audit.count", "count")
def _audited(source: Source, verdict: str = "") -> Found:
    """Checks of the shipped paper's figures with this verdict; all without one."""
    from necc.paper.audit import VERDICTS, shipped_audit

    counts = shipped_audit().counts
    if verdict and verdict not in counts:
        raise AnalysisError(f"there is no verdict '{shorten(verdict)}'; there are {joined(list(VERDICTS))}")
    return _count(counts[verdict] if verdict else sum(counts.values()))


@_entry("audit.kind", "count")
def _audited_kind(source: Source, kind: str, verdict: str = "inconsistent") -> Found:
    """Checks of the shipped paper's figures of this kind, or of one of several with commas between."""
    from necc.paper.audit import VERDICTS, shipped_audit

    checks, wanted = shipped_audit().checks, {name.strip() for name in kind.split(",")}
    known = {check.kind for check in checks}
    if strange := sorted(wanted - known):
        raise AnalysisError(f"the audit has no kind '{shorten(strange[0])}'{meant(strange[0], known)}")
    if verdict not in VERDICTS:
        raise AnalysisError(f"there is no verdict '{shorten(verdict)}'; there are {joined(list(VERDICTS))}")
    return _count(sum(check.kind in wanted and check.verdict == verdict for check in checks))


@_entry("audit.p", "p")
def _audited_p(source: Source, row: str) -> Found:
    """What the audit computes for the p of a row, such as 'table3/PLNM', from its printed estimate and interval."""
    from necc.paper.audit import shipped_audit

    for check in shipped_audit().checks:
        if check.id == f"{row}:p":
            return Found("p", check.value, note=check.explanation if check.value is None else "")
    raise AnalysisError(f"the audit has no check of the p of '{shorten(row)}'")


@_entry("printed.ratio", "number")
def _printed_ratio(source: Source, row: str) -> Found:
    """An estimate of the paper with its interval, as printed; rows as in the audit, such as 'table3/PLNM'."""
    printed = _printed(source, row)
    low, high = printed["ci"]
    return Found("number", printed["ratio"].value, low.value, high.value)


@_entry("printed.p", "p")
def _printed_p(source: Source, row: str) -> Found:
    return Found("p", _printed(source, row)["p"].value)


def _printed(source: Source, row: str) -> Any:
    from necc.paper.audit import load_claims

    claims = source.kept("claims", lambda: load_claims()[0].claims)
    rows = {r.id: r.values for claim in claims if claim.kind == "ratio" for r in claim.rows}
    if row not in rows:
        raise AnalysisError(f"the paper has no ratio '{shorten(row)}'{meant(row, rows)}")
    return rows[row]
