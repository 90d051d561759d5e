"""What is said of a flow of patients: in its boxes, under the figure, and to those who can't see it."""

from __future__ import annotations

from collections.abc import Sequence

from necc.analysis.flow import Flow, FlowArm, FlowStep
from necc.core.estimate import Exclusion
from necc.core.text import plural
from necc.present.words.phrases import sentences


def count(step: FlowStep) -> str:
    """`88 patients`, `91 rows`."""
    return plural(step.n, "row" if step.in_rows else "patient")


def reason(excluded: Exclusion) -> str:
    """`19: no follow-up`."""
    return f"{excluded.n:,}: {excluded.reason}"


def left_out(step: FlowStep) -> str:
    """`Left out: 31`."""
    return f"Left out: {step.n_excluded:,}"


def gap(step: FlowStep) -> str:
    """What doesn't add up on the way to a step: `7 fewer than the steps above leave`; empty where all does."""
    if not step.surplus:
        return ""
    which = "more" if step.surplus > 0 else "fewer"
    return f"Doesn't add up: {abs(step.surplus):,} {which} than the steps above leave"


def arm_count(arm: FlowArm) -> str:
    """`34 patients, 12 events`."""
    events = "" if arm.n_events is None else f", {plural(arm.n_events, 'event')}"
    return f"{plural(arm.n, 'patient')}{events}"


def flow_alt(flow: Flow) -> str:
    """Every box and every reason, in order."""
    parts = []
    for step in flow.steps:
        why = f" ({left_out(step).lower()}; {'; '.join(map(reason, step.excluded))})" if step.excluded else ""
        odd = f" ({gap(step).lower()})" if step.surplus else ""
        parts.append(f"{step.label}: {count(step)}{why}{odd}")
    parts += [f"{flow.by_label}: {arm.name}: {arm_count(arm)}" for arm in flow.arms]
    return f"Flow of patients. {'. '.join(parts)}."


def flow_caption(flow: Flow) -> str:
    """Where it ends, what was typed, and what doesn't add up."""
    typed = any(step.kind == "typed" for step in flow.steps)
    events = "" if flow.n_events is None else f", {plural(flow.n_events, 'event')}"
    first = flow.steps[0]
    start = f"From {count(first) if first.in_rows else f'{first.n:,}'} to "
    all_there = all(step.n == flow.n and not step.in_rows for step in flow.steps)
    return sentences(
        f"{'All ' if all_there else start}{plural(flow.n, 'patient')}{events}",
        "dashed boxes: numbers typed by a person, not counted in the file" if typed else "",
        who_filters(flow.steps),
        *flow.notes,
    )


def who_filters(steps: Sequence[FlowStep]) -> str:
    """How a filter's two reasons are told apart; empty without filters."""
    if not any(step.kind == "filter" for step in steps):
        return ""
    return "filters in the order in which they apply: another order moves patients between them, and ends the same"
