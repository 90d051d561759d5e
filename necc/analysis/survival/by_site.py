"""Counts of an endpoint's patients by time and outcome, with and without each recurrence site, in one look at them.

A patient's sites are the bits of a byte (`Cohort.site_marks`), so that one count of byte by time holds all that every
site's table, the total and the overlap of the sites are sums of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from necc.analysis.survival.curve import RiskTable, risk_table
from necc.core.cohort import Cohort
from necc.core.estimate import Exclusion
from necc.core.frozen import Frozen
from necc.core.tally import n_of, tally
from necc.core.time_to_event import TimeToEvent

PER_BYTE = 8
REASONS = len(TimeToEvent.REASONS)


@dataclass(frozen=True, eq=False)
class SiteCounts(Frozen):
    """Patients by place in the table of an endpoint (`TimeToEvent.places`): all of them, and by each site.

    time: the endpoint's distinct times, shape (n_times,). total: int array, shape (n_places,).
    by_site: int array, shape (n_sites, 3, n_places): the site isn't recorded, without it, with it.
    n_several: analysed patients with more than one site.
    """

    time: np.ndarray
    total: np.ndarray
    by_site: np.ndarray
    n_several: int

    def table(self, *levels: str, site: int | None = None) -> RiskTable:
        """The count table of all, or of those without and with a site, under the names of these levels."""
        counts = self.total[np.newaxis] if site is None else self.by_site[site, 1:]
        return risk_table(levels, self.time, counts[:, REASONS:].reshape(len(levels), 2, len(self.time)))

    def n_unknown(self, site: int) -> int:
        """Patients with a time and an event of whom the site isn't recorded."""
        return int(self.by_site[site, 0, REASONS:].sum())

    def excluded(self, label: str, site: int) -> tuple[Exclusion, ...]:
        """Who isn't in a site's table, by reason. label: the site's."""
        named = zip(TimeToEvent.REASONS, self.total[:REASONS].tolist(), strict=True)
        reasons = [*named, (f"'{label}' not recorded", self.n_unknown(site))]
        return tuple(Exclusion(reason, n) for reason, n in reasons if n)


def count_sites(cohort: Cohort, endpoint: str) -> SiteCounts:
    """Counts the patients of an endpoint with and without every site of the cohort's scheme.

    Where patients outnumber the cells of byte by time, they are gathered and counted once for eight sites; else those
    with each site are, as the cells then cost more. A site that isn't recorded of everybody is counted by itself.

    Raises:
        AnalysisError: the cohort lacks the endpoint.

    Example:
        >>> counted = count_sites(cohort, "PRS")
        >>> counted.table("all").n.tolist(), counted.table("without", "with", site=0).n.tolist(), counted.n_several
        ([88], [54, 34], 39)
    """
    outcome, unknown = cohort.whole.endpoint(endpoint), cohort.sites_unknown
    places, marks = outcome.places if cohort.rows is None else outcome.places[cohort.rows], cohort.site_marks
    patients, size = cohort.patients, REASONS + 2 * len(outcome.grid)
    with_site = np.zeros((len(unknown), size), dtype=np.int64)
    total, n_several = np.zeros(0, dtype=np.int64), -1
    for byte, bits in enumerate(marks):
        sites = range(byte * PER_BYTE, min((byte + 1) * PER_BYTE, len(unknown)))
        n_patterns = 2 ** len(sites)
        if n_patterns * size > len(places):
            for bit, site in enumerate(sites):
                if not unknown[site]:
                    there = bits & (1 << bit) != 0
                    with_site[site] = tally(places[there], None if patients is None else patients[there], size)
            continue
        table = tally(bits * np.int64(size) + places, patients, n_patterns * size).reshape(n_patterns, size)
        if len(marks) == 1:
            n_several = int(table[_several(np.arange(n_patterns)[np.newaxis]), REASONS:].sum())
        for site in reversed(sites):  # the highest bit is set in the upper half, which then goes onto the lower one
            half = len(table) // 2
            with_site[site] = table[half:].sum(axis=0)
            table = table[:half] + table[half:]
        total = table[0]
    if not len(total):
        total = tally(places, patients, size)
    if n_several < 0:
        n_several = n_of(_several(marks) & (places >= REASONS), patients)
    by_site = np.stack([np.zeros_like(with_site), total - with_site, with_site], axis=1)
    for site in np.flatnonzero(unknown).tolist():
        cells = (cohort.site_codes(site) + np.int64(1)) * size + places
        by_site[site] = tally(cells, patients, 3 * size).reshape(3, size)
    return SiteCounts(outcome.grid, total, by_site, n_several)


def _several(marks: np.ndarray) -> np.ndarray:
    """Who has more than one bit; int array, shape (n_bytes, n)."""
    result = np.zeros(marks.shape[1], dtype=bool)
    before = result.copy()
    for bits in marks:
        here = bits != 0
        result |= (bits & (bits - here)) != 0  # without its lowest bit something is left
        result |= here & before
        before |= here
    return result
