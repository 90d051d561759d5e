"""Do a paper's hazard ratios hold in other patients? Published and own ratio side by side."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal

from scipy.special import ndtr

from necc.core.estimate import Estimate
from necc.core.result import Viewable, answers
from necc.core.text import p_phrase
from necc.paper.reproduction.models import Term, Z
from necc.paper.reproduction.printed import show_printed
from necc.paper.reproduction.replay import Cell, Reproduction

Verdict = Literal["found again", "same direction", "no direction", "opposite direction", "cannot be computed"]
FORESTED = ("ratio", "stepwise")
SITES = ("site:", "n_sites", "n_lesions")


@dataclass(frozen=True)
class Comparison(Viewable):
    """A published hazard ratio and the cohort's own.

    published, own: estimate with interval; the published one's `method` is its printed text; own is None where it
    can't be computed, and `reason` says why.
    p_difference: two-sided p of the difference of the two log ratios, taken as independent; it says little where a
    cohort was made from the paper.
    coding: of the own ratio, `> 50 against ≤ 50`, or the number of which it is per 1; beside: what another gives.
    reproduced: whether the own ratio is the printed one, as far as the recipe asks.
    """

    table: str
    row: str
    model: str
    published: Estimate
    own: Estimate | None
    n: int | None
    verdict: Verdict
    p_difference: float | None
    reason: str
    coding: str = ""
    beside: str = ""
    reproduced: bool = False

    @property
    def same_side(self) -> bool | None:
        """Whether both ratios lie on one side of 1; None where there is no own one."""
        if self.own is None or self.own.value is None or self.published.value is None:
            return None
        return (self.published.value > 1) == (self.own.value > 1)

    def to_dict(self) -> dict[str, object]:
        own = self.own.to_dict() if self.own else None
        return {**asdict(self), "published": self.published.to_dict(), "own": own}


@answers
def compare_ratios(reproduction: Reproduction) -> tuple[Comparison, ...]:
    """Every hazard ratio of the recipe that was printed with its interval.

    Example:
        >>> recipe, findings = load_recipe()
        >>> len(compare_ratios(reproduce(cohort, recipe, findings)))
        25
    """
    printed = {line.id: line for line in reproduction.recipe.lines if line.kind in FORESTED}
    by_id = {c.id: c for c in reproduction.cells}
    comparisons = []
    for line in printed.values():
        column = " ".join(filter(None, (str(line.values.get("column", "")), "hr")))
        cell = by_id.get(f"{line.table}/{line.row}/{column}")
        if cell is None or "ci" not in line.printed:
            continue
        limits = line.printed["ci"]
        value, low, high = (float(f.value) for f in (line.printed["hr"], limits.lower, limits.upper))  # type: ignore[union-attr]  # numbers
        model = "multivariable" if line.kind == "stepwise" else "univariable"
        text = f"{show_printed(line.printed['hr'])} ({show_printed(limits)})"
        comparisons.append(_compare(cell, model, Estimate(value, low, high, 0.95, text)))
    return tuple(comparisons)


@answers
def site_ratios(reproduction: Reproduction) -> tuple[Comparison, ...]:
    """The univariable hazard ratios of the recurrence sites and their number, of those in `compare_ratios`.

    Example:
        >>> recipe, findings = load_recipe()
        >>> [c.row for c in site_ratios(reproduce(cohort, recipe, findings))][0]
        'Lung recurrence'
    """
    rows = {
        line.row for line in reproduction.recipe.lines
        if isinstance(term := line.values.get("term"), Term) and term.covariate.startswith(SITES)
    }  # fmt: skip
    return tuple(c for c in compare_ratios(reproduction) if c.row in rows and c.model == "univariable")


def _compare(cell: Cell, model: str, published: Estimate) -> Comparison:
    own = cell.interval
    if own is None or own.value is None:
        return Comparison(cell.table, cell.row, model, published, None, cell.n, "cannot be computed", None, cell.reason)
    p = _p_difference(published, own)
    verdict, reason = _verdict(published, own)
    reason += f"; beside it, {cell.beside}" if cell.beside else ""
    if p is not None and p < 0.05:
        reason += f"; the two ratios differ by more than chance ({p_phrase(p)})"
    return Comparison(
        cell.table, cell.row, model, published, own, cell.n, verdict, p, reason, cell.coding, cell.beside,
        cell.mark == "reproduced",
    )  # fmt: skip


def _verdict(published: Estimate, own: Estimate) -> tuple[Verdict, str]:
    theirs, ours = _clear(published), _clear(own)
    same = (published.value > 1) == (own.value > 1)  # type: ignore[operator]  # neither is None here
    if theirs and ours and same:
        return "found again", "the interval excludes 1 here too"
    if theirs and ours:
        return "opposite direction", "both intervals exclude 1, on opposite sides"
    if theirs:
        return "same direction" if same else "opposite direction", "this cohort's interval includes 1"
    if ours:
        return "no direction", "the published interval includes 1, this cohort's doesn't"
    return "no direction", "both intervals include 1"


def _clear(e: Estimate) -> bool:
    return e.lower is not None and e.upper is not None and (e.lower > 1 or e.upper < 1)


def _p_difference(published: Estimate, own: Estimate) -> float | None:
    ratios = [e.upper / e.lower if e.lower and e.upper else 0.0 for e in (published, own)]
    if min(ratios) <= 1:
        return None
    se = math.hypot(*(math.log(r) / (2 * Z) for r in ratios))
    z = (math.log(own.value) - math.log(published.value)) / se  # type: ignore[arg-type]  # neither is None here
    return float(2 * ndtr(-abs(z)))
