"""Filters and a page's choices as a link, and back. A link names variables and levels of the dictionary, and the
program's own words; of what only a file knows it holds numbers that mean nothing without that file: never a value of a
patient, and never who was picked by hand.

A filter is a parameter of its variable's name. A group of filters is one of `filter-any`, `filter-none` and
`filter-not-all`, as `site:lung=with;site:bone=with`; in it `%3B` is a semicolon of a name or level, and so on.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from urllib.parse import unquote

from necc.core.cohort import SITE_LEVELS, Cohort
from necc.core.dictionary import Dictionary, builtin_names
from necc.core.errors import AnalysisError, SelectionError
from necc.core.selection import HOWS, PICKED, Condition, Group, How, Selection, filter_label
from necc.core.text import slug

EDITS = "edits"  # how many were made of the cohort: no link holds what they are
RESERVED = ("view", "cohort", EDITS, "embed", "embed_options")
SCHEME = "scheme"
NONE = "none"
# choices of earlier versions, by how their names in an address began
RENAMED = {
    **{f"{page}-by": "by" for page in ("sites", "groups", "compare", "competing", "response", "report")},
    **{f"{page}-endpoint": "endpoint" for page in ("sites", "competing", "treatment")},
    "compare-view": "survival-view", "cox-view": "regression-view", "response-view": "treatment-view",
}  # fmt: skip
# choices whose view was the first of its page, so that addresses of earlier versions don't name it
OPENED = {
    name: ("paper-view", "reproduction")
    for name in ("reproduction-table", "reproduction-admit", "reproduction-question", "reproduction-question-own")
}
MISSING = "missing"
OWN = "own-filter"
BY_HAND = "picked-by-hand"
GROUPS: dict[str, How] = {f"filter-{slug(how)}": how for how in HOWS}
MOST_SITES = 100
SIGNS = re.compile(r"[<>≤≥+%&]")  # which a slug of a level spells out, as its number needs them
UNANSWERED = (AnalysisError, SelectionError, ValueError, IndexError)
Pairs = tuple[tuple[str, str], ...]


def cohort_mark(cohort: Cohort) -> str:
    """Eight hexadecimal digits by which a file is known again."""
    return cohort.source.file_mark[:8]


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
    """(name, value) for each filter and group, as they stand in the address; without what `unlinked` is about."""
    told = [_told(c, cohort) for c in selection.conditions if c.name != PICKED]
    pairs = [(name, value) for name, values in told for value in values]
    for name, how in GROUPS.items():
        pairs += [(name, _group_text(g, cohort)) for g in selection.groups if g.how == how and PICKED not in g.names]
    return tuple(pairs)


def unlinked(selection: Selection) -> bool:
    """Whether a link leaves out some of the filters: patients picked by hand, alone or in a group."""
    return PICKED in selection.names


def _told(condition: Condition, cohort: Cohort) -> tuple[str, list[str]]:
    """A filter's name and values in the address."""
    name = _public_name(condition.name, cohort)
    if condition.is_range:
        return name, [str(condition).removeprefix(condition.name).lstrip("=")]
    public = _public_levels(condition.name, cohort)
    values = [x if x in public else f"~{_place(cohort, condition.name, x)}" for x in condition.levels]
    return name, [*values, *([MISSING] if condition.keep_missing else [])]


def _group_text(group: Group, cohort: Cohort) -> str:
    texts = []
    for condition in group.conditions:
        name, values = _told(condition, cohort)
        texts.append(f"{_plain(name)}={','.join(values if condition.is_range else map(_plain, values))}")
    return ";".join(texts)


def _plain(text: str) -> str:
    """A name or level without the signs that part a group."""
    return re.sub("[%;,=]", lambda sign: f"%{ord(sign[0]):02X}", text)


def _place(cohort: Cohort, name: str, level: str) -> int:
    levels = cohort.factor(name).levels
    return levels.index(level) if level in levels else len(levels)


def public_words(selection: Selection, cohort: Cohort) -> str:
    """The filters for the name of a file: of what only the patients' file knows that there is a filter."""
    words = [_words(c, cohort) for c in selection.conditions]
    words += ["-".join([slug(g.how), *(_words(c, cohort) for c in g.conditions)]) for g in selection.groups]
    return "_".join(words)


def _words(condition: Condition, cohort: Cohort) -> str:
    if condition.name == PICKED:
        return BY_HAND
    name, chosen = _told(condition, cohort)
    known = [v for v in chosen if not v.startswith("~")]
    own = [OWN] if len(known) < len(chosen) else []
    return OWN if name.startswith("x-") else "-".join(filter(None, map(slug, (name, *known, *own))))


def public_title(title: str, cohort: Cohort) -> str:
    """A person's title for the name of a file; blank where it holds a column or level that only the file knows.

    A word of one letter and a number tell nothing of a file.
    """
    plain = slug(SIGNS.sub(" ", title))
    own = (slug(word) for word in _own_words(cohort)) if plain else ()
    return "" if any(f"-{w}-" in f"-{plain}-" for w in own if len(w) > 1 and not w.isdecimal()) else plain


def _own_words(cohort: Cohort) -> Iterator[str]:
    """Names, labels and levels of a file that no shipped dictionary has."""
    for name in dict.fromkeys((*cohort.columns, *cohort.factor_names(), *cohort.number_names())):
        if _public_name(name, cohort).startswith("x-"):
            yield from (_stem(name).rpartition(":")[2], filter_label(cohort, name))
    for name in cohort.factor_names():
        public = _levels(name, cohort)
        yield from (level for level in cohort.factor(name).levels if level not in public)


def pairs_of(query: Mapping[str, Iterable[str]]) -> Pairs:
    """The filters of an address's query."""
    return tuple((name, value) for name, values in query.items() if is_filter(name) for value in values)


def choices_of(query: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """What an address's query chooses on a page: all that is no filter."""
    return renamed({n: list(v) for n, v in query.items() if n not in (*RESERVED, SCHEME) and not is_filter(n)})


def renamed(query: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """An address's query with the choices of earlier versions under their names of today."""
    found = {_renamed(name): values for name, values in query.items()}
    for choice, (view, name) in OPENED.items():
        if choice in found:
            found.setdefault(view, [name])
    return found


def _renamed(name: str) -> str:
    for old, new in RENAMED.items():
        if name == old or name.startswith(f"{old}-"):
            return new + name.removeprefix(old)
    return name


def is_filter(name: str) -> bool:
    """Whether a name in an address is a filter's: of a column, a site, a variable that a shipped dictionary has, or a
    group."""
    if name in (*RESERVED, SCHEME):
        return False
    if name in GROUPS:
        return True
    stem = _stem(name)
    if stem == "n_sites" or name.startswith(("x-", "site:", "organ:")):
        return True
    return any(stem in d.variables or stem in d.groupings for d in map(Dictionary.builtin, _ships()))


def from_pairs(
    pairs: Iterable[tuple[str, str]], cohort: Cohort, held: Selection | None = None
) -> tuple[Selection, Pairs]:
    """The filters that the cohort can answer, and the pairs that it can't.

    held: filters of the same patients: what no link tells of them stays.
    """
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        if value not in grouped.setdefault(name, []):
            grouped[name].append(value)
    conditions, left = [], []
    groups: list[Group] = []
    for name, values in grouped.items():
        if name in GROUPS:
            for value in values:
                try:
                    groups.append(_group(GROUPS[name], value, cohort))
                except UNANSWERED:
                    left.append((name, value))
            continue
        try:
            conditions.append(_condition(name, values, cohort).spelled(cohort))
        except UNANSWERED:
            left += [(name, value) for value in values]
    conditions += [c for c in (held.conditions if held else ()) if c.name == PICKED]
    for group in held.groups if held else ():
        if PICKED in group.names:
            try:
                groups.append(group.spelled(cohort))
            except SelectionError:  # it names a site that the sites, as they are read now, don't have
                left.append((f"filter-{slug(group.how)}", ""))
    return Selection(tuple(conditions), tuple(groups)), tuple(left)


def _group(how: How, text: str, cohort: Cohort) -> Group:
    conditions = []
    for part in text.split(";"):
        name, sign, values = part.partition("=")
        if not sign or not values:
            raise ValueError(part)
        chosen = [unquote(value) for value in values.split(",")]
        conditions.append(_condition(unquote(name), chosen, cohort).spelled(cohort))
    return Group(tuple(conditions), how)


def _condition(name: str, values: list[str], cohort: Cohort) -> Condition:
    if name == PICKED:
        raise ValueError("a link picks nobody")
    if name.startswith("x-"):
        known = {_public_name(n, cohort): n for n in (*cohort.factor_names(), *cohort.number_names())}
        if name not in known:
            raise ValueError(name)
        name = known[name]
    if (".." in values[0] or values[0][:1] in "<>") and values[1:] in ([], [MISSING]):
        sign = "" if values[0][:1] in "<>" else "="
        return Selection.parse([f"{name}{sign}{','.join(values)}"], [name]).conditions[0]
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


def choice_label(name: str, cohort: Cohort) -> str:
    """A filter's or a choice's name for a message: the label of a variable; in quotation marks what none has."""
    if name in GROUPS:
        return "several variables together"
    if name.startswith("x-"):
        return "a column of its own"
    label = filter_label(cohort, name)
    return label if label != name else f"'{name[:60]}'"
