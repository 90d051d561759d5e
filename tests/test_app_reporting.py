"""The pages on prediction, reporting and validation: what they show is what the core computes."""

from __future__ import annotations

import pytest
from page_helpers import charts, choose, failures, open_page, press, words

from necc.analysis.prediction import NOT_VALIDATED, compare_models
from necc.present.validation import sheet
from necc.present.words.checklists import checklist

FEW = ["age_years", "n_sites"]


@pytest.fixture
def quick(monkeypatch):
    """Fewer repeats: the page's own are for people, who have seconds."""
    from necc.app.views import prediction

    def fewer(*args, **options):
        return compare_models(*args, repeats=1, **options)

    monkeypatch.setattr(prediction, "compare_models", fewer)
    monkeypatch.setattr(prediction, "BOOTSTRAPS", dict.fromkeys(prediction.BOOTSTRAPS, 20))


def test_the_comparison_waits_to_be_asked_and_gives_its_verdict(app_test, quick):
    app = open_page(app_test(), "prediction")
    assert not failures(app) and "50 times each" in words(app) and not charts(app)
    app = choose(app, "prediction-covariates", FEW)
    app = press(app, "Compare the models")
    told = words(app)
    assert not failures(app) and "No model is shown to order patients better than the number of sites alone" in told
    assert "not analysed" not in told.lower() and len(charts(app)) == 2
    for view, drawn in (("Calibration", 1), ("Net benefit", 1), ("Importance", 1)):
        app = choose(app, "prediction-view", view)
        assert not failures(app) and len(charts(app)) == drawn and "No model is shown to order" in words(app)
    app = choose(app, "importance-model", "coxnet")
    assert "Share of fits in which the penalty kept it" in words(app)


def test_other_covariates_ask_again(app_test, quick):
    app = open_page(app_test(), "prediction")
    app = press(choose(app, "prediction-covariates", FEW), "Compare the models")
    app = choose(app, "prediction-covariates", ["age_years"])
    assert "No model is shown to order" not in words(app) and any(b.label == "Compare the models" for b in app.button)


def test_without_covariates_a_sentence(app_test):
    app = open_page(app_test(), "prediction")
    app = press(choose(app, "prediction-covariates", []), "Compare the models")
    assert not failures(app) and "Name at least one covariate" in words(app)


def test_one_patient_always_has_the_warning(app_test, quick):
    app = choose(open_page(app_test(), "prediction"), "prediction-view", "One patient")
    assert NOT_VALIDATED in words(app) and not charts(app)
    app = choose(app, "prediction-covariates", FEW)
    app = press(app, "Draw the curve")
    assert not failures(app) and len(charts(app)) == 1 and words(app).count(NOT_VALIDATED) >= 2
    app = choose(app, "patient-age_years", "400")
    app = press(app, "Draw the curve")
    assert not failures(app) and "lies outside" in words(app) and not charts(app)
    app = choose(app, "patient-source", "a patient of the cohort")
    app = press(app, "Draw the curve")
    assert not failures(app) and "fitted without this patient" not in words(app) and len(charts(app)) == 1


def test_presentation_shows_no_patient(app_test):
    app = open_page(app_test(view="presentation"), "prediction")
    assert not failures(app) and "SYN-" not in words(app)


def test_readings_methods_and_checklists(app_test):
    from cohorts import from_sample

    app = open_page(app_test(), "reporting")
    told = words(app)
    assert not failures(app) and "Log-rank test: p = 0.009." in told and "They name no cause" in told
    app = choose(app, "report-view", "Methods text")
    text = words(app)
    assert not failures(app) and "Kaplan-Meier method with Greenwood's variance" in text and "(Holm)" in text
    assert "Computed with necc" in text
    cohort = from_sample("reconstructed_cohort.csv")
    for view in ("REMARK", "STROBE"):
        app = choose(app, "report-view", view)
        told = words(app)
        assert not failures(app) and "To be filled by you" in told
        for answer in checklist(view.lower(), [], cohort).answers:
            assert answer.asks in told


def test_a_report_on_less_tells_less(app_test):
    app = open_page(app_test(), "reporting")
    app = choose(app, "report-analyses", ["Response"])
    app = choose(app, "report-view", "Methods text")
    text = words(app)
    assert "Objective response was CR or PR" in text and "Kaplan-Meier" not in text and "Cox" not in text


def test_a_report_on_parametric_curves_has_the_choices_of_their_view(app_test):
    app = open_page(app_test(), "survival")
    app = choose(app, "survival-view", "Parametric")
    app = choose(app, "families", ["weibull", "spline"])
    app = choose(app, "knots", 1)
    app = choose(app, "horizon-PRS", 90.0)
    app = app.switch_page("pages/report.py").run()
    app = choose(app, "report-analyses", ["Parametric curves"])
    told = words(choose(app, "report-view", "Methods text"))
    assert not failures(app) and "(Weibull and spline) were fitted by maximum likelihood" in told
    assert "1 inner knot" in told and "extrapolated to 90 months" in told and "lifelines" in told


CHOSEN = {  # page, view, choice, value; and what the Methods text says then and not before
    "limits": ("survival", {"ci": "plain"}, "and plain confidence limits", "and log-log confidence limits"),
    "response": ("immunotherapy", {"response": "final"}, "SD (final response)", "SD (best response)"),
    "denominator": ("immunotherapy", {"denominator": "treated"}, "out of treated", "out of evaluable"),
    "percentages": (
        "groups", {"by": "site:abdominal", "groups-of-True": "all"}, "of all patients of a group",
        "of patients with a known value",
    ),
    "convention": (
        "groups", {"by": "site:abdominal", "groups-convention": "exact"}, "by permutation distributions of",
        "Yates' correction where",
    ),
    "numbers": (
        "groups", {"by": "site:abdominal", "groups-numbers": "mean"}, "Welch t test", "Mann-Whitney test",
    ),
    "ties": ("regression", {"cox-ties": "breslow"}, "Breslow's method for ties", "Efron's method for ties"),
    "adjustment": ("regression", {"cox-adjust": "bonferroni"}, "(Bonferroni)", "covariates (Holm)"),
    "covariates": (
        "regression", {"cox-together-PRS": ["n_sites", "site:lung"]}, "covariates Number of sites, Lung",
        "covariates Abdominal organs",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHOSEN)
def test_the_methods_text_says_what_the_pages_chose(app_test, what):
    page, choices, says, instead = CHOSEN[what]
    app = choose(open_page(app_test(), "reporting"), "report-view", "Methods text")
    before = words(app)
    assert instead in before and says not in before
    app = open_page(app, page)
    for name, value in choices.items():
        app = choose(app, name, value)
    app = choose(open_page(app, "report"), "report-view", "Methods text")
    after = words(app)
    assert not failures(app) and says in after and instead not in after


def test_the_sheet_is_shown_whole(app_test):
    app = open_page(app_test(), "validation")
    told = words(app)
    assert not failures(app) and all(c.estimator in told for c in sheet())
