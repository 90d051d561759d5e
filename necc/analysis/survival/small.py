"""Which p of a log-rank test is given: by the chi-square distribution, by permutation, or none.

The rule and its sources stand in `necc.core.guardrails`. The estimators themselves (`log_rank`, `weighted_log_rank`,
`trend_test`) know nothing of it: they give what R gives, of counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from necc.analysis.survival.curve import LogRank, RiskTable, score_parts
from necc.analysis.survival.permutation import PermutationTest, permutation_log_rank
from necc.analysis.survival.weights import Weighting
from necc.core.guardrails import TOO_FEW, Group, comparable, too_few
from necc.core.time_to_event import noise_of

DRAWS = 19_999


def groups_of(tables: RiskTable | Sequence[RiskTable], until: float = np.inf) -> tuple[Group, ...]:
    """The groups of some count tables with the events expected in each, up to a time."""
    tables = [tables] if isinstance(tables, RiskTable) else list(tables)
    sizes = np.sum([t.n for t in tables], axis=0)
    weights = [(t.time <= until + noise_of(t.time)).astype(float) for t in tables]
    expected = np.sum([score_parts(t, w).expected for t, w in zip(tables, weights, strict=True)], axis=0)
    return tuple(map(Group, tables[0].strata, sizes.tolist(), expected.tolist()))


def given(
    tables: RiskTable | Sequence[RiskTable],
    test: LogRank,
    weighting: Weighting = "log-rank",
    *,
    rho: float = 1.0,
    gamma: float = 0.0,
    scores: Sequence[float] | None = None,
    permuted: PermutationTest | None = None,
    draws: int = DRAWS,
) -> LogRank:
    """The test with the p that its groups allow.

    Args:
        weighting, rho, gamma, scores: what the test was made with. permuted: its permutation test, if it is known.
    """
    tables = [tables] if isinstance(tables, RiskTable) else list(tables)
    groups = groups_of(tables)
    few = too_few(groups)
    if test.p is None or not few:
        return test
    if not comparable(groups):
        return replace(test, p=None, p_by="", note=f"{TOO_FEW}: {few}")
    if any(t.entries for t in tables):
        late = "and patients who come under observation late can't be exchanged"
        return replace(test, p=None, p_by="", note=f"{TOO_FEW}: {few}, {late}")
    if permuted is None:
        permuted = permutation_log_rank(tables, weighting, rho=rho, gamma=gamma, scores=scores, draws=draws)
    if permuted.p is None:
        return replace(test, p=None, p_by="", note=f"{TOO_FEW}: {few}; {permuted.note}")
    return replace(test, p=permuted.p, p_by="permutation", note=f"p by permutation, not by the chi-square: {few}")
