"""Arguments of public functions as people write them: names in any case, one name for several, words of options.

What each parameter means is known by its name and its type, so that it is the same in every function: `PLACES` says it
of those that name something of a cohort; a parameter whose type is a `Literal` takes its words; `level` is a
confidence level. What a parameter takes is what its type says: anything else is refused in words, by its name.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, wraps
from typing import Any, ParamSpec, TypeVar, get_type_hints

import numpy as np

from necc.core.cohort import Cohort, Factor
from necc.core.counts import Wanted, fetched
from necc.core.errors import AnalysisError
from necc.core.estimate import check_level
from necc.core.kinds import (
    SEVERAL,
    found,
    holds,
    is_number,
    is_several,
    no_cohort,
    refuse,
    taken,
    takes,
    unquoted,
    words_of,
)
from necc.core.names import as_they_are, name_meant, names_in, numbers_in, one_of, strange_arguments
from necc.core.selection import level_of

P = ParamSpec("P")
R = TypeVar("R")


# ---------------------------------------------------------------- what a parameter names
def _endpoint(cohort: Cohort, name: str, given: Mapping[str, Any]) -> str:
    return cohort.endpoint_name(name)


def _name(cohort: Cohort, name: str, given: Mapping[str, Any]) -> str:
    return cohort.name_of(name)


def _response(cohort: Cohort, name: str, given: Mapping[str, Any]) -> str:
    return name.lower() if name.lower() in ("best", "final") else cohort.name_of(name)


def _site(cohort: Cohort, name: str, given: Mapping[str, Any]) -> str:
    labels = [(cohort.site_label(site), site) for site in cohort.site_names]
    return name_meant("the site", name, as_they_are(cohort.site_names)) or name_meant("the site", name, labels) or name


def _level(cohort: Cohort, word: str, given: Mapping[str, Any]) -> str:
    by = given.get("by")
    return _level_meant(cohort, cohort.name_of(by), word) if isinstance(by, str) else word


def _interaction(cohort: Cohort, pair: str | tuple[str, str], given: Mapping[str, Any]) -> Any:
    if isinstance(pair, str):
        return " * ".join(cohort.name_of(name.strip()) for name in pair.split("*"))
    if strange := [name for name in pair if not isinstance(name, str)]:
        raise refuse("interactions", PAIRS, strange[0])
    return tuple(cohort.name_of(name) for name in pair)


def _as_it_is(cohort: Cohort, value: Any, given: Mapping[str, Any]) -> Any:
    return value


PLACES: Mapping[str, Callable[[Cohort, Any, Mapping[str, Any]], Any]] = {
    **dict.fromkeys(("endpoint", "endpoints", "death"), _endpoint),
    **dict.fromkeys(("by", "centre", "exposure", "covariates", "multivariable", "adjusted_for", "strata", "names",
                     "fields", "leave_out", "treatment", "start", "cycles", "entry", "time", "status", "causes",
                     "comparator"), _name),
    "response": _response, "hierarchy": _site, "sites": _site, "site": _site, "order": _level,
    "interactions": _interaction,
}  # fmt: skip
"""By the name of a parameter, how a text in it is read."""

PAIRS = "pairs of covariates, such as 'age * arm' or [('age', 'arm')]"
COLUMNS = ("entry", "time", "status", "causes", "start", "cycles", "response", "comparator")
TAKEN = {
    "interactions": PAIRS, "site": "the name of a site", "sites": "the names of sites, one text or several",
    "hierarchy": "the names of sites, one text or several", "order": "levels, one text or several",
    "endpoints": "the names of endpoints", "since": "a number of 0 or more",
    "patient": "a patient's place in the cohort, from 1 on, or a cohort of one",
    "selection": "a Selection, such as Selection.parse(['arm=A'])",
    "selections": "a dict of names, each with its Selection, such as {'A': Selection.parse(['arm=A'])}",
    "subcohorts": "a dict of names, each with its Selection, such as {'A': Selection.parse(['arm=A'])}",
    **dict.fromkeys(COLUMNS, "the name of a column"),
}  # fmt: skip
"""What a parameter takes, in words, where its name says more than its type."""


def _taken(name: str, hint: object, cohort: object) -> str:
    if name in ("endpoint", "death"):
        there = cohort.endpoint_names() if isinstance(cohort, Cohort) else ()
        return "the name of an endpoint" + (f", such as '{there[0]}'" if there else "")
    if name in PLACES and name not in TAKEN and not holds(hint, *SEVERAL):
        return "the name of one factor"
    if name in PLACES and name not in TAKEN:
        return "names of columns or factors, one text or several"
    if name in TAKEN:
        return TAKEN[name]
    return taken(hint)


def _how(name: str, value: object) -> str:
    """How to mend a value that a parameter doesn't take."""
    if name == "by" and isinstance(value, list | tuple | set):
        return "ask for each in a call of its own, or for any of several sites by 'site:a|b'"
    if name in PLACES and is_several(value) and not isinstance(value, list | tuple | set):
        return "name the column of the cohort that has these values"
    return unquoted(name, value)


def _level_meant(cohort: Cohort, name: str, word: object) -> str:
    """The level of a factor that is meant; what is none of them as it was written, for who asks for it to tell."""
    text = {True: "yes", False: "no"}[bool(word)] if isinstance(word, bool | np.bool_) else str(word)
    try:
        levels = cohort.whole.factor(name).levels
    except AnalysisError:  # told by who asks for the factor
        return text
    return level_of(text, levels) or text


def _by_name(cohort: Cohort, option: str, values: object) -> dict[str, Any]:
    """A reference or a unit by covariate, under the cohort's names."""
    example = "{'age_years': 10}" if option == "per" else "{'figo_stage': 'I'}"
    if not isinstance(values, Mapping):
        raise AnalysisError(f"{option} is given by covariate, such as {example}, not as {values!r}")
    named: dict[str, Any] = {}
    for name, value in values.items():
        if not isinstance(name, str):
            raise AnalysisError(f"{option} is given by covariate, such as {example}, not for {found(name)}")
        if option == "per" and not is_number(value):
            raise AnalysisError(f"per of '{name}' is a number, such as 10, not {found(value)}")
        if option == "reference" and not isinstance(value, str | bool | np.bool_ | int | float | np.number):
            raise AnalysisError(f"the reference of '{name}' is one of its levels, not {found(value)}")
        meaning = cohort.name_of(name)
        named[meaning] = value if option == "per" else _level_meant(cohort, meaning, value)
    return named


# ---------------------------------------------------------------- what a parameter's type says
ONE_OF = {"covariates": "covariate", "sites": "site"}
TIMES = {"ahead": "times ahead"}


def _numbers(name: str, value: Any) -> tuple[float, ...]:
    """One number or several, as several; times are known, and not before the start."""
    numbers = numbers_in(value, TIMES.get(name, name))
    if name in ("times", "landmarks"):
        for number in numbers:
            if not 0 <= number < math.inf:
                raise AnalysisError(f"{TIMES.get(name, name)} must be zero or positive, and finite, not {number:g}")
    return numbers


def _plain(name: str, value: Any) -> Any:
    """A pair given as a list, and a code that is a number, as the others are written."""
    if name == "interactions" and is_several(value):
        return tuple(tuple(pair) if isinstance(pair, list) else pair for pair in value)
    return f"{value:g}" if name == "censored" and is_number(value) else value


class _Signature:
    """What is known of a function's parameters; types are looked up when they are first asked for."""

    def __init__(self, function: Callable[..., object]) -> None:
        function = inspect.unwrap(function)  # its own parameters, whatever stands round it
        code = function.__code__
        self.function, self.name = function, function.__name__
        self.names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.positional: tuple[str, ...] = code.co_varnames[: code.co_argcount]
        self.open = bool(code.co_flags & 0x08)  # takes further arguments by name

    @cached_property
    def hints(self) -> dict[str, object]:
        """The types of its parameters."""
        return {name: hint for name, hint in get_type_hints(self.function).items() if name in self.names}

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The words of its options."""
        return {name: words for name, hint in self.hints.items() if (words := words_of(hint))}

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Parameters that take several numbers."""
        return frozenset(n for n, hint in self.hints.items() if holds(hint, *SEVERAL) and holds(hint, float))

    @cached_property
    def several(self) -> frozenset[str]:
        """Parameters that take several of anything else."""
        return frozenset(n for n, hint in self.hints.items() if holds(hint, *SEVERAL)) - self.numbers

    @cached_property
    def defaults(self) -> dict[str, object]:
        """What its parameters are where nothing is given; those that need something aren't here."""
        parameters = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in parameters if p.default is not p.empty}

    def strange(self, given: Iterable[str]) -> None:
        """Raises TypeError for an argument that there isn't, and names the one that is meant."""
        if not self.open:
            strange_arguments(self.name, [n for n in self.names if n != "cohort"], given, also=("cohort",))

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """The arguments in the house's words.

        Raises:
            AnalysisError: an argument isn't what its parameter takes.
        """
        hints = self.hints
        return {name: self._read(name, value, given) if name in hints else value for name, value in given.items()}

    def _read(self, name: str, value: Any, given: Mapping[str, Any]) -> Any:
        hint, cohort = self.hints[name], given.get("cohort")
        if name == "cohort":
            if not takes(hint, value):
                raise no_cohort(self.name, value)
            return value
        if value is None and self.defaults.get(name) in ("", ()) and not takes(hint, None):
            return self.defaults[name]
        if name == "level":
            return check_level(value)
        if name in self.numbers and value is not None:
            return _numbers(name, value)
        if name in ("reference", "per") and value is not None and isinstance(cohort, Cohort):
            return self._of_covariates(cohort, name, value, given)
        plain = _plain(name, value)
        if not takes(hint, plain):
            raise refuse(name, _taken(name, hint, cohort), value, _how(name, value))
        return self._meaning(cohort, name, plain, given)

    def _of_covariates(self, cohort: Cohort, name: str, value: Any, given: Mapping[str, Any]) -> Any:
        """References or units by covariate; or the reference of the one factor that there is."""
        by = given.get("by")
        if isinstance(value, Mapping) or not takes(self.hints[name], "") or not isinstance(by, str):
            return _by_name(cohort, name, value)
        if not isinstance(value, str | bool | np.bool_) and not is_number(value):
            raise refuse(name, f"a level of {by}", value)
        return _level_meant(cohort, cohort.name_of(by), value)

    def _meaning(self, cohort: object, name: str, value: Any, given: Mapping[str, Any]) -> Any:
        """What is meant by a value that is of the parameter's type."""
        if value is None:
            return None
        if name in self.words:
            return _option(name, value, self.words[name], name in self.several)
        hint = self.hints[name]
        if isinstance(value, float) and takes(hint, 1) and not takes(hint, 0.5):
            return int(value)
        if not isinstance(cohort, Cohort):
            return value
        read = self._place(cohort, name, value, given, name in self.several)
        if name not in self.defaults and name in PLACES and read == ():
            lacking = f"name at least one {ONE_OF.get(name, 'factor')}"
            raise AnalysisError(f"{name} is empty; {lacking}", lacking)
        return read

    @staticmethod
    def _place(cohort: Cohort, name: str, value: Any, given: Mapping[str, Any], several: bool) -> Any:
        way = PLACES.get(name, _as_it_is)
        if isinstance(value, str):
            meaning = way(cohort, value, given) if value else value
            return (meaning,) if several else meaning
        if several and isinstance(value, Iterable) and not isinstance(value, Mapping) and name in PLACES:
            return tuple(way(cohort, v, given) if isinstance(v, str | tuple) else v for v in value)
        return value


def _option(name: str, value: Any, words: tuple[str, ...], several: bool) -> Any:
    if isinstance(value, bool):
        return value
    if not several:
        return one_of(name, value, words)
    return tuple(one_of(name, word, words) for word in names_in(value))


def _wanted(cohort: Cohort, signature: _Signature, given: Mapping[str, Any]) -> Wanted:
    """What the arguments, given or by default, name of a cohort, where its patients are counts."""
    if cohort.patients is None:
        return Wanted()
    given = {**given, **{name: value for name, value in signature.defaults.items() if name not in given}}
    named: dict[Any, list[str]] = {_endpoint: [], _name: []}
    for parameter, value in given.items():
        way = PLACES.get(parameter, _as_it_is)
        texts = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
        if parameter == "death":  # what lacks a column is told of by who reads it
            texts = tuple(text for text in texts if not text or not cohort.endpoint_lacks(text))
        if way in named:
            named[way] += [text for text in texts if isinstance(text, str) and text]
        elif way is _interaction:
            named[_name] += [part for pair in texts for part in (pair.split(" * ") if isinstance(pair, str) else pair)]
    return Wanted(tuple(named[_endpoint]), tuple(named[_name]))


def _factors_by_name(cohort: Cohort, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments with names for factors where a source is asked, as a factor of its outline has no patients.

    Raises:
        AnalysisError: a factor that isn't the one that the cohort has by this name.
    """
    if cohort.behind is None:
        return given
    named = dict(given)
    for parameter, value in given.items():
        if isinstance(value, Factor):
            if cohort.factor(value.name).levels != value.levels:
                raise AnalysisError(f"{parameter} is a factor of its own; the data are counts, so give a factor's name")
            named[parameter] = value.name
    return named


def public(function: Callable[P, R]) -> Callable[P, R]:
    """A function whose arguments are read as people write them.

    Example:
        >>> kaplan_meier(cohort, "prs", "Site:Lung", ci="Log-Log").by
        'site:lung'
    """
    signature = _Signature(function)

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        if len(args) > len(signature.positional):
            return function(*args, **kwargs)  # which tells how many it takes
        signature.strange(kwargs)
        given = signature.read({**dict(zip(signature.positional, args, strict=False)), **kwargs})
        if isinstance(cohort := given.get(signature.names[0]) if signature.names else None, Cohort):
            given = _factors_by_name(cohort, given)
            given[signature.names[0]] = fetched(cohort, function, _wanted(cohort, signature, given), given)
        first = [given.pop(name) for name in signature.positional[: len(args)]]
        return function(*first, **given)

    return asked
