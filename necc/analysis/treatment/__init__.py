"""Treatment that starts after time zero: naive, landmark and time-dependent comparison side by side."""

from __future__ import annotations

from necc.analysis.treatment.course import Course, treatment_course
from necc.analysis.treatment.timing import TimedComparison, TreatmentTiming, treatment_timing

__all__ = [
    "Course", "TimedComparison", "TreatmentTiming", "treatment_course", "treatment_timing",
]  # fmt: skip
