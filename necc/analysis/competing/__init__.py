"""Competing risks: cumulative incidence, Gray's test, Fine-Gray and cause-specific hazards, equal to R's `cmprsk`."""

from __future__ import annotations

from necc.analysis.competing.curves import (
    CumulativeIncidence,
    IncidenceCurve,
    cumulative_incidence,
    cumulative_incidence_of_columns,
    incidence_of,
)
from necc.analysis.competing.fine_gray import fit_fine_gray
from necc.analysis.competing.hazards import HazardRow, HazardsByCause, hazards_by_cause, hazards_of
from necc.analysis.competing.incidence import ONE_MINUS_KM, count_causes, gray_test, incidence_from_counts
from necc.analysis.competing.outcome import (
    DEATH,
    RULE_MEANING,
    RULES,
    SEVERAL,
    UNKNOWN_SITE,
    CompetingOutcome,
    competing_from_columns,
    competing_outcome,
    death_competes,
    followed_to_death,
)

__all__ = [
    "DEATH", "ONE_MINUS_KM", "RULES", "RULE_MEANING", "SEVERAL", "UNKNOWN_SITE", "CompetingOutcome",
    "CumulativeIncidence", "HazardRow", "HazardsByCause", "IncidenceCurve", "competing_from_columns",
    "competing_outcome", "count_causes", "cumulative_incidence", "cumulative_incidence_of_columns",
    "death_competes", "fit_fine_gray", "followed_to_death", "gray_test", "hazards_by_cause", "hazards_of",
    "incidence_from_counts", "incidence_of",
]  # fmt: skip
