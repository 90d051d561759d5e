"""FIGO stages: both editions side by side, and what tumour size and nodes imply for 2018."""

from necc import app
from necc.analysis.staging import restaging
from necc.present.tables import cohort as tables

cohort = app.cohort()
app.title(
    "FIGO stages", "Who changes stage from the 2009 and 2014 editions to that of 2018, and what size and nodes imply."
)
app.need(cohort, columns=[cohort.dictionary.role("stage_before")])
result = app.cached(restaging)(cohort)
app.numbers(
    ("with both editions", str(result.n)), ("in a different main stage", str(result.n_moved)),
    ("recorded as implied", str(result.agree)), ("recorded differently", str(len(result.disagree))),
    explain="restaging",
)  # fmt: skip
if result.n:
    app.show(tables.restaging_table(result), explain="restaging")
app.show(tables.implied_table(result), explain="restaging-implied")
if result.disagree and not app.get_state().presenting:
    app.show(tables.disagreement_table(result), explain="restaging-implied")
app.left_out(result)
