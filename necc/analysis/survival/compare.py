"""Every test that compares an endpoint between the levels of a factor, in one result.

References:
    1. Fleming TR, Harrington DP. Counting processes and survival analysis. Wiley 1991. doi:10.1002/9781118150672
    2. Heimann G, Neuhaus G. Biometrics 1998;54:168-84. doi:10.2307/2534005 (permutation)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import adjust_p, n_tests
from necc.analysis.survival.curve import LogRank, RiskTable, count_risk
from necc.analysis.survival.permutation import PermutationTest, permutation_log_rank
from necc.analysis.survival.small import given
from necc.analysis.survival.weights import WEIGHTINGS, Weighting, trend_test, weighted_log_rank, weighting_name
from necc.core.arguments import public
from necc.core.cohort import Cohort, Factor
from necc.core.counts import countable
from necc.core.frames import Row, frame_of
from necc.core.guardrails import MINIMUM_EXPECTED, SMALL_GROUP
from necc.core.result import GroupedResult, Result, analysed, answers, header
from necc.core.text import joined, plural, quoted
from necc.core.time_to_event import TimeToEvent

SMALL_GROUPS = f"a group has fewer than {SMALL_GROUP} patients or {MINIMUM_EXPECTED} expected events"


@dataclass(frozen=True)
class Pair(Result):
    """The test of two levels, with p adjusted for the number of pairs."""

    first: str
    second: str
    test: LogRank
    p_adjusted: float | None

    def to_dict(self) -> dict[str, object]:
        return {"first": self.first, "second": self.second, **self.test.with_note(), "p_adjusted": self.p_adjusted}


@dataclass(frozen=True, kw_only=True)
class SurvivalComparison(GroupedResult):
    """All tests that compare an endpoint between the levels of a factor.

    levels: those with patients. tests: the weighted family over all of them; which answers the question is chosen
    before looking at p. trend: None with two levels, where it is the log-rank test, and where nothing says that the
    levels have an order.
    """

    stratified_by: tuple[str, ...]
    n_per_level: tuple[int, ...]
    tests: tuple[LogRank, ...]
    trend: LogRank | None
    pairs: tuple[Pair, ...]
    pairs_weighting: str
    adjustment: Adjustment
    permutation: PermutationTest | None
    strata_labels: tuple[str, ...] = field(default=(), repr=False)

    @property
    def has_small_groups(self) -> bool:
        """Whether a level has too few patients or expected events to lean on the chi-square distribution."""
        return _small(self.n_per_level, self.tests[0])

    def test(self, name: str = "log-rank") -> LogRank:
        """The test of this name."""
        return next(t for t in self.tests if t.name == name)

    def to_frame(self) -> pd.DataFrame:
        """One row a test, then one a pair of levels: name, first, second, statistic, df, p, p_adjusted, p_by, note."""
        columns = ["name", "first", "second", "statistic", "df", "p", "p_adjusted", "p_by", "note"]
        tests = [*self.tests, *([self.trend] if self.trend else [])]
        return frame_of([*(t.with_note() for t in tests), *(pair.to_dict() for pair in self.pairs)], columns)

    def _glance(self) -> Row:
        return {name: value for name, value in zip(("statistic", "df", "p.value"), self._first(), strict=True)}

    def _first(self) -> tuple[object, ...]:
        return self.tests[0].statistic, self.tests[0].df, self.tests[0].p

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(p.p_adjusted for p in self.pairs)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        log_rank = self.tests[0]
        groups = zip(self.levels, self.n_per_level, log_rank.observed, log_rank.expected, strict=True)
        counts = [{"name": a, "n": b, "observed": o, "expected": e} for a, b, o, e in groups]
        return {**super().to_dict(), "groups": counts, "tests": [t.with_note() for t in self.tests]}


@answers
@public
@countable()
def compare_survival(
    cohort: Cohort,
    endpoint: str,
    by: str,
    *,
    strata: str | Iterable[str] = (),
    rho: float = 0.0,
    gamma: float = 1.0,
    scores: Sequence[float] | None = None,
    pairs_weighting: Weighting = "log-rank",
    adjustment: Adjustment = "holm",
    permutation: bool | Literal["auto"] = "auto",
    draws: int = 19_999,
    seed: int = 1,
) -> SurvivalComparison:
    """Every test that compares `endpoint` between the levels of `by` [1, 2], in one result.

    Args:
        strata: factors to stratify by; expected events are counted within their combinations.
        rho, gamma: of the Fleming-Harrington test; (0, 1) looks at late differences.
        scores: numbers for the trend test, which give the levels an order; 1, 2, 3 ... by default for levels that have
            one.
        pairs_weighting: the test between each two levels; levels without patients are left out.
        permutation: "auto" runs it where a level has fewer than 10 patients or 5 expected events.

    Raises:
        AnalysisError: the cohort lacks the endpoint or a factor.

    Example:
        >>> comparison = compare_survival(cohort, "PRS", "site:abdominal")
        >>> round(comparison.test("log-rank").p, 3)
        0.009
    """
    outcome, factor = cohort.endpoint(endpoint), cohort.factor(by)
    names = (strata,) if isinstance(strata, str) else tuple(strata)
    blocks = [cohort.factor(name) for name in names]
    tables = count_strata(outcome, factor, blocks)
    sizes = np.sum([t.n for t in tables], axis=0)
    weightings = [(w, rho, gamma) for w in WEIGHTINGS]
    plain = [weighted_log_rank(tables, w, rho=r, gamma=g) for w, r, g in weightings]
    small = _small(sizes.tolist(), plain[0])
    run = permutation is True or (permutation == "auto" and small and len(sizes) > 1 and max(sizes) > 1)
    levels = tables[0].strata
    ranked = len(levels) > 2 and (factor.ordered or scores is not None)
    permuted = permutation_log_rank(tables, draws=draws, seed=seed) if run else None
    tests = tuple(
        given(tables, t, w, rho=r, gamma=g, permuted=permuted if w == "log-rank" else None)
        for t, (w, r, g) in zip(plain, weightings, strict=True)
    )
    places = list(scores) if scores is not None else list(range(1, len(levels) + 1))
    trend = given(tables, trend_test(tables, places), scores=places) if ranked else None
    pairs = _pairs(tables, pairs_weighting, adjustment, rho, gamma) if len(levels) > 2 else ()
    return SurvivalComparison(
        **header(outcome), by=by, by_label=factor.label, levels=levels, stratified_by=names, n=int(sizes.sum()),
        n_events=int(sum(t.n_events.sum() for t in tables)), n_per_level=tuple(sizes.tolist()),
        excluded=analysed(outcome, factor, *blocks)[1], tests=tests,
        trend=trend, pairs=pairs,
        pairs_weighting=weighting_name(pairs_weighting, rho, gamma), adjustment=adjustment, permutation=permuted,
        strata_labels=tuple(block.label for block in blocks),
        notes=_notes(outcome, factor, tests[0], levels, permuted, small, n_tests(p.p_adjusted for p in pairs), ranked),
    )  # fmt: skip


def _small(sizes: Sequence[int], test: LogRank) -> bool:
    return any(n < SMALL_GROUP for n in sizes) or any(e < MINIMUM_EXPECTED for e in test.expected)


def count_strata(outcome: TimeToEvent, factor: Factor, blocks: Sequence[Factor]) -> list[RiskTable]:
    """One count table for each combination of the blocks' levels, all with the same groups.

    Groups are the levels of `factor` that any analysed patient has; at least one table comes back.
    """
    used, _ = analysed(outcome, factor, *blocks)
    stratum = np.zeros(len(outcome), dtype=np.int64)
    for block in blocks:
        stratum = stratum * len(block.levels) + block.codes
    groups = factor.among(used)
    return [
        count_risk(outcome, replace(groups, codes=np.where(stratum == s, groups.codes, np.int16(-1))), keep_empty=True)
        for s in (np.unique(stratum[used]) if used.any() else [0])
    ]


def _pairs(
    tables: list[RiskTable], weighting: Weighting, adjustment: Adjustment, rho: float, gamma: float
) -> tuple[Pair, ...]:
    pairs = []
    for pair in itertools.combinations(range(len(tables[0].strata)), 2):
        rows = list(pair)
        two = [_rows(t, rows) for t in tables]
        test = weighted_log_rank(two, weighting, rho=rho, gamma=gamma)
        pairs.append(given(two, test, weighting, rho=rho, gamma=gamma))
    names = itertools.combinations(tables[0].strata, 2)
    adjusted = adjust_p([t.p for t in pairs], adjustment)
    return tuple(Pair(*name, test, p) for name, test, p in zip(names, pairs, adjusted, strict=True))


def _rows(table: RiskTable, rows: list[int]) -> RiskTable:
    strata = tuple(table.strata[i] for i in rows)
    return RiskTable(strata, table.time, table.n_at_risk[rows], table.n_events[rows], table.n_censored[rows])


def _notes(
    outcome: TimeToEvent, factor: Factor, test: LogRank, levels: tuple[str, ...], permuted: PermutationTest | None,
    small: bool, tested: int, ranked: bool,
) -> tuple[str, ...]:  # fmt: skip
    notes = [*outcome.notes]
    if test.note:
        notes.append(test.note)
    absent = [level for level in factor.levels if level not in levels]
    if absent:
        notes.append(f"no patients in {joined(quoted(absent), 'or')}")
    if small and permuted and permuted.p is not None:
        way = "all assignments" if permuted.method == "exact" else f"{permuted.draws:,} random assignments"
        notes.append(f"{SMALL_GROUPS}: the permutation test ({way}) doesn't rely on the chi-square")
    if len(levels) > 2:
        if ranked:
            notes.append("the trend test takes the levels as equally spaced in the order shown")
        else:
            notes.append(f"no test for trend: nothing says that the levels of {factor.label} have an order")
        if tested:
            notes.append(f"{plural(tested, 'pair')} of levels tested: read the adjusted p")
    notes.append("choose the weighting before looking: the smallest p of several tests isn't a p-value")
    return tuple(notes)
