"""Harrell's concordance index of a Cox model with R's variance, in O(n log n) without a loop over patients.

References:
    1. Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-87.
       doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4
    2. Therneau TM, Atkinson E. Concordance, vignette of R survival (variance by the infinitesimal jackknife).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from necc.core.result import Result

MOST_CELLS = 1_000_000


@dataclass(frozen=True)
class Concordance(Result):
    """The share of comparable pairs in which the patient with the higher risk has the event first [1].

    `value` and `se` are None without comparable pairs. Pairs tied in risk count one half; two events at one time
    aren't comparable; an event is before a censoring at the same time.
    """

    value: float | None
    se: float | None
    concordant: float
    discordant: float
    tied: float


def concordance(
    time: np.ndarray, event: np.ndarray, risk: np.ndarray, stratum: np.ndarray, count: np.ndarray
) -> Concordance:
    """Concordance of rows that stand for `count` patients each; pairs are within a stratum.

    time: int codes, shape (n,); event: bool; risk: float, higher means earlier; stratum: int codes; count: int.
    """
    if not len(time):
        return Concordance(None, None, 0.0, 0.0, 0.0)
    stratum, event = np.asarray(stratum, dtype=np.int64), np.asarray(event, dtype=bool)
    time = np.asarray(time, dtype=np.int64)
    rank = np.unique(np.round(risk, 12), return_inverse=True)[1]  # differences by rounding only are ties
    weight = count.astype(float)
    dying = np.where(event, weight, 0.0)
    cells = (int(stratum.max()) + 1) * (int(time.max()) + 1) * (int(rank.max()) + 1)
    way = _by_table if cells <= MOST_CELLS else _by_levels
    pairs, as_event = way(time, event, rank, stratum, weight, dying)
    concordant, discordant, tied = (float(x) for x in as_event @ dying)
    total = concordant + discordant + tied
    if not total:
        return Concordance(None, None, concordant, discordant, tied)
    somer = (concordant - discordant) / total
    influence = (pairs[0] - pairs[1] - somer * pairs.sum(axis=0)) / total
    return Concordance((somer + 1) / 2, float(np.sqrt(weight @ influence**2) / 2), concordant, discordant, tied)


def _by_table(
    time: np.ndarray, event: np.ndarray, rank: np.ndarray, stratum: np.ndarray, weight: np.ndarray, dying: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of each row from counts by time and rank, for few distinct values."""
    shape = (int(stratum.max()) + 1, int(time.max()) + 1, int(rank.max()) + 1)
    cell = (stratum * shape[1] + time) * shape[2] + rank
    leaving, events = (np.bincount(cell, w, int(np.prod(shape))).reshape(shape) for w in (weight, dying))
    later = leaving[:, ::-1].cumsum(axis=1)[:, ::-1] - events  # who is censored at an event's time is later
    earlier = events.cumsum(axis=1)
    own, at = events.reshape(-1, shape[2]), (stratum * shape[1] + time, rank)
    counts = []
    for table in (later, earlier):
        flat = table.reshape(-1, shape[2])
        upto = flat.cumsum(axis=1)
        equal, below = flat[at], upto[at]
        counts.append(np.stack([below - equal, upto[at[0], -1] - below, equal]))
    upto = own.cumsum(axis=1)  # events at one time are no pair
    equal, below = own[at], upto[at]
    tied = np.stack([below - equal, upto[at[0], -1] - below, equal])
    as_event = np.where(dying > 0, counts[0], 0.0)
    return as_event + (counts[1] - np.where(event, tied, 0.0))[[1, 0, 2]], as_event


def _by_levels(
    time: np.ndarray, event: np.ndarray, rank: np.ndarray, stratum: np.ndarray, weight: np.ndarray, dying: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of each row, by the highest bit in which two positions differ, for many distinct values."""
    position = 2 * time + ~event
    bits = int(position.max()).bit_length()
    position = position + (stratum << bits)
    index = np.lexsort((rank, stratum))
    pairs, as_event = np.zeros((3, len(rank))), np.zeros((3, len(rank)))
    for bit in range(bits - 1, -1, -1):
        at = position[index]
        later, segment = (at >> bit) & 1 == 1, at >> (bit + 1)
        added, received = _count_level(segment, rank[index], later, weight[index], dying[index])
        as_event[:, index] += added
        pairs[:, index] += added + received
        index = index[np.argsort(at >> bit, kind="stable")]  # ranks stay sorted within
    return pairs, as_event


def _count_level(
    segment: np.ndarray, rank: np.ndarray, later: np.ndarray, weight: np.ndarray, dying: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of an earlier event and a later row that share a segment; rows are sorted by segment and rank."""
    first = np.concatenate([[True], segment[1:] != segment[:-1]])
    group = first | np.concatenate([[True], rank[1:] != rank[:-1]])
    starts, groups = np.flatnonzero(first), np.flatnonzero(group)
    ends, group_ends = np.append(starts[1:], len(rank)), np.append(groups[1:], len(rank))
    in_segment, in_group = np.cumsum(first) - 1, np.cumsum(group) - 1
    low, high, left, right = starts[in_segment], ends[in_segment], groups[in_group], group_ends[in_group]
    after = np.concatenate([[0.0], np.cumsum(np.where(later, weight, 0.0))])
    before = np.concatenate([[0.0], np.cumsum(np.where(later, 0.0, dying))])
    counts = [np.stack([s[left] - s[low], s[high] - s[right], s[right] - s[left]]) for s in (after, before)]
    is_event = ~later & (dying > 0)
    return np.where(is_event, counts[0], 0.0), np.where(later, counts[1][[1, 0, 2]], 0.0)
