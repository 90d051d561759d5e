"""Table 1 and groups side by side: which rows, which test, and where the choice of test decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from necc.analysis.baseline import Characteristics, by_sites, characteristics, table_names
from necc.analysis.baseline.results import Denominator
from necc.analysis.proportions import CONVENTIONS, Convention
from necc.app.session.cache import cached
from necc.app.widgets.choices import ALL_SITES, choose, choose_factor, choose_some, controls, options, switch
from necc.app.widgets.guards import guardrails
from necc.app.widgets.show import caption, need, show, style_sheet
from necc.core.cohort import Cohort
from necc.core.dictionary import Stage
from necc.core.guardrails import Guardrail
from necc.core.text import format_p
from necc.present.tables import baseline
from necc.present.tables.baseline import Numbers

STAGES: dict[Stage, str] = {"baseline": "At diagnosis", "recurrence": "At recurrence", "treatment": "After recurrence"}
CONVENTION_WORDS: dict[Convention, str] = {"paper": "As in the paper (SPSS)", "r": "R", "exact": "Exact"}
CONVENTION_HELP = (
    "As in the paper: uncorrected chi-square where every expected count is 5 or more, Yates' correction where the "
    "smallest is 1 to 5 and n is at least 40, Fisher's exact test otherwise. R: the defaults of chisq.test and "
    "wilcox.test. Exact: Fisher's test and permutation."
)
DENOMINATORS: dict[Denominator, str] = {"all": "All patients", "known": "Those recorded"}
# of what a percentage is, to begin with: as the paper's Table 1, and as its Table 4
USUAL_OF: dict[bool, Denominator] = {False: "all", True: "known"}
NUMBERS: dict[Numbers, str] = {"median": "Median (quartiles)", "mean": "Mean (SD)"}
LINES = {"all": "Every level", "short": "One line each"}
SHOWN = {"paper": "paper", "r": "R", "exact": "exact"}


def page(cohort: Cohort) -> None:
    """Who the patients are, all together or group by group, with differences and tests by a stated rule."""
    need(cohort)
    with controls():
        by = choose_factor(cohort, all_sites=True)
        names = choose_rows(cohort, by)
        with options():
            how = _choose_how(by)
    style_sheet("groups.css")
    if not names:
        caption("Choose at least one group of characteristics.")
    elif by == ALL_SITES:
        every_site = cached(by_sites)(
            cohort, names, convention=how.convention, denominator=how.denominator, test=how.test,
            every_convention=how.every,
        )  # fmt: skip
        show(baseline.sites_table(every_site), explain="standardised-difference test-convention adjusted-p")
        caption("Choose one site under By to see its whole table, with counts.")
    else:
        result = cached(characteristics)(
            cohort, by, names, convention=how.convention, denominator=how.denominator, test=how.test,
            every_convention=how.every,
        )  # fmt: skip
        table = baseline.characteristics_table(result, how.numbers, how.lines == "all")
        show(table, explain="baseline-table missing-values standardised-difference test-convention adjusted-p")
        undecided(result)


@dataclass(frozen=True)
class _How:
    """How a table is made and tested. every: by all three conventions, side by side."""

    numbers: Numbers
    denominator: Denominator
    lines: str
    convention: Convention
    every: bool

    @property
    def test(self) -> Literal["mean", "rank"]:
        return "mean" if self.numbers == "mean" else "rank"


def _choose_how(by: str | None) -> _How:
    shown: Numbers = choose("groups-numbers", "Numbers as", tuple(NUMBERS), words=NUMBERS, fixed=True)
    denominator: Denominator = "known"
    lines, convention, every = "all", CONVENTIONS[0], False
    if by != ALL_SITES:
        denominator = choose(
            f"groups-of-{bool(by)}", "Percent of", tuple(DENOMINATORS), words=DENOMINATORS,
            default=USUAL_OF[bool(by)], fixed=True,
        )  # fmt: skip
        lines = choose("groups-lines", "Categories", tuple(LINES), words=LINES, fixed=True)
    if by:
        convention = choose(
            "groups-convention", "Tests", tuple(CONVENTION_WORDS), words=CONVENTION_WORDS, help=CONVENTION_HELP,
            fixed=True,
        )  # fmt: skip
        every = switch(
            "groups-every", "All three, side by side", help="Also shows where the choice decides; takes longer"
        )
    return _How(shown, denominator, lines, convention, every)


def choose_rows(cohort: Cohort, by: str | None) -> tuple[str, ...]:
    """The variables of a table, by when they become known."""
    there = tuple(stage for stage in STAGES if cached(table_names)(cohort, (stage,)))
    usual = there if by else there[:1]
    name = "groups-rows" if by else "groups-rows-all"
    stages = choose_some(name, "Characteristics", there, default=usual, words=STAGES, width=460, fixed=True)
    return cached(table_names)(cohort, stages, (by,) if by else ()) if stages else ()


def undecided(result: Characteristics) -> None:
    """Says which rows fall on different sides of 0.05 by the choice of the test."""
    rows = [row for row in result.rows if row.side_changes and row.conventions]
    messages = []
    for row in rows:
        p_values = ", ".join(f"{SHOWN[c]} {format_p(getattr(row.conventions, c).p)}" for c in CONVENTIONS)
        messages.append(
            Guardrail(
                "test-convention",
                f"{row.label}: p {p_values}",
                "the choice of test decides on which side of 0.05 p falls, so these data are not conclusive",
                "all three are shown",
                "choose the test before seeing its p, or report that the answer depends on it",
            )  # fmt: skip
        )
    guardrails(messages, title="Where the choice of the test decides")
