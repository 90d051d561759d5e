"""Tests that compare survival between groups: the weighted log-rank family, trend, strata, pairs, permutation.

All of them are read off count tables (`RiskTable`).
"""

from __future__ import annotations

from necc.survival_tests.compare import SMALL_GROUPS, Pair, SurvivalComparison, compare_survival, count_strata
from necc.survival_tests.family import WEIGHTINGS, Weighting, time_weights, trend_test, weighted_log_rank
from necc.survival_tests.permutation import PermutationTest, permutation_log_rank

__all__ = [
    "SMALL_GROUPS", "WEIGHTINGS", "Pair", "PermutationTest", "SurvivalComparison", "Weighting", "compare_survival",
    "count_strata", "permutation_log_rank", "time_weights", "trend_test", "weighted_log_rank",
]  # fmt: skip
