"""One patient within a cohort: her course, those like her by a stated rule, how they fared, and survival from today."""

from __future__ import annotations

from necc.analysis.patient.case import case, facts, received, response_of_treated
from necc.analysis.patient.course import alone, course, courses
from necc.analysis.patient.judged import JudgedAt, RuleJudgement, beats_rule, judge_rule, predict_case
from necc.analysis.patient.results import (
    LANES,
    Case,
    Course,
    CourseEvent,
    Criterion,
    Received,
    Similar,
    Step,
)
from necc.analysis.patient.similar import like_fields, others_than, similar
from necc.analysis.survival import ConditionalAt, ConditionalSurvival, conditional_survival

__all__ = [
    "LANES", "Case", "ConditionalAt", "ConditionalSurvival", "Course", "CourseEvent", "Criterion", "JudgedAt",
    "Received", "RuleJudgement", "Similar", "Step", "alone", "beats_rule", "case", "conditional_survival", "course",
    "courses", "facts", "judge_rule", "like_fields", "others_than", "predict_case", "received", "response_of_treated",
    "similar",
]  # fmt: skip
