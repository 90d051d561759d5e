"""What is said of the figures of response: each function gives the alternative text and the caption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from necc.analysis.response import Lane, Rate, ResponseBySite, ResponseGroup, ResponseRates, Swimmer, Transitions
from necc.analysis.response.population import MISSING
from necc.analysis.response.swimmer import End
from necc.core.text import format_number, format_percent, joined, plural
from necc.present.words.phrases import (
    EXACT,
    adjusted_for,
    ghost_phrase,
    not_analysed,
    nothing_of,
    response_rates_defined,
    response_test,
    sentences,
)

MEANING = {"CR": "complete response", "PR": "partial response", "SD": "stable disease", "PD": "progressive disease",
           "NE": "not evaluable", MISSING: "not recorded"}  # fmt: skip
NO_SITES = "Response by site: nobody with a response to show."
LANE_HEADING = "best → final, agent"
ENDS: dict[End, str] = dict(
    zip(get_args(End), ("progression", "death", "still followed", "end of follow-up"), strict=True)
)
IMPOSSIBLE = "can't be: better than the best response"


def nobody(rates: ResponseRates) -> str:
    return nothing_of(rates.response_label, rates, "nobody with a response to show")


def _caption(rates: ResponseRates, *more: str) -> str:
    return sentences(
        f"{rates.response_label}; {plural(rates.n, 'patient')} in the denominator; of {rates.overall.n:,} "
        f"{rates.population} {rates.n_evaluable:,} evaluable",
        response_rates_defined(rates), *more, response_test(rates), not_analysed(rates.excluded), *rates.notes,
    )  # fmt: skip


def group_name(rates: ResponseRates, group: ResponseGroup) -> str:
    name = "All" if group is rates.overall and rates.strata else group.name
    return f"{name} (n = {group.orr.of:,})"


def rate_phrase(rate: Rate) -> str:
    """`12/34 (35.3 %)`."""
    return f"{rate.n:,}/{rate.of:,} ({format_percent(rate.n, rate.of)} %)" if rate.of else "nobody"


def response_bars(
    rates: ResponseRates, shown: Sequence[tuple[ResponseGroup, Sequence[tuple[str, int]]]],
    narrow: Sequence[tuple[str, str, int]] = (), whole: int = 0,
) -> tuple[str, str]:  # fmt: skip
    """shown: for every group, how many had which response; narrow: group, response and n of parts without a number.

    whole: patients of the thin bars below.
    """
    behind = ghost_phrase(whole, "thin bars") if whole else ""
    unnamed = ", ".join(f"{group}: {level} {n:,}" for group, level, n in narrow)
    groups = "; ".join(f"{g.name}: " + joined([f"{k} {n:,}" for k, n in counts]) for g, counts in shown)
    return sentences(f"Bars of {rates.response_label.lower()}: {groups}", behind), _caption(
        rates, f"too narrow for a number: {unnamed}" if unnamed else "", behind
    )


def response_rates(rates: ResponseRates, groups: Sequence[ResponseGroup], whole: int = 0) -> tuple[str, str]:
    """whole: patients of the bars behind."""
    behind = ghost_phrase(whole, "pale bars") if whole else ""
    shares = "; ".join(f"{g.name}: ORR {rate_phrase(g.orr)}, DCR {rate_phrase(g.dcr)}" for g in groups)
    return sentences(f"{rates.response_label}: {shares}", behind), _caption(rates, EXACT, behind)


def response_by_site(result: ResponseBySite, panels: Sequence[ResponseRates]) -> tuple[str, str]:
    """panels: the sites that are drawn."""
    first = panels[0]
    shares = "; ".join(f"{r.by_label}: " + joined([f"{g.name} {rate_phrase(g.orr)}" for g in r.strata]) for r in panels)
    return f"Objective response by recurrence site: {shares}.", sentences(
        f"{first.response_label}; {response_rates_defined(first)}", EXACT,
        adjusted_for(result.n_tests, result.adjustment, p="in brackets p"),
        "a patient may have several sites, so the rows share patients", not_analysed(first.excluded),
    )  # fmt: skip


# ---------------------------------------------------------------- best to final
def no_transitions(changes: Transitions) -> str:
    return nothing_of("Best to final response", changes, "nobody has both")


def transitions(changes: Transitions) -> tuple[str, str]:
    cells = joined([f"{c.best} to {c.final} {c.n:,}" for c in changes.cells])
    return f"Best to final response: {cells}.", sentences(
        f"{plural(changes.n, 'patient')} with best and final response as CR, PR, SD or PD",
        "×: can't be, because the best response is the best of all; !: occurs in the file all the same",
        *(f"row {r.row}: {r.reason}" for r in (*changes.impossible, *changes.doubtful)),
        not_analysed(changes.excluded),
    )  # fmt: skip


# ---------------------------------------------------------------- each patient
def no_lanes(plot: Swimmer) -> str:
    return nothing_of("Swimmer plot", plot, "nobody with a time on an ICI")


def no_rungs(plot: Swimmer) -> str:
    return nothing_of("Response ladder", plot, "nobody with a best response")


def swimmer(plot: Swimmer, lanes: Sequence[Lane]) -> tuple[str, str]:
    """lanes: those that are drawn."""
    length = f"{format_number(max(lane.duration for lane in lanes))} {plot.unit}"
    counted = [(end, sum(lane.end == end for lane in lanes)) for end in ENDS]
    ends = joined([f"{ENDS[end]} {n:,}" for end, n in counted if n])
    marks = [MARKS[end] for end, n in counted if n and end in MARKS]
    return f"Swimmer plot of {plural(len(lanes), 'patient')}, the longest {length}; {ends}.", sentences(
        f"{plural(plot.n, 'patient')} ({plot.population}), longest first; colour: best response",
        f"ends of the lanes: {ends}", "; ".join(marks),
        "the numbers of the lanes aren't identifiers",
        f"the {len(lanes):,} longest of {plot.n:,} are shown" if len(plot.lanes) > len(lanes) else "",
        not_analysed(plot.excluded), *plot.notes,
    )  # fmt: skip


MARKS: dict[End, str] = {
    "death": "death: without progression before",
    "ongoing": "still followed: without progression, and no death is recorded",
    "unknown": "end of follow-up: the file doesn't say with what it ended, or a response of PD contradicts it",
}


def lane_phrase(lane: Lane) -> str:
    """`PR → PD, pembrolizumab`."""
    responses = f"{lane.best or '?'} → {lane.final or '?'}"
    return f"{responses}, {lane.agent}" if lane.agent else responses


def lane_lines(lane: Lane) -> list[str]:
    """What a lane tells of its patient."""
    lines = [f"{format_number(lane.duration)} months, {ENDS[lane.end]}",
             f"best {lane.best or '?'}, final {lane.final or '?'}"]  # fmt: skip
    return [*lines, *([lane.agent] if lane.agent else []), *([f"sites: {joined(lane.sites)}"] if lane.sites else [])]


def response_ladder(plot: Swimmer, lanes: Sequence[Lane], changed: int) -> tuple[str, str]:
    """lanes: those that are drawn; changed: how many of them ended on another rung."""
    shown = plural(len(lanes), "patient")
    return f"Best and final response of {shown}; {changed} ended on another rung than their best.", sentences(
        f"{shown} ({plot.population}) with a best response and a time on the ICI; a line joins best and final response "
        "where they differ",
        not_analysed(plot.excluded),
    )
