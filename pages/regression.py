"""Cox regression: covariates alone and together, and everything that says how far to believe them."""

from necc import app
from necc.app.views import regression
from necc.app.views import regression_answers as answers

cohort = app.cohort()
app.title("Cox regression", "How the hazard varies with each covariate, alone and together, and how far to trust it.")
app.need(cohort)

with app.controls():
    view = app.choose("cox-view", "Show", regression.VIEWS, fixed=True)
    endpoint = app.choose_endpoint(cohort)
question = regression.ask(cohort, endpoint)
answer = regression.answer(cohort, question)

if view == "Hazard ratios":
    regression.headline(answer)
    regression.cautions(cohort, answer)
    answers.hazard_ratios(answer)
if view == "Proportional hazards":
    answers.hazards(cohort, regression.model_of(answer))
if view == "Single patients":
    answers.single_patients(cohort, regression.model_of(answer))
if view == "Subgroups":
    answers.subgroup_view(cohort, question)
if view == "Stepwise":
    answers.selection_view(cohort, question)
if view == "Missing values":
    answers.imputation_view(cohort, question, regression.model_of(answer))
