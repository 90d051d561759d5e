"""One patient within a cohort: her course, those like her by a stated rule, how they fared, and survival from today."""

from __future__ import annotations

from necc.analysis.patient.results import (
    LANES,
    Case,
    ConditionalAt,
    ConditionalSurvival,
    Course,
    CourseEvent,
    Criterion,
    Received,
    Similar,
    Step,
)

__all__ = [
    "LANES", "Case", "ConditionalAt", "ConditionalSurvival", "Course", "CourseEvent", "Criterion", "Received",
    "Similar", "Step",
]  # fmt: skip
