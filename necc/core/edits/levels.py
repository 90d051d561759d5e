"""Edits of levels: merged, renamed, put in order, and made of a number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from necc.core.cohort import Cohort, Factor
from necc.core.dictionary import UNRANKED, Dictionary, Variable, spelling
from necc.core.edits.making import (
    Made,
    Misfit,
    Names,
    categorical,
    counted,
    patients,
    proper_levels,
    stage_of,
    unlike_endpoints,
    with_column,
)
from necc.core.edits.steps import Closed, Cut, Order, Recode
from necc.core.text import first_few, joined, quoted, shorten
from necc.core.toml import meant

FIXED = {
    "flag": "a yes/no column keeps 'no' and 'yes', from which analyses count; derive a new variable from it",
    "event": "an event keeps its meaning in every endpoint; the mapping says which of a file's codes mean it",
    "response": "responses keep their names, from which rates are counted; derive a new variable from it",
    "number": "a number has no levels; cut it instead",
}


# ---------------------------------------------------------------- merged and renamed
def recode(cohort: Cohort, edit: Recode, names: Names) -> Made:
    """Merges and renames levels; groupings that rest on them stay what they are for every patient, or go."""
    if edit.column in cohort.dictionary.groupings and edit.column in cohort.factor_names():
        return _recode_grouping(cohort, edit)
    variable = cohort.variable(edit.column)
    if variable.kind != "category":
        said = FIXED.get(variable.kind, "only categories have levels to merge")
        raise Misfit(f"the levels of '{variable.name}' can't be changed: {said}")
    first = dict(cohort.orders).get(variable.name, ())
    column, factor = cohort.column(variable.name), cohort.factor(variable.name)
    old = tuple(dict.fromkeys([*first, *map(str, column.cat.categories)]))
    moves = _moves(edit, (*old, *variable.levels))
    new = tuple(dict.fromkeys(moves.get(level, level) for level in old))
    lookup = np.array([*(new.index(moves.get(str(c), str(c))) for c in column.cat.categories), -1], dtype=np.int64)
    codes = lookup[column.cat.codes.to_numpy()]
    ranked = (factor.ordered if first else variable.ordered) and _neighbours(factor.levels, moves)
    ranked = ranked and not any(o in UNRANKED and n not in UNRANKED for o, n in moves.items())
    known, gone = _groupings(cohort.dictionary, variable.name, moves, factor.levels)
    changed = replace(
        variable, levels=tuple(dict.fromkeys(moves.get(v, v) for v in variable.levels)), ordered=ranked,
        synonyms={k: words for k, words in variable.synonyms.items() if k not in moves},
    )  # fmt: skip
    known = known.with_variables({variable.name: changed})
    orders = tuple((n, levels) for n, levels in cohort.orders if n not in (variable.name, *gone))
    values = categorical(codes, new, cohort.index)
    edited = cohort.edited(columns={variable.name: values}, dictionary=known, orders=orders)
    after = edited.factor(variable.name)
    return Made(
        edited, _told(factor, after, moves), "; ".join(filter(None, (_without(gone, variable.label), _alike(after))))
    )


def _moves(edit: Recode, known: Sequence[str]) -> dict[str, str]:
    """Each old level with its new name.

    Raises:
        Misfit: a level isn't there, is named twice, or would have no name.
    """
    moves: dict[str, str] = {}
    for new, members in edit.groups:
        if not new.strip() or new != new.strip() or not new.isprintable():
            raise Misfit(f"'{shorten(new)}' can't be the name of a level; it needs a text without blanks around it")
        if new not in known:
            proper_levels([new])
        for level in members:
            if level not in known:
                there = first_few(quoted(list(dict.fromkeys(known)))) or "none"
                hint = meant(level, known) or f"; its levels are {there}"
                raise Misfit(f"'{edit.column}' has no level '{shorten(level)}'{hint}")
            if level in moves:
                raise Misfit(f"the level '{level}' of '{edit.column}' is named twice; it can become one level only")
            moves[level] = new
    moves = {old: new for old, new in moves.items() if old != new or list(moves.values()).count(new) > 1}
    if not moves:
        raise Misfit(f"no level of '{edit.column}' is named that would change")
    return moves


def _neighbours(levels: Sequence[str], moves: Mapping[str, str]) -> bool:
    """Whether levels that become one stand side by side, so that an order of all still means something."""
    became = [moves.get(level, level) for level in levels]
    runs = [level for level, before in zip(became, [None, *became], strict=False) if level != before]
    return len(runs) == len(set(runs))


def _groupings(
    known: Dictionary, column: str, moves: Mapping[str, str], used: Sequence[str]
) -> tuple[Dictionary, tuple[str, ...]]:
    """The dictionary whose groupings of a column put every patient where they did before, and those that can't.

    A merged level goes where its levels went; where patients of it went to different groups, or some to none, nobody
    can tell from the merged level any more, and the grouping goes.
    """
    groupings, gone = dict(known.groupings), []
    for grouping in known.groupings.values():
        if grouping.of != column:
            continue
        of = {level: group for group, members in grouping.levels.items() for level in members}
        members: dict[str, list[str]] = {}
        for level in dict.fromkeys((*of, *used, *moves)):
            members.setdefault(moves.get(level, level), []).append(level)
        groups: dict[str, list[str]] = {group: [] for group in grouping.levels}
        for new, levels in members.items():
            held = [level for level in levels if level in used] or levels[:1]
            to = {of.get(level) for level in held}
            if len(to) > 1:
                gone.append(grouping.name)
                break
            if group := next(iter(to)):
                groups[group].append(new)
        else:
            groupings[grouping.name] = replace(grouping, levels={g: tuple(levels) for g, levels in groups.items()})
    return _dropped(replace(known, groupings=groupings), gone), tuple(gone)


def _dropped(known: Dictionary, gone: Sequence[str]) -> Dictionary:
    """Without these groupings, wherever they are offered."""
    if not gone:
        return known
    return replace(
        known,
        groupings={n: g for n, g in known.groupings.items() if n not in gone},
        panel=tuple(replace(p, names=tuple(n for n in p.names if n not in gone)) for p in known.panel),
        default_covariates=tuple(n for n in known.default_covariates if n not in gone),
        like=tuple(n for n in known.like if n not in gone),
    )


def _without(gone: Sequence[str], label: str) -> str:
    """What has to be known of groupings that went."""
    if not gone:
        return ""
    what = "is" if len(gone) == 1 else "are"
    return (
        f"{joined(quoted(list(gone)))} can't be told from the merged levels of '{label}' any more, and {what} left out"
    )


def _alike(factor: Factor) -> str:
    """Levels that only case, blanks and hyphens tell apart, where a recoding left some."""
    spelled: dict[str, list[str]] = {}
    for level in factor.levels:
        spelled.setdefault(spelling(level), []).append(level)
    pairs = [joined(quoted(levels)) for levels in spelled.values() if len(levels) > 1]
    return f"{'; '.join(pairs)} are different levels, though spelled almost alike" if pairs else ""


def _recode_grouping(cohort: Cohort, edit: Recode) -> Made:
    """Merges and renames the groups of a grouping, whose column stays what it is."""
    grouping = cohort.dictionary.groupings[edit.column]
    if not grouping.levels:
        raise Misfit(f"'{grouping.name}' is a number that is cut; cut '{grouping.of}' anew instead")
    factor, source = cohort.factor(grouping.name), cohort.factor(grouping.of)
    moves = _moves(edit, (*grouping.levels, *factor.levels))
    own = [level for level in grouping.levels if level in factor.levels]
    if source.ordered and not _neighbours(own, moves):
        raise Misfit(
            f"levels of '{grouping.name}' that become one have to stand side by side in its order, {', '.join(own)}; "
            "derive a new variable from it instead"
        )
    levels: dict[str, tuple[str, ...]] = {}
    for group, members in grouping.levels.items():
        new = moves.get(group, group)
        levels[new] = (*levels.get(new, ()), *members)
    known = cohort.dictionary
    known = replace(known, groupings={**known.groupings, grouping.name: replace(grouping, levels=levels)})
    orders = dict(cohort.orders)
    if grouping.name in orders:
        first = tuple(dict.fromkeys(moves.get(level, level) for level in orders[grouping.name]))
        whole = {moves.get(level, level) for level in factor.levels} <= {*first}
        orders[grouping.name] = first[:-1] if whole and not factor.ordered else first
    edited = cohort.edited(dictionary=known, orders=tuple((n, first) for n, first in orders.items() if first))
    return Made(edited, _told(factor, edited.factor(grouping.name), moves))


def _told(before: Factor, after: Factor, moves: Mapping[str, str]) -> str:
    counts = dict(zip(before.levels, before.counts(), strict=True))
    n = sum(counts.get(level, 0) for level, new in moves.items() if level != new)
    return f"{patients(n)} of {len(before):,} with another level; now {counted(after.levels, after.codes)}"


# ---------------------------------------------------------------- put in order
def order(cohort: Cohort, edit: Order, names: Names) -> Made:
    """Puts levels first."""
    if not edit.levels:
        raise Misfit(f"no level of '{edit.column}' is named; name those that come first")
    if twice := [level for level, n in Counter(edit.levels).items() if n > 1]:
        raise Misfit(f"the level '{shorten(twice[0])}' of '{edit.column}' is named twice; name each once")
    edited = cohort.with_order(edit.column, edit.levels)
    edited = cohort.edited(orders=edited.orders)
    name = edited.orders[-1][0] if edit.column not in dict(edited.orders) else edit.column
    return Made(edited, f"levels now {', '.join(edited.factor(name).levels)}")


# ---------------------------------------------------------------- made of a number
def cut(cohort: Cohort, edit: Cut, names: Names) -> Made:
    """Makes an ordered category of a number; who has no number has no level."""
    at, levels = _places(edit), cut_levels(edit)
    name = names.free(edit.name, "variable")
    unlike_endpoints(cohort, name, edit.label)
    values, source = cohort.number(edit.of), cohort.source_of(edit.of)
    side: Closed = "left" if edit.closed == "right" else "right"
    codes = np.where(np.isnan(values), -1, np.searchsorted(at, values, side=side))
    variable = Variable(
        name, edit.label or name, "category", levels=levels, ordered=True, starts_at=stage_of(cohort, [source]),
        made_of=(source,),
    )  # fmt: skip
    names.take(name)
    return Made(with_column(cohort, variable, categorical(codes, levels, cohort.index)), counted(levels, codes))


def _places(edit: Cut) -> np.ndarray:
    """Where to cut, ascending.

    Raises:
        Misfit: nowhere, not ascending, or no numbers.
    """
    at = np.array(edit.at, dtype=float)
    if not len(at) or not all(map(math.isfinite, edit.at)) or (np.diff(at) <= 0).any():
        given = ", ".join(format(a, ".12g") for a in edit.at) or "nothing"
        raise Misfit(f"a number is cut at one or more numbers, each larger than the one before it; given are {given}")
    return at


def cut_levels(edit: Cut) -> tuple[str, ...]:
    """The levels of a cut, from low to high: given, or named by their ends.

    Raises:
        Misfit: too few or too many are given, two alike, or one that is the program's own word for no value.

    Example:
        >>> from necc.core.edits import Cut, cut_levels
        >>> cut_levels(Cut("age_years", (40, 60), "age group"))
        ('≤ 40', '> 40 to 60', '> 60')
    """
    if edit.levels:
        if len(edit.levels) != len(edit.at) + 1 or len(set(edit.levels)) < len(edit.levels) or not all(edit.levels):
            raise Misfit(
                f"a number cut at {len(edit.at):,} places has {len(edit.at) + 1:,} levels, each with its own name; "
                f"given are {joined(quoted(edit.levels))}"
            )
        proper_levels(edit.levels)
        return edit.levels
    shown = [format(a, ".12g") for a in edit.at]
    if edit.closed == "right":
        inner = [f"> {low} to {high}" for low, high in zip(shown, shown[1:], strict=False)]
        return (f"≤ {shown[0]}", *inner, f"> {shown[-1]}")
    inner = [f"{low} to < {high}" for low, high in zip(shown, shown[1:], strict=False)]
    return (f"< {shown[0]}", *inner, f"≥ {shown[-1]}")
