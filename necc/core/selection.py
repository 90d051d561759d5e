"""Filters: conditions on a cohort, in words, in a link, and as an attrition table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from necc.core.cohort import Cohort
from necc.core.dictionary import NO, YES, normalise, spelling
from necc.core.errors import AnalysisError, SelectionError
from necc.core.text import joined

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Condition:
    """One filter: some levels of a factor, or a range of a number; missing values are kept or left out.

    A range holds its ends, unless `open_low` or `open_high` says otherwise.
    """

    name: str
    levels: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    keep_missing: bool = False

    @property
    def is_range(self) -> bool:
        return self.low is not None or self.high is not None

    def mask(self, cohort: Cohort) -> np.ndarray:
        """bool array, shape (n,): who stays.

        Raises:
            SelectionError: the cohort has no such factor or level.
        """
        spelled = self.spelled(cohort)
        if spelled.is_range:
            return spelled._range_mask(cohort)
        if not spelled.levels and self._is_number(cohort):
            return np.asarray(np.isnan(cohort.number(self.name)) & self.keep_missing)
        return spelled._level_mask(cohort)

    def spelled(self, cohort: Cohort) -> Condition:
        """The same condition in the cohort's words: `ici=1` is `ici=yes`, one value of a number a range of it alone.

        Raises:
            SelectionError: the cohort has no such factor or level.
        """
        try:
            if self.is_range:
                cohort.number(self.name)
                return self
            if self._is_number(cohort) and not self.levels:
                return self
            if self._is_number(cohort) and len(self.levels) == 1:
                if not NUMBER.fullmatch(self.levels[0]):
                    raise AnalysisError(f"'{self.levels[0]}' is not a number; write {self.name}=1 or {self.name}=1..2")
                value = float(self.levels[0])
                return replace(self, levels=(), low=value, high=value)
            factor = cohort.factor(self.name)
        except AnalysisError as error:
            raise SelectionError(f"filter '{self}': {error}") from None
        known = (*factor.levels, *self._absent_levels(cohort))
        levels = [level_of(level, known) for level in self.levels]
        if None in levels:
            there = ", ".join(factor.levels) or "none"
            strange = self.levels[levels.index(None)]
            raise SelectionError(f"filter '{self}': '{strange}' is not a level of {self.name}; its levels are {there}")
        return replace(self, levels=tuple(dict.fromkeys(filter(None, levels))))

    def _range_mask(self, cohort: Cohort) -> np.ndarray:
        values = cohort.number(self.name)
        inside = ~np.isnan(values)
        if self.low is not None:
            inside &= (values > self.low) if self.open_low else (values >= self.low)
        if self.high is not None:
            inside &= (values < self.high) if self.open_high else (values <= self.high)
        return np.asarray(inside | (np.isnan(values) & self.keep_missing))

    def _is_number(self, cohort: Cohort) -> bool:
        return self.name in cohort.columns and cohort.variable(self.name).kind == "number"

    def _level_mask(self, cohort: Cohort) -> np.ndarray:
        factor = cohort.factor(self.name)
        allowed = [level in self.levels for level in factor.levels]
        return np.asarray(np.array([*allowed, self.keep_missing])[factor.codes])

    def _absent_levels(self, cohort: Cohort) -> tuple[str, ...]:
        """Levels that the dictionary allows and no patient of the file has."""
        if self.name in cohort.dictionary.groupings:
            return tuple(cohort.dictionary.groupings[self.name].levels)
        variable = cohort.dictionary.variables.get(self.name)
        return variable.levels if variable else ()

    def n_missing(self, cohort: Cohort) -> int:
        """Patients of `cohort` without a value."""
        if self.spelled(cohort).is_range:
            return int(np.isnan(cohort.number(self.name)).sum())
        return cohort.factor(self.name).n_missing

    def __str__(self) -> str:
        missing = ",missing" if self.keep_missing else ""
        if self.is_range:
            if self.open_low or self.open_high:
                sign, at = (">", self.low) if self.open_low else ("<", self.high)
                return f"{self.name}{sign}{at:.12g}{missing}"
            ends = ["" if v is None else format(v, ".12g") for v in (self.low, self.high)]
            return f"{self.name}={ends[0]}..{ends[1]}{missing}"
        levels = ",".join(level.replace("\\", "\\\\").replace(",", "\\,") for level in self.levels)
        return f"{self.name}={levels}{missing if levels else missing[1:]}"

    def describe(self, cohort: Cohort) -> str:
        """The filter in words, for a chip or a caption."""
        label = filter_label(cohort, self.name)
        if not self.is_range:
            return f"{label}: {joined([*self.levels, *(['missing'] if self.keep_missing else [])], 'or')}"
        low, high = ("" if v is None else format(v, "g") for v in (self.low, self.high))
        if low and high:
            what = f"{low}–{high}"
        elif low:
            what = f"{'>' if self.open_low else '≥'} {low}"
        else:
            what = f"{'<' if self.open_high else '≤'} {high}"
        return f"{label}: {what}" + (" or missing" if self.keep_missing else "")


def level_of(word: str, levels: Sequence[str]) -> str | None:
    """The level that a person's word means: itself, another spelling of it, or yes and no of a column or site.

    A range of levels, such as I-II, is no other spelling of one, III.
    """
    parts = re.split(r"[\W_]+", word.strip())
    several = len(parts) > 1 and all(part in levels for part in parts)
    for way in (str, normalise, *(() if several else (spelling,))):
        matches = [level for level in levels if way(level) == way(word)]
        if matches:
            return matches[0] if len(set(matches)) == 1 else None
    for words, names in ((YES, ("yes", "with")), (NO, ("no", "without"))):
        if word.casefold() in words:
            return next((level for level in levels if level in names), None)
    return None


def filter_label(cohort: Cohort, name: str) -> str:
    """The label of anything that can be filtered."""
    if name in cohort.dictionary.variables:
        return cohort.dictionary.variables[name].label
    try:
        return cohort.factor(name).label
    except AnalysisError:
        return name


@dataclass(frozen=True)
class AttritionStep:
    """One filter's effect: who came in, who was left out for another value, who for none."""

    label: str
    n_before: int
    n_after: int
    n_missing_left_out: int


@dataclass(frozen=True)
class Selection:
    """A set of conditions that all must hold; hashable, and independent of their order."""

    conditions: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str], names: Iterable[str] = ()) -> Selection:
        """Reads `figo_stage=III,IVA`, `histology=small cell,missing`, `age_years=40..60`, `age_years>50`.

        names: of a file's columns: one that holds a sign itself, such as `ECOG >0`, comes before any other reading.

        Raises:
            SelectionError: a text of another form.
        """
        longest = sorted(names, key=len, reverse=True)
        return cls(tuple(_parse_condition(text, longest) for text in texts))

    def apply(self, cohort: Cohort) -> Cohort:
        """The patients who meet every condition.

        Raises:
            SelectionError: the cohort lacks a factor or level that a condition names.
        """
        mask = np.ones(len(cohort), dtype=bool)
        for condition in self.conditions:
            mask &= condition.mask(cohort)
        return cohort.subset(mask) if self.conditions else cohort

    def attrition(self, cohort: Cohort) -> tuple[AttritionStep, ...]:
        """What each condition takes away, one after the other."""
        steps = []
        for condition in self.conditions:
            rest = cohort.subset(condition.mask(cohort))
            lost = 0 if condition.keep_missing else condition.n_missing(cohort)
            steps.append(AttritionStep(condition.describe(cohort), len(cohort), len(rest), lost))
            cohort = rest
        return tuple(steps)

    def replace(self, condition: Condition) -> Selection:
        """This selection with `condition` in place of the one on the same name."""
        kept = [c for c in self.conditions if c.name != condition.name]
        position = next((i for i, c in enumerate(self.conditions) if c.name == condition.name), len(kept))
        return Selection((*kept[:position], condition, *kept[position:]))

    def without(self, name: str) -> Selection:
        return Selection(tuple(c for c in self.conditions if c.name != name))

    def get(self, name: str) -> Condition | None:
        return next((c for c in self.conditions if c.name == name), None)

    def describe(self, cohort: Cohort) -> str:
        """All conditions in words; "all patients" without any."""
        return "; ".join(c.describe(cohort) for c in self.conditions) or "all patients"

    def key(self) -> str:
        """A canonical text: equal for equal selections, whatever their order."""
        return "&".join(sorted(map(str, self.conditions)))


ONE_SIDED = re.compile(rf"\s*(>=|<=|>|<)\s*({NUMBER.pattern})\s*(,missing)?\s*")
NAME = re.compile(r"\s*([^=<>]+)(?=[=<>])")
SPAN = re.compile(rf"({NUMBER.pattern})?\.\.({NUMBER.pattern})?")


def _split(text: str, names: Sequence[str]) -> tuple[str, str]:
    """The name that a condition starts with, and what it says of it; a known name, else what stands before a sign."""
    bare = text.strip()
    for name in names:
        rest = bare.removeprefix(name).lstrip()
        if bare.startswith(name) and rest[:1] in ("=", "<", ">"):
            return name, rest
    match = NAME.match(text)
    return (match[1].strip(), text[match.end() :]) if match else ("", text)


def _parts(text: str) -> list[str]:
    """What stands between commas; `\\,` is a comma of its own."""
    return [p.strip().replace("\\,", ",").replace("\\\\", "\\") for p in re.split(r"(?<!\\),", text)]


def ordered_as(cohort: Cohort, texts: Iterable[str]) -> Cohort:
    """The same patients, the levels of factors in the order that texts such as `histology=small cell,large cell` say.

    Raises:
        SelectionError: a text of another form, a column without levels, a level that isn't there, or one named twice.
    """
    seen: dict[str, str] = {}
    for text in texts:
        name, of = _split(text, sorted((*cohort.columns, *cohort.orderable()), key=len, reverse=True))
        words = [word for word in _parts(of.removeprefix("=")) if word]
        if not name or not of.startswith("=") or not words:
            raise SelectionError(f"order '{text}' is not of the form name=level,level")
        try:
            known = cohort.whole.factor(name).levels if name in cohort.orderable() else ()
            levels = [level_of(word, known) or word for word in words]
            ordered = cohort.with_order(name, levels)
        except AnalysisError as error:
            raise SelectionError(f"order '{text}': {error}") from None
        if len(set(levels)) < len(levels) or name in seen:
            twice = f"'{name}'" if name in seen else "a level"
            raise SelectionError(f"order '{text}': {twice} is ordered twice; name each once")
        seen[name], cohort = text, ordered
    return cohort


def _parse_condition(text: str, names: Sequence[str] = ()) -> Condition:
    name, of = _split(text, names)
    if name and (one_sided := ONE_SIDED.fullmatch(of)):
        sign, at, missing = one_sided[1], float(one_sided[2]), bool(one_sided[3])
        if sign[0] == ">":
            return Condition(name, low=at, open_low=sign == ">", keep_missing=missing)
        return Condition(name, high=at, open_high=sign == "<", keep_missing=missing)
    before, sign, rest = of.partition("=")
    name = f"{name}{before}"
    if not sign or not name.strip() or not rest.strip():
        raise SelectionError(f"filter '{text}' is not of the form name=level,level or name=low..high or name>number")
    parts = _parts(rest)
    missing = "missing" in parts
    levels = [p for p in parts if p and p != "missing"]
    if len(levels) == 1 and (span := SPAN.fullmatch(levels[0])) and (span[1] or span[2]):
        low, high = (float(x) if x else None for x in span.groups())
        if low is not None and high is not None and low > high:
            raise SelectionError(
                f"filter '{text}' has its limits in the wrong order; write {name.strip()}={high:g}..{low:g}"
            )
        return Condition(name.strip(), low=low, high=high, keep_missing=missing)
    return Condition(name.strip(), tuple(levels), keep_missing=missing)
