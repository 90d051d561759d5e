"""`necc patient`: one patient within a cohort, who is in the file or typed in."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from necc.cli.files import Unwritten, refuse_taken, write
from necc.cli.io import Result, Usage, listed, percent, read, refuse, show
from necc.core.errors import AnalysisError

if TYPE_CHECKING:
    from necc.analysis.patient import Case
    from necc.core.cohort import Cohort


def run(options: argparse.Namespace) -> int:
    """Her course, those like her by the rule, how they fared, and survival from today; the rule's judgement."""
    from necc.analysis.patient import case, judge_rule
    from necc.core.counts import rows_needed
    from necc.ingest import entered
    from necc.present.words.captions.patient import hidden, past
    from necc.report.masking import told

    wanted = _files(options)
    refuse_taken(options, wanted)
    cohort = read(options)
    rows_needed(cohort, "one patient's course")
    if options.typed:
        typed = entered(cohort, _values(options.typed))
        if typed.cohort is None:
            return refuse(options, findings=[f for f in typed.findings if f.severity == "error"])
        options.notes = [*getattr(options, "notes", []), *(f.line() for f in typed.findings)]
        patient = typed.cohort
    else:
        patient = _chosen(options, cohort)
    fields = listed(options.like) if options.like is not None else None
    one = case(cohort, patient, fields, options.endpoint or None, at_least=options.at_least,
               smallest_cell=options.smallest_cell)  # fmt: skip
    smallest = options.smallest_cell
    result: Result = replace(
        one, whole_curve=told(one.whole_curve, smallest), similar_curve=told(one.similar_curve, smallest)
    ).to_dict() | {"smallest_cell": smallest}
    if hidden(one):
        result["similar"] |= {"n": None, "n_unknown": None, "steps": [], "notes": []}
    judged = None
    if one.endpoint:
        judgement = judge_rule(cohort, one.endpoint, [c.name for c in one.similar.asked], options.at_least)
        few = smallest > 1 and (told(judgement, smallest) is None or any(row.note for row in judgement.rows))
        judged = None if few else judgement.to_dict()
    if smallest > 1:
        options.notes = [*getattr(options, "notes", []), f"note: counts of fewer than {smallest:,} patients are hidden"]
    _write(options, one, wanted)
    back = past(one) if one.retrospective else ""
    told_all = {**result, "rule_judged": judged, "files": [str(path) for path in wanted]}
    return show(options, told_all, partial(_lines, back=back))


def _files(options: argparse.Namespace) -> list[Path]:
    """The files that are asked for, the slides first.

    Raises:
        Usage: one has another ending than its kind, or there is a question and no file.
    """
    for path, endings in [(options.deck, (".pptx",)), *((page, (".docx", ".pdf")) for page in options.page)]:
        if path and path.suffix.lower() not in endings:
            raise Usage(f"'{path.name}' should end in {' or '.join(endings)}")
    files = [*([options.deck] if options.deck else []), *options.page]
    if options.question and not files:
        raise Usage("--question stands in a file: say where it goes, with --deck FILE.pptx or --page FILE.pdf")
    return files


def _write(options: argparse.Namespace, one: Case, files: list[Path]) -> None:
    """Writes the files. What isn't in them as it should be is a note.

    Raises:
        Unwritten: one can't be written.
    """
    from necc.report.case import case_report
    from necc.report.case_sheet import case_sheet
    from necc.report.slides import slides
    from necc.report.stable import epoch_day

    day, made_of = epoch_day() or date.today(), {}
    for path in files:
        smallest, question = options.smallest_cell, options.question
        try:
            if path.suffix.lower() == ".pptx":
                made = slides(case_report(one, question, day=day, smallest_cell=smallest))
            else:
                kind: Literal["docx", "pdf"] = "pdf" if path.suffix.lower() == ".pdf" else "docx"
                made = case_sheet(one, kind, question, day=day, smallest_cell=smallest)
        except ValueError as error:
            raise Unwritten(f"{path} can't be written: {error}") from None
        made_of[path] = made.content
        options.notes = [*getattr(options, "notes", []), *made.problems]
    write(options, made_of)


def _values(texts: list[str]) -> dict[str, object]:
    """The values of --typed.

    Raises:
        Usage: one isn't NAME=VALUE, or a name is given twice.
    """
    values: dict[str, object] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise Usage(f"--typed takes NAME=VALUE, not '{text}'")
        if name.strip() in values:
            raise Usage(f"--typed gives '{name.strip()}' twice")
        values[name.strip()] = value
    return values


def _chosen(options: argparse.Namespace, cohort: Cohort) -> Cohort:
    """The patient of --patient, --row or --place, as a cohort of one.

    Raises:
        AnalysisError: there is no such patient, or several have this identifier.
    """
    import numpy as np

    from necc.core.selection import positions

    if options.patient is not None:
        mask = np.array([name == options.patient for name in cohort.ids], dtype=bool)
        what = "of this identifier"
    elif options.row is not None:
        mask, what = cohort.index.to_numpy() == options.row, f"in row {options.row} of the file"
    else:
        mask, what = positions(cohort) == options.place, f"at place {options.place}"
    if mask.sum() != 1:
        raise AnalysisError(f"there {'is no patient' if not mask.any() else 'are several patients'} {what}")
    return cohort.subset(mask)


# ---------------------------------------------------------------- lines
def _lines(result: Result, back: str = "") -> list[str]:
    """back: why nothing is said from today on; empty where it is."""
    return [
        *(f"{label}: {value}" for label, value in result["facts"]), *_course_lines(result["course"]),
        *_similar_lines(result["similar"], result["similar"]["used"]),
        *([back] if back else _standing_lines(result)), *_received_lines(result),
        *_judged_lines(result["rule_judged"]), *(f"written to {file}" for file in result["files"]),
    ]  # fmt: skip


def _course_lines(course: Result) -> list[str]:
    from necc.core.text import format_number

    lines = [f"Course in {course['unit']} from {course['origin']}:"]
    for event in course["events"]:
        when = "time not recorded" if event["start"] is None else format_number(event["start"])
        until = "" if event["end"] is None else f" to {format_number(event['end'])}"
        lines.append(f"  {when}{until}: {event['what']}" + (f" [{event['doubt']}]" if event["doubt"] else ""))
    return [*lines, *(f"  {lack}" for lack in course["lacks"]), *(f"  doubtful: {doubt}" for doubt in course["doubts"])]


def _similar_lines(similar: Result, used: object) -> list[str]:
    if similar["n"] is None:
        return [f"Similar patients: too few of {similar['of']:,} others to be described"]
    lines = [f"Similar patients: n {similar['n']:,} of {similar['of']:,}" if used else
             f"No field tells anybody apart: compared with all others, n {similar['of']:,}"]  # fmt: skip
    for step in similar["steps"]:
        fields = ", ".join(f"{c['label']}: {c['value']}" for c in step["criteria"]) or "no field"
        known, unknown = (
            f"<{similar['hidden_below']:,}" if step[k] is None else f"{step[k]:,}" for k in ("n", "n_unknown")
        )
        lines.append(f"  {fields}: n {known}, not known {unknown}")
    return [*lines, *(f"  {note}" for note in similar["notes"])]


def _standing_lines(result: Result) -> list[str]:
    from necc.core.text import format_number

    lines = []
    for title, key in (("Everybody else", "conditional"), ("Similar patients", "similar_conditional")):
        standing = result[key]
        if standing is None:
            continue
        since = f"{format_number(standing['since'])} {standing['unit']}"
        lines.append(f"{title}, {standing['label']} given {since}: n {standing['n']:,} of {standing['n_start']:,}")
        for row in standing["rows"]:
            risk = "" if row["n_at_risk"] is None else f", at risk {row['n_at_risk']:,}"
            lines.append(f"  {row['ahead']:g} ahead: {row['note'] or _share(row, 'estimate')}{risk}")
    return lines


def _share(row: Result, name: str) -> str:
    """A share in percent with its limits."""
    from necc.core.text import format_estimate

    value, lower, upper = (percent(row[key]) for key in (name, "ci_lower", "ci_upper"))
    return f"{format_estimate(value, lower, upper)} %"


def _received_lines(result: Result) -> list[str]:
    rows = [row for row in (*result["received"], *filter(None, [result["response"]])) if row["of"]]
    lines = ["Of similar patients:" if result["similar"]["used"] else "Of all others:"] if rows else []
    for row in rows:
        by = "" if row["n_by"] is None else f"; by {row['by']:g}: {row['n_by']:,} of {row['of_by']:,} still followed"
        lines.append(f"  {row['label']}: {row['n']:,} of {row['of']:,}, {_share(row, 'share')}{by}")
    return lines


def _judged_lines(judged: Result | None) -> list[str]:
    from necc.core.text import format_number

    lines = [f"The rule judged on {judged['n_judged']:,} left out (Brier score):"] if judged else []
    for row in judged["rows"] if judged else ():
        scores = row["note"] or (
            f"everybody {format_number(row['everybody'], 3)}, similar patients {format_number(row['like_her'], 3)}"
        )
        lines.append(f"  at {row['at']:g}: {scores}")
    return lines
