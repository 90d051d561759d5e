"""Groups: who the patients are, and whether groups differ, by a named test."""

from typing import Literal

from necc import app
from necc.analysis.baseline import by_sites, characteristics
from necc.analysis.baseline.results import Denominator
from necc.analysis.proportions import Convention
from necc.app.views import groups
from necc.present.tables import baseline

cohort = app.cohort()
app.title(
    "Groups", "Who the patients are, all together or group by group, with differences and tests by a stated rule."
)
app.need(cohort)

with app.controls():
    by = app.choose_factor(cohort, "groups-by", all_sites=True)
    names = groups.choose_rows(cohort, by)
    numbers = app.choose("groups-numbers", "Numbers as", tuple(groups.NUMBERS), words=groups.NUMBERS, fixed=True)
    denominator: Denominator = "known"
    lines = "all"
    if by != app.ALL_SITES:
        denominator = app.choose(
            f"groups-of-{bool(by)}", "Percent of", tuple(groups.DENOMINATORS), words=groups.DENOMINATORS,
            default=groups.USUAL_OF[bool(by)], fixed=True,
        )  # fmt: skip
        lines = app.choose("groups-lines", "Categories", tuple(groups.LINES), words=groups.LINES, fixed=True)
test: Literal["mean", "rank"] = "mean" if numbers == "mean" else "rank"
convention: Convention = "paper"
every = False
if by:
    with app.controls("controls-test"):
        convention = app.choose(
            "groups-convention", "Tests", tuple(groups.CONVENTION_WORDS), words=groups.CONVENTION_WORDS,
            help=groups.CONVENTION_HELP, fixed=True,
        )  # fmt: skip
        every = app.switch(
            "groups-every", "All three, side by side", help="Also shows where the choice decides; takes longer"
        )

app.style_sheet("groups.css")
if not names:
    app.caption("Choose at least one group of characteristics.")
elif by == app.ALL_SITES:
    every_site = app.cached(by_sites)(
        cohort, names, convention=convention, denominator=denominator, test=test, every_convention=every
    )
    app.show(baseline.sites_table(every_site), explain="standardised-difference test-convention adjusted-p")
    app.caption("Choose one site under By to see its whole table, with counts.")
else:
    result = app.cached(characteristics)(
        cohort, by, names, convention=convention, denominator=denominator, test=test, every_convention=every
    )
    groups.undecided(result)
    table = baseline.characteristics_table(result, numbers, lines == "all")
    app.show(table, explain="baseline-table missing-values standardised-difference test-convention adjusted-p")
