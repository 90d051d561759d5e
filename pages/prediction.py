"""Prediction: models of several covariates against one simple number, on patients they haven't seen."""

from necc import app
from necc.app.views import prediction
from necc.present.figures import prediction as figures

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
    elif models := prediction.comparison(cohort, endpoint, covariates):
        prediction.verdict(models)
        if view == "Comparison":
            prediction.compared(models)
        if view == "Calibration":
            drawn = app.draw(figures.calibration, models)
            app.show(drawn, title="Predicted against observed", explain="calibration")
        if view == "Net benefit":
            app.show(app.draw(figures.net_benefit, models), title="Decision curve", explain="decision-curve")
        if view == "Importance":
            prediction.important(models)
        app.notes(models)
