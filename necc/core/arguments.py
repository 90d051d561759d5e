"""Arguments of public functions as people write them: names in any case, one name for several, words of options.

What each parameter means is known by its name and its type, so that it is the same in every function: `PLACES` says it
of those that name something of a cohort; a parameter whose type is a `Literal` takes its words; `level` is a
confidence level.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.estimate import check_level
from necc.core.names import as_they_are, meant, names_in, near, one_of
from necc.core.selection import level_of

P = ParamSpec("P")
R = TypeVar("R")

USUAL = {"alpha": "level", "conf_level": "level", "group": "by", "groups": "by", "group_by": "by", "factor": "by",
         "variables": "covariates", "conf_type": "ci", "p_adjust": "adjustment"}  # fmt: skip
"""Names of arguments elsewhere, and ours."""


# ---------------------------------------------------------------- what a parameter names
def _endpoint(cohort: Cohort, name: str, given: Mapping[str, Any]) -> str:
    return cohort.endpoint_name(name)


def _name(cohort: Cohort, name: str, given: Mapping[str, Any]) -> str:
    return cohort.name_of(name)


def _response(cohort: Cohort, name: str, given: Mapping[str, Any]) -> str:
    return name.lower() if name.lower() in ("best", "final") else cohort.name_of(name)


def _site(cohort: Cohort, name: str, given: Mapping[str, Any]) -> str:
    labels = [(cohort.site_label(site), site) for site in cohort.site_names]
    return meant("the site", name, as_they_are(cohort.site_names)) or meant("the site", name, labels) or name


def _level(cohort: Cohort, word: str, given: Mapping[str, Any]) -> str:
    by = given.get("by")
    return _level_meant(cohort, cohort.name_of(by), word) if isinstance(by, str) else word


def _interaction(cohort: Cohort, pair: str | tuple[str, str], given: Mapping[str, Any]) -> Any:
    if isinstance(pair, str):
        return " * ".join(cohort.name_of(name.strip()) for name in pair.split("*"))
    return tuple(cohort.name_of(name) for name in pair)


def _as_it_is(cohort: Cohort, value: Any, given: Mapping[str, Any]) -> Any:
    return value


PLACES: Mapping[str, Callable[[Cohort, Any, Mapping[str, Any]], Any]] = {
    **dict.fromkeys(("endpoint", "endpoints", "death"), _endpoint),
    **dict.fromkeys(("by", "exposure", "covariates", "multivariable", "adjusted_for", "strata", "names", "fields",
                     "leave_out", "treatment", "start", "cycles", "entry", "time", "status", "causes", "comparator"),
                    _name),
    "response": _response, "hierarchy": _site, "sites": _site, "site": _site, "order": _level,
    "interactions": _interaction,
}  # fmt: skip
"""By the name of a parameter, how a text in it is read."""


def _level_meant(cohort: Cohort, name: str, word: object) -> Any:
    try:
        levels = cohort.whole.factor(name).levels
    except AnalysisError:  # told by who asks for the factor
        return word
    text = {True: "yes", False: "no"}[word] if isinstance(word, bool) else str(word)
    return level_of(text, levels) or word


def _by_name(cohort: Cohort, option: str, values: object) -> dict[str, Any]:
    """A reference or a unit by covariate, under the cohort's names."""
    if not isinstance(values, Mapping):
        example = "{'age_years': 10}" if option == "per" else "{'figo_stage': 'I'}"
        raise AnalysisError(f"{option} is given by covariate, such as {example}, not as {values!r}")
    named = {cohort.name_of(name): value for name, value in values.items()}
    return named if option == "per" else {name: _level_meant(cohort, name, word) for name, word in named.items()}


# ---------------------------------------------------------------- what a parameter's type says
SEVERAL = (Iterable, Sequence)


def _words_of(hint: object) -> tuple[str, ...]:
    """The words of a `Literal` in a type, also of one for several."""
    if get_origin(hint) is Literal:
        return tuple(word for word in get_args(hint) if isinstance(word, str))
    return tuple(word for part in get_args(hint) if part is not Ellipsis for word in _words_of(part))


def _holds(hint: object, *kinds: type) -> bool:
    """Whether a type, or one of those it may be, is one of these kinds."""
    return get_origin(hint) in kinds or hint in kinds or any(_holds(part, *kinds) for part in get_args(hint))


class _Signature:
    """What is known of a function's parameters; types are looked up when they are first asked for."""

    def __init__(self, function: Callable[..., object]) -> None:
        function = inspect.unwrap(function)  # its own parameters, whatever stands round it
        code = function.__code__
        self.function, self.name = function, function.__name__
        self.names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.positional: tuple[str, ...] = code.co_varnames[: code.co_argcount]
        self.open = bool(code.co_flags & 0x08)  # takes further arguments by name
        self._types: tuple[dict[str, tuple[str, ...]], frozenset[str]] | None = None

    @property
    def types(self) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
        """The words of each option; and the parameters that take several."""
        if self._types is None:
            hints = get_type_hints(self.function)
            words = {name: _words_of(hints[name]) for name in self.names if name in hints}
            several = {
                n for n in self.names if n in hints and _holds(hints[n], *SEVERAL) and not _holds(hints[n], float)
            }
            self._types = {name: of for name, of in words.items() if of}, frozenset(several)
        return self._types

    def strange(self, given: Iterable[str]) -> None:
        """Raises TypeError for an argument that there isn't, and names the one that is meant."""
        for name in given:
            if name in self.names or self.open:
                continue
            close = [USUAL[name]] if USUAL.get(name) in self.names else near(name, self.names, 1, 0.6)
            options = ", ".join(n for n in self.names if n != "cohort")
            hint = f"did you mean '{close[0]}'?" if close else f"there are {options}"
            raise TypeError(f"{self.name}() has no argument '{name}'; {hint}")

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """The arguments in the house's words."""
        words, several = self.types
        cohort = given.get("cohort")
        read = {}
        for name, value in given.items():
            if value is None or name == "cohort":
                read[name] = value
            elif name == "level":
                read[name] = check_level(value)
            elif name in words:
                read[name] = _option(name, value, words[name], name in several)
            elif not isinstance(cohort, Cohort):
                read[name] = value
            elif name == "reference" and isinstance(value, str) and isinstance(given.get("by"), str):
                read[name] = _level(cohort, value, given)
            elif name in ("reference", "per") and name in self.names:
                read[name] = _by_name(cohort, name, value)
            else:
                read[name] = self._place(cohort, name, value, given, name in several)
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
        first = [given.pop(name) for name in signature.positional[: len(args)]]
        return function(*first, **given)

    return asked
