"""The table beside a flow diagram: each step, and below it who was left out on the way there."""

from __future__ import annotations

from necc.analysis.flow import Flow
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.captions.flow import gap, left_out
from necc.present.words.phrases import as_notes


@makes_table
def flow(result: Flow) -> Table:
    """Every step with its patients; indented, the reasons with who was left out for each."""
    lines: list[Line] = []
    for step in result.steps:
        if step.excluded:
            lines.append((1, (left_out(step).partition(":")[0], f"{step.n_excluded:,}")))
            lines += [(2, (e.reason, f"{e.n:,}")) for e in step.excluded]
        if step.surplus:
            lines.append((1, (gap(step),)))
        lines.append((0, (step.label, "", f"{step.n:,}")))
    for arm in result.arms:
        events = () if arm.n_events is None else (f"{arm.n_events:,}",)
        lines.append((1, (f"{result.by_label}: {arm.name}", "", f"{arm.n:,}", *events)))
    columns = ["Step", "Left out", "Patients"]
    if result.n_events is not None:
        columns.append("Events")
        last = next(i for i in reversed(range(len(lines))) if lines[i][0] == 0)
        lines[last] = (0, (*lines[last][1], f"{result.n_events:,}"))
    return Table.of_lines("Flow of patients", "patient-flow", columns, lines, as_notes(result.notes))
