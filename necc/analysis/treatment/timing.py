"""Treatment that starts after time zero: the naive comparison only beside those that count its start.

Patients who are treated later had to live until then. To count that time as treated (immortal time) makes treatment
look better than it is, even where it does nothing. Beside the naive comparison stand a landmark analysis (groups by
what was known at the landmark, time from there) and the time-dependent one, in which a patient is untreated until
treatment starts: a Cox model on (start, stop] rows, Simon-Makuch curves and the Mantel-Byar test. Nothing here is
adjusted for who was chosen for treatment.

References:
    1. Anderson JR, Cain KC, Gelber RD. J Clin Oncol 1983;1:710-9. doi:10.1200/JCO.1983.1.11.710 (landmark)
    2. Mantel N, Byar DP. J Am Stat Assoc 1974;69:81-6. doi:10.1080/01621459.1974.10480131
    3. Simon R, Makuch RW. Stat Med 1984;3:35-44. doi:10.1002/sim.4780030106
    4. Suissa S. Am J Epidemiol 2008;167:492-9. doi:10.1093/aje/kwm324 (immortal time)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from necc.analysis.regression import PartialLikelihood, likelihood_of, maximise
from necc.analysis.regression.firth import fit_firth
from necc.analysis.survival import (
    CiMethod,
    Curve,
    LogRank,
    RiskTable,
    count_intervals,
    curves,
    early_notes,
    given,
    groups_of,
    log_rank,
)
from necc.analysis.treatment.course import Course, treatment_course
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import DAYS_PER_UNIT
from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate, Exclusion
from necc.core.frames import frame_of
from necc.core.guardrails import EXPECTED_IN_MODEL, TOO_FEW, Guardrail, small_groups, too_few
from necc.core.names import numbers_in
from necc.core.result import Result, answers
from necc.core.text import format_number, joined, plural
from necc.core.time_to_event import noise_of

Approach = Literal["naive", "landmark", "time-dependent"]
GROUPS = ("untreated", "treated")
LARGEST = 709.0  # whose exponential is still a number
WHY_NOT = {
    "monotone": "no finite hazard ratio: while both groups are under observation, only one has events",
    "no events": "no events",
    "nothing to estimate": "one group only: nothing to compare",
    "not converged": "the fit didn't converge",
}
NOT_RANDOM = "unadjusted: who was chosen for treatment may differ from the others in prognosis"


@dataclass(frozen=True, eq=False, kw_only=True)
class TimedComparison(Result):
    """Treated against untreated by one way of counting time.

    curves: untreated and treated; from the landmark for the landmark analysis, Simon-Makuch [3] for the time-dependent,
        where the treated come under observation at their `entries`.
    test: log-rank; for the time-dependent analysis it is the Mantel-Byar test [2].
    events: untreated and treated.
    """

    approach: Approach
    n: int
    n_treated: int
    n_events: int
    events: tuple[int, int]
    hazard_ratio: Estimate
    p: float | None
    test: LogRank
    curves: tuple[Curve, ...] = field(repr=False)
    excluded: tuple[Exclusion, ...] = ()
    landmark: float | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        medians = {c.name: c.median.value for c in self.curves}
        events = dict(zip(GROUPS, self.events, strict=True))
        return {**super().to_dict(), "events": events, "test": self.test.with_note(), "medians": medians}


@dataclass(frozen=True)
class Bias(Result):
    """How much the naive comparison owes to immortal time.

    ratio: naive over time-dependent hazard ratio; below 1 where the naive one flatters treatment. immortal_time: time
    before treatment of those treated later, in the endpoint's unit; share: of all time the naive one calls treated.
    """

    ratio: float | None
    immortal_time: float
    share: float | None
    median_start: float | None


@dataclass(frozen=True)
class Sensitivity(Result):
    """The comparison without some patients."""

    name: str
    rule: str
    left_out: int
    naive: TimedComparison
    time_dependent: TimedComparison
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TreatmentTiming(Result):
    """A treatment with a start: naive, landmark and time-dependent comparison, and what sets them apart.

    levels: of the treatment, untreated and treated, as the file has them.
    """

    treatment: str
    label: str
    endpoint: str
    endpoint_label: str
    unit: str
    origin: str
    n: int
    n_treated: int
    n_events: int
    excluded: tuple[Exclusion, ...]
    naive: TimedComparison
    landmark: TimedComparison | None
    time_dependent: TimedComparison
    landmarks: tuple[TimedComparison, ...]
    bias: Bias
    sensitivity: tuple[Sensitivity, ...]
    guardrails: tuple[Guardrail, ...]
    ci: CiMethod
    level: float
    ties: str
    notes: tuple[str, ...] = ()
    levels: tuple[str, ...] = field(default=(), repr=False)

    @property
    def comparisons(self) -> tuple[TimedComparison, ...]:
        """The three of them, where they exist."""
        return tuple(c for c in (self.naive, self.landmark, self.time_dependent) if c is not None)

    def to_frame(self) -> pd.DataFrame:
        """One row a comparison: approach, landmark, n, n_treated, n_events, hazard_ratio, limits, p, test_p."""
        names = ("approach", "landmark", "n", "n_treated", "n_events", "hazard_ratio", "ci_lower", "ci_upper", "p")
        rows = [{**{k: c.to_dict()[k] for k in names}, "test_p": c.test.p} for c in self.comparisons]
        return frame_of(rows)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        left_out = ("naive", "landmark", "time_dependent")
        fields = {k: v for k, v in super().to_dict().items() if k not in left_out}
        return {**fields, "comparisons": [c.to_dict() for c in self.comparisons]}


@answers
@public
def treatment_timing(
    cohort: Cohort,
    endpoint: str = "",
    treatment: str = "",
    *,
    landmark: float | None = None,
    landmarks: float | Iterable[float] = (),
    start: str | None = None,
    cycles: str | None = None,
    min_followup_days: float = 60,
    min_cycles: int = 3,
    ci: CiMethod = "log-log",
    level: float = 0.95,
) -> TreatmentTiming:
    """Compares treated with untreated patients where treatment starts after the endpoint's origin [4].

    Args:
        treatment: a yes/no column; by default the treatment of the dictionary. endpoint: by default its main one.
        landmark: in the endpoint's unit; by default the time by which half of the treated had started, rounded up.
        landmarks: more of them, to see how the answer moves; by default the quartiles of the starts.
        start, cycles: columns; see `treatment_course`.
        min_followup_days, min_cycles: of the sensitivity reruns, 0 leaves a rerun out.

    Raises:
        AnalysisError: a column doesn't exist or doesn't fit, or a landmark is negative.

    Example:
        >>> treatment_timing(cohort, "PRS", "ici").n_treated
        22
    """
    later = numbers_in(landmarks, "landmarks")
    if any(not x >= 0 for x in (*later, *((landmark,) if landmark is not None else ()))):
        raise AnalysisError("a landmark must be a time of zero or more")
    treatment = treatment or cohort.dictionary.treatment
    if not treatment:
        raise AnalysisError("which treatment? the dictionary names none; name a yes/no column")
    endpoint = endpoint or cohort.dictionary.role("main_endpoint")
    course = treatment_course(cohort, endpoint, treatment, start=start, cycles=cycles)
    starts = course.start[course.treated]
    if landmark is None and len(starts):
        landmark = float(math.ceil(np.median(starts) - noise_of(course.time)))
    if not later and len(starts):
        later = tuple(sorted({round(float(q), 1) for q in np.quantile(starts, (0.25, 0.5, 0.75))}))
    naive, timed = naive_comparison(course, ci, level), time_dependent(course, ci, level)
    reruns = _reruns(course, min_followup_days, min_cycles, ci, level)
    return TreatmentTiming(
        treatment=course.treatment, label=course.label, endpoint=course.endpoint,
        endpoint_label=course.endpoint_label, unit=course.unit, origin=course.origin, n=len(course),
        n_treated=int(course.treated.sum()), n_events=int(course.event.sum()), excluded=course.excluded, naive=naive,
        landmark=landmark_comparison(course, landmark, ci, level) if landmark is not None else None,
        time_dependent=timed, landmarks=tuple(landmark_comparison(course, t, ci, level) for t in later),
        bias=_bias(course, naive, timed), sensitivity=reruns, guardrails=(*course.guardrails, *_immortal(course)),
        ci=ci, level=level, ties="efron", notes=(*course.notes, *_notes(course)),
        levels=course.levels,
    )  # fmt: skip


# ---------------------------------------------------------------- the three ways
def naive_comparison(course: Course, ci: CiMethod = "log-log", level: float = 0.95) -> TimedComparison:
    """Ever against never treated, all time from the origin: what immortal time flatters."""
    zero = np.zeros(len(course))
    return _compare(course, "naive", zero, course.time, course.event, course.treated, ci, level)


def landmark_comparison(
    course: Course, landmark: float, ci: CiMethod = "log-log", level: float = 0.95
) -> TimedComparison:
    """Groups by treatment up to the landmark, among those still under observation after it; time from there [1]."""
    gone = course.time <= landmark + noise_of(course.time)
    left = replace(course, excluded=()).without(
        (f"event by the landmark of {landmark:g} {course.unit}", gone & course.event),
        (f"last follow-up by the landmark of {landmark:g} {course.unit}", gone & ~course.event),
    )
    treated = left.treated & (left.start <= landmark + noise_of(left.time))
    result = _compare(left, "landmark", np.zeros(len(left)), left.time - landmark, left.event, treated, ci, level)
    later = int((left.treated & ~treated).sum())
    notes = (f"{plural(later, 'patient')} treated after the landmark: counted as untreated",) if later else ()
    return replace(result, landmark=float(landmark), excluded=left.excluded, notes=(*result.notes, *notes))


def time_dependent(course: Course, ci: CiMethod = "log-log", level: float = 0.95) -> TimedComparison:
    """Untreated until treatment starts, treated from then on [2, 3]; equal to R's coxph(Surv(start, stop, event)).

    Who starts on the day of the event or of the last follow-up is never at risk as treated.
    """
    switch = course.treated & (course.start < course.time)
    before = ~switch | (course.start > 0)  # rows without treatment
    begin = np.concatenate([np.zeros(int(before.sum())), course.start[switch]])
    end = np.concatenate([np.where(switch, course.start, course.time)[before], course.time[switch]])
    event = np.concatenate([(course.event & ~switch)[before], course.event[switch]])
    treated = np.repeat([False, True], [int(before.sum()), int(switch.sum())])
    result = _compare(course, "time-dependent", begin, end, event, treated, ci, level)
    test = replace(result.test, name="Mantel-Byar")
    same = int((course.treated & ~switch).sum())
    notes = (f"{plural(same, 'patient')} started at the end of follow-up: never at risk as treated",) if same else ()
    return replace(result, n=len(course), n_treated=int(switch.sum()), test=test, notes=(*result.notes, *notes))


def _compare(
    course: Course, approach: Approach, begin: np.ndarray, end: np.ndarray, event: np.ndarray, treated: np.ndarray,
    ci: CiMethod, level: float,
) -> TimedComparison:  # fmt: skip
    codes = treated.astype(np.int64)
    table = count_intervals(begin, end, event, codes, GROUPS)
    ratio, p, note = _hazard_ratio(begin, end, event, treated, level)
    if ratio.value is not None and (few := _too_few(table, ratio)):
        ratio, p, note = replace(ratio, value=None, lower=None, upper=None), None, few
    events = (int((event & ~treated).sum()), int((event & treated).sum()))
    notes = [note] if note else []
    notes += (
        early_notes(table) if approach == "time-dependent" else small_groups(zip(table.strata, table.n, strict=True))
    )
    return TimedComparison(
        approach=approach, n=len(end), n_treated=int(treated.sum()), n_events=int(event.sum()), events=events,
        hazard_ratio=ratio, p=p, test=given(table, log_rank(table)), curves=curves(table, ci, level),
        notes=tuple(notes),
    )  # fmt: skip


def _too_few(table: RiskTable, ratio: Estimate) -> str:
    """Why the groups are too small for a hazard ratio, in words; Firth's profile limits need no expected events."""
    few = too_few(groups_of(table), EXPECTED_IN_MODEL if ratio.method.startswith("Cox") else 0)
    return f"{TOO_FEW}: {few}" if few else ""


def _hazard_ratio(
    begin: np.ndarray, end: np.ndarray, event: np.ndarray, treated: np.ndarray, level: float
) -> tuple[Estimate, float | None, str]:
    """Treated against untreated with Wald limits and p; None with the reason."""
    nothing = Estimate(None, None, None, level, "Cox, Efron ties")
    if treated.all() or not treated.any():
        return nothing, None, "one group only: nothing to compare"
    likelihood = likelihood_of(end, event, treated.astype(float), entry=begin)
    fit = maximise(likelihood)
    if fit.status == "monotone":
        return _firth(likelihood, level)
    b, variance = float(fit.coefficients[0]), float(fit.covariance[0, 0])
    if not (np.isfinite(b) and np.isfinite(variance) and variance > 0):
        return nothing, None, WHY_NOT.get(fit.status, WHY_NOT["nothing to estimate"])
    se, z = math.sqrt(variance), float(ndtri(0.5 + level / 2))
    ratio = Estimate(_exp(b), _exp(b - z * se), _exp(b + z * se), level, "Cox, Efron ties")
    note = "a limit is beyond the range of numbers" if None in (ratio.lower, ratio.upper) else ""
    return ratio, float(2 * ndtr(-abs(b / se))), note


def _exp(value: float) -> float | None:
    """None where there is no value, or none that a number can hold."""
    return math.exp(max(value, -LARGEST)) if math.isfinite(value) and value < LARGEST else None


def _firth(likelihood: PartialLikelihood, level: float) -> tuple[Estimate, float | None, str]:
    """Where only one group has events while both are under observation: the penalised estimate, profile limits."""
    fit = fit_firth(likelihood, level)
    if not fit.converged or not len(fit.coefficients):
        return Estimate(None, None, None, level, "Firth"), None, WHY_NOT["monotone"]
    value, lower, upper = (_exp(float(v[0])) for v in (fit.coefficients, fit.ci_lower, fit.ci_upper))
    ratio = Estimate(value, lower, upper, level, "Firth, profile likelihood")
    p = float(fit.p[0])
    note = "while both groups are under observation, only one has events: Firth's penalised likelihood, profile limits"
    if missing := [side for side in ("lower", "upper") if getattr(ratio, side) is None]:
        note += f", no {joined(missing)} limit found"
    return ratio, p if math.isfinite(p) else None, note


# ---------------------------------------------------------------- what sets them apart
def _bias(course: Course, naive: TimedComparison, timed: TimedComparison) -> Bias:
    a, b = naive.hazard_ratio.value, timed.hazard_ratio.value
    starts, followed = course.start[course.treated], course.time[course.treated].sum()
    return Bias(
        a / b if a is not None and b else None,
        float(starts.sum()),
        float(starts.sum() / followed) if followed > 0 else None,
        float(np.median(starts)) if len(starts) else None,
    )


def _reruns(
    course: Course, min_followup_days: float, min_cycles: int, ci: CiMethod, level: float
) -> tuple[Sensitivity, ...]:
    runs = []
    if min_followup_days > 0:
        least = min_followup_days / DAYS_PER_UNIT[course.unit]
        reason = f"follow-up under {min_followup_days:g} days"
        runs.append(_rerun(course, "follow-up", reason, course.time >= least, ci, level, (
            "patients who died early are left out too: the rule itself looks into the future",
        )))  # fmt: skip
    if min_cycles > 0 and not np.isnan(course.cycles[course.treated]).all():
        reason = f"treated with fewer than {min_cycles} cycles, or their number not recorded"
        kept = ~course.treated | (course.cycles >= min_cycles)  # NaN compares false
        runs.append(_rerun(course, "cycles", reason, kept, ci, level, (
            f"to get {min_cycles} cycles a patient must live long enough for them: the rule favours the treated",
        )))  # fmt: skip
    return tuple(runs)


def _rerun(
    course: Course, name: str, reason: str, kept: np.ndarray, ci: CiMethod, level: float, notes: tuple[str, ...]
) -> Sensitivity:
    left = course.without((reason, ~kept))
    return Sensitivity(
        name, f"without: {reason}", int((~kept).sum()), naive_comparison(left, ci, level),
        time_dependent(left, ci, level), notes,
    )  # fmt: skip


def _immortal(course: Course) -> tuple[Guardrail, ...]:
    late = course.start[course.treated & (course.start > 0)]
    if not len(late):
        return ()
    low, high = format_number(float(late.min())), format_number(float(late.max()))
    origin = course.origin or "time zero"
    return (
        Guardrail(
            "immortal-time",
            f"{course.label} began {low} to {high} {course.unit} after {origin} in {plural(len(late), 'patient')}",
            "they had to live until then; counted as treated time, it makes treatment look better than it is",
            "the naive comparison is shown only beside a landmark and a time-dependent analysis",
            "read the naive row by itself only where treatment starts with the endpoint",
        ),
    )


def _notes(course: Course) -> tuple[str, ...]:
    notes = []
    if not len(course):
        notes.append("no patients to analyse")
    elif not course.treated.any():
        notes.append("nobody was treated: nothing to compare")
    elif course.treated.all():
        late = (course.start > 0).any()
        how = "sooner or later: the time before treatment is the only comparison" if late else "from the start on"
        notes.append(f"everybody was treated {how}{'' if late else ': nothing to compare'}")
    elif not (course.start[course.treated] > 0).any():
        notes.append(f"treatment starts with {course.origin or 'time zero'} in everyone treated: no immortal time")
    return (*notes, NOT_RANDOM)
