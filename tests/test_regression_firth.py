"""Firth's penalised likelihood: against R's coxphf, by hand, and against an independent optimiser."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from necc.analysis.regression import likelihood_of
from necc.analysis.regression.firth import FirthFit, Penalised, fit_firth, penalised_likelihood_ratio

R = json.loads((Path(__file__).parent / "recorded" / "cox_firth.json").read_text(encoding="utf-8"))
CASES = [name for name in R if name != "coxphf_version"]


def likelihood(case, ties="breslow"):
    data = {k: np.array(v, dtype=float) for k, v in R[case]["data"].items()}
    x = np.column_stack([v for k, v in data.items() if k not in ("start", "futime", "fustat")])
    entry = data["start"] if data["start"].any() else None
    return likelihood_of(data["futime"], data["fustat"] == 1, x, entry=entry, ties=ties)


@pytest.mark.parametrize("case", CASES)
def test_equals_coxphf(case):
    fit, r = fit_firth(likelihood(case)), R[case]
    assert fit.converged
    # 2e-8: coxphf stops at changes of 1e-11 in standardised coefficients, but converges linearly
    assert fit.coefficients == pytest.approx(r["coef"], abs=2e-8)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(r["se"], rel=2e-8)
    assert fit.ci_lower == pytest.approx(r["lower"], abs=1e-8)
    assert fit.ci_upper == pytest.approx(r["upper"], abs=1e-8)
    assert fit.p == pytest.approx(r["p"], abs=1e-9)
    assert fit.lr_statistic == pytest.approx(r["lr"], rel=1e-9)


def test_one_event_by_hand():
    """One event among m exposed and m others: penalised, the likelihood is q^(3/2) (1 - q)^(1/2), greatest at q = 3/4.

    So the hazard ratio is 3, the variance 1 / (q (1 - q)) = 16 / 3, and the ratio against 1 follows. A report made with
    coxphf on 58 + 58 patients prints the same: 3, limits 0.1600409 and 437.7607, chi-square 0.5232481, p 0.4694594.
    """
    time, exposed = np.r_[1.0, np.full(115, 2.0)], np.r_[np.ones(58), np.zeros(58)]
    for ties in ("efron", "breslow"):
        fit = fit_firth(likelihood_of(time, time == 1, exposed, ties=ties))
        assert np.exp(fit.coefficients[0]) == pytest.approx(3, rel=1e-9)
        assert fit.covariance[0, 0] == pytest.approx(16 / 3, rel=1e-8)
        ratio = 3 * np.log(0.75 / 0.5) + np.log(0.25 / 0.5)
        assert fit.lr_statistic == pytest.approx(ratio, rel=1e-10)
        assert np.exp([fit.ci_lower[0], fit.ci_upper[0]]) == pytest.approx([0.1600409, 437.7607], rel=1e-6)
        assert fit.p[0] == pytest.approx(0.4694594, abs=5e-8)


def penalised_value(beta, time, event, x, efron=True):
    """The penalised log likelihood written down plainly, patient by patient."""
    hazard = np.exp(x @ beta)
    value, information = 0.0, np.zeros((x.shape[1],) * 2)
    for t in np.unique(time[event]):
        dead, at_risk = event & (time == t), time >= t
        value += (x[dead] @ beta).sum()
        for k in range(dead.sum()):
            w = hazard * (at_risk - (k / dead.sum() * dead if efron else 0))
            value -= np.log(w.sum())
            mean = w @ x / w.sum()
            information += (x - mean).T @ ((x - mean) * (w / w.sum())[:, None])
    return value + np.linalg.slogdet(information)[1] / 2


@pytest.mark.parametrize("efron", [True, False])
def test_an_independent_optimiser_finds_the_same(efron):
    from scipy.optimize import minimize

    data = {k: np.array(v) for k, v in R["ties"]["data"].items()}
    time, event = data["futime"], data["fustat"] == 1
    x = np.column_stack([data["a"], data["b"], data["c"]])
    fit = fit_firth(likelihood("ties", "efron" if efron else "breslow"))
    best = minimize(lambda b: -penalised_value(b, time, event, x, efron), np.zeros(3), method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000})  # fmt: skip
    assert fit.coefficients == pytest.approx(best.x, abs=1e-6)  # the simplex can't tell flatter differences
    assert fit.loglik == pytest.approx(-best.fun, abs=1e-11)
    limit = fit.coefficients.copy()
    limit[1] = fit.ci_lower[1]
    ridge = minimize(lambda b: -penalised_value(np.array([b[0], limit[1], b[1]]), time, event, x, efron), limit[[0, 2]],
                     method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})  # fmt: skip
    assert 2 * (fit.loglik + ridge.fun) == pytest.approx(3.841458820694124, abs=1e-9)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("kind", ["plain", "entry", "strata", "crowded"])
def test_the_gradient_is_that_of_the_value(ties, kind):
    rng = np.random.default_rng(3)
    n = 150
    x = np.column_stack([rng.integers(0, 2, n), rng.normal(size=n), rng.integers(0, 3, n)]).astype(float)
    time, event = np.ceil(rng.exponential(4, n)), rng.random(n) < 0.8
    options = {
        "plain": {},
        "entry": {"entry": np.floor(time * rng.random(n)) - 1},
        "strata": {"strata": rng.integers(0, 3, n), "weights": rng.choice([0.5, 1.0, 2.0], n)},
        "crowded": {},
    }[kind]
    if kind == "crowded":  # more ties than are summed one by one
        time = np.minimum(time, 3)
    penalised = Penalised(likelihood_of(time, event, x, ties=ties, **options), np.arange(3))
    beta, width = rng.normal(size=3) / 2, 1e-5
    slope = [(penalised.at(beta + d).value - penalised.at(beta - d).value) / (2 * width) for d in width * np.eye(3)]
    assert penalised.at(beta).gradient == pytest.approx(slope, abs=1e-7)  # differences of a value near 400


def test_a_group_is_tested_by_its_restricted_maximum():
    own = likelihood("ties")
    fit: FirthFit = fit_firth(own)
    assert penalised_likelihood_ratio(own, fit, np.arange(3)) == pytest.approx(fit.lr_statistic, rel=1e-9)
    from scipy.special import chdtrc

    for j in range(3):
        assert chdtrc(1, penalised_likelihood_ratio(own, fit, np.array([j]))) == pytest.approx(fit.p[j], abs=1e-9)


def test_separation_gives_finite_limits_that_hold_the_null_or_not():
    rng = np.random.default_rng(9)
    n = 88
    time, event, x = rng.exponential(10, n), rng.random(n) < 0.45, (rng.random(n) < 0.08).astype(float)
    event &= x == 0
    fit = fit_firth(likelihood_of(time, event, x))
    assert fit.converged and np.isfinite([fit.coefficients, fit.ci_lower, fit.ci_upper, fit.p]).all()
    assert fit.ci_lower[0] < fit.coefficients[0] < 0
    assert (fit.ci_upper[0] < 0) == (fit.p[0] < 0.05)


# ---------------------------------------------------------------- far limits, several maxima
def hard(seed):
    """Few patients and events; covariates with rare levels, or numbers of skewed spread."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(4, 60)), int(rng.integers(1, 6))
    x = (rng.random((n, p)) < rng.uniform(0.02, 0.6, p)).astype(float)
    if seed % 4 in (1, 2):
        z = rng.normal(size=n)
        x[:, 0] = z.round(1) if seed % 4 == 1 else np.exp(z * 1.5)
    spread = x[:, 0].std()
    shift = 2 * (x[:, 0] - x[:, 0].mean()) / spread if spread else np.zeros(n)
    time = np.ceil(rng.exponential(10, n) * np.exp(-np.clip(shift, -3, 3)))
    return time, rng.random(n) < rng.choice([0.1, 0.4, 0.9]), x


def test_of_several_maxima_the_highest_is_found():
    """Without differences as the start, the climb ends on a lower maximum, at a value of -17.95."""
    time, event, x = hard(2000246)
    own = likelihood_of(time, event, x)
    penalised = Penalised(own, np.arange(x.shape[1]))
    everything = np.ones(x.shape[1], dtype=bool)
    start = penalised.at(np.zeros(x.shape[1]))
    near, _, there = penalised.climb(start, start.information, everything)
    fit = fit_firth(own)
    assert there and fit.converged and fit.loglik > near.value + np.log(own.scale).sum() + 1.5
    assert fit.loglik == pytest.approx(penalised_value(fit.coefficients, time, event, x), abs=1e-9)
    rng = np.random.default_rng(0)
    others = [penalised.at(rng.normal(size=x.shape[1]) * 3) for _ in range(40)]
    ends = [penalised.climb(s, s.information, everything) for s in others if np.isfinite(s.value)]
    assert max(e.value for e, _, ok in ends if ok) <= penalised.at(fit.scaled).value + 1e-9
    again = fit_firth(own)
    assert np.array_equal(fit.coefficients, again.coefficients) and np.array_equal(fit.ci_upper, again.ci_upper)


@pytest.mark.parametrize("seed", [614, 894, 1206, 1538, 1962])
def test_limits_that_lie_far_away_are_found(seed):
    """A number of skewed spread, whose limit sets hazards more than exp(100) apart."""
    time, event, x = hard(seed)
    fit = fit_firth(likelihood_of(time, event, x))
    limits = np.array([fit.ci_lower[0], fit.ci_upper[0]])
    assert fit.converged and np.abs(limits).max() * np.ptp(x) > 100
    for limit in limits:
        value = penalised_value(np.array([limit]), time, event, x)
        assert 2 * (fit.loglik - value) == pytest.approx(3.841458820694124, abs=1e-7)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", [*range(0, 120), 2000246])
def test_a_profile_gives_limits_or_none_but_never_a_warning(seed):
    time, event, x = hard(seed)
    own = likelihood_of(time, event, x)
    if not event.any() or not own.free_of_alias().any() or x.shape[1] >= len(time):
        return
    fit = fit_firth(own)
    assert fit.converged
    known = np.isfinite(fit.ci_lower)
    assert (fit.ci_lower[known] < fit.coefficients[known]).all()
    known = np.isfinite(fit.ci_upper)
    assert (fit.coefficients[known] < fit.ci_upper[known]).all()
    assert not np.isinf([fit.ci_lower, fit.ci_upper, fit.p]).any()
