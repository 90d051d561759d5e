"""How survival is compared: tests, up to when, and delayed entry."""

from __future__ import annotations

import math
from typing import Literal, TypedDict

from necc.analysis.multiplicity import ADJUSTMENTS
from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.survival import WEIGHTINGS, restricted_mean
from necc.analysis.survival.weights import Weighting
from necc.app.session.cache import cached
from necc.app.widgets.choices import NOTHING, choose, choose_some, factor_names, slide
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for

Permutation = bool | Literal["auto"]
LATE = {"early (1, 0)": (1.0, 0.0), "middle (1, 1)": (1.0, 1.0), "late (0, 1)": (0.0, 1.0)}


class Tests(TypedDict, total=False):
    """How groups are compared: arguments of the analysis, which has a usual one for each."""

    strata: tuple[str, ...]
    rho: float
    gamma: float
    pairs_weighting: Weighting
    adjustment: Adjustment
    permutation: Permutation


def choose_adjustment() -> Adjustment:
    """How p is adjusted for the number of comparisons."""
    return choose("compare-adjustment", "p adjusted by", tuple(ADJUSTMENTS), words=ADJUSTMENTS, wide=True, width=200,
                  fixed=True)  # fmt: skip


def choose_tests(cohort: Cohort, by: str) -> Tests:
    """How groups are compared: strata, weights, adjustment, permutation."""
    adjustment = choose_adjustment()
    others = {n: label for n, label in factor_names(cohort).items() if n != by}
    strata = choose_some("compare-strata", "Stratified by", tuple(others), words=others, width=300,
                         help="Groups are compared within the levels of these")  # fmt: skip
    late = choose("compare-fh", "Fleming-Harrington weights", tuple(LATE), default="late (0, 1)", wide=True, width=200,
                  fixed=True,
                  help="Which differences the last test is most sensitive to: choose before looking")  # fmt: skip
    pairs = choose("compare-pairs", "Pairs compared by", WEIGHTINGS, wide=True, width=200, fixed=True)
    words: dict[Permutation, str] = {"auto": "where groups are small", True: "always", False: "never"}
    permutation = choose("compare-permutation", "Permutation test", tuple(words), words=words, wide=True,
                         width=220, fixed=True)  # fmt: skip
    rho, gamma = LATE[late]
    return {"strata": strata, "rho": rho, "gamma": gamma, "pairs_weighting": pairs, "adjustment": adjustment,
            "permutation": permutation}  # fmt: skip


def choose_tau(cohort: Cohort, endpoint: str, by: str | None) -> float | None:
    """A movable horizon of the restricted mean; None where it stays at the groups' common follow-up."""
    usual = cached(restricted_mean)(cohort, endpoint, by)
    if not usual.tau:
        return None
    times = asked_for(cohort, Wanted((endpoint,))).endpoint(endpoint).grid
    high = max(float(times.max()), usual.tau)
    step = 1.0 if usual.unit == "days" else 0.1
    low = min(step, high)
    default = min(max(round(usual.tau / step) * step, low), high)
    picked = slide("tau", f"Up to ({usual.unit})", low, math.ceil(high / step) * step, default,
                   of=(endpoint, by or ""), step=step,
                   help="tau: by default the longest time at which all groups were under observation")  # fmt: skip
    return None if abs(picked - default) < step / 2 else picked


def choose_entry(cohort: Cohort, endpoint: str) -> str | None:
    """The column that says when each patient came under observation; None for from the start."""
    unit = cohort.endpoint(endpoint).unit
    own = {part.time for name in cohort.endpoint_names() for part in cohort.dictionary.endpoints[name].parts}
    names = [n for n in cohort.number_names() if n not in own and _fits(cohort, n, unit)]
    words = {NOTHING: "none: all from the start", **{n: cohort.dictionary.variables[n].title() for n in names}}
    picked = choose(
        "entry", "Under observation from", tuple(words), default=NOTHING, words=words, wide=True, of=endpoint,
        help="Delayed entry (left truncation): the time, counted like the endpoint, at which a patient became known",
    )  # fmt: skip
    return picked or None


def _fits(cohort: Cohort, name: str, unit: str) -> bool:
    result = cohort.dictionary.variables[name].unit
    return result == unit or (not result and cohort.dictionary.variables[name].section == "Other variables")
