"""Sites of recurrence named in words: a text column to a label matrix, each reading that needs a look told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import numpy as np

from necc.core.dictionary import Dictionary, Organ
from necc.core.errors import Finding
from necc.core.text import joined, shorten
from necc.ingest.raw import RawColumn
from necc.ingest.site_words import SiteText, SiteWords


def unmatched_words(column: RawColumn, words: dict[str, str], missing: Callable[[str], bool]) -> dict[str, int]:
    """The parts of a column's cells that name no known site, and patients with each."""
    counts: dict[str, int] = {}
    known = SiteWords(words)
    for code, text in enumerate(column.uniques):
        if not missing(text):
            for part in known.read(text).unknown:
                counts[part] = counts.get(part, 0) + column.count(code)
    return counts


def names_sites(column: RawColumn, known: SiteWords) -> float:
    """The share of a column's distinct cells that speak of a known site, be it to deny it."""
    cells = [v for v in column.words[:300] if v]
    shapes = {re.sub(r"\d+", "0", v) for v in cells}
    if len(cells) == len(column.codes) > 2 and len(shapes) == 1 and "0" in shapes.pop():
        return 0.0  # identifiers of one form (LUNG1-001)
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
        site_text = words.read(text)
        if site_text.missing or site_text.unclear:
            labels[i] = -1
        else:
            for organ in _left_open(site_text, dictionary):
                labels[i, names.index(organ)] = -1
            for organ in [*site_text.present, *(["other"] if site_text.unknown else [])]:
                labels[i, names.index(organ)] = 1
        findings += _findings(column, i, site_text, organs)
        if words.node in site_text.present and (regions := _nodal_regions(words, dictionary)):
            message = (
                f"'{shorten(text)}' doesn't say which lymph node; it is counted apart from {joined(regions)}. Write "
                "the region before it if it is known"
            )
            findings.append(column.finding("warning", "node-without-region", i, message))
    return labels[column.codes], names, findings


def _nodal_regions(words: SiteWords, dictionary: Dictionary) -> list[str]:
    """The groups of the scheme that hold nodes of a region, where a node without one is of another."""
    groups = dictionary.default_scheme.groups
    own = {group for group, members in groups.items() if words.node in members}
    regions = [group for group, members in groups.items() if words.nodal & {*members} and group not in own]
    return [dictionary.default_scheme.labels.get(group, group) for group in regions]


def _left_open(site_text: SiteText, dictionary: Dictionary) -> list[str]:
    """Doubtful organs, and the sites they belong to where these have columns of their own."""
    groups = [
        group
        for scheme in dictionary.schemes.values()
        for group, members in scheme.groups.items()
        if group in dictionary.organs and set(members) & set(site_text.doubtful)
    ]
    return [*site_text.doubtful, *groups]


def _findings(column: RawColumn, i: int, site_text: SiteText, organs: dict[str, Organ]) -> list[Finding]:
    """What a reader should know of how one wording was read."""
    cell = shorten(column.uniques[i])

    def named(names: Iterable[str]) -> str:
        return joined([organs[n].label if n in organs else n for n in names])

    findings = []
    if site_text.missing:
        findings.append(column.finding("info", "read-as-missing", i, f"'{cell}' was read as missing"))
    if site_text.none:
        findings.append(column.finding("info", "no-site", i, f"'{cell}' was read as no site of recurrence"))
    if site_text.unclear:
        message = (
            f"'{cell}' neither names a site in the dictionary nor says that there is none; the sites are counted as "
            "not recorded. Write the sites separated by ; or write 'none'"
        )
        findings.append(column.finding("warning", "doubtful-site", i, message))
    if site_text.doubtful:
        message = (
            f"'{cell}' leaves open whether {named(site_text.doubtful)} is a site; it isn't marked and is counted as "
            "not recorded. Write the site alone if it is one, or 'no' before it if it isn't"
        )
        findings.append(column.finding("warning", "doubtful-site", i, message))
    for part in site_text.unknown:
        rest = f" (of '{cell}'; {named(site_text.present)} was read)" if site_text.present else ""
        message = f"'{shorten(part)}' names no site in the dictionary{rest}; it is counted under 'Other'"
        findings.append(column.finding("warning", "unknown-site", i, message))
    if site_text.ignored:
        left = joined([f"'{shorten(w, 30)}'" for w in site_text.ignored[:5]])
        message = f"of '{cell}' {left} wasn't understood and marks no site; {_read(site_text, named)}"
        findings.append(column.finding("warning", "partly-understood", i, message))
    if site_text.merged:
        message = f"'{cell}' was read as {named(site_text.merged)}; write ; between sites if that is right"
        findings.append(column.finding("info", "several-sites", i, message))
    if site_text.absent:
        message = f"'{cell}' denies {named(site_text.absent)}; {_read(site_text, named)}"
        findings.append(column.finding("info", "site-denied", i, message))
    return findings


def _read(site_text: SiteText, named: Callable[[Iterable[str]], str]) -> str:
    return f"{named(site_text.present)} is marked" if site_text.present else "no site is marked"
