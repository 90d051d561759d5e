"""Tables of one patient: events, who is similar by which rule, what these received, and survival from today on."""

from __future__ import annotations

from necc.analysis.patient import LANES, Case, ConditionalSurvival, Course, Received, Similar
from necc.core.text import format_number, joined
from necc.present.tables.table import Table, makes_table
from necc.present.words.captions import patient as words
from necc.present.words.masking import small
from necc.present.words.masking import small_or_near as told_apart
from necc.present.words.phrases import NOTHING, as_notes, percent_estimate, since


@makes_table
def course_table(course: Course) -> Table:
    """Every event of a course, lane by lane: the same as in its picture.

    Example:
        >>> from necc.present import tables
        >>> tables.course_table(course(cohort, 2)).columns[:2]
        ('Row', 'Event')
    """
    rows = []
    for lane in LANES:
        for event in (e for e in course.events if e.lane == lane):
            start = words.UNTIMED if event.start is None else words.at(event.start)
            end = NOTHING if event.end is None else words.at(event.end)
            rows.append((words.lane_name(course, lane), event.what, start, end, event.doubt))
    columns = ("Row", "Event", since(course.unit, words.origin_name(course)), "Until", "To be checked")
    return Table(f"Events: {course.label}", "patient-events", columns, tuple(rows),
                 as_notes([*course.lacks, *course.doubts]), text_columns=(1, 4))  # fmt: skip


@makes_table
def rule_table(similar: Similar) -> Table:
    """How many are similar by how many fields, from all of them to those that were used.

    Example:
        >>> from necc.present import tables
        >>> tables.rule_table(similar(cohort, 2)).rows[-1][1]
        '13'
    """
    rows = tuple(
        (joined(list(map(words.likeness, step.criteria))) or "Nothing: all others",
         *(small(similar.hidden_below) if n is None else f"{n:,}" for n in (step.n, step.n_unknown)))
        for step in similar.steps
    )  # fmt: skip
    few = any(None in (step.n, step.n_unknown) for step in similar.steps)
    return Table("Who is similar", "patient-rule", ("The same", "Patients", "Not recorded"), rows,
                 as_notes([*similar.notes, *([told_apart(similar.hidden_below)] if few else [])]))  # fmt: skip


@makes_table
def received_table(case: Case) -> Table:
    """What similar patients received, and how many of those treated responded.

    Example:
        >>> from necc.present import tables
        >>> tables.received_table(case(cohort, 2)).columns[:2]
        ('Similar patients received', 'n of recorded')
    """
    rows = [_received(r) for r in case.received if r.of]
    who = words.compared(case)
    if case.response is not None:
        rows.append(_received(case.response, f"{case.response.label}: CR or PR"))
    return Table(f"What {who} received", "patient-received",
                 (f"{who.capitalize()} received", "n of recorded", "% (95 % CI)"), tuple(rows))  # fmt: skip


def _received(r: Received, label: str = "") -> tuple[str, str, str]:
    return label or r.label, f"{r.n:,} of {r.of:,}", percent_estimate(r.share) if r.of else NOTHING


@makes_table
def conditional_table(case: Case) -> Table:
    """Survival from today on: of all others, and of those who are similar.

    Example:
        >>> from necc.present import tables
        >>> tables.conditional_table(case(cohort, 2)).name
        'patient-from-today'
    """
    both = ((words.others_name(case), case.conditional), (words.LIKE, case.similar_conditional))
    parts = [(name, part) for name, part in both if part is not None]
    columns = ["From today on", *(f"{name} (n = {part.n:,})" for name, part in parts)]
    aheads = [row.ahead for row in parts[0][1].rows] if parts else []
    unit = parts[0][1].unit if parts else ""
    rows = tuple((f"{format_number(ahead, 0)} {unit}", *(_ahead(part, i) for _, part in parts))
                 for i, ahead in enumerate(aheads))  # fmt: skip
    title = "Survival from today on" if case.of_death else "Without the event from today on"
    return Table(title, "patient-from-today", tuple(columns), rows,
                 as_notes(n for _, part in parts for n in part.notes))  # fmt: skip


def _ahead(part: ConditionalSurvival, i: int) -> str:
    return words.conditional_row(part, part.rows[i])
