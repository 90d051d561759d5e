"""Sites of recurrence named in words: a text column to a label matrix, each reading that needs a look told."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from necc.core.dictionary import Dictionary, Organ
from necc.core.errors import Finding
from necc.core.text import joined, shorten
from necc.ingest.raw import RawColumn
from necc.ingest.site_words import SiteText, SiteWords


def unmatched_words(column: RawColumn, words: dict[str, str], missing: Callable[[str], bool]) -> dict[str, int]:
    """The parts of a column's cells that name no known site, and patients with each."""
    found: dict[str, int] = {}
    known = SiteWords(words)
    for code, text in enumerate(column.uniques):
        if not missing(text):
            for part in known.read(text).unknown:
                found[part] = found.get(part, 0) + column.count(code)
    return found


def names_sites(column: RawColumn, words: dict[str, str]) -> float:
    """The share of a column's distinct cells that speak of a known site, be it to deny it."""
    cells = [v for v in column.words[:300].to_pylist() if v]
    known = SiteWords(words)
    return sum(bool(known.read(v).organs) for v in cells) / len(cells) if cells else 0.0


def site_labels(
    column: RawColumn, dictionary: Dictionary, missing: Callable[[str], bool]
) -> tuple[np.ndarray, tuple[str, ...], list[Finding]]:
    """A text column of sites as a label matrix: int8, shape (n, n_organs): 1 named, 0 not, -1 not recorded.

    Rows without any text are -1 throughout, as is an organ that a cell leaves open ("lung?"). A denied one is 0. A part
    that matches no organ counts under "other" and is listed.
    """
    words, findings = SiteWords(dictionary.organ_words()), list[Finding]()
    organs: dict[str, Organ] = dict(dictionary.organs)
    names = tuple(organs) if "other" in organs else (*organs, "other")
    labels = np.zeros((max(len(column.uniques), 1), len(names)), dtype=np.int8)
    for i, text in enumerate(column.uniques):
        if missing(text):
            labels[i] = -1
            continue
        told = words.read(text)
        if told.missing or told.unclear:
            labels[i] = -1
        else:
            for organ in _left_open(told, dictionary):
                labels[i, names.index(organ)] = -1
            for organ in [*told.present, *(["other"] if told.unknown else [])]:
                labels[i, names.index(organ)] = 1
        findings += _findings(column, i, told, organs)
    return labels[column.codes], names, findings


def _left_open(told: SiteText, dictionary: Dictionary) -> list[str]:
    """Doubtful organs, and the sites they belong to where these have columns of their own."""
    groups = [
        group
        for scheme in dictionary.schemes.values()
        for group, members in scheme.groups.items()
        if group in dictionary.organs and set(members) & set(told.doubtful)
    ]
    return [*told.doubtful, *groups]


def _findings(column: RawColumn, i: int, told: SiteText, organs: dict[str, Organ]) -> list[Finding]:
    """What a reader should know of how one wording was read."""
    cell = shorten(column.uniques[i])

    def named(names: Iterable[str]) -> str:
        return joined([organs[n].label if n in organs else n for n in names])

    found = []
    if told.missing:
        found.append(column.finding("info", "read-as-missing", i, f"'{cell}' was read as missing"))
    if told.none:
        found.append(column.finding("info", "no-site", i, f"'{cell}' was read as no site of recurrence"))
    if told.unclear:
        message = (
            f"'{cell}' neither names a site that the dictionary knows nor says that there is none; the sites count as "
            "not recorded. Write the sites with ; between them, or 'none'"
        )
        found.append(column.finding("warning", "doubtful-site", i, message))
    if told.doubtful:
        message = (
            f"'{cell}' leaves open whether {named(told.doubtful)} is a site; it isn't marked and counts as not "
            "recorded. Write the site alone if it is one, or 'no' before it if it isn't"
        )
        found.append(column.finding("warning", "doubtful-site", i, message))
    for part in told.unknown:
        rest = f" (of '{cell}'; {named(told.present)} was read)" if told.present else ""
        message = f"'{shorten(part)}' names no site the dictionary knows{rest}; it counts under 'Other'"
        found.append(column.finding("warning", "unknown-site", i, message))
    if told.ignored:
        left = joined([f"'{shorten(w, 30)}'" for w in told.ignored[:5]])
        message = f"of '{cell}' {left} wasn't understood and marks no site; {_read(told, named)}"
        found.append(column.finding("warning", "partly-understood", i, message))
    if told.merged:
        message = f"'{cell}' was read as {named(told.merged)}; write ; between sites if that is right"
        found.append(column.finding("info", "several-sites", i, message))
    if told.absent:
        message = f"'{cell}' says no to {named(told.absent)}; {_read(told, named)}"
        found.append(column.finding("info", "site-denied", i, message))
    return found


def _read(told: SiteText, named: Callable[[Iterable[str]], str]) -> str:
    return f"{named(told.present)} is marked" if told.present else "no site is marked"
