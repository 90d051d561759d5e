"""Prediction: models of several covariates against one simple number, on patients they haven't seen."""

from necc import app
from necc.app.views import prediction

cohort = app.cohort()
app.title(
    "Prediction",
    "Do models of several covariates predict better than one simple number, in patients they haven't seen?",
)
app.need(cohort)

with app.part():
    with app.controls():
        view = app.choose("prediction-view", "Show", prediction.VIEWS, fixed=True)
        endpoint = app.choose_endpoint(cohort)
    covariates = prediction.choose_covariates(cohort, endpoint)
    if view == "One patient":
        prediction.one_patient(cohort, endpoint, covariates)
    elif found := prediction.comparison(cohort, endpoint, covariates):
        prediction.verdict(found)
        if view == "Comparison":
            prediction.compared(found)
        if view == "Calibration":
            prediction.calibrated(found)
        if view == "Net benefit":
            prediction.useful(found)
        if view == "Importance":
            prediction.important(found)
        app.notes(found)
