"""What the path through a paper says: its stops, the question, and what each picture is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from necc.core.text import plural
from necc.present.words.phrases import capitalised, sentences

if TYPE_CHECKING:
    from necc.analysis.flow import Flow
    from necc.paper.audit import AuditReport, Check
    from necc.paper.reproduction import Recipe

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
