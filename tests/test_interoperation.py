"""To other libraries and back: the same data gives the same numbers."""

from __future__ import annotations

import importlib.util
import subprocess
import warnings

import numpy as np
import pandas as pd
import pytest
from shown_results import sample

import necc
from necc.core.errors import AnalysisError

TERMS = ["n_sites", "site:lung", "figo_stage"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return necc.model_frame(sample(), "PRS", TERMS)


def test_a_models_data_are_numbers(frame):
    model = necc.cox(sample(), "PRS", TERMS)
    assert list(frame.columns) == ["time", "event", *(t.term for t in model.terms)]
    assert len(frame) == model.n and frame["event"].sum() == model.n_events and frame["event"].dtype == bool
    assert frame.drop(columns="event").dtypes.eq(float).all() and frame.notna().all().all()
    assert set(frame.index) <= set(sample().index)
    tens = necc.model_frame(sample(), "PRS", "age_years", per={"age_years": 10})
    assert np.allclose(tens["age_years"] * 10, sample().table.loc[tens.index, "age_years"])


def test_a_models_data_follow_the_reference():
    own = necc.model_frame(sample(), "PRS", "figo_stage", reference={"figo_stage": "III"})
    assert "figo_stage=I" in own and "figo_stage=III" not in own


def test_a_frame_is_not_the_cohorts(frame):
    copy = necc.model_frame(sample(), "PRS", TERMS)
    copy.loc[:, "time"] = 0
    assert (necc.model_frame(sample(), "PRS", TERMS)["time"] == frame["time"]).all()


def test_a_covariate_that_is_missing_is_told():
    with pytest.raises(AnalysisError, match="no variable 'nothing'"):
        necc.model_frame(sample(), "PRS", ["nothing"])


def test_lifelines_gives_the_same_cox_model(frame):
    from lifelines import CoxPHFitter

    theirs = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12}).summary
    ours = necc.cox(sample(), "PRS", TERMS).tidy("lifelines")
    shared = ["coef", "exp(coef)", "se(coef)", "coef lower 95%", "coef upper 95%", "exp(coef) lower 95%",
              "exp(coef) upper 95%", "cmp to", "z", "p", "-log2(p)"]  # fmt: skip
    assert list(theirs.columns) == list(ours.columns) == shared and list(theirs.index) == list(ours.index)
    assert np.allclose(theirs, ours, rtol=1e-7)


def test_lifelines_gives_the_same_curve(frame):
    from lifelines import KaplanMeierFitter

    whole = necc.model_frame(sample(), "PRS")
    theirs = KaplanMeierFitter().fit(whole["time"], whole["event"])
    ours = necc.kaplan_meier(sample(), "PRS").tidy("lifelines").set_index("timeline")
    assert np.allclose(theirs.survival_function_["KM_estimate"], ours["KM_estimate"])
    assert list(theirs.survival_function_.index) == list(ours.index)
    limits = theirs.confidence_interval_.iloc[1:]
    shown = ours.iloc[1:].loc[:, [f"KM_estimate_{end}_0.95" for end in ("lower", "upper")]]
    assert np.allclose(limits[list(shown.columns)], shown, equal_nan=True)
    assert theirs.event_table["observed"].tolist() == ours["observed"].tolist()


def test_scikit_survival_takes_it_and_gives_the_same(frame):
    util = pytest.importorskip("sksurv.util", reason="there is no scikit-survival for this Python or processor")
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.nonparametric import kaplan_meier_estimator

    y = util.Surv.from_dataframe("event", "time", frame)
    model = CoxPHSurvivalAnalysis(ties="efron").fit(frame.drop(columns=["time", "event"]).to_numpy(), y)
    ours = [t.coefficient for t in necc.cox(sample(), "PRS", TERMS).terms]
    assert np.allclose(model.coef_, ours, rtol=1e-5)
    time, survival = kaplan_meier_estimator(y["event"], y["time"])
    curve = necc.kaplan_meier(y["time"], y["event"]).curves[0]
    assert np.allclose(time, curve.time) and np.allclose(survival, curve.survival)


def test_arrays_come_back_as_a_model(frame):
    ours = necc.cox(sample(), "PRS", "n_sites").terms[0]
    whole = necc.model_frame(sample(), "PRS", "n_sites")
    back = necc.cox(whole["time"], whole["event"], whole[["n_sites"]].set_axis(["sites"], axis=1)).terms[0]
    assert np.isclose(back.coefficient, ours.coefficient) and np.isclose(back.p, ours.p)


def test_statsmodels_gives_the_same_cox_model(frame):
    if importlib.util.find_spec("statsmodels") is None:
        pytest.skip("statsmodels is no dependency: pip install statsmodels")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.duration.hazard_regression import PHReg

        x = frame.drop(columns=["time", "event"])
        theirs = PHReg(frame["time"], x, status=frame["event"].astype(int), ties="efron").fit()
    ours = necc.cox(sample(), "PRS", TERMS).tidy()
    assert np.allclose(theirs.params, ours["estimate"], rtol=1e-4)
    assert np.allclose(theirs.bse, ours["std.error"], rtol=1e-4)


def test_r_gives_the_same_cox_model(frame, rscript, tmp_path):
    frame.assign(event=frame["event"].astype(int)).to_csv(tmp_path / "data.csv", index=False)
    script = 'library(survival); d <- read.csv("data.csv"); cat(coef(coxph(Surv(time, event) ~ ., d)))'
    told = subprocess.run([rscript, "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    ours = necc.cox(sample(), "PRS", TERMS).tidy()["estimate"]
    assert np.allclose([float(x) for x in told.split()], ours, rtol=1e-5)


def test_rows_of_a_model_s_numbers_are_those_of_its_patients():
    """Who lacks a covariate stands among the others, so that rows counted from the first would be someone else's."""
    cohort = sample()
    frame = necc.model_frame(cohort, "PRS", ["tumor_size_cm"])
    size = cohort.table["tumor_size_cm"]
    assert len(frame) < len(cohort) and frame.index.tolist() == cohort.index[size.notna()].tolist()
    assert frame["tumor_size_cm"].tolist() == size[frame.index].tolist()
