"""What the filter panel shows: for each variable its levels, counted with the other filters and among all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from necc.core.cohort import Cohort
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
def panel(whole: Cohort, selection: Selection, added: tuple[str, ...]) -> Json:
    """The panel as JSON for its component: sections of facets, and what else can be added."""
    own = [c for c in selection.conditions if c.name != PICKED]
    who = {c.name: c.mask(whole) for c in own}  # bool arrays over the whole cohort
    hand = tuple(c for c in selection.conditions if c.name == PICKED)
    beside = Selection(hand, selection.groups).mask(whole)  # what the panel doesn't show, and is one filter more
    shown = sections(whole, (*added, *(c.name for c in own)))
    described = []
    for title, names in shown:
        facets = [_facet(whole, selection, who, beside, name, title) for name in names]
        described.append({"title": title, "facets": facets, "active": sum(n in who for n in names)})
    listed = {name for _, names in shown for name in names}
    more = [{"title": title, "options": options} for title, options in further(whole, listed)]
    return {"sections": described, "more": more}


def _facet(
    whole: Cohort, selection: Selection, who: dict[str, np.ndarray], beside: np.ndarray, name: str, section: str
) -> Json:
    others = beside.copy()
    for other, mask in who.items():
        if other != name:
            others &= mask
    condition = selection.get(name) or Condition(name)
    removable = section == OWN
    if name in whole.number_names() and not condition.levels:
        return {**_range(whole, others, condition, name), "removable": removable}
    factor = whole.factor(name)
    counts = count(factor.codes, len(factor.levels), others)
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


def _range(whole: Cohort, others: np.ndarray, condition: Condition, name: str) -> Json:
    values = whole.number(name)
    known = ~np.isnan(values)
    blank = {"here": int((~known & others).sum()), "all": int((~known).sum())}
    variable = whole.dictionary.variables[name]
    low, high = (
        format_number(v, 1).replace(",", "").removesuffix(".0") for v in (values[known].min(), values[known].max())
    )
    # a range keeps those without a value unless a person leaves them out: nobody is lost by accident
    keep = condition.keep_missing if condition.is_range else True
    return {
        "name": name, "label": filter_label(whole, name), "kind": "range", "unit": variable.unit,
        "low": condition.low, "high": condition.high, "least": low, "most": high,
        "missing": {**blank, "on": keep} if blank["all"] else None,
        "here": int((known & others).sum()),
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
