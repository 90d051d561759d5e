"""What the path through a paper says: its stops, the question, and what each picture is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from necc.core.text import joined, plural
from necc.present.words.phrases import adjusted_for, capitalised, p_with_adjusted, ratio_estimate, sentences

if TYPE_CHECKING:
    from necc.analysis.flow import Flow
    from necc.analysis.survival import SurvivalGrid
    from necc.paper.audit import AuditReport, Check
    from necc.paper.literature import Literature
    from necc.paper.reproduction import Comparison, Recipe

DOI = "10.1186/s12885-022-09737-4"  # of the paper that ships
STOPS = {
    "Question": "What was asked", "Patients": "Who the patients were", "Findings": "What was found",
    "Doubts": "What doesn't add up", "Literature": "What others found", "Yours": "Does it hold in these patients?",
}  # fmt: skip
QUESTION = (
    "When a neuroendocrine cancer of the cervix has come back, does it matter for survival where it came back? The "
    "paper compares survival after the first recurrence between patients with and without a recurrence at each site."
)
TIMES = (
    "Time to recurrence runs from diagnosis to the first recurrence, post-recurrence survival from there to death or "
    "last contact. The site is known only at the recurrence, so the second is the time to compare by site."
)
TELLING = ("Site and survival", "Sites", "Brain", "Survival after recurrence")  # questions that 'Next' leads through
ALPHA = 0.05
END = "The path ends here. Lessons go through such questions step by step"
OWN = "your own file takes the place of these patients, and this page then asks whether the paper holds in them"
WHO = "Who they were"
BY_SITE = "Survival after recurrence, by site"
MEDIANS = "Median survival after recurrence, with and without a site"
WHEN = "Median time to recurrence, with and without the lung"
RATIOS = "Hazard ratios of the sites, printed and computed"
SURVIVAL = "Survival at 3 and 5 years after recurrence"
RESPONSE = "Objective response, with and without ICI"
NO_PICTURE = "Nothing published on this question is a number that a picture could show; the facts are below."


def asked(recipe: Recipe) -> tuple[str, ...]:
    """The question of the shipped paper with its source; of another paper its source alone."""
    where = " ".join(filter(None, (recipe.reference, f"doi:{recipe.doi}" if recipe.doi else "")))
    source = sentences(recipe.title, where)
    return (QUESTION, TIMES, source) if recipe.doi == DOI else (source,)


def chosen(flow: Flow) -> str:
    """Who was left out of the paper, and what that means for whom it tells about."""
    first, last = flow.steps[0].n, flow.steps[-1].n
    return (
        f"{first - last:,} of {plural(first, 'patient')} were left out. Whoever died soon after the recurrence may be "
        "among those followed for less than 60 days, and isn't in its survival."
    )


def doubtful(report: AuditReport) -> str:
    """How many checks there are, and how many don't come out."""
    n = report.counts
    return (
        f"Of {plural(len(report.checks), 'check')} of printed figures, {n['inconsistent']:,} are inconsistent and "
        f"{n['doubtful']:,} doubtful. Below the gravest of each kind; arithmetic shows what can't be right, not why."
    )


def check_title(check: Check) -> str:
    return f"{capitalised(check.kind)}: {check.where}"


def no_replication(notice: str) -> str:
    """What agreement with the paper means in these patients."""
    if notice:
        return (
            "These patients are synthetic, built from the figures that the paper prints. That they agree with it is no "
            "replication: load your own cohort to ask whether the findings hold."
        )
    return (
        "Each published hazard ratio beside that of these patients. A ratio is found again where both intervals "
        "exclude 1 on the same side; where an interval includes 1, the patients are too few to tell, or there is "
        "nothing to find."
    )


# ---------------------------------------------------------------- the answers
def filtered(n: int, of: int, printed: int | None, sample: bool) -> str:
    """That a filter is on, and of whom the paper's figures are. printed: the patients of the paper, as it counts."""
    whose = "all its patients" if printed is None else f"all {printed:,}" if sample else f"its own {printed:,}"
    return f"A filter is on: these are {n:,} of {plural(of, 'patient')}; the paper's figures are of {whose}."


def answer(grid: SurvivalGrid, ratios: Sequence[Comparison]) -> str:
    """At which sites survival differs, before and after adjusting for their number."""
    if not grid.n_tests:
        return "In these patients no site could be tested."
    found = [
        _found(panel.by_label, p_with_adjusted(panel.test.p, adjusted), ratios)
        for panel, adjusted in zip(grid.panels, grid.p_adjusted, strict=True)
        if panel.test.p is not None and panel.test.p < ALPHA
    ]
    kept = [
        panel.by_label for panel, adjusted in zip(grid.panels, grid.p_adjusted, strict=True)
        if adjusted is not None and adjusted < ALPHA
    ]  # fmt: skip
    if not found:
        sites = plural(grid.n_tests, "site")
        return f"{grid.label}: of {sites} none has a p below 0.05, which doesn't show that none matters."
    stays = f"{joined(kept)} {'stay' if len(kept) > 1 else 'stays'}" if kept else "none stays"
    return sentences(
        f"{grid.label} with a recurrence at a site against without: p is below 0.05 at {len(found):,} of "
        f"{plural(grid.n_tests, 'site')}: {'; '.join(found)}",
        f"{adjusted_for(grid.n_tests, grid.adjustment)}, {stays} below 0.05",
    )


def _found(site: str, p: str, ratios: Sequence[Comparison]) -> str:
    own = next((c.own for c in ratios if c.row.startswith(site) and c.own is not None), None)
    return f"{site} ({f'hazard ratio {ratio_estimate(own)}, ' if own else ''}{p})"


def of_question(result: Literature, topic: str) -> str:
    """How the cohort stands to what is published on a question, with each statement that it contradicts."""
    shown = result.of(topic)
    against = [s for s in shown if s.verdict == "contradicted"]
    compared = [s for s in shown if s.verdict in ("inside", "outside")]
    outside = sum(s.verdict == "outside" for s in compared)
    named = "; ".join(f"'{s.fact.statement.rstrip('.')}' ({s.source.short})" for s in against)
    return sentences(
        f"This cohort contradicts {plural(len(against), 'statement')} on this question: {named}" if against else "",
        f"Of {plural(len(compared), 'published figure')} on this question that can be set against this cohort, "
        f"{outside:,} {'lies' if outside == 1 else 'lie'} outside its 95 % interval"
        if compared
        else "No published figure on this question can be set against one of this cohort",
    )


def holding(ratios: Sequence[Comparison]) -> str:
    """How many of the printed ratios lie on the same side of 1 here, and how many are found again."""
    sides = [c.same_side for c in ratios if c.same_side is not None]
    clear = [c for c in ratios if c.published.lower is not None and c.published.upper is not None
             and (c.published.lower > 1 or c.published.upper < 1)]  # fmt: skip
    again = sum(c.verdict == "found again" for c in clear)
    if not sides:
        return f"Of {plural(len(ratios), 'printed hazard ratio')} none can be computed in these patients."
    return sentences(
        f"Of {plural(len(ratios), 'hazard ratio')} printed with an interval, {len(sides):,} can be computed in these "
        f"patients; {sum(sides):,} of them {'lies' if sum(sides) == 1 else 'lie'} on the same side of 1 as printed",
        f"{len(clear):,} of the printed intervals {'excludes' if len(clear) == 1 else 'exclude'} 1; {again:,} of these "
        f"{'is' if again == 1 else 'are'} found again, with an interval that excludes 1 on the same side here, too",
    )


def ending(sample: bool) -> str:
    return sentences("; ".join((END, OWN)) if sample else END)
