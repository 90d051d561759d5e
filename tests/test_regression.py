"""Cox's partial likelihood and its diagnostics against R's survival (recorded by tests/recorded/cox.R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from necc.analysis.regression import fit_cox
from necc.analysis.regression import partial as partial_likelihood
from necc.analysis.regression.concordance import concordance
from necc.analysis.regression.diagnostics import (
    dfbeta,
    martingale_residuals,
    proportionality_tests,
    schoenfeld_residuals,
    variance_inflation,
)
from necc.analysis.regression.ties import TieMethod
from necc.core.errors import AnalysisError

R = json.loads((Path(__file__).parent / "recorded" / "cox.json").read_text(encoding="utf-8"))
SMALL = json.loads((Path(__file__).parent / "recorded" / "cox_small.json").read_text(encoding="utf-8"))["cases"]
CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def columns(name, *wanted):
    """Columns of a recorded data set without incomplete rows, as R leaves them out."""
    table = np.array([[np.nan if v is None else v for v in R["data"][name][c]] for c in wanted], dtype=float)
    return table[:, ~np.isnan(table).any(axis=0)]


def dummies(values):
    return np.column_stack([values == v for v in np.unique(values)[1:]]).astype(float)


def design(case):
    """time, event, covariates and options of the R calls in tests/recorded/cox.R."""
    data = case.split("_")[0]
    options = {"ties": "breslow"} if case.endswith("breslow") else {}
    if case.startswith("lung_numbers"):
        time, event, *x = columns(data, "time", "status", "age", "ph.karno", "wt.loss")
        return time, event, np.column_stack(x), options
    if data == "lung":
        time, event, age, sex, ecog = columns(data, "time", "status", "age", "sex", "ph.ecog")
        if case == "lung_factors":
            return time, event, np.column_stack([age, sex == 2, dummies(ecog)]), options
        if case == "lung_strata":
            return time, event, np.column_stack([age, dummies(ecog)]), {"strata": sex}
        keep = ecog < 3
        woman, levels = (sex == 2)[keep], dummies(ecog[keep])
        x = np.column_stack([age[keep], woman, levels, levels * woman[:, None]])
        return time[keep], event[keep], x, options
    if data == "veteran":
        time, event, trt, cell, karno, age = columns(data, "time", "status", "trt", "celltype", "karno", "age")
        return time, event, np.column_stack([trt, dummies(cell), karno, age]), options
    if data == "ovarian":
        time, event, age, rx, rest, ps = columns(data, "futime", "fustat", "age", "rx", "resid.ds", "ecog.ps")
        if case == "ovarian_weights":
            return time, event, np.column_stack([age, rx]), {"weights": 1.0 + (ps == 2)}
        return time, event, np.column_stack([age, rx, rest]), options
    if data == "heart":
        start, stop, event, *x = columns(data, "start", "stop", "event", "age", "surgery", "transplant")
        return stop, event, np.column_stack(x), {"entry": start}
    time, event, a, b = columns(data, "time", "event", "a", "b")
    x = np.column_stack([a, dummies(b)] if data == "crowd" else [a, b, 1 - a] if case == "tied_alias" else [a, b])
    return time, event, x, options


TERMS = {"lung_factors": [[0], [1], [2, 3, 4]], "lung_strata": [[0], [1, 2, 3]]}
TERMS |= {c: [[0], [1, 2, 3], [4], [5]] for c in ("veteran", "veteran_breslow")}
TERMS |= {c: [[0], [1, 2]] for c in ("crowd", "crowd_breslow")}


def fitted(case):
    time, event, x, options = design(case)
    return fit_cox(time, event == 1, x, **options), R["cases"][case]


def small_fitted(case):
    """A cohort of tests/recorded/cox_small.R, whose zeros and ones are written as words."""
    digits = lambda word: np.array(list(word), dtype=float)  # noqa: E731
    options = {"ties": case["ties"], "entry": case["entry"]}
    options["strata"] = None if case["strata"] is None else digits(case["strata"])
    x = np.column_stack([digits(word) for word in case["x"]])
    return fit_cox(case["time"], digits(case["event"]) == 1, x, **options)


def grid_of(case):
    time, _, _, options = design(case)
    return np.unique(np.concatenate([time, options.get("entry", time)]))


@pytest.mark.parametrize("case", R["cases"])
def test_estimates_and_tests_equal_r(case):
    fit, r = fitted(case)
    assert fit.converged
    known = [v is not None for v in r["coef"]]
    assert (np.isfinite(fit.coefficients) == known).all()
    assert fit.coefficients[known] == pytest.approx([v for v in r["coef"] if v is not None], rel=1e-9, abs=1e-10)
    assert fit.se[known] == pytest.approx([s for s, k in zip(r["se"], known, strict=True) if k], rel=1e-9)
    assert (fit.n, fit.n_events, fit.df) == (r["n"], r["events"], r["lr"][1])
    assert [fit.loglik_null, fit.loglik] == pytest.approx(r["loglik"], rel=1e-12)
    assert fit.lr_statistic == pytest.approx(r["lr"][0], rel=1e-9)
    assert fit.score_statistic == pytest.approx(r["score"][0], rel=1e-9)
    assert fit.wald_statistic == pytest.approx(r["wald"], rel=1e-9)


@pytest.mark.parametrize("case", SMALL, ids=lambda c: c["seed"])
def test_small_cohorts_equal_r_or_are_monotone_where_r_warns(case):
    fit = small_fitted(case)
    if case["infinite"]:
        assert fit.status == "monotone" and fit.separated.any()
        assert not np.isfinite(fit.coefficients[fit.separated]).any()
        return
    known = np.array([v is not None for v in case["coef"]])
    assert fit.status == ("converged" if known.any() else "no events")
    assert (np.isfinite(fit.coefficients) == known).all()
    assert fit.coefficients[known] == pytest.approx([v for v in case["coef"] if v is not None], rel=1e-9, abs=1e-9)
    assert fit.se[known] == pytest.approx([s for s, k in zip(case["se"], known, strict=True) if k], rel=1e-9)
    assert [fit.loglik_null, fit.loglik] == pytest.approx(case["loglik"], rel=1e-12)


@pytest.mark.parametrize(
    ("case", "transform"), [(c, t) for c, r in R["cases"].items() for t in r.get("zph", {})], ids=lambda v: v
)
def test_proportional_hazards_equal_cox_zph(case, transform):
    fit, r = fitted(case)
    terms = TERMS.get(case, [[j] for j in range(len(fit.coefficients))])
    tests = proportionality_tests(fit, [(str(t), t) for t in terms], grid_of(case), transform)
    table = r["zph"][transform]
    if len(terms) > 1:
        assert tests[-1].term == "GLOBAL"
    assert [t.statistic for t in tests][: len(table)] == pytest.approx([row[0] for row in table], rel=1e-8)
    assert [t.df for t in tests][: len(table)] == [row[1] for row in table]
    assert [t.p for t in tests][: len(table)] == pytest.approx([row[2] for row in table], rel=1e-8)


@pytest.mark.parametrize("case", [c for c, r in R["cases"].items() if "dfbeta" in r])
def test_residuals_equal_r(case):
    fit, r = fitted(case)
    labels = [str(j) for j in range(len(fit.coefficients))]
    assert np.allclose(dfbeta(fit), r["dfbeta"], **CLOSE)
    assert np.allclose(martingale_residuals(fit), r["martingale"], **CLOSE)
    transform = "km" if "km" in r["zph"] else "identity"
    for name, scaled in (("scaledsch", True), ("schoenfeld", False)):
        ours = schoenfeld_residuals(fit, labels, grid_of(case), transform, scaled=scaled).residuals
        theirs = np.array(r[name])
        # R keeps the order of the file among tied events, so each time's residuals are compared as a set
        assert np.allclose(np.sort(ours, axis=0), np.sort(theirs, axis=0), **CLOSE)
    ours = schoenfeld_residuals(fit, labels, grid_of(case), "km")
    assert np.allclose(ours.x, r["x"], **CLOSE)
    assert np.allclose(ours.residuals.mean(axis=0), fit.coefficients, **CLOSE)


@pytest.mark.parametrize("case", [c for c in R["cases"] if c not in ("heart", "ovarian_weights", "tied_alias")])
@pytest.mark.parametrize("cells", [0, 10**9], ids=["by levels", "by table"])
def test_concordance_equals_r(case, cells, monkeypatch):
    monkeypatch.setattr("necc.analysis.regression.concordance.MOST_CELLS", cells)
    fit, r = fitted(case)
    time, event, x, options = design(case)
    strata = np.unique(options.get("strata", np.zeros(len(time))), return_inverse=True)[1]
    codes = np.unique(time, return_inverse=True)[1]
    c = concordance(codes, event == 1, x @ fit.coefficients, strata, np.ones(len(time), dtype=int))
    assert [c.value, c.se] == pytest.approx(r["concordance"], rel=1e-10)


def test_concordance_by_hand():
    # events at 1, 2, 3, a censoring at 3: of the six pairs five are concordant (2 and 3 are not)
    c = concordance(
        np.array([1, 2, 3, 3]),
        np.array([1, 1, 1, 0], bool),
        np.array([4.0, 2, 3, 1]),
        np.zeros(4, int),
        np.ones(4, int),
    )
    assert (c.concordant, c.discordant, c.tied, c.value) == (5, 1, 0, pytest.approx(5 / 6, rel=1e-15))
    tied = concordance(np.array([1, 2]), np.array([1, 0], bool), np.zeros(2), np.zeros(2, int), np.ones(2, int))
    assert (tied.value, tied.tied) == (0.5, 1)
    nothing = concordance(np.array([1, 1]), np.array([1, 1], bool), np.zeros(2), np.zeros(2, int), np.ones(2, int))
    assert nothing.value is None and nothing.se is None


def test_variance_inflation_is_the_determinant_formula():
    fit, _ = fitted("veteran")
    assert variance_inflation(fit.covariance, TERMS["veteran"]) == pytest.approx(R["vif"], rel=1e-9)
    assert variance_inflation(np.eye(1), [[0]]) == [None]


@pytest.mark.parametrize("d", [1, 2, 24, 25, 26, 60, 700])
@pytest.mark.parametrize("outside", [0.0, 1e-3, 5.0, 1e6])
def test_tied_sums_equal_the_plain_sums(d, outside):
    e0 = np.array([1.3 * d])
    s0 = e0 + outside
    sums = TieMethod("efron", np.array([d])).sums(s0, e0, third=True)
    f = np.arange(d, dtype=np.longdouble) / d
    c = np.longdouble(s0[0]) - f * np.longdouble(e0[0])
    assert float(sums.log[0]) == pytest.approx(float(np.log(c).sum()), rel=1e-14, abs=1e-14)
    for power, ours in ((1, sums.a), (2, sums.b), (3, sums.c)):
        for k, value in enumerate(ours):
            # what counts in the likelihood is the sum times e0^k against the first sum times s0^k
            scale = (c**-power).sum() * np.longdouble(s0[0] / e0[0]) ** k
            assert (
                abs(float((value[0] - (f**k / c**power).sum()) / scale)) < 1e-14 + 1e-15 * d
            )  # the last denominators are small differences


def by_hand():
    # Three patients, events at 1 (x = 1), 2 (x = 0), 3 (x = 1): L = u / (2u + 1) * 1 / (u + 1), greatest at 2u^2 = 1
    return np.array([1.0, 2, 3]), np.array([True] * 3), np.array([1.0, 0, 1])


def test_three_patients_by_hand():
    fit = fit_cox(*by_hand())
    u = np.sqrt(0.5)
    assert fit.coefficients[0] == pytest.approx(np.log(u), abs=1e-12)
    assert fit.loglik == pytest.approx(np.log(u / (2 * u + 1) / (u + 1)), abs=1e-12)
    information = 2 * u / (2 * u + 1) ** 2 + u / (u + 1) ** 2
    assert fit.se[0] == pytest.approx(information**-0.5, rel=1e-12)
    assert fit.loglik_null == pytest.approx(np.log(1 / 6), abs=1e-12)
    assert fit.score_statistic == pytest.approx((1 - 2 / 3 - 1 / 2) ** 2 / (2 / 9 + 1 / 4), rel=1e-12)


@pytest.mark.parametrize("case", ["lung_strata", "tied", "crowd", "heart"])
def test_rows_and_patterns_agree(case, monkeypatch):
    """The likelihood on patterns and the one on rows are two computations of the same."""
    fit, _ = fitted(case)
    monkeypatch.setattr(partial_likelihood, "CELLS_PER_ROW", -(10**9))
    time, event, x, options = design(case)
    other = fit_cox(time, event == 1, x, **options)
    assert np.allclose(fit.coefficients, other.coefficients, rtol=1e-10)
    assert np.allclose(fit.covariance, other.covariance, rtol=1e-10)
    assert fit.loglik == pytest.approx(other.loglik, rel=1e-13)


def test_the_order_of_patients_and_units_do_not_matter():
    time, event, x, options = design("lung_strata")
    fit = fit_cox(time, event == 1, x, **options)
    order = np.random.default_rng(1).permutation(len(time))
    other = fit_cox(time[order] / 30.4375, event[order] == 1, x[order] * 10 + 7, strata=options["strata"][order])
    assert np.allclose(other.coefficients * 10, fit.coefficients, rtol=1e-10)
    assert other.loglik == pytest.approx(fit.loglik, rel=1e-13)


def test_an_interval_cut_in_two_is_the_same_patient():
    time, event, x, _ = design("ovarian")
    fit = fit_cox(time, event == 1, x)
    cut = time / 2.5
    start, stop = np.concatenate([0 * time, cut]), np.concatenate([cut, time])
    twice = fit_cox(stop, np.concatenate([0 * event, event]) == 1, np.vstack([x, x]), entry=start - 1)
    assert np.allclose(twice.coefficients, fit.coefficients, rtol=1e-10)
    assert np.allclose(twice.covariance, fit.covariance, rtol=1e-9)


def test_rounding_noise_is_a_tie():
    x = np.array([1.0, 0, 1, 0, 1, 0])
    time = np.array([1, 0.1 + 0.2, 2, 0.3, 4, 5])
    assert fit_cox(time, time < 4.5, x).coefficients == fit_cox(time.round(6), time < 4.5, x).coefficients


# ---------------------------------------------------------------- bad input
N = 20
T, E, Z = np.arange(1.0, N + 1), np.ones(N, dtype=bool), np.random.default_rng(0).normal(size=N)


@pytest.mark.parametrize(
    ("x", "signs"),
    [
        (T > 10, [-1]),
        (np.column_stack([T > 10, Z]), [-1, None]),
        (T, [-1]),
        (-T, [1]),
    ],
)
def test_separation_is_named_not_numbered(x, signs):
    fit = fit_cox(T, E, x)
    assert fit.status == "monotone"
    assert not np.isfinite(fit.coefficients[0]) and np.sign(fit.coefficients[0]) == signs[0]
    assert np.isnan(fit.se[0]) and np.isnan(fit.wald_statistic)
    if len(signs) > 1:  # the other coefficient is that of the limit
        rest = fit_cox(T, E, Z, strata=T > 10)
        assert fit.coefficients[1] == pytest.approx(rest.coefficients[0], rel=1e-8)
        assert fit.se[1] == pytest.approx(rest.se[0], rel=1e-8)


def test_large_but_finite_estimates_are_not_separation():
    x = (T > 10).astype(float)
    x[0] = 1  # one event out of order
    fit = fit_cox(T, E, x)
    assert fit.converged and np.isfinite(fit.coefficients).all()


@pytest.mark.parametrize(
    ("time", "event", "x", "status"),
    [
        (T, ~E, Z, "no events"),
        (T[:0], E[:0], Z[:0], "no events"),
        (T[:1], E[:1], Z[:1], "nothing to estimate"),
        (T, E, np.ones(N), "nothing to estimate"),
        (T, E, np.zeros((N, 0)), "nothing to estimate"),
    ],
)
def test_nothing_to_estimate(time, event, x, status):
    fit = fit_cox(time, event, x)
    assert fit.status == status and np.isnan(fit.coefficients).all()


def test_all_at_one_time():
    fit = fit_cox(np.zeros(N), E, Z)
    assert fit.converged and fit.coefficients[0] == pytest.approx(0, abs=1e-12)


def test_a_duplicate_is_aliased():
    fit = fit_cox(T, E, np.column_stack([Z, Z * 2 + 1, T % 3]))
    assert list(np.isnan(fit.coefficients)) == [False, True, False]
    alone = fit_cox(T, E, np.column_stack([Z, T % 3]))
    assert np.allclose(fit.coefficients[[0, 2]], alone.coefficients, rtol=1e-10)


@pytest.mark.parametrize(
    "arguments",
    [
        {"time": T, "event": E, "x": np.where(T == 3, np.nan, Z)},
        {"time": np.where(T == 3, np.inf, T), "event": E, "x": Z},
        {"time": T, "event": E[:-1], "x": Z},
        {"time": T, "event": E, "x": Z, "entry": T},
        {"time": T, "event": E, "x": Z, "weights": T - 1},
        {"time": T, "event": E, "x": Z, "ties": "exact"},
    ],
)
def test_wrong_arrays_are_refused_in_words(arguments):
    with pytest.raises(AnalysisError):
        fit_cox(**arguments)


# seeds that a climb alone mistakes: as converged (a), without a verdict (b), with wrong terms (c), wrong errors (d)
MISTAKEN = {"a": (424,), "b": (37, 1192, 1414, 1736), "c": (57, 81, 147, 207), "d": (155, 251, 429)}


def many_directions(seed):
    """Sparse binary covariates, often separated in several directions at once."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(8, 90)), int(rng.integers(2, 6))
    x = (rng.random((n, p)) < rng.uniform(0.05, 0.6, p)).astype(float)
    time = np.ceil(rng.exponential(10, n) * np.exp(-2 * x[:, 0]))
    return time, rng.random(n) < 0.4, x


@pytest.mark.parametrize("seed", [*range(30), *(s for seeds in MISTAKEN.values() for s in seeds)])
def test_what_goes_to_infinity_and_what_remains_is_what_a_linear_program_says(seed):
    """The cone of directions that never lower the likelihood, from all pairs: its extent in each coefficient."""
    from scipy.optimize import linprog

    time, event, x = many_directions(seed)
    fit = fit_cox(time, event, x)
    free = np.flatnonzero(fit.free)
    gaps = np.unique(np.vstack([x[i] - x[time >= time[i]] for i in np.flatnonzero(event)]), axis=0)[:, free]

    def furthest(towards):
        return linprog(-towards, A_ub=-gaps, b_ub=np.zeros(len(gaps)), bounds=[(-1, 1)] * len(free)).x

    ends = np.array([[furthest(side * unit) for side in (1, -1)] for unit in np.eye(len(free))]).round(7) + 0.0
    reach = [{np.sign(ends[j, k, j]) for k in (0, 1)} - {0} for j in range(len(free))]
    assert [bool(r) for r in reach] == list(fit.separated[free])
    assert (fit.status == "monotone") == any(reach)
    for j, sides in zip(free, reach, strict=True):
        if len(sides) == 1:
            assert fit.coefficients[j] == sides.pop() * np.inf
        elif sides:
            assert np.isnan(fit.coefficients[j])
    # the others are those of the likelihood among patients whom a direction within the cone doesn't set apart
    inside = ends.sum(axis=(0, 1))
    limit = fit_cox(time, event, x, strata=(x[:, free] @ inside).round(5))
    rest = fit.free & ~fit.separated
    assert np.isfinite(fit.coefficients[rest]).all()
    assert fit.coefficients[rest] == pytest.approx(limit.coefficients[rest], rel=1e-7, abs=1e-9)
    assert fit.se[rest] == pytest.approx(limit.se[rest], rel=1e-7)
    assert fit.loglik == pytest.approx(limit.loglik, rel=1e-10)


@pytest.mark.parametrize(("n", "p"), [(3, 5), (6, 6), (10, 30)])
def test_more_terms_than_patients_is_said(n, p):
    rng = np.random.default_rng(n)
    fit = fit_cox(np.arange(n) + 1.0, np.ones(n, bool), rng.normal(size=(n, p)))
    assert fit.status == "more terms than patients" and np.isnan(fit.coefficients).all()
    assert np.isnan(fit.score_statistic)


@pytest.mark.parametrize("seed", range(60))
def test_separation_is_found_exactly_where_a_linear_program_finds_it(seed):
    """The likelihood rises for ever in direction b if b'x of each event is the largest at risk, not always equally."""
    from scipy.optimize import linprog

    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(4, 30)), int(rng.integers(1, 4))
    x = np.column_stack(
        [rng.integers(0, 2, n) if rng.random() < 0.7 else rng.normal(size=n).round(1) for _ in range(p)]
    )
    time, event = np.ceil(rng.exponential(10, n) * rng.choice([0.2, 1, 100])), rng.random(n) < 0.5
    entry = np.floor(time * rng.random(n)) - 0.5 if seed % 3 == 0 else np.full(n, -1.0)
    strata = rng.integers(0, 2, n) if seed % 4 == 0 else np.zeros(n, dtype=int)
    at_risk = [
        x[i] - x[(strata == strata[i]) & (time >= time[i]) & (entry < time[i])].astype(float)
        for i in np.flatnonzero(event)
    ]
    rises = False
    if at_risk:
        gaps = np.unique(np.vstack(at_risk), axis=0)
        rises = -linprog(-gaps.sum(axis=0), A_ub=-gaps, b_ub=np.zeros(len(gaps)), bounds=[(-1, 1)] * p).fun > 1e-7
    fit = fit_cox(time, event, x, entry=entry, strata=strata)
    assert (fit.status == "monotone") == rises
