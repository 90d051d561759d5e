"""Models of one column fitted together: the numbers of each by itself, and no answer where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from cohorts import cohort_of
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.regression import alone, univariate
from necc.analysis.regression.alone import Counted, maximise_alone
from necc.analysis.regression.design import FEW_TO_SORT, _distinct, build_design
from necc.analysis.regression.firth import fit_firth
from necc.analysis.regression.fitting import Maximum, maximise
from necc.analysis.regression.model import fit_design, fit_each
from necc.analysis.regression.small import expected_events, refused, too_few_in
from necc.analysis.regression.unbounded import firth_of, limit_of
from necc.core.counts import Wanted, summed

NUMBERS = ("loglik_null", "loglik", "score_statistic", "wald_statistic")
NAMES = ["two", "rare", "gaps", "none", "score", "age", "three"]


def made(n, n_times, seed=0, effect=0.0):
    """Covariates of two levels, one with gaps and one that is the same in all, numbers, and one of two columns."""
    rng = np.random.default_rng(seed)
    two, age = rng.integers(0, 2, n), rng.normal(50, 12, n).round(1)
    time = np.ceil(rng.exponential(1.0, n) * np.exp(-effect * two) * n_times / 3)
    gaps = [None if missing else f"g{level}" for missing, level in zip(rng.random(n) < 0.2, two, strict=True)]
    return cohort_of(
        {"time": np.minimum(time, n_times).tolist(), "event": rng.integers(0, 2, n).tolist(),
         "two": [f"t{k}" for k in two], "rare": [f"r{k}" for k in (rng.random(n) < 0.1).astype(int)], "gaps": gaps,
         "none": ["same"] * n, "score": rng.integers(0, 6, n).tolist(), "age": age.tolist(),
         "three": [f"l{k}" for k in rng.integers(0, 3, n)]}
    )  # fmt: skip


def designs_of(cohort, names=NAMES):
    return [build_design(cohort, "T", [name]) for name in names]


def check(ours: Maximum, theirs: Maximum) -> None:
    assert (ours.status, ours.ties, ours.df, ours.n, ours.n_events) == (
        theirs.status, theirs.ties, theirs.df, theirs.n, theirs.n_events)  # fmt: skip
    assert ours.free.tolist() == theirs.free.tolist() and ours.separated.tolist() == theirs.separated.tolist()
    assert ours.coefficients == pytest.approx(theirs.coefficients, rel=1e-9, abs=1e-11)
    assert ours.covariance == pytest.approx(theirs.covariance, rel=1e-9)
    for name in NUMBERS:
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9, abs=1e-9), name


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.sampled_from([2, 7, 90]), st.integers(0, 10**6), st.sampled_from(["efron", "breslow"]))
def test_of_a_few_patients_each_is_what_it_is_by_itself(n, n_times, seed, ties):
    cohort = made(n, n_times, seed)
    names = [name for name in NAMES if cohort.column(name).notna().any()]
    for design, found in zip(designs := designs_of(cohort, names), maximise_alone(designs, ties), strict=True):
        theirs = maximise(design.likelihood(ties))
        if found is None:
            continue
        assert len(design.columns) == 1
        check(found, theirs)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(("n", "n_times"), [(400, 90), (400, 5), (3000, 12)], ids=["few tied", "many", "most"])
@pytest.mark.parametrize("effect", [0.0, 3.0])
def test_where_there_is_a_maximum_it_is_found(n, n_times, ties, effect):
    designs = designs_of(made(n, n_times, effect=effect))
    found = maximise_alone(designs, ties)
    assert [f is not None for f in found] == [name not in ("none", "three") for name in NAMES]
    for design, ours in zip(designs, found, strict=True):
        if ours is not None:
            check(ours, maximise(design.likelihood(ties)))


@pytest.mark.parametrize("n_times", [5, 170, 500])
def test_who_else_is_fitted_changes_no_digit(monkeypatch, n_times):
    """At 170 times the events are near the limit from which ties are summed in closed form, and beyond it with gaps."""
    designs = designs_of(made(400, n_times))
    tied = {m.tied for d in designs if (m := Counted.of(d))}
    assert tied == {5: {True}, 170: {True, False}, 500: {False}}[n_times]
    together = fit_each(designs, "efron", 0.95, "firth")
    by_themselves = [fit_design(design, "efron", 0.95, "firth") for design in designs]
    monkeypatch.setattr(alone, "AT_ONCE", 100)
    in_parts = fit_each(designs, "efron", 0.95, "firth")
    for ours, *others in zip(together, by_themselves, in_parts, strict=True):
        for theirs in others:
            assert ours.fit.coefficients.tobytes() == theirs.fit.coefficients.tobytes()
            assert ours.fit.covariance.tobytes() == theirs.fit.covariance.tobytes()
            assert [getattr(ours.fit, n) for n in NUMBERS[:2]] == [getattr(theirs.fit, n) for n in NUMBERS[:2]]


def test_what_has_no_finite_maximum_is_left_to_those_who_tell_so():
    n = 40
    event = [1, 0] * (n // 2)
    spared = ["b" if not e and i % 3 else "a" for i, e in enumerate(event)]
    early = ["x", *["y"] * (n - 1)]
    cohort = cohort_of(
        {
            "time": list(range(1, n + 1)),
            "event": event,
            "spared": spared,
            "order": list(range(n, 0, -1)),
            "early": early,
        }
    )
    designs = designs_of(cohort, ["spared", "order", "early"])
    assert maximise_alone(designs, "efron") == [None, None, None]
    assert all(maximise(d.likelihood("efron")).status == "monotone" for d in designs)
    assert [row.terms[0].method for row in univariate(cohort, "T", ["spared", "order"]).rows] == ["firth profile"] * 2


@settings(max_examples=150, deadline=None)
@given(
    st.integers(3, 40), st.integers(2, 40), st.integers(2, 4), st.floats(0.1, 0.9), st.integers(0, 10**6),
    st.sampled_from(["efron", "breslow"]),
)  # fmt: skip
def test_of_a_likelihood_that_keeps_rising_the_answers_are_those_of_rows(n, times, k, share, seed, ties):
    rng = np.random.default_rng(seed)
    cohort = cohort_of(
        {"time": rng.integers(1, times + 1, n).tolist(), "event": (rng.random(n) < share).astype(int).tolist(),
         "x": rng.integers(0, k, n).tolist()}
    )  # fmt: skip
    (design,) = designs_of(cohort, ["x"])
    likelihood, model = design.likelihood(ties), Counted.of(design)
    theirs = maximise(likelihood)
    assert bool(model and model.rises) == (theirs.status == "monotone")
    if not model or not model.rises:
        return
    ours, firth, rows = limit_of(model, ties), firth_of(model, ties), fit_firth(likelihood)
    assert (ours.status, ours.n, ours.n_events, ours.df) == (theirs.status, theirs.n, theirs.n_events, theirs.df)
    assert ours.coefficients.tolist() == theirs.coefficients.tolist()
    assert ours.separated.all() and theirs.separated.all()
    assert np.isnan(ours.covariance).all() and np.isnan(theirs.covariance).all()
    for name in NUMBERS[:3]:
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9, abs=1e-9), name
    assert (firth is not None) == rows.converged
    if firth:
        for name in ("coefficients", "covariance", "ci_lower", "ci_upper", "loglik_null", "loglik"):
            assert getattr(firth, name) == pytest.approx(getattr(rows, name), rel=1e-8, abs=1e-8, nan_ok=True), name
        # where the data say nothing p is near 1, and the root of a difference that is rounding
        assert firth.p == pytest.approx(rows.p, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("time", "event"), [([], []), ([1], [1]), ([1, 2], [0, 0]), ([1, 1], [1, 1]), ([2, 1], [1, 0])]
)
def test_of_hardly_anybody_nothing_is_made_up(time, event):
    n = len(time)
    filler = 2  # a column needs values to be one; these patients have no event status
    cohort = cohort_of(
        {"time": [*time, *[5.0] * filler], "event": [*event, *[0] * filler], "x": ["a", "b", "a", "b"][: n + filler]}
    ).subset(np.arange(n + filler) < n)
    (found,) = maximise_alone(designs_of(cohort, ["x"]), "efron")
    assert found is None or maximise(designs_of(cohort, ["x"])[0].likelihood("efron")).status == "converged"


def test_counts_say_what_the_patients_say():
    for name in ("two", "gaps", "age"):
        design = build_design(made(200, 40), "T", [name])
        assert design.counts is not None and design.counts.sum() == len(design.rows)
        expected = expected_events(design.time, design.event)
        n, e = np.bincount(design.pattern), np.bincount(design.pattern, weights=expected)
        assert design.counts.sum(axis=(1, 2)).tolist() == n.tolist()
        assert (
            design.counts[:, 1].sum(axis=1).tolist()
            == np.bincount(design.pattern[design.event], minlength=len(n)).tolist()
        )
        compared = [[("a", design.patterns[:, 0] == 1), ("b", design.patterns[:, 0] == 0)]]
        few = too_few_in(compared, design.pattern, expected, least=e[0] + 1)
        assert few != [""] and refused(design) == [""]


def test_rows_that_stand_for_several_patients_are_so_many():
    cohort, names = made(400, 6), ["two", "gaps", "score"]
    counts = summed(cohort, Wanted(endpoints=("T",), names=tuple(names)))
    assert len(counts) < len(cohort)
    fits = [maximise_alone(designs_of(c, names), "efron") for c in (counts, cohort)]
    for ours, theirs in zip(*fits, strict=True):
        assert ours is not None and theirs is not None
        check(ours, theirs)


def test_a_table_larger_than_its_patients_isnt_made():
    n = 2000
    rng = np.random.default_rng(3)
    cohort = cohort_of({"time": (rng.permutation(n) + 1).tolist(), "event": [1] * n, "x": rng.normal(size=n).tolist()})
    design = build_design(cohort, "T", ["x"])
    assert design.counts is None and maximise_alone([design], "efron") == [None]
    assert fit_design(design, "efron", 0.95, "firth").fit.converged


@pytest.mark.parametrize(
    "values",
    [np.arange(5000) % 77, np.arange(5000) % 77 - 40.0, np.arange(5000) / 4, np.full(5000, 3.0), -np.ones(2000),
     np.r_[np.zeros(5000), 1e300], np.r_[np.arange(3000), 0.5], np.arange(3.0), np.zeros(0)],
)  # fmt: skip
def test_counted_values_are_those_that_sorting_finds(values):
    ours, theirs = _distinct(values), np.unique(values, return_inverse=True)
    assert FEW_TO_SORT < 2000
    for one, other in zip(ours, theirs, strict=True):
        assert one.tolist() == other.tolist()
