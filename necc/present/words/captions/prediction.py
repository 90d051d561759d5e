"""What is said of the figures of prediction: each function gives the alternative text and the caption."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from necc.analysis.prediction import ModelComparison, ModelPerformance, PatientPrediction
from necc.analysis.prediction.results import CalibrationGroup
from necc.core.text import DASH, NOT_REACHED, format_ci, format_number, plural
from necc.present.words.captions import each
from necc.present.words.phrases import counts, not_analysed, percent, sentences

NO_IMPORTANCE = "No permutation importance of this model."


def not_estimable(comparison: ModelComparison) -> str:
    return sentences(*comparison.notes[-1:])


def _who(comparison: ModelComparison) -> str:
    return counts(comparison.n, comparison.n_events)


def discrimination(comparison: ModelComparison, measure: str, rows: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """measure: its name; rows: each model and its value."""
    return f"{measure} of each model: {each(rows, ' ')}.", sentences(
        f"{measure}: mean over {comparison.folds * comparison.repeats} left-out folds with "
        f"{100 * comparison.level:g} % corrected resampled t interval",
        _who(comparison), not_analysed(comparison.excluded),
    )  # fmt: skip


def importance(
    comparison: ModelComparison, model: ModelPerformance, rows: Iterable[tuple[str, str]]
) -> tuple[str, str]:
    """rows: each covariate and the fall of C."""
    return f"Permutation importance in {model.label}: {each(rows, ' ')}.", sentences(
        f"{model.label}. Permutation importance in left-out patients, mean with {100 * comparison.level:g} % "
        "interval; covariates that say the same share it",
        _who(comparison),
    )


# ---------------------------------------------------------------- calibration and net benefit
def time_phrase(comparison: ModelComparison) -> str:
    """`24 months`."""
    return f"{format_number(comparison.time, 1).removesuffix('.0')} {comparison.unit}"


def group_lines(group: CalibrationGroup) -> list[str]:
    """What a point of the calibration tells."""
    e = group.observed
    limits = f"{percent(e.lower, 0)}{DASH}{percent(e.upper, 0)}"
    return [plural(group.n, "patient"), f"{_group_phrase(group)} ({limits})"]


def _group_phrase(group: CalibrationGroup) -> str:
    return f"predicted {percent(group.predicted, 0)}, observed {percent(group.observed.value, 0)}"


def calibration(comparison: ModelComparison, chosen: Sequence[ModelPerformance]) -> tuple[str, str]:
    """chosen: the models that are drawn."""
    when = time_phrase(comparison)
    shares = "; ".join(f"{m.label}: {', '.join(map(_group_phrase, m.calibration))}" for m in chosen)
    return f"Calibration at {when}. {shares}.", sentences(
        f"Groups of similar predictions at {when}; each patient's comes from models fitted without that patient. "
        f"Bars: {100 * comparison.level:g} % log-log limits; on the dashed line predicted and observed are equal",
        _who(comparison), not_analysed(comparison.excluded),
    )  # fmt: skip


def net_benefit(comparison: ModelComparison, chosen: Sequence[ModelPerformance]) -> tuple[str, str]:
    """chosen: the models that are drawn."""
    when = time_phrase(comparison)
    return f"Decision curves at {when} of {', '.join(m.label for m in chosen)}.", sentences(
        f"Net benefit (Vickers, with censoring) of calling high-risk those whose predicted risk at {when} reaches the "
        "threshold; predictions from models fitted without that patient. No intervals: small differences mean nothing",
        _who(comparison), not_analysed(comparison.excluded),
    )  # fmt: skip


# ---------------------------------------------------------------- one patient
def patient_curve(p: PatientPrediction) -> tuple[str, str]:
    m = p.median
    median = NOT_REACHED if m.value is None else f"{format_number(m.value, 1)} {p.unit}"
    message = f"predicted median {median} (band {format_ci(m.lower, m.upper)})"
    return f"Predicted survival of one patient, {p.model_label}: {message}. {p.warning}", sentences(
        p.warning,
        f"Fitted to {plural(p.n, 'patient')} with {plural(p.n_events, 'event')}; band: {100 * p.level:g} % percentiles "
        f"of {p.bootstraps} bootstrap samples; {message}",
    )
