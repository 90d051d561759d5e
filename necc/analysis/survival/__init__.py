"""Time to an event: the count table (`RiskTable`) and all that is read off it.

Counts and estimators (`curve`), curves of a cohort (`kaplan_meier`), the tests that compare them (`compare`, `weights`,
`permutation`) and the p that small groups allow (`small`), restricted means and chosen times (`times`), patients who
come under observation late (`entry`), curves of a few parameters (`parametric`), and survival of those who
lived until a time (`conditional`). Inside the package import the
modules, outside it the package.
"""

from __future__ import annotations

from necc.analysis.survival.compare import SMALL_GROUPS, SurvivalComparison, compare_survival
from necc.analysis.survival.conditional import ConditionalAt, ConditionalSurvival, conditional_survival
from necc.analysis.survival.curve import (
    OVERALL,
    TOLERANCE,
    CiMethod,
    Curve,
    LogRank,
    RiskTable,
    Show,
    ShownCurve,
    SurvivalAt,
    at_risk_before,
    confidence_limits,
    count_risk,
    curves,
    last_time_with,
    log_rank,
    survival_from_counts,
    time_at,
    turns_few,
)
from necc.analysis.survival.entry import count_intervals, count_risk_with_entry, early_notes, kaplan_meier_with_entry
from necc.analysis.survival.kaplan_meier import KaplanMeier, SurvivalGrid, kaplan_meier, survival_grid
from necc.analysis.survival.parametric import (
    ALIKE,
    FAMILIES,
    KNOTS,
    MOST_KNOTS,
    FamilyFit,
    FamilyName,
    FittedAt,
    FittedGroup,
    Parametric,
    n_parameters,
    parametric,
)
from necc.analysis.survival.permutation import permutation_log_rank
from necc.analysis.survival.small import given, groups_of
from necc.analysis.survival.times import FixedTimes, RestrictedMean, restricted_mean, survival_at
from necc.analysis.survival.weights import WEIGHTINGS, time_weights, trend_test, weighted_log_rank

__all__ = [
    "ALIKE", "FAMILIES", "KNOTS", "MOST_KNOTS", "OVERALL", "SMALL_GROUPS", "TOLERANCE", "WEIGHTINGS", "CiMethod",
    "ConditionalAt", "ConditionalSurvival", "Curve", "FamilyFit", "FamilyName", "FittedAt", "FittedGroup",
    "FixedTimes", "KaplanMeier", "LogRank", "Parametric", "RestrictedMean", "RiskTable", "Show", "ShownCurve",
    "SurvivalAt", "SurvivalComparison", "SurvivalGrid", "at_risk_before", "compare_survival", "conditional_survival",
    "confidence_limits", "count_intervals", "count_risk", "count_risk_with_entry", "curves", "early_notes", "given",
    "groups_of", "kaplan_meier", "kaplan_meier_with_entry", "last_time_with", "log_rank", "n_parameters",
    "parametric", "permutation_log_rank", "restricted_mean", "survival_at", "survival_from_counts", "survival_grid",
    "time_at", "time_weights", "trend_test", "turns_few", "weighted_log_rank",
]  # fmt: skip
