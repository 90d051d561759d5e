"""Filters: conditions on a cohort and groups of them, in words, in a link, and as an attrition table.

What isn't recorded is unknown, and stays so: by Kleene's three values [1], NOT unknown is unknown, unknown OR true is
true, unknown AND false is false. A patient stays only where the whole is known to hold. A condition that keeps the
missing holds for them, also inside a group: "none of these" then leaves them out.

    a        b        any      none     not all
    true     unknown  true     false    unknown
    false    unknown  unknown  unknown  true
    unknown  unknown  unknown  unknown  unknown

[1] Kleene SC. Introduction to metamathematics. Amsterdam: North-Holland; 1952, section 64.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from necc.core.cohort import Cohort
from necc.core.counts import ROWS, Wanted, asked_for
from necc.core.dictionary import NO, ORGAN, SITE, YES, normalise, spelling
from necc.core.errors import AnalysisError, SelectionError
from necc.core.text import first_few, joined, plural
from necc.core.toml import meant

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
PICKED = "patients  picked"
"""The name of a condition on patients picked by hand; its levels are positions in the whole cohort, from 1 on.

No column has this name: readers leave no two blanks side by side in a heading.
"""
MET, UNMET, UNKNOWN = 1, 0, -1
How = Literal["any", "none", "not all"]
HOWS: tuple[How, ...] = get_args(How)


class _Kept(ABC):
    """What keeps just the patients of whom it is known to hold."""

    @abstractmethod
    def truth(self, cohort: Cohort) -> np.ndarray:
        """int8 array, shape (n,): 1 where it holds, 0 where it doesn't, -1 where that isn't known."""

    def mask(self, cohort: Cohort) -> np.ndarray:
        """bool array, shape (n,): who stays.

        Raises:
            SelectionError: the cohort has no such factor or level.
        """
        return np.asarray(self.truth(cohort) == MET)


@dataclass(frozen=True)
class Condition(_Kept):
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

    def truth(self, cohort: Cohort) -> np.ndarray:
        """int8 array, shape (n,): 1 where the condition holds, 0 where it doesn't, -1 where that isn't known.

        Raises:
            SelectionError: the cohort has no such factor or level.
        """
        spelled = self.spelled(cohort)
        if self.name == PICKED:
            return np.isin(positions(cohort), [int(level) for level in spelled.levels]).astype(np.int8)
        blank = MET if self.keep_missing else UNKNOWN
        if spelled.is_range or (not spelled.levels and spelled._is_number(cohort)):
            values = cohort.number(spelled.name)
            return np.where(np.isnan(values), blank, spelled._inside(values)).astype(np.int8)
        factor = cohort.factor(spelled.name)
        held = [MET if level in spelled.levels else UNMET for level in factor.levels]
        return np.asarray(np.array([*held, blank], dtype=np.int8)[factor.codes])

    def spelled(self, cohort: Cohort) -> Condition:
        """The same condition in the cohort's words: `ICI=1` is `ici=yes`, one value of a number a range of it alone.

        Raises:
            SelectionError: the cohort has no such factor or level.
        """
        if self.name == PICKED:
            return self._picked(cohort)
        try:
            if (name := cohort.name_of(self.name)) != self.name:
                return replace(self, name=name).spelled(cohort)
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
            raise SelectionError(f"filter '{self}': {error}", error.told) from None
        known = (*factor.levels, *self._absent_levels(cohort))
        levels = [level_of(level, known) for level in self.levels]
        if None in levels:
            there = first_few(factor.levels) or "none"
            strange = self.levels[levels.index(None)]
            what, its = f"'{strange}' is not a level of", f"its levels are {there}"
            hint = ", and a semicolon parts the filters of a group" if re.search(r"\w\s*[=<>]", strange or "") else ""
            its += meant(strange, factor.levels) if not hint else ""
            raise SelectionError(
                f"filter '{self}': {what} {self.name}; {its}{hint}", f"{what} {filter_label(cohort, self.name)}; {its}"
            )
        return replace(self, levels=tuple(dict.fromkeys(filter(None, levels))))

    def _picked(self, cohort: Cohort) -> Condition:
        """Positions as numbers of the whole cohort, each once, in their order."""
        if cohort.patients is not None:
            raise SelectionError(f"patients picked by hand: that takes {ROWS}; filter by levels or ranges")
        n = len(cohort.whole)
        strange = [x for x in self.levels if not (x.isdecimal() and len(x) < 12 and 1 <= int(x) <= n)]
        if strange or not self.levels:
            found = f"'{strange[0][:20]}' is no position of a patient" if strange else "no patient is picked"
            raise SelectionError(f"patients picked by hand: {found}; positions are whole numbers from 1 to {n:,}")
        return picked(map(int, self.levels))

    def _inside(self, values: np.ndarray) -> np.ndarray:
        """bool array: which numbers the range holds; none where there is no range."""
        inside = np.full(len(values), self.is_range)
        if self.low is not None:
            inside &= (values > self.low) if self.open_low else (values >= self.low)
        if self.high is not None:
            inside &= (values < self.high) if self.open_high else (values <= self.high)
        return inside

    def _is_number(self, cohort: Cohort) -> bool:
        return is_a_number(cohort, self.name)

    def _absent_levels(self, cohort: Cohort) -> tuple[str, ...]:
        """Levels that the dictionary allows and no patient of the file has."""
        if self.name in cohort.dictionary.groupings:
            return tuple(cohort.dictionary.groupings[self.name].levels)
        variable = cohort.dictionary.variables.get(self.name)
        return variable.levels if variable else ()

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
        if self.name == PICKED:  # never who: a position points at a person
            return f"{plural(len(set(self.levels)), 'patient')} picked by hand"
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


@dataclass(frozen=True)
class Group(_Kept):
    """Conditions joined by OR or NOT, on the same variable or on several.

    how: "any" of them holds (a OR b), "none" of them does (NOT (a OR b)), or "not all" of them do (NOT (a AND b)).

    Raises:
        SelectionError: no condition, or another `how`.
    """

    conditions: tuple[Condition, ...]
    how: How = "any"

    def __post_init__(self) -> None:
        if self.how not in HOWS:
            raise SelectionError(f"a group joins its filters by {joined(HOWS, 'or')}, not by '{self.how}'")
        if not self.conditions:
            raise SelectionError(f"a group of filters by '{self.how}' holds no filter; it needs at least one")

    @property
    def names(self) -> tuple[str, ...]:
        """What its conditions are about, each once."""
        return tuple(dict.fromkeys(c.name for c in self.conditions))

    def truth(self, cohort: Cohort) -> np.ndarray:
        """int8 array, shape (n,): 1 where the group holds, 0 where it doesn't, -1 where that isn't known.

        Raises:
            SelectionError: the cohort has no such factor or level.
        """
        each = np.stack([c.truth(cohort) for c in self.conditions])
        if self.how == "not all":
            holds, fails = (each == UNMET).any(axis=0), (each == MET).all(axis=0)
        else:
            holds, fails = (each == MET).any(axis=0), (each == UNMET).all(axis=0)
            holds, fails = (fails, holds) if self.how == "none" else (holds, fails)
        return np.select([holds, fails], [MET, UNMET], UNKNOWN).astype(np.int8)

    def spelled(self, cohort: Cohort) -> Group:
        """The same group in the cohort's words.

        Raises:
            SelectionError: the cohort has no such factor or level.
        """
        return replace(self, conditions=tuple(c.spelled(cohort) for c in self.conditions))

    def __str__(self) -> str:
        inside = (re.sub(r"[\\;]", r"\\\g<0>", str(c)) for c in self.conditions)
        return f"{self.how}({'; '.join(inside)})"

    def describe(self, cohort: Cohort) -> str:
        """The group in words: `Lung: with or Bone: with`, `none of: ...`, `not all of: ...`, `not Lung: with`."""
        parts = [c.describe(cohort) for c in self.conditions]
        word = "and" if self.how == "not all" else "or"
        nested = any(mark in part for part in parts for mark in (" or ", ", "))
        text = f", {word} ".join(parts) if nested else joined(parts, word)
        if self.how == "any":
            return text
        if self.names == (PICKED,):
            return f"without {text}"
        return f"{self.how} of: {text}" if len(parts) > 1 else f"not {text}"


def is_a_number(cohort: Cohort, name: str) -> bool:
    """Whether a name is that of a column of numbers."""
    return name in cohort.columns and cohort.variable(name).kind == "number"


def picked(places: Iterable[int]) -> Condition:
    """The condition that keeps patients picked by hand, by their `positions`.

    Example:
        >>> picked([17, 4]).levels
        ('4', '17')
    """
    return Condition(PICKED, tuple(map(str, sorted(set(places)))))


def positions(cohort: Cohort) -> np.ndarray:
    """These patients' places in the whole cohort, from 1 on: int array, shape (n,)."""
    return (np.arange(len(cohort)) if cohort.rows is None else cohort.rows) + 1


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
            return next((level for level in levels if level in names), None) or _of_two(words, levels)
    return None


def _of_two(words: Collection[str], levels: Sequence[str]) -> str | None:
    """Of two levels that are yes and no in a file's own words, such as TRUE and FALSE, the one among these words."""
    sides = [(level.casefold() in YES, level.casefold() in NO) for level in dict.fromkeys(levels)]
    if sorted(sides) != [(False, True), (True, False)]:
        return None
    return next((level for level in levels if level.casefold() in words), None)


def filter_label(cohort: Cohort, name: str) -> str:
    """The label of anything that can be filtered."""
    if name == PICKED:
        return "Patients picked by hand"
    name = cohort.name_of(name)
    if name in cohort.dictionary.variables:
        return cohort.dictionary.variables[name].label
    try:
        return cohort.factor(name).label
    except AnalysisError:
        known = cohort.dictionary.groupings.get(name)
        place = next((name.removeprefix(p) for p in (SITE, ORGAN) if name.startswith(p)), "")
        return known.label if known else cohort.dictionary.place_label(place) if place else name


@dataclass(frozen=True)
class AttritionStep:
    """One filter's effect: who came in, who was left out for another value, who because the value isn't recorded."""

    label: str
    n_before: int
    n_after: int
    n_missing_left_out: int


@dataclass(frozen=True)
class Selection:
    """Conditions and groups of them that all must hold; hashable, and independent of their order. False without any.

    conditions: one a variable; what the filter panel edits.
    groups: conditions joined by OR or NOT, beside them.
    """

    conditions: tuple[Condition, ...] = ()
    groups: tuple[Group, ...] = ()

    def __repr__(self) -> str:
        return f"Selection.parse({[str(part) for part in (*self.conditions, *self.groups)]!r})"

    @classmethod
    def parse(cls, texts: Iterable[str], names: Iterable[str] = ()) -> Selection:
        """Reads `figo_stage=III,IVA`, `histology=small cell,missing`, `age_years=40..60`, `age_years>50`, and groups of
        them: `any(site:lung=with; age_years>50)`, `none(histology=large cell)`, `not all(...)`. `histology!=large cell`
        is `none(histology=large cell)`.

        A backslash before a comma makes it part of a level; inside a group, one before a semicolon does so there.

        names: of a file's columns: one that holds a sign itself, such as `ECOG >0`, comes before any other reading.

        Raises:
            SelectionError: a text of another form.

        Example:
            >>> either = Selection.parse(["any(site:lung=with; site:bone=with)", "age_years<60"])
            >>> either.describe(cohort)
            'Age at diagnosis: < 60; Lung: with or Bone: with'
        """
        longest = sorted(names, key=len, reverse=True)
        parts = [_parse_part(text, longest) for text in texts]
        groups = tuple(p for p in parts if isinstance(p, Group))
        return cls(tuple(p for p in parts if isinstance(p, Condition)), groups)

    def __bool__(self) -> bool:
        return bool(self.conditions or self.groups)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered: all patients stay."""
        return not self

    def parts(self) -> tuple[Condition | Group, ...]:
        """Everything that must hold, in order; each has `mask`, `truth`, `spelled` and `describe`."""
        return (*self.conditions, *self.groups)

    @property
    def names(self) -> tuple[str, ...]:
        """What is filtered by, alone or in a group, each once."""
        grouped = (name for group in self.groups for name in group.names)
        return tuple(dict.fromkeys((*(c.name for c in self.conditions), *grouped)))

    def mask(self, cohort: Cohort) -> np.ndarray:
        """bool array, shape (n,): who stays.

        Raises:
            SelectionError: the cohort lacks a factor or level that a condition names.
        """
        mask = np.ones(len(cohort), dtype=bool)
        for part in self.parts():
            mask &= part.mask(cohort)
        return mask

    def apply(self, cohort: Cohort) -> Cohort:
        """The patients of whom every condition and group is known to hold.

        Raises:
            SelectionError: the cohort lacks a factor or level that a condition names.
        """
        if not self:
            return cohort
        mask = self.mask(cohort)  # of a source: tells of a name or level that it hasn't
        return cohort.subset(mask) if cohort.behind is None else cohort.narrowed(self)

    def attrition(self, cohort: Cohort) -> tuple[AttritionStep, ...]:
        """What each condition, then each group, takes away, one after the other.

        Raises:
            SelectionError: the cohort lacks a factor or level that a condition names.
        """
        steps = []
        for part in self.parts():
            one = Selection((part,)) if isinstance(part, Condition) else Selection(groups=(part,))
            part.truth(cohort)  # of a source: tells of a name or level that it hasn't
            there = asked_for(cohort, Wanted(names=one.names))
            truth = part.truth(there)
            n_after, unknown = there.n_of(truth == MET), there.n_of(truth == UNKNOWN)
            steps.append(AttritionStep(part.describe(cohort), there.n_patients, n_after, unknown))
            cohort = one.apply(cohort)
        return tuple(steps)

    # ------------------------------------------------------------ changed
    def replace(self, condition: Condition) -> Selection:
        """This selection with `condition` in place of the one on the same name; groups stay as they are."""
        kept = [c for c in self.conditions if c.name != condition.name]
        position = next((i for i, c in enumerate(self.conditions) if c.name == condition.name), len(kept))
        return replace(self, conditions=(*kept[:position], condition, *kept[position:]))

    def without(self, name: str) -> Selection:
        """This selection without the condition on a name; one in a group stays."""
        return replace(self, conditions=tuple(c for c in self.conditions if c.name != name))

    def get(self, name: str) -> Condition | None:
        """The condition on a name that stands alone."""
        return next((c for c in self.conditions if c.name == name), None)

    def combine(self, names: Iterable[str], how: How) -> Selection:
        """This selection with the conditions on these names moved into a group of their own, in the order they stand.

        Raises:
            SelectionError: no condition on one of the names stands alone, no name, or another `how`.

        Example:
            >>> both = Selection.parse(["site:lung=with", "site:bone=with"])
            >>> str(both.combine(["site:lung", "site:bone"], "any").groups[0])
            'any(site:lung=with; site:bone=with)'
        """
        wanted, there = set(names), {c.name for c in self.conditions}
        if lacking := sorted(wanted - there):
            known = joined([c.name for c in self.conditions]) or "none"
            raise SelectionError(f"no filter on '{lacking[0]}' to combine; there are filters on {known}")
        group = Group(tuple(c for c in self.conditions if c.name in wanted), how)
        kept = tuple(c for c in self.conditions if c.name not in wanted)
        return Selection(kept, (*(g for g in self.groups if g != group), group))

    def can_separate(self, group: Group) -> bool:
        """Whether the group's conditions can stand alone: on each name there is but one."""
        names = [c.name for c in (*self.conditions, *group.conditions)]
        return group in self.groups and len(set(names)) == len(names)

    def separate(self, group: Group) -> Selection:
        """This selection with the conditions of a group standing alone again, so that all of them must hold.

        Raises:
            SelectionError: no such group, or there would be two conditions on one name.
        """
        if not self.can_separate(group):
            why = "two filters would be on one variable" if group in self.groups else "there is no such group"
            raise SelectionError(f"'{group}' can't be separated: {why}")
        rest = self.without_group(group)
        return replace(rest, conditions=(*rest.conditions, *group.conditions))

    def without_group(self, group: Group) -> Selection:
        return replace(self, groups=tuple(g for g in self.groups if g != group))

    # ------------------------------------------------------------ told
    def describe(self, cohort: Cohort) -> str:
        """All conditions and groups in words; "all patients" without any."""
        return "; ".join(part.describe(cohort) for part in self.parts()) or "all patients"

    def key(self) -> str:
        """A canonical text: equal for equal selections, whatever their order and that in their groups."""
        groups = ((group.how, sorted(map(repr, group.conditions))) for group in self.groups)
        return "&".join((*sorted(map(repr, self.conditions)), *sorted(map(repr, groups))))

    def carried(self, before: Cohort, after: Cohort) -> tuple[Selection, tuple[Condition | Group, ...]]:
        """The same filters on the same file read otherwise, and those that it can't answer.

        Patients picked by hand are followed by their rows in the spreadsheet; of those who aren't there any more
        nothing is kept.

        Args:
            before: the whole cohort that the filters were made for.
            after: the same file with other edits or another site scheme.
        """
        here = {row: place for place, row in enumerate(after.whole.index.tolist(), 1)}
        moved = {str(place): here.get(row) for place, row in enumerate(before.whole.index.tolist(), 1)}

        def follow(condition: Condition) -> Condition:
            if condition.name != PICKED:
                return condition.spelled(after)
            there = [place for level in condition.levels if (place := moved.get(level))]
            if not there:
                raise SelectionError("none of the patients picked by hand is left")
            return picked(there)

        conditions: list[Condition] = []
        groups: list[Group] = []
        lost: list[Condition | Group] = []
        for part in self.parts():
            try:
                if isinstance(part, Group):
                    groups.append(replace(part, conditions=tuple(map(follow, part.conditions))))
                else:
                    conditions.append(follow(part))
            except (SelectionError, AnalysisError):
                lost.append(part)
        return Selection(tuple(conditions), tuple(groups)), tuple(lost)


ONE_SIDED = re.compile(rf"\s*(>=|<=|>|<)\s*({NUMBER.pattern})\s*(,missing)?\s*")
COMPARED = re.compile(r"\s*(>=|<=|>|<)\s*([^=<>]*[^=<>\s])\s*")
NAME = re.compile(r"\s*([^=<>]+)(?=[=<>])")
SPAN = re.compile(rf"({NUMBER.pattern})?\.\.({NUMBER.pattern})?")
GROUP = re.compile(r"(any|none|not\s+all)\s*\((.*)\)", re.DOTALL | re.IGNORECASE)
UNFINISHED = re.compile(r"(any|none|not\s+all)\s*\([^)]*", re.IGNORECASE)
NO_GROUP = re.compile(r"(and|or|not|all|not\s+any|either|neither|no)\s*\(.*[=<>].*\)", re.DOTALL | re.IGNORECASE)
OTHER_THAN = re.compile(r"([^=<>!]+)!=(.+)", re.DOTALL)
FORMS = "any(a=1; b=2), none(a=1; b=2) or not all(a=1; b=2)"


def _known(text: str, names: Sequence[str]) -> tuple[str, str] | None:
    """The known name that a text starts with, and the rest, which begins with a sign."""
    for name in names:
        rest = text.removeprefix(name).lstrip()
        if text.startswith(name) and (rest[:1] in ("=", "<", ">") or rest[:2] == "!="):
            return name, rest
    return None


def _split(text: str, names: Sequence[str]) -> tuple[str, str]:
    """The name that a condition starts with, and what it says of it; a known name, else what stands before a sign."""
    if known := _known(text.strip(), names):
        return known
    match = NAME.match(text)
    return (match[1].strip(), text[match.end() :]) if match else ("", text)


def _until(text: str, sign: str) -> int:
    """Where a sign without a backslash before it stands; the length of the text where none does."""
    return re.match(rf"(?:\\.|[^{sign}])*", text, re.DOTALL).end()  # type: ignore[union-attr]  # it matches nothing, too


def _unescaped(text: str, sign: str) -> str:
    return re.sub(rf"\\([\\{sign}])", r"\1", text)


def _parts(text: str) -> list[str]:
    """What stands between commas; `\\,` is a comma of its own."""
    parts = []
    while True:
        end = _until(text, ",")
        parts.append(_unescaped(text[:end].strip(), ","))
        if end == len(text):
            return parts
        text = text[end + 1 :]


def _pieces(text: str, names: Sequence[str]) -> list[str]:
    """What stands between semicolons; `\\;` is a semicolon of its own, and so is one in the name of a known column."""
    escaped = {re.sub(r"[\\;]", r"\\\g<0>", name): name for name in names}
    pieces = []
    while text := text.strip():
        name, rest = _known(text, list(escaped)) or _known(text, names) or ("", text)
        end = _until(rest, ";")
        pieces.append(escaped.get(name, name) + _unescaped(rest[:end], ";"))
        text = rest[end + 1 :]
    return pieces


def _parse_part(text: str, names: Sequence[str]) -> Condition | Group:
    """A condition or a group; a known column that begins like a group comes first."""
    bare = text.strip()
    if known := _known(bare, names):
        name, of = known
        other = of.startswith("!=")
        condition = _parse_condition(f"{name}{of.removeprefix('!')}", names)
        return Group((condition,), "none") if other else condition
    if match := GROUP.fullmatch(bare):
        pieces = _pieces(match[2], names)
        if not pieces:
            raise SelectionError(f"filter '{text}' is a group without a filter; write {FORMS}")
        for piece in pieces:
            inner = GROUP.fullmatch(piece) or NO_GROUP.fullmatch(piece)
            if inner and not _known(piece, names):
                raise SelectionError(f"filter '{text}' has a group in a group; groups hold filters only, as {FORMS}")
        how = " ".join(match[1].lower().split())
        return Group(tuple(_parse_condition(piece, names) for piece in pieces), next(h for h in HOWS if h == how))
    if UNFINISHED.fullmatch(bare):
        raise SelectionError(f"filter '{text}' lacks the bracket that closes its group; write {FORMS}")
    if match := NO_GROUP.fullmatch(bare):
        raise SelectionError(f"filter '{text}' begins with '{match[1]}', which is no group of filters; write {FORMS}")
    if match := OTHER_THAN.fullmatch(bare):
        return Group((_parse_condition(f"{match[1]}={match[2]}", names),), "none")
    return _parse_condition(text, names)


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
    if name and (compared := COMPARED.fullmatch(of)) and (len(compared[1]) == 1 or name in names):
        raise SelectionError(
            f"filter '{text}': '{compared[2]}' is not a number; write {name.strip()}{compared[1]}50, say, or "
            f"{name.strip()}=level"
        )
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
