"""Which of some names a person means: in any case, and what to say where none is meant or two could be.

An exact name comes before any other reading; then the same name without regard to case and punctuation.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from necc.core.dictionary import normalise
from necc.core.errors import AnalysisError
from necc.core.text import first_few, joined
from necc.core.toml import meant

USUAL = {"alpha": "level", "conf_level": "level", "group": "by", "groups": "by", "group_by": "by", "factor": "by",
         "variables": "covariates", "conf_type": "ci", "p_adjust": "adjustment"}  # fmt: skip
"""Names of arguments elsewhere, and ours."""


def strange_arguments(function: str, names: Sequence[str], given: Iterable[str], also: Sequence[str] = ()) -> None:
    """Raises TypeError for an argument that a function doesn't have, and names the one that is meant.

    names: those that it has and tells. also: those that it has besides.
    """
    for name in given:
        if name in names or name in also:
            continue
        close = [USUAL[name]] if USUAL.get(name) in names else near(name, names, 1, 0.6)
        hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(names)}"
        raise TypeError(f"{function}() has no argument '{name}'; {hint}")


def names_in(given: str | Iterable[str]) -> tuple[str, ...]:
    """One name or several, as several.

    Example:
        >>> from necc.core.names import names_in
        >>> names_in("age_years"), names_in(["n_sites", "site:lung"])
        (('age_years',), ('n_sites', 'site:lung'))
    """
    return (given,) if isinstance(given, str) else tuple(given)


def numbers_in(given: float | str | Iterable[float], what: str = "times") -> tuple[float, ...]:
    """One number or several, as several.

    Raises:
        AnalysisError: one of them is no number.

    Example:
        >>> from necc.core.names import numbers_in
        >>> numbers_in(12), numbers_in([6, 12.5])
        ((12.0,), (6.0, 12.5))
    """
    try:
        if isinstance(given, str):
            raise TypeError
        return tuple(map(float, given if isinstance(given, Iterable) else (given,)))
    except (TypeError, ValueError):
        raise AnalysisError(f"{what} are numbers, such as 12 or [6, 12], not {given!r}") from None


def near(name: str, known: Iterable[str], most: int = 3, cutoff: float = 0.5) -> list[str]:
    """Known names that look like this one, the nearest first, without regard to case."""
    spelled = {normalise(k): k for k in reversed([*known])}
    return [spelled[k] for k in difflib.get_close_matches(normalise(name), list(spelled), n=most, cutoff=cutoff)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean 'a' or 'b'?`; without a name that is near, what there is."""
    known = list(dict.fromkeys(known))
    if close := near(name, known):
        return f"did you mean {joined([repr(n) for n in close], 'or')}?"
    return f"there are {first_few(known)}" if known else "it has none"


def name_meant(what: str, name: str, words: Iterable[tuple[str, str]]) -> str | None:
    """The name that is meant by a word, None where it is none of them.

    words: what may be written, each with the name that it stands for.

    Raises:
        AnalysisError: two names could be meant.
    """
    words = tuple(words)
    for same in (str, normalise):
        if not (spelled := same(name)):
            continue
        found = list(dict.fromkeys(of for word, of in words if same(word) == spelled))
        if len(found) > 1:
            raise AnalysisError(f"{what} '{name}' could be {joined([repr(f) for f in found], 'or')}; write that name")
        if found:
            return found[0]
    return None


def as_they_are(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names as the words for themselves."""
    return [(name, name) for name in names]


def one_of(what: str, name: object, known: Sequence[str]) -> str:
    """The word of an option that is meant.

    Raises:
        AnalysisError: none of them is; the message lists them, and names one that is near.

    Example:
        >>> from necc.core.names import one_of
        >>> one_of("ties", "Efron", ("efron", "breslow"))
        'efron'
    """
    words = [*as_they_are(known), *((word.replace("-", ""), word) for word in known)]
    if isinstance(name, str):
        if (word := name_meant(what, name, words)) is not None:
            return word
        raise AnalysisError(f"{what} '{name}' is not one of {joined(list(known), 'or')}{meant(name, known)}")
    raise AnalysisError(f"{what} {name!r} is not one of {joined(list(known), 'or')}; write one of these words")
