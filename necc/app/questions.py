"""Choices of the pages on competing risks, treatment and comparisons, and what stands above their answers."""

from __future__ import annotations

import math

import streamlit as st

from necc import figures, tables
from necc.app.cache import cached, draw
from necc.app.choices import choose, choose_endpoint, choose_some, factor_names
from necc.app.show import show
from necc.app.state import state
from necc.cohort import Cohort
from necc.competing import RULE_MEANING, RULES, CompetingOutcome, CumulativeIncidence, competing_from_columns
from necc.competing import competing_outcome as outcome_of
from necc.errors import AnalysisError
from necc.survival_tests import WEIGHTINGS
from necc.survival_times import restricted_mean
from necc.treatment import TreatmentTiming

SITES = "sites of first recurrence"
COLUMNS = "a time and a status column"
FOCUS = "cause in focus"
NONE = ""
SCALES = ("days", "weeks", "months", "years")


# ---------------------------------------------------------------- shared
def slide(
    name: str, label: str, low: float, high: float, default: float, *, step: float = 0.5, help: str | None = None
) -> float:
    """A number between two others, by a slider."""
    kept = state().chosen.get(name, default)
    now = round(min(max(float(kept), low), high) if isinstance(kept, (int, float)) else default, 6)
    if state().presenting or not low < high:
        return now
    key = f"choice-{name}"
    if st.session_state.get(key) != now:
        st.session_state[key] = now
    return st.slider(
        label,
        low,
        high,
        step=step,
        key=key,
        help=help,
        width=300,
        format="%.0f" if step >= 1 else "%.1f",
        on_change=_keep,
        args=(name, key),
    )


def _keep(name: str, key: str) -> None:
    now = state()
    now.touched = True
    now.chosen[name] = st.session_state[key]


def choose_entry(cohort: Cohort, endpoint: str) -> str | None:
    """The column that says when each patient came under observation; None for from the start."""
    unit = cohort.endpoint(endpoint).unit
    own = {cohort.dictionary.endpoints[name].time for name in cohort.endpoint_names()}
    names = [n for n in cohort.number_names() if n not in own and _fits(cohort, n, unit)]
    words = {NONE: "none: everybody from the start", **{n: cohort.dictionary.variables[n].title() for n in names}}
    picked = choose(
        f"entry-{endpoint}", "Under observation from", tuple(words), default=NONE, words=words, wide=True,
        help="Delayed entry (left truncation): the time, counted like the endpoint, at which a patient became known",
    )  # fmt: skip
    return picked or None


def _fits(cohort: Cohort, name: str, unit: str) -> bool:
    found = cohort.dictionary.variables[name].unit
    return found == unit or (not found and cohort.dictionary.variables[name].section == "Other variables")


# ---------------------------------------------------------------- competing risks
def choose_causes(cohort: Cohort) -> CompetingOutcome:
    """What competes: sites of first recurrence, an endpoint's event split by a column, or a status of several codes."""
    split = {n: label for n, label in factor_names(cohort).items() if not n.startswith(("site:", "organ:"))}
    kinds = [SITES] * bool(cohort.endpoint_names() and cohort.site_names) + [COLUMNS] * bool(cohort.number_names())
    kinds += list(split) if cohort.endpoint_names() else []
    if not kinds:
        raise AnalysisError("competing risks need a time with an event and its causes: recurrence sites, or a column")
    words = {SITES: "Sites of first recurrence", COLUMNS: "A time and a status column …", **split}
    causes = choose("causes", "Causes", tuple(kinds), words=words, wide=True, width=260,
                    help="Which events compete to be the first")  # fmt: skip
    if causes == COLUMNS:
        return _from_columns(cohort, split)
    endpoint = choose_endpoint(cohort, "competing-endpoint", default="TTR")
    if causes != SITES:
        return cached(outcome_of)(cohort, endpoint, causes=causes)
    rule = choose("sites-rule", "Several sites at once", RULES, words={r: r.capitalize() for r in RULES},
                  help="\n\n".join(f"**{r.capitalize()}**: {RULE_MEANING[r]}" for r in RULES))  # fmt: skip
    order: tuple[str, ...] = ()
    if rule == "hierarchy":
        labels = {s: cohort.site_label(s) for s in cohort.site_names}
        order = choose_some("sites-order", "Order of sites, first to last", cohort.site_names, words=labels, width=420,
                            help="Sites that aren't named follow in the scheme's order")  # fmt: skip
    return cached(outcome_of)(cohort, endpoint, rule=rule, hierarchy=order)


def _from_columns(cohort: Cohort, split: dict[str, str]) -> CompetingOutcome:
    labels = {n: cohort.dictionary.variables[n].title() for n in cohort.number_names()}
    time = choose("causes-time", "Time", tuple(labels), words=labels, wide=True, width=220)
    split = {n: labels[n] for n in labels if n != time and _censored(cohort, n)} | split
    coded = next((n for n in split if _censored(cohort, n)), None)
    status = choose(
        "causes-status", "Status", tuple(split) or (NONE,), default=coded, words=split, wide=True, width=220
    )
    if not status:
        raise AnalysisError("no column of the file has the few values of a status")
    levels = cohort.whole.factor(status).levels
    likely = _censored(cohort, status) or levels[0]
    censored = choose(f"causes-censored-{status}", "Censored is", levels, default=likely, wide=len(levels) > 4)
    return cached(competing_from_columns)(cohort, time, status, censored=censored)


def _censored(cohort: Cohort, status: str) -> str | None:
    """The level of a column that means censored, where one is named so."""
    try:
        levels = cohort.whole.factor(status).levels
    except AnalysisError:  # a number of many values
        return None
    return next((x for x in levels if x.lower() in ("0", "censored", "alive")), None)


def incidence_panels(found: CumulativeIncidence) -> None:
    """A panel for each cause; a click on one, or the list, brings it below at full size."""
    _incidence_panels(found)


@st.fragment
def _incidence_panels(found: CumulativeIncidence) -> None:
    show(draw(figures.incidence_grid, found), title=f"{found.label} by cause",
         explain="cumulative-incidence gray-test adjusted-p", picked=_focus)  # fmt: skip
    if found.tests:
        show(tables.gray_tests(found))
    words = {NONE: "none", **{c.name: c.label for c in found.causes}}
    cause = choose(FOCUS, "Cause in focus", tuple(words), words=words, wide=True,
                   help="A click on a small picture chooses it, too")  # fmt: skip
    if cause:
        show(draw(figures.incidence_curves, found, cause=cause, naive=not found.by),
             title=f"Cumulative incidence: {words[cause]}", explain="cumulative-incidence", name="focus")  # fmt: skip


def _focus(cause: str) -> None:
    now = state()
    now.chosen[FOCUS] = NONE if now.chosen.get(FOCUS) == cause else cause


def model_terms(cohort: Cohort, default: str) -> tuple[str, ...]:
    """Covariates of the two hazards: factors, and numbers per unit."""
    words = {n: cohort.dictionary.variables[n].title() for n in cohort.number_names()} | factor_names(cohort)
    return choose_some("hazards-covariates", "Covariates", tuple(words), words=words,
                       default=(default,) if default in words else ())  # fmt: skip


# ---------------------------------------------------------------- treatment
def choose_treatment(cohort: Cohort) -> tuple[str, str | None]:
    """A yes/no column that may start after time zero, and the column with its start where the dictionary names none."""
    known = cohort.dictionary.variables
    flags = [n for n in cohort.factor_names() if n in known and known[n].kind == "flag"]
    flags = [n for n in flags if known[n].starts_at != "baseline" or known[n].section == "Other variables"]
    timed = [n for n in flags if known[n].start and cohort.has(known[n].start)]
    if not flags:
        raise AnalysisError("this cohort has no yes/no column of a treatment that starts after time zero")
    words = {n: known[n].title() for n in [*timed, *(n for n in flags if n not in timed)]}
    treatment = choose("treatment", "Treatment", tuple(words), words=words, wide=True, width=280)
    if treatment in timed:
        return treatment, None
    columns = {n: known[n].title() for n in cohort.number_names() if known[n].unit in SCALES or not known[n].unit}
    columns = {NONE: "not in the file", **columns}
    start = choose(f"treatment-start-{treatment}", "Its start is in", tuple(columns), words=columns, wide=True,
                   width=260, help="A time counted from where the endpoint starts")  # fmt: skip
    if not start:
        raise AnalysisError(
            f"the file doesn't say when '{known[treatment].title()}' started: treated and untreated can't be compared "
            "fairly without it. Name the column with its start, or choose a treatment that has one"
        )
    return treatment, start


def choose_landmark(first: TreatmentTiming) -> float | None:
    """A movable landmark; starts at the time by which half of the treated had begun. None where nobody is treated."""
    if first.landmark is None or first.landmark.landmark is None:
        return None
    begins = first.landmark.landmark
    ends = [float(c.time[-1]) for c in first.naive.curves if len(c.time)]
    last = max(float(math.floor(min(ends, default=1.0))), 1.0)
    return slide(
        f"landmark-{first.treatment}-{first.endpoint}", f"Landmark ({first.unit})", 0.0, max(last, begins), begins,
        help="Groups by treatment up to here, among those still under observation; time runs from here",
    )  # fmt: skip


# ---------------------------------------------------------------- comparisons
LATE = {"early (1, 0)": (1.0, 0.0), "middle (1, 1)": (1.0, 1.0), "late (0, 1)": (0.0, 1.0)}
ADJUSTMENTS = {"holm": "Holm", "bh": "Benjamini-Hochberg", "bonferroni": "Bonferroni"}


def choose_comparison(cohort: Cohort, view: str, by: str | None) -> dict[str, object]:
    """How groups are compared: strata, weights, adjustment, permutation; arguments of the analysis of this view."""
    if not by or view not in ("Tests", "Restricted mean"):
        return {}
    adjustment = choose("compare-adjustment", "p adjusted by", tuple(ADJUSTMENTS), words=ADJUSTMENTS, wide=True,
                        width=200)  # fmt: skip
    if view == "Restricted mean":
        return {"adjustment": adjustment}
    others = {n: label for n, label in factor_names(cohort).items() if n != by}
    strata = choose_some("compare-strata", "Stratified by", tuple(others), words=others, width=300,
                         help="Groups are compared within the levels of these")  # fmt: skip
    late = choose("compare-fh", "Fleming-Harrington weights", tuple(LATE), default="late (0, 1)", wide=True, width=200,
                  help="Which differences the last of the tests looks for: choose before looking")  # fmt: skip
    pairs = choose("compare-pairs", "Each two by", WEIGHTINGS, wide=True, width=200)
    words = {"auto": "where groups are small", True: "always", False: "never"}
    permutation = choose("compare-permutation", "Permutation test", ("auto", True, False), words=words, wide=True,
                         width=220)  # fmt: skip
    rho, gamma = LATE[late]
    return {"strata": strata, "rho": rho, "gamma": gamma, "pairs_weighting": pairs, "adjustment": adjustment,
            "permutation": permutation}  # fmt: skip


def choose_tau(cohort: Cohort, endpoint: str, by: str | None) -> float | None:
    """A movable horizon of the restricted mean; None where it stays at the groups' common follow-up."""
    usual = cached(restricted_mean)(cohort, endpoint, by)
    if not usual.tau:
        return None
    times = cohort.endpoint(endpoint).grid
    high = max(float(times.max()), usual.tau)
    step = 1.0 if usual.unit == "days" else 0.1
    default = min(round(usual.tau / step) * step, high)
    picked = slide(f"tau-{endpoint}-{by}", f"Up to ({usual.unit})", min(step, high), math.ceil(high / step) * step,
                   default,
                   step=step, help="tau: up to where all groups were under observation unless moved")  # fmt: skip
    return None if abs(picked - default) < step / 2 else picked
