"""Prediction models of survival, compared on patients they weren't fitted to, and the curve of one patient."""

from __future__ import annotations

from necc.analysis.prediction.comparison import compare_models
from necc.analysis.prediction.folds import Cancelled
from necc.analysis.prediction.models import LEARNERS
from necc.analysis.prediction.patient import predict_patient
from necc.analysis.prediction.results import NOT_VALIDATED, ModelComparison, ModelPerformance, PatientPrediction, Score

__all__ = [
    "LEARNERS", "NOT_VALIDATED", "Cancelled", "ModelComparison", "ModelPerformance", "PatientPrediction", "Score",
    "compare_models", "predict_patient",
]  # fmt: skip
