"""Where the disease came back: sites and organs, over all and by a factor.

A patient may have several sites, so sites are never treated as disjoint groups: each site has its own
denominator (patients for whom it is recorded), and comparisons are with against without. Everything is
counted from the label matrix of the cohort, read through its site scheme.

References
----------
[1] Clopper CJ, Pearson ES. Biometrika 1934;26:404-413. doi:10.1093/biomet/26.4.404 (intervals)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from necc.analysis.multiplicity import ADJUSTMENTS, adjust_p, n_tests
from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.proportions import Convention, TestResult, contingency, exact_ci
from necc.core.arguments import public
from necc.core.cohort import SITES, Cohort, Factor
from necc.core.counts import Wanted, countable
from necc.core.dictionary import N_SITES, SITE, normalise
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate, Exclusion
from necc.core.frames import frame_of
from necc.core.guardrails import small_groups
from necc.core.result import Result, answers, leave_out
from necc.core.tally import tally
from necc.core.text import joined, plural

UNNAMED = "not_named"
ONE_AT_LEAST = "every patient has at least one site, which by itself makes two sites look negatively associated"
"""The note on sites beside another site, in a cohort of recurrences."""


# ---------------------------------------------------------------- results
@dataclass(frozen=True)
class SiteCount(Result):
    """A site (or organ): `n` patients with it, `of` for whom it is recorded."""

    name: str
    label: str
    n: int
    of: int
    proportion: Estimate

    def to_dict(self) -> dict[str, object]:
        share = self.proportion.value
        return {**super().to_dict(), "percent": None if share is None else 100 * share}


@dataclass(frozen=True)
class SiteStratum(Result):
    """The sites of the patients of one level of a factor."""

    name: str
    n: int
    sites: tuple[SiteCount, ...]


@dataclass(frozen=True)
class SiteTest(Result):
    """Whether a site is as frequent at every level of a factor; p also adjusted for the number of sites."""

    site: str
    label: str
    test: TestResult
    p_adjusted: float | None

    def to_dict(self) -> dict[str, object]:
        return {"site": self.site, "label": self.label, **self.test.to_dict(), "p_adjusted": self.p_adjusted}


@dataclass(frozen=True)
class Pattern(Result):
    """Patients who have exactly these sites (names, in the order of the scheme)."""

    sites: tuple[str, ...]
    n: int


@dataclass(frozen=True)
class OrganDistribution(Result):
    """Organs within the patients who have a site; a patient may have several organs.

    `n` patients have the site; organs that nobody in the file has are left out. The last row, "organ not named",
    counts those with none of the named organs; it is absent where the site can't be recorded without an organ.
    """

    rows_in = "organs"

    site: str
    label: str
    n: int
    organs: tuple[SiteCount, ...]
    notes: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, object]]:
        """One a named organ, with its site."""
        return [{"site": self.site, **o.to_dict()} for o in self.organs]

    def to_dict(self) -> dict[str, object]:
        return {**super().to_dict(), "organs": self.rows()}


@dataclass(frozen=True, kw_only=True)
class SiteDistribution(Result):
    """Sites of first recurrence of `n` patients, over all and by a factor.

    n_sites: (number of sites, patients) for patients whose sites are all recorded.
    levels: all levels of the factor, so that a level keeps its colour; `strata` holds those with patients.
    by_excluded: patients of the `n` who are in no stratum, and why.
    """

    scheme: str
    scheme_label: str
    n: int
    excluded: tuple[Exclusion, ...]
    sites: tuple[SiteCount, ...]
    n_sites: tuple[tuple[int, int], ...]
    patterns: tuple[Pattern, ...]
    organs: tuple[OrganDistribution, ...]
    by: str | None
    by_label: str
    levels: tuple[str, ...]
    strata: tuple[SiteStratum, ...]
    by_excluded: tuple[Exclusion, ...]
    tests: tuple[SiteTest, ...]
    convention: Convention
    adjustment: Adjustment
    notes: tuple[str, ...] = ()

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(t.p_adjusted for t in self.tests)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        return {
            **super().to_dict(),
            "n_sites": {str(k): n for k, n in self.n_sites},
            "organs": [row for o in self.organs for row in o.rows()],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a stratum and site: stratum, name, label, n, of, proportion, percent, limits and p of its test."""
        groups = self.strata or (SiteStratum("all patients", self.n, self.sites),)
        tests = {t.site: {"p": t.test.p, "p_adjusted": t.p_adjusted} for t in self.tests}
        columns = ["stratum", "name", "label", "n", "of", "proportion", "percent", "ci_lower", "ci_upper",
                   *(["p", "p_adjusted"] if tests else [])]  # fmt: skip
        rows = [{"stratum": g.name, **s.to_dict(), **tests.get(s.name, {})} for g in groups for s in g.sites]
        return frame_of(rows, columns)


# ---------------------------------------------------------------- who recurred
def of_recurrence(cohort: Cohort, given: Mapping[str, Any]) -> Wanted:
    """What `recurrent` looks at: every site, and whether the disease came back, where the file says so."""
    recurrence = cohort.dictionary.role("recurrence")
    return Wanted(names=(recurrence,) if recurrence in cohort.columns else (), sites=True)


def recurrent(cohort: Cohort) -> tuple[np.ndarray, tuple[Exclusion, ...], list[str]]:
    """bool array, shape (n,): who has a recurrence to be sited; who hasn't and why; what is contradictory.

    Raises:
        AnalysisError: the cohort has no sites.
    """
    cohort.sites_or_error()
    matrix = cohort.site_matrix
    with_site = (matrix == 1).any(axis=1)
    reasons, notes = [], []
    recurrence = cohort.dictionary.role("recurrence")
    if cohort.has(recurrence) and cohort.dictionary.variables[recurrence].kind in ("event", "flag"):
        recurred = cohort.flag(recurrence)
        if contradicted := cohort.n_of((recurred == 0) & with_site):
            notes.append(f"{plural(contradicted, 'patient')} with a site recorded as not recurred: left out")
        reasons.append(("did not recur", recurred == 0))
        reasons.append(("recurrence not recorded, and no site", (recurred < 0) & ~with_site))
    reasons.append(("sites of recurrence not recorded", (matrix < 0).all(axis=1)))
    kept, excluded = leave_out(np.ones(len(cohort), dtype=bool), (), reasons, cohort.patients)
    return kept, excluded, notes


@public
@countable(by_part=True)
def any_site(cohort: Cohort, sites: str | Sequence[str]) -> Factor:
    """With at least one of several sites, against without all of them: a factor for any analysis.

    Raises:
        AnalysisError: the cohort has no such site, or none is named.

    Example:
        >>> any_site(cohort, ["lung", "bone"]).counts()
        (48, 40)
    """
    if not sites:
        raise AnalysisError("name at least one site")
    return cohort.factor(SITE + "|".join(sites))


def _combined_notes(patients: Cohort) -> list[str]:
    """What a person's edits made one site of, and who counts fewer sites by it."""
    notes, names = [], patients.organ_names
    for site, parts in patients.scheme.combined.items():
        marked = [
            (patients.organs[:, [names.index(organ) for organ in organs if organ in names]] == 1).any(axis=1)
            for organs in parts.values()
        ]
        several = patients.n_of(np.sum(marked, axis=0) > 1)
        labels = joined([patients.dictionary.place_label(part) for part in parts])
        counts = "counts" if several == 1 else "count"
        fewer = f"; {plural(several, 'patient')} with more than one of these {counts} once" if several else ""
        notes.append(f"{patients.site_label(site)}: one site, in place of {labels}{fewer}")
    return notes


# ---------------------------------------------------------------- distribution
@answers
@public
@countable(also=of_recurrence)
def site_distribution(
    cohort: Cohort,
    by: str | Factor | None = None,
    *,
    convention: Convention = "paper",
    adjustment: Adjustment = "holm",
) -> SiteDistribution:
    """Sites of first recurrence, with exact intervals [1]; by a factor with a test for each site.

    Args:
        cohort: the patients; those recorded as not recurred are left out and counted as such.
        by: anything that `Cohort.factor` takes, or a `Factor` of this cohort.
        convention: how tables are tested, see `necc.analysis.proportions`.
        adjustment: how p-values are adjusted for the number of sites.

    Raises:
        AnalysisError: the cohort has no sites or no such factor.

    Example:
        >>> [(site.name, site.n) for site in site_distribution(cohort).sites[:2]]
        [('lung', 34), ('abdominal', 33)]
    """
    kept, excluded, notes = recurrent(cohort)
    factor = cohort.factor(by) if isinstance(by, str) else by
    patients = cohort.subset(kept)
    matrix, n = patients.site_matrix, patients.n_patients
    complete = patients.subset(np.asarray((matrix >= 0).all(axis=1)))
    counted = tally((complete.site_matrix == 1).sum(axis=1), complete.patients)
    if lost := n - complete.n_patients:
        notes.append(f"{plural(lost, 'patient')} with a site not recorded: not in the number of sites or the patterns")
    if len(counted) and counted[0]:
        notes.append(f"{plural(int(counted[0]), 'patient')} without any site: counted in the denominators")
    notes += _combined_notes(patients)
    if not n:
        notes.append("no patients to analyse")
    strata: tuple[SiteStratum, ...] = ()
    by_excluded: tuple[Exclusion, ...] = ()
    tests: tuple[SiteTest, ...] = ()
    if factor is not None:
        factor = factor.take(np.flatnonzero(kept))
        strata, by_excluded, tests = _by_factor(patients, factor, convention, adjustment)
        notes += _by_notes(factor, strata, tests, adjustment)
        if factor.source == SITES and n and (matrix == 1).any(axis=1).all():
            notes.append(ONE_AT_LEAST)
    return SiteDistribution(
        scheme=patients.scheme.name,
        scheme_label=patients.scheme.label,
        n=n,
        excluded=excluded,
        sites=_site_counts(patients, _without_and_with(matrix, patients.patients)),
        n_sites=tuple((k, m) for k, m in enumerate(counted.tolist()) if m),
        patterns=patterns_of(complete.site_matrix, complete.site_names, complete.patients),
        organs=_all_organs(patients),
        by=factor.name if factor is not None else None,
        by_label=factor.label if factor is not None else "",
        levels=factor.levels if factor is not None else (),
        strata=strata,
        by_excluded=by_excluded,
        tests=tests,
        convention=convention,
        adjustment=adjustment,
        notes=tuple(notes),
    )


def _without_and_with(matrix: np.ndarray, patients: np.ndarray | None) -> np.ndarray:
    """int array, shape (n_sites, 2): patients without and with each site."""
    if patients is None:
        return np.column_stack([(matrix == 0).sum(axis=0), (matrix == 1).sum(axis=0)])
    return np.column_stack([patients @ (matrix == 0), patients @ (matrix == 1)])


def _site_counts(cohort: Cohort, counts: np.ndarray) -> tuple[SiteCount, ...]:
    return tuple(
        SiteCount(site, cohort.site_label(site), there, without + there, exact_ci(there, without + there))
        for site, (without, there) in zip(cohort.site_names, counts.tolist(), strict=True)
    )


def _by_factor(
    cohort: Cohort, factor: Factor, convention: Convention, adjustment: Adjustment
) -> tuple[tuple[SiteStratum, ...], tuple[Exclusion, ...], tuple[SiteTest, ...]]:
    n_levels, known = len(factor.levels), factor.codes >= 0
    codes, rows = factor.codes[known].astype(np.int64), cohort.site_matrix[known]
    patients = None if cohort.patients is None else cohort.patients[known]
    # tables: shape (n_sites, n_levels, 3), the last axis not recorded, without, with
    tables = np.array(
        [tally(codes * 3 + 1 + column, patients, 3 * n_levels) for column in rows.T], dtype=np.int64
    ).reshape(len(cohort.site_names), n_levels, 3)
    strata = tuple(
        SiteStratum(level, n, _site_counts(cohort, tables[:, g, 1:]))
        for g, (level, n) in enumerate(zip(factor.levels, factor.counts(), strict=True))
        if n
    )
    lost = factor.n_missing
    excluded = (Exclusion(f"'{factor.label}' not recorded", lost),) if lost else ()
    results = [
        _site_test(cohort, site, factor, table[:, :0:-1], convention)
        for site, table in zip(cohort.site_names, tables, strict=True)
    ]
    adjusted = adjust_p([r.p for r in results], adjustment)
    tests = tuple(
        SiteTest(site, cohort.site_label(site), result, p)
        for site, result, p in zip(cohort.site_names, results, adjusted, strict=True)
    )
    return strata, excluded, tests


def _site_test(cohort: Cohort, site: str, factor: Factor, table: np.ndarray, convention: Convention) -> TestResult:
    """`table`: shape (n_levels, 2), with and without the site; untested where the site itself makes the groups."""
    kind, _, names = factor.name.partition(":")
    own = (site,) if kind == "site" else cohort.scheme.groups.get(site, (site,)) if kind == "organ" else ()
    label = cohort.site_label if kind == "site" else cohort.organ_label
    if {normalise(n) for n in names.split("|")} & {normalise(x) for o in own for x in (o, label(o))}:
        why = "the groups are defined by this site"
    elif not len(table):
        why = f"'{factor.label}' is not recorded for any patient"
    else:
        return contingency(table, convention)
    return TestResult("not tested", None, None, None, convention, why, int(table.sum()))


def _by_notes(
    factor: Factor, strata: tuple[SiteStratum, ...], tests: tuple[SiteTest, ...], adjustment: Adjustment
) -> list[str]:
    notes = []
    if len(strata) == 1:
        notes.append(f"one level only ({strata[0].name}): nothing to compare")
    elif len(strata) > 1:
        how = ADJUSTMENTS[adjustment]
        if tested := sum(t.test.p is not None for t in tests):
            notes.append(f"{plural(tested, 'site')} tested: p also adjusted ({how}); sites overlap")
    if factor.n_missing:
        notes.append(f"'{factor.label}' not recorded for {plural(factor.n_missing, 'patient')}: not compared")
    notes += small_groups(((s.name, s.n) for s in strata), factor.label)
    if factor.source == N_SITES:
        notes.append("the number of sites is counted from the sites: each is more frequent where there are more")
    return notes


def patterns_of(
    complete: np.ndarray, names: tuple[str, ...], patients: np.ndarray | None = None
) -> tuple[Pattern, ...]:
    """Exact combinations of sites in rows of 0 and 1, most frequent first, then in the order of the sites."""
    present = complete == 1
    few = len(names) <= 62
    keys = present @ (1 << np.arange(len(names))) if few else present
    if patients is None:
        distinct, counts = np.unique(keys, axis=0, return_counts=True)  # half the time of telling which is whose
    else:
        distinct, whose = np.unique(keys, axis=0, return_inverse=True)
        counts = tally(whose, patients, len(distinct))
    rows = (distinct[:, None] >> np.arange(len(names))) & 1 if few else distinct
    patterns = [(tuple(np.flatnonzero(row).tolist()), n) for row, n in zip(rows, counts.tolist(), strict=True)]
    patterns.sort(key=lambda pattern: (-pattern[1], pattern[0]))
    return tuple(Pattern(tuple(names[i] for i in sites), n) for sites, n in patterns)


# ---------------------------------------------------------------- organs
@answers
@public
@countable(also=of_recurrence)
def organ_distribution(cohort: Cohort, site: str = "") -> OrganDistribution:
    """Which organs of a site are involved, among the patients with that site.

    site: by default the one with the most named organs, the first of several.

    Raises:
        AnalysisError: the cohort has no sites, or not this one.

    Example:
        >>> [(organ.name, organ.n) for organ in organ_distribution(cohort, "abdominal").organs[:2]]
        [('liver', 25), ('abdominal_lymph_node', 5)]
    """
    site = site or max(cohort.sites_or_error(), key=lambda s: len(_named_organs(cohort, s)))
    if site not in cohort.site_names:
        raise AnalysisError(f"no site '{site}' in this cohort; there are {joined(cohort.site_names)}")
    kept, _, _ = recurrent(cohort)
    return _organs(cohort.subset(kept), site)


def _organs(cohort: Cohort, site: str) -> OrganDistribution:
    named = _named_organs(cohort, site)
    there = cohort.subset(cohort.site_codes(cohort.site_names.index(site)) == 1)
    values, n = there.organs[:, [there.organ_names.index(o) for o in named]], there.n_patients
    rows = [
        SiteCount(organ, cohort.organ_label(organ), k, without + k, exact_ci(k, without + k))
        for organ, (without, k) in zip(named, _without_and_with(values, there.patients).tolist(), strict=True)
    ]
    rows.sort(key=lambda row: -row.n)
    if site in cohort.organ_names:
        unnamed = n - there.n_of((values == 1).any(axis=1))
        rows.append(SiteCount(UNNAMED, "Organ not named", unnamed, n, exact_ci(unnamed, n)))
    notes = [] if named else ["the file names no organs for this site"]
    if several := there.n_of((values == 1).sum(axis=1) > 1):
        notes.append(f"{plural(several, 'patient')} with several organs: the counts overlap")
    return OrganDistribution(site, cohort.site_label(site), n, tuple(rows), tuple(notes))


def _named_organs(cohort: Cohort, site: str) -> list[str]:
    """The organs of a site that at least one patient of the file has; a list of sites in words knows many more."""
    members = cohort.scheme.groups.get(site, (site,))
    known = [o for o in members if o in cohort.organ_names and o != site]
    organs = cohort.whole.organs
    return [o for o in known if (organs[:, cohort.organ_names.index(o)] == 1).any()]


def _all_organs(cohort: Cohort) -> tuple[OrganDistribution, ...]:
    """The organs of every site for which the file names more than the site itself."""
    return tuple(_organs(cohort, site) for site in cohort.site_names if _named_organs(cohort, site))
