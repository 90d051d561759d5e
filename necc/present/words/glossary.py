"""The words of the program in plain English: each with what else it is called, and the explanations it belongs to.

    find("hazzard ratio")[0].definition
    marked("The HR was 2.")

Explanations that belong to no term stand among the terms by their own titles.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cache

from necc.core.text import plural, slug
from necc.present.words.explain import EXPLANATIONS
from necc.present.words.terms import TERMS, Term, shortened

CLOSE = 0.75  # of 1: how alike a word must be to a term to be taken for a slip of the pen
SHORTEST = 4  # letters of a word that may be misspelt: of shorter ones too many are alike
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z'])")


@cache
def glossary() -> dict[str, Term]:
    """All terms by their keys, in the order of the alphabet.

    Example:
        >>> glossary()["hazard-ratio"].also
        ('HR', 'relative hazard')
    """
    listed = list(TERMS)
    claimed = {key for term in listed for key in term.explains}
    listed += [
        Term(about.title, SENTENCE.split(about.paragraphs[0])[0], explains=(key,), quiet=True)
        for key, about in EXPLANATIONS.items()
        if key not in claimed
    ]
    return {term.key: term for term in sorted(listed, key=lambda term: term.name.casefold())}


def term_of(explanation: str) -> Term:
    """The term to which an explanation belongs, by the explanation's key.

    Raises:
        KeyError: there is no such explanation.

    Example:
        >>> term_of("forest-plot").name
        'Forest plot'
    """
    found = [term for term in glossary().values() if explanation in term.explains]
    if not found:
        raise KeyError(explanation)
    return min(found, key=lambda term: term.explains.index(explanation))


def named(name: str) -> Term:
    """The term of a name, as other terms refer to it.

    Raises:
        KeyError: there is none of this name.

    Example:
        >>> named("Gray's test").also
        ('Gray test',)
    """
    return glossary()[slug(name)]


def find(text: str, most: int = 0) -> tuple[Term, ...]:
    """Terms that a person may mean, likeliest first; all of them for a blank text.

    Names and abbreviations come before definitions and explanations; where nothing has the words, terms that are
    spelt nearly so. most: how many at most; 0 for all.

    Example:
        >>> [term.name for term in find("kaplan maier")][:1]
        ['Kaplan-Meier curve']
    """
    wanted = _bare(text)
    if not wanted:
        return tuple(glossary().values())
    ranked = sorted(
        ((rank, place, term) for place, term in enumerate(glossary().values()) if (rank := _rank(term, wanted)) < 9),
        key=lambda one: one[:2],
    )
    found = tuple(term for *_, term in ranked) or _nearly(wanted)
    return found[:most] if most else found


def marked(text: str) -> Iterator[tuple[str, Term | None]]:
    """A text in pieces, in their order; those that are a term come with it, each term once, where it comes first.

    Example:
        >>> [(piece, term and term.name) for piece, term in marked("An HR of 2.")]
        [('An ', None), ('HR', 'Hazard ratio'), (' of 2.', None)]
    """
    seen: set[str] = set()
    done = 0
    for match in _pattern().finditer(text):
        term = _meant(match[0])
        if term is None or term.key in seen:
            continue
        seen.add(term.key)
        if match.start() > done:
            yield text[done : match.start()], None
        yield match[0], term
        done = match.end()
    if done < len(text):
        yield text[done:], None


def counted(found: int, of: int) -> str:
    """How many terms were found of all."""
    return f"{found:,} of {plural(of, 'term')}, likeliest first."


# ---------------------------------------------------------------- names
def _meant(found: str) -> Term | None:
    if found in _forms():
        return _forms()[found]
    short = found.removesuffix("s")
    if shortened(short):
        return _forms().get(short)
    return _forms().get(found.casefold()) or _forms().get(short.casefold())


@cache
def _forms() -> dict[str, Term]:
    """Every name under which a term is marked in a text; abbreviations as they are written, others in small letters."""
    known: dict[str, Term] = {}
    for term in glossary().values():
        for word in () if term.quiet else term.names:
            known.setdefault(word if shortened(word) else word.casefold(), term)
    return known


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_forms(), key=len, reverse=True)
    either = "|".join(re.escape(n) if shortened(n) else f"(?i:{re.escape(n)})" for n in names)
    return re.compile(rf"(?<![\w-])(?:{either})s?(?![\w-])")


# ---------------------------------------------------------------- search
def _bare(text: str) -> str:
    """Small letters, and blanks for all that is no letter or digit."""
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold().replace("'s", "s")).split())


def _rank(term: Term, wanted: str) -> int:
    """How well a term fits: 0 is its name, 9 not at all."""
    names = [_bare(word) for word in term.names]
    if wanted in names:
        return names.index(wanted) and 1
    if any(name.startswith(wanted) for name in names):
        return 2
    words = wanted.split()
    if any(all(word in name.split() for word in words) for name in names):
        return 3
    if len(wanted) >= SHORTEST and any(wanted in name for name in names):
        return 4
    told = [term.definition, *(text for key in term.explains for text in _explained(key))]
    for rank, text in zip((5, *[6] * len(told)), told, strict=False):
        if all(re.search(rf"\b{re.escape(word)}", _bare(text)) for word in words):
            return rank
    return 9


def _explained(key: str) -> Sequence[str]:
    about = EXPLANATIONS[key]
    return about.title, " ".join(about.paragraphs)


def _nearly(wanted: str) -> tuple[Term, ...]:
    """Terms of which a name is spelt nearly as wanted, or which have all its longer words nearly so."""
    if len(wanted) < SHORTEST:
        return ()
    found: dict[str, float] = {}
    for term in glossary().values():
        names = [_bare(word) for word in term.names]
        likeness = max(_alike(wanted, name) for name in names)
        of_words = max(
            min((max(_alike(word, part) for part in name.split()) for word in wanted.split()), default=0.0)
            for name in names
        )
        if max(likeness, of_words) >= CLOSE:
            found[term.key] = max(likeness, of_words)
    return tuple(glossary()[key] for key in sorted(found, key=lambda key: -found[key]))


def _alike(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if min(len(a), len(b)) < SHORTEST:
        return 0.0
    return difflib.SequenceMatcher(None, a, b).ratio()
