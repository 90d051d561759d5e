"""What the filter panel shows: for each variable its levels, counted with the other filters and among all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for
from necc.core.dictionary import is_site
from necc.core.selection import PICKED, Condition, Selection, filter_label
from necc.core.text import format_number

SITES = "Sites of first recurrence"
OWN = "Own filters"
FALLBACK = 5  # at least so many variables: the file's own, where the dictionary's are not there
MAX_LEVELS = 60
Json = dict[str, object]


@dataclass(frozen=True)
class Counts:
    """Patients per level with the other filters, and among all; the last entry counts the missing."""

    here: tuple[int, ...]
    all: tuple[int, ...]


def sections(cohort: Cohort, added: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Titles with the variables that this cohort has; `added` are those a person asked for."""
    factors, numbers = set(cohort.factor_names()), set(cohort.number_names())
    sections = cohort.dictionary.panel  # names that the cohort lacks are passed over
    shown = [(p.title, tuple(n for n in p.names if n in factors or n in numbers)) for p in sections]
    known = {name for _, names in shown for name in names}
    if len(known) < FALLBACK:
        own = [
            n for n in cohort.factor_names() if not is_site(n) and n != "n_sites" and n not in known and fits(cohort, n)
        ]
        own.sort(key=lambda n: n not in cohort.columns)  # what is derived comes last
        shown.append(("Variables of this file", tuple(own[:FALLBACK])))
    sites = tuple(f"site:{s}" for s in cohort.site_names)
    shown.append((SITES, (*sites, "n_sites") if sites else ()))
    default = {name for _, names in shown for name in names}
    shown.append((OWN, tuple(n for n in dict.fromkeys(added) if n not in default)))
    return [(title, names) for title, names in shown if names]


def fits(cohort: Cohort, name: str) -> bool:
    """Whether a variable can be shown as a list of levels or a range."""
    return name in cohort.number_names() or len(cohort.factor(name).levels) <= MAX_LEVELS


def further(cohort: Cohort, shown: set[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything else that can be filtered, by section: (name, label)."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in dict.fromkeys((*cohort.factor_names(), *cohort.number_names())):
        if name in shown or not fits(cohort, name):
            continue
        groups.setdefault(section_of(cohort, name), []).append((name, filter_label(cohort, name)))
    return list(groups.items())


def section_of(cohort: Cohort, name: str) -> str:
    """The dictionary's section of anything that can be filtered or stratified by."""
    if name.startswith(("site:", "organ:")) or name == "n_sites":
        return SITES
    if name in cohort.dictionary.groupings:
        of = cohort.dictionary.groupings[name].of
        return SITES if of == "n_sites" else section_of(cohort, of)
    variable = cohort.dictionary.variables.get(name)
    return variable.section if variable else "Other variables"


# ---------------------------------------------------------------- counting
@dataclass(frozen=True)
class Span:
    """A number's least and greatest value, and how many have one with the other filters; without: as `Counts`."""

    least: float
    most: float
    here: int
    without: Counts


class _Counting(Protocol):
    """How many patients have what, with the other filters and among all."""

    def levels(self, name: str) -> Counts: ...
    def span(self, name: str) -> Span: ...


class _OfRows:
    """Counts of patients whose rows are here, by masks."""

    def __init__(self, whole: Cohort, selection: Selection) -> None:
        own = [c for c in selection.conditions if c.name != PICKED]
        self.whole = whole
        self.who = {c.name: c.mask(whole) for c in own}  # bool arrays over the whole cohort
        hand = tuple(c for c in selection.conditions if c.name == PICKED)
        self.beside = Selection(hand, selection.groups).mask(whole)  # what the panel doesn't show, one filter more

    def _others(self, name: str) -> np.ndarray:
        others = self.beside.copy()
        for other, mask in self.who.items():
            if other != name:
                others &= mask
        return others

    def levels(self, name: str) -> Counts:
        factor = self.whole.factor(name)
        return count(factor.codes, len(factor.levels), self._others(name))

    def span(self, name: str) -> Span:
        values, others = self.whole.number(name), self._others(name)
        known = ~np.isnan(values)
        without = Counts((int((~known & others).sum()),), (int((~known).sum()),))
        return Span(float(values[known].min()), float(values[known].max()), int((known & others).sum()), without)


class _OfSource:
    """Counts that a source gives: few questions, each of several variables together."""

    def __init__(self, whole: Cohort, selection: Selection, names: Iterable[str]) -> None:
        self.whole, self.selection = whole, selection
        self.batches = _together(whole, dict.fromkeys(n for n in names if n not in whole.number_names()))

    def _asked(self, name: str, others: bool) -> Cohort:
        """The patterns that a variable is counted in, of those whom the other filters keep or of all.

        Variables without a filter of their own share the others; one that has a filter is asked about by itself.
        """
        batch = next((b for b in self.batches if name in b), (name,))
        if not (others and self.selection):
            return asked_for(self.whole, Wanted(names=batch))
        free = tuple(n for n in batch if self.selection.get(n) is None)
        names = free if name in free else (name,)
        return asked_for(self.selection.without(name).apply(self.whole), Wanted(names=names))

    def levels(self, name: str) -> Counts:
        levels = self.whole.factor(name).levels
        here, everybody = (self._of(self._asked(name, others), name, levels) for others in (True, False))
        return Counts(here, everybody)

    def _of(self, counted: Cohort, name: str, levels: tuple[str, ...]) -> tuple[int, ...]:
        factor = counted.factor(name)
        by_level = dict(zip(factor.levels, factor.counts(), strict=True))
        return (*(by_level.get(level, 0) for level in levels), factor.n_missing)

    def span(self, name: str) -> Span:
        here, everybody = self._asked(name, True), self._asked(name, False)
        values = everybody.number(name)
        values = values[~np.isnan(values)]
        without = Counts((here.n_missing(name),), (everybody.n_missing(name),))
        least, most = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
        return Span(least, most, here.n_patients - here.n_missing(name), without)


MOST_TOGETHER = 2_000  # combinations of levels that are asked for at once, at most


def _together(whole: Cohort, names: Iterable[str]) -> list[tuple[str, ...]]:
    """Variables that are counted together: the sites, and others as long as their combinations stay few."""
    sites: list[str] = []
    batches: list[list[str]] = [[]]
    size = 1
    for name in names:
        if section_of(whole, name) == SITES:
            sites.append(name)
            continue
        levels = len(whole.factor(name).levels) + 1
        if size * levels > MOST_TOGETHER:
            batches.append([])
            size = 1
        batches[-1].append(name)
        size *= levels
    return [tuple(batch) for batch in (sites, *batches) if batch]


def panel(whole: Cohort, selection: Selection, added: tuple[str, ...]) -> Json:
    """The panel as JSON for its component: sections of facets, and what else can be added."""
    own = [c.name for c in selection.conditions if c.name != PICKED]
    shown = sections(whole, (*added, *own))
    every = [name for _, names in shown for name in names]
    counting: _Counting = (
        _OfRows(whole, selection) if whole.behind is None else _OfSource(whole, selection, every)
    )  # fmt: skip
    described = []
    for title, names in shown:
        facets = [_facet(whole, selection, counting, name, title) for name in names]
        described.append({"title": title, "facets": facets, "active": sum(n in own for n in names)})
    more = [{"title": title, "options": options} for title, options in further(whole, set(every))]
    return {"sections": described, "more": more}


def _facet(whole: Cohort, selection: Selection, counting: _Counting, name: str, section: str) -> Json:
    condition = selection.get(name) or Condition(name)
    removable = section == OWN
    if name in whole.number_names() and not condition.levels:
        return {**_range(whole, counting.span(name), condition, name), "removable": removable}
    factor, counts = whole.factor(name), counting.levels(name)
    levels = [
        {"label": level, "here": here, "all": total, "on": level in condition.levels}
        for level, here, total in zip(factor.levels, counts.here, counts.all, strict=False)
    ]
    missing = {"here": counts.here[-1], "all": counts.all[-1], "on": condition.keep_missing}
    kind = "site" if name.startswith("site:") and section == SITES else "levels"
    return {
        "name": name, "label": filter_label(whole, name), "kind": kind, "levels": levels,
        "missing": missing if missing["all"] or missing["on"] else None, "removable": removable,
    }  # fmt: skip


def count(codes: np.ndarray, n_levels: int, others: np.ndarray) -> Counts:
    """Patients per level, the missing last."""
    place = np.where(codes < 0, n_levels, codes)
    here = np.bincount(place[others], minlength=n_levels + 1)
    return Counts(tuple(here.tolist()), tuple(np.bincount(place, minlength=n_levels + 1).tolist()))


def _range(whole: Cohort, span: Span, condition: Condition, name: str) -> Json:
    blank = {"here": span.without.here[0], "all": span.without.all[0]}
    variable = whole.dictionary.variables[name]
    low, high = (format_number(v, 1).replace(",", "").removesuffix(".0") for v in (span.least, span.most))
    # a range keeps those without a value unless a person leaves them out: nobody is lost by accident
    keep = condition.keep_missing if condition.is_range else True
    return {
        "name": name, "label": filter_label(whole, name), "kind": "range", "unit": variable.unit,
        "low": condition.low, "high": condition.high, "least": low, "most": high,
        "missing": {**blank, "on": keep} if blank["all"] else None,
        "here": span.here,
    }  # fmt: skip


# ---------------------------------------------------------------- what a person did
def condition_of(whole: Cohort, change: Json) -> Condition:
    """The condition that the panel sent: level numbers, or the ends of a range. ValueError where it isn't one."""
    name = str(change["name"])
    if change.get("kind") == "range":
        low, high = (float(v) if isinstance(v, (int, float)) else None for v in (change.get("low"), change.get("high")))
        if low is None and high is None:
            return Condition(name)
        return Condition(name, low=low, high=high, keep_missing=bool(change.get("missing")))
    levels = whole.factor(name).levels
    numbers = change.get("levels", ())
    chosen = sorted({int(i) for i in numbers} if isinstance(numbers, Iterable) else ())
    if any(not 0 <= i < len(levels) for i in chosen):
        raise ValueError("no such level")
    return Condition(name, tuple(levels[i] for i in chosen), keep_missing=bool(change.get("missing")))
