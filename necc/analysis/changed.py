"""What changed from one file of patients to the next: who came and went, whose values and events are others.

Patients are followed by their identifiers, where both files have one. Nothing of a patient is in the result: it counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.result import Result

NO_IDENTIFIER, REPEATED, STRANGERS = "no-identifier", "repeated", "strangers"


@dataclass(frozen=True)
class Followed(Result):
    """The patients of two files, by their identifiers.

    n_both: in both; n_new: in the later file only; n_gone: in the earlier only. n_changed: of those in both, who has
    another value in a column that both files have, or another site.
    n_in, n_out: of those in both, whom the filters keep now and didn't before, and the other way round.
    """

    n_both: int
    n_new: int
    n_gone: int
    n_changed: int
    n_in: int
    n_out: int


@dataclass(frozen=True)
class ColumnChange(Result):
    """A column, or a site, of which patients of both files have other values. n_filled: who had none before."""

    name: str
    label: str
    n: int
    n_filled: int


@dataclass(frozen=True)
class EndpointChange(Result):
    """An endpoint of both files: patients, events, and what became of those who can be followed.

    n_left_events, n_joined_events: of those whose time only the earlier file has, and only the later.
    events_before + n_new_events - n_lost_events - n_left_events + n_joined_events is events_now.
    Of those in both n_new_events: without the event before and with it now; n_lost_events: the other way round, which
    can't happen to a patient; n_longer, n_shorter: whose time is longer or shorter now; a time up to an event doesn't
    grow.
    None where patients can't be followed.
    """

    name: str
    label: str
    unit: str
    n_before: int | None
    n_now: int | None
    events_before: int | None
    events_now: int | None
    n_new_events: int | None = None
    n_lost_events: int | None = None
    n_longer: int | None = None
    n_shorter: int | None = None
    n_left_events: int | None = None
    n_joined_events: int | None = None


@dataclass(frozen=True)
class FileChanges(Result):
    """Two files of patients beside each other.

    n_before, n_now: patients; shown_before, shown_now: those whom the filters keep,
    shown_before is None where it isn't known.
    followed: None where they can't be followed, and `why` says why: a code, see `necc.present.words.changed`.
    """

    rows_in = "endpoints"

    n_before: int
    n_now: int
    shown_before: int | None
    shown_now: int
    endpoints: tuple[EndpointChange, ...]
    followed: Followed | None = None
    columns: tuple[ColumnChange, ...] = ()
    why: str = ""


def compare_files(before: Cohort, now: Cohort) -> FileChanges:
    """Compares the patients of an earlier file and a later one.

    Args:
        before, now: as they are filtered; who is left out by the filters is followed as well.

    Raises:
        AnalysisError: the two are read by different dictionaries.

    Example:
        >>> early = Selection.parse(["age_years>30"]).apply(cohort)
        >>> changed = compare_files(early, cohort)
        >>> changed.n_now, changed.followed.n_both, changed.followed.n_in == changed.n_now - changed.shown_before
        (88, 88, True)
    """
    if before.dictionary.name != now.dictionary.name:
        raise AnalysisError(
            f"the earlier file is read by the dictionary '{before.dictionary.name}' and this one by "
            f"'{now.dictionary.name}'; read both by the same"
        )
    old, new = before.whole, now.whole
    rows, why = _both(old, new)
    followed, columns = None, tuple[ColumnChange, ...]()
    if rows is not None:
        columns, changed = _columns(old, new, *rows)
        kept = [np.zeros(len(whole), dtype=bool) for whole in (old, new)]
        for mask, cohort in zip(kept, (before, now), strict=True):
            mask[slice(None) if cohort.rows is None else cohort.rows] = True
        was, is_now = kept[0][rows[0]], kept[1][rows[1]]
        n = len(rows[0])
        followed = Followed(n, len(new) - n, len(old) - n, int(changed.sum()), int((is_now & ~was).sum()),
                            int((was & ~is_now).sum()))  # fmt: skip
    names = [name for name in new.endpoint_names() if name in old.endpoint_names()]
    endpoints = tuple(_endpoint(old, new, name, rows) for name in names)
    return FileChanges(len(old), len(new), len(before), len(now), endpoints, followed, columns, why)


Rows = tuple[np.ndarray, np.ndarray]


def _both(old: Cohort, new: Cohort) -> tuple[Rows | None, str]:
    """The positions of the patients of both, in the order of the later file."""
    if not (old.id_column and new.id_column):
        return None, NO_IDENTIFIER
    first, second = old.ids, new.ids
    places = {name: place for place, name in enumerate(first)}
    if len(places) < len(first) or len({*second}) < len(second):
        return None, REPEATED
    pairs = [(places[name], place) for place, name in enumerate(second) if name in places]
    if not pairs:
        return None, STRANGERS
    return (np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])), ""


def _columns(
    old: Cohort, new: Cohort, first: np.ndarray, second: np.ndarray
) -> tuple[tuple[ColumnChange, ...], np.ndarray]:  # fmt: skip
    """Columns and sites with other values, the most changed first; and who has one."""
    anywhere = np.zeros(len(first), dtype=bool)
    found = []
    ids = {old.id_column, new.id_column}
    for name in new.columns:
        if name in ids or name not in old.columns:
            continue
        was, is_now = (c.column(name).iloc[rows].reset_index(drop=True) for c, rows in ((old, first), (new, second)))
        empty, blank = was.isna().to_numpy(), is_now.isna().to_numpy()
        same = (was.astype(object) == is_now.astype(object)).to_numpy(dtype=bool, na_value=False) | (empty & blank)
        found.append((name, new.variable(name).label, ~same, empty))
    for name in (site for site in new.site_names if site in old.site_names):
        was, is_now = (c.site_matrix[rows, c.site_names.index(name)] for c, rows in ((old, first), (new, second)))
        found.append((f"site:{name}", new.site_label(name), was != is_now, was < 0))
    result = []
    for name, label, changed, empty in found:
        anywhere |= changed
        if changed.any():
            result.append(ColumnChange(name, label, int(changed.sum()), int((changed & empty).sum())))
    return tuple(sorted(result, key=lambda c: -c.n)), anywhere


def _endpoint(old: Cohort, new: Cohort, name: str, rows: Rows | None) -> EndpointChange:
    was, is_now = old.endpoint(name), new.endpoint(name)
    counted = [int(x.sum()) for one in (was, is_now) for x in (one.valid, one.event & one.valid)]
    made = EndpointChange(name, is_now.label, is_now.unit, counted[0], counted[2], counted[1], counted[3])
    if rows is None or was.unit != is_now.unit:
        return made
    both = was.valid[rows[0]] & is_now.valid[rows[1]]
    first, second = rows[0][both], rows[1][both]
    before, after = was.event[first], is_now.event[second]
    gap = is_now.time[second] - was.time[first]
    begun, lost, longer, shorter = (int(x.sum()) for x in (after & ~before, before & ~after, gap > 1e-9, gap < -1e-9))
    return replace(made, n_new_events=begun, n_lost_events=lost, n_longer=longer, n_shorter=shorter,
                   n_left_events=counted[1] - int(before.sum()),
                   n_joined_events=counted[3] - int(after.sum()))  # fmt: skip
