"""How good predictions are: discrimination, accuracy, calibration and net benefit, with censoring.

All take arrays of one group of patients. `stays` is the Kaplan-Meier estimate of not being censored, from the patients
that a model was fitted to; weighting by its inverse makes up for those censored. Answers are None where a group holds
nobody to compare.

References:
    1. Harrell FE, Califf RM, Pryor DB, Lee KL, Rosati RA. JAMA 1982;247:2543-6. doi:10.1001/jama.1982.03320430047030
    2. Uno H, Cai T, Pencina MJ, D'Agostino RB, Wei LJ. Stat Med 2011;30:1105-17. doi:10.1002/sim.4154
    3. Uno H, Cai T, Tian L, Wei LJ. J Am Stat Assoc 2007;102:527-37. doi:10.1198/016214507000000149 (AUC at a time)
    4. Graf E, Schmoor C, Sauerbrei W, Schumacher M. Stat Med 1999;18:2529-45.
       doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5 (Brier score)
    5. Vickers AJ, Cronin AM, Elkin EB, Gonen M. BMC Med Inform Decis Mak 2008;8:53. doi:10.1186/1472-6947-8-53
    6. Nadeau C, Bengio Y. Mach Learn 2003;52:239-81. doi:10.1023/A:1024068626366 (interval of a cross-validated mean)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from necc.analysis.survival import confidence_limits, survival_from_counts
from necc.core.estimate import Estimate
from necc.core.frozen import Frozen

TIED = 1e-8  # risks as near as this are equal


@dataclass(frozen=True, eq=False)
class Steps(Frozen):
    """A right-continuous step function that is 1 before its first step; both arrays of shape (n_steps,)."""

    time: np.ndarray
    value: np.ndarray

    def at(self, times: np.ndarray) -> np.ndarray:
        row = np.searchsorted(self.time, times, side="right")
        return np.append(1.0, self.value)[row]


def product_limit(time: np.ndarray, event: np.ndarray) -> Steps:
    """Kaplan-Meier survival of one group.

    time: float array, event: bool array, shape (n,).
    """
    grid, n_at_risk, events, _ = _counts(time, event)
    return Steps(grid, np.cumprod(1 - events / n_at_risk))


def censoring(time: np.ndarray, event: np.ndarray) -> Steps:
    """Kaplan-Meier estimate of not being censored; who has the event at a time leaves before those censored at it.

    time: float array, event: bool array, shape (n,).
    """
    grid, n_at_risk, events, censored = _counts(time, event)
    return Steps(grid, np.cumprod(1 - censored / np.maximum(n_at_risk - events, 1)))


def _counts(time: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    grid, codes = np.unique(time, return_inverse=True)
    events = np.bincount(codes, weights=event, minlength=len(grid))
    leaving = np.bincount(codes, minlength=len(grid))
    return grid, leaving[::-1].cumsum()[::-1], events, leaving - events


# ---------------------------------------------------------------- discrimination
def harrell(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> float | None:
    """Share of comparable pairs in which who has the event first has the higher risk [1]; ties count one half.

    time, risk: float arrays, event: bool array, shape (n,). None without a comparable pair.
    """
    return _concordance(time, event, risk, event.astype(float))


def uno(time: np.ndarray, event: np.ndarray, risk: np.ndarray, stays: Steps, tau: float) -> float | None:
    """Harrell's C with pairs weighted by the inverse chance of not being censored, up to `tau` [2].

    time, risk: float arrays, event: bool array, shape (n,); stays: of the patients the model was fitted to.
    """
    early = event & (time < tau)
    return _concordance(time, event, risk, _inverse(stays.at(time)) ** 2 * early)


def _concordance(time: np.ndarray, event: np.ndarray, risk: np.ndarray, weight: np.ndarray) -> float | None:
    rows = np.flatnonzero(weight > 0)
    t, w = time[rows, None], weight[rows, None]
    later = (time > t) | ((time == t) & ~event)
    gap = risk[rows, None] - risk
    tied = np.abs(gap) <= TIED
    total = (w * later).sum()
    if total <= 0:
        return None
    return float((w * later * np.where(tied, 0.5, gap > 0)).sum() / total)


def auc(time: np.ndarray, event: np.ndarray, risk: np.ndarray, stays: Steps, at: float) -> float | None:
    """Chance that who has had the event by `at` had a higher risk than who hasn't [3] (cumulative / dynamic).

    time, risk: float arrays, event: bool array, shape (n,); stays: of the patients the model was fitted to.
    """
    cases, controls = event & (time <= at), time > at
    w = _inverse(stays.at(time[cases]))
    if not w.sum() or not controls.any():
        return None
    gap = risk[cases, None] - risk[controls]
    wins = np.where(np.abs(gap) <= TIED, 0.5, gap > 0).mean(axis=1)
    return float((w * wins).sum() / w.sum())


# ---------------------------------------------------------------- accuracy
def brier(time: np.ndarray, event: np.ndarray, survival: np.ndarray, stays: Steps, times: np.ndarray) -> np.ndarray:
    """Mean squared distance of predicted survival from what happened, at each of `times` [4].

    survival: shape (n, n_times). NaN where nobody of the fitted patients was still under observation.
    """
    dead = event[:, None] & (time[:, None] <= times)
    alive = time[:, None] > times
    own, at = _inverse(stays.at(time))[:, None], stays.at(times)
    score = (survival**2 * dead * own + (1 - survival) ** 2 * alive * _inverse(at)).mean(axis=0)
    return np.where(at > 0, score, np.nan)


def integrated_brier(scores: np.ndarray, times: np.ndarray) -> float | None:
    """The mean of Brier scores over time, by the trapezium rule; None where one of them doesn't exist.

    scores, times: float arrays, shape (n_times,).
    """
    if len(times) < 2 or np.isnan(scores).any():
        return None
    return float(np.trapezoid(scores, times) / (times[-1] - times[0]))


def _inverse(share: np.ndarray) -> np.ndarray:
    return np.where(share > 0, 1 / np.where(share > 0, share, 1), 0.0)


# ---------------------------------------------------------------- calibration and decisions
def observed_survival(time: np.ndarray, event: np.ndarray, at: float, level: float) -> Estimate:
    """Kaplan-Meier survival at a time with log-log limits; not estimable where nobody was followed that far.

    time: float array, event: bool array, shape (n,).
    """
    method = "Kaplan-Meier, log-log"
    if not len(time):
        return Estimate(None, None, None, level, method)
    grid, n_at_risk, events, _ = _counts(time, event)
    survival, se = survival_from_counts(n_at_risk, events)
    row = int(np.searchsorted(grid, at, side="right")) - 1
    if row < 0:
        return Estimate(1.0, None, None, level, method)
    if row == len(grid) - 1 and at > grid[row] and survival[row] > 0:
        return Estimate(None, None, None, level, method)
    limits = confidence_limits(survival[row : row + 1], se[row : row + 1], "log-log", level)
    lower, upper = (float(v[0]) if np.isfinite(v[0]) else None for v in limits)
    return Estimate(float(survival[row]), lower, upper, level, method)


def net_benefit(
    time: np.ndarray, event: np.ndarray, risk: np.ndarray, at: float, thresholds: np.ndarray
) -> tuple[float | None, ...]:
    """Net benefit of calling high-risk those with a predicted risk at `at` of a threshold or more [5].

    Events among them by Kaplan-Meier, so that those censored before `at` count as far as they were followed.
    """
    answers: list[float | None] = []
    for threshold in thresholds:
        called = risk >= threshold
        if not called.any():
            answers.append(0.0)
            continue
        alive = observed_survival(time[called], event[called], at, 0.95).value
        if alive is None:
            answers.append(None)
            continue
        odds = threshold / (1 - threshold)
        answers.append(float(called.mean() * ((1 - alive) - alive * odds)))
    return tuple(answers)


# ---------------------------------------------------------------- uncertainty
def corrected_interval(values: np.ndarray, test_share: float, level: float) -> Estimate:
    """Mean over folds with the corrected resampled t interval [6].

    The folds' training sets overlap, so the variance of their mean is (1/J + n_test/n_train) s^2, not s^2/J.
    values: shape (n_folds,), NaN where a fold had no answer; not estimable where that is more than half of them.

    Args:
        test_share: patients left out in a fold, over those fitted to.
    """
    method = "corrected resampled t"
    known = values[~np.isnan(values)]
    if len(known) < 2 or 2 * len(known) < len(values):
        return Estimate(None, None, None, level, method)
    mean, n = float(known.mean()), len(known)
    spread = float(np.sqrt((1 / n + test_share) * known.var(ddof=1)))
    reach = float(stdtrit(n - 1, 0.5 + level / 2)) * spread
    return Estimate(mean, mean - reach, mean + reach, level, method)
