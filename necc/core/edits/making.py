"""What every edit is made with: why one doesn't fit, free names, new columns and when their values are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd

from necc.core.cohort import SITES, SITES_KNOWN, Cohort
from necc.core.dictionary import N_SITES, Dictionary, Stage, Variable, is_site, normalise
from necc.core.errors import NeccError
from necc.core.text import plural, shorten, with_article

STAGES: tuple[Stage, ...] = get_args(Stage)
LONGEST = 60
NO_VALUE = ("missing", "not recorded", "N/A")
"""How filters, tables and figures say that a value isn't recorded: a level of that name would be taken for it."""
NAME = re.compile(rf"[^\W\d][\w .%()/+-]{{0,{LONGEST - 1}}}")


class Misfit(NeccError):
    """An edit that doesn't fit the cohort: what is missing, and what is there."""


@dataclass(frozen=True)
class Made:
    """A cohort after an edit, what it changed, and what has to be known of it."""

    cohort: Cohort
    told: str
    warning: str = ""


class Names:
    """The names that are taken: an edit never gives an old name another meaning."""

    def __init__(self, cohort: Cohort) -> None:
        self._cohort = cohort
        self._own: dict[str, str] = {}
        self._headings: dict[str, str] | None = None

    @property
    def _taken(self) -> dict[str, str]:
        """By its spelling every heading that is understood, with the name it stands for."""
        if self._headings is None:
            known = self._cohort.dictionary
            places = (g for scheme in known.schemes.values() for g in scheme.groups)
            others = (*self._cohort.columns, *known.groupings, *known.organs, *places, N_SITES, SITES)
            self._headings = {normalise(n): n for n in others} | {h: v.name for h, v in known.headers().items()}
        return self._headings

    def free(self, name: str, what: str) -> str:
        """The name of a new variable or site, which no other has.

        Raises:
            Misfit: it is taken, or can't be a name.
        """
        proper(name, what)
        if (of := self._taken.get(normalise(name)) or self._own.get(normalise(name))) is not None:
            other = "" if of == name else f", as another word for '{of}'"
            raise Misfit(f"the name '{name}' is taken{other}; give the new {what} another")
        return name

    def take(self, name: str) -> None:
        """This name is that of a new variable or site from now on."""
        self._own[normalise(name)] = name


def proper(name: str, what: str) -> None:
    """Whether a text can be the name of something new.

    Raises:
        Misfit: it can't.
    """
    if not NAME.fullmatch(name) or "  " in name or name != name.strip() or is_site(name):
        raise Misfit(
            f"'{shorten(name)}' can't be the name of {with_article(what)}; it begins with a letter and holds letters, "
            f"digits, single blanks and . _ - + / % ( ), up to {LONGEST} of them"
        )


def unlike_endpoints(cohort: Cohort, name: str, label: str) -> None:
    """Whether a new variable can be told from every endpoint, by its name and its label.

    Raises:
        Misfit: an endpoint is called so.
    """
    taken = {normalise(word) for e in cohort.dictionary.endpoints.values() for word in (e.name, e.label)}
    if word := next((word for word in (name, label) if normalise(word) in taken), ""):
        raise Misfit(f"an endpoint is called '{word}'; give the new variable another name and label")


def proper_levels(levels: Iterable[str]) -> None:
    """Whether new levels can be told from a value that isn't recorded.

    Raises:
        Misfit: one of them is what the program itself says of such a value.
    """
    if word := next((level for level in levels if normalise(level) in set(map(normalise, NO_VALUE))), ""):
        raise Misfit(
            f"a level can't be called '{word}', as filters and tables say of a value that isn't recorded; "
            "give it another name"
        )


def outcomes(known: Dictionary) -> set[str]:
    """Columns that hold the time, the event or the end of an endpoint."""
    parts = (part for endpoint in known.endpoints.values() for part in endpoint.parts)
    return {
        column
        for part in parts
        for column in (part.time, part.event_time, part.event, *part.event_dates, part.censor_date)
        if column
    }


def stage_of(cohort: Cohort, sources: Iterable[str]) -> Stage:
    """When a value made of these columns is known: with the last of them, and an outcome with follow-up."""
    known, ends, latest = cohort.dictionary.variables, outcomes(cohort.dictionary), 0
    for source in sources:
        if source in (SITES, N_SITES):
            stage: Stage = SITES_KNOWN
        elif source in ends or known[source].kind in ("event", "response"):
            stage = "followup"
        else:
            stage = known[source].starts_at
        latest = max(latest, STAGES.index(stage))
    return STAGES[latest]


def with_outcomes_marked(known: Dictionary) -> Dictionary:
    """A dictionary in which a variable made of an outcome, directly or not, is known with follow-up only."""
    ends, variables = outcomes(known), dict(known.variables)
    made = [v for v in variables.values() if v.made_of]
    while late := [v for v in made if v.name not in ends and ends & {*v.made_of}]:
        ends |= {v.name for v in late}
        variables |= {v.name: replace(v, starts_at="followup") for v in late}
    return known.with_variables(variables)


def categorical(codes: np.ndarray, levels: Sequence[str], index: pd.Index) -> pd.Series:
    """A column of categories from codes, shape (n,), -1 where missing."""
    kinds = pd.CategoricalDtype(list(levels))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=kinds), index=index)  # type: ignore[arg-type]  # an array


def counted(levels: Sequence[str], codes: np.ndarray) -> str:
    """`a 12, b 30, not recorded 2`."""
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    said = [f"{level} {int(n):,}" for level, n in zip(levels, counts, strict=True)]
    missing = int((codes < 0).sum())
    return ", ".join([*said, *([f"not recorded {missing:,}"] if missing else [])])


def with_column(cohort: Cohort, variable: Variable, values: pd.Series) -> Cohort:
    """The whole cohort with one more column."""
    return cohort.edited(
        columns={variable.name: values}, dictionary=cohort.dictionary.with_variables({variable.name: variable})
    )


def patients(n: int) -> str:
    return plural(n, "patient")
