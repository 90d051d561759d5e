"""Which sites of recurrence come together: combinations, pairs, and pairs against chance.

References
----------
[1] Lex A, et al. IEEE Trans Vis Comput Graph 2014;20:1983-92. doi:10.1109/TVCG.2014.2346248 (UpSet)
[2] Berkson J. Biometrics Bull 1946;2:47-53. doi:10.2307/3002000 (selection makes sites look opposed)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import adjust_p, n_tests
from necc.analysis.proportions import Convention, TestResult, odds_ratio, two_by_two
from necc.analysis.recurrence.distribution import ONE_AT_LEAST, Pattern, of_recurrence, patterns_of, recurrent
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.counts import countable
from necc.core.estimate import Estimate, Exclusion
from necc.core.result import Result, answers
from necc.core.text import plural


@dataclass(frozen=True)
class SitePair(Result):
    """Two sites: `n` patients with both of the `of` for whom both are recorded, and how many chance alone gives."""

    sites: tuple[str, str]
    n: int
    of: int
    expected: float | None
    odds_ratio: Estimate
    test: TestResult
    p_adjusted: float | None

    def to_dict(self) -> dict[str, object]:
        return {**super().to_dict(), "odds_ratio": self.odds_ratio.to_dict()}


@dataclass(frozen=True, eq=False, kw_only=True)
class CoOccurrence(Result):
    """Which sites come together.

    matrix: int array, shape (n_sites, n_sites): patients with both sites; the diagonal counts each site.
    patterns: the exact combinations, most frequent first (the data of an UpSet plot [1]); patients with a
        site not recorded are in none.
    """

    rows_in = "pairs"

    sites: tuple[str, ...]
    labels: tuple[str, ...]
    n: int
    excluded: tuple[Exclusion, ...]
    matrix: np.ndarray
    patterns: tuple[Pattern, ...]
    pairs: tuple[SitePair, ...]
    convention: Convention
    adjustment: Adjustment
    notes: tuple[str, ...] = ()

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(p.p_adjusted for p in self.pairs)


@answers
@public
@countable(also=of_recurrence)
def co_occurrence(
    cohort: Cohort,
    *,
    convention: Convention = "exact",
    adjustment: Adjustment = "holm",
    odds: Literal["sample", "conditional"] = "sample",
) -> CoOccurrence:
    """Which sites come together: combinations, counts of pairs, and pairs against chance.

    In a cohort of recurrences every patient has at least one site, which by itself makes two sites look negatively
    associated [2]; the result says so. `expected` is the count under independence. `odds` chooses the odds ratio:
    Woolf's, or the conditional one with its exact interval, which takes some 5 ms a pair.

    Raises:
        AnalysisError: the cohort has no sites.

    Example:
        >>> co_occurrence(cohort).matrix.shape
        (8, 8)
    """
    kept, excluded, notes = recurrent(cohort)
    patients = cohort.subset(kept)
    matrix, names = patients.site_matrix, patients.site_names
    # float products run in BLAS and are exact for counts
    present, recorded = (matrix == 1).astype(float), (matrix >= 0).astype(float)
    of_present, of_recorded = present.T, recorded.T
    if patients.patients is not None:
        of_present, of_recorded = of_present * patients.patients, of_recorded * patients.patients
    both, of = (np.rint(x).astype(np.int64) for x in (of_present @ present, of_recorded @ recorded))
    having = np.rint(of_present @ recorded).astype(np.int64)  # with the row's site, the column's recorded
    results = []
    for i, j in combinations(range(len(names)), 2):
        a, b, c = int(both[i, j]), int(having[i, j] - both[i, j]), int(having[j, i] - both[i, j])
        results.append(((i, j), (a, b, c, int(of[i, j]) - a - b - c)))
    tests = [two_by_two(*cells, convention) for _, cells in results]
    adjusted = adjust_p([t.p for t in tests], adjustment)
    pairs = tuple(
        SitePair((names[i], names[j]), cells[0], sum(cells), _expected(*cells), odds_ratio(*cells, kind=odds), test, p)
        for ((i, j), cells), test, p in zip(results, tests, adjusted, strict=True)
    )
    complete = patients.subset(np.asarray((matrix >= 0).all(axis=1)))
    patterns = patterns_of(complete.site_matrix, names, complete.patients)
    if lost := patients.n_patients - complete.n_patients:
        notes.append(f"{plural(lost, 'patient')} with a site not recorded: in none of the combinations")
    if not patients.n_patients:
        notes.append("no patients to analyse")
    elif bool((present.sum(axis=1) > 0).all()):
        notes.append(ONE_AT_LEAST)
    labels = tuple(patients.site_label(site) for site in names)
    return CoOccurrence(
        sites=names, labels=labels, n=patients.n_patients, excluded=excluded, matrix=both, patterns=patterns,
        pairs=pairs, convention=convention, adjustment=adjustment, notes=tuple(notes),
    )  # fmt: skip


def _expected(a: int, b: int, c: int, d: int) -> float | None:
    n = a + b + c + d
    return (a + b) * (a + c) / n if n else None
