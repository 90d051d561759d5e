"""How a thing of a report is made, as a text: calls of public functions, values, and nothing else.

    figures.survival_curves(kaplan_meier(cohort, 'PRS', by='site:lung'), settings=CurveSettings(end=36))

A page writes it from what it shows, a project keeps it, and without a screen it gives the same figure. It is read as
Python is read, and never run as Python: names are those listed here, values are texts, numbers, lists and tables.

`cohort` are the patients of the exhibit's filters, `whole` all of them, `loaded` all before any edit; `selection` are
the filters themselves. Of a result, fields and places in lists can be named: `site_distribution(cohort).organs[0]`.
"""

from __future__ import annotations

import ast
import functools
import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError, SelectionError
from necc.core.selection import PICKED, Selection
from necc.core.text import shorten
from necc.present.words.reading import reading
from necc.report.model import Computed, Prose

LONGEST = 6_000  # characters of a recipe
MOST_CALLS = 60
MOST_WORK = {"draws": 100_000, "bootstrap": 2_000, "imputations": 200, "repeats": 200, "folds": 50}
"""Repetitions that a recipe may ask for, by the parameter's name: a project may be somebody else's."""
MOST_WITHIN = 120  # things within each other
DEEPEST = 5  # fields and places in lists, from a result to a part of it
NAMES: Mapping[str, str] = {
    "necc.analysis.baseline": "by_sites characteristics table_names",
    "necc.analysis.competing": "competing_from_columns competing_outcome cumulative_incidence hazards_by_cause "
                               "hazards_of incidence_of",
    "necc.analysis.flow": "flow",
    "necc.analysis.prediction": "compare_models",
    "necc.analysis.recurrence": "co_occurrence organ_distribution site_distribution site_timing",
    "necc.analysis.regression": "cox cox_imputed hazard_ratios influence proportional_hazards schoenfeld stepwise "
                                "subgroups univariate",
    "necc.analysis.response": "response_by_site response_rates swimmer transitions treated_patients",
    "necc.analysis.staging": "restaging",
    "necc.analysis.subcohorts": "side_by_side",
    "necc.analysis.survival": "compare_survival kaplan_meier kaplan_meier_with_entry parametric restricted_mean "
                              "survival_at survival_grid",
    "necc.analysis.treatment": "treatment_course treatment_timing",
    "necc.paper.literature": "of_the_literature",
    "necc.paper.reproduction": "compare_ratios of_the_paper printed_numbers site_ratios",
}  # fmt: skip
"""Analyses by the package that they come from. None of them reads or writes a file."""
SHOWN: Mapping[str, str] = {"figures": "necc.present.figures", "tables": "necc.present.tables"}
ANALYSES = {name: module for module, names in NAMES.items() for name in names.split()}
Origin = Callable[[object], "functools.partial[Any] | str | None"]
"""Of an object: the call that made it, the name of a cohort or of the selection, or None where nobody knows."""


class RecipeError(AnalysisError):
    """A recipe that can't be read, or names what isn't there."""


# ---------------------------------------------------------------- read and made
@dataclass
class Kitchen:
    """Whom recipes are about, and what was made already: the same call is computed once.

    cohort: the patients of the exhibit's filters, chosen from `whole` by `selection`. loaded: before any edit.
    results: of the other exhibits, for `methods()` and `checklist()`.

    Example:
        >>> kitchen = Kitchen(cohort, cohort, cohort)
        >>> made, computed = kitchen.make("tables.survival_summary(kaplan_meier(cohort, 'PRS'))")
        >>> made.title, computed[0].function, dict(computed[0].arguments)["endpoint"]
        ('Post-recurrence survival', 'kaplan_meier', 'PRS')
    """

    cohort: Cohort
    whole: Cohort
    loaded: Cohort
    selection: Selection = Selection()
    results: tuple[object, ...] = ()
    memory: dict[str, object] = field(default_factory=dict)

    def make(self, recipe: str) -> tuple[Any, tuple[Computed, ...]]:
        """What a recipe says, and the analyses behind it, the main one first.

        Raises:
            RecipeError: it can't be read, or names what isn't there.
            AnalysisError: the cohort lacks what an analysis needs.
        """
        cook = _Cook(self)
        made = cook.value(read(recipe))
        return made, tuple(cook.computed.values())


def read(recipe: str) -> ast.expr:
    """A recipe as a tree.

    Raises:
        RecipeError: it is too long, or no expression.
    """
    if len(recipe) > LONGEST:
        raise RecipeError(f"a recipe has at most {LONGEST:,} characters; this has {len(recipe):,}")
    try:
        tree = ast.parse(recipe.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise RecipeError(f"the recipe '{shorten(recipe)}' can't be read: it is no call of a function") from None
    if (n := sum(isinstance(node, ast.Call) for node in ast.walk(tree))) > MOST_CALLS:
        raise RecipeError(f"a recipe has at most {MOST_CALLS} calls; this has {n:,}")
    if _depth(tree) > MOST_WITHIN:
        raise RecipeError(f"a recipe has at most {MOST_WITHIN} things within each other; this has more")
    return tree


def _depth(tree: ast.expr) -> int:
    """How many things of a recipe stand within each other."""
    level: list[ast.AST] = [tree]
    for depth in range(MOST_WITHIN + 2):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return depth
    return MOST_WITHIN + 1


class _Cook:
    """Makes one recipe, and notes the analyses behind it."""

    def __init__(self, kitchen: Kitchen) -> None:
        self.kitchen = kitchen
        self.computed: dict[str, Computed] = {}

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=str() | int() | float() | None):
                return node.value
            case ast.Name():
                return self.named(node.id)
            case ast.Tuple():
                return tuple(map(self.value, node.elts))
            case ast.List():
                return list(map(self.value, node.elts))
            case ast.Dict() if None not in node.keys:
                keys = [self.value(key) for key in node.keys if key]
                return dict(zip(map(_key, keys), map(self.value, node.values), strict=True))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.Attribute(value=ast.Name(id=room)) if room in SHOWN:
                raise RecipeError(f"{ast.unparse(node)} is called with a result: {ast.unparse(node)}(...)")
            case ast.Attribute():
                return _field(self.value(node.value), node.attr)
            case ast.Subscript():
                return _place(self.value(node.value), self.value(node.slice))
            case ast.Call():
                return self.called(node)
        raise RecipeError(f"a recipe holds calls and values; '{shorten(ast.unparse(node))}' is neither")

    def named(self, name: str) -> object:
        kitchen = self.kitchen
        known = {"cohort": kitchen.cohort, "whole": kitchen.whole, "loaded": kitchen.loaded, "inf": math.inf}
        if name == "selection":
            return kitchen.selection
        if name in known:
            return known[name]
        raise RecipeError(f"a recipe knows no '{shorten(name)}'{_near(name, (*known, 'selection'))}")

    def called(self, node: ast.Call) -> object:
        if any(k.arg is None for k in node.keywords) or any(isinstance(a, ast.Starred) for a in node.args):
            raise RecipeError("a recipe's calls name their arguments one by one")
        name, kitchen = ast.unparse(node.func), self.kitchen
        own: dict[str, Callable[..., object]] = {
            "select": select, "CurveSettings": _settings, "reading": _reading, "methods": self.methods,
            "checklist": self.checklist,
        }  # fmt: skip
        function = own.get(name) or known_function(name)
        args = [self.value(a) for a in node.args]
        if any(k.arg == "identify" for k in node.keywords):
            raise RecipeError("a report identifies nobody")
        kwargs = {k.arg: self.value(k.value) for k in node.keywords if k.arg}
        key = ast.dump(node)
        if name in own or name.partition(".")[0] in SHOWN:
            return _run(function, name, args, kwargs)
        if key not in kitchen.memory:
            kitchen.memory[key] = _run(function, name, args, kwargs)
        result = kitchen.memory[key]
        self.computed[key] = self._noted(function, name, args, kwargs, result)
        return result

    def _noted(
        self, function: Callable[..., object], name: str, args: list[Any], kwargs: dict[str, Any], result: object
    ) -> Computed:  # fmt: skip
        bound = inspect.signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        by_result = {id(c.result): c for c in self.computed.values()}
        cohorts = [v for v in bound.arguments.values() if isinstance(v, Cohort)]
        whole = cohorts and cohorts[0] is self.kitchen.whole and cohorts[0] is not self.kitchen.cohort
        given = {k: by_result.get(id(v), v) for k, v in bound.arguments.items() if not isinstance(v, Cohort)}
        return Computed(name, given, "whole" if whole else "cohort", result)

    def methods(self) -> Prose:
        """The Methods text of the other exhibits."""
        from necc.present.words.methods import methods_paragraph

        kitchen = self.kitchen
        text = methods_paragraph(kitchen.results, kitchen.cohort, kitchen.selection)
        return Prose("methods", tuple((heading, (said,)) for heading, said in text.paragraphs))

    def checklist(self, name: str) -> object:
        """A checklist, filled with what the other exhibits know."""
        from necc.analysis.survival import kaplan_meier
        from necc.present.tables import checklist_table
        from necc.present.words.checklists import checklist
        from necc.present.words.methods import endpoints_of

        kitchen = self.kitchen
        endpoints = endpoints_of(kitchen.results)
        follow_up = {e: kaplan_meier(kitchen.cohort, e).followup for e in endpoints}
        answers = checklist(name, kitchen.results, kitchen.cohort, kitchen.selection, follow_up=follow_up)  # type: ignore[arg-type]  # another name is told
        return checklist_table(answers)


def known_function(name: str) -> Callable[..., Any]:
    """An analysis, a figure or a table, by the name that a recipe has for it.

    Raises:
        RecipeError: there is none.
    """
    room, _, short = name.rpartition(".")
    if not room and name in ANALYSES:
        return getattr(import_module(ANALYSES[name]), name)
    if room in SHOWN:
        there = public(room)
        if short in there:
            return there[short]
        raise RecipeError(f"there is no '{shorten(name)}'{_near(short, there)}")
    raise RecipeError(f"a recipe knows no '{shorten(name)}'{_near(name, ANALYSES)}")


@functools.cache
def public(room: str) -> Mapping[str, Callable[..., Any]]:
    """The functions of figures or of tables that a recipe may call, by name: those that know how they were made."""
    module = import_module(SHOWN[room])
    every = {name: getattr(module, name) for name in module.__all__ if name[0].islower()}
    return {name: made for name, made in every.items() if hasattr(made, "__wrapped__")}


def _run(function: Callable[..., Any], name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    try:
        given = inspect.signature(function).bind(*args, **kwargs).arguments
    except TypeError as error:
        raise RecipeError(f"{name}: {error}") from None
    for value, most in ((given.get(name, 0), most) for name, most in MOST_WORK.items()):
        if isinstance(value, int | float) and value > most:
            raise RecipeError(f"{name}: {value:,} repetitions are too many for a report; at most {most:,}")
    if "cohort" in given and not isinstance(given["cohort"], Cohort):
        raise RecipeError(f"{name} is of patients: {name}(cohort, ...), or whole or loaded instead of cohort")
    try:
        return function(*args, **kwargs)
    except AnalysisError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:  # a value of another kind
        raise RecipeError(f"{name} can't be made of these values: {shorten(str(error), 200)}") from error


def select(*filters: str) -> Selection:
    """Filters as `Selection.parse` reads them.

    Raises:
        RecipeError: one of them can't be read, or picks patients by hand, whose places are others' in another file.
    """
    if any(PICKED in text for text in filters):
        raise RecipeError("patients picked by hand can't be named in a recipe")
    try:
        return Selection.parse(filters)
    except SelectionError as error:
        raise RecipeError(str(error)) from None


def _settings(**values: Any) -> object:
    from necc.present.figures import CurveSettings

    return CurveSettings(**values)


def _reading(*results: object) -> Prose:
    said = tuple(("", lines) for result in results if (lines := tuple(reading(result))))
    if not said:
        raise RecipeError("there is nothing to read of it")
    return Prose("reading", said, bulleted=True)


def _field(value: object, name: str) -> object:
    there = [f.name for f in fields(value)] if is_dataclass(value) else []
    if name in there:
        return getattr(value, name)
    raise RecipeError(f"{type(value).__name__} has no part '{shorten(name)}'{_near(name, there)}")


def _place(value: object, place: object) -> object:
    if isinstance(value, tuple | list) and type(place) is int and 0 <= place < len(value):
        return value[place]
    if isinstance(value, Mapping) and _key(place) in value:
        return value[place]
    raise RecipeError(f"there is no {shorten(repr(place))} in {type(value).__name__}")


def _key(value: object) -> object:
    """What finds a thing in a table.

    Raises:
        RecipeError: nothing is found by a list or another table.
    """
    try:
        hash(value)
    except TypeError:
        raise RecipeError(f"{shorten(repr(value))} can't be a key; a text or a number can") from None
    return value


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"; '{close[0]}' may be meant" if close else ""


# ---------------------------------------------------------------- written
def write(made: functools.partial[Any], origin: Origin, every: Iterable[object] = ()) -> str:
    """The recipe of what a call made.

    Args:
        made: a figure's or a table's call, with the results that it was given.
        origin: tells how an object came about; see `Origin`.
        every: results of which an argument may be a part.

    Raises:
        RecipeError: an argument is neither a plain value nor something that a recipe can make.

    Example:
        >>> import functools
        >>> from necc.present import tables
        >>> km = kaplan_meier(cohort, "PRS")
        >>> known = {id(km): functools.partial(kaplan_meier, cohort, "PRS"), id(cohort): "cohort"}
        >>> write(tables.survival_summary(km).made, lambda value: known.get(id(value)))
        "tables.survival_summary(kaplan_meier(cohort, endpoint='PRS'))"
    """
    return _Writer(origin, list(every)).call(made)


class _Writer:
    def __init__(self, origin: Origin, every: list[object]) -> None:
        self.origin, self.every = origin, every

    def call(self, made: functools.partial[Any]) -> str:
        signature = inspect.signature(made.func)
        bound = signature.bind(*made.args, **made.keywords)
        parts: list[str] = []
        for place, (name, value) in enumerate(bound.arguments.items()):
            parameter = signature.parameters[name]
            if name in ("style", "identify") or _is_usual(value, parameter.default):
                continue
            if parameter.kind is parameter.VAR_POSITIONAL:
                parts += [self.value(v) for v in value]
            elif parameter.kind is parameter.VAR_KEYWORD:
                parts += [f"{k}={self.value(v)}" for k, v in value.items() if k != "style"]
            else:
                parts.append(self.value(value) if not place else f"{name}={self.value(value)}")
        return f"{name_of(made.func)}({', '.join(parts)})"

    def value(self, value: object) -> str:
        if value is None or isinstance(value, str | bool | int | float):
            return _plain(value)
        known = self.origin(value)
        if isinstance(known, str):
            return known
        if known is not None:
            return self.call(known)
        if isinstance(value, tuple | list):
            inner = ", ".join(map(self.value, value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner},)" if len(value) == 1 else f"({inner})"
        if isinstance(value, Mapping):
            return f"{{{', '.join(f'{self.value(k)}: {self.value(v)}' for k, v in value.items())}}}"
        if isinstance(value, Selection):
            return f"select({', '.join(repr(str(part)) for part in value.parts())})"
        if type(value).__name__ == "CurveSettings":
            return f"CurveSettings({', '.join(f'{k}={v!r}' for k, v in value.to_table().items())})"  # type: ignore[attr-defined]  # it has one
        return self.part(value)

    def part(self, value: object) -> str:
        """Where in a result an object stands."""
        for result in self.every:
            if path := next((p for p, found in _parts(result) if found is value), ""):
                return f"{self.value(result)}{path}"
        raise RecipeError(f"{type(value).__name__} can't be named in a recipe")


def name_of(function: Callable[..., object]) -> str:
    """What a recipe calls a function.

    Raises:
        RecipeError: it is none that a recipe may call.
    """
    name, module = function.__name__, function.__module__
    if function is reading:
        return "reading"
    room = next((room for room, package in SHOWN.items() if module.startswith(package)), "")
    called = f"{room}.{name}" if room else name
    if known_function(called) is not function:
        raise RecipeError(f"{module}.{name} can't be named in a recipe")
    return called


def _plain(value: object) -> str:
    if isinstance(value, float):
        if math.isnan(value):
            raise RecipeError("a recipe can't hold what is no number")
        return ("-inf" if value < 0 else "inf") if math.isinf(value) else repr(float(value))
    return repr(value)


def _is_usual(value: object, default: object) -> bool:
    plain = (str, bool, int, float, tuple, type(None))
    return isinstance(value, plain) and type(value) is type(default) and value == default


def _parts(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """The fields of a result and the things in its lists, however deep, each with its path."""
    if depth > DEEPEST or isinstance(value, str | Cohort):
        return
    if is_dataclass(value):
        inner: Iterable[tuple[str, object]] = ((f".{f.name}", getattr(value, f.name)) for f in fields(value))
    elif isinstance(value, tuple | list):
        inner = ((f"[{i}]", v) for i, v in enumerate(value))
    elif isinstance(value, Mapping):
        inner = ((f"[{k!r}]", v) for k, v in value.items() if isinstance(k, str | int))
    else:
        return
    for step, found in inner:
        yield path + step, found
        yield from _parts(found, path + step, depth + 1)


__all__ = ["ANALYSES", "Kitchen", "RecipeError", "known_function", "name_of", "public", "read", "select",
           "write"]  # fmt: skip
