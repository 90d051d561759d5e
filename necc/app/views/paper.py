"""The views of the page on the paper: the path through it, every cell computed again, and every check."""

from __future__ import annotations

from dataclasses import replace

from necc.app.session.cache import cached
from necc.app.views import audit as checks
from necc.app.views import reproduction as printed
from necc.app.views import stops
from necc.app.widgets import parts
from necc.app.widgets.choices import choose, controls, options, switch
from necc.app.widgets.show import caption, need, notes, numbers, show, style_sheet
from necc.core.cohort import Cohort
from necc.paper.audit import shipped_audit
from necc.present.tables.reproduction import cell_table
from necc.present.words.reproduction import strictness

SHOWN = 40  # cells that differ, on the page: with a filter on nearly all do, and the browser takes its time


def reproduction(cohort: Cohort) -> None:
    """A paper's tables and figures computed again, and whether they hold in other patients."""
    recipe, _ = printed.recipe()
    need(cohort)
    style_sheet("paper.css")
    with controls():
        own = printed.question() == "own"
        with options():
            admit = switch(
                "reproduction-admit", "Apply the paper's criteria", default=True,
                help="Patients excluded by the paper are excluded here too",
            )  # fmt: skip
        result = printed.reproduced(cohort, admit)
        table = printed.which(result) if result.cells else ""
        printed.another_paper()
    caption(printed.lead(recipe))
    parts.file_findings(result.findings, "recipe")
    notes(result)
    if not own:
        numbers(*printed.counted(result), explain="reproduction")
        caption(strictness(result))
    printed.flow(result)
    if own:
        printed.holds(result)
        printed.cannot(result)
    if table:
        printed.legend(own)
        printed.one_table(result, table, cohort, own)
    if not own:
        shown = cached(cell_table)(printed.presentable(result), marks=("differs", "cannot be checked"))
        show(replace(shown, rows=shown.rows[:SHOWN]), title="What differs or cannot be checked", name="open",
             download=cached(cell_table)(result), explain="reproduction")  # fmt: skip
        if len(shown.rows) > SHOWN:
            caption(f"The first {SHOWN} of {len(shown.rows):,}; the download contains all of them, and what agrees.")


def audit(cohort: Cohort) -> None:
    """What arithmetic alone shows about the printed figures of a paper."""
    with controls():
        view = choose("audit-view", "Audit", checks.VIEWS, fixed=True)
    if view == "the shipped paper":
        report = shipped_audit()
        caption(f"{report.title}. {report.reference}")
        checks.report(report, "shipped")
    if view == "numbers of any paper":
        checks.form()
    if view == "a file of claims":
        checks.upload()


VIEWS = {**stops.STOPS, "Reproduction": reproduction, "Audit": audit}
