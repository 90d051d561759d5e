"""Filters and a page's choices as a link, and back. A link names variables and levels of the dictionary, and the
program's own words; of what only a file knows it holds numbers that mean nothing without that file: never a value of a
patient."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from necc.core.cohort import SITE_LEVELS, Cohort
from necc.core.dictionary import Dictionary, builtin_names
from necc.core.errors import AnalysisError, SelectionError
from necc.core.selection import Condition, Selection
from necc.core.text import slug

RESERVED = ("view", "cohort", "embed", "embed_options")
SCHEME = "scheme"
NONE = "none"
MISSING = "missing"
OWN = "own-filter"
MOST_SITES = 100
Pairs = tuple[tuple[str, str], ...]


def cohort_mark(cohort: Cohort) -> str:
    """Eight hexadecimal digits by which a file is known again."""
    return cohort.source.sha256[:8]


_ships = cache(builtin_names)  # listing their folder for every option takes longer than all the rest


def _shipped(cohort: Cohort) -> Dictionary | None:
    name = cohort.dictionary.name
    return Dictionary.builtin(name) if name in _ships() else None


def _public_name(name: str, cohort: Cohort) -> str:
    """A variable's name where the dictionary knows it, else a digest of the column's name."""
    shipped = _shipped(cohort)
    stem = _stem(name)
    prefix, _, places = stem.partition(":")
    if shipped is None:
        public = False
    elif prefix in ("site", "organ") and places:
        public = all(place.strip() in _places(shipped) for place in places.split("|"))
    else:
        public = stem == "n_sites" or stem in shipped.variables or stem in shipped.groupings
    return name if public else f"x-{_digest(name, cohort)}"


def _digest(name: str, cohort: Cohort) -> str:
    """What stands for a name that only the file knows: whoever guesses it needs all other columns to be sure."""
    columns = "\0".join(sorted(cohort.columns))
    return hmac.new(columns.encode(), name.encode(), hashlib.sha256).hexdigest()[:8]


def _stem(name: str) -> str:
    """A variable's name without the cut of its number."""
    return name.split(">")[0].split("≥")[0]


def _places(shipped: Dictionary) -> frozenset[str]:
    """Sites and organs that the dictionary names: a file's own are named by its columns or its cells."""
    groups = [name for scheme in shipped.schemes.values() for name in (*scheme.groups, *scheme.labels.values())]
    organs = [name for organ in shipped.organs.values() for name in (organ.name, organ.label)]
    return frozenset((*groups, *organs))


def _public_levels(name: str, cohort: Cohort) -> tuple[str, ...]:
    """The levels that the shipped dictionary itself names."""
    shipped = _shipped(cohort)
    if shipped is None:
        return ()
    if name.startswith(("site:", "organ:")):
        return SITE_LEVELS
    if name == "n_sites":
        return tuple(map(str, range(MOST_SITES)))
    if name in shipped.groupings:  # a file may have a column of that name, with levels of its own
        own = name in cohort.columns
        return () if own else tuple(shipped.groupings[name].levels) or cohort.factor(name).levels
    variable = shipped.variables.get(name)
    if variable is None:
        return ()
    return ("no", "yes") if variable.kind in ("flag", "event") else variable.levels


def to_pairs(selection: Selection, cohort: Cohort) -> Pairs:
    """(name, value) for each filter, as they stand in the address."""
    pairs: list[tuple[str, str]] = []
    for condition in selection.conditions:
        name = _public_name(condition.name, cohort)
        if condition.is_range:
            pairs.append((name, str(condition).removeprefix(condition.name).lstrip("=")))
            continue
        public = _public_levels(condition.name, cohort)
        for level in condition.levels:
            pairs.append((name, level if level in public else f"~{_place(cohort, condition.name, level)}"))
        if condition.keep_missing:
            pairs.append((name, MISSING))
    return tuple(pairs)


def _place(cohort: Cohort, name: str, level: str) -> int:
    levels = cohort.factor(name).levels
    return levels.index(level) if level in levels else len(levels)


def public_words(selection: Selection, cohort: Cohort) -> str:
    """The filters for the name of a file: of what only the patients' file knows that there is a filter."""
    values: dict[str, list[str]] = {}
    for name, value in to_pairs(selection, cohort):
        values.setdefault(name, []).append(value)
    words = []
    for name, chosen in values.items():
        known = [v for v in chosen if not v.startswith("~")]
        own = [OWN] if len(known) < len(chosen) else []
        words.append(OWN if name.startswith("x-") else "-".join(filter(None, map(slug, (name, *known, *own)))))
    return "_".join(words)


def pairs_of(query: Mapping[str, Iterable[str]]) -> Pairs:
    """The filters of an address's query."""
    return tuple((name, value) for name, values in query.items() if is_filter(name) for value in values)


def choices_of(query: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """What an address's query chooses on a page: all that is no filter."""
    return {n: list(v) for n, v in query.items() if n not in (*RESERVED, SCHEME) and not is_filter(n)}


def is_filter(name: str) -> bool:
    """Whether a name in an address is a filter's: of a column, a site, or a variable that a shipped dictionary has."""
    if name in (*RESERVED, SCHEME):
        return False
    stem = _stem(name)
    if stem == "n_sites" or name.startswith(("x-", "site:", "organ:")):
        return True
    return any(stem in d.variables or stem in d.groupings for d in map(Dictionary.builtin, _ships()))


def from_pairs(pairs: Iterable[tuple[str, str]], cohort: Cohort) -> tuple[Selection, Pairs]:
    """The filters that the cohort can answer, and the pairs that it can't."""
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        if value not in grouped.setdefault(name, []):
            grouped[name].append(value)
    conditions, left = [], []
    for name, values in grouped.items():
        try:
            conditions.append(_condition(name, values, cohort).spelled(cohort))
        except (AnalysisError, SelectionError, ValueError, IndexError):
            left += [(name, value) for value in values]
    return Selection(tuple(conditions)), tuple(left)


def _condition(name: str, values: list[str], cohort: Cohort) -> Condition:
    if name.startswith("x-"):
        known = {_public_name(n, cohort): n for n in (*cohort.factor_names(), *cohort.number_names())}
        if name not in known:
            raise ValueError(name)
        name = known[name]
    if len(values) == 1 and (".." in values[0] or values[0][:1] in "<>"):
        sign = "" if values[0][:1] in "<>" else "="
        return Selection.parse([f"{name}{sign}{values[0]}"], [name]).conditions[0]
    levels = []
    for value in values:
        if value.startswith("~"):
            levels.append(cohort.factor(name).levels[int(value[1:])] if value[1:].isdigit() else value)
        elif value != MISSING:
            levels.append(value)
    return Condition(name, tuple(levels), keep_missing=MISSING in values)


# ---------------------------------------------------------------- choices
def choice_name(name: str, of: Sequence[str], cohort: Cohort) -> str:
    """What a choice is called in the address; `of` are the variables or endpoints that it is about."""
    return "-".join([slug(name), *(_known_word(o, cohort) or _public_name(o, cohort) for o in of if o)])


def choice_words(
    options: Sequence[object], cohort: Cohort, fixed: bool | Iterable[object] = False, of: Sequence[str] = ()
) -> list[str]:
    """How each option stands in the address.

    Args:
        options: what can be chosen: words of the program, or names and levels of the cohort.
        cohort: the cohort that they are from.
        fixed: the options that are the program's own words; True for all of them.
        of: the variables whose levels are among the options.
    """
    own = list(options) if fixed is True else list(fixed or ())
    public = {level for name in of if not name.startswith("x-") for level in _levels(name, cohort)}
    columns = {*cohort.factor_names(), *cohort.number_names()}
    words: list[str] = []
    for place, option in enumerate(options):
        text = f"{option}"
        if option is True or option is False:
            word = "yes" if option else "no"
        elif text == "":
            word = NONE
        elif option in own:
            word = slug(text)
        elif text in columns:
            word = _public_name(text, cohort)
        else:
            word = text if text in public else _known_word(text, cohort)
        words.append(word if word and word not in words else f"~{place}")
    return words


def _levels(name: str, cohort: Cohort) -> tuple[str, ...]:
    try:
        return _public_levels(name, cohort)
    except AnalysisError:  # an endpoint has no levels
        return ()


def _known_word(text: str, cohort: Cohort) -> str:
    """An endpoint, a site or an organ that the shipped dictionary names; else empty."""
    shipped = _shipped(cohort)
    return text if shipped and (text in shipped.endpoints or text in _places(shipped)) else ""


def scheme_word(cohort: Cohort) -> str:
    """The site scheme, where it is another than the usual one and a shipped dictionary names it."""
    shipped, name = _shipped(cohort), cohort.scheme.name
    usual = name == cohort.dictionary.default_scheme.name
    return name if shipped and name in shipped.schemes and not usual else ""


def choice_label(name: str) -> str:
    """A filter's name for a message."""
    return "a column of its own" if name.startswith("x-") else f"'{name[:60]}'"
