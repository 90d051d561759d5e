"""Prediction: measures against scikit-survival and by hand, the comparison's rules, one patient's curve."""

from __future__ import annotations

import itertools
import json
import sys

import numpy as np
import pytest
from cohorts import cohort_of, from_sample, necc_cohort

from necc.analysis.prediction import LEARNERS, NOT_VALIDATED, Cancelled, compare_models, predict_patient
from necc.analysis.prediction.folds import horizon_of
from necc.analysis.prediction.metrics import (
    auc,
    brier,
    censoring,
    corrected_interval,
    harrell,
    integrated_brier,
    net_benefit,
    observed_survival,
    uno,
)
from necc.analysis.prediction.models import coarse, inner_folds, log_likelihood
from necc.analysis.prediction.results import Difference, ModelComparison, ModelPerformance, Score
from necc.core.errors import AnalysisError

COVARIATES = ["age_years", "figo_stage", "site:lung", "site:abdominal", "n_sites"]


def patients(seed: int, n: int = 60, digits: int = 0, effect: float = 0.8):
    """Times with ties, events, and a covariate that is associated with them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    time = np.round(rng.exponential(12 * np.exp(-effect * x)), digits) + 1
    return x, time, rng.random(n) < 0.65


# ---------------------------------------------------------------- measures against scikit-survival
@pytest.mark.parametrize("seed", range(5))
def test_measures_equal_scikit_survival(seed):
    from sksurv import metrics as judge
    from sksurv.util import Surv

    x, time, event = patients(seed, 90, digits=seed % 2)
    train = np.arange(90) < 55
    test = ~train & (time < np.sort(time[train])[-3])  # the judge asks for training to outlast the test
    risk = np.round(x, 1)[test]  # some risks are tied
    t, e = time[test], event[test]
    fitted, seen = Surv.from_arrays(event[train], time[train]), Surv.from_arrays(e, t)
    stays = censoring(time[train], event[train])
    assert harrell(t, e, risk) == pytest.approx(judge.concordance_index_censored(e, t, risk)[0], abs=1e-12)
    tau = float(np.quantile(t, 0.8))
    theirs = judge.concordance_index_ipcw(fitted, seen, risk, tau)[0]
    assert uno(t, e, risk, stays, tau) == pytest.approx(theirs, abs=1e-12)
    times = np.unique(np.quantile(t, [0.3, 0.5, 0.7]))
    theirs = judge.cumulative_dynamic_auc(fitted, seen, risk, times)[0]
    assert [auc(t, e, risk, stays, at) for at in times] == pytest.approx(theirs.tolist(), abs=1e-12)
    survival = np.exp(-np.outer(np.exp(risk / 2), times) / 15)
    _, scores = judge.brier_score(fitted, seen, survival, times)
    ours = brier(t, e, survival, stays, times)
    np.testing.assert_allclose(ours, scores, atol=1e-12)
    theirs = judge.integrated_brier_score(fitted, seen, survival, times)
    assert integrated_brier(ours, times) == pytest.approx(theirs, abs=1e-12)


def test_concordance_by_hand():
    """Events at 1 and 3, censored at 2 and 4: the pairs are 1-2, 1-3, 1-4, 3-4."""
    time, event = np.array([1.0, 2, 3, 4]), np.array([True, False, True, False])
    assert harrell(time, event, np.array([4.0, 3, 2, 1])) == 1
    assert harrell(time, event, np.array([4.0, 3, 1, 2])) == 3 / 4
    assert harrell(time, event, np.array([3.0, 3, 2, 1])) == 3.5 / 4
    assert harrell(time, np.zeros(4, bool), time) is None
    # nobody censored before 1 of 4, then G = 2/3 from 2 on: the event at 3 weighs (3/2)^2
    stays = censoring(time, event)
    assert uno(time, event, np.array([4.0, 3, 1, 2]), stays, 5.0) == pytest.approx(3 / (3 + 2.25))


def test_brier_by_hand():
    """At 2.5: dead at 1 (predicted 0.2), censored at 2 (no weight), alive twice (0.8, 0.5), weighted by 3/2."""
    time, event = np.array([1.0, 2, 3, 4]), np.array([True, False, True, False])
    score = brier(time, event, np.array([[0.2], [0.5], [0.8], [0.5]]), censoring(time, event), np.array([2.5]))
    assert score[0] == pytest.approx((0.2**2 + 1.5 * (0.2**2 + 0.5**2)) / 4)


def test_net_benefit_by_hand_and_without_censoring():
    """Ten patients, four events by 5: calling all at threshold 0.2 gives 0.4 - 0.6 / 4."""
    time = np.array([1.0, 2, 3, 4, 6, 7, 8, 9, 10, 11])
    event, risk = np.ones(10, bool), np.array([0.9, 0.8, 0.7, 0.1, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1])
    everyone = net_benefit(time, event, np.ones(10), 5, np.array([0.2]))
    assert everyone[0] == pytest.approx(0.4 - 0.6 * 0.25)
    assert net_benefit(time, event, risk, 5, np.array([0.5]))[0] == pytest.approx(3 / 10 - 1 / 10)
    assert net_benefit(time, event, risk, 5, np.array([0.95])) == (0.0,)
    assert net_benefit(np.array([1.0, 2]), np.zeros(2, bool), np.ones(2), 5, np.array([0.5])) == (None,)


def test_observed_survival_is_kaplan_meier():
    from necc.analysis.survival import kaplan_meier

    _, time, event = patients(3)
    km = kaplan_meier(cohort_of({"time": time, "event": event.astype(int)}), "T", times=[8]).at_times[0].estimate
    ours = observed_survival(time, event, 8, 0.95)
    assert (ours.value, ours.lower, ours.upper) == pytest.approx((km.value, km.lower, km.upper), rel=1e-12)
    assert observed_survival(time, event, 0.5, 0.95).value == 1
    assert observed_survival(np.array([1.0, 2]), np.array([True, False]), 3, 0.95).value is None


def test_corrected_interval_by_hand():
    """Four folds 1, 2, 3, 4 and a quarter left out: s^2 = 5/3, t(3) = 3.18244630528."""
    found = corrected_interval(np.array([1.0, 2, 3, 4]), 1 / 3, 0.95)
    reach = 3.182446305284263 * np.sqrt((1 / 4 + 1 / 3) * 5 / 3)
    assert (found.value, found.lower, found.upper) == pytest.approx((2.5, 2.5 - reach, 2.5 + reach), rel=1e-9)
    assert corrected_interval(np.array([1, np.nan, np.nan]), 1 / 3, 0.95).value is None


def test_partial_likelihood_equals_the_sum_written_out():
    x, time, event = patients(7, 25)
    expected = sum(x[i] - np.log(np.exp(x[time >= time[i]]).sum()) for i in np.flatnonzero(event))
    both = log_likelihood(time, event, np.column_stack([x, 0 * x]))
    assert both[0] == pytest.approx(expected, rel=1e-12)
    assert both[1] == pytest.approx(-sum(np.log((time >= time[i]).sum()) for i in np.flatnonzero(event)), rel=1e-12)


def test_folds_share_events_and_are_seeded():
    event = np.arange(53) < 21
    fold = inner_folds(event, 4)
    assert (fold == inner_folds(event, 4)).all() and not (fold == inner_folds(event, 5)).all()
    assert np.ptp(np.bincount(fold)) <= 1 and np.ptp(np.bincount(fold[event])) <= 1


def test_coarse_times_keep_order_and_are_few():
    time = np.random.default_rng(1).exponential(500, 2000)
    few = coarse(time)
    assert len(np.unique(few)) <= 60 and (few >= time).all()
    order = np.argsort(time)
    assert (np.diff(few[order]) >= 0).all()
    assert coarse(time[:100]) is not None and (coarse(time[:100]) == time[:100]).all()


# ---------------------------------------------------------------- the comparison
@pytest.fixture(scope="module")
def sample():
    return from_sample("reconstructed_cohort.csv")


@pytest.fixture(scope="module")
def found(sample):
    return compare_models(sample, "PRS", COVARIATES, repeats=2, times=[12, 24])


def test_every_model_has_every_measure(found):
    assert [m.name for m in found.models] == ["null", "single", *LEARNERS]
    assert found.n == 80 and found.n_events < found.n and found.excluded[0].n == 8
    assert (found.folds, found.repeats, found.times, found.time) == (5, 2, (12, 24), 24)
    for model in found.models:
        assert [(s.metric, s.time) for s in model.scores] == [
            ("harrell", None), ("uno", None), ("auc", 12), ("auc", 24), ("ibs", None)
        ]  # fmt: skip
        assert model.n_failed == 0 and all(s.n_folds == 10 for s in model.scores)
        for score in model.scores:
            low, value, high = score.estimate.lower, score.estimate.value, score.estimate.upper
            assert 0 <= value <= 1 and low <= value <= high and score.spread[0] <= value <= score.spread[1]
        assert sum(g.n for g in model.calibration) == found.n
        assert len(model.net_benefit) == len(found.thresholds)
    assert json.dumps(found.to_dict(), allow_nan=False)
    assert len(found.to_frame()) == 5 * len(found.models)


def test_no_model_is_chance_and_flatters_nobody(found):
    null = found.model("null")
    assert null.score("harrell").estimate.value == null.score("auc", 24).estimate.value == 0.5
    assert null.apparent == 0.5
    for name in ("cox", "forest", "boosting"):  # fitted to whom they are tried on, models look better
        assert found.model(name).apparent > found.model(name).score("harrell").estimate.value


def test_importance_and_selection_name_the_covariates(found):
    for name in LEARNERS:
        assert {i.covariate for i in found.model(name).importance} == set(COVARIATES)
    assert found.model("single").importance == () and {n for n, _ in found.model("coxnet").kept} == set(COVARIATES)


def test_nothing_beats_the_number_of_sites_is_said_by_rule(found):
    differences = [found.difference(name, "single") for name in LEARNERS]
    assert all(d.estimate.lower < 0 < d.estimate.upper for d in differences) and not found.beating
    assert found.verdict[0].startswith("No model is shown to order patients better than the number of sites alone")
    assert all(d.estimate.level == pytest.approx(1 - 0.05 / 4) for d in differences)
    assert found.difference("single", "null").estimate.level == 0.95


def test_the_same_seed_gives_the_same_answer(sample, found):
    again = compare_models(sample, "PRS", COVARIATES, repeats=2, times=[12, 24])
    assert again.to_dict() == found.to_dict()
    other = compare_models(sample, "PRS", COVARIATES, repeats=1, models=["cox"], importance=False, seed=2)
    assert other.model("cox").importance == () and other.seed == 2


def test_a_strong_covariate_beats_an_idle_one():
    rng = np.random.default_rng(0)
    n = 150
    x, idle = rng.normal(size=n), rng.normal(size=n)
    time = rng.exponential(10 * np.exp(-1.6 * x))
    cohort = cohort_of({"time": time, "event": (rng.random(n) < 0.8).astype(int), "x": x, "idle": idle})
    found = compare_models(
        cohort, "T", ["x", "idle"], comparator="idle", models=["cox", "coxnet"], repeats=2, importance=True
    )
    assert [m.name for m in found.beating] == ["cox", "coxnet"]
    assert found.verdict[0].startswith("Ordering patients better than idle alone")
    assert "Idle alone isn't shown to order" in found.verdict[1] and "Closer to what happened" in found.verdict[2]
    importance = found.model("cox").importance
    assert importance[0].covariate == "x" and importance[0].drop.lower > 0.1 > abs(importance[1].drop.value)
    # calibrated: x gives the hazard, of which 80 % are events; one standard error of 50 patients' survival is 0.07
    groups = found.model("cox").calibration
    survival = np.exp(-0.8 * found.time * np.exp(1.6 * np.sort(x)[::-1]) / 10)
    for group, truth in zip(groups, np.array_split(survival, 3), strict=True):
        assert group.n == 50 and group.predicted == pytest.approx(truth.mean(), abs=0.07)
        assert group.observed.lower < group.predicted < group.observed.upper
    assert groups[0].observed.value < groups[1].observed.value < groups[2].observed.value


def test_a_cohort_without_sites_is_compared_with_chance(sample):
    x, time, event = patients(2, 80)
    cohort = cohort_of({"time": time, "event": event.astype(int), "x": x})
    found = compare_models(cohort, "T", ["x"], models=["cox"], repeats=1)
    assert found.comparator is None and [m.name for m in found.models] == ["null", "cox"]
    assert "chance" in found.verdict[0]


# ---------------------------------------------------------------- figures and tables
def test_figures_and_tables_say_what_the_results_say(found, sample):
    from necc.present.figures import Style
    from necc.present.figures import prediction as draw
    from necc.present.tables.prediction import difference_table, models_table

    patient = predict_patient(sample, "PRS", ["age_years"], 0, bootstraps=20)
    empty = compare_models(sample.subset(np.arange(len(sample)) < 5), "PRS", ["age_years"])
    for style in (Style(), Style("dark", "presentation"), Style(size="print")):
        for result in (found, empty):
            for function in (draw.discrimination, draw.calibration, draw.net_benefit, draw.importance):
                figure = function(result, style)
                assert figure.to_svg().startswith("<svg") and json.loads(figure.to_json()) is not None
        figure = draw.patient_curve(patient, style)
        assert NOT_VALIDATED in figure.caption and NOT_VALIDATED in figure.alt and figure.to_svg()
    shown = draw.discrimination(found, Style())
    assert len(shown.spec["data"][0]["x"]) == 5 and "80 patients" in shown.caption
    table = models_table(found)
    assert len(table.rows) == 6 and found.verdict[0] in table.notes and len(table.columns) == 7
    assert len(difference_table(found).rows) == len(found.differences)
    assert models_table(empty).rows == () and "not estimable" in models_table(empty).notes[0]


# ---------------------------------------------------------------- small and degenerate
def test_too_few_events_are_not_estimable():
    x, time, _ = patients(1, 40)
    event = np.arange(40) < 9
    found = compare_models(cohort_of({"time": time, "event": event.astype(int), "x": x}), "T", ["x"])
    assert not found.estimable and found.verdict == ("The comparison is not estimable.",)
    assert any("9 events in 40 patients" in note for note in found.notes)
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_fewer_folds_where_events_are_few():
    x, time, _ = patients(1, 60)
    event = np.arange(60) % 4 == 0
    cohort = cohort_of({"time": time, "event": event.astype(int), "x": x})
    found = compare_models(cohort, "T", ["x"], models=["cox"], repeats=1)
    assert found.folds == 3 and any("3 folds instead of 5" in note for note in found.notes)


@pytest.mark.parametrize(
    "change",
    [
        {"x": [1.0] * 60},  # constant
        {"event": [0] * 60},
        {"time": [3.0] * 60},  # ties everywhere
        {"time": [0.0] * 60},
        {"event": [1] * 60},  # nobody censored
        {"x": [float(i >= 30) for i in range(60)], "event": [int(i >= 30) for i in range(60)]},  # separation
        {"y": [1.0] * 60},
        {"y": list(np.arange(60.0) % 7)},  # x twice
    ],
)
def test_degenerate_data_give_values_or_notes(change):
    x, time, event = patients(4)
    columns = {"time": time, "event": event.astype(int), "x": np.arange(60.0) % 7} | change
    cohort = cohort_of(columns)
    found = compare_models(cohort, "T", [c for c in columns if c in "xy"], repeats=1, importance=True)
    assert found.notes or found.estimable
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert "NaN" not in text and found.verdict


def test_one_patient_and_nobody():
    for n in (0, 1):
        cohort = cohort_of({"time": [2.0, 3.0], "event": [1, 0], "x": [1.0, 2.0]}).subset(np.arange(2) < n)
        assert not compare_models(cohort, "T", ["x"]).estimable


def test_covariates_from_the_future_are_said(sample):
    found = compare_models(sample, "PRS", ["ici", "age_years"], models=["cox"], repeats=1, importance=False)
    assert any("known only after time zero" in note for note in found.notes)


@pytest.mark.parametrize("name", ["prs_months", "died"])
def test_a_covariate_that_is_the_outcome_is_said(sample, name):
    found = compare_models(sample, "PRS", [name, "age_years"], models=["cox"], repeats=1, importance=False)
    one = predict_patient(sample, "PRS", [name, "age_years"], 0, bootstraps=20)
    for notes in (found.notes, one.notes):
        assert any("is a part of Post-recurrence survival itself" in note for note in notes)


def test_times_beyond_the_horizon_are_left_out_and_said(found, sample):
    got = compare_models(sample, "PRS", ["age_years"], models=["cox"], repeats=1, times=[12, 500], importance=False)
    assert got.times == (12,) and any("500" in note for note in got.notes)
    assert horizon_of(np.arange(1.0, 101)) == 91  # ten are still there


def test_progress_is_told_and_a_run_can_be_cancelled(sample):
    told = []
    compare_models(
        sample, "PRS", ["age_years"], models=["cox"], repeats=1, importance=False,
        progress=lambda share, what: told.append((share, what)),
    )  # fmt: skip
    shares = [share for share, _ in told]
    assert shares[0] == 0 and shares == sorted(shares) and shares[-1] < 1 and "Cox" in told[-1][1]
    left = itertools.count()
    with pytest.raises(Cancelled):
        compare_models(sample, "PRS", ["age_years"], cancelled=lambda: next(left) >= 3)
    assert next(left) == 4


def test_unknown_options_are_refused(sample):
    with pytest.raises(AnalysisError, match="no model 'svm'; there are cox"):
        compare_models(sample, "PRS", ["age_years"], models=["svm"])
    with pytest.raises(AnalysisError, match="at least one covariate"):
        compare_models(sample, "PRS", [])
    with pytest.raises(AnalysisError, match="two folds"):
        compare_models(sample, "PRS", ["age_years"], folds=1)


def test_without_scikit_survival_a_sentence_says_so(sample, monkeypatch):
    monkeypatch.setitem(sys.modules, "sksurv", None)
    monkeypatch.setitem(sys.modules, "sksurv.util", None)
    for ask in (
        lambda: compare_models(sample, "PRS", ["age_years"]),
        lambda: predict_patient(sample, "PRS", ["age_years"], 0),
    ):
        with pytest.raises(AnalysisError, match="needs scikit-survival"):
            ask()


def test_the_rule_of_beating_by_hand():
    """An interval above zero beats; one that touches it doesn't; Brier scores are better when lower."""
    from necc.core.estimate import Estimate

    assert Difference("a", "b", "harrell", Estimate(0.1, 0.01, 0.2)).better
    assert not Difference("a", "b", "harrell", Estimate(0.1, 0.0, 0.2)).better
    assert Difference("a", "b", "ibs", Estimate(-0.1, -0.2, -0.01)).better
    assert Difference("a", "b", "ibs", Estimate(0.1, 0.01, 0.2)).worse
    assert not Difference("a", "b", "ibs", Estimate(None, None, None)).better
    assert Score("ibs", None, Estimate(0.2, 0.1, 0.3), None, 4).label == "Integrated Brier score"
    assert ModelPerformance and ModelComparison


# ---------------------------------------------------------------- one patient
@pytest.mark.parametrize("model", list(LEARNERS))
def test_a_patients_curve_has_a_band_and_the_warning(sample, model):
    found = predict_patient(sample, "PRS", COVARIATES, 1, model=model, bootstraps=20)
    assert found.warning == NOT_VALIDATED and found.to_dict()["warning"] == NOT_VALIDATED
    s, low, high = found.survival, found.ci_lower, found.ci_upper
    assert s[0] == pytest.approx(1) and (np.diff(s) <= 1e-12).all()
    assert (
        (low <= s).all() and (s <= high).all() and (low >= 0).all() and (high <= 1).all() and (high - low).max() > 0.05
    )
    assert found.left_out and found.bootstraps == 20 and len(found.values) == len(COVARIATES)
    json.dumps(found.to_dict(), allow_nan=False)
    assert len(found.to_frame()) == len(found.time)


def test_the_patient_is_left_out_of_the_fit():
    x, time, event = patients(5, 50)
    columns = {"time": time, "event": event.astype(int), "x": x}
    changed = {
        **columns,
        "time": np.where(np.arange(50) == 0, 99.0, time),
        "event": np.where(np.arange(50) == 0, 0, event),
    }
    one, other = (predict_patient(cohort_of(c), "T", ["x"], 0, bootstraps=20) for c in (columns, changed))
    at = one.time[one.time < min(one.time[-1], other.time[-1])]
    own, same = (np.interp(at, p.time, p.survival) for p in (one, other))
    assert one.n == other.n == 49
    assert np.abs(own - same).max() < 0.05  # grids differ a little, the fits don't


def test_entered_values_equal_those_of_a_patient(sample):
    """The same values, entered: only that the patient is now among those fitted to differs."""
    values = {"age_years": 50, "figo_stage": "I", "site:lung": "with", "site:abdominal": "without", "n_sites": 1}
    found = predict_patient(sample, "PRS", COVARIATES, values, bootstraps=20)
    assert not found.left_out and found.n == 80
    assert found.values[0] == ("Age at diagnosis", "50 years") and found.values[-1][1] == "1"
    worse = predict_patient(sample, "PRS", COVARIATES, {**values, "n_sites": 3}, bootstraps=20)
    assert worse.survival[-1] < found.survival[-1]


@pytest.mark.parametrize(
    ("patient", "said"),
    [
        ({"age_years": 50}, "a value of 'figo_stage' is missing"),
        ({"age_years": 50, "figo_stage": "V"}, "'V' is not a level"),
        ({"age_years": 110, "figo_stage": "I"}, "lies outside"),
        ({"age_years": "old", "figo_stage": "I"}, "not a number"),
        (1000, "no patient 1001"),
    ],
)
def test_values_that_cannot_be_used_are_refused(sample, patient, said):
    with pytest.raises(AnalysisError, match=said):
        predict_patient(sample, "PRS", ["age_years", "figo_stage"], patient)


def test_a_curve_needs_events():
    cohort = necc_cohort({"age_years": [50.0, 60] * 8, "prs_months": list(range(1, 17)), "died": [1] * 8 + [0] * 8})
    with pytest.raises(AnalysisError, match="needs 10 at least"):
        predict_patient(cohort, "PRS", ["age_years"], {"age_years": 55})
