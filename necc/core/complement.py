"""Who isn't in a selection, as filters: so that those left out, or in one selection and not in another, can be shown.

A selection is an AND of clauses, each an OR of conditions. Its complement, which holds for everybody else, also for
those of whom it isn't known, is by De Morgan's laws an OR of ANDs, and multiplied out an AND of clauses again [1].

[1] Mendelson E. Introduction to mathematical logic. 6th ed. Boca Raton: CRC Press; 2015, section 1.1-1.3.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from necc.core.cohort import Cohort
from necc.core.selection import PICKED, Condition, Group, Selection, picked

MOST_CLAUSES, MOST_PICKED = 24, 200
Clause = tuple[Condition, ...]


def outside(selection: Selection, cohort: Cohort) -> Selection | None:
    """The filters that keep just the patients of the cohort whom a selection doesn't keep.

    None where nobody can be outside, or where it would take more than 24 conditions and groups to say.

    Raises:
        SelectionError: the cohort lacks a factor or level that a condition names.

    Example:
        >>> from necc.core.complement import outside
        >>> outside(Selection.parse(["site:lung=with", "age_years>50"]), cohort).describe(cohort)
        'Lung: without or missing, or Age at diagnosis: ≤ 50 or missing'
    """
    clauses = [clause for part in selection.parts() for clause in _clauses(part, cohort)]
    if not clauses or math.prod(map(len, clauses)) > MOST_CLAUSES:
        return None
    others = [tuple(_others(clause, cohort)) for clause in clauses]
    if any(negated is None for clause in others for negated in clause):
        return None
    return _selection(
        (tuple(itertools.chain.from_iterable(chosen)) for chosen in itertools.product(*others)),  # type: ignore[arg-type]  # None is ruled out above
        cohort,
    )


def both(selections: Iterable[Selection], cohort: Cohort) -> Selection | None:
    """The filters that keep just the patients whom each of the selections keeps; None where nobody can be.

    Raises:
        SelectionError: the cohort lacks a factor or level that a condition names.

    Example:
        >>> from necc.core.complement import both
        >>> either = [Selection.parse([text]) for text in ("figo_stage=II,III", "figo_stage=III,missing")]
        >>> both(either, cohort).describe(cohort)
        'FIGO stage (2018), main: III'
    """
    parts = list(dict.fromkeys(part for selection in selections for part in selection.parts()))
    groups = [part for part in parts if isinstance(part, Group)]
    one = _selection(((c.spelled(cohort),) for c in parts if isinstance(c, Condition)), cohort)
    return None if one is None else replace(one, groups=tuple(dict.fromkeys((*one.groups, *groups))))


def _clauses(part: Condition | Group, cohort: Cohort) -> list[Clause]:
    """A part of a selection as clauses of conditions that are known to hold."""
    part = part.spelled(cohort)
    if isinstance(part, Condition):
        return [(part,)]
    if part.how == "any":
        return [part.conditions]
    unmet = [_unmet(c, cohort) for c in part.conditions]
    return unmet if part.how == "none" else [tuple(itertools.chain.from_iterable(unmet))]


def _others(clause: Sequence[Condition], cohort: Cohort) -> list[Clause | None]:
    """For each condition of a clause what holds for everybody of whom it isn't known to."""
    result: list[Clause | None] = []
    for c in clause:
        if c.name == PICKED:
            result.append(_unmet(c, cohort) or None)
        elif c.keep_missing:
            result.append(_unmet(c, cohort))
        else:
            result.append((*_unmet(c, cohort), Condition(c.name, keep_missing=True)))
    return result


def _unmet(c: Condition, cohort: Cohort) -> Clause:
    """What is known not to hold where a condition does: other levels, or what lies beside a range."""
    if c.name == PICKED:
        chosen, n = set(map(int, c.levels)), len(cohort.whole)
        few = 0 < n - len(chosen) <= MOST_PICKED
        return (picked(k for k in range(1, n + 1) if k not in chosen),) if few else ()
    if c.is_range:
        below = () if c.low is None else (Condition(c.name, high=c.low, open_high=not c.open_low),)
        above = () if c.high is None else (Condition(c.name, low=c.high, open_low=not c.open_high),)
        return (*below, *above)
    if not c.levels and c.name in cohort.number_names():
        known = cohort.whole.number(c.name)
        known = known[~np.isnan(known)]
        return (Condition(c.name, low=float(known.min()), high=float(known.max())),) if len(known) else ()
    rest = tuple(level for level in cohort.factor(c.name).levels if level not in c.levels)
    return (Condition(c.name, rest),) if rest else ()


def _selection(clauses: Iterable[Clause], cohort: Cohort) -> Selection | None:
    """Clauses that all must hold: those of one name in one condition, where levels say it. None where none can hold."""
    alone: dict[str, Condition] = {}
    groups: dict[Group, None] = {}
    for clause in clauses:
        conditions = _joined(clause)
        if not conditions:
            return None
        if any(_says_nothing(c, cohort) for c in conditions):
            continue
        one = conditions[0]
        if len(conditions) == 1 and one.name not in alone:
            alone[one.name] = one
        elif len(conditions) == 1 and not one.is_range and not alone[one.name].is_range:
            old = alone[one.name]
            kept = tuple(level for level in old.levels if level in one.levels)
            alone[one.name] = replace(one, levels=kept, keep_missing=old.keep_missing and one.keep_missing)
            if not kept and not alone[one.name].keep_missing:
                return None
        elif len(conditions) > 1 or alone[one.name] != one:
            groups[Group(conditions)] = None
    return Selection(tuple(alone.values()), tuple(groups))


def _joined(clause: Clause) -> Clause:
    """A clause with the levels of a name in one condition, and who has no value in the first of the name."""
    result: list[Condition] = []
    for c in clause:
        at = next((i for i, other in enumerate(result) if other.name == c.name
                   and (not (c.is_range and other.is_range) or c == other)), None)  # fmt: skip
        if at is None:
            result.append(c)
            continue
        old = result[at]
        if (c.is_range or old.is_range) and (c.levels or old.levels):
            result.append(c)
            continue
        wide = c if c.is_range else old
        levels = tuple(dict.fromkeys((*old.levels, *c.levels)))
        result[at] = replace(wide, levels=levels, keep_missing=old.keep_missing or c.keep_missing)
    return tuple(result)


def _says_nothing(c: Condition, cohort: Cohort) -> bool:
    """Whether a condition holds for everybody: it takes every level, and who has none."""
    return bool(c.levels) and c.keep_missing and set(cohort.factor(c.name).levels) <= set(c.levels)
