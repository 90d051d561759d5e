"""Sites of recurrence named in words: one cell to organs, a text column to a label matrix."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from necc.dictionary import Dictionary, Organ, normalise
from necc.errors import Finding
from necc.ingest.raw import RawColumn
from necc.text import shorten

SPLIT_SITES = re.compile(r"[;,/+|&、；，\n]| and | und | et |(?<!\w)with(?!\w)")


def organs_in(text: str, words: dict[str, str]) -> tuple[list[str], list[str]]:
    """The organs that a cell names, and the parts that match nothing.

    The whole cell is tried first, then its parts; in a part the longest known word wins ("thoracic spine" is
    bone, not a thoracic lymph node).
    """
    whole = normalise(text)
    if whole in words:
        return [words[whole]], []
    organs, unknown = [], []
    for part in filter(None, (p.strip() for p in SPLIT_SITES.split(text))):
        organ = organ_of(normalise(part), words)
        if organ is not None:
            organs.append(organ)
        elif normalise(part):
            unknown.append(part)
    return list(dict.fromkeys(organs)), unknown


def organ_of(part: str, words: dict[str, str]) -> str | None:
    """The organ of the longest known word in a normalised text."""
    if part in words:
        return words[part]
    tokens = part.split()
    for length in range(len(tokens), 0, -1):
        for start in range(len(tokens) - length + 1):
            organ = words.get(" ".join(tokens[start : start + length]))
            if organ:
                return organ
    return next((words[w] for w in sorted(words, key=len, reverse=True) if not w.isascii() and w in part), None)


def unmatched_words(column: RawColumn, words: dict[str, str], missing: Callable[[str], bool]) -> dict[str, int]:
    """The parts of a column's cells that name no known site, and patients with each."""
    found: dict[str, int] = {}
    for code, text in enumerate(column.uniques):
        if not missing(text):
            for part in organs_in(text, words)[1]:
                found[part] = found.get(part, 0) + column.count(code)
    return found


def site_labels(
    column: RawColumn, dictionary: Dictionary, missing: Callable[[str], bool]
) -> tuple[np.ndarray, tuple[str, ...], list[Finding]]:
    """A text column of sites as a label matrix: int8, shape (n, n_organs), -1 in rows without any text.

    A part that matches no organ counts under "other" and is listed.
    """
    words, findings = dictionary.organ_words(), []
    organs: dict[str, Organ] = dict(dictionary.organs)
    names = tuple(organs) if "other" in organs else (*organs, "other")
    labels = np.zeros((max(len(column.uniques), 1), len(names)), dtype=np.int8)
    for i, text in enumerate(column.uniques):
        if missing(text):
            labels[i] = -1
            continue
        found, unknown = organs_in(text, words)
        for part in unknown:
            message = f"'{shorten(part)}' names no site the dictionary knows; it counts under 'Other'"
            findings.append(column.finding("warning", "unknown-site", i, message))
        for organ in [*found, *(["other"] if unknown else [])]:
            labels[i, names.index(organ)] = 1
    return labels[column.codes], names, findings
