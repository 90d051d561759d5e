"""Reproduction: a paper's tables and figures computed again, and whether they hold in other patients."""

from necc import app
from necc.app.views import reproduction as paper
from necc.app.widgets import parts
from necc.paper.reproduction import reproduce
from necc.present.tables.reproduction import cell_table
from necc.present.words.reproduction import strictness

cohort = app.cohort()
recipe, findings = paper.recipe()
app.title("Reproduction", paper.lead(recipe))
app.need(cohort)
app.style_sheet("paper.css")

with app.controls():
    own = paper.question() == "own"
    admit = app.switch(
        "reproduction-admit",
        "Apply the paper's criteria",
        default=True,
        help="Patients excluded by the paper are excluded here too",
    )
    result = app.cached(reproduce)(cohort, recipe, findings, admit=admit)
    table = paper.which(result) if result.cells else ""
    paper.another_paper()

parts.file_findings(result.findings, "recipe")
app.notes(result)
if not own:
    app.numbers(*paper.counted(result), explain="reproduction")
    app.caption(strictness(result))
paper.flow(result)

if own:
    paper.holds(result)
    paper.cannot(result)
if table:
    paper.legend(own)
    paper.one_table(result, table, cohort, own)
if not own:
    shown = cell_table(paper.presentable(result), marks=("differs", "cannot be checked"))
    app.show(shown, title="What differs or cannot be checked", name="open", download=cell_table(result),
             explain="reproduction")  # fmt: skip
