"""Treatment that starts after time zero: naive, landmark and time-dependent comparison side by side."""

from __future__ import annotations

from necc.analysis.treatment.course import Course, treatment_course
from necc.analysis.treatment.timing import (
    Bias,
    Sensitivity,
    TimedComparison,
    TreatmentTiming,
    landmark_comparison,
    naive_comparison,
    time_dependent,
    treatment_timing,
)

__all__ = [
    "Bias", "Course", "Sensitivity", "TimedComparison", "TreatmentTiming", "landmark_comparison", "naive_comparison",
    "time_dependent", "treatment_course", "treatment_timing",
]  # fmt: skip
